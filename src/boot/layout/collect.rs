//! What the structures of a disc say of themselves and of others: who claims which bytes.

use super::region::{Class, Name, Owner, Region};
use crate::boot::report::BootReport;
use crate::disc::boot::system_area::{BootCode, OtherLabel, SIGNATURE_OFFSET, SystemArea};
use crate::disc::boot::{gpt::GuidPartitionTable, mbr, mbr::MasterBootRecord};
use crate::disc::file_system::{FileSystem, Structure};
use crate::disc::partition::PartitionTables;
use crate::disc::{Extent, Image, limits, text};

const RECORD: &str = "master boot record";

/// Bytes of the first sector, of the code in it, and of what stands in front of the table: a disk signature of four bytes
/// and two that are nearly always zero.
const SECTOR: u64 = 512;
const CODE: u64 = 440;

/// Bytes of a driver descriptor record that are one where boot code shares its sector: the rest are instructions.
const SHARED_DESCRIPTOR: u64 = 8;

/// What a structure claims for an owner.
struct Claim {
    extent: Extent,
    has_open_end: bool,
    name: Name,
}

/// The claims of an image, the important ones first.
#[derive(Default)]
pub(super) struct Claims {
    list: Vec<Claim>,
    /// Claims beyond [`limits::LAYOUT_REGIONS`].
    pub(super) left_out: usize,
}

impl Claims {
    /// Collects what is claimed in an image.
    pub(super) fn of(image: &Image, report: &BootReport) -> Self {
        let mut claims = Self::default();
        image.file_systems().iter().for_each(|system| claims.add_volume(system));
        if let Some(area) = &report.system_area {
            claims.add_system_area(area);
        }
        claims.add_tables(image.tables(), report);
        claims.add_partitions(image);
        claims.add_boot_images(report);
        let structures: Vec<_> = image.file_systems().iter().flat_map(|system| &system.structures).collect();
        let (parts, descriptors): (Vec<_>, Vec<_>) =
            structures.into_iter().partition(|structure| owner_of(structure) == Owner::FileSystemPart);
        descriptors.into_iter().chain(parts).for_each(|structure| claims.add_structure(structure));
        claims
    }

    pub(super) fn add(&mut self, extent: Extent, owner: Owner, label: String, structure: &'static str, record: u64) {
        if extent.length == 0 || !extent.is_somewhere() {
            return;
        }
        if self.list.len() >= limits::LAYOUT_REGIONS {
            self.left_out = self.left_out.saturating_add(1);
            return;
        }
        self.list.push(Claim { extent, has_open_end: false, name: Name { owner, label, structure, record } });
    }

    /// Adds a structure that says itself where it is.
    fn add_itself(&mut self, extent: Extent, owner: Owner, label: impl Into<String>, structure: &'static str) {
        self.add(extent, owner, label.into(), structure, extent.offset);
    }

    fn add_volume(&mut self, system: &FileSystem) {
        let start = system.part.offset;
        let extent = Extent::new(start, system.declared_end.saturating_sub(start));
        let format = system.formats.first().map_or("File system", String::as_str);
        let label = format!("{format} volume {}", text::display(system.volume.id.trim()));
        self.add(extent, Owner::Volume, label.trim_end().to_owned(), "volume descriptor", system.declared_at);
    }

    fn add_system_area(&mut self, area: &SystemArea) {
        if area.code != BootCode::None {
            let label = format!("Boot code: {}", area.code.label());
            self.add_itself(Extent::new(0, CODE), Owner::BootCode, label, RECORD);
        }
        if area.has_signature {
            self.add_itself(Extent::new(SIGNATURE_OFFSET, 2), Owner::Signature, "Signature 55 AA", RECORD);
        }
        for (label, at) in &area.others {
            let extent = match label {
                OtherLabel::MipsBigEndian | OtherLabel::Decstation | OtherLabel::Sparc | OtherLabel::Palo => {
                    Extent::new(0, SECTOR)
                }
                OtherLabel::Alpha => Extent::new(480, 32),
                // These are partitions, and told as such.
                OtherLabel::Prep | OtherLabel::Chrp => continue,
            };
            self.add(extent, Owner::OtherLabel, label.label().to_owned(), "system area", *at);
        }
    }

    fn add_tables(&mut self, tables: &PartitionTables, report: &BootReport) {
        tables.mbr.iter().for_each(|mbr| self.add_mbr(mbr));
        tables.gpt.iter().for_each(|gpt| self.add_gpt(gpt));
        if tables.apm.iter().any(|map| map.driver_descriptor.is_some()) {
            let shared = report.system_area.as_ref().is_some_and(|area| area.code != BootCode::None);
            let extent = Extent::new(0, if shared { SHARED_DESCRIPTOR } else { SECTOR });
            self.add_itself(extent, Owner::DriverDescriptor, "Driver descriptor record", "driver descriptor record");
        }
        for map in &tables.apm {
            let label = format!("Apple partition map, entries {} bytes apart", map.spacing);
            self.add_itself(map.extent, Owner::AppleMap, label, "Apple partition map entry");
        }
    }

    fn add_mbr(&mut self, mbr: &MasterBootRecord) {
        if mbr.disk_signature != 0 {
            let label = format!("Disk signature {:08x}", mbr.disk_signature);
            let extent = Extent::new(CODE, mbr::TABLE_OFFSET.saturating_sub(CODE));
            self.add_itself(extent, Owner::DiskSignature, label, RECORD);
        }
        let table = Extent::new(mbr::TABLE_OFFSET, SIGNATURE_OFFSET.saturating_sub(mbr::TABLE_OFFSET));
        self.add_itself(table, Owner::MbrEntries, "MBR partition table", RECORD);
        for extent in &mbr.extended_records {
            self.add_itself(*extent, Owner::MbrEntries, "Extended boot record", "extended boot record");
        }
        for entry in mbr.entries.iter().filter(|entry| entry.is_extended()) {
            let label = format!("MBR {}: extended partition", entry.number);
            self.add(entry.extent, Owner::ExtendedPartition, label, RECORD, entry.record);
        }
    }

    fn add_gpt(&mut self, gpt: &GuidPartitionTable) {
        for copy in &gpt.copies {
            let (header, entries) = if copy.is_backup {
                ((Owner::BackupGptHeader, "Backup GPT header"), (Owner::BackupGptEntries, "Backup GPT entries"))
            } else {
                ((Owner::GptHeader, "GPT header"), (Owner::GptEntries, "GPT entries"))
            };
            self.add_itself(copy.header, header.0, header.1, "GPT header");
            self.add_itself(copy.entries, entries.0, entries.1, "GPT partition entry array");
        }
    }

    fn add_partitions(&mut self, image: &Image) {
        for partition in image.partitions() {
            let owner = Owner::Partition(partition.scheme);
            self.add(partition.extent, owner, partition.label(), "partition", partition.record);
        }
    }

    fn add_boot_images(&mut self, report: &BootReport) {
        for read in &report.images {
            let image = &read.image;
            let path = read.path.as_ref().map(|path| format!(" ({})", text::display(path))).unwrap_or_default();
            let (platform, emulation) = (image.platform.label(), image.emulation.label());
            let label = format!("Boot image {}: {platform}, {emulation}{path}", image.number);
            let before = self.list.len();
            self.add(image.extent, Owner::BootImage, label, "boot catalogue", image.record);
            self.list.iter_mut().skip(before).for_each(|claim| claim.has_open_end = image.has_open_end());
        }
    }

    /// Descriptors that follow one another, as those of a recognition sequence do, are one region.
    fn add_structure(&mut self, structure: &Structure) {
        let (owner, extent) = (owner_of(structure), structure.extent);
        if let Some(last) = self.list.last_mut()
            && (last.name.structure, last.name.owner) == (structure.name, owner)
            && last.extent.end() == extent.offset
            && extent.is_somewhere()
        {
            last.extent.length = last.extent.length.saturating_add(extent.length);
            return;
        }
        let mut letters = structure.name.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        let label: String = first.into_iter().chain(letters).collect();
        self.add_itself(extent, owner, label, structure.name);
    }

    /// The regions in an image of `len` bytes, by where they begin and the longer first; and those that lie behind its end.
    pub(super) fn into_regions(mut self, len: u64) -> (Vec<Region>, Vec<Region>) {
        self.list.sort_by_key(|claim| {
            (claim.extent.offset, std::cmp::Reverse(claim.extent.length), claim.name.owner, claim.name.record)
        });
        let mut regions: Vec<Region> = Vec::new();
        for Claim { extent, has_open_end, name } in self.list {
            // Extents that are the same before they are cut off.
            let same = |region: &&mut Region| {
                (region.extent.offset, region.claimed) == (extent.offset, extent.length)
                    && (region.owner() == name.owner
                        || [region.owner(), name.owner].iter().all(|owner| owner.class() == Class::Container))
            };
            if let Some(region) = regions.last_mut().filter(same) {
                region.has_open_end &= has_open_end;
                region.names.push(name);
            } else {
                let inside = match extent.inside(len) {
                    0 => extent,
                    length => Extent::new(extent.offset, length),
                };
                regions.push(Region { extent: inside, claimed: extent.length, has_open_end, names: vec![name] });
            }
        }
        let outside = regions.split_off(regions.partition_point(|region| region.extent.offset < len));
        (regions, outside)
    }
}

/// Who owns a structure of a file system.
fn owner_of(structure: &Structure) -> Owner {
    const STARTS: [&str; 5] =
        ["descriptor", "recognition sequence", "UDF anchor", "volume header", "master directory block"];
    match structure.name {
        "boot catalogue" => Owner::BootCatalog,
        name if STARTS.iter().any(|word| name.contains(word)) => Owner::Descriptors,
        _ => Owner::FileSystemPart,
    }
}
