//! Records of the catalog file (Inside Macintosh: Files, 2-70; TN1150, “Catalog File Data”). Both layouts give the same
//! fields, but for what HFS does not have.

use crate::disc::bytes::Fields;
use crate::disc::text::Decoded;
use crate::disc::time::Timestamp;
use crate::disc::tree::Kind;
use crate::disc::{Error, Result};

use super::btree::{Layout, Record};
use super::finder::FinderInfo;
use super::fork::ForkData;
use super::names;

/// In the words of the standards.
pub(super) const STRUCTURE: &str = "catalog file";
/// An entry of it.
pub(super) const RECORD: &str = "catalog record";

/// Keys of HFS's catalog: length, reserved, folder (4), name with its length.
pub(super) const HFS: Layout = Layout { structure: STRUCTURE, key_len_size: 1, group_at: 2 };
/// Keys of HFS+'s catalog: length (2), folder (4), name with its length (2).
pub(super) const HFS_PLUS: Layout = Layout { structure: STRUCTURE, key_len_size: 2, group_at: 2 };

/// Number of the folder that holds the root.
pub(super) const ROOT_PARENT: u32 = 1;
/// Number of the root folder.
pub(super) const ROOT: u32 = 2;

/// Seconds from 1904-01-01 to 1970-01-01.
const EPOCH: i64 = 2_082_844_800;

/// The moment that a number of seconds since 1904 stands for; `None` when unset. HFS counts on the local clock, whose
/// zone is not recorded, HFS+ in UTC.
pub(super) fn moment(seconds: u32) -> Option<Timestamp> {
    (seconds != 0).then(|| Timestamp::from_unix(i64::from(seconds).saturating_sub(EPOCH), 0))
}

/// POSIX attributes (TN1150, “HFS Plus Permissions”).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Permissions {
    pub owner: u32,
    pub group: u32,
    /// Flags that only the administrator may change, and those that the owner may.
    pub flags: (u8, u8),
    pub mode: u16,
    /// Number of the inode of a hard link, link count of an inode, or number of a device.
    pub special: u32,
}

/// Flag of the owner: the content is compressed.
pub(super) const COMPRESSED: u8 = 0x20;

impl Permissions {
    fn parse(fields: &Fields<'_>, at: usize) -> Result<Self> {
        let mut bytes = fields.array::<16>(at)?;
        bytes.reverse();
        let [s0, s1, s2, s3, m0, m1, owner_flags, admin_flags, g0, g1, g2, g3, o0, o1, o2, o3] = bytes;
        Ok(Self {
            owner: u32::from_le_bytes([o0, o1, o2, o3]),
            group: u32::from_le_bytes([g0, g1, g2, g3]),
            flags: (admin_flags, owner_flags),
            mode: u16::from_le_bytes([m0, m1]),
            special: u32::from_le_bytes([s0, s1, s2, s3]),
        })
    }

    /// What the mode says that it is; `None` when no mode was recorded.
    pub(super) fn kind(&self) -> Option<Kind> {
        match self.mode >> 12 {
            0o01 => Some(Kind::Fifo),
            0o02 => Some(Kind::CharDevice),
            0o04 => Some(Kind::Folder),
            0o06 => Some(Kind::BlockDevice),
            0o10 => Some(Kind::File),
            0o12 => Some(Kind::Symlink),
            0o14 => Some(Kind::Socket),
            _ => None,
        }
    }
}

/// What a record says of a file or a folder alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// Catalog node ID.
    pub id: u32,
    /// Flags of the record.
    pub flags: u16,
    /// Seconds since 1904, 0 when not set.
    pub created: u32,
    pub modified: u32,
    pub backed_up: u32,
    /// Attribute change and last access, which HFS does not have.
    pub changed: u32,
    pub accessed: u32,
    pub permissions: Option<Permissions>,
    pub finder: FinderInfo,
    pub body: Body,
}

/// What only the one or the other has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Body {
    /// A folder with the number of its entries.
    Folder { valence: u32 },
    /// A file with its forks.
    File { data: ForkData, resource: ForkData },
}

impl Item {
    /// The fields of a record; `None` for the threads, which lead from a number to its name.
    pub(super) fn parse(record: &Record<'_>, plus: bool) -> Result<Option<Self>> {
        let fields = Fields::new(record.data, record.data_offset, RECORD);
        let kind = if plus { fields.be16(0)? } else { fields.u8(0)?.into() };
        match (kind, plus) {
            (1, false) => Self::hfs_folder(&fields).map(Some),
            (2, false) => Self::hfs_file(&fields).map(Some),
            (1 | 2, true) => Self::hfs_plus(&fields, kind == 1).map(Some),
            (3 | 4, _) => Ok(None),
            _ => {
                let message = format!("The catalog record has the unknown type {kind}");
                Err(Error::damaged(RECORD, record.data_offset, message))
            }
        }
    }

    fn hfs_folder(fields: &Fields<'_>) -> Result<Self> {
        Ok(Self {
            id: fields.be32(6)?,
            flags: fields.be16(2)?,
            created: fields.be32(10)?,
            modified: fields.be32(14)?,
            backed_up: fields.be32(18)?,
            changed: 0,
            accessed: 0,
            permissions: None,
            finder: FinderInfo::parse(fields, 22, 38)?,
            body: Body::Folder { valence: fields.be16(4)?.into() },
        })
    }

    fn hfs_file(fields: &Fields<'_>) -> Result<Self> {
        Ok(Self {
            id: fields.be32(20)?,
            flags: fields.u8(2)?.into(),
            created: fields.be32(44)?,
            modified: fields.be32(48)?,
            backed_up: fields.be32(52)?,
            changed: 0,
            accessed: 0,
            permissions: None,
            finder: FinderInfo::parse(fields, 4, 56)?,
            body: Body::File { data: ForkData::of_hfs(fields, 26, 74)?, resource: ForkData::of_hfs(fields, 36, 86)? },
        })
    }

    fn hfs_plus(fields: &Fields<'_>, is_folder: bool) -> Result<Self> {
        let body = match is_folder {
            true => Body::Folder { valence: fields.be32(4)? },
            false => {
                Body::File { data: ForkData::of_hfs_plus(fields, 88)?, resource: ForkData::of_hfs_plus(fields, 168)? }
            }
        };
        Ok(Self {
            id: fields.be32(8)?,
            flags: fields.be16(2)?,
            created: fields.be32(12)?,
            modified: fields.be32(16)?,
            changed: fields.be32(20)?,
            accessed: fields.be32(24)?,
            backed_up: fields.be32(28)?,
            permissions: Some(Permissions::parse(fields, 32)?),
            finder: FinderInfo::parse(fields, 48, 64)?,
            body,
        })
    }

    /// Where the Finder's information and the permissions stand in the record.
    pub(super) fn offsets(&self, plus: bool) -> (u64, u64) {
        match (&self.body, plus) {
            (_, true) => (48, 32),
            (Body::Folder { .. }, false) => (22, 0),
            (Body::File { .. }, false) => (4, 0),
        }
    }

    /// True for the entry of a hard link to a file (TN1150, “Hard Links”).
    pub(super) fn is_hard_link(&self) -> bool {
        matches!(self.body, Body::File { .. }) && &self.finder.kind() == b"hlnk" && &self.finder.creator() == b"hfs+"
    }

    /// True for the entry of a hard link to a folder, which Time Machine makes: an alias to everything else.
    pub(super) fn is_folder_link(&self) -> bool {
        matches!(self.body, Body::File { .. }) && &self.finder.kind() == b"fdrp" && &self.finder.creator() == b"MACS"
    }

    /// The number of the inode that a hard link names.
    pub(super) fn link_target(&self) -> u32 {
        self.permissions.map_or(0, |permissions| permissions.special)
    }
}

/// The bytes of the name in a key, without its length; `None` when the key is too short for it.
pub(super) fn raw_name<'a>(record: &Record<'a>, plus: bool) -> Option<&'a [u8]> {
    let (len, start) = match plus {
        true => (record.key.get(6..)?.first_chunk().map(|len| usize::from(u16::from_be_bytes(*len)) * 2)?, 8),
        false => (usize::from(*record.key.get(6)?), 7),
    };
    record.key.get(start..)?.get(..len)
}

/// The name in a key, as well as it can be told.
pub(super) fn name<'a>(record: &Record<'a>, plus: bool) -> Decoded<'a> {
    let decode = |bytes: &'a [u8]| if plus { names::composed(bytes) } else { names::mac_roman(bytes) };
    match raw_name(record, plus) {
        Some(bytes) => decode(bytes),
        // What the key holds, although it says that there is more.
        None => {
            let rest = record.key.get(if plus { 8 } else { 7 }..).unwrap_or_default();
            Decoded { exact: false, ..decode(rest) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_count_from_1904() {
        assert_eq!(moment(0), None);
        assert_eq!(moment(3_790_404_201).unwrap().to_string(), "2024-02-10T10:03:21+00:00");
    }

    #[test]
    fn permissions_are_read_in_their_order() {
        let bytes = [0, 0, 1, 0xf5, 0, 0, 0, 20, 7, 0x20, 0x81, 0xed, 0, 0, 0, 9];
        let permissions = Permissions::parse(&Fields::new(&bytes, 0, "test"), 0).unwrap();
        assert_eq!((permissions.owner, permissions.group, permissions.flags), (501, 20, (7, 0x20)));
        assert_eq!((permissions.mode, permissions.special), (0o100_755, 9));
        assert_eq!(permissions.kind(), Some(Kind::File));
    }
}
