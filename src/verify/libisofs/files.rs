//! The check of all files of a session by the array of their checksums.

use crate::disc::file::ExtentSource;
use crate::disc::read_buffer::ReadBuffer;
use crate::disc::tree::{Entry, TreeKind};
use crate::disc::walk::Walk;
use crate::disc::{Error, Image, Result, limits, text};
use crate::verify::digest::{Algorithm, hasher};
use crate::verify::reading::{feed, place};
use crate::verify::sums::counted;
use crate::verify::{Bad, Check, CheckKind, FileCheck, Outcome};

use super::array::{Array, Items, big_endian};
use super::session::readable;

/// The check; `None` when the open session has no array.
pub(super) fn find(image: &Image) -> Result<Option<Box<dyn FileCheck>>> {
    let Some(array) = Array::find(image)? else { return Ok(None) };
    let scope = "Every file that has a checksum of its own, as it is stored";
    let check = Check::pending(CheckKind::FileChecksums, "libisofs list of checksums", scope);
    // The files lie between the start of the session, or an earlier one, and the array.
    let bytes = array.extent().offset.min(image.source().len());
    Ok(Some(Box::new(Files { check, array, bytes })))
}

struct Files {
    check: Check,
    array: Array,
    bytes: u64,
}

/// A file that has a checksum.
struct Job {
    path: String,
    entry: Entry,
    /// Its item in the array.
    index: u64,
}

impl Job {
    /// Where its data begins, which is the order of reading.
    fn place(&self) -> u64 {
        self.entry.content.extents().first().map_or(0, |extent| extent.offset)
    }

    /// True when both are names of the same data.
    fn is_same(&self, other: &Self) -> bool {
        self.index == other.index && self.entry.content.extents() == other.entry.content.extents()
    }
}

/// The files that have a checksum, and what is worth knowing of those that have none.
#[derive(Default)]
struct Jobs {
    jobs: Vec<Job>,
    without: u64,
    too_many: bool,
    unreadable: Vec<Bad>,
}

impl Jobs {
    fn collect(image: &Image) -> Result<Self> {
        let mut found = Self::default();
        let Some(tree) = image.tree(TreeKind::RockRidge) else { return Ok(found) };
        for step in Walk::new(tree.clone()) {
            let folder = match step.folder {
                Ok(folder) => folder,
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                Err(error) => {
                    let why = format!("The folder cannot be read: {}", error.sentence());
                    found.unreadable.push(Bad { path: Some(step.path), extent: None, why });
                    found.unreadable.truncate(limits::BAD_PLACES);
                    continue;
                }
            };
            let mut indices: Vec<(usize, u64)> = Vec::new();
            let read = tree.attributes(&folder, &mut |entry, name, value| {
                if name == "isofs.cx" {
                    indices.extend(big_endian(value).map(|index| (entry, index)));
                }
            });
            readable(read.map(Some))?;
            let mut indices = indices.into_iter().peekable();
            for (at, entry) in folder.entries().iter().enumerate().filter(|(_, entry)| entry.is_file()) {
                while indices.next_if(|(of, _)| *of < at).is_some() {}
                let Some((_, index)) = indices.next_if(|(of, _)| *of == at) else {
                    found.without = found.without.saturating_add(1);
                    continue;
                };
                if found.jobs.len() >= limits::SUMS_FILES {
                    found.too_many = true;
                    continue;
                }
                let path = text::join(&step.path, folder.name(entry));
                found.jobs.push(Job { path, entry: entry.clone(), index });
            }
        }
        found.jobs.sort_by_key(Job::place);
        Ok(found)
    }
}

impl FileCheck for Files {
    fn pending(&self) -> Check {
        self.check.clone()
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn run(self: Box<Self>, image: &Image, progress: &mut dyn FnMut(u64)) -> Result<Check> {
        let mut check = self.check;
        let place_of_array = self.array.extent();
        let Items { all: items, sound } = match self.array.read(image)? {
            Ok(read) => read,
            Err(why) => {
                check.add_bad(Bad {
                    path: None,
                    extent: Some(place_of_array),
                    why: "It is no list of checksums".to_owned(),
                });
                return Ok(check.ended(Outcome::Fail, why));
            }
        };
        let found = Jobs::collect(image)?;
        let (mut good, mut bad) = (0_u64, 0_u64);
        found.unreadable.into_iter().for_each(|bad| check.add_bad(bad));
        let folders = check.bad_count();
        if !sound {
            let why = "The list of checksums is damaged itself, so that files which differ may be whole".to_owned();
            check.add_bad(Bad { path: None, extent: Some(place_of_array), why });
        }
        let mut buffer = ReadBuffer::default();
        let mut last: Option<(&Job, Option<String>)> = None;
        for job in &found.jobs {
            let why = match &last {
                Some((before, why)) if before.is_same(job) => why.clone(),
                _ => differs(image, job, &items, &mut buffer, progress)?,
            };
            match &why {
                None => good = good.saturating_add(1),
                Some(why) => {
                    bad = bad.saturating_add(1);
                    check.add_bad(Bad { path: Some(job.path.clone()), extent: place(&job.entry), why: why.clone() });
                }
            }
            last = Some((job, why));
        }
        let mut detail = match (bad, good) {
            (0, 0) => "No file has a checksum".to_owned(),
            (0, 1) => "The one file that has a checksum matches".to_owned(),
            (0, good) => format!("All {good} files that have checksums match"),
            (bad, good) => {
                format!("{} of {} that have checksums differ", bad, counted(bad.saturating_add(good), "file"))
            }
        };
        if !sound {
            detail.push_str("; the list of checksums is damaged itself");
        }
        if folders > 0 {
            detail.push_str(&format!("; {} cannot be read", counted(folders, "folder")));
        }
        if found.without > 0 {
            detail.push_str(&format!("; {} without a checksum", counted(found.without, "file")));
        }
        if found.too_many {
            detail.push_str(&format!("; only the first {} were checked", limits::SUMS_FILES));
        }
        let outcome = match (bad > 0 || !sound, folders > 0 || found.too_many, good) {
            (true, ..) => Outcome::Fail,
            (false, true, _) => Outcome::Error,
            (false, false, 0) => Outcome::Absent,
            (false, false, _) => Outcome::Pass,
        };
        Ok(check.ended(outcome, detail))
    }
}

/// Why a file is not what the array says; `None` when it is. The digests are those of the data as it is stored.
fn differs(
    image: &Image,
    job: &Job,
    items: &[[u8; 16]],
    buffer: &mut ReadBuffer,
    progress: &mut dyn FnMut(u64),
) -> Result<Option<String>> {
    // The first item is that of the session, the last one that of the array.
    let files = items.split_last().map(|(_, before)| before).unwrap_or_default();
    let index = usize::try_from(job.index).ok().filter(|index| *index > 0);
    let Some(expected) = index.and_then(|index| files.get(index)) else {
        return Ok(Some(format!("Its checksum should be number {} of {}", job.index, items.len())));
    };
    let source = ExtentSource::new(image.source().clone(), &job.entry.content);
    let mut hashers = [hasher(Algorithm::Md5)];
    match feed(&source, buffer, &mut hashers, progress) {
        Err(error) if error.is_cancelled() => return Err(error),
        Err(error) => return Ok(Some(error.sentence())),
        Ok(()) => {}
    }
    let [made] = hashers;
    Ok((made.finish().bytes != expected).then(|| "It differs".to_owned()))
}
