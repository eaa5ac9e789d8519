//! Files that are larger than the memory that the program has leave the image whole.
// Limits are those of Linux.
#![cfg(target_os = "linux")]

mod support;

use std::fs::File;
use std::process::Stdio;

use support::memory::limited;
use support::vast::{NAME, Vast};

/// What the program may take of memory for itself.
const MEMORY: u64 = 64 << 20;

const PROGRAM: &str = env!("CARGO_BIN_EXE_isoscope");

/// Through a pipe, as the disk may have no room for it.
#[test]
fn a_file_larger_than_memory_and_than_an_extent_is_written_to_a_pipe() {
    let vast = Vast { len: 4_400_000_001 };
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("disc.iso");
    vast.write(&image);
    let mut command = limited(PROGRAM, MEMORY);
    let mut child = command.arg("cat").arg(&image).arg(NAME).stdout(Stdio::piped()).spawn().unwrap();
    vast.assert_is(child.stdout.take().unwrap());
    assert!(child.wait().unwrap().success());
}

/// To a folder, where all of it takes room: so it is smaller here, and still many times what the program has.
#[test]
fn a_file_larger_than_memory_is_extracted() {
    let vast = Vast { len: 600_000_001 };
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("disc.iso");
    vast.write(&image);
    let destination = folder.path().join("out");
    let output = limited(PROGRAM, MEMORY).arg("extract").arg(&image).arg("-o").arg(&destination).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    vast.assert_is(File::open(destination.join(NAME)).unwrap());
}
