//! An image is a function from offset to bytes. Files, memory, parts of images and files inside images are all
//! sources, so everything nests.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use super::{Error, Extent, Result, limits};

/// Random access to bytes. Reads are positional, so one source serves many threads.
pub trait Source: Send + Sync {
    /// Length in bytes.
    fn len(&self) -> u64;

    /// Reads up to `buf.len()` bytes from `offset` on and says how many. Fewer than asked for are read only at the end.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize>;

    /// True when there is not a single byte.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where the bytes from `offset` on lie unchanged in a file of the operating system, so that it can copy them by
    /// itself; `None` when they are made, unpacked, or must be watched.
    fn backing(&self, offset: u64) -> Option<Backing<'_>> {
        let _ = offset;
        None
    }
}

/// A run of bytes in a file of the operating system.
#[derive(Debug, Clone, Copy)]
pub struct Backing<'a> {
    /// The file.
    pub file: &'a File,
    /// Where the run lies in it.
    pub extent: Extent,
}

impl<'a> Backing<'a> {
    /// The same run, or its first `length` bytes if it is longer; `None` when nothing is left of it.
    pub fn limited(self, length: u64) -> Option<Backing<'a>> {
        let extent = Extent { length: self.extent.length.min(length), ..self.extent };
        (extent.length > 0).then_some(Backing { extent, ..self })
    }
}

impl<S: Source + ?Sized> Source for Arc<S> {
    fn len(&self) -> u64 {
        (**self).len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        (**self).read_at(offset, buf)
    }

    fn backing(&self, offset: u64) -> Option<Backing<'_>> {
        (**self).backing(offset)
    }
}

/// Fills `buf` with the bytes of `structure` at `offset`; `Damaged` when the source ends before.
pub fn read_exact(source: &dyn Source, structure: &'static str, offset: u64, buf: &mut [u8]) -> Result<()> {
    let mut done = 0;
    while let Some(rest) = buf.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match source.read_at(offset.saturating_add(done as u64), rest)? {
            0 => {
                let message = format!("The image ends at byte {}, before the end of this structure", source.len());
                return Err(Error::damaged(structure, offset, message));
            }
            read => done = done.saturating_add(read),
        }
    }
    Ok(())
}

/// Reads what exists of `extent`, at most [`limits::ALLOCATION`] bytes; the result is shorter when the source ends before.
pub fn read_up_to(source: &dyn Source, extent: Extent) -> Result<Vec<u8>> {
    let len = usize::try_from(extent.inside(source.len())).unwrap_or(usize::MAX).min(limits::ALLOCATION);
    let mut buf = vec![0; len];
    let mut done = 0;
    while let Some(rest) = buf.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match source.read_at(extent.offset.saturating_add(done as u64), rest)? {
            0 => break,
            read => done = done.saturating_add(read),
        }
    }
    buf.truncate(done);
    Ok(buf)
}

/// A file of the operating system, read with positional reads and never mapped: the medium may vanish at any time.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    len: u64,
}

impl FileSource {
    /// Opens `path` for reading.
    pub fn open(path: &Path) -> Result<Self> {
        let fail = |error| Error::io("image file", 0, error);
        let folder = || Error::unsupported("image file", 0, "This is a folder, not a disc image");
        // Windows does not open folders as files, and says that access is denied.
        let file = File::open(path).map_err(|error| if path.is_dir() { folder() } else { fail(error) })?;
        let metadata = file.metadata().map_err(fail)?;
        if metadata.is_dir() {
            return Err(folder());
        }
        // A block device's length is where its end can be sought.
        let len = if metadata.is_file() {
            metadata.len()
        } else {
            std::io::Seek::seek(&mut &file, std::io::SeekFrom::End(0)).map_err(fail)?
        };
        Ok(Self { file, len })
    }
}

impl Source for FileSource {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        loop {
            #[cfg(unix)]
            let result = std::os::unix::fs::FileExt::read_at(&self.file, buf, offset);
            #[cfg(windows)]
            let result = std::os::windows::fs::FileExt::seek_read(&self.file, buf, offset);
            match result {
                Ok(read) => return Ok(read),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::io("image file", offset, error)),
            }
        }
    }

    fn backing(&self, offset: u64) -> Option<Backing<'_>> {
        Backing { file: &self.file, extent: Extent::new(offset, u64::MAX) }.limited(self.len.saturating_sub(offset))
    }
}

/// Bytes in memory.
#[derive(Debug, Clone)]
pub struct MemorySource(Arc<[u8]>);

impl MemorySource {
    /// A source over `bytes`.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self(bytes.into())
    }
}

impl Source for MemorySource {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|start| self.0.get(start..)).unwrap_or_default();
        let len = rest.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..len), rest.get(..len)) {
            to.copy_from_slice(from);
        }
        Ok(len)
    }
}

/// A part of another source: a partition, or a boot image.
#[derive(Clone)]
pub struct PartSource {
    source: Arc<dyn Source>,
    extent: Extent,
}

impl PartSource {
    /// What exists of `extent` in `source`.
    pub fn new(source: Arc<dyn Source>, extent: Extent) -> Self {
        let length = extent.inside(source.len());
        Self { source, extent: Extent { length, ..extent } }
    }
}

impl Source for PartSource {
    fn len(&self) -> u64 {
        self.extent.length
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        let left = usize::try_from(self.extent.length.saturating_sub(offset)).unwrap_or(usize::MAX);
        let len = left.min(buf.len());
        match buf.get_mut(..len) {
            Some(part) if len > 0 => self.source.read_at(self.extent.offset.saturating_add(offset), part),
            _ => Ok(0),
        }
    }

    fn backing(&self, offset: u64) -> Option<Backing<'_>> {
        let left = self.extent.length.saturating_sub(offset);
        self.source.backing(self.extent.offset.saturating_add(offset))?.limited(left)
    }
}

/// Reads a source from front to back, or from wherever it was sought to.
pub struct SourceReader<S> {
    source: S,
    position: u64,
}

impl<S: Source> SourceReader<S> {
    /// A reader at the first byte of `source`.
    pub fn new(source: S) -> Self {
        Self { source, position: 0 }
    }
}

impl<S: Source> std::io::Read for SourceReader<S> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let read = self.source.read_at(self.position, buf)?;
        self.position = self.position.saturating_add(read as u64);
        Ok(read)
    }
}

impl<S: Source> std::io::Seek for SourceReader<S> {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        use std::io::SeekFrom::{Current, End, Start};
        let position = match to {
            Start(position) => Some(position),
            Current(delta) => self.position.checked_add_signed(delta),
            End(delta) => self.source.len().checked_add_signed(delta),
        };
        self.position = position.ok_or(std::io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek, SeekFrom};

    use super::*;

    #[test]
    fn a_part_ends_where_it_ends() {
        let whole: Arc<dyn Source> = Arc::new(MemorySource::new(*b"0123456789"));
        let part = PartSource::new(whole.clone(), Extent::new(3, 4));
        let mut buf = [0; 8];
        assert_eq!(part.read_at(1, &mut buf).unwrap(), 3);
        assert_eq!(&buf[..3], b"456");
        assert_eq!(part.read_at(4, &mut buf).unwrap(), 0);
        assert_eq!(part.read_at(u64::MAX, &mut buf).unwrap(), 0);
        assert_eq!(PartSource::new(whole, Extent::new(8, 100)).len(), 2);
    }

    #[test]
    fn a_part_of_a_file_knows_where_it_lies_in_it() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"0123456789").unwrap();
        let part = PartSource::new(Arc::new(FileSource::open(file.path()).unwrap()), Extent::new(3, 4));
        assert_eq!(part.backing(1).unwrap().extent, Extent::new(4, 3));
        assert!(part.backing(4).is_none() && part.backing(u64::MAX).is_none());
        assert!(MemorySource::new(*b"0123456789").backing(0).is_none());
    }

    #[test]
    fn reading_and_seeking_agree_with_the_bytes() {
        let mut reader = SourceReader::new(MemorySource::new(*b"0123456789"));
        reader.seek(SeekFrom::End(-3)).unwrap();
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, "789");
        assert!(reader.seek(SeekFrom::Current(-11)).is_err());
    }

    #[test]
    fn a_structure_past_the_end_is_damage() {
        let error = read_exact(&MemorySource::new(*b"abc"), "path table", 2, &mut [0; 2]).unwrap_err();
        assert_eq!(error.structure(), Some("path table"));
    }
}
