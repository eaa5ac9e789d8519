//! Other programs, and further windows of this one.

use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Starts this program again, with these arguments: every image has a process of its own.
pub fn new_window(arguments: &[&OsStr]) -> io::Result<()> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(arguments).stdin(Stdio::null());
    #[cfg(windows)]
    {
        // Otherwise it gets a console when this one has none.
        const DETACHED_PROCESS: u32 = 0x8;
        std::os::windows::process::CommandExt::creation_flags(&mut command, DETACHED_PROCESS);
    }
    let mut child = command.spawn()?;
    // Waits for the end of the other window, so that no dead process stays behind on Unix.
    std::thread::Builder::new().name("other window".to_owned()).spawn(move || drop(child.wait()))?;
    Ok(())
}

/// Where the user keeps downloads, else the home folder.
pub fn downloads() -> Option<PathBuf> {
    let folders = directories::UserDirs::new()?;
    Some(folders.download_dir().filter(|folder| folder.is_dir()).unwrap_or(folders.home_dir()).to_owned())
}

/// Shows a file or folder in the program that the system has for it.
#[cfg(feature = "gui")]
pub fn open_in_system(path: &std::path::Path) -> io::Result<()> {
    open::that_detached(path)
}
