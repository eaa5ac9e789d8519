//! A strip above or below the panes: one sentence about the disc as a whole, and what can be done about it.

use egui::{Align, Button, Frame, Label, Layout, Margin, Panel, RichText, Sense, TextStyle, Ui, vec2};

use super::theme::{self, Theme};
use super::{icons, widgets};
use crate::app::Command;
use crate::app::state::{Disc, Strip};

/// Width that is left to the sentence before a button gives way to it.
const SENTENCE: f32 = 280.0;

/// Draws the strip, if there is something to say.
pub(super) fn strip_ui(ui: &mut Ui, disc: &Disc, out: &mut Vec<Command>) {
    let Some(strip) = disc.strip() else { return };
    let theme = Theme::of(ui);
    let (sentence, actions) = match strip {
        Strip::PoorSide { sentence, tree } if tree == disc.tree_id() => {
            let back = disc.image.id_of(disc.image.default_tree().as_ref());
            (sentence, vec![("Show all files", Command::UseTree(back))])
        }
        Strip::PoorSide { sentence, tree } => {
            (sentence, vec![("Show that side", Command::UseTree(tree)), ("Compare…", Command::CompareTrees)])
        }
        Strip::Differ { sentence } => (sentence, vec![("Show differences…", Command::CompareTrees)]),
    };
    let frame = Frame::new().fill(theme.info_surface).inner_margin(Margin { left: 12, right: 6, top: 2, bottom: 2 });
    // What is found out while the list is read already stands below it: nothing that is read moves.
    let panel = match strip {
        Strip::PoorSide { .. } => Panel::top("strip"),
        Strip::Differ { .. } => Panel::bottom("strip"),
    };
    panel.frame(frame).show(ui, |ui| {
        ui.horizontal(|ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(18.0, 28.0), Sense::hover());
            widgets::paint_icon(ui.painter(), rect, icons::INFO, 18.0, theme.accent);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = theme::GRID;
                if widgets::icon_button(ui, icons::CLOSE, "Dismiss", true).clicked() {
                    out.push(Command::DismissStrip);
                }
                // Where there is no room for all, the last gives way. What it does is in the menus, too.
                let mut room = ui.available_width() - SENTENCE;
                let fitting = actions.iter().take_while(|(text, _)| {
                    room -= width(ui, text);
                    room >= 0.0
                });
                let fitting = fitting.count();
                for (text, command) in actions.into_iter().take(fitting).rev() {
                    let text = RichText::new(text).color(theme.accent);
                    if ui.add(Button::new(text).frame_when_inactive(false)).clicked() {
                        out.push(command);
                    }
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(Label::new(RichText::new(sentence).color(theme.text)).truncate());
                });
            });
        });
    });
}

/// Width of a button with this text.
fn width(ui: &Ui, text: &str) -> f32 {
    let font = TextStyle::Button.resolve(ui.style());
    let galley = ui.painter().layout_no_wrap(text.to_owned(), font, egui::Color32::WHITE);
    galley.size().x + 2.0 * ui.spacing().button_padding.x + theme::GRID
}
