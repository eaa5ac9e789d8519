//! One program as a whole.

use crate::disc::source::read_up_to;
use crate::disc::{Diagnostics, Extent, Result, Source, limits, text};

use super::authenticode::Signatures;
use super::header::Header;
use super::product::{self, Product};
use super::sbat::{Sbat, SbatLevels};
use super::vendor_cert::VendorCertificates;
use super::x509::Certificate;

/// What the headers and the small sections of a program tell.
#[derive(Debug, Clone)]
pub struct EfiProgram {
    /// The headers.
    pub header: Header,
    /// Generations of its parts; `None` without a section `.sbat`, which firmware with shim refuses.
    pub sbat: Option<Sbat>,
    /// Minimum generations that it brings along: shim only.
    pub sbat_levels: Option<SbatLevels>,
    /// Whose programs it starts: shim only.
    pub vendor: Option<VendorCertificates>,
    /// What is wrong although it could be read.
    pub diagnostics: Diagnostics,
}

impl EfiProgram {
    /// Reads the headers and the small sections: a few kilobytes of a file of any size, and
    /// [`limits::EFI_SECTION`] of each section at most.
    ///
    /// # Errors
    /// Those of [`Header::read`]. What is wrong with a section is a complaint.
    pub fn read(source: &dyn Source) -> Result<Self> {
        let header = Header::read(source)?;
        let mut diagnostics = Diagnostics::default();
        let mut small = |name: &'static str| small_section(source, &header, name, &mut diagnostics);
        let (sbat, levels, vendor) = (small(".sbat")?, small(".sbatlevel")?, small(".vendor_cert")?);
        let sbat = sbat.map(|(bytes, offset)| Sbat::parse(&bytes, offset, &mut diagnostics));
        let sbat_levels = match levels.map(|(bytes, offset)| SbatLevels::parse(&bytes, offset, &mut diagnostics)) {
            Some(levels) => diagnostics.salvage(levels)?,
            None => None,
        };
        let vendor = match vendor.map(|(bytes, offset)| VendorCertificates::parse(&bytes, offset, &mut diagnostics)) {
            Some(vendor) => diagnostics.salvage(vendor)?,
            None => None,
        };
        Ok(Self { header, sbat, sbat_levels, vendor, diagnostics })
    }

    /// Says which program it is; `None` when nothing tells. Searches at most [`limits::EFI_SEARCH`] bytes.
    pub fn identify(&self, source: &dyn Source) -> Result<Option<Product>> {
        let mut allowance = limits::EFI_SEARCH;
        self.identify_within(source, &mut allowance)
    }

    /// The same, searching no more than `allowance`, off which it takes what it searches.
    pub fn identify_within(&self, source: &dyn Source, allowance: &mut u64) -> Result<Option<Product>> {
        product::identify(source, &self.header, self.sbat.as_ref(), allowance)
    }

    /// Reads the whole file and checks its signatures; see [`Signatures::check`].
    pub fn check_signatures(&self, source: &dyn Source, given: &[Certificate]) -> Result<Signatures> {
        Signatures::check(source, &self.header, given)
    }
}

/// The bytes of a section and where they stand. Errors of reading it are complaints, but for a cancelled job.
fn small_section(
    source: &dyn Source,
    header: &Header,
    name: &'static str,
    diagnostics: &mut Diagnostics,
) -> Result<Option<(Vec<u8>, u64)>> {
    let Some(section) = header.section(name) else { return Ok(None) };
    let data = section.data();
    if data.length > limits::EFI_SECTION {
        let message = format!("The section {name} has {}, of which the start is read", text::size(data.length));
        diagnostics.warning("PE section table", section.record, message);
    }
    let extent = Extent { length: data.length.min(limits::EFI_SECTION), ..data };
    let bytes = diagnostics.salvage(read_up_to(source, extent))?;
    if bytes.as_ref().is_some_and(|bytes| (bytes.len() as u64) < extent.length) {
        let message = format!("The section {name} should end at byte {}, behind the end of the file", extent.end());
        diagnostics.warning("PE section table", section.record, message);
    }
    Ok(bytes.map(|bytes| (bytes, data.offset)))
}
