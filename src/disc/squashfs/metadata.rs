//! Metadata blocks: 8 KiB each, packed one by one, in which inodes, directories and tables run on from one to the next.

use std::sync::{Arc, Mutex, PoisonError};

use super::superblock::Compressor;
use super::unpack::unpack;
use crate::disc::source::read_exact;
use crate::disc::{Error, Result, Source, limits};

const STRUCTURE: &str = "squashfs metadata block";

/// Bytes of a metadata block, unpacked.
pub(super) const BLOCK: usize = 8192;

/// The bit of a block's size by which it is not packed.
const IS_PLAIN: u16 = 0x8000;

/// Blocks that are kept unpacked: the folders on the way to files that lie near to one another.
const KEPT: usize = 16;

/// A byte of a table: of the block at `block`, counted from where the table begins, the byte `at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) block: u64,
    pub(super) at: usize,
}

impl Place {
    /// The place that a 64-bit reference to an inode names.
    pub(super) fn of_inode(reference: u64) -> Self {
        Self { block: reference >> 16, at: usize::try_from(reference & 0xffff).unwrap_or(usize::MAX) }
    }
}

/// Blocks that one look-up may still visit.
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(limits::SQUASHFS_METADATA_BLOCKS)
    }
}

/// A metadata block, unpacked.
struct Block {
    bytes: Vec<u8>,
    /// Where the next one begins.
    next: u64,
}

/// All metadata blocks of a squashfs.
pub(super) struct Metadata {
    source: Arc<dyn Source>,
    compressor: Compressor,
    /// By where they begin, the one that was used last at the end.
    kept: Mutex<Vec<(u64, Arc<Block>)>>,
}

impl Metadata {
    pub(super) fn new(source: Arc<dyn Source>, compressor: Compressor) -> Self {
        Self { source, compressor, kept: Mutex::default() }
    }

    /// A reader from `place` of the table that begins at byte `table` on.
    pub(super) fn cursor(&self, table: u64, place: Place) -> Cursor<'_> {
        Cursor { metadata: self, next: table.saturating_add(place.block), block: None, at: place.at }
    }

    /// The block that begins at byte `offset`.
    fn block(&self, offset: u64, budget: &mut Budget) -> Result<Arc<Block>> {
        budget.0 = budget.0.checked_sub(1).ok_or_else(|| Error::Limit {
            structure: STRUCTURE,
            offset,
            what: "The way to this file in the squashfs".to_owned(),
            limit: format!("{} blocks", limits::SQUASHFS_METADATA_BLOCKS),
        })?;
        // A poisoned lock holds whole blocks all the same.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept.iter().position(|(at, _)| *at == offset) {
            let found = kept.remove(found);
            let block = found.1.clone();
            kept.push(found);
            return Ok(block);
        }
        let block = Arc::new(self.unpack(offset)?);
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push((offset, block.clone()));
        Ok(block)
    }

    fn unpack(&self, offset: u64) -> Result<Block> {
        let mut head = [0; 2];
        read_exact(self.source.as_ref(), STRUCTURE, offset, &mut head)?;
        let head = u16::from_le_bytes(head);
        let len = usize::from(head & !IS_PLAIN);
        if len == 0 || len > BLOCK {
            let message = format!("A block of the squashfs has the impossible size of {len} bytes");
            return Err(Error::damaged(STRUCTURE, offset, message));
        }
        let start = offset.saturating_add(2);
        let mut bytes = vec![0; len];
        read_exact(self.source.as_ref(), STRUCTURE, start, &mut bytes)?;
        if head & IS_PLAIN == 0 {
            bytes = unpack(self.compressor, &bytes, BLOCK, STRUCTURE, start)?;
        }
        Ok(Block { bytes, next: start.saturating_add(len as u64) })
    }
}

/// Reads on from block to block.
pub(super) struct Cursor<'a> {
    metadata: &'a Metadata,
    block: Option<Arc<Block>>,
    /// Where the block begins that comes next.
    next: u64,
    /// The next byte of the block.
    at: usize,
}

impl Cursor<'_> {
    /// The byte at which the block begins that is read from next, for messages.
    pub(super) fn offset(&self) -> u64 {
        self.next
    }

    /// The next `len` bytes.
    pub(super) fn take(&mut self, len: usize, budget: &mut Budget) -> Result<Vec<u8>> {
        let mut taken = Vec::with_capacity(len.min(BLOCK));
        while taken.len() < len {
            let block = match &self.block {
                Some(block) => block.clone(),
                None => {
                    let block = self.metadata.block(self.next, budget)?;
                    self.next = block.next;
                    // What is looked for may begin in a later block.
                    if let Some(beyond) = self.at.checked_sub(block.bytes.len()) {
                        self.at = beyond;
                        continue;
                    }
                    self.block.insert(block).clone()
                }
            };
            let rest = block.bytes.get(self.at..).unwrap_or_default();
            let some = rest.get(..len.saturating_sub(taken.len())).unwrap_or(rest);
            taken.extend_from_slice(some);
            self.at = self.at.saturating_add(some.len());
            if self.at >= block.bytes.len() {
                (self.block, self.at) = (None, 0);
            }
        }
        Ok(taken)
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize>(&mut self, budget: &mut Budget) -> Result<[u8; N]> {
        let bytes = self.take(N, budget)?;
        bytes.first_chunk().copied().ok_or_else(|| self.past_the_end())
    }

    fn past_the_end(&self) -> Error {
        Error::damaged(STRUCTURE, self.next, "A block of the squashfs ends before what should stand in it")
    }
}
