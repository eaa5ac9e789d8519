//! UDF discs built byte by byte from the standards, read back through the public face of the library: every partition
//! kind, block size and revision, and everything that a file entry can say.

use crate::support::sources::memory;
use crate::support::survey::{contents, digest_of, survey};
use crate::support::udf_builder::encode::{Time, component, cs0, cs0_8, cs0_16};
use crate::support::udf_builder::node::{Form, Piece, ROOT, characteristics, file_type};
use crate::support::udf_builder::sample::{Sample, content};
use crate::support::udf_builder::{Disc, Kind as Map, attributes, icb};
use crate::support::udf_look::{complaints, details, entry, names, read, same, udf};
use isoscope::disc::Image;
use isoscope::disc::source::read_exact;
use isoscope::disc::tree::{Kind, TreeKind};

const BLOCKS: [usize; 4] = [512, 1024, 2048, 4096];
const REVISIONS: [u16; 6] = [0x102, 0x150, 0x200, 0x201, 0x250, 0x260];

/// The partition kinds that a revision knows.
fn kinds(revision: u16) -> Vec<Map> {
    let mut kinds = vec![Map::Physical];
    if revision >= 0x150 {
        kinds.extend([Map::Virtual, Map::Sparable]);
    }
    if revision >= 0x250 {
        kinds.push(Map::Metadata);
    }
    kinds
}

#[test]
fn everything_reads_back_on_every_partition_kind_block_size_and_revision() {
    for revision in REVISIONS {
        for kind in kinds(revision) {
            for block in BLOCKS {
                let what = format!("{kind:?}, UDF {revision:x}, blocks of {block} bytes");
                let sample = Sample::new(kind, block, revision);
                let built = sample.disc.build();
                let (image, tree) = udf(&built.bytes);
                assert_eq!(complaints(&image), [], "{what}");
                same(&what, &tree, &sample);
                assert_eq!(image.volume().id, "Built", "{what}");
                assert_eq!(image.volume().block_size as usize, block, "{what}");
                let format = format!("UDF {:x}.{:02x}", revision >> 8, revision & 0xff);
                assert!(image.formats().contains(&format.as_str()), "{what}: {:?}", image.formats());
                let (declared, len) = (image.declared_size(), built.bytes.len() as u64);
                assert!(declared <= len && declared + 64 * block as u64 > len, "{what}: {declared} of {len} bytes");
                assert_eq!((image.sessions().len(), image.session()), (1, 1), "{what}");
            }
        }
    }
}

#[test]
fn both_kinds_of_file_entries_read_alike() {
    for kind in [Map::Physical, Map::Virtual, Map::Sparable, Map::Metadata] {
        for extended in [false, true] {
            let mut sample = Sample::new(kind, 2048, 0x260);
            for (path, node) in sample.nodes.clone() {
                sample.disc.item(node).extended = extended || path == "with streams";
            }
            let built = sample.disc.build();
            let (_, tree) = udf(&built.bytes);
            same(&format!("{kind:?}, extended: {extended}"), &tree, &sample);
        }
    }
}

#[test]
fn a_file_may_lie_in_the_virtual_or_metadata_partition_itself() {
    for kind in [Map::Virtual, Map::Metadata] {
        let mut disc = Disc::new(kind, 2048, 0x250);
        let bytes = content(1, 9000);
        disc.file_as(ROOT, "short", Form::Short, &bytes);
        let long = disc.file_as(ROOT, "long", Form::Long, &bytes);
        disc.item(long).data_reference = 1;
        let built = disc.build();
        let (_, tree) = udf(&built.bytes);
        assert!(read(&tree, "short") == bytes && read(&tree, "long") == bytes, "{kind:?}");
    }
}

#[test]
fn folders_of_every_form_list_all_their_names() {
    for form in [Form::Short, Form::Long, Form::Extended] {
        for (split, each) in [(None, None), (Some(1), None), (Some(2), Some(3))] {
            let mut disc = Disc::plain();
            let folder = disc.folder(ROOT, "folder");
            disc.set_form(folder, form);
            (disc.item(folder).split, disc.item(folder).descriptors_each) = (split, each);
            let expected: Vec<_> = (0..700).map(|number| format!("name number {number} of many")).collect();
            for name in &expected {
                disc.file_as(folder, name, Form::Inline, name.as_bytes());
            }
            let built = disc.build();
            assert_eq!(built.allocation(folder).is_empty(), each.is_none());
            let (_, tree) = udf(&built.bytes);
            assert_eq!(names(&tree, "folder"), expected, "{form:?}, {split:?}, {each:?}");
            assert_eq!(read(&tree, "folder/name number 699 of many"), b"name number 699 of many");
        }
    }
}

#[test]
fn names_of_both_widths_are_read_to_the_last_character() {
    let mut disc = Disc::plain();
    let node = disc.file(ROOT, "plain", b"content");
    let wanted = ["ÿ and Latin-1", "日本語", "😀 beyond 16 bits 𝔘", "a\u{301} decomposed", "a/b", "..", "tab\there"];
    for name in wanted {
        disc.link(ROOT, name, node);
    }
    // Eight bits are enough, but sixteen were taken.
    disc.link_raw(ROOT, cs0_16("wide"), node);
    let built = disc.build();
    let (_, tree) = udf(&built.bytes);
    let folder = tree.read_folder(tree.root()).unwrap();
    let mut expected = vec!["plain"];
    expected.extend(wanted);
    expected.push("wide");
    let listed: Vec<_> = folder.entries().iter().map(|entry| folder.name(entry)).collect();
    assert_eq!(listed, expected);
    assert!((0..expected.len()).all(|index| folder.raw_name(index).is_none()));
}

#[test]
fn a_name_that_is_not_valid_keeps_its_bytes() {
    let lone_surrogate = vec![16, 0xd8, 0x00, 0, b'x'];
    let odd_length = vec![16, 0, b'x', 0];
    let unknown_compression = vec![99, b'a', b'b'];
    for raw in [lone_surrogate, odd_length, unknown_compression] {
        let mut disc = Disc::plain();
        disc.file(ROOT, "before", b"before");
        let node = disc.file(ROOT, "x", b"content");
        disc.item(ROOT).names[1].identifier = raw.clone();
        disc.file(ROOT, "behind", b"behind");
        let built = disc.build();
        let (_, tree) = udf(&built.bytes);
        let folder = tree.read_folder(tree.root()).unwrap();
        assert_eq!(folder.entries().len(), 3, "{raw:?}");
        let marked = folder.raw_name(1).is_some() || folder.notes(1).next().is_some();
        assert!(marked, "{raw:?} is shown as {:?} without a mark", folder.name(&folder.entries()[1]));
        assert_eq!(contents(&*tree.open(&folder.entries()[1]).unwrap(), 100).unwrap(), b"content");
        assert_eq!((read(&tree, "before"), read(&tree, "behind")), (b"before".to_vec(), b"behind".to_vec()));
        assert!(built.name(node) > 0);
    }
}

#[test]
fn all_four_times_are_read_with_their_zone() {
    for extended in [false, true] {
        let mut disc = Disc::plain();
        let node = disc.file_as(ROOT, "file", Form::Inline, b"content");
        let exact = Time { fraction: [12, 34, 56], zone: -330, ..Time::hour(0) };
        disc.item(node).extended = extended;
        disc.item(node).times = [Time::hour(3), exact, Time::hour(2), Time { kind: 0, zone: 0, ..Time::hour(4) }];
        if !extended {
            // A file entry has no field for it.
            disc.item(node).attributes.push(attributes::file_times(Time::hour(2)));
        }
        let (_, tree) = udf(&disc.build().bytes);
        let (folder, index) = entry(&tree, "file");
        let file = &folder.entries()[index];
        let text = |time: Option<isoscope::disc::time::Timestamp>| time.map(|time| time.to_string());
        assert_eq!(text(folder.accessed(file)).unwrap(), "2024-02-10T14:03:21+01:00", "{extended}");
        assert_eq!(text(file.modified).unwrap(), "2024-02-10T11:03:21.123456-05:30", "{extended}");
        assert_eq!(text(folder.created(file)).unwrap(), "2024-02-10T13:03:21+01:00", "{extended}");
        assert_eq!(text(folder.changed(file)).unwrap(), "2024-02-10T15:03:21+00:00", "{extended}");
    }
}

#[test]
fn a_time_without_a_zone_and_a_time_that_never_was() {
    let mut disc = Disc::plain();
    let unspecified = disc.file_as(ROOT, "unspecified", Form::Inline, b"");
    disc.item(unspecified).times[1] = Time { zone: -2047, ..Time::hour(0) };
    let never = disc.file_as(ROOT, "never", Form::Inline, b"");
    disc.item(never).times[1] = Time { parts: [13, 32, 25, 61, 61], ..Time::hour(0) };
    let zero = disc.file_as(ROOT, "zero", Form::Inline, b"");
    disc.item(zero).times[1] = Time { kind: 0, zone: 0, year: 0, parts: [0; 5], fraction: [0; 3] };
    let (_, tree) = udf(&disc.build().bytes);
    let modified = |path: &str| {
        let (folder, index) = entry(&tree, path);
        folder.entries()[index].modified
    };
    assert_eq!(modified("unspecified").unwrap().civil().hour, 11);
    assert_eq!(modified("unspecified").unwrap().zone_minutes(), 0);
    assert_eq!((modified("never"), modified("zero")), (None, None));
}

#[test]
fn permissions_owners_and_link_counts_are_those_of_posix() {
    let mut disc = Disc::plain();
    let modes = [0o000, 0o644, 0o755, 0o700, 0o421, 0o124, 0o777, 0o650];
    for mode in modes {
        let node = disc.file_as(ROOT, &format!("{mode:03o}"), Form::Inline, b"");
        disc.item(node).permissions = icb::permissions(mode);
        disc.item(node).owner = (mode + 1, mode + 2);
    }
    let special = disc.file_as(ROOT, "special", Form::Inline, b"");
    // Bits 6 to 8 of the ICB flags: set-user-ID, set-group-ID, sticky (ECMA-167 4/14.6.8).
    disc.item(special).flags = 0x1c0;
    disc.link(ROOT, "special too", special);
    let folder = disc.folder(ROOT, "folder");
    disc.folder(folder, "inner");
    let link = disc.symlink(ROOT, "link", "folder");
    disc.item(link).permissions = icb::permissions(0o777);
    let (_, tree) = udf(&disc.build().bytes);
    let posix = |path: &str| {
        let (folder, index) = entry(&tree, path);
        folder.posix(&folder.entries()[index]).unwrap()
    };
    for mode in modes {
        let found = posix(&format!("{mode:03o}"));
        assert_eq!((found.mode, found.uid, found.gid, found.links), (0o100_000 | mode, mode + 1, mode + 2, 1));
    }
    assert_eq!((posix("special").mode, posix("special too").links), (0o107_644, 2));
    assert_eq!((posix("folder").mode, posix("folder").links), (0o040_755, 2));
    assert_eq!(posix("link").mode, 0o120_777);
}

#[test]
fn hard_links_are_one_file_under_several_names() {
    let mut disc = Disc::plain();
    let node = disc.file(ROOT, "one", b"content");
    let folder = disc.folder(ROOT, "folder");
    disc.link(folder, "two", node);
    let built = disc.build();
    let (_, tree) = udf(&built.bytes);
    let of = |path: &str| {
        let (folder, index) = entry(&tree, path);
        let entry = folder.entries()[index].clone();
        (entry.content.extents().to_vec(), entry.size, folder.posix(&entry).unwrap().links)
    };
    assert_eq!(of("one"), of("folder/two"));
    assert_eq!(of("one").2, 2);
    assert_eq!(read(&tree, "folder/two"), b"content");
}

#[test]
fn link_targets_of_every_component_kind() {
    let mut disc = Disc::plain();
    let targets = ["file", "../up", "./here", "a/b/c", "/from the root", "/", "..", "Ünïcödé/日本", "../.././../a"];
    for (number, target) in targets.iter().enumerate() {
        let node = disc.symlink(ROOT, &format!("link {number}"), target);
        if number % 2 == 0 {
            disc.set_form(node, Form::Inline);
        }
    }
    // Type 1 is the root that sender and receiver have agreed on; without a name it is that of the file system.
    let agreed = [component(1, &[]), component(5, &cs0("file"))].concat();
    disc.add(ROOT, "agreed", file_type::SYMLINK, &agreed);
    let (_, tree) = udf(&disc.build().bytes);
    let target = |path: &str| {
        let (folder, index) = entry(&tree, path);
        folder.target(&folder.entries()[index]).map(str::to_owned)
    };
    for (number, expected) in targets.iter().enumerate() {
        assert_eq!(target(&format!("link {number}")).as_deref(), Some(*expected));
    }
    assert_eq!(target("agreed").as_deref(), Some("/file"));
}

#[test]
fn a_link_target_as_long_as_links_get() {
    let mut disc = Disc::plain();
    let target: String = (0..300).map(|number| format!("part{number:04}/")).collect();
    let target = target.trim_end_matches('/');
    disc.symlink(ROOT, "long", target);
    let (_, tree) = udf(&disc.build().bytes);
    let (folder, index) = entry(&tree, "long");
    assert_eq!(folder.target(&folder.entries()[index]), Some(target));
}

#[test]
fn holes_and_what_was_not_recorded_read_as_zeros() {
    let mut disc = Disc::plain();
    let node = disc.file_as(ROOT, "holes", Form::Long, b"");
    disc.item(node).pieces = vec![
        Piece::Hole(4096),
        Piece::Bytes(vec![1; 2048]),
        Piece::NotRecorded(6144),
        Piece::Bytes(vec![2; 2048]),
        // Larger than memory could hold, and nowhere.
        Piece::Hole(0x3fff_f800),
    ];
    let tail = disc.file_as(ROOT, "tail", Form::Long, b"start");
    // Information beyond the last extent is not recorded either (ECMA-167 4/12.1).
    disc.item(tail).length = Some(5000);
    let (_, tree) = udf(&disc.build().bytes);
    let (folder, index) = entry(&tree, "holes");
    let file = &folder.entries()[index];
    assert_eq!(file.size, 14_336 + 0x3fff_f800);
    let source = tree.open(file).unwrap();
    let head = contents(&*source, 14_336).unwrap();
    let expected = [vec![0; 4096], vec![1; 2048], vec![0; 6144], vec![2; 2048]].concat();
    assert!(head[..14_336] == expected);
    let mut end = [1; 100];
    read_exact(&*source, "file data", file.size - 100, &mut end).unwrap();
    assert_eq!(end, [0; 100]);
    assert!(file.content.extents().iter().filter(|extent| extent.is_hole()).count() >= 3);
    let (folder, index) = entry(&tree, "tail");
    let tail = &folder.entries()[index];
    assert_eq!(tail.size, 5000);
    match tree.open(tail).and_then(|source| contents(&*source, 5000)) {
        Ok(bytes) => assert!(bytes[..5] == *b"start" && bytes[5..].iter().all(|byte| *byte == 0)),
        Err(_) => assert!(folder.notes(index).next().is_some()),
    }
}

#[test]
fn a_file_of_three_gigabytes_has_as_many_extents_as_it_takes() {
    let mut disc = Disc::plain();
    let node = disc.file_as(ROOT, "large", Form::Short, b"");
    let block = disc.blocks(0, b"data");
    let most = 0x3fff_f800_u32;
    disc.item(node).pieces = vec![Piece::Hole(most), Piece::Hole(most), Piece::Bytes(b"the end".to_vec())];
    let built = disc.build();
    let (_, tree) = udf(&built.bytes);
    let (folder, index) = entry(&tree, "large");
    let file = &folder.entries()[index];
    assert_eq!(file.size, 2 * u64::from(most) + 7);
    let mut end = [0; 9];
    read_exact(&*tree.open(file).unwrap(), "file data", file.size - 9, &mut end).unwrap();
    assert_eq!(&end, b"\0\0the end");
    assert!(block.block > 0);
}

#[test]
fn named_streams_are_listed_apart_from_the_content() {
    for kind in [Map::Physical, Map::Metadata] {
        let mut disc = Disc::new(kind, 2048, 0x250);
        let with = disc.file(ROOT, "with", b"content");
        disc.stream(with, "first", b"The first stream");
        let large = content(3, 10_000);
        disc.stream(with, "Zweiter Ström", &large);
        let folder = disc.folder(ROOT, "folder");
        disc.stream(folder, "of the folder", b"A folder has streams too");
        disc.file(folder, "without", b"plain");
        let (_, tree) = udf(&disc.build().bytes);
        let streams = |path: &str| {
            let (folder, index) = entry(&tree, path);
            let streams = tree.streams(&folder, index).unwrap();
            assert_eq!(folder.has_streams(index), !streams.is_empty(), "{path}");
            let read = |stream: &isoscope::disc::tree::Stream| {
                let bytes = contents(&*tree.open_stream(stream).unwrap(), 1 << 20).unwrap();
                assert_eq!(bytes.len() as u64, stream.size);
                (stream.name.clone(), bytes)
            };
            streams.iter().map(read).collect::<Vec<_>>()
        };
        let expected =
            vec![("first".to_owned(), b"The first stream".to_vec()), ("Zweiter Ström".to_owned(), large.clone())];
        assert_eq!(streams("with"), expected);
        assert_eq!(streams("folder"), [("of the folder".to_owned(), b"A folder has streams too".to_vec())]);
        assert!(streams("folder/without").is_empty());
        assert_eq!(names(&tree, ""), ["with", "folder"]);
        assert_eq!(read(&tree, "with"), b"content");
    }
}

#[test]
fn extended_attributes_are_explained() {
    let mut disc = Disc::plain();
    let node = disc.file_as(ROOT, "file", Form::Inline, b"content");
    let further = disc.orphan(file_type::ATTRIBUTES);
    let item = disc.item(node);
    item.attributes.push(attributes::implementation_use("*UDF DVD CGMS Info", &[0x80, 1, 0, 0, 0, 0]));
    item.attributes.push(attributes::application_use("*Somebody", b"data"));
    item.attribute_file = Some(further);
    disc.device(ROOT, "device", file_type::BLOCK_DEVICE, 259, 4711);
    let (_, tree) = udf(&disc.build().bytes);
    assert_eq!(read(&tree, "file"), b"content");
    let details_of = |path: &str| {
        let (folder, index) = entry(&tree, path);
        details(&tree.details(&folder, index).unwrap())
    };
    let text = details_of("file");
    assert!(text.contains("*UDF DVD CGMS Info") && text.contains("*Somebody"), "{text}");
    let text = details_of("device");
    assert!(text.contains("259") && text.contains("4711"), "{text}");
}

#[test]
fn every_field_of_an_entry_is_explained_at_its_place() {
    let mut disc = Disc::plain();
    let node = disc.file(ROOT, "file", b"content");
    let built = disc.build();
    let (_, tree) = udf(&built.bytes);
    let (folder, index) = entry(&tree, "file");
    let groups = tree.details(&folder, index).unwrap();
    let fields: Vec<_> = groups.iter().flat_map(|group| &group.fields).collect();
    let told = |at: usize| fields.iter().any(|field| field.offset == Some(at as u64));
    let (name, entry) = (built.name(node), built.entry(node));
    // File characteristics and ICB; file type, owner, permissions, information length, modification time.
    for at in [name + 18, name + 20, entry + 27, entry + 36, entry + 44, entry + 56, entry + 84] {
        assert!(told(at), "byte {at} is not explained: {}", details(&groups));
    }
}

#[test]
fn hidden_entries_are_marked_and_deleted_ones_are_shown_on_request() {
    let mut disc = Disc::plain();
    disc.file(ROOT, "plain", b"plain");
    let hidden = disc.file(ROOT, "hidden", b"hidden");
    disc.item(ROOT).names[1].characteristics |= characteristics::HIDDEN;
    disc.file(ROOT, "deleted", b"still there");
    disc.item(ROOT).names[2].characteristics |= characteristics::DELETED;
    let folder = disc.folder(ROOT, "deleted folder");
    disc.file(folder, "in it", b"in it");
    disc.item(ROOT).names[3].characteristics |= characteristics::DELETED;
    // What is deleted may keep a compression identifier of 254 or 255, which make its name unique (UDF 2.3.4.2).
    let unique = disc.file(ROOT, "unique", b"u");
    disc.item(ROOT).names[4].characteristics |= characteristics::DELETED;
    disc.item(ROOT).names[4].identifier = vec![254, 0, 0, 0, 0, 0, 0, 0, 42];
    // An ICB of zeros: its blocks were given back (UDF 2.3.4.3).
    disc.file(ROOT, "gone", b"");
    disc.item(ROOT).names[5].characteristics |= characteristics::DELETED;
    let mut built = disc.build();
    let gone = built.name(unique) + 48;
    built.rewrite(gone, 20, &[0; 16]);
    let (_, tree) = udf(&built.bytes);
    assert_eq!(names(&tree, ""), ["plain", "hidden"]);
    let (folder, index) = entry(&tree, "hidden");
    assert!(folder.entries()[index].hidden && !folder.entries()[index].deleted);
    assert!(folder.entries().iter().all(|entry| !entry.deleted));
    assert!(built.entry(hidden) > 0);

    let all = tree.with_deleted().expect("UDF keeps deleted entries");
    let listed = names(&all, "");
    assert_eq!(listed.len(), 6, "{listed:?}");
    assert_eq!(listed[..4], ["plain", "hidden", "deleted", "deleted folder"]);
    let folder = all.read_folder(all.root()).unwrap();
    let deleted: Vec<_> = folder.entries().iter().map(|entry| entry.deleted).collect();
    assert_eq!(deleted, [false, false, true, true, true, true]);
    assert_eq!(read(&all, "deleted"), b"still there");
    assert_eq!(read(&all, "deleted folder/in it"), b"in it");
}

#[test]
fn the_newest_version_counts_in_strategy_4096() {
    for older in [0, 1, 5, 15] {
        let mut disc = Disc::plain();
        let node = disc.file_as(ROOT, "versions", Form::Inline, b"the newest");
        disc.strategy_4096(node, older);
        let folder = disc.folder(ROOT, "folder");
        disc.strategy_4096(folder, older);
        disc.file(folder, "inside", b"inside");
        let (_, tree) = udf(&disc.build().bytes);
        assert_eq!(read(&tree, "versions"), b"the newest", "{older}");
        assert_eq!(read(&tree, "folder/inside"), b"inside", "{older}");
    }
}

#[test]
fn an_indirect_entry_leads_to_the_file_entry() {
    let mut disc = Disc::plain();
    let node = disc.file(ROOT, "file", b"content");
    disc.item(node).indirections = 3;
    let (_, tree) = udf(&disc.build().bytes);
    assert_eq!(read(&tree, "file"), b"content");
}

#[test]
fn implementation_use_in_a_name_is_passed_over() {
    let mut disc = Disc::plain();
    disc.file(ROOT, "one", b"1");
    disc.item(ROOT).names[0].implementation_use =
        [crate::support::udf_builder::encode::developer(), vec![8; 5]].concat();
    disc.file(ROOT, "two", b"2");
    let (_, tree) = udf(&disc.build().bytes);
    assert_eq!(names(&tree, ""), ["one", "two"]);
    assert_eq!(read(&tree, "one"), b"1");
}

#[test]
fn a_file_may_lie_in_another_partition() {
    let mut disc = Disc::plain();
    let second = disc.partition();
    let third = disc.partition();
    let bytes = content(9, 7000);
    for (name, reference) in [("second", second), ("third", third)] {
        let node = disc.file_as(ROOT, name, Form::Long, &bytes);
        disc.item(node).data_reference = reference;
    }
    let both = disc.file_as(ROOT, "both", Form::Long, &bytes);
    disc.item(both).split = Some(1);
    let built = disc.build();
    let (image, tree) = udf(&built.bytes);
    assert_eq!(complaints(&image), []);
    for name in ["second", "third", "both"] {
        assert!(read(&tree, name) == bytes, "{name}");
    }
}

#[test]
fn files_and_folders_say_where_they_are_recorded() {
    let mut disc = Disc::plain();
    let bytes = content(1, 5000);
    let file = disc.file(ROOT, "file", &bytes);
    let folder = disc.folder(ROOT, "folder");
    let inside = disc.file(folder, "inside", b"inside");
    let built = disc.build();
    let (_, tree) = udf(&built.bytes);
    let (root, index) = entry(&tree, "file");
    let extents = root.entries()[index].content.extents();
    assert_eq!(extents.len(), 1);
    let (start, len) = (extents[0].offset as usize, extents[0].length as usize);
    assert!(built.bytes[start..start + len.min(5000)] == bytes[..len.min(5000)]);
    let holds = |folder: &isoscope::disc::tree::Folder, at: usize| {
        folder.extents().iter().any(|extent| (extent.offset..extent.end()).contains(&(at as u64)))
    };
    assert!(holds(&root, built.name(file)) && holds(&root, built.entry(file)), "{:?}", root.extents());
    let (of_folder, _) = entry(&tree, "folder/inside");
    assert!(holds(&of_folder, built.name(inside)) && holds(&of_folder, built.entry(inside)));
    let record = root.entries()[index].record as usize;
    assert!(record == built.name(file) || record == built.entry(file), "{record}");
}

#[test]
fn nothing_of_a_sound_disc_is_unclaimed() {
    for kind in [Map::Physical, Map::Virtual, Map::Sparable, Map::Metadata] {
        let mut disc = Disc::new(kind, 2048, 0x250);
        disc.fill_unwritten(0);
        let file = disc.file(ROOT, "file", &content(1, 20_000));
        disc.item(file).split = Some(1);
        disc.item(file).descriptors_each = Some(3);
        disc.stream(file, "stream", &content(2, 5000));
        let folder = disc.folder(ROOT, "folder");
        disc.symlink(folder, "link", "target");
        let versions = disc.file(folder, "versions", b"versions");
        disc.strategy_4096(versions, 2);
        if kind == Map::Sparable {
            disc.spared = vec![0];
        }
        let mut built = disc.build();
        if kind == Map::Sparable {
            // A packet that could not be read holds whatever it likes; here, nothing.
            let first = built.partitions[0];
            built.bytes[first..first + 32 * 2048].fill(0);
        }
        let (image, _) = udf(&built.bytes);
        let unseen = isoscope::disc::unseen::find(&image, &mut |_, _| {}).unwrap();
        assert!(unseen.is_empty() && unseen.diagnostics.is_empty(), "{kind:?}: {unseen:?}");
    }
}

#[test]
fn kinds_and_digests_agree_with_a_survey() {
    // The helpers of these tests see what the walk over the disc sees.
    let sample = Sample::new(Map::Physical, 2048, 0x201);
    let image = Image::open(memory(&sample.disc.build().bytes)).unwrap();
    let tree = image.tree(TreeKind::Udf).unwrap();
    let survey = survey(tree);
    assert_eq!(survey.row("inline.txt").content, Ok(digest_of(&read(tree, "inline.txt"))));
    assert_eq!(survey.row("folder").kind, Kind::Folder);
    assert_eq!(cs0_8("é"), [8, 0xe9]);
}
