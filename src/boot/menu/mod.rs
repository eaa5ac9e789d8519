//! The menus that boot loaders show, read from a tree of the disc: what can be chosen, what is started then, and whether
//! the files for it are there.
//!
//! [`menus`] finds all of them. Nothing is carried out: what is known only when the computer starts is said to be so, in
//! [`FileState::CannotTell`] and [`Entry::condition`], and never taken for missing.

mod bcd;
mod bls;
mod grub;
mod hive;
mod legacy;
mod lookup;
mod model;
mod pattern;
mod syslinux;
mod text;

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use crate::disc::tree::FileTree;
use crate::disc::{Error, Result, limits};
use lookup::TreeFiles;
use text::Reader;

pub use lookup::{Files, Item, Look};
pub use model::{Entry, FileRef, FileState, Loader, Menu, Note, Notes, Place, Timeout};

/// A menu that is still to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Start {
    Syslinux(syslinux::Start),
    Grub(grub::Start),
    Legacy(legacy::Start),
}

impl Start {
    /// What tells it from others: the loader's language, the file, and the folder that its paths are seen from.
    fn key(&self) -> (u8, String, String) {
        match self {
            Self::Syslinux(start) => (0, start.path.clone(), start.folder.clone()),
            Self::Grub(start) => (1, start.path.clone(), String::new()),
            Self::Legacy(start) => (2, start.path.clone(), String::new()),
        }
    }
}

/// All menus of `tree`, those that loaders find by themselves first, in the order in which they look; then those that
/// other menus open. `volumes` are the names of the volume, for scripts that look for the disc by its name.
///
/// The only error is [`Error::Cancelled`]; all else is said in the menus.
pub fn menus(tree: &Arc<dyn FileTree>, volumes: &[&str]) -> Result<Vec<Menu>> {
    let files = TreeFiles::new(tree.clone());
    let menus = menus_in(&files, volumes);
    if files.was_cancelled() { Err(Error::Cancelled) } else { Ok(menus) }
}

/// All menus that can be read through `files`, as [`menus`] does for a tree.
pub fn menus_in(files: &dyn Files, volumes: &[&str]) -> Vec<Menu> {
    let reader = Reader::new(files);
    let mut waiting: VecDeque<Start> = VecDeque::new();
    waiting.extend(syslinux::starts(&reader).into_iter().map(Start::Syslinux));
    waiting.extend(grub::starts(&reader).into_iter().map(Start::Grub));
    waiting.extend(legacy::starts(&reader).into_iter().map(Start::Legacy));
    let mut seen: HashSet<_> = waiting.iter().map(Start::key).collect();
    let (mut menus, mut reached) = (bls::menus(&reader), Vec::new());
    menus.extend(bcd::menus(&reader));
    let mut found: Vec<Menu> = Vec::new();
    while let Some(start) = waiting.pop_front() {
        let is_first = match &start {
            Start::Syslinux(start) => start.reached_from.is_none(),
            Start::Grub(start) => start.reached_from.is_none(),
            Start::Legacy(start) => start.reached_from.is_none(),
        };
        let (mut menu, next): (Menu, Vec<Start>) = match &start {
            Start::Syslinux(start) => {
                let found = syslinux::parse(&reader, start);
                (found.menu, found.next.into_iter().map(Start::Syslinux).collect())
            }
            Start::Grub(start) => {
                let found = grub::parse(&reader, start, volumes);
                (found.menu, found.next.into_iter().map(Start::Grub).collect())
            }
            Start::Legacy(start) => {
                let (menu, next) = legacy::parse(&reader, start);
                (menu, next.into_iter().map(Start::Legacy).collect())
            }
        };
        for next in next {
            if seen.len() >= limits::MENUS {
                let message = format!("More than {} menus open one another; the rest is not read", limits::MENUS);
                menu.diagnostics.warning(&menu.path.clone(), 0, message);
                break;
            }
            if seen.insert(next.key()) {
                waiting.push_back(next);
            }
        }
        if is_first { found.push(menu) } else { reached.push(menu) }
    }
    found.extend(menus);
    found.extend(reached);
    found
}

/// The real paths of the files called `name` in the folders of the folder `parent`, in the order of the names.
fn in_folders(reader: &Reader<'_>, parent: &str, name: &str) -> Vec<String> {
    let Look::Folder(parent) = reader.files.look(parent) else { return Vec::new() };
    let mut items = reader.files.list(&parent);
    items.retain(|item| item.is_folder);
    items.truncate(limits::MENUS);
    items.sort_by(|one, other| one.name.cmp(&other.name));
    items.iter().filter_map(|item| reader.find(&format!("{parent}/{}/{name}", item.name))).collect()
}
