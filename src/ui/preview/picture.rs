//! A picture: fitted, at its own size, or at any zoom.

use std::sync::Arc;

use egui::{
    Color32, ColorImage, Context, Pos2, Rect, RichText, Sense, TextureFilter, TextureHandle, TextureOptions,
    TextureWrapMode, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::super::theme::{self, Theme};
use super::super::{icons, widgets};
use crate::preview::Picture;

/// What is on screen of a picture.
#[derive(Default)]
pub(super) struct PictureView {
    /// The picture and its texture.
    texture: Option<(Arc<Picture>, TextureHandle)>,
    checker: Option<(bool, TextureHandle)>,
    /// Points for each pixel of the picture; `None` fits it into the pane.
    zoom: Option<f32>,
    /// Where the middle of the picture lies from the middle of the pane, in points.
    pan: Vec2,
}

/// The smallest and the largest zoom that can be chosen.
const ZOOM: std::ops::RangeInclusive<f32> = 0.01..=64.0;

/// Side of a square of the checkerboard, in points.
const SQUARE: f32 = 8.0;

impl PictureView {
    /// For the next picture; the checkerboard stays.
    pub(super) fn afresh(self) -> Self {
        Self { checker: self.checker, ..Self::default() }
    }

    fn texture(&mut self, ctx: &Context, picture: &Arc<Picture>) -> TextureHandle {
        if let Some((known, texture)) = &self.texture
            && Arc::ptr_eq(known, picture)
        {
            return texture.clone();
        }
        let options = TextureOptions { magnification: TextureFilter::Nearest, ..TextureOptions::LINEAR };
        let texture = ctx.load_texture("preview", pixels(picture, ctx.input(|input| input.max_texture_side)), options);
        self.texture = Some((picture.clone(), texture.clone()));
        texture
    }

    fn checker(&mut self, ctx: &Context, theme: &Theme) -> TextureHandle {
        if let Some((dark, texture)) = &self.checker
            && *dark == theme.dark
        {
            return texture.clone();
        }
        let (a, b) = (theme.checker_a, theme.checker_b);
        let image = ColorImage::new([2, 2], vec![a, b, b, a]);
        let options = TextureOptions { wrap_mode: TextureWrapMode::Repeat, ..TextureOptions::NEAREST };
        let texture = ctx.load_texture("preview-checker", image, options);
        self.checker = Some((theme.dark, texture.clone()));
        texture
    }
}

/// The pixels as a texture. Where a graphics driver has only small ones, every n-th pixel is taken.
fn pixels(picture: &Picture, side: usize) -> ColorImage {
    let [width, height] = picture.shown.map(|side| side as usize);
    let step = width.max(height).div_ceil(side.max(1)).max(1);
    if step == 1 {
        return ColorImage::from_rgba_unmultiplied([width, height], &picture.pixels);
    }
    let (quads, _) = picture.pixels.as_chunks::<4>();
    let mut pixels = Vec::new();
    for row in quads.chunks(width).step_by(step) {
        pixels.extend(row.iter().step_by(step).map(|[r, g, b, a]| Color32::from_rgba_unmultiplied(*r, *g, *b, *a)));
    }
    ColorImage::new([width.div_ceil(step), height.div_ceil(step)], pixels)
}

pub(super) fn picture_ui(ui: &mut Ui, view: &mut PictureView, picture: &Arc<Picture>, name: &str) {
    let theme = Theme::of(ui);
    let native = ui.ctx().pixels_per_point().recip();
    let bar = egui::Frame::new().inner_margin(egui::Margin::symmetric(8, 4));
    let size = vec2(picture.size[0] as f32, picture.size[1] as f32);
    egui::Panel::bottom("preview-picture").frame(bar).show(ui, |ui| {
        ui.add(egui::Label::new(RichText::new(picture.caption()).small().color(theme.text_dim)).wrap());
    });
    egui::Panel::top("preview-zoom").frame(bar).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = theme::GRID;
            if ui.selectable_label(view.zoom.is_none(), "Fit").on_hover_text("Fit into the pane").clicked() {
                (view.zoom, view.pan) = (None, Vec2::ZERO);
            }
            let is_native = view.zoom.is_some_and(|zoom| (zoom - native).abs() < native * 0.005);
            if ui
                .selectable_label(is_native, "100 %")
                .on_hover_text("One pixel of the picture is one of the screen")
                .clicked()
            {
                (view.zoom, view.pan) = (Some(native), Vec2::ZERO);
            }
            for (icon, label, factor) in
                [(icons::ZOOM_OUT, "Make the picture smaller", 0.8), (icons::ZOOM_IN, "Make the picture larger", 1.25)]
            {
                if widgets::icon_button(ui, icon, label, true).clicked() {
                    let zoom = view.zoom.unwrap_or_else(|| fit(size, last_pane(ui), native));
                    view.zoom = Some((zoom * factor).clamp(*ZOOM.start(), *ZOOM.end()));
                }
            }
        });
    });
    let pane = ui.available_rect_before_wrap();
    ui.data_mut(|data| data.insert_temp(super::id("pane"), pane.size()));
    let response = ui.allocate_rect(pane, Sense::click_and_drag());
    let description = format!("{name}, {}", picture.caption());
    response.widget_info(|| WidgetInfo::labeled(egui::accesskit::Role::Image, true, &description));
    let fitted = fit(size, pane.size(), native);
    steer(ui, view, &response, pane, fitted);
    let zoom = view.zoom.unwrap_or(fitted);
    let shown = size * zoom;
    // The picture cannot be lost: half of the pane stays covered, or all of the picture inside.
    let slack = ((shown - pane.size()).max(Vec2::ZERO) / 2.0).max(Vec2::ZERO);
    view.pan = view.pan.clamp(-slack, slack);
    let rect = Rect::from_center_size(pane.center() + view.pan, shown);
    let painter = ui.painter().with_clip_rect(pane);
    let whole = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
    if picture.is_transparent {
        let checker = view.checker(ui.ctx(), theme);
        let tiles = (shown / (SQUARE * 2.0)).to_pos2();
        painter.image(checker.id(), rect, Rect::from_min_max(Pos2::ZERO, tiles), Color32::WHITE);
    }
    let texture = view.texture(ui.ctx(), picture);
    painter.image(texture.id(), rect, whole, Color32::WHITE);
    if response.dragged() {
        ui.ctx().set_cursor_icon(egui::CursorIcon::Grabbing);
    }
}

fn last_pane(ui: &Ui) -> Vec2 {
    ui.data(|data| data.get_temp(super::id("pane"))).unwrap_or(vec2(300.0, 300.0))
}

/// Small pictures are not blown up.
fn fit(size: Vec2, pane: Vec2, native: f32) -> f32 {
    let room = (pane - Vec2::splat(2.0 * theme::PADDING)).max(Vec2::splat(1.0));
    (room / size.max(Vec2::splat(1.0))).min_elem().min(native.max(f32::MIN_POSITIVE))
}

/// Dragging pans; the wheel and pinching zoom around the pointer; a double click changes between fitted and 100 %.
fn steer(ui: &Ui, view: &mut PictureView, response: &egui::Response, pane: Rect, fitted: f32) {
    if response.dragged() {
        view.pan += response.drag_delta();
    }
    if response.double_clicked() {
        let native = ui.ctx().pixels_per_point().recip();
        (view.zoom, view.pan) = (if view.zoom.is_none() { Some(native) } else { None }, Vec2::ZERO);
    }
    let Some(pointer) = response.hover_pos() else { return };
    let (wheel, pinch) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
    let factor = (wheel / 400.0).exp() * pinch;
    if (factor - 1.0).abs() > f32::EPSILON {
        let before = view.zoom.unwrap_or(fitted);
        let zoom = (before * factor).clamp(*ZOOM.start(), *ZOOM.end());
        let from_middle = pointer - (pane.center() + view.pan);
        view.pan -= from_middle * (zoom / before - 1.0);
        view.zoom = Some(zoom);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_fitted_but_never_blown_up() {
        let pane = vec2(416.0, 416.0);
        assert_eq!(fit(vec2(800.0, 400.0), pane, 1.0), 0.5);
        assert_eq!(fit(vec2(8.0, 4.0), pane, 1.0), 1.0);
        assert_eq!(fit(vec2(8.0, 4.0), pane, 0.5), 0.5);
        assert!(fit(vec2(1e6, 1.0), Vec2::ZERO, 1.0) > 0.0);
    }

    #[test]
    fn small_textures_take_every_second_pixel() {
        let picture = Picture {
            pixels: (0..4 * 3 * 4).map(|byte| byte as u8 | 0xc0).collect(),
            shown: [4, 3],
            size: [4, 3],
            format: "PNG",
            colour: "RGB",
            is_transparent: false,
            is_turned: false,
            is_animated: false,
            is_cut: false,
            sizes: Vec::new(),
        };
        assert_eq!(pixels(&picture, 2).size, [2, 2]);
        assert_eq!(pixels(&picture, 3).size, [2, 2]);
        assert_eq!(pixels(&picture, 4).size, [4, 3]);
        assert_eq!(pixels(&picture, 1).size, [1, 1]);
    }
}
