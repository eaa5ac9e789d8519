//! Volume descriptor sequences (ECMA-167 3/8.4): what the volume is called and how it is divided.

use crate::disc::bytes::Fields;
use crate::disc::{Diagnostics, Error, Extent, Result, limits};

use super::anchor::{Anchor, Volume};
use super::primitive::VolumeExtent;
use super::reading::read_tolerantly;
use super::tag::{Check, Tag, id};

const STRUCTURE: &str = "volume descriptor";

/// A descriptor of the sequence.
#[derive(Debug, Clone)]
pub(super) struct Descriptor {
    /// Its tag.
    pub(super) tag: Tag,
    /// What checking the tag found.
    pub(super) check: Check,
    /// Absolute byte offset.
    pub(super) offset: u64,
    /// Its bytes: whole blocks.
    pub(super) bytes: Vec<u8>,
}

impl Descriptor {
    /// The fields on the disc.
    pub(super) fn fields(&self) -> Fields<'_> {
        Fields::new(&self.bytes, self.offset, STRUCTURE)
    }

    /// Volume descriptor sequence number: the highest of several descriptors of the same thing prevails.
    fn number(&self) -> u32 {
        self.fields().le32(16).unwrap_or(0)
    }

    /// The bytes that tell of what thing it is the descriptor (ECMA-167 3/8.4.3).
    fn subject(&self) -> &[u8] {
        let (at, len) = match self.tag.id {
            // Number of the partition.
            id::PARTITION => (22, 2),
            // Character set and identifier of the logical volume.
            id::LOGICAL_VOLUME => (20, 192),
            // Implementation identifier.
            id::IMPLEMENTATION_USE => (20, 32),
            _ => (0, 0),
        };
        self.fields().bytes(at, len).unwrap_or_default()
    }

    fn is_about_the_same_as(&self, other: &Self) -> bool {
        self.tag.id == other.tag.id && self.subject() == other.subject()
    }
}

/// The prevailing descriptors of a volume.
#[derive(Debug, Clone, Default)]
pub(super) struct Sequence {
    /// In the order of the disc.
    pub(super) descriptors: Vec<Descriptor>,
    /// Where the sequence lies.
    pub(super) extents: Vec<Extent>,
    /// Blocks that should be descriptors and are not, and descriptors that are not sound.
    faults: usize,
}

impl Sequence {
    /// The sequence of the volume that `anchor` points to: the main one, completed from the reserve one where it is
    /// damaged, which is told.
    pub(super) fn of(volume: Volume<'_>, anchor: &Anchor, diagnostics: &mut Diagnostics) -> Result<Self> {
        let mut main = Self::read(volume, anchor.main, diagnostics)?;
        if main.faults == 0 && main.is_complete() && main.first(id::PRIMARY_VOLUME).is_some() {
            return Ok(main);
        }
        let reserve = Self::read(volume, anchor.reserve, diagnostics)?;
        if main.take_from(reserve) {
            diagnostics.warning(
                "volume descriptor sequence",
                volume.offset(anchor.main.block),
                format!(
                    "The main volume descriptor sequence is damaged; the reserve at byte {} is used",
                    volume.offset(anchor.reserve.block)
                ),
            );
        }
        Ok(main)
    }

    /// The descriptors with this tag identifier.
    pub(super) fn all(&self, id: u16) -> impl Iterator<Item = &Descriptor> {
        self.descriptors.iter().filter(move |descriptor| descriptor.tag.id == id)
    }

    /// The first descriptor with this tag identifier.
    pub(super) fn first(&self, id: u16) -> Option<&Descriptor> {
        self.all(id).next()
    }

    /// True when there is what is needed for reading files.
    pub(super) fn is_complete(&self) -> bool {
        self.first(id::LOGICAL_VOLUME).is_some() && self.first(id::PARTITION).is_some()
    }

    fn read(volume: Volume<'_>, start: VolumeExtent, diagnostics: &mut Diagnostics) -> Result<Self> {
        let mut sequence = Self::default();
        let mut visited: Vec<VolumeExtent> = Vec::new();
        let blocks = limits::UDF_SEQUENCE_BLOCKS.saturating_mul(volume.block_size);
        let mut left = limits::UDF_SEQUENCE.max(blocks);
        let mut next = Some(start);
        while let Some(extent) = next.filter(|extent| extent.length > 0) {
            let offset = volume.offset(extent.block);
            if visited.contains(&extent) || visited.len() >= limits::UDF_SEQUENCE_EXTENTS || left == 0 {
                let message = match visited.contains(&extent) {
                    true => "The volume descriptor sequence comes back to its own extent",
                    false => "The volume descriptor sequence is longer than what Isoscope reads of it",
                };
                diagnostics.error("volume descriptor pointer", offset, message);
                break;
            }
            visited.push(extent);
            let length = extent.length.min(left);
            left = left.saturating_sub(length);
            next = sequence.read_extent(volume, VolumeExtent { length, ..extent }, diagnostics)?;
        }
        Ok(sequence)
    }

    /// Takes in the descriptors of one extent; gives the extent in which they go on.
    fn read_extent(
        &mut self,
        volume: Volume<'_>,
        extent: VolumeExtent,
        diagnostics: &mut Diagnostics,
    ) -> Result<Option<VolumeExtent>> {
        let whole = volume.extent(extent);
        let inside = whole.inside(volume.part.end().min(volume.source.len()));
        if inside < whole.length {
            let message = "The image ends before the end of the volume descriptor sequence";
            diagnostics.warning("volume descriptor sequence", whole.offset, message);
            self.faults = self.faults.saturating_add(1);
        }
        self.extents.push(Extent { length: inside, ..whole });
        let mut bytes = vec![0; usize::try_from(inside).unwrap_or_default()];
        let size = u64::from(volume.block_size);
        let before = diagnostics.items().len();
        read_tolerantly(volume.source.as_ref(), whole.offset, &mut bytes, size, STRUCTURE, diagnostics)?;
        self.faults = self.faults.saturating_add(diagnostics.items().len().saturating_sub(before));
        let block = usize::try_from(volume.block_size).unwrap_or(usize::MAX);
        let (mut rest, mut offset) = (&bytes[..], whole.offset);
        while !rest.is_empty() {
            let first = rest.get(..block).unwrap_or(rest);
            let mut taken = block;
            match read_descriptor(rest, offset, block) {
                Some(found) => {
                    let tag = found.tag;
                    let here = offset.saturating_sub(volume.part.offset) / size;
                    if u64::from(tag.location) != here {
                        let message =
                            format!("The descriptor says that it is in block {}, but it is in {here}", tag.location);
                        diagnostics.warning(STRUCTURE, offset, message);
                    }
                    if let Some(note) = found.check.warning(STRUCTURE, offset) {
                        self.faults = self.faults.saturating_add(1);
                        diagnostics.push(note);
                    }
                    match tag.id {
                        id::TERMINATING => return Ok(None),
                        id::VOLUME_POINTER => return VolumeExtent::read(&found.fields(), 20).map(Some),
                        _ => {}
                    }
                    taken = found.bytes.len().next_multiple_of(block);
                    self.add(found);
                }
                // Blocks that were never recorded.
                None if first.iter().all(|byte| *byte == 0) => {}
                None => {
                    self.faults = self.faults.saturating_add(1);
                    diagnostics.error(STRUCTURE, offset, "There should be a volume descriptor here, but there is none");
                }
            }
            rest = rest.get(taken..).unwrap_or_default();
            offset = offset.saturating_add(taken as u64);
        }
        Ok(None)
    }

    /// Adds a descriptor, unless a newer one of the same thing is known.
    fn add(&mut self, found: Descriptor) {
        match self.descriptors.iter_mut().find(|known| known.is_about_the_same_as(&found)) {
            Some(known) if found.number() > known.number() => *known = found,
            Some(_) => {}
            None => self.descriptors.push(found),
        }
    }

    /// Adds what only `other` has, and what is sound only there; true when there was anything.
    fn take_from(&mut self, other: Self) -> bool {
        let mut any = false;
        for found in other.descriptors {
            match self.descriptors.iter_mut().find(|known| known.is_about_the_same_as(&found)) {
                Some(known) if known.check.sound() || !found.check.sound() => {}
                Some(known) => (*known, any) = (found, true),
                None => {
                    // A damaged descriptor need not even tell what it is about.
                    self.descriptors.retain(|known| known.tag.id != found.tag.id || known.check.sound());
                    self.descriptors.push(found);
                    any = true;
                }
            }
        }
        self.extents.extend(other.extents);
        any
    }
}

/// The descriptor at the start of `rest`, whole blocks of it. Most have 512 bytes; those that hold lists may have more.
fn read_descriptor(rest: &[u8], offset: u64, block: usize) -> Option<Descriptor> {
    let tag = Tag::parse(rest)?;
    let fields = Fields::new(rest, offset, STRUCTURE);
    let number = |at| fields.le32(at).ok().and_then(|number| usize::try_from(number).ok());
    let len = match tag.id {
        id::PRIMARY_VOLUME..=id::PARTITION | id::TERMINATING => 512,
        id::LOGICAL_VOLUME => number(264)?.checked_add(440)?,
        id::UNALLOCATED_SPACE => number(20)?.checked_mul(8)?.checked_add(24)?,
        _ => return None,
    };
    let claimed = len.max(512).checked_next_multiple_of(block).unwrap_or(usize::MAX);
    // A length that lies must not hide the descriptors that follow.
    let whole = rest.get(..claimed).map(|bytes| (bytes, tag.check(bytes))).filter(|(_, check)| check.crc);
    let (bytes, check) = match whole {
        Some(whole) => whole,
        None => {
            let bytes = rest.get(..block).unwrap_or(rest);
            (bytes, tag.check(bytes))
        }
    };
    check.likely().then(|| Descriptor { tag, check, offset, bytes: bytes.to_vec() })
}

/// The error for a volume without what is needed for reading files.
pub(super) fn incomplete(anchor: &Anchor) -> Error {
    let message = "The volume descriptor sequences of the UDF volume have no logical volume that can be read";
    Error::damaged("volume descriptor sequence", anchor.offset, message)
}
