//! The list in the middle of the window: items, their order, and what is selected.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::names;
use super::order::{Sort, sorted};
use super::rows::Rows;
use super::selection::Selection;
use crate::disc::text::path_component;
use crate::disc::tree::Kind;

/// How long type-ahead looks at rows between two frames, and how many it looks at between two looks at the clock.
const SEEK_TIME: Duration = Duration::from_millis(5);
const SEEK_ROWS: usize = 1000;

/// How a click or a key changes the selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selecting {
    /// This row alone.
    Only,
    /// This row as well, or no longer (Ctrl).
    Toggle,
    /// Everything from the anchor to this row, and nothing else (Shift).
    Range,
    /// Everything from the anchor to this row as well (Ctrl and Shift).
    AddRange,
    /// Nothing changes but the row with the cursor (Ctrl and an arrow key).
    Cursor,
}

/// A step of the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So many rows up (negative) or down.
    By(isize),
    /// To the first row.
    First,
    /// To the last row.
    Last,
}

/// A list with its order and selection. Rows are places on the screen, items places in [`Rows`].
#[derive(Clone)]
pub struct Listing {
    /// The items.
    pub rows: Rows,
    /// The item of each row.
    pub order: Arc<Vec<u32>>,
    /// What [`order`](Self::order) follows.
    pub sort: Sort,
    /// The selected items.
    pub selection: Selection,
    /// The row that the keyboard acts on.
    pub cursor: Option<usize>,
    anchor: Option<usize>,
    /// Counts up whenever the cursor's row must be brought into view.
    pub reveal: u64,
    seek: Option<Seek>,
    folders: usize,
}

/// Type-ahead that has not found its row yet.
#[derive(Debug, Clone)]
struct Seek {
    prefix: String,
    next: usize,
    left: usize,
}

impl Listing {
    /// A list in an order that was computed before, by [`sorted`] over the same rows.
    pub fn new(rows: Rows, order: Arc<Vec<u32>>, sort: Sort) -> Self {
        let folders = order.iter().take_while(|item| rows.kind(**item) == Kind::Folder).count();
        let selection = Selection::new(rows.len());
        Self { rows, order, sort, selection, cursor: None, anchor: None, reveal: 0, seek: None, folders }
    }

    /// An empty list.
    pub fn empty(sort: Sort) -> Self {
        Self::new(Rows::empty(), Arc::default(), sort)
    }

    /// A list sorted here and now: only for short ones.
    pub fn sorted(rows: Rows, sort: Sort) -> Self {
        let order = Arc::new(sorted(&rows, sort));
        Self::new(rows, order, sort)
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Number of folders among the items. They stand in the first rows.
    pub fn folders(&self) -> usize {
        self.folders
    }

    /// The item in `row`.
    pub fn item(&self, row: usize) -> Option<u32> {
        self.order.get(row).copied()
    }

    /// The item under the cursor.
    pub fn cursor_item(&self) -> Option<u32> {
        self.item(self.cursor?)
    }

    /// The only selected item, if it is one.
    pub fn single(&self) -> Option<u32> {
        if self.selection.len() == 1 { self.selection.iter().next() } else { None }
    }

    /// Takes over another order of the same items; selection and cursor stay with their items.
    pub fn reorder(&mut self, order: Arc<Vec<u32>>, sort: Sort) {
        let item = self.cursor_item();
        self.order = order;
        self.sort = sort;
        self.anchor = None;
        self.cursor = item.and_then(|item| self.order.iter().position(|other| *other == item));
        self.seek = None;
        self.reveal += 1;
    }

    /// Acts on `row`.
    pub fn select(&mut self, row: usize, how: Selecting) {
        let Some(item) = self.item(row) else { return };
        let bytes = self.rows.bytes(item);
        self.seek = None;
        match how {
            Selecting::Only => {
                self.selection.clear();
                self.selection.set(item, true, bytes);
                self.anchor = Some(row);
            }
            Selecting::Toggle => {
                let selected = !self.selection.contains(item);
                self.selection.set(item, selected, bytes);
                self.anchor = Some(row);
            }
            Selecting::Range | Selecting::AddRange => {
                if how == Selecting::Range {
                    self.selection.clear();
                }
                let anchor = *self.anchor.get_or_insert(self.cursor.unwrap_or(row));
                for row in anchor.min(row)..=anchor.max(row) {
                    self.set(row, true);
                }
            }
            Selecting::Cursor => {}
        }
        self.cursor = Some(row);
    }

    /// Moves the cursor and brings it into view.
    pub fn step(&mut self, step: Step, how: Selecting) {
        let Some(last) = self.len().checked_sub(1) else { return };
        let row = match (step, self.cursor) {
            (Step::First, _) => 0,
            (Step::Last, _) => last,
            // The first key press after a folder was opened only shows the cursor.
            (Step::By(_), None) => 0,
            (Step::By(by), Some(row)) => row.saturating_add_signed(by).min(last),
        };
        self.select(row, how);
        self.reveal += 1;
    }

    /// Selects everything.
    pub fn select_all(&mut self) {
        for row in 0..self.len() {
            self.set(row, true);
        }
    }

    /// Selects what is not selected, and the other way round.
    pub fn invert(&mut self) {
        for row in 0..self.len() {
            if let Some(item) = self.item(row) {
                let selected = !self.selection.contains(item);
                self.set(row, selected);
            }
        }
    }

    /// Selects nothing.
    pub fn select_none(&mut self) {
        self.selection.clear();
        self.anchor = None;
    }

    fn set(&mut self, row: usize, selected: bool) {
        if let Some(item) = self.item(row) {
            let bytes = self.rows.bytes(item);
            self.selection.set(item, selected, bytes);
        }
    }

    /// Selects the item called `name` and brings it into view; else the one whose name is that component of a path.
    pub fn select_name(&mut self, name: &str) -> bool {
        let exact = self.order.iter().position(|item| self.rows.name(*item) == name);
        let escaped = |item: &u32| path_component(&self.rows.name(*item)) == name;
        let found = exact.or_else(|| self.order.iter().position(escaped));
        if let Some(row) = found {
            self.select(row, Selecting::Only);
            self.reveal += 1;
        }
        found.is_some()
    }

    /// Looks for the next name that begins with `typed`, from the cursor on and round the end.
    ///
    /// A long list is searched piece by piece: as long as [`is_seeking`](Self::is_seeking), call
    /// [`seek_on`](Self::seek_on) once a frame.
    pub fn seek(&mut self, typed: &str) {
        let prefix = names::fold_all(typed);
        // The first letter moves on to the next name; more letters may stay where they are.
        let from = self.cursor.map_or(0, |row| if typed.chars().count() == 1 { row + 1 } else { row });
        self.seek = Some(Seek { prefix, next: from, left: self.len() });
        self.seek_on();
    }

    /// True while type-ahead has rows left to look at.
    pub fn is_seeking(&self) -> bool {
        self.seek.is_some()
    }

    /// Looks at some more rows. True when a row was found and selected.
    pub fn seek_on(&mut self) -> bool {
        let Some(mut seek) = self.seek.take() else { return false };
        let since = Instant::now();
        for step in 1..=seek.left {
            let row = seek.next % self.len();
            let hit = self.item(row).is_some_and(|item| names::starts_with(&self.rows.name(item), &seek.prefix));
            if hit {
                self.select(row, Selecting::Only);
                self.reveal += 1;
                return true;
            }
            seek.next = row + 1;
            seek.left -= 1;
            if step % SEEK_ROWS == 0 && since.elapsed() >= SEEK_TIME {
                break;
            }
        }
        if seek.left > 0 {
            self.seek = Some(seek);
        }
        false
    }
}
