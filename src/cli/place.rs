//! What a path given by the user means inside an image.

use std::sync::Arc;

use super::output::Failure;
use crate::disc::tree::{self, Entry, FileTree, Folder, FolderId, Found};
use crate::disc::{Error, text};

/// One component of a path: an entry of a folder.
pub(super) struct Step {
    pub(super) folder: Arc<Folder>,
    pub(super) index: usize,
}

impl Step {
    /// The entry; `find` gives only places that exist.
    pub(super) fn entry(&self) -> Option<&Entry> {
        self.folder.entries().get(self.index)
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        self.entry().map(|entry| self.folder.name(entry)).unwrap_or_default()
    }
}

/// What a path names.
pub(super) struct Place {
    /// The entries on the way, the last being the one that is named. None for the root.
    pub(super) steps: Vec<Step>,
    /// Where the folder lies, when it is one.
    pub(super) folder: Option<FolderId>,
}

/// Follows `path` from the root of `tree`. Names count as they are listed, on a terminal or in JSON.
pub(super) fn find(tree: &Arc<dyn FileTree>, path: &str) -> Result<Place, Failure> {
    let about = |error: Error| Failure::about(&super::shown_path(path), &error);
    let missing = || Failure::Failed(format!("There is no “{}” in the image", text::display(path)));
    let mut here = String::new();
    let mut place = Place { steps: Vec::new(), folder: Some(tree.root()) };
    for component in path.split('/').filter(|component| !matches!(*component, "" | ".")) {
        here = text::join(&here, component);
        match tree::find(tree.as_ref(), &here).map_err(about)? {
            Some(Found::Entry { folder, index }) => place.steps.push(Step { folder, index }),
            Some(Found::Root) => {}
            None => return Err(missing()),
        }
    }
    if let Some(entry) = place.steps.last().and_then(Step::entry) {
        place.folder = tree.folder_of(entry);
        if entry.is_folder() && place.folder.is_none() {
            let message = format!("{}: The folder's place on the disc is not known", text::display(path));
            return Err(Failure::Failed(message));
        }
    }
    Ok(place)
}
