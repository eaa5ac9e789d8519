//! Discs and sticks that computers start from, written by the programs with which people make them.

use std::path::Path;

use super::peers;

/// A disc with these files, written by xorriso with these options.
pub fn disc(folder: &Path, name: &str, files: &[(&str, Vec<u8>)], options: &[&str]) -> Vec<u8> {
    let root = folder.join(name);
    std::fs::create_dir_all(&root).unwrap();
    for (path, bytes) in files {
        std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        std::fs::write(root.join(path), bytes).unwrap();
    }
    let image = format!("{name}.iso");
    peers::run(folder, "xorriso", &[&["-as", "mkisofs", "-quiet", "-R", "-o", &image], options, &[name]].concat());
    std::fs::read(folder.join(image)).unwrap()
}

/// A FAT file system of so many KiB with these files, the first of which lies at the front.
pub fn fat(folder: &Path, kib: u32, files: &[(&str, &[u8])]) -> Vec<u8> {
    let scratch = tempfile::tempdir_in(folder).unwrap();
    let run = |program: &str, arguments: &[&str]| peers::run(scratch.path(), program, arguments);
    run("mkfs.fat", &["-C", "fat", &kib.to_string()]);
    for (path, bytes) in files {
        std::fs::write(scratch.path().join("file"), bytes).unwrap();
        let ends = path.char_indices().filter(|(_, letter)| *letter == '/').map(|(end, _)| end);
        for parent in ends.map(|end| format!("::{}", &path[..end])) {
            // Fails where it is there already.
            peers::output(scratch.path(), "mmd", &["-D", "s", "-i", "fat", &parent]);
        }
        run("mcopy", &["-i", "fat", "file", &format!("::{path}")]);
    }
    std::fs::read(scratch.path().join("fat")).unwrap()
}

/// A stick of 4 MiB with a table that sfdisk writes, and these bytes at these blocks.
pub fn stick(folder: &Path, script: &str, parts: &[(usize, &[u8])]) -> Vec<u8> {
    let scratch = tempfile::tempdir_in(folder).unwrap();
    let image = scratch.path().join("stick");
    std::fs::File::create(&image).unwrap().set_len(4 << 20).unwrap();
    std::fs::write(scratch.path().join("script"), script).unwrap();
    peers::run(scratch.path(), "sh", &["-c", "sfdisk -q stick < script"]);
    let mut bytes = std::fs::read(image).unwrap();
    for (block, part) in parts {
        bytes[block * 512..block * 512 + part.len()].copy_from_slice(part);
    }
    bytes
}

/// Where the boot catalogue of a disc begins (El Torito §2.0).
pub fn catalog(disc: &[u8]) -> usize {
    let lba = u32::from_le_bytes(*disc[17 * 2048 + 71..].first_chunk().unwrap());
    usize::try_from(lba).unwrap() * 2048
}

/// The same disc with other bytes at a place.
pub fn changed(disc: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut disc = disc.to_vec();
    assert_ne!(&disc[at..at + bytes.len()], bytes);
    disc[at..at + bytes.len()].copy_from_slice(bytes);
    disc
}

/// The same disc with another platform in the validation entry, whose checksum stays right (El Torito §2.1).
pub fn with_platform(disc: &[u8], platform: u8) -> Vec<u8> {
    let at = catalog(disc);
    let mut disc = changed(disc, at + 1, &[platform]);
    disc[at + 28..at + 30].fill(0);
    let words = disc[at..at + 32].as_chunks::<2>().0.iter();
    let sum = words.fold(0_u16, |sum, word| sum.wrapping_add(u16::from_le_bytes(*word)));
    disc[at + 28..at + 30].copy_from_slice(&sum.wrapping_neg().to_le_bytes());
    disc
}

/// A disc with these files in UDF, and in ISO 9660 beside it, written by genisoimage.
pub fn udf(folder: &Path, files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let scratch = tempfile::tempdir_in(folder).unwrap();
    for (path, bytes) in files {
        let path = scratch.path().join("files").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    peers::run(scratch.path(), "genisoimage", &["-quiet", "-udf", "-o", "image", "files"]);
    std::fs::read(scratch.path().join("image")).unwrap()
}
