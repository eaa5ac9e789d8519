//! The file allocation table (§4): for each cluster the one that follows it. It is read in large blocks, as the entries of
//! neighbouring clusters stand side by side.

use std::sync::Arc;

use crate::disc::block_cache::BlockCache;
use crate::disc::source::read_up_to;
use crate::disc::{Error, Extent, Result, Source};

use super::boot_sector::{BootSector, Width};

/// The structure in the words of its standard.
pub(super) const FAT: &str = "file allocation table";

/// Bytes that are read at a time. That holds every FAT of 12 bits whole, whose entries lie across the bounds of bytes.
const BLOCK: u64 = 64 << 10;

/// One copy of the table.
#[derive(Clone)]
pub(super) struct AllocationTable {
    source: Arc<dyn Source>,
    extent: Extent,
    width: Width,
    cache: Arc<BlockCache>,
}

/// What an entry says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// The cluster is not used.
    Free,
    /// Another one follows; which may be none that there is.
    Next(u32),
    /// The cluster is damaged.
    Bad,
    /// It is the last one.
    End,
}

impl AllocationTable {
    /// All copies, that which is kept up to date first.
    pub(super) fn all(source: &Arc<dyn Source>, boot: &BootSector) -> Vec<Self> {
        let numbers = boot.active_fat.map_or(0..boot.fats, |active| active..active.saturating_add(1));
        let table = |number| Self {
            source: source.clone(),
            extent: boot.fat(number),
            width: boot.width,
            cache: Arc::default(),
        };
        numbers.map(table).collect()
    }

    pub(super) fn with_source(&self, source: &Arc<dyn Source>) -> Self {
        Self { source: source.clone(), cache: Arc::default(), ..self.clone() }
    }

    /// Absolute byte offset of the entry of `cluster`.
    pub(super) fn offset_of(&self, cluster: u32) -> u64 {
        self.extent.offset.saturating_add(u64::from(cluster) * self.width.bits() / 8)
    }

    /// True when the table begins as every one does: with the media byte, and ones up to the end of the entry (§4).
    pub(super) fn has_media(&self) -> Result<bool> {
        let head = read_up_to(self.source.as_ref(), Extent::new(self.extent.offset, 3))?;
        Ok(matches!(*head, [0xf0 | 0xf8.., 0xff, _]))
    }
}

/// A place in a table, which holds the block around it.
pub(super) struct Cursor<'a> {
    table: &'a AllocationTable,
    /// Its number, and its bytes.
    block: Option<(u64, Vec<u8>)>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(table: &'a AllocationTable) -> Self {
        Self { table, block: None }
    }

    pub(super) fn table(&self) -> &'a AllocationTable {
        self.table
    }

    /// What the entry of `cluster` says.
    pub(super) fn link(&mut self, cluster: u32) -> Result<Link> {
        let width = self.table.width;
        let place = u64::from(cluster) * width.bits() / 8;
        let bytes = self.bytes(place)?;
        Ok(match width {
            Width::Fat12 => {
                let pair = u16::from_le_bytes(first(bytes).ok_or_else(|| self.missing(cluster))?);
                let value = if cluster.is_multiple_of(2) { pair & 0xfff } else { pair >> 4 };
                link(value.into(), 0xff7)
            }
            Width::Fat16 => {
                let value = u16::from_le_bytes(first(bytes).ok_or_else(|| self.missing(cluster))?);
                link(value.into(), 0xfff7)
            }
            Width::Fat32 => {
                let value = u32::from_le_bytes(first(bytes).ok_or_else(|| self.missing(cluster))?);
                // The upper four bits are not a part of it.
                link(value & 0x0fff_ffff, 0x0fff_fff7)
            }
        })
    }

    /// The bytes from `place` in the table on.
    fn bytes(&mut self, place: u64) -> Result<&[u8]> {
        let number = place / BLOCK;
        if self.block.as_ref().is_none_or(|(held, _)| *held != number) {
            let table = self.table;
            let inner = number.saturating_mul(BLOCK);
            let length = table.extent.length.saturating_sub(inner).min(BLOCK);
            let block = Extent::new(table.extent.offset.saturating_add(inner), length);
            let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
            let read = table.cache.read(number, 0, &mut bytes, || read_up_to(table.source.as_ref(), block))?;
            bytes.truncate(read);
            self.block = Some((number, bytes));
        }
        let inner = usize::try_from(place % BLOCK).unwrap_or(usize::MAX);
        let bytes = self.block.as_ref().map(|(_, bytes)| bytes.as_slice()).unwrap_or_default();
        Ok(bytes.get(inner..).unwrap_or_default())
    }

    #[cold]
    fn missing(&self, cluster: u32) -> Error {
        let message = format!("The image ends at byte {}, inside of the FAT", self.table.source.len());
        Error::damaged(FAT, self.table.offset_of(cluster), message)
    }
}

fn first<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.first_chunk().copied()
}

fn link(value: u32, bad: u32) -> Link {
    match value {
        0 => Link::Free,
        value if value == bad => Link::Bad,
        value if value > bad => Link::End,
        value => Link::Next(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::source::MemorySource;

    fn links(width: Width, bytes: &[u8], clusters: &[u32]) -> Vec<Link> {
        let source: Arc<dyn Source> = Arc::new(MemorySource::new(bytes));
        let extent = Extent::new(0, bytes.len() as u64);
        let table = AllocationTable { source, extent, width, cache: Arc::default() };
        let mut cursor = Cursor::new(&table);
        clusters.iter().map(|cluster| cursor.link(*cluster).unwrap()).collect()
    }

    #[test]
    fn entries_of_every_width_are_read() {
        let twelve = [0xf0, 0xff, 0xff, 0x03, 0x40, 0x00, 0xf7, 0xef, 0xff, 0x00, 0x80, 0xff];
        let expected = [Link::Next(3), Link::Next(4), Link::Bad, Link::End, Link::Free, Link::End];
        assert_eq!(links(Width::Fat12, &twelve, &[2, 3, 4, 5, 6, 7]), expected);
        let sixteen = [0xf8, 0xff, 0xff, 0xff, 3, 0, 0xf7, 0xff, 0xf8, 0xff, 0, 0];
        let expected = [Link::Next(3), Link::Bad, Link::End, Link::Free];
        assert_eq!(links(Width::Fat16, &sixteen, &[2, 3, 4, 5]), expected);
        let thirty_two = [[0; 8], [3, 0, 0, 0xa0, 0xf7, 0xff, 0xff, 0xff]].concat();
        assert_eq!(links(Width::Fat32, &thirty_two, &[0, 2, 3]), [Link::Free, Link::Next(3), Link::Bad]);
    }

    #[test]
    fn an_entry_behind_the_end_is_damage() {
        let source: Arc<dyn Source> = Arc::new(MemorySource::new([0; 8]));
        let extent = Extent::new(0, 512);
        let table = AllocationTable { source, extent, width: Width::Fat16, cache: Arc::default() };
        assert_eq!(Cursor::new(&table).link(4).unwrap_err().offset(), Some(8));
    }
}
