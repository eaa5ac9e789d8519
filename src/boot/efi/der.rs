//! Values in the distinguished encoding rules of ASN.1 (X.690): signatures and certificates are made of them.
//!
//! A reader of one's own, because signatures cover the very bytes that stand in the file: they are handed on as they are,
//! and never encoded anew. It goes no deeper than it is asked to, and copies nothing.

use crate::disc::{Error, Result};

/// Tags of the values that are looked for (X.690 §8.1.2; X.680 §8.6).
pub mod tag {
    /// BOOLEAN.
    pub const BOOLEAN: u8 = 0x01;
    /// INTEGER.
    pub const INTEGER: u8 = 0x02;
    /// BIT STRING.
    pub const BIT_STRING: u8 = 0x03;
    /// OCTET STRING.
    pub const OCTET_STRING: u8 = 0x04;
    /// OBJECT IDENTIFIER.
    pub const OBJECT_IDENTIFIER: u8 = 0x06;
    /// UTF8String.
    pub const UTF8_STRING: u8 = 0x0c;
    /// UTCTime.
    pub const UTC_TIME: u8 = 0x17;
    /// GeneralizedTime.
    pub const GENERALIZED_TIME: u8 = 0x18;
    /// BMPString: UTF-16, big-endian.
    pub const BMP_STRING: u8 = 0x1e;
    /// SEQUENCE and SEQUENCE OF.
    pub const SEQUENCE: u8 = 0x30;
    /// SET and SET OF.
    pub const SET: u8 = 0x31;
    /// `[n]` around or instead of a primitive value.
    pub const fn primitive(number: u8) -> u8 {
        0x80 | number
    }
    /// `[n]` around other values.
    pub const fn constructed(number: u8) -> u8 {
        0xa0 | number
    }
}

/// A value: its tag, its content, and both as they stand in the file.
#[derive(Debug, Clone, Copy)]
pub struct Value<'a> {
    /// The tag, with its class.
    pub tag: u8,
    /// The content without tag and length.
    pub content: &'a [u8],
    /// Tag, length and content.
    pub whole: &'a [u8],
    /// Absolute byte offset of the content.
    pub offset: u64,
    structure: &'static str,
}

impl<'a> Value<'a> {
    /// A reader of the values inside.
    pub fn inside(&self) -> Reader<'a> {
        Reader::new(self.content, self.offset, self.structure)
    }

    /// Absolute byte offset of the first byte behind its content.
    pub fn end(&self) -> u64 {
        self.offset.saturating_add(self.content.len() as u64)
    }

    /// The content of an INTEGER that is not negative, without zeros in front.
    pub fn unsigned(&self) -> &'a [u8] {
        let zeros = self.content.iter().take_while(|byte| **byte == 0).count();
        self.content.get(zeros..).unwrap_or_default()
    }

    /// The bytes of a BIT STRING that has no odd bits at its end, as no signature and no key has.
    pub fn bits(&self) -> Result<&'a [u8]> {
        match self.content.split_first() {
            Some((0, bits)) if self.tag == tag::BIT_STRING => Ok(bits),
            _ => Err(Error::damaged(self.structure, self.offset, "A string of bits is not one of whole bytes")),
        }
    }
}

/// Reads values one behind the other.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    offset: u64,
    structure: &'static str,
}

impl<'a> Reader<'a> {
    /// A reader of the values of `structure` in `bytes`, the first of which stands at the absolute byte `offset`.
    pub fn new(bytes: &'a [u8], offset: u64, structure: &'static str) -> Self {
        Self { bytes, offset, structure }
    }

    /// The tag of the next value; `None` at the end.
    pub fn peek(&self) -> Option<u8> {
        self.bytes.first().copied()
    }

    /// Absolute byte offset of the next value.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The next value, whatever it is; `None` at the end.
    ///
    /// # Errors
    /// `Damaged` when it goes on behind the end, or has no length, as only the basic encoding rules allow (X.690 §8.1.3.6).
    pub fn next_value(&mut self) -> Result<Option<Value<'a>>> {
        let Some((&tag, rest)) = self.bytes.split_first() else { return Ok(None) };
        let (length, header) = self.length(rest).ok_or_else(|| self.damage("A value has a length that cannot be"))?;
        let end = header.checked_add(length);
        let whole = end.and_then(|end| self.bytes.get(..end)).ok_or_else(|| {
            self.damage(&format!("A value of {length} bytes goes on behind the end, {} bytes away", self.bytes.len()))
        })?;
        let value = Value {
            tag,
            content: whole.get(header..).unwrap_or_default(),
            whole,
            offset: self.offset.saturating_add(header as u64),
            structure: self.structure,
        };
        self.bytes = self.bytes.get(whole.len()..).unwrap_or_default();
        self.offset = value.end();
        Ok(Some(value))
    }

    /// The content's length, and that of tag and length before it (X.690 §8.1.3).
    fn length(&self, rest: &[u8]) -> Option<(usize, usize)> {
        let (&first, rest) = rest.split_first()?;
        // Tags of several bytes are used by none of the structures here.
        if self.peek()? & 0x1f == 0x1f {
            return None;
        }
        if first < 0x80 {
            return Some((usize::from(first), 2));
        }
        let count = usize::from(first & 0x7f);
        let bytes = rest.get(..count).filter(|_| (1..=4).contains(&count))?;
        let length = bytes.iter().fold(0_u64, |length, byte| length << 8 | u64::from(*byte));
        Some((usize::try_from(length).ok()?, count.saturating_add(2)))
    }

    /// The next value, which must have this tag; `what` it is, for the error.
    pub fn expect(&mut self, tag: u8, what: &str) -> Result<Value<'a>> {
        match self.peek() {
            Some(found) if found == tag => self.any(what),
            Some(found) => Err(self.damage(&format!("The {what} has the tag 0x{found:02x} instead of 0x{tag:02x}"))),
            None => Err(self.damage(&format!("The {what} is missing"))),
        }
    }

    /// The next value, which must be there; `what` it is, for the error.
    pub fn any(&mut self, what: &str) -> Result<Value<'a>> {
        self.next_value()?.ok_or_else(|| self.damage(&format!("The {what} is missing")))
    }

    /// The next value if it has this tag.
    pub fn optional(&mut self, tag: u8) -> Result<Option<Value<'a>>> {
        if self.peek() == Some(tag) { self.next_value() } else { Ok(None) }
    }

    /// Damage at the next value; `message` is a plain sentence without a full stop.
    pub fn damage(&self, message: &str) -> Error {
        Error::damaged(self.structure, self.offset, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_one_behind_the_other_with_their_offsets() {
        let mut reader = Reader::new(&[0x30, 3, 2, 1, 7, 0x04, 0x81, 1, 9], 100, "test");
        let first = reader.expect(tag::SEQUENCE, "first").unwrap();
        assert_eq!((first.offset, first.whole.len(), first.end()), (102, 5, 105));
        assert_eq!(first.inside().expect(tag::INTEGER, "number").unwrap().unsigned(), [7]);
        assert!(reader.optional(tag::INTEGER).unwrap().is_none());
        let second = reader.any("second").unwrap();
        assert_eq!((second.content, second.offset), (&[9][..], 108));
        assert!(reader.next_value().unwrap().is_none());
        assert_eq!(reader.any("third").unwrap_err().offset(), Some(109));
    }

    #[test]
    fn lengths_that_cannot_be_are_damage() {
        for bytes in [&[0x30][..], &[0x30, 2, 0], &[0x30, 0x80, 0, 0], &[0x04, 0x85, 0, 0, 0, 0, 1, 9], &[0x1f, 1, 0]] {
            let error = Reader::new(bytes, 5, "test").next_value().unwrap_err();
            assert_eq!(error.offset(), Some(5), "{bytes:?}");
        }
        assert!(Reader::new(&[0x04, 0x84, 255, 255, 255, 255], 0, "test").next_value().is_err());
    }

    #[test]
    fn bits_are_whole_bytes() {
        let bits = |bytes| Reader::new(bytes, 0, "test").any("bits").unwrap().bits();
        assert_eq!(bits(&[3, 2, 0, 9]).unwrap(), [9]);
        assert!(bits(&[3, 2, 1, 8]).is_err() && bits(&[3, 0]).is_err() && bits(&[4, 2, 0, 9]).is_err());
    }
}
