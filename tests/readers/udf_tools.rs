//! UDF volumes of other programs, made while the test runs, and discs built byte by byte that other programs read: what
//! they tell and what Isoscope tells must be the same.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use crate::support::fixtures;
use crate::support::peers::{self, Listing, Seen};
use crate::support::sources::memory;
use crate::support::survey::survey;
use crate::support::udf_builder::node::{Form, ROOT};
use crate::support::udf_builder::sample::content;
use crate::support::udf_builder::{Disc, Kind as Map};
use crate::support::udf_look::{complaints, details, names, udf};
use isoscope::disc::Image;
use isoscope::disc::tree::{Kind, TreeKind};

/// Everything that mkudffs calls a medium.
const MEDIA: [&str; 11] = ["hd", "dvd", "dvdram", "dvdrw", "dvdr", "worm", "mo", "cdrw", "cdr", "cd", "bdr"];
const REVISIONS: [&str; 6] = ["1.02", "1.50", "2.00", "2.01", "2.50", "2.60"];
const BLOCKS: [&str; 4] = ["512", "1024", "2048", "4096"];

/// A file that takes up what cannot be used, in the root of sparable volumes before UDF 2.00 (1.50 3.3.6.1).
const NOT_TO_BE_USED: &str = "Non-Allocatable Space";

/// Options that change how the volume is laid out, for media that have them.
const VARIANTS: [&[&str]; 12] = [
    &["--media-type=hd", "--strategy=4096"],
    &["--media-type=hd", "--ad=short"],
    &["--media-type=hd", "--ad=long", "--udfrev=1.50"],
    &["--media-type=hd", "--noefe"],
    &["--media-type=hd", "--space=freedbitmap"],
    &["--media-type=hd", "--space=unalloctable"],
    &["--media-type=hd", "--bootarea=mbr", "--blocksize=512"],
    &["--media-type=cdr", "--closed"],
    &["--media-type=cdr", "--closed", "--udfrev=1.50"],
    &["--media-type=dvdr", "--closed"],
    &["--media-type=hd", "--spartable=4", "--packetlen=16"],
    &["--media-type=cdrw", "--spartable=1", "--sparspace=64"],
];

/// Runs mkudffs, which refuses some combinations; true when it made the volume.
fn mkudffs(image: &Path, options: &[&str]) -> bool {
    std::fs::remove_file(image).unwrap_or_default();
    let output = Command::new("mkudffs")
        .args(["--utf8", "--label=Größe 日本", "--uuid=0123456789abcdef", "--new-file"])
        .args(options)
        .arg(image)
        .arg("3000")
        .stdin(Stdio::null())
        .output();
    output
        .unwrap_or_else(|error| panic!("mkudffs does not run ({error}). tests/run installs what the tests need."))
        .status
        .success()
}

/// What udfinfo tells: key → value.
fn udfinfo(folder: &Path, image: &str) -> BTreeMap<String, String> {
    let text = String::from_utf8(peers::run(folder, "udfinfo", &["--utf8", image])).unwrap();
    text.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// Compares a volume of mkudffs, which is empty, with what udfinfo tells of it.
fn check_empty(what: &str, revision: &str, folder: &Path) {
    let bytes = std::fs::read(folder.join("volume.udf")).unwrap();
    let told = udfinfo(folder, "volume.udf");
    let (image, tree) = udf(&bytes);
    assert_eq!(complaints(&image), [], "{what}");
    assert_eq!(image.volume().id, told["lvid"], "{what}");
    assert_eq!(image.volume().block_size.to_string(), told["blocksize"], "{what}");
    let format = format!("UDF {revision}");
    assert!(image.formats().contains(&format.as_str()), "{what}: {:?} is not {format}", image.formats());
    assert_eq!(told["numdirs"], "1", "{what}");
    assert_eq!(names(&tree, "").len().to_string(), told["numfiles"], "{what}");
    assert!(names(&tree, "").iter().all(|name| name == NOT_TO_BE_USED), "{what}");
    let text = details(&image.details()).to_lowercase();
    assert!(text.contains(&told["integrity"]), "{what}: {} is not in {text}", told["integrity"]);
    let (declared, len) = (image.declared_size(), bytes.len() as u64);
    assert!(declared <= len, "{what}: {declared} of {len} bytes");
}

#[test]
fn every_volume_that_mkudffs_makes_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("volume.udf");
    let mut made = BTreeMap::new();
    for medium in MEDIA {
        for revision in REVISIONS {
            for block in BLOCKS {
                let options = [
                    &format!("--media-type={medium}"),
                    &format!("--udfrev={revision}"),
                    &format!("--blocksize={block}"),
                ];
                if mkudffs(&image, &options.map(String::as_str)) {
                    check_empty(&format!("{medium}, UDF {revision}, blocks of {block} bytes"), revision, folder.path());
                    *made.entry(medium).or_insert(0) += 1;
                }
            }
        }
    }
    let volumes: usize = made.values().sum();
    assert!(made.len() == MEDIA.len() && volumes > 150, "mkudffs made {volumes} volumes: {made:?}");
}

#[test]
fn every_layout_that_mkudffs_knows_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("volume.udf");
    for options in VARIANTS {
        assert!(mkudffs(&image, options), "mkudffs refuses {options:?}");
        let revision = options.iter().find_map(|option| option.strip_prefix("--udfrev=")).unwrap_or("2.01");
        check_empty(&format!("{options:?}"), revision, folder.path());
    }
}

/// What Isoscope sees of a tree, links as the files that udfclient takes them for.
fn isoscope_sees(image: &Image) -> Listing {
    let survey = survey(image.tree(TreeKind::Udf).unwrap());
    assert_eq!(survey.all_said(), []);
    let rows = survey.rows.into_iter().map(|(path, row)| {
        let digest = row.content.ok().filter(|digest| !digest.is_empty());
        (path, Seen { kind: row.kind, size: row.size, digest, target: None })
    });
    rows.collect()
}

/// A disc of a kind that udfclient can read whole: names of ASCII, no links.
fn disc_for_all(kind: Map, block: usize, revision: u16) -> Disc {
    let mut disc = Disc::new(kind, block, revision);
    let forms = if kind == Map::Physical || kind == Map::Sparable {
        vec![Form::Inline, Form::Short, Form::Long]
    } else {
        vec![Form::Inline, Form::Long]
    };
    for (number, form) in forms.into_iter().enumerate() {
        let size = if form == Form::Inline { 100 } else { 6 * block + 100 };
        disc.file_as(ROOT, &format!("{form:?}"), form, &content(number, size));
        if form != Form::Inline {
            let scattered = disc.file_as(ROOT, &format!("{form:?} scattered"), form, &content(number + 10, size));
            disc.item(scattered).split = Some(2);
        }
    }
    disc.file(ROOT, "empty", b"");
    let folder = disc.folder(ROOT, "folder with spaces");
    for number in 0..40 {
        disc.file_as(folder, &format!("name number {number} of many.txt"), Form::Inline, &[number; 20]);
    }
    let deeper = disc.folder(folder, "deeper");
    disc.file(deeper, "end", b"end");
    if kind == Map::Sparable {
        disc.spared = vec![0, 1];
    }
    if kind == Map::Metadata {
        disc.fragment = 7;
    }
    disc
}

/// Does `check` for each of `cases` at the same time: udfclient sleeps for a second in every run.
fn all_at_once<T: Copy + Sync>(cases: &[T], check: impl Fn(T, &Path) + Sync) {
    std::thread::scope(|scope| {
        for case in cases {
            scope.spawn(|| check(*case, tempfile::tempdir().unwrap().path()));
        }
    });
}

#[test]
fn udfclient_sees_what_isoscope_sees_of_every_partition_kind() {
    let kinds = [
        (Map::Physical, 0x102),
        (Map::Virtual, 0x150),
        (Map::Virtual, 0x201),
        (Map::Sparable, 0x201),
        (Map::Metadata, 0x250),
    ];
    let cases: Vec<_> =
        kinds.iter().flat_map(|(kind, revision)| [(*kind, *revision, 512), (*kind, *revision, 2048)]).collect();
    all_at_once(&cases, |(kind, revision, block), folder| {
        let what = format!("{kind:?}, {revision:x}, {block}");
        let mut disc = disc_for_all(kind, block, revision);
        if kind == Map::Virtual {
            // The second session is the one that counts.
            disc.session();
            disc.file(ROOT, "of the second session", b"second");
        }
        let built = disc.build();
        std::fs::write(folder.join("disc.udf"), &built.bytes).unwrap();
        let ours = isoscope_sees(&udf(&built.bytes).0);
        let theirs = peers::udfclient(&folder.join("disc.udf"), block, &folder.join("scratch"));
        assert!(theirs.len() > 40, "{what}: {theirs:?}");
        assert_eq!(ours, theirs, "{what}");
    });
}

#[test]
fn seven_zip_sees_what_isoscope_sees_of_a_physical_partition() {
    let folder = tempfile::tempdir().unwrap();
    for block in [512, 2048] {
        for revision in [0x102, 0x201, 0x260] {
            let mut disc = disc_for_all(Map::Physical, block, revision);
            disc.file(ROOT, "Größe 日本語 😀.txt", b"Unicode");
            let built = disc.build();
            let path = folder.path().join("disc.udf");
            std::fs::write(&path, &built.bytes).unwrap();
            let ours = isoscope_sees(&udf(&built.bytes).0);
            let scratch = folder.path().join(format!("scratch-{block}-{revision:x}"));
            let theirs = peers::seven_zip(&path, TreeKind::Udf, &[], &scratch).unwrap();
            assert_eq!(ours, theirs, "{revision:x}, {block}");
        }
    }
}

#[test]
fn files_that_udfclient_wrote_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source");
    std::fs::create_dir_all(source.join("folder/deeper")).unwrap();
    let mut expected = Listing::new();
    for (path, size) in
        [("one", 1), ("block", 2048), ("folder/large", 70_000), ("folder/deeper/end", 513), ("empty", 0)]
    {
        std::fs::write(source.join(path), content(size, size)).unwrap();
    }
    expected.extend(peers::folder(&source));
    let cases = [("hd", "1.02", 2048), ("hd", "2.01", 512), ("cdrw", "1.50", 2048), ("hd", "2.00", 1024)];
    all_at_once(&cases, |(medium, revision, block), folder| {
        let image = folder.join("written.udf");
        let file = std::fs::File::create(&image).unwrap();
        file.set_len(32_768 * block).unwrap();
        drop(file);
        let size = format!("--blocksize={block}");
        peers::run(
            folder,
            "mkudffs",
            &[
                "--label=WRITTEN",
                "--uuid=0123456789abcdef",
                "--media-type",
                medium,
                "--udfrev",
                revision,
                &size,
                "written.udf",
            ],
        );
        let commands = format!(
            "cd 0123456789abcdefLinuxUDF:WRITTEN:WRITTEN:LinuxUDF\nlcd {}\nmput one block empty folder\nquit\n",
            source.display()
        );
        let input = folder.join("commands");
        std::fs::write(&input, commands).unwrap();
        let written = Command::new("udfclient")
            .args(["-W", "-b", &block.to_string(), "written.udf"])
            .current_dir(folder)
            .stdin(std::fs::File::open(&input).unwrap())
            .output()
            .unwrap();
        assert!(!String::from_utf8_lossy(&written.stderr).contains("No space"));
        let bytes = std::fs::read(&image).unwrap();
        let (image, _) = udf(&bytes);
        let mut ours = isoscope_sees(&image);
        assert_eq!(ours.remove(NOT_TO_BE_USED).is_some(), medium == "cdrw");
        assert_eq!(ours, expected, "{medium}, {revision}, {block}");
        assert!(ours.values().any(|seen| seen.kind == Kind::Folder));
        assert!(Image::open(memory(&bytes)).is_ok());
    });
}

/// Writes a fixture to `folder/image`.
fn unpack(name: &str, folder: &Path) -> std::path::PathBuf {
    let path = folder.join("image");
    fixtures::write(name, &path);
    path
}

#[test]
fn the_fixtures_are_seen_by_other_programs_as_by_isoscope() {
    let cases = [
        ("u-hd-512.udf.sparse", 512),
        ("u-hd-2048.udf.sparse", 2048),
        ("u-hd-4096.udf.sparse", 4096),
        ("u-sparable.udf.sparse", 2048),
        ("k-bluray.iso", 2048),
        ("p-windows-like.iso", 2048),
        ("g-udf-bridge.iso", 2048),
    ];
    all_at_once(&cases, |(name, block), folder| {
        let path = unpack(name, folder);
        let source = Arc::new(isoscope::disc::source::FileSource::open(&path).unwrap());
        let mut ours = isoscope_sees(&Image::open(source).unwrap());
        ours.remove(NOT_TO_BE_USED);
        let theirs = if matches!(name, "p-windows-like.iso" | "g-udf-bridge.iso") {
            peers::seven_zip(&path, TreeKind::Udf, &[], &folder.join("scratch")).unwrap()
        } else {
            peers::udfclient(&path, block, &folder.join("scratch"))
        };
        assert!(ours.len() > 5, "{name}: {ours:?}");
        assert_eq!(ours, theirs, "{name}");
    });
}
