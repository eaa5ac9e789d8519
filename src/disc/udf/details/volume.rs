//! The descriptors of the volume as a whole.

use crate::disc::bytes::Fields;
use crate::disc::tree::DetailGroup;

use super::super::anchor::{Anchor, Recognition};
use super::super::tag::id;
use super::super::volume::Descriptor;
use super::Sheet;

/// The recognition sequence and the anchors.
pub(in crate::disc::udf) fn of_start(recognition: &Recognition, anchors: &[Anchor]) -> Vec<DetailGroup> {
    let mut start = DetailGroup::new("Volume recognition sequence");
    for (name, extent) in &recognition.descriptors {
        start.add("Descriptor", name.clone(), Some(extent.offset));
    }
    let mut groups = vec![start];
    for anchor in anchors {
        let mut group = DetailGroup::new("Anchor volume descriptor pointer");
        let check = anchor.check.fault().unwrap_or("Checksum and CRC are right");
        group.add("Tag", check, Some(anchor.offset));
        group.add("Main volume descriptor sequence", anchor.main.to_string(), Some(anchor.offset.saturating_add(16)));
        group.add(
            "Reserve volume descriptor sequence",
            anchor.reserve.to_string(),
            Some(anchor.offset.saturating_add(24)),
        );
        groups.push(group);
    }
    groups.retain(|group| !group.fields.is_empty());
    groups
}

/// One descriptor of the volume descriptor sequence.
pub(in crate::disc::udf) fn of_descriptor(descriptor: &Descriptor) -> DetailGroup {
    let fields = descriptor.fields();
    let (title, add): (&str, fn(&mut Sheet<'_>)) = match descriptor.tag.id {
        id::PRIMARY_VOLUME => ("Primary volume descriptor", primary),
        id::PARTITION => ("Partition descriptor", partition),
        id::LOGICAL_VOLUME => ("Logical volume descriptor", logical_volume),
        id::IMPLEMENTATION_USE => ("Implementation use volume descriptor", implementation_use),
        id::UNALLOCATED_SPACE => ("Unallocated space descriptor", unallocated_space),
        _ => ("Volume descriptor", |_| {}),
    };
    let mut sheet = Sheet::new(title, fields);
    sheet.u32("Volume descriptor sequence number", 16, "");
    add(&mut sheet);
    sheet.finish()
}

fn primary(sheet: &mut Sheet<'_>) {
    sheet.u32("Primary volume descriptor number", 20, "");
    sheet.text("Volume identifier", 24, 32);
    sheet.u16("Volume sequence number", 56);
    sheet.u16("Maximum volume sequence number", 58);
    sheet.u16("Interchange level", 60);
    sheet.u16("Maximum interchange level", 62);
    sheet.text("Volume set identifier", 72, 128);
    sheet.extent("Volume abstract", 328);
    sheet.extent("Volume copyright notice", 336);
    sheet.entity("Application identifier", 344);
    sheet.time("Recording date and time", 376);
    sheet.entity("Implementation identifier", 388);
    sheet.u16("Flags", 488);
}

fn partition(sheet: &mut Sheet<'_>) {
    let fields = sheet.fields();
    if let Ok(flags) = fields.le16(20) {
        let allocated = if flags & 1 != 0 { "space allocated" } else { "space not allocated" };
        sheet.add("Partition flags", format!("0x{flags:04x} ({allocated})"), 20);
    }
    sheet.u16("Partition number", 22);
    sheet.entity("Partition contents", 24);
    for (label, at) in [
        ("Unallocated space table", 56),
        ("Unallocated space bitmap", 64),
        ("Partition integrity table", 72),
        ("Freed space table", 80),
        ("Freed space bitmap", 88),
    ] {
        if let (Ok(length), Ok(block)) = (fields.le32(at), fields.le32(at + 4))
            && length != 0
        {
            sheet.add(label, format!("{length} bytes at block {block} of the partition"), at);
        }
    }
    if let Ok(access) = fields.le32(184) {
        let meaning = match access {
            0 => "pseudo-overwritable",
            1 => "read only",
            2 => "write once",
            3 => "rewritable",
            4 => "overwritable",
            _ => "unknown",
        };
        sheet.add("Access type", format!("{access} ({meaning})"), 184);
    }
    sheet.u32("Partition starting location", 188, "");
    sheet.u32("Partition length", 192, " blocks");
    sheet.entity("Implementation identifier", 196);
}

fn logical_volume(sheet: &mut Sheet<'_>) {
    sheet.text("Logical volume identifier", 84, 128);
    sheet.u32("Logical block size", 212, " bytes");
    sheet.entity("Domain identifier", 216);
    if let Ok(flags) = sheet.fields().u8(242) {
        let names = [(1, "hard write-protect"), (2, "soft write-protect")];
        let set: Vec<&str> = names.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, name)| *name).collect();
        let meaning = if set.is_empty() { "none".to_owned() } else { set.join(", ") };
        sheet.add("Domain flags", format!("0x{flags:02x} ({meaning})"), 242);
    }
    sheet.long_ad("File set descriptor sequence", 248);
    sheet.u32("Map table length", 264, " bytes");
    sheet.u32("Number of partition maps", 268, "");
    sheet.entity("Implementation identifier", 272);
    sheet.extent("Integrity sequence", 432);
}

fn implementation_use(sheet: &mut Sheet<'_>) {
    sheet.entity("Implementation identifier", 20);
    let fields = sheet.fields();
    // Only what the OSTA defined is known (OSTA UDF 2.60 §2.2.7).
    if fields.bytes(21, 12).is_ok_and(|name| name == b"*UDF LV Info") {
        sheet.text("Logical volume identifier", 116, 128);
        sheet.text("Logical volume information 1", 244, 36);
        sheet.text("Logical volume information 2", 280, 36);
        sheet.text("Logical volume information 3", 316, 36);
        sheet.entity("Implementation", 352);
    }
}

fn unallocated_space(sheet: &mut Sheet<'_>) {
    sheet.u32("Number of allocation descriptors", 20, "");
    let count = sheet.fields().le32(20).unwrap_or(0);
    for number in 0..usize::try_from(count).unwrap_or(0).min(64) {
        sheet.extent("Unallocated space", 24 + 8 * number);
    }
}

/// The integrity descriptor.
pub(in crate::disc::udf) fn of_integrity(integrity: &super::super::integrity::Integrity) -> DetailGroup {
    let fields: Fields<'_> = integrity.fields();
    let mut sheet = Sheet::new("Logical volume integrity descriptor", fields);
    sheet.time("Recording date and time", 16);
    if let Ok(kind) = fields.le32(28) {
        let meaning = match kind {
            0 => "open: the volume was not closed when it was last written",
            1 => "closed",
            _ => "unknown",
        };
        sheet.add("Integrity type", format!("{kind} ({meaning})"), 28);
    }
    sheet.extent("Next integrity extent", 32);
    sheet.u64("Next unique ID", 40, "");
    sheet.u32("Number of partitions", 72, "");
    for index in 0..integrity.partitions() {
        let words = |blocks: Option<u32>| match blocks {
            Some(blocks) => format!("{blocks} blocks"),
            None => "not given".to_owned(),
        };
        let (free, size) = integrity.space(index);
        let value = format!("partition {index}: {} free, {} in all", words(free), words(size));
        sheet.add("Space", value, 80 + 4 * index);
    }
    if let Some(counts) = integrity.counts() {
        sheet.entity("Implementation identifier", counts.at - 32);
        sheet.add("Number of files", counts.files.to_string(), counts.at);
        sheet.add("Number of directories", counts.folders.to_string(), counts.at + 4);
        sheet.revision("Minimum UDF read revision", counts.at + 8);
        sheet.revision("Minimum UDF write revision", counts.at + 10);
        sheet.revision("Maximum UDF write revision", counts.at + 12);
    }
    sheet.finish()
}
