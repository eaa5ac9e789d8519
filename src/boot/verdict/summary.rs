//! All verdicts in a sentence or two, for those who want to know no more.

use super::{Boots, Firmware, Medium, Verdict};
use crate::boot::report::BootReport;
use crate::disc::text;

/// What can be said in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Whether some PC starts it in some way.
    pub boots: Boots,
    /// Where it starts.
    pub sentence: String,
    /// How a stick is made from it; `None` where nothing can be said.
    pub stick: Option<String>,
}

/// The kinds of PCs: with a BIOS, with UEFI, and with UEFI whose Secure Boot is on.
type Pcs = [Boots; 3];

impl Summary {
    /// The verdicts in short.
    pub fn new(verdicts: &[Verdict], report: &BootReport) -> Self {
        let (disc, stick) = (pcs(verdicts, Medium::Optical), pcs(verdicts, Medium::Usb));
        let all = || disc.iter().chain(&stick);
        let boots = match () {
            () if all().any(|boots| *boots == Boots::Yes) => Boots::Yes,
            () if all().any(|boots| *boots == Boots::Unknown) => Boots::Unknown,
            () => Boots::No,
        };
        let unknown = || verdicts.iter().filter(|it| it.boots == Boots::Unknown && matches!(it.arch, "x86" | "x64"));
        let perhaps = if unknown().all(|verdict| verdict.depends) { "on some" } else { "perhaps" };
        let on = |pcs| on(pcs, perhaps);
        let sentence = match boots {
            Boots::No => "No PC starts it as it is".to_owned(),
            Boots::Unknown => "Whether a PC starts it cannot be told".to_owned(),
            Boots::Yes if disc == stick => format!("Starts {}, from a disc and from a stick", on(disc)),
            Boots::Yes if !disc.contains(&Boots::Yes) => format!("Starts from a stick only, {}", on(stick)),
            Boots::Yes if !stick.contains(&Boots::Yes) => format!("Starts from a disc only, {}", on(disc)),
            Boots::Yes => format!("Starts from a disc {}, from a stick {}", on(disc), on(stick)),
        };
        Self { boots, sentence, stick: advice(disc, stick, report) }
    }
}

fn pcs(verdicts: &[Verdict], medium: Medium) -> Pcs {
    let one = |firmware, secure_boot| {
        let mut found = verdicts.iter().filter(|verdict| verdict.firmware == firmware && verdict.medium == medium);
        let found = found.find(|verdict| {
            firmware == Firmware::Bios || (verdict.arch == "x64" && verdict.secure_boot == Some(secure_boot))
        });
        found.map_or(Boots::Unknown, |verdict| verdict.boots)
    };
    [one(Firmware::Bios, false), one(Firmware::Uefi, false), one(Firmware::Uefi, true)]
}

/// On which PCs, such as `on PCs with UEFI, but not with Secure Boot`.
fn on([bios, uefi, secure]: Pcs, perhaps: &str) -> String {
    let (sure, unsure) = match (bios, uefi, secure) {
        (Boots::Yes, Boots::Yes, Boots::Yes) => ("on all PCs", None),
        (Boots::Yes, Boots::Yes, Boots::No) => ("on all PCs whose Secure Boot is off", None),
        (Boots::Yes, Boots::Yes, Boots::Unknown) => ("on all PCs", Some("Secure Boot")),
        (Boots::Yes, Boots::No, _) => ("on PCs with a BIOS", None),
        (Boots::Yes, Boots::Unknown, _) => ("on PCs with a BIOS", Some("UEFI")),
        (_, Boots::Yes, Boots::Yes) => ("on PCs with UEFI", None),
        (_, Boots::Yes, Boots::No) => ("on PCs with UEFI whose Secure Boot is off", None),
        (_, Boots::Yes, Boots::Unknown) => ("on PCs with UEFI", Some("Secure Boot")),
        _ => ("on no PC", None),
    };
    unsure.map_or_else(|| sure.to_owned(), |unsure| format!("{sure}, with {unsure} {perhaps}"))
}

/// How a stick is made.
fn advice(disc: Pcs, stick: Pcs, report: &BootReport) -> Option<String> {
    if stick.contains(&Boots::Yes) {
        return Some("To make a stick, write the image to it as it is".to_owned());
    }
    let has_loader = report.programs.iter().any(|file| file.path.to_ascii_lowercase().starts_with("efi/boot/boot"));
    if !disc.contains(&Boots::Yes) && !has_loader {
        return None;
    }
    let copy = "To make a stick, use a tool that rebuilds the disc there: written as it is, it does not start";
    let Some((path, size)) = report.large_files.first() else { return Some(copy.to_owned()) };
    let more = report.large_files.len().saturating_sub(1);
    let others = if more == 0 { String::new() } else { format!(" and {more} more") };
    let path = text::display(path);
    Some(format!("{copy}. {path} ({}){others} is larger than FAT32 can hold: it must be split", text::size(*size)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(firmware: Firmware, medium: Medium, secure_boot: Option<bool>, boots: Boots) -> Verdict {
        let arch = if firmware == Firmware::Bios { "x86" } else { "x64" };
        Verdict { firmware, arch, medium, secure_boot, boots, depends: false, why: String::new(), evidence: Vec::new() }
    }

    fn summary(disc: Pcs, stick: Pcs) -> Summary {
        let verdicts: Vec<_> = [(Medium::Optical, disc), (Medium::Usb, stick)]
            .into_iter()
            .flat_map(|(medium, [bios, uefi, secure])| {
                [
                    verdict(Firmware::Bios, medium, None, bios),
                    verdict(Firmware::Uefi, medium, Some(false), uefi),
                    verdict(Firmware::Uefi, medium, Some(true), secure),
                ]
            })
            .collect();
        Summary::new(&verdicts, &BootReport::default())
    }

    #[test]
    fn the_sentence_says_where_it_starts_and_where_not() {
        use Boots::{No, Unknown, Yes};
        let cases = [
            ([Yes; 3], [Yes; 3], "Starts on all PCs, from a disc and from a stick"),
            (
                [Yes, Yes, No],
                [Yes, Yes, No],
                "Starts on all PCs whose Secure Boot is off, from a disc and from a stick",
            ),
            ([Yes; 3], [No; 3], "Starts from a disc only, on all PCs"),
            (
                [Yes, Yes, Unknown],
                [Yes, Yes, Unknown],
                "Starts on all PCs, with Secure Boot perhaps, from a disc and from a stick",
            ),
            ([No; 3], [No, Yes, Yes], "Starts from a stick only, on PCs with UEFI"),
            (
                [Yes, No, No],
                [Yes, Yes, No],
                "Starts from a disc on PCs with a BIOS, from a stick on all PCs whose Secure Boot is off",
            ),
            ([No, Unknown, No], [No; 3], "Whether a PC starts it cannot be told"),
            ([No; 3], [No; 3], "No PC starts it as it is"),
        ];
        for (disc, stick, expected) in cases {
            assert_eq!(summary(disc, stick).sentence, expected);
        }
    }

    #[test]
    fn where_computers_differ_it_starts_on_some() {
        let mut verdicts = vec![
            verdict(Firmware::Bios, Medium::Optical, None, Boots::Yes),
            verdict(Firmware::Uefi, Medium::Optical, Some(false), Boots::Yes),
            Verdict { depends: true, ..verdict(Firmware::Uefi, Medium::Optical, Some(true), Boots::Unknown) },
            verdict(Firmware::Bios, Medium::Usb, None, Boots::No),
            verdict(Firmware::Uefi, Medium::Usb, Some(false), Boots::No),
            verdict(Firmware::Uefi, Medium::Usb, Some(true), Boots::No),
        ];
        let sentence = |verdicts: &[Verdict]| Summary::new(verdicts, &BootReport::default()).sentence;
        assert_eq!(sentence(&verdicts), "Starts from a disc only, on all PCs, with Secure Boot on some");
        // What is unknown of other computers changes nothing, and what is of PCs does.
        verdicts.push(Verdict { arch: "aa64", ..verdict(Firmware::Uefi, Medium::Usb, Some(true), Boots::Unknown) });
        assert_eq!(sentence(&verdicts), "Starts from a disc only, on all PCs, with Secure Boot on some");
        verdicts[2].depends = false;
        assert_eq!(sentence(&verdicts), "Starts from a disc only, on all PCs, with Secure Boot perhaps");
    }

    #[test]
    fn a_stick_is_written_as_it_is_where_that_starts_and_rebuilt_where_only_the_disc_does() {
        use Boots::{No, Yes};
        let advice = |disc, stick| summary(disc, stick).stick;
        assert!(advice([Yes; 3], [No, Yes, No]).unwrap().contains("as it is"));
        assert!(advice([Yes; 3], [No; 3]).unwrap().contains("a tool that rebuilds"));
        assert_eq!(advice([No; 3], [No; 3]), None);
    }
}
