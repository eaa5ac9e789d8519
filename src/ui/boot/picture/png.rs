//! Triangles to pixels, as a graphics card would draw them.

use std::collections::HashMap;

use egui::epaint::{ClippedPrimitive, ImageData, Mesh, Primitive, TextureId, Vertex};
use egui::{Color32, ColorImage, Rect, TexturesDelta, Vec2};
use image::ImageEncoder as _;

/// The pictures of letters.
#[derive(Default)]
pub(super) struct Textures(HashMap<TextureId, ColorImage>);

impl Textures {
    /// Takes over what has changed.
    pub(super) fn take_in(&mut self, delta: &TexturesDelta) {
        let changes = delta.set.iter().flat_map(|(id, changes)| changes.iter().map(move |change| (id, change)));
        for (id, change) in changes {
            let ImageData::Color(image) = &change.image;
            match (change.pos, self.0.get_mut(id)) {
                (None, _) => drop(self.0.insert(*id, (**image).clone())),
                (Some([left, top]), Some(whole)) => {
                    let [width, height] = image.size;
                    for y in 0..height {
                        let (from, to) = (y * width, (top + y) * whole.size[0] + left);
                        if let (Some(new), Some(old)) =
                            (image.pixels.get(from..from + width), whole.pixels.get_mut(to..to + width))
                        {
                            old.copy_from_slice(new);
                        }
                    }
                }
                (Some(_), None) => {}
            }
        }
    }
}

/// The bytes of a PNG file of what was drawn.
pub(super) fn png(primitives: &[ClippedPrimitive], textures: &Textures, size: Vec2, scale: f32) -> Vec<u8> {
    let mut canvas = Canvas::new((size.x * scale).round() as usize, (size.y * scale).round() as usize);
    for primitive in primitives {
        if let Primitive::Mesh(mesh) = &primitive.primitive
            && let Some(texture) = textures.0.get(&mesh.texture_id)
        {
            canvas.draw(mesh, texture, primitive.clip_rect * scale, scale);
        }
    }
    let mut bytes = Vec::new();
    let pixels: Vec<u8> = canvas.pixels.iter().flat_map(|pixel| pixel.to_srgba_unmultiplied()).collect();
    let (width, height) = (canvas.width as u32, canvas.height as u32);
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    match encoder.write_image(&pixels, width, height, image::ExtendedColorType::Rgba8) {
        Ok(()) => bytes,
        // Memory can be written to, and the size is right by the way it was made.
        Err(_) => Vec::new(),
    }
}

struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<Color32>,
}

impl Canvas {
    fn new(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![Color32::TRANSPARENT; width * height] }
    }

    fn draw(&mut self, mesh: &Mesh, texture: &ColorImage, clip: Rect, scale: f32) {
        for corners in mesh.indices.chunks_exact(3) {
            let corner = |at: usize| corners.get(at).and_then(|index| mesh.vertices.get(*index as usize));
            if let (Some(a), Some(b), Some(c)) = (corner(0), corner(1), corner(2)) {
                self.triangle([a, b, c], texture, clip, scale);
            }
        }
    }

    fn triangle(&mut self, corners: [&Vertex; 3], texture: &ColorImage, clip: Rect, scale: f32) {
        let [a, mut b, mut c] = corners.map(|corner| (corner.pos * scale, corner));
        let side = |from: egui::Pos2, to: egui::Pos2, at: egui::Pos2| {
            (to.x - from.x) * (at.y - from.y) - (to.y - from.y) * (at.x - from.x)
        };
        let area = side(a.0, b.0, c.0);
        if area == 0.0 || !area.is_finite() {
            return;
        }
        // Clockwise, as `y` goes down.
        if area < 0.0 {
            std::mem::swap(&mut b, &mut c);
        }
        let area = area.abs();
        let bounds = Rect::from_points(&[a.0, b.0, c.0]).intersect(clip);
        let inside = |from: f32, to: f32, most: usize| {
            let first = (from.max(0.0).floor()) as usize;
            first..(to.max(0.0).ceil() as usize).min(most)
        };
        // A pixel on an edge that two triangles share belongs to one of them: to that below it, or to its right.
        let covers = |weight: f32, from: egui::Pos2, to: egui::Pos2| {
            weight > 0.0 || (weight == 0.0 && (to.y < from.y || (to.y == from.y && to.x > from.x)))
        };
        for y in inside(bounds.top(), bounds.bottom(), self.height) {
            for x in inside(bounds.left(), bounds.right(), self.width) {
                let at = egui::pos2(x as f32 + 0.5, y as f32 + 0.5);
                if !clip.contains(at) {
                    continue;
                }
                let weights = [side(b.0, c.0, at), side(c.0, a.0, at), side(a.0, b.0, at)];
                if !(covers(weights[0], b.0, c.0) && covers(weights[1], c.0, a.0) && covers(weights[2], a.0, b.0)) {
                    continue;
                }
                let parts = weights.map(|weight| weight / area);
                let corners = [a.1, b.1, c.1];
                if let Some(pixel) = self.pixels.get_mut(y * self.width + x) {
                    *pixel = over(shade(corners, parts, texture), *pixel);
                }
            }
        }
    }
}

/// The colour of a triangle at a place of which these are the parts of its corners.
fn shade(corners: [&Vertex; 3], parts: [f32; 3], texture: &ColorImage) -> [f32; 4] {
    let mix =
        |value: &dyn Fn(&Vertex) -> f32| corners.iter().zip(parts).map(|(corner, part)| value(corner) * part).sum();
    let (u, v): (f32, f32) = (mix(&|corner| corner.uv.x), mix(&|corner| corner.uv.y));
    let place = |at: f32, size: usize| ((at * size as f32).max(0.0) as usize).min(size.saturating_sub(1));
    let [width, height] = texture.size;
    let texel = texture.pixels.get(place(v, height) * width + place(u, width)).copied().unwrap_or_default().to_array();
    std::array::from_fn(|channel| {
        let color: f32 = mix(&|corner| f32::from(corner.color.to_array()[channel]));
        color * f32::from(texel[channel]) / 255.0
    })
}

/// A colour over another, both with their transparency multiplied in.
fn over(front: [f32; 4], back: Color32) -> Color32 {
    let rest = 1.0 - front[3] / 255.0;
    let back = back.to_array();
    let [r, g, b, a] = std::array::from_fn(|channel| {
        (front[channel] + f32::from(back[channel]) * rest).round().clamp(0.0, 255.0) as u8
    });
    Color32::from_rgba_premultiplied(r, g, b, a)
}
