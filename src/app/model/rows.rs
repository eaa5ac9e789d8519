//! What stands in the table: the entries of a folder, what a search found, or parts of the image.

use std::borrow::Cow;
use std::sync::Arc;

use super::column::ListKind;
use super::kind::{self, Shape};
use crate::disc::index::Index;
use crate::disc::part::{Part, PartGroup};
use crate::disc::time::Timestamp;
use crate::disc::tree::{Folder, Kind, Posix, State, TreeId};
use crate::disc::{Image, text};

/// A list of items, numbered from 0 in the order of the disc.
#[derive(Clone)]
pub enum Rows {
    /// The entries of a folder, of an image of this many bytes.
    Folder(Arc<Folder>, u64),
    /// Entries of the index.
    Found(Arc<Index>, Arc<[u32]>),
    /// Parts of an image.
    Parts(Arc<Image>, PartGroup),
}

/// What one row shows.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// The name, not yet escaped for display.
    pub name: Cow<'a, str>,
    /// What it is.
    pub kind: Kind,
    /// The same in words.
    pub kind_text: &'static str,
    /// The shape of its icon.
    pub shape: Shape,
    /// Bytes; only files have a size.
    pub size: Option<u64>,
    /// Last change.
    pub modified: Option<Timestamp>,
    /// How much of the data the image holds.
    pub state: State,
    /// Marked as hidden.
    pub hidden: bool,
    /// Marked as deleted.
    pub deleted: bool,
    /// There is more to it than its content.
    pub streams: bool,
    /// The folder that holds it, where the list is not of one folder.
    pub folder: Option<&'a str>,
}

/// The rarer columns.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extras {
    /// Absolute byte offset of the first extent.
    pub first_byte: Option<u64>,
    /// Bytes on the disc.
    pub stored_size: Option<u64>,
    /// Modes and owner.
    pub posix: Option<Posix>,
    /// Creation.
    pub created: Option<Timestamp>,
    /// Last access.
    pub accessed: Option<Timestamp>,
    /// Last change of an attribute.
    pub changed: Option<Timestamp>,
}

impl Rows {
    /// An empty list.
    pub fn empty() -> Self {
        Self::Folder(Arc::default(), 0)
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        match self {
            Self::Folder(folder, _) => folder.entries().len(),
            Self::Found(_, hits) => hits.len(),
            Self::Parts(image, group) => group.count(image),
        }
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The name of `item`; empty when there is no such item.
    pub fn name(&self, item: u32) -> Cow<'_, str> {
        match self {
            Self::Folder(folder, _) => folder.entries().get(at(item)).map_or("", |entry| folder.name(entry)).into(),
            Self::Found(index, hits) => hits.get(at(item)).map(|hit| index.name(*hit)).unwrap_or_default(),
            Self::Parts(..) => self.part(item).map(Part::label).unwrap_or_default().into(),
        }
    }

    /// What `item` is.
    pub fn kind(&self, item: u32) -> Kind {
        match self {
            Self::Folder(folder, _) => folder.entries().get(at(item)).map(|entry| entry.kind),
            Self::Found(index, hits) => hits.get(at(item)).and_then(|hit| index.entry(*hit)).map(|entry| entry.kind),
            Self::Parts(..) => None,
        }
        .unwrap_or(Kind::File)
    }

    /// Bytes of `item` where it is a file, else 0.
    pub fn bytes(&self, item: u32) -> u64 {
        self.size(item).unwrap_or(0)
    }

    /// Bytes of `item` where it is a file.
    pub fn size(&self, item: u32) -> Option<u64> {
        match self {
            Self::Folder(folder, _) => folder.entries().get(at(item))?.file_size(),
            Self::Found(index, hits) => {
                let entry = index.entry(*hits.get(at(item))?)?;
                (entry.kind == Kind::File).then_some(entry.size)
            }
            Self::Parts(..) => Some(self.part(item)?.extent().length),
        }
    }

    /// Last change of `item`.
    pub fn modified(&self, item: u32) -> Option<Timestamp> {
        match self {
            Self::Folder(folder, _) => folder.entries().get(at(item))?.modified,
            Self::Found(index, hits) => {
                let entry = index.entry(*hits.get(at(item))?)?;
                Some(Timestamp::from_unix(entry.modified?, entry.zone_minutes))
            }
            Self::Parts(..) => None,
        }
    }

    /// The part in place of `item`, where this is a list of parts.
    pub fn part(&self, item: u32) -> Option<Part<'_>> {
        match self {
            Self::Parts(image, group) => group.get(image, at(item)),
            Self::Folder(..) | Self::Found(..) => None,
        }
    }

    /// The trees that are inside of `item`, where it is a part.
    pub fn trees(&self, item: u32) -> Vec<TreeId> {
        match self {
            Self::Parts(image, group) => group.trees(image, at(item)),
            _ => Vec::new(),
        }
    }

    /// The path of the folder that holds `item`, where items come from many folders.
    pub fn folder_path(&self, item: u32) -> Option<&str> {
        match self {
            Self::Found(index, hits) => hits.get(at(item)).map(|hit| index.folder_path(*hit)),
            _ => None,
        }
    }

    /// Everything that the usual columns of `item` show.
    pub fn row(&self, item: u32) -> Row<'_> {
        let (name, kind) = (self.name(item), self.kind(item));
        let (kind_text, shape) = match self {
            Self::Parts(_, PartGroup::BootImages) => ("Boot image", Shape::Disc),
            Self::Parts(_, PartGroup::Partitions) => ("Partition", Shape::Partition),
            _ => kind::of(kind, &name),
        };
        let entry = match self {
            Self::Folder(folder, _) => folder.entries().get(at(item)),
            Self::Found(..) | Self::Parts(..) => None,
        };
        let state = match self {
            Self::Folder(_, image_len) => entry.map(|entry| entry.state(*image_len)),
            Self::Parts(image, _) => self.part(item).map(|part| part.state(image.source().len())),
            Self::Found(..) => None,
        };
        Row {
            kind,
            kind_text,
            shape,
            size: self.size(item),
            modified: self.modified(item),
            state: state.unwrap_or(State::Complete),
            hidden: entry.is_some_and(|entry| entry.hidden),
            deleted: entry.is_some_and(|entry| entry.deleted),
            streams: matches!(self, Self::Folder(folder, _) if folder.has_streams(at(item))),
            folder: self.folder_path(item),
            name,
        }
    }

    /// What the rarer columns of `item` show.
    pub fn extras(&self, item: u32) -> Extras {
        match self {
            Self::Folder(folder, _) => folder.entries().get(at(item)).map(|entry| Extras {
                first_byte: entry.content.extents().first().map(|extent| extent.offset),
                stored_size: entry.is_file().then(|| entry.content.stored_size()),
                posix: folder.posix(entry),
                created: folder.created(entry),
                accessed: folder.accessed(entry),
                changed: folder.changed(entry),
            }),
            Self::Parts(..) => self.part(item).map(|part| Extras {
                first_byte: Some(part.extent().offset),
                stored_size: Some(part.extent().length),
                ..Extras::default()
            }),
            Self::Found(..) => None,
        }
        .unwrap_or_default()
    }

    /// What this list is of.
    pub fn list_kind(&self) -> ListKind {
        match self {
            Self::Found(..) => ListKind::Found,
            Self::Parts(_, PartGroup::Partitions) => ListKind::Partitions,
            Self::Folder(..) | Self::Parts(_, PartGroup::BootImages) => ListKind::Folder,
        }
    }

    /// Tells this list from every other one that exists at the same time.
    pub fn identity(&self) -> usize {
        match self {
            Self::Folder(folder, _) => Arc::as_ptr(folder).addr(),
            Self::Found(_, hits) => Arc::as_ptr(hits).addr(),
            // The addresses of images lie farther apart than there are groups.
            Self::Parts(image, group) => Arc::as_ptr(image).addr() + *group as usize,
        }
    }

    /// The name as it is shown: nothing in it acts on the text around it.
    pub fn display_name(&self, item: u32) -> String {
        text::display(&self.name(item)).into_owned()
    }
}

/// An item's place. Where it does not fit there is no such item, and the largest place says so.
fn at(item: u32) -> usize {
    usize::try_from(item).unwrap_or(usize::MAX)
}
