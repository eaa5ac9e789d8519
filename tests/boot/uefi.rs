//! The verdicts against a real UEFI: discs and sticks that are whole, and ones with one thing broken, are tried in QEMU with
//! EDK2. What starts says so over the console; each computer with an x64 tries them all, and others a few.

#![cfg(target_os = "linux")]

use std::path::PathBuf;
use std::sync::Arc;

use super::tables::{sticks, with_tables};
use super::trial::{Maker, mark, try_all};
use crate::support::agreement::{Agreement, Expected};
use crate::support::discs::{catalog, changed, fat, with_platform};
use crate::support::payload::{self, Processor};
use crate::support::peers;
use crate::support::sources::{self, ScratchedSource};
use crate::support::uefi_computer::{End, Model};
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
    let what = "Entry for what is behind the end";
    let disc = make.catalog(what);
    make.add(what, changed(&disc, catalog(&disc) + 32 + 8, &(1_u32 << 20).to_le_bytes()), No, No);
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
    let what = "Empty file in the place of the program";
    make.add(what, make.disc(make.fat_with(&[]), &entry), No, No);
    let what = "Program that is cut short";
    let mut program = grub(make, what);
    program.truncate(program.len() / 2);
    make.add(what, make.disc(make.fat_with(&program), &entry), No, No);
    let what = "Program without its last bytes";
    let mut program = grub(make, what);
    program.truncate(program.len() - 600);
    make.add(what, make.disc(make.fat_with(&program), &entry), No, No);
    let what = "Program that ends behind its headers";
    let mut program = make.program(what);
    program.truncate(512);
    make.add(what, make.disc(make.fat_with(&program), &entry), No, No);
    let what = "Program of which memory ends before its section";
    let mut program = make.program(what);
    program[88 + 56..88 + 60].copy_from_slice(&4096_u32.to_le_bytes());
    make.add(what, make.disc(make.fat_with(&program), &entry), No, No);
    let what = "Program whose sections are not aligned";
    let mut program = make.program(what);
    program[88 + 32..88 + 36].copy_from_slice(&16_u32.to_le_bytes());
    make.add(what, make.disc(make.fat_with(&program), &entry), Yes, NO_CATALOG);
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

/// A program of GRUB 2 as people make it for themselves, which says the name of a case, and does not give back control.
fn grub(make: &Maker<'_>, what: &str) -> Vec<u8> {
    let unpacked = |package: &str, path: &str| peers::debian_path(package, path);
    let (format, modules) = match make.processor {
        Processor::X64 => ("x86_64-efi", PathBuf::from("/usr/lib/grub/x86_64-efi")),
        Processor::Ia32 => ("i386-efi", unpacked("grub-efi-ia32-bin", "usr/lib/grub/i386-efi")),
        Processor::Arm64 => ("arm64-efi", unpacked("grub-efi-arm64-bin:arm64", "usr/lib/grub/arm64-efi")),
    };
    let folder = tempfile::tempdir_in(make.folder).unwrap();
    std::fs::write(folder.path().join("early.cfg"), format!("echo {}\n", mark(what))).unwrap();
    let modules =
        ["-d", modules.to_str().unwrap(), "-O", format, "-p", "/boot/grub", "-c", "early.cfg", "-o", "grub.efi"];
    peers::run(folder.path(), "grub-mkimage", &[&modules[..], &["echo", "iso9660"]].concat());
    std::fs::read(folder.path().join("grub.efi")).unwrap()
}

/// shim with its helper, which starts what a list names, and does not give back control; without a list it starts the
/// computer anew.
fn with_helper(make: &mut Maker<'_>, has_list: bool) {
    let what = if has_list { "shim with its helper, and GRUB" } else { "shim with its helper, but no list" };
    let (shim, helper) =
        (peers::installed("/usr/lib/shim/shimx64.efi.signed"), peers::installed("/usr/lib/shim/fbx64.efi.signed"));
    let program = grub(make, what);
    let list: Vec<u8> = "program.efi,Program,,A test\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut files: Vec<(&str, &[u8])> =
        vec![("EFI/BOOT/BOOTX64.EFI", &shim), ("EFI/BOOT/fbx64.efi", &helper), ("EFI/test/program.efi", &program)];
    if has_list {
        files.push(("EFI/test/BOOTX64.CSV", &list));
    }
    let image = make.disc(fat(make.folder, 2880, &files), &["-e", "efi.img", "-no-emul-boot"]);
    let (optical, usb) = if has_list { (Yes, NO_CATALOG) } else { (No, No) };
    make.add(what, image, optical, usb);
}

#[test]
fn no_sector_that_cannot_be_read_makes_a_no_of_a_yes() {
    let folder = tempfile::tempdir().unwrap();
    let make = Maker::new(folder.path(), Processor::X64);
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
        let mut make = Maker::new(folder.path(), processor);
        with_catalog(&mut make);
        with_programs(&mut make);
        with_tables(&mut make);
        sticks(&mut make);
        make.cases.retain(|case| ON_OTHERS.contains(&case.what));
        assert_eq!(make.cases.len(), ON_OTHERS.len());
        let what = "GRUB";
        let program = grub(&make, what);
        make.add(what, make.disc(make.fat_with(&program), &["-e", "efi.img", "-no-emul-boot"]), Yes, NO_CATALOG);
        try_all(folder.path(), &Model::new(processor, false), End::Stays, &make.cases, &mut agreement);
    }
    let mut make = Maker::new(folder.path(), Processor::X64);
    with_catalog(&mut make);
    with_programs(&mut make);
    with_tables(&mut make);
    sticks(&mut make);
    with_helper(&mut make, true);
    let model = Model::new(make.processor, false);
    try_all(folder.path(), &model, End::Stays, &make.cases, &mut agreement);
    let mut make = Maker::new(folder.path(), Processor::X64);
    with_helper(&mut make, false);
    try_all(folder.path(), &model, End::Restarts, &make.cases, &mut agreement);
    agreement.settle();
}
