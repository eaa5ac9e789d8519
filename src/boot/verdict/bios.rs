//! Computers with a BIOS.

use crate::boot::loader::{Loader, LoaderKind, is_mbr_bin};
use crate::boot::report::{self, BootReport, ReadImage};
use crate::disc::boot::boot_info_table;
use crate::disc::boot::el_torito::{Emulation, Platform};
use crate::disc::boot::system_area::{BootCode, POINTER_OFFSET, SIGNATURE_OFFSET, SystemArea};
use crate::disc::partition::Scheme;
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::read_up_to;
use crate::disc::{Error, Extent, Image, Result};

use super::case::{Case, Computer};
use super::entry;
use super::program;
use super::volume::{self, Volume};
use super::{Boots, Firmware, Medium, Verdict};

/// Where a BIOS looks for the boot record (El Torito §2.0: “sector 11 hex”); it looks nowhere else.
const BOOT_RECORD: u64 = 17 * SECTOR_SIZE;

const RECORD: &str = "master boot record";

/// A verdict on a medium that is being reached.
fn case(medium: Medium) -> Case {
    Case::new(Computer { firmware: Firmware::Bios, arch: "x86", medium, secure_boot: None })
}

/// From a disc: by the first entry of the boot catalogue.
pub(super) fn optical(image: &Image, report: &BootReport) -> Result<Verdict> {
    let mut case = case(Medium::Optical);
    let record = match read_up_to(image.source().as_ref(), Extent::new(BOOT_RECORD, 32)) {
        Err(Error::Cancelled) => return Err(Error::Cancelled),
        Err(_) => return Ok(case.is(Boots::Unknown, "The boot record in sector 17 cannot be read")),
        Ok(record) => record,
    };
    let is_record = record.starts_with(b"\0CD001\x01EL TORITO SPECIFICATION");
    let Some(catalog) = image.boot_catalog() else {
        let why = match is_record {
            true => "The boot catalogue cannot be read",
            false => "The disc has no boot catalogue, which a BIOS needs to start it",
        };
        case.seen("boot record", BOOT_RECORD, if is_record { "El Torito" } else { "no boot record" });
        return Ok(case.is(Boots::No, why));
    };
    case.seen("boot catalogue", catalog.offset, format!("{} images", catalog.images.len()));
    if !is_record {
        case.seen("boot record", BOOT_RECORD, "no boot record");
        return Ok(case.is(Boots::No, "The boot record does not stand in sector 17, and a BIOS looks nowhere else"));
    }
    // The entry behind the validation entry, and no other: few BIOSes know sections.
    let Some(boot) = report.images.first().filter(|boot| boot.image.number == 1) else {
        return Ok(case.is(Boots::No, "The boot catalogue has no entry that could be started"));
    };
    let entry = &boot.image;
    case.seen("boot catalogue entry", entry.record, entry.label());
    let is_first = entry.record == catalog.offset.saturating_add(32);
    if !is_first || !entry.bootable {
        return Ok(case.is(Boots::No, "The first entry of the boot catalogue is not marked as bootable"));
    }
    if entry.platform != Platform::Bios {
        let why =
            format!("The first entry of the boot catalogue is for {}, and none is for a BIOS", entry.platform.label());
        return Ok(case.is(Boots::No, why));
    }
    if !catalog.validation.as_ref().is_some_and(|validation| validation.is_right) {
        // Some look at the sum, and others do not.
        return Ok(case.depends("The checksum of the boot catalogue is wrong, which some BIOSes refuse"));
    }
    if let Some(why) = missing(image, boot, &mut case) {
        return Ok(case.is(Boots::No, why));
    }
    let what = entry.emulation.label();
    match (entry.emulation, &boot.loader) {
        (Emulation::None, _) => entry::loaded(image, boot, case),
        (Emulation::Diskette(_), Some(_)) => volume::verdict(image, &entry::diskette(image, boot), case),
        (Emulation::HardDisk, Some(_)) => entry::hard_disk(image, boot, case),
        (_, Some(loader)) => {
            case.seen("boot sector", loader.offset, loader.label());
            Ok(volume::not_looked_into(loader, &what, case))
        }
        (_, None) => Ok(case.is(Boots::Unknown, format!("It starts what a {what} would, which is not looked into"))),
    }
}

/// Why nothing starts when a boot image is not all there, or empty.
fn missing(image: &Image, boot: &ReadImage, case: &mut Case) -> Option<&'static str> {
    let extent = boot.image.extent;
    case.seen("boot image", extent.offset, format!("{} bytes", extent.length));
    if extent.inside(image.source().len()) < extent.length {
        return Some("The image of the disc ends before its boot image does");
    }
    boot.is_empty.then_some("The boot image begins with nothing but zeros")
}

/// From a stick: by the code in the first sector.
pub(super) fn usb(image: &Image, report: &BootReport) -> Result<Verdict> {
    let mut case = case(Medium::Usb);
    let Some(area) = &report.system_area else {
        return Ok(case.is(Boots::Unknown, "The first sector cannot be read"));
    };
    if !area.has_signature {
        case.seen(RECORD, SIGNATURE_OFFSET, "no signature 55 AA");
        let why = "The first sector has nothing for a BIOS: on a stick it starts after a tool has rebuilt it only";
        return Ok(case.is(Boots::No, why));
    }
    case.seen(RECORD, area.code_evidence, area.code.label());
    if area.code.partition_table().is_some() {
        return partition(image, report, area, case);
    }
    Ok(match area.code {
        BootCode::None => {
            let why = "The first sector has no code: on a stick it starts after a tool has rebuilt it only";
            case.is(Boots::No, why)
        }
        BootCode::Isohybrid | BootCode::Grub2 | BootCode::Memtest86 => return hybrid(image, report, area, case),
        BootCode::Unknown => case.is(Boots::Unknown, "The code in the first sector is of no kind that Isoscope knows"),
        other => case.is(Boots::Unknown, format!("It starts {}, which is not looked into", other.label())),
    })
}

/// The verdict on code that starts a boot image.
fn hybrid(image: &Image, report: &BootReport, area: &SystemArea, mut case: Case) -> Result<Verdict> {
    let Some(boot) = report.started_by(area) else {
        case.seen(RECORD, POINTER_OFFSET, area.pointer.map_or("0".to_owned(), |at| format!("byte {at}")));
        return Ok(case.is(Boots::No, "The code in the first sector looks for its second half where it is not"));
    };
    if let Some(why) = missing(image, boot, &mut case) {
        return Ok(case.is(Boots::No, why));
    }
    if area.code == BootCode::Grub2 {
        let at = boot.image.extent.offset;
        return Ok(match boot.grub2_address {
            Some(address) if address == at => {
                case.seen("GRUB 2 boot information", at.saturating_add(boot_info_table::GRUB2), "right");
                case.is(Boots::Yes, "It starts GRUB 2")
            }
            _ => {
                case.seen("GRUB 2 boot information", at.saturating_add(boot_info_table::GRUB2), "missing or wrong");
                case.is(Boots::No, "GRUB 2 has not been told where it lies on a stick")
            }
        });
    }
    if area.code == BootCode::Memtest86 {
        let is_it = |loader: &&Loader| loader.kind == LoaderKind::Memtest86;
        return Ok(match boot.loader.as_ref().filter(is_it) {
            Some(loader) => {
                case.seen("boot image", loader.offset, loader.label());
                case.is(Boots::Yes, format!("It starts {}", loader.label()))
            }
            None => case.is(Boots::Unknown, "It starts a boot image that is not known to be Memtest86+"),
        });
    }
    if !boot.is_isohybrid_core {
        case.seen("boot image", boot.image.extent.offset.saturating_add(boot_info_table::ISOHYBRID), "not FB C0 78 70");
        return Ok(case.is(Boots::No, "The boot image is no ISOLINUX that can be started from a stick"));
    }
    program::verdict(image, boot, case)
}

/// The verdict on code that starts the active partition, or the one that a GPT marks.
fn partition(image: &Image, report: &BootReport, area: &SystemArea, mut case: Case) -> Result<Verdict> {
    let Some((index, active)) = report::started_partition(image, area) else {
        let why =
            format!("The code in the first sector ({}) starts a partition, and none is marked", area.code.label());
        return Ok(case.is(Boots::No, why));
    };
    case.seen("partition table entry", active.record, active.label());
    let volume = Volume {
        what: format!("partition {}", active.label()),
        start: active.extent.offset,
        is_medium: false,
        trees: image.partition_trees(index),
        loader: report.partition_loader.as_ref(),
    };
    let verdict = volume::verdict(image, &volume, case)?;
    Ok(if goes_by_the_mark(image, area)? { verdict } else { if_it_goes_there(verdict, area.code) })
}

/// A verdict on a partition of which it is not certain that the code in front starts it.
pub(super) fn if_it_goes_there(verdict: Verdict, code: BootCode) -> Verdict {
    if verdict.boots == Boots::Unknown {
        return verdict;
    }
    let why = format!("{}, if the code in the first sector ({}) starts that", verdict.why, code.label());
    Verdict { boots: Boots::Unknown, why, ..verdict }
}

/// Whether the code in the first sector starts the only partition that is marked, and does not go by anything else.
fn goes_by_the_mark(image: &Image, area: &SystemArea) -> Result<bool> {
    let record = match read_up_to(image.source().as_ref(), Extent::new(0, SIGNATURE_OFFSET)) {
        Err(Error::Cancelled) => return Err(Error::Cancelled),
        record => record.unwrap_or_default(),
    };
    let marked = image.partitions().iter().filter(|part| part.scheme == Scheme::Mbr && part.active);
    Ok(is_mbr_bin(area.code, &record) && marked.count() == 1)
}
