//! Code page 437, that of the IBM PC: which one a volume was written with is recorded nowhere.

/// The characters from 0x80 on.
const UPPER: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// The character of a byte.
fn character(byte: u8) -> char {
    match byte.checked_sub(0x80) {
        None => char::from(byte),
        Some(above) => UPPER.chars().nth(usize::from(above)).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

/// The text of `bytes`; in lower case when asked for.
pub(super) fn decode(bytes: &[u8], lower: bool) -> String {
    let characters = bytes.iter().map(|byte| character(*byte));
    if lower { characters.flat_map(char::to_lowercase).collect() } else { characters.collect() }
}

/// The text of a field that is filled up with spaces, such as a label.
pub(super) fn field(bytes: &[u8]) -> String {
    decode(bytes, false).trim_end_matches([' ', '\0']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_a_character_of_its_own() {
        let all: std::collections::HashSet<char> = (0..=255).map(character).collect();
        assert_eq!((all.len(), UPPER.chars().count()), (256, 128));
        assert_eq!(decode(b"STRA\xe1E \x8e\x99\x9a", true), "straße äöü");
        assert_eq!(field(b"NAME    \0"), "NAME");
    }
}
