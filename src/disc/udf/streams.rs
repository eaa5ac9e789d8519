//! Named streams (ECMA-167 4/9.2, OSTA UDF 2.60 §3.3.5): further data of a file, in a folder that only its entry names.

use std::ops::ControlFlow;

use crate::disc::file::Content;
use crate::disc::source::read_up_to;
use crate::disc::tree::Stream;
use crate::disc::{Diagnostics, Extent, Result, limits, text};

use super::allocation;
use super::directory::Directory;
use super::fid::{self, characteristic};
use super::icb::{self, FileEntry};
use super::names;
use super::partition::View;
use super::pieces::Pieces;
use super::primitive::LongAd;

/// The named streams of the file whose entry lies at the absolute byte `record`.
pub(super) fn of_file(view: View<'_>, record: u64) -> Result<Vec<Stream>> {
    let bytes = read_up_to(view.source.as_ref(), Extent::new(record, view.block_size()))?;
    match FileEntry::parse(&bytes, record)?.stream_directory() {
        Some(icb) => in_directory(view, icb, &mut Diagnostics::default()),
        None => Ok(Vec::new()),
    }
}

/// The streams that the stream directory at `icb` lists. One that cannot be read is listed all the same.
pub(super) fn in_directory(view: View<'_>, icb: LongAd, diagnostics: &mut Diagnostics) -> Result<Vec<Stream>> {
    let directory = Directory::open(view, icb.location)?;
    let mut listed: Vec<(String, LongAd, u64)> = Vec::new();
    fid::for_each(view, &directory.pieces, diagnostics, &mut |found, place| {
        if !found.is(characteristic::PARENT) && !found.is(characteristic::DELETED) {
            listed.push((names::dchars(found.name).text.into_owned(), found.icb, place));
        }
        if listed.len() < limits::UDF_STREAMS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    let mut pieces = Pieces::new(limits::UDF_FOLDER_PIECES);
    let mut streams = Vec::new();
    for (name, icb, place) in listed {
        let mut notes = Vec::new();
        let stream = icb::read(view, icb, &mut notes).and_then(|block| {
            let entry = block.entry()?;
            let allocated = allocation::collect(view, &entry, block.at.reference, &mut pieces, &mut notes)?;
            let mut content = pieces.content();
            if let Some(why) = allocated.unsupported {
                content.set_unsupported(why);
            }
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
        let name = if name.is_empty() { "(no name)".to_owned() } else { name };
        streams.push(Stream { name: text::display(&name).into_owned(), size, content, record });
    }
    Ok(streams)
}
