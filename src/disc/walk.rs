//! A walk over a whole tree: every folder once, parents before children, in bounded time and memory.

use std::collections::HashSet;
use std::sync::Arc;

use super::tree::{FileTree, Folder, FolderId};
use super::{Diagnostics, Error, Result, limits, text};

/// One folder of a [`Walk`].
#[derive(Debug)]
pub struct Step {
    /// The folder's path: `/`-separated, empty for the root.
    pub path: String,
    /// 0 for where the walk began.
    pub depth: usize,
    /// The folder's place.
    pub id: FolderId,
    /// Its entries, or why it cannot be read.
    pub folder: Result<Arc<Folder>>,
}

/// Visits folders with a stack of its own, as images can hold folders of any depth. A folder that several entries name
/// is visited once, so that neither loops nor folders that contain one another many times can keep it busy.
pub struct Walk {
    tree: Arc<dyn FileTree>,
    /// Folders still to be visited with their paths, depths and where their entries are recorded; the next one is the last.
    pending: Vec<(FolderId, String, usize, u64)>,
    visited: HashSet<u64>,
    known: Option<(FolderId, Arc<Folder>)>,
    entries: u64,
    diagnostics: Diagnostics,
}

impl Walk {
    /// A walk over all of `tree`.
    pub fn new(tree: Arc<dyn FileTree>) -> Self {
        let root = tree.root();
        Self::below(tree, root, "")
    }

    /// A walk over `folder`, whose path is `path`, and all below it.
    pub fn below(tree: Arc<dyn FileTree>, folder: FolderId, path: &str) -> Self {
        let pending = vec![(folder, path.to_owned(), 0, 0)];
        let visited = HashSet::from([folder.place]);
        Self { tree, pending, visited, known: None, entries: 0, diagnostics: Diagnostics::default() }
    }

    /// The same walk, which does not read again what is `known`: a folder of a million files takes a hundred megabytes.
    pub fn knowing(self, known: Option<(FolderId, Arc<Folder>)>) -> Self {
        Self { known, ..self }
    }

    /// What was passed over so far, and why. What is wrong inside a folder stands in the folder.
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.diagnostics
    }

    /// Queues the folders of `folder`, so that the first of them comes next.
    fn descend(&mut self, folder: &Folder, path: &str, depth: usize) {
        let first = self.pending.len();
        for entry in folder.entries() {
            let Some(id) = self.tree.folder_of(entry) else { continue };
            let child = || text::join(path, folder.name(entry));
            if depth >= limits::WALK_DEPTH {
                let message = format!("Folders more than {} levels deep are not visited", limits::WALK_DEPTH);
                self.diagnostics.warning("directory", entry.record, message);
            } else if self.visited.insert(id.place) {
                self.pending.push((id, child(), depth.saturating_add(1), entry.record));
            } else {
                let message = format!("“{}” is a folder that appears elsewhere too, and is listed there", child());
                self.diagnostics.warning("directory record", entry.record, text::display(&message));
            }
        }
        self.pending.get_mut(first..).unwrap_or_default().reverse();
    }
}

impl Iterator for Walk {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        let (id, path, depth, record) = self.pending.pop()?;
        if self.entries >= limits::WALK_ENTRIES {
            self.pending.clear();
            let message = format!("The disc has more than the {} entries that Isoscope visits", limits::WALK_ENTRIES);
            self.diagnostics.error("directory", record, message);
            return None;
        }
        let folder = match self.known.take_if(|(known, _)| *known == id) {
            Some((_, folder)) => Ok(folder),
            None => self.tree.read_folder(id).map(Arc::new),
        };
        match &folder {
            Ok(folder) => {
                self.entries = self.entries.saturating_add(folder.entries().len() as u64);
                self.descend(folder, &path, depth);
            }
            Err(Error::Cancelled) => self.pending.clear(),
            Err(_) => {}
        }
        Some(Step { path, depth, id, folder })
    }
}
