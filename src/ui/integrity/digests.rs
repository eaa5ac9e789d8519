//! The digests of the file, and the one that it should have.

use egui::{Label, RichText, Sense, TextEdit, TextStyle, Ui, vec2};

use crate::app::Command;
use crate::app::integrity::{Expectation, IntegrityView, IntegrityWish};
use crate::ui::theme::{self, Theme};
use crate::ui::{icons, widgets};
use crate::verify::Algorithm;

/// Width of the names of the digests.
const NAME: f32 = 76.0;

/// The field for the digest that the file should have.
pub(super) fn field_id() -> egui::Id {
    egui::Id::unique("expected digest")
}

pub(super) fn digests_ui(ui: &mut Ui, view: &IntegrityView, out: &mut Vec<Command>) {
    super::title(ui, "Checksums of the whole file");
    super::super::card::card(ui, |ui| {
        expected_ui(ui, view, out);
        ui.add_space(theme::GRID);
        ui.spacing_mut().item_spacing.y = 0.0;
        let made = view.digests.iter().map(|digest| digest.algorithm).filter(|it| !Algorithm::USUAL.contains(it));
        let algorithms: Vec<Algorithm> = Algorithm::USUAL.into_iter().chain(made).collect();
        for algorithm in algorithms {
            digest_ui(ui, view, algorithm, out);
        }
        if let Some(made) = view.made {
            let theme = Theme::of(ui);
            let words = format!("Made {}; the file has not changed since", made.short());
            ui.label(RichText::new(words).small().color(theme.text_dim));
        }
    });
}

fn expected_ui(ui: &mut Ui, view: &IntegrityView, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(NAME, theme::ROW), Sense::hover());
        let font = TextStyle::Body.resolve(ui.style());
        let galley = widgets::line(ui.painter(), "Expected", font, theme.text_dim, NAME);
        widgets::paint_left(ui.painter(), rect, rect.left(), galley, theme.text_dim);
        let mut typed = view.typed.clone();
        let edit = TextEdit::singleline(&mut typed)
            .id(field_id())
            .font(TextStyle::Monospace)
            .hint_text("Paste a checksum, such as the one on the download page")
            .desired_width(ui.available_width());
        let response = ui.add(edit);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::TextInput, true, "Expected checksum"));
        if response.changed() {
            out.push(Command::Integrity(IntegrityWish::Expect(typed)));
        }
    });
    let (icon, color, words) = match view.expectation() {
        Expectation::None => return,
        Expectation::NotUnderstood(why) => (icons::WARNING, theme.warn, why),
        Expectation::Open(algorithm) if view.is_done => {
            let words = format!("Some bytes cannot be read, so there is no {algorithm} of the whole file");
            (icons::WARNING, theme.warn, words)
        }
        Expectation::Open(algorithm) => (icons::HISTORY, theme.text_dim, format!("The {algorithm} is being made")),
        Expectation::Met(algorithm) => (icons::DONE, theme.ok, format!("The same: this file has that {algorithm}")),
        Expectation::Missed(digest) => {
            let words =
                format!("Different: this file has another {}. It was changed, or it is another file", digest.algorithm);
            (icons::ERROR, theme.bad, words)
        }
    };
    ui.horizontal_top(|ui| {
        ui.add_space(NAME + theme::PADDING);
        widgets::line_icon(ui, icon, color);
        ui.add(Label::new(RichText::new(words).color(color)).wrap());
    });
}

fn digest_ui(ui: &mut Ui, view: &IntegrityView, algorithm: Algorithm, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let digest = view.digest(algorithm).map(ToString::to_string);
    let is_met = matches!(view.expectation(), Expectation::Met(met) if met == algorithm);
    ui.horizontal(|ui| {
        // As high as the button that comes when the digest is there, so that nothing moves then.
        let height = theme::icon_button_size().y;
        let (rect, _) = ui.allocate_exact_size(vec2(NAME, height), Sense::hover());
        let font = TextStyle::Body.resolve(ui.style());
        let galley = widgets::line(ui.painter(), algorithm.label(), font, theme.text_dim, NAME);
        widgets::paint_left(ui.painter(), rect, rect.left(), galley, theme.text_dim);
        let Some(digest) = digest else {
            ui.label(RichText::new("–").color(theme.text_dim));
            return;
        };
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if widgets::icon_button(ui, icons::COPY, &format!("Copy the {algorithm}"), true).clicked() {
                out.push(Command::CopyText(digest.clone()));
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                let color = if is_met { theme.ok } else { theme.text };
                let text = RichText::new(&digest).text_style(TextStyle::Monospace).color(color);
                ui.add(Label::new(text).truncate().selectable(true));
            });
        });
    });
}
