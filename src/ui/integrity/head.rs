//! The answer in one sentence, and what can be done for a better one.

use egui::{Align, Color32, Label, Layout, ProgressBar, RichText, Sense, TextStyle, Ui, vec2};

use crate::app::Command;
use crate::app::integrity::{IntegrityView, IntegrityWish};
use crate::app::state::Disc;
use crate::ui::format::{self, Units};
use crate::ui::theme::{self, Theme};
use crate::ui::{icons, widgets};
use crate::verify::{CheckKind, Outcome, Overall};

pub(super) fn head_ui(ui: &mut Ui, disc: &Disc, units: Units, out: &mut Vec<Command>) {
    let view = &disc.integrity;
    let theme = Theme::of(ui);
    let (icon, color, sentence, more) = answer(disc, theme, units);
    let size = theme::size_of(ui, TextStyle::Heading) + 3.0;
    ui.horizontal_top(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(28.0, size * 1.4), Sense::hover());
        widgets::paint_icon(ui.painter(), rect, icon, 26.0, color);
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            actions(ui, view, out);
            ui.with_layout(Layout::top_down(Align::Min), |ui| {
                ui.add(Label::new(RichText::new(sentence).font(theme::strong_id(size))).wrap());
                ui.add(Label::new(RichText::new(more).color(theme.text_dim)).wrap());
            });
        });
    });
    if let Some(running) = &view.running {
        let progress = running.progress.as_ref();
        let fraction = progress.and_then(|progress| progress.fraction()).unwrap_or(0.0);
        ui.add_space(theme::PADDING);
        ui.add(ProgressBar::new(fraction).desired_height(6.0).fill(theme.accent));
        let speed = progress.map(|progress| progress.per_second as u64).filter(|speed| *speed > 0);
        let speed = speed.map(|speed| format!("{}/s", format::size(speed, units)));
        let left = progress.and_then(|progress| progress.left).map(format::time_left);
        let words = [Some(format!("{:.0} %", fraction * 100.0)), speed, left];
        let words = words.into_iter().flatten().collect::<Vec<_>>().join("  ·  ");
        ui.label(RichText::new(words).font(theme::tabular_id(12.0)).color(theme.text_dim));
    }
}

/// Symbol, colour, one sentence, and what it rests on.
fn answer(disc: &Disc, theme: &Theme, units: Units) -> (&'static str, Color32, String, String) {
    let view = &disc.integrity;
    let file = disc.image.raw_file().unwrap_or(disc.image.source()).len();
    let size = || format::size(file, units);
    let is_cut = view.checks.iter().any(|check| check.kind == CheckKind::Size && check.outcome == Outcome::Fail);
    if view.running.is_some() {
        let more = format!("All {} are read once for all digests and checks", size());
        return (icons::HISTORY, theme.accent, "Checking the image".to_owned(), more);
    }
    match view.overall() {
        Some(overall @ Overall::Pass) => {
            let passed = view.checks.iter().filter(|check| check.outcome == Outcome::Pass).count() as u64;
            let more = format!("{} passed", format::count(passed, "check", "checks"));
            (icons::DONE, theme.ok, overall.sentence().to_owned(), more)
        }
        Some(overall @ Overall::Fail) => {
            let wrong = |outcome| matches!(outcome, Outcome::Fail | Outcome::Error);
            let failed = view.checks.iter().filter(|check| wrong(check.outcome)).count() as u64;
            let more = format!("{} did not pass", format::count(failed, "check", "checks"));
            (icons::ERROR, theme.bad, overall.sentence().to_owned(), more)
        }
        Some(overall @ Overall::NothingToCheck) => {
            let more = "Compare a digest with the one that its makers have published".to_owned();
            (icons::INFO, theme.accent, overall.sentence().to_owned(), more)
        }
        None if is_cut => {
            let more = "The rest was not checked yet".to_owned();
            (icons::ERROR, theme.bad, "Some of the image is missing".to_owned(), more)
        }
        None => {
            let sentence = if view.is_stopped { "Checking was stopped" } else { "Not checked yet" };
            let more = format!("Its size is as it should be. To check more, all {} have to be read", size());
            (icons::INFO, theme.accent, sentence.to_owned(), more)
        }
    }
}

fn actions(ui: &mut Ui, view: &IntegrityView, out: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.x = theme::PADDING;
    // The words in the middle of buttons that hang at the top.
    ui.spacing_mut().button_padding.y = 6.0;
    if view.running.is_some() {
        if widgets::plain_button(ui, "Stop").clicked() {
            out.push(Command::Integrity(IntegrityWish::Stop));
        }
        return;
    }
    let clicked = match view.is_done {
        true => widgets::plain_button(ui, "Check again").clicked(),
        false => widgets::primary_button(ui, "Check everything").clicked(),
    };
    if clicked {
        out.push(Command::Integrity(IntegrityWish::Start));
    }
    if ui.add(egui::Button::new("Copy as text").min_size(vec2(88.0, 28.0))).clicked() {
        out.push(Command::Integrity(IntegrityWish::CopyText));
    }
}
