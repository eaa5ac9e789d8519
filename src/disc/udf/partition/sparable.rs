//! Sparable partitions (OSTA UDF 2.60 §2.2.9, §2.2.12): packets that became defective lie elsewhere, as a table says.

use crate::disc::bytes::Fields;
use crate::disc::{Error, Extent, Result};

use super::super::pieces::Pieces;
use super::super::primitive::EntityId;
use super::super::tag::{Check, Tag, id};

const STRUCTURE: &str = "sparing table";

/// Identifier of a sparing table.
const IDENTIFIER: &[u8] = b"*UDF Sparing Table";

/// Original locations from here on are no packets: free spare packets, and defective ones.
const FIRST_SPECIAL: u32 = 0xffff_fff0;

/// Where the table's entries start.
const ENTRIES: usize = 56;

/// The packets of a partition that lie elsewhere.
#[derive(Debug, Clone)]
pub(in crate::disc::udf) struct SparingTable {
    /// Blocks of a packet.
    packet: u32,
    /// First byte of the volume, from which the new places are counted.
    volume: u64,
    /// First block of a packet in the partition, and the block of the volume where the packet lies instead. Sorted.
    spared: Vec<(u32, u32)>,
}

/// A sparing table as it was read.
#[derive(Debug, Clone)]
pub(in crate::disc::udf) struct ReadTable {
    /// Sequence number: the highest is the newest.
    pub(in crate::disc::udf) sequence: u32,
    /// Entries in all, free ones included.
    pub(in crate::disc::udf) count: u16,
    /// What checking its tag found.
    pub(in crate::disc::udf) check: Check,
    /// First block of a packet and where it lies instead.
    pub(in crate::disc::udf) spared: Vec<(u32, u32)>,
}

impl ReadTable {
    /// The table in `bytes`, which stand at the absolute byte `offset`.
    pub(in crate::disc::udf) fn parse(bytes: &[u8], offset: u64) -> Result<Self> {
        let fields = Fields::new(bytes, offset, STRUCTURE);
        let (_, check) = Tag::of(bytes, id::SPARING_TABLE)
            .filter(|_| EntityId::read(&fields, 16).is_ok_and(|entity| entity.is(IDENTIFIER)))
            .ok_or_else(|| Error::damaged(STRUCTURE, offset, "There is no sparing table here"))?;
        let count = fields.le16(48)?;
        let mut spared = Vec::new();
        let (pairs, _) = fields.bytes(ENTRIES, usize::from(count) * 8)?.as_chunks::<8>();
        for [o0, o1, o2, o3, m0, m1, m2, m3] in pairs {
            let original = u32::from_le_bytes([*o0, *o1, *o2, *o3]);
            if original < FIRST_SPECIAL {
                spared.push((original, u32::from_le_bytes([*m0, *m1, *m2, *m3])));
            }
        }
        Ok(Self { sequence: fields.le32(52)?, count, check, spared })
    }
}

impl SparingTable {
    /// A table for packets of `packet` blocks in a volume whose first byte is `volume`.
    pub(in crate::disc::udf) fn new(packet: u16, volume: u64, mut spared: Vec<(u32, u32)>) -> Self {
        spared.sort_by_key(|(original, _)| *original);
        spared.dedup_by_key(|(original, _)| *original);
        Self { packet: u32::from(packet).max(1), volume, spared }
    }

    /// Appends the pieces of `length` bytes from `block` of the partition on, whose first byte is `start`; false when
    /// there are too many.
    pub(super) fn extents(&self, start: u64, block: u32, length: u64, block_size: u32, pieces: &mut Pieces) -> bool {
        let size = u64::from(block_size);
        let (packet, first) = (u64::from(self.packet), u64::from(block));
        let end = first.saturating_mul(size).saturating_add(length);
        let mut at = first.saturating_mul(size);
        // A packet that begins before the block may hold it.
        let from = first - first % packet;
        let next = self.spared.partition_point(|(original, _)| u64::from(*original) < from);
        for (original, mapped) in self.spared.get(next..).unwrap_or_default() {
            let spared = u64::from(*original).saturating_mul(size);
            if spared >= end {
                break;
            }
            if at < spared {
                if !pieces.push(Extent::new(start.saturating_add(at), spared - at)) {
                    return false;
                }
                at = spared;
            }
            let inside = at - spared;
            let here = packet.saturating_mul(size).saturating_sub(inside).min(end - at);
            let place = u64::from(*mapped).saturating_mul(size).saturating_add(inside).saturating_add(self.volume);
            if !pieces.push(Extent::new(place, here)) {
                return false;
            }
            at = at.saturating_add(here);
            if at >= end {
                return true;
            }
        }
        pieces.push(Extent::new(start.saturating_add(at), end.saturating_sub(at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::udf::tag::crc16;

    #[test]
    fn spared_packets_are_read_from_their_new_place() {
        // Packets of 4 blocks of 512 bytes in a partition at byte 10,000; packet 8 lies at block 100 of the volume.
        let table = SparingTable::new(4, 1000, vec![(8, 100), (20, 200)]);
        let pieces = |block, length| {
            let mut pieces = Pieces::new(100);
            assert!(table.extents(10_000, block, length, 512, &mut pieces));
            pieces.list().to_vec()
        };
        assert_eq!(pieces(0, 512), [Extent::new(10_000, 512)]);
        assert_eq!(pieces(9, 512), [Extent::new(1000 + 101 * 512, 512)]);
        assert_eq!(pieces(10, 700), [Extent::new(1000 + 102 * 512, 700)]);
        assert_eq!(
            pieces(6, 8 * 512),
            [
                Extent::new(10_000 + 6 * 512, 1024),
                Extent::new(1000 + 100 * 512, 2048),
                Extent::new(10_000 + 12 * 512, 1024)
            ]
        );
        assert_eq!(pieces(20, 2048), [Extent::new(1000 + 200 * 512, 2048)]);
        assert_eq!(pieces(24, 100), [Extent::new(10_000 + 24 * 512, 100)]);
    }

    #[test]
    fn free_and_defective_spare_packets_are_not_in_use() {
        let mut bytes = vec![0; 56];
        bytes[17..17 + IDENTIFIER.len()].copy_from_slice(IDENTIFIER);
        bytes[48] = 3;
        bytes[52] = 7;
        for entry in [[0xffff_ffff_u32, 50], [64, 82], [0xffff_fff0, 114]] {
            entry.iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
        }
        let crc = crc16(&bytes[16..]);
        bytes[2] = 3;
        bytes[8..10].copy_from_slice(&crc.to_le_bytes());
        let len = u16::try_from(bytes.len() - 16).unwrap();
        bytes[10..12].copy_from_slice(&len.to_le_bytes());
        bytes[4] = bytes[..16].iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        let table = ReadTable::parse(&bytes, 0).unwrap();
        assert!(table.check.sound());
        assert_eq!((table.sequence, table.count, table.spared), (7, 3, vec![(64, 82)]));
        bytes[48] = 4;
        assert!(ReadTable::parse(&bytes, 0).is_err());
        assert!(ReadTable::parse(&[0; 64], 0).is_err());
    }
}
