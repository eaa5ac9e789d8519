//! The card at the top of the window that says what the disc is.

use egui::{Align, Button, Frame, Label, Layout, Margin, Panel, RichText, Sense, TextStyle, Ui, vec2};

use super::theme::{self, Theme};
use super::{format, icons, ring, widgets};
use crate::app::Command;
use crate::app::state::Disc;
use crate::disc::text;
use crate::identify::{Certainty, Identity, Subject};
use crate::verify::Overall;

/// Draws the card, where the disc tells which product it is.
pub(super) fn card_ui(ui: &mut Ui, disc: &Disc, out: &mut Vec<Command>) {
    let Some(identity) = disc.identity() else { return };
    let Some(title) = title(identity) else { return };
    let theme = Theme::of(ui);
    let frame = Frame::new().fill(theme.raised).inner_margin(Margin { left: 12, right: 8, top: 4, bottom: 6 });
    Panel::top("identity").frame(frame).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = theme::PADDING;
            let (rect, _) = ui.allocate_exact_size(vec2(34.0, 38.0), Sense::hover());
            ring::paint(ui.painter(), rect.center(), 15.0, theme);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                state_ui(ui, disc, out);
                let more = Button::new("What says so…").frame_when_inactive(false);
                if ui.add(more).on_hover_text(widgets::command_tooltip(&Command::ShowIdentity)).clicked() {
                    out.push(Command::ShowIdentity);
                }
                words_ui(ui, &title, &subtitle(identity));
            });
        });
    });
}

/// Two lines, each cut where it is too long.
fn words_ui(ui: &mut Ui, title: &str, subtitle: &str) {
    let theme = Theme::of(ui);
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let heading = RichText::new(text::display(title)).text_style(TextStyle::Heading).color(theme.text);
            ui.add(Label::new(heading).truncate());
            let small = RichText::new(text::display(subtitle)).small().color(theme.text_dim);
            ui.add(Label::new(small).truncate());
        });
    });
}

/// Whether it is whole, as far as that is known; pressing it shows more.
fn state_ui(ui: &mut Ui, disc: &Disc, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let (icon, words, color) = match disc.integrity.overall() {
        _ if disc.integrity.running.is_some() => (icons::HISTORY, "Checking", theme.text_dim),
        Some(Overall::Pass) => (icons::DONE, "As it should be", theme.ok),
        Some(Overall::Fail) => (icons::ERROR, "Not as it should be", theme.bad),
        Some(Overall::NothingToCheck) => (icons::INFO, "No checksum to go by", theme.text_dim),
        None if disc.missing() > 0 => (icons::ERROR, "Some of it is missing", theme.bad),
        None => (icons::INFO, "Not checked yet", theme.text_dim),
    };
    let text = RichText::new(format!("{icon} {words}")).color(color);
    let response = ui.add(Button::new(text).frame_when_inactive(false));
    if response.on_hover_text(widgets::command_tooltip(&Command::ShowIntegrity)).clicked() {
        out.push(Command::ShowIntegrity);
    }
}

/// The product with its version; with a word of doubt where that is a guess.
fn title(identity: &Identity) -> Option<String> {
    let product = identity.best(Subject::Product)?;
    let title = identity.title()?;
    Some(match product.certainty {
        Certainty::Stated => title,
        Certainty::Guess => format!("Probably {title}"),
    })
}

/// What kind of disc it is, which languages and editions it holds, when and with which program it was made.
fn subtitle(identity: &Identity) -> String {
    let value = |subject| identity.best(subject).map(|claim| claim.value.clone());
    let several = |subject, words: &str| {
        let count = identity.stated(subject).count();
        (count > 1).then(|| format!("{} {words}", format::number(count as u64)))
    };
    let languages = several(Subject::Language, "languages").or_else(|| value(Subject::Language));
    let editions = several(Subject::Edition, "editions");
    // The day is enough here.
    let day = |made: String| made.split_once('T').map_or(made.clone(), |(day, _)| day.to_owned());
    let made = value(Subject::Made).map(|made| format!("made {}", day(made)));
    let by = value(Subject::WrittenBy).map(|program| format!("written by {program}"));
    let parts = [value(Subject::Kind), editions, languages, made, by];
    parts.into_iter().flatten().collect::<Vec<_>>().join("  ·  ")
}
