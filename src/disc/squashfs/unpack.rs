//! One packed block, unpacked to no more than it may have.

use std::io::Read;

use flate2::{Decompress, FlushDecompress, Status};

use super::superblock::Compressor;
use crate::disc::{Error, Result};

/// KiB that the dictionary of LZMA and xz may take: `mksquashfs` makes none larger than a block of 1 MiB.
const DICTIONARY_KIB: u32 = 16 << 10;

/// Bytes of the window of Zstandard, which is never larger than a block either.
const WINDOW: u64 = 8 << 20;

/// Unpacks `packed`, which stands at byte `offset`, to at most `limit` bytes.
pub(super) fn unpack(
    compressor: Compressor,
    packed: &[u8],
    limit: usize,
    structure: &'static str,
    offset: u64,
) -> Result<Vec<u8>> {
    let mut out = vec![0; limit];
    let len = match compressor {
        Compressor::Gzip => zlib(packed, &mut out),
        Compressor::Lzma => {
            let reader = lzma_rust2::LzmaReader::new_mem_limit(packed, DICTIONARY_KIB, None);
            reader.ok().and_then(|reader| all_of(reader, &mut out))
        }
        Compressor::Xz => all_of(lzma_rust2::XzReader::new_mem_limit(packed, false, DICTIONARY_KIB), &mut out),
        Compressor::Lz4 => lz4_flex::block::decompress_into(packed, &mut out).ok(),
        Compressor::Zstd => {
            let mut decoder = ruzstd::decoding::FrameDecoder::new();
            decoder.set_max_window_size(WINDOW);
            decoder.decode_all(packed, &mut out).ok()
        }
        Compressor::Lzo | Compressor::Unknown(_) => {
            let message =
                format!("This squashfs is packed with {}, which Isoscope does not unpack", compressor.label());
            return Err(Error::unsupported(structure, offset, message));
        }
    };
    match len {
        Some(len) => {
            out.truncate(len);
            Ok(out)
        }
        None => Err(Error::damaged(structure, offset, "A block of the squashfs cannot be unpacked")),
    }
}

/// Bytes that zlib unpacked, when that was all of it.
fn zlib(packed: &[u8], out: &mut [u8]) -> Option<usize> {
    let mut inflate = Decompress::new(true);
    let status = inflate.decompress(packed, out, FlushDecompress::Finish);
    let whole = matches!(status, Ok(Status::StreamEnd));
    whole.then(|| usize::try_from(inflate.total_out()).ok()).flatten()
}

/// Bytes that `reader` gave, when they fit.
fn all_of(mut reader: impl Read, out: &mut [u8]) -> Option<usize> {
    let mut done = 0_usize;
    while let Some(rest) = out.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest).ok()? {
            0 => return Some(done),
            read => done = done.saturating_add(read),
        }
    }
    (reader.read(&mut [0]).ok()? == 0).then_some(done)
}
