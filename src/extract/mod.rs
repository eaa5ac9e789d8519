//! Getting files out of an image, so that nothing is lost, overwritten or half-written.
//!
//! [`Plan::make`] looks at what was chosen and at the place it shall go to, and says everything that will happen:
//! names, sizes, what is skipped and why, whether there is room. [`run`] carries the plan out and gives a
//! [`Report`]. The promises, each kept by a test in `tests/extract*.rs`:
//!
//! 1. Everything is written through handles of folders below the chosen one; no path is ever joined to a string.
//! 2. A file is written as `.isoNNNN.part` in its own folder and gets its name only when it is complete. What stands
//!    there already is never replaced unawares, and no link is ever followed.
//! 3. Sizes, room, renames and skips are known before the first byte.
//! 4. Damaged files are not delivered, unless what can be read of them is asked for: it then has a name of its own, and
//!    a map of what is missing. Devices are listed and left out, and so are links, unless those that stay inside the
//!    destination are asked for: they are made last.
//! 5. Modes are 0644 or 0755 less the umask; no owner, no setuid bit, no attribute of the disc arrives.
//! 6. Cancelling removes the unfinished file and keeps the finished ones. After a crash, only `.isoNNNN.*` remain,
//!    and the next run knows them by its journal.
//! 7. What came from the internet stays marked as such: every file gets the image's [`OriginMark`] before anything else,
//!    as far as the destination can keep it.

mod copy;
pub mod danger;
pub mod destination;
mod hand;
pub mod name;
pub mod origin;
pub mod plan;
pub mod report;
pub mod run;

pub use destination::Destination;
pub use origin::OriginMark;
pub use plan::{OnConflict, Plan, Selection};
pub use report::Report;
pub use run::run;
