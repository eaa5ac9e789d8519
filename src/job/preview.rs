//! Everything the preview pane shows is made here, one view at a time.

use std::sync::Arc;

use encoding_rs::Encoding;

use super::{Context, Failure, Job, Lane, Output, Progress, Unit};
use crate::disc::part::PartGroup;
use crate::disc::source::PartSource;
use crate::disc::tree::{self, DetailGroup, FileTree, Folder, Kind, Stream};
use crate::disc::{Error, Extent, Image, Source, source, text};
use crate::preview::kind::HEAD;
use crate::preview::{
    Colours, FileKind, HexWindow, Missing, Mode, PagePlace, Pattern, Picture, TextPage, hex, highlight,
};

/// What is looked at.
#[derive(Clone)]
pub enum PreviewSubject {
    /// An entry of a folder.
    Entry {
        /// The tree.
        tree: Arc<dyn FileTree>,
        /// The folder that holds the entry.
        folder: Arc<Folder>,
        /// The entry's place there.
        index: usize,
    },
    /// A part of an image.
    Part {
        /// The image.
        image: Arc<Image>,
        /// The list that it stands in.
        group: PartGroup,
        /// Its place there.
        index: usize,
    },
    /// What a file has besides its content.
    Stream {
        /// The tree.
        tree: Arc<dyn FileTree>,
        /// The stream.
        stream: Box<Stream>,
        /// The entry that has it.
        of: Box<PreviewSubject>,
    },
    /// The file at a path of a tree, which is not looked for before a job runs.
    Path {
        /// The tree.
        tree: Arc<dyn FileTree>,
        /// The path there.
        path: String,
    },
    /// The disc image itself.
    Image(Arc<Image>),
}

impl PreviewSubject {
    /// The name as it is shown.
    pub fn name(&self) -> String {
        match self {
            Self::Entry { folder, index, .. } => {
                let name = folder.entries().get(*index).map(|entry| text::display(folder.name(entry)).into_owned());
                name.unwrap_or_default()
            }
            Self::Part { image, group, index } => {
                group.get(image, *index).map(|part| part.file_name()).unwrap_or_default()
            }
            Self::Stream { stream, of, .. } => format!("{} › {}", of.name(), text::display(&stream.name)),
            Self::Path { path, .. } => text::display(path.rsplit('/').next().unwrap_or(path)).into_owned(),
            Self::Image(image) => text::display(&image.volume().id).into_owned(),
        }
    }

    /// The entry, if it is one that is marked as deleted.
    pub fn is_deleted(&self) -> bool {
        match self {
            Self::Entry { folder, index, .. } => folder.entries().get(*index).is_some_and(|entry| entry.deleted),
            Self::Stream { of, .. } => of.is_deleted(),
            Self::Part { .. } | Self::Path { .. } | Self::Image(_) => false,
        }
    }
}

/// A file whose bytes can be looked at.
#[derive(Clone)]
pub struct PreviewFile {
    /// Its name.
    pub name: String,
    /// Its bytes. Reading them is a job's business.
    pub source: Arc<dyn Source>,
    /// Its bytes up to the first one that the image lacks.
    pub readable: Arc<dyn Source>,
    /// What it is.
    pub kind: FileKind,
    /// What the image lacks of it.
    pub missing: Option<Missing>,
}

impl std::fmt::Debug for PreviewFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PreviewFile {{ {:?}, {} bytes, {:?} }}", self.name, self.source.len(), self.kind)
    }
}

/// What a folder holds, not counting what is in its own folders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FolderCounts {
    /// Folders in it.
    pub folders: u64,
    /// Files in it.
    pub files: u64,
    /// Links, devices and the like in it.
    pub others: u64,
    /// Bytes of the files.
    pub bytes: u64,
    /// Files that are not complete.
    pub incomplete: u64,
}

/// One view that is wanted.
#[derive(Clone)]
pub enum PreviewJob {
    /// Whatever suits the subject.
    Open(PreviewSubject),
    /// A page of text.
    Page(PreviewFile, PagePlace, Option<&'static Encoding>),
    /// The colours of a page of the file of this name.
    Colours(Arc<TextPage>, String),
    /// The picture.
    Picture(PreviewFile),
    /// Rows of bytes around an offset.
    Hex(PreviewFile, u64),
    /// The next place at or after an offset where some bytes stand.
    Find(PreviewFile, u64, Pattern),
    /// Every field that the disc records.
    Details(PreviewSubject),
}

/// One view.
#[derive(Debug)]
pub enum Previewed {
    /// It is a file, with the view that suits it. The view alone may have failed.
    File(PreviewFile, FirstView),
    /// It is a folder.
    Folder(FolderCounts),
    /// It is a link to this target.
    Link(String),
    /// It has no content: a device, a pipe or a socket.
    NoContent,
    /// A page of text.
    Page(Arc<TextPage>),
    /// The colours of a page; `None` when there is no grammar for it.
    Colours(Option<Arc<Colours>>),
    /// The picture.
    Picture(Arc<Picture>),
    /// Rows of bytes.
    Hex(HexWindow),
    /// Where the bytes stand.
    FoundAt(Option<u64>),
    /// Every field that the disc records, and the streams besides the content.
    Details(Vec<DetailGroup>, Vec<Stream>),
}

/// The view that suits a file.
#[derive(Debug)]
pub enum FirstView {
    /// There is nothing in it.
    Empty,
    /// The first page.
    Text(Arc<TextPage>),
    /// The picture, or why it cannot be shown.
    Picture(Result<Arc<Picture>, Error>),
    /// The first rows.
    Hex(HexWindow),
}

impl Job for PreviewJob {
    fn name(&self) -> &'static str {
        match self {
            Self::Open(_) => "Previewing a file",
            Self::Page(..) => "Reading text",
            Self::Colours(..) => "Colouring text",
            Self::Picture(_) => "Decoding a picture",
            Self::Hex(..) => "Reading bytes",
            Self::Find(..) => "Searching a file",
            Self::Details(_) => "Reading details",
        }
    }

    fn lane(&self) -> Lane {
        Lane::Preview
    }

    fn run(self, context: &Context) -> Result<Output, Failure> {
        let previewed = match self {
            Self::Open(subject) => open(subject, context)?,
            Self::Page(file, place, encoding) => {
                Previewed::Page(Arc::new(TextPage::read(&*context.source(file.readable), place, encoding)?))
            }
            Self::Colours(page, name) => {
                Previewed::Colours(highlight::colours(&page, &name, &|| context.check())?.map(Arc::new))
            }
            Self::Picture(file) => {
                Previewed::Picture(Arc::new(Picture::read(&context.source(file.readable), &file.name)?))
            }
            Self::Hex(file, offset) => Previewed::Hex(HexWindow::read(&*context.source(file.source), offset)?),
            Self::Find(file, from, pattern) => {
                let total = file.readable.len();
                let mut progress = |at: u64| context.progress(|| Progress::of(at, total, Unit::Bytes));
                Previewed::FoundAt(hex::find(&*context.source(file.readable), from, &pattern, &mut progress)?)
            }
            Self::Details(subject) => {
                let subject = found(subject, context)?;
                let mut groups = details(&subject, context)?;
                let streams = streams(&subject, context, &mut groups)?;
                Previewed::Details(groups, streams)
            }
        };
        Ok(Output::Previewed(Box::new(previewed)))
    }
}

/// The entry that a path names, in place of the path.
fn found(subject: PreviewSubject, context: &Context) -> Result<PreviewSubject, Error> {
    let PreviewSubject::Path { tree, path } = subject else { return Ok(subject) };
    match tree::find(context.tree(&tree).as_ref(), &path)? {
        Some(tree::Found::Entry { folder, index }) => Ok(PreviewSubject::Entry { tree, folder, index }),
        _ => Err(Error::unsupported("path", 0, "The file is not there any more")),
    }
}

fn open(subject: PreviewSubject, context: &Context) -> Result<Previewed, Error> {
    let subject = found(subject, context)?;
    let name = subject.name();
    match subject {
        PreviewSubject::Entry { tree, folder, index } => {
            let Some(entry) = folder.entries().get(index) else { return Ok(Previewed::NoContent) };
            let image_len = tree.source().len();
            match entry.kind {
                Kind::File => {
                    // The name for guessing the kind is the one without escapes.
                    let name = folder.name(entry).to_owned();
                    file(name, tree.open(entry)?, Missing::of(entry, image_len), context)
                }
                Kind::Folder => match tree.folder_of(entry) {
                    Some(id) => Ok(Previewed::Folder(count(&context.tree(&tree).read_folder(id)?, image_len))),
                    None => Ok(Previewed::NoContent),
                },
                Kind::Symlink => Ok(Previewed::Link(folder.target(entry).unwrap_or_default().to_owned())),
                Kind::CharDevice | Kind::BlockDevice | Kind::Fifo | Kind::Socket => Ok(Previewed::NoContent),
            }
        }
        PreviewSubject::Part { image, group, index } => {
            let Some(part) = group.get(&image, index) else { return Ok(Previewed::NoContent) };
            let bytes = part.open(image.source());
            let of = part.extent().length;
            let missing = (bytes.len() < of).then(|| Missing { from: bytes.len(), bytes: of - bytes.len(), of });
            file(name, bytes, missing, context)
        }
        PreviewSubject::Stream { tree, stream, .. } => {
            let name = stream.name.clone();
            let image_len = tree.source().len();
            let missing = Missing::of_content(&stream.content, image_len);
            file(name, tree.open_stream(&stream)?, missing, context)
        }
        PreviewSubject::Image(image) => file(name, image.source().clone(), None, context),
        PreviewSubject::Path { .. } => Ok(Previewed::NoContent),
    }
}

fn file(name: String, bytes: Arc<dyn Source>, missing: Option<Missing>, context: &Context) -> Result<Previewed, Error> {
    let readable: Arc<dyn Source> = match missing {
        Some(missing) if missing.of == bytes.len() => {
            Arc::new(PartSource::new(bytes.clone(), Extent::new(0, missing.from)))
        }
        _ => bytes.clone(),
    };
    let cancellable = context.source(readable.clone());
    let head = head(&*cancellable)?;
    let kind = match missing {
        Some(_) if head.is_empty() => FileKind { label: "Not in the image", mode: Mode::Text },
        _ => FileKind::of(&head, &name),
    };
    let rows = || HexWindow::read(&*context.source(bytes.clone()), 0).map(FirstView::Hex);
    let view = match kind.mode {
        _ if head.is_empty() => FirstView::Empty,
        Mode::Text => match TextPage::read(&*cancellable, PagePlace::default(), None) {
            Ok(page) => FirstView::Text(Arc::new(page)),
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            // The rows show what there is, up to where it breaks off.
            Err(_) => rows()?,
        },
        Mode::Picture => match Picture::read(&cancellable, &name) {
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            result => FirstView::Picture(result.map(Arc::new)),
        },
        Mode::Hex | Mode::Details => rows()?,
    };
    Ok(Previewed::File(PreviewFile { name, source: bytes, readable, kind, missing }, view))
}

/// The first bytes of a file, as far as they can be read. An error means that not one of them can.
fn head(file: &dyn Source) -> Result<Vec<u8>, Error> {
    const STEP: u64 = 2048;
    let mut head = Vec::new();
    while head.len() < HEAD {
        match source::read_up_to(file, Extent::new(head.len() as u64, STEP)) {
            Ok(part) if part.is_empty() => break,
            Ok(part) => head.extend(part),
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(error) if head.is_empty() => return Err(error),
            Err(_) => break,
        }
    }
    Ok(head)
}

fn count(folder: &Folder, image_len: u64) -> FolderCounts {
    let mut counts = FolderCounts::default();
    for entry in folder.entries() {
        match entry.kind {
            Kind::Folder => counts.folders = counts.folders.saturating_add(1),
            Kind::File => {
                counts.files = counts.files.saturating_add(1);
                counts.bytes = counts.bytes.saturating_add(entry.size);
                let incomplete = entry.state(image_len) != crate::disc::tree::State::Complete;
                counts.incomplete = counts.incomplete.saturating_add(u64::from(incomplete));
            }
            _ => counts.others = counts.others.saturating_add(1),
        }
    }
    counts
}

fn details(subject: &PreviewSubject, context: &Context) -> Result<Vec<DetailGroup>, Error> {
    match subject {
        PreviewSubject::Entry { tree, folder, index } => context.tree(tree).details(folder, *index),
        PreviewSubject::Part { image, group, index } => {
            Ok(group.get(image, *index).map(|part| part.details()).unwrap_or_default())
        }
        PreviewSubject::Stream { stream, .. } => Ok(vec![stream_details(stream)]),
        PreviewSubject::Image(image) => Ok(image.details()),
        PreviewSubject::Path { .. } => Ok(Vec::new()),
    }
}

fn stream_details(stream: &Stream) -> DetailGroup {
    let mut group = DetailGroup::new("Stream");
    group.add("Name", text::display(&stream.name), Some(stream.record));
    group.add("Size", format!("{} bytes", stream.size), None);
    for extent in stream.content.extents().iter().filter(|extent| extent.length > 0) {
        let bytes = format!("{} bytes", extent.length);
        match extent.is_hole() {
            true => group.add("Data", format!("{bytes}, recorded nowhere, all zero"), None),
            false => group.add("Data", bytes, Some(extent.offset)),
        }
    }
    group
}

/// What the subject has besides its content. That it cannot be read becomes one more group of its details.
fn streams(subject: &PreviewSubject, context: &Context, groups: &mut Vec<DetailGroup>) -> Result<Vec<Stream>, Error> {
    let PreviewSubject::Entry { tree, folder, index } = subject else { return Ok(Vec::new()) };
    if !folder.has_streams(*index) {
        return Ok(Vec::new());
    }
    match context.tree(tree).streams(folder, *index) {
        Err(error) if !error.is_cancelled() => {
            let mut group = DetailGroup::new("Streams");
            group.add("Cannot be read", error.sentence(), error.offset());
            groups.insert(0, group);
            Ok(Vec::new())
        }
        result => result,
    }
}
