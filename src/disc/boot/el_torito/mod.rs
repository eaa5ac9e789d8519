//! El Torito (“El Torito” Bootable CD-ROM Format Specification 1.0): the boot catalogue and its boot images.

mod catalog;
mod size;

use std::sync::Arc;

use self::size::measure;
use super::mbr;
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::{PartSource, read_up_to};
use crate::disc::tree::DetailGroup;
use crate::disc::{Diagnostics, Extent, Result, Source, text};

const STRUCTURE: &str = "boot catalogue";

/// Bytes of one catalogue entry (§2.0).
const ENTRY: usize = 32;

/// Bytes of the sectors in which a boot image's load size is counted (§2.2, “virtual/emulated sectors”).
const BOOT_SECTOR: u64 = 512;

/// The computers that an entry is for (§2.1, UEFI 2.10 §13.3.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// 80x86 with a BIOS.
    Bios,
    /// PowerPC.
    PowerPc,
    /// Macintosh.
    Mac,
    /// UEFI.
    Uefi,
    /// Any other number.
    Other(u8),
}

impl Platform {
    fn new(id: u8) -> Self {
        match id {
            0 => Self::Bios,
            1 => Self::PowerPc,
            2 => Self::Mac,
            0xef => Self::Uefi,
            other => Self::Other(other),
        }
    }

    /// The name for people.
    pub fn label(self) -> String {
        match self {
            Self::Bios => "BIOS".to_owned(),
            Self::PowerPc => "PowerPC".to_owned(),
            Self::Mac => "Mac".to_owned(),
            Self::Uefi => "UEFI".to_owned(),
            Self::Other(id) => format!("Platform {id:#04x}"),
        }
    }
}

/// What a boot image pretends to be (§2.2, boot media type).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emulation {
    /// Nothing: the firmware loads it as it is.
    None,
    /// A diskette of this many bytes.
    Diskette(u64),
    /// A hard disk with a partition table.
    HardDisk,
    /// A type that the specification does not have.
    Unknown(u8),
}

impl Emulation {
    fn new(media: u8) -> Self {
        match media & 0x0f {
            0 => Self::None,
            1 => Self::Diskette(1200 << 10),
            2 => Self::Diskette(1440 << 10),
            3 => Self::Diskette(2880 << 10),
            4 => Self::HardDisk,
            other => Self::Unknown(other),
        }
    }

    /// The name for people.
    pub fn label(self) -> String {
        match self {
            Self::None => "no emulation".to_owned(),
            Self::Diskette(bytes) => format!("{} KiB diskette", bytes >> 10),
            Self::HardDisk => "hard disk".to_owned(),
            Self::Unknown(id) => format!("unknown emulation {id}"),
        }
    }
}

/// One entry of the boot catalogue and the image it points to.
#[derive(Debug, Clone)]
pub struct BootImage {
    /// 1 for the first entry of the catalogue.
    pub number: usize,
    /// Absolute byte offset of the catalogue entry.
    pub record: u64,
    /// Which computers it is for.
    pub platform: Platform,
    /// What it pretends to be.
    pub emulation: Emulation,
    /// Marked as bootable (`88`).
    pub bootable: bool,
    /// Segment that it is loaded to; 0 stands for 07C0.
    pub load_segment: u16,
    /// The boot media type with its flags: bit 5 for an extension, bit 6 for an ATAPI driver, bit 7 for SCSI drivers.
    pub media: u8,
    /// Copy of the partition type, for hard disks.
    pub system_type: u8,
    /// Sectors of 512 bytes to load, as the entry says. Often far too few.
    pub declared_sectors: u16,
    /// Where the image lies and how long it really is, as well as can be told.
    pub extent: Extent,
    /// Why it has that length.
    pub size_reason: &'static str,
    /// Identifier of its section, or of the catalogue for the first entry.
    pub id: String,
    /// By what a firmware that has the choice shall choose it.
    pub criteria: Criteria,
}

/// The selection criteria of an entry (§2.4 and §2.5).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Criteria {
    /// 0 for none, 1 for language and version as IBM has them; all others are reserved.
    pub kind: u8,
    /// What they are: of the maker's own choosing. Those of extensions stand behind that of the entry.
    pub data: Vec<u8>,
    /// Extensions that were read.
    pub extensions: usize,
}

/// The validation entry (§2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validation {
    /// For which computers the first entry is.
    pub platform: Platform,
    /// Who made the disc, or the catalogue.
    pub id: String,
    /// The checksum as it is recorded.
    pub checksum: u16,
    /// All words of the entry add up to 0.
    pub is_right: bool,
}

/// A section header (§2.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Absolute byte offset of the header.
    pub record: u64,
    /// For which computers its entries are.
    pub platform: Platform,
    /// Entries that it says it has.
    pub entries: u16,
    /// Marked as the last one (`91`).
    pub is_last: bool,
    /// Its identifier.
    pub id: String,
}

/// A boot catalogue that was read.
#[derive(Debug, Clone, Default)]
pub struct BootCatalog {
    /// Absolute byte offset of the catalogue.
    pub offset: u64,
    /// Its first entry.
    pub validation: Option<Validation>,
    /// The sections behind the first two entries.
    pub sections: Vec<Section>,
    /// Every entry that points to an image.
    pub images: Vec<BootImage>,
}

impl BootCatalog {
    /// The validation entry and the section headers, field by field.
    pub fn details(&self) -> Vec<DetailGroup> {
        let at = |record: u64, byte: u64| Some(record.saturating_add(byte));
        let validation = self.validation.iter().map(|entry| {
            let mut group = DetailGroup::new("Boot catalogue: validation entry");
            group.add("Platform", entry.platform.label(), at(self.offset, 1));
            group.add("Identifier", text::display(&entry.id), at(self.offset, 4));
            let right = if entry.is_right { "right" } else { "wrong" };
            group.add("Checksum", format!("{:04X} ({right})", entry.checksum), at(self.offset, 28));
            group
        });
        let sections = self.sections.iter().map(|section| {
            let mut group = DetailGroup::new("Boot catalogue: section header");
            let last = if section.is_last { "91 (the last)" } else { "90 (more follow)" };
            group.add("Header indicator", last, at(section.record, 0));
            group.add("Platform", section.platform.label(), at(section.record, 1));
            group.add("Entries", section.entries.to_string(), at(section.record, 2));
            group.add("Identifier", text::display(&section.id), at(section.record, 4));
            group
        });
        validation.chain(sections).collect()
    }
}

impl BootImage {
    /// One for a BIOS that begins at byte `start` without any entry saying so: its number is 0.
    pub fn without_entry(source: &dyn Source, start: u64) -> Result<Self> {
        let head = read_up_to(source, Extent::new(start, SECTOR_SIZE))?;
        let (length, size_reason) = measure(&head, source.len(), start, Platform::Bios, Emulation::None, 0);
        Ok(Self {
            number: 0,
            record: start,
            platform: Platform::Bios,
            emulation: Emulation::None,
            bootable: true,
            load_segment: 0,
            media: 0,
            system_type: 0,
            declared_sectors: 0,
            extent: Extent::new(start, length),
            size_reason,
            id: String::new(),
            criteria: Criteria::default(),
        })
    }

    /// A name for the image as a file.
    pub fn file_name(&self) -> String {
        let platform = self.platform.label().to_lowercase().replace(' ', "-");
        format!("{}-{platform}-{}.img", self.number, self.emulation.label().replace(' ', "-"))
    }

    /// Number, platform and emulation for people.
    pub fn label(&self) -> String {
        format!("{}. {}, {}", self.number, self.platform.label(), self.emulation.label())
    }

    /// True when it stands for a hard disk, which has partitions.
    pub fn is_hard_disk(&self) -> bool {
        self.emulation == Emulation::HardDisk
    }

    /// True when nothing says where the image ends, so that it is taken to reach up to the end of the disc.
    pub fn has_open_end(&self) -> bool {
        self.size_reason == size::OPEN_END
    }

    /// Where file systems may lie in it: the whole, and the partitions of a hard disk.
    pub(in crate::disc) fn volumes(
        &self,
        source: &Arc<dyn Source>,
        diagnostics: &mut Diagnostics,
    ) -> Result<Vec<Extent>> {
        let mut volumes = vec![self.extent];
        if self.is_hard_disk() {
            // What is wrong with that table is no fault of the disc.
            let record = mbr::read(self.open(source).as_ref(), 512, &mut Diagnostics::default());
            let record = diagnostics.salvage(record)?.flatten();
            let entries = record.iter().flat_map(|record| &record.entries).filter(|entry| !entry.is_extended());
            volumes.extend(entries.map(|entry| {
                let offset = self.extent.offset.saturating_add(entry.extent.offset);
                Extent::new(offset, entry.extent.length.min(self.extent.end().saturating_sub(offset)))
            }));
        }
        Ok(volumes)
    }

    /// The image's bytes; fewer than its length when `source` is cut off.
    pub fn open(&self, source: &Arc<dyn Source>) -> Arc<dyn Source> {
        Arc::new(PartSource::new(source.clone(), self.extent))
    }

    /// Every field of the catalogue entry with its meaning and byte offset.
    pub fn details(&self) -> Vec<DetailGroup> {
        let mut group = DetailGroup::new("Boot catalogue entry");
        let at = |byte: u64| Some(self.record.saturating_add(byte));
        group.add("Boot indicator", if self.bootable { "88 (bootable)" } else { "not bootable" }, at(0));
        let flags = [(0x40, "with an ATAPI driver"), (0x80, "with SCSI drivers")];
        let flags = flags.into_iter().filter(|(bit, _)| self.media & bit != 0).map(|(_, words)| words);
        let media: Vec<_> = std::iter::once(self.emulation.label()).chain(flags.map(str::to_owned)).collect();
        group.add("Boot media type", media.join(", "), at(1));
        group.add(
            "Load segment",
            format!("{:04X}", if self.load_segment == 0 { 0x7c0 } else { self.load_segment }),
            at(2),
        );
        group.add("System type", format!("{:02X}", self.system_type), at(4));
        let declared = u64::from(self.declared_sectors) * BOOT_SECTOR;
        group.add("Sector count", format!("{} ({declared} bytes)", self.declared_sectors), at(6));
        group.add("Load RBA", format!("{} (byte {})", self.extent.offset / SECTOR_SIZE, self.extent.offset), at(8));
        if self.criteria != Criteria::default() {
            let Criteria { kind, data, extensions } = &self.criteria;
            let more = if *extensions == 0 { String::new() } else { format!(", {extensions} extensions") };
            group.add("Selection criteria", format!("type {kind}{more}: {}", text::hex(data)), at(12));
        }
        let mut image = DetailGroup::new("Boot image");
        image.add("Platform", self.platform.label(), None);
        image.add("Identifier", text::display(&self.id), None);
        image.add("Length", format!("{} bytes: {}", self.extent.length, self.size_reason), Some(self.extent.offset));
        vec![group, image]
    }
}
