//! Files with which single makers say what their discs are.

use super::treeinfo::name_and_version;
use crate::disc::limits;
use crate::identify::claim::{Claim, Evidence, Subject};
use crate::identify::os_release::unquoted;
use crate::identify::{fields, rules, words};

/// The lines that are looked at, without white space around them.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().take(limits::IDENTITY_LINES);
    lines.map(|line| fields::cut(line.trim(), limits::IDENTITY_FIELD)).filter(|line| !line.is_empty())
}

/// `.cd-info` of Proxmox: `PRODUCT='pve'`, `PRODUCTLONG='Proxmox VE'`, `RELEASE='8.1'`, `ISORELEASE='2'`.
pub fn proxmox(text: &str, path: &str) -> Vec<Claim> {
    let value = |key: &str| {
        let found =
            lines(text).find(|line| line.split_once('=').is_some_and(|(name, _)| name.eq_ignore_ascii_case(key)));
        found.and_then(|line| Some((line, unquoted(line.split_once('=')?.1)))).filter(|(_, value)| !value.is_empty())
    };
    let short = |name: &str| match name {
        "pve" => Some("Proxmox VE"),
        "pbs" => Some("Proxmox Backup Server"),
        "pmg" => Some("Proxmox Mail Gateway"),
        _ => None,
    };
    let mut claims = Vec::new();
    let long = value("PRODUCTLONG").map(|(line, name)| (line, rules::canonical(&name).to_owned()));
    let named = long.or_else(|| value("PRODUCT").and_then(|(line, name)| Some((line, short(&name)?.to_owned()))));
    let Some((line, name)) = named else { return claims };
    claims.push(Claim::stated(Subject::Product, name, Evidence::file(path, line)));
    if let Some((line, release)) = value("RELEASE") {
        let version = value("ISORELEASE").map_or(release.clone(), |(_, iso)| format!("{release}-{iso}"));
        claims.push(Claim::stated(Subject::Version, version, Evidence::file(path, line)));
    }
    claims
}

/// `media.1/media` of SUSE: the maker with the name of the medium, the same name, and how many discs there are.
pub fn suse_media(text: &str, path: &str) -> Vec<Claim> {
    let Some(line) = lines(text).next() else { return Vec::new() };
    let name = line.split_once(" - ").map_or(line, |(_, name)| name);
    suse_name(name, path, line)
}

/// `media.1/build` of SUSE: the name of the medium.
pub fn suse_build(text: &str, path: &str) -> Vec<Claim> {
    lines(text).next().map(|line| suse_name(line, path, line)).unwrap_or_default()
}

/// What a name such as `openSUSE-Leap-15.5-DVD-x86_64-Build491.1-Media` tells.
fn suse_name(name: &str, path: &str, line: &str) -> Vec<Claim> {
    let products = [
        ("openSUSE-Leap-", "openSUSE Leap"),
        ("Leap-", "openSUSE Leap"),
        ("openSUSE-Tumbleweed-", "openSUSE Tumbleweed"),
        ("openSUSE-MicroOS-", "openSUSE MicroOS"),
        ("openSUSE-Kubic-", "openSUSE Kubic"),
        ("openSUSE-", "openSUSE"),
        ("SUSE-MicroOS-", "SUSE Linux Enterprise Micro"),
        ("SLE-Micro-", "SUSE Linux Enterprise Micro"),
        ("SL-Micro-", "SUSE Linux Enterprise Micro"),
        ("SLES-", "SUSE Linux Enterprise"),
        ("SLED-", "SUSE Linux Enterprise"),
        ("SLE-", "SUSE Linux Enterprise"),
    ];
    let found = products.into_iter().find_map(|(start, product)| Some((product, name.strip_prefix(start)?)));
    let Some((product, rest)) = found else { return Vec::new() };
    let said = || Evidence::file(path, line);
    let mut claims = vec![Claim::stated(Subject::Product, product, said())];
    let mut parts = rest.split('-').peekable();
    if let Some(version) = parts.next().filter(|part| words::is_version(part)) {
        let pack = parts.peek().filter(|part| part.starts_with("SP") && part.len() < 5);
        let version = pack.map_or(version.to_owned(), |pack| format!("{version}-{pack}"));
        claims.push(Claim::stated(Subject::Version, version, said()));
    }
    if let Some(word) = words::architecture_in(rest) {
        claims.push(Claim::stated(Subject::Architecture, words::architecture(word).unwrap_or(word), said()));
    }
    claims
}

/// `media.1/products` of SUSE: a folder and a product with its version, such as `/ openSUSE 15.3-1`.
pub fn suse_products(text: &str, path: &str) -> Vec<Claim> {
    let Some((line, name)) = lines(text).find_map(|line| Some((line, line.strip_prefix("/ ")?))) else {
        return Vec::new();
    };
    let (name, version) = name_and_version(name);
    // The release of the list stands behind the version.
    let version = version.rsplit_once('-').map_or(version, |(version, _)| version);
    let said = || Evidence::file(path, line);
    let mut claims = vec![Claim::stated(Subject::Product, rules::canonical(name), said())];
    if !version.is_empty() {
        claims.push(Claim::stated(Subject::Version, version, said()));
    }
    claims
}

/// `arch/version` of Arch Linux: the date that is its version.
pub fn arch(text: &str, path: &str) -> Vec<Claim> {
    let Some(line) = lines(text).next().filter(|line| words::is_version(line)) else { return Vec::new() };
    vec![Claim::stated(Subject::Version, line, Evidence::file(path, line))]
}

/// `.alpine-release`: `alpine-standard-3.19.1 240126`.
pub fn alpine(text: &str, path: &str) -> Vec<Claim> {
    let Some((line, rest)) = lines(text).find_map(|line| Some((line, line.strip_prefix("alpine-")?))) else {
        return Vec::new();
    };
    let said = || Evidence::file(path, line);
    let mut claims = vec![Claim::stated(Subject::Product, "Alpine Linux", said())];
    let words = rest.split_whitespace().next().unwrap_or_default();
    if let Some((edition, version)) = words.split_once('-').filter(|(_, version)| words::is_version(version)) {
        claims.push(Claim::stated(Subject::Version, version, said()));
        claims.push(Claim::stated(Subject::Edition, edition, said()));
    }
    claims
}

/// `GParted-Live-Version` and `Clonezilla-Live-Version`: the name of the image, with its version and processor.
pub fn live_version(text: &str, path: &str) -> Vec<Claim> {
    let named = |line: &&str| ["gparted-live-", "clonezilla-live-"].iter().any(|start| starts(line, start));
    let Some(line) = lines(text).find(named) else { return Vec::new() };
    let said = || Evidence::file(path, line);
    let product = if starts(line, "gparted") { "GParted Live" } else { "Clonezilla Live" };
    let word = words::architecture_in(line).and_then(words::architecture);
    let mut claims = vec![Claim::stated(Subject::Product, product, said())];
    claims.extend(word.map(|word| Claim::stated(Subject::Architecture, word, said())));
    claims
}

fn starts(line: &str, start: &str) -> bool {
    line.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(claims: Vec<Claim>) -> Vec<String> {
        claims.into_iter().map(|claim| format!("{:?} {}", claim.subject, claim.value)).collect()
    }

    #[test]
    fn every_maker_has_a_way_of_its_own() {
        let cd_info = "PRODUCT='pve'\nPRODUCTLONG='Proxmox VE'\nRELEASE='8.1'\nISORELEASE='2'\n";
        assert_eq!(told(proxmox(cd_info, "")), ["Product Proxmox VE", "Version 8.1-2"]);
        assert_eq!(told(proxmox("product=pbs\n", "")), ["Product Proxmox Backup Server"]);
        let media = "openSUSE - openSUSE-Leap-15.5-DVD-x86_64-Build491.1-Media\nopenSUSE-Leap-15.5\n1\n";
        assert_eq!(told(suse_media(media, "")), ["Product openSUSE Leap", "Version 15.5", "Architecture x64"]);
        assert_eq!(
            told(suse_build("SLE-15-SP4-Full-x86_64-Build151.1-Media1", "")),
            ["Product SUSE Linux Enterprise", "Version 15-SP4", "Architecture x64"]
        );
        assert_eq!(told(suse_products("/ SLES 15.4-0\n", "")), ["Product SUSE Linux Enterprise", "Version 15.4"]);
        assert_eq!(told(arch("2024.02.01\n", "")), ["Version 2024.02.01"]);
        assert_eq!(
            told(alpine("alpine-standard-3.19.1 240126\n", "")),
            ["Product Alpine Linux", "Version 3.19.1", "Edition standard"]
        );
        assert_eq!(
            told(live_version("GParted-live-1.5.0-1-amd64\n", "")),
            ["Product GParted Live", "Architecture x64"]
        );
    }

    #[test]
    fn other_files_of_these_names_say_nothing() {
        for reader in [proxmox, suse_media, suse_products, suse_build, arch, alpine, live_version] {
            for text in ["", "\n\n", "hello world", "\u{1b}[31m", "===\n- - -\n/ \n"] {
                let claims = reader(text, "a");
                assert!(claims.iter().all(|claim| claim.subject != Subject::Version), "{text:?}: {claims:?}");
            }
        }
    }
}
