//! Finding out how a disc starts.

use std::sync::Arc;

use super::{Context, Failure, Job, Lane, Output};
use crate::boot::effort::Effort;
use crate::boot::report::Request;
use crate::boot::study::Study;
use crate::disc::Image;

/// Reads the boot structures, the programs and the menus.
#[derive(Clone)]
pub struct StudyBoot {
    /// The image.
    pub image: Arc<Image>,
    /// With how much effort, and by which list of revoked programs.
    pub request: Request,
}

impl Job for StudyBoot {
    fn name(&self) -> &'static str {
        "Finding out how the disc starts"
    }

    fn lane(&self) -> Lane {
        match self.request.effort {
            Effort::Quick => Lane::Interactive,
            Effort::Whole => Lane::Background,
        }
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        let image = self.image.with_source(&context.source(self.image.source().clone()));
        Ok(Output::Studied(Arc::new(Study::read(&image, &self.request)?)))
    }
}
