//! Whether a computer starts the disc: yes, no, or it cannot be told, each with one sentence and what it rests on.
//!
//! A verdict speaks of the way from the firmware to the first program of the disc. `Yes` means that every step of it was
//! seen; `No` that one is missing which the firmware needs; all else is `Unknown`. `tests/boot/bios.rs` holds the verdicts
//! against a real BIOS, and `tests/boot/uefi.rs` against a real UEFI.

mod bios;
mod case;
mod entry;
mod program;
pub mod summary;
mod uefi;
mod volume;

use crate::disc::{Image, Result};

use super::report::BootReport;

/// What starts the computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Firmware {
    /// A BIOS, or the part of a UEFI that stands for one.
    Bios,
    /// A UEFI.
    Uefi,
}

/// What the disc is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Medium {
    /// A CD, DVD or BD.
    Optical,
    /// A USB stick, or another disk, on which the image was written byte by byte.
    Usb,
}

/// The verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Boots {
    /// It starts.
    Yes,
    /// It does not.
    No,
    /// It cannot be told.
    Unknown,
}

/// A place in the image that a verdict rests on.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Evidence {
    /// The structure, in the words of its standard.
    pub structure: &'static str,
    /// Absolute byte offset.
    pub offset: u64,
    /// What it says there.
    pub says: String,
}

/// Whether one kind of computer starts the disc from one kind of medium.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Verdict {
    /// What starts the computer.
    pub firmware: Firmware,
    /// For which processors: `x86` for those of all PCs with a BIOS; with a UEFI the end of the name of its first program,
    /// such as `x64`.
    pub arch: &'static str,
    /// What the disc is on.
    pub medium: Medium,
    /// Secure Boot is on; `None` where there is none.
    pub secure_boot: Option<bool>,
    /// The verdict.
    pub boots: Boots,
    /// It is unknown only because some computers of this kind start it and others do not: the reason says which.
    pub depends: bool,
    /// Why, in one sentence.
    pub why: String,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
}

/// The verdicts: those for computers with a BIOS, then those for computers with UEFI.
pub fn verdicts(image: &Image, report: &BootReport) -> Result<Vec<Verdict>> {
    let mut verdicts = vec![bios::optical(image, report)?, bios::usb(image, report)?];
    verdicts.extend(uefi::verdicts(image, report)?);
    Ok(verdicts)
}
