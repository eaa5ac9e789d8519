//! Systems on which Isoscope cannot mount.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::platform::files::Files;

const WHY: &str = "Images can be mounted on Linux only";

/// A mount, of which there is none here.
#[derive(Debug)]
pub struct Mount(std::convert::Infallible);

impl Mount {
    /// Says that nothing can be mounted here.
    pub fn new(_: &Path, _: Arc<dyn Files>, _: &str) -> io::Result<Self> {
        Err(io::Error::new(io::ErrorKind::Unsupported, WHY))
    }

    /// Where it is mounted.
    pub fn dir(&self) -> &Path {
        match self.0 {}
    }

    /// True until it is unmounted from outside.
    pub fn is_mounted(&self) -> bool {
        match self.0 {}
    }

    /// Files that other programs have open.
    pub fn open_files(&self) -> usize {
        match self.0 {}
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        match self.0 {}
    }
}

/// Says why nothing can be mounted.
pub fn probe() -> Result<(), String> {
    Err(WHY.to_owned())
}

/// Nothing of a process that died is left mounted here.
pub fn release_dead(_: &Path) -> bool {
    false
}
