//! What the Finder keeps of files and folders (Inside Macintosh: Toolbox Essentials, 7-74; TN1150, “Finder Info”).

use crate::disc::Result;
use crate::disc::bytes::Fields;
use crate::disc::tree::DetailGroup;

use super::names;

/// Bit of the Finder's flags: not shown.
const INVISIBLE: u16 = 0x4000;

/// Finder information of a file or a folder: 16 bytes, and 16 more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FinderInfo {
    bytes: [u8; 32],
}

impl FinderInfo {
    /// The two halves at `first` and `second`.
    pub(super) fn parse(fields: &Fields<'_>, first: usize, second: usize) -> Result<Self> {
        let mut bytes = [0; 32];
        let halves = fields.array::<16>(first)?.into_iter().chain(fields.array::<16>(second)?);
        bytes.iter_mut().zip(halves).for_each(|(to, from)| *to = from);
        Ok(Self { bytes })
    }

    /// Type of a file.
    pub(super) fn kind(&self) -> [u8; 4] {
        let [a, b, c, d, ..] = self.bytes;
        [a, b, c, d]
    }

    /// The program that made a file.
    pub(super) fn creator(&self) -> [u8; 4] {
        let [_, _, _, _, a, b, c, d, ..] = self.bytes;
        [a, b, c, d]
    }

    fn flags(&self) -> u16 {
        let [_, _, _, _, _, _, _, _, high, low, ..] = self.bytes;
        u16::from_be_bytes([high, low])
    }

    /// True when the Finder does not show it.
    pub(super) fn is_invisible(&self) -> bool {
        self.flags() & INVISIBLE != 0
    }

    /// Every field with its meaning; `first` is the absolute byte offset of the first half. Folders have a window in
    /// place of type and creator.
    pub(super) fn details(&self, first: u64, is_folder: bool) -> DetailGroup {
        let mut group = DetailGroup::new("Finder information");
        let at = |byte: u64| Some(first.saturating_add(byte));
        let fields = Fields::new(&self.bytes, first, "Finder information");
        let number = |at| fields.be16(at).unwrap_or_default().cast_signed();
        if is_folder {
            let window = format!("top {}, left {}, bottom {}, right {}", number(0), number(2), number(4), number(6));
            group.add("Window", window, at(0));
        } else {
            group.add("Type", names::code(self.kind()), at(0));
            group.add("Creator", names::code(self.creator()), at(4));
        }
        group.add("Finder flags", flags(self.flags()), at(8));
        group.add("Place in the window", format!("{} down, {} across", number(10), number(12)), at(10));
        group
    }
}

fn flags(bits: u16) -> String {
    const NAMES: [(u16, &str); 9] = [
        (0x0001, "on the desktop"),
        (0x0040, "shared"),
        (0x0080, "no INITs"),
        (0x0100, "initialised"),
        (0x0400, "custom icon"),
        (0x1000, "name locked"),
        (0x2000, "has a bundle"),
        (INVISIBLE, "invisible"),
        (0x8000, "alias"),
    ];
    let mut set: Vec<String> =
        NAMES.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| (*name).to_owned()).collect();
    if bits & 0x000e != 0 {
        set.push(format!("label {}", bits >> 1 & 7));
    }
    format!("0x{bits:04x} ({})", if set.is_empty() { "none".to_owned() } else { set.join(", ") })
}
