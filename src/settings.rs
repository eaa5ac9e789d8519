//! What is remembered between starts. The file is JSON, is written whole or not at all, and is never thrown away: one
//! that cannot be read is set aside under another name, and that is said.

pub mod digests;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Number of the file's layout. Files with a higher one come from a newer Isoscope: what this one does not know of them
/// is kept as it is.
pub const VERSION: u32 = 1;

/// Recent images that are remembered.
pub const RECENTS: usize = 20;

/// Bytes of a settings file that are read. A larger one was not written by Isoscope.
const FILE_SIZE: u64 = 1 << 20;

/// Numbers that are tried for a file that is set aside.
const BAD_FILES: u32 = 1000;

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    /// As the system says.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// How sizes are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Units {
    /// kB, MB: powers of 1000.
    #[default]
    Decimal,
    /// KiB, MiB: powers of 1024.
    Binary,
    /// Bytes.
    Bytes,
}

/// A column of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnSetting {
    /// Its name, such as `first-block`.
    pub name: String,
    /// Its width in points.
    pub width: f32,
}

/// Place and size of the window, in points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct WindowSetting {
    /// Width of the inside.
    pub width: f32,
    /// Height of the inside.
    pub height: f32,
    /// True when it fills the screen.
    #[serde(default)]
    pub maximized: bool,
}

/// Everything that is remembered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Settings {
    /// Layout of the file that was read.
    pub version: u32,
    /// Light or dark.
    pub theme: ThemeChoice,
    /// How sizes are written.
    pub units: Units,
    /// The renderer to try first, such as `glow`; `None` for what suits the system.
    pub renderer: Option<String>,
    /// Size of all text and controls; 1 is the normal one.
    pub font_scale: f32,
    /// The columns of the table in their order; empty for the usual ones.
    pub columns: Vec<ColumnSetting>,
    /// The window as it was when it was closed.
    pub window: Option<WindowSetting>,
    /// Images that were opened, newest first.
    pub recents: Vec<PathBuf>,
    /// Folder of the last extraction.
    pub last_extract_folder: Option<PathBuf>,
    /// Other programs read files out of a mount where that is possible, instead of copies.
    pub mounts: bool,
    /// What another version has written.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            version: VERSION,
            theme: ThemeChoice::default(),
            units: Units::default(),
            renderer: None,
            font_scale: 1.0,
            columns: Vec::new(),
            window: None,
            recents: Vec::new(),
            last_extract_folder: None,
            mounts: true,
            unknown: Map::new(),
        }
    }
}

/// The settings, and what the user should know about how they were found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// One sentence, when not all was well.
    pub notice: Option<String>,
}

impl Settings {
    /// The file in the place where the platform keeps such things; `None` when the user has no home folder.
    pub fn default_path() -> Option<PathBuf> {
        let dirs = directories::ProjectDirs::from("", "", "isoscope")?;
        Some(dirs.config_dir().join("settings.json"))
    }

    /// Reads the settings. Never fails: what cannot be read is set aside, the backup takes its place if there is one, and
    /// the notice says so.
    pub fn load(path: &Path) -> Loaded {
        let trouble = match read(path) {
            Ok(Some(settings)) => return Loaded { settings, notice: None },
            Ok(None) => match read(&backup_path(path)) {
                // Saving was interrupted just between the two renames.
                Ok(Some(settings)) => return Loaded { settings, notice: None },
                _ => return Loaded::default(),
            },
            Err(ReadError::Io(error)) => {
                let notice =
                    format!("The settings could not be read ({error}), so Isoscope starts with the usual ones");
                return Loaded { settings: Settings::default(), notice: Some(notice) };
            }
            Err(ReadError::Content(trouble)) => trouble,
        };
        let (settings, instead) = match read(&backup_path(path)) {
            Ok(Some(settings)) => (settings, "the ones saved before them are in use"),
            _ => (Settings::default(), "Isoscope starts with the usual ones"),
        };
        let kept = match set_aside(path) {
            Ok(aside) => format!("The file is kept as {}", aside.file_name().unwrap_or_default().to_string_lossy()),
            Err(error) => format!("The file could not be set aside ({error})"),
        };
        let notice = format!("The settings could not be understood ({trouble}), so {instead}. {kept}");
        Loaded { settings, notice: Some(notice) }
    }

    /// Writes the settings whole or not at all. Waits for the disk, so never call it from the window.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut text = serde_json::to_vec_pretty(self).map_err(io::Error::other)?;
        text.push(b'\n');
        // Two windows may save at the same time.
        let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
        let written = write_new(&temporary, &text).and_then(|()| {
            match fs::rename(path, backup_path(path)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            fs::rename(&temporary, path)
        });
        if written.is_err() {
            // The failure that matters is the first one.
            fs::remove_file(&temporary).unwrap_or_default();
        }
        written?;
        sync_folder(folder);
        Ok(())
    }

    /// Puts an image at the head of the recent ones.
    pub fn remember(&mut self, image: &Path) {
        self.recents.retain(|recent| recent != image);
        self.recents.insert(0, image.to_owned());
        self.recents.truncate(RECENTS);
    }

    /// Forgets a recent image.
    pub fn forget(&mut self, image: &Path) {
        self.recents.retain(|recent| recent != image);
    }

    /// What another hand has written into the file is brought into its bounds.
    fn tidied(mut self) -> Self {
        self.recents.truncate(RECENTS);
        self.columns.truncate(64);
        if !(0.5..=4.0).contains(&self.font_scale) {
            self.font_scale = 1.0;
        }
        self.columns.retain(|column| (1.0..=10_000.0).contains(&column.width));
        let sound = |size: f32| (100.0..=30_000.0).contains(&size);
        self.window = self.window.filter(|window| sound(window.width) && sound(window.height));
        self
    }
}

enum ReadError {
    Io(io::Error),
    Content(String),
}

/// `None` when there is no such file.
fn read(path: &Path) -> Result<Option<Settings>, ReadError> {
    let bytes = match fs::metadata(path) {
        Ok(metadata) if metadata.len() > FILE_SIZE => {
            return Err(ReadError::Content(format!("it has {} bytes", metadata.len())));
        }
        Ok(_) => fs::read(path).map_err(ReadError::Io)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ReadError::Io(error)),
    };
    if bytes.is_empty() {
        return Err(ReadError::Content("it is empty".to_owned()));
    }
    match serde_json::from_slice::<Settings>(&bytes) {
        Ok(settings) => Ok(Some(settings.tidied())),
        Err(error) => Err(ReadError::Content(error.to_string())),
    }
}

fn backup_path(path: &Path) -> PathBuf {
    path.with_extension("json.bak")
}

/// Renames the file to `settings.bad-N`, N being the first free number.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    for number in 1..=BAD_FILES {
        let aside = path.with_extension(format!("bad-{number}"));
        if !fs::exists(&aside)? {
            fs::rename(path, &aside)?;
            return Ok(aside);
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    // The list of recent images is nobody else's business.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    file.write_all(bytes)?;
    // Otherwise a power cut after the rename could leave an empty file.
    file.sync_all()
}

/// Makes the renames last; where the system cannot do that they last soon enough.
fn sync_folder(folder: &Path) {
    #[cfg(unix)]
    if let Ok(folder) = File::open(folder) {
        folder.sync_all().unwrap_or_default();
    }
    #[cfg(not(unix))]
    let _: &Path = folder;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("settings.json");
        (dir, path)
    }

    fn full() -> Settings {
        let mut settings = Settings {
            theme: ThemeChoice::Dark,
            units: Units::Binary,
            renderer: Some("wgpu".to_owned()),
            font_scale: 1.25,
            columns: vec![ColumnSetting { name: "size".to_owned(), width: 92.0 }],
            window: Some(WindowSetting { width: 1200.0, height: 800.0, maximized: true }),
            last_extract_folder: Some("/tmp/out".into()),
            ..Settings::default()
        };
        settings.remember(Path::new("/images/ä b.iso"));
        settings
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_saved_is_loaded_again() {
        let (_dir, path) = place();
        let path = path.parent().unwrap().join("new/folder/settings.json");
        assert_eq!(Settings::load(&path), Loaded::default(), "nothing there yet is no trouble");
        full().save(&path).unwrap();
        assert_eq!(Settings::load(&path), Loaded { settings: full(), notice: None });
    }

    #[test]
    fn saving_leaves_the_file_before_as_a_backup_and_nothing_else() {
        let (dir, path) = place();
        Settings::default().save(&path).unwrap();
        full().save(&path).unwrap();
        assert_eq!(names(dir.path()), ["settings.json", "settings.json.bak"]);
        assert_eq!(Settings::load(&backup_path(&path)).settings, Settings::default());
    }

    #[test]
    fn keys_of_another_version_are_kept() {
        let (_dir, path) = place();
        fs::write(&path, r#"{"version": 7, "theme": "dark", "shimmer": {"strength": 3}}"#).unwrap();
        let Loaded { mut settings, notice } = Settings::load(&path);
        assert_eq!((settings.theme, settings.version, notice), (ThemeChoice::Dark, 7, None));
        settings.theme = ThemeChoice::Light;
        settings.save(&path).unwrap();
        let saved: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(saved["shimmer"]["strength"], 3);
        assert_eq!(saved["version"], 7);
        assert_eq!(saved["theme"], "light");
    }

    #[test]
    fn a_torn_file_is_set_aside_and_that_is_said() {
        let (dir, path) = place();
        full().save(&path).unwrap();
        let whole = fs::read(&path).unwrap();
        for (number, len) in [0, 1, whole.len() / 2, whole.len() - 3].into_iter().enumerate() {
            fs::write(&path, &whole[..len]).unwrap();
            let loaded = Settings::load(&path);
            let aside = format!("settings.bad-{}", number + 1);
            assert!(loaded.notice.unwrap().contains(&aside));
            assert_eq!(loaded.settings, Settings::default());
            assert_eq!(fs::read(dir.path().join(&aside)).unwrap(), &whole[..len], "not a byte is lost");
            assert!(!path.exists());
        }
    }

    #[test]
    fn the_backup_steps_in_for_a_torn_or_a_missing_file() {
        let (_dir, path) = place();
        full().save(&path).unwrap();
        Settings::default().save(&path).unwrap();
        fs::write(&path, "{").unwrap();
        let loaded = Settings::load(&path);
        assert_eq!(loaded.settings, full());
        assert!(loaded.notice.unwrap().contains("saved before"));
        // Now only the backup is there, as after a power cut between the two renames.
        assert_eq!(Settings::load(&path), Loaded { settings: full(), notice: None });
    }

    #[test]
    fn values_beyond_reason_are_brought_into_bounds() {
        let (_dir, path) = place();
        let recents: Vec<String> = (0..50).map(|number| format!("/{number}.iso")).collect();
        let text = serde_json::json!({
            "font-scale": 1e9, "recents": recents, "window": {"width": -4, "height": 600},
            "columns": [{"name": "size", "width": 0}, {"name": "kind", "width": 80}],
        });
        fs::write(&path, text.to_string()).unwrap();
        let Loaded { settings, notice } = Settings::load(&path);
        assert_eq!(notice, None);
        assert_eq!((settings.font_scale, settings.recents.len(), settings.window), (1.0, RECENTS, None));
        assert_eq!(settings.columns.len(), 1);
    }

    #[test]
    fn a_wrong_type_or_a_huge_file_is_set_aside() {
        let (_dir, path) = place();
        for text in [r#"{"recents": 5}"#.to_owned(), "[]".to_owned(), " ".repeat(2 << 20)] {
            fs::write(&path, text).unwrap();
            assert!(Settings::load(&path).notice.is_some());
            assert!(!path.exists());
        }
    }

    #[test]
    fn recent_images_are_the_newest_first_and_each_only_once() {
        let mut settings = Settings::default();
        for number in 0..30 {
            settings.remember(Path::new(&format!("/{number}.iso")));
        }
        settings.remember(Path::new("/15.iso"));
        assert_eq!(settings.recents.len(), RECENTS);
        assert_eq!(settings.recents[..3], [Path::new("/15.iso"), Path::new("/29.iso"), Path::new("/28.iso")]);
        assert_eq!(settings.recents.iter().filter(|recent| recent.ends_with("15.iso")).count(), 1);
        settings.forget(Path::new("/15.iso"));
        assert_eq!(settings.recents[0], Path::new("/29.iso"));
    }

    #[test]
    fn a_place_that_cannot_be_written_is_an_error_and_leaves_nothing_behind() {
        let (dir, path) = place();
        full().save(&path).unwrap();
        let before = names(dir.path());
        // A folder stands where the temporary file would.
        let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
        fs::create_dir(&temporary).unwrap();
        assert!(Settings::default().save(&path).is_err());
        fs::remove_dir(&temporary).unwrap();
        assert_eq!(names(dir.path()), before);
        assert_eq!(Settings::load(&path).settings, full(), "what was there is untouched");
        // A file stands where the folder would.
        assert!(full().save(&path.join("below/settings.json")).is_err());
    }

    #[test]
    #[cfg(unix)]
    fn a_read_only_folder_is_an_error_and_leaves_nothing_behind() {
        use std::os::unix::fs::PermissionsExt as _;
        let (dir, path) = place();
        full().save(&path).unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o500)).unwrap();
        let result = Settings::default().save(&path);
        let loaded = Settings::load(&path);
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
        match result {
            Err(_) => assert_eq!((loaded.settings, names(dir.path())), (full(), vec!["settings.json".to_owned()])),
            // The superuser writes everywhere.
            Ok(()) => assert_eq!(loaded.settings, Settings::default()),
        }
    }
}
