//! The handle of a folder on Windows, which changes names in it by path only.
//!
//! cap-std works out the path anew for every call and loses that of network folders on the way (its issue 348). Here
//! every handle keeps its own; it stays right, since Windows moves no folder in which something is open.

use std::fs::{self, ReadDir};
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use cap_fs_ext::DirExt as _;
use cap_std::AmbientAuthority;
use cap_std::fs::DirBuilder;

/// Stands in for [`cap_std::fs::Dir`], and does by path what that would do by path.
#[derive(Debug)]
pub(super) struct Dir {
    dir: cap_std::fs::Dir,
    path: PathBuf,
}

impl Dir {
    pub(super) fn open_ambient_dir(path: impl AsRef<Path>, authority: AmbientAuthority) -> io::Result<Self> {
        let path = path.as_ref();
        let dir = cap_std::fs::Dir::open_ambient_dir(path, authority)?;
        // With all links resolved; some virtual disks cannot do that.
        let path = path.canonicalize().or_else(|_| std::path::absolute(path))?;
        Ok(Self { dir, path })
    }

    pub(super) fn create_ambient_dir_all(path: &Path, authority: AmbientAuthority) -> io::Result<()> {
        cap_std::fs::Dir::create_ambient_dir_all(path, authority)
    }

    pub(super) fn open_dir_nofollow(&self, name: &str) -> io::Result<Self> {
        Ok(Self { dir: self.dir.open_dir_nofollow(name)?, path: self.path.join(name) })
    }

    pub(super) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self { dir: self.dir.try_clone()?, path: self.path.clone() })
    }

    pub(super) fn entries(&self) -> io::Result<ReadDir> {
        fs::read_dir(&self.path)
    }

    pub(super) fn create_dir_with(&self, name: &str, _: &DirBuilder) -> io::Result<()> {
        fs::create_dir(self.path.join(name))
    }

    pub(super) fn hard_link(&self, from: &str, to_dir: &Self, to: &str) -> io::Result<()> {
        fs::hard_link(self.path.join(from), to_dir.path.join(to))
    }

    pub(super) fn rename(&self, from: &str, to_dir: &Self, to: &str) -> io::Result<()> {
        fs::rename(self.path.join(from), to_dir.path.join(to))
    }

    /// Writes the stream `stream` beside the data of the file `name`.
    pub(super) fn write_stream(&self, name: &str, stream: &str, bytes: &[u8]) -> io::Result<()> {
        fs::write(self.path.join(format!("{name}:{stream}")), bytes)
    }

    pub(super) fn remove_file(&self, name: impl AsRef<Path>) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }
}

impl Deref for Dir {
    type Target = cap_std::fs::Dir;

    fn deref(&self) -> &Self::Target {
        &self.dir
    }
}
