//! A file that is larger than the memory that a program may have, in an image that takes hardly any room.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use isoscope::disc::Source as _;

use super::builder::{BLOCK, Data, Disc, ROOT};
use super::sources::SparseSource;
use super::susp;

/// The name of the file.
pub const NAME: &str = "vast.bin";

/// The first block of the file, behind all that the builder lays out.
const START: u32 = 64;

/// The most bytes of one extent: whole blocks.
const EXTENT: u64 = u32::MAX as u64 + 1 - BLOCK as u64;

/// Bytes from one stamp to the next, so that a stamp stands anywhere in a page.
const STEP: u64 = 4_999_999;

/// Bytes that are read at once.
const PIECE: usize = 1 << 20;

/// Such a file, all zeros but for stamps that say where they stand.
pub struct Vast {
    pub len: u64,
}

impl Vast {
    /// What is in it.
    fn content(&self) -> SparseSource {
        let stamp = |at: u64| (at, format!("<{at:018}>").into_bytes());
        let behind_extents = (1..=self.len / EXTENT).map(|number| number * EXTENT - 10);
        let places = (0..self.len - 20).step_by(STEP as usize).chain(behind_extents).chain([self.len - 20]);
        SparseSource { len: self.len, pieces: places.map(stamp).collect() }
    }

    /// Writes an image that holds it to the file `path`, with holes.
    pub fn write(&self, path: &Path) {
        let mut disc = Disc::rock_ridge();
        let extents = (0..self.len).step_by(EXTENT as usize).map(|at| {
            let block = START + u32::try_from(at / BLOCK as u64).unwrap();
            Data { block, len: u32::try_from((self.len - at).min(EXTENT)).unwrap() }
        });
        let node = disc.primary.sections(ROOT, b"VAST.BIN;1", &extents.collect::<Vec<_>>());
        disc.primary.uses(node, [susp::px(0o100_644, 1, 0, 0, 1)]);
        disc.primary.uses(node, susp::long_name(NAME.as_bytes()));
        let bytes = disc.build().bytes;
        let start = u64::from(START) * BLOCK as u64;
        assert!(bytes.len() as u64 <= start);
        let file = File::create(path).unwrap();
        file.write_all_at(&bytes, 0).unwrap();
        file.set_len(start + self.len.next_multiple_of(BLOCK as u64)).unwrap();
        for (at, stamp) in self.content().pieces {
            file.write_all_at(&stamp, start + at).unwrap();
        }
    }

    /// Fails unless `reader` gives all of the file, and nothing else.
    pub fn assert_is(&self, mut reader: impl Read) {
        let content = self.content();
        let (mut expected, mut piece) = (vec![0; PIECE], vec![0; PIECE]);
        let mut at = 0;
        loop {
            let read = reader.read(&mut piece).unwrap();
            if read == 0 {
                break;
            }
            assert_eq!(content.read_at(at, &mut expected[..read]).unwrap(), read, "there is more than the file");
            assert!(piece[..read] == expected[..read], "it is another within {read} bytes from {at} on");
            at += read as u64;
        }
        assert_eq!(at, self.len, "it ends early");
    }
}
