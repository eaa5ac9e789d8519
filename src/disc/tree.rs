//! One lazy, compact tree for all file systems that a disc can carry.
//!
//! A [`FileTree`] is read folder by folder. A [`Folder`] keeps its entries small (128 bytes each, names in one
//! arena), so that folders of a million files fit into memory.

use std::sync::Arc;

use super::file::Content;
use super::time::Timestamp;
use super::{Diagnostic, Diagnostics, Extent, Result, Severity, Source, limits};

/// The naming schemes under which one image may show its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TreeKind {
    /// ISO 9660 with Rock Ridge: POSIX names, modes, links.
    RockRidge,
    /// Joliet: Unicode names of up to 64 (in practice 103) characters.
    Joliet,
    /// Plain ISO 9660: upper-case names of 8.3 to 31 characters.
    Iso9660,
    /// ISO 9660:1999 (enhanced volume descriptor): names of up to 207 bytes.
    Iso9660Enhanced,
}

impl TreeKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::RockRidge, Self::Joliet, Self::Iso9660, Self::Iso9660Enhanced];

    /// The name on the command line and in JSON.
    pub fn slug(self) -> &'static str {
        match self {
            Self::RockRidge => "rock-ridge",
            Self::Joliet => "joliet",
            Self::Iso9660 => "iso9660",
            Self::Iso9660Enhanced => "iso9660-1999",
        }
    }

    /// The name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::RockRidge => "Rock Ridge",
            Self::Joliet => "Joliet",
            Self::Iso9660 => "ISO 9660",
            Self::Iso9660Enhanced => "ISO 9660:1999",
        }
    }
}

/// Where a folder lies inside its tree. Only the tree that gave it knows what the numbers mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FolderId {
    pub(in crate::disc) place: u64,
    pub(in crate::disc) extra: u64,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    #[serde(rename = "dir")]
    Folder,
    /// A symbolic link.
    Symlink,
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
}

/// How much of a file's data the image holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// All of it.
    Complete,
    /// Some of it: the image is cut off.
    Partly,
    /// Nothing of it.
    Outside,
}

/// A piece of text in the arena of a [`Folder`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::disc) struct TextRange {
    start: u32,
    len: u32,
}

/// POSIX attributes, as Rock Ridge `PX` records them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posix {
    /// File type and permissions, as in `st_mode`.
    pub mode: u32,
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Number of hard links.
    pub links: u32,
}

/// One entry of a folder. Names and notes are kept by the [`Folder`].
#[derive(Debug, Clone)]
pub struct Entry {
    pub(in crate::disc) name: TextRange,
    pub(in crate::disc) target: TextRange,
    /// What it is.
    pub kind: Kind,
    /// Marked as hidden (ECMA-119 §9.1.6, existence bit).
    pub hidden: bool,
    pub(in crate::disc) has_posix: bool,
    pub(in crate::disc) noted: bool,
    pub(in crate::disc) posix: Posix,
    /// Bytes that reading gives: for a zisofs file the unpacked size. Meaningless for anything but files.
    pub size: u64,
    /// Where the data lies and how it is packed.
    pub content: Content,
    /// Last change of the data.
    pub modified: Option<Timestamp>,
    /// Creation.
    pub created: Option<Timestamp>,
    /// Last access.
    pub accessed: Option<Timestamp>,
    /// Absolute byte offset of the directory record (or whatever describes the entry).
    pub record: u64,
}

impl Entry {
    /// True for folders.
    pub fn is_folder(&self) -> bool {
        self.kind == Kind::Folder
    }

    /// True for regular files.
    pub fn is_file(&self) -> bool {
        self.kind == Kind::File
    }

    /// Modes, owner and link count, where recorded.
    pub fn posix(&self) -> Option<Posix> {
        self.has_posix.then_some(self.posix)
    }

    /// Bytes that reading gives; `None` for what is not a file.
    pub fn file_size(&self) -> Option<u64> {
        self.is_file().then_some(self.size)
    }

    /// What an image of `image_len` bytes does not hold of the data, in words; `None` when it holds everything.
    pub fn missing(&self, image_len: u64) -> Option<Diagnostic> {
        let message = match self.state(image_len) {
            State::Complete => return None,
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
    text: String,
    raw_names: Vec<(u32, Box<[u8]>)>,
    notes: Vec<(u32, Diagnostic)>,
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
        (entry.kind == Kind::Symlink).then(|| self.text_at(entry.target))
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
    pub(in crate::disc) fn add_text(&mut self, text: &str) -> TextRange {
        let (Ok(start), Ok(len)) = (u32::try_from(self.text.len()), u32::try_from(text.len())) else {
            return TextRange::default();
        };
        self.text.push_str(text);
        TextRange { start, len }
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
        self
    }
}

/// A field of an on-disc structure with its meaning, for the details pane.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DetailField {
    /// The field in the words of its standard.
    pub label: &'static str,
    /// What it says.
    pub value: String,
    /// Absolute byte offset in the image, where the field stands on the disc itself.
    pub offset: Option<u64>,
}

/// Fields that belong together, such as a directory record or one Rock Ridge entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct DetailGroup {
    /// The structure in the words of its standard.
    pub title: String,
    /// Its fields in the order of the disc.
    pub fields: Vec<DetailField>,
}

impl DetailGroup {
    /// A group without fields.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), fields: Vec::new() }
    }

    /// Adds a field.
    pub fn add(&mut self, label: &'static str, value: impl Into<String>, offset: Option<u64>) {
        self.fields.push(DetailField { label, value: value.into(), offset });
    }
}

/// One way in which an image shows its files. Cheap to share between threads; nothing is read before it is asked for.
pub trait FileTree: Send + Sync {
    /// The naming scheme.
    fn kind(&self) -> TreeKind;

    /// The folder at the top.
    fn root(&self) -> FolderId;

    /// Reads one folder. What is damaged is told in the folder; an error means that nothing of it could be read.
    fn read_folder(&self, folder: FolderId) -> Result<Folder>;

    /// Where the folder that `entry` names lies; `None` for what is not a folder, or is nowhere.
    fn folder_of(&self, entry: &Entry) -> Option<FolderId>;

    /// The data of a file, unpacked where the disc packs it.
    fn open(&self, entry: &Entry) -> Result<Arc<dyn Source>>;

    /// Every field that the disc records of `folder`'s entry at `index`, with meaning and byte offset.
    fn details(&self, folder: &Folder, index: usize) -> Result<Vec<DetailGroup>>;

    /// The same tree read through another source of the same bytes, such as one that can be cancelled.
    fn with_source(&self, source: Arc<dyn Source>) -> Arc<dyn FileTree>;

    /// The image's bytes.
    fn source(&self) -> &Arc<dyn Source>;
}

/// What a path names.
#[derive(Debug, Clone)]
pub enum Found {
    /// The folder at the top.
    Root,
    /// An entry of a folder.
    Entry {
        /// The folder that holds it.
        folder: Arc<Folder>,
        /// Its place there.
        index: usize,
    },
}

/// Follows a `/`-separated path from the root, without following symbolic links. `None` when there is no such entry.
///
/// Components are compared exactly, then as terminals show them, then without regard to case where that is unambiguous.
pub fn find(tree: &dyn FileTree, path: &str) -> Result<Option<Found>> {
    let mut found = Found::Root;
    let mut id = Some(tree.root());
    for component in path.split('/').filter(|component| !component.is_empty() && *component != ".") {
        let Some(here) = id else { return Ok(None) };
        let folder = Arc::new(tree.read_folder(here)?);
        let Some(index) = position(&folder, component) else { return Ok(None) };
        id = folder.entries().get(index).and_then(|entry| tree.folder_of(entry));
        found = Found::Entry { folder, index };
    }
    Ok(Some(found))
}

/// The place of the entry that one component of a path names: exactly, or else the only one that differs by case alone.
pub fn position(folder: &Folder, component: &str) -> Option<usize> {
    let escaped = |entry: &Entry| super::text::path_component(folder.name(entry));
    if let Some(index) = folder.entries().iter().position(|entry| escaped(entry) == component) {
        return Some(index);
    }
    let shown = |entry: &Entry| super::text::display(&escaped(entry)) == component;
    if let Some(index) = folder.entries().iter().position(shown) {
        return Some(index);
    }
    let wanted = component.to_lowercase();
    let mut alike = folder.entries().iter().enumerate().filter(|(_, entry)| escaped(entry).to_lowercase() == wanted);
    let (index, _) = alike.next()?;
    alike.next().is_none().then_some(index)
}

/// The extent of the whole content as one piece, when it is one.
pub fn single_extent(entry: &Entry) -> Option<Extent> {
    match entry.content.extents() {
        [extent] => Some(*extent),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_stays_small() {
        assert!(size_of::<Entry>() <= 128, "{} bytes", size_of::<Entry>());
    }
}
