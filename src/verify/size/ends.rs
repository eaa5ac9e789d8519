//! Every end that a structure of the image declares.

use crate::disc::partition::Scheme;
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::read_up_to;
use crate::disc::tree::TreeKind;
use crate::disc::{Error, Extent, Image, Result, text};

/// What declares an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndKind {
    /// A file system of the disc, with all its sessions.
    FileSystem,
    /// A session before the newest one, which others follow.
    Session,
    /// A partition table, by where its backup stands.
    Table,
    /// A partition.
    Partition,
    /// A boot image of El Torito.
    BootImage,
}

/// One declared end.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DeclaredEnd {
    /// What declares it.
    pub kind: EndKind,
    /// Its name for people, escaped for display.
    pub label: String,
    /// Absolute byte offset at which it begins.
    pub start: u64,
    /// Absolute byte offset behind its last byte.
    pub end: u64,
    /// Absolute byte offset of the field that says so.
    pub declared_at: u64,
}

impl DeclaredEnd {
    /// True for what may be the end of the disc; sessions have others behind them, and boot images are files.
    pub fn is_outer(&self) -> bool {
        !matches!(self.kind, EndKind::Session | EndKind::BootImage)
    }

    /// What of it an image of `len` bytes lacks.
    pub(super) fn missing(&self, len: u64) -> Extent {
        let from = self.start.max(len);
        Extent::new(from, self.end.saturating_sub(from))
    }
}

/// All ends that `image` declares: file systems first, then sessions, partition tables and boot images. The only error is
/// to be cancelled.
pub fn ends(image: &Image) -> Result<Vec<DeclaredEnd>> {
    let mut ends = Vec::new();
    let is_fat = |kind: Option<TreeKind>| kind == Some(TreeKind::Fat);
    let kinds = image.file_systems().iter().map(|system| system.trees.first().map(|tree| tree.kind()));
    let only_fat = kinds.clone().all(is_fat);
    for (system, kind) in image.file_systems().iter().zip(kinds) {
        // What FAT says is of a boot image or a partition.
        if is_fat(kind) && !only_fat {
            continue;
        }
        let name = system.formats.first().map_or("the file system", String::as_str);
        ends.push(DeclaredEnd {
            kind: EndKind::FileSystem,
            label: text::display(name).into_owned(),
            start: system.part.offset,
            end: system.declared_end,
            declared_at: system.declared_at,
        });
    }
    sessions(image, &mut ends)?;
    if let Some(gpt) = &image.tables().gpt {
        let header = gpt.header;
        let last = if gpt.from_backup { header.my_lba } else { header.alternate_lba };
        let end = last.saturating_add(1).saturating_mul(header.block_size.into());
        if last > 0 {
            let declared_at = header.offset.saturating_add(32);
            ends.push(DeclaredEnd { kind: EndKind::Table, label: "GPT".to_owned(), start: 0, end, declared_at });
        }
    }
    for partition in image.partitions().iter().filter(|partition| partition.extent.length > 0) {
        // A map of Apple lists itself and counts in units of its own; hybrids often leave it wrong. xorriso lists what lies
        // between other partitions, and its padding, as partitions with the names Gap0, Gap1 and so on.
        let is_filler = partition.scheme == Scheme::Gpt && partition.name.starts_with("Gap");
        if partition.scheme != Scheme::Apm && !is_filler {
            ends.push(DeclaredEnd {
                kind: EndKind::Partition,
                label: format!("partition {}", partition.label()),
                start: partition.extent.offset,
                end: partition.extent.end(),
                declared_at: partition.record,
            });
        }
    }
    for boot in image.boot_images().iter().filter(|boot| !boot.has_open_end()) {
        ends.push(DeclaredEnd {
            kind: EndKind::BootImage,
            label: format!("boot image {}", text::display(&boot.label())),
            start: boot.extent.offset,
            end: boot.extent.end(),
            declared_at: boot.record,
        });
    }
    Ok(ends)
}

/// Sessions of ISO 9660 before the newest: blocks of a volume count from its own start or from that of the disc.
fn sessions(image: &Image, ends: &mut Vec<DeclaredEnd>) -> Result<()> {
    for session in image.sessions().iter().rev().skip(1).rev() {
        let at = u64::from(session.first_block).saturating_add(16).saturating_mul(SECTOR_SIZE);
        let bytes = match read_up_to(image.source().as_ref(), Extent::new(at, 88)) {
            Ok(bytes) => bytes,
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(_) => continue,
        };
        let blocks = bytes.get(80..).and_then(|rest| rest.first_chunk()).map(|bytes| u32::from_le_bytes(*bytes));
        let (Some(b"CD001"), Some(blocks)) = (bytes.get(1..6), blocks) else { continue };
        let own_start = if blocks <= session.first_block { session.first_block } else { 0 };
        ends.push(DeclaredEnd {
            kind: EndKind::Session,
            label: session.label(),
            start: u64::from(session.first_block).saturating_mul(SECTOR_SIZE),
            end: u64::from(own_start).saturating_add(blocks.into()).saturating_mul(SECTOR_SIZE),
            declared_at: at.saturating_add(80),
        });
    }
    Ok(())
}
