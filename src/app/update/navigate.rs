//! Going from folder to folder.

use std::sync::Arc;
use std::time::Instant;

use super::image::collect_notes;
use crate::app::model::order::SORTED_AT_ONCE;
use crate::app::model::tree::{Branch, NodeId};
use crate::app::model::{Listing, Rows, Step};
use crate::app::place::{Crumb, Place};
use crate::app::state::{Disc, Indexing, Loading, State, Trouble};
use crate::app::work::{Effect, Work};
use crate::disc::tree::FolderId;

/// To a place of the user's choice. `select` is the name to select there.
pub(super) fn go(state: &mut State, place: Place, select: Option<String>, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc_mut() else { return };
    let searching = disc.search.shown || disc.search.is_active();
    if searching {
        super::search::leave(disc, out);
    }
    if disc.place == place && !searching && disc.trouble.is_none() {
        return;
    }
    let select = select.or_else(|| place.towards(&disc.place));
    if disc.place != place {
        let from = std::mem::replace(&mut disc.place, place);
        disc.history.leave(from);
    }
    load(state, select, out);
}

/// To the place before.
pub(super) fn back(state: &mut State, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc_mut() else { return };
    if disc.search.is_active() {
        return super::search::search(state, String::new(), out);
    }
    if let Some(place) = disc.history.go_back(disc.place.clone()) {
        turn(state, place, out);
    }
}

/// To the place that was left by going back.
pub(super) fn forward(state: &mut State, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc_mut() else { return };
    if let Some(place) = disc.history.go_forward(disc.place.clone()) {
        super::search::leave(disc, out);
        turn(state, place, out);
    }
}

fn turn(state: &mut State, place: Place, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc_mut() else { return };
    let select = place.towards(&disc.place);
    disc.place = place;
    load(state, select, out);
}

/// To the folder above.
pub(super) fn up(state: &mut State, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc_mut() else { return };
    if disc.search.is_active() {
        return super::search::search(state, String::new(), out);
    }
    if let Some(parent) = disc.place.parent() {
        go(state, parent, None, out);
    }
}

/// Reads what the present place shows.
pub(super) fn load(state: &mut State, select: Option<String>, out: &mut Vec<Effect>) {
    let ticket = state.ticket();
    let sort = state.sort;
    let Some(disc) = state.disc_mut() else { return };
    stop_loading(disc, out);
    disc.trouble = None;
    match &disc.place {
        Place::Parts(group) => {
            disc.listing = Listing::sorted(Rows::Parts(disc.image.clone(), *group), sort);
            if let Some(name) = select {
                disc.listing.select_name(&name);
            }
            mark_current(state, out);
            state.focus_table += 1;
        }
        Place::Folder(crumbs) => {
            let id = crumbs.last().map_or(disc.tree.root(), |crumb| crumb.id);
            out.push(Effect::Start(ticket, Work::ReadFolder(disc.tree.clone(), id)));
            disc.loading = Some(Loading { ticket, since: Instant::now(), select, rows: None });
            mark_current(state, out);
        }
    }
}

fn stop_loading(disc: &mut Disc, out: &mut Vec<Effect>) {
    out.extend(disc.loading.take().map(|loading| Effect::Abandon(loading.ticket)));
    out.extend(disc.sorting.take().map(|(ticket, _)| Effect::Abandon(ticket)));
}

/// The folder was read: it is shown at once, or sorted by a job first.
pub(super) fn arrive(state: &mut State, rows: Rows, select: Option<String>, out: &mut Vec<Effect>) {
    let sort = state.sort;
    if rows.len() <= SORTED_AT_ONCE {
        let order = Arc::new(crate::app::model::order::sorted(&rows, sort));
        return show(state, rows, order, select, out);
    }
    let ticket = state.ticket();
    let Some(disc) = state.disc_mut() else { return };
    let since = disc.loading.as_ref().map_or_else(Instant::now, |loading| loading.since);
    disc.loading = Some(Loading { ticket, since, select, rows: Some(rows.clone()) });
    out.push(Effect::Start(ticket, Work::Sort(rows, sort)));
}

/// The table shows what was read.
pub(super) fn show(state: &mut State, rows: Rows, order: Arc<Vec<u32>>, select: Option<String>, out: &mut Vec<Effect>) {
    let sort = state.sort;
    let Some(disc) = state.disc_mut() else { return };
    disc.loading = None;
    disc.trouble = None;
    disc.listing = Listing::new(rows, order, sort);
    if let Some(name) = select {
        disc.listing.select_name(&name);
    }
    collect_notes(disc);
    fill_tree(disc);
    state.focus_table += 1;
    mark_current(state, out);
    start_index(state, out);
}

/// The place cannot be shown.
pub(super) fn fail(state: &mut State, trouble: Trouble, out: &mut Vec<Effect>) {
    let sort = state.sort;
    let Some(disc) = state.disc_mut() else { return };
    disc.loading = None;
    disc.trouble = Some(trouble);
    disc.listing = Listing::empty(sort);
    start_index(state, out);
}

/// The walk over the whole disc begins when the first folder is on screen, and not before.
fn start_index(state: &mut State, out: &mut Vec<Effect>) {
    let ticket = state.ticket();
    let Some(disc) = state.disc_mut() else { return };
    if matches!(disc.index, Indexing::None) {
        disc.index = Indexing::Running(ticket, None);
        out.push(Effect::Start(ticket, Work::Index(disc.tree.clone(), disc.known())));
    }
}

/// Puts the folders of the table below their node of the tree, where they were not known yet.
fn fill_tree(disc: &mut Disc) {
    let Rows::Folder(folder, _) = &disc.listing.rows else { return };
    let path: Vec<FolderId> = disc.place.crumbs().iter().map(|crumb| crumb.id).collect();
    if let Some((node, true)) = disc.folders.find(&path) {
        disc.folders.set_children(node, &*disc.tree, folder, &disc.listing.order);
    }
}

/// Marks the node of the present place, and reads the folders above it where they are not known.
fn mark_current(state: &mut State, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc_mut() else { return };
    let path: Vec<FolderId> = disc.place.crumbs().iter().map(|crumb| crumb.id).collect();
    let found = match disc.place {
        Place::Parts(group) => disc.folders.find_branch(Branch::Parts(group)).map(|node| (node, true)),
        Place::Folder(_) => disc.folders.find(&path),
    };
    let Some((node, exact)) = found else { return };
    if exact {
        disc.folders.current = Some(node);
        disc.folders.cursor = Some(node);
        disc.folders.show(node);
    } else if disc.folders.needs_children(node) {
        expand(state, node, true, out);
    }
}

/// Opens or closes a branch of the tree.
pub(super) fn expand(state: &mut State, node: NodeId, expanded: bool, out: &mut Vec<Effect>) {
    let ticket = state.ticket();
    let Some(disc) = state.disc_mut() else { return };
    let read = disc.folders.expand(node, expanded);
    let folder = disc.folders.path(node).map(|path| path.last().map_or(disc.tree.root(), |(id, _)| *id));
    if let Some(folder) = folder.filter(|_| read) {
        disc.branches.push((ticket, node));
        out.push(Effect::Start(ticket, Work::ReadFolder(disc.tree.clone(), folder)));
    }
}

/// The children of a node were read.
pub(super) fn branch_read(state: &mut State, node: NodeId, rows: &Rows, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc_mut() else { return };
    let Rows::Folder(folder, _) = rows else { return };
    let order = crate::app::model::order::folders_by_name(folder);
    disc.folders.set_children(node, &*disc.tree, folder, &order);
    if disc.folders.current.is_none_or(|current| disc.folders.path(current) != Some(named(&disc.place))) {
        mark_current(state, out);
    }
}

fn named(place: &Place) -> Vec<(FolderId, String)> {
    place.crumbs().iter().map(|crumb| (crumb.id, crumb.name.clone())).collect()
}

/// To what a node of the tree stands for.
pub(super) fn go_to_node(state: &mut State, node: NodeId, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc_mut() else { return };
    let Some(branch) = disc.folders.node(node).map(|node| node.branch) else { return };
    disc.folders.cursor = Some(node);
    if let Branch::Part(group, at) = branch
        && super::image::enter_part(state, group, at, out)
    {
        return;
    }
    let Some(disc) = state.disc_mut() else { return };
    match branch {
        Branch::Files | Branch::Folder(_) => {
            let path = disc.folders.path(node).unwrap_or_default();
            let crumbs: Vec<Crumb> = path.into_iter().map(|(id, name)| Crumb { id, name }).collect();
            go(state, Place::Folder(crumbs.into()), None, out);
        }
        Branch::Parts(group) => go(state, Place::Parts(group), None, out),
        Branch::Part(group, at) => {
            let name = group.get(&disc.image, at).map(|part| part.label());
            if disc.place == Place::Parts(group) && !disc.search.shown {
                if let Some(name) = name {
                    disc.listing.select_name(&name);
                }
            } else {
                go(state, Place::Parts(group), name, out);
            }
        }
        Branch::Session(number) => super::image::open_session(state, number, out),
        Branch::Sessions => expand(state, node, true, out),
        Branch::More(_) => {
            if let Some(parent) = disc.folders.parent(node) {
                go_to_node(state, parent, out);
            }
        }
    }
}

/// Moves the cursor of the tree.
pub(super) fn step(state: &mut State, step: Step) {
    let Some(disc) = state.disc_mut() else { return };
    let folders = &mut disc.folders;
    let Some(last) = folders.visible().len().checked_sub(1) else { return };
    let row = folders.cursor.and_then(|cursor| folders.row(cursor));
    let row = match (step, row) {
        (Step::First, _) | (_, None) => 0,
        (Step::Last, _) => last,
        (Step::By(by), Some(row)) => row.saturating_add_signed(by).min(last),
    };
    folders.cursor = folders.visible().get(row).copied();
    folders.reveal += 1;
}
