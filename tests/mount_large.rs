//! Mounts of much. Apart from the other tests of mounts, some of which count on what the kernel remembers of files: these
//! make it forget others.
#![cfg(target_os = "linux")]

#[path = "mount/million.rs"]
mod million;
mod support;
#[path = "mount/vast.rs"]
mod vast;
