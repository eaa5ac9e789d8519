//! Comparing the trees of the image.

use std::sync::Arc;

use crate::app::compare::{CompareWish, Comparing, Glance, Running};
use crate::app::model::differences::Differences;
use crate::app::state::{Dialog, Disc, State, Ticket, Trouble};
use crate::app::work::{Effect, Work};
use crate::disc::compare::Options;
use crate::job::{CompareTrees, Compared, Progress};

/// Entries of both trees that the first look goes through.
const GLANCE: u64 = 200_000;

/// Looks whether the trees differ, once nothing else is to be read. That a side of the disc holds next to nothing was
/// said before.
pub(super) fn glance(state: &mut State, out: &mut Vec<Effect>) {
    let ticket = state.ticket();
    let Some(disc) = state.disc_mut() else { return };
    let first = disc.image.id_of(disc.image.default_tree().as_ref());
    let pairs: Vec<_> = disc.image.trees_like(first).map(|other| [first, disc.image.id_of(other.as_ref())]).collect();
    let needless = pairs.is_empty() || disc.image.poor_side().is_some() || disc.index.get().is_none();
    let busy = disc.comparing.as_ref().is_some_and(|comparing| comparing.running.is_some())
        || disc.unseen.as_ref().is_some_and(|search| search.running.is_some());
    if needless || busy || !matches!(disc.glance, Glance::Not) {
        return;
    }
    let options = Options { contents: false, entries: GLANCE, ..Options::default() };
    disc.glance = Glance::Running(ticket);
    out.push(Effect::Start(ticket, Work::Compare(CompareTrees { image: disc.image.clone(), pairs, options })));
}

/// Gives the first look up for something that the user waits for.
pub(super) fn abandon_glance(disc: &mut Disc, out: &mut Vec<Effect>) {
    if let Glance::Running(ticket) = disc.glance {
        disc.glance = Glance::Not;
        out.push(Effect::Abandon(ticket));
    }
}

/// Opens the dialog, with what is known already.
pub(super) fn open(state: &mut State, out: &mut Vec<Effect>) {
    if state.disc().is_none_or(|disc| disc.image.trees().len() < 2) {
        return;
    }
    state.dialog = Some(Dialog::Compare);
    let Some(disc) = state.disc_mut() else { return };
    if let Some(comparing) = &disc.comparing {
        let done = comparing.found.as_ref().is_some_and(|found| found.compared().options == options(comparing));
        if !done {
            start(state, out);
        }
        return;
    }
    let known = disc.difference().cloned();
    let ids: Vec<_> = disc.image.trees().iter().map(|tree| disc.image.id_of(tree.as_ref())).collect();
    let shown = disc.tree_id();
    let first = ids.first().copied().unwrap_or(shown);
    let other = ids.iter().copied().find(|id| *id != first).unwrap_or(first);
    let trees = match &known {
        Some(known) => known.trees,
        None if shown != first => [first, shown],
        None => [first, other],
    };
    let found = known.map(Differences::new);
    disc.comparing = Some(Comparing { trees, contents: true, names: false, running: None, found, trouble: None });
    start(state, out);
}

/// Carries out a wish of the user.
pub(super) fn wish(state: &mut State, wish: CompareWish, out: &mut Vec<Effect>) {
    let Some(comparing) = comparing(state) else { return };
    match wish {
        CompareWish::Tree(right, id) => {
            let [one, other] = &mut comparing.trees;
            let (changed, kept) = if right { (other, one) } else { (one, other) };
            if *changed == id {
                return;
            }
            // Nothing is compared with itself: then the two change places.
            if *kept == id {
                *kept = *changed;
            }
            *changed = id;
            comparing.found = None;
        }
        CompareWish::Contents(contents) => comparing.contents = contents,
        CompareWish::Names(names) => comparing.names = names,
        CompareWish::Fold(group) => {
            if let Some(found) = &mut comparing.found {
                found.fold(group);
            }
            return;
        }
        CompareWish::Stop => return stop(state, out),
        CompareWish::Again => {}
    }
    start(state, out);
}

fn comparing(state: &mut State) -> Option<&mut Comparing> {
    state.disc_mut()?.comparing.as_mut()
}

fn start(state: &mut State, out: &mut Vec<Effect>) {
    let ticket = state.ticket();
    let Some(disc) = state.disc_mut() else { return };
    abandon_glance(disc, out);
    let image = disc.image.clone();
    let Some(comparing) = &mut disc.comparing else { return };
    out.extend(comparing.running.replace(Running::new(ticket)).map(|before| Effect::Abandon(before.ticket)));
    comparing.trouble = None;
    let (options, pairs) = (options(comparing), vec![comparing.trees]);
    out.push(Effect::Start(ticket, Work::Compare(CompareTrees { image, pairs, options })));
}

fn options(comparing: &Comparing) -> Options {
    Options { names: comparing.names, contents: comparing.contents, ..Options::default() }
}

/// Gives up the comparison that is under way; what was found before stays.
pub(super) fn stop(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(comparing) = comparing(state) {
        out.extend(comparing.running.take().map(|running| Effect::Abandon(running.ticket)));
    }
    glance(state, out);
}

/// True when `ticket` stands for the comparison of the dialog.
pub(super) fn owns(disc: &Disc, ticket: Ticket) -> bool {
    let running = disc.comparing.as_ref().and_then(|comparing| comparing.running.as_ref());
    running.is_some_and(|running| running.ticket == ticket)
}

/// How far it is.
pub(super) fn progressed(state: &mut State, progress: Progress) {
    if let Some(running) = comparing(state).and_then(|comparing| comparing.running.as_mut()) {
        running.progress = Some(progress);
    }
}

/// The trees were compared.
pub(super) fn compared(state: &mut State, mut compared: Vec<Arc<Compared>>, out: &mut Vec<Effect>) {
    if let (Some(comparing), Some(compared)) = (comparing(state), compared.pop()) {
        comparing.running = None;
        comparing.found = Some(Differences::new(compared));
    }
    glance(state, out);
}

/// They could not be.
pub(super) fn failed(state: &mut State, trouble: Trouble, out: &mut Vec<Effect>) {
    if let Some(comparing) = comparing(state) {
        comparing.running = None;
        comparing.trouble = Some(trouble);
    }
    glance(state, out);
}
