//! HFS, HFS+ and HFSX: as real tools write and read them, and what no tool makes, built record by record.

mod contents;
mod damage;

use std::sync::Arc;

use crate::support::sources::memory;
use crate::support::survey::{Survey, survey};
use isoscope::disc::file_system::FileSystem;
use isoscope::disc::{Diagnostics, Extent, Source, hfs};

fn open_in(source: &Arc<dyn Source>, part: Extent) -> (FileSystem, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let system = hfs::open(source, part, None, &mut diagnostics).unwrap().expect("there is a volume");
    (system, diagnostics)
}

fn open(bytes: &[u8]) -> (FileSystem, Diagnostics) {
    open_in(&memory(bytes), Extent::new(0, bytes.len() as u64))
}

/// Everything in the only tree of a volume that has no fault.
fn sound(bytes: &[u8]) -> Survey {
    let (system, diagnostics) = open(bytes);
    assert!(diagnostics.is_empty(), "{:?}", diagnostics.items());
    let survey = survey(&system.trees[0]);
    assert!(survey.all_said().is_empty(), "{:?}", survey.all_said());
    survey
}

fn names(survey: &Survey) -> Vec<&str> {
    survey.rows.keys().map(String::as_str).collect()
}
