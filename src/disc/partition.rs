//! The partitions of an image, whatever tables it has: a disc that starts from USB sticks often has three at once.

use std::sync::Arc;

use super::boot::apm::{self, ApplePartitionMap};
use super::boot::gpt::{self, GuidPartitionTable};
use super::boot::mbr::{self, MasterBootRecord};
use super::boot::partition_types;
use super::file_system::Structure;
use super::source::PartSource;
use super::tree::DetailGroup;
use super::{Diagnostics, Extent, Result, Source, text};

/// The kind of table that lists a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// The master boot record of the PC.
    Mbr,
    /// The GUID partition table.
    Gpt,
    /// The Apple partition map.
    Apm,
}

impl Scheme {
    /// The name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Mbr => "MBR",
            Self::Gpt => "GPT",
            Self::Apm => "APM",
        }
    }
}

/// A run of bytes that a partition table names.
#[derive(Debug, Clone)]
pub struct Partition {
    /// The table that lists it.
    pub scheme: Scheme,
    /// Its number in that table, as operating systems count.
    pub number: u32,
    /// Its bytes. Partitions may overlap, hold one another, and reach behind the end of the image.
    pub extent: Extent,
    /// What it is for, in words; for an Apple partition map the recorded type, which is a word itself.
    pub kind: String,
    /// The type as recorded: `0xef`, a GUID, or `Apple_HFS`.
    pub type_id: String,
    /// Its name. Only GPT and Apple partition maps have names.
    pub name: String,
    /// True when a computer should start from it.
    pub active: bool,
    /// Absolute byte offset of the entry that describes it.
    pub record: u64,
    details: DetailGroup,
}

impl Partition {
    /// The name on the command line and in JSON, such as `gpt-2`.
    pub fn id(&self) -> String {
        format!("{}-{}", self.scheme.label().to_lowercase(), self.number)
    }

    /// Table, number and kind for people, such as `GPT 2: EFI system partition`.
    pub fn label(&self) -> String {
        format!("{} {}: {}", self.scheme.label(), self.number, text::display(&self.kind))
    }

    /// A name for the partition as a file, such as `gpt-2-efi-system-partition.img`.
    pub fn file_name(&self) -> String {
        let words = self.kind.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let kind = words.collect::<Vec<_>>().join("-").to_lowercase();
        let scheme = self.scheme.label().to_lowercase();
        [scheme, self.number.to_string(), kind].join("-").trim_end_matches('-').to_owned() + ".img"
    }

    /// The partition's bytes; fewer than its length when `source` is cut off.
    pub fn open(&self, source: &Arc<dyn Source>) -> Arc<dyn Source> {
        Arc::new(PartSource::new(source.clone(), self.extent))
    }

    /// Every field of the entry with its meaning and byte offset.
    pub fn details(&self) -> Vec<DetailGroup> {
        vec![self.details.clone()]
    }
}

/// The partition tables of an image.
#[derive(Debug, Clone, Default)]
pub struct PartitionTables {
    /// The master boot record.
    pub mbr: Option<MasterBootRecord>,
    /// The GUID partition table.
    pub gpt: Option<GuidPartitionTable>,
    /// The Apple partition maps: one for each size of blocks.
    pub apm: Vec<ApplePartitionMap>,
}

impl PartitionTables {
    /// Reads all tables that there are. One that cannot be read hides no other.
    pub fn read(source: &Arc<dyn Source>, diagnostics: &mut Diagnostics) -> Result<Self> {
        let gpt = gpt::read(source.as_ref(), diagnostics);
        let gpt = diagnostics.salvage(gpt)?.flatten();
        // The master boot record counts the same blocks as the table that it protects.
        let block_size = gpt.as_ref().map_or(512, |gpt| gpt.header.block_size);
        let mbr = mbr::read(source.as_ref(), block_size, diagnostics);
        let mbr = diagnostics.salvage(mbr)?.flatten();
        let apm = apm::read(source.as_ref(), diagnostics);
        let apm = diagnostics.salvage(apm)?.unwrap_or_default();
        let tables = Self { mbr, gpt, apm };
        for partition in tables.partitions() {
            let missing = partition.extent.length.saturating_sub(partition.extent.inside(source.len()));
            if missing > 0 {
                let message =
                    format!("The image ends {missing} bytes before the end of partition {}", partition.label());
                diagnostics.warning("partition", partition.record, message);
            }
        }
        Ok(tables)
    }

    /// The partitions of all tables, one table after the other. Left out is what only stands for another table, and what
    /// is marked as free. The same bytes in several tables are listed once for each.
    pub fn partitions(&self) -> Vec<Partition> {
        let mut partitions = Vec::new();
        let entries = self.mbr.iter().flat_map(|mbr| &mbr.entries);
        partitions.extend(
            entries.filter(|entry| !(entry.is_extended() || entry.is_protective() && self.gpt.is_some())).map(of_mbr),
        );
        partitions.extend(self.gpt.iter().flat_map(|gpt| &gpt.entries).map(of_gpt));
        let first_of_apm = partitions.len();
        for entry in self.apm.iter().flat_map(|map| &map.entries) {
            let known = partitions.get(first_of_apm..).unwrap_or_default();
            // The map of large blocks mostly repeats the other one; what it adds gets the numbers behind.
            let repeated = known.iter().any(|other| other.extent == entry.extent && other.type_id == entry.kind);
            if entry.is_filler() || entry.blocks.1 == 0 || repeated {
                continue;
            }
            let next = known.iter().map(|partition| partition.number.saturating_add(1)).max().unwrap_or(1);
            partitions.push(of_apm(entry, entry.number.max(next)));
        }
        partitions
    }

    /// Where the tables themselves stand.
    pub fn structures(&self) -> Vec<Structure> {
        let mut extents = Vec::new();
        if let Some(mbr) = &self.mbr {
            extents.push(("master boot record", Extent::new(0, 512)));
            extents.extend(mbr.extended_records.iter().map(|extent| ("extended boot record", *extent)));
        }
        let copies = self.gpt.iter().flat_map(|gpt| &gpt.copies).flat_map(|copy| [copy.header, copy.entries]);
        extents.extend(copies.map(|extent| ("GUID partition table", extent)));
        extents.extend(self.apm.iter().map(|map| ("Apple partition map", map.extent)));
        extents.into_iter().map(|(name, extent)| Structure { name, extent }).collect()
    }

    /// The tables as a whole, field by field.
    pub fn details(&self) -> Vec<DetailGroup> {
        let mut groups = Vec::new();
        if let Some(mbr) = &self.mbr {
            let mut group = DetailGroup::new("Master boot record");
            group.add("Disk signature", format!("{:08x}", mbr.disk_signature), Some(440));
            group.add("Partitions", mbr.entries.len().to_string(), Some(446));
            groups.push(group);
        }
        groups.extend(self.gpt.iter().map(GuidPartitionTable::details));
        groups.extend(self.apm.iter().flat_map(ApplePartitionMap::details));
        groups
    }
}

/// Reads the partitions of an image, from all tables that it has.
pub fn read(source: &Arc<dyn Source>, diagnostics: &mut Diagnostics) -> Result<Vec<Partition>> {
    Ok(PartitionTables::read(source, diagnostics)?.partitions())
}

fn of_mbr(entry: &mbr::MbrEntry) -> Partition {
    Partition {
        scheme: Scheme::Mbr,
        number: entry.number,
        extent: entry.extent,
        kind: partition_types::of_mbr(entry.kind).to_owned(),
        type_id: format!("{:#04x}", entry.kind),
        name: String::new(),
        active: entry.status == 0x80,
        record: entry.record,
        details: entry.details(),
    }
}

fn of_gpt(entry: &gpt::GptEntry) -> Partition {
    Partition {
        scheme: Scheme::Gpt,
        number: entry.number,
        extent: entry.extent,
        kind: partition_types::of_gpt(entry.kind).to_owned(),
        type_id: entry.kind.to_string(),
        name: entry.name.clone(),
        // §5.3.3: the attribute by which a BIOS finds what to start.
        active: entry.attributes & 0b100 != 0,
        record: entry.record,
        details: entry.details(),
    }
}

fn of_apm(entry: &apm::ApmEntry, number: u32) -> Partition {
    Partition {
        scheme: Scheme::Apm,
        number,
        extent: entry.extent,
        kind: entry.kind.clone(),
        type_id: entry.kind.clone(),
        name: entry.name.clone(),
        active: entry.status & 0b1000 != 0,
        record: entry.record,
        details: entry.details(),
    }
}
