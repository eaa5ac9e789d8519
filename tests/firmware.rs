//! The verdicts against a real BIOS: discs that are whole, and ones with one thing broken, are started in QEMU from a drive
//! for discs and from a disk. What starts reports over the serial port.

#![cfg(target_os = "linux")]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::agreement::{self, Agreement, Expected};
use support::discs::{catalog, changed, disc};
use support::peers;

/// How long a computer has. Each starts within three seconds when it has a processor to itself.
const PATIENCE: Duration = Duration::from_secs(40);

/// How long nothing may come from a computer that has gone to the boot image, before it hangs.
const SILENCE: Duration = Duration::from_secs(8);

/// What GRUB does before all else, and what ISOLINUX says on the serial port by itself.
const GRUB_SAYS: &str = "serial\nterminal_output serial\necho GRUB has started\nhalt\n";
const STARTED: [&str; 2] = ["ISOLINUX ", "GRUB has started"];

fn isolinux(folder: &Path, name: &str, second_half: bool, mbr: &[&str]) -> Vec<u8> {
    let read = |path: &str| std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut files = vec![
        ("isolinux/isolinux.bin", read("/usr/lib/ISOLINUX/isolinux.bin")),
        ("isolinux/isolinux.cfg", b"SERIAL 0 115200\nPROMPT 1\n".to_vec()),
    ];
    if second_half {
        files.push(("isolinux/ldlinux.c32", read("/usr/lib/syslinux/modules/bios/ldlinux.c32")));
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

/// A computer that was switched on.
struct Computer {
    process: Child,
    serial: PathBuf,
    firmware: PathBuf,
    since: Instant,
}

impl Computer {
    fn start(folder: &Path, image: &Path, medium: &str) -> Self {
        let [serial, firmware] = ["serial", "firmware"].map(|log| folder.join(format!("{medium} {log}")));
        for log in [&serial, &firmware] {
            std::fs::write(log, "").unwrap();
        }
        let drive = match medium {
            "optical" => format!("file={},format=raw,media=cdrom,readonly=on", image.display()),
            _ => format!("file={},format=raw,if=ide,snapshot=on", image.display()),
        };
        let process = Command::new("qemu-system-x86_64")
            .args(["-accel", "tcg", "-m", "64", "-display", "none", "-nic", "none", "-no-reboot", "-drive", &drive])
            .args(["-chardev", &format!("file,id=log,path={}", firmware.display())])
            .args(["-device", "isa-debugcon,iobase=0x402,chardev=log"])
            .args(["-serial", &format!("file:{}", serial.display())])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("qemu-system-x86 is installed");
        Self { process, serial, firmware, since: Instant::now() }
    }

    /// Waits until it has started the program of the disc, or says that it cannot, or hangs.
    fn starts(&mut self) -> bool {
        let read = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned();
        let (mut last, mut silent) = (0, Instant::now());
        loop {
            let (said, log) = (read(&self.serial), read(&self.firmware));
            if STARTED.iter().any(|text| said.contains(text)) {
                return true;
            }
            if log.contains("No bootable device") {
                return false;
            }
            if said.len() + log.len() != last {
                (last, silent) = (said.len() + log.len(), Instant::now());
            }
            let gone = log.contains("Booting from");
            if gone && silent.elapsed() > SILENCE || self.since.elapsed() > PATIENCE {
                return false;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Computer {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Where the bytes of `needle` stand behind the system area of `disc`.
fn position(disc: &[u8], needle: &[u8]) -> usize {
    const SYSTEM_AREA: usize = 32 << 10;
    memchr::memmem::find(&disc[SYSTEM_AREA..], needle).unwrap() + SYSTEM_AREA
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

    // What it is, and whether it starts from a disc and from a stick.
    let cases = [
        ("ISOLINUX", whole.clone(), [true, true]),
        ("ISOLINUX for discs", isolinux(here, "plain", true, &[]), [true, false]),
        ("ISOLINUX without its second half", isolinux(here, "half", false, &isohybrid), [false, false]),
        ("ISOLINUX with a changed byte", changed(&whole, core + 30_000, &[whole[core + 30_000] ^ 1]), [false, false]),
        ("ISOLINUX at a wrong address", changed(&whole, 432, &[whole[432] ^ 4]), [true, false]),
        ("a first entry that is not bootable", changed(&whole, catalog(&whole) + 32, &[0]), [false, true]),
        ("no signature", changed(&whole, 511, &[0]), [true, false]),
        ("GRUB", grub_whole.clone(), [true, true]),
        ("GRUB for discs", grub(here, "grub disc", &["-boot-info-table"]), [true, false]),
        ("GRUB that was not told where it is", grub(here, "grub lost", &grub_mbr), [false, false]),
        ("GRUB with a wrong address", changed(&grub_whole, grub_core + 2548, &[0]), [true, false]),
        ("files only", disc(here, "files", &[("a.txt", b"a".to_vec())], &[]), [false, false]),
    ];
    let mut agreement = Agreement::default();
    for (what, bytes, expected) in cases {
        let image = here.join("disc.iso");
        std::fs::write(&image, bytes).unwrap();
        let mut computers = ["optical", "usb"].map(|medium| Computer::start(here, &image, medium));
        for (at, (medium, from)) in [("optical", "disc"), ("usb", "stick")].into_iter().enumerate() {
            let said = agreement::said(&image, "bios", "x86", medium, None);
            let expected = if expected[at] { Expected::Yes } else { Expected::No };
            agreement.add("BIOS", what, from, expected, computers[at].starts(), &said);
        }
    }
    agreement.settle();
}
