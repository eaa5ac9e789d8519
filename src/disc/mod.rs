//! The reader: image bytes become meaning.
//!
//! Nothing here knows of windows or threads, and nothing writes. Every number that comes from an image is
//! checked before it is used; what is wrong is told beside what could be read, with its structure and byte offset.
//!
//! Start at [`Image::open`]: it says what the image is, and offers its sessions, [trees](tree::FileTree) and
//! [boot images](el_torito::BootImage).
#![warn(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss
)]

pub mod bytes;
pub mod diagnostic;
pub mod error;
pub mod file;
pub mod limits;
pub mod sector;
pub mod source;
pub mod text;
pub mod time;
pub mod tree;

pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use error::{Error, Result};
pub use sector::{Extent, Lba};
pub use source::Source;
