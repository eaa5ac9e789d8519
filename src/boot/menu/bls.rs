//! The menus of systemd-boot: `loader/loader.conf` and `loader/entries/*.conf` (UAPI.1 Boot Loader Specification, “Type
//! #1 Boot Loader Entries”; `loader.conf(5)`), and unified kernel images in `EFI/Linux` (“Type #2”).

use std::cmp::Ordering;
use std::collections::HashMap;
use std::time::Duration;

use super::lookup::{Look, Want, name_of, normal, refer};
use super::model::{Entry, FileRef, FileState, Loader, Menu, Place, Timeout};
use super::pattern::fits;
use super::text::{Reader, first_word};
use crate::disc::{limits, text};

/// Folders from which the paths of entries are seen: the partition's top, and `/boot` where that is part of the tree.
const TOPS: [&str; 2] = ["", "boot"];

/// What the order of the entries depends on.
struct Key {
    sort_key: Option<String>,
    machine_id: String,
    version: String,
    name: String,
    /// It was tried as often as it may be, and did not work.
    is_bad: bool,
}

impl Key {
    fn new(name: &str) -> Self {
        let (sort_key, machine_id, version) = (None, String::new(), String::new());
        Self { sort_key, machine_id, version, name: name.to_owned(), is_bad: tries_left(name) == Some(0) }
    }
}

/// The menus that are there.
pub(super) fn menus(reader: &Reader<'_>) -> Vec<Menu> {
    TOPS.iter().filter_map(|top| menu(reader, top)).collect()
}

fn menu(reader: &Reader<'_>, top: &str) -> Option<Menu> {
    let conf = reader.find(&normal(top, "loader/loader.conf"));
    let folder = match reader.files.look(&normal(top, "loader/entries")) {
        Look::Folder(folder) => Some(folder),
        _ => None,
    };
    let mut menu = Menu::new(conf.as_deref().or(folder.as_deref())?, Loader::SystemdBoot);
    // Without a time the default starts at once (loader.conf(5), timeout).
    menu.timeout = Timeout::After(Duration::ZERO);
    let mut default = None;
    if let Some(conf) = &conf {
        default = settings(reader, conf, &mut menu);
    }
    let mut found: Vec<(Key, Entry)> = Vec::new();
    let list = folder.as_deref().map(|folder| reader.files.list(folder)).unwrap_or_default();
    for item in list.iter().filter(|item| !item.is_folder && text::has_extension(&item.name, "conf")) {
        let path = normal(folder.as_deref().unwrap_or_default(), &item.name);
        if item.name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("auto-")) {
            menu.diagnostics.info(&path, 0, "systemd-boot leaves out files whose names begin with “auto-”");
            continue;
        }
        if found.len() < limits::MENU_ENTRIES {
            found.extend(entry(reader, &path, top, &mut menu));
        }
    }
    let folder = normal(top, "EFI/Linux");
    if let Look::Folder(folder) = reader.files.look(&folder) {
        let images = reader.files.list(&folder);
        for item in images.iter().filter(|item| !item.is_folder && text::has_extension(&item.name, "efi")) {
            if found.len() < limits::MENU_ENTRIES {
                found.push(unified(reader, &normal(&folder, &item.name), &item.name));
            }
        }
    }
    found.sort_by(|(one, _), (other, _)| order(one, other));
    tell_apart(&mut found);
    for (_, entry) in found {
        menu.push(entry);
    }
    let first = menu.entries.iter().position(|entry| !entry.hidden);
    let named = |entry: &Entry, pattern: &str| {
        if entry.hidden {
            return false;
        }
        let name = entry.id.as_deref().unwrap_or_default();
        matches(pattern, name) || name.strip_suffix(".conf").is_some_and(|name| matches(pattern, name))
    };
    menu.default_entry = match &default {
        // The one that was chosen last, which the firmware remembers.
        Some(pattern) if pattern.starts_with('@') => None,
        Some(pattern) => menu.entries.iter().position(|entry| named(entry, pattern)),
        None => first,
    };
    menu.default = default;
    if menu.default_entry.is_none() && menu.default.as_deref().is_some_and(|pattern| !pattern.starts_with('@')) {
        menu.default_entry = first;
        menu.diagnostics.info(
            &menu.path.clone(),
            0,
            "No entry has the name that the default asks for; the first one starts",
        );
    }
    (conf.is_some() || !menu.is_empty()).then_some(menu)
}

/// Reads `loader.conf`; gives the pattern of the default entry.
fn settings(reader: &Reader<'_>, path: &str, menu: &mut Menu) -> Option<String> {
    let mut default = None;
    for line in reader.lines(path, &mut menu.diagnostics) {
        let (key, value) = first_word(&line.text);
        match key {
            "default" => default = Some(value.to_owned()),
            "timeout" => match value {
                "menu-force" => menu.timeout = Timeout::Waits,
                "menu-hidden" | "menu-disabled" => menu.timeout = Timeout::After(Duration::ZERO),
                _ => match value.parse::<u64>() {
                    Ok(seconds) => menu.timeout = Timeout::After(Duration::from_secs(seconds)),
                    Err(_) => menu.timeout = Timeout::CannotTell(value.to_owned()),
                },
            },
            key if key.is_empty() || key.starts_with('#') => {}
            "console-mode"
            | "editor"
            | "auto-entries"
            | "auto-firmware"
            | "beep"
            | "random-seed-mode"
            | "auto-reboot"
            | "auto-poweroff"
            | "secure-boot-enroll"
            | "reboot-for-bitlocker"
            | "preferred"
            | "log-level"
            | "secure-boot-enroll-action"
            | "secure-boot-enroll-timeout-sec" => {}
            key => menu.diagnostics.info(path, line.number, format!("“{key}” is not a setting of systemd-boot")),
        }
    }
    default
}

/// Reads one entry. It needs something to start.
fn entry(reader: &Reader<'_>, path: &str, top: &str, menu: &mut Menu) -> Option<(Key, Entry)> {
    let lines = reader.lines(path, &mut menu.diagnostics);
    let name = name_of(path).to_owned();
    let place = Place { path: path.to_owned(), line: 1, offset: 0 };
    let mut entry = Entry::new("", 0, place);
    let mut key = Key::new(&name);
    let mut options: Vec<String> = Vec::new();
    let file = |value: &str, want: Want| -> FileRef {
        refer(reader.files, value, &normal(top, &format!("./{}", value.trim_start_matches('/'))), want)
    };
    for line in lines {
        let (word, value) = first_word(&line.text);
        match word {
            "title" => entry.title = value.to_owned(),
            "version" => key.version = value.to_owned(),
            "machine-id" => key.machine_id = value.to_owned(),
            "sort-key" => key.sort_key = Some(value.to_owned()),
            "linux" => entry.kernel = Some(file(value, Want::File)),
            "efi" | "uki" if entry.chainloads.len() < limits::MENU_INCLUDES => {
                entry.chainloads.push(file(value, Want::File))
            }
            "uki-url" => entry.chainloads.push(FileRef::cannot_tell(value, "The file is fetched over a network")),
            "initrd" if entry.initrds.len() < limits::MENU_INCLUDES => entry.initrds.push(file(value, Want::File)),
            "devicetree" => entry.device_trees.push(file(value, Want::File)),
            "devicetree-overlay" => {
                let room = limits::MENU_INCLUDES.saturating_sub(entry.device_trees.len());
                entry.device_trees.extend(value.split_whitespace().take(room).map(|value| file(value, Want::File)));
            }
            "options" => options.push(value.to_owned()),
            "architecture" => entry.architecture = Some(value.to_owned()),
            "grub_hotkey" => entry.hotkey = Some(value.to_owned()),
            word if word.is_empty() || word.starts_with('#') => {}
            "grub_users" | "grub_arg" | "grub_class" | "profile" | "extra" | "id" => {}
            word => {
                let message = format!("“{word}” is not a key of the Boot Loader Specification");
                menu.diagnostics.info(path, line.number, message);
            }
        }
    }
    entry.device_trees.truncate(limits::MENU_INCLUDES);
    entry.chainloads.truncate(limits::MENU_INCLUDES);
    if entry.kernel.is_none() && entry.chainloads.is_empty() {
        menu.diagnostics.warning(
            path,
            0,
            "The entry names neither a kernel nor a program, so that loaders leave it out",
        );
        return None;
    }
    // “If the title is not set”: what can be shown instead.
    if entry.title.is_empty() {
        entry.title.clone_from(&name);
    }
    entry.id = Some(name);
    let is_gone = |file: &&FileRef| file.state == FileState::Missing;
    if let Some(gone) = entry.kernel.iter().chain(&entry.chainloads).find(is_gone) {
        entry.hidden = true;
        let message = format!("{} is not there, so that systemd-boot leaves the entry out", gone.as_written);
        menu.diagnostics.warning(path, 0, message);
    }
    entry.command_line = (!options.is_empty()).then(|| options.join(" "));
    Some((key, entry))
}

fn unified(reader: &Reader<'_>, path: &str, name: &str) -> (Key, Entry) {
    let place = Place { path: path.to_owned(), line: 0, offset: 0 };
    let mut entry = Entry::new(name.strip_suffix(".efi").unwrap_or(name), 0, place);
    entry.id = Some(name.to_owned());
    entry.chainloads.push(reader.file(path, path));
    (Key::new(name), entry)
}

/// How often an entry may still be tried, as its name says: `name+3-1.conf` was tried once and may be three times
/// (UAPI.1, “Boot counting”).
fn tries_left(name: &str) -> Option<u32> {
    let (_, counters) = name.rsplit_once('.')?.0.rsplit_once('+')?;
    counters.split('-').next()?.parse().ok()
}

/// Adds to titles that several entries have what these differ in: the version, or else the computer that they were made for
/// (systemd, `generate_boot_entry_titles`).
fn tell_apart(found: &mut [(Key, Entry)]) {
    for of in [
        |key: &Key| key.version.clone(),
        |key: &Key| key.machine_id.chars().take(8).collect(),
        |key: &Key| key.name.clone(),
    ] {
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (_, entry) in found.iter().filter(|(_, entry)| !entry.hidden) {
            let times = seen.entry(entry.title.clone()).or_default();
            *times = times.saturating_add(1);
        }
        for (key, entry) in found.iter_mut() {
            let more: String = of(key);
            if seen.get(&entry.title).is_some_and(|times| *times > 1) && !more.is_empty() {
                entry.title = format!("{} ({more})", entry.title);
            }
        }
    }
}

/// The order of the specification, “Sorting”: what does not work comes last; entries with a sort key first, by that, and of
/// one key the newest version first; what is left by file name, the highest first.
fn order(one: &Key, other: &Key) -> Ordering {
    if one.is_bad != other.is_bad {
        return one.is_bad.cmp(&other.is_bad);
    }
    match (&one.sort_key, &other.sort_key) {
        (Some(_), None) => return Ordering::Less,
        (None, Some(_)) => return Ordering::Greater,
        (Some(one_key), Some(other_key)) => {
            let by_key = one_key.cmp(other_key).then_with(|| one.machine_id.cmp(&other.machine_id));
            let by_key = by_key.then_with(|| versions(&other.version, &one.version));
            if by_key.is_ne() {
                return by_key;
            }
        }
        (None, None) => {}
    }
    versions(&other.name, &one.name)
}

/// Compares names that hold numbers, so that 10 comes after 9 (after UAPI.10 Version Format Specification).
fn versions(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one, other);
    loop {
        match (one.chars().next(), other.chars().next()) {
            (None, None) => return Ordering::Equal,
            // `~` comes before the end.
            (Some('~'), Some('~')) => {}
            (Some('~'), _) => return Ordering::Less,
            (_, Some('~')) => return Ordering::Greater,
            (None, _) => return Ordering::Less,
            (_, None) => return Ordering::Greater,
            (Some(a), Some(b)) if a.is_ascii_digit() && b.is_ascii_digit() => {
                let (number, rest) = digits(one);
                let (other_number, other_rest) = digits(other);
                let order = number.len().cmp(&other_number.len()).then_with(|| number.cmp(other_number));
                if order.is_ne() {
                    return order;
                }
                (one, other) = (rest, other_rest);
                continue;
            }
            (Some(a), Some(b)) if a != b => return a.cmp(&b),
            _ => {}
        }
        one = one.get(one.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default();
        other = other.get(other.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default();
    }
}

/// The number at the start, without zeros in front, and what follows.
fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    (number.trim_start_matches('0'), rest)
}

/// Compares a name with a pattern without regard to case.
fn matches(pattern: &str, name: &str) -> bool {
    fits(&name.to_lowercase(), &pattern.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::super::lookup::Memory;
    use super::*;

    #[test]
    fn entries_are_read_and_sorted() {
        let files = Memory::new(&[
            ("loader/loader.conf", "timeout 3\ndefault b-*.conf\n#x\nconsole-mode max\nodd 1\n"),
            (
                "loader/entries/a-9.conf",
                "title A nine\nlinux /vmlinuz\ninitrd /i1\ninitrd /gone\noptions a\noptions b=c\n",
            ),
            ("loader/entries/a-10.conf", "title\tA ten\nefi\t/EFI/shell.efi\narchitecture x64\n"),
            ("loader/entries/b-1.conf", "linux /VMLINUZ\n"),
            ("loader/entries/k.conf", "title K\nsort-key z\nlinux /vmlinuz\n"),
            ("loader/entries/empty.conf", "title nothing\n"),
            ("loader/entries/readme.txt", "linux /x\n"),
            ("EFI/Linux/u.efi", ""),
            ("EFI/shell.efi", ""),
            ("vmlinuz", ""),
            ("i1", ""),
        ]);
        let menus = menus(&Reader::new(&files));
        assert_eq!(menus.len(), 1);
        let menu = &menus[0];
        let titles: Vec<_> = menu.entries.iter().map(|entry| &*entry.title).collect();
        assert_eq!(titles, ["K", "u", "b-1.conf", "A ten", "A nine"]);
        assert_eq!((menu.default_entry, &menu.timeout), (Some(2), &Timeout::After(Duration::from_secs(3))));
        let nine = &menu.entries[4];
        assert_eq!(nine.command_line.as_deref(), Some("a b=c"));
        assert_eq!(nine.initrds[0].state, FileState::Exists);
        assert_eq!(nine.initrds[1].state, FileState::Missing);
        assert_eq!(menu.entries[2].kernel.as_ref().unwrap().state, FileState::ExistsAs("vmlinuz".to_owned()));
        assert_eq!(menu.entries[3].architecture.as_deref(), Some("x64"));
        assert_eq!(menu.diagnostics.items().len(), 2, "{:?}", menu.diagnostics);
    }

    #[test]
    fn patterns_and_versions() {
        assert!(matches("a*c?", "abbbcd") && matches("*", "") && !matches("a*c", "abd") && matches("ARCH", "arch"));
        for (less, more) in [("9", "10"), ("1.2", "1.10"), ("1.0~rc1", "1.0"), ("a", "b"), ("1", "1.1")] {
            assert_eq!(versions(less, more), Ordering::Less, "{less} {more}");
            assert_eq!(versions(more, less), Ordering::Greater, "{less} {more}");
        }
        assert_eq!(versions("007", "7"), Ordering::Equal);
    }
}
