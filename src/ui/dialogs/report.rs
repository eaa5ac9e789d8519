//! What an extraction did.

use egui::{RichText, ScrollArea, Ui};

use crate::app::Command;
use crate::app::extraction::Extracted;
use crate::disc::text;
use crate::extract::report::{Outcome, Stop};
use crate::ui::format::{self, Units};
use crate::ui::theme::{self, Theme};
use crate::ui::{icons, widgets};

/// Height of an entry in the list.
const ENTRY: f32 = 40.0;

pub(super) fn report_ui(ui: &mut Ui, done: &Extracted, units: Units, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let report = &done.report;
    let counts = report.counts();
    let (icon, color, title) = match report.stop() {
        Some(Stop::Destination(_)) => (icons::ERROR, theme.bad, "The extraction broke off"),
        Some(Stop::Cancelled) => (icons::STOP, theme.text_dim, "The extraction was cancelled"),
        None if report.is_plain() => (icons::DONE, theme.ok, "Extracted"),
        None => (icons::WARNING, theme.warn, "Extracted, with notes"),
    };
    ui.horizontal(|ui| {
        ui.label(RichText::new(icon).font(theme::icon_id(24.0)).color(color));
        ui.heading(title);
    });
    ui.add_space(theme::GRID);
    let size = format::size(counts.bytes, units);
    ui.label(format!("{}, {size}", format::count(counts.done + counts.renamed, "item", "items")));
    let folder = done.destination.to_string_lossy();
    let room = ui.available_width();
    let galley = widgets::line_keeping_ends(ui.painter(), &folder, theme::body_id(12.0), theme.text_dim, room);
    let (rect, response) = ui.allocate_exact_size(egui::vec2(room, 18.0), egui::Sense::hover());
    widgets::paint_left(ui.painter(), rect, rect.left(), galley, theme.text_dim);
    response.on_hover_text(folder);
    if let Some(Stop::Destination(why)) = report.stop() {
        ui.add(egui::Label::new(why).wrap().selectable(true));
    }
    if !report.is_empty() {
        ui.add_space(theme::PADDING);
        ui.separator();
        ui.label(RichText::new(format::count(report.len() as u64, "note", "notes")).font(theme::strong_id(13.0)));
        let spacing = ui.spacing().item_spacing.y;
        let height = 240.0_f32.min(ui.ctx().content_rect().height() - 320.0).max(80.0);
        ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show_rows(
            ui,
            ENTRY - spacing,
            report.len(),
            |ui, rows| {
                for at in rows {
                    entry(ui, done, at);
                }
            },
        );
    }
    super::buttons(ui, |ui| {
        if widgets::primary_button(ui, "Open folder").clicked() {
            out.push(Command::ShowFolder(done.destination.clone()));
            out.push(Command::CloseDialog);
        }
        if widgets::plain_button(ui, "Close").clicked() {
            out.push(Command::CloseDialog);
        }
        if !report.is_empty() && widgets::plain_button(ui, "Copy notes").clicked() {
            let lines = report.listed().map(|listed| match listed.to {
                Some(to) => format!("{} → {to}: {}", listed.from, listed.reason),
                None => format!("{}: {}", listed.from, listed.reason),
            });
            out.push(Command::CopyText(lines.collect::<Vec<_>>().join("\n")));
        }
    });
}

fn entry(ui: &mut Ui, done: &Extracted, at: usize) {
    let theme = Theme::of(ui);
    let Some(listed) = done.report.get(at) else { return };
    let (word, color) = match listed.outcome {
        Outcome::Done => ("done", theme.ok),
        Outcome::Renamed => ("renamed", theme.text_dim),
        Outcome::Skipped => ("left out", theme.text_dim),
        Outcome::Damaged => ("not whole", theme.warn),
        Outcome::Failed => ("failed", theme.bad),
    };
    let (rect, response) = ui.allocate_exact_size(egui::vec2(ui.available_width(), ENTRY - 4.0), egui::Sense::hover());
    let upper = egui::Rect::from_min_size(rect.min, egui::vec2(rect.width(), 18.0));
    let lower = egui::Rect::from_min_size(rect.min + egui::vec2(0.0, 18.0), egui::vec2(rect.width(), 16.0));
    let badge = widgets::badge(ui.painter(), rect.left(), upper, word, 12.0, color) + theme::PADDING;
    let name = match &listed.to {
        Some(to) if *to != listed.from => format!("{} → {}", text::display(&listed.from), text::display(to)),
        _ => text::display(&listed.from).into_owned(),
    };
    let galley = widgets::line(ui.painter(), &name, theme::body_id(13.0), theme.text, rect.width() - badge);
    widgets::paint_left(ui.painter(), upper, rect.left() + badge, galley, theme.text);
    let galley = widgets::line(ui.painter(), &listed.reason, theme::body_id(12.0), theme.text_dim, rect.width());
    widgets::paint_left(ui.painter(), lower, rect.left(), galley, theme.text_dim);
    response.on_hover_text(format!("{name}\n{}", listed.reason));
}
