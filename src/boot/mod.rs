//! What the boot structures of a disc mean: which programs start, from where, and what is in the way.
//!
//! * [`loader`]: the programs that a BIOS starts from a boot image.
//! * [`efi`]: an EFI program: for which machines, which loader, signed by whom, revoked or not.
//! * [`programs`]: all EFI programs of a disc; [`second_stage`] says what shims among them go on with.
//! * [`menu`]: what can be chosen when the computer starts, and whether the files for it are there.
//! * [`layout`]: who owns which bytes of the image, and who claims those of another.
//! * [`report`]: all of it, held against one another; [`effort`] says how much is read for it.
//! * [`chain`]: the way from the firmware to the kernel, for a picture of it.
//! * [`verdict`]: whether a computer starts the disc.
//! * [`study`]: all of that in one piece, which [`text`] puts in words.
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

pub mod chain;
mod contradictions;
pub mod effort;
pub mod efi;
mod find;
pub mod layout;
pub mod loader;
pub mod menu;
mod program_details;
pub mod programs;
pub mod report;
pub mod second_stage;
pub mod study;
pub mod text;
pub mod verdict;
