//! What the XML document of a WIM archive says of its images.

use roxmltree::Node;

use crate::disc::time::Timestamp;
use crate::disc::{Result, limits, xml};

const STRUCTURE: &str = "WIM XML data";

/// The images of an archive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WimImages {
    /// The images in the order of the document, at most [`limits::WIM_IMAGES`].
    pub images: Vec<WimImage>,
    /// How many more there are.
    pub more: u64,
}

/// One image: an edition of Windows, or anything else that was captured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WimImage {
    /// `IMAGE INDEX`, from 1; 0 where that is no number.
    pub index: u32,
    /// `NAME`.
    pub name: Option<String>,
    /// `DESCRIPTION`.
    pub description: Option<String>,
    /// `DISPLAYNAME`: what Setup shows.
    pub display_name: Option<String>,
    /// `DISPLAYDESCRIPTION`.
    pub display_description: Option<String>,
    /// `FLAGS`: the edition, as the tool was told.
    pub flags: Option<String>,
    /// `WINDOWS/EDITIONID`, such as `Professional`.
    pub edition_id: Option<String>,
    /// `WINDOWS/INSTALLATIONTYPE`: `Client`, `Server`, `Server Core`, `WindowsPE` and others.
    pub installation_type: Option<String>,
    /// `WINDOWS/PRODUCTNAME`: `Microsoft® Windows® Operating System`.
    pub product_name: Option<String>,
    /// `WINDOWS/ARCH`: `PROCESSOR_ARCHITECTURE_…` of the Windows SDK, such as 9 for x64.
    pub architecture: Option<u32>,
    /// `WINDOWS/VERSION`: `MAJOR`, `MINOR`, `BUILD`, and `SPBUILD`, where it is there at all.
    pub version: Option<[u32; 4]>,
    /// `WINDOWS/VERSION/SPLEVEL`: the service pack.
    pub service_pack: u32,
    /// `WINDOWS/VERSION/BRANCH`, such as `ge_release`.
    pub branch: Option<String>,
    /// `WINDOWS/LANGUAGES/LANGUAGE`, as tags such as `en-US`.
    pub languages: Vec<String>,
    /// `WINDOWS/LANGUAGES/DEFAULT`.
    pub default_language: Option<String>,
    /// `TOTALBYTES`: bytes of its files when they are unpacked.
    pub total_bytes: Option<u64>,
    /// `DIRCOUNT`: folders.
    pub folders: Option<u64>,
    /// `FILECOUNT`: files.
    pub files: Option<u64>,
    /// `CREATIONTIME`: when it was captured.
    pub created: Option<Timestamp>,
}

impl WimImages {
    /// Reads the document, which stands at the byte `offset` of the archive.
    ///
    /// # Errors
    /// `Damaged`, `Unsupported` or `Limit` when it is no XML that is [read](xml::parse). What an image does not say, or says
    /// in a way that is no number, is `None`.
    pub fn parse(text: &str, offset: u64) -> Result<Self> {
        let document = xml::parse(text, STRUCTURE, offset)?;
        let is_image = |node: &Node<'_, '_>| node.is_element() && node.tag_name().name() == "IMAGE";
        let mut found = Self::default();
        for node in document.root_element().children().filter(is_image) {
            if found.images.len() < limits::WIM_IMAGES {
                found.images.push(WimImage::read(node));
            } else {
                found.more = found.more.saturating_add(1);
            }
        }
        Ok(found)
    }
}

impl WimImage {
    fn read(image: Node<'_, '_>) -> Self {
        let text = |path: &[&str]| xml::value(image, path).map(shortened);
        let number = |path: &[&str]| xml::value(image, path).and_then(|text| text.parse::<u64>().ok());
        let small = |path: &[&str]| number(path).and_then(|number| u32::try_from(number).ok());
        let part = |name| small(&["WINDOWS", "VERSION", name]);
        let version = part("BUILD").map(|build| {
            let [major, minor, revision] = ["MAJOR", "MINOR", "SPBUILD"].map(|name| part(name).unwrap_or(0));
            [major, minor, build, revision]
        });
        let languages = xml::child(image, "WINDOWS").and_then(|windows| xml::child(windows, "LANGUAGES"));
        let languages = languages.into_iter().flat_map(|node| node.children());
        let languages = languages.filter(|node| node.is_element() && node.tag_name().name() == "LANGUAGE");
        let languages = languages.filter_map(|node| node.text()).map(str::trim).filter(|text| !text.is_empty());
        Self {
            index: image.attribute("INDEX").and_then(|index| index.trim().parse().ok()).unwrap_or(0),
            name: text(&["NAME"]),
            description: text(&["DESCRIPTION"]),
            display_name: text(&["DISPLAYNAME"]),
            display_description: text(&["DISPLAYDESCRIPTION"]),
            flags: text(&["FLAGS"]),
            edition_id: text(&["WINDOWS", "EDITIONID"]),
            installation_type: text(&["WINDOWS", "INSTALLATIONTYPE"]),
            product_name: text(&["WINDOWS", "PRODUCTNAME"]),
            architecture: small(&["WINDOWS", "ARCH"]),
            version,
            service_pack: part("SPLEVEL").unwrap_or(0),
            branch: text(&["WINDOWS", "VERSION", "BRANCH"]),
            languages: languages.take(limits::WIM_LANGUAGES).map(shortened).collect(),
            default_language: text(&["WINDOWS", "LANGUAGES", "DEFAULT"]),
            total_bytes: number(&["TOTALBYTES"]),
            folders: number(&["DIRCOUNT"]),
            files: number(&["FILECOUNT"]),
            created: xml::child(image, "CREATIONTIME").and_then(file_time),
        }
    }
}

/// At most [`limits::WIM_TEXT`] characters of what an image says, as Setup shows one line of it.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(limits::WIM_TEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A `FILETIME`: 100 nanoseconds since 1601, in two halves of hexadecimal digits.
fn file_time(node: Node<'_, '_>) -> Option<Timestamp> {
    const TO_UNIX: i64 = 11_644_473_600;
    let half = |name| {
        let text = xml::value(node, &[name])?;
        u32::from_str_radix(text.trim_start_matches("0x").trim_start_matches("0X"), 16).ok()
    };
    let ticks = u64::from(half("HIGHPART")?) << 32 | u64::from(half("LOWPART")?);
    let seconds = i64::try_from(ticks / 10_000_000).ok()?.checked_sub(TO_UNIX)?;
    (ticks > 0).then(|| Timestamp::from_unix(seconds, 0))
}
