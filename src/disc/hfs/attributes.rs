//! The attributes file of HFS+ (TN1150, “Attributes File”): extended attributes of files and folders.

use std::ops::ControlFlow;

use crate::disc::bytes::Fields;
use crate::disc::file::Content;
use crate::disc::{Diagnostics, Extent, Result, text};

use super::btree::{BTree, Layout, Record};
use super::fork::{ForkData, ForkKind, Space};

/// Keys: length (2), padding (2), file (4), start block (4), name with its length (2).
pub(super) const LAYOUT: Layout = Layout { structure: "attributes file", key_len_size: 2, group_at: 4 };

/// One extended attribute.
#[derive(Debug, Clone)]
pub(super) struct Attribute {
    pub name: String,
    /// Bytes of the value.
    pub size: u64,
    /// Where the value lies.
    pub content: Content,
    /// Absolute byte offset of its record.
    pub record: u64,
}

/// Types of records.
const INLINE: u32 = 0x10;
const FORK: u32 = 0x20;

/// The attributes of a file or folder, or only that called `wanted`. The only error is
/// [`Error::Cancelled`](crate::disc::Error::Cancelled).
pub(super) fn list(
    tree: &BTree,
    space: &Space,
    file: u32,
    wanted: Option<&str>,
    diagnostics: &mut Diagnostics,
) -> Result<Vec<Attribute>> {
    let mut attributes = Vec::new();
    let mut failure = None;
    tree.group(file, &|_| false, diagnostics, &mut |record, diagnostics| {
        let name = name(record);
        if wanted.is_some_and(|wanted| name != wanted) {
            return ControlFlow::Continue(());
        }
        let read = read(record, name, space, file, diagnostics);
        match diagnostics.salvage(read) {
            Ok(attribute) => attributes.extend(attribute.flatten()),
            Err(error) => failure = Some(error),
        }
        // A thousand attributes are more than anything shows.
        match wanted.is_some() && !attributes.is_empty() || failure.is_some() || attributes.len() >= 1000 {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    })?;
    failure.map_or(Ok(attributes), Err)
}

fn name(record: &Record<'_>) -> String {
    let len = record.key.get(12..).and_then(|rest| rest.first_chunk()).map_or(0, |len| u16::from_be_bytes(*len));
    let rest = record.key.get(14..).unwrap_or_default();
    let bytes = rest.get(..usize::from(len).saturating_mul(2)).unwrap_or(rest);
    text::utf16_be(bytes).text.into_owned()
}

/// The attribute of a record; `None` for further extents of one that came before.
fn read(
    record: &Record<'_>,
    name: String,
    space: &Space,
    file: u32,
    diagnostics: &mut Diagnostics,
) -> Result<Option<Attribute>> {
    let fields = Fields::new(record.data, record.data_offset, "attribute record");
    let (size, content) = match fields.be32(0)? {
        INLINE => {
            let size = u64::from(fields.be32(12)?);
            // A value that is longer than its record is taken as far as it goes.
            let held = fields.bytes(16, record.data.len().saturating_sub(16))?.len() as u64;
            (size.min(held), Content::new(Extent::new(record.data_offset.saturating_add(16), size.min(held))))
        }
        FORK => {
            let data = ForkData::of_hfs_plus(&fields, 8)?;
            // Only the first eight extents: the further ones stand in records of this file, not in the overflow file.
            let space = Space { overflow: None, ..space.clone() };
            let (content, _) = space.locate(file, ForkKind::Data, &data, diagnostics)?;
            (data.size, content)
        }
        _ => return Ok(None),
    };
    Ok(Some(Attribute { name, size, content, record: record.extent.offset }))
}
