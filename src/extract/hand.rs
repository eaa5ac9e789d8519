//! Writing one file of a plan, and the threads that write small files side by side.
//!
//! Most of the time that a small file takes is spent by the system on its name, its times and its place, so that two
//! threads write twice as many. Large files are left to the thread that gave out the work: one stream at a time is
//! what every medium likes best.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Scope, ScopedJoinHandle};

use crossbeam_channel::{Receiver, Sender};

use super::copy::{Copier, CopyError};
use super::destination::{Destination, Finish, Folder, Part, Writer};
use super::name::{self, Component};
use super::plan::{Action, OnConflict, Plan, Skip};
use super::report::{Reason, Stop};
use crate::disc::time::Timestamp;
use crate::disc::{Error, Extent, Source};

/// Numbers that are tried for a name that was taken while the extraction ran.
pub(super) const NUMBERS: u32 = 10_000;

/// Files of more bytes are never given away.
const SMALL: u64 = 1 << 20;

/// Plans of fewer files are not worth a second thread.
const MANY: u64 = 256;

/// Threads beside the one that gives out the work. More only wait for each other in the file system.
const HANDS: usize = 3;

/// Files that wait for each thread. Each holds its folder open.
const WAITING: usize = 16;

/// A folder of the destination. When nothing more comes into it, it gets its time.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) folder: Folder,
    /// The time it gets; only for folders that this run made.
    pub(super) modified: Option<Timestamp>,
    /// Wait until the medium has its names; only for folders that this run made.
    pub(super) sync: bool,
}

impl Drop for Place {
    fn drop(&mut self) {
        // A folder without its time is still whole, so there is nothing to report.
        if let Some(modified) = self.modified {
            let _: bool = self.folder.set_modified(modified);
        }
        if self.sync {
            self.folder.sync().unwrap_or_default();
        }
    }
}

/// A file to write.
pub(super) struct Task {
    /// The entry of the plan.
    pub(super) entry: u32,
    /// Where it goes.
    pub(super) place: Arc<Place>,
    /// The `/`-separated path of that folder below the destination.
    pub(super) path: Arc<str>,
    pub(super) source: Arc<dyn Source>,
    pub(super) size: u64,
    pub(super) executable: bool,
    pub(super) modified: Option<Timestamp>,
}

/// What became of a file.
pub(super) enum Written {
    /// It is complete, under this name where it is not the planned one.
    Whole(Option<Box<str>>, Reason),
    /// It was left out.
    Skipped(Reason),
    /// So many bytes could not be read; the rest is kept under this name, with a map beside it.
    Rescued { name: Box<str>, map: Box<str>, lost: u64 },
    /// It could not be written.
    Failed(Reason),
}

/// Writes files, one after the other.
pub(super) struct Hand<'a> {
    plan: &'a Plan,
    writer: Writer<'a>,
    copier: Copier,
    sync: bool,
}

impl<'a> Hand<'a> {
    /// Fails when nothing can be written to `destination`.
    pub(super) fn new(plan: &'a Plan, destination: &'a Destination, sync: bool) -> io::Result<Self> {
        Ok(Self { plan, writer: destination.start()?, copier: Copier::new(), sync })
    }

    /// The destination itself.
    pub(super) fn root(&self) -> io::Result<Folder> {
        self.writer.root()
    }

    /// Writes one file. `tick` is told the bytes written so far, and answers false to end it. An error is the reason
    /// to write nothing more.
    pub(super) fn write(&mut self, task: &Task, tick: &mut dyn FnMut(u64) -> bool) -> Result<Written, Stop> {
        let mut part = match self.writer.create(&task.place.folder, &task.path, task.executable) {
            Ok(part) => part,
            Err(error) => return failed(&error),
        };
        let planned = self.plan.to_name(task.entry);
        let finish = Finish { size: task.size, modified: task.modified, sync: self.sync, replace: false };
        let rescue = self.plan.entry(task.entry).is_some_and(|entry| entry.action == Action::Rescue);
        let copied = if rescue { Ok(()) } else { self.copier.copy(&*task.source, task.size, &mut part, tick) };
        let missing = match copied {
            Ok(()) if !rescue => return self.deliver(task.entry, planned, &mut part, finish),
            Err(CopyError::Read(error)) if error.is_cancelled() || !self.plan.options.keep_damaged => {
                Err(CopyError::Read(error))
            }
            Ok(()) | Err(CopyError::Read(_)) => self.copier.rescue(&*task.source, task.size, &mut part, tick),
            Err(error) => Err(error),
        };
        match missing {
            // A second try could read what the first one could not.
            Ok(missing) if missing.is_empty() && !rescue => self.deliver(task.entry, planned, &mut part, finish),
            Ok(missing) if missing.iter().map(|extent| extent.length).sum::<u64>() == task.size => {
                Ok(Written::Failed(Reason::Text("Nothing of it could be read".into())))
            }
            Ok(missing) => {
                let name = if rescue { planned.to_owned() } else { name::damaged(planned) };
                self.deliver_damaged(task, &name, part, finish, &missing)
            }
            Err(CopyError::Cancelled | CopyError::Read(Error::Cancelled)) => Err(Stop::Cancelled),
            Err(CopyError::Read(error)) => Ok(Written::Failed(Reason::Text(error.to_string().into()))),
            Err(CopyError::Write(error)) => failed(&error),
        }
    }

    /// Makes a symbolic link to `target` in the folder at `path`.
    pub(super) fn link(&mut self, entry: u32, folder: &Folder, path: &str, target: &str) -> Result<Written, Stop> {
        match self.writer.create_link(folder, path, target) {
            Ok(mut part) => self.deliver(entry, self.plan.to_name(entry), &mut part, Finish::default()),
            Err(error) => failed(&error),
        }
    }

    /// Gives a complete file its name, or another one when that is taken by now.
    fn deliver(&self, entry: u32, wanted: &str, part: &mut Part<'_>, finish: Finish) -> Result<Written, Stop> {
        self.deliver_unless(self.plan.options.on_conflict == OnConflict::Skip, entry, wanted, part, finish)
    }

    /// The same; where the name is taken it is left out if `skip` says so.
    fn deliver_unless(
        &self,
        skip: bool,
        entry: u32,
        wanted: &str,
        part: &mut Part<'_>,
        finish: Finish,
    ) -> Result<Written, Stop> {
        let action = self.plan.entry(entry).map(|entry| entry.action);
        let replace = match action {
            Some(Action::Rescue | Action::Link) => self.plan.options.on_conflict == OnConflict::Replace,
            action => action == Some(Action::Replace),
        };
        let finish = Finish { replace, ..finish };
        let mut other: Option<String> = None;
        for number in 2..NUMBERS {
            let Some(component) = Component::new(other.as_deref().unwrap_or(wanted)) else { break };
            match part.deliver(component, finish) {
                Ok(time_kept) => {
                    let reason = match () {
                        () if other.is_some() => Reason::Appeared,
                        () if !time_kept => Reason::Time,
                        () if action == Some(Action::Replace) => Reason::Replaced,
                        () => Reason::Planned,
                    };
                    return Ok(Written::Whole(other.map(Into::into), reason));
                }
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return failed(&error),
                Err(_) if skip => {
                    return Ok(Written::Skipped(Reason::Text(Skip::Exists.sentence().into())));
                }
                Err(_) => other = Some(name::numbered(wanted, number)),
            }
        }
        failed(&io::ErrorKind::AlreadyExists.into())
    }

    /// Gives a file of which a part is missing its name, and puts the list of the missing parts beside it.
    fn deliver_damaged(
        &mut self,
        task: &Task,
        wanted: &str,
        mut part: Part<'_>,
        finish: Finish,
        missing: &[Extent],
    ) -> Result<Written, Stop> {
        // The map is written before either of them gets its name: no file stands there that nothing explains.
        let mut map = match self.writer.create(&task.place.folder, &task.path, false) {
            Ok(map) => map,
            Err(error) => return failed(&error),
        };
        if let Err(error) = map.write_all(rescue_map(task.size, missing).as_bytes()) {
            return failed(&error);
        }
        let name: Box<str> = match self.deliver(task.entry, wanted, &mut part, finish)? {
            Written::Whole(name, _) => name.unwrap_or_else(|| wanted.into()),
            other => return Ok(other),
        };
        let map_name = name::map_of(&name);
        let finish = Finish { size: map.written(), modified: None, ..finish };
        // It belongs to a file that was not left out, so it is not left out either.
        let map = match self.deliver_unless(false, task.entry, &map_name, &mut map, finish)? {
            Written::Whole(other, _) => other.unwrap_or_else(|| map_name.into()),
            other => return Ok(other),
        };
        let lost = missing.iter().map(|extent| extent.length).sum();
        Ok(Written::Rescued { name, map, lost })
    }

    /// Ends the work. The files are complete; a journal that stays is dealt with by the next run.
    pub(super) fn finish(self) {
        self.writer.finish().unwrap_or_default();
    }
}

/// What could be read of a file and what not, in the format of a mapfile of GNU ddrescue, which tells other programs
/// which parts to try again.
fn rescue_map(size: u64, missing: &[Extent]) -> String {
    let mut map = "# Mapfile. Created by Isoscope\n# + was read, - is missing and zero in the file\n\
                   # current_pos  current_status  current_pass\n0x00000000     +               1\n\
                   #      pos        size  status\n"
        .to_owned();
    let mut line = |from: u64, to: u64, status: char| {
        if to > from {
            map.push_str(&format!("0x{from:08X}  0x{:08X}  {status}\n", to - from));
        }
    };
    let mut at = 0;
    for extent in missing {
        line(at, extent.offset, '+');
        line(extent.offset, extent.end(), '-');
        at = extent.end();
    }
    line(at, size, '+');
    map
}

/// A file could not be written: the rest is tried all the same, unless it cannot be written either.
fn failed(error: &io::Error) -> Result<Written, Stop> {
    Ok(Written::Failed(trouble("It could not be written", error)?))
}

/// What to say of an error of the destination, or why to end.
pub(super) fn trouble(what: &str, error: &io::Error) -> Result<Reason, Stop> {
    use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    match error.kind() {
        StorageFull => Err(Stop::Destination("The destination is full".to_owned())),
        QuotaExceeded => Err(Stop::Destination("You may not store more in the destination".to_owned())),
        ReadOnlyFilesystem => Err(Stop::Destination("The destination can only be read".to_owned())),
        _ => Ok(Reason::Text(format!("{what}: {error}").into())),
    }
}

/// What became of the entry of the plan, of so many bytes.
pub(super) type Done = (u32, u64, Result<Written, Stop>);

/// Threads that write small files.
pub(super) struct Crew<'scope> {
    tasks: Sender<Task>,
    done: Receiver<Done>,
    ended: Arc<AtomicBool>,
    threads: Vec<ScopedJoinHandle<'scope, ()>>,
}

impl<'scope> Crew<'scope> {
    /// Starts as many threads as there are processors to spare, if the plan is worth it.
    pub(super) fn start<'env>(
        scope: &'scope Scope<'scope, 'env>,
        plan: &'env Plan,
        destination: &'env Destination,
        sync: bool,
    ) -> Option<Self> {
        let spare = thread::available_parallelism().map_or(1, usize::from).saturating_sub(1).min(HANDS);
        if plan.totals().files < MANY || spare == 0 {
            return None;
        }
        let (tasks, waiting) = crossbeam_channel::bounded(spare * WAITING);
        let (sender, done) = crossbeam_channel::unbounded();
        let ended = Arc::new(AtomicBool::new(false));
        let start = |number: usize| {
            let hand = Hand::new(plan, destination, sync).ok()?;
            let (waiting, sender, ended) = (waiting.clone(), sender.clone(), ended.clone());
            let thread = thread::Builder::new().name(format!("extract {number}"));
            thread.spawn_scoped(scope, move || work(hand, &waiting, &sender, &ended)).ok()
        };
        let threads: Vec<_> = (1..=spare).map_while(start).collect();
        (!threads.is_empty()).then_some(Self { tasks, done, ended, threads })
    }

    /// Gives a file away; it comes back when it is large or all hands are full.
    pub(super) fn offer(&self, task: Task) -> Result<(), Task> {
        if task.size > SMALL {
            return Err(task);
        }
        self.tasks.try_send(task).map_err(crossbeam_channel::TrySendError::into_inner)
    }

    /// What was done since it was asked last.
    pub(super) fn done(&self) -> impl Iterator<Item = Done> + '_ {
        self.done.try_iter()
    }

    /// Waits until everything that was given away is done, or dropped when the run is `abandoned`.
    pub(super) fn end(self, abandoned: bool) -> Vec<Done> {
        let Self { tasks, done, ended, threads } = self;
        if abandoned {
            ended.store(true, Ordering::Relaxed);
        }
        drop(tasks);
        for thread in threads {
            if let Err(panic) = thread.join() {
                // As if it had happened on this thread, where somebody waits for it.
                std::panic::resume_unwind(panic);
            }
        }
        done.into_iter().collect()
    }
}

/// The work of one thread: files, until no more come.
fn work(mut hand: Hand<'_>, tasks: &Receiver<Task>, done: &Sender<Done>, ended: &AtomicBool) {
    for task in tasks {
        if ended.load(Ordering::Relaxed) {
            continue;
        }
        let written = hand.write(&task, &mut |_| !ended.load(Ordering::Relaxed));
        let stops = written.is_err();
        let sent = done.send((task.entry, task.size, written));
        // Only now: what the others say when they are stopped must come after the reason for it.
        if stops || sent.is_err() {
            ended.store(true, Ordering::Relaxed);
        }
    }
    hand.finish();
}
