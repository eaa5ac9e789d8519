//! Mounts for tests, and what is in them.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use isoscope::disc::{Image, Source};
use isoscope::platform::files::Files;
use isoscope::platform::mount::Mount;
use isoscope::serve::View;
use tempfile::TempDir;

pub(crate) use super::support::rights::can_mount;

/// A mount in a folder of its own.
pub(crate) struct Mounted {
    mount: Option<Mount>,
    folder: TempDir,
}

impl Mounted {
    pub(crate) fn new(files: Arc<dyn Files>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("mnt");
        std::fs::create_dir(&dir).unwrap();
        Self { mount: Some(Mount::new(&dir, files, "test.iso").unwrap()), folder }
    }

    /// The default tree of the image that `source` holds.
    pub(crate) fn image(source: Arc<dyn Source>) -> Self {
        Self::new(Arc::new(View::of_tree(Image::open(source).unwrap().default_tree().clone())))
    }

    pub(crate) fn mount(&self) -> &Mount {
        self.mount.as_ref().unwrap()
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("mnt")
    }

    pub(crate) fn unmount(&mut self) {
        self.mount = None;
    }
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum There {
    Folder,
    Link(String),
    /// Content, seconds of its last change, and whether it can be started.
    File(Vec<u8>, i64, bool),
    /// A file of which not everything can be read.
    Unreadable(Option<i32>),
}

/// Everything below `folder`, by its path.
pub(crate) fn all(folder: &Path) -> BTreeMap<String, There> {
    let mut found = BTreeMap::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(here) = pending.pop() {
        for entry in std::fs::read_dir(&here).unwrap() {
            let entry = entry.unwrap();
            let path = entry.path();
            let status = path.symlink_metadata().unwrap();
            // What the listing says and what the entry itself says must be one.
            assert_eq!(entry.file_type().unwrap(), status.file_type(), "{}", path.display());
            let there = if status.is_dir() {
                pending.push(path.clone());
                There::Folder
            } else if status.is_symlink() {
                There::Link(std::fs::read_link(&path).unwrap().into_os_string().into_string().unwrap())
            } else {
                match std::fs::read(&path) {
                    Ok(bytes) => {
                        assert_eq!(bytes.len() as u64, status.len(), "{}", path.display());
                        There::File(bytes, status.mtime(), status.permissions().mode() & 0o100 != 0)
                    }
                    Err(error) => There::Unreadable(error.raw_os_error()),
                }
            };
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            assert!(found.insert(name.clone(), there).is_none(), "{name} is listed twice");
        }
    }
    found
}
