//! What follows the end of the disc in a file that is longer.

use crate::disc::source::read_up_to;
use crate::disc::{Error, Extent, Image, Result, text};

/// The padding with which mkisofs and its kin end a disc, for drives that read ahead: 150 sectors.
const PADDING: u64 = 150 * 2048;

/// What the program isohybrid rounds a disc up to, as a whole number of cylinders of 64 heads and 32 sectors.
const CYLINDER: u64 = 1 << 20;

/// Surplus bytes that are read whole. Of more only samples are, so that the answer comes at once.
const READ_WHOLE: u64 = 4 << 20;

/// Samples taken, and bytes of each.
const SAMPLES: u64 = 64;
const SAMPLE: u64 = 16 << 10;

/// Says what the bytes from `end` up to `len` are, in a sentence.
pub(super) fn explain(image: &Image, end: u64, len: u64) -> Result<String> {
    let surplus = len.saturating_sub(end);
    let size = text::size(surplus);
    let (used, note) = match first_used(image, Extent::new(end, surplus)) {
        Ok(found) => found,
        Err(Error::Cancelled) => return Err(Error::Cancelled),
        Err(error) => {
            let sentence = error.sentence();
            return Ok(format!("{size} follow the end of the disc, which cannot be read: {sentence}"));
        }
    };
    if let Some(offset) = used {
        return Ok(format!("{size} follow the end of the disc at byte {end}; they are not empty, as at byte {offset}"));
    }
    Ok(match surplus {
        PADDING => "The disc is followed by the usual padding of 300 KiB, which is empty".to_owned(),
        _ if len.is_multiple_of(CYLINDER) && surplus < CYLINDER => {
            format!("The disc is followed by {size} of padding up to a whole MiB, as discs for USB sticks have it")
        }
        _ if surplus >= end.max(64 << 20) || surplus >= 1 << 30 => {
            format!("{size} follow the end of the disc, empty{note}, as when a whole stick was copied")
        }
        _ => format!("The disc is followed by {size} of padding, empty{note}"),
    })
}

/// Absolute byte offset of the first byte found that is not zero, and what to say of how it was looked for.
fn first_used(image: &Image, surplus: Extent) -> Result<(Option<u64>, &'static str)> {
    let (step, sample, note) = match surplus.length {
        0..=READ_WHOLE => (SAMPLE, SAMPLE, ""),
        length => (length.div_ceil(SAMPLES).next_multiple_of(2048), SAMPLE, " as far as samples tell"),
    };
    let mut at = surplus.offset;
    while at < surplus.end() {
        let bytes = read_up_to(image.source().as_ref(), Extent::new(at, sample.min(surplus.end() - at)))?;
        if let Some(used) = bytes.iter().position(|byte| *byte != 0) {
            return Ok((Some(at.saturating_add(used as u64)), note));
        }
        at = at.saturating_add(step);
    }
    // What is appended stands at the front or at the end.
    let tail = surplus.length.min(SAMPLE);
    let at = surplus.end().saturating_sub(tail);
    let bytes = read_up_to(image.source().as_ref(), Extent::new(at, tail))?;
    let used = bytes.iter().position(|byte| *byte != 0).map(|used| at.saturating_add(used as u64));
    Ok((used, note))
}
