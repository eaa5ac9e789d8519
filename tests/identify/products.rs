//! What a disc is: facts about real products held against the rules, small discs of real programs, and hostile ones.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use isoscope::disc::source::MemorySource;
use isoscope::disc::{Image, Result};
use isoscope::identify::{Certainty, Claim, Fields, Files, Identity, Subject, osinfo, product_claims};

/// Files in memory, by their paths in small letters.
#[derive(Default)]
struct Listed(BTreeMap<String, String>);

impl Listed {
    fn with(path: &str, text: impl Into<String>) -> Self {
        Self(BTreeMap::from([(path.to_lowercase(), text.into())]))
    }
}

impl Files for Listed {
    fn exists(&self, path: &str) -> Result<bool> {
        let path = path.to_lowercase();
        let below = format!("{path}/");
        Ok(self.0.keys().any(|known| *known == path || known.starts_with(&below)))
    }

    fn text(&self, path: &str, limit: u64) -> Result<Option<String>> {
        let limit = usize::try_from(limit).unwrap();
        Ok(self.0.get(&path.to_lowercase()).map(|text| text.chars().take(limit).collect()))
    }

    fn names(&self, path: &str) -> Result<Vec<String>> {
        let below = if path.is_empty() { String::new() } else { format!("{}/", path.to_lowercase()) };
        let inside = self.0.keys().filter_map(|known| known.strip_prefix(&below)?.split('/').next());
        Ok(inside.map(str::to_owned).collect())
    }
}

fn identity(fields: &Fields, files: &Listed) -> Identity {
    Identity::from_claims(product_claims(fields, files).unwrap(), Vec::new())
}

/// A line of the table.
struct Row {
    line: usize,
    fields: Fields,
    files: Listed,
    expected: [String; 4],
}

fn table() -> Vec<Row> {
    // `\u{202e}` and `\x1b` stand for characters that an editor would not show.
    let plain =
        |text: &str| text.replace("\\u202e", "\u{202e}").replace("\\u2002", "\u{2002}").replace("\\x1b", "\u{1b}");
    let lines = include_str!("products.tsv").lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
    let rows = lines.map(|(at, line)| {
        let parts: Vec<String> = line.split('\t').map(plain).collect();
        assert_eq!(parts.len(), 9, "line {}", at + 1);
        let files = parts[4].split(';').filter(|file| !file.is_empty()).map(|file| {
            let (path, text) = file.split_once('=').unwrap_or((file, ""));
            (path.to_lowercase(), text.replace(" / ", "\n"))
        });
        let fields = Fields {
            volume: parts[0].clone(),
            system: parts[1].clone(),
            publisher: parts[2].clone(),
            application: parts[3].clone(),
            ..Fields::default()
        };
        let expected = [5, 6, 7, 8].map(|column: usize| parts[column].clone());
        Row { line: at + 1, fields, files: Listed(files.collect()), expected }
    });
    rows.collect()
}

fn value(identity: &Identity, subject: Subject) -> String {
    identity.best(subject).map(|claim| claim.value.clone()).unwrap_or_default()
}

#[test]
fn real_products_are_told_by_what_they_record() {
    let rows: Vec<_> = table().into_iter().filter(|row| !row.expected[0].is_empty()).collect();
    assert!(rows.len() >= 200, "{} products", rows.len());
    let mut wrong = Vec::new();
    for row in &rows {
        let told = identity(&row.fields, &row.files);
        let found =
            [Subject::Product, Subject::Version, Subject::Architecture, Subject::Kind].map(|it| value(&told, it));
        if found != row.expected {
            wrong.push(format!("line {}: {:?} is {found:?}, not {:?}", row.line, row.fields.volume, row.expected));
        }
        let others: Vec<_> = told.all(Subject::Product).skip(1).map(|claim| &claim.value).collect();
        if !others.is_empty() {
            wrong.push(format!("line {}: {:?} is also {others:?}", row.line, row.fields.volume));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn what_is_no_product_is_not_taken_for_one() {
    let rows: Vec<_> = table().into_iter().filter(|row| row.expected[0].is_empty()).collect();
    assert!(rows.len() >= 40, "{} cases", rows.len());
    let mut wrong = Vec::new();
    for row in &rows {
        let told = identity(&row.fields, &row.files);
        let stated = |claim: &&Claim| claim.certainty == Certainty::Stated || claim.subject == Subject::Product;
        let claims: Vec<_> = told.claims.iter().filter(stated).collect();
        if !claims.is_empty() {
            wrong.push(format!("line {}: {:?} is {:?}", row.line, row.fields.volume, claims[0]));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn every_name_alone_tells_no_more_than_a_guess() {
    for row in table() {
        let told = identity(&row.fields, &Listed::default());
        assert!(told.claims.iter().all(|claim| claim.certainty == Certainty::Guess), "line {}", row.line);
    }
}

/// Runs a program that must be installed.
fn run(folder: &Path, program: &str, arguments: &[&str]) {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC")
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{program} does not run ({error}). tests/run installs what the tests need."));
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Files in a folder of their own.
fn disc(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join("disc").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn open(path: &Path) -> Image {
    Image::open(Arc::new(MemorySource::new(std::fs::read(path).unwrap()))).unwrap()
}

/// The disc that xorriso makes of `files` with `options`.
fn xorriso(files: &[(&str, &str)], options: &[&str]) -> Image {
    let folder = disc(files);
    let arguments = [&["-as", "mkisofs", "-r", "-J", "-o", "disc.iso"], options, &["disc"]].concat();
    run(folder.path(), "xorriso", &arguments);
    open(&folder.path().join("disc.iso"))
}

fn genisoimage(files: &[(&str, &str)], options: &[&str]) -> Image {
    let folder = disc(files);
    run(folder.path(), "genisoimage", &[&["-quiet", "-o", "disc.iso"], options, &["disc"]].concat());
    open(&folder.path().join("disc.iso"))
}

const DEBIAN: &str = "Debian GNU/Linux 12.5.0 \"Bookworm\" - Official amd64 NETINST with firmware 20240210-11:27\n";

#[test]
fn a_disc_of_debian_says_what_it_is() {
    let image =
        xorriso(&[(".disk/info", DEBIAN), (".disk/cd_type", "not_complete\n")], &["-V", "Debian 12.5.0 amd64 n"]);
    let told = Identity::read(&image).unwrap();
    assert_eq!(told.title().as_deref(), Some("Debian 12.5.0 netinst (amd64)"));
    let product = told.best(Subject::Product).unwrap();
    assert_eq!((product.certainty, product.evidence.source.as_str()), (Certainty::Stated, ".disk/info"));
    assert_eq!(told.all(Subject::Product).count(), 1);
    assert_eq!(value(&told, Subject::Codename), "Bookworm");
    assert_eq!(value(&told, Subject::Kind), "Operating system installer");
    assert_eq!(value(&told, Subject::Made), "2024-02-10");
    assert!(value(&told, Subject::WrittenBy).starts_with("xorriso 1."), "{:?}", told.best(Subject::WrittenBy));
    let options: Vec<_> = told.all(Subject::Options).map(|claim| claim.value.as_str()).collect();
    assert_eq!(options, ["not_complete", "Rock Ridge, Joliet"]);
}

#[test]
fn the_plain_tree_tells_as_much_as_one_with_long_names() {
    let image = genisoimage(&[(".disk/info", DEBIAN)], &["-l", "-V", "whatever"]);
    let told = Identity::read(&image).unwrap();
    // Dots at the beginning are not allowed there, so the file has another name, and only its name is left.
    assert_eq!(told.best(Subject::Product), None);
    let image = genisoimage(&[(".disk/info", DEBIAN)], &["-r", "-V", "Ubuntu 24.04 LTS amd64"]);
    let told = Identity::read(&image).unwrap();
    assert_eq!(told.title().as_deref(), Some("Debian 12.5.0 netinst (amd64)"));
    // What contradicts it stays.
    let products: Vec<_> = told.all(Subject::Product).map(|claim| (claim.value.as_str(), claim.certainty)).collect();
    assert_eq!(products, [("Debian", Certainty::Stated), ("Ubuntu", Certainty::Guess)]);
    assert_eq!(value(&told, Subject::WrittenBy), "genisoimage");
}

#[test]
fn files_of_many_makers_are_found_on_a_disc() {
    let treeinfo = "[general]\nfamily = Rocky Linux\nname = Rocky Linux 9.3\nversion = 9.3\narch = x86_64\n\
                    [tree]\nbuild_timestamp = 1699922200\narch = x86_64\n";
    for (files, options, title) in [
        (
            &[(".treeinfo", treeinfo), (".discinfo", "1699922200.0\nRocky Linux 9.3\nx86_64\n")][..],
            &["-V", "Rocky-9-3-x86_64-dvd"][..],
            "Rocky Linux 9.3 DVD (x86_64)",
        ),
        (&[("arch/version", "2024.02.01\n")], &["-V", "ARCH_202402"], "Arch Linux 2024.02.01"),
        (
            &[(".alpine-release", "alpine-virt-3.19.1 240126\n")],
            &["-V", "alpine-virt 3.19.1 x86"],
            "Alpine Linux 3.19.1 virt (x86)",
        ),
        (&[("VIDEO_TS/VIDEO_TS.IFO", "DVDVIDEO-VMG")], &["-V", "FILM"], "DVD-Video"),
        (&[("user-data", "#cloud-config\n"), ("meta-data", "")], &["-V", "cidata"], "cloud-init NoCloud"),
        (
            &[("SYSTEM.CNF", "BOOT2 = cdrom0:\\SLUS_203.12;1\r\nVER = 1.00\r\n")],
            &["-V", "GAME"],
            "PlayStation 2 game SLUS-20312",
        ),
        (&[("boot/grub/grub.cfg", "menuentry 'Install Debian' {\n}\n")], &["-V", "mine"], "Debian"),
        (&[("etc/os-release", "NAME=\"Void\"\nVERSION_ID=1\n")], &["-V", "mine"], "Void Linux 1"),
    ] {
        let told = Identity::read(&xorriso(files, options)).unwrap();
        assert_eq!(told.title().as_deref(), Some(title), "{told:#?}");
    }
    let several = [("boot/grub/grub.cfg", "menuentry 'Debian' {\n}\nmenuentry 'Fedora' {\n}\n")];
    assert_eq!(Identity::read(&xorriso(&several, &["-V", "mine"])).unwrap().title(), None);
}

#[test]
fn a_console_is_told_by_the_first_bytes_of_its_disc() {
    let dreamcast = "SEGA SEGAKATANA SEGA ENTERPRISES6D5F GD-ROM1/1  JUE     E000F10 T-9507N   V1.00319991130  ";
    let saturn = "SEGA SEGASATURN SEGA ENTERPRISESMK-81022  V1.00019960823CD-1/1  U               ";
    for (header, title, made) in [
        (dreamcast, "Dreamcast game 1.003 T-9507N", "1999-11-30"),
        (saturn, "Sega Saturn game 1.000 MK-81022", "1996-08-23"),
    ] {
        let folder = disc(&[("1ST_READ.BIN", "x")]);
        let mut area = header.as_bytes().to_vec();
        area.resize(32 << 10, 0);
        std::fs::write(folder.path().join("area"), area).unwrap();
        run(folder.path(), "xorriso", &["-as", "mkisofs", "-G", "area", "-V", "GAME", "-o", "disc.iso", "disc"]);
        let told = Identity::read(&open(&folder.path().join("disc.iso"))).unwrap();
        assert_eq!(told.title().as_deref(), Some(title), "{told:#?}");
        assert!(told.all(Subject::Made).any(|claim| claim.value == made), "{told:#?}");
    }
}

#[test]
fn names_in_capitals_are_the_same_files() {
    let image =
        genisoimage(&[("video_ts/video_ts.ifo", "DVDVIDEO-VMG"), ("video_ts/video_ts.vob", "x")], &["-V", "FILM"]);
    let told = Identity::read(&image).unwrap();
    assert_eq!((told.title().as_deref(), value(&told, Subject::Kind).as_str()), (Some("DVD-Video"), "Video"));
}

#[test]
fn programs_that_write_udf_and_other_discs_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let empty = std::fs::File::create(folder.path().join("disc.udf")).unwrap();
    empty.set_len(6_000_000).unwrap();
    run(folder.path(), "mkudffs", &["--utf8", "--label=BACKUP", "disc.udf"]);
    let told = Identity::read(&open(&folder.path().join("disc.udf"))).unwrap();
    assert_eq!(value(&told, Subject::WrittenBy), "mkudffs");
    assert_eq!(told.title(), None);
    let folder = disc(&[("a.txt", "a")]);
    run(folder.path(), "makefs", &["-t", "cd9660", "-o", "rockridge", "disc.iso", "disc"]);
    let told = Identity::read(&open(&folder.path().join("disc.iso"))).unwrap();
    let program = told.best(Subject::WrittenBy).unwrap();
    assert_eq!((program.value.as_str(), program.certainty), ("makefs", Certainty::Guess));
    let bridge = genisoimage(&[("a.txt", "a")], &["-udf", "-V", "BACKUP"]);
    let told = Identity::read(&bridge).unwrap();
    let programs: Vec<_> = told.all(Subject::WrittenBy).map(|claim| claim.value.as_str()).collect();
    assert_eq!(programs, ["genisoimage"]);
    assert_eq!(value(&told, Subject::Options), "UDF");
}

#[test]
fn the_command_that_genisoimage_was_given_is_told_where_it_is_recorded() {
    let folder = disc(&[("a.txt", "a")]);
    let arguments = ["ISODEBUG=1", "genisoimage", "-quiet", "-o", "disc.iso", "-R", "-J", "-V", "BACKUP", "disc"];
    run(folder.path(), "env", &arguments);
    let told = Identity::read(&open(&folder.path().join("disc.iso"))).unwrap();
    assert!(value(&told, Subject::WrittenBy).starts_with("genisoimage 1."), "{told:#?}");
    assert_eq!(value(&told, Subject::Options), "-quiet -o disc.iso -R -J -V BACKUP disc");
    let evidence = &told.best(Subject::Options).unwrap().evidence;
    assert_eq!((evidence.source.as_str(), evidence.is_path), ("Version block", false));
}

#[test]
fn dates_that_cannot_be_right_are_told() {
    let dated = |date: &str| {
        let image = xorriso(&[("a.txt", "a")], &["-V", "mine", &format!("--modification-date={date}")]);
        Identity::read(&image).unwrap()
    };
    let told = dated("2024021011032100");
    assert_eq!((value(&told, Subject::Made).get(..10), told.notes.len()), (Some("2024-02-10"), 0));
    for (date, reason) in [
        ("1980010100000000", "time of DOS"),
        ("1970010100000000", "time of Unix"),
        ("2199010100000000", "in the future"),
    ] {
        let told = dated(date);
        assert!(told.notes.iter().any(|note| note.contains(reason)), "{date}: {:?}", told.notes);
    }
}

#[test]
fn hostile_names_and_files_cost_little() {
    let odd: String = "\u{202e}Debian\0\u{1b}(((\u{fffd}".chars().cycle().take(32 << 10).collect();
    let fields = Fields {
        volume: odd.clone(),
        system: odd.clone(),
        publisher: odd.clone(),
        preparer: odd.clone(),
        application: odd.clone(),
        start: odd,
    };
    let limit = Duration::from_secs(3);
    for files in [
        Listed::default(),
        Listed::with(".disk/info", "\"a - 1 ".repeat(2_000_000)),
        Listed::with(".treeinfo", "[general]\nname = x 1\n".repeat(1_000_000)),
        Listed::with("etc/os-release", "NAME=a\nVERSION_ID=b\n".repeat(500_000)),
        Listed::with("boot/grub/grub.cfg", "menuentry 'Debian Debian Debian Debian' {\n".repeat(200_000)),
        Listed::with("SYSTEM.CNF", "BOOT2 = cdrom0:\\".repeat(100_000)),
    ] {
        let started = Instant::now();
        let told = identity(&fields, &files);
        let taken = started.elapsed();
        assert!(taken < limit, "{taken:?} for {:?}", files.0.keys());
        assert!(told.claims.len() <= 200, "{} claims", told.claims.len());
        assert!(told.claims.iter().all(|claim| claim.value.len() <= 1024), "a claim is too long");
    }
}

#[test]
fn a_second_look_at_a_disc_takes_milliseconds() {
    let image =
        xorriso(&[(".disk/info", DEBIAN), ("casper/filesystem.squashfs", "")], &["-V", "Debian 12.5.0 amd64 n"]);
    let first = Instant::now();
    Identity::read(&image).unwrap();
    let (first, again) = (first.elapsed(), Instant::now());
    for _ in 0..10 {
        Identity::read(&image).unwrap();
    }
    let again = again.elapsed() / 10;
    println!("the first look takes {first:?}, each one after it {again:?}");
    assert!(first < Duration::from_secs(2) && again < Duration::from_millis(300), "{first:?}, {again:?}");
}

#[test]
fn a_database_of_the_computer_is_asked_of_what_the_disc_does_not_state() {
    let folder = Path::new(osinfo::FOLDER);
    if !folder.join("os").is_dir() {
        assert!(std::env::var_os("CI").is_none(), "osinfo-db is missing. tests/run installs what the tests need.");
        println!("Skipped: there is no {}", folder.display());
        return;
    }
    let image = xorriso(&[("a.txt", "a")], &["-V", "Fedora-WS-Live-37-1-7"]);
    let mut told = Identity::read(&image).unwrap();
    let own = told.claims.clone();
    let started = Instant::now();
    told.add_osinfo(folder, &image);
    println!("the database takes {:?}", started.elapsed());
    assert_eq!(told.title().as_deref(), Some("Fedora 37 Workstation (x86_64)"));
    assert!(own.iter().all(|claim| told.claims.contains(claim)), "what the disc says itself stays");
    let is_asked = |identity: &Identity| identity.claims.iter().any(|claim| claim.evidence.source.contains("osinfo"));
    assert!(is_asked(&told), "{told:#?}");
    // What no rule knows.
    let image = xorriso(&[("a.txt", "a")], &["-V", "FXPDVD1"]);
    assert_eq!(Identity::read(&image).unwrap().title(), None);
    let started = Instant::now();
    let told = Identity::read_and_ask(&image).unwrap();
    println!("with the database it takes {:?}", started.elapsed());
    assert_eq!(told.title().as_deref(), Some("Freenix 14.2 (x86_64)"));
    assert!(
        told.claims
            .iter()
            .all(|claim| claim.certainty == Certainty::Guess || !claim.evidence.source.contains("osinfo"))
    );
    // Discs for several processors have this name.
    let told = Identity::read_and_ask(&xorriso(&[("a.txt", "a")], &["-V", "GUIX_IMAGE"])).unwrap();
    assert!(told.best(Subject::Version).is_some() && told.best(Subject::Architecture).is_none(), "{told:#?}");
    let stated = [(
        ".disk/info",
        "Debian GNU/Linux 12.5.0 \"Bookworm\" - Official amd64 NETINST with firmware 20240210-11:27\n",
    )];
    let image = xorriso(&stated, &["-V", "FXPDVD1"]);
    assert!(!is_asked(&Identity::read_and_ask(&image).unwrap()));
}
