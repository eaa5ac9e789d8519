//! Digits: hexadecimal ones as lists of checksums have them, and base64.

/// Bytes of the digests that lists have: MD5, SHA-1, and SHA-2 or others of 224 to 512 bits.
pub(super) const LENGTHS: [usize; 6] = [16, 20, 28, 32, 48, 64];

/// The digest that `text` is, in digits of whatever case without anything between them.
pub(super) fn strict(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !LENGTHS.contains(&(digits.len() / 2)) || !digits.len().is_multiple_of(2) {
        return None;
    }
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    };
    let (pairs, _) = digits.as_chunks::<2>();
    pairs.iter().map(|[high, low]| Some(value(*high)? << 4 | value(*low)?)).collect()
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
