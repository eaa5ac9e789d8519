//! Every structure, field by field; bytes are one press away.

use egui::{CollapsingHeader, Label, RichText, TextStyle, Ui, vec2};

use super::super::theme::{self, Theme};
use super::super::widgets;
use super::place_link;
use crate::app::Command;
use crate::app::boot::BootWish;
use crate::app::state::Disc;
use crate::boot::menu::{FileRef, FileState};
use crate::boot::report::ReadMenu;
use crate::boot::study::Study;
use crate::disc::text;
use crate::disc::tree::DetailGroup;

/// Draws the programs, the menus and the structures, each folded away at first.
pub(super) fn structures_ui(ui: &mut Ui, disc: &Disc, study: &Study, out: &mut Vec<Command>) {
    let report = &study.report;
    if !report.menus.is_empty() {
        super::title(ui, "Menus", |_| {});
        for (at, menu) in report.menus.iter().enumerate() {
            menu_ui(ui, at, menu);
        }
    }
    if !report.programs.is_empty() {
        super::title(ui, "Programs for UEFI", |ui| list_ui(ui, disc, out));
        for (at, file) in report.programs.iter().enumerate() {
            folded(ui, ("program", at), &file.details(), out);
        }
    }
    let groups = report.structures(&disc.image);
    if !groups.is_empty() {
        super::title(ui, "Structures", |_| {});
        for (at, group) in groups.iter().enumerate() {
            folded(ui, ("structure", at), group, out);
        }
    }
}

/// The list of revoked programs that they are held against.
fn list_ui(ui: &mut Ui, disc: &Disc, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let tooltip =
        "Programs that firmware does not start any more: a file such as DBXUpdate.bin, as Microsoft publishes it";
    if ui.button("Check against a list…").on_hover_text(tooltip).clicked() {
        out.push(Command::Boot(BootWish::ChooseList));
    }
    if let Some(name) = disc.boot.list.as_ref().and_then(|list| list.file_name()) {
        if ui.button("Without it").on_hover_text("Look again without the list").clicked() {
            out.push(Command::Boot(BootWish::UseList(None)));
        }
        let name = text::display(&name.to_string_lossy()).into_owned();
        ui.add(Label::new(RichText::new(name).color(theme.text_dim)).truncate());
    }
}

fn header(ui: &mut Ui, id: impl std::hash::Hash + std::fmt::Debug, title: &str, contents: impl FnOnce(&mut Ui)) {
    CollapsingHeader::new(title).id_salt(id).icon(widgets::fold_icon).show(ui, contents);
}

fn folded(ui: &mut Ui, id: impl std::hash::Hash + std::fmt::Debug, group: &DetailGroup, out: &mut Vec<Command>) {
    header(ui, id, &group.title, |ui| {
        let theme = Theme::of(ui);
        for field in group.fields.iter().filter(|field| !field.value.is_empty()) {
            row(ui, field.label, |ui| {
                ui.add(Label::new(field.value.as_str()).wrap());
                if let Some(offset) = field.offset {
                    place_link(ui, offset, 1, out);
                }
            });
        }
        if group.fields.is_empty() {
            ui.label(RichText::new("Nothing more is recorded").color(theme.text_dim));
        }
    });
}

/// A label on the left, and what belongs to it on the right.
fn row(ui: &mut Ui, label: &str, contents: impl FnOnce(&mut Ui)) {
    let theme = Theme::of(ui);
    let left = (ui.available_width() * 0.35).clamp(100.0, 220.0);
    ui.horizontal_top(|ui| {
        ui.allocate_ui_with_layout(vec2(left, 0.0), egui::Layout::top_down(egui::Align::Min), |ui| {
            ui.set_width(left);
            ui.add(Label::new(RichText::new(label).color(theme.text_dim)).wrap());
        });
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            contents(ui);
        });
    });
}

/// A menu as the user would see it.
fn menu_ui(ui: &mut Ui, at: usize, read: &ReadMenu) {
    let menu = &read.menu;
    let title = format!("{}: {}", menu.loader.label(), text::display(&menu.path));
    header(ui, ("menu", at), &title, |ui| {
        let theme = Theme::of(ui);
        let size = theme::size_of(ui, TextStyle::Body);
        for (number, entry) in menu.entries.iter().enumerate() {
            ui.horizontal_top(|ui| {
                ui.add_space(16.0 * entry.depth.min(8) as f32);
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    let by_itself = if menu.default_entry == Some(number) { "  (starts by itself)" } else { "" };
                    let title = format!("{}{by_itself}", text::display(&entry.title));
                    ui.add(Label::new(RichText::new(title).font(theme::strong_id(size))).wrap());
                    for file in entry.files() {
                        file_ui(ui, file);
                    }
                    if let Some(line) = &entry.command_line {
                        let line = RichText::new(text::display(line)).monospace().color(theme.text_dim);
                        ui.add(Label::new(line).wrap());
                    }
                    if let Some(action) = &entry.action {
                        ui.add(Label::new(RichText::new(text::display(action)).color(theme.text_dim)).wrap());
                    }
                });
            });
            ui.add_space(theme::PADDING);
        }
    });
}

/// A file that a menu names, and whether it is there.
fn file_ui(ui: &mut Ui, file: &FileRef) {
    let theme = Theme::of(ui);
    let (note, color) = match &file.state {
        FileState::Exists => (String::new(), theme.text),
        FileState::ExistsAs(path) => (format!(", found as {path}"), theme.text),
        FileState::Incomplete(_) => (", cut off".to_owned(), theme.bad),
        FileState::Missing => (", missing".to_owned(), theme.bad),
        FileState::WrongKind => (", not a file".to_owned(), theme.bad),
        FileState::CannotTell(why) => (format!(": {why}"), theme.warn),
    };
    let line = format!("{}{note}", file.as_written);
    ui.add(Label::new(RichText::new(text::display(&line)).color(color)).wrap());
}
