//! The small types that descriptors are made of (ECMA-167 1/7, 3/7.1, 4/7.1, 4/14.14): identifiers, moments, addresses.

use crate::disc::bytes::Fields;
use crate::disc::time::{Civil, Precision, Timestamp};
use crate::disc::{Result, text};

/// Bits of an extent length that hold its length; the two above hold its type (ECMA-167 4/14.14.1.1).
const LENGTH_MASK: u32 = 0x3fff_ffff;

/// What an allocation descriptor says of its extent (ECMA-167 4/14.14.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtentType {
    /// Recorded and allocated.
    Recorded,
    /// Allocated but not recorded: its bytes read as zeros.
    Allocated,
    /// Neither: a hole, whose bytes read as zeros.
    Hole,
    /// The extent holds further allocation descriptors.
    Next,
}

/// An extent length with its type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ExtentLength(pub u32);

impl ExtentLength {
    /// Length in bytes, below 2³⁰.
    pub fn bytes(self) -> u32 {
        self.0 & LENGTH_MASK
    }

    /// The type.
    pub fn kind(self) -> ExtentType {
        match self.0 >> 30 {
            0 => ExtentType::Recorded,
            1 => ExtentType::Allocated,
            2 => ExtentType::Hole,
            _ => ExtentType::Next,
        }
    }
}

/// `lb_addr` (ECMA-167 4/7.1): a block of one of the logical volume's partitions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct LogicalBlock {
    /// Number of the block in the partition.
    pub block: u32,
    /// Partition reference number: the place of the partition's map in the logical volume descriptor.
    pub reference: u16,
}

impl std::fmt::Display for LogicalBlock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "block {} of partition {}", self.block, self.reference)
    }
}

/// `long_ad` (ECMA-167 4/14.14.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct LongAd {
    /// Length of the extent in bytes, and its type.
    pub length: ExtentLength,
    /// Where the extent starts.
    pub location: LogicalBlock,
}

impl LongAd {
    /// The `long_ad` at byte `at` of a descriptor.
    pub fn read(fields: &Fields<'_>, at: usize) -> Result<Self> {
        let [l0, l1, l2, l3, b0, b1, b2, b3, r0, r1] = fields.array(at)?;
        Ok(Self {
            length: ExtentLength(u32::from_le_bytes([l0, l1, l2, l3])),
            location: LogicalBlock {
                block: u32::from_le_bytes([b0, b1, b2, b3]),
                reference: u16::from_le_bytes([r0, r1]),
            },
        })
    }

    /// True when there is no extent.
    pub fn is_none(self) -> bool {
        self.length.bytes() == 0
    }
}

/// `extent_ad` (ECMA-167 3/7.1): an extent of the volume, in bytes and blocks of the volume.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct VolumeExtent {
    /// Length in bytes.
    pub length: u32,
    /// First block, counted from the start of the volume.
    pub block: u32,
}

impl VolumeExtent {
    /// The `extent_ad` at byte `at` of a descriptor.
    pub fn read(fields: &Fields<'_>, at: usize) -> Result<Self> {
        Ok(Self { length: fields.le32(at)?, block: fields.le32(at.saturating_add(4))? })
    }
}

impl std::fmt::Display for VolumeExtent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.length == 0 { f.write_str("none") } else { write!(f, "{} bytes at block {}", self.length, self.block) }
    }
}

/// `regid` (ECMA-167 1/7.4): who or what a field belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EntityId {
    /// Identifier, padded with zeros.
    pub identifier: [u8; 23],
    /// What the identifier's suffix says depends on the identifier.
    pub suffix: [u8; 8],
}

impl EntityId {
    /// The `regid` at byte `at` of a descriptor.
    pub fn read(fields: &Fields<'_>, at: usize) -> Result<Self> {
        Ok(Self { identifier: fields.array(at.saturating_add(1))?, suffix: fields.array(at.saturating_add(24))? })
    }

    /// True when the identifier is `name`.
    pub fn is(&self, name: &[u8]) -> bool {
        self.trimmed() == name
    }

    /// The identifier without its padding.
    pub fn name(&self) -> String {
        text::display(&text::utf8(self.trimmed()).text).into_owned()
    }

    fn trimmed(&self) -> &[u8] {
        let end = self.identifier.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
        self.identifier.get(..end).unwrap_or_default()
    }

    /// The first 16 bits of the suffix: for identifiers of the OSTA the revision of UDF (OSTA UDF 2.60 §2.1.5.3).
    pub fn revision(&self) -> u16 {
        let [low, high, ..] = self.suffix;
        u16::from_le_bytes([low, high])
    }
}

/// `2.60` for 0x0260; `None` when the number is no revision of UDF.
pub fn revision(number: u16) -> Option<String> {
    let digits = [number >> 8 & 15, number >> 4 & 15, number & 15];
    let valid = number >> 12 == 0 && (1..=9).contains(&digits[0]) && digits.iter().all(|digit| *digit < 10);
    valid.then(|| format!("{}.{}{}", digits[0], digits[1], digits[2]))
}

/// The moment at byte `at` of a descriptor (ECMA-167 1/7.3); `None` when unset or no valid moment.
///
/// Its zone counts minutes; moments in UTC, and those whose zone is not given (−2047) or impossible, are taken for UTC.
pub fn timestamp(bytes: [u8; 12]) -> Option<Timestamp> {
    let [zone_low, zone_high, year_low, year_high, month, day, hour, minute, second, centi, hundreds, micro] = bytes;
    let type_and_zone = u16::from_le_bytes([zone_low, zone_high]);
    // Twelve bits with a sign, moved to the top and back.
    let zone = (type_and_zone << 4).cast_signed() >> 4;
    let zone = if type_and_zone >> 12 == 1 && (-1440..=1440).contains(&zone) { zone } else { 0 };
    let civil = Civil { year: i64::from(i16::from_le_bytes([year_low, year_high])), month, day, hour, minute, second };
    let part = |value: u8| u32::from(value).min(99);
    let nanoseconds = part(centi) * 10_000_000 + part(hundreds) * 100_000 + part(micro) * 1000;
    Timestamp::new(civil, nanoseconds, zone, Precision::Microsecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_zones_in_minutes_and_microseconds() {
        let zone = |value: i16| {
            let bits = value.cast_unsigned() & 0x0fff | 0x1000;
            let [low, high] = bits.to_le_bytes();
            timestamp([low, high, 0xe8, 0x07, 2, 10, 11, 3, 21, 45, 67, 89]).unwrap().to_string()
        };
        assert_eq!(zone(60), "2024-02-10T11:03:21.456789+01:00");
        assert_eq!(zone(-210), "2024-02-10T11:03:21.456789-03:30");
        assert_eq!(zone(-2047), "2024-02-10T11:03:21.456789+00:00");
        assert_eq!(zone(2000), "2024-02-10T11:03:21.456789+00:00");
        // Type 0 is UTC whatever the zone says.
        let utc = timestamp([60, 0, 0xe8, 0x07, 2, 10, 11, 3, 21, 0, 0, 0]).unwrap();
        assert_eq!(utc.to_string(), "2024-02-10T11:03:21+00:00");
    }

    #[test]
    fn unset_and_impossible_moments_are_none() {
        assert_eq!(timestamp([0; 12]), None);
        assert_eq!(timestamp([0xff; 12]), None);
        assert_eq!(timestamp([0, 0x10, 0xe8, 0x07, 2, 30, 0, 0, 0, 0, 0, 0]), None);
        assert!(timestamp([0, 0x10, 0x00, 0x80, 1, 1, 0, 0, 0, 255, 255, 255]).is_some());
    }

    #[test]
    fn lengths_carry_their_type_in_the_top_bits() {
        assert_eq!(ExtentLength(0x4000_0800).kind(), ExtentType::Allocated);
        assert_eq!(ExtentLength(0x8000_0800).kind(), ExtentType::Hole);
        assert_eq!(ExtentLength(0xc000_0800).kind(), ExtentType::Next);
        assert_eq!(ExtentLength(0xffff_ffff).bytes(), 0x3fff_ffff);
    }

    #[test]
    fn revisions_are_binary_coded_decimals() {
        assert_eq!(revision(0x0102).as_deref(), Some("1.02"));
        assert_eq!(revision(0x0260).as_deref(), Some("2.60"));
        assert_eq!(revision(0x02a0), None);
        assert_eq!(revision(0), None);
        assert_eq!(revision(0x1250), None);
    }
}
