//! Saving a file that the window has made.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Context, Failure, Job, Lane, Output};

/// Saves bytes in a file, in place of one that is there: its name has either the old file or all of the new one.
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
        match save(&bytes, &self.path) {
            Ok(()) => Ok(Output::FileSaved),
            Err(error) => {
                Err(Failure::File { action: "The file could not be saved", reason: error.to_string(), path: self.path })
            }
        }
    }
}

fn save(bytes: &[u8], path: &Path) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    let written = std::fs::File::create_new(&temporary)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        // The failure that matters is the first one.
        std::fs::remove_file(&temporary).unwrap_or_default();
    }
    written
}
