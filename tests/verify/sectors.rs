//! The error detection codes of raw sectors: right ones pass, and a changed byte is found and told with the file that it
//! lies in.
#![cfg(unix)]

use std::path::Path;
use std::sync::Arc;

use crate::support::raw::{self, Kind};
use crate::support::rng::Rng;
use crate::support::sources::ScratchedSource;
use crate::support::{discs, fixtures, peers, sources};
use isoscope::disc::{Extent, Image, Source};
use isoscope::verify::digest::Algorithm;
use isoscope::verify::plan::{Plan, Request, Subject};
use isoscope::verify::sectors;
use isoscope::verify::{Check, CheckKind, ListeningCheck, Outcome};

const KINDS: [(Kind, usize, usize); 4] =
    [(Kind::Mode1, 2352, 16), (Kind::Mode2Form1, 2352, 24), (Kind::Mode2Short, 2336, 8), (Kind::Mode1Sub, 2448, 16)];

fn listener(bytes: &[u8]) -> Option<Box<dyn ListeningCheck>> {
    let file: Arc<dyn Source> = sources::memory(bytes);
    let image = Image::open(file.clone()).unwrap();
    sectors::find(&file, &image).unwrap()
}

/// The check of a raw image that is heard in pieces of `piece` bytes, where those in `unread` cannot be read.
fn heard(bytes: &[u8], piece: usize, unread: std::ops::Range<usize>) -> Check {
    let mut listener = listener(bytes).unwrap();
    assert_eq!(listener.extent(), Extent::new(0, bytes.len() as u64));
    let pending = listener.pending();
    assert_eq!((pending.kind, pending.outcome), (CheckKind::SectorCodes, Outcome::Pending));
    for part in [0..unread.start, unread.clone(), unread.end..bytes.len()] {
        if part == unread {
            listener.miss(part.len() as u64);
            continue;
        }
        bytes[part].chunks(piece).for_each(|piece| listener.hear(piece));
    }
    listener.finish()
}

fn check(bytes: &[u8]) -> Check {
    heard(bytes, 100_000, 0..0)
}

/// A disc with three files of ten sectors each, one after the other, and where the first begins.
fn disc(folder: &Path) -> (Vec<u8>, usize) {
    let mut random = Rng::new(5);
    let files: Vec<(&str, Vec<u8>)> = ["a", "b", "c"].into_iter().map(|name| (name, random.bytes(20_480))).collect();
    let plain = discs::disc(folder, "x", &files, &["-no-pad"]);
    let at = plain.windows(64).position(|window| window == &files[0].1[..64]).unwrap();
    assert_eq!(&plain[at + 20_480..at + 20_544], &files[1].1[..64]);
    (plain, at / 2048)
}

#[test]
fn the_generator_gives_the_very_sectors_of_a_disc_that_another_program_wrote() {
    let Some(corpus) = std::env::var_os("ISOSCOPE_CORPUS").filter(|value| !value.is_empty()) else { return };
    let real = peers::run(Path::new(&corpus), "xz", &["-dc", "libcdio--isofs-m1.bin.xz"]);
    let plain: Vec<u8> = real.chunks_exact(2352).flat_map(|sector| sector[16..2064].to_vec()).collect();
    assert!(raw::image(&plain, Kind::Mode1) == real);
    let check = check(&real);
    assert_eq!(check.outcome, Outcome::Pass, "{check:?}");
    assert_eq!(check.detail, format!("The codes of {} sectors are right", real.len() / 2352));
}

#[test]
fn right_sectors_pass_in_whatever_pieces_they_come() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, _) = disc(folder.path());
    for (kind, sector_len, _) in KINDS {
        let raw = raw::image(&plain, kind);
        assert_eq!(raw.len(), plain.len() / 2048 * sector_len);
        for piece in [1, 2351, 2352, 5000, raw.len()] {
            let check = heard(&raw, piece, 0..0);
            assert_eq!(check.outcome, Outcome::Pass, "{kind:?} {piece}: {check:?}");
            assert_eq!(check.detail, format!("The codes of {} sectors are right", plain.len() / 2048));
            assert!(check.bad.is_empty());
        }
    }
}

#[test]
fn every_kind_of_changed_byte_is_found_with_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, first) = disc(folder.path());
    for (kind, sector_len, data_at) in KINDS {
        let good = raw::image(&plain, kind);
        for (sector, path) in [(first, Some("a")), (first + 12, Some("b")), (first + 29, Some("c")), (3, None)] {
            // The first byte of data, one in the middle, the last one, and one of the code itself.
            for at in [data_at, data_at + 1000, data_at + 2047, data_at + 2049] {
                let mut bad = good.clone();
                bad[sector * sector_len + at] ^= 0x10;
                let check = check(&bad);
                assert_eq!(check.outcome, Outcome::Fail, "{kind:?} {sector} {at}");
                let [found] = check.bad.as_slice() else { panic!("{check:?}") };
                assert_eq!(found.path.as_deref(), path, "{check:?}");
                assert_eq!(found.extent, Some(Extent::new(sector as u64 * 2048, 2048)));
                assert_eq!(found.why, format!("Sector {sector} differs from its error detection code"));
                assert_eq!(check.first_bad_offset, Some(sector as u64 * 2048));
                let inside = if path.is_some() { ", in 1 file" } else { "" };
                assert_eq!(check.detail, format!("1 of {} sectors is bad{inside}", plain.len() / 2048));
            }
        }
    }
}

#[test]
fn runs_that_reach_over_files_are_told_for_each() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, first) = disc(folder.path());
    let mut bad = raw::image(&plain, Kind::Mode1);
    for sector in first + 8..first + 12 {
        bad[sector * 2352 + 100] ^= 1;
    }
    // One that was not read off the disc at all.
    bad[(first + 25) * 2352..(first + 26) * 2352].fill(0);
    let check = check(&bad);
    let told: Vec<_> =
        check.bad.iter().map(|bad| (bad.path.as_deref(), bad.extent.unwrap(), bad.why.as_str())).collect();
    let run = format!("Sectors {} to {} differ from their error detection codes", first + 8, first + 11);
    let none = format!("Sector {} does not begin as a sector does", first + 25);
    let at = |sector: usize, count: u64| Extent::new((first + sector) as u64 * 2048, count * 2048);
    assert_eq!(
        told,
        [(Some("a"), at(8, 2), run.as_str()), (Some("b"), at(10, 2), &run), (Some("c"), at(25, 1), &none)]
    );
    assert_eq!(check.detail, format!("5 of {} sectors are bad, in 3 files", plain.len() / 2048));
}

#[test]
fn what_cannot_be_read_is_told_and_what_follows_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, first) = disc(folder.path());
    let mut bytes = raw::image(&plain, Kind::Mode1);
    bytes[(first + 28) * 2352 + 500] ^= 1;
    let unread = (first + 2) * 2352 + 100..(first + 6) * 2352 + 1;
    let check = heard(&bytes, 10_000, unread);
    let told: Vec<&str> = check.bad.iter().map(|bad| bad.why.as_str()).collect();
    assert_eq!(
        told,
        [
            format!("Sectors {} to {} cannot be read", first + 2, first + 6),
            format!("Sector {} differs from its error detection code", first + 28)
        ]
    );
    assert_eq!(check.outcome, Outcome::Fail);
    let mut silent = listener(&bytes).unwrap();
    silent.miss(u64::MAX);
    assert_eq!(silent.finish().outcome, Outcome::Fail);
    let mut short = listener(&raw::image(&plain, Kind::Mode1)).unwrap();
    short.hear(&bytes[..30 * 2352]);
    assert_eq!(short.finish().outcome, Outcome::Error);
}

#[test]
fn of_a_scratched_raw_image_the_places_and_the_files_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, first) = disc(folder.path());
    for (kind, sector_len, _) in KINDS {
        let bad = ((first + 12) * sector_len) as u64..((first + 13) * sector_len) as u64;
        let inner = sources::memory(&raw::image(&plain, kind));
        let image = Image::open(Arc::new(ScratchedSource { inner, bad: bad.clone() })).unwrap();
        let subject = Subject { image: &image, raw: image.raw_file(), path: None };
        let request = Request { expected: None, digests: vec![Algorithm::Sha256] };
        let report = Plan::new(subject, &request).unwrap().run(subject, &mut |_| {}).unwrap();
        assert!(report.digests.is_empty(), "{kind:?}: there is no digest of what cannot be read");
        let of = |kind| report.checks.iter().find(|check| check.kind == kind).unwrap();
        let reading = of(CheckKind::Reading);
        let place = reading.bad[0].extent.unwrap();
        // Sectors of the disk are the smallest that can be told.
        assert!(place.offset <= bad.start && place.end() >= bad.end, "{kind:?}: {place:?}");
        assert!(place.length <= sector_len as u64 + 2 * 2048, "{kind:?}: {place:?}");
        let codes = of(CheckKind::SectorCodes);
        assert_eq!((reading.outcome, codes.outcome), (Outcome::Fail, Outcome::Fail));
        assert!(codes.bad.iter().all(|bad| bad.path.as_deref() == Some("b")), "{kind:?}: {codes:?}");
        assert!(codes.bad.iter().any(|bad| bad.why.ends_with("cannot be read")), "{kind:?}: {codes:?}");
    }
}

#[test]
fn sectors_that_are_left_out_are_missed() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, first) = disc(folder.path());
    let mut bytes = raw::image(&plain, Kind::Mode1);
    bytes.drain((first + 5) * 2352..(first + 8) * 2352);
    let check = check(&bytes);
    assert_eq!(check.outcome, Outcome::Fail);
    assert_eq!(check.bad[0].why, format!("3 sectors are left out before sector {}", first + 5));
    assert_eq!(check.detail, "The sectors do not follow one another at 1 place");
}

#[test]
fn audio_behind_the_data_and_form_2_without_codes_are_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, _) = disc(folder.path());
    let mut bytes = raw::image(&plain, Kind::Mode2Form1);
    let sectors = plain.len() / 2048;
    let address = u32::try_from(sectors).unwrap() + 150;
    let mut random = Rng::new(9);
    let data = random.bytes(2324);
    bytes.extend(raw::mode_2_form_2(address, &data, true));
    bytes.extend(raw::mode_2_form_2(address + 1, &data, false));
    bytes.extend(random.bytes(2352 * 10));
    bytes.extend(&[1, 2, 3]);
    let good = check(&bytes);
    assert_eq!(good.outcome, Outcome::Pass, "{good:?}");
    let expected =
        format!("The codes of {} sectors are right; 11 others have none; the last sector is not complete", sectors + 1);
    assert_eq!(good.detail, expected);
    bytes[sectors * 2352 + 2000] ^= 4;
    assert_eq!(check(&bytes).bad.len(), 1);
}

#[test]
fn images_of_plain_sectors_have_no_codes() {
    for name in ["x-rock-ridge-joliet.iso", "u-sparable.udf.sparse"] {
        let file = fixtures::source(name);
        let image = Image::open(file.clone()).unwrap();
        assert!(sectors::find(&file, &image).unwrap().is_none(), "{name}");
    }
}

#[test]
fn changed_bytes_end_in_a_result() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, _) = disc(folder.path());
    let mut random = Rng::new(77);
    for (kind, ..) in KINDS {
        let good = raw::image(&plain, kind);
        for _ in 0..40 {
            let mut bad = good.clone();
            for _ in 0..50 {
                let at = random.below(bad.len());
                bad[at] = random.bytes(1)[0];
            }
            let file: Arc<dyn Source> = sources::memory(&bad);
            let Ok(image) = Image::open(file.clone()) else { continue };
            let Some(mut listener) = sectors::find(&file, &image).unwrap() else { continue };
            listener.hear(&bad);
            let check = listener.finish();
            assert!(check.outcome != Outcome::Pending && !check.detail.is_empty());
        }
    }
}
