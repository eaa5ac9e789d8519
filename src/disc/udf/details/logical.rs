//! The partitions and file sets of a logical volume.

use crate::disc::tree::{DetailGroup, Stream};
use crate::disc::{text, tree::DetailField};

use super::super::file_set::FileSet;
use super::super::logical::LogicalVolume;
use super::super::partition::{Map, PartitionMap};
use super::super::primitive::revision;
use super::Sheet;

/// The partition maps, and the tables that they need.
pub(in crate::disc::udf) fn of_partitions(logical: &LogicalVolume) -> Vec<DetailGroup> {
    let mut groups = Vec::new();
    for (reference, (offset, map)) in logical.maps.iter().enumerate() {
        let mut group = DetailGroup::new(format!("Partition map {reference}: {}", map.label()));
        let mut add = |label: &'static str, value: String, at: u64| {
            group.fields.push(DetailField { label, value, offset: Some(offset.saturating_add(at)) });
        };
        let number_at = if matches!(map, PartitionMap::Physical { .. }) { 4 } else { 38 };
        if let Some(partition) = map.partition() {
            add("Partition number", partition.to_string(), number_at);
        }
        match map {
            PartitionMap::Sparable { packet, table_size, tables, .. } => {
                add("Packet length", format!("{packet} blocks"), 40);
                add("Size of each sparing table", format!("{table_size} bytes"), 44);
                for (table, at) in tables.iter().zip((48..).step_by(4)) {
                    add("Location of sparing table", format!("block {table}"), at);
                }
            }
            PartitionMap::Metadata { main, mirror, bitmap, allocation_unit, alignment_unit, duplicated, .. } => {
                add("Metadata file location", format!("block {main}"), 40);
                add("Metadata mirror file location", format!("block {mirror}"), 44);
                let bitmap = bitmap.map_or_else(|| "none".to_owned(), |block| format!("block {block}"));
                add("Metadata bitmap file location", bitmap, 48);
                add("Allocation unit size", format!("{allocation_unit} blocks"), 52);
                add("Alignment unit size", format!("{alignment_unit} blocks"), 56);
                let duplicated = if *duplicated { "the mirror has its own copy" } else { "the mirror shares the data" };
                add("Flags", duplicated.to_owned(), 58);
            }
            PartitionMap::Unknown(kind, name) => add("Map type", format!("{kind} {name}"), 0),
            PartitionMap::Physical { .. } | PartitionMap::Virtual { .. } => {}
        }
        match logical.space.maps.get(reference) {
            Some(Map::Physical(physical)) => {
                group.add("First byte", physical.start.to_string(), Some(physical.start));
                group.add("Length", format!("{} blocks", physical.blocks), None);
            }
            Some(Map::Metadata(main, _)) => {
                for piece in main.pieces().filter(|piece| piece.is_somewhere()) {
                    let value = format!("bytes {} to {}", piece.offset, piece.end());
                    group.add("Extent of the metadata file", value, Some(piece.offset));
                }
            }
            Some(Map::Unusable(why)) => group.add("Cannot be read", why.clone(), None),
            Some(Map::Virtual(..)) | None => {}
        }
        groups.push(group);
    }
    groups.extend(of_tables(logical));
    groups
}

/// The virtual allocation table and the sparing tables.
fn of_tables(logical: &LogicalVolume) -> Vec<DetailGroup> {
    let mut groups = Vec::new();
    if let Some(table) = logical.table() {
        let mut group = DetailGroup::new("Virtual allocation table");
        group.add("ICB", format!("block {} of the partition", table.block), Some(table.offset));
        let form = if table.header.has_header { "of UDF 2.00" } else { "of UDF 1.50" };
        group.add("Form", form, None);
        group.add("Entries", logical.vat_len.to_string(), None);
        let written = table.modified.map_or_else(|| "not set".to_owned(), |moment| moment.to_string());
        group.add("Written", written, None);
        let previous = table.header.previous.map_or_else(|| "none".to_owned(), |block| format!("block {block}"));
        group.add("Previous table", previous, None);
        if let Some((files, folders)) = table.header.files_and_folders {
            group.add("Logical volume identifier", text::display(&table.header.volume_id), None);
            group.add("Number of files", files.to_string(), None);
            group.add("Number of directories", folders.to_string(), None);
        }
        let labels = ["Minimum UDF read revision", "Minimum UDF write revision", "Maximum UDF write revision"];
        for (label, number) in labels.into_iter().zip(table.header.revisions.into_iter().flatten()) {
            group.add(label, revision(number).unwrap_or_else(|| format!("0x{number:04x}")), None);
        }
        groups.push(group);
    }
    for (offset, table) in &logical.sparing {
        let mut group = DetailGroup::new("Sparing table");
        group.add("Sequence number", table.sequence.to_string(), Some(offset.saturating_add(52)));
        group.add("Entries", table.count.to_string(), Some(offset.saturating_add(48)));
        for (original, mapped) in table.spared.iter().take(256) {
            let value = format!("packet at block {original} of the partition lies at block {mapped} of the volume");
            group.add("Spared", value, None);
        }
        groups.push(group);
    }
    groups
}

/// A file set descriptor, with its system streams.
pub(in crate::disc::udf) fn of_file_set(set: &FileSet, streams: &[Stream]) -> DetailGroup {
    let mut sheet = Sheet::new("File set descriptor", set.fields());
    sheet.time("Recording date and time", 16);
    sheet.u16("Interchange level", 28);
    sheet.u16("Maximum interchange level", 30);
    sheet.u32("File set number", 40, "");
    sheet.u32("File set descriptor number", 44, "");
    sheet.text("Logical volume identifier", 112, 128);
    sheet.text("File set identifier", 304, 32);
    sheet.text("Copyright file identifier", 336, 32);
    sheet.text("Abstract file identifier", 368, 32);
    sheet.long_ad("Root directory ICB", 400);
    sheet.entity("Domain identifier", 416);
    sheet.long_ad("Next extent", 448);
    sheet.long_ad("System stream directory ICB", 464);
    for stream in streams {
        let value = format!("{} ({} bytes)", stream.name, stream.size);
        sheet.add_placeless("System stream", value);
    }
    sheet.finish()
}
