//! zisofs: files packed block by block with zlib, read with random access (zisofs_format.txt, zisofs2_format.txt).

use std::sync::Arc;

use flate2::{Decompress, FlushDecompress, Status};

use crate::disc::block_cache::BlockCache;
use crate::disc::source::read_exact;
use crate::disc::{Error, Result, Source, limits};

/// Magic number of version 1.
const MAGIC_1: [u8; 8] = [0x37, 0xe4, 0x53, 0x96, 0xc9, 0xdb, 0xd6, 0x07];
/// Magic number of version 2.
const MAGIC_2: [u8; 8] = [0xef, 0x22, 0x55, 0xa1, 0xbc, 0x1b, 0x95, 0xa0];

const STRUCTURE: &str = "zisofs file";

/// The unpacked bytes of a zisofs file. One block at a time is kept in memory.
pub struct ZisofsSource {
    packed: Arc<dyn Source>,
    /// Absolute byte offset of the packed file, for messages.
    offset: u64,
    size: u64,
    block_log2: u8,
    header: u64,
    /// Bytes of one block pointer.
    pointer_len: u64,
    cache: BlockCache,
}

impl ZisofsSource {
    /// Unpacks `packed`, whose first byte stands at the absolute byte `offset`, to the `size` bytes that its directory
    /// record claims. The file's own header decides; where the record disagrees, the file is damaged.
    pub fn open(packed: Arc<dyn Source>, offset: u64, size: u64) -> Result<Self> {
        let damaged = |message: &str| Error::damaged(STRUCTURE, offset, message);
        let mut head = [0; 24];
        read_exact(packed.as_ref(), STRUCTURE, 0, head.get_mut(..16).unwrap_or_default())?;
        let [m0, m1, m2, m3, m4, m5, m6, m7, h8, h9, h10, h11, h12, h13, ..] = head;
        // Blocks of 32 to 128 KiB in version 1, up to 1 MiB in version 2, which is what xorriso takes by default.
        let (recorded, header, block_log2, pointer_len, largest) = match [m0, m1, m2, m3, m4, m5, m6, m7] {
            MAGIC_1 => (u64::from(u32::from_le_bytes([h8, h9, h10, h11])), u64::from(h12) * 4, h13, 4, 17),
            MAGIC_2 => {
                if h8 != 0 || h10 != 1 {
                    return Err(Error::unsupported(
                        STRUCTURE,
                        offset,
                        "The file is packed with an unknown kind of zisofs",
                    ));
                }
                read_exact(packed.as_ref(), STRUCTURE, 0, &mut head)?;
                let [.., s0, s1, s2, s3, s4, s5, s6, s7, _, _, _, _] = head;
                (u64::from_le_bytes([s0, s1, s2, s3, s4, s5, s6, s7]), u64::from(h9) * 4, h11, 8, 20)
            }
            _ => return Err(damaged("The file is said to be packed with zisofs, but does not begin like that")),
        };
        if !(15..=largest).contains(&block_log2) || header < 16 {
            return Err(damaged("The header of the packed file is damaged"));
        }
        if recorded != size {
            return Err(damaged("The packed file has another size than its directory record says"));
        }
        if size > limits::ZISOFS_FILE {
            return Err(Error::Limit {
                structure: STRUCTURE,
                offset,
                what: format!("A packed file of {}", crate::disc::text::size(size)),
                limit: "1 TiB".to_owned(),
            });
        }
        Ok(Self { packed, offset, size, block_log2, header, pointer_len, cache: BlockCache::default() })
    }

    fn block_len(&self, block: u64) -> u64 {
        let start = block << self.block_log2;
        self.size.saturating_sub(start).min(1 << self.block_log2)
    }

    /// Where the packed bytes of a block begin and end.
    fn pointers(&self, block: u64) -> Result<(u64, u64)> {
        let mut bytes = [0; 16];
        let both = usize::try_from(self.pointer_len * 2).unwrap_or(16);
        let at = self.header.saturating_add(block.saturating_mul(self.pointer_len));
        read_exact(self.packed.as_ref(), STRUCTURE, at, bytes.get_mut(..both).unwrap_or_default())?;
        let [a0, a1, a2, a3, a4, a5, a6, a7, b0, b1, b2, b3, b4, b5, b6, b7] = bytes;
        let (start, end) = if self.pointer_len == 4 {
            (u64::from(u32::from_le_bytes([a0, a1, a2, a3])), u64::from(u32::from_le_bytes([a4, a5, a6, a7])))
        } else {
            (u64::from_le_bytes([a0, a1, a2, a3, a4, a5, a6, a7]), u64::from_le_bytes([b0, b1, b2, b3, b4, b5, b6, b7]))
        };
        if start > end || end > self.packed.len() {
            let message = format!("Block {block} of the packed file lies outside of it");
            return Err(Error::damaged(STRUCTURE, self.offset.saturating_add(at), message));
        }
        Ok((start, end))
    }

    fn unpack(&self, block: u64) -> Result<Vec<u8>> {
        let (start, end) = self.pointers(block)?;
        let len = usize::try_from(self.block_len(block)).unwrap_or_default();
        let mut unpacked = vec![0; len];
        if start == end {
            // Equal pointers stand for a block of zeros.
            return Ok(unpacked);
        }
        let damaged = |message: String| Error::damaged(STRUCTURE, self.offset.saturating_add(start), message);
        // zlib grows what it cannot pack by a fraction only; twice the block is more than any writer makes.
        let packed_len = usize::try_from(end.saturating_sub(start)).unwrap_or(usize::MAX);
        if packed_len > 2 << self.block_log2 {
            return Err(damaged(format!(
                "Block {block} of the packed file has the impossible size of {packed_len} bytes"
            )));
        }
        let mut packed = vec![0; packed_len];
        read_exact(self.packed.as_ref(), STRUCTURE, start, &mut packed)?;
        let mut inflate = Decompress::new(true);
        let status = inflate.decompress(&packed, &mut unpacked, FlushDecompress::Finish);
        let whole = matches!(status, Ok(Status::StreamEnd)) && inflate.total_out() == len as u64;
        if whole { Ok(unpacked) } else { Err(damaged(format!("Block {block} of the packed file cannot be unpacked"))) }
    }
}

impl Source for ZisofsSource {
    fn len(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        if offset >= self.size || buf.is_empty() {
            return Ok(0);
        }
        let block = offset >> self.block_log2;
        self.cache.read(block, offset.saturating_sub(block << self.block_log2), buf, || self.unpack(block))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::disc::source::{MemorySource, SourceReader};

    /// A version 1 file of 32 KiB blocks; `None` is a block of zeros.
    fn pack(blocks: &[Option<&[u8]>], size: u32) -> Vec<u8> {
        let mut file = MAGIC_1.to_vec();
        file.extend(size.to_le_bytes());
        file.extend([4, 15, 0, 0]);
        let mut data = Vec::new();
        let start = 16 + 4 * (blocks.len() + 1);
        let mut pointers = vec![u32::try_from(start).unwrap()];
        for block in blocks {
            if let Some(block) = block {
                let mut zlib = flate2::write::ZlibEncoder::new(&mut data, flate2::Compression::best());
                zlib.write_all(block).unwrap();
                zlib.finish().unwrap();
            }
            pointers.push(u32::try_from(start + data.len()).unwrap());
        }
        pointers.iter().for_each(|pointer| file.extend(pointer.to_le_bytes()));
        file.extend(data);
        file
    }

    fn open(file: Vec<u8>, size: u64) -> Result<ZisofsSource> {
        ZisofsSource::open(Arc::new(MemorySource::new(file)), 4096, size)
    }

    #[test]
    fn blocks_and_holes_are_unpacked_at_any_offset() {
        let block: Vec<u8> = (0..32_768_u32).map(|at| (at % 251) as u8).collect();
        let source = Arc::new(open(pack(&[Some(&block), None, Some(b"tail")], 65_540), 65_540).unwrap());
        let mut all = Vec::new();
        std::io::copy(&mut SourceReader::new(source.clone()), &mut all).unwrap();
        assert_eq!(all.len(), 65_540);
        assert_eq!(&all[..32_768], block);
        assert!(all[32_768..65_536].iter().all(|byte| *byte == 0));
        assert_eq!(&all[65_536..], b"tail");
        let mut two = [0; 2];
        source.read_at(300, &mut two).unwrap();
        assert_eq!(two, [block[300], block[301]]);
    }

    #[test]
    fn lies_are_damage_and_never_garbage() {
        assert!(open(b"plain text, not packed at all".to_vec(), 29).is_err());
        assert!(open(pack(&[Some(b"tail")], 4), 5).is_err());
        let mut bad_log2 = pack(&[Some(b"tail")], 4);
        bad_log2[13] = 40;
        assert!(open(bad_log2, 4).is_err());
        let mut backwards = pack(&[Some(b"tail")], 4);
        backwards[16] = 0xff;
        assert!(open(backwards, 4).unwrap().read_at(0, &mut [0; 4]).is_err());
        let mut flipped = pack(&[Some(b"tail")], 4);
        *flipped.last_mut().unwrap() ^= 1;
        assert!(open(flipped, 4).unwrap().read_at(0, &mut [0; 4]).is_err());
        assert!(open(pack(&[Some(b"tai")], 4), 4).unwrap().read_at(0, &mut [0; 4]).is_err());
    }
}
