//! A mount that the program itself serves.

use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::builder::{Disc, ROOT, Tree, utf16};

/// An image, an empty folder, and the program where every user can start it.
pub struct Place {
    pub folder: TempDir,
}

impl Place {
    pub fn new() -> Self {
        let mut disc = Disc::rock_ridge();
        disc.rr_file(ROOT, "hello.txt", b"hello");
        let joliet = disc.data(b"joliet");
        let mut tree = Tree::default();
        tree.file(ROOT, &utf16("from joliet"), joliet);
        disc.joliet = Some((tree, *b"%/E"));
        Self::with(|path| std::fs::write(path, disc.build().bytes).unwrap())
    }

    /// One with the image that `write` writes.
    pub fn with(write: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        write(&folder.path().join("disc.iso"));
        std::fs::create_dir(folder.path().join("mnt")).unwrap();
        Self { folder }
    }

    pub fn image(&self) -> PathBuf {
        self.folder.path().join("disc.iso")
    }

    pub fn dir(&self) -> PathBuf {
        self.folder.path().join("mnt")
    }

    pub fn command(&self) -> Command {
        self.command_by(Command::new(env!("CARGO_BIN_EXE_isoscope")))
    }

    pub fn command_by(&self, mut command: Command) -> Command {
        command.arg("mount").arg(self.image()).arg(self.dir());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Starts it and waits until it is mounted.
    pub fn mount(&self) -> Child {
        let mut child = self.command().spawn().unwrap();
        // The kernel may remember that it was there in a mount that is dead.
        self.wait(&mut child, || std::fs::read(self.dir().join("hello.txt")).is_ok());
        child
    }

    /// Starts it by `program`, and waits until something is mounted, of which nothing was asked yet.
    pub fn mount_by(&self, program: Command) -> Child {
        let device = |path: &Path| path.metadata().unwrap().dev();
        let mut child = self.command_by(program).spawn().unwrap();
        self.wait(&mut child, || device(&self.dir()) != device(self.folder.path()));
        child
    }

    /// Asks it to end, and fails unless it ends well.
    pub fn end(&self, mut child: Child) {
        signal("TERM", &child);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{}", said(&mut child));
        assert!(self.is_empty());
    }

    pub fn wait(&self, child: &mut Child, until: impl Fn() -> bool) {
        let started = Instant::now();
        while !until() {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("it ended with {status}: {}", said(child));
            }
            assert!(started.elapsed() < Duration::from_secs(20), "nothing was mounted");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn is_empty(&self) -> bool {
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

pub fn said(child: &mut Child) -> String {
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    said
}

pub fn signal(name: &str, child: &Child) {
    assert!(Command::new("kill").arg(format!("-{name}")).arg(child.id().to_string()).status().unwrap().success());
}

/// Has `helper`, which is made anew for each attempt, unmount something. A process that another test starts has for a
/// moment all files open that were open here, and what is busy is not unmounted.
pub fn unmount_by(helper: impl Fn() -> Command) {
    let started = Instant::now();
    loop {
        let output = helper().output().unwrap();
        if output.status.success() {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(10), "{}", String::from_utf8_lossy(&output.stderr));
        std::thread::sleep(Duration::from_millis(20));
    }
}
