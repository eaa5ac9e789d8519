//! Whether firmware can load a program, by its headers: all that these promise must be in the file, and have its place in
//! memory (PE/COFF; EDK2, `BasePeCoff.c`: `PeCoffLoaderGetPeHeader` and `PeCoffLoaderLoadImage`).

use super::header::Header;

/// Entries of the data directory that firmware knows.
const DIRECTORIES: u32 = 16;

/// Why a program cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// One plain sentence without a full stop.
    pub why: String,
    /// Byte offset in the file of what says so.
    pub offset: u64,
}

impl Header {
    /// The first thing for which firmware refuses to load it; `None` when nothing speaks against it.
    pub fn flaw(&self) -> Option<Flaw> {
        let flaw = |why: String, offset: u64| Some(Flaw { why, offset });
        let len = self.file_len;
        if self.directories > DIRECTORIES {
            return flaw(
                format!("It is said to have {} data directories, and there are 16", self.directories),
                self.offset,
            );
        }
        if u64::from(self.size_of_headers) > len {
            let why =
                format!("Its headers should end at byte {}, and the file ends at byte {len}", self.size_of_headers);
            return flaw(why, self.offset);
        }
        if self.is_signed() && self.certificate_table.end() > len {
            let end = self.certificate_table.end();
            let why = format!("Its table of certificates should end at byte {end}, and the file ends at byte {len}");
            return flaw(why, self.certificate_entry_at.unwrap_or(self.offset));
        }
        self.sections.iter().find_map(|section| {
            let name = &section.name;
            if section.raw.length > 0 && section.raw.end() > len {
                let end = section.raw.end();
                let why = format!("Its section {name} should end at byte {end}, and the file ends at byte {len}");
                return flaw(why, section.record);
            }
            let end = u64::from(section.virtual_address).saturating_add(u64::from(section.virtual_size));
            if section.virtual_size > 0 && end > u64::from(self.size_of_image) {
                let why = format!(
                    "Its section {name} should end at byte {end} of its memory, of which there are {}",
                    self.size_of_image
                );
                return flaw(why, section.record);
            }
            None
        })
    }
}
