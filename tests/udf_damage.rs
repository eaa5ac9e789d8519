//! One damaged entry of a UDF disc never hides its good neighbours, and is itself explained with its offset; and what an
//! entry claims is never believed at the price of time or memory.

mod support;

use std::sync::Arc;
use std::time::Instant;

use isoscope::disc::tree::{Kind, State};
use isoscope::extract::run::Durability;
use isoscope::extract::{self, Destination, OnConflict, Plan, Selection};
use support::allocator;
use support::harmless::{LONGEST, MOST_MEMORY, harmless};
use support::rng::Rng;
use support::survey::{Survey, digest_of, survey};
use support::udf_builder::build::Built;
use support::udf_builder::encode::{self, Location, RECORDED, short_ad};
use support::udf_builder::node::{Form, Node, Piece, ROOT, file_type};
use support::udf_builder::sample::content;
use support::udf_builder::{Disc, attributes};
use support::udf_look::{read, udf};

#[global_allocator]
static METER: allocator::Counting = allocator::Counting;

/// Names of the good files, five before and five behind the bad entry.
const GOOD: [&str; 10] = ["a1", "a2", "a3", "a4", "a5", "z1", "z2", "z3", "z4", "z5"];

fn content_of(name: &str) -> Vec<u8> {
    format!("The content of {name}\n").repeat(200).into_bytes()
}

/// A disc of ten good files, with whatever `bad` adds between them.
fn among_ten_of(mut disc: Disc, bad: impl FnOnce(&mut Disc) -> Node) -> (Built, Node) {
    for name in &GOOD[..5] {
        disc.file(ROOT, name, &content_of(name));
    }
    let node = bad(&mut disc);
    for name in &GOOD[5..] {
        disc.file(ROOT, name, &content_of(name));
    }
    (disc.build(), node)
}

fn among_ten(bad: impl FnOnce(&mut Disc) -> Node) -> (Built, Node) {
    among_ten_of(Disc::plain(), bad)
}

/// A bad file that was good before something happened to it.
fn bad_file() -> (Built, Node) {
    among_ten(|disc| disc.file(ROOT, "bad", b"content"))
}

/// All ten good files must be listed without complaint, readable, and arrive when everything is extracted. Whatever is
/// wrong must have been said at one of the bytes from `at` on, of which there are `reach`.
fn ten_are_fine(what: &str, built: &Built, at: usize, reach: usize) -> Survey {
    let (image, tree) = udf(&built.bytes);
    let survey = survey(&tree);
    for name in GOOD {
        let row = survey.row(name);
        assert_eq!(row.content, Ok(digest_of(&content_of(name))), "{what}: {name}");
        assert_eq!(row.state, State::Complete, "{what}: {name}");
        assert!(row.notes.is_empty(), "{what}: {name}: {:?}", row.notes);
    }
    let mut said = survey.all_said();
    said.extend(image.diagnostics().items().iter().map(|item| (item.offset, item.to_string())));
    let errors = survey.rows.values().filter_map(|row| row.content.as_ref().err());
    let near = |offset: &u64| (at as u64..(at + reach) as u64).contains(offset);
    let told = said.iter().any(|(offset, _)| near(offset))
        || errors.clone().any(|error| (at..at + reach).any(|at| error.contains(&format!("at byte {at})"))));
    assert!(
        told,
        "{what}: nothing is said about bytes {at} to {}: {said:?} {:?}",
        at + reach,
        errors.collect::<Vec<_>>()
    );

    let place = tempfile::tempdir().unwrap();
    let destination = Destination::create(&place.path().join("out")).unwrap();
    let plan = Plan::make(&tree, &Selection::Everything, OnConflict::KeepBoth, &destination, &mut |_| {}).unwrap();
    extract::run(&Arc::new(plan), &destination, Durability::Never, &mut |_| {}, &|| false).unwrap();
    for name in GOOD {
        let written = std::fs::read(destination.path().join(name)).unwrap();
        assert!(written == content_of(name), "{what}: {name}");
    }
    survey
}

#[test]
fn a_file_entry_whose_tag_is_wrong() {
    // Checksum; identifier with a right checksum; location.
    let damages: [(&str, usize, &[u8]); 3] =
        [("checksum", 4, &[0x5a]), ("identifier", 0, &[9, 1]), ("location", 12, &[1, 2, 3, 4])];
    for (what, field, bytes) in damages {
        let (mut built, node) = bad_file();
        let at = built.entry(node);
        if what == "checksum" {
            built.patch(at + field, bytes)
        } else {
            built.rewrite(at, field, bytes)
        }
        let survey = ten_are_fine(what, &built, at, 2048);
        assert!(survey.rows.contains_key("bad"), "{what}");
    }
}

#[test]
fn a_file_entry_whose_crc_is_wrong() {
    let (mut built, node) = bad_file();
    let at = built.entry(node);
    // The group: nothing that is needed to read the file.
    built.patch(at + 40, &[0xff; 4]);
    let survey = ten_are_fine("CRC", &built, at, 2048);
    assert!(survey.rows.contains_key("bad"));
}

#[test]
fn a_file_entry_of_zeros_and_one_of_garbage() {
    for garbage in [vec![0; 2048], Rng::new(1).bytes(2048)] {
        let (mut built, node) = bad_file();
        let at = built.entry(node);
        built.patch(at, &garbage);
        let survey = ten_are_fine("garbage", &built, at, 2048);
        assert!(survey.rows.contains_key("bad"));
    }
}

#[test]
fn an_icb_outside_of_its_partition_or_in_none() {
    let places = [
        ("behind the partition", 0x00ff_ffff_u32, 0_u16),
        ("behind everything", u32::MAX, 0),
        ("in no partition", 0, 7),
        ("in no partition at all", 0, u16::MAX),
    ];
    for (what, block, reference) in places {
        for folder in [false, true] {
            let (mut built, node) =
                among_ten(|disc| if folder { disc.folder(ROOT, "bad") } else { disc.file(ROOT, "bad", b"content") });
            let at = built.name(node);
            built.rewrite(at, 24, &[block.to_le_bytes().as_slice(), &reference.to_le_bytes()].concat());
            // It is the name that is wrong, or the place that it leads to.
            let place = built.partitions[0] + block as usize * 2048;
            let (at, reach) = if told_at(&built, at) { (at, 64) } else { (place, 2048) };
            let survey = ten_are_fine(what, &built, at, reach);
            assert!(survey.rows.contains_key("bad"), "{what}");
        }
    }
}

/// True when the survey says something of the descriptor at `at`.
fn told_at(built: &Built, at: usize) -> bool {
    let (_, tree) = udf(&built.bytes);
    survey(&tree).all_said().iter().any(|(offset, _)| (at as u64..at as u64 + 64).contains(offset))
}

#[test]
fn allocation_extents_that_lead_back_to_themselves() {
    for to in 0..3 {
        let (mut built, node) = among_ten(|disc| {
            let node = disc.file_as(ROOT, "bad", Form::Short, &content(1, 20 * 2048));
            disc.item(node).split = Some(1);
            disc.item(node).descriptors_each = Some(4);
            node
        });
        let chain = built.allocation(node);
        assert_eq!(chain.len(), 4);
        // The last descriptor of the third leads to an earlier one, or to itself.
        let block = built.u32(chain[to] + 12);
        built.patch(chain[2] + 24 + 4 * 8 + 4, &block.to_le_bytes());
        let survey = ten_are_fine("loop", &built, chain[to], chain[2] + 2048 - chain[to]);
        assert!(survey.rows.contains_key("bad"));
    }
}

#[test]
fn an_allocation_extent_that_is_damaged() {
    let damages: [(&str, usize, &[u8]); 4] = [
        ("checksum", 4, &[0x5a]),
        ("identifier", 0, &[5, 1]),
        ("length", 20, &[0xff, 0xff, 0xff, 0xff]),
        ("odd length", 20, &[3, 0, 0, 0]),
    ];
    for (what, field, bytes) in damages {
        let (mut built, node) = among_ten(|disc| {
            let node = disc.file_as(ROOT, "bad", Form::Short, &content(1, 20 * 2048));
            disc.item(node).split = Some(1);
            disc.item(node).descriptors_each = Some(4);
            node
        });
        let at = built.allocation(node)[1];
        if what == "checksum" {
            built.patch(at + field, bytes)
        } else {
            built.rewrite(at, field, bytes)
        }
        let survey = ten_are_fine(what, &built, at, 2048);
        let row = survey.row("bad");
        assert!(row.content.is_err() || !row.notes.is_empty() || survey.complaints.len() == 1, "{what}: {row:?}");
    }
}

#[test]
fn a_name_in_the_middle_that_is_damaged() {
    // What stands behind is found again, whatever happened: the checksum, the lengths, everything.
    let damages: [(&str, usize, Vec<u8>); 7] = [
        ("checksum", 4, vec![0x5a]),
        ("garbage", 0, Rng::new(3).bytes(40)),
        ("zeros", 0, vec![0; 40]),
        ("length of the name", 19, vec![255]),
        ("length of implementation use", 36, vec![0xff, 0xff]),
        ("identifier", 0, vec![2, 1]),
        ("CRC", 8, vec![0xff, 0xff]),
    ];
    for (what, field, bytes) in damages {
        let (mut built, node) = bad_file();
        let at = built.name(node);
        built.patch(at + field, &bytes);
        ten_are_fine(what, &built, at, 64);
    }
}

#[test]
fn a_name_whose_lengths_lie_under_a_right_checksum() {
    for (field, bytes) in [(19, vec![255]), (36, vec![0xff, 0xff]), (19, vec![1])] {
        let (mut built, node) = bad_file();
        let at = built.name(node);
        built.rewrite(at, field, &bytes);
        ten_are_fine(&format!("byte {field}: {bytes:?}"), &built, at, 64);
    }
}

#[test]
fn lengths_of_a_file_entry_that_lie() {
    // Length of extended attributes, length of allocation descriptors: beyond the block, beyond each other, odd.
    for (field, value) in [(168, u32::MAX), (168, 2000), (172, u32::MAX), (172, 4096), (172, 3), (168, 1)] {
        let (mut built, node) = bad_file();
        let at = built.entry(node);
        built.rewrite(at, field, &value.to_le_bytes());
        ten_are_fine(&format!("byte {field} is {value}"), &built, at, 2048);
    }
}

#[test]
fn information_lengths_that_lie() {
    for length in [1 << 40, 1 << 63, u64::MAX] {
        for form in [Form::Short, Form::Inline] {
            let (mut built, node) = among_ten(|disc| disc.file_as(ROOT, "bad", form, b"content"));
            let at = built.entry(node);
            built.rewrite(at, 56, &length.to_le_bytes());
            ten_are_fine(&format!("{length} bytes, {form:?}"), &built, at, 2048);
            harmless("length", &built.bytes);
        }
    }
    // A folder too: its list of names ends where its data does.
    let (mut built, node) = among_ten(|disc| {
        let folder = disc.folder(ROOT, "bad");
        disc.file(folder, "inside", b"still here");
        folder
    });
    let at = built.entry(node);
    built.rewrite(at, 56, &(1_u64 << 62).to_le_bytes());
    let survey = ten_are_fine("folder", &built, at, 2048);
    assert_eq!(survey.row("bad/inside").content, Ok(digest_of(b"still here")));
    harmless("folder", &built.bytes);
}

#[test]
fn indirect_entries_that_lead_in_a_circle() {
    for to in 0..3 {
        let (mut built, node) = among_ten(|disc| {
            let node = disc.file(ROOT, "bad", b"content");
            disc.item(node).indirections = 3;
            node
        });
        let chain = built.indirect(node);
        let block = built.u32(chain[to] + 12);
        built.rewrite(chain[2], 40, &block.to_le_bytes());
        let (at, reach) = (*chain.iter().min().unwrap(), 64 * 2048);
        ten_are_fine("circle", &built, at, reach);
    }
    let (mut built, node) = among_ten(|disc| {
        let node = disc.file_as(ROOT, "bad", Form::Inline, b"content");
        disc.strategy_4096(node, 2);
        node
    });
    let chain = built.indirect(node);
    let first = built.u32(chain[0] + 12) - 1;
    built.rewrite(chain[1], 40, &first.to_le_bytes());
    ten_are_fine("strategy 4096", &built, chain[0] - 2048, 64 * 2048);
}

#[test]
fn more_indirect_entries_than_anybody_writes() {
    for indirections in [17, 500] {
        let (built, node) = among_ten(|disc| {
            let node = disc.file(ROOT, "bad", b"content");
            disc.item(node).indirections = indirections;
            node
        });
        let chain = built.indirect(node);
        ten_are_fine("chain", &built, chain[0], chain[indirections - 1] - chain[0] + 4096);
    }
}

#[test]
fn data_outside_of_the_partition_and_of_the_image() {
    for (what, length, block) in [
        ("outside", 7_u32, 0x00ff_ffff_u32),
        ("across the end", 0x3fff_f800, 0),
        ("at the last block that has a number", 2048, u32::MAX),
    ] {
        let (mut built, node) = bad_file();
        let at = built.entry(node);
        built.rewrite(at, 56, &u64::from(length).to_le_bytes());
        built.rewrite(at, 176, &short_ad(RECORDED, length, block));
        let (_, tree) = udf(&built.bytes);
        let survey = survey(&tree);
        for name in GOOD {
            assert_eq!(survey.row(name).content, Ok(digest_of(&content_of(name))), "{what}");
        }
        let row = survey.row("bad");
        assert!(row.content.is_err(), "{what}: {row:?}");
        assert!(row.state != State::Complete || !row.notes.is_empty(), "{what}: {row:?}");
        harmless(what, &built.bytes);
    }
}

#[test]
fn extents_in_a_partition_that_is_not_there() {
    let (mut built, node) = among_ten(|disc| disc.file_as(ROOT, "bad", Form::Long, b"content"));
    let at = built.entry(node);
    built.rewrite(at, 176 + 8, &9_u16.to_le_bytes());
    ten_are_fine("partition 9", &built, at, 2048);
}

#[test]
fn a_folder_of_garbage_and_a_folder_of_zeros() {
    for data in [Rng::new(7).bytes(3 * 2048), vec![0; 2048], vec![1; 5000]] {
        let mut place = Location { block: 0, reference: 0 };
        let (mut built, node) = among_ten(|disc| {
            place = disc.blocks(0, &data);
            let folder = disc.folder(ROOT, "bad");
            disc.file(folder, "lost", b"lost");
            folder
        });
        let at = built.entry(node);
        built.rewrite(at, 56, &(data.len() as u64).to_le_bytes());
        built.rewrite(at, 176, &short_ad(RECORDED, data.len() as u32, place.block));
        let survey = ten_are_fine("folder", &built, built.offset(place), data.len());
        assert_eq!(survey.row("bad").kind, Kind::Folder);
    }
}

#[test]
fn a_name_and_its_file_entry_that_disagree() {
    // A file that its name calls a folder, a folder that its name calls a file, and types that mean nothing.
    for (folder, characteristics) in [(false, 2_u8), (true, 0)] {
        let (mut built, node) =
            among_ten(|disc| if folder { disc.folder(ROOT, "bad") } else { disc.file(ROOT, "bad", b"content") });
        let at = built.name(node);
        built.rewrite(at, 18, &[characteristics]);
        let (entry, first) = (built.entry(node), at.min(built.entry(node)));
        let survey = ten_are_fine("disagree", &built, first, entry.max(at) + 2048 - first);
        assert!(survey.rows.contains_key("bad"));
    }
    for file_type in [0, 1, 3, 8, 11, 13, 200, 248, 250, 255] {
        let (mut built, node) = bad_file();
        let at = built.entry(node);
        built.rewrite(at, 27, &[file_type]);
        let (_, tree) = udf(&built.bytes);
        let survey = survey(&tree);
        assert!(GOOD.iter().all(|name| survey.row(name).content == Ok(digest_of(&content_of(name)))), "{file_type}");
        assert!(survey.rows.contains_key("bad"), "{file_type}");
        harmless("file type", &built.bytes);
    }
}

#[test]
fn link_targets_whose_lengths_lie() {
    let good = encode::component(5, &encode::cs0("before"));
    for bad in [vec![5, 255, 0, 0, 8], vec![5, 9], vec![5], vec![9, 0, 0, 0], vec![5, 0, 0, 0], vec![0, 0, 0, 0]] {
        let target = [good.clone(), bad.clone()].concat();
        let (built, node) = among_ten(|disc| {
            let node = disc.add(ROOT, "bad", file_type::SYMLINK, &target);
            disc.set_form(node, Form::Inline);
            node
        });
        let at = built.entry(node);
        let survey = ten_are_fine(&format!("{bad:?}"), &built, at, 2048);
        assert_eq!(survey.row("bad").kind, Kind::Symlink);
    }
    // A target that claims to be as long as a file may be.
    let (mut built, node) = among_ten(|disc| {
        let node = disc.add(ROOT, "bad", file_type::SYMLINK, &[]);
        disc.set_form(node, Form::Long);
        disc.item(node).pieces = vec![Piece::Hole(0x3fff_f800); 20];
        node
    });
    let at = built.entry(node);
    built.rewrite(at, 64, &[0; 8]);
    ten_are_fine("long target", &built, at, 2048);
    harmless("long target", &built.bytes);
}

#[test]
fn extended_attributes_that_lie() {
    let lies: [Vec<u8>; 5] = [
        // Lengths of zero, of less than a header, beyond the area; an attribute of a device that is too short.
        [2048_u32.to_le_bytes(), [1, 0, 0, 0], [0; 4]].concat(),
        [2048_u32.to_le_bytes(), [1, 0, 0, 0], [3, 0, 0, 0]].concat(),
        [2048_u32.to_le_bytes(), [1, 0, 0, 0], [0xff; 4]].concat(),
        [12_u32.to_le_bytes(), [1, 0, 0, 0], [12, 0, 0, 0]].concat(),
        [5_u32.to_le_bytes(), [1, 0, 0, 0], [16, 0, 0, 0], [0xff; 4]].concat(),
    ];
    for (number, lie) in lies.into_iter().enumerate() {
        let (built, node) = among_ten(|disc| {
            let node = disc.file_as(ROOT, "bad", Form::Inline, b"content");
            disc.item(node).attributes = vec![lie.clone(), attributes::implementation_use("*Behind", b"")];
            node
        });
        let (_, tree) = udf(&built.bytes);
        assert_eq!(read(&tree, "bad"), b"content", "lie {number}");
        let (folder, index) = support::udf_look::entry(&tree, "bad");
        let text = support::udf_look::details(&tree.details(&folder, index).unwrap());
        assert!(!text.is_empty());
        assert_eq!(survey(&tree).rows.len(), 11, "lie {number}");
        harmless("attributes", &built.bytes);
        assert!(built.entry(node) > 0);
    }
}

#[test]
fn stream_folders_that_lead_back() {
    let (mut built, node) = among_ten(|disc| {
        let node = disc.file(ROOT, "bad", b"content");
        disc.item(node).extended = true;
        disc.stream(node, "stream", b"stream");
        node
    });
    let at = built.entry(node);
    let whole = built.clone();
    // The stream folder is the file itself, the root, nowhere.
    let own = built.u32(at + 12);
    let root = built.u32(built.entry(ROOT) + 12);
    for block in [own, root, u32::MAX, 0x00ff_ffff] {
        built.rewrite(at, 152 + 4, &block.to_le_bytes());
        let (_, tree) = udf(&built.bytes);
        let survey = survey(&tree);
        assert_eq!(survey.row("bad").content, Ok(digest_of(b"content")), "block {block}");
        harmless("streams", &built.bytes);
        built = whole.clone();
    }
}

#[test]
fn a_folder_that_contains_itself() {
    let mut disc = Disc::plain();
    let folder = disc.folder(ROOT, "folder");
    disc.link(folder, "again", folder);
    disc.link(folder, "top", ROOT);
    disc.file(folder, "file", b"content");
    let built = disc.build();
    let (_, tree) = udf(&built.bytes);
    let survey = survey(&tree);
    assert_eq!(survey.folders, 2);
    assert_eq!(survey.row("folder/file").content, Ok(digest_of(b"content")));
    assert!(survey.says("appears elsewhere"), "{:?}", survey.complaints);
    harmless("folder in itself", &built.bytes);
}

#[test]
fn a_folder_graph_with_two_to_the_thirtieth_paths() {
    let mut disc = Disc::plain();
    let mut here = ROOT;
    for level in 0..30 {
        let next = disc.folder(here, &format!("left{level}"));
        disc.link(here, &format!("right{level}"), next);
        here = next;
    }
    disc.file(here, "bottom", b"reached");
    let built = disc.build();
    let (_, tree) = udf(&built.bytes);
    let survey = survey(&tree);
    assert_eq!(survey.folders, 31);
    assert_eq!(survey.rows.keys().filter(|path| path.ends_with("bottom")).count(), 1);
    harmless("graph", &built.bytes);
}

#[test]
fn three_thousand_levels() {
    let mut disc = Disc::plain();
    let mut here = ROOT;
    for level in 0..3000 {
        here = disc.folder(here, &format!("level{level}"));
    }
    let built = disc.build();
    let (_, tree) = udf(&built.bytes);
    let survey = survey(&tree);
    assert!((256..=3001).contains(&survey.folders), "{} folders", survey.folders);
    assert!(survey.says("levels deep"), "{:?}", survey.complaints);
    harmless("levels", &built.bytes);
}

#[test]
fn extents_that_make_a_large_file_out_of_one_block() {
    // The same block over and over: the file claims far more than the image holds.
    let mut disc = Disc::plain();
    let node = disc.file_as(ROOT, "bomb", Form::Short, b"");
    disc.item(node).pieces = vec![Piece::NotRecorded(2048); 3000];
    let mut built = disc.build();
    assert!(built.allocation(node).len() > 5);
    for at in built.allocation(node) {
        for descriptor in 0..250 {
            let own = built.u32(at + 12);
            built.patch(at + 24 + descriptor * 8, &short_ad(RECORDED, 0x0010_0000, own));
        }
    }
    harmless("bomb", &built.bytes);
}

#[test]
fn two_thousand_allocation_extents() {
    let mut disc = Disc::plain();
    let node = disc.file_as(ROOT, "bad", Form::Short, &content(1, 2000 * 2048));
    (disc.item(node).split, disc.item(node).descriptors_each) = (Some(1), Some(1));
    disc.file(ROOT, "good", b"good");
    let built = disc.build();
    assert!(built.allocation(node).len() > 1024);
    let (_, tree) = udf(&built.bytes);
    assert_eq!(read(&tree, "good"), b"good");
    let survey = survey(&tree);
    let row = survey.row("bad");
    let told = !row.notes.is_empty() || row.content.is_err();
    assert!(told || row.content == Ok(digest_of(&content(1, 2000 * 2048))), "{row:?}");
    harmless("chain", &built.bytes);
}

#[test]
fn a_folder_of_ten_thousand_names_for_one_file() {
    // No more than the one entry is read, and nothing is counted twice.
    let mut disc = Disc::plain();
    let node = disc.file(ROOT, "file", b"content");
    for number in 0..10_000 {
        disc.link(ROOT, &format!("another name, number {number}"), node);
    }
    let built = disc.build();
    let (_, tree) = udf(&built.bytes);
    let started = Instant::now();
    let (survey, peak) = allocator::peak_of(|| survey(&tree));
    assert_eq!(survey.rows.len(), 10_001);
    assert!(survey.rows.values().all(|row| row.content == Ok(digest_of(b"content"))));
    assert!(started.elapsed() < LONGEST && peak < MOST_MEMORY, "{:?}, {peak} bytes", started.elapsed());
}

#[test]
fn no_name_leads_out_of_the_folder_that_is_extracted_to() {
    let mut disc = Disc::plain();
    for name in ["../outside", "..", ".", "/absolute", "a/b", "nul", "back\\slash", "with\0zero", "plain"] {
        disc.file(ROOT, name, b"content");
    }
    let up = disc.folder(ROOT, "../up");
    disc.file(up, "../../up", b"content");
    let link = disc.symlink(ROOT, "link", "/etc");
    disc.set_form(link, Form::Inline);
    let (_, tree) = udf(&disc.build().bytes);
    let place = tempfile::tempdir().unwrap();
    let destination = Destination::create(&place.path().join("out")).unwrap();
    let plan = Plan::make(&tree, &Selection::Everything, OnConflict::KeepBoth, &destination, &mut |_| {}).unwrap();
    extract::run(&Arc::new(plan), &destination, Durability::Never, &mut |_| {}, &|| false).unwrap();
    let beside: Vec<_> = std::fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(beside, ["out"]);
    let written = std::fs::read_dir(destination.path()).unwrap().map(|entry| entry.unwrap());
    let (mut files, mut folders) = (0, 0);
    for entry in written {
        let kind = entry.file_type().unwrap();
        assert!(!kind.is_symlink(), "{entry:?}");
        if kind.is_dir() {
            folders += 1;
            assert_eq!(std::fs::read_dir(entry.path()).unwrap().count(), 1);
        } else {
            files += 1;
            assert_eq!(std::fs::read(entry.path()).unwrap(), b"content");
        }
    }
    assert_eq!((files, folders), (9, 1));
}
