//! A compact index of a whole tree, for totals and for search.
//!
//! All names stand one after the other in one arena, folded to lower case in a second one, so that a search is a scan
//! over a single stretch of memory: a million names take some milliseconds.

use std::sync::Arc;

use super::tree::{FileTree, FolderId, Kind};
use super::walk::Walk;
use super::{Diagnostics, Error, Result};

/// Ends each name in the arenas. A name that holds it itself is kept with a U+FFFD instead.
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

/// What is kept of each entry: 32 bytes.
#[derive(Debug, Clone, Copy)]
struct Slot {
    size: u64,
    modified: i64,
    name: u32,
    folder: u32,
    position: u32,
    kind: Kind,
    /// Zone of `modified` in quarters of an hour.
    zone: i8,
}

/// A moment that no disc records: the entry has none.
const NO_TIME: i64 = i64::MIN;

/// Names, sizes and places of everything in a tree.
#[derive(Debug, Default)]
pub struct Index {
    names: String,
    /// The names in lower case; empty when that changes nothing.
    folded: String,
    /// Start of each name in `folded`, when lower case has another length than the name.
    folded_starts: Option<Vec<u32>>,
    slots: Vec<Slot>,
    folders: Vec<(FolderId, String)>,
    totals: Totals,
    diagnostics: Diagnostics,
}

impl Index {
    /// Walks over `tree`. `progress` is told how many entries there are so far, after each folder. The only error is
    /// [`Error::Cancelled`]; folders that cannot be read are told in [`diagnostics`](Self::diagnostics).
    pub fn build(tree: &Arc<dyn FileTree>, progress: &mut dyn FnMut(u64)) -> Result<Self> {
        let mut index = Self::default();
        let mut walk = Walk::new(tree.clone());
        for step in walk.by_ref() {
            let folder = match step.folder {
                Ok(folder) => folder,
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                Err(error) => {
                    index.diagnostics.failure(&error);
                    continue;
                }
            };
            index.diagnostics.append(folder.diagnostics.clone());
            let Ok(number) = u32::try_from(index.folders.len()) else { break };
            index.folders.push((step.id, step.path));
            for (position, entry) in folder.entries().iter().enumerate() {
                let (Ok(name), Ok(position)) = (u32::try_from(index.names.len()), u32::try_from(position)) else {
                    break;
                };
                match folder.name(entry) {
                    odd if odd.contains(END) => index.names.push_str(&odd.replace(END, "\u{fffd}")),
                    name => index.names.push_str(name),
                }
                index.names.push(END);
                if entry.is_folder() {
                    index.totals.folders = index.totals.folders.saturating_add(1);
                } else {
                    index.totals.files = index.totals.files.saturating_add(1);
                    index.totals.bytes = index.totals.bytes.saturating_add(entry.file_size().unwrap_or(0));
                }
                index.slots.push(Slot {
                    size: entry.file_size().unwrap_or(0),
                    modified: entry.modified.map_or(NO_TIME, |time| time.unix_seconds()),
                    name,
                    folder: number,
                    position,
                    kind: entry.kind,
                    zone: entry.modified.and_then(|time| i8::try_from(time.zone_minutes() / 15).ok()).unwrap_or(0),
                });
            }
            progress(index.slots.len() as u64);
        }
        index.diagnostics.append(walk.diagnostics().clone());
        index.fold();
        Ok(index)
    }

    fn fold(&mut self) {
        self.names.shrink_to_fit();
        self.slots.shrink_to_fit();
        if self.names.is_ascii() {
            self.folded = self.names.to_ascii_lowercase();
            return;
        }
        let mut starts = Vec::with_capacity(self.slots.len());
        for name in self.names.split_terminator(END) {
            starts.push(u32::try_from(self.folded.len()).unwrap_or(u32::MAX));
            self.folded.extend(name.chars().flat_map(char::to_lowercase));
            self.folded.push(END);
        }
        self.folded_starts = Some(starts);
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
        let query = query.to_lowercase();
        let mut words: Vec<&str> = query.split_whitespace().filter(|word| !word.contains(END)).collect();
        // The longest word is the rarest, as a rule.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        let Some((first, others)) = words.split_first() else { return Vec::new() };
        let mut found: Vec<u32> = Vec::new();
        let finder = memchr::memmem::Finder::new(first.as_bytes());
        let mut from = 0;
        while let Some(at) = self.folded.as_bytes().get(from..).and_then(|rest| finder.find(rest)) {
            let at = from.saturating_add(at);
            let slot = self.slot_at(at);
            let name = self.folded_name(slot);
            if others.iter().all(|word| name.contains(word)) {
                found.extend(u32::try_from(slot));
            }
            // On with the next name.
            from = self.folded_start(slot.saturating_add(1));
        }
        found
    }

    /// The entry whose folded name covers byte `at`.
    fn slot_at(&self, at: usize) -> usize {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        let after = match &self.folded_starts {
            Some(starts) => starts.partition_point(|start| *start <= at),
            None => self.slots.partition_point(|slot| slot.name <= at),
        };
        after.saturating_sub(1)
    }

    fn folded_start(&self, slot: usize) -> usize {
        let start = match &self.folded_starts {
            Some(starts) => starts.get(slot).copied(),
            None => self.slots.get(slot).map(|slot| slot.name),
        };
        start.and_then(|start| usize::try_from(start).ok()).unwrap_or(self.folded.len())
    }

    fn folded_name(&self, slot: usize) -> &str {
        let end = self.folded_start(slot.saturating_add(1)).saturating_sub(END.len_utf8());
        self.folded.get(self.folded_start(slot)..end).unwrap_or_default()
    }

    /// What is known of the entry `at`; `None` when there is none.
    pub fn entry(&self, at: u32) -> Option<IndexEntry> {
        let slot = self.slot(at)?;
        let (folder, _) = self.folders.get(usize::try_from(slot.folder).ok()?)?;
        Some(IndexEntry {
            size: slot.size,
            modified: (slot.modified != NO_TIME).then_some(slot.modified),
            zone_minutes: i16::from(slot.zone).saturating_mul(15),
            folder: *folder,
            position: slot.position,
            kind: slot.kind,
        })
    }

    /// The name of the entry `at`.
    pub fn name(&self, at: u32) -> &str {
        let start = self.slot(at).and_then(|slot| usize::try_from(slot.name).ok()).unwrap_or(self.names.len());
        self.names.get(start..).and_then(|rest| rest.split(END).next()).unwrap_or_default()
    }

    /// The path of the folder that holds the entry `at`; empty for the root.
    pub fn folder_path(&self, at: u32) -> &str {
        let folder = self.slot(at).and_then(|slot| self.folders.get(usize::try_from(slot.folder).ok()?));
        folder.map(|(_, path)| path.as_str()).unwrap_or_default()
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
            let start = u32::try_from(index.names.len()).unwrap();
            index.names.push_str(name);
            index.names.push(END);
            index.slots.push(Slot {
                size: 0,
                modified: NO_TIME,
                name: start,
                folder: 0,
                position: 0,
                kind: Kind::File,
                zone: 0,
            });
        }
        index.fold();
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
}
