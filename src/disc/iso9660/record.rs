//! Directory records (ECMA-119 §9.1): the fields on the disc, without their meaning.

use crate::disc::bytes::Both;
use crate::disc::time::Timestamp;

/// Bytes of a record before its file identifier, and of the root's record in a volume descriptor with its one-byte
/// identifier.
pub const RECORD_FIXED: usize = 34;

/// Flags of a directory record (ECMA-119 §9.1.6).
pub mod flag {
    /// The existence bit: users need not be told of the file.
    pub const HIDDEN: u8 = 0x01;
    /// The record names a directory.
    pub const DIRECTORY: u8 = 0x02;
    /// An associated file, such as a resource fork.
    pub const ASSOCIATED: u8 = 0x04;
    /// Further sections of the same file follow.
    pub const MULTI_EXTENT: u8 = 0x80;
}

/// One directory record and the bytes that follow its fixed part.
#[derive(Debug, Clone, Copy)]
pub struct DirectoryRecord<'a> {
    /// Absolute byte offset of the record.
    pub offset: u64,
    /// Blocks of the extended attribute record that stands before the data (§9.1.2).
    pub xar_blocks: u8,
    /// First block of the extent (§9.1.3).
    pub block: Both<u32>,
    /// Bytes of data (§9.1.4).
    pub data_len: Both<u32>,
    /// Recording date and time (§9.1.5).
    pub date: [u8; 7],
    /// See [`flag`].
    pub flags: u8,
    /// Blocks of a file unit when the file is interleaved (§9.1.7).
    pub unit_size: u8,
    /// Blocks between two file units (§9.1.8).
    pub gap_size: u8,
    /// File identifier (§9.1.11).
    pub identifier: &'a [u8],
    /// System use area (§9.1.13).
    pub system_use: &'a [u8],
}

/// Why bytes are no directory record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordFault {
    /// The record is too short for its fixed part and identifier.
    TooShort,
    /// The record reaches beyond its sector (§6.8.1.1) or beyond the directory.
    CrossesSector,
}

impl<'a> DirectoryRecord<'a> {
    /// The record at the start of `rest`, which are the bytes up to the end of its sector. The absolute byte `offset`
    /// is that of the record. `Ok(None)` when no further record follows in this sector.
    pub fn parse(rest: &'a [u8], offset: u64) -> Result<Option<Self>, RecordFault> {
        let Some(&length) = rest.first().filter(|length| **length != 0) else { return Ok(None) };
        let record = rest.get(..usize::from(length)).ok_or(RecordFault::CrossesSector)?;
        let (fixed, variable) = record.split_first_chunk::<33>().ok_or(RecordFault::TooShort)?;
        let identifier_len = usize::from(fixed[32]);
        let identifier = variable.get(..identifier_len).filter(|name| !name.is_empty()).ok_or(RecordFault::TooShort)?;
        // An identifier of even length is followed by a padding byte (§9.1.12), so that the rest starts evenly.
        let padding = 1 - identifier_len % 2;
        let system_use = variable.get(identifier_len + padding..).unwrap_or_default();
        let both = |at: [usize; 8]| -> Both<u32> {
            let [a, b, c, d, e, f, g, h] = at.map(|index| fixed.get(index).copied().unwrap_or_default());
            Both { little: u32::from_le_bytes([a, b, c, d]), big: u32::from_be_bytes([e, f, g, h]) }
        };
        Ok(Some(Self {
            offset,
            xar_blocks: fixed[1],
            block: both([2, 3, 4, 5, 6, 7, 8, 9]),
            data_len: both([10, 11, 12, 13, 14, 15, 16, 17]),
            date: [fixed[18], fixed[19], fixed[20], fixed[21], fixed[22], fixed[23], fixed[24]],
            flags: fixed[25],
            unit_size: fixed[26],
            gap_size: fixed[27],
            identifier,
            system_use,
        }))
    }

    /// True for a record of a directory.
    pub fn is_directory(&self) -> bool {
        self.flags & flag::DIRECTORY != 0
    }

    /// True for the record of the directory itself (§6.8.2.2).
    pub fn is_self(&self) -> bool {
        self.identifier == [0]
    }

    /// True for the record of the parent directory (§6.8.2.2).
    pub fn is_parent(&self) -> bool {
        self.identifier == [1]
    }

    /// True when the data is cut into units with gaps between them.
    pub fn is_interleaved(&self) -> bool {
        self.unit_size != 0 || self.gap_size != 0
    }

    /// Absolute byte offset of the system use area.
    pub fn system_use_offset(&self) -> u64 {
        let identifier_len = self.identifier.len() as u64;
        self.offset.saturating_add(33 + identifier_len + (1 - identifier_len % 2))
    }

    /// Recording date and time; `None` when unset or no valid moment.
    pub fn timestamp(&self) -> Option<Timestamp> {
        Timestamp::from_7_bytes(self.date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(len: u8, name: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 33];
        bytes[0] = len;
        bytes[2] = 20;
        bytes[9] = 20;
        bytes[32] = u8::try_from(name.len()).unwrap();
        bytes.extend_from_slice(name);
        bytes.resize(usize::from(len).max(bytes.len()), 0xee);
        bytes
    }

    #[test]
    fn the_system_use_area_starts_after_the_padding() {
        let bytes = record(44, b"AB.TXT");
        let parsed = DirectoryRecord::parse(&bytes, 100).unwrap().unwrap();
        assert_eq!(parsed.identifier, b"AB.TXT");
        assert_eq!(parsed.system_use, [0xee; 4]);
        assert_eq!(parsed.system_use_offset(), 140);
        assert!(parsed.block.agree());
    }

    #[test]
    fn broken_lengths_are_told_apart() {
        assert!(DirectoryRecord::parse(&[0; 40], 0).unwrap().is_none());
        assert!(DirectoryRecord::parse(&[], 0).unwrap().is_none());
        assert_eq!(DirectoryRecord::parse(&record(20, b"A"), 0).unwrap_err(), RecordFault::TooShort);
        assert_eq!(DirectoryRecord::parse(&record(34, b""), 0).unwrap_err(), RecordFault::TooShort);
        assert_eq!(DirectoryRecord::parse(&record(60, b"A")[..50], 0).unwrap_err(), RecordFault::CrossesSector);
        let mut lie = record(40, b"A");
        lie[32] = 200;
        assert_eq!(DirectoryRecord::parse(&lie, 0).unwrap_err(), RecordFault::TooShort);
    }
}
