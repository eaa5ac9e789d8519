//! The ways of a BIOS: from a disc by the boot catalogue, from a stick by the code in the first sector.

use super::{Chain, Stage, State, Step, Target, menus};
use crate::boot::loader::{Loader, LoaderKind};
use crate::boot::menu;
use crate::boot::report::{self, BootReport, ReadImage};
use crate::boot::verdict::{Boots, Firmware, Medium, Verdict};
use crate::disc::boot::el_torito::{Emulation, Platform};
use crate::disc::boot::system_area::{BootCode, SystemArea};
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::{Extent, Image, text};

pub(super) fn add(chain: &mut Chain, image: &Image, report: &BootReport, verdicts: &[Verdict]) {
    let first = report.images.first().filter(|boot| boot.image.platform == Platform::Bios);
    let area = report.system_area.as_ref().filter(|area| area.has_signature && area.code != BootCode::None);
    if first.is_none() && area.is_none() {
        return;
    }
    let firmware = chain.step(Step::new(Stage::Firmware, "BIOS", "PCs up to about 2012", State::Good));
    if let Some(boot) = first {
        let (state, why) = said(verdicts, Medium::Optical);
        let step = Step::new(Stage::Structure, "Boot catalogue", format!("entry {}", boot.image.number), state);
        let entry = chain.step(step.at(Target::bytes(Extent::new(boot.image.record, 32))).noting(why));
        chain.link(firmware, entry, state, "from a disc");
        let program = program(chain, report, boot);
        let way = if boot.image.bootable { reached(chain, program) } else { State::Broken };
        chain.link(entry, program, way, "");
    }
    if let Some(area) = area {
        from_the_first_sector(chain, image, report, area, firmware, verdicts);
    }
}

fn from_the_first_sector(
    chain: &mut Chain,
    image: &Image,
    report: &BootReport,
    area: &SystemArea,
    firmware: usize,
    verdicts: &[Verdict],
) {
    let (state, why) = said(verdicts, Medium::Usb);
    let step = Step::new(Stage::Structure, "Master boot record", area.code.label(), state);
    let record = chain.step(step.at(Target::bytes(Extent::new(0, 512))).noting(why));
    chain.link(firmware, record, state, "from a stick");
    if area.code.has_pointer() {
        let program = match report.started_by(area) {
            Some(boot) => program(chain, report, boot),
            None => {
                let place = area.pointer.map_or("no address".to_owned(), |at| format!("byte {at}"));
                let step = Step::new(Stage::Loader, "Nothing", place, State::Broken);
                let step = Step { target: area.pointer.map(|at| Target::bytes(Extent::new(at, SECTOR_SIZE))), ..step };
                chain.step(step.noting("No boot image begins there"))
            }
        };
        let way = reached(chain, program);
        chain.link(record, program, way, "");
    }
    if let Some(scheme) = area.code.partition_table() {
        let step = match (report::started_partition(image, area), &report.partition_loader) {
            (Some((_, part)), loader) => {
                let title = loader.as_ref().map_or_else(|| part.label(), Loader::label);
                let place = match loader {
                    Some(_) => part.label(),
                    None => format!("byte {}", part.extent.offset),
                };
                // What it starts, the verdict has looked into.
                let state = if loader.is_some() { state } else { State::Doubtful };
                Step::new(Stage::Loader, title, place, state).at(Target::bytes(part.extent))
            }
            (None, _) => Step::new(Stage::Loader, "No active partition", scheme.label(), State::Broken),
        };
        let partition = chain.step(step);
        let way = reached(chain, partition);
        chain.link(record, partition, way, "");
    }
}

/// The program in a boot image, what it goes on with, and its menus.
fn program(chain: &mut Chain, report: &BootReport, boot: &ReadImage) -> usize {
    let is_cut = boot.is_cut;
    let broken_table = boot.table.and_then(|table| table.is_right()) == Some(false);
    let isolinux = boot.loader.as_ref().is_some_and(|loader| loader.kind == LoaderKind::Isolinux);
    let state = match () {
        () if is_cut || boot.is_empty || (isolinux && broken_table) => State::Broken,
        () if boot.loader.as_ref().is_none_or(|loader| is_doubtful(loader.kind, boot.image.emulation)) => {
            State::Doubtful
        }
        () => State::Good,
    };
    let title = match (&boot.loader, boot.image.emulation) {
        (Some(loader), _) => loader.label(),
        (None, Emulation::None) => "Unknown program".to_owned(),
        (None, emulation) => format!("Image of a {}", emulation.label()),
    };
    let place = boot.path.as_ref().map(|path| text::display(path).into_owned());
    let place = place.unwrap_or_else(|| match boot.image.number {
        0 => format!("byte {}", boot.image.extent.offset),
        number => format!("boot image {number}"),
    });
    let mut step = Step::new(Stage::Loader, title, place, state).at(Target::bytes(boot.image.extent));
    if is_cut {
        step.notes.push("The image of the disc ends before it does".to_owned());
    }
    if boot.is_empty {
        step.notes.push("It begins with nothing but zeros".to_owned());
    }
    if broken_table {
        step.notes.push("It was changed after its boot information table was made".to_owned());
    }
    let at = chain.step(step);
    let plain = boot.loader.as_ref().filter(|_| boot.image.emulation == Emulation::None);
    let loaders: &[menu::Loader] = match plain.map(|loader| loader.kind) {
        Some(LoaderKind::Isolinux) => &[menu::Loader::Isolinux, menu::Loader::Syslinux],
        Some(LoaderKind::Grub2) => &[menu::Loader::Grub2],
        Some(LoaderKind::GrubLegacy) => &[menu::Loader::GrubLegacy],
        Some(LoaderKind::Windows) => &[menu::Loader::WindowsBootManager],
        // Those of diskettes are in the diskette.
        Some(_) | None => &[],
    };
    menus::add(chain, report, at, &menus::Own { firmware: Firmware::Bios, loaders, tree: None });
    at
}

/// Whether it is not known what a program needs, or whether that is there.
fn is_doubtful(kind: LoaderKind, emulation: Emulation) -> bool {
    match emulation {
        Emulation::None => {
            !matches!(kind, LoaderKind::Isolinux | LoaderKind::Grub2 | LoaderKind::GrubLegacy | LoaderKind::Windows)
        }
        Emulation::Diskette(_) => !matches!(kind, LoaderKind::Memtest86 | LoaderKind::Syslinux),
        Emulation::HardDisk => kind != LoaderKind::Syslinux,
        Emulation::Unknown(_) => true,
    }
}

/// How a way to a step stands, by the step alone.
fn reached(chain: &Chain, step: usize) -> State {
    chain.steps.get(step).map_or(State::Doubtful, |step| step.state)
}

/// The verdict on a medium, and why.
fn said(verdicts: &[Verdict], medium: Medium) -> (State, String) {
    let verdict = verdicts.iter().find(|verdict| verdict.firmware == Firmware::Bios && verdict.medium == medium);
    verdict.map_or((State::Doubtful, String::new()), |verdict| (verdict.boots.into(), verdict.why.clone()))
}

impl From<Boots> for State {
    fn from(boots: Boots) -> Self {
        match boots {
            Boots::Yes => Self::Good,
            Boots::No => Self::Broken,
            Boots::Unknown => Self::Doubtful,
        }
    }
}
