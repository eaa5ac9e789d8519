//! The checksums that lie inside an image and beside it, as the programs that write and check them see them.

#![cfg(unix)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use isoscope::disc::source::read_up_to;
use isoscope::disc::{Error, Extent, Image};
use isoscope::verify::digest::{Algorithm, hasher};
use isoscope::verify::{
    Check, CheckKind, FileCheck, ListeningCheck, Outcome, implant, libisofs, manifest, neighbours, sums,
};
use support::rng::Rng;
use support::{allocator, peers, sources};

#[global_allocator]
static METER: allocator::Counting = allocator::Counting;

fn open(bytes: &[u8]) -> Image {
    Image::open(sources::memory(bytes)).unwrap()
}

/// Lets a check hear what the image has of its bytes, in pieces that end anywhere.
fn listen(image: &Image, mut listener: Box<dyn ListeningCheck>) -> Check {
    let extent = listener.extent();
    let mut at = extent.offset;
    while at < extent.end() {
        let piece = read_up_to(image.source().as_ref(), Extent::new(at, 70_001.min(extent.end() - at))).unwrap();
        if piece.is_empty() {
            break;
        }
        listener.hear(&piece);
        at += piece.len() as u64;
    }
    listener.finish()
}

fn run(image: &Image, check: Box<dyn FileCheck>) -> Check {
    check.run(image, &mut |_| {}).unwrap()
}

/// Packs `folder`/in into `folder`/disc.iso, and gives the image.
fn pack(folder: &Path, options: &[&str]) -> Vec<u8> {
    let arguments = [&["-no_rc", "-as", "mkisofs", "-quiet", "-R"], options, &["-o", "disc.iso", "in"]].concat();
    peers::run(folder, "xorriso", &arguments);
    std::fs::read(folder.join("disc.iso")).unwrap()
}

/// A folder with a folder `in` that holds a file of so many bytes.
fn ground(seed: u64, len: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("in")).unwrap();
    std::fs::write(folder.path().join("in/data"), Rng::new(seed).bytes(len)).unwrap();
    folder
}

fn damaged(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 0xff;
    bytes
}

fn implanted(bytes: &[u8]) -> Check {
    let image = open(bytes);
    listen(&image, implant::find(&image).unwrap().unwrap())
}

#[test]
fn an_implanted_checksum_is_judged_as_checkisomd5_judges_it() {
    let folder = ground(1, 1_400_000);
    let plain = pack(folder.path(), &[]);
    assert!(implant::find(&open(&plain)).unwrap().is_none());
    peers::run(folder.path(), "implantisomd5", &["-S", "disc.iso"]);
    let whole = std::fs::read(folder.path().join("disc.iso")).unwrap();
    let covered = whole.len() - 15 * 2048;
    let theirs = |bytes: &[u8]| {
        std::fs::write(folder.path().join("copy.iso"), bytes).unwrap();
        peers::output(folder.path(), "checkisomd5", &["copy.iso"]).status.success()
    };
    let good = implanted(&whole);
    assert_eq!((good.outcome, good.bad_count(), theirs(&whole)), (Outcome::Pass, 0, true), "{good:?}");
    assert!(good.scope.ends_with("its last 15 sectors; RHLISOSTATUS is 1: marked as supported"), "{}", good.scope);

    let mut places = vec![0, 1, 32_767, 34_162, 34_163, 65_535, 65_536, covered - 1, covered, whole.len() - 1];
    let fragment = covered / 21;
    places.extend((1..=20).flat_map(|number| [number * fragment - 1, number * fragment]));
    let mut late = 0;
    for at in places {
        let copy = damaged(&whole, at);
        let check = implanted(&copy);
        assert_eq!(check.outcome == Outcome::Pass, theirs(&copy), "byte {at}: {check:?}");
        if check.outcome == Outcome::Fail {
            let extent = check.bad[0].extent.unwrap();
            assert!(extent.end() > at as u64 && extent.length <= 5 * 32_768, "byte {at}: {check:?}");
            // A sum of three digits is right by chance once in some 3400 times.
            late += usize::from(extent.offset > at as u64);
            let (from, to) = (extent.offset, extent.end());
            assert_eq!(check.detail, format!("It does not match; the damage lies between byte {from} and byte {to}"));
        }
    }
    assert!(late <= 1, "{late} places are said to be damaged behind the damage");

    let cut = &whole[..whole.len() / 2];
    let check = implanted(cut);
    assert_eq!((check.outcome, theirs(cut)), (Outcome::Fail, false), "{check:?}");
    assert_eq!(check.first_bad_offset, Some(cut.len() as u64));
}

#[test]
fn a_small_volume_is_whole_although_its_sums_of_fragments_stand_elsewhere() {
    let folder = ground(2, 100_000);
    pack(folder.path(), &[]);
    peers::run(folder.path(), "implantisomd5", &["disc.iso"]);
    let whole = std::fs::read(folder.path().join("disc.iso")).unwrap();
    assert_eq!(implanted(&whole).outcome, Outcome::Pass);
    let at = whole.len() - 16 * 2048;
    let check = implanted(&damaged(&whole, at));
    assert!(check.outcome == Outcome::Fail && check.bad[0].extent.unwrap().end() > at as u64, "{check:?}");
}

/// The outcome of each range of libisofs' tags by its first block, and the paths of files that differ.
fn tags_and_files(bytes: &[u8]) -> (BTreeMap<u64, Outcome>, BTreeSet<String>) {
    let image = open(bytes);
    let (mut ranges, mut files) = (BTreeMap::new(), BTreeSet::new());
    for listener in libisofs::find(&image).unwrap() {
        let pending = listener.pending();
        assert_eq!((pending.kind, pending.outcome), (CheckKind::SessionTag, Outcome::Pending));
        let start = listener.extent().offset / 2048;
        let check = listen(&image, listener);
        if pending.source.contains("tag") {
            ranges.insert(start, check.outcome);
        }
    }
    if let Some(check) = libisofs::find_files(&image).unwrap() {
        let check = run(&image, check);
        assert_eq!(check.outcome == Outcome::Pass, check.bad.is_empty(), "{check:?}");
        files.extend(check.bad.iter().filter_map(|bad| bad.path.as_ref().map(|path| format!("/{path}"))));
    }
    (ranges, files)
}

/// The same as xorriso sees it.
fn tags_and_files_of_xorriso(folder: &Path) -> (BTreeMap<u64, bool>, BTreeSet<String>) {
    let output = |arguments: &[&str]| {
        let output = peers::output(folder, "xorriso", arguments);
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    let media = output(&["-no_rc", "-indev", "copy.iso", "-md5", "on", "-check_media", "use=indev", "what=disc", "--"]);
    let ranges = media.lines().filter_map(|line| line.strip_prefix("MD5 tag range:")).map(|line| {
        let start = line.split(',').next().unwrap().trim().parse().unwrap();
        (start, line.contains("md5_match"))
    });
    let files = output(&["-no_rc", "-md5", "on", "-indev", "copy.iso", "-check_md5_r", "sorry", "/", "--"]);
    let files = files.lines().filter_map(|line| line.strip_prefix("MD5 MISMATCH: '")?.strip_suffix('\''));
    (ranges.collect(), files.map(str::to_owned).collect())
}

#[test]
fn tags_and_checksums_of_libisofs_are_judged_as_xorriso_judges_them() {
    let folder = tempfile::tempdir().unwrap();
    let (mut rng, at) = (Rng::new(3), |name: &str| folder.path().join(name));
    std::fs::create_dir_all(at("a/sub")).unwrap();
    std::fs::create_dir(at("b")).unwrap();
    for (name, len) in [("a/one", 3000), ("a/two", 100_000), ("a/sub/three", 5000), ("a/empty", 0), ("b/four", 40_000)]
    {
        std::fs::write(at(name), rng.bytes(len)).unwrap();
    }
    std::fs::hard_link(at("a/one"), at("a/sub/same")).unwrap();
    peers::run(folder.path(), "xorriso", &["-no_rc", "-md5", "on", "-outdev", "disc.iso", "-map", "a", "/", "-commit"]);
    peers::run(
        folder.path(),
        "xorriso",
        &["-no_rc", "-md5", "on", "-dev", "disc.iso", "-map", "b", "/b", "-rm", "/two", "--", "-commit"],
    );
    let whole = std::fs::read(at("disc.iso")).unwrap();
    let (ranges, files) = tags_and_files(&whole);
    assert_eq!((ranges.len(), files.len()), (3, 0));
    assert!(ranges.values().all(|outcome| *outcome == Outcome::Pass), "{ranges:?}");
    let image = open(&whole);
    let all = run(&image, libisofs::find_files(&image).unwrap().unwrap());
    assert_eq!(all.detail, "All 5 files that have checksums match");

    let starts: Vec<u64> = ranges.keys().copied().collect();
    // Blocks of the copied descriptors and of both sessions: boot areas, files, and what comes behind.
    let four = whole.windows(1000).position(|bytes| bytes == &std::fs::read(at("b/four")).unwrap()[..1000]).unwrap();
    let one = whole.windows(1000).position(|bytes| bytes == &std::fs::read(at("a/one")).unwrap()[..1000]).unwrap();
    let two = whole.windows(1000).position(|bytes| bytes == &std::fs::read(at("a/two")).unwrap()[..1000]).unwrap();
    let second = usize::try_from(starts[2]).unwrap() * 2048;
    for place in [5000, 33 * 2048, one, one + 2999, two + 50_000, second + 100, four, four + 39_999, whole.len() - 10] {
        let copy = damaged(&whole, place);
        std::fs::write(at("copy.iso"), &copy).unwrap();
        let (ranges, files) = tags_and_files(&copy);
        let (their_ranges, their_files) = tags_and_files_of_xorriso(folder.path());
        let ours: BTreeMap<_, _> = ranges.iter().map(|(start, outcome)| (*start, *outcome == Outcome::Pass)).collect();
        assert_eq!((ours, files), (their_ranges, their_files), "byte {place}");
    }
}

/// The tags of the only session, with their first bytes.
fn tags(bytes: &[u8]) -> Vec<usize> {
    bytes
        .chunks(2048)
        .enumerate()
        .filter(|(_, block)| block.starts_with(b"libisofs_"))
        .map(|(at, _)| at * 2048)
        .collect()
}

#[test]
fn the_part_between_the_last_tag_that_matches_and_the_next_is_the_damaged_one() {
    let folder = ground(4, 300_000);
    let whole = pack(folder.path(), &["--md5"]);
    let tags = tags(&whole);
    assert_eq!(tags.len(), 3);
    let session = |bytes: &[u8]| {
        let image = open(bytes);
        listen(&image, libisofs::find(&image).unwrap().remove(0))
    };
    assert_eq!(session(&whole).outcome, Outcome::Pass);
    for (place, part, from, to) in [
        (100, "the volume descriptors", 0, tags[0]),
        (tags[1] - 2048 + 1000, "the directories", tags[0], tags[1]),
        (tags[2] - 5000, "the files", tags[1], tags[2]),
    ] {
        let check = session(&damaged(&whole, place));
        let bad = check.bad[0].extent.unwrap();
        assert_eq!((check.outcome, bad.offset, bad.end()), (Outcome::Fail, from as u64, to as u64), "{check:?}");
        assert!(check.detail.contains(part), "{}", check.detail);
    }
    // The tags themselves, and an image that ends early.
    for (tag, why) in [(0, "is damaged itself"), (1, "is damaged itself; what comes before it matches")] {
        let check = session(&damaged(&whole, tags[tag] + 45));
        assert!(check.outcome == Outcome::Fail && check.detail.ends_with(why), "{}", check.detail);
    }
    let check = session(&whole[..tags[2] - 4096]);
    assert_eq!((check.outcome, check.first_bad_offset.is_some()), (Outcome::Fail, true), "{check:?}");
    // All of it was moved.
    let moved = [&whole[..tags[0] + 2048], &whole[tags[0]..]].concat();
    let image = open(&moved);
    let details: Vec<_> =
        libisofs::find(&image).unwrap().into_iter().map(|check| listen(&image, check).detail).collect();
    assert!(details.iter().any(|detail| detail.contains("should be a checksum tag")), "{details:?}");
}

#[test]
fn an_array_of_checksums_that_cannot_be_is_told_and_takes_no_memory() {
    let folder = ground(5, 10_000);
    let whole = pack(folder.path(), &["--md5"]);
    let attribute = b"\x04\0\0\0\0\x04\0";
    let at = whole.windows(attribute.len()).position(|bytes| bytes == attribute).unwrap();
    let good = open(&whole);
    assert_eq!(run(&good, libisofs::find_files(&good).unwrap().unwrap()).outcome, Outcome::Pass);
    for (place, sentence) in [(at + 6, "behind the end of the image"), (at + 11, "behind the end of the image")] {
        let mut bytes = whole.clone();
        bytes[place..place + 4].fill(0xff);
        let image = open(&bytes);
        let (check, peak) = allocator::peak_of(|| run(&image, libisofs::find_files(&image).unwrap().unwrap()));
        assert!(check.outcome == Outcome::Fail && check.detail.ends_with(sentence), "{check:?}");
        assert!(peak < 1 << 20, "{peak} bytes");
    }
    // The array itself: the digest of the file, which then seems to differ.
    let array = usize::try_from(u32::from_be_bytes(whole[at + 6..at + 10].try_into().unwrap())).unwrap() * 2048;
    let image = open(&damaged(&whole, array + 16));
    let check = run(&image, libisofs::find_files(&image).unwrap().unwrap());
    assert_eq!((check.outcome, check.bad.len()), (Outcome::Fail, 2), "{check:?}");
    assert!(check.detail.ends_with("the list of checksums is damaged itself"), "{}", check.detail);
}

#[test]
fn what_tools_write_is_read_as_they_mean_it() {
    let folder = tempfile::tempdir().unwrap();
    let names =
        ["plain.iso", "a b", " blank", "*star", "(x) = y", "grüße", "tab\tname", "back\\slash", "line\nbreak", "a\\nb"];
    for (number, name) in names.iter().enumerate() {
        std::fs::write(folder.path().join(name), Rng::new(number as u64).bytes(1000 * number)).unwrap();
    }
    let escaped: Vec<&str> = names.to_vec();
    // OpenSSL writes a line break as it is.
    let raw: Vec<&str> = names.iter().copied().filter(|name| !name.contains('\n')).collect();
    let tools: [(&str, &[&str], Algorithm, &[&str]); 11] = [
        ("md5sum", &[], Algorithm::Md5, &escaped),
        ("md5sum", &["--tag"], Algorithm::Md5, &escaped),
        ("sha1sum", &["-b"], Algorithm::Sha1, &escaped),
        ("sha256sum", &[], Algorithm::Sha256, &escaped),
        ("sha384sum", &["--tag"], Algorithm::Sha384, &escaped),
        ("sha512sum", &["-z"], Algorithm::Sha512, &raw),
        ("cksum", &["-a", "sha224"], Algorithm::Sha224, &escaped),
        ("shasum", &["-a", "256", "-b"], Algorithm::Sha256, &escaped),
        ("openssl", &["dgst", "-sha512"], Algorithm::Sha512, &raw),
        ("openssl", &["dgst", "-r", "-sha256"], Algorithm::Sha256, &raw),
        ("b3sum", &[], Algorithm::Blake3, &escaped),
    ];
    for (tool, options, algorithm, names) in tools {
        // A name that begins with a blank or a star could be an option of none of them.
        let text = peers::run(folder.path(), tool, &[options, names].concat());
        let mut found = BTreeMap::new();
        let list = if tool == "b3sum" { "x.b3" } else { "x" };
        let summary = sums::read(&mut text.as_slice(), list, &mut |entry| {
            assert_eq!(entry.algorithms[0], algorithm, "{tool}");
            found.insert(entry.name.unwrap().into_owned(), entry.bytes);
        });
        assert_eq!(summary.unwrap().not_understood, 0, "{tool} {options:?}:\n{}", String::from_utf8_lossy(&text));
        let made = names.iter().map(|name| {
            let mut hasher = hasher(algorithm);
            hasher.update(&std::fs::read(folder.path().join(name)).unwrap());
            ((*name).to_owned(), hasher.finish().bytes)
        });
        assert_eq!(found, made.collect(), "{tool} {options:?}:\n{}", String::from_utf8_lossy(&text));
    }
}

#[test]
fn a_folder_with_an_image_tells_its_checksums() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.iso"), b"abc").unwrap();
    std::fs::write(folder.path().join("b.iso"), b"b").unwrap();
    for (command, file) in [
        ("sha256sum *.iso", "SHA256SUMS"),
        ("md5sum --tag a.iso", "a.iso.md5"),
        ("sha512sum b.iso", "b.iso.sha512"),
        ("sha512sum b.iso", "SHA512SUMS"),
        ("b3sum --no-names a.iso", "a.b3"),
    ] {
        peers::run(folder.path(), "sh", &["-c", &format!("{command} > {file}")]);
    }
    let neighbours = neighbours::read(&folder.path().join("a.iso"));
    let found: Vec<_> = neighbours.found.iter().map(|one| (one.file.as_str(), one.digest.clone())).collect();
    let digest = |algorithm| {
        let mut hasher = hasher(algorithm);
        hasher.update(b"abc");
        hasher.finish()
    };
    let wanted = [("a.b3", Algorithm::Blake3), ("a.iso.md5", Algorithm::Md5), ("SHA256SUMS", Algorithm::Sha256)];
    assert_eq!(found, wanted.map(|(file, algorithm)| (file, digest(algorithm))));
    assert_eq!(neighbours.silent, [("SHA512SUMS".to_owned(), "It speaks of “b.iso”, not of this image".to_owned())]);
}

/// The check of the list at `path` of an image.
fn manifest(bytes: &[u8], path: &str) -> Check {
    let image = open(bytes);
    let check = manifest::find(&image).unwrap().into_iter().find(|check| check.pending().source == path);
    run(&image, check.unwrap_or_else(|| panic!("{path} is not found")))
}

#[test]
fn the_list_of_a_debian_disc_is_checked_file_by_file() {
    let folder = ground(6, 50_000);
    let at = |name: &str| folder.path().join("in").join(name);
    for name in ["dists/bookworm", "isolinux", "pool"] {
        std::fs::create_dir_all(at(name)).unwrap();
    }
    let files = ["dists/bookworm/Release", "isolinux/isolinux.bin", "pool/a b.deb", "pool/c.deb"];
    for (number, name) in files.into_iter().enumerate() {
        std::fs::write(at(name), Rng::new(number as u64).bytes(3000)).unwrap();
    }
    std::os::unix::fs::symlink("bookworm", at("dists/stable")).unwrap();
    let list = "find . -follow -type f ! -path ./isolinux/isolinux.bin ! -name '*.txt' -print0 | sort -z | xargs -0 md5sum > md5sum.txt";
    peers::run(&folder.path().join("in"), "sh", &["-c", list]);
    let whole = pack(folder.path(), &[]);
    let check = manifest(&whole, "md5sum.txt");
    assert_eq!((check.outcome, check.detail.as_str()), (Outcome::Pass, "All 5 files that it lists match"), "{check:?}");
    assert!(check.scope.starts_with("5 files of the disc, but not “isolinux/isolinux.bin”"), "{}", check.scope);

    let start = whole.windows(100).position(|bytes| bytes == &std::fs::read(at("pool/c.deb")).unwrap()[..100]).unwrap();
    let check = manifest(&damaged(&whole, start + 2000), "md5sum.txt");
    assert_eq!((check.outcome, check.bad.len(), check.first_bad_offset), (Outcome::Fail, 1, Some(start as u64)));
    assert_eq!(check.bad[0].path.as_deref(), Some("pool/c.deb"));
    assert_eq!(check.detail, "1 file differs; 4 others match");

    std::fs::remove_file(at("pool/c.deb")).unwrap();
    let check = manifest(&pack(folder.path(), &[]), "md5sum.txt");
    assert_eq!(
        (check.outcome, check.detail.as_str()),
        (Outcome::Fail, "1 file is missing; 4 others match"),
        "{check:?}"
    );
}

#[test]
fn lists_in_other_shapes_and_folders_are_found() {
    let folder = ground(7, 20_000);
    let at = |name: &str| folder.path().join("in").join(name);
    std::fs::create_dir_all(at("arch/x86_64")).unwrap();
    std::fs::write(at("arch/x86_64/airootfs.sfs"), Rng::new(8).bytes(9000)).unwrap();
    peers::run(&at("arch/x86_64"), "sh", &["-c", "sha512sum airootfs.sfs > airootfs.sha512"]);
    let tree_info = "{ printf '[general]\\nname = Fedora\\ntimestamp = 1700000000\\n[checksums]\\n';\
        echo \"data = sha256:$(sha256sum < data | cut -d' ' -f1)\"; } > .treeinfo";
    peers::run(&folder.path().join("in"), "sh", &["-c", tree_info]);
    peers::run(&folder.path().join("in"), "sh", &["-c", "{ sha1sum --tag data; md5sum --tag data; } > CHECKSUMS"]);
    let whole = pack(folder.path(), &[]);
    for path in ["arch/x86_64/airootfs.sha512", ".treeinfo", "CHECKSUMS"] {
        let check = manifest(&whole, path);
        let wanted = (Outcome::Pass, "The file that it lists matches");
        assert_eq!((check.outcome, check.detail.as_str()), wanted, "{path}: {check:?}");
    }
    let image = open(&whole);
    let mut told = 0;
    for check in manifest::find(&image).unwrap() {
        let bytes = check.bytes();
        let mut read = 0;
        check.run(&image, &mut |bytes| read += bytes).unwrap();
        assert_eq!(read, bytes);
        told += 1;
    }
    assert_eq!(told, 3);
}

#[test]
fn hostile_lists_lead_nowhere_and_hide_nothing() {
    let folder = ground(9, 5000);
    let at = |name: &str| folder.path().join("in").join(name);
    let md5 = String::from_utf8(peers::run(&folder.path().join("in"), "md5sum", &["data"])).unwrap();
    let other = "0".repeat(32);
    let mut text = format!("{other}  ../../etc/passwd\n{other}  /etc/passwd\n{other}  a\0b\n\0\0\0\n{md5}{md5}");
    text.push_str(&format!("{}\n", "f".repeat(10 << 20)));
    text.push_str(&format!("{other}  loop/loop/x\n{other}  out\n{other}  DATA\n{other}\n"));
    text.extend((0..1_000_000).map(|number| format!("{other}  missing/{number}\n")));
    std::fs::write(at("md5sum.txt"), &text).unwrap();
    std::os::unix::fs::symlink("loop", at("loop")).unwrap();
    std::os::unix::fs::symlink("../../data", at("out")).unwrap();
    let bytes = pack(folder.path(), &[]);
    let (check, peak) = allocator::peak_of(|| manifest(&bytes, "md5sum.txt"));
    // The image itself is in memory, too.
    let peak = peak - bytes.len();
    assert!(peak < 256 << 20, "{peak} bytes");
    assert_eq!((check.outcome, check.bad.len(), check.bad_count()), (Outcome::Fail, 1000, 999_998), "{}", check.detail);
    for part in [
        "1 file differs, 999997 files are missing; 1 other matches",
        "3 names lead out of the list’s folder and are not followed, such as “../../etc/passwd”",
        "1 name is written in another case on the disc",
        "1 checksum listed more than once",
        "1 checksum without a name",
        "of 1 line only the first 65536 bytes are read",
        "only the first 1000000 checksums were looked at",
    ] {
        assert!(check.detail.contains(part), "{part}: {}", check.detail);
    }
    let image =
        open(&bytes).with_source(&(std::sync::Arc::new(sources::CancelAfter::new(sources::memory(&bytes), 3)) as _));
    let found = manifest::find(&image).and_then(|mut found| found.remove(0).run(&image, &mut |_| {}).map(drop));
    assert!(matches!(found, Err(Error::Cancelled)));
}

/// A text of so many bytes that is made while it is read: lines of `line`, and one that differs now and then.
struct Vast {
    left: usize,
    line: Vec<u8>,
    at: usize,
}

impl std::io::Read for Vast {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let rest = &self.line[self.at..];
        let len = rest.len().min(buf.len()).min(self.left);
        buf[..len].copy_from_slice(&rest[..len]);
        self.at = (self.at + len) % self.line.len();
        self.left -= len;
        Ok(len)
    }
}

#[test]
fn a_list_of_a_hundred_megabytes_is_read_in_little_memory() {
    let line = format!("{}  pool/main/a/a-package/a-package_1.0-1_amd64.deb\n# {}\n", "ab".repeat(16), "x".repeat(900));
    let mut list = Vast { left: 100 << 20, line: line.repeat(20).into_bytes(), at: 0 };
    let mut entries = 0_u64;
    let (summary, peak) = allocator::peak_of(|| sums::read(&mut list, "md5sum.txt", &mut |_| entries += 1).unwrap());
    assert!(entries > 100_000 && summary.lines >= 2 * entries - 1 && summary.not_understood <= 1, "{summary:?}");
    assert!(peak < 1 << 20, "{peak} bytes");
}

#[test]
fn the_images_of_others_match_what_they_carry() {
    let Some(corpus) = std::env::var_os("ISOSCOPE_CORPUS").filter(|value| !value.is_empty()) else { return };
    let unpack = |name: &str| peers::run(Path::new(&corpus), "xz", &["-dc", &format!("{name}.xz")]);
    assert_eq!(implanted(&unpack("made--r_implantmd5.iso")).outcome, Outcome::Pass);
    let image = open(&unpack("made--x_md5_acl.iso"));
    let tags = libisofs::find(&image).unwrap();
    assert!(!tags.is_empty());
    for check in tags {
        let check = listen(&image, check);
        assert_eq!(check.outcome, Outcome::Pass, "{check:?}");
    }
    let check = run(&image, libisofs::find_files(&image).unwrap().unwrap());
    assert_eq!(check.outcome, Outcome::Pass, "{check:?}");
}
