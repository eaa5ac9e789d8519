//! Carrying out a plan: folders in their order, small files side by side.

use std::io;
use std::sync::Arc;

use super::destination::{Destination, Folder};
use super::hand::{self, Crew, Done, Hand, Place, Task, Written};
use super::name::{self, Component};
use super::plan::{Action, Batch, Plan};
use super::report::{Outcome, Reason, Report, Stop};
use crate::disc::Error;
use crate::disc::text::path_component;
use crate::disc::time::Timestamp;
use crate::disc::tree::{self, Folder as DiscFolder};

/// Folders that are held open at one time. Deeper ones are opened again from the destination on.
const HANDLES: usize = 32;

/// Whether to wait until the medium has everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// When the medium is likely to be pulled out.
    #[default]
    Auto,
    /// For every file: slow, and safe.
    Always,
    /// Never: the system writes when it likes.
    Never,
}

/// How far an extraction is.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Entries that are done, in whatever way.
    pub entries_done: u64,
    /// Entries of the plan.
    pub entries: u64,
    /// Bytes written.
    pub bytes_done: u64,
    /// Bytes that will be written.
    pub bytes: u64,
    /// Name of the file that is being written.
    pub current: &'a str,
}

/// Carries out `plan` in the folder `destination`, with which it was made. `progress` is called for every entry and
/// every few megabytes, `cancelled` is asked as often.
///
/// An error means that nothing could be written at all; everything else is in the report.
pub fn run(
    plan: &Arc<Plan>,
    destination: &Destination,
    durability: Durability,
    progress: &mut dyn FnMut(Progress<'_>),
    cancelled: &dyn Fn() -> bool,
) -> io::Result<Report> {
    let sync = match durability {
        Durability::Auto => destination.is_removable(),
        Durability::Always => true,
        Durability::Never => false,
    };
    let hand = Hand::new(plan, destination, sync)?;
    let root = Arc::new(Place { folder: hand.root()?, modified: None, sync: false });
    let totals = plan.totals();
    std::thread::scope(|scope| {
        let mut run = Run {
            plan,
            hand,
            crew: Crew::start(scope, plan, destination, sync),
            root,
            sync,
            open: Vec::new(),
            late: Vec::new(),
            links: Vec::new(),
            report: Report::new(plan.clone()),
            meter: Meter {
                progress,
                cancelled,
                bytes: 0,
                entries: 0,
                of_bytes: totals.bytes,
                of_entries: totals.planned,
            },
        };
        let stop = run.batches().and_then(|()| run.absorb()).err();
        let stop = run.end(stop);
        if stop.is_none() {
            // It is too late to cancel.
            let _: bool = run.meter.tick("", 0);
        }
        let Run { hand, report, .. } = run;
        hand.finish();
        Ok(report.finish(stop))
    })
}

struct Meter<'a> {
    progress: &'a mut dyn FnMut(Progress<'_>),
    cancelled: &'a dyn Fn() -> bool,
    bytes: u64,
    entries: u64,
    of_bytes: u64,
    of_entries: u64,
}

impl Meter<'_> {
    /// Tells how far it is, with `more` bytes of the current file; false when it is to end.
    fn tick(&mut self, current: &str, more: u64) -> bool {
        (self.progress)(Progress {
            entries_done: self.entries,
            entries: self.of_entries,
            bytes_done: self.bytes.saturating_add(more),
            bytes: self.of_bytes,
            current,
        });
        !(self.cancelled)()
    }
}

/// A folder of the destination that is open.
struct Open {
    entry: u32,
    place: Arc<Place>,
}

struct Run<'a, 'scope> {
    plan: &'a Plan,
    hand: Hand<'a>,
    crew: Option<Crew<'scope>>,
    root: Arc<Place>,
    sync: bool,
    /// The folders from some ancestor down to the current one.
    open: Vec<Open>,
    /// Folders that were closed before everything was in them, and their times.
    late: Vec<(u32, Option<Timestamp>)>,
    /// Symbolic links to make in the end, so that no file is ever written where one leads: the folder, the entry, and
    /// the target.
    links: Vec<(u32, u32, Box<str>)>,
    report: Report,
    meter: Meter<'a>,
}

impl Run<'_, '_> {
    fn batches(&mut self) -> Result<(), Stop> {
        for batch in &self.plan.batches {
            let place = match self.enter(batch) {
                Ok(place) => Some(place),
                Err(reason) => {
                    self.report.add(batch.folder, Outcome::Failed, reason?);
                    None
                }
            };
            self.meter.entries += u64::from(batch.folder != Plan::TOP);
            self.fill(batch, place.as_ref())?;
        }
        Ok(())
    }

    /// Opens the folder of a batch, made if need be. An error is the reason why not, or why to end.
    fn enter(&mut self, batch: &Batch) -> Result<Arc<Place>, Result<Reason, Stop>> {
        if batch.folder == Plan::TOP {
            return Ok(self.root.clone());
        }
        let at = batch.folder;
        let planned = self.plan.to_name(at);
        let parent = self.plan.entry(at).map_or(Plan::TOP, |entry| entry.parent);
        let parent = self.reach(parent).map_err(|_| Ok(Reason::Above))?;
        if !self.meter.tick(planned, 0) {
            return Err(Err(Stop::Cancelled));
        }
        let mut other: Option<String> = None;
        let mut made = Err(io::ErrorKind::InvalidInput.into());
        for number in 2..hand::NUMBERS {
            let Some(component) = Component::new(other.as_deref().unwrap_or(planned)) else { break };
            made = parent.folder.make(component);
            match &made {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    other = Some(name::numbered(planned, number));
                }
                _ => break,
            }
        }
        let (folder, is_new) = made.map_err(|error| hand::trouble("The folder could not be made", &error))?;
        self.report.add_written(at, if other.is_some() { Reason::Appeared } else { Reason::Planned });
        if let Some(name) = other {
            self.report.set_name(at, &name);
        }
        let place = self.place(folder, batch.modified, is_new);
        self.open.push(Open { entry: at, place: place.clone() });
        if self.open.len() > HANDLES {
            let Open { entry, place } = self.open.remove(0);
            if place.modified.is_some() || place.sync {
                self.late.push((entry, place.modified));
            }
        }
        Ok(place)
    }

    fn place(&self, folder: Folder, modified: Option<Timestamp>, is_new: bool) -> Arc<Place> {
        Arc::new(Place { folder, modified: modified.filter(|_| is_new), sync: self.sync && is_new })
    }

    /// The open folder of the entry `at`, whose descendants are the only ones that stay open.
    fn reach(&mut self, at: u32) -> io::Result<Arc<Place>> {
        while let Some(last) = self.open.last() {
            if last.entry == at {
                return Ok(last.place.clone());
            }
            self.open.pop();
        }
        if at == Plan::TOP { Ok(self.root.clone()) } else { Ok(self.place(self.reopen(at)?, None, false)) }
    }

    /// Opens a folder that was made before, from the destination on.
    fn reopen(&self, at: u32) -> io::Result<Folder> {
        let mut names = Vec::new();
        let mut next = at;
        while let Some(entry) = self.plan.entry(next) {
            names.push(Component::new(self.report.name(next)).ok_or(io::ErrorKind::InvalidInput)?);
            next = entry.parent;
        }
        let first = names.pop().ok_or(io::ErrorKind::InvalidInput)?;
        let mut folder = self.root.folder.open(first)?;
        for name in names.into_iter().rev() {
            folder = folder.open(name)?;
        }
        Ok(folder)
    }

    /// Waits for what was given away, and gives the last folders their times. The reason why the run ended early, if
    /// it did.
    fn end(&mut self, mut stop: Option<Stop>) -> Option<Stop> {
        if let Some(crew) = self.crew.take() {
            for done in crew.end(stop.is_some()) {
                let stopped = self.note(done).err();
                stop = stop.or(stopped);
            }
        }
        while self.open.pop().is_some() {}
        if stop.is_none() {
            stop = self.make_links().err();
        }
        for (entry, modified) in std::mem::take(&mut self.late) {
            if let Ok(folder) = self.reopen(entry) {
                drop(self.place(folder, modified, true));
            }
        }
        stop
    }

    /// Makes the symbolic links. Where they lead was checked when the plan was made.
    fn make_links(&mut self) -> Result<(), Stop> {
        for (at, entry, target) in std::mem::take(&mut self.links) {
            if !self.meter.tick(self.plan.to_name(entry), 0) {
                return Err(Stop::Cancelled);
            }
            let reopened;
            let folder = match at {
                Plan::TOP => &self.root.folder,
                at => match self.reopen(at) {
                    Ok(folder) => {
                        reopened = folder;
                        &reopened
                    }
                    Err(_) => {
                        self.note((entry, 0, Ok(Written::Failed(Reason::Above))))?;
                        continue;
                    }
                },
            };
            let written = self.hand.link(entry, folder, &self.report.to_path(at), &target);
            self.note((entry, 0, written))?;
        }
        Ok(())
    }

    /// Writes the files of a batch into `place`; without one, all of them failed.
    fn fill(&mut self, batch: &Batch, place: Option<&Arc<Place>>) -> Result<(), Stop> {
        let path = self.report.to_path(batch.folder).into();
        let mut disc: Option<Result<DiscFolder, Error>> = None;
        let mut late = None;
        for at in batch.entries.iter().copied() {
            let Some(entry) = self.plan.entry(at) else { continue };
            match entry.action {
                // It has a batch of its own.
                Action::Folder => continue,
                Action::Skip(why) => self.report.add_skipped(at, why),
                Action::Unreadable => self.report.add(at, Outcome::Failed, Reason::Planned),
                Action::Link => {
                    match (place, self.target(batch, at, &mut disc)) {
                        (None, _) => self.report.add(at, Outcome::Failed, Reason::Above),
                        (_, Err(Error::Cancelled)) => return Err(Stop::Cancelled),
                        (_, Err(error)) => {
                            self.report.add(at, Outcome::Failed, Reason::Text(error.to_string().into()));
                        }
                        (Some(place), Ok(target)) => {
                            self.links.push((batch.folder, at, target));
                            // Making them changes the time of the folder again.
                            if place.modified.is_some() {
                                late = Some((batch.folder, place.modified));
                            }
                            continue;
                        }
                    }
                }
                Action::File | Action::Replace | Action::Rescue => match place {
                    None => self.report.add(at, Outcome::Failed, Reason::Above),
                    Some(place) => {
                        if !self.meter.tick(self.plan.to_name(at), 0) {
                            return Err(Stop::Cancelled);
                        }
                        match self.find(batch, at, place, &path, &mut disc) {
                            Ok(task) => self.give(task)?,
                            Err(Error::Cancelled) => return Err(Stop::Cancelled),
                            Err(error) => {
                                let reason = Reason::Text(error.to_string().into());
                                self.note((at, entry.size, Ok(Written::Failed(reason))))?;
                            }
                        }
                        continue;
                    }
                },
            }
            self.meter.entries += 1;
        }
        self.late.extend(late);
        Ok(())
    }

    /// Where the symbolic link `at` leads.
    fn target(&self, batch: &Batch, at: u32, disc: &mut Option<Result<DiscFolder, Error>>) -> Result<Box<str>, Error> {
        let entry = self.plan.entry(at).ok_or_else(changed)?;
        let (Some(id), Some(tree)) = (batch.disc, &self.plan.tree) else { return Err(changed()) };
        let folder = disc.get_or_insert_with(|| tree.read_folder(id)).as_ref().map_err(Clone::clone)?;
        let found = folder.entries().get(entry.index as usize).ok_or_else(changed)?;
        let target = folder.target(found).ok_or_else(changed)?;
        // The place that was planned for it must be the one that it leads from.
        if self.plan.leads_inside(at, target) { Ok(target.into()) } else { Err(changed()) }
    }

    /// The bytes and attributes of a file. `disc` keeps the folder of the disc for its siblings.
    fn find(
        &self,
        batch: &Batch,
        at: u32,
        place: &Arc<Place>,
        path: &Arc<str>,
        disc: &mut Option<Result<DiscFolder, Error>>,
    ) -> Result<Task, Error> {
        let entry = self.plan.entry(at).ok_or_else(changed)?;
        let index = entry.index as usize;
        let task = |source, executable, modified| {
            let (place, path) = (place.clone(), path.clone());
            Task { entry: at, place, path, source, size: entry.size, executable, modified }
        };
        let (Some(id), Some(tree)) = (batch.disc, &self.plan.tree) else {
            return Ok(task(self.plan.loose.get(index).ok_or_else(changed)?.clone(), false, None));
        };
        let folder = disc.get_or_insert_with(|| tree.read_folder(id)).as_ref().map_err(Clone::clone)?;
        let found = folder.entries().get(index).ok_or_else(changed)?;
        let same = found.is_file()
            && found.size == entry.size
            && self.plan.disc_name(at).ends_with(&*path_component(folder.name(found)));
        if !same {
            return Err(changed());
        }
        let executable = folder.posix(found).is_some_and(|posix: tree::Posix| posix.mode & 0o100 != 0);
        Ok(task(tree.open(found)?, executable, found.modified))
    }

    /// Has a file written, by another thread or by this one.
    fn give(&mut self, task: Task) -> Result<(), Stop> {
        let task = match &self.crew {
            Some(crew) => match crew.offer(task) {
                Ok(()) => return self.absorb(),
                Err(task) => task,
            },
            None => task,
        };
        let (meter, name) = (&mut self.meter, self.plan.to_name(task.entry));
        let written = self.hand.write(&task, &mut |written| meter.tick(name, written));
        self.note((task.entry, task.size, written))?;
        self.absorb()
    }

    /// Takes note of what other threads have done.
    fn absorb(&mut self) -> Result<(), Stop> {
        let done: Vec<Done> = self.crew.iter().flat_map(Crew::done).collect();
        done.into_iter().try_for_each(|done| self.note(done))
    }

    /// Takes note of what became of a file.
    fn note(&mut self, (at, size, written): Done) -> Result<(), Stop> {
        match written? {
            Written::Whole(name, reason) => {
                if let Some(name) = name {
                    self.report.set_name(at, &name);
                }
                self.report.add_bytes(size);
                self.report.add_written(at, reason);
            }
            Written::Rescued { name, map, lost } => {
                self.report.set_name(at, &name);
                self.report.add(at, Outcome::Damaged, Reason::Rescued(lost, map));
            }
            Written::Skipped(reason) => self.report.add(at, Outcome::Skipped, reason),
            Written::Failed(reason) => self.report.add(at, Outcome::Failed, reason),
        }
        self.meter.bytes = self.meter.bytes.saturating_add(size);
        self.meter.entries += 1;
        Ok(())
    }
}

fn changed() -> Error {
    Error::damaged("image file", 0, "The image has changed since the extraction was planned")
}
