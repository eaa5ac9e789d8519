//! Reading a folder: its 32-byte entries become files and folders.

use crate::disc::bytes::Fields;
use crate::disc::file::Content;
use crate::disc::source::read_up_to;
use crate::disc::tree::{Entry, Folder, FolderId, Kind};
use crate::disc::{Diagnostic, Diagnostics, Error, Extent, Result, Severity, limits, text};

use super::allocation::Cursor;
use super::boot_sector::Width;
use super::chain::{self, Budget};
use super::entry::{self, DirectoryEntry, ENTRY, HIDDEN, LENGTH, Slot};
use super::long_name::{LONG, LongName};
use super::tree::FatTree;

/// The structure in the words of its standard.
pub(super) const DIRECTORY: &str = "directory";

/// Bytes of a folder that are read at a time.
const CHUNK: u64 = 64 << 10;

/// Bytes that are read at a time where more cannot be.
const SECTOR: u64 = 512;

/// Reads the folder whose first cluster `id` holds. Damage is told in the folder.
pub(super) fn read(tree: &FatTree, id: FolderId) -> Result<Folder> {
    let is_root = id == crate::disc::tree::FileTree::root(tree);
    let cluster = u32::try_from(id.place).unwrap_or(0);
    let mut listing = Listing {
        tree,
        cursors: tree.tables.iter().map(Cursor::new).collect(),
        budget: Budget::new(tree.boot.clusters),
        folder: Folder::default(),
        long: LongName::default(),
        is_root,
        entries: 0,
    };
    listing.folder.id = Some(id);
    if is_root {
        listing.folder.diagnostics.append(Diagnostics::clone(&tree.troubles));
    }
    let content = if is_root && tree.has_fixed_root() {
        let root = tree.boot.root();
        Content::new(Extent::new(root.offset, root.length.min(tree.limit.saturating_sub(root.offset))))
    } else {
        let mut troubles = Diagnostics::default();
        let found = chain::locate(tree, &mut listing.cursors, cluster, None, &mut listing.budget, &mut troubles)?;
        let nothing = !found.extents().iter().any(|extent| extent.is_somewhere() && extent.length > 0);
        if let Some(trouble) = troubles.items().first().filter(|_| nothing) {
            return Err(Error::damaged(trouble.structure, trouble.offset, trouble.message.clone()));
        }
        listing.folder.diagnostics.append(troubles);
        found
    };
    listing.take_all(&content)?;
    Ok(listing.folder.finish())
}

/// A folder that is being read.
struct Listing<'a> {
    tree: &'a FatTree,
    cursors: Vec<Cursor<'a>>,
    budget: Budget,
    folder: Folder,
    long: LongName,
    is_root: bool,
    /// Entries that were looked at, of whatever kind.
    entries: u64,
}

impl Listing<'_> {
    /// Takes all entries up to the first that was never used.
    fn take_all(&mut self, content: &Content) -> Result<()> {
        let somewhere = content.extents().iter().filter(|extent| extent.is_somewhere());
        let mut ended = false;
        for extent in somewhere {
            self.folder.add_extent(*extent);
            let mut at = extent.offset;
            while at < extent.end() && !ended {
                let chunk = Extent::new(at, CHUNK.min(extent.end().saturating_sub(at)));
                ended = self.take_chunk(chunk)?;
                at = chunk.end();
            }
        }
        if let Some(orphan) = self.long.drop_parts() {
            self.orphan(orphan);
        }
        if !ended && !self.is_root && self.entries.saturating_mul(LENGTH as u64) >= limits::FAT_DIRECTORY_BYTES {
            let message = "The folder has more than the 2 MiB that Isoscope reads; what follows is not listed";
            self.folder.diagnostics.error(DIRECTORY, content.extents().first().map_or(0, |it| it.offset), message);
        }
        Ok(())
    }

    /// Takes the entries of a part of the folder, sector by sector where it cannot be read at once. True at the end.
    fn take_chunk(&mut self, chunk: Extent) -> Result<bool> {
        let source = self.tree.source.clone();
        match read_up_to(source.as_ref(), chunk) {
            Ok(bytes) => self.take_bytes(chunk, &bytes),
            Err(Error::Cancelled) => Err(Error::Cancelled),
            Err(_) => {
                let mut at = chunk.offset;
                while at < chunk.end() {
                    let sector = Extent::new(at, SECTOR.min(chunk.end().saturating_sub(at)));
                    let read = self.folder.diagnostics.salvage(read_up_to(source.as_ref(), sector))?;
                    match read {
                        Some(bytes) if self.take_bytes(sector, &bytes)? => return Ok(true),
                        Some(_) => {}
                        None => self.forget_long_name(),
                    }
                    at = sector.end();
                }
                Ok(false)
            }
        }
    }

    fn take_bytes(&mut self, place: Extent, bytes: &[u8]) -> Result<bool> {
        for (slot, offset) in bytes.as_chunks::<LENGTH>().0.iter().zip((place.offset..).step_by(LENGTH)) {
            self.entries = self.entries.saturating_add(1);
            if self.take(slot, offset)? {
                return Ok(true);
            }
        }
        if (bytes.len() as u64) < place.length {
            let len = self.tree.source.len();
            let message = format!("The image ends at byte {len}, in the middle of this folder");
            self.folder.diagnostics.error(DIRECTORY, place.offset.saturating_add(bytes.len() as u64), message);
            return Ok(true);
        }
        Ok(false)
    }

    /// Takes one entry at the absolute byte `offset`. True for the mark behind the last one.
    fn take(&mut self, bytes: &[u8; LENGTH], offset: u64) -> Result<bool> {
        let slot = entry::slot(bytes);
        if self.entries == 1 && !self.is_root && slot != Slot::Dot {
            let message = "The folder does not begin with an entry for itself, so that this may be something else";
            self.folder.diagnostics.warning(DIRECTORY, offset, message);
        }
        match slot {
            Slot::End => return Ok(true),
            Slot::LongName => {
                if let Some(orphan) = self.long.push(bytes, offset) {
                    self.orphan(orphan);
                }
            }
            Slot::Deleted | Slot::Label | Slot::Dot => self.forget_long_name(),
            Slot::Entry => {
                let short = DirectoryEntry::parse(&Fields::new(bytes, offset, ENTRY))?;
                self.take_entry(&short, offset)?;
            }
        }
        Ok(false)
    }

    fn take_entry(&mut self, short: &DirectoryEntry, offset: u64) -> Result<()> {
        let mut troubles = Diagnostics::default();
        let long = self.long.take(short.checksum());
        let long = long.unwrap_or_else(|orphan| {
            let message =
                "The long name before this entry is damaged or belongs to another one, so the short one is shown";
            troubles.warning(LONG, orphan, message);
            None
        });
        let mut entry = if short.is_folder() {
            self.folder_entry(short, offset, &mut troubles)
        } else {
            self.file_entry(short, offset, &mut troubles)?
        };
        entry.hidden = short.attributes & HIDDEN != 0;
        entry.modified = short.modified();
        let raw = long.map(|units| units.into_iter().flat_map(u16::to_be_bytes).collect::<Vec<u8>>());
        let (name, exact) = match &raw {
            Some(raw) => {
                let decoded = text::utf16_be(raw);
                (decoded.text.into_owned(), decoded.exact)
            }
            None => {
                let name = short.short_name();
                (name.text, name.exact)
            }
        };
        self.folder.set_name(&mut entry, &name, None);
        self.folder.set_times(&mut entry, short.created(), short.accessed(), None);
        let index = self.folder.push(entry);
        if !exact {
            self.folder.keep_raw_name(raw.as_deref().unwrap_or(&short.name));
            let message = "The name is not valid, so that what is shown of it is a guess";
            troubles.warning(ENTRY, offset, message);
        }
        for note in troubles.items() {
            self.folder.note(index, note.clone());
        }
        Ok(())
    }

    fn folder_entry(&self, short: &DirectoryEntry, offset: u64, troubles: &mut Diagnostics) -> Entry {
        let cluster = short.cluster(self.tree.boot.width == Width::Fat32);
        let place = self.tree.boot.place(cluster, 1);
        let is_there = self.tree.boot.has(cluster) && place.end() <= self.tree.limit;
        if !is_there {
            let message = format!("The folder's first cluster is {cluster}, which the volume does not have");
            troubles.error(ENTRY, offset.saturating_add(26), message);
        }
        let place = if is_there { place } else { Extent::nowhere(place.length) };
        let cluster = if is_there { cluster } else { 0 };
        Entry::new(Kind::Folder, Content::new(place), cluster.into(), offset)
    }

    fn file_entry(&mut self, short: &DirectoryEntry, offset: u64, troubles: &mut Diagnostics) -> Result<Entry> {
        let size = u64::from(short.size);
        let cluster = short.cluster(self.tree.boot.width == Width::Fat32);
        if size == 0 {
            return Ok(Entry::new(Kind::File, Content::default(), 0, offset));
        }
        let tree = self.tree;
        if !tree.boot.has(cluster) {
            let message = format!("The file's first cluster is {cluster}, which the volume does not have");
            troubles.error(ENTRY, offset.saturating_add(26), message);
            return Ok(Entry::new(Kind::File, Content::new(Extent::nowhere(size)), size, offset));
        }
        let content = chain::locate(tree, &mut self.cursors, cluster, Some(size), &mut self.budget, troubles)?;
        Ok(Entry::new(Kind::File, content, size, offset))
    }

    fn forget_long_name(&mut self) {
        if let Some(orphan) = self.long.drop_parts() {
            self.orphan(orphan);
        }
    }

    /// Tells of parts of a long name that belong to nothing. Programs that know no long names leave them behind.
    fn orphan(&mut self, offset: u64) {
        let message = "Parts of a long name belong to no entry".to_owned();
        let diagnostic = Diagnostic { severity: Severity::Info, structure: LONG, offset, message };
        self.folder.diagnostics.push(diagnostic);
    }
}
