//! Opening a volume: its record, its special files, and the tree that the catalog holds.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::disc::bytes::Fields;
use crate::disc::file::Content;
use crate::disc::file_system::{FileSystem, Session, Structure};
use crate::disc::source::read_up_to;
use crate::disc::tree::{DetailGroup, FileTree, TreeKind};
use crate::disc::{Diagnostics, Extent, Lba, Result, Source, volume};

use super::attributes;
use super::btree::BTree;
use super::catalog::{self, ROOT_PARENT, moment};
use super::fork::{Fork, ForkData, ForkKind, HFS_OVERFLOW, HFS_PLUS_OVERFLOW, Space};
use super::tree::HfsTree;
use super::volume::{Bitmap, Format, VolumeRecord};

/// Catalog node IDs of special files.
const OVERFLOW_FILE: u32 = 3;
const CATALOG_FILE: u32 = 4;
const ALLOCATION_FILE: u32 = 6;
const STARTUP_FILE: u32 = 7;
const ATTRIBUTES_FILE: u32 = 8;

/// Opens the HFS, HFS+ or HFSX volume that `part` holds; `None` when there is none. An HFS volume that is only the
/// wrapper of an HFS+ volume gives the latter. There is never more than one session.
pub fn open(
    source: &Arc<dyn Source>,
    part: Extent,
    _session: Option<u32>,
    diagnostics: &mut Diagnostics,
) -> Result<Option<FileSystem>> {
    let Some(record) = VolumeRecord::read(source.as_ref(), part, diagnostics)? else { return Ok(None) };
    if let Some(inner) = record.embedded {
        let mut own = Diagnostics::default();
        let embedded = VolumeRecord::read(source.as_ref(), inner, &mut own);
        diagnostics.append(own);
        if let Some(embedded) = diagnostics.salvage(embedded)?.flatten().filter(|it| it.format != Format::Hfs) {
            return open_volume(source, part, &embedded, Some(&record), diagnostics).map(Some);
        }
        let message = "The HFS+ volume inside is not there, so the HFS volume around it is shown";
        diagnostics.error(record.format.structure(), record.offset.saturating_add(124), message);
    }
    open_volume(source, part, &record, None, diagnostics).map(Some)
}

fn open_volume(
    source: &Arc<dyn Source>,
    part: Extent,
    record: &VolumeRecord,
    wrapper: Option<&VolumeRecord>,
    diagnostics: &mut Diagnostics,
) -> Result<FileSystem> {
    let plus = record.format != Format::Hfs;
    let mut files = SpecialFiles {
        source,
        space: Space { blocks: record.blocks, image_len: source.len(), overflow: None, plus },
        structures: Vec::new(),
    };
    let (overflow, keys) = if plus { (HFS_PLUS_OVERFLOW, catalog::HFS_PLUS) } else { (HFS_OVERFLOW, catalog::HFS) };
    let fork = files.fork("extents overflow file", OVERFLOW_FILE, &record.overflow, diagnostics)?;
    let opened = fork.map(|fork| BTree::open(overflow, fork, diagnostics)).transpose();
    files.space.overflow = diagnostics.salvage(opened)?.flatten();
    let fork = files.fork("catalog file", CATALOG_FILE, &record.catalog, diagnostics)?;
    let fork = fork.unwrap_or_else(|| Fork::new(source, Content::default()));
    let tree_of_catalog = BTree::open(keys, fork, diagnostics)?;
    let fork = files.fork("attributes file", ATTRIBUTES_FILE, &record.attributes_file, diagnostics)?;
    let opened = fork.map(|fork| BTree::open(attributes::LAYOUT, fork, diagnostics)).transpose();
    let attributes = diagnostics.salvage(opened)?.flatten();
    match &record.bitmap {
        Bitmap::Bytes(extent) => files.structures.push(Structure { name: "volume bitmap", extent: *extent }),
        Bitmap::File(fork) => drop(files.fork("allocation file", ALLOCATION_FILE, fork, diagnostics)?),
    }
    files.fork("startup file", STARTUP_FILE, &record.startup, diagnostics)?;
    if let Some(block) = record.journal_info_block {
        let journal = read_journal(source.as_ref(), record, block, diagnostics);
        files.structures.extend(diagnostics.salvage(journal)?.into_iter().flatten());
    }
    for volume in [Some(record), wrapper].into_iter().flatten() {
        files.structures.extend(volume.places().into_iter().map(|(name, extent)| Structure { name, extent }));
    }
    let tree = HfsTree {
        source: source.clone(),
        kind: if plus { TreeKind::HfsPlus } else { TreeKind::Hfs },
        start: record.extent.offset,
        space: files.space,
        catalog: tree_of_catalog,
        attributes,
        private: Arc::default(),
    };
    let name = match plus {
        true => volume_name(&tree, diagnostics)?,
        false => record.name.clone(),
    };
    let structures = files.structures;
    Ok(FileSystem { part, structures, ..describe(record, wrapper, tree, name) })
}

fn describe(record: &VolumeRecord, wrapper: Option<&VolumeRecord>, tree: HfsTree, name: String) -> FileSystem {
    let size_at = if tree.plus() { 44 } else { 18 };
    let volume = volume::Volume {
        id: name.clone(),
        created: moment(record.created),
        modified: moment(record.modified),
        block_size: record.blocks.size,
        blocks: record.block_count,
        ..volume::Volume::default()
    };
    let mut details: Vec<DetailGroup> =
        [Some(record), wrapper].into_iter().flatten().map(VolumeRecord::details).collect();
    let mut trees = DetailGroup::new("B-trees");
    let named = [
        ("Catalog file", Some(&tree.catalog)),
        ("Extents overflow file", tree.space.overflow.as_ref()),
        ("Attributes file", tree.attributes.as_ref()),
    ];
    for (label, it) in named.into_iter().filter_map(|(label, it)| it.map(|it| (label, it))) {
        let words = format!("{} bytes in nodes of {} bytes", it.fork().len(), it.node_size());
        trees.add(label, words, Some(it.fork().absolute(0)));
    }
    details.push(trees);
    let mut formats = vec![record.format.label().to_owned()];
    formats.extend(wrapper.map(|_| "HFS wrapper".to_owned()));
    let trees: Vec<Arc<dyn FileTree>> = vec![Arc::new(tree)];
    FileSystem {
        trees,
        volume,
        formats,
        declared_end: wrapper.unwrap_or(record).extent.end().max(record.extent.end()),
        declared_at: wrapper.map_or(record.offset.saturating_add(size_at), |it| it.offset.saturating_add(18)),
        sessions: vec![Session { number: 1, first_block: 0, volume_id: name }],
        session: 1,
        details,
        ..FileSystem::default()
    }
}

/// The files of a volume that no folder names.
struct SpecialFiles<'a> {
    source: &'a Arc<dyn Source>,
    space: Space,
    structures: Vec<Structure>,
}

impl SpecialFiles<'_> {
    /// The fork of a special file, if there is any; its extents join the structures.
    fn fork(
        &mut self,
        name: &'static str,
        file: u32,
        data: &ForkData,
        diagnostics: &mut Diagnostics,
    ) -> Result<Option<Fork>> {
        if data.size == 0 {
            return Ok(None);
        }
        let (content, missing) = self.space.locate(file, ForkKind::Data, data, diagnostics)?;
        let fork = Fork::new(self.source, content);
        if let Some(message) = missing {
            diagnostics.error(name, fork.absolute(0), message);
        }
        let inside = fork.extents().iter().filter(|extent| extent.offset < self.source.len());
        self.structures.extend(inside.map(|extent| Structure { name, extent: *extent }));
        Ok(Some(fork))
    }
}

/// The name of the root folder, which is that of the volume.
fn volume_name(tree: &HfsTree, diagnostics: &mut Diagnostics) -> Result<String> {
    let mut name = String::new();
    tree.catalog.group(ROOT_PARENT, &|_| false, diagnostics, &mut |record, _| {
        name = catalog::name(record, true).text.into_owned();
        ControlFlow::Break(())
    })?;
    Ok(name)
}

/// Where the journal and its description lie (TN1150, “Journal”). Changes that wait in it are told: they are not made.
fn read_journal(
    source: &dyn Source,
    record: &VolumeRecord,
    block: u32,
    diagnostics: &mut Diagnostics,
) -> Result<Vec<Structure>> {
    const INFO: &str = "journal info block";
    const JOURNAL: &str = "journal";
    let at = record.blocks.offset(Lba(block));
    let bytes = read_up_to(source, Extent::new(at, 52))?;
    let fields = Fields::new(&bytes, at, INFO);
    let mut structures = vec![Structure { name: INFO, extent: Extent::new(at, u64::from(record.blocks.size)) }];
    // The journal may be on another device.
    if fields.be32(0)? & 1 == 0 {
        return Ok(structures);
    }
    let extent = Extent::new(record.extent.offset.saturating_add(fields.be64(36)?), fields.be64(44)?);
    structures.push(Structure { name: JOURNAL, extent });
    let bytes = read_up_to(source, Extent::new(extent.offset, 24))?;
    let fields = Fields::new(&bytes, extent.offset, JOURNAL);
    // The journal has the byte order of the computer that wrote it.
    let (start, end) = match fields.array(4)? {
        [0x12, 0x34, 0x56, 0x78] => (fields.be64(8)?, fields.be64(16)?),
        [0x78, 0x56, 0x34, 0x12] => (fields.le64(8)?, fields.le64(16)?),
        _ => {
            diagnostics.warning(JOURNAL, extent.offset, "The journal of the volume is damaged");
            return Ok(structures);
        }
    };
    if start != end {
        let message = "The volume was not unmounted properly: its journal holds changes that are not shown";
        diagnostics.warning(JOURNAL, fields.offset_of(8), message);
    }
    Ok(structures)
}
