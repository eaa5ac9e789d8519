//! SquashFS as mksquashfs writes it: single files come out as unsquashfs gives them, whatever packs them, with few bytes
//! read; and damage is told and never ends in a loop.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::support::peers;
use crate::support::rng::Rng;
use crate::support::sources::{CountedSource, memory};
use isoscope::disc::source::FileSource;
use isoscope::disc::squashfs::{Compressor, SquashFs};
use isoscope::disc::{Error, Source, limits};

const RELEASE: &[u8] = b"NAME=\"Made up\"\nVERSION_ID=\"12\"\n";

/// A small live system: links as they are in real ones, a file of several blocks, one with a hole, one of no bytes.
fn tree(folder: &Path) -> PathBuf {
    let root = folder.join("root");
    for inner in ["etc", "usr/lib", "var/log", "loop"] {
        fs::create_dir_all(root.join(inner)).unwrap();
    }
    fs::write(root.join("usr/lib/os-release"), RELEASE).unwrap();
    let mut noise = Rng::new(7);
    let mut large = noise.bytes(300_000);
    large[100_000..200_000].fill(7);
    fs::write(root.join("var/large"), &large).unwrap();
    let mut holed = vec![0; 500_000];
    holed[..5].copy_from_slice(b"begin");
    holed[499_990..].copy_from_slice(b"at the end");
    fs::write(root.join("var/holed"), holed).unwrap();
    fs::write(root.join("var/empty"), []).unwrap();
    // A program: what the filters of xz are for.
    fs::copy("/bin/ls", root.join("usr/lib/program")).unwrap();
    for (link, target) in [
        ("etc/os-release", "../usr/lib/os-release"),
        ("etc/absolute", "/usr/lib/os-release"),
        ("etc/outside", "../../../../../usr/lib/os-release"),
        ("lib", "usr/lib"),
        ("loop/one", "two"),
        ("loop/two", "one"),
        ("loop/self", "self/deeper"),
        ("etc/nowhere", "/not/there"),
    ] {
        std::os::unix::fs::symlink(target, root.join(link)).unwrap();
    }
    root
}

/// The bytes of `root` packed with these switches.
fn pack(folder: &Path, root: &Path, name: &str, switches: &[&str]) -> Vec<u8> {
    let (root, image) = (root.to_str().unwrap(), folder.join(name));
    let fixed = ["-noappend", "-quiet", "-no-progress", "-all-root", "-mkfs-time", "1700000000"];
    peers::run(folder, "mksquashfs", &[&[root, image.to_str().unwrap()], &fixed[..], switches].concat());
    fs::read(image).unwrap()
}

fn open(bytes: &[u8]) -> SquashFs {
    SquashFs::open(memory(bytes)).unwrap()
}

/// What `path` gives, which must be there.
fn read(squash: &SquashFs, path: &str) -> Vec<u8> {
    squash.read_file(path, limits::ALLOCATION).unwrap().unwrap_or_else(|| panic!("{path} is not there"))
}

#[test]
fn files_come_out_as_unsquashfs_gives_them_whatever_packs_them() {
    let folder = tempfile::tempdir().unwrap();
    let root = tree(folder.path());
    let kinds: &[(&str, Compressor, &[&str])] = &[
        ("gzip", Compressor::Gzip, &["-comp", "gzip"]),
        ("xz", Compressor::Xz, &["-comp", "xz"]),
        ("xz-x86", Compressor::Xz, &["-comp", "xz", "-Xbcj", "x86", "-b", "1M"]),
        ("xz-arm", Compressor::Xz, &["-comp", "xz", "-Xbcj", "arm,armthumb,powerpc,sparc,ia64", "-b", "256K"]),
        ("lzma", Compressor::Lzma, &["-comp", "lzma"]),
        ("lz4", Compressor::Lz4, &["-comp", "lz4", "-Xhc"]),
        ("zstd", Compressor::Zstd, &["-comp", "zstd"]),
        ("zstd-22", Compressor::Zstd, &["-comp", "zstd", "-Xcompression-level", "22", "-b", "1M"]),
        ("small-blocks", Compressor::Gzip, &["-b", "4K"]),
        ("plain", Compressor::Gzip, &["-noI", "-noD", "-noF", "-noX"]),
        ("no-fragments", Compressor::Zstd, &["-comp", "zstd", "-no-fragments"]),
        ("tails", Compressor::Zstd, &["-comp", "zstd", "-always-use-fragments"]),
    ];
    for (name, compressor, switches) in kinds {
        let image = format!("{name}.squashfs");
        let bytes = pack(folder.path(), &root, &image, switches);
        let squash = open(&bytes);
        let superblock = squash.superblock();
        assert_eq!(superblock.compressor, *compressor, "{name}");
        assert_eq!(superblock.made.unix_seconds(), 1_700_000_000, "{name}");
        assert!(superblock.bytes_used <= bytes.len() as u64 && superblock.bytes_used > 96, "{name}");
        for path in ["usr/lib/os-release", "var/large", "var/holed", "var/empty", "usr/lib/program"] {
            let expected = peers::run(folder.path(), "unsquashfs", &["-cat", &image, path]);
            assert!(read(&squash, path) == expected, "{name}: {path}");
            assert_eq!(expected, fs::read(root.join(path)).unwrap(), "{name}: {path}");
        }
        for path in [
            "etc/os-release",
            "/etc/absolute",
            "etc/outside",
            "lib/os-release",
            "etc/../lib/./os-release",
            "../lib/os-release",
        ] {
            assert_eq!(read(&squash, path), RELEASE, "{name}: {path}");
        }
    }
}

#[test]
fn lzo_is_said_to_be_unsupported() {
    let folder = tempfile::tempdir().unwrap();
    let root = tree(folder.path());
    let squash = open(&pack(folder.path(), &root, "lzo.squashfs", &["-comp", "lzo"]));
    assert_eq!(squash.superblock().compressor, Compressor::Lzo);
    let error = squash.read_file("etc/os-release", 100).unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error}");
    assert_eq!(error.sentence(), "This squashfs is packed with LZO, which Isoscope does not unpack");
}

#[test]
fn no_more_than_is_asked_for_is_given_and_what_is_not_there_is_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let root = tree(folder.path());
    let squash = open(&pack(folder.path(), &root, "x.squashfs", &[]));
    let whole = read(&squash, "var/large");
    for limit in [0, 1, 131_071, 131_072, 131_073, 299_999, 300_000, 300_001] {
        let part = squash.read_file("var/large", limit).unwrap().unwrap();
        assert!(part == whole[..limit.min(whole.len())], "{limit}");
    }
    for path in
        ["etc/nowhere", "etc/os-releas", "etc/os-release2", "etc/os-release/x", "", "etc", "aaa", "zzz", "etc/\0"]
    {
        assert!(squash.read_file(path, 100).unwrap().is_none(), "{path}");
    }
    assert!(squash.exists("etc").unwrap() && squash.exists("").unwrap() && squash.exists("lib/..").unwrap());
    assert!(!squash.exists("etc/nowhere").unwrap() && !squash.holds_live_root().unwrap());
    for path in ["loop/one", "loop/two/x", "loop/self"] {
        assert!(matches!(squash.read_file(path, 100), Err(Error::Limit { .. })), "{path}");
    }
}

#[test]
fn an_image_of_a_live_root_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    fs::create_dir_all(root.join("LiveOS")).unwrap();
    fs::write(root.join("LiveOS/rootfs.img"), vec![0; 100_000]).unwrap();
    assert!(open(&pack(folder.path(), &root, "x.squashfs", &[])).holds_live_root().unwrap());
}

#[test]
fn one_file_among_many_takes_few_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let root = tree(folder.path());
    for inner in ["many", "usr/share/a"] {
        fs::create_dir_all(root.join(inner)).unwrap();
        for at in 0..10_000 {
            fs::write(root.join(inner).join(format!("file-with-a-rather-long-name-{at:05}.txt")), format!("{at}\n"))
                .unwrap();
        }
    }
    for compressor in ["xz", "zstd"] {
        let name = format!("{compressor}.squashfs");
        pack(folder.path(), &root, &name, &["-comp", compressor]);
        let file = Arc::new(FileSource::open(&folder.path().join(&name)).unwrap());
        let source = CountedSource::new(file);
        let squash = SquashFs::open(source.clone()).unwrap();
        assert_eq!(read(&squash, "etc/os-release"), RELEASE);
        // Some metadata blocks, and the 128 KiB of the fragment that holds the file, all packed.
        let first = source.bytes();
        assert!(first < 100_000, "{compressor}: {first} bytes were read");
        for at in [0_usize, 1, 4_999, 9_999] {
            let path = format!("many/file-with-a-rather-long-name-{at:05}.txt");
            assert_eq!(read(&squash, &path), format!("{at}\n").into_bytes(), "{path}");
        }
        assert!(!squash.exists("many/file-with-a-rather-long-name-10000.txt").unwrap());
        let all = source.bytes();
        assert!(all < 600_000, "{compressor}: {all} bytes were read");
    }
}

/// A few small trees packed in different ways.
fn specimens(folder: &Path) -> Vec<Vec<u8>> {
    let root = folder.join("small");
    for inner in ["etc", "usr/lib"] {
        fs::create_dir_all(root.join(inner)).unwrap();
    }
    fs::write(root.join("usr/lib/os-release"), RELEASE).unwrap();
    fs::write(root.join("usr/large"), vec![b'x'; 20_000]).unwrap();
    std::os::unix::fs::symlink("../usr/lib/os-release", root.join("etc/os-release")).unwrap();
    let kinds = ["gzip", "xz", "lz4", "zstd"].map(|kind| vec!["-comp", kind, "-b", "4K", "-nopad"]);
    let plain = vec!["-noI", "-noD", "-noF", "-noX", "-b", "4K", "-nopad"];
    let all = kinds.into_iter().chain([plain]).enumerate();
    all.map(|(at, switches)| pack(folder, &root, &format!("{at}.squashfs"), &switches)).collect()
}

/// Asks for everything; what comes of it does not matter, only that it comes.
fn exhaust(source: Arc<dyn Source>) {
    let Ok(squash) = SquashFs::open(source) else { return };
    for path in ["etc/os-release", "usr/lib/os-release", "usr/large", "usr/lib/../lib/none"] {
        match squash.read_file(path, 1 << 20) {
            Ok(Some(bytes)) => assert!(bytes.len() <= 1 << 20),
            Ok(None) => {}
            Err(error) => assert!(error.offset().is_some(), "{error}"),
        }
    }
}

#[test]
fn every_truncation_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for bytes in specimens(folder.path()) {
        for len in 0..bytes.len() {
            let cut = memory(&bytes[..len]);
            let whole = SquashFs::open(cut).and_then(|squash| squash.read_file("usr/large", 1 << 20));
            assert!(!matches!(whole, Ok(Some(content)) if content != vec![b'x'; 20_000]), "{len}");
            exhaust(memory(&bytes[..len]));
        }
    }
}

#[test]
fn changed_bytes_end_in_a_result_and_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Rng::new(41);
    let started = Instant::now();
    let mut longest = Duration::ZERO;
    for bytes in specimens(folder.path()) {
        for round in 0..1_500_u64 {
            let mut changed = bytes.clone();
            for _ in 0..=round % 4 {
                // Half of the changes hit the superblock or the tables at the end.
                let at = match round % 2 {
                    0 => random.below(changed.len()),
                    _ if random.once_in(3) => random.below(96),
                    _ => changed.len() - 1 - random.below(changed.len().min(600)),
                };
                changed[at] = random.bytes(1)[0];
            }
            let one = Instant::now();
            exhaust(memory(&changed));
            longest = longest.max(one.elapsed());
        }
    }
    assert!(longest < Duration::from_secs(5), "{longest:?} of {:?}", started.elapsed());
}

#[test]
fn a_folder_that_contains_itself_ends_with_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    fs::create_dir_all(root.join("aa/bb")).unwrap();
    let mut bytes = pack(folder.path(), &root, "x.squashfs", &["-noI", "-nopad"]);
    // The entries of both folders are led to the root: three inodes of 32 bytes each stand in one block, in the order in
    // which mksquashfs finishes folders.
    let inodes = u64::from_le_bytes(bytes[64..72].try_into().unwrap());
    let directories = usize::try_from(u64::from_le_bytes(bytes[72..80].try_into().unwrap())).unwrap();
    let root_at = u64::from_le_bytes(bytes[32..40].try_into().unwrap());
    assert!(inodes > 0 && root_at < 8192, "{root_at}");
    let place = u16::try_from(root_at).unwrap().to_le_bytes();
    let end = bytes.len();
    for name in [b"aa", b"bb"] {
        let at = bytes[directories..end].windows(2).position(|window| window == name).unwrap() + directories;
        bytes[at - 8..at - 6].copy_from_slice(&place);
    }
    let squash = open(&bytes);
    assert!(squash.exists(&"aa/".repeat(1000)).unwrap());
    assert!(!squash.exists("aa/bb").unwrap());
    let error = squash.exists(&"aa/".repeat(5000)).unwrap_err();
    assert!(matches!(error, Error::Limit { .. }), "{error}");
}

#[test]
fn sizes_that_lie_take_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    fs::create_dir_all(&root).unwrap();
    fs::write(root.join("zeros"), vec![0; 4096 * 3]).unwrap();
    let bytes = pack(folder.path(), &root, "x.squashfs", &["-noI", "-nopad", "-b", "4K", "-no-fragments"]);
    let at = bytes.windows(4).rposition(|window| window == 12_288_u32.to_le_bytes()).unwrap();
    let mut lying = bytes.clone();
    lying[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let squash = open(&lying);
    let content = squash.read_file("zeros", usize::MAX);
    assert!(content.is_err() || content.unwrap().unwrap().len() <= limits::ALLOCATION);
    assert_eq!(open(&bytes).read_file("zeros", usize::MAX).unwrap().unwrap(), vec![0; 12_288]);
    assert!(SquashFs::open(memory(b"")).is_err() && SquashFs::open(memory(&[0; 4096])).is_err());
}

#[test]
fn an_image_of_the_corpus_is_read() {
    let Some(corpus) = std::env::var_os("ISOSCOPE_CORPUS").filter(|value| !value.is_empty()) else { return };
    let packed = Path::new(&corpus).join("made--n_zstd.squashfs.xz");
    let folder = tempfile::tempdir().unwrap();
    let bytes = peers::run(folder.path(), "xz", &["-dc", packed.to_str().unwrap()]);
    let image = folder.path().join("x.squashfs");
    fs::write(&image, &bytes).unwrap();
    let image = image.to_str().unwrap();
    let listed = peers::run(folder.path(), "unsquashfs", &["-lln", image]);
    let squash = open(&bytes);
    let mut compared = 0;
    for line in String::from_utf8(listed).unwrap().lines().filter(|line| line.starts_with('-')) {
        let Some((_, path)) = line.split_once("squashfs-root/") else { continue };
        let expected = peers::run(folder.path(), "unsquashfs", &["-cat", image, path]);
        assert!(read(&squash, path) == expected, "{path}");
        compared += 1;
    }
    assert!(compared > 0);
}
