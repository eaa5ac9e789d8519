//! The verdicts against a real UEFI: discs and sticks that are whole, and ones with one thing broken, are tried in QEMU with
//! EDK2. What starts says so over the console; each computer with an x64 tries them all, and others a few.

#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::support::agreement::{self, Agreement, Expected};
use crate::support::discs::{catalog, changed, disc, fat, stick, with_platform};
use crate::support::payload::{self, Processor};
use crate::support::sources::{self, ScratchedSource};
use crate::support::uefi_computer::{Computer, Model};
use isoscope::boot::effort::Effort;
use isoscope::boot::report::{BootReport, Request};
use isoscope::boot::verdict::{self, Boots};
use isoscope::disc::{Image, Source};

use Expected::{Differs, No, Yes};

const NO_CATALOG: Expected = Differs(true, "Some knows no boot catalogue on sticks");

/// The cases that computers with other processors than x64 try: one of each way. What reads the discs is the same in all, and
/// with many media the firmware of those may crash: that for Arm reads through a null pointer when there are many sticks.
const ON_OTHERS: [&str; 5] = [
    "Boot catalogue with an entry for UEFI",
    "Program for another processor",
    "Entries for a BIOS and UEFI, and a partition",
    "GPT",
    "FAT without a table",
];

/// A disc or stick. What is on it says its name in brackets when it starts.
struct Case {
    what: &'static str,
    image: Vec<u8>,
    optical: Expected,
    usb: Expected,
}

/// What makes the cases.
struct Maker<'a> {
    folder: &'a Path,
    processor: Processor,
    cases: Vec<Case>,
}

impl Maker<'_> {
    fn add(&mut self, what: &'static str, image: Vec<u8>, optical: Expected, usb: Expected) {
        self.cases.push(Case { what, image, optical, usb });
    }

    /// A program that says the name of a case.
    fn program(&self, what: &str) -> Vec<u8> {
        payload::that_says(self.processor, &mark(what))
    }

    /// A FAT file system with that program where firmware looks for it.
    fn fat(&self, what: &str) -> Vec<u8> {
        self.fat_with(&self.program(what))
    }

    fn fat_with(&self, program: &[u8]) -> Vec<u8> {
        let path = format!("EFI/BOOT/BOOT{}.EFI", self.processor.suffix().to_uppercase());
        // Far enough behind the start to be cut off.
        fat(self.folder, 1440, &[("FILLER", &[0x46; 40 << 10]), (&path, program)])
    }

    /// A disc with a boot image.
    fn disc(&self, image: Vec<u8>, options: &[&str]) -> Vec<u8> {
        let folder = tempfile::tempdir_in(self.folder).unwrap();
        disc(folder.path(), "disc", &[("efi.img", image)], options)
    }

    /// A disc that starts by its boot catalogue.
    fn catalog(&self, what: &str) -> Vec<u8> {
        self.disc(self.fat(what), &["-e", "efi.img", "-no-emul-boot"])
    }

    /// A disc with a FAT partition behind it.
    fn appended(&self, partition: &[u8], options: &[&str]) -> Vec<u8> {
        let folder = tempfile::tempdir_in(self.folder).unwrap();
        let path = folder.path().join("partition");
        std::fs::write(&path, partition).unwrap();
        let append = ["-append_partition", "2", "0xef", path.to_str().unwrap()];
        let files = [("isolinux.bin", std::fs::read("/usr/lib/ISOLINUX/isolinux.bin").unwrap())];
        disc(folder.path(), "disc", &files, &[&append, options].concat())
    }
}

/// What a case says.
fn mark(what: &str) -> String {
    format!("[{what}]")
}

/// The boot catalogue, right and wrong in every field that firmware looks at.
fn with_catalog(make: &mut Maker<'_>) {
    let what = "Boot catalogue with an entry for UEFI";
    make.add(what, make.catalog(what), Yes, NO_CATALOG);
    for (what, sectors, said) in [
        ("Entry of 0 sectors", 0_u16, [Yes, NO_CATALOG]),
        ("Entry of 1 sector", 1, [Yes, NO_CATALOG]),
        ("Entry of too few sectors", 4, [No, No]),
        ("Entry that counts sectors of 2048 bytes", 64, [Differs(true, "The standard counts 512 bytes"); 2]),
    ] {
        let disc = make.catalog(what);
        let at = catalog(&disc) + 32 + 6;
        make.add(what, changed(&disc, at, &sectors.to_le_bytes()), said[0], said[1]);
    }
    let what = "Entry that is not bootable";
    let disc = make.catalog(what);
    make.add(what, changed(&disc, catalog(&disc) + 32, &[0]), No, No);
    let what = "Catalogue with a wrong checksum";
    let disc = make.catalog(what);
    make.add(what, changed(&disc, catalog(&disc) + 28, &[disc[catalog(&disc) + 28] ^ 1]), No, No);
    let what = "Entry for PowerPC";
    let other = Differs(true, "The standard asks for the platform EF");
    make.add(what, with_platform(&make.catalog(what), 1), other, other);
    let what = "Entry for a BIOS that leads to FAT";
    make.add(what, with_platform(&make.catalog(what), 0), other, other);
    let what = "Entry that stands for a diskette";
    let disc = make.catalog(what);
    let emulation = Differs(true, "The standard asks for no emulation");
    make.add(what, changed(&disc, catalog(&disc) + 33, &[2]), emulation, emulation);
}

/// What is in the file system, and what is not.
fn with_programs(make: &mut Maker<'_>) {
    let entry = ["-e", "efi.img", "-no-emul-boot"];
    let what = "FAT without the program";
    let other = fat(make.folder, 1440, &[("EFI/TOOLS/X.EFI", &make.program(what))]);
    make.add(what, make.disc(other, &entry), No, No);
    let what = "FAT with names in lower case";
    let name = format!("efi/boot/boot{}.efi", make.processor.suffix());
    let lower = fat(make.folder, 1440, &[(&name, &make.program(what))]);
    make.add(what, make.disc(lower, &entry), Yes, NO_CATALOG);
    let other = if make.processor == Processor::X64 { Processor::Arm64 } else { Processor::X64 };
    let what = "Program for another processor";
    make.add(what, make.disc(make.fat_with(&payload::that_says(other, &mark(what))), &entry), No, No);
    let what = "Program that is a driver";
    let driver = payload::with_subsystem(make.processor, &mark(what), 11);
    make.add(what, make.disc(make.fat_with(&driver), &entry), No, No);
    let what = "Text in the place of the program";
    make.add(what, make.disc(make.fat_with(&[0x41; 4096]), &entry), No, No);
    let what = "Image that ends before the program";
    let mut disc = make.catalog(what);
    let says: Vec<u8> = mark(what).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let at = memchr::memmem::find(&disc, &says).unwrap();
    disc.truncate(at / 2048 * 2048);
    make.add(what, disc, No, No);
    let what = "Program in ISO 9660 only";
    let path = format!("EFI/BOOT/BOOT{}.EFI", make.processor.suffix().to_uppercase());
    make.add(what, crate::support::discs::disc(make.folder, "iso9660", &[(&path, make.program(what))], &[]), No, No);
    let what = "Program in UDF only";
    let udf = crate::support::discs::udf(make.folder, &[(&path, make.program(what))]);
    let reads = Differs(true, "The standard asks for FAT only");
    make.add(what, udf, reads, No);
}

/// Partition tables of discs.
fn with_tables(make: &mut Maker<'_>) {
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
fn sticks(make: &mut Maker<'_>) {
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
    let what = "FAT without a table";
    add(what, make.fat(what), Differs(true, "Discs are never like that"), Yes);
    for (what, image, optical, usb) in found {
        make.add(what, image, optical, usb);
    }
}

/// The signed programs of Debian, and what else there may be in their place. With Secure Boot, and the one that starts last:
/// GRUB does not give back control.
fn with_signatures(make: &mut Maker<'_>) {
    let read = |path: &str| std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let shim = read("/usr/lib/shim/shimx64.efi.signed");
    let grub = read("/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed");
    let flipped = |program: &[u8]| changed(program, program.len() / 2, &[program[program.len() / 2] ^ 1]);
    let inside = ["-e", "--interval:appended_partition_2:all::", "-no-emul-boot"];
    let unsigned = |what: &str| make.program(what);
    let (without, behind) = ("Program without a signature", "shim with a program without a signature");
    let cases = [
        (without, unsigned(without), None, No),
        ("GRUB without shim", grub.clone(), None, No),
        ("shim with a changed byte", flipped(&shim), Some(grub.clone()), No),
        ("shim without GRUB", shim.clone(), None, No),
        (behind, shim.clone(), Some(unsigned(behind)), No),
        ("shim with a changed GRUB", shim.clone(), Some(flipped(&grub)), No),
        ("shim and GRUB", shim, Some(grub), Yes),
    ];
    for (what, first, second, expected) in cases {
        let menu = format!("echo {}\n", mark(what));
        let mut files: Vec<(&str, &[u8])> = vec![("EFI/BOOT/BOOTX64.EFI", &first)];
        files.extend(second.as_ref().map(|second| ("EFI/BOOT/grubx64.efi", second.as_slice())));
        let partition = fat(make.folder, 6 << 10, &files);
        let folder = tempfile::tempdir_in(make.folder).unwrap();
        std::fs::write(folder.path().join("partition"), partition).unwrap();
        let path = folder.path().join("partition");
        let append = ["-append_partition", "2", "0xef", path.to_str().unwrap()];
        // GRUB of Debian looks among all discs for one with this file, and for its menu there.
        let mut files = vec![("boot/grub/grub.cfg", menu.into_bytes())];
        if matches!(expected, Yes) {
            files.push((".disk/info", b"disc".to_vec()));
        }
        make.add(what, disc(folder.path(), "disc", &files, &[&append[..], &inside].concat()), expected, expected);
    }
}

/// How often a computer is switched on: now and then the firmware for Arm hangs before it comes to any medium.
const TRIES: usize = 3;

/// Tries all cases on two computers at once: one has them as discs, the other as sticks.
fn try_all(folder: &Path, model: Model, cases: &[Case], agreement: &mut Agreement) {
    let images: Vec<PathBuf> = (0..cases.len()).map(|number| folder.join(format!("{number}.iso"))).collect();
    for (case, path) in cases.iter().zip(&images) {
        std::fs::write(path, &case.image).unwrap();
    }
    // GRUB does not give back control.
    let last = cases.last().map(|case| mark(case.what)).filter(|_| model.secure_boot);
    let media = ["optical", "usb"];
    let switch_on = |medium| Computer::start(folder, model, medium, &images);
    let mut computers = media.map(switch_on);
    let mut tries = [1; 2];
    let mut said = [None, None];
    while said.iter().any(Option::is_none) {
        std::thread::sleep(Duration::from_millis(100));
        for number in 0..media.len() {
            if said[number].is_some() {
                continue;
            }
            match computers[number].finished(last.as_deref()) {
                Some(Err(_)) if tries[number] < TRIES => {
                    tries[number] += 1;
                    computers[number] = switch_on(media[number]);
                }
                end => said[number] = end.map(|end| end.unwrap_or_else(|why| panic!("{} times: {why}", tries[number]))),
            }
        }
    }
    for ((medium, from), said) in media.into_iter().zip(["disc", "stick"]).zip(said.into_iter().flatten()) {
        // Each medium was tried: it was started, or the firmware says that it found nothing to start.
        let tried = said.matches("BdsDxe: loading Boot").count() + said.matches("BdsDxe: failed to load Boot").count();
        assert!(tried >= cases.len(), "{tried} of {} were tried: {said}", cases.len());
        for (case, path) in cases.iter().zip(&images) {
            let verdict = agreement::said(path, "uefi", model.processor.suffix(), medium, Some(model.secure_boot));
            let expected = if medium == "optical" { case.optical } else { case.usb };
            agreement.add(&model.label(), case.what, from, expected, said.contains(&mark(case.what)), &verdict);
        }
    }
}

#[test]
fn no_sector_that_cannot_be_read_makes_a_no_of_a_yes() {
    let folder = tempfile::tempdir().unwrap();
    let make = Maker { folder: folder.path(), processor: Processor::X64, cases: Vec::new() };
    let inside = ["-e", "--interval:appended_partition_2:all::", "-no-emul-boot"];
    let disc = make.appended(&make.fat("scratched"), &inside);
    let said = |source: Arc<dyn Source>| {
        let image = Image::open(source).ok()?;
        let report = BootReport::read(&image, &Request { effort: Effort::Whole, dbx: None }).unwrap();
        let verdicts = verdict::verdicts(&image, &report).unwrap();
        let it = verdicts.into_iter().filter(|it| it.arch == "x64" && it.secure_boot == Some(false));
        Some(it.map(|verdict| (verdict.boots, verdict.why)).collect::<Vec<_>>())
    };
    let whole = sources::memory(&disc);
    assert!(said(whole.clone()).unwrap().iter().all(|(boots, _)| *boots == Boots::Yes));
    let mut wrong = Vec::new();
    for from in (0..disc.len() as u64).step_by(2048) {
        let source = ScratchedSource { inner: whole.clone(), bad: from..from + 2048 };
        let said = said(Arc::new(source)).into_iter().flatten();
        let no = said.filter(|(boots, _)| *boots == Boots::No);
        wrong.extend(no.map(|(_, why)| format!("byte {from}: {why}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_uefi_starts_what_is_said_to_start_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut agreement = Agreement::default();
    for processor in [Processor::Arm64, Processor::Ia32] {
        let mut make = Maker { folder: folder.path(), processor, cases: Vec::new() };
        with_catalog(&mut make);
        with_programs(&mut make);
        with_tables(&mut make);
        sticks(&mut make);
        make.cases.retain(|case| ON_OTHERS.contains(&case.what));
        assert_eq!(make.cases.len(), ON_OTHERS.len());
        try_all(folder.path(), Model { processor, secure_boot: false }, &make.cases, &mut agreement);
    }
    let processor = Processor::X64;
    let mut make = Maker { folder: folder.path(), processor, cases: Vec::new() };
    with_catalog(&mut make);
    with_programs(&mut make);
    with_tables(&mut make);
    sticks(&mut make);
    try_all(folder.path(), Model { processor, secure_boot: false }, &make.cases, &mut agreement);
    let mut make = Maker { folder: folder.path(), processor, cases: Vec::new() };
    with_signatures(&mut make);
    try_all(folder.path(), Model { processor, secure_boot: true }, &make.cases, &mut agreement);
    agreement.settle();
}
