//! Images that are mounted: what every program on the system sees is what an extraction would write, and nothing stays
//! behind however it ends.
// Only Linux has FUSE.
#![cfg(target_os = "linux")]

#[path = "mount/ahead.rs"]
mod ahead;
#[path = "mount/damage.rs"]
mod damage;
#[path = "mount/drag.rs"]
mod drag;
#[path = "mount/fixtures.rs"]
mod fixtures;
#[path = "mount/names.rs"]
mod names;
#[path = "mount/place.rs"]
mod place;
#[path = "mount/program.rs"]
mod program;
#[path = "mount/readers.rs"]
mod readers;
mod support;
