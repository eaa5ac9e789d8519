//! What fills the window, or the place of the table, when there is nothing to list.

use std::time::{Duration, Instant};

use egui::{Align, Layout, RichText, Ui, vec2};

use super::theme::{self, Theme};
use super::{icons, ring, widgets};
use crate::app::Command;
use crate::app::state::{OpenFailure, Opening, Trouble};

/// Nothing is said about work that takes no longer than this.
pub const PATIENCE: Duration = Duration::from_millis(150);

/// Draws the page of a window without an image.
pub fn welcome_ui(ui: &mut Ui, recent: &[std::path::PathBuf], out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let listed = recent.len().min(6);
    let height = 200.0 + 32.0 + 24.0 + 28.0 + 36.0 + 40.0 + if listed > 0 { 40.0 + listed as f32 * 32.0 } else { 0.0 };
    centred(ui, 460.0, height, |ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 184.0), egui::Sense::hover());
        ring::paint(ui.painter(), rect.center(), 84.0, theme);
        ui.add_space(theme::PADDING);
        ui.label(RichText::new("Open a disc image").font(theme::strong_id(20.0)).color(theme.text));
        ui.add_space(theme::GRID);
        ui.label(
            RichText::new("See everything in it, get anything out of it. Or drop a file here.").color(theme.text_dim),
        );
        ui.add_space(theme::GROUP);
        ui.horizontal(|ui| {
            let gap = ui.spacing().item_spacing.x;
            ui.add_space((ui.available_width() - 112.0 - 180.0 - gap).max(0.0) / 2.0);
            let open = widgets::primary_button_sized(ui, "Open…", 112.0);
            if open.on_hover_text(widgets::command_tooltip(&Command::Open)).clicked() {
                out.push(Command::Open);
            }
            let sample = egui::Button::new(Command::OpenSample.text()).min_size(vec2(180.0, 32.0));
            if ui.add(sample).on_hover_text(widgets::command_tooltip(&Command::OpenSample)).clicked() {
                out.push(Command::OpenSample);
            }
        });
        if listed > 0 {
            ui.add_space(20.0);
            recent_ui(ui, &recent[..listed], out);
        }
    });
}

fn recent_ui(ui: &mut Ui, recent: &[std::path::PathBuf], out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    ui.with_layout(Layout::top_down(Align::Min), |ui| {
        ui.horizontal(|ui| {
            ui.add_space(theme::PADDING);
            ui.label(RichText::new("Recent").font(theme::strong_id(12.0)).color(theme.text_dim));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let clear = egui::Button::new(RichText::new("Clear").size(12.0)).frame_when_inactive(false);
                let tooltip = widgets::command_tooltip(&Command::ForgetRecent);
                if ui.add(clear).on_hover_text(tooltip).clicked() {
                    out.push(Command::ForgetRecent);
                }
            });
        });
        for path in recent {
            let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 30.0), egui::Sense::click());
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
            let name = crate::disc::text::display(&name);
            response
                .widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, format!("Open {name}")));
            if response.hovered() {
                ui.painter().rect_filled(rect, theme::ROUNDING, theme.hover);
            }
            widgets::focus_ring(ui, &response, rect);
            let icon = egui::Rect::from_min_size(rect.left_top() + vec2(8.0, 7.0), vec2(16.0, 16.0));
            widgets::paint_icon(ui.painter(), icon, icons::DISC, 18.0, theme.text_dim);
            let left = rect.left() + 34.0;
            let room = rect.right() - 8.0 - left;
            let galley = widgets::line_keeping_ends(ui.painter(), &name, theme::body_id(13.0), theme.text, room * 0.55);
            let after = left + galley.size().x + theme::GROUP;
            widgets::paint_left(ui.painter(), rect, left, galley, theme.text);
            let folder = path.parent().map(|parent| parent.to_string_lossy().into_owned()).unwrap_or_default();
            let folder = crate::disc::text::display(&folder);
            let font = theme::body_id(12.0);
            let galley =
                widgets::line_keeping_ends(ui.painter(), &folder, font, theme.text_dim, rect.right() - 8.0 - after);
            let x = rect.right() - 8.0 - galley.size().x;
            widgets::paint_left(ui.painter(), rect, x, galley, theme.text_dim);
            let response = response.on_hover_text(path.to_string_lossy());
            if response.clicked() {
                out.push(Command::OpenPath(path.clone()));
            }
            response.context_menu(|ui| {
                ui.set_min_width(180.0);
                if ui.button("Remove from this list").clicked() {
                    out.push(Command::ForgetPath(path.clone()));
                    ui.close();
                }
            });
        }
    });
}

/// Draws the page of an image that is on its way.
pub fn opening_ui(ui: &mut Ui, opening: &Opening) {
    if !waited(ui, opening.since) {
        return;
    }
    let theme = Theme::of(ui);
    let name = opening.origin.name();
    centred(ui, 420.0, 80.0, |ui| {
        widgets::spinner(ui, 24.0, "Opening");
        ui.add_space(theme::PADDING);
        ui.label(RichText::new(format!("Opening {}", crate::disc::text::display(&name))).color(theme.text_dim));
    });
}

/// Draws the page of an image that could not be opened. `recent` is its path when it is one of the recent images.
pub fn failed_ui(ui: &mut Ui, failure: &OpenFailure, recent: Option<&std::path::Path>, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    centred(ui, 520.0, 260.0, |ui| {
        ui.label(RichText::new(icons::ERROR).font(theme::icon_id(40.0)).color(theme.bad));
        ui.add_space(theme::PADDING);
        let name = crate::disc::text::display(&failure.origin.name()).into_owned();
        ui.label(RichText::new(format!("{name} cannot be opened")).font(theme::strong_id(16.0)).color(theme.text));
        ui.add_space(theme::GRID);
        ui.add(egui::Label::new(RichText::new(&failure.sentence).color(theme.text)).wrap().selectable(true));
        ui.add_space(theme::GRID);
        ui.add(egui::Label::new(RichText::new(failure.advice).color(theme.text_dim)).wrap());
        ui.add_space(16.0);
        ui.horizontal(|ui| {
            ui.add_space((ui.available_width() - 3.0 * 116.0 - 16.0).max(0.0) / 2.0);
            if widgets::primary_button_sized(ui, "Open another…", 116.0).clicked() {
                out.push(Command::Open);
            }
            if ui.add(egui::Button::new("Try again").min_size(vec2(116.0, 32.0))).clicked() {
                out.push(Command::Reload);
            }
            let copy = egui::Button::new("Copy details").min_size(vec2(116.0, 32.0));
            if ui.add(copy).on_hover_text(&failure.details).clicked() {
                out.push(Command::CopyText(format!("{name}\n{}", failure.details)));
            }
        });
        ui.add_space(theme::GROUP);
        // The sentence stands above already; what is left says where.
        let details = failure.details.strip_prefix(failure.sentence.as_str()).unwrap_or(&failure.details);
        let details = without_brackets(details.lines().next().unwrap_or_default());
        ui.add(egui::Label::new(RichText::new(details).size(12.0).color(theme.text_dim)).wrap().selectable(true));
        if let Some(path) = recent {
            let forget = egui::Button::new("Remove from the recent images").frame_when_inactive(false);
            if ui.add(forget).clicked() {
                out.push(Command::ForgetPath(path.to_owned()));
            }
        }
    });
}

/// A place such as `(image file at byte 0)`, when it stands alone.
pub fn without_brackets(place: &str) -> &str {
    let place = place.trim();
    let inside = place.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    inside.filter(|inside| !inside.contains(['(', ')'])).unwrap_or(place)
}

/// Says why a folder cannot be shown.
pub fn trouble_ui(ui: &mut Ui, trouble: &Trouble, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    centred(ui, 420.0, 170.0, |ui| {
        ui.label(RichText::new(icons::ERROR).font(theme::icon_id(32.0)).color(theme.bad));
        ui.add_space(theme::GRID);
        ui.label(RichText::new("This folder cannot be shown").font(theme::strong_id(15.0)));
        ui.add(egui::Label::new(RichText::new(&trouble.sentence).color(theme.text_dim)).wrap().selectable(true));
        ui.add_space(theme::GROUP);
        ui.horizontal(|ui| {
            ui.add_space((ui.available_width() - 2.0 * 116.0 - 8.0).max(0.0) / 2.0);
            if ui.add(egui::Button::new("Try again").min_size(vec2(116.0, 28.0))).clicked() {
                out.push(Command::Reload);
            }
            let copy = egui::Button::new("Copy details").min_size(vec2(116.0, 28.0));
            if ui.add(copy).on_hover_text(&trouble.details).clicked() {
                out.push(Command::CopyText(trouble.details.clone()));
            }
        });
    });
}

/// Says in two lines why there is nothing to see.
pub fn nothing_ui(ui: &mut Ui, icon: &str, title: &str, more: &str) {
    let theme = Theme::of(ui);
    centred(ui, 360.0, 90.0, |ui| {
        ui.label(RichText::new(icon).font(theme::icon_id(32.0)).color(theme.text_dim));
        ui.add_space(theme::GRID);
        ui.label(RichText::new(title).color(theme.text));
        if !more.is_empty() {
            ui.label(RichText::new(more).color(theme.text_dim));
        }
    });
}

/// Draws a spinner once the wait has become noticeable.
pub fn waiting_ui(ui: &mut Ui, since: Instant, text: &str) {
    if waited(ui, since) {
        let theme = Theme::of(ui);
        centred(ui, 360.0, 64.0, |ui| {
            widgets::spinner(ui, 20.0, text);
            ui.add_space(theme::GRID);
            ui.label(RichText::new(text).color(theme.text_dim));
        });
    }
}

/// True when the wait has become noticeable; else the window looks again when it will have.
fn waited(ui: &Ui, since: Instant) -> bool {
    let left = PATIENCE.saturating_sub(since.elapsed());
    if !left.is_zero() {
        ui.ctx().request_repaint_after(left);
    }
    left.is_zero()
}

/// A column of this width and about this height in the middle of what is left.
pub fn centred(ui: &mut Ui, width: f32, height: f32, contents: impl FnOnce(&mut Ui)) {
    let whole = ui.available_rect_before_wrap();
    let width = width.min(whole.width() - 2.0 * theme::GROUP).max(40.0);
    let top = whole.top() + ((whole.height() - height) * 0.45).max(theme::GROUP);
    let rect = egui::Rect::from_min_max(
        egui::pos2((whole.center().x - width / 2.0).round(), top.round()),
        egui::pos2((whole.center().x + width / 2.0).round(), whole.bottom()),
    );
    let builder = egui::UiBuilder::new().max_rect(rect).layout(Layout::top_down(Align::Center));
    ui.scope_builder(builder, contents);
}
