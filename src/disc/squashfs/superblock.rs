//! The superblock: the first 96 bytes (`struct squashfs_super_block`).

use crate::disc::bytes::Fields;
use crate::disc::source::read_exact;
use crate::disc::time::Timestamp;
use crate::disc::{Error, Result, Source};

const STRUCTURE: &str = "squashfs superblock";

/// The magic number of the little-endian versions.
const MAGIC: &[u8; 4] = b"hsqs";

/// How blocks are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Compressor {
    /// zlib, which SquashFS calls gzip.
    Gzip,
    /// LZMA, the format before xz.
    Lzma,
    /// LZO, which is not unpacked here.
    Lzo,
    /// xz.
    Xz,
    /// LZ4.
    Lz4,
    /// Zstandard.
    Zstd,
    /// One that has another number.
    Unknown(u16),
}

impl Compressor {
    fn of(number: u16) -> Self {
        match number {
            1 => Self::Gzip,
            2 => Self::Lzma,
            3 => Self::Lzo,
            4 => Self::Xz,
            5 => Self::Lz4,
            6 => Self::Zstd,
            other => Self::Unknown(other),
        }
    }

    /// The name for people.
    pub fn label(self) -> String {
        match self {
            Self::Gzip => "gzip".to_owned(),
            Self::Lzma => "LZMA".to_owned(),
            Self::Lzo => "LZO".to_owned(),
            Self::Xz => "xz".to_owned(),
            Self::Lz4 => "LZ4".to_owned(),
            Self::Zstd => "Zstandard".to_owned(),
            Self::Unknown(number) => format!("method {number}"),
        }
    }
}

/// What a SquashFS says of itself as a whole.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Superblock {
    /// Files, folders and the like in it.
    pub inodes: u32,
    /// When it was made, in UTC; `mksquashfs` counts seconds since 1970 in 32 bits.
    pub made: Timestamp,
    /// Bytes of a data block: a power of two from 4 KiB to 1 MiB.
    pub block_size: u32,
    /// How blocks are packed.
    pub compressor: Compressor,
    /// Bytes from its start to its end, without the padding that follows.
    pub bytes_used: u64,
    pub(super) fragments: u32,
    /// Where the inode of the root stands: a block of the inode table, and a byte in it.
    pub(super) root_inode: u64,
    pub(super) inode_table: u64,
    pub(super) directory_table: u64,
    pub(super) fragment_table: u64,
}

impl Superblock {
    /// Reads it from the start of `source`.
    pub(super) fn read(source: &dyn Source) -> Result<Self> {
        let mut bytes = [0; 96];
        read_exact(source, STRUCTURE, 0, &mut bytes)?;
        let fields = Fields::new(&bytes, 0, STRUCTURE);
        if fields.array(0)? != *MAGIC {
            return Err(Error::damaged(STRUCTURE, 0, "This does not begin as a squashfs does"));
        }
        let (major, minor) = (fields.le16(28)?, fields.le16(30)?);
        if (major, minor) != (4, 0) {
            let message = format!("This is version {major}.{minor} of squashfs; only 4.0 is read");
            return Err(Error::unsupported(STRUCTURE, 28, message));
        }
        let (block_size, block_log) = (fields.le32(12)?, fields.le16(22)?);
        let agree = 1_u32.checked_shl(block_log.into()) == Some(block_size);
        if !agree || !(12..=20).contains(&block_log) {
            let message = format!("The squashfs says that its blocks have {block_size} bytes, which cannot be");
            return Err(Error::damaged(STRUCTURE, 12, message));
        }
        Ok(Self {
            inodes: fields.le32(4)?,
            made: Timestamp::from_unix(fields.le32(8)?.into(), 0),
            block_size,
            compressor: Compressor::of(fields.le16(20)?),
            bytes_used: fields.le64(40)?,
            fragments: fields.le32(16)?,
            root_inode: fields.le64(32)?,
            inode_table: fields.le64(64)?,
            directory_table: fields.le64(72)?,
            fragment_table: fields.le64(80)?,
        })
    }
}
