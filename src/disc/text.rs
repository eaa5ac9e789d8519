//! Names of every format as text, nothing lossy without a mark.

use std::borrow::Cow;

/// Text decoded from an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text as well as it can be told.
    pub text: Cow<'a, str>,
    /// False when the bytes were not valid in their encoding, so that `text` is a guess or holds U+FFFD.
    pub exact: bool,
}

/// Bytes that should be UTF-8 or ASCII. What is not is taken for Windows-1252, which shows every byte as something.
pub fn utf8(bytes: &[u8]) -> Decoded<'_> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Decoded { text: Cow::Borrowed(text), exact: true },
        Err(_) => Decoded { text: encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0, exact: false },
    }
}

/// Big-endian UCS-2 or UTF-16, as Joliet records it. Lone surrogates and an odd last byte become U+FFFD.
pub fn utf16_be(bytes: &[u8]) -> Decoded<'static> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
    let mut text = String::with_capacity(pairs.len());
    let mut exact = odd.is_empty();
    for unit in char::decode_utf16(units) {
        text.push(unit.unwrap_or_else(|_| {
            exact = false;
            char::REPLACEMENT_CHARACTER
        }));
    }
    if !odd.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    Decoded { text: Cow::Owned(text), exact }
}

/// A fixed-width text field of a descriptor without its padding of spaces or zeros.
pub fn trim_padding(text: &str) -> &str {
    text.split('\0').next().unwrap_or_default().trim_end_matches(' ')
}

/// True for characters that would act on a terminal or turn the direction of the text around them, so that
/// `cod.exe` can look like `exe.doc`.
pub fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// `text` for people to read: control and direction characters are shown as escapes such as `\x1b` and `\u{202e}`.
pub fn display(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) || !text.chars().any(is_deceptive) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len().saturating_add(8));
    for c in text.chars() {
        push_escaped(&mut shown, c, is_deceptive(c));
    }
    Cow::Owned(shown)
}

/// One name as a component of a `/`-separated path: `/` and NUL, which no component may hold, are escaped.
pub fn path_component(name: &str) -> Cow<'_, str> {
    if memchr::memchr2(b'/', 0, name.as_bytes()).is_none() {
        return Cow::Borrowed(name);
    }
    let mut component = String::with_capacity(name.len().saturating_add(8));
    for c in name.chars() {
        push_escaped(&mut component, c, matches!(c, '/' | '\0'));
    }
    Cow::Owned(component)
}

/// The path of the entry called `name` in the folder at `folder`, the root being empty.
pub fn join(folder: &str, name: &str) -> String {
    let name = path_component(name);
    if folder.is_empty() { name.into_owned() } else { format!("{folder}/{name}") }
}

/// True when the last part of a name, behind a dot, is `extension`, in whatever case.
pub fn has_extension(name: &str, extension: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, found)| found.eq_ignore_ascii_case(extension))
}

fn push_escaped(text: &mut String, c: char, escape: bool) {
    match u32::from(c) {
        _ if !escape => text.push(c),
        code @ 0..0x100 => text.push_str(&format!("\\x{code:02x}")),
        code => text.push_str(&format!("\\u{{{code:x}}}")),
    }
}

/// The bytes that hexadecimal digits of whatever case write, without anything between them.
pub fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    };
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(value(*high)? << 4 | value(*low)?)).collect();
    if rest.is_empty() { bytes } else { None }
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('?'));
        }
    }
    text
}

/// A number of bytes in words, such as `1.4 MB` (units of 1000).
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") };
    }
    let mut scaled = bytes as f64 / 1000.0;
    let mut unit = 0;
    while scaled >= 999.5 && unit < UNITS.len() - 1 {
        scaled /= 1000.0;
        unit += 1;
    }
    let decimals = usize::from(scaled < 99.95);
    format!("{scaled:.decimals$} {}", UNITS.get(unit).unwrap_or(&"EB"))
}

/// Text by the mark at its beginning, else as UTF-8, else as Windows-1252. A character that was cut is left out.
pub fn decode(bytes: &[u8]) -> String {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        let text = encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default()).0;
        return text.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(error) if error.error_len().is_none() => {
            String::from_utf8_lossy(bytes.get(..error.valid_up_to()).unwrap_or_default()).into_owned()
        }
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undecodable_names_are_shown_and_marked() {
        assert_eq!(utf8(b"plain"), Decoded { text: "plain".into(), exact: true });
        assert_eq!(utf8(b"Stra\xdfe"), Decoded { text: "Straße".into(), exact: false });
        assert_eq!(utf16_be(&[0, 0x41, 0xd8, 0x3d, 0xde, 0x00]), Decoded { text: "A😀".into(), exact: true });
        assert_eq!(utf16_be(&[0xd8, 0x3d, 0, 0x41]), Decoded { text: "\u{fffd}A".into(), exact: false });
        assert_eq!(utf16_be(&[0, 0x41, 0x42]), Decoded { text: "A\u{fffd}".into(), exact: false });
    }

    #[test]
    fn nothing_that_acts_on_a_terminal_is_displayed() {
        assert_eq!(display("harm\u{1b}[31mless"), "harm\\x1b[31mless");
        assert_eq!(display("exe\u{202e}cod.pdf"), "exe\\u{202e}cod.pdf");
        assert_eq!(display("Grüße 日本"), "Grüße 日本");
    }

    #[test]
    fn a_component_holds_no_separator() {
        assert_eq!(path_component("a/b\0c"), "a\\x2fb\\x00c");
        assert_eq!(path_component("a\\b"), "a\\b");
        assert_eq!(join("", "a/b"), "a\\x2fb");
        assert_eq!(join("folder", "name"), "folder/name");
    }

    #[test]
    fn sizes_read_well() {
        assert_eq!(size(0), "0 bytes");
        assert_eq!(size(1), "1 byte");
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(1000), "1.0 kB");
        assert_eq!(size(934_240), "934 kB");
        assert_eq!(size(999_999), "1.0 MB");
        assert_eq!(size(2_600_000), "2.6 MB");
        assert_eq!(size(u64::MAX), "18.4 EB");
    }

    #[test]
    fn text_is_read_by_its_mark_and_else_as_what_it_can_be() {
        assert_eq!(decode(b"\xFF\xFEW\0i\0n\0"), "Win");
        assert_eq!(decode(b"\xFE\xFF\0W\0i\0n"), "Win");
        assert_eq!(decode(b"\xEF\xBB\xBFgr\xC3\xBC"), "gr\u{fc}");
        // Cut inside of a character.
        assert_eq!(decode(b"gr\xC3"), "gr");
        assert_eq!(decode(b"gr\xFC\xDFe"), "gr\u{fc}\u{df}e");
    }
}
