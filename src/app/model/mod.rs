//! What the panes show, as plain data: rows are permutations over shared folders, so that nothing is copied.

pub mod column;
pub mod differences;
pub mod kind;
pub mod listing;
pub mod names;
pub mod order;
pub mod rows;
pub mod selection;
pub mod tree;

pub use column::{Column, Columns, ListKind};
pub use listing::{Listing, Selecting, Step};
pub use order::Sort;
pub use rows::Rows;
