//! The database of operating systems that libosinfo installs (`osinfo-db`), where the computer has one: what its regular
//! expressions say of the names of a disc.
//!
//! It is read from the one folder that is given, and nothing of it is part of the program. Its files are trusted no more
//! than an image: their number, their size and their expressions are bounded.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use regex::RegexBuilder;
use roxmltree::{Document, Node};

use super::claim::{Claim, Evidence, Subject};
use super::fields::Fields;
use super::{rules, words};
use crate::disc::limits;

/// Where the database is installed.
pub const FOLDER: &str = "/usr/share/osinfo";

/// Bytes that one compiled expression may take.
const COMPILED: usize = 1 << 20;

/// What the database in `folder` says of a disc with these names: what all of the media agree on that match and have most
/// conditions. Empty where there is no database, or the disc has no name.
pub fn claims(folder: &Path, fields: &Fields) -> Vec<Claim> {
    if fields.volume.is_empty() {
        return Vec::new();
    }
    let mut most = 1;
    let mut agreed: Option<Vec<Claim>> = None;
    for path in files(folder) {
        let Some(text) = read(&path).filter(|text| may_match(text, fields)) else { continue };
        let Ok(document) = Document::parse(&text) else { continue };
        for system in document.root_element().children().filter(|node| node.has_tag_name("os")) {
            for media in system.children().filter(|node| node.has_tag_name("media")) {
                let conditions = conditions_met(media, fields).unwrap_or(0);
                if conditions < most {
                    continue;
                }
                let told = told(system, media, &path);
                if conditions == most
                    && let Some(agreed) = &mut agreed
                {
                    agreed.retain(|one| {
                        told.iter().any(|other| (other.subject, &other.value) == (one.subject, &one.value))
                    });
                } else {
                    (most, agreed) = (conditions, Some(told));
                }
            }
        }
    }
    agreed.unwrap_or_default()
}

/// The files that describe systems, in the order of their names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let list = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut paths: Vec<_> = entries.take(limits::OSINFO_FILES).map(|entry| entry.path()).collect();
        paths.sort();
        paths
    };
    let is_xml = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "xml");
    let makers = list(&folder.join("os"));
    makers.iter().flat_map(|maker| list(maker)).filter(is_xml).take(limits::OSINFO_FILES).collect()
}

fn read(path: &Path) -> Option<String> {
    let mut text = String::new();
    let file = File::open(path).ok()?;
    let read = file.take(limits::OSINFO_FILE.saturating_add(1)).read_to_string(&mut text).ok()?;
    (read as u64 <= limits::OSINFO_FILE).then_some(text)
}

/// False when no `volume-id` in the text of a file can match, which is told without reading it as XML.
fn may_match(text: &str, fields: &Fields) -> bool {
    text.split("<volume-id>").skip(1).any(|rest| {
        let pattern = rest.split_once("</volume-id>").map_or("", |(pattern, _)| pattern).trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_' | '/');
        let body = pattern.strip_prefix('^').unwrap_or(pattern);
        let literal = body.get(..body.find(|c| !plain(c)).unwrap_or(body.len())).unwrap_or_default();
        // The character before these may be missing.
        let optional = body.get(literal.len()..).is_some_and(|rest| rest.starts_with(['?', '*', '{']));
        let sure = literal.get(..literal.len().saturating_sub(usize::from(optional))).unwrap_or_default();
        if !body.contains('|') && !fields.volume.contains(sure) {
            return false;
        }
        // What XML writes in another way is looked at when it is read as XML.
        let regex = regex::bytes::RegexBuilder::new(pattern).unicode(false).size_limit(COMPILED).build();
        pattern.contains('&') || regex.is_ok_and(|regex| regex.is_match(fields.volume.as_bytes()))
    })
}

/// How many conditions on names a medium has, if the disc meets all of them and one of them is its volume identifier.
fn conditions_met(media: Node<'_, '_>, fields: &Fields) -> Option<usize> {
    let iso = media.children().find(|node| node.has_tag_name("iso"))?;
    let mut met = 0_usize;
    let mut has_volume = false;
    for condition in iso.children().filter(Node::is_element) {
        let field = match condition.tag_name().name() {
            "volume-id" => &fields.volume,
            "system-id" => &fields.system,
            "publisher-id" => &fields.publisher,
            "application-id" => &fields.application,
            _ => continue,
        };
        let regex = RegexBuilder::new(condition.text()?.trim()).size_limit(COMPILED).build().ok()?;
        if !regex.is_match(field) {
            return None;
        }
        has_volume |= condition.has_tag_name("volume-id");
        met = met.saturating_add(1);
    }
    has_volume.then_some(met)
}

/// What is known of a medium that matches.
fn told(system: Node<'_, '_>, media: Node<'_, '_>, path: &Path) -> Vec<Claim> {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let text = |name: &str| {
        let found = system.children().find(|node| node.has_tag_name(name) && !node.has_attribute("lang"));
        found.and_then(|node| node.text()).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let says = |subject, value: String, said: &str| {
        let said = format!("{file}: {said}");
        Claim::guess(subject, value, Evidence::field("Database of operating systems (osinfo)", &said))
    };
    let guess = |subject, value: String| {
        let said = value.clone();
        says(subject, value, &said)
    };
    let version = text("version").filter(|version| version != "unknown");
    let mut claims = Vec::new();
    if let Some(name) = text("name") {
        // Names there have the version in them, and often more words behind it.
        let bare = version.as_deref().and_then(|version| name.split(version).next()).unwrap_or(&name).trim();
        let bare = if bare.is_empty() { name.as_str() } else { bare };
        claims.push(guess(Subject::Product, rules::canonical(bare).to_owned()));
    }
    claims.extend(version.map(|version| guess(Subject::Version, version)));
    claims.extend(text("codename").map(|name| guess(Subject::Codename, name)));
    if let Some(arch) = media.attribute("arch").filter(|arch| *arch != "all") {
        let named = words::architecture(arch).unwrap_or(arch);
        claims.push(says(Subject::Architecture, named.to_owned(), arch));
    }
    let flag = |name: &str| media.attribute(name).or_else(|| child_text(media, name)) == Some("true");
    if flag("live") {
        claims.push(guess(Subject::Kind, "Live system".to_owned()));
    }
    claims
}

fn child_text<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.children().find(|child| child.has_tag_name(name)).and_then(|child| child.text()).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MADE: &str = "<libosinfo><os id='http://example.org/nova/3'><name>Nova Linux 3 Core</name><version>3</version>\
        <codename>Vela</codename><media arch='x86_64' live='true'><iso><volume-id>Nova-3-x86_64(-live)?$</volume-id>\
        <publisher-id>NOVA</publisher-id></iso></media><media arch='i686'><iso><volume-id>Nova-3</volume-id></iso></media>\
        <media arch='i686'><iso><volume-id>^Nova$</volume-id><publisher-id>A</publisher-id></iso></media>\
        <media arch='x86_64'><iso><volume-id>^Nova$</volume-id><publisher-id>A</publisher-id></iso></media>\
        </os></libosinfo>";

    fn database(text: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("os/example.org")).unwrap();
        std::fs::write(folder.path().join("os/example.org/nova-3.xml"), text).unwrap();
        folder
    }

    fn told(folder: &Path, volume: &str, publisher: &str) -> Vec<String> {
        let fields = Fields { volume: volume.to_owned(), publisher: publisher.to_owned(), ..Fields::default() };
        claims(folder, &fields).into_iter().map(|claim| format!("{:?} {}", claim.subject, claim.value)).collect()
    }

    #[test]
    fn the_medium_with_most_conditions_tells() {
        let folder = database(MADE);
        let live = ["Product Nova Linux", "Version 3", "Codename Vela", "Architecture x64", "Kind Live system"];
        assert_eq!(told(folder.path(), "Nova-3-x86_64-live", "NOVA"), live);
        assert_eq!(told(folder.path(), "Nova-3", "")[3], "Architecture x86");
        // What two that match as well do not agree on is left out.
        assert_eq!(told(folder.path(), "Nova", "A"), live[..3]);
        assert_eq!(told(folder.path(), "Pictures of nova", ""), [""; 0]);
        assert_eq!(told(folder.path(), "", ""), [""; 0]);
    }

    #[test]
    fn a_broken_database_says_nothing() {
        for text in [
            "",
            "<libosinfo>",
            "no XML <volume-id>Nova-3</volume-id>",
            "<a><os><media><iso><volume-id>Nova-3(</volume-id></iso></media></os></a>",
            "<a><os><media><iso><volume-id>((N{999}){999}){999}</volume-id></iso></media></os></a>",
        ] {
            let folder = database(text);
            assert_eq!(told(folder.path(), "Nova-3", ""), [""; 0], "{text}");
        }
        let long = database(&format!("{MADE}{}", " ".repeat(1 << 21)));
        assert_eq!(told(long.path(), "Nova-3", ""), [""; 0]);
        assert_eq!(told(&long.path().join("missing"), "Nova-3", ""), [""; 0]);
    }
}
