//! `isoscope ls`: the entries of one folder, or of a whole tree.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;

use serde::Serialize;

use super::output::{Failure, Output, Status};
use super::{ImageOptions, ReportOptions, place};
use crate::disc::time::{Civil, Timestamp};
use crate::disc::tree::{Entry, FileTree, Folder, Kind, Posix, State, Stream, TreeKind};
use crate::disc::walk::Walk;
use crate::disc::{Error, Extent, text};

/// What to list.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    pub(super) options: ImageOptions,
    /// A folder or file inside the image; the root when nothing is said
    #[arg(default_value = "", hide_default_value = true)]
    pub(super) path: String,
    /// List the whole tree below
    #[arg(long, short = 'R')]
    pub(super) recursive: bool,
    /// Show modes, links, owners, sizes and dates, and what is wrong with entries that names alone do not tell
    #[arg(long, short)]
    pub(super) long: bool,
    #[command(flatten)]
    pub(super) report: ReportOptions,
}

/// Lists to `output`.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Status, Failure> {
    output.set_quiet(arguments.report.quiet);
    let image = arguments.options.open()?;
    let tree = arguments.options.tree(&image)?;
    let mut lister = Lister {
        output,
        style: match arguments {
            Arguments { report: ReportOptions { json: true, .. }, .. } => Style::Json,
            Arguments { long: true, .. } => Style::Long,
            _ => Style::Short,
        },
        full_paths: arguments.recursive,
        tree: tree.clone(),
        image_len: image.source().len(),
        paths: RawPaths { kind: tree.kind(), folders: HashMap::new() },
        cut_off: 0,
        line: String::new(),
    };
    let found = place::find(&tree, &arguments.path)?;
    let (mut path, mut raw) = (String::new(), None);
    for step in &found.steps {
        raw = lister.paths.of_entry(raw.as_deref(), &path, &step.folder, step.index);
        path = text::join(&path, step.name());
    }
    match found.folder {
        None => {
            if let Some(step) = found.steps.last() {
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                lister.full_paths = true;
                lister.entry(folder, &text::display(folder), &step.folder, step.index, raw)?;
            }
        }
        Some(id) => {
            if let Some(raw) = raw {
                lister.paths.folders.insert(path.clone(), raw);
            }
            // Names alone need less to be read; but of an image that is cut off is said what is missing.
            let brief = lister.style == Style::Short && image.declared_size() <= image.source().len();
            let listed = tree.names_only().filter(|_| brief).unwrap_or_else(|| tree.clone());
            let mut walk = Walk::below(listed, id, &path);
            let steps = if arguments.recursive { usize::MAX } else { 1 };
            for (at, step) in walk.by_ref().take(steps).enumerate() {
                match step.folder {
                    Ok(folder) => lister.folder(&step.path, &folder)?,
                    Err(error) if at == 0 => return Err(Failure::about(&shown(&step.path), &error)),
                    Err(error) => lister.output.note(&format!("{}: {error}", shown(&step.path))),
                }
            }
            if arguments.recursive {
                let diagnostics = walk.diagnostics();
                lister.output.diagnostics(&shown(&path), diagnostics);
            }
        }
    }
    lister.finish();
    Ok(output.status())
}

fn shown(path: &str) -> Cow<'_, str> {
    super::shown_path(path)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Short,
    Long,
    Json,
}

/// Writes entries one by one; nothing is kept of them.
struct Lister<'a, 'o> {
    output: &'a mut Output<'o>,
    style: Style,
    /// Paths from the root instead of names.
    full_paths: bool,
    tree: Arc<dyn FileTree>,
    image_len: u64,
    paths: RawPaths,
    /// Files that are not complete.
    cut_off: u64,
    /// The path of an entry, reused.
    line: String,
}

impl Lister<'_, '_> {
    fn folder(&mut self, path: &str, folder: &Folder) -> Result<(), Failure> {
        let raw_folder = self.paths.folders.remove(path);
        let shown_path = text::display(path);
        for (index, entry) in folder.entries().iter().enumerate() {
            let raw = self.paths.of_entry(raw_folder.as_deref(), path, folder, index);
            if let Some(raw) = raw.as_ref().filter(|_| entry.is_folder()) {
                self.paths.folders.insert(text::join(path, folder.name(entry)), raw.clone());
            }
            self.entry(path, &shown_path, folder, index, raw)?;
        }
        self.output.diagnostics(&shown(path), &folder.diagnostics);
        Ok(())
    }

    /// Writes the entry at `index` of `folder`, whose path is `path`, and `shown_path` for people.
    fn entry(
        &mut self,
        path: &str,
        shown_path: &str,
        folder: &Folder,
        index: usize,
        raw: Option<Vec<u8>>,
    ) -> Result<(), Failure> {
        let Some(entry) = folder.entries().get(index) else { return Ok(()) };
        let state = entry.state(self.image_len);
        if state != State::Complete {
            self.cut_off += 1;
        }
        if self.style == Style::Json {
            self.line.clear();
            push_path(&mut self.line, path, &text::path_component(folder.name(entry)));
            let missing = entry.missing(self.image_len);
            let notes: Vec<_> = folder.notes(index).chain(&missing).map(ToString::to_string).collect();
            if folder.notes(index).any(|note| note.severity > crate::disc::Severity::Info) {
                self.output.mark();
            }
            let streams = if folder.has_streams(index) { self.streams(path, folder, index)? } else { Vec::new() };
            let line = Line { streams, ..Line::new(&self.line, raw, folder, entry, state, notes) };
            self.output.json(&line)?;
            return Ok(());
        }
        let component = text::path_component(folder.name(entry));
        let name = text::display(&component);
        let buffer = self.output.buffer();
        if self.style == Style::Long {
            push_attributes(buffer, folder, entry)?;
        }
        if self.full_paths && !shown_path.is_empty() {
            buffer.extend_from_slice(shown_path.as_bytes());
            buffer.push(b'/');
        }
        buffer.extend_from_slice(name.as_bytes());
        if entry.is_folder() {
            buffer.push(b'/');
        }
        if entry.deleted {
            buffer.extend_from_slice(b"  (deleted)");
        }
        if self.style == Style::Long {
            if let Some(target) = folder.target(entry) {
                write!(buffer, " -> {}", text::display(target))?;
            }
            match state {
                State::Complete => {}
                State::Partly => buffer.extend_from_slice(b"  (cut off)"),
                State::Outside => buffer.extend_from_slice(b"  (not in the image)"),
            }
        }
        buffer.push(b'\n');
        for note in folder.notes(index) {
            let place = if path.is_empty() { name.to_string() } else { format!("{shown_path}/{name}") };
            self.output.note(&format!("{place}: {}", text::display(&note.to_string())));
        }
        Ok(self.output.spill()?)
    }

    /// The streams of an entry; those that cannot be read are told.
    fn streams(&mut self, path: &str, folder: &Folder, index: usize) -> Result<Vec<StreamLine>, Failure> {
        match self.tree.streams(folder, index) {
            Ok(streams) => Ok(streams.into_iter().map(StreamLine::from).collect()),
            Err(error @ Error::Cancelled) => Err(Failure::about(&shown(path), &error)),
            Err(error) => {
                self.output.note(&format!("{}: {error}", shown(path)));
                Ok(Vec::new())
            }
        }
    }

    /// Sums up what is cut off. JSON has it in each line.
    fn finish(&mut self) {
        match self.cut_off {
            0 => {}
            _ if self.style == Style::Json => self.output.mark(),
            1 => self.output.note("One entry is cut off or not in the image at all"),
            many => self.output.note(&format!("{many} entries are cut off or not in the image at all")),
        }
    }
}

/// One entry in JSON.
#[derive(Serialize)]
struct Line<'a> {
    path: &'a str,
    kind: Kind,
    size: Option<u64>,
    stored_size: Option<u64>,
    modified: Option<Timestamp>,
    created: Option<Timestamp>,
    accessed: Option<Timestamp>,
    changed: Option<Timestamp>,
    mode: Option<Octal>,
    uid: Option<u32>,
    gid: Option<u32>,
    links: Option<u32>,
    target: Option<&'a str>,
    hidden: bool,
    extents: &'a [Extent],
    state: State,
    notes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    deleted: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    streams: Vec<StreamLine>,
}

/// A named stream or resource fork in JSON.
#[derive(Serialize)]
struct StreamLine {
    name: String,
    size: u64,
    extents: Vec<Extent>,
}

impl From<Stream> for StreamLine {
    fn from(Stream { name, size, content, .. }: Stream) -> Self {
        Self { name, size, extents: content.extents().to_vec() }
    }
}

impl<'a> Line<'a> {
    fn new(
        path: &'a str,
        raw: Option<Vec<u8>>,
        folder: &'a Folder,
        entry: &'a Entry,
        state: State,
        notes: Vec<String>,
    ) -> Self {
        let posix = folder.posix(entry);
        let has_data = entry.is_file() || entry.is_folder();
        // What is nowhere has no place: an empty file's extent says nothing.
        let extents = match entry.content.extents() {
            [only] if only.length == 0 => &[],
            extents if has_data => extents,
            _ => &[],
        };
        Self {
            path,
            kind: entry.kind,
            size: entry.file_size(),
            stored_size: has_data.then(|| entry.content.stored_size()),
            modified: entry.modified,
            created: folder.created(entry),
            accessed: folder.accessed(entry),
            changed: folder.changed(entry),
            mode: posix.map(|posix| Octal(posix.mode)),
            uid: posix.and_then(Posix::user),
            gid: posix.and_then(Posix::group),
            links: posix.map(|posix| posix.links),
            target: folder.target(entry),
            hidden: entry.hidden,
            extents,
            state,
            notes,
            path_bytes: raw.as_deref().map(text::hex),
            deleted: entry.deleted,
            streams: Vec::new(),
        }
    }
}

/// Permissions as four octal digits.
struct Octal(u32);

impl Serialize for Octal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let digit = |shift: u32| b'0' + u8::try_from(self.0 >> shift & 7).unwrap_or(0);
        let digits = [digit(9), digit(6), digit(3), digit(0)];
        serializer.serialize_str(std::str::from_utf8(&digits).unwrap_or_default())
    }
}

/// Paths as the disc records them, for those that text cannot tell exactly.
struct RawPaths {
    kind: TreeKind,
    /// Folders still to be listed whose own paths are not exact.
    folders: HashMap<String, Vec<u8>>,
}

impl RawPaths {
    /// The bytes of the path of `folder`'s entry at `index`; `None` when its text is exact. The folder's path is
    /// `path`, or `raw_folder` where that is not exact. Components are joined with `/`.
    fn of_entry(&self, raw_folder: Option<&[u8]>, path: &str, folder: &Folder, index: usize) -> Option<Vec<u8>> {
        let name = folder.name(folder.entries().get(index)?);
        let raw_name = folder.raw_name(index);
        if raw_folder.is_none() && raw_name.is_none() && matches!(text::path_component(name), Cow::Borrowed(_)) {
            return None;
        }
        let mut bytes = raw_folder.map_or_else(|| self.encode(path), <[u8]>::to_vec);
        if !path.is_empty() {
            bytes.extend(self.encode("/"));
        }
        bytes.extend(raw_name.map_or_else(|| self.encode(name), <[u8]>::to_vec));
        Some(bytes)
    }

    fn encode(&self, text: &str) -> Vec<u8> {
        match self.kind {
            TreeKind::Joliet => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            _ => text.as_bytes().to_vec(),
        }
    }
}

fn push_path(line: &mut String, folder: &str, name: &str) {
    line.push_str(folder);
    if !folder.is_empty() {
        line.push('/');
    }
    line.push_str(name);
}

/// Kind, permissions, links, owners, size and date, each with a `-` where the disc does not say.
fn push_attributes(buffer: &mut Vec<u8>, folder: &Folder, entry: &Entry) -> std::io::Result<()> {
    let mut mode = *b"-         ";
    mode[0] = match entry.kind {
        Kind::File => b'-',
        Kind::Folder => b'd',
        Kind::Symlink => b'l',
        Kind::CharDevice => b'c',
        Kind::BlockDevice => b'b',
        Kind::Fifo => b'p',
        Kind::Socket => b's',
    };
    match folder.posix(entry) {
        Some(posix) => {
            mode[1..].copy_from_slice(&permissions(posix.mode));
            buffer.extend_from_slice(&mode);
            push_number(buffer, u64::from(posix.links), 4);
            for id in [posix.user(), posix.group()] {
                match id {
                    Some(number) => push_number(buffer, u64::from(number), 6),
                    None => buffer.extend_from_slice(b"     -"),
                }
            }
        }
        None => {
            buffer.extend_from_slice(&mode);
            buffer.extend_from_slice(b"   -     -     -");
        }
    }
    match entry.file_size() {
        Some(size) => push_number(buffer, size, 13),
        None => buffer.extend_from_slice(b"            -"),
    }
    buffer.extend_from_slice(b"  ");
    match entry.modified {
        Some(moment) => push_moment(buffer, moment)?,
        None => buffer.extend_from_slice(b"-               "),
    }
    buffer.extend_from_slice(b"  ");
    Ok(())
}

fn permissions(mode: u32) -> [u8; 9] {
    let mut letters = *b"rwxrwxrwx";
    for (at, letter) in letters.iter_mut().enumerate() {
        if mode & (0o400 >> at) == 0 {
            *letter = b'-';
        }
    }
    for (bit, at, with, without) in [(0o4000, 2, b's', b'S'), (0o2000, 5, b's', b'S'), (0o1000, 8, b't', b'T')] {
        if mode & bit != 0 {
            letters[at] = if letters[at] == b'x' { with } else { without };
        }
    }
    letters
}

/// Decimal digits, with spaces before them up to `width`, and always one.
fn push_number(buffer: &mut Vec<u8>, mut number: u64, width: usize) {
    let mut digits = [b' '; 32];
    let mut at = digits.len();
    loop {
        at -= 1;
        // Below 10, and 20 digits hold any number of 64 bits.
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    buffer.extend_from_slice(&digits[(at - 1).min(digits.len() - width)..]);
}

/// `2024-02-10 11:03` on the clock that recorded it.
fn push_moment(buffer: &mut Vec<u8>, moment: Timestamp) -> std::io::Result<()> {
    let Civil { year, month, day, hour, minute, .. } = moment.civil();
    let Ok(year @ 0..=9999) = u32::try_from(year) else { return write!(buffer, "{}", moment.short()) };
    let two = |number: u32| [b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8];
    let [c0, c1] = two(year / 100);
    let [y0, y1] = two(year % 100);
    let [[m0, m1], [d0, d1], [h0, h1], [n0, n1]] = [month, day, hour, minute].map(|part| two(u32::from(part)));
    buffer.extend_from_slice(&[c0, c1, y0, y1, b'-', m0, m1, b'-', d0, d1, b' ', h0, h1, b':', n0, n1]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_right_aligned_and_never_touch_the_column_before() {
        let column = |number, width| {
            let mut buffer = Vec::new();
            push_number(&mut buffer, number, width);
            String::from_utf8(buffer).unwrap()
        };
        assert_eq!(column(0, 4), "   0");
        assert_eq!(column(934_240, 13), "       934240");
        assert_eq!(column(12_345, 4), " 12345");
        assert_eq!(column(u64::MAX, 4), " 18446744073709551615");
    }

    #[test]
    fn permissions_show_the_special_bits() {
        assert_eq!(&permissions(0o755), b"rwxr-xr-x");
        assert_eq!(&permissions(0o4755), b"rwsr-xr-x");
        assert_eq!(&permissions(0o7644), b"rwSr-Sr-T");
        assert_eq!(&permissions(0o101_777), b"rwxrwxrwt");
    }

    #[test]
    fn moments_look_like_the_short_form_everywhere() {
        for bytes in [[124, 2, 10, 11, 3, 21, 4], [0, 1, 1, 0, 0, 0, 0xd0], [255, 12, 31, 23, 59, 59, 52]] {
            let moment = Timestamp::from_7_bytes(bytes).unwrap();
            let mut buffer = Vec::new();
            push_moment(&mut buffer, moment).unwrap();
            assert_eq!(String::from_utf8(buffer).unwrap(), moment.short());
        }
    }

    #[test]
    fn modes_are_four_octal_digits() {
        assert_eq!(serde_json::to_string(&Octal(0o100_644)).unwrap(), "\"0644\"");
        assert_eq!(serde_json::to_string(&Octal(0o104_755)).unwrap(), "\"4755\"");
    }
}
