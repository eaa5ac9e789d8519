//! UDF of all revisions: ECMA-167 as the OSTA's Universal Disk Format specification uses it.
//!
//! From the outside in: [`anchor`] finds the volume and the size of its blocks, [`volume`] reads how it is divided,
//! [`logical`] opens a logical volume with its [`partition`]s and file sets, [`directory`] lists a folder from its
//! [`fid`]s and [`icb`]s, and [`allocation`] says where the data of a file lies.

mod allocation;
mod anchor;
mod attributes;
mod details;
mod directory;
mod fid;
mod file_set;
mod icb;
mod integrity;
mod logical;
pub mod names;
mod open;
mod partition;
mod path;
mod pieces;
pub mod primitive;
mod reading;
mod streams;
pub mod tag;
mod tree;
mod volume;

pub use open::open;
pub use tree::UdfTree;
