//! Comparing the trees of an image.

use std::sync::Arc;

use super::{Context, Failure, Job, Lane, Output, Progress, Unit};
use crate::disc::Image;
use crate::disc::compare::{Comparison, Options, compare_telling};
use crate::disc::tree::TreeId;

/// Compares pairs of trees.
#[derive(Clone)]
pub struct CompareTrees {
    /// The image.
    pub image: Arc<Image>,
    /// Which trees.
    pub pairs: Vec<[TreeId; 2]>,
    /// How far to look.
    pub options: Options,
}

/// How two trees differ.
#[derive(Debug)]
pub struct Compared {
    /// The two.
    pub trees: [TreeId; 2],
    /// How they were compared.
    pub options: Options,
    /// The difference in one sentence; `None` when they differ in nothing but names and what one of them cannot tell, or
    /// when not everything could be compared.
    pub sentence: Option<String>,
    /// Everything that was found.
    pub comparison: Comparison,
}

impl Job for CompareTrees {
    fn name(&self) -> &'static str {
        "Comparing trees"
    }

    fn lane(&self) -> Lane {
        Lane::Background
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        let mut all = Vec::with_capacity(self.pairs.len());
        for trees in self.pairs {
            let [Some(left), Some(right)] = trees.map(|id| self.image.tree_by_id(id)) else { continue };
            let [left, right] = [left, right].map(|tree| context.tree(tree));
            let mut progress = |entries| context.progress(|| Progress::so_far(entries, Unit::Entries));
            let comparison = compare_telling(&left, &right, &self.options, &mut progress)?;
            let [left, right] = trees.map(TreeId::label);
            // What could not be looked at may be all that seems to be missing.
            let whole = comparison.diagnostics.is_empty();
            let sentence = whole.then(|| comparison.noteworthy().sentence(&left, &right)).flatten();
            all.push(Arc::new(Compared { trees, options: self.options, sentence, comparison }));
        }
        Ok(Output::Compared(all))
    }
}
