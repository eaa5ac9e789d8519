//! Whether the image is whole: how it can be checked, what that came to, and the digest that it should have.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::compare::Running;
use super::state::{Ticket, Trouble};
use crate::disc::time::Timestamp;
use crate::verify::sums::Expected;
use crate::verify::suspicion::Remark;
use crate::verify::{Algorithm, Check, Digest, Overall};

/// What is known of whether the image is whole.
#[derive(Default)]
pub struct IntegrityView {
    /// The look at how it can be checked, and since when.
    pub looking: Option<(Ticket, Instant)>,
    /// Set once that is known.
    pub is_surveyed: bool,
    /// How it can be checked, and what that came to.
    pub checks: Vec<Check>,
    /// The digests of its file.
    pub digests: Vec<Digest>,
    /// When they were made, if the file has not been read for them this time.
    pub made: Option<Timestamp>,
    /// The checks that are being made.
    pub running: Option<Running>,
    /// All of them were made.
    pub is_done: bool,
    /// The user has stopped them.
    pub is_stopped: bool,
    /// What was typed or pasted as the digest that it should have.
    pub typed: String,
    /// What that means; why it means nothing.
    pub expected: Option<Result<Expected, String>>,
    /// The checksum file that is being read.
    pub(super) reading: Option<Ticket>,
    /// The look for what is unusual.
    pub(super) remarking: Option<Ticket>,
    /// What is unusual.
    pub remarks: Option<Arc<Vec<Remark>>>,
    /// Why it could not be told.
    pub trouble: Option<Trouble>,
}

/// Whether the image is what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// Nothing was expected.
    None,
    /// What was typed is no digest. Why, as a sentence.
    NotUnderstood(String),
    /// The digest to compare it with was not made yet.
    Open(Algorithm),
    /// It is.
    Met(Algorithm),
    /// It is not: the digest that it has.
    Missed(Digest),
}

impl IntegrityView {
    /// The digest of this kind.
    pub fn digest(&self, algorithm: Algorithm) -> Option<&Digest> {
        self.digests.iter().find(|digest| digest.algorithm == algorithm)
    }

    /// What the checks come to, once all were made.
    pub fn overall(&self) -> Option<Overall> {
        self.is_done.then(|| Overall::of(&self.checks))
    }

    /// Whether the image is what was typed.
    pub fn expectation(&self) -> Expectation {
        let expected = match &self.expected {
            None => return Expectation::None,
            Some(Err(why)) => return Expectation::NotUnderstood(why.clone()),
            Some(Ok(expected)) => expected.digests(),
        };
        if let Some(met) = expected.iter().find(|digest| self.digest(digest.algorithm) == Some(digest)) {
            return Expectation::Met(met.algorithm);
        }
        // A digest of 32 bytes may be of two kinds. It is wrong once it is neither.
        match expected.iter().find(|digest| self.digest(digest.algorithm).is_none()) {
            Some(open) => Expectation::Open(open.algorithm),
            None => match expected.first().and_then(|digest| self.digest(digest.algorithm)) {
                Some(made) => Expectation::Missed(made.clone()),
                None => Expectation::None,
            },
        }
    }
}

/// Wishes of the user that concern it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntegrityWish {
    /// Make all checks and digests.
    Start,
    /// Stop that.
    Stop,
    /// The image should have the digest that this text names.
    Expect(String),
    /// The image should have the digest that this checksum file names for it.
    ExpectFile(PathBuf),
    /// Copy all of it as text.
    CopyText,
}
