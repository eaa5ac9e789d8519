//! An image that ends early, at every sector: what is still there is listed and read, and every file is marked as
//! complete, cut, or missing before anyone reads it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::support::sources::{TruncatedSource, memory};
use crate::support::udf_builder::Kind as Map;
use crate::support::udf_builder::sample::Sample;
use crate::support::{fixtures, survey};
use isoscope::disc::tree::{FileTree, Kind, State, TreeKind};
use isoscope::disc::walk::Walk;
use isoscope::disc::{Extent, Image, Source};

/// One entry of the whole image.
struct Known {
    kind: Kind,
    /// Bytes that must be there for the entry to be seen: its own record and the first sectors of all its folders.
    needed: u64,
    extents: Vec<Extent>,
    packed: bool,
    digest: String,
}

/// The entries of a tree by the place of their record and their index among the entries with that place.
fn known(tree: &Arc<dyn FileTree>) -> HashMap<u64, Known> {
    let mut known = HashMap::new();
    let mut needed_by_path: HashMap<String, u64> = HashMap::from([(String::new(), 0)]);
    for step in Walk::new(tree.clone()) {
        let folder = step.folder.unwrap();
        let above = needed_by_path[&step.path];
        for entry in folder.entries() {
            let extents = entry.content.extents().to_vec();
            let needed = above.max((entry.record / 2048 + 1) * 2048);
            if entry.is_folder() {
                let path = isoscope::disc::text::path_component(folder.name(entry));
                let path = if step.path.is_empty() { path.into_owned() } else { format!("{}/{path}", step.path) };
                needed_by_path.insert(path, needed.max(extents[0].offset + 2048));
            }
            let digest = match entry.kind {
                Kind::File => survey::digest(&*tree.open(entry).unwrap()).unwrap(),
                _ => String::new(),
            };
            let packed = entry.content.packing().is_some();
            known.insert(entry.record, Known { kind: entry.kind, needed, extents, packed, digest });
        }
    }
    known
}

fn expected_state(extents: &[Extent], len: u64) -> State {
    let stored: u64 = extents.iter().map(|extent| extent.length).sum();
    let inside: u64 = extents.iter().map(|extent| extent.end().min(len).saturating_sub(extent.offset)).sum();
    match inside {
        inside if inside == stored => State::Complete,
        0 => State::Outside,
        _ => State::Partly,
    }
}

/// The place of the root folder of the tree of this kind: without its first sector there is no tree.
fn root_place(image: &Image, kind: TreeKind) -> u64 {
    let tree = image.tree(kind).unwrap();
    let folder = tree.read_folder(tree.root()).unwrap();
    folder.entries().iter().map(|entry| entry.record / 2048 * 2048).min().unwrap()
}

fn check(name: &str, bytes: &[u8]) {
    let whole: Arc<dyn Source> = memory(bytes);
    let image = Image::open(whole.clone()).unwrap();
    // UDF and HFS record their folders elsewhere; what they must still show is told below and in `hfs.rs`.
    for kind in image.trees().iter().map(|tree| tree.kind()).filter(|kind| kind.is_iso9660()) {
        let known = known(image.tree(kind).unwrap());
        let root = root_place(&image, kind);
        for len in (0..bytes.len() as u64).step_by(2048) {
            let cut: Arc<dyn Source> = Arc::new(TruncatedSource { inner: whole.clone(), len });
            check_cut(&format!("{name}, {kind:?}, {len} bytes"), &cut, kind, root, &known);
        }
    }
}

fn check_cut(what: &str, cut: &Arc<dyn Source>, kind: TreeKind, root: u64, known: &HashMap<u64, Known>) {
    let len = cut.len();
    let image = match Image::open(cut.clone()) {
        Ok(image) => image,
        Err(error) => {
            assert!(len < root + 2048, "{what}: the root is there, but: {error}");
            return;
        }
    };
    let said = image.diagnostics().items().iter().any(|item| item.message.contains("cut off"));
    assert!(said || image.declared_size() <= len, "{what}: nothing says that the image is cut off");
    let Some(tree) = image.tree(kind) else {
        assert!(len < root + 2048, "{what}: the tree's root is there, but the tree is missing");
        return;
    };
    let mut seen = 0;
    for step in Walk::new(tree.clone()) {
        let Ok(folder) = step.folder else { continue };
        for entry in folder.entries() {
            let Some(whole) = known.get(&entry.record) else {
                // Whether a folder is the container of moved ones cannot be told without its own records.
                if entry.is_folder() && entry.content.extents()[0].inside(len) == 0 {
                    continue;
                }
                panic!("{what}: {} is not in the whole image", folder.name(entry));
            };
            seen += usize::from(whole.needed <= len);
            if entry.kind != Kind::File || whole.kind != Kind::File {
                continue;
            }
            let state = expected_state(&whole.extents, len);
            assert_eq!(entry.state(len), state, "{what}: {}", folder.name(entry));
            let content = tree.open(entry).and_then(|source| survey::digest(&*source));
            match (state, content) {
                (State::Complete, content) => {
                    // A name and a packing that a lost continuation area holds are lost with it.
                    if !whole.packed || entry.content.packing().is_some() {
                        assert_eq!(content.ok().as_ref(), Some(&whole.digest), "{what}: {}", folder.name(entry));
                    }
                }
                (_, content) => assert!(content.is_err(), "{what}: {} is cut, but read", folder.name(entry)),
            }
        }
    }
    let reachable = known.values().filter(|entry| entry.needed <= len).count();
    assert_eq!(seen, reachable, "{what}: entries that are still there");
}

#[test]
fn images_of_many_kinds_are_cut_at_every_sector() {
    let names = [
        "g-level1.iso",
        "g-joliet-long.iso",
        "g-rock-ridge.iso",
        "g-moved.iso",
        "g-udf-bridge.iso",
        "x-rock-ridge-joliet.iso",
        "x-level4.iso",
        "x-zisofs2.iso",
        "x-attributes.iso",
        "g-hfs-part.iso",
    ];
    for name in names {
        check(name, &fixtures::bytes(name));
    }
}

#[test]
fn an_image_cut_inside_of_a_sector_is_no_different() {
    let name = "g-rock-ridge.iso";
    let bytes = fixtures::bytes(name);
    let whole = memory(&bytes);
    let image = Image::open(whole.clone()).unwrap();
    let known = known(image.default_tree());
    let root = root_place(&image, image.default_tree().kind());
    for len in (40_000..bytes.len() as u64).step_by(997) {
        let cut: Arc<dyn Source> = Arc::new(TruncatedSource { inner: whole.clone(), len });
        check_cut(&format!("{name}, {len} bytes"), &cut, TreeKind::RockRidge, root, &known);
    }
}

#[test]
fn sessions_and_boot_images_survive_every_cut_as_far_as_they_can() {
    for name in ["x-sessions.iso", "x-boot-bios-uefi.iso", "x-boot-appended-gpt.iso", "g-boot-floppy.iso"] {
        let whole = memory(&fixtures::bytes(name));
        for len in (0..whole.len()).step_by(2048) {
            let cut: Arc<dyn Source> = Arc::new(TruncatedSource { inner: whole.clone(), len });
            survey::exhaust(&cut);
        }
    }
}

/// Bytes that must be there for each entry of a UDF tree to be read whole: all that records its folders, and its data.
fn needed_of_udf(tree: &Arc<dyn FileTree>) -> HashMap<String, u64> {
    let end = |extents: &[Extent]| {
        let ends = extents.iter().filter(|extent| !extent.is_hole()).map(|extent| extent.end());
        ends.max().unwrap_or(0)
    };
    let (mut needed, mut folders) = (HashMap::new(), HashMap::from([(String::new(), 0)]));
    for step in Walk::new(tree.clone()) {
        let folder = step.folder.unwrap();
        let above = end(folder.extents()).max(folders[&step.path]);
        for entry in folder.entries() {
            let name = isoscope::disc::text::path_component(folder.name(entry));
            let path = if step.path.is_empty() { name.into_owned() } else { format!("{}/{name}", step.path) };
            needed.insert(path.clone(), above.max(end(entry.content.extents())));
            folders.insert(path, above);
        }
    }
    needed
}

#[test]
fn a_udf_disc_cut_at_every_block_shows_all_that_is_still_there() {
    for (kind, revision) in
        [(Map::Physical, 0x201), (Map::Sparable, 0x201), (Map::Metadata, 0x250), (Map::Virtual, 0x201)]
    {
        let mut sample = Sample::new(kind, 2048, revision);
        sample.disc.fragment = usize::MAX;
        let bytes = sample.disc.build().bytes;
        let whole = memory(&bytes);
        let image = Image::open(whole.clone()).unwrap();
        let tree = image.tree(TreeKind::Udf).unwrap();
        let (needed, rows) = (needed_of_udf(tree), survey::survey(tree).rows);
        let mut most = 0;
        for len in (0..bytes.len() as u64).step_by(2048) {
            let what = format!("{kind:?}, {len} bytes");
            let cut: Arc<dyn Source> = Arc::new(TruncatedSource { inner: whole.clone(), len });
            let image = match Image::open(cut.clone()) {
                Ok(image) => image,
                Err(error) => {
                    // What leads to all files of a write-once disc, and to packets that were spared, comes last.
                    let none = needed.values().all(|needed| *needed > len) || kind != Map::Physical;
                    assert!(none && error.sentence().len() > 10, "{what}: {error}");
                    continue;
                }
            };
            let said = image.diagnostics().items().iter().any(|item| item.message.contains("cut off"));
            assert!(said || image.declared_size() <= len, "{what}: nothing says that the image is cut off");
            let Some(tree) = image.tree(TreeKind::Udf) else { continue };
            let cut = survey::survey(tree);
            let mut complete = 0;
            for (path, row) in &cut.rows {
                let Some(known) = rows.get(path) else {
                    // The image may end in the middle of a name.
                    assert!(
                        !row.notes.is_empty() || !cut.complaints.is_empty(),
                        "{what}: {path} is no file of the disc"
                    );
                    continue;
                };
                // What a lost file entry or a lost newer version would have changed is told.
                match &row.content {
                    // A newer version that is cut off looks as if it had never been written.
                    Ok(_) if path == "versions.txt" => {}
                    Ok(digest) if known.content.as_ref() == Ok(digest) && row.kind == known.kind => {}
                    Ok(_) => assert!(!row.notes.is_empty(), "{what}: {path} is not what it was, and nothing says why"),
                    Err(_) => assert!(row.state != State::Complete || !row.notes.is_empty(), "{what}: {path}"),
                }
                complete += usize::from(Some(row) == rows.get(path));
            }
            for (path, _) in needed.iter().filter(|(_, needed)| **needed <= len) {
                assert_eq!(cut.rows.get(path).map(|row| &row.content), Some(&rows[path].content), "{what}: {path}");
            }
            most = most.max(complete);
        }
        assert!(kind == Map::Virtual || most > rows.len() / 2, "{kind:?}: {most} of {} entries at most", rows.len());
    }
}
