//! Regions in lanes below one another, as they are drawn.

use super::axis::Axis;
use super::region::Region;
use crate::disc::{Extent, limits};

/// A part of the image, in lanes: what lies in a region is drawn below it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Strip {
    /// The part.
    pub extent: Extent,
    /// The lanes, the outermost first. The spans of the first one follow one another without a gap from the first byte to
    /// the last.
    pub lanes: Vec<Lane>,
    /// Regions for which there was no lane left ([`limits::LAYOUT_LANES`]).
    pub left_out: usize,
}

/// Spans that do not overlap, in the order of their bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lane {
    /// The spans, none of which is empty.
    pub spans: Vec<Span>,
}

/// What one lane shows of a run of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The bytes, as far as they are in the strip.
    pub extent: Extent,
    /// Index of the region; `None`, in the first lane only, where another lane has what is to be shown: regions that overlap
    /// one another without one being inside the other cannot share a lane.
    pub region: Option<usize>,
}

/// Which regions a strip shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// All of them.
    All,
    /// Of the [details](Region::is_detail) only what lies in nothing else.
    Coarse,
}

impl Strip {
    /// The first `len` bytes of an image. The regions are sorted by where they begin, the longer first, and leave no gaps.
    pub(super) fn new(regions: &[Region], len: u64, shown: Shown) -> Self {
        let mut strip = Self { extent: Extent::new(0, len), ..Self::default() };
        // Where the last region of each lane ends, uncut.
        let mut ends: Vec<u64> = Vec::new();
        for (index, region) in regions.iter().enumerate() {
            let extent = Extent::new(region.extent.offset, region.extent.inside(len));
            if extent.length == 0 {
                continue;
            }
            let (start, end) = (region.extent.offset, region.extent.end());
            // A region that is not over yet and ends no earlier holds this one, as it began no later.
            let below = ends.iter().rposition(|other| *other > start && *other >= end).map_or(0, |lane| lane + 1);
            let free = (below..limits::LAYOUT_LANES).find(|lane| ends.get(*lane).is_none_or(|end| *end <= start));
            if shown == Shown::Coarse && region.is_detail() && free != Some(0) {
                continue;
            }
            let Some(lane) = free else {
                strip.left_out = strip.left_out.saturating_add(1);
                continue;
            };
            if lane >= ends.len() {
                ends.resize(lane.saturating_add(1), 0);
                strip.lanes.resize_with(lane.saturating_add(1), Lane::default);
            }
            if let (Some(last), Some(lane)) = (ends.get_mut(lane), strip.lanes.get_mut(lane)) {
                *last = end;
                lane.spans.push(Span { extent, region: Some(index) });
            }
        }
        if let Some(first) = strip.lanes.first_mut() {
            first.fill(len);
        }
        strip
    }

    /// Every place where a span begins or ends, in order and without repetitions.
    pub fn boundaries(&self) -> Vec<u64> {
        let spans = self.lanes.iter().flat_map(|lane| &lane.spans);
        let mut places: Vec<u64> = spans.flat_map(|span| [span.extent.offset, span.extent.end()]).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// Where bytes are drawn so that every span has at least `minimum` of the width, from 0 to 1.
    pub fn axis(&self, minimum: f32) -> Axis {
        Axis::new(self.boundaries(), self.extent.length, minimum)
    }
}

impl Lane {
    /// Puts spans without a region between the others, up to byte `len`.
    fn fill(&mut self, len: u64) {
        let mut filled = Vec::with_capacity(self.spans.len());
        let mut at = 0;
        for span in self.spans.drain(..) {
            filled.extend(blank(at, span.extent.offset));
            at = span.extent.end();
            filled.push(span);
        }
        filled.extend(blank(at, len));
        self.spans = filled;
    }
}

/// A span without a region, unless it would be empty.
fn blank(from: u64, to: u64) -> Option<Span> {
    let length = to.saturating_sub(from);
    (length > 0).then(|| Span { extent: Extent::new(from, length), region: None })
}
