//! Handing files to other programs: by a drag, by copy and paste, or by opening them.

use std::sync::Arc;

use super::extraction;
use super::model::Rows;
use super::model::tree::{Branch, NodeId};
use super::state::{Disc, Ticket};
use crate::disc::tree::Kind;
use crate::extract::danger::Danger;
use crate::extract::plan::selection::Chosen;
use crate::extract::{OriginMark, Selection};
use crate::job::{Copying, Progress, Wanted, Way};
use crate::platform::files::{Files, FilesNeeded, Paths};
use crate::platform::mount::DragMount;
use crate::platform::staging::{Purpose, Staging};

/// What files are handed over for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handing {
    /// They are dragged.
    Drag,
    /// They are put on the clipboard, beside this text.
    Copy(String),
    /// One is opened by the program that the system has for it.
    Open,
}

/// Files on their way to another program.
pub struct Transfer {
    /// The present piece of work.
    pub ticket: Ticket,
    /// What for.
    pub handing: Handing,
    /// What is handed over, in words such as `3 items`.
    pub what: String,
    /// Bytes, where they are known.
    pub size: Option<u64>,
    /// The items as a tree that is read when somebody asks, once that is known.
    pub(super) files: Option<Arc<dyn Files>>,
    /// The mark of the image.
    pub(super) origin: Option<OriginMark>,
    /// How far it is.
    pub stage: Stage,
}

/// How far a [`Transfer`] is.
pub enum Stage {
    /// It is being looked at.
    Preparing,
    /// It is dragged, and copied when something would take it.
    Waiting(Copying),
    /// It is being copied.
    Copying {
        /// The copies.
        copying: Copying,
        /// How far that is.
        progress: Option<Progress>,
        /// Who waits for it.
        need: Need,
        /// The user has asked it to end.
        cancelling: bool,
    },
    /// It is dragged, and the copies are there, should it be dropped.
    Copied(Copying),
}

/// Who waits for copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The user: nothing can be handed over before.
    Before,
    /// Nobody yet: it is dragged over something that would take it.
    Soon,
    /// The target that it was dropped on.
    Now,
}

/// Files that another program can have now.
pub struct Handed {
    /// What it is, in words such as `3 items`.
    pub what: String,
    /// Bytes, where they are known.
    pub size: Option<u64>,
    /// The items as a tree that is read when somebody asks.
    pub files: Arc<dyn Files>,
    /// Where they are for programs that want paths.
    pub paths: Paths,
    /// The mark of the image, for what leaves it.
    pub origin: Option<OriginMark>,
}

/// By which ways other programs get files. What is not there is not offered.
#[derive(Default)]
pub struct Outlets {
    /// When files must exist to be dragged.
    pub needed: FilesNeeded,
    /// The mount from which files are dragged; none where that cannot be, or the user does not want it.
    pub mount: Option<Arc<DragMount>>,
    /// Copies for other programs.
    pub staging: Arc<Staging>,
    /// What is pasted must be files that exist, whatever is needed to drag them.
    pub paste_needs_files: bool,
}

impl Outlets {
    /// How files get to where they are pasted.
    pub(super) fn way_to_paste(&self, mounts: bool) -> Way {
        match self.way(mounts) {
            Way::Read if self.paste_needs_files => Way::Copy(self.staging.clone(), Purpose::Handed),
            way => way,
        }
    }

    /// How files get to where they are dragged.
    pub(super) fn way(&self, mounts: bool) -> Way {
        match (self.needed, &self.mount) {
            (FilesNeeded::Never, _) => Way::Read,
            (_, Some(mount)) if mounts => Way::Mount(mount.clone(), self.staging.clone()),
            _ => Way::Copy(self.staging.clone(), Purpose::Handed),
        }
    }
}

/// A file that may do harm when it is opened, until the user has said what to do.
pub struct OpenRequest {
    /// Its name on the disc.
    pub name: String,
    /// What it is.
    pub danger: Danger,
    pub(super) files: Arc<dyn Files>,
    /// Its copy, which is yet to be made.
    pub(super) copying: Copying,
}

/// Something that can be dragged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DragFrom {
    /// What is selected in the table.
    Selection,
    /// A node of the tree.
    Node(NodeId),
}

/// What is dragged: in words, and its bytes where no folder is among it.
pub(super) type Dragged = (Wanted, String, Option<u64>);

/// What is selected in the table.
pub(super) fn selected(disc: &Disc) -> Option<Dragged> {
    let listing = &disc.listing;
    if listing.selection.is_empty() {
        return None;
    }
    let (wanted, _) = extraction::selected(disc)?;
    let what = match listing.selection.iter().collect::<Vec<_>>().as_slice() {
        [item] => listing.rows.display_name(*item),
        items => format!("{} items", items.len()),
    };
    let folders = |item: u32| listing.rows.kind(item) == Kind::Folder && !matches!(listing.rows, Rows::Parts(..));
    let whole = listing.selection.iter().all(|item| !folders(item));
    let size =
        whole.then(|| listing.selection.iter().fold(0, |sum: u64, item| sum.saturating_add(listing.rows.bytes(item))));
    Some((wanted, what, size))
}

/// What a node of the tree stands for; `None` for what cannot be dragged.
pub(super) fn of_node(disc: &Disc, node: NodeId) -> Option<Dragged> {
    let tree = disc.image.tree_by_id(disc.tree_id()).unwrap_or(&disc.tree);
    let shown = disc.folders.node(node)?;
    Some(match shown.branch {
        Branch::Files => (Wanted::Tree(tree.clone(), Selection::Everything), "everything".to_owned(), None),
        Branch::Folder(_) => {
            let path = disc.folders.path(node)?;
            let (_, above) = path.split_last()?;
            let folder = above.last().map_or(disc.tree.root(), |(folder, _)| *folder);
            let names: Vec<&str> = above.iter().map(|(_, name)| name.as_str()).collect();
            let index = usize::try_from(shown.item).ok()?;
            let chosen = Chosen { folder, index, path: names.join("/") };
            (Wanted::Tree(disc.tree.clone(), Selection::Entries(vec![chosen])), shown.label.to_string(), None)
        }
        Branch::Parts(group) => {
            let places: Vec<usize> = (0..group.count(&disc.image)).collect();
            let parts = places.iter().filter_map(|place| group.get(&disc.image, *place));
            let size = parts.fold(0, |sum: u64, part| sum.saturating_add(part.extent().length));
            let what = format!("{} items", places.len());
            (Wanted::Parts(disc.image.clone(), group, places), what, Some(size))
        }
        Branch::Part(group, place) => {
            let size = group.get(&disc.image, place)?.extent().length;
            (Wanted::Parts(disc.image.clone(), group, vec![place]), shown.label.to_string(), Some(size))
        }
        Branch::Sessions | Branch::Session(_) | Branch::More(_) => return None,
    })
}
