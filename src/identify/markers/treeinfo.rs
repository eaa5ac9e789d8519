//! `.treeinfo` and `.discinfo`, which Fedora's and Red Hat's tools write: an INI file with sections such as `[general]`,
//! `[release]` and `[tree]`, and four lines with a moment, a name and a processor.

use std::collections::HashMap;

use crate::disc::limits;
use crate::identify::claim::{Claim, Evidence, Subject};
use crate::identify::{fields, rules, words};

/// Keys in their sections with what they tell, the most telling of each subject first.
const KEYS: [(&str, &str, Subject); 17] = [
    // XenServer and XCP-ng.
    ("branding", "name", Subject::Product),
    ("release", "name", Subject::Product),
    ("product", "name", Subject::Product),
    ("general", "family", Subject::Product),
    ("general", "name", Subject::Product),
    ("branding", "version", Subject::Version),
    ("release", "version", Subject::Version),
    ("product", "version", Subject::Version),
    ("general", "version", Subject::Version),
    ("general", "variant", Subject::Edition),
    ("tree", "variants", Subject::Edition),
    ("tree", "arch", Subject::Architecture),
    ("general", "arch", Subject::Architecture),
    ("tree", "build_timestamp", Subject::Made),
    ("general", "timestamp", Subject::Made),
    ("general", "build_timestamp", Subject::Made),
    ("release", "codename", Subject::Codename),
];

/// Parts of a release that are no variants of it.
const NO_EDITIONS: [&str; 5] = ["BaseOS", "AppStream", "os", "none", "CentOS"];

/// What the text of a `.treeinfo` at `path` says. Files without sections say nothing.
pub fn claims(text: &str, path: &str) -> Vec<Claim> {
    let values = read(text);
    let mut claims = Vec::new();
    let mut told = |subject: Subject, value: String, said: &str| {
        let known = claims.iter().any(|claim: &Claim| claim.subject == subject && claim.value == value);
        if !value.is_empty() && !known {
            claims.push(Claim::stated(subject, value, Evidence::file(path, said)));
        }
    };
    let names = [("branding", "name"), ("release", "name"), ("general", "family")];
    let has_name = names.iter().any(|name| values.contains_key(name));
    for (section, key, subject) in KEYS {
        let Some(raw) = values.get(&(section, key)) else { continue };
        let said = format!("{key} = {raw}");
        match subject {
            // `Fedora 40`: the name together with the version.
            Subject::Product if (section, key) == ("general", "name") => {
                let (name, version) = name_and_version(raw);
                if !has_name {
                    told(Subject::Product, rules::canonical(name).to_owned(), &said);
                    told(Subject::Version, version.to_owned(), &said);
                }
            }
            Subject::Product => told(subject, rules::canonical(raw).to_owned(), &said),
            Subject::Architecture => {
                told(subject, words::architecture(raw).map_or((*raw).to_owned(), str::to_owned), &said);
            }
            Subject::Edition => {
                let variant = raw.split(',').map(str::trim).find(|name| !NO_EDITIONS.contains(name));
                // Several variants in one tree are what it offers, not what it is.
                if let Some(variant) = variant.filter(|_| !raw.contains(',')) {
                    told(subject, variant.to_owned(), &said);
                }
            }
            Subject::Made => {
                told(subject, words::moment(raw).map(|time| time.to_string()).unwrap_or_default(), &said);
            }
            _ => told(subject, (*raw).to_owned(), &said),
        }
    }
    claims
}

/// The values of the sections that tell something, the first of each.
fn read(text: &str) -> HashMap<(&'static str, &'static str), &str> {
    let mut values = HashMap::new();
    let mut section = "";
    for line in text.lines().take(limits::IDENTITY_LINES) {
        let line = fields::cut(line.trim(), limits::IDENTITY_FIELD);
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.trim();
            continue;
        }
        let Some((key, value)) = line.split_once(['=', ':']) else { continue };
        let (key, value) = (key.trim(), value.trim());
        let wanted = KEYS.iter().find(|(in_section, wanted, _)| *in_section == section && *wanted == key);
        if let Some((section, key, _)) = wanted.filter(|_| !value.is_empty()) {
            values.entry((*section, *key)).or_insert(value);
        }
    }
    values
}

/// What the text of a `.discinfo` at `path` says: a moment, a name with its version, a processor.
pub fn discinfo(text: &str, path: &str) -> Vec<Claim> {
    let mut lines = text.lines().map(|line| fields::cut(line.trim(), limits::IDENTITY_FIELD));
    let Some((first, time)) = lines.next().and_then(|line| Some((line, words::moment(line)?))) else {
        return Vec::new();
    };
    let said = |line: &str| Evidence::file(path, line);
    let mut claims = Vec::new();
    if let Some(line) = lines.next().filter(|line| !line.is_empty()) {
        let (name, version) = name_and_version(line);
        claims.push(Claim::stated(Subject::Product, rules::canonical(name), said(line)));
        if !version.is_empty() {
            claims.push(Claim::stated(Subject::Version, version, said(line)));
        }
    }
    let named = lines.next().and_then(|line| Some((line, words::architecture(line)?)));
    claims.extend(named.map(|(line, name)| Claim::stated(Subject::Architecture, name, said(line))));
    claims.push(Claim::stated(Subject::Made, time.to_string(), said(first)));
    claims
}

/// A name, and the version behind it, which may be empty.
pub(super) fn name_and_version(text: &str) -> (&str, &str) {
    match text.trim().rsplit_once(' ') {
        Some((name, version)) if words::is_version(version) || version == "Rawhide" => (name.trim(), version),
        _ => (text.trim(), ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(claims: Vec<Claim>) -> Vec<String> {
        claims.into_iter().map(|claim| format!("{:?} {}", claim.subject, claim.value)).collect()
    }

    #[test]
    fn sections_tell_what_the_tree_is() {
        let text = "[header]\ntype = productmd.treeinfo\nversion = 1.2\n\n[release]\nname = Rocky Linux\nshort = Rocky\n\
                    version = 9.3\n\n[general]\narch = x86_64\nfamily = Rocky Linux\nname = Rocky Linux 9.3\n\
                    timestamp = 1699922200\nvariant = BaseOS\nversion = 9.3\n\n[tree]\narch = x86_64\n\
                    build_timestamp = 1699922200\nvariants = BaseOS,AppStream\n";
        assert_eq!(
            told(claims(text, ".treeinfo")),
            ["Product Rocky Linux", "Version 9.3", "Architecture x64", "Made 2023-11-14T00:36:40+00:00"]
        );
        let old = "[general]\nname = Fedora-20\nfamily = Fedora\ntimestamp = 1386855787.34\nvariant = Fedora\n\
                   version = 20\narch = i386\n";
        assert_eq!(
            told(claims(old, ".treeinfo"))[..3],
            ["Product Fedora", "Version 20", "Edition Fedora"].map(str::to_owned)
        );
    }

    #[test]
    fn a_brand_goes_before_what_it_is_built_on() {
        let text = "[general]\nname = XCP-ng-8.2.1\n[platform]\nname = XCP\nversion = 3.2.1\n\
                    [branding]\nname = XCP-ng\nversion = 8.2.1\n";
        assert_eq!(told(claims(text, ".treeinfo")), ["Product XCP-ng", "Version 8.2.1"]);
    }

    #[test]
    fn four_lines_tell_the_same() {
        assert_eq!(
            told(discinfo("1698155000.12\nFedora 39\nx86_64\nALL\n", ".discinfo")),
            ["Product Fedora", "Version 39", "Architecture x64", "Made 2023-10-24T13:43:20+00:00"]
        );
        assert_eq!(told(discinfo("hello\nFedora 39\n", ".discinfo")), [""; 0]);
    }

    #[test]
    fn a_million_sections_take_no_longer() {
        let text = "[a]\nname = b\n".repeat(1_000_000);
        assert_eq!(told(claims(&text, ".treeinfo")), [""; 0]);
    }
}
