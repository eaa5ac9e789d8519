//! Finds the files that a list names otherwise than the disc does: by way of symbolic links, in another case, or with the
//! separators of Windows.

use std::collections::HashMap;
use std::sync::Arc;

use crate::disc::tree::{self, Entry, FileTree, Folder, FolderId, Kind};
use crate::disc::{Error, Result, limits};

/// What a path of a list leads to.
pub(super) enum Resolved {
    /// A file.
    File {
        entry: Entry,
        /// True when its name is written in another case on the disc.
        other_case: bool,
    },
    /// Nothing, or no file.
    Missing,
    /// A folder on the way cannot be read.
    Unreadable(String),
    /// It was not looked for, as that would take too long.
    Unknown,
}

/// Looks for paths in one tree, with the folders that it has read.
pub(super) struct Resolver {
    tree: Arc<dyn FileTree>,
    known: HashMap<FolderId, Arc<Folder>>,
    /// Entries of the folders that are kept.
    kept: usize,
    /// Names that may still be compared.
    left: u64,
    /// A folder that is not there, with the separator behind it: lists name many files of one.
    absent: Option<String>,
}

/// Entries of folders that are kept at a time.
const KEPT: usize = 500_000;

impl Resolver {
    pub(super) fn new(tree: Arc<dyn FileTree>) -> Self {
        Self { tree, known: HashMap::new(), kept: 0, left: limits::MANIFEST_COMPARISONS, absent: None }
    }

    /// Follows `path` from the root. The only error is to be cancelled.
    pub(super) fn resolve(&mut self, path: &str) -> Result<Resolved> {
        if self.absent.as_deref().is_some_and(|absent| path.starts_with(absent)) {
            return Ok(Resolved::Missing);
        }
        match self.follow(path)? {
            Resolved::Missing if path.contains('\\') => self.follow(&path.replace('\\', "/")),
            resolved => Ok(resolved),
        }
    }

    fn follow(&mut self, path: &str) -> Result<Resolved> {
        // What is still to be followed, the next component last; links add to it.
        let mut pending: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
        let mut here = vec![self.tree.root()];
        let (mut links, mut other_case) = (0, false);
        while let Some(component) = pending.pop() {
            match component.as_str() {
                "" | "." => continue,
                // Above the root there is nothing of the disc.
                ".." => {
                    here.pop();
                    if here.is_empty() {
                        return Ok(Resolved::Missing);
                    }
                    continue;
                }
                _ => {}
            }
            let Some(id) = here.last().copied() else { return Ok(Resolved::Missing) };
            let folder = match self.folder(id) {
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                Err(error) => return Ok(Resolved::Unreadable(error.sentence())),
                Ok(folder) => folder,
            };
            // Names are compared as they are, as they are shown, and without regard to case.
            let work = (folder.entries().len() as u64).saturating_mul(3);
            let Some(left) = self.left.checked_sub(work) else { return Ok(Resolved::Unknown) };
            self.left = left;
            let found = tree::position(&folder, &component).and_then(|index| folder.entries().get(index));
            let Some(entry) = found else {
                let behind = pending.iter().fold(0_usize, |sum, rest| sum.saturating_add(rest.len()).saturating_add(1));
                if links == 0 && behind > 0 {
                    self.absent = path.get(..path.len().saturating_sub(behind).saturating_add(1)).map(str::to_owned);
                }
                return Ok(Resolved::Missing);
            };
            other_case |= folder.name(entry) != component;
            match entry.kind {
                Kind::Folder => match self.tree.folder_of(entry) {
                    Some(id) => here.push(id),
                    None => return Ok(Resolved::Missing),
                },
                Kind::Symlink if links < limits::MANIFEST_LINKS => {
                    links += 1;
                    let target = folder.target(entry).unwrap_or_default();
                    // Such a link leads out of the disc, wherever that is mounted.
                    if target.is_empty() || target.starts_with('/') {
                        return Ok(Resolved::Missing);
                    }
                    pending.extend(target.split('/').rev().map(str::to_owned));
                }
                Kind::File if pending.iter().all(|rest| rest.is_empty() || rest == ".") => {
                    return Ok(Resolved::File { entry: entry.clone(), other_case });
                }
                _ => return Ok(Resolved::Missing),
            }
        }
        Ok(Resolved::Missing)
    }

    fn folder(&mut self, id: FolderId) -> Result<Arc<Folder>> {
        if let Some(known) = self.known.get(&id) {
            return Ok(known.clone());
        }
        let folder = Arc::new(self.tree.read_folder(id)?);
        let entries = folder.entries().len().saturating_add(1);
        if self.kept.saturating_add(entries) > KEPT {
            self.known.clear();
            self.kept = 0;
        }
        self.kept = self.kept.saturating_add(entries);
        self.known.insert(id, folder.clone());
        Ok(folder)
    }
}
