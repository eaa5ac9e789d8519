//! File set descriptors (ECMA-167 4/14.1): where the root directory of a logical volume is.

use crate::disc::bytes::Fields;
use crate::disc::source::read_up_to;
use crate::disc::{Diagnostics, Error, Extent, Result, limits};

use super::partition::View;
use super::primitive::{LogicalBlock, LongAd};
use super::tag::{Check, Tag, id};

/// The structure in complaints.
pub(super) const STRUCTURE: &str = "file set descriptor";

/// A file set descriptor (ECMA-167 4/14.1).
#[derive(Debug, Clone)]
pub(super) struct FileSet {
    /// Absolute byte offset.
    pub(super) offset: u64,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// File set number: the default file set has the highest (OSTA UDF 2.60 §2.3.2).
    pub(super) number: u32,
    /// File set descriptor number: of several descriptors of a file set, the one with the highest prevails.
    revision: u32,
    /// ICB of the root directory.
    pub(super) root: LongAd,
    /// ICB of the directory of system streams.
    pub(super) system_streams: LongAd,
    /// Its checksums are right.
    pub(super) is_sound: bool,
}

impl FileSet {
    /// The fields on the disc.
    pub(super) fn fields(&self) -> Fields<'_> {
        Fields::new(&self.bytes, self.offset, STRUCTURE)
    }

    fn parse(bytes: &[u8], offset: u64, check: Check) -> Result<Self> {
        let fields = Fields::new(bytes, offset, STRUCTURE);
        Ok(Self {
            offset,
            bytes: bytes.to_vec(),
            number: fields.le32(40)?,
            revision: fields.le32(44)?,
            root: LongAd::read(&fields, 400)?,
            system_streams: LongAd::read(&fields, 464)?,
            is_sound: check.sound(),
        })
    }
}

/// Reads the sequence of file set descriptors that starts at `start` (ECMA-167 4/8.3.1), as is recorded at the absolute
/// byte `named_at`, and says where they lie.
pub(super) fn read(
    view: View<'_>,
    (start, named_at): (LongAd, u64),
    diagnostics: &mut Diagnostics,
) -> Result<(Vec<FileSet>, Vec<Extent>)> {
    let (mut sets, mut places): (Vec<FileSet>, Vec<Extent>) = Default::default();
    let mut visited: Vec<LogicalBlock> = Vec::new();
    let (mut next, mut named_at) = (start, named_at);
    while !visited.contains(&next.location) && visited.len() < limits::UDF_FILE_SETS {
        visited.push(next.location);
        let blocks = u64::from(next.length.bytes()).div_ceil(view.block_size());
        let most = limits::UDF_FILE_SETS as u64;
        let mut further = LongAd::default();
        for number in 0..blocks.clamp(1, most) {
            let block = next.location.block.saturating_add(u32::try_from(number).unwrap_or(u32::MAX));
            let at = LogicalBlock { block, ..next.location };
            let read = view.block(at).map_err(|why| Error::damaged(STRUCTURE, named_at, why.to_string()));
            let read = read.and_then(|offset| {
                read_up_to(view.source.as_ref(), Extent::new(offset, view.block_size())).map(|bytes| (bytes, offset))
            });
            let (bytes, offset) = match read {
                Ok(read) => read,
                Err(error) if error.is_cancelled() => return Err(error),
                Err(error) => {
                    diagnostics.failure(&error);
                    break;
                }
            };
            let Some((tag, check)) = Tag::of(&bytes, id::FILE_SET) else {
                if sets.is_empty() {
                    let message = "There should be a file set descriptor here, but there is none";
                    diagnostics.error(STRUCTURE, offset, message);
                }
                break;
            };
            check.warning(STRUCTURE, offset).into_iter().for_each(|note| diagnostics.push(note));
            if tag.location != at.block {
                let message =
                    format!("The descriptor says that it is in block {}, but it is in {}", tag.location, at.block);
                diagnostics.warning(STRUCTURE, offset, message);
            }
            places.push(Extent::new(offset, view.block_size()));
            let set = FileSet::parse(&bytes, offset, check)?;
            further = LongAd::read(&set.fields(), 448)?;
            named_at = offset.saturating_add(448);
            match sets.iter_mut().find(|known| known.number == set.number) {
                Some(known) if set.revision > known.revision => *known = set,
                Some(_) => {}
                None => sets.push(set),
            }
        }
        if further.is_none() {
            break;
        }
        next = further;
    }
    Ok((sets, places))
}
