//! One tree of an ISO 9660 volume: plain, enhanced, Joliet or Rock Ridge.

use std::sync::Arc;

use crate::disc::file::{ExtentSource, Packing};
use crate::disc::sector::Blocks;
use crate::disc::tree::{AttributeVisitor, DetailGroup, Entry, FileTree, Folder, FolderId, TreeKind};
use crate::disc::{Diagnostics, Error, Extent, Lba, Result, Source};

use super::names::Encoding;
use super::record::DirectoryRecord;
use super::susp::{self, AreaReader};
use super::volume::{Flavour, VolumeDescriptor};
use super::zisofs::ZisofsSource;
use super::{aaip, details, directory, rock_ridge};

/// A tree of directories as one volume descriptor and one way of reading names give it.
#[derive(Clone)]
pub struct IsoTree {
    pub(super) source: Arc<dyn Source>,
    kind: TreeKind,
    pub(super) encoding: Encoding,
    pub(super) blocks: Blocks,
    root: FolderId,
    /// Bytes to skip at the start of each system use area; `None` when Rock Ridge is not read.
    pub(super) skip: Option<usize>,
}

impl IsoTree {
    /// The tree that starts at the root of `volume`, without Rock Ridge.
    pub fn new(source: Arc<dyn Source>, volume: &VolumeDescriptor) -> Result<Self> {
        let record =
            DirectoryRecord::parse(&volume.root, volume.offset.saturating_add(156)).ok().flatten().ok_or_else(
                || Error::damaged("root directory record", volume.offset + 156, "The disc has no root folder"),
            )?;
        let (kind, encoding) = match volume.flavour {
            Flavour::Primary => (TreeKind::Iso9660, Encoding::Bytes),
            Flavour::Enhanced => (TreeKind::Iso9660Enhanced, Encoding::Bytes),
            Flavour::Joliet(_) => (TreeKind::Joliet, Encoding::Utf16),
        };
        let blocks = Blocks { base: volume.base, size: volume.valid_block_size() };
        let mut tree = Self { source, kind, encoding, blocks, root: FolderId { place: 0, extra: 0 }, skip: None };
        let extent = directory::data_extent(&tree, &record, &mut |_| {});
        tree.root = FolderId { place: extent.offset, extra: extent.length };
        Ok(tree)
    }

    /// The same directories with Rock Ridge, when the disc has it: announced by `SP`, or by entries that make sense as
    /// some old tools leave `SP` out. A trouble on the way is told in `diagnostics` and means that it has none.
    pub fn rock_ridge(&self, diagnostics: &mut Diagnostics) -> Option<Self> {
        let (sector, record_offset) = match self.first_sector(self.root) {
            Ok(sector) => (sector, self.root.place),
            Err(error) => {
                diagnostics.failure(&error);
                return None;
            }
        };
        let record = DirectoryRecord::parse(&sector, record_offset).ok().flatten().filter(DirectoryRecord::is_self)?;
        let announced = susp::skip_of_root(record.system_use);
        let skip = announced.unwrap_or(0);
        let found = if announced.is_some() {
            self.announces_rock_ridge(&record) || self.has_rock_ridge(&sector, record_offset, skip)
        } else {
            self.has_rock_ridge(&sector, record_offset, 0)
        };
        found.then(|| Self { kind: TreeKind::RockRidge, skip: Some(skip), ..self.clone() })
    }

    /// True when an `ER` entry of the root names Rock Ridge (SUSP §5.5).
    fn announces_rock_ridge(&self, record: &DirectoryRecord<'_>) -> bool {
        let mut found = false;
        let area = susp_start(record.system_use);
        let at = record.system_use_offset().saturating_add(area as u64);
        let system_use = record.system_use.get(area..).unwrap_or_default();
        susp::for_each_entry(
            self.source.as_ref(),
            self.blocks,
            &mut AreaReader::default(),
            (system_use, at),
            &mut |_| {},
            &mut |entry, _| {
                if &entry.signature == b"ER" {
                    let len = usize::from(entry.fields().u8(4).unwrap_or(0));
                    let id = entry.fields().bytes(8, len).unwrap_or_default();
                    found |= rock_ridge::EXTENSION_IDS.contains(&id);
                }
            },
        );
        found
    }

    /// True when `PX` or `NM` entries stand in the system use areas of the folder's first sector.
    fn has_rock_ridge(&self, sector: &[u8], mut offset: u64, skip: usize) -> bool {
        let mut rest = sector;
        while let Ok(Some(record)) = DirectoryRecord::parse(rest, offset) {
            let area = record.system_use.get(skip..).unwrap_or_default();
            if matches!(
                area.first_chunk::<4>(),
                Some([b'P', b'X', 36 | 44, 1] | [b'N', b'M', 5..=255, 1] | [b'R', b'R', 5, 1])
            ) {
                return true;
            }
            let Some(&length) = rest.first() else { return false };
            rest = rest.get(usize::from(length)..).unwrap_or_default();
            offset = offset.saturating_add(u64::from(length));
        }
        false
    }

    /// What exists of a folder's first sector.
    pub(super) fn first_sector(&self, folder: FolderId) -> Result<Vec<u8>> {
        crate::disc::source::read_up_to(
            self.source.as_ref(),
            Extent::new(folder.place, crate::disc::sector::SECTOR_SIZE),
        )
    }

    /// Where a block starts.
    pub(super) fn block_offset(&self, block: u32) -> u64 {
        self.blocks.offset(Lba(block))
    }
}

/// Where SUSP entries start in the root's own record: behind the 14 bytes of CD-ROM XA when they are there.
pub(super) fn susp_start(system_use: &[u8]) -> usize {
    if system_use.get(14..16) == Some(b"SP") && !system_use.starts_with(b"SP") { 14 } else { 0 }
}

impl FileTree for IsoTree {
    fn kind(&self) -> TreeKind {
        self.kind
    }

    fn root(&self) -> FolderId {
        self.root
    }

    fn read_folder(&self, folder: FolderId) -> Result<Folder> {
        directory::read(self, folder)
    }

    fn folder_of(&self, entry: &Entry) -> Option<FolderId> {
        let extent = entry.content.extents().first().filter(|_| entry.is_folder())?;
        Some(FolderId { place: extent.offset, extra: extent.length })
    }

    fn open(&self, entry: &Entry) -> Result<Arc<dyn Source>> {
        if let Some(why) = entry.content.unsupported() {
            return Err(Error::unsupported("directory record", entry.record, why));
        }
        let stored = Arc::new(ExtentSource::new(self.source.clone(), &entry.content));
        match entry.content.packing() {
            Some(Packing::Zisofs { .. }) => {
                let offset = entry.content.extents().first().map_or(0, |extent| extent.offset);
                Ok(Arc::new(ZisofsSource::open(stored, offset, entry.size)?))
            }
            Some(Packing::Decmpfs { .. }) | None => Ok(stored),
        }
    }

    fn attributes(&self, folder: &Folder, visit: &mut AttributeVisitor<'_>) -> Result<()> {
        aaip::of_entries(self, folder, visit)
    }

    fn root_attributes(&self, visit: &mut dyn FnMut(&str, &[u8])) -> Result<()> {
        aaip::of_root(self, visit)
    }

    fn details(&self, folder: &Folder, index: usize) -> Result<Vec<DetailGroup>> {
        details::of_entry(self, folder, index)
    }

    fn with_source(&self, source: Arc<dyn Source>) -> Arc<dyn FileTree> {
        Arc::new(Self { source, ..self.clone() })
    }

    fn source(&self) -> &Arc<dyn Source> {
        &self.source
    }
}
