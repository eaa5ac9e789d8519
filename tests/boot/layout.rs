//! Who owns which bytes of discs and sticks that real programs have made, against what those programs and others say of
//! them, and against the bytes themselves; of copies that are cut off, and of tables that overlap.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

use crate::support::sources::memory;
use crate::support::{fixtures, peers};
use isoscope::boot::effort::Effort;
use isoscope::boot::layout::{Layout, Owner, Region};
use isoscope::boot::report::{BootReport, Request};
use isoscope::disc::partition::Scheme;
use isoscope::disc::{Extent, Image};
use serde_json::Value;

/// Bytes of the sectors that partition tables count.
const SECTOR: u64 = 512;

/// The layout of an image, whose first lane must show every byte once.
fn layout(bytes: &[u8]) -> Layout {
    let image = Image::open(memory(bytes)).unwrap();
    let request = Request { effort: Effort::Whole, dbx: None };
    let layout = Layout::read(&image, &BootReport::read(&image, &request).unwrap());
    for strip in [layout.whole(), layout.system_area(), layout.in_detail()] {
        let end = strip.lanes[0].spans.iter().fold(0, |at, span| {
            assert_eq!(span.extent.offset, at);
            span.extent.end()
        });
        assert_eq!((end, strip.left_out), (strip.extent.length, 0));
    }
    assert_eq!((layout.len(), layout.left_out()), (bytes.len() as u64, 0));
    layout
}

/// What `isoscope boot --json` says, and its exit status.
fn boot(image: &Path) -> (Value, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_isoscope")).args(["boot", "--json"]).arg(image).output().unwrap();
    (serde_json::from_slice(&output.stdout).unwrap(), output.status.code().unwrap())
}

/// The only region of this owner.
fn only(layout: &Layout, owner: Owner) -> &Region {
    let mut found = layout.regions().iter().filter(|region| region.names.iter().any(|name| name.owner == owner));
    let region = found.next().unwrap_or_else(|| panic!("there is no {owner:?}"));
    assert_eq!(found.next(), None, "{owner:?}");
    region
}

fn bytes_of<'a>(bytes: &'a [u8], region: &Region) -> &'a [u8] {
    let start = usize::try_from(region.extent.offset).unwrap();
    &bytes[start..start + usize::try_from(region.extent.length).unwrap()]
}

/// Number, first byte and length of each partition of a table.
fn partitions(layout: &Layout, scheme: Scheme) -> Vec<(u64, u64, u64)> {
    let mut found = Vec::new();
    for region in layout.regions() {
        for name in region.names.iter().filter(|name| name.owner == Owner::Partition(scheme)) {
            let number = name.label.split([' ', ':']).nth(1).unwrap().parse().unwrap();
            found.push((number, region.extent.offset, region.extent.length));
        }
    }
    found.sort_unstable();
    found
}

/// The same as sfdisk reads it.
fn sfdisk(folder: &Path, image: &str) -> Vec<(u64, u64, u64)> {
    let json: Value = serde_json::from_slice(&peers::run(folder, "sfdisk", &["-J", image])).unwrap();
    let row = |part: &Value| {
        let node = part["node"].as_str().unwrap();
        let number = node.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap();
        let field = |name: &str| part[name].as_u64().unwrap() * SECTOR;
        (number, field("start"), field("size"))
    };
    json["partitiontable"]["partitions"].as_array().unwrap().iter().map(row).collect()
}

/// The same as sgdisk reads it.
fn sgdisk(folder: &Path, image: &str) -> Vec<(u64, u64, u64)> {
    let text = String::from_utf8(peers::run(folder, "sgdisk", &["-p", image])).unwrap();
    let rows = text.lines().skip_while(|line| !line.starts_with("Number")).skip(1).map(|line| {
        let numbers: Vec<u64> = line.split_whitespace().take(3).map(|word| word.parse().unwrap()).collect();
        (numbers[0], numbers[1] * SECTOR, (numbers[2] - numbers[1] + 1) * SECTOR)
    });
    rows.collect()
}

/// Writes an EFI system partition of 720 KiB as `efi.img`.
fn write_efi(folder: &Path) {
    peers::run(folder, "mkfs.fat", &["-C", "-n", "EFI", "efi.img", "720"]);
}

/// A disc that starts by ISOLINUX and by an image for UEFI, with all three tables.
fn hybrid(folder: &Path) {
    let files = folder.join("files");
    std::fs::create_dir_all(&files).unwrap();
    std::fs::copy("/usr/lib/ISOLINUX/isolinux.bin", files.join("isolinux.bin")).unwrap();
    std::fs::copy(folder.join("efi.img"), files.join("efi.img")).unwrap();
    let options = "-as mkisofs -quiet -R -o hybrid.iso -isohybrid-mbr /usr/lib/ISOLINUX/isohdpfx.bin -c boot.cat \
                   -b isolinux.bin -no-emul-boot -boot-load-size 4 -boot-info-table \
                   -eltorito-alt-boot -e efi.img -no-emul-boot -isohybrid-gpt-basdat -isohybrid-apm-hfsplus files";
    peers::run(folder, "xorriso", &options.split_whitespace().collect::<Vec<_>>());
}

/// A disc for UEFI whose boot image stands behind the volume, in a partition of a GPT.
fn appended(folder: &Path) {
    std::fs::create_dir_all(folder.join("few")).unwrap();
    std::fs::write(folder.join("few/a.txt"), "a").unwrap();
    let options = "-as mkisofs -quiet -R -o appended.iso -append_partition 2 0xef efi.img -appended_part_as_gpt \
                   -e --interval:appended_partition_2:all:: -no-emul-boot few";
    peers::run(folder, "xorriso", &options.split_whitespace().collect::<Vec<_>>());
}

/// Holds what stands in the bytes to what the layout says of them.
fn check_signatures(bytes: &[u8], layout: &Layout) {
    let begins = |owner: Owner, signature: &[u8]| {
        let region = only(layout, owner);
        assert!(bytes_of(bytes, region).starts_with(signature), "{owner:?}: {region:?}");
        assert_eq!(region.names[0].record, region.extent.offset);
    };
    begins(Owner::GptHeader, b"EFI PART");
    begins(Owner::BackupGptHeader, b"EFI PART");
    begins(Owner::Signature, b"\x55\xaa");
    begins(Owner::BootCatalog, b"\x01");
    let first = only(layout, Owner::GptEntries);
    assert_eq!(bytes_of(bytes, first), bytes_of(bytes, only(layout, Owner::BackupGptEntries)));
    let descriptors = layout.at(32_768).next().unwrap();
    assert_eq!(descriptors.owner(), Owner::Descriptors);
    let mut sectors = bytes_of(bytes, descriptors).chunks(2048);
    assert!(sectors.all(|sector| &sector[1..6] == b"CD001"));
    assert_eq!(bytes[usize::try_from(descriptors.extent.end()).unwrap() - 2048], 255, "the terminator is the last one");
}

#[test]
fn a_hybrid_is_laid_out_as_its_tables_say() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_efi(folder);
    hybrid(folder);
    let bytes = std::fs::read(folder.join("hybrid.iso")).unwrap();
    let layout = layout(&bytes);
    check_signatures(&bytes, &layout);
    assert!(bytes_of(&bytes, only(&layout, Owner::AppleMap)).starts_with(b"PM"));
    assert!(bytes_of(&bytes, only(&layout, Owner::DriverDescriptor)).starts_with(b"ER"));
    assert_eq!(partitions(&layout, Scheme::Mbr), sfdisk(folder, "hybrid.iso"));
    assert_eq!((layout.overlaps(), layout.outside()), (&[][..], &[][..]));

    // The image for UEFI has as many names as there are structures that tell of it.
    let efi = std::fs::read(folder.join("efi.img")).unwrap();
    let region = layout.regions().iter().find(|region| region.label().contains("MBR 2")).unwrap();
    assert!(bytes_of(&bytes, region) == efi, "the image stands in its region");
    let labels: Vec<_> = region.names.iter().map(|name| name.label.as_str()).collect();
    let expected = [
        "MBR 2: EFI system partition",
        "GPT 2: basic data",
        "APM 2: Apple_HFS",
        "Boot image 2: UEFI, no emulation (efi.img)",
        "FAT12 volume EFI",
    ];
    assert_eq!(labels, expected);
    // From the outside to the inside: the disc, the partition that covers nearly all of it, the image.
    let above: Vec<_> = layout.at(region.extent.offset + 200_000).map(Region::owner).collect();
    let [inner, outer @ ..] = above.as_slice() else { panic!("nobody owns it") };
    assert_eq!((inner, outer), (&region.owner(), &[Owner::Partition(Scheme::Gpt), Owner::Partition(Scheme::Mbr)][..]));

    // The command says the same, and that all is well.
    let (found, status) = boot(&folder.join("hybrid.iso"));
    assert_eq!((status, &found["overlaps"]), (0, &serde_json::json!([])));
    let rows = found["layout"].as_array().unwrap();
    assert_eq!(rows.len(), layout.regions().len());
    let row = rows.iter().find(|row| row["offset"] == region.extent.offset).unwrap();
    let fields = [&row["length"], &row["kind"], &row["names"], &row["lane"], &row["cut"]];
    let expected = ["737280", r#""partition""#, &serde_json::to_string(&expected).unwrap(), "2", "false"];
    assert_eq!(fields.map(Value::to_string), expected);
}

#[test]
fn what_is_appended_stands_behind_the_volume() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_efi(folder);
    appended(folder);
    let bytes = std::fs::read(folder.join("appended.iso")).unwrap();
    let layout = layout(&bytes);
    check_signatures(&bytes, &layout);
    let ours = partitions(&layout, Scheme::Gpt);
    assert_eq!(ours, sfdisk(folder, "appended.iso"));
    assert_eq!(ours, sgdisk(folder, "appended.iso"));
    assert_eq!(layout.overlaps(), []);
    let efi = only(&layout, Owner::BootImage);
    assert!(bytes_of(&bytes, efi) == std::fs::read(folder.join("efi.img")).unwrap(), "the image stands in its region");
    assert_eq!(efi.owner(), Owner::Partition(Scheme::Gpt));
    // It shares the first lane with the volume, which ends before.
    let strip = layout.whole();
    let bases = strip.lanes[0].spans.iter().map(|span| &layout.regions()[span.region.unwrap()]);
    let bases: Vec<_> = bases.collect();
    assert_eq!(bases[0].owner(), Owner::Volume);
    assert!(bases.contains(&efi) && bases[0].extent.end() <= efi.extent.offset);
    assert_eq!(bases.last().unwrap().owner(), Owner::BackupGptHeader);
    // Small and large regions can all be seen.
    let axis = strip.axis(0.01);
    for region in &bases {
        let width = axis.at(region.extent.end()) - axis.at(region.extent.offset);
        assert!(width >= 0.0099, "{}: {width}", region.label());
        assert_eq!(axis.offset(axis.at(region.extent.offset)), region.extent.offset, "{}", region.label());
    }
}

#[test]
fn what_is_missing_of_an_image_that_is_cut_off_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_efi(folder);
    appended(folder);
    let whole = std::fs::read(folder.join("appended.iso")).unwrap();
    let all = layout(&whole);
    let efi = only(&all, Owner::BootImage).extent;

    // Cut within the partition, and before it.
    let within = layout(&whole[..usize::try_from(efi.offset + 5000).unwrap()]);
    let region = within.at(efi.offset + 4999).last().unwrap();
    assert_eq!((region.extent, region.claimed, region.is_cut()), (Extent::new(efi.offset, 5000), efi.length, true));
    assert_eq!(within.at(efi.offset + 5000).count(), 0);
    let before = layout(&whole[..usize::try_from(efi.offset).unwrap()]);
    let gone: Vec<_> = before.outside().iter().map(|region| region.extent).collect();
    assert!(gone.contains(&efi), "{gone:?}");
    assert!(before.regions().iter().all(|region| !region.is_cut()), "the volume is whole");

    let path = folder.join("cut.iso");
    std::fs::write(&path, &whole[..usize::try_from(efi.offset).unwrap()]).unwrap();
    let (found, _) = boot(&path);
    let row = found["layout"].as_array().unwrap().iter().find(|row| row["offset"] == efi.offset).unwrap();
    let fields = [&row["length"], &row["claimed"], &row["cut"], &row["lane"]];
    assert_eq!(fields.map(Value::to_string), ["0", "737280", "true", "null"]);
}

#[test]
fn a_stick_without_a_table_is_one_volume_and_what_follows_it() {
    let folder = tempfile::tempdir().unwrap();
    write_efi(folder.path());
    let mut bytes = std::fs::read(folder.path().join("efi.img")).unwrap();
    bytes.resize(800 << 10, 0);
    let layout = layout(&bytes);
    let strip = layout.whole();
    let bases: Vec<_> =
        strip.lanes[0].spans.iter().map(|span| (layout.regions()[span.region.unwrap()].owner(), span.extent)).collect();
    let end = 720 << 10;
    let behind = Extent::new(end, (800 << 10) - end);
    assert_eq!(bases, [(Owner::Volume, Extent::new(0, end)), (Owner::Appended, behind)]);
    assert_eq!((layout.overlaps(), partitions(&layout, Scheme::Mbr)), (&[][..], vec![]));
    assert!(!layout.regions().iter().any(|region| region.owner() == Owner::Unused), "it has no system area");
}

/// A disc with these entries in its first sector: first sector and number of sectors.
fn with_mbr(entries: &[(u32, u32)]) -> Vec<u8> {
    let mut bytes = fixtures::bytes("x-rock-ridge-joliet.iso");
    for (number, (first, count)) in entries.iter().enumerate() {
        let at = 446 + 16 * number;
        bytes[at + 4] = 0x83;
        bytes[at + 8..at + 12].copy_from_slice(&first.to_le_bytes());
        bytes[at + 12..at + 16].copy_from_slice(&count.to_le_bytes());
    }
    bytes[510..512].copy_from_slice(&[0x55, 0xaa]);
    bytes
}

#[test]
fn partitions_that_overlap_are_told_with_their_bytes() {
    let found = |entries: &[(u32, u32)]| {
        let layout = layout(&with_mbr(entries));
        layout.overlaps().iter().map(|overlap| (overlap.extent, overlap.harmless)).collect::<Vec<_>>()
    };
    // One in the other, side by side, and one over the end of the other.
    assert_eq!(found(&[(64, 100), (100, 50)]), []);
    assert_eq!(found(&[(64, 36), (100, 50)]), []);
    assert_eq!(found(&[(100, 64), (64, 56)]), [(Extent::new(100 * SECTOR, 20 * SECTOR), false)]);
    // A partition from the descriptors on may be padded, but none may begin in the middle of the volume.
    let size = with_mbr(&[]).len() as u64;
    assert_eq!(found(&[(64, 5000)]), [(Extent::new(64 * SECTOR, size - 64 * SECTOR), true)]);
    assert_eq!(found(&[(100, 5000)]), [(Extent::new(100 * SECTOR, size - 100 * SECTOR), false)]);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("overlap.iso");
    std::fs::write(&path, with_mbr(&[(64, 66), (100, 100)])).unwrap();
    let (found, status) = boot(&path);
    let expected = serde_json::json!([{
        "first": ["MBR 1: Linux"],
        "second": ["MBR 2: Linux"],
        "offset": 51_200,
        "length": 15_360,
        "harmless": false,
        "why": "One partition begins inside another one of the same table, and ends behind it",
    }]);
    assert_eq!((&found["overlaps"], status), (&expected, 1));
    let output = Command::new(env!("CARGO_BIN_EXE_isoscope")).arg("boot").arg(&path).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("MBR 1: Linux and MBR 2: Linux share 15360 bytes from byte 51200 on. "), "{text}");
}

#[test]
fn entries_that_reach_into_the_descriptors_are_told() {
    let mut bytes = fixtures::bytes("x-boot-appended-gpt.iso");
    // The entries begin one block before the descriptors.
    bytes[512 + 72..512 + 80].copy_from_slice(&63_u64.to_le_bytes());
    let layout = layout(&bytes);
    let entries = only(&layout, Owner::GptEntries);
    assert_eq!(entries.extent.offset, 63 * SECTOR);
    let second = |index: usize| layout.regions()[index].owner();
    let told: Vec<_> =
        layout.overlaps().iter().map(|overlap| (second(overlap.second), overlap.extent.offset)).collect();
    assert!(told.contains(&(Owner::Descriptors, 32_768)), "{told:?}");
    assert!(layout.overlaps().iter().all(|overlap| !overlap.harmless));
}
