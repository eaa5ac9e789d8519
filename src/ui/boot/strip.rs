//! Who owns which bytes, drawn in lanes: what lies in something else stands below it.

use egui::{Color32, Painter, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, accesskit::Role, pos2, vec2};

use super::super::format;
use super::super::theme::{self, Theme};
use super::super::widgets;
use super::{mark, place_link};
use crate::app::Command;
use crate::app::boot::BootWish;
use crate::app::state::Disc;
use crate::boot::chain::State;
use crate::boot::layout::{Layout, Owner, Region, Strip};
use crate::boot::study::Study;
use crate::disc::text;

const LANE: f32 = 26.0;

/// No region is narrower, in points, while there is room for that.
const NARROWEST: f32 = 14.0;

pub(super) fn layout_ui(ui: &mut Ui, disc: &Disc, study: &Study, out: &mut Vec<Command>) {
    let layout = &study.layout;
    super::title(ui, "Layout", |_| {});
    let units = format!("First {} KiB", layout.system_area().extent.length >> 10);
    strip_ui(ui, disc, layout, &layout.system_area(), "area", &units, out);
    ui.add_space(theme::GROUP);
    strip_ui(ui, disc, layout, &layout.whole(), "whole", "Whole image", out);
    pointed(ui, disc, layout, out);
    for overlap in layout.overlaps().iter().filter(|overlap| !overlap.harmless) {
        ui.add_space(theme::GRID);
        ui.horizontal_top(|ui| {
            let (icon, color) = mark(Theme::of(ui), State::Doubtful);
            widgets::line_icon(ui, icon, color);
            ui.vertical(|ui| {
                ui.add(egui::Label::new(text::display(&layout.sentence(overlap))).wrap());
                place_link(ui, overlap.extent.offset, overlap.extent.length, out);
            });
        });
    }
}

fn strip_ui(
    ui: &mut Ui,
    disc: &Disc,
    layout: &Layout,
    strip: &Strip,
    id: &'static str,
    name: &str,
    out: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    ui.label(egui::RichText::new(name).small().color(theme.text_dim));
    let size = vec2(ui.available_width(), strip.lanes.len() as f32 * LANE);
    let (whole, _) = ui.allocate_exact_size(size, Sense::hover());
    if !ui.is_rect_visible(whole) {
        return;
    }
    let axis = strip.axis(NARROWEST / size.x.max(1.0));
    let at = |offset: u64| whole.left() + axis.at(offset) * whole.width();
    let here = disc.preview.pointed_in_image().filter(|_| disc.boot.aside);
    for (number, lane) in strip.lanes.iter().enumerate() {
        let top = whole.top() + number as f32 * LANE;
        for (place, span) in lane.spans.iter().enumerate() {
            let (left, right) = (at(span.extent.offset), at(span.extent.end()));
            let rect = Rect::from_min_max(pos2(left, top), pos2(right, top + LANE)).shrink(1.0);
            let region = span.region.and_then(|index| layout.regions().get(index));
            let Some(region) = region.filter(|_| rect.width() > 0.0) else { continue };
            let response = ui.interact(rect, egui::Id::unique(("region", id, number, place)), Sense::click());
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, spoken(region)));
            let is_here = here.is_some_and(|(offset, _)| region.holds(offset));
            paint_region(ui.painter(), theme, region, rect, is_here, response.hovered());
            widgets::focus_ring(ui, &response, rect);
            if response.on_hover_ui(|ui| tooltip(ui, region)).clicked() {
                out.push(Command::Boot(BootWish::Bytes(region.extent.offset, region.extent.length)));
            }
        }
    }
    // Where the bytes beside it are.
    let shown = here.filter(|(offset, _)| *offset < strip.extent.length);
    if let Some((offset, _)) = shown {
        ui.painter().vline(at(offset), whole.y_range(), Stroke::new(2.0, theme.accent));
    }
}

fn spoken(region: &Region) -> String {
    text::display(&format!("{}, from byte {}", region.label(), region.extent.offset)).into_owned()
}

fn tooltip(ui: &mut Ui, region: &Region) {
    for name in &region.names {
        ui.label(text::display(&name.label));
    }
    let last = region.extent.end().saturating_sub(1);
    let place = format!(
        "Bytes {} to {}, {}",
        format::number(region.extent.offset),
        format::number(last),
        text::size(region.extent.length)
    );
    ui.label(egui::RichText::new(place).small().color(Theme::of(ui).text_dim));
    if region.is_cut() {
        let missing = region.claimed.saturating_sub(region.extent.length);
        let missing = format!("{} are missing: the image is cut off", text::size(missing));
        ui.label(egui::RichText::new(missing).small().color(Theme::of(ui).bad));
    }
}

/// The names of what holds the bytes that are shown beside it.
fn pointed(ui: &mut Ui, disc: &Disc, layout: &Layout, out: &mut Vec<Command>) {
    let Some((offset, _)) = disc.preview.pointed_in_image().filter(|_| disc.boot.aside) else { return };
    let names: Vec<String> = layout.at(offset).map(Region::label).collect();
    let theme = Theme::of(ui);
    ui.add_space(theme::GRID);
    ui.horizontal_wrapped(|ui| {
        place_link(ui, offset, 1, out);
        let names = text::display(&names.join(" in ")).into_owned();
        ui.label(egui::RichText::new(names).small().color(theme.text_dim));
    });
}

/// What kinds of owners look like: structures stand out, what is inside of nothing else recedes.
fn fill(theme: &Theme, owner: Owner) -> Color32 {
    match owner {
        Owner::Unused => theme.surface,
        Owner::Appended => theme.warn_surface,
        Owner::Volume | Owner::FileSystemPart => theme.raised,
        Owner::Partition(_) | Owner::ExtendedPartition => theme.info_surface,
        Owner::BootImage => theme.selection,
        _ => theme.selection_idle,
    }
}

fn paint_region(painter: &Painter, theme: &Theme, region: &Region, rect: Rect, is_here: bool, hovered: bool) {
    let fill = if hovered { theme.pressed } else { fill(theme, region.owner()) };
    let line = match () {
        () if is_here => Stroke::new(1.5, theme.accent),
        () if region.is_cut() => Stroke::new(1.0, theme.bad),
        () => Stroke::new(1.0, theme.line),
    };
    painter.rect(rect, 3.0, fill, line, StrokeKind::Inside);
    if rect.width() < 28.0 {
        return;
    }
    let name = region.names.first().map(|name| text::display(&name.label).into_owned()).unwrap_or_default();
    let size = 12.0;
    let galley = widgets::line(painter, &name, theme::body_id(size), theme.text, rect.width() - 10.0);
    widgets::paint_left(painter, rect, rect.left() + 5.0, galley, theme.text);
}
