//! A raised frame around what belongs together.

use egui::{Frame, Margin, Ui};

use super::theme::{self, Theme};

/// Draws `contents` in a frame as wide as there is room.
pub(super) fn card(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    let theme = Theme::of(ui);
    let frame = Frame::new().fill(theme.raised).corner_radius(theme::ROUNDING).inner_margin(Margin::symmetric(12, 8));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = theme::GRID;
        contents(ui);
    });
}
