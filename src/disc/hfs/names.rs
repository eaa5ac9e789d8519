//! Names: Mac Roman in HFS, decomposed UTF-16 in HFS+.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use crate::disc::text::{self, Decoded};

/// A name of HFS, in Mac Roman: every byte is a character.
pub(super) fn mac_roman(bytes: &[u8]) -> Decoded<'_> {
    Decoded { text: encoding_rs::MACINTOSH.decode_without_bom_handling(bytes).0, exact: true }
}

/// A name of HFS+, composed as people type it. Lone surrogates become U+FFFD, and are told by `exact`.
///
/// Mac OS decomposes names but for some characters of compatibility (TN1150, “Unicode Subtleties”), whose composition
/// would turn them into others: these are left as they are.
pub(super) fn composed(bytes: &[u8]) -> Decoded<'static> {
    let Decoded { text, exact } = text::utf16_be(bytes);
    if text.is_ascii() {
        return Decoded { text, exact };
    }
    let untouched = |c: char| matches!(u32::from(c), 0x2000..0x3000 | 0xf900..0xfb00 | 0x2f800..0x2fb00);
    let mut name = String::with_capacity(text.len());
    for piece in text.split_inclusive(untouched) {
        match piece.chars().next_back().filter(|last| untouched(*last)) {
            Some(last) => {
                name.extend(piece.strip_suffix(last).unwrap_or_default().nfc());
                name.push(last);
            }
            None => name.extend(piece.nfc()),
        }
    }
    Decoded { text: Cow::Owned(name), exact }
}

/// Four characters that name a type or a program, such as `TEXT`.
pub(super) fn code(bytes: [u8; 4]) -> String {
    text::display(&mac_roman(&bytes).text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }

    #[test]
    fn names_are_composed_but_for_what_mac_os_does_not_decompose() {
        assert_eq!(composed(&utf16("Scho\u{308}n e\u{301}")).text, "Schön é");
        assert_eq!(composed(&utf16("plain/name")).text, "plain/name");
        // The sign of ångström and a compatibility ideograph are not what composition makes of them.
        assert_eq!(composed(&utf16("\u{212b}\u{f900}a\u{30a}")).text, "\u{212b}\u{f900}å");
        let broken = composed(&[0xd8, 0, 0, 0x61]);
        assert_eq!((broken.text.as_ref(), broken.exact), ("\u{fffd}a", false));
    }

    #[test]
    fn mac_roman_has_a_character_for_every_byte() {
        assert_eq!(mac_roman(b"Sch\x9an / \xa5").text, "Schön / •");
        assert_eq!(code(*b"TEXT"), "TEXT");
        assert_eq!(code([0, b'a', 0x8a, b' ']), "\\x00aä ");
    }
}
