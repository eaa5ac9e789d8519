//! The list of what is worth a second look: each kind on a disc that has it, and nothing on ordinary discs.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::support::builder::{Disc, ROOT, Tree, both32, utf16};
use crate::support::sources::CancelAfter;
use crate::support::{discs, fixtures, peers, sources};
use isoscope::disc::{Error, Image, Source};
use isoscope::verify::suspicion::{self, Remark, RemarkKind};

fn remarks_of(source: Arc<dyn Source>) -> Vec<Remark> {
    let image = Image::open(source).unwrap();
    let mut last = (0, 0);
    let remarks = suspicion::find(&image, &mut |done, total| {
        assert!(done >= last.0 && done <= total, "{done} of {total} after {last:?}");
        last = (done, total);
    });
    let remarks = remarks.unwrap();
    for remark in &remarks {
        assert!(!remark.sentence.ends_with('.') && !remark.title.ends_with('.'), "{remark:?}");
        assert!(!remark.sentence.chars().any(char::is_control), "{remark:?}");
        assert!(serde_json::to_string(remark).unwrap().contains("\"kind\""));
    }
    remarks
}

fn remarks(bytes: &[u8]) -> Vec<Remark> {
    remarks_of(sources::memory(bytes))
}

fn kinds(remarks: &[Remark]) -> Vec<RemarkKind> {
    remarks.iter().map(|remark| remark.kind).collect()
}

fn disc(folder: &Path, files: &[(&str, &[u8])]) -> Vec<Remark> {
    let files: Vec<(&str, Vec<u8>)> = files.iter().map(|(name, bytes)| (*name, bytes.to_vec())).collect();
    let scratch = tempfile::tempdir_in(folder).unwrap();
    remarks(&discs::disc(scratch.path(), "x", &files, &[]))
}

/// A shortcut with nothing in it but a command.
fn shortcut(command: &str) -> Vec<u8> {
    let mut bytes = b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46".to_vec();
    bytes.resize(76, 0);
    bytes.extend(command.encode_utf16().flat_map(u16::to_le_bytes));
    bytes
}

#[test]
fn ordinary_discs_have_nothing_on_the_list() {
    let mut told = Vec::new();
    for name in fixtures::names() {
        let remarks = remarks_of(fixtures::source(&name));
        told.extend(remarks.iter().map(|remark| format!("{name}: {:?} {:?}", remark.kind, remark.paths)));
    }
    // It was made to have a file that is hidden.
    assert_eq!(told, ["g-hidden-trans-tbl.iso: HiddenFiles [\"hello.txt\"]"]);
}

#[test]
fn discs_of_others_have_what_is_known_of_them() {
    let Some(corpus) = std::env::var_os("ISOSCOPE_CORPUS").filter(|value| !value.is_empty()) else { return };
    let mut told = Vec::new();
    for file in fs::read_dir(&corpus).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let Some(plain) = name.strip_suffix(".xz") else { continue };
        let bytes = peers::run(Path::new(&corpus), "xz", &["-dc", &name]);
        let Ok(image) = Image::open(sources::memory(&bytes)) else { continue };
        for remark in suspicion::find(&image, &mut |_, _| {}).unwrap() {
            told.push(format!("{plain}: {:?} {:?}", remark.kind, remark.paths));
        }
    }
    told.sort();
    // It stands for a disc that installs Windows, which starts its own setup.
    assert_eq!(told, ["made--y_windows_like_udf.iso: Autorun [\"autorun.inf\"]"]);
}

#[test]
fn names_that_are_not_what_they_seem_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let list =
        disc(folder.path(), &[("docs/invoice.pdf.exe", b"MZ"), ("docs/manual.pdf", b"%PDF"), ("setup.exe", b"MZ")]);
    assert_eq!(kinds(&list), [RemarkKind::DoubleExtension], "{list:?}");
    assert_eq!(list[0].paths, ["docs/invoice.pdf.exe"]);
    assert!(list[0].sentence.starts_with("“docs/invoice.pdf.exe” is named like a document, but runs as a program"));

    let list = disc(
        folder.path(),
        &[("exe\u{202e}fdp.scr", b"MZ"), ("a\u{200b}b", b""), ("ab", b""), ("\u{645}\u{200c}", b"")],
    );
    assert_eq!(kinds(&list), [RemarkKind::DeceptiveName], "{list:?}");
    assert_eq!((list[0].paths.len(), list[0].more_paths), (2, 0));
    assert!(list[0].sentence.starts_with("2 files are named with characters"));

    let list =
        disc(folder.path(), &[("aux.h", b"x"), ("end.", b"x"), ("end ", b"x"), ("console", b"x"), (".hidden", b"x")]);
    assert_eq!(kinds(&list), [RemarkKind::WindowsName], "{list:?}");
    let mut paths = list[0].paths.clone();
    paths.sort();
    assert_eq!(paths, ["aux.h", "end ", "end."]);
}

#[test]
fn what_starts_programs_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let list = disc(
        folder.path(),
        &[("AUTORUN.INF", b"[autorun]\r\nopen=bin\\setup.exe\r\nicon=a.ico\r\n"), ("bin/setup.exe", b"MZ")],
    );
    assert_eq!(kinds(&list), [RemarkKind::Autorun], "{list:?}");
    let expected = "“AUTORUN.INF” says that “bin\\setup.exe” is to be started: Windows XP and older do so when the disc is \
                    inserted, newer ones ask";
    assert_eq!(list[0].sentence, expected);
    assert!(list[0].offset.is_some());
    assert!(
        disc(
            folder.path(),
            &[("autorun.inf", b"[autorun]\nicon=a.ico\n"), ("inner/autorun.inf", b"[autorun]\nopen=a.exe")]
        )
        .is_empty()
    );

    let bad = shortcut("C:\\Windows\\System32\\cmd.exe /c start x.dll");
    let list = disc(
        folder.path(),
        &[("Documents.lnk", &bad), ("text.lnk", &shortcut("D:\\notes.txt")), ("not.lnk", b"cmd.exe")],
    );
    assert_eq!(kinds(&list), [RemarkKind::Shortcut], "{list:?}");
    assert_eq!(list[0].paths, ["Documents.lnk"]);
}

#[test]
fn hidden_files_and_data_that_nothing_claims_are_told() {
    let mut disc = Disc::rock_ridge();
    let one = disc.rr_file(ROOT, "secret.dll", b"MZ a program");
    disc.primary.flags(one, 1);
    disc.rr_file(ROOT, "shown", b"shown");
    disc.data(b"PK\x03\x04 an archive that no folder names");
    disc.rr_file(ROOT, "behind", b"x");
    let mut bytes = disc.build().bytes;
    let end = bytes.len();
    bytes.extend(vec![0; 8192]);
    bytes.extend(b"MZ appended");
    let list = remarks(&bytes);
    assert_eq!(kinds(&list), [RemarkKind::HiddenFiles, RemarkKind::Gaps, RemarkKind::Appended], "{list:?}");
    assert_eq!(list[0].paths, ["secret.dll"]);
    assert!(list[1].sentence.ends_with("among it is what looks like a ZIP archive"), "{list:?}");
    assert_eq!(list[2].offset, Some(end as u64 + 8192));
    assert!(list[2].sentence.contains("a program for Windows or DOS"), "{list:?}");
}

#[test]
fn files_that_only_one_tree_shows_are_told() {
    let mut disc = Disc::rock_ridge();
    let (mut joliet, mut last) = (Tree::default(), None);
    for name in ["one", "two", "three"] {
        let data = disc.data(name.as_bytes());
        let node = disc.rr_file(ROOT, name, b"");
        disc.primary.patch(node, 2, both32(data.block));
        disc.primary.patch(node, 10, both32(data.len));
        joliet.file(ROOT, &utf16(name), data);
        last = Some(data);
    }
    let lone = disc.data(b"only Windows shows this");
    joliet.file(ROOT, &utf16("extra.scr"), lone);
    disc.joliet = Some((joliet, *b"%/E"));
    let list = remarks(&disc.build().bytes);
    assert!(last.is_some());
    assert_eq!(kinds(&list), [RemarkKind::OneTreeOnly], "{list:?}");
    assert_eq!(list[0].paths, ["extra.scr"]);
    assert_eq!(list[0].sentence, "“extra.scr” is shown by Joliet, but not by Rock Ridge");
}

#[test]
fn files_that_overlap_in_part_are_told_and_equal_ones_are_not() {
    let build = |shift: u32| {
        let mut disc = Disc::rock_ridge();
        let data = disc.data(&[9; 10_000]);
        for (name, block) in [("one", data.block), ("two", data.block + shift)] {
            let node = disc.rr_file(ROOT, name, b"");
            disc.primary.patch(node, 2, both32(block));
            disc.primary.patch(node, 10, both32(6000));
        }
        disc.rr_file(ROOT, "other", b"other");
        remarks(&disc.build().bytes)
    };
    assert!(!kinds(&build(0)).contains(&RemarkKind::Overlaps));
    let list = build(1);
    let overlap = list.iter().find(|remark| remark.kind == RemarkKind::Overlaps).unwrap();
    assert_eq!(overlap.paths, ["one", "two"]);
    assert!(overlap.sentence.starts_with("2 files are recorded where a part of another file lies"));
}

#[test]
fn more_than_the_disc_can_hold_is_told() {
    // Many files of 4 GB each, one block apart, on a disc of some kilobytes.
    let mut disc = Disc::rock_ridge();
    let data = disc.data(&[9; 20_000]);
    for at in 0..8_u32 {
        let node = disc.rr_file(ROOT, &format!("file-{at}"), b"");
        disc.primary.patch(node, 2, both32(data.block + at));
        disc.primary.patch(node, 10, both32(u32::MAX));
    }
    let list = remarks(&disc.build().bytes);
    assert!(kinds(&list).contains(&RemarkKind::Promises) && kinds(&list).contains(&RemarkKind::Overlaps), "{list:?}");
    let promise = list.iter().find(|remark| remark.kind == RemarkKind::Promises).unwrap();
    assert!(promise.sentence.starts_with("The files say that they have 34.4 GB together"), "{promise:?}");
}

#[test]
fn a_cancelled_look_ends_and_damage_does_not() {
    let bytes = fixtures::bytes("x-rock-ridge-joliet.iso");
    let image = Image::open(sources::memory(&bytes)).unwrap();
    let mut cancelled = 0;
    for after in 0..200 {
        let source: Arc<dyn Source> = Arc::new(CancelAfter::new(sources::memory(&bytes), after));
        match suspicion::find(&image.with_source(&source), &mut |_, _| {}) {
            Err(Error::Cancelled) => cancelled += 1,
            Err(error) => panic!("{error}"),
            Ok(_) => break,
        }
    }
    assert!(cancelled > 3);
    for cut in (40_000..bytes.len()).step_by(4_999) {
        let Ok(image) = Image::open(sources::memory(&bytes[..cut])) else { continue };
        suspicion::find(&image, &mut |_, _| {}).unwrap();
    }
}
