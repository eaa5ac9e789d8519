//! FAT12, FAT16 and FAT32 (“FAT: General Overview of On-Disk Format”, Microsoft, version 1.03): boot images, EFI system
//! partitions, USB sticks and diskettes; diskettes from before there was a BIOS parameter block, too, where their size and
//! their media byte say what they are.
//!
//! The reader is the program's own, as the place of every file in the image must be known: to show it, to find what no
//! file owns, and to copy without passing bytes through. Libraries for FAT give a stream of bytes only.
//!
//! Everything is little-endian. Clocks are those of an unknown zone. What is wrong with a volume as a whole is told with
//! its root: a boot image that claims more than it has is no fault of the disc around it.

mod allocation;
mod boot_sector;
mod chain;
mod code_page;
mod details;
mod entry;
mod listing;
mod long_name;
mod open;
mod tree;

pub use open::open;
pub use tree::FatTree;
