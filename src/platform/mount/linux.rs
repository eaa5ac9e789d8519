//! Mounting with FUSE, by the system call where that is allowed, else through `fusermount3`.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use fuser::{BackgroundSession, Config, MountOption, Session};
use rustix::io::Errno;
use rustix::mount::UnmountFlags;

use super::ahead::ReadAhead;
use super::fuse::{Adapter, OpenFiles};
use crate::platform::files::Files;

/// Through which the kernel asks.
const DEVICE: &str = "/dev/fuse";

/// What mounts and unmounts for ordinary users.
const HELPER: &str = "fusermount3";

/// The kind of file system that tables of mounts show, behind `fuse.`.
const SUBTYPE: &str = "isoscope";

/// How long it may take until all threads have heard that nothing is mounted any more.
const FAREWELL: Duration = Duration::from_millis(500);

/// A mounted tree. Dropping it unmounts it, also while files are open: who has them open can then no longer read when
/// the process ends.
#[derive(Debug)]
pub struct Mount {
    dir: PathBuf,
    /// The number of the mounted file system, by which it is known again.
    device: u64,
    session: Option<BackgroundSession>,
    open: OpenFiles,
}

impl Mount {
    /// Mounts `files` in the folder `dir`. Tables of mounts show it as `name`.
    pub fn new(dir: &Path, files: Arc<dyn Files>, name: &str) -> io::Result<Self> {
        let dir = dir.canonicalize()?;
        let name: String =
            name.chars().map(|c| if c == ',' || c == '\\' || c.is_control() { '_' } else { c }).collect();
        let mut config = Config::default();
        config.mount_options = vec![
            MountOption::RO,
            MountOption::NoDev,
            MountOption::NoSuid,
            MountOption::NoAtime,
            MountOption::DefaultPermissions,
            MountOption::FSName(if name.is_empty() { SUBTYPE.to_owned() } else { name }),
            MountOption::CUSTOM(format!("subtype={SUBTYPE}")),
        ];
        config.n_threads = Some(std::thread::available_parallelism().map_or(2, |count| count.get().clamp(2, 4)));
        config.clone_fd = true;
        let open = OpenFiles::default();
        let ahead = ReadAhead::default();
        let adapter = || Adapter::new(files.clone(), open.clone(), ahead.clone());
        let session = match Session::new(adapter(), &dir, &config) {
            // Kernels before 5.4 do not know the option.
            Err(_) if rustix::process::geteuid().is_root() => {
                config.mount_options.pop();
                Session::new(adapter(), &dir, &config)?
            }
            session => session?,
        };
        let session = session.spawn()?;
        ahead.start(session.notifier());
        let device = dir.metadata()?.dev();
        Ok(Self { dir, device, session: Some(session), open })
    }

    /// Where it is mounted.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// True until it is unmounted from outside, and nobody has a file of it open any more.
    pub fn is_mounted(&self) -> bool {
        self.session.as_ref().is_some_and(|session| !session.guard.is_finished())
    }

    /// Files that other programs have open.
    pub fn open_files(&self) -> usize {
        self.open.count()
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else { return };
        // Something else may be mounted there by now, or nothing.
        let ours = self.is_mounted_here();
        if ours {
            unmount(&self.dir);
        }
        let started = Instant::now();
        while !session.guard.is_finished() && started.elapsed() < FAREWELL {
            std::thread::sleep(Duration::from_millis(2));
        }
        if session.guard.is_finished() {
            drop(session);
        } else {
            // Files are open still. Dropping it would unmount whatever is mounted there next.
            std::mem::forget(session);
        }
    }
}

impl Mount {
    fn is_mounted_here(&self) -> bool {
        self.dir.metadata().is_ok_and(|there| there.dev() == self.device)
    }
}

/// Takes a mount out of the tree of folders at once. Files that are open stay readable as long as somebody serves them.
fn unmount(dir: &Path) -> bool {
    match rustix::mount::unmount(dir, UnmountFlags::DETACH | UnmountFlags::NOFOLLOW) {
        Ok(()) => true,
        Err(Errno::PERM) => {
            let mut helper = Command::new(HELPER);
            helper.args(["-u", "-q", "-z", "--"]).arg(dir);
            helper.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            helper.status().is_ok_and(|status| status.success())
        }
        Err(_) => false,
    }
}

/// Unmounts what a process that died has left mounted at `dir`: a mount of ours that answers nothing any more. True when
/// there was one, and is no longer.
pub fn release_dead(dir: &Path) -> bool {
    // The kernel may remember what the folder itself is, but not that it can be opened.
    let opened = std::fs::read_dir(dir);
    let dead = opened.is_err_and(|error| error.raw_os_error() == Some(Errno::NOTCONN.raw_os_error()));
    dead && is_ours(dir) && unmount(dir)
}

/// True when the table of mounts says that the last one at `dir` is of our kind.
fn is_ours(dir: &Path) -> bool {
    // The folder itself cannot be asked where it is.
    let Some((parent, name)) = dir.parent().zip(dir.file_name()) else { return false };
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let Ok(dir) = parent.canonicalize().map(|parent| parent.join(name)) else { return false };
    let Ok(table) = std::fs::read_to_string("/proc/self/mountinfo") else { return false };
    let mut kinds = table.lines().rev().filter_map(|line| {
        // See proc(5): the path is the fifth field, and the kind of file system stands behind a dash.
        let (mount, system) = line.split_once(" - ")?;
        let path = mount.split(' ').nth(4)?;
        (unescaped(path) == dir.as_os_str().as_encoded_bytes()).then(|| system.split(' ').next())?
    });
    // The last one is on top.
    kinds.next().is_some_and(|kind| kind.strip_prefix("fuse.") == Some(SUBTYPE))
}

/// A path of the table of mounts, in which spaces and the like stand as `\040`.
fn unescaped(path: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = (*first == b'\\').then(|| behind.get(..3)).flatten();
        let code = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        match code {
            Some(code) => {
                bytes.push(code);
                rest = behind.get(3..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    bytes
}

/// Whether this user can mount here, and else why not: one sentence without a full stop.
pub fn probe() -> Result<(), String> {
    match std::fs::OpenOptions::new().read(true).write(true).open(DEVICE) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(format!("Images cannot be mounted here: the kernel offers no FUSE ({DEVICE} is missing)"));
        }
        Err(error) => return Err(format!("Images cannot be mounted here: {DEVICE} cannot be opened ({error})")),
    }
    if rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let mut helper = Command::new(HELPER);
    helper.arg("-V").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match helper.status() {
        Ok(status) if status.success() => Ok(()),
        _ => Err(format!("Images cannot be mounted here: the program {HELPER} is missing (package fuse3)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_table_of_mounts_are_read_as_they_are_written() {
        assert_eq!(unescaped(r"/mnt/a\040b\134c"), br"/mnt/a b\c");
        assert_eq!(unescaped(r"/mnt/\09\"), br"/mnt/\09\");
    }

    #[test]
    fn only_what_is_dead_and_ours_is_released() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!release_dead(folder.path()));
        assert!(!release_dead(&folder.path().join("absent")));
        assert!(!is_ours(Path::new("/proc")));
    }
}
