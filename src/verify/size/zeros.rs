//! A download that stopped in a file which had its full length from the start: its end is only zeros.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::super::check::{Bad, Check};
use crate::disc::source::read_up_to;
use crate::disc::walk::{Step, Walk};
use crate::disc::{Error, Extent, Image, Result, text};

/// Bytes at the end of the disc of which all probes must be zeros before any file is looked at: more than any padding.
const TAIL: u64 = 1 << 20;

/// Bytes of a probe.
const PROBE: u64 = 2048;

/// Probes of a file, evenly spread and with its last bytes.
const FILE_PROBES: u64 = 32;

/// Files that lie last, which are probed.
const LAST_FILES: usize = 64;

/// Files of zeros that cannot be chance. A single one may be an empty disk or a file to fill up a disc.
const CERTAIN: usize = 2;

/// Bytes of one file whose second half is empty that are worth a word.
const LARGE: u64 = 64 << 20;

/// What the end of the disc looks like.
pub(super) struct Empty {
    /// Several files hold only zeros.
    pub(super) is_certain: bool,
    pub(super) sentence: String,
}

/// Looks at the last bytes up to `end`. Files that hold only zeros, though they lie apart, become bad places.
pub(super) fn find(image: &Image, end: u64, check: &mut Check) -> Result<Option<Empty>> {
    if end < TAIL.saturating_mul(2) {
        return Ok(None);
    }
    let probes = (1..=16_u64).map(|at| end.saturating_sub(TAIL / 16 * at));
    for at in probes.chain([end.saturating_sub(PROBE)]) {
        if !is_empty(image, at)? {
            return Ok(None);
        }
    }
    let mut empty = Vec::new();
    for (extent, path) in last_files(image)?.into_iter().filter(|(extent, _)| extent.end() <= end) {
        let empty_from = first_empty(image, extent)?;
        if empty_from == 0 {
            empty.push((extent, path));
            continue;
        }
        if empty.is_empty() && empty_from <= FILE_PROBES / 2 && extent.length >= LARGE {
            let path = text::display(&path).into_owned();
            let sentence =
                format!("the second half of “{path}”, which lies last, is empty: the download may be unfinished");
            return Ok(Some(Empty { is_certain: false, sentence }));
        }
        break;
    }
    if empty.len() < CERTAIN {
        return Ok(None);
    }
    let from = empty.iter().map(|(extent, _)| extent.offset).min().unwrap_or(end);
    let files = if empty.len() >= LAST_FILES { "at least " } else { "" };
    let sentence = format!(
        "the last {} hold only zeros, although {files}{} files lie there: the download may be unfinished",
        text::size(end.saturating_sub(from)),
        empty.len()
    );
    for (extent, path) in empty.into_iter().rev() {
        check.add_bad(Bad { path: Some(path), extent: Some(extent), why: "It holds only zeros".to_owned() });
    }
    Ok(Some(Empty { is_certain: true, sentence }))
}

/// The files that lie last, the very last one first; those of one sector or less, and those that share their place, are
/// left out.
fn last_files(image: &Image) -> Result<Vec<(Extent, String)>> {
    let mut last = BinaryHeap::new();
    for Step { path, folder, .. } in Walk::new(image.default_tree().clone()) {
        let folder = match folder {
            Ok(folder) => folder,
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(_) => continue,
        };
        for entry in folder.entries().iter().filter(|entry| entry.is_file()) {
            let pieces = entry.content.extents().iter();
            let Some(extent) =
                pieces.filter(|extent| extent.is_somewhere() && extent.length > PROBE).max_by_key(|it| it.end())
            else {
                continue;
            };
            let first = last.peek().map(|Reverse((offset, _, _))| *offset);
            if last.len() < LAST_FILES || first.is_some_and(|first| first < extent.offset) {
                last.push(Reverse((extent.offset, extent.length, text::join(&path, folder.name(entry)))));
                if last.len() > LAST_FILES {
                    last.pop();
                }
            }
        }
    }
    let mut last: Vec<_> = last.into_iter().map(|Reverse(it)| it).collect();
    last.sort_by(|one, other| other.cmp(one));
    last.dedup_by_key(|(offset, _, _)| *offset);
    Ok(last.into_iter().map(|(offset, length, path)| (Extent::new(offset, length), path)).collect())
}

/// The first of a file's probes from which on all are empty; [`FILE_PROBES`] when the last one is not.
fn first_empty(image: &Image, extent: Extent) -> Result<u64> {
    let last = extent.length.saturating_sub(PROBE);
    let mut first = FILE_PROBES;
    for probe in (0..FILE_PROBES).rev() {
        let inner = u128::from(last) * u128::from(probe) / u128::from(FILE_PROBES - 1);
        if !is_empty(image, extent.offset.saturating_add(u64::try_from(inner).unwrap_or(last)))? {
            break;
        }
        first = probe;
    }
    Ok(first)
}

/// True when the bytes at `offset` are there and zeros. What cannot be read is not taken for empty.
fn is_empty(image: &Image, offset: u64) -> Result<bool> {
    match read_up_to(image.source().as_ref(), Extent::new(offset, PROBE)) {
        Ok(bytes) => Ok(!bytes.is_empty() && bytes.iter().all(|byte| *byte == 0)),
        Err(Error::Cancelled) => Err(Error::Cancelled),
        Err(_) => Ok(false),
    }
}
