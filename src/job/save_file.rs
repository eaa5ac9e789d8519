//! Saving a file that the window has made.

use std::path::PathBuf;

use super::{Context, Failure, Job, Lane, Output};
use crate::extract::destination::replace_file;

/// Saves bytes in a file, in place of one that is there.
pub struct SaveFile {
    /// Makes what goes into it, here and not where the window waits.
    pub make: Box<dyn FnOnce() -> Vec<u8> + Send>,
    /// The file, which the user has chosen.
    pub path: PathBuf,
}

impl Job for SaveFile {
    fn name(&self) -> &'static str {
        "Saving a file"
    }

    fn lane(&self) -> Lane {
        Lane::Background
    }

    fn leaves_traces(&self) -> bool {
        true
    }

    fn run(self, _context: &Context) -> Result<Output, Failure> {
        let bytes = (self.make)();
        match replace_file(&self.path, &bytes) {
            Ok(()) => Ok(Output::FileSaved),
            Err(error) => {
                Err(Failure::File { action: "The file could not be saved", reason: error.to_string(), path: self.path })
            }
        }
    }
}
