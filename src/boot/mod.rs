//! What the boot structures of a disc mean: which programs start, from where, and what is in the way.

pub mod loader;
pub mod menu;
pub mod report;
pub mod verdict;
