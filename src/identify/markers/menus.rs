//! Titles of boot menus. They name the system for people, so its name is only guessed from them.

use crate::disc::{Result, limits};
use crate::identify::claim::{Claim, Evidence, Subject};
use crate::identify::fields::Files;
use crate::identify::{fields, rules};

/// Menus of GRUB and Syslinux.
const MENUS: [&str; 14] = [
    "boot/grub/grub.cfg",
    "boot/grub2/grub.cfg",
    "EFI/BOOT/grub.cfg",
    "boot/grub/loopback.cfg",
    "grub/grub.cfg",
    "isolinux/isolinux.cfg",
    "isolinux/menu.cfg",
    "isolinux/txt.cfg",
    "isolinux/live.cfg",
    "boot/isolinux/isolinux.cfg",
    "boot/x86_64/loader/isolinux.cfg",
    "syslinux/syslinux.cfg",
    "boot/syslinux/syslinux.cfg",
    "syslinux.cfg",
];

/// The folder of the menu entries of systemd-boot, and how many of them are read.
const ENTRIES: (&str, usize) = ("loader/entries", 16);

/// Titles of one menu that are looked at.
const TITLES: usize = 100;

/// What the titles of the boot menus name, if all of them name the same. The only error is to be cancelled.
pub fn claims(files: &dyn Files) -> Result<Vec<Claim>> {
    let mut paths: Vec<String> = MENUS.map(str::to_owned).to_vec();
    let entries = files.names(ENTRIES.0)?.into_iter().filter(|name| name.ends_with(".conf")).take(ENTRIES.1);
    paths.extend(entries.map(|name| format!("{}/{name}", ENTRIES.0)));
    let mut found: Option<Claim> = None;
    for path in paths {
        let Some(text) = files.text(&path, limits::IDENTITY_TEXT)? else { continue };
        for title in titles(&text).take(TITLES) {
            let Some(product) = product(title) else { continue };
            match &found {
                // A menu of several systems tells of none of them.
                Some(known) if known.value != product => return Ok(Vec::new()),
                Some(_) => {}
                None => found = Some(Claim::guess(Subject::Product, product, Evidence::file(&path, title))),
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// The titles of a menu of GRUB, Syslinux or systemd-boot.
fn titles(text: &str) -> impl Iterator<Item = &str> {
    text.lines().take(limits::IDENTITY_LINES).filter_map(|line| {
        let line = fields::cut(line.trim(), limits::IDENTITY_FIELD);
        let behind = |start: &str| {
            line.get(..start.len()).filter(|it| it.eq_ignore_ascii_case(start)).and(line.get(start.len()..))
        };
        if let Some(rest) = behind("menuentry ").or_else(|| behind("submenu ")) {
            let rest = rest.trim_start();
            let mark = rest.chars().next().filter(|mark| matches!(mark, '\'' | '"'))?;
            return rest.get(1..)?.split_once(mark).map(|(title, _)| title);
        }
        behind("menu title ").or_else(|| behind("menu label ")).or_else(|| behind("title ")).map(str::trim)
    })
}

/// The only product that a title names in whole words.
fn product(title: &str) -> Option<&'static str> {
    let title = title.replace('^', "").to_lowercase();
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    rules::system_names().find_map(|(name, product)| {
        let at = title.find(name)?;
        let before = title.get(..at)?.chars().next_back();
        let behind = title.get(at.saturating_add(name.len())..)?.chars().next();
        (!is_word(before) && !is_word(behind)).then_some(product)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_found_in_every_kind_of_menu() {
        let text = "set timeout=5\nmenuentry \"Try or Install Ubuntu\" --class ubuntu {\n}\n  MENU LABEL ^Install Debian\n\
                    title   Arch Linux install medium (x86_64, UEFI)\nmenuentry broken\nlabel live\n";
        let found: Vec<_> = titles(text).collect();
        assert_eq!(found, ["Try or Install Ubuntu", "^Install Debian", "Arch Linux install medium (x86_64, UEFI)"]);
        let products: Vec<_> = found.iter().map(|title| product(title)).collect();
        assert_eq!(products, [Some("Ubuntu"), Some("Debian"), Some("Arch Linux")]);
        assert_eq!(product("Memory test"), None);
        assert_eq!(product("Ubuntuish things"), None);
    }
}
