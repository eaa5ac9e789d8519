//! SquashFS 4.0: the packed file system that live discs of Linux carry as one file. Single files are read out of it by
//! their paths, with as few blocks unpacked as that takes (Linux kernel, `fs/squashfs/squashfs_fs.h`).
//!
//! It is never listed: a live system has some hundred thousand entries, and what is wanted of it is `etc/os-release`.
//! Byte offsets in errors count from the start of the squashfs.

mod content;
mod directory;
mod inode;
mod metadata;
mod superblock;
mod unpack;

use std::collections::VecDeque;
use std::sync::Arc;

use self::inode::{Body, Inode};
use self::metadata::{Budget, Metadata, Place};
use super::{Error, Result, Source, limits};

pub use self::superblock::{Compressor, Superblock};

/// Where Fedora and its kin keep the live system inside of their squashfs: as the image of an ext4 file system.
const LIVE_ROOT: &str = "LiveOS/rootfs.img";

/// A SquashFS of which only the superblock was read.
pub struct SquashFs {
    source: Arc<dyn Source>,
    superblock: Superblock,
    metadata: Metadata,
}

impl SquashFs {
    /// Reads the superblock. [`Error::Damaged`] when `source` is no SquashFS; [`Error::Unsupported`] for other versions
    /// than 4.0.
    pub fn open(source: Arc<dyn Source>) -> Result<Self> {
        let superblock = Superblock::read(source.as_ref())?;
        let metadata = Metadata::new(source.clone(), superblock.compressor);
        Ok(Self { source, superblock, metadata })
    }

    /// What it says of itself as a whole.
    pub fn superblock(&self) -> &Superblock {
        &self.superblock
    }

    /// The first `limit` bytes of the file at the `/`-separated `path`, at most [`limits::ALLOCATION`]; `None` when there
    /// is no such file. Symbolic links are followed and never lead out: `..` of the root is the root.
    pub fn read_file(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>> {
        let mut budget = Budget::default();
        let Some(inode) = self.find(path, &mut budget)? else { return Ok(None) };
        let Body::File(file) = &inode.body else { return Ok(None) };
        self.read_content(file, limit.min(limits::ALLOCATION), &mut budget).map(Some)
    }

    /// Whether there is anything at `path`, links followed.
    pub fn exists(&self, path: &str) -> Result<bool> {
        Ok(self.find(path, &mut Budget::default())?.is_some())
    }

    /// True when all that it holds is the image of an ext4 file system with the live system in it, which is not read.
    pub fn holds_live_root(&self) -> Result<bool> {
        self.exists(LIVE_ROOT)
    }

    /// Follows `path` from the root. Components that are still to come stand in a queue, to which links add theirs.
    fn find(&self, path: &str, budget: &mut Budget) -> Result<Option<Inode>> {
        let mut pending: VecDeque<Vec<u8>> = components(path.as_bytes()).collect();
        let root = self.inode(Place::of_inode(self.superblock.root_inode), budget)?;
        // The folders on the way, for the sake of `..`.
        let mut way = vec![root];
        let mut links = 0_usize;
        while let Some(component) = pending.pop_front() {
            if component == b".." {
                if way.len() > 1 {
                    way.pop();
                }
                continue;
            }
            let Some(Inode { body: Body::Directory(here), .. }) = way.last() else { return Ok(None) };
            let Some(place) = self.look_up(here, &component, budget)? else { return Ok(None) };
            let inode = self.inode(place, budget)?;
            let Body::Symlink(target) = &inode.body else {
                way.push(inode);
                continue;
            };
            links = links.saturating_add(1);
            if links > limits::SQUASHFS_LINKS {
                return Err(Error::Limit {
                    structure: "squashfs symbolic link",
                    offset: inode.offset,
                    what: format!("A path through {links} symbolic links"),
                    limit: format!("{}", limits::SQUASHFS_LINKS),
                });
            }
            if target.starts_with(b"/") {
                way.truncate(1);
            }
            for component in components(target).collect::<Vec<_>>().into_iter().rev() {
                pending.push_front(component);
            }
        }
        Ok(way.pop())
    }
}

/// The parts of a path that lead somewhere.
fn components(path: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let parts = path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".");
    parts.map(<[u8]>::to_vec)
}
