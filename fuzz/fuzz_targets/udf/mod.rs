//! What the targets of UDF share: sound discs to be spoilt, made by the builder of the tests.

use std::sync::{Arc, OnceLock};

use isoscope::disc::source::MemorySource;
use isoscope::disc::walk::Walk;
use isoscope::disc::{Image, Source};

#[path = "../../../tests/support/builder.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod builder;
#[path = "../../../tests/support/susp.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod susp;
#[path = "../../../tests/support/udf_builder/mod.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
pub mod udf_builder;

use udf_builder::build::Built;
use udf_builder::node::{Form, ROOT};
use udf_builder::{Disc, Kind};

/// A sound disc of one of four kinds: a folder with a file that has a stream, and a link.
pub fn disc(kind: u8) -> Built {
    static DISCS: OnceLock<[Built; 4]> = OnceLock::new();
    let discs = DISCS.get_or_init(|| [Kind::Physical, Kind::Virtual, Kind::Sparable, Kind::Metadata].map(make));
    discs[usize::from(kind) % 4].clone()
}

fn make(kind: Kind) -> Built {
    let mut disc = Disc::new(kind, 512, 0x250);
    let folder = disc.folder(ROOT, "folder");
    let file = disc.file_as(folder, "file", Form::Long, &[b'x'; 3000]);
    (disc.item(file).split, disc.item(file).descriptors_each) = (Some(1), Some(2));
    disc.symlink(ROOT, "link", "folder/file");
    disc.stream(file, "stream", b"stream");
    disc.build()
}

/// Makes the tag of the descriptor in `bytes` right: whatever it says of its length, it ends with them.
pub fn seal(bytes: &mut [u8], location: u32) {
    let covered = u16::from_le_bytes([bytes[10], bytes[11]]).min((bytes.len() - 16) as u16);
    bytes[10..12].copy_from_slice(&covered.to_le_bytes());
    bytes[12..16].copy_from_slice(&location.to_le_bytes());
    udf_builder::encode::reseal(bytes);
}

/// Opens the image, walks every tree, and reads and explains every entry.
pub fn exhaust(bytes: &[u8]) {
    let source: Arc<dyn Source> = Arc::new(MemorySource::new(bytes));
    let Ok(image) = Image::open(source) else { return };
    let _ = (image.details(), image.structures().count());
    for tree in image.trees() {
        for step in Walk::new(tree.with_deleted().unwrap_or(tree.clone())) {
            let Ok(folder) = step.folder else { continue };
            for (index, entry) in folder.entries().iter().enumerate() {
                let _ = tree.details(&folder, index);
                let _ = tree.streams(&folder, index);
                if let Ok(content) = tree.open(entry) {
                    let mut buf = vec![0; 64 << 10];
                    for at in [0, content.len() / 2, content.len().saturating_sub(100)] {
                        let _ = content.read_at(at, &mut buf);
                    }
                }
            }
        }
    }
}
