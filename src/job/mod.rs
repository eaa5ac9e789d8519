//! Worker threads: everything that reads or writes happens here, so that the window never waits.
//!
//! The window owns one [`Jobs`]. It [starts](Jobs::start) a job, gets its [`JobId`], and hears of it through
//! [`Jobs::poll`]: any progress and parts first, then exactly one event that ends it. What belongs to a job that was given up is
//! dropped there, so that no answer ever comes late. A crash inside a job becomes such an event too.
//!
//! There is one file for each kind of job.

mod compare;
mod context;
mod crash;
mod details;
mod event;
mod extract;
mod folder;
mod identify;
mod index;
mod lane;
mod locate;
mod open;
#[cfg(feature = "preview")]
mod preview;
mod progress;
mod save_file;
mod save_settings;
mod search;
mod sort;
mod study;
mod token;
mod transfer;
mod unseen;
mod verify;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

pub use compare::{CompareTrees, Compared};
pub use context::Context;
pub use crash::Crash;
pub use details::{ReadDetails, ReadImageDetails};
pub use event::{Failure, JobEvent, JobId, Output};
pub use extract::{PlanExtraction, Planned, RunExtraction, Wanted};
pub use folder::{FolderRead, ReadFolder};
pub use identify::Identify;
pub use index::BuildIndex;
pub use lane::Lane;
pub use locate::Locate;
pub use open::{OpenImage, OpenSample, Opened};
#[cfg(feature = "preview")]
pub use preview::{FirstView, FolderCounts, PreviewFile, PreviewJob, PreviewSubject, Previewed};
pub use progress::{Progress, Unit};
pub use save_file::SaveFile;
pub use save_settings::SaveSettings;
pub use search::{Found, Search};
pub use sort::{SortRows, sort_rows};
pub use study::StudyBoot;
pub use token::{CancelSource, CancelToken};
pub use transfer::{CopiedOut, CopyOut, Copying, MountTree, PrepareTransfer, Prepared, Route, Way};
pub use unseen::FindUnseen;
pub use verify::{FindRemarks, ReadSums, SurveyChecks, VerifyImage};

use context::{EVENTS, Outbox};
use lane::{Task, Traffic, Workers};

/// Called from a worker after it has sent an event: it has to make the window call [`Jobs::poll`] soon.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// What a job does. It runs on a thread of its lane.
pub trait Job: Send + 'static {
    /// What is being done, in words for a crash report and for a list of jobs, such as `Reading a folder`.
    fn name(&self) -> &'static str;

    /// Whose threads it runs on.
    fn lane(&self) -> Lane;

    /// True for jobs that leave something behind: what they did is told even when they were cancelled too late.
    fn leaves_traces(&self) -> bool {
        false
    }

    /// Does it. [`Error::Cancelled`](crate::disc::Error::Cancelled) is no failure.
    fn run(self, context: &Context) -> Result<Output, Failure>;
}

/// What is known of a job that has not ended.
struct Live {
    lane: Lane,
    token: CancelToken,
    leaves_traces: bool,
}

/// All jobs of a window.
pub struct Jobs {
    next: u64,
    live: HashMap<JobId, Live>,
    workers: [Workers; Lane::ALL.len()],
    traffic: Arc<Traffic>,
    outbox: Outbox,
    events: Receiver<JobEvent>,
    /// Ends of jobs that never began.
    unbegun: Vec<JobEvent>,
}

impl Jobs {
    /// No jobs yet, and no threads.
    pub fn new(waker: Waker) -> Self {
        let (sender, events) = crossbeam_channel::bounded(EVENTS);
        Self {
            next: 0,
            live: HashMap::new(),
            workers: Lane::ALL.map(Workers::new),
            traffic: Arc::default(),
            outbox: Outbox { events: sender, waker },
            events,
            unbegun: Vec::new(),
        }
    }

    /// Starts `job`, or queues it where its lane is busy. Never blocks.
    pub fn start<J: Job>(&mut self, job: J) -> JobId {
        self.next += 1;
        let id = JobId(self.next);
        let (name, lane, leaves_traces) = (job.name(), job.lane(), job.leaves_traces());
        let token = CancelToken::new();
        let context = Context {
            id,
            lane,
            token: token.clone(),
            outbox: self.outbox.clone(),
            traffic: self.traffic.clone(),
            meter: Mutex::default(),
        };
        self.live.insert(id, Live { lane, token, leaves_traces });
        let outbox = self.outbox.clone();
        let work = move || {
            let passage = matches!(lane, Lane::Interactive | Lane::Preview).then(|| context.traffic.enter());
            let result = crash::catch(name, || context.check().map_err(Failure::from).and_then(|()| job.run(&context)));
            drop(passage);
            outbox.send(ending(id, result));
        };
        if let Err(error) = self.workers[lane as usize].push(Task { id, work: Box::new(work) }) {
            let failure = Failure::File {
                action: "Isoscope could not start a thread",
                reason: error.to_string(),
                path: std::path::PathBuf::new(),
            };
            self.end_unbegun(JobEvent::Failed(id, failure));
        }
        id
    }

    /// Asks a job to end. Its end is told as for any other job: mostly `Cancelled`, at once where it had not begun.
    pub fn cancel(&mut self, id: JobId) {
        let Some(live) = self.live.get(&id) else { return };
        live.token.cancel();
        if self.workers[live.lane as usize].remove(id) {
            self.end_unbegun(JobEvent::Cancelled(id));
        }
    }

    fn end_unbegun(&mut self, event: JobEvent) {
        self.unbegun.push(event);
        (self.outbox.waker)();
    }

    /// Asks a job to end, and forgets it: nothing more is heard of it.
    pub fn abandon(&mut self, id: JobId) {
        if let Some(live) = self.live.remove(&id) {
            live.token.cancel();
            self.workers[live.lane as usize].remove(id);
        }
    }

    /// True until the end of the job was told, or it was abandoned.
    pub fn is_live(&self, id: JobId) -> bool {
        self.live.contains_key(&id)
    }

    /// Number of jobs that have not ended.
    pub fn len(&self) -> usize {
        self.live.len()
    }

    /// True when no job is running or waiting.
    pub fn is_empty(&self) -> bool {
        self.live.is_empty()
    }

    /// What has happened since the last call, in order. Never blocks. Late events of jobs that are gone are dropped.
    pub fn poll(&mut self) -> Vec<JobEvent> {
        let mut events: Vec<JobEvent> = self.events.try_iter().collect();
        events.append(&mut self.unbegun);
        events.into_iter().filter_map(|event| self.accept(event)).collect()
    }

    /// Waits for the next event, at most for `patience`: for programs without a window, and for tests.
    pub fn wait(&mut self, patience: Duration) -> Option<JobEvent> {
        let deadline = Instant::now() + patience;
        loop {
            let event = self.unbegun.pop().or_else(|| self.events.recv_deadline(deadline).ok())?;
            if let Some(event) = self.accept(event) {
                return Some(event);
            }
        }
    }

    /// Cancels everything and waits until the workers have tidied up, at most for `patience`: a drive that does not
    /// answer must not keep the program from ending. True when all have ended.
    pub fn shut_down(mut self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        // Nobody will read what they still have to say, and nobody shall wait for that.
        self.events = crossbeam_channel::never();
        self.close();
        self.workers.iter().all(|workers| workers.wait(deadline))
    }

    fn close(&self) {
        self.live.values().for_each(|live| live.token.cancel());
        self.workers.iter().for_each(Workers::close);
    }

    /// The event as the window shall see it; `None` when the job is gone.
    fn accept(&mut self, event: JobEvent) -> Option<JobEvent> {
        let id = event.id();
        if !event.is_terminal() {
            return self.live.contains_key(&id).then_some(event);
        }
        let live = self.live.remove(&id)?;
        // It was done when the wish to cancel came, but nobody wants it any more.
        let unwanted = live.token.is_cancelled() && !live.leaves_traces && !matches!(event, JobEvent::Crashed(..));
        Some(if unwanted { JobEvent::Cancelled(id) } else { event })
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.close();
    }
}

/// The one event that ends a job.
fn ending(id: JobId, result: Result<Result<Output, Failure>, Crash>) -> JobEvent {
    match result {
        Ok(Ok(output)) => match output.notes() {
            0 => JobEvent::Done(id, output),
            notes => JobEvent::DoneWithNotes(id, output, notes),
        },
        Ok(Err(failure)) if failure.is_cancelled() => JobEvent::Cancelled(id),
        Ok(Err(failure)) => JobEvent::Failed(id, failure),
        Err(crash) => JobEvent::Crashed(id, crash),
    }
}
