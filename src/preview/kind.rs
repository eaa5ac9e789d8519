//! What a file is, told from its first bytes; the name is only a hint where they leave it open.

use super::text;

/// Ways to look at a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Lines of text.
    Text,
    /// A picture.
    Picture,
    /// Rows of bytes.
    Hex,
    /// What the disc records of it.
    Details,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileKind {
    /// In words, such as `PNG picture`.
    pub label: &'static str,
    /// How it is looked at, unless the user chose another way.
    pub mode: Mode,
}

/// Bytes from the start of a file that [`FileKind::of`] wants to see, where there are as many. An ISO 9660 image has its
/// mark at byte 32769.
pub const HEAD: usize = 36 << 10;

/// A mark at a certain place, and what it tells.
type Mark = (usize, &'static [u8], &'static str, Mode);

const MARKS: &[Mark] = {
    use Mode::{Hex, Picture, Text};
    &[
        (0, b"\x89PNG\r\n\x1a\n", "PNG picture", Picture),
        (0, b"\xff\xd8\xff", "JPEG picture", Picture),
        (0, b"GIF87a", "GIF picture", Picture),
        (0, b"GIF89a", "GIF picture", Picture),
        (8, b"WEBP", "WebP picture", Picture),
        (0, b"II*\0", "TIFF picture", Picture),
        (0, b"MM\0*", "TIFF picture", Picture),
        (0, b"icns", "Apple icon", Picture),
        (0, b"qoif", "QOI picture", Picture),
        (0, b"farbfeld", "Farbfeld picture", Picture),
        (0, b"DDS ", "DDS picture", Picture),
        (0, b"#?RADIANCE", "HDR picture", Picture),
        (0, b"#?RGBE", "HDR picture", Picture),
        (0, b"\x76\x2f\x31\x01", "OpenEXR picture", Picture),
        (0, b"8BPS", "Photoshop picture", Hex),
        (4, b"ftypavif", "AVIF picture", Hex),
        (4, b"ftypheic", "HEIC picture", Hex),
        (0, b"\x7fELF", "ELF program", Hex),
        (0, b"PK\x03\x04", "ZIP archive", Hex),
        (0, b"PK\x05\x06", "ZIP archive", Hex),
        (0, b"7z\xbc\xaf\x27\x1c", "7-Zip archive", Hex),
        (0, b"Rar!\x1a\x07", "RAR archive", Hex),
        (0, b"MSCF", "Cabinet archive", Hex),
        (0, b"\x1f\x8b", "gzip file", Hex),
        (0, b"\xfd7zXZ\0", "xz file", Hex),
        (0, b"BZh", "bzip2 file", Hex),
        (0, b"\x28\xb5\x2f\xfd", "Zstandard file", Hex),
        (0, b"\x04\x22\x4d\x18", "LZ4 file", Hex),
        (0, b"hsqs", "Squashfs file system", Hex),
        (0, b"MSWIM\0\0\0", "Windows image (WIM)", Hex),
        (0, b"!<arch>\ndebian", "Debian package", Hex),
        (0, b"!<arch>\n", "Program library", Hex),
        (0, b"\xed\xab\xee\xdb", "RPM package", Hex),
        (0, b"070701", "cpio archive", Hex),
        (257, b"ustar", "tar archive", Hex),
        (0, b"%PDF-", "PDF document", Hex),
        (0, b"%!PS", "PostScript document", Text),
        (0, b"{\\rtf", "RTF document", Text),
        (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Microsoft compound document", Hex),
        (0, b"OggS", "Ogg sound", Hex),
        (0, b"fLaC", "FLAC sound", Hex),
        (0, b"ID3", "MP3 sound", Hex),
        (0, b"MThd", "MIDI music", Hex),
        (8, b"WAVE", "WAV sound", Hex),
        (8, b"AVI ", "AVI film", Hex),
        (4, b"ftyp", "MP4 film", Hex),
        (0, b"\x1a\x45\xdf\xa3", "Matroska film", Hex),
        (0, b"\0\0\x01\xba", "MPEG film", Hex),
        (0, b"\0\x01\0\0\0", "TrueType font", Hex),
        (0, b"OTTO", "OpenType font", Hex),
        (0, b"wOFF", "Web font", Hex),
        (0, b"FILE\0\0\0\x04PFF2", "GRUB font", Hex),
        (0, b"regf", "Windows registry hive", Hex),
        (0, b"SQLite format 3\0", "SQLite database", Hex),
        (514, b"HdrS", "Linux kernel", Hex),
        (32_769, b"CD001", "ISO 9660 disc image", Hex),
        (54, b"FAT1", "FAT file system", Hex),
        (82, b"FAT32   ", "FAT file system", Hex),
        (3, b"NTFS    ", "NTFS file system", Hex),
        (1080, b"\x53\xef", "ext file system", Hex),
    ]
};

impl FileKind {
    /// What a file is that begins with `head` and is called `name`. `head` should hold [`HEAD`] bytes, or the whole file.
    pub fn of(head: &[u8], name: &str) -> Self {
        let binary = |label| Self { label, mode: Mode::Hex };
        if head.is_empty() {
            return Self { label: "Empty file", mode: Mode::Text };
        }
        if let Some(label) = program(head) {
            return binary(label);
        }
        let found = MARKS.iter().find(|(at, mark, ..)| head.get(*at..).is_some_and(|rest| rest.starts_with(mark)));
        if let Some((_, _, label, mode)) = found {
            return Self { label, mode: *mode };
        }
        if let Some(label) = picture_without_clear_mark(head, name) {
            return Self { label, mode: Mode::Picture };
        }
        if text::looks_like_text(head) {
            return Self { label: text_label(head, name), mode: Mode::Text };
        }
        if head.iter().all(|byte| *byte == 0) {
            return binary("Only zeros at the start");
        }
        if head.get(510..512) == Some(b"\x55\xaa") {
            return binary("Boot sector");
        }
        binary("Binary data")
    }
}

/// DOS, Windows and UEFI programs, told apart by the subsystem in their headers (Microsoft PE format, optional header).
fn program(head: &[u8]) -> Option<&'static str> {
    if !head.starts_with(b"MZ") {
        return None;
    }
    let field = |at: usize| Some(u16::from_le_bytes([*head.get(at)?, *head.get(at.checked_add(1)?)?]));
    // e_lfanew; no real file has its header beyond the first megabytes.
    let header = usize::from(field(60)?).checked_add(usize::from(field(62)?).checked_mul(65_536)?)?;
    if head.get(header..).is_none_or(|rest| !rest.starts_with(b"PE\0\0")) {
        return Some(if head.get(514..518) == Some(b"HdrS") { "Linux kernel" } else { "DOS program" });
    }
    let characteristics = field(header.checked_add(22)?)?;
    Some(match field(header.checked_add(92)?)? {
        10..=13 if head.get(514..518) == Some(b"HdrS") => "Linux kernel and UEFI app",
        10 => "UEFI app",
        11 | 12 => "UEFI driver",
        13 => "UEFI firmware image",
        16 => "Windows boot program",
        1 => "Windows driver",
        _ if characteristics & 0x2000 != 0 => "Windows library",
        _ => "Windows program",
    })
}

/// Formats whose marks are so short that other files have them too: more of the header has to fit.
fn picture_without_clear_mark(head: &[u8], name: &str) -> Option<&'static str> {
    match head {
        // The reserved bytes of the header are zero, and its own size is one of those in use.
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, _, _, 0, 0, 12 | 40 | 52 | 56 | 64 | 108 | 124, 0, ..] => {
            Some("BMP picture")
        }
        [0, 0, 1, 0, count, 0, _, _, _, 0, ..] if *count > 0 => Some("Windows icon"),
        [0, 0, 2, 0, count, 0, _, _, _, 0, ..] if *count > 0 => Some("Windows cursor"),
        [b'P', b'1'..=b'7', b' ' | b'\t' | b'\n' | b'\r', b'#' | b'0'..=b'9' | b'W', ..] => Some("Netpbm picture"),
        _ if extension(name).is_some_and(|ext| ext.eq_ignore_ascii_case("tga")) && tga_header(head) => {
            Some("TGA picture")
        }
        _ => None,
    }
}

/// TGA has no mark at all: colour map and type must be possible ones.
fn tga_header(head: &[u8]) -> bool {
    matches!(head, [_, 0 | 1, 1..=3 | 9..=11, _, _, _, _, 0 | 15 | 16 | 24 | 32, ..])
        && head.get(16).is_some_and(|depth| matches!(depth, 8 | 15 | 16 | 24 | 32))
}

fn extension(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(_, extension)| extension)
}

fn text_label(head: &[u8], name: &str) -> &'static str {
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if first.starts_with(b"#!") {
        let has = |word: &[u8]| memchr::memmem::find(first, word).is_some();
        return match () {
            () if has(b"python") => "Python script",
            () if has(b"perl") => "Perl script",
            () if has(b"sh") => "Shell script",
            () => "Script",
        };
    }
    match text_by_name(name) {
        Some(kind) => kind.label,
        None if first.starts_with(b"<?xml") => "XML",
        None if first.get(..14).is_some_and(|start| start.eq_ignore_ascii_case(b"<!doctype html")) => "Web page",
        None => "Text",
    }
}

/// A kind of text, told from the name alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextKind {
    /// In words, such as `Shell script`.
    pub label: &'static str,
    /// Source text or settings, not text to read.
    pub is_code: bool,
}

/// The longest extension that means something, in bytes.
const EXTENSION: usize = 10;

/// What kind of text a file called `name` holds; `None` where the name does not tell. The list of files and the preview
/// both ask here, so that they use the same words.
pub fn text_by_name(name: &str) -> Option<TextKind> {
    let read = |label| Some(TextKind { label, is_code: false });
    let code = |label| Some(TextKind { label, is_code: true });
    let mut lower = [0; EXTENSION];
    let (is_bare, word) = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && !extension.is_empty() => (false, extension),
        _ => (true, name),
    };
    let lower = lower.get_mut(..word.len())?;
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    if is_bare {
        return match &*lower {
            b"readme" | b"license" | b"licence" | b"copying" | b"changelog" | b"authors" | b"news" | b"install" => {
                read("Text")
            }
            b"md5sum" | b"md5sums" | b"sha1sum" | b"sha1sums" | b"sha256sum" | b"sha256sums" => read("Checksums"),
            b"makefile" => code("Makefile"),
            _ => None,
        };
    }
    match &*lower {
        b"txt" | b"asc" | b"nfo" | b"diz" | b"me" | b"1st" => read("Text"),
        b"log" => read("Log"),
        b"md" | b"markdown" => read("Markdown text"),
        b"csv" | b"tsv" => read("Table"),
        b"sha1" | b"sha256" | b"sha512" | b"md5" | b"sum" | b"sfv" => read("Checksums"),
        b"sig" | b"gpg" | b"pgp" => read("Signature"),
        b"htm" | b"html" | b"xhtml" => code("Web page"),
        b"xml" | b"xsl" | b"xsd" | b"plist" => code("XML"),
        b"json" => code("JSON"),
        b"yml" | b"yaml" => code("YAML"),
        b"toml" | b"cfg" | b"conf" | b"ini" | b"inf" | b"cnf" | b"lst" | b"properties" => code("Settings"),
        b"c" | b"h" | b"cc" | b"cpp" | b"hpp" | b"rs" | b"go" | b"java" | b"js" | b"ts" | b"css" | b"asm" | b"pas"
        | b"bas" => code("Source text"),
        b"py" => code("Python script"),
        b"sh" | b"bash" => code("Shell script"),
        b"pl" => code("Perl script"),
        b"rb" | b"lua" | b"tcl" => code("Script"),
        b"bat" | b"cmd" => code("Batch file"),
        b"ps1" | b"vbs" => code("Windows script"),
        b"desktop" => code("Desktop entry"),
        b"svg" => code("SVG picture"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(head: &[u8], name: &str) -> (&'static str, Mode) {
        let kind = FileKind::of(head, name);
        (kind.label, kind.mode)
    }

    fn pe(subsystem: u16, characteristics: u16) -> Vec<u8> {
        let mut bytes = vec![0; 512];
        bytes[..2].copy_from_slice(b"MZ");
        bytes[60] = 0x80;
        bytes[0x80..0x84].copy_from_slice(b"PE\0\0");
        bytes[0x80 + 22..0x80 + 24].copy_from_slice(&characteristics.to_le_bytes());
        bytes[0x80 + 92..0x80 + 94].copy_from_slice(&subsystem.to_le_bytes());
        bytes
    }

    #[test]
    fn content_decides_and_not_the_name() {
        assert_eq!(of(b"\x89PNG\r\n\x1a\nrest", "letter.txt"), ("PNG picture", Mode::Picture));
        assert_eq!(of(b"Dear reader\n", "letter.png"), ("Text", Mode::Text));
        assert_eq!(of(b"\0\x01\x02\x03\x90\x91", "letter.txt"), ("Binary data", Mode::Hex));
        assert_eq!(of(b"", "letter.png"), ("Empty file", Mode::Text));
        assert_eq!(of(&[0; 4096], "x"), ("Only zeros at the start", Mode::Hex));
    }

    #[test]
    fn programs_are_told_apart_by_their_subsystem() {
        assert_eq!(of(&pe(10, 2), "BOOTX64.EFI").0, "UEFI app");
        assert_eq!(of(&pe(3, 2), "x").0, "Windows program");
        assert_eq!(of(&pe(2, 0x2002), "x").0, "Windows library");
        assert_eq!(of(b"MZ\x90\0", "x").0, "Binary data");
        let mut dos = vec![0; 512];
        dos[..2].copy_from_slice(b"MZ");
        dos[60..64].copy_from_slice(&[0xff; 4]);
        assert_eq!(of(&dos, "x").0, "DOS program");
    }

    #[test]
    fn the_name_refines_what_kind_of_text_it_is() {
        assert_eq!(of(b"set timeout=5\n", "grub.cfg").0, "Settings");
        assert_eq!(of(b"#!/bin/sh\necho\n", "run").0, "Shell script");
        assert_eq!(of(b"#!/usr/bin/env python3\n", "run").0, "Python script");
        assert_eq!(of(b"<?xml version=\"1.0\"?>", "x").0, "XML");
    }

    #[test]
    fn the_name_tells_the_kind_of_text_in_any_case() {
        assert_eq!(text_by_name("SETUP.INF"), Some(TextKind { label: "Settings", is_code: true }));
        assert_eq!(text_by_name("README"), Some(TextKind { label: "Text", is_code: false }));
        assert_eq!(text_by_name("a.b.Properties").map(|kind| kind.label), Some("Settings"));
        for name in
            ["", ".", "..", ".profile", "trailing.", "x.averylongextension", "x.ü", "x.日本語テキスト", "picture.png"]
        {
            assert_eq!(text_by_name(name), None, "{name}");
        }
    }

    #[test]
    fn short_marks_need_more_of_their_header() {
        assert_eq!(of(b"BM is a language\n", "bm.txt").1, Mode::Text);
        assert_eq!(of(b"P1 is the first point\n", "list").0, "Text");
        assert_eq!(of(b"P1\n2 1\n0 1\n", "list").0, "Netpbm picture");
        assert_eq!(of(&[0, 0, 1, 0, 0, 0, 1, 2, 3], "x").0, "Binary data");
    }

    #[test]
    fn a_disc_image_is_known_by_its_mark() {
        let mut bytes = vec![0; HEAD];
        bytes[32_769..32_774].copy_from_slice(b"CD001");
        assert_eq!(of(&bytes, "x").0, "ISO 9660 disc image");
    }

    #[test]
    fn every_length_of_every_mark_is_survived() {
        for (at, mark, ..) in MARKS {
            let mut bytes = vec![0; *at];
            bytes.extend_from_slice(mark);
            for len in 0..=bytes.len().min(600) {
                FileKind::of(&bytes[..len], "x.tga");
            }
        }
    }
}
