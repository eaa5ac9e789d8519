//! The picture under the pointer where the window gives none.

use super::super::Label;

/// Points of the sheet.
const WIDTH: u16 = 26;
const HEIGHT: u16 = 32;
/// Points of the folded corner, in both directions.
const FOLD: f32 = 9.0;

/// The mean of what the sheet shows within a pixel, so that edges are soft.
fn pixel(x: u16, y: u16, scale: u16) -> [u8; 4] {
    const SAMPLES: u16 = 4;
    let point = |pixel: u16, sample: u16| (f32::from(pixel * SAMPLES + sample) + 0.5) / f32::from(scale * SAMPLES);
    let samples = (0..SAMPLES).flat_map(|down| (0..SAMPLES).map(move |right| (right, down)));
    let hits: Vec<[u8; 3]> = samples.filter_map(|(right, down)| sheet(point(x, right), point(y, down))).collect();
    let mean = |part: fn(&[u8; 3]) -> u8, of: usize| {
        let sum: usize = hits.iter().map(|colour| usize::from(part(colour))).sum();
        u8::try_from(sum / of.max(1)).unwrap_or(u8::MAX)
    };
    [
        mean(|[red, _, _]| *red, hits.len()),
        mean(|[_, green, _]| *green, hits.len()),
        mean(|[_, _, blue]| *blue, hits.len()),
        mean(|_| u8::MAX, usize::from(SAMPLES * SAMPLES)),
    ]
}

/// The colour of the sheet at a place, in points; nothing outside of it.
fn sheet(x: f32, y: f32) -> Option<[u8; 3]> {
    const PAPER: [u8; 3] = [250, 250, 252];
    const FOLDED: [u8; 3] = [206, 212, 222];
    const EDGE: [u8; 3] = [96, 106, 122];
    const LINES: [u8; 3] = [170, 178, 190];
    let inside = depth(x, y);
    if inside < 0.0 {
        return None;
    }
    let (right, bottom) = (f32::from(WIDTH) - x, f32::from(HEIGHT) - y);
    let line = y > 13.0 && bottom > 5.0 && y % 4.0 < 1.2 && x > 5.5 && right > 5.5;
    Some(match () {
        () if inside < 1.0 => EDGE,
        () if right < FOLD && y < FOLD => FOLDED,
        () if right < FOLD + 1.0 && y < FOLD + 1.0 => EDGE,
        () if line => LINES,
        () => PAPER,
    })
}

/// How many points a place is inside of the outline: a rectangle with round corners, of which one is cut off.
fn depth(x: f32, y: f32) -> f32 {
    const RADIUS: f32 = 3.0;
    let (width, height) = (f32::from(WIDTH), f32::from(HEIGHT));
    let (across, down) =
        ((x - width / 2.0).abs() - width / 2.0 + RADIUS, (y - height / 2.0).abs() - height / 2.0 + RADIUS);
    let outside = across.max(0.0).hypot(down.max(0.0)) + across.max(down).min(0.0) - RADIUS;
    // The line from the top to the right edge, behind which nothing is.
    let cut = (width - x + y - FOLD) / std::f32::consts::SQRT_2;
    cut.min(-outside)
}

/// A sheet of paper with a folded corner, where nothing better is known. Twice as fine as points are, so that it is
/// crisp on every screen.
pub(super) fn document() -> Label {
    const SCALE: u16 = 2;
    let (width, height) = (WIDTH * SCALE, HEIGHT * SCALE);
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let rgba = pixels.flat_map(|(x, y)| pixel(x, y, SCALE)).collect();
    Label { width: width.into(), height: height.into(), scale: SCALE.into(), rgba }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plain_document_is_a_sheet_with_a_corner_cut_off() {
        let label = document();
        assert!(label.is_sound());
        let alpha = |x: u32, y: u32| label.rgba[usize::try_from(4 * (y * label.width + x) + 3).unwrap()];
        assert_eq!(alpha(label.width / 2, label.height / 2), 255);
        assert_eq!(alpha(label.width - 1, 0), 0);
        assert_eq!(alpha(label.width - 1, label.height / 2), 255);
        assert!(alpha(0, 0) < 128);
    }
}
