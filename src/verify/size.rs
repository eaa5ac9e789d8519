//! The ends that the structures of an image declare, against the bytes that are there: whether an image is whole, cut off,
//! or longer than it should be, told without reading its content.

mod cut;
mod ends;
mod surplus;
mod zeros;

use super::check::{Bad, Check, CheckKind, Outcome};
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::{Image, Result, text};

pub use self::cut::CutFiles;
pub use self::ends::{DeclaredEnd, EndKind, ends};

/// Compares what the image declares with what there is. `file_len` is the length of the file in bytes, which differs from
/// that of its sectors where it holds raw ones. The files that are cut are given when the image ends too early; they are
/// the check's bad places, too. The only error is to be cancelled.
pub fn check(image: &Image, file_len: u64) -> Result<(Check, Option<CutFiles>)> {
    let len = image.source().len();
    let ends = ends(image)?;
    let of_the_disc = || ends.iter().filter(|end| end.kind == EndKind::FileSystem);
    let declared = of_the_disc().map(|end| end.end).max().unwrap_or(0);
    let furthest = ends.iter().filter(|end| end.is_outer()).map(|end| end.end).max().unwrap_or(0);
    let mut check = Check::pending(CheckKind::Size, source(&ends), scope(&ends));
    if declared == 0 {
        return Ok((check.ended(Outcome::Absent, "Nothing on the disc says how long it is"), None));
    }
    if len < declared {
        let (detail, outcome, cut) = shorter(image, declared, &mut check)?;
        return Ok((check.ended(outcome, detail), Some(cut)));
    }
    let (mut outcome, mut sentences) = (Outcome::Pass, Vec::new());
    for end in ends.iter().filter(|end| end.start >= declared && end.end > len) {
        outcome = Outcome::Fail;
        let missing = end.missing(len);
        let why = if missing.offset <= end.start {
            format!("{} is missing", capitalised(&end.label))
        } else {
            format!("The last {} of {} are missing", text::size(missing.length), end.label)
        };
        check.add_bad(Bad { path: None, extent: Some(missing), why });
    }
    if outcome == Outcome::Fail {
        sentences.push("The files of the disc are there, but what should follow them is cut off".to_owned());
    } else if len > furthest {
        sentences.push(surplus::explain(image, furthest, len)?);
    } else if let Some(beyond) = ends.iter().filter(|end| end.is_outer() && end.end > len).max_by_key(|end| end.end) {
        sentences.push(format!(
            "Every file system is complete; only {} reaches {} behind the end of the file, where nothing is needed",
            beyond.label,
            text::size(beyond.end.saturating_sub(len))
        ));
    } else {
        sentences.push(format!("The file ends where {} says", agreeing(&ends, len)));
    }
    let rest = file_len % SECTOR_SIZE;
    if file_len == len && rest != 0 && len != furthest {
        sentences.push(format!("its length is not a whole number of sectors: {} more", text::size(rest)));
    }
    if let Some(empty) = zeros::find(image, declared.min(len), &mut check)? {
        if empty.is_certain {
            outcome = Outcome::Fail;
        }
        sentences.push(empty.sentence);
    }
    Ok((check.ended(outcome, joined(&sentences)), None))
}

/// Says what an image lacks that ends before its file systems do.
fn shorter(image: &Image, declared: u64, check: &mut Check) -> Result<(String, Outcome, CutFiles)> {
    let len = image.source().len();
    let cut = cut::find(image, check)?;
    let missing = declared.saturating_sub(len);
    if cut.is_nothing() {
        let detail = format!(
            "The file is {} shorter than the disc says, but nothing lies there: all {} are complete",
            text::size(missing),
            count(cut.complete, "file")
        );
        return Ok((detail, Outcome::Pass, cut));
    }
    let share = share(missing, declared);
    let mut detail = format!("{share} of the disc is missing: {} complete", is_are(cut.complete, "file"));
    for (number, what) in [(cut.cut, "cut off"), (cut.lost, "missing altogether")] {
        if number > 0 {
            detail.push_str(&format!(", {number} {} {what}", if number == 1 { "is" } else { "are" }));
        }
    }
    if cut.folders > 0 {
        detail.push_str(&format!(", and {} cannot be listed in full", count(cut.folders, "folder")));
    }
    if !cut.is_all {
        detail.push_str("; the disc has more files than were looked at");
    }
    Ok((detail, Outcome::Fail, cut))
}

/// Where the ends stand, for people.
fn source(ends: &[DeclaredEnd]) -> String {
    let mut names: Vec<&str> = ends.iter().filter(|end| end.is_outer()).map(|end| end.label.as_str()).collect();
    names.dedup();
    names.join(", ")
}

fn scope(ends: &[DeclaredEnd]) -> String {
    let listed: Vec<String> =
        ends.iter().filter(|end| end.is_outer()).map(|end| format!("{} ends at byte {}", end.label, end.end)).collect();
    match listed.as_slice() {
        [] => "The length of the file; its content is not read".to_owned(),
        listed => format!("The length of the file, not its content: {}", listed.join(", ")),
    }
}

/// The structures that end with the file.
fn agreeing(ends: &[DeclaredEnd], len: u64) -> String {
    let labels: Vec<&str> =
        ends.iter().filter(|end| end.is_outer() && end.end == len).map(|end| end.label.as_str()).collect();
    match labels.as_slice() {
        [] => "the disc".to_owned(),
        [one] => (*one).to_owned(),
        [first, rest @ ..] => format!("{first}, as well as {},", rest.join(", ")),
    }
}

/// A share of the disc in words.
fn share(part: u64, whole: u64) -> String {
    let hundredths = u128::from(part).saturating_mul(100);
    match hundredths.checked_div(whole.into()).unwrap_or(0) {
        0 => "Less than 1 %".to_owned(),
        percent => format!("{percent} %"),
    }
}

fn capitalised(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn is_are(number: u64, what: &str) -> String {
    format!("{} {}", count(number, what), if number == 1 { "is" } else { "are" })
}

/// Several sentences as one.
fn joined(sentences: &[String]) -> String {
    sentences.join("; ")
}
