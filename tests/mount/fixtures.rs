//! Every tree of every fixture, and of the images of others where they are there: mounted and extracted it is the same.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use isoscope::disc::tree::FileTree;
use isoscope::disc::{Image, Source};
use isoscope::extract::plan::Options;
use isoscope::extract::run::Durability;
use isoscope::extract::{self, Destination, OnConflict, Plan, Selection};
use isoscope::serve::View;

use super::place::{Mounted, There, all, can_mount};
use super::support::{fixtures, peers, sources};

/// Bytes that are written to the disk for one tree. What has more is compared with the reader.
const EXTRACTED: u64 = 300 << 20;

/// Extracts everything with its links. The paths on the disc of what was not extracted.
fn extract(tree: &Arc<dyn FileTree>, folder: &Path) -> Option<Vec<String>> {
    let destination = Destination::open(folder).unwrap();
    let options = Options { on_conflict: OnConflict::KeepBoth, keep_damaged: false, links: true };
    let plan = Arc::new(Plan::make(tree, &Selection::Everything, options, &destination, &mut |_| {}).ok()?);
    if plan.totals().bytes > EXTRACTED {
        return None;
    }
    let report = extract::run(&plan, &destination, Durability::Never, &mut |_| {}, &|| false).unwrap();
    Some(report.listed().filter(|listed| listed.to.is_none()).map(|listed| listed.from).collect())
}

/// The same tree mounted, against what was extracted.
fn compare(name: &str, tree: &Arc<dyn FileTree>) {
    // Of some trees not even the root can be read: then it cannot be listed either.
    if tree.read_folder(tree.root()).is_err() {
        let mounted = Mounted::new(Arc::new(View::of_tree(tree.clone())));
        let listed = std::fs::read_dir(mounted.path()).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
        assert!(listed.is_err(), "{name}: {listed:?}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let Some(left_out) = extract(tree, folder.path()) else {
        return compare_with_reader(name, tree);
    };
    let extracted = all(folder.path());
    let mounted = Mounted::new(Arc::new(View::of_tree(tree.clone())));
    let mut shown = all(&mounted.path());
    let lately = SystemTime::now() - Duration::from_secs(3600);
    let lately = lately.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() as i64;
    for (path, mut expected) in extracted {
        let mut there = shown.remove(&path).unwrap_or_else(|| panic!("{name}: {path} is not in the mount"));
        // A file without a time has that of its extraction.
        if let (There::File(_, expected, _), There::File(_, there, _)) = (&mut expected, &mut there)
            && *expected > lately
        {
            (*expected, *there) = (0, 0);
        }
        assert!(there == expected, "{name}: {path} differs");
    }
    for (path, there) in shown {
        // Damaged files and what Isoscope cannot unpack are shown, and so are folders that stand in several places.
        let explained = left_out.iter().any(|from| path == *from || path.starts_with(&format!("{from}/")));
        assert!(explained, "{name}: {path} is in the mount alone: {there:?}");
    }
}

/// The largest files at their ends and in the middle, against the reader itself.
fn compare_with_reader(name: &str, tree: &Arc<dyn FileTree>) {
    use std::os::unix::fs::FileExt as _;
    let mounted = Mounted::new(Arc::new(View::of_tree(tree.clone())));
    let folder = tree.read_folder(tree.root()).unwrap();
    let mut compared = 0;
    for entry in folder.entries().iter().filter(|entry| entry.is_file()) {
        let file = std::fs::File::open(mounted.path().join(folder.name(entry))).unwrap();
        assert_eq!(file.metadata().unwrap().len(), entry.size);
        let source = tree.open(entry).unwrap();
        for at in [0, 1, entry.size / 2, u64::from(u32::MAX) - 70_000, entry.size.saturating_sub(100_000)] {
            let (mut expected, mut there) = (vec![1; 150_000], vec![2; 150_000]);
            let mut done = 0;
            while let read @ 1.. = source.read_at(at + done as u64, &mut expected[done..]).unwrap() {
                done += read;
            }
            let mut read = 0;
            while let more @ 1.. = file.read_at(&mut there[read..], at + read as u64).unwrap() {
                read += more;
            }
            assert_eq!((read, &there[..read]), (done, &expected[..done]), "{name} at {at}");
            compared += 1;
        }
    }
    assert!(compared > 0, "{name}");
}

fn every_tree(name: &str, source: Arc<dyn Source>) {
    let Ok(image) = Image::open(source) else { return };
    for tree in image.trees() {
        compare(&format!("{name} as {}", image.id_of(tree.as_ref())), tree);
    }
}

#[test]
fn every_tree_of_every_fixture_is_what_an_extraction_writes() {
    if !can_mount() {
        return;
    }
    for name in fixtures::names() {
        every_tree(&name, fixtures::source(&name));
    }
}

#[test]
fn the_images_of_others_are_what_an_extraction_writes() {
    let corpus = std::env::var_os("ISOSCOPE_CORPUS").filter(|value| !value.is_empty());
    let Some(corpus) = corpus.filter(|_| can_mount()) else { return };
    for file in std::fs::read_dir(&corpus).unwrap() {
        let file = file.unwrap().file_name().into_string().unwrap();
        if file.ends_with(".xz") {
            every_tree(&file, sources::memory(&peers::run(Path::new(&corpus), "xz", &["-dc", &file])));
        }
    }
}
