//! Files that Mac OS compresses (decmpfs): the content is packed in an extended attribute, or in the resource fork in
//! chunks of 64 KiB. Mac OS X 10.6 and later make such files, mostly of the system.

use std::sync::Arc;

use flate2::{Decompress, FlushDecompress, Status};

use crate::disc::block_cache::BlockCache;
use crate::disc::bytes::Fields;
use crate::disc::source::{MemorySource, read_exact};
use crate::disc::{Error, Result, Source, limits, text};

const STRUCTURE: &str = "compressed file";

/// The attribute that says how a file is compressed.
pub(super) const ATTRIBUTE: &str = "com.apple.decmpfs";

/// Bytes of the attribute's header.
pub(super) const HEADER: u64 = 16;

/// Unpacked bytes of a chunk.
const CHUNK: u64 = 64 << 10;

/// How a file is compressed (Apple's `decmpfs.h` and copyfile).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// 3 and 4 for zlib, 7 and 8 for LZVN, 11 and 12 for LZFSE; odd numbers are packed in the attribute, even ones in
    /// the resource fork.
    pub kind: u32,
    /// Unpacked bytes.
    pub size: u64,
}

impl Header {
    /// The header at the start of the attribute. Its numbers are little-endian, as nothing else in HFS+ is.
    pub(super) fn parse(bytes: &[u8], offset: u64) -> Result<Self> {
        let fields = Fields::new(bytes, offset, STRUCTURE);
        if fields.array(0)? != *b"fpmc" {
            return Err(Error::damaged(STRUCTURE, offset, "The description of how the file is compressed is damaged"));
        }
        Ok(Self { kind: fields.le32(4)?, size: fields.le64(8)? })
    }

    /// True when the packed content stands in the attribute itself.
    pub(super) fn is_inline(self) -> bool {
        matches!(self.kind, 1 | 3)
    }

    /// Why it cannot be unpacked, in one sentence; `None` when it can.
    pub(super) fn unsupported(self) -> Option<String> {
        let method = match self.kind {
            1 | 3 | 4 => return None,
            7 | 8 => "LZVN".to_owned(),
            11 | 12 => "LZFSE".to_owned(),
            other => format!("the method {other}"),
        };
        Some(format!("This file is compressed with {method}, which Isoscope does not unpack"))
    }
}

/// The content of a file whose packed bytes are `packed`, at the absolute byte `offset`.
pub(super) fn open(packed: Arc<dyn Source>, offset: u64, header: Header) -> Result<Arc<dyn Source>> {
    if header.is_inline() {
        unpack_inline(packed.as_ref(), offset, header)
    } else {
        Chunks::open(packed, offset, header)
    }
}

fn unpack_inline(packed: &dyn Source, offset: u64, header: Header) -> Result<Arc<dyn Source>> {
    let too_large = |bytes: u64| Error::Limit {
        structure: STRUCTURE,
        offset,
        what: format!("A compressed file of {} in an attribute", text::size(bytes)),
        limit: "16 MiB".to_owned(),
    };
    let alloc = |bytes: u64| usize::try_from(bytes).ok().filter(|len| *len <= limits::ALLOCATION);
    let mut bytes = vec![0; alloc(packed.len()).ok_or_else(|| too_large(packed.len()))?];
    read_exact(packed, STRUCTURE, 0, &mut bytes)?;
    let len = alloc(header.size).ok_or_else(|| too_large(header.size))?;
    let unpacked = if header.kind == 1 { Some(bytes) } else { unpack(&bytes, len) };
    let unpacked = unpacked.filter(|unpacked| unpacked.len() == len);
    let unpacked =
        unpacked.ok_or_else(|| Error::damaged(STRUCTURE, offset, "The compressed file cannot be unpacked"))?;
    Ok(Arc::new(MemorySource::new(unpacked)))
}

/// The `len` bytes that `packed` stands for: a zlib stream, or behind a marker that none begins with, the bytes themselves.
fn unpack(packed: &[u8], len: usize) -> Option<Vec<u8>> {
    if let Some((_, stored)) = packed.split_first().filter(|(marker, _)| **marker & 0x0f == 0x0f) {
        return (stored.len() == len).then(|| stored.to_vec());
    }
    let mut unpacked = vec![0; len];
    let mut inflate = Decompress::new(true);
    let status = inflate.decompress(packed, &mut unpacked, FlushDecompress::Finish);
    (matches!(status, Ok(Status::StreamEnd)) && inflate.total_out() == len as u64).then_some(unpacked)
}

/// A file that is packed in its resource fork. One chunk at a time is kept in memory.
struct Chunks {
    packed: Arc<dyn Source>,
    offset: u64,
    size: u64,
    /// Where the table of chunks stands in the resource fork.
    table: u64,
    cache: BlockCache,
}

impl Chunks {
    fn open(packed: Arc<dyn Source>, offset: u64, header: Header) -> Result<Arc<dyn Source>> {
        let mut bytes = [0; 4];
        read_exact(packed.as_ref(), STRUCTURE, 0, &mut bytes)?;
        // The resource fork's data begins with its length; then comes the number of chunks.
        let table = u64::from(u32::from_be_bytes(bytes)).saturating_add(4);
        read_exact(packed.as_ref(), STRUCTURE, table, &mut bytes)?;
        let chunks = u64::from(u32::from_le_bytes(bytes));
        if chunks != header.size.div_ceil(CHUNK) {
            let message = format!("The compressed file has {chunks} chunks, which do not make {} bytes", header.size);
            return Err(Error::damaged(STRUCTURE, offset, message));
        }
        Ok(Arc::new(Self { packed, offset, size: header.size, table, cache: BlockCache::default() }))
    }

    fn unpack(&self, chunk: u64) -> Result<Vec<u8>> {
        let damaged = || {
            Error::damaged(STRUCTURE, self.offset, format!("Chunk {chunk} of the compressed file cannot be unpacked"))
        };
        let mut entry = [0; 8];
        let at = self.table.saturating_add(4).saturating_add(chunk.saturating_mul(8));
        read_exact(self.packed.as_ref(), STRUCTURE, at, &mut entry)?;
        let [a, b, c, d, e, f, g, h] = entry;
        let (start, len) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
        // zlib grows what it cannot pack by a fraction only; twice the chunk is more than any writer makes.
        let packed_len = usize::try_from(len).ok().filter(|_| u64::from(len) <= 2 * CHUNK).ok_or_else(damaged)?;
        let mut packed = vec![0; packed_len];
        read_exact(self.packed.as_ref(), STRUCTURE, self.table.saturating_add(u64::from(start)), &mut packed)?;
        let len = self.size.saturating_sub(chunk.saturating_mul(CHUNK)).min(CHUNK);
        unpack(&packed, usize::try_from(len).unwrap_or_default()).ok_or_else(damaged)
    }
}

impl Source for Chunks {
    fn len(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        if offset >= self.size || buf.is_empty() {
            return Ok(0);
        }
        let chunk = offset / CHUNK;
        self.cache.read(chunk, offset % CHUNK, buf, || self.unpack(chunk))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::disc::source::SourceReader;

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        zlib.write_all(bytes).unwrap();
        zlib.finish().unwrap()
    }

    /// A resource fork with these chunks, packed or with a marker in front.
    fn fork(chunks: &[Vec<u8>]) -> Vec<u8> {
        let mut fork = vec![0; 260];
        fork[..4].copy_from_slice(&256_u32.to_be_bytes());
        fork.extend(u32::try_from(chunks.len()).unwrap().to_le_bytes());
        let mut at = 4 + 8 * chunks.len();
        for chunk in chunks {
            fork.extend(u32::try_from(at).unwrap().to_le_bytes());
            fork.extend(u32::try_from(chunk.len()).unwrap().to_le_bytes());
            at += chunk.len();
        }
        fork.extend(chunks.concat());
        fork
    }

    fn read(packed: Vec<u8>, kind: u32, size: u64) -> std::result::Result<Vec<u8>, Error> {
        let source = open(Arc::new(MemorySource::new(packed)), 4096, Header { kind, size })?;
        let mut bytes = Vec::new();
        std::io::copy(&mut SourceReader::new(source), &mut bytes).map_err(|error| Error::from_io(error, "", 0))?;
        Ok(bytes)
    }

    #[test]
    fn what_is_packed_in_the_attribute_is_unpacked() {
        assert_eq!(read(zlib(b"text text text"), 3, 14).unwrap(), b"text text text");
        assert_eq!(read(b"\xffstored".to_vec(), 3, 6).unwrap(), b"stored");
        assert_eq!(read(b"plain".to_vec(), 1, 5).unwrap(), b"plain");
        assert_eq!(read(b"\xff".to_vec(), 3, 0).unwrap(), b"");
    }

    #[test]
    fn what_is_packed_in_the_resource_fork_is_unpacked_chunk_by_chunk() {
        let first: Vec<u8> = (0..65_536_u32).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let stored = [&[0x0f][..], &first].concat();
        let bytes = read(fork(&[zlib(&first), stored, zlib(b"tail")]), 4, 131_076).unwrap();
        assert_eq!(bytes, [&first[..], &first, b"tail"].concat());
    }

    #[test]
    fn lies_are_damage_and_never_garbage() {
        assert!(read(zlib(b"text"), 3, 5).is_err() && read(zlib(b"text"), 3, 3).is_err());
        assert!(read(zlib(b"text"), 3, u64::MAX).is_err());
        assert!(read(fork(&[zlib(b"tail")]), 4, 1 << 40).is_err());
        assert!(read(fork(&[zlib(b"tail")]), 4, 5).is_err());
        let mut far = fork(&[zlib(b"tail")]);
        far[264..268].fill(0xff);
        assert!(read(far, 4, 4).is_err());
        let mut long = fork(&[zlib(b"tail")]);
        long[268..272].fill(0xff);
        assert!(read(long, 4, 4).is_err());
        assert!(Header::parse(b"fpmc\x03\0\0\0\x09\0\0\0\0\0\0\0", 0).is_ok_and(|header| header.size == 9));
        assert!(Header::parse(b"cmpf\x03\0\0\0\x09\0\0\0\0\0\0\0", 0).is_err());
        assert!(Header { kind: 8, size: 1 }.unsupported().unwrap().contains("LZVN"));
    }
}
