//! One folder as other programs see it: which of its entries, and under which names.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::OnceLock;

use crate::disc::tree::{Entry, Folder, Kind, State};
use crate::extract::destination::{Existing, system_time};
use crate::extract::plan::naming;
use crate::extract::plan::{Loose, OnConflict, leads_inside};
use crate::platform::files::{Attributes, NodeKind};

/// The entries of a folder of the disc, or those that were chosen to stand at the top.
#[derive(Default)]
pub(super) struct Listing {
    entries: Entries,
    /// The places of the entries that are shown, in ascending order.
    shown: Box<[u32]>,
    /// Names that are not the disc's, by place.
    renamed: Box<[(u32, Box<str>)]>,
    /// Fingerprints of the names with the places, in ascending order; made when a name is looked up.
    by_name: OnceLock<Box<[(u32, u32)]>>,
}

enum Entries {
    /// All entries of a folder of the disc.
    Folder(Box<Folder>),
    /// Entries of any folders.
    Chosen(Box<[ChosenEntry]>),
    /// Files that stand in no tree.
    Loose(Box<[(Box<str>, u64)]>),
}

impl Default for Entries {
    fn default() -> Self {
        Self::Loose(Box::default())
    }
}

/// An entry apart from its folder, so that the folder need not be kept.
pub(super) struct ChosenEntry {
    name: Box<str>,
    target: Option<Box<str>>,
    executable: bool,
    entry: Entry,
}

impl ChosenEntry {
    /// The entry at `index` of `folder`.
    pub(super) fn new(folder: &Folder, index: usize) -> Option<Self> {
        let entry = folder.entries().get(index)?;
        let target = folder.target(entry).map(Into::into);
        Some(Self {
            name: folder.name(entry).into(),
            target,
            executable: is_executable(folder, entry),
            entry: entry.clone(),
        })
    }
}

/// An entry that is shown.
pub(super) struct Item<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// What others may know of it.
    pub(super) attributes: Attributes,
    /// Where a link leads.
    pub(super) target: Option<&'a str>,
    /// What the disc says of it; nothing of a file that stands in no tree.
    pub(super) entry: Option<&'a Entry>,
}

impl Listing {
    /// A folder `depth` folders below the top, of an image of `image_len` bytes.
    pub(super) fn of_folder(folder: Folder, depth: u32, image_len: u64) -> Self {
        Self::new(Entries::Folder(Box::new(folder)), depth, image_len)
    }

    /// Chosen entries of an image of `image_len` bytes.
    pub(super) fn of_chosen(chosen: Vec<ChosenEntry>, image_len: u64) -> Self {
        Self::new(Entries::Chosen(chosen.into()), 0, image_len)
    }

    /// Files that stand in no tree.
    pub(super) fn of_loose(files: &[Loose]) -> Self {
        let names = files.iter().map(|file| (file.name.as_str().into(), file.size));
        Self::new(Entries::Loose(names.collect()), 0, u64::MAX)
    }

    fn new(entries: Entries, depth: u32, image_len: u64) -> Self {
        let places = 0..u32::try_from(entries.len()).unwrap_or(u32::MAX);
        let shown: Box<[u32]> = places.filter(|at| entries.is_shown(*at, depth)).collect();
        let renamed = names(&entries, &shown, image_len);
        Self { entries, shown, renamed, by_name: OnceLock::new() }
    }

    /// Entries that are shown.
    pub(super) fn len(&self) -> usize {
        self.shown.len()
    }

    /// The entries that are shown from the `from`-th on, each with its place.
    pub(super) fn from(&self, from: usize) -> impl Iterator<Item = (u32, Item<'_>)> {
        let rest = self.shown.get(from..).unwrap_or_default();
        rest.iter().filter_map(|at| Some((*at, self.entries.item(*at, self.name(*at)?)?)))
    }

    /// The entry at `at`, if it is shown.
    pub(super) fn item(&self, at: u32) -> Option<Item<'_>> {
        self.shown.binary_search(&at).ok()?;
        self.entries.item(at, self.name(at)?)
    }

    /// The place of the entry that is shown as `name`.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        let by_name = self.by_name.get_or_init(|| {
            let mut list: Vec<_> =
                self.shown.iter().map(|at| (fingerprint(self.name(*at).unwrap_or_default()), *at)).collect();
            list.sort_unstable();
            list.into()
        });
        let print = fingerprint(name);
        let first = by_name.partition_point(|(other, _)| *other < print);
        let alike = by_name.get(first..).unwrap_or_default().iter().take_while(|(other, _)| *other == print);
        alike.map(|(_, at)| *at).find(|at| self.name(*at) == Some(name))
    }

    fn name(&self, at: u32) -> Option<&str> {
        match self.renamed.binary_search_by_key(&at, |(other, _)| *other) {
            Ok(found) => self.renamed.get(found).map(|(_, name)| &**name),
            Err(_) => self.entries.name(at),
        }
    }
}

impl Entries {
    fn len(&self) -> usize {
        match self {
            Self::Folder(folder) => folder.entries().len(),
            Self::Chosen(list) => list.len(),
            Self::Loose(list) => list.len(),
        }
    }

    /// What the disc says of an entry, with its target.
    fn entry(&self, at: u32) -> Option<(&Entry, Option<&str>)> {
        let at = usize::try_from(at).ok()?;
        match self {
            Self::Folder(folder) => folder.entries().get(at).map(|entry| (entry, folder.target(entry))),
            Self::Chosen(list) => list.get(at).map(|chosen| (&chosen.entry, chosen.target.as_deref())),
            Self::Loose(_) => None,
        }
    }

    /// The name on the disc.
    fn name(&self, at: u32) -> Option<&str> {
        let at = usize::try_from(at).ok()?;
        match self {
            Self::Folder(folder) => folder.entries().get(at).map(|entry| folder.name(entry)),
            Self::Chosen(list) => list.get(at).map(|chosen| &*chosen.name),
            Self::Loose(list) => list.get(at).map(|(name, _)| &**name),
        }
    }

    fn is_shown(&self, at: u32, depth: u32) -> bool {
        match self.entry(at).map(|(entry, target)| (entry.kind, target)) {
            None | Some((Kind::File | Kind::Folder, _)) => true,
            Some((Kind::Symlink, target)) => target.is_some_and(|target| leads_inside(target, depth as usize)),
            Some((Kind::CharDevice | Kind::BlockDevice | Kind::Fifo | Kind::Socket, _)) => false,
        }
    }

    fn item<'a>(&'a self, at: u32, name: &'a str) -> Option<Item<'a>> {
        let place = usize::try_from(at).ok()?;
        if let Self::Loose(list) = self {
            let size = list.get(place)?.1;
            let attributes = Attributes { kind: NodeKind::File, size, modified: None, executable: false };
            return Some(Item { name, attributes, target: None, entry: None });
        }
        let (entry, target) = self.entry(at)?;
        let (kind, size) = match entry.kind {
            Kind::Folder => (NodeKind::Folder, 0),
            Kind::Symlink => (NodeKind::Link, target.unwrap_or_default().len() as u64),
            _ => (NodeKind::File, entry.size),
        };
        let executable = match self {
            Self::Folder(folder) => is_executable(folder, entry),
            Self::Chosen(list) => list.get(place)?.executable,
            Self::Loose(_) => false,
        };
        let attributes = Attributes { kind, size, modified: entry.modified.and_then(system_time), executable };
        Some(Item { name, attributes, target, entry: Some(entry) })
    }

    /// True for what an extraction writes without being asked to: such names give way to no others.
    fn is_plain(&self, at: u32, image_len: u64) -> bool {
        self.entry(at).is_none_or(|(entry, _)| match entry.kind {
            Kind::Folder => true,
            Kind::File => entry.content.unsupported().is_none() && entry.state(image_len) == State::Complete,
            _ => false,
        })
    }

    fn is_folder(&self, at: u32) -> bool {
        self.entry(at).is_some_and(|(entry, _)| entry.is_folder())
    }
}

/// The names that differ from the disc's. What an extraction would write gets the name that it gives.
fn names(entries: &Entries, shown: &[u32], image_len: u64) -> Box<[(u32, Box<str>)]> {
    let (plain, late): (Vec<u32>, Vec<u32>) = shown.iter().partition(|at| entries.is_plain(**at, image_len));
    let wanted = |places: &[u32]| -> Vec<_> {
        places.iter().map(|at| (entries.name(*at).unwrap_or_default(), entries.is_folder(*at))).collect()
    };
    let wanted_first = wanted(&plain);
    let given = naming::give(&wanted_first, &[], OnConflict::KeepBoth);
    let taken: Vec<Existing> = match late.as_slice() {
        [] => Vec::new(),
        _ => given.iter().map(|given| Existing { name: given.name.to_string(), is_folder: false }).collect(),
    };
    let wanted_late = wanted(&late);
    let given_late = naming::give(&wanted_late, &taken, OnConflict::KeepBoth);
    let named = plain.iter().zip(given).chain(late.iter().zip(given_late));
    let mut renamed: Vec<(u32, Box<str>)> = named
        .filter_map(|(at, given)| match given.name {
            Cow::Borrowed(_) => None,
            Cow::Owned(name) => Some((*at, name.into())),
        })
        .collect();
    renamed.sort_unstable_by_key(|(at, _)| *at);
    renamed.into()
}

fn is_executable(folder: &Folder, entry: &Entry) -> bool {
    folder.posix(entry).is_some_and(|posix| posix.mode & 0o100 != 0)
}

fn fingerprint(name: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    // Either half is as good as the other.
    (hasher.finish() >> 32) as u32
}
