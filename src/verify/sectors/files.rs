//! The files that bad sectors lie in.

use super::super::check::{Bad, Check};
use super::runs::{Run, Runs, Trouble};
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::walk::{Step, Walk};
use crate::disc::{Extent, Image, text};

/// Files told of one run: all but the last of them end in it.
const FILES_OF_RUN: usize = 64;

/// A file, and its bytes in a run.
type InFile = (String, Extent);

/// Adds every run to `check`, once for each file that has part of it, and says how many files those are.
pub(super) fn add(image: &Image, runs: &Runs, check: &mut Check) -> u64 {
    let listed = runs.listed();
    let mut inside: Vec<Vec<InFile>> = vec![Vec::new(); listed.len()];
    let mut files = 0_u64;
    if !listed.is_empty() {
        for Step { path, folder, .. } in Walk::new(image.default_tree().clone()) {
            // What cannot be read, or not any more, names no file; the sectors are told all the same.
            let Ok(folder) = folder else { continue };
            for entry in folder.entries().iter().filter(|entry| entry.is_file()) {
                let mut is_hit = false;
                for extent in entry.content.extents().iter().filter(|extent| extent.is_somewhere()) {
                    is_hit |= hit(listed, *extent, &mut inside, || text::join(&path, folder.name(entry)));
                }
                files = files.saturating_add(u64::from(is_hit));
            }
        }
    }
    for (run, mut inside) in listed.iter().zip(inside) {
        let why = why(run);
        if inside.is_empty() {
            check.add_bad(Bad { path: None, extent: Some(bytes(run)), why });
            continue;
        }
        inside.sort_by_key(|(_, extent)| extent.offset);
        for (path, extent) in inside {
            check.add_bad(Bad { path: Some(path), extent: Some(extent), why: why.clone() });
        }
    }
    check.more_bad = check.more_bad.saturating_add(runs.more());
    files
}

/// Notes the file for every run that `extent` shares bytes with.
fn hit(runs: &[Run], extent: Extent, inside: &mut [Vec<InFile>], path: impl Fn() -> String) -> bool {
    let first = runs.partition_point(|run| bytes(run).end() <= extent.offset);
    let mut is_hit = false;
    for (run, inside) in runs.iter().zip(inside).skip(first) {
        let part = bytes(run);
        let Some(shared) = part.shared(extent) else { break };
        if matches!(run.trouble, Trouble::Order { .. }) {
            continue;
        }
        is_hit = true;
        if inside.len() < FILES_OF_RUN {
            inside.push((path(), shared));
        }
    }
    is_hit
}

/// A run's bytes of data in the image.
fn bytes(run: &Run) -> Extent {
    Extent::new(run.first.saturating_mul(SECTOR_SIZE), run.count.saturating_mul(SECTOR_SIZE))
}

fn why(run: &Run) -> String {
    let sectors = match run.count {
        1 => format!("Sector {}", run.first),
        count => format!("Sectors {} to {}", run.first, run.first.saturating_add(count.saturating_sub(1))),
    };
    let is_one = run.count == 1;
    match run.trouble {
        Trouble::Differs if is_one => format!("{sectors} differs from its error detection code"),
        Trouble::Differs => format!("{sectors} differ from their error detection codes"),
        Trouble::NoSector if is_one => format!("{sectors} does not begin as a sector does"),
        Trouble::NoSector => format!("{sectors} do not begin as sectors do"),
        Trouble::Unread => format!("{sectors} cannot be read"),
        Trouble::Order { expected, found } if found > expected => {
            format!("{} sectors are left out before sector {}", found.saturating_sub(expected), run.first)
        }
        Trouble::Order { expected, found } => {
            format!("Sector {} is one that lies {} before where it stands", run.first, expected.saturating_sub(found))
        }
    }
}
