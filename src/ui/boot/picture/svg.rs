//! Shapes as SVG 1.1. Words stay words; symbols, for which other computers have no font, become lines.

use std::fmt::Write as _;

use egui::epaint::{ClippedShape, ColorMode, CubicBezierShape, PathShape, RectShape, Shape, TextShape};
use egui::{Color32, FontFamily, Pos2, Stroke, Vec2};

use super::super::super::icons;
use super::super::super::theme::Theme;

/// The text of an SVG file.
pub(super) fn svg(shapes: &[ClippedShape], size: Vec2, theme: &Theme) -> String {
    let mut text = String::new();
    let (width, height) = (size.x, size.y);
    let ground = paint("fill", theme.surface);
    // Writing to a string does not fail, here and below.
    text.push_str(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"Inter, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif\">\n<rect width=\"{width}\" \
         height=\"{height}\"{ground}/>\n"
    ));
    shapes.iter().for_each(|clipped| shape(&mut text, &clipped.shape));
    text.push_str("</svg>\n");
    text
}

fn line(out: &mut String, element: std::fmt::Arguments<'_>) {
    match writeln!(out, "{element}") {
        Ok(()) | Err(std::fmt::Error) => {}
    }
}

fn shape(out: &mut String, shape: &Shape) {
    match shape {
        Shape::Vec(shapes) => shapes.iter().for_each(|inner| self::shape(out, inner)),
        Shape::Rect(rect) => rectangle(out, rect),
        Shape::Circle(circle) => {
            let (x, y, r) = (circle.center.x, circle.center.y, circle.radius);
            let look = look(circle.fill, circle.stroke);
            line(out, format_args!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{r:.1}\"{look}/>"));
        }
        Shape::LineSegment { points: [from, to], stroke } => {
            let look = look(Color32::TRANSPARENT, *stroke);
            let [from, to] = [from, to].map(|at| format!("{:.1} {:.1}", at.x, at.y));
            line(out, format_args!("<path d=\"M{from}L{to}\"{look}/>"));
        }
        Shape::Path(path) => polygon(out, path),
        Shape::CubicBezier(curve) => bezier(out, curve),
        Shape::Text(text) => words(out, text),
        // Nothing that is drawn here is of any other kind.
        _ => {}
    }
}

fn rectangle(out: &mut String, shape: &RectShape) {
    // Shadows and what cannot be seen are left out.
    if shape.blur_width > 0.0 || (shape.fill.a() == 0 && shape.stroke.is_empty()) {
        return;
    }
    let inside = shape.rect.shrink(if shape.stroke.is_empty() { 0.0 } else { shape.stroke.width / 2.0 });
    let (x, y, width, height) = (inside.left(), inside.top(), inside.width(), inside.height());
    let (round, look) = (shape.corner_radius.nw, look(shape.fill, shape.stroke));
    line(
        out,
        format_args!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{round}\"{look}/>"
        ),
    );
}

fn polygon(out: &mut String, shape: &PathShape) {
    let points: Vec<_> = shape.points.iter().map(|at| format!("{:.1} {:.1}", at.x, at.y)).collect();
    let end = if shape.closed { "Z" } else { "" };
    let ColorMode::Solid(color) = shape.stroke.color else { return };
    let look = look(shape.fill, Stroke::new(shape.stroke.width, color));
    line(out, format_args!("<path d=\"M{}{end}\"{look}/>", points.join("L")));
}

fn bezier(out: &mut String, shape: &CubicBezierShape) {
    let [a, b, c, d] = shape.points.map(|at| format!("{:.1} {:.1}", at.x, at.y));
    let ColorMode::Solid(color) = shape.stroke.color else { return };
    let look = look(shape.fill, Stroke::new(shape.stroke.width, color));
    line(out, format_args!("<path d=\"M{a}C{b} {c} {d}\"{look}/>"));
}

fn words(out: &mut String, shape: &TextShape) {
    let Some(format) = shape.galley.job.sections.first().map(|section| &section.format) else { return };
    let color = match (shape.override_text_color, format.color) {
        (Some(color), _) => color,
        (None, Color32::PLACEHOLDER) => shape.fallback_color,
        (None, color) => color,
    };
    for row in &shape.galley.rows {
        let text: String = row.row.glyphs.iter().map(|glyph| glyph.chr).collect();
        let Some(first) = row.row.glyphs.first().filter(|_| !text.trim().is_empty()) else { continue };
        let at = shape.pos + row.pos.to_vec2();
        if text.chars().all(|letter| ('\u{e000}'..='\u{f8ff}').contains(&letter)) {
            let centre = at + Vec2::new(row.row.size.x, row.row.size.y) / 2.0;
            symbol(out, &text, centre, format.font_id.size, color);
            continue;
        }
        let (x, y, size) = (at.x + first.pos.x, at.y + first.pos.y, format.font_id.size);
        let strong = format.font_id.family == FontFamily::Name("strong".into());
        let weight = if strong { " font-weight=\"600\"" } else { "" };
        let (width, fill) = (row.row.size.x, paint("fill", color));
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        // The width that it has here, whatever font there is.
        line(
            out,
            format_args!(
                "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" textLength=\"{width:.1}\" \
                 lengthAdjust=\"spacingAndGlyphs\"{weight}{fill}>{text}</text>"
            ),
        );
    }
}

/// The symbols of states as lines, drawn in a square of 24 units.
fn symbol(out: &mut String, icon: &str, centre: Pos2, size: f32, color: Color32) {
    let path = match icon {
        icons::DONE => "M5 12.5l4.5 4.5L19 7.5",
        icons::WARNING => "M12 4L2.5 20.5h19ZM12 10v5M12 17.4v.6",
        icons::ERROR => "M12 3a9 9 0 1 0 .01 0ZM12 7.5v6M12 16v.6",
        _ => return,
    };
    let (scale, stroke) = (size / 24.0, paint("stroke", color));
    let (x, y) = (centre.x - size / 2.0, centre.y - size / 2.0);
    line(
        out,
        format_args!(
            "<path transform=\"translate({x:.1} {y:.1}) scale({scale:.3})\" d=\"{path}\" fill=\"none\" \
             stroke-width=\"2\" stroke-linecap=\"round\" stroke-linejoin=\"round\"{stroke}/>"
        ),
    );
}

fn look(fill: Color32, stroke: Stroke) -> String {
    let fill = if fill.a() == 0 { " fill=\"none\"".to_owned() } else { paint("fill", fill) };
    if stroke.is_empty() {
        return fill;
    }
    format!("{fill}{} stroke-width=\"{}\"", paint("stroke", stroke.color), stroke.width)
}

/// An attribute with a colour, and with its transparency where it has one.
fn paint(attribute: &str, color: Color32) -> String {
    let [r, g, b, a] = color.to_srgba_unmultiplied();
    let opacity = match a {
        255 => String::new(),
        a => format!(" {attribute}-opacity=\"{:.2}\"", f32::from(a) / 255.0),
    };
    format!(" {attribute}=\"#{r:02x}{g:02x}{b:02x}\"{opacity}")
}
