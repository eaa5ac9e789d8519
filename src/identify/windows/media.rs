//! The archives of a disc of Windows, and the editions in them.

use std::sync::Arc;

use super::facts::{self, Build};
use super::volume_id;
use crate::disc::time::Timestamp;
use crate::disc::wim::{Compression, Wim, WimImage, is_named_as_wim};
use crate::disc::{Error, Result, limits, text};
use crate::identify::Probe;

/// Folders in which Setup has its archives. Discs for several processors have one for each.
const SOURCES: [&str; 4] = ["sources", "x64/sources", "x86/sources", "arm64/sources"];

/// Bytes from which on a file does not fit into FAT32.
const FAT32_END: u64 = 1 << 32;

/// One archive of Setup, or one part of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Archive {
    /// Its path, not yet escaped for display.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// How its files are packed; `None` when it cannot be read.
    pub compression: Option<Compression>,
    /// It is in packed solid form, as an `.esd` is.
    pub is_solid: bool,
    /// The number of this part, from 1.
    pub part: u16,
    /// Parts of the whole archive.
    pub parts: u16,
    /// Images in it that are not listed.
    pub more_images: u64,
    /// Why it cannot be read, as a plain sentence without a full stop.
    pub error: Option<String>,
}

/// An edition of Windows, or a system that Setup runs in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct WindowsImage {
    /// The path of its archive, not yet escaped for display.
    pub file: String,
    /// Its number there, from 1.
    pub index: u32,
    /// Its name, as Setup shows it.
    pub name: String,
    /// The product, such as `Windows 11`; `None` when the archive does not tell a build.
    pub product: Option<String>,
    /// The version as people say it, such as `24H2`; empty when it has no name.
    pub release: String,
    /// The version: major, minor, build and revision.
    pub version: Option<[u32; 4]>,
    /// The build with its revision, such as `26100.1742`.
    pub build: Option<String>,
    /// The edition, such as `Professional`, as the archive has it.
    pub edition_id: Option<String>,
    /// The edition as people say it, such as `Pro`.
    pub edition: Option<String>,
    /// What kind of installation it is, such as `Client` or `Server Core`.
    pub installation_type: Option<String>,
    /// `x86`, `x64`, `arm64`, `arm` or `ia64`.
    pub architecture: Option<&'static str>,
    /// Its languages as BCP 47 tags, the default first.
    pub languages: Vec<String>,
    /// Bytes of its files when they are unpacked.
    pub size: Option<u64>,
    /// Folders in it.
    pub folders: Option<u64>,
    /// Files in it.
    pub files: Option<u64>,
    /// When it was captured.
    pub made: Option<Timestamp>,
    /// It is what Setup or a rescue disc runs in (Windows PE), and nothing to be installed.
    pub is_pe: bool,
}

impl WindowsImage {
    /// What is said of it beside its name: build, computers, languages and size, as far as they are known.
    pub fn facts(&self) -> String {
        let size = self.size.map(text::size);
        let languages = (!self.languages.is_empty()).then(|| self.languages.join(", "));
        let build = self.build.as_ref().map(|build| format!("build {build}"));
        let facts = [build, self.architecture.map(str::to_owned), languages, size];
        facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }
}

impl WindowsImage {
    fn new(file: &str, image: WimImage) -> Self {
        let named = image.display_name.or(image.name).or(image.description);
        let kind = image.installation_type;
        let is_pe = kind.as_deref() == Some("WindowsPE") || image.edition_id.as_deref() == Some("WindowsPE");
        let is_server = kind.as_deref().is_some_and(|kind| kind.starts_with("Server"))
            || image.edition_id.as_deref().is_some_and(|id| id.starts_with("Server") && id != "ServerRdsh");
        let (product, release) = match image.version {
            Some(version) => {
                name_version(version, is_server).map_or((None, ""), |(name, release)| (Some(name), release))
            }
            None => (None, ""),
        };
        let build = image.version.map(|[_, _, build, revision]| number(build, revision));
        let is_hyper_v = image.edition_id.as_deref().is_some_and(|id| id.starts_with("ServerHyperCore"));
        let product = product.map(|name| match is_hyper_v {
            true => name.replace("Windows Server", "Hyper-V Server"),
            false => name.to_owned(),
        });
        let edition = image.edition_id.as_deref().filter(|_| !is_hyper_v && !is_pe).map(|id| {
            let name = facts::edition(id, image.version.map_or(0, |[_, _, build, _]| build));
            // Without a desktop.
            if kind.as_deref() == Some("Server Core") { format!("{name} (Server Core)") } else { name }
        });
        let mut languages: Vec<String> = Vec::new();
        for language in image.default_language.iter().chain(&image.languages) {
            let tag = volume_id::tag(language);
            if !languages.contains(&tag) {
                languages.push(tag);
            }
        }
        let architectures = facts::ARCHITECTURES.iter();
        let architecture = image.architecture.and_then(|found| architectures.clone().find(|(id, _)| *id == found));
        Self {
            file: file.to_owned(),
            index: image.index,
            name: named.unwrap_or_default(),
            product,
            release: release.to_owned(),
            version: image.version,
            build,
            edition_id: image.edition_id,
            edition,
            installation_type: kind,
            architecture: architecture.map(|(_, name)| *name),
            languages,
            size: image.total_bytes,
            folders: image.folders,
            files: image.files,
            made: image.created,
            is_pe,
        }
    }

    /// What of it says which edition it is, for the evidence.
    pub(super) fn quotation(&self) -> String {
        let id = self.edition_id.as_deref().map(|id| format!(", edition {id}")).unwrap_or_default();
        let build = self.build.as_deref().map(|build| format!(", build {build}")).unwrap_or_default();
        format!("Image {}: {}{id}{build}", self.index, self.name)
    }
}

/// A build with its revision, where that is known.
pub(super) fn number(build: u32, revision: u32) -> String {
    if revision == 0 { build.to_string() } else { format!("{build}.{revision}") }
}

/// The product and its version by the number. Of a build that is not known, the product by the numbers around it.
pub(super) fn name_version(version: [u32; 4], is_server: bool) -> Option<(&'static str, &'static str)> {
    let [major, minor, build, _] = version;
    let known = Build::find(build).map(|known| match is_server {
        true => (known.server, known.server_release),
        false => (known.client, known.client_release),
    });
    if let Some(known) = known.filter(|(product, _)| !product.is_empty()) {
        return Some(known);
    }
    let product = match (major, minor, is_server) {
        (10, _, true) => "Windows Server",
        (10, _, false) if build >= 22_000 => "Windows 11",
        (10, _, false) => "Windows 10",
        (6, 3, true) => "Windows Server 2012 R2",
        (6, 3, false) => "Windows 8.1",
        (6, 2, true) => "Windows Server 2012",
        (6, 2, false) => "Windows 8",
        (6, 1, true) => "Windows Server 2008 R2",
        (6, 1, false) => "Windows 7",
        (6, 0, true) => "Windows Server 2008",
        (6, 0, false) => "Windows Vista",
        _ => return None,
    };
    Some((product, ""))
}

/// The archives of the disc, their images, and what is worth knowing of them.
#[derive(Debug, Default)]
pub(super) struct Archives {
    pub(super) archives: Vec<Archive>,
    pub(super) images: Vec<WindowsImage>,
    pub(super) notes: Vec<String>,
}

impl Archives {
    /// Reads the headers and descriptions of `install.*`, of its parts, and of `boot.wim`, in these folders. The only error
    /// is to be cancelled.
    pub(super) fn read(probe: &Probe, folders: &[String]) -> Result<Self> {
        let mut found = Self::default();
        for path in folders {
            let Some(folder) = probe.folder(path)? else { continue };
            let first = found.archives.len();
            let mut names: Vec<&str> =
                folder.entries().iter().filter(|entry| entry.is_file()).map(|entry| folder.name(entry)).collect();
            names.retain(|name| is_setup_archive(name));
            // What can be installed comes first, and its parts in their order: those with more digits after those with fewer.
            names.sort_by_cached_key(|name| (is_boot_archive(name), name.len(), name.to_ascii_lowercase()));
            let mut parts = Parts::default();
            for name in names.into_iter().take(limits::SETUP_ARCHIVES) {
                found.add(probe, text::join(path, name), &mut parts)?;
            }
            let added = found.archives.get(first..).unwrap_or_default();
            found.notes.extend(parts.missing(added));
        }
        Ok(found)
    }

    fn add(&mut self, probe: &Probe, path: String, parts: &mut Parts) -> Result<()> {
        let Some((_, entry)) = probe.entry(&path)? else { return Ok(()) };
        let mut archive = Archive {
            path: path.clone(),
            size: entry.size,
            compression: None,
            is_solid: false,
            part: 1,
            parts: 1,
            more_images: 0,
            error: None,
        };
        let shown = text::display(&path).into_owned();
        self.notes.extend(about_size(&path, archive.size));
        let opened = probe.image().default_tree().open(&entry).and_then(Wim::open);
        let images = match &opened {
            Ok(wim) => {
                let header = wim.header();
                (archive.compression, archive.is_solid) = (Some(header.compression()), header.is_solid());
                (archive.part, archive.parts) = (header.part_number, header.total_parts);
                parts.guids.push(header.guid);
                // Every part has the same description.
                if header.part_number > 1 { Ok(None) } else { wim.images().map(Some) }
            }
            Err(error) => Err(error.clone()),
        };
        match images {
            Ok(Some(images)) => {
                archive.more_images = images.more;
                if images.more > 0 {
                    let listed = images.images.len();
                    self.notes
                        .push(format!("“{shown}” has {} more editions than the {listed} that are told", images.more));
                }
                self.images.extend(images.images.into_iter().map(|image| WindowsImage::new(&path, image)));
            }
            Ok(None) => {}
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(error) => {
                let sentence = error.sentence();
                self.notes.push(format!("The editions in “{shown}” cannot be read: {sentence}"));
                archive.error = Some(sentence);
            }
        }
        if archive.is_solid && archive.parts <= 1 {
            self.notes.push(format!(
                "“{shown}” is in packed solid form (ESD): it is smaller, and tools that change or apply it must know that form"
            ));
        }
        self.archives.push(archive);
        Ok(())
    }
}

/// What becomes of a file on a stick, where it is too large for it.
fn about_size(path: &str, size: u64) -> Option<String> {
    let (path, words) = (text::display(path), text::size(size));
    (size >= FAT32_END).then(|| {
        format!(
            "“{path}” has {words}: a stick with FAT32 holds no file of 4 GiB or more, so it must be split or the stick \
             formatted otherwise"
        )
    })
}

/// The parts of a split archive in one folder.
#[derive(Debug, Default)]
struct Parts {
    guids: Vec<[u8; 16]>,
}

impl Parts {
    /// What is not right with them.
    fn missing(&self, archives: &[Archive]) -> Vec<String> {
        let split = || archives.iter().filter(|archive| archive.error.is_none() && archive.parts > 1);
        let Some(total) = split().map(|archive| archive.parts).max() else { return Vec::new() };
        let mut notes = Vec::new();
        let missing: Vec<_> = (1..=total).filter(|number| !split().any(|archive| archive.part == *number)).collect();
        let folder = split().next().and_then(|archive| archive.path.rsplit_once('/')).map_or("", |(folder, _)| folder);
        let folder = text::display(folder);
        if let [first, rest @ ..] = missing.as_slice() {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            notes.push(format!(
                "The archive in “{folder}” is split into {total} parts, and part {first}{more} of them is missing: Setup \
                 cannot install from it"
            ));
        } else {
            notes.push(format!("The archive in “{folder}” is split into {total} parts, as for a stick with FAT32"));
        }
        notes
    }
}

/// True for the names of the archives that Setup uses.
fn is_setup_archive(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    is_named_as_wim(&lower) && (lower.starts_with("install") || is_boot_archive(&lower))
}

/// True for the archive of the system that Setup runs in.
fn is_boot_archive(name: &str) -> bool {
    name.eq_ignore_ascii_case("boot.wim")
}

/// The folders of Setup that the disc has, as it has them, without those of too many entries.
pub(super) fn folders(probe: &Probe) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for path in SOURCES {
        if probe.folder(path)?.is_some_and(|folder| folder.entries().len() <= limits::SETUP_FOLDER) {
            found.push(real_path(probe, path)?);
        }
    }
    Ok(found)
}

/// The path as the disc has it, where it has it in another case.
pub(super) fn real_path(probe: &Probe, path: &str) -> Result<String> {
    let mut real = String::new();
    for component in path.split('/') {
        let next = text::join(&real, component);
        real = match probe.entry(&next)? {
            Some((folder, entry)) => text::join(&real, Arc::as_ref(&folder).name(&entry)),
            None => next,
        };
    }
    Ok(real)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_4_gib_is_too_large_for_fat32() {
        assert_eq!(about_size("sources/install.wim", (4 << 30) - 1), None);
        let note = about_size("sources/install\u{202e}.wim", 4 << 30).unwrap();
        assert!(note.starts_with("“sources/install\\u{202e}.wim” has 4.3 GB: a stick with FAT32"), "{note}");
    }
}
