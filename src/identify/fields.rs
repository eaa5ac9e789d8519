//! What the rules go by: the names that a disc records of itself, and which files it has.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::probe::Probe;
use crate::disc::source::read_up_to;
use crate::disc::volume::Volume;
use crate::disc::{Extent, Result, limits, text};

/// Bytes at the beginning of the disc that are looked at: consoles of SEGA have their header there.
const START: u64 = 256;

/// The names that a disc records of itself, each cut to [`limits::IDENTITY_FIELD`] bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// Volume identifier.
    pub volume: String,
    /// System identifier.
    pub system: String,
    /// Publisher identifier.
    pub publisher: String,
    /// Data preparer identifier.
    pub preparer: String,
    /// Application identifier.
    pub application: String,
    /// The first bytes of the disc, one character for each; what is not printable ASCII is a space.
    pub start: String,
}

impl Fields {
    /// The names of `volume`.
    pub fn of(volume: &Volume) -> Self {
        Self {
            volume: field(&volume.id),
            system: field(&volume.system_id),
            publisher: field(&volume.publisher),
            preparer: field(&volume.preparer),
            application: field(&volume.application),
            start: String::new(),
        }
    }

    /// The names of the disc that `probe` looks at, and its first bytes.
    pub fn read(probe: &Probe) -> Result<Self> {
        let source = probe.image().source();
        let bytes = super::probe::told(read_up_to(source.as_ref(), Extent::new(0, START)))?.unwrap_or_default();
        let printable = |byte: &u8| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { ' ' };
        Ok(Self { start: bytes.iter().map(printable).collect(), ..Self::of(probe.volume()) })
    }
}

/// A field without its padding, cut to the length that is looked at.
pub(super) fn field(text: &str) -> String {
    let trimmed = text::trim_padding(cut(text.trim_start(), limits::IDENTITY_FIELD));
    trimmed.trim().to_owned()
}

/// The longest beginning of `text` that has at most `limit` bytes.
pub(super) fn cut(text: &str, limit: usize) -> &str {
    let end = (0..=limit.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

/// The files of a disc. Case never matters; what cannot be read is not there; the only error is to be cancelled.
pub trait Files {
    /// True when there is a file or folder at `path`, `/`-separated.
    fn exists(&self, path: &str) -> Result<bool>;

    /// The first bytes of the file at `path` as text, at most `limit` bytes of them.
    fn text(&self, path: &str, limit: u64) -> Result<Option<String>>;

    /// Names in the folder at `path`, at most [`limits::IDENTITY_NAMES`] of them, in order.
    fn names(&self, path: &str) -> Result<Vec<String>>;
}

/// The names of a folder as they are and without regard to case, and whether these are all.
struct Known {
    names: Vec<String>,
    folded: HashSet<String>,
}

/// The files of the disc that a [`Probe`] looks at. Each folder is read once, however many files are asked for.
pub struct DiscFiles<'a> {
    probe: &'a Probe,
    folders: RefCell<HashMap<String, Option<Arc<Known>>>>,
}

impl<'a> DiscFiles<'a> {
    /// The files that `probe` reads.
    pub fn new(probe: &'a Probe) -> Self {
        Self { probe, folders: RefCell::default() }
    }

    fn folder(&self, path: &str) -> Result<Option<Arc<Known>>> {
        if let Some(known) = self.folders.borrow().get(path) {
            return Ok(known.clone());
        }
        let known = self.probe.folder(path)?.map(|folder| {
            let listed = folder.entries().iter().take(limits::IDENTITY_NAMES);
            let names: Vec<String> = listed.map(|entry| folder.name(entry).to_owned()).collect();
            let folded = names.iter().map(|name| name.to_lowercase()).collect();
            Arc::new(Known { names, folded })
        });
        self.folders.borrow_mut().insert(path.to_owned(), known.clone());
        Ok(known)
    }

    /// True when every folder on the way to `path` names the next one.
    fn leads_to(&self, path: &str) -> Result<bool> {
        let mut here = String::new();
        for component in path.split('/') {
            let Some(known) = self.folder(&here)? else { return Ok(false) };
            if !known.folded.contains(&component.to_lowercase()) {
                return Ok(false);
            }
            if !here.is_empty() {
                here.push('/');
            }
            here.push_str(component);
        }
        Ok(true)
    }
}

impl Files for DiscFiles<'_> {
    fn exists(&self, path: &str) -> Result<bool> {
        self.leads_to(path)
    }

    fn text(&self, path: &str, limit: u64) -> Result<Option<String>> {
        // Most files that are asked for are not there, which the names that are known already tell.
        if !self.leads_to(path)? {
            return Ok(None);
        }
        Ok(self.probe.bytes(path, limit)?.map(|bytes| text::decode(&bytes)))
    }

    fn names(&self, path: &str) -> Result<Vec<String>> {
        if !path.is_empty() && !self.leads_to(path)? {
            return Ok(Vec::new());
        }
        Ok(self.folder(path)?.map(|known| known.names.clone()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_loses_its_padding_and_what_is_too_long() {
        assert_eq!(field("  Debian 12   "), "Debian 12");
        assert_eq!(field("CD\0\0rest"), "CD");
        assert_eq!(field(&"ä".repeat(32 << 10)).len(), limits::IDENTITY_FIELD);
        assert_eq!(cut("aä", 2), "a");
    }
}
