//! The headings: sorting, widths, and which columns there are.

use egui::accesskit::Role;
use egui::{CursorIcon, Rect, Sense, TextStyle, Ui, WidgetInfo, pos2, vec2};

use super::Placed;
use crate::app::model::{Column, ListKind, Listing};
use crate::app::{Command, State};
use crate::ui::theme::{self, Theme};
use crate::ui::{icons, menu, widgets};

/// Draws the headings in `rect`; the rows are scrolled `scrolled` points to the right.
pub(super) fn header_ui(
    ui: &mut Ui,
    rect: Rect,
    scrolled: f32,
    placed: &[Placed],
    state: &State,
    listing: &Listing,
    out: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    ui.painter().rect_filled(rect, 0.0, theme.surface);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, theme.separator());
    let clip = rect.intersect(ui.clip_rect());
    let mut ui = ui.new_child(egui::UiBuilder::new().max_rect(rect).id_salt("headings"));
    ui.set_clip_rect(clip);
    let sort = state.disc().and_then(|disc| disc.sorting.map(|(_, sort)| sort)).unwrap_or(listing.sort);
    for placed in placed {
        let left = rect.left() + placed.left - scrolled;
        let cell = Rect::from_min_size(pos2(left, rect.top()), vec2(placed.width, rect.height()));
        let descending = (sort.column == placed.column).then_some(sort.descending);
        heading(&mut ui, cell, placed.column, descending, state, out);
    }
    // The handles lie above the headings, so they come last.
    for placed in placed {
        let right = rect.left() + placed.left + placed.width - scrolled;
        handle(&mut ui, rect, right, placed, out);
    }
}

fn heading(ui: &mut Ui, cell: Rect, column: Column, descending: Option<bool>, state: &State, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let response = ui.interact(cell, ui.scope_id().with(column), Sense::click());
    response.widget_info(|| {
        let sorted = match descending {
            Some(true) => ", sorted from large to small",
            Some(false) => ", sorted",
            None => "",
        };
        WidgetInfo::labeled(Role::ColumnHeader, true, format!("{}{sorted}", column.label()))
    });
    if response.clicked() {
        out.push(Command::SortBy(column));
    }
    // Partitions have columns of their own.
    if state.disc().is_some_and(|disc| disc.listing.rows.list_kind() != ListKind::Partitions) {
        response.context_menu(|ui| menu::columns_menu(ui, state, out));
    }
    if response.hovered() {
        let ground = cell.shrink2(vec2(2.0, 3.0));
        ui.painter().rect_filled(ground, 4.0, theme.hover);
    }
    widgets::focus_ring(ui, &response, cell.shrink(2.0));
    let size = theme::size_of(ui, TextStyle::Small);
    let (font, color) = match descending {
        Some(_) => (theme::strong_id(size), theme.text),
        None => (theme::body_id(size), theme.text_dim),
    };
    let arrow_width = if descending.is_some() { 18.0 } else { 0.0 };
    let indent = if column == Column::Name { theme::GROUP } else { theme::PADDING };
    let room = cell.width() - indent - theme::PADDING - arrow_width;
    let galley = widgets::line(ui.painter(), column.label(), font, color, room);
    let width = galley.size().x;
    let left = match column.is_number() {
        true => cell.right() - theme::PADDING - width,
        false => cell.left() + indent,
    };
    widgets::paint_left(ui.painter(), cell, left, galley, color);
    if let Some(descending) = descending {
        let x = if column.is_number() { left - 18.0 } else { left + width + 2.0 };
        let at = Rect::from_min_size(pos2(x, cell.center().y - 8.0), vec2(16.0, 16.0));
        let icon = if descending { icons::SORT_DOWN } else { icons::SORT_UP };
        widgets::paint_icon(ui.painter(), at, icon, 16.0, theme.text);
    }
    if state.dialog.is_none() {
        response.on_hover_text(column.tooltip());
    }
}

fn handle(ui: &mut Ui, rect: Rect, right: f32, placed: &Placed, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let grip = Rect::from_center_size(pos2(right, rect.center().y), vec2(8.0, rect.height()));
    let response = ui.interact(grip, ui.scope_id().with(("handle", placed.column)), Sense::CLICK | Sense::DRAG);
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Splitter, true, format!("Width of the column {}", placed.column.label()))
    });
    let response = response.on_hover_cursor(CursorIcon::ResizeColumn);
    if response.double_clicked() {
        out.push(Command::ColumnWidth(placed.column, None));
    } else if response.dragged() && response.drag_delta().x != 0.0 {
        out.push(Command::ColumnWidth(placed.column, Some(placed.width + response.drag_delta().x)));
    }
    let active = response.hovered() || response.dragged();
    // At the edge of the pane there is a line already.
    if !active && right >= rect.right() - 1.0 {
        return;
    }
    let stroke = if active { theme.focus_ring() } else { theme.separator() };
    ui.painter().vline(right.round() - 0.5, rect.y_range().shrink(if active { 2.0 } else { 7.0 }), stroke);
}
