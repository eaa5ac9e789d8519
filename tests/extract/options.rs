//! What an extraction does on request: keep what can be read of damaged files, and make links.

use std::path::Path;
use std::sync::Arc;

#[cfg(unix)]
use crate::support::builder::{Disc, ROOT};
use crate::support::large_last::{self, content};
use crate::support::sources::memory;
use isoscope::disc::{Error, Image, Result, Source};
use isoscope::extract::plan::Options;
use isoscope::extract::report::{Listed, Outcome};
use isoscope::extract::run::Durability;
use isoscope::extract::{self, Destination, OnConflict, Plan, Report, Selection};
use tempfile::TempDir;

const RESCUE: Options = Options { on_conflict: OnConflict::KeepBoth, keep_damaged: true, links: false };
#[cfg(unix)]
const LINKS: Options = Options { on_conflict: OnConflict::KeepBoth, keep_damaged: false, links: true };

fn extract_to(folder: &Path, source: Arc<dyn Source>, options: Options) -> Report {
    let destination = Destination::open(folder).unwrap();
    let image = Image::open(source).unwrap();
    let plan = Plan::make(image.default_tree(), &Selection::Everything, options, &destination, &mut |_| {}).unwrap();
    let report = extract::run(&Arc::new(plan), &destination, Durability::Never, &mut |_| {}, &|| false).unwrap();
    let counts = report.counts();
    assert_eq!(counts.planned, counts.done + counts.renamed + counts.skipped + counts.failed);
    report
}

fn extract(source: Arc<dyn Source>, options: Options) -> (TempDir, Report) {
    let folder = tempfile::tempdir().unwrap();
    let report = extract_to(folder.path(), source, options);
    (folder, report)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn listed(report: &Report, from: &str) -> Listed {
    report.listed().find(|listed| listed.from == from).unwrap_or_else(|| panic!("{from} is not listed"))
}

/// The disc, and where its large file begins in it.
fn disc() -> (Vec<u8>, u64) {
    let (bytes, start) = large_last::disc();
    (bytes, start as u64)
}

/// Bytes that cannot be read from some of its sectors.
struct Scratched {
    inner: Arc<dyn Source>,
    bad: Vec<std::ops::Range<u64>>,
}

impl Source for Scratched {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        let end = offset + buf.len() as u64;
        match self.bad.iter().find(|bad| bad.start < end && offset < bad.end) {
            Some(bad) => Err(Error::damaged("sector", bad.start, "It is scratched")),
            None => self.inner.read_at(offset, buf),
        }
    }
}

#[test]
fn of_a_file_that_is_cut_off_the_beginning_is_kept_with_a_map() {
    let (bytes, start) = disc();
    // In the middle of a sector, and of the file.
    let cut = start as usize + 700_001;
    let source = || memory(&bytes[..cut]);
    let (folder, report) = extract(source(), RESCUE);
    assert_eq!(names(folder.path()), ["good.txt", "large.bin.damaged", "large.bin.damaged.map"]);
    let kept = std::fs::read(folder.path().join("large.bin.damaged")).unwrap();
    let whole_sectors = 700_001 / 2048 * 2048;
    assert_eq!(kept.len(), content().len());
    assert!(kept[..whole_sectors] == content()[..whole_sectors]);
    let read = kept.iter().position(|byte| *byte == 0).unwrap();
    assert!(kept[..read] == content()[..read] && kept[read..].iter().all(|byte| *byte == 0));
    let map = std::fs::read_to_string(folder.path().join("large.bin.damaged.map")).unwrap();
    let lost = content().len() - read;
    assert!(map.ends_with(&format!("0x00000000  0x{read:08X}  +\n0x{read:08X}  0x{lost:08X}  -\n")), "{map}");
    let told = listed(&report, "large.bin");
    assert_eq!((told.outcome, told.to.as_deref()), (Outcome::Damaged, Some("large.bin.damaged")));
    assert!(
        told.reason.contains(&format!("{lost} bytes")) && told.reason.contains("large.bin.damaged.map"),
        "{told:?}"
    );
    assert_eq!((report.counts().done, report.counts().skipped), (1, 1));

    // Unasked, nothing of it is delivered.
    let (folder, report) = extract(source(), Options::default());
    assert_eq!(names(folder.path()), ["good.txt"]);
    assert_eq!(listed(&report, "large.bin").to, None);
}

#[test]
fn a_file_that_turns_out_to_be_scratched_loses_those_sectors_only() {
    let (bytes, start) = disc();
    let (first, second) = (start + 10 * 2048..start + 11 * 2048, start + 300 * 2048 + 5..start + 302 * 2048);
    let source = Scratched { inner: memory(&bytes), bad: vec![first, second] };
    let (folder, report) = extract(Arc::new(source), RESCUE);
    let kept = std::fs::read(folder.path().join("large.bin.damaged")).unwrap();
    let mut expected = content();
    expected[10 * 2048..11 * 2048].fill(0);
    expected[300 * 2048..302 * 2048].fill(0);
    assert!(kept == expected);
    let map = std::fs::read_to_string(folder.path().join("large.bin.damaged.map")).unwrap();
    let lines: Vec<_> = map.lines().filter(|line| line.ends_with("  -")).collect();
    assert_eq!(lines, ["0x00005000  0x00000800  -", "0x00096000  0x00001000  -"]);
    assert_eq!(listed(&report, "large.bin").outcome, Outcome::Damaged);
}

#[test]
fn a_file_of_which_nothing_can_be_read_leaves_nothing() {
    let (bytes, start) = disc();
    let all = start..start + 1_000_000;
    let source = Scratched { inner: memory(&bytes), bad: Vec::from([all]) };
    let (folder, report) = extract(Arc::new(source), RESCUE);
    assert_eq!(names(folder.path()), ["good.txt"]);
    assert_eq!(listed(&report, "large.bin").outcome, Outcome::Failed);
    let (folder, report) = extract(memory(&bytes[..start as usize]), RESCUE);
    assert_eq!(names(folder.path()), ["good.txt"]);
    assert_eq!(listed(&report, "large.bin").outcome, Outcome::Damaged);
}

#[test]
fn the_map_comes_with_the_file_even_where_its_name_is_taken() {
    let (bytes, start) = disc();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("large.bin.damaged.map"), b"mine").unwrap();
    let options = Options { on_conflict: OnConflict::Skip, ..RESCUE };
    let report = extract_to(folder.path(), memory(&bytes[..start as usize + 4096]), options);
    let told = listed(&report, "large.bin");
    assert_eq!((told.outcome, told.to.as_deref()), (Outcome::Damaged, Some("large.bin.damaged")));
    assert_eq!(std::fs::read(folder.path().join("large.bin.damaged.map")).unwrap(), b"mine");
    assert!(told.reason.contains("large.bin.damaged (2).map"), "{told:?}");
    assert!(folder.path().join("large.bin.damaged (2).map").is_file());
}

/// Bytes whose first read behind a certain place fails, and succeeds when it is tried again.
struct Shaky {
    inner: Arc<dyn Source>,
    from: u64,
    failed: std::sync::atomic::AtomicBool,
}

impl Source for Shaky {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        if offset >= self.from && !self.failed.swap(true, std::sync::atomic::Ordering::Relaxed) {
            return Err(Error::damaged("sector", offset, "It is dusty"));
        }
        self.inner.read_at(offset, buf)
    }
}

#[test]
fn a_file_that_could_be_read_in_the_end_is_whole() {
    let (bytes, start) = disc();
    let source = Shaky { inner: memory(&bytes), from: start + 500_000, failed: false.into() };
    let (folder, report) = extract(Arc::new(source), RESCUE);
    assert!(report.is_plain(), "{:?}", report.listed().next());
    assert_eq!(names(folder.path()), ["good.txt", "large.bin"]);
    assert!(std::fs::read(folder.path().join("large.bin")).unwrap() == content());
}

#[test]
fn a_second_rescue_keeps_the_first_or_takes_its_place() {
    let (bytes, start) = disc();
    let cut = start as usize + 4096;
    let (folder, _) = extract(memory(&bytes[..cut]), RESCUE);
    extract_to(folder.path(), memory(&bytes[..cut]), RESCUE);
    let both = ["large (2).bin.damaged", "large.bin.damaged"];
    assert_eq!(names(folder.path()).iter().filter(|name| name.ends_with(".damaged")).count(), both.len());
    let (folder, _) = extract(memory(&bytes[..cut]), RESCUE);
    let longer = start as usize + 8192;
    extract_to(folder.path(), memory(&bytes[..longer]), Options { on_conflict: OnConflict::Replace, ..RESCUE });
    assert_eq!(names(folder.path()), ["good.txt", "large.bin.damaged", "large.bin.damaged.map"]);
    let kept = std::fs::read(folder.path().join("large.bin.damaged")).unwrap();
    assert!(kept[..8192] == content()[..8192]);
}

/// Links of every sort, and a file behind one of them.
#[cfg(unix)]
fn linked() -> Vec<u8> {
    let mut disc = Disc::rock_ridge();
    let folder = disc.rr_folder(ROOT, "folder");
    let inner = disc.rr_folder(folder, "inner");
    disc.rr_file(inner, "file.txt", b"file");
    for (parent, name, target) in [
        (ROOT, "down", "folder/inner/file.txt"),
        (ROOT, "here", "."),
        (inner, "up", "../.."),
        (inner, "beside", "file.txt"),
        (folder, "dangling", "nothing/there"),
        // Out of the folder, in ways that are plain and in ways that are not.
        (ROOT, "parent", ".."),
        (inner, "too far", "../../.."),
        (ROOT, "absolute", "/etc/passwd"),
        (inner, "behind a link", "up/../.."),
        (ROOT, "behind itself", "here/../x"),
    ] {
        disc.rr_symlink(parent, name, target);
    }
    disc.build().bytes
}

#[cfg(unix)]
#[test]
fn links_that_stay_inside_are_made_and_others_are_told() {
    let (folder, report) = extract(memory(&linked()), LINKS);
    for (path, target) in [
        ("down", "folder/inner/file.txt"),
        ("here", "."),
        ("folder/inner/up", "../.."),
        ("folder/inner/beside", "file.txt"),
        ("folder/dangling", "nothing/there"),
    ] {
        assert_eq!(std::fs::read_link(folder.path().join(path)).unwrap(), Path::new(target), "{path}");
    }
    assert_eq!(std::fs::read(folder.path().join("down")).unwrap(), b"file");
    for path in ["parent", "folder/inner/too far", "absolute", "folder/inner/behind a link", "behind itself"] {
        assert!(std::fs::symlink_metadata(folder.path().join(path)).is_err(), "{path}");
        let told = listed(&report, path);
        assert_eq!(told.outcome, Outcome::Skipped);
        assert!(told.reason.contains("leads out"), "{told:?}");
    }
    assert_eq!((report.counts().done, report.counts().skipped), (8, 5));
    // Making links changed the folders; they have their own times all the same.
    let image = Image::open(memory(&linked())).unwrap();
    let root = image.default_tree().read_folder(image.default_tree().root()).unwrap();
    let time = root.entries()[root.position("folder").unwrap()].modified.unwrap();
    let there = std::fs::metadata(folder.path().join("folder")).unwrap().modified().unwrap();
    assert_eq!(there.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64, time.unix_seconds());

    // Unasked, there are none.
    let (folder, report) = extract(memory(&linked()), Options::default());
    assert_eq!(names(folder.path()), ["folder"]);
    assert_eq!(report.counts().skipped, 10);
}

#[cfg(unix)]
#[test]
fn a_link_gives_way_like_a_file_and_replaces_no_folder() {
    let bytes = linked();
    for (policy, replaced) in [(OnConflict::KeepBoth, false), (OnConflict::Skip, false), (OnConflict::Replace, true)] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("down"), b"mine").unwrap();
        std::fs::create_dir(folder.path().join("here")).unwrap();
        let report = extract_to(folder.path(), memory(&bytes), Options { on_conflict: policy, ..LINKS });
        let down = folder.path().join("down");
        assert_eq!(std::fs::symlink_metadata(&down).unwrap().is_symlink(), replaced, "{policy:?}");
        assert!(std::fs::symlink_metadata(folder.path().join("here")).unwrap().is_dir());
        if policy == OnConflict::KeepBoth {
            assert!(std::fs::symlink_metadata(folder.path().join("down (2)")).unwrap().is_symlink());
        }
        assert_eq!(report.counts().failed, 0);
        assert!(!names(folder.path()).iter().any(|name| name.starts_with(".iso")));
    }
}

/// A file whose folder is a link on the way never goes where the link leads: files come first, and through handles.
#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    let mut disc = Disc::rock_ridge();
    disc.rr_symlink(ROOT, "twin", "folder");
    let twin = disc.rr_folder(ROOT, "twin");
    disc.rr_file(twin, "file.txt", b"twin");
    let folder = disc.rr_folder(ROOT, "folder");
    disc.rr_file(folder, "file.txt", b"folder");
    let (folder, report) = extract(memory(&disc.build().bytes), LINKS);
    assert_eq!(std::fs::read(folder.path().join("folder/file.txt")).unwrap(), b"folder");
    let written = listed(&report, "twin").to.unwrap_or_default();
    assert!(names(folder.path()).len() == 3, "{:?} {written}", names(folder.path()));
    assert_eq!(report.counts().failed + report.counts().skipped, 0);
}
