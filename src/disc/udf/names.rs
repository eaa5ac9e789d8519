//! Text in OSTA compressed Unicode, character set CS0 (OSTA UDF 2.60 §2.1.1 to §2.1.3).

use std::borrow::Cow;

use crate::disc::text::{self, Decoded};

/// Text whose first byte, the compression id, says how many bits a character has: 8 or 16. 254 and 255 mean the same
/// for names of deleted entries, whose last bytes were replaced by a unique number (§2.3.4.2).
///
/// 16 bits are UCS-2 in the older revisions and UTF-16 since 2.60; both are read as UTF-16.
pub fn dchars(bytes: &[u8]) -> Decoded<'_> {
    match bytes.split_first() {
        None => Decoded { text: Cow::Borrowed(""), exact: true },
        Some((8 | 254, characters)) => Decoded { text: latin1(characters), exact: true },
        Some((16 | 255, units)) => text::utf16_be(units),
        // Some writers leave the compression id out.
        Some(_) => Decoded { text: latin1(bytes), exact: false },
    }
}

/// The first 256 characters of Unicode, a byte each.
fn latin1(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if bytes.is_ascii() => Cow::Borrowed(text),
        _ => Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()),
    }
}

/// A field of fixed width (`dstring`, ECMA-167 1/7.2.12), whose last byte is the number of bytes used.
pub fn dstring(field: &[u8]) -> String {
    let Some((&used, room)) = field.split_last() else { return String::new() };
    // A length of 0 stands for no text; some writers leave it 0 all the same, and longer ones reach to the end.
    let used = match usize::from(used) {
        0 if matches!(room.first(), Some(8 | 16)) => room.len(),
        used => used.min(room.len()),
    };
    text::trim_padding(&dchars(room.get(..used).unwrap_or_default()).text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_have_8_or_16_bits() {
        assert_eq!(dchars(b"\x08Gr\xfc\xdfe").text, "Grüße");
        assert_eq!(dchars(b"\x08plain").text, "plain");
        assert_eq!(dchars(&[16, 0x65, 0xe5, 0x67, 0x2c]).text, "日本");
        assert_eq!(dchars(&[16, 0xd8, 0x3d, 0xde, 0x00]), Decoded { text: "😀".into(), exact: true });
        assert_eq!(dchars(&[]), Decoded { text: "".into(), exact: true });
        assert_eq!(dchars(&[8]).text, "");
    }

    #[test]
    fn names_of_deleted_entries_read_like_others() {
        assert_eq!(dchars(b"\xfegone").text, "gone");
        assert_eq!(dchars(&[255, 0, b'g']).text, "g");
    }

    #[test]
    fn odd_lengths_lone_surrogates_and_unknown_ids_are_marked() {
        assert_eq!(dchars(&[16, 0, 0x41, 0x42]), Decoded { text: "A\u{fffd}".into(), exact: false });
        assert_eq!(dchars(&[16, 0xdc, 0x00]), Decoded { text: "\u{fffd}".into(), exact: false });
        assert_eq!(dchars(b"name"), Decoded { text: "name".into(), exact: false });
    }

    #[test]
    fn a_field_knows_how_much_of_it_is_used() {
        let mut field = [0; 32];
        field[..7].copy_from_slice(b"\x08VOLUME");
        field[31] = 7;
        assert_eq!(dstring(&field), "VOLUME");
        field[31] = 0;
        assert_eq!(dstring(&field), "VOLUME");
        field[31] = 255;
        assert_eq!(dstring(&field), "VOLUME");
        assert_eq!(dstring(&[0; 32]), "");
        assert_eq!(dstring(&[]), "");
    }
}
