//! Blocks and bytes: the only place where one becomes the other.

/// Bytes of a logical sector (ECMA-119 §6.1.2): volume descriptors and directory records are laid out in these.
pub const SECTOR_SIZE: u64 = 2048;

/// Number of a logical block, counted from the start of the image (ECMA-119 §6.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lba(pub u32);

impl Lba {
    /// Absolute byte offset of the block's first byte, for blocks of `block_size` bytes.
    pub fn to_bytes(self, block_size: u32) -> u64 {
        // A product of two 32-bit numbers fits into 64 bits.
        u64::from(self.0).wrapping_mul(u64::from(block_size))
    }
}

/// How the blocks of one volume lie in the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocks {
    /// Absolute byte offset of block 0: not 0 for a volume inside a partition.
    pub base: u64,
    /// Bytes of a block.
    pub size: u32,
}

impl Blocks {
    /// Absolute byte offset of the block's first byte; the largest number when it does not fit.
    pub fn offset(self, block: Lba) -> u64 {
        self.base.saturating_add(block.to_bytes(self.size))
    }
}

impl std::fmt::Display for Lba {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The offset of what is nowhere: no image has a byte there.
const HOLE: u64 = u64::MAX;

/// The offset of what should be somewhere: no image has a byte there either.
const NOWHERE: u64 = u64::MAX - 1;

/// A run of bytes of the image, a [hole](Self::hole), or what is [nowhere](Self::nowhere).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Extent {
    /// Absolute byte offset in the image; nothing (in JSON: `null`) for a hole.
    #[serde(serialize_with = "offset_or_null")]
    pub offset: u64,
    /// Length in bytes.
    pub length: u64,
}

impl Extent {
    /// The extent of `length` bytes from the absolute byte `offset` on.
    pub fn new(offset: u64, length: u64) -> Self {
        Self { offset, length }
    }

    /// `length` bytes that are recorded nowhere and read as zeros: of a sparse file, or allocated and never written.
    pub fn hole(length: u64) -> Self {
        Self { offset: HOLE, length }
    }

    /// True for a [hole](Self::hole).
    pub fn is_hole(self) -> bool {
        self.offset == HOLE
    }

    /// Data that the disc should have, but of which it does not say where, or says what cannot be. Never inside of an image.
    pub fn nowhere(length: u64) -> Self {
        Self { offset: NOWHERE, length }
    }

    /// True for [`nowhere`](Self::nowhere).
    pub fn is_nowhere(self) -> bool {
        self.offset == NOWHERE
    }

    /// True for a run of bytes of an image, be it long enough or not.
    pub fn is_somewhere(self) -> bool {
        self.offset < NOWHERE
    }

    /// Absolute byte offset behind the last byte; the largest number when it does not fit.
    pub fn end(self) -> u64 {
        self.offset.saturating_add(self.length)
    }

    /// The bytes that both have. Meaningless for what lies nowhere.
    pub fn shared(self, other: Self) -> Option<Self> {
        let (from, to) = (self.offset.max(other.offset), self.end().min(other.end()));
        (from < to).then(|| Self { offset: from, length: to.saturating_sub(from) })
    }

    /// How many of these bytes an image of `image_len` bytes holds. No image lacks anything of a hole.
    pub fn inside(self, image_len: u64) -> u64 {
        if self.is_hole() {
            return self.length;
        }
        if self.is_nowhere() {
            return 0;
        }
        self.end().min(image_len).saturating_sub(self.offset).min(self.length)
    }
}

fn offset_or_null<S: serde::Serializer>(offset: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    if *offset >= NOWHERE { serializer.serialize_none() } else { serializer.serialize_u64(*offset) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_block_of_the_largest_image_has_an_offset() {
        assert_eq!(Lba(u32::MAX).to_bytes(2048), 0x07ff_ffff_f800);
    }

    #[test]
    fn an_extent_knows_how_much_of_it_exists() {
        let extent = Extent::new(100, 50);
        assert_eq!(extent.inside(1000), 50);
        assert_eq!(extent.inside(120), 20);
        assert_eq!(extent.inside(100), 0);
        assert_eq!(extent.inside(0), 0);
        assert_eq!(Extent::new(u64::MAX - 2, 5).inside(1000), 0);
        assert_eq!(Extent::nowhere(50).inside(u64::MAX), 0);
    }

    #[test]
    fn nothing_of_a_hole_can_be_missing() {
        let hole = Extent::hole(50);
        assert!(hole.is_hole() && hole.inside(0) == 50);
        assert_eq!(serde_json::to_string(&hole).unwrap(), r#"{"offset":null,"length":50}"#);
        assert_eq!(serde_json::to_string(&Extent::new(7, 1)).unwrap(), r#"{"offset":7,"length":1}"#);
    }

    #[test]
    fn blocks_count_from_the_start_of_their_volume() {
        assert_eq!(Blocks { base: 512, size: 1024 }.offset(Lba(3)), 3584);
        assert_eq!(Blocks { base: u64::MAX, size: 2048 }.offset(Lba(3)), u64::MAX);
    }
}
