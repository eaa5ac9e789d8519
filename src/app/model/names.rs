//! How names are ordered and found: without regard to case, numbers by their value.

use std::cmp::Ordering;

/// Compares two names the way people list them: case does not matter, `disc 2` comes before `disc 10`.
/// Names that differ only in case or leading zeros keep a fixed order, so the result is a total order.
pub fn compare(a: &str, b: &str) -> Ordering {
    natural(a, b).then_with(|| a.cmp(b))
}

fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.chars().peekable(), b.chars().peekable());
    loop {
        let (Some(&x), Some(&y)) = (a.peek(), b.peek()) else {
            return a.peek().is_some().cmp(&b.peek().is_some());
        };
        if x.is_ascii_digit() && y.is_ascii_digit() {
            let ordering = number(&mut a, &mut b);
            if ordering.is_ne() {
                return ordering;
            }
            continue;
        }
        let ordering = fold(x).cmp(&fold(y));
        if ordering.is_ne() {
            return ordering;
        }
        a.next();
        b.next();
    }
}

/// Compares two runs of digits by value, of any length, and moves behind them.
fn number(
    a: &mut std::iter::Peekable<std::str::Chars<'_>>,
    b: &mut std::iter::Peekable<std::str::Chars<'_>>,
) -> Ordering {
    while a.next_if_eq(&'0').is_some() {}
    while b.next_if_eq(&'0').is_some() {}
    let mut first = Ordering::Equal;
    loop {
        match (a.next_if(char::is_ascii_digit), b.next_if(char::is_ascii_digit)) {
            (Some(x), Some(y)) => first = first.then(x.cmp(&y)),
            (Some(_), None) => return Ordering::Greater,
            (None, Some(_)) => return Ordering::Less,
            (None, None) => return first,
        }
    }
}

/// Lower case, one character for one. The few letters outside ASCII whose lower case lies inside stay as they are, so
/// that [`sort_key`] agrees.
fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    c.to_lowercase().next().filter(|lower| !lower.is_ascii()).unwrap_or(c)
}

/// Bytes that order most names as [`compare`] does: where two keys differ, they differ in the same direction. Sorting
/// a million names by key first spares most of the looks at the names themselves, which lie far apart in memory.
pub fn sort_key(name: &str) -> [u8; 16] {
    let mut key = [0; 16];
    let mut places = key.iter_mut();
    // What finds no place is left out, which makes keys equal, never wrong.
    let mut put = |byte: u8| places.next().map(|place| *place = byte).is_some();
    let mut rest = name.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let goes_on = match byte {
            // A number stands among other characters as a digit does, and among numbers by how long it is, then by
            // its digits.
            b'0'..=b'9' => {
                let len = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                let (run, after) = rest.split_at(len);
                let zeros = run.iter().take_while(|byte| **byte == b'0').count();
                let digits = run.get(zeros..).unwrap_or_default();
                rest = after;
                let len = u8::try_from(digits.len()).unwrap_or(u8::MAX);
                put(b'0') && put(len) && len < u8::MAX && digits.iter().all(|digit| put(*digit))
            }
            // From here on only a full comparison can tell.
            0x80.. => {
                put(0xff);
                false
            }
            _ => {
                rest = after;
                put(byte.to_ascii_lowercase())
            }
        };
        if !goes_on {
            break;
        }
    }
    key
}

/// True when `name` begins with `prefix`, without regard to case. `prefix` is in lower case already.
pub fn starts_with(name: &str, prefix: &str) -> bool {
    let mut name = name.chars().map(fold);
    prefix.chars().all(|wanted| name.next() == Some(wanted))
}

/// `text` as [`starts_with`] wants its prefix.
pub fn fold_all(text: &str) -> String {
    text.chars().map(fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_and_case_does_not() {
        let mut names = ["b", "Disc 10", "disc 2", "A", "a01", "a1", "ähre", "Zebra", "Äpfel", "a-1", "a"];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(names, ["A", "a", "a-1", "a01", "a1", "b", "disc 2", "Disc 10", "Zebra", "ähre", "Äpfel"]);
    }

    #[test]
    fn keys_never_contradict_the_names() {
        let names = [
            "",
            "a",
            "A",
            "ab",
            "a1",
            "a10",
            "a2",
            "a!",
            "aé",
            "aÉ",
            "\u{212a}",
            "k",
            "K",
            "\0",
            "\0a",
            "0",
            "00",
            "zzzzzzzz9",
            "zzzzzzzzz",
            "~",
            "日本",
            "a b",
            "_",
            "[",
            "Z",
            "z",
            "\u{130}",
            "i",
            "9",
            "10",
            "é",
            "abcdefgh",
            "ABCDEFGHI",
            "a0",
            "a00",
            "a0b",
            "a01",
            "a\0",
            "a:",
            "a/",
            "lib0000000000000000000000000000001",
            "lib1",
            "lib100000000000000000000000000000",
            "lib99999999999999",
            "lib999999999999990",
        ];
        for a in names {
            for b in names {
                let by_key = sort_key(a).cmp(&sort_key(b));
                assert!(by_key.is_eq() || by_key == compare(a, b), "{a:?} {b:?}");
                assert_eq!(compare(a, b), compare(b, a).reverse(), "{a:?} {b:?}");
                for c in names {
                    if compare(a, b).is_lt() && compare(b, c).is_lt() {
                        assert!(compare(a, c).is_lt(), "{a:?} {b:?} {c:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_prefix_is_found_in_any_case() {
        assert!(starts_with("Übersicht.txt", &fold_all("üB")));
        assert!(!starts_with("Ube", &fold_all("über")));
        assert!(starts_with("anything", ""));
    }
}
