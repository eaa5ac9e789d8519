//! ISO 9660 and what grew on it: Joliet, ISO 9660:1999, SUSP, Rock Ridge, zisofs.
//!
//! [`volume`] and [`record`] know the fields on the disc and have no logic; the other files give them meaning.

pub mod aaip;
mod details;
mod directory;
mod names;
mod open;
pub mod record;
pub mod rock_ridge;
mod sessions;
pub mod susp;
mod tree;
pub mod volume;
pub mod zisofs;

pub use open::open;
pub use tree::IsoTree;
