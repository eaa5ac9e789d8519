//! How commands and the events of jobs change the state.

mod boot;
mod compare;
mod events;
mod extract;
mod image;
mod integrity;
mod list;
mod navigate;
mod search;
mod settings;
mod transfer;
mod unseen;

pub use events::receive;

use super::boot::{BootWish, Tab};
use super::command::Command;
use super::preview::PreviewState;
use super::state::{Dialog, Disc, State, Ticket};
use super::work::Effect;

/// Carries out a wish of the user.
pub fn update(state: &mut State, command: Command) -> Vec<Effect> {
    let mut effects = Vec::new();
    let out = &mut effects;
    if leads_to_files(&command) {
        boot::show(state, Tab::Files, out);
    }
    match command {
        Command::Open => out.push(Effect::ChooseImage),
        Command::OpenPath(path) => image::open(state, super::state::Origin::File(path), out),
        Command::OpenDropped(paths) => image::open_dropped(state, paths, out),
        Command::OpenSample => image::open(state, super::state::Origin::Sample, out),
        Command::Reload => image::reload(state, out),
        Command::OpenSession(number) => image::open_session(state, number, out),
        Command::Reveal(id, path) => image::reveal(state, id, &path, out),
        Command::UseTree(id) => image::use_tree(state, id, out),
        Command::CloseWindow => out.push(Effect::Close),
        Command::ForgetRecent => settings::forget(state, None, out),
        Command::ForgetPath(path) => settings::forget(state, Some(path), out),
        Command::UseSettings(settings) => settings::change(state, *settings, out),

        Command::Extract => extract::ask(state, false, out),
        Command::ExtractAll => extract::ask(state, true, out),
        Command::SaveStream(at) => extract::ask_stream(state, at, out),
        Command::ExtractTo(destination) => extract::set_destination(state, destination, out),
        Command::ChooseDestination => choose_destination(state, out),
        Command::ExtractOptions(options) => extract::set_options(state, options, out),
        Command::RemoveLeftovers(remove) => extract::set_remove_leftovers(state, remove),
        Command::StartExtraction => extract::start(state, out),
        Command::Mount => transfer::mount(state, out),
        Command::Unmount => transfer::unmount(state),
        Command::ShowFolder(path) => out.push(Effect::ShowFolder(path)),

        Command::Back => navigate::back(state, out),
        Command::Forward => navigate::forward(state, out),
        Command::Up => navigate::up(state, out),
        Command::Go(place) => navigate::go(state, place, None, out),
        Command::OpenItem => list::open_cursor(state, out),
        Command::OpenRow(row) => list::open_row(state, row, out),
        Command::ShowInFolder => search::show_in_folder(state, out),

        Command::Select(..)
        | Command::Step(..)
        | Command::TypeAhead(_)
        | Command::SelectAll
        | Command::InvertSelection => list::select(state, command),
        Command::SortBy(column) => list::sort_by(state, column, out),
        Command::ToggleColumn(column) => {
            state.columns.toggle(column);
            settings::save(state, out);
        }
        Command::ColumnWidth(column, width) => state.columns.set_width(column, width),
        Command::Copy => transfer::copy(state, out),
        Command::Drag(from) => transfer::drag(state, from, out),
        Command::DragFilesWantedSoon => transfer::files_wanted_soon(state, out),
        Command::DragFilesWanted => transfer::files_wanted(state, out),
        Command::DragEnded(trouble) => transfer::drag_ended(state, trouble, out),
        Command::OpenAnyway => transfer::open_anyway(state, out),
        Command::CopyName => list::copy(state, false, out),
        Command::CopyPath => list::copy(state, true, out),
        Command::CopyText(text) => out.push(Effect::CopyText(text)),

        Command::Find => state.focus_search += 1,
        Command::Search(query) => search::search(state, query, out),
        Command::Escape => escape(state, out),

        Command::TreeGo(node) => navigate::go_to_node(state, node, out),
        Command::TreeExpand(node, expanded) => navigate::expand(state, node, expanded, out),
        Command::TreeStep(step) => navigate::step(state, step),

        Command::ToggleTree => state.hidden.tree = !state.hidden.tree,
        Command::TogglePreview => state.hidden.preview = !state.hidden.preview,
        Command::ToggleDeleted => image::toggle_deleted(state, out),
        Command::Preview(wish) => with_preview(state, out, |preview, _, next, out| preview.wish(wish, next, out)),
        Command::ZoomIn => out.push(Effect::Zoom(1)),
        Command::ZoomOut => out.push(Effect::Zoom(-1)),
        Command::ZoomReset => out.push(Effect::Zoom(0)),

        Command::ShowFiles => boot::show(state, Tab::Files, out),
        Command::ShowBoot => boot::show(state, Tab::Boot, out),
        Command::Boot(wish) => boot::wish(state, wish, out),
        Command::ShowIntegrity => boot::show(state, Tab::Integrity, out),
        Command::Integrity(wish) => integrity::wish(state, wish, out),
        Command::ShowIdentity => {
            if state.disc().is_some_and(|disc| disc.identity().is_some()) {
                state.dialog = Some(Dialog::Identity);
            }
        }
        Command::CompareTrees => compare::open(state, out),
        Command::Compare(wish) => compare::wish(state, wish, out),
        Command::FindUnseen => unseen::open(state, out),
        Command::Unseen(wish) => unseen::wish(state, wish, out),
        Command::Palette => state.dialog = Some(Dialog::Palette),
        Command::Shortcuts => state.dialog = Some(Dialog::Shortcuts),
        Command::About => state.dialog = Some(Dialog::About),
        Command::Settings => state.dialog = Some(Dialog::Settings),
        Command::ImageProperties => {
            if state.disc().is_some() {
                state.dialog = Some(Dialog::ImageProperties);
            }
        }
        Command::CloseDialog => close_dialog(state, out),
        Command::DismissNotice => state.settings_notice = None,
        Command::DismissStrip => {
            if let Some(disc) = state.disc_mut() {
                disc.strip_dismissed = true;
            }
        }
        Command::DismissMessage(id) => state.messages.retain(|message| message.id() != id),
        Command::Cancel(ticket) => {
            extract::cancel(state, ticket);
            transfer::cancel(state, ticket);
            out.push(Effect::Cancel(ticket));
        }
    }
    follow_selection(state, &mut effects);
    effects
}

/// True for what shows another place or other files.
fn leads_to_files(command: &Command) -> bool {
    match command {
        Command::Search(query) => !query.is_empty(),
        Command::TreeGo(_) | Command::Go(_) | Command::Back | Command::Forward | Command::Up => true,
        Command::Reveal(..) | Command::UseTree(_) | Command::ShowInFolder | Command::Find => true,
        _ => false,
    }
}

/// The preview looks at what is selected now. Beside other tabs it shows what is chosen there.
fn follow_selection(state: &mut State, out: &mut Vec<Effect>) {
    let in_files = state.disc().is_some_and(|disc| disc.tab == Tab::Files);
    if !state.hidden.preview && in_files {
        with_preview(state, out, |preview, disc, next, out| preview.follow(disc, next, out));
    }
}

/// Lends the preview out while it looks at the rest of the open image.
fn with_preview(
    state: &mut State,
    out: &mut Vec<Effect>,
    act: impl FnOnce(&mut PreviewState, &Disc, &mut dyn FnMut() -> Ticket, &mut Vec<Effect>),
) {
    let mut tickets = state.tickets;
    let Some(disc) = state.disc_mut() else { return };
    let mut preview = std::mem::take(&mut disc.preview);
    let mut next = || {
        tickets += 1;
        Ticket(tickets)
    };
    act(&mut preview, disc, &mut next, out);
    disc.preview = preview;
    state.tickets = tickets;
}

/// Takes in the settings that were loaded at the start.
pub fn use_loaded(state: &mut State, loaded: crate::settings::Loaded) {
    settings::take_in(state, loaded);
}

fn choose_destination(state: &State, out: &mut Vec<Effect>) {
    if let Some(Dialog::Extract(dialog)) = &state.dialog {
        out.push(Effect::ChooseFolder(std::path::PathBuf::from(&dialog.destination)));
    }
}

/// Puts the dialog away, and gives up what only it waits for.
fn close_dialog(state: &mut State, out: &mut Vec<Effect>) {
    match state.dialog.take() {
        Some(Dialog::Extract(dialog)) => extract::close(*dialog, out),
        Some(Dialog::Compare) => compare::stop(state, out),
        Some(Dialog::Unseen) => unseen::stop(state, out),
        _ => {}
    }
    state.dialog = state.beneath.take();
}

/// Puts away what lies uppermost: a dialog, a search, the selection.
fn escape(state: &mut State, out: &mut Vec<Effect>) {
    if state.dialog.is_some() {
        return close_dialog(state, out);
    }
    if state.disc().is_some_and(|disc| disc.search.is_active()) {
        return search::search(state, String::new(), out);
    }
    match state.disc().map(|disc| disc.tab) {
        Some(Tab::Boot) => return boot::wish(state, BootWish::Pick(None), out),
        Some(Tab::Integrity) => return boot::put_aside(state),
        Some(Tab::Files) | None => {}
    }
    if let Some(disc) = state.disc_mut() {
        disc.listing.select_none();
    }
}
