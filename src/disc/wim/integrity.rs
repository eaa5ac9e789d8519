//! The integrity table of a WIM archive: digests (SHA-1) of everything between the header and the end of the lookup table.

use super::header::HEADER_SIZE;
use super::{Header, Wim};
use crate::disc::bytes::Fields;
use crate::disc::{Error, Extent, Result, limits, text};

const TABLE: &str = "WIM integrity table";

/// Bytes of the table in front of the digests: its size, the number of digests, and the bytes of a chunk.
const FRONT: u64 = 12;

/// Bytes of a digest.
const DIGEST: u64 = 20;

/// Digests of an archive, chunk by chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegrityTable {
    /// Bytes of a chunk; the last one may be shorter. Never 0.
    pub chunk_size: u32,
    /// What is covered, in bytes of the archive. Neither the header, nor the XML document behind the lookup table, nor the
    /// table itself.
    pub covered: Extent,
    digests: Vec<[u8; 20]>,
}

impl IntegrityTable {
    /// Reads the table; `None` when the archive has none, which is usual for what Microsoft gives out.
    ///
    /// # Errors
    /// `Damaged` when its numbers do not fit one another or the archive, `Limit` beyond [`limits::WIM_INTEGRITY`].
    pub(super) fn read(wim: &Wim) -> Result<Option<Self>> {
        let Header { integrity, lookup_table, .. } = *wim.header();
        if integrity.is_absent() {
            return Ok(None);
        }
        let at = integrity.offset;
        if integrity.is_packed() {
            return Err(Error::unsupported(TABLE, at, "The integrity table is compressed"));
        }
        if integrity.size > limits::WIM_INTEGRITY {
            let what = format!("An integrity table of {}", text::size(integrity.size));
            return Err(Error::Limit { structure: TABLE, offset: at, what, limit: text::size(limits::WIM_INTEGRITY) });
        }
        let bytes = wim.read(integrity, TABLE)?;
        let fields = Fields::new(&bytes, at, TABLE);
        let (size, count, chunk_size) = (fields.le32(0)?, fields.le32(4)?, fields.le32(8)?);
        let damaged = |at: usize, message: String| Err(Error::damaged(TABLE, fields.offset_of(at), message));
        // A product of a 32-bit number and 20 fits.
        let expected = FRONT.saturating_add(u64::from(count).saturating_mul(DIGEST));
        if u64::from(size) != expected || integrity.size != expected {
            let message = format!(
                "The table says that it has {size} bytes, the header {}, and {count} digests take {expected}",
                integrity.size
            );
            return damaged(0, message);
        }
        let covered = lookup_table.end().and_then(|end| end.checked_sub(HEADER_SIZE));
        let Some(length) = covered.filter(|_| !lookup_table.is_absent()) else {
            return damaged(0, "The archive has no lookup table up to which the table could reach".to_owned());
        };
        if chunk_size == 0 {
            return damaged(8, "The table says that chunks have no bytes".to_owned());
        }
        let chunks = length.div_ceil(u64::from(chunk_size));
        if chunks != u64::from(count) {
            let message = format!("The table has {count} digests for {chunks} chunks of {chunk_size} bytes");
            return damaged(4, message);
        }
        let digests = fields.all().get(12..).unwrap_or_default().as_chunks::<20>().0.to_vec();
        Ok(Some(Self { chunk_size, covered: Extent::new(HEADER_SIZE, length), digests }))
    }

    /// The chunks in the order of the archive: which bytes of it, and their SHA-1.
    pub fn chunks(&self) -> impl Iterator<Item = (Extent, &[u8; 20])> {
        let size = u64::from(self.chunk_size);
        self.digests.iter().zip(0_u64..).map(move |(digest, number)| {
            let offset = self.covered.offset.saturating_add(number.saturating_mul(size));
            (Extent::new(offset, size.min(self.covered.end().saturating_sub(offset))), digest)
        })
    }

    /// Number of chunks.
    pub fn len(&self) -> usize {
        self.digests.len()
    }

    /// True when it covers nothing.
    pub fn is_empty(&self) -> bool {
        self.digests.is_empty()
    }
}
