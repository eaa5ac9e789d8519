//! Reading the catalogue.

use std::sync::Arc;

use crate::disc::bytes::Fields;
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::read_up_to;
use crate::disc::{Diagnostics, Error, Extent, Result, Source, limits, text};

use super::size::{MEASURED_IMAGES, measure};
use super::{
    BOOT_SECTOR, BootCatalog, BootImage, Criteria, ENTRY, Emulation, Platform, STRUCTURE, Section, Validation,
};

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
            CatalogReader { source, offset, bytes: &bytes, at: 0, catalog: Self { offset, ..Self::default() } };
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
        let checksum = validation.le16(28)?;
        self.catalog.validation = Some(Validation { platform, id: id.clone(), checksum, is_right: sum == 0 });
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
            let (record, entries, is_last) = (header.offset_of(0), header.le16(2)?, kind == 0x91);
            self.catalog.sections.push(Section { record, platform, entries, is_last, id: id.clone() });
            for _ in 0..entries {
                let Some(entry) = self.next() else {
                    let message = "A section of the boot catalogue has more entries than there is room for";
                    diagnostics.warning(STRUCTURE, header.offset_of(2), message);
                    return Ok(());
                };
                let before = self.catalog.images.len();
                self.take_image(&entry, platform, id.clone(), diagnostics)?;
                let mut criteria = Criteria { kind: entry.u8(12)?, data: entry.bytes(13, 19)?.to_vec(), extensions: 0 };
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
                    criteria.data.extend(extension.bytes(2, 30)?);
                    criteria.extensions = criteria.extensions.saturating_add(1);
                }
                if let Some(image) = self.catalog.images.get_mut(before..).and_then(<[BootImage]>::first_mut)
                    && (criteria.kind != 0 || criteria.data.iter().any(|byte| *byte != 0))
                {
                    image.criteria = criteria;
                }
            }
            if is_last {
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
            media: entry.u8(1)?,
            system_type: entry.u8(4)?,
            declared_sectors,
            extent: Extent::new(start, length),
            size_reason,
            id,
            criteria: Criteria::default(),
        });
        Ok(())
    }
}

fn identifier(bytes: &[u8]) -> String {
    text::trim_padding(&text::utf8(bytes).text).to_owned()
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
        extension[2] = 7;
        let (catalog, diagnostics) = read(&[
            validation(0),
            entry(2, 1, 10),
            header(false, 0xef, 1),
            entry(0x20, 8, 20),
            extension,
            header(true, 1, 1),
            entry(0, 4, 30),
        ]);
        let catalog = catalog.unwrap();
        let images = &catalog.images;
        let labels: Vec<_> = images.iter().map(BootImage::label).collect();
        assert_eq!(labels, ["1. BIOS, 1440 KiB diskette", "2. UEFI, no emulation", "3. PowerPC, no emulation"]);
        assert_eq!(images[0].extent, Extent::new(20_480, 1_474_560));
        assert_eq!(images[1].extent.length, 4096);
        let Criteria { kind, data, extensions } = &images[1].criteria;
        assert_eq!((*kind, data.len(), data[19], *extensions), (0, 49, 7, 1));
        assert_eq!((&images[2].criteria, images[1].media), (&Criteria::default(), 0x20));
        let sections: Vec<_> = catalog.sections.iter().map(|section| (section.platform, section.is_last)).collect();
        assert_eq!(sections, [(Platform::Uefi, false), (Platform::PowerPc, true)]);
        assert!(catalog.validation.unwrap().is_right);
        assert!(diagnostics.is_empty());
    }

    #[test]
    fn a_wrong_checksum_is_told_and_the_images_are_listed_all_the_same() {
        let mut wrong = validation(0);
        wrong[5] = 1;
        let (catalog, diagnostics) = read(&[wrong, entry(0, 4, 10)]);
        let catalog = catalog.unwrap();
        assert_eq!((catalog.images.len(), catalog.validation.unwrap().is_right), (1, false));
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
