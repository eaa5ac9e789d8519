//! What is asked for arrives, whole and with its dates.

use std::sync::Arc;

use super::{Place, extract_all, plan, run, small_disc, small_files};
use crate::support::builder::{Disc, ROOT};
use crate::support::sources::memory;
use crate::support::susp;
use isoscope::disc::Image;
use isoscope::extract::plan::{Chosen, Loose, Skip};
use isoscope::extract::{OnConflict, Plan, Selection};

#[test]
fn everything_arrives_with_its_bytes_and_nothing_else() {
    let (place, report) = extract_all(&small_disc());
    assert!(place.files() == small_files());
    assert!(report.is_plain() && report.is_empty(), "{:?}", report.listed().collect::<Vec<_>>());
    assert_eq!(report.counts().bytes, 3_500_009);
    assert_eq!(report.counts().done, 7);
}

#[test]
fn the_system_copies_the_same_bytes_from_a_file() {
    let place = Place::new();
    let image = place.folder.path().join("destination/disc.iso");
    std::fs::write(&image, small_disc().build().bytes).unwrap();
    let source = Arc::new(isoscope::disc::source::FileSource::open(&image).unwrap());
    let plan = plan(source, &Selection::Everything, OnConflict::KeepBoth, &place.destination);
    run(&plan, &place);
    // Its name may stay until the last handle is closed.
    drop(plan);
    std::fs::remove_file(image).unwrap();
    assert!(place.files() == small_files());
}

#[test]
fn links_devices_and_special_bits_do_not_arrive() {
    let mut disc = Disc::rock_ridge();
    let modes = [
        ("link", 0o120_777),
        ("fifo", 0o10_644),
        ("char", 0o20_666),
        ("block", 0o60_660),
        ("socket", 0o140_777),
        ("setuid", 0o104_755),
        ("sticky", 0o103_777),
        ("user may run", 0o100_500),
        ("others may run", 0o100_011),
    ];
    for (at, (name, mode)) in modes.into_iter().enumerate() {
        let data = disc.data(name.as_bytes());
        let node = disc.primary.file(ROOT, format!("N{at}.;1").as_bytes(), data);
        disc.primary.uses(node, [susp::px(mode, 1, 0, 0, 1)]);
        disc.primary.uses(node, susp::long_name(name.as_bytes()));
        if name == "link" {
            disc.primary.uses(node, [susp::sl(0, &[susp::component(8, b""), susp::component(0, b"etc")])]);
        }
    }
    let (place, report) = extract_all(&disc);
    assert_eq!(place.names(), ["others may run", "setuid", "sticky", "user may run"]);
    assert_eq!(report.counts().skipped, 5);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |name: &str| std::fs::metadata(place.path().join(name)).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode("setuid") & 0o7022, 0);
        assert_eq!(mode("sticky") & 0o7022, 0);
        assert_eq!(mode("setuid") & 0o700, 0o700);
        assert_eq!(mode("user may run") & 0o700, 0o700);
        assert_eq!(mode("others may run") & 0o711, 0o600);
    }
}

#[test]
fn times_are_the_discs_and_a_folders_too() {
    let (place, _) = extract_all(&small_disc());
    // What the builder records: 2024-02-10 11:03:21 UTC.
    let wanted = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_707_563_001);
    for name in small_files().keys() {
        let modified = std::fs::metadata(place.path().join(name)).unwrap().modified().unwrap();
        assert_eq!(modified, wanted, "{name}");
    }
}

#[test]
fn folders_that_contain_one_another_are_extracted_once() {
    let mut disc = Disc::rock_ridge();
    let folder = disc.rr_folder(ROOT, "folder");
    disc.rr_file(folder, "file", b"once");
    for name in ["A", "B"] {
        let alias = disc.primary.folder_like(folder, name.as_bytes(), folder);
        disc.primary.uses(alias, susp::long_name(name.as_bytes()));
    }
    let again = disc.primary.folder_like(ROOT, b"AGAIN", folder);
    disc.primary.uses(again, susp::long_name(b"again"));
    let root = disc.primary.folder_like(ROOT, b"ROOT", ROOT);
    disc.primary.uses(root, susp::long_name(b"root"));
    let (place, report) = extract_all(&disc);
    let files = place.files();
    assert_eq!(files.values().filter(|bytes| bytes.as_slice() == b"once").count(), 1);
    assert_eq!(report.counts().failed, 0);
    assert!(report.counts().skipped >= 3, "{:?}", report.counts());
    assert!(report.listed().all(|listed| listed.reason == Skip::Elsewhere.sentence()));
}

#[test]
fn deep_folders_arrive_as_far_as_a_walk_goes() {
    let mut disc = Disc::rock_ridge();
    let mut folder = ROOT;
    for depth in 1..=300 {
        folder = disc.rr_folder(folder, &format!("level {depth}"));
        disc.rr_file(folder, "file", format!("{depth}").as_bytes());
    }
    let (place, report) = extract_all(&disc);
    assert_eq!(report.counts().failed, 0, "{:?}", report.listed().next());
    assert_eq!(report.counts().skipped, 1);
    assert_eq!(report.get(0).unwrap().reason, Skip::Limit.sentence());
    // Longer than any path that could be opened at once.
    let mut dir = cap_std::fs::Dir::open_ambient_dir(place.path(), cap_std::ambient_authority()).unwrap();
    for depth in 1..=256 {
        dir = dir.open_dir(format!("level {depth}")).unwrap();
        assert_eq!(dir.read("file").unwrap(), format!("{depth}").as_bytes());
        // The builder's time, although the folder was closed and opened again in between.
        let modified = dir.dir_metadata().unwrap().modified().unwrap().into_std();
        assert_eq!(modified.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs(), 1_707_563_001, "{depth}");
    }
}

/// The folder under the name that it has for other computers, `None` where it is not shared: Windows shares its disks
/// with administrators only.
#[cfg(windows)]
fn shared(folder: &std::path::Path) -> Option<std::path::PathBuf> {
    let path = folder.canonicalize().unwrap().into_os_string().into_string().unwrap();
    let (disk, rest) = path.strip_prefix(r"\\?\").unwrap().split_once(':').unwrap();
    let shared = std::path::PathBuf::from(format!(r"\\localhost\{disk}${rest}"));
    shared.is_dir().then_some(shared)
}

#[cfg(windows)]
#[test]
fn a_folder_of_the_network_is_as_good_as_any() {
    let mut place = Place::new();
    let Some(path) = shared(place.path()) else { return };
    place.destination = isoscope::extract::Destination::create(&path).unwrap();
    for names in [["first.txt", "folder"], ["first (2).txt", "folder"]] {
        let plan =
            plan(memory(&small_disc().build().bytes), &Selection::Everything, OnConflict::KeepBoth, &place.destination);
        let report = run(&plan, &place);
        assert_eq!(report.counts().failed, 0, "{:?}", report.listed().next());
        assert!(names.iter().all(|name| path.join(name).exists()));
    }
    assert!(place.names().iter().all(|name| !name.contains(".iso")), "{:?}", place.names());
}

#[test]
fn chosen_entries_come_into_the_folder_and_chosen_paths_keep_theirs() {
    let image = Image::open(memory(&small_disc().build().bytes)).unwrap();
    let tree = image.default_tree();
    let make = |selection: Selection| {
        let place = Place::new();
        let plan = Plan::make(tree, &selection, OnConflict::KeepBoth, &place.destination, &mut |_| {});
        let report = run(&Arc::new(plan.unwrap()), &place);
        (place.names(), report)
    };
    let paths = |paths: &[&str]| Selection::Paths(paths.iter().map(|path| (*path).to_owned()).collect());

    let (names, report) = make(paths(&["folder/inner/deep.txt", "/first.txt"]));
    assert_eq!(names, ["first.txt", "folder/", "folder/inner/", "folder/inner/deep.txt"]);
    assert!(report.is_plain());
    // Twice, and inside another one: once.
    let (names, report) = make(paths(&["folder/inner", "folder/inner/deep.txt", "FOLDER/inner/"]));
    assert_eq!(names, ["folder/", "folder/inner/", "folder/inner/deep.txt"]);
    assert!(report.is_plain());
    let (names, _) = make(paths(&["folder", "folder/inner/deep.txt"]));
    assert_eq!(names, ["folder/", "folder/inner/", "folder/inner/deep.txt", "folder/large.bin"]);
    let (names, _) = make(paths(&["first.txt", "/"]));
    assert_eq!(names.len(), 7);

    let root = tree.read_folder(tree.root()).unwrap();
    let folder = tree.folder_of(&root.entries()[root.position("folder").unwrap()]).unwrap();
    let inside = tree.read_folder(folder).unwrap();
    let chosen = |folder, index, path: &str| Chosen { folder, index, path: path.to_owned() };
    let (names, _) = make(Selection::Entries(vec![
        chosen(folder, inside.position("inner").unwrap(), "folder"),
        chosen(tree.root(), root.position("first.txt").unwrap(), ""),
        chosen(tree.root(), root.position("first.txt").unwrap(), ""),
    ]));
    assert_eq!(names, ["first.txt", "inner/", "inner/deep.txt"]);

    for missing in ["absent", "folder/absent", "first.txt/below"] {
        let place = Place::new();
        let error = Plan::make(tree, &paths(&[missing]), OnConflict::KeepBoth, &place.destination, &mut |_| {}).err();
        assert_eq!(error.unwrap().to_string(), format!("“{missing}” is not on the disc"));
    }
}

#[test]
fn entries_of_several_folders_that_meet_are_told_apart() {
    let mut disc = Disc::rock_ridge();
    for name in ["one", "two"] {
        let folder = disc.rr_folder(ROOT, name);
        disc.rr_file(folder, "read me", name.as_bytes());
    }
    let image = Image::open(memory(&disc.build().bytes)).unwrap();
    let tree = image.default_tree();
    let root = tree.read_folder(tree.root()).unwrap();
    let chosen = ["one", "two"].map(|name| {
        let folder = tree.folder_of(&root.entries()[root.position(name).unwrap()]).unwrap();
        Chosen { folder, index: 0, path: name.to_owned() }
    });
    let place = Place::new();
    let selection = Selection::Entries(chosen.into());
    let plan = Plan::make(tree, &selection, OnConflict::KeepBoth, &place.destination, &mut |_| {}).unwrap();
    let report = run(&Arc::new(plan), &place);
    let files = place.files();
    assert_eq!((files["read me"].as_slice(), files["read me (2)"].as_slice()), (&b"one"[..], &b"two"[..]));
    let listed = report.get(0).unwrap();
    assert_eq!((listed.from.as_str(), listed.to.as_deref()), ("two/read me", Some("read me (2)")));
}

#[test]
fn boot_images_are_files_like_any_other() {
    let place = Place::new();
    let loose = |name: &str, size, bytes: &[u8]| Loose { name: name.to_owned(), size, source: memory(bytes) };
    let files = [loose("1-x86-floppy.img", 4, b"boot"), loose("2: efi.img", 3, b"efi"), loose("3-cut.img", 9, b"cut")];
    let plan = Arc::new(Plan::of_loose(&files, OnConflict::KeepBoth, &place.destination).unwrap());
    let report = run(&plan, &place);
    let written = place.files();
    assert_eq!(written.len(), 2);
    assert_eq!((written["1-x86-floppy.img"].as_slice(), written["2_ efi.img"].as_slice()), (&b"boot"[..], &b"efi"[..]));
    assert_eq!((report.counts().renamed, report.counts().skipped), (1, 1));
}
