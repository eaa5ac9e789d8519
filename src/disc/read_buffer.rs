//! Memory to read into, where the processor copies fastest.

use super::source::read_exact;
use super::{Extent, Result, Source};

/// Bytes to which the memory is aligned: a line of the cache. Where the target of a copy is not aligned so, processors
/// copy the pages of a file at a third of the speed.
const LINE: usize = 64;

/// A buffer that is read into again and again.
#[derive(Debug, Default)]
pub struct ReadBuffer {
    memory: Vec<u8>,
    start: usize,
    len: usize,
}

impl ReadBuffer {
    /// Fills the buffer with the bytes of `structure` that `extent` names, as far as the source has them. The buffer
    /// is empty after an error.
    pub fn fill(&mut self, source: &dyn Source, structure: &'static str, extent: Extent) -> Result<()> {
        let len = usize::try_from(extent.inside(source.len())).unwrap_or(usize::MAX).min(super::limits::ALLOCATION);
        self.len = 0;
        if self.memory.len() < len.saturating_add(LINE) {
            self.memory.resize(len.saturating_add(LINE), 0);
            // A line has room before the end, whatever the allocator gave; where alignment cannot be told, none is needed.
            self.start = self.memory.as_ptr().align_offset(LINE).min(LINE);
        }
        let target = self.memory.get_mut(self.start..self.start.saturating_add(len)).unwrap_or_default();
        read_exact(source, structure, extent.offset, target)?;
        self.len = len;
        Ok(())
    }

    /// What was read last.
    pub fn bytes(&self) -> &[u8] {
        self.memory.get(self.start..self.start.saturating_add(self.len)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::source::MemorySource;

    #[test]
    fn what_was_read_is_there_whatever_was_read_before() {
        let bytes: Vec<u8> = (0..100_000_u32).map(|number| (number % 251).to_le_bytes()[0]).collect();
        let source = MemorySource::new(bytes.as_slice());
        let mut buffer = ReadBuffer::default();
        for (offset, length) in [(0, 10), (7, 70_000), (99_990, 100), (5, 1), (200_000, 5)] {
            buffer.fill(&source, "test", Extent::new(offset, length)).unwrap();
            let start = usize::try_from(offset).unwrap().min(bytes.len());
            let end = (start + usize::try_from(length).unwrap()).min(bytes.len());
            assert_eq!(buffer.bytes(), &bytes[start..end]);
            assert!(buffer.bytes().as_ptr().align_offset(LINE) == 0);
        }
    }
}
