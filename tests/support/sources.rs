//! Sources that behave as bad media do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use isoscope::disc::source::MemorySource;
use isoscope::disc::{Error, Result, Source};

/// `bytes` as a source.
pub fn memory(bytes: &[u8]) -> Arc<dyn Source> {
    Arc::new(MemorySource::new(bytes))
}

/// The bytes of an image whose `failing`-th read (from zero) fails, or none with `u64::MAX`. It counts the reads.
pub struct FailingSource {
    inner: Arc<dyn Source>,
    failing: u64,
    reads: AtomicU64,
}

impl FailingSource {
    /// `inner`, failing once.
    pub fn new(inner: Arc<dyn Source>, failing: u64) -> Arc<Self> {
        Arc::new(Self { inner, failing, reads: AtomicU64::new(0) })
    }

    /// How often it was read.
    pub fn reads(&self) -> u64 {
        self.reads.load(Relaxed)
    }
}

impl Source for FailingSource {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        if self.reads.fetch_add(1, Relaxed) == self.failing {
            return Err(Error::io("image file", offset, std::io::Error::other("a read that was made to fail")));
        }
        self.inner.read_at(offset, buf)
    }
}

/// A source that counts the bytes that are read of it.
pub struct CountedSource(Arc<dyn Source>, AtomicU64);

impl CountedSource {
    /// `inner`, of which nothing was read yet.
    pub fn new(inner: Arc<dyn Source>) -> Arc<Self> {
        Arc::new(Self(inner, AtomicU64::new(0)))
    }

    /// The bytes that were read.
    pub fn bytes(&self) -> u64 {
        self.1.load(Relaxed)
    }
}

impl Source for CountedSource {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        let read = self.0.read_at(offset, buf)?;
        self.1.fetch_add(read as u64, Relaxed);
        Ok(read)
    }
}

/// A source of which some bytes cannot be read.
pub struct ScratchedSource {
    /// What it is otherwise.
    pub inner: Arc<dyn Source>,
    /// Those bytes.
    pub bad: std::ops::Range<u64>,
}

impl Source for ScratchedSource {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        if self.bad.start < offset + buf.len() as u64 && offset < self.bad.end {
            return Err(Error::damaged("sector", self.bad.start, "It is scratched"));
        }
        self.inner.read_at(offset, buf)
    }
}

/// A source that is cancelled after so many reads.
pub struct CancelAfter {
    inner: Arc<dyn Source>,
    left: AtomicU64,
}

impl CancelAfter {
    /// `inner`, cancelled from the read after the first `reads` on.
    pub fn new(inner: Arc<dyn Source>, reads: u64) -> Self {
        Self { inner, left: AtomicU64::new(reads) }
    }
}

impl Source for CancelAfter {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        self.left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).map_err(|_| Error::Cancelled)?;
        self.inner.read_at(offset, buf)
    }
}

/// A source that gives one byte at a time, however many are asked for.
pub struct OneByteSource(pub Arc<dyn Source>);

impl Source for OneByteSource {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        let len = buf.len().min(1);
        self.0.read_at(offset, &mut buf[..len])
    }
}

/// The first `len` bytes of a source: an interrupted download.
pub struct TruncatedSource {
    /// The whole image.
    pub inner: Arc<dyn Source>,
    /// Bytes that are left of it.
    pub len: u64,
}

impl Source for TruncatedSource {
    fn len(&self) -> u64 {
        self.len.min(self.inner.len())
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        let left = usize::try_from(self.len().saturating_sub(offset)).unwrap_or(usize::MAX);
        let len = buf.len().min(left);
        self.inner.read_at(offset, &mut buf[..len])
    }
}

/// Mostly zeros, with pieces of content: an image of any size that needs no memory.
pub struct SparseSource {
    /// Length in bytes.
    pub len: u64,
    /// Content with its byte offset.
    pub pieces: Vec<(u64, Vec<u8>)>,
}

impl Source for SparseSource {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        let len = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX).min(buf.len());
        let buf = &mut buf[..len];
        buf.fill(0);
        for (start, piece) in &self.pieces {
            let from = offset.max(*start);
            let to = (offset + len as u64).min(start + piece.len() as u64);
            if from < to {
                buf[(from - offset) as usize..(to - offset) as usize]
                    .copy_from_slice(&piece[(from - start) as usize..(to - start) as usize]);
            }
        }
        Ok(len)
    }
}
