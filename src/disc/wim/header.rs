//! The header of a WIM archive: 208 bytes in front, all numbers little-endian. Fields and flags are those that wimlib knows
//! (`include/wimlib/header.h`).

use crate::disc::bytes::Fields;
use crate::disc::{Error, Result};

/// Bytes of the header, which is also what it says of itself.
pub const HEADER_SIZE: u64 = 208;

/// The structure's name in errors.
pub(super) const HEADER: &str = "WIM header";

/// The first bytes of an archive.
const MAGIC: &[u8; 8] = b"MSWIM\0\0\0";

/// The first bytes of an archive that wimlib wrote for reading it from a pipe: its true header stands at its end.
const PIPABLE: &[u8; 8] = b"WLPWM\0\0\0";

/// Where something lies in the archive (`RESHDR_DISK_SHORT`, 24 bytes).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resource {
    /// Bytes in the archive: the first 7 bytes.
    pub size: u64,
    /// Byte 7: 1 free, 2 metadata, 4 compressed, 8 spanned, 16 solid.
    pub flags: u8,
    /// Bytes 8 to 15: where it begins, counted from the beginning of the archive.
    pub offset: u64,
    /// Bytes 16 to 23: bytes when it is unpacked.
    pub original_size: u64,
}

impl Resource {
    /// `RESHDR_FLAG_COMPRESSED`, and the flag that wimlib calls solid.
    const PACKED: u8 = 4 | 16;

    /// Reads it from byte `at` of the header.
    fn read(fields: &Fields<'_>, at: usize) -> Result<Self> {
        let [a, b, c, d, e, f, g, flags] = fields.array(at)?;
        Ok(Self {
            size: u64::from_le_bytes([a, b, c, d, e, f, g, 0]),
            flags,
            offset: fields.le64(at.saturating_add(8))?,
            original_size: fields.le64(at.saturating_add(16))?,
        })
    }

    /// True when the archive has no such thing.
    pub fn is_absent(self) -> bool {
        self.size == 0 || self.offset == 0
    }

    /// True when it is compressed, or lies inside of something that is.
    pub fn is_packed(self) -> bool {
        self.flags & Self::PACKED != 0
    }

    /// Where it ends in the archive; `None` when that is no number.
    pub fn end(self) -> Option<u64> {
        self.offset.checked_add(self.size)
    }
}

/// How an archive packs files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not at all.
    None,
    /// XPRESS: fast.
    Xpress,
    /// LZX: what `install.wim` has.
    Lzx,
    /// LZMS: what archives in packed solid form have (`.esd`).
    Lzms,
    /// In a way that is not known.
    Unknown,
}

/// The header, field by field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Bytes 0 to 7 say that wimlib wrote it for reading from a pipe.
    pub is_pipable: bool,
    /// Byte 12: [`PLAIN`](Self::PLAIN) or [`SOLID`](Self::SOLID).
    pub version: u32,
    /// Byte 16: flags, of which the methods name the known ones.
    pub flags: u32,
    /// Byte 20: bytes of a file that are compressed together.
    pub chunk_size: u32,
    /// Bytes 24 to 39: the same in all parts of a split archive.
    pub guid: [u8; 16],
    /// Byte 40: the number of this part, from 1.
    pub part_number: u16,
    /// Byte 42: parts of the archive, 1 when it is not split.
    pub total_parts: u16,
    /// Byte 44: images in the archive.
    pub image_count: u32,
    /// Byte 48: the lookup table, which lists everything that is packed.
    pub lookup_table: Resource,
    /// Byte 72: the XML document about the images.
    pub xml: Resource,
    /// Byte 96: the list of files of the image that is started from.
    pub boot_metadata: Resource,
    /// Byte 120: the number of that image, from 1; 0 when there is none.
    pub boot_index: u32,
    /// Byte 124: the integrity table. Bytes 148 to 207 are unused.
    pub integrity: Resource,
}

impl Header {
    /// The version of ordinary archives, 1.13.
    pub const PLAIN: u32 = 0x1_0d00;

    /// The version of archives in packed solid form, as Windows 8 and later have them.
    pub const SOLID: u32 = 0xe00;

    /// Reads the header from its bytes, which stand at the byte `offset` of the archive.
    ///
    /// # Errors
    /// `Unsupported` when it is no WIM archive, or one of another version.
    pub fn parse(bytes: &[u8], offset: u64) -> Result<Self> {
        let fields = Fields::new(bytes, offset, HEADER);
        let magic = fields.array::<8>(0)?;
        let is_pipable = magic == *PIPABLE;
        if !is_pipable && magic != *MAGIC {
            return Err(Error::unsupported(HEADER, offset, "This is no WIM archive"));
        }
        let (size, version) = (fields.le32(8)?, fields.le32(12)?);
        if u64::from(size) != HEADER_SIZE {
            let message = format!("The header says that it has {size} bytes, and not {HEADER_SIZE}");
            return Err(Error::unsupported(HEADER, fields.offset_of(8), message));
        }
        if ![Self::PLAIN, Self::SOLID].contains(&version) {
            let message = format!("WIM archives of version {version:#x} are not read");
            return Err(Error::unsupported(HEADER, fields.offset_of(12), message));
        }
        Ok(Self {
            is_pipable,
            version,
            flags: fields.le32(16)?,
            chunk_size: fields.le32(20)?,
            guid: fields.array(24)?,
            part_number: fields.le16(40)?,
            total_parts: fields.le16(42)?,
            image_count: fields.le32(44)?,
            lookup_table: Resource::read(&fields, 48)?,
            xml: Resource::read(&fields, 72)?,
            boot_metadata: Resource::read(&fields, 96)?,
            boot_index: fields.le32(120)?,
            integrity: Resource::read(&fields, 124)?,
        })
    }

    /// True when files are compressed together, as in an `.esd`.
    pub fn is_solid(&self) -> bool {
        self.version == Self::SOLID
    }

    /// True for a part of a split archive (`.swm`).
    pub fn is_split(&self) -> bool {
        self.total_parts > 1
    }

    /// True when its writing was not finished (`FLAG_HEADER_WRITE_IN_PROGRESS`).
    pub fn is_unfinished(&self) -> bool {
        self.flags & 0x40 != 0
    }

    /// How files are packed.
    pub fn compression(&self) -> Compression {
        const ANY: u32 = 0x2;
        const KNOWN: [(u32, Compression); 4] = [
            (0x2_0000, Compression::Xpress),
            (0x4_0000, Compression::Lzx),
            (0x8_0000, Compression::Lzms),
            // With chunks of 4 KiB, for programs that run compressed.
            (0x20_0000, Compression::Xpress),
        ];
        if self.flags & ANY == 0 {
            return Compression::None;
        }
        let known = KNOWN.into_iter().find(|(flag, _)| self.flags & flag != 0);
        known.map_or(Compression::Unknown, |(_, compression)| compression)
    }
}
