//! What is worth a look. Nothing of it is right or wrong.

use egui::{Label, RichText, TextStyle, Ui};

use crate::app::Command;
use crate::app::boot::BootWish;
use crate::app::state::Disc;
use crate::disc::text;
use crate::ui::theme::{self, Theme};
use crate::ui::{card, format, icons, widgets};
use crate::verify::suspicion::Remark;

/// Paths that are listed of one remark.
const SHOWN: usize = 8;

pub(super) fn remarks_ui(ui: &mut Ui, disc: &Disc, out: &mut Vec<Command>) {
    let Some(remarks) = &disc.integrity.remarks else { return };
    super::title(ui, "Worth a look");
    if remarks.is_empty() {
        let theme = Theme::of(ui);
        let words = "Nothing is hidden, nothing starts by itself, and no name pretends to be another";
        ui.label(RichText::new(words).color(theme.text_dim));
    }
    for remark in remarks.iter() {
        card::card(ui, |ui| remark_ui(ui, disc, remark, out));
    }
}

fn remark_ui(ui: &mut Ui, disc: &Disc, remark: &Remark, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let tree = disc.image.id_of(disc.image.default_tree().as_ref());
    ui.horizontal_top(|ui| {
        widgets::line_icon(ui, icons::INFO, theme.accent);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.spacing_mut().interact_size.y = ui.text_style_height(&TextStyle::Body);
            let size = theme::size_of(ui, TextStyle::Body);
            ui.label(RichText::new(&remark.title).font(theme::strong_id(size)));
            ui.add(Label::new(text::display(&remark.sentence)).wrap());
            for path in remark.paths.iter().take(SHOWN) {
                if ui.link(text::display(path)).on_hover_text("Show it among the files").clicked() {
                    out.push(Command::Reveal(tree, path.clone()));
                }
            }
            let more = remark.more_paths.saturating_add(remark.paths.len().saturating_sub(SHOWN) as u64);
            if more > 0 {
                ui.label(RichText::new(format!("and {} more", format::number(more))).small().color(theme.text_dim));
            }
            if let Some(offset) = remark.offset {
                let place = format!("byte {}", format::number(offset));
                if ui.link(RichText::new(place).small()).on_hover_text("Show these bytes").clicked() {
                    out.push(Command::Boot(BootWish::Bytes(offset, 1)));
                }
            }
        });
    });
}
