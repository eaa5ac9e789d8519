//! How two trees of one image differ, or the trees of two images.
//!
//! The trees of a disc name the same data, but nothing makes them agree: a file can be in one only, or have another
//! size, time or content there. Names prove little, as each tree writes them its own way; so entries are taken for the
//! same by their directory record, their name, and the place of their data, in the order that suits the two trees.

mod lone;
mod pairing;

use std::collections::HashSet;
use std::sync::Arc;

use self::lone::Candidate;
use super::file::{Content, Packing};
use super::time::Timestamp;
use super::tree::{Entry, FileTree, Folder, FolderId, Kind, TreeKind};
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

/// Zones are whole quarters of an hour from one another, in seconds.
const QUARTER: u64 = 900;

/// Two zones are at most so far from one another, in seconds.
const ZONES: u64 = 26 * 3600;

impl Comparison {
    /// True when the trees differ in more than names.
    pub fn differs(&self) -> bool {
        !(self.only_left.is_empty()
            && self.only_right.is_empty()
            && self.elsewhere.is_empty()
            && self.differences.is_empty())
    }

    /// How the trees differ, in one sentence without a full stop; `None` when they differ in nothing but names.
    /// `left` and `right` are what people call them.
    pub fn sentence(&self, left: &str, right: &str) -> Option<String> {
        let mut parts = Vec::new();
        for (lone, tree) in [(&self.only_left, left), (&self.only_right, right)] {
            match (lone.as_slice(), lone.iter().all(|lone| lone.kind == Kind::File)) {
                ([], _) => {}
                ([one], _) => parts.push(format!("“{}” is only in {tree}", text::display(&one.path))),
                (many, true) => parts.push(format!("{} files are only in {tree}", many.len())),
                (many, false) => parts.push(format!("{} entries are only in {tree}", many.len())),
            }
        }
        match self.elsewhere.as_slice() {
            [] => {}
            [one] => parts.push(format!("“{}” stands in another folder", text::display(&one.left))),
            many => parts.push(format!("{} entries stand in another folder", many.len())),
        }
        match self.differences.as_slice() {
            [] => {}
            [one] => parts.push(format!("“{}” is not alike in both", text::display(&one.paths.left))),
            many => parts.push(format!("{} entries are not alike in both", many.len())),
        }
        (!parts.is_empty()).then(|| format!("{left} and {right} differ: {}", parts.join(", ")))
    }

    /// The same without what one of the two trees cannot tell by its nature, so that it differs on many sound discs:
    /// symbolic links and devices, files that are packed, the folder into which Rock Ridge moves what is too deep, the
    /// files in which the Finder keeps its icons, and times of HFS and FAT, which are those of an unknown zone.
    pub fn noteworthy(&self) -> Self {
        let mut rest = self.clone();
        let knows_links = |kind: TreeKind| matches!(kind, TreeKind::RockRidge | TreeKind::Udf | TreeKind::HfsPlus);
        let (left, right) = (self.left, self.right);
        let (left_links, right_links) = (knows_links(left), knows_links(right));
        let one_rock_ridge = (left == TreeKind::RockRidge) != (right == TreeKind::RockRidge);
        let is_plain = |kind: Kind| matches!(kind, Kind::File | Kind::Folder);
        let is_moved = |path: &str| {
            let first = path.split('/').next().unwrap_or_default();
            one_rock_ridge && first.trim_start_matches('.').eq_ignore_ascii_case("rr_moved")
        };
        let is_mac = |kind: TreeKind| matches!(kind, TreeKind::Hfs | TreeKind::HfsPlus);
        let has_no_zone = |kind: TreeKind| matches!(kind, TreeKind::Hfs | TreeKind::Fat);
        let is_finders = |kind: TreeKind, path: &str| is_mac(kind) && matches!(path, "Desktop DB" | "Desktop DF");
        rest.only_left.retain(|lone| {
            (right_links || is_plain(lone.kind)) && !is_moved(&lone.path) && !is_finders(left, &lone.path)
        });
        rest.only_right.retain(|lone| {
            (left_links || is_plain(lone.kind)) && !is_moved(&lone.path) && !is_finders(right, &lone.path)
        });
        rest.elsewhere.retain(|pair| !is_moved(&pair.left) && !is_moved(&pair.right));
        for difference in &mut rest.differences {
            difference.aspects.retain(|aspect| match aspect {
                Aspect::Kind(one, other) => (right_links || is_plain(*one)) && (left_links || is_plain(*other)),
                Aspect::Packing(..) => !one_rock_ridge,
                Aspect::Modified(Some(one), Some(other)) if [left, right].iter().any(|kind| has_no_zone(*kind)) => {
                    let apart = one.unix_seconds().abs_diff(other.unix_seconds());
                    apart > ZONES || apart % QUARTER != 0
                }
                Aspect::Size(..) | Aspect::Modified(..) | Aspect::Content => true,
            });
        }
        rest.differences.retain(|difference| !difference.aspects.is_empty());
        rest
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

/// How far to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// List the pairs whose names differ too, not only how many there are.
    pub names: bool,
    /// Read files of equal size that lie in different places, to tell whether their bytes differ.
    pub contents: bool,
    /// Entries of both trees up to which folders are compared.
    pub entries: u64,
    /// The trees are of one image, so that what lies in the same place is the same.
    pub same_image: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { names: false, contents: true, entries: limits::WALK_ENTRIES, same_image: true }
    }
}

/// Compares two trees. The only error is [`Error::Cancelled`].
pub fn compare(left: &Arc<dyn FileTree>, right: &Arc<dyn FileTree>, options: &Options) -> Result<Comparison> {
    compare_telling(left, right, options, &mut |_| {})
}

/// The same, and tells `progress` of every folder and every piece of a file how many entries of both trees were matched
/// so far.
pub fn compare_telling(
    left: &Arc<dyn FileTree>,
    right: &Arc<dyn FileTree>,
    options: &Options,
    progress: &mut dyn FnMut(u64),
) -> Result<Comparison> {
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
    let budget = Budget { entries: options.entries, bytes };
    let mut comparer = Comparer { sides, comparison, options: *options, budget, progress };
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

/// Where the data of a file begins, and its length on the disc; `None` for anything that has no data of its own. Trees
/// cut large files into pieces of different lengths.
fn data_place(entry: &Entry) -> Option<Extent> {
    let first = entry.content.extents().first().filter(|first| entry.is_file() && !first.is_hole())?;
    let length = entry.content.stored_size();
    (length > 0).then_some(Extent::new(first.offset, length))
}

/// True when both are the same bytes of the disc, however they are cut into pieces.
fn same_place(left: &Content, right: &Content) -> bool {
    left.extents() == right.extents() || joined(left) == joined(right)
}

/// The pieces, those that follow one another as one.
fn joined(content: &Content) -> Vec<Extent> {
    let mut all: Vec<Extent> = Vec::new();
    for piece in content.extents().iter().filter(|piece| piece.length > 0) {
        match all.last_mut() {
            Some(last) if last.is_hole() == piece.is_hole() && (piece.is_hole() || last.end() == piece.offset) => {
                last.length = last.length.saturating_add(piece.length);
            }
            _ => all.push(*piece),
        }
    }
    all
}

/// Two folders that are the same one.
struct FolderPair {
    folders: [FolderId; 2],
    paths: [String; 2],
    depth: usize,
}

struct Comparer<'a> {
    sides: [Side; 2],
    comparison: Comparison,
    options: Options,
    budget: Budget,
    progress: &'a mut dyn FnMut(u64),
}

impl Comparer<'_> {
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
            (self.progress)(self.comparison.matched);
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
            let message = format!("The trees have more than the {} entries that are compared", self.options.entries);
            self.comparison.diagnostics.error("directory", left_id.place, message);
            pending.clear();
            return Ok(());
        }
        let [left_side, right_side] = &self.sides;
        let trees = [left_side.tree.clone(), right_side.tree.clone()];
        let pairs = pairing::pair([&left, &right], &trees, self.options.same_image, &mut self.budget.entries)?;
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
                if self.options.names && !self.comparison.is_full() {
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
        let same_place = self.options.same_image && same_place(&left.content, &right.content);
        if same_place && packing(left) != packing(right) {
            aspects.push(Aspect::Packing(left.size, right.size));
        } else if left.size != right.size {
            aspects.push(Aspect::Size(left.size, right.size));
        } else if !same_place && self.options.contents && self.bytes_differ(left, right, path)? {
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
            Ok((left, right)) => {
                sources_differ(left.as_ref(), right.as_ref(), &mut || (self.progress)(self.comparison.matched))
            }
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
}

fn packing(entry: &Entry) -> Option<Packing> {
    entry.content.packing()
}

fn join(paths: &[String; 2], side: usize, name: &str) -> String {
    text::join(paths.get(side).map_or("", String::as_str), name)
}

/// Reads two sources of the same length from front to back until they differ.
fn sources_differ(left: &dyn Source, right: &dyn Source, progress: &mut dyn FnMut()) -> Result<bool> {
    const CHUNK: usize = 256 << 10;
    let (mut one, mut two) = (vec![0; CHUNK], vec![0; CHUNK]);
    let mut offset = 0;
    loop {
        progress();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(left: TreeKind, right: TreeKind) -> Comparison {
        let lone = |path: &str, kind| Lone { path: path.to_owned(), kind, size: None, inside: 0 };
        let pair = |left: &str, right: &str| Pair { left: left.to_owned(), right: right.to_owned() };
        let at = |seconds| Some(Timestamp::from_unix(seconds, 0));
        let differs = |path: &str, aspect| Difference { paths: pair(path, path), aspects: vec![aspect] };
        Comparison {
            left,
            right,
            matched: 0,
            renamed: 0,
            names: Vec::new(),
            only_left: vec![lone("link", Kind::Symlink), lone("file", Kind::File)],
            only_right: vec![lone("Desktop DB", Kind::File), lone("rr_moved", Kind::Folder)],
            elsewhere: vec![pair("deep/folder", "RR_MOVED/FOLDER"), pair("a/b", "c/b")],
            differences: vec![
                differs("packed", Aspect::Packing(2, 1)),
                differs("zone", Aspect::Modified(at(0), at(7200))),
                differs("later", Aspect::Modified(at(0), at(7201))),
                differs("special", Aspect::Kind(Kind::Fifo, Kind::File)),
            ],
            unlisted: 0,
            diagnostics: Diagnostics::default(),
        }
    }

    #[test]
    fn what_a_tree_cannot_tell_is_nothing_to_speak_of() {
        let names = |kind| {
            let rest = compared(TreeKind::RockRidge, kind).noteworthy();
            let lone = rest.only_left.iter().chain(&rest.only_right).map(|lone| lone.path.clone());
            let pairs = rest.elsewhere.iter().map(|pair| pair.left.clone());
            lone.chain(pairs).chain(rest.differences.iter().map(|one| one.paths.left.clone())).collect::<Vec<_>>()
        };
        assert_eq!(names(TreeKind::Joliet), ["file", "Desktop DB", "a/b", "zone", "later"]);
        assert_eq!(names(TreeKind::Hfs), ["file", "a/b", "later"]);
        assert_eq!(names(TreeKind::Udf), ["link", "file", "Desktop DB", "a/b", "zone", "later", "special"]);
        let whole =
            ["link", "file", "Desktop DB", "rr_moved", "deep/folder", "a/b", "packed", "zone", "later", "special"];
        assert_eq!(names(TreeKind::RockRidge), whole);
    }
}
