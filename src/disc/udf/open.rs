//! Opening a UDF volume.

use std::sync::Arc;

use crate::disc::bytes::Fields;
use crate::disc::file_system::{FileSystem, Session, Structure};
use crate::disc::tree::FileTree;
use crate::disc::{Diagnostics, Error, Extent, Result, Severity, Source, limits};

use super::anchor::{self, Anchor, Recognition, Volume};
use super::details;
use super::directory;
use super::file_set::{self, FileSet};
use super::integrity::Integrity;
use super::logical::LogicalVolume;
use super::names;
use super::partition::View;
use super::primitive::{EntityId, VolumeExtent, revision, timestamp};
use super::streams::{self, Listed};
use super::tag::id;
use super::tree::UdfTree;
use super::volume::{self, Sequence};

/// Opens the UDF volume in `part` of `source`, in the state of session `session` (1 is the oldest) or the newest.
/// `Ok(None)` when there is none. What is wrong with it, and was got round, goes to `diagnostics`.
///
/// Only descriptors, tables and the file sets are read. The error says why there is no tree where the volume is announced
/// or described; what merely looks like an anchor is none.
pub fn open(
    source: &Arc<dyn Source>,
    part: Extent,
    session: Option<u32>,
    diagnostics: &mut Diagnostics,
) -> Result<Option<FileSystem>> {
    let part = Extent { length: part.inside(source.len()), ..part };
    // Complaints about what turns out to be no UDF volume are nobody's concern.
    let mut own = Diagnostics::default();
    let recognition = Recognition::read(source, part, &mut own)?;
    let mut anchors = anchor::find(source, part, &mut own)?;
    let announced = recognition.nsr.is_some();
    if anchors.is_empty() && !announced {
        return Ok(None);
    }
    if anchors.is_empty() {
        // A partition that begins before the recognition sequence of the whole disc seems to have one of its own.
        let whole = Extent::new(0, source.len());
        if part != whole && !anchor::find(source, whole, &mut Diagnostics::default())?.is_empty() {
            return Ok(None);
        }
        anchors = if_readable(anchor::find_in_tail(source, part), &mut own)?;
        if anchors.is_empty() {
            anchors = if_readable(anchor::find_sequences(source, part), &mut own)?;
            if let Some(found) = anchors.first() {
                let message = format!(
                    "None of the anchors of the UDF volume can be read; its descriptors are taken from byte {}",
                    found.offset
                );
                own.warning(anchor::STRUCTURE, part.offset.saturating_add(256 * u64::from(found.block_size)), message);
            }
        }
    }
    match open_anchored(source, part, session, &recognition, &anchors, &mut own) {
        Ok(Some(file_system)) => {
            diagnostics.append(own);
            Ok(Some(file_system))
        }
        Ok(None) | Err(Error::Damaged { .. }) if !announced => Ok(None),
        Ok(None) => {
            diagnostics.append(own);
            let message = "The disc says that it has a UDF volume, but no anchor of one can be read";
            Err(Error::damaged(anchor::STRUCTURE, part.offset.saturating_add(256 * 2048), message))
        }
        Err(error) => {
            diagnostics.append(own);
            Err(error)
        }
    }
}

/// What was found, or nothing where it cannot be read.
fn if_readable<T: Default>(found: Result<T>, diagnostics: &mut Diagnostics) -> Result<T> {
    match found {
        Err(error) if !error.is_cancelled() => {
            diagnostics.failure(&error);
            Ok(T::default())
        }
        found => found,
    }
}

/// Opens the volume that one of the anchors leads to: the first of which there is a volume descriptor sequence.
fn open_anchored(
    source: &Arc<dyn Source>,
    part: Extent,
    session: Option<u32>,
    recognition: &Recognition,
    anchors: &[Anchor],
    diagnostics: &mut Diagnostics,
) -> Result<Option<FileSystem>> {
    let mut failure = None;
    let mut tried: Vec<(u32, VolumeExtent, VolumeExtent)> = Vec::new();
    for anchor in anchors {
        let sequences = (anchor.block_size, anchor.main, anchor.reserve);
        if tried.contains(&sequences) {
            continue;
        }
        tried.push(sequences);
        let volume = Volume { source, part, block_size: anchor.block_size };
        let mut trouble = Diagnostics::default();
        let sequence = Sequence::of(volume, anchor, &mut trouble)?;
        if !sequence.is_complete() {
            failure.get_or_insert((volume::incomplete(anchor), trouble));
            continue;
        }
        let used: Vec<Anchor> = anchors.iter().filter(|other| other.block_size == anchor.block_size).copied().collect();
        for other in &used {
            other.check.warning(anchor::STRUCTURE, other.offset).into_iter().for_each(|note| diagnostics.push(note));
            if !other.in_place {
                let message = "The anchor says that it is in another block than it is";
                diagnostics.warning(anchor::STRUCTURE, other.offset, message);
            }
        }
        diagnostics.append(trouble);
        let mut opening =
            Opening { volume, sequence: &sequence, recognition, anchors: &used, wanted: session, diagnostics };
        return opening.open().map(Some);
    }
    match failure {
        Some((error, trouble)) => {
            diagnostics.append(trouble);
            Err(error)
        }
        None => Ok(None),
    }
}

/// A volume that is being opened.
struct Opening<'a> {
    volume: Volume<'a>,
    sequence: &'a Sequence,
    recognition: &'a Recognition,
    anchors: &'a [Anchor],
    wanted: Option<u32>,
    diagnostics: &'a mut Diagnostics,
}

impl Opening<'_> {
    fn open(&mut self) -> Result<FileSystem> {
        let mut found = FileSystem {
            details: details::volume::of_start(self.recognition, self.anchors),
            structures: self.structures(),
            ..FileSystem::default()
        };
        found.details.extend(self.sequence.descriptors.iter().map(details::volume::of_descriptor));
        let before = self.diagnostics.items().len();
        for descriptor in self.sequence.all(id::LOGICAL_VOLUME).take(limits::UDF_PARTITIONS) {
            let logical =
                match LogicalVolume::open(self.volume, self.sequence, descriptor, self.wanted, self.diagnostics) {
                    Ok(logical) => logical,
                    Err(error @ Error::Damaged { .. }) => {
                        self.diagnostics.failure(&error);
                        continue;
                    }
                    Err(error) => return Err(error),
                };
            self.add_format(&mut found, &descriptor.fields());
            if found.sessions.len() < logical.tables.len().max(1) {
                found.sessions = logical.sessions(self.volume);
                found.session = logical.session;
            }
            let integrity_at = VolumeExtent::read(&descriptor.fields(), 432)?;
            let integrity = Integrity::read(self.volume, integrity_at, self.diagnostics)?;
            if let Some(integrity) = &integrity {
                found.details.push(details::volume::of_integrity(integrity));
                found.volume.modified = integrity.recorded().max(found.volume.modified);
                found.structures.extend(
                    integrity
                        .extents
                        .iter()
                        .map(|extent| Structure { name: "UDF logical volume integrity sequence", extent: *extent }),
                );
                self.check_revision(integrity);
                // On write-once media it stays open, as the virtual allocation table takes its place.
                if !integrity.is_closed() && logical.tables.is_empty() {
                    let message =
                        "The volume was not closed when it was last written; its newest changes may be missing";
                    self.diagnostics.info(super::integrity::STRUCTURE, integrity.offset, message);
                }
            }
            found.details.extend(details::logical::of_partitions(&logical));
            found.volume.modified = logical.table().and_then(|table| table.modified).or(found.volume.modified);
            self.add_trees(&mut found, &logical)?;
            found.structures.extend(logical.structures);
        }
        if found.sessions.is_empty() {
            let volume_id = self.volume_id();
            found.sessions.push(Session { number: 1, first_block: 0, volume_id });
            found.session = 1;
        }
        self.add_partitions(&mut found)?;
        self.describe(&mut found);
        if found.trees.is_empty() {
            return Err(self.without_trees(before));
        }
        Ok(found)
    }

    /// Why no tree can be read: the first of the errors since there were `before` complaints, from which the others follow.
    fn without_trees(&self, before: usize) -> Error {
        let mut errors = self.diagnostics.items().iter().skip(before);
        match errors.find(|item| item.severity == Severity::Error) {
            Some(item) => Error::damaged(item.structure, item.offset, item.message.clone()),
            None => {
                let offset = self.sequence.first(id::LOGICAL_VOLUME).map_or(0, |descriptor| descriptor.offset);
                Error::damaged(file_set::STRUCTURE, offset, "The logical volume has no file set that can be read")
            }
        }
    }

    /// What the volume takes up before its partitions.
    fn structures(&self) -> Vec<Structure> {
        let block = u64::from(self.volume.block_size);
        let recognition = self.recognition.descriptors.iter();
        let mut structures: Vec<Structure> = recognition
            .map(|(_, extent)| Structure { name: "UDF volume recognition sequence", extent: *extent })
            .collect();
        for anchor in self.anchors {
            structures.push(Structure { name: "UDF anchor", extent: Extent::new(anchor.offset, block) });
        }
        let sequences = self.anchors.iter().flat_map(|anchor| {
            [
                ("UDF main volume descriptor sequence", self.volume.extent(anchor.main)),
                ("UDF reserve volume descriptor sequence", self.volume.extent(anchor.reserve)),
            ]
        });
        let further = self.sequence.extents.iter().map(|extent| ("UDF volume descriptor sequence", *extent));
        for (name, extent) in sequences.chain(further).filter(|(_, extent)| extent.length > 0) {
            if !structures.iter().any(|known| known.extent.offset == extent.offset) {
                structures.push(Structure { name, extent });
            }
        }
        structures
    }

    /// Says of which revision of UDF the volume is.
    fn add_format(&self, found: &mut FileSystem, logical: &Fields<'_>) {
        let domain = EntityId::read(logical, 216).unwrap_or_default();
        let format = match (revision(domain.revision()), self.recognition.nsr) {
            (Some(revision), _) => format!("UDF {revision}"),
            (None, Some(nsr)) => format!("UDF (NSR0{nsr})"),
            (None, None) => "UDF".to_owned(),
        };
        if !found.formats.contains(&format) {
            found.formats.push(format);
        }
    }

    /// Tells when the volume asks for a newer revision than there is.
    fn check_revision(&mut self, integrity: &Integrity) {
        let Some(counts) = integrity.counts() else { return };
        let [minimum, ..] = counts.revisions;
        if minimum > 0x0260
            && let Some(minimum) = revision(minimum)
        {
            let message = format!("The volume asks for a reader of UDF {minimum}, which is newer than 2.60");
            self.diagnostics.warning(super::integrity::STRUCTURE, integrity.offset, message);
        }
    }

    /// One tree for each file set.
    fn add_trees(&mut self, found: &mut FileSystem, logical: &LogicalVolume) -> Result<()> {
        let view = View::new(self.volume.source, &logical.space);
        for set in &logical.file_sets {
            let listed = self.system_streams(view, set)?;
            found.details.push(details::logical::of_file_set(set, &listed.streams));
            let contents = listed.streams.iter().flat_map(|stream| stream.content.extents());
            let extents = listed.extents.iter().chain(contents).filter(|extent| extent.is_somewhere());
            let taken = extents.filter(|extent| extent.length > 0);
            found.structures.extend(taken.map(|extent| Structure { name: "UDF system streams", extent: *extent }));
            if set.root.is_none() {
                self.diagnostics.error(file_set::STRUCTURE, set.offset, "The file set has no root directory");
                continue;
            }
            match view.block(set.root.location) {
                Ok(place) => {
                    let root = directory::folder_id(place, set.root.location);
                    let tree = UdfTree::new(self.volume.source.clone(), logical.space.clone(), root);
                    found.trees.push(Arc::new(tree) as Arc<dyn FileTree>);
                }
                Err(why) => {
                    let message = format!("The root directory cannot be found: {why}");
                    self.diagnostics.error(file_set::STRUCTURE, set.offset.saturating_add(400), message);
                }
            }
        }
        Ok(())
    }

    /// The system streams of a file set (OSTA UDF 2.60 §3.3.7).
    fn system_streams(&mut self, view: View<'_>, set: &FileSet) -> Result<Listed> {
        if set.system_streams.is_none() {
            return Ok(Listed::default());
        }
        match streams::in_directory(view, set.system_streams, &mut Diagnostics::default()) {
            Err(error) if error.is_cancelled() => Err(error),
            Err(error) => {
                let message = format!("The system streams cannot be listed: {}", error.sentence());
                self.diagnostics.warning("stream directory", error.offset().unwrap_or(set.offset), message);
                Ok(Listed::default())
            }
            streams => streams,
        }
    }

    /// The tables and bitmaps of free space, and how far the partitions reach.
    fn add_partitions(&mut self, found: &mut FileSystem) -> Result<()> {
        // Structures that should be behind the end of the image say little of how long it should be.
        let image_end = self.volume.part.end();
        let inside = found.structures.iter().map(|structure| structure.extent.end()).filter(|end| *end <= image_end);
        let mut end = inside.max().unwrap_or(0);
        let is_virtual = !found.sessions.is_empty()
            && found.structures.iter().any(|structure| structure.name == "UDF virtual allocation table");
        for descriptor in self.sequence.all(id::PARTITION).take(limits::UDF_PARTITIONS) {
            let fields = descriptor.fields();
            let start = self.volume.offset(fields.le32(188)?);
            let length = u64::from(fields.le32(192)?).saturating_mul(u64::from(self.volume.block_size));
            for (name, at) in [
                ("UDF unallocated space table", 56),
                ("UDF unallocated space bitmap", 64),
                ("UDF freed space table", 80),
                ("UDF freed space bitmap", 88),
            ] {
                let (bytes, block) = (fields.le32(at)? & 0x3fff_ffff, fields.le32(at + 4)?);
                let place = u64::from(block).saturating_mul(u64::from(self.volume.block_size)).saturating_add(start);
                if bytes > 0 {
                    found.structures.push(Structure { name, extent: Extent::new(place, bytes.into()) });
                }
            }
            // What can still be written is part of the partitions of write-once media, but not of their images.
            let partition_end = start.saturating_add(length);
            let counts = !is_virtual || partition_end <= self.volume.part.end();
            if counts && partition_end > end {
                (end, found.declared_at) = (partition_end, descriptor.offset.saturating_add(192));
            }
        }
        found.declared_end = end;
        Ok(())
    }

    fn volume_id(&self) -> String {
        let text = |id, at, len| {
            let descriptor = self.sequence.first(id)?;
            descriptor.fields().bytes(at, len).ok().map(names::dstring)
        };
        let logical = text(id::LOGICAL_VOLUME, 84, 128).filter(|id| !id.is_empty());
        logical.or_else(|| text(id::PRIMARY_VOLUME, 24, 32)).unwrap_or_default()
    }

    /// Names and dates of the volume.
    fn describe(&self, found: &mut FileSystem) {
        let number = usize::try_from(found.session).unwrap_or(0);
        let session = number.checked_sub(1).and_then(|at| found.sessions.get(at));
        let volume = &mut found.volume;
        volume.id = session.map(|session| session.volume_id.clone()).filter(|id| !id.is_empty()).unwrap_or_default();
        if volume.id.is_empty() {
            volume.id = self.volume_id();
        }
        volume.block_size = self.volume.block_size;
        let bytes = found.declared_end.saturating_sub(self.volume.part.offset);
        volume.blocks = u32::try_from(bytes / u64::from(self.volume.block_size)).unwrap_or(u32::MAX);
        let Some(primary) = self.sequence.first(id::PRIMARY_VOLUME) else { return };
        let fields = primary.fields();
        let entity = |at| EntityId::read(&fields, at).map(|entity| entity.name()).unwrap_or_default();
        volume.set_id = fields.bytes(72, 128).map(names::dstring).unwrap_or_default();
        volume.application = entity(344);
        volume.preparer = entity(388);
        volume.created = fields.array(376).ok().and_then(timestamp);
    }
}
