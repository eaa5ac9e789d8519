//! Opening an image: its descriptors and its root folder.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Context, Failure, Job, Lane, Output};
use crate::disc::source::{FileSource, MemorySource};
use crate::disc::tree::Folder;
use crate::disc::{Error, Image, Source};

/// Opens the image in a file.
#[derive(Debug, Clone)]
pub struct OpenImage {
    /// The file.
    pub path: PathBuf,
    /// Number of the session to open, counted from 1; `None` for the newest.
    pub session: Option<u32>,
}

/// An image that is open.
pub struct Opened {
    /// The image.
    pub image: Arc<Image>,
    /// Its file; empty for the sample disc.
    pub path: PathBuf,
    /// Bytes of the file.
    pub file_size: u64,
    /// The root folder of the default tree, or why it cannot be read: the rest of the image may still be of use.
    pub root: Result<Arc<Folder>, Error>,
    /// How long it took.
    pub took: Duration,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { image: _, path, file_size, root, took } = self;
        let entries = root.as_ref().map(|root| root.entries().len());
        write!(f, "Opened {{ {} of {file_size} bytes, root: {entries:?}, {took:?} }}", path.display())
    }
}

impl Job for OpenImage {
    fn name(&self) -> &'static str {
        "Opening an image"
    }

    fn lane(&self) -> Lane {
        Lane::Interactive
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        let start = Instant::now();
        let file = FileSource::open(&self.path)?;
        open(context, Arc::new(file), self.path, self.session, start)
    }
}

/// Opens the disc that comes with the program.
#[derive(Debug, Clone)]
pub struct OpenSample {
    /// Number of the session to open, counted from 1; `None` for the newest.
    pub session: Option<u32>,
}

impl Job for OpenSample {
    fn name(&self) -> &'static str {
        "Opening the sample disc"
    }

    fn lane(&self) -> Lane {
        Lane::Interactive
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        let bytes = MemorySource::new(&include_bytes!("../../assets/sample.iso")[..]);
        open(context, Arc::new(bytes), PathBuf::new(), self.session, Instant::now())
    }
}

fn open(
    context: &Context,
    source: Arc<dyn Source>,
    path: PathBuf,
    session: Option<u32>,
    start: Instant,
) -> Result<Output, Failure> {
    let file_size = source.len();
    // The image goes on reading through this job's token. Nobody can cancel that once the job has ended.
    let source = context.source(source);
    let image = match session {
        Some(number) => Image::open_session(source, number)?,
        None => Image::open(source)?,
    };
    let tree = image.default_tree();
    let root = match tree.read_folder(tree.root()) {
        Err(Error::Cancelled) => return Err(Error::Cancelled.into()),
        result => result.map(Arc::new),
    };
    let took = start.elapsed();
    Ok(Output::Opened(Opened { image: Arc::new(image), path, file_size, root, took }))
}
