//! What differs between operating systems, and how the window meets the system that it runs on.

#[cfg(feature = "gui")]
mod choices;
mod console;
#[cfg(feature = "gui")]
pub mod drag_out;
pub mod files;
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
pub use process::{downloads, new_window};
pub use trace::StartTrace;
