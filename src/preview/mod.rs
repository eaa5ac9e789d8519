//! The bytes of one file become something to look at: text, a picture, rows of bytes, or a list of fields.
//!
//! Everything here takes a [`Source`](crate::disc::Source) and gives plain data. Nothing reads more than it needs for
//! one view, whatever the size of the file, and every ceiling stands in [`limits`](crate::disc::limits).

pub mod details;
pub mod hex;
pub mod highlight;
pub mod kind;
pub mod picture;
pub mod text;

pub use hex::{HexWindow, Pattern};
pub use highlight::{Colours, Token};
pub use kind::{FileKind, Mode};
pub use picture::Picture;
pub use text::{PagePlace, TextPage};

use crate::disc::file::Content;
use crate::disc::tree::Entry;

/// The part of a file that the image does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// Offset in the stored file from which on something is missing.
    pub from: u64,
    /// Bytes that are missing in all.
    pub bytes: u64,
    /// Bytes that the file takes up on the disc.
    pub of: u64,
}

impl Missing {
    /// What an image of `image_len` bytes lacks of `entry`'s data; `None` when it is complete.
    pub fn of(entry: &Entry, image_len: u64) -> Option<Self> {
        if entry.is_file() { Self::of_content(&entry.content, image_len) } else { None }
    }

    /// What an image of `image_len` bytes lacks of `content`; `None` when it is complete.
    pub fn of_content(content: &Content, image_len: u64) -> Option<Self> {
        let (mut at, mut from, mut bytes) = (0_u64, None, 0_u64);
        for extent in content.extents() {
            let inside = extent.inside(image_len);
            if inside < extent.length {
                from.get_or_insert(at.saturating_add(inside));
                bytes = bytes.saturating_add(extent.length.saturating_sub(inside));
            }
            at = at.saturating_add(extent.length);
        }
        from.map(|from| Self { from, bytes, of: at })
    }
}
