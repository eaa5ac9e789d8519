//! The promises of an extraction where only the whole program can keep them: when it is killed, interrupted, or may
//! not write.
// Signals, limits and file systems are those of Linux.
#![cfg(target_os = "linux")]

use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::support::builder::{Data, Disc, ROOT};
use crate::support::ground::Roomy;
use crate::support::rights::is_root;
use crate::support::tiny::Tiny;
use isoscope::{
    disc::{Image, source::FileSource},
    extract::report::Stop,
    extract::run::Durability,
    extract::{self, Destination, OnConflict, Plan, Selection},
};
use tempfile::TempDir;

/// Bytes of the file that takes a while.
const LARGE: usize = 48 << 20;

/// An image with a small file, a large one, and one more behind it.
fn image(folder: &Path) -> PathBuf {
    let mut disc = Disc::rock_ridge();
    disc.rr_file(ROOT, "a small file", b"small");
    let inner = disc.rr_folder(ROOT, "inner");
    disc.rr_file(inner, "large", &vec![0x5a; LARGE]);
    disc.rr_file(inner, "last", b"last");
    let path = folder.join("disc.iso");
    std::fs::write(&path, disc.build().bytes).unwrap();
    path
}

fn isoscope() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_isoscope"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn extraction(image: &Path, destination: &Path) -> Command {
    let mut command = isoscope();
    command.arg("extract").arg(image).arg("-o").arg(destination);
    command
}

/// The files below a folder, by their paths.
fn files(folder: &Path) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(here) = folders.pop() {
        for entry in std::fs::read_dir(here).unwrap().flatten() {
            let path = entry.path();
            // A file may vanish between the listing and the look: the program is running.
            let Ok(status) = path.symlink_metadata() else { continue };
            if status.is_dir() {
                folders.push(path);
            } else {
                found.push((path.strip_prefix(folder).unwrap().to_string_lossy().into_owned(), status.len()));
            }
        }
    }
    found.sort();
    found
}

fn is_ours(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap();
    name.starts_with(".iso") && (name.ends_with(".part") || name.ends_with(".journal"))
}

/// Fails if anything stands under its final name that is not whole.
fn assert_whole(files: &[(String, u64)]) {
    for (path, size) in files.iter().filter(|(path, _)| !is_ours(path)) {
        let whole = [("a small file", 5), ("inner/large", LARGE as u64), ("inner/last", 4)];
        assert!(whole.contains(&(path.as_str(), *size)), "{path} has {size} bytes");
    }
}

/// Starts an extraction and stops it in the middle of the large file.
fn stopped_in_the_large_file(image: &Path, destination: &Path) -> Child {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(60) {
        std::fs::remove_dir_all(destination).unwrap_or_default();
        let mut child = extraction(image, destination).spawn().unwrap();
        loop {
            let growing = destination.exists()
                && files(destination).iter().any(|(path, size)| {
                    path.starts_with("inner/") && is_ours(path) && *size > 0 && *size < LARGE as u64
                });
            if growing {
                signal("STOP", &child);
                // It may have been done with the file in the meantime.
                if files(destination).iter().any(|(path, _)| path.starts_with("inner/") && is_ours(path)) {
                    return child;
                }
                signal("KILL", &child);
            }
            if child.try_wait().unwrap().is_some() {
                break;
            }
        }
    }
    panic!("the program was always done before it could be stopped");
}

fn signal(name: &str, child: &Child) {
    let status = Command::new("kill").arg(format!("-{name}")).arg(child.id().to_string()).status().unwrap();
    assert!(status.success());
    if name == "STOP" {
        // Stopping takes a moment: wait until the system says so.
        let path = format!("/proc/{}/stat", child.id());
        let stopped = || match std::fs::read_to_string(&path) {
            Ok(text) => text.rsplit(')').next().unwrap().trim_start().starts_with(['T', 'Z']),
            Err(_) => true,
        };
        let started = Instant::now();
        while !stopped() && started.elapsed() < Duration::from_secs(10) {
            std::thread::yield_now();
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

fn folder() -> (TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let image = image(folder.path());
    let destination = folder.path().join("out");
    (folder, image, destination)
}

#[test]
fn all_as_asked_is_status_0_and_notes_are_1() {
    let (_folder, image, destination) = folder();
    let output = run(&mut extraction(&image, &destination));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
    assert!(text(&output.stdout).starts_with("Finished: 4 entries, 50.3 MB, in “"), "{}", text(&output.stdout));
    assert_eq!(files(&destination).len(), 3);

    let output = run(extraction(&image, &destination).arg("a small file").arg("--json"));
    assert_eq!(output.status.code(), Some(1));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&json["planned"], &json["renamed"], &json["bytes"]), (&1.into(), &1.into(), &5.into()));
    assert_eq!(json["entries"][0]["to"], "a small file (2)");

    let output = run(extraction(&image, &destination).args(["a small file", "--on-conflict", "skip", "--quiet"]));
    assert_eq!(
        (output.status.code(), text(&output.stdout), text(&output.stderr)),
        (Some(1), String::new(), String::new())
    );
    let output = run(extraction(&image, &destination).args(["a small file", "--on-conflict", "replace"]));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_whole(&files(&destination).into_iter().filter(|(path, _)| !path.contains("(2)")).collect::<Vec<_>>());
}

#[test]
fn what_cannot_be_done_is_said_and_leaves_nothing() {
    let (_folder, image, destination) = folder();
    let output = run(extraction(&image, &destination).arg("absent"));
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(text(&output.stderr), "isoscope: There is no “absent” in the image\n");
    assert!(!destination.exists());
    // A file where the folder should be.
    let output = run(&mut extraction(&image, &image));
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("Nothing can be extracted to"), "{}", text(&output.stderr));
    assert_eq!(run(isoscope().arg("extract").arg(&image)).status.code(), Some(2));
}

#[test]
fn killed_it_leaves_only_what_the_next_run_knows_and_removes() {
    let (_folder, image, destination) = folder();
    let mut child = stopped_in_the_large_file(&image, &destination);
    signal("KILL", &child);
    assert_eq!(child.wait().unwrap().signal(), Some(9));
    let left = files(&destination);
    assert_whole(&left);
    let ours: Vec<_> = left.iter().filter(|(path, _)| is_ours(path)).collect();
    assert_eq!(ours.len(), 2, "{left:?}");
    // A file of the user's that merely looks like ours is not touched.
    std::fs::write(destination.join(".iso4711.part"), b"mine").unwrap();

    let output = run(extraction(&image, &destination).args(["a small file", "--on-conflict", "replace"]));
    let said = "isoscope: An interrupted extraction left 1 unfinished file here";
    assert!(text(&output.stderr).starts_with(said), "{}", text(&output.stderr));
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(files(&destination).iter().filter(|(path, _)| is_ours(path)).count(), 3);

    let output = run(extraction(&image, &destination).args(["--remove-unfinished", "--on-conflict", "replace"]));
    assert!(text(&output.stderr).contains("Removed 1 unfinished file"), "{}", text(&output.stderr));
    let mut left = files(&destination);
    left.retain(|(path, _)| path != ".iso4711.part");
    assert_eq!(left.len(), 3);
    assert_whole(&left);
}

#[test]
fn interrupted_it_removes_its_unfinished_file_and_keeps_the_finished_ones() {
    for name in ["INT", "TERM"] {
        let (_folder, image, destination) = folder();
        let mut child = stopped_in_the_large_file(&image, &destination);
        signal(name, &child);
        signal("CONT", &child);
        let status = child.wait().unwrap();
        let left = files(&destination);
        assert!(!left.iter().any(|(path, _)| is_ours(path)), "{left:?}");
        assert_whole(&left);
        // The signal may have come with the last bytes.
        if left.len() < 3 {
            assert_eq!(status.code(), Some(3));
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            assert!(said.contains("Cancelled"), "{said}");
        }
    }
}

/// Every write may be the one that no longer fits. A limit on the size of files works for every user, and a signal
/// that it would send is ignored, as it is by every shell that was told so.
#[test]
fn a_write_that_does_not_fit_costs_that_file_only() {
    let (_folder, image, destination) = folder();
    for blocks in [0, 1, 64, 4096, 90_000] {
        std::fs::remove_dir_all(&destination).unwrap_or_default();
        // Blocks of 512 bytes. The journal needs a few bytes of its own.
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        let mut command = Command::new("sh");
        command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_isoscope"), "extract", "--json"]);
        let output = run(command.arg(&image).arg("-o").arg(&destination));
        let left = files(&destination);
        assert!(!left.iter().any(|(path, _)| path.ends_with(".part")), "{left:?}");
        assert_whole(&left);
        assert_eq!(output.status.code(), Some(1), "{blocks}: {}", text(&output.stderr));
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let failed = json["entries"].as_array().unwrap().iter().filter(|entry| entry["outcome"] == "failed").count();
        // The two small files fit unless nothing does.
        let expected = if blocks == 0 { (3, 1) } else { (1, 3) };
        assert_eq!((failed as u64, json["done"].as_u64().unwrap()), expected, "{blocks}: {json}");
        assert_eq!(json["failed"].as_u64(), Some(failed as u64));
    }
}

/// The test above does the same to users who may not mount: every write can fail there too.
#[test]
fn a_full_disk_leaves_whole_files_only_and_ends_the_run() {
    let (folder, image, destination) = folder();
    if !is_root() {
        let script = "trap '' XFSZ; ulimit -f 8; exec \"$@\"";
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_isoscope"), "extract"]);
        assert_eq!(run(command.arg(&image).arg("-o").arg(&destination)).status.code(), Some(1));
        assert_whole(&files(&destination));
        return;
    }
    let source = Arc::new(FileSource::open(&image).unwrap());
    let image = Image::open(source).unwrap();
    let everything = Selection::Everything;
    let plan = Plan::make(image.default_tree(), &everything, OnConflict::KeepBoth, &Roomy, &mut |_| {}).unwrap();
    let plan = Arc::new(plan);
    for pages in [1, 2, 3, 4, 5, 100, 1000, 12_000, 12_289, 12_290, 12_291] {
        let tiny = Tiny::mount(&folder.path().join("tiny"), &format!("{}k", pages * 4));
        let place = Destination::open(&tiny.0).unwrap();
        let report = extract::run(&plan, &place, Durability::Always, &mut |_| {}, &|| false).unwrap();
        let left = files(&tiny.0);
        assert_whole(&left);
        assert!(!left.iter().any(|(path, _)| is_ours(path)), "{pages}: {left:?}");
        let counts = report.counts();
        assert_eq!(counts.planned, counts.done + counts.failed);
        // Two small files, 48 MiB, and the journal.
        if pages < 12_291 {
            assert_eq!(report.stop(), Some(&Stop::Destination("The destination is full".to_owned())), "{pages}");
            assert!(report.listed().all(|listed| listed.reason == "The destination is full"));
        } else {
            assert!(report.is_plain(), "{:?}", report.listed().next());
            assert_eq!(left.len(), 3);
        }
    }
}

#[test]
fn without_room_nothing_is_begun() {
    let (folder, _, destination) = folder();
    let mut disc = Disc::rock_ridge();
    let data = disc.data(b"one block");
    // Twelve times a terabyte and more, all of it the same bytes of a sparse image: more than any disk here holds.
    for at in 0..3000 {
        disc.primary.file(ROOT, format!("F{at:04}.;1").as_bytes(), Data { len: u32::MAX - 2047, ..data });
    }
    let image = folder.path().join("large.iso");
    std::fs::write(&image, disc.build().bytes).unwrap();
    std::fs::File::options().write(true).open(&image).unwrap().set_len(5 << 30).unwrap();
    let output = run(&mut extraction(&image, &destination));
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stdout));
    let said = text(&output.stderr);
    assert!(said.contains("more than twice the") && said.contains("There is not enough room in"), "{said}");
    assert!(!destination.exists());
}

/// Root may write anywhere, so for root it is a file system that is mounted without the right to write.
#[test]
fn where_nothing_may_be_written_nothing_is_and_it_is_said() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, image, destination) = folder();
    std::fs::create_dir(&destination).unwrap();
    let is_root = is_root();
    let _mounted = is_root.then(|| Tiny::mount(&folder.path().join("out"), "256m,ro"));
    std::fs::set_permissions(&destination, std::fs::Permissions::from_mode(0o555)).unwrap_or_default();
    let output = run(&mut extraction(&image, &destination));
    let left = files(&destination);
    assert_eq!(output.status.code(), Some(3), "{is_root} {}", text(&output.stdout));
    assert!(text(&output.stderr).contains("Nothing can be extracted to"), "{}", text(&output.stderr));
    assert!(left.is_empty());
    drop(folder);
}
