//! What lies above the window: one dialog at a time.

mod about;
mod compare;
mod extract;
mod identity;
mod open;
mod palette;
mod properties;
mod report;
mod rows;
mod settings;
mod shortcuts;
mod unseen;

use egui::{Context, Frame, Id, Margin, Modal, Ui};

use super::format::Units;
use super::theme::{self, Theme};
use crate::app::state::Dialog;
use crate::app::{Command, State};

/// What the dialogs remember between two frames.
#[derive(Default)]
pub struct DialogsView {
    palette: palette::PaletteView,
    /// The list of the dialogs that have one.
    rows: rows::RowsView,
}

/// Draws the dialog that is open, if any.
pub fn dialogs_ui(ctx: &Context, view: &mut DialogsView, state: &State, units: Units, out: &mut Vec<Command>) {
    let Some(dialog) = &state.dialog else {
        *view = DialogsView::default();
        return;
    };
    match dialog {
        Dialog::Palette => palette::palette_ui(ctx, &mut view.palette, state, out),
        Dialog::About => modal(ctx, "about", 520.0, out, about::about_ui),
        Dialog::Shortcuts => modal(ctx, "shortcuts", 640.0, out, shortcuts::shortcuts_ui),
        Dialog::Open(request) => modal(ctx, "open", 460.0, out, |ui, out| open::open_ui(ui, request, out)),
        Dialog::Extract(dialog) => {
            modal(ctx, "extract", 560.0, out, |ui, out| extract::extract_ui(ui, dialog, units, out))
        }
        Dialog::Extracted(done) => modal(ctx, "report", 560.0, out, |ui, out| report::report_ui(ui, done, units, out)),
        Dialog::Compare => {
            if let Some((disc, comparing)) = state.disc().and_then(|disc| Some((disc, disc.comparing.as_ref()?))) {
                modal(ctx, "compare", 860.0, out, |ui, out| {
                    compare::compare_ui(ui, &mut view.rows, disc, comparing, units, out);
                });
            }
        }
        Dialog::Unseen => {
            if let Some(search) = state.disc().and_then(|disc| disc.unseen.as_ref()) {
                modal(ctx, "unseen", 860.0, out, |ui, out| {
                    unseen::unseen_ui(ui, &mut view.rows, search, units, out);
                });
            }
        }
        Dialog::Settings => modal(ctx, "settings", 460.0, out, |ui, out| settings::settings_ui(ui, state, out)),
        Dialog::Identity => {
            if let Some((disc, identity)) = state.disc().and_then(|disc| Some((disc, disc.identity()?))) {
                modal(ctx, "identity", 680.0, out, |ui, out| identity::identity_ui(ui, disc, identity, out));
            }
        }
        Dialog::ImageProperties => {
            if let Some(disc) = state.disc() {
                modal(ctx, "properties", 640.0, out, |ui, out| properties::properties_ui(ui, disc, units, out));
            }
        }
    }
}

/// A dialog of this width in the middle of the window. Esc and a click beside it put it away.
fn modal(
    ctx: &Context,
    name: &str,
    width: f32,
    out: &mut Vec<Command>,
    contents: impl FnOnce(&mut Ui, &mut Vec<Command>),
) {
    let theme = theme_of(ctx);
    let frame = Frame::popup(&ctx.global_style()).fill(theme.raised).inner_margin(Margin::same(20)).corner_radius(10.0);
    let response = Modal::new(Id::unique(("dialog", name))).backdrop_color(theme.veil).frame(frame).show(ctx, |ui| {
        ui.set_width(width.min(ctx.content_rect().width() - 80.0));
        ui.set_max_height(ctx.content_rect().height() - 120.0);
        contents(ui, out);
    });
    if response.should_close() {
        out.push(Command::CloseDialog);
    }
}

fn theme_of(ctx: &Context) -> &'static Theme {
    if ctx.global_style().visuals.dark_mode { &theme::DARK } else { &theme::LIGHT }
}

/// The button that puts a dialog away, at its lower right.
fn close_row(ui: &mut Ui, out: &mut Vec<Command>) {
    buttons(ui, |ui| {
        if super::widgets::plain_button(ui, "Close").clicked() {
            out.push(Command::CloseDialog);
        }
    });
}

/// The buttons at the lower right of a dialog, from right to left.
fn buttons(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    ui.add_space(theme::GROUP);
    let size = egui::vec2(ui.available_width(), 28.0);
    ui.allocate_ui_with_layout(size, egui::Layout::right_to_left(egui::Align::Center), contents);
}
