//! What the checks of this part share: digests of whole files, and what to say of bytes that are not there.

use md5::{Digest as _, Md5};

use super::digest::Hasher;
use super::sums::counted;
use super::{Bad, Check, Outcome};
use crate::disc::read_buffer::ReadBuffer;
use crate::disc::tree::Entry;
use crate::disc::{Extent, Result, Source, text};

/// Bytes of a file read at once.
const PIECE: u64 = 256 << 10;

/// Gives the bytes of `source` to every one of `hashers`. `progress` is told of every piece.
pub(super) fn feed(
    source: &dyn Source,
    buffer: &mut ReadBuffer,
    hashers: &mut [Box<dyn Hasher>],
    progress: &mut dyn FnMut(u64),
) -> Result<()> {
    let mut offset = 0;
    while offset < source.len() {
        let length = PIECE.min(source.len().saturating_sub(offset));
        buffer.fill(source, "file data", Extent::new(offset, length))?;
        hashers.iter_mut().for_each(|hasher| hasher.update(buffer.bytes()));
        offset = offset.saturating_add(length);
        progress(length);
    }
    Ok(())
}

/// The MD5 of some bytes.
pub(super) fn md5_of(bytes: &[u8]) -> [u8; 16] {
    Md5::digest(bytes).into()
}

/// What could not be read of a run of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Missed {
    /// The first place.
    pub(super) first: Extent,
    /// Bytes in all.
    pub(super) total: u64,
}

impl Missed {
    /// Adds the `length` bytes at the absolute byte `at`.
    pub(super) fn add(missed: &mut Option<Self>, at: u64, length: u64) {
        if length == 0 {
            return;
        }
        let known = missed.get_or_insert(Self { first: Extent::new(at, 0), total: 0 });
        known.total = known.total.saturating_add(length);
        if known.first.end() == at {
            known.first.length = known.first.length.saturating_add(length);
        }
    }

    /// The end of a check that needs these bytes.
    pub(super) fn end(self, mut check: Check) -> Check {
        let bytes = counted(self.total, "byte");
        let why = format!("{bytes} cannot be read, from byte {} on, so this cannot be checked", self.first.offset);
        check.add_bad(Bad { path: None, extent: Some(self.first), why: "It cannot be read".to_owned() });
        check.ended(Outcome::Error, why)
    }
}

/// The end of a check of whose bytes those at `missing` lie behind the end of the image.
pub(super) fn cut_off(mut check: Check, missing: Extent) -> Check {
    let why = format!("The image ends at byte {}, {} too early", missing.offset, text::size(missing.length));
    check.add_bad(Bad { path: None, extent: Some(missing), why: "It is missing".to_owned() });
    check.ended(Outcome::Fail, why)
}

/// The piece of the image where a file's data begins, for people to look at.
pub(super) fn place(entry: &Entry) -> Option<Extent> {
    entry.content.extents().iter().copied().find(|extent| extent.is_somewhere() && extent.length > 0)
}
