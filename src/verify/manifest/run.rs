//! The check of the files that a list names.

use crate::disc::read_buffer::ReadBuffer;
use crate::disc::tree::{Entry, FileTree};
use crate::disc::walk::Walk;
use crate::disc::{Error, Image, Result, limits, text};
use crate::verify::digest::{Algorithm, hasher};
use crate::verify::reading::{feed, place};
use crate::verify::sums::{Summary, counted};
use crate::verify::{Bad, Check, FileCheck, Outcome};

use super::Manifest;
use super::list::{List, Listed, Wanted};
use super::resolve::{Resolved, Resolver};

/// A file that is listed.
struct Job<'a> {
    path: &'a str,
    entry: Entry,
    wanted: &'a [Listed],
}

/// The files of the disc, as far as the list and the tree agree on them.
#[derive(Default)]
struct Files<'a> {
    jobs: Vec<Job<'a>>,
    missing: u64,
    unreadable: u64,
    /// Files that were not looked for.
    unknown: u64,
    other_case: u64,
    /// Files of the disc that the list does not name, and the first of them.
    unlisted: u64,
    first_unlisted: Option<String>,
}

/// How the digests of the files compare.
#[derive(Default)]
struct Counts {
    good: u64,
    differing: u64,
    missing: u64,
    unreadable: u64,
    /// Of those that cannot be read, such as the image does not hold.
    cut_off: u64,
}

impl FileCheck for Manifest {
    fn pending(&self) -> Check {
        self.check.clone()
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn run(self: Box<Self>, image: &Image, progress: &mut dyn FnMut(u64)) -> Result<Check> {
        let mut check = self.check.clone();
        let mut list = List::default();
        let summary = match self.read(image, &mut list) {
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => {
                let why = format!("The list cannot be read: {}", error.sentence());
                check.add_bad(Bad { path: Some(self.path.clone()), extent: place(&self.entry), why: error.sentence() });
                return Ok(check.ended(Outcome::Error, why));
            }
            Ok(summary) => summary,
        };
        progress(self.entry.size);
        let list = list.finish();
        let mut files = self.files(image, &list, &mut check)?;
        files.jobs.sort_by_key(|job| job.entry.content.extents().first().map_or(0, |extent| extent.offset));
        let mut counts = Counts { missing: files.missing, unreadable: files.unreadable, ..Counts::default() };
        let mut buffer = ReadBuffer::default();
        for job in &files.jobs {
            let verdict = compare(image.default_tree().as_ref(), job, &mut buffer, progress);
            let why = match verdict {
                Err(error) if error.is_cancelled() => return Err(error),
                Err(error) => {
                    counts.unreadable = counts.unreadable.saturating_add(1);
                    if matches!(error, Error::Damaged { .. }) {
                        counts.cut_off = counts.cut_off.saturating_add(1);
                    }
                    error.sentence()
                }
                Ok(None) => {
                    counts.good = counts.good.saturating_add(1);
                    continue;
                }
                Ok(Some(why)) => {
                    counts.differing = counts.differing.saturating_add(1);
                    why
                }
            };
            check.add_bad(Bad { path: Some(job.path.to_owned()), extent: place(&job.entry), why });
        }
        check.scope = scope(&files);
        Ok(end(check, &counts, &files, &list, &summary))
    }
}

impl Manifest {
    /// Finds the files that the list names, and counts those that it does not.
    fn files<'a>(&self, image: &Image, list: &'a List, check: &mut Check) -> Result<Files<'a>> {
        let mut files = Files::default();
        let mut seen = vec![false; list.len()];
        for step in Walk::new(image.default_tree().clone()) {
            let folder = match step.folder {
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                // Whatever the list names of it is told below.
                Err(_) => continue,
                Ok(folder) => folder,
            };
            for entry in folder.entries().iter().filter(|entry| entry.is_file()) {
                let path = text::join(&step.path, folder.name(entry));
                if let Some((first, wanted)) = list.of(&path)
                    && let (Some(seen), Some((name, _))) = (seen.get_mut(first), wanted.first())
                {
                    // Two files of one name: the first is that which a path leads to.
                    if !*seen {
                        *seen = true;
                        files.jobs.push(Job { path: name, entry: entry.clone(), wanted });
                    }
                } else if path != self.path {
                    files.unlisted = files.unlisted.saturating_add(1);
                    files.first_unlisted.get_or_insert(path);
                }
            }
        }
        let mut resolver = Resolver::new(image.default_tree().clone());
        for (path, wanted) in list.files() {
            if list.of(path).is_some_and(|(first, _)| seen.get(first) == Some(&true)) {
                continue;
            }
            let why = match resolver.resolve(path)? {
                Resolved::File { entry, other_case } => {
                    if other_case {
                        files.other_case = files.other_case.saturating_add(1);
                        files.unlisted = files.unlisted.saturating_sub(1);
                    }
                    files.jobs.push(Job { path, entry, wanted });
                    continue;
                }
                Resolved::Unknown => {
                    files.unknown = files.unknown.saturating_add(1);
                    continue;
                }
                Resolved::Missing => {
                    files.missing = files.missing.saturating_add(1);
                    "It is missing".to_owned()
                }
                Resolved::Unreadable(why) => {
                    files.unreadable = files.unreadable.saturating_add(1);
                    format!("Its folder cannot be read: {why}")
                }
            };
            check.add_bad(Bad { path: Some(path.to_owned()), extent: None, why });
        }
        Ok(files)
    }
}

/// Why a file is not what the list says; `None` when it is. Digests of several kinds are made in one reading.
fn compare(
    tree: &dyn FileTree,
    job: &Job<'_>,
    buffer: &mut ReadBuffer,
    progress: &mut dyn FnMut(u64),
) -> Result<Option<String>> {
    let mut kinds: Vec<Algorithm> = job.wanted.iter().flat_map(|(_, wanted)| wanted.algorithms).copied().collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut hashers: Vec<_> = kinds.into_iter().map(hasher).collect();
    feed(tree.open(&job.entry)?.as_ref(), buffer, &mut hashers, progress)?;
    let made: Vec<_> = hashers.into_iter().map(crate::verify::digest::Hasher::finish).collect();
    let matches = |wanted: &Wanted| {
        made.iter().any(|made| wanted.algorithms.contains(&made.algorithm) && made.bytes == *wanted.bytes)
    };
    let good = job.wanted.iter().filter(|(_, wanted)| matches(wanted)).count();
    Ok(match good {
        good if good == job.wanted.len() => None,
        0 => Some("It differs".to_owned()),
        _ => Some("It matches one of its checksums in the list and differs from another".to_owned()),
    })
}

/// What the list covers, and what it does not.
fn scope(files: &Files<'_>) -> String {
    let count = (files.jobs.len() as u64).saturating_add(files.missing).saturating_add(files.unreadable);
    let listed = counted(count, "file");
    match (&files.first_unlisted, files.unlisted) {
        (Some(first), unlisted @ 1..) => {
            let first = text::display(first);
            let more = if unlisted == 1 {
                format!("“{first}”")
            } else {
                format!("{unlisted} others, such as “{first}”")
            };
            format!("{listed} of the disc, but not {more}; lists rarely name what is made or changed last")
        }
        _ => format!("{listed}, which are all files of the disc"),
    }
}

/// The end of the check in words.
fn end(check: Check, counts: &Counts, files: &Files<'_>, list: &List, summary: &Summary) -> Check {
    let Counts { good, differing, missing, unreadable, cut_off } = *counts;
    let mut wrong = Vec::new();
    for (count, what) in [(differing, "differ"), (missing, "are missing"), (unreadable, "cannot be read")] {
        if count > 0 {
            let what =
                if count == 1 { what.replace("differ", "differs").replace("are", "is") } else { what.to_owned() };
            wrong.push(format!("{} {what}", counted(count, "file")));
        }
    }
    let bad = differing.saturating_add(missing).saturating_add(cut_off);
    let mut parts = match (wrong.is_empty(), good) {
        (true, 0) => vec!["It lists no file that could be checked".to_owned()],
        (true, 1) => vec!["The file that it lists matches".to_owned()],
        (true, good) => vec![format!("All {good} files that it lists match")],
        (false, 0) => vec![wrong.join(", ")],
        (false, 1) => vec![wrong.join(", "), "1 other matches".to_owned()],
        (false, good) => vec![wrong.join(", "), format!("{good} others match")],
    };
    let shown = |name: &Option<String>| text::display(name.as_deref().unwrap_or_default()).into_owned();
    let notes = [
        (
            list.refused,
            format!(
                "{} out of the list’s folder and are not followed, such as “{}”",
                led(list.refused),
                shown(&list.first_refused)
            ),
        ),
        (list.unsupported, {
            let what = counted(list.unsupported, "checksum");
            format!("{what} of a kind that Isoscope does not work out ({})", shown(&list.first_unsupported))
        }),
        (files.other_case, format!("{} in another case on the disc", written(files.other_case))),
        (list.repeated, format!("{} listed more than once", counted(list.repeated, "checksum"))),
        (list.nameless, format!("{} without a name", counted(list.nameless, "checksum"))),
        (list.left_out, format!("only the first {} checksums were looked at", limits::SUMS_FILES)),
        (files.unknown, format!("{} not looked for, as that would take too long", counted(files.unknown, "file"))),
    ];
    parts.extend(notes.into_iter().filter(|(count, _)| *count > 0).map(|(_, note)| note));
    parts.extend(summary.notes().into_iter().map(|note| {
        // They go on in the same sentence.
        let mut letters = note.chars();
        letters.next().map_or(String::new(), |first| first.to_lowercase().chain(letters).collect())
    }));
    let partly = list.left_out > 0 || files.unknown > 0 || summary.too_long || unreadable > 0;
    let outcome = match (bad > 0, partly, good) {
        (true, ..) => Outcome::Fail,
        (false, true, _) => Outcome::Error,
        (false, false, 0) => Outcome::Absent,
        (false, false, _) => Outcome::Pass,
    };
    check.ended(outcome, parts.join("; "))
}

fn led(count: u64) -> String {
    if count == 1 { "1 name leads".to_owned() } else { format!("{count} names lead") }
}

fn written(count: u64) -> String {
    if count == 1 { "1 name is written".to_owned() } else { format!("{count} names are written") }
}
