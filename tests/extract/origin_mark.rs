//! What was downloaded stays marked as downloaded when it leaves the image.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crate::support::builder::{Disc, ROOT};
use crate::support::sources::memory;
use isoscope::disc::Image;
use isoscope::extract::plan::Options;
use isoscope::extract::run::Durability;
use isoscope::extract::{self, Destination, OnConflict, OriginMark, Plan, Selection};
use isoscope::platform::files::{Attributes, Deliver as _, Files as _, Node};
use isoscope::serve::{Delivery, View};
use tempfile::TempDir;

const URL: &str = "https://example.org/discs/grüße.iso";
const PAGE: &str = "https://example.org/";

/// The bytes of a disc with two files and a folder.
fn disc() -> Vec<u8> {
    let mut disc = Disc::rock_ridge();
    disc.rr_file(ROOT, "setup.exe", b"MZ");
    disc.rr_file(ROOT, "empty", b"");
    let folder = disc.rr_folder(ROOT, "inner");
    disc.rr_file(folder, "read me.txt", b"hello");
    disc.build().bytes
}

const FILES: [&str; 3] = ["setup.exe", "empty", "inner/read me.txt"];

/// An image in a folder of its own, and where to extract it to.
fn image() -> (TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("disc.iso");
    std::fs::write(&image, disc()).unwrap();
    let out = folder.path().join("out");
    (folder, image, out)
}

/// Marks a file as downloaded, as a browser does. An error says why this cannot be tested.
#[cfg(target_os = "linux")]
fn mark(file: &Path, url: &[u8]) -> Result<(), String> {
    let set = |name: &str, value: &[u8]| rustix::fs::setxattr(file, name, value, rustix::fs::XattrFlags::empty());
    let marked = set("user.xdg.origin.url", url).and_then(|()| set("user.xdg.referrer.url", PAGE.as_bytes()));
    marked.map_err(|error| format!("the file system of {} keeps no attributes: {error}", file.display()))
}

/// Marks a file as downloaded, as a browser does. An error says why this cannot be tested.
#[cfg(windows)]
fn mark(file: &Path, url: &[u8]) -> Result<(), String> {
    let stream = |file: &Path| {
        let mut stream = file.as_os_str().to_owned();
        stream.push(":Zone.Identifier");
        PathBuf::from(stream)
    };
    let head = format!("[ZoneTransfer]\r\nZoneId=3\r\nReferrerUrl={PAGE}\r\nHostUrl=");
    std::fs::write(stream(file), [head.as_bytes(), url, b"\r\n"].concat()).unwrap_or_default();
    // Wine has no streams: it writes a file of that name beside, which does not follow when the other is renamed.
    let moved = file.with_extension("moved");
    std::fs::rename(file, &moved).unwrap();
    let follows = stream(&moved).exists();
    std::fs::rename(&moved, file).unwrap();
    follows.then_some(()).ok_or_else(|| format!("the file system of {} keeps no streams", file.display()))
}

/// Only a Mac could say whether this works.
#[cfg(not(any(windows, target_os = "linux")))]
fn mark(_: &Path, _: &[u8]) -> Result<(), String> {
    Err("this system was never tried".to_owned())
}

fn extract_with_program(image: &Path, out: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_isoscope"));
    let status = command.arg("extract").arg(image).arg("-o").arg(out).arg("--quiet").status().unwrap();
    assert!(status.success());
}

#[test]
fn every_file_of_a_downloaded_image_is_marked() {
    let (_folder, image, out) = image();
    if let Err(reason) = mark(&image, URL.as_bytes()) {
        println!("NOT TESTED: {reason}");
        return;
    }
    extract_with_program(&image, &out);
    for file in FILES {
        let mark = OriginMark::read(&out.join(file)).unwrap_or_else(|| panic!("{file} is not marked"));
        assert_eq!((mark.zone(), mark.url(), mark.referrer()), (3, Some(URL), Some(PAGE)), "{file}");
    }
}

#[test]
fn what_is_promised_is_marked_when_it_is_written() {
    let (_folder, image, out) = image();
    if let Err(reason) = mark(&image, URL.as_bytes()) {
        println!("NOT TESTED: {reason}");
        return;
    }
    std::fs::create_dir(&out).unwrap();
    let files = Arc::new(View::of_tree(Image::open(memory(&disc())).unwrap().default_tree().clone()));
    let mut items = Vec::new();
    let mut each = |_: usize, name: &str, node: Node, _: Attributes| {
        items.push((name.to_owned(), node));
        true
    };
    files.list(Node::ROOT, 0, &mut each).unwrap();
    let delivery = Delivery::new(files, OriginMark::read(&image));
    for (name, node) in items {
        delivery.deliver(node, &out.join(name)).unwrap();
    }
    for file in FILES {
        let mark = OriginMark::read(&out.join(file)).unwrap_or_else(|| panic!("{file} is not marked"));
        assert_eq!((mark.zone(), mark.url()), (3, Some(URL)), "{file}");
    }
}

#[test]
fn files_of_other_images_are_not_marked() {
    let (_folder, image, out) = image();
    extract_with_program(&image, &out);
    for file in FILES {
        assert!(out.join(file).exists());
        assert_eq!(OriginMark::read(&out.join(file)), None, "{file}");
    }
}

#[test]
fn a_hostile_mark_is_handed_on_as_far_as_it_is_sound() {
    let (_folder, image, out) = image();
    if let Err(reason) = mark(&image, b"https://a\nZoneId=0\x1b[2J") {
        println!("NOT TESTED: {reason}");
        return;
    }
    extract_with_program(&image, &out);
    let mark = OriginMark::read(&out.join("setup.exe")).unwrap();
    assert_eq!((mark.zone(), mark.url()), (3, None));
}

#[test]
fn the_mark_does_not_change_what_is_written() {
    let (_folder, _, out) = image();
    let mark = OriginMark::from_zone_identifier(format!("[ZoneTransfer]\nZoneId=3\nHostUrl={URL}").as_bytes());
    let destination = Destination::create(&out).unwrap().marking(Some(mark));
    let image = Image::open(memory(&disc())).unwrap();
    let options: Options = OnConflict::KeepBoth.into();
    let plan = Plan::make(image.default_tree(), &Selection::Everything, options, &destination, &mut |_| {}).unwrap();
    let report = extract::run(&Arc::new(plan), &destination, Durability::Never, &mut |_| {}, &|| false).unwrap();
    assert!(report.is_plain());
    assert_eq!(std::fs::read(out.join("inner/read me.txt")).unwrap(), b"hello");
}
