//! Real images that others made, when `ISOSCOPE_CORPUS` names the folder that holds them: every one opens or is
//! refused in a sentence, and those with ISO 9660 list what other readers agree on.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use crate::support::survey::{self, Survey};
use crate::support::{peers, sources};
use isoscope::disc::Severity;
use isoscope::disc::tree::{Kind, TreeKind};

/// Images where the expectation, made by a vote of other readers, differs from the standard, and why.
const EXPLAINED: &[(&str, &str)] =
    &[("libarchive--iso_zisofs.iso", "7zz and isoinfo give the packed size; cli.md wants what reading gives")];

fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("ISOSCOPE_CORPUS").filter(|value| !value.is_empty());
    if folder.is_none() {
        say("ISOSCOPE_CORPUS is not set: the images of others are not looked at");
    }
    folder.map(PathBuf::from)
}

/// Tells whoever runs the test with `--nocapture`.
#[expect(clippy::print_stdout, reason = "a test has nowhere else to say what it leaves out")]
fn say(text: &str) {
    println!("{text}");
}

fn images(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap().filter_map(|file| file.unwrap().file_name().into_string().ok());
    let mut names: Vec<_> = files.filter_map(|name| name.strip_suffix(".xz").map(str::to_owned)).collect();
    names.sort();
    assert!(!names.is_empty(), "{} holds no image", folder.display());
    names
}

fn unpack(folder: &Path, name: &str) -> Vec<u8> {
    peers::run(folder, "xz", &["-dc", &format!("{name}.xz")])
}

#[test]
fn every_image_opens_or_is_refused_in_a_sentence() {
    let Some(folder) = corpus() else { return };
    let mut failures = Vec::new();
    for name in images(&folder) {
        let source = sources::memory(&unpack(&folder, &name));
        match catch_unwind(AssertUnwindSafe(|| survey::exhaust(&source))) {
            Ok(_) => {}
            Err(_) => failures.push(format!("{name}: panic")),
        }
        if let Err(error) = isoscope::disc::Image::open(source) {
            let sentence = error.sentence();
            say(&format!("{name}: {sentence}"));
            let plain = sentence.len() > 10 && sentence.chars().next().is_some_and(char::is_uppercase);
            if !plain {
                failures.push(format!("{name}: refused with “{sentence}”"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Size and path of each file and link, as the expectations write them: links have no size, hard links that a reader
/// shows once have none either.
fn lines(survey: &Survey) -> BTreeSet<(u64, String)> {
    let listed = survey.rows.iter().filter(|(_, row)| row.kind != Kind::Folder);
    listed.map(|(path, row)| (row.size.unwrap_or(0), plain(path))).collect()
}

/// A path as all readers would write it: no `;1`, no full stop at the end, no doubled separators.
fn plain(path: &str) -> String {
    let components = path.split('/').filter(|component| !component.is_empty());
    let plain = components.map(|component| {
        let component = component.strip_suffix(";1").unwrap_or(component);
        component.strip_suffix('.').unwrap_or(component)
    });
    plain.collect::<Vec<_>>().join("/")
}

/// What an image should list, from its expectation file.
fn expected(text: &str) -> BTreeSet<(u64, String)> {
    let lines = text.lines().filter_map(|line| line.split_once('\t'));
    lines.map(|(size, path)| (size.parse().unwrap(), plain(path))).collect()
}

#[test]
fn images_with_iso_9660_list_what_other_readers_agree_on() {
    let Some(folder) = corpus() else { return };
    let (mut failures, mut compared) = (Vec::new(), 0);
    for name in images(&folder) {
        let Ok(text) = std::fs::read_to_string(folder.join(format!("expected/{name}.tsv"))) else { continue };
        let Ok(image) = survey::open(&unpack(&folder, &name)) else {
            failures.push(format!("{name} does not open"));
            continue;
        };
        compared += 1;
        let expected = expected(&text);
        let surveys: Vec<_> = image.trees().iter().map(|tree| (tree.kind(), survey::survey(tree))).collect();
        // Hard links: bsdtar gives a size to one of the names only.
        let alike = |survey: &Survey| {
            let lines = lines(survey);
            let paths =
                |lines: &BTreeSet<(u64, String)>| lines.iter().map(|(_, path)| path.clone()).collect::<BTreeSet<_>>();
            paths(&lines) == paths(&expected)
                && expected.iter().all(|line| {
                    lines.contains(line)
                        || (line.0 == 0 && lines.iter().any(|(size, path)| *path == line.1 && *size > 0))
                })
        };
        let unreadable = surveys.iter().flat_map(|(_, survey)| &survey.rows).find(|(_, row)| row.content.is_err());
        if let Some((path, row)) = unreadable {
            failures.push(format!("{name}: {path}: {:?}", row.content));
        }
        let explained = EXPLAINED.iter().any(|(explained, _)| *explained == name);
        if surveys.iter().any(|(_, survey)| alike(survey)) == explained {
            let (kind, first) = &surveys[0];
            let ours = lines(first);
            let (missing, extra): (Vec<_>, Vec<_>) =
                (expected.difference(&ours).collect(), ours.difference(&expected).collect());
            failures.push(format!("{name} ({kind:?}): missing {missing:?}\n  extra {extra:?}"));
        }
    }
    assert!(compared > 0, "nothing was compared");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What a UDF volume by others must list.
struct UdfSpecimen {
    image: &'static str,
    /// The revision, the bytes of a block, and the name, as udfinfo gives them.
    revision: &'static str,
    block: u32,
    volume: &'static str,
    files: Files,
}

/// Size and path of each file, or the program that can be asked.
enum Files {
    /// As udfclient lists them; 7zz opens none of these.
    Listed(&'static [(u64, &'static str)]),
    /// As 7zz lists and extracts them.
    SevenZip,
}

/// Volumes that the list of expectations knows nothing of, as no reader of ISO 9660 opens them.
const UDF: &[UdfSpecimen] = &[
    UdfSpecimen {
        image: "libcdio--udf102.iso",
        revision: "1.02",
        block: 2048,
        volume: "FéжΘvrier",
        files: Files::SevenZip,
    },
    UdfSpecimen {
        image: "util-linux--udf-bdr-2.60-nero.img",
        // Its integrity descriptor says that a reader of 2.50 is enough, which is what udfinfo gives.
        revision: "2.60",
        block: 2048,
        volume: "Label",
        files: Files::Listed(&[(0, "test.txt")]),
    },
    UdfSpecimen {
        image: "util-linux--udf-hdd-macosx-2.60-4096.img",
        revision: "2.60",
        block: 4096,
        volume: "Untitled UDF Volume",
        files: Files::Listed(&[]),
    },
    UdfSpecimen {
        image: "util-linux--udf-hdd-mkudffs-1.3-4.img",
        revision: "2.01",
        block: 1024,
        volume: "Label",
        files: Files::Listed(&[]),
    },
    UdfSpecimen {
        image: "util-linux--udf-hdd-win7.img",
        revision: "2.01",
        block: 512,
        volume: "My volume label",
        files: Files::Listed(&[]),
    },
    UdfSpecimen {
        image: "sevenzipjbinding--archive1.zip.150.udf",
        revision: "1.50",
        block: 2048,
        volume: "LinuxUDF",
        files: Files::SevenZip,
    },
    UdfSpecimen {
        image: "made--mk_cdr_0x0150.udf",
        revision: "1.50",
        block: 2048,
        volume: "Lcdr",
        files: Files::Listed(&[]),
    },
    UdfSpecimen {
        image: "made--p_mk_cdrw_0x0150.udf",
        revision: "1.50",
        block: 2048,
        volume: "Lcdrw",
        // udfclient leaves out the file that takes up what cannot be used (UDF 1.50 3.3.6.1), which is hidden.
        files: Files::Listed(&[
            (0, "Non-Allocatable Space"),
            (6, "hello.txt"),
            (228_894, "text.txt"),
            (300_000, "dir1/zeros.bin"),
        ]),
    },
    UdfSpecimen {
        image: "made--p_mk_hd_0x0200.udf",
        revision: "2.00",
        block: 512,
        volume: "Lhd",
        files: Files::Listed(&[(6, "hello.txt")]),
    },
    UdfSpecimen {
        image: "made--u_bluray250.iso",
        revision: "2.50",
        block: 2048,
        volume: "MYBD",
        files: Files::SevenZip,
    },
    UdfSpecimen {
        image: "made--y_windows_like_udf.iso",
        revision: "1.02",
        block: 2048,
        volume: "CCCOMA_X64FRE_EN-US_DV9",
        files: Files::SevenZip,
    },
    UdfSpecimen { image: "made--g_udf.iso", revision: "1.02", block: 2048, volume: "GUDF", files: Files::SevenZip },
    UdfSpecimen {
        image: "isolyzer--iso9660_udf_hfs.iso",
        revision: "1.02",
        block: 2048,
        volume: "UDF Bridge",
        files: Files::SevenZip,
    },
];

#[test]
fn images_with_udf_list_what_other_readers_agree_on() {
    let Some(folder) = corpus() else { return };
    let scratch = tempfile::tempdir().unwrap();
    let mut failures = Vec::new();
    for specimen in UDF {
        let name = specimen.image;
        let bytes = unpack(&folder, name);
        let image = survey::open(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let tree = image.tree(TreeKind::Udf).unwrap_or_else(|| panic!("{name} has no UDF tree"));
        let survey = survey::survey(tree);
        let system =
            image.file_systems().iter().find(|system| system.trees.iter().any(|tree| tree.kind() == TreeKind::Udf));
        let system = system.unwrap();
        let told = (system.formats.join(" "), system.volume.block_size, system.volume.id.as_str());
        if told != (format!("UDF {}", specimen.revision), specimen.block, specimen.volume) {
            failures.push(format!("{name}: {told:?}"));
        }
        let serious = image.diagnostics().items().iter().filter(|item| item.severity > Severity::Info);
        failures.extend(serious.map(|item| format!("{name}: {item}")));
        failures.extend(survey.all_said().into_iter().map(|(_, complaint)| format!("{name}: {complaint}")));
        let unreadable = survey.rows.iter().filter_map(|(path, row)| Some((path, row.content.as_ref().err()?)));
        failures.extend(unreadable.map(|(path, error)| format!("{name}: {path}: {error}")));
        match specimen.files {
            Files::Listed(files) => {
                let expected: BTreeSet<_> = files.iter().map(|(size, path)| (*size, (*path).to_owned())).collect();
                if lines(&survey) != expected {
                    failures.push(format!("{name}: {:?} instead of {expected:?}", lines(&survey)));
                }
            }
            Files::SevenZip => {
                let path = scratch.path().join("image");
                std::fs::write(&path, &bytes).unwrap();
                let theirs = peers::seven_zip(&path, TreeKind::Udf, &[], &scratch.path().join(name)).unwrap();
                let rows = survey.rows.into_iter().map(|(path, row)| {
                    let digest = row.content.ok().filter(|_| row.kind == Kind::File);
                    (path, peers::Seen { kind: row.kind, size: row.size, digest, target: None })
                });
                let ours: peers::Listing = rows.collect();
                if ours != theirs || ours.is_empty() {
                    failures.push(format!("{name}: {ours:?} is not {theirs:?}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// An image, its tree, and size and path of each file.
type HfsSpecimen = (&'static str, TreeKind, &'static [(u64, &'static str)]);

/// What the Macintosh's side of a disc must list: of HFS as hls of hfsutils does, which leaves out the invisible files of
/// the Finder, and of HFS+ as 7zz does. The names of `made--g_hfs.iso` are UTF-8 that its maker took for Mac OS Roman.
const HFS: &[HfsSpecimen] = &[
    ("isolyzer--hfsplus.iso", TreeKind::HfsPlus, &[]),
    ("isolyzer--iso9660_hfs_part.iso", TreeKind::Hfs, &[(69_424, "nimbie.jpg"), (37, "readme.txt")]),
    ("isolyzer--iso9660_udf_hfs.iso", TreeKind::Hfs, &[(69_424, "nimbie.jpg"), (37, "readme.txt")]),
    (
        "made--g_hfs.iso",
        TreeKind::Hfs,
        &[
            (6, "hard"),
            (6, "hello.txt"),
            (228_894, "text.txt"),
            (5, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
            (300_000, "zeros.bin"),
            (5, "sub/deep/a/b/c/d/e/f/g/deepfile.txt"),
        ],
    ),
    (
        "made--x_hfsplus.iso",
        TreeKind::HfsPlus,
        &[
            (6, "hard"),
            (6, "hello.txt"),
            (228_894, "text.txt"),
            (300_000, "zeros.bin"),
            (4, "sub/Ünïcödé näme.txt"),
            (5, "sub/deep/a/b/c/d/e/f/g/deepfile.txt"),
        ],
    ),
];

#[test]
fn images_with_hfs_list_what_other_readers_agree_on() {
    let Some(folder) = corpus() else { return };
    for (name, kind, files) in HFS {
        let image = survey::open(&unpack(&folder, name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let survey = survey::survey(image.tree(*kind).unwrap_or_else(|| panic!("{name} has no {kind:?} tree")));
        let said = survey.all_said();
        assert!(said.is_empty() && image.diagnostics().is_empty(), "{name}: {said:?} {:?}", image.diagnostics());
        let listed: BTreeSet<_> = files.iter().map(|(size, path)| (*size, (*path).to_owned())).collect();
        // The Finder's files, and names of more characters than a line of this table has room for.
        let others =
            |path: &str| path.starts_with("Desktop D") || path.contains("Ã") || path.starts_with(&"x".repeat(40));
        let ours: BTreeSet<_> = lines(&survey)
            .into_iter()
            .filter(|(_, path)| !others(path) && survey.row(path).kind == Kind::File)
            .collect();
        assert_eq!(ours, listed, "{name}");
        // The other side of the disc has the same files, and its reader is another one.
        let Some(other) = image.tree(TreeKind::RockRidge) else { continue };
        let other = survey::survey(other);
        for (_, path) in files.iter().filter(|(_, path)| other.rows.contains_key(*path)) {
            let row = survey.row(path);
            assert!(row.content.is_ok(), "{name}: {path}: {:?}", row.content);
            assert_eq!(row.content, other.row(path).content, "{name}: {path}");
        }
    }
}
