//! Opening a volume: its boot sector, whether it has a file allocation table, and its name.

use std::sync::Arc;

use crate::disc::bytes::Fields;
use crate::disc::file_system::{FileSystem, Session, Structure};
use crate::disc::source::read_up_to;
use crate::disc::tree::{DetailGroup, FileTree};
use crate::disc::{Diagnostics, Error, Extent, Result, Source, volume};

use super::allocation::{AllocationTable, FAT};
use super::boot_sector::{BOOT_SECTOR, BootSector, LENGTH, Width};
use super::entry::{self, DirectoryEntry, ENTRY, Slot};
use super::tree::FatTree;
use super::{code_page, details};

/// The sector in which every formatter puts the copy of the boot sector of FAT32 (§3.1).
const BACKUP: u64 = 6;

/// Opens the FAT file system that `part` holds; `None` when there is none. There is never more than one session. What is
/// wrong with a volume that can be opened is told with its root.
pub fn open(
    source: &Arc<dyn Source>,
    part: Extent,
    _session: Option<u32>,
    _diagnostics: &mut Diagnostics,
) -> Result<Option<FileSystem>> {
    let mut troubles = Diagnostics::default();
    let Some(boot) = read_boot_sector(source.as_ref(), part, &mut troubles)? else { return Ok(None) };
    let tables = AllocationTable::all(source, &boot);
    let mut has_media = false;
    for table in &tables {
        // What cannot be read may be sound.
        has_media |= troubles.salvage(table.has_media())?.unwrap_or(true);
        if has_media {
            break;
        }
    }
    let root = read_root(source.as_ref(), &boot, &mut troubles)?;
    if !has_media {
        // A boot sector alone is no volume: some boot images have nothing else.
        if !root.iter().any(|bytes| matches!(entry::slot(bytes), Slot::Entry | Slot::Label | Slot::LongName)) {
            return Ok(None);
        }
        let message = "The FAT does not begin with the media byte, so that it is probably damaged";
        troubles.warning(FAT, boot.fat(0).offset, message);
    }
    // Behind the end of a partition is what is another's; behind that of the image nothing is.
    let limit = if part.end() >= source.len() { u64::MAX } else { part.end() };
    check(&boot, part, source.len(), &mut troubles);
    let info = read_fs_info(source.as_ref(), &boot, &mut troubles)?;
    let clip = |extent: Extent| Extent::new(extent.offset, extent.inside(limit));
    let structures = boot.structures().into_iter().map(|(name, extent)| Structure { name, extent: clip(extent) });
    let structures: Vec<Structure> = structures.filter(|structure| structure.extent.length > 0).collect();
    let label = label(&boot, &root);
    let name = code_page::field(&label.map_or(boot.label, |entry| entry.name));
    let name = if name == "NO NAME" { String::new() } else { name };
    let volume = volume::Volume {
        id: name.clone(),
        application: code_page::field(&boot.oem).trim().to_owned(),
        modified: label.and_then(|entry| entry.modified()),
        block_size: boot.sector_size,
        blocks: boot.sectors,
        ..volume::Volume::default()
    };
    let mut groups = vec![details::of_boot_sector(&boot)];
    groups.extend(info);
    // With a diskette that has no parameters, the size is not recorded.
    let declared = if boot.has_parameters { 32 } else { 0 };
    let system = FileSystem {
        part,
        volume,
        formats: vec![boot.width.label().to_owned()],
        declared_end: boot.extent().end(),
        declared_at: boot.offset.saturating_add(declared),
        sessions: vec![Session { number: 1, first_block: 0, volume_id: name }],
        session: 1,
        details: groups,
        structures,
        ..FileSystem::default()
    };
    let tree: Arc<dyn FileTree> =
        Arc::new(FatTree { source: source.clone(), boot: Arc::new(boot), tables, limit, troubles: Arc::new(troubles) });
    Ok(Some(FileSystem { trees: vec![tree], ..system }))
}

/// The boot sector, or its copy where it cannot be read, or calls itself that of a FAT file system and is damaged.
fn read_boot_sector(source: &dyn Source, part: Extent, troubles: &mut Diagnostics) -> Result<Option<BootSector>> {
    let head = read_up_to(source, Extent::new(part.offset, LENGTH.min(part.length)));
    let parsed = head.and_then(|head| BootSector::parse(&head, part.offset, part.offset));
    let error = match parsed {
        Ok(Some(boot)) => return Ok(Some(boot)),
        Ok(None) => return read_diskette(source, part),
        Err(Error::Cancelled) => return Err(Error::Cancelled),
        Err(error) => error,
    };
    let place = part.offset.saturating_add(BACKUP * LENGTH);
    let copy = read_up_to(source, Extent::new(place, LENGTH.min(part.length)));
    match copy.and_then(|copy| BootSector::parse(&copy, part.offset, place)) {
        Ok(Some(boot)) if boot.width == Width::Fat32 && boot.backup.map(u64::from) == Some(BACKUP) => {
            troubles.failure(&error);
            troubles.warning(BOOT_SECTOR, part.offset, "The boot sector is damaged, so its copy in sector 6 is used");
            Ok(Some(boot))
        }
        Err(Error::Cancelled) => Err(Error::Cancelled),
        // Some boot images have nothing but the beginning of a boot sector.
        _ if matches!(error, Error::Damaged { .. }) && !has_fat_behind(source, part)? => Ok(None),
        _ => Err(error),
    }
}

/// True when a FAT begins where that behind a damaged boot sector should.
fn has_fat_behind(source: &dyn Source, part: Extent) -> Result<bool> {
    let head = read_up_to(source, Extent::new(part.offset, LENGTH))?;
    let fields = Fields::new(&head, part.offset, BOOT_SECTOR);
    let size = fields.le16(11).ok().filter(|size| size.is_power_of_two() && *size >= 512).unwrap_or(512);
    let reserved = fields.le16(14).unwrap_or(1).max(1);
    let place = part.offset.saturating_add(u64::from(reserved).saturating_mul(size.into()));
    Ok(matches!(*read_up_to(source, Extent::new(place, 2))?, [0xf0..=0xff, 0xff]))
}

/// A diskette without parameters in its boot sector.
fn read_diskette(source: &dyn Source, part: Extent) -> Result<Option<BootSector>> {
    if !BootSector::is_length_of_diskette(part.length) {
        return Ok(None);
    }
    let head = read_up_to(source, Extent::new(part.offset.saturating_add(LENGTH), 3))?;
    Ok(match *head {
        [media, 0xff, 0xff] => BootSector::of_diskette(part.offset, part.length, media),
        _ => None,
    })
}

/// The first entries of the root directory.
fn read_root(source: &dyn Source, boot: &BootSector, troubles: &mut Diagnostics) -> Result<Vec<[u8; 32]>> {
    let place = match boot.width {
        Width::Fat32 => boot.place(boot.root_cluster, 1),
        Width::Fat12 | Width::Fat16 => boot.root(),
    };
    let first = read_up_to(source, Extent::new(place.offset, place.length.min(LENGTH)));
    // Listing the root tells it once more.
    let first = troubles.salvage(first)?.unwrap_or_default();
    let slots = first.as_chunks::<32>().0.iter();
    Ok(slots.copied().take_while(|bytes| entry::slot(bytes) != Slot::End).collect())
}

/// The label among the entries of the root directory, which is newer than that of the boot sector.
fn label(boot: &BootSector, root: &[[u8; 32]]) -> Option<DirectoryEntry> {
    let found = root.iter().find(|bytes| entry::slot(bytes) == Slot::Label)?;
    DirectoryEntry::parse(&Fields::new(found, boot.root().offset, ENTRY)).ok()
}

/// Tells what the numbers of the boot sector claim and cannot have.
fn check(boot: &BootSector, part: Extent, image_len: u64, troubles: &mut Diagnostics) {
    let missing = boot.extent().length.saturating_sub(part.length);
    if missing > 0 && part.offset > 0 {
        let length = boot.extent().length;
        let message = match part.end() >= image_len {
            true => format!("The file system should have {length} bytes, but the image ends {missing} bytes before"),
            false => format!("The file system claims {length} bytes, {missing} more than what holds it"),
        };
        troubles.warning(BOOT_SECTOR, boot.offset.saturating_add(32), message);
    }
    if boot.clusters < boot.room {
        let (room, clusters) = (boot.room, boot.clusters);
        let message = format!("The volume has room for {room} clusters, but its FAT has entries for {clusters} only");
        troubles.info(BOOT_SECTOR, boot.offset.saturating_add(22), message);
    }
    if boot.width == Width::Fat32 && !boot.has(boot.root_cluster) {
        let message = format!("The root directory should be in cluster {}, which there is not", boot.root_cluster);
        troubles.error(BOOT_SECTOR, boot.offset.saturating_add(44), message);
    }
}

/// The counts of free clusters that FAT32 keeps (§5).
fn read_fs_info(source: &dyn Source, boot: &BootSector, troubles: &mut Diagnostics) -> Result<Option<DetailGroup>> {
    const FS_INFO: &str = "FSInfo";
    let Some(number) = boot.fs_info else { return Ok(None) };
    let at = boot.sector(number);
    let Some(bytes) = troubles.salvage(read_up_to(source, Extent::new(at, LENGTH)))? else { return Ok(None) };
    let fields = Fields::new(&bytes, at, FS_INFO);
    let mut group = DetailGroup::new(FS_INFO);
    let signatures = (fields.le32(0), fields.le32(484));
    if !matches!(signatures, (Ok(0x4161_5252), Ok(0x6141_7272))) {
        group.add("Signature", "not there", Some(at));
        return Ok(Some(group));
    }
    let known = |value: u32| if value == u32::MAX { "not known".to_owned() } else { value.to_string() };
    group.add("Free clusters", known(fields.le32(488).unwrap_or(u32::MAX)), Some(fields.offset_of(488)));
    group.add("Next free cluster", known(fields.le32(492).unwrap_or(u32::MAX)), Some(fields.offset_of(492)));
    Ok(Some(group))
}
