//! Discs and sticks with partition tables, right and wrong, from which a UEFI starts or does not.

#![cfg(target_os = "linux")]

use super::trial::Maker;
use crate::support::agreement::Expected;
use crate::support::discs::{catalog, changed, stick};

use Expected::{Differs, No, Yes};

/// Partition tables of discs.
pub(super) fn with_tables(make: &mut Maker<'_>) {
    let mbr = ["-isohybrid-mbr", "/usr/lib/ISOLINUX/isohdpfx.bin"];
    let bios = ["-b", "isolinux.bin", "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table"];
    let inside = ["-e", "--interval:appended_partition_2:all::", "-no-emul-boot"];
    let both = [&bios[..], &["-eltorito-alt-boot"], &inside].concat();
    let what = "Entries for a BIOS and UEFI, and a partition";
    make.add(what, make.appended(&make.fat(what), &[&both[..], &mbr].concat()), Yes, Yes);
    let what = "The same as a partition of a GPT";
    make.add(what, make.appended(&make.fat(what), &[&both[..], &["-appended_part_as_gpt"]].concat()), Yes, Yes);
    let what = "Partition without a boot catalogue";
    make.add(what, make.appended(&make.fat(what), &[]), No, Yes);
    let what = "Catalogue for a BIOS, and a partition for UEFI";
    let order = Differs(false, "Some goes by the partitions before the catalogue");
    make.add(what, make.appended(&make.fat(what), &bios), No, order);
    let what = "Partition, and a catalogue with a wrong checksum";
    let disc = make.appended(&make.fat(what), &inside);
    let at = catalog(&disc) + 28;
    make.add(what, changed(&disc, at, &[disc[at] ^ 1]), No, Yes);
}

/// Sticks that are no discs.
pub(super) fn sticks(make: &mut Maker<'_>) {
    let at = 2048;
    let gpt = |part: &[u8], kind: &str| {
        stick(make.folder, &format!("label: gpt\nstart={at}, size=2880, type={kind}\n"), &[(at, part)])
    };
    let dos = |part: &[u8], script: &str| stick(make.folder, &format!("label: dos\n{script}"), &[(at, part)]);
    let mut found = Vec::new();
    let mut add = |what, image, optical, usb| found.push((what, image, optical, usb));
    let what = "GPT";
    add(what, gpt(&make.fat(what), "U"), No, Yes);
    let what = "GPT with another type";
    let kind = Differs(true, "Some asks for the type of an EFI system partition");
    add(what, gpt(&make.fat(what), "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7"), No, kind);
    let what = "GPT whose first copy is damaged";
    let whole = gpt(&make.fat(what), "U");
    let longer = Differs(true, "A stick that is longer than the image has no copy at its end");
    add(what, changed(&whole, 512 + 16, &[whole[512 + 16] ^ 1]), No, longer);
    let what = "GPT whose copies are both damaged";
    let whole = gpt(&make.fat(what), "U");
    let last = whole.len() - 512 + 16;
    let damaged = changed(&whole, 512 + 16, &[whole[512 + 16] ^ 1]);
    add(what, changed(&damaged, last, &[damaged[last] ^ 1]), No, No);
    let what = "GPT, damaged, with its copy not at the end";
    let whole = gpt(&make.fat(what), "U");
    let mut longer = changed(&whole, 512 + 16, &[whole[512 + 16] ^ 1]);
    longer.resize(longer.len() + (1 << 20), 0);
    add(what, longer, No, No);
    let what = "GPT without a protective master boot record";
    add(what, changed(&gpt(&make.fat(what), "U"), 446 + 4, &[0]), No, No);
    let what = "Master boot record with the type ef";
    add(what, dos(&make.fat(what), "start=2048, size=2880, type=ef\n"), No, Yes);
    let what = "Master boot record with the type 0c";
    let kind = Differs(true, "Some asks for the type ef");
    add(what, dos(&make.fat(what), "start=2048, size=2880, type=c\n"), No, kind);
    let what = "Partition inside another one";
    let script = "start=2048, size=2880, type=ef\nstart=6000, size=100, type=17\n";
    // The first block and the number of them, of the second entry.
    let nested = [16_u32, 8000].map(u32::to_le_bytes).concat();
    let overlaps = Differs(false, "Some takes partitions that overlap");
    add(what, changed(&dos(&make.fat(what), script), 462 + 8, &nested), No, overlaps);
    let what = "GPT with entries of 256 bytes";
    add(what, gpt_of(make, &make.fat(what), 256, 2048, 2880), No, Yes);
    let what = "GPT partition that reaches behind the end";
    add(what, gpt_of(make, &make.fat(what), 128, 2048, 20_000), No, Differs(false, "Some takes it as it is"));
    let what = "Master boot record, the second partition";
    let script = "start=64, size=100, type=ef\nstart=2048, size=2880, type=ef\n";
    add(what, dos(&make.fat(what), script), No, Yes);
    let what = "Master boot record, a partition behind the end";
    let script = "start=2048, size=2880, type=ef\n";
    let far = dos(&make.fat(what), script);
    add(what, changed(&far, 446 + 12, &20_000_u32.to_le_bytes()), No, Differs(false, "A stick may be as long"));
    let what = "Logical partition";
    let script = "start=63, size=8000, type=5\nstart=2048, size=2880, type=ef\n";
    add(what, dos(&make.fat(what), script), No, Yes);
    let what = "FAT that is larger than its partition";
    add(what, dos(&make.fat(what), "start=2048, size=1000, type=ef\n"), No, Yes);
    let what = "FAT without the signature of its boot sector";
    let whole = make.fat(what);
    add(what, dos(&changed(&whole, 510, &[0]), "start=2048, size=2880, type=ef\n"), No, Yes);
    let what = "FAT without a jump";
    let whole = make.fat(what);
    add(what, dos(&changed(&whole, 0, &[0, 0, 0]), "start=2048, size=2880, type=ef\n"), No, Yes);
    let what = "FAT without a table";
    add(what, make.fat(what), Differs(true, "Discs are never like that"), Yes);
    for (what, image, optical, usb) in found {
        make.add(what, image, optical, usb);
    }
}

/// The checksum of a GPT (UEFI 2.10 §4.2).
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// A stick with a GPT that is made by hand.
fn gpt_of(make: &Maker<'_>, part: &[u8], entry: usize, start: u64, blocks: u64) -> Vec<u8> {
    let script = "label: gpt\nstart=2048, size=2880, type=U\n";
    let mut stick = stick(make.folder, script, &[(2048, part)]);
    let len = stick.len();
    for header in [512, len - 512] {
        let array = usize::try_from(u64::from_le_bytes(*stick[header + 72..].first_chunk().unwrap())).unwrap() * 512;
        stick[array + 32..array + 40].copy_from_slice(&start.to_le_bytes());
        stick[array + 40..array + 48].copy_from_slice(&(start + blocks - 1).to_le_bytes());
        let count = 128 * 128 / entry;
        stick[header + 80..header + 84].copy_from_slice(&u32::try_from(count).unwrap().to_le_bytes());
        stick[header + 84..header + 88].copy_from_slice(&u32::try_from(entry).unwrap().to_le_bytes());
        let sum = crc32(&stick[array..array + 128 * 128]);
        stick[header + 88..header + 92].copy_from_slice(&sum.to_le_bytes());
        stick[header + 16..header + 20].fill(0);
        let sum = crc32(&stick[header..header + 92]);
        stick[header + 16..header + 20].copy_from_slice(&sum.to_le_bytes());
    }
    stick
}
