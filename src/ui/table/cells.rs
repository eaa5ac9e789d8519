//! What stands in the cells of a row.

use egui::{Color32, Painter, Rect, TextStyle, Ui, pos2, vec2};

use super::Placed;
use crate::app::model::rows::Row;
use crate::app::model::{Column, Rows, kind::Shape};
use crate::disc::part::Part;
use crate::disc::text;
use crate::disc::tree::{Kind, State};
use crate::ui::format::{self, Units};
use crate::ui::theme::{self, Theme};
use crate::ui::{icons, widgets};

/// The icon of a shape, and the colour it is drawn in.
pub(crate) fn icon(shape: Shape, theme: &Theme) -> (&'static str, Color32) {
    let icon = match shape {
        Shape::Folder => return (icons::FOLDER, theme.folder),
        Shape::File => icons::FILE,
        Shape::Text => icons::TEXT,
        Shape::Code => icons::CODE,
        Shape::Picture => icons::PICTURE,
        Shape::Audio => icons::AUDIO,
        Shape::Video => icons::VIDEO,
        Shape::Program => icons::PROGRAM,
        Shape::Archive => icons::ARCHIVE,
        Shape::Document => icons::BOOK,
        Shape::Disc => icons::DISC,
        Shape::Partition => icons::PARTITION,
        Shape::Font => icons::FONT,
        Shape::Link => icons::LINK,
        Shape::Device => icons::DEVICE,
    };
    (icon, theme.text_dim)
}

/// Paints the cells of one row.
#[expect(clippy::too_many_arguments, reason = "one call for each row, from one place")]
pub(super) fn cells(
    ui: &Ui,
    rect: Rect,
    body: Rect,
    placed: &[Placed],
    rows: &Rows,
    item: u32,
    row: &Row<'_>,
    units: Units,
) {
    let theme = Theme::of(ui);
    let size = theme::size_of(ui, TextStyle::Body);
    let painter = ui.painter().with_clip_rect(body.intersect(ui.clip_rect()));
    for Placed { column, left, width } in placed {
        let cell = Rect::from_min_size(pos2(rect.left() + left, rect.top()), vec2(*width, rect.height()));
        if !cell.intersects(body) {
            continue;
        }
        match column {
            Column::Name => name(ui, &painter, cell, rows, item, row, theme, size),
            other => {
                let text = value(*other, rows, item, row, units);
                plain(&painter, cell, &text, *other, theme, size);
            }
        }
    }
}

fn plain(painter: &Painter, cell: Rect, text: &str, column: Column, theme: &Theme, size: f32) {
    if text.is_empty() {
        return;
    }
    let room = cell.width() - 2.0 * theme::PADDING;
    let galley = match column {
        Column::Folder => widgets::line_keeping_ends(painter, text, theme::body_id(size), theme.text_dim, room),
        Column::Kind | Column::Name => widgets::line(painter, text, theme::body_id(size), theme.text_dim, room),
        _ => widgets::line(painter, text, theme::tabular_id(size), theme.text_dim, room),
    };
    let left = match column.is_number() {
        true => cell.right() - theme::PADDING - galley.size().x,
        false => cell.left() + theme::PADDING,
    };
    widgets::paint_left(painter, cell, left, galley, theme.text_dim);
}

#[expect(clippy::too_many_arguments, reason = "one call for each row, from one place")]
fn name(ui: &Ui, painter: &Painter, cell: Rect, rows: &Rows, item: u32, row: &Row<'_>, theme: &Theme, size: f32) {
    let (icon, mut color) = icon(row.shape, theme);
    // What can be opened has the colour of folders.
    if row.shape == Shape::Partition && !rows.trees(item).is_empty() {
        color = theme.folder;
    }
    let at = pos2(cell.left() + theme::GROUP, cell.center().y - theme::ICON / 2.0);
    widgets::paint_icon(painter, Rect::from_min_size(at, vec2(theme::ICON, theme::ICON)), icon, 18.0, color);
    let left = at.x + theme::ICON + theme::PADDING;
    let mut room = cell.right() - theme::PADDING - left;
    let badges: Vec<(&str, Color32)> = [
        (row.state == State::Partly).then_some(("cut off", theme.warn)),
        (row.state == State::Outside).then_some(("missing", theme.bad)),
        row.hidden.then_some(("hidden", theme.text_dim)),
        row.deleted.then_some(("deleted", theme.text_dim)),
    ]
    .into_iter()
    .flatten()
    .collect();
    room -= badges.iter().map(|(word, _)| widgets::badge_width(painter, word, size) + theme::GRID).sum::<f32>();
    if !badges.is_empty() {
        room -= theme::GRID;
    }
    if row.streams {
        room -= theme::ICON + theme::GRID;
    }
    let dim = row.hidden || row.deleted || row.state == State::Outside;
    let text_color = if dim { theme.text_dim } else { theme.text };
    let shown = text::display(&row.name);
    let galley = widgets::line_keeping_ends(painter, &shown, theme::body_id(size), text_color, room);
    let right = left + galley.size().x;
    let mut x = right + theme::PADDING;
    widgets::paint_left(painter, cell, left, galley, text_color);
    if row.deleted {
        let stroke = egui::Stroke::new(1.0, text_color);
        painter.hline(left..=right, painter.round_to_pixel_center(cell.center().y), stroke);
    }
    if row.streams {
        let at = Rect::from_min_size(pos2(x, cell.center().y - theme::ICON / 2.0), vec2(theme::ICON, theme::ICON));
        widgets::paint_icon(painter, at, icons::STREAMS, 16.0, theme.text_dim);
        let id = ui.scope_id().with(("streams", rows.identity(), item));
        ui.interact(at, id, egui::Sense::hover()).on_hover_text("Has more than its content: see its details");
        x += theme::ICON + theme::GRID;
    }
    for (word, color) in badges {
        x += widgets::badge(painter, x, cell, word, size, color) + theme::GRID;
    }
    if let Some(Part::Partition(partition)) = rows.part(item)
        && !partition.name.trim().is_empty()
        && partition.name != partition.kind
    {
        let room = cell.right() - theme::PADDING - x;
        if room > 40.0 {
            let recorded = format!("“{}”", text::display(&partition.name));
            let galley = widgets::line(painter, &recorded, theme::body_id(size), theme.text_dim, room);
            widgets::paint_left(painter, cell, x, galley, theme.text_dim);
        }
    }
    if let Some(target) = link_target(rows, item, row) {
        let room = cell.right() - theme::PADDING - x;
        if room > 40.0 {
            let text = format!("→ {}", text::display(target));
            let galley = widgets::line(painter, &text, theme::body_id(size), theme.text_dim, room);
            widgets::paint_left(painter, cell, x, galley, theme.text_dim);
        }
    }
}

fn link_target<'a>(rows: &'a Rows, item: u32, row: &Row<'_>) -> Option<&'a str> {
    let Rows::Folder(folder, _) = rows else { return None };
    let entry = folder.entries().get(usize::try_from(item).ok()?).filter(|_| row.kind == Kind::Symlink)?;
    folder.target(entry)
}

/// The file systems inside of a partition.
fn contents(rows: &Rows, item: u32) -> String {
    let mut labels: Vec<&str> = Vec::new();
    for tree in rows.trees(item) {
        let label = if tree.kind.is_iso9660() { "ISO 9660" } else { tree.kind.label() };
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels.join(", ")
}

fn value(column: Column, rows: &Rows, item: u32, row: &Row<'_>, units: Units) -> String {
    let size = |bytes: Option<u64>| bytes.map(|bytes| format::size(bytes, units));
    let extras = || rows.extras(item);
    match column {
        Column::Name => None,
        Column::Folder => row.folder.map(|folder| format!("/{}", text::display(folder))),
        Column::Size => size(row.size),
        Column::Modified => row.modified.map(|time| time.short()),
        Column::Kind => Some(row.kind_text.to_owned()),
        Column::FirstBlock => extras().first_byte.map(|byte| format::number(byte / crate::disc::sector::SECTOR_SIZE)),
        Column::StoredSize => size(extras().stored_size),
        Column::Mode => extras().posix.map(|posix| format::mode(posix.mode)),
        Column::Owner => extras().posix.map(|posix| {
            let id = |id: Option<u32>| id.map_or_else(|| "-".to_owned(), |id| id.to_string());
            format!("{}:{}", id(posix.user()), id(posix.group()))
        }),
        Column::Created => extras().created.map(|time| time.short()),
        Column::Accessed => extras().accessed.map(|time| time.short()),
        Column::Start => extras().first_byte.map(format::number),
        Column::Contents => Some(contents(rows, item)),
        Column::Changed => extras().changed.map(|time| time.short()),
    }
    .unwrap_or_default()
}
