//! Every field with its meaning and place.

use egui::accesskit::Role;
use egui::{Label, Layout, Response, RichText, ScrollArea, Sense, TextStyle, Ui, Vec2, WidgetInfo, vec2};

use super::super::format::{self, Units};
use super::super::theme::{self, Theme};
use super::super::{icons, widgets};
use crate::app::Command;
use crate::app::preview::Wish;
use crate::disc::text;
use crate::disc::tree::{DetailField, DetailGroup, Stream};
use crate::preview::details;

pub(super) fn details_ui(
    ui: &mut Ui,
    groups: &[DetailGroup],
    streams: &[Stream],
    generation: u64,
    units: Units,
    out: &mut Vec<Command>,
) {
    let area = ScrollArea::vertical().auto_shrink(false).id_salt(("details", generation));
    area.show(ui, |ui| {
        egui::Frame::new().inner_margin(theme::PADDING).show(ui, |ui| {
            ui.set_width(ui.available_width());
            if groups.is_empty() {
                ui.label("The disc records nothing more");
                return;
            }
            if ui.button("Copy all").on_hover_text("Copy all fields as text").clicked() {
                out.push(Command::CopyText(details::text(groups)));
            }
            streams_ui(ui, streams, units, out);
            for group in groups {
                ui.add_space(theme::GROUP);
                let size = theme::size_of(ui, TextStyle::Body);
                ui.add(Label::new(RichText::new(&group.title).font(theme::strong_id(size))).wrap());
                ui.add_space(theme::GRID);
                for field in &group.fields {
                    field_ui(ui, field, out);
                }
            }
        });
    });
}

/// What the file has besides its content: each can be looked at and saved.
fn streams_ui(ui: &mut Ui, streams: &[Stream], units: Units, out: &mut Vec<Command>) {
    if streams.is_empty() {
        return;
    }
    let theme = Theme::of(ui);
    ui.add_space(theme::GROUP);
    let size = theme::size_of(ui, TextStyle::Body);
    ui.label(RichText::new("Streams").font(theme::strong_id(size)))
        .on_hover_text("Data that the file has besides its content");
    ui.add_space(theme::GRID);
    for (at, stream) in streams.iter().enumerate() {
        let name = text::display(&stream.name);
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = theme::GRID;
                if let Some(why) = stream.content.unsupported() {
                    let icon = RichText::new(icons::WARNING).font(theme::icon_id(18.0)).color(theme.warn);
                    ui.label(icon).on_hover_text(text::display(why));
                    ui.disable();
                }
                if ui.button("Save…").on_hover_text(format!("Copy {name} out of the image")).clicked() {
                    out.push(Command::SaveStream(at));
                }
                if ui.button("Show").on_hover_text(format!("Look at {name}")).clicked() {
                    out.push(Command::Preview(Wish::Stream(at)));
                }
                ui.with_layout(Layout::top_down(egui::Align::Min), |ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    ui.add(Label::new(name.as_ref()).truncate());
                    let bytes = RichText::new(format::size(stream.size, units)).font(theme::tabular_id(size - 1.0));
                    ui.label(bytes.color(theme.text_dim));
                });
            });
        });
        ui.add_space(theme::GRID);
    }
}

/// Side of the button that copies a field, in points.
const BUTTON: f32 = 24.0;

/// Quieter than other buttons, as there is one in every row.
fn copy_button(ui: &mut Ui, name: &str) -> Response {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(BUTTON), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    let active = response.hovered() || response.has_focus();
    if active {
        ui.painter().rect_filled(rect, theme::ROUNDING, theme.hover);
    }
    widgets::focus_ring(ui, &response, rect);
    let colour = if active { theme.text } else { theme.text_dim };
    widgets::paint_icon(ui.painter(), rect, icons::COPY, theme::ICON, colour);
    response.on_hover_text(name)
}

/// Label on the left; on the right the value, below it its place; a button that copies the three.
fn field_ui(ui: &mut Ui, field: &DetailField, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let small = theme::size_of(ui, TextStyle::Small);
    let whole = ui.available_width();
    let left = (whole * 0.4).clamp(72.0, 220.0);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = theme::PADDING;
        let column = |ui: &mut Ui, width: f32, contents: &mut dyn FnMut(&mut Ui)| {
            let layout = Layout::top_down(egui::Align::Min);
            ui.allocate_ui_with_layout(vec2(width, 0.0), layout, |ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.add_space(theme::GRID);
                contents(ui);
                ui.add_space(theme::GRID);
            });
        };
        column(ui, left, &mut |ui| {
            ui.add(Label::new(RichText::new(field.label).color(theme.text_dim)).wrap());
        });
        column(ui, (whole - left - BUTTON - 2.0 * theme::PADDING).max(40.0), &mut |ui| {
            ui.add(Label::new(field.value.as_str()).wrap());
            if let Some(offset) = field.offset {
                let text = RichText::new(format!("byte {}", format::number(offset)));
                ui.label(text.font(theme::tabular_id(small)).color(theme.text_dim));
            }
        });
        if copy_button(ui, &format!("Copy {}", field.label)).clicked() {
            out.push(Command::CopyText(details::field_text(field)));
        }
    });
}
