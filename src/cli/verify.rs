//! `isoscope verify`: every check that the image, or the files beside it, offer.

use std::path::PathBuf;

use serde::Serialize;

use super::output::{Failure, Output, Status};
use super::progress::Bar;
use super::{ImageOptions, ReportOptions, TreeChoice};
use crate::disc::text;
use crate::verify::plan::{News, Plan, Report, Request, Subject};
use crate::verify::sums::Expected;
use crate::verify::suspicion::{self, Remark};
use crate::verify::{Check, Outcome, Overall};

/// Which image, and what it is expected to be.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The image
    image: PathBuf,
    /// The session whose files are checked, 1 being the oldest; the newest when nothing is said
    #[arg(long, value_name = "N")]
    session: Option<u32>,
    /// The digest that the image should have, in any usual form; the algorithm is told by its length, or by a name before
    /// it as in sha256:…
    #[arg(long, value_name = "HASH")]
    expect: Option<String>,
    #[command(flatten)]
    report: ReportOptions,
}

#[derive(Serialize)]
struct Verified<'a> {
    checks: &'a [Check],
    overall: Overall,
    remarks: &'a [Remark],
}

/// Makes all checks and writes how they ended to `output`, and what is worth a look besides.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Status, Failure> {
    output.set_quiet(arguments.report.quiet);
    let path = &arguments.image;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let expected = arguments.expect.as_deref().map(|text| Expected::parse(text, Some(&name))).transpose();
    let request = Request { expected: expected.map_err(Failure::Usage)?, digests: Vec::new() };
    let options =
        ImageOptions { image: path.clone(), tree: TreeChoice::Auto, session: arguments.session, deleted: false };
    let image = options.open()?;
    let subject = Subject { image: &image, raw: image.raw_file(), path: Some(path) };
    let fail = |error| Failure::about(&path.to_string_lossy(), &error);
    let plan = Plan::new(subject, &request).map_err(fail)?;
    let mut bar = Bar::new(!arguments.report.quiet, plan.bytes());
    let mut done = 0_u64;
    let report = plan.run(subject, &mut |news| {
        if let News::Read(more) = news {
            done = done.saturating_add(more);
            bar.show(done, "");
        }
    });
    drop(bar);
    let report = report.map_err(fail)?;
    let mut bar = Bar::new(!arguments.report.quiet, 0);
    let remarks = suspicion::find(&image, &mut |done, total| bar.show_of(done, total)).map_err(fail)?;
    drop(bar);
    let overall = Overall::of(&report.checks);
    if overall != Overall::Pass {
        output.mark();
    }
    if arguments.report.json {
        output.json(&Verified { checks: &report.checks, overall, remarks: &remarks })?;
    } else {
        write_text(output, &report, overall, arguments.report.quiet)?;
        if !arguments.report.quiet {
            write_remarks(output, &remarks)?;
        }
    }
    Ok(output.status())
}

/// Places of one check, and paths of one remark, that are written out. The rest is counted.
const SHOWN: usize = 20;

fn write_text(output: &mut Output<'_>, report: &Report, overall: Overall, quiet: bool) -> std::io::Result<()> {
    let mut lines = Vec::new();
    for check in report.checks.iter().filter(|check| !quiet || check.outcome == Outcome::Fail) {
        let word = match check.outcome {
            Outcome::Pass => "ok",
            Outcome::Fail => "FAILED",
            Outcome::Absent => "nothing",
            Outcome::Error | Outcome::Pending => "unknown",
        };
        lines.push(format!("{word:<8} {}: {}", text::display(&check.source), text::display(&check.detail)));
        lines.push(format!("{:<8} {}", "", text::display(&check.scope)));
        for bad in check.bad.iter().take(SHOWN) {
            let place = match (&bad.path, bad.extent) {
                (Some(path), _) if path.is_empty() => "/: ".to_owned(),
                (Some(path), _) => format!("{}: ", text::display(path)),
                (None, Some(extent)) => format!("bytes {} to {}: ", extent.offset, extent.end()),
                (None, None) => String::new(),
            };
            lines.push(format!("{:<8} {place}{}", "", text::display(&bad.why)));
        }
        let more = check.bad_count().saturating_sub(check.bad.len().min(SHOWN) as u64);
        if more > 0 {
            lines.push(format!("{:<8} and {more} more", ""));
        }
    }
    lines.push(overall.sentence().to_owned());
    for line in lines {
        output.write(format!("{}\n", line.trim_end()).as_bytes())?;
    }
    Ok(())
}

/// None of them is right or wrong, and the exit status does not tell of them.
fn write_remarks(output: &mut Output<'_>, remarks: &[Remark]) -> std::io::Result<()> {
    let mut lines = Vec::new();
    if !remarks.is_empty() {
        lines.push("\nWorth a look".to_owned());
    }
    for remark in remarks {
        let place = remark.offset.map_or_else(String::new, |offset| format!(" (byte {offset})"));
        lines.push(format!("{}: {}{place}", remark.title, text::display(&remark.sentence)));
        lines.extend(remark.paths.iter().take(SHOWN).map(|path| format!("{:<8} {}", "", text::display(path))));
        let hidden = remark.paths.len().saturating_sub(SHOWN) as u64;
        let more = remark.more_paths.saturating_add(hidden);
        if more > 0 {
            lines.push(format!("{:<8} and {more} more", ""));
        }
    }
    for line in lines {
        output.write(format!("{line}\n").as_bytes())?;
    }
    Ok(())
}
