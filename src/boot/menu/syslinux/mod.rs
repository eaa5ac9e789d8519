//! The menus of ISOLINUX, SYSLINUX and EXTLINUX.
//!
//! The places and their order are those of the Syslinux wiki, “Configuration location and name”: ISOLINUX (4.03 and
//! later) looks for `isolinux.cfg` and then `syslinux.cfg` in `/boot/isolinux`, `/isolinux`, `/boot/syslinux`,
//! `/syslinux` and `/`, and takes the first; before 4.03 it knew `isolinux.cfg` in the first two and `/` only. SYSLINUX
//! and EXTLINUX (4.00 and later) look for `extlinux.conf` and then `syslinux.cfg` in the folder that they are installed
//! in, and in `/boot/syslinux`, `/syslinux` and `/`. The loader for UEFI looks beside itself, from 6.04 on for
//! `syslx64.cfg` or `syslia32.cfg` first. `/boot/extlinux` and `/extlinux` are where EXTLINUX is installed as a habit,
//! and where U-Boot looks.
//!
//! Directives are those of `doc/syslinux.txt` and `doc/menu.txt` of Syslinux 6 (wiki: “Config”, “Menu”).

mod entry;
mod parse;
#[cfg(test)]
mod tests;

use super::model::{Loader, Place};
use super::text::Reader;

pub(super) use parse::parse;

/// The folders in which ISOLINUX looks, in its order.
const ISOLINUX: [&str; 5] = ["boot/isolinux", "isolinux", "boot/syslinux", "syslinux", ""];

/// The folders in which SYSLINUX and EXTLINUX may be installed or look.
const SYSLINUX: [&str; 7] = ["boot/syslinux", "syslinux", "", "boot/extlinux", "extlinux", "EFI/BOOT", "EFI/syslinux"];

/// A configuration file, and the folder that its paths are seen from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) path: String,
    pub(super) folder: String,
    pub(super) loader: Loader,
    pub(super) reached_from: Option<Place>,
}

/// The configuration files that are there, those of ISOLINUX first.
pub(super) fn starts(reader: &Reader<'_>) -> Vec<Start> {
    let isolinux = ISOLINUX.iter().flat_map(|folder| ["isolinux.cfg", "syslinux.cfg"].map(|name| (*folder, name)));
    let syslinux = SYSLINUX.iter().flat_map(|folder| ["extlinux.conf", "syslinux.cfg"].map(|name| (*folder, name)));
    let efi = ["syslx64.cfg", "syslia32.cfg"].into_iter().flat_map(|name| [("EFI/BOOT", name), ("EFI/syslinux", name)]);
    let mut starts: Vec<Start> = Vec::new();
    for (folder, name) in isolinux.chain(syslinux).chain(efi) {
        let Some(path) = reader.find(&format!("{folder}/{name}")) else { continue };
        if starts.iter().any(|start| start.path == path) {
            continue;
        }
        let loader = match name {
            "isolinux.cfg" => Loader::Isolinux,
            "extlinux.conf" => Loader::Extlinux,
            _ => Loader::Syslinux,
        };
        let folder = super::lookup::folder_of(&path).to_owned();
        starts.push(Start { path, folder, loader, reached_from: None });
    }
    starts
}
