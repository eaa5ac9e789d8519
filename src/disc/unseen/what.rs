//! What programs leave on discs besides files, told by its first bytes.

use crate::disc::udf::tag::{Tag, id};

/// Known beginnings: offset, bytes, and what it is.
const KNOWN: &[(usize, &[u8], &str)] = &[
    (0, b"libisofs_", "checksums by libisofs"),
    (0, b"MKI ", "a note of the program that made the disc"),
    (1, b"CD001", "volume descriptors"),
    (0, b"EFI PART", "a GUID partition table"),
    (0, b"MSWIM\0\0\0", "a Windows imaging file"),
    (0, b"hsqs", "a squashfs file system"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"MZ", "a program for Windows or DOS"),
    (0, b"\x7fELF", "a program for Linux or another Unix"),
];

/// What a gap is that begins with this sector, where that is known.
pub(super) fn what(sector: &[u8]) -> Option<&'static str> {
    match descriptor(sector) {
        Some(id::FILE_ENTRY | id::EXTENDED_FILE_ENTRY) => return Some("a UDF file entry that no folder names"),
        Some(_) => return Some("a UDF descriptor that nothing refers to"),
        None => {}
    }
    let known = KNOWN.iter().find(|(at, magic, _)| sector.get(*at..).is_some_and(|rest| rest.starts_with(magic)));
    known.map(|(_, _, what)| *what)
}

/// True for what says nothing: UDF's end marks, and the copies of its anchor with which recorders fill the end of a disc.
pub(super) fn is_filler(sector: &[u8]) -> bool {
    matches!(descriptor(sector), Some(id::ANCHOR | id::TERMINATING | id::TERMINAL_ENTRY))
}

/// The identifier of the UDF descriptor in this sector.
fn descriptor(sector: &[u8]) -> Option<u16> {
    let tag = Tag::parse(sector).filter(|tag| matches!(tag.version, 2 | 3) && tag.crc_len > 0)?;
    tag.check(sector).sound().then_some(tag.id)
}
