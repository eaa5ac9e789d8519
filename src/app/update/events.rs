//! What the jobs have to say.

use std::sync::Arc;

use super::{boot, compare, extract, image, integrity, navigate, search, transfer, unseen};
use crate::app::compare::Glance;
use crate::app::model::Rows;
use crate::app::state::{Dialog, Identifying, Indexing, State, Ticket, Tone, Trouble, View};
use crate::app::work::Effect;
use crate::job::{Crash, Failure, JobEvent, Output, Previewed, Progress};

/// Who asked for a piece of work.
enum Asker {
    Opening,
    Place,
    Branch(u32),
    Sorting,
    Index,
    Search,
    Plan,
    Extraction,
    Transfer,
    Mount,
    Saving,
    Glance,
    Compare,
    Unseen,
    Gap,
    Boot,
    Picture,
    Identity,
    Integrity,
}

fn asker(state: &State, ticket: Ticket) -> Option<Asker> {
    if let Some(Dialog::Extract(dialog)) = &state.dialog
        && dialog.planning.is_some_and(|(planning, _)| planning == ticket)
    {
        return Some(Asker::Plan);
    }
    if state.extractions.iter().any(|extraction| extraction.ticket == ticket) {
        return Some(Asker::Extraction);
    }
    if state.mounting == Some(ticket) {
        return Some(Asker::Mount);
    }
    if transfer::owns(state, ticket) {
        return Some(Asker::Transfer);
    }
    if state.saving == Some(ticket) {
        return Some(Asker::Saving);
    }
    match &state.view {
        View::Opening(opening) => (opening.ticket == ticket).then_some(Asker::Opening),
        View::Disc(disc) => {
            if disc.loading.as_ref().is_some_and(|loading| loading.ticket == ticket) {
                Some(Asker::Place)
            } else if disc.sorting.is_some_and(|(sorting, _)| sorting == ticket) {
                Some(Asker::Sorting)
            } else if disc.search.ticket == Some(ticket) {
                Some(Asker::Search)
            } else if matches!(disc.index, Indexing::Running(running, _) if running == ticket) {
                Some(Asker::Index)
            } else if matches!(disc.glance, Glance::Running(running) if running == ticket) {
                Some(Asker::Glance)
            } else if compare::owns(disc, ticket) {
                Some(Asker::Compare)
            } else if unseen::owns(disc, ticket) {
                Some(Asker::Unseen)
            } else if unseen::reads(disc, ticket) {
                Some(Asker::Gap)
            } else if boot::owns(disc, ticket) {
                Some(Asker::Boot)
            } else if boot::saves(disc, ticket) {
                Some(Asker::Picture)
            } else if integrity::owns(disc, ticket) {
                Some(Asker::Integrity)
            } else if matches!(disc.identity, Identifying::Running(running) if running == ticket) {
                Some(Asker::Identity)
            } else {
                let branch = disc.branches.iter().find(|(branch, _)| *branch == ticket);
                branch.map(|(_, node)| Asker::Branch(*node))
            }
        }
        View::Welcome | View::Failed(_) => None,
    }
}

/// Takes in an event of the job that `ticket` stands for. What nobody waits for any more is dropped.
pub fn receive(state: &mut State, ticket: Ticket, event: JobEvent) -> Vec<Effect> {
    let mut effects = Vec::new();
    let out = &mut effects;
    if state.disc().is_some_and(|disc| disc.preview.owns(ticket)) {
        preview(state, ticket, event, out);
        return effects;
    }
    let Some(asker) = asker(state, ticket) else { return effects };
    if event.is_terminal()
        && let Some(disc) = state.disc_mut()
    {
        disc.branches.retain(|(branch, _)| *branch != ticket);
    }
    match event {
        JobEvent::Progress(_, progress) => on_progress(state, &asker, ticket, progress),
        JobEvent::Part(_, output) => integrity::part(state, output),
        JobEvent::Done(_, output) | JobEvent::DoneWithNotes(_, output, _) => {
            done(state, &asker, ticket, output, out);
        }
        JobEvent::Failed(_, failure) => failed(state, &asker, ticket, &failure, out),
        JobEvent::Crashed(_, crash) => crashed(state, &asker, ticket, &crash, out),
        JobEvent::Cancelled(_) => {
            if matches!(asker, Asker::Extraction) {
                extract::extract_failed(state, ticket, None);
            } else if matches!(asker, Asker::Transfer) {
                transfer::failed(state, ticket, None, out);
            } else if let (Asker::Index, Some(disc)) = (asker, state.disc_mut()) {
                disc.index = Indexing::Failed(Trouble {
                    sentence: "The look through the whole disc was cancelled".to_owned(),
                    details: String::new(),
                });
            }
        }
    }
    super::follow_selection(state, &mut effects);
    effects
}

/// A view for the preview has arrived, or has not.
fn preview(state: &mut State, ticket: Ticket, event: JobEvent, out: &mut Vec<Effect>) {
    match event {
        JobEvent::Done(_, output) | JobEvent::DoneWithNotes(_, output, _) => {
            super::with_preview(state, out, |preview, disc, next, out| preview.done(disc, ticket, output, next, out));
        }
        JobEvent::Failed(_, failure) => {
            let trouble = image::trouble(&failure);
            super::with_preview(state, out, |preview, _, next, out| preview.failed(ticket, trouble, next, out));
        }
        JobEvent::Crashed(_, crash) => {
            let sentence = "Isoscope made a mistake while it read this file".to_owned();
            let trouble = Trouble { sentence, details: crash.details() };
            super::with_preview(state, out, |preview, _, next, out| preview.failed(ticket, trouble, next, out));
        }
        JobEvent::Progress(_, progress) => {
            super::with_preview(state, out, |preview, _, _, _| preview.progressed(ticket, &progress));
        }
        JobEvent::Part(..) | JobEvent::Cancelled(_) => {}
    }
}

fn on_progress(state: &mut State, asker: &Asker, ticket: Ticket, progress: Progress) {
    if let Asker::Extraction = asker {
        for extraction in state.extractions.iter_mut().filter(|extraction| extraction.ticket == ticket) {
            extraction.progress = Some(progress.clone());
        }
        return;
    }
    match asker {
        Asker::Transfer => transfer::progressed(state, ticket, &progress),
        Asker::Compare => compare::progressed(state, progress.clone()),
        Asker::Unseen => unseen::progressed(state, progress.clone()),
        Asker::Integrity => integrity::progressed(state, ticket, progress.clone()),
        _ => {}
    }
    if let (Asker::Index, Some(disc)) = (asker, state.disc_mut())
        && let Indexing::Running(_, known) = &mut disc.index
    {
        *known = Some(progress);
    }
}

fn done(state: &mut State, asker: &Asker, ticket: Ticket, output: Output, out: &mut Vec<Effect>) {
    match (asker, output) {
        (Asker::Opening, Output::Opened(opened)) => image::opened(state, opened, out),
        (Asker::Place, Output::Folder(read)) => {
            let Some(disc) = state.disc_mut() else { return };
            let rows = Rows::Folder(read.folder, disc.image.source().len());
            let select = disc.loading.as_mut().and_then(|loading| loading.select.take());
            navigate::arrive(state, rows, select, out);
        }
        (Asker::Place, Output::Sorted(order)) => {
            let Some(loading) = state.disc_mut().and_then(|disc| disc.loading.take()) else { return };
            if let Some(rows) = loading.rows {
                navigate::show(state, rows, Arc::new(order), loading.select, out);
            }
        }
        (Asker::Place, Output::Located(path)) => search::located(state, path, out),
        (Asker::Branch(node), Output::Folder(read)) => {
            let len = state.disc().map_or(0, |disc| disc.image.source().len());
            navigate::branch_read(state, *node, &Rows::Folder(read.folder, len), out);
        }
        (Asker::Sorting, Output::Sorted(order)) => {
            let Some(disc) = state.disc_mut() else { return };
            if let Some((_, sort)) = disc.sorting.take() {
                disc.listing.reorder(Arc::new(order), sort);
            }
        }
        (Asker::Index, Output::Index(index)) => {
            if let Some(disc) = state.disc_mut() {
                disc.index = Indexing::Done(index);
                image::collect_notes(disc);
            }
            search::start(state, out);
            compare::glance(state, out);
        }
        (Asker::Glance, Output::Compared(compared)) => {
            if let Some(disc) = state.disc_mut() {
                disc.glance = Glance::Done(compared);
            }
        }
        (Asker::Transfer, Output::Prepared(prepared)) => transfer::prepared(state, ticket, prepared, out),
        (Asker::Transfer, Output::CopiedOut(copied)) => transfer::copied_out(state, ticket, copied, out),
        (Asker::Mount, Output::Mounted(published)) => transfer::mounted(state, published, out),
        (Asker::Compare, Output::Compared(compared)) => compare::compared(state, compared, out),
        (Asker::Picture, Output::FileSaved) => boot::saved(state, None),
        (Asker::Boot, Output::Studied(study)) => boot::studied(state, study, out),
        (Asker::Integrity, Output::Surveyed(checks)) => integrity::looked(state, checks),
        (Asker::Integrity, Output::Verified(report)) => integrity::verified(state, *report, out),
        (Asker::Integrity, Output::Expected(expected)) => integrity::expected(state, expected, out),
        (Asker::Integrity, Output::Remarked(remarks)) => integrity::remarked(state, remarks),
        (Asker::Identity, Output::Identified(identity)) => {
            if let Some(disc) = state.disc_mut() {
                disc.identity = Identifying::Done(identity);
            }
        }
        (Asker::Unseen, Output::Unseen(found)) => unseen::found(state, found, out),
        (Asker::Gap, Output::Previewed(previewed)) => {
            let bytes = match *previewed {
                Previewed::Hex(bytes) => Some(bytes),
                _ => None,
            };
            unseen::read(state, bytes);
        }
        (Asker::Search, Output::Found(found)) => search::found(state, found.rows, out),
        (Asker::Plan, Output::Planned(planned)) => extract::planned(state, planned),
        (Asker::Extraction, Output::Extracted(report)) => extract::extracted(state, ticket, report),
        (Asker::Saving, _) => state.saving = None,
        // No job answers anything else.
        _ => {}
    }
}

fn failed(state: &mut State, asker: &Asker, ticket: Ticket, failure: &Failure, out: &mut Vec<Effect>) {
    let trouble = image::trouble(failure);
    match asker {
        Asker::Opening => image::open_failed(state, failure),
        _ => went_wrong(state, asker, ticket, trouble, out),
    }
}

fn crashed(state: &mut State, asker: &Asker, ticket: Ticket, crash: &Crash, out: &mut Vec<Effect>) {
    if matches!(asker, Asker::Opening) {
        return image::open_crashed(state, crash);
    }
    let sentence = "Isoscope made a mistake while it read this. Please report it with its details".to_owned();
    went_wrong(state, asker, ticket, Trouble { sentence, details: crash.details() }, out);
}

fn went_wrong(state: &mut State, asker: &Asker, ticket: Ticket, trouble: Trouble, out: &mut Vec<Effect>) {
    match asker {
        Asker::Opening => {}
        Asker::Plan => extract::plan_failed(state, trouble),
        Asker::Extraction => extract::extract_failed(state, ticket, Some(trouble)),
        Asker::Transfer => transfer::failed(state, ticket, Some(trouble), out),
        Asker::Mount => {
            state.mounting = None;
            state.tell(Tone::Bad, trouble.sentence, trouble.details);
        }
        Asker::Saving => {
            state.saving = None;
            state.tell(Tone::Warn, trouble.sentence, trouble.details);
        }
        // Nobody has asked: what is wrong is said where somebody does.
        Asker::Glance => {
            if let Some(disc) = state.disc_mut() {
                disc.glance = Glance::Done(Vec::new());
            }
        }
        Asker::Compare => compare::failed(state, trouble, out),
        Asker::Boot => boot::failed(state, trouble),
        Asker::Integrity => integrity::failed(state, trouble),
        // Nobody has asked, and the files are there all the same.
        Asker::Identity => {
            if let Some(disc) = state.disc_mut() {
                disc.identity = Identifying::Not;
            }
        }
        Asker::Picture => boot::saved(state, Some(trouble)),
        Asker::Unseen => unseen::failed(state, trouble, out),
        Asker::Gap => unseen::read(state, None),
        Asker::Place => navigate::fail(state, trouble, out),
        Asker::Branch(node) => {
            if let Some(disc) = state.disc_mut() {
                disc.folders.unread(*node);
            }
            state.tell(Tone::Bad, trouble.sentence, trouble.details);
        }
        Asker::Sorting => {
            if let Some(disc) = state.disc_mut() {
                disc.sorting = None;
            }
            state.tell(Tone::Bad, trouble.sentence, trouble.details);
        }
        Asker::Index => {
            if let Some(disc) = state.disc_mut() {
                disc.index = Indexing::Failed(trouble);
            }
        }
        Asker::Search => {
            if let Some(disc) = state.disc_mut() {
                disc.search.ticket = None;
            }
            state.tell(Tone::Bad, trouble.sentence, trouble.details);
        }
    }
}
