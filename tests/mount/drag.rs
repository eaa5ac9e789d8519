//! The mount that things are dragged out of.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use isoscope::extract::plan::Loose;
use isoscope::platform::mount::{DragMount, clear_stale_in};
use isoscope::platform::own_folder_name;
use isoscope::serve::View;

use super::place::can_mount;
use super::support::served::unmount_by;
use super::support::sources::memory;

fn files(content: &str) -> Arc<View> {
    let source = memory(content.as_bytes());
    Arc::new(View::of_loose(vec![Loose { name: "file.txt".to_owned(), size: content.len() as u64, source }]))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_is_published_is_there_until_it_is_withdrawn() {
    use std::os::unix::fs::PermissionsExt as _;
    if !can_mount() {
        return;
    }
    let base = tempfile::tempdir().unwrap();
    let drag = DragMount::below(base.path());
    // Nothing is mounted before it is needed.
    assert!(names(base.path()).is_empty());
    let (one, first) = drag.publish(files("first")).unwrap();
    let (two, second) = drag.publish(files("second")).unwrap();
    assert_ne!(one, two);
    assert_eq!(std::fs::read(first.join("file.txt")).unwrap(), b"first");
    assert_eq!(std::fs::read(second.join("file.txt")).unwrap(), b"second");
    assert_eq!(names(first.parent().unwrap()), [one.to_string(), two.to_string()]);
    let own = base.path().join(own_folder_name());
    assert_eq!(own.metadata().unwrap().permissions().mode() & 0o777, 0o700);

    let mut open = std::fs::File::open(first.join("file.txt")).unwrap();
    assert_eq!(drag.open_files(), 1);
    drag.withdraw(one);
    assert_eq!(names(second.parent().unwrap()), [two.to_string()]);
    assert!(!first.exists() && !first.join("file.txt").exists());
    let mut text = String::new();
    open.read_to_string(&mut text).unwrap();
    assert_eq!(text, "first");
    drop(open);

    let (three, third) = drag.publish(files("third")).unwrap();
    assert!(three > two);
    assert_eq!(std::fs::read(third.join("file.txt")).unwrap(), b"third");
    // Mounts of processes that live are left alone.
    clear_stale_in(base.path());
    assert!(third.join("file.txt").exists());
    drop(drag);
    assert!(names(base.path()).is_empty());
}

#[test]
fn it_mounts_again_when_somebody_has_unmounted_it() {
    if !can_mount() {
        return;
    }
    let base = tempfile::tempdir().unwrap();
    let drag = DragMount::below(base.path());
    let (_, first) = drag.publish(files("first")).unwrap();
    unmount_by(|| {
        let mut helper = Command::new("fusermount3");
        helper.arg("-u").arg(first.parent().unwrap());
        helper
    });
    let started = std::time::Instant::now();
    let again = loop {
        // The threads hear of it a moment later.
        let (_, again) = drag.publish(files("again")).unwrap();
        if again.join("file.txt").exists() || started.elapsed().as_secs() > 10 {
            break again;
        }
    };
    assert_eq!(std::fs::read(again.join("file.txt")).unwrap(), b"again");
}

/// Where the process of the next test keeps its folder.
const BASE: &str = "ISOSCOPE_TEST_DRAG_BASE";

/// Not a test by itself: the process that the next test starts and kills.
#[test]
fn a_process_that_will_be_killed() {
    let Some(base) = std::env::var_os(BASE) else { return };
    let drag = DragMount::below(Path::new(&base));
    let (_, path) = drag.publish(files("doomed")).unwrap();
    println!("\nMOUNTED {}", path.display());
    loop {
        std::thread::sleep(std::time::Duration::from_secs(60));
    }
}

#[test]
fn killed_it_leaves_nothing_after_the_next_start() {
    if !can_mount() {
        return;
    }
    let base = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "drag::a_process_that_will_be_killed", "--nocapture"])
        .env(BASE, base.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines.map(Result::unwrap).find(|line| line.starts_with("MOUNTED ")).unwrap();
    let path = PathBuf::from(line.strip_prefix("MOUNTED ").unwrap());
    assert_eq!(std::fs::read(path.join("file.txt")).unwrap(), b"doomed");
    child.kill().unwrap();
    child.wait().unwrap();
    // The dead mount answers nothing.
    let mount = path.parent().unwrap();
    assert_eq!(std::fs::read_dir(mount).unwrap_err().raw_os_error(), Some(107));

    // Things of others that merely look alike.
    std::fs::create_dir(base.path().join("other")).unwrap();
    std::fs::create_dir_all(base.path().join("2147483646-1")).unwrap();
    std::fs::write(base.path().join("2147483646-1/precious"), b"mine").unwrap();
    clear_stale_in(base.path());
    assert_eq!(names(base.path()), ["2147483646-1", "other"]);
    assert_eq!(std::fs::read(base.path().join("2147483646-1/precious")).unwrap(), b"mine");
    let table = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(!table.contains(base.path().to_str().unwrap()));
}
