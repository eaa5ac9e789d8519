//! What nothing shows is found: hidden files, space that no structure claims, and what comes after the declared end.

use std::sync::Arc;

use crate::support::builder::{BLOCK, Disc, ROOT, Tree, utf16};
use crate::support::sources::CancelAfter;
use isoscope::disc::source::MemorySource;
use isoscope::disc::unseen::{self, Unseen};
use isoscope::disc::{Error, Extent, Image, Source};

fn find(bytes: &[u8]) -> Unseen {
    let image = Image::open(Arc::new(MemorySource::new(bytes))).unwrap();
    unseen::find(&image, &mut |_, _| {}).unwrap()
}

fn paths(unseen: &Unseen) -> Vec<&str> {
    unseen.hidden.iter().map(|file| file.path.as_str()).collect()
}

#[test]
fn a_disc_that_shows_everything_has_nothing_unseen() {
    for name in ["x-rock-ridge-joliet.iso", "g-rock-ridge.iso", "x-sessions.iso", "g-moved.iso", "x-boot-bios-uefi.iso"]
    {
        let unseen = find(&crate::support::fixtures::bytes(name));
        assert!(unseen.is_empty(), "{name}: {unseen:?}");
        assert!(unseen.diagnostics.is_empty(), "{name}: {unseen:?}");
    }
}

#[test]
fn a_file_hidden_in_every_tree_is_listed_once() {
    let mut disc = Disc::rock_ridge();
    let (mut joliet, mut nodes) = (Tree::default(), Vec::new());
    for name in ["shown", "hidden in both", "hidden in one"] {
        let data = disc.data(name.as_bytes());
        let one = disc.rr_file(ROOT, name, b"");
        disc.primary.patch(one, 2, crate::support::builder::both32(data.block));
        disc.primary.patch(one, 10, crate::support::builder::both32(data.len));
        nodes.push((one, joliet.file(ROOT, &utf16(name), data)));
    }
    disc.primary.flags(nodes[1].0, 1);
    joliet.flags(nodes[1].1, 1);
    disc.primary.flags(nodes[2].0, 1);
    disc.joliet = Some((joliet, *b"%/E"));
    let unseen = find(&disc.build().bytes);
    assert_eq!(paths(&unseen), ["hidden in both"]);
    assert_eq!(unseen.hidden[0].size, Some(14));
    assert!(unseen.gaps.is_empty(), "{unseen:?}");
}

#[test]
fn what_lies_in_a_hidden_folder_is_hidden() {
    let mut disc = Disc::rock_ridge();
    let folder = disc.rr_folder(ROOT, "secret");
    let inner = disc.rr_folder(folder, "inner");
    disc.rr_file(inner, "file", b"nobody sees this");
    disc.primary.flags(folder, 3);
    assert_eq!(paths(&find(&disc.build().bytes)), ["secret/inner/file"]);
}

#[test]
fn space_that_nothing_claims_is_listed_with_what_it_begins_with() {
    let mut disc = Disc::rock_ridge();
    disc.rr_file(ROOT, "before", b"a file");
    let one = disc.data(b"PK\x03\x04 an archive that no folder names");
    disc.data(&vec![0; 200_000]);
    let two = disc.data(&vec![7; 5000]);
    disc.rr_file(ROOT, "behind", b"another file");
    let unseen = find(&disc.build().bytes);
    let sector = BLOCK as u64;
    let [first, second] = unseen.gaps.as_slice() else { panic!("{unseen:?}") };
    assert_eq!(first.extent, Extent::new(u64::from(one.block) * sector, sector));
    assert_eq!((first.what, first.near.as_str()), (Some("a ZIP archive"), "before"));
    assert_eq!(second.extent, Extent::new(u64::from(two.block) * sector, 3 * sector));
    assert_eq!((second.used, second.what), (5000, None));
    assert!(unseen.after_end.is_none() && unseen.hidden.is_empty());
}

#[test]
fn bytes_behind_the_end_of_a_file_are_found_in_its_last_sector() {
    let mut disc = Disc::rock_ridge();
    let data = disc.data(b"file and slack");
    disc.primary.file(ROOT, b"FILE.;1", crate::support::builder::Data { len: 4, ..data });
    let unseen = find(&disc.build().bytes);
    let start = u64::from(data.block) * BLOCK as u64 + 4;
    assert_eq!(unseen.gaps.len(), 1, "{unseen:?}");
    assert_eq!((unseen.gaps[0].extent.offset, unseen.gaps[0].used), (start, 10));
}

#[test]
fn data_after_the_declared_end_is_one_finding() {
    let mut disc = Disc::rock_ridge();
    disc.rr_file(ROOT, "file", b"content");
    let mut bytes = disc.build().bytes;
    let end = bytes.len() as u64;
    bytes.resize(bytes.len() + 300_000, 0);
    assert!(find(&bytes).is_empty(), "padding is nothing");
    let at = bytes.len() - 100_000;
    bytes[at] = 1;
    bytes.extend(b"tail");
    let unseen = find(&bytes);
    let after = unseen.after_end.as_ref().expect("something follows");
    assert!(after.extent.offset >= end && after.extent.end() == bytes.len() as u64);
    assert_eq!(after.used, 5);
    assert!(unseen.gaps.is_empty());
}

#[test]
fn cancelling_ends_the_search_at_any_read() {
    let bytes = crate::support::fixtures::bytes("x-rock-ridge-joliet.iso");
    let image = Image::open(Arc::new(MemorySource::new(bytes.as_slice()))).unwrap();
    for reads in 0..8 {
        let source: Arc<dyn Source> = Arc::new(CancelAfter::new(crate::support::sources::memory(&bytes), reads));
        let result = unseen::find(&image.with_source(&source), &mut |_, _| {});
        assert!(matches!(result, Err(Error::Cancelled)), "after {reads} reads: {result:?}");
    }
}
