//! Handing a file to the kernel before it asks.
//!
//! In a mount of an ordinary user the kernel looks no further ahead than 128 KiB, and both it and the program that reads
//! wait while so little is fetched. Of a file that is read from front to back, what comes next is therefore put into the
//! kernel's memory (`FUSE_NOTIFY_STORE`) by a thread that nobody waits for. It reads the image in order, too, so that the
//! system reads ahead there as for any program.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crossbeam_channel::{Receiver, Sender};
use fuser::{INodeNo, Notifier};

use super::fuse::guarded;
use crate::platform::files::Contents;

/// Bytes after which a program is taken to read on.
const CONVINCED: u64 = 1 << 20;

/// The most bytes that are left to the kernel's own questions, which go on meanwhile: were there no distance, both would
/// bring the same pages.
const LEAD: u64 = 4 << 20;

/// The most bytes that are handed over before it shows whether the program has come so far.
const WINDOW: u64 = 64 << 20;

/// Bytes that are handed over at a time. They stay in the processor's cache between being read and being written.
const PIECE: usize = 256 << 10;

/// Requests come in any order, but those of one program are never further from each other.
const SLACK: u64 = 1 << 20;

/// A file that a program has open, and how it goes through it.
pub(super) struct OpenFile {
    pub(super) contents: Arc<dyn Contents>,
    node: INodeNo,
    run: Mutex<Run>,
}

/// A stretch that is read from front to back, in bytes from the start of the file.
#[derive(Debug, Default, PartialEq, Eq)]
struct Run {
    start: u64,
    /// So far the kernel has asked.
    asked: u64,
    /// So far it was handed over, or is left to the kernel's questions.
    handed: u64,
    /// So far it is to be handed over.
    goal: u64,
    /// The thread is at work on it.
    busy: bool,
}

impl Run {
    /// Notes that the kernel has asked for the bytes from `offset` to `end`. True when the thread has to begin.
    fn note(&mut self, offset: u64, end: u64) -> bool {
        let goes_on =
            offset.saturating_add(SLACK) >= self.asked && offset <= self.asked.max(self.handed).saturating_add(SLACK);
        if !goes_on {
            *self = Self { start: offset, asked: end, busy: self.busy, ..Self::default() };
            return false;
        }
        self.asked = self.asked.max(end);
        let read = self.asked.saturating_sub(self.start);
        if read < CONVINCED || self.asked < self.handed {
            return false;
        }
        // It has come to where nothing was handed over. Never more is wasted on a program than it has read.
        self.handed = self.asked.saturating_add(LEAD.min(read / 2));
        if self.handed >= self.goal {
            self.goal = self.handed.saturating_add(WINDOW.min(read));
        }
        !std::mem::replace(&mut self.busy, true)
    }

    /// Notes that `len` bytes from `at` on were handed over. True when more are to be.
    fn handed_over(&mut self, at: u64, len: u64) -> bool {
        // The program may have come further meanwhile, or have gone elsewhere.
        if self.handed == at {
            self.handed = at.saturating_add(len);
        }
        self.busy = len > 0 && self.handed < self.goal;
        self.busy
    }
}

impl OpenFile {
    pub(super) fn new(node: INodeNo, contents: Arc<dyn Contents>) -> Self {
        Self { contents, node, run: Mutex::default() }
    }

    /// Nobody reads it any more.
    pub(super) fn close(&self) {
        self.run().goal = 0;
    }

    fn run(&self) -> MutexGuard<'_, Run> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands over the next piece. True when more are to be.
    fn advance(&self, notifier: &Notifier, buffer: &mut [u8]) -> bool {
        let at = self.run().handed;
        // Whoever asks for what cannot be read is told so.
        let read = guarded(|| self.contents.read_at(at, buffer)).unwrap_or(0);
        let piece = buffer.get(..read).unwrap_or_default();
        let stored = !piece.is_empty() && notifier.store(self.node, at, piece).is_ok();
        self.run().handed_over(at, if stored { read as u64 } else { 0 })
    }
}

/// The thread of one mount that hands over, from the first time on that it is needed.
#[derive(Default, Clone)]
pub(super) struct ReadAhead {
    notifier: Arc<OnceLock<Notifier>>,
    thread: Arc<OnceLock<Sender<Arc<OpenFile>>>>,
}

impl ReadAhead {
    /// Says through what the kernel is told. Before that, nothing is read ahead.
    pub(super) fn start(&self, notifier: Notifier) {
        self.notifier.set(notifier).unwrap_or_default();
    }

    /// Notes that the kernel has asked for the bytes from `offset` to `end` of `file`.
    pub(super) fn note(&self, file: &Arc<OpenFile>, offset: u64, end: u64) {
        let Some(notifier) = self.notifier.get() else { return };
        if !file.run().note(offset, end) {
            return;
        }
        let thread = self.thread.get_or_init(|| {
            let (send, receive) = crossbeam_channel::unbounded();
            let notifier = notifier.clone();
            let thread = std::thread::Builder::new().name("read ahead".to_owned());
            // Without it, all is read as the kernel asks for it.
            drop(thread.spawn(move || hand_over(&notifier, &receive)));
            send
        });
        thread.send(file.clone()).unwrap_or_default();
    }
}

/// Serves all files in turns, until the mount is gone.
fn hand_over(notifier: &Notifier, wanted: &Receiver<Arc<OpenFile>>) {
    let mut buffer = vec![0; PIECE];
    let mut files = VecDeque::new();
    loop {
        if files.is_empty() {
            let Ok(file) = wanted.recv() else { return };
            files.push_back(file);
        }
        files.extend(wanted.try_iter());
        if let Some(file) = files.pop_front()
            && file.advance(notifier, &mut buffer)
        {
            files.push_back(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: u64 = 128 << 10;

    /// Asks for all from `from` to `to`, as the kernel does, and says how often the thread had to begin.
    fn ask(run: &mut Run, from: u64, to: u64) -> usize {
        (from..to).step_by(REQUEST as usize).filter(|&at| run.note(at, at + REQUEST)).count()
    }

    #[test]
    fn a_program_that_reads_on_is_read_ahead_of() {
        let mut run = Run::default();
        assert_eq!(ask(&mut run, 0, CONVINCED - REQUEST), 0);
        assert_eq!(ask(&mut run, CONVINCED - REQUEST, CONVINCED), 1);
        assert_eq!((run.handed, run.goal), (CONVINCED * 3 / 2, CONVINCED * 5 / 2));
        // The thread does its work, and begins again when the program has come to the end of that.
        while run.handed_over(run.handed, PIECE as u64) {}
        assert_eq!(run.handed, run.goal);
        assert_eq!(ask(&mut run, CONVINCED, CONVINCED * 3 / 2), 0);
        let goal = run.goal;
        assert_eq!(ask(&mut run, goal, goal + REQUEST), 1);
        assert!(run.goal > run.handed);
    }

    #[test]
    fn no_more_is_read_ahead_than_was_read() {
        let mut run = Run::default();
        for at in (0..1 << 30).step_by(REQUEST as usize) {
            run.note(at, at + REQUEST);
            assert!(run.goal - run.handed.min(run.goal) <= run.asked.min(WINDOW), "at {at}");
        }
    }

    #[test]
    fn requests_that_overtake_each_other_are_one_program() {
        let mut run = Run::default();
        let begun = (0..16).filter(|at| run.note((at ^ 1) * REQUEST, ((at ^ 1) + 1) * REQUEST)).count();
        assert_eq!((begun, run.start), (1, 0));
    }

    #[test]
    fn who_reads_here_and_there_is_not_read_ahead_of() {
        let mut run = Run::default();
        for at in 0..1000 {
            assert!(!run.note((at * 7919 % 1000) << 24, ((at * 7919 % 1000) << 24) + REQUEST));
        }
    }

    #[test]
    fn the_thread_stops_where_the_program_went_elsewhere() {
        let mut run = Run::default();
        ask(&mut run, 0, CONVINCED);
        let at = run.handed;
        assert!(!run.note(1 << 40, (1 << 40) + REQUEST));
        assert!(!run.handed_over(at, PIECE as u64));
        assert_eq!(run, Run { start: 1 << 40, asked: (1 << 40) + REQUEST, ..Run::default() });
    }

    #[test]
    fn numbers_at_the_end_of_all_do_no_harm() {
        let mut run = Run::default();
        run.note(u64::MAX, u64::MAX);
        run.note(u64::MAX, u64::MAX);
        assert!(!run.busy);
    }
}
