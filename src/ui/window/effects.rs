//! What the commands ask of the system and of egui.

use super::Window;
use crate::app::state::{Origin, Tone};
use crate::app::{self, Effect};
use crate::job::SaveFile;
use crate::platform;
use crate::settings::ThemeChoice;
use crate::ui::theme;

impl Window {
    /// Carries out what the state could not do by itself.
    pub(super) fn carry_out(&mut self, context: &egui::Context, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Start(ticket, work) => self.runner.start(ticket, work),
                Effect::Abandon(ticket) => self.runner.abandon(ticket),
                Effect::Cancel(ticket) => self.runner.cancel(ticket),
                Effect::ChooseImage => self.choices.choose_image(),
                Effect::ChooseFolder(near) => self.choices.choose_folder(&near),
                Effect::ChooseList => self.choices.choose_list(),
                Effect::ChooseFile(name) => self.choices.choose_file(&name),
                Effect::DrawBoot(ticket, study, path) => {
                    let dark = context.theme() == egui::Theme::Dark;
                    let is_svg = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("svg"));
                    let make = Box::new(move || crate::ui::boot::picture(&study, dark, is_svg));
                    self.runner.start(ticket, app::Work::SaveFile(SaveFile { make, path }));
                }
                Effect::ShowFolder(path) => {
                    if let Err(error) = platform::open_in_system(&path) {
                        self.state.tell(Tone::Bad, format!("The folder could not be opened: {error}"), "");
                    }
                }
                Effect::Restyle => self.restyle(context),
                Effect::NewWindow(origin) => {
                    let argument = match &origin {
                        Origin::File(path) => path.as_os_str(),
                        Origin::Sample => "--sample".as_ref(),
                    };
                    if let Err(error) = platform::new_window(&[argument]) {
                        self.state.tell(Tone::Bad, format!("A second window could not be opened: {error}"), "");
                    }
                }
                Effect::CopyText(text) => context.copy_text(text),
                Effect::BeginDrag(handed) => self.drags.begin(context, *handed, self.state.settings.units),
                Effect::DragFilesAreReady(ready) => self.drags.files_are_ready(ready),
                Effect::CopyFiles(handed, text) => {
                    if let Err(why) = self.drags.copy(context, *handed, text.clone(), self.state.settings.units) {
                        // The text alone is better than nothing.
                        context.copy_text(text);
                        self.state.tell(
                            Tone::Bad,
                            format!("The files could not be copied, only their paths: {why}"),
                            "",
                        );
                    }
                }
                Effect::OpenFile(path) => {
                    if let Err(error) = platform::open_in_system(&path) {
                        let name = path.file_name().unwrap_or_default().to_string_lossy();
                        self.state.tell(Tone::Bad, format!("No program here opens “{name}”"), error.to_string());
                    }
                }
                Effect::Title(title) => context.send_viewport_cmd(egui::ViewportCommand::Title(title)),
                Effect::Close => context.send_viewport_cmd(egui::ViewportCommand::Close),
                Effect::Zoom(by) => {
                    let factor = match by {
                        0 => 1.0,
                        by => (context.zoom_factor() + f32::from(by) * 0.1).clamp(0.5, 3.0),
                    };
                    context.set_zoom_factor((factor * 10.0).round() / 10.0);
                }
            }
        }
    }

    /// Takes over theme and text size from the settings.
    pub(super) fn restyle(&self, context: &egui::Context) {
        let settings = &self.state.settings;
        context.set_theme(match settings.theme {
            ThemeChoice::System => egui::ThemePreference::System,
            ThemeChoice::Light => egui::ThemePreference::Light,
            ThemeChoice::Dark => egui::ThemePreference::Dark,
        });
        theme::install_styles(context, settings.font_scale);
    }
}
