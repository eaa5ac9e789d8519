//! Real images that others made, when `ISOSCOPE_CORPUS` names the folder that holds them: every one opens or is
//! refused in a sentence, and those with ISO 9660 list what other readers agree on.

mod support;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use isoscope::disc::tree::Kind;
use support::survey::{self, Survey};
use support::{peers, sources};

/// Images where the expectation, made by a vote of other readers, differs from the standard, and why.
const EXPLAINED: &[(&str, &str)] = &[
    ("libarchive--iso_zisofs.iso", "7zz and isoinfo give the packed size; cli.md wants what reading gives"),
    ("made--y_windows_like_udf.iso", "the files stand in the UDF file system; ISO 9660 has a note that says so"),
];

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
