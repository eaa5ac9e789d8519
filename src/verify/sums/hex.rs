//! Digits: hexadecimal ones as lists of checksums have them, and base64.

use crate::disc::text;

/// Bytes of the digests that lists have: MD5, SHA-1, and SHA-2 or others of 224 to 512 bits.
pub(super) const LENGTHS: [usize; 6] = [16, 20, 28, 32, 48, 64];

/// The digest that `digits` are, of whatever case without anything between them.
pub(super) fn strict(digits: &str) -> Option<Vec<u8>> {
    let bytes = LENGTHS.contains(&(digits.len() / 2)).then(|| text::from_hex(digits));
    bytes.flatten()
}

/// The digest that `text` is, with spaces, colons, hyphens or line breaks between groups of digits.
pub(super) fn loose(text: &str) -> Option<Vec<u8>> {
    /// More than any digest with as many separators as digits has.
    const LONGEST: usize = 1024;
    if text.len() > LONGEST {
        return None;
    }
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, ':' | '-')).collect();
    strict(&digits)
}

/// Bytes in base64 (RFC 4648 §4), with or without its padding; also in the alphabet for addresses (§5).
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=').as_bytes();
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for digit in digits {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            let [.., byte] = (bits >> held).to_be_bytes();
            bytes.push(byte);
        }
    }
    LENGTHS.contains(&bytes.len()).then_some(bytes)
}
