//! A group of fields that is being filled from a descriptor.

use crate::disc::bytes::Fields;
use crate::disc::text;
use crate::disc::tree::DetailGroup;

use super::super::names;
use super::super::primitive::{EntityId, ExtentType, LongAd, VolumeExtent, revision, timestamp};
use super::super::tag::Tag;

/// Adds the fields of one descriptor to a group. Fields that the descriptor is too short for are left out.
pub(in crate::disc::udf) struct Sheet<'a> {
    fields: Fields<'a>,
    group: DetailGroup,
}

impl<'a> Sheet<'a> {
    /// A group called `title` for the descriptor in `fields`, which begins with its tag.
    pub(in crate::disc::udf) fn new(title: impl Into<String>, fields: Fields<'a>) -> Self {
        let mut sheet = Self::without_tag(title, fields);
        if let Some(tag) = Tag::parse(fields.all()) {
            let check = tag.check(fields.all()).fault().unwrap_or("checksum and CRC are right");
            let value = format!(
                "{} (version {}, serial number {}, in block {}; {check})",
                tag.id, tag.version, tag.serial, tag.location
            );
            sheet.add("Tag identifier", value, 0);
        }
        sheet
    }

    /// A group for bytes that begin with no tag.
    pub(in crate::disc::udf) fn without_tag(title: impl Into<String>, fields: Fields<'a>) -> Self {
        Self { fields, group: DetailGroup::new(title) }
    }

    /// The group.
    pub(in crate::disc::udf) fn finish(self) -> DetailGroup {
        self.group
    }

    /// The fields on the disc.
    pub(in crate::disc::udf) fn fields(&self) -> Fields<'a> {
        self.fields
    }

    /// A value that was worked out elsewhere, of the field at `at`.
    pub(in crate::disc::udf) fn add(&mut self, label: &'static str, value: impl Into<String>, at: usize) {
        self.group.add(label, value, Some(self.fields.offset_of(at)));
    }

    /// A value that several fields or other structures give.
    pub(in crate::disc::udf) fn add_placeless(&mut self, label: &'static str, value: impl Into<String>) {
        self.group.add(label, value, None);
    }

    /// A field of characters, `len` bytes long.
    pub(in crate::disc::udf) fn text(&mut self, label: &'static str, at: usize, len: usize) {
        if let Ok(bytes) = self.fields.bytes(at, len) {
            self.add(label, text::display(&names::dstring(bytes)), at);
        }
    }

    /// 8 bits.
    pub(in crate::disc::udf) fn u8(&mut self, label: &'static str, at: usize) {
        if let Ok(number) = self.fields.u8(at) {
            self.add(label, number.to_string(), at);
        }
    }

    /// 16 bits.
    pub(in crate::disc::udf) fn u16(&mut self, label: &'static str, at: usize) {
        if let Ok(number) = self.fields.le16(at) {
            self.add(label, number.to_string(), at);
        }
    }

    /// 32 bits and a unit, such as ` blocks`.
    pub(in crate::disc::udf) fn u32(&mut self, label: &'static str, at: usize, unit: &str) {
        if let Ok(number) = self.fields.le32(at) {
            self.add(label, format!("{number}{unit}"), at);
        }
    }

    /// 64 bits and a unit.
    pub(in crate::disc::udf) fn u64(&mut self, label: &'static str, at: usize, unit: &str) {
        if let Ok(number) = self.fields.le64(at) {
            self.add(label, format!("{number}{unit}"), at);
        }
    }

    /// A moment.
    pub(in crate::disc::udf) fn time(&mut self, label: &'static str, at: usize) {
        if let Ok(bytes) = self.fields.array(at) {
            let value = match timestamp(bytes) {
                Some(moment) => moment.to_string(),
                None if bytes == [0; 12] => "not set".to_owned(),
                None => format!("not valid ({})", text::hex(&bytes)),
            };
            self.add(label, value, at);
        }
    }

    /// Who a field belongs to; with the revision of UDF for identifiers of the OSTA.
    pub(in crate::disc::udf) fn entity(&mut self, label: &'static str, at: usize) {
        let Ok(entity) = EntityId::read(&self.fields, at) else { return };
        let name = entity.name();
        let value = match revision(entity.revision()) {
            _ if name.is_empty() => "none".to_owned(),
            Some(revision) if name.starts_with("*OSTA") || name.starts_with("*UDF") => format!("{name} ({revision})"),
            _ if entity.suffix == [0; 8] => name,
            _ => format!("{name} (suffix {})", text::hex(&entity.suffix)),
        };
        self.add(label, value, at);
    }

    /// An extent of the volume.
    pub(in crate::disc::udf) fn extent(&mut self, label: &'static str, at: usize) {
        if let Ok(extent) = VolumeExtent::read(&self.fields, at) {
            self.add(label, extent.to_string(), at);
        }
    }

    /// An extent of the logical volume.
    pub(in crate::disc::udf) fn long_ad(&mut self, label: &'static str, at: usize) {
        if let Ok(extent) = LongAd::read(&self.fields, at) {
            self.add(label, long_ad(extent), at);
        }
    }

    /// A revision of UDF.
    pub(in crate::disc::udf) fn revision(&mut self, label: &'static str, at: usize) {
        if let Ok(number) = self.fields.le16(at) {
            self.add(label, revision(number).unwrap_or_else(|| format!("0x{number:04x}")), at);
        }
    }
}

/// An extent of the logical volume in words.
pub(super) fn long_ad(extent: LongAd) -> String {
    if extent.is_none() {
        return "none".to_owned();
    }
    let kind = match extent.length.kind() {
        ExtentType::Recorded => "",
        ExtentType::Allocated => ", not recorded",
        ExtentType::Hole => ", not allocated",
        ExtentType::Next => ", allocation descriptors",
    };
    format!("{} bytes at {}{kind}", extent.length.bytes(), extent.location)
}
