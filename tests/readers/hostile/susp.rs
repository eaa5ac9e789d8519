//! System use entries that lie, and folders that were moved.

use super::{GOOD, among_ten, content_of, explained, ten_are_fine};
use crate::support::builder::{BLOCK, Built, Data, Disc, Node, ROOT, Use};
use crate::support::survey::{Survey, digest_of, open, survey};
use crate::support::susp;
use isoscope::disc::tree::{Kind, TreeKind};

/// A disc whose bad entry has these system use entries behind its name.
fn with_uses(entries: impl FnOnce(&mut Disc) -> Vec<Vec<u8>>) -> (Survey, Built, Node) {
    let (built, node) = among_ten(|disc| {
        let entries = entries(disc);
        let node = disc.rr_file(ROOT, "bad", b"content");
        disc.primary.uses(node, entries);
        node
    });
    let survey = ten_are_fine(&built);
    assert_eq!(survey.row("bad").content, Ok(digest_of(b"content")));
    (survey, built, node)
}

#[test]
fn a_continuation_that_leads_back_to_itself() {
    let mut area = Data { block: 0, len: 0 };
    let (survey, ..) = with_uses(|disc| {
        area = disc.data(&[0; 28]);
        disc.overwrite(area, &susp::ce(area.block, 0, 28));
        vec![susp::ce(area.block, 0, 28)]
    });
    assert!(survey.row("bad").notes.iter().any(|(_, text)| text.contains("loop")), "{:?}", survey.row("bad").notes);
    explained(&survey, area.block as usize * BLOCK, 28);
}

#[test]
fn continuations_that_lead_to_each_other() {
    let (survey, ..) = with_uses(|disc| {
        let (one, two) = (disc.data(&[0; 28]), disc.data(&[0; 28]));
        disc.overwrite(one, &susp::ce(two.block, 0, 28));
        disc.overwrite(two, &susp::ce(one.block, 0, 28));
        vec![susp::ce(one.block, 0, 28)]
    });
    assert!(survey.row("bad").notes.iter().any(|(_, text)| text.contains("loop")), "{:?}", survey.row("bad").notes);
}

#[test]
fn a_continuation_chain_without_end() {
    let (survey, ..) = with_uses(|disc| {
        let chain: Vec<_> = (0..200).map(|_| disc.data(&[0; 28])).collect();
        for pair in chain.windows(2) {
            disc.overwrite(pair[0], &susp::ce(pair[1].block, 0, 28));
        }
        vec![susp::ce(chain[0].block, 0, 28)]
    });
    assert!(survey.row("bad").notes.iter().any(|(_, text)| text.contains("32")), "{:?}", survey.row("bad").notes);
}

#[test]
fn a_continuation_that_lies_past_the_end() {
    let (survey, built, node) = with_uses(|_| vec![susp::ce(0x00ff_ffff, 0, 100)]);
    explained(&survey, built.primary.record(node), 255);
}

#[test]
fn a_continuation_whose_length_reaches_past_the_end() {
    let (survey, built, node) = with_uses(|_| vec![susp::ce(0, 0, 0xffff_ffff)]);
    explained(&survey, built.primary.record(node), 255);
}

#[test]
fn a_system_use_entry_of_an_impossible_length() {
    for length in [0, 3, 255] {
        let (survey, built, node) = with_uses(|_| {
            let mut entry = susp::entry(b"XX", 1, &[1, 2, 3, 4]);
            entry[2] = length;
            vec![entry]
        });
        assert!(!survey.row("bad").notes.is_empty(), "length {length}");
        explained(&survey, built.primary.record(node), 255);
    }
}

#[test]
fn a_system_use_entry_that_is_shorter_than_its_kind_needs() {
    for signature in [b"PX", b"SL", b"NM", b"TF", b"PN", b"CL", b"ZF", b"CE", b"SF", b"AL", b"ER"] {
        let (built, node) = among_ten(|disc| {
            let data = disc.data(b"content");
            let node = disc.primary.file(ROOT, b"BAD.;1", data);
            disc.primary.uses(node, [susp::nm(0, b"bad"), susp::entry(signature, 1, &[])]);
            node
        });
        let survey = ten_are_fine(&built);
        assert!(survey.rows.contains_key("bad"), "{signature:?}");
        assert!(built.primary.record(node) > 0);
    }
}

#[test]
fn relocations_that_lead_nowhere_or_in_circles() {
    // CL that names a file's data, a place past the end, the root, and the folder that holds it.
    let mut disc = Disc::rock_ridge();
    for name in GOOD {
        disc.rr_file(ROOT, name, &content_of(name));
    }
    let data = disc.data(b"no folder at all");
    let folder = disc.rr_folder(ROOT, "folder");
    let file = disc.rr_file(folder, "file", b"content");
    let targets = [
        ("to-data", Use::Bytes(susp::cl(data.block))),
        ("past-the-end", Use::Bytes(susp::cl(0x0fff_ffff))),
        ("to-root", Use::Child(ROOT)),
        ("to-self", Use::Child(folder)),
    ];
    for (name, target) in targets {
        let node = disc.rr_file(folder, name, b"");
        disc.primary.use_folder(node, target);
    }
    let built = disc.build();
    let survey = ten_are_fine(&built);
    assert_eq!(survey.row("folder/file").content, Ok(digest_of(b"content")));
    assert!(survey.row("folder/to-data").notes.iter().any(|(_, text)| text.contains("there is none")));
    assert!(survey.row("folder/past-the-end").notes.iter().any(|(_, text)| text.contains("there is none")));
    assert!(survey.says("appears elsewhere"), "{:?}", survey.complaints);
    assert_eq!(survey.folders, 4, "the root, the folder, and two that cannot be read: {:?}", survey.complaints);
    assert!(built.primary.record(file) > 0);
}

#[test]
fn a_moved_folder_stands_in_its_real_place() {
    let mut disc = Disc::rock_ridge();
    let container = disc.rr_folder(ROOT, "rr_moved");
    let moved = disc.rr_folder(container, "moved");
    disc.primary.uses(moved, [susp::re()]);
    disc.rr_file(moved, "file", b"content");
    let parent = disc.rr_folder(ROOT, "parent");
    let placeholder = disc.rr_file(parent, "moved", b"");
    disc.primary.use_folder(placeholder, Use::Child(moved));
    disc.primary.dotdot_use(moved, Use::Parent(parent));
    let built = disc.build();
    let image = open(&built.bytes).unwrap();
    let survey = survey(image.default_tree());
    let paths: Vec<_> = survey.rows.keys().map(String::as_str).collect();
    assert_eq!(paths, ["parent", "parent/moved", "parent/moved/file"]);
    assert_eq!(survey.row("parent/moved").kind, Kind::Folder);
    assert!(survey.complaints.is_empty(), "{:?}", survey.complaints);
}

#[test]
fn xa_attributes_before_the_rock_ridge_entries_are_passed_over() {
    let mut disc = Disc::new();
    let area = disc.data(&susp::er("RRIP_1991A"));
    disc.primary.dot_uses(ROOT, [susp::xa(0x8d55), susp::sp(14), susp::ce(area.block, 0, area.len)]);
    let data = disc.data(b"content");
    let node = disc.primary.file(ROOT, b"FILE.;1", data);
    disc.primary.uses(node, [susp::xa(0x0d55), susp::nm(0, b"a long name"), susp::px(0o100_644, 1, 0, 0, 1)]);
    let image = open(&disc.build().bytes).unwrap();
    let tree = image.tree(TreeKind::RockRidge).expect("the disc has Rock Ridge");
    assert_eq!(survey(tree).row("a long name").content, Ok(digest_of(b"content")));
}
