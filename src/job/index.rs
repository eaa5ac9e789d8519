//! Walking over the whole disc, for totals and for search.

use std::sync::Arc;

use super::{Context, Failure, Job, Lane, Output, Progress, Unit};
use crate::disc::index::Index;
use crate::disc::tree::{FileTree, Folder, FolderId};

/// Builds the index of a tree.
#[derive(Clone)]
pub struct BuildIndex {
    /// The tree.
    pub tree: Arc<dyn FileTree>,
    /// A folder of it that was read already.
    pub known: Option<(FolderId, Arc<Folder>)>,
}

impl Job for BuildIndex {
    fn name(&self) -> &'static str {
        "Looking through the whole disc"
    }

    fn lane(&self) -> Lane {
        Lane::Background
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        let tree = context.tree(&self.tree);
        let index = Index::build(&tree, self.known, &mut |entries| {
            context.progress(|| Progress::so_far(entries, Unit::Entries));
        })?;
        Ok(Output::Index(Arc::new(index)))
    }
}
