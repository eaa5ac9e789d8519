//! The promises of an extraction: each test is one of them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use crate::support::builder::{Data, Disc, ROOT};
use crate::support::sources::{FailingSource, TruncatedSource, memory};
use crate::support::susp;
use isoscope::disc::{Error, Image, Source};
use isoscope::extract::plan::{Chosen, Ground, Loose, Skip};
use isoscope::extract::report::{Outcome, Stop};
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

#[test]
fn everything_arrives_with_its_bytes_and_nothing_else() {
    let (place, report) = extract_all(&small_disc());
    assert!(place.files() == small_files());
    assert!(report.is_plain() && report.is_empty(), "{:?}", report.listed().collect::<Vec<_>>());
    assert_eq!(report.counts().bytes, 3_500_009);
    assert_eq!(report.counts().done, 7);
}

#[test]
fn the_system_copies_the_same_bytes_from_a_file() {
    let place = Place::new();
    let image = place.folder.path().join("destination/disc.iso");
    std::fs::write(&image, small_disc().build().bytes).unwrap();
    let source = Arc::new(isoscope::disc::source::FileSource::open(&image).unwrap());
    let plan = plan(source, &Selection::Everything, OnConflict::KeepBoth, &place.destination);
    run(&plan, &place);
    // Its name may stay until the last handle is closed.
    drop(plan);
    std::fs::remove_file(image).unwrap();
    assert!(place.files() == small_files());
}

#[test]
fn a_plan_says_everything_before_the_first_byte() {
    let place = Place::new();
    let mut disc = small_disc();
    disc.rr_file(ROOT, "nul", b"device");
    let link = disc.primary.file(ROOT, b"LINK.;1", Data { block: 0, len: 0 });
    disc.primary.uses(link, [susp::px(0o120_777, 1, 0, 0, 1), susp::sl(0, &[susp::component(0, b"first.txt")])]);
    disc.primary.uses(link, susp::long_name(b"link"));
    let plan = plan(memory(&disc.build().bytes), &Selection::Everything, OnConflict::KeepBoth, &place.destination);
    let totals = plan.totals();
    assert_eq!((totals.files, totals.folders, totals.skipped, totals.renamed), (5, 3, 1, 1));
    assert_eq!(totals.bytes, 3_500_015);
    assert!(!plan.is_plain());
    let skipped: Vec<_> = plan.skipped().map(|at| (plan.from_path(at), plan.reason(at).unwrap())).collect();
    assert_eq!(skipped, [("link".to_owned(), Skip::Link.sentence().to_owned())]);
    let renamed: Vec<_> = plan.renamed().map(|at| (plan.from_path(at), plan.to_path(at))).collect();
    assert_eq!(renamed, [("nul".to_owned(), "_nul".to_owned())]);
    // Blocks are rounded up, and 1 % and 16 MiB stay free.
    let room = plan.room();
    assert!(room.needed > totals.bytes * 101 / 100 + (16 << 20), "{room:?}");
    assert!(room.needed < totals.bytes * 102 / 100 + (17 << 20), "{room:?}");
    assert!(place.names().is_empty());
}

/// A destination that has only so much room.
struct Narrow(u64);

impl Ground for Narrow {
    fn existing(
        &self,
        _: &[isoscope::extract::name::Component<'_>],
    ) -> std::io::Result<Option<Vec<extract::destination::Existing>>> {
        Ok(Some(Vec::new()))
    }

    fn space(&self) -> Option<extract::destination::Space> {
        Some(extract::destination::Space { free: self.0, block: 4096 })
    }
}

#[test]
fn room_is_measured_in_blocks_with_some_to_spare() {
    let bytes = small_disc().build().bytes;
    let needed = |free| plan(memory(&bytes), &Selection::Everything, OnConflict::KeepBoth, &Narrow(free)).room();
    // Three folders and two small files take a block each, the large file 855, and the empty one none.
    let blocks = (3 + 2 + 855) * 4096;
    let expected = blocks + blocks / 100 + (16 << 20);
    assert_eq!(needed(0).needed, expected);
    assert!(needed(expected).suffices());
    assert!(!needed(expected - 1).suffices());
}

#[test]
fn files_that_claim_far_more_than_the_image_are_said() {
    let mut disc = Disc::rock_ridge();
    let data = disc.data(&vec![7; 1 << 20]);
    for at in 0..9 {
        disc.primary.file(ROOT, format!("F{at}.;1").as_bytes(), data);
    }
    let place = Place::new();
    let plan = plan(memory(&disc.build().bytes), &Selection::Everything, OnConflict::KeepBoth, &place.destination);
    assert!(plan.over_budget().unwrap().contains("9.4 MB"), "{:?}", plan.over_budget());
    assert!(!plan.is_plain());
    let (place, _) = (Place::new(), ());
    let plan = self::plan(
        memory(&small_disc().build().bytes),
        &Selection::Everything,
        OnConflict::KeepBoth,
        &place.destination,
    );
    assert_eq!(plan.over_budget(), None);
}

/// Names that readers of archives fell for.
const HOSTILE: [&str; 30] = [
    "..",
    "../escape",
    "../../neighbour/precious",
    "/etc/passwd",
    "..\\escape",
    "C:\\Windows\\system.ini",
    "C:evil",
    "\\\\server\\share\\x",
    "a/b",
    "nul\0byte",
    ".",
    "...",
    " ",
    ".. ",
    "CON",
    "aux.txt",
    "com1",
    "COM¹.log",
    "CONIN$",
    "file.txt:Zone.Identifier",
    "trailing.",
    "trailing ",
    "exe\u{202e}gpj.scr",
    "esc\u{1b}[2J",
    "bell\u{7}",
    "c1\u{9b}31m",
    "neighbour",
    "precious",
    ".iso0001.part",
    ".iso0001.journal",
];

#[test]
fn no_name_leads_out_of_the_folder_or_acts_on_anything() {
    let mut disc = Disc::rock_ridge();
    for (at, name) in HOSTILE.iter().enumerate() {
        disc.rr_file(ROOT, name, format!("file {at}").as_bytes());
    }
    let outer = disc.rr_folder(ROOT, "folders");
    for (at, name) in HOSTILE.iter().enumerate() {
        let folder = disc.rr_folder(outer, name);
        disc.rr_file(folder, "inside", format!("folder {at}").as_bytes());
    }
    let (place, report) = extract_all(&disc);
    assert_eq!((report.counts().failed, report.counts().skipped), (0, 0), "{:?}", report.listed().collect::<Vec<_>>());
    let files = place.files();
    for (at, name) in HOSTILE.iter().enumerate() {
        let holds = |wanted: String| files.values().any(|bytes| *bytes == wanted.as_bytes());
        assert!(holds(format!("file {at}")) && holds(format!("folder {at}")), "{name:?}");
    }
    for name in files.keys() {
        assert!(!name.contains(['\\', ':', '\u{202e}']) && !name.chars().any(char::is_control), "{name:?}");
        for component in name.trim_end_matches('/').split('/') {
            let stem = component.split('.').next().unwrap().to_lowercase();
            assert!(!matches!(stem.as_str(), "con" | "aux" | "com1" | "com¹" | "conin$" | "nul"), "{name:?}");
            assert!(!component.ends_with(['.', ' ']) && !component.starts_with(".iso0001"), "{name:?}");
        }
    }
    // What was changed is listed with both names, and what was not is not.
    for listed in report.listed() {
        assert_eq!(listed.outcome, Outcome::Renamed);
        assert!(listed.reason.starts_with("The name was changed because"), "{listed:?}");
        assert!(
            files.contains_key(listed.to.as_deref().unwrap())
                || files.contains_key(&format!("{}/", listed.to.unwrap()))
        );
    }
    let harmless = HOSTILE.iter().filter(|name| matches!(**name, "neighbour" | "precious")).count();
    assert_eq!(report.counts().renamed as usize, 2 * (HOSTILE.len() - harmless));
}

#[test]
fn twins_of_any_kind_all_arrive() {
    let mut disc = Disc::rock_ridge();
    let names = ["same.txt", "same.txt", "SAME.TXT", "é", "e\u{301}", "É", "straße", "STRASSE", "a:b", "a_b", "a?b"];
    for (at, name) in names.iter().enumerate() {
        disc.rr_file(ROOT, name, format!("{at}").as_bytes());
    }
    for name in ["twin", "Twin", "twin"] {
        let folder = disc.rr_folder(ROOT, name);
        disc.rr_file(folder, "inside", name.as_bytes());
    }
    let (place, report) = extract_all(&disc);
    let files = place.files();
    assert_eq!(files.len(), names.len() + 6);
    assert_eq!(files["same.txt"], b"0");
    assert_eq!(files["same (2).txt"], b"1");
    assert_eq!(files["SAME (3).TXT"], b"2");
    assert_eq!(files["a_b"], b"9");
    assert_eq!(files["a_b (2)"], b"8");
    assert_eq!(files["Twin (2)/inside"], b"Twin");
    assert_eq!(report.counts().renamed, 2 + 2 + 1 + 2 + 2);
    assert_eq!(report.counts().failed, 0);
    let keys: std::collections::HashSet<_> = files.keys().map(|name| extract::name::key(name).into_owned()).collect();
    assert_eq!(keys.len(), files.len());
}

#[test]
fn what_stands_there_is_kept_skipped_or_replaced_as_asked() {
    let before = |place: &Place| {
        std::fs::create_dir(place.path().join("folder")).unwrap();
        std::fs::write(place.path().join("folder/mine"), b"mine").unwrap();
        std::fs::write(place.path().join("first.txt"), b"old").unwrap();
        std::fs::write(place.path().join("empty folder"), b"a file").unwrap();
        std::fs::create_dir(place.path().join("empty")).unwrap();
    };
    let expect = |policy, changes: &[(&str, Option<&[u8]>)], counts: (u64, u64, u64)| {
        let place = Place::new();
        before(&place);
        let mut expected = place.files();
        let report = extract_with(&small_disc(), policy, &place);
        for (name, bytes) in small_files() {
            if name.starts_with("folder/") {
                expected.insert(name, bytes);
            }
        }
        for (name, bytes) in changes {
            match bytes {
                Some(bytes) => expected.insert((*name).to_owned(), bytes.to_vec()),
                None => expected.remove(*name),
            };
        }
        assert_eq!(place.names(), expected.keys().cloned().collect::<Vec<_>>());
        assert!(place.files() == expected);
        assert_eq!((report.counts().done, report.counts().renamed, report.counts().skipped), counts);
        report
    };
    let kept: &[(&str, Option<&[u8]>)] =
        &[("first (2).txt", Some(b"first")), ("empty (2)", Some(b"")), ("empty folder (2)/", Some(b""))];
    expect(OnConflict::KeepBoth, kept, (4, 3, 0));
    expect(OnConflict::Skip, &[], (4, 0, 3));
    // Neither does a file take a folder's place, nor a folder a file's.
    let replaced: &[(&str, Option<&[u8]>)] =
        &[("first.txt", Some(b"first")), ("empty (2)", Some(b"")), ("empty folder (2)/", Some(b""))];
    let report = expect(OnConflict::Replace, replaced, (5, 2, 0));
    let told = report.listed().find(|listed| listed.from == "first.txt").unwrap();
    assert_eq!((told.outcome, told.reason.as_str()), (Outcome::Done, "It took the place of a file of that name"));
}

#[test]
fn extracting_twice_keeps_both() {
    let place = Place::new();
    extract_with(&small_disc(), OnConflict::KeepBoth, &place);
    let report = extract_with(&small_disc(), OnConflict::KeepBoth, &place);
    assert_eq!((report.counts().done, report.counts().renamed), (3, 4));
    assert!(place.files()["folder/large (2).bin"] == large());
    let again = extract_with(&small_disc(), OnConflict::Skip, &place);
    assert_eq!(again.counts().skipped, 4);
    assert_eq!(place.names().len(), 11);
}

#[cfg(unix)]
#[test]
fn links_that_were_planted_in_the_destination_are_never_followed() {
    for policy in [OnConflict::KeepBoth, OnConflict::Skip, OnConflict::Replace] {
        let place = Place::new();
        let link = |target: &str, name: &str| std::os::unix::fs::symlink(target, place.path().join(name)).unwrap();
        link("../neighbour", "folder");
        link("../neighbour/precious", "first.txt");
        link("../neighbour/absent", "empty");
        std::fs::create_dir(place.path().join("inside")).unwrap();
        link("inside", "empty folder");
        let report = extract_with(&small_disc(), policy, &place);
        // `files` looks after the neighbour.
        let files = place.files();
        assert_eq!(files["folder"], b"-> ../neighbour");
        assert_eq!(files["empty folder"], b"-> inside");
        assert_eq!(report.counts().failed, 0);
        if policy == OnConflict::Replace {
            assert_eq!(files["first.txt"], b"first");
            assert_eq!(files["empty"], b"");
        } else {
            assert_eq!(files["first.txt"], b"-> ../neighbour/precious");
        }
        assert_eq!(files.contains_key("folder (2)/inner/deep.txt"), policy != OnConflict::Skip);
    }
}

#[cfg(unix)]
#[test]
fn a_link_that_appears_after_the_plan_is_not_followed_either() {
    let place = Place::new();
    let disc = small_disc().build().bytes;
    let plan = plan(memory(&disc), &Selection::Everything, OnConflict::Replace, &place.destination);
    std::os::unix::fs::symlink("../neighbour", place.path().join("folder")).unwrap();
    std::os::unix::fs::symlink("../neighbour/precious", place.path().join("first.txt")).unwrap();
    let report = run(&plan, &place);
    let files = place.files();
    assert_eq!(files["folder"], b"-> ../neighbour");
    assert_eq!(files["first (2).txt"], b"first");
    assert_eq!(files["folder (2)/inner/deep.txt"], b"deep");
    assert_eq!(report.counts().renamed, 2);
    let told = report.listed().find(|listed| listed.from == "first.txt").unwrap();
    assert_eq!(told.to.as_deref(), Some("first (2).txt"));
}

#[test]
fn what_appears_while_it_runs_is_not_overwritten() {
    for policy in [OnConflict::KeepBoth, OnConflict::Skip, OnConflict::Replace] {
        let place = Place::new();
        let plan = plan(memory(&small_disc().build().bytes), &Selection::Everything, policy, &place.destination);
        let appear = |current: &str| {
            for name in ["first.txt", "folder/large.bin", "folder/inner/deep.txt"] {
                let path = place.path().join(name);
                if name.ends_with(current) && path.parent().unwrap().exists() {
                    std::fs::write(path, b"appeared").unwrap();
                }
            }
        };
        let report =
            extract::run(&plan, &place.destination, Durability::Never, &mut |at| appear(at.current), &|| false);
        let report = checked(report.unwrap(), &plan);
        let files = place.files();
        assert_eq!(files["first.txt"], b"appeared");
        assert_eq!(files["folder/inner/deep.txt"], b"appeared");
        assert_eq!(
            files.get("first (2).txt").map(Vec::as_slice),
            (policy != OnConflict::Skip).then_some(&b"first"[..])
        );
        let expected = if policy == OnConflict::Skip { (0, 3) } else { (3, 0) };
        assert_eq!((report.counts().renamed, report.counts().skipped), expected);
    }
}

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
fn links_devices_and_special_bits_do_not_arrive() {
    let mut disc = Disc::rock_ridge();
    let modes = [
        ("link", 0o120_777),
        ("fifo", 0o10_644),
        ("char", 0o20_666),
        ("block", 0o60_660),
        ("socket", 0o140_777),
        ("setuid", 0o104_755),
        ("sticky", 0o103_777),
        ("user may run", 0o100_500),
        ("others may run", 0o100_011),
    ];
    for (at, (name, mode)) in modes.into_iter().enumerate() {
        let data = disc.data(name.as_bytes());
        let node = disc.primary.file(ROOT, format!("N{at}.;1").as_bytes(), data);
        disc.primary.uses(node, [susp::px(mode, 1, 0, 0, 1)]);
        disc.primary.uses(node, susp::long_name(name.as_bytes()));
        if name == "link" {
            disc.primary.uses(node, [susp::sl(0, &[susp::component(8, b""), susp::component(0, b"etc")])]);
        }
    }
    let (place, report) = extract_all(&disc);
    assert_eq!(place.names(), ["others may run", "setuid", "sticky", "user may run"]);
    assert_eq!(report.counts().skipped, 5);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |name: &str| std::fs::metadata(place.path().join(name)).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode("setuid") & 0o7022, 0);
        assert_eq!(mode("sticky") & 0o7022, 0);
        assert_eq!(mode("setuid") & 0o700, 0o700);
        assert_eq!(mode("user may run") & 0o700, 0o700);
        assert_eq!(mode("others may run") & 0o711, 0o600);
    }
}

#[test]
fn times_are_the_discs_and_a_folders_too() {
    let (place, _) = extract_all(&small_disc());
    // What the builder records: 2024-02-10 11:03:21 UTC.
    let wanted = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_707_563_001);
    for name in small_files().keys() {
        let modified = std::fs::metadata(place.path().join(name)).unwrap().modified().unwrap();
        assert_eq!(modified, wanted, "{name}");
    }
}

#[test]
fn folders_that_contain_one_another_are_extracted_once() {
    let mut disc = Disc::rock_ridge();
    let folder = disc.rr_folder(ROOT, "folder");
    disc.rr_file(folder, "file", b"once");
    for name in ["A", "B"] {
        let alias = disc.primary.folder_like(folder, name.as_bytes(), folder);
        disc.primary.uses(alias, susp::long_name(name.as_bytes()));
    }
    let again = disc.primary.folder_like(ROOT, b"AGAIN", folder);
    disc.primary.uses(again, susp::long_name(b"again"));
    let root = disc.primary.folder_like(ROOT, b"ROOT", ROOT);
    disc.primary.uses(root, susp::long_name(b"root"));
    let (place, report) = extract_all(&disc);
    let files = place.files();
    assert_eq!(files.values().filter(|bytes| bytes.as_slice() == b"once").count(), 1);
    assert_eq!(report.counts().failed, 0);
    assert!(report.counts().skipped >= 3, "{:?}", report.counts());
    assert!(report.listed().all(|listed| listed.reason == Skip::Elsewhere.sentence()));
}

#[test]
fn deep_folders_arrive_as_far_as_a_walk_goes() {
    let mut disc = Disc::rock_ridge();
    let mut folder = ROOT;
    for depth in 1..=300 {
        folder = disc.rr_folder(folder, &format!("level {depth}"));
        disc.rr_file(folder, "file", format!("{depth}").as_bytes());
    }
    let (place, report) = extract_all(&disc);
    assert_eq!(report.counts().failed, 0, "{:?}", report.listed().next());
    assert_eq!(report.counts().skipped, 1);
    assert_eq!(report.get(0).unwrap().reason, Skip::Limit.sentence());
    // Longer than any path that could be opened at once.
    let mut dir = cap_std::fs::Dir::open_ambient_dir(place.path(), cap_std::ambient_authority()).unwrap();
    for depth in 1..=256 {
        dir = dir.open_dir(format!("level {depth}")).unwrap();
        assert_eq!(dir.read("file").unwrap(), format!("{depth}").as_bytes());
        // The builder's time, although the folder was closed and opened again in between.
        let modified = dir.dir_metadata().unwrap().modified().unwrap().into_std();
        assert_eq!(modified.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs(), 1_707_563_001, "{depth}");
    }
}

/// The folder under the name that it has for other computers, `None` where it is not shared: Windows shares its disks
/// with administrators only.
#[cfg(windows)]
fn shared(folder: &Path) -> Option<std::path::PathBuf> {
    let path = folder.canonicalize().unwrap().into_os_string().into_string().unwrap();
    let (disk, rest) = path.strip_prefix(r"\\?\").unwrap().split_once(':').unwrap();
    let shared = std::path::PathBuf::from(format!(r"\\localhost\{disk}${rest}"));
    shared.is_dir().then_some(shared)
}

#[cfg(windows)]
#[test]
fn a_folder_of_the_network_is_as_good_as_any() {
    let mut place = Place::new();
    let Some(path) = shared(place.path()) else { return };
    place.destination = Destination::create(&path).unwrap();
    for names in [["first.txt", "folder"], ["first (2).txt", "folder"]] {
        let plan =
            plan(memory(&small_disc().build().bytes), &Selection::Everything, OnConflict::KeepBoth, &place.destination);
        let report = run(&plan, &place);
        assert_eq!(report.counts().failed, 0, "{:?}", report.listed().next());
        assert!(names.iter().all(|name| path.join(name).exists()));
    }
    assert!(place.names().iter().all(|name| !name.contains(".iso")), "{:?}", place.names());
}

#[test]
fn chosen_entries_come_into_the_folder_and_chosen_paths_keep_theirs() {
    let image = Image::open(memory(&small_disc().build().bytes)).unwrap();
    let tree = image.default_tree();
    let make = |selection: Selection| {
        let place = Place::new();
        let plan = Plan::make(tree, &selection, OnConflict::KeepBoth, &place.destination, &mut |_| {});
        let report = run(&Arc::new(plan.unwrap()), &place);
        (place.names(), report)
    };
    let paths = |paths: &[&str]| Selection::Paths(paths.iter().map(|path| (*path).to_owned()).collect());

    let (names, report) = make(paths(&["folder/inner/deep.txt", "/first.txt"]));
    assert_eq!(names, ["first.txt", "folder/", "folder/inner/", "folder/inner/deep.txt"]);
    assert!(report.is_plain());
    // Twice, and inside another one: once.
    let (names, report) = make(paths(&["folder/inner", "folder/inner/deep.txt", "FOLDER/inner/"]));
    assert_eq!(names, ["folder/", "folder/inner/", "folder/inner/deep.txt"]);
    assert!(report.is_plain());
    let (names, _) = make(paths(&["folder", "folder/inner/deep.txt"]));
    assert_eq!(names, ["folder/", "folder/inner/", "folder/inner/deep.txt", "folder/large.bin"]);
    let (names, _) = make(paths(&["first.txt", "/"]));
    assert_eq!(names.len(), 7);

    let root = tree.read_folder(tree.root()).unwrap();
    let folder = tree.folder_of(&root.entries()[root.position("folder").unwrap()]).unwrap();
    let inside = tree.read_folder(folder).unwrap();
    let chosen = |folder, index, path: &str| Chosen { folder, index, path: path.to_owned() };
    let (names, _) = make(Selection::Entries(vec![
        chosen(folder, inside.position("inner").unwrap(), "folder"),
        chosen(tree.root(), root.position("first.txt").unwrap(), ""),
        chosen(tree.root(), root.position("first.txt").unwrap(), ""),
    ]));
    assert_eq!(names, ["first.txt", "inner/", "inner/deep.txt"]);

    for missing in ["absent", "folder/absent", "first.txt/below"] {
        let place = Place::new();
        let error = Plan::make(tree, &paths(&[missing]), OnConflict::KeepBoth, &place.destination, &mut |_| {}).err();
        assert_eq!(error.unwrap().to_string(), format!("“{missing}” is not on the disc"));
    }
}

#[test]
fn entries_of_several_folders_that_meet_are_told_apart() {
    let mut disc = Disc::rock_ridge();
    for name in ["one", "two"] {
        let folder = disc.rr_folder(ROOT, name);
        disc.rr_file(folder, "read me", name.as_bytes());
    }
    let image = Image::open(memory(&disc.build().bytes)).unwrap();
    let tree = image.default_tree();
    let root = tree.read_folder(tree.root()).unwrap();
    let chosen = ["one", "two"].map(|name| {
        let folder = tree.folder_of(&root.entries()[root.position(name).unwrap()]).unwrap();
        Chosen { folder, index: 0, path: name.to_owned() }
    });
    let place = Place::new();
    let selection = Selection::Entries(chosen.into());
    let plan = Plan::make(tree, &selection, OnConflict::KeepBoth, &place.destination, &mut |_| {}).unwrap();
    let report = run(&Arc::new(plan), &place);
    let files = place.files();
    assert_eq!((files["read me"].as_slice(), files["read me (2)"].as_slice()), (&b"one"[..], &b"two"[..]));
    let listed = report.get(0).unwrap();
    assert_eq!((listed.from.as_str(), listed.to.as_deref()), ("two/read me", Some("read me (2)")));
}

#[test]
fn boot_images_are_files_like_any_other() {
    let place = Place::new();
    let loose = |name: &str, size, bytes: &[u8]| Loose { name: name.to_owned(), size, source: memory(bytes) };
    let files = [loose("1-x86-floppy.img", 4, b"boot"), loose("2: efi.img", 3, b"efi"), loose("3-cut.img", 9, b"cut")];
    let plan = Arc::new(Plan::of_loose(&files, OnConflict::KeepBoth, &place.destination).unwrap());
    let report = run(&plan, &place);
    let written = place.files();
    assert_eq!(written.len(), 2);
    assert_eq!((written["1-x86-floppy.img"].as_slice(), written["2_ efi.img"].as_slice()), (&b"boot"[..], &b"efi"[..]));
    assert_eq!((report.counts().renamed, report.counts().skipped), (1, 1));
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

#[test]
fn progress_only_goes_forward_and_ends_at_the_end() {
    let place = Place::new();
    let plan =
        plan(memory(&small_disc().build().bytes), &Selection::Everything, OnConflict::KeepBoth, &place.destination);
    let seen = RefCell::new(Vec::new());
    let mut progress = |at: extract::run::Progress<'_>| {
        seen.borrow_mut().push((at.bytes_done, at.entries_done));
        assert_eq!((at.bytes, at.entries), (3_500_009, 7));
        assert!(!at.current.is_empty() || at.entries_done == at.entries);
    };
    extract::run(&plan, &place.destination, Durability::Always, &mut progress, &|| false).unwrap();
    let seen = seen.into_inner();
    assert!(seen.is_sorted_by(|one, other| one.0 <= other.0 && one.1 <= other.1), "{seen:?}");
    assert_eq!(seen.last(), Some(&(3_500_009, 7)));
}

#[test]
fn the_json_is_as_documented() {
    let mut disc = small_disc();
    disc.rr_file(ROOT, "aux", b"x");
    let (_place, report) = extract_all(&disc);
    let json: serde_json::Value = serde_json::to_value(&report).unwrap();
    let expected = serde_json::json!({
        "planned": 8, "done": 7, "renamed": 1, "skipped": 0, "failed": 0, "bytes": 3_500_010,
        "entries": [{
            "from": "aux", "to": "_aux", "outcome": "renamed",
            "reason": "The name was changed because it is the name of a device on Windows"
        }]
    });
    assert_eq!(json, expected);
}

#[cfg(unix)]
#[test]
fn a_file_where_a_folder_must_be_costs_that_folder_only() {
    let place = Place::new();
    let plan =
        plan(memory(&small_disc().build().bytes), &Selection::Everything, OnConflict::KeepBoth, &place.destination);
    // While it runs, a folder that it made is taken away and a link stands there.
    let swap = |current: &str| {
        if current == "deep.txt" {
            std::fs::rename(place.path().join("folder"), place.path().join("moved")).unwrap();
            std::os::unix::fs::symlink("../neighbour", place.path().join("folder")).unwrap();
        }
    };
    let report = extract::run(&plan, &place.destination, Durability::Never, &mut |at| swap(at.current), &|| false);
    checked(report.unwrap(), &plan);
    // The handle goes where the folder went, and nothing comes to where the link leads.
    assert_eq!(place.files()["moved/inner/deep.txt"], b"deep");
}

#[test]
fn stopping_is_told_for_everything_that_was_not_reached() {
    let place = Place::new();
    let plan =
        plan(memory(&small_disc().build().bytes), &Selection::Everything, OnConflict::KeepBoth, &place.destination);
    let report = extract::run(&plan, &place.destination, Durability::Never, &mut |_| {}, &|| true).unwrap();
    let report = checked(report, &plan);
    assert_eq!(report.stop(), Some(&Stop::Cancelled));
    assert!(report.listed().all(|listed| listed.reason == "Cancelled before it was finished"));
    assert!(place.names().is_empty());
}
