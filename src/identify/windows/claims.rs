//! What the archives, the name and the files of a disc of Windows say together, and where they contradict one another.

use std::collections::BTreeSet;

use super::facts::{self, FAMILIES};
use super::media::{name_version, number};
use super::{WindowsImage, WindowsMedia};
use crate::disc::text;
use crate::identify::{Claim, Evidence, Subject};

/// Claims of one subject. Discs of all editions have some thirty.
const CLAIMS: usize = 60;

/// The field of the name, in the words of its standard.
const VOLUME_ID: &str = "Volume identifier";

/// All claims, those that the disc states first.
pub(super) fn of(media: &WindowsMedia) -> Vec<Claim> {
    let mut claims = Claims::default();
    claims.kind(media);
    for image in media.told() {
        claims.image(media, image);
    }
    if let Some(path) = media.settings.languages_path.as_deref().filter(|_| claims.lacks(Subject::Language)) {
        for language in &media.settings.languages {
            claims.state(Subject::Language, language, &Evidence::file(path, language));
        }
    }
    claims.signs(media);
    claims.markers(media);
    claims.name(media);
    claims.list
}

/// Claims, each once.
#[derive(Default)]
struct Claims {
    list: Vec<Claim>,
}

impl Claims {
    fn lacks(&self, subject: Subject) -> bool {
        !self.list.iter().any(|claim| claim.subject == subject)
    }

    fn add(&mut self, claim: Claim) {
        let alike = || self.list.iter().filter(|known| known.subject == claim.subject);
        if !claim.value.is_empty() && alike().count() < CLAIMS && !alike().any(|known| known.value == claim.value) {
            self.list.push(claim);
        }
    }

    fn state(&mut self, subject: Subject, value: &str, evidence: &Evidence) {
        self.add(Claim::stated(subject, value, evidence.clone()));
    }

    fn guess(&mut self, subject: Subject, value: &str, evidence: &Evidence) {
        self.add(Claim::guess(subject, value, evidence.clone()));
    }

    fn kind(&mut self, media: &WindowsMedia) {
        if let Some(image) = media.editions().next() {
            let evidence = Evidence::file(&image.file, &image.quotation());
            self.state(Subject::Kind, "Operating system installer", &evidence);
        } else if let Some(image) = media.images.first() {
            let evidence = Evidence::file(&image.file, &image.quotation());
            self.guess(Subject::Kind, "System that runs from the disc (Windows PE)", &evidence);
        } else if let Some(path) = &media.features {
            self.guess(Subject::Kind, "Languages and features for Windows", &Evidence::file(path, "It is there"));
        } else if let Some(markers) = &media.markers {
            let evidence = Evidence::file(&markers.path, "It is there");
            self.guess(Subject::Kind, "Operating system installer", &evidence);
        } else if media.named.is_some() {
            let evidence = Evidence::field(VOLUME_ID, &media.volume_id);
            self.guess(Subject::Kind, "Operating system installer", &evidence);
        } else if let Some(answers) = media.answer_files.iter().find(|file| file.is_automatic) {
            let evidence = Evidence::file(&answers.path, "It is there");
            self.guess(Subject::Kind, "Answers for Windows Setup", &evidence);
        }
    }

    fn image(&mut self, media: &WindowsMedia, image: &WindowsImage) {
        let evidence = Evidence::file(&image.file, &image.quotation());
        if image.is_pe {
            // The system that Setup runs in is that of the Windows that it installs, mostly.
            self.guess(Subject::Product, image.product.as_deref().unwrap_or_default(), &evidence);
        } else {
            self.state(Subject::Product, image.product.as_deref().unwrap_or_default(), &evidence);
        }
        if let Some(version) = media.version_of(image) {
            self.add(Claim::stated(Subject::Version, version, evidence.clone()));
        }
        self.state(Subject::Edition, image.edition.as_deref().unwrap_or_default(), &evidence);
        self.state(Subject::Architecture, image.architecture.unwrap_or_default(), &evidence);
        for language in &image.languages {
            self.state(Subject::Language, language, &evidence);
        }
        if let Some(made) = image.made.filter(|_| self.lacks(Subject::Made)) {
            self.state(Subject::Made, &made.to_string(), &evidence);
        }
    }

    /// What tells a build where no archive does.
    fn signs(&mut self, media: &WindowsMedia) {
        if media.images.iter().any(|image| image.version.is_some()) {
            return;
        }
        for sign in &media.settings.builds {
            let evidence = Evidence::file(&sign.path, &sign.says);
            if let Some((product, release)) = name_version([major_of(sign.build), 0, sign.build, 0], false) {
                self.guess(Subject::Product, product, &evidence);
                self.guess(Subject::Version, &with_build(release, &sign.build.to_string()), &evidence);
            }
        }
    }

    fn markers(&mut self, media: &WindowsMedia) {
        let Some(markers) = &media.markers else { return };
        let evidence = Evidence::file(&markers.path, "It is there");
        self.guess(Subject::Product, markers.product, &evidence);
        self.guess(Subject::Edition, markers.edition.unwrap_or_default(), &evidence);
        self.guess(Subject::Architecture, markers.architecture, &evidence);
        if let Some((name, path)) = &markers.service_pack {
            self.guess(Subject::Version, name, &Evidence::file(path, "It is there"));
        }
    }

    /// What the name stands for: all of it where nothing else tells, and else what contradicts the rest.
    fn name(&mut self, media: &WindowsMedia) {
        let Some(named) = &media.named else { return };
        let evidence = Evidence::field(VOLUME_ID, &media.volume_id);
        let images: Vec<_> = media.told().collect();
        if self.lacks(Subject::Product) || !images.is_empty() && !media.is_named_as_product() {
            self.guess(Subject::Product, named.product, &evidence);
        }
        if self.lacks(Subject::Version) {
            self.guess(Subject::Version, named.service_pack.unwrap_or_default(), &evidence);
        }
        if self.lacks(Subject::Edition) {
            let edition = named.edition.unwrap_or_default();
            let is_evaluation = named.channel == Some("Evaluation") && !edition.is_empty();
            let edition = if is_evaluation { format!("{edition} Evaluation") } else { edition.to_owned() };
            self.guess(Subject::Edition, &edition, &evidence);
        }
        self.guess(Subject::Architecture, named.architecture.unwrap_or_default(), &evidence);
        let language = named.language.as_deref().unwrap_or_default();
        let is_told = self
            .list
            .iter()
            .any(|claim| claim.subject == Subject::Language && is_same_language(&claim.value, language));
        if !is_told {
            self.guess(Subject::Language, language, &evidence);
        }
    }
}

/// The major version of a build.
fn major_of(build: u32) -> u32 {
    if build >= 10_240 { 10 } else { 6 }
}

/// A version by its name and its build.
fn with_build(release: &str, build: &str) -> String {
    if release.is_empty() { format!("build {build}") } else { format!("{release} (build {build})") }
}

/// True when one tag is the other, or says less than it: `de` and `de-DE`.
fn is_same_language(one: &str, other: &str) -> bool {
    let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    one.eq_ignore_ascii_case(other) || (primary(one) == primary(other) && !(one.contains('-') && other.contains('-')))
}

impl WindowsMedia {
    /// The editions that can be installed, or where there are none the systems that run from the disc.
    fn told(&self) -> impl Iterator<Item = &WindowsImage> {
        let any = self.editions().next().is_some();
        self.images.iter().filter(move |image| !any || !image.is_pe)
    }

    /// What the files of Setup say of the build of `image`, where that is a later one of the same family.
    fn later_sign(&self, image: &WindowsImage) -> Option<&super::BuildSign> {
        let [_, _, build, _] = image.version?;
        let folder =
            |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_ascii_lowercase());
        let of_family = |sign: &&super::BuildSign| {
            facts::base_of(sign.build) == facts::base_of(build)
                && sign.build > build
                && folder(&sign.path) == folder(&image.file)
        };
        self.settings.builds.iter().filter(of_family).max_by_key(|sign| sign.build)
    }

    /// The version of an image as people say it, with its build. Where several versions share the build, and its revision
    /// is as new as theirs, it is one of them.
    fn version_of(&self, image: &WindowsImage) -> Option<String> {
        let [major, minor, build, revision] = image.version?;
        if let Some(sign) = self.later_sign(image) {
            let is_server = image.installation_type.as_deref().is_some_and(|kind| kind.starts_with("Server"));
            let release =
                name_version([major, minor, sign.build, revision], is_server).map_or("", |(_, release)| release);
            return Some(with_build(release, &number(sign.build, revision)));
        }
        let number = number(build, revision);
        let last = shared_with(image).last().copied();
        let release = last.and_then(|build| name_version([major, minor, build, 0], false)).map(|(_, release)| release);
        Some(match release {
            Some(last) => with_build(&format!("{} to {last}", image.release), &number),
            None => with_build(&image.release, &number),
        })
    }

    /// True when the name of the disc stands for a product that is on it.
    fn is_named_as_product(&self) -> bool {
        let Some(named) = &self.named else { return true };
        self.told().filter_map(|image| image.product.as_deref()).any(|product| stands_for(named.product, product))
    }

    /// Whether the name of the disc goes together with what is on it; `None` when there is nothing to compare.
    pub(super) fn agreement(&self) -> Option<bool> {
        let named = self.named.as_ref()?;
        let images: Vec<_> = self.told().filter(|image| image.product.is_some()).collect();
        let is_for = |wanted: &str| images.iter().filter_map(|image| image.architecture).any(|found| found == wanted);
        let speaks = |wanted: &str| {
            images.iter().flat_map(|image| &image.languages).any(|found| is_same_language(found, wanted))
        };
        let has_languages = images.iter().any(|image| !image.languages.is_empty());
        let language = named.language.as_deref().filter(|_| has_languages);
        (!images.is_empty())
            .then(|| self.is_named_as_product() && named.architecture.is_none_or(is_for) && language.is_none_or(speaks))
    }

    /// Where what the disc says does not go together.
    pub(super) fn contradictions(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let mut shared = BTreeSet::new();
        for image in self.editions() {
            let Some([_, _, build, _]) = image.version else { continue };
            let file = text::display(&image.file);
            if let Some(sign) = self.later_sign(image) {
                let path = text::display(&sign.path);
                if shared.insert((image.file.clone(), build)) {
                    notes.push(format!(
                        "“{file}” says build {build}, and “{path}” build {}: archives often keep the number of the version \
                         that theirs was made from",
                        sign.build
                    ));
                }
            } else if !shared_with(image).is_empty() && shared.insert((image.file.clone(), build)) {
                notes.push(format!(
                    "“{file}” says build {build}, which later versions have in their archives too, so the version cannot be \
                     told for sure"
                ));
            }
        }
        notes.extend(self.other_builds());
        notes.extend(self.misnamed());
        if self.editions().next().is_none() && self.archives.iter().any(|archive| archive.error.is_none()) {
            let has_setup =
                self.settings.builds.iter().any(|sign| sign.path.to_ascii_lowercase().ends_with("setup.exe"));
            if has_setup && self.images.iter().any(|image| image.is_pe) {
                notes.push("The disc has Setup, but no archive with an edition that it could install".to_owned());
            }
        }
        notes
    }

    /// Files of Setup of another build than all archives beside them.
    fn other_builds(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for sign in &self.settings.builds {
            let folder =
                |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_ascii_lowercase());
            let beside = self.editions().filter(|image| folder(&image.file) == folder(&sign.path));
            let builds: Vec<u32> = beside.filter_map(|image| image.version).map(|[_, _, build, _]| build).collect();
            let Some(first) = builds.first() else { continue };
            if !builds.iter().any(|build| facts::base_of(*build) == facts::base_of(sign.build)) {
                let path = text::display(&sign.path);
                notes.push(format!(
                    "“{path}” is of build {}, and the editions beside it of build {first}: they are not from one disc",
                    sign.build
                ));
            }
        }
        notes
    }

    /// What the name of the disc stands for, and is not on it.
    fn misnamed(&self) -> Option<String> {
        let named = self.named.as_ref()?;
        let mut told = self.told().peekable();
        told.peek()?;
        let id = text::display(&self.volume_id);
        if self.told().any(|image| image.product.is_some()) && !self.is_named_as_product() {
            let product = self.told().find_map(|image| image.product.as_deref()).unwrap_or_default();
            return Some(format!("The name of the disc, “{id}”, stands for {}, and it holds {product}", named.product));
        }
        let architecture = named.architecture?;
        let mut found = told.filter_map(|image| image.architecture).peekable();
        let first = *found.peek()?;
        let is_there = found.any(|found| found == architecture);
        (!is_there).then(|| format!("The name of the disc, “{id}”, stands for {architecture}, and it is for {first}"))
    }

    /// What Setup is told by the files in its folder.
    pub(super) fn about_setup(&self) -> Vec<String> {
        let settings = &self.settings;
        let mut notes = Vec::new();
        if let Some(id) = &settings.edition_id {
            let name = facts::edition(id, 10_240);
            notes
                .push(format!("Setup is told to install the edition {}, and does not ask which", text::display(&name)));
        }
        if let Some(channel) = &settings.channel {
            notes.push(format!("Setup is told that this is a disc for the channel “{}”", text::display(channel)));
        }
        if settings.has_product_key {
            notes.push("A product key lies on the disc in “pid.txt”, which Setup uses".to_owned());
        }
        notes
    }
}

/// The later builds of its family that an archive of this build and revision may be of.
fn shared_with(image: &WindowsImage) -> Vec<u32> {
    let Some([_, _, build, revision]) = image.version else { return Vec::new() };
    // Servers, and editions that are serviced for long, have no later builds of their own.
    let id = image.edition_id.as_deref().unwrap_or_default();
    let stays = image.is_pe || id.starts_with("Server") || id.contains("EnterpriseS");
    let family = FAMILIES.iter().find(|family| family.base == build && !stays);
    let later = family.map_or(&[][..], |family| family.later);
    later.iter().filter(|(_, first)| *first <= revision).map(|(later, _)| *later).collect()
}

/// True when the name of a product, or of those among which a code does not tell, stands for `product`.
fn stands_for(named: &str, product: &str) -> bool {
    match named {
        "Windows 10 or 11" => ["Windows 10", "Windows 11"].contains(&product),
        "Windows Server 2016 or later" => {
            let is_server = product.starts_with("Windows Server") || product.starts_with("Hyper-V Server");
            is_server && !["2008", "2012"].into_iter().any(|year| product.contains(year))
        }
        _ => {
            let product = product.replace("Hyper-V Server", "Windows Server");
            product == named || (product.starts_with("Windows Vista") && named == "Windows Vista")
        }
    }
}
