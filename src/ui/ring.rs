//! The disc as the window draws it: rings with a fine shimmer.

use egui::epaint::{Mesh, Vertex, WHITE_UV};
use egui::{Color32, Painter, Pos2, Shape, Stroke, Vec2};

use super::theme::Theme;

/// Corners of a circle.
const STEPS: usize = 96;

/// Paints a disc of this radius, in points.
pub fn paint(painter: &Painter, centre: Pos2, radius: f32, theme: &Theme) {
    let shade = |inner: f32, outer: f32, color: &dyn Fn(f32) -> Color32| {
        painter.add(Shape::mesh(band(centre, radius * inner, radius * outer, color)));
    };
    // The data area: grey, with a narrow fan of colours that sits opposite itself, as light on a real disc does.
    let base = theme.sunken;
    shade(0.36, 1.0, &|turn| {
        let fan = (turn * std::f32::consts::TAU * 2.0).cos().max(0.0).powi(6);
        mix(base, shimmer(theme, (turn * 4.0).fract()), fan * 0.75)
    });
    shade(0.2, 0.32, &|_| theme.sunken);
    for (at, width) in [(1.0, 1.5), (0.36, 1.0), (0.32, 1.0), (0.2, 1.0)] {
        painter.circle_stroke(centre, radius * at, Stroke::new(width, theme.line));
    }
    for at in [0.52, 0.68, 0.84] {
        painter.circle_stroke(centre, radius * at, Stroke::new(0.5, theme.line.gamma_multiply(0.6)));
    }
}

/// A colour of the shimmer; `at` goes round from 0 to 1.
fn shimmer(theme: &Theme, at: f32) -> Color32 {
    let colors = theme.iridescence;
    let place = at * colors.len() as f32;
    let first = place.floor() as usize % colors.len();
    mix(colors[first], colors[(first + 1) % colors.len()], place.fract())
}

fn mix(a: Color32, b: Color32, t: f32) -> Color32 {
    a.lerp_to_gamma(b, t.clamp(0.0, 1.0))
}

fn band(centre: Pos2, inner: f32, outer: f32, color: &dyn Fn(f32) -> Color32) -> Mesh {
    let mut mesh = Mesh::default();
    for step in 0..=STEPS {
        let turn = step as f32 / STEPS as f32;
        let way = Vec2::angled(turn * std::f32::consts::TAU - 0.9);
        for radius in [inner, outer] {
            mesh.vertices.push(Vertex { pos: centre + way * radius, uv: WHITE_UV, color: color(turn) });
        }
    }
    for step in 0..STEPS as u32 {
        let at = step * 2;
        mesh.add_triangle(at, at + 1, at + 2);
        mesh.add_triangle(at + 1, at + 3, at + 2);
    }
    mesh
}
