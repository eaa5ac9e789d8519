//! Files for other programs: for a drag, to be pasted, or to be opened.
//!
//! Where a target can read the files out of the image it does: it asks for them by itself, or finds them in a mount.
//! Else they are copied to a private folder first, and get their names there when all of them are complete.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::extract::{Planned, Wanted, carry_out, plan, unplanned, unwritten};
use super::{Context, Failure, Job, Lane, Output, Progress, Unit};
use crate::extract::danger::{self, Danger};
use crate::extract::name;
use crate::extract::plan::{Action, Options};
use crate::extract::{Destination, OriginMark, Plan, Report};
use crate::platform::files::{Attributes, Files, Node};
use crate::platform::mount::DragMount;
use crate::platform::staging::{Purpose, Slot, Staging, make_read_only};

/// Bytes that are copied for a drag at most: so much can fill a small disk, and nobody waits for it with the button down.
const COPIED_BYTES: u64 = 2 << 30;

/// Files that are copied for a drag at most.
const COPIED_FILES: u64 = 20_000;

/// How other programs get files from this one.
#[derive(Clone)]
pub enum Way {
    /// They ask for the bytes.
    Read,
    /// They find them in a mount; where that cannot be had, in a private folder.
    Mount(Arc<DragMount>, Arc<Staging>),
    /// They find copies in a private folder.
    Copy(Arc<Staging>, Purpose),
}

/// Looks at what another program shall get.
#[derive(Clone)]
pub struct PrepareTransfer {
    /// What it is.
    pub wanted: Wanted,
    /// How it gets there.
    pub way: Way,
    /// The file of the image, whose [`OriginMark`] goes with what leaves it.
    pub image: Option<PathBuf>,
}

/// What another program can be offered.
pub struct Prepared {
    /// The items as a tree that is read when somebody asks.
    pub files: Arc<dyn Files>,
    /// Where they are.
    pub route: Route,
    /// The mark of the image, for what leaves it.
    pub origin: Option<OriginMark>,
    /// What a file that is to be opened may do.
    pub danger: Option<Danger>,
}

/// Where the items are that another program is offered.
pub enum Route {
    /// In the image: the target asks for their bytes.
    Read,
    /// In a mount, under these paths.
    Mounted(Vec<PathBuf>),
    /// Nowhere yet: they have to be copied.
    Copy(Copying),
}

/// Copies that are yet to be made. When nobody wants them any more, their folder goes.
#[derive(Clone)]
pub struct Copying {
    slot: Arc<Slot>,
    /// What will be written.
    pub planned: Planned,
    /// Where the items at the top will be.
    pub paths: Vec<PathBuf>,
    /// The mark of the image.
    origin: Option<OriginMark>,
}

impl Copying {
    /// Why it is too much to be copied while somebody waits: a sentence.
    pub fn too_much(&self) -> Option<String> {
        let totals = self.planned.plan.totals();
        let room = self.planned.plan.room();
        if !room.suffices() {
            let needed = crate::disc::text::size(room.needed);
            return Some(format!("There is no room for a copy: it needs {needed} in the folder for temporary files"));
        }
        let much = totals.bytes > COPIED_BYTES || totals.files > COPIED_FILES;
        much.then(|| {
            let size = crate::disc::text::size(totals.bytes);
            format!("{} files with {size} are too much to copy for a drag", totals.files)
        })
    }

    /// Another program is told of the copies: they stay as long as this one runs.
    pub fn keep(&self) {
        self.slot.keep();
    }
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.route {
            Route::Read => f.write_str("Files to be read"),
            Route::Mounted(paths) => write!(f, "Mounted {paths:?}"),
            Route::Copy(copying) => write!(f, "Files to be copied: {:?}", copying.planned),
        }
    }
}

impl Job for PrepareTransfer {
    fn name(&self) -> &'static str {
        "Preparing files for another program"
    }

    fn lane(&self) -> Lane {
        Lane::Interactive
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        let Self { wanted, way, image } = self;
        let origin = image.as_deref().and_then(OriginMark::read);
        let files = wanted.files(origin.as_ref())?;
        let route = match &way {
            Way::Read => Route::Read,
            Way::Mount(mount, staging) => match mounted(mount, files.clone()) {
                Some(paths) => Route::Mounted(paths),
                None => Route::Copy(copying(&wanted, staging, Purpose::Handed, origin.clone(), context)?),
            },
            Way::Copy(staging, purpose) => Route::Copy(copying(&wanted, staging, *purpose, origin.clone(), context)?),
        };
        let danger = match way {
            Way::Copy(_, Purpose::Opened) => danger(&*files),
            _ => None,
        };
        Ok(Output::Prepared(Prepared { files, route, origin, danger }))
    }
}

/// What the one file of `files` may do when it is opened. One that cannot be read is not opened either.
fn danger(files: &dyn Files) -> Option<Danger> {
    let mut first = None;
    let mut each = |_: usize, name: &str, node: Node, _: Attributes| {
        first = Some((name.to_owned(), node));
        false
    };
    files.list(Node::ROOT, 0, &mut each).ok()?;
    let (name, node) = first?;
    let mut head = [0; danger::HEAD];
    let read = files.open(node).and_then(|contents| contents.read_at(0, &mut head)).unwrap_or(0);
    danger::of(&name, head.get(..read).unwrap_or_default())
}

/// The paths of the items in a mount; `None` where there can be none.
fn mounted(mount: &DragMount, files: Arc<dyn Files>) -> Option<Vec<PathBuf>> {
    let (_, folder) = mount.publish(files.clone()).ok()?;
    let mut paths = Vec::new();
    let mut each = |_: usize, name: &str, _: Node, _: Attributes| {
        paths.push(folder.join(name));
        true
    };
    files.list(Node::ROOT, 0, &mut each).ok()?;
    (!paths.is_empty()).then_some(paths)
}

/// Plans the copies.
fn copying(
    wanted: &Wanted,
    staging: &Staging,
    purpose: Purpose,
    origin: Option<OriginMark>,
    context: &Context,
) -> Result<Copying, Failure> {
    let cannot = |error| unwritten(error, Path::new("the folder for temporary files"));
    let slot = Arc::new(staging.slot(purpose).map_err(cannot)?);
    let folder = slot.unfinished();
    let destination = Destination::open(&folder).map_err(cannot)?;
    let options = Options { links: true, ..Options::default() };
    let plan = plan(wanted, options, &destination, context).map_err(|error| unplanned(error, &folder))?;
    let paths = top(&plan).map(|name| slot.path_of(&name)).collect();
    let planned = Planned { plan: Arc::new(plan), destination: folder, leftovers: 0 };
    Ok(Copying { slot, planned, paths, origin })
}

/// The names of the items that will stand at the top.
fn top(plan: &Plan) -> impl Iterator<Item = String> {
    let at_top = (0_u32..).zip(plan.entries()).filter(|(_, entry)| {
        entry.parent == Plan::TOP && !matches!(entry.action, Action::Skip(_) | Action::Unreadable)
    });
    at_top.map(|(at, _)| plan.to_path(at))
}

/// Shows all files of an image to other programs, in a folder.
#[derive(Clone)]
pub struct MountTree {
    /// The files.
    pub wanted: Wanted,
    /// The name of the folder, as far as it is fit for one.
    pub name: String,
    /// The mount that the folder stands in.
    pub mount: Arc<DragMount>,
    /// The file of the image, whose [`OriginMark`] goes with what leaves it.
    pub image: Option<PathBuf>,
}

impl Job for MountTree {
    fn name(&self) -> &'static str {
        "Mounting the image"
    }

    fn lane(&self) -> Lane {
        Lane::Interactive
    }

    fn run(self, _: &Context) -> Result<Output, Failure> {
        let origin = self.image.as_deref().and_then(OriginMark::read);
        let files = self.wanted.files(origin.as_ref())?;
        let published = self.mount.publish_while(files, &name::clean(&self.name).name);
        let failed = |error: std::io::Error| Failure::File {
            action: "The image could not be mounted",
            reason: error.to_string(),
            path: self.image.unwrap_or_default(),
        };
        published.map(|published| Output::Mounted(Arc::new(published))).map_err(failed)
    }
}

/// Makes the copies. Nothing of them stays when it is cancelled on the way, nor once nobody has their [`Copying`] any
/// more, unless that is to be [kept](Copying::keep).
#[derive(Clone)]
pub struct CopyOut {
    /// What to copy.
    pub copying: Copying,
    /// The copies can only be read.
    pub read_only: bool,
}

/// Copies that are complete.
pub struct CopiedOut {
    /// The items that are there.
    pub paths: Vec<PathBuf>,
    /// What became of every entry.
    pub report: Box<Report>,
}

impl Job for CopyOut {
    fn name(&self) -> &'static str {
        "Copying files for another program"
    }

    fn lane(&self) -> Lane {
        Lane::Extraction
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        copy_out(&self.copying, self.read_only, context).map(Output::CopiedOut)
    }
}

fn copy_out(copying: &Copying, read_only: bool, context: &Context) -> Result<CopiedOut, Failure> {
    let Copying { slot, planned, origin, .. } = copying;
    context.progress(|| Progress::of(0, planned.plan.totals().bytes, Unit::Bytes));
    let failed = |error| unwritten(error, &planned.destination);
    let destination = Destination::open(&planned.destination).map_err(failed)?.marking(origin.clone());
    let report = carry_out(&planned.plan, &destination, context).map_err(failed)?;
    context.check()?;
    let paths = slot.publish().map_err(failed)?;
    if read_only {
        for path in paths.iter().filter(|path| path.is_file()) {
            make_read_only(path).map_err(failed)?;
        }
    }
    Ok(CopiedOut { paths, report: Box::new(report) })
}
