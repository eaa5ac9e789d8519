//! The bars and panes of the window, and where they stand.

use std::path::PathBuf;

use egui::{CentralPanel, Frame, Margin, Panel, Ui};

use super::Window;
use crate::app::boot::Tab;
use crate::app::model::Rows;
use crate::app::state::{Disc, Indexing, View};
use crate::app::{Command, Place, State};
use crate::ui::folders::folders_ui;
use crate::ui::format::Units;
use crate::ui::preview::preview_ui;
use crate::ui::table::{TableView, table_ui};
use crate::ui::theme::{self, Theme};
use crate::ui::toolbar::{self, toolbar_ui};
use crate::ui::{banner, boot, icons, identity, integrity, menu, pages, status, strip, tabs};

impl Window {
    /// Draws the bars and the panes, or the page that stands in for them.
    pub(super) fn frame(&mut self, ui: &mut Ui, out: &mut Vec<Command>) {
        let theme = Theme::of(ui);
        let width = ui.available_width();
        let bar = Frame::new().fill(theme.raised).inner_margin(Margin::symmetric(8, 2));
        Panel::top("menu").frame(bar).show_separator_line(false).show(ui, |ui| menu::menu_bar(ui, &self.state, out));
        match &self.state.view {
            View::Disc(disc) => {
                let frame = Frame::new().fill(theme.raised).inner_margin(Margin::symmetric(8, 0));
                Panel::top("toolbar").exact_size(toolbar::HEIGHT).frame(frame).show(ui, |ui| {
                    toolbar_ui(ui, &mut self.toolbar, &self.state, disc, out);
                });
                let frame = Frame::new().fill(theme.raised).inner_margin(Margin::symmetric(6, 0));
                Panel::bottom("status").exact_size(status::HEIGHT).frame(frame).show(ui, |ui| {
                    status::status_ui(ui, &self.state, disc, self.state.settings.units, out);
                });
                identity::card_ui(ui, disc, out);
                strip::strip_ui(ui, disc, out);
                banner::cut_off_ui(ui, disc, self.state.settings.units);
                banner::messages_ui(ui, &self.state, out);
                if !self.state.hidden.tree {
                    let frame = Frame::new().fill(theme.raised).inner_margin(Margin { top: 4, ..Margin::ZERO });
                    let range = 140.0..=(width * 0.35).clamp(140.0, 480.0);
                    let panel = Panel::left("folders").default_size(232.0_f32.min(width * 0.22)).size_range(range);
                    let panel = panel.frame(frame);
                    panel.show(ui, |ui| folders_ui(ui, &mut self.folders, disc, out));
                }
                // Beside other tabs than that of the files there is a preview once something is chosen for it.
                if !self.state.hidden.preview && (disc.tab == Tab::Files || disc.boot.aside) {
                    let frame = Frame::new().fill(theme.surface);
                    // The table between the panes always keeps room for names.
                    let most = (ui.available_width() - 240.0).clamp(220.0, 900.0);
                    let panel = Panel::right("preview").default_size(360.0_f32.min(width * 0.32));
                    let panel = panel.size_range(220.0..=most).frame(frame);
                    panel.show(ui, |ui| {
                        preview_ui(ui, &mut self.preview, &disc.preview, self.state.settings.units, out);
                    });
                }
                CentralPanel::default().frame(Frame::new().fill(theme.surface)).show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    tabs::tabs_ui(ui, disc, out);
                    ui.spacing_mut().item_spacing.y = theme::GRID;
                    if disc.tab != Tab::Files {
                        let free = self.state.dialog.is_none() && !egui::Popup::is_any_open(ui.ctx());
                        if free && ui.input(|input| input.key_pressed(egui::Key::Escape)) {
                            out.push(Command::Escape);
                        }
                    }
                    match disc.tab {
                        Tab::Boot => return boot::boot_ui(ui, disc, out),
                        Tab::Integrity => {
                            return integrity::integrity_ui(ui, disc, self.state.settings.units, out);
                        }
                        Tab::Files => {}
                    }
                    middle(ui, &mut self.table, &self.state, disc, self.state.settings.units, out);
                });
            }
            other => {
                banner::messages_ui(ui, &self.state, out);
                CentralPanel::default().frame(Frame::new().fill(theme.surface)).show(ui, |ui| match other {
                    View::Welcome => pages::welcome_ui(ui, &self.state.settings.recents, out),
                    View::Opening(opening) => pages::opening_ui(ui, opening),
                    View::Failed(failure) => {
                        let recents = &self.state.settings.recents;
                        let recent = failure.origin.path().filter(|path| recents.contains(path)).map(PathBuf::as_path);
                        pages::failed_ui(ui, failure, recent, out);
                    }
                    View::Disc(_) => {}
                });
            }
        }
    }

    /// While something is dragged over the window, the window says what will happen to it.
    pub(super) fn drop_target(&self, ui: &Ui) {
        // What comes from this window does not go back into it.
        let hovered = ui.input(|input| !input.raw.hovered_files.is_empty()) && !self.state.dragging;
        let hovered = hovered || self.drags.is_hovered();
        if !hovered {
            return;
        }
        let theme = Theme::of(ui);
        let text = match self.state.view {
            View::Disc(_) => "Drop to open in a new window",
            _ => "Drop to open",
        };
        let layer = egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("drop target"));
        let painter = ui.ctx().layer_painter(layer);
        let rect = ui.ctx().content_rect();
        painter.rect_filled(rect, 0.0, theme.surface.gamma_multiply(0.85));
        let inner = rect.shrink(16.0);
        painter.rect_stroke(inner, 10.0, egui::Stroke::new(2.0, theme.accent), egui::StrokeKind::Inside);
        painter.text(inner.center(), egui::Align2::CENTER_CENTER, text, theme::strong_id(20.0), theme.text);
    }
}

/// What fills the middle of the window: the table, or why there is none.
fn middle(ui: &mut Ui, view: &mut TableView, state: &State, disc: &Disc, units: Units, out: &mut Vec<Command>) {
    if let Some(trouble) = &disc.trouble {
        return pages::trouble_ui(ui, trouble, out);
    }
    let searching = disc.search.is_active() && !disc.search.shown;
    if searching && matches!(disc.index, Indexing::Running(..) | Indexing::None) && disc.listing.is_empty() {
        return pages::nothing_ui(
            ui,
            icons::SEARCH,
            "Looking through the whole disc",
            "Matches appear when it is known",
        );
    }
    if let Some(loading) = &disc.loading {
        let fresh = loading.since.elapsed() < pages::PATIENCE;
        if !fresh || disc.listing.is_empty() {
            return pages::waiting_ui(ui, loading.since, "Reading the folder");
        }
        ui.ctx().request_repaint_after(pages::PATIENCE);
    }
    table_ui(ui, view, state, disc, units, out);
    if disc.listing.is_empty() && disc.loading.is_none() {
        match &disc.listing.rows {
            Rows::Found(..) => {
                let more = format!("No name on this disc contains “{}”", disc.search.query.trim());
                pages::nothing_ui(ui, icons::SEARCH, "Nothing found", &more);
            }
            _ if disc.place == Place::root() => pages::nothing_ui(ui, icons::EMPTY, "This disc is empty", ""),
            _ => pages::nothing_ui(ui, icons::EMPTY, "This folder is empty", ""),
        }
    }
}
