//! The bytes of one file that another program has open.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
#[cfg(target_os = "linux")]
use std::sync::atomic::Ordering;

use crate::disc::{Error, Source};
use crate::platform::files::Contents;

/// A file of the image, as long as the disc says that it is.
pub(super) struct Bytes {
    pub(super) source: Arc<dyn Source>,
    pub(super) size: u64,
    /// Nothing of it is known to be missing.
    pub(super) whole: bool,
    /// Up to where the system was asked to have the bytes ready.
    pub(super) ahead: AtomicU64,
}

/// Bytes that the system is asked to have ready while the ones before them are handed over.
#[cfg(target_os = "linux")]
const AHEAD: u64 = 8 << 20;

impl Bytes {
    /// Has the system read on while what was read is on its way, for who reads from front to back: the kernel itself
    /// looks no further ahead in a mount than 128 KiB.
    #[cfg(target_os = "linux")]
    fn read_ahead(&self, start: u64, end: u64) {
        let ahead = self.ahead.load(Ordering::Relaxed);
        // Requests of several threads come in any order, but never far from each other.
        if start > ahead.saturating_add(AHEAD / 8) || end.saturating_add(2 * AHEAD) < ahead {
            // Somebody who reads here and there, and may read on from here.
            self.ahead.store(end, Ordering::Relaxed);
            return;
        }
        let ahead = ahead.max(end);
        if end.saturating_add(AHEAD / 2) >= ahead
            && let Some(backing) = self.source.backing(ahead)
        {
            let len = AHEAD.min(backing.extent.length);
            let wanted = std::num::NonZeroU64::new(len);
            // It is advice: what the system makes of it changes nothing of what is read.
            drop(rustix::fs::fadvise(backing.file, backing.extent.offset, wanted, rustix::fs::Advice::WillNeed));
            self.ahead.store(ahead.saturating_add(len), Ordering::Relaxed);
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn read_ahead(&self, _: u64, _: u64) {}

    /// Fills `buf` from `offset` on, up to the end of the file: the bytes that could be read, and why no more.
    fn fill(&self, offset: u64, buf: &mut [u8]) -> (usize, Option<Error>) {
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let len = left.min(buf.len());
        let buf = buf.get_mut(..len).unwrap_or_default();
        let mut done = 0;
        // A source may give less at a time: a file can lie in many pieces.
        while let Some(rest) = buf.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let at = offset.saturating_add(done as u64);
            match self.source.read_at(at, rest) {
                Ok(0) => {
                    let message = format!("Only {at} of the {} bytes of this file are there", self.size);
                    return (done, Some(Error::damaged("file data", at, message)));
                }
                Ok(read) => done = done.saturating_add(read),
                Err(error) => return (done, Some(error)),
            }
        }
        (done, None)
    }
}

impl Contents for Bytes {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        match self.fill(offset, buf) {
            (done, None) => {
                self.read_ahead(offset, offset.saturating_add(done as u64));
                Ok(done)
            }
            (_, Some(error)) => Err(error.into()),
        }
    }

    fn is_whole(&self) -> bool {
        self.whole
    }

    fn read_before_damage(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        match self.fill(offset, buf) {
            (0, Some(error)) => Err(error.into()),
            (done, _) => Ok(done),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::source::MemorySource;

    #[test]
    fn what_is_missing_costs_only_the_reads_that_want_it() {
        let bytes = Bytes {
            source: Arc::new(MemorySource::new(*b"0123456789")),
            size: 12,
            whole: false,
            ahead: AtomicU64::new(0),
        };
        let mut buf = [0; 4];
        assert_eq!(bytes.read_at(6, &mut buf).unwrap(), 4);
        assert_eq!(&buf, b"6789");
        assert!(bytes.read_at(7, &mut buf).is_err());
        assert_eq!(bytes.read_before_damage(7, &mut buf).unwrap(), 3);
        assert!(bytes.read_before_damage(10, &mut buf).is_err());
        // Behind the end there is nothing to miss.
        assert_eq!(bytes.read_at(12, &mut buf).unwrap(), 0);
        assert_eq!(bytes.read_at(u64::MAX, &mut buf).unwrap(), 0);
    }

    #[test]
    fn a_file_is_no_longer_than_the_disc_says() {
        let bytes = Bytes {
            source: Arc::new(MemorySource::new(*b"0123456789")),
            size: 3,
            whole: true,
            ahead: AtomicU64::new(0),
        };
        assert_eq!(bytes.read_at(1, &mut [0; 8]).unwrap(), 2);
    }
}
