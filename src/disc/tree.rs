//! One lazy tree for all file systems that a disc can carry. A [`FileTree`] is read folder by folder.

use std::sync::Arc;

use super::{Extent, Result, Source};

pub use super::folder::{Entry, Folder, Posix};

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
