//! Volumes that are damaged, cut off, or lie.

use std::sync::Arc;

use super::{open, open_in, sound};
use crate::support::hfs::{BLOCK, File, Format, Volume, specimens};
use crate::support::sources::memory;
use crate::support::survey::{contents, digest_of, survey};
use isoscope::disc::tree::State;
use isoscope::disc::walk::Walk;
use isoscope::disc::{Diagnostics, Error, Extent, Source, hfs};

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
    for (name, bytes) in specimens::all() {
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
