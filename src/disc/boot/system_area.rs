//! The system area: the first 32 KiB, which ISO 9660 leaves to others (ECMA-119 §6.2.1). What a BIOS runs when the image
//! is copied to a hard disk or a stick stands here, and the labels by which computers of other kinds know their disks
//! (libisofs, `doc/boot_sectors.txt`).

use memchr::memmem;

use crate::disc::bytes::Fields;
use crate::disc::partition::Scheme;
use crate::disc::source::read_up_to;
use crate::disc::tree::DetailGroup;
use crate::disc::{Extent, Result, Source};

const STRUCTURE: &str = "master boot record";

/// Bytes of the master boot record, and of the code in it before the disk signature.
const RECORD: u64 = 512;
const CODE: usize = 440;

/// Where hybrids keep the address of what they load, in sectors of 512 bytes.
const POINTER: usize = 432;

/// The same as a byte offset in the image.
pub const POINTER_OFFSET: u64 = POINTER as u64;

/// Byte offset of the signature `55 AA` in the image.
pub const SIGNATURE_OFFSET: u64 = 510;

/// What GRUB 2 adds to its address: it skips the first 2048 bytes of its image.
const GRUB2_SKIP: u64 = 4;

/// Bytes of the sectors that BIOS counts.
const BIOS_SECTOR: u64 = 512;

/// The code in a master boot record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BootCode {
    /// Only zeros, or the harmless instructions that a partition map of Apple needs in front: nothing starts.
    None,
    /// ISOLINUX, which starts its core at an address that was written beside it (`isohdpfx.bin` and its kin).
    Isohybrid,
    /// SYSLINUX, which starts the active partition (`mbr.bin`, `altmbr.bin`).
    Syslinux,
    /// SYSLINUX, which starts the partition that the GPT marks (`gptmbr.bin`).
    SyslinuxGpt,
    /// GRUB 2, which starts its core at an address that was written into it.
    Grub2,
    /// Memtest86+, which starts its image at an address that was written into it in the way of GRUB 2.
    Memtest86,
    /// GRUB Legacy.
    GrubLegacy,
    /// GRUB4DOS.
    Grub4Dos,
    /// Windows, which starts the active partition.
    Windows,
    /// Rufus, which starts the active partition after a key was pressed.
    Rufus,
    /// ReactOS, which starts the active partition.
    ReactOs,
    /// Code of a kind that is not known.
    Unknown,
}

/// Text in the code of a known kind, which is looked for in this order.
const CODES: &[(&[u8], BootCode)] = &[
    (b"isolinux.bin missing or corrupt", BootCode::Isohybrid),
    (b"Loading Memtest86+", BootCode::Memtest86),
    (b"GRUB4DOS", BootCode::Grub4Dos),
    (b"grldr", BootCode::Grub4Dos),
    (b"Missing OS\r\n", BootCode::SyslinuxGpt),
    (b"Operating system load error.", BootCode::Syslinux),
    (b"Press any key to boot from USB", BootCode::Rufus),
    (b"ReactOS", BootCode::ReactOs),
    (b"Invalid partition table\0Error loading operating system\0Missing operating system", BootCode::Windows),
];

impl BootCode {
    /// The name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Isohybrid => "ISOLINUX (isohybrid)",
            Self::Syslinux => "SYSLINUX, for the active partition",
            Self::SyslinuxGpt => "SYSLINUX, for the partition that the GPT marks",
            Self::Grub2 => "GRUB 2",
            Self::Memtest86 => "Memtest86+",
            Self::GrubLegacy => "GRUB Legacy",
            Self::Grub4Dos => "GRUB4DOS",
            Self::Windows => "Windows, for the active partition",
            Self::Rufus => "Rufus, for the active partition",
            Self::ReactOs => "ReactOS, for the active partition",
            Self::Unknown => "unknown",
        }
    }

    /// Recognises the code, and says at which byte.
    fn of(code: &[u8]) -> (Self, usize) {
        for (text, known) in CODES {
            if let Some(at) = memmem::find(code, text) {
                return (*known, at);
            }
        }
        // Both generations of GRUB say the same; the older one has its version, 3.2, at byte 3E.
        if let Some(at) = memmem::find(code, b"GRUB \0Geom\0Hard Disk\0Read\0 Error") {
            let legacy = code.get(0x3e..0x40) == Some(&[3, 2]);
            return (if legacy { Self::GrubLegacy } else { Self::Grub2 }, at);
        }
        // `ER` and harmless instructions, of which both ISOLINUX and libisofs put 32 bytes in front of their code.
        let rest = code.get(32..).unwrap_or_default();
        let padded = matches!(code, [0x33, 0xed, ..] | [0x45, 0x52, ..]);
        if code.iter().all(|byte| *byte == 0) || padded && rest.iter().all(|byte| *byte == 0) {
            return (Self::None, 0);
        }
        (Self::Unknown, 0)
    }

    /// True when it starts a boot image whose address stands at byte 432.
    pub fn has_pointer(self) -> bool {
        matches!(self, Self::Isohybrid | Self::Grub2 | Self::Memtest86)
    }

    /// The table in which it looks for the partition that it starts; `None` when it starts none.
    pub fn partition_table(self) -> Option<Scheme> {
        match self {
            Self::Syslinux | Self::Windows | Self::Rufus | Self::ReactOs => Some(Scheme::Mbr),
            Self::SyslinuxGpt => Some(Scheme::Gpt),
            Self::None | Self::Isohybrid | Self::Grub2 | Self::Memtest86 => None,
            Self::GrubLegacy | Self::Grub4Dos | Self::Unknown => None,
        }
    }
}

/// Computers other than PCs that find something of their own in the system area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherLabel {
    /// MIPS big-endian (SGI): a volume header.
    MipsBigEndian,
    /// MIPS little-endian (DECstation): a boot block.
    Decstation,
    /// SPARC: a disk label of Sun.
    Sparc,
    /// HP-PA: the boot loader PALO.
    Palo,
    /// DEC Alpha: a boot block of SRM.
    Alpha,
    /// PowerPC: a partition for PReP.
    Prep,
    /// PowerPC: a partition for CHRP.
    Chrp,
}

impl OtherLabel {
    /// The name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::MipsBigEndian => "MIPS volume header (SGI)",
            Self::Decstation => "MIPS boot block (DECstation)",
            Self::Sparc => "SPARC disk label",
            Self::Palo => "HP-PA boot loader (PALO)",
            Self::Alpha => "Alpha boot block (SRM)",
            Self::Prep => "PowerPC PReP partition",
            Self::Chrp => "PowerPC CHRP partition",
        }
    }
}

/// What the system area holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemArea {
    /// The record ends with `55 AA`: without it a BIOS runs nothing.
    pub has_signature: bool,
    /// What a BIOS would run.
    pub code: BootCode,
    /// Absolute byte offset of what it was recognised by.
    pub code_evidence: u64,
    /// Absolute byte offset of what the code loads, where the code is of a kind that is told so.
    pub pointer: Option<u64>,
    /// Labels of other computers, each with its byte offset.
    pub others: Vec<(OtherLabel, u64)>,
}

impl SystemArea {
    /// Reads the system area of an image. One that is shorter than a sector has none.
    pub fn read(source: &dyn Source) -> Result<Option<Self>> {
        let bytes = read_up_to(source, Extent::new(0, RECORD))?;
        let fields = Fields::new(&bytes, 0, STRUCTURE);
        let Ok(signature) = fields.array::<2>(510) else { return Ok(None) };
        let code_bytes = fields.bytes(0, CODE)?;
        let (code, at) = BootCode::of(code_bytes);
        let value = fields.le64(POINTER)?;
        let sectors = match code {
            BootCode::Isohybrid => Some(value),
            BootCode::Grub2 | BootCode::Memtest86 => value.checked_sub(GRUB2_SKIP),
            _ => None,
        };
        let pointer = sectors.filter(|sectors| *sectors > 0).and_then(|sectors| sectors.checked_mul(BIOS_SECTOR));
        let has_signature = signature == [0x55, 0xaa];
        let others = others(&fields, has_signature)?;
        Ok(Some(Self { has_signature, code, code_evidence: fields.offset_of(at), pointer, others }))
    }

    /// Every field with its meaning and byte offset.
    pub fn details(&self) -> DetailGroup {
        let mut group = DetailGroup::new("System area");
        group.add("Boot code", self.code.label(), Some(self.code_evidence));
        if self.code.has_pointer() {
            let target = self.pointer.map_or("nothing".to_owned(), |at| format!("byte {at}"));
            group.add("Loads", target, Some(POINTER_OFFSET));
        }
        group.add("Signature", if self.has_signature { "55 AA" } else { "missing" }, Some(SIGNATURE_OFFSET));
        for (other, at) in &self.others {
            group.add("Label", other.label(), Some(*at));
        }
        group
    }
}

/// The labels of other computers. Several share places with the record of the PC, so that at most a few are there.
fn others(fields: &Fields<'_>, has_signature: bool) -> Result<Vec<(OtherLabel, u64)>> {
    let mut found = Vec::new();
    if fields.be32(0)? == 0x0be5_a941 {
        found.push((OtherLabel::MipsBigEndian, 0));
    }
    if fields.le32(8)? == 0x0002_757a {
        found.push((OtherLabel::Decstation, 8));
    }
    if fields.be16(508)? == 0xdabe {
        found.push((OtherLabel::Sparc, 508));
    }
    let palo = fields.array::<2>(0)? == [0x80, 0x00] && fields.array::<4>(2)? == *b"PALO";
    if palo && matches!(fields.u8(7)?, 4 | 5) {
        found.push((OtherLabel::Palo, 2));
    }
    // The last of 64 words is the sum of the others, which is zero for an empty sector too.
    let words = fields.all().as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
    let (sum, last) = words.clone().take(63).fold((0_u64, 0), |(sum, _), word| (sum.wrapping_add(word), word));
    let size = fields.le64(480)?;
    if fields.le64(504)? == sum && sum != 0 && size != 0 && last == 0 {
        found.push((OtherLabel::Alpha, 504));
    }
    if has_signature {
        for at in [450_usize, 466, 482, 498] {
            match fields.u8(at)? {
                0x41 => found.push((OtherLabel::Prep, fields.offset_of(at))),
                0x96 => found.push((OtherLabel::Chrp, fields.offset_of(at))),
                _ => {}
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::source::MemorySource;

    fn record(at: usize, bytes: &[u8]) -> Vec<u8> {
        let mut record = vec![0; 2048];
        record[at..at + bytes.len()].copy_from_slice(bytes);
        record[510..512].copy_from_slice(&[0x55, 0xaa]);
        record
    }

    fn area(record: Vec<u8>) -> SystemArea {
        SystemArea::read(&MemorySource::new(record)).unwrap().unwrap()
    }

    #[test]
    fn addresses_count_sectors_of_512_bytes() {
        let mut isohybrid = record(0xb6, b"isolinux.bin missing or corrupt.");
        isohybrid[432..440].copy_from_slice(&(35_u64 * 4).to_le_bytes());
        let found = area(isohybrid);
        assert_eq!((found.code, found.pointer), (BootCode::Isohybrid, Some(35 * 2048)));
        assert_eq!(found.code_evidence, 0xb6);

        let mut grub = record(0x180, b"GRUB \0Geom\0Hard Disk\0Read\0 Error");
        grub[432..440].copy_from_slice(&(35_u64 * 4 + 4).to_le_bytes());
        assert_eq!(area(grub.clone()).pointer, Some(35 * 2048));
        grub[432..440].copy_from_slice(&u64::MAX.to_le_bytes());
        assert_eq!((area(grub.clone()).code, area(grub.clone()).pointer), (BootCode::Grub2, None));
        grub[0x3e..0x40].copy_from_slice(&[3, 2]);
        assert_eq!(area(grub).code, BootCode::GrubLegacy);
    }

    #[test]
    fn harmless_instructions_alone_start_nothing() {
        assert_eq!(area(record(0, &[])).code, BootCode::None);
        assert_eq!(area(record(0, &[0x45, 0x52, 8, 0, 0, 0, 0x90, 0x90])).code, BootCode::None);
        assert_eq!(area(record(40, &[0xfa])).code, BootCode::Unknown);
        assert!(!area(vec![0; 512]).has_signature);
        assert_eq!(SystemArea::read(&MemorySource::new(vec![0; 100])).unwrap(), None);
    }

    #[test]
    fn labels_of_other_computers_are_seen() {
        let only = |bytes: Vec<u8>| area(bytes).others;
        assert_eq!(only(record(0, &[0x0b, 0xe5, 0xa9, 0x41])), [(OtherLabel::MipsBigEndian, 0)]);
        assert_eq!(only(record(8, &[0x7a, 0x75, 2, 0])), [(OtherLabel::Decstation, 8)]);
        assert_eq!(only(record(0, b"\x80\0PALO\0\x05")), [(OtherLabel::Palo, 2)]);
        assert_eq!(only(record(508, &[0xda, 0xbe])), [(OtherLabel::Sparc, 508)]);
        assert_eq!(only(record(466, &[0x41])), [(OtherLabel::Prep, 466)]);
        assert_eq!(only(record(450, &[0x96])), [(OtherLabel::Chrp, 450)]);
        let mut alpha = vec![0; 512];
        alpha[480..488].copy_from_slice(&900_u64.to_le_bytes());
        alpha[488..496].copy_from_slice(&64_u64.to_le_bytes());
        alpha[504..512].copy_from_slice(&964_u64.to_le_bytes());
        assert_eq!(only(alpha), [(OtherLabel::Alpha, 504)]);
    }
}
