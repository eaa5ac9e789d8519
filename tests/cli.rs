//! The command line as a user meets it: the real program, its output, and its exit status.

#[path = "cli/compare.rs"]
mod compare;
#[path = "cli/listing.rs"]
mod listing;
mod support;
#[path = "cli/usage.rs"]
mod usage;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use support::builder::{Disc, ROOT};
use support::susp;
use tempfile::TempDir;

const SAMPLE: &str = "assets/sample.iso";

/// The program without a display.
fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_isoscope"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET");
    command
}

/// What a run left behind.
struct Ran {
    status: i32,
    stdout: Vec<u8>,
    stderr: String,
}

impl Ran {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout).unwrap()
    }

    fn json_lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn run(arguments: &[&str]) -> Ran {
    let Output { status, stdout, stderr } = program(arguments).output().unwrap();
    Ran { status: status.code().unwrap(), stdout, stderr: String::from_utf8(stderr).unwrap() }
}

/// Runs and expects all to go as asked, without a word on standard error.
fn run_well(arguments: &[&str]) -> Ran {
    let ran = run(arguments);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{arguments:?}");
    ran
}

/// A file that lives as long as its folder.
fn file(folder: &TempDir, name: &str, bytes: &[u8]) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path.into_os_string().into_string().unwrap()
}

fn scratch() -> TempDir {
    TempDir::new().unwrap()
}

fn sample() -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(SAMPLE)).unwrap()
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn line<'a>(lines: &'a [Value], path: &str) -> &'a Value {
    lines.iter().find(|line| line["path"] == path).unwrap_or_else(|| panic!("{path} is not listed"))
}

/// Adds a symbolic link to the root of a disc with Rock Ridge.
fn symlink(disc: &mut Disc, name: &str, target: &[u8]) {
    let nothing = disc.data(b"");
    let node = disc.primary.file(ROOT, format!("{};1", name.to_uppercase()).as_bytes(), nothing);
    let target = susp::sl(0, &[susp::component(0, target)]);
    disc.primary.uses(node, [susp::px(0o120_777, 1, 0, 0, 1), target]);
    disc.primary.uses(node, susp::long_name(name.as_bytes()));
}

/// A disc whose names and identifiers would act on a careless terminal, or turn its text around.
fn hostile_disc() -> Vec<u8> {
    let mut disc = Disc::rock_ridge();
    disc.volume_id = "HARM\x1b[31mLESS".to_owned();
    let folder = disc.rr_folder(ROOT, "tab\tand\nline");
    disc.rr_file(folder, "bell\x07 \u{202e}gpj.exe", b"content");
    disc.rr_file(ROOT, "\x1b]0;title\x07", b"x");
    symlink(&mut disc, "link", b"\x1b[2Jtarget");
    disc.build().bytes
}
