//! Folders: runs of up to 256 entries with a header each, sorted by the bytes of the names.

use super::SquashFs;
use super::inode::{Directory, name_len};
use super::metadata::{BLOCK as METADATA_BLOCK, Budget, Cursor, Place};
use crate::disc::bytes::Fields;
use crate::disc::{Error, Result};

const STRUCTURE: &str = "squashfs directory";

/// Entries behind one header.
const RUN: u32 = 256;

impl SquashFs {
    /// Where the inode of the entry called `name` stands; `None` when there is no such entry.
    pub(super) fn look_up(&self, folder: &Directory, name: &[u8], budget: &mut Budget) -> Result<Option<Place>> {
        let (place, before) = self.start(folder, name, budget)?;
        let cursor = self.metadata.cursor(self.superblock.directory_table, place);
        let mut list = List { cursor, left: folder.len.saturating_sub(before) };
        while list.left > 0 {
            let offset = list.cursor.offset();
            let bytes = list.take(12, budget)?;
            let head = Fields::new(&bytes, offset, STRUCTURE);
            let (last, block) = (head.le32(0)?, head.le32(4)?);
            if last >= RUN {
                let message = format!("A folder of the squashfs has a run of {last} entries, which cannot be");
                return Err(Error::damaged(STRUCTURE, offset, message));
            }
            for _ in 0..=last {
                let bytes = list.take(8, budget)?;
                let entry = Fields::new(&bytes, offset, STRUCTURE);
                let found = list.take(name_len(entry.le16(6)?.into(), offset)?, budget)?;
                if found == name {
                    return Ok(Some(Place { block: block.into(), at: entry.le16(0)?.into() }));
                }
                if found.as_slice() > name {
                    return Ok(None);
                }
            }
        }
        Ok(None)
    }

    /// Where to begin looking for `name`, and how many bytes of the list stand before: at the last signpost that does not
    /// lead past the name, else at the beginning.
    fn start(&self, folder: &Directory, name: &[u8], budget: &mut Budget) -> Result<(Place, u64)> {
        let (mut place, mut before) = (folder.place, 0);
        let (index, count) = folder.index;
        let mut cursor = self.metadata.cursor(self.superblock.inode_table, index);
        for _ in 0..count {
            let offset = cursor.offset();
            let bytes = cursor.array::<12>(budget)?;
            let fields = Fields::new(&bytes, offset, STRUCTURE);
            let signpost = cursor.take(name_len(fields.le32(8)?, offset)?, budget)?;
            if signpost.as_slice() > name {
                break;
            }
            let position = fields.le32(0)?;
            if u64::from(position) < folder.len {
                // Blocks are full but for the last, so a byte's place in its block follows from its place in the list.
                let inner = usize::try_from(position).unwrap_or(usize::MAX);
                let at = folder.place.at.saturating_add(inner) % METADATA_BLOCK;
                (place, before) = (Place { block: fields.le32(4)?.into(), at }, position.into());
            }
        }
        Ok((place, before))
    }
}

/// What is left of a folder's list.
struct List<'a> {
    cursor: Cursor<'a>,
    left: u64,
}

impl List<'_> {
    fn take(&mut self, len: usize, budget: &mut Budget) -> Result<Vec<u8>> {
        self.left = self.left.checked_sub(len as u64).ok_or_else(|| {
            Error::damaged(STRUCTURE, self.cursor.offset(), "A folder of the squashfs ends in the middle of an entry")
        })?;
        self.cursor.take(len, budget)
    }
}
