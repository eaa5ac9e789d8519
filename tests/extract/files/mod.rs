//! The promises of an extraction: each test is one of them.

mod arrival;
mod names;
mod plans;
mod trouble;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::support::builder::{Disc, ROOT};
use crate::support::sources::memory;
use isoscope::disc::{Image, Source};
use isoscope::extract::plan::Ground;
use isoscope::extract::report::Outcome;
use isoscope::extract::run::Durability;
use isoscope::extract::{self, Destination, OnConflict, Plan, Report, Selection};
use tempfile::TempDir;

/// A destination with a neighbour that nothing may ever touch.
struct Place {
    folder: TempDir,
    destination: Destination,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("neighbour")).unwrap();
        std::fs::write(folder.path().join("neighbour/precious"), b"precious").unwrap();
        let destination = Destination::create(&folder.path().join("destination")).unwrap();
        Self { folder, destination }
    }

    fn path(&self) -> &Path {
        self.destination.path()
    }

    /// The files below the destination with their contents, links as `-> target`, folders with a slash.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        collect(self.path(), "", &mut found);
        let mut outside = BTreeMap::new();
        collect(self.folder.path(), "", &mut outside);
        outside.retain(|name, _| !name.starts_with("destination/"));
        let expected = [("neighbour/", &b""[..]), ("neighbour/precious", b"precious")];
        assert!(outside.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).eq(expected), "{outside:?}");
        found
    }

    fn names(&self) -> Vec<String> {
        self.files().into_keys().collect()
    }
}

fn collect(folder: &Path, prefix: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().into_string().unwrap());
        let kind = entry.file_type().unwrap();
        if kind.is_symlink() {
            found.insert(name, format!("-> {}", std::fs::read_link(entry.path()).unwrap().display()).into_bytes());
        } else if kind.is_dir() {
            found.insert(format!("{name}/"), Vec::new());
            collect(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name, std::fs::read(entry.path()).unwrap());
        }
    }
}

fn plan(source: Arc<dyn Source>, selection: &Selection, policy: OnConflict, ground: &dyn Ground) -> Arc<Plan> {
    let image = Image::open(source).unwrap();
    Arc::new(Plan::make(image.default_tree(), selection, policy, ground, &mut |_| {}).unwrap())
}

fn run(plan: &Arc<Plan>, place: &Place) -> Report {
    checked(extract::run(plan, &place.destination, Durability::Never, &mut |_| {}, &|| false).unwrap(), plan)
}

/// Every report accounts for every entry of its plan, and lists what was not plainly done.
fn checked(report: Report, plan: &Plan) -> Report {
    let counts = report.counts();
    assert_eq!(counts.planned, plan.totals().planned);
    assert_eq!(counts.planned, counts.done + counts.renamed + counts.skipped + counts.failed);
    let listed = |outcome| report.listed().filter(|listed| listed.outcome == outcome).count() as u64;
    assert_eq!(listed(Outcome::Renamed), counts.renamed);
    assert_eq!(listed(Outcome::Skipped) + listed(Outcome::Damaged), counts.skipped);
    assert_eq!(listed(Outcome::Failed), counts.failed);
    assert_eq!(report.is_plain(), counts.done == counts.planned && report.stop().is_none());
    for listed in report.listed() {
        assert!(!listed.reason.is_empty(), "{listed:?}");
        assert_eq!(listed.to.is_some(), matches!(listed.outcome, Outcome::Done | Outcome::Renamed));
    }
    report
}

fn extract_with(disc: &Disc, policy: OnConflict, place: &Place) -> Report {
    let plan = plan(memory(&disc.build().bytes), &Selection::Everything, policy, &place.destination);
    run(&plan, place)
}

fn extract_all(disc: &Disc) -> (Place, Report) {
    let place = Place::new();
    let report = extract_with(disc, OnConflict::KeepBoth, &place);
    (place, report)
}

/// A folder, a few files, one of them of several chunks, one empty.
fn small_disc() -> Disc {
    let mut disc = Disc::rock_ridge();
    disc.rr_file(ROOT, "first.txt", b"first");
    let folder = disc.rr_folder(ROOT, "folder");
    disc.rr_file(folder, "large.bin", &large());
    let inner = disc.rr_folder(folder, "inner");
    disc.rr_file(inner, "deep.txt", b"deep");
    disc.rr_folder(ROOT, "empty folder");
    disc.rr_file(ROOT, "empty", b"");
    disc
}

fn large() -> Vec<u8> {
    (0..3_500_000_u32).map(|at| (at / 7) as u8).collect()
}

fn small_files() -> BTreeMap<String, Vec<u8>> {
    [
        ("first.txt", b"first".to_vec()),
        ("folder/", Vec::new()),
        ("folder/large.bin", large()),
        ("folder/inner/", Vec::new()),
        ("folder/inner/deep.txt", b"deep".to_vec()),
        ("empty folder/", Vec::new()),
        ("empty", Vec::new()),
    ]
    .map(|(name, bytes)| (name.to_owned(), bytes))
    .into()
}
