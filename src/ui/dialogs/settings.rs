//! Theme, units, text size, renderer.

use egui::{RichText, Ui};

use crate::app::{Command, State};
use crate::platform::renderer::Renderer;
use crate::settings::{ThemeChoice, Units};
use crate::ui::theme::{self, Theme};
use crate::ui::widgets;

/// The sizes of text that can be chosen.
const SCALES: [(f32, &str); 5] = [(0.9, "Small"), (1.0, "Normal"), (1.15, "Large"), (1.3, "Larger"), (1.6, "Largest")];

pub(super) fn settings_ui(ui: &mut Ui, state: &State, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let mut settings = state.settings.clone();
    ui.heading("Settings");
    ui.add_space(theme::GROUP);
    row(ui, "Theme", |ui| {
        ui.horizontal(|ui| {
            for (choice, text) in
                [(ThemeChoice::System, "Like the system"), (ThemeChoice::Light, "Light"), (ThemeChoice::Dark, "Dark")]
            {
                if widgets::radio(ui, settings.theme == choice, text).clicked() {
                    settings.theme = choice;
                }
            }
        });
    });
    row(ui, "Sizes", |ui| {
        ui.radio_value(&mut settings.units, Units::Decimal, "kB, MB, GB: 1 kB is 1\u{202f}000 bytes");
        ui.radio_value(&mut settings.units, Units::Binary, "KiB, MiB, GiB: 1 KiB is 1\u{202f}024 bytes");
        ui.radio_value(&mut settings.units, Units::Bytes, "Exact bytes");
    });
    row(ui, "Text size", |ui| {
        let name = SCALES.iter().find(|(scale, _)| (scale - settings.font_scale).abs() < 0.01).map(|(_, name)| *name);
        egui::ComboBox::from_id_salt("text size")
            .selected_text(name.map_or_else(|| format!("{:.0} %", settings.font_scale * 100.0), str::to_owned))
            .icon(widgets::combo_icon)
            .show_ui(ui, |ui| {
                for (scale, name) in SCALES {
                    ui.selectable_value(&mut settings.font_scale, scale, name);
                }
            });
    });
    if cfg!(target_os = "linux") {
        row(ui, "Dragging", |ui| {
            let choices = [(true, "Straight out of the image"), (false, "Always copy the files first")];
            for (mounts, text) in choices {
                ui.radio_value(&mut settings.mounts, mounts, text);
            }
            let hint = "Files are copied where the image cannot be mounted";
            ui.label(RichText::new(hint).small().color(theme.text_dim));
        });
    }
    row(ui, "Drawing", |ui| {
        let slug = |renderer: Renderer| Some(renderer.slug().to_owned());
        ui.radio_value(&mut settings.renderer, None, "Whatever works best here");
        ui.radio_value(&mut settings.renderer, slug(Renderer::Glow), "OpenGL");
        ui.radio_value(&mut settings.renderer, slug(Renderer::Wgpu), "Vulkan, Metal or Direct3D");
        // Always there, so that nothing jumps.
        ui.label(RichText::new("Used from the next start on").small().color(theme.text_dim));
    });
    if settings != state.settings {
        out.push(Command::UseSettings(Box::new(settings)));
    }
    super::close_row(ui, out);
}

/// A setting: its name on the left, level with the first line of what can be chosen.
fn row(ui: &mut Ui, name: &str, choices: impl FnOnce(&mut Ui)) {
    let theme = Theme::of(ui);
    ui.horizontal_top(|ui| {
        ui.allocate_ui(egui::vec2(96.0, theme::ROW), |ui| {
            ui.set_width(96.0);
            ui.horizontal(|ui| ui.label(RichText::new(name).color(theme.text_dim)));
        });
        ui.vertical(choices);
    });
    ui.add_space(theme::PADDING);
}
