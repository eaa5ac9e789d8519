//! One lazy tree for all file systems that a disc can carry. A [`FileTree`] is read folder by folder.

use std::sync::Arc;

use super::file::{Content, ExtentSource};
use super::{Error, Extent, Result, Source};

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
    /// UDF: Unicode names of up to 254 characters, POSIX attributes, times to the microsecond.
    Udf,
    /// HFS: Mac OS names of up to 31 characters.
    Hfs,
    /// HFS+ or HFSX: Unicode names of up to 255 characters, POSIX attributes.
    HfsPlus,
    /// FAT12, FAT16 or FAT32: names of 8.3 characters, or Unicode names of up to 255, in boot images and partitions.
    Fat,
}

impl TreeKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::RockRidge,
        Self::Joliet,
        Self::Iso9660,
        Self::Iso9660Enhanced,
        Self::Udf,
        Self::Hfs,
        Self::HfsPlus,
        Self::Fat,
    ];

    /// The name on the command line and in JSON.
    pub fn slug(self) -> &'static str {
        match self {
            Self::RockRidge => "rock-ridge",
            Self::Joliet => "joliet",
            Self::Iso9660 => "iso9660",
            Self::Iso9660Enhanced => "iso9660-1999",
            Self::Udf => "udf",
            Self::Hfs => "hfs",
            Self::HfsPlus => "hfs-plus",
            Self::Fat => "fat",
        }
    }

    /// The name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::RockRidge => "Rock Ridge",
            Self::Joliet => "Joliet",
            Self::Iso9660 => "ISO 9660",
            Self::Iso9660Enhanced => "ISO 9660:1999",
            Self::Udf => "UDF",
            Self::Hfs => "HFS",
            Self::HfsPlus => "HFS+",
            Self::Fat => "FAT",
        }
    }

    /// True for the naming schemes that ISO 9660 and its extensions give.
    pub fn is_iso9660(self) -> bool {
        matches!(self, Self::RockRidge | Self::Joliet | Self::Iso9660 | Self::Iso9660Enhanced)
    }
}

/// Names one tree of an image: on the command line, in JSON, and to come back to it when the image is opened again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TreeId {
    /// Its naming scheme.
    pub kind: TreeKind,
    /// Its number among the image's trees of this kind, from 1. Partitions may hold several.
    pub number: u8,
}

impl TreeId {
    /// The name for people: `UDF`, or `UDF 2` for the second of its kind.
    pub fn label(self) -> String {
        if self.number == 1 { self.kind.label().to_owned() } else { format!("{} {}", self.kind.label(), self.number) }
    }
}

impl From<TreeKind> for TreeId {
    fn from(kind: TreeKind) -> Self {
        Self { kind, number: 1 }
    }
}

/// `udf` for the first tree of its kind, `udf-2` for the second.
impl std::fmt::Display for TreeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind.slug())?;
        if self.number == 1 { Ok(()) } else { write!(f, "-{}", self.number) }
    }
}

impl serde::Serialize for TreeId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The error is the text that names no tree.
impl std::str::FromStr for TreeId {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let named = |slug: &str| TreeKind::ALL.into_iter().find(|kind| kind.slug() == slug);
        if let Some(kind) = named(text) {
            return Ok(kind.into());
        }
        let (slug, number) = text.rsplit_once('-').ok_or_else(|| text.to_owned())?;
        let number = number.parse().ok().filter(|number| *number > 1);
        named(slug).zip(number).map(|(kind, number)| Self { kind, number }).ok_or_else(|| text.to_owned())
    }
}

/// Where a folder lies inside its tree. Only the tree that gave it knows what the numbers mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FolderId {
    pub(in crate::disc) place: u64,
    pub(in crate::disc) extra: u64,
}

impl FolderId {
    /// True when both lie at the same place, whatever else the disc says of them. Walks go into a place once.
    pub fn is_same_place(self, other: Self) -> bool {
        self.place == other.place
    }
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

/// Data of a file besides its content: a named stream (UDF 2.00 §3.3.5) or a resource fork (HFS).
#[derive(Debug, Clone)]
pub struct Stream {
    /// Its name, not yet escaped for display.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Where its data lies.
    pub content: Content,
    /// Absolute byte offset of what describes it.
    pub record: u64,
}

/// Is given the place of an entry in its folder, and the name and the value of one of its attributes.
pub type AttributeVisitor<'a> = dyn FnMut(usize, &str, &[u8]) + 'a;

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

    /// The streams of `folder`'s entry at `index` besides its content. Reading them is not part of reading the folder;
    /// [`Folder::has_streams`] says whether there are any.
    fn streams(&self, folder: &Folder, index: usize) -> Result<Vec<Stream>> {
        let _ = (folder, index);
        Ok(Vec::new())
    }

    /// Where the streams of `folder`'s entry at `index` are described, which is not among the folder's own extents.
    fn stream_extents(&self, folder: &Folder, index: usize) -> Result<Vec<Extent>> {
        let _ = (folder, index);
        Ok(Vec::new())
    }

    /// The extended attributes (AAIP) of all entries of a folder, in their order. Reading them is not part of reading the
    /// folder; entries whose attributes cannot be read are passed over.
    fn attributes(&self, _: &Folder, _: &mut AttributeVisitor<'_>) -> Result<()> {
        Ok(())
    }

    /// The extended attributes (AAIP) of the folder at the top.
    fn root_attributes(&self, _: &mut dyn FnMut(&str, &[u8])) -> Result<()> {
        Ok(())
    }

    /// The data of a stream.
    fn open_stream(&self, stream: &Stream) -> Result<Arc<dyn Source>> {
        if let Some(why) = stream.content.unsupported() {
            return Err(Error::unsupported("stream", stream.record, why));
        }
        Ok(Arc::new(ExtentSource::new(self.source().clone(), &stream.content)))
    }

    /// The same tree with the entries that are marked as deleted and still stand there; `None` when its file system
    /// keeps no such entries.
    fn with_deleted(&self) -> Option<Arc<dyn FileTree>> {
        None
    }

    /// The same tree, of whose entries no more is read than the list of a folder itself says: their names, and which are
    /// folders. `None` where that is no less work.
    fn names_only(&self) -> Option<Arc<dyn FileTree>> {
        None
    }

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
    fn every_tree_is_found_by_its_own_name() {
        for kind in TreeKind::ALL {
            for number in [1, 2, 12] {
                let id = TreeId { kind, number };
                assert_eq!(id.to_string().parse(), Ok(id));
            }
        }
        for wrong in ["", "udf-", "udf-1", "udf-0", "udf-300", "iso9660-2000", "-2"] {
            assert!(wrong.parse::<TreeId>().is_err(), "{wrong}");
        }
    }
}
