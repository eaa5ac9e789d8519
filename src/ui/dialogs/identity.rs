//! Which product the disc is, and what on it says so.

use egui::{Label, RichText, ScrollArea, TextStyle, Ui};

use crate::app::Command;
use crate::app::state::Disc;
use crate::disc::text;
use crate::identify::{Certainty, Claim, Identity};
use crate::ui::theme::{self, Theme};
use crate::ui::{icons, widgets};

/// Width of the names of the subjects.
const SUBJECT: f32 = 112.0;

pub(super) fn identity_ui(ui: &mut Ui, disc: &Disc, identity: &Identity, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        ui.heading("What this disc is");
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if ui.button(format!("{} Copy all", icons::COPY)).clicked() {
                out.push(Command::CopyText(as_text(identity)));
            }
        });
    });
    let words = "By what the disc records. A guess follows from names and files that others could have made the same";
    ui.add(Label::new(RichText::new(words).color(theme.text_dim)).wrap());
    ui.add_space(theme::PADDING);
    let height = (ui.ctx().content_rect().height() - 280.0).max(120.0);
    let margin = egui::Margin { right: 16, ..egui::Margin::ZERO };
    ScrollArea::vertical().max_height(height).auto_shrink([false, true]).content_margin(margin).show(ui, |ui| {
        let mut before: Option<&Claim> = None;
        for claim in &identity.claims {
            let is_first = before.is_none_or(|before| before.subject != claim.subject);
            let is_same = before.is_some_and(|before| before.evidence == claim.evidence);
            before = Some(claim);
            if is_first {
                ui.separator();
            }
            claim_ui(ui, disc, claim, (is_first, is_same), out);
        }
        editions_ui(ui, identity);
        if !identity.notes.is_empty() {
            ui.separator();
        }
        for note in &identity.notes {
            ui.horizontal_top(|ui| {
                widgets::line_icon(ui, icons::INFO, theme.accent);
                ui.add(Label::new(text::display(note)).wrap());
            });
        }
    });
    super::close_row(ui, out);
}

/// One claim: what it is about, what is said, and by what. It may be the first one about that, and the same words as for
/// the one before may say so.
fn claim_ui(ui: &mut Ui, disc: &Disc, claim: &Claim, (is_first, is_same): (bool, bool), out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    ui.horizontal_top(|ui| {
        // Rows of text, level with the subject.
        ui.spacing_mut().interact_size.y = ui.text_style_height(&TextStyle::Body);
        ui.allocate_ui(egui::vec2(SUBJECT, theme::ROW), |ui| {
            ui.set_width(SUBJECT);
            let name = if is_first { claim.subject.label() } else { "" };
            ui.label(RichText::new(name).color(theme.text_dim));
        });
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            ui.horizontal_wrapped(|ui| {
                let size = theme::size_of(ui, TextStyle::Body);
                let font = if is_first { theme::strong_id(size) } else { theme::body_id(size) };
                ui.add(Label::new(RichText::new(text::display(&claim.value)).font(font)).wrap().selectable(true));
                if claim.certainty == Certainty::Guess {
                    ui.label(RichText::new("a guess").small().color(theme.warn));
                }
            });
            evidence_ui(ui, disc, claim, is_same, out);
        });
    });
}

/// What can be installed from a disc of Windows, and what Setup runs in.
fn editions_ui(ui: &mut Ui, identity: &Identity) {
    let theme = Theme::of(ui);
    let images = identity.windows.as_ref().map(|windows| windows.images.as_slice()).unwrap_or_default();
    if images.is_empty() {
        return;
    }
    ui.separator();
    for (at, image) in images.iter().enumerate() {
        ui.horizontal_top(|ui| {
            ui.allocate_ui(egui::vec2(SUBJECT, theme::ROW), |ui| {
                ui.set_width(SUBJECT);
                let name = if at == 0 { "In its archives" } else { "" };
                ui.label(RichText::new(name).color(theme.text_dim));
            });
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 1.0;
                ui.add(Label::new(text::display(&image.name).as_ref()).wrap().selectable(true));
                let facts = format!("{}, image {} of {}", image.facts(), image.index, image.file);
                let facts = RichText::new(text::display(&facts)).small().color(theme.text_dim);
                ui.add(Label::new(facts).wrap());
            });
        });
    }
}

fn evidence_ui(ui: &mut Ui, disc: &Disc, claim: &Claim, is_same: bool, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let evidence = &claim.evidence;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = theme::GRID;
        let source = RichText::new(text::display(&evidence.source)).small();
        if evidence.is_path {
            let link = ui.link(source.color(theme.accent)).on_hover_text("Show it among the files");
            if link.clicked() {
                let tree = disc.image.id_of(disc.image.default_tree().as_ref());
                out.push(Command::Reveal(tree, evidence.source.clone()));
            }
        } else {
            ui.label(source.color(theme.text_dim));
        }
        if !evidence.says.is_empty() {
            let says =
                if is_same { "the same words".to_owned() } else { format!("“{}”", text::display(&evidence.says)) };
            ui.add(Label::new(RichText::new(says).small().color(theme.text_dim)).wrap().selectable(true));
        }
    });
}

fn as_text(identity: &Identity) -> String {
    let line = |claim: &Claim| {
        let guess = if claim.certainty == Certainty::Guess { " (a guess)" } else { "" };
        let (value, source) = (text::display(&claim.value), text::display(&claim.evidence.source));
        let says = text::display(&claim.evidence.says);
        format!("{}: {value}{guess}\n  {source}: {says}", claim.subject.label())
    };
    let claims = identity.claims.iter().map(line);
    let images = identity.windows.iter().flat_map(|windows| &windows.images);
    let images = images.map(|image| text::display(&format!("{}: {}", image.name, image.facts())).into_owned());
    let notes = identity.notes.iter().map(|note| text::display(note).into_owned());
    claims.chain(images).chain(notes).collect::<Vec<_>>().join("\n")
}
