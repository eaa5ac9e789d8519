//! `.disk/info`: one line that Debian's tools write, and all that follow Debian:
//! `Debian GNU/Linux 12.5.0 "Bookworm" - Official amd64 NETINST with firmware 20240210-11:27`.

use crate::disc::limits;
use crate::identify::claim::{Claim, Evidence, Subject};
use crate::identify::{fields, rules, words};

/// Words behind the dash that name a variant, and how it is named here.
const EDITIONS: [(&str, &str); 9] = [
    ("NETINST", "netinst"),
    ("BUSINESSCARD", "businesscard"),
    ("DLBD", "double-layer Blu-ray"),
    ("STICK16GB", "16 GB stick"),
    ("BD", "Blu-ray"),
    ("DVD", "DVD"),
    ("CD", "CD"),
    ("MULTI-ARCH", "multi-arch"),
    ("MINI", "mini"),
];

/// What the text of the file at `path` says.
pub fn claims(text: &str, path: &str) -> Vec<Claim> {
    let Some(line) = text.lines().take(limits::IDENTITY_LINES).map(str::trim).find(|line| !line.is_empty()) else {
        return Vec::new();
    };
    let line = fields::cut(line, limits::IDENTITY_FIELD);
    let (head, codename, tail) = split(line);
    let (name, version, behind) = name_and_version(head);
    // A line that has neither is a note of somebody.
    if version.is_empty() && rules::known(&name).is_none() {
        return Vec::new();
    }
    let mut claims = Vec::new();
    let mut add = |subject, value: &str| {
        if !value.is_empty() {
            claims.push(Claim::stated(subject, value, Evidence::file(path, line)));
        }
    };
    let product = rules::canonical(&name).to_owned();
    add(Subject::Product, &product);
    add(Subject::Version, &version);
    add(Subject::Codename, &rules::capitalised(codename));
    if name.eq_ignore_ascii_case("Ubuntu-Server") {
        add(Subject::Edition, "Server");
    }
    if name.to_ascii_lowercase().ends_with(" live") && product != name {
        add(Subject::Kind, "Live system");
    }
    let tail = if tail.is_empty() { behind.as_str() } else { tail };
    add(Subject::Edition, &edition(tail, &behind));
    if let Some(word) = words::architecture_in(tail).or_else(|| words::architecture_in(&behind)) {
        add(Subject::Architecture, words::architecture(word).unwrap_or(word));
    }
    if let Some(date) = words::date_in(tail).or_else(|| words::date_in(line)).or_else(|| iso_date(line)) {
        add(Subject::Made, &date);
    }
    claims
}

/// The line before the code name, the code name, and what is behind it or behind ` - `.
fn split(line: &str) -> (&str, &str, &str) {
    let quoted = line.split_once('"').and_then(|(head, rest)| {
        let (codename, tail) = rest.split_once('"')?;
        Some((head, codename, tail))
    });
    if let Some((head, codename, tail)) = quoted {
        return (head.trim(), codename.trim(), tail.trim_start_matches([' ', '-']).trim());
    }
    match line.split_once(" - ") {
        Some((head, tail)) => (head.trim(), "", tail.trim()),
        None => (line, "", ""),
    }
}

/// The name, the version behind it with its `LTS`, and what follows.
fn name_and_version(head: &str) -> (String, String, String) {
    let parts: Vec<&str> = head.split_whitespace().collect();
    let at = parts.iter().skip(1).position(|word| words::is_version(word)).map(|at| at.saturating_add(1));
    let Some(at) = at else { return (without_official(head), String::new(), String::new()) };
    let (name, rest) = parts.split_at(at);
    let mut version = rest.first().map(|word| words::version(word)).unwrap_or_default();
    let mut behind = rest.get(1..).unwrap_or_default();
    if let Some((first, others)) = behind.split_first().filter(|(first, _)| first.eq_ignore_ascii_case("LTS")) {
        version = format!("{version} {first}");
        behind = others;
    }
    (without_official(&name.join(" ")), version, behind.join(" "))
}

fn without_official(name: &str) -> String {
    name.trim().strip_prefix("Official ").unwrap_or(name.trim()).to_owned()
}

/// The variant that the words behind the dash name, or those behind the version where they say `Live`.
fn edition(tail: &str, behind: &str) -> String {
    let mut parts = tail.split_whitespace();
    let named = parts.find_map(|word| {
        let upper = word.to_ascii_uppercase();
        EDITIONS.iter().find(|(name, _)| *name == upper).map(|(_, edition)| (*edition).to_owned())
    });
    let number = parts.next().and_then(|word| word.strip_prefix("Binary-"));
    match (named, number) {
        // What is beyond the first of several discs does not install by itself.
        (Some(named), Some(number)) if number != "1" && words::is_version(number) => format!("{named} {number}"),
        (Some(named), _) => named,
        // `Official Debian GNU/Linux Live 12.5.0 gnome 2024-02-10T11:49`.
        (None, _) => {
            let word = behind.split_whitespace().next().unwrap_or_default();
            let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
            if plain && words::architecture(word).is_none() { word.to_owned() } else { String::new() }
        }
    }
}

/// A date with dashes, as in `2024-02-10T11:49`.
fn iso_date(line: &str) -> Option<String> {
    line.split_whitespace().find_map(|word| {
        let day = word.get(..10)?;
        let digits: String = day.split('-').collect();
        words::date_in(&digits).filter(|date| date == day)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> Vec<String> {
        let claims = claims(line, ".disk/info");
        claims.into_iter().map(|claim| format!("{:?} {}", claim.subject, claim.value)).collect()
    }

    #[test]
    fn the_lines_of_many_makers() {
        let debian = "Debian GNU/Linux 12.5.0 \"Bookworm\" - Official amd64 NETINST with firmware 20240210-11:27";
        assert_eq!(
            told(debian),
            [
                "Product Debian",
                "Version 12.5.0",
                "Codename Bookworm",
                "Edition netinst",
                "Architecture x64",
                "Made 2024-02-10"
            ]
        );
        let second = "Debian GNU/Linux 12.5.0 \"Bookworm\" - Official amd64 DVD Binary-2 with firmware 20240210-11:28";
        assert_eq!(told(second)[3], "Edition DVD 2");
        assert_eq!(
            told("Ubuntu-Server 22.04.3 LTS \"Jammy Jellyfish\" - Release amd64 (20230810)"),
            [
                "Product Ubuntu",
                "Version 22.04.3 LTS",
                "Codename Jammy Jellyfish",
                "Edition Server",
                "Architecture x64",
                "Made 2023-08-10"
            ]
        );
        assert_eq!(
            told("Official Debian GNU/Linux Live 12.5.0 gnome 2024-02-10T11:49"),
            ["Product Debian", "Version 12.5.0", "Kind Live system", "Edition gnome", "Made 2024-02-10"]
        );
        assert_eq!(
            told("Linux Mint 21.2 \"Victoria\" - Release amd64 20230711\n"),
            ["Product Linux Mint", "Version 21.2", "Codename Victoria", "Architecture x64", "Made 2023-07-11"]
        );
    }

    #[test]
    fn what_says_nothing_is_not_read_into() {
        assert_eq!(told(""), [""; 0]);
        assert_eq!(told(" \n \t\n"), [""; 0]);
        assert_eq!(told("\"\""), [""; 0]);
        assert_eq!(told("my disc"), [""; 0]);
        assert_eq!(told("Debian GNU/Linux"), ["Product Debian"]);
        assert!(told(&"\"x".repeat(5_000_000)).len() < 8);
    }
}
