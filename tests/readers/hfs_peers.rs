//! HFS and HFS+ as other programs read them: hfsutils and 7zz must see the same names, sizes, types and creators, and get
//! the same bytes of both forks.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use crate::support::hfs::packed::compressed;
use crate::support::hfs::{File, Format, Volume};
use crate::support::rng::Rng;
use crate::support::sources::memory;
use crate::support::survey::{contents, digest, digest_of};
use crate::support::{fixtures, peers};
use isoscope::disc::tree::{FileTree, Kind, TreeKind};
use isoscope::disc::walk::Walk;
use isoscope::disc::{Diagnostics, Extent, Image, hfs};
use unicode_normalization::UnicodeNormalization;

/// What both see of a file of the Macintosh; `None` for a folder.
type Seen = Option<Forks>;

/// A file as the Macintosh knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Forks {
    kind_and_creator: String,
    data: String,
    resource: String,
    hidden: bool,
}

/// The names in a folder below a place, joined with `:` as the Macintosh does.
fn ours(tree: &Arc<dyn FileTree>) -> BTreeMap<String, Seen> {
    let mut seen = BTreeMap::new();
    let mut paths = BTreeMap::from([(String::new(), String::new())]);
    for step in Walk::new(tree.clone()) {
        let folder = step.folder.unwrap();
        assert!(folder.diagnostics.is_empty(), "{:?}", folder.diagnostics.items());
        let above = paths[&step.path].clone();
        for (index, entry) in folder.entries().iter().enumerate() {
            assert_eq!(folder.notes(index).count(), 0);
            let path = format!("{above}:{}", folder.name(entry));
            if entry.is_folder() {
                paths.insert(isoscope::disc::text::join(&step.path, folder.name(entry)), path.clone());
                seen.insert(path, None);
                continue;
            }
            let groups = tree.details(&folder, index).unwrap();
            let field = |label: &str| {
                let mut fields = groups.iter().flat_map(|group| &group.fields);
                fields.find(|field| field.label == label).unwrap().value.clone()
            };
            let streams = tree.streams(&folder, index).unwrap();
            let resource = streams.first().map(|stream| digest(&*tree.open_stream(stream).unwrap()).unwrap());
            let forks = Forks {
                kind_and_creator: format!("{}/{}", field("Type"), field("Creator")),
                data: digest(&*tree.open(entry).unwrap()).unwrap(),
                resource: resource.unwrap_or_else(|| digest_of(b"")),
                hidden: entry.hidden,
            };
            seen.insert(path, Some(forks));
        }
    }
    seen
}

/// hfsutils, which keeps the volume that it works on in the home folder.
fn hfsutils(home: &Path, program: &str, arguments: &[OsString]) -> Vec<u8> {
    let output = Command::new(program).args(arguments).current_dir(home).env("HOME", home).env("TZ", "UTC").output();
    let output = output.unwrap_or_else(|error| {
        panic!("The program {program} does not run ({error}). tests/run installs what the tests need.")
    });
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

/// What hfsutils sees of the volume in `image`.
fn theirs(home: &Path, image: &str) -> BTreeMap<String, Seen> {
    hfsutils(home, "hmount", &words(&[image]));
    let mut seen = BTreeMap::new();
    let list = hfsutils(home, "hls", &words(&["-lRa"]));
    let mut here = Vec::new();
    for line in list.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        if line.first() == Some(&b':') {
            here = line.strip_suffix(b":").unwrap().to_vec();
            continue;
        }
        // f  TEXT/ttxt         0         6 Nov 22 15:58 hello.txt
        // d          2 items               Nov 22 15:58 Folder
        let is_folder = line[0] == b'd';
        let mut rest = line;
        let mut take = || {
            rest = rest.trim_ascii_start();
            let end = rest.iter().position(|byte| *byte == b' ').unwrap();
            let word = rest[..end].to_vec();
            rest = &rest[end..];
            String::from_utf8(word).unwrap()
        };
        let fields: Vec<String> = (0..if is_folder { 6 } else { 7 }).map(|_| take()).collect();
        let raw = [&here[..], b":", &rest[1..]].concat();
        let path = encoding_rs::MACINTOSH.decode_without_bom_handling(&raw).0.into_owned();
        if is_folder {
            seen.insert(path, None);
            continue;
        }
        // MacBinary: a header of 128 bytes, then both forks, each filled up to 128 bytes.
        hfsutils(home, "hcopy", &[OsString::from("-m"), OsString::from_vec(raw), OsString::from("fork.bin")]);
        let binary = std::fs::read(home.join("fork.bin")).unwrap();
        let length = |at: usize| u32::from_be_bytes(binary[at..at + 4].try_into().unwrap()) as usize;
        let (data, resource) = (length(83), length(87));
        assert_eq!(fields[2..4], [resource.to_string(), data.to_string()]);
        let start = 128 + data.next_multiple_of(128);
        let forks = Forks {
            kind_and_creator: fields[1].clone(),
            data: digest_of(&binary[128..128 + data]),
            resource: digest_of(&binary[start..start + resource]),
            hidden: fields[0].contains('i'),
        };
        seen.insert(path, Some(forks));
    }
    hfsutils(home, "humount", &[]);
    seen
}

fn only_tree(bytes: &[u8]) -> Arc<dyn FileTree> {
    let mut diagnostics = Diagnostics::default();
    let whole = Extent::new(0, bytes.len() as u64);
    let system = hfs::open(&memory(bytes), whole, None, &mut diagnostics).unwrap().unwrap();
    assert!(diagnostics.is_empty(), "{:?}", diagnostics.items());
    system.trees[0].clone()
}

#[test]
fn hybrid_discs_of_genisoimage_are_read_as_hfsutils_reads_them() {
    let home = tempfile::tempdir().unwrap();
    for name in ["g-hfs-part.iso", "g-hfs-hybrid.iso"] {
        let bytes = fixtures::bytes(name);
        std::fs::write(home.path().join(name), &bytes).unwrap();
        let image = Image::open(memory(&bytes)).unwrap();
        let ours = ours(image.tree(TreeKind::Hfs).unwrap());
        assert!(ours.len() > 8, "{name}: {:?}", ours.keys());
        assert_eq!(ours, theirs(home.path(), name), "{name}");
    }
}

#[test]
fn fragmented_volumes_of_hfsutils_are_read_as_they_were_written() {
    let home = tempfile::tempdir().unwrap();
    let mut rng = Rng::new(7);
    std::fs::File::create(home.path().join("disk")).unwrap().set_len(1440 << 10).unwrap();
    hfsutils(home.path(), "hformat", &words(&["-l", "Disk", "disk"]));
    let copy = |name: &str, bytes: &[u8]| {
        std::fs::write(home.path().join("content"), bytes).unwrap();
        hfsutils(home.path(), "hcopy", &words(&["-r", "content", name]));
    };
    hfsutils(home.path(), "hmkdir", &words(&[":Folder"]));
    // Every second small file makes room for pieces of the large ones.
    for number in 0..300 {
        copy(&format!(":Folder:small {number}"), &rng.bytes(2500));
    }
    for number in (0..300).step_by(2) {
        hfsutils(home.path(), "hdel", &words(&[&format!(":Folder:small {number}")]));
    }
    let large: Vec<Vec<u8>> = (0..3).map(|_| rng.bytes(250_000)).collect();
    for (number, bytes) in large.iter().enumerate() {
        copy(&format!(":large {number}"), bytes);
    }
    hfsutils(home.path(), "humount", &[]);
    let bytes = std::fs::read(home.path().join("disk")).unwrap();
    let tree = only_tree(&bytes);
    let folder = tree.read_folder(tree.root()).unwrap();
    let pieces: Vec<usize> = folder.entries().iter().map(|entry| entry.content.extents().len()).collect();
    assert!(pieces.iter().any(|pieces| *pieces > 20), "nothing is fragmented: {pieces:?}");
    for (number, written) in large.iter().enumerate() {
        let entry = &folder.entries()[folder.position(&format!("large {number}")).unwrap()];
        assert_eq!(&contents(&*tree.open(entry).unwrap(), u64::MAX).unwrap(), written);
    }
    assert_eq!(ours(&tree), theirs(home.path(), "disk"));
}

/// Path, kind and digest of everything in a tree, as 7zz gives it back.
fn listing(tree: &Arc<dyn FileTree>) -> BTreeMap<String, (Kind, Option<String>)> {
    let survey = crate::support::survey::survey(tree);
    assert!(survey.all_said().is_empty(), "{:?}", survey.all_said());
    let plain = survey.rows.into_iter().filter(|(_, row)| matches!(row.kind, Kind::File | Kind::Folder));
    plain.map(|(path, row)| (path, (row.kind, row.content.ok().filter(|_| row.kind == Kind::File)))).collect()
}

fn seven_zip(folder: &Path, volume: &[u8]) -> BTreeMap<String, (Kind, Option<String>)> {
    std::fs::write(folder.join("volume"), volume).unwrap();
    let out = folder.join("out");
    std::fs::create_dir(&out).unwrap();
    // Resource forks are files of their own to 7zz, and links cannot be told from files on every system.
    peers::output(&out, "7zz", &["x", "-y", "-tHFS", "-snl-", "-xr!*:rsrc", "../volume"]);
    peers::folder(&out).into_iter().map(|(path, seen)| (path, (seen.kind, seen.digest))).collect()
}

/// 7zz puts everything into a folder with the name of the volume, and shows what only the file system uses.
fn without_volume(listing: BTreeMap<String, (Kind, Option<String>)>) -> BTreeMap<String, (Kind, Option<String>)> {
    let own = |path: &str| path.starts_with('[') || path.contains("HFS+ Private");
    let inner = listing.into_iter().filter_map(|(path, seen)| {
        let (_, path) = path.split_once('/')?;
        // As recorded, names are decomposed.
        (!own(path)).then(|| (path.nfc().collect(), seen))
    });
    inner.collect()
}

#[test]
fn volumes_of_hfs_plus_are_read_as_7zz_reads_them() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = fixtures::bytes("x-hfsplus.iso");
    let image = Image::open(memory(&bytes)).unwrap();
    let tree = image.tree(TreeKind::HfsPlus).unwrap();
    let partition = image.partitions().iter().find(|it| it.type_id == "Apple_HFS").unwrap().extent;
    let volume = &bytes[usize::try_from(partition.offset).unwrap()..];
    let theirs = without_volume(seven_zip(folder.path(), volume));
    let ours = listing(tree);
    assert!(ours.len() > 5, "{ours:?}");
    for (path, seen) in &ours {
        assert_eq!(theirs.get(path), Some(seen), "{path}: {theirs:?}");
    }
}

#[test]
fn built_volumes_are_read_as_7zz_reads_them() {
    for format in [Format::Plus, Format::X] {
        let scratch = tempfile::tempdir().unwrap();
        let mut rng = Rng::new(11);
        let mut volume = Volume::new(format, "Built");
        let mut folders = vec![2];
        for number in 0..12 {
            let parent = *rng.pick(&folders);
            folders.push(volume.folder(parent, &format!("folder {number}")));
        }
        for number in 0..150 {
            let bytes = rng.bytes(number * 37 % 9000);
            let pieces = 1 + rng.below(12);
            let data = volume.store_in(&bytes, pieces);
            let name = format!("{} {number}", ["plain", "über", "日本", "e\u{301}"][number % 4]);
            volume.file(*rng.pick(&folders), &name, File { data, ..File::default() });
        }
        let bytes = volume.build();
        let ours = listing(&only_tree(&bytes));
        let compose = |(path, seen): (String, _)| {
            use unicode_normalization::UnicodeNormalization;
            (path.nfc().collect::<String>(), seen)
        };
        let theirs: BTreeMap<_, _> =
            without_volume(seven_zip(scratch.path(), &bytes)).into_iter().map(compose).collect();
        assert_eq!(ours.len(), 162);
        assert_eq!(ours, theirs, "{format:?}");
    }
}

#[test]
fn compressed_files_are_unpacked_as_7zz_unpacks_them() {
    let scratch = tempfile::tempdir().unwrap();
    let (bytes, files) = compressed();
    let theirs = without_volume(seven_zip(scratch.path(), &bytes));
    // 7zz reads what is packed in the attribute only where the attribute stands in its record.
    for (name, content) in files.iter().filter(|(name, _)| *name != "inline in a fork") {
        assert_eq!(theirs[*name], (Kind::File, Some(digest_of(content))), "{name}");
        assert_eq!(listing(&only_tree(&bytes))[*name], theirs[*name]);
    }
}
