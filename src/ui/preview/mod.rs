//! The preview on the right: text, picture, bytes and details of what is selected.

mod details;
mod hex;
mod picture;
mod states;
mod text;
mod wrap;

use egui::{Frame, Id, Margin, Panel, RichText, Ui};

use super::format::{self, Units};
use super::theme::Theme;
use super::{icons, widgets};
use crate::app::Command;
use crate::app::preview::{Content, Load, PreviewState, Selected, Wish};
use crate::app::state::Trouble;
use crate::job::PreviewSubject;
use crate::preview::Mode;

/// What the pane itself remembers: where it is scrolled to, and what is marked.
#[derive(Default)]
pub struct PreviewView {
    generation: u64,
    text: text::TextView,
    picture: picture::PictureView,
    hex: hex::HexView,
}

/// True when the keyboard belongs to the text or the bytes of the preview, so that copying copies from there.
pub fn has_focus(ctx: &egui::Context) -> bool {
    let focused = ctx.memory(|memory| memory.focused());
    focused.is_some_and(|id| [text::focus_id(), hex::focus_id(), hex::offset_id(), hex::find_id()].contains(&id))
}

/// What loads is announced only after this time, so that nothing flickers.
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(150);

/// Draws the pane.
pub fn preview_ui(ui: &mut Ui, view: &mut PreviewView, state: &PreviewState, units: Units, out: &mut Vec<Command>) {
    if view.generation != state.generation {
        let picture = std::mem::take(&mut view.picture);
        *view = PreviewView { generation: state.generation, picture: picture.afresh(), ..PreviewView::default() };
    }
    let subject = match &state.selected {
        Selected::One(subject) => subject,
        Selected::Found => return waiting(ui, &state.content),
        Selected::Several { count, bytes } => return states::several(ui, *count, *bytes, units),
        Selected::Nothing => {
            return states::message(ui, icons::FILE, "Nothing is selected", "Select a file to see what is in it");
        }
    };
    let theme = Theme::of(ui);
    let name = subject.name();
    let frame = Frame::new().inner_margin(Margin::symmetric(8, 6));
    Panel::top("preview-head").frame(frame).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        header(ui, &name, state, units, theme);
        if subject.is_deleted() {
            let sentence = "This is marked as deleted: its data may be overwritten";
            banner(ui, icons::INFO, sentence, theme.text_dim, theme.sunken);
        }
        if matches!(subject, PreviewSubject::Stream { .. }) {
            ui.horizontal(|ui| {
                if ui.button(format!("{} Back to the file", icons::BACK)).clicked() {
                    out.push(Command::Preview(Wish::Whole));
                }
                if ui.button("Save…").on_hover_text("Copy the stream out of the image").clicked() {
                    out.push(Command::SaveStream(0));
                }
            });
        }
        if has_modes(state) {
            modes(ui, state, out);
        }
        missing(ui, state, units, theme);
    });
    content(ui, view, state, units, out);
}

fn header(ui: &mut Ui, name: &str, state: &PreviewState, units: Units, theme: &Theme) {
    let painter = ui.painter().clone();
    let size = super::theme::size_of(ui, egui::TextStyle::Body);
    let font = super::theme::strong_id(size);
    let galley = widgets::line_keeping_ends(&painter, name, font, theme.text, ui.available_width());
    let (rect, response) =
        ui.allocate_exact_size(egui::vec2(ui.available_width(), galley.size().y), egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Label, true, name));
    widgets::paint_left(&painter, rect, rect.left(), galley, theme.text);
    response.on_hover_text(name);
    if let Some(file) = state.file() {
        let bytes = file.source.len();
        let label = match bytes {
            0 => file.kind.label.to_owned(),
            bytes => format!("{}, {}", file.kind.label, format::size(bytes, units)),
        };
        let exact = format!("{} bytes", format::number(bytes));
        ui.label(RichText::new(label).small().color(theme.text_dim)).on_hover_text(exact);
    } else if matches!(state.content, Load::Since(_)) {
        // The line of what is not yet known: nothing jumps when it is.
        ui.label(RichText::new(" ").small());
    }
}

fn has_modes(state: &PreviewState) -> bool {
    // Details are there even for what cannot be read.
    !matches!(state.content, Load::Not)
}

fn modes(ui: &mut Ui, state: &PreviewState, out: &mut Vec<Command>) {
    const MODES: [(Mode, &str, &str); 4] = [
        (Mode::Text, "Text", "Show the file as text"),
        (Mode::Picture, "Picture", "Show the file as a picture"),
        (Mode::Hex, "Hex", "Show the bytes of the file"),
        (Mode::Details, "Details", "Show every field that the disc records"),
    ];
    // A folder or a link has no bytes of its own to look at.
    let is_file = matches!(state.content, Load::Here(Content::File(_)) | Load::Since(_));
    // How a file is looked at is known when it has been opened, unless it was chosen.
    let known = !matches!(state.content, Load::Since(_)) || state.chosen.is_some();
    let current = known.then(|| state.mode());
    let mut entry = |ui: &mut Ui, mode, label, tooltip, chosen: bool| {
        if ui.selectable_label(chosen, label).on_hover_text(tooltip).clicked() {
            out.push(Command::Preview(Wish::Show(mode)));
        }
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        if !is_file {
            entry(ui, Mode::Text, "Summary", "Show what it is", current != Some(Mode::Details));
        }
        for (mode, label, tooltip) in MODES {
            if is_file || mode == Mode::Details {
                entry(ui, mode, label, tooltip, current == Some(mode));
            }
        }
    });
}

/// What the image lacks of the file is said above everything else.
fn missing(ui: &mut Ui, state: &PreviewState, units: Units, theme: &Theme) {
    let Some(missing) = state.file().and_then(|file| file.missing) else { return };
    let sentence = if missing.bytes >= missing.of {
        "Nothing of this file is in the image: the image is cut off before it".to_owned()
    } else {
        format!(
            "{} of {} are missing, from byte {} on: the image is cut off",
            format::size(missing.bytes, units),
            format::size(missing.of, units),
            format::number(missing.from)
        )
    };
    banner(ui, icons::WARNING, &sentence, theme.warn, theme.warn_surface);
}

fn banner(ui: &mut Ui, icon: &str, sentence: &str, colour: egui::Color32, surface: egui::Color32) {
    Frame::new().fill(surface).corner_radius(super::theme::ROUNDING).inner_margin(Margin::symmetric(8, 4)).show(
        ui,
        |ui| {
            ui.horizontal_top(|ui| {
                widgets::line_icon(ui, icon, colour);
                ui.add(egui::Label::new(sentence).wrap());
            });
        },
    );
}

fn content(ui: &mut Ui, view: &mut PreviewView, state: &PreviewState, units: Units, out: &mut Vec<Command>) {
    if state.mode() == Mode::Details {
        return match &state.details {
            Load::Here(groups) => details::details_ui(ui, groups, &state.streams, state.generation, units, out),
            load => waiting(ui, load),
        };
    }
    let content = match &state.content {
        Load::Here(content) => content,
        load => return waiting(ui, load),
    };
    match content {
        Content::File(file) => match state.mode() {
            Mode::Picture => match &state.picture {
                Load::Here(picture) => picture::picture_ui(ui, &mut view.picture, picture, &file.name),
                load => waiting(ui, load),
            },
            Mode::Hex => hex::hex_ui(ui, &mut view.hex, state, file, out),
            Mode::Text | Mode::Details => match &state.page {
                Load::Here(page) => text::text_ui(ui, &mut view.text, state, page, out),
                load => waiting(ui, load),
            },
        },
        Content::Empty(file) if file.missing.is_some() => {
            states::message(
                ui,
                icons::EMPTY,
                "Nothing of this file is there to show",
                "Its details tell where it should be",
            );
        }
        Content::Empty(_) => states::message(ui, icons::EMPTY, "The file is empty", ""),
        Content::Folder(counts) => states::folder(ui, counts, units),
        Content::Link(target) => states::link(ui, target, out),
        Content::NoContent => {
            states::message(
                ui,
                icons::DEVICE,
                "There is nothing to show",
                "This is not a file; its details tell what it is",
            );
        }
    }
}

/// What is on its way, or why it cannot come.
fn waiting<T>(ui: &mut Ui, load: &Load<T>) {
    match load {
        Load::Since(since) => {
            let waited = since.elapsed();
            if waited < PATIENCE {
                ui.ctx().request_repaint_after(PATIENCE - waited);
            } else {
                ui.centered_and_justified(|ui| {
                    widgets::spinner(ui, 20.0, "Reading");
                });
            }
        }
        Load::Trouble(trouble) => failed(ui, trouble),
        Load::Not | Load::Here(_) => {}
    }
}

fn failed(ui: &mut Ui, trouble: &Trouble) {
    // The details begin with the sentence; what is left says where.
    let details = trouble.details.strip_prefix(trouble.sentence.as_str()).unwrap_or(&trouble.details);
    states::message(ui, icons::ERROR, &trouble.sentence, super::pages::without_brackets(details));
}

fn id(name: &str) -> Id {
    Id::unique(("preview", name))
}
