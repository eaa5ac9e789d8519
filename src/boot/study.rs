//! All that is known of how a disc starts, in one piece: what a window shows and what the command line writes.

use super::chain::Chain;
use super::effort::Effort;
use super::layout::Layout;
use super::report::{BootReport, Request};
use super::verdict::{self, Verdict};
use crate::disc::{Image, Result};

/// How a disc starts.
#[derive(Debug, Clone)]
pub struct Study {
    /// How much was read.
    pub effort: Effort,
    /// The structures and programs.
    pub report: BootReport,
    /// Whether computers start it.
    pub verdicts: Vec<Verdict>,
    /// The ways that they go.
    pub chain: Chain,
    /// Who owns which bytes.
    pub layout: Layout,
}

impl Study {
    /// Reads it. What cannot be read is a finding; the only error is to be cancelled.
    pub fn read(image: &Image, request: &Request) -> Result<Self> {
        let report = BootReport::read(image, request)?;
        let verdicts = verdict::verdicts(image, &report)?;
        let chain = Chain::new(image, &report, &verdicts);
        let layout = Layout::read(image, &report);
        Ok(Self { effort: request.effort, report, verdicts, chain, layout })
    }

    /// True when reading more would tell no more: nothing was left out.
    pub fn is_complete(&self) -> bool {
        self.effort == Effort::Whole || self.report.is_complete
    }
}
