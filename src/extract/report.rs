//! What an extraction did: every entry of the plan is done, renamed, skipped or failed, and nothing is left untold.

use std::collections::HashMap;
use std::sync::Arc;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use super::name::{Change, Changes};
use super::plan::{Action, Plan, Skip};

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was extracted under its own name.
    Done,
    /// It was extracted under another name.
    Renamed,
    /// It was left out. Counted as skipped.
    Skipped,
    /// Not all of it could be read, so it was left out, or kept as damaged. Counted as skipped.
    Damaged,
    /// It could not be extracted.
    Failed,
}

/// How many entries became what: `planned` is the sum of `done`, `renamed`, `skipped` and `failed`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Entries of the plan: files, folders, links and all others.
    pub planned: u64,
    /// Those that were extracted under their own names.
    pub done: u64,
    /// Those that were extracted under other names.
    pub renamed: u64,
    /// Those that were left out.
    pub skipped: u64,
    /// Those that could not be extracted.
    pub failed: u64,
    /// Bytes written to files that are complete.
    pub bytes: u64,
}

/// One entry that was not plainly done.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Listed {
    /// `/`-separated path on the disc.
    pub from: String,
    /// `/`-separated path below the destination; `None` when nothing was written.
    pub to: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why: one sentence without a full stop.
    pub reason: String,
}

/// Why an extraction ended before its plan did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// It was cancelled.
    Cancelled,
    /// Nothing more can be written: a sentence without a full stop.
    Destination(String),
}

/// Why an entry was not plainly done. Most of a long list has reasons that take no memory.
#[derive(Debug, Clone)]
pub(super) enum Reason {
    /// As in the plan.
    Planned,
    /// The name that was planned was taken when it was to be given.
    Appeared,
    /// A file gave way to it.
    Replaced,
    /// The destination did not take the disc's time.
    Time,
    /// So many bytes could not be read. The rest is kept, with a map of this name.
    Rescued(u64, Box<str>),
    /// The folder that holds it could not be made or read.
    Above,
    /// The extraction ended before it.
    Unreached,
    /// Something else.
    Text(Box<str>),
}

#[derive(Debug, Clone)]
struct Note {
    entry: u32,
    outcome: Outcome,
    reason: Reason,
}

/// What an extraction did.
#[derive(Clone)]
pub struct Report {
    plan: Arc<Plan>,
    counts: Counts,
    notes: Vec<Note>,
    /// Names that were not in the plan.
    names: HashMap<u32, Box<str>>,
    /// Entries that were reached.
    reached: Vec<bool>,
    stop: Option<Stop>,
}

impl Report {
    pub(super) fn new(plan: Arc<Plan>) -> Self {
        let reached = vec![false; plan.entries.len()];
        Self { plan, counts: Counts::default(), notes: Vec::new(), names: HashMap::new(), reached, stop: None }
    }

    /// The numbers.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Why it ended before its plan did.
    pub fn stop(&self) -> Option<&Stop> {
        self.stop.as_ref()
    }

    /// True when it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.stop == Some(Stop::Cancelled)
    }

    /// True when everything was extracted under its own name.
    pub fn is_plain(&self) -> bool {
        self.counts.done == self.counts.planned && self.stop.is_none()
    }

    /// How many entries [`listed`](Self::listed) gives.
    pub fn len(&self) -> usize {
        self.notes.len()
    }

    /// True when everything was plainly done.
    pub fn is_empty(&self) -> bool {
        self.notes.is_empty()
    }

    /// The entry that is `at`-th in the list of those that were not plainly done.
    pub fn get(&self, at: usize) -> Option<Listed> {
        self.notes.get(at).map(|note| self.tell(note))
    }

    /// Everything that was not plainly done, in the order of the plan; what was not reached comes last.
    pub fn listed(&self) -> impl ExactSizeIterator<Item = Listed> + '_ {
        self.notes.iter().map(|note| self.tell(note))
    }

    /// One sentence without a full stop, such as `Finished with 3 notes`.
    pub fn sentence(&self) -> String {
        let notes = self.counts.renamed + self.counts.skipped + self.counts.failed;
        match &self.stop {
            Some(Stop::Cancelled) => "Cancelled; what was finished before is kept".to_owned(),
            Some(Stop::Destination(why)) => why.clone(),
            None if notes == 1 => "Finished with 1 note".to_owned(),
            None if notes > 0 => format!("Finished with {notes} notes"),
            None => "Finished".to_owned(),
        }
    }

    /// Tells what became of an entry.
    pub(super) fn add(&mut self, entry: u32, outcome: Outcome, reason: Reason) {
        match self.reached.get_mut(entry as usize) {
            Some(reached) if !*reached => *reached = true,
            _ => return,
        }
        let counts = &mut self.counts;
        counts.planned += 1;
        match outcome {
            Outcome::Done => counts.done += 1,
            Outcome::Renamed => counts.renamed += 1,
            Outcome::Skipped | Outcome::Damaged => counts.skipped += 1,
            Outcome::Failed => counts.failed += 1,
        }
        if outcome != Outcome::Done || !matches!(reason, Reason::Planned) {
            self.notes.push(Note { entry, outcome, reason });
        }
    }

    /// Tells that an entry was extracted as the plan says, or with `reason` otherwise.
    pub(super) fn add_written(&mut self, entry: u32, reason: Reason) {
        let changed = self.plan.entry(entry).is_some_and(|entry| !entry.changes.is_empty());
        let renamed = changed || matches!(reason, Reason::Appeared);
        self.add(entry, if renamed { Outcome::Renamed } else { Outcome::Done }, reason);
    }

    /// Tells that an entry was left out.
    pub(super) fn add_skipped(&mut self, entry: u32, why: Skip) {
        let outcome = if why.is_damage() { Outcome::Damaged } else { Outcome::Skipped };
        self.add(entry, outcome, Reason::Planned);
    }

    pub(super) fn add_bytes(&mut self, bytes: u64) {
        self.counts.bytes = self.counts.bytes.saturating_add(bytes);
    }

    /// Keeps a name that is not the planned one.
    pub(super) fn set_name(&mut self, entry: u32, name: &str) {
        self.names.insert(entry, name.into());
    }

    /// The name that an entry has in the destination.
    pub(super) fn name(&self, entry: u32) -> &str {
        match self.names.get(&entry) {
            Some(name) => name,
            None => self.plan.to_name(entry),
        }
    }

    /// The `/`-separated path below the destination.
    pub(super) fn to_path(&self, entry: u32) -> String {
        self.plan.path(entry, |at, _| self.name(at))
    }

    /// Ends the report: what was not reached did not happen.
    pub(super) fn finish(mut self, stop: Option<Stop>) -> Self {
        // Files that are written side by side are done in any order.
        self.notes.sort_by_key(|note| note.entry);
        for at in 0..self.reached.len() {
            if self.reached.get(at) == Some(&false)
                && let Ok(at) = u32::try_from(at)
            {
                match (self.plan.entry(at).map(|entry| entry.action), &stop) {
                    (Some(Action::Skip(why)), _) => self.add_skipped(at, why),
                    (Some(Action::Unreadable), _) => self.add(at, Outcome::Failed, Reason::Planned),
                    (_, Some(Stop::Cancelled)) => self.add(at, Outcome::Skipped, Reason::Unreached),
                    _ => self.add(at, Outcome::Failed, Reason::Unreached),
                }
            }
        }
        self.reached = Vec::new();
        self.stop = stop;
        self
    }

    fn tell(&self, note: &Note) -> Listed {
        let rescued = matches!(note.reason, Reason::Rescued(..));
        let written = rescued || matches!(note.outcome, Outcome::Done | Outcome::Renamed);
        Listed {
            from: self.plan.from_path(note.entry),
            to: written.then(|| self.to_path(note.entry)),
            outcome: note.outcome,
            reason: self.reason(note),
        }
    }

    fn reason(&self, note: &Note) -> String {
        let changes = || self.plan.entry(note.entry).map(|entry| entry.changes).unwrap_or_default();
        match &note.reason {
            Reason::Planned => self.plan.reason(note.entry).unwrap_or_default(),
            Reason::Appeared => {
                let mut changes: Changes = changes();
                changes.insert(Change::Exists);
                changes.sentence()
            }
            Reason::Replaced => "It took the place of a file of that name".to_owned(),
            Reason::Time if changes().is_empty() => "Its time could not be set".to_owned(),
            Reason::Time => format!("{}; its time could not be set", changes().sentence()),
            Reason::Rescued(lost, map) => format!(
                "{} could not be read and {} zero in what is kept; “{}” says which",
                match lost {
                    1 => "1 byte".to_owned(),
                    lost => format!("{lost} bytes"),
                },
                if *lost == 1 { "is" } else { "are" },
                crate::disc::text::display(map)
            ),
            Reason::Above => "The folder that holds it could not be made".to_owned(),
            Reason::Unreached => match &self.stop {
                Some(Stop::Destination(why)) => why.clone(),
                _ => "Cancelled before it was finished".to_owned(),
            },
            Reason::Text(text) => text.to_string(),
        }
    }
}

/// The object of `isoscope extract --json`.
impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Entries<'a>(&'a Report);
        impl Serialize for Entries<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.0.listed())
            }
        }
        let Counts { planned, done, renamed, skipped, failed, bytes } = self.counts;
        let mut object = serializer.serialize_struct("Report", 7)?;
        object.serialize_field("planned", &planned)?;
        object.serialize_field("done", &done)?;
        object.serialize_field("renamed", &renamed)?;
        object.serialize_field("skipped", &skipped)?;
        object.serialize_field("failed", &failed)?;
        object.serialize_field("bytes", &bytes)?;
        object.serialize_field("entries", &Entries(self))?;
        object.end()
    }
}
