//! Volumes: the master directory block of HFS (Inside Macintosh: Files, 2-60) and the volume header of HFS+ (TN1150,
//! “Volume Header”), each with a copy near the end of the volume.

use crate::disc::bytes::Fields;
use crate::disc::sector::Blocks;
use crate::disc::source::read_up_to;
use crate::disc::tree::DetailGroup;
use crate::disc::{Diagnostics, Error, Extent, Lba, Result, Source, text};

use super::catalog::moment;
use super::fork::ForkData;
use super::names;

/// HFS's structure, in the words of its standard.
pub(super) const MDB: &str = "master directory block";
/// HFS+'s structure, in the words of its standard.
pub(super) const HEADER: &str = "volume header";

/// Where both stand in a volume, and how far before its end their copies do.
const PLACE: u64 = 1024;
/// How far before the end of a volume genisoimage puts the copy.
const GENISOIMAGE_PLACE: u64 = 2048;
/// Bytes of the block that holds either.
const BLOCK: u64 = 512;

/// What a volume says of itself.
#[derive(Debug, Clone)]
pub(super) struct VolumeRecord {
    /// HFS, HFS+ or HFSX.
    pub format: Format,
    /// Absolute byte offset of the record that was read.
    pub offset: u64,
    /// Where the volume lies, as it says itself.
    pub extent: Extent,
    /// Absolute byte offset of the copy of the record.
    pub copy: Option<u64>,
    /// Where its allocation blocks lie.
    pub blocks: Blocks,
    /// Number of allocation blocks.
    pub block_count: u32,
    pub free_blocks: u32,
    /// Name; HFS+ has it in its catalog.
    pub name: String,
    /// Seconds since 1904.
    pub created: u32,
    pub modified: u32,
    pub backed_up: u32,
    pub attributes: u32,
    pub files: u32,
    pub folders: u32,
    pub next_id: u32,
    pub finder_info: [u32; 8],
    /// Where the bitmap of allocation blocks lies: a run of bytes in HFS, a file in HFS+.
    pub bitmap: Bitmap,
    pub overflow: ForkData,
    pub catalog: ForkData,
    /// Which HFS does not have.
    pub attributes_file: ForkData,
    pub startup: ForkData,
    /// The block of the journal's description.
    pub journal_info_block: Option<u32>,
    /// The HFS+ volume that an HFS volume is only the wrapper of (TN1150, “HFS Wrapper”).
    pub embedded: Option<Extent>,
}

/// Where the bitmap of allocation blocks lies.
#[derive(Debug, Clone)]
pub(super) enum Bitmap {
    /// Bytes of the image.
    Bytes(Extent),
    /// The allocation file.
    File(ForkData),
}

/// The formats of a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Hfs,
    HfsPlus,
    /// HFS+ that may tell upper and lower case apart.
    Hfsx,
}

impl Format {
    /// The name for people.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Hfs => "HFS",
            Self::HfsPlus => "HFS+",
            Self::Hfsx => "HFSX",
        }
    }

    pub(super) fn structure(self) -> &'static str {
        if self == Self::Hfs { MDB } else { HEADER }
    }
}

/// Attribute bits (TN1150; those below 16 are in both formats).
const ATTRIBUTES: [(u32, &str); 8] = [
    (7, "locked by hardware"),
    (8, "unmounted properly"),
    (9, "bad blocks are listed"),
    (10, "not to be cached"),
    (11, "left inconsistent"),
    (12, "numbers used again"),
    (13, "journaled"),
    (15, "locked by software"),
];

impl VolumeRecord {
    /// The volume that begins at the start of `part`, from its record or, when that is damaged, from the copy at the end
    /// of `part`. `None` when there is neither.
    pub(super) fn read(source: &dyn Source, part: Extent, diagnostics: &mut Diagnostics) -> Result<Option<Self>> {
        let main = part.offset.saturating_add(PLACE);
        let trouble = match Self::read_at(source, part, main, diagnostics) {
            Ok(Some(record)) => return Ok(Some(record)),
            Ok(None) => None,
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => Some(error),
        };
        let end = part.offset.saturating_add(part.inside(source.len()));
        for back in [PLACE, GENISOIMAGE_PLACE] {
            let Some(place) = end.checked_sub(back).filter(|place| *place > main) else { continue };
            // A volume that does not fill the part has its copy somewhere inside, which nothing points to. And the copy
            // of a volume at the end of something larger is none of the whole: its catalog is not where it would be.
            let fills = |record: &Self| {
                record.extent.end().abs_diff(part.end()) <= u64::from(record.blocks.size).max(BLOCK * 64)
            };
            match Self::read_at(source, part, place, diagnostics) {
                Ok(Some(record)) if fills(&record) && record.has_catalog(source)? => {
                    if let Some(error) = &trouble {
                        diagnostics.failure(error);
                    }
                    let structure = record.format.structure();
                    let message = format!("The {structure} is damaged, so its copy at the end of the volume is used");
                    diagnostics.warning(structure, main, message);
                    return Ok(Some(record));
                }
                Err(error) if error.is_cancelled() => return Err(error),
                _ => {}
            }
        }
        trouble.map_or(Ok(None), Err)
    }

    /// True when the catalog begins with the header of a B-tree.
    fn has_catalog(&self, source: &dyn Source) -> Result<bool> {
        let Some((block, _)) = self.catalog.extents.first() else { return Ok(false) };
        let kind = read_up_to(source, Extent::new(self.blocks.offset(Lba(*block)).saturating_add(8), 1));
        match kind {
            Err(error) if error.is_cancelled() => Err(error),
            kind => Ok(kind.is_ok_and(|kind| kind == [1])),
        }
    }

    /// The record at the absolute byte `offset` of a volume that begins where `part` does; `None` when nothing there
    /// looks like one.
    fn read_at(source: &dyn Source, part: Extent, offset: u64, diagnostics: &mut Diagnostics) -> Result<Option<Self>> {
        let bytes = read_up_to(source, Extent::new(offset, BLOCK))?;
        match bytes.first_chunk() {
            Some(b"BD") => Self::hfs(&bytes, part, offset)?.with_copy(source, diagnostics).map(Some),
            Some(b"H+") => Self::hfs_plus(&bytes, part, offset, Format::HfsPlus).map(Some),
            Some(b"HX") => Self::hfs_plus(&bytes, part, offset, Format::Hfsx).map(Some),
            _ => Ok(None),
        }
    }

    fn hfs(bytes: &[u8], part: Extent, offset: u64) -> Result<Self> {
        let fields = Fields::new(bytes, offset, MDB);
        let size = fields.be32(20)?;
        if size == 0 || size % 512 != 0 {
            let message = format!("The master directory block claims allocation blocks of {size} bytes");
            return Err(Error::damaged(MDB, fields.offset_of(20), message));
        }
        let count = fields.be16(18)?;
        let first = u64::from(fields.be16(28)?).saturating_mul(BLOCK);
        let blocks = Blocks { base: part.offset.saturating_add(first), size };
        let bitmap = part.offset.saturating_add(u64::from(fields.be16(14)?).saturating_mul(BLOCK));
        let len = first.saturating_add(u64::from(count).saturating_mul(size.into()));
        let name = fields.bytes(37, usize::from(fields.u8(36)?.min(27)))?;
        let extent = (fields.be16(126)?, fields.be16(128)?);
        let embedded = matches!(&fields.array(124)?, b"H+" | b"HX").then(|| {
            let start = blocks.base.saturating_add(u64::from(extent.0).saturating_mul(size.into()));
            Extent::new(start, u64::from(extent.1).saturating_mul(size.into()))
        });
        Ok(Self {
            format: Format::Hfs,
            offset,
            extent: Extent::new(part.offset, len),
            copy: None,
            blocks,
            block_count: count.into(),
            free_blocks: fields.be16(34)?.into(),
            name: names::mac_roman(name).text.into_owned(),
            created: fields.be32(2)?,
            modified: fields.be32(6)?,
            backed_up: fields.be32(64)?,
            attributes: fields.be16(10)?.into(),
            files: fields.be32(84)?,
            folders: fields.be32(88)?,
            next_id: fields.be32(30)?,
            finder_info: finder_info(&fields, 92)?,
            bitmap: Bitmap::Bytes(Extent::new(bitmap, u64::from(count).div_ceil(8))),
            overflow: ForkData::of_hfs(&fields, 130, 134)?,
            catalog: ForkData::of_hfs(&fields, 146, 150)?,
            attributes_file: ForkData::default(),
            startup: ForkData::default(),
            journal_info_block: None,
            embedded,
        })
    }

    /// Finds the copy of a master directory block: behind the last allocation block, or with genisoimage inside of it.
    fn with_copy(mut self, source: &dyn Source, diagnostics: &mut Diagnostics) -> Result<Self> {
        let end = self.extent.end();
        for place in [Some(end), end.checked_sub(GENISOIMAGE_PLACE)].into_iter().flatten() {
            let bytes = diagnostics.salvage(read_up_to(source, Extent::new(place, 2)))?;
            if bytes.is_some_and(|bytes| bytes == b"BD") {
                self.copy = Some(place);
                let end = place.saturating_add(PLACE).max(self.extent.end());
                self.extent.length = end.saturating_sub(self.extent.offset);
                break;
            }
        }
        Ok(self)
    }

    fn hfs_plus(bytes: &[u8], part: Extent, offset: u64, format: Format) -> Result<Self> {
        let fields = Fields::new(bytes, offset, HEADER);
        let size = fields.be32(40)?;
        if size < 512 || !size.is_power_of_two() {
            let message = format!("The volume header claims allocation blocks of {size} bytes");
            return Err(Error::damaged(HEADER, fields.offset_of(40), message));
        }
        let count = fields.be32(44)?;
        let attributes = fields.be32(4)?;
        let extent = Extent::new(part.offset, u64::from(count).saturating_mul(size.into()));
        Ok(Self {
            format,
            offset,
            extent,
            copy: extent.end().checked_sub(PLACE),
            blocks: Blocks { base: part.offset, size },
            block_count: count,
            free_blocks: fields.be32(48)?,
            name: String::new(),
            created: fields.be32(16)?,
            modified: fields.be32(20)?,
            backed_up: fields.be32(24)?,
            attributes,
            files: fields.be32(32)?,
            folders: fields.be32(36)?,
            next_id: fields.be32(64)?,
            finder_info: finder_info(&fields, 80)?,
            bitmap: Bitmap::File(ForkData::of_hfs_plus(&fields, 112)?),
            overflow: ForkData::of_hfs_plus(&fields, 192)?,
            catalog: ForkData::of_hfs_plus(&fields, 272)?,
            attributes_file: ForkData::of_hfs_plus(&fields, 352)?,
            startup: ForkData::of_hfs_plus(&fields, 432)?,
            journal_info_block: (attributes & 1 << 13 != 0).then_some(fields.be32(12)?),
            embedded: None,
        })
    }

    /// The places of the boot blocks, of the record, and of its copy.
    pub(super) fn places(&self) -> Vec<(&'static str, Extent)> {
        let (structure, copy) = match self.format {
            Format::Hfs => (MDB, "alternate master directory block"),
            Format::HfsPlus | Format::Hfsx => (HEADER, "alternate volume header"),
        };
        let main = Extent::new(self.extent.offset.saturating_add(PLACE), BLOCK);
        let mut places = vec![("boot blocks", Extent::new(self.extent.offset, PLACE)), (structure, main)];
        places.extend(self.copy.map(|place| (copy, Extent::new(place, BLOCK))));
        places
    }

    /// The record field by field.
    pub(super) fn details(&self) -> DetailGroup {
        let hfs = self.format == Format::Hfs;
        let mut group = DetailGroup::new(if hfs { "Master directory block" } else { "Volume header" });
        let at = |hfs_at: u64, plus_at: u64| Some(self.offset.saturating_add(if hfs { hfs_at } else { plus_at }));
        let date = |seconds| moment(seconds).map_or_else(|| "not set".to_owned(), |time| time.to_string());
        group.add("Signature", self.format.label(), at(0, 0));
        if hfs {
            group.add("Volume name", text::display(&self.name), at(36, 0));
        }
        group.add("Created", date(self.created), at(2, 16));
        group.add("Modified", date(self.modified), at(6, 20));
        group.add("Backed up", date(self.backed_up), at(64, 24));
        let set = ATTRIBUTES.iter().filter(|(bit, _)| self.attributes >> bit & 1 != 0).map(|(_, name)| *name);
        let set: Vec<&str> = set.collect();
        let words = if set.is_empty() { "none".to_owned() } else { set.join(", ") };
        group.add("Attributes", format!("0x{:08x} ({words})", self.attributes), at(10, 4));
        group.add("Files", self.files.to_string(), at(84, 32));
        group.add("Folders", self.folders.to_string(), at(88, 36));
        group.add("Allocation block size", format!("{} bytes", self.blocks.size), at(20, 40));
        group.add("Allocation blocks", format!("{}, {} free", self.block_count, self.free_blocks), at(18, 44));
        let first = format!("byte {}", self.blocks.base);
        group.add("First allocation block", first, at(28, 40));
        group.add("Next catalog node ID", self.next_id.to_string(), at(30, 64));
        let [system, .., intel] = self.finder_info;
        group.add("Folder of the system", system.to_string(), at(92, 80));
        if !hfs {
            group.add("End of the volume's identifier", format!("{intel:08x}"), at(0, 108));
        }
        if let Some(embedded) = self.embedded {
            let words = format!("HFS+ volume at bytes {} to {}", embedded.offset, embedded.end());
            group.add("Embedded volume", words, at(124, 0));
        }
        group
    }
}

fn finder_info(fields: &Fields<'_>, at: usize) -> Result<[u32; 8]> {
    let mut numbers = [0; 8];
    for (number, at) in numbers.iter_mut().zip((at..).step_by(4)) {
        *number = fields.be32(at)?;
    }
    Ok(numbers)
}
