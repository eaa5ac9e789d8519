//! Rows of sixteen bytes, read where they are looked at, from files of any size.

use std::sync::Arc;

use crate::disc::{Error, Result, Source, limits};

/// Bytes of a row.
pub const ROW: u64 = 16;

/// Bytes of one window: 256 rows, more than any screen shows.
pub const WINDOW: u64 = 4096;

/// Some rows of a file.
#[derive(Debug, Clone)]
pub struct HexWindow {
    /// Offset in the file of the first byte; a multiple of [`ROW`].
    pub offset: u64,
    /// The bytes that could be read.
    pub bytes: Arc<[u8]>,
    /// Why the bytes after these could not be read, although the file goes on.
    pub error: Option<Error>,
}

impl HexWindow {
    /// Reads the window that begins at `offset`, rounded down to a row. Only [`Error::Cancelled`] is an error: what is
    /// damaged is told in the window, beside the bytes before the damage.
    pub fn read(source: &dyn Source, offset: u64) -> Result<Self> {
        let offset = offset - offset % ROW;
        let len = usize::try_from(source.len().saturating_sub(offset).min(WINDOW)).unwrap_or_default();
        let mut bytes = vec![0; len];
        let mut done = 0;
        let mut error = None;
        // After a failure the window is read row by row, so that only what is damaged is missing.
        let mut step = len;
        while let Some(rest) = bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let part = step.min(rest.len());
            match source.read_at(offset.saturating_add(done as u64), rest.get_mut(..part).unwrap_or_default()) {
                Ok(0) => break,
                Ok(read) => done = done.saturating_add(read),
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                Err(_) if step > ROW as usize => step = ROW as usize,
                Err(failure) => {
                    error = Some(failure);
                    break;
                }
            }
        }
        bytes.truncate(done);
        Ok(Self { offset, bytes: bytes.into(), error })
    }

    /// The bytes of the row that begins at `offset`; fewer than sixteen at the end of what could be read.
    pub fn row(&self, offset: u64) -> &[u8] {
        let start = offset.checked_sub(self.offset).and_then(|start| usize::try_from(start).ok());
        let rest = start.and_then(|start| self.bytes.get(start..)).unwrap_or_default();
        rest.get(..ROW as usize).unwrap_or(rest)
    }

    /// True when the byte at `offset` lies where this window was read, whether or not it could be.
    pub fn covers(&self, offset: u64) -> bool {
        offset >= self.offset && offset - self.offset < WINDOW
    }
}

/// Bytes to look for: at least one, at most 4096.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    bytes: Vec<u8>,
}

impl Pattern {
    /// Pairs of hexadecimal digits, with or without spaces between them: `4D 5A`.
    pub fn hex(text: &str) -> Option<Self> {
        let digits: Vec<u8> = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect::<Option<_>>()?;
        let (pairs, rest) = digits.as_chunks::<2>();
        let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
        if rest.is_empty() { Self::new(bytes) } else { None }
    }

    /// The UTF-8 bytes of `text`.
    pub fn text(text: &str) -> Option<Self> {
        Self::new(text.as_bytes().to_vec())
    }

    fn new(bytes: Vec<u8>) -> Option<Self> {
        (1..=4096).contains(&bytes.len()).then_some(Self { bytes })
    }

    /// Number of bytes.
    pub fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Never true: there is always something to look for.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// Offset of the first place at or after `from` where the bytes of `pattern` stand. `progress` is told the offset that
/// was reached. Damage on the way ends the search with an error.
pub fn find(source: &dyn Source, from: u64, pattern: &Pattern, progress: &mut dyn FnMut(u64)) -> Result<Option<u64>> {
    const STEP: usize = 1 << 20;
    let finder = memchr::memmem::Finder::new(&pattern.bytes);
    let overlap = pattern.bytes.len().saturating_sub(1);
    let mut buf = vec![0; STEP.saturating_add(overlap).min(limits::ALLOCATION)];
    let mut at = from;
    while at < source.len() {
        progress(at);
        let mut filled = 0;
        while let Some(rest) = buf.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match source.read_at(at.saturating_add(filled as u64), rest)? {
                0 => break,
                read => filled = filled.saturating_add(read),
            }
        }
        if let Some(found) = finder.find(buf.get(..filled).unwrap_or_default()) {
            return Ok(Some(at.saturating_add(found as u64)));
        }
        if filled < buf.len() {
            break;
        }
        at = at.saturating_add(filled.saturating_sub(overlap) as u64);
    }
    Ok(None)
}

/// An offset as people type it: decimal, or hexadecimal with `0x` before or `h` after it.
pub fn parse_offset(text: &str) -> Option<u64> {
    let text = text.trim().replace(['_', ' ', ','], "");
    let lower = text.to_ascii_lowercase();
    match lower.strip_prefix("0x").or_else(|| lower.strip_suffix('h')) {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => lower.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::source::MemorySource;

    /// 8 EiB of which every byte is its offset's lowest one, with one row that cannot be read.
    struct Huge {
        broken: u64,
    }

    impl Source for Huge {
        fn len(&self) -> u64 {
            1 << 63
        }

        fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
            if (offset..offset + buf.len() as u64).contains(&self.broken) {
                return Err(Error::damaged("file data", offset, "Not readable"));
            }
            buf.iter_mut().zip(offset..).for_each(|(byte, at)| *byte = at as u8);
            Ok(buf.len())
        }
    }

    #[test]
    fn a_window_is_read_where_it_is_looked_at() {
        let offset = (1 << 62) + 37;
        let window = HexWindow::read(&Huge { broken: 0 }, offset).unwrap();
        assert_eq!((window.offset, window.bytes.len() as u64), ((1 << 62) + 32, WINDOW));
        assert_eq!(window.row((1 << 62) + 48)[0], 48);
        assert!(window.covers(offset) && !window.covers(0));
    }

    #[test]
    fn the_last_row_may_be_short() {
        let source = MemorySource::new(*b"0123456789abcdefXYZ");
        let window = HexWindow::read(&source, 0).unwrap();
        assert_eq!(window.row(0), b"0123456789abcdef");
        assert_eq!(window.row(16), b"XYZ");
        assert_eq!(window.row(32), b"");
        assert!(HexWindow::read(&source, 64).unwrap().bytes.is_empty());
    }

    #[test]
    fn rows_before_a_damage_are_shown_and_the_damage_is_told() {
        let window = HexWindow::read(&Huge { broken: 100 }, 0).unwrap();
        assert_eq!(window.bytes.len(), 96);
        assert_eq!(window.error.unwrap().offset(), Some(96));
    }

    #[test]
    fn bytes_are_found_across_the_steps_of_the_search() {
        let mut bytes = vec![b'.'; (1 << 20) + 100];
        bytes[(1 << 20) - 2..(1 << 20) + 3].copy_from_slice(b"MZabc");
        let source = MemorySource::new(bytes);
        let pattern = Pattern::hex("4d 5A 61 62 63").unwrap();
        let mut told = 0;
        assert_eq!(find(&source, 0, &pattern, &mut |_| told += 1).unwrap(), Some((1 << 20) - 2));
        assert!(told > 0);
        assert_eq!(find(&source, (1 << 20) - 1, &pattern, &mut |_| {}).unwrap(), None);
        assert_eq!(find(&source, 1 << 40, &pattern, &mut |_| {}).unwrap(), None);
        assert_eq!(find(&source, 0, &Pattern::text("abc").unwrap(), &mut |_| {}).unwrap(), Some(1 << 20));
    }

    #[test]
    fn only_whole_bytes_are_a_pattern() {
        assert_eq!(Pattern::hex("4D5"), None);
        assert_eq!(Pattern::hex("4G"), None);
        assert_eq!(Pattern::hex("  "), None);
        assert_eq!(Pattern::text(""), None);
        assert_eq!(Pattern::text(&"x".repeat(4097)), None);
    }

    #[test]
    fn offsets_are_read_as_people_write_them() {
        assert_eq!(parse_offset(" 2048 "), Some(2048));
        assert_eq!(parse_offset("0x8000"), Some(32_768));
        assert_eq!(parse_offset("8000h"), Some(32_768));
        assert_eq!(parse_offset("1_000_000"), Some(1_000_000));
        for wrong in ["", "0x", "-1", "12q", "99999999999999999999999"] {
            assert_eq!(parse_offset(wrong), None, "{wrong}");
        }
    }
}
