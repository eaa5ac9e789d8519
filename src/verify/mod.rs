//! Whether an image is whole: digests, checksums that lie beside it or inside it, and what its sizes say.
//!
//! * [`plan`]: all checks of an image, and making them.
//! * [`check`]: what was checked, and how that ended.
//! * [`work`]: checks that are still to be done: those that listen while the image is read once from front to back, and
//!   those that read files.
//! * [`pass`]: that one reading.
//! * [`digest`]: the digests, and making them.
//! * [`size`]: the ends that the image declares, against its file; [`sectors`]: the codes of raw sectors.
//! * [`suspicion`]: what is unusual, and neither right nor wrong.
//! * [`sums`]: lists of checksums in every usual form, and the one digest that somebody pasted.
//! * [`neighbours`]: checksum files beside the image.
//! * [`implant`], [`libisofs`], [`manifest`], [`wim`]: checksums that the image carries inside.
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
pub mod pass;
mod places;
pub mod plan;
mod reading;
pub mod sectors;
pub mod size;
pub mod sums;
pub mod suspicion;
pub mod wim;
pub mod work;

pub use check::{Bad, Check, CheckKind, Outcome, Overall};
pub use digest::{Algorithm, Digest};
pub use work::{FileCheck, Listener, ListeningCheck};
