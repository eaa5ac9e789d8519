//! Reading a folder: its records of the catalog become entries.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::disc::file::{Content, ExtentSource, Packing};
use crate::disc::source::{read_exact, read_up_to};
use crate::disc::tree::{Entry, Folder, FolderId, Kind, Posix};
use crate::disc::{Diagnostic, Diagnostics, Extent, Result, Severity, Source, limits, text};

use super::btree::Record;
use super::catalog::{self, Body, COMPRESSED, Item, RECORD, ROOT, moment};
use super::fork::{ForkData, ForkKind};
use super::tree::{HfsTree, PRIVATE_FILES, PRIVATE_FOLDERS};
use super::{attributes, decmpfs};

/// Reads the folder with the number that `id` holds. Damage is told in the folder.
pub(super) fn read(tree: &HfsTree, id: FolderId) -> Result<Folder> {
    let number = u32::try_from(id.place).unwrap_or(0);
    let mut listing = Listing { tree, number, folder: Folder::default() };
    let mut diagnostics = Diagnostics::default();
    let mut failure = None;
    tree.catalog.group(number, &|_| false, &mut diagnostics, &mut |record, diagnostics| {
        if listing.folder.entries().len() >= limits::FOLDER_ENTRIES {
            let message = format!("Entries after the first {} are not listed", limits::FOLDER_ENTRIES);
            diagnostics.error(RECORD, record.extent.offset, message);
            return ControlFlow::Break(());
        }
        let taken = listing.take(record);
        match diagnostics.salvage(taken) {
            Ok(_) => ControlFlow::Continue(()),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    if let Some(error) = failure {
        return Err(error);
    }
    listing.folder.diagnostics.append(diagnostics);
    Ok(listing.folder.finish())
}

/// A folder that is being read.
struct Listing<'a> {
    tree: &'a HfsTree,
    number: u32,
    folder: Folder,
}

/// A file's data as it is offered.
struct Data {
    content: Content,
    size: u64,
    /// True when the resource fork holds the packed content, so that it is no stream of its own.
    in_resource_fork: bool,
}

impl Listing<'_> {
    /// Adds the entry of a record; none for threads and for folders that only the file system itself uses.
    fn take(&mut self, record: &Record<'_>) -> Result<()> {
        let plus = self.tree.plus();
        self.folder.add_extent(record.extent);
        let Some(item) = Item::parse(record, plus)? else { return Ok(()) };
        let name = catalog::name(record, plus);
        let is_private = matches!(item.body, Body::Folder { .. })
            && self.number == ROOT
            && matches!(name.text.as_ref(), PRIVATE_FILES | PRIVATE_FOLDERS);
        if is_private {
            return Ok(());
        }
        let mut troubles = Diagnostics::default();
        let place = record.extent;
        let mut entry = match item.is_hard_link() || item.is_folder_link() {
            true if plus => self.link(&item, place, &mut troubles)?,
            _ => self.entry(&item, place, &mut troubles)?,
        };
        let target = match entry.0.kind {
            Kind::Symlink => self.target(&mut entry.0, &mut troubles)?,
            _ => None,
        };
        self.folder.set_name(&mut entry.0, &name.text, target.as_deref());
        let index = self.folder.push(entry.0);
        if entry.1 {
            self.folder.set_has_streams(index);
        }
        if !name.exact {
            self.folder.keep_raw_name(catalog::raw_name(record, plus).unwrap_or(record.key));
            let message = "The name is not valid, so that what is shown of it is a guess".to_owned();
            let note = Diagnostic { severity: Severity::Warning, structure: RECORD, offset: place.offset, message };
            self.folder.note(index, note);
        }
        for note in troubles.items() {
            self.folder.note(index, note.clone());
        }
        Ok(())
    }

    /// What a hard link stands for, in the place of the link. One that leads nowhere is shown as a file that cannot be
    /// read.
    fn link(&mut self, link: &Item, place: Extent, troubles: &mut Diagnostics) -> Result<(Entry, bool)> {
        if let Some(target) = self.tree.resolve(link, troubles)? {
            return self.entry(&target.item, place, troubles);
        }
        let what = if link.is_hard_link() { "file" } else { "folder" };
        let message =
            format!("This is a hard link to the {what} with the number {}, which is not there", link.link_target());
        troubles.error(RECORD, place.offset, message.clone());
        let (mut entry, _) = self.entry(link, place, troubles)?;
        entry.kind = Kind::File;
        entry.content.set_unsupported(message);
        Ok((entry, false))
    }

    /// The entry of an item, and whether it has a resource fork that is worth showing.
    fn entry(&mut self, item: &Item, place: Extent, troubles: &mut Diagnostics) -> Result<(Entry, bool)> {
        let recorded = item.permissions.filter(|permissions| permissions.kind().is_some());
        let (mut entry, has_stream) = match &item.body {
            Body::Folder { .. } => {
                (Entry::new(Kind::Folder, Content::new(place), u64::from(item.id), place.offset), false)
            }
            Body::File { data, resource } => {
                let kind = recorded.and_then(|permissions| permissions.kind()).filter(|kind| *kind != Kind::Folder);
                let data = self.data(item, data, resource, place, troubles)?;
                let has_stream = resource.size > 0 && !data.in_resource_fork;
                (Entry::new(kind.unwrap_or(Kind::File), data.content, data.size, place.offset), has_stream)
            }
        };
        entry.hidden = item.finder.is_invisible();
        entry.modified = moment(item.modified);
        let posix = recorded.map(|permissions| Posix {
            mode: permissions.mode.into(),
            uid: permissions.owner,
            gid: permissions.group,
            // Only the files that hard links name count them.
            links: if entry.is_file() && item.flags & HAS_LINKS != 0 { permissions.special.max(1) } else { 1 },
        });
        self.folder.set_posix(&mut entry, posix);
        self.folder.set_times(&mut entry, moment(item.created), moment(item.accessed), moment(item.changed));
        Ok((entry, has_stream))
    }

    /// Where the data of a file lies and how it is packed.
    fn data(
        &self,
        item: &Item,
        data: &ForkData,
        resource: &ForkData,
        place: Extent,
        troubles: &mut Diagnostics,
    ) -> Result<Data> {
        let is_compressed = item.permissions.is_some_and(|permissions| permissions.flags.1 & COMPRESSED != 0);
        if is_compressed && let Some(packed) = self.compressed(item, resource, place, troubles)? {
            return Ok(packed);
        }
        let (mut content, missing) = self.tree.space.locate(item.id, ForkKind::Data, data, troubles)?;
        if is_compressed && data.size == 0 {
            content.set_unsupported("This file is marked as compressed, but nothing says how");
        }
        if let Some(message) = missing {
            troubles.error(RECORD, place.offset, message);
        }
        Ok(Data { content, size: data.size, in_resource_fork: false })
    }

    /// The content of a compressed file; `None` when nothing says how it is compressed, so that it is shown as it is.
    fn compressed(
        &self,
        item: &Item,
        resource: &ForkData,
        place: Extent,
        troubles: &mut Diagnostics,
    ) -> Result<Option<Data>> {
        let tree = self.tree;
        let found = match &tree.attributes {
            Some(file) => attributes::list(file, &tree.space, item.id, Some(decmpfs::ATTRIBUTE), troubles)?,
            None => Vec::new(),
        };
        let Some(attribute) = found.into_iter().next() else {
            let message = "The file is marked as compressed, but nothing says how; its data fork is shown as it is";
            troubles.warning(RECORD, place.offset, message);
            return Ok(None);
        };
        let stored = ExtentSource::new(tree.source.clone(), &attribute.content);
        let mut head = [0; 16];
        let header = read_exact(&stored, "compressed file", 0, &mut head)
            .and_then(|()| decmpfs::Header::parse(&head, attribute.record));
        let Some(header) = troubles.salvage(header)? else {
            let mut content = Content::default();
            content.set_unsupported("The description of how this file is compressed is damaged");
            return Ok(Some(Data { content, size: 0, in_resource_fork: resource.size > 0 }));
        };
        let (mut content, missing) = match header.is_inline() {
            true => (behind(&attribute.content, decmpfs::HEADER), None),
            false => tree.space.locate(item.id, ForkKind::Resource, resource, troubles)?,
        };
        if let Some(message) = missing {
            troubles.error(RECORD, place.offset, message);
        }
        match header.unsupported() {
            Some(why) => content.set_unsupported(why),
            None => content.set_packing(Packing::Decmpfs { kind: header.kind }),
        }
        Ok(Some(Data { content, size: header.size, in_resource_fork: !header.is_inline() }))
    }

    /// The target of a symbolic link, which stands in its data.
    fn target(&self, entry: &mut Entry, troubles: &mut Diagnostics) -> Result<Option<String>> {
        let source: Arc<dyn Source> = Arc::new(ExtentSource::new(self.tree.source.clone(), &entry.content));
        if source.len() > limits::SYMLINK_TARGET as u64 {
            let message = format!("The target of the link has {} bytes and is cut off", source.len());
            troubles.warning(RECORD, entry.record, message);
        }
        let bytes = troubles.salvage(read_up_to(&source, Extent::new(0, limits::SYMLINK_TARGET as u64)))?;
        Ok(bytes.map(|bytes| text::utf8(&bytes).text.into_owned()))
    }
}

/// Flag of a record: the file is named by hard links (TN1150: `kHFSHasLinkChainMask`).
const HAS_LINKS: u16 = 0x20;

/// What follows the first `skip` bytes of `content`.
fn behind(content: &Content, skip: u64) -> Content {
    let mut left = skip;
    let mut rest = content.extents().iter().filter_map(|extent| {
        let skipped = left.min(extent.length);
        left = left.saturating_sub(skipped);
        let piece = Extent::new(extent.offset.saturating_add(skipped), extent.length.saturating_sub(skipped));
        (piece.length > 0).then_some(piece)
    });
    let mut behind = Content::new(rest.next().unwrap_or_default());
    rest.for_each(|piece| behind.add_extent(piece));
    behind
}
