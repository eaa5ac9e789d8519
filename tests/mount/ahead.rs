//! Large files that are read from front to back: more of them is handed to the kernel than it asked for.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use isoscope::disc::Image;
use isoscope::serve::View;

use super::place::{Mounted, can_mount};
use super::support::builder::{Disc, ROOT};
use super::support::rng::Rng;
use super::support::sources::{CountedSource, ScratchedSource, memory};

const MIB: usize = 1 << 20;

/// No whole number of pages.
const LEN: usize = 48 * MIB + 1234;

/// A mounted file of [`LEN`] bytes, and what counts the bytes that are read of its image.
struct Large {
    content: Vec<u8>,
    source: Arc<CountedSource>,
    mounted: Mounted,
}

impl Large {
    fn new() -> Self {
        Self::scratched(0..0)
    }

    /// Of whose image the bytes `bad` cannot be read.
    fn scratched(bad: Range<u64>) -> Self {
        let content = Rng::new(7).bytes(LEN);
        let mut disc = Disc::rock_ridge();
        disc.rr_file(ROOT, "large", &content);
        let inner = memory(&disc.build().bytes);
        let source = CountedSource::new(Arc::new(ScratchedSource { inner, bad }));
        let image = Image::open(source.clone()).unwrap();
        let mounted = Mounted::new(Arc::new(View::of_tree(image.default_tree().clone())));
        Self { content, source, mounted }
    }

    fn open(&self) -> File {
        File::open(self.mounted.path().join("large")).unwrap()
    }

    /// The bytes that were read of the image, once that grows no more.
    fn read_of_the_image(&self) -> usize {
        let started = Instant::now();
        let mut read = self.source.bytes();
        loop {
            std::thread::sleep(Duration::from_millis(100));
            let now = self.source.bytes();
            if now == read {
                return now as usize;
            }
            assert!(started.elapsed() < Duration::from_secs(20), "it reads and reads");
            read = now;
        }
    }
}

#[test]
fn what_is_handed_over_is_the_file() {
    if !can_mount() {
        return;
    }
    let large = Large::new();
    let before = large.source.bytes() as usize;
    let mut all = Vec::new();
    large.open().read_to_end(&mut all).unwrap();
    assert!(all == large.content);
    // What is handed over and asked for at the same time is read twice.
    let read = large.read_of_the_image() - before;
    assert!((LEN..LEN * 3 / 2).contains(&read), "{read} bytes for {LEN}");
    // It is not read again, but for what the system has taken back meanwhile, as it may.
    all.clear();
    large.open().read_to_end(&mut all).unwrap();
    assert!(all == large.content);
    let again = large.read_of_the_image() - before - read;
    assert!(again < LEN / 4, "{again} bytes are read again");
}

#[test]
fn no_more_is_handed_over_than_was_read() {
    if !can_mount() {
        return;
    }
    let large = Large::new();
    let before = large.source.bytes() as usize;
    let mut file = large.open();
    let mut first = vec![0; 8 * MIB];
    file.read_exact(&mut first).unwrap();
    assert!(first == large.content[..8 * MIB]);
    let read = large.read_of_the_image() - before;
    assert!((9 * MIB..=20 * MIB).contains(&read), "{read} bytes");
    // Who looks only at the beginning, as for a preview, gets little more than that.
    let other = Large::new();
    let before = other.source.bytes() as usize;
    other.open().read_exact(&mut first[..MIB / 2]).unwrap();
    let read = other.read_of_the_image() - before;
    assert!(read <= MIB, "{read} bytes");
}

#[test]
fn readers_that_jump_and_meet_get_the_right_bytes() {
    if !can_mount() {
        return;
    }
    let large = Large::new();
    std::thread::scope(|scope| {
        for reader in 0..6 {
            let large = &large;
            scope.spawn(move || {
                let mut file = large.open();
                let mut random = Rng::new(reader + 1);
                let mut buf = vec![0; 3 * MIB];
                for _ in 0..12 {
                    // From somewhere to the front for a while, and now and then one page of somewhere else.
                    let mut at = random.below(LEN);
                    file.seek(SeekFrom::Start(at as u64)).unwrap();
                    for _ in 0..4 {
                        let read = file.read(&mut buf).unwrap();
                        assert!(buf[..read] == large.content[at..at + read], "at {at}");
                        at += read;
                        let page = random.below(LEN - 4096);
                        file.read_exact_at(&mut buf[..4096], page as u64).unwrap();
                        assert!(buf[..4096] == large.content[page..page + 4096], "at {page}");
                    }
                }
            });
        }
    });
}

#[test]
fn it_unmounts_at_once_while_it_hands_over() {
    if !can_mount() {
        return;
    }
    for pause in 0..10 {
        let mut large = Large::new();
        let mut file = large.open();
        let mut first = vec![0; 12 * MIB];
        file.read_exact(&mut first).unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        let started = Instant::now();
        drop(file);
        large.mounted.unmount();
        assert!(started.elapsed() < Duration::from_secs(2));
    }
}

#[test]
fn a_scratch_ends_what_is_handed_over_and_is_said_to_who_reads_it() {
    if !can_mount() {
        return;
    }
    // Somewhere in the file: the sectors before it are few.
    let scratch = 20 * MIB as u64;
    let large = Large::scratched(scratch..scratch + 2048);
    let mut file = large.open();
    let mut all = Vec::new();
    let error = file.read_to_end(&mut all).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(5));
    assert!(all == large.content[..all.len()] && all.len() > 19 * MIB, "{}", all.len());
    let mut behind = vec![0; LEN - 21 * MIB];
    file.read_exact_at(&mut behind, 21 * MIB as u64).unwrap();
    assert!(behind == large.content[21 * MIB..]);
}
