//! The strip above the list: one sentence about the disc as a whole, and what can be done about it.

use egui::{Align, Button, Frame, Label, Layout, Margin, Panel, RichText, TextStyle, Ui};

use super::theme::{self, Theme};
use super::{icons, widgets};
use crate::app::Command;
use crate::app::state::{Disc, Strip};

/// Width that is left to the sentence before a button gives way to it.
const SENTENCE: f32 = 200.0;

/// Draws the strip, if there is something to say.
pub(super) fn strip_ui(ui: &mut Ui, disc: &Disc, out: &mut Vec<Command>) {
    let Some(strip) = disc.strip() else { return };
    let theme = Theme::of(ui);
    let (sentence, actions) = match strip {
        Strip::PoorSide { sentence, tree } if tree == disc.tree_id() => {
            let back = disc.image.id_of(disc.image.default_tree().as_ref());
            (sentence, vec![("Show all files", Command::UseTree(back))])
        }
        Strip::PoorSide { sentence, tree } => (sentence, vec![("Show that side", Command::UseTree(tree))]),
    };
    let frame = Frame::new().fill(theme.info_surface).inner_margin(Margin { left: 12, right: 6, top: 2, bottom: 2 });
    Panel::top("strip").frame(frame).show(ui, |ui| {
        ui.horizontal(|ui| {
            widgets::line_icon(ui, icons::INFO, theme.accent);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = theme::GRID;
                if widgets::icon_button(ui, icons::CLOSE, "Dismiss", true).clicked() {
                    out.push(Command::DismissStrip);
                }
                for (text, command) in actions.into_iter().rev() {
                    if fits(ui, text) && link_button(ui, text).clicked() {
                        out.push(command);
                    }
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let text = RichText::new(sentence).color(theme.text);
                    ui.add(Label::new(text).truncate());
                });
            });
        });
    });
}

/// True where there is room for a button beside the sentence. What it does is in the menus, too.
fn fits(ui: &Ui, text: &str) -> bool {
    let font = TextStyle::Button.resolve(ui.style());
    let width = ui.painter().layout_no_wrap(text.to_owned(), font, egui::Color32::WHITE).size().x;
    ui.available_width() - width - 2.0 * ui.spacing().button_padding.x >= SENTENCE
}

/// A button without a frame, quiet beside what it stands beside.
fn link_button(ui: &mut Ui, text: &str) -> egui::Response {
    let text = RichText::new(text).color(Theme::of(ui).accent);
    ui.add(Button::new(text).frame_when_inactive(false))
}
