//! Descriptor tags (ECMA-167 3/7.2 and 4/7.2): the first 16 bytes of every descriptor, with a checksum of themselves
//! and a CRC of what follows.

use crate::disc::{Diagnostic, Severity};

/// Bytes of a descriptor tag.
pub const TAG_LEN: usize = 16;

/// Tag identifiers (ECMA-167 3/7.2.1 and 4/7.2.1).
pub mod id {
    /// Sparing table, which has a tag of its own (OSTA UDF 2.60 §2.2.12).
    pub const SPARING_TABLE: u16 = 0;
    /// Primary volume descriptor.
    pub const PRIMARY_VOLUME: u16 = 1;
    /// Anchor volume descriptor pointer.
    pub const ANCHOR: u16 = 2;
    /// Volume descriptor pointer.
    pub const VOLUME_POINTER: u16 = 3;
    /// Implementation use volume descriptor.
    pub const IMPLEMENTATION_USE: u16 = 4;
    /// Partition descriptor.
    pub const PARTITION: u16 = 5;
    /// Logical volume descriptor.
    pub const LOGICAL_VOLUME: u16 = 6;
    /// Unallocated space descriptor.
    pub const UNALLOCATED_SPACE: u16 = 7;
    /// Terminating descriptor.
    pub const TERMINATING: u16 = 8;
    /// Logical volume integrity descriptor.
    pub const INTEGRITY: u16 = 9;
    /// File set descriptor.
    pub const FILE_SET: u16 = 256;
    /// File identifier descriptor.
    pub const FILE_IDENTIFIER: u16 = 257;
    /// Allocation extent descriptor.
    pub const ALLOCATION_EXTENT: u16 = 258;
    /// Indirect entry.
    pub const INDIRECT_ENTRY: u16 = 259;
    /// Terminal entry.
    pub const TERMINAL_ENTRY: u16 = 260;
    /// File entry.
    pub const FILE_ENTRY: u16 = 261;
    /// Extended attribute header descriptor.
    pub const ATTRIBUTE_HEADER: u16 = 262;
    /// Unallocated space entry.
    pub const UNALLOCATED_SPACE_ENTRY: u16 = 263;
    /// Space bitmap descriptor.
    pub const SPACE_BITMAP: u16 = 264;
    /// Extended file entry.
    pub const EXTENDED_FILE_ENTRY: u16 = 266;
}

/// The fields of a descriptor tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag {
    /// Which descriptor it is, see [`id`].
    pub id: u16,
    /// 2 for ECMA-167/2, 3 for ECMA-167/3.
    pub version: u16,
    /// Sum of the other 15 bytes of the tag.
    pub checksum: u8,
    /// Distinguishes descriptors of different formattings.
    pub serial: u16,
    /// CRC of the [`crc_len`](Self::crc_len) bytes behind the tag.
    pub crc: u16,
    /// Bytes that the CRC covers.
    pub crc_len: u16,
    /// Number of the block that holds the descriptor.
    pub location: u32,
    /// What the checksum should be.
    sum: u8,
}

/// What checking a descriptor against its tag found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// The tag's own checksum is right.
    pub checksum: bool,
    /// The CRC of the descriptor is right.
    pub crc: bool,
}

impl Check {
    /// Nothing is wrong.
    pub fn sound(self) -> bool {
        self.checksum && self.crc
    }

    /// At least one of checksum and CRC is right. A changed byte breaks one of them, and both only by chance or when
    /// the bytes are no descriptor at all; so one alone is a reason to warn, and the contents decide.
    pub fn likely(self) -> bool {
        self.checksum || self.crc
    }

    /// What is wrong, in words; `None` when nothing is.
    pub fn fault(self) -> Option<&'static str> {
        match self {
            Self { checksum: true, crc: true } => None,
            Self { checksum: false, crc: true } => Some("The checksum of the descriptor's tag is wrong"),
            Self { checksum: true, crc: false } => Some("The CRC of the descriptor is wrong"),
            Self { checksum: false, crc: false } => Some("Checksum and CRC of the descriptor are wrong"),
        }
    }

    /// A warning about what is wrong with the `structure` at the absolute byte `offset`, which is used nonetheless.
    pub fn warning(self, structure: &'static str, offset: u64) -> Option<Diagnostic> {
        let message = format!("{}; its contents make sense and are used", self.fault()?);
        Some(Diagnostic { severity: Severity::Warning, structure, offset, message })
    }
}

impl Tag {
    /// The tag at the start of `bytes`; `None` when there are fewer than [`TAG_LEN`].
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let tag: &[u8; TAG_LEN] = bytes.first_chunk()?;
        let [i0, i1, v0, v1, checksum, _, s0, s1, c0, c1, n0, n1, l0, l1, l2, l3] = *tag;
        let sum = tag.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)).wrapping_sub(checksum);
        Some(Self {
            id: u16::from_le_bytes([i0, i1]),
            version: u16::from_le_bytes([v0, v1]),
            checksum,
            serial: u16::from_le_bytes([s0, s1]),
            crc: u16::from_le_bytes([c0, c1]),
            crc_len: u16::from_le_bytes([n0, n1]),
            location: u32::from_le_bytes([l0, l1, l2, l3]),
            sum,
        })
    }

    /// True when the tag's checksum is right.
    pub fn checksum_ok(&self) -> bool {
        self.checksum == self.sum
    }

    /// Checks `bytes`, which begin with this tag and hold at least the whole descriptor. A CRC over more bytes than
    /// there are is wrong.
    pub fn check(&self, bytes: &[u8]) -> Check {
        let end = TAG_LEN.saturating_add(usize::from(self.crc_len));
        let crc = bytes.get(TAG_LEN..end).is_some_and(|covered| crc16(covered) == self.crc);
        Check { checksum: self.checksum_ok(), crc }
    }

    /// The tag of a descriptor with this identifier at the start of `bytes`, if its checksum or CRC speaks for it.
    pub fn of(bytes: &[u8], id: u16) -> Option<(Self, Check)> {
        let tag = Self::parse(bytes).filter(|tag| tag.id == id)?;
        let check = tag.check(bytes);
        // A tag of zeros has the right checksum and CRC, but is none.
        let blank = tag.id == 0 && tag.version == 0;
        (check.likely() && !blank).then_some((tag, check))
    }
}

/// Bytes whose CRC is computed at a time.
const SLICE: usize = 16;

/// For each place in a slice, what a byte there adds to the CRC; the last place first.
static TABLES: [[u16; 256]; SLICE] = tables();

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "computed by the compiler, with counters that stay below the sizes of the tables"
)]
const fn tables() -> [[u16; 256]; SLICE] {
    let mut tables = [[0_u16; 256]; SLICE];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = (byte as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut place = 1;
    while place < SLICE {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[place - 1][byte];
            tables[place][byte] = (before << 8) ^ tables[0][(before >> 8) as usize];
            byte += 1;
        }
        place += 1;
    }
    tables
}

/// The CRC of descriptors (ECMA-167 3/7.2.6): polynomial x¹⁶ + x¹² + x⁵ + 1, starting with 0.
///
/// A folder of a million files has two hundred megabytes of descriptors, so it is computed for many bytes at a time.
pub fn crc16(bytes: &[u8]) -> u16 {
    let (slices, rest) = bytes.as_chunks::<SLICE>();
    let crc = slices.iter().fold(0, |crc, slice| add_to_crc(crc, slice));
    add_to_crc(crc, rest)
}

/// The CRC of what `crc` is of and `bytes`, which are no more than a slice.
#[inline(always)]
#[expect(clippy::indexing_slicing, reason = "a byte is always below 256")]
fn add_to_crc(crc: u16, bytes: &[u8]) -> u16 {
    let table = |from_end: usize, byte: u8| TABLES.get(from_end).map_or(0, |table| table[usize::from(byte)]);
    let [high, low] = crc.to_be_bytes();
    match bytes {
        [] => crc,
        [only] => (crc << 8) ^ table(0, only ^ high),
        [first, second, rest @ ..] => {
            let start = table(rest.len() + 1, first ^ high) ^ table(rest.len(), second ^ low);
            rest.iter().rev().enumerate().fold(start, |sum, (from_end, byte)| sum ^ table(from_end, *byte))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bit by bit, as the standard defines it.
    fn plain_crc(bytes: &[u8]) -> u16 {
        bytes.iter().fold(0, |crc, byte| {
            (0..8).fold(
                crc ^ (u16::from(*byte) << 8),
                |crc, _| {
                    if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
                },
            )
        })
    }

    fn tagged(id: u16, body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; TAG_LEN];
        bytes[0..2].copy_from_slice(&id.to_le_bytes());
        bytes[2] = 2;
        bytes[8..10].copy_from_slice(&plain_crc(body).to_le_bytes());
        bytes[10..12].copy_from_slice(&u16::try_from(body.len()).unwrap().to_le_bytes());
        bytes[4] = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        bytes.extend_from_slice(body);
        bytes
    }

    #[test]
    fn the_crc_is_that_of_the_standard() {
        // The example of ECMA-167 3/7.2.6, and the check value of this CRC.
        assert_eq!(crc16(&[0x70, 0x6a, 0x77]), 0x3299);
        assert_eq!(crc16(b"123456789"), 0x31c3);
        let bytes: Vec<u8> = (0..1000_u32).map(|number| (number * 37 % 251).to_le_bytes()[0]).collect();
        for len in [0, 1, 7, 8, 9, 15, 16, 17, 160, 999] {
            assert_eq!(crc16(&bytes[..len]), plain_crc(&bytes[..len]), "{len}");
        }
    }

    #[test]
    fn a_changed_byte_is_told_by_checksum_or_crc() {
        let good = tagged(id::FILE_ENTRY, &[1, 2, 3, 4]);
        assert!(Tag::of(&good, id::FILE_ENTRY).unwrap().1.sound());
        assert!(Tag::of(&good, id::FILE_SET).is_none());
        let mut body = good.clone();
        body[17] ^= 1;
        assert_eq!(Tag::of(&body, id::FILE_ENTRY).unwrap().1, Check { checksum: true, crc: false });
        let mut tag = good.clone();
        tag[12] ^= 1;
        assert_eq!(Tag::of(&tag, id::FILE_ENTRY).unwrap().1, Check { checksum: false, crc: true });
        tag[17] ^= 1;
        assert!(Tag::of(&tag, id::FILE_ENTRY).is_none());
    }

    #[test]
    fn zeros_are_no_descriptor_and_a_crc_past_the_end_is_wrong() {
        assert!(Tag::of(&[0; 64], id::SPARING_TABLE).is_none());
        let mut cut = tagged(id::FILE_ENTRY, &[1, 2, 3, 4]);
        cut.pop();
        assert!(!Tag::parse(&cut).unwrap().check(&cut).crc);
        assert!(Tag::parse(&cut[..15]).is_none());
    }
}
