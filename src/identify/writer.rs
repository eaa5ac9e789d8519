//! Which program wrote an image, and what it was told, as far as the image shows.

use super::claim::{Claim, Evidence, Subject};
use super::fields::{self, Fields, Files};
use super::probe::{Probe, told};
use super::words;
use crate::disc::boot::el_torito::Platform;
use crate::disc::detect::DESCRIPTORS;
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::read_up_to;
use crate::disc::tree::TreeKind;
use crate::disc::{Extent, Image, Result, limits};

/// How programs name themselves in the application or data preparer identifier, in capitals as far as it is letters,
/// and how they are called. What stands behind the name and is written like a version is added to it.
const PROGRAMS: [(&str, &str); 50] = [
    ("XORRISO-", "xorriso"),
    ("GNU XORRISO", "xorriso"),
    ("LIBISOFS-", "libisofs"),
    ("GENISOIMAGE", "genisoimage"),
    ("MKISOFS", "mkisofs"),
    ("MKHYBRID", "mkhybrid"),
    ("CDIMAGE", "CDIMAGE (oscdimg)"),
    ("OSCDIMG", "oscdimg"),
    ("IMGBURN", "ImgBurn"),
    ("NERO", "Nero Burning ROM"),
    ("ULTRAISO", "UltraISO"),
    ("POWERISO", "PowerISO"),
    ("MAGICISO", "MagicISO"),
    ("WINISO", "WinISO"),
    ("ANYBURN", "AnyBurn"),
    ("ALCOHOL", "Alcohol"),
    ("CDBURNERXP", "CDBurnerXP"),
    ("ASHAMPOO", "Ashampoo Burning Studio"),
    ("INFRARECORDER", "InfraRecorder"),
    ("BURNAWARE", "BurnAware"),
    ("DEEPBURNER", "DeepBurner"),
    ("STARBURN", "StarBurn"),
    ("ADAPTEC EASY CD CREATOR", "Easy CD Creator"),
    ("EASY CD CREATOR", "Easy CD Creator"),
    ("EASY CD-DA", "Easy CD"),
    ("TOAST ISO 9660 BUILDER", "Toast"),
    ("ROXIO", "Roxio"),
    ("CEQUADRAT", "CeQuadrat WinOnCD"),
    ("WINONCD", "WinOnCD"),
    ("INSTANTDISC", "Pinnacle InstantCD/DVD"),
    ("NTI ", "NTI CD & DVD-Maker"),
    ("SONIC", "Sonic"),
    ("GEAR", "GEAR"),
    ("HDIUTIL", "hdiutil"),
    ("APPLE COMPUTER, INC., TYPE: 0002", "hdiutil"),
    ("APPLE COMPUTER, INC", "hdiutil"),
    ("K3B", "K3b"),
    ("BRASERO", "Brasero"),
    ("PYCDLIB", "pycdlib"),
    ("GROWISOFS", "growisofs"),
    ("MAKEFS", "makefs"),
    ("LIVE-BUILD", "live-build"),
    ("PREPARED BY MKARCHISO", "mkarchiso"),
    ("PREPARED BY MANJARO-TOOLS", "manjaro-tools"),
    ("KIWI", "KIWI"),
    ("PRODUCT COMPOSER", "Product Composer"),
    ("LORAX", "Lorax"),
    ("PUNGI", "Pungi"),
    ("CDGEN", "CD-ROM Generator"),
    ("PREMASTERED BY", "Premastering software"),
];

/// Who wrote a UDF volume names himself in its descriptors (ECMA-167 1/7.4).
const UDF_WRITERS: [(&str, &str); 13] = [
    ("*Linux UDFFS", "mkudffs"),
    ("*Linux mkudffs", "mkudffs"),
    ("*Microsoft CDIMAGE UDF", "CDIMAGE (oscdimg)"),
    ("*Microsoft Windows", "Windows"),
    ("*Microsoft IMAPI", "Windows (IMAPI)"),
    ("*Apple Mac OS X", "macOS"),
    ("*Ahead Nero", "Nero Burning ROM"),
    ("*Nero", "Nero Burning ROM"),
    ("*Roxio", "Roxio"),
    ("*Adaptec", "Adaptec DirectCD"),
    ("*genisoimage", "genisoimage"),
    ("*mkisofs", "mkisofs"),
    ("*NetBSD", "NetBSD"),
];

/// Files in which Debian's tools keep what they told the program that wrote the image, and what kind of disc it is.
const NOTED: [&str; 4] = [".disk/mkisofs", ".disk/mkisofs.conf", ".disk/mkisofs_options", ".disk/cd_type"];

/// What names, descriptors and files say of the program and its options. The only error is to be cancelled.
pub fn claims(probe: &Probe, fields: &Fields, files: &dyn Files) -> Result<Vec<Claim>> {
    let mut claims = version_block(probe)?;
    claims.extend(by_names(fields));
    claims.extend(by_udf(probe.image()));
    for path in NOTED {
        if let Some(text) = files.text(path, limits::IDENTITY_TEXT)? {
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let options = fields::cut(&words, limits::IDENTITY_FIELD);
            if !options.is_empty() {
                claims.push(Claim::stated(Subject::Options, options, Evidence::file(path, options)));
            }
        }
    }
    claims.extend(by_structures(probe.image()));
    Ok(claims)
}

/// The programs that the data preparer and application identifiers name.
pub fn by_names(fields: &Fields) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    let named = [("Data preparer identifier", &fields.preparer), ("Application identifier", &fields.application)];
    for (name, text) in named {
        let Some(value) = program(text) else { continue };
        claims.push(Claim::stated(Subject::WrittenBy, value, Evidence::field(name, text)));
    }
    // It writes nothing but the system.
    if claims.is_empty() && fields.system == "NetBSD" && fields.application.is_empty() {
        claims.push(Claim::guess(Subject::WrittenBy, "makefs", Evidence::field("System identifier", &fields.system)));
    }
    claims
}

/// The program that an identifier names, with its version.
fn program(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    let (name, at) = PROGRAMS.iter().find_map(|(wanted, name)| {
        let at = upper.find(wanted).filter(|at| {
            // Not a piece of another word.
            !upper.get(..*at).and_then(|before| before.chars().next_back()).is_some_and(char::is_alphanumeric)
        })?;
        Some((*name, at.saturating_add(wanted.len())))
    })?;
    let behind = text.get(at..).unwrap_or_default();
    // Years and dates behind a name are those of its copyright.
    let is_release = |word: &&str| words::is_version(word) && word.contains('.') && word.len() < 16;
    let trim = |word: &'_ str| {
        word.trim_matches(|c: char| !c.is_ascii_alphanumeric()).trim_start_matches(['v', 'V']).to_owned()
    };
    let version = behind.split_whitespace().take(4).map(trim).find(|word| is_release(&word.as_str()));
    Some(match version {
        Some(version) => format!("{name} {version}"),
        None => name.to_owned(),
    })
}

/// The programs that the descriptors of UDF name.
fn by_udf(image: &Image) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    for group in image.details() {
        for field in group.fields.iter().filter(|field| field.label == "Implementation identifier") {
            let found = UDF_WRITERS.iter().find(|(start, _)| field.value.starts_with(start));
            let Some((_, name)) = found.filter(|(_, name)| !claims.iter().any(|claim| claim.value == *name)) else {
                continue;
            };
            let source = format!("{} of UDF", field.label);
            claims.push(Claim::stated(Subject::WrittenBy, *name, Evidence::field(&source, &field.value)));
        }
    }
    claims
}

/// Blocks behind the last volume descriptor in which the version block is looked for.
const BLOCKS: usize = 17;

/// The version block of mkisofs, behind the last volume descriptor: `MKI `, the time, and behind the end of that line the
/// program and what it was told. genisoimage leaves it empty unless it is to help finding errors (`ISODEBUG`).
fn version_block(probe: &Probe) -> Result<Vec<Claim>> {
    let source = probe.image().source();
    let length = SECTOR_SIZE.saturating_mul(40);
    let blocks = told(read_up_to(source.as_ref(), Extent::new(DESCRIPTORS, length)))?.unwrap_or_default();
    let size = usize::try_from(SECTOR_SIZE).unwrap_or(2048);
    let behind = blocks.chunks(size).skip_while(|block| !block.starts_with(b"\xffCD001")).skip(1).take(BLOCKS);
    let text = behind.filter_map(|block| block.strip_prefix(b"MKI ")).next().map(|text| {
        let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
        String::from_utf8_lossy(text.get(..end).unwrap_or_default()).into_owned()
    });
    Ok(text.map(|text| version_lines(&text)).unwrap_or_default())
}

/// What a version block says behind its mark.
fn version_lines(text: &str) -> Vec<Claim> {
    let said = |says: &str| Evidence::field("Version block", says);
    let Some((time, command)) = text.split_once('\n') else { return Vec::new() };
    let command = fields::cut(command.trim(), limits::IDENTITY_FIELD);
    let (name, rest) = command.split_once(' ').unwrap_or((command, ""));
    let (version, options) = rest.split_once(' ').unwrap_or((rest, ""));
    if name.is_empty() || !words::is_version(version) {
        return Vec::new();
    }
    let mut claims = vec![Claim::stated(Subject::WrittenBy, format!("{name} {version}"), said(command))];
    if !options.trim().is_empty() {
        claims.push(Claim::stated(Subject::Options, options.trim(), said(command)));
    }
    if let Some(date) = words::date_of_c(time) {
        claims.push(Claim::stated(Subject::Made, date, said(time)));
    }
    claims
}

/// What follows from the structures that are there.
fn by_structures(image: &Image) -> Vec<Claim> {
    let mut parts: Vec<String> = Vec::new();
    for kind in TreeKind::ALL {
        // FAT is in boot images, and plain ISO 9660 is what all of them have.
        let is_option = !matches!(kind, TreeKind::Fat | TreeKind::Iso9660);
        if is_option && image.tree(kind).is_some() {
            parts.push(kind.label().to_owned());
        }
    }
    let mut platforms: Vec<String> = Vec::new();
    for platform in image.boot_images().iter().map(|boot| boot.platform) {
        let label = Platform::label(platform);
        if !platforms.contains(&label) && platforms.len() < 8 {
            platforms.push(label);
        }
    }
    if !platforms.is_empty() {
        parts.push(format!("El Torito for {}", platforms.join(" and ")));
    }
    let is_iso = image.trees().iter().any(|tree| tree.kind().is_iso9660());
    if is_iso && !image.partitions().is_empty() {
        parts.push("a partition table for sticks (isohybrid)".to_owned());
    }
    if parts.is_empty() {
        return Vec::new();
    }
    let options = parts.join(", ");
    vec![Claim::guess(Subject::Options, options.clone(), Evidence::field("Structures of the disc", &options))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_name_themselves_in_many_ways() {
        for (text, expected) in [
            ("XORRISO-1.5.6 2023.06.07.180001, LIBISOBURN-1.5.6, LIBISOFS-1.5.6, LIBBURN-1.5.6", "xorriso 1.5.6"),
            ("GENISOIMAGE ISO 9660/HFS FILESYSTEM CREATOR (C) 1993 E.YOUNGDALE (C) 1997-2006", "genisoimage"),
            ("MKISOFS ISO9660/HFS/UDF FILESYSTEM BUILDER & CDRECORD CD/DVD/BluRay CREATOR (C) 1993", "mkisofs"),
            ("CDIMAGE 2.56 (01/01/2005 TM)", "CDIMAGE (oscdimg) 2.56"),
            ("IMGBURN V2.5.8.0 - THE ULTIMATE IMAGE BURNER!", "ImgBurn 2.5.8.0"),
            ("NERO - BURNING ROM", "Nero Burning ROM"),
            ("NERO___BURNING_ROM", "Nero Burning ROM"),
            ("ULTRAISO V9.7 CD & DVD CREATOR, (C)", "UltraISO 9.7"),
            ("TOAST ISO 9660 BUILDER COPYRIGHT (C) 1997-2012 ROXIO", "Toast"),
            ("APPLE COMPUTER, INC., TYPE: 0002", "hdiutil"),
            ("K3B THE CD KREATOR (C) 1998-2018 SEBASTIAN TRUEG", "K3b"),
            ("BRASERO-3.12.3", "Brasero 3.12.3"),
            ("KIWI - HTTPS://GITHUB.COM/OSINSIDE/KIWI", "KIWI"),
        ] {
            assert_eq!(program(text).as_deref(), Some(expected), "{text}");
        }
        for nothing in ["", "Debian Live", "ENGINEERS", "DINERO", "\u{feff}\u{202e}"] {
            assert_eq!(program(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn the_version_block_tells_the_command() {
        let text = "Sat Feb 10 11:03:21 2024\nmkisofs 2.01.01a03 -o disc.iso -R -J folder";
        let told: Vec<_> = version_lines(text).into_iter().map(|claim| (claim.subject, claim.value)).collect();
        assert_eq!(
            told,
            [
                (Subject::WrittenBy, "mkisofs 2.01.01a03".to_owned()),
                (Subject::Options, "-o disc.iso -R -J folder".to_owned()),
                (Subject::Made, "2024-02-10".to_owned()),
            ]
        );
        for nothing in ["", "Sat Feb 10 11:03:21 2024", "\n", "\nmkisofs", "a\nb c d"] {
            assert_eq!(version_lines(nothing), [], "{nothing:?}");
        }
    }
}
