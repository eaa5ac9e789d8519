//! A verdict that is being reached.

use super::{Boots, Evidence, Firmware, Medium, Verdict};

/// The computer that a verdict is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Computer {
    pub(super) firmware: Firmware,
    pub(super) arch: &'static str,
    pub(super) medium: Medium,
    pub(super) secure_boot: Option<bool>,
}

/// What was seen so far on the way from the firmware to the first program.
#[derive(Debug, Clone)]
pub(super) struct Case {
    computer: Computer,
    evidence: Vec<Evidence>,
}

impl Case {
    pub(super) fn new(computer: Computer) -> Self {
        Self { computer, evidence: Vec::new() }
    }

    /// Adds what the structure at the absolute byte `offset` says.
    pub(super) fn seen(&mut self, structure: &'static str, offset: u64, says: impl Into<String>) {
        self.evidence.push(Evidence { structure, offset, says: says.into() });
    }

    /// Ends with a verdict.
    pub(super) fn is(self, boots: Boots, why: impl Into<String>) -> Verdict {
        let Self { computer: Computer { firmware, arch, medium, secure_boot }, evidence } = self;
        Verdict { firmware, arch, medium, secure_boot, boots, depends: false, why: why.into(), evidence }
    }

    /// Ends with a verdict that is another one for every computer.
    pub(super) fn depends(self, why: impl Into<String>) -> Verdict {
        Verdict { depends: true, ..self.is(Boots::Unknown, why) }
    }
}
