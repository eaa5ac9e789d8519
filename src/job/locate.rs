//! Finding the folders on the way along a path.

use std::sync::Arc;

use super::{Context, Failure, Job, Lane, Output};
use crate::disc::text;
use crate::disc::tree::{FileTree, FolderId};

/// Follows a path down from the root, as far as there are folders.
#[derive(Clone)]
pub struct Locate {
    /// The tree to look in.
    pub tree: Arc<dyn FileTree>,
    /// The path, `/`-separated, its components escaped as by [`text::path_component`].
    pub path: String,
}

impl Job for Locate {
    fn name(&self) -> &'static str {
        "Looking for a folder"
    }

    fn lane(&self) -> Lane {
        Lane::Interactive
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        let tree = context.tree(&self.tree);
        let mut found: Vec<(FolderId, String)> = Vec::new();
        for component in self.path.split('/').filter(|component| !component.is_empty()) {
            let here = found.last().map_or(tree.root(), |(id, _)| *id);
            let folder = tree.read_folder(here)?;
            let wanted = |name: &str| text::path_component(name) == component;
            let exact = folder.entries().iter().find(|entry| entry.is_folder() && wanted(folder.name(entry)));
            // Another tree of the same disc may write the name in another case.
            let alike = || {
                let lower = component.to_lowercase();
                folder
                    .entries()
                    .iter()
                    .find(|entry| entry.is_folder() && text::path_component(folder.name(entry)).to_lowercase() == lower)
            };
            let Some(entry) = exact.or_else(alike) else { break };
            let Some(id) = tree.folder_of(entry) else { break };
            found.push((id, folder.name(entry).to_owned()));
        }
        Ok(Output::Located(found))
    }
}
