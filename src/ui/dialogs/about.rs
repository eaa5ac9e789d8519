//! What the program is.

use egui::{RichText, Sense, Ui, vec2};

use crate::app::Command;
use crate::ui::ring;
use crate::ui::theme::{self, Theme};

pub(super) fn about_ui(ui: &mut Ui, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    ui.vertical_centered(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(112.0, 112.0), Sense::hover());
        ring::paint(ui.painter(), rect.center(), 54.0, theme);
        ui.add_space(theme::PADDING);
        ui.label(RichText::new("Isoscope").font(theme::strong_id(20.0)));
        ui.weak(format!("Version {}", env!("CARGO_PKG_VERSION")));
        ui.add_space(theme::PADDING);
        ui.label("Opens disc images: see everything in them, get anything out of them.");
        ui.add_space(theme::GROUP);
        ui.weak("Free software under the MIT licence or the Apache licence 2.0, as you choose.");
        ui.weak("Fonts: Inter and JetBrains Mono, under the SIL Open Font License.");
        ui.weak("Icons: Material Symbols, under the Apache licence 2.0.");
    });
    super::close_row(ui, out);
}
