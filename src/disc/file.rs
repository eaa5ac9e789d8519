//! The bytes of one file, wherever they lie on the disc.

use std::sync::Arc;

use super::source::Backing;
use super::tree::State;
use super::{Error, Extent, Result, Source};

/// Where the data of a file lies.
#[derive(Debug, Clone, Default)]
pub struct Content {
    first: Extent,
    more: Option<Box<More>>,
}

/// What only few files have.
#[derive(Debug, Clone, Default)]
struct More {
    /// All extents, the first included.
    extents: Vec<Extent>,
    packing: Option<Packing>,
    /// Why the data cannot be read although it is there.
    unsupported: Option<String>,
}

/// How the disc packs a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// zisofs, in blocks of `1 << block_log2` bytes with a header of `header` bytes.
    Zisofs {
        /// Version 1 or 2 of the header and pointers.
        version: u8,
        /// Bytes of the header.
        header: u16,
        /// Power of two of the block size: 15 to 17, in version 2 up to 20.
        block_log2: u8,
    },
    /// Compression of HFS+ (decmpfs).
    Decmpfs {
        /// The method: 1 and 3 pack the content in an extended attribute, 4 in the resource fork.
        kind: u32,
    },
}

impl Content {
    /// Data in one piece.
    pub fn new(extent: Extent) -> Self {
        Self { first: extent, more: None }
    }

    /// The pieces in the order of the file.
    pub fn extents(&self) -> &[Extent] {
        match &self.more {
            Some(more) => &more.extents,
            None => std::slice::from_ref(&self.first),
        }
    }

    /// Bytes on the disc.
    pub fn stored_size(&self) -> u64 {
        self.extents().iter().fold(0, |sum, extent| sum.saturating_add(extent.length))
    }

    /// How the disc packs it.
    pub fn packing(&self) -> Option<Packing> {
        self.more.as_ref().and_then(|more| more.packing)
    }

    /// Why it cannot be read although it is there.
    pub fn unsupported(&self) -> Option<&str> {
        self.more.as_ref().and_then(|more| more.unsupported.as_deref())
    }

    /// How much of it an image of `image_len` bytes holds.
    pub fn state(&self, image_len: u64) -> State {
        let inside = self.extents().iter().fold(0_u64, |sum, extent| sum.saturating_add(extent.inside(image_len)));
        match self.stored_size() {
            stored if inside >= stored => State::Complete,
            _ if inside > 0 => State::Partly,
            _ => State::Outside,
        }
    }

    /// Appends a further piece.
    pub(in crate::disc) fn add_extent(&mut self, extent: Extent) {
        self.more_mut().extents.push(extent);
    }

    pub(in crate::disc) fn set_packing(&mut self, packing: Packing) {
        self.more_mut().packing = Some(packing);
    }

    pub(in crate::disc) fn set_unsupported(&mut self, why: impl Into<String>) {
        self.more_mut().unsupported = Some(why.into());
    }

    fn more_mut(&mut self) -> &mut More {
        let first = self.first;
        self.more.get_or_insert_with(|| Box::new(More { extents: vec![first], ..More::default() }))
    }
}

/// The bytes of several extents as one source. Reading what the image does not hold is damage, not an end.
pub struct ExtentSource {
    image: Arc<dyn Source>,
    /// Each extent with the position in the file at which it starts.
    pieces: Vec<(u64, Extent)>,
    len: u64,
}

impl ExtentSource {
    /// The stored bytes of `content` in `image`.
    pub fn new(image: Arc<dyn Source>, content: &Content) -> Self {
        let mut len = 0_u64;
        let pieces = content
            .extents()
            .iter()
            .map(|extent| {
                let start = len;
                len = len.saturating_add(extent.length);
                (start, *extent)
            })
            .collect();
        Self { image, pieces, len }
    }

    /// Where the byte at `offset` lies in the image, and how many bytes follow there in one piece.
    fn locate(&self, offset: u64) -> Option<Extent> {
        // Pieces of no length share their start with the next one, so the last of them holds the offset.
        let after = self.pieces.partition_point(|(start, _)| *start <= offset);
        let (start, extent) = after.checked_sub(1).and_then(|at| self.pieces.get(at))?;
        let inner = offset.saturating_sub(*start);
        let length = extent.length.checked_sub(inner).filter(|length| *length > 0)?;
        Some(match extent.is_somewhere() {
            true => Extent::new(extent.offset.saturating_add(inner), length),
            false => Extent { length, ..*extent },
        })
    }
}

impl Source for ExtentSource {
    fn len(&self) -> u64 {
        self.len
    }

    fn backing(&self, offset: u64) -> Option<Backing<'_>> {
        let stored = self.locate(offset).filter(|stored| stored.is_somewhere())?;
        self.image.backing(stored.offset)?.limited(stored.length)
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        let Some(stored) = self.locate(offset).filter(|_| !buf.is_empty()) else { return Ok(0) };
        let len = usize::try_from(stored.length).unwrap_or(usize::MAX).min(buf.len());
        let at = stored.offset;
        let buf = buf.get_mut(..len).unwrap_or_default();
        if stored.is_hole() {
            buf.fill(0);
            return Ok(len);
        }
        if stored.is_nowhere() {
            return Err(Error::damaged("file data", offset, "The disc does not say where this part of the file is"));
        }
        match self.image.read_at(at, buf)? {
            0 => Err(Error::damaged(
                "file data",
                at,
                format!("The image ends at byte {}, so this part of the file is missing", self.image.len()),
            )),
            read => Ok(read),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::source::{MemorySource, SourceReader};

    fn content(extents: &[(u64, u64)]) -> Content {
        let mut all = extents.iter().map(|(offset, length)| Extent::new(*offset, *length));
        let mut content = Content::new(all.next().unwrap());
        all.for_each(|extent| content.add_extent(extent));
        content
    }

    fn text(content: &Content) -> std::io::Result<String> {
        let image: Arc<dyn Source> = Arc::new(MemorySource::new(*b"0123456789"));
        std::io::read_to_string(SourceReader::new(ExtentSource::new(image, content)))
    }

    #[test]
    fn pieces_are_joined_in_the_order_of_the_file() {
        assert_eq!(text(&content(&[(5, 3), (0, 0), (0, 2)])).unwrap(), "56701");
        assert_eq!(text(&content(&[(5, 0)])).unwrap(), "");
    }

    #[test]
    fn a_hole_reads_as_zeros_and_is_never_missing() {
        let mut sparse = content(&[(5, 2)]);
        sparse.add_extent(Extent::hole(3));
        sparse.add_extent(Extent::new(0, 1));
        assert_eq!(text(&sparse).unwrap(), "56\0\0\x000");
        assert_eq!(sparse.state(7), State::Complete);
    }

    #[test]
    fn what_is_nowhere_is_damage_and_what_comes_before_it_is_not() {
        let mut broken = content(&[(5, 2)]);
        broken.add_extent(Extent::nowhere(3));
        broken.add_extent(Extent::new(0, 1));
        assert_eq!(broken.state(10), State::Partly);
        let image: Arc<dyn Source> = Arc::new(MemorySource::new(*b"0123456789"));
        let source = ExtentSource::new(image, &broken);
        let mut bytes = [0; 6];
        assert_eq!(source.read_at(0, &mut bytes).unwrap(), 2);
        assert!(source.read_at(3, &mut bytes).is_err());
        assert_eq!((source.read_at(5, &mut bytes).unwrap(), bytes[0]), (1, b'0'));
    }

    #[test]
    fn what_the_image_does_not_hold_is_damage() {
        let cut = content(&[(0, 2), (8, 5)]);
        assert_eq!(cut.state(10), State::Partly);
        assert_eq!(content(&[(10, 5)]).state(10), State::Outside);
        assert_eq!(content(&[(10, 0)]).state(10), State::Complete);
        let error = Error::from_io(text(&cut).unwrap_err(), "", 0);
        assert_eq!(error.offset(), Some(10));
    }
}
