//! Names, dates and size of a volume, as any file system records them.

use super::time::Timestamp;

/// What a file system says of itself as a whole. Fields that it does not have are empty.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Volume {
    /// The name of the disc (ISO 9660: volume identifier; UDF: logical volume identifier).
    pub id: String,
    /// Volume set identifier.
    pub set_id: String,
    /// System identifier: in ISO 9660, who may use the system area.
    pub system_id: String,
    /// Publisher.
    pub publisher: String,
    /// Data preparer.
    pub preparer: String,
    /// The program that made the disc.
    pub application: String,
    /// Creation of the volume.
    pub created: Option<Timestamp>,
    /// Last change of the volume.
    pub modified: Option<Timestamp>,
    /// From when on it is obsolete.
    pub expires: Option<Timestamp>,
    /// From when on it may be used.
    pub effective: Option<Timestamp>,
    /// Bytes of a logical block.
    pub block_size: u32,
    /// Size of the volume in logical blocks.
    pub blocks: u32,
}
