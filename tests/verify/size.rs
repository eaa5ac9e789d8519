//! The length of an image against what its structures declare: whole, cut off, padded, or with something appended, each
//! on discs that real programs wrote.
#![cfg(unix)]

use std::path::Path;

use crate::support::rng::Rng;
use crate::support::{discs, fixtures, peers, sources};
use isoscope::disc::Image;
use isoscope::disc::tree::State;
use isoscope::disc::walk::Walk;
use isoscope::verify::size::{self, CutFiles, EndKind};
use isoscope::verify::{Check, CheckKind, Outcome};

fn check(bytes: &[u8]) -> (Check, Option<CutFiles>) {
    let image = Image::open(sources::memory(bytes)).unwrap();
    size::check(&image, bytes.len() as u64).unwrap()
}

fn detail(bytes: &[u8]) -> String {
    check(bytes).0.detail
}

/// Files of noise, so that none of them is taken for empty.
fn noise(names: &[(&str, usize)]) -> Vec<(String, Vec<u8>)> {
    let mut random = Rng::new(3);
    names.iter().map(|(name, len)| ((*name).to_owned(), random.bytes(*len))).collect()
}

/// A disc by xorriso with four files of a megabyte each, of which the last lies last.
fn disc(folder: &Path, name: &str, options: &[&str]) -> Vec<u8> {
    let files = noise(&[("a", 1_000_000), ("folder/b", 1_000_000), ("folder/c", 1_000_000), ("d", 1_000_000)]);
    let files: Vec<(&str, Vec<u8>)> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    discs::disc(folder, name, &files, options)
}

#[test]
fn whole_discs_end_where_they_say() {
    for name in fixtures::names() {
        let source = fixtures::source(&name);
        let image = Image::open(source.clone()).unwrap();
        let (check, cut) = size::check(&image, source.len()).unwrap();
        assert_eq!((check.kind, check.outcome), (CheckKind::Size, Outcome::Pass), "{name}: {check:?}");
        assert!(cut.is_none() && check.bad.is_empty(), "{name}: {check:?}");
        assert!(
            !check.detail.ends_with('.') && check.detail.chars().next().unwrap().is_uppercase(),
            "{}",
            check.detail
        );
        assert!(!check.source.is_empty() && !check.scope.is_empty(), "{name}");
    }
}

#[test]
fn every_cut_is_told_file_by_file_as_the_files_really_are() {
    let folder = tempfile::tempdir().unwrap();
    let whole = disc(folder.path(), "x", &["-no-pad"]);
    assert_eq!(detail(&whole), "The file ends where ISO 9660 says");
    for kept in [200_000, 1_500_000, 2_000_000, 3_000_000, 3_999_000, whole.len() - 2048] {
        let bytes = &whole[..kept];
        let image = Image::open(sources::memory(bytes)).unwrap();
        let (check, cut) = size::check(&image, kept as u64).unwrap();
        let cut = cut.unwrap();
        assert_eq!(check.outcome, Outcome::Fail, "{check:?}");
        let mut states = Vec::new();
        for step in Walk::new(image.default_tree().clone()) {
            let folder = step.folder.unwrap();
            let files = folder.entries().iter().filter(|entry| entry.is_file());
            states.extend(files.map(|entry| entry.state(kept as u64)));
        }
        let number = |state| states.iter().filter(|it| **it == state).count() as u64;
        let expected = [State::Complete, State::Partly, State::Outside].map(number);
        assert_eq!([cut.complete, cut.cut, cut.lost], expected, "{kept}: {check:?}");
        assert_eq!(check.bad_count(), cut.cut + cut.lost, "{check:?}");
        assert_eq!(check.first_bad_offset, check.bad.iter().map(|bad| bad.extent.unwrap().offset).min());
        for bad in &check.bad {
            let extent = bad.extent.unwrap();
            assert!(extent.offset >= kept as u64 && extent.end() <= whole.len() as u64, "{bad:?}");
            assert!(bad.why == "All of it is missing" || bad.why.starts_with("Its last "), "{bad:?}");
        }
        assert_eq!(cut.bytes_missing, check.bad.iter().map(|bad| bad.extent.unwrap().length).sum::<u64>());
    }
    // The last file does not fill its last sector.
    assert_eq!(check(&whole[..whole.len() - 1]).0.outcome, Outcome::Pass);
    let half = check(&whole[..whole.len() / 2]).0;
    assert!(
        half.detail.starts_with("50 % of the disc is missing: 1 file is complete, 1 is cut off"),
        "{}",
        half.detail
    );
}

#[test]
fn a_disc_that_lacks_only_padding_is_complete() {
    let folder = tempfile::tempdir().unwrap();
    let padded = disc(folder.path(), "x", &["-pad"]);
    let plain = disc(folder.path(), "y", &["-no-pad"]);
    let (one, cut) = check(&padded[..padded.len() - 200 * 1024]);
    assert_eq!(one.outcome, Outcome::Pass, "{one:?}");
    assert_eq!(
        one.detail,
        "The file is 205 kB shorter than the disc says, but nothing lies there: all 4 files are complete"
    );
    let cut = cut.unwrap();
    assert!(cut.is_nothing() && cut.needed_end <= plain.len() as u64);
    assert_eq!((cut.complete, cut.bytes_missing), (4, 0));
}

#[test]
fn what_follows_the_end_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let whole = disc(folder.path(), "x", &["-no-pad"]);
    let longer = |more: &[u8]| {
        let mut bytes = whole.clone();
        bytes.extend_from_slice(more);
        let (check, cut) = check(&bytes);
        assert_eq!(check.outcome, Outcome::Pass);
        assert!(cut.is_none());
        check.detail
    };
    assert_eq!(longer(&vec![0; 150 * 2048]), "The disc is followed by the usual padding of 300 KiB, which is empty");
    let to_mib = whole.len().next_multiple_of(1 << 20) - whole.len();
    assert!(longer(&vec![0; to_mib]).ends_with("of padding up to a whole MiB, as discs for USB sticks have it"));
    assert_eq!(longer(&vec![0; 5 << 20]), "The disc is followed by 5.2 MB of padding, empty as far as samples tell");
    assert!(longer(&vec![0; 70 << 20]).ends_with("as when a whole stick was copied"));
    let mut appended = vec![0; 1_200_128];
    appended[70_000] = 1;
    let at = whole.len() + 70_000;
    let expected =
        format!("1.2 MB follow the end of the disc at byte {}; they are not empty, as at byte {at}", whole.len());
    assert_eq!(longer(&appended), expected);
    let odd = longer(&[0; 1000]);
    assert!(
        odd.ends_with("its length is not a whole number of sectors: 1000 bytes more") || odd.contains("1.0 kB more"),
        "{odd}"
    );
}

#[test]
fn a_download_that_stopped_in_a_file_of_full_length_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let whole = disc(folder.path(), "x", &["-no-pad"]);
    assert_eq!(check(&whole).0.outcome, Outcome::Pass);
    let mut stopped = whole.clone();
    let end = stopped.len();
    stopped[end - 2_500_000..].fill(0);
    let (check, _) = check(&stopped);
    assert_eq!(check.outcome, Outcome::Fail);
    let paths: Vec<&str> = check.bad.iter().filter_map(|bad| bad.path.as_deref()).collect();
    assert_eq!(paths.len(), 2, "{check:?}");
    assert!(check.bad.iter().all(|bad| bad.why == "It holds only zeros"));
    assert!(check.detail.ends_with("although 2 files lie there: the download may be unfinished"), "{}", check.detail);
    // A single file of zeros is nobody's fault.
    let files = [("a", vec![1_u8; 3_000_000]), ("z", vec![0; 3_000_000])];
    let one = discs::disc(folder.path(), "one", &files, &["-no-pad"]);
    assert_eq!(detail(&one), "The file ends where ISO 9660 says");
}

#[test]
fn a_partition_behind_the_disc_that_is_cut_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let fat = discs::fat(folder.path(), 2880, &[("EFI/BOOT/BOOTX64.EFI", &[7; 5000])]);
    std::fs::write(folder.path().join("efi.img"), &fat).unwrap();
    let efi = folder.path().join("efi.img");
    let options = ["-append_partition", "2", "0xef", efi.to_str().unwrap(), "-appended_part_as_gpt"];
    let whole = disc(folder.path(), "x", &options);
    let image = Image::open(sources::memory(&whole)).unwrap();
    let ends = size::ends(&image).unwrap();
    let table = ends.iter().find(|end| end.kind == EndKind::Table).unwrap();
    assert_eq!(table.end, whole.len() as u64, "{ends:?}");
    let said = check(&whole).0;
    assert_eq!(said.outcome, Outcome::Pass, "{said:?}");
    assert!(said.detail.contains("GPT"), "{said:?}");
    let partition = ends.iter().find(|end| end.label == "partition GPT 2: EFI system partition").unwrap();
    let system = ends.iter().find(|end| end.kind == EndKind::FileSystem).unwrap();
    assert!(system.end <= partition.start, "{ends:?}");
    let kept = usize::try_from(partition.start).unwrap() + 100 * 2048;
    let cut = check(&whole[..kept]).0;
    assert_eq!(cut.outcome, Outcome::Fail, "{cut:?}");
    let [bad] = cut.bad.as_slice() else { panic!("{cut:?}") };
    assert_eq!(bad.why, "The last 2.7 MB of partition GPT 2: EFI system partition are missing");
    let gone = check(&whole[..usize::try_from(partition.start).unwrap()]).0;
    assert_eq!(gone.bad[0].why, "Partition GPT 2: EFI system partition is missing");
    // Without its backup at the end, the disc itself is complete.
    let without = check(&whole[..whole.len() - 512]).0;
    assert_eq!((without.outcome, without.bad.len()), (Outcome::Pass, 0), "{without:?}");
}

#[test]
fn discs_with_udf_and_with_sessions_are_measured_too() {
    let folder = tempfile::tempdir().unwrap();
    let files = noise(&[("one", 700_000), ("two", 700_000)]);
    let files: Vec<(&str, Vec<u8>)> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    let udf = discs::udf(folder.path(), &files);
    let (whole, _) = check(&udf);
    assert_eq!(whole.outcome, Outcome::Pass, "{whole:?}");
    assert!(whole.source.contains("UDF") && whole.source.contains("ISO 9660"), "{whole:?}");
    let (cut, files) = check(&udf[..udf.len() / 2]);
    assert_eq!(cut.outcome, Outcome::Fail);
    assert!(files.unwrap().cut > 0 && cut.bad.len() == 2, "{cut:?}");

    let sessions = fixtures::bytes("x-sessions.iso");
    let image = Image::open(sources::memory(&sessions)).unwrap();
    let ends = size::ends(&image).unwrap();
    let older: Vec<_> = ends.iter().filter(|end| end.kind == EndKind::Session).collect();
    assert_eq!(older.len() + 1, image.sessions().len());
    assert!(older.iter().all(|end| end.start < end.end && end.end <= sessions.len() as u64), "{older:?}");
}

#[test]
fn every_end_of_a_small_disc_gives_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let files = [("one", vec![1_u8; 3000]), ("two/three", vec![2_u8; 3000])];
    let whole = discs::disc(folder.path(), "x", &files, &["-no-pad", "-J"]);
    let mut failed = 0;
    for kept in (34_000..=whole.len()).step_by(97) {
        let Ok(image) = Image::open(sources::memory(&whole[..kept])) else { continue };
        let (check, _) = size::check(&image, kept as u64).unwrap();
        assert!(!check.detail.is_empty() && check.outcome != Outcome::Pending, "{kept}: {check:?}");
        failed += usize::from(check.outcome == Outcome::Fail);
    }
    assert!(failed > 10);
}

#[test]
fn discs_of_others_are_whole_or_known_not_to_be() {
    let Some(corpus) = std::env::var_os("ISOSCOPE_CORPUS").filter(|value| !value.is_empty()) else { return };
    let mut told = Vec::new();
    for file in std::fs::read_dir(&corpus).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let Some(plain) = name.strip_suffix(".xz") else { continue };
        let bytes = peers::run(Path::new(&corpus), "xz", &["-dc", &name]);
        let Ok(image) = Image::open(sources::memory(&bytes)) else { continue };
        let (check, _) = size::check(&image, bytes.len() as u64).unwrap();
        if check.outcome != Outcome::Pass {
            told.push(format!("{plain}: {}", check.detail));
        }
    }
    told.sort();
    let names: Vec<&str> = told.iter().map(|line| line.split(": ").next().unwrap()).collect();
    // The latter is the beginning of a disc, made to try out a damaged folder.
    assert_eq!(names, ["isolyzer--iso9660_trunc.iso", "libcdio--bad-dir.iso"], "{}", told.join("\n"));
}
