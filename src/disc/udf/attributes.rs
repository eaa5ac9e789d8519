//! Extended attributes (ECMA-167 4/14.10): what the fixed fields of a file entry have no room for.

use crate::disc::bytes::Fields;

use super::primitive::{EntityId, timestamp};
use super::tag::{Tag, id};

/// Attribute types (ECMA-167 4/14.10.3 to 4/14.10.9).
pub(super) mod kind {
    pub(in crate::disc::udf) const CHARACTER_SETS: u32 = 1;
    pub(in crate::disc::udf) const ALTERNATE_PERMISSIONS: u32 = 3;
    pub(in crate::disc::udf) const FILE_TIMES: u32 = 5;
    pub(in crate::disc::udf) const INFORMATION_TIMES: u32 = 6;
    pub(in crate::disc::udf) const DEVICE: u32 = 12;
    pub(in crate::disc::udf) const IMPLEMENTATION_USE: u32 = 2048;
    pub(in crate::disc::udf) const APPLICATION_USE: u32 = 65_536;
}

/// Bytes of the header of an attribute: type, subtype and length.
const HEADER: usize = 12;

/// Bytes of an extended attribute header descriptor (ECMA-167 4/14.10.1).
const SPACE_HEADER: usize = 24;

/// One attribute.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attribute<'a> {
    /// See [`kind`].
    pub(super) kind: u32,
    /// Place of its first byte among all attributes.
    pub(super) at: usize,
    /// All of its bytes, with the header.
    pub(super) bytes: &'a [u8],
}

/// The attributes in `space`, up to the first that is not whole. They follow a header; one that is missing is not missed.
pub(super) fn all(space: &[u8]) -> impl Iterator<Item = Attribute<'_>> {
    let mut at = if Tag::of(space, id::ATTRIBUTE_HEADER).is_some() { SPACE_HEADER } else { 0 };
    std::iter::from_fn(move || {
        let rest = space.get(at..)?;
        let [t0, t1, t2, t3, _, _, _, _, l0, l1, l2, l3] = *rest.first_chunk::<HEADER>()?;
        let len = usize::try_from(u32::from_le_bytes([l0, l1, l2, l3])).ok().filter(|len| *len >= HEADER)?;
        let attribute = Attribute { kind: u32::from_le_bytes([t0, t1, t2, t3]), at, bytes: rest.get(..len)? };
        at = at.checked_add(len)?;
        Some(attribute)
    })
}

/// When the file was created, where a file times attribute says so (ECMA-167 4/14.10.5).
pub(super) fn creation(space: &[u8]) -> Option<[u8; 12]> {
    let attribute = all(space).find(|attribute| attribute.kind == kind::FILE_TIMES)?;
    attribute.times().find(|(label, _)| *label == "Creation").and_then(|(_, moment)| moment)
}

impl Attribute<'_> {
    fn fields(&self) -> Fields<'_> {
        Fields::new(self.bytes, self.at as u64, "extended attribute")
    }

    /// Its subject in words.
    pub(super) fn label(&self) -> &'static str {
        match self.kind {
            kind::CHARACTER_SETS => "Character set information",
            kind::ALTERNATE_PERMISSIONS => "Alternate permissions",
            kind::FILE_TIMES => "File times",
            kind::INFORMATION_TIMES => "Information times",
            kind::DEVICE => "Device specification",
            kind::IMPLEMENTATION_USE => "Implementation use",
            kind::APPLICATION_USE => "Application use",
            _ => "Unknown attribute",
        }
    }

    /// The moments of a file times or information times attribute, with what happened then.
    fn times(&self) -> impl Iterator<Item = (&'static str, Option<[u8; 12]>)> {
        let labels: [(u32, &str); 4] = match self.kind {
            kind::INFORMATION_TIMES => [(0, "Creation"), (1, "Last change"), (2, "Expiration"), (3, "Effective from")],
            _ => [(0, "Creation"), (1, "Backup"), (2, "Deletion"), (3, "Effective from")],
        };
        let existence = self.fields().le32(16).unwrap_or(0);
        let recorded = labels.into_iter().filter(move |(bit, _)| existence >> bit & 1 != 0);
        recorded.zip((20_usize..).step_by(12)).map(|((_, label), at)| (label, self.fields().array(at).ok()))
    }

    /// Major and minor number of a device (4/14.10.7).
    pub(super) fn device(&self) -> Option<(u32, u32)> {
        let fields = self.fields();
        (self.kind == kind::DEVICE).then_some((fields.le32(16).ok()?, fields.le32(20).ok()?))
    }

    /// Who defines it, for attributes of implementations and applications (4/14.10.8, 4/14.10.9).
    pub(super) fn entity(&self) -> Option<EntityId> {
        let defined = matches!(self.kind, kind::IMPLEMENTATION_USE | kind::APPLICATION_USE);
        if defined { EntityId::read(&self.fields(), 16).ok() } else { None }
    }

    /// What it says, in words.
    pub(super) fn value(&self) -> String {
        let fields = self.fields();
        match self.kind {
            kind::FILE_TIMES | kind::INFORMATION_TIMES => {
                let times: Vec<String> = self
                    .times()
                    .map(|(label, moment)| {
                        let moment = moment.and_then(timestamp);
                        format!("{label} {}", moment.map_or_else(|| "not set".to_owned(), |moment| moment.to_string()))
                    })
                    .collect();
                times.join(", ")
            }
            kind::DEVICE => match self.device() {
                Some((major, minor)) => format!("major {major}, minor {minor}"),
                None => "cut off".to_owned(),
            },
            kind::ALTERNATE_PERMISSIONS => match (fields.le16(12), fields.le16(14), fields.le16(16)) {
                (Ok(owner), Ok(group), Ok(bits)) => format!("owner {owner}, group {group}, bits 0x{bits:04x}"),
                _ => "cut off".to_owned(),
            },
            _ => {
                let named = self.entity().map_or_else(|| format!("type {}", self.kind), |entity| entity.name());
                format!("{named} ({} bytes)", self.bytes.len())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(kind: u32, data: &[u8]) -> Vec<u8> {
        let mut bytes = kind.to_le_bytes().to_vec();
        bytes.extend_from_slice(&[1, 0, 0, 0]);
        bytes.extend_from_slice(&u32::try_from(HEADER + data.len()).unwrap().to_le_bytes());
        bytes.extend_from_slice(data);
        bytes
    }

    #[test]
    fn devices_times_and_named_attributes_are_told() {
        let mut space = attribute(kind::DEVICE, &[0, 0, 0, 0, 8, 0, 0, 0, 17, 0, 0, 0]);
        let moment = [0, 0x10, 0xe8, 0x07, 2, 10, 11, 3, 21, 0, 0, 0];
        let mut times = vec![12, 0, 0, 0, 1, 0, 0, 0];
        times.extend_from_slice(&moment);
        space.extend(attribute(kind::FILE_TIMES, &times));
        let mut named = vec![0; 36];
        named[5..18].copy_from_slice(b"*UDF OS/2 EA\0");
        space.extend(attribute(kind::IMPLEMENTATION_USE, &named));
        let found: Vec<String> = all(&space).map(|attribute| attribute.value()).collect();
        assert_eq!(found, ["major 8, minor 17", "Creation 2024-02-10T11:03:21+00:00", "*UDF OS/2 EA (48 bytes)"]);
        assert_eq!(creation(&space), Some(moment));
    }

    #[test]
    fn lengths_that_lie_end_the_list() {
        for length in [0_u32, 11, 13, u32::MAX] {
            let mut space = attribute(kind::DEVICE, &[]);
            space[8..12].copy_from_slice(&length.to_le_bytes());
            assert_eq!(all(&space).count(), 0, "{length}");
        }
        assert_eq!(all(&attribute(kind::DEVICE, &[])).count(), 1);
        assert!(creation(&attribute(kind::FILE_TIMES, &[])).is_none());
    }
}
