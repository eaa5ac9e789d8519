//! Packed files that lie.

use std::time::{Duration, Instant};

use super::{among_ten, ten_are_fine};
use crate::support::builder::ROOT;
use crate::support::survey::digest_of;
use crate::support::susp;

/// A disc with one packed file among ten good ones.
fn packed(entry: Vec<u8>, stored: &[u8]) -> std::result::Result<String, String> {
    let (built, _) = among_ten(|disc| {
        let node = disc.rr_file(ROOT, "bad", stored);
        disc.primary.uses(node, [entry]);
        node
    });
    ten_are_fine(&built).row("bad").content.clone()
}

/// A zisofs file of version 1 with these block pointers and bytes behind them.
fn zisofs(size: u32, block_log2: u8, pointers: &[u32], blocks: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x37\xe4\x53\x96\xc9\xdb\xd6\x07".to_vec();
    bytes.extend(size.to_le_bytes());
    bytes.extend([4, block_log2, 0, 0]);
    bytes.extend(pointers.iter().flat_map(|pointer| pointer.to_le_bytes()));
    bytes.extend(blocks);
    bytes
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_packed_file_is_unpacked() {
    let text = b"packed ".repeat(6000);
    let (first, second) = (deflated(&text[..32768]), deflated(&text[32768..]));
    let table = 16 + 3 * 4;
    let pointers = [table, table + first.len() as u32, table + (first.len() + second.len()) as u32];
    let stored = zisofs(text.len() as u32, 15, &pointers, &[first, second].concat());
    assert_eq!(packed(susp::zf(b"pz", 4, 15, text.len() as u32), &stored), Ok(digest_of(&text)));
}

#[test]
fn blocks_of_a_mebibyte_are_unpacked_in_version_2_only() {
    let text = b"packed ".repeat(200_000);
    let (first, second) = (deflated(&text[..1 << 20]), deflated(&text[1 << 20..]));
    let mut stored = b"\xef\x22\x55\xa1\xbc\x1b\x95\xa0".to_vec();
    stored.extend([0, 6, 1, 20]);
    stored.extend((text.len() as u64).to_le_bytes());
    stored.extend([0; 4]);
    let ends = [48, 48 + first.len() as u64, 48 + (first.len() + second.len()) as u64];
    stored.extend(ends.iter().flat_map(|end| end.to_le_bytes()));
    stored.extend([first, second].concat());
    for signature in [b"ZF", b"Z2"] {
        let entry = susp::zf2(signature, b"PZ", 6, 20, text.len() as u64);
        assert_eq!(packed(entry, &stored), Ok(digest_of(&text)));
    }
    let block = deflated(&text[..1 << 20]);
    let stored = zisofs(1 << 20, 20, &[24, 24 + block.len() as u32], &block);
    assert!(packed(susp::zf(b"pz", 4, 20, 1 << 20), &stored).is_err());
}

#[test]
fn a_block_of_no_bytes_is_zeros() {
    let stored = zisofs(40_000, 15, &[28, 28, 28], &[]);
    assert_eq!(packed(susp::zf(b"pz", 4, 15, 40_000), &stored), Ok(digest_of(&[0; 40_000])));
}

#[test]
fn packed_files_that_lie_are_errors_and_not_garbage() {
    let text = vec![b'x'; 32768];
    let block = deflated(&text);
    let end = 24 + block.len() as u32;
    let good = zisofs(32768, 15, &[24, end], &block);
    assert_eq!(packed(susp::zf(b"pz", 4, 15, 32768), &good), Ok(digest_of(&text)), "the base of the cases below");
    let mut wrong_magic = good.clone();
    wrong_magic[0] = 0;
    let cases: Vec<(&str, Vec<u8>, Vec<u8>)> = vec![
        ("no magic", susp::zf(b"pz", 4, 15, 32768), wrong_magic),
        ("pointers fall", susp::zf(b"pz", 4, 15, 32768), zisofs(32768, 15, &[end, 24], &block)),
        ("pointers past the end", susp::zf(b"pz", 4, 15, 32768), zisofs(32768, 15, &[24, 0xffff_fff0], &block)),
        ("a block that is no zlib stream", susp::zf(b"pz", 4, 15, 32768), zisofs(32768, 15, &[24, 124], &[0x55; 100])),
        ("a block that is too short", susp::zf(b"pz", 4, 15, 32768), {
            let short = deflated(&text[..100]);
            zisofs(32768, 15, &[24, 24 + short.len() as u32], &short)
        }),
        ("a block size of 2^3", susp::zf(b"pz", 4, 3, 32768), zisofs(32768, 3, &[24, end], &block)),
        ("a block size of 2^63", susp::zf(b"pz", 4, 63, 32768), zisofs(32768, 63, &[24, end], &block)),
        ("an unknown method", susp::zf(b"qq", 4, 15, 32768), good.clone()),
        ("4 GiB in one block", susp::zf(b"pz", 4, 15, 0xffff_ffff), zisofs(0xffff_ffff, 15, &[24, end], &block)),
        ("2^63 bytes", susp::zf2(b"ZF", b"PZ", 6, 15, 1 << 63), good.clone()),
    ];
    for (what, entry, stored) in cases {
        let content = packed(entry, &stored);
        assert!(content.is_err(), "{what}: {content:?}");
    }
}

#[test]
fn a_packed_block_that_never_ends_stops_at_its_size() {
    // 32 KiB are due; the stream holds 64 MiB.
    let bomb = deflated(&vec![0; 64 << 20]);
    let stored = zisofs(32768, 15, &[24, 24 + bomb.len() as u32], &bomb);
    let started = Instant::now();
    let content = packed(susp::zf(b"pz", 4, 15, 32768), &stored);
    assert!(started.elapsed() < Duration::from_secs(2));
    assert!(content.is_err() || content == Ok(digest_of(&[0; 32768])), "{content:?}");
}
