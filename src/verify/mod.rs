//! Whether an image is whole: digests, checksums that lie beside it or inside it, and what its sizes say.
//!
//! * [`check`]: what was checked, and how that ended.
//! * [`sums`]: lists of checksums in every shape in which tools write them.
//! * [`neighbours`]: those that lie beside the image; [`manifest`]: those that are files of the disc.
//! * [`implant`], [`libisofs`]: checksums that the programs which wrote the image hid in it.
//! * [`digest`]: digests, and making them.
//! * [`work`]: checks that are still to be done: those that listen while the image is read once from front to back, and
//!   those that read files.
//!
//! As in [`disc`](crate::disc), every number comes from the image and is checked before it is used.
#![warn(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss
)]

pub mod check;
pub mod digest;
pub mod implant;
pub mod libisofs;
pub mod manifest;
pub mod neighbours;
mod reading;
pub mod sums;
pub mod work;

pub use check::{Bad, Check, CheckKind, Outcome};
pub use work::{FileCheck, Listener};
