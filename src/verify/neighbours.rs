//! Checksum files that lie beside the image, and what they say of it.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::digest::Digest;
use super::sums::{self, called, last_part};
use super::{Check, CheckKind, Outcome};
use crate::disc::{Result, limits, text};

/// A digest of the image that a file beside it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// The name of that file, not yet escaped for display.
    pub file: String,
    /// The digest, with the most likely way in which it was made.
    pub digest: Digest,
    /// True when the file is signed. The signature is not checked.
    pub signed: bool,
    /// Bytes that the image should have, where the file says so.
    pub named_size: Option<u64>,
    /// Number of the line, from 1.
    pub line: u64,
    /// The name by which it means the image, when that is another one than the image has: the case differs.
    pub named: Option<String>,
}

impl Neighbour {
    /// The check that is to be made.
    pub fn pending(&self) -> Check {
        let signed = if self.signed { "; the file is signed, and the signature is not checked" } else { "" };
        let named = match &self.named {
            Some(name) => format!("; it calls the image “{}”", text::display(name)),
            None => String::new(),
        };
        let scope = format!("The whole image, by {} in line {}{named}{signed}", self.digest.algorithm, self.line);
        Check::pending(CheckKind::Neighbour, self.file.clone(), scope)
    }
}

/// What the files beside an image say of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// The digests that they give.
    pub found: Vec<Neighbour>,
    /// Files that give none that can be compared, and why, as a plain sentence without a full stop.
    pub silent: Vec<(String, String)>,
}

impl Neighbours {
    /// The checks that cannot be made, as they stand beside those that can.
    pub fn absent(&self) -> impl Iterator<Item = Check> {
        self.silent.iter().map(|(file, why)| {
            Check::pending(CheckKind::Neighbour, file.clone(), "The whole image").ended(Outcome::Absent, why.clone())
        })
    }

    /// Reads the file called `file_name` and takes over what it says of the image called `image_name`. What cannot be read
    /// is told; the only error is to be cancelled.
    pub fn look(&mut self, image_name: &str, file_name: &str, from: &mut dyn Read) -> Result<()> {
        let implied = is_made_for(image_name, file_name);
        let (mut found, mut others, mut unknown) = (Vec::new(), 0_u64, None);
        let mut other = None;
        let read = sums::read(from, file_name, &mut |entry| {
            let name = entry.name.as_deref();
            // A digest that stands alone is that of the image if its file was made for the image.
            let is_called = name.map_or(implied.then_some(true), |name| called(name, image_name));
            let Some(as_it_is) = is_called else {
                others = others.saturating_add(1);
                other = other.take().or_else(|| name.map(|name| last_part(name).to_owned()));
                return;
            };
            let Some(algorithm) = entry.algorithms.first() else {
                unknown = unknown.take().or(entry.label);
                return;
            };
            if found.len() < limits::NEIGHBOURS {
                let named = name.filter(|_| !as_it_is).map(|name| last_part(name).to_owned());
                let digest = Digest { algorithm: *algorithm, bytes: entry.bytes };
                let (named_size, line) = (entry.size, entry.line);
                let file = file_name.to_owned();
                found.push(Neighbour { file, digest, signed: false, named_size, line, named });
            }
        });
        let why = match read {
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => Some(format!("The file cannot be read: {}", error.sentence())),
            Ok(summary) => {
                found.iter_mut().for_each(|one| one.signed = summary.signed);
                // Where one names it as it is, what differs by case is another file.
                if found.iter().any(|one| one.named.is_none()) {
                    found.retain(|one| one.named.is_none());
                }
                found.dedup_by(|one, other| one.digest == other.digest);
                match (found.is_empty(), unknown, other) {
                    (false, ..) => None,
                    (true, Some(label), _) => Some(format!(
                        "It gives the image’s {}, which Isoscope does not work out",
                        text::display(&label)
                    )),
                    (true, None, Some(name)) if others == 1 => {
                        Some(format!("It speaks of “{}”, not of this image", text::display(&name)))
                    }
                    (true, None, _) if others > 0 => {
                        Some(format!("It lists {}, and this image is not among them", sums::counted(others, "file")))
                    }
                    (true, ..) => Some("It holds no checksum".to_owned()),
                }
            }
        };
        let room = limits::NEIGHBOURS.saturating_sub(self.found.len());
        self.found.extend(found.into_iter().take(room));
        self.silent.extend(why.map(|why| (file_name.to_owned(), why)));
        Ok(())
    }
}

/// Extensions of files that are made for one image, without what may follow.
const EXTENSIONS: [&str; 26] = [
    "md5",
    "sha1",
    "sha224",
    "sha256",
    "sha384",
    "sha512",
    "sha",
    "b3",
    "blake3",
    "b2",
    "md5sum",
    "md5sums",
    "sha1sum",
    "sha1sums",
    "sha224sum",
    "sha256sum",
    "sha256sums",
    "sha384sum",
    "sha512sum",
    "sha512sums",
    "b3sum",
    "b2sum",
    "digests",
    "checksum",
    "checksums",
    "hash",
];

/// Names of files that list many images, without what may follow.
const LISTS: [&str; 30] = [
    "md5sum",
    "md5sums",
    "sha1sum",
    "sha1sums",
    "sha224sum",
    "sha224sums",
    "sha256sum",
    "sha256sums",
    "sha384sum",
    "sha384sums",
    "sha512sum",
    "sha512sums",
    "b3sum",
    "b3sums",
    "b2sum",
    "b2sums",
    "md5",
    "sha1",
    "sha256",
    "sha512",
    "checksum",
    "checksums",
    "digest",
    "digests",
    "hash",
    "hashes",
    "sha256.sig",
    "checksum.md5",
    "checksum.sha256",
    "checksum.sha512",
];

/// `name` in lower case without what stands behind the name of a list: that it is text, or signed in clear.
fn plain(name: &str) -> String {
    let mut name = name.to_lowercase();
    for ending in [".asc", ".txt"] {
        if let Some(shorter) = name.strip_suffix(ending) {
            name.truncate(shorter.len());
        }
    }
    name
}

/// True when the name of a file says that it was made for this image: `image.iso.sha256`, or `image.sha256`.
fn is_made_for(image_name: &str, file_name: &str) -> bool {
    let (image, file) = (image_name.to_lowercase(), plain(file_name));
    let stem = image.rsplit_once('.').map_or(image.as_str(), |(stem, _)| stem);
    [image.as_str(), stem].into_iter().filter(|name| !name.is_empty()).any(|name| {
        let extension = file.strip_prefix(name).and_then(|rest| rest.strip_prefix(['.', '-', '_']));
        extension.is_some_and(|extension| EXTENSIONS.contains(&extension))
    })
}

/// True when the name of a file says that it lists digests of many files: `SHA256SUMS`, `Fedora-39-CHECKSUM`.
fn is_list(file_name: &str) -> bool {
    let file = plain(file_name);
    let ends_so = |list: &str| {
        let before = file.strip_suffix(list);
        before.is_some_and(|before| before.is_empty() || before.ends_with(['-', '_']))
    };
    LISTS.iter().any(|list| ends_so(list)) || file.starts_with("checksum.sha") || file.starts_with("checksums.sha")
}

/// True when the name of a file says that checksums are all that it holds.
pub fn is_named_as_list(file_name: &str) -> bool {
    let plain = plain(file_name);
    let extension = plain.rsplit_once('.').map(|(_, extension)| extension);
    is_list(file_name) || extension.is_some_and(|extension| EXTENSIONS.contains(&extension))
}

/// Which of the files in the image's folder may speak of the image, those first that were made for it.
pub fn candidates(image_name: &str, names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut made = Vec::new();
    let mut lists = Vec::new();
    for name in names {
        if name == image_name {
            continue;
        }
        if is_made_for(image_name, &name) {
            made.push(name);
        } else if is_list(&name) {
            lists.push(name);
        }
    }
    made.sort();
    lists.sort();
    made.extend(lists);
    made.truncate(limits::NEIGHBOURS);
    made
}

/// Reads the files beside the image at `path` that may speak of it. Only its own folder is listed, and only ordinary files
/// are opened: no links, no folders below. Where the folder cannot be read, nothing is said.
pub fn read(path: &Path) -> Neighbours {
    let mut neighbours = Neighbours::default();
    let Some(image_name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else { return neighbours };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else { return neighbours };
    let is_plain = |entry: &std::fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_file());
    let names = entries.take(limits::NEIGHBOUR_NAMES).filter_map(|entry| {
        // The kind is asked only of those whose names are of use.
        let entry = entry.ok()?;
        let name = entry.file_name().into_string().ok()?;
        let may = is_made_for(&image_name, &name) || is_list(&name);
        (may && is_plain(&entry)).then_some(name)
    });
    for name in candidates(&image_name, names) {
        match File::open(folder.join(&name)) {
            Ok(mut file) => {
                if neighbours.look(&image_name, &name, &mut file).is_err() {
                    break;
                }
            }
            Err(error) => neighbours.silent.push((name, format!("The file cannot be read: {error}"))),
        }
    }
    neighbours
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::digest::Algorithm;

    const MD5: &str = "900150983cd24fb0d6963f7d28e17f72";

    fn look(file_name: &str, text: &str) -> Neighbours {
        let mut neighbours = Neighbours::default();
        neighbours.look("a.iso", file_name, &mut text.as_bytes()).unwrap();
        neighbours
    }

    #[test]
    fn files_that_may_speak_of_an_image_are_known_by_their_names() {
        let yes = [
            "a.iso.sha256",
            "A.ISO.MD5",
            "a.md5",
            "a.iso.sha256sum.txt",
            "a.iso.DIGESTS",
            "a.iso.DIGESTS.asc",
            "a.iso.b3",
            "CHECKSUM",
            "CHECKSUM.SHA256-FreeBSD-14.0-RELEASE-amd64",
            "Fedora-39-x86_64-CHECKSUM",
            "MD5SUMS",
            "SHA256",
            "SHA256SUM",
            "SHA256SUMS",
            "SHA512SUMS.txt",
            "sha256sum.txt",
            "sha1sums-x.txt-SHA1SUMS",
        ];
        let no = [
            "a.iso",
            "b.iso.sha256",
            "b.md5",
            "a.iso.txt",
            "SHA256SUMS.gpg",
            "notes.txt",
            "",
            "a.iso.sig",
            "x.sha256sums",
        ];
        let names = || yes.iter().chain(&no).map(|name| (*name).to_owned());
        let mut found = candidates("a.iso", names());
        assert_eq!(found[0], "A.ISO.MD5");
        assert_eq!(found[7], "CHECKSUM", "{found:?}");
        let mut wanted = yes.map(str::to_owned).to_vec();
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted);
    }

    #[test]
    fn digests_are_those_of_the_image_by_name_or_by_the_name_of_the_file() {
        let named = look("MD5SUMS", &format!("{MD5}  b.iso\n{MD5}  iso/a.iso\n"));
        assert_eq!((named.found.len(), named.found[0].line, named.silent.len()), (1, 2, 0));
        assert_eq!(named.found[0].digest.algorithm, Algorithm::Md5);
        assert_eq!(look("a.iso.md5", MD5).found.len(), 1);
        let folded = look("MD5SUMS", &format!("{MD5} *A.ISO\n"));
        assert_eq!(folded.found[0].named.as_deref(), Some("A.ISO"));
        assert!(folded.found[0].pending().scope.contains("it calls the image “A.ISO”"));
        // A digest that stands alone in a list is of no file that is known.
        assert_eq!(look("MD5SUMS", MD5).found.len(), 0);
    }

    #[test]
    fn why_a_file_says_nothing_is_said() {
        let why = |file: &str, text: &str| look(file, text).absent().next().unwrap().detail;
        assert_eq!(
            why("MD5SUMS", &format!("{MD5}  b.iso\n{MD5}  c.iso")),
            "It lists 2 files, and this image is not among them"
        );
        assert_eq!(why("a.iso.md5", &format!("{MD5}  b\u{1b}.iso")), "It speaks of “b\\x1b.iso”, not of this image");
        assert_eq!(why("MD5SUMS", "hello"), "It holds no checksum");
        let blake = format!("{MD5}{MD5}{MD5}{MD5}  a.iso");
        assert_eq!(why("a.iso.b2", &blake), "It gives the image’s BLAKE2, which Isoscope does not work out");
    }

    #[test]
    fn only_ordinary_files_beside_the_image_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("a.iso"), "x").unwrap();
        std::fs::write(at("a.iso.md5"), MD5).unwrap();
        std::fs::write(at("other.md5"), MD5).unwrap();
        std::fs::create_dir(at("MD5SUMS")).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(at("a.iso.md5"), at("a.iso.md5sum")).unwrap();
        let neighbours = read(&at("a.iso"));
        assert_eq!(neighbours.found.iter().map(|one| one.file.as_str()).collect::<Vec<_>>(), ["a.iso.md5"]);
        assert_eq!(neighbours.silent, []);
        assert_eq!(read(Path::new("/")), Neighbours::default());
    }
}
