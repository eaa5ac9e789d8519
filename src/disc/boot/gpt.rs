//! The GUID partition table (UEFI 2.10 §5.3): a header and an array of entries at the front, and both once more at the
//! end, each with a checksum.

use crate::disc::bytes::Fields;
use crate::disc::source::read_up_to;
use crate::disc::tree::DetailGroup;
use crate::disc::{Diagnostics, Error, Extent, Result, Source, limits, text};

use super::partition_types;

const HEADER: &str = "GPT header";
const ENTRIES: &str = "GPT partition entry array";
const ENTRY: &str = "GPT partition entry";

const SIGNATURE: &[u8; 8] = b"EFI PART";

/// The sizes of a block that media have: hard disks and nearly all images, newer hard disks, discs.
const BLOCK_SIZES: [u32; 3] = [512, 4096, 2048];

/// A globally unique identifier, as it stands on the disc: the first three fields are little-endian (UEFI appendix A).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Guid(pub [u8; 16]);

impl std::fmt::Display for Guid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d, e, g, h, i, rest @ ..] = self.0;
        let first = u32::from_le_bytes([a, b, c, d]);
        let (second, third) = (u16::from_le_bytes([e, g]), u16::from_le_bytes([h, i]));
        write!(f, "{first:08x}-{second:04x}-{third:04x}-")?;
        let (clock, node) = rest.split_at(2);
        write!(f, "{}-{}", text::hex(clock), text::hex(node))
    }
}

/// One of the two headers (UEFI 2.10 §5.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GptHeader {
    /// Absolute byte offset of the header.
    pub offset: u64,
    /// Bytes of a block.
    pub block_size: u32,
    /// Bytes of the header that its checksum covers.
    pub header_size: u32,
    /// True when the checksum of the header is right.
    pub intact: bool,
    /// The block where the header says that it stands.
    pub my_lba: u64,
    /// The block of the other header.
    pub alternate_lba: u64,
    /// The first and the last block that partitions may use.
    pub usable: (u64, u64),
    /// Identifier of the disk.
    pub disk_guid: Guid,
    /// First block of the array of entries.
    pub entries_lba: u64,
    /// Number of entries in the array.
    pub entry_count: u32,
    /// Bytes of one entry.
    pub entry_size: u32,
    /// Checksum of the array.
    pub entries_crc: u32,
}

/// A partition (UEFI 2.10 §5.3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GptEntry {
    /// 1 for the first entry of the array, whether entries before it are in use or not.
    pub number: u32,
    /// Absolute byte offset of the entry.
    pub record: u64,
    /// What the partition is for.
    pub kind: Guid,
    /// Identifier of the partition.
    pub guid: Guid,
    /// The first and the last block.
    pub blocks: (u64, u64),
    /// Attributes (bit 0: needed by the platform, bit 2: a BIOS starts from it, bit 60: read-only).
    pub attributes: u64,
    /// Its name.
    pub name: String,
    /// The bytes of the partition.
    pub extent: Extent,
}

/// A table that was read, from its primary copy or from its backup.
#[derive(Debug, Clone)]
pub struct GuidPartitionTable {
    /// The header that was used.
    pub header: GptHeader,
    /// True when it is the backup.
    pub from_backup: bool,
    /// True when nothing is wrong with that copy: neither with its checksums nor with what they cover.
    pub intact: bool,
    /// The entries in use.
    pub entries: Vec<GptEntry>,
    /// Where both copies stand, as far as they were found: first that which was used.
    pub copies: Vec<GptPlaces>,
}

/// Where one copy of the table stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GptPlaces {
    /// The block of its header.
    pub header: Extent,
    /// Its array of entries, as far as it is read.
    pub entries: Extent,
    /// True for the copy at the end.
    pub is_backup: bool,
}

/// One copy of the table: a header with what its array holds.
struct Copy {
    header: GptHeader,
    array: Extent,
    entries: Vec<GptEntry>,
    /// What is wrong with it.
    trouble: Vec<Error>,
}

impl Copy {
    fn places(&self, is_backup: bool) -> GptPlaces {
        let header = Extent::new(self.header.offset, u64::from(self.header.block_size));
        GptPlaces { header, entries: self.array, is_backup }
    }
}

/// Reads the table of an image. The backup is used when the primary copy is bad, and that is told.
pub fn read(source: &dyn Source, diagnostics: &mut Diagnostics) -> Result<Option<GuidPartitionTable>> {
    let mut primary = None;
    for size in BLOCK_SIZES {
        let copy = diagnostics.salvage(read_copy(source, u64::from(size), size))?.flatten();
        let intact = copy.as_ref().is_some_and(|copy| copy.header.intact);
        if intact || primary.is_none() {
            primary = copy.or(primary);
        }
        if intact {
            break;
        }
    }
    let backup = find_backup(source, primary.as_ref().map(|copy| copy.header), diagnostics)?;
    let (used, other, from_backup) = match (primary, backup) {
        (Some(primary), Some(backup)) if !primary.trouble.is_empty() && backup.trouble.is_empty() => {
            (backup, Some(primary), true)
        }
        (Some(primary), backup) => (primary, backup, false),
        (None, Some(backup)) => (backup, None, true),
        (None, None) => return Ok(None),
    };
    for error in used.trouble.iter().chain(other.iter().flat_map(|other| &other.trouble)) {
        let (structure, offset) = (error.structure().unwrap_or(HEADER), error.offset().unwrap_or(0));
        diagnostics.warning(structure, offset, error.sentence());
    }
    if from_backup {
        let message = "The primary GPT is missing or damaged, so its backup at the end of the image is used";
        diagnostics.warning(HEADER, used.header.offset, message);
    }
    match &other {
        Some(other) => compare(&used, other, diagnostics),
        None if !from_backup => tell_missing_backup(source, &used.header, diagnostics),
        None => {}
    }
    let intact = used.trouble.is_empty();
    let others = other.iter().map(|other| other.places(!from_backup));
    let copies = std::iter::once(used.places(from_backup)).chain(others).collect();
    Ok(Some(GuidPartitionTable { header: used.header, from_backup, intact, entries: used.entries, copies }))
}

/// Looks for the backup where the primary header says, in the last block, and 512 bytes before the last block, where
/// the program isohybrid puts it on discs of odd length.
fn find_backup(source: &dyn Source, primary: Option<GptHeader>, diagnostics: &mut Diagnostics) -> Result<Option<Copy>> {
    let len = source.len();
    let mut places: Vec<(u64, u32)> = Vec::new();
    if let Some(header) = primary {
        let size = u64::from(header.block_size);
        places.push((header.alternate_lba.saturating_mul(size), header.block_size));
        places.extend([1, 2].map(|back| (len.saturating_sub(size.saturating_mul(back)), header.block_size)));
    } else {
        places.extend(BLOCK_SIZES.map(|size| ((len / u64::from(size)).saturating_sub(1) * u64::from(size), size)));
    }
    for (offset, size) in places {
        // The primary copy is not its own backup, and what lies outside is told as missing.
        if primary.is_some_and(|header| header.offset == offset) || offset == 0 || offset >= len {
            continue;
        }
        if let Some(copy) = diagnostics.salvage(read_copy(source, offset, size))?.flatten() {
            return Ok(Some(copy));
        }
    }
    Ok(None)
}

fn tell_missing_backup(source: &dyn Source, header: &GptHeader, diagnostics: &mut Diagnostics) {
    let place = header.alternate_lba.saturating_mul(u64::from(header.block_size));
    let message = if place >= source.len() {
        format!("The backup of the GPT should stand at byte {place}, behind the end of the image")
    } else {
        format!("The backup of the GPT is missing: there is none at byte {place} or at the end of the image")
    };
    diagnostics.warning(HEADER, header.offset.saturating_add(32), message);
}

/// Tells where the backup, or the primary copy, is not what the other one says.
fn compare(used: &Copy, other: &Copy, diagnostics: &mut Diagnostics) {
    let size = u64::from(used.header.block_size);
    let expected = used.header.alternate_lba.saturating_mul(size);
    if expected != other.header.offset {
        let message = format!("The other copy of the GPT should stand at byte {expected}, but was found at this place");
        diagnostics.info(HEADER, other.header.offset, message);
    }
    for header in [&used.header, &other.header] {
        if header.my_lba.saturating_mul(u64::from(header.block_size)) != header.offset {
            let message = format!("The GPT header says that it stands in block {}, which is elsewhere", header.my_lba);
            diagnostics.info(HEADER, header.offset.saturating_add(24), message);
        }
    }
    let plain = |copy: &Copy| -> Vec<_> {
        copy.entries.iter().map(|entry| (entry.number, entry.kind, entry.guid, entry.blocks)).collect()
    };
    if other.trouble.is_empty() && plain(used) != plain(other) {
        let message = "The two copies of the GPT list different partitions";
        diagnostics.warning(ENTRIES, other.array.offset, message);
    }
}

/// The copy whose header stands at `offset`; `None` when there is none. What is wrong with it is kept with it.
fn read_copy(source: &dyn Source, offset: u64, block_size: u32) -> Result<Option<Copy>> {
    let bytes = read_up_to(source, Extent::new(offset, u64::from(block_size)))?;
    if !bytes.starts_with(SIGNATURE) {
        return Ok(None);
    }
    let Some(header) = parse_header(&bytes, offset, block_size).ok() else { return Ok(None) };
    let array_offset = header.entries_lba.saturating_mul(u64::from(block_size));
    let mut copy = Copy { header, array: Extent::new(array_offset, 0), entries: Vec::new(), trouble: Vec::new() };
    if !header.intact {
        copy.trouble.push(Error::damaged(HEADER, offset.saturating_add(16), "The checksum of the GPT header is wrong"));
    }
    // §5.3.2: 128 × 2ⁿ bytes.
    let valid = header.entry_size >= 128 && header.entry_size.is_power_of_two() && header.entry_size <= 4096;
    if !valid {
        let message = format!("The GPT has entries of {} bytes, which is impossible", header.entry_size);
        copy.trouble.push(Error::damaged(HEADER, offset.saturating_add(84), message));
        return Ok(Some(copy));
    }
    let count = header.entry_count.min(limits::PARTITIONS);
    copy.array.length = u64::from(count).saturating_mul(u64::from(header.entry_size));
    match read_up_to(source, copy.array) {
        Ok(array) => read_entries(&mut copy, &array),
        Err(error) if error.is_cancelled() => return Err(error),
        Err(error) => copy.trouble.push(error),
    }
    Ok(Some(copy))
}

fn read_entries(copy: &mut Copy, array: &[u8]) {
    let header = copy.header;
    let trouble = if (array.len() as u64) < copy.array.length {
        Some("The image ends within the entries of the GPT".to_owned())
    } else if header.entry_count > limits::PARTITIONS {
        Some(format!("The GPT has {} entries, of which {} are read", header.entry_count, limits::PARTITIONS))
    } else if crc32(&[array]) != header.entries_crc {
        Some("The checksum of the entries of the GPT is wrong".to_owned())
    } else {
        None
    };
    copy.trouble.extend(trouble.map(|message| Error::damaged(ENTRIES, copy.array.offset, message)));
    let size = usize::try_from(header.entry_size).unwrap_or(usize::MAX);
    for (number, bytes) in (1..).zip(array.chunks_exact(size)) {
        let at = u64::from(number).saturating_sub(1).saturating_mul(u64::from(header.entry_size));
        let fields = Fields::new(bytes, copy.array.offset.saturating_add(at), ENTRY);
        let Ok(Some(entry)) = parse_entry(&fields, number, header.block_size) else { continue };
        if entry.blocks.0 > entry.blocks.1 {
            let (first, last) = entry.blocks;
            let message =
                format!("Partition {number} of the GPT ends in block {last}, before it starts in block {first}");
            copy.trouble.push(Error::damaged(ENTRY, fields.offset_of(32), message));
        } else {
            copy.entries.push(entry);
        }
    }
}

fn parse_header(bytes: &[u8], offset: u64, block_size: u32) -> Result<GptHeader> {
    let fields = Fields::new(bytes, offset, HEADER);
    let header_size = fields.le32(12)?;
    let covered = usize::try_from(header_size).ok().filter(|size| *size >= 92).and_then(|size| bytes.get(..size));
    let crc = |covered: &[u8]| {
        // §5.3.2: the checksum is made with its own four bytes as zeros.
        let (before, rest) = covered.split_at_checked(16)?;
        Some(crc32(&[before, &[0; 4], rest.get(4..)?]))
    };
    let intact = covered.and_then(crc) == Some(fields.le32(16)?);
    Ok(GptHeader {
        offset,
        block_size,
        header_size,
        intact,
        my_lba: fields.le64(24)?,
        alternate_lba: fields.le64(32)?,
        usable: (fields.le64(40)?, fields.le64(48)?),
        disk_guid: Guid(fields.array(56)?),
        entries_lba: fields.le64(72)?,
        entry_count: fields.le32(80)?,
        entry_size: fields.le32(84)?,
        entries_crc: fields.le32(88)?,
    })
}

/// The partition that an entry describes; `None` when the entry is not in use.
fn parse_entry(fields: &Fields<'_>, number: u32, block_size: u32) -> Result<Option<GptEntry>> {
    let kind = Guid(fields.array(0)?);
    if kind == Guid::default() {
        return Ok(None);
    }
    let blocks = (fields.le64(32)?, fields.le64(40)?);
    let unit = u64::from(block_size);
    let length = blocks.1.saturating_sub(blocks.0).saturating_add(1).saturating_mul(unit);
    Ok(Some(GptEntry {
        number,
        record: fields.offset_of(0),
        kind,
        guid: Guid(fields.array(16)?),
        blocks,
        attributes: fields.le64(48)?,
        name: name(fields.bytes(56, 72)?),
        extent: Extent::new(blocks.0.saturating_mul(unit), length),
    }))
}

/// A name of up to 36 UTF-16 units, little-endian, ended by a zero.
fn name(bytes: &[u8]) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit)).take_while(|unit| *unit != 0);
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// CRC-32 over several pieces of bytes (UEFI 2.10 §5.3.2: the one of CCITT, as in zlib).
fn crc32(pieces: &[&[u8]]) -> u32 {
    let mut crc = flate2::Crc::new();
    pieces.iter().for_each(|piece| crc.update(piece));
    crc.sum()
}

impl GuidPartitionTable {
    /// The header field by field.
    pub fn details(&self) -> DetailGroup {
        let header = &self.header;
        let at = |byte: u64| Some(header.offset.saturating_add(byte));
        let mut group = DetailGroup::new(if self.from_backup { "GPT header (backup)" } else { "GPT header" });
        group.add("Header size", format!("{} bytes", header.header_size), at(12));
        group.add("Header checksum", if header.intact { "right" } else { "wrong" }, at(16));
        group.add("Block of this header", format!("{} (blocks of {} bytes)", header.my_lba, header.block_size), at(24));
        group.add("Block of the other header", header.alternate_lba.to_string(), at(32));
        group.add("Usable blocks", format!("{} to {}", header.usable.0, header.usable.1), at(40));
        group.add("Disk GUID", header.disk_guid.to_string(), at(56));
        group.add("First block of the entries", header.entries_lba.to_string(), at(72));
        group.add("Number of entries", format!("{}, {} in use", header.entry_count, self.entries.len()), at(80));
        group.add("Size of an entry", format!("{} bytes", header.entry_size), at(84));
        group
    }
}

impl GptEntry {
    /// Every field with its meaning and byte offset.
    pub fn details(&self) -> DetailGroup {
        let at = |byte: u64| Some(self.record.saturating_add(byte));
        let mut group = DetailGroup::new(ENTRY);
        group.add("Partition type GUID", format!("{} ({})", self.kind, partition_types::of_gpt(self.kind)), at(0));
        group.add("Unique partition GUID", self.guid.to_string(), at(16));
        let (first, last) = self.blocks;
        group.add("First block", format!("{first} (byte {})", self.extent.offset), at(32));
        group.add("Last block", format!("{last} ({} bytes in all)", self.extent.length), at(40));
        group.add("Attributes", attributes(self.attributes), at(48));
        group.add("Name", text::display(&self.name), at(56));
        group
    }
}

/// Attributes in words: UEFI 2.10 table 5-8, and those of Microsoft for basic data.
fn attributes(bits: u64) -> String {
    const NAMES: [(u32, &str); 7] = [
        (0, "needed by the platform"),
        (1, "ignored by EFI"),
        (2, "a BIOS starts from it"),
        (60, "read-only"),
        (61, "shadow copy"),
        (62, "hidden"),
        (63, "no drive letter"),
    ];
    let set: Vec<&str> = NAMES.iter().filter(|(bit, _)| bits >> bit & 1 != 0).map(|(_, name)| *name).collect();
    format!("0x{bits:016x} ({})", if set.is_empty() { "none".to_owned() } else { set.join(", ") })
}

#[cfg(test)]
mod tests;
