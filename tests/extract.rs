//! What leaves an image, and how it arrives.

#[path = "extract/files/mod.rs"]
mod files;
#[path = "extract/many.rs"]
mod many;
#[path = "extract/opening.rs"]
mod opening;
#[path = "extract/options.rs"]
mod options;
#[path = "extract/origin_mark.rs"]
mod origin_mark;
#[path = "extract/program.rs"]
mod program;
#[path = "extract/staging.rs"]
mod staging;
mod support;
