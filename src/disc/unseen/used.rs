//! Which bytes of the image something claims.

use crate::disc::Extent;

/// Runs of claimed bytes. They are joined now and then, so that a million neighbouring files take next to nothing.
#[derive(Debug, Default)]
pub(super) struct Used {
    /// From, and up to.
    runs: Vec<(u64, u64)>,
    /// Runs that were left when they were joined last.
    joined: usize,
}

/// Runs that are gathered before they are joined.
const BATCH: usize = 1 << 16;

impl Used {
    /// Claims these bytes. A hole claims none.
    pub(super) fn claim(&mut self, extent: Extent) {
        if !extent.is_somewhere() || extent.length == 0 {
            return;
        }
        match self.runs.last_mut() {
            // Files mostly follow one another.
            Some((_, end)) if *end == extent.offset => *end = extent.end(),
            _ => self.runs.push((extent.offset, extent.end())),
        }
        if self.runs.len() >= self.joined.saturating_mul(2).max(BATCH) {
            self.join();
        }
    }

    fn join(&mut self) {
        self.runs.sort_unstable();
        self.runs.dedup_by(|next, before| {
            let joins = next.0 <= before.1;
            if joins {
                before.1 = before.1.max(next.1);
            }
            joins
        });
        self.joined = self.runs.len();
    }

    /// What nothing claims of the first `len` bytes.
    pub(super) fn gaps(mut self, len: u64) -> Vec<Extent> {
        self.join();
        let mut gaps = Vec::new();
        let mut at = 0;
        for (start, end) in self.runs {
            if start.min(len) > at {
                gaps.push(Extent::new(at, start.min(len) - at));
            }
            at = at.max(end);
        }
        if at < len {
            gaps.push(Extent::new(at, len - at));
        }
        gaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaps(claims: &[(u64, u64)], len: u64) -> Vec<(u64, u64)> {
        let mut used = Used::default();
        claims.iter().for_each(|(offset, length)| used.claim(Extent::new(*offset, *length)));
        used.gaps(len).into_iter().map(|gap| (gap.offset, gap.length)).collect()
    }

    #[test]
    fn what_is_left_over_lies_between_the_claims() {
        assert_eq!(gaps(&[(10, 5), (0, 3), (12, 8)], 30), [(3, 7), (20, 10)]);
        assert_eq!(gaps(&[], 5), [(0, 5)]);
        assert_eq!(gaps(&[(0, 100)], 50), []);
        assert_eq!(gaps(&[(60, u64::MAX)], 50), [(0, 50)]);
        let mut used = Used::default();
        used.claim(Extent::hole(1000));
        assert_eq!(used.gaps(10), [Extent::new(0, 10)]);
    }

    #[test]
    fn many_claims_are_joined_on_the_way() {
        let mut used = Used::default();
        for number in 0..1_000_000_u64 {
            used.claim(Extent::new(number % 1000 * 10_000 + number / 1000 * 10, 10));
        }
        assert!(used.runs.len() < 2 * BATCH, "{}", used.runs.len());
        assert_eq!(used.gaps(10_000_000), []);
    }
}
