//! Looking for what nothing on the disc shows.

use std::sync::Arc;

use crate::app::compare::Running;
use crate::app::state::{Dialog, Disc, State, Ticket, Trouble};
use crate::app::unseen::{UnseenSearch, UnseenWish};
use crate::app::work::{Effect, Work};
use crate::disc::source::PartSource;
use crate::disc::unseen::Unseen;
use crate::job::{FindUnseen, PreviewFile, PreviewJob, Progress, Wanted};
use crate::preview::{FileKind, HexWindow, Mode};

/// Opens the dialog; the search begins when it was not done before.
pub(super) fn open(state: &mut State, out: &mut Vec<Effect>) {
    if state.disc().is_none() {
        return;
    }
    state.dialog = Some(Dialog::Unseen);
    let Some(disc) = state.disc_mut() else { return };
    let search = disc.unseen.get_or_insert_default();
    if search.found.is_none() {
        start(state, out);
    }
}

/// Carries out a wish of the user.
pub(super) fn wish(state: &mut State, wish: UnseenWish, out: &mut Vec<Effect>) {
    match wish {
        UnseenWish::Gap(at) => look_at(state, at, out),
        UnseenWish::Save => save(state, out),
        UnseenWish::Stop => stop(state, out),
        UnseenWish::Again => start(state, out),
    }
}

fn search(state: &mut State) -> Option<&mut UnseenSearch> {
    state.disc_mut()?.unseen.as_mut()
}

fn start(state: &mut State, out: &mut Vec<Effect>) {
    let ticket = state.ticket();
    let Some(disc) = state.disc_mut() else { return };
    super::compare::abandon_glance(disc, out);
    let image = disc.image.clone();
    let Some(search) = &mut disc.unseen else { return };
    abandon(search, out);
    *search = UnseenSearch { running: Some(Running::new(ticket)), ..UnseenSearch::default() };
    out.push(Effect::Start(ticket, Work::Unseen(FindUnseen { image })));
}

fn abandon(search: &mut UnseenSearch, out: &mut Vec<Effect>) {
    out.extend(search.running.take().map(|running| Effect::Abandon(running.ticket)));
    out.extend(search.reading.take().map(Effect::Abandon));
}

/// Gives up the search that is under way.
pub(super) fn stop(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(search) = search(state) {
        abandon(search, out);
    }
    super::compare::glance(state, out);
}

fn look_at(state: &mut State, at: usize, out: &mut Vec<Effect>) {
    let ticket = state.ticket();
    let Some(disc) = state.disc_mut() else { return };
    let source = disc.image.source().clone();
    let Some(search) = disc.unseen.as_mut().filter(|search| search.gap != Some(at)) else { return };
    search.gap = Some(at);
    search.bytes = None;
    out.extend(search.reading.take().map(Effect::Abandon));
    let Some(gap) = search.selected() else { return };
    let bytes = Arc::new(PartSource::new(source, gap.extent));
    let kind = FileKind { label: "Bytes", mode: Mode::Hex };
    let file = PreviewFile { name: String::new(), source: bytes.clone(), readable: bytes, kind, missing: None };
    search.reading = Some(ticket);
    out.push(Effect::Start(ticket, Work::Preview(Box::new(PreviewJob::Hex(file, 0)))));
}

/// Opens the dialog of extractions for the bytes of a gap; this one comes back after it.
fn save(state: &mut State, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc() else { return };
    let Some(gap) = disc.unseen.as_ref().and_then(UnseenSearch::selected) else { return };
    let name = format!("bytes-at-{}.bin", gap.extent.offset);
    let wanted = Wanted::Bytes(disc.image.clone(), gap.extent, name.clone());
    state.beneath = state.dialog.take();
    super::extract::ask_for(state, wanted, name, out);
}

/// True when `ticket` stands for the search.
pub(super) fn owns(disc: &Disc, ticket: Ticket) -> bool {
    let running = disc.unseen.as_ref().and_then(|search| search.running.as_ref());
    running.is_some_and(|running| running.ticket == ticket)
}

/// True when `ticket` stands for the bytes of a gap.
pub(super) fn reads(disc: &Disc, ticket: Ticket) -> bool {
    disc.unseen.as_ref().is_some_and(|search| search.reading == Some(ticket))
}

/// How far the search is.
pub(super) fn progressed(state: &mut State, progress: Progress) {
    if let Some(running) = search(state).and_then(|search| search.running.as_mut()) {
        running.progress = Some(progress);
    }
}

/// The search has ended.
pub(super) fn found(state: &mut State, found: Arc<Unseen>, out: &mut Vec<Effect>) {
    if let Some(search) = search(state) {
        *search = UnseenSearch { found: Some(found), ..UnseenSearch::default() };
    }
    super::compare::glance(state, out);
}

/// It could not be made.
pub(super) fn failed(state: &mut State, trouble: Trouble, out: &mut Vec<Effect>) {
    if let Some(search) = search(state) {
        search.running = None;
        search.trouble = Some(trouble);
    }
    super::compare::glance(state, out);
}

/// The first bytes of the gap were read, or could not be.
pub(super) fn read(state: &mut State, bytes: Option<HexWindow>) {
    if let Some(search) = search(state) {
        search.reading = None;
        search.bytes = bytes;
    }
}
