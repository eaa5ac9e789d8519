//! Arguments decide between the window and the command line; nothing else happens here.

use std::process::ExitCode;

use isoscope::cli;

fn main() -> ExitCode {
    let arguments = match cli::parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(status) => return status,
    };
    match &arguments.command {
        Some(command) => cli::run(command),
        None => cli::show_as_text(arguments.image.as_deref(), "This build of Isoscope has no window"),
    }
}
