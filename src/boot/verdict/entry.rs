//! What an entry of the boot catalogue has a BIOS do with its boot image.

use crate::boot::loader::{DiskStart, LoaderKind};
use crate::boot::report::ReadImage;
use crate::disc::tree::TreeId;
use crate::disc::{Error, Image, Result, text};

use super::bios::if_it_goes_there;
use super::case::Case;
use super::program;
use super::volume::{self, Volume};
use super::{Boots, Verdict};

/// Where boot images are loaded to, if nothing else is said (El Torito §2.2).
const USUAL_SEGMENT: u16 = 0x7c0;

/// Bytes of the sectors that the boot catalogue counts.
const BIOS_SECTOR: u64 = 512;

/// Where the memory of a PC ends that a BIOS uses: the screen follows.
const END_OF_MEMORY: u64 = 640 << 10;

/// The verdict on a boot image that is loaded as it is: as much of it, and to where, as its entry says (El Torito §2.2).
pub(super) fn loaded(image: &Image, boot: &ReadImage, mut case: Case) -> Result<Verdict> {
    let entry = &boot.image;
    let (segment, sectors) = (entry.load_segment, entry.declared_sectors);
    // Those of which it is known where they run, and that what is loaded must have all of a sector of the disc.
    let name = boot.loader.as_ref().filter(|it| matches!(it.kind, LoaderKind::Isolinux | LoaderKind::Grub2));
    let name = name.map(|loader| loader.kind.label());
    case.seen(
        "boot catalogue entry",
        entry.record.saturating_add(2),
        format!("segment {segment:04X}, {sectors} sectors"),
    );
    if let (Some(name), false) = (name, matches!(segment, 0 | USUAL_SEGMENT)) {
        let why = format!("The boot catalogue has {name} loaded to segment {segment:04X}, and it runs at 07C0 only");
        return Ok(case.is(Boots::No, why));
    }
    let start = u64::from(if segment == 0 { USUAL_SEGMENT } else { segment }) << 4;
    let end = start.saturating_add(u64::from(sectors).saturating_mul(BIOS_SECTOR));
    if end > END_OF_MEMORY {
        let why = format!(
            "The boot catalogue has {} loaded, for which there is no room in the memory that a BIOS uses",
            text::size(u64::from(sectors).saturating_mul(BIOS_SECTOR))
        );
        return Ok(case.is(Boots::No, why));
    }
    let verdict = program::verdict(image, boot, case)?;
    let doubt = match sectors {
        _ if verdict.boots != Boots::Yes => return Ok(verdict),
        0 => "if the BIOS loads it although the boot catalogue says that none of it is to be loaded",
        1..4 if name.is_some() => {
            "if the BIOS loads all of a sector of the disc although the boot catalogue asks for less"
        }
        _ => return Ok(verdict),
    };
    let why = format!("{} {doubt}", verdict.why);
    Ok(Verdict { boots: Boots::Unknown, depends: true, why, ..verdict })
}

/// A boot image that stands for a diskette.
pub(super) fn diskette<'a>(image: &Image, boot: &'a ReadImage) -> Volume<'a> {
    let start = boot.image.extent.offset;
    let (trees, loader) = (trees_in(image, boot), boot.loader.as_ref());
    Volume { what: "diskette".to_owned(), start, is_medium: true, trees, loader }
}

/// The verdict on a boot image that stands for a hard disk, whose code in front starts a partition.
pub(super) fn hard_disk(image: &Image, boot: &ReadImage, mut case: Case) -> Result<Verdict> {
    let start = match DiskStart::read(image.source().as_ref(), boot.image.extent) {
        Err(Error::Cancelled) => return Err(Error::Cancelled),
        start => start.ok().flatten(),
    };
    let Some(DiskStart { code, partition: Some(partition), is_addressable, goes_by_the_mark }) = start else {
        return Ok(case.is(Boots::Unknown, "It starts what a hard disk would, which is not looked into"));
    };
    case.seen("master boot record of the boot image", boot.image.extent.offset, code.label());
    let volume = Volume {
        what: "hard disk".to_owned(),
        start: partition.offset,
        is_medium: false,
        trees: trees_in(image, boot),
        loader: boot.loader.as_ref(),
    };
    let verdict = volume::verdict(image, &volume, case)?;
    if verdict.boots == Boots::Yes && !is_addressable {
        let why = format!(
            "{}, if the BIOS goes by the numbers of blocks: cylinder, head and sector in the partition table do not reach \
             that far",
            verdict.why
        );
        return Ok(Verdict { boots: Boots::Unknown, depends: true, why, ..verdict });
    }
    Ok(if goes_by_the_mark { verdict } else { if_it_goes_there(verdict, code) })
}

fn trees_in(image: &Image, boot: &ReadImage) -> Vec<TreeId> {
    let index = image.boot_images().iter().position(|other| other.record == boot.image.record);
    index.map(|index| image.boot_image_trees(index)).unwrap_or_default()
}
