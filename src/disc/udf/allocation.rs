//! Allocation descriptors (ECMA-167 4/14.14): where the data of a file lies.

use crate::disc::bytes::Fields;
use crate::disc::source::read_up_to;
use crate::disc::{Diagnostic, Error, Extent, Result, Severity, limits};

use super::icb::FileEntry;
use super::partition::{Unmapped, View};
use super::pieces::Pieces;
use super::primitive::{ExtentLength, ExtentType, LogicalBlock};
use super::tag::{Tag, id};

const STRUCTURE: &str = "allocation descriptor";
const EXTENT_STRUCTURE: &str = "allocation extent descriptor";

/// Bytes of an allocation extent descriptor before its descriptors (ECMA-167 4/14.5).
const EXTENT_HEADER: usize = 24;

/// How an ICB's flags say that its data is allocated (ECMA-167 4/14.6.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `short_ad`, 8 bytes: blocks of the partition that holds the ICB.
    Short,
    /// `long_ad`, 16 bytes.
    Long,
    /// `ext_ad`, 20 bytes.
    Extended,
    /// The data stands in place of allocation descriptors.
    Inline,
    /// Reserved values.
    Unknown,
}

impl Form {
    /// The form that the `flags` of an ICB give.
    pub(super) fn of(flags: u16) -> Self {
        match flags & 7 {
            0 => Self::Short,
            1 => Self::Long,
            2 => Self::Extended,
            3 => Self::Inline,
            _ => Self::Unknown,
        }
    }

    /// Bytes of one descriptor; `None` where there are none.
    pub(super) fn descriptor_len(self) -> Option<usize> {
        match self {
            Self::Short => Some(8),
            Self::Long => Some(16),
            Self::Extended => Some(20),
            Self::Inline | Self::Unknown => None,
        }
    }
}

/// One allocation descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Descriptor {
    /// Length of the extent, and its type.
    pub(super) length: ExtentLength,
    /// Where it starts.
    pub(super) location: LogicalBlock,
    /// Bytes of the file that it holds, which differ from those recorded only when they are packed.
    pub(super) information: u32,
    /// True when what is recorded is not the file's bytes as they are.
    pub(super) packed: bool,
}

impl Descriptor {
    /// The first descriptor of this form in `bytes`. Short ones count blocks of partition `reference`.
    pub(super) fn parse(bytes: &[u8], form: Form, reference: u16) -> Option<Self> {
        let number = |at: usize| bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
        let partition = |at: usize| bytes.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes));
        let length = ExtentLength(number(0)?);
        let plain = |location| Self { length, location, information: length.bytes(), packed: false };
        match form {
            Form::Short => Some(plain(LogicalBlock { block: number(4)?, reference })),
            Form::Long => {
                let location = LogicalBlock { block: number(4)?, reference: partition(8)? };
                bytes.get(..16).map(|_| plain(location))
            }
            Form::Extended => {
                let (recorded, information) = (ExtentLength(number(4)?).bytes(), number(8)?);
                let location = LogicalBlock { block: number(12)?, reference: partition(16)? };
                // Where the two lengths are left empty, the extent is taken as it is.
                let information = if information == 0 { length.bytes() } else { information };
                bytes.get(..20)?;
                let packed = length.kind() == ExtentType::Recorded && recorded != 0 && recorded != information;
                Some(Self { length, location, information, packed })
            }
            Form::Inline | Form::Unknown => None,
        }
    }
}

/// What collecting the pieces of a file found besides them.
#[derive(Debug, Default)]
pub(super) struct Allocated {
    /// Why the data cannot be read although it is there.
    pub(super) unsupported: Option<String>,
    /// Blocks that hold allocation descriptors.
    pub(super) chained: Vec<Extent>,
}

/// Collects where the data of `entry` lies, an entry in partition `reference`, up to its information length. What is
/// wrong goes to `notes`; what can be read is collected nonetheless.
pub(super) fn collect(
    view: View<'_>,
    entry: &FileEntry<'_>,
    reference: u16,
    pieces: &mut Pieces,
    notes: &mut Vec<Diagnostic>,
) -> Result<Allocated> {
    pieces.clear();
    let mut allocated = Allocated::default();
    if let Some(fault) = entry.fault {
        notes.push(error(STRUCTURE, entry.offset, fault.to_owned()));
    }
    let form = Form::of(entry.flags);
    let at = entry.offset.saturating_add(entry.allocation_at as u64);
    match form {
        Form::Inline => {
            if !pieces.push(Extent::new(at, entry.allocation.len() as u64)) {
                allocated.unsupported = Some(Unmapped::TooMany.to_string());
            }
        }
        Form::Unknown => {
            let message = format!("The file is allocated in the unknown way {}", entry.flags & 7);
            notes.push(error(STRUCTURE, at, message.clone()));
            allocated.unsupported = Some(message);
            return Ok(allocated);
        }
        Form::Short | Form::Long | Form::Extended => {
            let mut walk = Walk { view, form, reference, wanted: entry.information_length, pieces, notes, allocated };
            if let Some(next) = walk.take(entry.allocation, at) {
                walk.follow(next, at)?;
            }
            allocated = walk.allocated;
        }
    }
    pieces.cut(entry.information_length);
    if pieces.length() < entry.information_length && allocated.unsupported.is_none() {
        let message = format!(
            "The file is said to have {} bytes, but only {} are allocated",
            entry.information_length,
            pieces.length()
        );
        notes.push(error(super::icb::STRUCTURE, entry.offset, message));
        pieces.push(Extent::nowhere(entry.information_length.saturating_sub(pieces.length())));
    }
    if pieces.beyond {
        let message = "The file reaches beyond the end of its partition".to_owned();
        notes.push(Diagnostic { severity: Severity::Warning, structure: STRUCTURE, offset: at, message });
    }
    Ok(allocated)
}

fn error(structure: &'static str, offset: u64, message: String) -> Diagnostic {
    Diagnostic { severity: Severity::Error, structure, offset, message }
}

/// A file whose allocation descriptors are being followed.
struct Walk<'a, 'v> {
    view: View<'v>,
    form: Form,
    reference: u16,
    /// Bytes that the file should have.
    wanted: u64,
    pieces: &'a mut Pieces,
    notes: &'a mut Vec<Diagnostic>,
    allocated: Allocated,
}

impl Walk<'_, '_> {
    /// Takes in the descriptors in `bytes`, which stand at the absolute byte `offset`; gives the extent where they go on.
    fn take(&mut self, bytes: &[u8], offset: u64) -> Option<Descriptor> {
        let len = self.form.descriptor_len().unwrap_or(usize::MAX);
        for (number, chunk) in bytes.chunks(len).enumerate() {
            // Behind the last descriptor that is needed there may be anything, such as space set aside.
            if self.pieces.length() >= self.wanted {
                return None;
            }
            let at = offset.saturating_add((number as u64).saturating_mul(len as u64));
            let Some(descriptor) = Descriptor::parse(chunk, self.form, self.reference) else {
                self.notes.push(error(STRUCTURE, at, "The last allocation descriptor is cut off".to_owned()));
                return None;
            };
            // A length of 0 ends the list (ECMA-167 4/12).
            if descriptor.length.bytes() == 0 {
                return None;
            }
            if descriptor.packed {
                self.allocated.unsupported = Some("The file is packed in a way that Isoscope does not read".to_owned());
            }
            if descriptor.length.kind() == ExtentType::Next {
                return Some(descriptor);
            }
            if !self.add(&descriptor, at) {
                return None;
            }
        }
        None
    }

    /// Adds the bytes that one descriptor stands for; false when nothing more is to be read.
    fn add(&mut self, descriptor: &Descriptor, offset: u64) -> bool {
        let length = u64::from(descriptor.information).min(self.wanted.saturating_sub(self.pieces.length()));
        let before = self.pieces.length();
        let added = match descriptor.length.kind() {
            ExtentType::Recorded => self.view.extents(descriptor.location, length, self.pieces),
            _ if self.pieces.push(Extent::hole(length)) => Ok(()),
            _ => Err(Unmapped::TooMany),
        };
        let Err(why) = added else { return true };
        self.notes.push(error(STRUCTURE, offset, why.to_string()));
        if why == Unmapped::TooMany {
            self.allocated.unsupported = Some(why.to_string());
            return false;
        }
        // What comes after the part that is nowhere keeps its place in the file.
        let found = self.pieces.length().saturating_sub(before);
        self.pieces.push(Extent::nowhere(length.saturating_sub(found)))
    }

    /// Reads the chain of allocation extents that starts with `next`, which the descriptor at `offset` gave.
    fn follow(&mut self, mut next: Descriptor, mut offset: u64) -> Result<()> {
        let mut visited = std::collections::HashSet::new();
        loop {
            if !visited.insert(next.location) {
                let message = format!("The chain of allocation descriptors comes back to {}", next.location);
                self.notes.push(error(EXTENT_STRUCTURE, offset, message));
                return Ok(());
            }
            if visited.len() > limits::UDF_ALLOCATION_CHAIN || !self.pieces.spend(1) {
                let message = format!(
                    "The file has more than the {} allocation extents that Isoscope follows",
                    limits::UDF_ALLOCATION_CHAIN
                );
                self.notes.push(error(EXTENT_STRUCTURE, offset, message));
                return Ok(());
            }
            let (bytes, place) = match read_extent(self.view, &next, offset, self.notes) {
                Ok(read) => read,
                Err(trouble) if trouble.is_cancelled() => return Err(trouble),
                Err(trouble) => {
                    self.notes.push(error(EXTENT_STRUCTURE, trouble.offset().unwrap_or(offset), trouble.sentence()));
                    return Ok(());
                }
            };
            offset = place;
            self.allocated.chained.push(Extent::new(place, self.view.block_size()));
            let fields = Fields::new(&bytes, place, EXTENT_STRUCTURE);
            let room = bytes.get(EXTENT_HEADER..).unwrap_or_default();
            let length = usize::try_from(fields.le32(20)?).unwrap_or(usize::MAX);
            let descriptors = room.get(..length).unwrap_or_else(|| {
                let message = "The allocation descriptors are longer than the extent that holds them".to_owned();
                self.notes.push(error(EXTENT_STRUCTURE, place, message));
                room
            });
            match self.take(descriptors, place.saturating_add(EXTENT_HEADER as u64)) {
                Some(further) => next = further,
                None => return Ok(()),
            }
        }
    }
}

/// The bytes of an allocation extent descriptor and its absolute offset; those of the mirror where the main copy of a
/// metadata partition is damaged.
fn read_extent(view: View<'_>, next: &Descriptor, offset: u64, notes: &mut Vec<Diagnostic>) -> Result<(Vec<u8>, u64)> {
    let mut read = |view: View<'_>| {
        let place =
            view.block(next.location).map_err(|why| Error::damaged(EXTENT_STRUCTURE, offset, why.to_string()))?;
        // The extent is one block long (OSTA UDF 2.60 §2.3.11); where it says more, it is believed within reason.
        let length = u64::from(next.length.bytes()).clamp(view.block_size(), limits::UDF_SEQUENCE.into());
        let bytes = read_up_to(view.source.as_ref(), Extent::new(place, length))?;
        match Tag::of(&bytes, id::ALLOCATION_EXTENT) {
            Some((_, check)) => {
                notes.extend(check.warning(EXTENT_STRUCTURE, place));
                Ok((bytes, place))
            }
            None => {
                let message = "There are no allocation descriptors here, so that the rest of the file is missing";
                Err(Error::damaged(EXTENT_STRUCTURE, place, message))
            }
        }
    };
    match read(view) {
        Err(error) if !error.is_cancelled() && view.has_mirror(next.location.reference) => {
            read(view.mirrored()).map_err(|other| if other.is_cancelled() { other } else { error })
        }
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(numbers: &[u32]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    #[test]
    fn short_long_and_extended_descriptors_are_told_apart() {
        let short = Descriptor::parse(&numbers(&[2048, 77]), Form::Short, 3).unwrap();
        assert_eq!((short.information, short.location), (2048, LogicalBlock { block: 77, reference: 3 }));
        let long = Descriptor::parse(&numbers(&[0x8000_0010, 5, 2, 0]), Form::Long, 3).unwrap();
        assert_eq!((long.length.kind(), long.location), (ExtentType::Hole, LogicalBlock { block: 5, reference: 2 }));
        let extended = Descriptor::parse(&numbers(&[4096, 4000, 4000, 9, 1]), Form::Extended, 3).unwrap();
        assert_eq!(extended.location, LogicalBlock { block: 9, reference: 1 });
        assert!(!extended.packed && extended.information == 4000);
        assert!(Descriptor::parse(&numbers(&[4096, 1000, 4000, 9, 1]), Form::Extended, 3).unwrap().packed);
    }

    #[test]
    fn descriptors_that_are_cut_off_are_none() {
        assert_eq!(Descriptor::parse(&numbers(&[2048]), Form::Short, 0), None);
        assert_eq!(Descriptor::parse(&numbers(&[2048, 1, 1]), Form::Long, 0), None);
        assert_eq!(Descriptor::parse(&numbers(&[2048, 1, 1, 1]), Form::Extended, 0), None);
        assert_eq!(Descriptor::parse(&numbers(&[2048, 1, 1, 1, 1]), Form::Inline, 0), None);
    }
}
