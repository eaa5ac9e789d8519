//! What a file really is, by its content and never by its name.

use std::sync::Arc;

use super::container::raw::{RawSectors, SYNC};
use super::sector::SECTOR_SIZE;
use super::source::read_up_to;
use super::{Error, Extent, Result, Source};

/// Byte at which the first volume descriptor of a plain image stands (ECMA-119 §6.2.1).
pub const DESCRIPTORS: u64 = 16 * SECTOR_SIZE;

/// The container of files whose bytes are those of the disc.
pub const PLAIN: &str = "plain sectors";

/// A source of 2048-byte sectors, and what they were unwrapped from.
pub struct Detected {
    /// The disc's sectors.
    pub sectors: Arc<dyn Source>,
    /// What the file is in words.
    pub container: &'static str,
}

/// Kinds of files that are no disc images, or not ones that can be opened: offset, magic number, and what it is.
const SIGNATURES: &[(usize, &[u8], &str)] = &[
    (0, b"PK\x03\x04", "This is a ZIP archive"),
    (0, b"PK\x05\x06", "This is an empty ZIP archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "This is a 7-Zip archive"),
    (0, b"Rar!\x1a\x07", "This is a RAR archive"),
    (0, b"\x1f\x8b", "This file is packed with gzip; unpack it first"),
    (0, b"\xfd7zXZ\0", "This file is packed with xz; unpack it first"),
    (0, b"BZh", "This file is packed with bzip2; unpack it first"),
    (0, b"\x28\xb5\x2f\xfd", "This file is packed with Zstandard; unpack it first"),
    (0, b"\x04\x22\x4d\x18", "This file is packed with LZ4; unpack it first"),
    (257, b"ustar", "This is a tar archive"),
    (0, b"MSWIM\0\0\0", "This is a Windows imaging file (WIM)"),
    (0, b"MComprHD", "This is a CHD image, which Isoscope does not open"),
    (0, b"CISO", "This is a packed CSO image, which Isoscope does not open"),
    (0, b"ZISO", "This is a packed ZSO image, which Isoscope does not open"),
    (0, b"IsZ!", "This is a packed ISZ image, which Isoscope does not open"),
    (0, b"DAA\0", "This is a packed DAA image, which Isoscope does not open"),
    (0, b"GBI\0", "This is a packed GBI image, which Isoscope does not open"),
    (0, b"ECM\0", "This is a packed ECM image, which Isoscope does not open"),
    (0, b"MEDIA DESCRIPTOR", "This is the description of an MDF image; Isoscope does not open it"),
    (0, b"BWT5 STREAM SIGN", "This is the description of a BlindWrite image; Isoscope does not open it"),
    (0, b"[CloneCD]", "This is the description of a CloneCD image; open the .img file beside it"),
    (0, b"hsqs", "This is a squashfs file system, not a disc image"),
    (0, b"sqsh", "This is a squashfs file system, not a disc image"),
    (0, b"QFI\xfb", "This is a virtual disk (QCOW)"),
    (0, b"KDMV", "This is a virtual disk (VMDK)"),
    (0, b"conectix", "This is a virtual disk (VHD)"),
    (0, b"vhdxfile", "This is a virtual disk (VHDX)"),
    (0, b"%PDF-", "This is a PDF document"),
    (0, b"\x89PNG\r\n\x1a\n", "This is a PNG picture"),
    (0, b"\xff\xd8\xff", "This is a JPEG picture"),
    (0, b"\x7fELF", "This is a program for Linux or another Unix"),
    (0, b"MZ", "This is a program for Windows or DOS"),
    (0, b"<!DOCTYPE html", "This is a web page; perhaps the download needs a log-in or another link"),
    (0, b"<!doctype html", "This is a web page; perhaps the download needs a log-in or another link"),
    (0, b"<html", "This is a web page; perhaps the download needs a log-in or another link"),
    (1080, b"\x53\xef", "This is a Linux file system (ext2, ext3 or ext4), not an optical disc"),
    (3, b"NTFS    ", "This is a Windows file system (NTFS), not an optical disc"),
    (82, b"FAT32   ", "This begins as a FAT file system, but holds nothing that can be read"),
    (54, b"FAT16   ", "This begins as a FAT file system, but holds nothing that can be read"),
    (54, b"FAT12   ", "This begins as a FAT file system, but holds nothing that can be read"),
    (1024, b"H+\0\x04", "This is a Mac file system (HFS+), which Isoscope does not open"),
    (1024, b"HX\0\x05", "This is a Mac file system (HFSX), which Isoscope does not open"),
    (1024, b"BD", "This is a Mac file system (HFS), which Isoscope does not open"),
    (512, b"EFI PART", "This is the image of a hard disk or USB stick, not of an optical disc"),
];

/// Unwraps the sectors of `source`. [`Error::Unsupported`] when it is empty.
pub fn unwrap(source: &Arc<dyn Source>) -> Result<Detected> {
    if source.is_empty() {
        return Err(Error::unsupported("image file", 0, "This file is empty"));
    }
    let descriptor = read_up_to(source.as_ref(), Extent::new(DESCRIPTORS, 6))?;
    if descriptor.get(1..6) != Some(b"CD001")
        && let Some(raw) = RawSectors::detect(source)?
    {
        return Ok(Detected { sectors: Arc::new(raw), container: "raw sectors" });
    }
    Ok(Detected { sectors: source.clone(), container: PLAIN })
}

/// Says what `source` is in which no file system was found, as [`Error::Unsupported`] with one sentence.
pub fn explain(source: &Arc<dyn Source>) -> Result<Error> {
    let no_disc = |message: &str| Ok(Error::unsupported("image file", 0, message));
    let descriptor = read_up_to(source.as_ref(), Extent::new(DESCRIPTORS, 8 * SECTOR_SIZE))?;
    if let Some(message) = disc_of_another_kind(&descriptor) {
        return no_disc(message);
    }
    let head = read_up_to(source.as_ref(), Extent::new(0, DESCRIPTORS))?;
    if head.starts_with(&SYNC) {
        return no_disc(
            "This image of raw sectors has no file system that Isoscope reads; perhaps it is an audio or video CD",
        );
    }
    let tail_at = source.len().saturating_sub(512);
    let tail = read_up_to(source.as_ref(), Extent::new(tail_at, 512))?;
    if tail.starts_with(b"koly") {
        return no_disc("This is a Mac disk image (DMG), which Isoscope does not open");
    }
    if tail.ends_with(b"conectix") || tail.starts_with(b"conectix") {
        return no_disc("This is a virtual disk (VHD)");
    }
    let footer =
        |back: usize| tail.len().checked_sub(back).and_then(|at| tail.get(at..)).and_then(|rest| rest.get(..4));
    if footer(12) == Some(b"NER5") || footer(8) == Some(b"NERO") {
        return no_disc("This is a Nero image (NRG), which Isoscope does not open");
    }
    let signature =
        SIGNATURES.iter().find(|(at, magic, _)| head.get(*at..).is_some_and(|rest| rest.starts_with(magic)));
    if let Some((_, _, message)) = signature {
        return no_disc(message);
    }
    if head.iter().all(|byte| *byte == 0) {
        return no_disc(match source.len() {
            len if len <= DESCRIPTORS => "This file holds nothing but zeros: an interrupted download?",
            _ => "The first 32 KiB are zero and no file system follows: an interrupted download?",
        });
    }
    if source.len() <= DESCRIPTORS {
        return no_disc("This file is too short for a disc image: an interrupted download?");
    }
    if head.iter().take(4096).all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..)) {
        return no_disc("This looks like a text file, not a disc image");
    }
    no_disc("This is not a disc image that Isoscope knows: no file system of an optical disc was found")
}

/// File systems of optical discs that are recognised, but not read.
fn disc_of_another_kind(descriptor: &[u8]) -> Option<&'static str> {
    if descriptor.get(9..14) == Some(b"CDROM") {
        return Some("This is a High Sierra disc, the forerunner of ISO 9660, which Isoscope does not open");
    }
    if descriptor.get(1..5) == Some(b"CD-I") {
        return Some("This is a CD-i disc, which Isoscope does not open");
    }
    let mut sequence = descriptor.chunks(2048).filter_map(|sector| sector.get(1..6));
    let is_udf = sequence.any(|id| matches!(id, b"BEA01" | b"NSR02" | b"NSR03"));
    is_udf.then_some("This is a UDF disc, but nothing says where its volume begins: an interrupted download?")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::source::MemorySource;

    fn sentence(bytes: Vec<u8>) -> String {
        let source: Arc<dyn Source> = Arc::new(MemorySource::new(bytes));
        unwrap(&source).map_or_else(|error| error, |_| explain(&source).unwrap()).sentence()
    }

    fn with(at: usize, magic: &[u8]) -> Vec<u8> {
        let mut bytes = vec![7; 70_000];
        bytes[at..at + magic.len()].copy_from_slice(magic);
        bytes
    }

    #[test]
    fn what_is_no_disc_image_is_named() {
        assert_eq!(sentence(vec![]), "This file is empty");
        assert_eq!(sentence(b"PK\x03\x04".to_vec()), "This is a ZIP archive");
        assert_eq!(sentence(vec![0; 32_768]), "This file holds nothing but zeros: an interrupted download?");
        assert!(sentence(vec![0; 99_999]).starts_with("The first 32 KiB are zero"));
        assert!(sentence(b"hello there\n".repeat(9000)).starts_with("This looks like a text file"));
        assert!(sentence(vec![7; 70_000]).starts_with("This is not a disc image"));
        assert!(sentence(with(32_768 + 9, b"CDROM")).starts_with("This is a High Sierra disc"));
        assert!(sentence(with(34_816 + 1, b"NSR03")).starts_with("This is a UDF disc"));
        assert!(sentence(with(0, &SYNC)).contains("raw sectors"));
        assert!(sentence(with(70_000 - 12, b"NER5")).contains("Nero"));
    }
}
