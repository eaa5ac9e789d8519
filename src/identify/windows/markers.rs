//! Discs of Windows before Vista, which have no archive: files and folders that only they have. Setup of these looks for the
//! same files to see whether the right disc is in the drive.

use super::media::real_path;
use crate::disc::Result;
use crate::identify::Probe;

/// What the files of a disc stand for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct MarkerGuess {
    /// The path that says so, not yet escaped for display.
    pub path: String,
    /// The product.
    pub product: &'static str,
    /// The edition.
    pub edition: Option<&'static str>,
    /// The processors it is for.
    pub architecture: &'static str,
    /// The service pack, and the path that says so.
    pub service_pack: Option<(&'static str, String)>,
}

/// A file, and the product, edition and processor that it stands for. The first that is there decides.
const MARKERS: [(&str, &str, Option<&str>, &str); 23] = [
    ("WIN51AP", "Windows XP", Some("Professional"), "x64"),
    ("WIN51AS", "Windows Server 2003", Some("Standard"), "x64"),
    ("WIN51AA", "Windows Server 2003", Some("Enterprise"), "x64"),
    ("WIN51AD", "Windows Server 2003", Some("Datacenter"), "x64"),
    ("WIN51IC", "Windows XP", Some("Home"), "x86"),
    ("WIN51IP", "Windows XP", Some("Professional"), "x86"),
    ("WIN51IS", "Windows Server 2003", Some("Standard"), "x86"),
    ("WIN51IA", "Windows Server 2003", Some("Enterprise"), "x86"),
    ("WIN51ID", "Windows Server 2003", Some("Datacenter"), "x86"),
    ("WIN51IB", "Windows Server 2003", Some("Web"), "x86"),
    ("WIN51IL", "Windows Small Business Server 2003", None, "x86"),
    ("WIN51", "Windows XP or Server 2003", None, "x86"),
    ("CDROM_IP.5", "Windows 2000", Some("Professional"), "x86"),
    ("CDROM_IS.5", "Windows 2000", Some("Server"), "x86"),
    ("CDROM_IA.5", "Windows 2000", Some("Advanced Server"), "x86"),
    ("CDROM_NT.5", "Windows 2000", None, "x86"),
    ("CDROM_W.40", "Windows NT 4.0", Some("Workstation"), "x86"),
    ("CDROM_S.40", "Windows NT 4.0", Some("Server"), "x86"),
    ("CDROM_TS.40", "Windows NT 4.0", Some("Terminal Server"), "x86"),
    // The folders of Setup.
    ("WIN9X/SETUP.EXE", "Windows ME", None, "x86"),
    ("WIN98/SETUP.EXE", "Windows 98", None, "x86"),
    ("WIN95/SETUP.EXE", "Windows 95", None, "x86"),
    ("WIN95_02.CAB", "Windows 95", None, "x86"),
];

/// Service packs by the ending of the marker's own name, and of Windows 2000, the newest first.
const SERVICE_PACKS: [(&str, &str); 3] = [(".SP3", "SP3"), (".SP2", "SP2"), (".SP1", "SP1")];
const OF_2000: [(&str, &str); 4] =
    [("CDROMSP4.TST", "SP4"), ("CDROMSP3.TST", "SP3"), ("CDROMSP2.TST", "SP2"), ("CDROMSP1.TST", "SP1")];

/// What the files in the root say; `None` when there is none of them.
pub(super) fn find(probe: &Probe) -> Result<Option<MarkerGuess>> {
    for (marker, product, edition, architecture) in MARKERS {
        if !probe.exists(marker)? {
            continue;
        }
        let mut service_pack = None;
        let own = SERVICE_PACKS.iter().map(|(ending, name)| (format!("{marker}{ending}"), *name));
        let of_2000 = OF_2000.iter().map(|(path, name)| ((*path).to_owned(), *name));
        for (path, name) in own.chain(of_2000.filter(|_| product == "Windows 2000")) {
            if service_pack.is_none() && probe.exists(&path)? {
                service_pack = Some((name, real_path(probe, &path)?));
            }
        }
        let path = real_path(probe, marker)?;
        return Ok(Some(MarkerGuess { path, product, edition, architecture, service_pack }));
    }
    Ok(None)
}

/// Folders and files of discs that bring languages and features for a Windows that is there.
const FEATURES: [&str; 5] =
    ["LanguagesAndOptionalFeatures", "x64/langpacks", "x86/langpacks", "langpacks", "FoDMetadata_Client.cab"];

/// What says that it is such a disc.
pub(super) fn features(probe: &Probe) -> Result<Option<String>> {
    for path in FEATURES {
        if probe.exists(path)? {
            return real_path(probe, path).map(Some);
        }
    }
    Ok(None)
}
