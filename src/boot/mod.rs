//! What the boot structures of a disc mean: which programs start, from where, and what is in the way.

pub mod loader;
pub mod report;
pub mod verdict;
//! What the boot structures of a disc mean for starting a computer.

/// The menus that boot loaders show, read from a tree of the disc.
pub mod menu;
