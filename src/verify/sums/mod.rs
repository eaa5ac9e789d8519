//! Lists of checksums: text that gives digests with the names of the files that they are of, in the shapes in which GNU,
//! BSD, OpenSSL, PowerShell, certutil, GnuPG and the makers of distributions write them.
//!
//! A list is read line by line, so that one of any length takes no more memory than its longest line.
//!
//! * [`read`]: the entries of a list.
//! * [`Expected`]: the one digest that somebody pasted.

mod expected;
mod form;
mod hex;
mod lines;
mod named;

use std::borrow::Cow;
use std::io::Read;

use crate::disc::{Error, Result, limits, text};

use super::digest::Algorithm;

pub use expected::Expected;
pub(in crate::verify) use expected::{called, last_part};

use form::{Reader, Understood};
use lines::Lines;

/// One digest of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The file's name as the list has it, perhaps with folders; `None` for a digest that stands alone.
    pub name: Option<Cow<'a, str>>,
    /// What it may have been made with, the most likely first. Empty when Isoscope does not make such digests.
    pub algorithms: &'static [Algorithm],
    /// What it was made with in the words of the list, where it says so.
    pub label: Option<String>,
    /// The digest.
    pub bytes: Vec<u8>,
    /// Number of its line, from 1.
    pub line: u64,
    /// Bytes of the file, where the list says so.
    pub size: Option<u64>,
}

/// What a list is like besides its entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Lines that it has.
    pub lines: u64,
    /// Entries that it has.
    pub entries: u64,
    /// True when it is signed. Isoscope does not check the signature.
    pub signed: bool,
    /// Bytes of all files that it lists, as uefi-md5sum records them.
    pub total_bytes: Option<u64>,
    /// Lines that are neither an entry nor a comment.
    pub not_understood: u64,
    /// The first of them, from 1.
    pub first_not_understood: u64,
    /// Lines of more than [`limits::SUMS_LINE`] bytes.
    pub cut: u64,
    /// True when it has more than [`limits::SUMS_BYTES`], of which the rest was not read.
    pub too_long: bool,
}

impl Summary {
    /// What is worth knowing of the list, as plain sentences without a full stop.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.signed {
            notes.push("The list is signed; the signature is not checked".to_owned());
        }
        match self.not_understood {
            0 => {}
            1 => notes.push(format!("Line {} is not understood", self.first_not_understood)),
            many => notes.push(format!("{many} lines are not understood, line {} first", self.first_not_understood)),
        }
        if self.cut > 0 {
            let (lines, limit) = (counted(self.cut, "line"), limits::SUMS_LINE);
            notes.push(format!("Of {lines} only the first {limit} bytes are read, so what they say is not known"));
        }
        if self.too_long {
            notes.push(format!("Only the first {} of the list are read", text::size(limits::SUMS_BYTES)));
        }
        notes
    }
}

/// A number of things in words: `1 file`, `2 files`.
pub(in crate::verify) fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// The MD5 that `digits` are.
pub(in crate::verify) fn md5_digits(digits: &str) -> Option<[u8; 16]> {
    hex::strict(digits)?.try_into().ok()
}

/// Reads a list and gives its entries to `take` in their order. The name of the file that holds it tells what digests
/// that say nothing of themselves were made with, as in `SHA256SUMS` or `image.iso.b3`.
///
/// The errors are those of reading; what the list says cannot be an error.
pub fn read(from: &mut dyn Read, file_name: &str, take: &mut dyn FnMut(Entry<'_>)) -> Result<Summary> {
    let fail = |error| Error::from_io(error, "list of checksums", 0);
    let mut lines = Lines::new(from).map_err(fail)?;
    let mut reader = Reader::new(file_name);
    let mut summary = Summary::default();
    let mut line = Vec::new();
    while let Some(cut) = lines.next(&mut line).map_err(fail)? {
        summary.lines = summary.lines.saturating_add(1);
        if cut {
            summary.cut = summary.cut.saturating_add(1);
            continue;
        }
        let decoded = text::utf8(&line);
        match reader.understand(&decoded.text, summary.lines) {
            Understood::Entry(entry) => {
                summary.entries = summary.entries.saturating_add(1);
                take(entry);
            }
            Understood::Nothing => {}
            Understood::Not => {
                if summary.not_understood == 0 {
                    summary.first_not_understood = summary.lines;
                }
                summary.not_understood = summary.not_understood.saturating_add(1);
            }
        }
    }
    if let Some(entry) = reader.finish(summary.lines) {
        summary.entries = summary.entries.saturating_add(1);
        take(entry);
    }
    summary.signed = reader.signed;
    summary.total_bytes = reader.total_bytes;
    summary.too_long = lines.too_long();
    Ok(summary)
}

#[cfg(test)]
mod tests;
