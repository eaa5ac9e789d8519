//! Discs that look like those of Windows, with archives that wimlib makes: which editions they are told to hold, and what
//! else is worth knowing of them.
#![cfg(unix)]

use std::path::Path;
use std::sync::Arc;

use crate::support::sources::{CancelAfter, FailingSource, memory};
use crate::support::{discs, peers};
use isoscope::disc::{Image, Source};
use isoscope::identify::windows::{self, WindowsMedia};
use isoscope::identify::{Certainty, Probe, Subject};

/// An image to be captured: its name, and the end of each property's path below `WINDOWS` with its value.
struct Edition<'a> {
    name: &'a str,
    id: &'a str,
    kind: &'a str,
    architecture: u32,
    version: [u32; 4],
    languages: &'a [&'a str],
}

const PRO: Edition<'_> = Edition {
    name: "Windows 11 Pro",
    id: "Professional",
    kind: "Client",
    architecture: 9,
    version: [10, 0, 26_100, 1742],
    languages: &["en-US"],
};

const SETUP: Edition<'_> = Edition { name: "Microsoft Windows Setup (x64)", id: "WindowsPE", kind: "WindowsPE", ..PRO };

/// An archive of these images.
fn archive(folder: &Path, options: &[&str], editions: &[Edition<'_>]) -> Vec<u8> {
    let scratch = tempfile::tempdir_in(folder).unwrap();
    std::fs::create_dir(scratch.path().join("files")).unwrap();
    std::fs::write(scratch.path().join("files/a.bin"), crate::support::rng::Rng::new(5).bytes(50_000)).unwrap();
    for (number, edition) in editions.iter().enumerate() {
        let [major, minor, build, revision] = edition.version;
        let mut properties = vec![
            format!("DISPLAYNAME={}", edition.name),
            format!("WINDOWS/ARCH={}", edition.architecture),
            format!("WINDOWS/EDITIONID={}", edition.id),
            format!("WINDOWS/INSTALLATIONTYPE={}", edition.kind),
            format!("WINDOWS/VERSION/MAJOR={major}"),
            format!("WINDOWS/VERSION/MINOR={minor}"),
            format!("WINDOWS/VERSION/BUILD={build}"),
            format!("WINDOWS/VERSION/SPBUILD={revision}"),
        ];
        for (at, language) in edition.languages.iter().enumerate() {
            properties.push(format!("WINDOWS/LANGUAGES/LANGUAGE[{}]={language}", at + 1));
        }
        let properties: Vec<String> = properties.iter().map(|it| format!("--image-property={it}")).collect();
        let (verb, options) = if number == 0 { ("capture", options) } else { ("append", &[][..]) };
        let name = format!("{} {number}", edition.name);
        let arguments = [verb, "files", "made.wim", &name].into_iter().chain(options.iter().copied());
        let arguments: Vec<&str> = arguments.chain(properties.iter().map(String::as_str)).collect();
        peers::run(scratch.path(), "wimlib-imagex", &arguments);
    }
    std::fs::read(scratch.path().join("made.wim")).unwrap()
}

/// What is told of a disc with this name and these files.
fn told(folder: &Path, id: &str, files: &[(&str, Vec<u8>)]) -> Option<WindowsMedia> {
    let scratch = tempfile::tempdir_in(folder).unwrap();
    let disc = discs::disc(scratch.path(), "disc", files, &["-V", id]);
    let image = Image::open(memory(&disc)).unwrap();
    windows::read(&Probe::new(&image)).unwrap()
}

/// The claims of one subject: what is said, and whether the disc states it.
fn said(media: &WindowsMedia, subject: Subject) -> Vec<(String, bool)> {
    let claims = media.claims().into_iter().filter(|claim| claim.subject == subject);
    claims.map(|claim| (claim.value, claim.certainty == Certainty::Stated)).collect()
}

/// Fails unless exactly these things are stated.
fn stated(media: &WindowsMedia, subject: Subject, values: &[&str]) {
    let expected: Vec<_> = values.iter().map(|value| ((*value).to_owned(), true)).collect();
    assert_eq!(said(media, subject), expected, "{subject:?}: {:?}", media.notes);
}

/// Fails unless exactly these things are guessed, and nothing stated.
fn guessed(media: &WindowsMedia, subject: Subject, values: &[&str]) {
    let expected: Vec<_> = values.iter().map(|value| ((*value).to_owned(), false)).collect();
    assert_eq!(said(media, subject), expected, "{subject:?}: {:?}", media.notes);
}

fn noted(media: &WindowsMedia, part: &str) -> bool {
    media.notes.iter().any(|note| note.contains(part))
}

#[test]
fn every_edition_of_a_disc_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let editions = [
        Edition { name: "Windows 11 Home", id: "Core", ..PRO },
        PRO,
        Edition { name: "Windows 11 Enterprise N LTSC", id: "EnterpriseSN", ..PRO },
        Edition { name: "Windows 11 Enterprise Evaluation", id: "EnterpriseEval", ..PRO },
    ];
    let files = [
        ("sources/install.wim", archive(folder, &["--compress=LZX"], &editions)),
        ("sources/boot.wim", archive(folder, &["--compress=LZX"], &[SETUP, SETUP])),
        ("setup.exe", b"MZ".to_vec()),
    ];
    let media = told(folder, "CCCOMA_X64FRE_EN-US_DV9", &files).unwrap();
    assert_eq!(media.images.len(), 6);
    assert_eq!(media.editions().map(|image| image.index).collect::<Vec<_>>(), [1, 2, 3, 4]);
    stated(&media, Subject::Product, &["Windows 11"]);
    stated(&media, Subject::Version, &["24H2 (build 26100.1742)"]);
    stated(&media, Subject::Edition, &["Home", "Pro", "Enterprise N LTSC 2024", "Enterprise Evaluation"]);
    stated(&media, Subject::Architecture, &["x64"]);
    stated(&media, Subject::Language, &["en-US"]);
    stated(&media, Subject::Kind, &["Operating system installer"]);
    assert_eq!(said(&media, Subject::Made).len(), 1);
    assert_eq!((media.notes.len(), media.name_agrees), (0, Some(true)), "{:?}", media.notes);
    let evidence = media.claims().into_iter().find(|claim| claim.value == "Pro").unwrap().evidence;
    assert_eq!((evidence.source.as_str(), evidence.is_path), ("sources/install.wim", true));
    assert_eq!(evidence.says, "Image 2: Windows 11 Pro, edition Professional, build 26100.1742");
    let json = serde_json::to_value(&media).unwrap();
    assert_eq!(json["images"][1]["edition"], "Pro");
    assert_eq!(json["images"][1]["build"], "26100.1742");
    assert_eq!(json["archives"][0]["compression"], "lzx");
    // The same in UDF, as Microsoft writes it.
    let disc = discs::udf(folder, &files);
    let image = Image::open(memory(&disc)).unwrap();
    let probe = Probe::new(&image);
    let on_udf = windows::read(&probe).unwrap().unwrap();
    assert!(probe.bytes_read() < 100_000, "{} bytes of {} were read", probe.bytes_read(), disc.len());
    assert_eq!(
        on_udf.images.iter().map(|image| &image.edition).collect::<Vec<_>>(),
        media.images.iter().map(|image| &image.edition).collect::<Vec<_>>()
    );
}

#[test]
fn products_are_called_as_people_call_them() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = |id, kind, version| Edition { name: "Server", id, kind, version, ..PRO };
    let editions = [
        Edition { version: [10, 0, 19_041, 2006], ..PRO },
        Edition { version: [10, 0, 22_000, 318], ..PRO },
        Edition { version: [6, 3, 9600, 17_053], ..PRO },
        Edition { version: [6, 1, 7601, 17_514], id: "Ultimate", ..PRO },
        Edition { version: [6, 0, 6002, 18_005], id: "HomePremium", ..PRO },
        Edition { version: [10, 0, 29_000, 1], ..PRO },
        server("ServerStandard", "Server Core", [10, 0, 20_348, 587]),
        server("ServerDatacenter", "Server", [10, 0, 26_100, 1742]),
        server("ServerHyperCore", "Server Core", [10, 0, 17_763, 557]),
        server("ServerSolution", "Server", [6, 3, 9600, 16_384]),
        server("ServerStandard", "Server", [10, 0, 30_000, 0]),
    ];
    let media = told(folder, "TEST", &[("sources/install.wim", archive(folder, &[], &editions))]).unwrap();
    let rows: Vec<_> = media
        .images
        .iter()
        .map(|image| {
            let (product, edition) = (image.product.as_deref().unwrap(), image.edition.as_deref().unwrap_or("-"));
            (product, image.release.as_str(), edition)
        })
        .collect();
    let expected = [
        ("Windows 10", "2004", "Pro"),
        ("Windows 11", "21H2", "Pro"),
        ("Windows 8.1", "", "Pro"),
        ("Windows 7", "SP1", "Ultimate"),
        ("Windows Vista", "SP2", "Home Premium"),
        ("Windows 11", "", "Pro"),
        ("Windows Server 2022", "", "Standard (Server Core)"),
        ("Windows Server 2025", "", "Datacenter"),
        ("Hyper-V Server 2019", "", "-"),
        ("Windows Server 2012 R2", "", "Essentials"),
        ("Windows Server", "", "Standard"),
    ];
    assert_eq!(rows, expected);
    // Four versions have this build in their archives.
    assert_eq!(said(&media, Subject::Version)[0].0, "2004 to 22H2 (build 19041.2006)");
    assert!(noted(&media, "says build 19041, which later versions have in their archives too"), "{:?}", media.notes);
}

/// A program with nothing but a version.
fn program(version: [u16; 4]) -> Vec<u8> {
    let [major, minor, build, revision] = version;
    let mut bytes = b"MZ".repeat(3000);
    bytes.extend(b"\xbd\x04\xef\xfe\x00\x00\x01\x00");
    [minor, major, revision, build].into_iter().for_each(|part| bytes.extend(part.to_le_bytes()));
    bytes.extend([0; 400]);
    bytes
}

#[test]
fn what_setup_says_is_held_against_the_archive() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let install = archive(folder, &[], &[Edition { version: [10, 0, 22_621, 2428], ..PRO }]);
    let stale = [("sources/install.wim", install.clone()), ("sources/setup.exe", program([10, 0, 22_631, 2428]))];
    let media = told(folder, "TEST", &stale).unwrap();
    stated(&media, Subject::Version, &["23H2 (build 22631.2428)"]);
    assert!(noted(&media, "says build 22621, and “sources/setup.exe” build 22631"), "{:?}", media.notes);
    let branch = b"[BUILDINFO]\r\nBuildBranch=ni_release_svc_refresh\r\nBuildArch=amd64\r\n".to_vec();
    let same = [("sources/install.wim", install.clone()), ("sources/idwbinfo.txt", branch)];
    let media = told(folder, "TEST", &same).unwrap();
    stated(&media, Subject::Version, &["22H2 to 23H2 (build 22621.2428)"]);
    assert_eq!(media.settings.builds[0].build, 22_621);
    let other = [("sources/install.wim", install), ("sources/setup.exe", program([10, 0, 19_041, 1]))];
    let media = told(folder, "TEST", &other).unwrap();
    assert!(
        noted(&media, "“sources/setup.exe” is of build 19041, and the editions beside it of build 22621"),
        "{:?}",
        media.notes
    );
    // No archive that can be read: what is left are guesses.
    let alone = [
        ("sources/install.wim", b"MSWIM\0\0\0 but no more".to_vec()),
        ("sources/setup.exe", program([10, 0, 26_100, 1])),
    ];
    let media = told(folder, "CPBA_X64FRE_DE-DE_DV9", &alone).unwrap();
    guessed(&media, Subject::Product, &["Windows 11"]);
    guessed(&media, Subject::Version, &["24H2 (build 26100)"]);
    guessed(&media, Subject::Edition, &["Business editions"]);
    guessed(&media, Subject::Language, &["de-DE"]);
    assert!(noted(&media, "The editions in “sources/install.wim” cannot be read"), "{:?}", media.notes);
}

#[test]
fn names_that_say_something_else_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let install = [("SOURCES/INSTALL.WIM", archive(folder, &[], &[PRO]))];
    let media = told(folder, "GSP1RMCULXFRER_EN_DVD", &install).unwrap();
    assert_eq!(said(&media, Subject::Product), [("Windows 11".to_owned(), true), ("Windows 7".to_owned(), false)]);
    assert!(noted(&media, "stands for Windows 7, and it holds Windows 11"), "{:?}", media.notes);
    let media = told(folder, "CCCOMA_A64FRE_FR-FR_DV9", &install).unwrap();
    assert_eq!(said(&media, Subject::Architecture), [("x64".to_owned(), true), ("arm64".to_owned(), false)]);
    assert_eq!(said(&media, Subject::Language), [("en-US".to_owned(), true), ("fr-FR".to_owned(), false)]);
    assert!(noted(&media, "stands for arm64, and it is for x64"), "{:?}", media.notes);
    assert_eq!(media.name_agrees, Some(false));
    assert_eq!(told(folder, "CCCOMA_X64FRE_FR-FR_DV9", &install).unwrap().name_agrees, Some(false));
    assert_eq!(told(folder, "WINDOWS", &install).unwrap().name_agrees, None);
    assert_eq!(media.images[0].file, "SOURCES/INSTALL.WIM");
}

#[test]
fn discs_for_several_processors_and_split_archives_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let small = Edition { architecture: 0, languages: &["de-DE"], version: [10, 0, 19_045, 2965], ..PRO };
    let wide = Edition { architecture: 9, ..Edition { languages: &["de-DE"], version: [10, 0, 19_045, 2965], ..PRO } };
    let files = [
        ("x86/sources/install.esd", archive(folder, &["--solid"], &[small])),
        ("x64/sources/install.esd", archive(folder, &["--solid"], &[wide])),
    ];
    let media = told(folder, "ESD-ISO", &files).unwrap();
    stated(&media, Subject::Architecture, &["x64", "x86"]);
    stated(&media, Subject::Version, &["22H2 (build 19045.2965)"]);
    stated(&media, Subject::Language, &["de-DE"]);
    assert!(noted(&media, "“x64/sources/install.esd” is in packed solid form (ESD)"), "{:?}", media.notes);

    std::fs::write(folder.join("whole.wim"), archive(folder, &["--compress=none"], &[PRO])).unwrap();
    peers::run(folder, "wimlib-imagex", &["split", "whole.wim", "install.swm", "0.04"]);
    let part = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let parts = [("sources/install.swm", part("install.swm")), ("sources/install2.swm", part("install2.swm"))];
    let media = told(folder, "TEST", &parts).unwrap();
    assert_eq!((media.archives.len(), media.images.len(), media.archives[1].part), (2, 1, 2));
    assert!(noted(&media, "is split into 2 parts, as for a stick with FAT32"), "{:?}", media.notes);
    let media = told(folder, "TEST", &parts[..1]).unwrap();
    assert!(noted(&media, "is split into 2 parts, and part 2 of them is missing"), "{:?}", media.notes);
    stated(&media, Subject::Edition, &["Pro"]);
}

#[test]
fn answer_files_and_settings_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let answers = "<?xml version=\"1.0\" encoding=\"utf-8\"?><unattend xmlns=\"urn:schemas-microsoft-com:unattend\">\
        <settings pass=\"windowsPE\"><component name=\"Microsoft-Windows-Setup\"><DiskConfiguration><Disk>\
        <WillWipeDisk>true</WillWipeDisk></Disk></DiskConfiguration><UserData><ProductKey><Key>ABCDE</Key></ProductKey>\
        </UserData></component></settings></unattend>";
    let bomb = "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>";
    let files = [
        ("sources/install.wim", archive(folder, &[], &[PRO])),
        ("autounattend.xml", answers.as_bytes().to_vec()),
        ("sources/unattend.xml", bomb.as_bytes().to_vec()),
        ("sources/$OEM$/$1/tool.cmd", b"rem".to_vec()),
        ("sources/ei.cfg", b"[EditionID]\r\nProfessional\r\n[Channel]\r\nVolume\r\n[VL]\r\n1\r\n".to_vec()),
        ("sources/cversion.ini", b"[HostBuild]\r\nMinClient=7601.0\r\nMinServer=\r\n".to_vec()),
        ("sources/pid.txt", b"[PID]\r\nValue=ABCDE-ABCDE\r\n".to_vec()),
        (
            "sources/lang.ini",
            b"[Available UI Languages]\r\nen-US = 3\r\n[Fallback Languages]\r\nen-US = en-us\r\n".to_vec(),
        ),
    ];
    let media = told(folder, "TEST", &files).unwrap();
    for part in [
        "“autounattend.xml” answers the questions of Setup, which then runs by itself; it erases a disk without asking and holds a product key",
        "“sources/unattend.xml” holds answers that Setup uses when it is told to; it could not be looked into",
        "“sources/$OEM$” holds files that Setup copies",
        "Setup is told to install the edition Pro",
        "for the channel “Volume”",
        "A product key lies on the disc",
    ] {
        assert!(noted(&media, part), "{part}: {:#?}", media.notes);
    }
    assert!(!media.notes.iter().any(|note| note.contains("ABCDE") || note.ends_with('.')));
    assert_eq!(media.settings.languages, ["en-US"]);
    assert_eq!(media.settings.upgrades_from, [Some("7601.0".to_owned()), None]);
    // Without an archive that tells a language, that of Setup is told.
    let media = told(folder, "TEST", &files[7..]).unwrap_or_default();
    assert!(media.claims().is_empty());
    let broken = [("sources/install.wim", b"MSWIM\0\0\0".to_vec()), files[7].clone()];
    stated(&told(folder, "TEST", &broken).unwrap(), Subject::Language, &["en-US"]);
    // A disc with answers alone, as virtual machines are given.
    let media = told(folder, "OEMDRV", &files[1..2]).unwrap();
    guessed(&media, Subject::Kind, &["Answers for Windows Setup"]);
}

#[test]
fn discs_before_windows_vista_are_known_by_their_files() {
    let folder = tempfile::tempdir().unwrap();
    let empty = Vec::new;
    // A name and files; the product, editions, service packs and processor.
    type Row<'a> = (&'a str, &'a [&'a str], &'a str, &'a [&'a str], &'a [&'a str], &'a str);
    let rows: [Row<'_>; 9] = [
        (
            "GRTMPVOL_EN",
            &["WIN51", "WIN51IP", "WIN51IP.SP3", "I386/NTLDR"],
            "Windows XP",
            &["Professional"],
            &["SP3"],
            "x86",
        ),
        ("X", &["WIN51", "WIN51IC", "WIN51IC.SP2", "I386/NTLDR"], "Windows XP", &["Home"], &["SP2"], "x86"),
        ("X", &["WIN51", "WIN51AP", "AMD64/NTLDR"], "Windows XP", &["Professional"], &[], "x64"),
        ("X", &["WIN51", "WIN51IA", "WIN51IA.SP1", "I386/A"], "Windows Server 2003", &["Enterprise"], &["SP1"], "x86"),
        ("X", &["CDROM_NT.5", "CDROM_IP.5", "CDROMSP4.TST"], "Windows 2000", &["Professional"], &["SP4"], "x86"),
        ("X", &["CDROM_W.40", "I386/A"], "Windows NT 4.0", &["Workstation"], &[], "x86"),
        ("X", &["WIN98/SETUP.EXE", "SETUP.EXE"], "Windows 98", &[], &[], "x86"),
        ("X", &["win9x/setup.exe"], "Windows ME", &[], &[], "x86"),
        ("X", &["WIN95/SETUP.EXE"], "Windows 95", &[], &[], "x86"),
    ];
    for (id, paths, product, edition, version, architecture) in rows {
        let files: Vec<_> = paths.iter().map(|path| (*path, empty())).collect();
        let media = told(folder.path(), id, &files).unwrap();
        guessed(&media, Subject::Product, &[product]);
        guessed(&media, Subject::Edition, edition);
        guessed(&media, Subject::Version, version);
        guessed(&media, Subject::Architecture, &[architecture]);
    }
    let features = [("LanguagesAndOptionalFeatures/a.cab", empty())];
    guessed(&told(folder.path(), "X", &features).unwrap(), Subject::Kind, &["Languages and features for Windows"]);
    for other in
        [&["casper/vmlinuz", ".disk/info"][..], &["sources/a.txt", "setup.exe"], &["I386/A"], &["unattend.xml"]]
    {
        let files: Vec<_> = other.iter().map(|path| (*path, empty())).collect();
        assert_eq!(told(folder.path(), "Ubuntu", &files), None, "{other:?}");
    }
}

/// An archive that is only a header and this document.
fn bare(xml: &str) -> Vec<u8> {
    let xml: Vec<u8> = [0xfeff].into_iter().chain(xml.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let mut bytes = vec![0; 208];
    bytes[..16].copy_from_slice(b"MSWIM\0\0\0\xd0\0\0\0\x00\x0d\x01\0");
    bytes[40..44].copy_from_slice(&[1, 0, 1, 0]);
    bytes[72..80].copy_from_slice(&(xml.len() as u64).to_le_bytes());
    bytes[80..88].copy_from_slice(&208_u64.to_le_bytes());
    bytes.extend(xml);
    bytes
}

#[test]
fn hostile_descriptions_are_told_within_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let image = "<IMAGE INDEX=\"1\"><WINDOWS><EDITIONID>Core</EDITIONID><VERSION><BUILD>26100</BUILD></VERSION></WINDOWS></IMAGE>";
    let started = std::time::Instant::now();
    let told = |xml: &str| told(folder.path(), "TEST", &[("sources/install.wim", bare(xml))]).unwrap();
    let many = told(&format!("<WIM>{}</WIM>", image.repeat(60_000)));
    assert!(noted(&many, "has 59000 more editions than the 1000 that are told"), "{:?}", many.notes);
    stated(&many, Subject::Edition, &["Home"]);
    let bomb = told("<!DOCTYPE a [<!ENTITY b \"c\"><!ENTITY d \"&b;&b;\">]><WIM>&d;</WIM>");
    assert!(noted(&bomb, "has a document type definition"), "{:?}", bomb.notes);
    let deep = told(&format!("<WIM>{}{}{image}</WIM>", "<a>".repeat(100_000), "</a>".repeat(100_000)));
    stated(&deep, Subject::Edition, &["Home"]);
    let marks = told(
        &image.replace("Core", "\u{202e}exe").replace("<IMAGE", "<WIM><IMAGE").replace("</IMAGE>", "</IMAGE></WIM>"),
    );
    stated(&marks, Subject::Edition, &["\u{202e}exe"]);
    assert!(noted(&told("<WIM>"), "is not well-formed") && noted(&told(""), "is not well-formed"));
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}

#[test]
fn discs_that_only_start_windows_pe_are_no_installers() {
    let folder = tempfile::tempdir().unwrap();
    let pe = Edition { name: "Microsoft Windows PE (x64)", ..SETUP };
    let boot = ("sources/boot.wim", archive(folder.path(), &[], &[pe]));
    let media = told(folder.path(), "DVD_ROM", std::slice::from_ref(&boot)).unwrap();
    guessed(&media, Subject::Kind, &["System that runs from the disc (Windows PE)"]);
    guessed(&media, Subject::Product, &["Windows 11"]);
    let with_setup = [boot, ("sources/setup.exe", program([10, 0, 26_100, 1]))];
    let media = told(folder.path(), "DVD_ROM", &with_setup).unwrap();
    assert!(noted(&media, "no archive with an edition that it could install"), "{:?}", media.notes);
}

#[test]
fn a_read_that_fails_hides_something_and_only_to_be_cancelled_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("sources/install.wim", archive(folder.path(), &[], &[PRO])),
        ("sources/setup.exe", program([10, 0, 26_100, 1])),
        ("autounattend.xml", b"<unattend/>".to_vec()),
    ];
    let disc = discs::disc(folder.path(), "disc", &files, &["-V", "CCCOMA_X64FRE_EN-US_DV9"]);
    let image = Image::open(memory(&disc)).unwrap();
    let run = |source: Arc<dyn Source>| windows::read(&Probe::new(&image.with_source(&source)));
    let counter = FailingSource::new(memory(&disc), u64::MAX);
    let whole = run(counter.clone()).unwrap().unwrap();
    let reads = counter.reads();
    assert!((6..200).contains(&reads), "{reads} reads");
    let mut of_use = 0;
    for failing in 0..reads {
        let failed = run(FailingSource::new(memory(&disc), failing)).unwrap().unwrap();
        assert!(
            failed.images.is_empty() || failed.images == whole.images,
            "read {failing} made up {:?}",
            failed.images
        );
        of_use += u64::from(failed != whole);
        assert!(run(Arc::new(CancelAfter::new(memory(&disc), failing))).unwrap_err().is_cancelled(), "read {failing}");
    }
    assert!(of_use * 2 > reads, "of {reads} reads {of_use} were of use");
}
