//! Forks: the data of a file, in extents of allocation blocks (Inside Macintosh: Files, 2-75; TN1150, “Fork Data
//! Structure”).

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::disc::bytes::Fields;
use crate::disc::file::{Content, ExtentSource};
use crate::disc::sector::Blocks;
use crate::disc::{Diagnostics, Error, Extent, Lba, Result, Source, limits};

use super::btree::{BTree, Layout};

/// Which fork of a file, as the keys of the extents overflow file say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ForkKind {
    Data = 0,
    Resource = 0xff,
}

/// Where a fork lies, as its catalog record says: up to 3 (HFS) or 8 (HFS+) extents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ForkData {
    /// Bytes.
    pub size: u64,
    /// First block and number of blocks of each extent.
    pub extents: Vec<(u32, u32)>,
}

/// Keys of HFS's extents overflow file: length, fork, file, block.
pub(super) const HFS_OVERFLOW: Layout = Layout { structure: "extents overflow file", key_len_size: 1, group_at: 2 };
/// Keys of HFS+'s extents overflow file: length (2), fork, padding, file, block (4).
pub(super) const HFS_PLUS_OVERFLOW: Layout =
    Layout { structure: "extents overflow file", key_len_size: 2, group_at: 4 };

impl ForkData {
    /// HFS: the size at `size_at`, three extents of 16-bit numbers at `extents_at`.
    pub(super) fn of_hfs(fields: &Fields<'_>, size_at: usize, extents_at: usize) -> Result<Self> {
        Ok(Self { size: u64::from(fields.be32(size_at)?), extents: small_extents(fields.bytes(extents_at, 12)?) })
    }

    /// HFS+: 80 bytes with size, clump size, number of blocks, and eight extents of 32-bit numbers.
    pub(super) fn of_hfs_plus(fields: &Fields<'_>, at: usize) -> Result<Self> {
        let extents = large_extents(fields.bytes(at.saturating_add(16), 64)?);
        Ok(Self { size: fields.be64(at)?, extents })
    }

    fn blocks(&self) -> u64 {
        self.extents.iter().map(|(_, count)| u64::from(*count)).sum()
    }
}

/// Extents of 16-bit numbers, up to the first empty one.
fn small_extents(bytes: &[u8]) -> Vec<(u32, u32)> {
    let pairs = bytes.as_chunks::<4>().0.iter();
    let pairs = pairs.map(|[a, b, c, d]| (u16::from_be_bytes([*a, *b]).into(), u16::from_be_bytes([*c, *d]).into()));
    pairs.take_while(|(_, count)| *count > 0).collect()
}

/// Extents of 32-bit numbers, up to the first empty one.
fn large_extents(bytes: &[u8]) -> Vec<(u32, u32)> {
    let pairs = bytes.as_chunks::<8>().0.iter();
    let pairs = pairs
        .map(|[a, b, c, d, e, f, g, h]| (u32::from_be_bytes([*a, *b, *c, *d]), u32::from_be_bytes([*e, *f, *g, *h])));
    pairs.take_while(|(_, count)| *count > 0).collect()
}

/// The blocks of a volume and the list of extents that did not fit into the catalog.
#[derive(Clone)]
pub(super) struct Space {
    /// Where allocation blocks lie.
    pub blocks: Blocks,
    /// Bytes of the image.
    pub image_len: u64,
    /// The extents overflow file, when there is one that can be read.
    pub overflow: Option<BTree>,
    /// True for HFS+.
    pub plus: bool,
}

impl Space {
    /// Where the fork of the file with the number `file` lies. When blocks are recorded nowhere, the second value says
    /// so, and the content ends with an extent behind the end of the image, so that reading it fails there.
    pub(super) fn locate(
        &self,
        file: u32,
        kind: ForkKind,
        data: &ForkData,
        diagnostics: &mut Diagnostics,
    ) -> Result<(Content, Option<String>)> {
        let needed = data.size.div_ceil(u64::from(self.blocks.size));
        let more = match data.blocks() < needed {
            true => self.overflow_extents(file, kind, data.blocks(), needed, diagnostics)?,
            false => Vec::new(),
        };
        let mut left = data.size;
        let mut pieces: Vec<Extent> = Vec::new();
        for (first, count) in data.extents.iter().chain(&more) {
            let length = u64::from(*count).saturating_mul(u64::from(self.blocks.size)).min(left);
            if length == 0 {
                break;
            }
            let offset = self.blocks.offset(Lba(*first));
            left = left.saturating_sub(length);
            match pieces.last_mut() {
                Some(last) if last.end() == offset => last.length = last.length.saturating_add(length),
                _ => pieces.push(Extent::new(offset, length)),
            }
        }
        let missing = (left > 0).then(|| {
            pieces.push(Extent::new(self.image_len, left));
            format!("The last {left} bytes of this file are recorded nowhere: its list of extents is too short")
        });
        let mut pieces = pieces.into_iter();
        let mut content = Content::new(pieces.next().unwrap_or_default());
        pieces.for_each(|piece| content.add_extent(piece));
        Ok((content, missing))
    }

    /// The extents of a fork from the block `from` of the file on, up to `needed` blocks in all.
    fn overflow_extents(
        &self,
        file: u32,
        kind: ForkKind,
        from: u64,
        needed: u64,
        diagnostics: &mut Diagnostics,
    ) -> Result<Vec<(u32, u32)>> {
        let Some(tree) = &self.overflow else { return Ok(Vec::new()) };
        let mut extents = Vec::new();
        let mut next = from;
        tree.group(file, &|_| false, diagnostics, &mut |record, _| {
            let fields = Fields::new(record.key, record.extent.offset, "extent key");
            let (fork, start) = match self.plus {
                true => (fields.u8(2), fields.be32(8)),
                false => (fields.u8(1), fields.be16(6).map(u32::from)),
            };
            if fork.is_ok_and(|fork| fork == kind as u8) && start.is_ok_and(|start| u64::from(start) == next) {
                let found = match self.plus {
                    true => large_extents(record.data.get(..64).unwrap_or(record.data)),
                    false => small_extents(record.data.get(..12).unwrap_or(record.data)),
                };
                next = found.iter().fold(next, |sum, (_, count)| sum.saturating_add(u64::from(*count)));
                extents.extend(found);
            }
            match next >= needed || extents.len() >= limits::FILE_SECTIONS {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        })?;
        Ok(extents)
    }
}

/// A fork that is read again and again: one that holds a B-tree.
#[derive(Clone)]
pub(super) struct Fork {
    content: Content,
    reader: Arc<ExtentSource>,
    image_len: u64,
}

impl Fork {
    /// The fork that lies at `content`.
    pub(super) fn new(source: &Arc<dyn Source>, content: Content) -> Self {
        let reader = Arc::new(ExtentSource::new(source.clone(), &content));
        Self { content, reader, image_len: source.len() }
    }

    pub(super) fn with_source(&self, source: &Arc<dyn Source>) -> Self {
        Self::new(source, self.content.clone())
    }

    /// Bytes that the fork claims.
    pub(super) fn len(&self) -> u64 {
        self.reader.len()
    }

    /// Bytes of the image.
    pub(super) fn image_len(&self) -> u64 {
        self.image_len
    }

    /// Where it lies.
    pub(super) fn extents(&self) -> &[Extent] {
        self.content.extents()
    }

    /// Absolute byte offset of the byte at `position` of the fork; that of its end when it has no such byte.
    pub(super) fn absolute(&self, position: u64) -> u64 {
        let mut left = position;
        for extent in self.extents() {
            if left < extent.length {
                return extent.offset.saturating_add(left);
            }
            left = left.saturating_sub(extent.length);
        }
        self.extents().last().map_or(0, |extent| extent.end())
    }

    /// The inverse of [`absolute`](Self::absolute).
    pub(super) fn position_of(&self, offset: u64) -> Option<u64> {
        let mut start = 0_u64;
        for extent in self.extents() {
            if (extent.offset..extent.end()).contains(&offset) {
                return Some(start.saturating_add(offset.saturating_sub(extent.offset)));
            }
            start = start.saturating_add(extent.length);
        }
        None
    }

    /// Fills `buf` with the bytes of `structure` at `position`.
    pub(super) fn read_exact(&self, structure: &'static str, position: u64, buf: &mut [u8]) -> Result<()> {
        let place = self.absolute(position);
        if position.saturating_add(buf.len() as u64) > self.len() {
            return Err(Error::damaged(structure, place, format!("The {structure} ends before it should")));
        }
        crate::disc::source::read_exact(self.reader.as_ref(), structure, position, buf).map_err(|error| match error {
            Error::Damaged { offset, message, .. } => Error::damaged(structure, offset, message),
            other => other,
        })
    }
}
