//! Opening an ISO 9660 volume: its descriptors, its sessions, and the trees that they start.

use std::sync::Arc;

use crate::disc::boot::el_torito::BootCatalog;
use crate::disc::file_system::{FileSystem, Session, Structure};
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::read_up_to;
use crate::disc::tree::{FileTree, TreeKind};
use crate::disc::{Diagnostics, Error, Extent, Lba, Result, Source, richest};

use super::volume::{DescriptorSet, FIRST_DESCRIPTOR, Flavour, STANDARD_ID, VolumeDescriptor};
use super::{IsoTree, sessions};

/// Opens the volume that `part` holds, in the newest session or in that with this number; `None` when no volume
/// descriptor stands there.
pub fn open(
    source: &Arc<dyn Source>,
    part: Extent,
    session: Option<u32>,
    diagnostics: &mut Diagnostics,
) -> Result<Option<FileSystem>> {
    let first = part.offset.saturating_add(u64::from(FIRST_DESCRIPTOR) * SECTOR_SIZE);
    if read_up_to(source.as_ref(), Extent::new(first, 6))?.get(1..) != Some(STANDARD_ID) {
        return Ok(None);
    }
    let mut unread = Diagnostics::default();
    // Later sessions count their blocks from the start of the disc, so that a volume in a partition has just one.
    let mut sessions = match part.offset {
        0 => sessions::find(source, &mut unread)?,
        _ => vec![Session { number: 1, first_block: 0, volume_id: String::new() }],
    };
    let newest = sessions.len();
    let number = session.map_or(newest, |number| usize::try_from(number).unwrap_or(usize::MAX));
    let Some(open) = number.checked_sub(1).and_then(|at| sessions.get(at)) else {
        let message = format!("There is no session {number}; the image has {newest}");
        return Err(Error::unsupported("session", 0, message));
    };
    let set = DescriptorSet::read(source, part.offset, open.first_block)?;
    diagnostics.append(set.diagnostics.clone());
    diagnostics.append(unread);
    let volumes = &set.volumes;
    let main = volumes.iter().find(|volume| volume.flavour == Flavour::Primary).or(volumes.first());
    let Some(main) = main else {
        let offset = first.saturating_add(u64::from(open.first_block) * SECTOR_SIZE);
        return Err(Error::damaged("volume descriptor", offset, "The disc has no primary volume descriptor"));
    };
    let volume = main.volume();
    let blocks = match part.offset {
        0 => sessions::declared_blocks(source, open.first_block, volume.blocks)?,
        _ => u64::from(volume.blocks),
    };
    let trees = open_trees(source, volumes, diagnostics)?;
    let boot = set.boot_catalog.and_then(|(lba, offset)| {
        BootCatalog::read(source, lba, offset, diagnostics).inspect_err(|error| diagnostics.failure(error)).ok()
    });
    let session = open.number;
    let start = first.saturating_add(u64::from(open.first_block) * SECTOR_SIZE);
    let descriptors = set.sectors.saturating_mul(SECTOR_SIZE);
    let mut structures = vec![Structure { name: "volume descriptors", extent: Extent::new(start, descriptors) }];
    let tables = volumes.iter().flat_map(VolumeDescriptor::path_tables);
    if open.first_block != 0 {
        // libisofs keeps a copy of the newest descriptors where those of the first session would stand.
        let copy = DescriptorSet::read(source, part.offset, 0)?.sectors.saturating_mul(SECTOR_SIZE);
        structures.push(Structure { name: "volume descriptors", extent: Extent::new(first, copy) });
    }
    if let Some((lba, _)) = set.boot_catalog {
        let extent = Extent::new(part.offset.saturating_add(Lba(lba).to_bytes(2048)), SECTOR_SIZE);
        structures.push(Structure { name: "boot catalogue", extent });
    }
    structures.extend(tables.map(|extent| Structure { name: "path table", extent }));
    sessions::name(source, &mut sessions);
    Ok(Some(FileSystem {
        part,
        formats: formats(&trees, volumes, boot.is_some()),
        declared_end: part.offset.saturating_add(blocks.saturating_mul(u64::from(volume.block_size))),
        declared_at: main.offset.saturating_add(80),
        details: volumes.iter().map(VolumeDescriptor::details).collect(),
        trees,
        volume,
        sessions,
        session,
        structures,
        boot,
    }))
}

fn formats(trees: &[Arc<dyn FileTree>], volumes: &[VolumeDescriptor], boots: bool) -> Vec<String> {
    let mut formats: Vec<&str> = Vec::new();
    for kind in [TreeKind::Iso9660, TreeKind::Iso9660Enhanced, TreeKind::RockRidge, TreeKind::Joliet] {
        if trees.iter().any(|tree| tree.kind() == kind) {
            formats.push(kind.label());
        }
    }
    if volumes.iter().any(|volume| volume.xa) {
        formats.push("CD-ROM XA");
    }
    if boots {
        formats.push("El Torito");
    }
    formats.into_iter().map(str::to_owned).collect()
}

/// The trees of a session in the order of preference. One that cannot be read is told and left out.
fn open_trees(
    source: &Arc<dyn Source>,
    volumes: &[VolumeDescriptor],
    diagnostics: &mut Diagnostics,
) -> Result<Vec<Arc<dyn FileTree>>> {
    let mut trees: Vec<Arc<dyn FileTree>> = Vec::new();
    let mut failure = None;
    for volume in volumes {
        match IsoTree::new(source.clone(), volume) {
            Ok(tree) => {
                if volume.flavour == Flavour::Primary
                    && let Some(rock_ridge) = tree.rock_ridge(diagnostics)
                {
                    trees.push(Arc::new(rock_ridge));
                }
                trees.push(Arc::new(tree));
            }
            Err(error) => {
                diagnostics.failure(&error);
                failure = Some(error);
            }
        }
    }
    // Joliet names have more characters than any but Rock Ridge's; the enhanced tree has longer names than the plain one.
    trees.sort_by_key(|tree| richest::rank(tree.kind()));
    match failure {
        Some(error) if trees.is_empty() => Err(error),
        _ => Ok(trees),
    }
}
