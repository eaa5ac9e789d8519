//! Searching the names of the whole disc.

use std::sync::Arc;

use super::{Context, Failure, Job, Lane, Output};
use crate::disc::index::Index;

/// Finds entries by their names. An older search is abandoned by whoever starts a new one.
#[derive(Debug, Clone)]
pub struct Search {
    /// Where to look.
    pub index: Arc<Index>,
    /// What was typed.
    pub query: String,
}

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// What was typed.
    pub query: String,
    /// Places in the index, in the order of the disc.
    pub rows: Vec<u32>,
}

impl Job for Search {
    fn name(&self) -> &'static str {
        "Searching"
    }

    fn lane(&self) -> Lane {
        Lane::Interactive
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        let rows = self.index.search(&self.query);
        context.check()?;
        Ok(Output::Found(Found { query: self.query, rows }))
    }
}
