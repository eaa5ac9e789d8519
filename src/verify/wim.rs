//! The integrity tables of WIM archives: of every archive on the disc, whether it is as its own digests say.

use std::collections::HashSet;
use std::sync::Arc;

use sha1::{Digest, Sha1};

use super::check::{Bad, Check, CheckKind, Outcome};
use super::work::FileCheck;
use crate::disc::file::Content;
use crate::disc::tree::{self, Entry, FileTree, Found};
use crate::disc::walk::Walk;
use crate::disc::wim::{IntegrityTable, Wim, is_named_as_wim};
use crate::disc::{Error, Extent, Image, Result, Severity, Source, limits, text};

/// Folders in which Windows has its archives, looked into before all others.
const SOURCES: [&str; 3] = ["sources", "x64/sources", "x86/sources"];

/// Bytes that are read at a time.
const READ: usize = 256 << 10;

/// A check for every WIM archive of the default tree, known by its name and its first bytes. Of the archives, only the
/// headers are read.
///
/// The disc is walked as far as [`limits::WIM_SEARCH`] entries, and at most [`limits::WIM_ARCHIVES`] are checked. The only
/// error is to be cancelled.
pub fn find(image: &Image) -> Result<Vec<Box<dyn FileCheck>>> {
    let tree = image.default_tree();
    let mut finder = Finder { tree: tree.clone(), seen: HashSet::new(), checks: Vec::new() };
    for path in SOURCES {
        let Some(id) = passed(tree::find(tree.as_ref(), path))?.flatten().and_then(|found| match found {
            Found::Root => None,
            Found::Entry { folder, index } => folder.entries().get(index).and_then(|entry| tree.folder_of(entry)),
        }) else {
            continue;
        };
        if let Some(folder) = passed(tree.read_folder(id))? {
            finder.look(path, &folder)?;
        }
    }
    let mut left = limits::WIM_SEARCH;
    for step in Walk::new(tree.clone()) {
        let Some(folder) = passed(step.folder)? else { continue };
        finder.look(&step.path, &folder)?;
        left = left.saturating_sub(folder.entries().len());
        if left == 0 || finder.checks.len() >= limits::WIM_ARCHIVES {
            break;
        }
    }
    Ok(finder.checks)
}

/// What could be read. Only to be cancelled stays an error.
fn passed<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::Cancelled) => Err(Error::Cancelled),
        Err(_) => Ok(None),
    }
}

/// Collects archives.
struct Finder {
    tree: Arc<dyn FileTree>,
    /// Where their entries are described.
    seen: HashSet<u64>,
    checks: Vec<Box<dyn FileCheck>>,
}

impl Finder {
    fn look(&mut self, path: &str, folder: &tree::Folder) -> Result<()> {
        for entry in folder.entries() {
            let name = folder.name(entry);
            if !entry.is_file() || !is_named_as_wim(name) || self.checks.len() >= limits::WIM_ARCHIVES {
                continue;
            }
            // Where trees say that several entries stand at one place, they are one.
            if !self.seen.insert(entry.record) {
                continue;
            }
            let opened = match self.tree.open(entry).and_then(Wim::open) {
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                opened => opened,
            };
            // Other programs use these endings too. In the folder of Setup they are archives, or should be.
            let is_sources = path.rsplit('/').next().is_some_and(|name| name.eq_ignore_ascii_case("sources"));
            if matches!(opened, Err(Error::Unsupported { offset: 0, .. })) && !is_sources {
                continue;
            }
            let path = text::join(path, name);
            self.checks.push(Box::new(WimCheck { path, entry: entry.clone(), covered: opened.ok().and_then(covered) }));
        }
        Ok(())
    }
}

/// Bytes that the integrity table covers, as the header has it; `None` when there is no table.
fn covered(wim: Wim) -> Option<u64> {
    let header = wim.header();
    let end = header.lookup_table.end().unwrap_or(u64::MAX).min(wim.source().len());
    (!header.integrity.is_absent()).then(|| end.saturating_sub(crate::disc::wim::HEADER_SIZE))
}

/// The check of one archive.
struct WimCheck {
    path: String,
    entry: Entry,
    /// Bytes to be read; `None` when there is no table to go by.
    covered: Option<u64>,
}

impl FileCheck for WimCheck {
    fn pending(&self) -> Check {
        let scope = match self.covered {
            Some(bytes) => format!("{} of the archive", text::size(bytes)),
            None => "Nothing of the archive".to_owned(),
        };
        Check::pending(CheckKind::WimIntegrity, self.path.clone(), scope)
    }

    fn bytes(&self) -> u64 {
        self.covered.unwrap_or(0)
    }

    fn run(self: Box<Self>, image: &Image, progress: &mut dyn FnMut(u64)) -> Result<Check> {
        let check = self.pending();
        let opened = image.default_tree().open(&self.entry).and_then(|source| {
            let wim = Wim::open(source)?;
            let table = wim.integrity()?;
            Ok((wim, table))
        });
        let (wim, table) = match opened {
            Ok((wim, Some(table))) => (wim, table),
            Ok((wim, None)) => {
                if wim.diagnostics().worst() == Some(Severity::Error) {
                    return Ok(self.cut_off(check, &wim));
                }
                return Ok(check.ended(
                    Outcome::Absent,
                    "The archive carries no integrity table, so it cannot be checked against itself",
                ));
            }
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(error) => return Ok(self.unreadable(check, &error)),
        };
        let mut run = Run {
            check: Check { scope: scope(&table, wim.source().len()), ..check },
            differ: 0,
            missing: 0,
            unread: 0,
        };
        for (extent, digest) in table.chunks() {
            run.chunk(&self, wim.source().as_ref(), extent, digest, progress)?;
        }
        Ok(run.end(table.len()))
    }
}

impl WimCheck {
    /// The check of an archive that is shorter than its header says, and has no table.
    fn cut_off(&self, mut check: Check, wim: &Wim) -> Check {
        let items = wim.diagnostics().items().iter().filter(|item| item.severity == Severity::Error);
        for item in items {
            let place = places(&self.entry.content, Extent::new(item.offset, 1)).into_iter().next();
            check.add_bad(Bad { path: Some(self.path.clone()), extent: place, why: item.message.clone() });
        }
        check.ended(Outcome::Fail, "The archive is not all there, and carries no integrity table")
    }

    /// The check of an archive whose header or table cannot be read.
    fn unreadable(&self, mut check: Check, error: &Error) -> Check {
        let outcome = match error {
            // What is no archive at all, and stands where one should.
            Error::Damaged { .. } | Error::Unsupported { offset: 0, .. } => Outcome::Fail,
            _ => Outcome::Error,
        };
        if outcome == Outcome::Fail {
            let at = Extent::new(error.offset().unwrap_or(0), 1);
            // What the archive lacks of its own counts from its beginning, and what the image lacks from that of the image.
            let is_own = error.structure().is_some_and(|structure| structure.starts_with("WIM"));
            let extent = if is_own { places(&self.entry.content, at).into_iter().next() } else { Some(at) };
            check.add_bad(Bad { path: Some(self.path.clone()), extent, why: error.sentence() });
        }
        check.ended(outcome, error.sentence())
    }
}

/// What the table covers, and what it does not.
fn scope(table: &IntegrityTable, len: u64) -> String {
    format!(
        "{} of the archive's {}, in {} of up to {}: not its header, nor what describes its images",
        text::size(table.covered.length),
        text::size(len),
        pieces(table.len()),
        text::size(u64::from(table.chunk_size)),
    )
}

fn pieces(count: usize) -> String {
    if count == 1 { "1 piece".to_owned() } else { format!("{count} pieces") }
}

/// A check that is being made.
struct Run {
    check: Check,
    differ: usize,
    missing: usize,
    unread: usize,
}

impl Run {
    fn chunk(
        &mut self,
        of: &WimCheck,
        source: &dyn Source,
        extent: Extent,
        digest: &[u8; 20],
        progress: &mut dyn FnMut(u64),
    ) -> Result<()> {
        let why = match sha1_of(source, extent, progress) {
            Ok(found) if found == *digest => return Ok(()),
            Ok(_) => {
                self.differ = self.differ.saturating_add(1);
                "It differs from its SHA-1".to_owned()
            }
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(error @ Error::Damaged { .. }) => {
                self.missing = self.missing.saturating_add(1);
                error.sentence()
            }
            Err(error) => {
                self.unread = self.unread.saturating_add(1);
                error.sentence()
            }
        };
        let path = || Some(of.path.clone());
        let places = places(&of.entry.content, extent);
        if places.is_empty() {
            self.check.add_bad(Bad { path: path(), extent: None, why });
        } else {
            for place in places {
                self.check.add_bad(Bad { path: path(), extent: Some(place), why: why.clone() });
            }
        }
        Ok(())
    }

    fn end(self, all: usize) -> Check {
        let Self { check, differ, missing, unread } = self;
        let bad = [
            (differ, "differs from its SHA-1", "differ from their SHA-1"),
            (missing, "is not all there", "are not all there"),
            (unread, "could not be read", "could not be read"),
        ];
        let bad = bad.into_iter().filter(|(count, ..)| *count > 0);
        let bad = bad.map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }));
        let bad = bad.collect::<Vec<_>>().join(", ");
        match () {
            () if bad.is_empty() => {
                let detail = match all {
                    1 => "The one piece has the SHA-1 that the archive lists".to_owned(),
                    _ => format!("All {} have the SHA-1 that the archive lists", pieces(all)),
                };
                check.ended(Outcome::Pass, detail)
            }
            () if differ == 0 && missing == 0 => check.ended(Outcome::Error, format!("Of {}, {bad}", pieces(all))),
            () => check.ended(Outcome::Fail, format!("Of {}, {bad}", pieces(all))),
        }
    }
}

/// The SHA-1 of a run of bytes. All of it is told to `progress`, also when it cannot be read.
fn sha1_of(source: &dyn Source, extent: Extent, progress: &mut dyn FnMut(u64)) -> Result<[u8; 20]> {
    let mut digest = Sha1::new();
    let mut buf = vec![0; READ];
    let mut at = extent.offset;
    while at < extent.end() {
        let want = usize::try_from(extent.end().saturating_sub(at)).unwrap_or(usize::MAX).min(READ);
        let read = source.read_at(at, buf.get_mut(..want).unwrap_or_default()).and_then(|read| match read {
            0 => Err(Error::damaged("WIM archive", at, format!("The archive ends at byte {}", source.len()))),
            read => Ok(read),
        });
        let read = match read {
            Ok(read) => read,
            Err(error) => {
                progress(extent.end().saturating_sub(at));
                return Err(error);
            }
        };
        digest.update(buf.get(..read).unwrap_or_default());
        at = at.saturating_add(read as u64);
        progress(read as u64);
    }
    Ok(digest.finalize().into())
}

/// Where a run of bytes of a file lies in the image, neighbours joined; nothing when the disc packs the file.
fn places(content: &Content, wanted: Extent) -> Vec<Extent> {
    if content.packing().is_some() { Vec::new() } else { places_in(content.extents(), wanted) }
}

fn places_in(pieces: &[Extent], wanted: Extent) -> Vec<Extent> {
    let mut places: Vec<Extent> = Vec::new();
    let mut start = 0_u64;
    for extent in pieces {
        let end = start.saturating_add(extent.length);
        let (from, to) = (wanted.offset.max(start), wanted.end().min(end));
        if from < to && extent.is_somewhere() {
            let place = Extent::new(extent.offset.saturating_add(from.saturating_sub(start)), to.saturating_sub(from));
            match places.last_mut() {
                Some(last) if last.end() == place.offset => last.length = last.length.saturating_add(place.length),
                _ => places.push(place),
            }
        }
        start = end;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_a_file_lies_where_its_pieces_lie() {
        // As UDF records files of more than a GiB: pieces, most of them neighbours.
        let pieces = [
            Extent::new(1000, 100),
            Extent::new(1100, 50),
            Extent::hole(10),
            Extent::new(5000, 0),
            Extent::new(400, 40),
        ];
        let at = |offset, length| places_in(&pieces, Extent::new(offset, length));
        assert_eq!(at(0, 1), [Extent::new(1000, 1)]);
        assert_eq!(at(90, 20), [Extent::new(1090, 20)]);
        assert_eq!(at(140, 30), [Extent::new(1140, 10), Extent::new(400, 10)]);
        assert_eq!(at(150, 10), []);
        assert_eq!(at(190, 1000), [Extent::new(430, 10)]);
        assert_eq!(at(u64::MAX, u64::MAX), []);
    }
}
