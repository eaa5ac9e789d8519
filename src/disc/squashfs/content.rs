//! The data of files: blocks of their own, and tails that share one, the fragments.

use super::SquashFs;
use super::inode::{File, NO_FRAGMENT};
use super::metadata::{Budget, Place};
use super::unpack::unpack;
use crate::disc::bytes::Fields;
use crate::disc::source::read_exact;
use crate::disc::{Error, Result};

const STRUCTURE: &str = "squashfs data block";
const FRAGMENTS: &str = "squashfs fragment table";

/// The bit of a data block's size by which it is not packed.
const IS_PLAIN: u32 = 1 << 24;

/// Bytes of an entry of the fragment table, and entries in one metadata block.
const FRAGMENT_ENTRY: u32 = 16;
const FRAGMENTS_IN_BLOCK: u32 = 512;

impl SquashFs {
    /// The first `limit` bytes of a file. No more blocks are unpacked than that takes.
    pub(super) fn read_content(&self, file: &File, limit: usize, budget: &mut Budget) -> Result<Vec<u8>> {
        let block_size = u64::from(self.superblock.block_size);
        let wanted = file.size.min(limit as u64);
        let has_tail = file.fragment.0 != NO_FRAGMENT;
        let blocks = if has_tail { file.size / block_size } else { file.size.div_ceil(block_size) };
        let blocks = blocks.min(wanted.div_ceil(block_size));
        let mut sizes = self.metadata.cursor(self.superblock.inode_table, file.sizes);
        let mut content = Vec::new();
        let mut at = file.start;
        for block in 0..blocks {
            let size = u32::from_le_bytes(sizes.array(budget)?);
            let len = block_size.min(file.size.saturating_sub(block.saturating_mul(block_size)));
            let len = usize::try_from(len).unwrap_or_default();
            if size == 0 {
                // A block of zeros is not recorded.
                content.resize(content.len().saturating_add(len), 0);
                continue;
            }
            let bytes = self.block(at, size)?;
            if bytes.len() != len {
                let message = format!("A block of the squashfs has {} bytes instead of {len}", bytes.len());
                return Err(Error::damaged(STRUCTURE, at, message));
            }
            content.extend_from_slice(&bytes);
            at = at.saturating_add((size & !IS_PLAIN).into());
        }
        if has_tail && (content.len() as u64) < wanted {
            let len = usize::try_from(file.size % block_size).unwrap_or_default();
            let (start, size) = self.fragment(file.fragment.0, budget)?;
            let fragment = self.block(start, size)?;
            let from = usize::try_from(file.fragment.1).unwrap_or(usize::MAX);
            let tail = fragment.get(from..).and_then(|rest| rest.get(..len)).ok_or_else(|| {
                Error::damaged(STRUCTURE, start, "The end of a file lies outside of the block that should hold it")
            })?;
            content.extend_from_slice(tail);
        }
        content.truncate(limit);
        Ok(content)
    }

    /// Where the block of a fragment begins, and its size as recorded.
    fn fragment(&self, number: u32, budget: &mut Budget) -> Result<(u64, u32)> {
        let table = self.superblock.fragment_table;
        if number >= self.superblock.fragments {
            let message = format!("A file of the squashfs ends in fragment {number}, which is not there");
            return Err(Error::damaged(FRAGMENTS, table, message));
        }
        let mut pointer = [0; 8];
        let at = table.saturating_add(u64::from(number / FRAGMENTS_IN_BLOCK).saturating_mul(8));
        read_exact(self.source.as_ref(), FRAGMENTS, at, &mut pointer)?;
        let inner = (number % FRAGMENTS_IN_BLOCK).saturating_mul(FRAGMENT_ENTRY);
        let place = Place { block: 0, at: usize::try_from(inner).unwrap_or(usize::MAX) };
        let start = u64::from_le_bytes(pointer);
        let entry = self.metadata.cursor(start, place).array::<16>(budget)?;
        let fields = Fields::new(&entry, start, FRAGMENTS);
        Ok((fields.le64(0)?, fields.le32(8)?))
    }

    /// The bytes of the data block that begins at `offset`, whose recorded size is `size`.
    fn block(&self, offset: u64, size: u32) -> Result<Vec<u8>> {
        let len = size & !IS_PLAIN;
        if len == 0 || len > self.superblock.block_size {
            let message = format!("A block of the squashfs has the impossible size of {len} bytes");
            return Err(Error::damaged(STRUCTURE, offset, message));
        }
        let [len, limit] = [len, self.superblock.block_size].map(|len| usize::try_from(len).unwrap_or_default());
        let mut bytes = vec![0; len];
        read_exact(self.source.as_ref(), STRUCTURE, offset, &mut bytes)?;
        match size & IS_PLAIN {
            0 => unpack(self.superblock.compressor, &bytes, limit, STRUCTURE, offset),
            _ => Ok(bytes),
        }
    }
}
