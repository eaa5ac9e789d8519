//! The headers of a program (Microsoft PE/COFF specification, "MS-DOS stub" to "Section table"), as far as firmware and
//! signatures use them.

use crate::disc::bytes::Fields;
use crate::disc::source::{read_exact, read_up_to};
use crate::disc::{Error, Extent, Result, Source, limits, text};

const DOS_HEADER: &str = "MS-DOS header";
const PE_HEADER: &str = "PE header";
const OPTIONAL_HEADER: &str = "PE optional header";
const SECTION_TABLE: &str = "PE section table";

/// Bytes from the signature "PE\0\0" to the optional header.
const COFF_BYTES: usize = 24;

/// Bytes of an entry of the section table.
const SECTION_BYTES: usize = 40;

/// Bytes of a COFF symbol, behind which the table of long names lies.
const SYMBOL_BYTES: u64 = 18;

/// Bytes of the table of long names that are read: the names of all sections stand at its start.
const STRING_TABLE: u64 = 4096;

/// The kind of processor that a program is for (PE/COFF, "Machine types"; UEFI 2.10 §2.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Architecture {
    /// x86 with 32 bits.
    Ia32,
    /// x86 with 64 bits.
    X64,
    /// ARM with 32 bits.
    Arm,
    /// ARM with 64 bits.
    Arm64,
    /// Itanium.
    Ia64,
    /// RISC-V with 32 bits.
    Riscv32,
    /// RISC-V with 64 bits.
    Riscv64,
    /// RISC-V with 128 bits.
    Riscv128,
    /// LoongArch with 32 bits.
    LoongArch32,
    /// LoongArch with 64 bits.
    LoongArch64,
    /// EFI byte code: any processor whose firmware has an interpreter.
    Ebc,
    /// Another number.
    Other(u16),
}

impl Architecture {
    /// What the field `Machine` means.
    pub fn from_machine(machine: u16) -> Self {
        match machine {
            0x014c => Self::Ia32,
            0x8664 => Self::X64,
            // Plain ARM, Thumb, and Thumb-2: firmware takes all three.
            0x01c0 | 0x01c2 | 0x01c4 => Self::Arm,
            0xaa64 => Self::Arm64,
            0x0200 => Self::Ia64,
            0x5032 => Self::Riscv32,
            0x5064 => Self::Riscv64,
            0x5128 => Self::Riscv128,
            0x6232 => Self::LoongArch32,
            0x6264 => Self::LoongArch64,
            0x0ebc => Self::Ebc,
            other => Self::Other(other),
        }
    }

    /// The end of the name under which firmware looks for it, such as `x64` of `bootx64.efi` (UEFI 2.10 §3.5.1.1).
    pub fn suffix(self) -> Option<&'static str> {
        Some(match self {
            Self::Ia32 => "ia32",
            Self::X64 => "x64",
            Self::Arm => "arm",
            Self::Arm64 => "aa64",
            Self::Ia64 => "ia64",
            Self::Riscv32 => "riscv32",
            Self::Riscv64 => "riscv64",
            Self::Riscv128 => "riscv128",
            Self::LoongArch32 => "loongarch32",
            Self::LoongArch64 => "loongarch64",
            Self::Ebc | Self::Other(_) => return None,
        })
    }
}

impl std::fmt::Display for Architecture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Arm64 => f.write_str("arm64"),
            Self::Ebc => f.write_str("EFI byte code"),
            Self::Other(machine) => write!(f, "machine 0x{machine:04x}"),
            known => f.write_str(known.suffix().unwrap_or_default()),
        }
    }
}

/// What kind of program firmware takes it for (PE/COFF, "Windows subsystem").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subsystem {
    /// 10: an application, such as a loader.
    EfiApplication,
    /// 11: a driver that is gone once the operating system runs.
    EfiBootServiceDriver,
    /// 12: a driver that stays.
    EfiRuntimeDriver,
    /// 13: an image for a ROM.
    EfiRom,
    /// 16: an application of the Windows boot manager.
    WindowsBootApplication,
    /// Something that firmware does not start.
    Other(u16),
}

impl Subsystem {
    fn from_field(field: u16) -> Self {
        match field {
            10 => Self::EfiApplication,
            11 => Self::EfiBootServiceDriver,
            12 => Self::EfiRuntimeDriver,
            13 => Self::EfiRom,
            16 => Self::WindowsBootApplication,
            other => Self::Other(other),
        }
    }
}

impl std::fmt::Display for Subsystem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::EfiApplication => f.write_str("EFI application"),
            Self::EfiBootServiceDriver => f.write_str("EFI boot service driver"),
            Self::EfiRuntimeDriver => f.write_str("EFI runtime driver"),
            Self::EfiRom => f.write_str("EFI ROM image"),
            Self::WindowsBootApplication => f.write_str("Windows boot application"),
            Self::Other(number) => write!(f, "subsystem {number}, which is none of EFI"),
        }
    }
}

/// A section (PE/COFF, "Section table").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its name. Names of more than 8 bytes are looked up in the string table, as shim has them.
    pub name: String,
    /// Absolute byte offset of its entry in the section table.
    pub record: u64,
    /// Address in memory, relative to that of the program.
    pub virtual_address: u32,
    /// Bytes in memory.
    pub virtual_size: u32,
    /// Its bytes in the file, with the padding at the end.
    pub raw: Extent,
    /// Its flags.
    pub characteristics: u32,
}

impl Section {
    /// Its bytes in the file without padding.
    pub fn data(&self) -> Extent {
        let virtual_size = u64::from(self.virtual_size);
        let length = if virtual_size == 0 { self.raw.length } else { self.raw.length.min(virtual_size) };
        Extent { length, ..self.raw }
    }
}

/// The headers of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Length of the file in bytes.
    pub file_len: u64,
    /// Byte offset of "PE\0\0".
    pub offset: u64,
    /// The processors that it is for.
    pub architecture: Architecture,
    /// True for PE32+, which has addresses of 64 bits; false for PE32.
    pub plus: bool,
    /// What it is to firmware.
    pub subsystem: Subsystem,
    /// True when it says that it runs with pages that are either written or executed (`NX_COMPAT`): newer firmware may
    /// ask for it.
    pub nx_compatible: bool,
    /// Bytes of all headers, from the start of the file (`SizeOfHeaders`).
    pub size_of_headers: u32,
    /// Bytes in memory (`SizeOfImage`).
    pub size_of_image: u32,
    /// Entries that the data directory is said to have (`NumberOfRvaAndSizes`).
    pub directories: u32,
    /// Byte offset of the field `CheckSum`, which no signature covers.
    pub checksum_at: u64,
    /// Byte offset of the directory entry of the attribute certificate table; `None` when there is no such entry.
    pub certificate_entry_at: Option<u64>,
    /// The attribute certificate table as the directory gives it: of no length in a program without signature. Other than
    /// all other entries this one holds an offset in the file, and no address.
    pub certificate_table: Extent,
    /// The resource directory: address in memory and bytes.
    pub resources: Option<(u32, u32)>,
    /// The sections in the order of their table.
    pub sections: Vec<Section>,
}

impl Header {
    /// Reads the headers, and nothing else: at most some 50 kB.
    ///
    /// # Errors
    /// `Unsupported` when the file is no PE program at all, `Damaged` when it starts as one and ends too early, `Limit`
    /// with more than [`limits::EFI_SECTIONS`] sections.
    pub fn read(source: &dyn Source) -> Result<Self> {
        let dos = read_up_to(source, Extent::new(0, 64))?;
        refuse_others(&dos)?;
        let offset = u64::from(Fields::new(&dos, 0, DOS_HEADER).le32(0x3c)?);
        let mut coff = [0; COFF_BYTES];
        read_exact(source, PE_HEADER, offset, &mut coff)?;
        let coff = Fields::new(&coff, offset, PE_HEADER);
        if coff.array(0)? != *b"PE\0\0" {
            return Err(Error::unsupported(PE_HEADER, offset, "This is a DOS or Windows program, and not one of EFI"));
        }
        let optional_len = coff.le16(20)?;
        let optional_at = offset.saturating_add(COFF_BYTES as u64);
        let bytes = read_up_to(source, Extent::new(optional_at, u64::from(optional_len)))?;
        let optional = Fields::new(&bytes, optional_at, OPTIONAL_HEADER);
        let plus = match optional.le16(0)? {
            0x10b => false,
            0x20b => true,
            magic => {
                let message = format!("The optional header is of kind 0x{magic:04x}, which is neither PE32 nor PE32+");
                return Err(Error::unsupported(OPTIONAL_HEADER, optional_at, message));
            }
        };
        let directories = Directories { fields: optional, at: if plus { 112 } else { 96 } };
        let certificate_entry = directories.entry(4)?;
        let sections_at = optional_at.saturating_add(u64::from(optional_len));
        let names = LongNames::new(source, coff.le32(12)?, coff.le32(16)?);
        Ok(Self {
            file_len: source.len(),
            offset,
            architecture: Architecture::from_machine(coff.le16(4)?),
            plus,
            subsystem: Subsystem::from_field(optional.le16(68)?),
            nx_compatible: optional.le16(70)? & 0x0100 != 0,
            size_of_headers: optional.le32(60)?,
            size_of_image: optional.le32(56)?,
            directories: directories.count()?,
            checksum_at: optional.offset_of(64),
            certificate_entry_at: certificate_entry.map(|_| optional.offset_of(directories.at.saturating_add(32))),
            certificate_table: certificate_entry
                .map_or(Extent::default(), |(at, len)| Extent::new(u64::from(at), u64::from(len))),
            resources: directories.entry(2)?.filter(|(at, len)| *at > 0 && *len > 0),
            sections: read_sections(source, sections_at, coff.le16(6)?, names)?,
        })
    }

    /// The first section of this name. Tools that drop the string table leave only the first 8 bytes of a name.
    pub fn section(&self, name: &str) -> Option<&Section> {
        let short = name.get(..8).unwrap_or(name);
        let mut sections = self.sections.iter();
        sections.find(|section| section.name == name || section.name == short)
    }

    /// Where in the file the bytes lie that are at `address` in memory; up to the end of their section.
    pub fn locate(&self, address: u32) -> Option<Extent> {
        self.sections.iter().find_map(|section| {
            let inner = u64::from(address.checked_sub(section.virtual_address)?);
            let length = section.raw.length.checked_sub(inner).filter(|length| *length > 0)?;
            Some(Extent::new(section.raw.offset.saturating_add(inner), length))
        })
    }

    /// True when the directory has a table of certificates.
    pub fn is_signed(&self) -> bool {
        self.certificate_table.length > 0
    }
}

/// Says what a file is that does not start as a PE program.
fn refuse_others(start: &[u8]) -> Result<()> {
    let other = match start {
        [b'M', b'Z', ..] => return Ok(()),
        [b'V', b'Z', ..] => "This is a terse executable, as it stands in the ROM of a computer",
        [0xb9, 0xfa, 0xf1, 0x0e, ..] => "This is a program for Macs that holds code for several processors",
        _ => "This is not an EFI program: it does not start with \"MZ\"",
    };
    Err(Error::unsupported(DOS_HEADER, 0, other))
}

/// The data directories at the end of the optional header (PE/COFF, "Optional header data directories").
struct Directories<'a> {
    fields: Fields<'a>,
    at: usize,
}

impl Directories<'_> {
    fn count(&self) -> Result<u32> {
        self.fields.le32(self.at.saturating_sub(4))
    }

    /// Address and length of an entry; `None` when the header has fewer.
    fn entry(&self, number: usize) -> Result<Option<(u32, u32)>> {
        if number >= usize::try_from(self.count()?).unwrap_or(usize::MAX) {
            return Ok(None);
        }
        let at = self.at.saturating_add(number.saturating_mul(8));
        Ok(Some((self.fields.le32(at)?, self.fields.le32(at.saturating_add(4))?)))
    }
}

/// The COFF string table. Programs should have none, but the linker of GNU leaves it to those that keep their symbols,
/// and only there the names `.sbatlevel` and `.vendor_cert` stand.
struct LongNames<'a> {
    source: &'a dyn Source,
    at: Option<u64>,
    bytes: Option<Vec<u8>>,
}

impl<'a> LongNames<'a> {
    fn new(source: &'a dyn Source, symbols_at: u32, symbols: u32) -> Self {
        let at = u64::from(symbols_at).saturating_add(u64::from(symbols).saturating_mul(SYMBOL_BYTES));
        Self { source, at: (symbols_at > 0).then_some(at), bytes: None }
    }

    /// The name that stands at `at` in the table; read when first asked for.
    fn get(&mut self, at: usize) -> Result<Option<String>> {
        if let (None, Some(start)) = (&self.bytes, self.at) {
            self.bytes = Some(read_up_to(self.source, Extent::new(start, STRING_TABLE))?);
        }
        let rest = self.bytes.as_deref().and_then(|bytes| bytes.get(at..)).unwrap_or_default();
        let name = rest.split(|byte| *byte == 0).next().filter(|name| !name.is_empty() && name.len() <= 64);
        Ok(name.map(|name| text::utf8(name).text.into_owned()))
    }
}

fn read_sections(source: &dyn Source, at: u64, count: u16, mut names: LongNames<'_>) -> Result<Vec<Section>> {
    if count > limits::EFI_SECTIONS {
        return Err(Error::Limit {
            structure: SECTION_TABLE,
            offset: at,
            what: format!("A program of {count} sections"),
            limit: limits::EFI_SECTIONS.to_string(),
        });
    }
    let mut bytes = vec![0; usize::from(count).saturating_mul(SECTION_BYTES)];
    read_exact(source, SECTION_TABLE, at, &mut bytes)?;
    let mut sections = Vec::with_capacity(usize::from(count));
    for (record, bytes) in (at..).step_by(SECTION_BYTES).zip(bytes.chunks_exact(SECTION_BYTES)) {
        let fields = Fields::new(bytes, record, SECTION_TABLE);
        let name: [u8; 8] = fields.array(0)?;
        let short = text::utf8(&name).text;
        let short = text::trim_padding(&short);
        let long = match short.strip_prefix('/').and_then(|at| at.parse().ok()) {
            Some(at) => names.get(at)?,
            None => None,
        };
        sections.push(Section {
            name: long.unwrap_or_else(|| short.to_owned()),
            record,
            virtual_size: fields.le32(8)?,
            virtual_address: fields.le32(12)?,
            raw: Extent::new(u64::from(fields.le32(20)?), u64::from(fields.le32(16)?)),
            characteristics: fields.le32(36)?,
        });
    }
    Ok(sections)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::source::MemorySource;

    #[test]
    fn machines_have_the_names_of_their_files() {
        let suffixes = [0x14c, 0x8664, 0x1c2, 0xaa64, 0x200, 0x5064, 0x6264];
        let suffixes = suffixes.map(|machine| Architecture::from_machine(machine).suffix().unwrap());
        assert_eq!(suffixes, ["ia32", "x64", "arm", "aa64", "ia64", "riscv64", "loongarch64"]);
        assert_eq!(Architecture::from_machine(0xebc).to_string(), "EFI byte code");
        assert_eq!(Architecture::from_machine(0x1f0).to_string(), "machine 0x01f0");
    }

    #[test]
    fn what_is_no_program_is_told_apart_from_a_damaged_one() {
        let unsupported = |bytes: &[u8]| {
            let error = Header::read(&MemorySource::new(bytes)).unwrap_err();
            matches!(error, Error::Unsupported { .. })
        };
        assert!(unsupported(b"") && unsupported(b"#!/bin/sh\n") && unsupported(&[0xb9, 0xfa, 0xf1, 0x0e]));
        let mut dos = vec![0; 128];
        dos[..2].copy_from_slice(b"MZ");
        assert!(unsupported(&dos));
        dos[0x3c] = 120;
        let error = Header::read(&MemorySource::new(dos)).unwrap_err();
        assert_eq!((error.structure(), error.offset()), (Some("PE header"), Some(120)));
    }
}
