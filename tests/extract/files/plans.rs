//! What is said before the first byte, meanwhile and afterwards.

use std::cell::RefCell;

use super::{Place, checked, extract_all, plan, small_disc};
use crate::support::builder::{Data, Disc, ROOT};
use crate::support::sources::memory;
use crate::support::susp;
use isoscope::extract::plan::{Ground, Skip};
use isoscope::extract::report::Stop;
use isoscope::extract::run::Durability;
use isoscope::extract::{self, OnConflict, Selection};

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
