//! What nothing shows: files hidden in every tree, space that no structure claims and that is not empty, and what comes
//! after the declared end of the disc.

mod used;
mod what;

use std::sync::Arc;

use self::used::Used;
use self::what::{is_filler, what};
use super::sector::SECTOR_SIZE;
use super::source::read_up_to;
use super::tree::{Entry, FileTree, Folder, TreeId};
use super::walk::{Step, Walk};
use super::{Diagnostics, Error, Extent, Image, Result, Source, limits, text};

/// What [`find`] found.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Unseen {
    /// Files with data that are hidden wherever they stand, or inside a hidden folder.
    pub hidden: Vec<HiddenFile>,
    /// Space before the declared end that nothing claims and that is not empty.
    pub gaps: Vec<Gap>,
    /// What comes after the declared end, from the first to the last byte that is not zero.
    pub after_end: Option<Gap>,
    /// Findings beyond [`limits::UNSEEN_FINDINGS`], which are only counted.
    pub unlisted: u64,
    /// What could not be looked at, and why.
    pub diagnostics: Diagnostics,
}

impl Unseen {
    /// True when everything on the disc is shown by a tree.
    pub fn is_empty(&self) -> bool {
        self.hidden.is_empty() && self.gaps.is_empty() && self.after_end.is_none() && self.unlisted == 0
    }
}

/// A file that no tree shows.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct HiddenFile {
    /// A tree that has it.
    pub tree: TreeId,
    /// Its path there.
    pub path: String,
    /// Bytes.
    pub size: Option<u64>,
}

/// Space that is used by nothing.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Gap {
    /// From the first to the last sector that is not empty.
    pub extent: Extent,
    /// Bytes in it that are not zero.
    pub used: u64,
    /// What it begins with, where that is known.
    pub what: Option<&'static str>,
    /// What stands before it: a path, or nothing where that is no file.
    pub near: String,
}

impl Gap {
    fn new(offset: u64, sector: &[u8]) -> Self {
        Self { extent: Extent::new(offset, 0), used: 0, what: what(sector), near: String::new() }
    }
}

/// What is done, of how much, in bytes looked at.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// Walks over all trees of all sessions, and reads what none of them claims. The only error is [`Error::Cancelled`].
pub fn find(image: &Image, progress: Progress<'_>) -> Result<Unseen> {
    let mut finder = Finder { unseen: Unseen::default(), used: Used::default(), hidden: Vec::new(), shown: Vec::new() };
    finder.claim_structures(image);
    finder.claim_trees(image)?;
    for session in image.sessions().iter().filter(|session| session.number != image.session()) {
        match Image::open_session(image.source().clone(), session.number) {
            Ok(other) => {
                finder.claim_structures(&other);
                finder.claim_trees(&other)?;
            }
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(error) => finder.unseen.diagnostics.failure(&error),
        }
    }
    finder.list_hidden();
    let runs = finder.used.gaps(image.source().len());
    let mut unseen = finder.unseen;
    read_gaps(image, &runs, &mut unseen, progress)?;
    name_neighbours(image, &mut unseen)?;
    Ok(unseen)
}

struct Finder {
    unseen: Unseen,
    used: Used,
    /// Files that one tree hides, and where their data begins.
    hidden: Vec<(u64, HiddenFile)>,
    /// Where the data of files begins that a tree shows.
    shown: Vec<u64>,
}

impl Finder {
    /// Claims what lies outside of files and folders.
    fn claim_structures(&mut self, image: &Image) {
        // The system area (ECMA-119 §6.2.1) is for whatever starts the disc, and told with that.
        self.used.claim(Extent::new(0, super::detect::DESCRIPTORS));
        let structures: Vec<Extent> = image.structures().map(|structure| structure.extent).collect();
        structures.iter().for_each(|extent| self.used.claim(*extent));
        // A boot image or a partition with a file system is judged by its files, one without is shown as a whole.
        for (index, boot) in image.boot_images().iter().enumerate() {
            if image.boot_image_trees(index).is_empty() {
                self.used.claim(boot.extent);
            }
        }
        let holds = |part: Extent, other: &Extent| part.offset <= other.offset && other.end() <= part.end();
        for partition in image.partitions() {
            let part = partition.extent;
            // The table itself may stand inside.
            let inside = |other: &&Extent| holds(part, other) && other.offset >= super::detect::DESCRIPTORS;
            if !structures.iter().any(|other| inside(&other)) {
                self.used.claim(part);
            }
        }
    }

    fn claim_trees(&mut self, image: &Image) -> Result<()> {
        for tree in image.trees() {
            let id = image.id_of(tree.as_ref());
            let mut hidden_folders = std::collections::HashSet::new();
            let mut walk = Walk::new(tree.clone());
            for Step { path, id: folder_id, folder, .. } in walk.by_ref() {
                let folder = match folder {
                    Ok(folder) => folder,
                    Err(Error::Cancelled) => return Err(Error::Cancelled),
                    Err(error) => {
                        self.unseen.diagnostics.failure(&error);
                        continue;
                    }
                };
                folder.extents().iter().for_each(|extent| self.used.claim(*extent));
                let inside_hidden = hidden_folders.contains(&folder_id);
                for (index, entry) in folder.entries().iter().enumerate() {
                    let hidden = inside_hidden || entry.hidden;
                    if let Some(inner) = tree.folder_of(entry).filter(|_| hidden) {
                        hidden_folders.insert(inner);
                    }
                    entry.content.extents().iter().for_each(|extent| self.used.claim(*extent));
                    if folder.has_streams(index) {
                        self.claim_streams(tree, &folder, index)?;
                    }
                    self.note_file(id, &path, &folder, entry, hidden);
                }
            }
            self.unseen.diagnostics.append(walk.diagnostics().clone());
        }
        Ok(())
    }

    fn claim_streams(&mut self, tree: &Arc<dyn FileTree>, folder: &Folder, index: usize) -> Result<()> {
        let described = tree.stream_extents(folder, index);
        match described.and_then(|described| Ok((described, tree.streams(folder, index)?))) {
            Ok((described, streams)) => {
                let data = streams.iter().flat_map(|stream| stream.content.extents());
                described.iter().chain(data).for_each(|extent| self.used.claim(*extent));
            }
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(error) => self.unseen.diagnostics.failure(&error),
        }
        Ok(())
    }

    /// Remembers whether a tree shows the file. Nothing is hidden in a file without data.
    fn note_file(&mut self, tree: TreeId, path: &str, folder: &Folder, entry: &Entry, hidden: bool) {
        let first = entry.content.extents().first().filter(|first| entry.is_file() && first.length > 0);
        let Some(first) = first else { return };
        if !hidden {
            self.shown.push(first.offset);
        } else if self.hidden.len() < limits::UNSEEN_FINDINGS {
            let path = text::join(path, folder.name(entry));
            self.hidden.push((first.offset, HiddenFile { tree, path, size: entry.file_size() }));
        } else {
            self.unseen.unlisted = self.unseen.unlisted.saturating_add(1);
        }
    }

    /// Lists what one tree hides and no other shows, once.
    fn list_hidden(&mut self) {
        self.shown.sort_unstable();
        let mut listed = std::collections::HashSet::new();
        for (offset, file) in std::mem::take(&mut self.hidden) {
            if self.shown.binary_search(&offset).is_err() && listed.insert(offset) {
                self.unseen.hidden.push(file);
            }
        }
    }
}

/// Bytes in which empty space is told from used: those of a sector.
const GRAIN: u64 = SECTOR_SIZE;

/// Empty bytes that end a gap: what follows is listed on its own.
const EMPTY_RUN: u64 = 64 << 10;

/// Reads what nothing claims, and lists what is not empty.
fn read_gaps(image: &Image, runs: &[Extent], unseen: &mut Unseen, progress: Progress<'_>) -> Result<()> {
    const CHUNK: u64 = 1 << 20;
    let (source, end) = (image.source().as_ref(), image.declared_size());
    let total = runs.iter().fold(0_u64, |sum, run| sum.saturating_add(run.length));
    let mut done = 0_u64;
    for run in runs {
        let mut gap: Option<Gap> = None;
        let mut at = run.offset;
        while at < run.end() {
            progress(done, total);
            // A gap ends at the declared end, too.
            let limit = if at < end { run.end().min(end) } else { run.end() };
            let chunk = match read_up_to(source, Extent::new(at, CHUNK.min(limit - at))) {
                Ok(chunk) => chunk,
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                Err(error) => {
                    unseen.diagnostics.failure(&error);
                    Vec::new()
                }
            };
            let mut offset = at;
            for sector in sectors(at, &chunk) {
                let end_of_sector = offset.saturating_add(sector.len() as u64);
                let used = sector.iter().filter(|byte| **byte != 0).count() as u64;
                if used > 0 && !is_filler(sector) {
                    let apart = gap.as_ref().is_some_and(|gap| {
                        let far = offset.saturating_sub(gap.extent.end()) >= EMPTY_RUN;
                        far || (gap.extent.offset < end && offset >= end)
                    });
                    if apart {
                        list(unseen, gap.take(), end);
                    }
                    let gap = gap.get_or_insert_with(|| Gap::new(offset, sector));
                    gap.extent.length = end_of_sector.saturating_sub(gap.extent.offset);
                    gap.used = gap.used.saturating_add(used);
                }
                offset = end_of_sector;
            }
            let step = (chunk.len() as u64).max(if chunk.is_empty() { CHUNK.min(limit - at) } else { 0 });
            at = at.saturating_add(step);
            done = done.saturating_add(step);
        }
        list(unseen, gap, end);
    }
    progress(total, total);
    Ok(())
}

/// The pieces of `chunk`, which stands at the absolute byte `offset`, that lie in one sector each.
fn sectors(offset: u64, chunk: &[u8]) -> impl Iterator<Item = &[u8]> {
    let first = usize::try_from(GRAIN - offset % GRAIN).unwrap_or(usize::MAX).min(chunk.len());
    let (first, rest) = chunk.split_at_checked(first).unwrap_or((chunk, &[]));
    std::iter::once(first).chain(rest.chunks(2048))
}

/// Adds a gap; what lies behind the declared end is one.
fn list(unseen: &mut Unseen, gap: Option<Gap>, end: u64) {
    let Some(gap) = gap else { return };
    if gap.extent.offset >= end {
        match &mut unseen.after_end {
            Some(before) => {
                before.extent.length = gap.extent.end().saturating_sub(before.extent.offset);
                before.used = before.used.saturating_add(gap.used);
            }
            none => *none = Some(gap),
        }
    } else if unseen.gaps.len() < limits::UNSEEN_FINDINGS {
        unseen.gaps.push(gap);
    } else {
        unseen.unlisted = unseen.unlisted.saturating_add(1);
    }
}

/// Finds for each gap the file that ends before it and nearest to it.
fn name_neighbours(image: &Image, unseen: &mut Unseen) -> Result<()> {
    let mut gaps: Vec<&mut Gap> = unseen.gaps.iter_mut().chain(unseen.after_end.as_mut()).collect();
    if gaps.is_empty() {
        return Ok(());
    }
    let mut nearest = vec![0_u64; gaps.len()];
    let tree = image.default_tree();
    for Step { path, folder, .. } in Walk::new(tree.clone()) {
        let folder = match folder {
            Ok(folder) => folder,
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(_) => continue,
        };
        for entry in folder.entries().iter().filter(|entry| entry.is_file()) {
            for extent in entry.content.extents().iter().filter(|extent| extent.is_somewhere() && extent.length > 0) {
                // Sectors are listed whole, so that a file may end in the first of them.
                let end = extent.end().saturating_sub(GRAIN - 1);
                let at = gaps.partition_point(|gap| gap.extent.offset < end);
                if let (Some(gap), Some(nearest)) = (gaps.get_mut(at), nearest.get_mut(at))
                    && extent.end() > *nearest
                {
                    *nearest = extent.end();
                    gap.near = text::join(&path, folder.name(entry));
                }
            }
        }
    }
    Ok(())
}
