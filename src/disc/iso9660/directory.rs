//! Directories (ECMA-119 §6.8): extents full of directory records become [`Folder`]s.

use std::ops::ControlFlow;

use crate::disc::file::Content;
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::read_up_to;
use crate::disc::tree::{Entry, FileTree, Folder, FolderId, Kind, Posix};
use crate::disc::{Diagnostic, Diagnostics, Error, Extent, Result, Severity, Source, limits, text};

use super::names;
use super::record::{DirectoryRecord, RecordFault, flag};
use super::rock_ridge::RockRidge;
use super::susp::{self, AreaReader};
use super::tree::{IsoTree, susp_start};

const STRUCTURE: &str = "directory record";

/// Bytes of a directory read at once.
const CHUNK: u64 = 256 << 10;

/// Reads a folder. What is damaged is told beside the entries that are not.
pub(super) fn read(tree: &IsoTree, id: FolderId) -> Result<Folder> {
    let mut folder = Folder::default();
    let extent = checked_extent(tree, id, &mut folder.diagnostics)?;
    let mut builder =
        Builder { tree, folder, rock_ridge: RockRidge::default(), areas: AreaReader::default(), open: None };
    let mut diagnostics = Diagnostics::default();
    let walked = for_each_record(tree.source.as_ref(), extent, &mut diagnostics, &mut |record| builder.take(record));
    builder.folder.diagnostics.append(diagnostics);
    match walked {
        Err(error) if error.is_cancelled() || builder.folder.entries().is_empty() => return Err(error),
        Err(error) => builder.folder.diagnostics.failure(&error),
        Ok(()) => {}
    }
    builder.end_sections();
    builder.folder.add_extent(extent);
    builder.areas.into_extents().into_iter().for_each(|extent| builder.folder.add_extent(extent));
    Ok(builder.folder.finish())
}

/// The bytes that hold the folder's records. A folder begins with the record of itself (§6.8.2.2); where the claimed
/// length cannot be, the length of that record is taken.
fn checked_extent(tree: &IsoTree, id: FolderId, diagnostics: &mut Diagnostics) -> Result<Extent> {
    const FOLDER: &str = "directory";
    let image_len = tree.source.len();
    if id.place >= image_len {
        let message = format!("The folder lies behind the end of the image at byte {image_len}");
        return Err(Error::damaged(FOLDER, id.place, message));
    }
    let sector = tree.first_sector(id)?;
    let first = match DirectoryRecord::parse(&sector, id.place) {
        Ok(Some(first)) if first.is_self() || first.block.agree() => first,
        _ => return Err(Error::damaged(FOLDER, id.place, "The folder does not begin with a directory record")),
    };
    let mut extent = Extent::new(id.place, id.extra);
    let own = u64::from(first.data_len.little);
    let own_fits = first.is_self() && own > 0 && Extent::new(id.place, own).end() <= image_len;
    if own_fits && (extent.length == 0 || extent.end() > image_len) {
        if extent.length != 0 {
            let message = format!("The folder is said to have {} bytes; its own record says {own}", extent.length);
            diagnostics.warning(FOLDER, id.place, message);
        }
        extent.length = own;
    } else if !first.is_self() {
        diagnostics.warning(FOLDER, id.place, "The folder does not begin with a record of itself");
    }
    if extent.end() > image_len {
        let missing = extent.end() - image_len;
        let message = format!("The image ends inside of this folder: {missing} bytes of its list of files are missing");
        diagnostics.error(FOLDER, id.place, message);
    }
    if extent.length > limits::DIRECTORY_BYTES {
        let message =
            format!("The folder's list of files has {}; only the first 256 MiB are read", text::size(extent.length));
        diagnostics.error(FOLDER, id.place, message);
        extent.length = limits::DIRECTORY_BYTES;
    }
    Ok(extent)
}

/// Calls `visit` for each record of a directory. Sectors that do not hold records are told and passed over.
fn for_each_record(
    source: &dyn Source,
    directory: Extent,
    diagnostics: &mut Diagnostics,
    visit: &mut dyn FnMut(&DirectoryRecord<'_>) -> ControlFlow<()>,
) -> Result<()> {
    let mut offset = directory.offset;
    while offset < directory.end() {
        let chunk = read_up_to(source, Extent::new(offset, CHUNK.min(directory.end() - offset)))?;
        if chunk.is_empty() {
            break;
        }
        for (number, sector) in chunk.chunks(2048).enumerate() {
            let mut rest = sector;
            let mut at = offset.saturating_add(number as u64 * SECTOR_SIZE);
            loop {
                match DirectoryRecord::parse(rest, at) {
                    Ok(None) => break,
                    Ok(Some(record)) => {
                        if visit(&record).is_break() {
                            return Ok(());
                        }
                    }
                    Err(fault) => {
                        let message = match fault {
                            RecordFault::TooShort => "A directory record is too short for what it holds",
                            RecordFault::CrossesSector => "A directory record reaches beyond its sector",
                        };
                        diagnostics.error(STRUCTURE, at, format!("{message}; the rest of the sector is not read"));
                        break;
                    }
                }
                let length = rest.first().copied().unwrap_or(0);
                rest = rest.get(usize::from(length)..).unwrap_or_default();
                at = at.saturating_add(u64::from(length));
            }
        }
        offset = offset.saturating_add(chunk.len() as u64);
    }
    Ok(())
}

/// Where a record's data lies. The little-endian numbers count; where only the big-endian ones can be right, those.
pub(super) fn data_extent(tree: &IsoTree, record: &DirectoryRecord<'_>, notes: &mut dyn FnMut(Diagnostic)) -> Extent {
    let at = |block: u32| tree.block_offset(block.saturating_add(u32::from(record.xar_blocks)));
    let mut block = record.block.little;
    let mut length = record.data_len.little;
    if !record.block.agree() || !record.data_len.agree() {
        let image_len = tree.source.len();
        if at(block) >= image_len && at(record.block.big) < image_len {
            block = record.block.big;
        }
        if length == 0 {
            length = record.data_len.big;
        }
        notes(Diagnostic {
            severity: Severity::Warning,
            structure: STRUCTURE,
            offset: record.offset,
            message: format!(
                "Place or size differ between the byte orders: block {} or {}, {} or {} bytes",
                record.block.little, record.block.big, record.data_len.little, record.data_len.big
            ),
        });
    }
    Extent::new(at(block), u64::from(length))
}

/// Takes in the records of one folder.
struct Builder<'t> {
    tree: &'t IsoTree,
    folder: Folder,
    rock_ridge: RockRidge,
    areas: AreaReader,
    /// Identifier and offset of a file whose last record said that further sections follow.
    open: Option<(Vec<u8>, u64)>,
}

impl Builder<'_> {
    fn take(&mut self, record: &DirectoryRecord<'_>) -> ControlFlow<()> {
        if record.is_self() || record.is_parent() {
            self.claim_system_use(record);
            return ControlFlow::Continue(());
        }
        if self.folder.entries().len() >= limits::FOLDER_ENTRIES {
            let message = "The folder has more than the 4 million entries that Isoscope lists";
            self.folder.diagnostics.error("directory", record.offset, message);
            return ControlFlow::Break(());
        }
        if let Some((identifier, _)) = &self.open {
            if identifier == record.identifier {
                self.add_section(record);
                return ControlFlow::Continue(());
            }
            self.end_sections();
        }
        self.add_entry(record);
        ControlFlow::Continue(())
    }

    /// The folder's own record may go on elsewhere too: that of the root does, as the extensions are named there.
    fn claim_system_use(&mut self, record: &DirectoryRecord<'_>) {
        if let Some(skip) = self.tree.skip {
            self.rock_ridge.clear();
            read_system_use(self.tree, record, skip, &mut self.areas, &mut self.rock_ridge, &mut Vec::new());
        }
    }

    /// A further section of the last file (§6.5.1).
    fn add_section(&mut self, record: &DirectoryRecord<'_>) {
        let extent = data_extent(self.tree, record, &mut |_| {});
        let full =
            self.folder.entries().last().is_some_and(|last| last.content.extents().len() >= limits::FILE_SECTIONS);
        if let Some(last) = self.folder.last_mut().filter(|_| !full) {
            last.content.add_extent(extent);
            if last.content.packing().is_none() {
                last.size = last.size.saturating_add(extent.length);
            }
        }
        if record.flags & flag::MULTI_EXTENT == 0 {
            self.open = None;
        }
    }

    /// Ends a file of several sections whose last section is missing.
    fn end_sections(&mut self) {
        let Some((_, offset)) = self.open.take() else { return };
        let message = "The file is said to go on, but its next section is missing".to_owned();
        let note = Diagnostic { severity: Severity::Error, structure: STRUCTURE, offset, message };
        self.folder.note(self.folder.entries().len().saturating_sub(1), note);
    }

    fn add_entry(&mut self, record: &DirectoryRecord<'_>) {
        let mut notes = Vec::new();
        self.rock_ridge.clear();
        if let Some(skip) = self.tree.skip {
            read_system_use(self.tree, record, skip, &mut self.areas, &mut self.rock_ridge, &mut notes);
            // The folder is listed where it really belongs, by its CL entry (RRIP §4.1.5).
            if self.rock_ridge.relocated {
                return;
            }
            match self.is_relocation_container(record) {
                Ok(true) => return,
                Ok(false) => {}
                Err(error) => {
                    let message = format!("Whether this folder only holds moved ones cannot be told: {error}");
                    notes.push(note(record, Severity::Warning, message));
                }
            }
        }
        let extent = data_extent(self.tree, record, &mut |note| notes.push(note));
        let kind = self.kind(record, &mut notes);
        let mut entry = Entry::new(kind, Content::new(extent), extent.length, record.offset);
        entry.hidden = record.flags & flag::HIDDEN != 0;
        entry.modified = self.rock_ridge.modified.or_else(|| record.timestamp());
        let RockRidge { created, accessed, changed, .. } = self.rock_ridge;
        self.folder.set_times(&mut entry, created, accessed, changed);
        if record.is_interleaved() {
            entry.content.set_unsupported("The file is interleaved with gaps, which Isoscope does not read");
        }
        if entry.is_file() {
            if let Some((packing, size)) = self.rock_ridge.packed.filter(|_| extent.length > 0) {
                entry.content.set_packing(packing);
                entry.size = size;
            }
            if let Some(why) = self.rock_ridge.unsupported.take() {
                entry.content.set_unsupported(why);
            }
        }
        if record.flags & flag::ASSOCIATED != 0 {
            notes.push(note(
                record,
                Severity::Info,
                "This is an associated file, such as a resource fork, of the file of the same name",
            ));
        }
        let posix = match self.rock_ridge.child_link {
            Some(block) => self.relocated_folder(block, record, &mut entry, &mut notes),
            None => self.rock_ridge.posix,
        };
        self.folder.set_posix(&mut entry, posix);
        self.push(record, entry, notes);
    }

    /// Stores the entry with its texts and notes.
    fn push(&mut self, record: &DirectoryRecord<'_>, mut entry: Entry, notes: Vec<Diagnostic>) {
        let raw: &[u8] = if self.rock_ridge.name.is_empty() { record.identifier } else { &self.rock_ridge.name };
        let name = if self.rock_ridge.name.is_empty() {
            names::name(record.identifier, self.tree.encoding)
        } else {
            text::utf8(&self.rock_ridge.name)
        };
        let target = (entry.kind == Kind::Symlink).then(|| text::utf8(&self.rock_ridge.target).text);
        self.folder.set_name(&mut entry, &name.text, target.as_deref());
        let index = self.folder.push(entry);
        if !name.exact {
            self.folder.keep_raw_name(raw);
        }
        for note in notes {
            self.folder.note(index, note);
        }
        if record.flags & flag::MULTI_EXTENT != 0 {
            self.open = Some((record.identifier.to_vec(), record.offset));
        }
    }

    fn kind(&self, record: &DirectoryRecord<'_>, notes: &mut Vec<Diagnostic>) -> Kind {
        let recorded = self.rock_ridge.kind();
        if record.is_directory() || self.rock_ridge.child_link.is_some() {
            return Kind::Folder;
        }
        match recorded {
            Some(Kind::Folder) => {
                notes.push(note(
                    record,
                    Severity::Warning,
                    "Rock Ridge calls this a folder, but its record is that of a file",
                ));
                Kind::File
            }
            Some(kind) => kind,
            None if !self.rock_ridge.target.is_empty() => Kind::Symlink,
            None => Kind::File,
        }
    }

    /// Puts a relocated folder back in its place (RRIP §4.1.5.1): place, length and attributes are those of the folder
    /// that `CL` points to.
    fn relocated_folder(
        &mut self,
        block: u32,
        record: &DirectoryRecord<'_>,
        entry: &mut Entry,
        notes: &mut Vec<Diagnostic>,
    ) -> Option<Posix> {
        let place = self.tree.block_offset(block);
        entry.content = Content::new(Extent::new(place, 0));
        let sector = match self.tree.first_sector(FolderId { place, extra: 0 }) {
            Ok(sector) => sector,
            Err(error) => {
                let message = format!("The folder was moved to block {block}, which cannot be read: {error}");
                notes.push(note(record, Severity::Error, message));
                return self.rock_ridge.posix;
            }
        };
        let own = DirectoryRecord::parse(&sector, place).ok().flatten();
        let Some(own) = own.filter(|own| own.is_self() && own.is_directory()) else {
            let message = format!("The folder was moved to block {block}, where there is none");
            notes.push(note(record, Severity::Error, message));
            return self.rock_ridge.posix;
        };
        entry.content = Content::new(Extent::new(place, u64::from(own.data_len.little)));
        let mut attributes = RockRidge::default();
        let skip = self.tree.skip.unwrap_or(0);
        read_system_use(self.tree, &own, skip, &mut self.areas, &mut attributes, notes);
        entry.modified = attributes.modified.or_else(|| own.timestamp());
        self.folder.set_times(entry, attributes.created, attributes.accessed, attributes.changed);
        attributes.posix
    }

    /// True for the folder in the root that holds nothing but relocated folders.
    fn is_relocation_container(&mut self, record: &DirectoryRecord<'_>) -> Result<bool> {
        let name: &[u8] = if self.rock_ridge.name.is_empty() { record.identifier } else { &self.rock_ridge.name };
        let container = [&b"rr_moved"[..], b".rr_moved"].iter().any(|known| name.eq_ignore_ascii_case(known));
        if !container || !record.is_directory() {
            return Ok(false);
        }
        let extent = data_extent(self.tree, record, &mut |_| {});
        let id = FolderId { place: extent.offset, extra: extent.length };
        // A container inside of itself would be read for ever.
        let inside_itself = extent.offset <= record.offset && record.offset < extent.end();
        if inside_itself { Ok(false) } else { only_relocated(self.tree, id) }
    }
}

/// True when every entry of the folder was moved there.
fn only_relocated(tree: &IsoTree, id: FolderId) -> Result<bool> {
    let mut diagnostics = Diagnostics::default();
    let extent = checked_extent(tree, id, &mut diagnostics)?;
    let (mut areas, mut rock_ridge, mut only) = (AreaReader::default(), RockRidge::default(), true);
    for_each_record(tree.source.as_ref(), extent, &mut diagnostics, &mut |record| {
        if record.is_self() || record.is_parent() {
            return ControlFlow::Continue(());
        }
        rock_ridge.clear();
        read_system_use(tree, record, tree.skip.unwrap_or(0), &mut areas, &mut rock_ridge, &mut Vec::new());
        only &= rock_ridge.relocated;
        if only { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(only && diagnostics.is_empty())
}

/// Reads the Rock Ridge entries of a record.
fn read_system_use(
    tree: &IsoTree,
    record: &DirectoryRecord<'_>,
    skip: usize,
    areas: &mut AreaReader,
    rock_ridge: &mut RockRidge,
    notes: &mut Vec<Diagnostic>,
) {
    let start =
        if record.is_self() && record.offset == tree.root().place { susp_start(record.system_use) } else { skip };
    let Some(system_use) = record.system_use.get(start..) else { return };
    let offset = record.system_use_offset().saturating_add(start as u64);
    susp::for_each_entry(
        tree.source.as_ref(),
        tree.blocks,
        areas,
        (system_use, offset),
        &mut |note| notes.push(note),
        &mut |entry, notes| rock_ridge.take(entry, notes),
    );
}

fn note(record: &DirectoryRecord<'_>, severity: Severity, message: impl Into<String>) -> Diagnostic {
    Diagnostic { severity, structure: STRUCTURE, offset: record.offset, message: message.into() }
}
