//! Whether the image is whole: one answer, the digests, every check, and what is worth a look.

mod checks;
mod digests;
mod head;
mod remarks;

use egui::{Frame, Margin, RichText, ScrollArea, TextStyle, Ui};

use super::pages;
use super::theme;
use crate::app::Command;
use crate::app::integrity::IntegrityWish;
use crate::app::state::Disc;
use crate::ui::format::Units;

/// Draws all of it.
pub(super) fn integrity_ui(ui: &mut Ui, disc: &Disc, units: Units, out: &mut Vec<Command>) {
    let view = &disc.integrity;
    if !view.is_surveyed && view.running.is_none() {
        return match (&view.trouble, view.looking) {
            (Some(trouble), _) => pages::trouble_ui(ui, trouble, out),
            (None, Some((_, since))) => pages::waiting_ui(ui, since, "Looking for checksums"),
            (None, None) => {}
        };
    }
    if let Some(text) = pasted(ui) {
        out.push(Command::Integrity(IntegrityWish::Expect(text)));
    }
    ScrollArea::vertical().id_salt("integrity").auto_shrink(false).show(ui, |ui| {
        Frame::new().inner_margin(Margin::symmetric(20, 16)).show(ui, |ui| {
            ui.set_width(ui.available_width());
            head::head_ui(ui, disc, units, out);
            digests::digests_ui(ui, view, out);
            checks::checks_ui(ui, disc, out);
            remarks::remarks_ui(ui, disc, out);
        });
    });
}

/// What was pasted while no field for text has the keyboard: it can only be meant for the one here.
fn pasted(ui: &Ui) -> Option<String> {
    let elsewhere = [digests::field_id(), super::toolbar::search_id()];
    let focused = ui.memory(|memory| memory.focused());
    if focused.is_some_and(|focused| elsewhere.contains(&focused)) || super::preview::has_focus(ui.ctx()) {
        return None;
    }
    let pasted = |event: &egui::Event| match event {
        egui::Event::Paste(text) => Some(text.clone()),
        _ => None,
    };
    ui.input(|input| input.events.iter().find_map(pasted))
}

/// The title of a part.
fn title(ui: &mut Ui, text: &str) {
    ui.add_space(theme::GROUP * 2.0);
    ui.label(RichText::new(text).text_style(TextStyle::Heading));
    ui.add_space(theme::GRID);
}
