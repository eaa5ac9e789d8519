//! Searching the whole disc.

use std::sync::Arc;
use std::time::Instant;

use super::navigate;
use crate::app::model::order::SORTED_AT_ONCE;
use crate::app::model::{Listing, Rows};
use crate::app::place::{Crumb, Place};
use crate::app::state::{Disc, Indexing, Loading, State};
use crate::app::work::{Effect, Work};
use crate::disc::tree::FolderId;

/// Looks for `query`; an empty one leaves the search.
pub(super) fn search(state: &mut State, query: String, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc_mut() else { return };
    if disc.search.query == query {
        return;
    }
    disc.search.query = query;
    out.extend(disc.search.ticket.take().map(Effect::Abandon));
    if disc.search.is_active() {
        start(state, out);
    } else if disc.search.shown {
        leave(disc, out);
        navigate::load(state, None, out);
    }
}

/// Starts the search for what was typed, if the index is there.
pub(super) fn start(state: &mut State, out: &mut Vec<Effect>) {
    let ticket = state.ticket();
    let Some(disc) = state.disc_mut() else { return };
    if !disc.search.is_active() {
        return;
    }
    match &disc.index {
        Indexing::Done(index) => {
            disc.search.ticket = Some(ticket);
            out.push(Effect::Start(ticket, Work::Search(index.clone(), disc.search.query.clone())));
        }
        Indexing::None => {
            disc.index = Indexing::Running(ticket, None);
            out.push(Effect::Start(ticket, Work::Index(disc.tree.clone(), disc.known())));
        }
        // The search begins when the index is there.
        Indexing::Running(..) | Indexing::Failed(_) => {}
    }
}

/// Puts the search away without going anywhere.
pub(super) fn leave(disc: &mut Disc, out: &mut Vec<Effect>) {
    out.extend(disc.search.ticket.take().map(Effect::Abandon));
    disc.search.query.clear();
    disc.search.shown = false;
}

/// Something was found, or nothing.
pub(super) fn found(state: &mut State, hits: Vec<u32>, out: &mut Vec<Effect>) {
    let sort = state.sort;
    let ticket = state.ticket();
    let Some(disc) = state.disc_mut() else { return };
    disc.search.ticket = None;
    let Some(index) = disc.index.get() else { return };
    let rows = Rows::Found(index.clone(), Arc::from(hits));
    out.extend(disc.loading.take().map(|loading| Effect::Abandon(loading.ticket)));
    out.extend(disc.sorting.take().map(|(ticket, _)| Effect::Abandon(ticket)));
    disc.trouble = None;
    disc.search.shown = true;
    if rows.len() <= SORTED_AT_ONCE {
        disc.listing = Listing::sorted(rows, sort);
    } else {
        // Shown at once in the order of the disc; sorted a moment later.
        let order = Arc::new((0..u32::try_from(rows.len()).unwrap_or(u32::MAX)).collect());
        disc.listing = Listing::new(rows.clone(), order, sort);
        disc.sorting = Some((ticket, sort));
        out.push(Effect::Start(ticket, Work::Sort(rows, sort)));
    }
}

/// To the folder that holds the item under the cursor.
pub(super) fn show_in_folder(state: &mut State, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc() else { return };
    let Some(item) = disc.listing.cursor_item() else { return };
    let Some(path) = disc.listing.rows.folder_path(item).map(str::to_owned) else { return };
    let name = disc.listing.rows.name(item).into_owned();
    locate(state, path, Some(name), out);
}

/// To the folder at the end of `path`, whose places are not known yet.
pub(super) fn locate(state: &mut State, path: String, select: Option<String>, out: &mut Vec<Effect>) {
    let ticket = state.ticket();
    let Some(disc) = state.disc_mut() else { return };
    out.extend(disc.loading.take().map(|loading| Effect::Abandon(loading.ticket)));
    disc.loading = Some(Loading { ticket, since: Instant::now(), select, rows: None });
    out.push(Effect::Start(ticket, Work::Locate(disc.tree.clone(), path)));
}

/// The folders on the way are known.
pub(super) fn located(state: &mut State, path: Vec<(FolderId, String)>, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc_mut() else { return };
    let select = disc.loading.take().and_then(|loading| loading.select);
    let crumbs: Vec<Crumb> = path.into_iter().map(|(id, name)| Crumb { id, name }).collect();
    let place = Place::Folder(crumbs.into());
    if disc.place == place {
        leave(disc, out);
        navigate::load(state, select, out);
    } else {
        navigate::go(state, place, select, out);
    }
}
