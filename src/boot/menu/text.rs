//! Configuration files as lines of text.

use std::cell::Cell;

use super::lookup::{self, Files, Look, Want};
use super::model::{FileRef, Notes, Place};
use crate::disc::{limits, text};

/// One line, without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// From 1.
    pub(super) number: u32,
    /// The byte of the file at which it starts.
    pub(super) offset: u64,
    pub(super) text: String,
}

impl Line {
    /// Where it stands.
    pub(super) fn place(&self, path: &str) -> Place {
        Place { path: path.to_owned(), line: self.number, offset: self.offset }
    }
}

/// Reads the files of all menus of a tree, within what may be read in all.
pub(super) struct Reader<'a> {
    pub(super) files: &'a dyn Files,
    left: Cell<usize>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(files: &'a dyn Files) -> Self {
        Self { files, left: Cell::new(limits::MENU_BYTES) }
    }

    /// The file at `path` of the tree, which a menu names as `as_written`.
    pub(super) fn file(&self, as_written: &str, path: &str) -> FileRef {
        lookup::refer(self.files, as_written, path, Want::File)
    }

    /// The real path of the file at `path`; `None` when there is none.
    pub(super) fn find(&self, path: &str) -> Option<String> {
        match self.files.look(path) {
            Look::File(path) | Look::Incomplete(path) => Some(path),
            _ => None,
        }
    }

    /// The bytes of the file at the real path `path`, with a note about those that are left out.
    pub(super) fn bytes(&self, path: &str, notes: &mut Notes) -> Option<Vec<u8>> {
        let limit = limits::MENU_FILE.min(self.left.get());
        if limit == 0 {
            notes.warning(path, 0, "The boot menus of this disc are too large; this file is not read");
            return None;
        }
        match self.files.read(path, limit) {
            Ok((bytes, size)) => {
                self.left.set(self.left.get().saturating_sub(bytes.len()));
                if size > bytes.len() as u64 {
                    let message = format!("Only the first {} of {size} bytes are read", bytes.len());
                    notes.warning(path, 0, message);
                }
                Some(bytes)
            }
            Err(why) => {
                notes.warning(path, 0, why);
                None
            }
        }
    }

    /// The lines of the file at the real path `path`; none when it cannot be read, with a note.
    pub(super) fn lines(&self, path: &str, notes: &mut Notes) -> Vec<Line> {
        self.bytes(path, notes).map(|bytes| lines(path, &bytes, notes)).unwrap_or_default()
    }
}

/// The lines of a text in UTF-8, or else Windows-1252, with any kind of line end.
pub(super) fn lines(path: &str, bytes: &[u8], notes: &mut Notes) -> Vec<Line> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        notes.warning(path, 1, "The file is in UTF-16, which boot loaders do not read");
        return Vec::new();
    }
    let mut offset = if bytes.starts_with(&[0xef, 0xbb, 0xbf]) { 3_usize } else { 0 };
    let (mut lines, mut number, mut foreign) = (Vec::new(), 0_u32, None);
    for line in bytes.get(offset..).unwrap_or_default().split_inclusive(|byte| *byte == b'\n') {
        number = number.saturating_add(1);
        let mut content = line.strip_suffix(b"\n").unwrap_or(line);
        content = content.strip_suffix(b"\r").unwrap_or(content);
        if content.len() > limits::MENU_LINE {
            let message = format!("The line is longer than {} bytes; the rest is left out", limits::MENU_LINE);
            notes.warning(path, number, message);
            let mut end = limits::MENU_LINE;
            // Not in the middle of a character.
            while end > 0 && content.get(end).is_some_and(|byte| byte & 0xc0 == 0x80) {
                end = end.saturating_sub(1);
            }
            content = content.get(..end).unwrap_or_default();
        }
        let decoded = text::utf8(content);
        if !decoded.exact {
            foreign.get_or_insert(number);
        }
        lines.push(Line { number, offset: offset as u64, text: decoded.text.into_owned() });
        offset = offset.saturating_add(line.len());
    }
    if let Some(number) = foreign {
        notes.info(path, number, "The text is not UTF-8; letters outside ASCII are a guess");
    }
    lines
}

/// The first word of `text` and what follows, without the white space around both.
pub(super) fn first_word(text: &str) -> (&str, &str) {
    let text = text.trim();
    text.split_once([' ', '\t']).map_or((text, ""), |(word, rest)| (word, rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_know_where_they_start_whatever_their_ends_are() {
        let mut notes = Notes::default();
        let lines = lines("x", b"\xef\xbb\xbfone\r\ntwo\n\nStra\xdfe", &mut notes);
        let plain: Vec<_> = lines.iter().map(|line| (line.number, line.offset, &*line.text)).collect();
        assert_eq!(plain, [(1, 3, "one"), (2, 8, "two"), (3, 12, ""), (4, 13, "Straße")]);
        assert_eq!(notes.items().len(), 1);
    }

    #[test]
    fn long_lines_are_cut_and_utf_16_is_not_read() {
        let mut notes = Notes::default();
        let long = "é".repeat(limits::MENU_LINE);
        assert!(lines("x", long.as_bytes(), &mut notes)[0].text.len() <= 2 * limits::MENU_LINE);
        assert_eq!(lines("y", b"\xff\xfea\0", &mut notes), []);
        assert_eq!(notes.items().len(), 2);
    }
}
