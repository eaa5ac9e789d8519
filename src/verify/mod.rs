//! Whether an image is whole: digests, checksums that lie beside it or inside it, and what its sizes say.
//!
//! * [`check`]: what was checked, and how that ended.
//! * [`sectors`]: the error detection codes of raw sectors.
//! * [`size`]: the ends that the structures declare, against the bytes that are there.
//! * [`suspicion`]: what is worth a second look.
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
pub mod sectors;
pub mod size;
pub mod suspicion;
pub mod work;

pub use check::{Bad, Check, CheckKind, Outcome};
pub use work::{FileCheck, Listener};
