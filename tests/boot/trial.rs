//! Discs and sticks with which real firmware is tried, and trying them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::support::agreement::{self, Agreement, Expected};
use crate::support::discs::{disc, fat};
use crate::support::payload::{self, Processor};
use crate::support::uefi_computer::{Computer, End, Model};

/// A disc or stick. What is on it says its name in brackets when it starts.
pub(super) struct Case {
    pub(super) what: &'static str,
    pub(super) image: Vec<u8>,
    pub(super) optical: Expected,
    pub(super) usb: Expected,
}

/// What makes the cases.
pub(super) struct Maker<'a> {
    pub(super) folder: &'a Path,
    pub(super) processor: Processor,
    pub(super) cases: Vec<Case>,
}

impl<'a> Maker<'a> {
    /// One without cases.
    pub(super) fn new(folder: &'a Path, processor: Processor) -> Self {
        Self { folder, processor, cases: Vec::new() }
    }

    pub(super) fn add(&mut self, what: &'static str, image: Vec<u8>, optical: Expected, usb: Expected) {
        self.cases.push(Case { what, image, optical, usb });
    }

    /// A program that says the name of a case.
    pub(super) fn program(&self, what: &str) -> Vec<u8> {
        payload::that_says(self.processor, &mark(what))
    }

    /// A FAT file system with that program where firmware looks for it.
    pub(super) fn fat(&self, what: &str) -> Vec<u8> {
        self.fat_with(&self.program(what))
    }

    pub(super) fn fat_with(&self, program: &[u8]) -> Vec<u8> {
        let path = format!("EFI/BOOT/BOOT{}.EFI", self.processor.suffix().to_uppercase());
        // Far enough behind the start to be cut off.
        fat(self.folder, 1440, &[("FILLER", &[0x46; 40 << 10]), (&path, program)])
    }

    /// A disc with a boot image.
    pub(super) fn disc(&self, image: Vec<u8>, options: &[&str]) -> Vec<u8> {
        let folder = tempfile::tempdir_in(self.folder).unwrap();
        disc(folder.path(), "disc", &[("efi.img", image)], options)
    }

    /// A disc that starts by its boot catalogue.
    pub(super) fn catalog(&self, what: &str) -> Vec<u8> {
        self.disc(self.fat(what), &["-e", "efi.img", "-no-emul-boot"])
    }

    /// A disc with a FAT partition behind it.
    pub(super) fn appended(&self, partition: &[u8], options: &[&str]) -> Vec<u8> {
        let folder = tempfile::tempdir_in(self.folder).unwrap();
        let path = folder.path().join("partition");
        std::fs::write(&path, partition).unwrap();
        let append = ["-append_partition", "2", "0xef", path.to_str().unwrap()];
        let files = [("isolinux.bin", std::fs::read("/usr/lib/ISOLINUX/isolinux.bin").unwrap())];
        disc(folder.path(), "disc", &files, &[&append, options].concat())
    }
}

/// What a case says.
pub(super) fn mark(what: &str) -> String {
    format!("[{what}]")
}

/// How often a computer is switched on: now and then the firmware for Arm hangs before it comes to any medium.
const TRIES: usize = 3;

/// Tries all cases on two computers at once: one has them as discs, the other as sticks.
pub(super) fn try_all(folder: &Path, model: &Model, end: End, cases: &[Case], agreement: &mut Agreement) {
    let images: Vec<PathBuf> = (0..cases.len()).map(|number| folder.join(format!("{number}.iso"))).collect();
    for (case, path) in cases.iter().zip(&images) {
        std::fs::write(path, &case.image).unwrap();
    }
    let last = mark(cases.last().unwrap().what);
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
            match computers[number].finished(end, &last) {
                Some(Err(_)) if tries[number] < TRIES => {
                    tries[number] += 1;
                    computers[number] = switch_on(media[number]);
                }
                end => said[number] = end.map(|end| end.unwrap_or_else(|why| panic!("{} times: {why}", tries[number]))),
            }
        }
    }
    let list = folder.join("dbx");
    let mut options = Vec::new();
    if let Some(revoked) = &model.dbx {
        std::fs::write(&list, revoked).unwrap();
        options.extend(["--dbx", list.to_str().unwrap()]);
    }
    for ((medium, from), said) in media.into_iter().zip(["disc", "stick"]).zip(said.into_iter().flatten()) {
        // Each medium was tried: it was started, or the firmware says that it found nothing to start.
        let tried = said.matches("BdsDxe: loading Boot").count() + said.matches("BdsDxe: failed to load Boot").count();
        assert!(tried >= cases.len(), "{tried} of {} were tried: {said}", cases.len());
        for (case, path) in cases.iter().zip(&images) {
            let verdict =
                agreement::said_with(&options, path, "uefi", model.processor.suffix(), medium, Some(model.secure_boot));
            let expected = if medium == "optical" { case.optical } else { case.usb };
            agreement.add(&model.label(), case.what, from, expected, said.contains(&mark(case.what)), &verdict);
        }
    }
}
