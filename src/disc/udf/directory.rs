//! Directories (ECMA-167 4/8.6): file identifier descriptors and the ICBs they point to become [`Folder`]s.
//!
//! The descriptors of a directory name its files; what else is known of a file stands in its ICB, a block of its own.
//! These are read in the order of the disc and many at once, as reading each by itself would take most of the time.

use std::ops::ControlFlow;

use crate::disc::file::{Content, ExtentSource};
use crate::disc::read_buffer::ReadBuffer;
use crate::disc::source::read_up_to;
use crate::disc::text::Decoded;
use crate::disc::time::Timestamp;
use crate::disc::tree::{Entry, Folder, FolderId, Kind};
use crate::disc::{Diagnostic, Diagnostics, Error, Extent, Result, Severity, limits, text};

use super::allocation::{self, Form};
use super::fid::{self, FileIdentifier, characteristic};
use super::icb::{self, FileEntry, file_type};
use super::names;
use super::partition::View;
use super::path;
use super::pieces::Pieces;
use super::primitive::{LogicalBlock, LongAd, timestamp};
use super::tree::Listing;

const STRUCTURE: &str = "directory";

/// Entries whose ICBs are read together.
const BATCH: usize = 16 << 10;

/// Bytes of ICBs read at once: few enough for the caches of a processor.
const CHUNK: u64 = 64 << 10;

/// Bytes between two ICBs that are read in vain rather than reading twice.
const GAP: u64 = 8 << 10;

/// Stands for the address of a folder that is nowhere: no logical volume has so many partitions.
pub(super) const NO_ADDRESS: u64 = u64::MAX;

/// The [`FolderId`] of the folder whose ICB is at `at`, which lies at the absolute byte `place`.
pub(super) fn folder_id(place: u64, at: LogicalBlock) -> FolderId {
    FolderId { place, extra: pack(at) }
}

/// An address in one number: what is kept of a folder's entry.
fn pack(at: LogicalBlock) -> u64 {
    u64::from(at.reference) << 32 | u64::from(at.block)
}

/// The address of which [`pack`] made a number.
pub(super) fn unpack(number: u64) -> LogicalBlock {
    let [b0, b1, b2, b3, r0, r1, _, _] = number.to_le_bytes();
    LogicalBlock { block: u32::from_le_bytes([b0, b1, b2, b3]), reference: u16::from_le_bytes([r0, r1]) }
}

/// The name under which an entry is listed, which is never empty.
pub(super) fn shown_name<'a>(found: &FileIdentifier<'a>) -> Decoded<'a> {
    let name = names::dchars(found.name);
    if name.text.is_empty() { Decoded { text: "(no name)".into(), exact: name.exact } } else { name }
}

/// Where the data of a directory lies.
pub(super) struct Directory {
    pub(super) pieces: Vec<Extent>,
    /// Blocks that describe it: of its ICB and its allocation descriptors.
    described: Vec<Extent>,
    /// The partition and block that its descriptors say they are in, where all are in one.
    home: Option<LogicalBlock>,
    reference: u16,
    diagnostics: Diagnostics,
}

impl Directory {
    /// Reads the ICB of the directory at `at`.
    pub(super) fn open(view: View<'_>, at: LogicalBlock) -> Result<Self> {
        let mut notes = Vec::new();
        let block = icb::read(view, LongAd { location: at, ..LongAd::default() }, &mut notes)?;
        let entry = block.entry()?;
        if !matches!(entry.file_type, file_type::DIRECTORY | file_type::STREAM_DIRECTORY | file_type::UNSPECIFIED) {
            let message = format!("This should be a folder, but is of type {}", entry.file_type);
            return Err(Error::damaged(STRUCTURE, block.offset, message));
        }
        notes.extend(entry.check.warning(icb::STRUCTURE, block.offset));
        let mut pieces = Pieces::new(limits::UDF_FOLDER_PIECES);
        let allocated = allocation::collect(view, &entry, block.at.reference, &mut pieces, &mut notes)?;
        if let Some(why) = allocated.unsupported {
            return Err(Error::unsupported(STRUCTURE, block.offset, why));
        }
        let mut diagnostics = Diagnostics::default();
        notes.into_iter().for_each(|note| diagnostics.push(note));
        // No folder has more entries than the image has room for, whatever its extents say.
        let most = limits::DIRECTORY_BYTES.min(view.source.len());
        if pieces.length() > most {
            let message = format!(
                "The folder's list of files has {}; only the first {} are read",
                text::size(pieces.length()),
                text::size(most)
            );
            diagnostics.error(STRUCTURE, block.offset, message);
            pieces.cut(most);
        }
        let mut described = allocated.chained;
        described.push(Extent::new(block.offset, view.block_size()));
        let home = (Form::of(entry.flags) == Form::Inline).then_some(block.at);
        Ok(Self { pieces: pieces.list().to_vec(), described, home, reference: block.at.reference, diagnostics })
    }

    /// All of it, and the blocks that describe it.
    pub(super) fn extents(&self) -> Vec<Extent> {
        let pieces = self.pieces.iter().filter(|piece| piece.is_somewhere());
        pieces.chain(&self.described).copied().collect()
    }
}

/// Reads the folder `id`. What is damaged is told beside the entries that are not; where the main copy of a metadata
/// partition is damaged and its mirror less so, the mirror is read.
pub(super) fn read(view: View<'_>, id: FolderId, root: FolderId, listing: Listing) -> Result<Folder> {
    let at = unpack(id.extra);
    let main = build(view, id, root, listing);
    let damage = match &main {
        Err(error) if error.is_cancelled() => return main.map(|(folder, _)| folder),
        Err(_) => usize::MAX,
        Ok((_, damage)) => *damage,
    };
    if damage > 0
        && view.has_mirror(at.reference)
        && let Ok((mut folder, fewer)) = build(view.mirrored(), id, root, listing)
        && fewer < damage
    {
        let message = "The main copy of this folder is damaged; its mirror is used";
        folder.diagnostics.warning(STRUCTURE, id.place, message);
        return Ok(folder.finish());
    }
    main.map(|(folder, _)| folder.finish())
}

fn build(view: View<'_>, id: FolderId, root: FolderId, listing: Listing) -> Result<(Folder, usize)> {
    let directory = Directory::open(view, unpack(id.extra))?;
    let mut builder = Builder::new(view, listing);
    builder.folder.id = Some(id);
    for extent in directory.pieces.iter().filter(|piece| piece.is_somewhere()) {
        builder.folder.add_extent(*extent);
    }
    let (own, chained) = directory.described.split_last().map_or((None, &[][..]), |(own, rest)| (Some(own), rest));
    chained.iter().for_each(|extent| builder.folder.add_extent(*extent));
    // The ICBs of other folders are listed where the folders are.
    if let Some(own) = own.filter(|_| id == root) {
        builder.folder.add_extent(*own);
    }
    builder.folder.diagnostics.append(directory.diagnostics);
    let mut diagnostics = Diagnostics::default();
    let mut failure = None;
    let home = directory.home;
    let reference = directory.reference;
    let damage = fid::for_each(view, &directory.pieces, &mut diagnostics, &mut |found, place| {
        let expected = home.map(|home| home.block).or_else(|| view.block_at(reference, place));
        builder.take(found, place, expected).unwrap_or_else(|error| {
            failure = Some(error);
            ControlFlow::Break(())
        })
    })?;
    builder.folder.diagnostics.append(diagnostics);
    match failure {
        Some(error) => return Err(error),
        None => builder.flush()?,
    }
    builder.tell_misplaced();
    Ok((builder.folder, damage.count))
}

/// An entry whose ICB is still to be read.
struct Pending {
    entry: Entry,
    icb: LongAd,
    /// Absolute byte offset of the ICB; `None` when it is nowhere.
    place: Option<u64>,
    is_directory: bool,
    has_streams: bool,
}

/// Tags that say they are somewhere else than they are.
#[derive(Default)]
struct Misplaced {
    count: usize,
    first: u64,
}

impl Misplaced {
    fn add(&mut self, place: u64) {
        if self.count == 0 {
            self.first = place;
        }
        self.count = self.count.saturating_add(1);
    }
}

/// Reads moments, of which the same one often comes many times.
#[derive(Default)]
struct Moments {
    last: ([u8; 12], Option<Timestamp>),
}

impl Moments {
    fn read(&mut self, bytes: Option<[u8; 12]>) -> Option<Timestamp> {
        let bytes = bytes?;
        if self.last.0 != bytes {
            self.last = (bytes, timestamp(bytes));
        }
        self.last.1
    }
}

/// Takes in the descriptors of one folder.
struct Builder<'v> {
    view: View<'v>,
    listing: Listing,
    folder: Folder,
    pending: Vec<Pending>,
    /// Notes and undecodable names of pending entries, by their place.
    notes: Vec<(usize, Diagnostic)>,
    raw_names: Vec<(usize, Box<[u8]>)>,
    /// The places of pending entries in the order of their ICBs.
    order: Vec<(u64, u32)>,
    chunk: ReadBuffer,
    pieces: Pieces,
    scratch: Vec<Diagnostic>,
    moments: Moments,
    misplaced_names: Misplaced,
    misplaced_entries: Misplaced,
}

impl<'v> Builder<'v> {
    fn new(view: View<'v>, listing: Listing) -> Self {
        Self {
            view,
            listing,
            folder: Folder::default(),
            pending: Vec::new(),
            notes: Vec::new(),
            raw_names: Vec::new(),
            order: Vec::new(),
            chunk: ReadBuffer::default(),
            pieces: Pieces::new(limits::UDF_FOLDER_PIECES),
            scratch: Vec::new(),
            moments: Moments::default(),
            misplaced_names: Misplaced::default(),
            misplaced_entries: Misplaced::default(),
        }
    }

    /// Takes in one descriptor, which stands at the absolute byte `place` and should say that it is in block `expected`.
    fn take(&mut self, found: &FileIdentifier<'_>, place: u64, expected: Option<u32>) -> Result<ControlFlow<()>> {
        if expected.is_some_and(|expected| expected != found.tag.location) {
            self.misplaced_names.add(place);
        }
        let deleted = found.is(characteristic::DELETED);
        if found.is(characteristic::PARENT) || deleted && !self.listing.deleted {
            return Ok(ControlFlow::Continue(()));
        }
        if self.folder.entries().len().saturating_add(self.pending.len()) >= limits::FOLDER_ENTRIES {
            let message = "The folder has more than the 4 million entries that Isoscope lists";
            self.folder.diagnostics.error(STRUCTURE, place, message);
            return Ok(ControlFlow::Break(()));
        }
        let is_directory = found.is(characteristic::DIRECTORY);
        let kind = if is_directory { Kind::Folder } else { Kind::File };
        let mut entry = Entry::new(kind, Content::default(), 0, place);
        entry.hidden = found.is(characteristic::HIDDEN);
        entry.deleted = deleted;
        let index = self.pending.len();
        let name = shown_name(found);
        self.folder.set_name(&mut entry, &name.text, None);
        if !name.exact {
            self.raw_names.push((index, found.name.into()));
        }
        if let Some(note) = found.check.warning(fid::STRUCTURE, place) {
            self.notes.push((index, note));
        }
        let icb_place = match self.view.block(found.icb.location) {
            _ if found.icb.is_none() => Err("The entry has no ICB, so that nothing but its name is known".to_owned()),
            found => found.map_err(|why| why.to_string()),
        };
        match &icb_place {
            Ok(place) => entry.record = *place,
            Err(why) => {
                entry.content.set_unsupported(why.clone());
                entry.size = if is_directory { NO_ADDRESS } else { 0 };
                let severity = if deleted { Severity::Info } else { Severity::Error };
                let note = Diagnostic { severity, structure: fid::STRUCTURE, offset: place, message: why.clone() };
                self.notes.push((index, note));
            }
        }
        let mut place = icb_place.ok();
        if self.listing.names_only && place.take().is_some() {
            entry.size = if is_directory { pack(found.icb.location) } else { 0 };
        }
        self.pending.push(Pending { entry, icb: found.icb, place, is_directory, has_streams: false });
        if self.pending.len() >= BATCH {
            self.flush()?;
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Reads the ICBs of all pending entries and adds the entries to the folder.
    fn flush(&mut self) -> Result<()> {
        let places = self.pending.iter().zip(0_u32..);
        self.order.clear();
        self.order.extend(places.filter_map(|(pending, index)| pending.place.map(|place| (place, index))));
        self.order.sort_unstable();
        let order = std::mem::take(&mut self.order);
        let mut pending = std::mem::take(&mut self.pending);
        let mut rest = &order[..];
        while let Some(((first, _), _)) = rest.split_first() {
            let (run, further) = rest.split_at(self.run_length(rest));
            let end = run.last().map_or(*first, |(place, _)| *place).saturating_add(self.view.block_size());
            self.read_chunk(Extent::new(*first, end.saturating_sub(*first)))?;
            let chunk = std::mem::take(&mut self.chunk);
            for (place, index) in run {
                let start = usize::try_from(place.saturating_sub(*first)).unwrap_or(usize::MAX);
                let bytes = chunk.bytes().get(start..).unwrap_or_default();
                let size = usize::try_from(self.view.block_size()).unwrap_or(usize::MAX);
                let index = usize::try_from(*index).unwrap_or(usize::MAX);
                if let Some(pending) = pending.get_mut(index) {
                    self.describe(pending, index, bytes.get(..size).unwrap_or(bytes))?;
                }
            }
            self.chunk = chunk;
            rest = further;
        }
        self.order = order;
        self.add_icb_extents();
        let base = self.folder.entries().len();
        let mut raw_names = self.raw_names.drain(..).peekable();
        for (index, pending) in pending.drain(..).enumerate() {
            let at = self.folder.push(pending.entry);
            if pending.has_streams {
                self.folder.set_has_streams(at);
            }
            if let Some((_, raw)) = raw_names.next_if(|(named, _)| *named == index) {
                self.folder.keep_raw_name(&raw);
            }
        }
        drop(raw_names);
        self.pending = pending;
        self.notes.sort_by_key(|(index, _)| *index);
        for (index, note) in self.notes.drain(..) {
            self.folder.note(base.saturating_add(index), note);
        }
        Ok(())
    }

    /// How many of the first ICBs in `order` are read at once.
    fn run_length(&self, order: &[(u64, u32)]) -> usize {
        let Some((first, _)) = order.first() else { return 0 };
        let size = self.view.block_size();
        let mut end = first.saturating_add(size);
        let near = |(place, _): &&(u64, u32)| {
            let next_end = place.saturating_add(size);
            let near = *place <= end.saturating_add(GAP) && next_end.saturating_sub(*first) <= CHUNK.max(size);
            end = next_end;
            near
        };
        order.iter().take_while(near).count().max(1)
    }

    /// Reads what exists of `extent`; nothing where that fails, so that each ICB is tried by itself.
    fn read_chunk(&mut self, extent: Extent) -> Result<()> {
        match self.chunk.fill(self.view.source.as_ref(), icb::STRUCTURE, extent) {
            Err(error) if error.is_cancelled() => Err(error),
            _ => Ok(()),
        }
    }

    /// Says where the ICBs of pending entries lie.
    fn add_icb_extents(&mut self) {
        let size = self.view.block_size();
        let mut last = None;
        for (place, _) in &self.order {
            // Hard links share an ICB.
            if last != Some(*place) {
                self.folder.add_extent(Extent::new(*place, size));
            }
            last = Some(*place);
        }
    }

    /// Completes an entry from its ICB, the block `bytes`.
    fn describe(&mut self, pending: &mut Pending, index: usize, bytes: &[u8]) -> Result<()> {
        let direct = FileEntry::parse(bytes, pending.entry.record)
            .ok()
            .filter(|entry| entry.check.sound() && !entry.may_be_superseded());
        let described = match direct {
            Some(entry) => self.complete(pending, &entry, pending.icb.location),
            None => icb::read(self.view, pending.icb, &mut self.scratch).and_then(|block| {
                let entry = block.entry()?;
                block.passed.iter().for_each(|extent| self.folder.add_extent(*extent));
                self.scratch.extend(entry.check.warning(icb::STRUCTURE, block.offset));
                self.complete(pending, &entry, block.at)
            }),
        };
        match described {
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => {
                let severity = if pending.entry.deleted { Severity::Info } else { Severity::Error };
                let offset = error.offset().unwrap_or(pending.entry.record);
                let structure = error.structure().unwrap_or(icb::STRUCTURE);
                let message = error.sentence();
                pending.entry.content.set_unsupported(message.clone());
                pending.entry.size = if pending.is_directory { pack(pending.icb.location) } else { 0 };
                self.scratch.push(Diagnostic { severity, structure, offset, message });
            }
            Ok(()) => {}
        }
        self.notes.extend(self.scratch.drain(..).map(|note| (index, note)));
        Ok(())
    }

    /// Completes an entry from its file entry, which was found at `at`.
    fn complete(&mut self, pending: &mut Pending, found: &FileEntry<'_>, at: LogicalBlock) -> Result<()> {
        if found.tag.location != at.block {
            self.misplaced_entries.add(found.offset);
        }
        let notes = &mut self.scratch;
        let kind = kind(found, pending.is_directory, notes);
        let entry = &mut pending.entry;
        let allocated = allocation::collect(self.view, found, at.reference, &mut self.pieces, notes)?;
        entry.kind = kind;
        entry.content = self.pieces.content();
        entry.size = found.information_length;
        if let Some(why) = allocated.unsupported {
            entry.content.set_unsupported(why);
        }
        for extent in allocated.chained {
            // Those of folders are listed where the folders are.
            if kind != Kind::Folder {
                self.folder.add_extent(extent);
            }
        }
        if let Some(icb) = found.attribute_icb() {
            self.add_attribute_file(icb)?;
        }
        let entry = &mut pending.entry;
        entry.record = found.offset;
        let moments = &mut self.moments;
        entry.modified = moments.read(found.modified());
        let created = found.created().and_then(|bytes| moments.read(Some(bytes)));
        let (accessed, changed) = (moments.read(found.accessed()), moments.read(found.changed()));
        self.folder.set_times(entry, created, accessed, changed);
        self.folder.set_posix(entry, found.posix());
        pending.has_streams = found.stream_directory().is_some();
        match kind {
            Kind::Folder => entry.size = pack(at),
            Kind::Symlink => self.set_target(entry, found)?,
            _ => {}
        }
        Ok(())
    }

    /// Says where the file of an entry's further extended attributes lies.
    fn add_attribute_file(&mut self, icb: LongAd) -> Result<()> {
        let block = match icb::read(self.view, icb, &mut self.scratch) {
            Ok(block) => block,
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => {
                let message = format!("The extended attributes cannot be read: {}", error.sentence());
                let (structure, offset) = (error.structure().unwrap_or(icb::STRUCTURE), error.offset().unwrap_or(0));
                self.scratch.push(Diagnostic { severity: Severity::Warning, structure, offset, message });
                return Ok(());
            }
        };
        let entry = block.entry()?;
        let allocated =
            allocation::collect(self.view, &entry, block.at.reference, &mut self.pieces, &mut self.scratch)?;
        let own = Extent::new(block.offset, self.view.block_size());
        let extents = [own].into_iter().chain(allocated.chained).chain(self.pieces.list().iter().copied());
        extents.filter(|extent| extent.is_somewhere()).for_each(|extent| self.folder.add_extent(extent));
        Ok(())
    }

    /// Reads where a symbolic link points to.
    fn set_target(&mut self, entry: &mut Entry, found: &FileEntry<'_>) -> Result<()> {
        // Components have four bytes more than their text, which may have two bytes for each character.
        let most = u64::try_from(limits::SYMLINK_TARGET).unwrap_or(u64::MAX).saturating_mul(4);
        let read = match Form::of(found.flags) {
            Form::Inline => Ok(found.allocation.to_vec()),
            _ => read_up_to(
                &ExtentSource::new(self.view.source.clone(), &entry.content),
                Extent::new(0, entry.size.min(most)),
            ),
        };
        let note =
            |severity, message| Diagnostic { severity, structure: icb::STRUCTURE, offset: found.offset, message };
        let mut target = match read {
            Ok(bytes) => {
                let size = usize::try_from(found.information_length).unwrap_or(usize::MAX);
                path::target(bytes.get(..size).unwrap_or(&bytes))
            }
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => {
                let message = format!("The target of the link cannot be read: {}", error.sentence());
                self.scratch.push(note(Severity::Error, message));
                return Ok(());
            }
        };
        if !target.exact {
            let message = "The target of the link has components that cannot be read".to_owned();
            self.scratch.push(note(Severity::Warning, message));
        }
        if target.text.len() > limits::SYMLINK_TARGET {
            let end = (0..=limits::SYMLINK_TARGET).rev().find(|end| target.text.is_char_boundary(*end));
            target.text.to_mut().truncate(end.unwrap_or(0));
            let message = format!("Only the first {} bytes of the link's target are shown", limits::SYMLINK_TARGET);
            self.scratch.push(note(Severity::Warning, message));
        }
        // The target has to stand behind the name.
        let name = self.folder.name(entry).to_owned();
        self.folder.set_name(entry, &name, Some(&target.text));
        Ok(())
    }

    /// Tells of wrong tag locations, of which a writer's habit can make thousands, once for the folder.
    fn tell_misplaced(&mut self) {
        for (misplaced, structure) in
            [(&self.misplaced_names, fid::STRUCTURE), (&self.misplaced_entries, icb::STRUCTURE)]
        {
            let message = match misplaced.count {
                0 => continue,
                1 => "The descriptor says that it is in another block than it is".to_owned(),
                count => format!("{count} descriptors, of which this is the first, say that they are in another block"),
            };
            self.folder.diagnostics.warning(structure, misplaced.first, message);
        }
    }
}

/// What an entry is, by its ICB; the descriptor of its name decides where that says nothing.
fn kind(found: &FileEntry<'_>, is_directory: bool, notes: &mut Vec<Diagnostic>) -> Kind {
    let named = if is_directory { Kind::Folder } else { Kind::File };
    let kind = match found.file_type {
        file_type::DIRECTORY | file_type::STREAM_DIRECTORY => Kind::Folder,
        file_type::REGULAR | file_type::REAL_TIME => Kind::File,
        file_type::BLOCK_DEVICE => Kind::BlockDevice,
        file_type::CHAR_DEVICE => Kind::CharDevice,
        file_type::FIFO => Kind::Fifo,
        file_type::SOCKET => Kind::Socket,
        file_type::SYMLINK => Kind::Symlink,
        file_type::UNSPECIFIED => named,
        _ => Kind::File,
    };
    if is_directory != (kind == Kind::Folder) {
        let [named, said] = if is_directory { ["a folder", "something else"] } else { ["no folder", "a folder"] };
        notes.push(Diagnostic {
            severity: Severity::Warning,
            structure: icb::STRUCTURE,
            offset: found.offset,
            message: format!("The folder that lists it says that this is {named}, but its file entry says {said}"),
        });
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_being_a_number() {
        for (block, reference) in [(0, 0), (1, 2), (u32::MAX, u16::MAX)] {
            let at = LogicalBlock { block, reference };
            assert_eq!(unpack(folder_id(7, at).extra), at);
        }
    }
}
