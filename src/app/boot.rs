//! How the disc starts: what is known of it, and what of that is looked at.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::state::{Ticket, Trouble};
use crate::boot::study::Study;
use crate::disc::tree::TreeId;

/// What the middle of the window shows of an open image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    /// The files.
    #[default]
    Files,
    /// Whether and how it starts.
    Boot,
    /// Whether it is whole.
    Integrity,
}

impl Tab {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::Files, Self::Boot, Self::Integrity];
}

/// What is looked at more closely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pick {
    /// A verdict, by its place.
    Verdict(usize),
    /// A step of the chain, by its place.
    Step(usize),
}

/// What is known of how the disc starts.
#[derive(Default)]
pub struct BootView {
    /// What was found out. A first look is replaced by one at everything.
    pub study: Option<Arc<Study>>,
    /// The look that is under way, and since when.
    pub running: Option<(Ticket, Instant)>,
    /// Why it cannot be told.
    pub trouble: Option<Trouble>,
    /// What is looked at more closely.
    pub pick: Option<Pick>,
    /// The list of revoked programs that the user has given.
    pub list: Option<PathBuf>,
    /// The picture that is being saved.
    pub(super) saving: Option<Ticket>,
    /// Bytes or a file are shown beside it.
    pub aside: bool,
}

/// Wishes of the user that concern it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BootWish {
    /// Look at this more closely, or at nothing.
    Pick(Option<Pick>),
    /// Show bytes of the image: offset and length.
    Bytes(u64, u64),
    /// Show a file of a tree beside the picture.
    File(TreeId, String),
    /// Copy all of it as text.
    CopyText,
    /// Choose a list of revoked programs.
    ChooseList,
    /// Look again, by this list of revoked programs or by none.
    UseList(Option<PathBuf>),
    /// Choose where a picture of it is saved.
    ChoosePicture,
    /// Save the picture there: as SVG where the name ends so, else as PNG.
    SavePicture(PathBuf),
    /// Look again.
    Again,
}
