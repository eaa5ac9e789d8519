//! What a running job has at hand: its token, its sources, and the way to tell of its progress.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crossbeam_channel::Sender;

use super::lane::{Lane, PoliteSource, Traffic};
use super::progress::Meter;
use super::{CancelSource, CancelToken, JobEvent, JobId, Output, Progress, Waker};
use crate::disc::tree::FileTree;
use crate::disc::{Result, Source};

/// Events that wait for the window at most; a job that has more to say waits for it.
pub(super) const EVENTS: usize = 256;

/// Progress is dropped when this many events wait: the rest of the room is for what must not be lost.
const PROGRESS_EVENTS: usize = EVENTS / 2;

/// Given to every job when it runs.
pub struct Context {
    pub(super) id: JobId,
    pub(super) lane: Lane,
    pub(super) token: CancelToken,
    pub(super) outbox: Outbox,
    pub(super) traffic: Arc<Traffic>,
    pub(super) meter: Mutex<Meter>,
}

impl Context {
    /// The job's own token.
    pub fn token(&self) -> &CancelToken {
        &self.token
    }

    /// [`Error::Cancelled`](crate::disc::Error::Cancelled) when the job was cancelled.
    pub fn check(&self) -> Result<()> {
        self.token.check()
    }

    /// The bytes of `source`, until the job is cancelled. A job that nobody waits for lets others read first.
    pub fn source(&self, source: Arc<dyn Source>) -> Arc<dyn Source> {
        let inner = match self.lane {
            Lane::Background => {
                Arc::new(PoliteSource { inner: source, token: self.token.clone(), traffic: self.traffic.clone() })
            }
            Lane::Interactive | Lane::Preview | Lane::Extraction => source,
        };
        Arc::new(CancelSource::new(inner, self.token.clone()))
    }

    /// `tree`, reading through [`source`](Self::source).
    pub fn tree(&self, tree: &Arc<dyn FileTree>) -> Arc<dyn FileTree> {
        tree.with_source(self.source(tree.source().clone()))
    }

    /// Gives a part of what the job gives back, before its end.
    pub fn part(&self, output: Output) {
        self.outbox.send(JobEvent::Part(self.id, output));
    }

    /// Tells how far the job is. Cheap enough to call for every file and every block: most reports are dropped, so
    /// that at most 20 a second are made and sent.
    pub fn progress(&self, report: impl FnOnce() -> Progress) {
        let now = Instant::now();
        // Held only for a few comparisons, and by this job alone.
        let mut meter = self.meter.lock().unwrap_or_else(PoisonError::into_inner);
        if meter.is_due(now) {
            let progress = meter.complete(now, report());
            drop(meter);
            self.outbox.offer(JobEvent::Progress(self.id, progress));
        }
    }
}

/// The jobs' end of the way to the window.
#[derive(Clone)]
pub(super) struct Outbox {
    pub(super) events: Sender<JobEvent>,
    pub(super) waker: Waker,
}

impl Outbox {
    /// Sends what may be lost.
    fn offer(&self, event: JobEvent) {
        if self.events.len() < PROGRESS_EVENTS && self.events.try_send(event).is_ok() {
            (self.waker)();
        }
    }

    /// Sends what must arrive, and waits for room if need be. When the window is gone nobody wants to know.
    pub(super) fn send(&self, event: JobEvent) {
        let event = match self.events.try_send(event) {
            Ok(()) => return (self.waker)(),
            Err(crossbeam_channel::TrySendError::Disconnected(_)) => return,
            Err(crossbeam_channel::TrySendError::Full(event)) => event,
        };
        // A window that sleeps beside a full channel has to be woken before there can be room.
        (self.waker)();
        if self.events.send(event).is_ok() {
            (self.waker)();
        }
    }
}
