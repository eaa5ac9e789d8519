//! The mount from which files are dragged out of the window, and copied for other programs to paste.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Mount, Shelf, release_dead};
use crate::platform::files::Files;
use crate::platform::process;

/// The folder of the mount in the folder of its process.
const MOUNT: &str = "mnt";

/// One mount for all that this process gives to others, made when there is something to give. Dropping it unmounts it
/// and removes its folders.
#[derive(Default)]
pub struct DragMount {
    live: Mutex<Option<Live>>,
    /// Where the folder of this process is made; the usual place if there is none.
    base: Option<PathBuf>,
}

struct Live {
    shelf: Arc<Shelf>,
    mount: Option<Mount>,
    folder: PathBuf,
}

impl DragMount {
    /// Nothing is mounted yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One whose folders are made in `base`.
    pub fn below(base: &Path) -> Self {
        Self { base: Some(base.to_owned()), ..Self::default() }
    }

    /// Puts `files` into the mount, which is made first if need be: their number, and the folder in which they are.
    pub fn publish(&self, files: Arc<dyn Files>) -> io::Result<(u64, PathBuf)> {
        self.publish_as(files, None)
    }

    /// The same, in a folder of this name, until the result is dropped.
    pub fn publish_while(self: &Arc<Self>, files: Arc<dyn Files>, name: &str) -> io::Result<Published> {
        let (number, folder) = self.publish_as(files, Some(name))?;
        Ok(Published { mount: self.clone(), number, folder })
    }

    fn publish_as(&self, files: Arc<dyn Files>, name: Option<&str>) -> io::Result<(u64, PathBuf)> {
        let mut live = self.lock();
        // Somebody may have unmounted it.
        if live.as_ref().is_some_and(|live| !live.mount.as_ref().is_some_and(Mount::is_mounted)) {
            *live = None;
        }
        let live = match &mut *live {
            Some(live) => live,
            none => none.insert(Live::new(self.base.as_deref())?),
        };
        let (number, name) = live.shelf.put_as(files, name)?;
        Ok((number, live.folder.join(MOUNT).join(&*name)))
    }

    /// Takes away what was published under this number. Files that are open can be read on.
    pub fn withdraw(&self, number: u64) {
        if let Some(live) = &*self.lock() {
            live.shelf.remove(number);
        }
    }

    /// Files that other programs are reading.
    pub fn open_files(&self) -> usize {
        self.lock().as_ref().and_then(|live| live.mount.as_ref()).map_or(0, Mount::open_files)
    }

    /// Waits until no program has read a file for a second, at most for `patience`. Between two files of a folder that is
    /// being copied none is open for a moment.
    pub fn wait_until_unused(&self, patience: Duration) {
        const STEP: Duration = Duration::from_millis(100);
        let deadline = Instant::now() + patience;
        let mut quiet = Duration::ZERO;
        while self.lock().is_some() && quiet < Duration::from_secs(1) && Instant::now() < deadline {
            std::thread::sleep(STEP);
            quiet = if self.open_files() == 0 { quiet.saturating_add(STEP) } else { Duration::ZERO };
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Files that others find in the mount as long as this lives.
pub struct Published {
    mount: Arc<DragMount>,
    number: u64,
    folder: PathBuf,
}

impl Published {
    /// The folder in which they are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        self.mount.withdraw(self.number);
    }
}

impl Live {
    fn new(base: Option<&Path>) -> io::Result<Self> {
        let bases = base.map_or_else(process::private_bases, |base| vec![base.to_owned()]);
        let mut made = Err(io::Error::from(io::ErrorKind::NotFound));
        for base in bases {
            let folder = base.join(process::own_folder_name());
            made = process::make_private(&folder).map(|()| folder);
            if made.is_ok() {
                break;
            }
        }
        let folder = made?;
        // From here on its end removes the folders.
        let mut live = Self { shelf: Arc::new(Shelf::new()), mount: None, folder };
        let dir = live.folder.join(MOUNT);
        process::make_private(&dir)?;
        live.mount = Some(Mount::new(&dir, live.shelf.clone(), "isoscope")?);
        Ok(live)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        drop(self.mount.take());
        remove_folders(&self.folder);
    }
}

/// Unmounts what processes that died have left mounted for others to drag from, and removes the folders.
pub fn clear_stale() {
    process::private_bases().iter().for_each(|base| clear_stale_in(base));
}

/// The same, for mounts that were made by [`DragMount::below`].
pub fn clear_stale_in(base: &Path) {
    for folder in process::folders_of_the_dead(base) {
        release_dead(&folder.join(MOUNT));
        remove_folders(&folder);
    }
}

/// Removes the folder of a process if nothing is in it but the empty folder of the mount.
fn remove_folders(folder: &Path) {
    // What is not empty, or mounted still, stays.
    std::fs::remove_dir(folder.join(MOUNT)).unwrap_or_default();
    std::fs::remove_dir(folder).unwrap_or_default();
}
