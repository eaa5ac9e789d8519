//! The readers of all formats: against other programs, on damaged images and on hostile ones.

#[path = "readers/corpus.rs"]
mod corpus;
#[path = "readers/differential.rs"]
mod differential;
#[path = "readers/failing_reads.rs"]
mod failing_reads;
#[path = "readers/fat.rs"]
mod fat;
#[path = "readers/fat_peers.rs"]
mod fat_peers;
#[path = "readers/golden.rs"]
mod golden;
#[path = "readers/hfs/mod.rs"]
mod hfs;
#[path = "readers/hfs_peers.rs"]
mod hfs_peers;
#[path = "readers/hostile/mod.rs"]
mod hostile;
#[path = "readers/squashfs.rs"]
mod squashfs;
mod support;
#[path = "readers/truncation.rs"]
mod truncation;
#[path = "readers/udf.rs"]
mod udf;
#[path = "readers/udf_tools.rs"]
mod udf_tools;
#[path = "readers/udf_volume.rs"]
mod udf_volume;
#[path = "readers/unseen.rs"]
mod unseen;
