//! The ways of UEFI: from the FAT file system of a boot image or a partition, by a program with a fixed name.

use super::{Chain, Stage, State, Step, Target, menus};
use crate::boot::efi::{Architecture, ProductKind};
use crate::boot::menu;
use crate::boot::programs::EfiFile;
use crate::boot::report::BootReport;
use crate::boot::second_stage::{Listed, SecondStage};
use crate::boot::verdict::{Firmware, Medium, Verdict};
use crate::disc::boot::el_torito::Platform;
use crate::disc::partition::{Partition, Scheme};
use crate::disc::tree::{TreeId, TreeKind};
use crate::disc::{Extent, Image, text};

/// The architectures whose firmware has a name for its programs, in the order in which they are shown.
const ARCHITECTURES: [Architecture; 8] = [
    Architecture::X64,
    Architecture::Ia32,
    Architecture::Arm64,
    Architecture::Arm,
    Architecture::Riscv64,
    Architecture::LoongArch64,
    Architecture::Ia64,
    Architecture::Riscv32,
];

pub(super) fn add(chain: &mut Chain, image: &Image, report: &BootReport, verdicts: &[Verdict]) {
    for architecture in ARCHITECTURES {
        let fallback = |file: &&EfiFile| file.is_fallback(architecture);
        let in_fat: Vec<_> =
            report.programs.iter().filter(fallback).filter(|file| file.tree.kind == TreeKind::Fat).collect();
        let elsewhere = report.programs.iter().filter(fallback).find(|file| file.tree.kind != TreeKind::Fat);
        if in_fat.is_empty() && elsewhere.is_none() {
            continue;
        }
        let firmware =
            Step::new(Stage::Firmware, format!("UEFI, {architecture}"), computers(architecture), State::Good);
        let firmware = chain.step(firmware);
        for file in &in_fat {
            let program = program(chain, image, report, file, architecture);
            for (mut step, medium) in places(image, report, file.tree) {
                let way = chain.steps.get(program).map_or(State::Doubtful, |step| step.state);
                // What is wrong further on is shown there.
                let verdict = said(verdicts, architecture, medium).filter(|_| way == State::Good);
                let state = verdict.map_or(State::Good, |verdict| verdict.boots.into()).max(step.state);
                if state > step.state {
                    step.notes.extend(verdict.map(|verdict| verdict.why.clone()));
                }
                step.state = state;
                let place = chain.step(step);
                chain.link(firmware, place, state, words(medium));
                chain.link(place, program, way, "");
            }
        }
        if let Some(file) = elsewhere.filter(|_| in_fat.is_empty()) {
            let note = "UEFI must read FAT only: a tool has to copy the files to a FAT partition";
            let step =
                Step::new(Stage::Structure, "Files of the disc", file.tree.label(), State::Doubtful).noting(note);
            let place = chain.step(step);
            chain.link(firmware, place, State::Doubtful, "from copied files");
            let program = program(chain, image, report, file, architecture);
            chain.link(place, program, State::Good, "");
        }
    }
}

/// Whether firmware without Secure Boot starts it.
fn said(verdicts: &[Verdict], architecture: Architecture, medium: Medium) -> Option<&Verdict> {
    let mut verdicts = verdicts.iter().filter(|verdict| verdict.firmware == Firmware::Uefi && verdict.medium == medium);
    verdicts.find(|verdict| Some(verdict.arch) == architecture.suffix() && verdict.secure_boot == Some(false))
}

fn words(medium: Medium) -> &'static str {
    match medium {
        Medium::Optical => "from a disc",
        Medium::Usb => "from a stick",
    }
}

/// For whom it is, in a few words.
fn computers(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X64 => "PCs from about 2012 on",
        Architecture::Ia32 => "a few small PCs and tablets",
        Architecture::Arm64 => "computers with ARM processors",
        Architecture::Arm => "older ARM boards",
        Architecture::Riscv64 | Architecture::Riscv32 | Architecture::Riscv128 => "RISC-V boards",
        Architecture::LoongArch64 | Architecture::LoongArch32 => "computers with LoongArch processors",
        Architecture::Ia64 => "Itanium servers",
        Architecture::Ebc | Architecture::Other(_) => "other computers",
    }
}

/// What leads to a FAT tree: the boot images and the partitions that hold it, or the disc itself.
fn places(image: &Image, report: &BootReport, tree: TreeId) -> Vec<(Step, Medium)> {
    let mut places = Vec::new();
    for (index, boot) in image.boot_images().iter().enumerate() {
        if boot.platform == Platform::Uefi && image.boot_image_trees(index).contains(&tree) {
            let read = report.images.iter().find(|read| read.image.record == boot.record);
            let path = read.and_then(|read| read.path.as_ref()).map(|path| format!(" ({})", text::display(path)));
            let is_cut = read.is_some_and(|read| read.is_cut);
            let state = if is_cut { State::Broken } else { State::Good };
            let place = format!("entry {}{}", boot.number, path.unwrap_or_default());
            let step = Step::new(Stage::Structure, "Boot catalogue", place, state);
            let mut step = step.at(Target::bytes(Extent::new(boot.record, 32)));
            if is_cut {
                step.notes.push("The image of the disc ends before the boot image does".to_owned());
            }
            places.push((step, Medium::Optical));
        }
    }
    // UEFI reads no partition map of Apple. What two tables name is one partition.
    let holds = |(index, partition): &(usize, &Partition)| {
        partition.scheme != Scheme::Apm && image.partition_trees(*index).contains(&tree)
    };
    let holding: Vec<_> = image.partitions().iter().enumerate().filter(holds).map(|(_, partition)| partition).collect();
    if let Some(first) = holding.first() {
        let number = |partition: &&Partition| format!("{} {}", partition.scheme.label(), partition.number);
        let names: Vec<_> = holding.iter().map(number).collect();
        let kind = text::display(&first.kind).into_owned();
        let step = Step::new(Stage::Structure, kind, names.join(", "), State::Good);
        let step = step.at(Target::bytes(first.extent)).noting(format!("From byte {} on", first.extent.offset));
        places.push((step, Medium::Usb));
    }
    if places.is_empty() {
        let step = Step::new(Stage::Structure, "FAT file system", "the whole disk", State::Good);
        places.push((step.at(Target::bytes(Extent::new(0, 512))), Medium::Usb));
    }
    places
}

/// A program, what it goes on with, and its menus.
fn program(chain: &mut Chain, image: &Image, report: &BootReport, file: &EfiFile, architecture: Architecture) -> usize {
    let mut step = Step::program(Stage::Loader, file);
    let own = file.program.as_ref().map(|program| program.header.architecture);
    if own.is_some_and(|own| own != architecture) {
        step.state = State::Broken;
        step.notes.push(format!("Its name is that of a program for {architecture}, which it is not"));
    }
    let at = chain.step(step);
    if !file.is(ProductKind::Shim) {
        add_menus(chain, image, report, at, file);
        return at;
    }
    match &file.second_stage {
        Some(SecondStage::Program(path)) => {
            goes_on(chain, image, report, (file, at), path, Stage::SecondLoader, "");
        }
        Some(SecondStage::Fallback { start: Some(Listed { program, .. }), .. }) => {
            let words = "by its helper";
            let next = goes_on(chain, image, report, (file, at), program, Stage::SecondLoader, words);
            if let Some((second, at)) = next
                && let Some(SecondStage::Program(path)) = &second.second_stage
            {
                goes_on(chain, image, report, (second, at), path, Stage::ThirdLoader, "");
            }
        }
        Some(SecondStage::Fallback { path, start: None }) => {
            let step = Step::new(Stage::SecondLoader, "Nothing", text::display(path), State::Broken);
            let note = "The helper of shim finds no list of programs to start, and starts the computer anew";
            let next = chain.step(step.at(Target::file(file.tree, path)).noting(note));
            chain.link(at, next, State::Broken, "");
        }
        Some(SecondStage::Unknown) | None => {}
    }
    at
}

/// From a program to the one at `path` of the same tree, with its menus; `None` when that is not there.
fn goes_on<'a>(
    chain: &mut Chain,
    image: &Image,
    report: &'a BootReport,
    (file, at): (&EfiFile, usize),
    path: &str,
    stage: Stage,
    words: &str,
) -> Option<(&'a EfiFile, usize)> {
    let second = report.programs.iter().find(|other| other.tree == file.tree && other.path.eq_ignore_ascii_case(path));
    let Some(second) = second else {
        let name = path.rsplit('/').next().unwrap_or(path);
        let step = Step::new(stage, text::display(name), text::display(path), State::Broken);
        let next = chain.step(step.noting("shim goes on with this file, and the disc does not have it"));
        chain.link(at, next, State::Broken, words);
        return None;
    };
    let step = Step::program(stage, second);
    let state = step.state;
    let next = chain.step(step);
    chain.link(at, next, state, words);
    add_menus(chain, image, report, next, second);
    Some((second, next))
}

fn add_menus(chain: &mut Chain, image: &Image, report: &BootReport, at: usize, file: &EfiFile) {
    let Some(product) = &file.product else { return };
    let loaders: &[menu::Loader] = match product.kind {
        ProductKind::Grub2 => &[menu::Loader::Grub2],
        ProductKind::SystemdBoot => &[menu::Loader::SystemdBoot],
        ProductKind::WindowsBootManager => &[menu::Loader::WindowsBootManager],
        _ => return,
    };
    // systemd-boot reads its own file system only; the others find the disc.
    let own = (product.kind == ProductKind::SystemdBoot).then_some(file.tree);
    let own = own.filter(|tree| *tree != image.id_of(image.default_tree().as_ref()));
    menus::add(chain, report, at, &menus::Own { firmware: Firmware::Uefi, loaders, tree: own });
}
