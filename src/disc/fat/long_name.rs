//! Long names (§7): up to 20 entries of 13 characters each, the last part first, in front of the short entry.

use super::entry::LENGTH;

/// The structure in the words of its standard.
pub(super) const LONG: &str = "long name";

/// Parts that a name may have: 255 characters.
const MOST_PARTS: u8 = 20;

/// Where the 13 characters of a part stand.
const PLACES: [usize; 13] = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

/// The parts of a long name that were found so far.
#[derive(Debug, Default)]
pub(super) struct LongName {
    /// UTF-16, the last part first, each in its order.
    parts: Vec<[u16; 13]>,
    /// The number of the part that must come next; 0 when the short entry must.
    next: u8,
    checksum: u8,
    /// Absolute byte offset of the first part.
    offset: u64,
}

impl LongName {
    /// Takes a part at the absolute byte `offset`. Says where parts begin that belong to nothing.
    pub(super) fn push(&mut self, bytes: &[u8; LENGTH], offset: u64) -> Option<u64> {
        let [ordinal, ..] = *bytes;
        let (checksum, number) = (bytes[13], ordinal & 0x3f);
        let mut orphan = None;
        if ordinal & 0x40 != 0 {
            orphan = self.drop_parts();
            if number == 0 || number > MOST_PARTS {
                return orphan.or(Some(offset));
            }
            (self.checksum, self.offset) = (checksum, offset);
        } else if self.parts.is_empty() || number != self.next || number == 0 || checksum != self.checksum {
            return self.drop_parts().or(Some(offset));
        }
        let unit = |at: usize| {
            let pair = bytes.get(at..).and_then(|rest| rest.first_chunk::<2>());
            pair.map_or(0, |pair| u16::from_le_bytes(*pair))
        };
        self.parts.push(PLACES.map(unit));
        self.next = number.saturating_sub(1);
        orphan
    }

    /// The name, when it is whole and that of the entry whose short name has this checksum; else where parts begin that
    /// belong to nothing, if there are any. There are none left.
    pub(super) fn take(&mut self, checksum: u8) -> Result<Option<Vec<u16>>, u64> {
        if self.parts.is_empty() {
            return Ok(None);
        }
        let is_whole = self.next == 0 && self.checksum == checksum;
        let units: Vec<u16> = self.parts.iter().rev().flatten().copied().take_while(|unit| *unit != 0).collect();
        let offset = self.drop_parts().unwrap_or_default();
        if is_whole && !units.is_empty() { Ok(Some(units)) } else { Err(offset) }
    }

    /// Forgets all parts, and says where they began.
    pub(super) fn drop_parts(&mut self) -> Option<u64> {
        let had_any = !self.parts.is_empty();
        self.parts.clear();
        self.next = 0;
        had_any.then_some(self.offset)
    }
}
