//! A disc whose last file is large, so that damage hits nothing else.

use super::builder::{Data, Disc, ROOT};
use super::susp;

/// What is in the large file.
pub fn content() -> Vec<u8> {
    (0..1_000_000_u32).map(|at| (at % 251) as u8 + 1).collect()
}

/// One good file, and a large one whose data lie behind everything else, from the second value on.
pub fn disc() -> (Vec<u8>, usize) {
    let build = |block: u32| {
        let mut disc = Disc::rock_ridge();
        disc.rr_file(ROOT, "good.txt", b"good");
        let large = disc.primary.file(ROOT, b"LARGE.BIN;1", Data { block, len: content().len() as u32 });
        disc.primary.uses(large, [susp::px(0o100_644, 1, 0, 0, 1)]);
        disc.primary.uses(large, susp::long_name(b"large.bin"));
        disc.build().bytes
    };
    let start = build(0).len().next_multiple_of(2048);
    let mut bytes = build(u32::try_from(start / 2048).unwrap());
    bytes.resize(start, 0);
    bytes.extend(content());
    (bytes, start)
}
