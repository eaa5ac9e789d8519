//! The programs that boot sectors start: that of a diskette, and that of a partition.

use memchr::memmem;

use super::{HEAD, Loader, LoaderKind, version_behind};
use crate::disc::source::read_up_to;
use crate::disc::{Extent, Result, Source};

/// Bytes of a boot sector, whatever the sectors of the medium have.
pub(super) const SECTOR: u64 = 512;

/// Text in boot sectors, which is looked for in this order: names of what they load, or what they say when that fails.
const TEXTS: &[(&[u8], LoaderKind)] = &[
    (b"Loading Memtest86+", LoaderKind::Memtest86),
    (b"GRLDR", LoaderKind::Grub4Dos),
    (b"grldr", LoaderKind::Grub4Dos),
    (b"BOOTMGR", LoaderKind::Windows),
    (b"NTLDR", LoaderKind::WindowsNt),
    (b"KERNEL  SYS", LoaderKind::FreeDos),
    (b"IO      SYS", LoaderKind::MsDos),
    // What mkfs.fat writes.
    (b"This is not a bootable disk", LoaderKind::Notice),
];

/// Where SYSLINUX names itself: as the maker of the file system, where its installer leaves it.
const MAKER: usize = 3;

/// Recognises what the boot sector at the front of `volume` starts; `None` for what is not known, and without `55 AA`.
pub(super) fn read(source: &dyn Source, volume: Extent) -> Result<Option<Loader>> {
    let head = read_up_to(source, Extent::new(volume.offset, volume.length.min(HEAD)))?;
    let Some((sector, _)) = head.split_at_checked(usize::try_from(SECTOR).unwrap_or(usize::MAX)) else {
        return Ok(None);
    };
    if !sector.ends_with(&[0x55, 0xaa]) {
        return Ok(None);
    }
    let Some((kind, at)) = kind_of(sector) else { return Ok(None) };
    // What says its version stands behind the boot sector: `SYSLINUX 6.04 `, `Memtest86+ v6.10`.
    let version = match kind {
        LoaderKind::Syslinux => version_behind(&head, b"SYSLINUX "),
        LoaderKind::Memtest86 => version_behind(&head, b"Memtest86+ v"),
        _ => String::new(),
    };
    Ok(Some(Loader { kind, version, offset: volume.offset.saturating_add(at as u64) }))
}

fn kind_of(sector: &[u8]) -> Option<(LoaderKind, usize)> {
    if sector.get(MAKER..).is_some_and(|maker| maker.starts_with(b"SYSLINUX")) {
        return Some((LoaderKind::Syslinux, MAKER));
    }
    // Both generations of GRUB say the same; the older one has its version, 3.2, at byte 3E.
    if let Some(at) = memmem::find(sector, b"GRUB \0Geom\0Hard Disk\0Read\0 Error") {
        let legacy = sector.get(0x3e..0x40) == Some(&[3, 2]);
        return Some((if legacy { LoaderKind::GrubLegacy } else { LoaderKind::Grub2 }, at));
    }
    TEXTS.iter().find_map(|(text, kind)| Some((*kind, memmem::find(sector, text)?)))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::disc::source::MemorySource;

    /// A volume with this text in its boot sector.
    pub(in super::super) fn volume(at: usize, text: &[u8]) -> Vec<u8> {
        let mut volume = vec![0; 4096];
        volume[at..at + text.len()].copy_from_slice(text);
        volume[510..512].copy_from_slice(&[0x55, 0xaa]);
        volume
    }

    fn label(volume: Vec<u8>) -> Option<String> {
        let length = volume.len() as u64;
        read(&MemorySource::new(volume), Extent::new(0, length)).unwrap().map(|loader| loader.label())
    }

    #[test]
    fn boot_sectors_are_known_by_their_texts() {
        let mut syslinux = volume(MAKER, b"SYSLINUX");
        assert_eq!(label(syslinux.clone()).unwrap(), "SYSLINUX");
        syslinux[2050..2067].copy_from_slice(b"SYSLINUX 6.04 \0\0\0");
        assert_eq!(label(syslinux.clone()).unwrap(), "SYSLINUX 6.04");
        syslinux[510] = 0;
        assert_eq!(label(syslinux), None);
        assert_eq!(label(volume(0x100, b"IO      SYSMSDOS   SYS")).unwrap(), "MS-DOS");
        assert_eq!(label(volume(0x100, b"KERNEL  SYS")).unwrap(), "FreeDOS");
        assert_eq!(label(volume(0x100, b"BOOTMGR is missing")).unwrap(), "the boot manager of Windows");
        assert_eq!(label(volume(0x600, b"BOOTMGR is missing")), None);
        assert_eq!(label(vec![0; 100]), None);
        let mut grub = volume(0x180, b"GRUB \0Geom\0Hard Disk\0Read\0 Error");
        assert_eq!(label(grub.clone()).unwrap(), "GRUB 2");
        grub[0x3e..0x40].copy_from_slice(&[3, 2]);
        assert_eq!(label(grub).unwrap(), "GRUB Legacy");
    }
}
