//! HFS (Inside Macintosh: Files, chapter 2) and HFS+ with HFSX (Apple Technical Note TN1150), on hybrid discs, in
//! partitions, or bare.
//!
//! Both keep their folders in one B-tree, the catalog file, sorted by the number of the folder that holds an entry.
//! They differ in how keys and records are laid out, so that one [reader of B-trees](btree) and one tree serve both.
//! Everything is big-endian.
//!
//! Names are shown composed (NFC), as people type them: HFS+ records them decomposed. A `/` in a name is a character like
//! any other, and is shown as recorded; on the Macintosh it is `:` that no name may hold.

mod attributes;
mod btree;
mod catalog;
mod decmpfs;
mod details;
mod finder;
mod fork;
mod listing;
mod names;
mod open;
mod tree;
mod volume;

pub use open::open;
pub use tree::HfsTree;
