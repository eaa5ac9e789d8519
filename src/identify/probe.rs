//! Reading the few files that tell what a disc is, within a budget that covers everything that is read for it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::disc::source::{Backing, read_up_to};
use crate::disc::tree::{self, Entry, Folder, FolderId};
use crate::disc::volume::Volume;
use crate::disc::{Error, Extent, Image, Result, Source, limits, text};

/// Looks things up on a disc. What cannot be read is not there; the only error is to be cancelled.
pub struct Probe {
    image: Image,
    counted: Arc<Counted>,
    known: RefCell<HashMap<FolderId, Option<Arc<Folder>>>>,
}

impl Probe {
    /// A probe of the default tree of `image` that may read [`limits::IDENTITY_READ`] bytes.
    pub fn new(image: &Image) -> Self {
        let counted = Arc::new(Counted { source: image.source().clone(), read: AtomicU64::new(0) });
        let source: Arc<dyn Source> = counted.clone();
        Self { image: image.with_source(&source), counted, known: RefCell::default() }
    }

    /// The image, whose reads count.
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// Names and dates of the disc.
    pub fn volume(&self) -> &Volume {
        self.image.volume()
    }

    /// Bytes read so far.
    pub fn bytes_read(&self) -> u64 {
        self.counted.read.load(Ordering::Relaxed)
    }

    /// The folder at `path`, `/`-separated, the root being empty. Case does not matter where that is unambiguous.
    pub fn folder(&self, path: &str) -> Result<Option<Arc<Folder>>> {
        let tree = self.image.default_tree();
        let mut folder = self.read(tree.root())?;
        for component in path.split('/').filter(|component| !component.is_empty()) {
            let Some(here) = folder else { return Ok(None) };
            let entry = tree::position(&here, component).and_then(|index| here.entries().get(index));
            folder = match entry.and_then(|entry| tree.folder_of(entry)) {
                Some(id) => self.read(id)?,
                None => None,
            };
        }
        Ok(folder)
    }

    /// The entry at `path` with the folder that holds it.
    pub fn entry(&self, path: &str) -> Result<Option<(Arc<Folder>, Entry)>> {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let Some(folder) = self.folder(parent)? else { return Ok(None) };
        let entry = tree::position(&folder, name).and_then(|index| folder.entries().get(index)).cloned();
        Ok(entry.map(|entry| (folder, entry)))
    }

    /// True when there is a file, folder or link at `path`.
    pub fn exists(&self, path: &str) -> Result<bool> {
        Ok(self.entry(path)?.is_some())
    }

    /// The content of the file at `path`.
    pub fn open(&self, path: &str) -> Result<Option<Arc<dyn Source>>> {
        let Some((_, entry)) = self.entry(path)?.filter(|(_, entry)| entry.is_file()) else { return Ok(None) };
        told(self.image.default_tree().open(&entry))
    }

    /// The first bytes of the file at `path`, at most `limit`.
    pub fn bytes(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        match self.open(path)? {
            Some(file) => told(read_up_to(file.as_ref(), Extent::new(0, limit))),
            None => Ok(None),
        }
    }

    /// The first bytes of the file at `path` as text, at most `limit` bytes of them. A mark at the beginning says that
    /// it is UTF-16 or UTF-8; what is not Unicode is read as Windows-1252.
    pub fn text(&self, path: &str, limit: u64) -> Result<Option<String>> {
        Ok(self.bytes(path, limit)?.map(|bytes| text::decode(&bytes)))
    }

    fn read(&self, id: FolderId) -> Result<Option<Arc<Folder>>> {
        if let Some(known) = self.known.borrow().get(&id) {
            return Ok(known.clone());
        }
        let folder = told(self.image.default_tree().read_folder(id))?.map(Arc::new);
        self.known.borrow_mut().insert(id, folder.clone());
        Ok(folder)
    }
}

/// What could be read. Only to be cancelled stays an error.
pub fn told<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::Cancelled) => Err(Error::Cancelled),
        Err(_) => Ok(None),
    }
}

/// Counts what is read, and gives up when that becomes too much.
struct Counted {
    source: Arc<dyn Source>,
    read: AtomicU64,
}

impl Source for Counted {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        let before = self.read.fetch_add(buf.len() as u64, Ordering::Relaxed);
        if before.saturating_add(buf.len() as u64) > limits::IDENTITY_READ {
            let what = "What would be read to tell what the disc is".to_owned();
            let limit = text::size(limits::IDENTITY_READ);
            return Err(Error::Limit { structure: "identity", offset, what, limit });
        }
        self.source.read_at(offset, buf)
    }

    fn backing(&self, _: u64) -> Option<Backing<'_>> {
        // What is read around this source would not be counted.
        None
    }
}
