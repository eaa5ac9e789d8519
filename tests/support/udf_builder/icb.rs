//! Information control blocks and file identifier descriptors as bytes (ECMA-167 part 4).

use super::encode::{Location, RECORDED, Time, developer, ext_ad, long_ad, seal, short_ad};
use super::node::{Form, Item, Name};

/// A run of a file's bytes: extent type, length in bytes, place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    pub kind: u32,
    pub length: u32,
    pub at: Location,
}

/// The permissions of UDF that belong to the nine bits of POSIX (ECMA-167 4/14.9.5).
pub fn permissions(mode: u32) -> u32 {
    let class = |shift: u32| mode >> shift & 7;
    class(0) | class(3) << 5 | class(6) << 10
}

/// One allocation descriptor.
pub(super) fn descriptor(form: Form, extent: Extent) -> Vec<u8> {
    let Extent { kind, length, at } = extent;
    match form {
        Form::Short => short_ad(kind, length, at.block),
        Form::Long => long_ad(kind, length, at, 0),
        Form::Extended => ext_ad(kind, length, length, at),
        Form::Inline => Vec::new(),
    }
}

/// ICB tag (ECMA-167 4/14.6).
pub(super) fn icb_tag(strategy: u16, entries: u16, file_type: u8, flags: u16) -> Vec<u8> {
    let mut bytes = u32::from(entries - 1).to_le_bytes().to_vec();
    bytes.extend(strategy.to_le_bytes());
    bytes.extend(u16::from(strategy == 4096).to_le_bytes());
    bytes.extend(entries.to_le_bytes());
    bytes.extend([0, file_type]);
    bytes.extend([0; 6]);
    bytes.extend(flags.to_le_bytes());
    bytes
}

/// What a file entry says besides its [`Item`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) block: usize,
    pub(super) version: u16,
    pub(super) at: Location,
    pub(super) unique: u64,
    pub(super) links: u16,
    pub(super) length: u64,
    pub(super) recorded: u64,
    pub(super) entries: u16,
    pub(super) attribute_icb: Option<Location>,
    pub(super) stream_icb: Option<Location>,
    pub(super) attributes: &'a [u8],
    /// Allocation descriptors or, for [`Form::Inline`], the data.
    pub(super) descriptors: &'a [u8],
}

/// File entry or extended file entry (ECMA-167 4/14.9 and 4/14.17).
pub(super) fn file_entry(item: &Item, facts: &Facts<'_>) -> Vec<u8> {
    let block = facts.block as u32;
    let icb = |at: Option<Location>| match at {
        Some(at) => long_ad(RECORDED, block, at, 0),
        None => vec![0; 16],
    };
    let [accessed, modified, created, changed] = item.times.map(Time::bytes);
    let mut bytes = vec![0; 16];
    bytes.extend(icb_tag(item.strategy, facts.entries, item.file_type, item.flags | item.form as u16));
    bytes.extend(item.owner.0.to_le_bytes());
    bytes.extend(item.owner.1.to_le_bytes());
    bytes.extend(item.permissions.to_le_bytes());
    bytes.extend(item.links.unwrap_or(facts.links).to_le_bytes());
    bytes.extend([0; 6]);
    let length = item.length.unwrap_or(facts.length);
    bytes.extend(length.to_le_bytes());
    if item.extended {
        bytes.extend(length.to_le_bytes());
    }
    bytes.extend(facts.recorded.to_le_bytes());
    bytes.extend(accessed);
    bytes.extend(modified);
    if item.extended {
        bytes.extend(created);
    }
    bytes.extend(changed);
    bytes.extend(1_u32.to_le_bytes());
    if item.extended {
        bytes.extend([0; 4]);
    }
    bytes.extend(icb(facts.attribute_icb));
    if item.extended {
        bytes.extend(icb(facts.stream_icb));
    }
    bytes.extend(developer());
    bytes.extend(facts.unique.to_le_bytes());
    bytes.extend((facts.attributes.len() as u32).to_le_bytes());
    bytes.extend((facts.descriptors.len() as u32).to_le_bytes());
    assert_eq!(bytes.len(), if item.extended { 216 } else { 176 });
    bytes.extend(facts.attributes);
    bytes.extend(facts.descriptors);
    assert!(bytes.len() <= facts.block, "a file entry fits into a block");
    seal(&mut bytes, if item.extended { 266 } else { 261 }, facts.version, facts.at.block);
    bytes
}

/// Indirect entry (ECMA-167 4/14.7): the entry is in another ICB.
pub(super) fn indirect_entry(strategy: u16, version: u16, at: Location, to: Location, length: u32) -> Vec<u8> {
    let mut bytes = vec![0; 16];
    bytes.extend(icb_tag(strategy, if strategy == 4096 { 2 } else { 1 }, 3, 0));
    bytes.extend(long_ad(RECORDED, length, to, 0));
    seal(&mut bytes, 259, version, at.block);
    bytes
}

/// Allocation extent descriptor with its allocation descriptors (ECMA-167 4/14.5).
pub(super) fn allocation_extent(version: u16, at: Location, before: u32, descriptors: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 16];
    bytes.extend(before.to_le_bytes());
    bytes.extend((descriptors.len() as u32).to_le_bytes());
    // The tag covers the fixed part only: what follows belongs to no descriptor (UDF 2.3.11).
    seal(&mut bytes, 258, version, at.block);
    bytes.extend(descriptors);
    bytes
}

/// File identifier descriptor (ECMA-167 4/14.4); `block` is the one that it begins in.
pub(super) fn file_identifier(name: &Name, version: u16, block: u32, icb: (Location, u32), unique: u32) -> Vec<u8> {
    let mut bytes = vec![0; 16];
    bytes.extend(name.version.to_le_bytes());
    bytes.push(name.characteristics);
    bytes.push(u8::try_from(name.identifier.len()).expect("a name has at most 255 bytes"));
    bytes.extend(long_ad(RECORDED, icb.1, icb.0, unique));
    bytes.extend((name.implementation_use.len() as u16).to_le_bytes());
    bytes.extend(&name.implementation_use);
    bytes.extend(&name.identifier);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    seal(&mut bytes, 257, version, block);
    bytes
}

/// Bytes of the file identifier descriptor of `name`.
pub(super) fn file_identifier_len(name: &Name) -> usize {
    (38 + name.implementation_use.len() + name.identifier.len()).next_multiple_of(4)
}
