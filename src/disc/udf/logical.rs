//! A logical volume (ECMA-167 3/10.6): its partitions, and the file sets in them.

use std::sync::Arc;

use crate::disc::bytes::Fields;
use crate::disc::file_system::{Session, Structure};
use crate::disc::source::read_up_to;
use crate::disc::{Diagnostic, Diagnostics, Error, Extent, Result, limits};

use super::allocation;
use super::anchor::Volume;
use super::file_set::{self, FileSet};
use super::icb::{self, file_type};
use super::names;
use super::partition::metadata::BlockMap;
use super::partition::sparable::{ReadTable, SparingTable};
use super::partition::vat::{self, Table, Vat};
use super::partition::{Map, PartitionMap, Physical, Space, View};
use super::pieces::Pieces;
use super::primitive::{LogicalBlock, LongAd};
use super::tag::id;
use super::volume::{Descriptor, Sequence};

/// A logical volume whose partitions were opened.
pub(super) struct LogicalVolume {
    /// Its name.
    pub(super) id: String,
    /// Where its blocks lie.
    pub(super) space: Arc<Space>,
    /// Its partition maps, each with its absolute byte offset.
    pub(super) maps: Vec<(u64, PartitionMap)>,
    /// Its file sets, the default one first.
    pub(super) file_sets: Vec<FileSet>,
    /// The virtual allocation tables, the oldest first, and the place of the one in use.
    pub(super) tables: Vec<Table>,
    /// Number of the session that is open, from 1.
    pub(super) session: u32,
    /// Entries of the table in use.
    pub(super) vat_len: usize,
    /// The sparing tables that can be read: offset and what they say.
    pub(super) sparing: Vec<(u64, ReadTable)>,
    /// What its partitions take up besides files and folders.
    pub(super) structures: Vec<Structure>,
}

/// The length of a block that a logical volume descriptor gives, or that of the volume's blocks where it cannot be.
fn block_size(volume: Volume<'_>, fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Result<u32> {
    let size = fields.le32(212)?;
    if size == volume.block_size {
        return Ok(size);
    }
    let possible = super::anchor::BLOCK_SIZES.contains(&size);
    let used = if possible { size } else { volume.block_size };
    let message = format!(
        "The logical volume has blocks of {size} bytes, but its volume has blocks of {}; {used} are used",
        volume.block_size
    );
    diagnostics.warning("logical volume descriptor", fields.offset_of(212), message);
    Ok(used)
}

impl LogicalVolume {
    /// Opens the logical volume of `descriptor`, in the state of session `wanted` where it has several.
    pub(super) fn open(
        volume: Volume<'_>,
        sequence: &Sequence,
        descriptor: &Descriptor,
        wanted: Option<u32>,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self> {
        let fields = descriptor.fields();
        let block_size = block_size(volume, &fields, diagnostics)?;
        let map_bytes = usize::try_from(fields.le32(264)?).unwrap_or(usize::MAX);
        let room = fields.all().get(440..).unwrap_or_default();
        let maps = PartitionMap::all(
            room.get(..map_bytes).unwrap_or(room),
            fields.offset_of(440),
            fields.le32(268)?,
            diagnostics,
        );
        let mut opening = Opening {
            volume,
            sequence,
            space: Space { block_size, maps: Vec::new() },
            sparing: Vec::new(),
            structures: Vec::new(),
            diagnostics,
        };
        opening.open_physical(&maps)?;
        opening.open_metadata(&maps)?;
        let tables = opening.open_virtual(&maps)?;
        let count = u32::try_from(tables.as_ref().map_or(1, |found| found.tables.len())).unwrap_or(1);
        let session = wanted.unwrap_or(count);
        if session == 0 || session > count {
            let message = format!("There is no session {session}; the image has {count}");
            return Err(Error::unsupported("session", descriptor.offset, message));
        }
        let file_set_at = (LongAd::read(&fields, 248)?, fields.offset_of(248));
        let (file_sets, session, vat_len) = match &tables {
            None => (opening.file_sets(file_set_at)?, 1, 0),
            Some(found) => opening.open_session(found, session, wanted.is_some(), file_set_at)?,
        };
        let Opening { space, sparing, structures, .. } = opening;
        Ok(Self {
            id: names::dstring(fields.bytes(84, 128)?),
            space: Arc::new(space),
            maps,
            file_sets,
            tables: tables.map(|found| found.tables).unwrap_or_default(),
            session,
            vat_len,
            sparing,
            structures,
        })
    }

    /// The states of the volume that can be opened.
    pub(super) fn sessions(&self, volume: Volume<'_>) -> Vec<Session> {
        let session = |offset: u64, volume_id: &str, number| {
            let block = offset.saturating_sub(volume.part.offset) / u64::from(volume.block_size);
            Session {
                number,
                first_block: u32::try_from(block).unwrap_or(u32::MAX),
                volume_id: if volume_id.is_empty() { self.id.clone() } else { volume_id.to_owned() },
            }
        };
        if self.tables.is_empty() {
            return vec![session(volume.part.offset, "", 1)];
        }
        let numbered = self.tables.iter().zip(1..);
        numbered.map(|(table, number)| session(table.offset, &table.header.volume_id, number)).collect()
    }

    /// The virtual allocation table in use.
    pub(super) fn table(&self) -> Option<&Table> {
        usize::try_from(self.session).ok()?.checked_sub(1).and_then(|at| self.tables.get(at))
    }
}

/// The virtual allocation tables of a volume.
struct FoundTables {
    tables: Vec<Table>,
    /// The maps of virtual partitions.
    virtual_maps: Vec<usize>,
    /// Entries of the newest table, which was read when it was found.
    newest: Arc<Vat>,
    physical: Physical,
}

/// A logical volume whose partitions are being opened.
struct Opening<'a> {
    volume: Volume<'a>,
    sequence: &'a Sequence,
    space: Space,
    sparing: Vec<(u64, ReadTable)>,
    structures: Vec<Structure>,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Opening<'a> {
    /// Opens the partitions that lie on the medium as they are. Others wait, as theirs are written in terms of these.
    fn open_physical(&mut self, maps: &[(u64, PartitionMap)]) -> Result<()> {
        for (offset, map) in maps {
            let opened = match map {
                PartitionMap::Physical { partition } => self.physical(*partition, *offset),
                PartitionMap::Sparable { partition, packet, table_size, tables } => {
                    let table = self.sparing_table(*offset, *packet, *table_size, tables)?;
                    match self.physical(*partition, *offset) {
                        Map::Physical(physical) => Map::Physical(Physical { sparing: Some(table), ..physical }),
                        other => other,
                    }
                }
                PartitionMap::Virtual { .. } | PartitionMap::Metadata { .. } => {
                    Map::Unusable("The partition is described by itself".to_owned())
                }
                PartitionMap::Unknown(kind, name) => {
                    let what = if name.is_empty() { format!("type {kind}") } else { format!("“{name}”") };
                    let message = format!("Isoscope does not know partition maps of {what}");
                    self.diagnostics.error("partition map", *offset, message.clone());
                    Map::Unusable(message)
                }
            };
            self.space.maps.push(opened);
        }
        Ok(())
    }

    /// The partition with this number as its descriptor gives it.
    fn physical(&mut self, partition: u16, map_offset: u64) -> Map {
        let has_number = |found: &&Descriptor| found.fields().le16(22).is_ok_and(|number| number == partition);
        let Some(descriptor) = self.sequence.all(id::PARTITION).find(has_number) else {
            let message = format!("There is no descriptor of partition {partition}");
            self.diagnostics.error("partition map", map_offset, message.clone());
            return Map::Unusable(message);
        };
        let number = |at| descriptor.fields().le32(at).unwrap_or(0);
        let (first, sectors) = (number(188), number(192));
        let start = self.volume.offset(first);
        let bytes = u64::from(sectors).saturating_mul(u64::from(self.volume.block_size));
        if start >= self.volume.part.end() {
            let message = format!("The partition should start at block {first}, behind the end of the image");
            self.diagnostics.error("partition descriptor", descriptor.offset, message);
        }
        let blocks = u32::try_from(bytes / u64::from(self.space.block_size)).unwrap_or(u32::MAX);
        Map::Physical(Physical { start, blocks, sparing: None })
    }

    /// Reads all copies of a sparing table and takes the newest that is sound; none of its packets is spared when no
    /// copy can be read.
    fn sparing_table(&mut self, map: u64, packet: u16, size: u32, copies: &[u32]) -> Result<Arc<SparingTable>> {
        const STRUCTURE: &str = "sparing table";
        let mut best: Option<ReadTable> = None;
        let mut bad = Vec::new();
        for block in copies {
            let offset = self.volume.offset(*block);
            let extent = Extent::new(offset, u64::from(size));
            let read =
                read_up_to(self.volume.source.as_ref(), extent).and_then(|bytes| ReadTable::parse(&bytes, offset));
            match read {
                Ok(table) => {
                    table.check.warning(STRUCTURE, offset).into_iter().for_each(|note| self.diagnostics.push(note));
                    self.structures.push(Structure { name: "UDF sparing table", extent });
                    self.sparing.push((offset, table.clone()));
                    let rank = |table: &ReadTable| (table.check.sound(), table.sequence);
                    if best.as_ref().is_none_or(|best| rank(&table) > rank(best)) {
                        best = Some(table);
                    }
                }
                Err(error) if error.is_cancelled() => return Err(error),
                Err(error) => bad.push(error),
            }
        }
        for error in bad {
            let offset = error.offset().unwrap_or(map);
            let consequence =
                if best.is_some() { "another copy of it is used" } else { "there is no other copy of it" };
            self.diagnostics.warning(STRUCTURE, offset, format!("{}; {consequence}", error.sentence()));
        }
        if best.is_none() {
            let message = "No sparing table can be read, so that files in spared packets have wrong contents";
            self.diagnostics.error("partition map", map, message);
        }
        if packet == 0 {
            self.diagnostics.error("partition map", map, "The partition's packets have no blocks");
        }
        let spared = best.map(|table| table.spared).unwrap_or_default();
        Ok(Arc::new(SparingTable::new(packet, self.volume.part.offset, spared)))
    }

    /// The partition reference number under which blocks of partition `partition` can be read as they are on the medium,
    /// and the partition.
    fn ground(&mut self, maps: &[(u64, PartitionMap)], partition: u16, offset: u64) -> Option<(u16, Physical)> {
        let same = |(map, opened): (&(u64, PartitionMap), &Map)| match opened {
            Map::Physical(physical) if map.1.partition() == Some(partition) => Some(physical.clone()),
            _ => None,
        };
        let both = || maps.iter().zip(&self.space.maps);
        let found = both().zip(0_u16..).find_map(|(both, index)| same(both).map(|physical| (index, physical)));
        if found.is_some() {
            return found;
        }
        // No map of its own: it gets one that no file refers to.
        let index = u16::try_from(self.space.maps.len()).ok()?;
        match self.physical(partition, offset) {
            Map::Physical(physical) => {
                self.space.maps.push(Map::Physical(physical.clone()));
                Some((index, physical))
            }
            _ => None,
        }
    }

    fn set_map(&mut self, index: usize, map: Map) {
        if let Some(place) = self.space.maps.get_mut(index) {
            *place = map;
        }
    }

    fn open_metadata(&mut self, maps: &[(u64, PartitionMap)]) -> Result<()> {
        for (index, (offset, map)) in maps.iter().enumerate() {
            let PartitionMap::Metadata { partition, main, mirror, bitmap, .. } = map else { continue };
            let Some((reference, _)) = self.ground(maps, *partition, *offset) else { continue };
            let at = |block: u32| LogicalBlock { block, reference };
            if let Some(bitmap) = bitmap {
                // Only for the map of what is used: a bitmap is not needed for reading.
                self.metadata_file(at(*bitmap), file_type::METADATA_BITMAP).map(|_| ()).or_else(unless_cancelled)?;
            }
            let main_file = self.metadata_file(at(*main), file_type::METADATA);
            let mirror_file = self.metadata_file(at(*mirror), file_type::METADATA_MIRROR);
            let opened = match (main_file, mirror_file) {
                (Err(error), _) | (_, Err(error)) if error.is_cancelled() => return Err(error),
                (Ok(main), Ok(mirror)) if !main.is_sound && mirror.is_sound => {
                    let message = format!("The metadata file is damaged; its mirror at byte {} is used", mirror.entry);
                    self.diagnostics.warning("metadata file", main.entry, message);
                    Map::Metadata(mirror, None)
                }
                (Ok(main), Ok(mirror)) => {
                    let apart = !main.pieces().eq(mirror.pieces());
                    Map::Metadata(main, Some(mirror).filter(|_| apart))
                }
                (Ok(main), Err(error)) => {
                    let message = format!("The mirror of the metadata file cannot be read: {}", error.sentence());
                    self.diagnostics.warning("metadata mirror file", error.offset().unwrap_or(*offset), message);
                    Map::Metadata(main, None)
                }
                (Err(error), Ok(mirror)) => {
                    let message = format!(
                        "The metadata file cannot be read: {}; its mirror at byte {} is used",
                        error.sentence(),
                        mirror.entry
                    );
                    self.diagnostics.warning("metadata file", error.offset().unwrap_or(*offset), message);
                    Map::Metadata(mirror, None)
                }
                (Err(error), Err(_)) => {
                    let message = format!("Neither the metadata file nor its mirror can be read: {}", error.sentence());
                    self.diagnostics.error("metadata file", error.offset().unwrap_or(*offset), message.clone());
                    Map::Unusable(message)
                }
            };
            self.set_map(index, opened);
        }
        Ok(())
    }

    /// Reads where a metadata file lies, and notes that its bytes are in use.
    fn metadata_file(&mut self, at: LogicalBlock, kind: u8) -> Result<Arc<BlockMap>> {
        const STRUCTURE: &str = "metadata file";
        let mut notes: Vec<Diagnostic> = Vec::new();
        let view = View::new(self.volume.source, &self.space);
        let block = icb::read(view, LongAd { location: at, ..LongAd::default() }, &mut notes)?;
        let entry = block.entry()?;
        if !matches!(entry.file_type, file_type::METADATA..=file_type::METADATA_BITMAP) {
            let message = format!("This should be the metadata file, but is a file of type {}", entry.file_type);
            return Err(Error::damaged(STRUCTURE, block.offset, message));
        }
        if entry.file_type != kind {
            let message = format!("The file is of type {} instead of {kind}", entry.file_type);
            self.diagnostics.warning(STRUCTURE, block.offset, message);
        }
        notes.extend(entry.check.warning(STRUCTURE, block.offset));
        let mut pieces = Pieces::new(limits::UDF_FOLDER_PIECES);
        let allocated = allocation::collect(view, &entry, block.at.reference, &mut pieces, &mut notes)?;
        if let Some(why) = allocated.unsupported {
            return Err(Error::damaged(STRUCTURE, block.offset, why));
        }
        let name = match kind {
            file_type::METADATA => "UDF metadata file",
            file_type::METADATA_MIRROR => "UDF metadata mirror file",
            _ => "UDF metadata bitmap file",
        };
        let own = Extent::new(block.offset, view.block_size());
        let extents = [own].into_iter().chain(allocated.chained).chain(pieces.list().iter().copied());
        let somewhere = extents.filter(|extent| extent.is_somewhere());
        self.structures.extend(somewhere.map(|extent| Structure { name, extent }));
        let recorded = pieces.list().iter().all(|piece| piece.is_somewhere());
        let is_sound = notes.is_empty() && recorded && entry.information_length > 0;
        notes.into_iter().for_each(|note| self.diagnostics.push(note));
        Ok(Arc::new(BlockMap::new(pieces.list(), block.offset, is_sound)))
    }

    /// Finds the virtual allocation tables where the volume has a virtual partition. Where it has none although it should,
    /// the blocks of the partition are taken as they are, which is told.
    fn open_virtual(&mut self, maps: &[(u64, PartitionMap)]) -> Result<Option<FoundTables>> {
        let is_virtual = |(_, map): &(u64, PartitionMap)| matches!(map, PartitionMap::Virtual { .. });
        let Some((offset, map)) = maps.iter().find(|map| is_virtual(map)) else { return Ok(None) };
        let virtual_maps: Vec<usize> =
            maps.iter().enumerate().filter(|(_, map)| is_virtual(map)).map(|(index, _)| index).collect();
        let Some((reference, physical)) = self.ground(maps, map.partition().unwrap_or_default(), *offset) else {
            return Ok(None);
        };
        let view = View::new(self.volume.source, &self.space);
        let end = self.volume.part.end().min(self.volume.source.len());
        let partition_end = physical.start.saturating_add(u64::from(physical.blocks).saturating_mul(view.block_size()));
        let mut found = vat::find(view, reference, physical.start, end, self.diagnostics)?;
        if found.is_none() && partition_end < end {
            found = vat::find(view, reference, physical.start, partition_end, self.diagnostics)?;
        }
        let Some((newest, vat)) = found else {
            let message = "The disc should have a virtual allocation table at its end, but there is none; \
                its files are looked for where they were first written";
            self.diagnostics.error("virtual allocation table", end, message);
            for index in virtual_maps {
                self.set_map(index, Map::Physical(physical.clone()));
            }
            return Ok(None);
        };
        let tables = vat::history(view, reference, newest, self.diagnostics)?;
        Ok(Some(FoundTables { tables, newest: Arc::new(vat), virtual_maps, physical }))
    }

    /// Puts the table of session `number` in use and reads the file sets; an earlier one where nothing can be read with
    /// it, unless just this one is wanted.
    fn open_session(
        &mut self,
        found: &FoundTables,
        number: u32,
        only: bool,
        file_set: (LongAd, u64),
    ) -> Result<(Vec<FileSet>, u32, usize)> {
        let upto = usize::try_from(number).unwrap_or(usize::MAX).min(found.tables.len());
        let mut first_trouble = None;
        for (place, table) in found.tables.iter().enumerate().take(upto).rev() {
            let opened = self.try_table(found, place, file_set);
            match opened {
                Ok((sets, len)) if !sets.is_empty() => {
                    let size = u64::from(self.space.block_size);
                    let before = u64::from(table.copies).saturating_mul(size);
                    let block = Extent::new(table.offset.saturating_sub(before), size.saturating_add(before));
                    let data = table.content.extents().iter().copied();
                    for extent in [block].into_iter().chain(data).filter(|extent| extent.is_somewhere()) {
                        self.structures.push(Structure { name: "UDF virtual allocation table", extent });
                    }
                    if let Some(offset) = first_trouble {
                        let message = format!(
                            "Nothing can be read with this table; the earlier one at byte {} is used",
                            table.offset
                        );
                        self.diagnostics.warning("virtual allocation table", offset, message);
                    }
                    let number = u32::try_from(place).unwrap_or(u32::MAX).saturating_add(1);
                    return Ok((sets, number, len));
                }
                Err(error) if error.is_cancelled() => return Err(error),
                Err(error) => self.diagnostics.failure(&error),
                Ok(_) => {}
            }
            first_trouble = first_trouble.or(Some(table.offset));
            if only {
                break;
            }
        }
        Ok((Vec::new(), number, 0))
    }

    /// Puts the table at `place` in use and reads the file sets with it.
    fn try_table(
        &mut self,
        found: &FoundTables,
        place: usize,
        file_set: (LongAd, u64),
    ) -> Result<(Vec<FileSet>, usize)> {
        let vat = match found.tables.get(place) {
            Some(table) if place.saturating_add(1) < found.tables.len() => Arc::new(table.entries(self.volume.source)?),
            _ => found.newest.clone(),
        };
        let len = vat.len();
        for index in &found.virtual_maps {
            self.set_map(*index, Map::Virtual(found.physical.clone(), vat.clone()));
        }
        Ok((self.file_sets(file_set)?, len))
    }

    /// Reads the file sets, the default one first; from the mirror where the main copy is damaged.
    fn file_sets(&mut self, start: (LongAd, u64)) -> Result<Vec<FileSet>> {
        let space = self.space.clone();
        let view = View::new(self.volume.source, &space);
        let mut trouble = Diagnostics::default();
        let (mut sets, mut extents) = file_set::read(view, start, &mut trouble)?;
        let damaged = |sets: &[FileSet]| sets.is_empty() || sets.iter().any(|set| !set.is_sound);
        if damaged(&sets) && view.has_mirror(start.0.location.reference) {
            let (mirrored, places) = file_set::read(view.mirrored(), start, &mut Diagnostics::default())?;
            if let Some(first) = mirrored.first().filter(|_| sets.is_empty() || !damaged(&mirrored)) {
                let offset = view.block(start.0.location).unwrap_or(first.offset);
                let message = format!("The file set is damaged; its mirror at byte {} is used", first.offset);
                self.diagnostics.warning(file_set::STRUCTURE, offset, message);
                (sets, extents) = (mirrored, places);
            }
        }
        self.diagnostics.append(trouble);
        self.structures.extend(extents.into_iter().map(|extent| Structure { name: "UDF file set", extent }));
        sets.sort_by_key(|set| std::cmp::Reverse(set.number));
        Ok(sets)
    }
}

fn unless_cancelled(error: Error) -> Result<()> {
    if error.is_cancelled() { Err(error) } else { Ok(()) }
}
