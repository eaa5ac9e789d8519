//! The checksum tags of a session. Each covers the session from its beginning up to the tag, so that one reading makes the
//! digests of all of them, and the first that does not match tells which part is damaged.

use md5::{Digest as _, Md5};

use crate::disc::sector::SECTOR_SIZE;
use crate::disc::{Extent, Image, Result};
use crate::verify::reading::{Missed, cut_off};
use crate::verify::{Bad, Check, CheckKind, Listener, ListeningCheck, Outcome};

use super::tag::{Kind, Tag};

/// Blocks in which the first tag of a session stands, counted from its start.
const FIRST: std::ops::Range<u64> = 17..64;

/// Tags of one session. Real ones have three.
const TAGS: usize = 8;

/// The tags of every session, each a check of its own.
pub(super) fn find(image: &Image) -> Result<Vec<Box<dyn ListeningCheck>>> {
    let mut starts: Vec<u64> = image.sessions().iter().map(|session| u64::from(session.first_block)).collect();
    starts.push(0);
    let mut checks: Vec<Box<dyn ListeningCheck>> = Vec::new();
    let mut known: Vec<u64> = Vec::new();
    let mut at = 0;
    starts.sort_unstable();
    while let Some(start) = starts.get(at).copied() {
        at = at.saturating_add(1);
        if known.contains(&start) || known.len() > crate::disc::limits::SESSIONS {
            continue;
        }
        known.push(start);
        if let Some(first) = first_tag(image, start)? {
            starts.extend(first.newest);
            checks.push(Box::new(Session::follow(image, first)?));
        }
    }
    Ok(checks)
}

/// The tag behind the volume descriptors of the session that starts at block `start`.
fn first_tag(image: &Image, start: u64) -> Result<Option<Tag>> {
    for number in FIRST {
        match readable(Tag::at(image.source().as_ref(), start.saturating_add(number)))? {
            Some(tag) if matches!(tag.kind, Kind::Descriptors | Kind::Relocated) => return Ok(Some(tag)),
            _ => {}
        }
    }
    Ok(None)
}

/// What was found. What cannot be read is not there; only to be cancelled stays an error.
pub(super) fn readable<T>(found: Result<Option<T>>) -> Result<Option<T>> {
    match found {
        Err(error) if !error.is_cancelled() => Ok(None),
        found => found,
    }
}

/// The tags of one session while the session is heard.
struct Session {
    check: Check,
    /// The first block.
    start: u64,
    /// The tags that can be checked, in the order of the disc.
    tags: Vec<Tag>,
    /// What is wrong with the tags, and where.
    trouble: Option<(String, Extent)>,
    state: Md5,
    done: u64,
    missed: Option<Missed>,
    /// Tags that match, which are the first ones.
    matching: usize,
    /// True from the first tag on that does not match.
    differs: bool,
}

impl Session {
    /// Follows the tags from the first one on.
    fn follow(image: &Image, first: Tag) -> Result<Self> {
        let mut tags: Vec<Tag> = Vec::new();
        let mut trouble = None;
        let mut next = Some(first);
        while let Some(tag) = next.take() {
            if let Some(why) = tag.trouble() {
                trouble = Some((why, tag.extent()));
                break;
            }
            let follows = tags.last().is_none_or(|last| last.start == tag.start && last.block < tag.block);
            if !follows || tags.len() >= TAGS {
                let why = format!("The checksum tag in block {} does not belong to the one before it", tag.block);
                trouble = Some((why, tag.extent()));
                break;
            }
            tags.push(tag);
            let Some(block) = tag.next else { break };
            next = readable(Tag::at(image.source().as_ref(), block))?;
            if next.is_none() {
                let extent = Extent::new(block.saturating_mul(SECTOR_SIZE), SECTOR_SIZE);
                trouble = Some((format!("In block {block} there should be a checksum tag, but there is none"), extent));
            }
        }
        let start = tags.first().map_or(first.block, |tag| tag.start);
        let parts: Vec<_> = tags.iter().map(|tag| tag.kind.covers()).collect();
        let end = tags.last().map_or(first.block, |tag| tag.start.saturating_add(tag.size));
        let what = match parts.as_slice() {
            [] => "nothing, as the tag cannot be used".to_owned(),
            [one] => (*one).to_owned(),
            [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
        };
        let source = match first.kind {
            Kind::Relocated => "libisofs checksum tag of the copied volume descriptors".to_owned(),
            _ => format!("libisofs checksum tags of the session at block {start}"),
        };
        let scope = match tags.is_empty() {
            true => format!("Covers {what}"),
            false => format!("Blocks {start} to {}: {what}", end.saturating_sub(1)),
        };
        Ok(Self {
            check: Check::pending(CheckKind::SessionTag, source, scope),
            start,
            tags,
            trouble,
            state: Md5::new(),
            done: 0,
            missed: None,
            matching: 0,
            differs: false,
        })
    }

    /// Where the bytes end that the tag at `index` covers, counted from the session's start.
    fn end_of(&self, index: usize) -> Option<u64> {
        Some(self.tags.get(index)?.size.saturating_mul(SECTOR_SIZE))
    }

    /// The bytes behind those that match up to where the next tag says that it covers.
    fn differing(&self) -> Extent {
        let from = self.matching.checked_sub(1).and_then(|last| self.end_of(last)).unwrap_or(0);
        let to = self.end_of(self.matching).unwrap_or(from);
        Extent::new(self.extent().offset.saturating_add(from), to.saturating_sub(from))
    }
}

impl Listener for Session {
    fn extent(&self) -> Extent {
        let length = self.tags.len().checked_sub(1).and_then(|last| self.end_of(last)).unwrap_or(0);
        Extent::new(self.start.saturating_mul(SECTOR_SIZE), length)
    }

    fn hear(&mut self, mut bytes: &[u8]) {
        while !self.differs && self.missed.is_none() && !bytes.is_empty() {
            let Some(end) = self.end_of(self.matching) else { break };
            let room = usize::try_from(end.saturating_sub(self.done)).unwrap_or(usize::MAX);
            let (piece, rest) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            self.state.update(piece);
            self.done = self.done.saturating_add(piece.len() as u64);
            bytes = rest;
            if self.done == end {
                let made: [u8; 16] = self.state.clone().finalize().into();
                match self.tags.get(self.matching).and_then(|tag| tag.md5) == Some(made) {
                    true => self.matching = self.matching.saturating_add(1),
                    false => self.differs = true,
                }
            }
        }
        // What is not needed any more only passes by.
        self.done = self.done.saturating_add(bytes.len() as u64).min(self.extent().length);
    }

    fn miss(&mut self, length: u64) {
        let length = length.min(self.extent().length.saturating_sub(self.done));
        Missed::add(&mut self.missed, self.start.saturating_mul(SECTOR_SIZE).saturating_add(self.done), length);
        self.done = self.done.saturating_add(length);
    }
}

impl ListeningCheck for Session {
    fn pending(&self) -> Check {
        self.check.clone()
    }

    fn finish(self: Box<Self>) -> Check {
        let mut check = self.check.clone();
        let extent = self.extent();
        if self.differs {
            let bad = self.differing();
            let what = self.tags.get(self.matching).map_or("a part", |tag| tag.kind.covers());
            let (from, to) = (bad.offset, bad.end());
            check.add_bad(Bad { path: None, extent: Some(bad), why: format!("A difference in {what}") });
            let detail = format!("It does not match; the damage lies in {what}, between byte {from} and byte {to}");
            return check.ended(Outcome::Fail, detail);
        }
        if let Some(missed) = self.missed {
            return missed.end(check);
        }
        if self.done < extent.length {
            return cut_off(check, Extent::new(extent.offset.saturating_add(self.done), extent.length - self.done));
        }
        if let Some((why, place)) = self.trouble {
            check.add_bad(Bad {
                path: None,
                extent: Some(place),
                why: "It is not the tag that should be here".to_owned(),
            });
            let checked = match self.tags.as_slice() {
                [] => "",
                _ => "; what comes before it matches",
            };
            return check.ended(Outcome::Fail, format!("{why}{checked}"));
        }
        check.ended(Outcome::Pass, "All that it covers matches")
    }
}
