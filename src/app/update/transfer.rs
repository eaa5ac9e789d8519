//! Handing files to other programs: dragging, copying, opening.

use std::sync::Arc;

use crate::app::command::Command;
use crate::app::state::{Dialog, State, Ticket, Tone, Trouble};
use crate::app::transfer::{self, DragFrom, Handed, Handing, Need, OpenRequest, Stage, Transfer};
use crate::app::work::{Effect, Work};
use crate::extract::Report;
use crate::job::{CopiedOut, CopyOut, Copying, MountTree, PrepareTransfer, Prepared, Progress, Route, Wanted, Way};
use crate::platform::files::{FilesNeeded, Paths};
use crate::platform::mount::Published;
use crate::platform::staging::Purpose;

/// Notes of a report that are told at most.
const NOTES: usize = 1000;

/// The mouse began to drag something.
pub(super) fn drag(state: &mut State, from: DragFrom, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc().filter(|_| !state.dragging) else { return };
    let chosen = match from {
        DragFrom::Selection => transfer::selected(disc),
        DragFrom::Node(node) => transfer::of_node(disc, node),
    };
    if let Some(chosen) = chosen {
        state.dragging = true;
        let way = state.outlets.way(state.settings.mounts);
        prepare(state, Handing::Drag, chosen, way, out);
    }
}

/// Puts what is selected on the clipboard.
pub(super) fn copy(state: &mut State, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc() else { return };
    let Some(chosen) = transfer::selected(disc) else { return };
    let text = super::list::selected_text(disc, true);
    // The newer copy takes the place of one that is still being made.
    let older = state.transfers.iter().filter(|transfer| matches!(transfer.handing, Handing::Copy(_)));
    out.extend(older.map(|transfer| Effect::Cancel(transfer.ticket)));
    let way = state.outlets.way_to_paste(state.settings.mounts);
    prepare(state, Handing::Copy(text), chosen, way, out);
}

/// Opens a file, which has this name, with the program that the system has for it.
pub(super) fn open(state: &mut State, wanted: Wanted, name: String, out: &mut Vec<Effect>) {
    let way = Way::Copy(state.outlets.staging.clone(), Purpose::Opened);
    prepare(state, Handing::Open, (wanted, name, None), way, out);
}

fn prepare(state: &mut State, handing: Handing, chosen: transfer::Dragged, way: Way, out: &mut Vec<Effect>) {
    let ticket = state.ticket();
    let (wanted, what, size) = chosen;
    let image = state.disc().and_then(|disc| disc.origin.path().cloned());
    out.push(Effect::Start(ticket, Work::PrepareTransfer(PrepareTransfer { wanted, way, image })));
    state.transfers.push(Transfer { ticket, handing, what, size, files: None, origin: None, stage: Stage::Preparing });
}

/// True when the work of `ticket` is that of a transfer.
pub(super) fn owns(state: &State, ticket: Ticket) -> bool {
    state.transfers.iter().any(|transfer| transfer.ticket == ticket)
}

fn take(state: &mut State, chosen: impl Fn(&Transfer) -> bool) -> Option<Transfer> {
    let at = state.transfers.iter().position(chosen)?;
    Some(state.transfers.remove(at))
}

/// It is known what another program can be offered.
pub(super) fn prepared(state: &mut State, ticket: Ticket, prepared: Prepared, out: &mut Vec<Effect>) {
    let Some(mut transfer) = take(state, |transfer| transfer.ticket == ticket) else { return };
    transfer.files = Some(prepared.files.clone());
    transfer.origin = prepared.origin;
    let copying = match prepared.route {
        Route::Read => return offer(&transfer, Paths::None, out),
        Route::Mounted(paths) => return offer(&transfer, Paths::Ready(paths), out),
        Route::Copy(copying) => copying,
    };
    if let Some((sentence, details)) = refusal(&transfer, &copying) {
        let action = (transfer.handing != Handing::Open).then_some(("Extract…", Command::Extract));
        state.tell_with(Tone::Warn, sentence, details, action);
        return ended(state, &transfer, out);
    }
    transfer.size = transfer.size.or(Some(copying.planned.plan.totals().bytes));
    match (&transfer.handing, prepared.danger) {
        (Handing::Open, Some(danger)) => {
            let (name, files) = (transfer.what, prepared.files);
            state.dialog = Some(Dialog::Open(Box::new(OpenRequest { name, danger, files, copying })));
        }
        (Handing::Drag, _) if state.outlets.needed == FilesNeeded::AfterDrop => {
            offer(&transfer, Paths::Later(copying.paths.clone()), out);
            transfer.stage = Stage::Waiting(copying);
            state.transfers.push(transfer);
        }
        _ => start_copying(state, transfer, copying, Need::Before, out),
    }
}

/// Why copies are not made: a sentence, and more to know.
fn refusal(transfer: &Transfer, copying: &Copying) -> Option<(String, String)> {
    let plan = &copying.planned.plan;
    if copying.paths.is_empty() {
        let reason = |at| plan.reason(at).unwrap_or_default();
        let why = plan.skipped().next().map(reason).unwrap_or_default();
        let all = plan.skipped().take(NOTES).map(|at| format!("{}: {}", plan.from_path(at), reason(at)));
        let details = all.collect::<Vec<_>>().join("\n");
        return Some((format!("“{}” cannot leave the image: {why}", transfer.what), details));
    }
    // A file that is to be opened is waited for, however long it takes, as long as there is room.
    let patient = transfer.handing == Handing::Open && plan.room().suffices();
    let why = copying.too_much().filter(|_| !patient)?;
    Some((why, String::new()))
}

/// Gives what is there to the other program.
fn offer(transfer: &Transfer, paths: Paths, out: &mut Vec<Effect>) {
    let opened = match &paths {
        Paths::Ready(paths) => paths.first().cloned(),
        Paths::Later(_) | Paths::None => None,
    };
    let Some(files) = transfer.files.clone() else { return };
    let handed = Box::new(Handed {
        what: transfer.what.clone(),
        size: transfer.size,
        files,
        paths,
        origin: transfer.origin.clone(),
    });
    match &transfer.handing {
        Handing::Drag => out.push(Effect::BeginDrag(handed)),
        Handing::Copy(text) => out.push(Effect::CopyFiles(handed, text.clone())),
        Handing::Open => out.extend(opened.map(Effect::OpenFile)),
    }
}

/// The transfer is over without anything to hand over.
fn ended(state: &mut State, transfer: &Transfer, out: &mut Vec<Effect>) {
    match &transfer.stage {
        // The target has to be told that nothing will come.
        Stage::Copying { need: Need::Now, .. } => out.push(Effect::DragFilesAreReady(false)),
        // The drag goes on; the target hears of it when something is dropped.
        Stage::Copying { need: Need::Soon, .. } => {}
        _ if transfer.handing == Handing::Drag => state.dragging = false,
        _ => {}
    }
}

fn start_copying(state: &mut State, transfer: Transfer, copying: Copying, need: Need, out: &mut Vec<Effect>) {
    let ticket = state.ticket();
    let read_only = transfer.handing == Handing::Open;
    out.push(Effect::Start(ticket, Work::CopyOut(CopyOut { copying: copying.clone(), read_only })));
    let stage = Stage::Copying { copying, progress: None, need, cancelling: false };
    state.transfers.push(Transfer { ticket, stage, ..transfer });
}

/// What is dragged is over something that would take it. Where it has to be copied that begins now, so that a drop need
/// not wait for all of it.
pub(super) fn files_wanted_soon(state: &mut State, out: &mut Vec<Effect>) {
    let waiting = take(state, |transfer| matches!(transfer.stage, Stage::Waiting(_)));
    if let Some(Transfer { stage: Stage::Waiting(copying), ticket, handing, what, size, files, origin }) = waiting {
        let transfer = Transfer { stage: Stage::Preparing, ticket, handing, what, size, files, origin };
        start_copying(state, transfer, copying, Need::Soon, out);
    }
}

/// What was dragged has been dropped: now the files are needed.
pub(super) fn files_wanted(state: &mut State, out: &mut Vec<Effect>) {
    files_wanted_soon(state, out);
    for transfer in &mut state.transfers {
        match &mut transfer.stage {
            Stage::Copying { need: need @ Need::Soon, .. } => return *need = Need::Now,
            Stage::Copied(copying) => copying.keep(),
            _ => continue,
        }
        let ticket = transfer.ticket;
        state.transfers.retain(|transfer| transfer.ticket != ticket);
        return out.push(Effect::DragFilesAreReady(true));
    }
    out.push(Effect::DragFilesAreReady(false));
}

/// The copies are complete.
pub(super) fn copied_out(state: &mut State, ticket: Ticket, copied: CopiedOut, out: &mut Vec<Effect>) {
    let Some(transfer) = take(state, |transfer| transfer.ticket == ticket) else { return };
    let CopiedOut { paths, report } = copied;
    tell_of(state, &transfer, &report);
    let Stage::Copying { copying, need, .. } = &transfer.stage else { return };
    if paths.is_empty() {
        return ended(state, &transfer, out);
    }
    match need {
        Need::Before => {
            copying.keep();
            offer(&transfer, Paths::Ready(paths), out);
        }
        Need::Soon => {
            let stage = Stage::Copied(copying.clone());
            state.transfers.push(Transfer { stage, ..transfer });
        }
        Need::Now => {
            copying.keep();
            out.push(Effect::DragFilesAreReady(true));
        }
    }
}

/// Says what did not come along.
fn tell_of(state: &mut State, transfer: &Transfer, report: &Report) {
    let counts = report.counts();
    let missing = counts.skipped.saturating_add(counts.failed);
    if missing > 0 {
        let notes: Vec<String> =
            report.listed().take(NOTES).map(|listed| format!("{}: {}", listed.from, listed.reason)).collect();
        let text = format!("{missing} of the {} entries of {} did not come along", counts.planned, transfer.what);
        state.tell(Tone::Warn, text, notes.join("\n"));
    }
}

/// How far the copies are.
pub(super) fn progressed(state: &mut State, ticket: Ticket, now: &Progress) {
    for transfer in state.transfers.iter_mut().filter(|transfer| transfer.ticket == ticket) {
        if let Stage::Copying { progress, .. } = &mut transfer.stage {
            *progress = Some(now.clone());
        }
    }
}

/// The user asked it to end.
pub(super) fn cancel(state: &mut State, ticket: Ticket) {
    for transfer in state.transfers.iter_mut().filter(|transfer| transfer.ticket == ticket) {
        if let Stage::Copying { cancelling, .. } = &mut transfer.stage {
            *cancelling = true;
        }
    }
}

/// The work could not be done, or was cancelled.
pub(super) fn failed(state: &mut State, ticket: Ticket, trouble: Option<Trouble>, out: &mut Vec<Effect>) {
    let Some(transfer) = take(state, |transfer| transfer.ticket == ticket) else { return };
    if let Some(Trouble { sentence, details }) = trouble {
        state.tell(Tone::Bad, sentence, details);
    }
    ended(state, &transfer, out);
}

/// The drag is over; `trouble` says why it could not be done.
pub(super) fn drag_ended(state: &mut State, trouble: Option<String>, out: &mut Vec<Effect>) {
    state.dragging = false;
    if let Some(sentence) = trouble {
        state.tell_with(Tone::Warn, sentence, "", Some(("Extract…", Command::Extract)));
    }
    // What was to be copied for it, nobody wants any more.
    while let Some(transfer) = take(state, |transfer| transfer.handing == Handing::Drag) {
        if !matches!(transfer.stage, Stage::Waiting(_)) {
            out.push(Effect::Cancel(transfer.ticket));
        }
    }
}

/// Shows all files of the tree to other programs, in a folder.
pub(super) fn mount(state: &mut State, out: &mut Vec<Effect>) {
    let ticket = state.ticket();
    let Some(disc) = state.disc().filter(|disc| disc.mounted.is_none()) else { return };
    let Some(mount) = state.outlets.mount.clone() else { return };
    let (wanted, _) = crate::app::extraction::everything(disc);
    let volume = disc.image.volume().id.trim();
    let name = if volume.is_empty() { disc.name() } else { volume.to_owned() };
    let image = disc.origin.path().cloned();
    state.mounting = Some(ticket);
    out.push(Effect::Start(ticket, Work::Mount(MountTree { wanted, name, mount, image })));
}

/// The files are in the folder.
pub(super) fn mounted(state: &mut State, published: Arc<Published>, out: &mut Vec<Effect>) {
    state.mounting = None;
    let folder = published.folder().to_owned();
    // The image may have been closed by now: then it is unmounted at once.
    let Some(disc) = state.disc_mut() else { return };
    disc.mounted = Some(published);
    state.tell_with(Tone::Ok, format!("Mounted at {}", folder.display()), "", Some(("Unmount", Command::Unmount)));
    out.push(Effect::ShowFolder(folder));
}

/// Takes that folder away again.
pub(super) fn unmount(state: &mut State) {
    if let Some(disc) = state.disc_mut() {
        disc.mounted = None;
    }
    state.messages.retain(|message| message.action != Some(("Unmount", Command::Unmount)));
}

/// The user has seen what the file is, and opens it all the same.
pub(super) fn open_anyway(state: &mut State, out: &mut Vec<Effect>) {
    if !matches!(state.dialog, Some(Dialog::Open(_))) {
        return;
    }
    let Some(Dialog::Open(request)) = std::mem::replace(&mut state.dialog, state.beneath.take()) else { return };
    let OpenRequest { name: what, files, copying, .. } = *request;
    let (handing, stage, ticket) = (Handing::Open, Stage::Preparing, state.ticket());
    start_copying(
        state,
        Transfer { ticket, handing, what, size: None, files: Some(files), origin: None, stage },
        copying,
        Need::Before,
        out,
    );
}
