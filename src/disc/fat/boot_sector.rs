//! The boot sector with its BIOS parameter block (§3), and what follows from it: where everything lies, and which of the
//! three formats it is.

use crate::disc::bytes::Fields;
use crate::disc::{Error, Extent, Result};

/// The structure in the words of its standard.
pub(super) const BOOT_SECTOR: &str = "boot sector";

/// Bytes of the boot sector that have a meaning, whatever the size of sectors.
pub(super) const LENGTH: u64 = 512;

/// Copies of the FAT that a volume may have: two, rarely one.
const MOST_FATS: u8 = 4;

/// Clusters that an entry of 28 bits can name; the numbers above are marks.
const MOST_CLUSTERS: u32 = 0x0fff_fff5;

/// Diskettes: KiB, media byte, sectors of a cluster, entries of the root, sectors of a FAT.
const DISKETTES: [(u64, u8, u8, u16, u32); 8] = [
    (160, 0xfe, 1, 64, 1),
    (180, 0xfc, 1, 64, 2),
    (320, 0xff, 2, 112, 1),
    (360, 0xfd, 2, 112, 2),
    (720, 0xf9, 2, 112, 3),
    (1200, 0xf9, 1, 224, 7),
    (1440, 0xf0, 1, 224, 9),
    (2880, 0xf0, 2, 240, 9),
];

/// The label of a volume that has none.
const NO_LABEL: [u8; 11] = [b' '; 11];

/// How wide an entry of the FAT is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Width {
    #[default]
    Fat12,
    Fat16,
    Fat32,
}

impl Width {
    /// The name for people.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Fat12 => "FAT12",
            Self::Fat16 => "FAT16",
            Self::Fat32 => "FAT32",
        }
    }

    /// Bits of an entry.
    pub(super) fn bits(self) -> u64 {
        match self {
            Self::Fat12 => 12,
            Self::Fat16 => 16,
            Self::Fat32 => 32,
        }
    }
}

/// A boot sector whose numbers can be.
#[derive(Debug, Clone, Default)]
pub(super) struct BootSector {
    /// Absolute byte offset of the volume.
    pub start: u64,
    /// Absolute byte offset of the boot sector that was read.
    pub offset: u64,
    /// False for a diskette from before there were parameters, whose geometry is known by its size.
    pub has_parameters: bool,
    pub width: Width,
    pub oem: [u8; 8],
    pub sector_size: u32,
    pub cluster_sectors: u8,
    pub reserved: u16,
    pub fats: u8,
    pub root_entries: u16,
    pub sectors: u32,
    pub media: u8,
    /// Sectors of one FAT.
    pub fat_sectors: u32,
    /// The only FAT that is kept up to date, where they are not all alike (`BPB_ExtFlags`).
    pub active_fat: Option<u8>,
    pub root_cluster: u32,
    pub fs_info: Option<u16>,
    pub backup: Option<u16>,
    pub serial: Option<u32>,
    pub label: [u8; 11],
    pub type_text: Option<[u8; 8]>,
    /// Clusters that the volume has room for.
    pub room: u32,
    /// Clusters that the FAT has entries for, too: their numbers begin with 2.
    pub clusters: u32,
}

impl BootSector {
    /// The boot sector in `bytes`, which stand at the absolute byte `offset`, of a volume that begins at `start`. `None` when
    /// it is something else; an error when it calls itself that of a FAT file system, but its numbers cannot be.
    pub(super) fn parse(bytes: &[u8], start: u64, offset: u64) -> Result<Option<Self>> {
        let fields = Fields::new(bytes, offset, BOOT_SECTOR);
        let says = |at, text: &[u8]| fields.bytes(at, text.len()).is_ok_and(|found| found == text);
        if bytes.len() < 512 || says(3, b"NTFS    ") || says(3, b"EXFAT   ") {
            return Ok(None);
        }
        let has_name = says(54, b"FAT12   ") || says(54, b"FAT16   ") || says(54, b"FAT     ") || says(82, b"FAT32   ");
        let calls_itself_fat = has_name && says(510, &[0x55, 0xaa]) && matches!(fields.u8(0)?, 0xeb | 0xe9);
        match Self::of_fields(&fields, start) {
            Ok(sector) => Ok(Some(sector)),
            Err(_) if !calls_itself_fat => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn of_fields(fields: &Fields<'_>, start: u64) -> Result<Self> {
        let wrong = |at: usize, message: String| Err(Error::damaged(BOOT_SECTOR, fields.offset_of(at), message));
        let sector_size = fields.le16(11)?;
        if !matches!(sector_size, 512 | 1024 | 2048 | 4096) {
            return wrong(11, format!("The boot sector claims sectors of {sector_size} bytes"));
        }
        let cluster_sectors = fields.u8(13)?;
        if !cluster_sectors.is_power_of_two() {
            return wrong(13, format!("The boot sector claims clusters of {cluster_sectors} sectors"));
        }
        let (reserved, fats) = (fields.le16(14)?, fields.u8(16)?);
        if reserved == 0 {
            return wrong(14, "The boot sector claims that there is no reserved area".to_owned());
        }
        if !(1..=MOST_FATS).contains(&fats) {
            return wrong(16, format!("The boot sector claims {fats} FATs"));
        }
        let media = fields.u8(21)?;
        if media != 0xf0 && media < 0xf8 {
            return wrong(21, format!("The boot sector has the media byte {media:#04x}, which does not exist"));
        }
        let root_entries = fields.le16(17)?;
        let sectors = match fields.le16(19)? {
            0 => fields.le32(32)?,
            small => small.into(),
        };
        // Whether there is the block of FAT32 is told by this field, as volumes of FAT32 may be too small for it.
        let short = u32::from(fields.le16(22)?);
        let is_fat32 = short == 0;
        let fat_sectors = if is_fat32 { fields.le32(36)? } else { short };
        if fat_sectors == 0 {
            return wrong(22, "The boot sector claims that the FAT is empty".to_owned());
        }
        if !is_fat32 && root_entries == 0 {
            return wrong(17, "The boot sector claims that there is no root directory".to_owned());
        }
        let mut sector = Self {
            start,
            offset: fields.offset_of(0),
            has_parameters: true,
            width: Width::Fat32,
            oem: fields.array(3)?,
            sector_size: sector_size.into(),
            cluster_sectors,
            reserved,
            fats,
            root_entries,
            sectors,
            media,
            fat_sectors,
            label: NO_LABEL,
            ..Self::default()
        };
        if is_fat32 {
            let flags = fields.le16(40)?;
            let active = flags.to_le_bytes()[0] & 0x0f;
            sector.active_fat = (flags & 0x80 != 0 && active < fats).then_some(active);
            sector.root_cluster = fields.le32(44)?;
            let inside = |number: u16| (1..reserved).contains(&number).then_some(number);
            sector.fs_info = inside(fields.le16(48)?);
            sector.backup = inside(fields.le16(50)?);
        }
        let extended = if is_fat32 { 66 } else { 38 };
        if matches!(fields.u8(extended)?, 0x28 | 0x29) {
            sector.serial = Some(fields.le32(extended + 1)?);
        }
        if fields.u8(extended)? == 0x29 {
            sector.label = fields.array(extended + 5)?;
            sector.type_text = Some(fields.array(extended + 16)?);
        }
        if !sector.count_clusters(is_fat32) {
            let message = format!("The boot sector claims {sectors} sectors, which leaves no room for files");
            return wrong(if fields.le16(19)? == 0 { 32 } else { 19 }, message);
        }
        Ok(sector)
    }

    /// True for as many bytes as a kind of diskette has.
    pub(super) fn is_length_of_diskette(length: u64) -> bool {
        DISKETTES.iter().any(|(kib, ..)| kib * 1024 == length)
    }

    /// A diskette of `length` bytes whose FAT begins with `media`, as all were before DOS 2.0, and many long after.
    pub(super) fn of_diskette(start: u64, length: u64, media: u8) -> Option<Self> {
        let known = DISKETTES.into_iter().find(|(kib, byte, ..)| kib * 1024 == length && *byte == media);
        let (kib, media, cluster_sectors, root_entries, fat_sectors) = known?;
        let mut sector = Self {
            start,
            offset: start,
            has_parameters: false,
            width: Width::Fat12,
            oem: [b' '; 8],
            sector_size: 512,
            cluster_sectors,
            reserved: 1,
            fats: 2,
            root_entries,
            sectors: u32::try_from(kib * 2).ok()?,
            media,
            fat_sectors,
            label: NO_LABEL,
            ..Self::default()
        };
        sector.count_clusters(false).then_some(sector)
    }

    /// Finds the number of clusters, and the format by it (§3.5); false when there is none.
    fn count_clusters(&mut self, is_fat32: bool) -> bool {
        let data = (self.data_start().saturating_sub(self.start)) / u64::from(self.sector_size);
        let left = u64::from(self.sectors).saturating_sub(data);
        self.room = u32::try_from(left / u64::from(self.cluster_sectors)).unwrap_or(u32::MAX);
        self.width = match self.room {
            _ if is_fat32 => Width::Fat32,
            0..4085 => Width::Fat12,
            _ => Width::Fat16,
        };
        let most = match self.width {
            Width::Fat12 => 0xff4,
            Width::Fat16 => 0xfff4,
            Width::Fat32 => MOST_CLUSTERS,
        };
        // The first two entries stand for no cluster.
        let entries = (self.fat_length().saturating_mul(8) / self.width.bits()).saturating_sub(2);
        self.clusters = self.room.min(most).min(u32::try_from(entries).unwrap_or(u32::MAX));
        self.room > 0
    }

    /// Bytes of `sectors` sectors.
    fn bytes(&self, sectors: u64) -> u64 {
        sectors.saturating_mul(self.sector_size.into())
    }

    /// Bytes of a cluster.
    pub(super) fn cluster_size(&self) -> u64 {
        self.bytes(self.cluster_sectors.into())
    }

    /// Bytes of one FAT.
    pub(super) fn fat_length(&self) -> u64 {
        self.bytes(self.fat_sectors.into())
    }

    /// Where the FAT with this number, from 0, lies.
    pub(super) fn fat(&self, number: u8) -> Extent {
        let before = self.bytes(self.reserved.into()).saturating_add(self.fat_length().saturating_mul(number.into()));
        Extent::new(self.start.saturating_add(before), self.fat_length())
    }

    /// Where the root directory of FAT12 and FAT16 lies; of no length for FAT32.
    pub(super) fn root(&self) -> Extent {
        let length = u64::from(self.root_entries).saturating_mul(32);
        Extent::new(self.fat(self.fats).offset, length.next_multiple_of(self.sector_size.into()))
    }

    /// Absolute byte offset of the first cluster.
    pub(super) fn data_start(&self) -> u64 {
        self.root().end()
    }

    /// True for the number of a cluster that the volume has.
    pub(super) fn has(&self, cluster: u32) -> bool {
        cluster.checked_sub(2).is_some_and(|index| index < self.clusters)
    }

    /// Where `count` clusters from `first` on lie.
    pub(super) fn place(&self, first: u32, count: u32) -> Extent {
        let before = self.cluster_size().saturating_mul(u64::from(first.saturating_sub(2)));
        let length = self.cluster_size().saturating_mul(count.into());
        Extent::new(self.data_start().saturating_add(before), length)
    }

    /// Absolute byte offset of a sector of the volume.
    pub(super) fn sector(&self, number: u16) -> u64 {
        self.start.saturating_add(self.bytes(number.into()))
    }

    /// All that the volume claims.
    pub(super) fn extent(&self) -> Extent {
        Extent::new(self.start, self.bytes(self.sectors.into()))
    }

    /// What the volume takes up besides files and folders.
    pub(super) fn structures(&self) -> Vec<(&'static str, Extent)> {
        let mut places = vec![("reserved area", Extent::new(self.start, self.bytes(self.reserved.into())))];
        places.extend((0..self.fats).map(|number| ("file allocation table", self.fat(number))));
        places.push(("root directory", self.root()));
        places.retain(|(_, extent)| extent.length > 0);
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sector(clusters: u32) -> Vec<u8> {
        let mut bytes = vec![0; 512];
        bytes[0] = 0xeb;
        bytes[11..22].copy_from_slice(&[0, 2, 1, 1, 0, 2, 16, 0, 0, 0, 0xf8]);
        bytes[22..24].copy_from_slice(&300_u16.to_le_bytes());
        bytes[32..36].copy_from_slice(&(clusters + 602).to_le_bytes());
        bytes[54..62].copy_from_slice(b"FAT12   ");
        bytes[510..].copy_from_slice(&[0x55, 0xaa]);
        bytes
    }

    #[test]
    fn the_number_of_clusters_tells_the_format_and_nothing_else_does() {
        for (clusters, width) in [(1, Width::Fat12), (4084, Width::Fat12), (4085, Width::Fat16), (65_524, Width::Fat16)]
        {
            let sector = BootSector::parse(&sector(clusters), 1000, 1000).unwrap().unwrap();
            assert_eq!((sector.room, sector.clusters, sector.width), (clusters, clusters, width));
            assert_eq!(sector.data_start(), 1000 + 602 * 512);
            assert!(sector.has(2) && sector.has(clusters + 1) && !sector.has(clusters + 2) && !sector.has(1));
        }
    }

    #[test]
    fn numbers_that_cannot_be_are_damage_or_no_fat_at_all() {
        for (at, value) in
            [(11, 1), (12, 0), (13, 0), (13, 3), (14, 0), (16, 0), (16, 255), (21, 0xf1), (17, 0), (32, 0)]
        {
            let mut bytes = sector(100);
            bytes[33..36].fill(0);
            bytes[32] = 0xff;
            bytes[22..24].copy_from_slice(&[1, 0]);
            bytes[at] = value;
            let error = BootSector::parse(&bytes, 0, 4096).unwrap_err();
            assert!(error.offset().is_some_and(|offset| offset > 4096), "{at}: {error}");
            bytes[510] = 0;
            assert!(BootSector::parse(&bytes, 0, 0).unwrap().is_none());
        }
    }
}
