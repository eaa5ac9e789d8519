//! The reader: image bytes become meaning.
//!
//! Nothing here knows of windows or threads, and nothing writes. Every number that comes from an image is
//! checked before it is used; what is wrong is told beside what could be read, with its structure and byte offset.
//!
//! Start at [`Image::open`]: it says what the image is, and offers its sessions, [trees](tree::FileTree) and
//! [boot images](boot::el_torito::BootImage).
#![warn(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss
)]

mod block_cache;
pub mod boot;
pub mod bytes;
pub mod compare;
pub mod container;
pub mod detect;
pub mod diagnostic;
pub mod error;
pub mod fat;
pub mod file;
pub mod file_system;
pub mod folder;
pub mod hfs;
pub mod image;
pub mod index;
pub mod iso9660;
pub mod limits;
pub mod part;
pub mod partition;
pub mod read_buffer;
mod richest;
pub mod sector;
pub mod source;
pub mod squashfs;
pub mod text;
pub mod time;
pub mod tree;
pub mod udf;
pub mod unseen;
pub mod volume;
pub mod walk;
pub mod wim;
pub mod xml;

pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use error::{Error, Result};
pub use image::Image;
pub use sector::{Extent, Lba};
pub use source::Source;
