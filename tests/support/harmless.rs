//! What any image may take at most, however much it lies. The test program must make the meter its allocator.

use std::time::{Duration, Instant};

use super::sources::memory;
use super::{allocator, survey};

/// The most time that an image may take to be opened, walked and read whole.
pub const LONGEST: Duration = Duration::from_secs(2);

/// The most bytes of memory that it may take meanwhile.
pub const MOST_MEMORY: usize = 64 << 20;

/// Opens, walks and reads everything of a disc, within time and memory.
pub fn harmless(what: &str, bytes: &[u8]) {
    let source = memory(bytes);
    let started = Instant::now();
    let (_, peak) = allocator::peak_of(|| survey::exhaust(&source));
    let elapsed = started.elapsed();
    assert!(elapsed < LONGEST, "{what}: {elapsed:?}");
    assert!(peak < MOST_MEMORY, "{what}: {peak} bytes of memory");
}
