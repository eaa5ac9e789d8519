//! Files and folders whose extents lie, and folders without end.

use std::time::{Duration, Instant};

use super::{GOOD, among_ten, explained, ten_are_fine};
use crate::support::builder::{BLOCK, Disc, ROOT, Tree, both32, utf16};
use crate::support::survey::{Survey, digest_of, open, survey};
use crate::support::susp;
use isoscope::disc::tree::{Kind, State, TreeKind};

#[test]
fn a_file_whose_size_reaches_past_the_end() {
    let (built, node) = among_ten(|disc| {
        let node = disc.rr_file(ROOT, "bad", b"short");
        disc.primary.patch(node, 10, both32(0x7fff_ffff));
        node
    });
    let survey = ten_are_fine(&built);
    assert_eq!(survey.row("bad").state, State::Partly);
    let error = survey.row("bad").content.clone().unwrap_err();
    assert!(error.contains(&format!("ends at byte {}", built.bytes.len())), "{error}");
    assert!(built.primary.record(node) > 0);
}

#[test]
fn a_file_that_lies_past_the_end() {
    let (built, _) = among_ten(|disc| {
        let node = disc.rr_file(ROOT, "bad", b"content");
        disc.primary.patch(node, 2, both32(0x0fff_ffff));
        node
    });
    let survey = ten_are_fine(&built);
    assert_eq!(survey.row("bad").state, State::Outside);
    let error = survey.row("bad").content.clone().unwrap_err();
    assert!(error.contains(&format!("byte {}", 0x0fff_ffff_u64 * 2048)), "{error}");
}

#[test]
fn a_folder_full_of_garbage() {
    let mut rng = crate::support::rng::Rng::new(1);
    let garbage = rng.bytes(3 * BLOCK);
    let mut place = 0;
    let (built, _) = among_ten(|disc| {
        let data = disc.data(&garbage);
        place = data.block as usize * BLOCK;
        let node = disc.primary.folder_at(ROOT, b"BAD", data);
        disc.primary.uses(node, [susp::nm(0, b"bad")]);
        node
    });
    let survey = ten_are_fine(&built);
    assert_eq!(survey.row("bad").kind, Kind::Folder);
    explained(&survey, place, 3 * BLOCK);
}

#[test]
fn a_folder_of_zeros() {
    let mut place = 0;
    let (built, _) = among_ten(|disc| {
        let data = disc.data(&[0; BLOCK]);
        place = data.block as usize * BLOCK;
        let node = disc.primary.folder_at(ROOT, b"BAD", data);
        disc.primary.uses(node, [susp::nm(0, b"bad")]);
        node
    });
    explained(&ten_are_fine(&built), place, BLOCK);
}

#[test]
fn a_folder_that_lies_past_the_end() {
    let (built, node) = among_ten(|disc| {
        let node = disc.rr_folder(ROOT, "bad");
        disc.primary.patch(node, 2, both32(0x0fff_ffff));
        node
    });
    let survey = ten_are_fine(&built);
    let said = survey.all_said();
    let record = built.primary.record(node) as u64;
    let place = 0x0fff_ffff_u64 * 2048;
    assert!(said.iter().any(|(offset, _)| *offset == place || *offset == record), "{said:?}");
}

#[test]
fn a_folder_that_claims_four_gigabytes() {
    let (built, node) = among_ten(|disc| {
        let node = disc.rr_folder(ROOT, "bad");
        let inside = disc.rr_file(node, "inside", b"still here");
        disc.primary.patch(node, 10, both32(0xffff_ffff));
        let _ = inside;
        node
    });
    let started = Instant::now();
    let survey = ten_are_fine(&built);
    assert!(started.elapsed() < Duration::from_secs(1));
    assert_eq!(survey.row("bad/inside").content, Ok(digest_of(b"still here")));
    let place = built.primary.folder(node);
    explained(&survey, place, BLOCK);
}

#[test]
fn a_folder_that_claims_four_gigabytes_of_a_large_image() {
    // The claim lies inside of the image, so only the ceiling on folders can stop it.
    let mut disc = Disc::rock_ridge();
    let node = disc.rr_folder(ROOT, "bad");
    disc.rr_file(node, "inside", b"still here");
    disc.primary.patch(node, 10, both32(0xffff_f800));
    let built = disc.build();
    let source = crate::support::sources::SparseSource { len: 6 << 30, pieces: vec![(0, built.bytes.clone())] };
    let (image, started) = (isoscope::disc::Image::open(std::sync::Arc::new(source)).unwrap(), Instant::now());
    let survey = survey(image.tree(TreeKind::RockRidge).unwrap());
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert_eq!(survey.row("bad/inside").content, Ok(digest_of(b"still here")));
    explained(&survey, built.primary.folder(node), BLOCK);
}

#[test]
fn records_that_do_not_fit_stop_only_their_sector() {
    for (field, value) in [(0_usize, 1_u8), (0, 33), (0, 255), (32, 255)] {
        let (built, node) = among_ten(|disc| {
            let node = disc.rr_file(ROOT, "bad", b"content");
            disc.primary.patch(node, field, [value]);
            // The rest of the sector cannot be found again, so the neighbours behind it stand in the next one.
            let filler = disc.data(b"");
            for number in 0..12 {
                let name = format!("FILLER{number:0190}");
                disc.primary.file(ROOT, name.as_bytes(), filler);
            }
            node
        });
        let image = open(&built.bytes).unwrap();
        let survey = survey(image.default_tree());
        let listed = GOOD.iter().filter(|name| survey.rows.contains_key(**name)).count();
        assert_eq!(listed, 10, "byte {field} = {value}: {:?}", survey.rows.keys());
        explained(&survey, built.primary.record(node), BLOCK);
    }
}

#[test]
fn a_folder_graph_with_two_to_the_thirtieth_paths() {
    let mut disc = Disc::rock_ridge();
    let mut here = ROOT;
    for level in 0..30 {
        let left = disc.rr_folder(here, &format!("left{level}"));
        let right = disc.primary.folder_like(here, format!("RIGHT{level}").as_bytes(), left);
        disc.primary.uses(right, [susp::nm(0, format!("right{level}").as_bytes())]);
        here = left;
    }
    disc.rr_file(here, "bottom", b"reached");
    let built = disc.build();
    let started = Instant::now();
    let image = open(&built.bytes).unwrap();
    let survey = survey(image.default_tree());
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    assert_eq!(survey.folders, 31);
    assert_eq!(survey.rows.iter().filter(|(path, _)| path.ends_with("bottom")).count(), 1);
    assert!(survey.says("appears elsewhere"), "{:?}", survey.complaints);
}

#[test]
fn a_folder_that_contains_itself() {
    let mut disc = Disc::rock_ridge();
    let folder = disc.rr_folder(ROOT, "folder");
    let again = disc.primary.folder_like(folder, b"AGAIN", folder);
    disc.primary.uses(again, [susp::nm(0, b"again")]);
    let top = disc.primary.folder_like(folder, b"TOP", ROOT);
    disc.primary.uses(top, [susp::nm(0, b"top")]);
    disc.rr_file(folder, "file", b"content");
    let built = disc.build();
    let image = open(&built.bytes).unwrap();
    let survey = survey(image.default_tree());
    assert_eq!(survey.folders, 2);
    assert_eq!(survey.row("folder/file").content, Ok(digest_of(b"content")));
    assert!(survey.says("appears elsewhere"), "{:?}", survey.complaints);
    explained(&survey, built.primary.record(again), 1);
    explained(&survey, built.primary.record(top), 1);
}

#[test]
fn three_thousand_levels() {
    let mut disc = Disc::rock_ridge();
    let mut here = ROOT;
    for level in 0..3000 {
        disc.rr_file(here, "file", b"");
        here = disc.rr_folder(here, &format!("level{level}"));
    }
    let built = disc.build();
    let started = Instant::now();
    let image = open(&built.bytes).unwrap();
    let survey = survey(image.default_tree());
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert!(survey.folders >= 256, "{} folders", survey.folders);
    assert!(survey.folders <= 3001);
    assert!(survey.says("levels deep"), "{:?}", survey.complaints);
}

#[test]
fn numbers_whose_byte_orders_differ() {
    // The big-endian half is wrong, as some masters leave it: the little-endian one counts.
    let (built, node) = among_ten(|disc| {
        let node = disc.rr_file(ROOT, "bad", b"content");
        disc.primary.patch(node, 6, [0, 0, 0, 0]);
        disc.primary.patch(node, 14, [0, 0, 0, 9]);
        node
    });
    let survey = ten_are_fine(&built);
    assert_eq!(survey.row("bad").content, Ok(digest_of(b"content")));
    explained(&survey, built.primary.record(node), 33);

    // The little-endian half lies outside of the image, the big-endian one is right.
    let (built, node) = among_ten(|disc| {
        let node = disc.rr_file(ROOT, "bad", b"content");
        disc.primary.patch(node, 2, [0xff, 0xff, 0xff, 0x7f]);
        node
    });
    let survey = ten_are_fine(&built);
    assert_eq!(survey.row("bad").content, Ok(digest_of(b"content")));
    explained(&survey, built.primary.record(node), 33);
}

/// A disc with a Joliet tree, made by `fill`; the primary tree is empty.
fn joliet(fill: impl FnOnce(&mut Disc, &mut Tree)) -> Survey {
    let mut disc = Disc::new();
    let mut tree = Tree::default();
    fill(&mut disc, &mut tree);
    disc.joliet = Some((tree, *b"%/E"));
    let built = disc.build();
    let image = open(&built.bytes).unwrap();
    survey(image.tree(TreeKind::Joliet).expect("the disc has Joliet"))
}

#[test]
fn joliet_names_of_odd_length_and_lone_surrogates_are_shown() {
    let survey = joliet(|disc, tree| {
        let data = disc.data(b"content");
        tree.file(ROOT, &utf16("good.txt"), data);
        tree.file(ROOT, &[utf16("odd"), vec![0x41]].concat(), data);
        tree.file(ROOT, &[utf16("lone"), vec![0xd8, 0x3d]].concat(), data);
        tree.file(ROOT, &utf16("astral😀.txt"), data);
        tree.file(ROOT, &utf16("nero.txt;1"), data);
    });
    for name in ["good.txt", "odd\u{fffd}", "lone\u{fffd}", "astral😀.txt", "nero.txt"] {
        assert_eq!(survey.row(name).content, Ok(digest_of(b"content")), "{name}");
    }
    assert_eq!(survey.rows.len(), 5);
}

#[test]
fn hostile_names_are_shown_as_one_component() {
    let mut disc = Disc::rock_ridge();
    for name in ["..", ".", "a/b", "/etc/passwd", "nul\0byte", "esc\x1b[31m"] {
        disc.rr_file(ROOT, name, b"content");
    }
    let image = open(&disc.build().bytes).unwrap();
    let survey = survey(image.default_tree());
    let paths: Vec<_> = survey.rows.keys().map(String::as_str).collect();
    assert_eq!(paths, [".", "..", "\\x2fetc\\x2fpasswd", "a\\x2fb", "esc\x1b[31m", "nul\\x00byte"]);
}
