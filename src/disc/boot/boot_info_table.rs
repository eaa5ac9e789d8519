//! What programs that write discs patch into boot images so that these find themselves: the boot information table of
//! `mkisofs -boot-info-table` (its manual, “EL TORITO BOOT INFORMATION TABLE”), and the address that GRUB 2 wants
//! (`xorriso -boot_image grub bin_path=`, libisofs `doc/boot_sectors.txt`).

use crate::disc::bytes::Fields;
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::read_up_to;
use crate::disc::tree::DetailGroup;
use crate::disc::{Extent, Result, Source, limits};

const STRUCTURE: &str = "boot information table";

/// Where the table stands in a boot image.
const TABLE: u64 = 8;

/// The first byte that the checksum covers: behind the table and its reserved words.
const COVERED: u64 = 64;

/// Where in a boot image GRUB 2 looks for its own address, which is written in sectors of 512 bytes, and points 5 of them
/// further.
pub const GRUB2: u64 = 2548;
const GRUB2_SKIP: u64 = 5;

/// Bytes of the sectors that BIOS counts.
const BIOS_SECTOR: u64 = 512;

/// Bytes that are summed up at once.
const CHUNK: u64 = 64 << 10;

/// The bytes by which the core of ISOLINUX says that it may also be started from a hard disk, and where they stand
/// (syslinux, `utils/isohybrid.c`).
const ISOHYBRID_MARK: [u8; 4] = [0xfb, 0xc0, 0x78, 0x70];
/// Where they stand in a boot image.
pub const ISOHYBRID: u64 = 64;

/// The table as it stands in a boot image, and whether what it says is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BootInfoTable {
    /// Absolute byte offset of the table.
    pub offset: u64,
    /// Block of the primary volume descriptor.
    pub descriptor_lba: u32,
    /// Block of the boot image.
    pub image_lba: u32,
    /// Bytes of the boot image.
    pub length: u32,
    /// Sum of the words of 32 bits from byte 64 on.
    pub checksum: u32,
    /// That sum as it is now; `None` when the image is cut off, or longer than anything that is started so.
    pub actual_checksum: Option<u32>,
}

impl BootInfoTable {
    /// The table in the boot image that begins at byte `start`. `None` when there is none: what stands there does not
    /// lead back to the image.
    pub fn read(source: &dyn Source, start: u64) -> Result<Option<Self>> {
        let offset = start.saturating_add(TABLE);
        let bytes = read_up_to(source, Extent::new(offset, 16))?;
        let Some(table) = Self::parse(&Fields::new(&bytes, offset, STRUCTURE), 0) else { return Ok(None) };
        let actual_checksum = sum(source, Extent::new(start, u64::from(table.length)))?;
        Ok(Some(Self { actual_checksum, ..table }))
    }

    /// The table in the first bytes of a boot image, its checksum not yet worked out.
    pub(super) fn of_head(head: &Fields<'_>) -> Option<Self> {
        Self::parse(head, usize::try_from(TABLE).ok()?)
    }

    fn parse(fields: &Fields<'_>, at: usize) -> Option<Self> {
        let word = |number: usize| fields.le32(at.saturating_add(number.saturating_mul(4))).ok();
        let offset = fields.offset_of(at);
        let table = Self {
            offset,
            descriptor_lba: word(0)?,
            image_lba: word(1)?,
            length: word(2)?,
            checksum: word(3)?,
            actual_checksum: None,
        };
        let here = u64::from(table.image_lba).saturating_mul(SECTOR_SIZE).saturating_add(TABLE) == offset;
        (here && u64::from(table.length) > COVERED).then_some(table)
    }

    /// True when the image is what the table was made for; `None` when that cannot be told.
    pub fn is_right(&self) -> Option<bool> {
        self.actual_checksum.map(|actual| actual == self.checksum)
    }

    /// Every field with its meaning and byte offset.
    pub fn details(&self) -> DetailGroup {
        let mut group = DetailGroup::new("Boot information table");
        let at = |byte: u64| Some(self.offset.saturating_add(byte));
        group.add("Block of the volume descriptor", self.descriptor_lba.to_string(), at(0));
        group.add("Block of the boot image", self.image_lba.to_string(), at(4));
        group.add("Length of the boot image", format!("{} bytes", self.length), at(8));
        let right = match self.is_right() {
            Some(true) => "right",
            Some(false) => "wrong",
            None => "cannot be checked",
        };
        group.add("Checksum", format!("{:08x} ({right})", self.checksum), at(12));
        group
    }
}

/// The sum of the words of an image from byte 64 on; the last one is filled up with zeros.
fn sum(source: &dyn Source, image: Extent) -> Result<Option<u32>> {
    if image.length > limits::BOOT_IMAGE_CHECKSUM || image.end() > source.len() {
        return Ok(None);
    }
    let (mut sum, mut at) = (0_u32, image.offset.saturating_add(COVERED));
    while at < image.end() {
        let bytes = read_up_to(source, Extent::new(at, CHUNK.min(image.end() - at)))?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let (words, rest) = bytes.as_chunks::<4>();
        sum = words.iter().fold(sum, |sum, word| sum.wrapping_add(u32::from_le_bytes(*word)));
        let mut last = [0; 4];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        sum = sum.wrapping_add(u32::from_le_bytes(last));
        at = at.saturating_add(bytes.len() as u64);
    }
    Ok(Some(sum))
}

/// The byte offset in the image at which the core of GRUB 2 that begins at `start` thinks that it stands; `None` where
/// no address was written. It is right when it is `start`.
pub fn grub2_address(source: &dyn Source, start: u64) -> Result<Option<u64>> {
    let offset = start.saturating_add(GRUB2);
    let bytes = read_up_to(source, Extent::new(offset, 8))?;
    let value = Fields::new(&bytes, offset, "GRUB 2 boot information").le64(0).ok();
    Ok(value.and_then(|value| value.checked_sub(GRUB2_SKIP)?.checked_mul(BIOS_SECTOR)).filter(|at| *at > 0))
}

/// True when the boot image that begins at `start` is an ISOLINUX that can be started from a hard disk too.
pub fn is_isohybrid_core(source: &dyn Source, start: u64) -> Result<bool> {
    let mark = Extent::new(start.saturating_add(ISOHYBRID), ISOHYBRID_MARK.len() as u64);
    Ok(read_up_to(source, mark)? == ISOHYBRID_MARK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::source::MemorySource;

    /// A boot image at block 20, of `length` bytes.
    fn disc(length: u32) -> Vec<u8> {
        let mut disc = vec![0; 20 * 2048];
        let mut image: Vec<u8> = (0..length).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect();
        let mut padded = image[64..].to_vec();
        padded.resize(padded.len().next_multiple_of(4), 0);
        let words = padded.as_chunks::<4>().0.iter();
        let sum = words.fold(0_u32, |sum, word| sum.wrapping_add(u32::from_le_bytes(*word)));
        for (at, value) in [16, 20, length, sum].into_iter().enumerate() {
            image[8 + at * 4..12 + at * 4].copy_from_slice(&value.to_le_bytes());
        }
        disc.extend(image);
        disc
    }

    fn read(disc: Vec<u8>) -> Option<BootInfoTable> {
        BootInfoTable::read(&MemorySource::new(disc), 40_960).unwrap()
    }

    #[test]
    fn the_checksum_covers_all_from_byte_64_on() {
        // Odd lengths are filled up; longer images are read in several pieces.
        for length in [68, 1001, 70_001, 200_002] {
            let mut bytes = disc(length);
            let table = read(bytes.clone()).unwrap();
            assert_eq!((table.length, table.is_right()), (length, Some(true)));
            *bytes.last_mut().unwrap() ^= 1;
            assert_eq!(read(bytes).unwrap().is_right(), Some(false));
        }
    }

    #[test]
    fn what_leads_elsewhere_is_no_table() {
        let mut elsewhere = disc(1000);
        elsewhere[40_960 + 12] = 21;
        assert_eq!(read(elsewhere), None);
        assert_eq!(read(vec![0; 60_000]), None);
        assert_eq!(read(disc(1000)[..40_970].to_vec()), None);
    }

    #[test]
    fn an_image_that_is_cut_off_has_no_checksum() {
        let mut cut = disc(9000);
        cut.truncate(45_000);
        assert_eq!(read(cut).unwrap().is_right(), None);
    }

    #[test]
    fn grub_points_five_sectors_behind_its_start() {
        let mut disc = disc(4096);
        assert_eq!(grub2_address(&MemorySource::new(vec![0; 50_000]), 40_960).unwrap(), None);
        disc[40_960 + 2548..40_960 + 2556].copy_from_slice(&(20_u64 * 4 + 5).to_le_bytes());
        let source = MemorySource::new(disc);
        assert_eq!(grub2_address(&source, 40_960).unwrap(), Some(40_960));
        assert_eq!(grub2_address(&source, 1 << 40).unwrap(), None);
    }
}
