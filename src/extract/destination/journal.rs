//! Which unfinished files a run may leave behind if it is killed.
//!
//! A run writes one journal, `.isoNNNN.journal`, into the destination: a line for each place where it is going to
//! have an unfinished file. It holds a lock on it while it lives and removes it at its end, so a journal without a
//! lock is that of a run that was killed.

use std::fs::File;
use std::io::{self, Read as _, Write as _};

#[cfg(not(windows))]
use cap_fs_ext::DirExt as _;
use cap_fs_ext::{FollowSymlinks, OpenOptionsFollowExt as _};
use cap_std::fs::OpenOptions;

use super::super::name::{self, Component};
use super::Dir;

/// Bytes read of a journal. One line is written for each folder, so this is more than a hundred thousand folders.
const JOURNAL_BYTES: u64 = 16 << 20;

/// Runs into one destination at one time, dead ones included.
const NUMBERS: u32 = 10_000;

const ENDING: &str = ".journal";

/// An unfinished file of a run that was killed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// `/`-separated path below the destination.
    pub path: String,
    /// Bytes that it holds.
    pub size: u64,
}

/// The journal of a run.
#[derive(Debug)]
pub(super) struct Journal {
    number: u32,
    file: File,
}

impl Journal {
    /// Starts the journal of a run into `root` under the first free number from that of the process on, so that two
    /// runs into a folder and a folder inside it do not get in each other's way.
    pub(super) fn start(root: &Dir) -> io::Result<Self> {
        Self::start_from(root, std::process::id() % NUMBERS)
    }

    fn start_from(root: &Dir, first: u32) -> io::Result<Self> {
        for number in (first..NUMBERS).chain(0..first) {
            let mut options = OpenOptions::new();
            options.write(true).create_new(true).follow(FollowSymlinks::No);
            match root.open_with(journal_name(number), &options) {
                Ok(file) => {
                    let file = file.into_std();
                    // Some network file systems cannot lock. The journal then looks dead to another run, which may
                    // offer to remove the one file that is being written: that run's user decides.
                    file.try_lock().unwrap_or_default();
                    return Ok(Self { number, file });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("Too many unfinished extractions are left in this folder"))
    }

    /// The number of the run, which is in the names of its unfinished files.
    pub(super) fn number(&self) -> u32 {
        self.number
    }

    /// Notes that there may be an unfinished file at `path`.
    pub(super) fn note(&mut self, path: &str) -> io::Result<()> {
        self.file.write_all(format!("{path}\n").as_bytes())
    }

    /// Ends the journal, unless one of its files is still there.
    pub(super) fn end(self, root: &Dir) -> io::Result<()> {
        let name = journal_name(self.number);
        // Windows does not remove a file that is open.
        drop(self.file);
        let left = paths(root, &name)?.iter().any(|path| locate(root, path).is_some());
        if left { Ok(()) } else { root.remove_file(name) }
    }
}

/// The number after `number`.
pub(super) fn next(number: u32) -> u32 {
    (number + 1) % NUMBERS
}

/// The name of the unfinished file of the run `number`.
pub(super) fn part_name(number: u32) -> String {
    format!(".iso{number:04}.part")
}

fn journal_name(number: u32) -> String {
    format!(".iso{number:04}{ENDING}")
}

/// The unfinished files of runs into `root` that were killed.
pub(super) fn leftovers(root: &Dir) -> io::Result<Vec<Leftover>> {
    let mut found = Vec::new();
    for journal in dead_journals(root)? {
        for path in paths(root, &journal)? {
            if let Some((_, _, size)) = locate(root, &path) {
                found.push(Leftover { path, size });
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found.dedup();
    Ok(found)
}

/// Removes the unfinished files and the journals of runs into `root` that were killed, and says how many files.
pub(super) fn remove_leftovers(root: &Dir) -> io::Result<usize> {
    let mut removed = 0;
    for journal in dead_journals(root)? {
        for path in paths(root, &journal)? {
            if let Some((folder, name, _)) = locate(root, &path) {
                folder.remove_file(name)?;
                removed += 1;
            }
        }
        root.remove_file(&journal)?;
    }
    Ok(removed)
}

/// Removes the journals of killed runs that left no file.
pub(super) fn forget_finished(root: &Dir) -> io::Result<()> {
    for journal in dead_journals(root)? {
        if paths(root, &journal).is_ok_and(|paths| paths.iter().all(|path| locate(root, path).is_none())) {
            // It may be that of a run that is just ending, and removes it too.
            root.remove_file(&journal).unwrap_or_default();
        }
    }
    Ok(())
}

/// The names of the journals in `root` that no living run holds.
fn dead_journals(root: &Dir) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in root.entries()? {
        let Ok(name) = entry?.file_name().into_string() else { continue };
        if name::is_own(&name)
            && name.ends_with(ENDING)
            && open(root, &name).is_some_and(|file| file.try_lock().is_ok())
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// A journal for reading, if `name` is a regular file.
fn open(root: &Dir, name: &str) -> Option<File> {
    if !root.symlink_metadata(name).ok()?.is_file() {
        return None;
    }
    let mut options = OpenOptions::new();
    options.read(true).follow(FollowSymlinks::No);
    Some(root.open_with(name, &options).ok()?.into_std())
}

/// The places that a journal notes.
fn paths(root: &Dir, journal: &str) -> io::Result<Vec<String>> {
    let Some(file) = open(root, journal) else { return Ok(Vec::new()) };
    let mut bytes = Vec::new();
    file.take(JOURNAL_BYTES).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
}

/// The folder, name and size of an unfinished file. A line that does not name one of ours below `root`, or leads
/// through a link, names nothing: journals are files, and anybody may have written this one.
fn locate<'a>(root: &Dir, path: &'a str) -> Option<(Dir, &'a str, u64)> {
    let (folders, name) = path.rsplit_once('/').map_or((None, path), |(folders, name)| (Some(folders), name));
    if !name::is_own(name) || name.ends_with(ENDING) {
        return None;
    }
    let mut dir = root.try_clone().ok()?;
    for folder in folders.into_iter().flat_map(|folders| folders.split('/')) {
        dir = dir.open_dir_nofollow(Component::new(folder)?.as_str()).ok()?;
    }
    let status = dir.symlink_metadata(name).ok()?;
    status.is_file().then(|| (dir, name, status.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Dir) {
        let folder = tempfile::tempdir().unwrap();
        let dir = Dir::open_ambient_dir(folder.path(), cap_std::ambient_authority()).unwrap();
        (folder, dir)
    }

    #[test]
    fn a_run_that_ends_leaves_nothing() {
        let (folder, dir) = folder();
        let mut journal = Journal::start(&dir).unwrap();
        journal.note(&part_name(journal.number())).unwrap();
        journal.end(&dir).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn the_files_of_a_living_run_are_no_leftovers() {
        let (folder, dir) = folder();
        let mut journal = Journal::start_from(&dir, 1).unwrap();
        journal.note(".iso0001.part").unwrap();
        std::fs::write(folder.path().join(".iso0001.part"), b"unfinished").unwrap();
        assert_eq!(leftovers(&dir).unwrap(), []);
        assert_eq!(remove_leftovers(&dir).unwrap(), 0);
        // Another run takes another number.
        assert_eq!(Journal::start_from(&dir, 1).unwrap().number(), 2);
        drop(journal);
        assert_eq!(leftovers(&dir).unwrap(), [Leftover { path: ".iso0001.part".to_owned(), size: 10 }]);
    }

    #[test]
    fn only_what_the_journal_and_the_name_both_call_ours_is_removed() {
        let (folder, dir) = folder();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("sub")).unwrap();
        std::fs::create_dir(at("outside")).unwrap();
        for name in ["sub/.iso0007.part", ".iso0008.part", "letter.txt", "outside/.iso0007.part"] {
            std::fs::write(at(name), name).unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink("outside", at("link")).unwrap();
        let inner = Dir::open_ambient_dir(at("sub"), cap_std::ambient_authority()).unwrap();
        std::fs::write(at("sub/.iso0007.journal"), "../outside/.iso0007.part\n/etc/.iso0007.part\n").unwrap();
        assert_eq!(remove_leftovers(&inner).unwrap(), 0);
        std::fs::write(at(".iso0007.journal"), "sub/.iso0007.part\nletter.txt\nlink/.iso0007.part\n\n\u{0}\n").unwrap();
        assert_eq!(leftovers(&dir).unwrap().len(), 1);
        assert_eq!(remove_leftovers(&dir).unwrap(), 1);
        for stays in [".iso0008.part", "letter.txt", "outside/.iso0007.part"] {
            assert!(at(stays).exists(), "{stays}");
        }
        assert!(!at("sub/.iso0007.part").exists() && !at(".iso0007.journal").exists());
    }

    #[test]
    fn a_dead_journal_without_files_is_forgotten() {
        let (folder, dir) = folder();
        std::fs::write(folder.path().join(".iso0003.journal"), ".iso0003.part\n").unwrap();
        forget_finished(&dir).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
