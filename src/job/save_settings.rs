//! Saving the settings, which waits for the disk.

use std::path::PathBuf;

use super::{Context, Failure, Job, Lane, Output};
use crate::settings::Settings;

/// Saves the settings as they are now.
#[derive(Debug, Clone)]
pub struct SaveSettings {
    /// The settings.
    pub settings: Settings,
    /// Their file.
    pub path: PathBuf,
}

impl Job for SaveSettings {
    fn name(&self) -> &'static str {
        "Saving the settings"
    }

    fn lane(&self) -> Lane {
        Lane::Background
    }

    fn leaves_traces(&self) -> bool {
        true
    }

    fn run(self, _context: &Context) -> Result<Output, Failure> {
        match self.settings.save(&self.path) {
            Ok(()) => Ok(Output::SettingsSaved),
            Err(error) => Err(Failure::File {
                action: "The settings could not be saved",
                reason: error.to_string(),
                path: self.path,
            }),
        }
    }
}
