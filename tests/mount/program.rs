//! `isoscope mount`: how it begins, and all the ways in which it ends.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::place::can_mount;
use super::support::served::{Place, said, signal, unmount_by};

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
    unmount_by(|| {
        let mut helper = Command::new("fusermount3");
        helper.arg("-u").arg(place.dir());
        helper
    });
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
    // Not by this process: what another test starts meanwhile would have it open for writing, and it could not be run.
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_isoscope")).arg(&program).status().unwrap();
    assert!(copied.success());
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
    unmount_by(|| as_nobody(Path::new("fusermount3"), &[Path::new("-u"), &place.dir()]));
    ends(child);
}
