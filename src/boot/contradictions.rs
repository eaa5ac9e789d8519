//! Structures that contradict one another, each told with the place where it stands.

use super::programs::EfiFile;
use super::report::{BootReport, ReadImage};
use crate::disc::boot::boot_info_table;
use crate::disc::boot::mbr;
use crate::disc::boot::system_area::{BootCode, POINTER_OFFSET, SIGNATURE_OFFSET, SystemArea};
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::read_up_to;
use crate::disc::tree::TreeKind;
use crate::disc::{Diagnostics, Extent, Image, Result, Source, text};

/// Whether a boot image is what was written about it.
pub(super) fn of_image(source: &dyn Source, boot: &ReadImage, findings: &mut Diagnostics) -> Result<()> {
    let (label, start) = (boot.image.label(), boot.image.extent.offset);
    if let Some(table) = boot.table {
        if table.is_right() == Some(false) {
            let message = format!(
                "The boot image {label} is not what its boot information table was made for: the checksum is {:08x}, \
                 and should be {:08x}",
                table.actual_checksum.unwrap_or(0),
                table.checksum
            );
            findings.warning("boot information table", table.offset.saturating_add(12), message);
        }
        let at = u64::from(table.descriptor_lba).saturating_mul(SECTOR_SIZE);
        let descriptor = findings.salvage(read_up_to(source, Extent::new(at, 6)))?.unwrap_or_default();
        if descriptor != *b"\x01CD001" {
            let message = format!(
                "The boot information table of {label} says that the volume descriptor stands in block {}, where there \
                 is none",
                table.descriptor_lba
            );
            findings.warning("boot information table", table.offset, message);
        }
    }
    if let Some(address) = boot.grub2_address.filter(|address| *address != start) {
        let message = format!("GRUB 2 in the boot image {label} looks for itself at byte {address}, where it is not");
        findings.warning("GRUB 2 boot information", start.saturating_add(boot_info_table::GRUB2), message);
    }
    Ok(())
}

/// Whether what a BIOS finds on a stick leads anywhere.
pub(super) fn of_area(area: &SystemArea, image: &Image, report: &BootReport, findings: &mut Diagnostics) {
    const RECORD: &str = "master boot record";
    if area.code == BootCode::None {
        return;
    }
    if !area.has_signature {
        // Discs for other computers have something of their own here, and are none of a BIOS's business.
        if area.others.is_empty() && area.code != BootCode::Unknown {
            let message = format!("The boot code ({}) is there, but not the signature 55 AA", area.code.label());
            findings.warning(RECORD, SIGNATURE_OFFSET, message);
        }
        return;
    }
    if area.code.has_pointer() {
        match report.started_by(area) {
            None => {
                let place = area.pointer.map_or("nowhere".to_owned(), |at| format!("to byte {at}"));
                let message =
                    format!("The boot code ({}) leads {place}, where no boot image begins", area.code.label());
                findings.warning(RECORD, POINTER_OFFSET, message);
            }
            Some(boot) if boot.image.number == 0 => {
                let (code, at) = (area.code.label(), boot.image.extent.offset);
                let message = format!(
                    "The boot code ({code}) leads to byte {at}, and no entry of the boot catalogue for a BIOS does"
                );
                findings.info(RECORD, POINTER_OFFSET, message);
            }
            Some(boot) if area.code == BootCode::Isohybrid && !boot.is_isohybrid_core => {
                let message = format!("The boot code leads to {}, which is no ISOLINUX for sticks", boot.image.label());
                findings.warning(RECORD, POINTER_OFFSET, message);
            }
            Some(_) => {}
        }
    }
    let active = |scheme| image.partitions().iter().any(|part| part.scheme == scheme && part.active);
    if let Some(scheme) = area.code.partition_table().filter(|scheme| !active(*scheme)) {
        let (code, table) = (area.code.label(), scheme.label());
        let message = format!("The boot code ({code}) starts a partition, but the {table} marks none for it");
        findings.warning(RECORD, mbr::TABLE_OFFSET, message);
    }
}

/// Whether programs of the same name are the same: in the tree of the disc, from which menus and tools take them, and in the
/// FAT file system, from which firmware does.
pub(super) fn of_copies(image: &Image, programs: &[EfiFile], findings: &mut Diagnostics) {
    let default = image.id_of(image.default_tree().as_ref());
    let digest = |file: &EfiFile| file.signatures.as_ref().map(|signatures| signatures.digests.sha256());
    for copy in programs.iter().filter(|file| file.tree.kind == TreeKind::Fat && file.tree != default) {
        let same_path = |file: &&EfiFile| file.tree == default && file.path.eq_ignore_ascii_case(&copy.path);
        let Some(file) = programs.iter().find(same_path) else { continue };
        let digests = digest(file).zip(digest(copy));
        if file.size != copy.size || digests.is_some_and(|(one, other)| one != other) {
            let message = format!(
                "{} is not the same in {} and in {}: a computer starts the latter",
                text::display(&file.path),
                file.tree.label(),
                copy.tree.label()
            );
            findings.info("EFI programs", copy.offset.unwrap_or(0), message);
        }
    }
}
