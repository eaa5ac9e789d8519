//! Worker threads in lanes, so that what the user waits for never queues behind what goes on in the background.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{CancelToken, JobId};
use crate::disc::{Result, Source};

/// What kind of waiting a job causes; each kind has its own threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// The user waits for it: opening, reading a folder, sorting, searching.
    Interactive,
    /// Follows the selection, and is abandoned when that moves on.
    Preview,
    /// Nobody waits for it: walking over the whole disc.
    Background,
    /// Writes files.
    Extraction,
}

impl Lane {
    pub(super) const ALL: [Self; 4] = [Self::Interactive, Self::Preview, Self::Background, Self::Extraction];

    /// Threads at most. They are started when they are needed. More than one, where a job that was given up may still
    /// be stuck in a read from a failing drive, or in a decoder, when the next one comes.
    fn threads(self) -> usize {
        match self {
            Self::Interactive => 4,
            Self::Preview => 3,
            Self::Background | Self::Extraction => 2,
        }
    }

    /// The beginning of the threads' names; Linux shows 15 bytes.
    fn thread_name(self) -> &'static str {
        match self {
            Self::Interactive => "interactive",
            Self::Preview => "preview",
            Self::Background => "background",
            Self::Extraction => "extraction",
        }
    }
}

/// Work that waits for a thread.
pub(super) struct Task {
    pub(super) id: JobId,
    pub(super) work: Box<dyn FnOnce() + Send>,
}

/// The threads of one lane and what waits for them.
pub(super) struct Workers {
    lane: Lane,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    tasks: VecDeque<Task>,
    threads: usize,
    idle: usize,
    closed: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing that can crash happens under the lock.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Workers {
    pub(super) fn new(lane: Lane) -> Self {
        Self { lane, shared: Arc::default() }
    }

    /// Queues `task`, and starts a thread for it where none is free. An error means that no thread can be had at all;
    /// the task is then not queued.
    pub(super) fn push(&self, task: Task) -> io::Result<()> {
        let mut queue = self.shared.lock();
        if queue.idle <= queue.tasks.len() && queue.threads < self.lane.threads() {
            let shared = self.shared.clone();
            let name = format!("{}-{}", self.lane.thread_name(), queue.threads + 1);
            let yields = matches!(self.lane, Lane::Background | Lane::Extraction);
            let work = move || {
                if yields {
                    crate::platform::let_others_go_first();
                }
                shared.work();
            };
            match std::thread::Builder::new().name(name).spawn(work) {
                Ok(_) => queue.threads += 1,
                Err(error) if queue.threads == 0 => return Err(error),
                // One of the threads that exist will do it.
                Err(_) => {}
            }
        }
        queue.tasks.push_back(task);
        self.shared.changed.notify_one();
        Ok(())
    }

    /// Takes a task out of the queue; false when it has begun already, or ended.
    pub(super) fn remove(&self, id: JobId) -> bool {
        let mut queue = self.shared.lock();
        let before = queue.tasks.len();
        queue.tasks.retain(|task| task.id != id);
        queue.tasks.len() < before
    }

    /// Lets every thread end after its present task, and forgets what was queued.
    pub(super) fn close(&self) {
        let mut queue = self.shared.lock();
        queue.closed = true;
        queue.tasks.clear();
        self.shared.changed.notify_all();
    }

    /// Waits until all threads have ended after [`close`](Self::close); false when some had not by `deadline`.
    pub(super) fn wait(&self, deadline: Instant) -> bool {
        let mut queue = self.shared.lock();
        while queue.threads > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            queue = self.shared.changed.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

impl Shared {
    fn work(&self) {
        let mut queue = self.lock();
        loop {
            if let Some(task) = queue.tasks.pop_front() {
                drop(queue);
                (task.work)();
                queue = self.lock();
            } else if queue.closed {
                break;
            } else {
                queue.idle += 1;
                queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
                queue.idle -= 1;
            }
        }
        queue.threads -= 1;
        self.changed.notify_all();
    }
}

/// Counts the jobs somebody waits for, so that others can let them go first.
#[derive(Debug, Default)]
pub(super) struct Traffic(AtomicUsize);

impl Traffic {
    /// Counts one job as long as the result lives.
    pub(super) fn enter(self: &Arc<Self>) -> Passage {
        self.0.fetch_add(1, Ordering::Relaxed);
        Passage(self.clone())
    }

    fn is_busy(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

/// One job somebody waits for.
pub(super) struct Passage(Arc<Traffic>);

impl Drop for Passage {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A source that lets others read first, but never waits long: the walk goes on even beside a job that is stuck.
pub(super) struct PoliteSource {
    pub(super) inner: Arc<dyn Source>,
    pub(super) token: CancelToken,
    pub(super) traffic: Arc<Traffic>,
}

impl PoliteSource {
    const STEP: Duration = Duration::from_millis(2);
    const STEPS: usize = 10;
}

impl Source for PoliteSource {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        for _ in 0..Self::STEPS {
            if !self.traffic.is_busy() || self.token.is_cancelled() {
                break;
            }
            std::thread::sleep(Self::STEP);
        }
        self.inner.read_at(offset, buf)
    }
}
