//! The System Use Sharing Protocol (IEEE P1281, SUSP 1.12): tagged entries in the system use area of a directory
//! record, continued elsewhere when they do not fit.

use crate::disc::bytes::Fields;
use crate::disc::sector::Blocks;
use crate::disc::source::read_up_to;
use crate::disc::{Diagnostic, Extent, Lba, Result, Severity, Source, limits};

/// One entry: `signature[2] length version payload…` (SUSP §4).
#[derive(Debug, Clone, Copy)]
pub struct SystemUseEntry<'a> {
    /// Absolute byte offset of the entry.
    pub offset: u64,
    /// The two letters that say what it is.
    pub signature: [u8; 2],
    /// Version of the entry's layout.
    pub version: u8,
    /// All bytes of the entry, from its signature on.
    pub bytes: &'a [u8],
}

impl<'a> SystemUseEntry<'a> {
    /// The entry's bytes as fields, counted from its signature as the standards count them (from 0).
    pub fn fields(&self) -> Fields<'a> {
        Fields::new(self.bytes, self.offset, "system use entry")
    }

    /// The signature for people.
    pub fn name(&self) -> String {
        self.signature
            .iter()
            .map(|byte| char::from(*byte))
            .map(|c| if c.is_ascii_graphic() { c } else { '?' })
            .collect()
    }
}

/// Where `CE` says that the entries go on (SUSP §5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Continuation {
    extent: Extent,
    /// The `CE` entry itself.
    offset: u64,
}

/// Reads continuation areas. Neighbouring records have neighbouring areas, so the last piece of the image is kept.
#[derive(Debug, Default)]
pub struct AreaReader {
    window: Vec<u8>,
    window_offset: u64,
    area: Vec<u8>,
    /// Where the areas lie that were read; those that follow one another are joined.
    read: Vec<Extent>,
}

/// Bytes read at once round a continuation area.
const WINDOW: u64 = 32 << 10;

impl AreaReader {
    /// Where the areas lie that were read.
    pub fn into_extents(self) -> Vec<Extent> {
        self.read
    }

    /// The bytes of an area; fewer than asked for when the image ends before.
    pub(super) fn read(&mut self, source: &dyn Source, extent: Extent) -> Result<&[u8]> {
        match self.read.last_mut() {
            Some(last) if last.end() == extent.offset => last.length = last.length.saturating_add(extent.length),
            _ => self.read.push(extent),
        }
        let start = extent.offset & !(2048 - 1);
        let inside = extent.offset >= self.window_offset
            && extent.end() <= self.window_offset.saturating_add(self.window.len() as u64);
        if !inside {
            let length = WINDOW.max(extent.end().saturating_sub(start));
            self.window = read_up_to(source, Extent::new(start, length))?;
            self.window_offset = start;
        }
        let at = usize::try_from(extent.offset.saturating_sub(self.window_offset)).unwrap_or(usize::MAX);
        let rest = self.window.get(at..).unwrap_or_default();
        let len = usize::try_from(extent.length).unwrap_or(usize::MAX).min(rest.len());
        Ok(rest.get(..len).unwrap_or_default())
    }
}

/// Where complaints go.
pub type Notes<'a> = &'a mut dyn FnMut(Diagnostic);

/// What is called for every entry.
pub type Visitor<'a> = dyn FnMut(&SystemUseEntry<'_>, Notes<'_>) + 'a;

/// Calls `visit` for every entry of a system use area and its continuations. What is wrong goes to `notes`; entries
/// that stand before the trouble are kept.
pub fn for_each_entry(
    source: &dyn Source,
    blocks: Blocks,
    areas: &mut AreaReader,
    (system_use, offset): (&[u8], u64),
    notes: Notes<'_>,
    visit: &mut Visitor<'_>,
) {
    let mut continuation = scan(system_use, offset, blocks, notes, visit);
    if continuation.is_none() {
        return;
    }
    let mut visited: Vec<Extent> = Vec::new();
    let mut total = 0_u64;
    // The buffer leaves the reader while an area is scanned, as the next area is read into the reader's window.
    let mut area = std::mem::take(&mut areas.area);
    while let Some(Continuation { extent, offset }) = continuation.take() {
        let mut complain = |message: String| {
            notes(Diagnostic { severity: Severity::Warning, structure: "CE entry", offset, message });
        };
        if visited.contains(&extent) {
            complain("The continuation areas of this entry form a loop".to_owned());
            break;
        }
        visited.push(extent);
        total = total.saturating_add(extent.length);
        if visited.len() > limits::CONTINUATION_AREAS || total > limits::CONTINUATION_BYTES as u64 {
            complain(format!(
                "This entry has more than the {} continuation areas or {} KiB that Isoscope reads",
                limits::CONTINUATION_AREAS,
                limits::CONTINUATION_BYTES >> 10
            ));
            break;
        }
        area.clear();
        match areas.read(source, extent) {
            Ok(bytes) => area.extend_from_slice(bytes),
            Err(error) => {
                complain(format!("The continuation area at byte {} cannot be read: {error}", extent.offset));
                break;
            }
        }
        if (area.len() as u64) < extent.length {
            complain(format!("The continuation area at byte {} lies behind the end of the image", extent.offset));
        }
        continuation = scan(&area, extent.offset, blocks, notes, visit);
    }
    areas.area = area;
}

/// Visits the entries of one area and says where they go on.
fn scan(
    mut rest: &[u8],
    mut offset: u64,
    blocks: Blocks,
    notes: Notes<'_>,
    visit: &mut Visitor<'_>,
) -> Option<Continuation> {
    let mut continuation = None;
    // Up to three bytes are left over as padding (SUSP §4).
    while let Some(&[first, second, length, version]) = rest.first_chunk::<4>() {
        if first == 0 && second == 0 {
            break;
        }
        let Some(bytes) = rest.get(..usize::from(length)).filter(|bytes| bytes.len() >= 4) else {
            notes(Diagnostic {
                severity: Severity::Warning,
                structure: "system use entry",
                offset,
                message: format!("A system use entry has the impossible length {length}; what follows it is not read"),
            });
            break;
        };
        let entry = SystemUseEntry { offset, signature: [first, second], version, bytes };
        match &entry.signature {
            b"ST" => break,
            b"CE" => match continuation_of(&entry, blocks) {
                Some(next) => continuation = Some(next),
                None => notes(Diagnostic {
                    severity: Severity::Warning,
                    structure: "CE entry",
                    offset,
                    message: "A continuation entry is too short".to_owned(),
                }),
            },
            _ => {}
        }
        visit(&entry, notes);
        rest = rest.get(usize::from(length)..).unwrap_or_default();
        offset = offset.saturating_add(u64::from(length));
    }
    continuation
}

/// SUSP §5.1: block, offset in the block, and length, each in both byte orders.
fn continuation_of(entry: &SystemUseEntry<'_>, blocks: Blocks) -> Option<Continuation> {
    let fields = entry.fields();
    let (block, at, length) = (fields.both32(4).ok()?, fields.both32(12).ok()?, fields.both32(20).ok()?);
    let offset = blocks.offset(Lba(block.little)).saturating_add(u64::from(at.little));
    Some(Continuation { extent: Extent::new(offset, u64::from(length.little)), offset: entry.offset })
}

/// Bytes to skip at the start of every system use area, as told by the `SP` entry of the root's own record
/// (SUSP §5.3), which CD-ROM XA moves behind its 14 bytes. `None` when there is no `SP`.
pub fn skip_of_root(system_use: &[u8]) -> Option<usize> {
    [0, 14].into_iter().find_map(|at| match system_use.get(at..)?.first_chunk::<7>()? {
        [b'S', b'P', 7..=255, _, 0xbe, 0xef, skip] => Some(usize::from(*skip)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::source::MemorySource;

    fn continuation(block: u32, at: u32, len: u32) -> Vec<u8> {
        let mut entry = b"CE\x1c\x01".to_vec();
        for number in [block, at, len] {
            entry.extend(number.to_le_bytes());
            entry.extend(number.to_be_bytes());
        }
        entry
    }

    /// The signatures that are visited, and the messages.
    fn visit(image: &[u8], area: &[u8]) -> (Vec<String>, Vec<String>) {
        let (mut seen, mut messages) = (Vec::new(), Vec::new());
        for_each_entry(
            &MemorySource::new(image),
            Blocks { base: 0, size: 2048 },
            &mut AreaReader::default(),
            (area, 50_000),
            &mut |note| messages.push(note.message),
            &mut |entry, _| seen.push(entry.name()),
        );
        (seen, messages)
    }

    #[test]
    fn entries_go_on_in_the_continuation_area() {
        let mut image = vec![0; 4096];
        image[2148..2153].copy_from_slice(b"NM\x05\x01\0");
        let mut area = continuation(1, 100, 5);
        area.extend(b"RE\x04\x01");
        assert_eq!(visit(&image, &area), (vec!["CE".into(), "RE".into(), "NM".into()], vec![]));
    }

    #[test]
    fn a_loop_of_areas_ends_and_is_told() {
        let mut image = vec![0; 4096];
        image[2048..2076].copy_from_slice(&continuation(1, 0, 28));
        let (seen, messages) = visit(&image, &continuation(1, 0, 28));
        assert_eq!(seen.len(), 2);
        assert_eq!(messages, ["The continuation areas of this entry form a loop"]);
    }

    #[test]
    fn impossible_lengths_keep_what_stands_before() {
        for length in [0, 3, 255] {
            let (seen, messages) = visit(&[], &[b'R', b'E', 4, 1, b'N', b'M', length, 1, 0, 0]);
            assert_eq!(seen, ["RE"]);
            assert!(messages[0].contains(&format!("impossible length {length}")));
        }
    }

    #[test]
    fn an_area_behind_the_end_is_told() {
        let (_, messages) = visit(&[0; 2048], &continuation(4_000_000_000, 0, 100));
        assert!(messages[0].contains("behind the end of the image"));
    }

    #[test]
    fn the_skip_is_found_behind_the_xa_bytes() {
        assert_eq!(skip_of_root(b"SP\x07\x01\xbe\xef\x0e"), Some(14));
        assert_eq!(skip_of_root(&[&[0; 14][..], b"SP\x07\x01\xbe\xef\x0e"].concat()), Some(14));
        assert_eq!(skip_of_root(b"SP\x07\x01\xbe\xee\x00"), None);
    }
}
