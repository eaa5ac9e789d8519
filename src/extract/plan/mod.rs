//! What an extraction will do, down to the last name, before it does anything.

mod build;
pub(crate) mod naming;
pub mod selection;

use std::sync::Arc;

use super::destination::{Destination, Existing, Space};
use super::name::{Changes, Component};
use crate::disc::time::Timestamp;
use crate::disc::tree::{FileTree, FolderId};
use crate::disc::{Diagnostics, Source};

pub(crate) use self::build::leads_inside;
pub use self::selection::{Chosen, Loose, Selection};

/// What happens when the destination has something of a name already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnConflict {
    /// The new one gets a number: `name (2).txt`.
    #[default]
    KeepBoth,
    /// The new one is left out.
    Skip,
    /// A file or a link is replaced; a link's target is not touched. Folders are never replaced.
    Replace,
}

/// What the user wants beside the files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// What happens when the destination has something of a name already.
    pub on_conflict: OnConflict,
    /// What can be read of damaged files is kept as `name.damaged`, with a map of what is missing.
    pub keep_damaged: bool,
    /// Symbolic links that stay inside the destination are made, after everything else. Never on Windows, where links
    /// need rights that users rarely have.
    pub links: bool,
}

impl From<OnConflict> for Options {
    fn from(on_conflict: OnConflict) -> Self {
        Self { on_conflict, ..Self::default() }
    }
}

/// What a plan must know of the place where files go.
pub trait Ground {
    /// What is in the folder below the destination that `path` leads to; `None` when there is no such folder.
    fn existing(&self, path: &[Component<'_>]) -> std::io::Result<Option<Vec<Existing>>>;

    /// The room there; `None` when it cannot be told.
    fn space(&self) -> Option<Space>;
}

impl Ground for Destination {
    fn existing(&self, path: &[Component<'_>]) -> std::io::Result<Option<Vec<Existing>>> {
        Destination::existing(self, path)
    }

    fn space(&self) -> Option<Space> {
        Destination::space(self).ok()
    }
}

/// Why a plan cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The image could not be read, or the job was cancelled.
    #[error(transparent)]
    Image(#[from] crate::disc::Error),
    /// The destination could not be looked at.
    #[error("The destination could not be read: {0}")]
    Destination(#[from] std::io::Error),
    /// There is no such file or folder on the disc.
    #[error("“{}” is not on the disc", crate::disc::text::display(.0))]
    NotFound(String),
}

/// Why something is not extracted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip {
    /// It is a symbolic link.
    Link,
    /// It is a symbolic link, and leads out of the destination.
    LinkOutside,
    /// It is a device, a pipe or a socket.
    Special,
    /// The image ends in the middle of its data.
    Partly,
    /// The image ends before its data.
    Outside,
    /// Isoscope cannot read how the disc stores it.
    Unsupported,
    /// The destination has something of that name, and the user wants to skip such things.
    Exists,
    /// The same folder is extracted in another place.
    Elsewhere,
    /// It lies deeper, or behind more entries, than a walk goes.
    Limit,
}

impl Skip {
    /// One sentence without a full stop.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Link => "Symbolic links are not extracted",
            Self::LinkOutside => "This symbolic link leads out of the folder, so it is not made",
            Self::Special => "Devices, pipes and sockets are not extracted",
            Self::Partly => "The image ends in the middle of this file, so it is not extracted",
            Self::Outside => "The image ends before this file's data, so it is not extracted",
            Self::Unsupported => "Isoscope cannot read how the disc stores this file",
            Self::Exists => "The destination has an entry of this name",
            Self::Elsewhere => "This is the same folder as another one, which is extracted",
            Self::Limit => "This lies deeper, or behind more entries, than Isoscope extracts at once",
        }
    }

    /// True when the file would have been extracted, were it whole.
    pub fn is_damage(self) -> bool {
        matches!(self, Self::Partly | Self::Outside)
    }
}

/// What will be done with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// A folder is made, unless it is there.
    Folder,
    /// A file is written.
    File,
    /// A file is written, and takes the place of one that is there.
    Replace,
    /// What can be read of a damaged file is written, and a map of what is missing.
    Rescue,
    /// A symbolic link is made.
    Link,
    /// Nothing.
    Skip(Skip),
    /// Nothing: the folder could not be read. [`Plan::trouble`] says why.
    Unreadable,
}

/// Text in the arena of a plan.
#[derive(Debug, Clone, Copy, Default)]
struct Text {
    start: u32,
    len: u32,
}

/// One entry of a plan.
#[derive(Debug, Clone, Copy)]
pub struct Planned {
    /// The folder of the plan that holds it; [`Plan::TOP`] when it comes into the destination itself.
    pub parent: u32,
    /// Its place in the folder of the disc, or in the list of loose files.
    pub(super) index: u32,
    from: Text,
    to: Text,
    /// Bytes; 0 for what is not a file.
    pub size: u64,
    /// What will be done.
    pub action: Action,
    /// Why the name differs.
    pub changes: Changes,
}

/// Entries of one folder of the disc that go into one folder of the destination. The folder itself is made first.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    /// The entry of the plan that is the folder, or [`Plan::TOP`].
    pub(super) folder: u32,
    /// The folder of the disc; `None` for loose files.
    pub(super) disc: Option<FolderId>,
    /// The entries, by the place of their data on the disc.
    pub(super) entries: Vec<u32>,
    /// Time of the folder's last change.
    pub(super) modified: Option<Timestamp>,
}

/// How much a plan comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Entries of any kind, the skipped ones included.
    pub planned: u64,
    /// Files that will be written.
    pub files: u64,
    /// Folders that will be made, or are there.
    pub folders: u64,
    /// Bytes that will be written.
    pub bytes: u64,
    /// Entries that will get another name.
    pub renamed: u64,
    /// Files that will take the place of others.
    pub replaced: u64,
    /// Entries that will be skipped.
    pub skipped: u64,
    /// How many of these are damaged files.
    pub damaged: u64,
    /// How many of these are symbolic links that could be made.
    pub links: u64,
    /// Damaged files of which a part will be kept.
    pub rescued: u64,
}

/// Whether there is room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes that the plan will take up, with 1 % and 16 MiB to spare.
    pub needed: u64,
    /// Bytes that are free; `None` when that cannot be told.
    pub free: Option<u64>,
}

impl Room {
    /// False when it is known that there is not enough.
    pub fn suffices(self) -> bool {
        self.free.is_none_or(|free| free >= self.needed)
    }
}

/// What an extraction will do. It is compact: about 60 bytes and the name for each entry.
pub struct Plan {
    pub(super) tree: Option<Arc<dyn FileTree>>,
    pub(super) loose: Vec<Arc<dyn Source>>,
    pub(super) entries: Vec<Planned>,
    pub(super) batches: Vec<Batch>,
    /// What the user wants, also of what appears while it runs.
    pub(super) options: Options,
    text: String,
    trouble: Vec<(u32, Box<str>)>,
    totals: Totals,
    room: Room,
    over_budget: Option<String>,
    diagnostics: Diagnostics,
}

impl Plan {
    /// The [`parent`](Planned::parent) of what comes into the destination itself.
    pub const TOP: u32 = u32::MAX;

    /// How much it comes to.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// Whether there is room.
    pub fn room(&self) -> Room {
        self.room
    }

    /// All entries. Those of one folder stand together.
    pub fn entries(&self) -> &[Planned] {
        &self.entries
    }

    /// The entries that will get another name.
    pub fn renamed(&self) -> impl Iterator<Item = u32> + '_ {
        self.filtered(|entry| !matches!(entry.action, Action::Skip(_)) && !entry.changes.is_empty())
    }

    /// The entries that will be skipped.
    pub fn skipped(&self) -> impl Iterator<Item = u32> + '_ {
        self.filtered(|entry| matches!(entry.action, Action::Skip(_) | Action::Unreadable))
    }

    /// The files that will take the place of others.
    pub fn replaced(&self) -> impl Iterator<Item = u32> + '_ {
        self.filtered(|entry| entry.action == Action::Replace)
    }

    /// The damaged files of which a part will be kept.
    pub fn rescued(&self) -> impl Iterator<Item = u32> + '_ {
        self.filtered(|entry| entry.action == Action::Rescue)
    }

    /// True when everything will be extracted under its own name, and there is room: nothing to show before it starts.
    pub fn is_plain(&self) -> bool {
        let Totals { renamed, replaced, skipped, rescued, .. } = self.totals;
        renamed == 0
            && replaced == 0
            && skipped == 0
            && rescued == 0
            && self.room.suffices()
            && self.over_budget.is_none()
    }

    /// A sentence without a full stop, when the files claim to hold far more than the image.
    pub fn over_budget(&self) -> Option<&str> {
        self.over_budget.as_deref()
    }

    /// What was passed over on the way, beside the entries that are skipped.
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.diagnostics
    }

    /// The `/`-separated path on the disc.
    pub fn from_path(&self, at: u32) -> String {
        self.path(at, |_, entry| self.text(entry.from))
    }

    /// The `/`-separated path below the destination. Meaningless for what is skipped.
    pub fn to_path(&self, at: u32) -> String {
        self.path(at, |_, entry| self.text(entry.to))
    }

    /// The name below its folder in the destination.
    pub(super) fn to_name(&self, at: u32) -> &str {
        self.entry(at).map(|entry| self.text(entry.to)).unwrap_or_default()
    }

    /// The name on the disc, or the path for what comes into the destination itself.
    pub(super) fn disc_name(&self, at: u32) -> &str {
        self.entry(at).map(|entry| self.text(entry.from)).unwrap_or_default()
    }

    /// Why an entry is left out or has another name: a sentence without a full stop. `None` when it is plain.
    pub fn reason(&self, at: u32) -> Option<String> {
        let entry = self.entry(at)?;
        match entry.action {
            Action::Skip(why) => Some(why.sentence().to_owned()),
            Action::Unreadable => Some(self.trouble(at).to_owned()),
            Action::Rescue => Some("Not all of it is in the image: what can be read is kept".to_owned()),
            Action::Replace | Action::Folder | Action::File | Action::Link => {
                (!entry.changes.is_empty()).then(|| entry.changes.sentence())
            }
        }
    }

    /// Why the folder at `at` could not be read.
    pub fn trouble(&self, at: u32) -> &str {
        match self.trouble.binary_search_by_key(&at, |(at, _)| *at) {
            Ok(found) => &self.trouble[found].1,
            Err(_) => "The folder could not be read",
        }
    }

    /// The entry at `at`.
    pub fn entry(&self, at: u32) -> Option<&Planned> {
        self.entries.get(usize::try_from(at).ok()?)
    }

    fn filtered(&self, wanted: impl Fn(&Planned) -> bool) -> impl Iterator<Item = u32> {
        (0_u32..).zip(&self.entries).filter(move |(_, entry)| wanted(entry)).map(|(at, _)| at)
    }

    /// The `/`-separated path of names that `name` gives for an entry and the folders above it.
    pub(super) fn path<'a>(&'a self, at: u32, name: impl Fn(u32, &Planned) -> &'a str) -> String {
        let mut names = Vec::new();
        let mut next = at;
        while let Some(entry) = self.entry(next) {
            names.push(name(next, entry));
            next = entry.parent;
        }
        names.reverse();
        names.join("/")
    }

    fn text(&self, text: Text) -> &str {
        let start = text.start as usize;
        self.text.get(start..start.saturating_add(text.len as usize)).unwrap_or_default()
    }
}
