//! The file managers that files are dragged to, and the folder that they show.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::Digest as _;

use super::screen::{PATIENCE, Running, Screen};

/// A program that takes files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileManager {
    /// GTK 2.
    PcManFm,
    /// GTK 3.
    Thunar,
    /// GTK 4.
    Nautilus,
    /// Qt.
    Dolphin,
}

impl FileManager {
    pub const ALL: [Self; 4] = [Self::PcManFm, Self::Thunar, Self::Nautilus, Self::Dolphin];

    /// Those that are to be tested: two of different families, or all when `ISOSCOPE_ALL_FILE_MANAGERS` is set.
    pub fn chosen() -> &'static [Self] {
        if std::env::var_os("ISOSCOPE_ALL_FILE_MANAGERS").is_some() { &Self::ALL } else { &Self::ALL[..2] }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::PcManFm => "pcmanfm",
            Self::Thunar => "thunar",
            Self::Nautilus => "nautilus",
            Self::Dolphin => "dolphin",
        }
    }

    /// Starts it with the folder that it shall show.
    pub fn start(self, screen: &Screen, folder: &Path) -> Running {
        let options: &[&str] = match self {
            Self::PcManFm => &["--no-desktop"],
            Self::Nautilus => &["--new-window"],
            Self::Thunar | Self::Dolphin => &[],
        };
        // Each has a bus of its own, so that it talks to no other one of its kind, and ends with what it has started.
        let mut command = screen.command("dbus-run-session");
        command.args(["--", self.name()]).args(options).arg(folder);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        Running::group(&mut command).expect("dbus is installed")
    }
}

/// Every file and folder below `root`, with what is in it.
pub fn contents(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            let name = path.strip_prefix(root).unwrap().to_owned();
            if path.is_dir() {
                found.insert(name, "folder".to_owned());
                folders.push(path);
            } else if let Ok(bytes) = std::fs::read(&path) {
                let digest = sha2::Sha256::digest(&bytes);
                found.insert(name, digest.iter().map(|byte| format!("{byte:02x}")).collect());
            }
        }
    }
    found
}

/// Waits until the folder holds this and nothing else.
pub fn wait_for_contents(what: &str, folder: &Path, expected: &BTreeMap<PathBuf, String>) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found = contents(folder);
        if found == *expected {
            return;
        }
        if Instant::now() > deadline {
            panic!("{what}: {:?} arrived instead of {:?}", found.keys(), expected.keys());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
