//! Every field that the disc records of one entry.

use crate::disc::bytes::Fields;
use crate::disc::source::read_up_to;
use crate::disc::tree::{DetailGroup, Folder};
use crate::disc::{Error, Extent, Result, text};

use super::aaip::AttributeList;
use super::names;
use super::record::{DirectoryRecord, flag};
use super::rock_ridge::{RockRidge, time_stamp, time_stamp_len};
use super::susp::{self, AreaReader, SystemUseEntry};
use super::tree::IsoTree;

/// The directory record of `folder`'s entry at `index`, its system use entries, and where its data lies.
pub(super) fn of_entry(tree: &IsoTree, folder: &Folder, index: usize) -> Result<Vec<DetailGroup>> {
    let Some(entry) = folder.entries().get(index) else { return Ok(Vec::new()) };
    let bytes = read_up_to(tree.source.as_ref(), Extent::new(entry.record, 255))?;
    let record = DirectoryRecord::parse(&bytes, entry.record)
        .ok()
        .flatten()
        .ok_or_else(|| Error::damaged("directory record", entry.record, "The directory record cannot be read again"))?;
    let mut groups = vec![of_record(tree, &record)];
    if entry.content.extents().len() > 1 {
        let mut group = DetailGroup::new("File sections");
        for extent in entry.content.extents() {
            group.add("Section", format!("bytes {} to {}", extent.offset, extent.end()), Some(extent.offset));
        }
        groups.push(group);
    }
    if let Some(skip) = tree.skip {
        groups.extend(of_system_use(tree, &record, skip));
    }
    Ok(groups)
}

fn of_record(tree: &IsoTree, record: &DirectoryRecord<'_>) -> DetailGroup {
    let mut group = DetailGroup::new("Directory record");
    let at = |byte: u64| Some(record.offset.saturating_add(byte));
    let both = |little: u32, big: u32, unit: &str| match little == big {
        true => format!("{little}{unit}"),
        false => format!("{little}{unit} (little-endian), {big}{unit} (big-endian)"),
    };
    group.add("Extended attribute record length", format!("{} blocks", record.xar_blocks), at(1));
    let place = format!(" (byte {})", tree.block_offset(record.block.little));
    group.add("Location of extent", both(record.block.little, record.block.big, "") + &place, at(2));
    group.add("Data length", both(record.data_len.little, record.data_len.big, " bytes"), at(10));
    let date = record.timestamp().map_or_else(|| "not set".to_owned(), |time| time.to_string());
    group.add("Recording date and time", date, at(18));
    group.add("File flags", flags(record.flags), at(25));
    group.add("File unit size", format!("{} blocks", record.unit_size), at(26));
    group.add("Interleave gap size", format!("{} blocks", record.gap_size), at(27));
    let name = names::name(record.identifier, tree.encoding);
    group.add("File identifier", text::display(&identifier(record, tree)).into_owned(), at(33));
    if !name.exact {
        group.add("File identifier, bytes", text::hex(record.identifier), at(33));
    }
    group
}

/// The identifier as recorded, with version and all.
fn identifier(record: &DirectoryRecord<'_>, tree: &IsoTree) -> String {
    match tree.encoding {
        names::Encoding::Bytes => text::utf8(record.identifier).text.into_owned(),
        names::Encoding::Utf16 => text::utf16_be(record.identifier).text.into_owned(),
    }
}

fn flags(flags: u8) -> String {
    let names = [
        (flag::HIDDEN, "hidden"),
        (flag::DIRECTORY, "directory"),
        (flag::ASSOCIATED, "associated file"),
        (0x08, "record format given"),
        (0x10, "owner and permissions given"),
        (flag::MULTI_EXTENT, "not the last section"),
    ];
    let set: Vec<&str> = names.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, name)| *name).collect();
    format!("0x{flags:02x} ({})", if set.is_empty() { "none".to_owned() } else { set.join(", ") })
}

fn of_system_use(tree: &IsoTree, record: &DirectoryRecord<'_>, skip: usize) -> Vec<DetailGroup> {
    let mut groups = Vec::new();
    let mut attributes = AttributeList::default();
    let mut notes = DetailGroup::new("Trouble");
    let Some(system_use) = record.system_use.get(skip..) else { return groups };
    susp::for_each_entry(
        tree.source.as_ref(),
        tree.blocks,
        &mut AreaReader::default(),
        (system_use, record.system_use_offset().saturating_add(skip as u64)),
        &mut |note| notes.add(note.structure, note.message, Some(note.offset)),
        &mut |entry, _| {
            attributes.take(entry);
            groups.push(of_system_use_entry(entry));
        },
    );
    let mut list = DetailGroup::new("Extended attributes");
    for (name, value) in attributes.attributes() {
        list.add("Attribute", format!("{} ({} bytes)", text::display(&name), value.len()), None);
    }
    groups.extend([list, notes].into_iter().filter(|group| !group.fields.is_empty()));
    groups
}

fn of_system_use_entry(entry: &SystemUseEntry<'_>) -> DetailGroup {
    let meaning = match &entry.signature {
        b"AL" => "attribute list",
        b"CE" => "continuation area",
        b"CL" => "child link",
        b"ER" => "extensions reference",
        b"ES" => "extension selector",
        b"NM" => "alternate name",
        b"PD" => "padding",
        b"PL" => "parent link",
        b"PN" => "device number",
        b"PX" => "POSIX attributes",
        b"RE" => "relocated directory",
        b"RR" => "Rock Ridge entries present",
        b"SF" => "sparse file",
        b"SL" => "symbolic link",
        b"SP" => "sharing protocol",
        b"ST" => "terminator",
        b"TF" => "time stamps",
        b"ZF" | b"Z2" => "zisofs",
        _ => "unknown entry",
    };
    let mut group = DetailGroup::new(format!("{} ({meaning})", entry.name()));
    let fields = entry.fields();
    group.add(
        "Length and version",
        format!("{} bytes, version {}", entry.bytes.len(), entry.version),
        Some(entry.offset),
    );
    match &entry.signature {
        b"TF" => add_time_stamps(&mut group, &fields),
        b"CE" => add_numbers(&mut group, &fields, &[("Block", 4), ("Offset", 12), ("Length", 20)]),
        b"CL" | b"PL" => add_numbers(&mut group, &fields, &[("Block", 4)]),
        b"PN" => add_numbers(&mut group, &fields, &[("Device, high", 4), ("Device, low", 12)]),
        b"PX" => {
            let mode = fields.both32(4).map_or(String::new(), |mode| format!("{:07o}", mode.little));
            group.add("Mode", mode, Some(fields.offset_of(4)));
            add_numbers(&mut group, &fields, &[("Links", 12), ("User", 20), ("Group", 28), ("Serial number", 36)]);
        }
        b"NM" | b"SL" | b"ZF" | b"Z2" => {
            let mut rock_ridge = RockRidge::default();
            rock_ridge.take(entry, &mut |_| {});
            let value = match rock_ridge.packed {
                Some((_, size)) => format!("{size} bytes unpacked"),
                None => {
                    let bytes = if rock_ridge.target.is_empty() { &rock_ridge.name } else { &rock_ridge.target };
                    text::display(&text::utf8(bytes).text).into_owned()
                }
            };
            group.add("Value", value, Some(fields.offset_of(4)));
        }
        _ if entry.bytes.len() > 4 => {
            let shown = entry.bytes.get(4..entry.bytes.len().min(36)).unwrap_or_default();
            let more = if entry.bytes.len() > 36 { "…" } else { "" };
            group.add("Bytes", text::hex(shown) + more, Some(fields.offset_of(4)));
        }
        _ => {}
    }
    group
}

fn add_numbers(group: &mut DetailGroup, fields: &Fields<'_>, numbers: &[(&'static str, usize)]) {
    for (label, at) in numbers {
        if let Ok(number) = fields.both32(*at) {
            let other = if number.agree() { String::new() } else { format!(" (big-endian: {})", number.big) };
            group.add(label, format!("{}{other}", number.little), Some(fields.offset_of(*at)));
        }
    }
}

fn add_time_stamps(group: &mut DetailGroup, fields: &Fields<'_>) {
    const LABELS: [&str; 7] =
        ["Creation", "Modification", "Access", "Attribute change", "Backup", "Expiration", "Effective"];
    let Ok(flags) = fields.u8(4) else { return };
    let mut at = 5_usize;
    for (bit, label) in LABELS.into_iter().enumerate() {
        if flags & (1 << bit) != 0 {
            let moment = time_stamp(fields, at, flags).ok().flatten();
            let value = moment.map_or_else(|| "not set".to_owned(), |moment| moment.to_string());
            group.add(label, value, Some(fields.offset_of(at)));
            at = at.saturating_add(time_stamp_len(flags));
        }
    }
}
