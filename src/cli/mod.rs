//! The command line: one file for each subcommand, for scripts, tests and machines without a display.

pub mod boot;
pub mod cat;
pub mod compare;
pub mod extract;
pub mod hash;
pub mod info;
pub mod ls;
pub mod mount;
pub mod output;
mod place;
mod progress;
pub mod verify;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand, ValueEnum};

use crate::disc::partition::Partition;
use crate::disc::source::FileSource;
use crate::disc::tree::{FileTree, TreeId, TreeKind};
use crate::disc::{Error, Image, Source, text};

pub use output::{Failure, Output, Status};

/// What the program was asked for.
#[derive(Debug, Parser)]
#[command(
    name = "isoscope",
    version,
    about = "Opens disc images: see everything in them, get anything out of them",
    long_about = "Opens disc images: see everything in them, get anything out of them.\n\n\
                  Without a command it opens the window. The commands never do.",
    after_help = "Exit status: 0 all as asked; 1 finished with notes (something skipped, renamed, damaged, different);\n\
                  2 wrong usage; 3 could not do it.",
    args_conflicts_with_subcommands = true
)]
pub struct Arguments {
    /// A subcommand; without one, the window is wanted.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The image to show in the window.
    pub image: Option<PathBuf>,
    /// Show the disc that comes with the program.
    #[arg(long, hide = true, conflicts_with = "image")]
    pub sample: bool,
    /// How the window is drawn. Both are tried when nothing is said.
    #[arg(long, value_enum)]
    pub renderer: Option<Renderer>,
}

/// What draws the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Renderer {
    /// OpenGL.
    Glow,
    /// Vulkan, Metal or Direct3D 12.
    Wgpu,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say what the image is: volumes, trees, sessions, sizes, and what is wrong with it
    Info(info::Arguments),
    /// List the entries of a folder, or of the whole tree
    Ls(ls::Arguments),
    /// Write one file's bytes to standard output
    Cat(cat::Arguments),
    /// Write files and folders into a folder, and never over anything unawares
    Extract(extract::Arguments),
    /// Show the files in an empty folder, for every program to read, until they are unmounted (Linux)
    Mount(mount::Arguments),
    /// Say how the trees of an image differ
    Compare(compare::Arguments),
    /// Say whether and how a computer starts the disc, and show the structures for it
    Boot(boot::Arguments),
    /// Make digests of the whole image, such as its SHA-256, in one reading
    Hash(hash::Arguments),
    /// Make every check that the image, or the files beside it, offer: is it whole, and is it what it should be
    Verify(verify::Arguments),
}

/// Which image, and how to look at it.
#[derive(Debug, Clone, clap::Args)]
pub struct ImageOptions {
    /// The image
    pub image: PathBuf,
    /// The tree to use: auto, rock-ridge, joliet, iso9660, iso9660-1999, udf, hfs, hfs-plus or fat; udf-2 is the second of
    /// its kind
    #[arg(long, value_name = "TREE", default_value = "auto", hide_default_value = true)]
    pub tree: TreeChoice,
    /// The session to open, 1 being the oldest; the newest when nothing is said
    #[arg(long, value_name = "N")]
    pub session: Option<u32>,
    /// Show entries that are marked as deleted and still stand in their folder, too
    #[arg(long)]
    pub deleted: bool,
}

/// How to report.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct ReportOptions {
    /// Write JSON for programs to read
    #[arg(long)]
    pub json: bool,
    /// Keep notes to yourself; errors are still said
    #[arg(long, short)]
    pub quiet: bool,
}

/// A naming scheme, or the one that tells most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TreeChoice {
    /// The one that tells most.
    #[default]
    Auto,
    /// This one and no other.
    Only(TreeId),
}

impl std::str::FromStr for TreeChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        text.parse().map(Self::Only).map_err(|_| {
            let known: Vec<_> = TreeKind::ALL.iter().map(|kind| kind.slug()).collect();
            format!("there are the trees auto, {}, and such as udf-2 for a second one", known.join(", "))
        })
    }
}

impl ImageOptions {
    /// The image's file.
    pub fn source(&self) -> Result<Arc<dyn Source>, Failure> {
        Ok(Arc::new(FileSource::open(&self.image).map_err(|error| self.failure(&error))?))
    }

    /// Opens the session asked for of the image that `source` holds.
    pub fn open_from(&self, source: Arc<dyn Source>) -> Result<Image, Failure> {
        match self.session {
            Some(number) => Image::open_session(source, number),
            None => Image::open(source),
        }
        .map_err(|error| self.failure(&error))
    }

    /// Opens the image and the session asked for.
    pub fn open(&self) -> Result<Image, Failure> {
        self.open_from(self.source()?)
    }

    fn failure(&self, error: &Error) -> Failure {
        let image = self.image.to_string_lossy();
        match error {
            // What it is instead says all there is to say.
            Error::Unsupported { .. } => Failure::Failed(format!("{}: {}", text::display(&image), error.sentence())),
            _ => Failure::about(&image, error),
        }
    }

    /// The tree asked for.
    pub fn tree(&self, image: &Image) -> Result<Arc<dyn FileTree>, Failure> {
        let tree = self.plain_tree(image)?;
        if !self.deleted {
            return Ok(tree.clone());
        }
        let kind = tree.kind().label();
        tree.with_deleted()
            .ok_or_else(|| Failure::Failed(format!("{kind} keeps no entries that are marked as deleted")))
    }

    fn plain_tree<'a>(&self, image: &'a Image) -> Result<&'a Arc<dyn FileTree>, Failure> {
        let TreeChoice::Only(id) = self.tree else { return Ok(image.default_tree()) };
        // “hfs” is what people call its successor too.
        let plus = TreeId { kind: TreeKind::HfsPlus, ..id };
        let successor = image.tree_by_id(plus).filter(|_| id.kind == TreeKind::Hfs);
        image.tree_by_id(id).or(successor).ok_or_else(|| {
            let there: Vec<_> = image.trees().iter().map(|tree| image.id_of(tree.as_ref()).to_string()).collect();
            Failure::Failed(format!("The image has no {} tree; it has {}", id.label(), there.join(", ")))
        })
    }
}

/// The partition called `id`, such as `gpt-2`.
fn partition<'a>(image: &'a Image, id: &str) -> Result<&'a Partition, Failure> {
    image.partitions().iter().find(|partition| partition.id() == id).ok_or_else(|| {
        let there: Vec<_> = image.partitions().iter().map(Partition::id).collect();
        let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
        Failure::Failed(format!("The image has no partition {}; it has {there}", text::display(id)))
    })
}

/// Reads the command line. What is wrong with it, and help, is written at once; the status to end with is the error.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Arguments, ExitCode> {
    // When a program that was downloaded is opened for the first time, macOS may add the number of the process, which is
    // nothing that the user has said.
    let is_number = |argument: &OsString| cfg!(target_os = "macos") && argument.to_string_lossy().starts_with("-psn_");
    Arguments::try_parse_from(arguments.into_iter().filter(|argument| !is_number(argument))).map_err(|error| {
        // When even this cannot be written there is nobody to tell.
        let status = if error.print().is_ok() { error.exit_code() } else { 3 };
        ExitCode::from(u8::try_from(status).unwrap_or(2))
    })
}

/// Does what `command` says on the standard streams and says the exit status.
pub fn run(command: &Command) -> ExitCode {
    output::on_standard_streams(|output| match command {
        Command::Info(arguments) => info::run(arguments, output),
        Command::Ls(arguments) => ls::run(arguments, output),
        Command::Cat(arguments) => cat::run(arguments, output),
        Command::Extract(arguments) => extract::run(arguments, output),
        Command::Mount(arguments) => mount::run(arguments, output),
        Command::Compare(arguments) => compare::run(arguments, output),
        Command::Boot(arguments) => boot::run(arguments, output),
        Command::Hash(arguments) => hash::run(arguments, output),
        Command::Verify(arguments) => verify::run(arguments, output),
    })
}

/// Shows on the standard streams what the window would have shown, after saying why there is none.
pub fn show_as_text(image: Option<&Path>, why: &str) -> ExitCode {
    output::on_standard_streams(|output| {
        let Some(image) = image else {
            return Err(Failure::Failed(format!("{why}. The commands work without one: see isoscope --help")));
        };
        output.note(&format!("{why}, so here is the disc as text"));
        let options = ImageOptions { image: image.to_owned(), tree: TreeChoice::Auto, session: None, deleted: false };
        let report = ReportOptions::default();
        info::run(&info::Arguments { options: options.clone(), report }, output)?;
        let folder = ls::Arguments { options, path: String::new(), recursive: false, long: true, report };
        output.write(b"\n")?;
        ls::run(&folder, output)?;
        // The image was shown, and what is wrong with it was said: the one thing that was asked for is done.
        Ok(Status::Done)
    })
}

/// What is said when no window could be opened.
pub const NO_WINDOW: &str = "No window could be opened. The graphics driver may be missing or too old; the commands work \
                             without one: see isoscope --help";

/// Says why no window could be opened: with status 2, for the system lacks what was asked for.
pub fn no_window(complaints: &str) -> ExitCode {
    output::on_standard_streams(|output| {
        for complaint in complaints.lines() {
            output.note(complaint);
        }
        Err(Failure::Usage(NO_WINDOW.to_owned()))
    })
}

/// True when a window can be expected to come up. Only X11 and Wayland can be missing.
pub fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(all(unix, not(target_os = "macos"))) || ["WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"].into_iter().any(set)
}

/// `path` inside the image for people to read, the root as `/`.
fn shown_path(path: &str) -> std::borrow::Cow<'_, str> {
    if path.is_empty() { "/".into() } else { text::display(path) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_tree_can_be_asked_for_by_the_name_that_info_gives_it() {
        for kind in TreeKind::ALL {
            assert_eq!(kind.slug().parse(), Ok(TreeChoice::Only(kind.into())));
        }
    }
}
