//! What the boot structures of a disc mean: which programs start, from where, and what is in the way.
//!
//! * [`efi`]: an EFI program: for which machines, which loader, signed by whom, revoked or not.

pub mod efi;
pub mod loader;
pub mod menu;
pub mod report;
pub mod verdict;
