//! Finding out what a disc is.

use std::sync::Arc;

use super::{Context, Failure, Job, Lane, Output};
use crate::disc::Image;
use crate::identify::Identity;

/// Asks the disc which product it is.
#[derive(Clone)]
pub struct Identify {
    /// The image.
    pub image: Arc<Image>,
}

impl Job for Identify {
    fn name(&self) -> &'static str {
        "Finding out what the disc is"
    }

    fn lane(&self) -> Lane {
        Lane::Background
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        let image = self.image.with_source(&context.source(self.image.source().clone()));
        Ok(Output::Identified(Arc::new(Identity::read_and_ask(&image)?)))
    }
}
