//! Isoscope opens disc images: see everything in them, get anything out of them.
//!
//! # Map of the house
//!
//! Dependencies point one way only; a test reads the sources and holds them to it.
//!
//! ```text
//! disc  ←  boot, identify, preview, verify, extract  ←  serve  ←  job  ←  app  ←  ui  ←  main
//!   ↑                                                       cli uses the engine, and platform to mount
//! ```
//!
//! * [`disc`]: the reader. Image bytes become meaning. It knows no window, starts no threads, and writes nothing.
//! * [`boot`]: what the boot structures mean: which programs start, from where, and what is in the way.
//! * [`identify`]: what the disc is: which product, in which version, for which computers.
//! * [`verify`]: whether the image is whole: digests, and the checksums beside it and inside it.
//! * [`extract`]: what is to be written (plan), under which names, and the only code that writes users' files.
//! * [`serve`]: what other programs see of an image that is mounted, or out of which they are given files.
//! * `preview`: the bytes of one file become something to look at. It knows no window either.
//! * [`job`]: worker threads, cancelling, progress, and the events that tell of them.
//! * `app`: the state of the window as plain data, every command, and how a command changes the state.
//! * `ui`: draws the state with egui and turns input into commands.
//! * [`cli`]: one file for each subcommand.
//! * [`settings`]: what is remembered between starts.
//! * `platform`: what differs between operating systems. It knows nothing of discs; `serve` and all behind it use it.

#[cfg(feature = "preview")]
pub mod app;
pub mod boot;
pub mod cli;
pub mod disc;
pub mod extract;
pub mod identify;
pub mod job;
pub mod platform;
#[cfg(feature = "preview")]
pub mod preview;
pub mod serve;
pub mod settings;
#[cfg(feature = "gui")]
pub mod ui;
pub mod verify;
