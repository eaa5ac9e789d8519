//! What the disc records of one entry of a folder.

use std::ops::ControlFlow;

use crate::disc::bytes::Fields;
use crate::disc::file::ExtentSource;
use crate::disc::source::read_up_to;
use crate::disc::tree::{DetailGroup, FileTree, Folder};
use crate::disc::{Diagnostics, Error, Extent, Result, limits, text};

use super::super::allocation::{self, Descriptor, Form};
use super::super::attributes;
use super::super::directory::{self, Directory};
use super::super::fid::{self, FileIdentifier, characteristic};
use super::super::icb::{self, FileEntry, file_type};
use super::super::names;
use super::super::partition::View;
use super::super::pieces::Pieces;
use super::super::primitive::LongAd;
use super::super::tree::UdfTree;
use super::Sheet;
use super::sheet::long_ad;

/// Allocation descriptors and extents that are listed; a fragmented file can have thousands.
const LISTED: usize = 256;

/// The file identifier descriptor of `folder`'s entry at `index`, its file entry, extended attributes and extents.
pub(in crate::disc::udf) fn of(tree: &UdfTree, folder: &Folder, index: usize) -> Result<Vec<DetailGroup>> {
    let Some(entry) = folder.entries().get(index) else { return Ok(Vec::new()) };
    let view = tree.view();
    let mut groups = Vec::new();
    let identifier = match find_identifier(tree, folder, index) {
        Ok(found) => found,
        Err(error) if error.is_cancelled() => return Err(error),
        Err(_) => None,
    };
    groups.extend(identifier);
    let bytes = read_up_to(view.source.as_ref(), Extent::new(entry.record, view.block_size()))?;
    // Where the entry has no ICB that can be read, the name is all there is.
    let Ok(found) = FileEntry::parse(&bytes, entry.record) else { return Ok(groups) };
    groups.push(of_file_entry(&found));
    let attributes = of_attributes(view, &found)?;
    let mut extents = DetailGroup::new("Extents");
    for extent in entry.content.extents().iter().take(LISTED).filter(|extent| extent.length > 0) {
        match extent.is_somewhere() {
            true => extents.add("Extent", format!("bytes {} to {}", extent.offset, extent.end()), Some(extent.offset)),
            false if extent.is_hole() => extents.add("Hole", format!("{} bytes", extent.length), None),
            false => extents.add("Missing", format!("{} bytes", extent.length), None),
        }
    }
    let mut streams = DetailGroup::new("Named streams");
    if folder.has_streams(index) {
        match tree.streams(folder, index) {
            Ok(found) => found.iter().for_each(|stream| {
                streams.add("Stream", format!("{} ({} bytes)", stream.name, stream.size), Some(stream.record));
            }),
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => streams.add("Trouble", error.sentence(), error.offset()),
        }
    }
    groups.extend(attributes.into_iter().chain([extents, streams]).filter(|group| !group.fields.is_empty()));
    Ok(groups)
}

/// The descriptor that gave the folder's entry at `index`: the folder only keeps what most people ask for.
fn find_identifier(tree: &UdfTree, folder: &Folder, index: usize) -> Result<Option<DetailGroup>> {
    let Some(id) = folder.id else { return Ok(None) };
    let mut at = directory::unpack(id.extra);
    let wanted = folder.entries().get(index).map(|entry| folder.name(entry).to_owned()).unwrap_or_default();
    let mut found = None;
    for view in [tree.view(), tree.view().mirrored()] {
        let directory = Directory::open(view, at)?;
        let mut number = 0_usize;
        fid::for_each(view, &directory.pieces, &mut Diagnostics::default(), &mut |identifier, place| {
            if identifier.is(characteristic::PARENT) || identifier.is(characteristic::DELETED) && !tree.lists_deleted()
            {
                return ControlFlow::Continue(());
            }
            if number < index {
                number = number.saturating_add(1);
                return ControlFlow::Continue(());
            }
            let same = directory::shown_name(identifier).text == wanted;
            found = same.then(|| of_identifier(identifier, place));
            ControlFlow::Break(())
        })?;
        at = directory::unpack(id.extra);
        if found.is_some() || !view.has_mirror(at.reference) {
            break;
        }
    }
    Ok(found)
}

fn of_identifier(found: &FileIdentifier<'_>, place: u64) -> DetailGroup {
    let mut group = DetailGroup::new("File identifier descriptor");
    let at = |byte: u64| Some(place.saturating_add(byte));
    let check = found.check.fault().unwrap_or("Checksum and CRC are right");
    group.add("Tag", format!("{check} (in block {})", found.tag.location), at(0));
    group.add("File version number", found.version.to_string(), at(16));
    let names = [
        (characteristic::HIDDEN, "hidden"),
        (characteristic::DIRECTORY, "directory"),
        (characteristic::DELETED, "deleted"),
        (characteristic::PARENT, "parent"),
        (characteristic::METADATA, "metadata"),
    ];
    let set: Vec<&str> = names.iter().filter(|(bit, _)| found.is(*bit)).map(|(_, name)| *name).collect();
    let meaning = if set.is_empty() { "none".to_owned() } else { set.join(", ") };
    group.add("File characteristics", format!("0x{:02x} ({meaning})", found.characteristics), at(18));
    group.add("ICB", long_ad(found.icb), at(20));
    group.add("UDF unique ID", found.unique_id.to_string(), at(32));
    let use_len = found.implementation_use.len() as u64;
    if use_len > 0 {
        let shown = found.implementation_use.get(..use_len.min(32).try_into().unwrap_or(32));
        group.add("Implementation use", text::hex(shown.unwrap_or(found.implementation_use)), at(38));
    }
    let name = names::dchars(found.name);
    let name_at = at(38_u64.saturating_add(use_len));
    let bits = match found.name.first() {
        Some(id @ (8 | 16)) => format!("{id} bits"),
        Some(id) => format!("compression ID {id}"),
        None => "empty".to_owned(),
    };
    group.add("File identifier", format!("{} ({bits})", text::display(&name.text)), name_at);
    if !name.exact {
        group.add("File identifier, bytes", text::hex(found.name), name_at);
    }
    group
}

fn of_file_entry(entry: &FileEntry<'_>) -> DetailGroup {
    let title = if entry.extended { "Extended file entry" } else { "File entry" };
    let mut sheet = Sheet::new(title, *entry.fields());
    let fields = sheet.fields();
    sheet.u32("Prior recorded number of direct entries", 16, "");
    sheet.u16("Strategy type", 20);
    sheet.u16("Maximum number of entries", 24);
    sheet.add("File type", format!("{} ({})", entry.file_type, type_name(entry.file_type)), 27);
    if let (Ok(block), Ok(reference)) = (fields.le32(28), fields.le16(32)) {
        sheet.add("Parent ICB location", format!("block {block} of partition {reference}"), 28);
    }
    sheet.add("Flags", flags(entry.flags), 34);
    for (label, at) in [("Uid", 36), ("Gid", 40)] {
        if let Ok(number) = fields.le32(at) {
            sheet.add(label, if number == u32::MAX { "not recorded".to_owned() } else { number.to_string() }, at);
        }
    }
    if let Ok(permissions) = fields.le32(44) {
        let mode = icb::mode(permissions, entry.flags, entry.file_type);
        sheet.add("Permissions", format!("0x{permissions:08x} ({})", permission_words(permissions, mode)), 44);
    }
    sheet.u16("File link count", 48);
    sheet.u8("Record format", 50);
    sheet.u8("Record display attributes", 51);
    sheet.u32("Record length", 52, "");
    sheet.u64("Information length", 56, " bytes");
    let later = if entry.extended {
        sheet.u64("Object size", 64, " bytes");
        8
    } else {
        0
    };
    sheet.u64("Logical blocks recorded", 64 + later, "");
    sheet.time("Access date and time", 72 + later);
    sheet.time("Modification date and time", 84 + later);
    if entry.extended {
        sheet.time("Creation date and time", 104);
    }
    sheet.time("Attribute date and time", if entry.extended { 116 } else { 96 });
    sheet.u32("Checkpoint", if entry.extended { 128 } else { 108 }, "");
    sheet.long_ad("Extended attribute ICB", if entry.extended { 136 } else { 112 });
    if entry.extended {
        sheet.long_ad("Stream directory ICB", 152);
    }
    sheet.entity("Implementation identifier", if entry.extended { 168 } else { 128 });
    sheet.u64("Unique ID", if entry.extended { 200 } else { 160 }, "");
    sheet.u32("Length of extended attributes", if entry.extended { 208 } else { 168 }, " bytes");
    sheet.u32("Length of allocation descriptors", if entry.extended { 212 } else { 172 }, " bytes");
    add_allocation(&mut sheet, entry);
    sheet.finish()
}

/// The allocation descriptors that stand in the entry itself.
fn add_allocation(sheet: &mut Sheet<'_>, entry: &FileEntry<'_>) {
    let form = Form::of(entry.flags);
    let Some(len) = form.descriptor_len() else { return };
    let places = (entry.allocation_at..).step_by(len);
    for (chunk, at) in entry.allocation.chunks(len).zip(places).take(LISTED) {
        let Some(descriptor) = Descriptor::parse(chunk, form, 0) else { break };
        let extent = LongAd { length: descriptor.length, location: descriptor.location };
        let value = match form {
            Form::Short if !extent.is_none() => {
                let words = long_ad(extent);
                words.replace(" of partition 0", "")
            }
            _ => long_ad(extent),
        };
        sheet.add("Allocation descriptor", value, at);
    }
}

fn type_name(kind: u8) -> &'static str {
    match kind {
        file_type::UNSPECIFIED => "not specified",
        file_type::DIRECTORY => "directory",
        file_type::REGULAR => "regular file",
        file_type::BLOCK_DEVICE => "block device",
        file_type::CHAR_DEVICE => "character device",
        8 => "extended attributes",
        file_type::FIFO => "named pipe",
        file_type::SOCKET => "socket",
        file_type::SYMLINK => "symbolic link",
        file_type::STREAM_DIRECTORY => "stream directory",
        file_type::VAT => "virtual allocation table",
        file_type::REAL_TIME => "real-time file",
        file_type::METADATA..=file_type::METADATA_BITMAP => "metadata file",
        _ => "unknown",
    }
}

fn flags(flags: u16) -> String {
    let allocation = match Form::of(flags) {
        Form::Short => "short allocation descriptors",
        Form::Long => "long allocation descriptors",
        Form::Extended => "extended allocation descriptors",
        Form::Inline => "data in the ICB",
        Form::Unknown => "unknown allocation",
    };
    let names = [
        (3, "sorted"),
        (4, "not relocatable"),
        (5, "archive"),
        (6, "setuid"),
        (7, "setgid"),
        (8, "sticky"),
        (9, "contiguous"),
        (10, "system"),
        (11, "transformed"),
        (12, "several versions"),
        (13, "stream"),
    ];
    let set = names.iter().filter(|(bit, _)| flags >> bit & 1 != 0).map(|(_, name)| *name);
    let words: Vec<&str> = [allocation].into_iter().chain(set).collect();
    format!("0x{flags:04x} ({})", words.join(", "))
}

/// The mode, and the rights that have no counterpart in it (ECMA-167 4/14.9.5).
fn permission_words(permissions: u32, mode: u32) -> String {
    let mut words = format!("mode {:04o}", mode & 0o7777);
    for (who, shift) in [("others", 0), ("group", 5), ("owner", 10)] {
        for (right, bit) in [("change attributes", 3), ("delete", 4)] {
            if permissions >> (shift + bit) & 1 != 0 {
                words.push_str(&format!(", {who} may {right}"));
            }
        }
    }
    words
}

/// The extended attributes in the entry, and those in a file of their own.
fn of_attributes(view: View<'_>, entry: &FileEntry<'_>) -> Result<Vec<DetailGroup>> {
    let at = entry.offset.saturating_add(entry.attributes_at() as u64);
    let mut groups = vec![of_space("Extended attributes", entry.attributes, at)];
    if let Some(icb) = entry.attribute_icb() {
        match in_file(view, icb) {
            Ok((bytes, offset)) => groups.push(of_space("Extended attribute file", &bytes, offset)),
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => {
                let mut group = DetailGroup::new("Extended attribute file");
                group.add("Trouble", error.sentence(), error.offset());
                groups.push(group);
            }
        }
    }
    Ok(groups)
}

fn of_space(title: &str, space: &[u8], offset: u64) -> DetailGroup {
    let mut group = DetailGroup::new(title);
    for attribute in attributes::all(space).take(LISTED) {
        let value = text::display(&attribute.value()).into_owned();
        group.add(attribute.label(), value, Some(offset.saturating_add(attribute.at as u64)));
    }
    group
}

/// The first bytes of an extended attribute file, and where it begins.
fn in_file(view: View<'_>, icb: LongAd) -> Result<(Vec<u8>, u64)> {
    let mut notes = Vec::new();
    let block = icb::read(view, icb, &mut notes)?;
    let entry = block.entry()?;
    let mut pieces = Pieces::new(limits::UDF_FOLDER_PIECES);
    allocation::collect(view, &entry, block.at.reference, &mut pieces, &mut notes)?;
    let first = pieces.list().first().copied().filter(|piece| piece.is_somewhere()).ok_or_else(|| {
        Error::damaged("extended attribute file", block.offset, "The file of extended attributes is empty")
    })?;
    let source = ExtentSource::new(view.source.clone(), &pieces.content());
    let bytes = read_up_to(&source, Extent::new(0, limits::ATTRIBUTE_BYTES as u64))?;
    let fields = Fields::new(&bytes, first.offset, "extended attribute file");
    Ok((fields.all().to_vec(), first.offset))
}
