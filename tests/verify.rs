//! Whether an image is whole, and what of it is worth a look.

#[path = "verify/program.rs"]
mod program;
#[path = "verify/sectors.rs"]
mod sectors;
#[path = "verify/size.rs"]
mod size;
mod support;
#[path = "verify/suspicion.rs"]
mod suspicion;
