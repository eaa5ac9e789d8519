//! Whether and how the disc starts: the answer, the picture of the way, and every structure.

mod chain;
mod findings;
mod picture;
mod strip;
mod structures;
mod verdicts;

use egui::{Color32, Frame, Label, Margin, RichText, ScrollArea, TextStyle, Ui};

use super::theme::{self, Theme};
use super::{icons, pages, widgets};
use crate::app::Command;
use crate::app::boot::{BootWish, Pick};
use crate::app::state::Disc;
use crate::boot::chain::State;
use crate::boot::study::Study;
use crate::boot::verdict::Boots;

pub(super) use picture::picture;

/// What is drawn of a study, and how it is used meanwhile.
struct Seen<'a> {
    study: &'a Study,
    pick: Option<Pick>,
    /// More is being found out.
    is_first_look: bool,
    /// For a picture to be kept: nothing can be pressed.
    is_picture: bool,
}

/// Draws all of it.
pub(super) fn boot_ui(ui: &mut Ui, disc: &Disc, out: &mut Vec<Command>) {
    let Some(study) = &disc.boot.study else {
        return match (&disc.boot.trouble, disc.boot.running) {
            (Some(trouble), _) => pages::trouble_ui(ui, trouble, out),
            (None, Some((_, since))) => pages::waiting_ui(ui, since, "Finding out how the disc starts"),
            (None, None) => {}
        };
    };
    let is_first_look = !study.is_complete() && disc.boot.running.is_some();
    let seen = Seen { study, pick: disc.boot.pick, is_first_look, is_picture: false };
    ScrollArea::vertical().id_salt("boot").auto_shrink(false).show(ui, |ui| {
        Frame::new().inner_margin(Margin::symmetric(20, 16)).show(ui, |ui| {
            ui.set_width(ui.available_width());
            verdicts::verdicts_ui(ui, &seen, out);
            chain::chain_ui(ui, &seen, out);
            findings::findings_ui(ui, study, out);
            strip::layout_ui(ui, disc, study, out);
            structures::structures_ui(ui, disc, study, out);
        });
    });
}

/// The title of a part, and what can be done with it on the right.
fn title(ui: &mut Ui, text: &str, actions: impl FnOnce(&mut Ui)) {
    ui.add_space(theme::GROUP * 2.0);
    ui.horizontal(|ui| {
        ui.label(RichText::new(text).text_style(TextStyle::Heading));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), actions);
    });
    ui.add_space(theme::GRID);
}

/// Symbol and colour of a state.
fn mark(theme: &Theme, state: State) -> (&'static str, Color32) {
    match state {
        State::Good => (icons::DONE, theme.ok),
        State::Doubtful => (icons::WARNING, theme.warn),
        State::Broken => (icons::ERROR, theme.bad),
    }
}

fn state_of(boots: Boots) -> State {
    boots.into()
}

/// A place in the image that can be gone to.
fn place_link(ui: &mut Ui, offset: u64, length: u64, out: &mut Vec<Command>) {
    let text = format!("byte {}", super::format::number(offset));
    if quiet_link(ui, &text).on_hover_text("Show these bytes").clicked() {
        out.push(Command::Boot(BootWish::Bytes(offset, length)));
    }
}

/// Text that does something when it is pressed.
fn quiet_link(ui: &mut Ui, text: &str) -> egui::Response {
    let theme = Theme::of(ui);
    let size = theme::size_of(ui, TextStyle::Small);
    ui.link(RichText::new(text).font(theme::tabular_id(size)).color(theme.accent))
}

/// A sentence with the symbol of a state before it.
fn sentence(ui: &mut Ui, state: State, text: &str) {
    let (icon, color) = mark(Theme::of(ui), state);
    ui.horizontal_top(|ui| {
        widgets::line_icon(ui, icon, color);
        ui.add(Label::new(text).wrap());
    });
}
