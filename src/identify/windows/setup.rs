//! What else in the folder of Setup tells which Windows it is: the version of its program, the branch that it was made in,
//! and its settings.

use super::facts;
use super::media::real_path;
use super::volume_id;
use crate::disc::bytes::Fields;
use crate::disc::source::read_up_to;
use crate::disc::{Extent, Result, Source};
use crate::identify::Probe;
use crate::identify::probe::told;

/// Bytes of a settings file that are read. Real ones have some hundred.
const SETTINGS: u64 = 64 << 10;

/// Bytes of a program that are searched for its version, at its end and at its beginning: resources come last.
const SEARCHED: u64 = 1 << 20;

/// Something that tells a build, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct BuildSign {
    /// The path of the file, not yet escaped for display.
    pub path: String,
    /// What stands there.
    pub says: String,
    /// The build. What a branch tells is that of the first version made in it.
    pub build: u32,
}

/// The settings of Setup.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct SetupSettings {
    /// What tells a build besides the archives.
    pub builds: Vec<BuildSign>,
    /// The edition that Setup is told to install (`ei.cfg`).
    pub edition_id: Option<String>,
    /// The channel that Setup is told (`ei.cfg`), such as `Retail`, `Volume` or `OEM`.
    pub channel: Option<String>,
    /// The languages that Setup has (`lang.ini`), as BCP 47 tags.
    pub languages: Vec<String>,
    /// The file that says so first, not yet escaped for display.
    pub languages_path: Option<String>,
    /// The oldest build of a client that Setup upgrades, and the oldest of a server (`cversion.ini`).
    pub upgrades_from: [Option<String>; 2],
    /// A product key lies on the disc (`pid.txt`).
    pub has_product_key: bool,
}

impl SetupSettings {
    /// Reads them in these folders. The only error is to be cancelled.
    pub(super) fn read(probe: &Probe, folders: &[String]) -> Result<Self> {
        let mut settings = Self::default();
        for folder in folders {
            let path = |name: &str| real_path(probe, &format!("{folder}/{name}"));
            let program = path("setup.exe")?;
            if let Some(file) = probe.open(&program)?
                && let Some(version) = told(file_version(file.as_ref()))?.flatten()
            {
                let [_, _, build, _] = version;
                let says = format!("Version {}", version.map(|part| part.to_string()).join("."));
                settings.builds.push(BuildSign { path: program, says, build: u32::from(build) });
            }
            let branch = path("idwbinfo.txt")?;
            if let Some(text) = probe.text(&branch, SETTINGS)? {
                settings.builds.extend(branch_sign(branch, &text));
            }
            if let Some(text) = probe.text(&path("ei.cfg")?, SETTINGS)? {
                settings.edition_id = settings.edition_id.take().or_else(|| first_line(&text, "EditionID"));
                settings.channel = settings.channel.take().or_else(|| first_line(&text, "Channel"));
            }
            if let Some(text) = probe.text(&path("cversion.ini")?, SETTINGS)? {
                for (key, oldest) in ["MinClient", "MinServer"].into_iter().zip(&mut settings.upgrades_from) {
                    let line = lines(&text).map(|(_, line)| line).find(|line| line.len() <= 64 && has_value(line, key));
                    let value = line.and_then(|line| line.split_once('=')).map(|(_, value)| value.trim().to_owned());
                    *oldest = oldest.take().or(value);
                }
            }
            let languages = path("lang.ini")?;
            if let Some(text) = probe.text(&languages, SETTINGS)? {
                let named = lines(&text).filter(|(section, _)| section.eq_ignore_ascii_case("Available UI Languages"));
                let tags = named.filter_map(|(_, line)| line.split('=').next()).map(|tag| volume_id::tag(tag.trim()));
                for tag in tags.filter(|tag| is_tag(tag)).take(100) {
                    if !settings.languages.contains(&tag) {
                        settings.languages.push(tag);
                        settings.languages_path.get_or_insert_with(|| languages.clone());
                    }
                }
            }
            if let Some(text) = probe.text(&path("pid.txt")?, SETTINGS)? {
                settings.has_product_key |= lines(&text).any(|(_, line)| has_value(line, "Value"));
            }
        }
        Ok(settings)
    }
}

/// The lines of a settings file with the section that they stand in, without comments.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut section = "";
    text.lines().map(str::trim).filter_map(move |line| {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name.trim();
            return None;
        }
        (!line.is_empty() && !line.starts_with(';')).then_some((section, line))
    })
}

/// True when `line` gives something to `key`.
pub(super) fn has_value(line: &str, key: &str) -> bool {
    line.split_once('=').is_some_and(|(name, value)| {
        name.trim().eq_ignore_ascii_case(key) && !value.trim().trim_matches('"').is_empty()
    })
}

/// The first line of a section.
fn first_line(text: &str, section: &str) -> Option<String> {
    let line = lines(text).find(|(found, _)| found.eq_ignore_ascii_case(section)).map(|(_, line)| line)?;
    (line.len() <= 64).then(|| line.to_owned())
}

/// True for what may be a language tag.
fn is_tag(text: &str) -> bool {
    (2..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The branch that Setup was made in.
fn branch_sign(path: String, text: &str) -> Option<BuildSign> {
    let (_, line) = lines(text).find(|(_, line)| has_value(line, "BuildBranch"))?;
    let branch = line.split_once('=').map(|(_, value)| value.trim())?;
    let front = branch.split('_').next().unwrap_or_default();
    let known = facts::BRANCHES.iter().find(|(name, _)| name.eq_ignore_ascii_case(front));
    known.map(|(_, build)| BuildSign { path, says: line.to_owned(), build: *build })
}

/// The version of a program (`VS_FIXEDFILEINFO`, `dwFileVersionMS` and `dwFileVersionLS`), found by its signature near the
/// end or the beginning of it.
fn file_version(program: &dyn Source) -> Result<Option<[u16; 4]>> {
    let last = program.len().saturating_sub(SEARCHED);
    let last = Extent::new(last, SEARCHED);
    let first = Extent::new(0, SEARCHED.min(last.offset));
    for extent in [last, first] {
        let bytes = read_up_to(program, extent)?;
        // The signature, and the version of the structure, 1.0.
        for at in memchr::memmem::find_iter(&bytes, b"\xbd\x04\xef\xfe\x00\x00\x01\x00") {
            let fields = Fields::new(&bytes, extent.offset, "version resource");
            let part = |from: usize| fields.le16(at.saturating_add(from)).ok();
            if let (Some(major), Some(minor), Some(build), Some(revision)) = (part(10), part(8), part(14), part(12)) {
                return Ok(Some([major, minor, build, revision]));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::source::MemorySource;

    #[test]
    fn the_version_of_a_program_is_found_at_either_end() {
        let mut sign = b"\xbd\x04\xef\xfe\x00\x00\x01\x00".to_vec();
        sign.extend([0, 0, 10, 0, 0xd6, 0x06, 0xf4, 0x65]);
        let program = |before: usize, behind: usize| {
            let bytes = [vec![0; before], sign.clone(), vec![0; behind]].concat();
            file_version(&MemorySource::new(bytes)).unwrap()
        };
        assert_eq!(program(100, 100), Some([10, 0, 26_100, 1750]));
        assert_eq!(program(3 << 20, 0), Some([10, 0, 26_100, 1750]));
        assert_eq!(program(500, 3 << 20), Some([10, 0, 26_100, 1750]));
        assert_eq!(program(2 << 20, 2 << 20), None);
        assert_eq!(file_version(&MemorySource::new(sign[..12].to_vec())).unwrap(), None);
    }

    #[test]
    fn settings_are_read_by_their_sections() {
        let text = "; comment\n[EditionID]\r\nProfessional\r\n[Channel]\n Volume \n[VL]\n1\n";
        assert_eq!(first_line(text, "editionid").as_deref(), Some("Professional"));
        assert_eq!(first_line(text, "Channel").as_deref(), Some("Volume"));
        assert_eq!(first_line(text, "Other"), None);
        assert!(
            has_value("Value=AAAAA", "value") && !has_value("Value = \"\"", "Value") && !has_value("Value", "Value")
        );
        let sign = branch_sign("a".to_owned(), "[BUILDINFO]\nBuildBranch=ge_release_svc_refresh\n").unwrap();
        assert_eq!((sign.build, sign.says.as_str()), (26_100, "BuildBranch=ge_release_svc_refresh"));
        assert_eq!(branch_sign("a".to_owned(), "BuildBranch=main"), None);
    }
}
