//! One reading of the image from front to back, to which any number of listeners listen, each on a thread of its own as
//! long as they are few. What cannot be read is tried again, narrowed down to sectors, and listed.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::work::Listener;
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::{Error, Extent, Result, Source, limits};

/// Bytes that are handed round at once: so few that all that waits stays in a processor's second cache. Eight times as
/// many take a quarter more of the processor for SHA-256, and half as long again for BLAKE3.
const CHUNK: u64 = 64 << 10;

/// Chunks that wait for a listener: enough that a slow one does not stop the disk at once.
const WAITING: usize = 12;

/// Listeners beyond this number share threads.
const THREADS: usize = 12;

/// What a reading came to.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// What could not be read, in order, at most [`limits::BAD_PLACES`].
    pub unreadable: Vec<Extent>,
    /// Bytes that could not be read.
    pub missed: u64,
    /// Why, as the operating system said it first.
    pub error: Option<Error>,
}

/// A piece of what is read: its bytes, or how many are missing.
struct Chunk {
    offset: u64,
    bytes: Vec<u8>,
    missing: u64,
}

/// Reads what the listeners have to hear, once. `progress` is told of every so many bytes. The only errors are to be
/// cancelled, and that no thread can be started.
pub fn read(
    source: &dyn Source,
    listeners: &mut [&mut dyn Listener],
    progress: &mut dyn FnMut(u64),
) -> Result<Reading> {
    let runs = runs(listeners.iter().map(|listener| listener.extent()), source.len());
    let share = listeners.len().div_ceil(THREADS).max(1);
    std::thread::scope(|scope| {
        let mut ears: Vec<Sender<Arc<Chunk>>> = Vec::new();
        for listeners in listeners.chunks_mut(share) {
            let (sender, receiver) = bounded(WAITING);
            let work = move || listen(listeners, &receiver);
            let started = std::thread::Builder::new().name("checking".to_owned()).spawn_scoped(scope, work);
            started.map_err(|error| Error::io("thread", 0, error))?;
            ears.push(sender);
        }
        let mut reader = Reader { source, ears, pool: Vec::new(), reading: Reading::default() };
        for run in runs {
            let mut at = run.offset;
            while at < run.end() {
                let piece = Extent::new(at, CHUNK.min(run.end().saturating_sub(at)));
                reader.read(piece)?;
                progress(piece.length);
                at = piece.end();
            }
        }
        Ok(reader.reading)
        // The senders go, so that the listeners come to their end, and the scope waits for them.
    })
}

/// The extents inside of `len` bytes, joined and in order.
fn runs(extents: impl Iterator<Item = Extent>, len: u64) -> Vec<Extent> {
    let inside = extents.map(|extent| Extent::new(extent.offset, extent.inside(len)));
    let mut extents: Vec<Extent> = inside.filter(|extent| extent.length > 0).collect();
    extents.sort_unstable_by_key(|extent| extent.offset);
    let mut runs: Vec<Extent> = Vec::new();
    for extent in extents {
        match runs.last_mut() {
            Some(last) if extent.offset <= last.end() => {
                last.length = last.end().max(extent.end()).saturating_sub(last.offset);
            }
            _ => runs.push(extent),
        }
    }
    runs
}

/// Passes what comes on to `listeners` until nothing more comes.
fn listen(listeners: &mut [&mut dyn Listener], chunks: &Receiver<Arc<Chunk>>) {
    for chunk in chunks {
        let length = if chunk.missing > 0 { chunk.missing } else { chunk.bytes.len() as u64 };
        let here = Extent::new(chunk.offset, length);
        for listener in listeners.iter_mut() {
            let Some(Extent { offset: start, length }) = listener.extent().shared(here) else { continue };
            if chunk.missing > 0 {
                listener.miss(length);
            } else {
                let from = usize::try_from(start - here.offset).unwrap_or(usize::MAX);
                let until = usize::try_from(length).map_or(usize::MAX, |length| from.saturating_add(length));
                listener.hear(chunk.bytes.get(from..until).unwrap_or_default());
            }
        }
    }
}

/// Reads, and hands round.
struct Reader<'a> {
    source: &'a dyn Source,
    ears: Vec<Sender<Arc<Chunk>>>,
    /// Chunks to be filled again as soon as nobody hears them any more.
    pool: Vec<Arc<Chunk>>,
    reading: Reading,
}

impl Reader<'_> {
    /// Reads `piece`. What fails is tried again, then in halves down to sectors, so that all is heard that can be read.
    fn read(&mut self, piece: Extent) -> Result<()> {
        let mut pieces = vec![piece];
        while let Some(piece) = pieces.pop() {
            match self.try_twice(piece) {
                Ok(()) => {}
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                Err(error) => {
                    let half = (piece.length / 2).next_multiple_of(SECTOR_SIZE);
                    if half < piece.length {
                        pieces.push(Extent::new(piece.offset.saturating_add(half), piece.length - half));
                        pieces.push(Extent::new(piece.offset, half));
                    } else {
                        self.reading.add(piece, error);
                        self.hand_round(Chunk { offset: piece.offset, bytes: Vec::new(), missing: piece.length });
                    }
                }
            }
        }
        Ok(())
    }

    fn try_twice(&mut self, piece: Extent) -> Result<()> {
        match self.try_once(piece) {
            Ok(()) => Ok(()),
            Err(Error::Cancelled) => Err(Error::Cancelled),
            Err(_) => self.try_once(piece),
        }
    }

    fn try_once(&mut self, piece: Extent) -> Result<()> {
        let mut chunk = self.empty_chunk();
        chunk.offset = piece.offset;
        chunk.bytes.resize(usize::try_from(piece.length.min(CHUNK)).unwrap_or(0), 0);
        let mut done = 0;
        while let Some(rest) = chunk.bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.source.read_at(piece.offset.saturating_add(done as u64), rest)? {
                // The file became shorter while it was read.
                0 => return Err(Error::damaged("image file", piece.offset, "The file ends before its end")),
                read => done = done.saturating_add(read),
            }
        }
        self.hand_round(chunk);
        Ok(())
    }

    /// A chunk that nobody hears any more, or a new one.
    fn empty_chunk(&mut self) -> Chunk {
        let free = self.pool.iter().position(|chunk| Arc::strong_count(chunk) == 1);
        let chunk = free.map(|at| self.pool.swap_remove(at)).and_then(Arc::into_inner);
        chunk.unwrap_or(Chunk { offset: 0, bytes: Vec::new(), missing: 0 })
    }

    fn hand_round(&mut self, chunk: Chunk) {
        let chunk = Arc::new(chunk);
        for ear in &self.ears {
            // A listener that crashed hears no more; its thread's end tells of it.
            if ear.send(chunk.clone()).is_err() {}
        }
        if chunk.missing == 0 {
            self.pool.push(chunk);
        }
    }
}

impl Reading {
    fn add(&mut self, piece: Extent, error: Error) {
        self.missed = self.missed.saturating_add(piece.length);
        self.error.get_or_insert(error);
        let last = self.unreadable.last_mut().filter(|last| last.end() == piece.offset);
        if let Some(last) = last {
            last.length = last.length.saturating_add(piece.length);
        } else if self.unreadable.len() < limits::BAD_PLACES {
            self.unreadable.push(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Bytes that tell where they stand. Some places cannot be read, some not at the first try.
    struct Scratched {
        len: u64,
        bad: Vec<Extent>,
        /// Reads that fail before the first one succeeds.
        hiccups: AtomicU64,
        reads: AtomicU64,
    }

    impl Scratched {
        fn new(len: u64, bad: &[Extent]) -> Self {
            Self { len, bad: bad.to_vec(), hiccups: AtomicU64::new(0), reads: AtomicU64::new(0) }
        }
    }

    fn byte_at(offset: u64) -> u8 {
        (offset % 251) as u8
    }

    impl Source for Scratched {
        fn len(&self) -> u64 {
            self.len
        }

        fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
            self.reads.fetch_add(1, Ordering::Relaxed);
            let hiccup = self.hiccups.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            let len = usize::try_from(self.len - offset).unwrap().min(buf.len());
            let wanted = Extent::new(offset, len as u64);
            let hit = |bad: &Extent| bad.offset < wanted.end() && wanted.offset < bad.end();
            if hiccup.is_ok() || self.bad.iter().any(hit) {
                return Err(Error::io("image file", offset, io::Error::other("scratched")));
            }
            for (at, byte) in buf[..len].iter_mut().enumerate() {
                *byte = byte_at(offset + at as u64);
            }
            Ok(len)
        }
    }

    /// Remembers what it heard.
    struct Ear {
        extent: Extent,
        at: u64,
        missed: Vec<Extent>,
    }

    impl Ear {
        fn new(offset: u64, length: u64) -> Self {
            Self { extent: Extent::new(offset, length), at: offset, missed: Vec::new() }
        }
    }

    impl Listener for Ear {
        fn extent(&self) -> Extent {
            self.extent
        }

        fn hear(&mut self, bytes: &[u8]) {
            for byte in bytes {
                assert_eq!(*byte, byte_at(self.at), "at {}", self.at);
                self.at += 1;
            }
        }

        fn miss(&mut self, length: u64) {
            self.missed.push(Extent::new(self.at, length));
            self.at += length;
        }
    }

    fn listen_to(source: &Scratched, ears: &mut [Ear]) -> (Reading, u64) {
        let mut listeners: Vec<&mut dyn Listener> = ears.iter_mut().map(|ear| ear as &mut dyn Listener).collect();
        let mut read = 0;
        (super::read(source, &mut listeners, &mut |more| read += more).unwrap(), read)
    }

    #[test]
    fn everybody_hears_all_of_their_own_run_and_nothing_is_read_twice() {
        let source = Scratched::new(3 << 20, &[]);
        let runs = [(0, 3 << 20), (17, 1_000_000), ((1 << 20) - 1, 2), (5, 0), ((2 << 20) + 7, u64::MAX)];
        let mut ears: Vec<Ear> = runs.iter().map(|(offset, length)| Ear::new(*offset, *length)).collect();
        ears.extend((0..40).map(|at| Ear::new(at * 1000, 100)));
        let (reading, read) = listen_to(&source, &mut ears);
        for ear in &ears {
            assert_eq!(ear.at, ear.extent.offset + ear.extent.inside(source.len), "{:?}", ear.extent);
        }
        assert_eq!((reading.missed, read), (0, 3 << 20));
        assert_eq!(source.reads.load(Ordering::Relaxed), (3 << 20) / CHUNK);
    }

    #[test]
    fn what_nobody_wants_is_not_read() {
        let source = Scratched::new(1 << 40, &[]);
        let mut ears = [Ear::new(1 << 39, 10), Ear::new(100, 50)];
        assert_eq!(listen_to(&source, &mut ears).1, 60);
        assert_eq!((ears[0].at, ears[1].at), ((1 << 39) + 10, 150));
    }

    #[test]
    fn unreadable_sectors_are_narrowed_down_and_all_around_them_is_heard() {
        let bad = [Extent::new(2048 * 100, 1), Extent::new(2048 * 700 + 5, 3000)];
        let source = Scratched::new(2 << 20, &bad);
        let mut ears = [Ear::new(0, 2 << 20), Ear::new(2048 * 100 + 1000, 48)];
        let (reading, read) = listen_to(&source, &mut ears);
        let expected = [Extent::new(2048 * 100, 2048), Extent::new(2048 * 700, 4096)];
        assert_eq!(reading.unreadable, expected);
        assert_eq!((reading.missed, read), (3 * 2048, 2 << 20));
        assert!(reading.error.is_some_and(|error| error.to_string().contains("scratched")));
        assert_eq!(ears[0].at, 2 << 20);
        assert_eq!(ears[0].missed.iter().map(|extent| extent.length).sum::<u64>(), 3 * 2048);
        assert_eq!(ears[1].missed, [Extent::new(2048 * 100 + 1000, 48)]);
    }

    #[test]
    fn a_read_that_succeeds_at_the_second_try_is_no_trouble() {
        let source = Scratched::new(1 << 20, &[]);
        source.hiccups.store(1, Ordering::Relaxed);
        let mut ears = [Ear::new(0, 1 << 20)];
        let (reading, _) = listen_to(&source, &mut ears);
        assert_eq!((reading.missed, ears[0].at), (0, 1 << 20));
    }

    #[test]
    fn to_be_cancelled_ends_it() {
        struct Cancelled;
        impl Source for Cancelled {
            fn len(&self) -> u64 {
                1 << 30
            }
            fn read_at(&self, _: u64, _: &mut [u8]) -> Result<usize> {
                Err(Error::Cancelled)
            }
        }
        let mut ear = Ear::new(0, 1 << 30);
        assert!(super::read(&Cancelled, &mut [&mut ear], &mut |_| {}).unwrap_err().is_cancelled());
    }
}
