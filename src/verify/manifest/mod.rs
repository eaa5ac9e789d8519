//! Files of the disc that list checksums of others, such as Debian's `md5sum.txt`.
//!
//! * `places`: where such lists lie.
//! * `list`: what one of them says, in bounded memory.
//! * `resolve`: the files that it names otherwise than the disc does.
//! * `run`: the check.

mod list;
mod places;
mod resolve;
mod run;

use crate::disc::source::SourceReader;
use crate::disc::tree::Entry;
use crate::disc::{Image, Result, text};

use super::sums::{self, Summary};
use super::{Check, CheckKind, FileCheck};
use resolve::{Resolved, Resolver};

/// The lists that the default tree of the disc has, each a check of its own. What is wrong with a list is told as the result
/// of its check; the only error is to be cancelled.
pub fn find(image: &Image) -> Result<Vec<Box<dyn FileCheck>>> {
    let mut checks: Vec<Box<dyn FileCheck>> = Vec::new();
    for place in places::find(image.default_tree().as_ref())? {
        checks.push(Box::new(Manifest::new(image, place)?));
    }
    Ok(checks)
}

/// A list that was found.
struct Manifest {
    check: Check,
    /// Its path.
    path: String,
    entry: Entry,
    bytes: u64,
}

impl Manifest {
    fn new(image: &Image, (path, entry): (String, Entry)) -> Result<Self> {
        /// Bytes of a list that is read at once to know how much there is to be read for it.
        const SHORT: u64 = 64 << 10;
        let check = Check::pending(CheckKind::Manifest, path.clone(), "The files of the disc that it lists");
        // Long lists are of all that the disc holds.
        let mut manifest = Self { check, path, entry, bytes: image.source().len() };
        if manifest.entry.size <= SHORT {
            let mut resolver = Resolver::new(image.default_tree().clone());
            let mut listed = list::List::default();
            let summary = manifest.read(image, &mut listed);
            let mut sum = manifest.entry.size;
            for (name, _) in listed.finish().files() {
                if let Resolved::File { entry, .. } = resolver.resolve(name)? {
                    sum = sum.saturating_add(entry.size);
                }
            }
            let said = match summary {
                Err(error) if error.is_cancelled() => return Err(error),
                summary => summary.ok().and_then(|summary| summary.total_bytes),
            };
            manifest.bytes = said.unwrap_or(sum);
        }
        Ok(manifest)
    }

    /// The folder in which it lies, the root being empty.
    fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Reads the list.
    fn read(&self, image: &Image, into: &mut list::List) -> Result<Summary> {
        let source = image.default_tree().open(&self.entry)?;
        let folder = self.folder();
        let mut summary = sums::read(&mut SourceReader::new(source), &self.path, &mut |entry| into.add(folder, entry))?;
        if text::has_extension(&self.path, "treeinfo") || self.path.ends_with("treeinfo") {
            // Only one section of it is a list.
            summary.not_understood = 0;
        }
        Ok(summary)
    }
}
