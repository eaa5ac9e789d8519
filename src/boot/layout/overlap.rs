//! Bytes that two regions claim although neither should.
//!
//! That one region lies in another is how discs are made: a boot image in the volume, the EFI system partition in the
//! partition that covers the disc, tables in the system area of the volume. What is told is the rest.

use super::region::{Class, Owner, Region};
use crate::disc::detect::DESCRIPTORS;
use crate::disc::partition::Scheme;
use crate::disc::{Extent, limits};

/// Two regions that share bytes in a way that is worth a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// Index of the region that begins first, or is the longer one.
    pub first: usize,
    /// Index of the other region.
    pub second: usize,
    /// The bytes of the image that both claim.
    pub extent: Extent,
    /// True where discs are made so on purpose, or where nothing says that the bytes really belong to both.
    pub harmless: bool,
    /// Why it is told: a sentence without a full stop.
    pub why: &'static str,
}

/// Whether an overlap does harm, and why it is told.
type Judgement = (bool, &'static str);

fn harmful(why: &'static str) -> Option<Judgement> {
    Some((false, why))
}

fn harmless(why: &'static str) -> Option<Judgement> {
    Some((true, why))
}

/// Finds the overlaps of regions that are sorted by where they begin, the longer first. Also says how many there are
/// beyond [`limits::LAYOUT_OVERLAPS`].
pub(super) fn find(regions: &[Region]) -> (Vec<Overlap>, usize) {
    let (mut found, mut left_out) = (Vec::new(), 0_usize);
    for (first, one) in regions.iter().enumerate() {
        let behind = regions.iter().enumerate().skip(first.saturating_add(1));
        for (second, other) in behind.take_while(|(_, other)| other.extent.offset < one.extent.end()) {
            let judgement = if one.encloses(other) { nested(one, other) } else { partial(one, other) };
            let Some((harmless, why)) = judgement else { continue };
            if found.len() >= limits::LAYOUT_OVERLAPS {
                left_out = left_out.saturating_add(1);
                continue;
            }
            let start = other.extent.offset;
            let extent = Extent::new(start, one.extent.end().min(other.extent.end()).saturating_sub(start));
            found.push(Overlap { first, second, extent, harmless, why });
        }
    }
    (found, left_out)
}

/// What is to be said of `inner`, which lies in `outer`.
fn nested(outer: &Region, inner: &Region) -> Option<Judgement> {
    match (outer.owner().class(), inner.owner().class()) {
        (Class::Container, Class::Table) if is_in_own_partition(outer, inner) => {
            harmful("A partition covers a part of the table that lists it")
        }
        (Class::Table, Class::Container) => harmful("A partition table covers what should lie outside of it"),
        (Class::Descriptors, Class::Container) => harmful("It lies in the descriptors of a file system"),
        (outer_class, inner_class) => structures(outer, outer_class, inner, inner_class),
    }
}

/// What is to be said of regions of which each has bytes that the other one has not.
fn partial(first: &Region, second: &Region) -> Option<Judgement> {
    match (first.owner().class(), second.owner().class()) {
        (Class::Container, Class::Container) => containers(first, second),
        (Class::Container, Class::Table) | (Class::Table, Class::Container) => {
            harmful("A partition table reaches into what should lie outside of it")
        }
        // The descriptors of a volume may stand at its end, or behind.
        (Class::Container, Class::Descriptors) | (Class::Descriptors, Class::Container) => {
            let is_volume = [first, second].iter().any(|region| region.is_any(|owner| owner == Owner::Volume));
            if is_volume { None } else { harmful("It begins or ends within the descriptors of a file system") }
        }
        (Class::Part, Class::Table) | (Class::Table, Class::Part) => {
            harmful("A partition table and a structure of a file system claim the same bytes")
        }
        (first_class, second_class) => structures(first, first_class, second, second_class),
    }
}

/// What is to be said of two structures, whether one lies in the other or not.
fn structures(first: &Region, first_class: Class, second: &Region, second_class: Class) -> Option<Judgement> {
    match (first_class, second_class) {
        (Class::Table, Class::Table) if [first, second].iter().all(|map| map.owner() == Owner::AppleMap) => {
            harmless("The maps for two sizes of blocks share entries on purpose")
        }
        (Class::Table, Class::Table) => harmful("Two partition tables claim the same bytes"),
        (Class::Table, Class::Descriptors) | (Class::Descriptors, Class::Table) => {
            harmful("A partition table and the descriptors of a file system claim the same bytes")
        }
        _ => None,
    }
}

/// What is to be said of two partitions, boot images or volumes that begin one inside the other.
fn containers(first: &Region, second: &Region) -> Option<Judgement> {
    if first.has_open_end || second.has_open_end {
        return harmless("Nothing says where the boot image ends");
    }
    let is_only = |region: &Region, owner: Owner| !region.is_any(|other| other != owner);
    if [first, second].iter().all(|region| is_only(region, Owner::Volume)) {
        return harmless("File systems of one disc may share its bytes");
    }
    let lists = |region: &Region, scheme| region.is_any(|owner| owner.scheme() == Some(scheme));
    if [Scheme::Mbr, Scheme::Gpt, Scheme::Apm].into_iter().any(|scheme| lists(first, scheme) && lists(second, scheme)) {
        return harmful("One partition begins inside another one of the same table, and ends behind it");
    }
    // Padding is a part of the partition, but often not of the volume.
    let in_system_area = second.extent.offset <= first.extent.offset.saturating_add(DESCRIPTORS);
    let is_partition = |owner| matches!(owner, Owner::Partition(_));
    if first.is_any(|owner| owner == Owner::Volume) && second.is_any(is_partition) && in_system_area {
        return harmless("The partition leaves out the system area of the volume, and ends behind it");
    }
    harmful("One begins inside the other, and ends behind it")
}

/// True when a table lies in a partition that it lists. Discs for sticks have partitions that begin with the disc, and so
/// with the table; the extended partition is there to hold records.
fn is_in_own_partition(outer: &Region, table: &Region) -> bool {
    let backup = table.is_any(|owner| matches!(owner, Owner::BackupGptHeader | Owner::BackupGptEntries));
    let lists = |owner| matches!(owner, Owner::Partition(scheme) if table.owner().scheme() == Some(scheme));
    (outer.extent.offset > 0 || backup)
        && outer.is_any(lists)
        && !outer.is_any(|owner| owner == Owner::ExtendedPartition)
}
