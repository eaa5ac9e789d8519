//! What a boot sector starts, of a diskette or of a partition.

use std::sync::Arc;

use super::case::Case;
use super::program::{LDLINUX, WITH_LDLINUX, needs};
use super::{Boots, Verdict};
use crate::boot::find::{self, Looked};
use crate::boot::loader::{Loader, LoaderKind};
use crate::disc::source::read_up_to;
use crate::disc::tree::{FileTree, TreeId, TreeKind};
use crate::disc::{Error, Extent, Image, Result};

/// Bytes of a boot sector, and of what it counts.
const SECTOR: u64 = 512;

/// Folders in which SYSLINUX lies where it was not put into the root (syslinux, `doc/syslinux.txt`: the option `-d`).
const FOLDERS: [&str; 5] = ["", "boot/syslinux/", "syslinux/", "boot/isolinux/", "isolinux/"];

/// A volume whose boot sector is started.
pub(super) struct Volume<'a> {
    /// What it is in a sentence, such as `diskette`.
    pub(super) what: String,
    /// Where it begins in the image.
    pub(super) start: u64,
    /// It is a whole medium, not a part of one.
    pub(super) is_medium: bool,
    /// The trees in it.
    pub(super) trees: Vec<TreeId>,
    /// What its boot sector starts.
    pub(super) loader: Option<&'a Loader>,
}

/// The verdict on the boot sector that the firmware, or the code in the first sector, starts.
pub(super) fn verdict(image: &Image, volume: &Volume<'_>, mut case: Case) -> Result<Verdict> {
    let what = &volume.what;
    let Some(loader) = volume.loader else {
        return Ok(case.is(Boots::Unknown, format!("It starts the {what}, which is not looked into")));
    };
    case.seen("boot sector", loader.offset, loader.label());
    Ok(match loader.kind {
        // It reads on from the front of the medium, and needs no file.
        LoaderKind::Memtest86 if volume.is_medium => case.is(Boots::Yes, format!("It starts {}", loader.label())),
        LoaderKind::Notice => {
            let why = format!("The boot sector of the {what} says that it cannot be started, and nothing else");
            case.is(Boots::No, why)
        }
        LoaderKind::Syslinux => return syslinux(image, volume, loader, case),
        _ => not_looked_into(loader, what, case),
    })
}

/// The verdict on a program of which it is not known what it needs.
pub(super) fn not_looked_into(loader: &Loader, what: &str, case: Case) -> Verdict {
    let why = format!("It starts {} on the {what}, and what that needs is not looked into", loader.label());
    case.is(Boots::Unknown, why)
}

fn syslinux(image: &Image, volume: &Volume<'_>, loader: &Loader, mut case: Case) -> Result<Verdict> {
    let (name, what) = (loader.label(), &volume.what);
    let trees = volume.trees.iter().filter(|tree| tree.kind == TreeKind::Fat);
    let Some(fat) = trees.filter_map(|tree| image.tree_by_id(*tree)).next() else {
        return Ok(not_looked_into(loader, what, case));
    };
    let sector = match read_up_to(image.source().as_ref(), Extent::new(volume.start, SECTOR)) {
        Err(Error::Cancelled) => return Err(Error::Cancelled),
        read => read.unwrap_or_default(),
    };
    for folder in FOLDERS {
        let Some(file) = start_of(fat, &format!("{folder}ldlinux.sys"))? else { continue };
        if !leads_to(&sector, file.saturating_sub(volume.start)) {
            continue;
        }
        case.seen("ldlinux.sys", file, "where the boot sector looks for it");
        if loader.major().is_some_and(|major| major < WITH_LDLINUX) {
            return Ok(case.is(Boots::Yes, format!("It starts {name} on the {what}")));
        }
        // It looks beside itself first.
        let beside = format!("{folder}ldlinux.c32");
        let paths: Vec<_> = [beside.as_str()].into_iter().chain(LDLINUX).collect();
        return needs(image, &[fat], &paths, &format!("{name} on the {what}"), &format!("the {what}"), case);
    }
    // What was deleted or moved may still lie there.
    let why = format!("It starts {name} on the {what}, whose boot sector leads to no file ldlinux.sys that was found");
    Ok(case.is(Boots::Unknown, why))
}

/// Where the content of a file begins in the image; `None` where it cannot be told.
fn start_of(tree: &Arc<dyn FileTree>, path: &str) -> Result<Option<u64>> {
    Ok(match find::look(tree.as_ref(), path)? {
        Looked::There(entry) => entry.content.extents().first().map(|extent| extent.offset),
        Looked::Missing | Looked::Unread => None,
    })
}

/// Whether the boot sector loads the sector at this byte of its volume: its installer writes the number into the
/// instruction `mov eax` (syslinux, `libinstaller/syslxmod.c`).
fn leads_to(sector: &[u8], at: u64) -> bool {
    let Ok(number) = u32::try_from(at / SECTOR) else { return false };
    let [a, b, c, d] = number.to_le_bytes();
    at.is_multiple_of(SECTOR) && memchr::memmem::find(sector, &[0x66, 0xb8, a, b, c, d]).is_some()
}
