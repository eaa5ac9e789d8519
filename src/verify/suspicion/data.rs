//! Where the data of files lies: pieces that overlap, and more of it promised than there is.

use std::collections::HashSet;

use super::{Paths, Remark, RemarkKind};
use crate::disc::tree::Entry;
use crate::disc::walk::{Step, Walk};
use crate::disc::{Error, Extent, Image, Result, limits, text};

/// How many times the disc its files must be before that is told, and at least how many bytes.
const TIMES: u64 = 10;
const MUCH: u64 = 4 << 30;

/// How many times its packed data one file must be, and at least how many bytes.
const PACKED_TIMES: u64 = 1000;
const PACKED_MUCH: u64 = 1 << 30;

/// The pieces of all files of a tree.
#[derive(Default)]
pub(super) struct Places {
    /// From, and up to.
    pieces: Vec<(u64, u64)>,
    /// Bytes of all files whose data was not seen before.
    promised: u64,
    seen: HashSet<(u64, u64)>,
    /// The first file that is packed as nothing can be packed: its record and its size.
    packed: Option<(u64, u64)>,
}

impl Places {
    pub(super) fn add(&mut self, entry: &Entry) {
        if !entry.is_file() || self.pieces.len().max(self.seen.len()) >= limits::SUSPECT_PIECES {
            return;
        }
        let stored = entry.content.stored_size();
        if entry.content.packing().is_some()
            && entry.size >= PACKED_MUCH
            && entry.size / stored.max(1) >= PACKED_TIMES
            && self.packed.is_none()
        {
            self.packed = Some((entry.record, entry.size));
        }
        // Hard links, and files that a writer found to be alike, have the very same data.
        let key = entry
            .content
            .extents()
            .iter()
            .find(|extent| extent.is_somewhere())
            .map_or((entry.record, 0), |first| (first.offset, first.length));
        if entry.size > 0 && self.seen.insert(key) {
            self.promised = self.promised.saturating_add(entry.size);
        }
        for extent in entry.content.extents().iter().filter(|extent| extent.is_somewhere() && extent.length > 0) {
            self.pieces.push((extent.offset, extent.end()));
        }
    }

    /// Says what is wrong with them.
    pub(super) fn tell(mut self, image: &Image, remarks: &mut Vec<Remark>) -> Result<()> {
        let disc = image.source().len().max(image.declared_size());
        if let Some((record, size)) = self.packed {
            let sentence = format!("A packed file says that it has {}, more than its data can hold", text::size(size));
            let title = "A file that is far larger than its data";
            remarks.push(Paths::default().remark(RemarkKind::Promises, title, sentence, Some(record)));
        } else if self.promised >= MUCH && self.promised / disc.max(1) >= TIMES {
            let sentence = format!(
                "The files say that they have {} together, but the disc has {}: extracting them may fill a disk",
                text::size(self.promised),
                text::size(disc)
            );
            remarks.push(Paths::default().remark(RemarkKind::Promises, "More data than the disc has", sentence, None));
        }
        let overlapping = self.overlapping();
        let Some(first) = overlapping.first() else { return Ok(()) };
        let first = first.0;
        let paths = paths(image, &overlapping)?;
        let sentence = format!(
            "{} recorded where a part of another file lies; on ordinary discs files share all of their data or nothing",
            paths.are()
        );
        remarks.push(paths.remark(RemarkKind::Overlaps, "Files that overlap", sentence, Some(first)));
        Ok(())
    }

    /// Pieces that share some of their bytes with others but not all, the first in the order of the disc.
    fn overlapping(&mut self) -> Vec<(u64, u64)> {
        self.pieces.sort_unstable();
        self.pieces.dedup();
        let mut overlapping = Vec::new();
        // The piece that reaches furthest so far.
        let mut furthest: Option<(u64, u64)> = None;
        for piece in &self.pieces {
            if let Some(before) = furthest.filter(|before| piece.0 < before.1) {
                for one in [before, *piece] {
                    if overlapping.len() < limits::REMARK_PATHS && overlapping.last() != Some(&one) {
                        overlapping.push(one);
                    }
                }
            }
            if furthest.is_none_or(|before| before.1 < piece.1) {
                furthest = Some(*piece);
            }
        }
        overlapping.sort_unstable();
        overlapping.dedup();
        overlapping
    }
}

/// The files that have one of the pieces.
fn paths(image: &Image, pieces: &[(u64, u64)]) -> Result<Paths> {
    let mut paths = Paths::default();
    let is_one = |extent: &Extent| pieces.binary_search(&(extent.offset, extent.end())).is_ok();
    for Step { path, folder, .. } in Walk::new(image.default_tree().clone()) {
        let folder = match folder {
            Ok(folder) => folder,
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(_) => continue,
        };
        for entry in folder.entries().iter().filter(|entry| entry.is_file()) {
            if entry.content.extents().iter().any(is_one) {
                paths.add(|| text::join(&path, folder.name(entry)));
            }
        }
    }
    Ok(paths)
}
