//! The programs in boot images: what each needs on the disc to start.

use std::sync::Arc;

use memchr::memmem;

use crate::boot::find::{self, Looked};
use crate::boot::loader::{Loader, LoaderKind};
use crate::boot::report::ReadImage;
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::read_up_to;
use crate::disc::tree::{FileTree, TreeKind};
use crate::disc::{Error, Extent, Image, Result};

use super::case::Case;
use super::{Boots, Verdict, volume};

/// Where ISOLINUX looks for its second half (syslinux 6, `core/fs/iso9660/iso9660.c` and `core/elflink/load_env32.c`).
pub(super) const LDLINUX: [&str; 5] = [
    "boot/isolinux/ldlinux.c32",
    "isolinux/ldlinux.c32",
    "boot/syslinux/ldlinux.c32",
    "syslinux/ldlinux.c32",
    "ldlinux.c32",
];

/// The first version of ISOLINUX that has a second half.
pub(super) const WITH_LDLINUX: u32 = 5;

/// The verdict on the program in a boot image that the firmware reaches.
pub(super) fn verdict(image: &Image, boot: &ReadImage, mut case: Case) -> Result<Verdict> {
    let Some(loader) = &boot.loader else {
        return Ok(case.is(Boots::Unknown, "The program in the boot image is of no kind that Isoscope knows"));
    };
    case.seen("boot image", loader.offset, loader.label());
    let table = boot.table;
    if let Some(table) = table {
        case.seen(
            "boot information table",
            table.offset,
            table.is_right().map_or("not checked", |right| if right { "right" } else { "wrong checksum" }),
        );
    }
    Ok(match loader.kind {
        LoaderKind::Isolinux => return isolinux(image, boot, loader, case),
        LoaderKind::GrubLegacy => return grub_legacy(image, boot, loader, case),
        LoaderKind::Grub2 if table.is_none() => {
            case.is(Boots::No, "GRUB 2 has not been told where it lies on the disc: it says “no boot info” and stops")
        }
        LoaderKind::Grub2 => case.is(Boots::Yes, "It starts GRUB 2"),
        // Of a disc for Windows the UDF side has the files.
        LoaderKind::Windows => {
            let trees: Vec<_> = image.trees().iter().collect();
            needs(image, &trees, &["bootmgr"], loader.kind.label(), "the disc", case)?
        }
        LoaderKind::WindowsNt => case.is(Boots::Unknown, "It starts a loader of Windows NT, which is not looked into"),
        _ => volume::not_looked_into(loader, "disc", case),
    })
}

fn isolinux(image: &Image, boot: &ReadImage, loader: &Loader, case: Case) -> Result<Verdict> {
    if boot.table.and_then(|table| table.is_right()) == Some(false) {
        let why = "ISOLINUX was changed after it was put on the disc: it says “Image checksum error” and stops";
        return Ok(case.is(Boots::No, why));
    }
    if loader.major().is_none_or(|major| major < WITH_LDLINUX) {
        return Ok(case.is(Boots::Yes, format!("It starts {}", loader.label())));
    }
    // It knows ISO 9660 and no extension.
    let plain = image.tree(TreeKind::Iso9660).unwrap_or_else(|| image.default_tree());
    needs(image, &[plain], &LDLINUX, &loader.label(), "the disc", case)
}

/// GRUB Legacy, whose `stage2_eltorito` reads the rest of itself by the boot information table and has its menu, or waits for
/// commands (grub 0.97, `stage2/start_eltorito.S`).
fn grub_legacy(image: &Image, boot: &ReadImage, loader: &Loader, case: Case) -> Result<Verdict> {
    let first = Extent::new(boot.image.extent.offset, SECTOR_SIZE);
    let is_for_discs = match read_up_to(image.source().as_ref(), first) {
        Err(Error::Cancelled) => return Err(Error::Cancelled),
        first => memmem::find(&first.unwrap_or_default(), b"Read error 0x").is_some(),
    };
    Ok(match boot.table.map(|table| table.is_right()) {
        _ if !is_for_discs => volume::not_looked_into(loader, "disc", case),
        None => case.is(Boots::No, "GRUB Legacy has not been told where it lies on the disc, and hangs"),
        Some(Some(true)) => case.is(Boots::Yes, format!("It starts {}", loader.label())),
        Some(_) => {
            let why =
                "GRUB Legacy was changed after it was put on the disc, which it does not notice, or cannot be read";
            case.is(Boots::Unknown, why)
        }
    })
}

/// The verdict on a program, called `what`, that goes on with one of the files at `paths` in one of the trees of `medium`.
pub(super) fn needs(
    image: &Image,
    trees: &[&Arc<dyn FileTree>],
    paths: &[&str],
    what: &str,
    medium: &str,
    case: Case,
) -> Result<Verdict> {
    let (mut unread, mut unusable) = (false, None);
    let len = image.source().len();
    for path in paths {
        for tree in trees {
            match find::look(tree.as_ref(), path)? {
                Looked::There(entry) => {
                    let mut extents = entry.content.extents().iter().filter(|extent| !extent.is_hole());
                    let is_there = extents.all(|extent| extent.end() <= len);
                    if is_there && entry.size > 0 {
                        return Ok(case.is(Boots::Yes, format!("It starts {what}")));
                    }
                    unusable =
                        Some(if is_there { "that is empty" } else { "the image of the disc ends before that does" });
                }
                Looked::Missing => {}
                Looked::Unread => unread = true,
            }
        }
    }
    let name = paths.last().copied().unwrap_or_default();
    Ok(if let Some(why) = unusable {
        case.is(Boots::No, format!("It starts {what}, which needs the file {name}, and {why}"))
    } else if unread {
        case.is(
            Boots::Unknown,
            format!("It starts {what}, which needs the file {name}; where that should be cannot be read"),
        )
    } else {
        case.is(Boots::No, format!("It starts {what}, which needs the file {name}, and {medium} does not have it"))
    })
}
