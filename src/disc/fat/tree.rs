//! The tree of a volume.

use std::sync::Arc;

use crate::disc::file::ExtentSource;
use crate::disc::tree::{DetailGroup, Entry, FileTree, Folder, FolderId, TreeKind};
use crate::disc::{Diagnostics, Error, Result, Source};

use super::allocation::AllocationTable;
use super::boot_sector::{BootSector, Width};
use super::entry::ENTRY;
use super::{details, listing};

/// The folders and files of one volume. [`Entry::size`] of a folder holds its first cluster, as nothing else needs it.
#[derive(Clone)]
pub struct FatTree {
    pub(super) source: Arc<dyn Source>,
    pub(super) boot: Arc<BootSector>,
    /// The copies of the file allocation table.
    pub(super) tables: Vec<AllocationTable>,
    /// Absolute byte offset behind the last byte that the volume may claim.
    pub(super) limit: u64,
    /// What is wrong with the volume as a whole.
    pub(super) troubles: Arc<Diagnostics>,
}

impl FatTree {
    /// True for the root directory of FAT12 and FAT16, which is no chain of clusters.
    pub(super) fn has_fixed_root(&self) -> bool {
        self.boot.width != Width::Fat32
    }

    fn folder_at(&self, cluster: u32) -> FolderId {
        FolderId { place: cluster.into(), extra: self.boot.start }
    }
}

impl FileTree for FatTree {
    fn kind(&self) -> TreeKind {
        TreeKind::Fat
    }

    fn root(&self) -> FolderId {
        self.folder_at(if self.has_fixed_root() { 0 } else { self.boot.root_cluster })
    }

    fn read_folder(&self, folder: FolderId) -> Result<Folder> {
        listing::read(self, folder)
    }

    fn folder_of(&self, entry: &Entry) -> Option<FolderId> {
        let cluster = u32::try_from(entry.size).ok().filter(|cluster| entry.is_folder() && self.boot.has(*cluster))?;
        Some(self.folder_at(cluster))
    }

    fn open(&self, entry: &Entry) -> Result<Arc<dyn Source>> {
        if !entry.is_file() {
            return Err(Error::unsupported(ENTRY, entry.record, "A folder has no content"));
        }
        Ok(Arc::new(ExtentSource::new(self.source.clone(), &entry.content)))
    }

    fn details(&self, folder: &Folder, index: usize) -> Result<Vec<DetailGroup>> {
        details::of_entry(self, folder, index)
    }

    fn with_source(&self, source: Arc<dyn Source>) -> Arc<dyn FileTree> {
        let tables = self.tables.iter().map(|table| table.with_source(&source)).collect();
        Arc::new(Self { source, tables, ..self.clone() })
    }

    fn source(&self) -> &Arc<dyn Source> {
        &self.source
    }
}
