//! All checks of one image: which there are, and making them, everything being read once.

use std::path::Path;
use std::sync::Arc;

use super::check::{Bad, Check, CheckKind, Outcome};
use super::digest::{Algorithm, Digest, Running};
use super::pass::{self, Reading};
use super::sums::Expected;
use super::work::{FileCheck, Listener, ListeningCheck};
use super::{implant, libisofs, manifest, neighbours, places, sectors, size, wim};
use crate::disc::{Extent, Image, Result, Source, text};

/// What is checked.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The image.
    pub image: &'a Image,
    /// The bytes of its file, where they are not those of the image because it holds raw sectors.
    pub raw: Option<&'a Arc<dyn Source>>,
    /// Where the file lies, if it lies anywhere: checksum files are looked for beside it.
    pub path: Option<&'a Path>,
}

impl<'a> Subject<'a> {
    /// The bytes of the file.
    fn file(&self) -> &'a Arc<dyn Source> {
        self.raw.unwrap_or(self.image.source())
    }
}

/// What is wanted besides the checks that the image offers.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// A digest that the file should have.
    pub expected: Option<Expected>,
    /// Digests of the file to be made in any case.
    pub digests: Vec<Algorithm>,
}

/// How a check that is planned is made.
enum Work {
    /// By listening to the sectors of the image.
    Listening(Box<dyn ListeningCheck>),
    /// By listening to the bytes of its file.
    InFile(Box<dyn ListeningCheck>),
    /// By reading files.
    Files(Box<dyn FileCheck>),
    /// By a digest of the file, which should be one of these.
    Digest(Vec<Digest>),
    /// By reading everything.
    Reading,
}

/// The checks of an image, each ended or still to be made.
pub struct Plan {
    checks: Vec<(Check, Option<Work>)>,
    digests: Vec<Algorithm>,
    bytes: u64,
}

/// News of checks that are being made.
pub enum News<'a> {
    /// So many more bytes were read.
    Read(u64),
    /// A digest of the file was made.
    Digest(&'a Digest),
    /// The check with this number has ended.
    Ended(usize, &'a Check),
}

/// What the checks came to.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// All checks, in the order of the plan.
    pub checks: Vec<Check>,
    /// The digests that were wanted or needed, as far as all bytes could be read.
    pub digests: Vec<Digest>,
}

/// Scope of what covers the whole file.
const WHOLE: &str = "Every byte of the file";

impl Plan {
    /// Looks for everything that `subject` can be checked by. What costs no more than a look at sizes is ended at once.
    pub fn new(subject: Subject<'_>, request: &Request) -> Result<Self> {
        let image = subject.image;
        let file = subject.file();
        let mut plan = Self { checks: Vec::new(), digests: request.digests.clone(), bytes: file.len() };
        plan.ended(size::check(image, file.len())?.0);
        plan.pending(Check::pending(CheckKind::Reading, "The file itself", WHOLE), Work::Reading);
        if let Some(expected) = &request.expected {
            let check = Check::pending(CheckKind::Expected, "The digest that was given", WHOLE);
            plan.pending(check, Work::Digest(expected.digests()));
        }
        if let Some(path) = subject.path {
            let neighbours = neighbours::read(path);
            for neighbour in &neighbours.found {
                match neighbour.named_size.filter(|named| *named != file.len()) {
                    Some(named) => plan.ended(neighbour.pending().ended(Outcome::Fail, wrong_size(named, file.len()))),
                    None => plan.pending(neighbour.pending(), Work::Digest(vec![neighbour.digest.clone()])),
                }
            }
            neighbours.absent().for_each(|check| plan.ended(check));
        }
        for check in implant::find(image)?.into_iter().chain(libisofs::find(image)?) {
            plan.bytes = plan.bytes.saturating_add(if subject.raw.is_some() { check.extent().length } else { 0 });
            plan.pending(check.pending(), Work::Listening(check));
        }
        if let Some(check) = subject.raw.map(|raw| sectors::find(raw, image)).transpose()?.flatten() {
            plan.pending(check.pending(), Work::InFile(check));
        }
        for check in libisofs::find_files(image)?.into_iter().chain(manifest::find(image)?).chain(wim::find(image)?) {
            plan.bytes = plan.bytes.saturating_add(check.bytes());
            plan.pending(check.pending(), Work::Files(check));
        }
        Ok(plan)
    }

    fn ended(&mut self, check: Check) {
        self.checks.push((check, None));
    }

    fn pending(&mut self, check: Check, work: Work) {
        if let Work::Digest(expected) = &work {
            for algorithm in expected.iter().map(|digest| digest.algorithm) {
                if !self.digests.contains(&algorithm) {
                    self.digests.push(algorithm);
                }
            }
        }
        self.checks.push((check, Some(work)));
    }

    /// The checks, in the order in which they are told.
    pub fn checks(&self) -> Vec<Check> {
        self.checks.iter().map(|(check, _)| check.clone()).collect()
    }

    /// Bytes that will be read, as far as is known.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes all checks that are pending. The only errors are to be cancelled, and that no thread can be started.
    pub fn run(self, subject: Subject<'_>, news: &mut dyn FnMut(News<'_>)) -> Result<Report> {
        let (mut listening, mut in_file, mut others) = (Vec::new(), Vec::new(), Vec::new());
        let mut run = Run { report: Report::default(), news };
        for (at, (check, work)) in self.checks.into_iter().enumerate() {
            run.report.checks.push(check);
            match work {
                Some(Work::Listening(check)) => listening.push((at, check)),
                Some(Work::InFile(check)) => in_file.push((at, check)),
                Some(other) => others.push((at, other)),
                None => {}
            }
        }
        let reading = match subject.raw {
            // Sectors are made of the bytes of the file, but which of them stand where is known to the image alone.
            Some(raw) => {
                run.listen(subject.image.source().as_ref(), listening, None)?;
                run.listen(raw.as_ref(), in_file, Some(&self.digests))?
            }
            None => run.listen(subject.image.source().as_ref(), listening, Some(&self.digests))?,
        };
        for (at, work) in others {
            match work {
                Work::Files(check) => {
                    let news = &mut run.news;
                    let check = check.run(subject.image, &mut |more| news(News::Read(more)))?;
                    run.end(at, check);
                }
                Work::Digest(expected) => run.compare(at, &expected),
                Work::Reading => run.judge_reading(at, subject, &reading)?,
                Work::Listening(_) | Work::InFile(_) => {}
            }
        }
        Ok(run.report)
    }
}

/// Why a file is not the one that a list means.
fn wrong_size(named: u64, len: u64) -> String {
    format!("The file has {len} bytes; by this list it should have {named}")
}

/// Has everything read, and makes nothing of it.
struct Everything(Extent);

impl Listener for Everything {
    fn extent(&self) -> Extent {
        self.0
    }

    fn hear(&mut self, _: &[u8]) {}

    fn miss(&mut self, _: u64) {}
}

/// Checks that are being made.
struct Run<'a> {
    report: Report,
    news: &'a mut dyn FnMut(News<'_>),
}

impl Run<'_> {
    fn end(&mut self, at: usize, check: Check) {
        (self.news)(News::Ended(at, &check));
        if let Some(place) = self.report.checks.get_mut(at) {
            *place = check;
        }
    }

    /// Reads `source` once for all that listen to it; all of it where digests of the whole are to be made, even if of
    /// no kind.
    fn listen(
        &mut self,
        source: &dyn Source,
        mut checks: Vec<(usize, Box<dyn ListeningCheck>)>,
        digests: Option<&[Algorithm]>,
    ) -> Result<Reading> {
        let whole = Extent::new(0, source.len());
        let mut everything = digests.map(|_| Everything(whole));
        let digests = digests.unwrap_or_default();
        let mut running: Vec<Running> = digests.iter().map(|algorithm| Running::new(*algorithm, whole)).collect();
        let mut listeners: Vec<&mut dyn Listener> = Vec::new();
        for running in &mut running {
            listeners.push(running);
        }
        for (_, check) in &mut checks {
            listeners.push(check.as_mut());
        }
        if let Some(everything) = &mut everything {
            listeners.push(everything);
        }
        let news = &mut self.news;
        let reading = pass::read(source, &mut listeners, &mut |more| news(News::Read(more)))?;
        for digest in running.into_iter().filter_map(Running::finish) {
            (self.news)(News::Digest(&digest));
            self.report.digests.push(digest);
        }
        for (at, check) in checks {
            self.end(at, check.finish());
        }
        Ok(reading)
    }

    /// Holds the digests of the file against what was expected.
    fn compare(&mut self, at: usize, expected: &[Digest]) {
        let Some(check) = self.report.checks.get(at).cloned() else { return };
        let made = |digest: &Digest| self.report.digests.iter().find(|made| made.algorithm == digest.algorithm);
        let check = if let Some(digest) = expected.iter().find(|digest| made(digest) == Some(*digest)) {
            check.ended(Outcome::Pass, format!("The {} is as expected: {digest}", digest.algorithm))
        } else {
            match expected.first().and_then(|digest| Some((digest, made(digest)?))) {
                Some((digest, made)) => {
                    let sentence = format!("The {} is {made}; expected was {digest}", digest.algorithm);
                    check.ended(Outcome::Fail, sentence)
                }
                None => check.ended(Outcome::Error, "Some bytes cannot be read, so there is no digest of the whole"),
            }
        };
        self.end(at, check);
    }

    /// Says whether all could be read, and whose the bytes are that could not.
    fn judge_reading(&mut self, at: usize, subject: Subject<'_>, reading: &Reading) -> Result<()> {
        let Some(mut check) = self.report.checks.get(at).cloned() else { return Ok(()) };
        let Some(error) = &reading.error else {
            let sentence = format!("All {} could be read", text::size(subject.file().len()));
            self.end(at, check.ended(Outcome::Pass, sentence));
            return Ok(());
        };
        for extent in &reading.unreadable {
            check.add_bad(Bad { path: None, extent: Some(*extent), why: "It cannot be read".to_owned() });
        }
        // Of raw sectors the check of their codes names the files, see `sectors`.
        if subject.raw.is_none() {
            for (path, extent) in places::files_at(subject.image, &reading.unreadable)? {
                check.add_bad(Bad {
                    path: Some(path),
                    extent: Some(extent),
                    why: "Some of it cannot be read".to_owned(),
                });
            }
        }
        let missed = text::size(reading.missed);
        let sentence = format!("{missed} could not be read at the second try either: {}", error.sentence());
        self.end(at, check.ended(Outcome::Fail, sentence));
        Ok(())
    }
}
