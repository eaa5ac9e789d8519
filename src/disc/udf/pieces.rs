//! The pieces of one file while they are being collected.

use crate::disc::Extent;
use crate::disc::file::Content;

/// Runs of bytes in the order of a file. Neighbouring runs become one, as files above 1 GiB need several allocation
/// descriptors for what lies in one piece.
#[derive(Debug)]
pub(super) struct Pieces {
    list: Vec<Extent>,
    length: u64,
    budget: u32,
    /// True when a piece reaches beyond the end of its partition.
    pub(super) beyond: bool,
}

impl Pieces {
    /// A collection that takes `budget` pieces in all, however often it is cleared in between.
    pub(super) fn new(budget: u32) -> Self {
        Self { list: Vec::new(), length: 0, budget, beyond: false }
    }

    /// Begins with the next file.
    pub(super) fn clear(&mut self) {
        self.list.clear();
        self.length = 0;
        self.beyond = false;
    }

    /// Takes `count` from the budget; false when it is used up.
    pub(super) fn spend(&mut self, count: u32) -> bool {
        let left = self.budget.checked_sub(count);
        self.budget = left.unwrap_or(0);
        left.is_some()
    }

    /// Appends a piece; false when the budget is used up.
    pub(super) fn push(&mut self, extent: Extent) -> bool {
        if extent.length == 0 {
            return true;
        }
        self.length = self.length.saturating_add(extent.length);
        if let Some(last) = self.list.last_mut()
            && match extent.is_somewhere() {
                true => last.is_somewhere() && last.end() == extent.offset,
                false => last.offset == extent.offset,
            }
        {
            last.length = last.length.saturating_add(extent.length);
            return true;
        }
        self.list.push(extent);
        self.spend(1)
    }

    /// Bytes of all pieces.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The pieces in the order of the file.
    pub(super) fn list(&self) -> &[Extent] {
        &self.list
    }

    /// Takes away what lies behind the first `length` bytes.
    pub(super) fn cut(&mut self, length: u64) {
        while self.length > length {
            let excess = self.length - length;
            let Some(last) = self.list.last_mut() else { return };
            let gone = excess.min(last.length);
            last.length -= gone;
            self.length -= gone;
            if last.length == 0 {
                self.list.pop();
            }
        }
    }

    /// The pieces as the content of an entry.
    pub(super) fn content(&self) -> Content {
        let mut pieces = self.list.iter().copied();
        let mut content = Content::new(pieces.next().unwrap_or_default());
        pieces.for_each(|piece| content.add_extent(piece));
        content
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_become_one_piece_and_holes_stay_apart() {
        let mut pieces = Pieces::new(10);
        for extent in [
            Extent::new(100, 50),
            Extent::new(150, 50),
            Extent::hole(7),
            Extent::hole(3),
            Extent::new(300, 0),
            Extent::new(10, 5),
        ] {
            assert!(pieces.push(extent));
        }
        assert_eq!(pieces.list(), [Extent::new(100, 100), Extent::hole(10), Extent::new(10, 5)]);
        assert_eq!(pieces.length(), 115);
        pieces.cut(105);
        assert_eq!(pieces.list(), [Extent::new(100, 100), Extent::hole(5)]);
        pieces.cut(0);
        assert!(pieces.list().is_empty());
    }

    #[test]
    fn the_budget_outlives_the_file() {
        let mut pieces = Pieces::new(2);
        assert!(pieces.push(Extent::new(0, 1)));
        pieces.clear();
        assert!(pieces.push(Extent::new(0, 1)));
        assert!(!pieces.push(Extent::new(5, 1)));
    }
}
