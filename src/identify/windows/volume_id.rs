//! What the volume identifier of a disc of Windows stands for. Microsoft names its discs by codes, such as
//! `CCCOMA_X64FRE_EN-US_DV9` or `GRMCULFRER_EN_DVD`.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What a volume identifier stands for. It is a convention, and anyone can name a disc so.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct VolumeGuess {
    /// The product, or those among which the code does not tell, such as `Windows 10 or 11`.
    pub product: &'static str,
    /// The service pack.
    pub service_pack: Option<&'static str>,
    /// The edition, or which editions.
    pub edition: Option<&'static str>,
    /// `x86`, `x64`, `arm64` or `ia64`.
    pub architecture: Option<&'static str>,
    /// The language as a BCP 47 tag.
    pub language: Option<String>,
    /// How it was sold: `Retail`, `Volume`, `OEM`, `Evaluation` or `Upgrade`.
    pub channel: Option<&'static str>,
    /// It is a checked build, for finding errors in drivers.
    pub is_checked: bool,
}

/// A code, and what stands for it.
type Codes = &'static [(&'static str, &'static str)];

/// One convention. The groups `edition`, `architecture`, `channel` and `language` of the pattern are optional.
struct Rule {
    /// What the whole identifier looks like, in capitals.
    pattern: &'static str,
    product: &'static str,
    service_pack: Option<&'static str>,
    editions: Codes,
    /// Where the identifier does not name one.
    architecture: Option<&'static str>,
}

const ARCHITECTURES: Codes = &[
    ("X64", "x64"),
    ("X86", "x86"),
    ("A64", "arm64"),
    ("ARM64", "arm64"),
    ("X", "x64"),
    ("I", "ia64"),
    ("IAI", "ia64"),
];

const CHANNELS: Codes = &[
    ("FREE", "Evaluation"),
    ("FREV", "Volume"),
    ("FREO", "OEM"),
    ("FRER", "Retail"),
    ("CHKV", "Volume"),
    ("CHKE", "Evaluation"),
    ("VOL", "Volume"),
    ("SEL", "Volume"),
    ("OEM", "OEM"),
    ("FPP", "Retail"),
    ("CCP", "Upgrade"),
    ("UPD", "Upgrade"),
    ("EVL", "Evaluation"),
    ("EEVL", "Evaluation"),
    ("EVAL", "Evaluation"),
];

/// Languages of discs up to Windows 7. Later ones have tags.
const LANGUAGES: Codes = &[
    ("AR", "ar"),
    ("BG", "bg"),
    ("BR", "pt-BR"),
    ("CHS", "zh-CN"),
    ("CHT", "zh-TW"),
    ("CN", "zh-CN"),
    ("CS", "cs"),
    ("CZ", "cs"),
    ("DA", "da"),
    ("DE", "de"),
    ("EL", "el"),
    ("EN", "en"),
    ("ES", "es"),
    ("ET", "et"),
    ("FI", "fi"),
    ("FR", "fr"),
    ("GER", "de"),
    ("GR", "el"),
    ("HE", "he"),
    ("HK", "zh-HK"),
    ("HR", "hr"),
    ("HU", "hu"),
    ("IT", "it"),
    ("JA", "ja"),
    ("JP", "ja"),
    ("KO", "ko"),
    ("LT", "lt"),
    ("LV", "lv"),
    ("NL", "nl"),
    ("NO", "nb"),
    ("PL", "pl"),
    ("PT", "pt-PT"),
    ("RO", "ro"),
    ("RU", "ru"),
    ("SK", "sk"),
    ("SL", "sl"),
    ("SV", "sv"),
    ("TH", "th"),
    ("TR", "tr"),
    ("TW", "zh-TW"),
    ("UK", "uk"),
];

/// Editions of Windows 8 and later; `C` for clients, and `S` for servers.
const CLIENTS: Codes = &[
    ("CCSA", ""),
    ("CCSNA", "N editions"),
    ("CCPA", "Consumer Preview"),
    ("CCCOMA", "Consumer editions"),
    ("CCOMA", "Consumer editions"),
    ("CPBA", "Business editions"),
    ("CPRA", "Pro"),
    ("CPRNA", "Pro N"),
    ("CENA", "Enterprise"),
    ("CENNA", "Enterprise N"),
    ("CEDA", "Education"),
    ("CEDNA", "Education N"),
    ("CES", "Enterprise LTSC or LTSB"),
    ("CESE", "Enterprise LTSC or LTSB"),
    ("CESN", "Enterprise N LTSC or LTSB"),
    ("CESNN", "Enterprise N LTSC or LTSB"),
];
const SERVERS: Codes = &[
    ("SSS", "Standard and Datacenter"),
    ("SSSO", "Essentials"),
    ("SESS", "Essentials"),
    ("SHV", "Hyper-V Server"),
    ("SFST", ""),
];

/// Editions of Windows 7 and Vista.
const SEVEN: Codes = &[
    ("UL", "Ultimate"),
    ("PR", "Professional"),
    ("HP", "Home Premium"),
    ("HB", "Home Basic"),
    ("ST", "Starter"),
    ("EN", "Enterprise"),
    ("NUL", "Ultimate N"),
    ("NPR", "Professional N"),
    ("NHP", "Home Premium N"),
    ("NST", "Starter N"),
    ("NEN", "Enterprise N"),
];
const VISTA: Codes = &[("B", "Business"), ("E", "Enterprise")];
const OLD_CLIENTS: Codes = &[
    ("P", "Professional"),
    ("H", "Home"),
    ("HK", "Home K"),
    ("HKN", "Home KN"),
    ("PK", "Professional K"),
    ("PKN", "Professional KN"),
];
const OLD_SERVERS: Codes =
    &[("S", "Standard"), ("E", "Enterprise"), ("W", "Web"), ("D", "Datacenter"), ("H", "Hyper-V Server")];
const TWO_THOUSAND: Codes = &[("P", "Professional"), ("S", "Server"), ("A", "Advanced Server")];

macro_rules! modern {
    ($front:literal, $letter:literal) => {
        concat!(
            "^",
            $front,
            "(?<edition>",
            $letter,
            "[A-Z]{2,5})_(?<architecture>X64|X86|A64|ARM64)(?<channel>FRE[EVOR]?|CHK[EV]?)",
            "(?:_(?<language>[A-Z]{2,3}(?:-[A-Z]{2,4}){1,2}))?(?:_DV[59D])?$"
        )
    };
}

/// The conventions. Most codes are among those that osinfo-db 20221130 knows; not `CPBA`, `CPRA` behind `J_`, `IR_`, `A64`,
/// `EVAL`, `ESD-ISO` and the names of Windows 95 and 98. It does not tell what endings such as `FREE` mean, nor which service
/// pack the front stands for. None of them was held against a real disc.
const RULES: [Rule; 30] = [
    Rule::new(modern!("(?:HRM|HB1)_", "C"), "Windows 8", CLIENTS),
    Rule::new(modern!("(?:HRM|HB1)_", "S"), "Windows Server 2012", SERVERS),
    Rule::new(modern!("IR[M1-5]?_", "C"), "Windows 8.1", CLIENTS),
    Rule::new(modern!("IR[M1-5]?_", "S"), "Windows Server 2012 R2", SERVERS),
    Rule::new(modern!("J_", "C"), "Windows 10", CLIENTS),
    Rule::new(modern!("J_", "S"), "Windows Server 2016", SERVERS),
    Rule::new(modern!("", "C"), "Windows 10 or 11", CLIENTS),
    Rule::new(modern!("", "S"), "Windows Server 2016 or later", SERVERS),
    // What the Media Creation Tool writes.
    Rule::new("^ESD[-_]ISO$", "Windows 10 or 11", &[]),
    Rule::old(
        "^GRMC(?<edition>N?(?:UL|PR|HP|HB|ST|EN))?(?<architecture>X)?(?<channel>FRE[RO]?|VOL|CHK|EVAL)_(?<language>[A-Z]{2,3})_DVD$",
        "Windows 7",
        None,
        SEVEN,
    ),
    Rule::old(
        "^GSP1RMC(?<edition>N?(?:UL|PR|HP|HB|ST|EN))?(?<architecture>X)?(?<channel>FRE[RO]?|VOL|CHK|EVAL)_(?<language>[A-Z]{2,3})_DVD$",
        "Windows 7",
        Some("SP1"),
        SEVEN,
    ),
    Rule::old(
        "^G(?:SP1)?RMS(?<edition>H)?(?<architecture>X|IAI)(?<channel>FRE[RO]?|VOL|CHK|EVAL)_(?<language>[A-Z]{2,3})_DVD$",
        "Windows Server 2008 R2",
        None,
        OLD_SERVERS,
    ),
    Rule::old(
        "^(?:FB1|LRM|FRTM|FRM)(?<edition>[BE])?C?(?<architecture>X)?(?<channel>VOL|FRE|CHK)_(?<language>[A-Z]{2,3})(?:_DVD)?$",
        "Windows Vista",
        None,
        VISTA,
    ),
    Rule::old(
        "^KR(?:TM|M)(?:S|(?<edition>W))(?<architecture>X)?(?<channel>VOL|FRE|CHK)_(?<language>[A-Z]{2,3})(?:_DVD)?$",
        "Windows Server 2008",
        None,
        OLD_SERVERS,
    ),
    Rule::old(
        "^WX(?<edition>[PH])(?<channel>FPP|CCP|OEM|VOL|EVL)_(?<language>[A-Z]{2,3})$",
        "Windows XP",
        None,
        OLD_CLIENTS,
    ),
    Rule::old(
        "^XRM(?<edition>[PH])(?<channel>FPP|CCP|OEM|VOL)_(?<language>[A-Z]{2,3})$",
        "Windows XP",
        Some("SP1"),
        OLD_CLIENTS,
    ),
    Rule::old(
        "^X1A(?<edition>[PH])(?<channel>FPP|CCP|OEM|VOL)_(?<language>[A-Z]{2,3})$",
        "Windows XP",
        Some("SP1a"),
        OLD_CLIENTS,
    ),
    Rule::old(
        "^V(?:RM|X2)(?<edition>[PH])(?:RM)?(?<channel>FPP|CCP|OEM|VOL)_(?<language>[A-Z]{2,3})$",
        "Windows XP",
        Some("SP2"),
        OLD_CLIENTS,
    ),
    Rule::old(
        "^GRTM(?<edition>(?:PKN|PK|P|HKN|HK|H))?(?:RM)?(?<channel>FPP|CCP|OEM|VOL|UPD)_(?<language>[A-Z]{2,3})$",
        "Windows XP",
        Some("SP3"),
        OLD_CLIENTS,
    ),
    Rule::old(
        "^A(?:RM|X2)(?<edition>P)(?<architecture>X)C?(?<channel>FPP|CCP|OEM|VOL)_(?<language>[A-Z]{2,3})$",
        "Windows XP",
        None,
        OLD_CLIENTS,
    ),
    Rule::old(
        "^(?:CRM|BX2)(?<edition>[SED])(?<architecture>X)?(?<channel>FPP)_(?<language>[A-Z]{2,3})$",
        "Windows Server 2003 R2",
        None,
        OLD_SERVERS,
    ),
    Rule::old(
        "^(?:ARM|NRM|CRM|BRM|BX2)(?<edition>[SEWD])(?<architecture>X|I)?(?<channel>FPP|CCP|OEM|VOL|CHK|E?EVL)_(?<language>[A-Z]{2,3})$",
        "Windows Server 2003",
        None,
        OLD_SERVERS,
    ),
    Rule::old(
        "^W2(?<edition>[PSA])(?<channel>FPP|CCP|OEM|SEL)_(?<language>[A-Z]{2,3})$",
        "Windows 2000",
        None,
        TWO_THOUSAND,
    ),
    Rule::old(
        "^SP1(?<edition>[PSA])(?<channel>FPP|CCP|OEM|SEL)_(?<language>[A-Z]{2,3})$",
        "Windows 2000",
        Some("SP1"),
        TWO_THOUSAND,
    ),
    Rule::old(
        "^SP2(?<edition>[PSA])(?<channel>FPP|CCP|OEM|SEL)_(?<language>[A-Z]{2,3})$",
        "Windows 2000",
        Some("SP2"),
        TWO_THOUSAND,
    ),
    Rule::old(
        "^YRM(?<edition>[PSA])(?<channel>FPP|CCP|OEM|SEL)_(?<language>[A-Z]{2,3})$",
        "Windows 2000",
        Some("SP3"),
        TWO_THOUSAND,
    ),
    Rule::old(
        "^ZRM(?<edition>[PSA])(?<channel>FPP|CCP|OEM|SEL)_(?<language>[A-Z]{2,3})$",
        "Windows 2000",
        Some("SP4"),
        TWO_THOUSAND,
    ),
    Rule::old("^WIN(?:DOWS)?[_ ]?98[_ ]?SE$", "Windows 98 Second Edition", None, &[]),
    Rule::old("^WIN(?:DOWS)?[_ ]?98$", "Windows 98", None, &[]),
    Rule::old("^WIN(?:DOWS)?[_ ]?95(?:[_ ]?OSR[0-9.]*)?$", "Windows 95", None, &[]),
];

impl Rule {
    const fn new(pattern: &'static str, product: &'static str, editions: Codes) -> Self {
        Self { pattern, product, service_pack: None, editions, architecture: None }
    }

    /// Of a time when what was not said was x86.
    const fn old(
        pattern: &'static str,
        product: &'static str,
        service_pack: Option<&'static str>,
        editions: Codes,
    ) -> Self {
        Self { pattern, product, service_pack, editions, architecture: Some("x86") }
    }

    fn read(&self, found: &Captures<'_>) -> Option<VolumeGuess> {
        let code = |group| found.name(group).map(|found| found.as_str());
        let edition = match code("edition") {
            // A code that is not known is no such identifier.
            Some(code) => Some(look_up(self.editions, code)?).filter(|edition| !edition.is_empty()),
            None => None,
        };
        let channel = code("channel").unwrap_or_default();
        // Of the discs of one edition that comes for evaluation only.
        let is_evaluation = code("edition") == Some("CESE");
        Some(VolumeGuess {
            product: self.product,
            service_pack: self.service_pack,
            edition,
            architecture: code("architecture").and_then(|code| look_up(ARCHITECTURES, code)).or(self.architecture),
            language: code("language").and_then(language),
            channel: if is_evaluation { Some("Evaluation") } else { look_up(CHANNELS, channel) },
            is_checked: channel.starts_with("CHK"),
        })
    }
}

fn look_up(codes: Codes, code: &str) -> Option<&'static str> {
    codes.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning)
}

/// A tag in its usual case, or one of the old codes.
fn language(code: &str) -> Option<String> {
    if !code.contains('-') {
        return look_up(LANGUAGES, code).map(str::to_owned);
    }
    Some(tag(code))
}

/// A language tag in its usual case (RFC 5646 §2.1.1), such as `sr-Latn-RS`.
pub(super) fn tag(text: &str) -> String {
    let subtags = text.split('-').enumerate().map(|(at, subtag)| {
        let lower = subtag.to_ascii_lowercase();
        match lower.len() {
            2 if at > 0 => subtag.to_ascii_uppercase(),
            4 if at > 0 => lower.chars().take(1).map(|c| c.to_ascii_uppercase()).chain(lower.chars().skip(1)).collect(),
            _ => lower,
        }
    });
    subtags.collect::<Vec<_>>().join("-")
}

/// What a volume identifier stands for; `None` when it is none that Microsoft gives.
pub fn read(id: &str) -> Option<VolumeGuess> {
    /// Characters of the longest identifier that is looked at.
    const LONGEST: usize = 64;
    static PATTERNS: LazyLock<Vec<(Regex, &'static Rule)>> = LazyLock::new(|| {
        let compiled = RULES.iter().map(|rule| Some((Regex::new(rule.pattern).ok()?, rule)));
        compiled.flatten().collect()
    });
    let id = id.trim().to_ascii_uppercase();
    if id.len() > LONGEST {
        return None;
    }
    PATTERNS.iter().find_map(|(pattern, rule)| rule.read(&pattern.captures(&id)?))
}
