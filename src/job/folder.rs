//! Reading one folder.

use std::sync::Arc;

use super::{Context, Failure, Job, Lane, Output};
use crate::disc::tree::{FileTree, Folder, FolderId, TreeKind};

/// Reads the entries of a folder.
#[derive(Clone)]
pub struct ReadFolder {
    /// The tree it belongs to.
    pub tree: Arc<dyn FileTree>,
    /// The folder.
    pub folder: FolderId,
}

/// A folder that was read.
#[derive(Debug, Clone)]
pub struct FolderRead {
    /// The tree it belongs to.
    pub tree: TreeKind,
    /// Where it lies.
    pub id: FolderId,
    /// What it holds, and what is wrong with it.
    pub folder: Arc<Folder>,
}

impl Job for ReadFolder {
    fn name(&self) -> &'static str {
        "Reading a folder"
    }

    fn lane(&self) -> Lane {
        Lane::Interactive
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        let folder = context.tree(&self.tree).read_folder(self.folder)?;
        Ok(Output::Folder(FolderRead { tree: self.tree.kind(), id: self.folder, folder: Arc::new(folder) }))
    }
}
