//! A folder that was read, compactly: 80 bytes an entry, names in one arena, and what many entries have in common only
//! once, so that folders of a million files fit into memory.

use super::file::Content;
use super::time::Timestamp;
use super::tree::{FolderId, Kind, State};
use super::{Diagnostic, Diagnostics, Extent, Severity, limits};

/// A piece of text in the arena of a [`Folder`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct TextRange {
    start: u32,
    len: u32,
}

/// POSIX attributes, as Rock Ridge `PX` records them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posix {
    /// File type and permissions, as in `st_mode`.
    pub mode: u32,
    /// User; [`Posix::NO_ID`] when not recorded.
    pub uid: u32,
    /// Group; [`Posix::NO_ID`] when not recorded.
    pub gid: u32,
    /// Number of hard links.
    pub links: u32,
}

impl Posix {
    /// A user or group that is not recorded (OSTA UDF 2.60 §3.3.3.1; on other file systems an id that nobody has).
    pub const NO_ID: u32 = u32::MAX;

    /// The user, where recorded.
    pub fn user(self) -> Option<u32> {
        (self.uid != Self::NO_ID).then_some(self.uid)
    }

    /// The group, where recorded.
    pub fn group(self) -> Option<u32> {
        (self.gid != Self::NO_ID).then_some(self.gid)
    }
}

/// The times that columns and commands rarely ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Times {
    created: Option<Timestamp>,
    accessed: Option<Timestamp>,
    changed: Option<Timestamp>,
}

/// The place of what is not recorded.
const NONE: u32 = u32::MAX;

/// One entry of a folder. Names and notes are kept by the [`Folder`].
#[derive(Debug, Clone)]
pub struct Entry {
    name: TextRange,
    /// Bytes of the target, which stands behind the name.
    target_len: u32,
    /// Its place among the folder's attributes.
    posix: u32,
    /// Its place among the folder's times.
    times: u32,
    noted: bool,
    /// What it is.
    pub kind: Kind,
    /// Marked as hidden (ECMA-119 §9.1.6, existence bit; ECMA-167 4/14.4.3, bit 0; the Finder's “invisible”).
    pub hidden: bool,
    /// Marked as deleted (ECMA-167 4/14.4.3, bit 2). Listed on request only; its data may be gone.
    pub deleted: bool,
    /// Bytes that reading gives: for a zisofs file the unpacked size. Meaningless for anything but files.
    pub size: u64,
    /// Where the data lies and how it is packed.
    pub content: Content,
    /// Last change of the data.
    pub modified: Option<Timestamp>,
    /// Absolute byte offset of the directory record (or whatever describes the entry).
    pub record: u64,
}

impl Entry {
    /// An entry of `size` bytes whose description lies at `record`; the folder adds the rest.
    pub(in crate::disc) fn new(kind: Kind, content: Content, size: u64, record: u64) -> Self {
        Self {
            name: TextRange::default(),
            target_len: 0,
            posix: NONE,
            times: NONE,
            noted: false,
            kind,
            hidden: false,
            deleted: false,
            size,
            content,
            modified: None,
            record,
        }
    }

    /// True for folders.
    pub fn is_folder(&self) -> bool {
        self.kind == Kind::Folder
    }

    /// True for regular files.
    pub fn is_file(&self) -> bool {
        self.kind == Kind::File
    }

    /// Bytes that reading gives; `None` for what is not a file.
    pub fn file_size(&self) -> Option<u64> {
        self.is_file().then_some(self.size)
    }

    /// What an image of `image_len` bytes does not hold of the data, in words; `None` when it holds everything.
    pub fn missing(&self, image_len: u64) -> Option<Diagnostic> {
        let nowhere = self.content.extents().iter().any(|extent| extent.is_nowhere());
        let message = match self.state(image_len) {
            State::Complete => return None,
            State::Partly if nowhere => "The disc does not say where a part of this file is".to_owned(),
            State::Outside if nowhere => "The disc does not say where this file's data is".to_owned(),
            State::Partly => format!("The image ends at byte {image_len}, in the middle of this file"),
            State::Outside => format!("The image ends at byte {image_len}, before this file's data"),
        };
        Some(Diagnostic { severity: Severity::Error, structure: "directory record", offset: self.record, message })
    }

    /// How much of the data an image of `image_len` bytes holds.
    pub fn state(&self, image_len: u64) -> State {
        if self.is_file() || self.is_folder() { self.content.state(image_len) } else { State::Complete }
    }
}

/// A folder that was read: its entries, and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct Folder {
    entries: Vec<Entry>,
    /// Names, each followed by the target if it is that of a link.
    text: String,
    /// What many entries have in common is kept once.
    posix: Vec<Posix>,
    times: Vec<Times>,
    raw_names: Vec<(u32, Box<[u8]>)>,
    notes: Vec<(u32, Diagnostic)>,
    /// Places of entries that have streams besides their content, in ascending order.
    streams: Vec<u32>,
    /// Where the folder itself is recorded.
    extents: Vec<Extent>,
    /// Where it lies inside its tree, for trees that come back to it.
    pub(in crate::disc) id: Option<FolderId>,
    /// Complaints about the folder as a whole.
    pub diagnostics: Diagnostics,
}

impl Folder {
    /// The entries in the order of the disc.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The name of one of this folder's entries. Not yet escaped for display.
    pub fn name(&self, entry: &Entry) -> &str {
        self.text_at(entry.name)
    }

    /// The bytes of a name that is not valid in its encoding, so that [`name`](Self::name) is only a guess.
    pub fn raw_name(&self, index: usize) -> Option<&[u8]> {
        let found = self.raw_names.binary_search_by_key(&u32::try_from(index).ok()?, |(at, _)| *at).ok()?;
        self.raw_names.get(found).map(|(_, raw)| &**raw)
    }

    /// The target of a symbolic link as recorded, with `/` between its components.
    pub fn target(&self, entry: &Entry) -> Option<&str> {
        let start = entry.name.start.saturating_add(entry.name.len);
        (entry.kind == Kind::Symlink).then(|| self.text_at(TextRange { start, len: entry.target_len }))
    }

    /// Modes, owner and link count of one of this folder's entries, where recorded.
    pub fn posix(&self, entry: &Entry) -> Option<Posix> {
        self.posix.get(usize::try_from(entry.posix).ok()?).copied()
    }

    /// When one of this folder's entries was created.
    pub fn created(&self, entry: &Entry) -> Option<Timestamp> {
        self.times_of(entry)?.created
    }

    /// When one of this folder's entries was accessed last.
    pub fn accessed(&self, entry: &Entry) -> Option<Timestamp> {
        self.times_of(entry)?.accessed
    }

    /// When an attribute of one of this folder's entries was changed last.
    pub fn changed(&self, entry: &Entry) -> Option<Timestamp> {
        self.times_of(entry)?.changed
    }

    /// True when the entry at `index` has [streams](super::tree::FileTree::streams) besides its content.
    pub fn has_streams(&self, index: usize) -> bool {
        u32::try_from(index).is_ok_and(|index| self.streams.binary_search(&index).is_ok())
    }

    /// Where the folder itself is recorded: its list of entries, and what describes each of them. Neighbours are joined.
    pub fn extents(&self) -> &[Extent] {
        &self.extents
    }

    fn times_of(&self, entry: &Entry) -> Option<&Times> {
        self.times.get(usize::try_from(entry.times).ok()?)
    }

    /// What is wrong with the entry at `index`.
    pub fn notes(&self, index: usize) -> impl Iterator<Item = &Diagnostic> {
        let noted = self.entries.get(index).is_some_and(|entry| entry.noted);
        let list: &[_] = if noted { &self.notes } else { &[] };
        list.iter().filter(move |(at, _)| usize::try_from(*at) == Ok(index)).map(|(_, note)| note)
    }

    /// The place of the entry called `name`, if there is one.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.entries.iter().position(|entry| self.name(entry) == name)
    }

    fn text_at(&self, range: TextRange) -> &str {
        let start = usize::try_from(range.start).unwrap_or(usize::MAX);
        let end = start.saturating_add(usize::try_from(range.len).unwrap_or(usize::MAX));
        self.text.get(start..end).unwrap_or_default()
    }

    /// Stores `text` in the arena; empty when the arena holds 4 GiB already.
    fn add_text(&mut self, text: &str) -> TextRange {
        let (Ok(start), Ok(len)) = (u32::try_from(self.text.len()), u32::try_from(text.len())) else {
            return TextRange::default();
        };
        self.text.push_str(text);
        TextRange { start, len }
    }

    /// Names an entry that is about to be [pushed](Self::push), and the target where it is a link.
    pub(in crate::disc) fn set_name(&mut self, entry: &mut Entry, name: &str, target: Option<&str>) {
        entry.name = self.add_text(name);
        entry.target_len = target.map_or(0, |target| self.add_text(target).len);
    }

    /// Gives attributes to an entry that is about to be [pushed](Self::push).
    pub(in crate::disc) fn set_posix(&mut self, entry: &mut Entry, posix: Option<Posix>) {
        entry.posix = posix.map_or(NONE, |posix| keep_once(&mut self.posix, posix));
    }

    /// Gives the rarer times to an entry that is about to be [pushed](Self::push).
    pub(in crate::disc) fn set_times(
        &mut self,
        entry: &mut Entry,
        created: Option<Timestamp>,
        accessed: Option<Timestamp>,
        changed: Option<Timestamp>,
    ) {
        let any = created.is_some() || accessed.is_some() || changed.is_some();
        let times = any.then_some(Times { created, accessed, changed });
        entry.times = times.map_or(NONE, |times| keep_once(&mut self.times, times));
    }

    /// Appends an entry and says its place.
    pub(in crate::disc) fn push(&mut self, entry: Entry) -> usize {
        self.entries.push(entry);
        self.entries.len().saturating_sub(1)
    }

    /// The last entry, to be completed by a further section of the same file.
    pub(in crate::disc) fn last_mut(&mut self) -> Option<&mut Entry> {
        self.entries.last_mut()
    }

    /// Keeps the bytes of the last entry's name beside the guess that is shown.
    pub(in crate::disc) fn keep_raw_name(&mut self, raw: &[u8]) {
        if let Ok(at) = u32::try_from(self.entries.len().saturating_sub(1)) {
            self.raw_names.push((at, raw.into()));
        }
    }

    /// Says that the entry at `index`, which comes after all of which that was said before, has streams.
    pub(in crate::disc) fn set_has_streams(&mut self, index: usize) {
        if let Ok(index) = u32::try_from(index) {
            self.streams.push(index);
        }
    }

    /// Adds to the places where the folder is recorded.
    pub(in crate::disc) fn add_extent(&mut self, extent: Extent) {
        match self.extents.last_mut() {
            Some(last) if last.end() == extent.offset => last.length = last.length.saturating_add(extent.length),
            _ => self.extents.push(extent),
        }
    }

    /// Notes what is wrong with the entry at `index`; dropped, but counted with the folder, when there are too many.
    pub(in crate::disc) fn note(&mut self, index: usize, note: Diagnostic) {
        if self.notes.len() >= limits::DIAGNOSTICS {
            self.diagnostics.push(Diagnostic { severity: Severity::Info, ..note });
            return;
        }
        if let (Some(entry), Ok(at)) = (self.entries.get_mut(index), u32::try_from(index)) {
            entry.noted = true;
            self.notes.push((at, note));
        }
    }

    /// Gives back memory that was kept for further entries.
    pub(in crate::disc) fn finish(mut self) -> Self {
        self.entries.shrink_to_fit();
        self.text.shrink_to_fit();
        self.posix.shrink_to_fit();
        self.times.shrink_to_fit();
        self.extents.shrink_to_fit();
        self
    }
}

/// The place of `value`, which neighbours often share, in `values`.
fn keep_once<T: PartialEq>(values: &mut Vec<T>, value: T) -> u32 {
    /// Values that are looked at for the same one.
    const NEIGHBOURS: usize = 8;
    let from = values.len().saturating_sub(NEIGHBOURS);
    let known = values.iter().skip(from).position(|known| *known == value);
    let place = known.map_or(values.len(), |known| from.saturating_add(known));
    if known.is_none() {
        values.push(value);
    }
    u32::try_from(place).unwrap_or(NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_stays_small() {
        assert!(size_of::<Entry>() <= 80, "{} bytes", size_of::<Entry>());
    }

    #[test]
    fn shared_attributes_are_kept_once_and_stay_with_their_entries() {
        let mut folder = Folder::default();
        let times: Vec<_> = (0..20).map(|second| Some(Timestamp::from_unix(second, 0))).collect();
        for number in 0..1000_u32 {
            let mut entry = Entry::new(Kind::Symlink, Content::default(), 0, 0);
            let (mode, at) = (number / 500, usize::try_from(number % 20).unwrap());
            folder.set_name(&mut entry, &format!("name {number}"), Some(&format!("target {number}")));
            folder.set_posix(&mut entry, (mode > 0).then_some(Posix { mode, uid: 1, gid: 2, links: 3 }));
            folder.set_times(&mut entry, times[at], (at > 10).then_some(Timestamp::from_unix(7, 0)), None);
            folder.push(entry);
        }
        assert_eq!(folder.posix.len(), 1);
        for (number, entry) in folder.entries().iter().enumerate() {
            assert_eq!(folder.name(entry), format!("name {number}"));
            assert_eq!(folder.target(entry).unwrap(), format!("target {number}"));
            assert_eq!(folder.posix(entry).map(|posix| posix.mode), (number >= 500).then_some(1));
            assert_eq!(folder.created(entry), times[number % 20]);
            assert_eq!(folder.accessed(entry).is_some(), number % 20 > 10);
        }
    }
}
