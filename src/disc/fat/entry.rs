//! Directory entries (§6): 32 bytes with a short name, attributes, times, the first cluster and the size.

use crate::disc::Result;
use crate::disc::bytes::Fields;
use crate::disc::time::{Civil, Precision, Timestamp};

use super::code_page;

/// The structure in the words of its standard.
pub(super) const ENTRY: &str = "directory entry";

/// Bytes of an entry.
pub(super) const LENGTH: usize = 32;

/// Attributes (§6).
pub(super) const READ_ONLY: u8 = 0x01;
pub(super) const HIDDEN: u8 = 0x02;
pub(super) const SYSTEM: u8 = 0x04;
pub(super) const LABEL: u8 = 0x08;
pub(super) const FOLDER: u8 = 0x10;
pub(super) const ARCHIVE: u8 = 0x20;
/// All four of the first, which no other entry has: a part of a long name.
pub(super) const LONG_NAME: u8 = 0x0f;

/// The first byte of a deleted entry.
const DELETED: u8 = 0xe5;

/// What the first bytes of an entry say that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// Neither this one nor any that follows was ever used.
    End,
    /// It was deleted.
    Deleted,
    /// A part of the long name of an entry that follows.
    LongName,
    /// The name of the volume.
    Label,
    /// The folder itself, or the one above.
    Dot,
    /// A file or folder.
    Entry,
}

/// What `bytes` are.
pub(super) fn slot(bytes: &[u8; LENGTH]) -> Slot {
    let [first, second, third, ..] = *bytes;
    let attributes = bytes[11];
    match first {
        0 => Slot::End,
        DELETED => Slot::Deleted,
        _ if attributes & 0x3f == LONG_NAME => Slot::LongName,
        _ if attributes & (LABEL | FOLDER) == LABEL => Slot::Label,
        b'.' if attributes & FOLDER != 0 && (second == b' ' || second == b'.' && third == b' ') => Slot::Dot,
        _ => Slot::Entry,
    }
}

/// A short entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct DirectoryEntry {
    pub name: [u8; 11],
    pub attributes: u8,
    /// Bits by which Windows NT notes that a short name is in lower case.
    pub case: u8,
    /// Hundredths of a second, 0 to 199.
    pub created_fine: u8,
    pub created: (u16, u16),
    pub accessed: u16,
    pub modified: (u16, u16),
    pub cluster_high: u16,
    pub cluster_low: u16,
    pub size: u32,
}

/// A short name as text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ShortName {
    pub text: String,
    /// False when the bytes are no name.
    pub exact: bool,
}

impl DirectoryEntry {
    pub(super) fn parse(fields: &Fields<'_>) -> Result<Self> {
        Ok(Self {
            name: fields.array(0)?,
            attributes: fields.u8(11)?,
            case: fields.u8(12)?,
            created_fine: fields.u8(13)?,
            created: (fields.le16(16)?, fields.le16(14)?),
            accessed: fields.le16(18)?,
            cluster_high: fields.le16(20)?,
            modified: (fields.le16(24)?, fields.le16(22)?),
            cluster_low: fields.le16(26)?,
            size: fields.le32(28)?,
        })
    }

    pub(super) fn is_folder(&self) -> bool {
        self.attributes & FOLDER != 0
    }

    /// The first cluster; 0 when there is none. In FAT12 and FAT16 the upper half is used for other things.
    pub(super) fn cluster(&self, is_fat32: bool) -> u32 {
        let high = if is_fat32 { u32::from(self.cluster_high) & 0x0fff } else { 0 };
        high << 16 | u32::from(self.cluster_low)
    }

    /// The name of 8.3 characters (§6.1).
    pub(super) fn short_name(&self) -> ShortName {
        let mut name = self.name;
        // A name that begins with the mark of deleted entries has this in its place.
        if name[0] == 0x05 {
            name[0] = DELETED;
        }
        let (base, extension) = name.split_at(8);
        let trim = |part: &[u8]| part.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last.saturating_add(1));
        let base = base.get(..trim(base)).unwrap_or_default();
        let extension = extension.get(..trim(extension)).unwrap_or_default();
        let mut text = code_page::decode(base, self.case & 0x08 != 0);
        if !extension.is_empty() {
            text.push('.');
            text.push_str(&code_page::decode(extension, self.case & 0x10 != 0));
        }
        let exact = !base.is_empty() && base.iter().chain(extension).all(|byte| *byte >= 0x20 && *byte != 0x7f);
        ShortName { text, exact }
    }

    pub(super) fn created(&self) -> Option<Timestamp> {
        moment(self.created.0, self.created.1, self.created_fine)
    }

    pub(super) fn modified(&self) -> Option<Timestamp> {
        moment(self.modified.0, self.modified.1, 0)
    }

    /// The day of the last access, at midnight.
    pub(super) fn accessed(&self) -> Option<Timestamp> {
        moment(self.accessed, 0, 0)
    }

    /// The sum over the short name that parts of its long name repeat (§7.2).
    pub(super) fn checksum(&self) -> u8 {
        self.name.iter().fold(0, |sum: u8, byte| sum.rotate_right(1).wrapping_add(*byte))
    }
}

/// A date and a time of day in steps of two seconds with the hundredths above them (§6.3). `None` when it is not set, or no
/// such day exists.
fn moment(date: u16, time: u16, fine: u8) -> Option<Timestamp> {
    let bits = |value: u16, shift: u16, mask: u16| u8::try_from(value >> shift & mask).unwrap_or_default();
    let fine = if fine < 200 { fine } else { 0 };
    let civil = Civil {
        year: i64::from(date >> 9) + 1980,
        month: bits(date, 5, 15),
        day: bits(date, 0, 31),
        hour: bits(time, 11, 31),
        minute: bits(time, 5, 63),
        second: bits(time, 0, 31) * 2 + fine / 100,
    };
    Timestamp::new(civil, u32::from(fine % 100) * 10_000_000, 0, Precision::Hundredth)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &[u8; 11], case: u8) -> DirectoryEntry {
        let mut bytes = [0; LENGTH];
        bytes[..11].copy_from_slice(name);
        bytes[12] = case;
        DirectoryEntry::parse(&Fields::new(&bytes, 0, ENTRY)).unwrap()
    }

    #[test]
    fn short_names_have_a_dot_where_there_is_an_extension() {
        let name = |name, case| entry(name, case).short_name().text;
        assert_eq!(name(b"README  TXT", 0), "README.TXT");
        assert_eq!(name(b"README  TXT", 0x08), "readme.TXT");
        assert_eq!(name(b"README  TXT", 0x10), "README.txt");
        assert_eq!(name(b"A B        ", 0), "A B");
        assert_eq!(name(b"\x05BER       ", 0), "σBER");
        assert!(!entry(b"   \x01       ", 0).short_name().exact);
        assert!(!entry(b"        TXT", 0).short_name().exact);
    }

    #[test]
    fn the_checksum_is_that_of_the_specification() {
        assert_eq!(entry(b"FILENAMETXT", 0).checksum(), {
            let mut sum = 0_u32;
            for byte in b"FILENAMETXT" {
                sum = ((sum & 1) * 0x80 + (sum >> 1) + u32::from(*byte)) & 0xff;
            }
            u8::try_from(sum).unwrap()
        });
    }

    #[test]
    fn times_are_those_of_the_clock_that_recorded_them() {
        let date = (2024 - 1980) << 9 | 2 << 5 | 10;
        let time = 11 << 11 | 3 << 5 | 10;
        assert_eq!(moment(date, time, 0).unwrap().to_string(), "2024-02-10T11:03:20+00:00");
        assert_eq!(moment(date, time, 157).unwrap().to_string(), "2024-02-10T11:03:21.57+00:00");
        for (date, time) in [(0, time), (date, 24 << 11), (date, 60 << 5), (date, 30), (date & !31, 0)] {
            assert_eq!(moment(date, time, 0), None);
        }
    }
}
