//! Whether the image is whole.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use crate::app::boot::Tab;
use crate::app::compare::Running;
use crate::app::integrity::{Expectation, IntegrityView, IntegrityWish};
use crate::app::state::{Disc, State, Ticket, Tone, Trouble};
use crate::app::work::{Effect, Work};
use crate::disc::text;
use crate::disc::time::Timestamp;
use crate::job::{FindRemarks, Output, Progress, ReadSums, SurveyChecks, VerifyImage};
use crate::settings::digests::{self, KeptDigests};
use crate::verify::plan::{Report, Request};
use crate::verify::sums::Expected;
use crate::verify::suspicion::Remark;
use crate::verify::{Algorithm, Check, Digest, Outcome};

/// The tab is shown: how the image can be checked is looked for when it is shown for the first time.
pub(super) fn shown(state: &mut State, out: &mut Vec<Effect>) {
    let ticket = state.ticket();
    let kept = state.settings_path.as_deref().map(digests::beside);
    let Some(disc) = state.disc_mut() else { return };
    let view = &mut disc.integrity;
    if view.is_surveyed || view.looking.is_some() || view.running.is_some() {
        return;
    }
    view.looking = Some((ticket, Instant::now()));
    let path = disc.origin.path().cloned();
    out.push(Effect::Start(ticket, Work::Survey(SurveyChecks { image: disc.image.clone(), path, kept })));
}

/// Carries out a wish of the user.
pub(super) fn wish(state: &mut State, wish: IntegrityWish, out: &mut Vec<Effect>) {
    match wish {
        IntegrityWish::Start => start(state, out),
        IntegrityWish::Stop => stop(state, out),
        IntegrityWish::Expect(typed) => expect(state, typed, out),
        IntegrityWish::ExpectFile(path) => expect_file(state, path, out),
        IntegrityWish::CopyText => {
            let Some(disc) = state.disc() else { return };
            out.push(Effect::CopyText(as_text(disc)));
        }
    }
}

fn start(state: &mut State, out: &mut Vec<Effect>) {
    let ticket = state.ticket();
    let kept = state.settings_path.as_deref().map(digests::beside);
    let Some(disc) = state.disc_mut() else { return };
    abandon(disc, out);
    let view = &mut disc.integrity;
    let (typed, expected) = (std::mem::take(&mut view.typed), view.expected.take());
    *view = IntegrityView { typed, expected, running: Some(Running::new(ticket)), ..IntegrityView::default() };
    let expected = view.expected.as_ref().and_then(|expected| expected.as_ref().ok()).cloned();
    let request = Request { expected, digests: Algorithm::USUAL.to_vec() };
    let path = disc.origin.path().cloned();
    out.push(Effect::Start(ticket, Work::Verify(VerifyImage { image: disc.image.clone(), path, request, kept })));
}

fn stop(state: &mut State, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc_mut() else { return };
    abandon(disc, out);
    disc.integrity.is_stopped = true;
}

/// Gives up what is under way.
pub(super) fn abandon(disc: &mut Disc, out: &mut Vec<Effect>) {
    let view = &mut disc.integrity;
    let running = view.running.take().map(|running| running.ticket);
    let looking = view.looking.take().map(|(ticket, _)| ticket);
    out.extend(
        running.into_iter().chain(looking).chain(view.remarking.take()).chain(view.reading.take()).map(Effect::Abandon),
    );
}

/// The image should have this digest. What has to be read for the answer is read.
fn expect(state: &mut State, typed: String, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc_mut() else { return };
    let name = disc.origin.name();
    let view = &mut disc.integrity;
    let meant = typed.trim();
    view.expected = (!meant.is_empty()).then(|| Expected::parse(meant, Some(&name)));
    view.typed = typed;
    make_what_is_open(state, out);
}

/// Makes the digest that is expected, where that is not under way.
fn make_what_is_open(state: &mut State, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc() else { return };
    let view = &disc.integrity;
    if let Expectation::Open(algorithm) = view.expectation()
        && (view.running.is_none() || !Algorithm::USUAL.contains(&algorithm))
    {
        start(state, out);
    }
}

/// The image should have the digest that a checksum file names for it.
fn expect_file(state: &mut State, path: PathBuf, out: &mut Vec<Effect>) {
    super::boot::show(state, Tab::Integrity, out);
    let ticket = state.ticket();
    let Some(disc) = state.disc_mut() else { return };
    let image_name = disc.origin.name();
    out.extend(disc.integrity.reading.replace(ticket).map(Effect::Abandon));
    out.push(Effect::Start(ticket, Work::ReadSums(ReadSums { path, image_name })));
}

/// The checksum file was read.
pub(super) fn expected(state: &mut State, expected: Result<Expected, String>, out: &mut Vec<Effect>) {
    let Some(disc) = state.disc_mut() else { return };
    disc.integrity.reading = None;
    match expected {
        Ok(expected) => {
            let typed = expected.digests().first().map(ToString::to_string).unwrap_or_default();
            disc.integrity.typed = typed;
            disc.integrity.expected = Some(Ok(expected));
            make_what_is_open(state, out);
        }
        Err(why) => state.tell(Tone::Warn, why, ""),
    }
}

/// True when `ticket` stands for the look at how the image can be checked, or for the checks.
pub(super) fn owns(disc: &Disc, ticket: Ticket) -> bool {
    let view = &disc.integrity;
    view.looking.is_some_and(|(looking, _)| looking == ticket)
        || view.running.as_ref().is_some_and(|running| running.ticket == ticket)
        || view.remarking == Some(ticket)
        || view.reading == Some(ticket)
}

/// How far the checks are.
pub(super) fn progressed(state: &mut State, ticket: Ticket, progress: Progress) {
    let running = state.disc_mut().and_then(|disc| disc.integrity.running.as_mut());
    if let Some(running) = running.filter(|running| running.ticket == ticket) {
        running.progress = Some(progress);
    }
}

/// One of the checks has ended, or something else has become known.
pub(super) fn part(state: &mut State, output: Output) {
    let Some(disc) = state.disc_mut() else { return };
    let view = &mut disc.integrity;
    match output {
        Output::Surveyed(checks) => surveyed(view, checks),
        Output::Digest(digest) => view.digests.push(digest),
        Output::Recalled(kept) => recalled(view, &kept),
        Output::CheckEnded(at, check) => {
            if let Some(place) = view.checks.get_mut(at) {
                *place = *check;
            }
        }
        // No part of this job is anything else.
        _ => {}
    }
}

/// Digests that were made at another time, of the same file.
fn recalled(view: &mut IntegrityView, kept: &KeptDigests) {
    let digests = kept.digests.iter().filter_map(|(name, digits)| Digest::parse(name.parse().ok()?, digits));
    view.digests = digests.collect();
    view.made = i64::try_from(kept.made).ok().map(|made| Timestamp::from_unix(made, 0));
}

fn surveyed(view: &mut IntegrityView, checks: Vec<Check>) {
    view.is_surveyed = true;
    view.checks = checks;
}

/// How the image can be checked is known.
pub(super) fn looked(state: &mut State, checks: Vec<Check>) {
    let Some(disc) = state.disc_mut() else { return };
    disc.integrity.looking = None;
    surveyed(&mut disc.integrity, checks);
}

/// All checks were made. What is unusual is looked for next: nothing of that is right or wrong.
pub(super) fn verified(state: &mut State, report: Report, out: &mut Vec<Effect>) {
    let ticket = state.ticket();
    let Some(disc) = state.disc_mut() else { return };
    let view = &mut disc.integrity;
    view.running = None;
    view.is_done = true;
    view.checks = report.checks;
    view.digests = report.digests;
    view.remarking = Some(ticket);
    out.push(Effect::Start(ticket, Work::Remarks(FindRemarks { image: disc.image.clone() })));
}

/// What is unusual is known.
pub(super) fn remarked(state: &mut State, remarks: Arc<Vec<Remark>>) {
    if let Some(disc) = state.disc_mut() {
        disc.integrity.remarking = None;
        disc.integrity.remarks = Some(remarks);
    }
}

/// It could not be found out.
pub(super) fn failed(state: &mut State, trouble: Trouble) {
    let Some(disc) = state.disc_mut() else { return };
    let view = &mut disc.integrity;
    (view.looking, view.running, view.remarking, view.reading) = (None, None, None, None);
    view.trouble = Some(trouble);
}

/// All that is known, for people to read.
fn as_text(disc: &Disc) -> String {
    let view = &disc.integrity;
    let mut lines = vec![text::display(&disc.name()).into_owned()];
    lines.extend(view.overall().map(|overall| overall.sentence().to_owned()));
    lines.extend(view.digests.iter().map(|digest| format!("{}: {digest}", digest.algorithm)));
    for check in &view.checks {
        let word = match check.outcome {
            Outcome::Pending => "not checked",
            Outcome::Pass => "ok",
            Outcome::Fail => "failed",
            Outcome::Absent => "nothing there",
            Outcome::Error => "cannot be told",
        };
        lines.push(format!("{}: {word}. {}", text::display(&check.source), text::display(&check.detail)));
        for bad in &check.bad {
            let path = bad.path.as_deref().map(|path| text::display(path).into_owned());
            let place = bad.extent.map(|extent| format!("bytes {} to {}", extent.offset, extent.end()));
            let place = [path, place].into_iter().flatten().collect::<Vec<_>>().join(", ");
            lines.push(format!("  {place}: {}", text::display(&bad.why)));
        }
    }
    for remark in view.remarks.iter().flat_map(|remarks| remarks.iter()) {
        lines.push(format!("{}: {}", remark.title, text::display(&remark.sentence)));
        lines.extend(remark.paths.iter().map(|path| format!("  {}", text::display(path))));
    }
    lines.join("\n")
}
