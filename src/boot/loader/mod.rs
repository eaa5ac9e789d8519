//! The programs that a BIOS starts from a boot image or a partition, by the texts in them.

mod boot_sector;
mod disk;

use memchr::memmem;

use crate::disc::boot::el_torito::Emulation;
use crate::disc::bytes::Fields;
use crate::disc::source::read_up_to;
use crate::disc::{Extent, Result, Source};

pub use disk::{DiskStart, is_mbr_bin};

/// Bytes of a boot image in which its program is looked for. ISOLINUX names itself behind its code for disks, some 30 KiB
/// in; the others at once.
const HEAD: u64 = 64 << 10;

/// Characters of a version.
const VERSION: usize = 24;

/// Where GRUB Legacy looks for its menu, which stands behind its version, `0.97` (stage 2, `asm.S`).
const MENU_OF_GRUB: &[u8] = b"\0/boot/grub/menu.lst";

/// What iPXE says when it cannot unpack itself; what it says otherwise is packed.
const FAILURE_OF_IPXE: &[u8] = b"Installation failed - cannot continue";

/// The kinds of programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoaderKind {
    /// ISOLINUX.
    Isolinux,
    /// SYSLINUX, on a diskette or in a partition.
    Syslinux,
    /// GRUB 2, with `cdboot.img` or `boot.img` in front.
    Grub2,
    /// GRUB Legacy (`stage2_eltorito`, `stage1`).
    GrubLegacy,
    /// GRUB4DOS (`grldr`, and boot sectors that look for it).
    Grub4Dos,
    /// Memtest86+.
    Memtest86,
    /// iPXE.
    Ipxe,
    /// Windows, which looks for BOOTMGR (`etfsboot.com`).
    Windows,
    /// Windows before Vista, which looks for NTLDR or SETUPLDR.BIN.
    WindowsNt,
    /// MS-DOS, and Windows that stands on it.
    MsDos,
    /// FreeDOS.
    FreeDos,
    /// Nothing but a message, which formatting puts there.
    Notice,
}

/// A program that was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loader {
    /// What it is.
    pub kind: LoaderKind,
    /// Its version as it says itself; empty where it says none.
    pub version: String,
    /// Absolute byte offset of the text that it was recognised by.
    pub offset: u64,
}

impl LoaderKind {
    /// The name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Isolinux => "ISOLINUX",
            Self::Syslinux => "SYSLINUX",
            Self::Grub2 => "GRUB 2",
            Self::GrubLegacy => "GRUB Legacy",
            Self::Grub4Dos => "GRUB4DOS",
            Self::Memtest86 => "Memtest86+",
            Self::Ipxe => "iPXE",
            Self::Windows => "the boot manager of Windows",
            Self::WindowsNt => "the loader of Windows NT",
            Self::MsDos => "MS-DOS",
            Self::FreeDos => "FreeDOS",
            Self::Notice => "a message that the medium cannot be started",
        }
    }
}

impl Loader {
    /// Recognises the program of the boot image at `image`; `None` for one that is not known.
    pub fn read(source: &dyn Source, image: Extent, emulation: Emulation) -> Result<Option<Self>> {
        match emulation {
            Emulation::None => Self::read_plain(source, image),
            Emulation::Diskette(_) => Self::in_boot_sector(source, image),
            Emulation::HardDisk => disk::read(source, image),
            Emulation::Unknown(_) => Ok(None),
        }
    }

    /// Recognises what the boot sector of a diskette or a partition starts.
    pub fn in_boot_sector(source: &dyn Source, volume: Extent) -> Result<Option<Self>> {
        boot_sector::read(source, volume)
    }

    fn read_plain(source: &dyn Source, image: Extent) -> Result<Option<Self>> {
        let head = read_up_to(source, Extent::new(image.offset, image.length.min(HEAD)))?;
        // The version stands behind the name: `ISOLINUX 6.04 20200816`.
        const TEXTS: [(&[u8], LoaderKind); 8] = [
            (b"ISOLINUX ", LoaderKind::Isolinux),
            (b"cdrom read fails", LoaderKind::Grub2),
            (b"GRUB4DOS ", LoaderKind::Grub4Dos),
            (MENU_OF_GRUB, LoaderKind::GrubLegacy),
            (b"Memtest86+ v", LoaderKind::Memtest86),
            (FAILURE_OF_IPXE, LoaderKind::Ipxe),
            (b"BOOTMGR", LoaderKind::Windows),
            (b"NTLDR", LoaderKind::WindowsNt),
        ];
        Ok(TEXTS.iter().find_map(|(text, kind)| {
            let at = memmem::find(&head, text)?;
            let (before, behind) = (head.get(..at)?, head.get(at.saturating_add(text.len())..)?);
            let version = match kind {
                LoaderKind::Isolinux => word(behind),
                LoaderKind::Grub4Dos | LoaderKind::Memtest86 => version(behind),
                LoaderKind::GrubLegacy => version(before.rsplit(|byte| *byte == 0).next().unwrap_or_default()),
                LoaderKind::Ipxe => kernel_version(&head),
                _ => String::new(),
            };
            Some(Self { kind: *kind, version, offset: image.offset.saturating_add(at as u64) })
        }))
    }

    /// Name and version for people.
    pub fn label(&self) -> String {
        [self.kind.label(), &self.version].join(" ").trim_end().to_owned()
    }

    /// The number in front of the first dot of the version.
    pub fn major(&self) -> Option<u32> {
        self.version.split('.').next()?.parse().ok()
    }
}

/// The version behind the first `name` that has one.
fn version_behind(bytes: &[u8], name: &[u8]) -> String {
    let behind = memmem::find_iter(bytes, name).filter_map(|at| bytes.get(at.saturating_add(name.len())..));
    behind.map(version).find(|version| !version.is_empty()).unwrap_or_default()
}

/// The first word where that begins with a digit.
fn version(bytes: &[u8]) -> String {
    if bytes.first().is_some_and(u8::is_ascii_digit) { word(bytes) } else { String::new() }
}

/// The version of what has the header of a Linux kernel, up to the first `-` or `+` (Linux, `x86/boot.rst`:
/// `kernel_version` counts from byte 200).
fn kernel_version(head: &[u8]) -> String {
    let fields = Fields::new(head, 0, "Linux kernel");
    if !fields.array::<4>(0x202).is_ok_and(|magic| magic == *b"HdrS") {
        return String::new();
    }
    let at = fields.le16(0x20e).map_or(0, usize::from).saturating_add(0x200);
    let whole = version(head.get(at..).unwrap_or_default());
    whole.split(['-', '+']).next().unwrap_or_default().to_owned()
}

/// The printable characters up to the first space.
fn word(bytes: &[u8]) -> String {
    bytes.iter().take(VERSION).take_while(|byte| byte.is_ascii_graphic()).map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::source::MemorySource;

    fn loader(bytes: &[u8]) -> Option<Loader> {
        let source = MemorySource::new([&[0; 2048], bytes].concat());
        Loader::read(&source, Extent::new(2048, bytes.len() as u64), Emulation::None).unwrap()
    }

    #[test]
    fn programs_are_known_by_their_texts() {
        let isolinux = loader(b"....ISOLINUX 6.04 20200816 \0").unwrap();
        assert_eq!((isolinux.label().as_str(), isolinux.major(), isolinux.offset), ("ISOLINUX 6.04", Some(6), 2052));
        assert_eq!(loader(b"no boot info\0cdrom read fails\0").unwrap().label(), "GRUB 2");
        assert_eq!(loader(b"CDBOOT: Couldn't find BOOTMGR").unwrap().kind, LoaderKind::Windows);
        assert_eq!(loader(b"CDBOOT: Couldn't find NTLDR").unwrap().kind, LoaderKind::WindowsNt);
        assert_eq!(loader(b"something else"), None);
        assert_eq!(loader(b"ISOLINUX \xff").unwrap().version, "");
        assert_eq!(loader(b"...\x000.97\0/boot/grub/menu.lst\0").unwrap().label(), "GRUB Legacy 0.97");
        let grub4dos = loader(b"0.97\0/boot/grub/menu.lst\0GRUB4DOS 0.4.5c 2014-01-17").unwrap();
        assert_eq!(grub4dos.label(), "GRUB4DOS 0.4.5c");
        assert_eq!(loader(b"\0Memtest86+ v6.10 \0").unwrap().label(), "Memtest86+ 6.10");
        assert_eq!(loader(FAILURE_OF_IPXE).unwrap().label(), "iPXE");
    }
}
