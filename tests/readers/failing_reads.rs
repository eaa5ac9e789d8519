//! A drive that fails once, at every read there is: the failure is told, and costs no more than what it hit.

use std::sync::Arc;

use crate::support::builder::{Disc, ROOT};
use crate::support::sources::{FailingSource, OneByteSource, ScratchedSource, memory};
use crate::support::survey::{Survey, survey};
use crate::support::udf_builder::Kind as Map;
use crate::support::udf_builder::sample::Sample;
use crate::support::{fat, fixtures, hfs};
use isoscope::disc::{Image, Source};
use isoscope::verify::plan::{Plan, Request, Subject};
use isoscope::verify::{Algorithm, CheckKind, Outcome};

/// Everything of an image: the survey of each tree, the bytes of each boot image, and what was said of the image.
struct Whole {
    surveys: Vec<(String, Survey)>,
    boot: Vec<Result<String, String>>,
    said: Vec<String>,
}

fn whole(source: Arc<dyn Source>) -> Result<Whole, String> {
    let image = Image::open(source).map_err(|error| error.to_string())?;
    let said = image.diagnostics().items().iter().map(ToString::to_string).collect();
    let surveys = image.trees().iter().map(|tree| (format!("{:?}", tree.kind()), survey(tree))).collect();
    let boot = image
        .boot_images()
        .iter()
        .map(|boot| crate::support::survey::digest(&*boot.open(image.source())).map_err(|error| error.to_string()));
    Ok(Whole { surveys, boot: boot.collect(), said })
}

impl Whole {
    /// True when the failure of a read is told anywhere.
    fn tells(&self) -> bool {
        let told = |text: &str| text.contains("made to fail");
        let rows = |survey: &Survey| {
            let contents = survey.rows.values().filter_map(|row| row.content.as_ref().err());
            let said = survey.all_said();
            contents.into_iter().any(|error| told(error)) || said.iter().any(|(_, text)| told(text))
        };
        self.said.iter().any(|text| told(text))
            || self.surveys.iter().any(|(_, survey)| rows(survey))
            || self.boot.iter().any(|boot| boot.as_ref().is_err_and(|error| told(error)))
    }

    fn same(&self, other: &Self) -> bool {
        self.boot == other.boot
            && self.said == other.said
            && self.surveys.len() == other.surveys.len()
            && self.surveys.iter().zip(&other.surveys).all(|((kind, one), (other_kind, other))| {
                kind == other_kind && one.rows == other.rows && one.complaints == other.complaints
            })
    }
}

/// How many entries are missing or differ.
fn lost(good: &Survey, bad: &Survey) -> usize {
    good.rows.iter().filter(|(path, row)| bad.rows.get(*path) != Some(row)).count()
}

fn check(name: &str) {
    check_bytes(name, &fixtures::bytes(name));
}

fn check_bytes(name: &str, bytes: &[u8]) {
    let source = memory(bytes);
    let counter = FailingSource::new(source.clone(), u64::MAX);
    let good = whole(counter.clone()).unwrap();
    assert!(counter.reads() > 5, "{name}: {} reads", counter.reads());
    for failing in 0..counter.reads() {
        let result = whole(FailingSource::new(source.clone(), failing));
        let Ok(bad) = result else {
            let error = result.err().unwrap_or_default();
            assert!(error.contains("made to fail"), "{name}, read {failing}: {error}");
            continue;
        };
        assert!(bad.tells() || bad.same(&good), "{name}, read {failing}: the failure is told nowhere");
        // Nothing is ever wrong in silence: an entry that differs says why, or its folder does.
        for (kind, survey) in &bad.surveys {
            let Some((_, original)) = good.surveys.iter().find(|(other, _)| other == kind) else { continue };
            for (path, row) in &survey.rows {
                if let (Some(before), Ok(digest)) = (original.rows.get(path), &row.content)
                    && before.content.as_ref() != Ok(digest)
                    // Of a file with several versions on write-once media an older one may be shown, which is said.
                    && (kind != "Udf" || row.notes.is_empty())
                {
                    panic!("{name}, read {failing}: {path} has other bytes than it should");
                }
            }
        }
        // One failed read of data costs one file of one tree.
        let costs: usize = bad
            .surveys
            .iter()
            .filter_map(|(kind, survey)| {
                let (_, original) = good.surveys.iter().find(|(other, _)| other == kind)?;
                Some(if survey.complaints == original.complaints { lost(original, survey) } else { 0 })
            })
            .sum();
        let roots_intact = bad.surveys.len() == good.surveys.len() && bad.said == good.said;
        assert!(costs <= 1 || !roots_intact, "{name}, read {failing}: {costs} entries are lost");
    }
}

#[test]
fn every_read_of_a_rock_ridge_disc_fails_once() {
    check("g-rock-ridge.iso");
}

#[test]
fn every_read_of_a_joliet_disc_fails_once() {
    check("g-joliet-long.iso");
}

#[test]
fn every_read_of_a_disc_with_moved_folders_fails_once() {
    check("g-moved.iso");
}

#[test]
fn every_read_of_a_disc_with_packed_files_fails_once() {
    check("x-zisofs1.iso");
    check("x-zisofs2.iso");
}

#[test]
fn every_read_of_a_disc_with_boot_images_fails_once() {
    check("x-boot-bios-uefi.iso");
}

#[test]
fn every_read_of_a_disc_with_sessions_fails_once() {
    check("x-sessions.iso");
}

#[test]
fn every_read_of_a_disc_with_hfs_or_hfs_plus_fails_once() {
    check("g-hfs-part.iso");
    check("x-hfsplus.iso");
    for (name, bytes) in hfs::specimens::all() {
        check_bytes(&name, &bytes);
    }
}

#[test]
fn every_read_of_a_fat_file_system_fails_once() {
    for width in fat::WIDTHS {
        check_bytes(&format!("{width:?}"), &fat::sample(width).bytes);
    }
}

#[test]
fn every_read_of_a_disc_with_udf_fails_once() {
    check("p-windows-like.iso");
    check("k-bluray.iso");
    for (kind, revision) in
        [(Map::Physical, 0x201), (Map::Virtual, 0x150), (Map::Sparable, 0x201), (Map::Metadata, 0x250)]
    {
        check_bytes(&format!("{kind:?}"), &Sample::new(kind, 2048, revision).disc.build().bytes);
    }
}

#[test]
fn a_source_that_gives_one_byte_at_a_time_gives_the_same_disc() {
    for name in fixtures::names().iter().filter(|name| !name.ends_with(".sparse")) {
        let source = memory(&fixtures::bytes(name));
        let slow: Arc<dyn Source> = Arc::new(OneByteSource(source.clone()));
        let (good, slow) = (whole(source).unwrap(), whole(slow).unwrap());
        assert!(good.same(&slow), "{name}");
        assert!(!good.surveys.is_empty() && good.surveys.iter().all(|(_, survey)| !survey.rows.is_empty()), "{name}");
    }
}

#[test]
fn what_cannot_be_read_is_told_with_the_file_and_takes_the_digest_with_it() {
    let mut disc = Disc::rock_ridge();
    disc.rr_file(ROOT, "good.bin", &[1; 10_000]);
    disc.rr_file(ROOT, "scratched.bin", &[2; 10_000]);
    let bytes = disc.build().bytes;
    let at = bytes.windows(10).position(|window| window == [2; 10]).unwrap() as u64;
    let source = Arc::new(ScratchedSource { inner: memory(&bytes), bad: at + 5000..at + 5001 });
    let image = Image::open(source).unwrap();
    let subject = Subject { image: &image, raw: None, path: None };
    let request = Request { expected: None, digests: vec![Algorithm::Md5] };
    let report = Plan::new(subject, &request).unwrap().run(subject, &mut |_| {}).unwrap();
    let reading = report.checks.iter().find(|check| check.kind == CheckKind::Reading).unwrap();
    assert_eq!((reading.outcome, reading.first_bad_offset), (Outcome::Fail, Some(at + 4096)), "{reading:?}");
    let paths: Vec<_> = reading.bad.iter().filter_map(|bad| bad.path.as_deref()).collect();
    assert_eq!(paths, ["scratched.bin"]);
    assert!(report.digests.is_empty(), "there is no digest of what was not read");
}
