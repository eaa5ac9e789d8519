//! Private copies of files for other programs, where those cannot read them out of the image.
//!
//! Every process has a folder of its own in the user's cache, that nobody else can look into, and in it one [`Slot`] for
//! each drag, copy or file that was opened. What is in a slot is made under another name first, so that no other program
//! ever sees half of it. A lock shows that the process lives; what a dead one has left is removed by the next.
//!
//! Other programs may go on copying after they have said that they are done, so that slots that were given to them stay
//! until the window is closed, and for [`GRACE`] at least.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// How long copies that were given to other programs stay after a window was closed.
pub const GRACE: Duration = Duration::from_secs(60 * 60);

/// The folder of all processes, in the cache of the program.
const STAGING: &str = "staging";

/// The end of the name of a lock; the folder of its process has the same name without it.
const LOCK: &str = ".lock";

/// Where the contents of a slot are made.
const UNFINISHED: &str = ".unfinished";

/// For whom a slot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Another program copies it, soon.
    Handed,
    /// Another program shows it, as long as this one runs.
    Opened,
}

impl Purpose {
    fn prefix(self) -> &'static str {
        match self {
            Self::Handed => "handed-",
            Self::Opened => "opened-",
        }
    }
}

/// The copies of this process. Removed in the end, but for those that another program may still be reading.
#[derive(Debug)]
pub struct Staging {
    cache: Option<PathBuf>,
    own: Mutex<Option<Own>>,
    next: AtomicU64,
}

impl Staging {
    /// Copies in the cache of the user. Nothing is made before the first slot.
    pub fn new() -> Self {
        Self { cache: cache(), own: Mutex::default(), next: AtomicU64::new(1) }
    }

    /// The same in the folder `cache`.
    pub fn below(cache: &Path) -> Self {
        Self { cache: Some(cache.to_owned()), ..Self::new() }
    }

    /// A new, empty slot.
    pub fn slot(&self, purpose: Purpose) -> io::Result<Slot> {
        let cache = self.cache.as_ref().ok_or_else(no_cache)?;
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let own = match &mut *own {
            Some(own) => own,
            none => none.insert(Own::below(cache)?),
        };
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = own.folder.join(format!("{}{number}", purpose.prefix()));
        private_folder(&path)?;
        private_folder(&path.join(UNFINISHED))?;
        Ok(Slot { path, kept: AtomicBool::new(false) })
    }
}

impl Default for Staging {
    fn default() -> Self {
        Self::new()
    }
}

/// The folder of this process, and the lock that says that it lives.
#[derive(Debug)]
struct Own {
    folder: PathBuf,
    lock_path: PathBuf,
    lock: File,
}

impl Own {
    fn below(cache: &Path) -> io::Result<Self> {
        let all = cache.join(STAGING);
        private_folder(&all)?;
        let pid = std::process::id();
        for number in 0..u32::MAX {
            let name = format!("{pid}-{number}");
            let lock_path = all.join(format!("{name}{LOCK}"));
            let lock = match OpenOptions::new().write(true).create_new(true).open(&lock_path) {
                Ok(lock) => lock,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            };
            // Between the two another process may have taken it for that of a dead one, and removed it.
            if lock.try_lock().is_ok() && lock_path.exists() {
                let folder = all.join(name);
                private_folder(&folder)?;
                return Ok(Self { folder, lock_path, lock });
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if clear_folder(&self.folder, GRACE) {
            drop(fs::remove_file(&self.lock_path));
        }
        // It would be given back with the file too.
        drop(self.lock.unlock());
    }
}

/// A private folder for the copies of one drag, copy, or opened file. Dropping it removes it with all that is in it,
/// unless it is to be [kept](Self::keep).
#[derive(Debug)]
pub struct Slot {
    path: PathBuf,
    kept: AtomicBool,
}

impl Slot {
    /// Where its contents are made.
    pub fn unfinished(&self) -> PathBuf {
        self.path.join(UNFINISHED)
    }

    /// Where an item with this name is once it is [published](Self::publish).
    pub fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Gives what was made its place, complete, and says which items there are. The order is that of their names.
    pub fn publish(&self) -> io::Result<Vec<PathBuf>> {
        let unfinished = self.unfinished();
        let mut names: Vec<_> =
            fs::read_dir(&unfinished)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<_>>()?;
        names.sort();
        let mut published = Vec::with_capacity(names.len());
        for name in names {
            let path = self.path.join(&name);
            // The slot is new, so that there is nothing that this could replace.
            fs::rename(unfinished.join(&name), &path)?;
            published.push(path);
        }
        fs::remove_dir(&unfinished)?;
        Ok(published)
    }

    /// Another program is told of it, and may read it as long as this one runs.
    pub fn keep(&self) {
        self.kept.store(true, Ordering::Relaxed);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if !self.kept.load(Ordering::Relaxed) {
            remove(&self.path);
        }
    }
}

/// Removes what processes that are dead have left in the cache of the user: at once what is unfinished or was opened,
/// and what was given to other programs when it is older than `grace`. Says how many folders are gone.
pub fn clear_stale(grace: Duration) -> usize {
    cache().map_or(0, |cache| clear_stale_below(&cache, grace))
}

/// The same in the folder `cache`.
pub fn clear_stale_below(cache: &Path, grace: Duration) -> usize {
    let all = cache.join(STAGING);
    let Ok(entries) = fs::read_dir(&all) else { return 0 };
    let mut cleared = 0;
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str().and_then(|name| name.strip_suffix(LOCK)) else { continue };
        // Only names that are given here.
        if !name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
            continue;
        }
        let Ok(lock) = OpenOptions::new().write(true).open(entry.path()) else { continue };
        if lock.try_lock().is_err() {
            continue;
        }
        if clear_folder(&all.join(name), grace) && fs::remove_file(entry.path()).is_ok() {
            cleared += 1;
        }
    }
    cleared
}

/// Removes the slots of a process, and then its folder; false when something has to stay.
fn clear_folder(folder: &Path, grace: Duration) -> bool {
    let slots = match fs::read_dir(folder) {
        Ok(slots) => slots,
        Err(error) => return error.kind() == io::ErrorKind::NotFound,
    };
    for slot in slots.flatten() {
        let path = slot.path();
        let handed = slot.file_name().to_str().is_some_and(|name| name.starts_with(Purpose::Handed.prefix()));
        let unfinished = path.join(UNFINISHED).exists();
        let age = slot.metadata().and_then(|status| status.modified()).ok();
        let age = age.and_then(|modified| SystemTime::now().duration_since(modified).ok());
        if !handed || unfinished || age.is_none_or(|age| age >= grace) {
            remove(&path);
        }
    }
    fs::remove_dir(folder).is_ok()
}

/// Removes a slot. What cannot be removed is tried again by the next start.
fn remove(slot: &Path) {
    #[cfg(windows)]
    for entry in fs::read_dir(slot).into_iter().flatten().flatten() {
        // Windows does not remove what can only be read.
        if let Ok(status) = entry.metadata() {
            let mut permissions = status.permissions();
            #[expect(clippy::permissions_set_readonly_false, reason = "on Windows nobody else may write for that")]
            permissions.set_readonly(false);
            drop(fs::set_permissions(entry.path(), permissions));
        }
    }
    drop(fs::remove_dir_all(slot));
}

/// Makes a file one that can only be read, by its owner alone.
pub fn make_read_only(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o400);
    #[cfg(not(unix))]
    let permissions = {
        let mut permissions = fs::metadata(path)?.permissions();
        permissions.set_readonly(true);
        permissions
    };
    fs::set_permissions(path, permissions)
}

/// The cache of the program.
fn cache() -> Option<PathBuf> {
    Some(directories::ProjectDirs::from("", "", "isoscope")?.cache_dir().to_owned())
}

fn no_cache() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "The user has no folder for temporary files")
}

/// Makes a folder, and those above it, that only the user can look into.
fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(slot: &Slot, name: &str) {
        fs::write(slot.unfinished().join(name), b"data").unwrap();
    }

    #[test]
    fn what_is_made_gets_its_place_at_once_and_complete() {
        let cache = tempfile::tempdir().unwrap();
        let staging = Staging::below(cache.path());
        let slot = staging.slot(Purpose::Handed).unwrap();
        fill(&slot, "b");
        fill(&slot, "a");
        assert!(!slot.path_of("a").exists());
        assert_eq!(slot.publish().unwrap(), [slot.path_of("a"), slot.path_of("b")]);
        assert_eq!(fs::read_dir(&slot.path).unwrap().count(), 2);
    }

    #[test]
    fn what_nobody_was_given_goes_with_its_slot() {
        let cache = tempfile::tempdir().unwrap();
        let staging = Staging::below(cache.path());
        let [given, complete, unfinished] = [Purpose::Handed; 3].map(|purpose| staging.slot(purpose).unwrap());
        let slots = [&given, &complete, &unfinished];
        let paths = slots.map(|slot| slot.path.clone());
        slots.into_iter().for_each(|slot| fill(slot, "a"));
        given.publish().unwrap();
        given.keep();
        complete.publish().unwrap();
        drop((given, complete, unfinished));
        assert_eq!(paths.map(|path| path.exists()), [true, false, false]);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_look_into_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let cache = tempfile::tempdir().unwrap();
        let staging = Staging::below(cache.path());
        let slot = staging.slot(Purpose::Opened).unwrap();
        let all = cache.path().join(STAGING);
        for folder in [all.as_path(), slot.path.parent().unwrap(), slot.path.as_path(), slot.unfinished().as_path()] {
            assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700, "{}", folder.display());
        }
    }

    #[test]
    fn another_living_process_keeps_what_it_has() {
        let cache = tempfile::tempdir().unwrap();
        let staging = Staging::below(cache.path());
        let slot = staging.slot(Purpose::Opened).unwrap();
        let other = Staging::below(cache.path()).slot(Purpose::Opened).unwrap();
        assert_eq!(clear_stale_below(cache.path(), Duration::ZERO), 0);
        assert!(slot.unfinished().exists());
        assert_ne!(slot.path.parent(), other.path.parent());
    }

    #[test]
    fn what_other_programs_may_still_read_stays_for_a_while() {
        let cache = tempfile::tempdir().unwrap();
        let staging = Staging::below(cache.path());
        let [handed, opened, unfinished] =
            [Purpose::Handed, Purpose::Opened, Purpose::Handed].map(|purpose| staging.slot(purpose).unwrap());
        fill(&handed, "a");
        handed.publish().unwrap();
        handed.keep();
        fill(&opened, "a");
        make_read_only(&opened.publish().unwrap()[0]).unwrap();
        let paths = [&opened.path, &unfinished.path].map(PathBuf::clone);
        // As if the process had been killed: nothing is dropped that would tidy up.
        std::mem::forget(unfinished);
        drop(staging);
        assert!(handed.path_of("a").exists());
        assert!(paths.iter().all(|path| !path.exists()));
        assert_eq!(clear_stale_below(cache.path(), GRACE), 0);
        assert!(handed.path_of("a").exists());
        assert_eq!(clear_stale_below(cache.path(), Duration::ZERO), 1);
        assert_eq!(fs::read_dir(cache.path().join(STAGING)).unwrap().count(), 0);
    }

    #[test]
    fn only_what_is_ours_is_removed() {
        let cache = tempfile::tempdir().unwrap();
        let all = cache.path().join(STAGING);
        fs::create_dir_all(all.join("notes")).unwrap();
        fs::write(all.join("notes.lock"), b"").unwrap();
        fs::create_dir_all(all.join("7-7")).unwrap();
        assert_eq!(clear_stale_below(cache.path(), Duration::ZERO), 0);
        assert!(all.join("notes").exists() && all.join("7-7").exists());
    }
}
