//! Named streams (ECMA-167 4/9.2, OSTA UDF 2.60 §3.3.5): further data of a file, in a folder that only its entry names.

use std::ops::ControlFlow;

use crate::disc::file::Content;
use crate::disc::source::read_up_to;
use crate::disc::tree::Stream;
use crate::disc::{Diagnostics, Extent, Result, limits};

use super::allocation;
use super::directory::{Directory, shown_name};
use super::fid::{self, characteristic};
use super::icb::{self, FileEntry};
use super::partition::View;
use super::pieces::Pieces;
use super::primitive::LongAd;

/// Streams, and where they and their folder are described.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// The streams in the order of the disc.
    pub(super) streams: Vec<Stream>,
    /// The blocks of their ICBs, and the folder that lists them.
    pub(super) extents: Vec<Extent>,
}

/// The named streams of the file whose entry lies at the absolute byte `record`.
pub(super) fn of_file(view: View<'_>, record: u64) -> Result<Listed> {
    let bytes = read_up_to(view.source.as_ref(), Extent::new(record, view.block_size()))?;
    match FileEntry::parse(&bytes, record)?.stream_directory() {
        Some(icb) => in_directory(view, icb, &mut Diagnostics::default()),
        None => Ok(Listed::default()),
    }
}

/// The streams that the stream directory at `icb` lists. One that cannot be read is listed all the same.
pub(super) fn in_directory(view: View<'_>, icb: LongAd, diagnostics: &mut Diagnostics) -> Result<Listed> {
    let directory = Directory::open(view, icb.location)?;
    let mut named: Vec<(String, LongAd, u64)> = Vec::new();
    fid::for_each(view, &directory.pieces, diagnostics, &mut |found, place| {
        if !found.is(characteristic::PARENT) && !found.is(characteristic::DELETED) {
            named.push((shown_name(found).text.into_owned(), found.icb, place));
        }
        if named.len() < limits::UDF_STREAMS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    let mut listed = Listed { streams: Vec::new(), extents: directory.extents() };
    let mut pieces = Pieces::new(limits::UDF_FOLDER_PIECES);
    for (name, icb, place) in named {
        let mut notes = Vec::new();
        let stream = icb::read(view, icb, &mut notes).and_then(|block| {
            let entry = block.entry()?;
            let allocated = allocation::collect(view, &entry, block.at.reference, &mut pieces, &mut notes)?;
            let mut content = pieces.content();
            if let Some(why) = allocated.unsupported {
                content.set_unsupported(why);
            }
            listed.extents.push(Extent::new(block.offset, view.block_size()));
            listed.extents.extend(allocated.chained);
            Ok((content, entry.information_length, block.offset))
        });
        let (content, size, record) = match stream {
            Ok(stream) => stream,
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => {
                let mut content = Content::default();
                content.set_unsupported(error.sentence());
                diagnostics.failure(&error);
                (content, 0, place)
            }
        };
        notes.into_iter().for_each(|note| diagnostics.push(note));
        listed.streams.push(Stream { name, size, content, record });
    }
    Ok(listed)
}
