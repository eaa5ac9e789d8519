//! Where lists of checksums lie on discs.

use std::sync::Arc;

use crate::disc::tree::{Entry, FileTree, Folder, FolderId};
use crate::disc::{Error, Result, limits, text};

/// Paths in lower case; `*` stands for any characters of one name.
const PLACES: [&str; 43] = [
    // Debian, Ubuntu, Kali, Mint and what is made of them; also uefi-md5sum and Rufus.
    "md5sum.txt",
    "md5sum",
    "md5sums",
    "md5sums.txt",
    ".checksum.md5",
    "checksum.md5",
    "checksums.md5",
    "sha1sum.txt",
    "sha1sums",
    "sha1sums.txt",
    "sha256sum.txt",
    "sha256sums",
    "sha256sums.txt",
    "sha384sums",
    "sha512sum.txt",
    "sha512sums",
    "sha512sums.txt",
    "b3sums",
    "sha256",
    "live/md5sum.txt",
    "casper/md5sum.txt",
    "live/*.md5",
    "live/*.sha256",
    // openSUSE, and Slackware in the root and with each set of packages.
    "checksums",
    "*/checksums.md5",
    "*/*/checksums.md5",
    // Fedora and its relatives.
    ".treeinfo",
    "treeinfo",
    // Arch and what is made of it.
    "arch/*/*.sha512",
    "arch/*/*.sha256",
    "arch/*/*.md5",
    "manjaro/*/*.md5",
    "*/x86_64/*.sha512",
    "sysresccd/*/*.md5",
    // Knoppix, Porteus and others that start from files.
    "knoppix/md5sums",
    "knoppix/sha1sums",
    "porteus/md5sums.txt",
    "slax/md5sums.txt",
    // BSD.
    "usr/freebsd-dist/manifest",
    "*/amd64/sha256",
    "*/arm64/sha256",
    "*/i386/sha256",
    "*/checksum.sha256",
];

/// Folders that are read to look for lists.
const FOLDERS: usize = 256;

/// The lists of a tree with their paths. Folders that cannot be read have none; the only error is to be cancelled.
pub(super) fn find(tree: &dyn FileTree) -> Result<Vec<(String, Entry)>> {
    let mut search = Search { tree, known: Vec::new(), found: Vec::new() };
    for place in PLACES {
        search.look(place)?;
    }
    Ok(search.found)
}

struct Search<'a> {
    tree: &'a dyn FileTree,
    /// Folders that were read, `None` where that was not possible.
    known: Vec<(FolderId, Option<Arc<Folder>>)>,
    found: Vec<(String, Entry)>,
}

impl Search<'_> {
    /// Takes in what a pattern names.
    fn look(&mut self, pattern: &str) -> Result<()> {
        let (folders, file) = pattern.rsplit_once('/').unwrap_or(("", pattern));
        let mut level = vec![(String::new(), self.tree.root())];
        for component in folders.split('/').filter(|component| !component.is_empty()) {
            let mut below = Vec::new();
            for (path, id) in level {
                let Some(folder) = self.folder(id)? else { continue };
                for entry in folder.entries().iter().filter(|entry| matches(component, folder.name(entry))) {
                    let id = self.tree.folder_of(entry).filter(|_| below.len() < FOLDERS);
                    below.extend(id.map(|id| (text::join(&path, folder.name(entry)), id)));
                }
            }
            level = below;
        }
        for (path, id) in level {
            let Some(folder) = self.folder(id)? else { continue };
            for entry in folder.entries().iter().filter(|entry| entry.is_file()) {
                if self.found.len() < limits::MANIFESTS && matches(file, folder.name(entry)) {
                    let path = text::join(&path, folder.name(entry));
                    if !self.found.iter().any(|(known, _)| *known == path) {
                        self.found.push((path, entry.clone()));
                    }
                }
            }
        }
        Ok(())
    }

    fn folder(&mut self, id: FolderId) -> Result<Option<Arc<Folder>>> {
        if let Some((_, folder)) = self.known.iter().find(|(known, _)| *known == id) {
            return Ok(folder.clone());
        }
        if self.known.len() >= FOLDERS {
            return Ok(None);
        }
        let folder = match self.tree.read_folder(id) {
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            read => read.ok().map(Arc::new),
        };
        self.known.push((id, folder.clone()));
        Ok(folder)
    }
}

/// True when a name, in whatever case, is what a component of a pattern with at most one `*` says.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => name.eq_ignore_ascii_case(pattern),
        Some((start, end)) => {
            let rest = name.get(..start.len()).filter(|begin| begin.eq_ignore_ascii_case(start)).map(|_| start.len());
            let tail = name.len().checked_sub(end.len()).filter(|at| Some(*at) >= rest);
            rest.is_some() && tail.and_then(|at| name.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_what_they_should() {
        assert!(matches("md5sum.txt", "MD5SUM.TXT") && !matches("md5sum.txt", "md5sum.tx"));
        assert!(matches("*.sha512", "airootfs.SHA512") && matches("*.sha512", ".sha512"));
        assert!(matches("*", "x") && matches("*", "ß"));
        assert!(!matches("*.sha512", "sha512") && !matches("*.sha512", "ß"));
        assert!(PLACES.iter().all(|place| *place == place.to_lowercase()));
    }
}
