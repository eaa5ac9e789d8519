//! Metadata partitions (OSTA UDF 2.60 §2.2.10, §2.2.13): their blocks are those of a file, the metadata file.

use crate::disc::Extent;

use super::super::pieces::Pieces;

/// Where the bytes of a metadata file lie.
#[derive(Debug, Clone)]
pub(in crate::disc::udf) struct BlockMap {
    /// Each piece with its first byte in the file.
    pieces: Vec<(u64, Extent)>,
    /// Absolute byte offset of the metadata file's file entry.
    pub(in crate::disc::udf) entry: u64,
    /// False when something is wrong with that entry.
    pub(in crate::disc::udf) is_sound: bool,
}

impl BlockMap {
    /// The map of a metadata file in these pieces, whose file entry lies at the absolute byte `entry` and `is_sound`.
    pub(in crate::disc::udf) fn new(pieces: &[Extent], entry: u64, is_sound: bool) -> Self {
        let mut at = 0_u64;
        let place = |piece: &Extent| {
            let start = at;
            at = at.saturating_add(piece.length);
            (start, *piece)
        };
        Self { pieces: pieces.iter().map(place).collect(), entry, is_sound }
    }

    /// The pieces in the order of the file.
    pub(in crate::disc::udf) fn pieces(&self) -> impl Iterator<Item = Extent> {
        self.pieces.iter().map(|(_, piece)| *piece)
    }

    /// The byte of the file that lies at the absolute byte `offset`.
    pub(super) fn byte_at(&self, offset: u64) -> Option<u64> {
        self.pieces.iter().find_map(|(start, piece)| {
            let inside = offset.checked_sub(piece.offset).filter(|inside| *inside < piece.length)?;
            piece.is_somewhere().then(|| start.saturating_add(inside))
        })
    }

    /// Appends the pieces of `length` bytes from the byte `at` of the file on; `Ok(false)` when there are too many.
    pub(super) fn extents(&self, mut at: u64, length: u64, pieces: &mut Pieces) -> Result<bool, String> {
        let end = at.saturating_add(length);
        while at < end {
            let after = self.pieces.partition_point(|(start, _)| *start <= at);
            let piece = after.checked_sub(1).and_then(|index| self.pieces.get(index));
            let found = piece.and_then(|(start, piece)| {
                let inside = at.checked_sub(*start)?;
                let here = piece.length.checked_sub(inside).filter(|left| *left > 0)?.min(end - at);
                piece.is_somewhere().then(|| Extent::new(piece.offset.saturating_add(inside), here))
            });
            let Some(found) = found else {
                return Err(format!("Byte {at} of the metadata file is not recorded"));
            };
            if !pieces.push(found) {
                return Ok(false);
            }
            at = at.saturating_add(found.length);
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_across_the_pieces_of_the_file() {
        let map = BlockMap::new(&[Extent::new(5000, 1024), Extent::hole(512), Extent::new(100, 2048)], 0, true);
        let mut pieces = Pieces::new(10);
        assert_eq!(map.extents(512, 512, &mut pieces), Ok(true));
        assert_eq!(map.extents(1536, 100, &mut pieces), Ok(true));
        assert_eq!(pieces.list(), [Extent::new(5512, 512), Extent::new(100, 100)]);
        assert!(map.extents(1024, 512, &mut pieces).is_err());
        assert!(map.extents(3584, 1, &mut pieces).is_err());
        assert!(map.extents(u64::MAX - 1, 512, &mut pieces).is_err());
    }
}
