//! How long boot images really are.

use crate::disc::bytes::Fields;
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::{Extent, limits};

use super::super::boot_info_table::BootInfoTable;
use super::{BOOT_SECTOR, Emulation, Platform};

/// Boot images whose own structures are asked for their size; real discs have up to five.
pub(super) const MEASURED_IMAGES: usize = 16;

/// The reason of a length that is none.
pub(super) const OPEN_END: &str = "up to the end of the image, as the boot catalogue gives no size";

/// How long a boot image really is. No-emulation entries for BIOS nearly always say 4 sectors, whatever they load
/// later; entries for UEFI often say 0 or 1. `head` is its first sector.
pub(super) fn measure(
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
    // Its table leads back to it, so that it is believed also where the image of the disc ends within it.
    let table = BootInfoTable::of_head(&fields).map(|table| u64::from(table.length));
    if let Some(length) = table.filter(|length| fits(length) || *length <= limits::BOOT_IMAGE_CHECKSUM) {
        return (length, "its boot information table");
    }
    if let Some(length) = fat_length(&fields).filter(fits).filter(|length| *length >= declared) {
        return (length, "the FAT file system inside");
    }
    if sectors <= 1 && platform == Platform::Uefi {
        return (image_len.saturating_sub(start), OPEN_END);
    }
    // The catalogue counts no less than one sector of the disc.
    (declared.max(SECTOR_SIZE), "as the boot catalogue says")
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
