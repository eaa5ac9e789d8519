//! `hash` and `verify` as a user meets them, with the tools of the system beside them.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::support::builder::{Disc, ROOT};
use serde_json::Value;
use tempfile::TempDir;

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/sample.iso");

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_isoscope"));
    let Output { status, stdout, stderr } =
        command.args(arguments).current_dir(folder).stdin(Stdio::null()).output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// A folder with the sample disc under a name with a space.
fn place() -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::copy(SAMPLE, folder.path().join("a disc.iso")).unwrap();
    folder
}

fn digest(folder: &Path, algorithm: &str) -> String {
    let (status, out, _) = run(folder, &["hash", "-a", algorithm, "a disc.iso"]);
    assert_eq!(status, 0);
    out.split_once(' ').unwrap().0.to_owned()
}

fn checks(json: &str) -> (Vec<Value>, String) {
    let value: Value = serde_json::from_str(json).unwrap();
    (value["checks"].as_array().unwrap().clone(), value["overall"].as_str().unwrap().to_owned())
}

fn of_kind<'a>(checks: &'a [Value], kind: &str) -> Vec<&'a Value> {
    checks.iter().filter(|check| check["kind"] == kind).collect()
}

#[cfg(unix)]
#[test]
fn digests_are_those_of_the_tools_of_the_system_and_their_check_takes_them() {
    use std::io::Write;
    let folder = place();
    for algorithm in ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] {
        let (status, out, err) = run(folder.path(), &["hash", "-a", algorithm, "a disc.iso"]);
        assert_eq!((status, err.as_str()), (0, ""));
        let tool = format!("{algorithm}sum");
        let theirs = Command::new(&tool).arg("a disc.iso").current_dir(folder.path()).output().unwrap();
        assert_eq!(out, String::from_utf8(theirs.stdout).unwrap());
        // The form for several digests, which each tool finds its own line in.
        let (_, all, _) = run(folder.path(), &["hash", "-a", algorithm, "-a", "blake3", "a disc.iso"]);
        let line = all.lines().next().unwrap();
        let mut check = Command::new(&tool);
        check.args(["--check", "--strict"]).current_dir(folder.path()).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut check = check.spawn().unwrap();
        check.stdin.take().unwrap().write_all(line.as_bytes()).unwrap();
        assert!(check.wait().unwrap().success(), "{line}");
    }
}

#[test]
fn all_usual_digests_are_made_in_one_go() {
    let folder = place();
    let (status, out, _) = run(folder.path(), &["hash", "--json", "a disc.iso"]);
    let value: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((status, value["size"].as_u64()), (0, Some(std::fs::metadata(SAMPLE).unwrap().len())));
    let digests = value["digests"].as_object().unwrap();
    assert_eq!(digests.keys().collect::<Vec<_>>(), ["blake3", "md5", "sha1", "sha256", "sha512"]);
    for (name, made) in digests {
        assert_eq!(made.as_str().unwrap(), digest(folder.path(), name));
    }
    let (_, text, _) = run(folder.path(), &["hash", "a disc.iso"]);
    assert_eq!(text.lines().count(), 5);
    assert!(text.contains(&format!("SHA256 (a disc.iso) = {}", digest(folder.path(), "sha256"))), "{text}");
}

#[test]
fn what_cannot_be_hashed_is_said() {
    let folder = place();
    let (status, _, err) = run(folder.path(), &["hash", "-a", "crc7", "a disc.iso"]);
    assert!(status == 2 && err.contains("sha256"), "{err}");
    let (status, _, err) = run(folder.path(), &["hash", "no disc.iso"]);
    assert!(status == 3 && err.contains("no disc.iso"), "{err}");
}

#[test]
fn an_expected_digest_is_met_or_missed_and_the_status_says_so() {
    let folder = place();
    for algorithm in ["md5", "sha1", "sha256", "sha512", "blake3"] {
        let right = digest(folder.path(), algorithm);
        for typed in
            [right.clone(), right.to_uppercase(), format!("{algorithm}:{right}"), format!("{right}  a disc.iso")]
        {
            let (status, out, err) = run(folder.path(), &["verify", "--json", "--expect", &typed, "a disc.iso"]);
            let (checks, overall) = checks(&out);
            assert_eq!((status, overall.as_str()), (0, "pass"), "{typed}: {out}{err}");
            let check = of_kind(&checks, "expected")[0];
            assert!(check["outcome"] == "pass" && check["detail"].as_str().unwrap().contains(&right));
        }
    }
    let wrong = "0".repeat(64);
    let (status, out, _) = run(folder.path(), &["verify", "--json", "--expect", &wrong, "a disc.iso"]);
    let (checks, overall) = checks(&out);
    assert_eq!((status, overall.as_str()), (1, "fail"));
    assert_eq!(of_kind(&checks, "expected")[0]["outcome"], "fail");
    let (status, _, err) = run(folder.path(), &["verify", "--expect", "no digest", "a disc.iso"]);
    assert!(status == 2 && !err.is_empty(), "{err}");
}

#[test]
fn a_checksum_file_beside_the_image_is_found_and_damage_too() {
    let folder = place();
    let image = folder.path().join("a disc.iso");
    let sums = format!("{}  other.iso\n{} *a disc.iso\n", "1".repeat(64), digest(folder.path(), "sha256"));
    std::fs::write(folder.path().join("SHA256SUMS"), sums).unwrap();
    std::fs::write(folder.path().join("notes.txt"), "nothing\n").unwrap();
    let (status, out, _) = run(folder.path(), &["verify", "--json", "a disc.iso"]);
    let (found, overall) = checks(&out);
    assert_eq!((status, overall.as_str()), (0, "pass"), "{out}");
    let neighbours = of_kind(&found, "neighbour");
    assert!(neighbours.len() == 1 && neighbours[0]["source"] == "SHA256SUMS", "{out}");
    for key in ["kind", "source", "scope", "outcome", "detail", "first_bad_offset"] {
        assert!(neighbours[0].get(key).is_some(), "{key}");
    }
    let mut bytes = std::fs::read(&image).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&image, bytes).unwrap();
    let (status, out, _) = run(folder.path(), &["verify", "a disc.iso"]);
    assert!(status == 1 && out.contains("FAILED   SHA256SUMS"), "{out}");
}

#[test]
fn without_a_checksum_nothing_is_promised() {
    let folder = place();
    let (status, out, _) = run(folder.path(), &["verify", "--json", "a disc.iso"]);
    let (found, overall) = checks(&out);
    assert_eq!((status, overall.as_str()), (1, "nothing-to-check"), "{out}");
    assert!(found.iter().all(|check| check["outcome"] == "pass"), "{out}");
    assert_eq!(of_kind(&found, "reading").len(), 1);
}

#[test]
fn what_is_worth_a_look_is_told_and_changes_no_verdict() {
    let folder = TempDir::new().unwrap();
    let mut disc = Disc::rock_ridge();
    disc.rr_file(ROOT, "autorun.inf", b"[autorun]\r\nopen=setup.exe\r\n");
    disc.rr_file(ROOT, "setup.exe", b"MZ");
    for number in 0..30 {
        disc.rr_file(ROOT, &format!("letter {number:02}.pdf.exe"), b"MZ");
    }
    std::fs::write(folder.path().join("a disc.iso"), disc.build().bytes).unwrap();
    let right = digest(folder.path(), "sha256");
    let (status, out, _) = run(folder.path(), &["verify", "--json", "--expect", &right, "a disc.iso"]);
    let value: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((status, value["overall"].as_str()), (0, Some("pass")));
    let remarks = value["remarks"].as_array().unwrap();
    let of = |kind: &str| remarks.iter().find(|remark| remark["kind"] == kind).unwrap();
    assert_eq!(of("autorun")["paths"][0], "autorun.inf");
    assert!(of("autorun")["offset"].is_u64(), "{out}");
    assert_eq!(of("double-extension")["paths"].as_array().unwrap().len(), 30);
    let (status, text, _) = run(folder.path(), &["verify", "--expect", &right, "a disc.iso"]);
    let (_, look) = text.split_once("\nWorth a look\n").unwrap();
    assert!(status == 0 && look.contains("letter 19.pdf.exe") && !look.contains("letter 20.pdf.exe"), "{text}");
    assert!(look.contains("and 10 more") && look.contains("“setup.exe” is to be started"), "{text}");
    let (_, text, _) = run(folder.path(), &["verify", "--quiet", "--expect", &right, "a disc.iso"]);
    assert!(!text.contains("Worth a look"), "{text}");
}

#[test]
fn of_an_image_that_is_cut_off_the_files_are_named() {
    let folder = place();
    let image = folder.path().join("a disc.iso");
    let bytes = std::fs::read(&image).unwrap();
    std::fs::write(&image, &bytes[..bytes.len() * 2 / 3]).unwrap();
    let (status, out, _) = run(folder.path(), &["verify", "--json", "a disc.iso"]);
    let (found, overall) = checks(&out);
    assert_eq!((status, overall.as_str()), (1, "fail"));
    let size = of_kind(&found, "size")[0];
    assert!(size["outcome"] == "fail" && size["detail"].as_str().unwrap().contains("% "), "{size}");
    let bad = size["bad"].as_array().unwrap();
    assert!(!bad.is_empty() && bad.iter().any(|bad| bad["path"].is_string()), "{size}");
    assert_eq!(size["first_bad_offset"].as_u64(), Some(bytes.len() as u64 * 2 / 3));
}

#[test]
fn info_tells_what_the_disc_is_and_by_what() {
    let folder = TempDir::new().unwrap();
    let mut disc = Disc::rock_ridge();
    let inside = disc.rr_folder(ROOT, ".disk");
    disc.rr_file(inside, "info", b"Debian GNU/Linux 12.5.0 \"Bookworm\" - Official amd64 NETINST 20240210-11:27\n");
    std::fs::write(folder.path().join("a disc.iso"), disc.build().bytes).unwrap();
    let (_, out, _) = run(folder.path(), &["info", "--json", "a disc.iso"]);
    let value: Value = serde_json::from_str(&out).unwrap();
    let claims = value["identity"]["claims"].as_array().unwrap();
    let product = claims.iter().find(|claim| claim["subject"] == "product").unwrap();
    assert_eq!((product["value"].as_str(), product["certainty"].as_str()), (Some("Debian"), Some("stated")));
    assert!(product["evidence"]["source"] == ".disk/info" && product["evidence"]["is_path"] == true, "{product}");
    let (_, text, _) = run(folder.path(), &["info", "a disc.iso"]);
    assert!(text.contains("12.5.0 (from .disk/info)"), "{text}");
}
