//! What cannot be read says so, and costs nothing else.

use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use isoscope::disc::{Image, Result, Source};
use isoscope::serve::View;

use super::place::{Mounted, There, all, can_mount};
use super::support::fixtures;
use super::support::large_last::{content, disc};
use super::support::sources::{ScratchedSource, memory};

/// The error of the system for what cannot be read.
const EIO: Option<i32> = Some(5);

#[test]
fn a_file_that_is_cut_off_gives_every_byte_before_the_cut_and_then_an_error() {
    if !can_mount() {
        return;
    }
    let (bytes, start) = disc();
    // In the middle of a sector, of a page, and of the file.
    for cut in [1, 700_001, 999_999] {
        let mounted = Mounted::image(memory(&bytes[..start + cut]));
        assert_eq!(std::fs::read(mounted.path().join("good.txt")).unwrap(), b"good");
        let file = std::fs::File::open(mounted.path().join("large.bin")).unwrap();
        assert_eq!(file.metadata().unwrap().len(), content().len() as u64);
        let (mut read, mut buf) = (Vec::<u8>::new(), vec![0; 65_536]);
        let error = loop {
            match file.read_at(&mut buf, read.len() as u64) {
                Ok(0) => panic!("it ended at {} without an error", read.len()),
                Ok(more) => read.extend(&buf[..more]),
                Err(error) => break error,
            }
        };
        assert_eq!(error.raw_os_error(), EIO);
        assert!(read == content()[..cut], "{} of {cut}", read.len());
        // Behind the end is the end, damaged or not.
        assert_eq!(file.read_at(&mut buf, 1_000_000).unwrap(), 0);
    }
    let mounted = Mounted::image(memory(&bytes[..start]));
    assert_eq!(all(&mounted.path())["large.bin"], There::Unreadable(EIO));
}

#[test]
fn the_files_of_a_cut_off_fixture_that_are_there_read_right() {
    if !can_mount() {
        return;
    }
    let bytes = fixtures::bytes("x-rock-ridge-joliet.iso");
    let whole = all(&Mounted::image(memory(&bytes)).path());
    let image = Image::open(memory(&bytes)).unwrap();
    let folder = image.default_tree().read_folder(image.default_tree().root()).unwrap();
    let ends = folder.entries().iter().filter(|entry| entry.is_file() && entry.size > 0);
    let mut cuts: Vec<u64> = ends.map(|entry| entry.content.extents()[0].offset).collect();
    cuts.sort_unstable();
    let (mut unreadable, mut right) = (0, 0);
    for cut in cuts {
        let mounted = Mounted::image(memory(&bytes[..cut as usize]));
        for (path, there) in all(&mounted.path()) {
            match there {
                There::Unreadable(error) => {
                    assert_eq!(error, EIO, "{path}");
                    unreadable += 1;
                }
                there => {
                    assert!(there == whole[&path], "{path}");
                    right += 1;
                }
            }
        }
    }
    assert!(unreadable > 0 && right > 0, "{unreadable} {right}");
}

#[test]
fn a_bad_sector_in_the_middle_costs_no_more_than_its_page() {
    if !can_mount() {
        return;
    }
    let (bytes, start) = disc();
    let at = 500_000 / 4096 * 4096;
    let bad = (start + at) as u64..(start + at + 2048) as u64;
    let mounted = Mounted::image(Arc::new(ScratchedSource { inner: memory(&bytes), bad }));
    let file = std::fs::File::open(mounted.path().join("large.bin")).unwrap();
    let mut page = vec![0; 4096];
    for page_at in (0..content().len()).step_by(4096) {
        match file.read_at(&mut page, page_at as u64) {
            Ok(read) => assert!(page[..read] == content()[page_at..page_at + read], "{page_at}"),
            Err(error) => assert_eq!((page_at, error.raw_os_error()), (at, EIO)),
        }
    }
    assert!(file.read_at(&mut page, at as u64).is_err());
}

#[test]
fn a_reader_that_crashes_costs_one_answer() {
    struct Crashing(Arc<dyn Source>, std::sync::atomic::AtomicBool);
    impl Source for Crashing {
        fn len(&self) -> u64 {
            self.0.len()
        }
        fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
            assert!(!self.1.load(std::sync::atomic::Ordering::Relaxed), "a crash that the test wants");
            self.0.read_at(offset, buf)
        }
    }
    if !can_mount() {
        return;
    }
    let source = Arc::new(Crashing(memory(&disc().0), false.into()));
    let image = Image::open(source.clone()).unwrap();
    let mounted = Mounted::new(Arc::new(View::of_tree(image.default_tree().clone())));
    source.1.store(true, std::sync::atomic::Ordering::Relaxed);
    for _ in 0..10 {
        assert_eq!(std::fs::read_dir(mounted.path()).unwrap().flatten().count(), 0);
    }
    source.1.store(false, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(std::fs::read(mounted.path().join("good.txt")).unwrap(), b"good");
}
