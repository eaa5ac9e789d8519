//! Small pieces that the panes share.

use std::sync::Arc;
use std::time::Duration;

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Align2, Color32, FontId, Galley, Painter, Pos2, Rect, Response, RichText, Sense, Ui, Vec2, WidgetInfo, vec2,
};

use super::theme::{self, Theme};
use crate::app::Command;

/// One line of text that ends in `…` where it is wider than `width`.
pub fn line(painter: &Painter, text: &str, font: FontId, color: Color32, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = TextWrapping { max_width: width.max(1.0), max_rows: 1, break_anywhere: true, ..TextWrapping::default() };
    painter.layout_job(job)
}

/// One line of text that keeps its beginning and its end where it is wider than `width`: the end of a name is its
/// extension.
pub fn line_keeping_ends(painter: &Painter, text: &str, font: FontId, color: Color32, width: f32) -> Arc<Galley> {
    let whole = painter.layout_no_wrap(text.to_owned(), font.clone(), color);
    if whole.size().x <= width {
        return whole;
    }
    let Some(row) = whole.rows.first() else { return whole };
    let dots = painter.layout_no_wrap("…".to_owned(), font.clone(), color).size().x;
    let room = (width - dots).max(0.0);
    let tail_from = whole.size().x - room * 0.4;
    let glyphs = &row.row.glyphs;
    let head: String = glyphs.iter().take_while(|glyph| glyph.max_x() <= room * 0.6).map(|glyph| glyph.chr).collect();
    let tail: String = glyphs.iter().filter(|glyph| glyph.pos.x >= tail_from).map(|glyph| glyph.chr).collect();
    line(painter, &format!("{}…{}", head.trim_end(), tail.trim_start()), font, color, width + 1.0)
}

/// Paints a galley with its left end at `left` in the middle of `rect`'s height.
pub fn paint_left(painter: &Painter, rect: Rect, left: f32, galley: Arc<Galley>, color: Color32) {
    let y = (rect.center().y - galley.size().y / 2.0).round();
    painter.galley(Pos2::new(left, y), galley, color);
}

/// Paints an icon in the middle of `rect`.
pub fn paint_icon(painter: &Painter, rect: Rect, icon: &str, size: f32, color: Color32) {
    painter.text(rect.center(), Align2::CENTER_CENTER, icon, theme::icon_id(size), color);
}

/// A sign of waiting that is as wide as it is high. It turns in steps: drawn without a graphics card, a smooth one would
/// take the processor from the very work that is waited for.
pub fn spinner(ui: &mut Ui, size: f32, label: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(size, size), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, label));
    paint_spinner(ui, rect);
    response
}

/// Paints a [`spinner`] into `rect`.
pub fn paint_spinner(ui: &Ui, rect: Rect) {
    const STEP: Duration = Duration::from_millis(100);
    const DOTS: u32 = 8;
    if !ui.is_rect_visible(rect) {
        return;
    }
    ui.ctx().request_repaint_after(STEP);
    let color = Theme::of(ui).text_dim;
    let dot = rect.width() / 10.0;
    let turn = ui.input(|input| input.time) / STEP.as_secs_f64();
    let first = (turn % f64::from(DOTS)).floor() as u32;
    for at in 0..DOTS {
        let angle = (first + at) as f32 / DOTS as f32 * std::f32::consts::TAU;
        let centre = rect.center() + Vec2::angled(angle) * (rect.width() / 2.0 - dot);
        ui.painter().circle_filled(centre, dot, color.gamma_multiply((at + 1) as f32 / DOTS as f32));
    }
}

/// A square button with only an icon; its name is for the tooltip and for screen readers.
pub fn icon_button(ui: &mut Ui, icon: &str, name: &str, enabled: bool) -> Response {
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(theme::icon_button_size(), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
    if ui.is_rect_visible(rect) {
        let theme = Theme::of(ui);
        if enabled && (response.hovered() || response.has_focus()) {
            let fill = if response.is_pointer_button_down_on() { theme.pressed } else { theme.hover };
            ui.painter().rect_filled(rect, theme::ROUNDING, fill);
        }
        focus_ring(ui, &response, rect);
        let color = if enabled { theme.text } else { theme.text_dim.gamma_multiply(0.5) };
        paint_icon(ui.painter(), rect, icon, 20.0, color);
    }
    response.on_hover_text(name)
}

/// The ring around what has the keyboard focus.
pub fn focus_ring(ui: &Ui, response: &Response, rect: Rect) {
    if response.has_focus() {
        let ring = Theme::of(ui).focus_ring();
        ui.painter().rect_stroke(rect, theme::ROUNDING, ring, egui::StrokeKind::Inside);
    }
}

/// The button for a command, with its tooltip and shortcut.
pub fn command_tooltip(command: &Command) -> String {
    match command.info() {
        Some(info) => match info.shortcuts.first() {
            Some(shortcut) => format!("{} ({})", info.tooltip, shortcut.text()),
            None => info.tooltip.to_owned(),
        },
        None => String::new(),
    }
}

/// What opens a combo box: the chevron of the icons instead of a filled triangle.
pub fn combo_icon(ui: &Ui, rect: Rect, visuals: &egui::style::WidgetVisuals, _open: bool) {
    paint_icon(ui.painter(), rect, super::icons::EXPANDED, 18.0, visuals.fg_stroke.color);
}

/// What opens and closes a part that can be folded away.
pub fn fold_icon(ui: &mut Ui, openness: f32, response: &Response) {
    let icon = if openness > 0.5 { super::icons::EXPANDED } else { super::icons::COLLAPSED };
    paint_icon(ui.painter(), response.rect, icon, 18.0, Theme::of(ui).text_dim);
}

/// An icon before a text that may have several lines: level with the first.
pub fn line_icon(ui: &mut Ui, icon: &str, color: Color32) -> Response {
    let height = ui.text_style_height(&egui::TextStyle::Body);
    let (rect, response) = ui.allocate_exact_size(vec2(18.0, height), Sense::hover());
    paint_icon(ui.painter(), rect, icon, 18.0, color);
    response
}

/// One of several answers, with room around it.
pub fn radio(ui: &mut Ui, chosen: bool, text: &str) -> Response {
    let response = ui.radio(chosen, text);
    ui.add_space(theme::PADDING);
    response
}

/// The one button of a dialog or page that does what it is for.
pub fn primary_button(ui: &mut Ui, text: &str) -> Response {
    let theme = Theme::of(ui);
    let text = RichText::new(text).color(theme.on_accent);
    let button = egui::Button::new(text).fill(theme.accent).stroke(egui::Stroke::NONE).min_size(vec2(88.0, 28.0));
    ui.add(button)
}

/// Any other button of a dialog.
pub fn plain_button(ui: &mut Ui, text: &str) -> Response {
    ui.add(egui::Button::new(text).min_size(vec2(88.0, 28.0)))
}

/// Width of a [`badge`] with this word.
pub fn badge_width(painter: &Painter, text: &str, size: f32) -> f32 {
    painter.layout_no_wrap(text.to_owned(), theme::body_id(size - 1.0), Color32::WHITE).size().x + 10.0
}

/// Draws `contents` where they are seen, and else leaves the room that they took when they were drawn last.
pub fn where_seen(ui: &mut Ui, id: egui::Id, contents: impl FnOnce(&mut Ui)) {
    let width = ui.available_width();
    let known: Option<(f32, f32)> = ui.data(|data| data.get_temp(id));
    if let Some((_, height)) = known.filter(|(known, _)| (known - width).abs() < 0.5) {
        let rect = Rect::from_min_size(ui.cursor().min, vec2(width, height));
        if !ui.is_rect_visible(rect) {
            ui.allocate_exact_size(rect.size(), Sense::hover());
            return;
        }
    }
    let height = ui.scope(contents).response.rect.height();
    ui.data_mut(|data| data.insert_temp(id, (width, height)));
}

/// A word in a rounded frame behind a name. Gives back its width.
pub fn badge(painter: &Painter, left: f32, row: Rect, text: &str, size: f32, color: Color32) -> f32 {
    let galley = painter.layout_no_wrap(text.to_owned(), theme::body_id(size - 1.0), color);
    let rect = Rect::from_min_size(Pos2::new(left, row.center().y - 8.0), vec2(galley.size().x + 10.0, 16.0));
    painter.rect_stroke(rect, 8.0, egui::Stroke::new(1.0, color.gamma_multiply(0.6)), egui::StrokeKind::Inside);
    let width = rect.width();
    paint_left(painter, rect, left + 5.0, galley, color);
    width
}

/// A [`primary_button`] of a certain width, for pages.
pub fn primary_button_sized(ui: &mut Ui, text: &str, width: f32) -> Response {
    let theme = Theme::of(ui);
    let text = RichText::new(text).color(theme.on_accent);
    let button = egui::Button::new(text).fill(theme.accent).stroke(egui::Stroke::NONE);
    ui.add(button.min_size(vec2(width, 32.0)))
}
