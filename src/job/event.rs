//! What jobs tell the window.

use std::path::PathBuf;
use std::sync::Arc;

#[cfg(feature = "preview")]
use super::Previewed;
use super::{Compared, CopiedOut, Crash, FolderRead, Found, Opened, Planned, Prepared, Progress};
use crate::boot::study::Study;
use crate::disc::Error;
use crate::disc::index::Index;
use crate::disc::tree::{DetailGroup, FolderId};
use crate::disc::unseen::Unseen;
use crate::extract::Report;
use crate::identify::Identity;
use crate::platform::mount::Published;
use crate::settings::digests::KeptDigests;
use crate::verify::sums::Expected;
use crate::verify::suspicion::Remark;
use crate::verify::{self, Check, Digest};

/// Names one job. Never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub(super) u64);

/// News of one job. After any number of
/// [`Progress`](Self::Progress) and [`Part`](Self::Part) comes exactly one of the others, and then nothing.
#[derive(Debug)]
pub enum JobEvent {
    /// How far it is; at most 20 times a second, and dropped when the window does not keep up.
    Progress(JobId, Progress),
    /// A part of what it gives back, before it ends. Never dropped.
    Part(JobId, Output),
    /// It ended well.
    Done(JobId, Output),
    /// It ended, and the output holds this many things that the user should see.
    DoneWithNotes(JobId, Output, usize),
    /// It could not be done.
    Failed(JobId, Failure),
    /// It ended because it was cancelled.
    Cancelled(JobId),
    /// A bug of Isoscope ended it.
    Crashed(JobId, Crash),
}

impl JobEvent {
    /// The job that it is about.
    pub fn id(&self) -> JobId {
        match self {
            Self::Progress(id, _)
            | Self::Part(id, _)
            | Self::Done(id, _)
            | Self::DoneWithNotes(id, _, _)
            | Self::Failed(id, _)
            | Self::Cancelled(id)
            | Self::Crashed(id, _) => *id,
        }
    }

    /// True for the last event of a job.
    pub fn is_terminal(&self) -> bool {
        !matches!(self, Self::Progress(..) | Self::Part(..))
    }
}

/// Why a job could not be done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// The image could not be read.
    #[error(transparent)]
    Image(#[from] Error),
    /// Something outside the image could not be read or written.
    #[error("{action}: {reason}")]
    File {
        /// What could not be done, such as `Isoscope could not save the boot image`.
        action: &'static str,
        /// What the operating system said.
        reason: String,
        /// The file or folder in question.
        path: PathBuf,
    },
}

impl Failure {
    /// The sentence alone: for the first line a user reads.
    pub fn sentence(&self) -> String {
        match self {
            Self::Image(error) => error.sentence(),
            Self::File { .. } => self.to_string(),
        }
    }

    /// The absolute byte offset of the trouble in the image, if it has one.
    pub fn offset(&self) -> Option<u64> {
        match self {
            Self::Image(error) => error.offset(),
            Self::File { .. } => None,
        }
    }

    /// True when the job was cancelled: no trouble, nothing to report.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Image(error) if error.is_cancelled())
    }
}

/// What a job gives back.
pub enum Output {
    /// An image is open.
    Opened(Opened),
    /// A folder was read.
    Folder(FolderRead),
    /// The whole disc is indexed.
    Index(Arc<Index>),
    /// Places in the folder, or in the index, in the order that was asked for.
    Sorted(Vec<u32>),
    /// Places in the index that a search found.
    Found(Found),
    /// The folders on the way along a path, from below the root down: place and name of each.
    Located(Vec<(FolderId, String)>),
    /// Every field of an entry or of the image.
    Details(Vec<DetailGroup>),
    /// What an extraction would do.
    Planned(Planned),
    /// What an extraction did. It may have been cancelled on the way: the report says so.
    Extracted(Box<Report>),
    /// What another program can be offered.
    Prepared(Prepared),
    /// The files of an image are in a mount as long as this lives.
    Mounted(Arc<Published>),
    /// Copies for another program are complete.
    CopiedOut(CopiedOut),
    /// How trees differ, pair by pair.
    Compared(Vec<Arc<Compared>>),
    /// What nothing on the disc shows.
    Unseen(Arc<Unseen>),
    /// How the disc starts.
    Studied(Arc<Study>),
    /// What the disc is.
    Identified(Arc<Identity>),
    /// How the image can be checked, and what is known of that without reading it.
    Surveyed(Vec<Check>),
    /// Digests of the whole file that were made at another time.
    Recalled(KeptDigests),
    /// A digest of the whole file.
    Digest(Digest),
    /// The check with this number has ended.
    CheckEnded(usize, Box<Check>),
    /// What a checksum file names for the image; why it names nothing, as a sentence.
    Expected(Result<Expected, String>),
    /// All checks have ended.
    Verified(Box<verify::plan::Report>),
    /// What is worth a look.
    Remarked(Arc<Vec<Remark>>),
    /// A view for the preview.
    #[cfg(feature = "preview")]
    Previewed(Box<Previewed>),
    /// A file is saved.
    FileSaved,
    /// The settings are saved.
    SettingsSaved,
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Opened(opened) => opened.fmt(f),
            Self::Folder(read) => write!(f, "Folder of {} entries", read.folder.entries().len()),
            Self::Index(index) => write!(f, "Index of {} entries", index.len()),
            Self::Sorted(rows) => write!(f, "{} sorted rows", rows.len()),
            Self::Found(found) => write!(f, "{} found", found.rows.len()),
            Self::Located(path) => write!(f, "Path of {} folders", path.len()),
            Self::Details(groups) => write!(f, "{} groups of details", groups.len()),
            Self::Planned(planned) => planned.fmt(f),
            Self::Extracted(report) => f.write_str(&report.sentence()),
            Self::Prepared(prepared) => prepared.fmt(f),
            Self::Mounted(published) => write!(f, "Mounted at {}", published.folder().display()),
            Self::CopiedOut(copied) => f.write_str(&copied.report.sentence()),
            Self::Compared(compared) => write!(f, "{} compared pairs of trees", compared.len()),
            Self::Studied(study) => write!(f, "{} verdicts", study.verdicts.len()),
            Self::Identified(identity) => write!(f, "{} claims", identity.claims.len()),
            Self::Surveyed(checks) => write!(f, "{} checks", checks.len()),
            Self::Recalled(kept) => write!(f, "{} kept digests", kept.digests.len()),
            Self::Digest(digest) => write!(f, "{} {digest}", digest.algorithm),
            Self::CheckEnded(at, check) => write!(f, "Check {at}: {}", check.detail),
            Self::Expected(expected) => expected.fmt(f),
            Self::Verified(report) => write!(f, "{} checks made", report.checks.len()),
            Self::Remarked(remarks) => write!(f, "{} remarks", remarks.len()),
            Self::Unseen(unseen) => write!(f, "{} gaps", unseen.gaps.len()),
            #[cfg(feature = "preview")]
            Self::Previewed(previewed) => previewed.fmt(f),
            Self::FileSaved => f.write_str("File saved"),
            Self::SettingsSaved => f.write_str("Settings saved"),
        }
    }
}

impl Output {
    /// How many things in it the user should see although the job is done.
    pub(super) fn notes(&self) -> usize {
        match self {
            // A report that was cancelled without a single note is no plain success either.
            Self::Extracted(report) if !report.is_plain() => report.len().max(1),
            Self::CopiedOut(copied) if !copied.report.is_plain() => copied.report.len().max(1),
            _ => 0,
        }
    }
}
