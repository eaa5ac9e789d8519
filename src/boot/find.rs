//! Finding files: those that no menu and no structure names, by a walk that begins with the folders in which loaders lie,
//! and those at a path, where a folder that is damaged may have had more than can be read.

use std::collections::HashSet;
use std::sync::Arc;

use super::effort::Allowance;
use crate::disc::folder::{Entry, Folder};
use crate::disc::tree::{self, FileTree, FolderId, Found};
use crate::disc::walk::{Step, Walk};
use crate::disc::{Error, Result, Severity, text};

/// Folders at the top of a disc in which loaders lie.
const FIRST: [&str; 6] = ["efi", "boot", "isolinux", "syslinux", "loader", "[boot]"];

/// Visits the files of `tree`, those of the folders of loaders first, as far as `allowance` goes. `visit` gets the path and
/// the entry, and ends the walk by giving true. False when folders were left out.
pub(super) fn files(
    tree: &Arc<dyn FileTree>,
    allowance: &mut Allowance,
    mut visit: impl FnMut(String, &Entry) -> bool,
) -> Result<bool> {
    let mut seen = HashSet::new();
    let mut walks = Vec::new();
    match tree.read_folder(tree.root()) {
        Ok(top) => {
            let loaders = |entry: &&Entry| FIRST.iter().any(|first| top.name(entry).eq_ignore_ascii_case(first));
            for entry in top.entries().iter().filter(loaders) {
                let below = |id| Walk::below(tree.clone(), id, top.name(entry));
                walks.extend(tree.folder_of(entry).map(below));
            }
        }
        Err(Error::Cancelled) => return Err(Error::Cancelled),
        // The walk from the top says so again, and there is nothing to find.
        Err(_) => {}
    }
    walks.push(Walk::new(tree.clone()));
    for Step { path, id, folder, .. } in walks.into_iter().flatten() {
        let folder = match folder {
            Ok(folder) => folder,
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(_) => continue,
        };
        if !seen.insert(id) {
            continue;
        }
        let enough = allowance.pay_for_entries(tree.kind(), folder.entries().len());
        for entry in folder.entries().iter().filter(|entry| entry.is_file()) {
            if visit(text::join(&path, folder.name(entry)), entry) {
                return Ok(true);
            }
        }
        if !enough {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Where the content of a file begins in the image, when it lies there in one piece.
pub(super) fn start(entry: &Entry) -> Option<u64> {
    tree::single_extent(entry).filter(|extent| extent.length > 0).map(|extent| extent.offset)
}

/// What a look for a file came to.
pub(super) enum Looked {
    There(Entry),
    Missing,
    /// It may be there.
    Unread,
}

/// Looks for what is at a path.
pub(super) fn look(tree: &dyn FileTree, path: &str) -> Result<Looked> {
    match tree::find(tree, path) {
        Err(Error::Cancelled) => Err(Error::Cancelled),
        Ok(Some(Found::Entry { folder, index })) => {
            Ok(folder.entries().get(index).map_or(Looked::Unread, |entry| Looked::There(entry.clone())))
        }
        Ok(None) if is_whole(tree, path)? => Ok(Looked::Missing),
        _ => Ok(Looked::Unread),
    }
}

/// The folder at a path; `None` unless it has all the entries that it had.
pub(super) fn whole_folder(tree: &dyn FileTree, path: &str) -> Result<Option<Folder>> {
    let Looked::There(entry) = look(tree, path)? else { return Ok(None) };
    tree.folder_of(&entry).map_or(Ok(None), |id| read_whole(tree, id))
}

fn read_whole(tree: &dyn FileTree, id: FolderId) -> Result<Option<Folder>> {
    match tree.read_folder(id) {
        Err(Error::Cancelled) => Err(Error::Cancelled),
        folder => Ok(folder.ok().filter(|folder| folder.diagnostics.worst() < Some(Severity::Error))),
    }
}

/// Whether the folders on the way to a file that is not there have all the entries that they had: of those that are damaged
/// it may be one.
fn is_whole(tree: &dyn FileTree, path: &str) -> Result<bool> {
    let mut next = Some(tree.root());
    for component in path.split('/') {
        let Some(id) = next else { break };
        let Some(folder) = read_whole(tree, id)? else { return Ok(false) };
        let entry = tree::position(&folder, component).and_then(|index| folder.entries().get(index));
        next = entry.and_then(|entry| tree.folder_of(entry));
    }
    Ok(true)
}
