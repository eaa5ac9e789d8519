//! Numbers and dates as the window shows them.

use std::time::Duration;

pub use crate::settings::Units;

/// A size in words, such as `1.4 MB`.
pub fn size(bytes: u64, units: Units) -> String {
    match units {
        Units::Decimal => crate::disc::text::size(bytes),
        Units::Binary => binary(bytes),
        Units::Bytes if bytes == 1 => "1 byte".to_owned(),
        Units::Bytes => format!("{} bytes", number(bytes)),
    }
}

fn binary(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") };
    }
    let mut scaled = bytes as f64 / 1024.0;
    let mut unit = 0;
    while scaled >= 1023.5 && unit < UNITS.len() - 1 {
        scaled /= 1024.0;
        unit += 1;
    }
    let decimals = usize::from(scaled < 99.95);
    format!("{scaled:.decimals$} {}", UNITS[unit])
}

/// A number with thin spaces between groups of three digits.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 * 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// `1 file`, `2 files`.
pub fn count(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(value), if value == 1 { one } else { many })
}

/// A time to wait, in words: rough, for nobody can know.
pub fn time_left(left: Duration) -> String {
    match left.as_secs() {
        0..=1 => "a moment left".to_owned(),
        seconds @ 2..=59 => format!("{seconds} seconds left"),
        seconds @ 60..=89 => format!("1 minute {} seconds left", seconds - 60),
        seconds @ 90..=3599 => format!("{} minutes left", (seconds + 30) / 60),
        seconds => format!("{:.1} hours left", seconds as f64 / 3600.0),
    }
}

/// Permissions as `ls -l` writes them, such as `rwxr-xr-x`.
pub fn mode(mode: u32) -> String {
    let mut text = String::with_capacity(9);
    for (shift, special, letters) in [(6, 0o4000, ('s', 'S')), (3, 0o2000, ('s', 'S')), (0, 0o1000, ('t', 'T'))] {
        let bits = mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (bits & 1 != 0, mode & special != 0) {
            (true, true) => letters.0,
            (false, true) => letters.1,
            (true, false) => 'x',
            (false, false) => '-',
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_numbers_read_well() {
        assert_eq!(size(1023, Units::Binary), "1023 bytes");
        assert_eq!(size(1, Units::Binary), "1 byte");
        assert_eq!(size(1024, Units::Binary), "1.0 KiB");
        assert_eq!(size(1_048_575, Units::Binary), "1.0 MiB");
        assert_eq!(size(5_000_000_000, Units::Decimal), "5.0 GB");
        assert_eq!(number(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(number(12), "12");
        assert_eq!(count(1, "file", "files"), "1 file");
    }

    #[test]
    fn modes_read_like_ls() {
        assert_eq!(mode(0o100_755), "rwxr-xr-x");
        assert_eq!(mode(0o104_755), "rwsr-xr-x");
        assert_eq!(mode(0o041_776), "rwxrwxrwT");
    }

    #[test]
    fn waiting_is_told_roughly() {
        assert_eq!(time_left(Duration::from_millis(300)), "a moment left");
        assert_eq!(time_left(Duration::from_secs(59)), "59 seconds left");
        assert_eq!(time_left(Duration::from_secs(150)), "3 minutes left");
        assert_eq!(time_left(Duration::from_secs(7200)), "2.0 hours left");
    }
}
