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
        b"ico" | b"icns" | b"cur" => ("Icon", Picture),
        b"webp" | b"avif" | b"tga" | b"pcx" | b"ppm" | b"pgm" | b"pbm" | b"qoi" | b"hdr" | b"exr" | b"dds" | b"psd"
        | b"heic" => ("Picture", Picture),
        b"mp3" | b"ogg" | b"oga" | b"opus" | b"flac" | b"wav" | b"wma" | b"aac" | b"m4a" | b"mid" | b"midi"
        | b"aif" | b"aiff" => ("Sound", Audio),
        b"mp4" | b"mkv" | b"avi" | b"mov" | b"mpg" | b"mpeg" | b"vob" | b"wmv" | b"webm" | b"m2ts" | b"ogv"
        | b"flv" => ("Film", Video),
        b"efi" => ("UEFI app", Program),
        b"exe" => ("Windows program", Program),
        b"com" => ("DOS program", Program),
        b"dll" | b"sys" | b"drv" | b"ocx" | b"mui" => ("Windows component", Program),
        b"so" | b"ko" | b"o" | b"a" | b"dylib" => ("Program library", Program),
        b"mod" | b"c32" | b"bin" | b"rom" => ("Binary data", Program),
        b"msi" | b"msu" => ("Windows installer", Archive),
        b"deb" | b"udeb" | b"rpm" | b"apk" => ("Package", Archive),
        b"jar" | b"war" => ("Java archive", Archive),
        b"zip" | b"7z" | b"rar" | b"arj" | b"lzh" | b"lha" | b"ace" | b"cab" | b"tar" | b"tgz" | b"txz" | b"tbz"
        | b"cpio" => ("Archive", Archive),
        b"gz" | b"xz" | b"bz2" | b"zst" | b"lzma" | b"lz4" | b"z" => ("Packed file", Archive),
        b"squashfs" | b"sfs" | b"wim" | b"esd" | b"swm" | b"img" | b"ima" | b"vhd" | b"vhdx" | b"vmdk" | b"qcow2" => {
            ("File system image", Disc)
        }
        b"iso" | b"udf" | b"nrg" | b"mdf" | b"mds" | b"cue" | b"ccd" | b"cdi" | b"cso" | b"chd" => ("Disc image", Disc),
        b"pdf" => ("PDF document", Document),
        b"ps" | b"eps" => ("PostScript document", Document),
        b"rtf" => ("RTF document", Document),
        b"doc" | b"docx" | b"odt" | b"wri" => ("Text document", Document),
        b"xls" | b"xlsx" | b"ods" => ("Spreadsheet", Document),
        b"ppt" | b"pptx" | b"odp" => ("Presentation", Document),
        b"epub" | b"djvu" | b"chm" | b"hlp" => ("Document", Document),
        b"ttf" | b"otf" | b"ttc" | b"pf2" | b"pcf" | b"fon" | b"woff" | b"woff2" | b"psf" => ("Font", Font),
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
    fn odd_names_are_just_files() {
        for name in ["", ".", "..", ".profile", "trailing.", "a.averylongextension", "x.ü", "a.日本語"] {
            assert_eq!(of(Kind::File, name), ("File", Shape::File), "{name}");
        }
    }
}
