//! Opening an image reads its descriptors and its root, whatever its size.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use isoscope::disc::{Image, Result, Source};

/// The sample disc with zeros behind it up to any length, which counts how it is read.
struct Padded {
    bytes: Vec<u8>,
    len: u64,
    reads: AtomicU64,
    read_bytes: AtomicU64,
}

impl Padded {
    fn new(len: u64) -> Arc<Self> {
        let bytes = std::fs::read("assets/sample.iso").expect("the sample disc is part of the sources");
        Arc::new(Self { bytes, len, reads: AtomicU64::new(0), read_bytes: AtomicU64::new(0) })
    }

    fn counts(&self) -> (u64, u64) {
        (self.reads.load(Ordering::Relaxed), self.read_bytes.load(Ordering::Relaxed))
    }
}

impl Source for Padded {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        let left = usize::try_from(self.len.saturating_sub(offset)).unwrap();
        let len = buf.len().min(left);
        buf[..len].fill(0);
        let offset = usize::try_from(offset).unwrap();
        if let Some(bytes) = self.bytes.get(offset..) {
            let known = bytes.len().min(len);
            buf[..known].copy_from_slice(&bytes[..known]);
        }
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.read_bytes.fetch_add(len as u64, Ordering::Relaxed);
        Ok(len)
    }
}

#[test]
fn the_root_of_a_six_gigabyte_image_takes_few_reads() {
    let small = Padded::new(std::fs::metadata("assets/sample.iso").unwrap().len());
    let large = Padded::new(6_000_000_000);
    for source in [&small, &large] {
        let image = Image::open(source.clone()).unwrap();
        let root = image.default_tree().read_folder(image.default_tree().root()).unwrap();
        assert!(root.entries().len() > 5);
        let (reads, bytes) = source.counts();
        assert!(reads <= 64, "{reads} reads");
        assert!(bytes <= 2 << 20, "{bytes} bytes");
    }
    let (of_small, of_large) = (small.counts().0, large.counts().0);
    // UDF may begin in any of 28 places, which a small image does not all have.
    assert!(of_large <= of_small + 16, "{of_large} reads of the large image, {of_small} of the small one");
}
