//! Digests: which there are, and making them.

pub mod algorithm;

pub use algorithm::{Algorithm, Digest, Hasher, hasher};
