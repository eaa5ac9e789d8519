//! The files that an image which ends too early lacks.

use std::collections::HashSet;

use super::super::check::{Bad, Check};
use crate::disc::tree::{Entry, State};
use crate::disc::walk::{Step, Walk};
use crate::disc::{Error, Extent, Image, Result, text};

/// What an image that ends too early holds and lacks. The files themselves are the check's bad places.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct CutFiles {
    /// Files that are there as a whole.
    pub complete: u64,
    /// Files that are there in part.
    pub cut: u64,
    /// Files of which nothing is there.
    pub lost: u64,
    /// Folders whose list is cut off or cannot be read.
    pub folders: u64,
    /// Bytes of files that are missing. What several files share counts for each.
    pub bytes_missing: u64,
    /// Absolute byte offset behind the last byte that a file, a folder or a structure of the disc needs.
    pub needed_end: u64,
    /// False when the walk ended at one of its limits.
    pub is_all: bool,
}

impl CutFiles {
    /// True when nothing that anything needs is missing.
    pub fn is_nothing(&self) -> bool {
        self.cut == 0 && self.lost == 0 && self.folders == 0 && self.is_all
    }

    fn needs(&mut self, extents: &[Extent]) {
        for extent in extents.iter().filter(|extent| extent.is_somewhere() && extent.length > 0) {
            self.needed_end = self.needed_end.max(extent.end());
        }
    }
}

/// Walks over the default tree, whose files are counted, and over the others, of which what only they show is added.
pub(super) fn find(image: &Image, check: &mut Check) -> Result<CutFiles> {
    let mut found = CutFiles { is_all: true, ..CutFiles::default() };
    // Where the data of files begins that were told already.
    let mut told = HashSet::new();
    // Not the structures: what they say of the end is compared itself, and copies at the end are spare ones.
    for (at, tree) in image.trees().iter().enumerate() {
        let mut walk = Walk::new(tree.clone());
        for step in walk.by_ref() {
            look_at(image, &step, at == 0, &mut told, &mut found, check)?;
        }
        found.is_all &= walk.diagnostics().worst() != Some(crate::disc::Severity::Error);
    }
    Ok(found)
}

fn look_at(
    image: &Image,
    step: &Step,
    is_default: bool,
    told: &mut HashSet<u64>,
    found: &mut CutFiles,
    check: &mut Check,
) -> Result<()> {
    let len = image.source().len();
    let mut bad_folder = |place: u64, extent: Option<Extent>, why: &str| {
        if told.insert(place) {
            found.folders = found.folders.saturating_add(1);
            check.add_bad(Bad { path: Some(step.path.clone()), extent, why: why.to_owned() });
        }
    };
    let folder = match &step.folder {
        Ok(folder) => folder,
        Err(Error::Cancelled) => return Err(Error::Cancelled),
        Err(error) => {
            let at = error.offset().unwrap_or(len);
            bad_folder(at, None, "This folder cannot be read, so its files are not counted");
            return Ok(());
        }
    };
    if let Some(first) =
        folder.extents().iter().find(|extent| extent.inside(len) < extent.length && !extent.is_nowhere())
    {
        let missing = missing_of(*first, len);
        bad_folder(first.offset, Some(missing), "The end of this folder's list is missing, and files with it");
    }
    found.needs(folder.extents());
    for entry in folder.entries().iter().filter(|entry| entry.is_file()) {
        found.needs(entry.content.extents());
        let Some((first, missing)) = lacks(entry, len) else {
            found.complete = found.complete.saturating_add(u64::from(is_default));
            continue;
        };
        if !(told.insert(first.offset) || is_default) {
            continue;
        }
        found.bytes_missing = found.bytes_missing.saturating_add(missing);
        let why = if entry.state(len) == State::Outside {
            found.lost = found.lost.saturating_add(1);
            "All of it is missing".to_owned()
        } else {
            found.cut = found.cut.saturating_add(1);
            format!("Its last {} are missing", text::size(missing))
        };
        let path = text::join(&step.path, folder.name(entry));
        check.add_bad(Bad { path: Some(path), extent: Some(missing_of(first, len)), why });
    }
    Ok(())
}

/// The first piece of the file that the image does not hold as a whole, and how many bytes are missing of all. Data of
/// which the disc does not say where it is, is no matter of length.
fn lacks(entry: &Entry, len: u64) -> Option<(Extent, u64)> {
    let somewhere = || entry.content.extents().iter().filter(|extent| extent.is_somewhere());
    let first = somewhere().find(|extent| extent.inside(len) < extent.length)?;
    let missing =
        somewhere().fold(0_u64, |sum, extent| sum.saturating_add(extent.length.saturating_sub(extent.inside(len))));
    Some((*first, missing))
}

/// The part of `extent` behind the end of the image.
fn missing_of(extent: Extent, len: u64) -> Extent {
    let from = extent.offset.max(len);
    Extent::new(from, extent.end().saturating_sub(from))
}
