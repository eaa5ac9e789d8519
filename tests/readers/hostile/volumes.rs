//! Boot catalogues, sections of files and sessions that lie.

use std::time::{Duration, Instant};

use super::{GOOD, content_of, explained, said, ten_are_fine};
use crate::support::builder::{BLOCK, Data, Disc, ROOT, append_session};
use crate::support::survey::{digest_of, open, survey};
use crate::support::{el_torito, susp};

/// A disc with this boot catalogue. The image behind it has 2 KiB.
fn boot(entries: &dyn Fn(u32) -> Vec<[u8; 32]>) -> (isoscope::disc::Image, usize) {
    let mut disc = Disc::rock_ridge();
    for name in GOOD {
        disc.rr_file(ROOT, name, &content_of(name));
    }
    let image = disc.data(&[0x90; BLOCK]);
    let catalogue = disc.boot_catalogue(&entries(image.block));
    let built = disc.build();
    ten_are_fine(&built);
    (open(&built.bytes).unwrap(), catalogue.block as usize * BLOCK)
}

#[test]
fn a_sound_boot_catalogue_raises_no_complaint() {
    let (image, _) = boot(&|block| {
        vec![
            el_torito::validation(0, b"ID"),
            el_torito::boot(true, 0, 4, block),
            el_torito::section(true, 0xef, 2),
            el_torito::boot(true, 0, 4, block),
            el_torito::boot(false, 0x20, 4, block),
            el_torito::extension(true),
            el_torito::extension(false),
        ]
    });
    assert_eq!(image.boot_images().len(), 3, "{:?}", said(&image));
    assert!(said(&image).is_empty(), "{:?}", said(&image));
    let first = &image.boot_images()[0];
    assert_eq!(crate::support::survey::contents(&*first.open(image.source()), 16).unwrap()[..16], [0x90; 16]);
}

#[test]
fn boot_catalogues_that_lie_are_said() {
    let wrong_sum = |_| {
        let mut validation = el_torito::validation(0, b"ID");
        validation[28] ^= 0xff;
        vec![validation, el_torito::boot(true, 0, 4, 40)]
    };
    let (image, place) = boot(&wrong_sum);
    assert!(said(&image).iter().any(|text| text.contains(&format!("byte {place}"))), "{:?}", said(&image));

    let past_the_end = |_| vec![el_torito::validation(0, b"ID"), el_torito::boot(true, 0, 4, 0x0fff_ffff)];
    let (image, place) = boot(&past_the_end);
    assert_eq!(image.boot_images().len(), 1);
    assert!(said(&image).iter().any(|text| text.contains(&format!("byte {}", place + 32))), "{:?}", said(&image));
    assert_eq!(image.boot_images()[0].open(image.source()).len(), 0);

    // 65,535 entries are announced, none is there.
    let endless = |block| {
        let entries = [el_torito::validation(0, b"ID"), el_torito::boot(true, 0, 4, block)];
        [entries.to_vec(), vec![el_torito::section(false, 0, 65_535); 100]].concat()
    };
    let started = Instant::now();
    let (image, _) = boot(&endless);
    assert!(started.elapsed() < Duration::from_secs(2));
    assert!(image.boot_images().len() <= 512, "{}", image.boot_images().len());
    assert!(!said(&image).is_empty());
}

#[test]
fn a_catalogue_outside_of_the_image_leaves_the_files() {
    let mut disc = Disc::rock_ridge();
    for name in GOOD {
        disc.rr_file(ROOT, name, &content_of(name));
    }
    disc.catalogue = Some(0x0fff_ffff);
    let built = disc.build();
    ten_are_fine(&built);
    let image = open(&built.bytes).unwrap();
    assert!(image.boot_images().is_empty());
    assert!(!said(&image).is_empty());
}

#[test]
fn a_file_of_several_sections_is_one_file_and_a_missing_one_is_said() {
    let mut disc = Disc::rock_ridge();
    let (one, two) = (disc.data(&[b'1'; BLOCK]), disc.data(b"22"));
    let whole = disc.primary.sections(ROOT, b"WHOLE.;1", &[one, two]);
    disc.primary.uses(whole, [susp::nm(0, b"whole")]);
    let open_end = disc.primary.file(ROOT, b"OPEN.;1", one);
    disc.primary.uses(open_end, [susp::nm(0, b"open")]);
    disc.primary.flags(open_end, 0x80);
    let built = disc.build();
    let image = open(&built.bytes).unwrap();
    let survey = survey(image.default_tree());
    assert_eq!(survey.row("whole").content, Ok(digest_of(&[[b'1'; BLOCK].as_slice(), b"22"].concat())));
    assert!(survey.row("whole").notes.is_empty());
    assert_eq!(survey.row("open").content, Ok(digest_of(&[b'1'; BLOCK])));
    explained(&survey, built.primary.record(open_end), 1);
}

#[test]
fn an_extended_attribute_record_stands_before_the_data() {
    let mut disc = Disc::new();
    let data = disc.data(&[susp::extended_attribute_record(), b"content".to_vec()].concat());
    let node = disc.primary.file(ROOT, b"FILE.TXT;1", Data { block: data.block, len: 7 });
    disc.primary.patch(node, 1, [1]);
    let image = open(&disc.build().bytes).unwrap();
    assert_eq!(survey(image.default_tree()).row("FILE.TXT").content, Ok(digest_of(b"content")));
}

#[test]
fn an_interleaved_file_is_read_right_or_refused() {
    // Two blocks of the file, one block of something else, and so on.
    let mut disc = Disc::new();
    let parts = [[b'a'; 2 * BLOCK].as_slice(), &[b'-'; BLOCK], &[b'b'; 2 * BLOCK], &[b'-'; BLOCK], b"c"];
    let data = disc.data(&parts.concat());
    let len = 4 * BLOCK as u32 + 1;
    let node = disc.primary.file(ROOT, b"FILE.TXT;1", Data { block: data.block, len });
    disc.primary.patch(node, 26, [2, 1]);
    let image = open(&disc.build().bytes).unwrap();
    let right = [[b'a'; 2 * BLOCK].as_slice(), &[b'b'; 2 * BLOCK], b"c"].concat();
    match &survey(image.default_tree()).row("FILE.TXT").content {
        Ok(digest) => assert_eq!(*digest, digest_of(&right)),
        Err(error) => assert!(error.contains("interleaved"), "{error}"),
    }
}

#[test]
fn an_image_that_is_a_file_of_the_disc_is_not_a_session() {
    let mut inner = Disc::rock_ridge();
    inner.volume_id = "INNER".to_owned();
    for number in 0..60 {
        inner.rr_file(ROOT, &format!("inner{number}"), b"inside");
    }
    let inner = inner.build().bytes;
    // Its first block is 32, where libisofs starts its first session; the other copy ends the disc.
    let mut disc = Disc::new();
    let data = disc.data(&inner);
    assert_eq!(data.block, 32);
    disc.primary.file(ROOT, b"INNER.ISO;1", data);
    let mut bytes = disc.build().bytes;
    bytes.extend(&inner);
    let image = open(&bytes).unwrap();
    assert_eq!(image.volume().id, "BUILT");
    assert_eq!(image.sessions().len(), 1, "{:?}", image.sessions());
    assert_eq!(survey(image.default_tree()).row("INNER.ISO").content, Ok(digest_of(&inner)));
}

#[test]
fn sessions_that_follow_each_other_are_all_found() {
    let session = |base: u32, name: &str| {
        let mut disc = Disc::at(base);
        disc.volume_id = name.to_owned();
        let data = disc.data(name.as_bytes());
        disc.primary.file(ROOT, b"FILE.TXT;1", data);
        disc
    };
    let mut bytes = session(0, "ONE").build().bytes;
    for name in ["TWO", "THREE"] {
        bytes = append_session(bytes, |base| session(base, name));
    }
    let source = crate::support::sources::memory(&bytes);
    for (number, name) in [(1, "ONE"), (2, "TWO"), (3, "THREE")] {
        let image = isoscope::disc::Image::open_session(source.clone(), number).unwrap();
        assert_eq!(image.volume().id, name);
        assert_eq!(image.sessions().len(), 3);
        assert_eq!(survey(image.default_tree()).row("FILE.TXT").content, Ok(digest_of(name.as_bytes())));
    }
}
