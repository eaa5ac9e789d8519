//! A computer with a BIOS that starts discs and sticks: SeaBIOS in QEMU.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a computer has. Each starts within three seconds when it has a processor to itself.
const PATIENCE: Duration = Duration::from_secs(40);

/// How long nothing may come from a computer that has gone to the boot image, before it hangs.
const SILENCE: Duration = Duration::from_secs(8);

/// What programs say when they have started: on the serial port, and on the screen.
const STARTED: [&str; 3] = ["ISOLINUX ", "SYSLINUX ", "GRUB has started"];
const SHOWN: [&str; 4] = ["Memtest86+ v", "Welcome to GRUB", "GNU GRUB  version 0.97", "iPXE initialising"];

/// What is on the screen when nothing more will happen.
const ENDED: [&str; 2] = ["This is not a bootable disk", "Boot failed: please change disks"];

/// Where the screen of text lies, each character with its colours behind it.
const SCREEN: &str = "0xb8000 4000";

/// How long nothing changes on a screen that is drawn.
const STILL: Duration = Duration::from_secs(1);

/// Characters of a line of it.
const COLUMNS: usize = 80;

/// A computer that was switched on.
pub struct Computer {
    process: Child,
    serial: PathBuf,
    firmware: PathBuf,
    screen: PathBuf,
    monitor: PathBuf,
    asks: Option<UnixStream>,
    since: Instant,
}

impl Computer {
    pub fn start(folder: &Path, image: &Path, medium: &str) -> Self {
        let [serial, firmware, screen, monitor] =
            ["serial", "firmware", "screen", "monitor"].map(|log| folder.join(format!("{medium} {log}")));
        drop(std::fs::remove_file(&monitor));
        for log in [&serial, &firmware, &screen] {
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
            .args(["-monitor", &format!("unix:{},server=on,wait=off", monitor.display())])
            .args(["-serial", &format!("file:{}", serial.display())])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("qemu-system-x86 is installed");
        Self { process, serial, firmware, screen, monitor, asks: None, since: Instant::now() }
    }

    /// What is on the screen, as it was when it was last asked for; asks for it again.
    fn shows(&mut self) -> String {
        let cells = std::fs::read(&self.screen).unwrap_or_default();
        if self.asks.is_none() {
            self.asks = UnixStream::connect(&self.monitor).ok();
        }
        if let Some(monitor) = &mut self.asks {
            // It may have ended.
            drop(writeln!(monitor, "pmemsave {SCREEN} \"{}\"", self.screen.display()));
        }
        cells.iter().step_by(2).map(|byte| char::from(*byte)).collect()
    }

    /// Waits until this text is on the screen, and nothing changes there any more. Gives its lines, or nothing when that
    /// takes too long.
    pub fn lines_with(&mut self, text: &str) -> Vec<String> {
        let (mut last, mut since) = (String::new(), Instant::now());
        while self.since.elapsed() < PATIENCE {
            let screen = self.shows();
            if screen != last {
                (last, since) = (screen, Instant::now());
            }
            if since.elapsed() > STILL && last.contains(text) {
                let screen: Vec<char> = last.chars().collect();
                return screen.chunks(COLUMNS).map(|line| line.iter().collect()).collect();
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Vec::new()
    }

    /// Waits until it has started the program of the disc, or says that it cannot, or hangs.
    pub fn starts(&mut self) -> bool {
        let read = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned();
        let (mut last, mut silent) = (0, Instant::now());
        loop {
            let (said, log) = (read(&self.serial), read(&self.firmware));
            if STARTED.iter().any(|text| said.contains(text)) {
                return true;
            }
            let screen = self.shows();
            if SHOWN.iter().any(|text| screen.contains(text)) {
                return true;
            }
            if ENDED.iter().any(|text| screen.contains(text)) {
                return false;
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
