//! `isoscope mount`: the image as a folder that every program can read, until it is unmounted.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::ImageOptions;
use super::output::{Failure, Output, Status};
use crate::disc::text;
use crate::extract::OriginMark;
use crate::platform::mount::{self, Mount};
use crate::serve::View;

/// What to mount, and where.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    options: ImageOptions,
    /// An empty folder, in which the files appear
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Keep notes to yourself; errors are still said
    #[arg(long, short)]
    quiet: bool,
}

/// How often it is looked whether somebody else has unmounted it.
const LOOK: Duration = Duration::from_millis(250);

/// Mounts, and waits until the user or the system ends it, or somebody unmounts it.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Status, Failure> {
    output.set_quiet(arguments.quiet);
    let image = arguments.options.open()?;
    let shown = arguments.options.image.to_string_lossy();
    output.diagnostics(&shown, image.diagnostics());
    let tree = arguments.options.tree(&image)?;
    mount::probe().map_err(Failure::Failed)?;
    let dir = text::display(&arguments.dir.to_string_lossy()).into_owned();
    // A mount whose process was killed stays, and answers nothing.
    if mount::release_dead(&arguments.dir) {
        output.hint(&format!("Unmounted what an earlier run had left at “{dir}”"));
    }
    check_is_empty(&arguments.dir, &dir)?;

    // The signals come before the mount: none may find it without anyone to unmount it.
    let (sender, receiver) = crossbeam_channel::bounded(1);
    // The first signal is enough, and an error means that there is a handler already.
    ctrlc::set_handler(move || sender.try_send(()).unwrap_or_default()).unwrap_or_default();
    let name = arguments.options.image.file_name().unwrap_or_default().to_string_lossy();
    let origin = OriginMark::read(&arguments.options.image).and_then(|mark| mark.url().map(str::to_owned));
    let files = Arc::new(View::of_tree(tree.clone()).with_origin(origin));
    let mounted = Mount::new(&arguments.dir, files, &name)
        .map_err(|error| Failure::Failed(format!("The image could not be mounted at “{dir}”: {}", reason(&error))))?;
    if io::stderr().is_terminal() {
        output
            .hint(&format!("{} is mounted at “{dir}”; Ctrl+C, or fusermount3 -u, unmounts it", text::display(&shown)));
    }
    while mounted.is_mounted() {
        match receiver.recv_timeout(LOOK) {
            Ok(()) | Err(crossbeam_channel::RecvTimeoutError::Disconnected) => break,
            Err(crossbeam_channel::RecvTimeoutError::Timeout) => {}
        }
    }
    drop(mounted);
    Ok(Status::Done)
}

/// What is wrong with an image is no fault of the mount, but what would be hidden by it is.
fn check_is_empty(path: &Path, shown: &str) -> Result<(), Failure> {
    let fail = |why: &str| Failure::Failed(format!("Nothing can be mounted at “{shown}”: {why}"));
    let mut entries = match std::fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(fail("there is no such folder")),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => return Err(fail("it is not a folder")),
        Err(error) => return Err(fail(&error.to_string())),
    };
    if entries.next().is_some() { Err(fail("the folder is not empty")) } else { Ok(()) }
}

/// The first line of what the system says, without its end.
fn reason(error: &io::Error) -> String {
    let message = error.to_string();
    let line = message.lines().next().unwrap_or_default().trim_end_matches(['.', ' ']);
    text::display(line).into_owned()
}
