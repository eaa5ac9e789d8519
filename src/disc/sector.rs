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

impl std::fmt::Display for Lba {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A run of bytes of the image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Extent {
    /// Absolute byte offset in the image.
    pub offset: u64,
    /// Length in bytes.
    pub length: u64,
}

impl Extent {
    /// The extent of `length` bytes from the absolute byte `offset` on.
    pub fn new(offset: u64, length: u64) -> Self {
        Self { offset, length }
    }

    /// Absolute byte offset behind the last byte; the largest number when it does not fit.
    pub fn end(self) -> u64 {
        self.offset.saturating_add(self.length)
    }

    /// How many of these bytes an image of `image_len` bytes holds.
    pub fn inside(self, image_len: u64) -> u64 {
        self.end().min(image_len).saturating_sub(self.offset).min(self.length)
    }
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
        assert_eq!(Extent::new(u64::MAX, 5).inside(1000), 0);
    }
}
