//! The menus of GRUB 2.
//!
//! GRUB reads `grub.cfg` in the folder that `grub-install` or `grub-mkimage` gave it as its prefix: `/boot/grub`, or
//! `/boot/grub2` where a system calls it so, and for UEFI often the folder of the loader itself (GRUB manual,
//! “Configuration”, “Embedding a configuration file into GRUB”). Discs of several systems keep one more in
//! `/boot/grub/x86_64-efi` and the like, which leads to the first; `loopback.cfg` is what GRUB of another medium reads
//! when the image is a file there.
//!
//! A configuration file is a script. It is carried out as far as that needs no computer: conditions that can be
//! decided from the tree are, and of others both sides are read, with the condition noted at the entries. Variables
//! that the script does not set stay visible as `${name}`.

mod blocks;
mod body;
mod command;
mod condition;
mod device;
mod environment;
mod lex;
mod lists;
mod run;
#[cfg(test)]
mod tests;

use super::model::{Loader, Place};
use super::text::Reader;

pub(super) use run::parse;

/// Folders in which `grub.cfg` lies.
const FOLDERS: [&str; 5] = ["boot/grub", "boot/grub2", "grub", "grub2", "EFI/BOOT"];

/// Folders whose folders may hold another one.
const PARENTS: [&str; 3] = ["boot/grub", "boot/grub2", "EFI"];

/// A configuration file that is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) path: String,
    pub(super) reached_from: Option<Place>,
}

/// The configuration files that are there.
pub(super) fn starts(reader: &Reader<'_>) -> Vec<Start> {
    let mut found: Vec<String> =
        FOLDERS.iter().filter_map(|folder| reader.find(&format!("{folder}/grub.cfg"))).collect();
    for parent in PARENTS {
        found.extend(super::in_folders(reader, parent, "grub.cfg"));
    }
    found.extend(reader.find("boot/grub/loopback.cfg"));
    found.extend(reader.find("boot/grub2/loopback.cfg"));
    let mut starts: Vec<Start> = Vec::new();
    for path in found {
        if !starts.iter().any(|start| start.path == path) {
            starts.push(Start { path, reached_from: None });
        }
    }
    starts
}

/// The loader, for the menu.
const LOADER: Loader = Loader::Grub2;
