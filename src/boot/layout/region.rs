//! Runs of bytes and their owners.

use crate::disc::Extent;
use crate::disc::partition::Scheme;

/// Who owns bytes. Of owners of the same bytes the first in this order counts as the outermost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// A partition of one of the tables.
    Partition(Scheme),
    /// The entry of a master boot record that holds logical partitions.
    ExtendedPartition,
    /// What El Torito offers for starting a computer.
    BootImage,
    /// A file system as a whole: all that it says is its own.
    Volume,
    /// A part of a file system besides files and folders, such as a path table.
    FileSystemPart,
    /// Volume descriptors of ISO 9660 and UDF, the volume header of HFS+, and what leads to them.
    Descriptors,
    /// El Torito's boot catalogue.
    BootCatalog,
    /// The label of a computer other than a PC.
    OtherLabel,
    /// The code of the master boot record.
    BootCode,
    /// The number by which Windows knows the disk.
    DiskSignature,
    /// The entries of a master boot record, or an extended boot record.
    MbrEntries,
    /// The bytes `55 AA`.
    Signature,
    /// Block 0 of a disk with an Apple partition map.
    DriverDescriptor,
    /// The entries of an Apple partition map.
    AppleMap,
    /// The header of a GUID partition table.
    GptHeader,
    /// The entries of a GUID partition table.
    GptEntries,
    /// The other header, at the end.
    BackupGptHeader,
    /// The other entries, at the end.
    BackupGptEntries,
    /// Nobody.
    Unused,
    /// Nobody, behind the end that the disc declares.
    Appended,
}

/// What owners have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// A run of bytes for whatever is inside.
    Container,
    /// A structure of the first 512 bytes, which are laid out so that many of them fit.
    FirstSector,
    /// A partition table.
    Table,
    /// Where a file system begins.
    Descriptors,
    /// A smaller structure of a file system.
    Part,
    /// No owner.
    Nobody,
}

impl Owner {
    /// The kind of owner in JSON, such as `gpt-entries`.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Partition(_) => "partition",
            Self::ExtendedPartition => "extended-partition",
            Self::BootImage => "boot-image",
            Self::Volume => "volume",
            Self::FileSystemPart => "file-system-part",
            Self::Descriptors => "descriptors",
            Self::BootCatalog => "boot-catalog",
            Self::OtherLabel => "other-label",
            Self::BootCode => "boot-code",
            Self::DiskSignature => "disk-signature",
            Self::MbrEntries => "mbr-entries",
            Self::Signature => "signature",
            Self::DriverDescriptor => "driver-descriptor",
            Self::AppleMap => "apple-partition-map",
            Self::GptHeader => "gpt-header",
            Self::GptEntries => "gpt-entries",
            Self::BackupGptHeader => "backup-gpt-header",
            Self::BackupGptEntries => "backup-gpt-entries",
            Self::Unused => "unused",
            Self::Appended => "appended",
        }
    }

    /// The table that such a structure, or partition, belongs to.
    pub fn scheme(self) -> Option<Scheme> {
        match self {
            Self::Partition(scheme) => Some(scheme),
            Self::ExtendedPartition | Self::MbrEntries => Some(Scheme::Mbr),
            Self::AppleMap => Some(Scheme::Apm),
            Self::GptHeader | Self::GptEntries | Self::BackupGptHeader | Self::BackupGptEntries => Some(Scheme::Gpt),
            _ => None,
        }
    }

    pub(super) fn class(self) -> Class {
        match self {
            Self::Partition(_) | Self::ExtendedPartition | Self::BootImage | Self::Volume => Class::Container,
            Self::FileSystemPart => Class::Part,
            Self::Descriptors | Self::BootCatalog => Class::Descriptors,
            Self::OtherLabel | Self::BootCode | Self::DiskSignature | Self::Signature | Self::DriverDescriptor => {
                Class::FirstSector
            }
            Self::MbrEntries | Self::AppleMap => Class::Table,
            Self::GptHeader | Self::GptEntries | Self::BackupGptHeader | Self::BackupGptEntries => Class::Table,
            Self::Unused | Self::Appended => Class::Nobody,
        }
    }
}

/// One of the names of a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Who owns the region under this name.
    pub owner: Owner,
    /// The name for people, such as `GPT 2: EFI system partition`, without control characters.
    pub label: String,
    /// The structure that says so, in the words of its standard.
    pub structure: &'static str,
    /// Absolute byte offset of that structure: where to look in the bytes.
    pub record: u64,
}

/// A run of bytes that somebody owns, or nobody. Several tables often describe the same bytes, which then are one region
/// with several names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Its bytes, as far as the image has them; of what lies behind the end of the image as it is claimed.
    pub extent: Extent,
    /// Bytes that it should have.
    pub claimed: u64,
    /// Nothing says where it ends, so that it is taken to reach up to the end of the image.
    pub has_open_end: bool,
    /// Its names, partitions first. Never empty.
    pub names: Vec<Name>,
}

impl Region {
    /// The owner by its first name.
    pub fn owner(&self) -> Owner {
        self.names.first().map_or(Owner::Unused, |name| name.owner)
    }

    /// All names for people, such as `MBR 2: EFI system partition, GPT 2: EFI system partition`.
    pub fn label(&self) -> String {
        self.names.iter().map(|name| name.label.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// True when it should go on behind the end of the image.
    pub fn is_cut(&self) -> bool {
        self.claimed > self.extent.length
    }

    /// True when `offset` is one of its bytes.
    pub fn holds(&self, offset: u64) -> bool {
        self.extent.offset <= offset && offset < self.extent.end()
    }

    /// True when `other` lies in it, the same bytes counting as inside.
    pub fn encloses(&self, other: &Self) -> bool {
        self.extent.offset <= other.extent.offset && other.claimed_end() <= self.claimed_end()
    }

    /// True for what only matters from near: smaller structures of file systems, and what is not used between those of the
    /// system area.
    pub(super) fn is_detail(&self) -> bool {
        matches!(self.owner().class(), Class::Part | Class::Nobody)
    }

    /// Absolute byte offset behind the last byte that it should have.
    pub(super) fn claimed_end(&self) -> u64 {
        self.extent.offset.saturating_add(self.claimed)
    }

    /// True when one of its names stands for such an owner.
    pub(super) fn is_any(&self, chosen: impl Fn(Owner) -> bool) -> bool {
        self.names.iter().any(|name| chosen(name.owner))
    }
}
