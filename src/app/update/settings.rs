//! What is remembered between starts.

use std::path::PathBuf;

use crate::app::model::Columns;
use crate::app::state::{Origin, State, View};
use crate::app::work::{Effect, Work};
use crate::settings::{Loaded, Settings};

/// Takes in the settings that were loaded at the start.
pub(super) fn take_in(state: &mut State, loaded: Loaded) {
    state.columns = Columns::from_settings(&loaded.settings.columns);
    state.settings = loaded.settings;
    state.settings_notice = loaded.notice;
}

/// Changes the settings, and saves them.
pub(super) fn change(state: &mut State, settings: Settings, out: &mut Vec<Effect>) {
    if state.settings != settings {
        state.settings = settings;
        out.push(Effect::Restyle);
        save(state, out);
    }
}

/// Saves the settings.
pub(super) fn save(state: &mut State, out: &mut Vec<Effect>) {
    let Some(path) = state.settings_path.clone() else { return };
    let ticket = state.ticket();
    state.settings.columns = state.columns.to_settings();
    // An older save that is still waiting would only be overwritten.
    out.extend(state.saving.replace(ticket).map(Effect::Abandon));
    out.push(Effect::Start(ticket, Work::SaveSettings(Box::new(state.settings.clone()), path)));
}

/// Puts the image that was just opened on top of the recent ones.
pub(super) fn remember(state: &mut State, out: &mut Vec<Effect>) {
    let View::Disc(disc) = &state.view else { return };
    if let Origin::File(path) = disc.origin.clone() {
        state.settings.remember(&path);
        save(state, out);
    }
}

/// Takes one image, or all, off the list of recent ones.
pub(super) fn forget(state: &mut State, path: Option<PathBuf>, out: &mut Vec<Effect>) {
    match path {
        Some(path) => state.settings.forget(&path),
        None => state.settings.recents.clear(),
    }
    save(state, out);
}
