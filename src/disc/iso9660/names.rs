//! File identifiers as names (ECMA-119 §7.5, Joliet "Allowing Use of Unicode in File Names").

use std::borrow::Cow;

use crate::disc::text::{self, Decoded};

/// How a tree records its identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// One byte a character.
    Bytes,
    /// Big-endian UCS-2, in practice UTF-16.
    Utf16,
}

/// The name that an identifier stands for: without the version `;1`, and of plain names without the empty
/// extension's dot.
pub(super) fn name(identifier: &[u8], encoding: Encoding) -> Decoded<'_> {
    match encoding {
        Encoding::Bytes => {
            let decoded = text::utf8(identifier);
            Decoded { text: strip(decoded.text, true), exact: decoded.exact }
        }
        Encoding::Utf16 => {
            let decoded = text::utf16_be(identifier);
            // Nero writes `;1` into Joliet names too; a dot at the end is part of the name there.
            Decoded { text: strip(decoded.text, false), exact: decoded.exact }
        }
    }
}

fn strip(mut name: Cow<'_, str>, drop_empty_extension: bool) -> Cow<'_, str> {
    let mut keep = name.strip_suffix(";1").unwrap_or(&name);
    if drop_empty_extension {
        keep = keep.strip_suffix('.').unwrap_or(keep);
    }
    // A name that is nothing but its version stays as it is: every entry needs a name.
    if keep.is_empty() {
        return name;
    }
    let len = keep.len();
    match &mut name {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(..len).unwrap_or(text)),
        Cow::Owned(text) => {
            text.truncate(len);
            name
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(identifier: &[u8]) -> String {
        name(identifier, Encoding::Bytes).text.into_owned()
    }

    fn joliet(text: &str) -> String {
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        name(&bytes, Encoding::Utf16).text.into_owned()
    }

    #[test]
    fn versions_and_empty_extensions_are_dropped() {
        assert_eq!(plain(b"README.TXT;1"), "README.TXT");
        assert_eq!(plain(b"README.;1"), "README");
        assert_eq!(plain(b"README.TXT;2"), "README.TXT;2");
        assert_eq!(plain(b"FOLDER"), "FOLDER");
        assert_eq!(plain(b";1"), ";1");
        assert_eq!(plain(b".;1"), ".;1");
    }

    #[test]
    fn joliet_keeps_the_last_dot() {
        assert_eq!(joliet("Größe.;1"), "Größe.");
        assert_eq!(joliet("日本 😀.txt"), "日本 😀.txt");
    }
}
