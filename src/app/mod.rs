//! The window without its looks: what it shows, what a user can ask for, and how that changes what it shows.
//!
//! The [`State`] is plain data. [`update()`] is the only place where it changes: a [`Command`] of the user or an event
//! of a job goes in, [`Effect`]s come out, which the window or the [`Runner`] carries out.

pub mod boot;
pub mod command;
pub mod compare;
pub mod extraction;
pub mod integrity;
pub mod model;
pub mod place;
pub mod preview;
mod runner;
pub mod shortcut;
pub mod state;
pub mod transfer;
pub mod unseen;
mod update;
mod work;

#[cfg(test)]
mod tests;

pub use command::Command;
pub use place::Place;
pub use runner::Runner;
pub use state::{State, Ticket};
pub use update::{receive, update, use_loaded};
pub use work::{Effect, Work};
