//! Draws the state of the window with egui and turns input into commands.
//!
//! Nothing here reads a file or changes the state: panes get a `&State` and push [`Command`](crate::app::Command)s.

mod banner;
mod boot;
mod card;
mod clipboard;
pub mod dialogs;
mod drag_label;
mod drags;
pub mod folders;
pub mod format;
pub mod icons;
mod identity;
mod integrity;
mod keyboard;
pub mod menu;
pub mod pages;
pub mod preview;
pub mod ring;
mod run;
pub mod status;
mod strip;
pub mod table;
mod tabs;
pub mod theme;
pub mod toolbar;
mod trees;
pub mod widgets;
mod window;

pub use run::{Options, run};
pub use window::{Start, Window};
