//! What a list of checksums says of which file, in bounded memory.

use crate::disc::limits;
use crate::verify::digest::Algorithm;
use crate::verify::sums::Entry;

/// A digest that a file should have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wanted {
    /// What it may have been made with; one of them is enough.
    pub(super) algorithms: &'static [Algorithm],
    pub(super) bytes: Box<[u8]>,
}

/// The path of a file with one of its digests.
pub(super) type Listed = (Box<str>, Wanted);

/// The entries of one list. They are collected, then [sorted](List::finish).
#[derive(Default)]
pub(super) struct List {
    entries: Vec<Listed>,
    names: usize,
    /// Entries that were left out, as there are too many.
    pub(super) left_out: u64,
    /// Names that lead out of the folder of the list, and the first of them.
    pub(super) refused: u64,
    pub(super) first_refused: Option<String>,
    /// Digests of a kind that is not made here, and what the first is called.
    pub(super) unsupported: u64,
    pub(super) first_unsupported: Option<String>,
    /// Digests that stand alone: they are of no file.
    pub(super) nameless: u64,
    /// Entries that say again what another one says.
    pub(super) repeated: u64,
}

impl List {
    /// Takes in an entry of a list that lies in `folder`.
    pub(super) fn add(&mut self, folder: &str, entry: Entry<'_>) {
        let Some(name) = entry.name.as_deref() else {
            self.nameless = self.nameless.saturating_add(1);
            return;
        };
        if entry.algorithms.is_empty() {
            self.unsupported = self.unsupported.saturating_add(1);
            self.first_unsupported = self.first_unsupported.take().or(entry.label);
            return;
        }
        let Some(path) = inside(folder, name) else {
            self.refused = self.refused.saturating_add(1);
            self.first_refused = self.first_refused.take().or_else(|| Some(name.to_owned()));
            return;
        };
        if self.entries.len() >= limits::SUMS_FILES || self.names.saturating_add(path.len()) > limits::SUMS_NAMES {
            self.left_out = self.left_out.saturating_add(1);
            return;
        }
        self.names = self.names.saturating_add(path.len());
        let wanted = Wanted { algorithms: entry.algorithms, bytes: entry.bytes.into_boxed_slice() };
        self.entries.push((path.into_boxed_str(), wanted));
    }

    /// The list in the order of its names, in which nothing is said twice.
    pub(super) fn finish(mut self) -> Self {
        let before = self.entries.len();
        self.entries.sort_unstable();
        self.entries.dedup();
        self.repeated = before.saturating_sub(self.entries.len()) as u64;
        self
    }

    /// Each file with the digests that it should have, in the order of names, once [finished](Self::finish).
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &[Listed])> {
        self.entries.chunk_by(|(one, _), (other, _)| one == other).filter_map(|same| Some((&*same.first()?.0, same)))
    }

    /// The digests that the file at `path` should have, once [finished](Self::finish), and the place of the first.
    pub(super) fn of(&self, path: &str) -> Option<(usize, &[Listed])> {
        let first = self.entries.partition_point(|(name, _)| &**name < path);
        let rest = self.entries.get(first..)?;
        let same = rest.partition_point(|(name, _)| &**name == path);
        Some((first, rest.get(..same).filter(|same| !same.is_empty())?))
    }

    /// Digests in the list.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

/// The path of what a list in `folder` calls `name`; `None` when that is not inside of the folder.
fn inside(folder: &str, name: &str) -> Option<String> {
    if name.starts_with('/') || name.contains('\0') {
        return None;
    }
    let mut components: Vec<&str> = Vec::new();
    for component in name.split('/') {
        match component {
            "" | "." => {}
            ".." => drop(components.pop()?),
            component => components.push(component),
        }
    }
    let path = components.join("/");
    match (path.is_empty(), folder.is_empty()) {
        (true, _) => None,
        (false, true) => Some(path),
        (false, false) => Some(format!("{folder}/{path}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside_of_the_folder_of_the_list() {
        assert_eq!(inside("", "./a//b/./c").as_deref(), Some("a/b/c"));
        assert_eq!(inside("arch/x86_64", "airootfs.sfs").as_deref(), Some("arch/x86_64/airootfs.sfs"));
        assert_eq!(inside("arch", "a/../b").as_deref(), Some("arch/b"));
        for out in ["../a", "a/../../b", "/etc/passwd", "..", ".", "", "./", "a\0b"] {
            assert_eq!(inside("arch", out), None, "{out}");
        }
    }

    #[test]
    fn the_digests_of_a_file_stand_together() {
        let mut list = List::default();
        let text = format!("{0}  b\n{0}  a\n{1}  b\n{0}  ./b\n", "1".repeat(32), "2".repeat(40));
        crate::verify::sums::read(&mut text.as_bytes(), "", &mut |entry| list.add("", entry)).unwrap();
        let list = list.finish();
        assert_eq!(list.files().map(|(name, same)| (name, same.len())).collect::<Vec<_>>(), [("a", 1), ("b", 2)]);
        assert_eq!((list.repeated, list.of("b").unwrap().0, list.of("c"), list.of("")), (1, 1, None, None));
    }
}
