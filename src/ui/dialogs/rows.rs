//! A long list inside a dialog: only what is seen is drawn, and the keyboard moves in it.

use egui::accesskit::Role;
use egui::{EventFilter, Id, Key, Label, Rect, RichText, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::disc::Diagnostics;
use crate::disc::text::display;
use crate::ui::theme::{self, Theme};
use crate::ui::{format, icons, widgets};

/// What a list remembers between two frames.
#[derive(Default)]
pub(super) struct RowsView {
    /// The row that the keyboard acts on.
    pub(super) cursor: Option<usize>,
    offset: f32,
    opened: bool,
}

/// What was done in a list.
#[derive(Default)]
pub(super) struct Done {
    /// The row that was clicked, or opened with a key.
    pub(super) chosen: Option<usize>,
    /// The row that the keyboard moved to.
    pub(super) reached: Option<usize>,
}

/// Draws `len` rows in `size`. `row` draws one, and says it for screen readers.
pub(super) fn rows_ui(
    ui: &mut Ui,
    view: &mut RowsView,
    label: &str,
    len: usize,
    size: egui::Vec2,
    mut row: impl FnMut(&Ui, Rect, usize) -> String,
) -> Done {
    let theme = Theme::of(ui);
    let (whole, _) = ui.allocate_exact_size(size, Sense::hover());
    ui.painter().rect_filled(whole, theme::ROUNDING, theme.surface);
    let body = whole.shrink2(vec2(0.0, theme::GRID));
    let id = Id::unique(("rows of a dialog", label));
    let response = ui.interact(body, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, label));
    if !view.opened || response.clicked() {
        view.opened = true;
        response.request_focus();
    }
    let focused = response.has_focus();
    let mut done = Done::default();
    if focused {
        keys(ui, view, id, len, body.height(), &mut done);
    }
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(body).id_salt(label));
    let area = ScrollArea::vertical().auto_shrink(false).vertical_scroll_offset(view.offset);
    let output = area.show_viewport(&mut child, |ui, viewport| {
        ui.set_min_height(len as f32 * theme::ROW);
        let first = (viewport.min.y / theme::ROW).floor().max(0.0) as usize;
        // Relative to the first row: exact however far down it is.
        let top = body.top() + first as f32 * theme::ROW - viewport.min.y;
        let shown = (body.height() / theme::ROW).ceil() as usize + 1;
        for (number, at) in (first..len.min(first + shown)).enumerate() {
            let y = top + number as f32 * theme::ROW;
            let rect = Rect::from_min_size(pos2(body.left(), y), vec2(body.width(), theme::ROW));
            let response = ui.interact(rect.intersect(body), id.with(at), Sense::CLICK);
            let ground = rect.shrink2(vec2(4.0, 0.0));
            let current = view.cursor == Some(at);
            if current {
                let fill = if focused { theme.selection } else { theme.selection_idle };
                ui.painter().rect_filled(ground, 4.0, fill);
            } else if response.hovered() {
                ui.painter().rect_filled(ground, 4.0, theme.hover);
            }
            // The bar for scrolling floats above the right end.
            let inner = Rect::from_min_max(rect.min + vec2(theme::GROUP, 0.0), rect.max - vec2(18.0, 0.0));
            let text = row(ui, inner, at);
            response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, current, &text));
            if response.clicked() {
                view.cursor = Some(at);
                done.chosen = Some(at);
                ui.memory_mut(|memory| memory.request_focus(id));
            }
        }
    });
    view.offset = output.state.clamped_offset().y;
    if len == 0 {
        widgets::focus_ring(ui, &response, whole);
    }
    done
}

fn keys(ui: &Ui, view: &mut RowsView, id: Id, len: usize, height: f32, done: &mut Done) {
    let filter = EventFilter { vertical_arrows: true, horizontal_arrows: false, escape: false, tab: false };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    let Some(last) = len.checked_sub(1) else { return };
    let page = isize::try_from((height / theme::ROW) as usize).unwrap_or(1).max(2) - 1;
    let pressed = |key| ui.input(|input| input.key_pressed(key) && input.modifiers.is_none());
    let by = |by: isize| view.cursor.map_or(0, |row| row.saturating_add_signed(by).min(last));
    let to = [
        (Key::ArrowDown, by(1)),
        (Key::ArrowUp, by(-1)),
        (Key::PageDown, by(page)),
        (Key::PageUp, by(-page)),
        (Key::Home, 0),
        (Key::End, last),
    ];
    if let Some((_, row)) = to.into_iter().find(|(key, _)| pressed(*key)) {
        view.cursor = Some(row);
        done.reached = Some(row);
        let (top, bottom) = (row as f32 * theme::ROW, (row + 1) as f32 * theme::ROW);
        view.offset = view.offset.min(top).max(bottom - height).max(0.0);
    }
    if pressed(Key::Enter) || pressed(Key::Space) {
        done.chosen = view.cursor.filter(|row| *row < len);
    }
}

/// A heading of the list: what follows, how many there are, and whether they are folded away.
pub(super) fn heading(ui: &Ui, rect: Rect, text: &str, count: &str, folded: Option<bool>) -> String {
    let theme = Theme::of(ui);
    let size = theme::size_of(ui, egui::TextStyle::Body);
    let mut left = rect.left();
    if let Some(folded) = folded {
        let at = Rect::from_center_size(pos2(left + 6.0, rect.center().y), vec2(16.0, 16.0));
        let icon = if folded { icons::COLLAPSED } else { icons::EXPANDED };
        widgets::paint_icon(ui.painter(), at, icon, 18.0, theme.text_dim);
        left += 20.0;
    }
    let galley = widgets::line(ui.painter(), text, theme::strong_id(size), theme.text, rect.right() - left);
    let after = left + galley.size().x + theme::PADDING;
    widgets::paint_left(ui.painter(), rect, left, galley, theme.text);
    let galley = widgets::line(ui.painter(), count, theme::tabular_id(size), theme.text_dim, rect.right() - after);
    widgets::paint_left(ui.painter(), rect, after, galley, theme.text_dim);
    format!("{text}, {count}")
}

/// A finding: what it is on the left, what there is to say of it on the right.
pub(super) fn finding(ui: &Ui, rect: Rect, icon: (&str, egui::Color32), name: &str, more: &str) -> String {
    let theme = Theme::of(ui);
    let size = theme::size_of(ui, egui::TextStyle::Body);
    let left = rect.left() + 20.0;
    let at = Rect::from_center_size(pos2(left + 8.0, rect.center().y), vec2(16.0, 16.0));
    widgets::paint_icon(ui.painter(), at, icon.0, 18.0, icon.1);
    let left = left + 16.0 + theme::PADDING;
    let room = rect.right() - left;
    let more_galley = ui.painter().layout_no_wrap(more.to_owned(), theme::tabular_id(size), theme.text_dim);
    // Both get what they need; where that is too much, the name at least half of it.
    let name_galley = ui.painter().layout_no_wrap(name.to_owned(), theme::body_id(size), theme.text);
    let name_room = (room - more_galley.size().x - theme::GROUP).max(room * 0.5).min(name_galley.size().x + 1.0);
    let galley = widgets::line_keeping_ends(ui.painter(), name, theme::body_id(size), theme.text, name_room);
    let more_room = room - galley.size().x - theme::GROUP;
    widgets::paint_left(ui.painter(), rect, left, galley, theme.text);
    let galley = widgets::line(ui.painter(), more, theme::tabular_id(size), theme.text_dim, more_room);
    let left = rect.right() - galley.size().x;
    widgets::paint_left(ui.painter(), rect, left, galley, theme.text_dim);
    format!("{name}, {more}")
}

/// What is not listed, and what could not be looked at, of which there are several `what`.
pub(super) fn notes(ui: &mut Ui, unlisted: u64, diagnostics: &Diagnostics, what: &str) {
    let theme = Theme::of(ui);
    if unlisted > 0 {
        let more = format!("and {} more that are not listed", format::number(unlisted));
        ui.label(RichText::new(more).color(theme.text_dim));
    }
    let notes = diagnostics.items();
    if let [first, ..] = notes {
        let text = match notes.len() {
            1 => display(&first.message).into_owned(),
            many => format!("{} {what}", format::number(many as u64)),
        };
        widgets::line_icon(ui, icons::WARNING, theme.warn);
        let all: Vec<String> = notes.iter().take(20).map(|note| display(&note.message).into_owned()).collect();
        ui.add(Label::new(RichText::new(text).color(theme.text)).truncate()).on_hover_text(all.join("\n"));
    }
}
