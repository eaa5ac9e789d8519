//! Finding the files that menus name. Menus are read through [`Files`], so that they need no disc.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::model::{FileRef, FileState};
use crate::disc::source::read_up_to;
use crate::disc::tree::{Entry, FileTree, Folder, FolderId, State};
use crate::disc::{Error, Extent, Result, limits, text};

/// What a path stands for, with its real path: no `/` in front, names as they are recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// A regular file.
    File(String),
    /// A regular file of which the image does not have all.
    Incomplete(String),
    /// A folder; empty for the one at the top.
    Folder(String),
    /// A device or the like.
    Other(String),
    /// There is nothing.
    Missing,
    /// It could not be found out. Why, as a plain sentence without a full stop.
    CannotTell(String),
}

/// One name in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The name, as one component of a path.
    pub name: String,
    /// It is a folder.
    pub is_folder: bool,
}

/// Where menus and the files that they name are looked up. Paths are `/`-separated.
pub trait Files {
    /// Follows a path: names are compared exactly, and where that finds nothing without regard to case. Symbolic links
    /// are followed.
    fn look(&self, path: &str) -> Look;

    /// The first bytes of the file at a real path, at most `limit`, and its whole size.
    fn read(&self, path: &str, limit: usize) -> std::result::Result<(Vec<u8>, u64), String>;

    /// What is in the folder at a real path; nothing when it cannot be read.
    fn list(&self, folder: &str) -> Vec<Item>;
}

/// What a path is expected to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    File,
    Folder,
}

/// The file at `path`, a path of the tree, which a menu names as `as_written`.
pub(super) fn refer(files: &dyn Files, as_written: &str, path: &str, want: Want) -> FileRef {
    let path = normal("", path);
    let (found, right) = match files.look(&path) {
        Look::File(found) => (found, want == Want::File),
        Look::Incomplete(found) if want == Want::File => {
            let state = FileState::Incomplete(found);
            return FileRef { as_written: as_written.to_owned(), path: Some(path), state };
        }
        Look::Incomplete(found) => (found, false),
        Look::Folder(found) => (found, want == Want::Folder),
        Look::Other(found) => (found, false),
        Look::Missing => {
            return FileRef { as_written: as_written.to_owned(), path: Some(path), state: FileState::Missing };
        }
        Look::CannotTell(why) => {
            return FileRef { as_written: as_written.to_owned(), path: Some(path), state: FileState::CannotTell(why) };
        }
    };
    let state = match () {
        () if !right => FileState::WrongKind,
        () if found == path => FileState::Exists,
        () => FileState::ExistsAs(found),
    };
    FileRef { as_written: as_written.to_owned(), path: Some(path), state }
}

/// `path` seen from the folder `from`, without `.`, `..` and a `/` in front. It does not lead out of the tree.
pub(super) fn normal(from: &str, path: &str) -> String {
    let from = if path.starts_with('/') { "" } else { from };
    let mut components: Vec<&str> = Vec::new();
    for component in from.split('/').chain(path.split('/')) {
        match component {
            "" | "." => {}
            ".." => drop(components.pop()),
            name => components.push(name),
        }
    }
    components.join("/")
}

/// The folder of the file at `path`.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last component of `path`.
pub(super) fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder that holds an entry, and its place there.
type Held = (Arc<Folder>, usize);

/// The files of a tree of the disc.
pub(super) struct TreeFiles {
    tree: Arc<dyn FileTree>,
    /// Folders that were read; forgotten when they become many.
    known: RefCell<HashMap<FolderId, Arc<Folder>>>,
    folders: Cell<usize>,
    comparisons: Cell<usize>,
    cancelled: Cell<bool>,
}

/// Folders and entries that are kept.
const KNOWN_FOLDERS: usize = 256;
const KNOWN_ENTRIES: usize = 1_000_000;

/// Why it cannot be told.
const TOO_MUCH: &str = "The menus name more files than Isoscope looks for";
const NOWHERE: &str = "The place of a folder on the way is not known";
const CIRCLE: &str = "Symbolic links on the way lead in a circle, or there are too many";

impl TreeFiles {
    pub(super) fn new(tree: Arc<dyn FileTree>) -> Self {
        Self {
            tree,
            known: RefCell::default(),
            folders: Cell::new(0),
            comparisons: Cell::new(0),
            cancelled: Cell::new(false),
        }
    }

    /// True when reading was cancelled, so that nothing counts that was found.
    pub(super) fn was_cancelled(&self) -> bool {
        self.cancelled.get()
    }

    /// The error in words.
    fn why(&self, error: &Error) -> String {
        self.cancelled.set(self.cancelled.get() || error.is_cancelled());
        error.sentence()
    }

    fn folder(&self, id: FolderId) -> std::result::Result<Arc<Folder>, String> {
        if self.cancelled.get() {
            return Err(Error::Cancelled.sentence());
        }
        if let Some(folder) = self.known.borrow().get(&id) {
            return Ok(folder.clone());
        }
        self.folders.set(self.folders.get().saturating_add(1));
        if self.folders.get() > limits::MENU_FOLDERS {
            return Err(TOO_MUCH.to_owned());
        }
        let folder = self.tree.read_folder(id).map(Arc::new).map_err(|error| self.why(&error))?;
        let mut known = self.known.borrow_mut();
        let entries = |folder: &Folder| folder.entries().len();
        let kept = known.values().fold(entries(&folder), |sum, folder| sum.saturating_add(entries(folder)));
        if known.len() >= KNOWN_FOLDERS || kept > KNOWN_ENTRIES {
            known.clear();
        }
        known.insert(id, folder.clone());
        Ok(folder)
    }

    /// The place of the entry called `component`: exactly, or else the first that differs by case alone.
    fn position(&self, folder: &Folder, component: &str) -> std::result::Result<Option<usize>, String> {
        self.comparisons.set(self.comparisons.get().saturating_add(folder.entries().len()));
        if self.comparisons.get() > limits::MENU_COMPARISONS {
            return Err(TOO_MUCH.to_owned());
        }
        let named = |entry: &Entry, name: &str| text::path_component(folder.name(entry)) == name;
        if let Some(index) = folder.entries().iter().position(|entry| named(entry, component)) {
            return Ok(Some(index));
        }
        let wanted = component.to_lowercase();
        let alike = |entry: &Entry| text::path_component(folder.name(entry)).to_lowercase() == wanted;
        Ok(folder.entries().iter().position(alike))
    }

    /// Follows `path`. Gives what it stands for and the folder that holds it with its place, which the top has not.
    fn follow(&self, path: &str) -> std::result::Result<(Look, Option<Held>), String> {
        let mut left: VecDeque<String> = path.split('/').map(str::to_owned).collect();
        let mut way: Vec<(String, FolderId)> = Vec::new();
        let mut links = 0_usize;
        let real = |way: &[(String, FolderId)]| way.iter().map(|(name, _)| &**name).collect::<Vec<_>>().join("/");
        while let Some(component) = left.pop_front() {
            match &*component {
                "" | "." => continue,
                ".." => {
                    way.pop();
                    continue;
                }
                _ => {}
            }
            let here = way.last().map_or(self.tree.root(), |(_, id)| *id);
            let folder = self.folder(here)?;
            let Some(index) = self.position(&folder, &component)? else { return Ok((Look::Missing, None)) };
            let Some(entry) = folder.entries().get(index) else { return Ok((Look::Missing, None)) };
            if let Some(target) = folder.target(entry) {
                links = links.saturating_add(1);
                if links > limits::MENU_LINKS {
                    return Err(CIRCLE.to_owned());
                }
                if target.starts_with('/') {
                    way.clear();
                }
                target.split('/').rev().for_each(|part| left.push_front(part.to_owned()));
                continue;
            }
            let name = text::path_component(folder.name(entry)).into_owned();
            if entry.is_folder() {
                way.push((name, self.tree.folder_of(entry).ok_or(NOWHERE)?));
                continue;
            }
            if left.iter().any(|component| !matches!(&**component, "" | ".")) {
                return Ok((Look::Missing, None));
            }
            let folder_path = real(&way);
            let real = if folder_path.is_empty() { name } else { format!("{folder_path}/{name}") };
            let is_whole = entry.state(self.tree.source().len()) == State::Complete;
            let look = match entry.is_file() {
                true if is_whole => Look::File(real),
                true => Look::Incomplete(real),
                false => Look::Other(real),
            };
            return Ok((look, Some((folder, index))));
        }
        Ok((Look::Folder(real(&way)), None))
    }

    /// Where the folder at the real path `path` lies.
    fn folder_at(&self, path: &str) -> std::result::Result<Option<Arc<Folder>>, String> {
        let mut here = self.tree.root();
        for component in path.split('/').filter(|component| !component.is_empty()) {
            let folder = self.folder(here)?;
            let index = self.position(&folder, component)?;
            let entry = index.and_then(|index| folder.entries().get(index));
            let Some(id) = entry.and_then(|entry| self.tree.folder_of(entry)) else { return Ok(None) };
            here = id;
        }
        self.folder(here).map(Some)
    }
}

impl Files for TreeFiles {
    fn look(&self, path: &str) -> Look {
        self.follow(path).map_or_else(Look::CannotTell, |(look, _)| look)
    }

    fn read(&self, path: &str, limit: usize) -> std::result::Result<(Vec<u8>, u64), String> {
        let (_, found) = self.follow(path)?;
        let found = found.as_ref().and_then(|(folder, index)| folder.entries().get(*index));
        let entry = found.ok_or("There is no such file")?;
        let bytes = || -> Result<Vec<u8>> {
            let source = self.tree.open(entry)?;
            read_up_to(source.as_ref(), Extent { offset: 0, length: limit as u64 })
        };
        bytes().map(|bytes| (bytes, entry.size)).map_err(|error| self.why(&error))
    }

    fn list(&self, folder: &str) -> Vec<Item> {
        let Ok(Some(folder)) = self.folder_at(folder) else { return Vec::new() };
        let entries = folder.entries().iter().take(limits::MENU_FOLDERS);
        let name = |entry| text::path_component(folder.name(entry)).into_owned();
        entries.map(|entry| Item { name: name(entry), is_folder: entry.is_folder() }).collect()
    }
}

/// Files in memory, for tests. A text that starts with `-> ` is a symbolic link.
#[cfg(test)]
pub(super) struct Memory(pub(super) std::collections::BTreeMap<String, Vec<u8>>);

#[cfg(test)]
impl Memory {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect())
    }
}

#[cfg(test)]
impl Files for Memory {
    fn look(&self, path: &str) -> Look {
        let path = normal("", path);
        let below = |name: &str, path: &str| path.is_empty() || name.starts_with(&format!("{path}/"));
        let find = |same: &dyn Fn(&str) -> String| {
            let wanted = same(&path);
            if let Some(name) = self.0.keys().find(|name| same(name) == wanted) {
                return Some(Look::File(name.clone()));
            }
            let inside = self.0.keys().find(|name| below(&same(name), &wanted))?;
            Some(Look::Folder(inside.get(..path.len())?.to_owned()))
        };
        find(&str::to_owned).or_else(|| find(&str::to_lowercase)).unwrap_or(Look::Missing)
    }

    fn read(&self, path: &str, limit: usize) -> std::result::Result<(Vec<u8>, u64), String> {
        let bytes = self.0.get(path).ok_or("There is no such file")?;
        Ok((bytes.iter().take(limit).copied().collect(), bytes.len() as u64))
    }

    fn list(&self, folder: &str) -> Vec<Item> {
        let inside = |name: &String| match folder {
            "" => Some(name.clone()),
            folder => name.strip_prefix(&format!("{folder}/")).map(str::to_owned),
        };
        let item = |rest: String| match rest.split_once('/') {
            Some((name, _)) => Item { name: name.to_owned(), is_folder: true },
            None => Item { name: rest, is_folder: false },
        };
        let mut items: Vec<_> = self.0.keys().filter_map(inside).map(item).collect();
        items.dedup();
        items
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_seen_from_a_folder_and_stay_in_the_tree() {
        assert_eq!(normal("boot/grub", "x.cfg"), "boot/grub/x.cfg");
        assert_eq!(normal("boot/grub", "/x//./y"), "x/y");
        assert_eq!(normal("boot/grub", "../../../x"), "x");
        assert_eq!((folder_of("a/b/c"), name_of("a/b/c")), ("a/b", "c"));
        assert_eq!((folder_of("c"), name_of("c")), ("", "c"));
    }

    #[test]
    fn the_state_says_under_which_name_it_is_there() {
        let files = Memory::new(&[("boot/VMLINUZ", ""), ("boot/x/y", "")]);
        let state = |path, want| refer(&files, path, path, want).state;
        assert_eq!(state("/boot/VMLINUZ", Want::File), FileState::Exists);
        assert_eq!(state("/Boot/vmlinuz", Want::File), FileState::ExistsAs("boot/VMLINUZ".to_owned()));
        assert_eq!(state("boot/x", Want::File), FileState::WrongKind);
        assert_eq!(state("boot/x", Want::Folder), FileState::Exists);
        assert_eq!(state("boot/z", Want::File), FileState::Missing);
    }
}
