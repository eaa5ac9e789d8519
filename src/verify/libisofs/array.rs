//! The array of checksums at the end of a session.

use md5::{Digest as _, Md5};

use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::read_up_to;
use crate::disc::tree::TreeKind;
use crate::disc::{Extent, Image, Result, limits, text};
use crate::verify::reading::{Missed, cut_off, md5_of};
use crate::verify::{Bad, Check, CheckKind, Listener, ListeningCheck, Outcome};

use super::session::readable;

/// Bytes of an item of the array.
const ITEM: u64 = 16;

/// What the array holds.
pub(super) struct Items {
    /// All of them.
    pub(super) all: Vec<[u8; 16]>,
    /// True when the last one is that of those before it.
    pub(super) sound: bool,
}

/// Where the array lies, as the attribute `isofs.ca` of the root says. The numbers are only claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Array {
    /// The first block of the session.
    start: u64,
    /// The block in which the array begins, behind what the first item covers.
    end: u64,
    /// Items: one of the session, one for each file, and one of all items before it.
    count: u64,
}

impl Array {
    /// The array of the open session. `None` when it has none.
    pub(super) fn find(image: &Image) -> Result<Option<Self>> {
        let Some(tree) = image.tree(TreeKind::RockRidge) else { return Ok(None) };
        let mut found = None;
        let read = tree.root_attributes(&mut |name, value| {
            if name == "isofs.ca" {
                found = Self::parse(value);
            }
        });
        Ok(readable(read.map(Some))?.and(found))
    }

    /// Four numbers, each with its length before it and the most significant byte first, and the name of the digest.
    fn parse(mut value: &[u8]) -> Option<Self> {
        let mut numbers = [0_u64; 4];
        for number in &mut numbers {
            let (len, rest) = value.split_first()?;
            let (bytes, rest) = rest.split_at_checked(usize::from(*len))?;
            *number = big_endian(bytes)?;
            value = rest;
        }
        let [start, end, count, size] = numbers;
        (value == b"MD5" && size == ITEM && start <= end).then_some(Self { start, end, count })
    }

    /// The bytes that the first item covers.
    fn session(self) -> Extent {
        let length = self.end.saturating_sub(self.start).saturating_mul(SECTOR_SIZE);
        Extent::new(self.start.saturating_mul(SECTOR_SIZE), length)
    }

    /// Where the array lies.
    pub(super) fn extent(self) -> Extent {
        Extent::new(self.end.saturating_mul(SECTOR_SIZE), self.count.saturating_mul(ITEM))
    }

    /// All its items. The inner error is a plain sentence, the outer one is to be cancelled.
    pub(super) fn read(self, image: &Image) -> Result<std::result::Result<Items, String>> {
        let extent = self.extent();
        if extent.inside(image.source().len()) < extent.length {
            return Ok(Err(format!("The list of {} checksums reaches behind the end of the image", self.count)));
        }
        if extent.length > limits::ALLOCATION as u64 {
            let limit = text::size(limits::ALLOCATION as u64);
            return Ok(Err(format!(
                "The list of {} checksums is longer than the {limit} that Isoscope reads",
                self.count
            )));
        }
        let bytes = match read_up_to(image.source().as_ref(), extent) {
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => return Ok(Err(format!("The list of checksums cannot be read: {}", error.sentence()))),
            Ok(bytes) => bytes,
        };
        let (items, _) = bytes.as_chunks::<16>();
        let Some((last, before)) = items.split_last().filter(|(_, before)| !before.is_empty()) else {
            return Ok(Err("The list of checksums is empty".to_owned()));
        };
        Ok(Ok(Items { all: items.to_vec(), sound: *last == md5_of(before.as_flattened()) }))
    }
}

/// A number with its most significant byte first; `None` for what has more than 64 bits.
pub(super) fn big_endian(bytes: &[u8]) -> Option<u64> {
    bytes.iter().try_fold(0_u64, |number, byte| Some(number.checked_mul(256)? | u64::from(*byte)))
}

/// The check of the first item of the array, which covers the session up to the array.
pub(super) fn session(image: &Image) -> Result<Option<Box<dyn ListeningCheck>>> {
    let Some(array) = Array::find(image)? else { return Ok(None) };
    // What is wrong with the array is told by the check of the files.
    let Ok(Items { all: items, sound: true }) = array.read(image)? else { return Ok(None) };
    let Some(expected) = items.first().copied().filter(|_| array.session().length > 0) else { return Ok(None) };
    let scope =
        format!("Blocks {} to {}: the session up to the list of checksums", array.start, array.end.saturating_sub(1));
    let check = Check::pending(CheckKind::SessionTag, "libisofs list of checksums", scope);
    Ok(Some(Box::new(Whole { check, extent: array.session(), expected, state: Md5::new(), done: 0, missed: None })))
}

/// One digest of a run of bytes.
struct Whole {
    check: Check,
    extent: Extent,
    expected: [u8; 16],
    state: Md5,
    done: u64,
    missed: Option<Missed>,
}

impl Listener for Whole {
    fn extent(&self) -> Extent {
        self.extent
    }

    fn hear(&mut self, bytes: &[u8]) {
        if self.missed.is_none() {
            self.state.update(bytes);
        }
        self.done = self.done.saturating_add(bytes.len() as u64);
    }

    fn miss(&mut self, length: u64) {
        Missed::add(&mut self.missed, self.extent.offset.saturating_add(self.done), length);
        self.done = self.done.saturating_add(length);
    }
}

impl ListeningCheck for Whole {
    fn pending(&self) -> Check {
        self.check.clone()
    }

    fn finish(self: Box<Self>) -> Check {
        let Self { mut check, extent, expected, state, done, missed } = *self;
        if let Some(missed) = missed {
            return missed.end(check);
        }
        if done < extent.length {
            return cut_off(check, Extent::new(extent.offset.saturating_add(done), extent.length - done));
        }
        if <[u8; 16]>::from(state.finalize()) == expected {
            return check.ended(Outcome::Pass, "All that it covers matches");
        }
        check.add_bad(Bad { path: None, extent: Some(extent), why: "It differs".to_owned() });
        check.ended(Outcome::Fail, "It does not match, and does not tell where the damage lies")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_the_array_is_read_and_what_cannot_be_is_not_believed() {
        let value = b"\x04\0\0\0\0\x04\0\0\0\xcc\x04\0\0\0\x09\x01\x10MD5";
        assert_eq!(Array::parse(value), Some(Array { start: 0, end: 204, count: 9 }));
        for len in 0..value.len() {
            assert_eq!(Array::parse(&value[..len]), None, "{len}");
        }
        let vast = [&[8][..], &[0; 8], &[8], &[0xff; 8], &[8], &[0xff; 8], b"\x01\x10MD5"].concat();
        let array = Array::parse(&vast).unwrap();
        assert_eq!((array.extent().offset, array.extent().length), (u64::MAX, u64::MAX));
        assert_eq!(big_endian(&[1; 9]), None);
    }
}
