//! From a loader over its menus to the kernels.

use super::{Chain, Stage, State, Step, Target};
use crate::boot::menu::{Entry, FileRef, FileState, Loader, Menu};
use crate::boot::report::{BootReport, ReadMenu};
use crate::boot::verdict::Firmware;
use crate::disc::text;
use crate::disc::tree::TreeId;

/// Kernels of one menu that are steps of their own.
const KERNELS: usize = 6;

/// A loader that finds its menus by itself.
pub(super) struct Own<'a> {
    pub(super) firmware: Firmware,
    /// The loaders whose menus it reads.
    pub(super) loaders: &'a [Loader],
    /// Where it looks first.
    pub(super) tree: Option<TreeId>,
}

impl Own<'_> {
    fn reads(&self, menu: &Menu) -> bool {
        self.loaders.contains(&menu.loader) && menu.reached_from.is_none() && is_for(menu, self.firmware)
    }
}

/// The boot manager of Windows has a store for each kind of firmware.
fn is_for(menu: &Menu, firmware: Firmware) -> bool {
    let is_in_efi = menu.path.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("EFI/"));
    menu.loader != Loader::WindowsBootManager || is_in_efi == (firmware == Firmware::Uefi)
}

/// Adds the menus that the step `from` finds by itself.
pub(super) fn add(chain: &mut Chain, report: &BootReport, from: usize, own: &Own<'_>) {
    let tree = own.tree;
    let menus: Vec<_> = report.menus.iter().filter(|read| own.reads(&read.menu) && !read.menu.is_empty()).collect();
    let beside = |read: &&&ReadMenu| Some(read.tree) == tree;
    let is_beside = menus.iter().any(|read| beside(&read));
    for read in menus.into_iter().filter(|read| !is_beside || Some(read.tree) == tree) {
        let menu = &read.menu;
        let count = menu.entries.iter().filter(|entry| !entry.submenu && !entry.disabled).count();
        let entries = if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") };
        let title = format!("Menu of {}", menu.loader.label());
        let step = Step::new(Stage::Menu, title, text::display(&menu.path), State::Good);
        let mut step = step.at(Target::file(read.tree, &menu.path)).noting(entries);
        step.notes.extend(menu.title.as_ref().map(|title| text::display(title).into_owned()));
        let at = chain.step(step);
        chain.link(from, at, State::Good, "");
        kernels(chain, report, at, read);
    }
}

fn kernels(chain: &mut Chain, report: &BootReport, from: usize, read: &ReadMenu) {
    let mut left_out = 0_usize;
    let mut seen: Vec<&str> = Vec::new();
    let starts = |entry: &&Entry| entry.kernel.is_some() || !entry.chainloads.is_empty();
    for (number, entry) in read.menu.entries.iter().enumerate().filter(|(_, entry)| starts(entry)) {
        let Some(kernel) = entry.kernel.as_ref().or(entry.chainloads.first()) else { continue };
        let is_new = !seen.contains(&kernel.as_written.as_str());
        if is_new && seen.len() >= KERNELS {
            left_out = left_out.saturating_add(1);
            continue;
        }
        seen.push(&kernel.as_written);
        let at = chain.step(kernel_step(report, read, kernel));
        let (state, trouble) = trouble(entry, kernel);
        let by_itself = if read.menu.default_entry == Some(number) { "by itself" } else { "" };
        chain.link(from, at, state, trouble.unwrap_or_else(|| by_itself.to_owned()));
    }
    if left_out > 0 {
        let what = if left_out == 1 { "1 more entry".to_owned() } else { format!("{left_out} more entries") };
        let at = chain.step(Step::new(Stage::Kernel, what, text::display(&read.menu.path), State::Good));
        chain.link(from, at, State::Good, "");
    }
}

fn kernel_step(report: &BootReport, read: &ReadMenu, kernel: &FileRef) -> Step {
    let path = kernel.found();
    let program = path.and_then(|path| report.programs.iter().find(|file| file.tree == read.tree && file.path == path));
    let mut step = match program {
        Some(file) => Step::program(Stage::Kernel, file),
        None => plain_step(read, kernel),
    };
    step.state = step.state.max(state_of(kernel));
    if matches!(kernel.state, FileState::Incomplete(_)) {
        step.notes.push("The image of the disc ends before it does".to_owned());
    }
    step
}

/// A kernel of which nothing else is known.
fn plain_step(read: &ReadMenu, kernel: &FileRef) -> Step {
    let path = kernel.found();
    let place = text::display(path.unwrap_or(&kernel.as_written));
    let name = place.rsplit('/').next().unwrap_or(&place).to_owned();
    let step = Step::new(Stage::Kernel, name, place, state_of(kernel));
    Step { target: path.map(|path| Target::file(read.tree, path)), ..step }
}

/// What stands in the way of an entry, by the first file that does.
fn trouble(entry: &Entry, kernel: &FileRef) -> (State, Option<String>) {
    let files = std::iter::once(kernel).chain(&entry.initrds).chain(&entry.modules).chain(&entry.device_trees);
    // Of files that are equally bad, the last one is given: here the first.
    let Some(worst) = files.rev().max_by_key(|file| state_of(file)) else { return (State::Good, None) };
    let written = text::display(&worst.as_written);
    let name = written.rsplit('/').next().unwrap_or(&written);
    let sentence = match &worst.state {
        FileState::Incomplete(_) => Some(format!("{name} is cut off")),
        FileState::Missing => Some(format!("{name} is missing")),
        FileState::WrongKind => Some(format!("{name} is not a file")),
        FileState::CannotTell(_) => Some(format!("{name} cannot be told")),
        FileState::Exists | FileState::ExistsAs(_) => None,
    };
    (state_of(worst), sentence)
}

fn state_of(file: &FileRef) -> State {
    match file.state {
        FileState::Exists | FileState::ExistsAs(_) => State::Good,
        FileState::Missing | FileState::WrongKind | FileState::Incomplete(_) => State::Broken,
        FileState::CannotTell(_) => State::Doubtful,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_firmware_has_a_store_of_windows() {
        let is_for = |path: &str, loader| {
            let menu = Menu::new(path, loader);
            [Firmware::Bios, Firmware::Uefi].map(|firmware| is_for(&menu, firmware))
        };
        assert_eq!(is_for("boot/bcd", Loader::WindowsBootManager), [true, false]);
        assert_eq!(is_for("efi/microsoft/boot/bcd", Loader::WindowsBootManager), [false, true]);
        assert_eq!(is_for("boot/grub/grub.cfg", Loader::Grub2), [true, true]);
    }
}
