//! What a file is for, told from its name: the words of the column "Kind" and the shape of its icon.

use crate::disc::tree::Kind;
use crate::preview::kind::{TextKind, text_by_name};

/// Kinds of files that are told apart by their icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A folder.
    Folder,
    /// A file of no known kind.
    File,
    /// Text to read.
    Text,
    /// Source text or settings.
    Code,
    /// A picture.
    Picture,
    /// A sound.
    Audio,
    /// A film.
    Video,
    /// Something that runs.
    Program,
    /// Other files packed into one.
    Archive,
    /// A formatted document.
    Document,
    /// An image of a disc or a file system.
    Disc,
    /// A partition.
    Partition,
    /// A typeface.
    Font,
    /// A symbolic link.
    Link,
    /// A device, pipe or socket.
    Device,
}

/// What an entry of `kind` called `name` is, in words, and the shape that shows it.
pub fn of(kind: Kind, name: &str) -> (&'static str, Shape) {
    match kind {
        Kind::Folder => ("Folder", Shape::Folder),
        Kind::Symlink => ("Link", Shape::Link),
        Kind::CharDevice => ("Character device", Shape::Device),
        Kind::BlockDevice => ("Block device", Shape::Device),
        Kind::Fifo => ("Named pipe", Shape::Device),
        Kind::Socket => ("Socket", Shape::Device),
        Kind::File => of_file(name),
    }
}

fn of_file(name: &str) -> (&'static str, Shape) {
    // The preview has the same words for what it finds to be text.
    if let Some(TextKind { label, is_code }) = text_by_name(name) {
        let shape = match label {
            "SVG picture" => Shape::Picture,
            _ if is_code => Shape::Code,
            _ => Shape::Text,
        };
        return (label, shape);
    }
    let Some((stem, extension)) = name.rsplit_once('.') else { return of_bare_name(name) };
    if extension.is_empty() || extension.len() > 8 || stem.is_empty() {
        return of_bare_name(name);
    }
    let mut lower = [0; 8];
    let lower = lower.get_mut(..extension.len()).unwrap_or_default();
    lower.copy_from_slice(extension.as_bytes());
    lower.make_ascii_lowercase();
    by_extension(lower).unwrap_or(("File", Shape::File))
}

fn of_bare_name(name: &str) -> (&'static str, Shape) {
    const KERNELS: [&str; 3] = ["vmlinuz", "linux", "bzimage"];
    if KERNELS.iter().any(|known| name.eq_ignore_ascii_case(known)) {
        ("Linux kernel", Shape::Program)
    } else {
        ("File", Shape::File)
    }
}

fn by_extension(extension: &[u8]) -> Option<(&'static str, Shape)> {
    use Shape::{Archive, Audio, Disc, Document, Font, Picture, Program, Video};
    Some(match extension {
        b"png" => ("PNG picture", Picture),
        b"jpg" | b"jpeg" | b"jpe" => ("JPEG picture", Picture),
        b"gif" => ("GIF picture", Picture),
        b"bmp" | b"dib" => ("BMP picture", Picture),
        b"tif" | b"tiff" => ("TIFF picture", Picture),
        b"ico" => ("Windows icon", Picture),
        b"cur" => ("Windows cursor", Picture),
        b"icns" => ("Apple icon", Picture),
        b"webp" => ("WebP picture", Picture),
        b"avif" => ("AVIF picture", Picture),
        b"heic" => ("HEIC picture", Picture),
        b"tga" => ("TGA picture", Picture),
        b"pbm" | b"pgm" | b"ppm" => ("Netpbm picture", Picture),
        b"qoi" => ("QOI picture", Picture),
        b"hdr" => ("HDR picture", Picture),
        b"exr" => ("OpenEXR picture", Picture),
        b"dds" => ("DDS picture", Picture),
        b"psd" => ("Photoshop picture", Picture),
        b"pcx" => ("PCX picture", Picture),
        b"mp3" => ("MP3 sound", Audio),
        b"ogg" | b"oga" | b"opus" => ("Ogg sound", Audio),
        b"flac" => ("FLAC sound", Audio),
        b"wav" => ("WAV sound", Audio),
        b"mid" | b"midi" => ("MIDI music", Audio),
        b"wma" | b"aac" | b"m4a" | b"aif" | b"aiff" => ("Sound", Audio),
        b"mp4" => ("MP4 film", Video),
        b"mkv" | b"webm" => ("Matroska film", Video),
        b"avi" => ("AVI film", Video),
        b"mpg" | b"mpeg" | b"vob" => ("MPEG film", Video),
        b"mov" | b"wmv" | b"m2ts" | b"ogv" | b"flv" => ("Film", Video),
        b"efi" => ("UEFI app", Program),
        b"exe" => ("Windows program", Program),
        b"com" => ("DOS program", Program),
        b"dll" => ("Windows library", Program),
        b"sys" | b"drv" | b"ocx" | b"mui" => ("Windows component", Program),
        b"so" | b"ko" | b"o" | b"a" | b"dylib" => ("Program library", Program),
        b"mod" | b"c32" | b"bin" | b"rom" => ("Binary data", Program),
        b"msi" | b"msu" => ("Windows installer", Archive),
        b"deb" | b"udeb" => ("Debian package", Archive),
        b"rpm" => ("RPM package", Archive),
        b"apk" => ("Package", Archive),
        b"jar" | b"war" => ("Java archive", Archive),
        b"zip" => ("ZIP archive", Archive),
        b"7z" => ("7-Zip archive", Archive),
        b"rar" => ("RAR archive", Archive),
        b"cab" => ("Cabinet archive", Archive),
        b"tar" => ("tar archive", Archive),
        b"cpio" => ("cpio archive", Archive),
        b"arj" | b"lzh" | b"lha" | b"ace" | b"tgz" | b"txz" | b"tbz" => ("Archive", Archive),
        b"gz" => ("gzip file", Archive),
        b"xz" => ("xz file", Archive),
        b"bz2" => ("bzip2 file", Archive),
        b"zst" => ("Zstandard file", Archive),
        b"lz4" => ("LZ4 file", Archive),
        b"lzma" | b"z" => ("Packed file", Archive),
        b"squashfs" | b"sfs" => ("Squashfs file system", Disc),
        b"wim" | b"esd" | b"swm" => ("Windows image (WIM)", Disc),
        b"img" | b"ima" | b"vhd" | b"vhdx" | b"vmdk" | b"qcow2" => ("File system image", Disc),
        b"iso" | b"udf" | b"nrg" | b"mdf" | b"mds" | b"cue" | b"ccd" | b"cdi" | b"cso" | b"chd" => ("Disc image", Disc),
        b"pdf" => ("PDF document", Document),
        b"ps" | b"eps" => ("PostScript document", Document),
        b"rtf" => ("RTF document", Document),
        b"doc" | b"docx" | b"odt" | b"wri" => ("Text document", Document),
        b"xls" | b"xlsx" | b"ods" => ("Spreadsheet", Document),
        b"ppt" | b"pptx" | b"odp" => ("Presentation", Document),
        b"epub" | b"djvu" | b"chm" | b"hlp" => ("Document", Document),
        b"ttf" => ("TrueType font", Font),
        b"otf" => ("OpenType font", Font),
        b"woff" => ("Web font", Font),
        b"pf2" => ("GRUB font", Font),
        b"ttc" | b"pcf" | b"fon" | b"woff2" | b"psf" => ("Font", Font),
        b"cat" => ("Catalogue", Document),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_follow_from_the_last_extension_in_any_case() {
        assert_eq!(of(Kind::File, "BOOTX64.EFI"), ("UEFI app", Shape::Program));
        assert_eq!(of(Kind::File, "photo.tar.JPG"), ("JPEG picture", Shape::Picture));
        assert_eq!(of(Kind::File, "README"), ("Text", Shape::Text));
        assert_eq!(of(Kind::File, "grub.CFG"), ("Settings", Shape::Code));
        assert_eq!(of(Kind::File, "logo.svg"), ("SVG picture", Shape::Picture));
        assert_eq!(of(Kind::Folder, "x.txt"), ("Folder", Shape::Folder));
    }

    #[test]
    fn the_list_and_the_preview_say_the_same_of_text() {
        let names =
            ["a.txt", "a.md", "a.cfg", "a.desktop", "a.svg", "a.pl", "a.sha256", "Makefile", "MD5SUMS", "a.html"];
        for name in names {
            let (label, _) = of(Kind::File, name);
            assert_eq!(crate::preview::FileKind::of(b"some words\n", name).label, label, "{name}");
        }
    }

    #[test]
    fn the_list_and_the_preview_say_the_same_of_files_with_a_mark() {
        let files: [(&str, &[u8]); 12] = [
            ("a.webp", b"RIFF\0\0\0\0WEBP"),
            ("a.ico", b"\0\0\x01\0\x01\0\x10\x10\0\0"),
            ("a.ppm", b"P6\n1 1\n255\n\0\0\0"),
            ("a.flac", b"fLaC"),
            ("a.avi", b"RIFF\0\0\0\0AVI "),
            ("a.zip", b"PK\x03\x04"),
            ("a.gz", b"\x1f\x8b"),
            ("a.deb", b"!<arch>\ndebian"),
            ("a.squashfs", b"hsqs"),
            ("a.wim", b"MSWIM\0\0\0"),
            ("a.otf", b"OTTO"),
            ("a.rtf", b"{\\rtf"),
        ];
        for (name, head) in files {
            assert_eq!(crate::preview::FileKind::of(head, name).label, of(Kind::File, name).0, "{name}");
        }
    }

    #[test]
    fn odd_names_are_just_files() {
        for name in ["", ".", "..", ".profile", "trailing.", "a.averylongextension", "x.ü", "a.日本語"] {
            assert_eq!(of(Kind::File, name), ("File", Shape::File), "{name}");
        }
    }
}
