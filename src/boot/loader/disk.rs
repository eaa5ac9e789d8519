//! The image of a hard disk: which of its partitions the code in front starts.

use memchr::memmem;

use super::Loader;
use super::boot_sector::{self, SECTOR};
use crate::disc::boot::system_area::{BootCode, SystemArea};
use crate::disc::bytes::Fields;
use crate::disc::partition::Scheme;
use crate::disc::source::{MemorySource, read_up_to};
use crate::disc::{Extent, Result, Source};

/// Where the table stands in a master boot record, how long an entry is, and where it has head, sector and cylinder of its
/// end, its first block, and the number of blocks.
const TABLE: usize = 446;
const ENTRY: usize = 16;
const LAST: usize = 5;
const FIRST_BLOCK: usize = 8;
const BLOCKS: usize = 12;

/// Recognises what the active partition starts, where the code in front starts that.
pub(super) fn read(source: &dyn Source, disk: Extent) -> Result<Option<Loader>> {
    match DiskStart::read(source, disk)? {
        Some(DiskStart { code, partition: Some(partition), .. }) if code.partition_table() == Some(Scheme::Mbr) => {
            boot_sector::read(source, partition)
        }
        _ => Ok(None),
    }
}

/// What the master boot record of the image of a hard disk says of how that starts.
#[derive(Debug, Clone, Copy)]
pub struct DiskStart {
    /// Its code.
    pub code: BootCode,
    /// The first partition that is marked as active.
    pub partition: Option<Extent>,
    /// A BIOS comes to the end of that partition: it takes the number of heads, and of sectors of a track, for those at which
    /// the first partition ends (El Torito §2.2 leaves it open; SeaBIOS, `cdrom.c`).
    pub is_addressable: bool,
    /// The code goes by the mark, and by nothing else: it is SYSLINUX's `mbr.bin`, and one partition is marked. Its
    /// `altmbr.bin` starts the one whose number stands in the code, and that of others was not held against a BIOS.
    pub goes_by_the_mark: bool,
}

impl DiskStart {
    /// Reads it; `None` without a signature.
    pub fn read(source: &dyn Source, disk: Extent) -> Result<Option<Self>> {
        let record = read_up_to(source, Extent::new(disk.offset, disk.length.min(SECTOR)))?;
        let Some(area) = SystemArea::read(&MemorySource::new(record.clone()))? else { return Ok(None) };
        if !area.has_signature {
            return Ok(None);
        }
        let fields = Fields::new(&record, disk.offset, "master boot record");
        // First block and number of blocks.
        let mut marked: Vec<(u64, u64)> = Vec::new();
        for entry in (0..4_usize).map(|entry| TABLE.saturating_add(entry.saturating_mul(ENTRY))) {
            let number = |at: usize| fields.le32(entry.saturating_add(at)).map(u64::from);
            if fields.u8(entry)? == 0x80 {
                marked.push((number(FIRST_BLOCK)?, number(BLOCKS)?));
            }
        }
        let first = marked.first().copied();
        let extent = |(first, _): (u64, u64)| {
            let start = first.saturating_mul(SECTOR);
            Extent::new(disk.offset.saturating_add(start), disk.length.saturating_sub(start))
        };
        let last = first.map_or(0, |(first, blocks)| first.saturating_add(blocks));
        Ok(Some(Self {
            code: area.code,
            partition: first.map(extent),
            is_addressable: last <= addressable(&fields)?,
            goes_by_the_mark: marked.len() == 1 && is_mbr_bin(area.code, &record),
        }))
    }
}

/// How many blocks cylinders, heads and sectors lead to, where the first partition ends with the last of them.
fn addressable(fields: &Fields<'_>) -> Result<u64> {
    let [head, sector, cylinder] = fields.array(TABLE.saturating_add(LAST))?.map(u64::from);
    let cylinders = ((sector & 0xc0) << 2 | cylinder).saturating_add(1);
    Ok(cylinders.saturating_mul(head.saturating_add(1)).saturating_mul(sector & 0x3f))
}

/// Whether the code of a master boot record is the one of SYSLINUX that goes by the mark.
pub fn is_mbr_bin(code: BootCode, record: &[u8]) -> bool {
    code == BootCode::Syslinux && memmem::find(record, b"Multiple active partitions").is_some()
}

#[cfg(test)]
mod tests {
    use super::super::LoaderKind;
    use super::super::boot_sector::tests::volume;
    use super::*;

    #[test]
    fn a_hard_disk_goes_by_its_active_partition() {
        let code = b"Invalid partition table\0Error loading operating system\0Missing operating system";
        let mut disk = volume(0x100, code);
        disk[TABLE + ENTRY] = 0x80;
        disk[TABLE + ENTRY + FIRST_BLOCK] = 4;
        disk.splice(2048..2048 + 1024, volume(0x100, b"NTLDR is missing").into_iter().take(1024));
        let read = |disk: &[u8]| {
            let source = MemorySource::new([&[0; 2048], disk].concat());
            super::read(&source, Extent::new(2048, disk.len() as u64)).unwrap()
        };
        let found = read(&disk).unwrap();
        assert_eq!((found.kind, found.offset), (LoaderKind::WindowsNt, 2048 + 2048 + 0x100));
        disk[TABLE + ENTRY] = 0;
        assert_eq!(read(&disk), None);
    }

    #[test]
    fn cylinders_heads_and_sectors_lead_to_the_end_of_the_partition_or_do_not() {
        let mut disk = volume(0x100, b"Missing operating system. Multiple active partitions.");
        disk[TABLE] = 0x80;
        disk[TABLE + FIRST_BLOCK] = 63;
        // 16 heads of 63 sectors: 1008 blocks in each cylinder.
        disk[TABLE + LAST..][..3].copy_from_slice(&[15, 63, 1]);
        let is_addressable = |blocks: u32, disk: &mut Vec<u8>| {
            disk[TABLE + BLOCKS..][..4].copy_from_slice(&blocks.to_le_bytes());
            let source = MemorySource::new(disk.clone());
            DiskStart::read(&source, Extent::new(0, 4096)).unwrap().unwrap().is_addressable
        };
        assert!(is_addressable(2016 - 63, &mut disk));
        assert!(!is_addressable(2016 - 62, &mut disk));
        // The upper bits of the cylinder stand with the sector: 256 more of them.
        disk[TABLE + LAST + 1] = 63 | 0x40;
        assert!(is_addressable(258 * 1008 - 63, &mut disk));
        assert!(!is_addressable(258 * 1008 - 62, &mut disk));
        assert!(!is_addressable(u32::MAX, &mut disk));
    }
}
