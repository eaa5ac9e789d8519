//! Which items of a list are selected.

/// A set of items, one bit each, with a running total: no operation on a single item depends on the number of items.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    bits: Vec<u64>,
    count: usize,
    bytes: u64,
}

impl Selection {
    /// An empty selection over `len` items.
    pub fn new(len: usize) -> Self {
        Self { bits: vec![0; len.div_ceil(64)], count: 0, bytes: 0 }
    }

    /// True when `item` is selected.
    pub fn contains(&self, item: u32) -> bool {
        let (word, bit) = place(item);
        self.bits.get(word).is_some_and(|bits| bits & bit != 0)
    }

    /// Adds or removes `item`, which is `bytes` large.
    pub fn set(&mut self, item: u32, selected: bool, bytes: u64) {
        let (word, bit) = place(item);
        let Some(bits) = self.bits.get_mut(word) else { return };
        if (*bits & bit != 0) == selected {
            return;
        }
        *bits ^= bit;
        if selected {
            self.count += 1;
            self.bytes = self.bytes.saturating_add(bytes);
        } else {
            self.count -= 1;
            self.bytes = self.bytes.saturating_sub(bytes);
        }
    }

    /// Empties it.
    pub fn clear(&mut self) {
        if self.count > 0 {
            self.bits.fill(0);
        }
        self.count = 0;
        self.bytes = 0;
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.count
    }

    /// True when nothing is selected.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes of all selected files.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The selected items in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.bits.iter().enumerate().filter(|(_, bits)| **bits != 0).flat_map(|(word, bits)| {
            let bits = *bits;
            // The number of items fits into 32 bits, for it is made of items.
            let base = u32::try_from(word * 64).unwrap_or(u32::MAX);
            (0..64_u32).filter(move |bit| bits & (1 << bit) != 0).map(move |bit| base.saturating_add(bit))
        })
    }
}

fn place(item: u32) -> (usize, u64) {
    ((item / 64) as usize, 1 << (item % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_counted_once() {
        let mut selection = Selection::new(130);
        selection.set(0, true, 5);
        selection.set(129, true, 7);
        selection.set(129, true, 7);
        assert_eq!((selection.len(), selection.bytes()), (2, 12));
        assert_eq!(selection.iter().collect::<Vec<_>>(), [0, 129]);
        selection.set(0, false, 5);
        assert!(!selection.contains(0) && selection.contains(129));
        selection.set(4000, true, 1);
        assert_eq!((selection.len(), selection.bytes()), (1, 7), "what is not in the list cannot be selected");
        selection.clear();
        assert!(selection.is_empty() && !selection.contains(129));
    }
}
