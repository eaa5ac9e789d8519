//! Cancelling: one fresh token for each job, checked at every read.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::disc::source::Backing;
use crate::disc::{Error, Result, Source};

/// Bytes read between two looks at the token, so that even one large read ends soon after it was cancelled.
const CHUNK: usize = 256 << 10;

/// Tells a job that its result is no longer wanted. Clones speak of the same job; a token is never used again.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// A fresh token.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the job to end. There is no way back.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// True after [`cancel`](Self::cancel).
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// [`Error::Cancelled`] after [`cancel`](Self::cancel), for use with `?`.
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }
}

/// The same bytes as `inner`, until the token is cancelled: from then on every read answers [`Error::Cancelled`].
#[derive(Clone)]
pub struct CancelSource {
    inner: Arc<dyn Source>,
    token: CancelToken,
}

impl CancelSource {
    /// Reads `inner` while `token` allows it.
    pub fn new(inner: Arc<dyn Source>, token: CancelToken) -> Self {
        Self { inner, token }
    }
}

impl Source for CancelSource {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        let mut done = 0_usize;
        loop {
            self.token.check()?;
            let end = done.saturating_add(CHUNK).min(buf.len());
            let Some(part) = buf.get_mut(done..end) else { return Ok(done) };
            let read = match self.inner.read_at(offset.saturating_add(done as u64), part) {
                // What was read before the trouble is delivered first; the next read meets the trouble again.
                Err(error) if done > 0 && !error.is_cancelled() => return Ok(done),
                result => result?,
            };
            let short = read < part.len();
            done = done.saturating_add(read);
            if short || done >= buf.len() {
                return Ok(done);
            }
        }
    }

    fn backing(&self, offset: u64) -> Option<Backing<'_>> {
        // Once it is cancelled, reading by hand tells so.
        if self.token.is_cancelled() { None } else { self.inner.backing(offset) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::source::MemorySource;

    /// Cancels its own token during the read with this number.
    struct CancelsDuring {
        token: CancelToken,
        left: std::sync::atomic::AtomicUsize,
        inner: MemorySource,
    }

    impl Source for CancelsDuring {
        fn len(&self) -> u64 {
            self.inner.len()
        }

        fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
            if self.left.fetch_sub(1, Ordering::Relaxed) == 0 {
                self.token.cancel();
            }
            self.inner.read_at(offset, buf)
        }
    }

    #[test]
    fn a_cancelled_token_ends_every_read() {
        let token = CancelToken::new();
        let source = CancelSource::new(Arc::new(MemorySource::new(*b"abc")), token.clone());
        assert_eq!(source.read_at(1, &mut [0; 8]).unwrap(), 2);
        token.cancel();
        assert!(source.read_at(1, &mut [0; 8]).unwrap_err().is_cancelled());
        assert!(!CancelToken::new().is_cancelled(), "another job's token is its own");
    }

    #[test]
    fn a_large_read_is_whole_and_can_be_cancelled_in_the_middle() {
        let bytes: Vec<u8> = (0..CHUNK * 3 + 7).map(|at| (at % 251) as u8).collect();
        for cancelled_at in [None, Some(0), Some(1), Some(3)] {
            let token = CancelToken::new();
            let inner = CancelsDuring {
                token: token.clone(),
                left: cancelled_at.unwrap_or(usize::MAX).into(),
                inner: MemorySource::new(bytes.clone()),
            };
            let mut buf = vec![0; bytes.len() + 1];
            let result = CancelSource::new(Arc::new(inner), token).read_at(0, &mut buf);
            match cancelled_at {
                // The bytes of the very last chunk are there already: they are delivered.
                None | Some(3) => assert_eq!(&buf[..result.unwrap()], &bytes[..]),
                Some(_) => assert!(result.unwrap_err().is_cancelled()),
            }
        }
    }

    /// Fails from a certain byte on.
    struct FailsFrom(u64);

    impl Source for FailsFrom {
        fn len(&self) -> u64 {
            u64::MAX
        }

        fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
            if offset >= self.0 { Err(Error::damaged("test", offset, "Broken")) } else { Ok(buf.len()) }
        }
    }

    #[test]
    fn what_lies_before_a_damage_is_delivered_and_then_the_damage_is_told() {
        let source = CancelSource::new(Arc::new(FailsFrom(CHUNK as u64)), CancelToken::new());
        let mut buf = vec![0; CHUNK * 2];
        assert_eq!(source.read_at(0, &mut buf).unwrap(), CHUNK);
        assert_eq!(source.read_at(CHUNK as u64, &mut buf).unwrap_err().offset(), Some(CHUNK as u64));
    }
}
