//! What nothing on the disc shows.

use egui::{Align, Label, Layout, RichText, TextStyle, Ui, vec2};

use super::rows::{self, RowsView};
use crate::app::Command;
use crate::app::model::kind;
use crate::app::unseen::{UnseenSearch, UnseenWish};
use crate::disc::text::display;
use crate::disc::tree::Kind;
use crate::disc::unseen::{Gap, Unseen};
use crate::preview::hex::ROW;
use crate::ui::format::{self, Units};
use crate::ui::theme::{self, Theme};
use crate::ui::{icons, pages, table, widgets};

/// Rows of bytes that are shown of a gap, where the window is high enough.
const HEX_ROWS: u64 = 6;

/// One line of the list.
enum Line<'a> {
    Heading(&'static str, usize),
    Hidden(&'a crate::disc::unseen::HiddenFile),
    Gap(usize, &'a Gap),
}

pub(super) fn unseen_ui(ui: &mut Ui, view: &mut RowsView, search: &UnseenSearch, units: Units, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    ui.heading("What nothing shows");
    ui.add_space(theme::GRID);
    let text = "Hidden files, space that belongs to no file and is not empty, and data after the end of the disc.";
    ui.label(RichText::new(text).color(theme.text_dim));
    ui.add_space(theme::PADDING);
    let height = (ui.ctx().content_rect().height() - 256.0 - bytes_height(ui)).clamp(72.0, 340.0);
    let size = vec2(ui.available_width(), height);
    match &search.found {
        Some(found) if !found.is_empty() => list_ui(ui, view, search, found, size, units, out),
        found => {
            let size = size + vec2(0.0, bytes_height(ui) + ui.spacing().item_spacing.y);
            let (rect, _) = ui.allocate_exact_size(size, egui::Sense::hover());
            ui.painter().rect_filled(rect, theme::ROUNDING, theme.surface);
            let mut child = ui.new_child(egui::UiBuilder::new().max_rect(rect));
            nothing_to_list(&mut child, search, found.is_some(), out);
        }
    }
    super::buttons(ui, |ui| {
        if widgets::plain_button(ui, "Close").clicked() {
            out.push(Command::CloseDialog);
        }
        if let Some(found) = search.found.as_ref().filter(|found| !found.is_empty()) {
            if widgets::plain_button(ui, "Copy as text").clicked() {
                out.push(Command::CopyText(as_text(found, units)));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                rows::notes(ui, found.unlisted, &found.diagnostics, "parts could not be looked at");
            });
        }
    });
}

fn lines<'a>(search: &'a UnseenSearch, found: &'a Unseen) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    if !found.hidden.is_empty() {
        lines.push(Line::Heading("Hidden in every tree", found.hidden.len()));
        lines.extend(found.hidden.iter().map(Line::Hidden));
    }
    for (at, gap) in search.gaps().enumerate() {
        if at == 0 && !found.gaps.is_empty() {
            lines.push(Line::Heading("Used by nothing, but not empty", found.gaps.len()));
        }
        if at == found.gaps.len() {
            lines.push(Line::Heading("After the end of the disc", 1));
        }
        lines.push(Line::Gap(at, gap));
    }
    lines
}

fn list_ui(
    ui: &mut Ui,
    view: &mut RowsView,
    search: &UnseenSearch,
    found: &Unseen,
    size: egui::Vec2,
    units: Units,
    out: &mut Vec<Command>,
) {
    // Without a place whose bytes could be shown, the list has their room, too.
    let has_gaps = search.gaps().next().is_some();
    let more = if has_gaps { 0.0 } else { bytes_height(ui) + ui.spacing().item_spacing.y };
    let size = size + vec2(0.0, more);
    // Some thousands of them at most: what is listed is limited.
    let lines = lines(search, found);
    let done = rows::rows_ui(ui, view, "What nothing shows", lines.len(), size, |ui, rect, row| match &lines[row] {
        Line::Heading(text, count) => rows::heading(ui, rect, text, &format::number(*count as u64), None),
        Line::Hidden(file) => {
            let size = file.size.map(|size| format!("{}, ", format::size(size, units))).unwrap_or_default();
            let path = display(&file.path);
            let (_, shape) = kind::of(Kind::File, path.rsplit('/').next().unwrap_or(&path));
            let icon = table::icon(shape, Theme::of(ui));
            rows::finding(ui, rect, icon, &path, &format!("{size}in {}", file.tree.label()))
        }
        Line::Gap(_, gap) => {
            let icon = (icons::HEX, Theme::of(ui).text_dim);
            rows::finding(ui, rect, icon, &gap_place(gap, units), &gap_words(gap))
        }
    });
    if let Some(Line::Gap(at, _)) = done.chosen.or(done.reached).and_then(|row| lines.get(row)) {
        out.push(Command::Unseen(UnseenWish::Gap(*at)));
    }
    if let Some(Line::Hidden(file)) = done.chosen.and_then(|row| lines.get(row)) {
        out.push(Command::Reveal(file.tree, file.path.clone()));
    }
    if has_gaps {
        bytes_ui(ui, search, units, out);
    }
}

/// Where a gap lies and how large it is.
fn gap_place(gap: &Gap, units: Units) -> String {
    let size = format::size(gap.extent.length, units);
    format!("{size} at byte {}", format::number(gap.extent.offset))
}

/// What is in a gap, how full it is, and what stands before it.
fn gap_words(gap: &Gap) -> String {
    let mut words = Vec::new();
    words.extend(gap.what.map(str::to_owned));
    let percent = (gap.used as f64 * 100.0 / gap.extent.length.max(1) as f64).clamp(1.0, 100.0);
    words.push(format!("{percent:.0} % not zero"));
    if !gap.near.is_empty() {
        words.push(format!("behind {}", display(&gap.near)));
    }
    words.join(", ")
}

fn row_height(ui: &Ui) -> f32 {
    ui.text_style_height(&TextStyle::Monospace) + 2.0
}

/// Rows of bytes for which there is room.
fn hex_rows(ui: &Ui) -> u64 {
    let room = ui.ctx().content_rect().height() - 440.0;
    ((room / row_height(ui)).floor().max(1.0) as u64).min(HEX_ROWS)
}

fn bytes_height(ui: &Ui) -> f32 {
    theme::PADDING + 28.0 + theme::GRID + hex_rows(ui) as f32 * row_height(ui) + 2.0 * theme::PADDING
}

/// The first bytes of the gap that is looked at, and the way to all of them. Of one height whatever there is to show.
fn bytes_ui(ui: &mut Ui, search: &UnseenSearch, units: Units, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let size = vec2(ui.available_width(), bytes_height(ui));
    let (whole, _) = ui.allocate_exact_size(size, egui::Sense::hover());
    let mut ui = ui.new_child(egui::UiBuilder::new().max_rect(whole).layout(Layout::top_down(Align::Min)));
    ui.add_space(theme::PADDING);
    let Some(gap) = search.selected() else {
        ui.label(RichText::new("Choose a place to see its first bytes").color(theme.text_dim));
        return;
    };
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let tooltip = "Copy these bytes into a file";
            if ui.add(egui::Button::new("Save bytes…").min_size(vec2(88.0, 28.0))).on_hover_text(tooltip).clicked() {
                out.push(Command::Unseen(UnseenWish::Save));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(gap_place(gap, units)).truncate());
            });
        });
    });
    ui.add_space(theme::GRID);
    let ground = egui::Rect::from_min_max(ui.cursor().min, whole.max);
    ui.painter().rect_filled(ground, theme::ROUNDING, theme.surface);
    let Some(bytes) = &search.bytes else { return };
    let font = TextStyle::Monospace.resolve(ui.style());
    let cell = ui.painter().layout_no_wrap("0".to_owned(), font.clone(), theme.text).size().x.max(1.0);
    let per_row = if (12.0 + 16.0 * 4.0 + 2.0) * cell < ground.width() - 2.0 * theme::GROUP { ROW } else { ROW / 2 };
    let width = per_row as usize * 3 - 1;
    for row in 0..hex_rows(&ui) {
        let start = row * per_row;
        let line = bytes.row(start - start % ROW);
        let line = line.get((start % ROW) as usize..).unwrap_or_default();
        let line = line.get(..per_row as usize).unwrap_or(line);
        if line.is_empty() {
            break;
        }
        let y = ground.top() + theme::PADDING + row as f32 * row_height(&ui);
        let digits: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        let letters: String =
            line.iter().map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '·' }).collect();
        let text = format!("{:010x}  {:<width$}  {letters}", gap.extent.offset + start, digits.join(" "));
        let at = egui::pos2(ground.left() + theme::GROUP, y);
        ui.painter().text(at, egui::Align2::LEFT_TOP, &text, font.clone(), theme.text);
        let rect = egui::Rect::from_min_size(at, vec2(ground.width() - 2.0 * theme::GROUP, row_height(&ui)));
        let response = ui.interact(rect, ui.scope_id().with(("bytes", row)), egui::Sense::hover());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Label, true, &text));
    }
    if let Some(error) = bytes.error.as_ref().filter(|_| bytes.bytes.is_empty()) {
        let at = ground.left_top() + vec2(theme::GROUP, theme::PADDING);
        let font = TextStyle::Body.resolve(ui.style());
        ui.painter().text(at, egui::Align2::LEFT_TOP, error.sentence(), font, theme.bad);
    }
}

fn nothing_to_list(ui: &mut Ui, search: &UnseenSearch, done: bool, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    if let Some(running) = &search.running {
        if running.since.elapsed() < pages::PATIENCE {
            return ui.ctx().request_repaint_after(pages::PATIENCE);
        }
        pages::centred(ui, 360.0, 110.0, |ui| {
            widgets::spinner(ui, 20.0, "Looking");
            ui.add_space(theme::GRID);
            let text = match &running.progress {
                Some(progress) => match progress.fraction() {
                    Some(fraction) => format!("Reading what belongs to nothing: {:.0} %", fraction * 100.0),
                    None => "Reading what belongs to nothing".to_owned(),
                },
                None => "Looking at what the trees use".to_owned(),
            };
            ui.label(RichText::new(text).color(theme.text_dim));
            let left = running.progress.as_ref().and_then(|progress| progress.left);
            ui.label(RichText::new(left.map(format::time_left).unwrap_or_default()).color(theme.text_dim));
            ui.add_space(theme::GRID);
            if ui.button("Stop").clicked() {
                out.push(Command::Unseen(UnseenWish::Stop));
            }
        });
    } else if let Some(trouble) = &search.trouble {
        pages::nothing_ui(ui, icons::ERROR, "The disc could not be looked through", &trouble.sentence);
    } else if done {
        pages::nothing_ui(
            ui,
            icons::DONE,
            "Nothing is hidden",
            "Every file is shown by a tree, and all other space is empty",
        );
    } else {
        pages::centred(ui, 360.0, 90.0, |ui| {
            ui.label(RichText::new("The search was stopped").color(theme.text));
            ui.add_space(theme::PADDING);
            if ui.button("Look again").clicked() {
                out.push(Command::Unseen(UnseenWish::Again));
            }
        });
    }
}

fn as_text(found: &Unseen, units: Units) -> String {
    let mut lines = Vec::new();
    for file in &found.hidden {
        let size = file.size.map(|size| format!(", {}", format::size(size, units))).unwrap_or_default();
        lines.push(format!("Hidden in {}: {}{size}", file.tree.label(), display(&file.path)));
    }
    for gap in &found.gaps {
        lines.push(format!("Used by nothing: {}, {}", gap_place(gap, units), gap_words(gap)));
    }
    if let Some(gap) = &found.after_end {
        lines.push(format!("After the end: {}, {}", gap_place(gap, units), gap_words(gap)));
    }
    lines.extend(found.diagnostics.items().iter().map(|note| display(&note.to_string()).into_owned()));
    lines.join("\n")
}
