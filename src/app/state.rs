//! What the window shows, as plain data. It changes in one place only: [`update`](super::update).

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::boot::{BootView, Tab};
use super::command::Command;
use super::compare::{Comparing, Glance};
use super::extraction::{ExtractDialog, Extracted, Extraction};
use super::integrity::IntegrityView;
use super::model::order::Sort;
use super::model::tree::{NodeId, TreeModel};
use super::model::{Columns, Listing, Rows};
use super::place::{History, Place};
use super::preview::PreviewState;
use super::transfer::{OpenRequest, Outlets, Transfer};
use super::unseen::UnseenSearch;
use crate::disc::index::Index;
use crate::disc::tree::{FileTree, Folder, FolderId, TreeId};
use crate::disc::{Diagnostic, Image, Severity};
use crate::identify::Identity;
use crate::job::{Compared, Progress};
use crate::platform::mount::Published;
use crate::settings::Settings;

/// Names a piece of work that was asked for. An answer whose ticket nobody holds any more is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// Everything the window shows.
#[derive(Default)]
pub struct State {
    /// What fills the window.
    pub view: View,
    /// Columns of the table.
    pub columns: Columns,
    /// How lists are sorted.
    pub sort: Sort,
    /// The tree and the preview, as far as they are put away.
    pub hidden: HiddenPanes,
    /// Entries that are marked as deleted are listed, where a tree keeps them.
    pub show_deleted: bool,
    /// What lies above everything else.
    pub dialog: Option<Dialog>,
    /// What comes back when that is put away.
    pub(super) beneath: Option<Dialog>,
    /// Files on their way out.
    pub extractions: Vec<Extraction>,
    /// Files on their way to other programs.
    pub transfers: Vec<Transfer>,
    /// By which ways they get there.
    pub outlets: Outlets,
    /// The mount that is being made.
    pub(super) mounting: Option<Ticket>,
    /// From the moment when the mouse begins to drag something until that has ended.
    pub dragging: bool,
    /// What is remembered between starts.
    pub settings: Settings,
    /// Where that is kept; nowhere in tests.
    pub settings_path: Option<PathBuf>,
    /// What was wrong with the settings, until the user has seen it.
    pub settings_notice: Option<String>,
    /// Where files go that nobody has said anything about.
    pub downloads: Option<PathBuf>,
    /// The save of the settings that is under way.
    pub(super) saving: Option<Ticket>,
    /// Small news, oldest first.
    pub messages: Vec<Message>,
    /// Counts up whenever the search box wants the keyboard.
    pub focus_search: u64,
    /// Counts up whenever the table wants the keyboard.
    pub focus_table: u64,
    pub(super) tickets: u64,
}

/// Panes that the user has put away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HiddenPanes {
    /// The tree on the left.
    pub tree: bool,
    /// The preview on the right.
    pub preview: bool,
}

/// What fills the window.
#[derive(Default)]
pub enum View {
    /// Nothing is open.
    #[default]
    Welcome,
    /// An image is being opened.
    Opening(Opening),
    /// It could not be opened.
    Failed(OpenFailure),
    /// An image is open.
    Disc(Box<Disc>),
}

/// An image that is on its way.
pub struct Opening {
    /// Where it lies.
    pub origin: Origin,
    /// The work.
    pub ticket: Ticket,
    /// When it was asked for.
    pub since: Instant,
    /// Where to go once it is there: a tree and a path.
    pub then: Option<(TreeId, String)>,
}

/// Where an image comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file.
    File(PathBuf),
    /// The disc that comes with the program.
    Sample,
}

impl Origin {
    /// The name for titles and the first part of the path.
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
            Self::Sample => "Sample disc".to_owned(),
        }
    }

    /// The file, where there is one.
    pub fn path(&self) -> Option<&PathBuf> {
        match self {
            Self::File(path) => Some(path),
            Self::Sample => None,
        }
    }
}

/// Why an image could not be opened.
pub struct OpenFailure {
    /// Which one.
    pub origin: Origin,
    /// One sentence.
    pub sentence: String,
    /// What to do about it.
    pub advice: &'static str,
    /// Structure and offset, or the report of a crash.
    pub details: String,
}

/// An open image.
pub struct Disc {
    /// Where it comes from.
    pub origin: Origin,
    /// The image.
    pub image: Arc<Image>,
    /// The tree that is shown.
    pub tree: Arc<dyn FileTree>,
    /// The tree can list entries that are marked as deleted.
    pub keeps_deleted: bool,
    /// What the table shows, or is about to.
    pub place: Place,
    /// The way here.
    pub history: History,
    /// The table.
    pub listing: Listing,
    /// Set while the table is not yet what [`place`](Self::place) says.
    pub loading: Option<Loading>,
    /// Why the place cannot be shown.
    pub trouble: Option<Trouble>,
    /// The pane on the left.
    pub folders: TreeModel,
    /// Children of the tree that are being read.
    pub branches: Vec<(Ticket, NodeId)>,
    /// A sort that is under way.
    pub sorting: Option<(Ticket, Sort)>,
    /// The index of the whole disc.
    pub index: Indexing,
    /// The search.
    pub search: Search,
    /// The preview of what is selected.
    pub preview: PreviewState,
    /// What is wrong with the image, as far as is known.
    pub notes: Vec<Diagnostic>,
    /// The first look at whether the trees differ.
    pub glance: Glance,
    /// How two trees differ, once the user has asked.
    pub comparing: Option<Comparing>,
    /// What nothing shows, once the user has asked.
    pub unseen: Option<UnseenSearch>,
    /// All files in a folder for other programs, while the user wants that.
    pub mounted: Option<Arc<Published>>,
    /// What the middle of the window shows.
    pub tab: Tab,
    /// How it starts, once the user has asked.
    pub boot: BootView,
    /// Whether it is whole, once the user has asked.
    pub integrity: IntegrityView,
    /// What it is.
    pub identity: Identifying,
    /// The user has put the strip away.
    pub strip_dismissed: bool,
}

/// What a strip beside the panes says of the disc as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strip<'a> {
    /// A side of the disc holds next to nothing.
    PoorSide {
        /// Which one, and where the files are.
        sentence: &'a str,
        /// Its tree.
        tree: TreeId,
    },
    /// Two trees differ in more than names.
    Differ {
        /// In what.
        sentence: &'a str,
    },
}

/// The table is on its way.
pub struct Loading {
    /// The work.
    pub ticket: Ticket,
    /// When it was asked for.
    pub since: Instant,
    /// The name to select once it is there.
    pub select: Option<String>,
    /// True while a folder that was read is being sorted.
    pub rows: Option<super::model::Rows>,
}

/// Why something cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// One sentence.
    pub sentence: String,
    /// Structure and offset.
    pub details: String,
}

/// The index of the whole disc.
#[derive(Default)]
pub enum Indexing {
    /// Nobody has asked yet.
    #[default]
    None,
    /// On its way.
    Running(Ticket, Option<Progress>),
    /// There.
    Done(Arc<Index>),
    /// Cannot be had.
    Failed(Trouble),
}

impl Indexing {
    /// The index, once it is there.
    pub fn get(&self) -> Option<&Arc<Index>> {
        match self {
            Self::Done(index) => Some(index),
            _ => None,
        }
    }
}

/// What the disc is.
#[derive(Default)]
pub enum Identifying {
    /// Nothing is known, and nobody is finding out.
    #[default]
    Not,
    /// On its way.
    Running(Ticket),
    /// As far as the disc tells.
    Done(Arc<Identity>),
}

/// A search over the whole disc.
#[derive(Default)]
pub struct Search {
    /// What was typed.
    pub query: String,
    /// The search that is under way.
    pub ticket: Option<Ticket>,
    /// True while the table shows what was found.
    pub shown: bool,
}

impl Search {
    /// True when something was typed.
    pub fn is_active(&self) -> bool {
        !self.query.trim().is_empty()
    }
}

/// What lies above the window.
pub enum Dialog {
    /// Find a command by its name.
    Palette,
    /// Version and licences.
    About,
    /// All shortcuts.
    Shortcuts,
    /// What the image says about itself.
    ImageProperties,
    /// Which product it is, and what says so.
    Identity,
    /// How two trees of the image differ.
    Compare,
    /// What nothing on the disc shows.
    Unseen,
    /// Whether to open a file that may do harm.
    Open(Box<OpenRequest>),
    /// Where to extract to, and what will happen.
    Extract(Box<ExtractDialog>),
    /// What an extraction did.
    Extracted(Box<Extracted>),
    /// Theme, units, text size, renderer.
    Settings,
}

/// How a message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Done.
    Ok,
    /// Something to know.
    Warn,
    /// Something failed.
    Bad,
}

/// A small piece of news at the top of the window.
pub struct Message {
    /// Given by [`State::tell`] alone, so that no two are the same.
    id: u64,
    /// How it is meant.
    pub tone: Tone,
    /// One sentence.
    pub text: String,
    /// More, to be copied.
    pub details: String,
    /// What the user may do about it, and its name.
    pub action: Option<(&'static str, Command)>,
}

impl Message {
    /// Names it.
    pub fn id(&self) -> u64 {
        self.id
    }
}

impl State {
    /// The open image.
    pub fn disc(&self) -> Option<&Disc> {
        match &self.view {
            View::Disc(disc) => Some(disc),
            _ => None,
        }
    }

    /// The open image, to be changed.
    pub(super) fn disc_mut(&mut self) -> Option<&mut Disc> {
        match &mut self.view {
            View::Disc(disc) => Some(disc),
            _ => None,
        }
    }

    /// A ticket that was never used.
    pub(super) fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    /// Adds a message.
    pub fn tell(&mut self, tone: Tone, text: impl Into<String>, details: impl Into<String>) {
        self.tell_with(tone, text, details, None);
    }

    /// Adds a message, and what the user may do about it.
    pub(super) fn tell_with(
        &mut self,
        tone: Tone,
        text: impl Into<String>,
        details: impl Into<String>,
        action: Option<(&'static str, Command)>,
    ) {
        self.tickets += 1;
        self.messages.push(Message { id: self.tickets, tone, text: text.into(), details: details.into(), action });
    }

    /// The title of the window.
    pub fn title(&self) -> String {
        match &self.view {
            View::Welcome => "Isoscope".to_owned(),
            View::Opening(Opening { origin, .. }) | View::Failed(OpenFailure { origin, .. }) => {
                format!("{} – Isoscope", origin.name())
            }
            View::Disc(disc) => format!("{} – Isoscope", disc.origin.name()),
        }
    }
}

impl Disc {
    /// The name of the disc for the first part of the path.
    pub fn name(&self) -> String {
        self.origin.name()
    }

    /// The name of the tree that is shown.
    pub fn tree_id(&self) -> TreeId {
        self.image.id_of(self.tree.as_ref())
    }

    /// The folder that the table shows, if it shows one.
    pub fn known(&self) -> Option<(FolderId, Arc<Folder>)> {
        match &self.listing.rows {
            Rows::Folder(folder, _) if self.loading.is_none() && self.trouble.is_none() => {
                let Place::Folder(crumbs) = &self.place else { return None };
                Some((crumbs.last().map_or(self.tree.root(), |crumb| crumb.id), folder.clone()))
            }
            _ => None,
        }
    }

    /// What the disc is, where it tells anything.
    pub fn identity(&self) -> Option<&Arc<Identity>> {
        match &self.identity {
            Identifying::Done(identity) => Some(identity).filter(|identity| !identity.is_empty()),
            Identifying::Not | Identifying::Running(_) => None,
        }
    }

    /// Bytes that the image should have and the file has not.
    pub fn missing(&self) -> u64 {
        self.image.declared_size().saturating_sub(self.image.source().len())
    }

    /// What the strip says; nothing once it was put away.
    pub fn strip(&self) -> Option<Strip<'_>> {
        if self.strip_dismissed {
            return None;
        }
        if let Some((sentence, tree)) = self.image.banner().zip(self.image.poor_side()) {
            return Some(Strip::PoorSide { sentence, tree });
        }
        let sentence = self.difference()?.sentence.as_deref()?;
        Some(Strip::Differ { sentence })
    }

    /// The first two trees that differ in more than names, as far as the first look could tell.
    pub fn difference(&self) -> Option<&Arc<Compared>> {
        match &self.glance {
            Glance::Done(compared) => compared.iter().find(|compared| compared.sentence.is_some()),
            Glance::Not | Glance::Running(_) => None,
        }
    }

    /// Notes that are more than remarks.
    pub fn serious_notes(&self) -> usize {
        self.notes.iter().filter(|note| note.severity > Severity::Info).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::update;

    #[test]
    fn each_message_goes_alone_whatever_came_and_went_before_it() {
        let mut state = State::default();
        for text in ["first", "second"] {
            state.tell(Tone::Bad, text, "");
        }
        let first = state.messages[0].id();
        update(&mut state, Command::DismissMessage(first));
        state.tell(Tone::Bad, "third", "");
        let second = state.messages[0].id();
        update(&mut state, Command::DismissMessage(second));
        let left: Vec<&str> = state.messages.iter().map(|message| message.text.as_str()).collect();
        assert_eq!(left, ["third"]);
    }
}
