//! Checks that are still to be done.

use super::check::Check;
use crate::disc::{Extent, Image, Result};

/// A check that hears a run of the image's bytes from front to back. Several of them share one reading.
pub trait Listener: Send {
    /// The check as long as it is pending.
    fn pending(&self) -> Check;

    /// The bytes that it has to hear. It may end behind the end of the image; then it hears what there is.
    fn extent(&self) -> Extent;

    /// The next bytes, in order and without gaps.
    fn hear(&mut self, bytes: &[u8]);

    /// The next `length` bytes cannot be read. What follows them is heard all the same.
    fn miss(&mut self, length: u64);

    /// What it comes to.
    fn finish(self: Box<Self>) -> Check;
}

/// A check that reads files of the image.
pub trait FileCheck: Send {
    /// The check as long as it is pending.
    fn pending(&self) -> Check;

    /// Bytes that it will read, as far as is known.
    fn bytes(&self) -> u64;

    /// Makes the check. `progress` is told of every so many bytes that were read. The only error is to be cancelled.
    fn run(self: Box<Self>, image: &Image, progress: &mut dyn FnMut(u64)) -> Result<Check>;
}
