//! Files that are larger than the memory that the program has.

use std::fs::File;

use super::support::memory::{limited, peak};
use super::support::rights::can_mount;
use super::support::served::Place;
use super::support::vast::{NAME, Vast};

/// More than the 4 GiB that one extent can have, and no whole number of pages.
const VAST: Vast = Vast { len: 4_400_000_001 };

/// What the program may ask for itself: each of four threads at most sets 16 MiB aside for what the kernel might write.
const MEMORY: u64 = 128 << 20;

/// What of it may really be used, with the code: a multiple of what was measured, and no hundredth of the file.
const PEAK: u64 = 32 << 20;

/// All of a file that is many times larger than what the program may take of memory can be read in a mount.
#[test]
fn a_file_larger_than_memory_is_read_through_a_mount() {
    if !can_mount() {
        return;
    }
    let place = Place::with(|path| VAST.write(path));
    let child = place.mount_by(limited(env!("CARGO_BIN_EXE_isoscope"), MEMORY));
    VAST.assert_is(File::open(place.dir().join(NAME)).unwrap());
    let peak = peak(&child);
    println!("{} MiB at the peak", peak >> 20);
    assert!(peak < PEAK, "{peak} bytes");
    place.end(child);
}
