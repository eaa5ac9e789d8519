//! The Apple partition map (Inside Macintosh: Devices, chapter 3): a driver descriptor record in block 0 and one entry
//! in each block from block 1 on.

use crate::disc::bytes::Fields;
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::read_up_to;
use crate::disc::tree::DetailGroup;
use crate::disc::{Diagnostics, Extent, Result, Source, limits, text};

use super::partition_types;

const STRUCTURE: &str = "Apple partition map entry";

/// Bytes of an entry that have a meaning.
const ENTRY: usize = 136;

/// A driver descriptor record, the first block of a disk that has a map. Discs that start from a USB stick begin with
/// one made of instructions that do no harm, of which only the signature and the block size are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DriverDescriptorRecord {
    /// Bytes of a block.
    pub block_size: u16,
    /// Number of blocks of the device.
    pub block_count: u32,
    /// Number of drivers.
    pub drivers: u16,
}

/// One map. A disc may have two: one with entries 512 bytes apart, for hard disks and the Mac OS, and one with entries
/// 2048 bytes apart, for Open Firmware.
#[derive(Debug, Clone)]
pub struct ApplePartitionMap {
    /// Bytes from one entry to the next.
    pub spacing: u32,
    /// Bytes of the blocks in which partitions are counted.
    pub unit: u32,
    /// All entries, that of the map itself included.
    pub entries: Vec<ApmEntry>,
    /// The driver descriptor record, when there is one.
    pub driver_descriptor: Option<DriverDescriptorRecord>,
    /// Where the entries stand.
    pub extent: Extent,
}

/// A partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApmEntry {
    /// 1 for the first entry of the map, as the Mac OS counts.
    pub number: u32,
    /// Absolute byte offset of the entry.
    pub record: u64,
    /// Entries that the map has, as each of them says.
    pub map_entries: u32,
    /// First block and number of blocks.
    pub blocks: (u32, u32),
    /// Name (Mac Roman).
    pub name: String,
    /// Type (ASCII), such as `Apple_HFS`.
    pub kind: String,
    /// Status bits; bit 0 makes the entry valid, bit 3 a Mac starts from it.
    pub status: u32,
    /// The bytes of the partition.
    pub extent: Extent,
}

impl ApmEntry {
    /// True for entries that only describe the map, or space that no one uses.
    pub fn is_filler(&self) -> bool {
        ["Apple_partition_map", "Apple_Free", "Apple_Void", "Apple_Scratch", "Apple_Extra"]
            .iter()
            .any(|kind| kind.eq_ignore_ascii_case(&self.kind))
    }

    /// Every field with its meaning and byte offset.
    pub fn details(&self) -> DetailGroup {
        let at = |byte: u64| Some(self.record.saturating_add(byte));
        let mut group = DetailGroup::new(STRUCTURE);
        group.add("Entries of the map", self.map_entries.to_string(), at(4));
        let (first, count) = self.blocks;
        group.add("First block", format!("{first} (byte {})", self.extent.offset), at(8));
        group.add("Number of blocks", format!("{count} ({} bytes)", self.extent.length), at(12));
        group.add("Name", text::display(&self.name), at(16));
        group.add("Type", format!("{} ({})", text::display(&self.kind), partition_types::of_apm(&self.kind)), at(48));
        group.add("Status", status(self.status), at(88));
        group
    }
}

/// Reads the maps of an image: none, one, or two.
pub fn read(source: &dyn Source, diagnostics: &mut Diagnostics) -> Result<Vec<ApplePartitionMap>> {
    let head = read_up_to(source, Extent::new(0, 512))?;
    let driver_descriptor = parse_driver_descriptor(&head);
    let mut maps: Vec<ApplePartitionMap> = Vec::new();
    for spacing in [512, 2048] {
        let read = read_map(source, spacing, !maps.is_empty(), diagnostics);
        if let Some(mut map) = diagnostics.salvage(read)?.flatten() {
            map.driver_descriptor = driver_descriptor;
            map.choose_unit(source, diagnostics)?;
            maps.push(map);
        }
    }
    Ok(maps)
}

fn parse_driver_descriptor(head: &[u8]) -> Option<DriverDescriptorRecord> {
    let fields = Fields::new(head, 0, "driver descriptor record");
    let block_size = fields.be16(2).ok().filter(|_| head.starts_with(b"ER"))?;
    Some(DriverDescriptorRecord { block_size, block_count: fields.be32(4).ok()?, drivers: fields.be16(16).ok()? })
}

/// The map whose entries stand `spacing` bytes apart. Block 4 of a map of small blocks is where a map of large blocks
/// begins, so `has_small` says that only an entry that describes a map makes one.
fn read_map(
    source: &dyn Source,
    spacing: u32,
    has_small: bool,
    diagnostics: &mut Diagnostics,
) -> Result<Option<ApplePartitionMap>> {
    let start = u64::from(spacing);
    let first = read_up_to(source, Extent::new(start, ENTRY as u64))?;
    let Some(first) = parse_entry(&first, start, 1, spacing) else { return Ok(None) };
    if first.map_entries == 0 || has_small && !first.kind.eq_ignore_ascii_case("Apple_partition_map") {
        return Ok(None);
    }
    let count = first.map_entries.min(limits::PARTITIONS);
    if first.map_entries > count {
        let message = format!("The Apple partition map has {} entries, of which {count} are read", first.map_entries);
        diagnostics.warning(STRUCTURE, start.saturating_add(4), message);
    }
    let extent = Extent::new(start, u64::from(count).saturating_mul(start));
    let bytes = read_up_to(source, extent)?;
    let mut map = ApplePartitionMap { spacing, unit: spacing, entries: Vec::new(), driver_descriptor: None, extent };
    let mut missing: Option<(u64, u32)> = None;
    for number in 1..=count {
        let at = u64::from(number.saturating_sub(1)).saturating_mul(start);
        let bytes = usize::try_from(at).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
        let offset = start.saturating_add(at);
        match parse_entry(bytes, offset, number, spacing) {
            Some(entry) => map.entries.push(entry),
            None => missing = Some(missing.map_or((offset, 1), |(first, lost)| (first, lost.saturating_add(1)))),
        }
    }
    if let Some((offset, lost)) = missing {
        let message = format!("{lost} of the {count} entries of the Apple partition map are missing");
        diagnostics.warning(STRUCTURE, offset, message);
    }
    Ok(Some(map))
}

fn parse_entry(bytes: &[u8], offset: u64, number: u32, unit: u32) -> Option<ApmEntry> {
    let fields = Fields::new(bytes, offset, STRUCTURE);
    if !bytes.starts_with(b"PM") {
        return None;
    }
    let words = |at| fields.bytes(at, 32).ok().map(|bytes| bytes.split(|byte| *byte == 0).next().unwrap_or_default());
    let mut entry = ApmEntry {
        number,
        record: offset,
        map_entries: fields.be32(4).ok()?,
        blocks: (fields.be32(8).ok()?, fields.be32(12).ok()?),
        name: encoding_rs::MACINTOSH.decode_without_bom_handling(words(16)?).0.into_owned(),
        kind: text::utf8(words(48)?).text.into_owned(),
        status: fields.be32(88).ok()?,
        extent: Extent::default(),
    };
    entry.place(unit);
    Some(entry)
}

impl ApmEntry {
    /// Puts the partition where it lies when blocks have `unit` bytes.
    fn place(&mut self, unit: u32) {
        let bytes = |blocks: u32| u64::from(blocks).saturating_mul(u64::from(unit));
        self.extent = Extent::new(bytes(self.blocks.0), bytes(self.blocks.1));
    }
}

impl ApplePartitionMap {
    /// Finds out in which blocks the partitions are counted. Those are the blocks of the map, but the program isohybrid
    /// makes maps of 2048-byte blocks whose partitions are counted in 512 bytes.
    fn choose_unit(&mut self, source: &dyn Source, diagnostics: &mut Diagnostics) -> Result<()> {
        let len = source.len().max(diagnostics.salvage(volume_end(source))?.unwrap_or(0));
        let described = self.driver_descriptor.map(|record| u32::from(record.block_size));
        let mut units = vec![self.spacing];
        units.extend(described.into_iter().chain([512, 2048]).filter(|unit| matches!(unit, 512 | 1024 | 2048 | 4096)));
        let fits = |unit: &u32| {
            let mut ends = self.entries.iter().map(|entry| {
                (u64::from(entry.blocks.0).saturating_add(u64::from(entry.blocks.1))).saturating_mul(u64::from(*unit))
            });
            ends.all(|end| end <= len)
        };
        units.retain(fits);
        let mut chosen = units.first().copied().unwrap_or(self.spacing);
        for unit in &units {
            if diagnostics.salvage(self.holds_volumes(source, *unit))? == Some(true) {
                chosen = *unit;
                break;
            }
        }
        if chosen != self.spacing {
            let message = format!(
                "The entries of the Apple partition map stand {} bytes apart, but count blocks of {chosen} bytes",
                self.spacing
            );
            diagnostics.info(STRUCTURE, self.extent.offset, message);
            self.unit = chosen;
            self.entries.iter_mut().for_each(|entry| entry.place(chosen));
        }
        Ok(())
    }

    /// True when a volume begins where one of the first partitions does if blocks have `unit` bytes.
    fn holds_volumes(&self, source: &dyn Source, unit: u32) -> Result<bool> {
        /// Partitions that are looked into.
        const PROBED: usize = 4;
        for entry in self.entries.iter().filter(|entry| !entry.is_filler()).take(PROBED) {
            let start = u64::from(entry.blocks.0).saturating_mul(u64::from(unit));
            let bytes = read_up_to(source, Extent::new(start, 1026))?;
            let hfs = matches!(bytes.get(1024..), Some(b"BD" | b"H+" | b"HX"));
            if hfs || bytes.get(510..512) == Some(&[0x55, 0xaa]) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The driver descriptor record and the map as a whole, field by field.
    pub fn details(&self) -> Vec<DetailGroup> {
        let mut groups = Vec::new();
        if let Some(record) = self.driver_descriptor {
            let mut group = DetailGroup::new("Driver descriptor record");
            group.add("Block size", format!("{} bytes", record.block_size), Some(2));
            group.add("Number of blocks", record.block_count.to_string(), Some(4));
            group.add("Number of drivers", record.drivers.to_string(), Some(16));
            groups.push(group);
        }
        let mut group = DetailGroup::new("Apple partition map");
        group.add("Entries", self.entries.len().to_string(), Some(self.extent.offset));
        group.add("Entries apart", format!("{} bytes", self.spacing), Some(self.extent.offset));
        group.add("Partitions counted in", format!("{} bytes", self.unit), Some(self.extent.offset));
        groups.push(group);
        groups
    }
}

/// Where the ISO 9660 volume ends, which an image that is cut off does not reach; 0 when there is none.
fn volume_end(source: &dyn Source) -> Result<u64> {
    let bytes = read_up_to(source, Extent::new(16 * SECTOR_SIZE, 88))?;
    let fields = Fields::new(&bytes, 16 * SECTOR_SIZE, "volume descriptor");
    let blocks = fields.le32(80).ok().filter(|_| bytes.starts_with(b"\x01CD001"));
    Ok(blocks.map_or(0, |blocks| u64::from(blocks).saturating_mul(SECTOR_SIZE)))
}

/// Status bits in words (Inside Macintosh: Devices, and A/UX).
fn status(bits: u32) -> String {
    const NAMES: [(u32, &str); 9] = [
        (0, "valid"),
        (1, "allocated"),
        (2, "in use"),
        (3, "boots"),
        (4, "readable"),
        (5, "writable"),
        (6, "position-independent"),
        (30, "mounted at startup"),
        (31, "startup"),
    ];
    let set: Vec<&str> = NAMES.iter().filter(|(bit, _)| bits >> bit & 1 != 0).map(|(_, name)| *name).collect();
    format!("0x{bits:08x} ({})", if set.is_empty() { "none".to_owned() } else { set.join(", ") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::source::MemorySource;

    /// Puts an entry into the block at byte `at`.
    fn put(image: &mut [u8], at: usize, count: u32, blocks: (u32, u32), kind: &str) {
        let entry = &mut image[at..at + 512];
        entry[..2].copy_from_slice(b"PM");
        entry[4..8].copy_from_slice(&count.to_be_bytes());
        entry[8..12].copy_from_slice(&blocks.0.to_be_bytes());
        entry[12..16].copy_from_slice(&blocks.1.to_be_bytes());
        entry[16..20].copy_from_slice(b"Na\x9fe");
        entry[48..48 + kind.len()].copy_from_slice(kind.as_bytes());
        entry[91] = 1;
    }

    fn maps(image: Vec<u8>) -> (Vec<ApplePartitionMap>, Diagnostics) {
        let mut diagnostics = Diagnostics::default();
        let maps = read(&MemorySource::new(image), &mut diagnostics).unwrap();
        (maps, diagnostics)
    }

    fn extents(map: &ApplePartitionMap) -> Vec<(u32, u64, u64)> {
        map.entries.iter().map(|entry| (entry.number, entry.extent.offset, entry.extent.length)).collect()
    }

    #[test]
    fn a_map_of_small_blocks_is_read_with_names_in_mac_roman() {
        let mut image = vec![0; 64 << 10];
        image[..4].copy_from_slice(b"ER\x02\x00");
        put(&mut image, 512, 2, (1, 2), "Apple_partition_map");
        put(&mut image, 1024, 2, (16, 100), "Apple_HFS");
        let (maps, diagnostics) = maps(image);
        assert_eq!(maps.len(), 1);
        assert_eq!(extents(&maps[0]), [(1, 512, 1024), (2, 8192, 51_200)]);
        assert_eq!((&*maps[0].entries[1].name, &*maps[0].entries[1].kind), ("Naüe", "Apple_HFS"));
        assert!(maps[0].entries[0].is_filler() && !maps[0].entries[1].is_filler());
        assert_eq!(maps[0].driver_descriptor.unwrap().block_size, 512);
        assert!(diagnostics.is_empty());
    }

    #[test]
    fn the_fourth_small_block_is_no_map_of_its_own() {
        let mut image = vec![0; 64 << 10];
        for (number, first) in [(1, 8), (2, 16), (3, 24), (4, 32)] {
            put(&mut image, number * 512, 4, (first, 8), "ISO9660_data");
        }
        let (maps, _) = maps(image);
        assert_eq!(maps.len(), 1);
        assert_eq!(maps[0].entries.len(), 4);
    }

    #[test]
    fn a_disc_may_have_both_maps() {
        let mut image = vec![0; 1 << 20];
        put(&mut image, 512, 2, (1, 2), "Apple_partition_map");
        put(&mut image, 1024, 2, (160, 100), "Apple_HFS");
        put(&mut image, 2048, 2, (1, 2), "Apple_partition_map");
        put(&mut image, 4096, 2, (40, 25), "Apple_HFS");
        let (maps, diagnostics) = maps(image);
        assert_eq!(extents(&maps[0])[1], (2, 81_920, 51_200));
        assert_eq!(extents(&maps[1])[1], (2, 81_920, 51_200));
        assert!(diagnostics.is_empty());
    }

    #[test]
    fn small_units_in_a_map_of_large_blocks_are_found_by_size_and_by_what_is_there() {
        let mut image = vec![0; 256 << 10];
        put(&mut image, 2048, 2, (1, 2), "Apple_partition_map");
        put(&mut image, 4096, 2, (40, 300), "Apple_HFS");
        let (by_size, diagnostics) = maps(image.clone());
        assert_eq!((by_size[0].unit, extents(&by_size[0])[1]), (512, (2, 20_480, 153_600)));
        assert_eq!(diagnostics.items()[0].offset, 2048);
        put(&mut image, 4096, 2, (40, 10), "Apple_HFS");
        assert_eq!(maps(image.clone()).0[0].unit, 2048);
        image[40 * 512 + 1024..][..2].copy_from_slice(b"H+");
        assert_eq!(maps(image).0[0].unit, 512);
    }

    #[test]
    fn missing_entries_and_endless_maps_hide_nothing() {
        let mut image = vec![0; 64 << 10];
        put(&mut image, 512, u32::MAX, (1, 3), "Apple_partition_map");
        put(&mut image, 1536, 3, (16, 100), "Apple_HFS");
        let (maps, diagnostics) = maps(image);
        assert_eq!(extents(&maps[0]).last(), Some(&(3, 8192, 51_200)));
        let places: Vec<_> = diagnostics.items().iter().map(|item| item.offset).collect();
        assert_eq!(places, [516, 1024]);
    }
}
