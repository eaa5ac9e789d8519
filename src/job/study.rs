//! Finding out how a disc starts.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Context, Failure, Job, Lane, Output};
use crate::boot::effort::Effort;
use crate::boot::efi::revocation::Dbx;
use crate::boot::report::Request;
use crate::boot::study::Study;
use crate::disc::source::FileSource;
use crate::disc::{Diagnostics, Image};

/// Reads the boot structures, the programs and the menus.
#[derive(Clone)]
pub struct StudyBoot {
    /// The image.
    pub image: Arc<Image>,
    /// With how much effort.
    pub effort: Effort,
    /// A list of revoked programs.
    pub list: Option<PathBuf>,
}

impl Job for StudyBoot {
    fn name(&self) -> &'static str {
        "Finding out how the disc starts"
    }

    fn lane(&self) -> Lane {
        match self.effort {
            Effort::Quick => Lane::Interactive,
            Effort::Whole => Lane::Background,
        }
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        let image = self.image.with_source(&context.source(self.image.source().clone()));
        let dbx =
            self.list.map(|list| Dbx::read(&FileSource::open(&list)?, &mut Diagnostics::default())).transpose()?;
        Ok(Output::Studied(Arc::new(Study::read(&image, &Request { effort: self.effort, dbx })?)))
    }
}
