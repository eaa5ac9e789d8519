//! Finding files that no menu and no structure names: a walk that begins with the folders in which loaders lie.

use std::collections::HashSet;
use std::sync::Arc;

use super::effort::Allowance;
use crate::disc::folder::Entry;
use crate::disc::tree::{self, FileTree};
use crate::disc::walk::{Step, Walk};
use crate::disc::{Error, Result, text};

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
