//! Registry hives, read only, as far as a boot configuration needs them: keys, their subkeys, and short values.
//!
//! The format has no published standard; the names are those of Windows, the layout that of “Windows NT Registry File
//! (REGF) format specification” of the libregf project. All places are counted from the first hive bin, at byte 4096.

/// Bytes in front of the first hive bin.
const BASE: usize = 4096;

/// Subkeys or values that are read of one key.
const LIST: usize = 4096;

/// A hive in memory.
pub(super) struct Hive<'a> {
    bytes: &'a [u8],
}

/// A key (`nk`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) name: String,
    /// The byte of the file at which its cell starts.
    pub(super) offset: u64,
    subkeys: u32,
    subkey_list: u32,
    values: u32,
    value_list: u32,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

/// Text in UTF-16 up to the first NUL.
pub(super) fn utf16(bytes: &[u8]) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit)).take_while(|unit| *unit != 0);
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn name(bytes: &[u8], is_latin: bool) -> String {
    if is_latin { bytes.iter().map(|byte| char::from(*byte)).collect() } else { utf16(bytes) }
}

impl<'a> Hive<'a> {
    /// The hive in `bytes`; `None` when it is none.
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        (bytes.starts_with(b"regf") && bytes.len() > BASE).then_some(Self { bytes })
    }

    /// True when the last change was written to the end: both sequence numbers are the same.
    pub(super) fn is_finished(&self) -> bool {
        u32_at(self.bytes, 4) == u32_at(self.bytes, 8)
    }

    /// The key at the top.
    pub(super) fn root(&self) -> Option<Key> {
        self.key(u32_at(self.bytes, 36)?)
    }

    /// What is in the cell at `place`: a length, negative where the cell is in use, and that many bytes with it.
    fn cell(&self, place: u32) -> Option<&'a [u8]> {
        let start = BASE.checked_add(usize::try_from(place).ok()?)?;
        let length = i32::from_le_bytes(*self.bytes.get(start..)?.first_chunk()?);
        let length = usize::try_from(length.checked_neg()?).ok()?;
        self.bytes.get(start.checked_add(4)?..start.checked_add(length)?)
    }

    fn key(&self, place: u32) -> Option<Key> {
        let cell = self.cell(place)?;
        let flags = u16_at(cell, 2).filter(|_| cell.starts_with(b"nk"))?;
        let length = usize::from(u16_at(cell, 72)?);
        let text = cell.get(76..76_usize.checked_add(length)?)?;
        Some(Key {
            name: name(text, flags & 0x20 != 0),
            offset: (BASE as u64).saturating_add(u64::from(place)),
            subkeys: u32_at(cell, 20)?,
            subkey_list: u32_at(cell, 28)?,
            values: u32_at(cell, 36)?,
            value_list: u32_at(cell, 40)?,
        })
    }

    /// The keys below `key`, as many as can be read.
    pub(super) fn subkeys(&self, key: &Key) -> Vec<Key> {
        if key.subkeys == 0 {
            return Vec::new();
        }
        // A list of lists (`ri`) has one level below it.
        let lists = match self.cell(key.subkey_list) {
            Some(cell) if cell.starts_with(b"ri") => places(cell, 4),
            _ => vec![key.subkey_list],
        };
        let mut keys = Vec::new();
        for cell in lists.into_iter().filter_map(|list| self.cell(list)) {
            let stride = match cell.get(..2) {
                Some(b"lf" | b"lh") => 8,
                Some(b"li") => 4,
                _ => continue,
            };
            let room = LIST.saturating_sub(keys.len());
            keys.extend(places(cell, stride).into_iter().take(room).filter_map(|place| self.key(place)));
        }
        keys
    }

    /// The key of that name below `key`.
    pub(super) fn subkey(&self, key: &Key, name: &str) -> Option<Key> {
        self.subkeys(key).into_iter().find(|key| key.name.eq_ignore_ascii_case(name))
    }

    /// The data of the value (`vk`) of that name.
    pub(super) fn value(&self, key: &Key, wanted: &str) -> Option<Vec<u8>> {
        let list = self.cell(key.value_list).filter(|_| key.values > 0)?;
        let count = usize::try_from(key.values).ok()?.min(LIST);
        let cells =
            list.as_chunks::<4>().0.iter().take(count).filter_map(|place| self.cell(u32::from_le_bytes(*place)));
        for cell in cells.filter(|cell| cell.starts_with(b"vk")) {
            let length = usize::from(u16_at(cell, 2)?);
            let is_latin = u16_at(cell, 16)? & 1 != 0;
            let text = cell.get(20..20_usize.checked_add(length)?)?;
            if !name(text, is_latin).eq_ignore_ascii_case(wanted) {
                continue;
            }
            let size = u32_at(cell, 4)?;
            let length = usize::try_from(size & 0x7fff_ffff).ok()?;
            // Up to four bytes stand in place of where the data lies.
            let data = if size & 0x8000_0000 != 0 { cell.get(8..12)? } else { self.cell(u32_at(cell, 8)?)? };
            return Some(data.get(..length)?.to_vec());
        }
        None
    }
}

/// The places in a list of keys, one every `stride` bytes.
fn places(cell: &[u8], stride: usize) -> Vec<u32> {
    let count = u16_at(cell, 2).map_or(0, usize::from).min(LIST);
    let items = cell.get(4..).unwrap_or_default().chunks_exact(stride).take(count);
    items.filter_map(|item| u32_at(item, 0)).collect()
}
