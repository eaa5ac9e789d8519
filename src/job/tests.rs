//! Every job ends once, whatever happens to it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::*;
use crate::disc::source::MemorySource;
use crate::disc::{Error, Source};

const LONG: Duration = Duration::from_secs(20);

/// A job made of a closure.
struct Do<F>(Lane, F);

impl<F: FnOnce(&Context) -> Result<Output, Failure> + Send + 'static> Job for Do<F> {
    fn name(&self) -> &'static str {
        "Testing"
    }

    fn lane(&self) -> Lane {
        self.0
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        (self.1)(context)
    }
}

fn quick(_: &Context) -> Result<Output, Failure> {
    Ok(Output::Sorted(vec![1, 2]))
}

fn jobs() -> Jobs {
    Jobs::new(Arc::new(|| {}))
}

/// All events up to the end of `id`.
fn until_end(jobs: &mut Jobs, id: JobId) -> Vec<JobEvent> {
    let mut events = Vec::new();
    loop {
        let event = jobs.wait(LONG).expect("the job ends");
        let ends = event.id() == id && event.is_terminal();
        events.push(event);
        if ends {
            return events;
        }
    }
}

#[test]
fn a_job_ends_once_and_wakes_the_window() {
    let woken = Arc::new(AtomicUsize::new(0));
    let count = woken.clone();
    let mut jobs = Jobs::new(Arc::new(move || {
        count.fetch_add(1, Ordering::SeqCst);
    }));
    let id = jobs.start(Do(Lane::Interactive, quick));
    assert!(jobs.is_live(id));
    let events = until_end(&mut jobs, id);
    assert!(matches!(events[..], [JobEvent::Done(done, Output::Sorted(_))] if done == id));
    assert!(!jobs.is_live(id) && jobs.is_empty());
    assert!(jobs.wait(Duration::from_millis(30)).is_none(), "nothing comes after the end");
    assert_eq!(woken.load(Ordering::SeqCst), 1);
}

#[test]
fn a_failure_is_told_with_its_place() {
    let mut jobs = jobs();
    let fails = |_: &Context| Err(Error::damaged("path table", 4096, "The path table is torn").into());
    let id = jobs.start(Do(Lane::Background, fails));
    match until_end(&mut jobs, id).pop() {
        Some(JobEvent::Failed(_, failure)) => {
            assert_eq!(failure.sentence(), "The path table is torn");
            assert_eq!(failure.offset(), Some(4096));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_crash_becomes_an_event_and_the_next_job_runs() {
    let mut jobs = jobs();
    let crashes = |_: &Context| -> Result<Output, Failure> { panic!("seven is not {}", 8) };
    for lane in Lane::ALL {
        for _ in 0..6 {
            let id = jobs.start(Do(lane, crashes));
            match until_end(&mut jobs, id).pop() {
                Some(JobEvent::Crashed(_, crash)) => {
                    assert_eq!(crash.message, "seven is not 8");
                    assert_eq!(crash.job, "Testing");
                    assert!(crash.location.contains("tests.rs"));
                }
                other => panic!("{other:?}"),
            }
        }
        let id = jobs.start(Do(lane, quick));
        assert!(matches!(until_end(&mut jobs, id)[..], [JobEvent::Done(..)]));
    }
}

#[test]
fn progress_comes_at_most_twenty_times_a_second_and_before_the_end() {
    let mut jobs = jobs();
    let start = Instant::now();
    let id = jobs.start(Do(Lane::Background, |context: &Context| {
        let begin = Instant::now();
        let mut done = 0;
        while begin.elapsed() < Duration::from_millis(400) {
            done += 1;
            context.progress(|| Progress::so_far(done, Unit::Entries));
            std::thread::yield_now();
        }
        Ok(Output::Sorted(Vec::new()))
    }));
    let events = until_end(&mut jobs, id);
    let allowed = start.elapsed().as_millis() as usize / 50 + 2;
    let progress = events.iter().filter(|event| !event.is_terminal()).count();
    assert!((3..=allowed).contains(&progress), "{progress} of {allowed}");
    assert!(events.last().is_some_and(JobEvent::is_terminal));
}

#[test]
fn a_running_job_is_cancelled_at_its_next_read() {
    let mut jobs = jobs();
    let id = jobs.start(Do(Lane::Extraction, |context: &Context| {
        let source = context.source(Arc::new(MemorySource::new(*b"abc")));
        loop {
            source.read_at(0, &mut [0])?;
        }
    }));
    jobs.cancel(id);
    assert!(matches!(until_end(&mut jobs, id)[..], [JobEvent::Cancelled(_)]));
}

#[test]
fn a_queued_job_is_cancelled_at_once_and_never_runs() {
    let mut jobs = jobs();
    let (release, wait) = crossbeam_channel::bounded::<()>(0);
    // Fills every thread of the lane.
    for _ in 0..2 {
        let wait = wait.clone();
        jobs.start(Do(Lane::Extraction, move |_: &Context| {
            while wait.recv().is_ok() {}
            Ok(Output::Sorted(Vec::new()))
        }));
    }
    let ran = Arc::new(AtomicUsize::new(0));
    let count = ran.clone();
    let queued = jobs.start(Do(Lane::Extraction, move |_: &Context| {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(Output::Sorted(Vec::new()))
    }));
    jobs.cancel(queued);
    let told = jobs.poll();
    assert!(matches!(told[..], [JobEvent::Cancelled(id)] if id == queued), "{told:?}");
    drop(release);
    let last = jobs.start(Do(Lane::Extraction, quick));
    until_end(&mut jobs, last);
    assert_eq!(ran.load(Ordering::SeqCst), 0);
}

#[test]
fn nothing_is_heard_of_an_abandoned_job() {
    let mut jobs = jobs();
    let (release, wait) = crossbeam_channel::bounded::<()>(0);
    let ended = Arc::new(AtomicUsize::new(0));
    let count = ended.clone();
    let id = jobs.start(Do(Lane::Preview, move |context: &Context| {
        context.progress(|| Progress::so_far(1, Unit::Entries));
        while wait.recv().is_ok() {}
        count.fetch_add(1, Ordering::SeqCst);
        Ok(Output::Sorted(Vec::new()))
    }));
    assert!(matches!(jobs.wait(LONG), Some(JobEvent::Progress(begun, _)) if begun == id));
    jobs.abandon(id);
    drop(release);
    let deadline = Instant::now() + LONG;
    while ended.load(Ordering::SeqCst) == 0 && Instant::now() < deadline {
        std::thread::yield_now();
    }
    let next = jobs.start(Do(Lane::Preview, quick));
    let mut events = until_end(&mut jobs, next);
    events.extend(jobs.wait(Duration::from_millis(50)));
    assert_eq!(ended.load(Ordering::SeqCst), 1);
    assert!(events.iter().all(|event| event.id() == next), "{events:?}");
}

#[test]
fn what_was_done_too_late_to_be_cancelled_counts_as_cancelled() {
    let mut jobs = jobs();
    let id = jobs.start(Do(Lane::Interactive, quick));
    // The event waits in the channel when the wish to cancel comes.
    while jobs.events.is_empty() {
        std::thread::yield_now();
    }
    jobs.cancel(id);
    assert!(matches!(jobs.poll()[..], [JobEvent::Cancelled(_)]));
}

#[test]
fn the_end_of_a_job_is_never_lost_however_many_events_wait() {
    let mut jobs = jobs();
    let mut open: Vec<JobId> = (0..EVENTS * 3)
        .map(|_| {
            jobs.start(Do(Lane::Preview, |context: &Context| {
                context.progress(|| Progress::so_far(1, Unit::Entries));
                Ok(Output::Sorted(Vec::new()))
            }))
        })
        .collect();
    // Nobody listens until the channel is full and the workers wait for room.
    let deadline = Instant::now() + LONG;
    while !jobs.events.is_full() && Instant::now() < deadline {
        std::thread::yield_now();
    }
    assert!(jobs.events.is_full());
    while let Some(event) = jobs.wait(Duration::from_millis(500)) {
        if event.is_terminal() {
            assert!(matches!(event, JobEvent::Done(..)));
            open.retain(|id| *id != event.id());
        }
    }
    assert_eq!(open, []);
}

#[test]
fn workers_end_when_the_window_is_gone_even_beside_a_full_channel() {
    let mut jobs = jobs();
    for _ in 0..EVENTS * 2 {
        jobs.start(Do(Lane::Interactive, quick));
    }
    let deadline = Instant::now() + LONG;
    while !jobs.events.is_full() && Instant::now() < deadline {
        std::thread::yield_now();
    }
    assert!(jobs.shut_down(LONG), "a worker waits for a window that is gone");
}

#[test]
fn a_worker_that_is_stuck_does_not_keep_the_program_from_ending() {
    let mut jobs = jobs();
    let (release, wait) = crossbeam_channel::bounded::<()>(0);
    jobs.start(Do(Lane::Interactive, move |_: &Context| {
        while wait.recv().is_ok() {}
        Ok(Output::Sorted(Vec::new()))
    }));
    std::thread::sleep(Duration::from_millis(20));
    let start = Instant::now();
    assert!(!jobs.shut_down(Duration::from_millis(50)));
    assert!(start.elapsed() < Duration::from_secs(5));
    drop(release);
}

#[test]
fn what_the_user_waits_for_does_not_wait_for_the_background() {
    let mut jobs = jobs();
    let (release, wait) = crossbeam_channel::bounded::<()>(0);
    for lane in [Lane::Background, Lane::Background, Lane::Background, Lane::Extraction, Lane::Extraction] {
        let wait = wait.clone();
        jobs.start(Do(lane, move |_: &Context| {
            while wait.recv().is_ok() {}
            Ok(Output::Sorted(Vec::new()))
        }));
    }
    let id = jobs.start(Do(Lane::Interactive, quick));
    assert!(matches!(jobs.wait(LONG), Some(JobEvent::Done(done, _)) if done == id));
    drop(release);
}

#[test]
fn a_background_read_lets_others_go_first_but_does_not_wait_for_ever() {
    let mut jobs = jobs();
    let (release, wait) = crossbeam_channel::bounded::<()>(0);
    jobs.start(Do(Lane::Interactive, move |_: &Context| {
        while wait.recv().is_ok() {}
        Ok(Output::Sorted(Vec::new()))
    }));
    let id = jobs.start(Do(Lane::Background, |context: &Context| {
        let source = context.source(Arc::new(MemorySource::new(*b"abc")));
        assert_eq!(source.read_at(0, &mut [0; 3])?, 3);
        Ok(Output::Sorted(Vec::new()))
    }));
    assert!(matches!(until_end(&mut jobs, id).pop(), Some(JobEvent::Done(..))));
    drop(release);
}

/// Counts the reads and asks for cancelling before the one with a certain number.
struct CancelsAt {
    inner: Arc<dyn Source>,
    token: CancelToken,
    reads: Arc<AtomicUsize>,
    at: usize,
}

impl Source for CancelsAt {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> crate::disc::Result<usize> {
        if self.reads.fetch_add(1, Ordering::SeqCst) == self.at {
            self.token.cancel();
        }
        self.inner.read_at(offset, buf)
    }
}

/// Opens an image and walks over all of it, cancelled during the read with the number `at`.
fn walk_cancelled_at(image: &Arc<dyn Source>, at: usize) -> (usize, JobEvent) {
    let mut jobs = jobs();
    let reads = Arc::new(AtomicUsize::new(0));
    let (inner, count) = (image.clone(), reads.clone());
    let id = jobs.start(Do(Lane::Interactive, move |context: &Context| {
        let source = CancelsAt { inner, token: context.token().clone(), reads: count, at };
        let image = crate::disc::Image::open(context.source(Arc::new(source)))?;
        let index = crate::disc::index::Index::build(image.default_tree(), None, &mut |_| {})?;
        Ok(Output::Index(Arc::new(index)))
    }));
    let mut events = until_end(&mut jobs, id);
    (reads.load(Ordering::SeqCst), events.pop().expect("it ended"))
}

#[test]
fn opening_and_walking_end_as_cancelled_at_every_read() {
    let image: Arc<dyn Source> = Arc::new(MemorySource::new(plain_image()));
    let (reads, event) = walk_cancelled_at(&image, usize::MAX);
    assert!(matches!(&event, JobEvent::Done(_, Output::Index(index)) if index.len() == 2), "{event:?}");
    assert!(reads > 3, "{reads}");
    for at in 0..reads {
        let (_, event) = walk_cancelled_at(&image, at);
        assert!(matches!(event, JobEvent::Cancelled(_)), "read {at}: {event:?}");
    }
}

/// A plain ISO 9660 image with the folder `A` and in it the file `B.TXT;1`.
pub(super) fn plain_image() -> Vec<u8> {
    const ROOT: u32 = 18;
    const FOLDER: u32 = 19;
    const FILE: u32 = 20;
    let both = |value: u32| [value.to_le_bytes(), value.to_be_bytes()].concat();
    let both16 = |value: u16| [value.to_le_bytes(), value.to_be_bytes()].concat();
    let record = |name: &[u8], lba: u32, size: u32, flags: u8| {
        let len = 33 + name.len() + (name.len() + 1) % 2;
        let mut record = vec![len as u8, 0];
        record.extend(both(lba));
        record.extend(both(size));
        record.extend([124, 1, 2, 3, 4, 5, 0, flags, 0, 0]);
        record.extend(both16(1));
        record.push(name.len() as u8);
        record.extend(name);
        record.resize(len, 0);
        record
    };
    let mut image = vec![0; 21 * 2048];
    let mut put = |at: usize, bytes: &[u8]| image[at..at + bytes.len()].copy_from_slice(bytes);
    let descriptor = 16 * 2048;
    put(descriptor, b"\x01CD001\x01");
    put(descriptor + 8, &[b' '; 64]);
    put(descriptor + 40, b"PLAIN");
    put(descriptor + 80, &both(21));
    put(descriptor + 120, &both16(1));
    put(descriptor + 124, &both16(1));
    put(descriptor + 128, &both16(2048));
    put(descriptor + 156, &record(&[0], ROOT, 2048, 2));
    put(descriptor + 881, &[1]);
    put(descriptor + 2048, b"\xffCD001\x01");
    let folders = |own: u32, child: Vec<u8>| [record(&[0], own, 2048, 2), record(&[1], ROOT, 2048, 2), child].concat();
    put(ROOT as usize * 2048, &folders(ROOT, record(b"A", FOLDER, 2048, 2)));
    put(FOLDER as usize * 2048, &folders(FOLDER, record(b"B.TXT;1", FILE, 11, 0)));
    put(FILE as usize * 2048, b"Hello world");
    image
}

#[test]
fn an_image_is_opened_read_and_described() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("plain.iso");
    std::fs::write(&path, plain_image()).unwrap();
    let mut jobs = jobs();
    let id = jobs.start(OpenImage { path: path.clone(), session: None });
    let opened = match until_end(&mut jobs, id).pop() {
        Some(JobEvent::Done(_, Output::Opened(opened))) => opened,
        other => panic!("{other:?}"),
    };
    assert_eq!((opened.path, opened.file_size), (path, 21 * 2048));
    assert_eq!(opened.image.volume().id, "PLAIN");
    let root = opened.root.unwrap();
    let tree = opened.image.default_tree();
    let folder = tree.folder_of(&root.entries()[0]).unwrap();

    let id = jobs.start(ReadFolder { tree: tree.clone(), folder });
    let read = match until_end(&mut jobs, id).pop() {
        Some(JobEvent::Done(_, Output::Folder(read))) => read,
        other => panic!("{other:?}"),
    };
    assert_eq!((read.id, read.folder.entries().len()), (folder, 1));

    let id = jobs.start(ReadDetails { tree: tree.clone(), folder: read.folder, index: 0 });
    assert!(
        matches!(until_end(&mut jobs, id).pop(), Some(JobEvent::Done(_, Output::Details(groups))) if !groups.is_empty())
    );
    let id = jobs.start(ReadImageDetails { image: opened.image.clone() });
    assert!(
        matches!(until_end(&mut jobs, id).pop(), Some(JobEvent::Done(_, Output::Details(groups))) if !groups.is_empty())
    );

    let id = jobs.start(BuildIndex { tree: tree.clone(), known: None });
    let index = match until_end(&mut jobs, id).pop() {
        Some(JobEvent::Done(_, Output::Index(index))) => index,
        other => panic!("{other:?}"),
    };
    let id = jobs.start(Search { index, query: "txt".to_owned() });
    match until_end(&mut jobs, id).pop() {
        Some(JobEvent::Done(_, Output::Found(found))) => {
            assert_eq!((found.query.as_str(), found.rows), ("txt", vec![1]))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_that_is_not_there_is_a_failure_with_a_sentence() {
    let mut jobs = jobs();
    let id = jobs.start(OpenImage { path: "does/not/exist.iso".into(), session: None });
    assert!(
        matches!(until_end(&mut jobs, id).pop(), Some(JobEvent::Failed(_, failure)) if !failure.sentence().is_empty())
    );
}

/// The sample disc on a drive that takes this long for every read, and counts them.
struct Slow(MemorySource, Duration, Arc<AtomicUsize>);

impl Source for Slow {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> crate::disc::Result<usize> {
        self.2.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(self.1);
        self.0.read_at(offset, buf)
    }
}

fn sample(pause: Duration) -> (Arc<crate::disc::Image>, Arc<AtomicUsize>) {
    let reads = Arc::new(AtomicUsize::new(0));
    let bytes = MemorySource::new(&include_bytes!("../../assets/sample.iso")[..]);
    let image = crate::disc::Image::open(Arc::new(Slow(bytes, pause, reads.clone()))).unwrap();
    (Arc::new(image), reads)
}

fn compare_all(image: &Arc<crate::disc::Image>) -> CompareTrees {
    let first = image.id_of(image.default_tree().as_ref());
    let pairs = image.trees_like(first).map(|other| [first, image.id_of(other.as_ref())]).collect();
    CompareTrees { image: image.clone(), pairs, options: crate::disc::compare::Options::default() }
}

#[test]
fn trees_are_compared_in_pairs_and_the_sentence_leaves_out_what_one_cannot_tell() {
    let (image, _) = sample(Duration::ZERO);
    let mut jobs = jobs();
    let id = jobs.start(compare_all(&image));
    let Some(JobEvent::Done(_, Output::Compared(all))) = until_end(&mut jobs, id).pop() else { panic!("it is done") };
    let [joliet, plain] = &all[..] else { panic!("{all:?}") };
    assert!(joliet.comparison.only_left.iter().any(|lone| lone.kind == crate::disc::tree::Kind::Symlink));
    assert_eq!(
        joliet.sentence.as_deref(),
        Some(
            "Rock Ridge and Joliet differ: “Only Rock Ridge names this.txt” is only in Rock Ridge, \
             “Only Joliet names this.txt” is only in Joliet"
        )
    );
    assert!(plain.comparison.differs(), "links are files there, and a folder was moved");
    assert_eq!(plain.sentence, None);
}

#[test]
fn looking_through_the_whole_disc_ends_soon_after_it_was_cancelled() {
    for compares in [true, false] {
        let (image, reads) = sample(Duration::from_millis(20));
        let before = reads.load(Ordering::SeqCst);
        let mut jobs = jobs();
        let id = match compares {
            true => jobs.start(compare_all(&image)),
            false => jobs.start(FindUnseen { image }),
        };
        let deadline = Instant::now() + LONG;
        while reads.load(Ordering::SeqCst) < before + 2 {
            assert!(Instant::now() < deadline, "it reads");
            std::thread::sleep(Duration::from_millis(1));
        }
        jobs.cancel(id);
        let cancelled = reads.load(Ordering::SeqCst);
        assert!(matches!(until_end(&mut jobs, id).pop(), Some(JobEvent::Cancelled(_))));
        assert!(reads.load(Ordering::SeqCst) <= cancelled + 1, "nothing more is read");
    }
}
