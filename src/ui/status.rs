//! The line at the bottom: which tree, how much there is, what is wrong, and what is going on.

use egui::{Popup, RichText, Ui};

use super::format::{self, Units};
use super::theme::{self, Theme};
use super::{icons, trees, widgets};
use crate::app::extraction::Extraction;
use crate::app::model::Rows;
use crate::app::state::{Disc, Indexing, Ticket};
use crate::app::transfer::{Handing, Need, Stage, Transfer};
use crate::app::{Command, Place, State};
use crate::disc::part::PartGroup;
use crate::disc::{Diagnostic, Severity};
use crate::job::Progress;

/// Height of the line.
pub const HEIGHT: f32 = 28.0;

/// Notes shown at once.
const NOTES: usize = 200;

/// Draws the status bar of an open image.
pub fn status_ui(ui: &mut Ui, state: &State, disc: &Disc, units: Units, out: &mut Vec<Command>) {
    let size = theme::size_of(ui, egui::TextStyle::Small);
    ui.style_mut().text_styles.insert(egui::TextStyle::Body, theme::tabular_id(size));
    ui.style_mut().text_styles.insert(egui::TextStyle::Button, theme::body_id(size));
    ui.spacing_mut().button_padding = egui::vec2(6.0, 1.0);
    ui.spacing_mut().interact_size.y = 20.0;
    ui.horizontal_centered(|ui| {
        trees::switch_ui(ui, disc, out);
        ui.add_space(theme::GRID);
        ui.label(counts(disc, units));
        if !disc.notes.is_empty() {
            ui.add_space(theme::GRID);
            notes(ui, disc, out);
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| jobs(ui, state, disc, units, out));
    });
}

/// How much there is here, and how much of it is selected.
fn counts(disc: &Disc, units: Units) -> String {
    let listing = &disc.listing;
    let selected = listing.selection.len() as u64;
    let all = listing.len() as u64;
    if selected > 0 {
        let size = match listing.selection.bytes() {
            0 => String::new(),
            bytes => format!(", {}", format::size(bytes, units)),
        };
        return format!("{} of {} selected{size}", format::number(selected), format::number(all));
    }
    if matches!(listing.rows, Rows::Found(..)) {
        return format::count(all, "match", "matches");
    }
    let here = match disc.place {
        Place::Parts(PartGroup::BootImages) => format::count(all, "boot image", "boot images"),
        Place::Parts(PartGroup::Partitions) => format::count(all, "partition", "partitions"),
        Place::Folder(_) => format::count(all, "item", "items"),
    };
    match disc.index.get() {
        Some(index) => {
            let totals = index.totals();
            let files = format::count(totals.files, "file", "files");
            format!("{here}    Whole disc: {files}, {}", format::size(totals.bytes, units))
        }
        None => here,
    }
}

fn notes(ui: &mut Ui, disc: &Disc, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let serious = disc.serious_notes() > 0;
    let (icon, color) = if serious { (icons::WARNING, theme.warn) } else { (icons::INFO, theme.text_dim) };
    let text = format::count(disc.notes.len() as u64, "note", "notes");
    let label = RichText::new(format!("{icon} {text}")).color(color);
    let response = ui
        .add(egui::Button::new(label).frame_when_inactive(false))
        .on_hover_text("What is unusual or wrong with this image");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, &text));
    let frame = egui::Frame::popup(ui.style()).inner_margin(egui::Margin::symmetric(12, 8));
    let popup = Popup::menu(&response).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside);
    popup.width(520.0).frame(frame).show(|ui| {
        ui.set_max_width(520.0);
        ui.add_space(theme::GRID);
        ui.horizontal(|ui| {
            ui.heading(&text);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui.button(format!("{} Copy all", icons::COPY)).clicked() {
                    let lines: Vec<String> = disc.notes.iter().map(Diagnostic::to_string).collect();
                    out.push(Command::CopyText(lines.join("\n")));
                }
            });
        });
        ui.separator();
        egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            for note in disc.notes.iter().take(NOTES) {
                note_ui(ui, note);
            }
            if let Some(more) = disc.notes.len().checked_sub(NOTES).filter(|more| *more > 0) {
                ui.weak(format!("{} more", format::number(more as u64)));
            }
        });
    });
}

fn note_ui(ui: &mut Ui, note: &Diagnostic) {
    let theme = Theme::of(ui);
    let (icon, color, word) = match note.severity {
        Severity::Info => (icons::INFO, theme.text_dim, "Remark"),
        Severity::Warning => (icons::WARNING, theme.warn, "Warning"),
        Severity::Error => (icons::ERROR, theme.bad, "Error"),
    };
    ui.horizontal_top(|ui| {
        widgets::line_icon(ui, icon, color).on_hover_text(word);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.add(egui::Label::new(crate::disc::text::display(&note.message)).wrap().selectable(true));
            ui.add(
                egui::Label::new(
                    RichText::new(format!("{}, byte {}", note.structure, format::number(note.offset))).small().weak(),
                )
                .selectable(true),
            );
        });
    });
    ui.add_space(theme::GRID);
}

fn jobs(ui: &mut Ui, state: &State, disc: &Disc, units: Units, out: &mut Vec<Command>) {
    for Extraction { ticket, what, destination, progress, cancelling } in &state.extractions {
        let to = format!("to {}", destination.display());
        let way = OnTheWay { ticket: *ticket, verb: "Extracting", hint: "", what, to: &to, cancelling: *cancelling };
        on_the_way_ui(ui, &way, progress.as_ref(), units, out);
    }
    for Transfer { ticket, handing, what, stage, .. } in &state.transfers {
        if let Stage::Copying { progress, cancelling, need: need @ (Need::Before | Need::Now), .. } = stage {
            // Where targets do not wait, the drag begins when the copies are there.
            let waits = *handing == Handing::Drag && *need == Need::Before;
            let hint = if waits { "Keep the button down. " } else { "" };
            let to = match handing {
                Handing::Drag => "for the window that they were dragged to",
                Handing::Copy(_) => "to be pasted",
                Handing::Open => "to be opened",
            };
            let way = OnTheWay { ticket: *ticket, verb: "Copying", hint, what, to, cancelling: *cancelling };
            on_the_way_ui(ui, &way, progress.as_ref(), units, out);
        }
    }
    if disc.sorting.is_some() {
        widgets::spinner(ui, 14.0, "Sorting");
        ui.weak("Sorting");
    }
    match &disc.index {
        Indexing::Running(ticket, Some(progress)) if progress.done > 0 => {
            if widgets::icon_button(ui, icons::CLOSE, "Stop looking through the disc", true).clicked() {
                out.push(Command::Cancel(*ticket));
            }
            ui.weak(format!("Looking through the disc: {}", format::count(progress.done, "file", "files")));
        }
        Indexing::Failed(trouble) => {
            let theme = Theme::of(ui);
            ui.label(RichText::new(format!("{} No search", icons::WARNING)).color(theme.warn))
                .on_hover_text(&trouble.sentence);
        }
        _ => {}
    }
}

/// Files that are on their way.
struct OnTheWay<'a> {
    ticket: Ticket,
    /// What happens to them.
    verb: &'static str,
    /// What the user has to do meanwhile.
    hint: &'static str,
    what: &'a str,
    /// Where they go.
    to: &'a str,
    /// The user has asked it to end.
    cancelling: bool,
}

/// Files that are on their way, from right to left.
fn on_the_way_ui(ui: &mut Ui, way: &OnTheWay<'_>, progress: Option<&Progress>, units: Units, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    if way.cancelling {
        ui.weak("Cancelling");
        return;
    }
    let (rect, cancel) = ui.allocate_exact_size(egui::vec2(22.0, 22.0), egui::Sense::click());
    let name = format!("Cancel {} {}", way.verb.to_lowercase(), way.what);
    cancel.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, &name));
    if cancel.hovered() {
        ui.painter().rect_filled(rect, theme::ROUNDING, theme.hover);
    }
    widgets::focus_ring(ui, &cancel, rect);
    widgets::paint_icon(ui.painter(), rect, icons::CLOSE, 16.0, theme.text);
    if cancel.on_hover_text(name).clicked() {
        out.push(Command::Cancel(way.ticket));
    }
    let Some(progress) = progress else {
        ui.weak(format!("{}{} {}", way.hint, way.verb, way.what));
        return;
    };
    let left = progress.left.map(format::time_left).unwrap_or_default();
    let speed = match progress.per_second as u64 {
        0 => String::new(),
        bytes => format!("{}/s", format::size(bytes, units)),
    };
    let percent = progress.fraction().map(|fraction| format!("{:.0} %", fraction * 100.0)).unwrap_or_default();
    // One width whatever the numbers: nothing jumps.
    for (text, width) in [(left, 130.0), (speed, 80.0), (percent, 40.0)] {
        let (rect, _) = ui.allocate_exact_size(egui::vec2(width, 20.0), egui::Sense::hover());
        let font = theme::tabular_id(theme::size_of(ui, egui::TextStyle::Small));
        let galley = widgets::line(ui.painter(), &text, font, theme.text_dim, width);
        widgets::paint_left(ui.painter(), rect, rect.right() - galley.size().x, galley, theme.text_dim);
    }
    let (rect, bar) = ui.allocate_exact_size(egui::vec2(120.0, 6.0), egui::Sense::hover());
    ui.painter().rect_filled(rect, 3.0, theme.line);
    let fraction = progress.fraction().unwrap_or(0.0);
    bar.widget_info(|| {
        let mut info = egui::WidgetInfo::labeled(egui::accesskit::Role::ProgressIndicator, true, way.verb);
        info.value = Some(f64::from(fraction));
        info
    });
    let filled = egui::Rect::from_min_size(rect.min, egui::vec2(rect.width() * fraction, rect.height()));
    ui.painter().rect_filled(filled, 3.0, theme.accent);
    let current = progress.current.rsplit('/').next().unwrap_or_default();
    let text = format!("{}{} {}", way.hint, way.verb, crate::disc::text::display(current));
    let room = ui.available_width().min(320.0);
    let font = theme::body_id(theme::size_of(ui, egui::TextStyle::Small));
    let galley = widgets::line_keeping_ends(ui.painter(), &text, font, theme.text, room);
    let (rect, label) = ui.allocate_exact_size(egui::vec2(galley.size().x, 20.0), egui::Sense::hover());
    widgets::paint_left(ui.painter(), rect, rect.left(), galley, theme.text);
    let folder = crate::disc::text::display(&progress.current).into_owned();
    label.on_hover_text(format!("{folder}\n{}", way.to));
}
