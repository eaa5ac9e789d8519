//! The table: selecting, sorting, opening items, copying their names.

use std::sync::Arc;

use super::navigate;
use crate::app::command::Command;
use crate::app::model::order::{SORTED_AT_ONCE, Sort, sorted};
use crate::app::model::{Column, Rows, Selecting};
use crate::app::place::Place;
use crate::app::state::{Disc, State};
use crate::app::work::{Effect, Work};
use crate::disc::text;
use crate::disc::tree::Kind;

/// Most names that are put on the clipboard.
const COPIED_NAMES: usize = 100_000;

/// Everything that changes the selection.
pub(super) fn select(state: &mut State, command: Command) {
    let Some(disc) = state.disc_mut() else { return };
    let listing = &mut disc.listing;
    match command {
        Command::Select(row, how) => listing.select(row, how),
        Command::Step(step, how) => listing.step(step, how),
        Command::TypeAhead(typed) if typed.is_empty() => {
            listing.seek_on();
        }
        Command::TypeAhead(typed) => listing.seek(&typed),
        Command::SelectAll => listing.select_all(),
        Command::InvertSelection => listing.invert(),
        _ => {}
    }
}

/// Sorts by a column; the same column again turns the direction.
pub(super) fn sort_by(state: &mut State, column: Column, out: &mut Vec<Effect>) {
    let now = state.disc().and_then(|disc| disc.sorting.map(|(_, sort)| sort)).unwrap_or(state.sort);
    let descending = if now.column == column { !now.descending } else { column.starts_descending() };
    let sort = Sort { column, descending };
    state.sort = sort;
    let ticket = state.ticket();
    let Some(disc) = state.disc_mut() else { return };
    out.extend(disc.sorting.take().map(|(ticket, _)| Effect::Abandon(ticket)));
    if let Some(loading) = &mut disc.loading {
        // The folder is about to be sorted in the old way: begin again in the new one.
        if let Some(rows) = &loading.rows {
            out.push(Effect::Abandon(loading.ticket));
            loading.ticket = ticket;
            out.push(Effect::Start(ticket, Work::Sort(rows.clone(), sort)));
        }
        return;
    }
    if disc.listing.len() <= SORTED_AT_ONCE {
        let order = Arc::new(sorted(&disc.listing.rows, sort));
        disc.listing.reorder(order, sort);
    } else {
        disc.sorting = Some((ticket, sort));
        out.push(Effect::Start(ticket, Work::Sort(disc.listing.rows.clone(), sort)));
    }
}

/// Opens the item under the cursor.
pub(super) fn open_cursor(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(row) = state.disc().and_then(|disc| disc.listing.cursor) {
        open_row(state, row, out);
    }
}

/// Opens the item in `row`: goes into a folder, or shows the preview of a file.
pub(super) fn open_row(state: &mut State, row: usize, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc_mut() else { return };
    let Some(item) = disc.listing.item(row) else { return };
    disc.listing.select(row, Selecting::Only);
    let part = match &disc.listing.rows {
        Rows::Parts(_, group) => usize::try_from(item).ok().map(|at| (*group, at)),
        Rows::Folder(..) | Rows::Found(..) => None,
    };
    if let Some((group, at)) = part
        && super::image::enter_part(state, group, at, out)
    {
        return;
    }
    let Some(disc) = state.disc_mut() else { return };
    let folder = match &disc.listing.rows {
        Rows::Folder(folder, _) => {
            let entry = usize::try_from(item).ok().and_then(|at| folder.entries().get(at));
            entry.filter(|entry| entry.is_folder()).map(|entry| (disc.tree.folder_of(entry), folder.name(entry)))
        }
        Rows::Found(..) if disc.listing.rows.kind(item) == Kind::Folder => {
            let path = disc.listing.rows.folder_path(item).unwrap_or_default();
            let name = disc.listing.rows.name(item);
            let path = [path, &text::path_component(&name)].join("/");
            return super::search::locate(state, path, None, out);
        }
        Rows::Found(..) | Rows::Parts(..) => None,
    };
    match folder {
        Some((Some(id), name)) => {
            let place = disc.place.child(id, name);
            navigate::go(state, place, None, out);
        }
        Some((None, name)) => {
            let sentence = format!("The folder {} lies nowhere on this disc", text::display(name));
            state.tell(crate::app::state::Tone::Bad, sentence, "");
        }
        None => open_file(state, row, out),
    }
}

/// Opens the file in `row` with the program that the system has for it. What is no file is shown by the preview.
fn open_file(state: &mut State, row: usize, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc() else { return };
    let is_file = disc.listing.item(row).is_some_and(|item| disc.listing.rows.kind(item) == Kind::File);
    let in_tree = !matches!(disc.listing.rows, Rows::Parts(..));
    match crate::app::transfer::selected(disc).filter(|_| is_file && in_tree) {
        Some((wanted, name, _)) => super::transfer::open(state, wanted, name, out),
        None => state.hidden.preview = false,
    }
}

/// Copies names or paths of what is selected, one a line.
pub(super) fn copy(state: &mut State, whole_path: bool, out: &mut Vec<Effect>) {
    let text = state.disc().map(|disc| selected_text(disc, whole_path)).unwrap_or_default();
    if !text.is_empty() {
        out.push(Effect::CopyText(text));
    }
}

/// Names or paths of what is selected, one a line.
pub(super) fn selected_text(disc: &Disc, whole_path: bool) -> String {
    let rows = &disc.listing.rows;
    let here = match disc.place {
        Place::Folder(_) if whole_path => format!("/{}", disc.place.path()),
        _ => String::new(),
    };
    let mut lines = Vec::new();
    // In the order of the table, so that the text looks like what was seen.
    for item in disc.listing.order.iter().filter(|item| disc.listing.selection.contains(**item)).take(COPIED_NAMES) {
        let name = rows.name(*item);
        let folder = match rows.folder_path(*item) {
            Some(folder) if whole_path => format!("/{folder}"),
            _ => here.clone(),
        };
        let line = match whole_path {
            true => format!("{}/{}", folder.trim_end_matches('/'), text::path_component(&name)),
            false => name.into_owned(),
        };
        lines.push(text::display(&line).into_owned());
    }
    lines.join("\n")
}
