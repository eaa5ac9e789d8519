//! Computers with UEFI: QEMU with EDK2. One computer tries many media, one after the other, as the programs on them say that
//! they have started, and give back control.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::payload::Processor;
use super::uefi_variables::{self, Guid};

/// How long a computer has for all its media. It takes some twenty seconds when it has a processor to itself.
const PATIENCE: Duration = Duration::from_secs(240);

/// What the firmware says when no medium is left.
const ENDS: [&str; 3] = ["EFI Internal Shell", "\"UiApp\"", "No bootable option or device was found"];

/// What the firmware says when it has crashed.
const CRASHED: &str = " Exception ";

/// What shim shows when it refuses a program, before it waits for a key.
const REFUSED: &str = "Security Violation";

/// How the last medium of a computer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// As all others: it gives back control.
    Returns,
    /// It keeps control when it has said its name.
    Stays,
    /// It starts the computer anew.
    Restarts,
}

/// What a computer is like.
#[derive(Debug, Clone)]
pub struct Model {
    pub processor: Processor,
    /// With the keys of Microsoft.
    pub secure_boot: bool,
    /// What it was told besides, in words: behind “with Secure Boot”.
    pub words: &'static str,
    /// The variables that it was told: name, vendor, attributes and value.
    pub variables: Vec<(&'static str, Guid, u32, Vec<u8>)>,
    /// The value of `dbx` among them, which Isoscope is told, too.
    pub dbx: Option<Vec<u8>>,
}

impl Model {
    /// One that was told nothing.
    pub fn new(processor: Processor, secure_boot: bool) -> Self {
        Self { processor, secure_boot, words: "", variables: Vec::new(), dbx: None }
    }

    /// Its name in the table of agreement.
    pub fn label(&self) -> String {
        let with = if self.secure_boot { " with Secure Boot" } else { "" };
        format!("UEFI for {}{with}{}", self.processor.suffix(), self.words)
    }

    /// The program of its machine, the options for that, and its firmware: code and variables.
    fn parts(&self) -> (&'static str, &'static [&'static str], [&'static str; 2]) {
        const SECURE: &[&str] = &["-machine", "q35,smm=on", "-global", "driver=cfi.pflash01,property=secure,value=on"];
        const VIRT: &[&str] = &["-machine", "virt", "-cpu", "cortex-a57"];
        const AAVMF: &str = "/usr/share/AAVMF/AAVMF_CODE.fd";
        const ARM: &str = "qemu-system-aarch64";
        let pc = "qemu-system-x86_64";
        match (self.processor, self.secure_boot) {
            (Processor::X64, true) => {
                (pc, SECURE, ["/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", "/usr/share/OVMF/OVMF_VARS_4M.ms.fd"])
            }
            (Processor::X64, false) => {
                (pc, &["-machine", "q35"], ["/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"])
            }
            // Debian has it with Secure Boot only, which is off as there are no keys.
            (Processor::Ia32, false) => {
                (pc, SECURE, ["/usr/share/OVMF/OVMF32_CODE_4M.secboot.fd", "/usr/share/OVMF/OVMF32_VARS_4M.fd"])
            }
            (Processor::Arm64, false) => (ARM, VIRT, [AAVMF, "/usr/share/AAVMF/AAVMF_VARS.fd"]),
            (Processor::Arm64, true) => (ARM, VIRT, [AAVMF, "/usr/share/AAVMF/AAVMF_VARS.ms.fd"]),
            (Processor::Ia32, true) => panic!("There is no such computer: {self:?}"),
        }
    }

    /// The devices for an image: so many drives for discs at each controller, fifteen sticks at each.
    fn attach(&self, medium: &str, number: usize) -> Vec<String> {
        let (controller, port, ports) = match (medium, self.processor) {
            // Its firmware finds no drives at AHCI, and at this only the first.
            ("optical", Processor::Arm64) => ("virtio-scsi-pci", "scsi-cd", 1),
            ("optical", _) => ("ich9-ahci", "ide-cd", 6),
            _ => ("qemu-xhci,p2=15,p3=15", "usb-storage,removable=on", 15),
        };
        let bus = format!("c{}", number / ports);
        let place = if medium == "optical" { number % ports } else { 0 };
        let device = format!("{port},drive=m{number},bus={bus}.{place}");
        if number.is_multiple_of(ports) { vec![format!("{controller},id={bus}"), device] } else { vec![device] }
    }
}

/// A computer that was switched on.
pub struct Computer {
    process: Child,
    /// Where its files are.
    _place: TempDir,
    serial: PathBuf,
    since: Instant,
    keys: usize,
}

impl Computer {
    /// Switches one on that has these images in drives for discs (`optical`), or as sticks.
    pub fn start(folder: &Path, model: &Model, medium: &str, images: &[PathBuf]) -> Self {
        let (program, machine, [code, variables]) = model.parts();
        let place = tempfile::tempdir_in(folder).unwrap();
        let [own, serial, errors] = ["variables", "serial", "errors"].map(|name| place.path().join(name));
        let mut flash = std::fs::read(variables).unwrap_or_else(|error| panic!("{variables}: {error}"));
        for (name, vendor, attributes, value) in &model.variables {
            uefi_variables::set(&mut flash, name, *vendor, *attributes, value);
        }
        std::fs::write(&own, flash).unwrap();
        let mut command = Command::new(program);
        command.args(["-accel", "tcg", "-m", "256", "-nodefaults", "-display", "none", "-nic", "none", "-no-reboot"]);
        command.args(machine).args(["-boot", "menu=off", "-serial", "stdio", "-monitor", "none"]);
        for (flash, options) in [(Path::new(code), "if=pflash,format=raw,readonly=on"), (&own, "if=pflash,format=raw")]
        {
            command.args(["-drive", &format!("{options},file={}", flash.display())]);
        }
        for (number, image) in images.iter().enumerate() {
            command.args(["-drive", &format!("if=none,id=m{number},format=raw,snapshot=on,file={}", image.display())]);
            command.args(model.attach(medium, number).iter().flat_map(|device| ["-device", device]));
        }
        let process = command
            .stdin(Stdio::piped())
            .stdout(File::create(&serial).unwrap())
            .stderr(File::create(errors).unwrap())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}. tests/run installs what the tests need."));
        Self { process, _place: place, serial, since: Instant::now(), keys: 0 }
    }

    /// What it has said, when that has this text in it.
    pub fn said_when(&mut self, text: &str) -> String {
        while self.since.elapsed() < PATIENCE {
            let said = String::from_utf8_lossy(&std::fs::read(&self.serial).unwrap()).into_owned();
            if said.contains(text) {
                return said;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("The computer did not say “{text}”: {}", String::from_utf8_lossy(&std::fs::read(&self.serial).unwrap()))
    }

    /// What it has said so far, when it has come to the end: no medium is left, or the last one has said `last` or started
    /// the computer anew, and that was expected. As an error when it has crashed or hangs.
    pub fn finished(&mut self, end: End, last: &str) -> Option<Result<String, String>> {
        let said = String::from_utf8_lossy(&std::fs::read(&self.serial).unwrap()).into_owned();
        let gone = self.process.try_wait().unwrap();
        let is_over = match end {
            End::Returns => false,
            End::Stays => said.contains(last),
            End::Restarts => gone.is_some_and(|status| status.success()),
        };
        if is_over || ENDS.iter().any(|end| said.contains(end)) {
            return Some(Ok(said));
        }
        if said.matches(REFUSED).count() > self.keys {
            self.keys += 1;
            self.process.stdin.as_mut().unwrap().write_all(b"\r").unwrap();
        }
        if gone.is_none() && !said.contains(CRASHED) && self.since.elapsed() < PATIENCE {
            return None;
        }
        let end: String = said.chars().skip(said.chars().count().saturating_sub(3000)).collect();
        Some(Err(format!("The computer came to no end ({gone:?}): {end}")))
    }
}

impl Drop for Computer {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
