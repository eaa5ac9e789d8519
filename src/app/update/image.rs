//! Opening images, and looking at them in another way.

use std::sync::Arc;
use std::time::Instant;

use super::navigate;
use crate::app::boot::{BootView, Tab};
use crate::app::compare::Glance;
use crate::app::integrity::{IntegrityView, IntegrityWish};
use crate::app::model::tree::TreeModel;
use crate::app::model::{Listing, Rows};
use crate::app::place::{History, Place};
use crate::app::preview::PreviewState;
use crate::app::state::{
    Disc, Identifying, Indexing, Loading, OpenFailure, Opening, Origin, Search, State, Ticket, Trouble, View,
};
use crate::app::work::{Effect, Work};
use crate::disc::part::PartGroup;
use crate::disc::tree::{FileTree, TreeId};
use crate::disc::{Error, Image};
use crate::job::{Crash, Failure, Identify, Opened};
use crate::verify::neighbours;

/// Opens an image here when the window is empty, else in a window of its own.
pub(super) fn open(state: &mut State, origin: Origin, out: &mut Vec<Effect>) {
    state.dialog = None;
    state.beneath = None;
    match &state.view {
        View::Disc(_) => out.push(Effect::NewWindow(origin)),
        View::Opening(opening) => {
            out.push(Effect::Abandon(opening.ticket));
            open_here(state, origin, None, None, out);
        }
        View::Welcome | View::Failed(_) => open_here(state, origin, None, None, out),
    }
}

/// Opens images that were dropped on the window.
pub(super) fn open_dropped(state: &mut State, paths: Vec<std::path::PathBuf>, out: &mut Vec<Effect>) {
    // A checksum file says what the open image should be.
    let is_open = state.disc().is_some();
    let (sums, paths): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| {
        is_open && neighbours::is_named_as_list(&path.file_name().unwrap_or_default().to_string_lossy())
    });
    for path in sums {
        super::integrity::wish(state, IntegrityWish::ExpectFile(path), out);
    }
    let mut origins = paths.into_iter().map(Origin::File);
    if let Some(first) = origins.next() {
        open(state, first, out);
    }
    out.extend(origins.map(Effect::NewWindow));
}

fn open_here(
    state: &mut State,
    origin: Origin,
    session: Option<u32>,
    then: Option<(TreeId, String)>,
    out: &mut Vec<Effect>,
) {
    abandon_all(state, out);
    // What does not depend on the tree that is shown goes on until the image is gone.
    if let Some(disc) = state.disc_mut() {
        super::integrity::abandon(disc, out);
        if let Identifying::Running(ticket) = disc.identity {
            out.push(Effect::Abandon(ticket));
        }
    }
    let ticket = state.ticket();
    out.push(Effect::Start(ticket, Work::Open(origin.clone(), session)));
    state.view = View::Opening(Opening { origin, ticket, since: Instant::now(), then });
    out.push(Effect::Title(state.title()));
}

/// Gives up everything that is under way for the open image.
fn abandon_all(state: &mut State, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc_mut() else { return };
    disc.preview.abandon(out);
    super::compare::abandon_glance(disc, out);
    let mut tickets: Vec<Ticket> = disc.branches.iter().map(|(ticket, _)| *ticket).collect();
    tickets.extend(disc.loading.as_ref().map(|loading| loading.ticket));
    tickets.extend(disc.sorting.map(|(ticket, _)| ticket));
    tickets.extend(disc.search.ticket);
    tickets.extend(disc.boot.running.take().map(|(ticket, _)| ticket));
    if let Indexing::Running(ticket, _) = disc.index {
        tickets.push(ticket);
    }
    let comparing = disc.comparing.as_mut().and_then(|comparing| comparing.running.take());
    let unseen = disc.unseen.as_mut().and_then(|search| search.running.take());
    tickets.extend(comparing.into_iter().chain(unseen).map(|running| running.ticket));
    tickets.extend(disc.unseen.as_mut().and_then(|search| search.reading.take()));
    out.extend(tickets.into_iter().map(Effect::Abandon));
}

/// Reads the image again, such as after a download went on, and goes back to where the window was.
pub(super) fn reload(state: &mut State, out: &mut Vec<Effect>) {
    match &state.view {
        View::Disc(disc) => {
            let then = Some((disc.tree_id(), disc.place.path()));
            let (origin, session) = (disc.origin.clone(), disc.image.session());
            let session = (disc.image.sessions().len() > 1).then_some(session);
            open_here(state, origin, session, then, out);
        }
        View::Failed(failure) => {
            let origin = failure.origin.clone();
            open_here(state, origin, None, None, out);
        }
        View::Welcome | View::Opening(_) => {}
    }
}

/// Opens another session of the same image.
pub(super) fn open_session(state: &mut State, number: u32, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc().filter(|disc| disc.image.session() != number) else { return };
    let (origin, then) = (disc.origin.clone(), Some((disc.tree_id(), disc.place.path())));
    open_here(state, origin, Some(number), then, out);
}

/// Shows the files as another tree names them, in the same folder where that is there too.
pub(super) fn use_tree(state: &mut State, id: TreeId, out: &mut Vec<Effect>) {
    if let Some(path) = state.disc().map(|disc| disc.place.path()) {
        use_tree_at(state, id, path, None, out);
    }
}

/// To the entry at `path` in a tree.
pub(super) fn reveal(state: &mut State, id: TreeId, path: &str, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc() else { return };
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let (folder, name, is_here) = (folder.to_owned(), name.to_owned(), disc.tree_id() == id);
    if state.dialog.is_some() {
        super::close_dialog(state, out);
    }
    match is_here {
        true => super::search::locate(state, folder, Some(name), out),
        false => use_tree_at(state, id, folder, Some(name), out),
    }
}

/// To what a part holds: the root of its files, which the disc as a whole may have, too. False when nothing is known of
/// what is inside.
pub(super) fn enter_part(state: &mut State, group: PartGroup, at: usize, out: &mut Vec<Effect>) -> bool {
    let Some(disc) = state.disc() else { return false };
    let (inside, here) = (group.trees(&disc.image, at), disc.tree_id());
    match inside.first() {
        Some(_) if inside.contains(&here) => navigate::go(state, Place::root(), None, out),
        Some(first) => use_tree_at(state, *first, String::new(), None, out),
        None => return false,
    }
    true
}

/// Shows another tree, beginning in the folder at `path`, with the entry called `select` selected.
fn use_tree_at(state: &mut State, id: TreeId, path: String, select: Option<String>, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc() else { return };
    let Some(tree) = disc.image.tree_by_id(id).filter(|_| id != disc.tree_id()).cloned() else { return };
    abandon_all(state, out);
    let ticket = state.ticket();
    let deleted = state.show_deleted;
    let Some(disc) = state.disc_mut() else { return };
    turn_to(disc, &tree, deleted);
    let tree = disc.tree.clone();
    disc.history = History::default();
    disc.place = Place::root();
    disc.trouble = None;
    disc.loading = Some(Loading { ticket, since: Instant::now(), select, rows: None });
    out.push(Effect::Start(ticket, Work::Locate(tree, path)));
}

/// Makes `tree` the one that is shown; everything that is known of another one is forgotten.
fn turn_to(disc: &mut Disc, tree: &Arc<dyn FileTree>, deleted: bool) {
    let with_deleted = tree.with_deleted();
    disc.keeps_deleted = with_deleted.is_some();
    disc.tree = with_deleted.filter(|_| deleted).unwrap_or_else(|| tree.clone());
    disc.folders = disc.folders.turned_to(&disc.image, disc.tree_id());
    disc.branches.clear();
    disc.sorting = None;
    disc.index = Indexing::None;
    disc.search = Search::default();
}

/// Lists entries that are marked as deleted, or does no longer.
pub(super) fn toggle_deleted(state: &mut State, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc().filter(|disc| disc.keeps_deleted) else { return };
    let Some(tree) = disc.image.tree_by_id(disc.tree_id()).cloned() else { return };
    let select = disc.listing.single().map(|item| disc.listing.rows.name(item).into_owned());
    state.show_deleted = !state.show_deleted;
    abandon_all(state, out);
    let deleted = state.show_deleted;
    let Some(disc) = state.disc_mut() else { return };
    turn_to(disc, &tree, deleted);
    navigate::load(state, select, out);
}

/// An image is there.
pub(super) fn opened(state: &mut State, opened: Opened, out: &mut Vec<Effect>) {
    let View::Opening(opening) = &mut state.view else { return };
    let (origin, then) = (opening.origin.clone(), opening.then.take());
    let Opened { image, root, .. } = opened;
    let sort = state.sort;
    let tree = then.as_ref().and_then(|(id, _)| image.tree_by_id(*id)).unwrap_or(image.default_tree()).clone();
    let with_deleted = tree.with_deleted();
    let keeps_deleted = with_deleted.is_some();
    let tree = with_deleted.filter(|_| state.show_deleted).unwrap_or(tree);
    let notes = image.diagnostics().items().to_vec();
    let folders = TreeModel::new(&image, image.id_of(tree.as_ref()));
    let len = image.source().len();
    // The root that was read is that of the default tree, without what is marked as deleted.
    let is_default = Arc::ptr_eq(&tree, image.default_tree());
    state.view = View::Disc(Box::new(Disc {
        origin,
        tree: tree.clone(),
        keeps_deleted,
        place: Place::root(),
        history: History::default(),
        listing: Listing::empty(sort),
        loading: None,
        trouble: None,
        folders,
        branches: Vec::new(),
        sorting: None,
        index: Indexing::None,
        search: Search::default(),
        preview: PreviewState::default(),
        notes,
        glance: Glance::Not,
        comparing: None,
        unseen: None,
        mounted: None,
        tab: Tab::Files,
        boot: BootView::default(),
        integrity: IntegrityView::default(),
        identity: Identifying::Not,
        strip_dismissed: false,
        image,
    }));
    out.push(Effect::Title(state.title()));
    super::settings::remember(state, out);
    state.focus_table += 1;
    let path = then.map(|(_, path)| path).filter(|path| !path.is_empty());
    match (path, root) {
        (Some(path), _) => {
            let ticket = state.ticket();
            if let Some(disc) = state.disc_mut() {
                disc.loading = Some(Loading { ticket, since: Instant::now(), select: None, rows: None });
            }
            out.push(Effect::Start(ticket, Work::Locate(tree, path)));
        }
        (None, Ok(root)) if is_default => navigate::arrive(state, Rows::Folder(root, len), None, out),
        (None, Err(error)) if is_default => navigate::fail(state, trouble(&Failure::Image(error)), out),
        (None, _) => navigate::load(state, None, out),
    }
    identify(state, out);
}

/// Finds out what the disc is.
fn identify(state: &mut State, out: &mut Vec<Effect>) {
    let ticket = state.ticket();
    let Some(disc) = state.disc_mut() else { return };
    disc.identity = Identifying::Running(ticket);
    out.push(Effect::Start(ticket, Work::Identify(Identify { image: disc.image.clone() })));
}

/// An image could not be opened.
pub(super) fn open_failed(state: &mut State, failure: &Failure) {
    let View::Opening(Opening { origin, .. }) = &state.view else { return };
    let Trouble { sentence, details } = trouble(failure);
    let advice = match failure {
        Failure::Image(Error::Io { .. }) | Failure::File { .. } => {
            "Check that the file is still there, that you may read it, and that its drive is connected."
        }
        Failure::Image(Error::Unsupported { .. }) => {
            "Isoscope opens disc images: ISO 9660, UDF, HFS and HFS+. Choose another file."
        }
        Failure::Image(Error::Damaged { .. }) => "Download or copy the image again, and compare its checksum.",
        Failure::Image(_) => "Choose another file.",
    };
    state.view = View::Failed(OpenFailure { origin: origin.clone(), sentence, advice, details });
}

/// A bug kept an image from being opened.
pub(super) fn open_crashed(state: &mut State, crash: &Crash) {
    let View::Opening(Opening { origin, .. }) = &state.view else { return };
    state.view = View::Failed(OpenFailure {
        origin: origin.clone(),
        sentence: "Isoscope made a mistake while it read this image".to_owned(),
        advice: "Please report it with the details below. Nothing was changed.",
        details: crash.details(),
    });
}

/// A failure in words.
pub(super) fn trouble(failure: &Failure) -> Trouble {
    Trouble { sentence: without_number(failure.sentence()), details: failure.to_string() }
}

/// The number that the system has for an error is left to the details.
fn without_number(mut sentence: String) -> String {
    if let Some(at) = sentence.rfind(" (os error ").filter(|_| sentence.ends_with(')')) {
        sentence.truncate(at);
    }
    sentence
}

/// Adds what the walk over the whole disc found to what was known before.
pub(super) fn collect_notes(disc: &mut Disc) {
    let image: &Arc<Image> = &disc.image;
    let mut all = image.diagnostics().clone();
    if let Some(index) = disc.index.get() {
        all.append(index.diagnostics().clone());
    } else if let Rows::Folder(folder, _) = &disc.listing.rows {
        all.append(folder.diagnostics.clone());
    }
    disc.notes = all.items().to_vec();
    disc.notes.sort_by_key(|note| std::cmp::Reverse(note.severity));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_has_no_number_of_an_error() {
        let error = std::io::Error::from_raw_os_error(2);
        let sentence = without_number(format!("The folder could not be opened: {error}"));
        assert!(sentence.starts_with("The folder could not be opened: "), "{sentence}");
        assert!(!sentence.contains("os error"), "{sentence}");
        assert_eq!(without_number("It ends (too) early".to_owned()), "It ends (too) early");
    }
}
