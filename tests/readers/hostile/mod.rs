//! Discs that lie. One damaged entry never hides its good neighbours, and is itself explained with its offset; what
//! could keep a reader busy for ever ends at once, and that is said.

mod folders;
mod packed;
mod susp;
mod volumes;

use crate::support::builder::{Built, Disc, Node, ROOT};
use crate::support::survey::{Survey, digest_of, open, survey};
use isoscope::disc::tree::{State, TreeKind};

/// Names of the good files, five before and five behind the bad entry.
const GOOD: [&str; 10] = ["a1", "a2", "a3", "a4", "a5", "z1", "z2", "z3", "z4", "z5"];

fn content_of(name: &str) -> Vec<u8> {
    format!("The content of {name}\n").repeat(200).into_bytes()
}

/// A Rock Ridge disc of ten good files, with whatever `bad` adds between them.
fn among_ten(bad: impl FnOnce(&mut Disc) -> Node) -> (Built, Node) {
    let mut disc = Disc::rock_ridge();
    for name in &GOOD[..5] {
        disc.rr_file(ROOT, name, &content_of(name));
    }
    let node = bad(&mut disc);
    for name in &GOOD[5..] {
        disc.rr_file(ROOT, name, &content_of(name));
    }
    (disc.build(), node)
}

/// The Rock Ridge tree, of which all ten good files must be listed, readable and without complaint.
fn ten_are_fine(built: &Built) -> Survey {
    let image = open(&built.bytes).unwrap();
    let tree = image.tree(TreeKind::RockRidge).expect("the disc has Rock Ridge");
    let survey = survey(tree);
    for name in GOOD {
        let row = survey.row(name);
        assert_eq!(row.content, Ok(digest_of(&content_of(name))), "{name}");
        assert_eq!(row.state, State::Complete, "{name}");
        assert!(row.notes.is_empty(), "{name}: {:?}", row.notes);
    }
    survey
}

/// Fails unless something was said about a place between the record's first byte and `reach` bytes behind it.
fn explained(survey: &Survey, at: usize, reach: usize) {
    let said = survey.all_said();
    let near = said.iter().any(|(offset, _)| (at as u64..(at + reach) as u64).contains(offset));
    assert!(near, "nothing is said about bytes {at} to {}: {said:?}", at + reach);
}

fn said(image: &isoscope::disc::Image) -> Vec<String> {
    image.diagnostics().items().iter().map(ToString::to_string).collect()
}
