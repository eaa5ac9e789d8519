//! The table in the middle: virtual, so that a million rows cost no more than what fits on the screen.

mod cells;
mod header;
mod keys;

pub(crate) use cells::icon;

use egui::accesskit::Role;
use egui::{Id, Key, PointerButton, Pos2, Rect, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use super::format::Units;
use super::menu;
use super::theme::{self, Theme};
use crate::app::model::{Column, Columns, ListKind, Listing, Selecting};
use crate::app::state::Disc;
use crate::app::transfer::DragFrom;
use crate::app::{Command, State};

/// Height of the headings.
const HEADER: f32 = 28.0;

/// Least width of the names, in points, unless the user wants it smaller.
const NAME: f32 = 180.0;

/// Least width of the folders of what was found, likewise.
const FOLDER: f32 = 104.0;

/// Least width of the kinds, likewise.
const KIND: f32 = 76.0;

/// What the table remembers between two frames: nothing that matters to anybody else.
#[derive(Default)]
pub struct TableView {
    offset: egui::Vec2,
    page: usize,
    shown: usize,
    revealed: u64,
    focused: u64,
    typed: String,
    typed_at: f64,
    /// The keyboard came here by the Tab key.
    tabbed: bool,
}

/// A column on the screen.
struct Placed {
    column: Column,
    left: f32,
    width: f32,
}

/// The widget that has the keyboard while the table is used.
pub fn focus_id() -> Id {
    Id::unique("table of files")
}

/// Draws the table.
pub fn table_ui(ui: &mut Ui, view: &mut TableView, state: &State, disc: &Disc, units: Units, out: &mut Vec<Command>) {
    let listing = &disc.listing;
    let theme = Theme::of(ui);
    let whole = ui.available_rect_before_wrap();
    let header = Rect::from_min_size(whole.min, vec2(whole.width(), HEADER));
    let body = Rect::from_min_max(pos2(whole.left(), header.bottom()), whole.max);
    ui.painter().rect_filled(body, 0.0, theme.surface);

    let id = focus_id();
    let response = ui.interact(body, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Table, true, "Files"));
    if view.focused != state.focus_table {
        view.focused = state.focus_table;
        response.request_focus();
    }
    if response.clicked() {
        response.request_focus();
        out.push(Command::Escape);
    }
    let focused = state.dialog.is_none() && ui.memory(|memory| memory.has_focus(id));
    keys::keys(ui, view, listing, id, focused, out);

    let placed = place(&state.columns, listing.rows.list_kind(), body.width());
    let width = placed.last().map_or(0.0, |last| last.left + last.width);
    scroll_to_cursor(view, listing, body.height());

    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(body).id_salt("rows"));
    child.set_clip_rect(body.intersect(ui.clip_rect()));
    let output = ScrollArea::both().auto_shrink(false).scroll_offset(view.offset).id_salt("scroll").show_viewport(
        &mut child,
        |ui, viewport| {
            // A little more than the rows: so large a number cannot hold every single point.
            ui.set_min_size(vec2(width.min(4000.0), listing.len() as f32 * theme::ROW + theme::PADDING));
            let top = f64::from(viewport.min.y);
            let first = (top / f64::from(theme::ROW)).floor().max(0.0);
            // The distance to the first row is small, and so exact, even a million rows down.
            let y = body.top() + (first * f64::from(theme::ROW) - top) as f32;
            let origin = pos2(body.left() - viewport.min.x, y);
            let ctx = RowsToDraw { disc, placed: &placed, units, focused, body };
            ctx.draw(ui, origin, first as usize, out);
        },
    );
    view.offset = output.state.clamped_offset();
    view.page = ((body.height() / theme::ROW).floor() as usize).saturating_sub(1).max(1);
    header::header_ui(ui, header, view.offset.x, &placed, state, listing, out);
    if focused && !ui.memory(|memory| memory.had_focus_last_frame(id)) {
        view.tabbed = ui.input(|input| input.key_pressed(Key::Tab));
    }
    // Without a row to mark, a frame shows where the keyboard is to those who move it from part to part.
    if focused && view.tabbed && listing.is_empty() {
        ui.painter().rect_stroke(body, 0.0, theme.focus_ring(), egui::StrokeKind::Inside);
    }
}

/// Where the columns stand. The name takes what the others leave; before anything is cut off, folder and kind shrink.
/// A column that the user has given a width keeps it.
fn place(columns: &Columns, list: ListKind, available: f32) -> Vec<Placed> {
    let width = |column: Column| columns.width(column).unwrap_or(column.default_width());
    let mut placed: Vec<Placed> =
        columns.visible(list).into_iter().map(|column| Placed { column, left: 0.0, width: width(column) }).collect();
    let others: f32 = placed.iter().filter(|placed| placed.column != Column::Name).map(|placed| placed.width).sum();
    let mut lack = (others + columns.width(Column::Name).unwrap_or(NAME) - available).max(0.0);
    for (column, least) in [(Column::Folder, FOLDER), (Column::Kind, KIND)] {
        let flexible = placed.iter_mut().find(|placed| placed.column == column && columns.width(column).is_none());
        if let Some(placed) = flexible {
            let less = lack.min(placed.width - least);
            placed.width -= less;
            lack -= less;
        }
    }
    let others: f32 = placed.iter().filter(|placed| placed.column != Column::Name).map(|placed| placed.width).sum();
    let mut left = 0.0;
    for placed in &mut placed {
        if placed.column == Column::Name && columns.width(Column::Name).is_none() {
            placed.width = (available - others).max(NAME);
        }
        placed.left = left;
        left += placed.width;
    }
    placed
}

/// Brings the cursor's row into view when it has moved, and begins at the top in another folder.
fn scroll_to_cursor(view: &mut TableView, listing: &Listing, height: f32) {
    let other = view.shown != listing.rows.identity();
    if other {
        view.shown = listing.rows.identity();
        view.offset = egui::Vec2::ZERO;
        view.typed.clear();
    }
    if !other && view.revealed == listing.reveal {
        return;
    }
    view.revealed = listing.reveal;
    let Some(row) = listing.cursor else { return };
    let (top, bottom) = (row as f32 * theme::ROW, (row + 1) as f32 * theme::ROW);
    if other {
        // Coming from somewhere else, the row stands in the middle.
        view.offset.y = (top - (height - theme::ROW) / 2.0).max(0.0);
    }
    view.offset.y = view.offset.y.min(top).max(bottom - height + theme::PADDING);
}

/// Everything that drawing the visible rows needs.
struct RowsToDraw<'a> {
    disc: &'a Disc,
    placed: &'a [Placed],
    units: Units,
    focused: bool,
    body: Rect,
}

impl RowsToDraw<'_> {
    fn draw(&self, ui: &mut Ui, origin: Pos2, first: usize, out: &mut Vec<Command>) {
        let listing = &self.disc.listing;
        let width = self.placed.last().map_or(0.0, |last| last.left + last.width).max(self.body.width());
        let mut y = origin.y;
        for row in first..listing.len() {
            if y > self.body.bottom() {
                break;
            }
            let rect = Rect::from_min_size(pos2(origin.x, y), vec2(width, theme::ROW));
            if let Some(item) = listing.item(row) {
                self.row(ui, rect, row, item, out);
            }
            y += theme::ROW;
        }
    }

    fn row(&self, ui: &mut Ui, rect: Rect, row: usize, item: u32, out: &mut Vec<Command>) {
        let listing = &self.disc.listing;
        let selected = listing.selection.contains(item);
        let id = focus_id().with((listing.rows.identity(), item));
        let response = ui.interact(rect.intersect(self.body), id, Sense::CLICK | Sense::DRAG);
        let shown = listing.rows.row(item);
        response.widget_info(|| {
            let name = crate::disc::text::display(&shown.name);
            WidgetInfo::selected(Role::Row, true, selected, name)
        });
        let theme = Theme::of(ui);
        let ground = rect.intersect(self.body).shrink2(vec2(4.0, 0.0));
        if selected {
            let fill = if self.focused { theme.selection } else { theme.selection_idle };
            ui.painter().rect_filled(ground, 4.0, fill);
        } else if response.hovered() || response.context_menu_opened() {
            ui.painter().rect_filled(ground, 4.0, theme.hover);
        }
        if self.focused && listing.cursor == Some(row) && (!selected || listing.selection.len() > 1) {
            ui.painter().rect_stroke(ground, 4.0, theme.focus_ring(), egui::StrokeKind::Inside);
        }
        cells::cells(ui, rect, self.body, self.placed, &listing.rows, item, &shown, self.units);
        self.pointer(ui, &response, row, selected, out);
        response.context_menu(|ui| menu::item_menu(ui, self.disc, out));
    }

    fn pointer(&self, ui: &Ui, response: &egui::Response, row: usize, selected: bool, out: &mut Vec<Command>) {
        let (modifiers, pressed, right) = ui.input(|input| {
            let pressed = |button| input.pointer.button_pressed(button);
            (input.modifiers, pressed(PointerButton::Primary), pressed(PointerButton::Secondary))
        });
        let how = match (modifiers.command, modifiers.shift) {
            (false, false) => Selecting::Only,
            (true, false) => Selecting::Toggle,
            (false, true) => Selecting::Range,
            (true, true) => Selecting::AddRange,
        };
        let here = response.contains_pointer();
        // A light tap is pressed and released within one frame.
        let tapped = response.clicked() || response.secondary_clicked();
        if tapped {
            // The release would give the keyboard away: it was not on the table itself, but on a row.
            ui.memory_mut(|memory| memory.request_focus(focus_id()));
        }
        if here && (pressed || right) && (tapped || response.is_pointer_button_down_on()) {
            ui.memory_mut(|memory| memory.request_focus(focus_id()));
            // Pressing on what is selected may begin a drag of all of it: only the release selects it alone.
            if pressed && !(selected && how == Selecting::Only) || right && !selected {
                out.push(Command::Select(row, if right { Selecting::Only } else { how }));
            }
        }
        if response.drag_started_by(PointerButton::Primary) {
            out.push(Command::Drag(DragFrom::Selection));
        }
        if response.double_clicked() {
            out.push(Command::OpenRow(row));
        } else if response.clicked() && selected && how == Selecting::Only {
            out.push(Command::Select(row, Selecting::Only));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widths(columns: &Columns, list: ListKind, available: f32) -> Vec<f32> {
        place(columns, list, available).iter().map(|placed| placed.width).collect()
    }

    #[test]
    fn columns_shrink_before_they_are_cut_off() {
        let mut columns = Columns::default();
        assert_eq!(
            widths(&columns, ListKind::Folder, 600.0),
            [232.0, 92.0, 136.0, 140.0],
            "the name takes what is left"
        );
        assert_eq!(
            widths(&columns, ListKind::Found, 700.0),
            [180.0, 152.0, 92.0, 136.0, 140.0],
            "the folder shrinks first"
        );
        assert_eq!(widths(&columns, ListKind::Found, 600.0), [180.0, 104.0, 92.0, 136.0, 88.0], "then the kind");
        assert_eq!(widths(&columns, ListKind::Found, 300.0), [180.0, 104.0, 92.0, 136.0, 76.0], "but not to nothing");
        columns.set_width(Column::Kind, Some(120.0));
        assert_eq!(
            widths(&columns, ListKind::Found, 600.0),
            [180.0, 104.0, 92.0, 136.0, 120.0],
            "what was chosen stays"
        );
        let placed = place(&columns, ListKind::Folder, 600.0);
        assert_eq!(placed.iter().map(|placed| placed.left).collect::<Vec<_>>(), [0.0, 252.0, 344.0, 480.0]);
    }
}
