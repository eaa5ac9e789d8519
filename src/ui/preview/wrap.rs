//! Breaking rows of text to the width of the pane. The font has one width, so that counting is enough.

use std::ops::Range;

use crate::preview::TextPage;

/// How many lines of the screen each row takes, summed up.
pub(super) struct Wrapped {
    /// Columns of the pane.
    pub(super) columns: usize,
    /// Line of the screen on which each row begins, and behind the last one their number.
    starts: Vec<u32>,
}

impl Wrapped {
    /// Breaks all rows of `page` to `columns`.
    pub(super) fn new(page: &TextPage, columns: usize) -> Self {
        let mut starts = Vec::with_capacity(page.len() + 1);
        let mut line = 0_u32;
        for row in 0..page.len() {
            starts.push(line);
            let pieces = pieces(page.row(row), columns).count().max(1);
            line = line.saturating_add(u32::try_from(pieces).unwrap_or(u32::MAX));
        }
        starts.push(line);
        Self { columns, starts }
    }

    /// Lines of the screen.
    pub(super) fn len(&self) -> usize {
        self.starts.last().map_or(0, |len| *len as usize)
    }

    /// The row on `line`, and which of its pieces stands there.
    pub(super) fn find(&self, line: usize) -> (usize, usize) {
        let row = self.starts.partition_point(|start| *start as usize <= line).saturating_sub(1);
        (row, line - self.starts.get(row).map_or(0, |start| *start as usize))
    }
}

/// Columns of a fixed-width font that a character takes: East Asian ones take two.
fn width(c: char) -> usize {
    match c {
        '\t' => TAB,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// Columns of a tabulator.
const TAB: usize = 4;

/// The parts of `row` that fit into `columns` each.
pub(super) fn pieces(row: &str, columns: usize) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = row.get(start..).filter(|rest| !rest.is_empty())?;
        let mut used = 0;
        let fits = |(_, c): &(usize, char)| {
            used += width(*c);
            used <= columns
        };
        let len = rest.char_indices().take_while(fits).last().map_or(0, |(at, c)| at + c.len_utf8());
        // Even a pane without any width shows one character.
        let len = if len > 0 { len } else { rest.chars().next().map_or(1, char::len_utf8) };
        let len = between_words(rest, len);
        let piece = start..start + len;
        start += len;
        Some(piece)
    })
}

/// Where to break `row` so that at most `len` bytes stand before: behind a space, unless that is far to the left.
fn between_words(row: &str, len: usize) -> usize {
    let (Some(head), Some(tail)) = (row.get(..len), row.get(len..)) else { return len };
    if tail.is_empty() {
        return len;
    }
    // A space at the end is not seen, so it may stand beyond the last column.
    if tail.starts_with(' ') {
        return len + 1;
    }
    head.rfind(' ').map(|at| at + 1).filter(|at| *at > len / 2).unwrap_or(len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::source::MemorySource;
    use crate::preview::PagePlace;

    fn page(text: &str) -> TextPage {
        TextPage::read(&MemorySource::new(text.as_bytes()), PagePlace::default(), None).unwrap()
    }

    #[test]
    fn broken_lines_join_to_the_row() {
        for (row, columns) in [("abcdefgh", 3), ("日本語です", 4), ("a\tb", 2), ("", 5), ("日", 1)] {
            let parts: Vec<&str> = pieces(row, columns).map(|range| &row[range]).collect();
            assert_eq!(parts.concat(), row);
            assert!(
                parts.iter().all(|part| part.chars().count() == 1 || part.chars().map(width).sum::<usize>() <= columns)
            );
        }
    }

    #[test]
    fn lines_are_broken_between_words_where_there_are_some() {
        let parts = |row| pieces(row, 10).map(|range| &row[range]).collect::<Vec<&str>>();
        assert_eq!(parts("some words to be read"), ["some words ", "to be read"]);
        assert_eq!(parts("a averyverylongword"), ["a averyver", "ylongword"]);
        assert_eq!(parts("ten bytes. more"), ["ten bytes. ", "more"]);
    }

    #[test]
    fn lines_of_the_screen_lead_back_to_their_rows() {
        let page = page("abcdefgh\n\nxy\n");
        let wrapped = Wrapped::new(&page, 3);
        assert_eq!(wrapped.len(), 5);
        let found: Vec<_> = (0..5).map(|line| wrapped.find(line)).collect();
        assert_eq!(found, [(0, 0), (0, 1), (0, 2), (1, 0), (2, 0)]);
    }
}
