//! The order of a list: a permutation of its items, so that sorting never copies an entry.

use std::cmp::Ordering;

use super::column::Column;
use super::rows::Rows;
use super::{kind, names};
use crate::disc::tree::Kind;

/// By which column a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// The column.
    pub column: Column,
    /// From large to small, or from Z to A.
    pub descending: bool,
}

impl Default for Sort {
    fn default() -> Self {
        Self { column: Column::Name, descending: false }
    }
}

/// A list of more items than this is sorted by a job, not between two frames.
pub const SORTED_AT_ONCE: usize = 2_000;

/// The items of `rows` sorted: folders first, then by the column, then by name.
pub fn sorted(rows: &Rows, sort: Sort) -> Vec<u32> {
    let len = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    if matches!(rows, Rows::Parts(..)) && sort.column == Column::Name {
        return directed((0..len).collect(), sort.descending);
    }
    let folder_last = |item: u32| rows.kind(item) != Kind::Folder;
    match sort.column {
        Column::Name => {
            let key = |item: u32| names::sort_key(&rows.name(item));
            by_key(len, sort, |item| (folder_last(item), key(item)), rows)
        }
        Column::Size => by_key(len, sort, |item| (folder_last(item), rows.size(item)), rows),
        Column::Modified => by_key(len, sort, |item| (folder_last(item), rows.modified(item)), rows),
        Column::Kind => {
            let label = |item: u32| kind::of(rows.kind(item), &rows.name(item)).0;
            by_key(len, sort, |item| (folder_last(item), label(item)), rows)
        }
        Column::Folder => by_key(len, sort, |item| (folder_last(item), rows.folder_path(item)), rows),
        Column::FirstBlock => by_key(len, sort, |item| (folder_last(item), rows.extras(item).first_byte), rows),
        Column::StoredSize => by_key(len, sort, |item| (folder_last(item), rows.extras(item).stored_size), rows),
        Column::Created => by_key(len, sort, |item| (folder_last(item), rows.extras(item).created), rows),
        Column::Accessed => by_key(len, sort, |item| (folder_last(item), rows.extras(item).accessed), rows),
        Column::Changed => by_key(len, sort, |item| (folder_last(item), rows.extras(item).changed), rows),
        Column::Start => by_key(len, sort, |item| (folder_last(item), rows.extras(item).first_byte), rows),
        Column::Contents => by_key(len, sort, |item| (folder_last(item), rows.trees(item)), rows),
        Column::Mode => {
            let mode = |item: u32| rows.extras(item).posix.map(|posix| posix.mode);
            by_key(len, sort, |item| (folder_last(item), mode(item)), rows)
        }
        Column::Owner => {
            let owner = |item: u32| rows.extras(item).posix.map(|posix| (posix.uid, posix.gid));
            by_key(len, sort, |item| (folder_last(item), owner(item)), rows)
        }
    }
}

/// Sorts by a small key that is computed once for each item; equal keys fall back to the names.
fn by_key<K: Ord>(len: u32, sort: Sort, key: impl Fn(u32) -> (bool, K), rows: &Rows) -> Vec<u32> {
    struct Keyed<K> {
        key: K,
        item: u32,
        last: bool,
    }
    let keyed = |item| {
        let (last, key) = key(item);
        Keyed { key, item, last }
    };
    let mut keyed: Vec<Keyed<K>> = (0..len).map(keyed).collect();
    let by_name = |a: u32, b: u32| names::compare(&rows.name(a), &rows.name(b));
    keyed.sort_unstable_by(|a, b| {
        let by_column = match sort.column {
            Column::Name => a.key.cmp(&b.key).then_with(|| by_name(a.item, b.item)),
            _ => a.key.cmp(&b.key),
        };
        let by_column = if sort.descending { by_column.reverse() } else { by_column };
        // Folders stay in front either way; ties keep the order of the names, then of the disc.
        a.last
            .cmp(&b.last)
            .then(by_column)
            .then_with(|| match sort.column {
                Column::Name => Ordering::Equal,
                _ => by_name(a.item, b.item),
            })
            .then(a.item.cmp(&b.item))
    });
    keyed.into_iter().map(|keyed| keyed.item).collect()
}

fn directed(mut order: Vec<u32>, descending: bool) -> Vec<u32> {
    if descending {
        order.reverse();
    }
    order
}

/// The folders among the entries, by name: what the tree shows below a node.
pub fn folders_by_name(folder: &crate::disc::tree::Folder) -> Vec<u32> {
    let entries = folder.entries().iter().enumerate();
    let folders = entries.filter(|(_, entry)| entry.is_folder());
    let mut items: Vec<(u32, &str)> =
        folders.filter_map(|(at, entry)| Some((u32::try_from(at).ok()?, folder.name(entry)))).collect();
    items.sort_unstable_by(|(a_at, a), (b_at, b)| names::compare(a, b).then(a_at.cmp(b_at)));
    items.into_iter().map(|(item, _)| item).collect()
}
