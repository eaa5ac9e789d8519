//! Bytes from a source into an unfinished file.

use std::io;

use super::destination::Part;
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::{Error, Extent, Source};

/// Bytes read and written at once: few enough to stay in the processor's cache on their way.
const CHUNK: usize = 256 << 10;

/// Bytes that the system copies by itself at once; a slow medium takes a second for them.
const SYSTEM_CHUNK: u64 = 8 << 20;

/// From this size on it is worth asking whether the system can copy by itself.
const SYSTEM_COPY: u64 = 256 << 10;

/// Bytes of a page of memory, and of a block of most file systems. Where pages of the image are not pages of the file,
/// the system takes half as long again as reading and writing does.
const PAGE: u64 = 4096;

/// Why a file could not be copied.
#[derive(Debug)]
pub(super) enum CopyError {
    /// It could not be read.
    Read(Error),
    /// It could not be written.
    Write(io::Error),
    /// It was cancelled.
    Cancelled,
}

/// Copies files, and remembers what it learned about the system.
#[derive(Debug)]
pub(super) struct Copier {
    buffer: Vec<u8>,
    system: bool,
}

impl Copier {
    pub(super) fn new() -> Self {
        Self { buffer: Vec::new(), system: true }
    }

    /// Copies the first `size` bytes of `source` to `part`. `tick` is told the bytes written so far, and answers
    /// false to end it.
    pub(super) fn copy(
        &mut self,
        source: &dyn Source,
        size: u64,
        part: &mut Part<'_>,
        tick: &mut dyn FnMut(u64) -> bool,
    ) -> Result<(), CopyError> {
        while part.written() < size {
            let at = part.written();
            let left = size - at;
            if !(self.system && left >= SYSTEM_COPY && self.copy_by_system(source, left, part)?) {
                self.copy_chunk(source, left, part)?;
            }
            if part.written() < size && !tick(part.written()) {
                return Err(CopyError::Cancelled);
            }
        }
        Ok(())
    }

    /// Copies what can be read, sector by sector where something cannot, and says what is missing: those bytes are zero.
    /// It goes on behind what `part` holds already.
    pub(super) fn rescue(
        &mut self,
        source: &dyn Source,
        size: u64,
        part: &mut Part<'_>,
        tick: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Vec<Extent>, CopyError> {
        let mut missing: Vec<Extent> = Vec::new();
        // Bytes that are read one sector after the other.
        let mut careful = 0_u64;
        while part.written() < size {
            let at = part.written();
            let left = size - at;
            let len = if careful > 0 { left.min(SECTOR_SIZE - at % SECTOR_SIZE) } else { left.min(CHUNK as u64) };
            match self.copy_chunk(source, len, part) {
                Ok(()) => careful = careful.saturating_sub(part.written() - at),
                Err(CopyError::Read(error)) if !error.is_cancelled() => {
                    if careful == 0 && len > SECTOR_SIZE {
                        careful = len;
                        continue;
                    }
                    part.skip(len).map_err(CopyError::Write)?;
                    careful = careful.saturating_sub(len);
                    match missing.last_mut().filter(|last| last.end() == at) {
                        Some(last) => last.length = last.length.saturating_add(len),
                        None => missing.push(Extent::new(at, len)),
                    }
                }
                Err(error) => return Err(error),
            }
            if part.written() < size && !tick(part.written()) {
                return Err(CopyError::Cancelled);
            }
        }
        Ok(missing)
    }

    /// Lets the system copy the next bytes; false when it did not.
    fn copy_by_system(&mut self, source: &dyn Source, left: u64, part: &mut Part<'_>) -> Result<bool, CopyError> {
        let Some(backing) = source.backing(part.written()).and_then(|backing| backing.limited(left.min(SYSTEM_CHUNK)))
        else {
            return Ok(false);
        };
        if backing.extent.offset % PAGE != part.written() % PAGE {
            return Ok(false);
        }
        match part.copy_from(backing.file, backing.extent.offset, backing.extent.length) {
            Ok(copied) => Ok(copied > 0),
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                self.system = false;
                Ok(false)
            }
            // Reading and writing by hand tells which of them it is that fails.
            Err(_) => Ok(false),
        }
    }

    fn copy_chunk(&mut self, source: &dyn Source, left: u64, part: &mut Part<'_>) -> Result<(), CopyError> {
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(CHUNK);
        if self.buffer.len() < len {
            self.buffer.resize(len, 0);
        }
        let buffer = self.buffer.get_mut(..len).unwrap_or_default();
        let at = part.written();
        match source.read_at(at, buffer).map_err(CopyError::Read)? {
            0 => {
                let message = format!("The data ends after {at} bytes");
                Err(CopyError::Read(Error::damaged("file data", at, message)))
            }
            read => part.write_all(buffer.get(..read).unwrap_or_default()).map_err(CopyError::Write),
        }
    }
}
