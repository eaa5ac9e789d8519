//! HFS, HFS+ and HFSX: as real tools write and read them, and what no tool makes, built record by record.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::support::hfs::{BLOCK, File, Format, Volume, compressed, decmpfs, specimens, wrapped};
use crate::support::sources::memory;
use crate::support::survey::{Survey, contents, digest_of, survey};
use isoscope::disc::file_system::FileSystem;
use isoscope::disc::tree::{FileTree, Kind, State, TreeKind};
use isoscope::disc::walk::Walk;
use isoscope::disc::{Diagnostics, Error, Extent, Source, hfs};

fn open_in(source: &Arc<dyn Source>, part: Extent) -> (FileSystem, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let system = hfs::open(source, part, None, &mut diagnostics).unwrap().expect("there is a volume");
    (system, diagnostics)
}

fn open(bytes: &[u8]) -> (FileSystem, Diagnostics) {
    open_in(&memory(bytes), Extent::new(0, bytes.len() as u64))
}

/// Everything in the only tree of a volume that has no fault.
fn sound(bytes: &[u8]) -> Survey {
    let (system, diagnostics) = open(bytes);
    assert!(diagnostics.is_empty(), "{:?}", diagnostics.items());
    let survey = survey(&system.trees[0]);
    assert!(survey.all_said().is_empty(), "{:?}", survey.all_said());
    survey
}

fn names(survey: &Survey) -> Vec<&str> {
    survey.rows.keys().map(String::as_str).collect()
}

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
fn extents_that_are_missing_are_told_and_what_there_is_can_be_read() {
    let long = vec![b'x'; 12 * BLOCK];
    let mut volume = Volume::new(Format::Plus, "Short");
    let mut data = volume.store_in(&long, 6);
    data.extents.truncate(5);
    data.size = 1 << 63;
    volume.file(2, "short", File { data, ..File::default() });
    volume.text(2, "sound", b"sound");
    let (system, _) = open(&volume.build());
    let tree = &system.trees[0];
    let survey = survey(tree);
    assert!(survey.row("short").content.is_err());
    assert!(survey.row("short").notes[0].1.contains("recorded nowhere"), "{:?}", survey.row("short").notes);
    assert_eq!(survey.row("sound").content, Ok(digest_of(b"sound")));
    let folder = tree.read_folder(tree.root()).unwrap();
    let source = tree.open(&folder.entries()[folder.position("short").unwrap()]).unwrap();
    let mut buf = vec![0; 20 * BLOCK];
    let mut at = 0;
    let error = loop {
        match source.read_at(at, &mut buf) {
            Ok(read) => at += read as u64,
            Err(error) => break error,
        }
    };
    assert_eq!(at, 10 * BLOCK as u64);
    assert!(matches!(error, Error::Damaged { .. }));
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

/// A volume with two folders of enough files for several leaf nodes.
fn two_folders(format: Format) -> Volume {
    let mut volume = Volume::new(format, "Good");
    let folders = [volume.folder(2, "first"), volume.folder(2, "second")];
    for number in 0..40 {
        volume.text(folders[number % 2], &format!("file {number:02}"), format!("content {number}").as_bytes());
    }
    volume.text(2, "in the root", b"in the root");
    volume
}

#[test]
fn the_copy_at_the_end_is_used_when_the_main_record_is_bad() {
    for format in [Format::Hfs, Format::Plus] {
        let bytes = two_folders(format).build();
        let good = sound(&bytes);
        // Block size 0, and nothing at all.
        for damage in
            [|bytes: &mut [u8]| bytes[1024 + 20..1024 + 44].fill(0), |bytes: &mut [u8]| bytes[1024..1536].fill(0)]
        {
            let mut bad = bytes.clone();
            damage(&mut bad);
            let (system, diagnostics) = open(&bad);
            assert_eq!(survey(&system.trees[0]).rows, good.rows);
            let told = diagnostics.items().iter().any(|item| item.offset == 1024 && item.message.contains("copy"));
            assert!(told, "{:?}", diagnostics.items());
        }
        // The copy of a smaller volume at the end of something larger is none of the whole.
        let larger = [vec![0; 1 << 20], bytes].concat();
        let source = memory(&larger);
        let whole = Extent::new(0, larger.len() as u64);
        assert!(hfs::open(&source, whole, None, &mut Diagnostics::default()).unwrap().is_none());
        let part = Extent::new(1 << 20, larger.len() as u64 - (1 << 20));
        let (system, _) = open_in(&source, part);
        assert_eq!(survey(&system.trees[0]).rows, good.rows);
        assert!(system.structures.iter().all(|structure| structure.extent.offset >= 1 << 20));
    }
}

#[test]
fn one_bad_node_costs_what_it_holds_and_nothing_else() {
    for format in [Format::Hfs, Format::Plus] {
        let (bytes, places) = two_folders(format).build_with_places();
        let good = sound(&bytes);
        let node = |number: usize| places.catalog + number * places.node_size;
        for number in 0..places.nodes {
            for damage in 0..4 {
                let mut bad = bytes.clone();
                let at = node(number);
                match damage {
                    0 => bad[at..at + places.node_size].fill(0xa5),
                    1 => bad[at..at + places.node_size].fill(0),
                    // Its next node is itself, and its records are as many as can be.
                    2 => bad[at..at + 4].copy_from_slice(&(number as u32).to_be_bytes()),
                    _ => bad[at + 10..at + 12].fill(0xff),
                }
                let what = format!("{format:?}, node {number} of {}, damage {damage}", places.nodes);
                let Ok((system, diagnostics)) = std::panic::catch_unwind(|| open(&bad)) else {
                    panic!("{what}: nothing is left");
                };
                let survey = survey(&system.trees[0]);
                let is_leaf = (1..=places.leaves).contains(&number);
                if !is_leaf || damage == 2 {
                    assert_eq!(survey.rows.len(), good.rows.len(), "{what}");
                }
                for (path, row) in &good.rows {
                    if let Some(found) = survey.rows.get(path) {
                        assert_eq!(found.content, row.content, "{what}: {path}");
                    }
                }
                // A lost leaf takes the entries that it held, and the folders among them what is below.
                assert!(survey.rows.keys().all(|path| good.rows.contains_key(path)), "{what}");
                let told = !diagnostics.is_empty() || !survey.complaints.is_empty();
                // A node of the index that nobody needs may be bad unseen.
                assert!(told || survey.rows == good.rows, "{what}: nothing is told");
            }
        }
    }
}

#[test]
fn one_bad_record_among_good_ones_costs_one_entry() {
    for format in [Format::Hfs, Format::Plus] {
        let (bytes, places) = two_folders(format).build_with_places();
        let good = sound(&bytes);
        for leaf in 1..=places.leaves {
            let end = places.catalog + (leaf + 1) * places.node_size;
            let records = usize::from(bytes[places.catalog + leaf * places.node_size + 11]);
            for record in 0..records {
                let slot = end - 2 * (record + 1);
                let place = places.catalog
                    + leaf * places.node_size
                    + usize::from(u16::from_be_bytes([bytes[slot], bytes[slot + 1]]));
                let key = if format == Format::Hfs { 1 } else { 2 };
                // Its place is outside, its key is too long, its type is unknown.
                for damage in 0..3 {
                    let mut bad = bytes.clone();
                    match damage {
                        0 => bad[slot..slot + 2].fill(0xff),
                        1 => bad[place..place + key].fill(0xff),
                        _ => {
                            let len = match format {
                                Format::Hfs => usize::from(bytes[place]) + 1,
                                _ => usize::from(u16::from_be_bytes([bytes[place], bytes[place + 1]])) + 2,
                            };
                            bad[place + len.next_multiple_of(2)..][..2].fill(0x77);
                        }
                    }
                    let what = format!("{format:?}, leaf {leaf}, record {record}, damage {damage}");
                    let (system, diagnostics) = open(&bad);
                    let survey = survey(&system.trees[0]);
                    let lost: Vec<_> = good.rows.keys().filter(|path| !survey.rows.contains_key(*path)).collect();
                    let folder = lost.iter().find(|path| !path.contains('/')).map(|path| format!("{path}/"));
                    let alone = lost.iter().filter(|path| !folder.as_ref().is_some_and(|it| path.starts_with(it)));
                    assert!(alone.count() <= 1, "{what}: {lost:?}");
                    let told = !diagnostics.is_empty() || !survey.complaints.is_empty();
                    assert!(lost.is_empty() || told, "{what}: {lost:?} are lost in silence");
                }
            }
        }
    }
}

#[test]
fn folders_that_hold_themselves_end() {
    for format in [Format::Hfs, Format::Plus] {
        let mut volume = Volume::new(format, "Loops");
        let first = volume.folder(2, "first");
        let second = volume.folder(first, "second");
        volume.folder_with_id(second, "back to first", first);
        volume.folder_with_id(second, "root", 2);
        volume.folder_with_id(second, "itself", second);
        volume.text(second, "file", b"file");
        let (system, _) = open(&volume.build());
        let survey = survey(&system.trees[0]);
        assert_eq!(survey.folders, 3);
        assert_eq!(survey.row("first/second/file").content, Ok(digest_of(b"file")));
        assert!(survey.says("appears elsewhere too"));
    }
}

#[test]
fn a_thousand_links_to_one_file_are_read_and_ask_for_little() {
    let mut volume = Volume::new(Format::Plus, "Links");
    let files = volume.folder(2, "\0\0\0\0HFS+ Private Data");
    for number in 0..2000 {
        let data = volume.store(format!("inode {number}").as_bytes());
        volume.file(files, &format!("iNode{number}"), File { data, special: 1, flags: 0x22, ..File::default() });
    }
    for number in 0..1000 {
        volume.hard_link(2, &format!("link {number}"), 777);
        volume.hard_link(2, &format!("nowhere {number}"), 100_000 + number);
    }
    let bytes = volume.build();
    let counter = crate::support::sources::FailingSource::new(memory(&bytes), u64::MAX);
    let source: Arc<dyn Source> = counter.clone();
    let (system, _) = open_in(&source, Extent::new(0, bytes.len() as u64));
    let folder = system.trees[0].read_folder(system.trees[0].root()).unwrap();
    assert_eq!(folder.entries().len(), 2000);
    let at = folder.position("link 999").unwrap();
    assert_eq!(contents(&*system.trees[0].open(&folder.entries()[at]).unwrap(), 99).unwrap(), b"inode 777");
    assert!(counter.reads() < 40_000, "{} reads", counter.reads());
}

#[test]
fn a_volume_with_no_index_and_many_bad_nodes_is_walked_with_few_reads() {
    let mut volume = Volume::new(Format::Hfs, "Ruin");
    for number in 0..2000 {
        let folder = volume.folder(2, &format!("folder {number}"));
        volume.text(folder, "file", b"file");
    }
    let (mut bytes, places) = volume.build_with_places();
    let node = |number: usize| places.catalog + number * places.node_size;
    for number in places.leaves + 1..places.nodes {
        bytes[node(number)..node(number + 1)].fill(0x55);
    }
    for number in (10..places.leaves).step_by(3) {
        bytes[node(number) + 8] = 0x55;
    }
    let counter = crate::support::sources::FailingSource::new(memory(&bytes), u64::MAX);
    let source: Arc<dyn Source> = counter.clone();
    let (system, _) = open_in(&source, Extent::new(0, bytes.len() as u64));
    let mut found = 0;
    for step in Walk::new(system.trees[0].clone()) {
        let folder = step.folder.unwrap();
        assert!((1..40).contains(&folder.diagnostics.items().len()));
        found += folder.entries().len();
    }
    assert!(found > 1500, "{found} entries");
    assert!(counter.reads() < 20_000, "{} reads of {} nodes", counter.reads(), places.nodes);
}

#[test]
fn numbers_that_lie_ask_for_little_and_hide_nothing() {
    let (bytes, places) = two_folders(Format::Plus).build_with_places();
    let good = sound(&bytes);
    let header = places.catalog + 14;
    // Depth, root, first and last leaf, number of nodes; size of a node; the catalog's size and blocks.
    let lies: [(usize, &[u8]); 9] = [
        (header, &[0xff, 0xff]),
        (header + 2, &[0xff; 4]),
        (header + 10, &[0xff; 4]),
        (header + 14, &[0xff; 4]),
        (header + 22, &[0xff; 4]),
        (header + 18, &[0x7f, 0xff]),
        (header + 18, &[0, 0]),
        (1024 + 272, &[0x7f; 8]),
        (1024 + 284, &[0xff; 4]),
    ];
    for (at, lie) in lies {
        let mut bad = bytes.clone();
        bad[at..at + lie.len()].copy_from_slice(lie);
        let (system, _) = open(&bad);
        assert_eq!(survey(&system.trees[0]).rows, good.rows, "byte {at}");
    }
}

#[test]
fn a_volume_that_is_cut_off_says_how_much_is_missing() {
    let bytes = two_folders(Format::Plus).build();
    let (system, _) = open(&bytes[..bytes.len() - 4096]);
    assert_eq!(system.declared_end, bytes.len() as u64);
    assert_eq!((system.declared_at, system.sessions.len(), system.session), (1024 + 44, 1, 1));
}

#[test]
fn volumes_cut_at_every_block_show_what_is_left() {
    for (name, bytes) in specimens() {
        let good = sound(&bytes);
        let mut most = 0;
        for len in (0..bytes.len()).step_by(BLOCK) {
            let source = memory(&bytes[..len]);
            let mut diagnostics = Diagnostics::default();
            let part = Extent::new(0, len as u64);
            let Ok(Some(system)) = hfs::open(&source, part, None, &mut diagnostics) else { continue };
            // The end of HFS is known but for the block of the copy behind it.
            let end = bytes.len() as u64;
            assert!((end - 1024..=end).contains(&system.declared_end), "{name}, {len} bytes: {}", system.declared_end);
            let survey = survey(&system.trees[0]);
            for (path, row) in &survey.rows {
                // What a hard link names may be lost although the link is there.
                let known = good.rows.get(path).unwrap_or_else(|| panic!("{name}, {len} bytes: {path} is made up"));
                match &row.content {
                    Ok(digest) if row.kind == known.kind => assert_eq!(Ok(digest), known.content.as_ref(), "{path}"),
                    Ok(_) => panic!("{name}, {len} bytes: {path} is something else"),
                    Err(_) => assert!(row.state != State::Complete || !row.notes.is_empty(), "{name}, {len}: {path}"),
                }
            }
            most = most.max(survey.rows.len());
            let lost = survey.rows.len() < good.rows.len();
            assert!(!lost || !survey.complaints.is_empty() || !diagnostics.is_empty(), "{name}, {len} bytes");
        }
        assert_eq!(most, good.rows.len(), "{name}");
    }
}

#[test]
fn a_journal_with_changes_in_it_is_told() {
    let mut volume = two_folders(Format::Plus);
    let mut journal = vec![0; BLOCK];
    journal[..8].copy_from_slice(b"xLNJ\x78\x56\x34\x12");
    journal[8] = 1;
    let place = volume.store(&journal);
    let mut info = vec![0; BLOCK];
    info[3] = 1;
    info[36..44].copy_from_slice(&(u64::from(place.extents[0].0) * BLOCK as u64).to_be_bytes());
    info[44..52].copy_from_slice(&(BLOCK as u64).to_be_bytes());
    let info = volume.store(&info);
    let mut bytes = volume.build();
    bytes[1024 + 6] |= 0x20;
    bytes[1024 + 12..1024 + 16].copy_from_slice(&info.extents[0].0.to_be_bytes());
    let (system, diagnostics) = open(&bytes);
    let journal = place.extents[0].0 as u64 * BLOCK as u64;
    assert_eq!((diagnostics.items()[0].structure, diagnostics.items()[0].offset), ("journal", journal + 8));
    assert!(system.structures.iter().any(|it| it.name == "journal" && it.extent.offset == journal));
    // One that is empty is nothing to speak of.
    bytes[usize::try_from(journal).unwrap() + 16] = 1;
    assert!(open(&bytes).1.is_empty());
}

#[test]
fn what_is_no_volume_is_none() {
    let none = |bytes: &[u8]| {
        let mut diagnostics = Diagnostics::default();
        let found = hfs::open(&memory(bytes), Extent::new(0, bytes.len() as u64), None, &mut diagnostics).unwrap();
        assert!(diagnostics.is_empty());
        found.is_none()
    };
    assert!(none(&[]) && none(&[0; 1024]) && none(&[0; 100_000]) && none(&[0x42; 100_000]));
    assert!(none(&crate::support::fixtures::bytes("g-rock-ridge.iso")));
}
