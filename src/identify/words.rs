//! Words that mean the same: what different makers call a processor, and how they write versions and dates.

use crate::disc::time::{Civil, Precision, Timestamp};

/// What computers are for in the words of [`Subject::Architecture`](super::Subject), and what makers call them.
const ARCHITECTURES: &[(&str, &[&str])] = &[
    ("x64", &["x86_64", "x86-64", "amd64", "x64", "64-bit", "64bit"]),
    ("x86", &["x86", "i386", "i486", "i586", "i686", "ia32", "32-bit", "32bit", "386", "x86_gcc2h"]),
    ("arm64", &["aarch64", "arm64"]),
    ("armhf", &["armhf", "armhfp", "armv7", "armv7hl", "armv7l"]),
    ("armel", &["armel", "arm"]),
    ("ppc64le", &["ppc64le", "ppc64el", "p64el", "powerpc64le"]),
    ("ppc64", &["ppc64", "powerpc64"]),
    ("ppc", &["ppc", "powerpc"]),
    ("s390x", &["s390x"]),
    ("s390", &["s390"]),
    ("riscv64", &["riscv64"]),
    ("ia64", &["ia64"]),
    ("alpha", &["alpha"]),
    ("sparc", &["sparc", "sparc64", "sparcx"]),
    ("mips64el", &["mips64el"]),
    ("mipsel", &["mipsel"]),
    ("mips", &["mips"]),
    ("hppa", &["hppa"]),
    ("loong64", &["loong64", "loongarch64"]),
];

/// The processor that `word` names; `None` when it names none.
pub(super) fn architecture(word: &str) -> Option<&'static str> {
    let named = |(_, names): &&(&str, &[&str])| names.iter().any(|name| name.eq_ignore_ascii_case(word));
    ARCHITECTURES.iter().find(named).map(|(value, _)| *value)
}

/// The first word of `text` that names a processor, as it stands there.
pub(super) fn architecture_in(text: &str) -> Option<&str> {
    pieces(text).find(|word| architecture(word).is_some())
}

/// Words as names of processors are written: with `_` and `-` inside.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-'));
    words.flat_map(|word| std::iter::once(word).chain(word.split('-')))
}

/// The word for `value` that stands in `text`, or `value` itself.
pub(super) fn architecture_as_written<'a>(value: &'a str, text: &'a str) -> &'a str {
    let parts = pieces(text).flat_map(|word| std::iter::once(word).chain(word.split('_')));
    parts.into_iter().find(|word| architecture(word) == Some(value)).unwrap_or(value)
}

/// A version as people write it: `13_3` and `8-2-0` become `13.3` and `8.2.0`.
pub(super) fn version(raw: &str) -> String {
    let characters: Vec<char> = raw.trim_matches(|c: char| !c.is_alphanumeric() && c != '+').chars().collect();
    let is_digit = |at: Option<usize>| at.and_then(|at| characters.get(at)).is_some_and(char::is_ascii_digit);
    let written = characters.iter().enumerate().map(|(at, c)| match c {
        '_' if is_digit(at.checked_sub(1)) && is_digit(at.checked_add(1)) => '.',
        '-' if !raw.contains('.') && is_digit(at.checked_sub(1)) && is_digit(at.checked_add(1)) => '.',
        c => *c,
    });
    written.collect()
}

/// The date in the first eight digits of a word that are one, such as `20240210`, as `2024-02-10`.
pub(super) fn date_in(text: &str) -> Option<String> {
    let mut words = text.split(|c: char| !c.is_ascii_digit());
    words.find_map(|word| date(word.get(..8)?))
}

/// Eight digits that are a date of the time of discs, as `2024-02-10`.
fn date(digits: &str) -> Option<String> {
    let (year, month, day) = (digits.get(..4)?, digits.get(4..6)?, digits.get(6..8)?);
    let civil = Civil {
        year: year.parse().ok().filter(|year| (1985..=2100).contains(year))?,
        month: month.parse().ok()?,
        day: day.parse().ok()?,
        hour: 0,
        minute: 0,
        second: 0,
    };
    Timestamp::new(civil, 0, 0, Precision::Second).map(|_| format!("{year}-{month}-{day}"))
}

/// The date of a time as the C library writes it, such as `Sat Feb 10 11:03:21 2024`, as `2024-02-10`.
pub(super) fn date_of_c(text: &str) -> Option<String> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let words: Vec<&str> = text.split_whitespace().collect();
    let [_, month, day, _, year] = words.as_slice() else { return None };
    let month = MONTHS.iter().position(|name| name == month)?.checked_add(1)?;
    let day: u8 = day.parse().ok()?;
    date(&format!("{year:0>4}{month:02}{day:02}"))
}

/// Seconds since 1970 written as a number, with or without a fraction, as a moment.
pub(super) fn moment(seconds: &str) -> Option<Timestamp> {
    let whole = seconds.trim().split('.').next()?;
    let seconds: i64 = whole.parse().ok()?;
    // Until the year 2100.
    (1..4_102_444_800).contains(&seconds).then(|| Timestamp::from_unix(seconds, 0))
}

/// True when `word` is written like a version: digits first, and not just any long number.
pub(super) fn is_version(word: &str) -> bool {
    let word = word.strip_prefix('v').unwrap_or(word);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '~' | '-' | '+');
    word.starts_with(|c: char| c.is_ascii_digit()) && word.len() <= 24 && word.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_have_many_names() {
        assert_eq!(architecture("AMD64"), Some("x64"));
        assert_eq!(architecture("banana"), None);
        assert_eq!(architecture_in("Official amd64 NETINST"), Some("amd64"));
        assert_eq!(architecture_in("Rocky-9-x86_64-dvd"), Some("x86_64"));
        assert_eq!(architecture_as_written("x64", "Debian 12 amd64 n"), "amd64");
        assert_eq!(architecture_as_written("x64", "9"), "x64");
    }

    #[test]
    fn versions_and_dates_are_written_in_one_way() {
        assert_eq!(version("13_3"), "13.3");
        assert_eq!(version("8-2-0"), "8.2.0");
        assert_eq!(version("15-SP4"), "15-SP4");
        assert_eq!(version("3.13.0_rc2"), "3.13.0_rc2");
        assert_eq!(version("4.0-2"), "4.0-2");
        assert_eq!(version("r1~beta4"), "r1~beta4");
        assert_eq!(date_in("firmware 20240210-11:27").as_deref(), Some("2024-02-10"));
        assert_eq!(date_in("(20240827.1)").as_deref(), Some("2024-08-27"));
        assert_eq!(date_in("99999999 12345678"), None);
        assert_eq!(moment("1707559401.52").map(|time| time.unix_seconds()), Some(1_707_559_401));
        assert_eq!(moment("-5"), None);
        assert_eq!(date_of_c("Sat Feb 10 11:03:21 2024").as_deref(), Some("2024-02-10"));
        assert_eq!(date_of_c("Sat Foo 99 x 20\u{e4}4"), None);
    }
}
