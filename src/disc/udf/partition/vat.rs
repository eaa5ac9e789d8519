//! Virtual partitions (OSTA UDF 2.60 §2.2.8, §2.2.11; UDF 1.50 §2.2.10): on write-once media the blocks are numbered
//! by a virtual allocation table, which is written anew behind the data whenever something changed.

use std::sync::Arc;

use crate::disc::bytes::Fields;
use crate::disc::file::{Content, ExtentSource};
use crate::disc::source::read_exact;
use crate::disc::{Diagnostic, Diagnostics, Error, Extent, Result, Source, limits, text};

use super::super::allocation;
use super::super::icb::{FileEntry, file_type};
use super::super::names;
use super::super::pieces::Pieces;
use super::super::primitive::{EntityId, LogicalBlock, timestamp};
use super::super::reading::read_tolerantly;
use super::super::tag::{TAG_LEN, Tag, id};
use super::View;

const STRUCTURE: &str = "virtual allocation table";

/// An entry that no block has.
const UNUSED: u32 = u32::MAX;

/// What ends a table of UDF 1.50: an identifier and the place of the table before.
const TRAILER: usize = 36;

/// Identifier of a table of UDF 1.50.
const IDENTIFIER: &[u8] = b"*UDF Virtual Alloc Tbl";

/// Bytes of the header of a table of UDF 2.00 without its implementation use.
const HEADER: usize = 152;

/// Where each block of the virtual partition lies.
#[derive(Debug, Clone, Default)]
pub(in crate::disc::udf) struct Vat {
    entries: Vec<u32>,
}

impl Vat {
    /// The block of the partition that holds virtual block `block`.
    pub(super) fn lookup(&self, block: u32) -> std::result::Result<u32, String> {
        match usize::try_from(block).ok().and_then(|block| self.entries.get(block)) {
            Some(&UNUSED) => Err(format!("The virtual allocation table says that block {block} is not in use")),
            Some(mapped) => Ok(*mapped),
            None => {
                let count = self.entries.len();
                Err(format!("Virtual block {block} is not among the {count} of the virtual allocation table"))
            }
        }
    }

    /// Number of blocks.
    pub(in crate::disc::udf) fn len(&self) -> usize {
        self.entries.len()
    }
}

/// What a table says besides the places of blocks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::disc::udf) struct Header {
    /// True for the form of UDF 2.00, which has all of the following.
    pub(in crate::disc::udf) has_header: bool,
    /// Name of the logical volume as of this table.
    pub(in crate::disc::udf) volume_id: String,
    /// Block of the ICB of the table before.
    pub(in crate::disc::udf) previous: Option<u32>,
    /// Number of files and folders.
    pub(in crate::disc::udf) files_and_folders: Option<(u32, u32)>,
    /// Minimum revision for reading and writing, and maximum for writing.
    pub(in crate::disc::udf) revisions: Option<[u16; 3]>,
    /// Bytes before the entries, and bytes of the entries.
    entries: (u64, u64),
}

/// A table that was found.
#[derive(Debug, Clone)]
pub(in crate::disc::udf) struct Table {
    /// Block of its ICB in the partition.
    pub(in crate::disc::udf) block: u32,
    /// Absolute byte offset of its ICB.
    pub(in crate::disc::udf) offset: u64,
    /// Blocks before its ICB that hold copies of it: Nero fills the packet with them.
    pub(in crate::disc::udf) copies: u32,
    /// What it says of itself.
    pub(in crate::disc::udf) header: Header,
    /// Where its data lies.
    pub(in crate::disc::udf) content: Content,
    /// When it was written.
    pub(in crate::disc::udf) modified: Option<crate::disc::time::Timestamp>,
}

impl Header {
    /// The header or trailer of a table, whose bytes `read` gives. `typed` when its ICB says that it is a table of UDF
    /// 2.00; those of UDF 1.50 are files of no type and told by the identifier at their end.
    fn read(typed: bool, len: u64, read: &dyn Fn(u64, usize) -> Result<Vec<u8>>) -> Result<Option<Self>> {
        let previous = |block: u32| (block != UNUSED).then_some(block);
        let trailer_at = len.checked_sub(TRAILER as u64);
        if let Some(at) = trailer_at {
            let bytes = read(at, TRAILER)?;
            let fields = Fields::new(&bytes, 0, STRUCTURE);
            if EntityId::read(&fields, 0)?.is(IDENTIFIER) {
                let header = Self { previous: previous(fields.le32(32)?), entries: (0, at), ..Self::default() };
                return Ok(Some(header));
            }
        }
        if !typed || len < HEADER as u64 {
            return Ok(None);
        }
        let bytes = read(0, HEADER)?;
        let fields = Fields::new(&bytes, 0, STRUCTURE);
        let start = u64::from(fields.le16(0)?);
        let volume_id = names::dstring(fields.bytes(4, 128)?);
        Ok((start >= HEADER as u64 && start <= len).then_some(Self {
            has_header: true,
            volume_id,
            previous: previous(fields.le32(132)?),
            files_and_folders: Some((fields.le32(136)?, fields.le32(140)?)),
            revisions: Some([fields.le16(144)?, fields.le16(146)?, fields.le16(148)?]),
            entries: (start, len.saturating_sub(start)),
        }))
    }
}

impl Table {
    /// The table whose ICB is at `at`; `Ok(None)` when the file there is none.
    pub(in crate::disc::udf) fn open(view: View<'_>, at: LogicalBlock) -> Result<Option<Self>> {
        let offset = view.block(at).map_err(|why| Error::damaged(STRUCTURE, 0, why.to_string()))?;
        let size = usize::try_from(view.block_size()).unwrap_or_default();
        let mut bytes = vec![0; size];
        read_exact(view.source.as_ref(), STRUCTURE, offset, &mut bytes)?;
        let Ok(entry) = FileEntry::parse(&bytes, offset) else { return Ok(None) };
        Self::of(view, &entry, at)
    }

    fn of(view: View<'_>, entry: &FileEntry<'_>, at: LogicalBlock) -> Result<Option<Self>> {
        let typed = entry.file_type == file_type::VAT;
        if !typed && entry.file_type != file_type::UNSPECIFIED {
            return Ok(None);
        }
        let mut notes: Vec<Diagnostic> = Vec::new();
        let mut pieces = Pieces::new(limits::UDF_FOLDER_PIECES);
        let allocated = allocation::collect(view, entry, at.reference, &mut pieces, &mut notes)?;
        if let Some(why) = allocated.unsupported {
            return Err(Error::damaged(STRUCTURE, entry.offset, why));
        }
        let content = pieces.content();
        let data = ExtentSource::new(view.source.clone(), &content);
        let read = |at, len| {
            let mut bytes = vec![0; len];
            read_exact(&data, STRUCTURE, at, &mut bytes)?;
            Ok(bytes)
        };
        let Some(header) = Header::read(typed, pieces.length(), &read)? else {
            // A file without a type can be anything.
            let message = "The header of the virtual allocation table makes no sense";
            return if typed { Err(Error::damaged(STRUCTURE, entry.offset, message)) } else { Ok(None) };
        };
        Ok(Some(Self {
            block: at.block,
            offset: entry.offset,
            copies: 0,
            header,
            content,
            modified: entry.modified().and_then(timestamp),
        }))
    }

    /// Reads all of its entries.
    pub(in crate::disc::udf) fn entries(&self, source: &Arc<dyn Source>) -> Result<Vat> {
        let (start, len) = self.header.entries;
        if len > limits::UDF_VAT {
            return Err(Error::Limit {
                structure: STRUCTURE,
                offset: self.offset,
                what: format!("A virtual allocation table of {}", text::size(len)),
                limit: "16 MiB".to_owned(),
            });
        }
        let mut bytes = vec![0; usize::try_from(len).unwrap_or_default()];
        read_exact(&ExtentSource::new(source.clone(), &self.content), STRUCTURE, start, &mut bytes)?;
        let (numbers, _) = bytes.as_chunks::<4>();
        Ok(Vat { entries: numbers.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect() })
    }
}

/// Finds the newest table of the partition `reference`, whose first byte is `start`: it was written last, so that its
/// ICB is in the last block of the image except for run-out blocks behind it. Damaged ones are told and passed over.
pub(in crate::disc::udf) fn find(
    view: View<'_>,
    reference: u16,
    start: u64,
    end: u64,
    diagnostics: &mut Diagnostics,
) -> Result<Option<(Table, Vat)>> {
    let size = view.block_size();
    let mut last = end.saturating_sub(start) / size;
    let first = last.saturating_sub(limits::UDF_VAT_SEARCH);
    while last > first {
        // Nearly always it is among the very last blocks.
        let from = last.saturating_sub(64).max(first);
        let window = Extent::new(start.saturating_add(from * size), (last - from) * size);
        let mut bytes = vec![0; usize::try_from(window.inside(view.source.len())).unwrap_or_default()];
        read_tolerantly(view.source.as_ref(), window.offset, &mut bytes, size, STRUCTURE, diagnostics)?;
        let block_len = usize::try_from(size).unwrap_or(usize::MAX);
        for (number, chunk) in bytes.chunks(block_len).enumerate().rev() {
            let looks_right = Tag::parse(chunk).is_some_and(|tag| {
                matches!(tag.id, id::FILE_ENTRY | id::EXTENDED_FILE_ENTRY) && tag.check(chunk).likely()
            });
            let Some(block) = u32::try_from(from.saturating_add(number as u64)).ok().filter(|_| looks_right) else {
                continue;
            };
            let found = Table::open(view, LogicalBlock { block, reference }).and_then(|table| match table {
                Some(table) => table.entries(view.source).map(|vat| Some((table, vat))),
                None => Ok(None),
            });
            match found {
                Ok(Some((table, vat))) => {
                    let before = bytes.get(..number.saturating_mul(block_len)).unwrap_or_default();
                    return Ok(Some((Table { copies: copies(before, chunk), ..table }, vat)));
                }
                Ok(None) => {}
                Err(error) if error.is_cancelled() => return Err(error),
                Err(error) => {
                    let message = format!("{}; an earlier virtual allocation table is looked for", error.sentence());
                    diagnostics.error(STRUCTURE, error.offset().unwrap_or(window.offset), message);
                }
            }
        }
        last = from;
    }
    Ok(None)
}

/// How many of the last blocks `before` an ICB say the same as the block of the ICB itself, but for their tags.
fn copies(before: &[u8], icb: &[u8]) -> u32 {
    let alike = before.rchunks(icb.len().max(1)).take_while(|block| block.get(TAG_LEN..) == icb.get(TAG_LEN..));
    u32::try_from(alike.count()).unwrap_or(0)
}

/// The tables before `newest`, the oldest first, and `newest` itself. Those that cannot be read end the chain, with a
/// complaint.
pub(in crate::disc::udf) fn history(
    view: View<'_>,
    reference: u16,
    newest: Table,
    diagnostics: &mut Diagnostics,
) -> Result<Vec<Table>> {
    let mut tables = vec![newest];
    while let Some((offset, Some(block))) = tables.last().map(|table| (table.offset, table.header.previous)) {
        if tables.iter().any(|table| table.block == block) {
            diagnostics.error(STRUCTURE, offset, format!("The chain of tables comes back to block {block}"));
            break;
        }
        if tables.len() >= limits::SESSIONS {
            let message = format!("Only the last {} virtual allocation tables are offered", limits::SESSIONS);
            diagnostics.info(STRUCTURE, offset, message);
            break;
        }
        match Table::open(view, LogicalBlock { block, reference }) {
            Ok(Some(table)) => tables.push(table),
            Ok(None) => {
                let message = format!("There is no earlier table at block {block}, where this one says");
                diagnostics.warning(STRUCTURE, offset, message);
                break;
            }
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => {
                let message = format!("The table before this one cannot be read: {}", error.sentence());
                diagnostics.warning(STRUCTURE, error.offset().unwrap_or(offset), message);
                break;
            }
        }
    }
    tables.reverse();
    Ok(tables)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(typed: bool, bytes: &[u8]) -> Option<Header> {
        let read = |at: u64, len: usize| {
            let at = usize::try_from(at).unwrap();
            Ok(bytes[at..at + len].to_vec())
        };
        Header::read(typed, bytes.len() as u64, &read).unwrap()
    }

    #[test]
    fn the_form_of_1_50_ends_with_its_identifier() {
        let mut bytes = vec![9; 12];
        bytes.push(0);
        bytes.extend_from_slice(IDENTIFIER);
        bytes.resize(12 + 32, 0);
        bytes.extend_from_slice(&77_u32.to_le_bytes());
        let found = header(false, &bytes).unwrap();
        assert_eq!((found.previous, found.entries, found.has_header), (Some(77), (0, 12), false));
        bytes[13] = b'?';
        assert_eq!(header(false, &bytes), None);
    }

    #[test]
    fn the_form_of_2_00_begins_with_a_header() {
        let mut bytes = vec![0; 160];
        bytes[0] = 152;
        bytes[4..9].copy_from_slice(b"\x08NAME");
        bytes[131] = 5;
        bytes[132..136].fill(0xff);
        bytes[136] = 3;
        bytes[144..146].copy_from_slice(&[0x50, 0x02]);
        let found = header(true, &bytes).unwrap();
        assert_eq!((found.previous, found.entries), (None, (152, 8)));
        assert_eq!((&*found.volume_id, found.files_and_folders), ("NAME", Some((3, 0))));
        assert_eq!(header(false, &bytes), None);
        bytes[0] = 161;
        assert_eq!(header(true, &bytes), None);
        bytes[0] = 100;
        assert_eq!(header(true, &bytes), None);
        assert_eq!(header(true, &bytes[..100]), None);
    }

    #[test]
    fn unused_and_missing_blocks_are_nowhere() {
        let vat = Vat { entries: vec![7, UNUSED] };
        assert_eq!(vat.lookup(0), Ok(7));
        assert!(vat.lookup(1).is_err());
        assert!(vat.lookup(2).is_err());
    }
}
