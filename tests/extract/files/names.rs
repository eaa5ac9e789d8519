//! Names that want to leave the folder, and what stands there already.

use super::{Place, checked, extract_all, extract_with, large, plan, small_disc, small_files};
use crate::support::builder::{Disc, ROOT};
use crate::support::sources::memory;
use isoscope::extract::report::Outcome;
use isoscope::extract::run::Durability;
use isoscope::extract::{self, OnConflict, Selection};

/// Names that readers of archives fell for.
const HOSTILE: [&str; 30] = [
    "..",
    "../escape",
    "../../neighbour/precious",
    "/etc/passwd",
    "..\\escape",
    "C:\\Windows\\system.ini",
    "C:evil",
    "\\\\server\\share\\x",
    "a/b",
    "nul\0byte",
    ".",
    "...",
    " ",
    ".. ",
    "CON",
    "aux.txt",
    "com1",
    "COM¹.log",
    "CONIN$",
    "file.txt:Zone.Identifier",
    "trailing.",
    "trailing ",
    "exe\u{202e}gpj.scr",
    "esc\u{1b}[2J",
    "bell\u{7}",
    "c1\u{9b}31m",
    "neighbour",
    "precious",
    ".iso0001.part",
    ".iso0001.journal",
];

#[test]
fn no_name_leads_out_of_the_folder_or_acts_on_anything() {
    let mut disc = Disc::rock_ridge();
    for (at, name) in HOSTILE.iter().enumerate() {
        disc.rr_file(ROOT, name, format!("file {at}").as_bytes());
    }
    let outer = disc.rr_folder(ROOT, "folders");
    for (at, name) in HOSTILE.iter().enumerate() {
        let folder = disc.rr_folder(outer, name);
        disc.rr_file(folder, "inside", format!("folder {at}").as_bytes());
    }
    let (place, report) = extract_all(&disc);
    assert_eq!((report.counts().failed, report.counts().skipped), (0, 0), "{:?}", report.listed().collect::<Vec<_>>());
    let files = place.files();
    for (at, name) in HOSTILE.iter().enumerate() {
        let holds = |wanted: String| files.values().any(|bytes| *bytes == wanted.as_bytes());
        assert!(holds(format!("file {at}")) && holds(format!("folder {at}")), "{name:?}");
    }
    for name in files.keys() {
        assert!(!name.contains(['\\', ':', '\u{202e}']) && !name.chars().any(char::is_control), "{name:?}");
        for component in name.trim_end_matches('/').split('/') {
            let stem = component.split('.').next().unwrap().to_lowercase();
            assert!(!matches!(stem.as_str(), "con" | "aux" | "com1" | "com¹" | "conin$" | "nul"), "{name:?}");
            assert!(!component.ends_with(['.', ' ']) && !component.starts_with(".iso0001"), "{name:?}");
        }
    }
    // What was changed is listed with both names, and what was not is not.
    for listed in report.listed() {
        assert_eq!(listed.outcome, Outcome::Renamed);
        assert!(listed.reason.starts_with("The name was changed because"), "{listed:?}");
        assert!(
            files.contains_key(listed.to.as_deref().unwrap())
                || files.contains_key(&format!("{}/", listed.to.unwrap()))
        );
    }
    let harmless = HOSTILE.iter().filter(|name| matches!(**name, "neighbour" | "precious")).count();
    assert_eq!(report.counts().renamed as usize, 2 * (HOSTILE.len() - harmless));
}

#[test]
fn twins_of_any_kind_all_arrive() {
    let mut disc = Disc::rock_ridge();
    let names = ["same.txt", "same.txt", "SAME.TXT", "é", "e\u{301}", "É", "straße", "STRASSE", "a:b", "a_b", "a?b"];
    for (at, name) in names.iter().enumerate() {
        disc.rr_file(ROOT, name, format!("{at}").as_bytes());
    }
    for name in ["twin", "Twin", "twin"] {
        let folder = disc.rr_folder(ROOT, name);
        disc.rr_file(folder, "inside", name.as_bytes());
    }
    let (place, report) = extract_all(&disc);
    let files = place.files();
    assert_eq!(files.len(), names.len() + 6);
    assert_eq!(files["same.txt"], b"0");
    assert_eq!(files["same (2).txt"], b"1");
    assert_eq!(files["SAME (3).TXT"], b"2");
    assert_eq!(files["a_b"], b"9");
    assert_eq!(files["a_b (2)"], b"8");
    assert_eq!(files["Twin (2)/inside"], b"Twin");
    assert_eq!(report.counts().renamed, 2 + 2 + 1 + 2 + 2);
    assert_eq!(report.counts().failed, 0);
    let keys: std::collections::HashSet<_> = files.keys().map(|name| extract::name::key(name).into_owned()).collect();
    assert_eq!(keys.len(), files.len());
}

#[test]
fn what_stands_there_is_kept_skipped_or_replaced_as_asked() {
    let before = |place: &Place| {
        std::fs::create_dir(place.path().join("folder")).unwrap();
        std::fs::write(place.path().join("folder/mine"), b"mine").unwrap();
        std::fs::write(place.path().join("first.txt"), b"old").unwrap();
        std::fs::write(place.path().join("empty folder"), b"a file").unwrap();
        std::fs::create_dir(place.path().join("empty")).unwrap();
    };
    let expect = |policy, changes: &[(&str, Option<&[u8]>)], counts: (u64, u64, u64)| {
        let place = Place::new();
        before(&place);
        let mut expected = place.files();
        let report = extract_with(&small_disc(), policy, &place);
        for (name, bytes) in small_files() {
            if name.starts_with("folder/") {
                expected.insert(name, bytes);
            }
        }
        for (name, bytes) in changes {
            match bytes {
                Some(bytes) => expected.insert((*name).to_owned(), bytes.to_vec()),
                None => expected.remove(*name),
            };
        }
        assert_eq!(place.names(), expected.keys().cloned().collect::<Vec<_>>());
        assert!(place.files() == expected);
        assert_eq!((report.counts().done, report.counts().renamed, report.counts().skipped), counts);
        report
    };
    let kept: &[(&str, Option<&[u8]>)] =
        &[("first (2).txt", Some(b"first")), ("empty (2)", Some(b"")), ("empty folder (2)/", Some(b""))];
    expect(OnConflict::KeepBoth, kept, (4, 3, 0));
    expect(OnConflict::Skip, &[], (4, 0, 3));
    // Neither does a file take a folder's place, nor a folder a file's.
    let replaced: &[(&str, Option<&[u8]>)] =
        &[("first.txt", Some(b"first")), ("empty (2)", Some(b"")), ("empty folder (2)/", Some(b""))];
    let report = expect(OnConflict::Replace, replaced, (5, 2, 0));
    let told = report.listed().find(|listed| listed.from == "first.txt").unwrap();
    assert_eq!((told.outcome, told.reason.as_str()), (Outcome::Done, "It took the place of a file of that name"));
}

#[test]
fn extracting_twice_keeps_both() {
    let place = Place::new();
    extract_with(&small_disc(), OnConflict::KeepBoth, &place);
    let report = extract_with(&small_disc(), OnConflict::KeepBoth, &place);
    assert_eq!((report.counts().done, report.counts().renamed), (3, 4));
    assert!(place.files()["folder/large (2).bin"] == large());
    let again = extract_with(&small_disc(), OnConflict::Skip, &place);
    assert_eq!(again.counts().skipped, 4);
    assert_eq!(place.names().len(), 11);
}

#[cfg(unix)]
#[test]
fn links_that_were_planted_in_the_destination_are_never_followed() {
    for policy in [OnConflict::KeepBoth, OnConflict::Skip, OnConflict::Replace] {
        let place = Place::new();
        let link = |target: &str, name: &str| std::os::unix::fs::symlink(target, place.path().join(name)).unwrap();
        link("../neighbour", "folder");
        link("../neighbour/precious", "first.txt");
        link("../neighbour/absent", "empty");
        std::fs::create_dir(place.path().join("inside")).unwrap();
        link("inside", "empty folder");
        let report = extract_with(&small_disc(), policy, &place);
        // `files` looks after the neighbour.
        let files = place.files();
        assert_eq!(files["folder"], b"-> ../neighbour");
        assert_eq!(files["empty folder"], b"-> inside");
        assert_eq!(report.counts().failed, 0);
        if policy == OnConflict::Replace {
            assert_eq!(files["first.txt"], b"first");
            assert_eq!(files["empty"], b"");
        } else {
            assert_eq!(files["first.txt"], b"-> ../neighbour/precious");
        }
        assert_eq!(files.contains_key("folder (2)/inner/deep.txt"), policy != OnConflict::Skip);
    }
}

#[cfg(unix)]
#[test]
fn a_link_that_appears_after_the_plan_is_not_followed_either() {
    let place = Place::new();
    let disc = small_disc().build().bytes;
    let plan = plan(memory(&disc), &Selection::Everything, OnConflict::Replace, &place.destination);
    std::os::unix::fs::symlink("../neighbour", place.path().join("folder")).unwrap();
    std::os::unix::fs::symlink("../neighbour/precious", place.path().join("first.txt")).unwrap();
    let report = super::run(&plan, &place);
    let files = place.files();
    assert_eq!(files["folder"], b"-> ../neighbour");
    assert_eq!(files["first (2).txt"], b"first");
    assert_eq!(files["folder (2)/inner/deep.txt"], b"deep");
    assert_eq!(report.counts().renamed, 2);
    let told = report.listed().find(|listed| listed.from == "first.txt").unwrap();
    assert_eq!(told.to.as_deref(), Some("first (2).txt"));
}

#[test]
fn what_appears_while_it_runs_is_not_overwritten() {
    for policy in [OnConflict::KeepBoth, OnConflict::Skip, OnConflict::Replace] {
        let place = Place::new();
        let plan = plan(memory(&small_disc().build().bytes), &Selection::Everything, policy, &place.destination);
        let appear = |current: &str| {
            for name in ["first.txt", "folder/large.bin", "folder/inner/deep.txt"] {
                let path = place.path().join(name);
                if name.ends_with(current) && path.parent().unwrap().exists() {
                    std::fs::write(path, b"appeared").unwrap();
                }
            }
        };
        let report =
            extract::run(&plan, &place.destination, Durability::Never, &mut |at| appear(at.current), &|| false);
        let report = checked(report.unwrap(), &plan);
        let files = place.files();
        assert_eq!(files["first.txt"], b"appeared");
        assert_eq!(files["folder/inner/deep.txt"], b"appeared");
        assert_eq!(
            files.get("first (2).txt").map(Vec::as_slice),
            (policy != OnConflict::Skip).then_some(&b"first"[..])
        );
        let expected = if policy == OnConflict::Skip { (0, 3) } else { (3, 0) };
        assert_eq!((report.counts().renamed, report.counts().skipped), expected);
    }
}

#[cfg(unix)]
#[test]
fn a_file_where_a_folder_must_be_costs_that_folder_only() {
    let place = Place::new();
    let plan =
        plan(memory(&small_disc().build().bytes), &Selection::Everything, OnConflict::KeepBoth, &place.destination);
    // While it runs, a folder that it made is taken away and a link stands there.
    let swap = |current: &str| {
        if current == "deep.txt" {
            std::fs::rename(place.path().join("folder"), place.path().join("moved")).unwrap();
            std::os::unix::fs::symlink("../neighbour", place.path().join("folder")).unwrap();
        }
    };
    let report = extract::run(&plan, &place.destination, Durability::Never, &mut |at| swap(at.current), &|| false);
    checked(report.unwrap(), &plan);
    // The handle goes where the folder went, and nothing comes to where the link leads.
    assert_eq!(place.files()["moved/inner/deep.txt"], b"deep");
}
