//! Which side of a disc holds the files, when it carries several file systems.
//!
//! Discs for Windows have an ISO 9660 side with nothing but a text file that says so; old discs for the Macintosh have
//! one for other computers. So the trees are compared by what they hold, and only then by what they can tell of it.

use std::sync::Arc;

use super::file_system::FileSystem;
use super::tree::{FileTree, Folder, TreeKind};
use super::{Diagnostics, Result, text};

/// Folders of a root that are looked into.
const FOLDERS: usize = 16;

/// Bytes of a folder's list of entries up to which it is read for this. What is larger is no side with next to nothing.
const LIST_BYTES: u64 = 1 << 20;

/// Entries up to which a side is called one with next to nothing.
const FEW: u64 = 3;

/// A side of a disc that holds next to nothing, while another one holds the files.
#[derive(Clone)]
pub(super) struct PoorSide {
    /// What it holds and where the files are, in one sentence without a full stop.
    pub(super) sentence: String,
    /// Its first tree.
    pub(super) tree: Arc<dyn FileTree>,
}

/// Puts the file system whose first tree is the richest before the others; those keep their order. Tells of another side
/// that holds next to nothing. The only error is [`Error::Cancelled`].
pub(super) fn order(systems: &mut [FileSystem], diagnostics: &mut Diagnostics) -> Result<Option<PoorSide>> {
    let kind = |system: &FileSystem| system.trees.first().map(|tree| tree.kind());
    let is_iso9660 = |system: &FileSystem| kind(system).is_some_and(TreeKind::is_iso9660);
    let has_iso9660 = systems.iter().any(|system| system.part.offset == 0 && is_iso9660(system));
    // Discs for USB sticks have descriptors for the same files in their first partition once more.
    let again = |system: &FileSystem| has_iso9660 && system.part.offset > 0 && is_iso9660(system);
    systems.sort_by_key(|system| (system.is_fat(), again(system), kind(system).map(rank)));
    // A FAT file system is that of a boot image or a partition, and no side of the disc.
    let own = systems.iter().take_while(|system| !system.is_fat()).count();
    let (systems, _) = systems.split_at_mut(own);
    if systems.len() < 2 {
        return Ok(None);
    }
    let mut sides = Vec::with_capacity(systems.len());
    for system in systems.iter() {
        let Some(tree) = system.trees.first() else { continue };
        sides.push(Side::new(tree, diagnostics)?);
    }
    let mut best = 0;
    for (at, side) in sides.iter().enumerate() {
        let least = sides.get(best).map_or(0, |best| best.entries.saturating_mul(2));
        if side.entries >= least.max(1) && at != best {
            best = at;
        }
    }
    let poor = sides.get(best).and_then(|main| {
        let poor =
            |side: &&Side| side.is_known && side.entries <= FEW && side.entries.saturating_mul(2) <= main.entries;
        let poor = sides.iter().find(poor)?;
        let sentence = format!("{}; all files are in the {} tree", poor.sentence(), main.kind.label());
        Some(PoorSide { sentence, tree: poor.tree.clone() })
    });
    if let Some(first) = systems.get_mut(..=best) {
        first.rotate_right(1);
    }
    Ok(poor)
}

/// Which tree is preferred where several hold the same files: Rock Ridge and UDF know POSIX attributes, Rock Ridge with
/// the names that the maker gave first; the Macintosh's trees know what nobody else needs.
pub(super) fn rank(kind: TreeKind) -> u8 {
    match kind {
        TreeKind::RockRidge => 0,
        TreeKind::Udf => 1,
        TreeKind::Joliet => 2,
        TreeKind::HfsPlus => 3,
        TreeKind::Iso9660Enhanced => 4,
        TreeKind::Hfs => 5,
        TreeKind::Iso9660 => 6,
        TreeKind::Fat => 7,
    }
}

/// What the root of one tree holds.
struct Side {
    tree: Arc<dyn FileTree>,
    kind: TreeKind,
    /// Entries in the root and in its first folders.
    entries: u64,
    /// Its root could be read: of one that cannot, nobody can say that it is empty.
    is_known: bool,
    /// The name of the only entry.
    only: Option<String>,
}

impl Side {
    fn new(tree: &Arc<dyn FileTree>, diagnostics: &mut Diagnostics) -> Result<Self> {
        let mut side = Self { tree: tree.clone(), kind: tree.kind(), entries: 0, is_known: true, only: None };
        // Names are enough to be counted.
        let names = tree.names_only().unwrap_or_else(|| tree.clone());
        let root = tree.root();
        // Of ISO 9660 the length of a folder's list is known before it is read.
        if side.kind.is_iso9660() && root.extra > LIST_BYTES {
            side.entries = root.extra / 64;
            return Ok(side);
        }
        // What cannot be read counts for nothing, which may put another side first.
        let Some(root) = diagnostics.salvage(names.read_folder(root))? else {
            side.is_known = false;
            return Ok(side);
        };
        side.entries = visible(&root);
        if let [only] = root.entries() {
            side.only = Some(root.name(only).to_owned());
        }
        for entry in root.entries().iter().filter(|entry| entry.is_folder()).take(FOLDERS) {
            let list = entry.content.stored_size();
            let inside = match names.folder_of(entry) {
                Some(id) if list <= LIST_BYTES => {
                    diagnostics.salvage(names.read_folder(id))?.map_or(0, |folder| visible(&folder))
                }
                _ => list / 64,
            };
            side.entries = side.entries.saturating_add(inside);
        }
        Ok(side)
    }

    fn sentence(&self) -> String {
        let kind = match self.kind.is_iso9660() {
            true => "ISO 9660",
            false => self.kind.label(),
        };
        match &self.only {
            Some(name) => format!("The {kind} side of this disc holds only “{}”", text::display(name)),
            None if self.entries == 0 => format!("The {kind} side of this disc is empty"),
            None => format!("The {kind} side of this disc holds only {} entries", self.entries),
        }
    }
}

fn visible(folder: &Folder) -> u64 {
    folder.entries().iter().filter(|entry| !entry.hidden).count() as u64
}
