//! Volume descriptors (ECMA-119 §8): one sector each, from the 17th sector of a session on.

use std::sync::Arc;

use crate::disc::bytes::{Both, Fields};
use crate::disc::sector::{Blocks, SECTOR_SIZE};
use crate::disc::source::read_up_to;
use crate::disc::time::Timestamp;
use crate::disc::tree::DetailGroup;
use crate::disc::volume::Volume;
use crate::disc::{Diagnostics, Extent, Lba, Result, Source, limits, text};

use super::record::RECORD_FIXED;

/// Block of a session's first volume descriptor, counted from the session's start (ECMA-119 §6.2.1).
pub const FIRST_DESCRIPTOR: u32 = 16;

/// Standard identifier of every descriptor (ECMA-119 §8.1.2).
pub const STANDARD_ID: &[u8; 5] = b"CD001";

/// What a supplementary descriptor's escape sequences announce (ECMA-119 §8.5.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// The primary descriptor.
    Primary,
    /// Joliet of this UCS-2 level, 1 to 3.
    Joliet(u8),
    /// ISO 9660:1999: type 2, version 2.
    Enhanced,
}

/// A primary, supplementary or enhanced volume descriptor.
#[derive(Debug, Clone)]
pub struct VolumeDescriptor {
    /// Which tree it starts.
    pub flavour: Flavour,
    /// Absolute byte offset of the descriptor.
    pub offset: u64,
    /// Absolute byte offset of the volume's block 0.
    pub base: u64,
    /// Size of the volume in logical blocks (§8.4.8).
    pub blocks: Both<u32>,
    /// Bytes of a logical block (§8.4.12): 512, 1024 or 2048.
    pub block_size: Both<u16>,
    /// The directory record of the root (§8.4.18).
    pub root: [u8; RECORD_FIXED],
    /// True when the disc follows the CD-ROM XA extension ("CD-XA001" at 1024).
    pub xa: bool,
    /// All 2048 bytes.
    bytes: Vec<u8>,
}

/// The descriptors of one session.
#[derive(Debug, Clone, Default)]
pub struct DescriptorSet {
    /// Primary, supplementary and enhanced descriptors in the order of the disc.
    pub volumes: Vec<VolumeDescriptor>,
    /// Where El Torito's boot catalogue lies, in blocks of 2048 bytes, and the descriptor that says so.
    pub boot_catalog: Option<(u32, u64)>,
    /// What is wrong with the descriptors.
    pub diagnostics: Diagnostics,
    /// Sectors that they take up, the end mark included.
    pub sectors: u64,
    base: u64,
}

/// Several sectors from `offset` on, at once; the first alone where one of the others cannot be read: what stands behind
/// the descriptors is none of theirs.
fn read_descriptors(source: &dyn Source, offset: u64) -> Result<Vec<u8>> {
    match read_up_to(source, Extent::new(offset, 8 * SECTOR_SIZE)) {
        Err(error) if !error.is_cancelled() => read_up_to(source, Extent::new(offset, SECTOR_SIZE)),
        read => read,
    }
}

impl DescriptorSet {
    /// Reads the descriptors of the session that starts at block `session_start` of the volume whose block 0 stands
    /// at the absolute byte `base`.
    pub fn read(source: &Arc<dyn Source>, base: u64, session_start: u32) -> Result<Self> {
        let mut set = Self { base, ..Self::default() };
        let first = u64::from(session_start).saturating_add(u64::from(FIRST_DESCRIPTOR)) * SECTOR_SIZE;
        let start = base.saturating_add(first);
        let (mut chunk, mut from) = (Vec::new(), start);
        for number in 0..u64::from(limits::VOLUME_DESCRIPTORS) {
            let offset = start.saturating_add(number * SECTOR_SIZE);
            if offset >= from.saturating_add(chunk.len() as u64) {
                (chunk, from) = (read_descriptors(source.as_ref(), offset)?, offset);
            }
            let at = usize::try_from(offset.saturating_sub(from)).unwrap_or(usize::MAX);
            let Some(sector) = chunk.get(at..).and_then(|rest| rest.get(..2048)) else {
                set.diagnostics.error("volume descriptor", offset, "The image ends before the volume descriptors do");
                return Ok(set);
            };
            if sector.get(1..6) != Some(STANDARD_ID) {
                set.diagnostics.warning("volume descriptor", offset, "The list of volume descriptors has no end mark");
                return Ok(set);
            }
            set.sectors = number.saturating_add(1);
            if !set.take(sector, offset)? {
                return Ok(set);
            }
        }
        set.diagnostics.warning(
            "volume descriptor",
            start,
            format!("There are more than {} volume descriptors; the rest is not read", limits::VOLUME_DESCRIPTORS),
        );
        Ok(set)
    }

    /// Takes in one descriptor; false for the terminator (§8.3).
    fn take(&mut self, sector: &[u8], offset: u64) -> Result<bool> {
        let fields = Fields::new(sector, offset, "volume descriptor");
        let flavour = match (fields.u8(0)?, fields.u8(6)?) {
            (0, _) => {
                if fields.bytes(7, 23)? == b"EL TORITO SPECIFICATION" {
                    self.boot_catalog = Some((fields.le32(71)?, offset));
                }
                return Ok(true);
            }
            (1, _) => Flavour::Primary,
            (2, 2) => Flavour::Enhanced,
            (2, _) => match fields.array::<3>(88)? {
                [b'%', b'/', b'@'] => Flavour::Joliet(1),
                [b'%', b'/', b'C'] => Flavour::Joliet(2),
                [b'%', b'/', b'E'] => Flavour::Joliet(3),
                _ => {
                    self.diagnostics.info("supplementary volume descriptor", offset, "Its character set is not known");
                    return Ok(true);
                }
            },
            (3, _) => {
                self.diagnostics.info("volume partition descriptor", offset, "The volume has a partition of its own");
                return Ok(true);
            }
            (255, _) => return Ok(false),
            (kind, _) => {
                let message = format!("A volume descriptor of the unknown type {kind} is passed over");
                self.diagnostics.info("volume descriptor", offset, message);
                return Ok(true);
            }
        };
        if self.volumes.iter().any(|volume| volume.flavour == flavour) {
            // ECMA-119 §6.7.1.1 allows copies of the primary descriptor.
            return Ok(true);
        }
        let volume = VolumeDescriptor {
            flavour,
            offset,
            base: self.base,
            blocks: fields.both32(80)?,
            block_size: fields.both16(128)?,
            root: fields.array(156)?,
            xa: fields.bytes(1024, 8)? == b"CD-XA001",
            bytes: sector.to_vec(),
        };
        if !volume.blocks.agree() {
            self.diagnostics.warning(
                "volume descriptor",
                offset + 80,
                format!(
                    "The volume's size is {} blocks in one byte order and {} in the other",
                    volume.blocks.little, volume.blocks.big
                ),
            );
        }
        self.volumes.push(volume);
        Ok(true)
    }

    /// The descriptor of this flavour; any level of Joliet matches another.
    pub fn find(&self, wanted: impl Fn(Flavour) -> bool) -> Option<&VolumeDescriptor> {
        self.volumes.iter().find(|volume| wanted(volume.flavour))
    }
}

impl VolumeDescriptor {
    /// Bytes of a logical block; 2048 when the field holds nothing sensible.
    pub fn valid_block_size(&self) -> u32 {
        match (self.block_size.little, self.block_size.big) {
            (size @ (512 | 1024 | 2048), _) | (_, size @ (512 | 1024 | 2048)) => u32::from(size),
            _ => 2048,
        }
    }

    /// Size of the volume in logical blocks, from the byte order that is not zero.
    pub fn valid_blocks(&self) -> u32 {
        if self.blocks.little == 0 { self.blocks.big } else { self.blocks.little }
    }

    /// The path tables (§6.9), which list all folders once more: those of both byte orders, and their optional copies.
    pub fn path_tables(&self) -> Vec<Extent> {
        let fields = Fields::new(&self.bytes, self.offset, "volume descriptor");
        let blocks = Blocks { base: self.base, size: self.valid_block_size() };
        let places = [fields.le32(140), fields.le32(144), fields.be32(148), fields.be32(152)];
        let length = fields.le32(132).unwrap_or(0);
        let places = places.into_iter().filter_map(|block| block.ok().filter(|block| *block != 0));
        places.map(|block| Extent::new(blocks.offset(Lba(block)), u64::from(length))).collect()
    }

    /// Identifiers and dates.
    pub fn volume(&self) -> Volume {
        let text = |at, len| self.text(at, len);
        Volume {
            id: text(40, 32),
            set_id: text(190, 128),
            system_id: text(8, 32),
            publisher: text(318, 128),
            preparer: text(446, 128),
            application: text(574, 128),
            created: self.date(813),
            modified: self.date(830),
            expires: self.date(847),
            effective: self.date(864),
            block_size: self.valid_block_size(),
            blocks: self.valid_blocks(),
        }
    }

    /// Every field with its meaning and byte offset.
    pub fn details(&self) -> DetailGroup {
        let title = match self.flavour {
            Flavour::Primary => "Primary volume descriptor".to_owned(),
            Flavour::Joliet(level) => format!("Supplementary volume descriptor (Joliet level {level})"),
            Flavour::Enhanced => "Enhanced volume descriptor (ISO 9660:1999)".to_owned(),
        };
        let mut group = DetailGroup::new(title);
        let fields = Fields::new(&self.bytes, self.offset, "volume descriptor");
        for (label, at, len) in [
            ("System identifier", 8, 32),
            ("Volume identifier", 40, 32),
            ("Volume set identifier", 190, 128),
            ("Publisher identifier", 318, 128),
            ("Data preparer identifier", 446, 128),
            ("Application identifier", 574, 128),
            ("Copyright file identifier", 702, 37),
            ("Abstract file identifier", 739, 37),
            ("Bibliographic file identifier", 776, 37),
        ] {
            group.add(label, self.text(at, len), Some(fields.offset_of(at)));
        }
        group.add("Volume space size", format!("{} blocks", self.valid_blocks()), Some(fields.offset_of(80)));
        for (label, at) in [("Volume set size", 120), ("Volume sequence number", 124), ("Logical block size", 128)] {
            let value = fields.both16(at).map_or(String::new(), |both| both.little.to_string());
            group.add(label, value, Some(fields.offset_of(at)));
        }
        let number = |at| fields.le32(at).map_or(String::new(), |value| value.to_string());
        group.add("Path table size", format!("{} bytes", number(132)), Some(fields.offset_of(132)));
        group.add("Path table (little-endian)", format!("block {}", number(140)), Some(fields.offset_of(140)));
        let big = fields.be32(148).map_or(String::new(), |value| value.to_string());
        group.add("Path table (big-endian)", format!("block {big}"), Some(fields.offset_of(148)));
        for (label, at) in [
            ("Volume creation", 813),
            ("Volume modification", 830),
            ("Volume expiration", 847),
            ("Volume effective", 864),
        ] {
            let value = self.date(at).map_or_else(|| "not set".to_owned(), |date| date.to_string());
            group.add(label, value, Some(fields.offset_of(at)));
        }
        group
    }

    fn text(&self, at: usize, len: usize) -> String {
        let fields = Fields::new(&self.bytes, self.offset, "volume descriptor");
        let bytes = fields.bytes(at, len).unwrap_or_default();
        let decoded = match self.flavour {
            // A field of an odd length (§8.5: 37 bytes) has a last byte that belongs to no character.
            Flavour::Joliet(_) => text::utf16_be(bytes.get(..len & !1).unwrap_or_default()),
            _ => text::utf8(bytes),
        };
        text::trim_padding(&decoded.text).to_owned()
    }

    fn date(&self, at: usize) -> Option<Timestamp> {
        Fields::new(&self.bytes, self.offset, "volume descriptor").array(at).ok().and_then(Timestamp::from_17_bytes)
    }
}
