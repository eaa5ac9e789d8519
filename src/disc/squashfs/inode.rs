//! Inodes: what a folder's entry is, and where the rest of it stands.

use super::SquashFs;
use super::metadata::{Budget, Place};
use crate::disc::bytes::Fields;
use crate::disc::{Error, Result, limits};

const STRUCTURE: &str = "squashfs inode";

/// The number of a fragment that stands for none.
pub(super) const NO_FRAGMENT: u32 = u32::MAX;

/// One inode.
pub(super) struct Inode {
    pub(super) body: Body,
    /// The byte behind the block that it ends in, for messages.
    pub(super) offset: u64,
}

/// What of it is needed.
pub(super) enum Body {
    Directory(Directory),
    File(File),
    /// The target.
    Symlink(Vec<u8>),
    /// A device, a pipe or a socket.
    Other,
}

/// A folder.
pub(super) struct Directory {
    /// Where its list begins in the directory table.
    pub(super) place: Place,
    /// Bytes of the list.
    pub(super) len: u64,
    /// Where the signposts into a long list stand, which is behind the inode, and how many there are.
    pub(super) index: (Place, u16),
}

/// A regular file.
pub(super) struct File {
    pub(super) size: u64,
    /// The byte at which its first data block begins.
    pub(super) start: u64,
    /// The fragment with its tail, or [`NO_FRAGMENT`], and the byte in it.
    pub(super) fragment: (u32, u32),
    /// Where the sizes of its blocks are listed, which is behind the inode.
    pub(super) sizes: Place,
}

impl SquashFs {
    /// Reads the inode at `place` of the inode table.
    pub(super) fn inode(&self, place: Place, budget: &mut Budget) -> Result<Inode> {
        let table = self.superblock.inode_table;
        let mut cursor = self.metadata.cursor(table, place);
        let start = cursor.offset();
        let head = cursor.array::<16>(budget)?;
        let kind = Fields::new(&head, start, STRUCTURE).le16(0)?;
        let body = match kind {
            1 => {
                let bytes = cursor.array::<16>(budget)?;
                let fields = Fields::new(&bytes, start, STRUCTURE);
                let place = Place { block: fields.le32(0)?.into(), at: fields.le16(10)?.into() };
                Body::Directory(Directory { place, len: list_len(fields.le16(8)?.into()), index: (place, 0) })
            }
            8 => {
                let bytes = cursor.array::<24>(budget)?;
                let fields = Fields::new(&bytes, start, STRUCTURE);
                let index = (behind(place, 40), fields.le16(16)?);
                let place = Place { block: fields.le32(8)?.into(), at: fields.le16(18)?.into() };
                Body::Directory(Directory { place, len: list_len(fields.le32(4)?), index })
            }
            2 => {
                let bytes = cursor.array::<16>(budget)?;
                let fields = Fields::new(&bytes, start, STRUCTURE);
                Body::File(File {
                    size: fields.le32(12)?.into(),
                    start: fields.le32(0)?.into(),
                    fragment: (fields.le32(4)?, fields.le32(8)?),
                    sizes: behind(place, 32),
                })
            }
            9 => {
                let bytes = cursor.array::<40>(budget)?;
                let fields = Fields::new(&bytes, start, STRUCTURE);
                Body::File(File {
                    size: fields.le64(8)?,
                    start: fields.le64(0)?,
                    fragment: (fields.le32(28)?, fields.le32(32)?),
                    sizes: behind(place, 56),
                })
            }
            3 | 10 => {
                let bytes = cursor.array::<8>(budget)?;
                let len = Fields::new(&bytes, start, STRUCTURE).le32(4)?;
                let len = usize::try_from(len).unwrap_or(usize::MAX);
                if len > limits::SYMLINK_TARGET {
                    return Err(Error::Limit {
                        structure: STRUCTURE,
                        offset: start,
                        what: format!("The target of a symbolic link of {len} bytes"),
                        limit: format!("{} bytes", limits::SYMLINK_TARGET),
                    });
                }
                Body::Symlink(cursor.take(len, budget)?)
            }
            4..=7 | 11..=14 => Body::Other,
            _ => return Err(Error::damaged(STRUCTURE, start, format!("An inode has the unknown type {kind}"))),
        };
        Ok(Inode { body, offset: cursor.offset() })
    }
}

/// Bytes of a folder's list: the recorded size counts three more, for `.` and `..`.
fn list_len(recorded: u32) -> u64 {
    u64::from(recorded).saturating_sub(3)
}

/// The place `len` bytes on, be it in a later block: cursors walk there.
fn behind(place: Place, len: usize) -> Place {
    Place { at: place.at.saturating_add(len), ..place }
}

/// Bytes of a name, of which the length is recorded less one.
pub(super) fn name_len(recorded: u32, offset: u64) -> Result<usize> {
    let len = usize::try_from(recorded).unwrap_or(usize::MAX).saturating_add(1);
    if len > 256 {
        let message = format!("A name in the squashfs has the impossible length of {len} bytes");
        return Err(Error::damaged("squashfs directory", offset, message));
    }
    Ok(len)
}
