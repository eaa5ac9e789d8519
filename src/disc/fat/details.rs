//! Every field that a volume records: of itself, and of one entry.

use crate::disc::bytes::Fields;
use crate::disc::source::read_up_to;
use crate::disc::time::Timestamp;
use crate::disc::tree::{DetailGroup, Folder};
use crate::disc::{Error, Extent, Result, text};

use super::boot_sector::{BootSector, Width};
use super::code_page;
use super::entry::{ARCHIVE, DirectoryEntry, ENTRY, FOLDER, HIDDEN, LABEL, LENGTH, READ_ONLY, SYSTEM, Slot, slot};
use super::long_name::LongName;
use super::tree::FatTree;

/// Extents that are listed.
const LISTED: usize = 256;

/// The boot sector field by field.
pub(super) fn of_boot_sector(boot: &BootSector) -> DetailGroup {
    let mut group = DetailGroup::new("Boot sector");
    let is_fat32 = boot.width == Width::Fat32;
    let at = |offset: u64| boot.has_parameters.then(|| boot.offset.saturating_add(offset));
    let either = |short: u64, long: u64| at(if is_fat32 { long } else { short });
    group.add("Format", format!("{}, {} clusters", boot.width.label(), boot.clusters), None);
    if !boot.has_parameters {
        group.add("Parameters", "none: a diskette that is known by its size and its media byte", None);
    }
    group.add("OEM name", text::display(code_page::field(&boot.oem).trim()), at(3));
    group.add("Bytes per sector", boot.sector_size.to_string(), at(11));
    group.add("Sectors per cluster", boot.cluster_sectors.to_string(), at(13));
    group.add("Reserved sectors", boot.reserved.to_string(), at(14));
    group.add("Number of FATs", boot.fats.to_string(), at(16));
    group.add("Entries of the root directory", boot.root_entries.to_string(), at(17));
    group.add("Sectors", boot.sectors.to_string(), at(if is_fat32 { 32 } else { 19 }));
    group.add("Media", format!("{:#04x}", boot.media), at(21));
    group.add("Sectors of a FAT", boot.fat_sectors.to_string(), either(22, 36));
    if is_fat32 {
        let active = boot.active_fat.map_or_else(|| "all alike".to_owned(), |number| format!("only {number}"));
        group.add("FATs in use", active, at(40));
        group.add("First cluster of the root directory", boot.root_cluster.to_string(), at(44));
        let sector = |number: Option<u16>| number.map_or_else(|| "none".to_owned(), |number| number.to_string());
        group.add("Sector of FSInfo", sector(boot.fs_info), at(48));
        group.add("Sector of the backup", sector(boot.backup), at(50));
    }
    if let Some(serial) = boot.serial {
        group.add("Volume serial number", format!("{:04X}-{:04X}", serial >> 16, serial & 0xffff), either(39, 67));
    }
    if let Some(kind) = boot.type_text {
        group.add("Volume label", text::display(&code_page::field(&boot.label)), either(43, 71));
        group.add("File system type", text::display(&code_page::field(&kind)), either(54, 82));
    }
    group
}

/// The bits of the attributes in words.
fn attributes(bits: u8) -> String {
    const NAMES: [(u8, &str); 6] = [
        (READ_ONLY, "read-only"),
        (HIDDEN, "hidden"),
        (SYSTEM, "system"),
        (LABEL, "volume label"),
        (FOLDER, "folder"),
        (ARCHIVE, "archive"),
    ];
    let set: Vec<&str> = NAMES.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect();
    format!("0x{bits:02x} ({})", if set.is_empty() { "none".to_owned() } else { set.join(", ") })
}

/// A time as recorded, whose zone is not.
fn local(time: Option<Timestamp>, raw: u16) -> String {
    match time {
        Some(time) => time.to_string().trim_end_matches("+00:00").replace('T', " ") + " (local time)",
        None if raw == 0 => "not set".to_owned(),
        None => format!("no valid date ({raw:#06x})"),
    }
}

/// The records of `folder`'s entry at `index`: the parts of its long name, the short entry, and where its data lies.
pub(super) fn of_entry(tree: &FatTree, folder: &Folder, index: usize) -> Result<Vec<DetailGroup>> {
    let Some(entry) = folder.entries().get(index) else { return Ok(Vec::new()) };
    let (parts, bytes) = read_again(tree, folder, entry.record)?;
    let fields = Fields::new(&bytes, entry.record, ENTRY);
    let short = DirectoryEntry::parse(&fields)?;
    let mut groups = Vec::new();
    if !parts.is_empty() {
        let mut group = DetailGroup::new("Long name");
        group.add("Name", text::display(folder.name(entry)), parts.first().copied());
        for offset in &parts {
            group.add("Part", format!("at byte {offset}"), Some(*offset));
        }
        groups.push(group);
    }
    let mut group = DetailGroup::new("Directory entry");
    let at = |offset: usize| Some(fields.offset_of(offset));
    group.add("Short name", text::display(&short.short_name().text), at(0));
    group.add("Name, bytes", text::hex(&short.name), at(0));
    group.add("Attributes", attributes(short.attributes), at(11));
    let case = match short.case & 0x18 {
        0 => "upper case",
        0x08 => "name in lower case",
        0x10 => "extension in lower case",
        _ => "lower case",
    };
    group.add("Case", format!("0x{:02x} ({case})", short.case), at(12));
    group.add("Created", local(short.created(), short.created.0), at(14));
    group.add("Accessed", local(short.accessed(), short.accessed).replace(" 00:00:00", ""), at(18));
    group.add("Modified", local(short.modified(), short.modified.0), at(22));
    let is_fat32 = tree.boot.width == Width::Fat32;
    group.add("First cluster", short.cluster(is_fat32).to_string(), at(26));
    group.add("Size", format!("{} bytes", short.size), at(28));
    groups.push(group);
    let mut data = DetailGroup::new(if entry.is_folder() { "First cluster" } else { "Data" });
    let extents = entry.content.extents().iter().filter(|extent| extent.is_somewhere() && extent.length > 0);
    for extent in extents.clone().take(LISTED) {
        data.add("Extent", format!("bytes {} to {}", extent.offset, extent.end()), Some(extent.offset));
    }
    let more = extents.count().saturating_sub(LISTED);
    if more > 0 {
        data.add("Further extents", more.to_string(), None);
    }
    groups.extend([data].into_iter().filter(|group| !group.fields.is_empty()));
    Ok(groups)
}

/// The entry at the absolute byte `record` once more, and where the parts of its long name stand: in front of it, which may
/// be in another cluster.
fn read_again(tree: &FatTree, folder: &Folder, record: u64) -> Result<(Vec<u64>, [u8; LENGTH])> {
    let mut name = LongName::default();
    let mut parts = Vec::new();
    for piece in pieces_up_to(folder.extents(), record) {
        let bytes = read_up_to(tree.source.as_ref(), piece)?;
        for (bytes, offset) in bytes.as_chunks::<LENGTH>().0.iter().zip((piece.offset..).step_by(LENGTH)) {
            if offset == record {
                let short = DirectoryEntry::parse(&Fields::new(bytes, offset, ENTRY))?;
                let is_named = matches!(name.take(short.checksum()), Ok(Some(_)));
                return Ok((if is_named { parts } else { Vec::new() }, *bytes));
            }
            if slot(bytes) != Slot::LongName {
                name.drop_parts();
                parts.clear();
                continue;
            }
            // It began anew, or not at all.
            if name.push(bytes, offset).is_some() {
                parts.clear();
            }
            parts.push(offset);
        }
    }
    Err(Error::damaged(ENTRY, record, "The directory entry cannot be read again"))
}

/// What stands before the entry at the absolute byte `record` in a folder, as far as the parts of its name may reach, and the
/// entry itself.
fn pieces_up_to(extents: &[Extent], record: u64) -> Vec<Extent> {
    // Twenty parts and the entry.
    let mut left = 21 * LENGTH as u64;
    let holds = |extent: &Extent| record.checked_sub(extent.offset).is_some_and(|inside| inside < extent.length);
    let Some(at) = extents.iter().position(holds) else { return Vec::new() };
    let mut end = record.saturating_add(LENGTH as u64);
    let mut pieces = Vec::new();
    for extent in extents.get(..=at).unwrap_or_default().iter().rev() {
        let length = end.min(extent.end()).saturating_sub(extent.offset).min(left);
        pieces.push(Extent::new(end.min(extent.end()).saturating_sub(length), length));
        left = left.saturating_sub(length);
        end = u64::MAX;
        if left == 0 {
            break;
        }
    }
    pieces.reverse();
    pieces
}
