//! Extracting: the dialog with its plan, the work, and the report.

use std::path::PathBuf;
use std::time::Instant;

use crate::app::extraction::{self, ExtractDialog, Extracted, Extraction};
use crate::app::state::{Dialog, State, Ticket, Tone, Trouble};
use crate::app::work::{Effect, Work};
use crate::extract::plan::Options;
use crate::job::{PlanExtraction, Planned, RunExtraction, Wanted};

/// Opens the dialog for what is selected, or for the whole tree.
pub(super) fn ask(state: &mut State, everything: bool, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc() else { return };
    let chosen = if everything { Some(extraction::everything(disc)) } else { extraction::selected(disc) };
    match chosen {
        Some((wanted, what)) => ask_for(state, wanted, what, out),
        None => state.tell(Tone::Warn, "There is nothing here to extract", ""),
    }
}

/// Opens the dialog for a stream of the file that the preview shows.
pub(super) fn ask_stream(state: &mut State, at: usize, out: &mut Vec<Effect>) {
    let Some((wanted, what)) = state.disc().and_then(|disc| extraction::stream(&disc.preview, at)) else { return };
    ask_for(state, wanted, what, out);
}

/// Opens the dialog for `wanted`, which is called `what`.
pub(super) fn ask_for(state: &mut State, wanted: Wanted, what: String, out: &mut Vec<Effect>) {
    let destination = state.settings.last_extract_folder.clone().or_else(|| state.downloads.clone());
    state.dialog = Some(Dialog::Extract(Box::new(ExtractDialog {
        wanted,
        what,
        destination: destination.map(|path| path.to_string_lossy().into_owned()).unwrap_or_default(),
        options: Options::default(),
        remove_leftovers: false,
        planning: None,
        plan: None,
        trouble: None,
    })));
    plan(state, out);
}

fn dialog(state: &mut State) -> Option<&mut ExtractDialog> {
    match &mut state.dialog {
        Some(Dialog::Extract(dialog)) => Some(dialog),
        _ => None,
    }
}

/// Makes the plan for the present choice.
fn plan(state: &mut State, out: &mut Vec<Effect>) {
    let ticket = state.ticket();
    let Some(dialog) = dialog(state) else { return };
    abandon(dialog, out);
    dialog.plan = None;
    dialog.trouble = None;
    if dialog.destination.trim().is_empty() {
        return;
    }
    dialog.planning = Some((ticket, Instant::now()));
    out.push(Effect::Start(
        ticket,
        Work::Plan(PlanExtraction {
            wanted: dialog.wanted.clone(),
            destination: PathBuf::from(&dialog.destination),
            options: dialog.options,
        }),
    ));
}

fn abandon(dialog: &mut ExtractDialog, out: &mut Vec<Effect>) {
    out.extend(dialog.planning.take().map(|(ticket, _)| Effect::Abandon(ticket)));
}

/// Another folder was typed or chosen.
pub(super) fn set_destination(state: &mut State, destination: String, out: &mut Vec<Effect>) {
    if let Some(dialog) = dialog(state).filter(|dialog| dialog.destination != destination) {
        dialog.destination = destination;
        plan(state, out);
    }
}

/// Other wishes for names that are there already, damaged files and links.
pub(super) fn set_options(state: &mut State, options: Options, out: &mut Vec<Effect>) {
    if let Some(dialog) = dialog(state).filter(|dialog| dialog.options != options) {
        dialog.options = options;
        plan(state, out);
    }
}

/// Whether what an earlier extraction has left is removed.
pub(super) fn set_remove_leftovers(state: &mut State, remove: bool) {
    if let Some(dialog) = dialog(state) {
        dialog.remove_leftovers = remove;
    }
}

/// The plan is made.
pub(super) fn planned(state: &mut State, planned: Planned) {
    if let Some(dialog) = dialog(state) {
        dialog.planning = None;
        dialog.plan = Some(planned);
    }
}

/// There is no plan.
pub(super) fn plan_failed(state: &mut State, trouble: Trouble) {
    if let Some(dialog) = dialog(state) {
        dialog.planning = None;
        dialog.trouble = Some(trouble);
    }
}

/// Carries the plan out.
pub(super) fn start(state: &mut State, out: &mut Vec<Effect>) {
    let ticket = state.ticket();
    let image = state.disc().and_then(|disc| disc.origin.path().cloned());
    let Some(dialog) = dialog(state) else { return };
    let Some(planned) = dialog.plan.take() else { return };
    let (what, remove_leftovers) = (dialog.what.clone(), dialog.remove_leftovers);
    let destination = planned.destination.clone();
    state.dialog = state.beneath.take();
    out.push(Effect::Start(ticket, Work::Extract(RunExtraction { planned, remove_leftovers, image })));
    state.extractions.push(Extraction {
        ticket,
        what,
        destination: destination.clone(),
        progress: None,
        cancelling: false,
    });
    state.settings.last_extract_folder = Some(destination);
    super::settings::save(state, out);
}

/// The dialog was put away.
pub(super) fn close(mut dialog: ExtractDialog, out: &mut Vec<Effect>) {
    abandon(&mut dialog, out);
}

/// Asks an extraction to end.
pub(super) fn cancel(state: &mut State, ticket: Ticket) {
    for extraction in state.extractions.iter_mut().filter(|extraction| extraction.ticket == ticket) {
        extraction.cancelling = true;
    }
}

/// An extraction has ended with its report.
pub(super) fn extracted(state: &mut State, ticket: Ticket, report: Box<crate::extract::Report>) {
    let Some(at) = state.extractions.iter().position(|extraction| extraction.ticket == ticket) else { return };
    let Extraction { what, destination, .. } = state.extractions.remove(at);
    let extracted = Extracted { what, destination, report };
    // A dialog that the user is busy with is not torn away: the report waits behind a message.
    if state.dialog.is_none() {
        state.dialog = Some(Dialog::Extracted(Box::new(extracted)));
    } else {
        let tone = if extracted.report.is_plain() { Tone::Ok } else { Tone::Warn };
        let text = format!("Extracted {}: {}", extracted.what, extracted.report.sentence());
        let notes: Vec<String> =
            extracted.report.listed().take(1000).map(|listed| format!("{}: {}", listed.from, listed.reason)).collect();
        state.tell(tone, text, notes.join("\n"));
    }
}

/// An extraction could not be carried out, or was cancelled before it began.
pub(super) fn extract_failed(state: &mut State, ticket: Ticket, trouble: Option<Trouble>) {
    state.extractions.retain(|extraction| extraction.ticket != ticket);
    if let Some(Trouble { sentence, details }) = trouble {
        state.tell(Tone::Bad, sentence, details);
    }
}
