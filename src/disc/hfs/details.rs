//! Every field that a volume records of one entry.

use crate::disc::bytes::Fields;
use crate::disc::file::ExtentSource;
use crate::disc::source::read_up_to;
use crate::disc::tree::{DetailGroup, Folder, Kind};
use crate::disc::{Diagnostics, Error, Extent, Result, text};

use super::catalog::{self, Body, Item, Permissions, RECORD, moment};
use super::fork::{ForkData, ForkKind};
use super::tree::{Found, HfsTree};
use super::{attributes, decmpfs};

/// The records of `folder`'s entry at `index`: the link and what it stands for when it is a hard link.
pub(super) fn of_entry(tree: &HfsTree, folder: &Folder, index: usize) -> Result<Vec<DetailGroup>> {
    let Some(entry) = folder.entries().get(index) else { return Ok(Vec::new()) };
    let mut diagnostics = Diagnostics::default();
    let Some((found, target)) = tree.records(entry, &mut diagnostics)? else {
        return Err(Error::damaged(RECORD, entry.record, "The catalog record cannot be read again"));
    };
    let mut groups = Vec::new();
    if let Some(target) = target {
        let mut group = DetailGroup::new("Hard link");
        key(tree, entry.record, &mut group)?;
        group.add("Inode", found.item.link_target().to_string(), Some(found.data_offset.saturating_add(44)));
        groups.push(group);
        of_item(tree, &target, entry.kind, &mut groups, &mut diagnostics)?;
    } else {
        of_item(tree, &found, entry.kind, &mut groups, &mut diagnostics)?;
    }
    let mut notes = DetailGroup::new("Trouble");
    for note in diagnostics.items() {
        notes.add(note.structure, note.message.clone(), Some(note.offset));
    }
    groups.extend([notes].into_iter().filter(|group| !group.fields.is_empty()));
    Ok(groups)
}

/// The fields of a record's key: the folder and the name as recorded.
fn key(tree: &HfsTree, offset: u64, group: &mut DetailGroup) -> Result<()> {
    let plus = tree.plus();
    tree.catalog.record_at(offset, |record| {
        let fields = Fields::new(record.key, record.extent.offset, RECORD);
        let parent = fields.be32(2).unwrap_or_default();
        group.add("Folder", parent.to_string(), Some(fields.offset_of(2)));
        let raw = catalog::raw_name(record, plus).unwrap_or_default();
        let name = catalog::name(record, plus);
        let at = Some(fields.offset_of(if plus { 8 } else { 7 }));
        group.add("Name", text::display(&name.text), at);
        // Composed, the name is not what stands there.
        let as_recorded = match plus {
            true => text::utf16_be(raw).text == name.text,
            false => name.text.is_ascii(),
        };
        if !as_recorded || !name.exact {
            group.add("Name, bytes", text::hex(raw), at);
        }
    })?;
    Ok(())
}

fn of_item(
    tree: &HfsTree,
    found: &Found,
    kind: Kind,
    groups: &mut Vec<DetailGroup>,
    diagnostics: &mut Diagnostics,
) -> Result<()> {
    let plus = tree.plus();
    let Found { item, data_offset, .. } = found;
    let at = |hfs: u64, plus_at: u64| Some(data_offset.saturating_add(if plus { plus_at } else { hfs }));
    let is_folder = matches!(item.body, Body::Folder { .. });
    let mut group = DetailGroup::new(if is_folder { "Catalog folder record" } else { "Catalog file record" });
    key(tree, found.extent.offset, &mut group)?;
    group.add("Catalog node ID", item.id.to_string(), at(if is_folder { 6 } else { 20 }, 8));
    group.add("Flags", flags(item.flags, plus), at(2, 2));
    let (created, modified, backed_up) = if is_folder { (10, 14, 18) } else { (44, 48, 52) };
    add_times(&mut group, item, plus, (at(created, 12), at(modified, 16), at(backed_up, 28)), *data_offset);
    if let Body::Folder { valence } = item.body {
        group.add("Entries", valence.to_string(), at(4, 4));
    }
    groups.push(group);
    let (finder, permissions) = item.offsets(plus);
    groups.push(item.finder.details(data_offset.saturating_add(finder), is_folder));
    groups.extend(item.permissions.map(|it| of_permissions(&it, kind, data_offset.saturating_add(permissions))));
    if let Body::File { data, resource } = &item.body {
        let places = if plus { (88, 168) } else { (26, 36) };
        let forks =
            [("Data fork", ForkKind::Data, data, places.0), ("Resource fork", ForkKind::Resource, resource, places.1)];
        for (title, kind, fork, place) in forks.into_iter().filter(|(.., fork, _)| fork.size > 0) {
            let offset = data_offset.saturating_add(place);
            groups.push(of_fork(tree, item.id, title, kind, fork, offset, diagnostics)?);
        }
    }
    groups.extend(of_attributes(tree, item.id, diagnostics)?);
    Ok(())
}

/// Times with the offsets of those that both formats have.
fn add_times(
    group: &mut DetailGroup,
    item: &Item,
    plus: bool,
    (created, modified, backed_up): (Option<u64>, Option<u64>, Option<u64>),
    data_offset: u64,
) {
    // The zone of HFS's clock is not recorded.
    let date = |seconds| match moment(seconds) {
        None => "not set".to_owned(),
        Some(time) if plus => time.to_string(),
        Some(time) => time.to_string().trim_end_matches("+00:00").replace('T', " ") + " (local time)",
    };
    group.add("Created", date(item.created), created);
    group.add("Content modified", date(item.modified), modified);
    if plus {
        group.add("Attributes changed", date(item.changed), Some(data_offset.saturating_add(20)));
        group.add("Accessed", date(item.accessed), Some(data_offset.saturating_add(24)));
    }
    group.add("Backed up", date(item.backed_up), backed_up);
}

/// Flags of a record (Inside Macintosh: Files, 2-73; TN1150 and later headers of Apple).
fn flags(bits: u16, plus: bool) -> String {
    const HFS: &[(u16, &str)] = &[(0x01, "locked"), (0x02, "thread exists"), (0x80, "in use")];
    const HFS_PLUS: &[(u16, &str)] = &[
        (0x0001, "locked"),
        (0x0002, "thread exists"),
        (0x0004, "has attributes"),
        (0x0008, "has security"),
        (0x0010, "has a count of folders"),
        (0x0020, "in a chain of links"),
        (0x0040, "has a child in a chain of links"),
        (0x0080, "date added is set"),
    ];
    let names = if plus { HFS_PLUS } else { HFS };
    let set: Vec<&str> = names.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect();
    format!("0x{bits:04x} ({})", if set.is_empty() { "none".to_owned() } else { set.join(", ") })
}

fn of_permissions(permissions: &Permissions, kind: Kind, offset: u64) -> DetailGroup {
    let at = |byte: u64| Some(offset.saturating_add(byte));
    let mut group = DetailGroup::new("Permissions");
    group.add("Owner", permissions.owner.to_string(), at(0));
    group.add("Group", permissions.group.to_string(), at(4));
    let (admin, owner) = permissions.flags;
    group.add("Flags of the administrator", file_flags(admin), at(8));
    group.add("Flags of the owner", file_flags(owner), at(9));
    let mode = match permissions.mode {
        0 => "not set".to_owned(),
        mode => format!("{mode:07o}"),
    };
    group.add("Mode", mode, at(10));
    let special = permissions.special;
    let words = match kind {
        // The number of a device as the BSDs put it together.
        Kind::CharDevice | Kind::BlockDevice => format!("device {}, {}", special >> 24, special & 0x00ff_ffff),
        _ => special.to_string(),
    };
    group.add("Inode, link count or device", words, at(12));
    group
}

fn file_flags(bits: u8) -> String {
    const NAMES: [(u8, &str); 6] = [
        (0x01, "not to be dumped"),
        (0x02, "unchangeable"),
        (0x04, "only to be appended to"),
        (0x08, "opaque"),
        (catalog::COMPRESSED, "compressed"),
        (0x80, "hidden"),
    ];
    let set: Vec<&str> = NAMES.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect();
    format!("0x{bits:02x} ({})", if set.is_empty() { "none".to_owned() } else { set.join(", ") })
}

fn of_fork(
    tree: &HfsTree,
    file: u32,
    title: &str,
    kind: ForkKind,
    fork: &ForkData,
    offset: u64,
    diagnostics: &mut Diagnostics,
) -> Result<DetailGroup> {
    /// Extents that are listed.
    const LISTED: usize = 256;
    let mut group = DetailGroup::new(title);
    group.add("Size", format!("{} bytes", fork.size), Some(offset));
    let (content, missing) = tree.space.locate(file, kind, fork, diagnostics)?;
    for extent in content.extents().iter().filter(|extent| extent.offset < tree.space.image_len).take(LISTED) {
        group.add("Extent", format!("bytes {} to {}", extent.offset, extent.end()), Some(extent.offset));
    }
    if content.extents().len() > LISTED {
        group.add("Further extents", content.extents().len().saturating_sub(LISTED).to_string(), None);
    }
    if let Some(missing) = missing {
        group.add("Trouble", missing, Some(offset));
    }
    Ok(group)
}

/// The extended attributes of a file or folder; the short ones that are text with their values.
fn of_attributes(tree: &HfsTree, file: u32, diagnostics: &mut Diagnostics) -> Result<Option<DetailGroup>> {
    const SHOWN: u64 = 128;
    let Some(attributes) = &tree.attributes else { return Ok(None) };
    let mut group = DetailGroup::new("Extended attributes");
    for attribute in attributes::list(attributes, &tree.space, file, None, diagnostics)? {
        let source = ExtentSource::new(tree.source.clone(), &attribute.content);
        let bytes = diagnostics.salvage(read_up_to(&source, Extent::new(0, SHOWN)))?.unwrap_or_default();
        let mut words = format!("{} ({} bytes)", text::display(&attribute.name), attribute.size);
        if attribute.name == decmpfs::ATTRIBUTE
            && let Ok(header) = decmpfs::Header::parse(&bytes, attribute.record)
        {
            words = format!("{words}: method {}, {} bytes unpacked", header.kind, header.size);
        } else if attribute.size <= SHOWN
            && let Ok(value) = std::str::from_utf8(&bytes)
            && !value.is_empty()
            && value.chars().all(|c| !c.is_control())
        {
            words = format!("{words}: {}", text::display(value));
        }
        group.add("Attribute", words, Some(attribute.record));
    }
    Ok(Some(group).filter(|group| !group.fields.is_empty()))
}
