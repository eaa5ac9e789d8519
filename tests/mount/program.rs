//! `isoscope mount`: how it begins, and all the ways in which it ends.

use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::place::can_mount;
use super::support::builder::{Disc, ROOT, Tree, utf16};

/// An image, an empty folder, and the program where every user can start it.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let mut disc = Disc::rock_ridge();
        disc.rr_file(ROOT, "hello.txt", b"hello");
        let joliet = disc.data(b"joliet");
        let mut tree = Tree::default();
        tree.file(ROOT, &utf16("from joliet"), joliet);
        disc.joliet = Some((tree, *b"%/E"));
        Self::with(|path| std::fs::write(path, disc.build().bytes).unwrap())
    }

    /// One with the image that `write` writes.
    pub(crate) fn with(write: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        write(&folder.path().join("disc.iso"));
        std::fs::create_dir(folder.path().join("mnt")).unwrap();
        Self { folder }
    }

    fn image(&self) -> PathBuf {
        self.folder.path().join("disc.iso")
    }

    pub(crate) fn dir(&self) -> PathBuf {
        self.folder.path().join("mnt")
    }

    fn command(&self) -> Command {
        self.command_by(Command::new(env!("CARGO_BIN_EXE_isoscope")))
    }

    fn command_by(&self, mut command: Command) -> Command {
        command.arg("mount").arg(self.image()).arg(self.dir());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Starts it and waits until it is mounted.
    fn mount(&self) -> Child {
        let mut child = self.command().spawn().unwrap();
        // The kernel may remember that it was there in a mount that is dead.
        self.wait(&mut child, || std::fs::read(self.dir().join("hello.txt")).is_ok());
        child
    }

    /// Starts it by `program`, and waits until something is mounted, of which nothing was asked yet.
    pub(crate) fn mount_by(&self, program: Command) -> Child {
        let device = |path: &Path| path.metadata().unwrap().dev();
        let mut child = self.command_by(program).spawn().unwrap();
        self.wait(&mut child, || device(&self.dir()) != device(self.folder.path()));
        child
    }

    /// Asks it to end, and fails unless it ends well.
    pub(crate) fn end(&self, mut child: Child) {
        signal("TERM", &child);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{}", said(&mut child));
        assert!(self.is_empty());
    }

    fn wait(&self, child: &mut Child, until: impl Fn() -> bool) {
        let started = Instant::now();
        while !until() {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("it ended with {status}: {}", said(child));
            }
            assert!(started.elapsed() < Duration::from_secs(20), "nothing was mounted");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn is_empty(&self) -> bool {
        std::fs::read_dir(self.dir()).unwrap().count() == 0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // A test that failed may have left it mounted.
        if std::thread::panicking() {
            drop(Command::new("fusermount3").args(["-u", "-z", "-q"]).arg(self.dir()).status());
        }
    }
}

fn said(child: &mut Child) -> String {
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    said
}

fn signal(name: &str, child: &Child) {
    assert!(Command::new("kill").arg(format!("-{name}")).arg(child.id().to_string()).status().unwrap().success());
}

#[test]
fn every_signal_that_asks_it_to_end_unmounts() {
    if !can_mount() {
        return;
    }
    for name in ["INT", "TERM", "HUP"] {
        let place = Place::new();
        let mut child = place.mount();
        assert_eq!(std::fs::read(place.dir().join("hello.txt")).unwrap(), b"hello");
        signal(name, &child);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{name}: {}", said(&mut child));
        assert!(place.is_empty());
        // Nobody watches, so there is nothing to say.
        assert_eq!(said(&mut child), "");
    }
}

#[test]
fn it_ends_when_it_is_unmounted_from_outside() {
    if !can_mount() {
        return;
    }
    let place = Place::new();
    let mut child = place.mount();
    assert!(Command::new("fusermount3").arg("-u").arg(place.dir()).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(place.is_empty());
}

#[test]
fn it_ends_while_a_reader_holds_a_file_open() {
    if !can_mount() {
        return;
    }
    let place = Place::new();
    let mut child = place.mount();
    let file = std::fs::File::open(place.dir().join("hello.txt")).unwrap();
    signal("TERM", &child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(place.is_empty());
    drop(file);
}

#[test]
fn killed_it_is_cleared_by_the_next_run() {
    if !can_mount() {
        return;
    }
    let place = Place::new();
    let mut child = place.mount();
    signal("KILL", &child);
    child.wait().unwrap();
    // Everything that touches it fails until then.
    assert_eq!(std::fs::read_dir(place.dir()).unwrap_err().raw_os_error(), Some(107));
    let mut child = place.mount();
    assert_eq!(std::fs::read(place.dir().join("hello.txt")).unwrap(), b"hello");
    signal("TERM", &child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(said(&mut child).contains("Unmounted what an earlier run had left at “"));
    assert!(place.is_empty());
}

#[test]
fn every_tree_can_be_mounted() {
    if !can_mount() {
        return;
    }
    let place = Place::new();
    let mut child = place.command().args(["--tree", "joliet"]).spawn().unwrap();
    place.wait(&mut child, || place.dir().join("from joliet").exists());
    assert_eq!(std::fs::read(place.dir().join("from joliet")).unwrap(), b"joliet");
    assert!(!place.dir().join("hello.txt").exists());
    signal("INT", &child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_cannot_be_done_is_said() {
    if !can_mount() {
        return;
    }
    let place = Place::new();
    let fails = |dir: &Path, more: &[&str], why: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_isoscope"));
        let output = command.arg("mount").arg(place.image()).arg(dir).args(more).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(3) && said.contains(why), "{said}");
    };
    fails(&place.dir().join("absent"), &[], "there is no such folder");
    fails(&place.image(), &[], "it is not a folder");
    fails(place.folder.path(), &[], "the folder is not empty");
    fails(&place.dir(), &["--tree", "udf"], "The image has no UDF tree");
    fails(&place.dir(), &["--session", "7"], "session");
    let output = Command::new(env!("CARGO_BIN_EXE_isoscope")).arg("mount").arg(place.image()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(place.is_empty());
}

/// A user who may do nothing that others may not.
const NOBODY: [&str; 4] = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

#[test]
fn an_ordinary_user_can_mount_through_the_helper() {
    let is_root = rustix::process::geteuid().is_root();
    if !can_mount() || !is_root {
        // Then all tests here are those of an ordinary user.
        return;
    }
    let place = Place::new();
    let program = place.folder.path().join("isoscope");
    std::fs::copy(env!("CARGO_BIN_EXE_isoscope"), &program).unwrap();
    std::os::unix::fs::chown(place.dir(), Some(65534), Some(65534)).unwrap();
    let as_nobody = |program: &Path, arguments: &[&Path]| {
        let mut command = Command::new(NOBODY[0]);
        command.args(&NOBODY[1..]).arg(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::piped());
        command.stdout(Stdio::piped());
        command
    };
    let read = || as_nobody(Path::new("cat"), &[&place.dir().join("hello.txt")]).output().unwrap().stdout;
    let start = || {
        let mut child = as_nobody(&program, &[Path::new("mount"), &place.image(), &place.dir()]).spawn().unwrap();
        place.wait(&mut child, || read() == b"hello");
        child
    };
    let ends = |mut child: Child| {
        assert_eq!(child.wait().unwrap().code(), Some(0), "{}", said(&mut child));
        assert!(place.is_empty());
    };
    let child = start();
    // Nobody else may look into it, not even root.
    assert!(std::fs::read_dir(place.dir()).is_err());
    let owner = as_nobody(Path::new("stat"), &[Path::new("-c%u%A"), &place.dir().join("hello.txt")]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&owner.stdout).trim(), "65534-rw-r--r--");
    signal("TERM", &child);
    ends(child);

    let mut child = start();
    signal("KILL", &child);
    child.wait().unwrap();
    let child = start();
    let unmounted = as_nobody(Path::new("fusermount3"), &[Path::new("-u"), &place.dir()]).output().unwrap();
    assert!(unmounted.status.success(), "{}", String::from_utf8_lossy(&unmounted.stderr));
    ends(child);
}
