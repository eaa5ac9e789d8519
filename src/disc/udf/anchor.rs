//! Where a UDF volume begins: the recognition sequence (ECMA-167 2/8.3, 2/9) and the anchors (ECMA-167 3/10.2).

use std::sync::Arc;

use crate::disc::bytes::Fields;
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::read_up_to;
use crate::disc::{Diagnostics, Extent, Result, Source};

use super::primitive::VolumeExtent;
use super::tag::{Check, Tag, id};

/// The structure in complaints.
pub(super) const STRUCTURE: &str = "anchor volume descriptor pointer";

/// Sizes of a block, the most usual first. Real media have the first four; `mkudffs` makes all of them.
pub(super) const BLOCK_SIZES: [u32; 7] = [2048, 512, 4096, 1024, 8192, 16_384, 32_768];

/// Where the recognition sequence starts.
const RECOGNITION: u64 = 32_768;

/// Bytes at the end of an image that are searched for an anchor behind which there are run-out blocks or padding.
const TAIL: u64 = 1 << 20;

/// The volume: a run of bytes and the size of its blocks.
#[derive(Clone, Copy)]
pub(super) struct Volume<'a> {
    /// The image.
    pub(super) source: &'a Arc<dyn Source>,
    /// The bytes of the volume.
    pub(super) part: Extent,
    /// Bytes of a block of the volume.
    pub(super) block_size: u32,
}

impl Volume<'_> {
    /// Absolute byte offset of a block of the volume.
    pub(super) fn offset(self, block: u32) -> u64 {
        self.part.offset.saturating_add(u64::from(block).saturating_mul(u64::from(self.block_size)))
    }

    /// The bytes of an extent of the volume.
    pub(super) fn extent(self, extent: VolumeExtent) -> Extent {
        Extent::new(self.offset(extent.block), extent.length.into())
    }
}

/// What the recognition sequence announces.
#[derive(Debug, Clone, Default)]
pub(super) struct Recognition {
    /// 2 for ECMA-167/2 (UDF 1.x), 3 for ECMA-167/3 (UDF 2.x).
    pub(super) nsr: Option<u8>,
    /// Its descriptors: identifiers and places.
    pub(super) descriptors: Vec<(String, Extent)>,
}

impl Recognition {
    /// Reads the recognition sequence of `part`. Its descriptors stand 2048 bytes apart, or one block where that is more.
    pub(super) fn read(source: &Arc<dyn Source>, part: Extent, diagnostics: &mut Diagnostics) -> Result<Self> {
        let start = Extent::new(part.offset.saturating_add(RECOGNITION), 64 << 10);
        let window = Extent { length: start.length.min(part.end().saturating_sub(start.offset)), ..start };
        let bytes = match read_up_to(source.as_ref(), window) {
            Ok(bytes) => bytes,
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => {
                diagnostics.failure(&error);
                return Ok(Self::default());
            }
        };
        let mut found = Self::default();
        for (number, sector) in bytes.chunks(2048).enumerate() {
            let nsr = match sector.get(1..6) {
                Some(b"NSR02") => Some(2),
                Some(b"NSR03") => Some(3),
                Some(b"BEA01" | b"BOOT2" | b"TEA01") => None,
                // Descriptors of ISO 9660 stand before, and empty sectors between those of blocks of 4096 bytes.
                _ => continue,
            };
            found.nsr = found.nsr.or(nsr);
            let name = String::from_utf8_lossy(sector.get(1..6).unwrap_or_default()).into_owned();
            let offset = window.offset.saturating_add((number as u64).saturating_mul(SECTOR_SIZE));
            found.descriptors.push((name, Extent::new(offset, SECTOR_SIZE)));
        }
        Ok(found)
    }
}

/// An anchor volume descriptor pointer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Anchor {
    /// Absolute byte offset.
    pub(super) offset: u64,
    /// The block size for which it was found.
    pub(super) block_size: u32,
    /// True when it says that it is in the block where it is.
    pub(super) in_place: bool,
    /// What checking its tag found.
    pub(super) check: Check,
    /// Main volume descriptor sequence.
    pub(super) main: VolumeExtent,
    /// Reserve volume descriptor sequence.
    pub(super) reserve: VolumeExtent,
}

impl Anchor {
    /// The anchor in `bytes`, which stand at the absolute byte `offset`, byte `inside` of the volume, where an anchor of
    /// blocks of `block_size` bytes was looked for. If the block in which it says it is lies here with blocks of another
    /// size, it is an anchor of such.
    fn parse(bytes: &[u8], offset: u64, inside: u64, block_size: u32) -> Option<Self> {
        let (tag, check) = Tag::of(bytes, id::ANCHOR)?;
        let fields = Fields::new(bytes, offset, STRUCTURE);
        let fits = |size: &u32| u64::from(*size).saturating_mul(u64::from(tag.location)) == inside;
        let size = BLOCK_SIZES.into_iter().find(fits);
        Some(Self {
            offset,
            block_size: size.unwrap_or(block_size),
            in_place: size.is_some(),
            check,
            main: VolumeExtent::read(&fields, 16).ok()?,
            reserve: VolumeExtent::read(&fields, 24).ok()?,
        })
    }
}

/// Looks for anchors where the standard has them: in blocks 256 and 512, the last one, and 256 before it; for all sizes
/// of a block, as nothing else says which it is. Those that say that they are in another block come last.
pub(super) fn find(source: &Arc<dyn Source>, part: Extent, diagnostics: &mut Diagnostics) -> Result<Vec<Anchor>> {
    let mut anchors: Vec<Anchor> = Vec::new();
    let length = part.inside(source.len());
    for block_size in BLOCK_SIZES {
        let size = u64::from(block_size);
        let blocks = length / size;
        let last = blocks.checked_sub(1);
        let places = [Some(256), last, last.and_then(|last| last.checked_sub(256)), Some(512)];
        for block in places.into_iter().flatten().filter(|block| *block < blocks) {
            let inside = block.saturating_mul(size);
            let offset = part.offset.saturating_add(inside);
            if anchors.iter().any(|anchor| anchor.offset == offset && anchor.block_size == block_size) {
                continue;
            }
            match read_up_to(source.as_ref(), Extent::new(offset, 512)) {
                Ok(bytes) => {
                    let found = Anchor::parse(&bytes, offset, inside, block_size);
                    let known = |found: &Anchor| {
                        anchors.iter().any(|anchor| (anchor.offset, anchor.block_size) == (offset, found.block_size))
                    };
                    anchors.extend(found.filter(|found| !known(found)));
                }
                Err(error) if error.is_cancelled() => return Err(error),
                Err(error) => diagnostics.failure(&error),
            }
        }
    }
    anchors.sort_by_key(|anchor| (!anchor.in_place, !anchor.check.sound()));
    Ok(anchors)
}

/// Looks for an anchor in the last megabyte, where run-out blocks or padding may stand behind it: for images whose
/// recognition sequence says that they have one.
pub(super) fn find_in_tail(source: &Arc<dyn Source>, part: Extent) -> Result<Vec<Anchor>> {
    let length = part.inside(source.len());
    let start = length.saturating_sub(TAIL) / SECTOR_SIZE * SECTOR_SIZE;
    let bytes = read_up_to(source.as_ref(), Extent::new(part.offset.saturating_add(start), length - start))?;
    let mut anchors = Vec::new();
    for (number, bytes) in bytes.chunks(512).enumerate() {
        let inside = start.saturating_add(number as u64 * 512);
        let anchor = Anchor::parse(bytes, part.offset.saturating_add(inside), inside, 512);
        anchors.extend(anchor.filter(|anchor| anchor.in_place && anchor.check.sound()));
    }
    Ok(anchors)
}

/// Looks for the volume descriptors themselves in the first megabytes, when no anchor says where they are: what begins
/// with a primary volume descriptor is taken for a sequence of 16 blocks.
pub(super) fn find_sequences(source: &Arc<dyn Source>, part: Extent) -> Result<Vec<Anchor>> {
    let bytes = read_up_to(source.as_ref(), Extent { length: part.length.min(4 * TAIL), ..part })?;
    let mut found: Vec<Anchor> = Vec::new();
    for (number, chunk) in bytes.chunks(512).enumerate() {
        let inside = number as u64 * 512;
        let Some((tag, check)) = Tag::of(chunk, id::PRIMARY_VOLUME).filter(|(_, check)| check.sound()) else {
            continue;
        };
        let size = BLOCK_SIZES.into_iter().find(|size| u64::from(*size) * u64::from(tag.location) == inside);
        let Some(block_size) = size else { continue };
        let sequence = VolumeExtent { length: block_size.saturating_mul(16), block: tag.location };
        match found.iter_mut().find(|anchor| anchor.block_size == block_size) {
            Some(anchor) if anchor.reserve.length == 0 => anchor.reserve = sequence,
            Some(_) => {}
            None => found.push(Anchor {
                offset: part.offset.saturating_add(inside),
                block_size,
                in_place: true,
                check,
                main: sequence,
                reserve: VolumeExtent::default(),
            }),
        }
    }
    Ok(found)
}
