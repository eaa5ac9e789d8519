//! `isoscope extract`: files and folders out of the image, by the promises of [`crate::extract`].

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::ValueEnum;

use super::output::{Failure, Output, Status};
use super::progress::Bar;
use super::{ImageOptions, ReportOptions};
use crate::disc::{Image, text};
use crate::extract::destination::{Existing, Space};
use crate::extract::name::Component;
use crate::extract::plan::{Ground, Loose, Options, PlanError};
use crate::extract::report::{Listed, Outcome};
use crate::extract::run::{Durability, Progress};
use crate::extract::{self, Destination, OriginMark, Plan, Report, Selection};

/// What to extract, and where to.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    options: ImageOptions,
    /// Files and folders inside the image; everything when none is named
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
    /// The bytes of this partition as they are, such as gpt-2 (see info), instead of files; may be given several times
    #[arg(long, value_name = "NAME", conflicts_with = "paths")]
    partition: Vec<String>,
    /// The folder to extract to, made if it is missing. Paths stay below it as they are in the image
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    /// What to do when there is something of a name already
    #[arg(long, value_enum, default_value_t = OnConflict::KeepBoth, value_name = "WAY")]
    on_conflict: OnConflict,
    /// Keep what can be read of damaged files as NAME.damaged, with a list of what is missing in NAME.damaged.map
    #[arg(long)]
    keep_damaged: bool,
    /// Make symbolic links that stay inside the folder, after everything else (not on Windows)
    #[arg(long)]
    links: bool,
    /// First remove the unfinished files that a killed extraction left in the folder
    #[arg(long)]
    remove_unfinished: bool,
    #[command(flatten)]
    report: ReportOptions,
}

/// What to do when there is something of a name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OnConflict {
    /// Give the new one a number
    KeepBoth,
    /// Leave the new one out
    Skip,
    /// Replace files and links; folders are never replaced
    Replace,
}

impl From<OnConflict> for extract::OnConflict {
    fn from(choice: OnConflict) -> Self {
        match choice {
            OnConflict::KeepBoth => Self::KeepBoth,
            OnConflict::Skip => Self::Skip,
            OnConflict::Replace => Self::Replace,
        }
    }
}

/// Extracts, and tells on `output` what was not plainly done.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Status, Failure> {
    output.set_quiet(arguments.report.quiet);
    let image = arguments.options.open()?;
    let shown = arguments.options.image.to_string_lossy();
    output.diagnostics(&shown, image.diagnostics());
    let tree = arguments.options.tree(&image)?;
    let selection = match arguments.paths.as_slice() {
        [] => Selection::Everything,
        paths => Selection::Paths(paths.to_vec()),
    };

    let there = open(&arguments.output)?;
    let ground: &dyn Ground = match &there {
        Some(destination) => destination,
        None => &Absent { space: space_above(&arguments.output) },
    };
    let options = Options {
        on_conflict: arguments.on_conflict.into(),
        keep_damaged: arguments.keep_damaged,
        links: arguments.links,
    };
    let plan = match arguments.partition.as_slice() {
        [] => Plan::make(&tree, &selection, options, ground, &mut |_| {}),
        names => Plan::of_loose(&loose(&image, names)?, options, ground),
    };
    let plan = Arc::new(plan.map_err(|error| match error {
        PlanError::Image(error) => Failure::about(&shown, &error),
        PlanError::Destination(error) => about_destination(&arguments.output, &error),
        PlanError::NotFound(path) => Failure::Failed(format!("There is no “{}” in the image", text::display(&path))),
    })?);
    output.diagnostics(&shown, plan.diagnostics());
    if let Some(sentence) = plan.over_budget() {
        output.hint(sentence);
    }
    let room = plan.room();
    if let Some(free) = room.free.filter(|_| !room.suffices()) {
        return Err(Failure::Failed(format!(
            "There is not enough room in “{}”: {} are needed, {} are free",
            text::display(&arguments.output.to_string_lossy()),
            text::size(room.needed),
            text::size(free)
        )));
    }

    let destination = match there {
        Some(destination) => destination,
        None => Destination::create(&arguments.output).map_err(|error| about_destination(&arguments.output, &error))?,
    };
    let destination = destination.marking(OriginMark::read(&arguments.options.image));
    tidy(arguments, &destination, output)?;
    let report = {
        let mut bar = Bar::new(!arguments.report.quiet, plan.totals().bytes);
        let mut progress = |at: Progress<'_>| bar.show(at.bytes_done, at.current);
        let cancelled = cancel_on_interrupt();
        extract::run(&plan, &destination, Durability::Auto, &mut progress, &|| cancelled.load(Ordering::Relaxed))
    };
    let report = report.map_err(|error| about_destination(&arguments.output, &error))?;
    tell(arguments, &report, output)
}

/// The partitions called so, as files.
fn loose(image: &Image, names: &[String]) -> Result<Vec<Loose>, Failure> {
    let as_file = |name: &String| {
        let partition = super::partition(image, name)?;
        let source = partition.open(image.source());
        Ok(Loose { name: partition.file_name(), size: partition.extent.length, source })
    };
    names.iter().map(as_file).collect()
}

/// The destination if it is there.
fn open(path: &Path) -> Result<Option<Destination>, Failure> {
    match Destination::open(path) {
        Ok(destination) => Ok(Some(destination)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(about_destination(path, &error)),
    }
}

fn about_destination(path: &Path, error: &io::Error) -> Failure {
    Failure::Failed(format!("Nothing can be extracted to “{}”: {error}", text::display(&path.to_string_lossy())))
}

/// A destination that is made only when the plan is known to work.
struct Absent {
    space: Option<Space>,
}

impl Ground for Absent {
    fn existing(&self, _: &[Component<'_>]) -> io::Result<Option<Vec<Existing>>> {
        Ok(None)
    }

    fn space(&self) -> Option<Space> {
        self.space
    }
}

/// The room on the volume where `path` will be.
fn space_above(path: &Path) -> Option<Space> {
    let path = std::path::absolute(path).ok()?;
    let above = path.ancestors().find_map(|above| Destination::open(above).ok())?;
    above.space().ok()
}

/// Removes what a killed extraction left, or says that there is something.
fn tidy(arguments: &Arguments, destination: &Destination, output: &mut Output<'_>) -> Result<(), Failure> {
    let fail = |error| about_destination(&arguments.output, &error);
    let files =
        |count: usize| if count == 1 { "1 unfinished file".to_owned() } else { format!("{count} unfinished files") };
    if arguments.remove_unfinished {
        let removed = destination.remove_leftovers().map_err(fail)?;
        if removed > 0 {
            output.hint(&format!("Removed {} of an extraction that was interrupted", files(removed)));
        }
        return Ok(());
    }
    // The folder may be one that can be written but not listed; then there is nothing to offer.
    let left = destination.leftovers().unwrap_or_default().len();
    if left > 0 {
        let files = files(left);
        output.hint(&format!("An interrupted extraction left {files} here; --remove-unfinished removes what it left"));
    }
    Ok(())
}

/// Becomes true when the user presses Ctrl-C or the system asks the program to end. The second time it ends at once.
fn cancel_on_interrupt() -> &'static AtomicBool {
    static CANCELLED: AtomicBool = AtomicBool::new(false);
    // An error means that there is a handler already; then that one decides.
    ctrlc::set_handler(|| {
        if CANCELLED.swap(true, Ordering::Relaxed) {
            std::process::exit(3);
        }
    })
    .unwrap_or_default();
    &CANCELLED
}

/// Says what was not plainly done, and how it ended.
fn tell(arguments: &Arguments, report: &Report, output: &mut Output<'_>) -> Result<Status, Failure> {
    let counts = report.counts();
    if !report.is_plain() {
        output.mark();
    }
    if arguments.report.json {
        output.json(report)?;
    } else {
        for listed in report.listed() {
            match listed.outcome {
                Outcome::Done => output.hint(&line(&listed)),
                _ => output.note(&line(&listed)),
            }
        }
        if !arguments.report.quiet {
            let entries = counts.done + counts.renamed;
            let entries = if entries == 1 { "1 entry".to_owned() } else { format!("{entries} entries") };
            let place = arguments.output.to_string_lossy();
            let mut sentence = format!(
                "{}: {entries}, {}, in “{}”",
                report.sentence(),
                text::size(counts.bytes),
                text::display(&place)
            );
            for (count, what) in [(counts.renamed, "renamed"), (counts.skipped, "skipped"), (counts.failed, "failed")] {
                if count > 0 {
                    sentence.push_str(&format!(", {count} {what}"));
                }
            }
            output.write(format!("{sentence}\n").as_bytes())?;
        }
    }
    if report.stop().is_some() {
        return Err(Failure::Failed(report.sentence()));
    }
    let kept = report.listed().any(|listed| listed.outcome == Outcome::Damaged && listed.to.is_some());
    let damaged = !kept && report.listed().any(|listed| listed.outcome == Outcome::Damaged);
    if counts.done + counts.renamed == 0 && (counts.failed > 0 || damaged) {
        return Err(Failure::Failed("Nothing could be extracted".to_owned()));
    }
    Ok(output.status())
}

/// One entry for people to read: `original → written: reason`.
fn line(listed: &Listed) -> String {
    let from = text::display(&listed.from);
    match &listed.to {
        Some(to) if *to != listed.from => format!("{from} → {}: {}", text::display(to), listed.reason),
        _ => format!("{from}: {}", listed.reason),
    }
}
