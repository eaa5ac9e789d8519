//! Containers: files that hold a disc's sectors in another shape than one after the other in 2048 bytes.

pub mod raw;
