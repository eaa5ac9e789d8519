//! The folder that files are extracted to: the only code that writes users' files.
//!
//! A path is used once, to open the folder. From then on everything goes through the handles of folders, one
//! [`Component`] at a time, and no link is followed on the way. On Windows a handle knows its path, see `dir.rs`.

#[cfg(windows)]
mod dir;
mod journal;
mod made;
mod part;
mod volume;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_fs_ext::DirExt as _;
#[cfg(not(windows))]
use cap_std::fs::Dir;

#[cfg(windows)]
use self::dir::Dir;
use self::journal::Journal;
use super::name::Component;
use super::origin::OriginMark;
use crate::disc::time::Timestamp;

pub use self::journal::Leftover;
pub use self::made::replace_file;
pub(crate) use self::part::system_time;
pub use self::part::{Finish, Part};
pub use self::volume::Space;

/// Something that the destination holds already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Existing {
    /// Its name. One that is not Unicode is shown as well as it can be.
    pub name: String,
    /// True for a folder, and for nothing that merely leads to one.
    pub is_folder: bool,
}

/// The folder that files are extracted to.
#[derive(Debug)]
pub struct Destination {
    root: Dir,
    path: PathBuf,
    origin: Option<Arc<OriginMark>>,
}

impl Destination {
    /// Opens the folder `path`, which must exist.
    pub fn open(path: &Path) -> io::Result<Self> {
        let root = Dir::open_ambient_dir(path, cap_std::ambient_authority())?;
        Ok(Self { root, path: path.to_owned(), origin: None })
    }

    /// Opens the folder `path`, and creates it and its parents where they are missing.
    pub fn create(path: &Path) -> io::Result<Self> {
        Dir::create_ambient_dir_all(path, cap_std::ambient_authority())?;
        Self::open(path)
    }

    /// Gives everything that is written the mark `origin`, which is that of the image.
    #[must_use]
    pub fn marking(self, origin: Option<OriginMark>) -> Self {
        Self { origin: origin.map(Arc::new), ..self }
    }

    /// The path by which it was opened, to show it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The room on its volume.
    pub fn space(&self) -> io::Result<Space> {
        #[cfg(unix)]
        return volume::space(&self.root);
        #[cfg(windows)]
        return volume::space(&self.path);
    }

    /// True when it lies on a medium that is likely to be pulled out.
    pub fn is_removable(&self) -> bool {
        volume::is_removable(&self.root)
    }

    /// What is in the folder below it that `path` leads to; `None` when there is no such folder.
    pub fn existing(&self, path: &[Component<'_>]) -> io::Result<Option<Vec<Existing>>> {
        let mut dir = self.root.try_clone()?;
        for component in path {
            dir = match dir.symlink_metadata(component.as_str()) {
                Ok(status) if status.is_dir() => dir.open_dir_nofollow(component.as_str())?,
                Ok(_) => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            };
        }
        let mut found = Vec::new();
        for entry in dir.entries()? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            found.push(Existing { name, is_folder: entry.file_type()?.is_dir() });
        }
        Ok(Some(found))
    }

    /// The unfinished files of earlier runs into this folder that were killed.
    pub fn leftovers(&self) -> io::Result<Vec<Leftover>> {
        journal::leftovers(&self.root)
    }

    /// Removes the [leftovers](Self::leftovers) and says how many.
    pub fn remove_leftovers(&self) -> io::Result<usize> {
        journal::remove_leftovers(&self.root)
    }

    /// Starts writing. Fails when nothing can be written here.
    pub fn start(&self) -> io::Result<Writer<'_>> {
        journal::forget_finished(&self.root)?;
        self.start_unseen()
    }

    /// Starts writing without looking at what is here: for a folder of which only one new item is our concern. macOS asks
    /// the user before a program sees what is on the desktop, and not before it puts something new there.
    pub fn start_unseen(&self) -> io::Result<Writer<'_>> {
        let journal = Journal::start(&self.root)?;
        let number = journal.number();
        Ok(Writer { root: &self.root, origin: self.origin.clone(), journal, number, noted: None })
    }
}

/// A run that writes into a [`Destination`], one file after the other.
#[derive(Debug)]
pub struct Writer<'a> {
    root: &'a Dir,
    origin: Option<Arc<OriginMark>>,
    journal: Journal,
    /// The number in the names of unfinished files.
    number: u32,
    /// The folder that the journal noted last.
    noted: Option<String>,
}

impl Writer<'_> {
    /// The destination itself.
    pub fn root(&self) -> io::Result<Folder> {
        Ok(Folder { dir: self.root.try_clone()?, origin: self.origin.clone() })
    }

    /// Creates an unfinished file in `folder`, whose `/`-separated path below the destination is `path`.
    pub fn create<'a>(&mut self, folder: &'a Folder, path: &str, executable: bool) -> io::Result<Part<'a>> {
        let part = self.begin(path, |name| Part::create(&folder.dir, name, executable))?;
        if let Some(origin) = &self.origin {
            part.mark(origin);
        }
        Ok(part)
    }

    /// Creates a symbolic link to `target` in `folder`, which does not have its name yet.
    pub fn create_link<'a>(&mut self, folder: &'a Folder, path: &str, target: &str) -> io::Result<Part<'a>> {
        let part = self.begin(path, |name| Part::create_link(&folder.dir, name, target))?;
        if let Some(origin) = &self.origin {
            part.mark(origin);
        }
        Ok(part)
    }

    /// Notes the name of an unfinished file in the folder at `path`, and makes it.
    fn begin<'a>(&mut self, path: &str, make: impl Fn(&str) -> io::Result<Part<'a>>) -> io::Result<Part<'a>> {
        let first = self.number;
        loop {
            let name = journal::part_name(self.number);
            if self.noted.as_deref() != Some(path) {
                let separator = if path.is_empty() { "" } else { "/" };
                self.journal.note(&format!("{path}{separator}{name}"))?;
                self.noted = Some(path.to_owned());
            }
            match make(&name) {
                // Somebody else's file of this name, or one that could not be removed.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    self.number = journal::next(self.number);
                    self.noted = None;
                    if self.number == first {
                        return Err(error);
                    }
                }
                result => return result,
            }
        }
    }

    /// Ends the run. An unfinished file that could not be removed stays in the journal.
    pub fn finish(self) -> io::Result<()> {
        self.journal.end(self.root)
    }
}

/// The handle of a folder at or below the destination.
#[derive(Debug)]
pub struct Folder {
    dir: Dir,
    /// The mark of what is made in it.
    origin: Option<Arc<OriginMark>>,
}

impl Folder {
    /// Opens the folder `name` in it. A link is no folder, wherever it leads.
    pub fn open(&self, name: Component<'_>) -> io::Result<Self> {
        Ok(Self { dir: self.dir.open_dir_nofollow(name.as_str())?, origin: self.origin.clone() })
    }

    /// Opens the folder `name` in it, and creates it first when there is nothing of that name. Says whether it did.
    /// `AlreadyExists` when the name belongs to something else, such as a file or a link.
    pub fn make(&self, name: Component<'_>) -> io::Result<(Self, bool)> {
        let builder = {
            #[cfg_attr(not(unix), expect(unused_mut, reason = "only POSIX folders are made with a mode"))]
            let mut builder = cap_std::fs::DirBuilder::new();
            #[cfg(unix)]
            cap_std::fs::DirBuilderExt::mode(&mut builder, 0o755);
            builder
        };
        match self.dir.create_dir_with(name.as_str(), &builder) {
            Ok(()) => {
                let made = self.open(name)?;
                if let Some(origin) = &made.origin {
                    part::mark_folder(&made.dir, origin);
                }
                Ok((made, true))
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                match self.dir.symlink_metadata(name.as_str()) {
                    Ok(status) if status.is_dir() => Ok((self.open(name)?, false)),
                    _ => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Sets the time of its last change, which adding files would change again, and says whether that worked.
    pub fn set_modified(&self, modified: Timestamp) -> bool {
        let Some(time) = part::system_time(modified) else { return false };
        let time = cap_std::time::SystemTime::from_std(time);
        self.dir.set_mtime(".", cap_fs_ext::SystemTimeSpec::Absolute(time)).is_ok()
    }

    /// Waits until the medium has the names of its entries.
    pub fn sync(&self) -> io::Result<()> {
        // Other systems cannot, and need not: they write the names with the files.
        #[cfg(unix)]
        self.dir.open(".")?.sync_all()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn destination() -> (tempfile::TempDir, Destination) {
        let folder = tempfile::tempdir().unwrap();
        let destination = Destination::create(&folder.path().join("new/destination")).unwrap();
        (folder, destination)
    }

    fn component(name: &str) -> Component<'_> {
        Component::new(name).unwrap()
    }

    #[test]
    fn an_existing_folder_is_entered_and_anything_else_is_left_alone() {
        let (_folder, destination) = destination();
        let root = destination.start().unwrap().root().unwrap();
        assert!(root.make(component("a")).unwrap().1);
        assert!(!root.make(component("a")).unwrap().1);
        std::fs::write(destination.path().join("file"), b"mine").unwrap();
        assert_eq!(root.make(component("file")).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("a", destination.path().join("link")).unwrap();
            assert_eq!(root.make(component("link")).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
            assert!(root.open(component("link")).is_err());
            assert_eq!(destination.existing(&[component("link")]).unwrap(), None);
        }
    }

    #[test]
    fn what_is_there_is_listed() {
        let (_folder, destination) = destination();
        std::fs::create_dir(destination.path().join("sub")).unwrap();
        std::fs::write(destination.path().join("sub/file"), b"").unwrap();
        assert_eq!(destination.existing(&[]).unwrap().unwrap(), [Existing { name: "sub".to_owned(), is_folder: true }]);
        assert_eq!(
            destination.existing(&[component("sub")]).unwrap().unwrap(),
            [Existing { name: "file".to_owned(), is_folder: false }]
        );
        assert_eq!(destination.existing(&[component("absent")]).unwrap(), None);
        assert_eq!(destination.existing(&[component("sub"), component("file")]).unwrap(), None);
    }

    #[test]
    fn a_temporary_name_that_is_taken_is_left_alone() {
        let (_folder, destination) = destination();
        let mut writer = destination.start().unwrap();
        let taken = destination.path().join(journal::part_name(writer.number));
        std::fs::write(&taken, b"mine").unwrap();
        let root = writer.root().unwrap();
        let mut part = writer.create(&root, "", false).unwrap();
        part.write_all(b"new").unwrap();
        part.deliver(component("new"), Finish { size: 3, ..Finish::default() }).unwrap();
        drop(part);
        assert_eq!(std::fs::read(taken).unwrap(), b"mine");
        assert_eq!(std::fs::read(destination.path().join("new")).unwrap(), b"new");
    }

    #[test]
    fn runs_that_start_while_others_end_are_not_hindered() {
        let (_folder, destination) = destination();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        // Another run may have taken the journal for that of a dead one just before its end.
                        destination.start().unwrap().finish().unwrap_or_default();
                    }
                });
            }
        });
        assert_eq!(destination.existing(&[]).unwrap().unwrap(), []);
    }

    #[test]
    fn a_folder_gets_its_time_after_its_files() {
        use crate::disc::time::{Civil, Precision};
        let civil = Civil { year: 2001, month: 2, day: 3, hour: 4, minute: 5, second: 6 };
        let time = Timestamp::new(civil, 0, 0, Precision::Second).unwrap();
        let (_folder, destination) = destination();
        let root = destination.start().unwrap().root().unwrap();
        let (folder, _) = root.make(component("a")).unwrap();
        folder.sync().unwrap();
        assert!(folder.set_modified(time));
        let modified = std::fs::metadata(destination.path().join("a")).unwrap().modified().unwrap();
        assert_eq!(modified.duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap().as_secs(), 981_173_106);
    }

    #[test]
    fn the_volume_has_room() {
        let (_folder, destination) = destination();
        let space = destination.space().unwrap();
        assert!(space.free > 0 && space.block.is_power_of_two());
        // Whatever the answer is, asking must work.
        let _: bool = destination.is_removable();
    }
}
