//! The way from the firmware to the kernel, step by step: what a picture of it shows.
//!
//! The ways of all computers are one graph: a loader that a disc and a stick both lead to is one step. Links lead from one
//! [stage](Step::stage) to a later one only, so that there is no circle.

mod bios;
mod menus;
#[cfg(test)]
pub(crate) mod tests;
mod uefi;

use super::programs::EfiFile;
use super::report::BootReport;
use super::verdict::Verdict;
use crate::disc::tree::TreeId;
use crate::disc::{Extent, Image, limits, text};

/// What is to be thought of a step, or of the way to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// All that can be seen of it is right.
    Good,
    /// It cannot be told.
    Doubtful,
    /// It is missing or broken, and the computer stops there.
    Broken,
}

/// What a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// What is in the computer.
    Firmware,
    /// What tells the firmware where to look: an entry of the boot catalogue, the first sector, a partition.
    Structure,
    /// The first program of the disc.
    Loader,
    /// A program that this one goes on with.
    SecondLoader,
    /// And one that that one goes on with.
    ThirdLoader,
    /// A menu.
    Menu,
    /// What an entry of a menu starts.
    Kernel,
}

/// Where a step stands in the image.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// A file of a tree.
    File {
        /// The tree.
        tree: TreeId,
        /// The path there.
        path: String,
    },
    /// Bytes of the image.
    Bytes {
        /// Absolute byte offset.
        offset: u64,
        /// How many.
        length: u64,
    },
}

impl Target {
    fn bytes(extent: Extent) -> Self {
        Self::Bytes { offset: extent.offset, length: extent.length }
    }

    fn file(tree: TreeId, path: &str) -> Self {
        Self::File { tree, path: path.to_owned() }
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Step {
    /// What it is.
    pub stage: Stage,
    /// Its name for people, such as `GRUB 2.12`. Not yet escaped for display, as the texts that follow.
    pub title: String,
    /// Where it is: a path, or a structure.
    pub place: String,
    /// What is to be thought of it.
    pub state: State,
    /// What else there is to know, each one sentence without a full stop.
    pub notes: Vec<String>,
    /// Where it stands; `None` for what is not on the disc.
    pub target: Option<Target>,
}

/// From one step to another: places in [`Chain::steps`].
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Link {
    /// From here.
    pub from: usize,
    /// To here.
    pub to: usize,
    /// Whether this way can be gone.
    pub state: State,
    /// By what, in few words, such as `from a disc`; often nothing.
    pub label: String,
}

/// All ways.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Chain {
    /// The steps.
    pub steps: Vec<Step>,
    /// How they follow one another.
    pub links: Vec<Link>,
}

impl Chain {
    /// The ways that a report has found, with the verdicts on them.
    pub fn new(image: &Image, report: &BootReport, verdicts: &[Verdict]) -> Self {
        let mut chain = Self::default();
        bios::add(&mut chain, image, report, verdicts);
        uefi::add(&mut chain, image, report, verdicts);
        chain
    }

    /// The links that lead away from a step.
    pub fn from(&self, step: usize) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(move |link| link.from == step)
    }

    /// Steps to which nothing leads: the firmware.
    pub fn starts(&self) -> impl Iterator<Item = usize> {
        (0..self.steps.len()).filter(|step| self.links.iter().all(|link| link.to != *step))
    }

    /// Adds a step, or finds the one that is the same thing already. What is known of it is put together.
    fn step(&mut self, step: Step) -> usize {
        let same = |known: &Step| {
            known.stage == step.stage
                && known.target == step.target
                && known.title == step.title
                && known.place == step.place
        };
        if let Some(at) = self.steps.iter().position(same) {
            if let Some(known) = self.steps.get_mut(at) {
                known.state = known.state.max(step.state);
                let new: Vec<_> = step.notes.into_iter().filter(|note| !known.notes.contains(note)).collect();
                known.notes.extend(new);
            }
            return at;
        }
        // Hostile discs only: the rest is one with the last step.
        if self.steps.len() >= limits::CHAIN_STEPS {
            return self.steps.len().saturating_sub(1);
        }
        self.steps.push(step);
        self.steps.len().saturating_sub(1)
    }

    /// Leads from one step to another.
    fn link(&mut self, from: usize, to: usize, state: State, label: impl Into<String>) {
        let stage = |at: usize| self.steps.get(at).map(|step| step.stage);
        let known = self.links.iter().any(|link| link.from == from && link.to == to);
        if stage(from) < stage(to) && !known {
            self.links.push(Link { from, to, state, label: label.into() });
        }
    }
}

impl Step {
    fn new(stage: Stage, title: impl Into<String>, place: impl Into<String>, state: State) -> Self {
        Self { stage, title: title.into(), place: place.into(), state, notes: Vec::new(), target: None }
    }

    fn at(self, target: Target) -> Self {
        Self { target: Some(target), ..self }
    }

    fn noting(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// An EFI program, with what is known of its signature.
    fn program(stage: Stage, file: &EfiFile) -> Self {
        let flaw = file.program.as_ref().and_then(|program| program.header.flaw());
        let state = if file.program.is_some() && flaw.is_none() { State::Good } else { State::Broken };
        let mut step = Self::new(stage, file.label(), text::display(&file.path), state);
        step.target = Some(Target::file(file.tree, &file.path));
        step.notes.extend(flaw.map(|flaw| flaw.why));
        if let Some(signatures) = &file.signatures {
            step.notes.push(signatures.sentence());
        }
        if file.revoked.is_revoked() {
            step.notes.push("Revoked: computers with Secure Boot refuse it once they were told".to_owned());
        }
        if file.program.is_none() {
            step.notes.push("It is no program of EFI, or cannot be read".to_owned());
        }
        step
    }
}
