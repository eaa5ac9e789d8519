//! Who owns which bytes of an image: one picture of the partitions, boot images, file systems and tables, of what overlaps
//! what, and of what belongs to nobody.
//!
//! * [`Region`]: a run of bytes with the names of its owners.
//! * [`Strip`]: regions in lanes below one another, of the [first 64 KiB](Layout::system_area) or of the
//!   [whole image](Layout::whole).
//! * [`Overlap`]: bytes that two regions claim although neither should.
//! * [`Axis`]: where bytes are drawn, so that 2 bytes can be seen beside 4 GB.

mod axis;
mod collect;
mod overlap;
mod region;
mod strip;
pub(super) mod table;
#[cfg(test)]
mod tests;

pub use self::axis::Axis;
pub use self::overlap::Overlap;
pub use self::region::{Name, Owner, Region};
pub use self::strip::{Lane, Span, Strip};

use self::collect::Claims;
use self::region::Class;
use self::strip::Shown;
use super::report::BootReport;
use crate::disc::detect::DESCRIPTORS;
use crate::disc::{Extent, Image};

/// Bytes of the strip of the system area: its 32 KiB (ECMA-119 §6.2.1), and as many for the descriptors behind.
pub const SYSTEM_AREA_STRIP: u64 = 2 * DESCRIPTORS;

/// The layout of an image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    len: u64,
    regions: Vec<Region>,
    outside: Vec<Region>,
    overlaps: Vec<Overlap>,
    left_out: usize,
}

impl Layout {
    /// Works out who owns which bytes, from what was read already. Regions with the same bytes are one, with several names;
    /// what reaches behind the end of the image is cut off there.
    pub fn read(image: &Image, report: &BootReport) -> Self {
        Self::new(Claims::of(image, report), image.source().len(), image.declared_size())
    }

    fn new(claims: Claims, len: u64, declared: u64) -> Self {
        let mut left_out = claims.left_out;
        let (mut regions, outside) = claims.into_regions(len);
        let in_system_area = gaps_of_system_area(&regions, len);
        regions.extend(in_system_area);
        sort(&mut regions);
        let between = gaps(&regions, len).flat_map(|gap| split(gap, declared)).collect::<Vec<_>>();
        regions.extend(between.into_iter().map(|(extent, owner)| unowned(extent, owner)));
        sort(&mut regions);
        let (overlaps, more) = overlap::find(&regions);
        left_out = left_out.saturating_add(more);
        Self { len, regions, outside, overlaps, left_out }
    }

    /// Bytes of the image.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// True for an image without a byte.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All regions, by where they begin and of those that begin together the longest first. Every byte of the image is in
    /// one of them: what nobody owns is [unused](Owner::Unused) or [appended](Owner::Appended).
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// Regions that should lie behind the end of the image, by where they should begin.
    pub fn outside(&self) -> &[Region] {
        &self.outside
    }

    /// The regions that hold the byte at `offset`, the smallest first. Behind the end of the image there are none.
    pub fn at(&self, offset: u64) -> impl Iterator<Item = &Region> {
        let begun = self.regions.partition_point(|region| region.extent.offset <= offset);
        let mut holding: Vec<&Region> =
            self.regions.iter().take(begun).filter(|region| region.holds(offset)).rev().collect();
        holding.sort_by_key(|region| region.extent.length);
        holding.into_iter()
    }

    /// What is worth a word, by where the first of the two regions begins.
    pub fn overlaps(&self) -> &[Overlap] {
        &self.overlaps
    }

    /// An overlap in one sentence without a full stop; empty for one of another layout.
    pub fn sentence(&self, overlap: &Overlap) -> String {
        let [first, second] = [overlap.first, overlap.second].map(|index| self.regions.get(index));
        let (Some(first), Some(second)) = (first, second) else { return String::new() };
        let Extent { offset, length } = overlap.extent;
        let bytes = if length == 1 { "byte" } else { "bytes" };
        format!(
            "{} and {} share {length} {bytes} from byte {offset} on. {}",
            first.label(),
            second.label(),
            overlap.why
        )
    }

    /// Regions and overlaps beyond the limits, which are in none of the lists.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// The first 64 KiB: the system area, and the descriptors behind it.
    pub fn system_area(&self) -> Strip {
        Strip::new(&self.regions, self.len.min(SYSTEM_AREA_STRIP), Shown::All)
    }

    /// The whole image, without the smaller structures of file systems.
    pub fn whole(&self) -> Strip {
        Strip::new(&self.regions, self.len, Shown::Coarse)
    }

    /// The whole image, with every region.
    pub fn in_detail(&self) -> Strip {
        Strip::new(&self.regions, self.len, Shown::All)
    }

    /// The lane of each of the [regions](Self::regions) in the strip with all of them; `None` where there is none left.
    pub fn lanes(&self) -> Vec<Option<usize>> {
        let mut lanes = vec![None; self.regions.len()];
        for (number, lane) in self.in_detail().lanes.iter().enumerate() {
            for index in lane.spans.iter().filter_map(|span| span.region) {
                lanes.get_mut(index).into_iter().for_each(|place| *place = Some(number));
            }
        }
        lanes
    }
}

/// By where they begin, the longer first; of those that are alike the order stays.
fn sort(regions: &mut [Region]) {
    regions.sort_by_key(|region| (region.extent.offset, std::cmp::Reverse(region.claimed)));
}

/// Runs of bytes between `regions`, which are sorted by where they begin, and up to byte `len`.
fn gaps<'a>(regions: impl IntoIterator<Item = &'a Region>, len: u64) -> impl Iterator<Item = Extent> {
    let taken = regions.into_iter().map(|region| region.extent).chain([Extent::new(len, 0)]);
    let gap = |at: &mut u64, extent: Extent| {
        let gap = Extent::new(*at, extent.offset.min(len).saturating_sub(*at));
        *at = extent.end().max(*at);
        Some(gap)
    };
    let gaps: Vec<Extent> = taken.scan(0, gap).filter(|gap| gap.length > 0).collect();
    gaps.into_iter()
}

/// A gap up to the end that the disc declares, and behind.
fn split(gap: Extent, declared: u64) -> impl Iterator<Item = (Extent, Owner)> {
    let before = declared.saturating_sub(gap.offset).min(gap.length);
    let behind = Extent::new(gap.offset.saturating_add(before), gap.length.saturating_sub(before));
    let parts = [(Extent::new(gap.offset, before), Owner::Unused), (behind, Owner::Appended)];
    parts.into_iter().filter(|(extent, _)| extent.length > 0)
}

/// What is not used of the system area, although it is a part of the volume: what no structure takes, and nothing else but
/// what covers the disc from its first byte on. Another file system that begins there may use the rest.
fn gaps_of_system_area(regions: &[Region], len: u64) -> Vec<Region> {
    let mut volumes = regions.iter().filter(|region| region.owner() == Owner::Descriptors);
    let first = volumes.next().map_or(u64::MAX, |region| region.extent.offset);
    if first != DESCRIPTORS && !volumes.any(|region| region.extent.offset == DESCRIPTORS) {
        return Vec::new();
    }
    let takes = |region: &&Region| region.owner().class() != Class::Container || region.extent.offset > 0;
    let gaps = gaps(regions.iter().filter(takes), len.min(first));
    gaps.map(|extent| unowned(extent, Owner::Unused)).collect()
}

fn unowned(extent: Extent, owner: Owner) -> Region {
    let label = if owner == Owner::Appended { "Behind the end that the disc declares" } else { "Unused" };
    let name = Name { owner, label: label.to_owned(), structure: "image", record: extent.offset };
    Region { extent, claimed: extent.length, has_open_end: false, names: vec![name] }
}
