//! Arguments decide between the window and the command line; nothing else happens here.

use std::process::ExitCode;

use isoscope::cli;

fn main() -> ExitCode {
    #[cfg(feature = "gui")]
    let started = std::time::Instant::now();
    let arguments = match cli::parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(status) => return status,
    };
    match &arguments.command {
        Some(command) => cli::run(command),
        #[cfg(feature = "gui")]
        None if cli::has_display() => window(arguments, started),
        #[cfg(feature = "gui")]
        None => cli::show_as_text(arguments.image.as_deref(), "There is no display to open a window on"),
        #[cfg(not(feature = "gui"))]
        None => cli::show_as_text(arguments.image.as_deref(), "This build of Isoscope has no window"),
    }
}

/// Opens the window; status 2 when none comes up.
#[cfg(feature = "gui")]
fn window(arguments: cli::Arguments, started: std::time::Instant) -> ExitCode {
    use isoscope::app::state::Origin;
    use isoscope::platform::{self, renderer::Renderer};
    use isoscope::ui;

    platform::leave_own_console();
    let renderer = arguments.renderer.map(|renderer| match renderer {
        cli::Renderer::Glow => Renderer::Glow,
        cli::Renderer::Wgpu => Renderer::Wgpu,
    });
    // Another folder may be the current one when the image is read again.
    let absolute = |path: std::path::PathBuf| std::path::absolute(&path).unwrap_or(path);
    let image = match arguments.image {
        _ if arguments.sample => Some(Origin::Sample),
        image => image.map(absolute).map(Origin::File),
    };
    match ui::run(ui::Options { image, renderer, started }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaints) => {
            platform::complain_without_console(&format!("{}\n\n{complaints}", cli::NO_WINDOW));
            cli::no_window(&complaints)
        }
    }
}
