//! UDF volumes that lie: descriptors, partition maps, tables of allocation, and whatever leads in a circle. What could keep
//! a reader busy for ever, or ask it for memory without end, ends at once, and that is said.

mod support;

use isoscope::disc::tree::TreeKind;
use support::allocator;
use support::harmless::harmless;
use support::rng::Rng;
use support::survey::open;
use support::udf_builder::build::Built;
use support::udf_builder::encode::{self, Location, RECORDED, extent_ad, long_ad, short_ad};
use support::udf_builder::node::ROOT;
use support::udf_builder::sample::content;
use support::udf_builder::{Disc, Kind as Map, icb};
use support::udf_look::{names, read, udf};

#[global_allocator]
static METER: allocator::Counting = allocator::Counting;

/// Damages a descriptor in both sequences, and says whether the volume still opens.
fn in_both(mut built: Built, identifier: u16, field: usize, bytes: &[u8]) -> Built {
    for reserve in [false, true] {
        let at = built.descriptor(identifier, reserve);
        built.rewrite(at, field, bytes);
    }
    built
}

fn one_file(kind: Map) -> Built {
    let mut disc = Disc::new(kind, 2048, 0x250);
    disc.file(ROOT, "file", b"content");
    let folder = disc.folder(ROOT, "folder");
    disc.file(folder, "inside", &content(1, 9000));
    disc.build()
}

/// Everything that a volume descriptor can say, said wrongly.
#[test]
fn volume_descriptors_that_lie() {
    let huge = u32::MAX.to_le_bytes();
    let lies: [(u16, usize, &[u8]); 22] = [
        // Logical volume: block size, map table length, number of maps, maps, file set, integrity sequence.
        (6, 212, &[0; 4]),
        (6, 212, &[1, 0, 0, 0]),
        (6, 212, &[3, 8, 0, 0]),
        (6, 212, &[0, 0, 0, 0x80]),
        (6, 212, &huge),
        (6, 264, &huge),
        (6, 264, &[1, 0, 0, 0]),
        (6, 268, &huge),
        (6, 268, &[0; 4]),
        (6, 440, &[1, 0]),
        (6, 440, &[2, 1]),
        (6, 440, &[9, 255]),
        (6, 444, &[0xff; 2]),
        (6, 248, &[0xff; 16]),
        (6, 252, &[0, 0, 0, 0, 9, 0]),
        (6, 432, &huge),
        (6, 436, &huge),
        // Partition: number, start, length.
        (5, 22, &[7, 0]),
        (5, 188, &huge),
        (5, 188, &[0; 4]),
        (5, 192, &huge),
        (5, 192, &[0; 4]),
    ];
    for kind in [Map::Physical, Map::Virtual, Map::Sparable, Map::Metadata] {
        for (identifier, field, bytes) in lies {
            let what = format!("{kind:?}: byte {field} of descriptor {identifier} is {bytes:?}");
            let built = in_both(one_file(kind), identifier, field, bytes);
            harmless(&what, &built.bytes);
            match open(&built.bytes) {
                Ok(image) => {
                    let sound = image.tree(TreeKind::Udf).is_some_and(|tree| names(tree, "") == ["file", "folder"]);
                    let said = image.diagnostics().items().len();
                    assert!(sound || said > 0, "{what}: nothing is said");
                }
                Err(error) => assert!(error.sentence().len() > 10, "{what}: {error}"),
            }
        }
    }
}

#[test]
fn partition_maps_that_lie() {
    let huge = u32::MAX.to_le_bytes();
    // Bytes of a map of type 2, which is the second but for the sparable partition.
    let sparable: [(usize, &[u8]); 8] = [
        (40, &[0, 0]),
        (40, &[1, 0]),
        (40, &[0xff; 2]),
        (42, &[0]),
        (42, &[255]),
        (44, &huge),
        (48, &huge),
        (48, &[0; 8]),
    ];
    let metadata: [(usize, &[u8]); 5] = [(40, &huge), (44, &huge), (40, &[0; 12]), (38, &[9, 0]), (40, &[1, 0, 0, 0])];
    let virtual_map: [(usize, &[u8]); 3] = [(38, &[9, 0]), (36, &[9, 0]), (5, b"*UDF Nothing known\0")];
    for (kind, at, lies) in [
        (Map::Sparable, 440, &sparable[..]),
        (Map::Metadata, 446, &metadata[..]),
        (Map::Virtual, 446, &virtual_map[..]),
    ] {
        for (field, bytes) in lies {
            let what = format!("{kind:?}: byte {field} of the map is {bytes:?}");
            let built = in_both(one_file(kind), 6, at + field, bytes);
            harmless(&what, &built.bytes);
            if let Err(error) = open(&built.bytes) {
                assert!(error.sentence().len() > 10, "{what}: {error}");
            }
        }
    }
}

#[test]
fn three_hundred_partitions_and_three_hundred_volumes() {
    let mut disc = Disc::plain();
    disc.file(ROOT, "file", b"content");
    let template = disc.build();
    let bytes_of = |identifier: u16| {
        let at = template.descriptor(identifier, false);
        template.bytes[at + 16..at + 16 + usize::from(template.u16(at + 10))].to_vec()
    };
    // They stand behind one another in a sequence of sixteen sectors that claims to be longer.
    let (partition, volume) = (bytes_of(5), bytes_of(6));
    let mut bytes = template.bytes.clone();
    let sequence = bytes.len() / 2048;
    for number in 0..300_u16 {
        let mut body = partition.clone();
        body[6..8].copy_from_slice(&(number + 1).to_le_bytes());
        bytes.extend(sealed(5, &body, bytes.len() / 2048));
        let mut body = volume.clone();
        body[68..196].copy_from_slice(&encode::dstring(&format!("Volume {number}"), 128));
        bytes.extend(sealed(6, &body, bytes.len() / 2048));
    }
    let length = (bytes.len() - sequence * 2048) as u32;
    for anchor in &template.anchors {
        let extent = extent_ad(length, sequence as u32);
        bytes[anchor + 16..anchor + 24].copy_from_slice(&extent);
        bytes[anchor + 24..anchor + 32].copy_from_slice(&extent);
        encode::reseal(&mut bytes[*anchor..]);
    }
    harmless("300 partitions", &bytes);
    if let Ok(image) = open(&bytes) {
        assert!(image.trees().len() <= 64, "{} trees", image.trees().len());
        assert!(!image.diagnostics().is_empty());
    }
}

fn sealed(identifier: u16, body: &[u8], sector: usize) -> Vec<u8> {
    let mut bytes = [&[0; 16], body].concat();
    encode::seal(&mut bytes, identifier, 3, sector as u32);
    bytes.resize(2048, 0);
    bytes
}

#[test]
fn pointers_of_the_descriptor_sequence_that_lead_in_a_circle() {
    for loops_to_itself in [true, false] {
        let mut disc = Disc::plain();
        disc.pointer = true;
        disc.file(ROOT, "file", b"content");
        let mut built = disc.build();
        for reserve in [false, true] {
            let pointer = built.descriptor(3, reserve);
            let first = built.descriptor(1, reserve);
            let further = built.u32(pointer + 24);
            if loops_to_itself {
                built.rewrite(pointer, 24, &((pointer / 2048) as u32).to_le_bytes());
            } else {
                // The last descriptor of the second sequence leads back to the first.
                let last = sealed(
                    3,
                    &[[0; 4].as_slice(), &extent_ad(16 * 2048, (first / 2048) as u32)].concat(),
                    further as usize + 5,
                );
                built.patch((further as usize + 5) * 2048, &last);
            }
        }
        harmless("pointers", &built.bytes);
        match open(&built.bytes) {
            Ok(image) => assert!(loops_to_itself || names(image.tree(TreeKind::Udf).unwrap(), "") == ["file"]),
            Err(error) => assert!(loops_to_itself && error.sentence().len() > 10, "{error}"),
        }
    }
}

#[test]
fn a_chain_of_ten_thousand_pointers() {
    let mut disc = Disc::plain();
    disc.file(ROOT, "file", b"content");
    let built = disc.build();
    let mut bytes = built.bytes.clone();
    let first = bytes.len() / 2048;
    for number in 0..10_000 {
        let next = extent_ad(2048, (first + number + 1) as u32);
        bytes.extend(sealed(3, &[[0; 4].as_slice(), &next].concat(), first + number));
    }
    for anchor in &built.anchors {
        let extent = extent_ad(2048, first as u32);
        bytes[anchor + 16..anchor + 32].copy_from_slice(&[extent.clone(), extent].concat());
        encode::reseal(&mut bytes[*anchor..]);
    }
    harmless("chain", &bytes);
}

#[test]
fn anchors_whose_extents_lie() {
    for (length, sector) in [(u32::MAX, 0), (u32::MAX, u32::MAX), (0, 0), (2048, 0x00ff_ffff), (1, 48)] {
        let mut built = one_file(Map::Physical);
        for anchor in built.anchors.clone() {
            built.rewrite(anchor, 16, &extent_ad(length, sector));
        }
        // The reserve sequence is still there.
        let (_, tree) = udf(&built.bytes);
        assert_eq!(names(&tree, ""), ["file", "folder"], "{length} bytes at {sector}");
        for anchor in built.anchors.clone() {
            built.rewrite(anchor, 24, &extent_ad(length, sector));
        }
        harmless("anchors", &built.bytes);
        assert!(open(&built.bytes).is_err());
    }
}

#[test]
fn integrity_descriptors_that_lie() {
    let huge = u32::MAX.to_le_bytes();
    for (field, bytes) in [(72, huge), (76, huge), (28, huge), (32, huge), (36, huge)] {
        let mut built = one_file(Map::Physical);
        let at = built.integrity;
        built.rewrite(at, field, &bytes);
        let (_, tree) = udf(&built.bytes);
        assert_eq!(read(&tree, "file"), b"content", "byte {field}");
        harmless("integrity", &built.bytes);
    }
    // The next extent is where it stands itself.
    let mut built = one_file(Map::Physical);
    let at = built.integrity;
    built.rewrite(at, 32, &extent_ad(2048, (at / 2048) as u32));
    let (_, tree) = udf(&built.bytes);
    assert_eq!(read(&tree, "file"), b"content");
    harmless("integrity", &built.bytes);
}

#[test]
fn a_file_set_that_lies() {
    let built = one_file(Map::Physical);
    let set = built.set;
    // The root's ICB outside; the next extent is the file set itself.
    let own = Location { block: built.u32(set + 12), reference: 0 };
    for (field, bytes) in [
        (400, long_ad(RECORDED, 2048, Location { block: u32::MAX, reference: 0 }, 0)),
        (400, long_ad(RECORDED, 2048, Location { block: 0, reference: 99 }, 0)),
        (400, vec![0; 16]),
        (400, long_ad(RECORDED, 2048, own, 0)),
        (448, long_ad(RECORDED, 2048, own, 0)),
        (448, long_ad(RECORDED, 2048, Location { block: u32::MAX, reference: 9 }, 0)),
        (464, long_ad(RECORDED, 2048, own, 0)),
    ] {
        let mut lying = built.clone();
        lying.rewrite(set, field, &bytes);
        harmless("file set", &lying.bytes);
        if field > 400 {
            let (_, tree) = udf(&lying.bytes);
            assert_eq!(names(&tree, ""), ["file", "folder"]);
        }
    }
}

#[test]
fn a_root_whose_entry_is_its_own_indirect_entry() {
    let mut disc = Disc::plain();
    disc.file(ROOT, "file", b"content");
    let mut built = disc.build();
    let at = built.entry(ROOT);
    let block = built.u32(at + 12);
    let mut entry = [vec![0; 36], long_ad(RECORDED, 2048, Location { block, reference: 0 }, 0)].concat();
    entry[20..22].copy_from_slice(&4_u16.to_le_bytes());
    entry[24..28].copy_from_slice(&[1, 0, 0, 3]);
    encode::seal(&mut entry, 259, 3, block);
    built.patch(at, &entry);
    harmless("root", &built.bytes);
    if let Err(error) = open(&built.bytes) {
        assert_eq!(error.offset(), Some(at as u64), "{error}");
    }
}

/// A disc with three sessions.
fn sessions(revision: u16) -> Built {
    let mut disc = Disc::new(Map::Virtual, 2048, revision);
    disc.file(ROOT, "first", b"1");
    disc.session();
    disc.file(ROOT, "second", b"2");
    disc.session();
    disc.file(ROOT, "third", b"3");
    disc.build()
}

#[test]
fn virtual_allocation_tables_that_lead_back() {
    for revision in [0x150, 0x200] {
        let built = sessions(revision);
        let block = |at: usize| ((at - built.partitions[0]) / 2048) as u32;
        // Where the previous table is named: behind the entries, or at byte 132.
        let field = |built: &Built, at: usize| {
            if revision < 0x200 { at + 176 + built.u32(at + 172) as usize - 4 } else { at + 176 + 132 }
        };
        for (from, to) in [(0, 0), (0, 2), (1, 1), (1, 2), (2, 2)] {
            let mut circle = built.clone();
            let (at, previous) = (built.vats[from], block(built.vats[to]));
            circle.rewrite(at, field(&built, at) - at, &previous.to_le_bytes());
            harmless("tables", &circle.bytes);
            let (image, tree) = udf(&circle.bytes);
            assert_eq!(names(&tree, ""), ["first", "second", "third"], "{from} leads to {to}");
            assert!(image.sessions().len() <= 3);
        }
        for previous in [u32::MAX - 1, 0x00ff_ffff, 0] {
            let mut lying = built.clone();
            let at = built.vats[2];
            lying.rewrite(at, field(&built, at) - at, &previous.to_le_bytes());
            let (_, tree) = udf(&lying.bytes);
            assert_eq!(names(&tree, ""), ["first", "second", "third"], "previous at {previous}");
            harmless("previous", &lying.bytes);
        }
    }
}

#[test]
fn a_virtual_allocation_table_that_lies() {
    let built = sessions(0x200);
    let at = *built.vats.last().unwrap();
    let lies: [(usize, Vec<u8>); 9] = [
        (56, vec![0; 8]),
        (56, (1_u64 << 40).to_le_bytes().to_vec()),
        (56, u64::MAX.to_le_bytes().to_vec()),
        (172, u32::MAX.to_le_bytes().to_vec()),
        // Length of the header, length of its implementation use.
        (176, vec![0, 0]),
        (176, vec![0xff, 0xff]),
        (178, vec![0xff, 0xff]),
        // Entries: all leading to the file entry of the table itself, or nowhere.
        (176 + 152, ((at - built.partitions[0]) as u32 / 2048).to_le_bytes().repeat(4)),
        (176 + 152, u32::MAX.to_le_bytes().repeat(4)),
    ];
    for (field, bytes) in lies {
        let mut lying = built.clone();
        lying.rewrite(at, field, &bytes);
        harmless(&format!("byte {field}"), &lying.bytes);
        match open(&lying.bytes) {
            Ok(image) => {
                let whole = image
                    .tree(TreeKind::Udf)
                    .is_some_and(|tree| tree.read_folder(tree.root()).is_ok_and(|folder| folder.entries().len() == 3));
                assert!(whole || !image.diagnostics().is_empty(), "byte {field} is {bytes:?}: nothing is said");
            }
            Err(error) => assert!(error.offset().is_some(), "byte {field}: {error}"),
        }
    }
}

#[test]
fn a_disc_whose_table_is_missing_is_explained() {
    let mut disc = Disc::new(Map::Virtual, 2048, 0x201);
    disc.file(ROOT, "file", b"content");
    disc.without_vat = true;
    let built = disc.build();
    harmless("no table", &built.bytes);
    match open(&built.bytes) {
        Ok(image) => {
            let said = image.diagnostics().items().iter().any(|item| item.message.to_lowercase().contains("virtual"));
            assert!(said, "{:?}", image.diagnostics().items());
        }
        Err(error) => assert!(error.to_string().to_lowercase().contains("virtual"), "{error}"),
    }
}

#[test]
fn sparing_tables_that_lie() {
    let mut disc = Disc::new(Map::Sparable, 2048, 0x201);
    disc.file(ROOT, "file", b"content");
    disc.spared = vec![0];
    let built = disc.build();
    let lies: [(usize, Vec<u8>); 5] = [
        (48, vec![0xff, 0xff]),
        (48, vec![0, 0]),
        // A packet that is elsewhere at itself, nowhere, at the end of all numbers.
        (60, ((built.partitions[0] / 2048) as u32).to_le_bytes().to_vec()),
        (60, vec![0; 4]),
        (60, vec![0xf0, 0xff, 0xff, 0xff]),
    ];
    for (field, bytes) in lies {
        let mut lying = built.clone();
        for at in built.sparing {
            lying.rewrite(at, field, &bytes);
        }
        harmless(&format!("byte {field}"), &lying.bytes);
        if let Err(error) = open(&lying.bytes) {
            assert!(error.offset().is_some(), "{error}");
        }
    }
}

#[test]
fn metadata_files_that_lie() {
    let built = one_file(Map::Metadata);
    let block = |at: usize| ((at - built.partitions[0]) / 2048) as u32;
    let main = built.metadata[0];
    let lies: [(usize, Vec<u8>); 7] = [
        (56, (1_u64 << 60).to_le_bytes().to_vec()),
        (56, vec![0; 8]),
        (27, vec![5]),
        // Its only extent is its own file entry, endless, or goes on in itself.
        (216, short_ad(RECORDED, 2048, block(main))),
        (216, short_ad(RECORDED, 0x3fff_f800, 0)),
        (216, short_ad(encode::NEXT, 2048, block(main))),
        (216, short_ad(encode::HOLE, 0x3fff_f800, 0)),
    ];
    for (field, bytes) in lies {
        for both in [false, true] {
            let mut lying = built.clone();
            for at in if both { &built.metadata[..2] } else { &built.metadata[..1] } {
                lying.rewrite(*at, field, &bytes);
            }
            harmless(&format!("byte {field}, both: {both}"), &lying.bytes);
            match open(&lying.bytes) {
                Ok(image) => {
                    let whole = image.tree(TreeKind::Udf).is_some_and(|tree| names(tree, "") == ["file", "folder"]);
                    assert!(whole || !image.diagnostics().is_empty(), "byte {field}, both: {both}");
                    assert!(whole || both, "byte {field}: the mirror is sound: {:?}", image.diagnostics().items());
                }
                Err(error) => assert!(both && error.offset().is_some(), "byte {field}: {error}"),
            }
        }
    }
}

#[test]
fn garbage_with_right_checksums_does_no_harm() {
    // Fields of all descriptors at random, sealed: what a mutation that breaks the checksum never reaches.
    let mut rng = Rng::new(42);
    for kind in [Map::Physical, Map::Virtual, Map::Sparable, Map::Metadata] {
        let mut disc = Disc::new(kind, 2048, 0x250);
        let folder = disc.folder(ROOT, "folder");
        let nodes = [folder, disc.file(folder, "file", &content(1, 9000)), disc.symlink(ROOT, "link", "a/b"), ROOT];
        disc.item(nodes[1]).descriptors_each = Some(1);
        disc.item(nodes[1]).split = Some(1);
        let built = disc.build();
        let mut places: Vec<usize> = nodes.iter().map(|node| built.entry(*node)).collect();
        places.extend(built.allocation(nodes[1]));
        places.extend([built.name(folder), built.name(nodes[1]), built.parent(ROOT), built.set, built.integrity]);
        places.extend([1, 5, 6].map(|identifier| built.descriptor(identifier, false)));
        places.extend(&built.vats);
        if kind == Map::Metadata {
            places.extend(&built.metadata[..2]);
        }
        if kind == Map::Sparable {
            places.extend(built.sparing);
        }
        for _ in 0..400 {
            let mut lying = built.clone();
            for _ in 0..1 + rng.below(3) {
                let at = *rng.pick(&places);
                let length = 16 + usize::from(built.u16(at + 10));
                let field = 16 + rng.below(length - 16);
                let value =
                    *rng.pick(&[0_u32, 1, 2, 3, 0xff, 0x100, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0xffff, 2048, 5]);
                let width = (1 + rng.below(4)).min(length - field);
                lying.rewrite(at, field, &value.to_le_bytes()[..width]);
            }
            harmless(&format!("{kind:?}"), &lying.bytes);
        }
    }
    assert_eq!(icb::permissions(0o777), 0x1ce7);
}
