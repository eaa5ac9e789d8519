//! Resources of a program of Windows (PE/COFF, "The .rsrc section"): its version, and the security version of the boot
//! manager. A tree of exactly three levels: kind, name, language.

use crate::disc::bytes::Fields;
use crate::disc::source::read_up_to;
use crate::disc::{Extent, Result, Source};

use super::header::Header;

const DIRECTORY: &str = "resource directory";
const VERSION: &str = "version resource";

/// Bytes of the directories, which stand in front of all resources. Entries behind are not found.
const DIRECTORY_BYTES: u64 = 64 << 10;

/// Entries of a directory that are looked at.
const ENTRIES: u16 = 4096;

/// Bytes of a resource that are read.
const RESOURCE_BYTES: u64 = 64 << 10;

/// `RT_RCDATA` and `RT_VERSION`.
const RCDATA: u32 = 10;
const VERSION_INFO: u32 = 16;

/// What the resources tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resources {
    /// The four numbers of the file's version, such as 10.0.26100.1085.
    pub version: Option<[u16; 4]>,
    /// Byte offset of these numbers.
    pub version_at: u64,
    /// The name with which the program was made (`OriginalFilename`), such as `bootmgfw.efi`.
    pub original_name: Option<String>,
    /// Major and minor security version of a Windows boot manager (resource `BOOTMGRSECURITYVERSIONNUMBER`): the firmware
    /// of computers that were told so refuses lower ones.
    pub security_version: Option<(u16, u16)>,
}

/// How an entry is called: by a number or by a name.
enum Key {
    Number(u32),
    Name(&'static str),
}

impl Resources {
    /// Reads them; nothing of a program that has none.
    ///
    /// # Errors
    /// `Damaged` when a directory leads outside.
    pub fn read(source: &dyn Source, header: &Header) -> Result<Self> {
        let Some(directories) = header.resources.and_then(|(address, _)| header.locate(address)) else {
            return Ok(Self::default());
        };
        let bytes = read_up_to(source, Extent { length: directories.length.min(DIRECTORY_BYTES), ..directories })?;
        let fields = Fields::new(&bytes, directories.offset, DIRECTORY);
        let mut resources = Self::default();
        let name = Key::Name("BOOTMGRSECURITYVERSIONNUMBER");
        if let Some((bytes, offset)) = find(source, header, &fields, &[Key::Number(RCDATA), name])? {
            let fields = Fields::new(&bytes, offset, "security version resource");
            resources.security_version = Some((fields.le16(2)?, fields.le16(0)?));
        }
        if let Some((bytes, offset)) = find(source, header, &fields, &[Key::Number(VERSION_INFO)])? {
            resources.take_version(&bytes, offset);
        }
        Ok(resources)
    }

    /// Reads VS_VERSIONINFO: its fixed part is found by its signature, and the name behind its key, as both are aligned to
    /// what stands before them.
    fn take_version(&mut self, bytes: &[u8], offset: u64) {
        if let Some(at) = memchr::memmem::find(bytes, &0xfeef_04bd_u32.to_le_bytes()) {
            let fields = Fields::new(bytes, offset, VERSION);
            let part = |from: usize| fields.le16(at.saturating_add(from)).ok();
            let parts = [part(10), part(8), part(14), part(12)];
            self.version = parts.iter().copied().collect::<Option<Vec<_>>>().and_then(|parts| parts.try_into().ok());
            self.version_at = fields.offset_of(at);
        }
        let key: Vec<u8> = "OriginalFilename\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let rest = memchr::memmem::find(bytes, &key).and_then(|at| bytes.get(at.checked_add(key.len())?..));
        let units = rest.unwrap_or_default().as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit));
        let units = units.skip_while(|unit| *unit == 0).take_while(|unit| *unit != 0).take(64);
        let name: String = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        self.original_name = Some(name).filter(|name| !name.is_empty());
    }
}

/// The bytes of the resource at the end of `path`, and where they stand; below the path always the first entry is taken.
fn find(source: &dyn Source, header: &Header, fields: &Fields<'_>, path: &[Key]) -> Result<Option<(Vec<u8>, u64)>> {
    let mut at = 0;
    // Three levels of directories, and then the data: what is deeper is none of Windows.
    for level in 0..3 {
        let Some(entry) = find_entry(fields, at, path.get(level))? else { return Ok(None) };
        let leads_on = entry & 0x8000_0000 != 0;
        at = usize::try_from(entry & 0x7fff_ffff).unwrap_or(usize::MAX);
        if leads_on != (level < 2) {
            return Ok(None);
        }
    }
    let Some(place) = header.locate(fields.le32(at)?) else { return Ok(None) };
    let length = u64::from(fields.le32(at.saturating_add(4))?).min(RESOURCE_BYTES).min(place.length);
    Ok(Some((read_up_to(source, Extent { length, ..place })?, place.offset)))
}

/// Where the entry with this key leads, in the directory at `at`; without a key that of the first entry.
fn find_entry(fields: &Fields<'_>, at: usize, key: Option<&Key>) -> Result<Option<u32>> {
    let (names, numbers) = (fields.le16(at.saturating_add(12))?, fields.le16(at.saturating_add(14))?);
    for entry in 0..names.saturating_add(numbers).min(ENTRIES) {
        let entry = at.saturating_add(16).saturating_add(usize::from(entry).saturating_mul(8));
        let called = fields.le32(entry)?;
        let wanted = match key {
            None => true,
            Some(Key::Number(number)) => called == *number,
            Some(Key::Name(name)) => called & 0x8000_0000 != 0 && is_called(fields, called & 0x7fff_ffff, name),
        };
        if wanted {
            return fields.le32(entry.saturating_add(4)).map(Some);
        }
    }
    Ok(None)
}

/// Whether the string at `at`, a length and so many units of UTF-16, is `name`.
fn is_called(fields: &Fields<'_>, at: u32, name: &str) -> bool {
    let at = usize::try_from(at).unwrap_or(usize::MAX);
    let length = name.len();
    let same_length = fields.le16(at).is_ok_and(|units| usize::from(units) == length);
    let bytes = fields.bytes(at.saturating_add(2), length.saturating_mul(2)).unwrap_or_default();
    let units = bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit));
    same_length && units.eq(name.encode_utf16())
}
