//! What has no partner in its folder: it may stand elsewhere in the other tree, or nowhere.

use std::collections::{HashMap, HashSet};

use super::{Aspect, Comparer, Difference, Lone, Pair, Side, data_place};
use crate::disc::tree::{Entry, FileTree, FolderId};
use crate::disc::walk::Walk;
use crate::disc::{Error, Extent, Result, limits, text};

/// An entry without a partner in its folder; the other tree may have it elsewhere.
pub(super) struct Candidate {
    found: Lone,
    folder: Option<FolderId>,
    extent: Option<Extent>,
    /// False when the entry has a partner of another kind, so that it is not missing.
    is_missing: bool,
}

impl Candidate {
    pub(super) fn new(tree: &dyn FileTree, path: String, entry: &Entry, is_missing: bool) -> Self {
        let found = Lone { path, kind: entry.kind, size: entry.file_size(), inside: 0 };
        Self { found, folder: tree.folder_of(entry), extent: data_place(entry), is_missing }
    }

    /// What tells it apart wherever it stands: the place of its data.
    fn place(&self) -> Option<(bool, Extent)> {
        let folder = self.folder.map(|folder| (true, Extent::new(folder.place, 0)));
        folder.or(self.extent.map(|extent| (false, extent)))
    }
}

impl Comparer<'_> {
    /// Looks for what has no partner in its folder everywhere else in the other tree, and lists what is left.
    pub(super) fn lone_entries(&mut self) -> Result<()> {
        let mut sides = Vec::new();
        for at in 0..self.sides.len() {
            sides.push(self.below_lone(at)?);
        }
        let Some((right, left)) = sides.pop().zip(sides.pop()) else { return Ok(()) };
        let mut places = HashMap::new();
        for (at, inner) in right.iter().enumerate().filter(|_| self.options.same_image) {
            if let Some(place) = inner.candidate.place() {
                places.entry(place).or_insert(at);
            }
        }
        // Entries whose folder is found elsewhere are there with it, in both trees.
        let mut done = [vec![false; left.len()], vec![false; right.len()]];
        let [left_done, right_done] = &mut done;
        let mut explained = HashSet::new();
        for (at, inner) in left.iter().enumerate() {
            if inner.parent.is_some_and(|parent| left_done.get(parent) == Some(&true)) {
                mark(left_done, at);
                continue;
            }
            let found = inner.candidate.place().and_then(|place| places.remove(&place));
            let Some((partner_at, partner)) = found.and_then(|found| Some((found, right.get(found)?))) else {
                continue;
            };
            mark(left_done, at);
            mark(right_done, partner_at);
            let paths = Pair { left: inner.candidate.found.path.clone(), right: partner.candidate.found.path.clone() };
            explained.insert(paths.left.clone());
            explained.insert(paths.right.clone());
            if !self.comparison.is_full() {
                self.comparison.elsewhere.push(paths);
            }
        }
        // An entry of another kind that stands in for what is elsewhere needs no further word.
        self.comparison.differences.retain(|Difference { paths, aspects }| {
            let stands_in = matches!(aspects.as_slice(), [Aspect::Kind(..)]);
            !(stands_in && (explained.contains(&paths.left) || explained.contains(&paths.right)))
        });
        for (at, inner) in right.iter().enumerate() {
            if inner.parent.is_some_and(|parent| right_done.get(parent) == Some(&true)) {
                mark(right_done, at);
            }
        }
        let [left_done, right_done] = done;
        let only_left = list_lone(left, &left_done);
        let only_right = list_lone(right, &right_done);
        for (found, is_left) in
            only_left.into_iter().map(|found| (found, true)).chain(only_right.into_iter().map(|found| (found, false)))
        {
            if !self.comparison.is_full() {
                let list = if is_left { &mut self.comparison.only_left } else { &mut self.comparison.only_right };
                list.push(found);
            }
        }
        Ok(())
    }

    /// Everything that is lone in one tree: the entries themselves, and after each folder what is inside it.
    fn below_lone(&mut self, side: usize) -> Result<Vec<Inner>> {
        let Some(Side { tree, lone, .. }) = self.sides.get_mut(side) else { return Ok(Vec::new()) };
        let (tree, lone) = (tree.clone(), std::mem::take(lone));
        let mut all: Vec<Inner> = Vec::with_capacity(lone.len());
        for candidate in lone {
            let (root, folder) = (all.len(), candidate.folder);
            let path = candidate.found.path.clone();
            all.push(Inner { candidate, parent: None, root });
            let Some(folder) = folder else { continue };
            let mut folders = HashMap::from([(path.clone(), root)]);
            for step in Walk::below(tree.clone(), folder, &path) {
                let parent = folders.get(&step.path).copied();
                let folder = match step.folder {
                    Ok(folder) => folder,
                    Err(Error::Cancelled) => return Err(Error::Cancelled),
                    Err(error) => {
                        self.comparison.diagnostics.failure(&error);
                        continue;
                    }
                };
                let fits = all.len().saturating_add(folder.entries().len()) <= limits::COMPARE_FINDINGS;
                if !fits || !self.budget.take_entries(folder.entries().len()) {
                    let message = format!("Not everything inside “{}” is compared", text::display(&path));
                    self.comparison.diagnostics.warning("directory", step.id.place, message);
                    break;
                }
                for entry in folder.entries() {
                    let path = text::join(&step.path, folder.name(entry));
                    if entry.is_folder() {
                        folders.insert(path.clone(), all.len());
                    }
                    all.push(Inner { candidate: Candidate::new(tree.as_ref(), path, entry, true), parent, root });
                }
            }
        }
        Ok(all)
    }
}

/// An entry of a lone folder, or a lone entry itself.
struct Inner {
    candidate: Candidate,
    /// The folder among the lone that holds it.
    parent: Option<usize>,
    /// The lone entry that it is or lies in.
    root: usize,
}

fn mark(done: &mut [bool], at: usize) {
    if let Some(done) = done.get_mut(at) {
        *done = true;
    }
}

/// The lone entries that were found nowhere else, each with the number of such entries inside it.
fn list_lone(all: Vec<Inner>, done: &[bool]) -> Vec<Lone> {
    let mut inside: HashMap<usize, u64> = HashMap::new();
    for (at, inner) in all.iter().enumerate() {
        if inner.root != at && done.get(at) == Some(&false) {
            *inside.entry(inner.root).or_default() += 1;
        }
    }
    let is_listed =
        |at: usize, inner: &Inner| inner.root == at && inner.candidate.is_missing && done.get(at) == Some(&false);
    let listed = all.into_iter().enumerate().filter(|(at, inner)| is_listed(*at, inner));
    listed.map(|(at, inner)| Lone { inside: inside.get(&at).copied().unwrap_or(0), ..inner.candidate.found }).collect()
}
