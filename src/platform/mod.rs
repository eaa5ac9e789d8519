//! What differs between operating systems, and how the window meets the system that it runs on.

#[cfg(all(feature = "gui", target_os = "macos"))]
mod app_delegate;
#[cfg(feature = "gui")]
mod choices;
mod console;
#[cfg(feature = "gui")]
pub mod drag_out;
pub mod files;
pub mod mount;
#[cfg(feature = "gui")]
pub mod open_events;
mod process;
pub mod renderer;
#[cfg(feature = "gui")]
mod signals;
pub mod staging;
mod trace;

#[cfg(feature = "gui")]
pub use choices::{Choice, Choices};
#[cfg(feature = "gui")]
pub use console::complain_without_console;
pub use console::leave_own_console;
#[cfg(feature = "gui")]
pub use process::open_in_system;
pub use process::{
    downloads, folders_of_the_dead, is_alive, let_others_go_first, make_private, new_window, own_folder_name,
    private_bases,
};
#[cfg(feature = "gui")]
pub use signals::AskedToEnd;
pub use trace::{FrameTrace, StartTrace};

/// Removes what processes that were killed have left mounted, or in private folders, without keeping anybody waiting.
pub fn tidy_up() {
    let tidy = || {
        mount::clear_stale();
        staging::clear_stale(staging::GRACE);
    };
    // Without a thread the next start does it.
    drop(std::thread::Builder::new().name("tidy up".to_owned()).spawn(tidy));
}
