//! The layout in words.

use std::fmt::{self, Write};

use super::Layout;
use crate::disc::text;

/// Writes the table: what lies in a region is indented below it.
pub(in crate::boot) fn write(buffer: &mut String, layout: &Layout) -> fmt::Result {
    let digits = layout.len().to_string().len().max(10);
    writeln!(buffer, "Layout\n  {:>digits$} {:>digits$} {:>10}", "first byte", "last byte", "size")?;
    for (lane, region) in layout.lanes().into_iter().zip(layout.regions()) {
        let missing = region.claimed.saturating_sub(region.extent.length);
        let cut = if missing > 0 { format!(" ({missing} bytes are missing)") } else { String::new() };
        let indent = "  ".repeat(lane.unwrap_or_default());
        let (first, last) = (region.extent.offset, region.extent.end().saturating_sub(1));
        let (size, label) = (text::size(region.extent.length), region.label());
        writeln!(buffer, "  {first:>digits$} {last:>digits$} {size:>10}  {indent}{}{cut}", text::display(&label))?;
    }
    for region in layout.outside() {
        let (label, at) = (region.label(), region.extent.offset);
        writeln!(buffer, "  Behind the end, at byte {at}: {}", text::display(&label))?;
    }
    if layout.left_out() > 0 {
        writeln!(buffer, "  Left out: {} more", layout.left_out())?;
    }
    if !layout.overlaps().is_empty() {
        writeln!(buffer, "\nOverlaps")?;
    }
    layout.overlaps().iter().try_for_each(|overlap| {
        let word = if overlap.harmless { " (harmless)" } else { "" };
        writeln!(buffer, "  {}{word}", text::display(&layout.sentence(overlap)))
    })
}
