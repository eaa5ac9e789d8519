//! Where bytes are drawn. Regions of a disc differ by millions in size: drawn to scale, all but the largest would vanish.

/// A monotone map from bytes to the width of a drawing, from 0 to 1, in which no piece is narrower than a minimum.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    pieces: Vec<Piece>,
    len: u64,
}

/// Bytes between two boundaries, drawn to scale.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Piece {
    start: u64,
    length: u64,
    left: f32,
    width: f32,
}

/// A number of bytes as a number to draw with: what is lost of its digits is far less than a pixel.
fn drawn(bytes: u64) -> f32 {
    bytes as f32
}

impl Axis {
    /// The axis of `len` bytes, in pieces that end at `boundaries`, in any order. Each piece gets the share `minimum` of
    /// the width, or the same share for all when there are too many; the rest is shared out by size, so that the larger of
    /// two pieces is never the narrower one.
    pub fn new(boundaries: impl IntoIterator<Item = u64>, len: u64, minimum: f32) -> Self {
        let mut places: Vec<u64> = boundaries.into_iter().filter(|place| *place < len).chain([0, len]).collect();
        places.sort_unstable();
        places.dedup();
        let count = drawn(u64::try_from(places.len().saturating_sub(1)).unwrap_or(u64::MAX)).max(1.0);
        let minimum = if minimum.is_finite() { minimum.clamp(0.0, 1.0 / count) } else { 0.0 };
        let rest = (1.0 - minimum * count).max(0.0);
        let mut left = 0.0_f32;
        let pieces = places.windows(2).filter_map(|pair| {
            let [start, end] = pair else { return None };
            let length = end.saturating_sub(*start);
            let width = minimum + rest * (drawn(length) / drawn(len));
            let piece = Piece { start: *start, length, left, width: width.min(1.0 - left) };
            left += piece.width;
            Some(piece)
        });
        Self { pieces: pieces.collect(), len }
    }

    /// Where the byte at `offset` begins, from 0 for the first byte to 1 for the end of the last and all that lies behind.
    pub fn at(&self, offset: u64) -> f32 {
        if offset >= self.len {
            return 1.0;
        }
        let behind = self.pieces.partition_point(|piece| piece.start <= offset);
        let piece = behind.checked_sub(1).and_then(|index| self.pieces.get(index));
        piece.map_or(0.0, |piece| {
            piece.left + piece.width * (drawn(offset.saturating_sub(piece.start)) / drawn(piece.length))
        })
    }

    /// The byte that is drawn at `at`: the last one that begins no further right. Beyond the ends, the first or the last.
    pub fn offset(&self, at: f32) -> u64 {
        // Between `low`, which begins no further right, and `high`, which does.
        let (mut low, mut high) = (0, self.len);
        while high.saturating_sub(low) > 1 {
            let middle = low.midpoint(high);
            if self.at(middle) <= at { low = middle } else { high = middle }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    /// The sector table of a hybrid, and a volume of 4 GiB.
    fn disc() -> Axis {
        Axis::new([440, 446, 510, 512, 1024, 32 << 10, 64 << 10, 3 * GIB], 4 * GIB, 0.02)
    }

    fn width(axis: &Axis, from: u64, to: u64) -> f32 {
        axis.at(to) - axis.at(from)
    }

    #[test]
    fn small_pieces_are_seen_and_large_ones_keep_their_order() {
        let axis = disc();
        assert_eq!((axis.at(0), axis.at(4 * GIB), axis.at(u64::MAX)), (0.0, 1.0, 1.0));
        let places = [0, 440, 446, 510, 512, 1024, 32 << 10, 64 << 10, 3 * GIB, 4 * GIB];
        let mut widths: Vec<(u64, f32)> =
            places.windows(2).map(|pair| (pair[1] - pair[0], width(&axis, pair[0], pair[1]))).collect();
        assert!(widths.iter().all(|(_, width)| *width >= 0.02 - 1e-6), "{widths:?}");
        widths.sort_by_key(|(length, _)| *length);
        assert!(widths.windows(2).all(|pair| pair[0].1 <= pair[1].1 + 1e-6), "{widths:?}");
        // 1 GiB and 3 GiB share what is left of the width.
        let [.., (_, small), (_, large)] = widths.as_slice() else { panic!("{widths:?}") };
        assert!((large - 0.02) / (small - 0.02) > 2.9, "{widths:?}");
    }

    #[test]
    fn it_never_goes_back() {
        let axis = disc();
        let mut last = 0.0;
        for step in 0..100_000 {
            let at = axis.at(step * (4 * GIB / 100_000));
            assert!(at >= last, "{step}");
            last = at;
        }
        for offset in 0..2000 {
            assert!(axis.at(offset) <= axis.at(offset + 1), "{offset}");
        }
    }

    #[test]
    fn what_is_drawn_leads_back_to_the_byte() {
        let axis = disc();
        for offset in [0, 1, 439, 440, 445, 446, 511, 512, 1023, 5000, 40_000] {
            assert_eq!(axis.offset(axis.at(offset)), offset);
        }
        // Thousands of bytes share a number between 0 and 1: the last of them is found.
        for offset in [64 << 10, GIB, GIB + 12_345, 3 * GIB, 4 * GIB - 1] {
            let found = axis.offset(axis.at(offset));
            assert!(found >= offset && found - offset < 4096, "{offset} {found}");
        }
        assert_eq!((axis.offset(-1.0), axis.offset(2.0), axis.offset(f32::NAN)), (0, 4 * GIB - 1, 0));
    }

    #[test]
    fn more_pieces_than_there_is_room_for_share_the_width() {
        let axis = Axis::new(0..=100, 100, 0.5);
        assert!((0..100).all(|at| (width(&axis, at, at + 1) - 0.01).abs() < 1e-5));
        assert_eq!(axis.at(100), 1.0);
    }

    #[test]
    fn nothing_can_be_drawn_too() {
        let empty = Axis::new([5, 7], 0, 0.1);
        assert_eq!((empty.at(0), empty.at(9), empty.offset(0.5)), (1.0, 1.0, 0));
        let vast = Axis::new([0, 1, u64::MAX - 1], u64::MAX, f32::NAN);
        assert!((0.0..=1.0).contains(&vast.at(u64::MAX / 2)));
        assert!(vast.offset(0.5) > 0);
        assert_eq!(Axis::new([0], 10, f32::INFINITY).offset(0.0), 0);
    }
}
