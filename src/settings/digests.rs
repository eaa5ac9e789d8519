//! Digests that were made of files, so that the same file need not be read for them again.
//!
//! They are worth nothing that could not be made again: a file that cannot be read or written is no trouble.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Files that are remembered. The one that was looked at longest ago is forgotten.
const FILES: usize = 200;

/// Bytes of the list that are read. A larger one was not written by Isoscope.
const LIST_SIZE: u64 = 1 << 20;

/// The digests of one file, which it has as long as its size and time of change are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptDigests {
    file: Stamp,
    /// When they were made, in seconds since 1970.
    pub made: u64,
    /// Hexadecimal digits by the names of the algorithms, such as `sha256`.
    pub digests: BTreeMap<String, String>,
}

/// The time between 1970 and `time`; none for what is before.
fn since_1970(time: SystemTime) -> std::time::Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// The list beside the settings.
pub fn beside(settings: &Path) -> PathBuf {
    settings.with_file_name("digests.json")
}

/// The digests of the file at `path`, if `list` has some and the file has not changed since.
pub fn recall(list: &Path, path: &Path) -> Option<KeptDigests> {
    let now = Stamp::of(path)?;
    load(list).into_iter().find(|kept| kept.file == now)
}

/// What a file is like before it is read for digests: only one that is the same afterwards has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Where it lies.
    path: PathBuf,
    /// Its bytes.
    size: u64,
    /// When it was changed, in nanoseconds since 1970.
    modified: u128,
}

impl Stamp {
    /// The file at `path` as it is now; `None` for what has no size and time by which it could be known again.
    pub fn of(path: &Path) -> Option<Self> {
        let path = fs::canonicalize(path).ok()?;
        let metadata = fs::metadata(&path).ok().filter(Metadata::is_file)?;
        let modified = since_1970(metadata.modified().ok()?).as_nanos();
        Some(Self { path, size: metadata.len(), modified })
    }
}

/// Keeps the digests of a file that is as `before` still. Waits for the disk.
pub fn keep(list: &Path, before: &Stamp, digests: BTreeMap<String, String>) -> io::Result<()> {
    if Stamp::of(&before.path).as_ref() != Some(before) {
        return Ok(());
    }
    let mut all = load(list);
    all.retain(|kept| kept.file.path != before.path);
    let made = since_1970(SystemTime::now()).as_secs();
    all.insert(0, KeptDigests { file: before.clone(), made, digests });
    all.truncate(FILES);
    let text = serde_json::to_vec(&all).map_err(io::Error::other)?;
    if let Some(folder) = list.parent() {
        fs::create_dir_all(folder)?;
    }
    // Two windows may do so at the same time.
    let temporary = list.with_extension(format!("{}.tmp", std::process::id()));
    let written = super::write_new(&temporary, &text).and_then(|()| fs::rename(&temporary, list));
    if written.is_err() {
        // The failure that matters is the first one.
        fs::remove_file(&temporary).unwrap_or_default();
    }
    written
}

/// The list; empty when there is none that can be understood.
fn load(list: &Path) -> Vec<KeptDigests> {
    let is_sound = fs::metadata(list).is_ok_and(|metadata| metadata.len() <= LIST_SIZE);
    let bytes = is_sound.then(|| fs::read(list).ok()).flatten().unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digests() -> BTreeMap<String, String> {
        [("md5".to_owned(), "00ff".to_owned())].into()
    }

    #[test]
    fn digests_are_those_of_the_same_file_only() {
        let dir = tempfile::tempdir().unwrap();
        let (list, image) = (dir.path().join("new/digests.json"), dir.path().join("a.iso"));
        fs::write(&image, "12345").unwrap();
        assert_eq!(recall(&list, &image), None);
        keep(&list, &Stamp::of(&image).unwrap(), digests()).unwrap();
        assert_eq!(recall(&list, &image).unwrap().digests, digests());
        // Another name for the same place.
        assert!(recall(&list, &dir.path().join("new/../a.iso")).is_some());
        // Another file in its place, as long and as old as it may be.
        let file = fs::File::options().write(true).open(&image).unwrap();
        file.set_modified(SystemTime::now() + std::time::Duration::from_secs(5)).unwrap();
        assert_eq!(recall(&list, &image), None);
    }

    #[test]
    fn a_file_that_changes_meanwhile_has_no_digests() {
        let dir = tempfile::tempdir().unwrap();
        let (list, image) = (dir.path().join("digests.json"), dir.path().join("a.iso"));
        fs::write(&image, "12345").unwrap();
        let before = Stamp::of(&image).unwrap();
        fs::write(&image, "123456").unwrap();
        keep(&list, &before, digests()).unwrap();
        assert!(!list.exists() && recall(&list, &image).is_none());
    }

    #[test]
    fn the_list_stays_short_and_is_begun_anew_when_it_makes_no_sense() {
        let dir = tempfile::tempdir().unwrap();
        let list = dir.path().join("digests.json");
        fs::write(&list, "nonsense").unwrap();
        for at in 0..FILES + 5 {
            let image = dir.path().join(format!("{at}.iso"));
            fs::write(&image, "1").unwrap();
            keep(&list, &Stamp::of(&image).unwrap(), digests()).unwrap();
        }
        assert_eq!(load(&list).len(), FILES);
        assert!(recall(&list, &dir.path().join("0.iso")).is_none());
        assert!(recall(&list, &dir.path().join("9.iso")).is_some());
    }
}
