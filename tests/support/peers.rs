//! Independent readers and writers: the programs that the differential tests compare with.

use std::path::Path;
use std::process::{Command, Output};

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
