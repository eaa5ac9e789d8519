//! The verdicts against a real BIOS: discs that are whole, and ones with one thing broken, are started in QEMU from a drive
//! for discs and from a disk. What starts reports over the serial port, or is seen on the screen.

#![cfg(target_os = "linux")]

use std::path::Path;

use crate::support::agreement::{self, Agreement, Expected};
use crate::support::bios_computer::Computer;
use crate::support::discs::{catalog, changed, disc, fat, stick, with_platform};
use crate::support::peers;

use Expected::{Differs, No, Yes};

/// What GRUB does before all else.
const GRUB_SAYS: &str = "serial\nterminal_output serial\necho GRUB has started\nhalt\n";

/// What makes ISOLINUX and SYSLINUX say on the serial port what they are.
const SYSLINUX_SAYS: &[u8] = b"SERIAL 0 115200\nPROMPT 1\n";

fn isolinux(folder: &Path, name: &str, second_half: bool, mbr: &[&str]) -> Vec<u8> {
    let mut files = vec![
        ("isolinux/isolinux.bin", peers::installed("/usr/lib/ISOLINUX/isolinux.bin")),
        ("isolinux/isolinux.cfg", SYSLINUX_SAYS.to_vec()),
    ];
    if second_half {
        files.push(("isolinux/ldlinux.c32", peers::installed("/usr/lib/syslinux/modules/bios/ldlinux.c32")));
    }
    let boot = ["-b", "isolinux/isolinux.bin", "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table"];
    disc(folder, name, &files, &[&boot, mbr].concat())
}

fn grub(folder: &Path, name: &str, patches: &[&str]) -> Vec<u8> {
    let [early, core] = ["early.cfg", "core.img"].map(|file| folder.join(file));
    std::fs::write(&early, GRUB_SAYS).unwrap();
    let [early, path] = [&early, &core].map(|path| path.to_str().unwrap());
    let modules = ["biosdisk", "iso9660", "serial", "terminal", "echo", "halt"];
    let make = ["-O", "i386-pc-eltorito", "-p", "/boot/grub", "-c", early, "-o", path];
    peers::run(folder, "grub-mkimage", &[&make[..], &modules].concat());
    let files = [("boot/grub/core.img", std::fs::read(&core).unwrap())];
    let boot = ["-b", "boot/grub/core.img", "-no-emul-boot", "-boot-load-size", "4"];
    disc(folder, name, &files, &[&boot, patches].concat())
}

/// A disc with the second stage of GRUB Legacy that is for discs.
fn grub_legacy(folder: &Path, name: &str, patches: &[&str]) -> Vec<u8> {
    let stage = peers::debian("grub-legacy", "usr/lib/grub/x86_64-pc/stage2_eltorito");
    let files =
        [("boot/grub/stage2_eltorito", stage), ("boot/grub/menu.lst", b"timeout 60\ntitle One\nhalt\n".to_vec())];
    let boot = ["-b", "boot/grub/stage2_eltorito", "-no-emul-boot", "-boot-load-size", "4"];
    disc(folder, name, &files, &[&boot, patches].concat())
}

/// Where the bytes of `needle` stand behind the system area of `disc`.
fn position(disc: &[u8], needle: &[u8]) -> usize {
    const SYSTEM_AREA: usize = 32 << 10;
    memchr::memmem::find(&disc[SYSTEM_AREA..], needle).unwrap() + SYSTEM_AREA
}

/// A FAT file system of 1440 KiB with SYSLINUX in it.
fn syslinux(folder: &Path, second_half: bool) -> Vec<u8> {
    let image = folder.join("syslinux.img");
    std::fs::write(&image, fat(folder, 1440, &[("syslinux.cfg", SYSLINUX_SAYS)])).unwrap();
    peers::run(folder, "syslinux", &["--install", "syslinux.img"]);
    if !second_half {
        peers::run(folder, "mdel", &["-i", "syslinux.img", "::ldlinux.c32"]);
    }
    std::fs::read(image).unwrap()
}

/// A disc whose boot image stands for this diskette.
fn on_diskette(folder: &Path, name: &str, diskette: Vec<u8>) -> Vec<u8> {
    disc(folder, name, &[("diskette.img", diskette)], &["-b", "diskette.img"])
}

/// A disc whose boot image stands for this hard disk.
fn on_hard_disk(folder: &Path, name: &str, disk: Vec<u8>) -> Vec<u8> {
    disc(folder, name, &[("disk.img", disk)], &["-b", "disk.img", "-hard-disk-boot"])
}

/// The blocks of a diskette, and so many more that a partition behind 2048 others ends with the last sector of a track.
const DISKETTE: u32 = 2880;
const WHOLE_TRACKS: u32 = 2992;

/// A stick whose active partition is this, and whose code in front starts it.
fn in_partition(folder: &Path, volume: &[u8], blocks: u32) -> Vec<u8> {
    let code = std::fs::read("/usr/lib/syslinux/mbr/mbr.bin").unwrap();
    let table = format!("label: dos\nstart=2048, size={blocks}, type=e, bootable\n");
    let mut stick = stick(folder, &table, &[(2048, volume)]);
    stick[..code.len()].copy_from_slice(&code);
    stick
}

#[test]
fn a_bios_starts_what_is_said_to_start_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let isohybrid = ["-isohybrid-mbr", "/usr/lib/ISOLINUX/isohdpfx.bin"];
    let grub_mbr = ["--grub2-mbr", "/usr/lib/grub/i386-pc/boot_hybrid.img"];
    let whole = isolinux(here, "isolinux", true, &isohybrid);
    let grub_whole = grub(here, "grub", &[&["-boot-info-table", "--grub2-boot-info"][..], &grub_mbr].concat());
    let (core, grub_core) =
        (position(&whole, b"\xfb\xc0\x78\x70") - 64, position(&grub_whole, b"no boot info") & !2047);

    let second = position(&whole, &std::fs::read("/usr/lib/syslinux/modules/bios/ldlinux.c32").unwrap());
    assert!(second > core);

    let none = Differs(false, "Some loads a sector all the same");
    let less = Differs(true, "Some loads no more than it is told to");

    // What it is, and whether it starts from a disc and from a stick.
    let cases = [
        ("ISOLINUX", whole.clone(), [Yes, Yes]),
        ("ISOLINUX for discs", isolinux(here, "plain", true, &[]), [Yes, No]),
        ("ISOLINUX without its second half", isolinux(here, "half", false, &isohybrid), [No, No]),
        ("ISOLINUX with a changed byte", changed(&whole, core + 30_000, &[whole[core + 30_000] ^ 1]), [No, No]),
        ("ISOLINUX at a wrong address", changed(&whole, 432, &[whole[432] ^ 4]), [Yes, No]),
        ("a first entry that is not bootable", changed(&whole, catalog(&whole) + 32, &[0]), [No, Yes]),
        ("a first entry for what is behind the end", changed(&whole, catalog(&whole) + 40, &[0, 0, 1, 0]), [No, Yes]),
        ("a first entry for nothing but zeros", changed(&whole, catalog(&whole) + 40, &[1, 0, 0, 0]), [No, Yes]),
        ("ISOLINUX, of which nothing is loaded", changed(&whole, catalog(&whole) + 38, &[0]), [none, Yes]),
        ("ISOLINUX, of which 512 bytes are loaded", changed(&whole, catalog(&whole) + 38, &[1]), [less, Yes]),
        ("ISOLINUX, all of which is loaded", changed(&whole, catalog(&whole) + 38, &[76]), [Yes, Yes]),
        ("ISOLINUX at another segment", changed(&whole, catalog(&whole) + 34, &[0, 0x10]), [No, Yes]),
        ("GRUB, of which 512 bytes are loaded", changed(&grub_whole, catalog(&grub_whole) + 38, &[1]), [less, Yes]),
        ("GRUB, of which 1 MiB is loaded", changed(&grub_whole, catalog(&grub_whole) + 38, &[0, 8]), [No, Yes]),
        ("GRUB at another segment", changed(&grub_whole, catalog(&grub_whole) + 34, &[0, 0x10]), [No, Yes]),
        ("catalogue without its key", changed(&whole, catalog(&whole) + 30, &[0, 0]), [No, Yes]),
        ("catalogue with a wrong header", changed(&whole, catalog(&whole), &[2]), [No, Yes]),
        ("catalogue for UEFI first", with_platform(&whole, 0xef), [No, Yes]),
        ("boot record that leads behind the end", changed(&whole, 17 * 2048 + 71, &[0, 0, 1]), [No, Yes]),
        ("boot record of another system", changed(&whole, 17 * 2048 + 7, b"X"), [No, Yes]),
        ("boot record without its mark", changed(&whole, 17 * 2048 + 1, b"X"), [No, Yes]),
        ("cut off within ISOLINUX", whole[..core + 8192].to_vec(), [No, No]),
        ("cut off within its second half", whole[..second + 4096].to_vec(), [No, No]),
        ("no signature", changed(&whole, 511, &[0]), [Yes, No]),
        ("GRUB", grub_whole.clone(), [Yes, Yes]),
        ("GRUB for discs", grub(here, "grub disc", &["-boot-info-table"]), [Yes, No]),
        ("GRUB that was not told where it is", grub(here, "grub lost", &grub_mbr), [No, No]),
        ("GRUB with a wrong address", changed(&grub_whole, grub_core + 2548, &[0]), [Yes, No]),
        ("GRUB Legacy", grub_legacy(here, "legacy", &["-boot-info-table"]), [Yes, No]),
        ("GRUB Legacy that was not told where it is", grub_legacy(here, "legacy lost", &[]), [No, No]),
        ("files only", disc(here, "files", &[("a.txt", b"a".to_vec())], &[]), [No, No]),
    ];
    let mut agreement = Agreement::default();
    for (what, bytes, expected) in cases.into_iter().chain(boot_sectors(here)) {
        let image = here.join("disc.iso");
        std::fs::write(&image, bytes).unwrap();
        let mut computers = ["optical", "usb"].map(|medium| Computer::start(here, &image, medium));
        for (at, (medium, from)) in [("optical", "disc"), ("usb", "stick")].into_iter().enumerate() {
            let said = agreement::said(&image, "bios", "x86", medium, None);
            agreement.add("BIOS", what, from, expected[at], computers[at].starts(), &said);
        }
    }
    agreement.settle();
}

/// Diskettes, partitions, and discs as Debian has them.
fn boot_sectors(here: &Path) -> [(&'static str, Vec<u8>, [Expected; 2]); 13] {
    let [whole, half] = [true, false].map(|second_half| syslinux(here, second_half));
    let empty = fat(here, 1440, &[("a.txt", b"a")]);
    [
        ("SYSLINUX on a diskette", on_diskette(here, "diskette", whole.clone()), [Yes, No]),
        ("SYSLINUX on a diskette, halved", on_diskette(here, "diskette half", half.clone()), [No, No]),
        ("a diskette that is not for starting", on_diskette(here, "diskette empty", empty.clone()), [No, No]),
        ("SYSLINUX on a hard disk", on_hard_disk(here, "disk", in_partition(here, &whole, WHOLE_TRACKS)), [Yes, No]),
        (
            "SYSLINUX on a hard disk, halved",
            on_hard_disk(here, "disk half", in_partition(here, &half, WHOLE_TRACKS)),
            [No, No],
        ),
        (
            "a hard disk that is not for starting",
            on_hard_disk(here, "no", in_partition(here, &empty, WHOLE_TRACKS)),
            [No, No],
        ),
        (
            "SYSLINUX on a hard disk whose table ends too early",
            on_hard_disk(here, "early", in_partition(here, &whole, DISKETTE)),
            [Differs(false, "Some goes by the numbers of blocks"), No],
        ),
        ("SYSLINUX in a partition", in_partition(here, &whole, DISKETTE), [No, Yes]),
        ("SYSLINUX in a partition, halved", in_partition(here, &half, DISKETTE), [No, No]),
        ("a partition that is not for starting", in_partition(here, &empty, DISKETTE), [No, No]),
        ("memtest86+x64.iso", peers::installed("/usr/lib/memtest86+/memtest86+x64.iso"), [Yes, Yes]),
        ("grub-rescue-cdrom.iso", peers::installed("/usr/lib/grub-rescue/grub-rescue-cdrom.iso"), [Yes, Yes]),
        ("ipxe.iso", peers::installed("/usr/lib/ipxe/ipxe.iso"), [Yes, Yes]),
    ]
}
