//! The label that follows the pointer while something is dragged, painted without the graphics card: it is shown over
//! the windows of other programs.

use egui::{Color32, ColorImage, Context, Galley, Pos2, Rect, pos2, vec2};

use super::theme::{self, Theme};
use super::{icons, widgets};
use crate::platform::drag_out::Label;

/// Height of the label, in points.
const HEIGHT: f32 = 28.0;

/// Width of the longest name, in points.
const NAME: f32 = 240.0;

/// Paints what is dragged: in words, and how much it is.
pub(super) fn paint(ctx: &Context, theme: &Theme, what: &str, size: &str) -> Label {
    let painter = ctx.debug_painter();
    let name = widgets::line_keeping_ends(&painter, what, theme::strong_id(13.0), theme.text, NAME);
    let icon = painter.layout_no_wrap(icons::COPY.to_owned(), theme::icon_id(16.0), theme.text_dim);
    let size = painter.layout_no_wrap(size.to_owned(), theme::body_id(13.0), theme.text_dim);
    let mut x = theme::PADDING;
    let mut placed = Vec::new();
    for (galley, gap) in [(icon, 6.0), (name, theme::PADDING), (size, theme::GROUP)] {
        let width = galley.size().x;
        if width > 0.0 {
            let y = (HEIGHT - galley.size().y) / 2.0;
            placed.push((pos2(x, y), galley));
            x += width + gap;
        }
    }
    let mut canvas = Canvas::new(vec2(x, HEIGHT), ctx.pixels_per_point());
    canvas.ground(theme);
    // Only now: laying out text adds to the picture of the letters.
    let letters = ctx.fonts(|fonts| fonts.image());
    for (at, galley) in placed {
        canvas.text(at, &galley, &letters);
    }
    canvas.into_label()
}

/// A picture in memory.
struct Canvas {
    image: ColorImage,
    scale: f32,
}

impl Canvas {
    fn new(size: egui::Vec2, scale: f32) -> Self {
        // Whole points of the screen, as far as there are such.
        let whole = buffer_scale(scale) as usize;
        let pixels = |points: f32| ((points * scale).ceil().clamp(1.0, 2000.0) as usize).next_multiple_of(whole);
        Self { image: ColorImage::filled([pixels(size.x), pixels(size.y)], Color32::TRANSPARENT), scale }
    }

    /// The rounded ground with its outline.
    fn ground(&mut self, theme: &Theme) {
        let [width, height] = self.image.size;
        let whole = Rect::from_min_size(Pos2::ZERO, vec2(width as f32, height as f32));
        let radius = f32::from(theme::ROUNDING) * self.scale;
        for y in 0..height {
            for x in 0..width {
                let middle = pos2(x as f32 + 0.5, y as f32 + 0.5);
                let inside = inside(whole, radius, middle);
                let color = if inside < self.scale { theme.outline } else { theme.raised };
                // Half a pixel on both sides of the edge is between the two.
                let cover = (inside + 0.5).clamp(0.0, 1.0);
                self.put(x, y, color.gamma_multiply(cover));
            }
        }
    }

    /// The letters of one line, whose upper left corner is at `at`.
    fn text(&mut self, at: Pos2, galley: &Galley, letters: &ColorImage) {
        for row in &galley.rows {
            for glyph in &row.row.glyphs {
                let section = galley.job.sections.first().map_or(Color32::GRAY, |section| section.format.color);
                let uv = glyph.uv_rect;
                let corner = at + row.pos.to_vec2() + glyph.pos.to_vec2() + uv.offset;
                let (left, top) = ((corner.x * self.scale).round() as i64, (corner.y * self.scale).round() as i64);
                for (dy, v) in (uv.min[1]..uv.max[1]).enumerate() {
                    for (dx, u) in (uv.min[0]..uv.max[0]).enumerate() {
                        let Some(letter) = pixel(letters, u, v) else { continue };
                        let color = match glyph.is_color {
                            true => letter,
                            false => section.gamma_multiply(f32::from(letter.a()) / 255.0),
                        };
                        let (Ok(x), Ok(y)) = (usize::try_from(left + dx as i64), usize::try_from(top + dy as i64))
                        else {
                            continue;
                        };
                        self.put(x, y, color);
                    }
                }
            }
        }
    }

    /// Lays a colour over a pixel.
    fn put(&mut self, x: usize, y: usize, color: Color32) {
        let [width, _] = self.image.size;
        if x < width
            && let Some(below) = self.image.pixels.get_mut(y.saturating_mul(width).saturating_add(x))
        {
            *below = below.blend(color);
        }
    }

    fn into_label(self) -> Label {
        let [width, height] = self.image.size.map(|size| u32::try_from(size).unwrap_or(0));
        let rgba = self.image.pixels.iter().flat_map(|pixel| pixel.to_srgba_unmultiplied()).collect();
        Label { width, height, scale: buffer_scale(self.scale), rgba }
    }
}

/// Pixels for each point of the screen, as a whole number.
fn buffer_scale(scale: f32) -> u32 {
    scale.round().clamp(1.0, 8.0) as u32
}

fn pixel(image: &ColorImage, x: u16, y: u16) -> Option<Color32> {
    let [width, _] = image.size;
    image.pixels.get(usize::from(y).saturating_mul(width).saturating_add(usize::from(x))).copied()
}

/// How far `point` lies inside of a rectangle with round corners.
fn inside(rect: Rect, radius: f32, point: Pos2) -> f32 {
    let from_middle = (point - rect.center()).abs() - rect.size() / 2.0 + vec2(radius, radius);
    let outside = from_middle.max(egui::Vec2::ZERO).length();
    radius - outside - from_middle.x.max(from_middle.y).min(0.0)
}
