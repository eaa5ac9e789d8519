//! `isoscope cat`: one file's bytes.

use super::output::{Failure, Output, Status};
use super::{ImageOptions, place};
use crate::disc::tree::Kind;
use crate::disc::{Error, text};

/// Which file.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    options: ImageOptions,
    /// A file inside the image
    path: String,
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
    let tree = arguments.options.tree(&image)?;
    let found = place::find(tree, &arguments.path)?;
    let shown = super::shown_path(&arguments.path);
    let step = found.steps.last();
    let Some((step, entry)) = step.and_then(|step| Some((step, step.entry()?))).filter(|(_, entry)| entry.is_file())
    else {
        let target = step.and_then(|step| step.folder.target(step.entry()?));
        let what = match step.and_then(place::Step::entry).map_or(Kind::Folder, |entry| entry.kind) {
            Kind::File | Kind::Folder => "is a folder".to_owned(),
            Kind::Symlink => format!("is a symbolic link to “{}”", text::display(target.unwrap_or_default())),
            Kind::CharDevice | Kind::BlockDevice => "is a device".to_owned(),
            Kind::Fifo => "is a named pipe".to_owned(),
            Kind::Socket => "is a socket".to_owned(),
        };
        return Err(Failure::Failed(format!("“{shown}” {what}, not a file")));
    };
    for note in step.folder.notes(step.index) {
        output.note(&format!("{shown}: {}", text::display(&note.to_string())));
    }
    let about = |error: Error| Failure::about(&shown, &error);
    let file = tree.open(entry).map_err(about)?;
    let mut chunk = vec![0; CHUNK];
    let mut done = 0_u64;
    loop {
        match file.read_at(done, &mut chunk) {
            Ok(0) => break,
            Ok(read) => {
                output.write(chunk.get(..read).unwrap_or_default())?;
                done += read as u64;
            }
            Err(error @ Error::Damaged { .. }) if done > 0 => {
                output.note(&format!("{shown}: Only the first {done} of {} bytes could be read: {error}", entry.size));
                break;
            }
            Err(error) => return Err(about(error)),
        }
    }
    Ok(output.status())
}
