//! Checks that are still to be done.

use super::check::Check;
use crate::disc::{Extent, Image, Result};

/// Hears a run of bytes from front to back. Several listeners share one [reading](super::pass::read).
pub trait Listener: Send {
    /// The bytes that it has to hear. They may end behind the end of what is read; then it hears what there is.
    fn extent(&self) -> Extent;

    /// The next bytes, in order and without gaps.
    fn hear(&mut self, bytes: &[u8]);

    /// The next `length` bytes cannot be read. What follows them is heard all the same.
    fn miss(&mut self, length: u64);
}

/// A check of bytes in the order in which they lie in the image.
pub trait ListeningCheck: Listener {
    /// The check as long as it is pending.
    fn pending(&self) -> Check;

    /// What it comes to, after everything was heard.
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
