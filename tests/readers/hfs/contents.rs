//! What volumes hold, of every kind of entry.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{names, open, sound};
use crate::support::hfs::packed::{compressed, decmpfs};
use crate::support::hfs::{BLOCK, File, Format, Volume, wrapped};
use crate::support::survey::{contents, digest_of, survey};
use isoscope::disc::tree::{FileTree, Kind, TreeKind};
use isoscope::disc::walk::Walk;

/// The bytes of the resource forks, by path.
fn resource_forks(tree: &Arc<dyn FileTree>) -> BTreeMap<String, Vec<u8>> {
    let mut forks = BTreeMap::new();
    for step in Walk::new(tree.clone()) {
        let folder = step.folder.unwrap();
        for (index, entry) in folder.entries().iter().enumerate() {
            let streams = tree.streams(&folder, index).unwrap();
            assert_eq!(streams.is_empty(), !folder.has_streams(index));
            for stream in streams {
                assert_eq!(stream.name, "Resource fork");
                let bytes = contents(&*tree.open_stream(&stream).unwrap(), u64::MAX).unwrap();
                assert_eq!(bytes.len() as u64, stream.size);
                forks.insert(isoscope::disc::text::join(&step.path, folder.name(entry)), bytes);
            }
        }
    }
    forks
}

/// The details of the entry at a path of one component, as `label: value` lines.
fn details(tree: &Arc<dyn FileTree>, name: &str) -> Vec<String> {
    let folder = tree.read_folder(tree.root()).unwrap();
    let groups = tree.details(&folder, folder.position(name).unwrap()).unwrap();
    let fields = groups.iter().flat_map(|group| group.fields.iter().map(move |field| (&group.title, field)));
    fields.map(|(title, field)| format!("{title}/{}: {}", field.label, field.value)).collect()
}

#[test]
fn folders_of_every_size_are_listed_through_an_index_of_several_levels() {
    for (format, node_size) in [(Format::Hfs, 512), (Format::Plus, 1024), (Format::X, 4096)] {
        let mut volume = Volume::new(format, "Many").with_node_size(node_size);
        let mut expected = BTreeMap::new();
        let mut folders = vec![(2, String::new())];
        for number in 0..40 {
            let (parent, path) = folders[number / 3].clone();
            let name = format!("folder {number}");
            folders.push((volume.folder(parent, &name), format!("{path}{name}/")));
            expected.insert(format!("{path}{name}"), None);
        }
        for (folder, (id, path)) in folders.iter().enumerate() {
            for number in 0..folder * 3 {
                let text = format!("file {number} of folder {folder}").repeat(number % 40);
                volume.text(*id, &format!("file {number}"), text.as_bytes());
                expected.insert(format!("{path}file {number}"), Some(digest_of(text.as_bytes())));
            }
        }
        let survey = sound(&volume.build());
        assert_eq!(survey.rows.len(), 40 + (0..41).map(|folder| folder * 3).sum::<usize>(), "{format:?}");
        for (path, digest) in expected {
            let row = survey.row(&path);
            assert_eq!(row.kind == Kind::Folder, digest.is_none());
            assert_eq!(row.content.as_deref(), Ok(digest.as_deref().unwrap_or_default()), "{format:?}, {path}");
        }
    }
}

#[test]
fn fragmented_forks_are_joined_from_the_overflow_file() {
    let long: Vec<u8> = (0..100 * BLOCK as u32 + 77).map(|at| (at / 300) as u8).collect();
    for format in [Format::Hfs, Format::Plus] {
        for pieces in [1, 3, 4, 8, 9, 16, 17, 40, 101] {
            let mut volume = Volume::new(format, "Pieces");
            let (data, resource) = (volume.store_in(&long, pieces), volume.store_in(&long[1000..], pieces));
            volume.file(2, "pieces", File { data, resource, ..File::default() });
            volume.text(2, "other", b"other");
            let bytes = volume.build();
            let survey = sound(&bytes);
            assert_eq!(survey.row("pieces").content, Ok(digest_of(&long)), "{format:?}, {pieces} pieces");
            let forks = resource_forks(&open(&bytes).0.trees[0]);
            assert_eq!(forks["pieces"], long[1000..], "{format:?}, {pieces} pieces");
        }
    }
}

#[test]
fn hard_links_show_what_they_name_and_private_folders_are_left_out() {
    let mut volume = Volume::new(Format::Plus, "Links");
    let files = volume.folder(2, "\0\0\0\0HFS+ Private Data");
    let folders = volume.folder(2, ".HFS+ Private Directory Data\r");
    let data = volume.store(b"shared");
    let resource = volume.store(b"shared resources");
    for number in [5, 50, 500] {
        let name = format!("iNode{number}");
        let (data, resource) = (data.clone(), resource.clone());
        volume.file(files, &name, File { data, resource, special: 2, flags: 0x22, mode: 0o100_600, ..File::default() });
    }
    let real = volume.folder(folders, "dir_77");
    volume.text(real, "inside", b"inside");
    volume.hard_link(2, "one", 50);
    let folder = volume.folder(2, "folder");
    volume.hard_link(folder, "two", 50);
    volume.folder_link(2, "linked folder", 77);
    volume.folder_link(folder, "linked again", 77);
    volume.hard_link(2, "nowhere", 51);
    volume.folder_link(2, "no folder", 78);
    let bytes = volume.build();
    let (system, diagnostics) = open(&bytes);
    assert!(diagnostics.is_empty());
    let tree = &system.trees[0];
    let survey = survey(tree);
    let expected = ["folder", "folder/linked again", "folder/two", "linked folder", "no folder", "nowhere", "one"];
    let mut listed: Vec<_> = names(&survey).into_iter().filter(|name| !name.ends_with("inside")).collect();
    listed.sort_unstable();
    assert_eq!(listed, expected);
    for name in ["one", "folder/two"] {
        assert_eq!(survey.row(name).content, Ok(digest_of(b"shared")));
    }
    assert_eq!(survey.row("linked folder").kind, Kind::Folder);
    // The folder is walked once, however often it is named.
    assert_eq!(names(&survey).iter().filter(|name| name.ends_with("inside")).count(), 1);
    for name in ["nowhere", "no folder"] {
        assert!(survey.row(name).content.as_ref().unwrap_err().contains("not there"));
        assert_eq!(survey.row(name).notes.len(), 1);
    }
    assert_eq!(resource_forks(tree)["one"], b"shared resources");
    let root = tree.read_folder(tree.root()).unwrap();
    let posix = root.posix(&root.entries()[root.position("one").unwrap()]).unwrap();
    assert_eq!((posix.mode, posix.links, posix.uid), (0o100_600, 2, 501));
    let details = details(tree, "one");
    assert!(details.iter().any(|line| line == "Hard link/Inode: 50"), "{details:?}");
    assert!(details.iter().any(|line| line == "Catalog file record/Name: iNode50"), "{details:?}");
}

#[test]
fn links_devices_and_permissions_are_those_of_posix() {
    let mut volume = Volume::new(Format::Plus, "Posix");
    let data = volume.store("../target/ä".as_bytes());
    volume.file(2, "link", File { data, mode: 0o120_777, finder: *b"slnkrhap", ..File::default() });
    volume.file(2, "disk", File { mode: 0o060_640, special: 8 << 24 | 1, ..File::default() });
    volume.file(2, "pipe", File { mode: 0o010_644, ..File::default() });
    volume.file(2, "no permissions", File { mode: 0, ..File::default() });
    let bytes = volume.build();
    let survey = sound(&bytes);
    assert_eq!(survey.row("link").target.as_deref(), Some("../target/ä"));
    assert_eq!((survey.row("disk").kind, survey.row("pipe").kind), (Kind::BlockDevice, Kind::Fifo));
    let tree = &open(&bytes).0.trees[0];
    let folder = tree.read_folder(tree.root()).unwrap();
    let entry = &folder.entries()[folder.position("no permissions").unwrap()];
    assert_eq!((entry.kind, folder.posix(entry)), (Kind::File, None));
    let moment = Some("2024-02-10T10:03:21+00:00".to_owned());
    let times = [entry.modified, folder.created(entry), folder.accessed(entry), folder.changed(entry)];
    assert!(times.iter().all(|time| time.map(|time| time.to_string()) == moment));
    assert!(details(tree, "disk").iter().any(|line| line.ends_with("device 8, 1")));
    assert!(details(tree, "link").iter().any(|line| line == "Finder information/Creator: rhap"));
}

#[test]
fn compressed_files_are_unpacked() {
    let (bytes, files) = compressed();
    let survey = sound(&bytes);
    let tree = &open(&bytes).0.trees[0];
    for (name, content) in files {
        assert_eq!(survey.row(name).size, Some(content.len() as u64), "{name}");
        assert_eq!(survey.row(name).content, Ok(digest_of(&content)), "{name}");
        let details = details(tree, name);
        assert!(details.iter().any(|line| line.contains("com.apple.quarantine (17 bytes): 0081;5e7d;Safari;")));
        assert!(details.iter().any(|line| line.contains("com.apple.decmpfs") && line.contains("unpacked")));
    }
    // The packed content is no resource fork of its own.
    assert!(resource_forks(tree).is_empty());
}

#[test]
fn compression_that_is_not_read_is_named_and_never_empty() {
    let mut volume = Volume::new(Format::Plus, "Compressed");
    let file = || File { owner_flags: 0x20, ..File::default() };
    for (name, kind) in [("lzvn", 8), ("lzfse", 11), ("new", 99)] {
        let id = volume.file(2, name, file());
        volume.attribute(id, "com.apple.decmpfs", &decmpfs(kind, 1000, b"packed"));
    }
    let broken = volume.file(2, "broken", file());
    volume.attribute(broken, "com.apple.decmpfs", b"nonsense that is long enough");
    let short = volume.file(2, "short", file());
    volume.attribute(short, "com.apple.decmpfs", b"fpmc");
    let data = volume.store(b"as it is");
    volume.file(2, "only marked", File { data, ..file() });
    volume.file(2, "only marked and empty", file());
    let (system, _) = open(&volume.build());
    let survey = survey(&system.trees[0]);
    for (name, words) in [
        ("lzvn", "LZVN"),
        ("lzfse", "LZFSE"),
        ("new", "99"),
        ("broken", "damaged"),
        ("short", "damaged"),
        ("only marked and empty", "nothing says how"),
    ] {
        assert!(survey.row(name).content.as_ref().unwrap_err().contains(words), "{name}: {:?}", survey.row(name));
    }
    assert_eq!(survey.row("only marked").content, Ok(digest_of(b"as it is")));
    assert_eq!(survey.row("only marked").notes.len(), 1);
}

#[test]
fn names_are_composed_and_case_matters_in_hfsx() {
    let mut volume = Volume::new(Format::X, "Scho\u{308}n");
    volume.text(2, "u\u{308}ber", b"decomposed");
    volume.text(2, "README", b"upper");
    volume.text(2, "readme", b"lower");
    volume.text(2, "and/or", b"a separator elsewhere");
    let bytes = volume.build();
    let survey = sound(&bytes);
    assert_eq!(names(&survey), ["README", "and\\x2for", "readme", "über"]);
    let (system, _) = open(&bytes);
    assert_eq!((&*system.volume.id, &*system.formats[0]), ("Schön", "HFSX"));
    let details = details(&system.trees[0], "über");
    assert!(details.contains(&"Catalog file record/Name, bytes: 00750308006200650072".to_owned()), "{details:?}");
}

#[test]
fn names_that_are_no_text_are_shown_and_noted() {
    let mut volume = Volume::new(Format::Plus, "Names");
    volume.text(2, "good", b"good");
    volume.text(2, "bad X", b"bad");
    let mut bytes = volume.build();
    let name: Vec<u8> = "bad X".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let at = bytes.windows(name.len()).position(|window| window == name).unwrap();
    bytes[at + 8] = 0xdc;
    let (system, _) = open(&bytes);
    let survey = survey(&system.trees[0]);
    assert_eq!(survey.row("bad \u{fffd}").content, Ok(digest_of(b"bad")));
    assert_eq!(survey.row("bad \u{fffd}").notes.len(), 1);
    let folder = system.trees[0].read_folder(system.trees[0].root()).unwrap();
    let index = folder.position("bad \u{fffd}").unwrap();
    assert_eq!(folder.raw_name(index).unwrap()[..2], [0, b'b']);
}

#[test]
fn an_hfs_plus_volume_in_a_wrapper_is_shown_in_its_place() {
    let mut inner = Volume::new(Format::Plus, "Inner");
    inner.text(2, "inside", b"inside");
    let inner = inner.build();
    let bytes = wrapped(&inner);
    let (system, diagnostics) = open(&bytes);
    assert!(diagnostics.is_empty(), "{:?}", diagnostics.items());
    assert_eq!(system.formats, ["HFS+", "HFS wrapper"]);
    assert_eq!(survey(&system.trees[0]).row("inside").content, Ok(digest_of(b"inside")));
    assert_eq!(system.declared_end, bytes.len() as u64);
    // Without the volume inside, the wrapper is what there is.
    let at = bytes.windows(inner.len()).position(|window| window == inner).unwrap();
    let mut empty = bytes.clone();
    empty[at..at + inner.len()].fill(0);
    let (system, diagnostics) = open(&empty);
    assert_eq!(system.trees[0].kind(), TreeKind::Hfs);
    assert!(diagnostics.items()[0].message.contains("not there"));
    assert_eq!(names(&survey(&system.trees[0])), ["Where_have_all_my_files_gone?"]);
}
