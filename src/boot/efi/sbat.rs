//! Generations of a program and its parts, by which old ones are revoked all at once (`SBAT.md` of shim).

use crate::disc::bytes::Fields;
use crate::disc::{Diagnostics, Result, limits, text};

const SBAT: &str = ".sbat section";
const LEVEL: &str = ".sbatlevel section";

/// One component of a program: a line of its section `.sbat`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SbatEntry {
    /// Which component, such as `grub` or `grub.debian`.
    pub component: String,
    /// Its generation: raised with every repair that all older ones lack.
    pub generation: u32,
    /// Who made it.
    pub vendor: String,
    /// The package.
    pub package: String,
    /// The version of the package.
    pub version: String,
    /// Where to read about it.
    pub url: String,
}

/// The components of a program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sbat {
    /// In the order of the section. The first one is `sbat` itself.
    pub entries: Vec<SbatEntry>,
}

impl Sbat {
    /// Reads the bytes of a section `.sbat`, which stand at the absolute byte `offset`. Lines that are none are complaints.
    pub fn parse(bytes: &[u8], offset: u64, diagnostics: &mut Diagnostics) -> Self {
        let mut entries = Vec::new();
        for (at, line) in lines(bytes) {
            let offset = offset.saturating_add(at);
            if entries.len() >= limits::SBAT_ENTRIES {
                diagnostics.warning(SBAT, offset, "The section lists more components than Isoscope reads");
                break;
            }
            let mut fields = line.split(',').map(|field| text::display(field).into_owned());
            let mut next = || fields.next().unwrap_or_default();
            let (component, generation) = (next(), next());
            match generation.parse() {
                Ok(generation) => entries.push(SbatEntry {
                    component,
                    generation,
                    vendor: next(),
                    package: next(),
                    version: next(),
                    url: fields.collect::<Vec<_>>().join(","),
                }),
                Err(_) => {
                    let message = format!("The generation of the component {component} is no number");
                    diagnostics.warning(SBAT, offset, message);
                }
            }
        }
        Self { entries }
    }

    /// The entry of a component.
    pub fn component(&self, name: &str) -> Option<&SbatEntry> {
        self.entries.iter().find(|entry| entry.component == name)
    }
}

/// Minimum generations: what shim keeps in the variable `SbatLevel` of the firmware.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SbatLevel {
    /// The date of the list, as `YYYYMMDDnn`; empty when there is none.
    pub datestamp: String,
    /// Components with the lowest generation that is not revoked.
    pub minimums: Vec<(String, u32)>,
}

impl SbatLevel {
    /// Reads lines such as `sbat,1,2025051000` and `grub,5`. Lines that start with `#` are comments. Lines that are none are
    /// passed over.
    pub fn parse(bytes: &[u8]) -> Self {
        let mut level = Self::default();
        for (_, line) in lines(bytes).take(limits::SBAT_ENTRIES).filter(|(_, line)| !line.starts_with('#')) {
            let mut fields = line.split(',').map(|field| text::display(field).into_owned());
            let (Some(component), Some(generation)) = (fields.next(), fields.next()) else { continue };
            let Ok(generation) = generation.parse() else { continue };
            if component == "sbat" {
                level.datestamp = fields.next().unwrap_or_default();
            }
            level.minimums.push((component, generation));
        }
        level
    }

    /// The datestamp as a date, such as `2025-05-10`; `None` when it is none.
    pub fn date(&self) -> Option<String> {
        let digits = self.datestamp.bytes().all(|byte| byte.is_ascii_digit());
        let part = |range| self.datestamp.get(range).filter(|_| digits);
        Some(format!("{}-{}-{}", part(0..4)?, part(4..6)?, part(6..8)?))
    }
}

/// The lists that a shim brings along for the firmware (section `.sbatlevel`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SbatLevels {
    /// The list that it stores by itself.
    pub automatic: SbatLevel,
    /// The newest list, stored when its owner asks for it.
    pub latest: SbatLevel,
}

impl SbatLevels {
    /// Reads the bytes of a section `.sbatlevel`, which stand at the absolute byte `offset`: a version of 4 bytes, and two
    /// offsets of 4 bytes, counted from behind the version.
    ///
    /// # Errors
    /// `Damaged` when the section is too short.
    pub fn parse(bytes: &[u8], offset: u64, diagnostics: &mut Diagnostics) -> Result<Self> {
        let fields = Fields::new(bytes, offset, LEVEL);
        let version = fields.le32(0)?;
        if version != 0 {
            diagnostics.warning(
                LEVEL,
                offset,
                format!("The section has version {version}, which Isoscope does not know"),
            );
        }
        let list = |at| -> Result<SbatLevel> {
            let start = usize::try_from(fields.le32(at)?).unwrap_or(usize::MAX).saturating_add(4);
            // `bytes` gives the error for lists that start behind the end.
            fields.bytes(start, 1)?;
            Ok(SbatLevel::parse(bytes.get(start..).unwrap_or_default()))
        };
        Ok(Self { automatic: list(4)?, latest: list(8)? })
    }
}

/// The lines up to the first zero, each with its offset.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (u64, String)> {
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    let mut at = 0_u64;
    let lines = text.split(|byte| *byte == b'\n').map(move |line| {
        let start = at;
        at = at.saturating_add(line.len() as u64).saturating_add(1);
        (start, text::utf8(line).text.trim().to_owned())
    });
    lines.filter(|(_, line)| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_read_and_lines_that_are_none_are_told() {
        let bytes = b"sbat,1,SBAT Version,sbat,1,https://x/SBAT.md\ngrub,5,FSF,grub,2.06,https://a,b\r\nbad\ngrub.debian,x,\n\nz,4\n\0rest,1\n";
        let mut diagnostics = Diagnostics::default();
        let sbat = Sbat::parse(bytes, 100, &mut diagnostics);
        let names: Vec<_> = sbat.entries.iter().map(|entry| (entry.component.as_str(), entry.generation)).collect();
        assert_eq!(names, [("sbat", 1), ("grub", 5), ("z", 4)]);
        let grub = sbat.component("grub").unwrap();
        assert_eq!((grub.vendor.as_str(), grub.version.as_str(), grub.url.as_str()), ("FSF", "2.06", "https://a,b"));
        let offsets: Vec<_> = diagnostics.items().iter().map(|item| item.offset).collect();
        assert_eq!(offsets, [179, 183]);
    }

    #[test]
    fn a_level_has_a_date_and_minimums() {
        let level = SbatLevel::parse(b"# comment\nsbat,1,2025051000\nshim,4\ngrub,5\nnonsense\n");
        assert_eq!(level.date().unwrap(), "2025-05-10");
        assert_eq!(level.minimums, [("sbat".to_owned(), 1), ("shim".to_owned(), 4), ("grub".to_owned(), 5)]);
        assert_eq!(SbatLevel { datestamp: "x025051000".to_owned(), ..level }.date(), None);
        assert_eq!(SbatLevel::default().date(), None);
    }

    #[test]
    fn both_lists_of_a_shim_are_found_where_it_says() {
        let mut bytes = vec![0, 0, 0, 0, 8, 0, 0, 0, 16, 0, 0, 0];
        bytes.extend(b"shim,1\n\0grub,2\n\0");
        let levels = SbatLevels::parse(&bytes, 0, &mut Diagnostics::default()).unwrap();
        assert_eq!(levels.automatic.minimums, [("shim".to_owned(), 1)]);
        assert_eq!(levels.latest.minimums, [("grub".to_owned(), 2)]);
        bytes[8] = 200;
        assert_eq!(SbatLevels::parse(&bytes, 7, &mut Diagnostics::default()).unwrap_err().offset(), Some(7));
    }
}
