//! Independent readers and writers: the programs that the differential tests compare with, and what they see.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use isoscope::disc::tree::{Kind, TreeKind};

use super::survey::digest_of;

/// Runs a program that must be installed and must succeed; gives what it wrote to standard output.
pub fn run(folder: &Path, program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = output(folder, program, arguments);
    assert!(
        output.status.success(),
        "{program} {arguments:?} failed in {}: {}",
        folder.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// A file of a package of Debian that is installed.
pub fn installed(path: &str) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}. tests/run installs what the tests need."))
}

/// Where a file of a package of Debian lies that is not installed: `tests/run` unpacks those.
pub fn debian_path(package: &str, path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/debian").join(package).join(path)
}

/// The content of such a file.
pub fn debian(package: &str, path: &str) -> Vec<u8> {
    let path = debian_path(package, path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}. tests/run unpacks it.", path.display()))
}

/// Runs a program that must be installed, whatever it thinks of its work.
pub fn output(folder: &Path, program: &str, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap_or_else(|error| {
            panic!("The program {program} does not run ({error}). tests/run installs what the tests need.")
        })
}

/// What a reader tells of an entry; `None` is what it does not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What it is.
    pub kind: Kind,
    /// Bytes of a file.
    pub size: Option<u64>,
    /// SHA-256 of a file's content.
    pub digest: Option<String>,
    /// Target of a symbolic link.
    pub target: Option<String>,
}

impl Seen {
    /// An entry of which only the kind is known.
    pub fn bare(kind: Kind) -> Self {
        Self { kind, size: None, digest: None, target: None }
    }
}

/// Path → what is there.
pub type Listing = BTreeMap<String, Seen>;

/// A path without version numbers and, in the trees that record it, the full stop that stands behind a name without an
/// extension.
pub fn plain(path: &str, tree: TreeKind) -> String {
    let full_stops = matches!(tree, TreeKind::Iso9660 | TreeKind::Iso9660Enhanced);
    let plain = path.split('/').map(|component| {
        let component = match component.rsplit_once(';') {
            Some((name, version)) if !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => component,
        };
        component.strip_suffix('.').filter(|_| full_stops).unwrap_or(component)
    });
    plain.collect::<Vec<_>>().join("/")
}

/// What stands in a folder of the computer.
pub fn folder(root: &Path) -> Listing {
    let mut listing = Listing::new();
    let mut pending = vec![root.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            let kind = path.symlink_metadata().unwrap().file_type();
            let seen = if kind.is_dir() {
                pending.push(path);
                Seen::bare(Kind::Folder)
            } else if kind.is_symlink() {
                let target = std::fs::read_link(&path).unwrap().to_string_lossy().into_owned();
                Seen { target: Some(target), ..Seen::bare(Kind::Symlink) }
            } else {
                let bytes = std::fs::read(&path).unwrap();
                let (size, digest) = (Some(bytes.len() as u64), Some(digest_of(&bytes)));
                Seen { size, digest, ..Seen::bare(Kind::File) }
            };
            listing.insert(name, seen);
        }
    }
    listing
}

/// bsdtar, told which trees to pass over. It does not know ISO 9660:1999.
pub fn bsdtar(image: &Path, tree: TreeKind, scratch: &Path) -> Option<Listing> {
    let options = match tree {
        TreeKind::RockRidge => "iso9660:!joliet",
        TreeKind::Joliet => "iso9660:!rockridge",
        TreeKind::Iso9660 => "iso9660:!joliet,iso9660:!rockridge",
        _ => return None,
    };
    std::fs::create_dir_all(scratch).unwrap();
    let image = image.to_str().unwrap();
    output(scratch, "bsdtar", &["-x", "-f", image, "--options", options, "--no-same-owner", "--no-same-permissions"]);
    Some(folder(scratch))
}

/// xorriso, told which trees to pass over. It does not show the tree of ISO 9660:1999.
pub fn xorriso(image: &Path, tree: TreeKind, scratch: &Path) -> Option<Listing> {
    let read = match tree {
        TreeKind::RockRidge => "nojoliet",
        TreeKind::Joliet => "norock",
        TreeKind::Iso9660 => "ecma119",
        _ => return None,
    };
    std::fs::create_dir_all(scratch).unwrap();
    let image = image.to_str().unwrap();
    let options = ["-no_rc", "-abort_on", "NEVER", "-read_fs", read, "-ecma119_map", "unmapped", "-osirrox", "on"];
    output(scratch, "xorriso", &[&options[..], &["-indev", image, "-extract", "/", "."]].concat());
    Some(folder(scratch))
}

/// 7zz, which chooses the tree of ISO 9660 itself: Joliet if there is one, else the primary tree with Rock Ridge names.
pub fn seven_zip(image: &Path, tree: TreeKind, has: &[TreeKind], scratch: &Path) -> Option<Listing> {
    let chosen = [TreeKind::Joliet, TreeKind::RockRidge, TreeKind::Iso9660].into_iter().find(|kind| has.contains(kind));
    match tree {
        TreeKind::Udf => Some(seven_zip_as(image, "-tudf", scratch)),
        _ if chosen == Some(tree) => Some(seven_zip_as(image, "-tiso", scratch)),
        _ => None,
    }
}

/// 7zz, told what the image is. Empty when it cannot open it.
fn seven_zip_as(image: &Path, kind: &str, scratch: &Path) -> Listing {
    std::fs::create_dir_all(scratch).unwrap();
    let image = image.to_str().unwrap();
    let text = output(scratch, "7zz", &["l", "-slt", "-ba", kind, image]).stdout;
    output(scratch, "7zz", &["x", "-y", kind, "-snld", image]);
    let mut listing = Listing::new();
    for block in String::from_utf8_lossy(&text).split("\n\n") {
        let field = |name: &str| {
            let start = format!("{name} = ");
            block.lines().find_map(|line| line.strip_prefix(&start)).map(str::to_owned)
        };
        let Some(path) = field("Path").filter(|path| !path.starts_with("[BOOT]")) else { continue };
        let target = field("Symbolic Link").filter(|target| !target.is_empty());
        let seen = if field("Folder").as_deref() == Some("+") {
            Seen::bare(Kind::Folder)
        } else if target.is_some() {
            Seen { target, ..Seen::bare(Kind::Symlink) }
        } else {
            let written = scratch.join(&path);
            let is_file = written.symlink_metadata().is_ok_and(|metadata| metadata.is_file());
            let digest = is_file.then(|| digest_of(&std::fs::read(&written).unwrap()));
            Seen { size: field("Size").and_then(|size| size.parse().ok()), digest, ..Seen::bare(Kind::File) }
        };
        listing.insert(path, seen);
    }
    listing
}

/// isoinfo: names, sizes and targets of all entries; the contents of some, as each takes a run of the program. It has
/// no character set for Joliet that would hold all of Unicode.
pub fn isoinfo(image: &Path, tree: TreeKind) -> Option<Listing> {
    const CONTENTS: usize = 6;
    let switches: &[&str] = match tree {
        TreeKind::RockRidge => &["-R"],
        TreeKind::Joliet => &["-J", "-j", "iso8859-1"],
        TreeKind::Iso9660 => &[],
        _ => return None,
    };
    let scratch = image.parent().unwrap();
    let image = image.to_str().unwrap();
    let text = output(scratch, "isoinfo", &[&["-i", image, "-l"], switches].concat()).stdout;
    let mut listing = Listing::new();
    let (mut here, mut contents) = (String::new(), 0);
    for line in String::from_utf8_lossy(&text).lines() {
        if let Some(folder) = line.strip_prefix("Directory listing of ") {
            folder.trim_matches('/').clone_into(&mut here);
            continue;
        }
        // drwxr-xr-x   1    0    0            4096 Feb 10 2024 [     19 02]  name
        let Some((head, name)) = line.split_once("]  ") else { continue };
        let size = head.split_whitespace().nth(4).and_then(|size| size.parse().ok());
        let (name, target) = match name.split_once(" -> ") {
            Some((name, target)) if head.starts_with('l') => (name, Some(target.to_owned())),
            _ => (name.strip_suffix(' ').unwrap_or(name), None),
        };
        if name == "." || name == ".." {
            continue;
        }
        let path = if here.is_empty() { name.to_owned() } else { format!("{here}/{name}") };
        let seen = match (head.as_bytes().first(), target) {
            (Some(b'd'), _) => Seen::bare(Kind::Folder),
            (Some(b'l'), target) => Seen { target, ..Seen::bare(Kind::Symlink) },
            _ => {
                let wanted = contents < CONTENTS && size.is_some_and(|size: u64| size > 0);
                contents += usize::from(wanted);
                let digest = wanted.then(|| {
                    let inside = format!("/{path}");
                    let bytes = output(scratch, "isoinfo", &[&["-i", image, "-x", &inside], switches].concat()).stdout;
                    digest_of(&bytes)
                });
                Seen { size, digest, ..Seen::bare(Kind::File) }
            }
        };
        listing.insert(path, seen);
    }
    Some(listing)
}

/// udfclient: every file and folder of a UDF volume with its content. It shows names with characters beyond ASCII, or
/// longer than 63, otherwise; and links as files.
pub fn udfclient(image: &Path, block: usize, scratch: &Path) -> Listing {
    let (block, image) = (block.to_string(), image.to_str().unwrap());
    let run = |commands: &[String]| {
        let input = scratch.join("commands");
        std::fs::write(&input, commands.join("\n") + "\nquit\n").unwrap();
        let output = Command::new("udfclient")
            .args(["-b", &block, image])
            .current_dir(scratch)
            .env("LC_ALL", "C.UTF-8")
            .stdin(std::fs::File::open(&input).unwrap())
            .output()
            .unwrap_or_else(|error| {
                panic!("The program udfclient does not run ({error}). tests/run installs what the tests need.")
            });
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    std::fs::create_dir_all(scratch).unwrap();
    // drwxr-xr-x    100   1000         128  folder
    let lines = |text: &str| -> Vec<(bool, u64, String)> {
        let entries = text.lines().filter(|line| line.starts_with("dr") || line.starts_with("-r"));
        let fields = entries.filter_map(|line| {
            let (name, size) = (line.get(38..)?, line.split_whitespace().nth(3)?.parse().ok()?);
            Some((line.starts_with('d'), size, name.to_owned()))
        });
        fields.filter(|(_, _, name)| !matches!(name.as_str(), "." | "..")).collect()
    };
    let first = run(&[]);
    let mut listing = Listing::new();
    // The file system's root is a folder with the names of its volumes.
    let Some((_, _, top)) = lines(&first).into_iter().next() else { return listing };
    let mut level = vec![String::new()];
    while !level.is_empty() {
        // Each run takes a second, so all folders of a level are listed in one, and fetched from in another.
        let text = run(&level.iter().map(|folder| format!("ls \"/{top}/{folder}\"")).collect::<Vec<_>>());
        let folders = text.split("Directory listing of").skip(2);
        let inside =
            |folder: &str, name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        let found: Vec<(bool, u64, String)> = level
            .iter()
            .zip(folders)
            .flat_map(|(folder, text)| {
                lines(text).into_iter().map(|(is_folder, size, name)| (is_folder, size, inside(folder, &name)))
            })
            .collect();
        let fetch = found.iter().enumerate().filter(|(_, (is_folder, ..))| !is_folder);
        run(&fetch.map(|(at, (_, _, path))| format!("get \"/{top}/{path}\" file-{at}")).collect::<Vec<_>>());
        level = found.iter().filter(|(is_folder, ..)| *is_folder).map(|(_, _, path)| path.clone()).collect();
        for (at, (is_folder, size, path)) in found.into_iter().enumerate() {
            let seen = if is_folder {
                Seen::bare(Kind::Folder)
            } else {
                let fetched = scratch.join(format!("file-{at}"));
                let digest = std::fs::read(&fetched).ok().map(|bytes| digest_of(&bytes));
                std::fs::remove_file(fetched).unwrap_or_default();
                Seen { size: Some(size), digest, ..Seen::bare(Kind::File) }
            };
            listing.insert(path, seen);
        }
    }
    listing
}
