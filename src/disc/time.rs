//! Moments as images record them: with the zone of the mastering computer, or broken.

use super::bytes::Fields;

/// The finest part of a [`Timestamp`] that was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Precision {
    /// Whole seconds.
    Second,
    /// Hundredths of a second.
    Hundredth,
    /// Microseconds.
    Microsecond,
}

/// A moment, and the zone in which it was recorded. Ordered by the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp {
    seconds: i64,
    nanoseconds: u32,
    zone_minutes: i16,
    precision: Precision,
}

/// A date and time of day on the clock of its zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    /// Year, proleptic Gregorian.
    pub year: i64,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
}

impl Timestamp {
    /// The moment when a clock `zone_minutes` east of Greenwich shows `civil`; `None` when no such day or time exists.
    pub fn new(civil: Civil, nanoseconds: u32, zone_minutes: i16, precision: Precision) -> Option<Self> {
        let Civil { year, month, day, hour, minute, second } = civil;
        let valid = (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60
            && (-40_000..=40_000).contains(&year)
            && nanoseconds < 1_000_000_000;
        let of_day = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        let seconds = days_from_civil(year, month, day) * 86_400 + of_day - i64::from(zone_minutes) * 60;
        valid.then_some(Self { seconds, nanoseconds, zone_minutes, precision })
    }

    /// The moment `seconds` after 1970-01-01 00:00:00 UTC, as a clock `zone_minutes` east of Greenwich shows it.
    pub fn from_unix(seconds: i64, zone_minutes: i16) -> Self {
        Self { seconds, nanoseconds: 0, zone_minutes, precision: Precision::Second }
    }

    /// Seconds since 1970-01-01 00:00:00 UTC.
    pub fn unix_seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds after [`unix_seconds`](Self::unix_seconds), below 10⁹.
    pub fn nanoseconds(self) -> u32 {
        self.nanoseconds
    }

    /// Minutes east of Greenwich of the clock that recorded it.
    pub fn zone_minutes(self) -> i16 {
        self.zone_minutes
    }

    /// What the clock that recorded it showed.
    pub fn civil(self) -> Civil {
        let local = self.seconds.saturating_add(i64::from(self.zone_minutes) * 60);
        let (year, month, day) = civil_from_days(local.div_euclid(86_400));
        // Below 86,400, so each part fits.
        let of_day = local.rem_euclid(86_400);
        let part = |value: i64| u8::try_from(value).unwrap_or_default();
        Civil { year, month, day, hour: part(of_day / 3600), minute: part(of_day / 60 % 60), second: part(of_day % 60) }
    }

    /// `2024-02-10 11:03`: for columns, on the clock that recorded it.
    pub fn short(self) -> String {
        let Civil { year, month, day, hour, minute, .. } = self.civil();
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
    }

    /// The 7-byte form of directory records (ECMA-119 §9.1.5) at `at`. `None` when unset (all zero) or no valid moment.
    ///
    /// The year counts from 1900, the last byte is the zone in quarters of an hour.
    pub fn from_7_bytes(bytes: [u8; 7]) -> Option<Self> {
        let [year, month, day, hour, minute, second, zone] = bytes;
        let civil = Civil { year: i64::from(year) + 1900, month, day, hour, minute, second };
        Self::new(civil, 0, quarters(zone), Precision::Second)
    }

    /// The 17-byte form of volume descriptors and Rock Ridge (ECMA-119 §8.4.26.1): sixteen digits and the zone.
    /// `None` when unset (all digits zero) or no valid moment.
    pub fn from_17_bytes(bytes: [u8; 17]) -> Option<Self> {
        let fields = Fields::new(&bytes, 0, "date and time");
        let number = |at, len| -> Option<u32> { std::str::from_utf8(fields.bytes(at, len).ok()?).ok()?.parse().ok() };
        let part = |at| number(at, 2).and_then(|value| u8::try_from(value).ok());
        let civil = Civil {
            year: i64::from(number(0, 4)?),
            month: part(4)?,
            day: part(6)?,
            hour: part(8)?,
            minute: part(10)?,
            second: part(12)?,
        };
        // Some masters leave the hundredths blank.
        let hundredths = number(14, 2).unwrap_or(0);
        Self::new(civil, hundredths * 10_000_000, quarters(fields.u8(16).ok()?), Precision::Hundredth)
    }
}

/// Zone in minutes from a signed count of quarters of an hour. Values that no place on Earth has are taken for UTC.
fn quarters(byte: u8) -> i16 {
    let quarters = i16::from(byte.cast_signed());
    if (-48..=52).contains(&quarters) { quarters * 15 } else { 0 }
}

/// RFC 3339 with the recorded zone, such as `2024-02-10T11:03:21+01:00`.
impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Civil { year, month, day, hour, minute, second } = self.civil();
        // Listings of large discs consist of these for a good part, so ordinary years are not formatted piece by piece.
        if let Ok(year @ 0..=9999) = u16::try_from(year) {
            let mut text = *b"0000-00-00T00:00:00";
            let parts = [(2, year % 100), (0, year / 100), (5, month.into()), (8, day.into())];
            let of_day = [(11, hour.into()), (14, minute.into()), (17, second.into())];
            for (at, number) in parts.into_iter().chain(of_day) {
                if let Some([tens, ones]) = text.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
                    let digits = u8::try_from(number).unwrap_or_default();
                    (*tens, *ones) = (b'0' + digits / 10 % 10, b'0' + digits % 10);
                }
            }
            f.write_str(std::str::from_utf8(&text).unwrap_or_default())?;
        } else {
            write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        }
        match self.precision {
            _ if self.nanoseconds == 0 => {}
            Precision::Second => {}
            Precision::Hundredth => write!(f, ".{:02}", self.nanoseconds / 10_000_000)?,
            Precision::Microsecond => write!(f, ".{:06}", self.nanoseconds / 1000)?,
        }
        if self.zone_minutes == 0 {
            return f.write_str("+00:00");
        }
        let sign = if self.zone_minutes < 0 { '-' } else { '+' };
        let zone = self.zone_minutes.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", zone / 60, zone % 60)
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn days_in_month(year: i64, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01, counted in eras of 400 years that begin on 1 March.
fn days_from_civil(year: i64, month: u8, day: u8) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, u8, u8) {
    let days = days.saturating_add(719_468);
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, u8::try_from(month).unwrap_or(1), u8::try_from(day).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_bytes_with_a_zone() {
        let time = Timestamp::from_7_bytes([124, 2, 10, 11, 3, 21, 4]).unwrap();
        assert_eq!(time.to_string(), "2024-02-10T11:03:21+01:00");
        assert_eq!(time.unix_seconds(), 1_707_559_401);
        assert_eq!(time.short(), "2024-02-10 11:03");
    }

    #[test]
    fn seventeen_bytes_with_hundredths_and_a_western_zone() {
        let time = Timestamp::from_17_bytes(*b"1999123123595907\xec").unwrap();
        assert_eq!(time.to_string(), "1999-12-31T23:59:59.07-05:00");
    }

    #[test]
    fn unset_and_impossible_moments_are_none() {
        assert_eq!(Timestamp::from_7_bytes([0; 7]), None);
        assert_eq!(Timestamp::from_7_bytes([124, 2, 30, 0, 0, 0, 0]), None);
        assert_eq!(Timestamp::from_7_bytes([124, 13, 1, 0, 0, 0, 0]), None);
        assert_eq!(Timestamp::from_7_bytes([124, 1, 1, 24, 0, 0, 0]), None);
        assert_eq!(Timestamp::from_17_bytes(*b"0000000000000000\0"), None);
        assert_eq!(Timestamp::from_17_bytes([0xff; 17]), None);
        assert!(Timestamp::from_7_bytes([255, 12, 31, 23, 59, 59, 0x80]).is_some());
    }

    #[test]
    fn days_and_dates_are_inverse() {
        for days in (-800_000..3_000_000).step_by(97) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
            assert!(day <= days_in_month(year, month));
        }
    }

    #[test]
    fn an_optional_moment_costs_nothing() {
        assert_eq!(size_of::<Option<Timestamp>>(), 16);
    }
}
