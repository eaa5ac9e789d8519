//! The images of `tests/fixtures`, made by real tools with the script beside them.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use isoscope::disc::Source;

use super::sources::{SparseSource, memory};

/// The folder of the fixtures.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The names of all fixtures, in order.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .filter_map(|file| file.unwrap().file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".gz").map(str::to_owned))
        .collect();
    names.sort();
    assert!(!names.is_empty(), "there are no fixtures");
    names
}

/// The bytes of the fixture `name`, which ends in `.iso`.
pub fn bytes(name: &str) -> Vec<u8> {
    assert!(!name.ends_with(".sparse"), "{name} is too large to be held in memory");
    unpack(name)
}

/// The fixture `name` as a source.
pub fn source(name: &str) -> Arc<dyn Source> {
    if name.ends_with(".sparse") {
        let (len, pieces) = sparse(name);
        Arc::new(SparseSource { len, pieces })
    } else {
        memory(&bytes(name))
    }
}

/// A fixture that ends in `.sparse` holds only the blocks that are not zero: its length, then each block with its byte
/// offset before it.
pub fn sparse(name: &str) -> (u64, Vec<(u64, Vec<u8>)>) {
    let bytes = unpack(name);
    let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    let pieces = (8..bytes.len()).step_by(8 + 2048).map(|at| (number(at), bytes[at + 8..at + 8 + 2048].to_vec()));
    (number(0), pieces.collect())
}

fn unpack(name: &str) -> Vec<u8> {
    let path = folder().join(format!("{name}.gz"));
    let packed = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Writes the fixture `name` to the file `path`; a sparse one with holes.
pub fn write(name: &str, path: &Path) {
    use std::io::{Seek, SeekFrom, Write};
    let mut file = std::fs::File::create(path).unwrap();
    if name.ends_with(".sparse") {
        let (len, pieces) = sparse(name);
        for (offset, piece) in pieces {
            file.seek(SeekFrom::Start(offset)).unwrap();
            file.write_all(&piece).unwrap();
        }
        file.set_len(len).unwrap();
    } else {
        file.write_all(&bytes(name)).unwrap();
    }
}
