//! The answer and the way as a picture to be kept: drawn by the same hand as the window, on no screen.

mod png;
mod svg;

use egui::epaint::ClippedShape;
use egui::{CentralPanel, Context, Frame, Margin, RawInput, Rect, Vec2, pos2, vec2};

use super::super::theme::{self, Theme};
use super::{Seen, chain, verdicts};
use crate::boot::study::Study;

/// Room around the picture, in points.
const MARGIN: i8 = 24;

/// Narrower ones would break the sentence.
const NARROWEST: f32 = 760.0;

/// Pixels of a picture at most, as long as it can be drawn smaller.
const PIXELS: f32 = 16e6;

/// The picture of a study: the bytes of a PNG file, or of an SVG file.
pub(in crate::ui) fn picture(study: &Study, dark: bool, is_svg: bool) -> Vec<u8> {
    let context = Context::default();
    theme::install(&context, 1.0);
    context.set_theme(if dark { egui::Theme::Dark } else { egui::Theme::Light });
    let margins = Vec2::splat(2.0 * f32::from(MARGIN));
    let width = (chain::Picture::new(&study.chain).size.x + 8.0 + margins.x).max(NARROWEST).ceil();
    let mut hand = Hand { context, textures: png::Textures::default() };
    // What does not fit is measured too. Fonts are there from the second time on.
    hand.draw(study, vec2(width, 400.0));
    let (height, _) = hand.draw(study, vec2(width, 400.0));
    let size = vec2(width, (height + margins.y).ceil());
    if is_svg {
        let (_, shapes) = hand.draw(study, size);
        return svg::svg(&shapes, size, Theme::of_context(&hand.context)).into_bytes();
    }
    let scale = if size.x * size.y * 4.0 <= PIXELS { 2.0 } else { 1.0 };
    hand.context.set_pixels_per_point(scale);
    hand.draw(study, size);
    let (_, shapes) = hand.draw(study, size);
    png::png(&hand.context.tessellate(shapes, scale), &hand.textures, size, scale)
}

/// What draws, and the letters that it has drawn with.
struct Hand {
    context: Context,
    textures: png::Textures,
}

impl Hand {
    /// Draws it once. Gives the height of what was drawn, without the room around it.
    fn draw(&mut self, study: &Study, size: Vec2) -> (f32, Vec<ClippedShape>) {
        let input = RawInput { screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), size)), ..RawInput::default() };
        let mut height = 0.0;
        let mut output = self.context.run_ui(input, |ui| {
            let frame = Frame::new().fill(Theme::of(ui).surface).inner_margin(Margin::same(MARGIN));
            CentralPanel::default().frame(frame).show(ui, |ui| {
                let seen = Seen { study, pick: None, is_first_look: false, is_picture: true };
                let top = ui.cursor().top();
                verdicts::verdicts_ui(ui, &seen, &mut Vec::new());
                chain::chain_ui(ui, &seen, &mut Vec::new());
                height = ui.cursor().top() - top;
            });
        });
        self.textures.take_in(&output.textures_delta);
        output.textures_delta.clear();
        (height, output.shapes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boot::effort::Effort;
    use crate::boot::report::Request;
    use crate::disc::Image;
    use crate::disc::source::MemorySource;

    fn study() -> Study {
        let sample = include_bytes!("../../../../assets/sample.iso");
        let image = Image::open(std::sync::Arc::new(MemorySource::new(sample.to_vec()))).unwrap();
        let mut study = Study::read(&image, &Request { effort: Effort::Whole, dbx: None }).unwrap();
        study.chain = crate::boot::chain::tests::chain();
        study
    }

    #[test]
    fn a_png_has_the_picture_in_twice_its_size_and_is_not_blank() {
        let bytes = picture(&study(), false, false);
        let picture = image::load_from_memory_with_format(&bytes, image::ImageFormat::Png).unwrap().into_rgba8();
        assert!(picture.width() >= 1520 && picture.height() > 300, "{} x {}", picture.width(), picture.height());
        assert_eq!(picture.get_pixel(2, 2).0, [255, 255, 255, 255]);
        // Letters and lines have edges, and so many shades.
        let shades: std::collections::HashSet<_> = picture.pixels().map(|pixel| pixel.0).collect();
        assert!(shades.len() > 100, "{}", shades.len());
        // No scroll bar, or anything else for a hand, below the cards.
        let last = picture.rows().rev().take(40).flatten().all(|pixel| pixel.0 == [255, 255, 255, 255]);
        assert!(last, "there is room at the lower edge");
        assert!(picture.pixels().all(|pixel| pixel.0[3] == 255), "there is a ground behind all of it");
    }

    #[test]
    fn an_svg_has_the_words_as_text_and_no_letters_that_other_fonts_lack() {
        for dark in [false, true] {
            let text = String::from_utf8(picture(&study(), dark, true)).unwrap();
            assert!(text.starts_with("<svg ") && text.trim_end().ends_with("</svg>"));
            assert!(text.contains(">BIOS</text>") && text.contains("A &amp; &lt;B&gt;"), "{text}");
            assert!(!text.chars().any(|letter| ('\u{e000}'..'\u{f8ff}').contains(&letter)));
            assert_eq!(text.matches("<svg").count(), 1);
        }
    }
}
