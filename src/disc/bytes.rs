//! Reads of fields that may not be there: little-, big- and both-endian numbers that know their absolute offset.

use super::{Error, Result};

/// The bytes of one structure, with its name and its place in the image for the errors.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    bytes: &'a [u8],
    offset: u64,
    structure: &'static str,
}

/// A number recorded in both byte orders (ECMA-119 §7.2.3, §7.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Both<T> {
    /// The little-endian copy: the one that is used.
    pub little: T,
    /// The big-endian copy: compared only, as some masters leave it wrong or zero.
    pub big: T,
}

impl<T: PartialEq> Both<T> {
    /// True when both copies hold the same number.
    pub fn agree(&self) -> bool {
        self.little == self.big
    }
}

impl<'a> Fields<'a> {
    /// Fields of `structure`, whose first byte stands at the absolute byte `offset`.
    pub fn new(bytes: &'a [u8], offset: u64, structure: &'static str) -> Self {
        Self { bytes, offset, structure }
    }

    /// Absolute byte offset of the byte at `at`.
    pub fn offset_of(&self, at: usize) -> u64 {
        self.offset.saturating_add(at as u64)
    }

    /// All bytes of the structure.
    pub fn all(&self) -> &'a [u8] {
        self.bytes
    }

    /// The `N` bytes at `at`; `Damaged` when the structure is too short.
    pub fn array<const N: usize>(&self, at: usize) -> Result<[u8; N]> {
        self.bytes.get(at..).and_then(|rest| rest.first_chunk::<N>()).copied().ok_or_else(|| self.too_short(at, N))
    }

    /// The `len` bytes at `at`; `Damaged` when the structure is too short.
    pub fn bytes(&self, at: usize, len: usize) -> Result<&'a [u8]> {
        at.checked_add(len).and_then(|end| self.bytes.get(at..end)).ok_or_else(|| self.too_short(at, len))
    }

    /// One byte.
    pub fn u8(&self, at: usize) -> Result<u8> {
        self.array::<1>(at).map(|[byte]| byte)
    }

    /// 16 bits, little-endian (ECMA-119 §7.2.1).
    pub fn le16(&self, at: usize) -> Result<u16> {
        self.array(at).map(u16::from_le_bytes)
    }

    /// 32 bits, little-endian (ECMA-119 §7.3.1).
    pub fn le32(&self, at: usize) -> Result<u32> {
        self.array(at).map(u32::from_le_bytes)
    }

    /// 64 bits, little-endian.
    pub fn le64(&self, at: usize) -> Result<u64> {
        self.array(at).map(u64::from_le_bytes)
    }

    /// 16 bits, big-endian.
    pub fn be16(&self, at: usize) -> Result<u16> {
        self.array(at).map(u16::from_be_bytes)
    }

    /// 64 bits, big-endian.
    pub fn be64(&self, at: usize) -> Result<u64> {
        self.array(at).map(u64::from_be_bytes)
    }

    /// 32 bits, big-endian (ECMA-119 §7.3.2).
    pub fn be32(&self, at: usize) -> Result<u32> {
        self.array(at).map(u32::from_be_bytes)
    }

    /// 16 bits in both byte orders, 4 bytes in all (ECMA-119 §7.2.3).
    pub fn both16(&self, at: usize) -> Result<Both<u16>> {
        let [a, b, c, d] = self.array(at)?;
        Ok(Both { little: u16::from_le_bytes([a, b]), big: u16::from_be_bytes([c, d]) })
    }

    /// 32 bits in both byte orders, 8 bytes in all (ECMA-119 §7.3.3).
    pub fn both32(&self, at: usize) -> Result<Both<u32>> {
        let [a, b, c, d, e, f, g, h] = self.array(at)?;
        Ok(Both { little: u32::from_le_bytes([a, b, c, d]), big: u32::from_be_bytes([e, f, g, h]) })
    }

    #[cold]
    fn too_short(&self, at: usize, len: usize) -> Error {
        Error::damaged(
            self.structure,
            self.offset,
            format!("The structure has {} bytes, but {len} are needed from byte {at} of it on", self.bytes.len()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_their_byte_order() {
        let fields = Fields::new(&[1, 2, 3, 4, 4, 3, 2, 1, 9], 1000, "test");
        assert_eq!(fields.le16(0).unwrap(), 0x0201);
        assert_eq!(fields.be32(0).unwrap(), 0x0102_0304);
        let both = fields.both32(0).unwrap();
        assert_eq!(both.little, 0x0403_0201);
        assert!(both.agree());
        assert!(!fields.both16(0).unwrap().agree());
    }

    #[test]
    fn a_read_past_the_end_names_structure_and_offset() {
        let error = Fields::new(&[0; 4], 2048, "volume descriptor").le32(1).unwrap_err();
        assert_eq!(error.offset(), Some(2048));
        assert_eq!(error.structure(), Some("volume descriptor"));
        assert!(Fields::new(&[0; 4], 0, "test").bytes(usize::MAX, 2).is_err());
    }
}
