//! The master boot record: four entries of a partition table behind the boot code, and the chain of extended boot
//! records that hold logical partitions.

use std::collections::HashSet;

use crate::disc::bytes::Fields;
use crate::disc::source::{read_exact, read_up_to};
use crate::disc::tree::DetailGroup;
use crate::disc::{Diagnostics, Extent, Result, Source, limits};

use super::partition_types;

const STRUCTURE: &str = "master boot record";
const EXTENDED: &str = "extended boot record";

/// Bytes of the record, whatever the sectors of the medium have.
const RECORD: usize = 512;

/// Where the table stands in the record, and how long an entry is.
const TABLE: usize = 446;
/// The same as a byte offset in the image.
pub const TABLE_OFFSET: u64 = TABLE as u64;
const ENTRY: usize = 16;

/// The type that covers a disk whose real table is a GPT (UEFI 2.10 §5.2.3).
pub const PROTECTIVE: u8 = 0xee;

/// A master boot record with at least one entry in use.
#[derive(Debug, Clone)]
pub struct MasterBootRecord {
    /// The number by which Windows knows the disk (byte 440).
    pub disk_signature: u32,
    /// The entries in use: 1 to 4 from the record itself, from 5 on logical partitions.
    pub entries: Vec<MbrEntry>,
    /// Where the records of the chain of logical partitions stand.
    pub extended_records: Vec<Extent>,
}

/// One entry of a partition table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MbrEntry {
    /// 1 to 4 for the entries of the master boot record, from 5 on for logical partitions.
    pub number: u32,
    /// Absolute byte offset of the entry.
    pub record: u64,
    /// 80 for the partition that a BIOS should start from, otherwise 0.
    pub status: u8,
    /// The type byte.
    pub kind: u8,
    /// First block, counted from the start of the image.
    pub first_block: u64,
    /// Number of blocks.
    pub blocks: u32,
    /// First and last sector as cylinder, head and sector. Meaningless on media of today.
    pub geometry: [[u8; 3]; 2],
    /// The bytes of the partition.
    pub extent: Extent,
}

impl MbrEntry {
    /// The entry at `at` of a record, with blocks counted from `base`; `None` when it is not in use.
    fn parse(fields: &Fields<'_>, at: usize, base: u64, block_size: u32) -> Result<Option<Self>> {
        let bytes = fields.array::<ENTRY>(at)?;
        if bytes == [0; ENTRY] {
            return Ok(None);
        }
        let first_block = base.saturating_add(u64::from(fields.le32(at.saturating_add(8))?));
        let blocks = fields.le32(at.saturating_add(12))?;
        let unit = u64::from(block_size);
        let geometry = |at| fields.array::<3>(at);
        Ok(Some(Self {
            number: 0,
            record: fields.offset_of(at),
            status: fields.u8(at)?,
            kind: fields.u8(at.saturating_add(4))?,
            first_block,
            blocks,
            geometry: [geometry(at.saturating_add(1))?, geometry(at.saturating_add(5))?],
            extent: Extent::new(first_block.saturating_mul(unit), u64::from(blocks).saturating_mul(unit)),
        }))
    }

    /// True for the entry that only covers what a GPT describes.
    pub fn is_protective(&self) -> bool {
        self.kind == PROTECTIVE
    }

    /// True for the entry that holds logical partitions.
    pub fn is_extended(&self) -> bool {
        matches!(self.kind, 0x05 | 0x0f | 0x85)
    }

    /// True when a table may hold this: the status is one of the two that exist, and there are blocks.
    fn is_sane(&self) -> bool {
        matches!(self.status, 0x00 | 0x80) && self.blocks > 0
    }

    /// Every field with its meaning and byte offset.
    pub fn details(&self) -> DetailGroup {
        let mut group = DetailGroup::new("Partition table entry");
        let at = |byte: u64| Some(self.record.saturating_add(byte));
        let active = if self.status == 0x80 { "active" } else { "not active" };
        group.add("Boot indicator", format!("{:02X} ({active})", self.status), at(0));
        let [first, last] = self.geometry.map(geometry);
        group.add("First sector (cylinder, head, sector)", first, at(1));
        group.add("Partition type", format!("{:02X} ({})", self.kind, partition_types::of_mbr(self.kind)), at(4));
        group.add("Last sector (cylinder, head, sector)", last, at(5));
        group.add("First block", format!("{} (byte {})", self.first_block, self.extent.offset), at(8));
        group.add("Number of blocks", format!("{} ({} bytes)", self.blocks, self.extent.length), at(12));
        group
    }
}

/// Cylinder, head and sector from their 10, 8 and 6 bits.
fn geometry([head, sector, cylinder]: [u8; 3]) -> String {
    format!("{}, {head}, {}", u16::from(cylinder) | (u16::from(sector & 0xc0) << 2), sector & 0x3f)
}

/// Reads the master boot record of an image whose table counts blocks of `block_size` bytes. `None` when there is none,
/// as in a boot sector that is only that, or in a table that is empty.
pub fn read(source: &dyn Source, block_size: u32, diagnostics: &mut Diagnostics) -> Result<Option<MasterBootRecord>> {
    let bytes = read_up_to(source, Extent::new(0, RECORD as u64))?;
    let fields = Fields::new(&bytes, 0, STRUCTURE);
    if fields.array::<2>(510).ok() != Some([0x55, 0xaa]) || is_volume_boot_sector(&fields) {
        return Ok(None);
    }
    let mut record =
        MasterBootRecord { disk_signature: fields.le32(440)?, entries: Vec::new(), extended_records: Vec::new() };
    let mut doubtful = Vec::new();
    for (number, at) in (1..).zip((TABLE..510).step_by(ENTRY)) {
        let Some(entry) = MbrEntry::parse(&fields, at, 0, block_size)? else { continue };
        let entry = MbrEntry { number, ..entry };
        if entry.is_sane() {
            record.entries.push(entry);
        } else if entry.kind != 0 || entry.blocks > 0 || entry.status & 0x7f != 0 {
            doubtful.push(entry);
        }
    }
    // Boot code may stand where the table should be. One entry that makes sense, among others that do not, makes a table.
    let inside = |entry: &MbrEntry| entry.extent.inside(source.len()) > 0 && partition_types::is_known_mbr(entry.kind);
    if record.entries.is_empty() || !doubtful.is_empty() && !record.entries.iter().any(inside) {
        return Ok(None);
    }
    for entry in doubtful {
        let number = entry.number;
        if entry.blocks == 0 {
            diagnostics.info(STRUCTURE, entry.record, format!("Entry {number} of the partition table has no blocks"));
        } else {
            let message =
                format!("Entry {number} of the partition table has the impossible status {:02X}", entry.status);
            diagnostics.warning(STRUCTURE, entry.record, message);
            if inside(&entry) {
                record.entries.push(entry);
            }
        }
    }
    record.entries.sort_by_key(|entry| entry.number);
    let extended: Vec<u64> =
        record.entries.iter().filter(|entry| entry.is_extended()).map(|entry| entry.first_block).collect();
    let mut visited = HashSet::new();
    for base in extended {
        read_chain(source, block_size, base, &mut record, &mut visited, diagnostics)?;
    }
    Ok(Some(record))
}

/// Follows the extended boot records from the block `base` on. Each has one logical partition, counted from its own
/// place, and the place of the next one, counted from `base`.
fn read_chain(
    source: &dyn Source,
    block_size: u32,
    base: u64,
    record: &mut MasterBootRecord,
    visited: &mut HashSet<u64>,
    diagnostics: &mut Diagnostics,
) -> Result<()> {
    let mut here = base;
    loop {
        let offset = here.saturating_mul(u64::from(block_size));
        if !visited.insert(here) {
            let message = "The chain of logical partitions comes back to a place where it was before";
            diagnostics.warning(EXTENDED, offset, message);
            return Ok(());
        }
        if visited.len() > limits::LOGICAL_PARTITIONS {
            let message = format!("Logical partitions after the first {} are not read", limits::LOGICAL_PARTITIONS);
            diagnostics.error(EXTENDED, offset, message);
            return Ok(());
        }
        let mut bytes = [0; RECORD];
        if diagnostics.salvage(read_exact(source, EXTENDED, offset, &mut bytes))?.is_none() {
            return Ok(());
        }
        let fields = Fields::new(&bytes, offset, EXTENDED);
        if fields.array::<2>(510)? != [0x55, 0xaa] {
            diagnostics.warning(
                EXTENDED,
                offset,
                "The chain of logical partitions leads to a sector that is not a part of it",
            );
            return Ok(());
        }
        record.extended_records.push(Extent::new(offset, RECORD as u64));
        if let Some(entry) = MbrEntry::parse(&fields, TABLE, here, block_size)?.filter(|entry| entry.blocks > 0) {
            let number = record.entries.iter().map(|entry| entry.number).max().unwrap_or(0).max(4).saturating_add(1);
            record.entries.push(MbrEntry { number, ..entry });
        }
        match MbrEntry::parse(&fields, TABLE.saturating_add(ENTRY), base, block_size)? {
            Some(next) if next.is_extended() && next.blocks > 0 => here = next.first_block,
            _ => return Ok(()),
        }
    }
}

/// True for the first sector of a FAT or NTFS volume, which has the signature too, and text or code in the table's place.
fn is_volume_boot_sector(fields: &Fields<'_>) -> bool {
    let jump = matches!(fields.u8(0), Ok(0xeb | 0xe9));
    let says = |at, text: &[u8]| fields.bytes(at, text.len()).is_ok_and(|bytes| bytes == text);
    jump && (says(54, b"FAT1") || says(82, b"FAT32") || says(3, b"NTFS    ") || says(3, b"EXFAT   "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::source::MemorySource;

    fn entry(status: u8, kind: u8, first: u32, blocks: u32) -> [u8; 16] {
        let mut entry = [0; 16];
        entry[0] = status;
        entry[4] = kind;
        entry[8..12].copy_from_slice(&first.to_le_bytes());
        entry[12..].copy_from_slice(&blocks.to_le_bytes());
        entry
    }

    fn put(image: &mut [u8], block: usize, entries: &[[u8; 16]]) {
        for (number, entry) in entries.iter().enumerate() {
            let at = block * 512 + TABLE + number * ENTRY;
            image[at..at + ENTRY].copy_from_slice(entry);
        }
        image[block * 512 + 510..block * 512 + 512].copy_from_slice(&[0x55, 0xaa]);
    }

    fn table(image: Vec<u8>) -> (Option<MasterBootRecord>, Diagnostics) {
        let mut diagnostics = Diagnostics::default();
        let record = read(&MemorySource::new(image), 512, &mut diagnostics).unwrap();
        (record, diagnostics)
    }

    fn numbers(record: &MasterBootRecord) -> Vec<(u32, u8, u64, u32)> {
        record.entries.iter().map(|entry| (entry.number, entry.kind, entry.first_block, entry.blocks)).collect()
    }

    #[test]
    fn the_entries_of_an_isohybrid_disc_are_nested_and_start_at_block_zero() {
        let mut image = vec![0; 512 * 512];
        put(&mut image, 0, &[entry(0x80, 0x00, 0, 512), entry(0, 0xef, 100, 64)]);
        let (record, diagnostics) = table(image);
        let record = record.unwrap();
        assert_eq!(numbers(&record), [(1, 0, 0, 512), (2, 0xef, 100, 64)]);
        assert_eq!(record.entries[1].extent, Extent::new(51_200, 32_768));
        assert_eq!(record.entries[1].record, 462);
        assert!(diagnostics.is_empty());
    }

    #[test]
    fn logical_partitions_are_followed_from_record_to_record() {
        let mut image = vec![0; 512 * 512];
        put(&mut image, 0, &[entry(0, 0x83, 1, 9), entry(0, 0x0f, 10, 400)]);
        put(&mut image, 10, &[entry(0, 0x83, 2, 20), entry(0, 0x05, 50, 30)]);
        put(&mut image, 60, &[entry(0, 0x07, 3, 21)]);
        let record = table(image).0.unwrap();
        assert_eq!(numbers(&record), [(1, 0x83, 1, 9), (2, 0x0f, 10, 400), (5, 0x83, 12, 20), (6, 0x07, 63, 21)]);
        assert_eq!(record.extended_records, [Extent::new(5120, 512), Extent::new(30_720, 512)]);
    }

    #[test]
    fn a_chain_that_bites_its_tail_ends_and_is_told() {
        let mut image = vec![0; 512 * 64];
        put(&mut image, 0, &[entry(0, 0x05, 10, 50)]);
        put(&mut image, 10, &[entry(0, 0x83, 1, 2), entry(0, 0x05, 20, 9)]);
        put(&mut image, 30, &[entry(0, 0x83, 1, 2), entry(0, 0x05, 0, 9)]);
        let (record, diagnostics) = table(image);
        assert_eq!(record.unwrap().entries.len(), 3);
        assert_eq!(diagnostics.items()[0].offset, 5120);
    }

    #[test]
    fn a_chain_that_leads_out_of_the_image_keeps_what_it_had() {
        let mut image = vec![0; 512 * 64];
        put(&mut image, 0, &[entry(0, 0x05, 10, 50), entry(0, 0x83, 1, 9)]);
        put(&mut image, 10, &[entry(0, 0x83, 1, 2), entry(0, 0x05, u32::MAX, 9)]);
        let (record, diagnostics) = table(image);
        assert_eq!(record.unwrap().entries.len(), 3);
        assert_eq!(diagnostics.items().len(), 1);
    }

    #[test]
    fn boot_sectors_without_a_table_give_no_partitions() {
        let mut code = vec![0xf4; 4096];
        code[510..512].copy_from_slice(&[0x55, 0xaa]);
        assert!(table(code).0.is_none());
        let mut empty = vec![0; 4096];
        put(&mut empty, 0, &[]);
        assert!(table(empty).0.is_none());
        let mut fat = vec![0; 4096];
        put(&mut fat, 0, &[entry(0x80, 0x06, 1, 7)]);
        assert!(table(fat.clone()).0.is_some());
        fat[0] = 0xeb;
        fat[54..62].copy_from_slice(b"FAT12   ");
        assert!(table(fat).0.is_none());
        assert!(table(vec![0x55; 100]).0.is_none());
    }

    #[test]
    fn an_entry_with_an_impossible_status_hides_no_other() {
        let mut image = vec![0; 512 * 64];
        put(&mut image, 0, &[entry(0x17, 0x83, 1, 9), entry(0, 0xef, 10, 20), entry(0x33, 0x99, 1 << 30, 5)]);
        let (record, diagnostics) = table(image);
        assert_eq!(numbers(&record.unwrap()), [(1, 0x83, 1, 9), (2, 0xef, 10, 20)]);
        let places: Vec<_> = diagnostics.items().iter().map(|item| item.offset).collect();
        assert_eq!(places, [446, 478]);
    }
}
