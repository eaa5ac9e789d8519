//! Logical volume integrity descriptors (ECMA-167 3/10.10): whether the volume was closed, and how much is on it.

use std::collections::HashSet;

use crate::disc::bytes::Fields;
use crate::disc::source::read_up_to;
use crate::disc::time::Timestamp;
use crate::disc::{Diagnostics, Extent, Result, limits};

use super::anchor::Volume;
use super::primitive::{VolumeExtent, timestamp};
use super::tag::{Tag, id};

/// The structure in complaints.
pub(super) const STRUCTURE: &str = "logical volume integrity descriptor";

/// The integrity descriptor that prevails: the last of its sequence.
#[derive(Debug, Clone)]
pub(super) struct Integrity {
    /// Absolute byte offset.
    pub(super) offset: u64,
    /// Its bytes: a block, or more where it has many partitions.
    pub(super) bytes: Vec<u8>,
    /// Extents of the whole sequence.
    pub(super) extents: Vec<Extent>,
}

/// What the implementation use of an integrity descriptor says (OSTA UDF 2.60 §2.2.6.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    /// Number of files.
    pub(super) files: u32,
    /// Number of folders.
    pub(super) folders: u32,
    /// Minimum revision for reading and writing, maximum for writing.
    pub(super) revisions: [u16; 3],
    /// Where they stand in the descriptor.
    pub(super) at: usize,
}

impl Integrity {
    /// Reads the sequence that starts in the extent that the logical volume descriptor gives.
    pub(super) fn read(volume: Volume<'_>, start: VolumeExtent, diagnostics: &mut Diagnostics) -> Result<Option<Self>> {
        let mut newest: Option<Self> = None;
        let mut extents = Vec::new();
        let mut visited = HashSet::new();
        let mut next = start;
        while next.length > 0 {
            let extent = volume.extent(next);
            if !visited.insert(next) || visited.len() > limits::UDF_INTEGRITY {
                let message = "The sequence of integrity descriptors goes on without end";
                diagnostics.warning(STRUCTURE, extent.offset, message);
                break;
            }
            extents.push(extent);
            let window = Extent { length: extent.length.min(limits::UDF_SEQUENCE.into()), ..extent };
            let bytes = match read_up_to(volume.source.as_ref(), window) {
                Ok(bytes) => bytes,
                Err(error) if error.is_cancelled() => return Err(error),
                Err(error) => {
                    diagnostics.failure(&error);
                    break;
                }
            };
            next = VolumeExtent::default();
            let block = usize::try_from(volume.block_size).unwrap_or(usize::MAX);
            for (number, first) in bytes.chunks(block).enumerate() {
                let start = number.saturating_mul(block);
                let offset = extent.offset.saturating_add(start as u64);
                let rest = bytes.get(start..).unwrap_or_default();
                let Some((_, check)) = Tag::of(rest, id::INTEGRITY) else {
                    let ends = first.iter().all(|byte| *byte == 0) || Tag::of(first, id::TERMINATING).is_some();
                    if !ends && number == 0 {
                        diagnostics.warning(STRUCTURE, offset, "There should be an integrity descriptor here");
                    }
                    break;
                };
                check.warning(STRUCTURE, offset).into_iter().for_each(|note| diagnostics.push(note));
                let found = Self { offset, bytes: rest.to_vec(), extents: Vec::new() };
                next = VolumeExtent::read(&found.fields(), 32)?;
                newest = Some(found);
            }
        }
        let newest = newest.map(|newest| Self { extents, ..newest });
        Ok(newest)
    }

    /// The fields on the disc.
    pub(super) fn fields(&self) -> Fields<'_> {
        Fields::new(&self.bytes, self.offset, STRUCTURE)
    }

    /// When it was recorded.
    pub(super) fn recorded(&self) -> Option<Timestamp> {
        self.fields().array(16).ok().and_then(timestamp)
    }

    /// True when the volume was closed properly.
    pub(super) fn is_closed(&self) -> bool {
        self.fields().le32(28).is_ok_and(|kind| kind == 1)
    }

    /// Partitions in its tables of free and total space.
    pub(super) fn partitions(&self) -> usize {
        let count = self.fields().le32(72).ok().and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
        count.min(limits::UDF_PARTITIONS)
    }

    /// Free and total blocks of the partition `index`; `None` where they are not given.
    pub(super) fn space(&self, index: usize) -> (Option<u32>, Option<u32>) {
        let number = |at: usize| self.fields().le32(at).ok().filter(|number| *number != u32::MAX);
        let place = 80_usize.saturating_add(index.saturating_mul(4));
        (number(place), number(place.saturating_add(self.partitions().saturating_mul(4))))
    }

    /// Number of files and folders, and revisions.
    pub(super) fn counts(&self) -> Option<Counts> {
        let fields = self.fields();
        let at = 80 + self.partitions() * 8 + 32;
        let enough = fields.le32(76).is_ok_and(|len| len >= 46);
        let number = |at| fields.le32(at).ok();
        let revision = |at| fields.le16(at).ok();
        let revisions = [revision(at + 8)?, revision(at + 10)?, revision(at + 12)?];
        enough.then_some(Counts { files: number(at)?, folders: number(at + 4)?, revisions, at })
    }
}
