//! The promises of an extraction when several threads write: nothing is lost, mixed up, or left half-written.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::support::builder::{Disc, ROOT};
use crate::support::sources::{FailingSource, memory};
use isoscope::disc::{Image, Source};
use isoscope::extract::plan::Ground;
use isoscope::extract::report::Outcome;
use isoscope::extract::run::{Durability, Progress};
use isoscope::extract::{self, Destination, OnConflict, Plan, Report, Selection};

/// More files than one thread would be left alone with.
const FOLDERS: usize = 36;
const FILES: usize = 8;

/// Bytes that no other file has.
fn bytes(folder: usize, file: usize) -> Vec<u8> {
    let len = if (folder, file) == (3, 7) { 3 << 20 } else { file * 397 };
    format!("{folder}/{file};").into_bytes().into_iter().cycle().take(len).collect()
}

fn disc() -> Vec<u8> {
    let mut disc = Disc::rock_ridge();
    let mut parent = ROOT;
    for folder in 0..FOLDERS {
        // One inside the other, deep enough that not all of them stay open.
        parent = disc.rr_folder(if folder < 2 { ROOT } else { parent }, &format!("folder {folder}"));
        for file in 0..FILES {
            disc.rr_file(parent, &format!("file {file}"), &bytes(folder, file));
        }
    }
    disc.build().bytes
}

fn plan(source: Arc<dyn Source>, ground: &dyn Ground) -> Option<Arc<Plan>> {
    let image = Image::open(source).ok()?;
    let everything = Selection::Everything;
    Some(Arc::new(Plan::make(image.default_tree(), &everything, OnConflict::KeepBoth, ground, &mut |_| {}).ok()?))
}

/// All files below `folder` by their names in their own folders, which say what must be in them.
fn files(folder: &Path) -> BTreeMap<(usize, usize), Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let number = |path: &Path| path.file_name()?.to_str()?.split_once(' ')?.1.parse::<usize>().ok();
            let place = number(&folder).zip(number(&path)).unwrap_or_else(|| panic!("{path:?} is left"));
            assert!(found.insert(place, std::fs::read(&path).unwrap()).is_none());
        }
    }
    found
}

/// Whatever there is, is whole, and the report tells of it.
fn assert_whole(folder: &Path, report: &Report) {
    let left = files(folder);
    for (&(folder, file), found) in &left {
        assert!(*found == bytes(folder, file), "{folder}/{file}");
    }
    let counts = report.counts();
    assert_eq!(counts.planned, counts.done + counts.renamed + counts.skipped + counts.failed);
    assert_eq!(counts.bytes, left.values().map(|bytes| bytes.len() as u64).sum::<u64>());
    let unmade = report.listed().filter(|listed| listed.to.is_none()).count();
    assert_eq!(counts.planned as usize - unmade, (counts.done + counts.renamed) as usize);
    assert!(report.listed().all(|listed| listed.outcome != Outcome::Renamed));
}

#[test]
fn every_file_arrives_with_its_own_bytes_and_every_folder_with_its_time() {
    let disc = disc();
    let folder = tempfile::tempdir().unwrap();
    let destination = Destination::open(folder.path()).unwrap();
    let plan = plan(memory(&disc), &destination).unwrap();
    let last = Cell::new((0, 0));
    let mut progress = |at: Progress<'_>| {
        assert!(last.get() <= (at.entries_done, at.bytes_done), "progress goes on");
        last.set((at.entries_done, at.bytes_done));
    };
    let report = extract::run(&plan, &destination, Durability::Never, &mut progress, &|| false).unwrap();
    assert_whole(folder.path(), &report);
    assert!(report.is_plain());
    assert_eq!(files(folder.path()).len(), FOLDERS * FILES);
    assert_eq!(last.get(), (plan.totals().planned, plan.totals().bytes));
    let image = Image::open(memory(&disc)).unwrap();
    let root = image.default_tree().read_folder(image.default_tree().root()).unwrap();
    for entry in root.entries() {
        let there = std::fs::metadata(folder.path().join(root.name(entry))).unwrap().modified().unwrap();
        let seconds = there.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        assert_eq!(Some(seconds as i64), entry.modified.map(|time| time.unix_seconds()));
    }
}

#[test]
fn cancelling_leaves_whole_files_only() {
    let disc = disc();
    for point in [0, 1, 20, 100, 200, 300] {
        let folder = tempfile::tempdir().unwrap();
        let destination = Destination::open(folder.path()).unwrap();
        let plan = plan(memory(&disc), &destination).unwrap();
        let calls = Cell::new(0);
        let mut progress = |_: Progress<'_>| calls.set(calls.get() + 1);
        let cancelled = || calls.get() > point;
        let report = extract::run(&plan, &destination, Durability::Never, &mut progress, &cancelled).unwrap();
        assert_whole(folder.path(), &report);
        assert!(report.is_cancelled());
        assert_eq!(files(folder.path()).len() as u64 + report.counts().skipped, plan.totals().files + folders(&report));
    }
}

/// Folders that were not made.
fn folders(report: &Report) -> u64 {
    report
        .listed()
        .filter(|listed| listed.from.rsplit('/').next().is_some_and(|name| name.starts_with("folder")))
        .count() as u64
}

#[test]
fn a_read_that_fails_costs_no_other_file() {
    let disc = disc();
    let mut failed = 0;
    for failing in (0..400).step_by(29) {
        let source = FailingSource::new(memory(&disc), failing);
        let folder = tempfile::tempdir().unwrap();
        let destination = Destination::open(folder.path()).unwrap();
        let Some(plan) = plan(source.clone(), &destination) else { continue };
        if source.reads() > failing {
            continue;
        }
        let report = extract::run(&plan, &destination, Durability::Never, &mut |_| {}, &|| false).unwrap();
        if source.reads() > failing {
            failed += 1;
            // One file, or one folder of the disc with all its files.
            assert!(matches!(report.counts().failed, 1 | 8), "{}", report.counts().failed);
        }
        assert_whole(folder.path(), &report);
    }
    assert!(failed >= 4, "only {failed} reads of files failed");
}

/// Names that are taken while the run goes on make way for each other, whichever thread comes upon them.
#[test]
fn names_that_appear_are_never_replaced() {
    let disc = disc();
    let folder = tempfile::tempdir().unwrap();
    let destination = Destination::open(folder.path()).unwrap();
    let plan = plan(memory(&disc), &destination).unwrap();
    let mut appear = |at: Progress<'_>| {
        if let Some(("file", number)) = at.current.split_once(' ')
            && number.parse::<usize>().is_ok_and(|number| number % 3 == 0)
        {
            let path = folder.path().join("folder 0").join(at.current);
            drop(std::fs::File::create_new(&path).and_then(|mut file| std::io::Write::write_all(&mut file, b"mine")));
        }
    };
    let report = extract::run(&plan, &destination, Durability::Never, &mut appear, &|| false).unwrap();
    assert_eq!(report.counts().failed + report.counts().skipped, 0);
    let renamed: Vec<_> = report.listed().filter(|listed| listed.outcome == Outcome::Renamed).collect();
    assert_eq!(renamed.len() as u64, report.counts().renamed);
    // "file 0", "file 3" and "file 6", each just before it is its turn.
    assert_eq!(renamed.len(), 3);
    for listed in renamed {
        let name = listed.from.strip_prefix("folder 0/").unwrap();
        assert_eq!(std::fs::read(folder.path().join(&listed.from)).unwrap(), b"mine");
        let number = name.strip_prefix("file ").unwrap().parse().unwrap();
        assert_eq!(std::fs::read(folder.path().join(listed.to.unwrap())).unwrap(), bytes(0, number));
    }
}

/// Only root may mount a small disk; `extract_program.rs` has other users' writes fail.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_ends_the_run_for_all() {
    use crate::support::ground::Roomy;
    use crate::support::rights::can_mount_disks;
    use crate::support::tiny::Tiny;
    use isoscope::extract::plan::Room;
    use isoscope::extract::report::Stop;

    if !can_mount_disks() {
        return;
    }
    let disc = disc();
    let folder = tempfile::tempdir().unwrap();
    for size in ["64k", "400k", "1m", "3m"] {
        let tiny = Tiny::mount(&folder.path().join(size), size);
        let destination = Destination::open(&tiny.0).unwrap();
        let plan = plan(memory(&disc), &Roomy).unwrap();
        assert_eq!(plan.room(), Room { free: None, ..plan.room() });
        let report = extract::run(&plan, &destination, Durability::Always, &mut |_| {}, &|| false).unwrap();
        let (stop, listed) = (report.stop().cloned(), report.listed().last());
        assert_whole(&tiny.0, &report);
        assert_eq!(stop, Some(Stop::Destination("The destination is full".to_owned())), "{size}");
        assert_eq!(listed.unwrap().reason, "The destination is full");
    }
}
