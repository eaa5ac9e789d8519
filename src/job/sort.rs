//! Sorting rows, which takes its time with a million of them.

use std::cmp::Ordering;

use super::{CancelToken, Context, Failure, Job, Lane, Output};
use crate::disc::Error;

/// Rows sorted between two looks at the token.
const CHUNK: usize = 16 << 10;

/// Puts rows into an order. What the rows are, and which order it is, only the one who asks knows.
pub struct SortRows(Sort);

type Sort = Box<dyn FnOnce(&CancelToken) -> Result<Vec<u32>, Error> + Send>;

impl SortRows {
    /// A job that runs `sort`; [`sort_rows`] helps it to end early when it is cancelled.
    pub fn new(sort: impl FnOnce(&CancelToken) -> Result<Vec<u32>, Error> + Send + 'static) -> Self {
        Self(Box::new(sort))
    }
}

impl Job for SortRows {
    fn name(&self) -> &'static str {
        "Sorting"
    }

    fn lane(&self) -> Lane {
        Lane::Interactive
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        Ok(Output::Sorted((self.0)(context.token())?))
    }
}

/// Sorts `rows` stably, and gives up soon after `token` was cancelled. `compare` has to be a total order.
pub fn sort_rows(
    rows: &mut [u32],
    token: &CancelToken,
    mut compare: impl FnMut(u32, u32) -> Ordering,
) -> Result<(), Error> {
    for chunk in rows.chunks_mut(CHUNK) {
        token.check()?;
        chunk.sort_by(|a, b| compare(*a, *b));
    }
    token.check()?;
    // Only merges what is in order already.
    rows.sort_by(|a, b| compare(*a, *b));
    token.check()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rows_are_sorted_stably() {
        let mut rows: Vec<u32> = (0..CHUNK as u32 * 3 + 5).collect();
        let key = |row: u32| row.wrapping_mul(2_654_435_761) >> 20;
        let mut expected = rows.clone();
        expected.sort_by_key(|row| (key(*row), *row));
        sort_rows(&mut rows, &CancelToken::new(), |a, b| key(a).cmp(&key(b))).unwrap();
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_cancelled_sort_gives_up() {
        let token = CancelToken::new();
        let mut compared = 0;
        let mut rows: Vec<u32> = (0..CHUNK as u32 * 4).rev().collect();
        let result = sort_rows(&mut rows, &token, |a, b| {
            compared += 1;
            token.cancel();
            a.cmp(&b)
        });
        assert!(result.unwrap_err().is_cancelled());
        assert!(compared <= CHUNK * 16, "only the first chunk was sorted: {compared}");
    }
}
