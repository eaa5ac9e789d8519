//! The error detection codes of raw sectors: images that hold all 2352 bytes of each sector of a compact disc can be
//! checked by themselves (ECMA-130 §14.3; for mode 2 the System Description CD-ROM XA).

mod code;
mod files;
mod runs;

use std::sync::Arc;

use self::code::{Code, Verdict};
use self::runs::{Runs, Trouble};
use super::check::{Check, CheckKind, Outcome};
use super::work::{Listener, ListeningCheck};
use crate::disc::container::raw::RawSectors;
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::{Extent, Image, Result, Source};

/// The check of the raw sectors in `file`, the file itself and not its decoded sectors; `None` when `image` is not made
/// of raw sectors. Its extent lies in the file; bad places are told as bytes of the image.
pub fn find(file: &Arc<dyn Source>, image: &Image) -> Result<Option<Box<dyn ListeningCheck>>> {
    if Arc::ptr_eq(file, image.source()) || image.source().len() == file.len() {
        return Ok(None);
    }
    let Some(raw) = RawSectors::detect(file)? else { return Ok(None) };
    let sectors = SectorCodes {
        image: image.clone(),
        file_len: file.len(),
        sector_len: usize::try_from(raw.sector_len()).unwrap_or(2352),
        data_sectors: image.declared_size().div_ceil(SECTOR_SIZE),
        code: Code::new(raw.sector_len() != 2336),
        sector: Vec::new(),
        is_unread: false,
        number: 0,
        checked: 0,
        without: 0,
        address: None,
        runs: Runs::default(),
    };
    Ok(Some(Box::new(sectors)))
}

/// Hears the file and checks sector after sector.
struct SectorCodes {
    image: Image,
    file_len: u64,
    /// Bytes of a sector in the file.
    sector_len: usize,
    /// Sectors that the file systems of the disc cover: these are no audio.
    data_sectors: u64,
    code: Code,
    /// What was heard of the sector that is not complete yet.
    sector: Vec<u8>,
    /// True when some of that sector could not be read.
    is_unread: bool,
    /// Its number, from 0.
    number: u64,
    /// Sectors whose code was compared.
    checked: u64,
    /// Sectors that have none, such as audio.
    without: u64,
    /// What the address of this sector should be, in sectors from the start of the disc.
    address: Option<u64>,
    runs: Runs,
}

/// Sectors between the end of a session and the start of the next: its lead-out of 90 seconds, or of 30 for all but the
/// first, the lead-in of 60, and a pause of 2.
const SESSION_GAPS: [u64; 2] = [(90 + 60 + 2) * 75, (30 + 60 + 2) * 75];

impl SectorCodes {
    /// Judges the sector that was heard in full.
    fn judge(&mut self) {
        let number = self.number;
        self.number = number.saturating_add(1);
        let address = self.address.map(|address| address.saturating_add(1));
        self.address = address;
        if std::mem::take(&mut self.is_unread) {
            self.runs.add(number, Trouble::Unread);
            return;
        }
        match self.code.judge(&self.sector) {
            Verdict::Right => self.checked = self.checked.saturating_add(1),
            Verdict::Wrong => {
                self.checked = self.checked.saturating_add(1);
                self.runs.add(number, Trouble::Differs);
                // Its address may be what is wrong.
                return;
            }
            Verdict::None => self.without = self.without.saturating_add(1),
            Verdict::NoSector if number < self.data_sectors => {
                self.runs.add(number, Trouble::NoSector);
                return;
            }
            Verdict::NoSector => {
                self.without = self.without.saturating_add(1);
                return;
            }
        }
        let Some(found) = self.code.address(&self.sector) else { return };
        if let Some(expected) = address.filter(|expected| *expected != found)
            && !found.checked_sub(expected).is_some_and(|gap| SESSION_GAPS.contains(&gap))
        {
            self.runs.add(number, Trouble::Order { expected, found });
        }
        self.address = Some(found);
    }

    /// Goes on after `length` bytes that could not be read.
    fn skip(&mut self, mut length: u64) {
        while length > 0 {
            let missing = self.sector_len.saturating_sub(self.sector.len());
            let step = usize::try_from(length).unwrap_or(usize::MAX).min(missing);
            self.is_unread = true;
            self.sector.resize(self.sector.len().saturating_add(step), 0);
            length = length.saturating_sub(step as u64);
            self.complete();
            // Whole sectors at once.
            let whole = length / (self.sector_len as u64).max(1);
            if self.sector.is_empty() && whole > 0 {
                self.runs.add_many(self.number, whole, Trouble::Unread);
                self.number = self.number.saturating_add(whole);
                self.address = self.address.map(|address| address.saturating_add(whole));
                length = length.saturating_sub(whole.saturating_mul(self.sector_len as u64));
            }
        }
    }

    fn complete(&mut self) {
        if self.sector.len() >= self.sector_len {
            self.judge();
            self.sector.clear();
        }
    }

    fn total(&self) -> u64 {
        self.file_len / (self.sector_len as u64).max(1)
    }
}

impl Listener for SectorCodes {
    fn extent(&self) -> Extent {
        Extent::new(0, self.file_len)
    }

    fn hear(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let missing = self.sector_len.saturating_sub(self.sector.len());
            let (some, rest) = bytes.split_at_checked(missing).unwrap_or((bytes, &[]));
            self.sector.extend_from_slice(some);
            bytes = rest;
            self.complete();
        }
    }

    fn miss(&mut self, length: u64) {
        self.skip(length);
    }
}

impl ListeningCheck for SectorCodes {
    fn pending(&self) -> Check {
        let scope = format!("The {} raw sectors of the file; those of audio have no codes", self.total());
        Check::pending(CheckKind::SectorCodes, "error detection codes", scope)
    }

    fn finish(self: Box<Self>) -> Check {
        let mut check = self.pending();
        let bad = self.runs.sectors();
        let files = files::add(&self.image, &self.runs, &mut check);
        let mut sentences = Vec::new();
        if bad > 0 {
            let is = if bad == 1 { "is" } else { "are" };
            let inside = match files {
                0 => String::new(),
                1 => ", in 1 file".to_owned(),
                files => format!(", in {files} files"),
            };
            sentences.push(format!("{bad} of {} sectors {is} bad{inside}", self.number));
        }
        if self.runs.jumps() > 0 {
            let places = if self.runs.jumps() == 1 { "place" } else { "places" };
            sentences.push(format!("The sectors do not follow one another at {} {places}", self.runs.jumps()));
        }
        let heard = self.number.saturating_mul(self.sector_len as u64).saturating_add(self.sector.len() as u64);
        if self.number < self.total() {
            sentences.push(format!("Only {heard} of {} bytes were read", self.file_len));
        }
        if !sentences.is_empty() {
            let outcome = if bad == 0 && self.runs.jumps() == 0 { Outcome::Error } else { Outcome::Fail };
            return check.ended(outcome, sentences.join("; "));
        }
        if self.checked == 0 {
            return check.ended(Outcome::Absent, "No sector has an error detection code");
        }
        let mut detail = format!("The codes of {} sectors are right", self.checked);
        if self.without > 0 {
            detail.push_str(&format!("; {} others have none", self.without));
        }
        if !self.sector.is_empty() {
            detail.push_str("; the last sector is not complete");
        }
        check.ended(Outcome::Pass, detail)
    }
}
