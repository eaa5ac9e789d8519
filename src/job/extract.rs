//! Extracting: first the plan, which the user may want to see, then the work.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Context, Failure, Job, Lane, Output, Progress, Unit};
use crate::disc::part::PartGroup;
use crate::disc::source::PartSource;
use crate::disc::tree::{FileTree, Stream};
use crate::disc::{Extent, Image, Source};
use crate::extract::plan::Options;
use crate::extract::plan::{Loose, PlanError};
use crate::extract::run::Durability;
use crate::extract::{self, Destination, OriginMark, Plan, Report, Selection};
use crate::platform::files::Files;
use crate::serve::View;

/// What to extract.
#[derive(Clone)]
pub enum Wanted {
    /// Entries of a tree.
    Tree(Arc<dyn FileTree>, Selection),
    /// Parts of an image, by their places in their group.
    Parts(Arc<Image>, PartGroup, Vec<usize>),
    /// A stream of a file, under this name.
    Stream(Arc<dyn FileTree>, Box<Stream>, String),
    /// Bytes of an image, under this name.
    Bytes(Arc<Image>, Extent, String),
}

impl Wanted {
    /// The files that stand in no tree, read through what `through` makes of the image's bytes.
    fn loose(&self, through: impl Fn(Arc<dyn Source>) -> Arc<dyn Source>) -> crate::disc::Result<Vec<Loose>> {
        Ok(match self {
            Self::Tree(..) => Vec::new(),
            Self::Parts(image, group, places) => {
                let source = through(image.source().clone());
                let parts = places.iter().filter_map(|place| group.get(image, *place));
                parts
                    .map(|part| Loose {
                        name: part.file_name(),
                        size: part.extent().length,
                        source: part.open(&source),
                    })
                    .collect()
            }
            Self::Stream(tree, stream, name) => {
                let tree = tree.with_source(through(tree.source().clone()));
                vec![Loose { name: name.clone(), size: stream.size, source: tree.open_stream(stream)? }]
            }
            Self::Bytes(image, extent, name) => {
                let source = Arc::new(PartSource::new(through(image.source().clone()), *extent));
                vec![Loose { name: name.clone(), size: extent.length, source }]
            }
        })
    }

    /// The same as a tree that other programs read: only what is asked for is read. `origin` is the mark of the image.
    pub fn files(&self, origin: Option<&OriginMark>) -> crate::disc::Result<Arc<dyn Files>> {
        let view = match self {
            Self::Tree(tree, Selection::Entries(chosen)) => View::of_entries(tree.clone(), chosen.clone()),
            Self::Tree(tree, _) => View::of_tree(tree.clone()),
            loose => View::of_loose(loose.loose(|source| source)?),
        };
        Ok(Arc::new(view.with_origin(origin.and_then(OriginMark::url).map(str::to_owned))))
    }
}

/// Looks at what would happen. Nothing is written.
#[derive(Clone)]
pub struct PlanExtraction {
    /// What to extract.
    pub wanted: Wanted,
    /// The folder to extract to.
    pub destination: PathBuf,
    /// What to do when something of a name is there already, with damaged files and with links.
    pub options: Options,
}

/// What an extraction would do.
#[derive(Clone)]
pub struct Planned {
    /// The plan.
    pub plan: Arc<Plan>,
    /// The folder it was made for.
    pub destination: PathBuf,
    /// Number of unfinished files that an earlier extraction, which was killed, has left there.
    pub leftovers: usize,
}

impl std::fmt::Debug for Planned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Planned {{ {:?} to {} }}", self.plan.totals(), self.destination.display())
    }
}

impl Job for PlanExtraction {
    fn name(&self) -> &'static str {
        "Planning an extraction"
    }

    fn lane(&self) -> Lane {
        Lane::Extraction
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        let destination = open(&self.destination)?;
        // What cannot be looked at is no obstacle: the plan will meet it, if it matters.
        let leftovers = destination.leftovers().map_or(0, |leftovers| leftovers.len());
        let plan = plan(&self.wanted, self.options, &destination, context);
        let plan = plan.map_err(|error| unplanned(error, &self.destination))?;
        Ok(Output::Planned(Planned { plan: Arc::new(plan), destination: self.destination, leftovers }))
    }
}

/// Plans what becomes of `wanted` in `destination`.
pub(super) fn plan(
    wanted: &Wanted,
    options: Options,
    destination: &Destination,
    context: &Context,
) -> Result<Plan, PlanError> {
    match wanted {
        Wanted::Tree(tree, selection) => {
            let mut progress = |entries| context.progress(|| Progress::so_far(entries, Unit::Entries));
            Plan::make(&context.tree(tree), selection, options, destination, &mut progress)
        }
        other => Plan::of_loose(&other.loose(|source| context.source(source))?, options, destination),
    }
}

/// Carries out a plan. When it is cancelled on the way it still ends with its report, which says so and tells what was
/// extracted until then.
#[derive(Clone)]
pub struct RunExtraction {
    /// The plan and its folder.
    pub planned: Planned,
    /// Remove what an earlier extraction has left unfinished.
    pub remove_leftovers: bool,
    /// The file of the image: where that was downloaded from is what its files are marked with.
    pub image: Option<PathBuf>,
}

impl Job for RunExtraction {
    fn name(&self) -> &'static str {
        "Extracting"
    }

    fn lane(&self) -> Lane {
        Lane::Extraction
    }

    fn leaves_traces(&self) -> bool {
        true
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        let Planned { plan, destination: path, .. } = self.planned;
        let origin = self.image.as_deref().and_then(OriginMark::read);
        let destination = open(&path)?.marking(origin);
        if self.remove_leftovers {
            destination.remove_leftovers().map_err(|error| unwritten(error, &path))?;
        }
        let report = carry_out(&plan, &destination, context).map_err(|error| unwritten(error, &path))?;
        Ok(Output::Extracted(Box::new(report)))
    }
}

pub(super) fn carry_out(plan: &Arc<Plan>, destination: &Destination, context: &Context) -> io::Result<Report> {
    let mut tell = |progress: extract::run::Progress<'_>| {
        context.progress(|| {
            Progress::of(progress.bytes_done, progress.bytes, Unit::Bytes)
                .with_files(progress.entries_done, progress.entries)
                .with_current(progress.current)
        });
    };
    let cancelled = || context.token().is_cancelled();
    extract::run(plan, destination, Durability::Auto, &mut tell, &cancelled)
}

fn open(path: &std::path::Path) -> Result<Destination, Failure> {
    Destination::open(path).map_err(|error| Failure::File {
        action: "The folder could not be opened",
        reason: error.to_string(),
        path: path.to_owned(),
    })
}

pub(super) fn unwritten(error: io::Error, path: &std::path::Path) -> Failure {
    Failure::File { action: "Nothing could be written", reason: error.to_string(), path: path.to_owned() }
}

pub(super) fn unplanned(error: PlanError, path: &std::path::Path) -> Failure {
    match error {
        PlanError::Image(error) => error.into(),
        PlanError::Destination(error) => {
            Failure::File { action: "The folder could not be read", reason: error.to_string(), path: path.to_owned() }
        }
        other => Failure::File {
            action: "The extraction could not be planned",
            reason: other.to_string(),
            path: path.to_owned(),
        },
    }
}
