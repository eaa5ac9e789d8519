//! One name on a disc becomes one component of a path that is safe on every system.
//!
//! Everything here is pure. A [`Component`] can only be made here, and it is all that
//! [`destination`](super::destination) accepts: no name of a disc reaches the operating system in any other way.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

use crate::disc::text;

/// Bytes of UTF-8 in one component: the limit of ext4, XFS and most others. The 255 UTF-16 units of NTFS, APFS and
/// exFAT are kept with it, as no character takes more units than bytes.
pub const NAME_BYTES: usize = 255;

/// Bytes of an ending such as `.tar.gz` that a shortened or numbered name keeps; what is longer is no ending.
const EXTENSION_BYTES: usize = 16;

/// What takes the place of a character that no name may hold.
const REPLACEMENT: char = '_';

/// A name that is a single, harmless component of a path on Linux, Windows and macOS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Component<'a>(&'a str);

impl<'a> Component<'a> {
    /// `name` if it needs no cleaning; `None` if [`clean`] would change it.
    pub fn new(name: &'a str) -> Option<Self> {
        match clean(name) {
            Cleaned { changes, .. } if !changes.is_empty() => None,
            _ => Some(Self(name)),
        }
    }

    /// The name.
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

/// Why a name is not written as the disc records it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Change {
    /// It held `/` or `\`, which separate folders.
    Separator = 1,
    /// It was empty, `.` or `..`, which mean other folders.
    Dots = 1 << 1,
    /// It held control characters.
    Control = 1 << 2,
    /// It held characters that turn the direction of text, so that `cod.exe` looks like `exe.doc`.
    Direction = 1 << 3,
    /// It held one of `< > : " | ? *`, which Windows does not allow; `:` would hide the data in another stream.
    Forbidden = 1 << 4,
    /// It is the name of a device on Windows, such as `NUL` or `com1.txt`.
    Device = 1 << 5,
    /// It ended with a dot or a space, which Windows drops.
    Ending = 1 << 6,
    /// It was longer than [`NAME_BYTES`].
    Length = 1 << 7,
    /// It looks like the name of one of our own unfinished files.
    Own = 1 << 8,
    /// Another entry of the same folder has this name, perhaps in other case or another Unicode form.
    Twin = 1 << 9,
    /// The destination has an entry of this name.
    Exists = 1 << 10,
}

impl Change {
    const ALL: [(Self, &'static str); 11] = [
        (Self::Separator, "it holds a character that separates folders"),
        (Self::Dots, "it would mean another folder"),
        (Self::Control, "it holds control characters"),
        (Self::Direction, "it holds characters that turn the direction of text"),
        (Self::Forbidden, "it holds a character that Windows does not allow"),
        (Self::Device, "it is the name of a device on Windows"),
        (Self::Ending, "it ends with a dot or a space"),
        (Self::Length, "it is longer than 255 bytes"),
        (Self::Own, "Isoscope gives such names to unfinished files"),
        (Self::Twin, "the folder has another entry of this name"),
        (Self::Exists, "the destination has an entry of this name"),
    ];
}

/// A set of [`Change`]s.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes(u16);

impl Changes {
    /// True when the name is written as recorded.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// True when `change` is one of them.
    pub fn contains(self, change: Change) -> bool {
        self.0 & change as u16 != 0
    }

    /// Adds `change`.
    pub fn insert(&mut self, change: Change) {
        self.0 |= change as u16;
    }

    /// One sentence without a full stop, such as `The name was changed because it ends with a dot or a space`.
    pub fn sentence(self) -> String {
        let reasons: Vec<_> =
            Change::ALL.into_iter().filter(|(change, _)| self.contains(*change)).map(|(_, why)| why).collect();
        match reasons.as_slice() {
            [] => "The name is written as recorded".to_owned(),
            [but_last @ .., last] if !but_last.is_empty() => {
                format!("The name was changed because {} and {last}", but_last.join(", "))
            }
            [only, ..] => format!("The name was changed because {only}"),
        }
    }
}

/// A name that was made safe, and what it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned<'a> {
    /// The safe name.
    pub name: Cow<'a, str>,
    /// What was changed.
    pub changes: Changes,
}

/// Makes the name of a disc's entry safe for every system. Names that are safe already come back as they are.
pub fn clean(name: &str) -> Cleaned<'_> {
    let mut changes = Changes::default();
    if matches!(name, "" | "." | "..") {
        changes.insert(Change::Dots);
    }
    name.chars().filter_map(unfit).for_each(|change| changes.insert(change));
    let kept = name.trim_end_matches(['.', ' ']).len();
    if kept < name.len() && !changes.contains(Change::Dots) {
        changes.insert(Change::Ending);
    }
    if is_device(name) {
        changes.insert(Change::Device);
    }
    if is_own(name) {
        changes.insert(Change::Own);
    }
    if name.len() > NAME_BYTES {
        changes.insert(Change::Length);
    }
    if changes.is_empty() {
        return Cleaned { name: Cow::Borrowed(name), changes };
    }

    let mut safe = String::with_capacity(name.len().saturating_add(1));
    if changes.contains(Change::Device) || changes.contains(Change::Own) || name.is_empty() {
        safe.push(REPLACEMENT);
    }
    for (at, c) in name.char_indices() {
        let replaced = at >= kept || unfit(c).is_some();
        safe.push(if replaced { REPLACEMENT } else { c });
    }
    if safe.len() > NAME_BYTES {
        changes.insert(Change::Length);
        safe = with_suffix(&safe, &format!("~{:08x}", fingerprint(name)));
    }
    Cleaned { name: Cow::Owned(safe), changes }
}

/// The safe name `name` with a number, such as `read me (2).txt`. It is no longer than a name may be.
pub fn numbered(name: &str, number: u32) -> String {
    with_suffix(name, &format!(" ({number})"))
}

/// What a file is called of which only a part could be read.
pub fn damaged(name: &str) -> String {
    with_ending(name, ".damaged")
}

/// What the list of the missing parts of the file `name` is called.
pub fn map_of(name: &str) -> String {
    with_ending(name, ".map")
}

/// `name` with `ending` behind it, and with so much less of it that it all fits.
fn with_ending(name: &str, ending: &str) -> String {
    let mut end = NAME_BYTES.saturating_sub(ending.len()).min(name.len());
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{ending}", &name[..end])
}

/// Two names with the same key are one name to some file system: to one that does not tell upper from lower case, or
/// composed from decomposed characters.
pub fn key(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(name.to_ascii_lowercase())
        } else {
            Cow::Borrowed(name)
        };
    }
    // Upper case first: it unfolds what has no single lower-case form, such as ß, and joins the forms of sigma.
    let folded: String = name.nfd().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect();
    Cow::Owned(folded.nfc().collect())
}

/// True for the names of our own unfinished files and journals: `.isoNNNN.part` and `.isoNNNN.journal`.
pub(super) fn is_own(name: &str) -> bool {
    let Some(rest) = name.get(..4).filter(|prefix| prefix.eq_ignore_ascii_case(".iso")).and(name.get(4..)) else {
        return false;
    };
    let Some((digits, ending)) = rest.split_at_checked(4) else { return false };
    digits.bytes().all(|byte| byte.is_ascii_digit())
        && (ending.eq_ignore_ascii_case(".part") || ending.eq_ignore_ascii_case(".journal"))
}

/// Why `c` cannot stand in a name.
fn unfit(c: char) -> Option<Change> {
    match c {
        '/' | '\\' => Some(Change::Separator),
        '<' | '>' | ':' | '"' | '|' | '?' | '*' => Some(Change::Forbidden),
        _ if c.is_control() => Some(Change::Control),
        _ if text::is_deceptive(c) => Some(Change::Direction),
        _ => None,
    }
}

/// True for names that open a device on Windows, whatever follows the first dot or colon, and in whatever case.
fn is_device(name: &str) -> bool {
    let stem = name.split(['.', ':']).next().unwrap_or_default().trim_end_matches(' ');
    if stem.len() > 7 {
        return false;
    }
    let stem = stem.to_ascii_uppercase();
    match stem.as_str() {
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" => true,
        _ => match stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT")).map(|rest| rest.chars()) {
            Some(mut rest) => matches!((rest.next(), rest.next()), (Some('0'..='9' | '¹' | '²' | '³'), None)),
            None => false,
        },
    }
}

/// `name` with `suffix` before its ending, and with so much less of the stem that it all fits.
fn with_suffix(name: &str, suffix: &str) -> String {
    let at = extension_start(name);
    let (stem, extension) = name.split_at(at);
    let room = NAME_BYTES.saturating_sub(suffix.len()).saturating_sub(extension.len());
    let mut end = room.min(stem.len());
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{suffix}{extension}", &stem[..end])
}

/// Where the ending of `name` starts: `.gz`, or `.tar.gz` where a compressed file has two.
fn extension_start(name: &str) -> usize {
    let last = |name: &str| name.rfind('.').filter(|at| *at > 0);
    let Some(at) = last(name).filter(|at| name.len() - at <= EXTENSION_BYTES) else { return name.len() };
    match last(&name[..at]) {
        Some(before) if name[before..at].eq_ignore_ascii_case(".tar") => before,
        _ => at,
    }
}

/// FNV-1a over the bytes of the name: the same in every version and on every system, so that a name is too.
fn fingerprint(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The safe name, which must need no second cleaning.
    fn safe(name: &str) -> String {
        let cleaned = clean(name).name.into_owned();
        assert!(Component::new(&cleaned).is_some(), "{name:?} became {cleaned:?}");
        assert!(cleaned.len() <= NAME_BYTES && cleaned.encode_utf16().count() <= 255);
        assert_eq!(cleaned == name, clean(name).changes.is_empty());
        cleaned
    }

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in [
            "README.TXT",
            ".hidden",
            "a b",
            "Grüße",
            "日本語.txt",
            "a..b",
            "~",
            "-rf",
            "con fusion",
            "común.txt",
            "lpt10",
            "👩‍👩‍👧.png",
        ] {
            assert_eq!(safe(name), name);
            assert!(matches!(clean(name).name, Cow::Borrowed(_)));
        }
    }

    #[test]
    fn no_name_can_leave_its_folder() {
        assert_eq!(safe("../../etc/passwd"), ".._.._etc_passwd");
        assert_eq!(safe("..\\..\\boot.ini"), ".._.._boot.ini");
        assert_eq!(safe("/etc/passwd"), "_etc_passwd");
        assert_eq!(safe("C:\\Windows"), "C__Windows");
        assert_eq!(safe("\\\\server\\share"), "__server_share");
        assert_eq!(safe("."), "_");
        assert_eq!(safe(".."), "__");
        assert_eq!(safe(""), "_");
        assert_eq!(safe("nul\0byte"), "nul_byte");
        assert_eq!(safe(".. "), "___");
        assert_eq!(safe(". ."), "___");
    }

    #[test]
    fn names_cannot_act_on_a_terminal_or_hide_their_ending() {
        assert_eq!(safe("a\u{1b}[31m\u{9b}b\u{7f}"), "a_[31m_b_");
        assert_eq!(safe("exe\u{202e}cod.pdf"), "exe_cod.pdf");
        for c in "\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}".chars() {
            assert!(clean(&format!("a{c}b")).changes.contains(Change::Direction), "{c:?}");
        }
        for c in (0..32).chain(127..160).filter_map(char::from_u32) {
            assert!(clean(&format!("a{c}b")).changes.contains(Change::Control), "{c:?}");
        }
    }

    #[test]
    fn no_name_opens_a_device_on_windows() {
        for name in [
            "CON",
            "con",
            "Prn.txt",
            "aux.tar.gz",
            "NUL",
            "nul .txt",
            "COM1",
            "com¹",
            "LPT³.dat",
            "lpt9",
            "CONIN$",
            "conout$.log",
            "COM0",
        ] {
            assert_eq!(safe(name), format!("_{name}"));
            assert!(clean(name).changes.contains(Change::Device));
        }
        assert_eq!(safe("nul:stream"), "_nul_stream");
        assert_eq!(safe("con."), "_con_");
    }

    #[test]
    fn what_windows_would_drop_or_refuse_is_replaced() {
        assert_eq!(safe("name."), "name_");
        assert_eq!(safe("name. . "), "name____");
        assert_eq!(safe("photo.jpg:Zone.Identifier"), "photo.jpg_Zone.Identifier");
        assert_eq!(safe("what?*<>|\".txt"), "what______.txt");
    }

    #[test]
    fn our_own_temporary_names_are_never_a_discs_names() {
        assert_eq!(safe(".iso0001.part"), "_.iso0001.part");
        assert_eq!(safe(".ISO0001.Journal"), "_.ISO0001.Journal");
        assert_eq!(safe(".iso1.part"), ".iso1.part");
        assert_eq!(safe(".isoé123.part"), ".isoé123.part");
    }

    #[test]
    fn long_names_are_cut_between_characters_and_stay_different() {
        let long = |c: &str, ending: &str| format!("{}{ending}", c.repeat(300));
        let one = safe(&long("ä", "1.tar.gz"));
        let two = safe(&long("ä", "2.tar.gz"));
        assert!(one.ends_with(".tar.gz") && one != two);
        assert!(safe(&long("😀", "")).len() <= NAME_BYTES);
        assert_eq!(safe(&"x".repeat(255)), "x".repeat(255));
        assert_eq!(safe(&format!(".{}", "x".repeat(255))).len(), NAME_BYTES);
        // A dot or a space where the name is cut is not at its end.
        safe(&format!("{}{}", "x".repeat(240), " .".repeat(40)));
        assert_eq!(safe(&format!("nul.{}", "x".repeat(251))).len(), NAME_BYTES);
    }

    #[test]
    fn a_number_keeps_the_ending_and_the_limit() {
        assert_eq!(numbered("a.txt", 2), "a (2).txt");
        assert_eq!(numbered("a.tar.gz", 3), "a (3).tar.gz");
        assert_eq!(numbered(".profile", 2), ".profile (2)");
        assert_eq!(numbered("folder", 2), "folder (2)");
        let full = numbered(&format!("{}.txt", "é".repeat(125)), 1_000_000);
        assert!(full.len() <= NAME_BYTES && full.ends_with(" (1000000).txt"));
        assert!(Component::new(&full).is_some());
    }

    #[test]
    fn names_that_some_system_takes_for_one_have_one_key() {
        for (one, other) in [
            ("README", "readme"),
            ("É", "e\u{301}"),
            ("ΣΑΣ", "σας"),
            ("STRASSE", "straße"),
            ("ﬁ", "FI"),
            ("K", "\u{212a}"),
            ("Å", "\u{212b}"),
        ] {
            assert_eq!(key(one), key(other), "{one} {other}");
        }
        assert_ne!(key("a"), key("b"));
        assert_ne!(key("é"), key("e"));
    }

    #[test]
    fn every_reason_is_told() {
        assert_eq!(
            clean("a/b:c.").changes.sentence(),
            "The name was changed because it holds a character that separates folders, \
             it holds a character that Windows does not allow and it ends with a dot or a space"
        );
        assert_eq!(clean("a.").changes.sentence(), "The name was changed because it ends with a dot or a space");
    }
}
