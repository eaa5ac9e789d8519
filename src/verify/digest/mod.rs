//! Digests: which there are, and making them.

pub mod algorithm;
pub mod running;

pub use algorithm::{Algorithm, Digest, Hasher, hasher};
pub use running::Running;
