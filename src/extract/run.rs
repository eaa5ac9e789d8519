//! Carrying out a plan, one file after the other.

use std::io;
use std::rc::Rc;
use std::sync::Arc;

use super::copy::{self, CopyError};
use super::destination::{Destination, Finish, Folder, Part, Writer};
use super::name::{self, Component};
use super::plan::{Action, Batch, OnConflict, Plan, Skip};
use super::report::{Outcome, Reason, Report, Stop};
use crate::disc::text::path_component;
use crate::disc::time::Timestamp;
use crate::disc::tree::{self, Folder as DiscFolder};
use crate::disc::{Error, Source};

/// Folders that are held open at one time. Deeper ones are opened again from the destination on.
const HANDLES: usize = 32;

/// Numbers that are tried for a name that was taken while the extraction ran.
const NUMBERS: u32 = 10_000;

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
    let writer = destination.start()?;
    let root = Rc::new(writer.root()?);
    let sync = match durability {
        Durability::Auto => destination.is_removable(),
        Durability::Always => true,
        Durability::Never => false,
    };
    let totals = plan.totals();
    let mut run = Run {
        plan,
        writer,
        root,
        sync,
        open: Vec::new(),
        late: Vec::new(),
        copier: copy::Copier::new(),
        report: Report::new(plan.clone()),
        meter: Meter { progress, cancelled, bytes: 0, entries: 0, of_bytes: totals.bytes, of_entries: totals.planned },
    };
    let stop = run.batches().err();
    run.close_all();
    if stop.is_none() {
        // It is too late to cancel.
        let _: bool = run.meter.tick("", 0);
    }
    let Run { writer, report, .. } = run;
    // The files are complete; a journal that stays is dealt with by the next run.
    writer.finish().unwrap_or_default();
    Ok(report.finish(stop))
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
    folder: Rc<Folder>,
    /// The time it gets when everything is in it; only for folders that this run made.
    modified: Option<Timestamp>,
    made: bool,
}

struct Run<'a> {
    plan: &'a Arc<Plan>,
    writer: Writer<'a>,
    root: Rc<Folder>,
    sync: bool,
    /// The folders from some ancestor down to the current one.
    open: Vec<Open>,
    /// Folders that were closed before everything was in them.
    late: Vec<(u32, Option<Timestamp>)>,
    copier: copy::Copier,
    report: Report,
    meter: Meter<'a>,
}

impl Run<'_> {
    fn batches(&mut self) -> Result<(), Stop> {
        let plan = self.plan.clone();
        for batch in &plan.batches {
            let folder = match self.enter(batch) {
                Ok(folder) => Some(folder),
                Err(reason) => {
                    self.report.add(batch.folder, Outcome::Failed, reason?);
                    None
                }
            };
            self.meter.entries += u64::from(batch.folder != Plan::TOP);
            self.fill(batch, folder.as_deref())?;
        }
        Ok(())
    }

    /// Opens the folder of a batch, made if need be. An error is the reason why not, or why to end.
    fn enter(&mut self, batch: &Batch) -> Result<Rc<Folder>, Result<Reason, Stop>> {
        if batch.folder == Plan::TOP {
            return Ok(self.root.clone());
        }
        let at = batch.folder;
        let parent = self.plan.entry(at).map_or(Plan::TOP, |entry| entry.parent);
        let parent = self.reach(parent).map_err(|_| Ok(Reason::Above))?;
        if !self.meter.tick(self.plan.to_name(at), 0) {
            return Err(Err(Stop::Cancelled));
        }
        let planned = self.plan.to_name(at).to_owned();
        let mut result = Err(io::ErrorKind::InvalidInput.into());
        for number in 1..NUMBERS {
            let name = if number == 1 { planned.clone() } else { name::numbered(&planned, number) };
            let Some(component) = Component::new(&name) else { break };
            result = parent.make(component);
            match &result {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Ok(_) if number > 1 => {
                    self.report.set_name(at, &name);
                    break;
                }
                _ => break,
            }
        }
        let (folder, made) = result.map_err(|error| self.trouble("The folder could not be made", &error))?;
        self.report.add_written(at, if self.report.name(at) == planned { Reason::Planned } else { Reason::Appeared });
        let folder = Rc::new(folder);
        self.open.push(Open { entry: at, folder: folder.clone(), modified: batch.modified, made });
        if self.open.len() > HANDLES {
            let Open { entry, modified, made, .. } = self.open.remove(0);
            if made {
                self.late.push((entry, modified));
            }
        }
        Ok(folder)
    }

    /// The open folder of the entry `at`, whose descendants are the only ones that stay open.
    fn reach(&mut self, at: u32) -> io::Result<Rc<Folder>> {
        while let Some(last) = self.open.last() {
            if last.entry == at {
                return Ok(last.folder.clone());
            }
            self.close();
        }
        if at == Plan::TOP { Ok(self.root.clone()) } else { self.reopen(at) }
    }

    /// Opens a folder that was made before, from the destination on.
    fn reopen(&self, at: u32) -> io::Result<Rc<Folder>> {
        let mut names = Vec::new();
        let mut next = at;
        while let Some(entry) = self.plan.entry(next) {
            names.push(Component::new(self.report.name(next)).ok_or(io::ErrorKind::InvalidInput)?);
            next = entry.parent;
        }
        let mut folder = self.root.clone();
        for name in names.into_iter().rev() {
            folder = Rc::new(folder.open(name)?);
        }
        Ok(folder)
    }

    /// Closes the innermost open folder. Nothing more comes into it, so it gets its time.
    fn close(&mut self) {
        if let Some(Open { folder, modified, made: true, .. }) = self.open.pop() {
            self.seal(&folder, modified);
        }
    }

    fn close_all(&mut self) {
        while !self.open.is_empty() {
            self.close();
        }
        for (entry, modified) in std::mem::take(&mut self.late) {
            if let Ok(folder) = self.reopen(entry) {
                self.seal(&folder, modified);
            }
        }
    }

    /// Gives a folder its time. A folder without it is still whole, so there is nothing to report.
    fn seal(&self, folder: &Folder, modified: Option<Timestamp>) {
        if let Some(modified) = modified {
            let _: bool = folder.set_modified(modified);
        }
        if self.sync {
            folder.sync().unwrap_or_default();
        }
    }

    /// Writes the files of a batch into `folder`; without one, all of them failed.
    fn fill(&mut self, batch: &Batch, folder: Option<&Folder>) -> Result<(), Stop> {
        let plan = self.plan.clone();
        let path = self.report.to_path(batch.folder);
        let mut disc: Option<Result<DiscFolder, Error>> = None;
        for at in batch.entries.iter().copied() {
            let Some(entry) = plan.entry(at) else { continue };
            match entry.action {
                // It has a batch of its own.
                Action::Folder => continue,
                Action::Skip(why) => self.report.add_skipped(at, why),
                Action::Unreadable => self.report.add(at, Outcome::Failed, Reason::Planned),
                Action::File | Action::Replace => match folder {
                    None => self.report.add(at, Outcome::Failed, Reason::Above),
                    Some(folder) => {
                        if !self.meter.tick(plan.to_name(at), 0) {
                            return Err(Stop::Cancelled);
                        }
                        match self.find(batch, at, &mut disc) {
                            Ok(file) => self.write(at, folder, &path, &file)?,
                            Err(Error::Cancelled) => return Err(Stop::Cancelled),
                            Err(error) => {
                                self.report.add(at, Outcome::Failed, Reason::Text(error.to_string().into()));
                            }
                        }
                        self.meter.bytes = self.meter.bytes.saturating_add(entry.size);
                    }
                },
            }
            self.meter.entries += 1;
        }
        Ok(())
    }

    /// The bytes and attributes of a file. `disc` keeps the folder of the disc for its siblings.
    fn find(&self, batch: &Batch, at: u32, disc: &mut Option<Result<DiscFolder, Error>>) -> Result<Found, Error> {
        let changed = || Error::damaged("image file", 0, "The image has changed since the extraction was planned");
        let entry = self.plan.entry(at).ok_or_else(changed)?;
        let index = entry.index as usize;
        let (Some(id), Some(tree)) = (batch.disc, &self.plan.tree) else {
            let source = self.plan.loose.get(index).ok_or_else(changed)?.clone();
            return Ok(Found { source, size: entry.size, executable: false, modified: None });
        };
        let folder = disc.get_or_insert_with(|| tree.read_folder(id)).as_ref().map_err(Clone::clone)?;
        let found = folder.entries().get(index).ok_or_else(changed)?;
        let same = found.is_file()
            && found.size == entry.size
            && self.plan.disc_name(at).ends_with(&*path_component(folder.name(found)));
        if !same {
            return Err(changed());
        }
        let executable = found.posix().is_some_and(|posix: tree::Posix| posix.mode & 0o100 != 0);
        Ok(Found { source: tree.open(found)?, size: entry.size, executable, modified: found.modified })
    }

    /// Writes one file.
    fn write(&mut self, at: u32, folder: &Folder, path: &str, file: &Found) -> Result<(), Stop> {
        let plan = self.plan.clone();
        let mut part = match self.writer.create(folder, path, file.executable) {
            Ok(part) => part,
            Err(error) => return self.fail(at, &error),
        };
        let name = plan.to_name(at);
        let meter = &mut self.meter;
        let copied = self.copier.copy(&*file.source, file.size, &mut part, &mut |written| meter.tick(name, written));
        match copied {
            Ok(()) => self.deliver(at, &mut part, file),
            Err(CopyError::Cancelled) => Err(Stop::Cancelled),
            Err(CopyError::Read(Error::Cancelled)) => Err(Stop::Cancelled),
            Err(CopyError::Read(error)) => {
                self.report.add(at, Outcome::Failed, Reason::Text(error.to_string().into()));
                Ok(())
            }
            Err(CopyError::Write(error)) => self.fail(at, &error),
        }
    }

    /// Gives a complete file its name, or another one when that is taken by now.
    fn deliver(&mut self, at: u32, part: &mut Part<'_>, file: &Found) -> Result<(), Stop> {
        let plan = self.plan.clone();
        let planned = plan.to_name(at);
        let replace = plan.entry(at).is_some_and(|entry| entry.action == Action::Replace);
        let finish = Finish { size: file.size, modified: file.modified, sync: self.sync, replace };
        let mut name = planned.to_owned();
        for number in 2..NUMBERS {
            let Some(component) = Component::new(&name) else { break };
            match part.deliver(component, finish) {
                Ok(time_kept) => {
                    let reason = match () {
                        () if name != planned => Reason::Appeared,
                        () if !time_kept => Reason::Time,
                        () if replace => Reason::Replaced,
                        () => Reason::Planned,
                    };
                    if name != planned {
                        self.report.set_name(at, &name);
                    }
                    self.report.add_bytes(file.size);
                    self.report.add_written(at, reason);
                    return Ok(());
                }
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return self.fail(at, &error),
                Err(_) if plan.policy == OnConflict::Skip => {
                    let why = Reason::Text(Skip::Exists.sentence().into());
                    self.report.add(at, Outcome::Skipped, why);
                    return Ok(());
                }
                Err(_) => name = name::numbered(planned, number),
            }
        }
        self.fail(at, &io::ErrorKind::AlreadyExists.into())
    }

    /// A file could not be written: the rest is tried all the same, unless it cannot be written either.
    fn fail(&mut self, at: u32, error: &io::Error) -> Result<(), Stop> {
        let reason = self.trouble("It could not be written", error)?;
        self.report.add(at, Outcome::Failed, reason);
        Ok(())
    }

    /// What to say of an error of the destination, or why to end.
    fn trouble(&self, what: &str, error: &io::Error) -> Result<Reason, Stop> {
        use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        match error.kind() {
            StorageFull => Err(Stop::Destination("The destination is full".to_owned())),
            QuotaExceeded => Err(Stop::Destination("You may not store more in the destination".to_owned())),
            ReadOnlyFilesystem => Err(Stop::Destination("The destination can only be read".to_owned())),
            _ => Ok(Reason::Text(format!("{what}: {error}").into())),
        }
    }
}

/// A file of the disc that is to be written.
struct Found {
    source: Arc<dyn Source>,
    size: u64,
    executable: bool,
    modified: Option<Timestamp>,
}
