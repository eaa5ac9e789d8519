//! What leads firmware to file systems: partition tables, the boot catalogue, or a file system that is all there is.

use crate::disc::boot::el_torito::{BootCatalog, BootImage, Emulation, Platform};
use crate::disc::boot::gpt::GuidPartitionTable;
use crate::disc::boot::mbr::{MasterBootRecord, PROTECTIVE};
use crate::disc::bytes::Fields;
use crate::disc::partition::{Partition, Scheme};
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::read_up_to;
use crate::disc::tree::{TreeId, TreeKind};
use crate::disc::{Error, Extent, Image, Result, limits};

use super::super::Medium;

/// Bytes of the blocks of a stick, and of what El Torito counts (§2.2).
const BLOCK: u64 = 512;

/// The sectors in which volume descriptors stand (ECMA-119 §6.7.1), as far as they are looked through.
const FIRST_DESCRIPTOR: u64 = 16;
const LAST_DESCRIPTOR: u64 = 32;

/// Bytes of a boot catalogue that are read.
const CATALOG: u64 = limits::BOOT_ENTRIES as u64 * 32;

/// The types of a partition for firmware (UEFI 2.10 §5.2.2 and table 5-7), as [`Partition`] has them.
const SYSTEM_TYPES: [&str; 2] = ["0xef", "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"];

/// A place where a file system may begin that firmware looks into.
#[derive(Debug)]
pub(super) struct Place {
    /// What it is called in a sentence, such as `boot image for UEFI`.
    pub(super) what: String,
    /// Its bytes.
    pub(super) extent: Extent,
    /// The file system in it.
    pub(super) tree: Option<TreeId>,
    /// Bytes of it that any firmware, and that some firmware sees.
    pub(super) visible: (u64, u64),
    /// On which conditions firmware looks into it.
    pub(super) conditions: Vec<String>,
    /// What leads to it: structure, absolute byte offset, and what it says.
    pub(super) said_by: (&'static str, u64, String),
}

/// What one table leads to.
#[derive(Debug, Default)]
pub(super) struct Lead {
    /// In their order, those that any firmware looks into first.
    pub(super) places: Vec<Place>,
    /// On which condition firmware goes by this table.
    pub(super) doubt: Option<String>,
    /// Why there is no place.
    pub(super) nothing: String,
}

/// What leads to file systems on a medium; `None` where firmware does not go by it.
#[derive(Debug)]
pub(super) struct Leads {
    pub(super) gpt: Option<Lead>,
    pub(super) el_torito: Option<Lead>,
    pub(super) mbr: Option<Lead>,
    pub(super) whole: Option<Lead>,
    /// Why firmware does not go by the boot catalogue, where it does not.
    pub(super) without_catalog: String,
    /// What cannot be read, though firmware must: then nothing can be said.
    pub(super) unread: Option<&'static str>,
}

impl Leads {
    pub(super) fn of(image: &Image, medium: Medium) -> Result<Self> {
        let (el_torito, without_catalog) = match el_torito(image, medium) {
            Ok(lead) => (Some(lead), String::new()),
            Err(why) => (None, why.to_owned()),
        };
        Ok(Self {
            gpt: if medium == Medium::Usb { gpt(image) } else { None },
            el_torito,
            mbr: if medium == Medium::Usb { mbr(image) } else { None },
            whole: whole(image),
            without_catalog,
            unread: unread(image, medium)?,
        })
    }
}

/// What cannot be read of the sectors in which firmware begins.
fn unread(image: &Image, medium: Medium) -> Result<Option<&'static str>> {
    let source = image.source().as_ref();
    let is_lost = |extent: Extent| match read_up_to(source, extent) {
        Err(Error::Cancelled) => Err(Error::Cancelled),
        read => Ok(read.is_err()),
    };
    if medium == Medium::Usb && is_lost(Extent::new(0, 2 * BLOCK))? {
        return Ok(Some("The first sectors cannot be read"));
    }
    if image.boot_catalog().is_some() {
        return Ok(None);
    }
    // Firmware looks through all descriptors for the boot record.
    for at in (FIRST_DESCRIPTOR..LAST_DESCRIPTOR).map(|sector| sector.saturating_mul(SECTOR_SIZE)) {
        let record = match read_up_to(source, Extent::new(at, 75)) {
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(_) => return Ok(Some("The volume descriptors, among which the boot record is, cannot be read")),
            Ok(record) => record,
        };
        if record.get(1..6) != Some(b"CD001") || record.first() == Some(&u8::MAX) {
            break;
        }
        let lba = Fields::new(&record, at, "boot record").le32(71);
        if let Some(lba) = lba.ok().filter(|_| record.starts_with(b"\0CD001\x01EL TORITO"))
            && is_lost(Extent::new(u64::from(lba).saturating_mul(SECTOR_SIZE), CATALOG))?
        {
            return Ok(Some("The boot catalogue cannot be read"));
        }
    }
    Ok(None)
}

impl Lead {
    fn new(mut places: Vec<Place>, nothing: impl Into<String>) -> Self {
        places.sort_by_key(|place| !place.conditions.is_empty());
        Self { places, doubt: None, nothing: nothing.into() }
    }
}

/// What the GPT leads to. Firmware goes by it only where the master boot record protects it (UEFI 2.10 §5.2.3): an entry
/// 0xee that begins in block 1.
fn gpt(image: &Image) -> Option<Lead> {
    let tables = image.tables();
    let table = tables.gpt.as_ref().filter(|table| u64::from(table.header.block_size) == BLOCK)?;
    let protects = |record: &&MasterBootRecord| {
        record.entries.iter().any(|entry| entry.kind == PROTECTIVE && entry.first_block == 1)
    };
    tables.mbr.as_ref().filter(protects)?;
    if !table.intact || table.header.my_lba.saturating_mul(BLOCK) != table.header.offset {
        return None;
    }
    let last_block = image.source().len().saturating_sub(BLOCK);
    if table.from_backup && table.header.offset != last_block {
        return None;
    }
    let places = of_scheme(image, Scheme::Gpt, |part| {
        let mut conditions = Vec::new();
        if !is_usable(table, part) {
            conditions.push("if the firmware takes partitions that GPT does not allow there".to_owned());
        }
        conditions
    });
    // Firmware looks for the backup in the last block of the medium.
    let doubt = table.from_backup.then(|| {
        "if the stick is exactly as long as the image, as the GPT at its start is damaged, and firmware looks for the \
         other one at its end"
            .to_owned()
    });
    Some(Lead { doubt, ..Lead::new(places, "The GPT lists no partition with a FAT file system") })
}

/// Whether firmware takes a partition: inside the usable blocks (UEFI 2.10 §5.3.2).
fn is_usable(table: &GuidPartitionTable, part: &Partition) -> bool {
    let (first, last) = table.header.usable;
    let end = last.saturating_add(1).saturating_mul(BLOCK);
    part.extent.offset >= first.saturating_mul(BLOCK) && part.extent.end() <= end
}

/// What the master boot record leads to.
fn mbr(image: &Image) -> Option<Lead> {
    let record = image.tables().mbr.as_ref()?;
    record.entries.iter().find(|entry| entry.kind != 0 && entry.kind != PROTECTIVE)?;
    let len = image.source().len();
    let places = of_scheme(image, Scheme::Mbr, |part| {
        let mut conditions = Vec::new();
        // EDK2 refuses the whole record for either.
        if part.extent.end() > len {
            conditions.push("if the stick is longer than the image, as the partition is".to_owned());
        }
        conditions
    });
    Some(Lead::new(places, "The partition table lists no partition with a FAT file system"))
}

/// The partitions of a table that hold FAT, or should.
fn of_scheme(image: &Image, scheme: Scheme, more: impl Fn(&Partition) -> Vec<String>) -> Vec<Place> {
    let parts = image.partitions();
    let own = |part: &&Partition| part.scheme == scheme && (scheme == Scheme::Gpt || part.type_id != "0x00");
    let mut places = Vec::new();
    for (index, part) in parts.iter().enumerate().filter(|(_, part)| own(part)) {
        let tree = image.partition_trees(index).into_iter().find(|tree| tree.kind == TreeKind::Fat);
        let is_system = SYSTEM_TYPES.contains(&part.type_id.as_str());
        if tree.is_none() && !is_system {
            continue;
        }
        let mut conditions = more(part);
        if !is_system {
            conditions.push(format!("if the firmware looks into partitions of the type {}, too", part.type_id));
        }
        let overlaps = |other: &Partition| {
            other.record != part.record
                && other.extent.offset < part.extent.end()
                && part.extent.offset < other.extent.end()
        };
        if parts.iter().filter(own).any(overlaps) {
            conditions.push("if the firmware takes partitions that overlap".to_owned());
        }
        places.push(Place {
            what: format!("partition {}", part.label()),
            extent: part.extent,
            tree,
            visible: (part.extent.length, part.extent.length),
            conditions,
            said_by: ("partition table entry", part.record, part.label()),
        });
    }
    places
}

/// What the boot catalogue leads to, and UDF, for which EDK2 looks together with it; or why it leads nowhere. UDF has blocks
/// of the same size as its medium (ECMA-167 3/8.1), which those of discs have not on a stick.
fn el_torito(image: &Image, medium: Medium) -> std::result::Result<Lead, &'static str> {
    let entries = match image.boot_catalog() {
        None => Err("The disc has no boot catalogue, which UEFI needs to start it"),
        Some(catalog) => bootable(catalog),
    };
    let udf = image
        .tree(TreeKind::Udf)
        .filter(|_| medium == Medium::Optical)
        .map(|tree| udf(image, image.id_of(tree.as_ref())));
    let entries = match (entries, &udf) {
        (Err(why), None) => return Err(why),
        (entries, _) => entries.unwrap_or_default(),
    };
    let places = entries.into_iter().filter_map(|(index, boot)| of_entry(image, index, boot));
    Ok(Lead::new(places.chain(udf).collect(), "The boot catalogue has no entry for UEFI"))
}

/// The entries of a catalogue that may be started, or why there are none.
fn bootable(catalog: &BootCatalog) -> std::result::Result<Vec<(usize, &BootImage)>, &'static str> {
    if !catalog.validation.as_ref().is_some_and(|validation| validation.is_right) {
        return Err("The checksum of the boot catalogue is wrong, and UEFI does not go by it then");
    }
    let entries = catalog.images.iter().enumerate().filter(|(_, boot)| boot.bootable && boot.extent.offset > 0);
    let entries: Vec<_> = entries.collect();
    if entries.is_empty() { Err("No entry of the boot catalogue is marked as bootable") } else { Ok(entries) }
}

/// The place to which an entry leads: UEFI takes the boot image for a partition (UEFI 2.10 §13.3.2.1).
fn of_entry(image: &Image, index: usize, boot: &BootImage) -> Option<Place> {
    let tree = image.boot_image_trees(index).into_iter().next();
    let is_uefi = boot.platform == Platform::Uefi;
    if tree.is_none() && !is_uefi {
        return None;
    }
    let mut conditions = Vec::new();
    if !is_uefi {
        let platform = boot.platform.label();
        conditions.push(format!("if the firmware takes an entry of the boot catalogue that is for {platform}, too"));
    }
    if boot.emulation != Emulation::None {
        let stands_for = boot.emulation.label();
        conditions.push(format!("if the firmware takes a boot image that stands for a {stands_for}, too"));
    }
    // 0 and 1 stand for all up to the end of the disc. EDK2 takes the number for one of sectors of a disc.
    let sectors = u64::from(boot.declared_sectors);
    let visible = match (boot.emulation, sectors) {
        (Emulation::None, 2..) => (sectors.saturating_mul(BLOCK), sectors.saturating_mul(SECTOR_SIZE)),
        _ => (u64::MAX, u64::MAX),
    };
    Some(Place {
        what: format!("boot image for {}", boot.platform.label()),
        extent: boot.extent,
        tree,
        visible,
        conditions,
        said_by: ("boot catalogue entry", boot.record, boot.label()),
    })
}

/// UDF as the place: EDK2 reads it, and the standard does not ask for it.
fn udf(image: &Image, tree: TreeId) -> Place {
    let extent = Extent::new(0, image.source().len());
    Place {
        what: "UDF side".to_owned(),
        extent,
        tree: Some(tree),
        visible: (u64::MAX, u64::MAX),
        conditions: vec!["if the firmware reads UDF, which it need not".to_owned()],
        said_by: ("volume recognition sequence", 16 * SECTOR_SIZE, "UDF".to_owned()),
    }
}

/// A FAT file system without any table around it.
fn whole(image: &Image) -> Option<Lead> {
    let begins = |kind: TreeKind, offset| kind == TreeKind::Fat && offset == 0;
    let systems = image.file_systems().iter();
    let tree = systems
        .filter(|system| system.part.offset == 0)
        .flat_map(|system| &system.trees)
        .find(|tree| begins(tree.kind(), 0))?;
    let extent = Extent::new(0, image.source().len());
    let place = Place {
        what: "file system".to_owned(),
        extent,
        tree: Some(image.id_of(tree.as_ref())),
        visible: (u64::MAX, u64::MAX),
        conditions: Vec::new(),
        said_by: ("FAT boot sector", 0, "FAT without a partition table".to_owned()),
    };
    Some(Lead::new(vec![place], String::new()))
}
