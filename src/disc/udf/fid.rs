//! File identifier descriptors (ECMA-167 4/14.4): the entries of a directory.

use std::ops::ControlFlow;

use crate::disc::bytes::Fields;
use crate::disc::{Diagnostics, Extent, Result};

use super::partition::View;
use super::primitive::LongAd;
use super::reading::read_tolerantly;
use super::tag::{Check, Tag, id};

/// The structure in complaints.
pub(super) const STRUCTURE: &str = "file identifier descriptor";

/// Bytes of a descriptor before its implementation use and its name.
const FIXED: usize = 38;

/// Bytes of the longest descriptor that the fields can express.
const LONGEST: usize = FIXED + 65_535 + 255 + 3;

/// Bytes of a directory read at once.
const CHUNK: usize = 256 << 10;

/// File characteristics (ECMA-167 4/14.4.3).
pub(super) mod characteristic {
    pub(in crate::disc::udf) const HIDDEN: u8 = 0x01;
    pub(in crate::disc::udf) const DIRECTORY: u8 = 0x02;
    pub(in crate::disc::udf) const DELETED: u8 = 0x04;
    pub(in crate::disc::udf) const PARENT: u8 = 0x08;
    pub(in crate::disc::udf) const METADATA: u8 = 0x10;
}

/// One file identifier descriptor.
#[derive(Debug, Clone, Copy)]
pub(super) struct FileIdentifier<'a> {
    /// Its tag.
    pub(super) tag: Tag,
    /// What checking the tag found.
    pub(super) check: Check,
    /// File version number, always 1 in UDF.
    pub(super) version: u16,
    /// See [`characteristic`].
    pub(super) characteristics: u8,
    /// Where the file's ICB is.
    pub(super) icb: LongAd,
    /// UDF unique ID, from the implementation use of the ICB's address (OSTA UDF 2.60 §2.3.4.3).
    pub(super) unique_id: u32,
    /// Implementation use.
    pub(super) implementation_use: &'a [u8],
    /// File identifier in OSTA compressed Unicode.
    pub(super) name: &'a [u8],
    /// Bytes of the descriptor with its padding.
    pub(super) len: usize,
}

impl<'a> FileIdentifier<'a> {
    /// The descriptor at the start of `bytes`, whatever its checksum and CRC; `None` when there is none. One whose lengths
    /// reach beyond `bytes` ends with them, and its CRC counts as wrong.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let tag = Tag::parse(bytes).filter(|tag| tag.id == id::FILE_IDENTIFIER)?;
        let fixed: &[u8; FIXED] = bytes.first_chunk()?;
        let [.., use_low, use_high] = *fixed;
        let use_len = usize::from(u16::from_le_bytes([use_low, use_high]));
        let fields = Fields::new(fixed, 0, STRUCTURE);
        let name_len = usize::from(fields.u8(19).ok()?);
        let end = FIXED + use_len + name_len;
        let variable = bytes.get(FIXED..end.min(bytes.len()))?;
        let (implementation_use, name) = variable.split_at_checked(use_len).unwrap_or((variable, &[]));
        // The padding may be missing at the very end of the directory.
        let len = end.next_multiple_of(4).min(bytes.len());
        let check = tag.check(bytes.get(..len)?);
        Some(Self {
            tag,
            check: Check { crc: check.crc && end <= bytes.len(), ..check },
            version: fields.le16(16).ok()?,
            characteristics: fields.u8(18).ok()?,
            icb: LongAd::read(&fields, 20).ok()?,
            unique_id: fields.le32(32).ok()?,
            implementation_use,
            name,
            len,
        })
    }

    /// True when all of these [`characteristic`]s are set.
    pub(super) fn is(&self, characteristics: u8) -> bool {
        self.characteristics & characteristics == characteristics
    }

    /// The same descriptor with nothing of the bytes from `end` on, which belong to the next one.
    fn cut(mut self, end: usize) -> Self {
        let name_start = FIXED.saturating_add(self.implementation_use.len());
        let name = end.checked_sub(name_start).and_then(|len| self.name.get(..len)).unwrap_or_default();
        let is_padded = name.first() == Some(&8);
        // The padding behind the name cannot be told from it, except that no name of 8 bits ends with zeros.
        let used = name.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
        self.name = if is_padded { name.get(..used).unwrap_or(name) } else { name };
        self.len = end;
        self
    }
}

/// What reading a directory found besides its entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Damage {
    /// Places where there is no descriptor, and descriptors that are wrong.
    pub(super) count: usize,
}

/// Calls `visit` with each descriptor of a directory whose bytes lie in `pieces`, and with its absolute byte offset. A
/// damaged one hides none of the others: they are looked for behind it.
pub(super) fn for_each(
    view: View<'_>,
    pieces: &[Extent],
    diagnostics: &mut Diagnostics,
    visit: &mut dyn FnMut(&FileIdentifier<'_>, u64) -> ControlFlow<()>,
) -> Result<Damage> {
    let length = pieces.iter().fold(0_u64, |sum, piece| sum.saturating_add(piece.length));
    let mut reader = Reader::new(view, pieces);
    let mut search = Search { left: length.saturating_mul(4).saturating_add(1 << 20) };
    let mut damage = Damage::default();
    let mut skipped: Option<Skipped> = None;
    loop {
        reader.fill(diagnostics)?;
        let rest = reader.rest();
        if rest.is_empty() {
            break;
        }
        let place = reader.place();
        let found = FileIdentifier::parse(rest).and_then(|found| match found.check.sound() {
            true => Some(found),
            false => search.accept(rest, found),
        });
        let Some(found) = found else {
            let len = search.next(rest, reader.at_end());
            let zeros = rest.get(..len).unwrap_or(rest).iter().all(|byte| *byte == 0);
            let gap = skipped.get_or_insert(Skipped { place, length: 0, zeros: true });
            gap.length = gap.length.saturating_add(len as u64);
            gap.zeros &= zeros;
            reader.consume(len);
            continue;
        };
        if let Some(gap) = skipped.take() {
            damage.count = damage.count.saturating_add(1);
            gap.tell(diagnostics);
        }
        if !found.check.sound() {
            damage.count = damage.count.saturating_add(1);
        }
        let len = found.len;
        if visit(&found, place).is_break() {
            return Ok(damage);
        }
        reader.consume(len);
    }
    if let Some(gap) = skipped {
        // Zeros at the end are padding.
        damage.count = damage.count.saturating_add(usize::from(!gap.zeros));
        gap.tell(diagnostics);
    }
    Ok(damage)
}

/// Bytes of a directory that hold no descriptors.
#[derive(Debug, Clone, Copy)]
struct Skipped {
    place: u64,
    length: u64,
    zeros: bool,
}

impl Skipped {
    fn tell(self, diagnostics: &mut Diagnostics) {
        let Self { place, length, zeros } = self;
        if zeros {
            let message = format!("There are {length} bytes of zeros among the entries of the folder");
            diagnostics.info(STRUCTURE, place, message);
        } else {
            let message = format!(
                "There should be an entry of the folder here; {length} bytes up to the next one are passed over"
            );
            diagnostics.error(STRUCTURE, place, message);
        }
    }
}

/// The search for descriptors behind damage.
struct Search {
    /// Bytes whose CRC may still be computed, so that no image can keep it busy.
    left: u64,
}

impl Search {
    /// True when a sound descriptor starts `bytes`.
    fn is_sound(&mut self, bytes: &[u8]) -> bool {
        let Some(tag) = Tag::parse(bytes).filter(|tag| tag.id == id::FILE_IDENTIFIER && tag.checksum_ok()) else {
            return false;
        };
        let cost = u64::from(tag.crc_len).saturating_add(16);
        let Some(left) = self.left.checked_sub(cost) else { return false };
        self.left = left;
        FileIdentifier::parse(bytes).is_some_and(|found| found.check.sound())
    }

    /// The descriptor `found` at the start of `rest`, whose checksum or CRC is wrong, if it makes sense nonetheless; cut
    /// where the next one begins, as its lengths may be what is wrong.
    fn accept<'a>(&mut self, rest: &'a [u8], found: FileIdentifier<'a>) -> Option<FileIdentifier<'a>> {
        let mut inside = (FIXED.next_multiple_of(4)..found.len).step_by(4);
        if !found.check.crc
            && let Some(end) = inside.find(|at| rest.get(*at..).is_some_and(|bytes| self.is_sound(bytes)))
        {
            return Some(found.cut(end));
        }
        let behind = rest.get(found.len..).unwrap_or_default();
        let fits = behind.is_empty() || self.is_sound(behind);
        (found.check.likely() || fits).then_some(found)
    }

    /// Bytes from the start of `rest`, where there is no descriptor, to the next one, or as far as can be told.
    fn next(&mut self, rest: &[u8], at_end: bool) -> usize {
        let found = (4..rest.len()).step_by(4).find(|at| {
            let bytes = rest.get(*at..).unwrap_or_default();
            // One whose checksum alone is wrong is found too.
            bytes.starts_with(&[1, 1]) && (self.is_sound(bytes) || self.has_crc(bytes))
        });
        let unread = if at_end { rest.len() } else { rest.len().saturating_sub(LONGEST).max(4) & !3 };
        found.unwrap_or(unread)
    }

    fn has_crc(&mut self, bytes: &[u8]) -> bool {
        let Some(tag) = Tag::parse(bytes).filter(|tag| tag.crc_len >= 22 && tag.crc != 0) else { return false };
        let Some(left) = self.left.checked_sub(u64::from(tag.crc_len)) else { return false };
        self.left = left;
        FileIdentifier::parse(bytes).is_some_and(|found| found.check.crc)
    }
}

/// The bytes of a directory in their order, some at a time.
struct Reader<'v> {
    view: View<'v>,
    /// What is still to be read.
    pieces: std::slice::Iter<'v, Extent>,
    piece: Extent,
    buffer: Vec<u8>,
    /// Bytes of the buffer that were consumed.
    consumed: usize,
    /// Where the bytes of the buffer lie: the place in the buffer from which on, and the absolute byte offset there.
    segments: Vec<(usize, u64)>,
}

impl<'v> Reader<'v> {
    fn new(view: View<'v>, pieces: &'v [Extent]) -> Self {
        Self {
            view,
            pieces: pieces.iter(),
            piece: Extent::default(),
            buffer: Vec::new(),
            consumed: 0,
            segments: Vec::new(),
        }
    }

    /// The bytes that are not consumed yet: at least [`LONGEST`], unless the end is near.
    fn rest(&self) -> &[u8] {
        self.buffer.get(self.consumed..).unwrap_or_default()
    }

    /// Absolute byte offset of the first byte of [`rest`](Self::rest).
    fn place(&self) -> u64 {
        let after = self.segments.partition_point(|(start, _)| *start <= self.consumed);
        let segment = after.checked_sub(1).and_then(|at| self.segments.get(at));
        segment.map_or(0, |(start, offset)| offset.saturating_add(self.consumed.saturating_sub(*start) as u64))
    }

    /// True when nothing follows what is in the buffer.
    fn at_end(&self) -> bool {
        self.piece.length == 0 && self.pieces.as_slice().is_empty()
    }

    fn consume(&mut self, len: usize) {
        self.consumed = self.consumed.saturating_add(len).min(self.buffer.len());
    }

    /// Reads on when less than the longest descriptor is left.
    fn fill(&mut self, diagnostics: &mut Diagnostics) -> Result<()> {
        if self.rest().len() >= LONGEST || self.at_end() {
            return Ok(());
        }
        let gone = self.consumed;
        self.buffer.drain(..gone);
        self.consumed = 0;
        let current = self.segments.partition_point(|(start, _)| *start <= gone).saturating_sub(1);
        self.segments.drain(..current);
        for (start, offset) in &mut self.segments {
            *offset = offset.saturating_add(gone.saturating_sub(*start) as u64);
            *start = start.saturating_sub(gone);
        }
        while self.buffer.len() < CHUNK {
            if self.piece.length == 0 {
                let Some(piece) = self.pieces.next() else { break };
                self.piece = *piece;
                continue;
            }
            self.read_piece(diagnostics)?;
        }
        Ok(())
    }

    /// Reads some of the current piece.
    fn read_piece(&mut self, diagnostics: &mut Diagnostics) -> Result<()> {
        let source = self.view.source.as_ref();
        // There are no descriptors in holes and outside of the image.
        if !self.piece.is_somewhere() {
            self.piece.length = 0;
            return Ok(());
        }
        let inside = self.piece.inside(source.len());
        if inside < self.piece.length {
            let missing = self.piece.length - inside;
            let message =
                format!("The image ends inside of this folder: {missing} bytes of its list of files are missing");
            diagnostics.error("directory", self.piece.offset, message);
            self.piece.length = inside & !3;
        }
        let room = CHUNK.saturating_sub(self.buffer.len()) as u64;
        let length = self.piece.length.min(room.max(4) & !3);
        let part = Extent::new(self.piece.offset, length);
        let start = self.buffer.len();
        self.segments.push((start, part.offset));
        let end = start.saturating_add(usize::try_from(length).unwrap_or(0));
        self.buffer.resize(end, 0);
        let target = self.buffer.get_mut(start..).unwrap_or_default();
        read_tolerantly(source, part.offset, target, self.view.block_size(), STRUCTURE, diagnostics)?;
        self.piece = Extent::new(part.end(), self.piece.length.saturating_sub(length));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::disc::Source;
    use crate::disc::source::MemorySource;
    use crate::disc::udf::partition::Space;
    use crate::disc::udf::tag::crc16;

    fn descriptor(name: &str) -> Vec<u8> {
        let mut bytes = vec![0; FIXED];
        bytes[0..4].copy_from_slice(&[1, 1, 3, 0]);
        bytes[16] = 1;
        bytes[19] = u8::try_from(name.len() + 1).unwrap();
        bytes.push(8);
        bytes.extend_from_slice(name.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        seal(&mut bytes);
        bytes
    }

    fn seal(bytes: &mut [u8]) {
        let crc = crc16(&bytes[16..]);
        bytes[8..10].copy_from_slice(&crc.to_le_bytes());
        let len = u16::try_from(bytes.len() - 16).unwrap();
        bytes[10..12].copy_from_slice(&len.to_le_bytes());
        bytes[4] = 0;
        bytes[4] = bytes[..16].iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    }

    fn names(bytes: &[u8]) -> (Vec<String>, Diagnostics) {
        let source: Arc<dyn Source> = Arc::new(MemorySource::new(bytes.to_vec()));
        let space = Space { block_size: 512, maps: Vec::new() };
        let (mut names, mut diagnostics) = (Vec::new(), Diagnostics::default());
        let pieces = [Extent::new(0, bytes.len() as u64)];
        for_each(View::new(&source, &space), &pieces, &mut diagnostics, &mut |found, place| {
            let name = crate::disc::udf::names::dchars(found.name).text.into_owned();
            names.push(format!("{name}@{place}"));
            ControlFlow::Continue(())
        })
        .unwrap();
        (names, diagnostics)
    }

    #[test]
    fn descriptors_follow_one_another() {
        let bytes = [descriptor("a"), descriptor("second name"), descriptor("c")].concat();
        assert_eq!(names(&bytes).0, ["a@0", "second name@40", "c@92"]);
        assert!(names(&bytes).1.is_empty());
    }

    #[test]
    fn damage_to_one_hides_none_of_the_others() {
        let good = [descriptor("a"), descriptor("second name"), descriptor("c"), descriptor("d")].concat();
        for at in 40..92 {
            for flip in [0x01, 0x80, 0xff] {
                let mut bytes = good.clone();
                bytes[at] ^= flip;
                let (found, _) = names(&bytes);
                for name in ["a@0", "c@92", "d@132"] {
                    assert!(found.iter().any(|found| found == name), "byte {at} with {flip:02x}: {found:?}");
                }
            }
        }
        let mut bytes = good.clone();
        bytes[40..92].fill(0xee);
        let (found, diagnostics) = names(&bytes);
        assert_eq!(found, ["a@0", "c@92", "d@132"]);
        assert_eq!(diagnostics.items().len(), 1);
        assert_eq!(diagnostics.items()[0].offset, 40);
    }

    #[test]
    fn a_name_does_not_swallow_what_follows_it() {
        let mut bytes = [descriptor("a"), descriptor("second name"), descriptor("c")].concat();
        bytes[40 + 19] = 80;
        let (found, _) = names(&bytes);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[1].starts_with("second name@") && found[2] == "c@92", "{found:?}");
    }

    #[test]
    fn zeros_at_the_end_are_padding() {
        let bytes = [descriptor("a"), vec![0; 100]].concat();
        let (found, diagnostics) = names(&bytes);
        assert_eq!(found, ["a@0"]);
        assert_eq!(diagnostics.worst(), Some(crate::disc::Severity::Info));
    }

    #[test]
    fn many_descriptors_are_read_across_chunks() {
        let bytes: Vec<u8> = (0..20_000).flat_map(|number| descriptor(&format!("name {number}"))).collect();
        let (found, diagnostics) = names(&bytes);
        assert_eq!(found.len(), 20_000);
        assert!(found[19_999].starts_with("name 19999@") && diagnostics.is_empty());
    }
}
