//! El Torito (“El Torito” Bootable CD-ROM Format Specification 1.0): the boot catalogue and its boot images.

use std::sync::Arc;

use crate::disc::bytes::Fields;
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::{PartSource, read_up_to};
use crate::disc::tree::DetailGroup;
use crate::disc::{Diagnostics, Error, Extent, Result, Source, limits, text};

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
}

/// A boot catalogue that was read.
#[derive(Debug, Clone, Default)]
pub struct BootCatalog {
    /// Absolute byte offset of the catalogue.
    pub offset: u64,
    /// Every entry that points to an image.
    pub images: Vec<BootImage>,
}

impl BootCatalog {
    /// Reads the catalogue at block `lba`. `descriptor` is the absolute byte offset of the boot record that says so.
    pub fn read(source: &Arc<dyn Source>, lba: u32, descriptor: u64, diagnostics: &mut Diagnostics) -> Result<Self> {
        let offset = u64::from(lba).saturating_mul(SECTOR_SIZE);
        if offset >= source.len() {
            let message = format!("The boot catalogue at block {lba} lies behind the end of the image");
            return Err(Error::damaged("boot record", descriptor, message));
        }
        let bytes = read_up_to(source.as_ref(), Extent::new(offset, (limits::BOOT_ENTRIES * ENTRY) as u64))?;
        let mut reader =
            CatalogReader { source, offset, bytes: &bytes, at: 0, catalog: Self { offset, images: Vec::new() } };
        reader.read(diagnostics)?;
        Ok(reader.catalog)
    }
}

/// Goes through the catalogue entry by entry.
struct CatalogReader<'a> {
    source: &'a Arc<dyn Source>,
    offset: u64,
    bytes: &'a [u8],
    at: usize,
    catalog: BootCatalog,
}

impl<'a> CatalogReader<'a> {
    fn next(&mut self) -> Option<Fields<'a>> {
        let bytes = self.bytes.get(self.at..)?.get(..ENTRY)?;
        let fields = Fields::new(bytes, self.offset.saturating_add(self.at as u64), STRUCTURE);
        self.at = self.at.saturating_add(ENTRY);
        Some(fields)
    }

    fn read(&mut self, diagnostics: &mut Diagnostics) -> Result<()> {
        let cut_off = |offset| Error::damaged(STRUCTURE, offset, "The boot catalogue is cut off");
        // §2.1: the validation entry.
        let validation = self.next().ok_or_else(|| cut_off(self.offset))?;
        let sum = validation
            .all()
            .as_chunks::<2>()
            .0
            .iter()
            .fold(0_u16, |sum, pair| sum.wrapping_add(u16::from_le_bytes(*pair)));
        if validation.u8(0)? != 1 || validation.array::<2>(30)? != [0x55, 0xaa] {
            return Err(Error::damaged(
                STRUCTURE,
                self.offset,
                "The boot catalogue does not begin with a validation entry",
            ));
        }
        if sum != 0 {
            diagnostics.warning(STRUCTURE, self.offset, "The checksum of the boot catalogue is wrong");
        }
        let platform = Platform::new(validation.u8(1)?);
        let id = identifier(validation.bytes(4, 24)?);
        // §2.2: the initial/default entry.
        let initial = self.next().ok_or_else(|| cut_off(self.offset))?;
        self.take_image(&initial, platform, id, diagnostics)?;
        self.read_sections(diagnostics)
    }

    /// §2.3 to §2.5: section headers (90, the last 91), each followed by its entries and their extensions (44).
    fn read_sections(&mut self, diagnostics: &mut Diagnostics) -> Result<()> {
        for _ in 0..limits::BOOT_SECTIONS {
            let Some(header) = self.next() else { return Ok(()) };
            let kind = header.u8(0)?;
            if kind != 0x90 && kind != 0x91 {
                if kind != 0 {
                    let message = format!("The boot catalogue ends with an entry of the unknown kind {kind:#04x}");
                    diagnostics.warning(STRUCTURE, header.offset_of(0), message);
                }
                return Ok(());
            }
            let platform = Platform::new(header.u8(1)?);
            let id = identifier(header.bytes(4, 28)?);
            for _ in 0..header.le16(2)? {
                let Some(entry) = self.next() else {
                    let message = "A section of the boot catalogue has more entries than there is room for";
                    diagnostics.warning(STRUCTURE, header.offset_of(2), message);
                    return Ok(());
                };
                self.take_image(&entry, platform, id.clone(), diagnostics)?;
                let mut extended = entry.u8(1)? & 0x20 != 0;
                while extended {
                    let Some(extension) = self.next() else { return Ok(()) };
                    if extension.u8(0)? != 0x44 {
                        diagnostics.warning(
                            STRUCTURE,
                            extension.offset_of(0),
                            "An extension of a boot entry is missing",
                        );
                        self.at = self.at.saturating_sub(ENTRY);
                        break;
                    }
                    extended = extension.u8(1)? & 0x20 != 0;
                }
            }
            if kind == 0x91 {
                return Ok(());
            }
        }
        let message =
            format!("The boot catalogue has more than the {} sections that Isoscope reads", limits::BOOT_SECTIONS);
        diagnostics.warning(STRUCTURE, self.offset, message);
        Ok(())
    }

    fn take_image(
        &mut self,
        entry: &Fields<'_>,
        platform: Platform,
        id: String,
        diagnostics: &mut Diagnostics,
    ) -> Result<()> {
        let lba = entry.le32(8)?;
        let indicator = entry.u8(0)?;
        if lba == 0 && indicator != 0x88 {
            // An entry that nobody filled in.
            return Ok(());
        }
        let emulation = Emulation::new(entry.u8(1)?);
        let declared_sectors = entry.le16(6)?;
        let start = u64::from(lba).saturating_mul(SECTOR_SIZE);
        if start >= self.source.len() {
            let message = format!("The boot image at block {lba} lies behind the end of the image");
            diagnostics.warning(STRUCTURE, entry.offset_of(0), message);
        }
        let (length, size_reason) = if self.catalog.images.len() < MEASURED_IMAGES {
            // Without its first bytes an image has the size that the catalogue gives it.
            let head = read_up_to(self.source.as_ref(), Extent::new(start, SECTOR_SIZE)).unwrap_or_else(|error| {
                diagnostics.failure(&error);
                Vec::new()
            });
            measure(&head, self.source.len(), start, platform, emulation, declared_sectors)
        } else {
            (u64::from(declared_sectors) * BOOT_SECTOR, "as the boot catalogue says")
        };
        self.catalog.images.push(BootImage {
            number: self.catalog.images.len().saturating_add(1),
            record: entry.offset_of(0),
            platform,
            emulation,
            bootable: indicator == 0x88,
            load_segment: entry.le16(2)?,
            system_type: entry.u8(4)?,
            declared_sectors,
            extent: Extent::new(start, length),
            size_reason,
            id,
        });
        Ok(())
    }
}

/// Boot images whose own structures are asked for their size; real discs have up to five.
const MEASURED_IMAGES: usize = 16;

/// How long a boot image really is. No-emulation entries for BIOS nearly always say 4 sectors, whatever they load
/// later; entries for UEFI often say 0 or 1. `head` is its first sector.
fn measure(
    head: &[u8],
    image_len: u64,
    start: u64,
    platform: Platform,
    emulation: Emulation,
    sectors: u16,
) -> (u64, &'static str) {
    let declared = u64::from(sectors) * BOOT_SECTOR;
    let fields = Fields::new(head, start, "boot image");
    let fits = |length: &u64| *length > 0 && Extent::new(start, *length).end() <= image_len;
    match emulation {
        Emulation::Diskette(bytes) => return (bytes, "the size of the diskette that it stands for"),
        Emulation::HardDisk => {
            if let Some(length) = partitions_end(&fields).filter(fits) {
                return (length, "the end of the last partition inside");
            }
        }
        Emulation::None | Emulation::Unknown(_) => {}
    }
    if let Some(length) = boot_info_length(&fields, start).filter(fits) {
        return (length, "its boot information table");
    }
    if let Some(length) = fat_length(&fields).filter(fits).filter(|length| *length >= declared) {
        return (length, "the FAT file system inside");
    }
    if sectors <= 1 && platform == Platform::Uefi {
        return (image_len.saturating_sub(start), "up to the end of the image, as the boot catalogue gives no size");
    }
    // The catalogue counts no less than one sector of the disc.
    (declared.max(SECTOR_SIZE), "as the boot catalogue says")
}

/// The boot information table that mkisofs writes (`-boot-info-table`): at byte 8 the block of the primary volume
/// descriptor, the block of the image, its length in bytes, and a checksum.
fn boot_info_length(fields: &Fields<'_>, start: u64) -> Option<u64> {
    let (descriptor, image, length) = (fields.le32(8).ok()?, fields.le32(12).ok()?, fields.le32(16).ok()?);
    let here = u64::from(image).checked_mul(SECTOR_SIZE) == Some(start);
    (here && (16..1 << 20).contains(&descriptor) && length > 64).then_some(u64::from(length))
}

/// Total sectors of a FAT boot sector (BIOS parameter block, bytes 11, 19 and 32).
fn fat_length(fields: &Fields<'_>) -> Option<u64> {
    let jump = matches!(fields.u8(0).ok()?, 0xeb | 0xe9);
    let sector = u64::from(fields.le16(11).ok()?);
    let media = fields.u8(21).ok()?;
    let signature = fields.array::<2>(510).ok()? == [0x55, 0xaa];
    let total = match fields.le16(19).ok()? {
        0 => u64::from(fields.le32(32).ok()?),
        small => u64::from(small),
    };
    let plausible = jump && signature && media >= 0xf0 && matches!(sector, 512 | 1024 | 2048 | 4096);
    plausible.then(|| total.saturating_mul(sector)).filter(|length| *length > 0)
}

/// The largest end of the four primary partitions.
fn partitions_end(fields: &Fields<'_>) -> Option<u64> {
    if fields.array::<2>(510).ok()? != [0x55, 0xaa] {
        return None;
    }
    let end = |at: usize| -> Option<u64> {
        let (first, count) = (fields.le32(at + 8).ok()?, fields.le32(at + 12).ok()?);
        Some(u64::from(first).saturating_add(u64::from(count)).saturating_mul(BOOT_SECTOR))
    };
    [446, 462, 478, 494].into_iter().filter_map(end).max().filter(|end| *end > 0)
}

fn identifier(bytes: &[u8]) -> String {
    text::trim_padding(&text::utf8(bytes).text).to_owned()
}

impl BootImage {
    /// A name for the image as a file.
    pub fn file_name(&self) -> String {
        let platform = self.platform.label().to_lowercase().replace(' ', "-");
        format!("{}-{platform}-{}.img", self.number, self.emulation.label().replace(' ', "-"))
    }

    /// Number, platform and emulation for people.
    pub fn label(&self) -> String {
        format!("{}. {}, {}", self.number, self.platform.label(), self.emulation.label())
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
        group.add("Boot media type", self.emulation.label(), at(1));
        group.add(
            "Load segment",
            format!("{:04X}", if self.load_segment == 0 { 0x7c0 } else { self.load_segment }),
            at(2),
        );
        group.add("System type", format!("{:02X}", self.system_type), at(4));
        let declared = u64::from(self.declared_sectors) * BOOT_SECTOR;
        group.add("Sector count", format!("{} ({declared} bytes)", self.declared_sectors), at(6));
        group.add("Load RBA", format!("{} (byte {})", self.extent.offset / SECTOR_SIZE, self.extent.offset), at(8));
        let mut image = DetailGroup::new("Boot image");
        image.add("Platform", self.platform.label(), None);
        image.add("Identifier", text::display(&self.id), None);
        image.add("Length", format!("{} bytes: {}", self.extent.length, self.size_reason), Some(self.extent.offset));
        vec![group, image]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::source::MemorySource;

    fn validation(platform: u8) -> [u8; 32] {
        let mut entry = [0; 32];
        entry[0] = 1;
        entry[1] = platform;
        entry[30] = 0x55;
        entry[31] = 0xaa;
        let sum = entry.as_chunks::<2>().0.iter().fold(0_u16, |sum, pair| sum.wrapping_add(u16::from_le_bytes(*pair)));
        entry[28..30].copy_from_slice(&sum.wrapping_neg().to_le_bytes());
        entry
    }

    fn entry(media: u8, sectors: u16, lba: u32) -> [u8; 32] {
        let mut entry = [0; 32];
        entry[0] = 0x88;
        entry[1] = media;
        entry[6..8].copy_from_slice(&sectors.to_le_bytes());
        entry[8..12].copy_from_slice(&lba.to_le_bytes());
        entry
    }

    fn header(last: bool, platform: u8, count: u16) -> [u8; 32] {
        let mut entry = [0; 32];
        entry[0] = 0x90 + u8::from(last);
        entry[1] = platform;
        entry[2..4].copy_from_slice(&count.to_le_bytes());
        entry
    }

    fn read(entries: &[[u8; 32]]) -> (Result<BootCatalog>, Diagnostics) {
        let mut bytes = vec![0; 2048];
        bytes.extend(entries.concat());
        bytes.resize(2 << 20, 0);
        let source: Arc<dyn Source> = Arc::new(MemorySource::new(bytes));
        let mut diagnostics = Diagnostics::default();
        (BootCatalog::read(&source, 1, 34_816, &mut diagnostics), diagnostics)
    }

    #[test]
    fn sections_and_extensions_are_followed() {
        let mut extension = [0; 32];
        extension[0] = 0x44;
        let (catalog, diagnostics) = read(&[
            validation(0),
            entry(2, 1, 10),
            header(false, 0xef, 1),
            entry(0x20, 8, 20),
            extension,
            header(true, 1, 1),
            entry(0, 4, 30),
        ]);
        let images = catalog.unwrap().images;
        let labels: Vec<_> = images.iter().map(BootImage::label).collect();
        assert_eq!(labels, ["1. BIOS, 1440 KiB diskette", "2. UEFI, no emulation", "3. PowerPC, no emulation"]);
        assert_eq!(images[0].extent, Extent::new(20_480, 1_474_560));
        assert_eq!(images[1].extent.length, 4096);
        assert!(diagnostics.is_empty());
    }

    #[test]
    fn a_wrong_checksum_is_told_and_the_images_are_listed_all_the_same() {
        let mut wrong = validation(0);
        wrong[5] = 1;
        let (catalog, diagnostics) = read(&[wrong, entry(0, 4, 10)]);
        assert_eq!(catalog.unwrap().images.len(), 1);
        assert_eq!(diagnostics.items()[0].message, "The checksum of the boot catalogue is wrong");
    }

    #[test]
    fn a_section_that_claims_too_much_ends_with_the_catalogue() {
        let (catalog, diagnostics) = read(&[validation(0), entry(0, 4, 10), header(true, 0xef, u16::MAX)]);
        assert!(catalog.unwrap().images.len() < limits::BOOT_ENTRIES);
        assert!(!diagnostics.is_empty());
        assert!(read(&[[0; 32]]).0.is_err());
    }
}
