//! Every field of the descriptors, with its meaning and byte offset.

pub(super) mod entry;
pub(super) mod logical;
mod sheet;
pub(super) mod volume;

pub(super) use sheet::Sheet;
