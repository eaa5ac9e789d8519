//! What differs between operating systems, and how the window meets the system that it runs on.

#[cfg(feature = "gui")]
mod choices;
mod console;
#[cfg(feature = "gui")]
pub mod drag_out;
pub mod files;
pub mod mount;
mod process;
pub mod renderer;
mod trace;

#[cfg(feature = "gui")]
pub use choices::{Choice, Choices};
#[cfg(feature = "gui")]
pub use console::complain_without_console;
pub use console::leave_own_console;
#[cfg(feature = "gui")]
pub use process::open_in_system;
pub use process::{downloads, folders_of_the_dead, is_alive, make_private, new_window, own_folder_name, private_bases};
pub use trace::StartTrace;
