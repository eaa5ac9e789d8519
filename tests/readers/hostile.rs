//! Discs that lie. One damaged entry never hides its good neighbours, and is itself explained with its offset; what
//! could keep a reader busy for ever ends at once, and that is said.

use std::time::{Duration, Instant};

use crate::support::builder::{BLOCK, Built, Data, Disc, Node, ROOT, Tree, Use, append_session, both32, utf16};
use crate::support::survey::{Survey, digest_of, open, survey};
use crate::support::{el_torito, susp};
use isoscope::disc::tree::{Kind, State, TreeKind};

/// Names of the good files, five before and five behind the bad entry.
const GOOD: [&str; 10] = ["a1", "a2", "a3", "a4", "a5", "z1", "z2", "z3", "z4", "z5"];

fn content_of(name: &str) -> Vec<u8> {
    format!("The content of {name}\n").repeat(200).into_bytes()
}

/// A Rock Ridge disc of ten good files, with whatever `bad` adds between them.
fn among_ten(bad: impl FnOnce(&mut Disc) -> Node) -> (Built, Node) {
    let mut disc = Disc::rock_ridge();
    for name in &GOOD[..5] {
        disc.rr_file(ROOT, name, &content_of(name));
    }
    let node = bad(&mut disc);
    for name in &GOOD[5..] {
        disc.rr_file(ROOT, name, &content_of(name));
    }
    (disc.build(), node)
}

/// The Rock Ridge tree, of which all ten good files must be listed, readable and without complaint.
fn ten_are_fine(built: &Built) -> Survey {
    let image = open(&built.bytes).unwrap();
    let tree = image.tree(TreeKind::RockRidge).expect("the disc has Rock Ridge");
    let survey = survey(tree);
    for name in GOOD {
        let row = survey.row(name);
        assert_eq!(row.content, Ok(digest_of(&content_of(name))), "{name}");
        assert_eq!(row.state, State::Complete, "{name}");
        assert!(row.notes.is_empty(), "{name}: {:?}", row.notes);
    }
    survey
}

/// Fails unless something was said about a place between the record's first byte and `reach` bytes behind it.
fn explained(survey: &Survey, at: usize, reach: usize) {
    let said = survey.all_said();
    let near = said.iter().any(|(offset, _)| (at as u64..(at + reach) as u64).contains(offset));
    assert!(near, "nothing is said about bytes {at} to {}: {said:?}", at + reach);
}

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

/// A disc with one packed file among ten good ones.
fn packed(entry: Vec<u8>, stored: &[u8]) -> std::result::Result<String, String> {
    let (built, _) = among_ten(|disc| {
        let node = disc.rr_file(ROOT, "bad", stored);
        disc.primary.uses(node, [entry]);
        node
    });
    ten_are_fine(&built).row("bad").content.clone()
}

/// A zisofs file of version 1 with these block pointers and bytes behind them.
fn zisofs(size: u32, block_log2: u8, pointers: &[u32], blocks: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x37\xe4\x53\x96\xc9\xdb\xd6\x07".to_vec();
    bytes.extend(size.to_le_bytes());
    bytes.extend([4, block_log2, 0, 0]);
    bytes.extend(pointers.iter().flat_map(|pointer| pointer.to_le_bytes()));
    bytes.extend(blocks);
    bytes
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_packed_file_is_unpacked() {
    let text = b"packed ".repeat(6000);
    let (first, second) = (deflated(&text[..32768]), deflated(&text[32768..]));
    let table = 16 + 3 * 4;
    let pointers = [table, table + first.len() as u32, table + (first.len() + second.len()) as u32];
    let stored = zisofs(text.len() as u32, 15, &pointers, &[first, second].concat());
    assert_eq!(packed(susp::zf(b"pz", 4, 15, text.len() as u32), &stored), Ok(digest_of(&text)));
}

#[test]
fn blocks_of_a_mebibyte_are_unpacked_in_version_2_only() {
    let text = b"packed ".repeat(200_000);
    let (first, second) = (deflated(&text[..1 << 20]), deflated(&text[1 << 20..]));
    let mut stored = b"\xef\x22\x55\xa1\xbc\x1b\x95\xa0".to_vec();
    stored.extend([0, 6, 1, 20]);
    stored.extend((text.len() as u64).to_le_bytes());
    stored.extend([0; 4]);
    let ends = [48, 48 + first.len() as u64, 48 + (first.len() + second.len()) as u64];
    stored.extend(ends.iter().flat_map(|end| end.to_le_bytes()));
    stored.extend([first, second].concat());
    for signature in [b"ZF", b"Z2"] {
        let entry = susp::zf2(signature, b"PZ", 6, 20, text.len() as u64);
        assert_eq!(packed(entry, &stored), Ok(digest_of(&text)));
    }
    let block = deflated(&text[..1 << 20]);
    let stored = zisofs(1 << 20, 20, &[24, 24 + block.len() as u32], &block);
    assert!(packed(susp::zf(b"pz", 4, 20, 1 << 20), &stored).is_err());
}

#[test]
fn a_block_of_no_bytes_is_zeros() {
    let stored = zisofs(40_000, 15, &[28, 28, 28], &[]);
    assert_eq!(packed(susp::zf(b"pz", 4, 15, 40_000), &stored), Ok(digest_of(&[0; 40_000])));
}

#[test]
fn packed_files_that_lie_are_errors_and_not_garbage() {
    let text = vec![b'x'; 32768];
    let block = deflated(&text);
    let end = 24 + block.len() as u32;
    let good = zisofs(32768, 15, &[24, end], &block);
    assert_eq!(packed(susp::zf(b"pz", 4, 15, 32768), &good), Ok(digest_of(&text)), "the base of the cases below");
    let mut wrong_magic = good.clone();
    wrong_magic[0] = 0;
    let cases: Vec<(&str, Vec<u8>, Vec<u8>)> = vec![
        ("no magic", susp::zf(b"pz", 4, 15, 32768), wrong_magic),
        ("pointers fall", susp::zf(b"pz", 4, 15, 32768), zisofs(32768, 15, &[end, 24], &block)),
        ("pointers past the end", susp::zf(b"pz", 4, 15, 32768), zisofs(32768, 15, &[24, 0xffff_fff0], &block)),
        ("a block that is no zlib stream", susp::zf(b"pz", 4, 15, 32768), zisofs(32768, 15, &[24, 124], &[0x55; 100])),
        ("a block that is too short", susp::zf(b"pz", 4, 15, 32768), {
            let short = deflated(&text[..100]);
            zisofs(32768, 15, &[24, 24 + short.len() as u32], &short)
        }),
        ("a block size of 2^3", susp::zf(b"pz", 4, 3, 32768), zisofs(32768, 3, &[24, end], &block)),
        ("a block size of 2^63", susp::zf(b"pz", 4, 63, 32768), zisofs(32768, 63, &[24, end], &block)),
        ("an unknown method", susp::zf(b"qq", 4, 15, 32768), good.clone()),
        ("4 GiB in one block", susp::zf(b"pz", 4, 15, 0xffff_ffff), zisofs(0xffff_ffff, 15, &[24, end], &block)),
        ("2^63 bytes", susp::zf2(b"ZF", b"PZ", 6, 15, 1 << 63), good.clone()),
    ];
    for (what, entry, stored) in cases {
        let content = packed(entry, &stored);
        assert!(content.is_err(), "{what}: {content:?}");
    }
}

#[test]
fn a_packed_block_that_never_ends_stops_at_its_size() {
    // 32 KiB are due; the stream holds 64 MiB.
    let bomb = deflated(&vec![0; 64 << 20]);
    let stored = zisofs(32768, 15, &[24, 24 + bomb.len() as u32], &bomb);
    let started = Instant::now();
    let content = packed(susp::zf(b"pz", 4, 15, 32768), &stored);
    assert!(started.elapsed() < Duration::from_secs(2));
    assert!(content.is_err() || content == Ok(digest_of(&[0; 32768])), "{content:?}");
}

/// A disc with this boot catalogue. The image behind it has 2 KiB.
fn boot(entries: &dyn Fn(u32) -> Vec<[u8; 32]>) -> (isoscope::disc::Image, usize) {
    let mut disc = Disc::rock_ridge();
    for name in GOOD {
        disc.rr_file(ROOT, name, &content_of(name));
    }
    let image = disc.data(&[0x90; BLOCK]);
    let catalogue = disc.boot_catalogue(&entries(image.block));
    let built = disc.build();
    ten_are_fine(&built);
    (open(&built.bytes).unwrap(), catalogue.block as usize * BLOCK)
}

fn said(image: &isoscope::disc::Image) -> Vec<String> {
    image.diagnostics().items().iter().map(ToString::to_string).collect()
}

#[test]
fn a_sound_boot_catalogue_raises_no_complaint() {
    let (image, _) = boot(&|block| {
        vec![
            el_torito::validation(0, b"ID"),
            el_torito::boot(true, 0, 4, block),
            el_torito::section(true, 0xef, 2),
            el_torito::boot(true, 0, 4, block),
            el_torito::boot(false, 0x20, 4, block),
            el_torito::extension(true),
            el_torito::extension(false),
        ]
    });
    assert_eq!(image.boot_images().len(), 3, "{:?}", said(&image));
    assert!(said(&image).is_empty(), "{:?}", said(&image));
    let first = &image.boot_images()[0];
    assert_eq!(crate::support::survey::contents(&*first.open(image.source()), 16).unwrap()[..16], [0x90; 16]);
}

#[test]
fn boot_catalogues_that_lie_are_said() {
    let wrong_sum = |_| {
        let mut validation = el_torito::validation(0, b"ID");
        validation[28] ^= 0xff;
        vec![validation, el_torito::boot(true, 0, 4, 40)]
    };
    let (image, place) = boot(&wrong_sum);
    assert!(said(&image).iter().any(|text| text.contains(&format!("byte {place}"))), "{:?}", said(&image));

    let past_the_end = |_| vec![el_torito::validation(0, b"ID"), el_torito::boot(true, 0, 4, 0x0fff_ffff)];
    let (image, place) = boot(&past_the_end);
    assert_eq!(image.boot_images().len(), 1);
    assert!(said(&image).iter().any(|text| text.contains(&format!("byte {}", place + 32))), "{:?}", said(&image));
    assert_eq!(image.boot_images()[0].open(image.source()).len(), 0);

    // 65,535 entries are announced, none is there.
    let endless = |block| {
        let entries = [el_torito::validation(0, b"ID"), el_torito::boot(true, 0, 4, block)];
        [entries.to_vec(), vec![el_torito::section(false, 0, 65_535); 100]].concat()
    };
    let started = Instant::now();
    let (image, _) = boot(&endless);
    assert!(started.elapsed() < Duration::from_secs(2));
    assert!(image.boot_images().len() <= 512, "{}", image.boot_images().len());
    assert!(!said(&image).is_empty());
}

#[test]
fn a_catalogue_outside_of_the_image_leaves_the_files() {
    let mut disc = Disc::rock_ridge();
    for name in GOOD {
        disc.rr_file(ROOT, name, &content_of(name));
    }
    disc.catalogue = Some(0x0fff_ffff);
    let built = disc.build();
    ten_are_fine(&built);
    let image = open(&built.bytes).unwrap();
    assert!(image.boot_images().is_empty());
    assert!(!said(&image).is_empty());
}

#[test]
fn a_file_of_several_sections_is_one_file_and_a_missing_one_is_said() {
    let mut disc = Disc::rock_ridge();
    let (one, two) = (disc.data(&[b'1'; BLOCK]), disc.data(b"22"));
    let whole = disc.primary.sections(ROOT, b"WHOLE.;1", &[one, two]);
    disc.primary.uses(whole, [susp::nm(0, b"whole")]);
    let open_end = disc.primary.file(ROOT, b"OPEN.;1", one);
    disc.primary.uses(open_end, [susp::nm(0, b"open")]);
    disc.primary.flags(open_end, 0x80);
    let built = disc.build();
    let image = open(&built.bytes).unwrap();
    let survey = survey(image.default_tree());
    assert_eq!(survey.row("whole").content, Ok(digest_of(&[[b'1'; BLOCK].as_slice(), b"22"].concat())));
    assert!(survey.row("whole").notes.is_empty());
    assert_eq!(survey.row("open").content, Ok(digest_of(&[b'1'; BLOCK])));
    explained(&survey, built.primary.record(open_end), 1);
}

#[test]
fn an_extended_attribute_record_stands_before_the_data() {
    let mut disc = Disc::new();
    let data = disc.data(&[susp::extended_attribute_record(), b"content".to_vec()].concat());
    let node = disc.primary.file(ROOT, b"FILE.TXT;1", Data { block: data.block, len: 7 });
    disc.primary.patch(node, 1, [1]);
    let image = open(&disc.build().bytes).unwrap();
    assert_eq!(survey(image.default_tree()).row("FILE.TXT").content, Ok(digest_of(b"content")));
}

#[test]
fn an_interleaved_file_is_read_right_or_refused() {
    // Two blocks of the file, one block of something else, and so on.
    let mut disc = Disc::new();
    let parts = [[b'a'; 2 * BLOCK].as_slice(), &[b'-'; BLOCK], &[b'b'; 2 * BLOCK], &[b'-'; BLOCK], b"c"];
    let data = disc.data(&parts.concat());
    let len = 4 * BLOCK as u32 + 1;
    let node = disc.primary.file(ROOT, b"FILE.TXT;1", Data { block: data.block, len });
    disc.primary.patch(node, 26, [2, 1]);
    let image = open(&disc.build().bytes).unwrap();
    let right = [[b'a'; 2 * BLOCK].as_slice(), &[b'b'; 2 * BLOCK], b"c"].concat();
    match &survey(image.default_tree()).row("FILE.TXT").content {
        Ok(digest) => assert_eq!(*digest, digest_of(&right)),
        Err(error) => assert!(error.contains("interleaved"), "{error}"),
    }
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

#[test]
fn an_image_that_is_a_file_of_the_disc_is_not_a_session() {
    let mut inner = Disc::rock_ridge();
    inner.volume_id = "INNER".to_owned();
    for number in 0..60 {
        inner.rr_file(ROOT, &format!("inner{number}"), b"inside");
    }
    let inner = inner.build().bytes;
    // Its first block is 32, where libisofs starts its first session; the other copy ends the disc.
    let mut disc = Disc::new();
    let data = disc.data(&inner);
    assert_eq!(data.block, 32);
    disc.primary.file(ROOT, b"INNER.ISO;1", data);
    let mut bytes = disc.build().bytes;
    bytes.extend(&inner);
    let image = open(&bytes).unwrap();
    assert_eq!(image.volume().id, "BUILT");
    assert_eq!(image.sessions().len(), 1, "{:?}", image.sessions());
    assert_eq!(survey(image.default_tree()).row("INNER.ISO").content, Ok(digest_of(&inner)));
}

#[test]
fn sessions_that_follow_each_other_are_all_found() {
    let session = |base: u32, name: &str| {
        let mut disc = Disc::at(base);
        disc.volume_id = name.to_owned();
        let data = disc.data(name.as_bytes());
        disc.primary.file(ROOT, b"FILE.TXT;1", data);
        disc
    };
    let mut bytes = session(0, "ONE").build().bytes;
    for name in ["TWO", "THREE"] {
        bytes = append_session(bytes, |base| session(base, name));
    }
    let source = crate::support::sources::memory(&bytes);
    for (number, name) in [(1, "ONE"), (2, "TWO"), (3, "THREE")] {
        let image = isoscope::disc::Image::open_session(source.clone(), number).unwrap();
        assert_eq!(image.volume().id, name);
        assert_eq!(image.sessions().len(), 3);
        assert_eq!(survey(image.default_tree()).row("FILE.TXT").content, Ok(digest_of(name.as_bytes())));
    }
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
