//! The bytes of one file that another program has open.

use std::io;
use std::sync::Arc;

use crate::disc::{Error, Source};
use crate::platform::files::Contents;

/// A file of the image, as long as the disc says that it is.
pub(super) struct Bytes {
    pub(super) source: Arc<dyn Source>,
    pub(super) size: u64,
    /// Nothing of it is known to be missing.
    pub(super) whole: bool,
}

impl Bytes {
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
            (done, None) => Ok(done),
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
        let bytes = Bytes { source: Arc::new(MemorySource::new(*b"0123456789")), size: 12, whole: false };
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
        let bytes = Bytes { source: Arc::new(MemorySource::new(*b"0123456789")), size: 3, whole: true };
        assert_eq!(bytes.read_at(1, &mut [0; 8]).unwrap(), 2);
    }
}
