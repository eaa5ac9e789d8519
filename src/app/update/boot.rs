//! How the disc starts.

use std::sync::Arc;
use std::time::Instant;

use crate::app::boot::{BootWish, Pick, Tab};
use crate::app::state::{Disc, State, Ticket, Tone, Trouble};
use crate::app::work::{Effect, Work};
use crate::boot::chain::Target;
use crate::boot::effort::Effort;
use crate::boot::study::Study;
use crate::boot::text;
use crate::job::{PreviewSubject, StudyBoot};

/// Shows a tab. What it shows is found out when it is shown for the first time.
pub(super) fn show(state: &mut State, tab: Tab, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc_mut().filter(|disc| disc.tab != tab) else { return };
    disc.tab = tab;
    match tab {
        // The preview shows again what is selected there.
        Tab::Files => disc.preview.forget(),
        Tab::Boot if disc.boot.study.is_none() && disc.boot.running.is_none() => start(state, Effort::Quick, out),
        Tab::Boot => {}
        Tab::Integrity => super::integrity::shown(state, out),
    }
    state.focus_table += u64::from(tab == Tab::Files);
}

fn start(state: &mut State, effort: Effort, out: &mut Vec<Effect>) {
    let ticket = state.ticket();
    let Some(disc) = state.disc_mut() else { return };
    out.extend(disc.boot.running.take().map(|(ticket, _)| Effect::Abandon(ticket)));
    disc.boot.running = Some((ticket, Instant::now()));
    let study = StudyBoot { image: disc.image.clone(), effort, list: disc.boot.list.clone() };
    out.push(Effect::Start(ticket, Work::Study(study)));
}

/// True when `ticket` stands for the look that is under way.
pub(super) fn owns(disc: &Disc, ticket: Ticket) -> bool {
    disc.boot.running.is_some_and(|(running, _)| running == ticket)
}

/// True when `ticket` stands for the picture that is being saved.
pub(super) fn saves(disc: &Disc, ticket: Ticket) -> bool {
    disc.boot.saving == Some(ticket)
}

/// The picture was saved, or could not be.
pub(super) fn saved(state: &mut State, trouble: Option<Trouble>) {
    if let Some(disc) = state.disc_mut() {
        disc.boot.saving = None;
    }
    match trouble {
        None => state.tell(Tone::Ok, "The picture was saved", ""),
        Some(trouble) => state.tell(Tone::Bad, trouble.sentence, trouble.details),
    }
}

/// It was found out. What a first look has left out is looked at in the background.
pub(super) fn studied(state: &mut State, study: Arc<Study>, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc_mut() else { return };
    let is_complete = study.is_complete();
    disc.boot.running = None;
    disc.boot.trouble = None;
    disc.boot.study = Some(study);
    if !is_complete {
        start(state, Effort::Whole, out);
    }
}

/// It could not be found out. What a first look has told stays.
pub(super) fn failed(state: &mut State, trouble: Trouble) {
    let Some(disc) = state.disc_mut() else { return };
    disc.boot.running = None;
    // It was the list that could not be read, when it could be told without it.
    if disc.boot.list.take().is_some() && disc.boot.study.is_some() {
        return state.tell(Tone::Bad, trouble.sentence, trouble.details);
    }
    disc.boot.trouble = Some(trouble);
}

/// Carries out a wish of the user.
pub(super) fn wish(state: &mut State, wish: BootWish, out: &mut Vec<Effect>) {
    match wish {
        BootWish::Pick(pick) => self::pick(state, pick, out),
        BootWish::Bytes(offset, length) => show_bytes(state, offset, length, out),
        BootWish::File(tree, path) => {
            let Some(disc) = state.disc_mut() else { return };
            if let Some(tree) = disc.image.tree_by_id(tree).cloned() {
                disc.boot.aside = true;
                state.hidden.preview = false;
                let subject = PreviewSubject::Path { tree, path };
                super::with_preview(state, out, |preview, _, next, out| preview.look_at(subject, next, out));
            }
        }
        BootWish::CopyText => {
            let Some(disc) = state.disc() else { return };
            out.extend(disc.boot.study.as_ref().map(|study| Effect::CopyText(text::all(&disc.image, study))));
        }
        BootWish::ChooseList => out.push(Effect::ChooseList),
        BootWish::UseList(list) => {
            let Some(disc) = state.disc_mut() else { return };
            disc.boot.list = list;
            start(state, Effort::Quick, out);
        }
        BootWish::ChoosePicture => {
            let Some(disc) = state.disc().filter(|disc| disc.boot.study.is_some()) else { return };
            let name = disc.origin.name();
            let stem = std::path::Path::new(&name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
            out.push(Effect::ChooseFile(format!("{stem} boot.png")));
        }
        BootWish::SavePicture(path) => {
            let ticket = state.ticket();
            let Some(disc) = state.disc_mut() else { return };
            let Some(study) = disc.boot.study.clone() else { return };
            out.extend(disc.boot.saving.replace(ticket).map(Effect::Abandon));
            out.push(Effect::DrawBoot(ticket, study, path));
        }
        BootWish::Again => start(state, Effort::Quick, out),
    }
}

/// Looks at something more closely; where it stands on the disc is shown beside it.
fn pick(state: &mut State, pick: Option<Pick>, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc_mut() else { return };
    disc.boot.pick = pick;
    disc.boot.aside = false;
    let Some(study) = &disc.boot.study else { return };
    let target = match pick {
        Some(Pick::Step(at)) => study.chain.steps.get(at).and_then(|step| step.target.clone()),
        Some(Pick::Verdict(_)) | None => None,
    };
    match target {
        Some(Target::File { tree, path }) => wish(state, BootWish::File(tree, path), out),
        Some(Target::Bytes { offset, length }) => show_bytes(state, offset, length, out),
        None => {}
    }
}

/// Puts away what is shown beside the tab.
pub(super) fn put_aside(state: &mut State) {
    if let Some(disc) = state.disc_mut() {
        disc.boot.aside = false;
    }
}

fn show_bytes(state: &mut State, offset: u64, length: u64, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc_mut() else { return };
    disc.boot.aside = true;
    state.hidden.preview = false;
    super::with_preview(state, out, |preview, disc, next, out| {
        preview.show_bytes(&disc.image, (offset, length), next, out);
    });
}
