//! WIM archives as wimlib writes and reads them, and their integrity tables on discs that other programs write.
#![cfg(unix)]

mod support;

use std::path::Path;
use std::sync::Arc;

use isoscope::disc::source::MemorySource;
use isoscope::disc::tree::{self, Found};
use isoscope::disc::wim::{Compression, HEADER_SIZE, Wim};
use isoscope::disc::{Extent, Image, Source};
use isoscope::verify::{Check, FileCheck, Outcome, wim};
use sha1::{Digest, Sha1};
use support::rng::Rng;
use support::sources::{CancelAfter, FailingSource, OneByteSource, ScratchedSource, TruncatedSource, memory};
use support::{discs, peers};

#[global_allocator]
static METER: support::allocator::Counting = support::allocator::Counting;

/// Properties of an image, as `wimlib-imagex --image-property` takes them.
type Properties<'a> = &'a [&'a str];

/// Captures a folder of two files as an archive of these images; gives its bytes.
fn archive(folder: &Path, name: &str, options: &[&str], images: &[Properties<'_>]) -> Vec<u8> {
    let root = folder.join("captured/Windows/System32");
    std::fs::create_dir_all(&root).unwrap();
    std::fs::write(root.join("noise.bin"), Rng::new(7).bytes(60_000)).unwrap();
    std::fs::write(root.join("text.txt"), "It was a dark and stormy night. ".repeat(2000)).unwrap();
    std::fs::remove_file(folder.join(name)).unwrap_or_default();
    for (number, properties) in images.iter().enumerate() {
        let (verb, options) = if number == 0 { ("capture", options) } else { ("append", &[][..]) };
        let title = format!("Image {}", number + 1);
        let properties: Vec<String> = properties.iter().map(|it| format!("--image-property={it}")).collect();
        let properties = properties.iter().map(String::as_str);
        let arguments: Vec<&str> =
            [verb, "captured", name, &title].into_iter().chain(options.iter().copied()).chain(properties).collect();
        peers::run(folder, "wimlib-imagex", &arguments);
    }
    std::fs::read(folder.join(name)).unwrap()
}

fn open(bytes: &[u8]) -> Wim {
    Wim::open(Arc::new(MemorySource::new(bytes))).unwrap()
}

/// What wimlib reads of a header: one of the lines `name = value`.
fn line(text: &str, name: &str) -> String {
    let found = text.lines().find_map(|line| line.split_once('=').filter(|(found, _)| found.trim() == name));
    found.unwrap_or_else(|| panic!("{name} in {text}")).1.trim().to_owned()
}

#[test]
fn archives_are_read_as_wimlib_reads_them() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let image: Properties = &[
        "DISPLAYNAME=Ein größerer Name 日本",
        "DESCRIPTION=a <b> & c",
        "FLAGS=Professional",
        "WINDOWS/ARCH=12",
        "WINDOWS/EDITIONID=Professional",
        "WINDOWS/INSTALLATIONTYPE=Client",
        "WINDOWS/VERSION/MAJOR=10",
        "WINDOWS/VERSION/MINOR=0",
        "WINDOWS/VERSION/BUILD=26100",
        "WINDOWS/VERSION/SPBUILD=1742",
        "WINDOWS/LANGUAGES/LANGUAGE[1]=en-US",
        "WINDOWS/LANGUAGES/LANGUAGE[2]=de-DE",
        "WINDOWS/LANGUAGES/DEFAULT=de-DE",
    ];
    let images = [image, &[][..]];
    let kinds: [(&str, &[&str], Compression); 6] = [
        ("none.wim", &["--compress=none"], Compression::None),
        ("xpress.wim", &["--compress=XPRESS"], Compression::Xpress),
        ("lzx.wim", &["--compress=LZX"], Compression::Lzx),
        ("checked.wim", &["--compress=LZX", "--check"], Compression::Lzx),
        ("solid.esd", &["--solid", "--check"], Compression::Lzms),
        ("pipable.wim", &["--pipable", "--compress=LZX", "--check"], Compression::Lzx),
    ];
    for (name, options, compression) in kinds {
        let bytes = archive(folder, name, options, &images);
        same_as_wimlib(folder, name, compression);
        let wim = open(&bytes);
        let listed = wim.images().unwrap().images;
        assert_eq!(listed.iter().map(|image| image.index).collect::<Vec<_>>(), [1, 2], "{name}");
        let first = &listed[0];
        assert_eq!(first.name.as_deref(), Some("Image 1"));
        assert_eq!(first.display_name.as_deref(), Some("Ein größerer Name 日本"));
        assert_eq!(first.description.as_deref(), Some("a <b> & c"));
        assert_eq!(first.flags.as_deref(), Some("Professional"));
        assert_eq!((first.architecture, first.version), (Some(12), Some([10, 0, 26_100, 1742])));
        assert_eq!(
            (&*first.languages, first.default_language.as_deref()),
            (&["en-US", "de-DE"].map(str::to_owned)[..], Some("de-DE"))
        );
        assert_eq!((first.folders, first.files), (Some(3), Some(2)), "{name}");
        assert!(first.total_bytes.unwrap() >= 60_000);
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let age = i64::try_from(now).unwrap() - first.created.unwrap().unix_seconds();
        assert!((0..600).contains(&age), "{age} seconds");
        assert_eq!((listed[1].version, listed[1].edition_id.as_deref()), (None, None));
        assert_eq!(wim.integrity().unwrap().is_some(), options.contains(&"--check"), "{name}");
    }
    archive(folder, "large.wim", &["--compress=none"], &[image]);
    peers::run(folder, "wimlib-imagex", &["split", "large.wim", "part.swm", "0.07"]);
    let parts = ["part.swm", "part2.swm", "part3.swm", "part4.swm"].into_iter();
    let parts: Vec<_> = parts.filter(|name| folder.join(name).exists()).collect();
    assert!(parts.len() > 1, "{parts:?}");
    for (number, name) in parts.iter().enumerate() {
        same_as_wimlib(folder, name, Compression::None);
        let wim = open(&std::fs::read(folder.join(name)).unwrap());
        assert_eq!(usize::from(wim.header().total_parts), parts.len());
        assert_eq!((usize::from(wim.header().part_number), wim.header().is_split()), (number + 1, true));
        assert_eq!(wim.images().unwrap().images[0].edition_id.as_deref(), Some("Professional"));
    }
}

/// Fails unless the header and the XML document are read as wimlib reads them.
fn same_as_wimlib(folder: &Path, name: &str, compression: Compression) {
    let wim = open(&std::fs::read(folder.join(name)).unwrap());
    assert!(wim.diagnostics().worst() <= Some(isoscope::disc::Severity::Info), "{name}: {:?}", wim.diagnostics());
    let header = wim.header();
    let text = String::from_utf8(peers::run(folder, "wimlib-imagex", &["info", name, "--header"])).unwrap();
    let guid: String = header.guid.iter().map(|byte| format!("{byte:02x}")).collect();
    for (field, value) in [
        ("Version", format!("{:#x}", header.version)),
        ("Flags", format!("{:#x}", header.flags)),
        ("Chunk Size", header.chunk_size.to_string()),
        ("GUID", guid),
        ("Part Number", header.part_number.to_string()),
        ("Total Parts", header.total_parts.to_string()),
        ("Image Count", header.image_count.to_string()),
        ("Blob Table Size", header.lookup_table.size.to_string()),
        ("Blob Table Offset", header.lookup_table.offset.to_string()),
        ("XML Data Size", header.xml.size.to_string()),
        ("XML Data Flags", format!("{:#x}", header.xml.flags)),
        ("XML Data Offset", header.xml.offset.to_string()),
        ("XML Data Original Size", header.xml.original_size.to_string()),
        ("Boot Index", header.boot_index.to_string()),
        ("Integrity Size", header.integrity.size.to_string()),
        ("Integrity Offset", header.integrity.offset.to_string()),
    ] {
        assert_eq!(line(&text, field).to_lowercase(), value, "{field} of {name}");
    }
    assert_eq!(header.compression(), compression, "{name}");
    let theirs = peers::run(folder, "wimlib-imagex", &["info", name, "--xml"]);
    let units: Vec<u16> = theirs.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
    assert_eq!(wim.xml().unwrap(), String::from_utf16(&units).unwrap().trim_start_matches('\u{feff}'), "{name}");
}

/// The archive with an integrity table of chunks of so many bytes at its end. wimlib writes those of 10 MiB only.
fn with_chunks(bytes: &[u8], chunk: u32) -> Vec<u8> {
    let table = open(bytes).header().lookup_table;
    let end = usize::try_from(table.offset + table.size).unwrap();
    let digests: Vec<u8> =
        bytes[208..end].chunks(chunk as usize).flat_map(|chunk| Sha1::digest(chunk).to_vec()).collect();
    let size = 12 + digests.len() as u32;
    let mut made = bytes.to_vec();
    for (at, number) in [(124, u64::from(size)), (132, bytes.len() as u64), (140, u64::from(size))] {
        made[at..at + 8].copy_from_slice(&number.to_le_bytes());
    }
    [size, digests.len() as u32 / 20, chunk].into_iter().for_each(|number| made.extend(number.to_le_bytes()));
    made.extend(digests);
    made
}

/// Whether wimlib finds the archive to be as its integrity table says.
fn wimlib_finds_it_whole(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::write(folder.join("asked.wim"), bytes).unwrap();
    peers::output(folder, "wimlib-imagex", &["info", "asked.wim", "--check"]).status.success()
}

/// Makes all checks of a disc; fails unless exactly what was announced is read.
fn checks(source: Arc<dyn Source>) -> Vec<Check> {
    let image = Image::open(source).unwrap();
    let made = wim::find(&image).unwrap();
    made.into_iter().map(|check| made_of(check, &image)).collect()
}

fn made_of(check: Box<dyn FileCheck>, image: &Image) -> Check {
    assert_eq!(check.pending().outcome, Outcome::Pending);
    let (announced, mut read) = (check.bytes(), 0);
    let check = check.run(image, &mut |bytes| read += bytes).unwrap();
    let is_read = !matches!(check.outcome, Outcome::Absent | Outcome::Error);
    assert!(read == announced || !is_read || check.bad_count() > 0, "{read} of {announced} bytes");
    check
}

/// Where a file of a disc lies, in one piece.
fn place_of(image: &Image, path: &str) -> Extent {
    let Some(Found::Entry { folder, index }) = tree::find(image.default_tree().as_ref(), path).unwrap() else {
        panic!("{path} is not there")
    };
    tree::single_extent(&folder.entries()[index]).unwrap()
}

#[test]
fn damage_is_found_where_wimlib_finds_it_and_in_the_right_place() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let small = with_chunks(&archive(folder, "plain.wim", &["--compress=none"], &[&[]]), 4096);
    assert!(wimlib_finds_it_whole(folder, &small), "the table is none for wimlib");
    let files = [("sources/install.wim", small.clone()), ("readme.txt", b"Hello".to_vec())];
    let table = open(&small).integrity().unwrap().unwrap();
    let written = [discs::disc(folder, "iso", &files, &["-V", "TEST"]), discs::udf(folder, &files)];
    let mut rng = Rng::new(11);
    for disc in written {
        let image = Image::open(memory(&disc)).unwrap();
        let place = place_of(&image, "sources/install.wim");
        let [check] = checks(memory(&disc)).try_into().unwrap();
        assert_eq!(
            (check.outcome, check.source.as_str(), check.bad_count()),
            (Outcome::Pass, "sources/install.wim", 0)
        );
        for _ in 0..25 {
            let at = HEADER_SIZE + rng.below(usize::try_from(table.covered.length).unwrap()) as u64;
            let mut bytes = small.clone();
            bytes[usize::try_from(at).unwrap()] ^= 1 << rng.below(8);
            assert!(!wimlib_finds_it_whole(folder, &bytes), "byte {at}");
            let mut bad = disc.clone();
            let start = usize::try_from(place.offset).unwrap();
            bad[start..start + bytes.len()].copy_from_slice(&bytes);
            let [check] = checks(memory(&bad)).try_into().unwrap();
            assert_eq!((check.outcome, check.bad.len()), (Outcome::Fail, 1), "byte {at}: {check:?}");
            let extent = check.bad[0].extent.unwrap();
            let on_disc = place.offset + at;
            assert!(
                extent.offset <= on_disc && on_disc < extent.end() && extent.length <= 4096,
                "byte {at}: {extent:?}"
            );
            assert_eq!(check.first_bad_offset, Some(extent.offset));
        }
        // What the table does not cover, and the table itself.
        let xml = place.offset + open(&small).header().xml.offset + 30;
        for (at, outcome) in [(xml, Outcome::Pass), (place.end() - 1, Outcome::Fail)] {
            let mut beside = disc.clone();
            beside[usize::try_from(at).unwrap()] ^= 1;
            let [check] = checks(memory(&beside)).try_into().unwrap();
            assert_eq!(check.outcome, outcome);
        }
    }
}

#[test]
fn tables_of_wimlib_itself_cover_every_chunk() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("large");
    std::fs::create_dir_all(&root).unwrap();
    std::fs::write(root.join("noise"), Rng::new(3).bytes(22 << 20)).unwrap();
    peers::run(folder.path(), "wimlib-imagex", &["capture", "large", "large.wim", "--compress=none", "--check"]);
    let bytes = std::fs::read(folder.path().join("large.wim")).unwrap();
    assert_eq!(open(&bytes).integrity().unwrap().unwrap().len(), 3);
    let disc = discs::disc(folder.path(), "disc", &[("install.wim", bytes.clone())], &[]);
    let image = Image::open(memory(&disc)).unwrap();
    let place = place_of(&image, "install.wim");
    let [check] = checks(memory(&disc)).try_into().unwrap();
    assert_eq!(
        (check.outcome, check.detail.as_str()),
        (Outcome::Pass, "All 3 pieces have the SHA-1 that the archive lists")
    );
    // A scratch over the end of the first chunk and the beginning of the second.
    let edge = place.offset + HEADER_SIZE + (10 << 20);
    let scratched = ScratchedSource { inner: memory(&disc), bad: edge - 10..edge + 10 };
    let [check] = checks(Arc::new(scratched)).try_into().unwrap();
    assert_eq!((check.outcome, check.bad_count()), (Outcome::Fail, 2), "{check:?}");
    assert_eq!(check.detail, "Of 3 pieces, 2 are not all there");
    assert_eq!(check.first_bad_offset, Some(place.offset + HEADER_SIZE));
    // The download ended in the last chunk.
    let short = edge + (11 << 20);
    let cut = TruncatedSource { inner: memory(&disc), len: short };
    let [check] = checks(Arc::new(cut)).try_into().unwrap();
    assert_eq!((check.outcome, check.bad_count()), (Outcome::Fail, 1), "{check:?}");
    // With its end, an archive loses its table.
    assert_eq!(check.detail, format!("The image ends at byte {short}, so this part of the file is missing"));
    let table = open(&bytes).header().integrity.offset;
    assert_eq!(check.first_bad_offset, Some(place.offset + table));
    // The table of another archive that is longer: what it lists is not there.
    let mut longer = bytes[..208].to_vec();
    longer.extend(&bytes[usize::try_from(table).unwrap()..]);
    longer[132..140].copy_from_slice(&208_u64.to_le_bytes());
    let disc = discs::disc(folder.path(), "longer", &[("install.wim", longer)], &[]);
    let [check] = checks(memory(&disc)).try_into().unwrap();
    assert_eq!((check.outcome, check.detail.as_str()), (Outcome::Fail, "Of 3 pieces, 3 are not all there"));
}

#[test]
fn archives_without_a_table_say_so_and_other_files_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let plain = archive(folder.path(), "plain.wim", &["--compress=LZX"], &[&[]]);
    let solid = archive(folder.path(), "solid.esd", &["--solid", "--check"], &[&[]]);
    let files = [
        ("SOURCES/boot.wim", plain.clone()),
        ("sources/install.esd", solid),
        ("sources/broken.wim", b"MSWIM\0\0\0 and no more".to_vec()),
        ("sources/short.wim", plain[..plain.len() - 20].to_vec()),
        ("sources/other.wim", b"This is no archive".to_vec()),
        ("game/level.wim", b"This is none either".to_vec()),
        ("deep/down/there/tool.WIM", plain),
    ];
    let disc = discs::disc(folder.path(), "disc", &files, &[]);
    let mut found: Vec<_> = checks(memory(&disc)).into_iter().map(|check| (check.source, check.outcome)).collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    let expected = [
        ("SOURCES/boot.wim", Outcome::Absent),
        ("deep/down/there/tool.WIM", Outcome::Absent),
        ("sources/broken.wim", Outcome::Fail),
        ("sources/install.esd", Outcome::Pass),
        ("sources/other.wim", Outcome::Fail),
        ("sources/short.wim", Outcome::Fail),
    ];
    assert_eq!(found, expected.map(|(path, outcome)| (path.to_owned(), outcome)));
}

#[test]
fn every_truncation_of_an_archive_is_read_as_far_as_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("tiny")).unwrap();
    std::fs::write(folder.path().join("tiny/a"), "a").unwrap();
    peers::run(folder.path(), "wimlib-imagex", &["capture", "tiny", "tiny.wim", "--compress=none", "--check"]);
    let bytes = std::fs::read(folder.path().join("tiny.wim")).unwrap();
    let whole = open(&bytes);
    let xml_end = whole.header().xml.end().unwrap();
    let table_end = whole.header().integrity.end().unwrap();
    for length in 0..=bytes.len() {
        let opened = Wim::open(Arc::new(MemorySource::new(&bytes[..length])));
        assert_eq!(opened.is_ok(), length >= 208, "{length} bytes");
        let Ok(wim) = opened else { continue };
        assert_eq!(wim.images().is_ok(), length as u64 >= xml_end, "{length} bytes");
        assert_eq!(wim.integrity().is_ok(), length as u64 >= table_end, "{length} bytes");
        assert_eq!(wim.diagnostics().is_empty(), length as u64 >= table_end.max(xml_end), "{length} bytes");
    }
    let slow = Wim::open(Arc::new(OneByteSource(memory(&bytes)))).unwrap();
    assert_eq!((slow.xml().unwrap(), slow.integrity().unwrap()), (whole.xml().unwrap(), whole.integrity().unwrap()));
}

#[test]
fn random_damage_makes_nothing_hang_or_grow() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("tiny")).unwrap();
    peers::run(folder.path(), "wimlib-imagex", &["capture", "tiny", "tiny.wim", "--compress=none", "--check"]);
    let whole = std::fs::read(folder.path().join("tiny.wim")).unwrap();
    let disc = discs::disc(folder.path(), "disc", &[("sources/install.wim", whole.clone())], &[]);
    let start = usize::try_from(place_of(&Image::open(memory(&disc)).unwrap(), "sources/install.wim").offset).unwrap();
    let mut rng = Rng::new(23);
    let mut outcomes = std::collections::HashMap::new();
    for _ in 0..400 {
        let mut bad = disc.clone();
        for _ in 0..1 + rng.below(3) {
            // The header more often than the rest.
            let at = if rng.once_in(3) { rng.below(whole.len()) } else { 8 + rng.below(140) };
            bad[start + at] = *rng.pick(&[0, 1, 0x7f, 0x80, 0xff]);
        }
        let (found, peak) = support::allocator::peak_of(|| {
            let image = Image::open(memory(&bad)).unwrap();
            isoscope::identify::windows::read(&isoscope::identify::Probe::new(&image)).unwrap();
            checks(memory(&bad))
        });
        // The disc itself is there three times.
        assert!(peak < 3 * bad.len() + (4 << 20), "{peak} bytes of memory");
        found.iter().for_each(|check| *outcomes.entry(format!("{:?}", check.outcome)).or_insert(0) += 1);
    }
    assert!(outcomes["Fail"] > 50 && outcomes["Pass"] > 10, "{outcomes:?}");
}

#[test]
fn only_a_cancelled_check_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let small = with_chunks(&archive(folder.path(), "plain.wim", &["--compress=none"], &[&[]]), 40_000);
    let disc = discs::disc(folder.path(), "disc", &[("sources/install.wim", small)], &[]);
    let image = Image::open(memory(&disc)).unwrap();
    let counter = FailingSource::new(memory(&disc), u64::MAX);
    let source: Arc<dyn Source> = counter.clone();
    let run = |source: &Arc<dyn Source>| -> isoscope::disc::Result<Vec<Outcome>> {
        let image = image.with_source(source);
        let found = wim::find(&image)?;
        found.into_iter().map(|check| Ok(check.run(&image, &mut |_| ())?.outcome)).collect()
    };
    assert_eq!(run(&source).unwrap(), [Outcome::Pass]);
    let reads = counter.reads();
    assert!(reads > 8, "{reads} reads");
    for failing in 0..reads {
        let cancelled: Arc<dyn Source> = Arc::new(CancelAfter::new(memory(&disc), failing));
        assert!(run(&cancelled).unwrap_err().is_cancelled(), "cancelled at read {failing}");
        let failed: Arc<dyn Source> = FailingSource::new(memory(&disc), failing);
        let outcomes = run(&failed).unwrap();
        assert!(outcomes.iter().all(|outcome| *outcome != Outcome::Fail), "read {failing}: {outcomes:?}");
    }
}
