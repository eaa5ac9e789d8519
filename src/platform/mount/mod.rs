//! Mounting files that lie in an image, so that every program can read them where they lie.
//!
//! On Linux this is FUSE: an ordinary user may mount through `fusermount3`. Nothing is unpacked and nothing is copied;
//! the kernel asks for what programs read, and remembers it. On other systems there is no mounting, and every attempt
//! says so.

#[cfg(target_os = "linux")]
mod ahead;
mod drag;
#[cfg(target_os = "linux")]
mod fuse;
#[cfg(target_os = "linux")]
mod linux;
mod shelf;
#[cfg(not(target_os = "linux"))]
mod unsupported;

#[cfg(not(target_os = "linux"))]
use unsupported as linux;

pub use drag::{DragMount, Published, clear_stale, clear_stale_in};
pub use linux::{Mount, probe, release_dead};
pub use shelf::Shelf;
