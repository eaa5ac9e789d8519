//! Parts of an image that stand in no tree and can be looked at and taken out like files.

use std::sync::Arc;

use super::boot::el_torito::BootImage;
use super::partition::Partition;
use super::tree::{DetailGroup, State, TreeId};
use super::{Extent, Image, Source};

/// A list of parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartGroup {
    /// What El Torito offers for starting a computer.
    BootImages,
    /// What the partition tables list.
    Partitions,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub enum Part<'a> {
    /// A boot image.
    BootImage(&'a BootImage),
    /// A partition.
    Partition(&'a Partition),
}

impl PartGroup {
    /// All groups, in the order in which they are shown.
    pub const ALL: [Self; 2] = [Self::BootImages, Self::Partitions];

    /// The heading for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::BootImages => "Boot images",
            Self::Partitions => "Partitions",
        }
    }

    /// Number of parts that `image` has of this group.
    pub fn count(self, image: &Image) -> usize {
        match self {
            Self::BootImages => image.boot_images().len(),
            Self::Partitions => image.partitions().len(),
        }
    }

    /// One of them, counted from 0.
    pub fn get(self, image: &Image, index: usize) -> Option<Part<'_>> {
        match self {
            Self::BootImages => image.boot_images().get(index).map(Part::BootImage),
            Self::Partitions => image.partitions().get(index).map(Part::Partition),
        }
    }
}

impl PartGroup {
    /// The trees that the part at `index` holds.
    pub fn trees(self, image: &Image, index: usize) -> Vec<TreeId> {
        match self {
            Self::BootImages => image.boot_image_trees(index),
            Self::Partitions => image.partition_trees(index),
        }
    }
}

impl Part<'_> {
    /// What people call it.
    pub fn label(self) -> String {
        match self {
            Self::BootImage(boot) => boot.label(),
            Self::Partition(partition) => partition.label(),
        }
    }

    /// A name for it as a file.
    pub fn file_name(self) -> String {
        match self {
            Self::BootImage(boot) => boot.file_name(),
            Self::Partition(partition) => partition.file_name(),
        }
    }

    /// Its bytes in the image, which may end before they do.
    pub fn extent(self) -> Extent {
        match self {
            Self::BootImage(boot) => boot.extent,
            Self::Partition(partition) => partition.extent,
        }
    }

    /// Its bytes; fewer than its length when `source` is cut off.
    pub fn open(self, source: &Arc<dyn Source>) -> Arc<dyn Source> {
        match self {
            Self::BootImage(boot) => boot.open(source),
            Self::Partition(partition) => partition.open(source),
        }
    }

    /// Every field of what describes it, with meaning and byte offset.
    pub fn details(self) -> Vec<DetailGroup> {
        match self {
            Self::BootImage(boot) => boot.details(),
            Self::Partition(partition) => partition.details(),
        }
    }

    /// How much of it an image of `image_len` bytes holds.
    pub fn state(self, image_len: u64) -> State {
        let extent = self.extent();
        match extent.inside(image_len) {
            inside if inside == extent.length => State::Complete,
            0 => State::Outside,
            _ => State::Partly,
        }
    }
}
