//! What nothing on the disc shows: the search for it, and the list of what was found.

use std::sync::Arc;

use super::compare::Running;
use super::state::{Ticket, Trouble};
use crate::disc::unseen::{Gap, Unseen};
use crate::preview::HexWindow;

/// What the dialog shows.
#[derive(Default)]
pub struct UnseenSearch {
    /// The search that is under way.
    pub running: Option<Running>,
    /// What was found.
    pub found: Option<Arc<Unseen>>,
    /// Why nothing was.
    pub trouble: Option<Trouble>,
    /// The gap that is looked at, by its place among them.
    pub gap: Option<usize>,
    /// Its first bytes being read.
    pub reading: Option<Ticket>,
    /// Its first bytes.
    pub bytes: Option<HexWindow>,
}

impl UnseenSearch {
    /// The gaps, that after the end of the disc as the last one.
    pub fn gaps(&self) -> impl Iterator<Item = &Gap> {
        self.found.iter().flat_map(|found| found.gaps.iter().chain(&found.after_end))
    }

    /// The gap that is looked at.
    pub fn selected(&self) -> Option<&Gap> {
        self.gaps().nth(self.gap?)
    }
}

/// Wishes of the user in the dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnseenWish {
    /// Look at a gap, by its place.
    Gap(usize),
    /// Save the bytes of the gap that is looked at.
    Save,
    /// Give up.
    Stop,
    /// Begin again.
    Again,
}
