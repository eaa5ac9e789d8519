//! Bytes with their offsets. Rows are counted in 64 bits and the scroll bar is our own: scroll areas count in points of
//! 32-bit floats, in which the rows of a large file run together.

use egui::{
    Align2, Event, FontId, Id, Key, Modifiers, Rect, RichText, Sense, TextStyle, Ui, WidgetInfo, accesskit::Role, pos2,
    vec2,
};

use super::super::theme::{self, Theme};
use super::super::{format, icons, widgets};
use crate::app::Command;
use crate::app::preview::{Finding, PreviewState, Wish};
use crate::job::PreviewFile;
use crate::preview::hex::{WINDOW, parse_offset};

/// What is typed and marked.
#[derive(Default)]
pub(super) struct HexView {
    offset: String,
    pattern: String,
    /// The pattern is bytes in hexadecimal digits, not text.
    is_hex: bool,
    /// Offsets from where marking began to where it is.
    marked: Option<(u64, u64)>,
    /// Part of a row that the wheel has moved.
    wheel: f32,
}

/// The keyboard focus of the rows.
pub(super) fn focus_id() -> Id {
    super::id("hex")
}

/// The field for an offset.
pub(super) fn offset_id() -> Id {
    super::id("hex-offset")
}

/// The field for what is to be found.
pub(super) fn find_id() -> Id {
    super::id("hex-find")
}

/// Width of the scroll bar, in points.
const BAR: f32 = 10.0;

/// Where everything stands.
struct Layout {
    font: FontId,
    cell: egui::Vec2,
    row: f32,
    per_row: u64,
    digits: usize,
    rows: Rect,
    /// Rows that fit.
    visible: u64,
}

impl Layout {
    fn new(ui: &Ui, pane: Rect, len: u64) -> Self {
        let mut font = TextStyle::Monospace.resolve(ui.style());
        // A little smaller than text, so that eight bytes fit into a narrow pane.
        font.size -= 1.0;
        let cell = ui.painter().layout_no_wrap("0".to_owned(), font.clone(), egui::Color32::WHITE).size();
        let digits = format!("{:x}", len.saturating_sub(1)).len().max(8);
        let rows = Rect::from_min_max(pane.min + vec2(theme::PADDING, 0.0), pane.max - vec2(BAR, 0.0));
        let room = rows.width() / cell.x.max(1.0);
        let fits = |count: u64| digits as f32 + 2.5 + count as f32 * 4.0 <= room;
        let per_row = [16, 8, 4].into_iter().find(|count| fits(*count)).unwrap_or(4);
        let row = cell.y.ceil().max(1.0) + 2.0;
        let visible = (rows.height() / row).floor().max(1.0) as u64;
        Self { font, cell, row, per_row, digits, rows, visible }
    }

    fn byte_x(&self, at: u64) -> f32 {
        // A gap in the middle helps the eye.
        let gap = if self.per_row == 16 && at >= 8 { 0.5 } else { 0.0 };
        self.rows.left() + self.cell.x * (self.digits as f32 + 2.0 + at as f32 * 3.0 + gap)
    }

    fn char_x(&self, at: u64) -> f32 {
        self.rows.left() + self.cell.x * (self.digits as f32 + 2.5 + self.per_row as f32 * 3.0 + at as f32)
    }

    /// Offset of the byte at a place of the screen, `first` being the first one shown.
    fn offset_at(&self, first: u64, at: egui::Pos2) -> u64 {
        let row = ((at.y - self.rows.top()) / self.row).floor().max(0.0) as u64;
        let column = (0..self.per_row).rev().find(|column| {
            let chars = at.x >= self.char_x(0) - self.cell.x * 0.5;
            at.x >= if chars { self.char_x(*column) } else { self.byte_x(*column) - self.cell.x * 0.5 }
        });
        first.saturating_add(row.saturating_mul(self.per_row)).saturating_add(column.unwrap_or(0))
    }
}

pub(super) fn hex_ui(
    ui: &mut Ui,
    view: &mut HexView,
    state: &PreviewState,
    file: &PreviewFile,
    out: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    let len = file.source.len();
    bar(ui, view, state, out);
    status(ui, view, state, theme, len);
    let pane = ui.available_rect_before_wrap();
    let layout = Layout::new(ui, pane, len);
    let response = ui.interact(pane, focus_id(), Sense::click_and_drag());
    ui.allocate_rect(pane, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Document, true, "Bytes of the file"));
    let rows = len.div_ceil(layout.per_row);
    let last_first = rows.saturating_sub(layout.visible);
    let first_row = (state.hex_at / layout.per_row).min(last_first);
    let first = first_row * layout.per_row;
    paint_rows(ui, view, state, theme, &layout, first, len);
    let mut to = scroll_bar(ui, theme, pane, first_row, last_first, layout.visible);
    if response.is_pointer_button_down_on() || response.clicked() {
        response.request_focus();
    }
    mark(ui, view, &layout, &response, (first, len), out);
    if to.is_none() && response.contains_pointer() {
        to = wheel(ui, view, layout.row, first_row, last_first);
    }
    if response.has_focus() {
        to = to.or_else(|| keys(ui, first_row, last_first, layout.visible));
    }
    copy(ui, view, state, &response, out);
    widgets::focus_ring(ui, &response, pane);
    if let Some(row) = to.map(|row| row.min(last_first)).filter(|row| *row != first_row) {
        out.push(Command::Preview(Wish::HexAt(row * layout.per_row)));
    }
}

fn bar(ui: &mut Ui, view: &mut HexView, state: &PreviewState, out: &mut Vec<Command>) {
    let frame = egui::Frame::new().inner_margin(egui::Margin::symmetric(8, 4));
    egui::Panel::top("preview-hex").frame(frame).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = theme::GRID;
            let offset = parse_offset(&view.offset);
            let field = egui::TextEdit::singleline(&mut view.offset).id(offset_id()).hint_text("Go to offset");
            let response = ui.add(field.desired_width(96.0));
            response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Go to offset"));
            let response = response.on_hover_text("Decimal, or hexadecimal as in 0x8000");
            if response.lost_focus()
                && ui.input(|input| input.key_pressed(Key::Enter))
                && let Some(offset) = offset
            {
                view.marked = Some((offset, offset));
                out.push(Command::Preview(Wish::HexAt(offset)));
            }
            let hint = if view.is_hex { "Find bytes: 4D 5A" } else { "Find text" };
            let field = egui::TextEdit::singleline(&mut view.pattern).id(find_id()).hint_text(hint);
            let response = ui.add(field.desired_width(112.0));
            response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Find in the file"));
            let mut search = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if ui
                .selectable_label(view.is_hex, "Bytes")
                .on_hover_text("What is typed are bytes in hexadecimal digits")
                .clicked()
            {
                view.is_hex = !view.is_hex;
            }
            if matches!(state.finding, Finding::Looking(_)) {
                if widgets::icon_button(ui, icons::STOP, "Stop searching", true).clicked() {
                    out.push(Command::Preview(Wish::StopFinding));
                }
            } else {
                let some = !view.pattern.is_empty();
                search |= widgets::icon_button(ui, icons::SEARCH, "Find next", some).clicked();
            }
            if search {
                out.push(Command::Preview(Wish::Find(view.pattern.clone(), view.is_hex)));
            }
        });
    });
}

/// What is under the mark, and what the search found.
fn status(ui: &mut Ui, view: &HexView, state: &PreviewState, theme: &Theme, len: u64) {
    let mut parts = Vec::new();
    if let Some((from, to)) = view.marked {
        let (from, to) = (from.min(to), from.max(to));
        parts.push(match byte(state, from) {
            Some(byte) if from == to => {
                format!("Byte {} (0x{from:x}): {byte} = 0x{byte:02x}", format::number(from))
            }
            _ if from == to => format!("Byte {} (0x{from:x})", format::number(from)),
            _ => format!("{} bytes from {} (0x{from:x}) on", format::number(to - from + 1), format::number(from)),
        });
    }
    parts.push(match &state.finding {
        Finding::Not => format!("{} bytes", format::number(len)),
        Finding::Looking(percent) => format!("Searching, {percent} %"),
        Finding::At(at, _) => format!("Found at byte {} (0x{at:x})", format::number(*at)),
        Finding::Nowhere => "Not found up to the end of the file".to_owned(),
        Finding::Trouble(trouble) => trouble.sentence.clone(),
    });
    let error = state.windows.get(&(state.hex_at / WINDOW)).and_then(|window| window.error.as_ref());
    let frame = egui::Frame::new().inner_margin(egui::Margin::symmetric(8, 4));
    egui::Panel::bottom("preview-hex-status").frame(frame).show(ui, |ui| {
        for part in parts {
            ui.label(RichText::new(part).small().color(theme.text_dim));
        }
        if let Some(error) = error {
            super::banner(ui, icons::ERROR, &error.sentence(), theme.bad, theme.bad_surface);
        }
    });
}

/// The byte at an offset, where it was read.
fn byte(state: &PreviewState, at: u64) -> Option<u8> {
    let window = state.windows.get(&(at / WINDOW))?;
    window.bytes.get(usize::try_from(at.checked_sub(window.offset)?).ok()?).copied()
}

fn paint_rows(ui: &Ui, view: &HexView, state: &PreviewState, theme: &Theme, layout: &Layout, first: u64, len: u64) {
    let painter = ui.painter().with_clip_rect(layout.rows);
    let found = match state.finding {
        Finding::At(at, len) => Some((at, at.saturating_add(len.max(1) - 1))),
        _ => None,
    };
    let marked = view.marked.map(|(from, to)| (from.min(to), from.max(to)));
    for number in 0..=layout.visible {
        let start = first.saturating_add(number * layout.per_row);
        if start >= len {
            break;
        }
        let y = layout.rows.top() + number as f32 * layout.row;
        let offset = format!("{start:0digits$x}", digits = layout.digits);
        painter.text(pos2(layout.rows.left(), y), Align2::LEFT_TOP, &offset, layout.font.clone(), theme.text_dim);
        let mut spoken = String::new();
        for column in 0..layout.per_row.min(len - start) {
            let at = start + column;
            let (x, char_x) = (layout.byte_x(column), layout.char_x(column));
            let within = |range: Option<(u64, u64)>| range.is_some_and(|(from, to)| (from..=to).contains(&at));
            if within(marked) || within(found) || within(state.pointed) {
                for (left, cells) in [(x - layout.cell.x * 0.25, 2.5), (char_x, 1.0)] {
                    let size = vec2(layout.cell.x * cells, layout.row - 1.0);
                    painter.rect_filled(Rect::from_min_size(pos2(left, y), size), 2.0, theme.selection);
                }
            }
            let (digits, shown, colour) = match byte(state, at) {
                Some(byte @ b' '..=b'~') => (format!("{byte:02x}"), char::from(byte), theme.text),
                Some(byte) => (format!("{byte:02x}"), '·', theme.text_dim),
                None if is_read(state, at) => ("??".to_owned(), ' ', theme.bad),
                None => ("  ".to_owned(), ' ', theme.text_dim),
            };
            spoken.push_str(&digits);
            spoken.push(' ');
            painter.text(pos2(x, y), Align2::LEFT_TOP, digits, layout.font.clone(), colour);
            painter.text(pos2(char_x, y), Align2::LEFT_TOP, shown, layout.font.clone(), colour);
        }
        let rect = Rect::from_min_size(pos2(layout.rows.left(), y), vec2(layout.rows.width(), layout.row));
        let response = ui.interact(rect, focus_id().with(number), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{offset}: {}", spoken.trim_end())));
    }
}

/// True where the bytes would be here if they could be read.
fn is_read(state: &PreviewState, at: u64) -> bool {
    state.windows.contains_key(&(at / WINDOW))
}

/// Gives the row to go to when the bar is moved.
fn scroll_bar(ui: &Ui, theme: &Theme, pane: Rect, first: u64, last_first: u64, visible: u64) -> Option<u64> {
    if last_first == 0 {
        return None;
    }
    let track = Rect::from_min_max(pos2(pane.right() - BAR, pane.top()), pane.max);
    let share = visible as f64 / (last_first + visible) as f64;
    let height = (track.height() * share as f32).max(24.0).min(track.height());
    let room = (track.height() - height).max(1.0);
    let top = track.top() + room * (first as f64 / last_first as f64) as f32;
    let handle = Rect::from_min_size(pos2(track.left() + 2.0, top), vec2(BAR - 4.0, height));
    let response = ui.interact(track, focus_id().with("bar"), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, true, "Place in the file"));
    let colour = if response.hovered() || response.dragged() { theme.text_dim } else { theme.line };
    ui.painter().rect_filled(handle, 3.0, colour);
    let pointer = response.interact_pointer_pos()?;
    let fraction = f64::from(((pointer.y - height / 2.0 - track.top()) / room).clamp(0.0, 1.0));
    // Exact for every row of files up to 2^57 bytes, and no jump back on larger ones.
    Some((fraction * last_first as f64).round() as u64)
}

fn wheel(ui: &Ui, view: &mut HexView, row: f32, first: u64, last: u64) -> Option<u64> {
    view.wheel -= ui.input(|input| input.smooth_scroll_delta().y) / row;
    let rows = view.wheel.trunc();
    view.wheel -= rows;
    (rows != 0.0).then(|| first.saturating_add_signed(rows as i64).min(last))
}

fn keys(ui: &Ui, first: u64, last: u64, visible: u64) -> Option<u64> {
    ui.memory_mut(|memory| {
        let filter = egui::EventFilter { vertical_arrows: true, horizontal_arrows: true, ..Default::default() };
        memory.set_focus_lock_filter(focus_id(), filter);
    });
    let page = visible.saturating_sub(1).max(1);
    ui.input_mut(|input| {
        let mut pressed = |key| input.consume_key(Modifiers::NONE, key);
        let moves: [(Key, u64); 6] = [
            (Key::ArrowUp, first.saturating_sub(1)),
            (Key::ArrowDown, first.saturating_add(1)),
            (Key::PageUp, first.saturating_sub(page)),
            (Key::PageDown, first.saturating_add(page)),
            (Key::Home, 0),
            (Key::End, last),
        ];
        moves.into_iter().filter(|(key, _)| pressed(*key)).map(|(_, row)| row).last()
    })
}

fn mark(
    ui: &Ui,
    view: &mut HexView,
    layout: &Layout,
    response: &egui::Response,
    (first, len): (u64, u64),
    out: &mut Vec<Command>,
) {
    let Some(pointer) = response.interact_pointer_pos() else { return };
    if pointer.x > layout.rows.right() || len == 0 {
        return;
    }
    let at = layout.offset_at(first, pointer).min(len - 1);
    if response.drag_started() || response.clicked() {
        let extends = ui.input(|input| input.modifiers.shift);
        view.marked = match view.marked {
            Some((from, _)) if extends => Some((from, at)),
            _ => Some((at, at)),
        };
        if !extends {
            out.push(Command::Preview(Wish::Point(at)));
        }
    } else if response.dragged() {
        view.marked = Some((view.marked.map_or(at, |(from, _)| from), at));
    }
}

/// Copies what is marked, as far as it is on screen or near it.
fn copy(ui: &Ui, view: &HexView, state: &PreviewState, response: &egui::Response, out: &mut Vec<Command>) {
    let mut wanted =
        response.has_focus() && ui.input(|input| input.events.iter().any(|event| matches!(event, Event::Copy)));
    let text = || {
        let (from, to) = view.marked.map(|(from, to)| (from.min(to), from.max(to)))?;
        let bytes: Option<Vec<String>> = (from..=to.min(from.saturating_add(64 << 10)))
            .map(|at| byte(state, at).map(|byte| format!("{byte:02x}")))
            .collect();
        bytes.map(|bytes| bytes.join(" "))
    };
    response.context_menu(|ui| {
        wanted |= ui.add_enabled(view.marked.is_some(), egui::Button::new("Copy bytes")).clicked();
        if let Some((from, to)) = view.marked
            && ui.button("Copy offset").clicked()
        {
            out.push(Command::CopyText(format!("0x{:x}", from.min(to))));
        }
    });
    if wanted && let Some(text) = text() {
        out.push(Command::CopyText(text));
    }
}
