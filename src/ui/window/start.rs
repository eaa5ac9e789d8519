//! Work that begins before there is a window.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use crate::app::state::Origin;
use crate::app::{self, Command, Effect, Runner, State};
use crate::platform;
use crate::settings::Loaded;

/// Work that began before there was a window: the image is read while the window is made.
pub struct Start {
    pub(super) state: State,
    pub(super) runner: Runner,
    /// Is woken when a job has news.
    pub(super) context: Arc<OnceLock<egui::Context>>,
    pub(super) effects: Vec<Effect>,
}

impl Start {
    /// Begins to open `image`, with the settings that were loaded from `path`.
    pub fn new(image: Option<Origin>, loaded: Loaded, path: Option<PathBuf>) -> Self {
        let context: Arc<OnceLock<egui::Context>> = Arc::default();
        let waker = context.clone();
        let runner = Runner::new(Arc::new(move || {
            if let Some(context) = waker.get() {
                context.request_repaint();
            }
        }));
        let mut state = State::default();
        state.settings_path = path;
        state.downloads = platform::downloads();
        app::use_loaded(&mut state, loaded);
        let mut start = Self { state, runner, context, effects: Vec::new() };
        let command = match image {
            Some(Origin::File(path)) => Some(Command::OpenPath(path)),
            Some(Origin::Sample) => Some(Command::OpenSample),
            None => None,
        };
        if let Some(command) = command {
            for effect in app::update(&mut start.state, command) {
                match effect {
                    Effect::Start(ticket, work) => start.runner.start(ticket, work),
                    other => start.effects.push(other),
                }
            }
        }
        start
    }
}
