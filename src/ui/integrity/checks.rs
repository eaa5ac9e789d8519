//! Every check: what it goes by, what it covers, and what it came to.

use egui::{Color32, Label, RichText, TextStyle, Ui};

use crate::app::Command;
use crate::app::boot::BootWish;
use crate::app::state::Disc;
use crate::disc::text;
use crate::disc::tree::TreeId;
use crate::ui::theme::{self, Theme};
use crate::ui::{card, format, icons, widgets};
use crate::verify::{Bad, Check, CheckKind, Outcome};

/// Bad places that are listed. All of them are in what can be copied.
const SHOWN: usize = 12;

pub(super) fn checks_ui(ui: &mut Ui, disc: &Disc, out: &mut Vec<Command>) {
    super::title(ui, "Checks");
    let tree = disc.image.id_of(disc.image.default_tree().as_ref());
    let running = disc.integrity.running.is_some();
    for check in &disc.integrity.checks {
        card::card(ui, |ui| check_ui(ui, check, tree, running, out));
    }
    let has_checksums = |check: &Check| !matches!(check.kind, CheckKind::Size | CheckKind::Reading);
    if !disc.integrity.checks.iter().any(has_checksums) {
        let theme = Theme::of(ui);
        let words = "The image carries no checksums of itself, and no checksum file lies beside it";
        ui.add_space(theme::GRID);
        ui.add(Label::new(RichText::new(words).color(theme.text_dim)).wrap());
    }
}

fn check_ui(ui: &mut Ui, check: &Check, tree: TreeId, running: bool, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let (icon, color, word) = mark(theme, check.outcome, running);
    ui.horizontal_top(|ui| {
        widgets::line_icon(ui, icon, color).on_hover_text(word);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            // Rows of text, level with the symbol.
            ui.spacing_mut().interact_size.y = ui.text_style_height(&TextStyle::Body);
            ui.horizontal_wrapped(|ui| {
                let size = theme::size_of(ui, TextStyle::Body);
                let (name, more) = match check.kind {
                    // What these go by is the less interesting part.
                    CheckKind::Size => ("Size".into(), text::display(&check.source)),
                    CheckKind::Reading => ("Reading".into(), text::display(&check.source)),
                    other => (text::display(&check.source), kind(other).into()),
                };
                ui.label(RichText::new(name).font(theme::strong_id(size)));
                ui.label(RichText::new(more).color(theme.text_dim));
            });
            let detail =
                if check.detail.is_empty() { word.to_owned() } else { text::display(&check.detail).into_owned() };
            let color = if check.outcome == Outcome::Pending { theme.text_dim } else { color };
            ui.add(Label::new(RichText::new(detail).color(color)).wrap().selectable(true));
            ui.add(Label::new(RichText::new(text::display(&check.scope)).small().color(theme.text_dim)).wrap());
            for bad in check.bad.iter().take(SHOWN) {
                bad_ui(ui, bad, tree, out);
            }
            let more = check.bad_count().saturating_sub(check.bad.len().min(SHOWN) as u64);
            if more > 0 {
                let words = format!("and {} more; “Copy as text” has them", format::number(more));
                ui.label(RichText::new(words).small().color(theme.text_dim));
            }
        });
    });
}

/// What is bad, and the way to it.
fn bad_ui(ui: &mut Ui, bad: &Bad, tree: TreeId, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = theme::PADDING;
        if let Some(path) = &bad.path
            && ui.link(text::display(path)).on_hover_text("Show it among the files").clicked()
        {
            out.push(Command::Reveal(tree, path.clone()));
        }
        ui.label(RichText::new(text::display(&bad.why)).small().color(theme.text_dim));
        if let Some(extent) = bad.extent {
            let place = format!("bytes {} to {}", format::number(extent.offset), format::number(extent.end()));
            let place = RichText::new(place).font(theme::tabular_id(theme::size_of(ui, TextStyle::Small)));
            if ui.link(place.color(theme.accent)).on_hover_text("Show these bytes").clicked() {
                out.push(Command::Boot(BootWish::Bytes(extent.offset, extent.length)));
            }
        }
    });
}

/// Symbol, colour and word of an outcome.
fn mark(theme: &Theme, outcome: Outcome, running: bool) -> (&'static str, Color32, &'static str) {
    match outcome {
        Outcome::Pending if running => (icons::HISTORY, theme.text_dim, "Being checked"),
        Outcome::Pending => (icons::HISTORY, theme.text_dim, "Not checked yet"),
        Outcome::Pass => (icons::DONE, theme.ok, "As it should be"),
        Outcome::Fail => (icons::ERROR, theme.bad, "Not as it should be"),
        Outcome::Absent => (icons::INFO, theme.text_dim, "Nothing to compare with"),
        Outcome::Error => (icons::WARNING, theme.warn, "Cannot be told"),
    }
}

/// What a check goes by.
fn kind(kind: CheckKind) -> &'static str {
    match kind {
        CheckKind::Size => "size",
        CheckKind::Reading => "reading",
        CheckKind::Expected => "expected checksum",
        CheckKind::Neighbour => "checksum file beside the image",
        CheckKind::Implant => "checksum inside the image",
        CheckKind::SessionTag => "checksum of a range of blocks",
        CheckKind::FileChecksums => "checksums of files",
        CheckKind::Manifest => "list of checksums on the disc",
        CheckKind::WimIntegrity => "checksums of an archive",
        CheckKind::SectorCodes => "codes of the sectors",
    }
}
