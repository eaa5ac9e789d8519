//! The menus of GRUB Legacy and GRUB4DOS (GRUB Legacy 0.97 manual, “Configuration”, “Commands”).
//!
//! GRUB Legacy reads `/boot/grub/menu.lst`, which systems of Red Hat call `grub.conf`; its build for UEFI reads a file
//! beside itself. GRUB4DOS reads `/menu.lst` too.

use std::time::Duration;

use super::lookup::{Want, normal, refer};
use super::model::{Entry, FileRef, Loader, Menu, Place, Timeout};
use super::text::{Reader, first_word};
use crate::disc::limits;

/// The places in which the loader looks.
const PLACES: [&str; 11] = [
    "boot/grub/menu.lst",
    "boot/grub/grub.conf",
    "grub/menu.lst",
    "grub/grub.conf",
    "menu.lst",
    "boot/menu.lst",
    "boot/grub/stage2_eltorito.lst",
    "EFI/BOOT/grub.conf",
    "EFI/BOOT/BOOTX64.conf",
    "EFI/BOOT/BOOTIA32.conf",
    "EFI/redhat/grub.conf",
];

/// A configuration file that is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) path: String,
    pub(super) reached_from: Option<Place>,
}

/// The configuration files that are there.
pub(super) fn starts(reader: &Reader<'_>) -> Vec<Start> {
    let mut starts: Vec<Start> = Vec::new();
    for path in PLACES.iter().filter_map(|path| reader.find(path)) {
        if !starts.iter().any(|start| start.path == path) {
            starts.push(Start { path, reached_from: None });
        }
    }
    starts
}

/// The device that paths without one lie on.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Root {
    /// That of the tree.
    Here,
    /// Another one, and why that is thought.
    Elsewhere(String),
}

impl Root {
    fn of(device: &str) -> Self {
        match device.trim_matches(['(', ')']) {
            "cd" | "nd" | "cd0" => Self::Here,
            device => Self::Elsewhere(format!("The file lies on the device ({device})")),
        }
    }
}

/// Reads the menu at `start`, and says which further configuration files its entries open.
pub(super) fn parse(reader: &Reader<'_>, start: &Start) -> (Menu, Vec<Start>) {
    let mut menu = Menu::new(&start.path, Loader::GrubLegacy);
    menu.reached_from.clone_from(&start.reached_from);
    let mut next = Vec::new();
    let lines = reader.lines(&start.path, &mut menu.diagnostics);
    let mut entry: Option<Entry> = None;
    let mut root = Root::Here;
    let mut outer_root = Root::Here;
    for line in &lines {
        let text = line.text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        // `default=0` and `default 0` are the same.
        let end = text.find([' ', '\t', '=']).unwrap_or(text.len());
        let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        let rest = rest.trim_start_matches([' ', '\t', '=']).trim();
        let word = word.to_ascii_lowercase();
        if word == "title" {
            entry.take().and_then(|entry| menu.push(entry));
            entry = Some(Entry::new(rest, 0, line.place(&start.path)));
            root = outer_root.clone();
            continue;
        }
        match (&*word, &mut entry) {
            ("default", None) => menu.default = Some(rest.to_owned()),
            ("timeout", None) => match first_word(rest).0.parse::<i64>() {
                Ok(seconds) => {
                    let after = u64::try_from(seconds).ok().map(|seconds| Timeout::After(Duration::from_secs(seconds)));
                    menu.timeout = after.unwrap_or(Timeout::Waits);
                }
                Err(_) => menu.timeout = Timeout::CannotTell(rest.to_owned()),
            },
            ("root" | "rootnoverify" | "uuid", _) => {
                root = if word == "uuid" {
                    Root::Elsewhere(format!("The file lies on the volume {rest}"))
                } else {
                    Root::of(first_word(rest).0)
                };
            }
            // GRUB4DOS: the device that holds a file becomes the root.
            ("find", _) if rest.starts_with("--set-root") => {
                let path = rest.split_whitespace().rfind(|word| !word.starts_with("--")).unwrap_or_default();
                root = match reader.find(path) {
                    Some(_) => Root::Here,
                    None => Root::Elsewhere(format!("The file lies on the device that holds “{path}”")),
                };
            }
            ("kernel", Some(entry)) => {
                let rest = without_options(rest);
                let (path, options) = first_word(rest);
                entry.kernel = Some(file(reader, path, &root));
                entry.command_line = (!options.is_empty()).then(|| options.to_owned());
            }
            ("initrd", Some(entry)) => {
                let files = without_options(rest).split_whitespace().take(limits::MENU_INCLUDES);
                entry.initrds = files.map(|path| file(reader, path, &root)).collect();
            }
            ("module" | "modulenounzip", Some(entry)) if entry.modules.len() < limits::MENU_INCLUDES => {
                entry.modules.push(file(reader, first_word(rest).0, &root));
            }
            ("chainloader", Some(entry)) if entry.chainloads.len() < limits::MENU_INCLUDES => {
                entry.chainloads.push(file(reader, first_word(without_options(rest)).0, &root));
            }
            ("configfile", Some(entry)) if entry.configs.len() < limits::MENU_INCLUDES => {
                let config = file(reader, first_word(rest).0, &root);
                if let Some(path) = config.found().filter(|_| next.len() < limits::MENUS) {
                    next.push(Start { path: path.to_owned(), reached_from: Some(line.place(&start.path)) });
                }
                entry.configs.push(config);
            }
            ("reboot", Some(entry)) => entry.action = Some("Starts the computer again".to_owned()),
            ("halt", Some(entry)) => entry.action = Some("Turns the computer off".to_owned()),
            (word, _) if KNOWN.contains(&word) => {}
            (word, _) => {
                let message = format!("The command “{word}” is not known, or not expected here");
                menu.diagnostics.info(&start.path, line.number, message);
            }
        }
        if entry.is_none() {
            outer_root = root.clone();
        }
    }
    entry.take().and_then(|entry| menu.push(entry));
    // The first entry, if nothing is said.
    let number = menu.default.as_deref().map_or(Some(0), |default| first_word(default).0.parse::<usize>().ok());
    menu.default_entry = number.filter(|number| *number < menu.entries.len());
    (menu, next)
}

fn without_options(text: &str) -> &str {
    let mut rest = text.trim();
    while rest.starts_with("--") {
        rest = first_word(rest).1;
    }
    rest
}

fn file(reader: &Reader<'_>, word: &str, root: &Root) -> FileRef {
    let (root, path) = match word.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        Some((device, path)) => (Root::of(device), path),
        None => (root.clone(), word),
    };
    if path.contains('+') && path.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | ',')) {
        return FileRef::cannot_tell(word, "These are sectors of a device, not a file");
    }
    match root {
        Root::Here => refer(reader.files, word, path, Want::File),
        Root::Elsewhere(why) => {
            let found = refer(reader.files, word, path, Want::File);
            FileRef { path: found.found().map(|_| normal("", path)), ..FileRef::cannot_tell(word, why) }
        }
    }
}

/// Commands that change nothing of what is loaded.
const KNOWN: &[&str] = &[
    "fallback",
    "hiddenmenu",
    "color",
    "foreground",
    "background",
    "splashimage",
    "gfxmenu",
    "password",
    "lock",
    "boot",
    "savedefault",
    "map",
    "makeactive",
    "hide",
    "unhide",
    "serial",
    "terminal",
    "device",
    "pause",
    "quiet",
    "find",
    "setkey",
    "graphicsmode",
    "debug",
    "write",
    "clear",
    "echo",
    "errorcheck",
    "viewport",
    "shade",
    "border",
    "geometry",
];

#[cfg(test)]
mod tests {
    use super::super::lookup::Memory;
    use super::super::model::FileState;
    use super::*;

    fn read(text: &str) -> Menu {
        let files = Memory::new(&[("menu.lst", text), ("boot/kernel", ""), ("boot/ramdisk", ""), ("more.lst", "")]);
        let reader = Reader::new(&files);
        let start = starts(&reader).into_iter().next().unwrap();
        parse(&reader, &start).0
    }

    #[test]
    fn titles_kernels_and_devices() {
        let menu = read(
            "default=1\r\ntimeout 7\nsplashimage /x\n\ntitle One\nkernel --type=linux /boot/kernel quiet 1\n\
             initrd /boot/ramdisk\ntitle Two\n root (hd0,1)\n kernel /boot/kernel\n kernel2\ntitle Three\nchainloader +1\n\
             title Four\nkernel (cd)/Boot/KERNEL\nconfigfile /more.lst\ntitle Five\nfind --set-root /nowhere\ninitrd /x",
        );
        assert_eq!((menu.timeout, menu.default_entry), (Timeout::After(Duration::from_secs(7)), Some(1)));
        let titles: Vec<_> = menu.entries.iter().map(|entry| &*entry.title).collect();
        assert_eq!(titles, ["One", "Two", "Three", "Four", "Five"]);
        let kernel = |at: usize| menu.entries[at].kernel.clone().unwrap();
        assert_eq!(kernel(0).state, FileState::Exists);
        assert_eq!(menu.entries[0].command_line.as_deref(), Some("quiet 1"));
        assert_eq!(menu.entries[0].initrds[0].found(), Some("boot/ramdisk"));
        assert!(matches!(kernel(1).state, FileState::CannotTell(_)));
        assert_eq!(kernel(1).path.as_deref(), Some("boot/kernel"));
        assert!(matches!(menu.entries[2].chainloads[0].state, FileState::CannotTell(_)));
        assert_eq!(kernel(3).state, FileState::ExistsAs("boot/kernel".to_owned()));
        assert_eq!(menu.entries[3].configs[0].state, FileState::Exists);
        assert!(matches!(menu.entries[4].initrds[0].state, FileState::CannotTell(_)));
        assert_eq!(menu.diagnostics.items().len(), 1, "{:?}", menu.diagnostics);
    }
}
