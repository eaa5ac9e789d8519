//! Checking whether an image is whole.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Context, Failure, Job, Lane, Output, Progress, Unit};
use crate::disc::source::{FileSource, read_up_to};
use crate::disc::{Extent, Image, text};
use crate::settings::digests::{self, Stamp};
use crate::verify::plan::{News, Plan, Request, Subject};
use crate::verify::sums::Expected;
use crate::verify::suspicion;

/// Looks for what the image can be checked by.
#[derive(Clone)]
pub struct SurveyChecks {
    /// The image.
    pub image: Arc<Image>,
    /// Where its file lies.
    pub path: Option<PathBuf>,
    /// The list of digests that were made of files.
    pub kept: Option<PathBuf>,
}

impl Job for SurveyChecks {
    fn name(&self) -> &'static str {
        "Looking for checksums"
    }

    fn lane(&self) -> Lane {
        Lane::Interactive
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        let Self { image, path, kept } = self;
        let read = image.with_source(&context.source(image.source().clone()));
        let raw = image.raw_file().map(|file| context.source(file.clone()));
        let subject = Subject { image: &read, raw: raw.as_ref(), path: path.as_deref() };
        if let Some(kept) = path.as_deref().and_then(|path| digests::recall(kept.as_deref()?, path)) {
            context.part(Output::Recalled(kept));
        }
        Ok(Output::Surveyed(Plan::new(subject, &Request::default())?.checks()))
    }
}

/// Makes every check, and gives [`Output::Surveyed`], [`Output::Digest`] and [`Output::CheckEnded`] as they come.
#[derive(Clone)]
pub struct VerifyImage {
    /// The image.
    pub image: Arc<Image>,
    /// Where its file lies.
    pub path: Option<PathBuf>,
    /// What is wanted besides the checks that it offers.
    pub request: Request,
    /// The list in which the digests are kept.
    pub kept: Option<PathBuf>,
}

impl Job for VerifyImage {
    fn name(&self) -> &'static str {
        "Checking the image"
    }

    fn lane(&self) -> Lane {
        Lane::Background
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        let Self { image, path, request, kept } = self;
        let before = path.as_deref().and_then(Stamp::of);
        let read = image.with_source(&context.source(image.source().clone()));
        let raw = image.raw_file().map(|file| context.source(file.clone()));
        let subject = Subject { image: &read, raw: raw.as_ref(), path: path.as_deref() };
        let plan = Plan::new(subject, &request)?;
        context.part(Output::Surveyed(plan.checks()));
        let (mut done, total) = (0_u64, plan.bytes());
        let report = plan.run(subject, &mut |news| match news {
            News::Read(more) => {
                done = done.saturating_add(more);
                context.progress(|| Progress::of(done, total, Unit::Bytes));
            }
            News::Digest(digest) => context.part(Output::Digest(digest.clone())),
            News::Ended(at, check) => context.part(Output::CheckEnded(at, Box::new(check.clone()))),
        })?;
        if let Some((list, before)) = kept.zip(before) {
            let made = report.digests.iter().map(|digest| (digest.algorithm.slug().to_owned(), digest.to_string()));
            // What cannot be kept is made again.
            digests::keep(&list, &before, made.collect()).unwrap_or_default();
        }
        Ok(Output::Verified(Box::new(report)))
    }
}

/// Reads a checksum file that the user points at.
#[derive(Clone)]
pub struct ReadSums {
    /// The checksum file.
    pub path: PathBuf,
    /// The name of the image in it.
    pub image_name: String,
}

/// Bytes of a checksum file that are looked at. Those of distributions have some hundred kilobytes.
const SUMS: u64 = 4 << 20;

impl Job for ReadSums {
    fn name(&self) -> &'static str {
        "Reading a checksum file"
    }

    fn lane(&self) -> Lane {
        Lane::Interactive
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        let file = context.source(Arc::new(FileSource::open(&self.path)?));
        let bytes = read_up_to(file.as_ref(), Extent::new(0, SUMS))?;
        Ok(Output::Expected(Expected::parse(&text::decode(&bytes), Some(&self.image_name))))
    }
}

/// Looks for what is worth a look.
#[derive(Clone)]
pub struct FindRemarks {
    /// The image.
    pub image: Arc<Image>,
}

impl Job for FindRemarks {
    fn name(&self) -> &'static str {
        "Looking for what is unusual"
    }

    fn lane(&self) -> Lane {
        Lane::Background
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        let image = self.image.with_source(&context.source(self.image.source().clone()));
        let mut progress = |done, total| context.progress(|| Progress::of(done, total, Unit::Bytes));
        Ok(Output::Remarked(Arc::new(suspicion::find(&image, &mut progress)?)))
    }
}
