//! Names and shapes that no ordinary disc has.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use isoscope::disc::Image;
use isoscope::extract::plan::{Chosen, Loose, Options};
use isoscope::extract::run::Durability;
use isoscope::extract::{self, Destination, OnConflict, Plan, Selection};
use isoscope::serve::View;

use super::place::{Mounted, There, all, can_mount};
use super::support::builder::{Data, Disc, ROOT};
use super::support::sources::memory;

const ODD: [&str; 24] = [
    "..",
    ".",
    "../escape",
    "/etc/passwd",
    "..\\escape",
    "C:\\Windows\\system.ini",
    "nul\0byte",
    "...",
    " ",
    "CON",
    "aux.txt",
    "trailing.",
    "trailing ",
    "exe\u{202e}gpj.scr",
    "esc\u{1b}[2J",
    "same.txt",
    "same.txt",
    "SAME.TXT",
    "same (2).txt",
    "é",
    "e\u{301}",
    "a:b",
    "a_b",
    ".iso0001.part",
];

fn odd_disc() -> Disc {
    let mut disc = Disc::rock_ridge();
    for (at, name) in ODD.iter().enumerate() {
        disc.rr_file(ROOT, name, format!("file {at}").as_bytes());
    }
    let outer = disc.rr_folder(ROOT, "folders");
    for (at, name) in ODD.iter().enumerate() {
        let folder = disc.rr_folder(outer, name);
        disc.rr_file(folder, "inside", format!("folder {at}").as_bytes());
    }
    disc.rr_file(ROOT, "empty", b"");
    disc.rr_folder(ROOT, "empty folder");
    disc.rr_symlink(outer, "up", "../same.txt");
    disc.rr_symlink(outer, "out", "../../same.txt");
    disc.rr_symlink(outer, "root", "/etc/passwd");
    // A link with a name that a file has, too: the file keeps it.
    disc.rr_symlink(ROOT, "EMPTY", "same.txt");
    disc
}

#[test]
fn odd_names_are_those_of_an_extraction_and_links_that_lead_out_are_not_there() {
    if !can_mount() {
        return;
    }
    let bytes = odd_disc().build().bytes;
    let image = Image::open(memory(&bytes)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let destination = Destination::open(folder.path()).unwrap();
    let tree = image.default_tree();
    let options = Options { on_conflict: OnConflict::KeepBoth, keep_damaged: false, links: true };
    let plan = Plan::make(tree, &Selection::Everything, options, &destination, &mut |_| {}).unwrap();
    extract::run(&Arc::new(plan), &destination, Durability::Never, &mut |_| {}, &|| false).unwrap();

    let mounted = Mounted::image(memory(&bytes));
    let shown = all(&mounted.path());
    assert_eq!(
        shown.iter().map(|(path, there)| (path, matches!(there, There::Folder))).collect::<Vec<_>>(),
        all(folder.path()).iter().map(|(path, there)| (path, matches!(there, There::Folder))).collect::<Vec<_>>()
    );
    assert_eq!(shown["folders/up"], There::Link("../same.txt".to_owned()));
    assert!(!shown.contains_key("folders/out") && !shown.contains_key("folders/root"));
    assert!(matches!(&shown["empty"], There::File(bytes, ..) if bytes.is_empty()));
    assert_eq!(shown["empty folder"], There::Folder);
    assert_eq!(shown["EMPTY (2)"], There::Link("same.txt".to_owned()));
    // Every content is there once.
    let contents: BTreeSet<_> = shown
        .values()
        .filter_map(|there| if let There::File(bytes, ..) = there { Some(bytes) } else { None })
        .collect();
    assert_eq!(contents.len(), 2 * ODD.len() + 1);
}

#[test]
fn chosen_entries_stand_at_the_top_and_loose_files_too() {
    if !can_mount() {
        return;
    }
    let mut disc = Disc::rock_ridge();
    let one = disc.rr_folder(ROOT, "one");
    disc.rr_file(one, "a.txt", b"first");
    let two = disc.rr_folder(ROOT, "two");
    disc.rr_file(two, "A.TXT", b"second");
    let deep = disc.rr_folder(two, "deep");
    disc.rr_file(deep, "inside", b"third");
    let image = Image::open(memory(&disc.build().bytes)).unwrap();
    let tree = image.default_tree().clone();
    let root = tree.read_folder(tree.root()).unwrap();
    let id = |name: &str| tree.folder_of(&root.entries()[root.position(name).unwrap()]).unwrap();
    let choose = |folder: &str, name: &str| {
        let index = tree.read_folder(id(folder)).unwrap().position(name).unwrap();
        Chosen { folder: id(folder), index, path: folder.to_owned() }
    };
    let chosen = vec![choose("one", "a.txt"), choose("two", "deep"), choose("two", "A.TXT"), choose("one", "a.txt")];
    let shown = all(&Mounted::new(Arc::new(View::of_entries(tree.clone(), chosen))).path());
    let paths: Vec<_> = shown.keys().map(String::as_str).collect();
    assert_eq!(paths, ["A (2).TXT", "a.txt", "deep", "deep/inside"]);
    assert!(matches!(&shown["A (2).TXT"], There::File(bytes, ..) if bytes == b"second"));

    let loose = |name: &str, size| Loose { name: name.to_owned(), size, source: memory(b"boot") };
    let files = vec![loose("boot.img", 4), loose("BOOT.IMG", 3), loose("a/b", 4), loose("cut", 5)];
    let shown = all(&Mounted::new(Arc::new(View::of_loose(files))).path());
    let told: Vec<_> = shown
        .iter()
        .map(|(path, there)| match there {
            There::File(bytes, ..) => (path.as_str(), bytes.len()),
            other => (path.as_str(), if *other == There::Unreadable(Some(5)) { 999 } else { 0 }),
        })
        .collect();
    assert_eq!(told, [("BOOT (2).IMG", 3), ("a_b", 4), ("boot.img", 4), ("cut", 999)]);
}

/// Whether a folder has an entry, or the error with which it is listed.
fn first_entry(folder: &Path) -> Result<bool, Option<i32>> {
    match std::fs::read_dir(folder).map(|mut entries| entries.next().transpose()) {
        Ok(Ok(entry)) => Ok(entry.is_some()),
        Ok(Err(error)) | Err(error) => Err(error.raw_os_error()),
    }
}

#[test]
fn a_folder_inside_of_itself_ends() {
    if !can_mount() {
        return;
    }
    let mut disc = Disc::rock_ridge();
    let folder = disc.rr_folder(ROOT, "folder");
    disc.rr_file(folder, "file", b"file");
    for at in 0..3 {
        disc.primary.folder_like(folder, format!("LOOP{at}").as_bytes(), folder);
        disc.primary.folder_like(folder, format!("TOP{at}").as_bytes(), ROOT);
    }
    let mounted = Mounted::image(memory(&disc.build().bytes));
    let output = std::process::Command::new("find").arg(mounted.path()).output().unwrap();
    let found = String::from_utf8_lossy(&output.stdout).lines().count();
    assert!((9..50).contains(&found), "{found}");
    let looped = mounted.path().join("folder/LOOP0");
    assert!(looped.symlink_metadata().unwrap().is_dir());
    assert_eq!(first_entry(&looped), Err(Some(5)));
}

#[test]
fn very_deep_folders_end() {
    if !can_mount() {
        return;
    }
    // Folders with two entries for the next one each: more paths than there are atoms.
    let mut disc = Disc::rock_ridge();
    let mut here = ROOT;
    for _ in 0..12 {
        let next = disc.rr_folder(here, "a");
        disc.primary.folder_like(here, b"B", next);
        here = next;
    }
    disc.rr_file(here, "end", b"");
    let mounted = Mounted::image(memory(&disc.build().bytes));
    let output = std::process::Command::new("find").arg(mounted.path()).args(["-name", "end"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1 << 12);

    let mut disc = Disc::rock_ridge();
    let mut here = ROOT;
    for _ in 0..400 {
        here = disc.rr_folder(here, "d");
    }
    let mounted = Mounted::image(memory(&disc.build().bytes));
    let depth = |levels: usize| mounted.path().join(vec!["d"; levels].join("/"));
    assert_eq!(first_entry(&depth(256)), Ok(true));
    assert_eq!(first_entry(&depth(257)), Err(Some(5)));
}

#[test]
fn a_folder_of_many_files_is_listed_whole_and_every_name_found() {
    if !can_mount() {
        return;
    }
    const FILES: usize = 60_000;
    let mut disc = Disc::new();
    let data = disc.data(b"x");
    for at in 0..FILES {
        disc.primary.file(ROOT, format!("F{at:06}.TXT;1").as_bytes(), Data { len: (at % 2) as u32, ..data });
    }
    let mounted = Mounted::image(memory(&disc.build().bytes));
    let names: BTreeSet<_> =
        std::fs::read_dir(mounted.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), FILES);
    for at in (0..FILES).step_by(97) {
        let path = mounted.path().join(format!("F{at:06}.TXT"));
        assert_eq!(path.metadata().unwrap().len(), at as u64 % 2, "{}", path.display());
        assert!(!mounted.path().join(format!("F{at:06}.TXU")).exists());
    }
}
