//! WIM archives (`.wim`, `.esd`, `.swm`), in which Windows comes: what they say of themselves, and the digests that they
//! carry. Their files are not unpacked.
//!
//! * [`header`]: the header, field by field.
//! * [`integrity`]: digests of the archive.
//! * [`xml`]: what its XML document says of the images.
//!
//! Byte offsets, also those in errors, are those of the archive.

pub mod header;
pub mod integrity;
pub mod xml;

use std::sync::Arc;

use super::source::{read_exact, read_up_to};
use super::{Diagnostics, Error, Extent, Result, Source, limits, text};

pub use header::{Compression, HEADER_SIZE, Header, Resource};
pub use integrity::IntegrityTable;
pub use xml::{WimImage, WimImages};

use header::HEADER;

const XML: &str = "WIM XML data";

/// An archive of which the header was read.
#[derive(Clone)]
pub struct Wim {
    source: Arc<dyn Source>,
    header: Header,
    diagnostics: Diagnostics,
}

impl Wim {
    /// Reads the header. Of an archive for pipes that is the one at its end.
    ///
    /// # Errors
    /// `Unsupported` when it is no WIM archive, or one of another version; `Damaged` when it ends within the header.
    pub fn open(source: Arc<dyn Source>) -> Result<Self> {
        let mut bytes = [0; 208];
        // What is too short for a header, and not the beginning of one, is something else.
        let begins = read_up_to(source.as_ref(), Extent::new(0, 8))?;
        if begins.as_slice() != b"MSWIM\0\0\0" && begins.as_slice() != b"WLPWM\0\0\0" {
            return Err(Error::unsupported(HEADER, 0, "This is no WIM archive"));
        }
        read_exact(source.as_ref(), HEADER, 0, &mut bytes)?;
        let mut header = Header::parse(&bytes, 0)?;
        let mut at = 0;
        if header.is_pipable {
            at = source.len().saturating_sub(HEADER_SIZE);
            read_exact(source.as_ref(), HEADER, at, &mut bytes)?;
            header = Header::parse(&bytes, at).map_err(|error| match error {
                Error::Cancelled => error,
                _ => Error::damaged(HEADER, at, "The header at the end of this archive for pipes is missing"),
            })?;
        }
        let mut wim = Self { source, header, diagnostics: Diagnostics::default() };
        wim.look_at_header(at);
        Ok(wim)
    }

    /// Notes what cannot be true of the header, which stands at byte `at`.
    fn look_at_header(&mut self, at: u64) {
        let Self { source, header, diagnostics } = self;
        let len = source.len();
        let named = [
            (&header.lookup_table, 48, "lookup table"),
            (&header.xml, 72, "XML document"),
            (&header.boot_metadata, 96, "list of files of the boot image"),
            (&header.integrity, 124, "integrity table"),
        ];
        for (resource, field, name) in named {
            // That of a split archive may lie in its first part.
            let is_elsewhere = field == 96 && header.is_split();
            if !resource.is_absent() && !is_elsewhere && resource.end().is_none_or(|end| end > len) {
                let ends = format!("should take {} bytes from byte {} on", resource.size, resource.offset);
                let message = format!("The {name} {ends}, but the archive ends at byte {len}");
                diagnostics.error(HEADER, at.saturating_add(field), message);
            }
        }
        let (part, parts) = (header.part_number, header.total_parts);
        if part == 0 || part > parts {
            let message = format!("The header says that this is part {part} of {parts}");
            diagnostics.warning(HEADER, at.saturating_add(40), message);
        }
        if header.is_unfinished() {
            diagnostics.warning(HEADER, at.saturating_add(16), "Writing this archive was not finished");
        }
        if header.is_pipable {
            diagnostics.info(HEADER, 0, "This archive is laid out for pipes, which only wimlib reads");
        }
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The bytes of the archive.
    pub fn source(&self) -> &Arc<dyn Source> {
        &self.source
    }

    /// What is wrong with the header although it could be read.
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.diagnostics
    }

    /// The XML document about the images: UTF-16, little-endian, with or without a byte order mark. What is no character
    /// becomes U+FFFD.
    ///
    /// # Errors
    /// `Damaged` when the archive does not hold all of it, `Unsupported` when it is compressed, which no program writes,
    /// and `Limit` beyond [`limits::WIM_XML`].
    pub fn xml(&self) -> Result<String> {
        let resource = self.header.xml;
        let at = resource.offset;
        if resource.is_absent() {
            return Err(Error::damaged(XML, at, "The archive has no XML document about its images"));
        }
        if resource.is_packed() {
            return Err(Error::unsupported(XML, at, "The XML document about the images is compressed"));
        }
        if resource.size > limits::WIM_XML {
            let what = format!("An XML document of {}", text::size(resource.size));
            return Err(Error::Limit { structure: XML, offset: at, what, limit: text::size(limits::WIM_XML) });
        }
        let bytes = self.read(resource, XML)?;
        let bytes = bytes.strip_prefix(b"\xff\xfe").unwrap_or(&bytes);
        // Half a character at the end is none.
        let whole = bytes.get(..bytes.len() & !1).unwrap_or_default();
        let text = encoding_rs::UTF_16LE.decode_without_bom_handling(whole).0;
        Ok(text.trim_end_matches('\0').to_owned())
    }

    /// All of what is not packed. Nothing is reserved for what the archive does not have.
    fn read(&self, resource: Resource, structure: &'static str) -> Result<Vec<u8>> {
        let (at, len) = (resource.offset, self.source.len());
        let Some(size) = usize::try_from(resource.size).ok().filter(|_| resource.end().is_some_and(|end| end <= len))
        else {
            let message = format!("The archive ends at byte {len}, before the end of this structure");
            return Err(Error::damaged(structure, at, message));
        };
        let mut bytes = vec![0; size];
        read_exact(self.source.as_ref(), structure, at, &mut bytes)?;
        Ok(bytes)
    }

    /// What the XML document says of the images.
    ///
    /// # Errors
    /// Those of [`xml`](Self::xml), and `Damaged`, `Unsupported` or `Limit` when the document cannot be read.
    pub fn images(&self) -> Result<WimImages> {
        WimImages::parse(&self.xml()?, self.header.xml.offset)
    }

    /// The digests that the archive carries of itself; `None` when it carries none.
    ///
    /// # Errors
    /// `Damaged` when its numbers do not fit one another or the archive, `Limit` beyond [`limits::WIM_INTEGRITY`].
    pub fn integrity(&self) -> Result<Option<IntegrityTable>> {
        IntegrityTable::read(self)
    }
}

impl std::fmt::Debug for Wim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wim").field("header", &self.header).finish_non_exhaustive()
    }
}

/// True for the names that archives have: `.wim`, `.esd` and `.swm`, in whatever case.
pub fn is_named_as_wim(name: &str) -> bool {
    ["wim", "esd", "swm"].into_iter().any(|extension| text::has_extension(name, extension))
}

#[cfg(test)]
mod tests;
