//! Looking for what nothing on the disc shows.

use std::sync::Arc;

use super::{Context, Failure, Job, Lane, Output, Progress, Unit};
use crate::disc::{Image, unseen};

/// Finds hidden files, space that is used by nothing, and what comes after the end.
#[derive(Clone)]
pub struct FindUnseen {
    /// The image.
    pub image: Arc<Image>,
}

impl Job for FindUnseen {
    fn name(&self) -> &'static str {
        "Looking for what nothing shows"
    }

    fn lane(&self) -> Lane {
        Lane::Background
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        let image = self.image.with_source(&context.source(self.image.source().clone()));
        let mut progress = |done, total| context.progress(|| Progress::of(done, total, Unit::Bytes));
        Ok(Output::Unseen(Arc::new(unseen::find(&image, &mut progress)?)))
    }
}
