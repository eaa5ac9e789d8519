//! Information control blocks (ECMA-167 4/14.6 to 4/14.9, 4/14.17): the entries that describe files and folders.

use crate::disc::bytes::Fields;
use crate::disc::source::read_up_to;
use crate::disc::tree::Posix;
use crate::disc::{Diagnostic, Error, Extent, Result, Severity, limits};

use super::partition::View;
use super::primitive::{LogicalBlock, LongAd};
use super::tag::{Check, Tag, id};

/// The structure in complaints.
pub(super) const STRUCTURE: &str = "file entry";

/// File types (ECMA-167 4/14.6.6, OSTA UDF 2.60 §2.3.5.2).
pub(super) mod file_type {
    pub(in crate::disc::udf) const UNSPECIFIED: u8 = 0;
    pub(in crate::disc::udf) const DIRECTORY: u8 = 4;
    pub(in crate::disc::udf) const REGULAR: u8 = 5;
    pub(in crate::disc::udf) const BLOCK_DEVICE: u8 = 6;
    pub(in crate::disc::udf) const CHAR_DEVICE: u8 = 7;
    pub(in crate::disc::udf) const FIFO: u8 = 9;
    pub(in crate::disc::udf) const SOCKET: u8 = 10;
    pub(in crate::disc::udf) const SYMLINK: u8 = 12;
    pub(in crate::disc::udf) const STREAM_DIRECTORY: u8 = 13;
    pub(in crate::disc::udf) const VAT: u8 = 248;
    pub(in crate::disc::udf) const REAL_TIME: u8 = 249;
    pub(in crate::disc::udf) const METADATA: u8 = 250;
    pub(in crate::disc::udf) const METADATA_MIRROR: u8 = 251;
    pub(in crate::disc::udf) const METADATA_BITMAP: u8 = 252;
}

/// The strategy whose entries are followed by newer ones (OSTA UDF 2.60 §6.6). All others here are strategy 4.
const STRATEGY_4096: u16 = 4096;

/// Flags of an ICB (ECMA-167 4/14.6.8).
pub(super) mod flag {
    pub(in crate::disc::udf) const SETUID: u16 = 1 << 6;
    pub(in crate::disc::udf) const SETGID: u16 = 1 << 7;
    pub(in crate::disc::udf) const STICKY: u16 = 1 << 8;
}

/// A file entry or extended file entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct FileEntry<'a> {
    /// Absolute byte offset.
    pub(super) offset: u64,
    /// Its tag.
    pub(super) tag: Tag,
    /// What checking the tag found.
    pub(super) check: Check,
    /// True for an extended file entry.
    pub(super) extended: bool,
    /// How further entries of the same file are found (4/14.6.2).
    pub(super) strategy: u16,
    /// See [`file_type`].
    pub(super) file_type: u8,
    /// See [`flag`]; the lowest three bits are the kind of the allocation descriptors.
    pub(super) flags: u16,
    /// Bytes of data (4/14.9.10).
    pub(super) information_length: u64,
    /// Extended attributes (4/14.9.21).
    pub(super) attributes: &'a [u8],
    /// Allocation descriptors, or the data itself (4/14.9.22).
    pub(super) allocation: &'a [u8],
    /// Where the allocation descriptors start in the entry.
    pub(super) allocation_at: usize,
    /// What is wrong with the lengths of the two.
    pub(super) fault: Option<&'static str>,
    /// All bytes of the entry's block.
    fields: Fields<'a>,
}

impl<'a> FileEntry<'a> {
    /// The entry at the start of `bytes`, which are the rest of its block and stand at the absolute byte `offset`.
    pub(super) fn parse(bytes: &'a [u8], offset: u64) -> Result<Self> {
        let fields = Fields::new(bytes, offset, STRUCTURE);
        let (tag, check) = Tag::of(bytes, id::FILE_ENTRY)
            .or_else(|| Tag::of(bytes, id::EXTENDED_FILE_ENTRY))
            .ok_or_else(|| Error::damaged(STRUCTURE, offset, what_is_there(bytes)))?;
        let extended = tag.id == id::EXTENDED_FILE_ENTRY;
        let (lengths_at, start) = if extended { (208, 216) } else { (168, 176) };
        let [a0, a1, a2, a3, d0, d1, d2, d3] = fields.array::<8>(lengths_at)?;
        let area = bytes.get(start..).unwrap_or_default();
        let clip = |length: u32| usize::try_from(length).unwrap_or(usize::MAX);
        let attributes_len = clip(u32::from_le_bytes([a0, a1, a2, a3]));
        let allocation_len = clip(u32::from_le_bytes([d0, d1, d2, d3]));
        let mut fault = None;
        let (attributes, rest) = area.split_at_checked(attributes_len).unwrap_or_else(|| {
            fault = Some("The extended attributes are longer than the block that holds them");
            Default::default()
        });
        if attributes_len % 4 != 0 {
            // ECMA-167 4/14.9.19.
            fault = fault.or(Some("The length of the extended attributes is not a multiple of 4"));
        }
        let allocation = rest.get(..allocation_len).unwrap_or_else(|| {
            fault = fault.or(Some("The allocation descriptors are longer than the block that holds them"));
            rest
        });
        Ok(Self {
            offset,
            tag,
            check,
            extended,
            strategy: fields.le16(20)?,
            file_type: fields.u8(27)?,
            flags: fields.le16(34)?,
            information_length: fields.le64(56)?,
            attributes,
            allocation,
            allocation_at: start.saturating_add(attributes.len()),
            fault,
            fields,
        })
    }

    /// The fields on the disc.
    pub(super) fn fields(&self) -> &Fields<'a> {
        &self.fields
    }

    /// Where the extended attributes start in the entry.
    pub(super) fn attributes_at(&self) -> usize {
        if self.extended { 216 } else { 176 }
    }

    /// True when the entry may be followed by a newer one.
    pub(super) fn may_be_superseded(&self) -> bool {
        self.strategy == STRATEGY_4096
    }

    /// Last access, as recorded; as are the other moments.
    pub(super) fn accessed(&self) -> Option<[u8; 12]> {
        self.fields.array(if self.extended { 80 } else { 72 }).ok()
    }

    /// Last change of the data.
    pub(super) fn modified(&self) -> Option<[u8; 12]> {
        self.fields.array(if self.extended { 92 } else { 84 }).ok()
    }

    /// Last change of the attributes.
    pub(super) fn changed(&self) -> Option<[u8; 12]> {
        self.fields.array(if self.extended { 116 } else { 96 }).ok()
    }

    /// Creation, which only extended entries have a field for; others may have it among the extended attributes.
    pub(super) fn created(&self) -> Option<[u8; 12]> {
        if self.extended {
            return self.fields.array(104).ok();
        }
        if self.attributes.is_empty() { None } else { super::attributes::creation(self.attributes) }
    }

    /// The folder of named streams, where there is one.
    pub(super) fn stream_directory(&self) -> Option<LongAd> {
        let icb = if self.extended { LongAd::read(&self.fields, 152).ok()? } else { return None };
        (!icb.is_none()).then_some(icb)
    }

    /// The file of further extended attributes, where there is one.
    pub(super) fn attribute_icb(&self) -> Option<LongAd> {
        LongAd::read(&self.fields, if self.extended { 136 } else { 112 }).ok().filter(|icb| !icb.is_none())
    }

    /// Owner, permissions and number of links; [`Posix::NO_ID`] for an owner or group that is not recorded.
    pub(super) fn posix(&self) -> Option<Posix> {
        let number = |at| self.fields.le32(at).ok();
        let mode = mode(number(44)?, self.flags, self.file_type);
        let links = u32::from(self.fields.le16(48).ok()?);
        Some(Posix { mode, uid: number(36)?, gid: number(40)?, links })
    }
}

/// What stands where a file entry should, in words.
fn what_is_there(bytes: &[u8]) -> String {
    match Tag::parse(bytes) {
        None => "The image ends before this entry".to_owned(),
        Some(_) if bytes.iter().all(|byte| *byte == 0) => "There are only zeros where the entry should be".to_owned(),
        Some(tag) if matches!(tag.id, id::FILE_ENTRY | id::EXTENDED_FILE_ENTRY) => {
            "Checksum and CRC of the entry are wrong".to_owned()
        }
        Some(tag) if tag.checksum_ok() => format!("There is a descriptor of type {} in place of the entry", tag.id),
        Some(_) => "There is no descriptor where the entry should be".to_owned(),
    }
}

/// `st_mode` from permissions (ECMA-167 4/14.9.5), flags and file type. Rights to delete and to change attributes have
/// no counterpart.
pub(super) fn mode(permissions: u32, flags: u16, kind: u8) -> u32 {
    let rights = |shift: u32| permissions >> shift & 7;
    let bit = |flag: u16, bit: u32| if flags & flag != 0 { bit } else { 0 };
    let kind = match kind {
        file_type::DIRECTORY | file_type::STREAM_DIRECTORY => 0o040_000,
        file_type::BLOCK_DEVICE => 0o060_000,
        file_type::CHAR_DEVICE => 0o020_000,
        file_type::FIFO => 0o010_000,
        file_type::SOCKET => 0o140_000,
        file_type::SYMLINK => 0o120_000,
        _ => 0o100_000,
    };
    let special = bit(flag::SETUID, 0o4000) | bit(flag::SETGID, 0o2000) | bit(flag::STICKY, 0o1000);
    kind | special | rights(10) << 6 | rights(5) << 3 | rights(0)
}

/// The block of a file entry that was read.
#[derive(Debug)]
pub(super) struct Block {
    /// Absolute byte offset.
    pub(super) offset: u64,
    /// Where it lies in the logical volume.
    pub(super) at: LogicalBlock,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// The blocks that were read for it: indirect entries, older entries, and itself.
    pub(super) passed: Vec<Extent>,
}

impl Block {
    /// The file entry in it.
    pub(super) fn entry(&self) -> Result<FileEntry<'_>> {
        FileEntry::parse(&self.bytes, self.offset)
    }
}

/// Reads the entry that is in use of the ICB at `icb`: where it refers to others (4/14.7, strategy 4096), the newest.
/// Where the main copy of a metadata partition is damaged, its mirror. What is wrong on the way goes to `notes`.
pub(super) fn read(view: View<'_>, icb: LongAd, notes: &mut Vec<Diagnostic>) -> Result<Block> {
    let mut passed = Vec::new();
    let mut block = read_chain(view, icb, &mut passed, notes)?;
    block.passed = passed;
    Ok(block)
}

fn read_chain(view: View<'_>, icb: LongAd, passed: &mut Vec<Extent>, notes: &mut Vec<Diagnostic>) -> Result<Block> {
    let mut newest: Option<Block> = None;
    let mut visited: Vec<LogicalBlock> = Vec::new();
    let mut next = icb;
    loop {
        if visited.contains(&next.location) || visited.len() >= limits::UDF_ICB_CHAIN {
            let offset = view.block(next.location).unwrap_or_default();
            let message = match visited.contains(&next.location) {
                true => format!("The chain of ICBs comes back to {}", next.location),
                false => format!("The chain of ICBs has more than the {} that Isoscope follows", limits::UDF_ICB_CHAIN),
            };
            return or_newest(newest, Error::damaged("indirect entry", offset, message), notes);
        }
        visited.push(next.location);
        let block = match read_sound(view, next.location, notes) {
            Ok(block) => block,
            Err(error) => return or_newest(newest, error, notes),
        };
        passed.push(Extent::new(block.offset, view.block_size()));
        if let Some(target) = indirect(&block.bytes, block.offset) {
            next = target;
            continue;
        }
        let entry = match block.entry() {
            Ok(entry) => entry,
            Err(error) => return or_newest(newest, error, notes),
        };
        let following = match entry.may_be_superseded() {
            true => following(view, next, passed, notes)?,
            false => None,
        };
        newest = Some(block);
        match (following, newest) {
            (Some(target), block) => (next, newest) = (target, block),
            (None, Some(block)) => return Ok(block),
            (None, None) => return Err(Error::damaged(STRUCTURE, 0, "The ICB has no entry")),
        }
    }
}

/// The newest entry before a break of the chain, with a note; the error when there is none.
fn or_newest(newest: Option<Block>, error: Error, notes: &mut Vec<Diagnostic>) -> Result<Block> {
    if error.is_cancelled() {
        return Err(error);
    }
    let block = newest.ok_or_else(|| error.clone())?;
    let message = format!("{}; an older entry of the file is used", error.sentence());
    let (structure, offset) = (error.structure().unwrap_or(STRUCTURE), error.offset().unwrap_or(block.offset));
    notes.push(Diagnostic { severity: Severity::Error, structure, offset, message });
    Ok(block)
}

/// Where the indirect entry in `bytes` points (ECMA-167 4/14.7); `None` when it is none.
fn indirect(bytes: &[u8], offset: u64) -> Option<LongAd> {
    Tag::of(bytes, id::INDIRECT_ENTRY)?;
    LongAd::read(&Fields::new(bytes, offset, "indirect entry"), 36).ok().filter(|icb| !icb.is_none())
}

/// Where the indirect entry behind an entry of strategy 4096 points. Where none was written yet, the entry is the newest.
fn following(
    view: View<'_>,
    icb: LongAd,
    passed: &mut Vec<Extent>,
    notes: &mut Vec<Diagnostic>,
) -> Result<Option<LongAd>> {
    let Some(block) = icb.location.block.checked_add(1) else { return Ok(None) };
    let at = LogicalBlock { block, ..icb.location };
    let Ok(offset) = view.block(at) else { return Ok(None) };
    passed.push(Extent::new(offset, view.block_size()));
    match read_up_to(view.source.as_ref(), Extent::new(offset, view.block_size())) {
        Ok(bytes) => Ok(indirect(&bytes, offset)),
        Err(error) if error.is_cancelled() => Err(error),
        // Blocks of write-once media that were not written yet cannot be read.
        Err(error) => {
            let message = format!("Whether there is a newer version of the file is not known: {}", error.sentence());
            notes.push(Diagnostic { severity: Severity::Warning, structure: "indirect entry", offset, message });
            Ok(None)
        }
    }
}

/// Reads a block of a file entry; from the mirror where the main copy is damaged and the mirror is not.
fn read_sound(view: View<'_>, at: LogicalBlock, notes: &mut Vec<Diagnostic>) -> Result<Block> {
    let main = read_block(view, at);
    if matches!(&main, Ok((_, check)) if check.sound()) || !view.has_mirror(at.reference) {
        return main.map(|(block, _)| block);
    }
    if let Err(error) = &main
        && error.is_cancelled()
    {
        return Err(error.clone());
    }
    match read_block(view.mirrored(), at) {
        Ok((block, check)) if check.sound() => {
            let offset = view.block(at).unwrap_or(block.offset);
            let why = main.err().map_or("This entry is damaged".to_owned(), |error| error.sentence());
            let message = format!("{why}; its mirror at byte {} is used", block.offset);
            notes.push(Diagnostic { severity: Severity::Warning, structure: STRUCTURE, offset, message });
            Ok(block)
        }
        Err(error) if error.is_cancelled() => Err(error),
        _ => main.map(|(block, _)| block),
    }
}

/// Reads the block at `at`, which holds a descriptor of some kind.
fn read_block(view: View<'_>, at: LogicalBlock) -> Result<(Block, Check)> {
    let offset = view.block(at).map_err(|why| Error::damaged(STRUCTURE, 0, why.to_string()))?;
    let bytes = read_up_to(view.source.as_ref(), Extent::new(offset, view.block_size()))?;
    let check = Tag::parse(&bytes).map(|tag| tag.check(&bytes)).filter(|check| check.likely());
    match check {
        Some(check) => Ok((Block { offset, at, bytes, passed: Vec::new() }, check)),
        None if offset >= view.source.len() => {
            let message = format!("The image ends at byte {}, before this entry", view.source.len());
            Err(Error::damaged(STRUCTURE, offset, message))
        }
        None => Err(Error::damaged(STRUCTURE, offset, what_is_there(&bytes))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_become_a_mode() {
        // Owner: read, write, execute, and the rights without a counterpart; group: read, execute; others: read.
        let permissions = 0b11111 << 10 | 0b00101 << 5 | 0b00100;
        assert_eq!(mode(permissions, 0, file_type::REGULAR), 0o100_754);
        assert_eq!(mode(permissions, flag::SETUID | flag::STICKY, file_type::DIRECTORY), 0o045_754);
        assert_eq!(mode(0, flag::SETGID, file_type::SYMLINK), 0o122_000);
        assert_eq!(mode(0, 0, file_type::REAL_TIME), 0o100_000);
    }
}
