//! What other programs see of an image: chosen parts of it as a read-only tree whose folders are read when they are
//! looked into, and whose bytes are read when they are asked for.
//!
//! Every name is the one that an extraction would give, so that what is copied out of a mount, or dragged out of the
//! window, is what [`extract`](crate::extract) writes. What is damaged is shown, and reading what is missing fails.
//! Devices, pipes and sockets are left out, and so are symbolic links that lead out of the tree.

mod cache;
mod contents;
mod deliver;
mod folders;
mod listing;
mod view;

pub use deliver::Delivery;
pub use view::View;
