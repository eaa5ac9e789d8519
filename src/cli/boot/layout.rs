//! Who owns which bytes, as lists for scripts.

use serde::Serialize;

use crate::boot::layout::{Layout, Overlap, Region};

/// A region in JSON.
#[derive(Serialize)]
pub(super) struct LayoutRegion<'a> {
    offset: u64,
    /// Bytes of it that the image has.
    length: u64,
    /// Bytes that it should have.
    claimed: u64,
    kind: &'static str,
    names: Vec<&'a str>,
    /// How many regions it lies in or beside, in the picture of the whole; `null` when it is not in it.
    lane: Option<usize>,
    cut: bool,
}

/// An overlap in JSON.
#[derive(Serialize)]
pub(super) struct LayoutOverlap<'a> {
    first: Vec<&'a str>,
    second: Vec<&'a str>,
    offset: u64,
    length: u64,
    harmless: bool,
    why: &'static str,
}

fn names(region: &Region) -> Vec<&str> {
    region.names.iter().map(|name| name.label.as_str()).collect()
}

/// All regions, those behind the end of the image last.
pub(super) fn regions(layout: &Layout) -> Vec<LayoutRegion<'_>> {
    let inside = layout.lanes().into_iter().zip(layout.regions()).map(|(lane, region)| LayoutRegion {
        offset: region.extent.offset,
        length: region.extent.length,
        claimed: region.claimed,
        kind: region.owner().kind(),
        names: names(region),
        lane,
        cut: region.is_cut(),
    });
    let outside = layout.outside().iter().map(|region| LayoutRegion {
        offset: region.extent.offset,
        length: 0,
        claimed: region.claimed,
        kind: region.owner().kind(),
        names: names(region),
        lane: None,
        cut: true,
    });
    inside.chain(outside).collect()
}

/// All overlaps, the harmless ones too.
pub(super) fn overlaps(layout: &Layout) -> Vec<LayoutOverlap<'_>> {
    let region = |index| layout.regions().get(index).map(names).unwrap_or_default();
    let of = |overlap: &Overlap| LayoutOverlap {
        first: region(overlap.first),
        second: region(overlap.second),
        offset: overlap.extent.offset,
        length: overlap.extent.length,
        harmless: overlap.harmless,
        why: overlap.why,
    };
    layout.overlaps().iter().map(of).collect()
}
