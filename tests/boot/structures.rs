//! Boot structures of discs that real programs have made, against xorriso's own report of them, and against copies with
//! one thing broken.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crate::support::sources::{self, ScratchedSource};
use isoscope::boot::effort::Effort;
use isoscope::boot::report::{BootReport, Request};
use isoscope::boot::verdict::{self, Boots};
use isoscope::disc::boot::system_area::{BootCode, SystemArea};
use isoscope::disc::source::MemorySource;
use isoscope::disc::tree::{self, Found};
use isoscope::disc::{Image, Source};
use serde_json::Value;

const ISOLINUX: &str = "/usr/lib/ISOLINUX";
const SYSLINUX: &str = "/usr/lib/syslinux/mbr";
const GRUB: &str = "/usr/lib/grub/i386-pc";

/// Runs a tool and says what it wrote to standard output.
fn tool(name: &str, arguments: &[&str]) -> String {
    let output = Command::new(name).args(arguments).output().unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Has xorriso write `image` with these options from what is in `files`.
fn write(image: &Path, options: &[&str], files: &Path) -> PathBuf {
    let [to, from] = [image, files].map(|path| path.to_str().unwrap());
    tool("xorriso", &[&["-as", "mkisofs", "-quiet", "-R", "-o", to], options, &[from]].concat());
    image.to_owned()
}

/// A disc that starts by ISOLINUX and by an image for UEFI, from discs and from sticks with each of the three tables.
fn isolinux(folder: &Path) -> PathBuf {
    let files = folder.join("isolinux files");
    std::fs::create_dir_all(files.join("isolinux")).unwrap();
    std::fs::copy(format!("{ISOLINUX}/isolinux.bin"), files.join("isolinux/isolinux.bin")).unwrap();
    std::fs::write(files.join("efi.img"), vec![7; 100_000]).unwrap();
    let image = folder.join("isolinux.iso");
    let mbr = format!("{ISOLINUX}/isohdpfx.bin");
    let options = [
        "-isohybrid-mbr",
        &mbr,
        "-c",
        "isolinux/boot.cat",
        "-b",
        "isolinux/isolinux.bin",
        "-no-emul-boot",
        "-boot-load-size",
        "4",
        "-boot-info-table",
        "-eltorito-alt-boot",
        "-e",
        "efi.img",
        "-no-emul-boot",
        "-isohybrid-gpt-basdat",
        "-isohybrid-apm-hfsplus",
    ];
    write(&image, &options, &files)
}

/// A disc that starts by GRUB 2, with an image for UEFI behind the disc's own bytes.
fn grub(folder: &Path) -> PathBuf {
    let files = folder.join("grub files");
    std::fs::create_dir_all(files.join("boot/grub")).unwrap();
    let core = files.join("boot/grub/eltorito.img");
    tool(
        "grub-mkimage",
        &["-O", "i386-pc-eltorito", "-p", "/boot/grub", "-o", core.to_str().unwrap(), "biosdisk", "iso9660"],
    );
    let efi = folder.join("efi.img");
    std::fs::write(&efi, vec![7; 1 << 20]).unwrap();
    let image = folder.join("grub.iso");
    let mbr = format!("{GRUB}/boot_hybrid.img");
    let efi = efi.to_str().unwrap();
    let options = [
        "--grub2-mbr",
        &mbr,
        "-b",
        "boot/grub/eltorito.img",
        "-no-emul-boot",
        "-boot-load-size",
        "4",
        "-boot-info-table",
        "--grub2-boot-info",
        "-eltorito-alt-boot",
        "-append_partition",
        "2",
        "0xef",
        efi,
        "-appended_part_as_gpt",
        "-e",
        "--interval:appended_partition_2:all::",
        "-no-emul-boot",
    ];
    write(&image, &options, &files)
}

/// What `isoscope boot --json` says, and its exit status.
fn boot(image: &Path) -> (Value, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_isoscope")).args(["boot", "--json"]).arg(image).output().unwrap();
    (serde_json::from_slice(&output.stdout).unwrap(), output.status.code().unwrap())
}

/// The lines of xorriso's report, by the words before the colon; without the lines that only give names to columns.
fn reported(image: &Path) -> BTreeMap<String, Vec<Vec<String>>> {
    let indev = ["-indev", image.to_str().unwrap(), "-report_el_torito", "plain", "-report_system_area", "plain"];
    let mut lines: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for line in tool("xorriso", &indev).lines() {
        let Some((name, words)) = line.split_once(':') else { continue };
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        if words.first().is_some_and(|word| word != "N") {
            lines.entry(name.trim().to_owned()).or_default().push(words);
        }
    }
    lines
}

fn number(word: &str) -> u64 {
    word.strip_prefix("0x").map_or_else(|| word.parse().unwrap(), |hex| u64::from_str_radix(hex, 16).unwrap())
}

#[test]
fn xorriso_reports_the_same_structures() {
    let folder = tempfile::tempdir().unwrap();
    for image in [isolinux(folder.path()), grub(folder.path())] {
        let (found, status) = boot(&image);
        let report = reported(&image);
        assert_eq!((status, &found["findings"]), (0, &serde_json::json!([])), "{}", image.display());

        let images = found["el_torito"]["images"].as_array().unwrap();
        let none = Vec::new();
        let lines = |name: &str| report.get(name).unwrap_or(&none);
        assert_eq!((images.len(), lines("El Torito boot img").len()), (2, 2));
        for (ours, theirs) in images.iter().zip(lines("El Torito boot img")) {
            let [n, platform, bootable, emulation, segment, kind, size, lba] = theirs.as_slice() else {
                panic!("{theirs:?}")
            };
            assert_eq!(ours["number"], number(n));
            assert_eq!(ours["platform"], platform.as_str());
            assert_eq!(ours["bootable"], bootable == "y");
            assert_eq!((ours["emulation"].as_str(), emulation.as_str()), (Some("no emulation"), "none"));
            assert_eq!(ours["load_segment"], number(segment));
            assert_eq!(ours["system_type"], number(kind));
            assert_eq!(ours["declared_sectors"], number(size));
            assert_eq!(ours["lba"], number(lba));
        }
        assert_eq!(found["el_torito"]["checksum_right"], true);
        assert_eq!(found["el_torito"]["offset"], number(&lines("El Torito catalog")[0][0]) * 2048);
        // Files, and what was patched into them.
        let numbered = |name: &str, ours: &Value| {
            let line = lines(name).iter().find(|words| ours["number"] == number(&words[0]));
            line.map(|words| words[1..].join(" ")).unwrap_or_default()
        };
        for ours in images {
            let path = ours["path"].as_str().map(|path| format!("/{path}")).unwrap_or_default();
            assert_eq!(path, numbered("El Torito img path", ours));
            let options = numbered("El Torito img opts", ours);
            assert_eq!(ours["boot_info_table"]["right"] == true, options.contains("boot-info-table"));
            assert_eq!(ours["isohybrid_core"], options.contains("isohybrid-suitable"));
            assert_eq!(ours["grub2_address"].is_u64(), options.contains("grub2-boot-info"));
        }
        // The system area.
        let summary = lines("System area summary")[0].join(" ");
        let codes = [("isohybrid", "ISOLINUX (isohybrid)"), ("grub2-mbr", "GRUB 2")];
        let code = codes.iter().find(|(word, _)| summary.contains(word)).unwrap().1;
        assert_eq!(found["mbr"]["code"], code);
        assert_eq!(found["mbr"]["loads"], images[0]["offset"], "{}", image.display());
        let partitions: Vec<[u64; 5]> = lines("MBR partition")
            .iter()
            .map(|words| [&words[0], &words[1], &words[2], &words[3], &words[4]].map(|word| number(word)))
            .collect();
        let ours = found["mbr"]["partitions"].as_array().unwrap().iter().map(|part| {
            let field = |name: &str| part[name].as_u64().unwrap();
            let status = if part["active"] == true { 0x80 } else { 0 };
            [field("number"), status, field("type"), field("first_block"), field("blocks")]
        });
        assert_eq!(ours.collect::<Vec<_>>(), partitions);
        assert_eq!(found["gpt"].is_object(), summary.contains("GPT"));
        assert_eq!(!found["apm"].as_array().unwrap().is_empty(), summary.contains("APM"));
        let guid = |text: &str| text.replace('-', "");
        let disk = lines("GPT disk GUID").first().map(|words| words[0].clone());
        if let Some(disk) = disk {
            // xorriso writes the bytes in the order of the disc.
            let ours = guid(found["gpt"]["disk_guid"].as_str().unwrap());
            assert_eq!((ours.len(), &ours[16..]), (disk.len(), &disk[16..]));
        }
    }
}

#[test]
fn the_code_of_every_kind_is_recognised() {
    let kinds = [
        (format!("{ISOLINUX}/isohdpfx.bin"), BootCode::Isohybrid),
        (format!("{ISOLINUX}/isohdppx.bin"), BootCode::Isohybrid),
        (format!("{SYSLINUX}/mbr.bin"), BootCode::Syslinux),
        (format!("{SYSLINUX}/altmbr.bin"), BootCode::Syslinux),
        (format!("{SYSLINUX}/gptmbr.bin"), BootCode::SyslinuxGpt),
        (format!("{GRUB}/boot.img"), BootCode::Grub2),
        (format!("{GRUB}/boot_hybrid.img"), BootCode::Grub2),
    ];
    for (path, code) in kinds {
        let mut record = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        record.resize(512, 0);
        record[510..].copy_from_slice(&[0x55, 0xaa]);
        let area = SystemArea::read(&MemorySource::new(record)).unwrap().unwrap();
        assert_eq!(area.code, code, "{path}");
    }
}

#[test]
fn what_is_broken_is_found_and_said_where() {
    let folder = tempfile::tempdir().unwrap();
    let images = [isolinux(folder.path()), grub(folder.path())];
    let bytes = images.map(|image| std::fs::read(image).unwrap());
    let start = |disc: &[u8]| {
        let source: Arc<dyn Source> = Arc::new(MemorySource::new(disc.to_vec()));
        usize::try_from(Image::open(source).unwrap().boot_images()[0].extent.offset).unwrap()
    };
    let [isolinux, grub] = [0, 1].map(|at| (bytes[at].clone(), start(&bytes[at])));
    let broken = [
        (
            "a byte of the core",
            &isolinux,
            isolinux.1 + 3000,
            isolinux.1 as u64 + 20,
            "is not what its boot information",
        ),
        ("the place of the descriptor", &isolinux, isolinux.1 + 8, isolinux.1 as u64 + 8, "where there is none"),
        ("the address in the first sector", &isolinux, 432, 432, "where no boot image begins"),
        ("the mark of the core", &isolinux, isolinux.1 + 64, 432, "is no ISOLINUX for sticks"),
        ("the signature", &grub, 511, 510, "but not the signature 55 AA"),
        ("the address in GRUB", &grub, grub.1 + 2548, grub.1 as u64 + 2548, "looks for itself at byte"),
    ];
    for (what, (disc, _), at, place, words) in broken {
        let mut disc = disc.clone();
        disc[at] ^= 0x10;
        let path = folder.path().join("broken.iso");
        std::fs::write(&path, &disc).unwrap();
        let (found, status) = boot(&path);
        let findings = found["findings"].as_array().unwrap();
        let told = |finding: &Value| finding["offset"] == place && finding["message"].as_str().unwrap().contains(words);
        assert!(findings.iter().any(told), "{what}: {findings:#?}");
        assert_eq!(status, 1, "{what}");
    }
}

#[test]
fn what_cannot_be_read_or_is_not_known_is_not_said_to_fail() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = std::fs::read(isolinux(folder.path())).unwrap();
    let said = |source: Arc<dyn Source>| {
        let image = Image::open(source).unwrap();
        let report = BootReport::read(&image, &Request { effort: Effort::Whole, dbx: None }).unwrap();
        let verdicts = verdict::verdicts(&image, &report).unwrap();
        [&verdicts[0], &verdicts[1]].map(|verdict| (verdict.boots, verdict.evidence.is_empty()))
    };
    // The second half of ISOLINUX is missing; where it might be cannot be read; the first sector cannot either.
    let whole = sources::memory(&bytes);
    assert_eq!(said(whole.clone()), [(Boots::No, false), (Boots::No, false)]);
    let image = Image::open(whole.clone()).unwrap();
    let Some(Found::Entry { folder: root, index }) = tree::find(image.default_tree().as_ref(), "isolinux").unwrap()
    else {
        panic!("there is no such folder")
    };
    let place = root.entries()[index].content.extents()[0];
    for (from, boots) in [(place.offset, [Boots::Unknown, Boots::Unknown]), (0, [Boots::No, Boots::Unknown])] {
        let source = ScratchedSource { inner: whole.clone(), bad: from..from + 512 };
        assert_eq!(said(Arc::new(source)).map(|(boots, _)| boots), boots, "from byte {from}");
    }

    // Code that starts no partition is not held to partitions, and other tables mark none for it.
    let code = |text: &[u8]| {
        let mut disc = bytes.clone();
        disc[..440].fill(0x90);
        disc[100..100 + text.len()].copy_from_slice(text);
        disc[446..510].fill(0);
        said(sources::memory(&disc))[1].0
    };
    assert_eq!(code(b"GRUB4DOS"), Boots::Unknown);
    assert_eq!(code(b"Operating system load error."), Boots::No);
}
