//! Where the blocks of a logical volume lie: its partition maps (ECMA-167 3/10.7, OSTA UDF 2.60 §2.2.8 to §2.2.10).

mod map;
pub(super) mod metadata;
pub(super) mod sparable;
pub(super) mod vat;

use std::sync::Arc;

use crate::disc::{Extent, Source};

use super::pieces::Pieces;
use super::primitive::LogicalBlock;
use metadata::BlockMap;
use sparable::SparingTable;
use vat::Vat;

pub(super) use map::PartitionMap;

/// A partition in the sense of a partition descriptor: a run of blocks of the volume, of which some may be spared.
#[derive(Debug, Clone)]
pub(super) struct Physical {
    /// Absolute byte offset of its first block.
    pub(super) start: u64,
    /// Its length in blocks.
    pub(super) blocks: u32,
    /// Where the blocks of defective packets lie instead.
    pub(super) sparing: Option<Arc<SparingTable>>,
}

/// What a partition reference number stands for.
#[derive(Debug, Clone)]
pub(super) enum Map {
    /// Blocks of the medium, by a type 1 map or a sparable one.
    Physical(Physical),
    /// Blocks are numbered by a virtual allocation table.
    Virtual(Physical, Arc<Vat>),
    /// Blocks are those of the metadata file, and of its mirror.
    Metadata(Arc<BlockMap>, Option<Arc<BlockMap>>),
    /// It cannot be read, for this reason.
    Unusable(String),
}

/// The partitions of a logical volume, by partition reference number.
#[derive(Debug, Clone)]
pub(super) struct Space {
    /// Bytes of a logical block.
    pub(super) block_size: u32,
    /// The partitions.
    pub(super) maps: Vec<Map>,
}

/// Why blocks cannot be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unmapped {
    /// They are nowhere, for this reason.
    Nowhere(String),
    /// There are more of them than are read.
    TooMany,
}

impl std::fmt::Display for Unmapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nowhere(why) => f.write_str(why),
            Self::TooMany => {
                f.write_str("The files of this folder lie in more pieces than the 8 million that Isoscope reads")
            }
        }
    }
}

/// The bytes of the image as a logical volume numbers them.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    /// The image.
    pub(super) source: &'a Arc<dyn Source>,
    /// The partitions.
    pub(super) space: &'a Space,
    /// True to read the mirrors of metadata partitions.
    pub(super) mirror: bool,
}

impl<'a> View<'a> {
    /// The main copies of everything.
    pub(super) fn new(source: &'a Arc<dyn Source>, space: &'a Space) -> Self {
        Self { source, space, mirror: false }
    }

    /// Bytes of a logical block.
    pub(super) fn block_size(self) -> u64 {
        u64::from(self.space.block_size)
    }

    /// The same volume with the mirrors in place of the main copies.
    pub(super) fn mirrored(self) -> Self {
        Self { mirror: true, ..self }
    }

    /// True when partition `reference` has a mirror, which this view does not read yet.
    pub(super) fn has_mirror(self, reference: u16) -> bool {
        let map = self.space.maps.get(usize::from(reference));
        !self.mirror && matches!(map, Some(Map::Metadata(_, Some(_))))
    }

    /// Absolute byte offset of a block, or why it is nowhere.
    pub(super) fn block(self, at: LogicalBlock) -> Result<u64, Unmapped> {
        // Most blocks lie in partitions where nothing needs to be looked up.
        if let Some(Map::Physical(physical)) = self.space.maps.get(usize::from(at.reference))
            && physical.sparing.is_none()
        {
            return Ok(physical.offset(at.block, self.space.block_size));
        }
        // One block of a virtual partition takes two: its number is looked up.
        let mut pieces = Pieces::new(2);
        self.extents(at, self.block_size(), &mut pieces)?;
        match pieces.list() {
            [piece] if !piece.is_hole() => Ok(piece.offset),
            _ => Err(Unmapped::Nowhere(format!("The {at} is not recorded"))),
        }
    }

    /// The block of partition `reference` that lies at the absolute byte `offset`, where that can be told.
    pub(super) fn block_at(self, reference: u16, offset: u64) -> Option<u32> {
        let size = self.block_size();
        let block = match self.space.maps.get(usize::from(reference))? {
            Map::Physical(physical) if physical.sparing.is_none() => offset.checked_sub(physical.start)? / size,
            Map::Metadata(main, mirror) => {
                mirror.as_ref().filter(|_| self.mirror).unwrap_or(main).byte_at(offset)? / size
            }
            _ => return None,
        };
        u32::try_from(block).ok()
    }

    /// Appends the pieces of the `length` bytes from block `at` on to `pieces`, or says why they are nowhere.
    pub(super) fn extents(self, at: LogicalBlock, length: u64, pieces: &mut Pieces) -> Result<(), Unmapped> {
        let block_size = self.space.block_size;
        let within = match self.space.maps.get(usize::from(at.reference)) {
            Some(Map::Physical(physical)) => physical.extents(at.block, length, block_size, pieces),
            Some(Map::Virtual(physical, vat)) => {
                let (mut left, mut block) = (length, Some(at.block));
                while left > 0 {
                    let here = left.min(self.block_size());
                    let mapped = match block {
                        Some(block) => vat.lookup(block).map_err(Unmapped::Nowhere)?,
                        None => return Err(Unmapped::Nowhere(format!("The extent at {at} has no end"))),
                    };
                    if !pieces.spend(1) || !physical.extents(mapped, here, block_size, pieces) {
                        return Err(Unmapped::TooMany);
                    }
                    left = left.saturating_sub(here);
                    block = block.and_then(|block| block.checked_add(1));
                }
                true
            }
            Some(Map::Metadata(main, mirror)) => {
                let map = mirror.as_ref().filter(|_| self.mirror).unwrap_or(main);
                map.extents(u64::from(at.block).saturating_mul(self.block_size()), length, pieces)
                    .map_err(Unmapped::Nowhere)?
            }
            Some(Map::Unusable(why)) => return Err(Unmapped::Nowhere(why.clone())),
            None => {
                let why = format!("There is no partition {} in the logical volume", at.reference);
                return Err(Unmapped::Nowhere(why));
            }
        };
        if within { Ok(()) } else { Err(Unmapped::TooMany) }
    }
}

impl Physical {
    /// Absolute byte offset of a block that is not spared, which may lie behind the end of the partition.
    fn offset(&self, block: u32, block_size: u32) -> u64 {
        self.start.saturating_add(u64::from(block).saturating_mul(u64::from(block_size)))
    }

    /// Appends the pieces of `length` bytes from `block` on; false when there are too many.
    fn extents(&self, block: u32, length: u64, block_size: u32, pieces: &mut Pieces) -> bool {
        let end = u64::from(block).saturating_mul(u64::from(block_size)).saturating_add(length);
        pieces.beyond |= end > u64::from(self.blocks).saturating_mul(u64::from(block_size));
        match &self.sparing {
            None => pieces.push(Extent::new(self.offset(block, block_size), length)),
            Some(table) => table.extents(self.start, block, length, block_size, pieces),
        }
    }
}
