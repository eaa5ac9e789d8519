//! FAT12, FAT16 and FAT32, built entry by entry: sound ones, damaged ones, and such as no tool makes.

use std::sync::Arc;

use crate::support::fat::{Built, ROOT, SECTOR, Volume, WIDTHS, Width, entry, long_name, sample};
use crate::support::rng::Rng;
use crate::support::sources::{TruncatedSource, memory};
use crate::support::survey::{Survey, digest_of, survey};
use isoscope::disc::file_system::FileSystem;
use isoscope::disc::tree::{FileTree, Kind, State, TreeKind};
use isoscope::disc::{Diagnostics, Extent, Image, Source, fat, unseen};

fn open_in(source: &Arc<dyn Source>, part: Extent) -> Option<FileSystem> {
    fat::open(source, part, None, &mut Diagnostics::default()).unwrap()
}

fn open(bytes: &[u8]) -> FileSystem {
    open_in(&memory(bytes), Extent::new(0, bytes.len() as u64)).expect("there is a volume")
}

fn look(bytes: &[u8]) -> Survey {
    survey(&open(bytes).trees[0])
}

/// Everything in a volume that has no fault.
fn sound(bytes: &[u8]) -> Survey {
    let survey = look(bytes);
    assert!(survey.all_said().is_empty(), "{:?}", survey.all_said());
    survey
}

/// The details of an entry of the root, as `group/label: value` lines.
fn details(tree: &Arc<dyn FileTree>, path: &str) -> Vec<String> {
    let (folder, index) = match isoscope::disc::tree::find(&**tree, path).unwrap().unwrap() {
        isoscope::disc::tree::Found::Entry { folder, index } => (folder, index),
        isoscope::disc::tree::Found::Root => panic!("the root is no entry"),
    };
    let groups = tree.details(&folder, index).unwrap();
    let fields = groups.iter().flat_map(|group| group.fields.iter().map(move |field| (&group.title, field)));
    fields.map(|(title, field)| format!("{title}/{}: {}", field.label, field.value)).collect()
}

#[test]
fn volumes_of_every_width_show_names_times_and_contents() {
    for width in WIDTHS {
        let bytes = sample(width).bytes;
        let survey = sound(&bytes);
        assert_eq!(survey.rows.len(), 27);
        assert_eq!(survey.row("A long name with spaces.txt").content, Ok(digest_of(b"long")));
        assert_eq!(survey.row("größe 日本.bin").content, Ok(digest_of(&[7; 3 * SECTOR])));
        let pieces: Vec<u8> = (0..3000_u32).map(|at| (at / 7) as u8).collect();
        assert_eq!(survey.row("folder/pieces").content, Ok(digest_of(&pieces)));
        assert_eq!(survey.row("folder/inner/file number 19").content, Ok(digest_of(b"content 19")));
        assert_eq!((survey.row("empty").size, &survey.row("empty").content), (Some(0), &Ok(digest_of(b""))));
        assert_eq!(survey.row("SHORT.TXT").content, Ok(digest_of(b"short")));
        let system = open(&bytes);
        assert_eq!((&*system.formats[0], &*system.volume.id), (&*format!("{width:?}").to_uppercase(), "LABEL"));
        assert_eq!(system.declared_end, bytes.len() as u64);
        let tree = &system.trees[0];
        let folder = tree.read_folder(tree.root()).unwrap();
        let short = &folder.entries()[folder.position("SHORT.TXT").unwrap()];
        assert!(short.hidden);
        assert_eq!(short.modified.unwrap().to_string(), "2024-02-10T11:03:20+00:00");
        assert_eq!(folder.created(short).unwrap().to_string(), "2024-02-10T11:03:21.57+00:00");
        assert_eq!(folder.accessed(short).unwrap().to_string(), "2024-02-10T00:00:00+00:00");
        let lines = details(tree, "SHORT.TXT");
        assert!(lines.contains(&"Directory entry/Attributes: 0x27 (read-only, hidden, system, archive)".to_owned()));
        assert!(lines.contains(&"Directory entry/Modified: 2024-02-10 11:03:20 (local time)".to_owned()), "{lines:?}");
        // Names whose parts lie in two clusters.
        for number in 0..20 {
            let lines = details(tree, &format!("folder/inner/file number {number}"));
            let parts = lines.iter().filter(|line| line.starts_with("Long name/Part")).count();
            assert_eq!(parts, if number < 10 { 1 } else { 2 }, "{width:?}, {number}: {lines:?}");
        }
        for pieces in [1, 3] {
            let expected = if pieces == 1 { "größe 日本.bin" } else { "folder/pieces" };
            let lines = details(tree, expected);
            assert_eq!(lines.iter().filter(|line| line.starts_with("Data/Extent")).count(), pieces, "{lines:?}");
        }
    }
}

#[test]
fn a_bare_volume_is_an_image_with_one_tree_and_nothing_is_unseen_in_it() {
    for width in WIDTHS {
        let mut built = sample(width);
        let image = Image::open(memory(&built.bytes)).unwrap();
        assert_eq!(image.trees().len(), 1);
        assert_eq!((image.default_tree().kind(), image.volume().id.as_str()), (TreeKind::Fat, "LABEL"));
        assert!(image.diagnostics().is_empty() && image.partitions().is_empty(), "{:?}", image.diagnostics().items());
        assert_eq!(image.declared_size(), built.bytes.len() as u64);
        let found = unseen::find(&image, &mut |_, _| {}).unwrap();
        assert!(found.gaps.is_empty() && found.after_end.is_none(), "{width:?}: {found:?}");
        assert_eq!(found.hidden.iter().map(|file| &*file.path).collect::<Vec<_>>(), ["SHORT.TXT"]);
        // What was written where no file is, as deleted files leave it.
        let last = built.bytes.len() - SECTOR;
        built.bytes[last..].copy_from_slice(&[b'x'; SECTOR]);
        let image = Image::open(memory(&built.bytes)).unwrap();
        let found = unseen::find(&image, &mut |_, _| {}).unwrap();
        assert_eq!(found.gaps.iter().map(|gap| gap.used).collect::<Vec<_>>(), [SECTOR as u64], "{width:?}");
    }
}

#[test]
fn deleted_entries_and_labels_are_not_shown() {
    let mut volume = Volume::new(Width::Fat12);
    let mut deleted = entry(b"DELETED TXT", 0x20, 2, 5);
    deleted[0] = 0xe5;
    volume.raw(ROOT, entry(b"LABEL      ", 0x28, 0, 0));
    volume.raw(ROOT, deleted);
    volume.file(ROOT, "there", b"there");
    volume.raw(ROOT, [0; 32]);
    volume.raw(ROOT, entry(b"BEHIND  TXT", 0x20, 2, 5));
    let survey = sound(&volume.build().bytes);
    assert_eq!(survey.rows.keys().collect::<Vec<_>>(), ["there"]);
}

#[test]
fn short_names_are_of_code_page_437_with_the_case_that_windows_notes() {
    let mut volume = Volume::new(Width::Fat16);
    for (name, case) in [(b"\x9aBER    TXT", 0), (b"LOWER   TXT", 0x18), (b"BASE    TXT", 0x08), (b"\x05       E  ", 0)]
    {
        let mut entry = entry(name, 0x20, 0, 0);
        entry[12] = case;
        volume.raw(ROOT, entry);
    }
    let survey = sound(&volume.build().bytes);
    assert_eq!(survey.rows.keys().collect::<Vec<_>>(), ["base.TXT", "lower.txt", "ÜBER.TXT", "σ.E"]);
}

#[test]
fn garbage_among_long_names_hides_no_entry() {
    let mut volume = Volume::new(Width::Fat12);
    let good = *b"GOOD    TXT";
    let mut parts = long_name("a good name of two parts", &good);
    // Of another entry.
    volume.raw(ROOT, parts[0]);
    volume.raw(ROOT, parts[1]);
    volume.raw(ROOT, entry(b"OTHER   TXT", 0x20, 0, 0));
    // A part is missing.
    volume.raw(ROOT, parts[1]);
    volume.raw(ROOT, entry(b"FIRST   TXT", 0x20, 0, 0));
    volume.raw(ROOT, parts[0]);
    volume.raw(ROOT, entry(b"SECOND  TXT", 0x20, 0, 0));
    // Numbers that cannot be.
    for number in [0x40, 0x40 | 63, 0x80, 21] {
        let mut part = parts[0];
        part[0] = number;
        volume.raw(ROOT, part);
    }
    volume.raw(ROOT, entry(b"THIRD   TXT", 0x20, 0, 0));
    // An empty name, and a checksum that is none.
    let mut empty = long_name("x", b"FOURTH  TXT");
    empty[0][1] = 0;
    volume.raw(ROOT, empty[0]);
    volume.raw(ROOT, entry(b"FOURTH  TXT", 0x20, 0, 0));
    parts[1][13] ^= 1;
    volume.raw(ROOT, parts[0]);
    volume.raw(ROOT, parts[1]);
    volume.raw(ROOT, entry(&good, 0x20, 0, 0));
    // Half a character.
    let mut lone = long_name("lone?", b"LONE    TXT");
    lone[0][9..11].copy_from_slice(&[0, 0xd8]);
    volume.raw(ROOT, lone[0]);
    volume.raw(ROOT, entry(b"LONE    TXT", 0x20, 0, 0));
    volume.raw(ROOT, parts[0]);
    let survey = look(&volume.build().bytes);
    let names: Vec<_> = survey.rows.keys().map(String::as_str).collect();
    assert_eq!(names, ["FIRST.TXT", "FOURTH.TXT", "GOOD.TXT", "OTHER.TXT", "SECOND.TXT", "THIRD.TXT", "lone\u{fffd}"]);
    assert!(survey.row("OTHER.TXT").notes[0].1.contains("the short one is shown"));
    assert!(survey.row("lone\u{fffd}").notes[0].1.contains("a guess"));
    assert!(survey.complaints.iter().any(|(_, text)| text.contains("belong to no entry")), "{:?}", survey.complaints);
}

/// A volume with one file of 20 clusters, `chain`, and its clusters; with a sound file beside it, and a folder.
fn with_chain(width: Width) -> (Built, Vec<u32>, Vec<u8>) {
    let content: Vec<u8> = (0..20 * SECTOR as u32).map(|at| (at / 100) as u8).collect();
    let mut volume = Volume::new(width);
    volume.file(ROOT, "before", b"before");
    let clusters = volume.file_in(ROOT, "chain", &content, 3);
    let folder = volume.folder(ROOT, "folder");
    volume.file(folder, "inside", b"inside");
    volume.file(ROOT, "behind", b"behind");
    (volume.build(), clusters, content)
}

/// Numbers that cannot follow the fifth cluster, with the words that say so.
fn wrong_links(width: Width, clusters: &[u32]) -> Vec<(u32, &'static str)> {
    let (bad, most) = match width {
        Width::Fat12 => (0xff7, 0xff6),
        Width::Fat16 => (0xfff7, 0xfff6),
        Width::Fat32 => (0x0fff_fff7, 0x0fff_fff6),
    };
    vec![
        (0, "free"),
        (1, "does not have"),
        (bad, "damaged"),
        (most, "does not have"),
        (clusters[4], "where it was before"),
        (clusters[0], "where it was before"),
        (clusters[2], "where it was before"),
        (bad + 1, "ends after 5 clusters, but the size needs 20"),
    ]
}

#[test]
fn a_chain_that_leads_nowhere_costs_one_file_and_says_where() {
    for width in WIDTHS {
        let (built, clusters, content) = with_chain(width);
        for (next, words) in wrong_links(width, &clusters) {
            let mut built = built.clone();
            built.set(0, clusters[4], next);
            built.set(1, clusters[4], next);
            let system = open(&built.bytes);
            let survey = survey(&system.trees[0]);
            assert_eq!(survey.rows.len(), 5);
            let row = survey.row("chain");
            assert!(row.notes[0].1.contains(words), "{width:?}, {next}: {:?}", row.notes);
            let offset = row.notes[0].0 as usize;
            // At the entry itself, or at that of the cluster to which it leads.
            assert!((built.fat(0)..built.fat(1)).contains(&offset), "{offset}");
            assert_eq!((row.state, row.size), (State::Partly, Some(content.len() as u64)));
            assert!(row.content.is_err());
            for name in ["before", "folder/inside", "behind"] {
                let own = name.rsplit('/').next().unwrap();
                assert_eq!(survey.row(name).content, Ok(digest_of(own.as_bytes())));
            }
            let tree = &system.trees[0];
            let folder = tree.read_folder(tree.root()).unwrap();
            let source = tree.open(&folder.entries()[folder.position("chain").unwrap()]).unwrap();
            let mut first = vec![0; 5 * SECTOR];
            isoscope::disc::source::read_exact(&*source, "file data", 0, &mut first).unwrap();
            assert_eq!(first, content[..5 * SECTOR]);
        }
    }
}

#[test]
fn the_second_fat_is_used_where_the_first_leads_nowhere() {
    for width in WIDTHS {
        let (built, clusters, content) = with_chain(width);
        for (next, words) in wrong_links(width, &clusters) {
            let mut built = built.clone();
            built.set(0, clusters[4], next);
            let survey = look(&built.bytes);
            let row = survey.row("chain");
            assert_eq!(row.content, Ok(digest_of(&content)), "{width:?}, {next}");
            assert!(row.notes[0].1.contains(words) || row.notes[1].1.contains(words), "{:?}", row.notes);
            assert!(row.notes.iter().any(|(_, note)| note.contains("copy 2 of it is used")), "{:?}", row.notes);
        }
        // A volume of which the first FAT is lost altogether.
        let mut lost = built.clone();
        lost.bytes[built.fat(0)..built.fat(1)].fill(0);
        let survey = look(&lost.bytes);
        assert_eq!(survey.rows.len(), 5);
        assert!(survey.rows.values().all(|row| row.content.is_ok()), "{:?}", survey.rows);
    }
}

#[test]
fn files_may_share_clusters_and_folders_may_contain_each_other() {
    for width in WIDTHS {
        let mut volume = Volume::new(width);
        let clusters = volume.file_in(ROOT, "one", &[b'x'; 6 * SECTOR], 2);
        volume.named(ROOT, "two", 0x20, clusters[1], 5 * SECTOR as u32);
        let folder = volume.folder(ROOT, "folder");
        let cluster = volume.cluster_of(folder);
        volume.named(folder, "itself", 0x10, cluster, 0);
        let root = if width == Width::Fat32 { volume.cluster_of(ROOT) } else { 0 };
        volume.named(folder, "the root", 0x10, root, 0);
        volume.named(ROOT, "the same", 0x10, cluster, 0);
        volume.named(ROOT, "a file as a folder", 0x10, clusters[0], 0);
        let survey = look(&volume.build().bytes);
        assert_eq!(survey.row("two").content, Ok(digest_of(&[b'x'; 5 * SECTOR])));
        assert!(survey.folders <= 5, "{}", survey.folders);
        assert_eq!(survey.row("folder/the root").notes.len(), usize::from(width != Width::Fat32));
        assert!(survey.says("may be something else"));
    }
}

#[test]
fn a_folder_whose_chain_loops_is_listed_once() {
    for width in WIDTHS {
        let mut volume = Volume::new(width);
        let folder = volume.folder(ROOT, "folder");
        for number in 0..6 {
            volume.file(folder, &format!("file {number}"), b"content");
        }
        let cluster = volume.cluster_of(folder);
        volume.link(cluster, cluster);
        let survey = look(&volume.build().bytes);
        assert!(survey.rows.len() < 9 && survey.twins.is_empty(), "{:?}", survey.rows.keys());
        assert!(survey.says("where it was before"), "{:?}", survey.all_said());
    }
}

#[test]
fn many_long_chains_in_one_folder_take_a_bounded_time() {
    // Every file of the folder has all clusters of a volume of FAT16, in an order without neighbours.
    let mut built = {
        let mut volume = Volume::new(Width::Fat16);
        let folder = volume.folder(ROOT, "folder");
        for number in 0..3000_u32 {
            let name = format!("{number:08}   ");
            volume.raw(folder, entry(name.as_bytes().try_into().unwrap(), 0x20, 1000, u32::MAX));
        }
        volume.build()
    };
    for fat in [0, 1] {
        for cluster in (1000..4200).step_by(2) {
            built.set(fat, cluster, cluster + 2);
            built.set(fat, cluster + 1, cluster - 1);
        }
        built.set(fat, 4198, 4199);
    }
    let started = std::time::Instant::now();
    let system = open(&built.bytes);
    let tree = &system.trees[0];
    let root = tree.read_folder(tree.root()).unwrap();
    let folder = tree.read_folder(tree.folder_of(&root.entries()[0]).unwrap()).unwrap();
    assert_eq!(folder.entries().len(), 3000);
    let pieces: usize = folder.entries().iter().map(|entry| entry.content.extents().len()).sum();
    assert!(pieces < 2_000_000, "{pieces}");
    // Only the first notes of a folder are kept.
    let said = |at: usize| folder.notes(at).any(|note| note.message.contains("longer than the volume"));
    assert!((0..3000).any(said), "{:?}", folder.notes(10).collect::<Vec<_>>());
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

#[test]
fn first_clusters_that_cannot_be_are_told_with_their_entry() {
    for width in WIDTHS {
        let mut volume = Volume::new(width);
        for (number, cluster) in [0, 1, 0xffff, 60_000].into_iter().enumerate() {
            volume.named(ROOT, &format!("file {number}"), 0x20, cluster, 100);
            volume.named(ROOT, &format!("folder {number}"), 0x10, cluster, 0);
        }
        volume.file(ROOT, "sound", b"sound");
        let system = open(&volume.build().bytes);
        let survey = survey(&system.trees[0]);
        assert_eq!(survey.rows.len(), 9);
        for (path, row) in &survey.rows {
            assert_eq!(row.notes.len(), usize::from(path != "sound"), "{path}");
            assert_eq!(row.state == State::Complete, path == "sound", "{path}");
        }
        let tree = &system.trees[0];
        let root = tree.read_folder(tree.root()).unwrap();
        let folders = root.entries().iter().filter(|entry| entry.kind == Kind::Folder);
        assert!(folders.clone().count() == 4 && folders.into_iter().all(|entry| tree.folder_of(entry).is_none()));
    }
}

#[test]
fn numbers_that_cannot_be_are_told_with_their_place() {
    let bytes = sample(Width::Fat12).bytes;
    let cases: [(usize, &[u8], &str); 8] = [
        (11, &[0, 0], "sectors of 0 bytes"),
        (11, &[0, 3], "sectors of 768 bytes"),
        (13, &[0], "clusters of 0 sectors"),
        (14, &[0, 0], "no reserved area"),
        (16, &[255], "255 FATs"),
        (17, &[0, 0], "no root directory"),
        (21, &[0x12], "media byte 0x12"),
        (32, &[1, 0, 0, 0], "no room for files"),
    ];
    for (at, value, words) in cases {
        let mut bytes = bytes.clone();
        bytes[at..at + value.len()].copy_from_slice(value);
        let error = Image::open(memory(&bytes)).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(error.offset(), Some(at as u64), "{error}");
    }
}

#[test]
fn the_copy_of_the_boot_sector_of_fat32_is_used_where_the_first_is_damaged() {
    let mut built = sample(Width::Fat32);
    built.bytes[13] = 0;
    let survey = look(&built.bytes);
    assert_eq!(survey.rows.len(), 27);
    assert!(survey.says("its copy in sector 6 is used") && survey.says("clusters of 0 sectors"));
}

#[test]
fn a_boot_sector_alone_is_no_volume() {
    for width in WIDTHS {
        let mut built = sample(width);
        let start = built.fat(0);
        built.bytes[start..].fill(0);
        assert!(open_in(&memory(&built.bytes), Extent::new(0, built.bytes.len() as u64)).is_none());
        let error = Image::open(memory(&built.bytes)).unwrap_err();
        assert!(error.to_string().contains("holds nothing that can be read"), "{error}");
    }
    // But what has a root directory is shown, though both FATs are lost.
    let mut built = sample(Width::Fat12);
    let (start, end) = (built.fat(0), built.fat(2));
    built.bytes[start..end].fill(0);
    let survey = look(&built.bytes);
    assert!(survey.says("does not begin with the media byte"));
    assert_eq!(survey.row("A long name with spaces.txt").content, Ok(digest_of(b"long")));
}

#[test]
fn what_the_volume_claims_beyond_its_part_belongs_to_others() {
    let mut built = sample(Width::Fat12);
    let whole = built.bytes.len() as u64;
    built.bytes.extend(vec![b'!'; 100_000]);
    // Only the first clusters lie in the part.
    let part = Extent::new(0, built.place(6) as u64);
    let system = open_in(&memory(&built.bytes), part).unwrap();
    let structures = system.structures.iter().all(|structure| structure.extent.end() <= part.end());
    assert!(structures && system.declared_end == whole);
    let survey = survey(&system.trees[0]);
    for (path, row) in survey.rows.iter().filter(|(path, _)| !path.contains('/')) {
        let is_lost = row.state != State::Complete;
        assert_eq!(is_lost, !row.notes.is_empty(), "{path}: {row:?}");
    }
    assert!(survey.rows.values().any(|row| row.state != State::Complete));
}

#[test]
fn diskettes_without_parameters_are_known_by_size_and_media_byte() {
    for (kib, media, cluster, root, fat) in
        [(160, 0xfe, 1, 64, 1), (360, 0xfd, 2, 112, 2), (1440, 0xf0, 1, 224, 9_usize)]
    {
        let mut bytes = vec![0; kib * 1024];
        bytes[0..2].copy_from_slice(&[0xeb, 0x34]);
        for copy in 0..2 {
            let at = (1 + copy * fat) * SECTOR;
            bytes[at..at + 6].copy_from_slice(&[media, 0xff, 0xff, 0xff, 0x0f, 0]);
        }
        let at = (1 + 2 * fat) * SECTOR;
        bytes[at..at + 32].copy_from_slice(&entry(b"COMMAND COM", 0, 2, 7));
        let at = at + root * 32;
        bytes[at..at + 7].copy_from_slice(b"command");
        let image = Image::open(memory(&bytes)).unwrap();
        assert_eq!((image.trees().len(), image.declared_size()), (1, bytes.len() as u64), "{kib} KiB, {cluster}");
        assert_eq!(survey(image.default_tree()).row("COMMAND.COM").content, Ok(digest_of(b"command")));
        bytes.push(0);
        assert!(Image::open(memory(&bytes)).is_err());
    }
}

#[test]
fn a_volume_cut_at_every_sector_shows_what_is_still_there() {
    for width in WIDTHS {
        let built = sample(width);
        let whole = memory(&built.bytes);
        let rows = sound(&built.bytes).rows;
        let step = if width == Width::Fat16 { 7 * SECTOR } else { SECTOR };
        let mut most = 0;
        for len in (0..built.bytes.len()).step_by(step) {
            let what = format!("{width:?}, {len} bytes");
            let cut: Arc<dyn Source> = Arc::new(TruncatedSource { inner: whole.clone(), len: len as u64 });
            let image = match Image::open(cut) {
                Ok(image) => image,
                Err(error) => {
                    assert!(len <= built.fat(2), "{what}: {error}");
                    continue;
                }
            };
            assert!(image.diagnostics().items().iter().any(|item| item.message.contains("cut off")), "{what}");
            let survey = survey(image.default_tree());
            for (path, row) in &survey.rows {
                match &row.content {
                    Ok(_) if row.kind == Kind::File => assert_eq!(row.content, rows[path].content, "{what}: {path}"),
                    Ok(_) => {}
                    Err(_) => assert!(row.state != State::Complete || !row.notes.is_empty(), "{what}: {path}"),
                }
            }
            assert!(survey.rows.len() == rows.len() || !survey.complaints.is_empty(), "{what}");
            most = most.max(survey.rows.values().filter(|row| row.state == State::Complete).count());
        }
        assert_eq!(most, rows.len(), "{width:?}: the end of the volume is empty");
    }
}

#[test]
fn damage_of_every_kind_is_survived() {
    let samples: Vec<Built> = WIDTHS.iter().map(|width| sample(*width)).collect();
    let mut opened = 0;
    for seed in 0..4000 {
        let mut rng = Rng::new(seed);
        let built = rng.pick(&samples);
        let mut bytes = built.bytes.clone();
        for _ in 0..1 + rng.below(8) {
            let at = match rng.below(4) {
                0 => rng.below(90),
                1 => built.fat(0) + rng.below(300),
                2 => built.fat(1) + rng.below(300),
                _ => built.root() + rng.below(20 * SECTOR),
            };
            bytes[at] = if rng.once_in(2) { rng.next() as u8 } else { *rng.pick(&[0, 1, 2, 0x10, 0x7f, 0xff]) };
        }
        opened += usize::from(crate::support::survey::exhaust(&memory(&bytes)) > 0);
    }
    assert!(opened > 2000, "{opened} of 4000 open");
}

#[test]
fn a_fat_beside_others_is_never_the_first_and_says_nothing_of_the_disc() {
    // An ISO 9660 image with a partition behind it, in which the volume claims more than there is.
    let mut bytes = crate::support::fixtures::bytes("g-rock-ridge.iso");
    let whole = Image::open(memory(&bytes)).unwrap();
    let before = crate::support::survey::survey(whole.default_tree()).rows;
    let built = sample(Width::Fat12);
    let (start, length) = (bytes.len().next_multiple_of(SECTOR), 60 * SECTOR);
    bytes.resize(start, 0);
    bytes.extend(&built.bytes[..length]);
    bytes.extend([0; 4096]);
    bytes[450] = 0xef;
    bytes[454..458].copy_from_slice(&((start / SECTOR) as u32).to_le_bytes());
    bytes[458..462].copy_from_slice(&((length / SECTOR) as u32).to_le_bytes());
    bytes[510..512].copy_from_slice(&[0x55, 0xaa]);
    let image = Image::open(memory(&bytes)).unwrap();
    let kinds: Vec<_> = image.trees().iter().map(|tree| tree.kind()).collect();
    assert_eq!(kinds.last(), Some(&TreeKind::Fat));
    assert_ne!(kinds[0], TreeKind::Fat);
    assert!(image.banner().is_none() && image.diagnostics().is_empty(), "{:?}", image.diagnostics().items());
    assert_eq!(crate::support::survey::survey(image.default_tree()).rows, before);
    let id = image.id_of(image.default_tree().as_ref());
    assert!(image.trees_like(id).all(|tree| tree.kind() != TreeKind::Fat));
    assert_eq!(image.trees_like(TreeKind::Fat.into()).count(), 0);
    assert!(survey(image.tree(TreeKind::Fat).unwrap()).says("more than what holds it"));
    assert_eq!(image.declared_size(), whole.declared_size());
}
