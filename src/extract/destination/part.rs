//! A file that is being written: it has a temporary name until it is complete.

use std::fs::{File, FileTimes};
use std::io;
use std::time::{Duration, SystemTime};

use cap_fs_ext::{FollowSymlinks, OpenOptionsFollowExt as _};
use cap_std::fs::OpenOptions;

use super::super::name::Component;
use super::super::origin::OriginMark;
use super::Dir;
use crate::disc::time::Timestamp;

/// What a complete file gets beside its name.
#[derive(Debug, Clone, Copy, Default)]
pub struct Finish {
    /// Bytes that must have been written.
    pub size: u64,
    /// Last change of the data.
    pub modified: Option<Timestamp>,
    /// Wait until the medium has it all, so that it may be pulled out.
    pub sync: bool,
    /// Put it in the place of a file or a link of that name. A link's target is left alone, a folder stays.
    pub replace: bool,
}

/// An unfinished file. Unless it is [delivered](Self::deliver), it is removed.
#[derive(Debug)]
pub struct Part<'a> {
    dir: &'a Dir,
    /// Empty once it is delivered.
    name: String,
    /// Open until it is delivered or removed.
    file: Option<File>,
    written: u64,
}

impl<'a> Part<'a> {
    /// Creates the unfinished file `name` in `dir`; `AlreadyExists` when there is anything of that name, even a link.
    pub(super) fn create(dir: &'a Dir, name: &str, executable: bool) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).follow(FollowSymlinks::No);
        #[cfg(unix)]
        cap_std::fs::OpenOptionsExt::mode(&mut options, if executable { 0o755 } else { 0o644 });
        #[cfg(not(unix))]
        let _ = executable;
        let file = dir.open_with(name, &options)?.into_std();
        Ok(Self { dir, name: name.to_owned(), file: Some(file), written: 0 })
    }

    /// Creates the symbolic link `name` in `dir` that leads to `target`; `AlreadyExists` when there is anything of that
    /// name.
    #[cfg(unix)]
    pub(super) fn create_link(dir: &'a Dir, name: &str, target: &str) -> io::Result<Self> {
        dir.symlink(target, name)?;
        Ok(Self { dir, name: name.to_owned(), file: None, written: 0 })
    }

    /// Links need rights there that users rarely have.
    #[cfg(not(unix))]
    pub(super) fn create_link(_: &'a Dir, _: &str, _: &str) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Marks it as coming from where the image does. It comes before all else, so that no file is ever without: not even
    /// an unfinished one, nor one that may no longer be changed. Many file systems keep no such marks, and the file is
    /// as good there.
    ///
    /// On macOS links are marked too: a program that is started through one without may go unchecked.
    pub(super) fn mark(&self, origin: &OriginMark) {
        #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
        if let Some(file) = &self.file {
            set_attributes(file, origin);
        }
        #[cfg(target_vendor = "apple")]
        if self.file.is_none() {
            use rustix::fs::{Mode, OFlags};
            let flags = OFlags::RDONLY | OFlags::SYMLINK | OFlags::CLOEXEC;
            if let Ok(link) = rustix::fs::openat(self.dir, self.name.as_str(), flags, Mode::empty()) {
                set_attributes(link, origin);
            }
        }
        #[cfg(windows)]
        self.dir.write_stream(&self.name, "Zone.Identifier", origin.zone_identifier().as_bytes()).unwrap_or_default();
        #[cfg(not(any(windows, target_os = "linux", target_os = "android", target_vendor = "apple")))]
        let _: &OriginMark = origin;
    }

    /// Bytes written so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Appends `len` zeros, which take no room where the file system knows holes.
    pub fn skip(&mut self, len: u64) -> io::Result<()> {
        let end = self.written.saturating_add(len);
        let mut file = self.open()?;
        file.set_len(end)?;
        io::Seek::seek(&mut file, io::SeekFrom::Start(end))?;
        self.written = end;
        Ok(())
    }

    /// Appends all of `bytes`.
    pub fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        io::Write::write_all(&mut self.open()?, bytes)?;
        self.written = self.written.saturating_add(bytes.len() as u64);
        Ok(())
    }

    /// Appends up to `len` bytes of `from`, from its byte `offset` on, without taking them through this program, and
    /// says how many. `Unsupported` when the system cannot do that; nothing has been written then.
    #[cfg(target_os = "linux")]
    pub fn copy_from(&mut self, from: &File, offset: u64, len: u64) -> io::Result<u64> {
        use rustix::io::Errno;
        let len = usize::try_from(len).unwrap_or(usize::MAX).min(1 << 30);
        let mut offset = offset;
        loop {
            match rustix::fs::copy_file_range(from, Some(&mut offset), self.open()?, None, len) {
                Ok(copied) => {
                    let copied = copied as u64;
                    self.written = self.written.saturating_add(copied);
                    return Ok(copied);
                }
                Err(Errno::INTR) => {}
                // Between file systems, from devices and in some sandboxes.
                Err(Errno::INVAL | Errno::XDEV | Errno::NOSYS | Errno::OPNOTSUPP | Errno::PERM | Errno::BADF) => {
                    return Err(io::ErrorKind::Unsupported.into());
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Always `Unsupported`: there is no such call on this system.
    #[cfg(not(target_os = "linux"))]
    pub fn copy_from(&mut self, _: &File, _: u64, _: u64) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Checks the length, sets the time, and gives the file its final name. Says whether the time could be set.
    ///
    /// `AlreadyExists` when there is something of that name already; the part then stays, to be delivered under
    /// another name. After any other error it is best dropped.
    pub fn deliver(&mut self, name: Component<'_>, finish: Finish) -> io::Result<bool> {
        let mut time_kept = true;
        if let Some(file) = &self.file {
            if self.written != finish.size {
                let message = format!("{} of {} bytes were written", self.written, finish.size);
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
            }
            if let Some(modified) = finish.modified {
                let times = system_time(modified).map(|time| FileTimes::new().set_modified(time));
                time_kept = times.is_some_and(|times| file.set_times(times).is_ok());
            }
            if finish.sync {
                file.sync_all()?;
            }
        }
        // Windows does not rename a file that is open.
        self.file = None;
        if finish.replace {
            if self.dir.symlink_metadata(name.as_str()).is_ok_and(|there| there.is_dir()) {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            self.dir.rename(&self.name, self.dir, name.as_str())?;
        } else {
            rename_without_replacing(self.dir, &self.name, name.as_str())?;
        }
        self.name.clear();
        Ok(time_kept)
    }

    fn open(&self) -> io::Result<&File> {
        self.file.as_ref().ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        // Windows does not remove a file that is open.
        self.file = None;
        if !self.name.is_empty() {
            // Should it fail, the journal still knows the file, and the next run offers to remove it.
            self.dir.remove_file(&self.name).unwrap_or_default();
        }
    }
}

/// Marks a folder that was made, on macOS: there a program is a folder, and is checked only when that is marked.
pub(super) fn mark_folder(dir: &Dir, origin: &OriginMark) {
    #[cfg(target_vendor = "apple")]
    set_attributes(dir, origin);
    #[cfg(not(target_vendor = "apple"))]
    let _ = (dir, origin);
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn set_attributes(file: impl std::os::fd::AsFd, origin: &OriginMark) {
    for (name, value) in origin.attributes() {
        let flags = rustix::fs::XattrFlags::empty();
        rustix::fs::fsetxattr(&file, name, value.as_bytes(), flags).unwrap_or_default();
    }
}

/// The moment as the operating system counts it, if it can.
pub(crate) fn system_time(time: Timestamp) -> Option<SystemTime> {
    let seconds = Duration::from_secs(time.unix_seconds().unsigned_abs());
    let whole = if time.unix_seconds() < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(seconds)?
    } else {
        SystemTime::UNIX_EPOCH.checked_add(seconds)?
    };
    whole.checked_add(Duration::from_nanos(u64::from(time.nanoseconds())))
}

/// Gives `from` the name `to` in the same folder; `AlreadyExists` when there is anything of that name.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_without_replacing(dir: &Dir, from: &str, to: &str) -> io::Result<()> {
    use rustix::fs::RenameFlags;
    use rustix::io::Errno;
    match rustix::fs::renameat_with(dir, from, dir, to, RenameFlags::NOREPLACE) {
        // Old kernels, and file systems such as NFS and some in user space.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => link_then_remove(dir, from, to),
        result => Ok(result?),
    }
}

/// Gives `from` the name `to` in the same folder; `AlreadyExists` when there is anything of that name.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn rename_without_replacing(dir: &Dir, from: &str, to: &str) -> io::Result<()> {
    link_then_remove(dir, from, to)
}

/// A second name for a file is never put in the place of another file, so it does what a careful rename would. File
/// systems without such names (FAT) are looked at first, which leaves a moment between the look and the rename.
fn link_then_remove(dir: &Dir, from: &str, to: &str) -> io::Result<()> {
    match dir.hard_link(from, dir, to) {
        Ok(()) => {
            // The file is complete under its name; a part that stays behind is known to the journal.
            dir.remove_file(from).unwrap_or_default();
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) => match dir.symlink_metadata(to) {
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => dir.rename(from, dir, to),
            Err(error) => Err(error),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::time::{Civil, Precision};

    fn folder() -> (tempfile::TempDir, Dir) {
        let folder = tempfile::tempdir().unwrap();
        let dir = Dir::open_ambient_dir(folder.path(), cap_std::ambient_authority()).unwrap();
        (folder, dir)
    }

    fn names(folder: &tempfile::TempDir) -> Vec<String> {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn component(name: &str) -> Component<'_> {
        Component::new(name).unwrap()
    }

    #[test]
    fn a_file_has_its_name_only_when_it_is_complete() {
        let (folder, dir) = folder();
        let mut part = Part::create(&dir, ".iso0001.part", false).unwrap();
        part.write_all(b"hello").unwrap();
        assert_eq!(names(&folder), [".iso0001.part"]);
        part.deliver(component("a"), Finish { size: 5, ..Finish::default() }).unwrap();
        drop(part);
        assert_eq!(names(&folder), ["a"]);
        assert_eq!(std::fs::read(folder.path().join("a")).unwrap(), b"hello");
    }

    #[test]
    fn a_file_of_the_wrong_length_is_removed() {
        let (folder, dir) = folder();
        let mut part = Part::create(&dir, ".iso0001.part", false).unwrap();
        part.write_all(b"hell").unwrap();
        assert!(part.deliver(component("a"), Finish { size: 5, ..Finish::default() }).is_err());
        drop(part);
        assert!(names(&folder).is_empty());
    }

    #[test]
    fn neither_way_of_renaming_replaces_anything() {
        let (folder, dir) = folder();
        std::fs::write(folder.path().join("there"), b"mine").unwrap();
        for rename in [rename_without_replacing, link_then_remove] {
            std::fs::write(folder.path().join("new"), b"new").unwrap();
            assert_eq!(rename(&dir, "new", "there").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
            rename(&dir, "new", "free").unwrap();
            assert_eq!(names(&folder), ["free", "there"]);
            std::fs::remove_file(folder.path().join("free")).unwrap();
        }
        assert_eq!(std::fs::read(folder.path().join("there")).unwrap(), b"mine");
    }

    #[test]
    fn a_name_that_is_taken_leaves_the_part_for_another_name() {
        let (folder, dir) = folder();
        std::fs::create_dir(folder.path().join("a")).unwrap();
        let mut part = Part::create(&dir, ".iso0001.part", false).unwrap();
        for replace in [false, true] {
            let error = part.deliver(component("a"), Finish { replace, ..Finish::default() }).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        }
        part.deliver(component("a (2)"), Finish::default()).unwrap();
        assert_eq!(names(&folder), ["a", "a (2)"]);
    }

    #[test]
    fn the_time_is_the_discs() {
        let (folder, dir) = folder();
        let civil = Civil { year: 1969, month: 12, day: 31, hour: 23, minute: 59, second: 58 };
        let time = Timestamp::new(civil, 500_000_000, 0, Precision::Hundredth).unwrap();
        let mut part = Part::create(&dir, ".iso0001.part", false).unwrap();
        assert!(part.deliver(component("a"), Finish { modified: Some(time), ..Finish::default() }).unwrap());
        let modified = std::fs::metadata(folder.path().join("a")).unwrap().modified().unwrap();
        assert_eq!(SystemTime::UNIX_EPOCH.duration_since(modified).unwrap(), Duration::from_millis(1500));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_users_execute_bit_and_the_umask_decide_the_mode() {
        use std::os::unix::fs::PermissionsExt as _;
        let (folder, dir) = folder();
        for (name, executable, wanted) in [("plain", false, 0o644), ("program", true, 0o755)] {
            Part::create(&dir, ".iso0001.part", executable)
                .unwrap()
                .deliver(component(name), Finish::default())
                .unwrap();
            // The umask of the tests may take bits away, but nothing may add any.
            let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o7777;
            assert_eq!(mode & !wanted, 0, "{mode:o}");
            assert_eq!(mode & 0o700, wanted & 0o700, "{mode:o}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_replaced_and_never_followed() {
        let (folder, dir) = folder();
        std::fs::write(folder.path().join("target"), b"safe").unwrap();
        std::os::unix::fs::symlink("target", folder.path().join("link")).unwrap();
        std::os::unix::fs::symlink("target", folder.path().join(".iso0001.part")).unwrap();
        assert_eq!(Part::create(&dir, ".iso0001.part", false).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        let mut part = Part::create(&dir, ".iso0002.part", false).unwrap();
        part.write_all(b"new").unwrap();
        let finish = Finish { size: 3, ..Finish::default() };
        assert_eq!(part.deliver(component("link"), finish).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        part.deliver(component("link"), Finish { replace: true, ..finish }).unwrap();
        assert_eq!(std::fs::read(folder.path().join("target")).unwrap(), b"safe");
        assert!(!std::fs::symlink_metadata(folder.path().join("link")).unwrap().is_symlink());
    }
}
