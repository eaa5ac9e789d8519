//! One raw sector and its error detection code: a CRC of 32 bits with the polynomial
//! (x¹⁶ + x¹⁵ + x² + 1) · (x¹⁶ + x² + x + 1), the least significant bit first, starting from zero (ECMA-130 §14.3).

use crate::disc::container::raw::SYNC;

/// The polynomial, mirrored.
const POLYNOMIAL: u32 = 0xd801_8001;

/// Byte of the mode in a sector, behind the address (§14.2).
const MODE: usize = 15;

/// Where the subheader of mode 2 begins, which stands there twice.
const SUBHEADER: usize = 16;

/// The bit of a subheader's submode that says form 2.
const FORM_2: u8 = 0x20;

/// What a sector's code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It matches the bytes.
    Right,
    /// It does not.
    Wrong,
    /// The sector has none, as in modes 0 and 2, or it was not recorded.
    None,
    /// This does not begin as a sector does; audio does not.
    NoSector,
}

/// Checks sectors that have, or have not, the twelve bytes of sync and four of header.
pub(super) struct Code {
    has_header: bool,
    table: [u32; 256],
}

impl Code {
    pub(super) fn new(has_header: bool) -> Self {
        let entry = |byte: usize| {
            let mut crc = u32::try_from(byte).unwrap_or(0);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { crc >> 1 ^ POLYNOMIAL } else { crc >> 1 };
            }
            crc
        };
        Self { has_header, table: std::array::from_fn(entry) }
    }

    /// The code of some bytes.
    pub(super) fn of(&self, bytes: &[u8]) -> u32 {
        bytes.iter().fold(0, |crc: u32, byte| {
            let [low, ..] = crc.to_le_bytes();
            crc >> 8 ^ self.table.get(usize::from(low ^ byte)).copied().unwrap_or(0)
        })
    }

    /// Judges one sector.
    pub(super) fn judge(&self, sector: &[u8]) -> Verdict {
        if !self.has_header {
            return self.judge_mode_2(sector, 0);
        }
        if !sector.starts_with(&SYNC) {
            return Verdict::NoSector;
        }
        match sector.get(MODE) {
            Some(1) => self.compare(sector, 0, 2064),
            Some(2) => self.judge_mode_2(sector, SUBHEADER),
            Some(0) => Verdict::None,
            _ => Verdict::Wrong,
        }
    }

    /// Judges a sector of mode 2 whose subheader begins at `at`.
    fn judge_mode_2(&self, sector: &[u8], at: usize) -> Verdict {
        let subheader = sector.get(at..).and_then(|rest| rest.first_chunk::<8>());
        let Some([file, channel, submode, coding, again @ ..]) = subheader else { return Verdict::NoSector };
        if again != &[*file, *channel, *submode, *coding] {
            // Without forms, as ECMA-130 has mode 2: there is no code.
            return Verdict::None;
        }
        if submode & FORM_2 == 0 {
            return self.compare(sector, at, at.saturating_add(2056));
        }
        let end = at.saturating_add(2332);
        match recorded(sector, end) {
            // Form 2 may leave it out.
            Some(0) => Verdict::None,
            _ => self.compare(sector, at, end),
        }
    }

    /// Compares the code at `end` with that of the bytes from `start` up to it.
    fn compare(&self, sector: &[u8], start: usize, end: usize) -> Verdict {
        match (sector.get(start..end), recorded(sector, end)) {
            (Some(bytes), Some(code)) if self.of(bytes) == code => Verdict::Right,
            _ => Verdict::Wrong,
        }
    }

    /// The address of a sector that is right: sectors from the start of the disc, of which there are 75 in a second;
    /// `None` where it has none or one that cannot be.
    pub(super) fn address(&self, sector: &[u8]) -> Option<u64> {
        let [minute, second, frame] = *sector.get(12..).filter(|_| self.has_header)?.first_chunk()?;
        let [minute, second, frame] = [decimal(minute)?, decimal(second)?, decimal(frame)?];
        (second < 60 && frame < 75).then_some((minute * 60 + second) * 75 + frame)
    }
}

fn recorded(sector: &[u8], at: usize) -> Option<u32> {
    sector.get(at..).and_then(|rest| rest.first_chunk()).map(|bytes| u32::from_le_bytes(*bytes))
}

/// Two decimal digits in one byte.
fn decimal(byte: u8) -> Option<u64> {
    let (tens, ones) = (byte >> 4, byte & 15);
    (tens < 10 && ones < 10).then_some(u64::from(tens) * 10 + u64::from(ones))
}
