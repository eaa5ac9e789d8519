//! Where a way from the firmware ends.

use crate::boot::verdict::case::Case;
use crate::boot::verdict::{Boots, Verdict};

/// Where a way from the firmware ends, and what was seen on it.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    reach: Reach,
    case: Case,
}

#[derive(Debug, Clone)]
enum Reach {
    /// A program starts: what it is called, and on which conditions, such as “if the firmware reads UDF”.
    Starts { what: String, conditions: Vec<String> },
    /// Nothing starts. One sentence says why.
    Fails(String),
    /// It cannot be told. One sentence says why.
    Unclear(String),
}

impl Outcome {
    pub(super) fn starts_as(case: Case, what: impl Into<String>, conditions: Vec<String>) -> Self {
        Self { reach: Reach::Starts { what: what.into(), conditions }, case }
    }

    pub(super) fn fails(case: Case, why: impl Into<String>) -> Self {
        Self { reach: Reach::Fails(why.into()), case }
    }

    pub(super) fn unclear(case: Case, why: impl Into<String>) -> Self {
        Self { reach: Reach::Unclear(why.into()), case }
    }

    /// A program starts, if only on conditions.
    pub(super) fn starts(&self) -> bool {
        matches!(self.reach, Reach::Starts { .. })
    }

    /// A program starts, whatever the firmware is.
    fn is_sure(&self) -> bool {
        matches!(&self.reach, Reach::Starts { conditions, .. } if conditions.is_empty())
    }

    /// The same with one condition more.
    pub(super) fn only(mut self, condition: impl Into<String>) -> Self {
        if let Reach::Starts { conditions, .. } = &mut self.reach {
            let condition = condition.into();
            if !conditions.contains(&condition) {
                conditions.push(condition);
            }
        }
        self
    }

    /// Of two ways that lead to a program: that which leads there in any case.
    pub(super) fn surer(self, other: Self) -> Self {
        if !self.is_sure() && other.is_sure() { other } else { self }
    }

    /// Of two ways that lead to none: that of which it cannot be told.
    pub(super) fn less_clear(self, other: Self) -> Self {
        if matches!(other.reach, Reach::Unclear(_)) { other } else { self }
    }

    pub(super) fn verdict(self) -> Verdict {
        match self.reach {
            Reach::Starts { what, conditions } if conditions.is_empty() => {
                self.case.is(Boots::Yes, format!("It starts {what}"))
            }
            Reach::Starts { what, conditions } => {
                let pause = if what.contains(',') { "," } else { "" };
                self.case.depends(format!("It starts {what}{pause} {}", conditions.join(", and ")))
            }
            Reach::Fails(why) => self.case.is(Boots::No, why),
            Reach::Unclear(why) => self.case.is(Boots::Unknown, why),
        }
    }
}
