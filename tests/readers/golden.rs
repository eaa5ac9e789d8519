//! What the program lists of every fixture, against what it listed when that was compared with other readers.
//!
//! `ISOSCOPE_BLESS=1 cargo test --test readers golden` writes the listings anew; `differential.rs` says whether they
//! may be believed.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::support::fixtures;
use serde_json::Value;

/// Runs the program and gives its standard output. Notes (exit status 1) are as good as none.
fn isoscope(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_isoscope")).args(arguments).output().unwrap();
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "isoscope {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Writes the fixture `name` to a file in `folder`.
fn unpack(name: &str, folder: &Path) -> String {
    let path = folder.join(name);
    fixtures::write(name, &path);
    path.into_os_string().into_string().unwrap()
}

/// What the image is, all that is said of its first tree, and the names, sizes and places of the others.
fn listing(image: &str) -> String {
    let mut info: Value = serde_json::from_str(&isoscope(&["info", "--json", image])).unwrap();
    let object = info.as_object_mut().unwrap();
    object.remove("file").expect("info names the file");
    // No other reader tells what a disc is: that has tests of its own.
    object.remove("identity").expect("info has a place for what the disc is");
    let mut text = format!("{info}\n");
    for tree in info["trees"].as_array().unwrap() {
        let name = tree["name"].as_str().unwrap();
        let default = tree["default"] == Value::Bool(true);
        let lines = isoscope(&["ls", "-R", "--json", "--tree", name, image]);
        for line in lines.lines() {
            if default {
                text.push_str(line);
            } else {
                let entry: Value = serde_json::from_str(line).unwrap();
                let field = |name: &str| &entry[name];
                let (path, kind, size) = (field("path"), field("kind"), field("size"));
                let place = &entry["extents"][0]["offset"];
                write!(
                    text,
                    "{{\"tree\":\"{name}\",\"path\":{path},\"kind\":{kind},\"size\":{size},\"offset\":{place}}}"
                )
                .unwrap();
            }
            text.push('\n');
        }
    }
    text
}

#[test]
fn every_fixture_is_listed_as_it_was_when_other_readers_agreed() {
    let folder = tempfile::tempdir().unwrap();
    let bless = std::env::var_os("ISOSCOPE_BLESS").is_some();
    let mut different = Vec::new();
    for name in fixtures::names() {
        let listing = listing(&unpack(&name, folder.path()));
        let path = fixtures::folder().join(format!("{name}.jsonl"));
        if bless {
            std::fs::write(&path, listing).unwrap();
            continue;
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let pairs = golden.lines().zip(listing.lines());
        if let Some((was, is)) = pairs.clone().find(|(was, is)| was != is) {
            different.push(format!("{name}\n  was {was}\n  is  {is}"));
        } else if golden.lines().count() != listing.lines().count() {
            different.push(format!("{name}: {} lines, now {}", golden.lines().count(), listing.lines().count()));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn the_sessions_of_a_disc_are_listed_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let names = |image: &str, session: &str| {
        let lines = isoscope(&["ls", "--json", "--session", session, image]);
        let mut names: Vec<String> = lines
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["path"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    };
    let image = unpack("x-sessions.iso", folder.path());
    assert_eq!(names(&image, "1"), ["session-1.txt"]);
    assert_eq!(names(&image, "2"), ["session-1.txt", "session-2.txt"]);
    assert_eq!(names(&image, "3"), ["session-2.txt", "session-3.txt"]);
    let image = unpack("g-sessions.iso", folder.path());
    assert_eq!(names(&image, "1"), ["first.txt"]);
    assert_eq!(names(&image, "2"), ["first.txt", "second.txt"]);
}

#[test]
fn the_declared_size_covers_all_sessions() {
    for name in ["x-sessions.iso", "g-sessions.iso"] {
        let source = fixtures::source(name);
        let image = isoscope::disc::Image::open(source.clone()).unwrap();
        let (declared, len) = (image.declared_size(), source.len());
        assert!(declared <= len && declared + (64 << 10) > len, "{name}: {declared} of {len}");
    }
}

#[test]
fn a_file_of_more_than_four_gigabytes_is_one_file() {
    let source = fixtures::source("x-multi-extent.iso.sparse");
    let image = isoscope::disc::Image::open(source).unwrap();
    let tree = image.default_tree();
    let folder = tree.read_folder(tree.root()).unwrap();
    let big = &folder.entries()[folder.position("big.bin").unwrap()];
    assert_eq!(big.size, 4_500_000_000);
    assert!(big.content.extents().len() >= 2);
    let content = tree.open(big).unwrap();
    for at in [0_u64, 4_294_965_248 - 5, 4_294_967_296 - 5, 4_500_000_000 - 10] {
        let mut mark = [0; 10];
        isoscope::disc::source::read_exact(&*content, "file data", at, &mut mark).unwrap();
        assert_eq!(mark, format!("MARK{:06}", at % 1_000_000).as_bytes(), "at byte {at}");
    }
}
