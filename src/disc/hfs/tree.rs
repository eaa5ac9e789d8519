//! The tree of a volume, whichever of the formats it has.

use std::cmp::Ordering;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};

use crate::disc::file::{Content, ExtentSource, Packing};
use crate::disc::tree::{DetailGroup, Entry, FileTree, Folder, FolderId, Kind, Stream, TreeKind};
use crate::disc::{Diagnostics, Error, Extent, Result, Source};

use super::btree::BTree;
use super::catalog::{self, Body, Item, ROOT};
use super::fork::{ForkKind, Space};
use super::{decmpfs, details, listing};

/// Folder in the root that holds the files that hard links name.
pub(super) const PRIVATE_FILES: &str = "\0\0\0\0HFS+ Private Data";
/// Folder in the root that holds the folders that hard links name.
pub(super) const PRIVATE_FOLDERS: &str = ".HFS+ Private Directory Data\r";

/// The folders and files of one volume. [`Entry::size`] of a folder holds its number, as nothing else needs it.
#[derive(Clone)]
pub struct HfsTree {
    pub(super) source: Arc<dyn Source>,
    pub(super) kind: TreeKind,
    /// Absolute byte offset of the volume.
    pub(super) start: u64,
    pub(super) space: Space,
    pub(super) catalog: BTree,
    pub(super) attributes: Option<BTree>,
    /// Numbers of the folders that hold the files and the folders of hard links.
    pub(super) private: Arc<OnceLock<(Option<u32>, Option<u32>)>>,
}

/// Whether the name in a key of HFS+ comes before or after `name`, when both are the same word with a number behind, as
/// those of inodes are: all orders of names agree in these. They differ in what they think of a zero, for example.
fn compare_numbered(key: &[u8], name: &str) -> Option<Ordering> {
    let word = name.find(|c: char| c.is_ascii_digit())?;
    let units = key.get(8..).unwrap_or_default().as_chunks::<2>().0;
    let key = units.iter().map(|unit| u16::from_be_bytes(*unit));
    let is_same_word = key.clone().take(word).eq(name.encode_utf16().take(word));
    is_same_word.then(|| key.cmp(name.encode_utf16()))
}

/// An entry of the catalog and where it is recorded.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub item: Item,
    /// Where the record lies.
    pub extent: Extent,
    /// Absolute byte offset of what stands behind the key.
    pub data_offset: u64,
}

impl HfsTree {
    /// True for HFS+ and HFSX.
    pub(super) fn plus(&self) -> bool {
        self.kind == TreeKind::HfsPlus
    }

    /// The entry called `name` in the folder with the number `parent`. Names are compared exactly.
    pub(super) fn lookup(&self, parent: u32, name: &str, diagnostics: &mut Diagnostics) -> Result<Option<Found>> {
        let mut found = None;
        self.catalog.group(
            parent,
            &|key| compare_numbered(key, name).is_some_and(Ordering::is_lt),
            diagnostics,
            &mut |record, diagnostics| {
                if catalog::name(record, self.plus()).text != name {
                    let passed = record.in_order && compare_numbered(record.key, name).is_some_and(Ordering::is_gt);
                    return if passed { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
                }
                match Item::parse(record, self.plus()) {
                    Ok(Some(item)) => {
                        found = Some(Found { item, extent: record.extent, data_offset: record.data_offset });
                        ControlFlow::Break(())
                    }
                    Ok(None) => ControlFlow::Continue(()),
                    Err(error) => {
                        diagnostics.failure(&error);
                        ControlFlow::Continue(())
                    }
                }
            },
        )?;
        Ok(found)
    }

    /// Numbers of the folders that hold what hard links name.
    fn private(&self, diagnostics: &mut Diagnostics) -> Result<(Option<u32>, Option<u32>)> {
        if let Some(known) = self.private.get() {
            return Ok(*known);
        }
        let mut number = |name| -> Result<Option<u32>> {
            let found = self.lookup(ROOT, name, diagnostics)?.map(|found| found.item);
            Ok(found.filter(|item| matches!(item.body, Body::Folder { .. })).map(|item| item.id))
        };
        let numbers = (number(PRIVATE_FILES)?, number(PRIVATE_FOLDERS)?);
        Ok(*self.private.get_or_init(|| numbers))
    }

    /// What a hard link stands for (TN1150, “Hard Links”); `None` when it leads nowhere.
    pub(super) fn resolve(&self, link: &Item, diagnostics: &mut Diagnostics) -> Result<Option<Found>> {
        let (files, folders) = self.private(diagnostics)?;
        let (folder, word) = if link.is_hard_link() { (files, "iNode") } else { (folders, "dir_") };
        let Some(folder) = folder else { return Ok(None) };
        let found = self.lookup(folder, &format!("{word}{}", link.link_target()), diagnostics)?;
        let fits = |found: &Found| match found.item.body {
            Body::File { .. } => link.is_hard_link() && !found.item.is_hard_link(),
            Body::Folder { .. } => link.is_folder_link(),
        };
        Ok(found.filter(fits))
    }

    /// The record of one of a folder's entries once more, and that of what it stands for when it is a hard link.
    pub(super) fn records(
        &self,
        entry: &Entry,
        diagnostics: &mut Diagnostics,
    ) -> Result<Option<(Found, Option<Found>)>> {
        let found = self.catalog.record_at(entry.record, |record| {
            let item = Item::parse(record, self.plus());
            item.map(|item| item.map(|item| Found { item, extent: record.extent, data_offset: record.data_offset }))
        })?;
        let Some(found) = found.transpose()?.flatten() else { return Ok(None) };
        let target = match found.item.is_hard_link() || found.item.is_folder_link() {
            true => self.resolve(&found.item, diagnostics)?,
            false => None,
        };
        Ok(Some((found, target)))
    }

    /// The packed bytes of `content`, unpacked when they are packed.
    fn open_content(&self, content: &Content, size: u64) -> Result<Arc<dyn Source>> {
        let stored = Arc::new(ExtentSource::new(self.source.clone(), content));
        match content.packing() {
            Some(Packing::Decmpfs { kind }) => {
                let offset = content.extents().first().map_or(0, |extent| extent.offset);
                decmpfs::open(stored, offset, decmpfs::Header { kind, size })
            }
            Some(Packing::Zisofs { .. }) | None => Ok(stored),
        }
    }
}

impl FileTree for HfsTree {
    fn kind(&self) -> TreeKind {
        self.kind
    }

    fn root(&self) -> FolderId {
        FolderId { place: u64::from(ROOT), extra: self.start }
    }

    fn read_folder(&self, folder: FolderId) -> Result<Folder> {
        listing::read(self, folder)
    }

    fn folder_of(&self, entry: &Entry) -> Option<FolderId> {
        (entry.kind == Kind::Folder && entry.content.unsupported().is_none())
            .then_some(FolderId { place: entry.size, extra: self.start })
    }

    fn open(&self, entry: &Entry) -> Result<Arc<dyn Source>> {
        if let Some(why) = entry.content.unsupported() {
            return Err(Error::unsupported(catalog::RECORD, entry.record, why));
        }
        self.open_content(&entry.content, entry.size)
    }

    fn streams(&self, folder: &Folder, index: usize) -> Result<Vec<Stream>> {
        let Some(entry) = folder.entries().get(index).filter(|_| folder.has_streams(index)) else {
            return Ok(Vec::new());
        };
        let mut diagnostics = Diagnostics::default();
        let Some((link, target)) = self.records(entry, &mut diagnostics)? else { return Ok(Vec::new()) };
        let Found { item, extent, .. } = target.unwrap_or(link);
        let Body::File { resource, .. } = item.body else { return Ok(Vec::new()) };
        let (content, _) = self.space.locate(item.id, ForkKind::Resource, &resource, &mut diagnostics)?;
        let name = "Resource fork".to_owned();
        Ok(vec![Stream { name, size: resource.size, content, record: extent.offset }])
    }

    fn details(&self, folder: &Folder, index: usize) -> Result<Vec<DetailGroup>> {
        details::of_entry(self, folder, index)
    }

    fn with_source(&self, source: Arc<dyn Source>) -> Arc<dyn FileTree> {
        let overflow = self.space.overflow.as_ref().map(|tree| tree.with_source(&source));
        Arc::new(Self {
            space: Space { overflow, ..self.space.clone() },
            catalog: self.catalog.with_source(&source),
            attributes: self.attributes.as_ref().map(|tree| tree.with_source(&source)),
            source,
            ..self.clone()
        })
    }

    fn source(&self) -> &Arc<dyn Source> {
        &self.source
    }
}
