//! UDF volumes built byte by byte from the standards: how they are found, what keeps them readable when a part is
//! damaged, and the sessions of write-once discs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::support::sources::memory;
use crate::support::survey::{open, survey};
use crate::support::udf_builder::node::{Form, ROOT};
use crate::support::udf_builder::sample::{Sample, content};
use crate::support::udf_builder::volume::Anchor;
use crate::support::udf_builder::{Disc, Kind as Map};
use crate::support::udf_look::{complaints, details, names, read, said, same, udf};
use isoscope::disc::tree::TreeKind;
use isoscope::disc::{Image, Severity, Source};

const BLOCKS: [usize; 4] = [512, 1024, 2048, 4096];
const KINDS: [Map; 4] = [Map::Physical, Map::Virtual, Map::Sparable, Map::Metadata];

#[test]
fn two_logical_volumes_are_two_trees() {
    let mut disc = Disc::plain();
    disc.file(ROOT, "of the first", b"first");
    let root = disc.logical_volume_of("Second");
    disc.file(root, "of the second", b"second");
    let built = disc.build();
    let image = open(&built.bytes).unwrap();
    let trees: Vec<_> = image.trees().iter().filter(|tree| tree.kind() == TreeKind::Udf).collect();
    assert_eq!(trees.len(), 2, "{:?}", image.diagnostics().items());
    let ids: Vec<_> = trees.iter().map(|tree| image.id_of(&***tree).to_string()).collect();
    assert_eq!(ids, ["udf", "udf-2"]);
    let mut all: Vec<_> = trees.iter().map(|tree| names(tree, "")).collect();
    all.sort();
    assert_eq!(all, [["of the first"], ["of the second"]]);
}

#[test]
fn a_bridge_disc_shows_the_side_that_holds_the_files() {
    use crate::support::builder;
    let mut disc = Disc::new(Map::Physical, 2048, 0x102);
    for number in 0..20 {
        disc.file(ROOT, &format!("file {number}"), &content(number, 3000));
    }
    let mut iso = builder::Disc::new();
    let readme =
        iso.data(b"This disc contains a \"UDF\" file system and requires an operating system that supports it.");
    iso.primary.file(builder::ROOT, b"README.TXT;1", readme);
    disc.iso = Some(iso);
    let image = open(&disc.build().bytes).unwrap();
    assert_eq!(image.default_tree().kind(), TreeKind::Udf);
    assert_eq!(names(image.tree(TreeKind::Iso9660).unwrap(), ""), ["README.TXT"]);
    assert_eq!(names(image.default_tree(), "").len(), 20);
    let banner = image.banner().expect("one side has next to nothing");
    assert!(banner.contains("UDF"), "{banner}");

    // The other way round: an empty UDF side must not hide the files.
    let mut iso = builder::Disc::rock_ridge();
    for number in 0..20 {
        iso.rr_file(builder::ROOT, &format!("file {number}"), b"content");
    }
    let mut disc = Disc::new(Map::Physical, 2048, 0x102);
    disc.iso = Some(iso);
    let image = open(&disc.build().bytes).unwrap();
    assert_eq!(image.default_tree().kind(), TreeKind::RockRidge);
    assert!(names(image.tree(TreeKind::Udf).unwrap(), "").is_empty());
}

#[test]
fn an_empty_disc_has_an_empty_root() {
    for kind in KINDS {
        let (image, tree) = udf(&Disc::new(kind, 2048, 0x250).build().bytes);
        assert_eq!(complaints(&image), []);
        assert!(names(&tree, "").is_empty());
    }
}

#[test]
fn an_anchor_at_any_of_its_places_is_enough() {
    for anchor in [Anchor::At256, Anchor::At512, Anchor::Last, Anchor::BeforeLast] {
        for block in BLOCKS {
            let mut disc = Disc::new(Map::Physical, block, 0x201);
            disc.anchors = vec![anchor];
            disc.file(ROOT, "file", b"content");
            let mut bytes = disc.build().bytes;
            if anchor == Anchor::BeforeLast {
                bytes.resize(bytes.len() + 256 * block, 0);
            }
            let (_, tree) = udf(&bytes);
            assert_eq!(read(&tree, "file"), b"content", "{anchor:?}, {block}");
        }
    }
}

#[test]
fn the_recognition_sequence_may_be_missing() {
    let mut disc = Disc::new(Map::Physical, 4096, 0x260);
    disc.file(ROOT, "file", b"content");
    let mut built = disc.build();
    built.patch(32_768, &[0; 3 * 4096]);
    let (_, tree) = udf(&built.bytes);
    assert_eq!(read(&tree, "file"), b"content");
}

#[test]
fn descriptors_go_on_where_a_pointer_leads() {
    for kind in KINDS {
        let mut disc = Disc::new(kind, 2048, 0x250);
        disc.pointer = true;
        disc.file(ROOT, "file", b"content");
        let (image, tree) = udf(&disc.build().bytes);
        assert_eq!(complaints(&image), []);
        assert_eq!(read(&tree, "file"), b"content", "{kind:?}");
    }
}

#[test]
fn the_descriptor_with_the_highest_number_prevails() {
    let mut disc = Disc::plain();
    disc.file(ROOT, "file", b"content");
    let first = disc.build();
    let at = first.descriptor(6, false);
    // The logical volume as it was before somebody renamed it: an older number, although it stands behind.
    let length = 16 + usize::from(first.u16(at + 10));
    let mut older = first.bytes[at + 16..at + length].to_vec();
    older[0..4].copy_from_slice(&0_u32.to_le_bytes());
    older[4 + 64..4 + 64 + 128].copy_from_slice(&crate::support::udf_builder::encode::dstring("Older name", 128));
    // The same logical volume identifier makes it the same volume (ECMA-167 3/8.4.3).
    let mut same = older.clone();
    same[4 + 64..4 + 64 + 128].copy_from_slice(&first.bytes[at + 84..at + 84 + 128]);
    same[4 + 64 + 128..][..4].copy_from_slice(&512_u32.to_le_bytes());
    disc.further_descriptors.push((6, same));
    let (image, tree) = udf(&disc.build().bytes);
    assert_eq!((image.volume().id.as_str(), image.volume().block_size), ("Built", 2048));
    assert_eq!(read(&tree, "file"), b"content");
}

#[test]
fn the_state_of_the_volume_is_said() {
    let text = |integrity: Option<u32>| {
        let mut disc = Disc::plain();
        disc.integrity = integrity;
        disc.file(ROOT, "file", b"content");
        let built = disc.build();
        let (image, tree) = udf(&built.bytes);
        assert_eq!(read(&tree, "file"), b"content");
        let severe = image.diagnostics().items().iter().filter(|item| item.severity == Severity::Error).count();
        assert_eq!(severe, 0, "{integrity:?}");
        details(&image.details()).to_lowercase()
    };
    assert!(text(Some(1)).contains("closed"));
    assert!(text(Some(0)).contains("open"));
    assert!(!text(None).is_empty());
}

#[test]
fn the_volume_is_explained_field_by_field() {
    let mut disc = Disc::new(Map::Sparable, 2048, 0x201);
    disc.file(ROOT, "file", b"content");
    let built = disc.build();
    let (image, _) = udf(&built.bytes);
    let groups = image.details();
    let text = details(&groups);
    for words in ["Built", "*OSTA UDF Compliant", "*Application", "parable", "Owner", "Contact"] {
        assert!(text.contains(words), "{words} is not in {text}");
    }
    let fields: Vec<_> = groups.iter().flat_map(|group| &group.fields).filter_map(|field| field.offset).collect();
    assert!(fields.iter().all(|offset| *offset < built.bytes.len() as u64));
    // Volume identifier, logical block size, start of the partition.
    for (identifier, field) in [(1, 24), (6, 212), (5, 188)] {
        let at = (built.descriptor(identifier, false) + field) as u64;
        assert!(fields.contains(&at), "byte {at} is not explained: {text}");
    }
}

#[test]
fn the_structures_of_the_volume_are_known() {
    for kind in KINDS {
        let mut disc = Disc::new(kind, 2048, 0x250);
        disc.file(ROOT, "file", b"content");
        let built = disc.build();
        let (image, _) = udf(&built.bytes);
        let known =
            |at: usize| image.structures().any(|part| (part.extent.offset..part.extent.end()).contains(&(at as u64)));
        let mut places = vec![32_768, built.anchors[0], built.descriptor(1, false), built.descriptor(1, true)];
        places.extend([built.integrity, built.set]);
        match kind {
            Map::Virtual => places.extend(&built.vats),
            Map::Sparable => places.extend(built.sparing),
            Map::Metadata => places.extend(built.metadata),
            Map::Physical => {}
        }
        for at in places {
            let listed: Vec<_> = image.structures().collect();
            assert!(known(at), "{kind:?}: nothing is known of byte {at}: {listed:?}");
        }
    }
}

#[test]
fn an_image_of_several_gigabytes_opens_with_few_reads() {
    let mut disc = Disc::plain();
    disc.anchors = vec![Anchor::At256];
    disc.file(ROOT, "file", b"content");
    let built = disc.build();
    let reads = |len: u64| {
        let sparse = crate::support::sources::SparseSource { len, pieces: vec![(0, built.bytes.clone())] };
        let source = crate::support::sources::FailingSource::new(std::sync::Arc::new(sparse), u64::MAX);
        let image = Image::open(source.clone()).unwrap();
        assert_eq!(names(image.tree(TreeKind::Udf).unwrap(), ""), ["file"]);
        source.reads()
    };
    let (small, large) = (reads(built.bytes.len() as u64), reads(50 << 30));
    assert!(large <= 96 && large <= small + 16, "{large} reads, {small} of the small image");
}

#[test]
fn the_reserve_sequence_is_used_where_the_main_one_is_damaged_and_that_is_said() {
    // Each descriptor that is needed, damaged in its content (its CRC is wrong then) or wiped out.
    for identifier in [1, 5, 6] {
        for wipe in [false, true] {
            let sample = Sample::new(Map::Physical, 2048, 0x201);
            let mut built = sample.disc.build();
            let at = built.descriptor(identifier, false);
            let damage = if wipe { vec![0; 2048] } else { vec![0xff; 8] };
            built.patch(if wipe { at } else { at + 40 }, &damage);
            let (image, tree) = udf(&built.bytes);
            same(&format!("descriptor {identifier}, {wipe}"), &tree, &sample);
            if !wipe {
                said(&image, "", at, 2048);
            }
            let told = image.diagnostics().items().iter().any(|item| item.message.to_lowercase().contains("reserve"));
            assert!(told, "descriptor {identifier}, {wipe}: {:?}", image.diagnostics().items());
        }
    }
}

#[test]
fn a_main_sequence_of_zeros_leaves_the_reserve_sequence() {
    for kind in KINDS {
        let sample = Sample::new(kind, 2048, 0x250);
        let mut built = sample.disc.build();
        let at = built.descriptor(1, false);
        built.patch(at, &[0; 16 * 2048]);
        let (image, tree) = udf(&built.bytes);
        same(&format!("{kind:?}"), &tree, &sample);
        said(&image, "reserve", at, 16 * 2048);
    }
}

#[test]
fn a_damaged_anchor_leaves_the_others() {
    let sample = Sample::new(Map::Physical, 2048, 0x201);
    let mut built = sample.disc.build();
    for damage in [0, 16] {
        let anchor = built.anchors[0];
        built.patch(anchor + damage, &[0x55; 16]);
        let (_, tree) = udf(&built.bytes);
        same(&format!("byte {damage}"), &tree, &sample);
    }
}

/// A disc of two sessions in the form of this revision: the second changes a file, removes one and adds a folder.
fn two_sessions(revision: u16, block: usize) -> Disc {
    let mut disc = Disc::new(Map::Virtual, block, revision);
    let kept = disc.file(ROOT, "kept", b"kept");
    let changed = disc.file(ROOT, "changed", b"before");
    let folder = disc.folder(ROOT, "folder");
    disc.file(folder, "removed", b"removed");
    disc.session();
    disc.replace(changed, b"after the change");
    disc.unlink(folder, 0);
    let added = disc.folder(folder, "added");
    disc.file(added, "deep", &content(1, 3 * block));
    disc.item(kept).owner = (1, 1);
    disc
}

#[test]
fn the_sessions_of_a_write_once_disc_can_be_chosen() {
    for revision in [0x150, 0x200, 0x201, 0x260] {
        for block in [512, 2048, 4096] {
            for inline in [true, false] {
                let what = format!("{revision:x}, {block}, {inline}");
                let mut disc = two_sessions(revision, block);
                disc.vat_inline = inline;
                let built = disc.build();
                assert_eq!(built.vats.len(), 2);
                let source = memory(&built.bytes);
                let newest = Image::open(source.clone()).unwrap();
                assert_eq!((newest.sessions().len(), newest.session()), (2, 2), "{what}");
                assert_eq!(complaints(&newest), [], "{what}");
                let tree = newest.tree(TreeKind::Udf).unwrap();
                assert_eq!(names(tree, ""), ["kept", "changed", "folder"], "{what}");
                assert_eq!(names(tree, "folder"), ["added"], "{what}");
                assert_eq!(read(tree, "changed"), b"after the change", "{what}");
                assert!(read(tree, "folder/added/deep") == content(1, 3 * block), "{what}");
                let first = Image::open_session(source.clone(), 1).unwrap();
                assert_eq!(first.session(), 1);
                let tree = first.tree(TreeKind::Udf).unwrap();
                assert_eq!(names(tree, "folder"), ["removed"], "{what}");
                assert_eq!(read(tree, "changed"), b"before", "{what}");
                assert_eq!(read(tree, "folder/removed"), b"removed", "{what}");
                assert!(Image::open_session(source, 3).is_err());
            }
        }
    }
}

#[test]
fn a_hundred_sessions_are_all_there() {
    let mut disc = Disc::new(Map::Virtual, 512, 0x201);
    for number in 1..=100 {
        if number > 1 {
            disc.session();
        }
        disc.file_as(ROOT, &format!("session {number}"), Form::Inline, b"");
    }
    let source = memory(&disc.build().bytes);
    let image = Image::open(source.clone()).unwrap();
    assert_eq!(image.sessions().len(), 100);
    for number in [1, 2, 50, 99, 100] {
        let image = Image::open_session(source.clone(), number).unwrap();
        assert_eq!(names(image.tree(TreeKind::Udf).unwrap(), "").len(), number as usize);
    }
}

#[test]
fn the_table_of_a_write_once_disc_is_found_before_the_run_out() {
    for fill in [0, 0xff, 0x55] {
        for run_out in [1, 7, 40] {
            let mut sample = Sample::new(Map::Virtual, 2048, 0x201);
            (sample.disc.run_out, sample.disc.run_out_fill) = (run_out, fill);
            let (_, tree) = udf(&sample.disc.build().bytes);
            same(&format!("{run_out} blocks of {fill:x}"), &tree, &sample);
        }
    }
}

#[test]
fn a_closed_write_once_disc_ends_with_its_table() {
    let mut sample = Sample::new(Map::Virtual, 2048, 0x201);
    sample.disc.anchors = vec![Anchor::At256, Anchor::BeforeLast];
    let mut built = sample.disc.build();
    assert_eq!(*built.vats.last().unwrap(), built.bytes.len() - 2048);
    let (_, tree) = udf(&built.bytes);
    same("closed", &tree, &sample);
    // An open disc has an anchor at 512 only.
    let first = built.anchors[0];
    built.patch(first, &[0; 512]);
    let (_, tree) = udf(&built.bytes);
    same("without the first anchor", &tree, &sample);
    let mut sample = Sample::new(Map::Virtual, 2048, 0x150);
    (sample.disc.anchors, sample.disc.integrity) = (vec![Anchor::At512], Some(0));
    let (_, tree) = udf(&sample.disc.build().bytes);
    same("open", &tree, &sample);
}

#[test]
fn a_table_of_ten_thousand_entries_in_extents() {
    for revision in [0x150, 0x200] {
        let mut disc = Disc::new(Map::Virtual, 2048, revision);
        for number in 0..10_000 {
            disc.file_as(ROOT, &format!("{number}"), Form::Inline, &[number as u8]);
        }
        let built = disc.build();
        assert!(built.vat_table.is_some());
        let (image, tree) = udf(&built.bytes);
        assert_eq!(complaints(&image), []);
        assert_eq!(names(&tree, "").len(), 10_000);
        assert_eq!(read(&tree, "9999"), [9999_u32 as u8]);
    }
}

/// A source that counts the bytes that are read.
struct Metered {
    bytes: Vec<u8>,
    read: AtomicU64,
}

impl Source for Metered {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> isoscope::disc::Result<usize> {
        let rest = self.bytes.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
        let len = rest.len().min(buf.len());
        buf[..len].copy_from_slice(&rest[..len]);
        self.read.fetch_add(len as u64, Relaxed);
        Ok(len)
    }
}

#[test]
fn a_table_of_four_megabytes_is_read_once() {
    const TABLE: u64 = 4 << 20;
    let mut disc = Disc::new(Map::Virtual, 2048, 0x201);
    disc.file(ROOT, "file", b"content");
    disc.pad_table((TABLE / 4) as usize);
    let source = Arc::new(Metered { bytes: disc.build().bytes, read: AtomicU64::new(0) });
    let image = Image::open(source.clone()).unwrap();
    let tree = image.tree(TreeKind::Udf).unwrap();
    assert_eq!(read(tree, "file"), b"content");
    let read = source.read.load(Relaxed);
    assert!((TABLE..TABLE + (3 << 20)).contains(&read), "{read} bytes were read");
}

#[test]
fn an_older_session_is_shown_where_the_newest_table_is_damaged() {
    let whole = two_sessions(0x201, 2048).build();
    let newest = whole.vats[1];
    // Garbage, and zeros, as if the block had never been written.
    for damage in [vec![0x5a; 60], vec![0; 2048]] {
        let mut built = whole.clone();
        built.patch(newest, &damage);
        let (image, tree) = udf(&built.bytes);
        assert_eq!(names(&tree, "folder"), ["removed"]);
        assert_eq!(image.sessions().len(), 1);
    }
}

#[test]
fn both_sparing_tables_are_tried_and_a_damaged_one_is_said() {
    for block in [512, 2048] {
        for damaged in 0..2 {
            let sample = Sample::new(Map::Sparable, block, 0x201);
            let mut built = sample.disc.build();
            let at = built.sparing[damaged];
            built.patch(at + 20, &[0xff; 8]);
            let (image, tree) = udf(&built.bytes);
            same(&format!("{block}, table {damaged}"), &tree, &sample);
            if damaged == 0 {
                said(&image, "", at, block);
            }
        }
    }
}

#[test]
fn without_a_sparing_table_what_was_not_spared_is_still_there() {
    let mut disc = Disc::new(Map::Sparable, 2048, 0x201);
    disc.file(ROOT, "first", b"first");
    let bytes = content(1, 200 * 2048);
    let large = disc.file_as(ROOT, "large", Form::Short, &bytes);
    // Only a packet inside of the large file is elsewhere.
    disc.spared = vec![3];
    let mut built = disc.build();
    let (_, tree) = udf(&built.bytes);
    assert!(read(&tree, "large") == bytes);
    assert!(built.entry(large) > 0);
    for at in built.sparing {
        built.patch(at, &[0; 64]);
    }
    let (image, tree) = udf(&built.bytes);
    assert_eq!(read(&tree, "first"), b"first");
    assert!(read(&tree, "large") != bytes, "nobody can know where the packet is");
    said(&image, "sparing", built.sparing[0], 2048);
    said(&image, "sparing", built.sparing[1], 2048);
}

#[test]
fn the_newer_sparing_table_counts() {
    let mut sample = Sample::new(Map::Sparable, 2048, 0x201);
    sample.disc.spared = vec![0, 1];
    let mut built = sample.disc.build();
    // The first table is older: it does not yet know of the second packet (UDF 2.2.12, sequence number).
    let older = built.sparing[0];
    built.patch(older + 52, &0_u32.to_le_bytes());
    built.patch(older + 64, &0xffff_ffff_u32.to_le_bytes());
    built.rewrite(older, 48, &2_u16.to_le_bytes());
    let (_, tree) = udf(&built.bytes);
    same("newer table", &tree, &sample);
}

#[test]
fn the_metadata_mirror_is_used_where_the_main_file_is_damaged_and_that_is_said() {
    for is_copy in [true, false] {
        for fragment in [usize::MAX, 4] {
            let mut sample = Sample::new(Map::Metadata, 2048, 0x250);
            (sample.disc.mirror_is_copy, sample.disc.fragment) = (is_copy, fragment);
            let mut built = sample.disc.build();
            let main = built.metadata[0];
            built.patch(main + 60, &[0xff; 8]);
            let (image, tree) = udf(&built.bytes);
            same(&format!("copy: {is_copy}, fragments of {fragment}"), &tree, &sample);
            said(&image, "mirror", main, 2048);
        }
    }
}

#[test]
fn a_damaged_block_of_the_metadata_partition_is_read_from_the_mirror() {
    let sample = Sample::new(Map::Metadata, 2048, 0x250);
    let built = sample.disc.build();
    // The file set, the root folder, a folder and a file.
    for at in
        [built.set, built.entry(ROOT), built.entry(sample.nodes["folder"]), built.entry(sample.nodes["inline.txt"])]
    {
        let mut damaged = built.clone();
        damaged.patch(at + 30, &[0xee; 100]);
        let (image, tree) = udf(&damaged.bytes);
        let survey = survey(&tree);
        let missing: Vec<_> = sample.entries.keys().filter(|path| !survey.rows.contains_key(*path)).collect();
        assert!(missing.is_empty(), "byte {at}: {missing:?}");
        assert!(survey.rows.values().all(|row| row.content.is_ok()), "byte {at}");
        let told = image.diagnostics().items().iter().any(|item| item.message.contains("mirror"));
        assert!(told || survey.says("mirror"), "byte {at}: nothing is said");
    }
}

#[test]
fn without_either_metadata_file_that_is_said_in_a_sentence() {
    let sample = Sample::new(Map::Metadata, 2048, 0x250);
    let mut built = sample.disc.build();
    for at in [built.metadata[0], built.metadata[1]] {
        built.patch(at, &[0; 2048]);
    }
    match open(&built.bytes) {
        Ok(image) => {
            assert!(image.tree(TreeKind::Udf).is_none_or(|tree| tree.read_folder(tree.root()).is_err()));
            said(&image, "metadata", built.metadata[0], 2048);
        }
        Err(error) => {
            let offset = error.offset().unwrap() as usize;
            assert!(built.metadata.iter().any(|at| (*at..at + 2048).contains(&offset)), "{error}");
        }
    }
}
