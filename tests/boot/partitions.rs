//! Partition tables as real tools write them: read as those tools, and others, read them; damaged, cut off, and on media
//! that fail.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::support::rng::Rng;
use crate::support::sources::{FailingSource, TruncatedSource, memory};
use crate::support::{fixtures, peers};
use isoscope::disc::partition::{self, Partition, PartitionTables, Scheme};
use isoscope::disc::source::MemorySource;
use isoscope::disc::{Diagnostics, Source};

fn read(source: &Arc<dyn Source>) -> (Vec<Partition>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let partitions = partition::read(source, &mut diagnostics).unwrap();
    (partitions, diagnostics)
}

/// Label, first byte and length of each partition.
fn listed(partitions: &[Partition]) -> Vec<(String, u64, u64)> {
    partitions.iter().map(|it| (it.label(), it.extent.offset, it.extent.length)).collect()
}

/// Tells whoever runs the test with `--nocapture`.
#[expect(clippy::print_stdout, reason = "a test has nowhere else to say what it leaves out")]
fn say(text: &str) {
    println!("{text}");
}

#[test]
fn a_disc_for_usb_sticks_has_three_tables_over_the_same_bytes() {
    let (partitions, diagnostics) = read(&fixtures::source("x-isohybrid.iso"));
    let (all, uefi) = ((0, 1 << 20), (73_728, 64 << 10));
    let expected = [
        ("MBR 1: no type", all),
        ("MBR 2: EFI system partition", uefi),
        ("GPT 1: basic data", (0, 1992 * 512)),
        ("GPT 2: basic data", uefi),
        ("APM 2: Apple_HFS", uefi),
    ];
    let expected: Vec<_> = expected.map(|(label, (offset, length))| (label.to_owned(), offset, length)).to_vec();
    assert_eq!(listed(&partitions), expected);
    assert!(diagnostics.is_empty(), "{:?}", diagnostics.items());
    let names: Vec<_> = partitions.iter().map(|it| (&*it.name, it.active)).collect();
    assert_eq!(names, [("", true), ("", false), ("ISOHybrid", false), ("ISOHybrid1", false), ("EFI", false)]);
    assert_eq!(partitions[1].file_name(), "mbr-2-efi-system-partition.img");
    assert_eq!(partitions[4].file_name(), "apm-2-apple-hfs.img");
}

#[test]
fn an_entry_that_protects_a_gpt_is_left_out() {
    let source = fixtures::source("x-boot-appended-gpt.iso");
    let (partitions, diagnostics) = read(&source);
    assert!(diagnostics.is_empty(), "{:?}", diagnostics.items());
    assert!(partitions.iter().all(|it| it.scheme == Scheme::Gpt), "{:?}", listed(&partitions));
    let appended = partitions.iter().find(|it| it.kind == "EFI system partition").unwrap();
    assert_eq!(appended.name, "Appended2");
    // The partition begins with the boot sector of its FAT file system.
    let mut sector = [0; 512];
    assert_eq!(appended.open(&source).read_at(0, &mut sector).unwrap(), 512);
    assert_eq!((&sector[3..11], &sector[510..]), (&b"FIXTURE "[..], &[0x55, 0xaa][..]));
}

#[test]
fn hybrids_with_hfs_have_an_apple_partition_map() {
    let found = |name: &str| {
        let source = fixtures::source(name);
        let (partitions, diagnostics) = read(&source);
        assert!(diagnostics.is_empty(), "{name}: {:?}", diagnostics.items());
        let hfs = partitions.iter().find(|it| it.type_id == "Apple_HFS").unwrap().clone();
        let mut signature = [0; 2];
        hfs.open(&source).read_at(1024, &mut signature).unwrap();
        (hfs.name, signature)
    };
    assert_eq!(found("g-hfs-part.iso"), ("FIXTURE".to_owned(), *b"BD"));
    assert_eq!(found("x-hfsplus.iso"), ("HFSPLUS_Hybrid".to_owned(), *b"H+"));
}

#[test]
fn discs_without_tables_have_no_partitions() {
    for name in ["x-rock-ridge-joliet.iso", "g-level1.iso", "g-hfs-hybrid.iso", "g-boot-disk.iso"] {
        let (partitions, diagnostics) = read(&fixtures::source(name));
        assert!(partitions.is_empty() && diagnostics.is_empty(), "{name}: {:?}", listed(&partitions));
    }
}

/// The partitions of an image in a file, as scheme, number, first block and number of blocks of 512 bytes.
type Blocks = BTreeSet<(Scheme, u32, u64, u64)>;

fn ours(image: &Path) -> Blocks {
    let source: Arc<dyn Source> = Arc::new(isoscope::disc::source::FileSource::open(image).unwrap());
    let (partitions, diagnostics) = read(&source);
    assert!(diagnostics.is_empty(), "{}: {:?}", image.display(), diagnostics.items());
    blocks(&partitions)
}

fn blocks(partitions: &[Partition]) -> Blocks {
    partitions.iter().map(|it| (it.scheme, it.number, it.extent.offset / 512, it.extent.length / 512)).collect()
}

/// What sfdisk reads, with the type of each partition.
fn sfdisk(folder: &Path, image: &str, scheme: Scheme) -> Vec<(Scheme, u32, u64, u64, String)> {
    let text = peers::run(folder, "sfdisk", &["-J", image]);
    let json: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let partitions = json["partitiontable"]["partitions"].as_array().unwrap();
    let unit = json["partitiontable"]["sectorsize"].as_u64().unwrap_or(512) / 512;
    let number = |node: &str| node.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap();
    let row = |it: &serde_json::Value| {
        let (start, size) = (it["start"].as_u64().unwrap(), it["size"].as_u64().unwrap());
        let node = it["node"].as_str().unwrap();
        (scheme, number(node), start * unit, size * unit, it["type"].as_str().unwrap().to_lowercase())
    };
    partitions.iter().map(row).collect()
}

/// True where the tools of Linux for partitions can be installed.
fn has_partitioning_tools() -> bool {
    if !cfg!(target_os = "linux") {
        say("sfdisk and sgdisk exist on Linux only: nothing is compared with them");
    }
    cfg!(target_os = "linux")
}

#[test]
fn tables_of_sfdisk_are_read_as_sfdisk_reads_them() {
    if !has_partitioning_tools() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let scripts = [
        ("primary", "label: dos\n2048,100,L,*\n4096,512,0c\n8192,1024,07\n10240,,af\n"),
        ("logical", "label: dos\n2048,1000,83\n4096,,05\n5000,100,83\n6000,200,82\n7000,300,07\n8000,,b\n"),
        (
            "logical-first",
            "label: dos\nx1 : start=4096, size=8000, type=f\nx2 : start=2048, size=1000, type=ef\n\
             x5 : start=5000, size=100, type=83\nx6 : start=6000, size=200, type=82\n",
        ),
        (
            "gpt",
            "label: gpt\n2048,100,U\nstart=4096, size=512, type=L, name=\"Two words\"\n8192,,48465300-0000-11AA-AA11-00306543ECAC\n",
        ),
    ];
    for (name, script) in scripts {
        let image = folder.path().join(name);
        std::fs::File::create(&image).unwrap().set_len(8 << 20).unwrap();
        std::fs::write(folder.path().join("script"), script).unwrap();
        peers::run(folder.path(), "sh", &["-c", &format!("sfdisk -q {name} < script")]);
        let scheme = if name == "gpt" { Scheme::Gpt } else { Scheme::Mbr };
        let theirs = sfdisk(folder.path(), name, scheme);
        assert!(theirs.len() >= 3, "{name}: {theirs:?}");
        let extended = |kind: &str| scheme == Scheme::Mbr && matches!(kind, "5" | "f");
        let plain = theirs.iter().filter(|it| !extended(&it.4)).map(|it| (it.0, it.1, it.2, it.3));
        assert_eq!(ours(&image), plain.collect(), "{name}");
        // Types, as each writes them.
        let source: Arc<dyn Source> = Arc::new(isoscope::disc::source::FileSource::open(&image).unwrap());
        for partition in read(&source).0 {
            let (.., kind) = theirs.iter().find(|it| it.1 == partition.number).unwrap();
            assert_eq!(
                partition.type_id.trim_start_matches("0x").trim_start_matches('0'),
                kind.trim_start_matches('0')
            );
            assert_ne!(partition.kind, "unknown type", "{kind}");
        }
    }
}

#[test]
fn tables_of_sgdisk_are_read_as_sgdisk_reads_them() {
    if !has_partitioning_tools() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let types = ["ef00", "8300", "8200", "0700", "af00", "a503", "8e00", "ef02", "0c01", "fd00", "bf01", "2700"];
    let name = "disk";
    let image = folder.path().join(name);
    std::fs::File::create(&image).unwrap().set_len(16 << 20).unwrap();
    let mut arguments = vec!["-o".to_owned()];
    for (number, kind) in (1..).zip(types) {
        let new = format!("--new={number}:{}:+256K", 2048 * number);
        arguments.extend([new, format!("--typecode={number}:{kind}"), format!("--change-name={number}:Name {kind}")]);
    }
    arguments.push(name.to_owned());
    peers::run(folder.path(), "sgdisk", &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let text = peers::run(folder.path(), "sgdisk", &["-p", name]);
    let theirs: Blocks = String::from_utf8(text)
        .unwrap()
        .lines()
        .skip_while(|line| !line.starts_with("Number"))
        .skip(1)
        .map(|line| {
            let numbers: Vec<u64> = line.split_whitespace().take(3).map(|word| word.parse().unwrap()).collect();
            (Scheme::Gpt, numbers[0] as u32, numbers[1], numbers[2] - numbers[1] + 1)
        })
        .collect();
    assert_eq!(theirs.len(), types.len());
    assert_eq!(ours(&image), theirs);
    let mut bytes = std::fs::read(&image).unwrap();
    for partition in read(&memory(&bytes)).0 {
        assert_eq!(partition.name, format!("Name {}", types[partition.number as usize - 1]));
        assert_ne!(partition.kind, "unknown type", "{}", partition.name);
    }
    // The primary copy overwritten: the backup lists the same, and that is told.
    bytes[512..1024].fill(0);
    let (partitions, diagnostics) = read(&memory(&bytes));
    assert_eq!(blocks(&partitions).into_iter().filter(|it| it.0 == Scheme::Gpt).collect::<Blocks>(), theirs);
    assert!(diagnostics.items().iter().any(|item| item.message.contains("backup")), "{:?}", diagnostics.items());
}

/// What sgdisk thinks of an image, and the partitions that it reads.
fn sgdisk(folder: &Path, image: &str) -> (String, Blocks) {
    let output = |argument: &str| peers::output(folder, "sgdisk", &[argument, image]);
    let rows = String::from_utf8(output("-p").stdout).unwrap();
    let rows = rows.lines().skip_while(|line| !line.starts_with("Number")).skip(1);
    let rows = rows.map(|line| {
        let numbers: Vec<u64> = line.split_whitespace().take(3).map(|word| word.parse().unwrap()).collect();
        (Scheme::Gpt, numbers[0] as u32, numbers[1], numbers[2] - numbers[1] + 1)
    });
    let verdict = output("-v");
    let verdict = [verdict.stderr, verdict.stdout].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (verdict, rows.collect())
}

#[test]
fn damaged_copies_of_a_gpt_are_told_where_sgdisk_tells_them_and_the_same_partitions_are_read() {
    if !has_partitioning_tools() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("disk");
    std::fs::File::create(&image).unwrap().set_len(4 << 20).unwrap();
    let new = ["-o", "--new=1:2048:+1M", "--typecode=1:ef00", "--new=2:5000:+512K", "disk"];
    peers::run(folder.path(), "sgdisk", &new);
    let whole = std::fs::read(&image).unwrap();
    let last = whole.len() - 512;
    let flipped = |at: &[usize]| {
        let mut bytes = whole.clone();
        at.iter().for_each(|at| bytes[*at] ^= 1);
        bytes
    };
    let longer = [whole.clone(), vec![0; 1 << 20]].concat();
    // What is damaged, what sgdisk says of it, and what Isoscope says.
    let cases = [
        ("nothing", whole.clone(), "No problems found", None),
        ("header", flipped(&[512 + 16]), "Main header: ERROR", Some("The checksum of the GPT header is wrong")),
        (
            "entries",
            flipped(&[1024 + 56]),
            "Main partition table: ERROR",
            Some("The checksum of the entries of the GPT is wrong"),
        ),
        (
            "backup header",
            flipped(&[last + 16]),
            "Backup header: ERROR",
            Some("The checksum of the GPT header is wrong"),
        ),
        ("longer image", longer, "secondary header", None),
    ];
    for (what, bytes, theirs, ours_says) in cases {
        std::fs::write(&image, &bytes).unwrap();
        let (verdict, partitions) = sgdisk(folder.path(), "disk");
        assert!(verdict.contains(theirs), "{what}: {verdict}");
        assert_eq!(what == "nothing", !verdict.contains("ERROR") && !verdict.contains("Problem"), "{what}: {verdict}");
        let (read, diagnostics) = read(&memory(&bytes));
        let read: Blocks = blocks(&read).into_iter().filter(|it| it.0 == Scheme::Gpt).collect();
        assert_eq!(read.len(), 2, "{what}");
        assert_eq!(read, partitions, "{what}: {verdict}");
        let said: Vec<_> = diagnostics.items().iter().map(|item| item.message.as_str()).collect();
        match ours_says {
            Some(sentence) => assert!(said.contains(&sentence), "{what}: {said:?}"),
            None if theirs.starts_with("No") => assert!(said.is_empty(), "{what}: {said:?}"),
            None => {}
        }
    }
}

/// What xorriso says of the system area, in blocks of 512 bytes, with its own numbers of the Apple partition map, which
/// do not count the map itself.
fn xorriso(folder: &Path, image: &str) -> Blocks {
    let text = peers::output(folder, "xorriso", &["-no_rc", "-indev", image, "-report_system_area", "plain"]).stdout;
    let text = String::from_utf8(text).unwrap();
    let mut apm_unit = 512;
    let mut blocks = Blocks::new();
    for line in text.lines() {
        let Some((title, rest)) = line.split_once(':') else { continue };
        let words: Vec<&str> = rest.split_whitespace().collect();
        let number = |at: usize| words[at].parse::<u64>().unwrap();
        match title.trim_end() {
            "APM block size" => apm_unit = number(0),
            "MBR partition" if words[2] != "0xee" => {
                blocks.insert((Scheme::Mbr, number(0) as u32, number(3), number(4)));
            }
            "GPT start and size" => {
                blocks.insert((Scheme::Gpt, number(0) as u32, number(1), number(2)));
            }
            "APM start and size" => {
                let unit = apm_unit / 512;
                blocks.insert((Scheme::Apm, number(0) as u32 + 1, number(1) * unit, number(2) * unit));
            }
            _ => {}
        }
    }
    blocks
}

#[test]
fn discs_are_read_as_xorriso_reads_them() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["x-isohybrid.iso", "x-boot-appended-gpt.iso", "g-hfs-part.iso", "x-hfsplus.iso"];
    let mut images: Vec<(String, Vec<u8>)> =
        names.iter().map(|name| ((*name).to_owned(), fixtures::bytes(name))).collect();
    if let Some(corpus) = std::env::var_os("ISOSCOPE_CORPUS").filter(|value| !value.is_empty()) {
        let corpus = Path::new(&corpus);
        for name in [
            "made--x_isohybrid_gpt.iso",
            "made--x_appended_gpt.iso",
            "made--x_hfsplus.iso",
            "coreos-installer--embed-areas-2022-09.iso",
            "isolyzer--iso9660_hfs_part.iso",
            "isolyzer--iso9660_udf_hfs.iso",
        ] {
            images.push((name.to_owned(), peers::run(corpus, "xz", &["-dc", &format!("{name}.xz")])));
        }
    } else {
        say("ISOSCOPE_CORPUS is not set: the images of others are not looked at");
    }
    for (name, bytes) in images {
        std::fs::write(folder.path().join(&name), &bytes).unwrap();
        let theirs = xorriso(folder.path(), &name);
        assert!(!theirs.is_empty(), "{name}");
        assert_eq!(ours(&folder.path().join(&name)), theirs, "{name}");
    }
}

/// What protects a GPT comes to light when the GPT cannot be read; nothing else may be made up.
fn is_protective(partition: &(Scheme, u32, u64, u64)) -> bool {
    partition.0 == Scheme::Mbr && partition.2 == 1
}

#[test]
fn tables_of_discs_that_are_cut_off_are_still_read() {
    for name in ["x-isohybrid.iso", "x-boot-appended-gpt.iso", "g-hfs-part.iso", "x-hfsplus.iso"] {
        let whole = fixtures::source(name);
        let complete = blocks(&read(&whole).0);
        for len in (0..whole.len()).step_by(512).take(256).chain((0..whole.len()).step_by(10_240)) {
            let cut: Arc<dyn Source> = Arc::new(TruncatedSource { inner: whole.clone(), len });
            let (partitions, diagnostics) = read(&cut);
            let found: Blocks = blocks(&partitions).into_iter().filter(|it| !is_protective(it)).collect();
            assert!(found.is_subset(&complete), "{name}, {len} bytes: {:?}", listed(&partitions));
            if len > 64 << 10 && len < whole.len() - 10_240 {
                assert_eq!(blocks(&partitions), complete, "{name}, {len} bytes");
                assert!(!diagnostics.is_empty(), "{name}, {len} bytes: nothing says that the partitions are cut off");
            }
        }
    }
}

#[test]
fn every_read_fails_once_and_that_is_told() {
    for name in ["x-isohybrid.iso", "x-boot-appended-gpt.iso", "g-hfs-part.iso"] {
        let source = fixtures::source(name);
        let whole = blocks(&read(&source).0);
        let counter = FailingSource::new(source.clone(), u64::MAX);
        read(&(counter.clone() as Arc<dyn Source>));
        for failing in 0..counter.reads() {
            let (partitions, diagnostics) = read(&(FailingSource::new(source.clone(), failing) as Arc<dyn Source>));
            let told = diagnostics.items().iter().any(|item| item.message.contains("made to fail"));
            assert!(told, "{name}, read {failing}: {:?}", diagnostics.items());
            let found = blocks(&partitions);
            let more: Vec<_> = found.difference(&whole).filter(|it| !is_protective(it)).collect();
            assert!(more.is_empty(), "{name}, read {failing}: {more:?}");
        }
    }
}

#[test]
fn damaged_tables_do_no_harm() {
    let images: Vec<Vec<u8>> = ["x-isohybrid.iso", "x-boot-appended-gpt.iso", "g-hfs-part.iso", "x-hfsplus.iso"]
        .iter()
        .map(|name| fixtures::bytes(name))
        .collect();
    let mut changed = 0;
    for seed in 0..10_000 {
        let mut rng = Rng::new(seed);
        let mut bytes = images[seed as usize % images.len()].clone();
        let len = bytes.len();
        for _ in 0..1 + rng.below(5) {
            let at = match rng.below(4) {
                0 => 446 + rng.below(66),
                1 => len - 1024 + rng.below(1024),
                2 => [512, 1024, 2048, 4096, 6144][rng.below(5)] + rng.below(136),
                _ => rng.below(8192),
            };
            bytes[at] = if rng.once_in(2) { rng.next() as u8 } else { *rng.pick(&[0, 1, 0x7f, 0x80, 0xff]) };
        }
        let source: Arc<dyn Source> = Arc::new(MemorySource::new(bytes));
        let mut diagnostics = Diagnostics::default();
        let tables = PartitionTables::read(&source, &mut diagnostics).unwrap();
        let partitions = tables.partitions();
        assert!(partitions.len() < 3000);
        changed += usize::from(!diagnostics.is_empty());
        std::hint::black_box((tables.details().len(), tables.structures().len()));
        for partition in partitions {
            std::hint::black_box((partition.label(), partition.file_name(), partition.details().len()));
            std::hint::black_box(partition.open(&source).len());
        }
    }
    assert!(changed > 2000, "only {changed} tables are seen to be damaged");
}
