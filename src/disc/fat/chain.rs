//! The chains of clusters that files and folders consist of: followed once, and never further than what they can hold.

use std::collections::BTreeMap;

use crate::disc::file::Content;
use crate::disc::{Diagnostics, Error, Extent, Result, limits};

use super::allocation::{Cursor, FAT, Link};
use super::tree::FatTree;

/// What may still be done for the files of one folder. Chains of sound files share no cluster, so that a folder whose chains
/// have more than the volume is a trap.
pub(super) struct Budget {
    steps: u64,
    runs: usize,
}

impl Budget {
    /// For a volume of so many clusters.
    pub(super) fn new(clusters: u32) -> Self {
        let steps = limits::FAT_CHAIN_STEPS.saturating_add(u64::from(clusters).saturating_mul(2));
        Self { steps, runs: limits::FAT_FOLDER_RUNS }
    }
}

/// How a chain ends.
#[derive(Debug)]
enum End {
    /// With its last cluster, or with as many as were wanted.
    Sound,
    /// It leads to the cluster `to`, which cannot be; or, with `None`, the cluster `from` itself is none of a chain.
    Wrong { from: u32, to: Option<u32>, why: &'static str },
    /// The table cannot be read.
    Unreadable(Error),
    /// The budget is used up.
    Limit { at: u32 },
}

/// A chain, as far as it can be followed: first cluster and number of clusters of each piece.
#[derive(Debug)]
struct Chain {
    runs: Vec<(u32, u32)>,
    found: u32,
    end: End,
}

/// Finds where the clusters lie in which `bytes` bytes from cluster `first` on are recorded; as many as there are with `None`.
/// What is wrong is told in `troubles`. The only error is [`Error::Cancelled`].
pub(super) fn locate(
    tree: &FatTree,
    cursors: &mut [Cursor<'_>],
    first: u32,
    bytes: Option<u64>,
    budget: &mut Budget,
    troubles: &mut Diagnostics,
) -> Result<Content> {
    let size = tree.boot.cluster_size();
    let most = bytes.unwrap_or(limits::FAT_DIRECTORY_BYTES).div_ceil(size).max(1);
    let wanted = u32::try_from(most).unwrap_or(u32::MAX);
    let is_sound = |chain: &Chain| matches!(chain.end, End::Sound) && (bytes.is_none() || chain.found == wanted);
    let mut best: Option<Chain> = None;
    // The other copies are read only where the first one leads nowhere.
    for (number, cursor) in cursors.iter_mut().enumerate() {
        let chain = follow(tree, cursor, first, wanted, budget);
        if let End::Unreadable(Error::Cancelled) = chain.end {
            return Err(Error::Cancelled);
        }
        let done = is_sound(&chain) || matches!(chain.end, End::Limit { .. });
        if number > 0 && is_sound(&chain) {
            if let Some(wrong) = &best {
                tell(tree, wrong, bytes, troubles, true);
            }
            let message = format!("The first FAT is damaged here, so copy {} of it is used", number.saturating_add(1));
            troubles.warning(FAT, cursor.table().offset_of(first), message);
            best = Some(chain);
            break;
        }
        best = best.or(Some(chain));
        if done {
            break;
        }
    }
    let Some(chain) = best else { return Ok(Content::default()) };
    if !is_sound(&chain) {
        tell(tree, &chain, bytes, troubles, false);
    }
    let wanted = bytes.unwrap_or_else(|| u64::from(chain.found).saturating_mul(size));
    let (content, behind) = content(tree, &chain, wanted);
    if behind > 0 {
        let message = format!("{behind} bytes lie behind the end of what holds the file system");
        troubles.error(FAT, offset_of(tree, first), message);
    }
    Ok(content)
}

/// Absolute byte offset of the entry of `cluster` in the table that is used first.
fn offset_of(tree: &FatTree, cluster: u32) -> u64 {
    tree.tables.first().map_or(0, |table| table.offset_of(cluster))
}

/// Follows the chain that begins with `first`, up to `wanted` clusters.
fn follow(tree: &FatTree, cursor: &mut Cursor<'_>, first: u32, wanted: u32, budget: &mut Budget) -> Chain {
    let boot = &tree.boot;
    let mut chain = Chain { runs: Vec::new(), found: 0, end: End::Sound };
    if !boot.has(first) {
        chain.end = End::Wrong { from: first, to: Some(first), why: "which the volume does not have" };
        return chain;
    }
    // First cluster and the one behind the last of the pieces before the present one.
    let mut before: BTreeMap<u32, u32> = BTreeMap::new();
    let mut run = (first, 1_u32);
    // Where the present piece would run into one before.
    let mut ceiling = u32::MAX;
    chain.found = 1;
    let mut here = first;
    while chain.found < wanted {
        if budget.steps == 0 || budget.runs == 0 {
            chain.end = End::Limit { at: here };
            break;
        }
        budget.steps = budget.steps.saturating_sub(1);
        let next = match cursor.link(here) {
            Ok(Link::Next(next)) => next,
            Ok(Link::End) => break,
            Ok(Link::Free) => {
                chain.end = End::Wrong { from: here, to: None, why: "is marked as free" };
                break;
            }
            Ok(Link::Bad) => {
                chain.end = End::Wrong { from: here, to: None, why: "is marked as damaged" };
                break;
            }
            Err(error) => {
                chain.end = End::Unreadable(error);
                break;
            }
        };
        if !boot.has(next) {
            chain.end = End::Wrong { from: here, to: Some(next), why: "which the volume does not have" };
            break;
        }
        if next == here.saturating_add(1) && next != ceiling {
            run.1 = run.1.saturating_add(1);
        } else {
            let (start, count) = run;
            before.insert(start, start.saturating_add(count));
            let below = before.range(..=next).next_back();
            if below.is_some_and(|(_, end)| next < *end) {
                chain.end = End::Wrong { from: here, to: Some(next), why: "where it was before" };
                break;
            }
            ceiling = before.range(next..).next().map_or(u32::MAX, |(start, _)| *start);
            chain.runs.push(run);
            budget.runs = budget.runs.saturating_sub(1);
            run = (next, 1);
        }
        chain.found = chain.found.saturating_add(1);
        here = next;
    }
    chain.runs.push(run);
    chain
}

/// Says how a chain ends that does not end as it should; as a warning where another copy of the table knows better.
fn tell(tree: &FatTree, chain: &Chain, bytes: Option<u64>, troubles: &mut Diagnostics, is_mended: bool) {
    let last = chain.runs.last().map_or(0, |(start, count)| start.saturating_add(count.saturating_sub(1)));
    let (at, message) = match &chain.end {
        End::Sound => {
            let needed = bytes.unwrap_or_default().div_ceil(tree.boot.cluster_size());
            let words = match chain.found {
                1 => "one cluster".to_owned(),
                many => format!("{many} clusters"),
            };
            (last, format!("The chain of clusters ends after {words}, but the size needs {needed}"))
        }
        End::Wrong { from, to: Some(to), .. } if chain.found == 0 => {
            (*from, format!("The first cluster is {to}, which the volume does not have"))
        }
        End::Wrong { from, to: Some(to), why } => {
            (*from, format!("The chain of clusters leads from cluster {from} to {to}, {why}"))
        }
        End::Wrong { from, to: None, why } => {
            (*from, format!("The chain of clusters leads to cluster {from}, which {why}"))
        }
        End::Unreadable(error) => return troubles.failure(error),
        End::Limit { at } => {
            let message =
                "The chains of clusters of this folder are longer than the volume, so that this one is cut off";
            (*at, message.to_owned())
        }
    };
    match is_mended {
        true => troubles.warning(FAT, offset_of(tree, at), message),
        false => troubles.error(FAT, offset_of(tree, at), message),
    }
}

/// The places of the first `bytes` bytes of a chain, and how many of them lie behind the end of what holds the volume.
/// What the chain does not reach is nowhere.
fn content(tree: &FatTree, chain: &Chain, bytes: u64) -> (Content, u64) {
    let mut left = bytes;
    let mut behind = 0_u64;
    let mut pieces: Vec<Extent> = Vec::new();
    for (first, count) in &chain.runs {
        let place = tree.boot.place(*first, *count);
        let place = Extent::new(place.offset, place.length.min(left));
        left = left.saturating_sub(place.length);
        // What lies behind a partition is another's.
        let inside = place.inside(tree.limit);
        behind = behind.saturating_add(place.length.saturating_sub(inside));
        pieces.push(Extent::new(place.offset, inside));
        pieces.push(Extent::nowhere(place.length.saturating_sub(inside)));
    }
    pieces.push(Extent::nowhere(left));
    let mut pieces = pieces.into_iter().filter(|piece| piece.length > 0);
    let mut content = Content::new(pieces.next().unwrap_or_default());
    pieces.for_each(|piece| content.add_extent(piece));
    (content, behind)
}
