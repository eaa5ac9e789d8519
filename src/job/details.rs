//! Reading every field of an entry, or of the image, with its meaning.

use std::sync::Arc;

use super::{Context, Failure, Job, Lane, Output};
use crate::disc::Image;
use crate::disc::tree::{FileTree, Folder};

/// Reads the fields of one entry.
#[derive(Clone)]
pub struct ReadDetails {
    /// The tree it belongs to.
    pub tree: Arc<dyn FileTree>,
    /// The folder that holds it.
    pub folder: Arc<Folder>,
    /// Its place there.
    pub index: usize,
}

impl Job for ReadDetails {
    fn name(&self) -> &'static str {
        "Reading the details of an entry"
    }

    fn lane(&self) -> Lane {
        Lane::Preview
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        Ok(Output::Details(context.tree(&self.tree).details(&self.folder, self.index)?))
    }
}

/// Lists the fields of the image's own descriptors.
#[derive(Clone)]
pub struct ReadImageDetails {
    /// The image.
    pub image: Arc<Image>,
}

impl Job for ReadImageDetails {
    fn name(&self) -> &'static str {
        "Reading the details of the image"
    }

    fn lane(&self) -> Lane {
        Lane::Preview
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        let details = self.image.details();
        context.check()?;
        Ok(Output::Details(details))
    }
}
