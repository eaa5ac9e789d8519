//! A mounted folder of a million files.

use std::os::unix::fs::MetadataExt as _;
use std::process::Command;
use std::time::{Duration, Instant};

use super::support::memory::peak;
use super::support::million::{self, FILES};
use super::support::rights::can_mount;
use super::support::served::Place;

/// What listing all of it may take: many times what it takes, nearly all of which the kernel spends on remembering them.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the program may take of memory meanwhile, with its code: about twice what was measured.
const PEAK: u64 = 450 << 20;

/// Another program lists all files, and finds any of them, while the program that serves them takes no more memory than
/// so many names need.
#[test]
fn a_million_files_are_listed_within_bounded_time_and_memory() {
    if !can_mount() {
        return;
    }
    let place = Place::with(million::image);
    let child = place.mount_by(Command::new(env!("CARGO_BIN_EXE_isoscope")));

    let started = Instant::now();
    let mut seen = vec![false; FILES];
    for entry in std::fs::read_dir(place.dir()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let number: usize = name[4..11].parse().unwrap();
        assert!(!std::mem::replace(&mut seen[number], true), "{name} is listed twice");
    }
    let listed = started.elapsed();
    let missing = seen.iter().filter(|seen| !**seen).count();
    assert_eq!(missing, 0, "files are missing");

    for at in (0..FILES).step_by(9_973) {
        let status = place.dir().join(million::name(at)).metadata().unwrap();
        assert_eq!(status.size(), u64::from(million::size(at)), "{at}");
    }
    let (found, peak) = (started.elapsed() - listed, peak(&child));
    println!("listed in {listed:?}, some found in {found:?}, {} MiB at the peak", peak >> 20);
    assert!(listed + found < PATIENCE, "{listed:?} and {found:?}");
    assert!(peak < PEAK, "{peak} bytes");
    place.end(child);
}
