//! A compact index of a whole tree, for totals and for search.
//!
//! All names stand one after the other in one arena, in lower case, so that a search is a scan over a single stretch of
//! memory: a million names take some milliseconds. What the capitals were is kept as one bit for each byte.

use std::borrow::Cow;
use std::sync::Arc;

use memchr::memmem::Finder;

use super::tree::{FileTree, Folder, FolderId, Kind};
use super::walk::Walk;
use super::{Diagnostics, Error, Result};

/// Ends each name in the arena. A name that holds it itself is kept with a U+FFFD instead.
const END: char = '\u{1f}';

/// Sums over a whole tree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Totals {
    /// Everything that is not a folder.
    pub files: u64,
    /// Folders without the root.
    pub folders: u64,
    /// Bytes of all files as they are read.
    pub bytes: u64,
}

/// One entry of the index.
#[derive(Debug, Clone, Copy)]
pub struct IndexEntry {
    /// Bytes that reading gives.
    pub size: u64,
    /// Last change, in seconds since 1970.
    pub modified: Option<i64>,
    /// Minutes east of Greenwich of the clock that recorded [`modified`](Self::modified).
    pub zone_minutes: i16,
    /// The folder that holds it.
    pub folder: FolderId,
    /// Its place among the folder's entries.
    pub position: u32,
    /// What it is.
    pub kind: Kind,
}

/// What is kept of each entry: 24 bytes.
#[derive(Debug, Clone, Copy)]
struct Slot {
    size: u64,
    modified: i64,
    /// Where its name starts in the arena.
    name: u32,
    kind: Kind,
    /// Zone of `modified` in quarters of an hour.
    zone: i8,
}

/// A folder; its entries are those up to the first one of the next folder.
#[derive(Debug)]
struct Place {
    id: FolderId,
    path: String,
    first: u32,
}

/// A moment that no disc records: the entry has none.
const NO_TIME: i64 = i64::MIN;

/// Names, sizes and places of everything in a tree.
#[derive(Debug, Default)]
pub struct Index {
    /// The names in lower case.
    folded: String,
    /// A bit for each byte of `folded`: it was an ASCII capital.
    capitals: Vec<u64>,
    /// Names that differ from their lower case in other letters too, by their slots.
    originals: Vec<(u32, Box<str>)>,
    slots: Vec<Slot>,
    folders: Vec<Place>,
    totals: Totals,
    diagnostics: Diagnostics,
}

impl Index {
    /// Walks over `tree`. A folder that is `known` already is not read again. `progress` is told how many entries there
    /// are so far, after each folder. The only error is [`Error::Cancelled`]; folders that cannot be read are told in
    /// [`diagnostics`](Self::diagnostics).
    pub fn build(
        tree: &Arc<dyn FileTree>,
        known: Option<(FolderId, Arc<Folder>)>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Self> {
        let mut index = Self::default();
        let mut walk = Walk::new(tree.clone()).knowing(known);
        for step in walk.by_ref() {
            match step.folder {
                Ok(folder) => index.add_folder(step.id, step.path, &folder),
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                Err(error) => index.diagnostics.failure(&error),
            }
            progress(index.slots.len() as u64);
        }
        index.diagnostics.append(walk.diagnostics().clone());
        index.folded.shrink_to_fit();
        index.capitals.shrink_to_fit();
        index.slots.shrink_to_fit();
        Ok(index)
    }

    fn add_folder(&mut self, id: FolderId, path: String, folder: &Folder) {
        self.diagnostics.append(folder.diagnostics.clone());
        let Ok(first) = u32::try_from(self.slots.len()) else { return };
        self.folders.push(Place { id, path, first });
        for entry in folder.entries() {
            let Some(name) = self.add_name(folder.name(entry)) else { return };
            if entry.is_folder() {
                self.totals.folders = self.totals.folders.saturating_add(1);
            } else {
                self.totals.files = self.totals.files.saturating_add(1);
                self.totals.bytes = self.totals.bytes.saturating_add(entry.file_size().unwrap_or(0));
            }
            self.slots.push(Slot {
                size: entry.file_size().unwrap_or(0),
                modified: entry.modified.map_or(NO_TIME, |time| time.unix_seconds()),
                name,
                kind: entry.kind,
                zone: entry.modified.and_then(|time| i8::try_from(time.zone_minutes() / 15).ok()).unwrap_or(0),
            });
        }
    }

    /// Puts the name of the next slot into the arena, and says where it starts; `None` when the arena is full.
    fn add_name(&mut self, name: &str) -> Option<u32> {
        let start = u32::try_from(self.folded.len()).ok()?;
        let slot = u32::try_from(self.slots.len()).ok()?;
        let name = if name.contains(END) { Cow::Owned(name.replace(END, "\u{fffd}")) } else { Cow::Borrowed(name) };
        if name.is_ascii() || name.chars().all(|c| c.is_ascii() || c.to_lowercase().eq([c])) {
            let at = self.folded.len();
            for capital in name.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_uppercase()) {
                let bit = at.saturating_add(capital.0);
                if bit / 64 >= self.capitals.len() {
                    self.capitals.resize(bit / 64 + 1, 0);
                }
                if let Some(word) = self.capitals.get_mut(bit / 64) {
                    *word |= 1 << (bit % 64);
                }
            }
            self.folded.extend(name.chars().map(|c| c.to_ascii_lowercase()));
        } else {
            self.folded.extend(name.chars().flat_map(char::to_lowercase));
            self.originals.push((slot, name.into()));
        }
        self.folded.push(END);
        Some(start)
    }

    /// Number of entries, without the root.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// True for an empty disc.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Sums over everything.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// What is wrong with the tree's folders, as far as the walk saw.
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.diagnostics
    }

    /// The entries whose names contain every word of `query`, without regard to case, in the order of the disc.
    pub fn search(&self, query: &str) -> Vec<u32> {
        // Letter by letter, as the names are.
        let query: String = query.chars().flat_map(char::to_lowercase).collect();
        let words = query.split_whitespace().filter(|word| !word.contains(END));
        let mut words: Vec<Finder<'_>> = words.map(|word| Finder::new(word.as_bytes())).collect();
        // Only names with the rarest word are looked at for the others.
        words.sort_by_cached_key(|word| self.frequency(word));
        let Some((rarest, others)) = words.split_first() else { return Vec::new() };
        let mut found: Vec<u32> = Vec::new();
        let (mut from, mut slot) = (0, 0);
        while let Some(at) = self.folded.as_bytes().get(from..).and_then(|rest| rarest.find(rest)) {
            slot = self.slot_from(slot, from.saturating_add(at));
            let end = self.folded_start(slot.saturating_add(1));
            let name = || self.folded.as_bytes().get(self.folded_start(slot)..end).unwrap_or_default();
            if others.is_empty() || others.iter().all(|word| word.find(name()).is_some()) {
                found.extend(u32::try_from(slot));
            }
            // On with the next name.
            from = end;
        }
        found
    }

    /// How often `word` stands in a few samples of the names.
    fn frequency(&self, word: &Finder<'_>) -> usize {
        const SAMPLES: usize = 16;
        const BYTES: usize = 4096;
        let stride = (self.folded.len() / SAMPLES).max(BYTES);
        let samples = self.folded.as_bytes().chunks(stride);
        samples.map(|sample| word.find_iter(sample.get(..BYTES).unwrap_or(sample)).count()).sum()
    }

    /// The entry whose name covers byte `at` of the arena, which is `from` or a later one.
    fn slot_from(&self, from: usize, at: usize) -> usize {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        // Often it is the next one: steps that double find it sooner than a search through all.
        let (mut first, mut step) = (from, 1);
        while self.slots.get(first.saturating_add(step)).is_some_and(|slot| slot.name <= at) {
            first = first.saturating_add(step);
            step = step.saturating_mul(2);
        }
        let between = self.slots.get(first..).unwrap_or_default();
        let between = between.get(..step).unwrap_or(between);
        first.saturating_add(between.partition_point(|slot| slot.name <= at)).saturating_sub(1)
    }

    fn folded_start(&self, slot: usize) -> usize {
        let start = self.slots.get(slot).and_then(|slot| usize::try_from(slot.name).ok());
        start.unwrap_or(self.folded.len())
    }

    fn folded_name(&self, slot: usize) -> &str {
        let end = self.folded_start(slot.saturating_add(1)).saturating_sub(END.len_utf8());
        self.folded.get(self.folded_start(slot)..end).unwrap_or_default()
    }

    /// What is known of the entry `at`; `None` when there is none.
    pub fn entry(&self, at: u32) -> Option<IndexEntry> {
        let slot = self.slot(at)?;
        let place = self.place(at)?;
        Some(IndexEntry {
            size: slot.size,
            modified: (slot.modified != NO_TIME).then_some(slot.modified),
            zone_minutes: i16::from(slot.zone).saturating_mul(15),
            folder: place.id,
            position: at.checked_sub(place.first)?,
            kind: slot.kind,
        })
    }

    /// The name of the entry `at`.
    pub fn name(&self, at: u32) -> Cow<'_, str> {
        if let Ok(found) = self.originals.binary_search_by_key(&at, |(slot, _)| *slot) {
            return self.originals.get(found).map_or("", |(_, name)| name).into();
        }
        let Ok(slot) = usize::try_from(at) else { return Cow::default() };
        let (start, name) = (self.folded_start(slot), self.folded_name(slot));
        let bit = |at: usize| self.capitals.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1);
        let capital = |at: usize| bit(start.saturating_add(at));
        if !(0..name.len()).any(capital) {
            return name.into();
        }
        name.char_indices().map(|(at, c)| if capital(at) { c.to_ascii_uppercase() } else { c }).collect()
    }

    /// The path of the folder that holds the entry `at`; empty for the root.
    pub fn folder_path(&self, at: u32) -> &str {
        self.place(at).map(|place| place.path.as_str()).unwrap_or_default()
    }

    /// The folder that holds the entry `at`.
    fn place(&self, at: u32) -> Option<&Place> {
        self.slot(at)?;
        // Empty folders begin where the next one does; the last of them is the one that is not empty.
        self.folders.get(self.folders.partition_point(|place| place.first <= at).checked_sub(1)?)
    }

    fn slot(&self, at: u32) -> Option<&Slot> {
        usize::try_from(at).ok().and_then(|at| self.slots.get(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(names: &[&str]) -> Index {
        let mut index = Index::default();
        for name in names {
            let name = index.add_name(name).unwrap();
            index.slots.push(Slot { size: 0, modified: NO_TIME, name, kind: Kind::File, zone: 0 });
        }
        index
    }

    #[test]
    fn a_search_disregards_case_and_wants_every_word() {
        let index = index(&["README.TXT", "read me first", "notes", "Größe.txt", "ÄRGER"]);
        assert_eq!(index.search("read"), [0, 1]);
        assert_eq!(index.search("READ first"), [1]);
        assert_eq!(index.search("txt"), [0, 3]);
        assert_eq!(index.search("grÖSSe"), [] as [u32; 0]);
        assert_eq!(index.search("größe"), [3]);
        assert_eq!(index.search("ärger"), [4]);
        assert_eq!(index.search("  "), [] as [u32; 0]);
        assert_eq!(index.search("t\u{1f}r"), [] as [u32; 0]);
    }

    #[test]
    fn names_whose_lower_case_is_longer_are_found() {
        // U+0130 becomes two characters.
        let index = index(&["\u{130}x", "b", "\u{130}\u{130}y", "zy"]);
        assert_eq!(index.search("y"), [2, 3]);
        assert_eq!(index.search("x"), [0]);
        assert_eq!(index.name(2), "\u{130}\u{130}y");
    }

    #[test]
    fn hits_far_apart_and_side_by_side_are_found() {
        let names: Vec<String> =
            (0..10_000).map(|at| format!("name {at} {}", if at % 997 < 3 { "rare" } else { "" })).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let index = index(&names);
        let all: Vec<u32> = (0..10_000).collect();
        let rare: Vec<u32> = all.iter().copied().filter(|at| at % 997 < 3).collect();
        assert_eq!(index.search("name"), all);
        assert_eq!(index.search("rare"), rare);
        assert_eq!(index.search("name rare e"), rare);
        assert_eq!(index.search("name 9999"), [9999]);
    }

    #[test]
    fn every_name_comes_back_as_it_was() {
        let names =
            ["", "a", "A", "ReadMe.TXT", "Größe", "GRÖSSE", "straße", "日本語 ABC.txt", "ﬁ", "É", "é", "Ω", "K", "x"];
        let index = index(&names);
        for (at, name) in (0_u32..).zip(names) {
            assert_eq!(index.name(at), name);
        }
        assert_eq!(index.name(99), "");
        assert_eq!(index.search("größe"), [4]);
        assert_eq!(index.search("abc"), [7]);
    }

    #[test]
    fn empty_folders_hold_nothing() {
        let mut index = Index::default();
        let (empty, mut folder) = (Folder::default(), Folder::default());
        let mut entry = super::super::folder::Entry::new(Kind::File, Default::default(), 0, 0);
        folder.set_name(&mut entry, "file", None);
        folder.push(entry);
        let id = |place| FolderId { place, extra: 0 };
        for (number, name) in [(1, "empty"), (2, "full"), (3, "empty too"), (4, "full too")] {
            index.add_folder(id(number), name.to_owned(), if number % 2 == 0 { &folder } else { &empty });
        }
        assert_eq!((index.folder_path(0), index.folder_path(1), index.folder_path(2)), ("full", "full too", ""));
        let entry = index.entry(1).unwrap();
        assert_eq!((entry.folder, entry.position), (id(4), 0));
    }
}
