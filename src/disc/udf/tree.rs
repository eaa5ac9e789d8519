//! The tree of one file set.

use std::sync::Arc;

use crate::disc::file::ExtentSource;
use crate::disc::tree::{DetailGroup, Entry, FileTree, Folder, FolderId, Stream, TreeKind};
use crate::disc::{Error, Extent, Result, Source};

use super::partition::{Space, View};
use super::{details, directory, icb, streams};

/// The directories of a file set, from its root on.
#[derive(Clone)]
pub struct UdfTree {
    source: Arc<dyn Source>,
    space: Arc<Space>,
    root: FolderId,
    /// What is listed.
    listing: Listing,
}

/// What is listed of a folder.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Listing {
    /// Deleted entries too.
    pub(super) deleted: bool,
    /// No more of an entry than its file identifier descriptor says: its ICB is not read.
    pub(super) names_only: bool,
}

impl UdfTree {
    /// The tree below `root` in the logical volume whose partitions are `space`.
    pub(super) fn new(source: Arc<dyn Source>, space: Arc<Space>, root: FolderId) -> Self {
        Self { source, space, root, listing: Listing::default() }
    }

    pub(super) fn view(&self) -> View<'_> {
        View::new(&self.source, &self.space)
    }

    pub(super) fn lists_deleted(&self) -> bool {
        self.listing.deleted
    }
}

impl FileTree for UdfTree {
    fn kind(&self) -> TreeKind {
        TreeKind::Udf
    }

    fn root(&self) -> FolderId {
        self.root
    }

    fn read_folder(&self, folder: FolderId) -> Result<Folder> {
        directory::read(self.view(), folder, self.root, self.listing)
    }

    fn folder_of(&self, entry: &Entry) -> Option<FolderId> {
        // The size of a folder's entry is the address of its ICB, which is nowhere when its place is not known.
        let somewhere = entry.content.unsupported().is_none() || entry.size != directory::NO_ADDRESS;
        (entry.is_folder() && somewhere).then_some(FolderId { place: entry.record, extra: entry.size })
    }

    fn open(&self, entry: &Entry) -> Result<Arc<dyn Source>> {
        if let Some(why) = entry.content.unsupported() {
            return Err(Error::unsupported(icb::STRUCTURE, entry.record, why));
        }
        Ok(Arc::new(ExtentSource::new(self.source.clone(), &entry.content)))
    }

    fn streams(&self, folder: &Folder, index: usize) -> Result<Vec<Stream>> {
        match folder.entries().get(index) {
            Some(entry) if folder.has_streams(index) => Ok(streams::of_file(self.view(), entry.record)?.streams),
            _ => Ok(Vec::new()),
        }
    }

    fn stream_extents(&self, folder: &Folder, index: usize) -> Result<Vec<Extent>> {
        match folder.entries().get(index) {
            Some(entry) if folder.has_streams(index) => Ok(streams::of_file(self.view(), entry.record)?.extents),
            _ => Ok(Vec::new()),
        }
    }

    fn with_deleted(&self) -> Option<Arc<dyn FileTree>> {
        let listing = Listing { deleted: true, ..self.listing };
        Some(Arc::new(Self { listing, ..self.clone() }))
    }

    fn names_only(&self) -> Option<Arc<dyn FileTree>> {
        let listing = Listing { names_only: true, ..self.listing };
        Some(Arc::new(Self { listing, ..self.clone() }))
    }

    fn details(&self, folder: &Folder, index: usize) -> Result<Vec<DetailGroup>> {
        details::entry::of(self, folder, index)
    }

    fn with_source(&self, source: Arc<dyn Source>) -> Arc<dyn FileTree> {
        Arc::new(Self { source, ..self.clone() })
    }

    fn source(&self) -> &Arc<dyn Source> {
        &self.source
    }
}
