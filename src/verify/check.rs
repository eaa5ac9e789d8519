//! What was checked, and how that ended.

use crate::disc::{Extent, limits};

/// What a check goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckKind {
    /// The ends that the structures of the image declare.
    Size,
    /// Whether every byte of the file can be read.
    Reading,
    /// A digest that the user expects.
    Expected,
    /// A checksum file that lies beside the image.
    Neighbour,
    /// The checksum that isomd5sum implants in the primary volume descriptor.
    Implant,
    /// A checksum tag of libisofs, which covers a range of blocks.
    SessionTag,
    /// The checksums of files that libisofs records.
    FileChecksums,
    /// A file of the disc that lists checksums of others.
    Manifest,
    /// The integrity table of a WIM archive.
    WimIntegrity,
    /// The error detection codes of raw sectors.
    SectorCodes,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was not made yet.
    Pending,
    /// All is as it should be.
    Pass,
    /// Something differs from what it should be.
    Fail,
    /// What it should be compared with is not there, or names nothing of this image.
    Absent,
    /// It could not be found out.
    Error,
}

/// Something that a check found to be wrong.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Bad {
    /// The file's path, if it is one of the tree's, not yet escaped for display.
    pub path: Option<String>,
    /// The bytes of the image that are concerned, as far as that can be narrowed down.
    pub extent: Option<Extent>,
    /// What is wrong, as a plain sentence without a full stop, such as `It differs` or `It is missing`.
    pub why: String,
}

/// One check and its result.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Check {
    /// What it goes by.
    pub kind: CheckKind,
    /// Where what is expected stands, for people: a path, or the structure's name. Not yet escaped for display.
    pub source: String,
    /// What it covers, and what it does not, as a plain sentence without a full stop.
    pub scope: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The result as a plain sentence without a full stop. Empty while it is pending.
    pub detail: String,
    /// Absolute byte offset of the first byte that may be bad.
    pub first_bad_offset: Option<u64>,
    /// What is wrong, one by one, at most [`limits::BAD_PLACES`].
    pub bad: Vec<Bad>,
    /// How many more there are.
    pub more_bad: u64,
}

impl Check {
    /// A check that is still to be made.
    pub fn pending(kind: CheckKind, source: impl Into<String>, scope: impl Into<String>) -> Self {
        Self {
            kind,
            source: source.into(),
            scope: scope.into(),
            outcome: Outcome::Pending,
            detail: String::new(),
            first_bad_offset: None,
            bad: Vec::new(),
            more_bad: 0,
        }
    }

    /// The check with its end.
    pub fn ended(self, outcome: Outcome, detail: impl Into<String>) -> Self {
        Self { outcome, detail: detail.into(), ..self }
    }

    /// Adds something that is wrong, and where it begins in the image.
    pub fn add_bad(&mut self, bad: Bad) {
        if let Some(extent) = bad.extent {
            self.first_bad_offset = Some(self.first_bad_offset.map_or(extent.offset, |first| first.min(extent.offset)));
        }
        if self.bad.len() < limits::BAD_PLACES {
            self.bad.push(bad);
        } else {
            self.more_bad = self.more_bad.saturating_add(1);
        }
    }

    /// How many things are wrong.
    pub fn bad_count(&self) -> u64 {
        self.more_bad.saturating_add(self.bad.len() as u64)
    }
}

/// What all checks of an image come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Overall {
    /// Checksums agree, and nothing is wrong.
    Pass,
    /// Something is wrong, or could not be found out.
    Fail,
    /// Nothing is wrong, and there is no checksum by which more could be said.
    NothingToCheck,
}

impl Overall {
    /// Sums up checks that have ended.
    pub fn of(checks: &[Check]) -> Self {
        let is_wrong = |check: &Check| matches!(check.outcome, Outcome::Fail | Outcome::Error);
        let by_checksum = |check: &Check| !matches!(check.kind, CheckKind::Size | CheckKind::Reading);
        if checks.iter().any(is_wrong) {
            Self::Fail
        } else if checks.iter().any(|check| check.outcome == Outcome::Pass && by_checksum(check)) {
            Self::Pass
        } else {
            Self::NothingToCheck
        }
    }

    /// In words, without a full stop.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Pass => "Everything that could be checked is as it should be",
            Self::Fail => "Something is not as it should be",
            Self::NothingToCheck => "Nothing is wrong as far as can be told, but there is no checksum to go by",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bad_byte_is_the_first_on_the_disc() {
        let mut check = Check::pending(CheckKind::Manifest, "md5sum.txt", "3 files");
        let bad = |offset| Bad { path: None, extent: Some(Extent::new(offset, 1)), why: "It differs".to_owned() };
        check.add_bad(bad(70));
        check.add_bad(bad(30));
        for at in 0..limits::BAD_PLACES as u64 {
            check.add_bad(bad(100 + at));
        }
        assert_eq!((check.first_bad_offset, check.bad.len(), check.more_bad), (Some(30), limits::BAD_PLACES, 2));
        assert_eq!(check.bad_count(), limits::BAD_PLACES as u64 + 2);
    }
}
