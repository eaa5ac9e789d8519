//! Files that are compressed, in every way.

use std::io::Write;

use super::{File, Fork, Format, Volume};

pub(super) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    zlib.write_all(bytes).unwrap();
    zlib.finish().unwrap()
}

/// The attribute that says how a file is compressed, with what is packed in it.
pub fn decmpfs(kind: u32, size: usize, packed: &[u8]) -> Vec<u8> {
    [b"fpmc", &kind.to_le_bytes()[..], &(size as u64).to_le_bytes(), packed].concat()
}

/// A resource fork with `bytes` packed in chunks of 64 KiB, and the map behind that Mac OS puts there.
pub(super) fn packed_fork(bytes: &[u8]) -> Vec<u8> {
    let chunks: Vec<Vec<u8>> = bytes.chunks(64 << 10).map(zlib).collect();
    let mut table = (chunks.len() as u32).to_le_bytes().to_vec();
    let mut at = 4 + 8 * chunks.len() as u32;
    for chunk in &chunks {
        table.extend(at.to_le_bytes());
        table.extend((chunk.len() as u32).to_le_bytes());
        at += chunk.len() as u32;
    }
    let data = [table, chunks.concat()].concat();
    let mut fork = vec![0; 256];
    for (at, number) in [(0, 256), (4, 260 + data.len()), (8, 4 + data.len()), (12, 50)] {
        fork[at..at + 4].copy_from_slice(&(number as u32).to_be_bytes());
    }
    fork.extend((data.len() as u32).to_be_bytes());
    fork.extend(data);
    fork.extend(
        b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x1c\x002\0\0cmpf\0\0\0\x0a\0\x01\xff\xff\0\0\0\0\0\0\0\0",
    );
    fork
}

/// A volume with files compressed in every way, and what they hold.
pub fn compressed() -> (Vec<u8>, Vec<(&'static str, Vec<u8>)>) {
    let large: Vec<u8> = (0..200_000_u32).flat_map(|at| (at / 7).to_string().into_bytes()).take(200_001).collect();
    let mut volume = Volume::new(Format::Plus, "Compressed");
    let file = |owner_flags| File { owner_flags, ..File::default() };
    let files: Vec<(&'static str, Vec<u8>)> = vec![
        ("inline", b"small text, small text, small text".to_vec()),
        ("inline stored", b"stored".to_vec()),
        ("inline in a fork", large[..3000].to_vec()),
        ("resource fork", large.clone()),
        ("empty", Vec::new()),
    ];
    for (name, content) in &files {
        let mut resource = Fork::default();
        let stored = [&[0xff], &content[..]].concat();
        let value = match *name {
            "inline" | "inline in a fork" => decmpfs(3, content.len(), &zlib(content)),
            "inline stored" | "empty" => decmpfs(3, content.len(), &stored),
            _ => {
                resource = volume.store_in(&packed_fork(content), 12);
                decmpfs(4, content.len(), &[])
            }
        };
        let id = volume.file(2, name, File { resource, ..file(0x20) });
        if *name == "inline in a fork" {
            let fork = volume.store_in(&value, 2);
            volume.attribute_fork(id, "com.apple.decmpfs", &fork);
        } else {
            volume.attribute(id, "com.apple.decmpfs", &value);
        }
        volume.attribute(id, "com.apple.quarantine", b"0081;5e7d;Safari;");
    }
    (volume.build(), files)
}
