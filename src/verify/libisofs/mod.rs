//! Checksums that libisofs records, the library of xorriso: in tags that stand between the parts of a session, and in an
//! array with one for every file (libisofs, `doc/checksums.txt`).
//!
//! * `tag`: one tag.
//! * `session`: the tags of a session, which cover all of it from its beginning on.
//! * `array`: where the array lies, and which of its items is that of a file.
//! * `files`: the check of all files.

mod array;
mod files;
mod session;
mod tag;

use super::{FileCheck, ListeningCheck};
use crate::disc::{Image, Result};

/// The checksums of whole sessions: the tags of each, and the first item of the array of the open session. What is wrong
/// with them is told as the results of the checks; the only error is to be cancelled. Empty when the image has none.
pub fn find(image: &Image) -> Result<Vec<Box<dyn ListeningCheck>>> {
    let mut found = session::find(image)?;
    found.extend(array::session(image)?);
    Ok(found)
}

/// The checksums of the files of the open session. `None` when the image has none.
pub fn find_files(image: &Image) -> Result<Option<Box<dyn FileCheck>>> {
    files::find(image)
}
