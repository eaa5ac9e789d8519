//! The programs that a BIOS starts from a boot image, by the texts in them.

use memchr::memmem;

use crate::disc::source::read_up_to;
use crate::disc::{Extent, Result, Source};

/// Bytes of a boot image in which its program is looked for. ISOLINUX names itself behind its code for disks, some 30 KiB
/// in; the others at once.
const HEAD: u64 = 64 << 10;

/// Characters of a version.
const VERSION: usize = 24;

/// The kinds of programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoaderKind {
    /// ISOLINUX.
    Isolinux,
    /// GRUB 2, with `cdboot.img` in front.
    Grub2,
    /// Windows, which looks for BOOTMGR (`etfsboot.com`).
    Windows,
    /// Windows before Vista, which looks for NTLDR or SETUPLDR.BIN.
    WindowsNt,
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
            Self::Grub2 => "GRUB 2",
            Self::Windows => "the boot manager of Windows",
            Self::WindowsNt => "the loader of Windows NT",
        }
    }
}

impl Loader {
    /// Recognises the program of the boot image at `image`; `None` for one that is not known.
    pub fn read(source: &dyn Source, image: Extent) -> Result<Option<Self>> {
        let head = read_up_to(source, Extent::new(image.offset, image.length.min(HEAD)))?;
        // The version stands behind the name: `ISOLINUX 6.04 20200816`.
        const TEXTS: [(&[u8], LoaderKind); 4] = [
            (b"ISOLINUX ", LoaderKind::Isolinux),
            (b"cdrom read fails", LoaderKind::Grub2),
            (b"BOOTMGR", LoaderKind::Windows),
            (b"NTLDR", LoaderKind::WindowsNt),
        ];
        Ok(TEXTS.iter().find_map(|(text, kind)| {
            let at = memmem::find(&head, text)?;
            let behind = head.get(at.saturating_add(text.len())..).unwrap_or_default();
            let version = if *kind == LoaderKind::Isolinux { word(behind) } else { String::new() };
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
        Loader::read(&source, Extent::new(2048, bytes.len() as u64)).unwrap()
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
    }
}
