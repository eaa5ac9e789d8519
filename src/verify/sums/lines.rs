//! The lines of a list, in bounded memory, whatever ends them and however the text is encoded.

use std::io::{self, ErrorKind, Read};

use crate::disc::limits;

/// Bytes read at once.
const CHUNK: usize = 64 << 10;

/// Reads a text line by line. UTF-16, which PowerShell writes, becomes UTF-8; all else stays as it is.
pub(super) struct Lines<'a> {
    from: &'a mut dyn Read,
    raw: Vec<u8>,
    decoder: Option<encoding_rs::Decoder>,
    /// Text that is not given yet, from `at` on.
    text: Vec<u8>,
    at: usize,
    /// What ends a line. A carriage return before it belongs to the end.
    end: u8,
    read: u64,
    ended: bool,
    too_long: bool,
}

impl<'a> Lines<'a> {
    /// Begins with the first line, and looks how the text is made.
    pub(super) fn new(from: &'a mut dyn Read) -> io::Result<Self> {
        let raw = vec![0; CHUNK];
        let mut lines = Self {
            from,
            raw,
            decoder: None,
            text: Vec::new(),
            at: 0,
            end: b'\n',
            read: 0,
            ended: false,
            too_long: false,
        };
        let len = lines.fill()?;
        let first = lines.raw.get(..len).unwrap_or_default();
        let (encoding, mark) = match first {
            [0xef, 0xbb, 0xbf, ..] => (None, 3),
            [0xff, 0xfe, ..] => (Some(encoding_rs::UTF_16LE), 2),
            [0xfe, 0xff, ..] => (Some(encoding_rs::UTF_16BE), 2),
            // Without a mark: no list begins with a NUL, nor with a digit before one.
            [1..=0x7f, 0, 1..=0x7f, 0, ..] => (Some(encoding_rs::UTF_16LE), 0),
            [0, 1..=0x7f, 0, 1..=0x7f, ..] => (Some(encoding_rs::UTF_16BE), 0),
            _ => (None, 0),
        };
        lines.decoder = encoding.map(encoding_rs::Encoding::new_decoder_without_bom_handling);
        lines.decode(mark, len);
        // Files of old Macs, and those of `--zero`. A name may hold a carriage return where lines end otherwise.
        let has = |end| memchr::memchr(end, &lines.text).is_some();
        if !has(b'\n') && (has(b'\r') || has(0)) {
            lines.end = if has(b'\r') { b'\r' } else { 0 };
        }
        Ok(lines)
    }

    /// True when the text goes on behind what was read.
    pub(super) fn too_long(&self) -> bool {
        self.too_long
    }

    /// The next line, without its end; `None` behind the last one. True when it was cut off.
    pub(super) fn next(&mut self, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
        line.clear();
        let (mut cut, mut any) = (false, false);
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let found = memchr::memchr(self.end, rest);
            let piece = rest.get(..found.unwrap_or(rest.len())).unwrap_or_default();
            any |= !rest.is_empty();
            let room = limits::SUMS_LINE.saturating_sub(line.len());
            cut |= piece.len() > room;
            line.extend_from_slice(piece.get(..piece.len().min(room)).unwrap_or_default());
            self.at = self.at.saturating_add(piece.len());
            if found.is_some() {
                self.at = self.at.saturating_add(1);
                break;
            }
            if self.ended {
                break;
            }
            let len = self.fill()?;
            self.decode(0, len);
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(any.then_some(cut))
    }

    /// Reads until the buffer is full or the text ends, and says how much it holds.
    fn fill(&mut self) -> io::Result<usize> {
        let mut len = 0;
        while let Some(room) = self.raw.get_mut(len..).filter(|room| !room.is_empty()) {
            match self.from.read(room) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(read) => len = len.saturating_add(read),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.read = self.read.saturating_add(len as u64);
        if self.read > limits::SUMS_BYTES {
            (self.ended, self.too_long) = (true, true);
        }
        Ok(len)
    }

    /// Makes text of the bytes that were read, from `from` on.
    fn decode(&mut self, from: usize, len: usize) {
        let raw = self.raw.get(from..len).unwrap_or_default();
        self.text.clear();
        self.at = 0;
        let Some(decoder) = &mut self.decoder else {
            self.text.extend_from_slice(raw);
            return;
        };
        // Room for the worst case was made, so that all is decoded at once.
        let room = decoder.max_utf8_buffer_length(raw.len()).unwrap_or(CHUNK * 4).min(CHUNK * 4);
        let mut text = String::with_capacity(room);
        drop(decoder.decode_to_string(raw, &mut text, self.ended));
        self.text = text.into_bytes();
    }
}
