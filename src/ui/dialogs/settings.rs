//! Theme, units, text size, renderer.

use egui::{RichText, Ui};

use crate::app::{Command, State};
use crate::platform::renderer::Renderer;
use crate::settings::{ThemeChoice, Units};
use crate::ui::theme::{self, Theme};

/// The sizes of text that can be chosen.
const SCALES: [(f32, &str); 5] = [(0.9, "Small"), (1.0, "Normal"), (1.15, "Large"), (1.3, "Larger"), (1.6, "Largest")];

pub(super) fn settings_ui(ui: &mut Ui, state: &State, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let mut settings = state.settings.clone();
    ui.heading("Settings");
    ui.add_space(theme::GROUP);
    egui::Grid::new("settings").num_columns(2).spacing([24.0, 14.0]).show(ui, |ui| {
        ui.label("Theme");
        ui.horizontal(|ui| {
            ui.radio_value(&mut settings.theme, ThemeChoice::System, "Like the system");
            ui.radio_value(&mut settings.theme, ThemeChoice::Light, "Light");
            ui.radio_value(&mut settings.theme, ThemeChoice::Dark, "Dark");
        });
        ui.end_row();

        ui.label("Sizes");
        ui.vertical(|ui| {
            ui.radio_value(&mut settings.units, Units::Decimal, "1 kB is 1,000 bytes");
            ui.radio_value(&mut settings.units, Units::Binary, "1 KiB is 1,024 bytes");
            ui.radio_value(&mut settings.units, Units::Bytes, "Exact bytes");
        });
        ui.end_row();

        ui.label("Text");
        let name = SCALES.iter().find(|(scale, _)| (scale - settings.font_scale).abs() < 0.01).map(|(_, name)| *name);
        egui::ComboBox::from_id_salt("text size")
            .selected_text(name.map_or_else(|| format!("{:.0} %", settings.font_scale * 100.0), str::to_owned))
            .show_ui(ui, |ui| {
                for (scale, name) in SCALES {
                    ui.selectable_value(&mut settings.font_scale, scale, name);
                }
            });
        ui.end_row();

        ui.label("Drawing");
        ui.vertical(|ui| {
            let slug = |renderer: Renderer| Some(renderer.slug().to_owned());
            ui.radio_value(&mut settings.renderer, None, "Whatever works best here");
            ui.radio_value(&mut settings.renderer, slug(Renderer::Glow), "OpenGL");
            ui.radio_value(&mut settings.renderer, slug(Renderer::Wgpu), "Vulkan, Metal or Direct3D");
            if settings.renderer != state.settings.renderer || state.settings.renderer.is_some() {
                ui.label(RichText::new("From the next start on").small().color(theme.text_dim));
            }
        });
        ui.end_row();
    });
    if settings != state.settings {
        out.push(Command::UseSettings(Box::new(settings)));
    }
    super::close_row(ui, out);
}
