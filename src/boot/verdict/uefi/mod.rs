//! Computers with UEFI: the firmware looks for FAT file systems, and in them for one program of a certain name (UEFI 2.10
//! §3.5.1.1 and §13.3).
//!
//! Three questions, one after the other: [`leads`] says which file systems the firmware comes to, [`search`] whether the
//! program is there and is one, and [`trust`] whether Secure Boot lets it start. Where firmware in the field differs from
//! the standard, or from itself some years before, the answer is a condition and no yes: EDK2, from which that of nearly
//! all computers is made, is what the comments go by.

mod leads;
mod outcome;
mod search;
mod shim;
mod trust;

use crate::boot::efi::Architecture;
use crate::boot::report::BootReport;
use crate::disc::{Image, Result};

use super::case::{Case, Computer};
use super::{Firmware, Medium, Verdict};
use leads::Leads;
use outcome::Outcome;
use search::Search;

/// Computers that everybody may have: these are always told of.
const COMMON: [Architecture; 2] = [Architecture::X64, Architecture::Arm64];

/// Others: told of when the disc has a program for them.
const OTHERS: [Architecture; 8] = [
    Architecture::Ia32,
    Architecture::Arm,
    Architecture::Riscv64,
    Architecture::LoongArch64,
    Architecture::Ia64,
    Architecture::Riscv32,
    Architecture::Riscv128,
    Architecture::LoongArch32,
];

/// The verdicts: for each kind of processor, from a disc and from a stick, without and with Secure Boot.
pub(super) fn verdicts(image: &Image, report: &BootReport) -> Result<Vec<Verdict>> {
    let media = [Medium::Optical, Medium::Usb];
    let leads = media.into_iter().map(|medium| Ok((medium, Leads::of(image, medium)?))).collect::<Result<Vec<_>>>()?;
    let mut verdicts = Vec::new();
    for arch in COMMON.into_iter().chain(OTHERS.into_iter().filter(|arch| has_program(report, *arch))) {
        let Some(suffix) = arch.suffix() else { continue };
        for (medium, leads) in &leads {
            for secure_boot in [false, true] {
                let computer = Computer {
                    firmware: Firmware::Uefi,
                    arch: suffix,
                    medium: *medium,
                    secure_boot: Some(secure_boot),
                };
                let search = Search { image, report, arch, suffix, computer };
                let outcome = match (leads.unread, medium) {
                    (Some(why), _) => Outcome::unclear(Case::new(computer), why),
                    (None, Medium::Optical) => optical(&search, leads)?,
                    (None, Medium::Usb) => stick(&search, leads)?,
                };
                verdicts.push(outcome.verdict());
            }
        }
    }
    Ok(verdicts)
}

/// Whether the disc has a program for these processors, or a file with the name of one.
fn has_program(report: &BootReport, arch: Architecture) -> bool {
    let Some(suffix) = arch.suffix() else { return false };
    let name = search::path(suffix);
    report.programs.iter().any(|file| {
        file.path.eq_ignore_ascii_case(&name)
            || file.program.as_ref().is_some_and(|program| program.header.architecture == arch)
    })
}

/// From a disc: by the boot catalogue. Partition tables count blocks of the medium (UEFI 2.10 §5.2 and §5.3), and those of a
/// disc have another size than those for which the tables on it were made.
fn optical(search: &Search<'_>, leads: &Leads) -> Result<Outcome> {
    match (&leads.el_torito, &leads.whole) {
        (Some(catalog), _) => search.follow(catalog),
        // §13.3.2 has no table as the last possibility for all media, but discs are never like that.
        (None, Some(whole)) => {
            Ok(search.follow(whole)?.only("if the firmware takes a disc that is nothing but a FAT file system"))
        }
        (None, None) => Ok(Outcome::fails(Case::new(search.computer), &leads.without_catalog)),
    }
}

/// From a stick: by the GPT, else by what else there is.
fn stick(search: &Search<'_>, leads: &Leads) -> Result<Outcome> {
    let rest = || without_gpt(search, leads);
    let Some(gpt) = &leads.gpt else { return rest() };
    let outcome = search.follow(gpt)?;
    let Some(doubt) = &gpt.doubt else { return Ok(outcome) };
    let rest = rest()?;
    Ok(match (outcome.starts(), rest.starts()) {
        (true, true) => outcome.only(doubt).surer(rest),
        (true, false) => outcome.only(doubt),
        (false, true) => rest.only("if the firmware does not go by the GPT"),
        (false, false) => outcome.less_clear(rest),
    })
}

/// From a stick whose GPT is none to the firmware. The standard has the boot catalogue first and the master boot record
/// behind it (UEFI 2.10 §13.3.2). EDK2 had it the other way round until August 2020, and other firmware knows no boot
/// catalogue on sticks at all.
fn without_gpt(search: &Search<'_>, leads: &Leads) -> Result<Outcome> {
    let catalog = leads.el_torito.as_ref().map(|lead| search.follow(lead)).transpose()?;
    let partitions = leads.mbr.as_ref().map(|lead| search.follow(lead)).transpose()?;
    Ok(match (catalog, partitions) {
        (Some(catalog), Some(partitions)) => match (catalog.starts(), partitions.starts()) {
            (true, true) => catalog.surer(partitions),
            (true, false) => catalog.only("if the firmware goes by the boot catalogue before the partition table"),
            (false, true) => partitions.only("if the firmware goes by the partition table before the boot catalogue"),
            (false, false) => catalog.less_clear(partitions),
        },
        (Some(catalog), None) => catalog.only("if the firmware reads the boot catalogue of a disc from a stick, too"),
        (None, Some(partitions)) => partitions,
        (None, None) => match &leads.whole {
            Some(whole) => search.follow(whole)?,
            None => {
                let why = "Nothing on it leads to a program for UEFI: there is neither a partition that could have one nor \
                           an entry of a boot catalogue";
                Outcome::fails(Case::new(search.computer), why)
            }
        },
    })
}
