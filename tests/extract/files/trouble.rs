//! Being cancelled, and what cannot be read.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use super::{Place, checked, extract_all, extract_with, plan, run, small_disc, small_files};
use crate::support::builder::{Data, Disc, ROOT};
use crate::support::sources::{FailingSource, TruncatedSource, memory};
use crate::support::susp;
use isoscope::disc::{Error, Image, Source};
use isoscope::extract::plan::Skip;
use isoscope::extract::report::Outcome;
use isoscope::extract::run::Durability;
use isoscope::extract::{self, OnConflict, Plan, Selection};

#[test]
fn cancelling_at_any_point_leaves_whole_files_only() {
    let disc = small_disc().build().bytes;
    let whole = small_files();
    for point in 0.. {
        let place = Place::new();
        let plan = plan(memory(&disc), &Selection::Everything, OnConflict::KeepBoth, &place.destination);
        let calls = Cell::new(0);
        let mut progress = |_: extract::run::Progress<'_>| calls.set(calls.get() + 1);
        let report = extract::run(&plan, &place.destination, Durability::Never, &mut progress, &|| calls.get() > point);
        let report = checked(report.unwrap(), &plan);
        let files = place.files();
        for (name, bytes) in &files {
            assert!(whole.get(name) == Some(bytes), "{name} after {point}");
        }
        assert_eq!(report.counts().done as usize, files.len(), "after {point}");
        if report.is_plain() {
            // After the last call it is too late to cancel.
            assert!(files == whole);
            // Every entry, and every chunk of the large file but the last.
            assert!(point >= 10, "{point}");
            break;
        }
        assert!(report.is_cancelled());
        assert_eq!(report.counts().skipped, report.counts().planned - report.counts().done);
    }
}

#[test]
fn a_read_that_fails_costs_one_file_or_is_said_before() {
    let disc = small_disc().build().bytes;
    let whole = small_files();
    let mut failed = 0;
    for failing in 0.. {
        let source = FailingSource::new(memory(&disc), failing);
        let place = Place::new();
        let Ok(image) = Image::open(source.clone()) else { continue };
        let everything = Selection::Everything;
        let tree = image.default_tree();
        let Ok(plan) = Plan::make(tree, &everything, OnConflict::KeepBoth, &place.destination, &mut |_| {}) else {
            continue;
        };
        let plan = Arc::new(plan);
        let report = run(&plan, &place);
        let files = place.files();
        for (name, bytes) in &files {
            // Which tree there is depends on reads too, and then names differ; bytes do not.
            assert!(whole.values().any(|whole| whole == bytes), "{name} when read {failing} fails");
        }
        assert_eq!(files.len() as u64, report.counts().done, "when read {failing} fails");
        failed += report.counts().failed;
        if source.reads() <= failing {
            assert!(files == whole);
            break;
        }
    }
    assert!(failed >= 4, "only {failed} reads of files failed");
}

#[test]
fn damaged_files_are_not_delivered_and_their_siblings_are() {
    let bytes = small_disc().build().bytes;
    let place = Place::new();
    // The data of the large file comes first, but ends far behind the others' start: cut into it from the end on.
    let mut disc = Disc::rock_ridge();
    disc.rr_file(ROOT, "whole", b"whole");
    let data = disc.data(b"x");
    let cut = disc.primary.file(ROOT, b"CUT.;1", Data { block: data.block, len: 900_000_000 });
    disc.primary.uses(cut, susp::long_name(b"cut"));
    let gone = disc.primary.file(ROOT, b"GONE.;1", Data { block: 400_000_000, len: 10 });
    disc.primary.uses(gone, susp::long_name(b"gone"));
    let report = extract_with(&disc, OnConflict::KeepBoth, &place);
    assert_eq!(place.names(), ["whole"]);
    let listed: Vec<_> = report.listed().map(|listed| (listed.from, listed.outcome, listed.reason)).collect();
    assert_eq!(
        listed,
        [
            ("cut".to_owned(), Outcome::Damaged, Skip::Partly.sentence().to_owned()),
            ("gone".to_owned(), Outcome::Damaged, Skip::Outside.sentence().to_owned()),
        ]
    );
    // A download that stopped in the middle.
    let len = bytes.len() as u64 / 2;
    let source = Arc::new(TruncatedSource { inner: memory(&bytes), len });
    if let Ok(image) = Image::open(source) {
        let place = Place::new();
        let plan = Plan::make(
            image.default_tree(),
            &Selection::Everything,
            OnConflict::KeepBoth,
            &place.destination,
            &mut |_| {},
        );
        if let Ok(plan) = plan {
            run(&Arc::new(plan), &place);
            let whole = small_files();
            assert!(place.files().iter().all(|(name, bytes)| whole.get(name) == Some(bytes)));
        }
    }
}

#[test]
fn a_folder_that_cannot_be_read_is_told_and_the_rest_arrives() {
    let mut disc = Disc::rock_ridge();
    disc.rr_file(ROOT, "whole", b"whole");
    let data = Data { block: 400_000_000, len: 2048 };
    let lost = disc.primary.folder_at(ROOT, b"LOST", data);
    disc.primary.uses(lost, susp::long_name(b"lost"));
    let (place, report) = extract_all(&disc);
    assert_eq!(place.files()["whole"], b"whole");
    assert!(!report.is_plain() || place.names() == ["lost/", "whole"], "{:?}", report.listed().collect::<Vec<_>>());
}

#[test]
fn an_image_that_changes_under_the_plan_gives_no_wrong_file() {
    /// Gives one image first and another one later.
    struct Swapped(Arc<dyn Source>, Arc<dyn Source>, AtomicBool);
    impl Source for Swapped {
        fn len(&self) -> u64 {
            self.0.len()
        }
        fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize, Error> {
            if self.2.load(Relaxed) { self.1.read_at(offset, buf) } else { self.0.read_at(offset, buf) }
        }
    }
    let disc = |name: &str| {
        let mut disc = Disc::rock_ridge();
        disc.rr_file(ROOT, name, b"12345");
        memory(&disc.build().bytes)
    };
    let place = Place::new();
    let source = Arc::new(Swapped(disc("aaaa"), disc("bbbb"), AtomicBool::new(false)));
    let plan = plan(source.clone(), &Selection::Everything, OnConflict::KeepBoth, &place.destination);
    source.2.store(true, Relaxed);
    let report = run(&plan, &place);
    assert!(place.names().is_empty());
    assert!(report.get(0).unwrap().reason.contains("has changed"), "{:?}", report.get(0));
}
