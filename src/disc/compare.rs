//! How two trees of one image differ.
//!
//! The trees of a disc name the same data, but nothing makes them agree: a file can be in one only, or have another
//! size, time or content there. Names prove little, as each tree writes them its own way; so entries are taken for the
//! same by their directory record, their name, and the place of their data, in the order that suits the two trees.

mod pairing;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::file::Packing;
use super::time::Timestamp;
use super::tree::{Entry, FileTree, Folder, FolderId, Kind, TreeKind};
use super::walk::Walk;
use super::{Diagnostics, Error, Extent, Result, Source, limits, text};

/// What [`compare`] found.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The tree that the other one is compared with.
    pub left: TreeKind,
    /// The other tree.
    pub right: TreeKind,
    /// Entries that both trees have, whether or not they differ.
    pub matched: u64,
    /// How many of them have different names.
    pub renamed: u64,
    /// Their names, when they were asked for.
    pub names: Vec<Pair>,
    /// What is in the left tree only.
    pub only_left: Vec<Lone>,
    /// What is in the right tree only.
    pub only_right: Vec<Lone>,
    /// What both trees have, but in different folders.
    pub elsewhere: Vec<Pair>,
    /// What both trees have, but not alike.
    pub differences: Vec<Difference>,
    /// Findings beyond [`limits::COMPARE_FINDINGS`], which are only counted.
    pub unlisted: u64,
    /// What could not be compared, and why.
    pub diagnostics: Diagnostics,
}

impl Comparison {
    /// True when the trees differ in more than names.
    pub fn differs(&self) -> bool {
        !(self.only_left.is_empty()
            && self.only_right.is_empty()
            && self.elsewhere.is_empty()
            && self.differences.is_empty())
    }

    fn listed(&self) -> usize {
        [self.names.len(), self.only_left.len(), self.only_right.len(), self.elsewhere.len(), self.differences.len()]
            .iter()
            .sum()
    }

    /// True, and one more is counted, when no further finding is listed.
    fn is_full(&mut self) -> bool {
        let full = self.listed() >= limits::COMPARE_FINDINGS;
        self.unlisted = self.unlisted.saturating_add(u64::from(full));
        full
    }
}

/// The paths of one thing in both trees.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Pair {
    /// Its path in the left tree.
    pub left: String,
    /// Its path in the right tree.
    pub right: String,
}

/// Something that one tree has alone.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Lone {
    /// Its path.
    pub path: String,
    /// What it is.
    pub kind: Kind,
    /// Bytes of a file; `None` for anything else.
    pub size: Option<u64>,
    /// Entries inside a folder, at any depth, that the other tree has nowhere.
    pub inside: u64,
}

/// Something that both trees have, but not alike.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// Its paths.
    #[serde(flatten)]
    pub paths: Pair,
    /// In which respects it differs; at least one.
    pub aspects: Vec<Aspect>,
}

/// One respect in which a thing differs between trees; the left tree's value is the first.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "aspect", content = "values", rename_all = "lowercase")]
pub enum Aspect {
    /// It is something else.
    Kind(Kind, Kind),
    /// The same stored bytes, but only one tree says that they are packed; bytes that reading gives.
    Packing(u64, u64),
    /// It has another size in bytes.
    Size(u64, u64),
    /// It was last changed at another moment.
    Modified(Option<Timestamp>, Option<Timestamp>),
    /// It has the same size, but its bytes differ.
    Content,
}

/// Compares two trees of the same image; `names` also lists the pairs whose names differ. The only error is
/// [`Error::Cancelled`].
pub fn compare(left: &Arc<dyn FileTree>, right: &Arc<dyn FileTree>, names: bool) -> Result<Comparison> {
    let comparison = Comparison {
        left: left.kind(),
        right: right.kind(),
        matched: 0,
        renamed: 0,
        names: Vec::new(),
        only_left: Vec::new(),
        only_right: Vec::new(),
        elsewhere: Vec::new(),
        differences: Vec::new(),
        unlisted: 0,
        diagnostics: Diagnostics::default(),
    };
    let sides = [left, right].map(|tree| Side { tree: tree.clone(), visited: HashSet::new(), lone: Vec::new() });
    let bytes = left.source().len().saturating_mul(2);
    let mut comparer = Comparer { sides, comparison, names, budget: Budget { entries: limits::WALK_ENTRIES, bytes } };
    comparer.folders()?;
    comparer.lone_entries()?;
    Ok(comparer.comparison)
}

/// What may still be read. Each tree of a sound disc names each byte once.
struct Budget {
    entries: u64,
    bytes: u64,
}

impl Budget {
    /// Takes `count` entries; false when there are none left.
    fn take_entries(&mut self, count: usize) -> bool {
        self.entries = self.entries.saturating_sub(count as u64);
        self.entries > 0
    }
}

struct Side {
    tree: Arc<dyn FileTree>,
    visited: HashSet<u64>,
    /// What has no partner in its folder.
    lone: Vec<Candidate>,
}

/// An entry without a partner in its folder; the other tree may have it elsewhere.
struct Candidate {
    found: Lone,
    folder: Option<FolderId>,
    extent: Option<Extent>,
    /// False when the entry has a partner of another kind, so that it is not missing.
    is_missing: bool,
}

impl Candidate {
    fn new(tree: &dyn FileTree, path: String, entry: &Entry, is_missing: bool) -> Self {
        let found = Lone { path, kind: entry.kind, size: entry.file_size(), inside: 0 };
        Self { found, folder: tree.folder_of(entry), extent: data_place(entry), is_missing }
    }

    /// What tells it apart wherever it stands: the place of its data.
    fn place(&self) -> Option<(bool, Extent)> {
        let folder = self.folder.map(|folder| (true, Extent::new(folder.place, 0)));
        folder.or(self.extent.map(|extent| (false, extent)))
    }
}

/// Where the data of a file begins; `None` for anything that has no data of its own.
fn data_place(entry: &Entry) -> Option<Extent> {
    let first = entry.content.extents().first().filter(|_| entry.is_file())?;
    (first.length > 0).then_some(*first)
}

/// Two folders that are the same one.
struct FolderPair {
    folders: [FolderId; 2],
    paths: [String; 2],
    depth: usize,
}

struct Comparer {
    sides: [Side; 2],
    comparison: Comparison,
    names: bool,
    budget: Budget,
}

impl Comparer {
    /// Compares folder by folder from the roots down.
    fn folders(&mut self) -> Result<()> {
        let [left, right] = &self.sides;
        let roots = FolderPair {
            folders: [left.tree.root(), right.tree.root()],
            paths: [String::new(), String::new()],
            depth: 0,
        };
        let mut pending = vec![roots];
        while let Some(pair) = pending.pop() {
            let first = pending.len();
            self.folder_pair(&pair, &mut pending)?;
            pending.get_mut(first..).unwrap_or_default().reverse();
        }
        Ok(())
    }

    fn folder_pair(&mut self, pair: &FolderPair, pending: &mut Vec<FolderPair>) -> Result<()> {
        let [left_id, right_id] = pair.folders;
        let [left_side, right_side] = &mut self.sides;
        if !(left_side.visited.insert(left_id.place) & right_side.visited.insert(right_id.place)) {
            return Ok(());
        }
        let (Some(left), Some(right)) = (self.read(0, left_id)?, self.read(1, right_id)?) else { return Ok(()) };
        if !self.budget.take_entries(left.entries().len().saturating_add(right.entries().len())) {
            let message = format!("The trees have more than the {} entries that are compared", limits::WALK_ENTRIES);
            self.comparison.diagnostics.error("directory", left_id.place, message);
            pending.clear();
            return Ok(());
        }
        let [left_side, right_side] = &self.sides;
        let trees = [left_side.tree.clone(), right_side.tree.clone()];
        let pairs = pairing::pair([&left, &right], &trees, &mut self.budget.entries)?;
        let mut paired = vec![false; right.entries().len()];
        for (index, (entry, partner)) in left.entries().iter().zip(&pairs).enumerate() {
            let partner = partner.and_then(|at| Some((at, right.entries().get(at)?)));
            let Some((at, other)) = partner else {
                self.lone(0, &pair.paths, &left, index, true);
                continue;
            };
            if let Some(paired) = paired.get_mut(at) {
                *paired = true;
            }
            let names = [left.name(entry), right.name(other)];
            let [left_path, right_path] = [join(&pair.paths, 0, names[0]), join(&pair.paths, 1, names[1])];
            self.comparison.matched = self.comparison.matched.saturating_add(1);
            let paths = || Pair { left: left_path.clone(), right: right_path.clone() };
            if names[0] != names[1] {
                self.comparison.renamed = self.comparison.renamed.saturating_add(1);
                if self.names && !self.comparison.is_full() {
                    self.comparison.names.push(paths());
                }
            }
            let aspects = self.aspects(entry, other, &left_path)?;
            if !aspects.is_empty() && !self.comparison.is_full() {
                self.comparison.differences.push(Difference { paths: paths(), aspects });
            }
            match (trees[0].folder_of(entry), trees[1].folder_of(other)) {
                (Some(left), Some(right)) if pair.depth < limits::WALK_DEPTH => pending.push(FolderPair {
                    folders: [left, right],
                    paths: [left_path, right_path],
                    depth: pair.depth.saturating_add(1),
                }),
                (Some(left), Some(_)) => {
                    let message = format!("Folders more than {} levels deep are not compared", limits::WALK_DEPTH);
                    self.comparison.diagnostics.warning("directory", left.place, message);
                }
                (Some(_), None) => self.lone(0, &pair.paths, &left, index, false),
                (None, Some(_)) => self.lone(1, &pair.paths, &right, at, false),
                (None, None) => {}
            }
        }
        for (index, _) in paired.iter().enumerate().filter(|(_, paired)| !**paired) {
            self.lone(1, &pair.paths, &right, index, true);
        }
        Ok(())
    }

    /// Reads a folder of the left (0) or right (1) tree. One that cannot be read is told and passed over.
    fn read(&mut self, side: usize, id: FolderId) -> Result<Option<Folder>> {
        let Some(side) = self.sides.get(side) else { return Ok(None) };
        match side.tree.read_folder(id) {
            Ok(folder) => Ok(Some(folder)),
            Err(Error::Cancelled) => Err(Error::Cancelled),
            Err(error) => {
                self.comparison.diagnostics.failure(&error);
                Ok(None)
            }
        }
    }

    fn lone(&mut self, side: usize, paths: &[String; 2], folder: &Folder, index: usize, is_missing: bool) {
        let (Some(at), Some(entry)) = (self.sides.get_mut(side), folder.entries().get(index)) else { return };
        let path = join(paths, side, folder.name(entry));
        if at.lone.len() < limits::COMPARE_FINDINGS {
            at.lone.push(Candidate::new(at.tree.as_ref(), path, entry, is_missing));
        } else {
            self.comparison.unlisted = self.comparison.unlisted.saturating_add(1);
        }
    }

    /// In which respects two entries that are the same thing differ.
    fn aspects(&mut self, left: &Entry, right: &Entry, path: &str) -> Result<Vec<Aspect>> {
        let mut aspects = Vec::new();
        if left.kind != right.kind {
            aspects.push(Aspect::Kind(left.kind, right.kind));
            return Ok(aspects);
        }
        if !left.is_file() {
            return Ok(aspects);
        }
        let same_place = left.content.extents() == right.content.extents();
        if same_place && packing(left) != packing(right) {
            aspects.push(Aspect::Packing(left.size, right.size));
        } else if left.size != right.size {
            aspects.push(Aspect::Size(left.size, right.size));
        } else if !same_place && self.bytes_differ(left, right, path)? {
            aspects.push(Aspect::Content);
        }
        if left.modified.map(Timestamp::unix_seconds) != right.modified.map(Timestamp::unix_seconds) {
            aspects.push(Aspect::Modified(left.modified, right.modified));
        }
        Ok(aspects)
    }

    /// Reads both. What cannot be read is told, and does not count as different.
    fn bytes_differ(&mut self, left: &Entry, right: &Entry, path: &str) -> Result<bool> {
        let [left_side, right_side] = &self.sides;
        let opened = left_side.tree.open(left).and_then(|left| Ok((left, right_side.tree.open(right)?)));
        let result = match opened {
            _ if self.budget.bytes < left.size => {
                let message = format!("The contents of “{}” are not compared: enough was read", text::display(path));
                Err(Error::unsupported("file data", left.record, message))
            }
            Ok((left, right)) => sources_differ(left.as_ref(), right.as_ref()),
            Err(error) => Err(error),
        };
        self.budget.bytes = self.budget.bytes.saturating_sub(left.size);
        match result {
            Ok(differ) => Ok(differ),
            Err(Error::Cancelled) => Err(Error::Cancelled),
            Err(error) => {
                self.comparison.diagnostics.failure(&error);
                Ok(false)
            }
        }
    }

    /// Looks for what has no partner in its folder everywhere else in the other tree, and lists what is left.
    fn lone_entries(&mut self) -> Result<()> {
        let mut sides = Vec::new();
        for at in 0..self.sides.len() {
            sides.push(self.below_lone(at)?);
        }
        let Some((right, left)) = sides.pop().zip(sides.pop()) else { return Ok(()) };
        let mut places = HashMap::new();
        for (at, inner) in right.iter().enumerate() {
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
                    let path = join_one(&step.path, folder.name(entry));
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

fn packing(entry: &Entry) -> Option<Packing> {
    entry.content.packing()
}

fn join(paths: &[String; 2], side: usize, name: &str) -> String {
    join_one(paths.get(side).map_or("", String::as_str), name)
}

fn join_one(folder: &str, name: &str) -> String {
    let name = text::path_component(name);
    if folder.is_empty() { name.into_owned() } else { format!("{folder}/{name}") }
}

/// Reads two sources of the same length from front to back until they differ.
fn sources_differ(left: &dyn Source, right: &dyn Source) -> Result<bool> {
    const CHUNK: usize = 256 << 10;
    let (mut one, mut two) = (vec![0; CHUNK], vec![0; CHUNK]);
    let mut offset = 0;
    loop {
        let (from_left, from_right) = (left.read_at(offset, &mut one)?, right.read_at(offset, &mut two)?);
        // Sources may give less than asked for where pieces meet.
        let read = from_left.min(from_right);
        if read == 0 {
            return Ok(from_left != from_right);
        }
        if one.get(..read) != two.get(..read) {
            return Ok(true);
        }
        offset = offset.saturating_add(read as u64);
    }
}
