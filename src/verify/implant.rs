//! The checksum that isomd5sum implants in the primary volume descriptor, as Fedora and its relatives have it.
//!
//! It is text in the field for application use (ECMA-119 §8.4.32): `ISO MD5SUM = …;SKIPSECTORS = 15;RHLISOSTATUS=0;`
//! `FRAGMENT SUMS = …;FRAGMENT COUNT = 20;`. The MD5 covers the volume without its last sectors, and with spaces where the
//! text itself stands.
//!
//! The sums of fragments are the first digits of the MD5 as it was at some places on the way, so that the first of them that
//! differs tells where damage lies. The programs look at these places only between pieces of 32 KiB: a sum belongs to the
//! end of the first piece that begins in another fragment than the piece before. In a volume of less than about 700 kB pieces
//! pass over whole fragments; implantisomd5 then writes fewer sums one behind the other, and checkisomd5 compares them at
//! the wrong places and takes sound images for damaged. Here only the whole MD5 decides, and the sums narrow damage down.

use md5::{Digest as _, Md5};

use super::reading::{Missed, cut_off};
use super::{Bad, Check, CheckKind, Listener, ListeningCheck, Outcome};
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::read_up_to;
use crate::disc::{Extent, Image, Result, limits, text};

/// Bytes that the programs read at once.
const PIECE: u64 = 32 << 10;

/// The field in the descriptor that holds the text (ECMA-119 §8.4.32).
const FIELD: Extent = Extent { offset: 883, length: 512 };

/// Hexadecimal digits of all sums of fragments together.
const SUMS: usize = 60;

/// The implanted checksum of the image; `None` when it has none. What is wrong with it is told as the result of the check.
pub fn find(image: &Image) -> Result<Option<Box<dyn ListeningCheck>>> {
    for number in 0..u64::from(limits::VOLUME_DESCRIPTORS) {
        let offset = (16 + number) * SECTOR_SIZE;
        let sector = match read_up_to(image.source().as_ref(), Extent::new(offset, SECTOR_SIZE)) {
            Err(error) if error.is_cancelled() => return Err(error),
            read => read.unwrap_or_default(),
        };
        if sector.get(1..6) != Some(b"CD001") || sector.first() == Some(&255) {
            return Ok(None);
        }
        if sector.first() == Some(&1) {
            let implant = Implant::read(&sector, offset);
            return Ok(implant.map(|implant| Box::new(implant) as Box<dyn ListeningCheck>));
        }
    }
    Ok(None)
}

/// What the text says, key by key.
#[derive(Debug, Default, PartialEq, Eq)]
struct Fields<'a> {
    md5: &'a str,
    skip: Option<&'a str>,
    status: Option<&'a str>,
    sums: Option<&'a str>,
    count: Option<&'a str>,
}

impl<'a> Fields<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut fields = Self::default();
        let mut found = false;
        for part in text.split(';') {
            let Some((key, value)) = part.split_once('=') else { continue };
            let value = value.trim();
            match key.trim() {
                "ISO MD5SUM" => (fields.md5, found) = (value, true),
                "SKIPSECTORS" => fields.skip = Some(value),
                "RHLISOSTATUS" => fields.status = Some(value),
                "FRAGMENT SUMS" => fields.sums = Some(value),
                "FRAGMENT COUNT" => fields.count = Some(value),
                _ => {}
            }
        }
        found.then_some(fields)
    }
}

/// Sums at places on the way.
struct Fragments {
    /// Bytes of a fragment, at least 1.
    size: u64,
    /// The digits of each sum, in their order.
    sums: Vec<Vec<u8>>,
    /// The fragment of the last piece.
    current: u64,
    /// Sums compared so far.
    compared: usize,
    /// Where the last sum that fits was made.
    good_until: u64,
    /// Between which places the first damage lies.
    bad: Option<Extent>,
}

struct Implant {
    check: Check,
    /// Bytes that it covers.
    length: u64,
    /// Where the text stands that is replaced by spaces.
    field: Extent,
    /// The digest that is expected, or why there is none.
    expected: std::result::Result<[u8; 16], String>,
    fragments: Option<Fragments>,
    state: Md5,
    done: u64,
    missed: Option<Missed>,
}

impl Implant {
    fn read(sector: &[u8], offset: u64) -> Option<Self> {
        let start = usize::try_from(FIELD.offset).ok()?;
        let bytes = sector.get(start..)?.get(..usize::try_from(FIELD.length).ok()?)?;
        let decoded = text::utf8(bytes);
        let fields = Fields::parse(&decoded.text)?;
        // The programs read the big-endian number of blocks (ECMA-119 §8.4.8).
        let blocks = sector.get(84..88)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))?;
        let volume = u64::from(blocks) * SECTOR_SIZE;
        // Older programs that wrote no number left out as many.
        let skip = fields.skip.map_or(Some(15), |skip| skip.parse::<u64>().ok());
        let skipped = skip.and_then(|skip| skip.checked_mul(SECTOR_SIZE));
        let length = skipped.and_then(|skipped| volume.checked_sub(skipped)).filter(|length| *length > 0);
        let expected = match (super::sums::md5_digits(fields.md5), length) {
            (None, _) => Err("The implanted checksum is not 32 hexadecimal digits".to_owned()),
            (_, None) => {
                let skip = text::display(fields.skip.unwrap_or("15"));
                Err(format!("It is said to leave out {skip} of the volume’s {blocks} sectors, which cannot be"))
            }
            (Some(digest), Some(_)) => Ok(digest),
        };
        let length = length.filter(|_| expected.is_ok()).unwrap_or(0);
        let fragments = Fragments::new(&fields, length);
        let mut scope = "The volume without the checksum itself".to_owned();
        if let Some(skip) = skip.filter(|skip| *skip > 0 && length > 0) {
            scope.push_str(&format!(" and without its last {skip} sectors"));
        }
        if let Some(status) = fields.status {
            let meaning = match status {
                "0" => ": not marked as supported",
                "1" => ": marked as supported",
                _ => "",
            };
            scope.push_str(&format!("; RHLISOSTATUS is {}{meaning}", text::display(status)));
        }
        Some(Self {
            check: Check::pending(CheckKind::Implant, "Primary volume descriptor", scope),
            length,
            field: Extent::new(offset.saturating_add(FIELD.offset), FIELD.length),
            expected,
            fragments,
            state: Md5::new(),
            done: 0,
            missed: None,
        })
    }

    /// Takes in bytes that lie in one piece.
    fn feed(&mut self, bytes: &[u8]) {
        const SPACES: [u8; 512] = [b' '; 512];
        let here = Extent::new(self.done, bytes.len() as u64);
        self.done = here.end();
        if self.missed.is_some() {
            return;
        }
        let inside = |at: u64| usize::try_from(at.clamp(here.offset, here.end()) - here.offset).unwrap_or(bytes.len());
        let (from, to) = (inside(self.field.offset), inside(self.field.end()));
        self.state.update(bytes.get(..from).unwrap_or_default());
        self.state.update(SPACES.get(..to.saturating_sub(from)).unwrap_or_default());
        self.state.update(bytes.get(to..).unwrap_or_default());
    }

    /// Compares the sum that belongs to the end of a piece, if one does.
    fn end_piece(&mut self) {
        let Some(fragments) = self.fragments.as_mut().filter(|_| self.missed.is_none()) else { return };
        let start = self.done.saturating_sub(1) / PIECE * PIECE;
        let current = start / fragments.size;
        if current == fragments.current || fragments.bad.is_some() {
            return;
        }
        fragments.current = current;
        let Some(sum) = fragments.sums.get(fragments.compared) else { return };
        fragments.compared = fragments.compared.saturating_add(1);
        let digest = self.state.clone().finalize();
        // Each digit is the first of a byte, written without a leading zero.
        let digits = digest.iter().map(|byte| if *byte < 16 { *byte } else { byte >> 4 });
        if digits.zip(sum).all(|(made, said)| made == *said) {
            fragments.good_until = self.done;
        } else {
            fragments.bad = Some(Extent::new(fragments.good_until, self.done.saturating_sub(fragments.good_until)));
        }
    }

    /// Where the damage lies as far as the sums tell. `None` when there are no sums that fit the volume.
    fn damage(&self) -> Option<Extent> {
        let fragments = self.fragments.as_ref().filter(|fragments| fragments.compared > 0)?;
        Some(
            fragments
                .bad
                .unwrap_or_else(|| Extent::new(fragments.good_until, self.done.saturating_sub(fragments.good_until))),
        )
    }
}

impl Fragments {
    /// `None` where the numbers make no sense together.
    fn new(fields: &Fields<'_>, length: u64) -> Option<Self> {
        let count = fields.count.map_or(Some(20), |count| count.parse::<u64>().ok())?;
        let digits =
            usize::try_from(count).ok().and_then(|count| SUMS.checked_div(count)).filter(|digits| *digits > 0)?;
        let size = length.checked_div(count.checked_add(1)?).filter(|size| *size > 0)?;
        let said: Option<Vec<u8>> = fields.sums?.chars().map(|c| u8::try_from(c.to_digit(16)?).ok()).collect();
        let sums = said?.chunks_exact(digits).map(|sum| sum.iter().copied().take(16).collect()).collect();
        Some(Self { size, sums, current: 0, compared: 0, good_until: 0, bad: None })
    }
}

impl Listener for Implant {
    fn extent(&self) -> Extent {
        Extent::new(0, self.length)
    }

    fn hear(&mut self, mut bytes: &[u8]) {
        while self.done < self.length && !bytes.is_empty() {
            let end = (self.done / PIECE).saturating_add(1).saturating_mul(PIECE).min(self.length);
            let room = usize::try_from(end.saturating_sub(self.done)).unwrap_or(usize::MAX);
            let (piece, rest) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            self.feed(piece);
            if self.done == end {
                self.end_piece();
            }
            bytes = rest;
        }
    }

    fn miss(&mut self, length: u64) {
        let length = length.min(self.length.saturating_sub(self.done));
        Missed::add(&mut self.missed, self.done, length);
        self.done = self.done.saturating_add(length);
    }
}

impl ListeningCheck for Implant {
    fn pending(&self) -> Check {
        self.check.clone()
    }

    fn finish(self: Box<Self>) -> Check {
        let expected = match &self.expected {
            Ok(expected) => expected,
            Err(why) => return self.check.ended(Outcome::Error, why.clone()),
        };
        let known = self.fragments.as_ref().and_then(|fragments| fragments.bad);
        let mut check = self.check.clone();
        let differs = |mut check: Check, extent: Extent| {
            check.add_bad(Bad { path: None, extent: Some(extent), why: "It differs".to_owned() });
            let (from, to) = (extent.offset, extent.end());
            let detail = format!("It does not match; the damage lies between byte {from} and byte {to}");
            check.ended(Outcome::Fail, detail)
        };
        if let Some(bad) = known {
            return differs(check, bad);
        }
        if let Some(missed) = self.missed {
            return missed.end(check);
        }
        if self.done < self.length {
            return cut_off(check, Extent::new(self.done, self.length.saturating_sub(self.done)));
        }
        let made: [u8; 16] = self.state.clone().finalize().into();
        if made == *expected {
            return check.ended(Outcome::Pass, "The image matches the checksum that was implanted in it");
        }
        if let Some(extent) = self.damage() {
            return differs(check, extent);
        }
        let whole = Extent::new(0, self.length);
        check.add_bad(Bad { path: None, extent: Some(whole), why: "It differs".to_owned() });
        check.ended(Outcome::Fail, "It does not match, and nothing tells where the damage lies")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A descriptor of a volume of `blocks` with `text` in its field.
    fn descriptor(blocks: u32, text: &str) -> Vec<u8> {
        let mut sector = vec![b' '; 2048];
        sector[0] = 1;
        sector[84..88].copy_from_slice(&blocks.to_be_bytes());
        sector[883..883 + text.len()].copy_from_slice(text.as_bytes());
        sector
    }

    fn check(blocks: u32, text: &str, image: &[u8]) -> Check {
        let mut implant = Box::new(Implant::read(&descriptor(blocks, text), 32_768).unwrap());
        let length = usize::try_from(implant.extent().length).unwrap_or(usize::MAX).min(image.len());
        implant.hear(&image[..length]);
        implant.finish()
    }

    const MD5: &str = "d41d8cd98f00b204e9800998ecf8427e";

    #[test]
    fn numbers_that_cannot_be_are_said_and_harm_nothing() {
        let image = vec![0; 100_000];
        for skip in ["1152921504606846976", "18446744073709551616", "-1", "48", "x", ""] {
            let text = format!("ISO MD5SUM = {MD5};SKIPSECTORS = {skip};");
            let check = check(48, &text, &image);
            assert_eq!(check.outcome, Outcome::Error, "{skip}");
            assert!(check.detail.contains("sectors, which cannot be"), "{}", check.detail);
        }
        for count in ["0", "1000000000", "18446744073709551615", "-3", "61"] {
            let sums = "0".repeat(60);
            let text = format!("ISO MD5SUM = {MD5};SKIPSECTORS = 0;FRAGMENT SUMS = {sums};FRAGMENT COUNT = {count};");
            let check = check(48, &text, &image);
            assert_eq!((check.outcome, check.bad.len()), (Outcome::Fail, 1), "{count}");
            assert!(check.detail.contains("nothing tells where"), "{}", check.detail);
        }
        assert_eq!(check(48, "ISO MD5SUM = 12;", &image).outcome, Outcome::Error);
        assert_eq!(
            check(u32::MAX, &format!("ISO MD5SUM = {MD5}"), &image).detail,
            "The image ends at byte 100000, 8.8 TB too early"
        );
        assert!(Implant::read(&descriptor(48, "another program’s"), 32_768).is_none());
    }

    #[test]
    fn what_cannot_be_read_is_not_called_damage() {
        let text = format!("ISO MD5SUM = {MD5};SKIPSECTORS = 0;");
        let mut implant = Box::new(Implant::read(&descriptor(48, &text), 32_768).unwrap());
        implant.hear(&[0; 5000]);
        implant.miss(1000);
        implant.miss(48);
        implant.hear(&[0; 60_000]);
        implant.miss(u64::MAX);
        let check = implant.finish();
        assert_eq!((check.outcome, check.first_bad_offset), (Outcome::Error, Some(5000)));
        assert_eq!(check.bad[0].extent, Some(Extent::new(5000, 1048)));
        assert!(check.detail.contains("bytes cannot be read, from byte 5000 on"), "{}", check.detail);
    }

    #[test]
    fn the_text_is_read_key_by_key() {
        let fields = Fields::parse("FRAGMENT COUNT = 2;RHLISOSTATUS=1;junk; =;ISO MD5SUM = ab;THIS IS NOT").unwrap();
        assert_eq!(fields, Fields { md5: "ab", skip: None, status: Some("1"), sums: None, count: Some("2") });
        assert_eq!(Fields::parse("RHLISOSTATUS=1;"), None);
    }
}
