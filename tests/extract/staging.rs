//! Copies for other programs, made by a process that is killed at any moment: none is ever seen half, and nothing of it is
//! left behind.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crate::support::builder::{Disc, ROOT};
use crate::support::rng::Rng;
use isoscope::disc::Image;
use isoscope::disc::source::MemorySource;
use isoscope::extract::plan::Options;
use isoscope::extract::run::Durability;
use isoscope::extract::{self, Destination, Plan, Selection};
use isoscope::platform::staging::{Purpose, Staging, clear_stale_below};

/// Where the process that is to be killed makes its copies.
const CACHE: &str = "ISOSCOPE_TEST_STAGING";

/// Often enough for every step to be hit.
const KILLS: u32 = 60;

const NAMES: [&str; 3] = ["one", "two", "folder/three"];

fn content(name: &str) -> Vec<u8> {
    name.bytes().cycle().take(150_000).collect()
}

fn image() -> Image {
    let mut disc = Disc::rock_ridge();
    let folder = disc.rr_folder(ROOT, "folder");
    for name in NAMES {
        match name.strip_prefix("folder/") {
            Some(inner) => disc.rr_file(folder, inner, &content(name)),
            None => disc.rr_file(ROOT, name, &content(name)),
        };
    }
    Image::open(Arc::new(MemorySource::new(disc.build().bytes))).unwrap()
}

/// Makes copies until it is killed.
fn make_copies(cache: &Path) {
    let image = image();
    let staging = Staging::below(cache);
    loop {
        for purpose in [Purpose::Handed, Purpose::Opened] {
            let slot = staging.slot(purpose).unwrap();
            let destination = Destination::open(&slot.unfinished()).unwrap();
            let options = Options::default();
            let plan =
                Plan::make(image.default_tree(), &Selection::Everything, options, &destination, &mut |_| {}).unwrap();
            extract::run(&Arc::new(plan), &destination, Durability::Never, &mut |_| {}, &|| false).unwrap();
            slot.publish().unwrap();
            slot.keep();
        }
    }
}

/// Every file below `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn a_process_that_is_killed_shows_nothing_half_and_leaves_nothing() {
    if let Some(cache) = std::env::var_os(CACHE) {
        return make_copies(Path::new(&cache));
    }
    let cache = tempfile::tempdir().unwrap();
    let staging = cache.path().join("staging");
    let mut rng = Rng::new(7);
    let mut seen = 0_u32;
    for kill in 0..KILLS {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "staging::a_process_that_is_killed_shows_nothing_half_and_leaves_nothing"])
            .env(CACHE, cache.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(5 + rng.below(60) as u64));
        process.kill().unwrap();
        process.wait().unwrap();
        for path in files(&staging).into_iter().filter(|path| path.extension().is_none_or(|end| end != "lock")) {
            let shown = path.to_string_lossy().into_owned();
            if shown.contains("/.unfinished/") {
                continue;
            }
            let name = NAMES.into_iter().find(|name| shown.ends_with(&format!("/{name}")));
            let name = name.unwrap_or_else(|| panic!("{shown} was not to be made"));
            assert!(std::fs::read(&path).unwrap() == content(name), "{shown} is not whole");
            seen += 1;
        }
        clear_stale_below(cache.path(), Duration::ZERO);
        let left = files(&staging);
        assert!(left.is_empty(), "after the kill number {kill} there is still {left:?}");
        assert_eq!(std::fs::read_dir(&staging).into_iter().flatten().count(), 0, "folders are left");
    }
    assert!(seen > 20, "the process was always killed before it had done anything");
}
