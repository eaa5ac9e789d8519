//! Files that makers of systems put on their discs to say what they are.
//!
//! * [`disk_info`]: `.disk/info` of Debian and what follows it.
//! * [`treeinfo`]: `.treeinfo` and `.discinfo` of Fedora, Red Hat, and what follows them.
//! * [`others`]: one file each of SUSE, Arch Linux, Alpine Linux, Proxmox and others.
//! * [`menus`]: titles of boot menus, from which a name is only guessed.

pub mod disk_info;
pub mod menus;
pub mod others;
pub mod treeinfo;

use super::claim::Claim;
use super::fields::Files;
use super::os_release;
use crate::disc::{Result, limits};

/// Reads what a file at a path says.
type Reader = fn(&str, &str) -> Vec<Claim>;

/// The files by how much they tell, with what reads them.
const READERS: [(&str, Reader); 17] = [
    (".disk/info", disk_info::claims),
    (".disc/info", disk_info::claims),
    (".treeinfo", treeinfo::claims),
    (".productmd", treeinfo::claims),
    ("treeinfo", treeinfo::claims),
    (".cd-info", others::proxmox),
    (".discinfo", treeinfo::discinfo),
    ("media.1/media", others::suse_media),
    ("media.1/products", others::suse_products),
    ("media.1/build", others::suse_build),
    ("arch/version", others::arch),
    (".alpine-release", others::alpine),
    ("etc/os-release", os_release::claims),
    ("usr/lib/os-release", os_release::claims),
    ("os-release", os_release::claims),
    ("GParted-Live-Version", others::live_version),
    ("Clonezilla-Live-Version", others::live_version),
];

/// What the files of a disc that were put there for it say, the most trustworthy first. The only error is to be cancelled.
pub fn claims(files: &dyn Files) -> Result<Vec<Claim>> {
    let mut claims = Vec::new();
    for (path, reader) in READERS {
        if let Some(text) = files.text(path, limits::IDENTITY_TEXT)? {
            claims.extend(reader(&text, path));
        }
    }
    Ok(claims)
}
