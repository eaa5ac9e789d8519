//! Text in any encoding and of any length, page by page.

#[cfg(test)]
mod tests;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::disc::{Extent, Result, Source, limits, source};

/// The encodings that can be chosen, in the order of a list: the Unicode ones, then by region.
pub static ENCODINGS: [&Encoding; 31] = [
    encoding_rs::UTF_8,
    encoding_rs::UTF_16LE,
    encoding_rs::UTF_16BE,
    encoding_rs::WINDOWS_1252,
    encoding_rs::ISO_8859_15,
    encoding_rs::MACINTOSH,
    encoding_rs::WINDOWS_1250,
    encoding_rs::ISO_8859_2,
    encoding_rs::WINDOWS_1251,
    encoding_rs::KOI8_R,
    encoding_rs::KOI8_U,
    encoding_rs::IBM866,
    encoding_rs::ISO_8859_5,
    encoding_rs::X_MAC_CYRILLIC,
    encoding_rs::WINDOWS_1253,
    encoding_rs::ISO_8859_7,
    encoding_rs::WINDOWS_1254,
    encoding_rs::WINDOWS_1255,
    encoding_rs::ISO_8859_8,
    encoding_rs::WINDOWS_1256,
    encoding_rs::ISO_8859_6,
    encoding_rs::WINDOWS_1257,
    encoding_rs::WINDOWS_1258,
    encoding_rs::WINDOWS_874,
    encoding_rs::SHIFT_JIS,
    encoding_rs::EUC_JP,
    encoding_rs::ISO_2022_JP,
    encoding_rs::GB18030,
    encoding_rs::GBK,
    encoding_rs::BIG5,
    encoding_rs::EUC_KR,
];

/// An encoding in words, such as `Shift_JIS (Japanese)`.
pub fn encoding_label(encoding: &'static Encoding) -> String {
    let name = encoding.name();
    let people = match name {
        "UTF-8" | "UTF-16LE" | "UTF-16BE" => "Unicode",
        "windows-1252" | "ISO-8859-15" | "macintosh" => "Western",
        "windows-1250" | "ISO-8859-2" => "Central European",
        "windows-1251" | "KOI8-R" | "IBM866" | "ISO-8859-5" | "x-mac-cyrillic" => "Cyrillic",
        "KOI8-U" => "Ukrainian",
        "windows-1253" | "ISO-8859-7" => "Greek",
        "windows-1254" => "Turkish",
        "windows-1255" | "ISO-8859-8" => "Hebrew",
        "windows-1256" | "ISO-8859-6" => "Arabic",
        "windows-1257" => "Baltic",
        "windows-1258" => "Vietnamese",
        "windows-874" => "Thai",
        "Shift_JIS" | "EUC-JP" | "ISO-2022-JP" => "Japanese",
        "gb18030" | "GBK" => "Chinese, simplified",
        "Big5" => "Chinese, traditional",
        "EUC-KR" => "Korean",
        _ => return name.to_owned(),
    };
    format!("{name} ({people})")
}

/// Bytes looked at for guessing the encoding.
const GUESS: usize = 64 << 10;

/// True when `head`, the start of a file, is likely to be text in some encoding.
pub fn looks_like_text(head: &[u8]) -> bool {
    if Encoding::for_bom(head).is_some() || utf16_without_mark(head).is_some() {
        return true;
    }
    let odd = |byte: &&u8| matches!(byte, 0..=8 | 11 | 14..=26 | 28..=31 | 127);
    let odd = head.iter().filter(odd).count();
    let has_zero = head.contains(&0);
    if is_utf8(head) {
        // Terminals' control characters occur in text; zeros do not.
        return !has_zero && odd.saturating_mul(20) <= head.len();
    }
    // In the encodings of one or two bytes anything is possible, but control characters give packed data away: they
    // are a tenth of it.
    !has_zero && odd.saturating_mul(100) <= head.len()
}

/// True when `head` is UTF-8, but for a character that its end may cut.
fn is_utf8(head: &[u8]) -> bool {
    match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && error.valid_up_to() > 0,
    }
}

/// UTF-16 of mostly Latin text without a byte order mark: every second byte is zero.
fn utf16_without_mark(head: &[u8]) -> Option<&'static Encoding> {
    let (pairs, _) = head.as_chunks::<2>();
    let latin = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    let little = pairs.iter().filter(|[low, high]| *high == 0 && latin(*low)).count();
    let big = pairs.iter().filter(|[high, low]| *high == 0 && latin(*low)).count();
    let most = pairs.len().saturating_mul(7) / 10;
    match (little > most, big > most) {
        _ if pairs.len() < 4 => None,
        (true, false) => Some(UTF_16LE),
        (false, true) => Some(UTF_16BE),
        _ => None,
    }
}

/// The likely encoding of a file that begins with `head`.
pub fn guess_encoding(head: &[u8]) -> &'static Encoding {
    let head = head.get(..GUESS).unwrap_or(head);
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return encoding;
    }
    if let Some(encoding) = utf16_without_mark(head) {
        return encoding;
    }
    if is_utf8(head) {
        return UTF_8;
    }
    if let Some(encoding) = japanese(head) {
        return encoding;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(head, true);
    detector.guess(None, Utf8Detection::Allow)
}

/// Japanese text that is too short for statistics: kana stand in no text that means something else.
fn japanese(head: &[u8]) -> Option<&'static Encoding> {
    // The end may cut a character.
    let whole = memchr::memrchr(b'\n', head).map_or(head, |end| head.get(..end).unwrap_or(head));
    [encoding_rs::SHIFT_JIS, encoding_rs::EUC_JP].into_iter().find(|encoding| {
        let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(whole) else { return false };
        let kana = |c: &char| matches!(c, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}');
        let others = text.chars().filter(|c| !c.is_ascii()).count();
        others > 1 && text.chars().filter(kana).count().saturating_mul(3) >= others
    })
}

/// Where a page of a text begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PagePlace {
    /// Offset in the file of its first byte.
    pub offset: u64,
    /// Lines before it.
    pub lines: u64,
}

/// One row as it is shown: a line, or a part of a long one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Row {
    start: u32,
    /// Lines of this page before the one it belongs to, and in the highest bit whether it continues one.
    line: u32,
}

const CONTINUES: u32 = 1 << 31;

/// As much of a text as is shown at a time.
#[derive(Debug, Clone)]
pub struct TextPage {
    /// Where it begins.
    pub place: PagePlace,
    /// Where the next one begins; `None` at the end of the file.
    pub next: Option<PagePlace>,
    /// The encoding it was read in.
    pub encoding: &'static Encoding,
    /// True when the encoding was guessed.
    pub guessed: bool,
    /// True when some bytes mean nothing in this encoding; they are shown as U+FFFD.
    pub has_errors: bool,
    /// Bytes of the whole file.
    pub file_size: u64,
    /// How lines end.
    pub line_ends: LineEnds,
    text: String,
    rows: Vec<Row>,
}

/// How the lines of a text end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnds {
    /// There is one line only.
    None,
    /// Line feed: Unix.
    Lf,
    /// Carriage return and line feed: DOS and Windows.
    CrLf,
    /// Carriage return: the classic Mac.
    Cr,
    /// More than one kind.
    Mixed,
}

impl LineEnds {
    /// In short, and in a sentence.
    pub fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::None => ("One line", "Nothing ends a line here"),
            Self::Lf => ("LF", "Lines end as on Linux, macOS and other kinds of Unix"),
            Self::CrLf => ("CR LF", "Lines end as on Windows"),
            Self::Cr => ("CR", "Lines end as on the classic Mac"),
            Self::Mixed => ("Mixed line ends", "Not all lines end in the same way"),
        }
    }
}

impl TextPage {
    /// Reads the page that begins at `place`, in `encoding` or in the one that the start of the file suggests.
    pub fn read(file: &dyn Source, place: PagePlace, encoding: Option<&'static Encoding>) -> Result<Self> {
        let file_size = file.len();
        let guessed = encoding.is_none();
        let bytes = source::read_up_to(file, Extent::new(place.offset, limits::TEXT_PAGE as u64))?;
        let encoding = match encoding {
            Some(encoding) => encoding,
            None if place.offset == 0 => guess_encoding(&bytes),
            None => guess_encoding(&source::read_up_to(file, Extent::new(0, GUESS as u64))?),
        };
        let end = place.offset.saturating_add(bytes.len() as u64);
        let whole = end >= file_size;
        let part = if whole { &bytes } else { whole_lines(&bytes, encoding) };
        let mark = if place.offset == 0 { mark_len(part, encoding) } else { 0 };
        let (text, has_errors) = encoding.decode_without_bom_handling(part.get(mark..).unwrap_or_default());
        let text = text.into_owned();
        let (rows, lines, line_ends, cut) = rows(&text);
        let mut page = Self { place, next: None, encoding, guessed, has_errors, file_size, line_ends, text, rows };
        let used = match cut {
            // What belongs to the rows has to be counted in bytes of the file again.
            Some(at) => {
                let used = encoded_len(
                    encoding,
                    page.text.get(..at).unwrap_or_default(),
                    part.get(mark..).unwrap_or_default(),
                );
                page.text.truncate(at);
                mark.saturating_add(used)
            }
            None => part.len(),
        };
        if cut.is_some() || !whole {
            let offset = place.offset.saturating_add(used as u64);
            page.next = Some(PagePlace { offset, lines: place.lines.saturating_add(lines) });
        }
        Ok(page)
    }

    /// Number of rows: lines, where long ones count several times.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True for a text without a single character.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All of the page's text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the row lies in [`text`](Self::text), without its line end.
    pub fn row_range(&self, row: usize) -> std::ops::Range<usize> {
        let at = |row: usize| self.rows.get(row).and_then(|row| usize::try_from(row.start).ok());
        let Some(start) = at(row) else { return 0..0 };
        let end = at(row.saturating_add(1)).unwrap_or(self.text.len());
        let text = self.text.get(start..end).unwrap_or_default();
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        start..start.saturating_add(text.len())
    }

    /// The text of a row, without its line end.
    pub fn row(&self, row: usize) -> &str {
        self.text.get(self.row_range(row)).unwrap_or_default()
    }

    /// Number of the line that the row begins, counted from 1 over the whole file; `None` when it continues a line.
    pub fn line_number(&self, row: usize) -> Option<u64> {
        let row = self.rows.get(row)?;
        (row.line & CONTINUES == 0).then(|| self.place.lines.saturating_add(u64::from(row.line)).saturating_add(1))
    }

    /// Number of the last line of the page.
    pub fn last_line(&self) -> u64 {
        let last = self.rows.last().map_or(0, |row| u64::from(row.line & !CONTINUES).saturating_add(1));
        self.place.lines.saturating_add(last)
    }
}

/// The part of `bytes` that ends with a line end, or at least with a whole character.
fn whole_lines<'b>(bytes: &'b [u8], encoding: &'static Encoding) -> &'b [u8] {
    // In the two-byte encodings the second byte is never a line feed, so looking for one is safe; only UTF-16 differs.
    let end = if encoding == UTF_16LE || encoding == UTF_16BE {
        let feed = if encoding == UTF_16LE { [b'\n', 0] } else { [0, b'\n'] };
        let (pairs, _) = bytes.as_chunks::<2>();
        let last = pairs.iter().rposition(|pair| *pair == feed).map(|at| at.saturating_add(1));
        last.unwrap_or(pairs.len()).saturating_mul(2)
    } else {
        match memchr::memrchr(b'\n', bytes).or_else(|| lone_return(bytes)) {
            Some(at) => at.saturating_add(1),
            None => whole_characters(bytes, encoding),
        }
    };
    bytes.get(..end).unwrap_or(bytes)
}

/// The last carriage return that is not the very last byte, behind which a line feed may follow.
fn lone_return(bytes: &[u8]) -> Option<usize> {
    memchr::memrchr(b'\r', bytes.get(..bytes.len().saturating_sub(1))?)
}

/// Bytes of `bytes` before a character that its end may cut.
fn whole_characters(bytes: &[u8], encoding: &'static Encoding) -> usize {
    if encoding != UTF_8 {
        return bytes.len();
    }
    let tail = bytes.iter().rev().take(3).position(|byte| *byte >= 0xc0);
    tail.map_or(bytes.len(), |at| bytes.len().saturating_sub(at).saturating_sub(1))
}

fn mark_len(bytes: &[u8], encoding: &'static Encoding) -> usize {
    Encoding::for_bom(bytes).filter(|(marked, _)| *marked == encoding).map_or(0, |(_, len)| len)
}

/// How many of `bytes` decode to `text`, which is a part of what they decode to.
fn encoded_len(encoding: &'static Encoding, text: &str, bytes: &[u8]) -> usize {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut buf = vec![0; 64 << 10];
    let (mut read, mut written) = (0_usize, 0_usize);
    while written < text.len() {
        let room = buf.len().min(text.len().saturating_sub(written));
        // The decoder wants room for its longest character; near the end it gets one byte after the other.
        let (bytes, room) = match room {
            64.. => (bytes.get(read..).unwrap_or_default(), room),
            _ => (bytes.get(read..).and_then(|rest| rest.get(..1)).unwrap_or_default(), buf.len()),
        };
        let (_, used, made, _) = decoder.decode_to_utf8(bytes, buf.get_mut(..room).unwrap_or_default(), false);
        if used == 0 && made == 0 {
            break;
        }
        read = read.saturating_add(used);
        written = written.saturating_add(made);
    }
    read
}

/// The rows of `text`, the number of line ends in them, their kind, and where the text was cut as it has too many.
fn rows(text: &str) -> (Vec<Row>, u64, LineEnds, Option<usize>) {
    let bytes = text.as_bytes();
    let mut rows = Vec::new();
    let (mut start, mut line) = (0_usize, 0_u32);
    let (mut feeds, mut both, mut returns) = (0_u64, 0_u64, 0_u64);
    while start < bytes.len() {
        let rest = bytes.get(start..).unwrap_or_default();
        let (content, end) = match memchr::memchr2(b'\n', b'\r', rest) {
            Some(at) if rest.get(at) == Some(&b'\n') => (at, 1),
            Some(at) if rest.get(at.saturating_add(1)) == Some(&b'\n') => (at, 2),
            Some(at) => (at, 1),
            None => (rest.len(), 0),
        };
        let before = rows.len();
        let mut flags = 0;
        let mut at = start;
        let content_end = start.saturating_add(content);
        loop {
            rows.push(Row { start: u32::try_from(at).unwrap_or(u32::MAX), line: line | flags });
            let limit = at.saturating_add(limits::TEXT_ROW);
            if content_end <= limit || rows.len() > limits::TEXT_ROWS {
                break;
            }
            at = text.floor_char_boundary(limit);
            flags = CONTINUES;
        }
        if rows.len() > limits::TEXT_ROWS {
            // A line goes to the next page as a whole, unless it fills this one.
            let keep = if before > 0 { before } else { limits::TEXT_ROWS };
            let cut = rows.get(keep).and_then(|row| usize::try_from(row.start).ok());
            rows.truncate(keep);
            return (rows, feeds + both + returns, ends(feeds, both, returns), cut);
        }
        match rest.get(content..content.saturating_add(end)) {
            Some(b"\n") => feeds += 1,
            Some(b"\r\n") => both += 1,
            Some(b"\r") => returns += 1,
            _ => {}
        }
        line = line.saturating_add(1);
        start = content_end.saturating_add(end);
    }
    (rows, feeds + both + returns, ends(feeds, both, returns), None)
}

fn ends(feeds: u64, both: u64, returns: u64) -> LineEnds {
    match (feeds, both, returns) {
        (0, 0, 0) => LineEnds::None,
        (_, 0, 0) => LineEnds::Lf,
        (0, _, 0) => LineEnds::CrLf,
        (0, 0, _) => LineEnds::Cr,
        _ => LineEnds::Mixed,
    }
}
