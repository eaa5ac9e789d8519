//! How the trees of the image differ: a first look that nobody has to ask for, and the dialog that lists everything.

use std::sync::Arc;
use std::time::Instant;

use super::model::differences::{Differences, Group};
use super::state::{Ticket, Trouble};
use crate::disc::tree::TreeId;
use crate::job::{Compared, Progress};

/// The first look at whether the trees differ. It reads no contents, and not more than the beginning of large trees.
#[derive(Default)]
pub enum Glance {
    /// Not begun, or given up for something that the user waits for.
    #[default]
    Not,
    /// Under way.
    Running(Ticket),
    /// Done: the default tree and each of the others.
    Done(Vec<Arc<Compared>>),
}

/// What the dialog shows.
pub struct Comparing {
    /// The two trees.
    pub trees: [TreeId; 2],
    /// Contents are compared, too.
    pub contents: bool,
    /// What differs in nothing but its name is listed, too.
    pub names: bool,
    /// The comparison that is under way.
    pub running: Option<Running>,
    /// What was found; while another comparison of the same trees is under way, what the one before found.
    pub found: Option<Differences>,
    /// Why nothing was.
    pub trouble: Option<Trouble>,
}

/// Work that the user waits for in a dialog.
pub struct Running {
    /// The work.
    pub ticket: Ticket,
    /// When it was asked for.
    pub since: Instant,
    /// How far it is.
    pub progress: Option<Progress>,
}

impl Running {
    /// Work that begins now.
    pub(super) fn new(ticket: Ticket) -> Self {
        Self { ticket, since: Instant::now(), progress: None }
    }
}

/// Wishes of the user in the dialog.
#[derive(Debug, Clone, PartialEq)]
pub enum CompareWish {
    /// Compare this tree (`false` for the left one, `true` for the right one).
    Tree(bool, TreeId),
    /// Compare contents, or do not.
    Contents(bool),
    /// List names that differ, or do not.
    Names(bool),
    /// Fold or unfold a group.
    Fold(Group),
    /// Give up.
    Stop,
    /// Begin again.
    Again,
}
