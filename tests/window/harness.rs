//! A window without a display.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use isoscope::app::state::{Disc, Origin};
use isoscope::app::{Command, State};
use isoscope::settings::{Loaded, Settings, ThemeChoice};
use isoscope::ui::{Start, Window};

/// A window, and the hands that use it.
pub(crate) struct TestWindow {
    pub(crate) harness: Harness<'static, Window>,
}

impl TestWindow {
    /// A window without an image.
    pub(crate) fn empty() -> Self {
        Self::build(None, Loaded::default(), None, false)
    }

    /// A window with the sample disc.
    pub(crate) fn sample() -> Self {
        Self::open(Origin::Sample)
    }

    /// A window with this image.
    pub(crate) fn open(origin: Origin) -> Self {
        Self::build(Some(origin), Loaded::default(), None, false)
    }

    /// A window in one of the themes.
    pub(crate) fn themed(origin: Option<Origin>, dark: bool) -> Self {
        Self::build(origin, Loaded::default(), None, dark)
    }

    /// A window whose settings lie in this file.
    pub(crate) fn with_settings(origin: Option<Origin>, path: &Path) -> Self {
        Self::build(origin, Settings::load(path), Some(path.to_owned()), false)
    }

    fn build(origin: Option<Origin>, mut loaded: Loaded, path: Option<PathBuf>, dark: bool) -> Self {
        loaded.settings.theme = if dark { ThemeChoice::Dark } else { ThemeChoice::Light };
        // The harness sets a theme of its own after the window was made.
        let theme = if dark { egui::Theme::Dark } else { egui::Theme::Light };
        let harness = Harness::builder()
            .with_size([1180.0, 740.0])
            .with_pixels_per_point(1.0)
            .with_theme(theme)
            .with_max_steps(64)
            .with_step_dt(0.25)
            .build_eframe(move |context| {
                let start = Start::new(origin, loaded, path);
                Window::new(&context.egui_ctx, start, None)
            });
        let mut window = Self { harness };
        window.settle();
        window
    }

    /// The state of the window.
    pub(crate) fn state(&self) -> &State {
        self.harness.state().state()
    }

    /// The open image.
    pub(crate) fn disc(&self) -> &Disc {
        self.state().disc().expect("an image is open")
    }

    /// Draws until no job is under way and nothing moves any more.
    pub(crate) fn settle(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(120);
        loop {
            self.harness.step();
            if self.harness.state().is_idle() {
                break;
            }
            assert!(Instant::now() < deadline, "the jobs come to an end");
            std::thread::sleep(Duration::from_millis(2));
        }
        self.harness.run_steps(4);
    }

    /// Carries out a command, and waits for what follows from it.
    pub(crate) fn command(&mut self, command: Command) {
        let context = self.harness.ctx.clone();
        // An extraction shows which file it is at, and for some of their names there is no font here.
        if matches!(command, Command::ExtractTo(_)) {
            context.set_missing_glyph_policy(egui::MissingGlyphPolicy::Tofu);
        }
        self.harness.state_mut().command(&context, command);
        self.settle();
        self.settle();
    }

    /// Presses a key.
    pub(crate) fn key(&mut self, key: Key) {
        self.keys(Modifiers::NONE, key);
    }

    /// Presses a key with others held.
    pub(crate) fn keys(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.settle();
    }

    /// Clicks on the row of this name.
    pub(crate) fn click_row(&mut self, name: &str, modifiers: Modifiers) {
        let row = self.harness.get_by_role_and_label(egui::accesskit::Role::Row, name);
        row.click_modifiers(modifiers);
        self.settle();
    }

    /// Drops a file on the window.
    pub(crate) fn drop_file(&mut self, path: PathBuf) {
        self.harness.input_mut().dropped_files.push(Arc::new(Dropped(path)));
        self.settle();
    }
}

/// A file from another program.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| error.to_string())
    }
}
