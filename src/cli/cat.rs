//! `isoscope cat`: the bytes of one file, stream or partition.

use std::sync::Arc;

use super::output::{Failure, Output, Status};
use super::{ImageOptions, place};
use crate::disc::tree::{FileTree, Kind};
use crate::disc::{Error, Source, text};

/// Which file.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    options: ImageOptions,
    /// A file inside the image
    #[arg(required_unless_present = "partition")]
    path: Option<String>,
    /// Write this stream of the file (a named stream, or “Resource fork”) instead of its content
    #[arg(long, value_name = "NAME", conflicts_with = "partition")]
    stream: Option<String>,
    /// Write the bytes of this partition as they are, such as gpt-2 (see info)
    #[arg(long, value_name = "NAME", conflicts_with = "path")]
    partition: Option<String>,
    /// Keep notes to yourself; errors are still said
    #[arg(long, short)]
    quiet: bool,
}

/// Bytes read at once.
const CHUNK: usize = 256 << 10;

/// Writes the file to `output`. Of a file that is cut off or damaged, what stands before the damage is written.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Status, Failure> {
    output.set_quiet(arguments.quiet);
    let image = arguments.options.open()?;
    if let Some(name) = &arguments.partition {
        let partition = super::partition(&image, name)?;
        return write(output, name, partition.extent.length, partition.open(image.source()).as_ref());
    }
    let tree = arguments.options.tree(&image)?;
    let path = arguments.path.as_deref().unwrap_or_default();
    let found = place::find(&tree, path)?;
    let shown = super::shown_path(path);
    let step = found.steps.last();
    let entry = step.and_then(|step| Some((step, step.entry()?)));
    if let (Some(name), Some((step, _))) = (&arguments.stream, entry) {
        let (size, stream) = open_stream(&tree, step, &shown, name)?;
        return write(output, &format!("{shown}, {name}"), size, stream.as_ref());
    }
    let Some((step, entry)) = entry.filter(|(_, entry)| entry.is_file()) else {
        return Err(Failure::Failed(format!("“{shown}” {}, not a file", what(step))));
    };
    for note in step.folder.notes(step.index) {
        output.note(&format!("{shown}: {}", text::display(&note.to_string())));
    }
    let file = tree.open(entry).map_err(|error| Failure::about(&shown, &error))?;
    write(output, &shown, entry.size, file.as_ref())
}

/// What a path names that is no file, in words.
fn what(step: Option<&place::Step>) -> String {
    let target = step.and_then(|step| step.folder.target(step.entry()?));
    match step.and_then(place::Step::entry).map_or(Kind::Folder, |entry| entry.kind) {
        Kind::File | Kind::Folder => "is a folder".to_owned(),
        Kind::Symlink => format!("is a symbolic link to “{}”", text::display(target.unwrap_or_default())),
        Kind::CharDevice | Kind::BlockDevice => "is a device".to_owned(),
        Kind::Fifo => "is a named pipe".to_owned(),
        Kind::Socket => "is a socket".to_owned(),
    }
}

/// The stream called `name` of what a path names, and its size.
fn open_stream(
    tree: &Arc<dyn FileTree>,
    step: &place::Step,
    shown: &str,
    name: &str,
) -> Result<(u64, Arc<dyn Source>), Failure> {
    let about = |error: Error| Failure::about(shown, &error);
    let streams = tree.streams(&step.folder, step.index).map_err(about)?;
    let Some(stream) = streams.iter().find(|stream| stream.name == name) else {
        let there: Vec<_> = streams.iter().map(|stream| format!("“{}”", text::display(&stream.name))).collect();
        let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
        return Err(Failure::Failed(format!("“{shown}” has no stream “{}”; it has {there}", text::display(name))));
    };
    Ok((stream.size, tree.open_stream(stream).map_err(about)?))
}

/// Writes all of `source`, which should have `size` bytes.
fn write(output: &mut Output<'_>, shown: &str, size: u64, source: &dyn Source) -> Result<Status, Failure> {
    let mut chunk = vec![0; CHUNK];
    let mut done = 0_u64;
    loop {
        match source.read_at(done, &mut chunk) {
            Ok(0) => break,
            Ok(read) => {
                output.write(chunk.get(..read).unwrap_or_default())?;
                done += read as u64;
            }
            Err(error @ Error::Damaged { .. }) if done > 0 => {
                output.note(&format!("{shown}: Only the first {done} of {size} bytes could be read: {error}"));
                return Ok(output.status());
            }
            Err(error) => return Err(Failure::about(shown, &error)),
        }
    }
    if done < size {
        output.note(&format!("{shown}: Only the first {done} of {size} bytes are in the image"));
    }
    Ok(output.status())
}
