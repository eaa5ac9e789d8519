//! What one file system of an image offers. A disc may carry several side by side.

use std::sync::Arc;

use super::boot::el_torito::BootCatalog;
use super::tree::{DetailGroup, FileTree, TreeKind};
use super::volume::Volume;
use super::{Extent, text};

/// One of the sessions that were written one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// 1 for the oldest.
    pub number: u32,
    /// Its first block.
    pub first_block: u32,
    /// Name of the disc as of this session.
    pub volume_id: String,
}

impl Session {
    /// Number and name for people, such as `Session 2: NAME`. Sessions of discs that are written file by file have none.
    pub fn label(&self) -> String {
        match text::display(self.volume_id.trim()) {
            name if name.is_empty() => format!("Session {}", self.number),
            name => format!("Session {}: {name}", self.number),
        }
    }
}

/// A part of the image that a file system takes up besides its files and folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Structure {
    /// What it is in the words of its standard, such as `path table`.
    pub name: &'static str,
    /// Where it lies.
    pub extent: Extent,
}

/// A file system of which one session is open. Only its descriptors and its root were read.
#[derive(Clone, Default)]
pub struct FileSystem {
    /// The run of bytes that holds it: the whole image, or a partition.
    pub part: Extent,
    /// Its trees, the one that tells most first.
    pub trees: Vec<Arc<dyn FileTree>>,
    /// Names, dates and size.
    pub volume: Volume,
    /// The file system and its extensions for people, such as `UDF 2.50`.
    pub formats: Vec<String>,
    /// Absolute byte offset behind the last byte that it claims. The image may end before.
    pub declared_end: u64,
    /// Where that is recorded, as an absolute byte offset.
    pub declared_at: u64,
    /// All sessions, the oldest first. Never empty.
    pub sessions: Vec<Session>,
    /// Number of the session that is open.
    pub session: u32,
    /// Its descriptors field by field.
    pub details: Vec<DetailGroup>,
    /// What it takes up besides files and folders.
    pub structures: Vec<Structure>,
    /// El Torito's boot catalogue, which only ISO 9660 has.
    pub boot: Option<BootCatalog>,
}

impl FileSystem {
    /// True for FAT, which is never the disc's own file system, but that of a boot image or a partition.
    pub(in crate::disc) fn is_fat(&self) -> bool {
        self.trees.first().is_some_and(|tree| tree.kind() == TreeKind::Fat)
    }
}
