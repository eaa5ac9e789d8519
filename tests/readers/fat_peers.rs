//! FAT as other programs write and read it: volumes of mkfs.fat, filled by mtools, bare and inside of discs that xorriso
//! makes; read as mtools and 7zz read them.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use crate::support::rng::Rng;
use crate::support::sources::{FailingSource, memory};
use crate::support::survey::{Survey, digest_of, survey};
use crate::support::{fat, peers};
use isoscope::disc::tree::{FileTree, Kind, TreeKind};
use isoscope::disc::walk::Walk;
use isoscope::disc::{Image, text, unseen};

/// The volumes: name, size in KiB, and how to make them.
const VOLUMES: [(&str, u32, &[&str]); 6] = [
    ("FAT12", 1440, &[]),
    ("FAT12 of 2.88 MB", 2880, &["-s", "2"]),
    ("FAT16", 16_384, &["-F", "16", "-s", "2"]),
    ("FAT16 with large sectors", 20_480, &["-F", "16", "-S", "2048", "-s", "1"]),
    ("FAT32", 40_960, &["-F", "32", "-s", "1"]),
    ("FAT32 with larger clusters", 75_000, &["-F", "32", "-s", "2"]),
];

/// Makes a volume and fills it; gives its bytes.
fn volume(folder: &Path, (name, kib, options): (&str, u32, &[&str])) -> Vec<u8> {
    let image = folder.join("volume.img");
    std::fs::remove_file(&image).unwrap_or_default();
    let kib = kib.to_string();
    peers::run(
        folder,
        "mkfs.fat",
        &[&["-C", "-n", "PEERS", "-i", "1234abcd"], options, &["volume.img", &kib]].concat(),
    );
    let mut rng = Rng::new(u64::from(name.len() as u32));
    let mtools = |program: &str, arguments: &[&str]| {
        peers::run(folder, program, &[&["-i", "volume.img"], arguments].concat());
    };
    let copy = |bytes: &[u8], to: &str| {
        std::fs::write(folder.join("content"), bytes).unwrap();
        mtools("mcopy", &["-o", "content", &format!("::{to}")]);
    };
    // First, as mtools adds no two clusters to a folder at once.
    copy(b"long", &format!("{}.txt", "a very long name ".repeat(14)));
    for path in [
        "EFI",
        "EFI/BOOT",
        "ein Ordner",
        "ein Ordner/ein größerer Ordner",
        "ein Ordner/ein größerer Ordner/日本",
        "many",
    ] {
        mtools("mmd", &[&format!("::{path}")]);
    }
    // Room in pieces: every second small file is deleted again.
    for number in 0..60 {
        copy(&rng.bytes(700), &format!("many/a small file {number}"));
    }
    for number in (0..60).step_by(2) {
        mtools("mdel", &[&format!("::many/a small file {number}")]);
    }
    let large = rng.bytes(90_000);
    copy(&large, "EFI/BOOT/BOOTX64.EFI");
    copy(b"", "empty");
    copy(b"upper", "UPPER.TXT");
    copy(b"lower", "lower.txt");
    copy(b"mixed", "Mixed Case.text");
    copy(&rng.bytes(2048), "exactly four sectors.bin");
    copy(&rng.bytes(513), "ein Ordner/ein größerer Ordner/日本/ファイル.txt");
    copy(b"a name of thirteen", "thirteen char");
    copy(b"hidden", "hidden.sys");
    mtools("mattrib", &["+h", "+s", "+r", "-a", "::hidden.sys"]);
    std::fs::read(image).unwrap()
}

/// What a reader sees: kind, size and digest by path; and the time of the last change, where it says.
type Seen = BTreeMap<String, (Kind, Option<u64>, Option<String>, Option<i64>)>;

fn ours(tree: &Arc<dyn FileTree>) -> Seen {
    let mut seen = Seen::new();
    for step in Walk::new(tree.clone()) {
        let folder = step.folder.unwrap();
        assert!(folder.diagnostics.is_empty(), "{:?}", folder.diagnostics.items());
        for (index, entry) in folder.entries().iter().enumerate() {
            assert_eq!(folder.notes(index).count(), 0);
            let digest = entry.is_file().then(|| crate::support::survey::digest(&*tree.open(entry).unwrap()).unwrap());
            let modified = entry.modified.map(|time| time.unix_seconds()).filter(|_| entry.is_file());
            let path = text::join(&step.path, folder.name(entry));
            seen.insert(path, (entry.kind, entry.file_size(), digest, modified));
        }
    }
    seen
}

/// Fails with what differs.
fn same(ours: &Seen, theirs: &Seen, what: &str) {
    let one = ours.iter().filter(|(path, seen)| theirs.get(*path) != Some(*seen));
    let other = theirs.iter().filter(|(path, seen)| ours.get(*path) != Some(*seen));
    let (one, other): (Vec<_>, Vec<_>) = (one.collect(), other.collect());
    assert!(one.is_empty() && other.is_empty(), "{what}: {one:?}\nthey see {other:?}");
}

fn written(folder: &Path) -> Seen {
    let listed = peers::folder(folder);
    let row = |(path, seen): (String, peers::Seen)| {
        let modified = std::fs::metadata(folder.join(&path)).unwrap().mtime();
        let modified = (seen.kind == Kind::File).then_some(modified);
        (path, (seen.kind, seen.size.filter(|_| seen.kind == Kind::File), seen.digest, modified))
    };
    listed.into_iter().map(row).collect()
}

/// What mtools takes out of the volume at a byte of a file.
fn mtools(folder: &Path, image: &str) -> Seen {
    let out = folder.join("mtools");
    std::fs::create_dir(&out).unwrap();
    peers::run(folder, "mcopy", &["-s", "-m", "-n", "-i", image, "::*", "mtools"]);
    let seen = written(&out);
    std::fs::remove_dir_all(out).unwrap();
    seen
}

fn seven_zip(folder: &Path, image: &str) -> Seen {
    let out = folder.join("7zz");
    std::fs::create_dir(&out).unwrap();
    peers::output(&out, "7zz", &["x", "-y", "-tFAT", &format!("../{image}")]);
    let seen = written(&out);
    std::fs::remove_dir_all(out).unwrap();
    seen
}

#[test]
fn volumes_of_every_width_are_read_as_mtools_and_7zz_read_them() {
    let scratch = tempfile::tempdir().unwrap();
    for kind in VOLUMES {
        let bytes = volume(scratch.path(), kind);
        let image = Image::open(memory(&bytes)).unwrap();
        assert!(image.diagnostics().is_empty(), "{}: {:?}", kind.0, image.diagnostics().items());
        assert_eq!((image.formats(), image.trees().len()), (vec![&kind.0[..5]], 1), "{}", kind.0);
        // mkfs.fat leaves what is less than a track.
        let left = (bytes.len() as u64).checked_sub(image.declared_size()).unwrap();
        assert!(image.volume().id == "PEERS" && left < 64 << 10, "{}: {left}", kind.0);
        let tree = image.default_tree();
        let ours = ours(tree);
        assert_eq!(ours.len(), 46, "{}", kind.0);
        same(&ours, &mtools(scratch.path(), "volume.img"), kind.0);
        same(&ours, &seven_zip(scratch.path(), "volume.img"), kind.0);
        let folder = tree.read_folder(tree.root()).unwrap();
        let entry = |name: &str| &folder.entries()[folder.position(name).unwrap()];
        assert!(entry("hidden.sys").hidden && !entry("empty").hidden);
        let large = isoscope::disc::tree::find(&**tree, "EFI/BOOT/BOOTX64.EFI").unwrap().unwrap();
        let isoscope::disc::tree::Found::Entry { folder, index } = large else { panic!("it is an entry") };
        let pieces = folder.entries()[index].content.extents().len();
        assert!(kind.0 != "FAT12" || pieces > 2, "{}: {pieces} pieces", kind.0);
        // Deleted files leave their bytes behind; nothing else is unclaimed.
        let found = unseen::find(&image, &mut |_, _| {}).unwrap();
        assert!(found.after_end.is_none() && found.diagnostics.is_empty(), "{found:?}");
        assert_eq!(found.hidden.len(), 1);
    }
}

#[test]
fn built_volumes_are_read_as_7zz_reads_them() {
    let scratch = tempfile::tempdir().unwrap();
    for width in fat::WIDTHS {
        let bytes = fat::sample(width).bytes;
        std::fs::write(scratch.path().join("built.img"), &bytes).unwrap();
        let image = Image::open(memory(&bytes)).unwrap();
        let ours = ours(image.default_tree());
        assert_eq!(ours.len(), 27);
        same(&ours, &seven_zip(scratch.path(), "built.img"), &format!("{width:?}"));
    }
}

#[test]
fn a_volume_without_files_deleted_has_no_bytes_that_nobody_owns() {
    let scratch = tempfile::tempdir().unwrap();
    for (name, kib, options) in VOLUMES {
        let kib = kib.to_string();
        std::fs::remove_file(scratch.path().join("v.img")).unwrap_or_default();
        peers::run(scratch.path(), "mkfs.fat", &[&["-C", "-n", "CLEAN"], options, &["v.img", &kib]].concat());
        for number in 0..40 {
            std::fs::write(scratch.path().join("content"), vec![b'x'; number * 97]).unwrap();
            let to = format!("::a file with a long name {number}");
            peers::run(scratch.path(), "mcopy", &["-i", "v.img", "content", &to]);
        }
        let image = Image::open(memory(&std::fs::read(scratch.path().join("v.img")).unwrap())).unwrap();
        let found = unseen::find(&image, &mut |_, _| {}).unwrap();
        assert!(found.is_empty() && found.diagnostics.is_empty(), "{name}: {found:?}");
    }
}

/// Folders in which xorriso finds a volume, and a file for the disc itself.
fn disc(scratch: &Path, bytes: &[u8], options: &[&str]) -> Image {
    let tree = scratch.join("tree");
    std::fs::create_dir_all(&tree).unwrap();
    std::fs::write(tree.join("README"), "of the disc").unwrap();
    std::fs::write(tree.join("EFI"), "the same name as in the volume").unwrap();
    let inside = if options.contains(&"-append_partition") { scratch } else { &tree };
    std::fs::write(inside.join("efi.img"), bytes).unwrap();
    let arguments = [&["-as", "mkisofs", "-quiet", "-R", "-J", "-o", "disc.iso"], options, &["tree"]].concat();
    peers::run(scratch, "xorriso", &arguments);
    std::fs::remove_file(inside.join("efi.img")).unwrap();
    Image::open(memory(&std::fs::read(scratch.join("disc.iso")).unwrap())).unwrap()
}

fn rows(survey: Survey) -> BTreeMap<String, crate::support::survey::Row> {
    assert!(survey.all_said().is_empty(), "{:?}", survey.all_said());
    survey.rows
}

#[test]
fn boot_images_and_partitions_show_the_volume_once() {
    let scratch = tempfile::tempdir().unwrap();
    let appended = ["-append_partition", "2", "0xef", "efi.img"];
    let boots_appended = ["-e", "--interval:appended_partition_2:all::", "-no-emul-boot"];
    // How the disc is made, for which volume, and whether the volume is a boot image and a partition.
    let cases: [(&str, usize, Vec<&str>, bool, bool); 6] = [
        ("El Torito", 0, vec!["-e", "efi.img", "-no-emul-boot"], true, false),
        ("El Torito, FAT16", 2, vec!["-e", "efi.img", "-no-emul-boot"], true, false),
        ("a diskette", 0, vec!["-b", "efi.img"], true, false),
        ("MBR", 3, appended.to_vec(), false, true),
        ("GPT", 1, [&appended[..], &["-appended_part_as_gpt"]].concat(), false, true),
        ("both", 4, [&appended[..], &["-appended_part_as_gpt"], &boots_appended].concat(), true, true),
    ];
    for (what, kind, options, is_boot_image, is_partition) in cases {
        let bytes = volume(scratch.path(), VOLUMES[kind]);
        let bare = Image::open(memory(&bytes)).unwrap();
        let image = disc(scratch.path(), &bytes, &options);
        assert!(image.diagnostics().is_empty(), "{what}: {:?}", image.diagnostics().items());
        assert!(image.banner().is_none());
        let fats: Vec<_> = image.trees().iter().filter(|tree| tree.kind() == TreeKind::Fat).collect();
        assert_eq!(fats.len(), 1, "{what}");
        assert_eq!(image.default_tree().kind(), TreeKind::RockRidge);
        let own = rows(survey(bare.default_tree()));
        assert_eq!(rows(survey(fats[0])), own, "{what}");
        let id = image.id_of(fats[0].as_ref());
        assert_eq!(image.boot_image_of(id).is_some(), is_boot_image, "{what}");
        assert_eq!(image.partition_of(id).is_some(), is_partition, "{what}");
        let in_boot_images = (0..image.boot_images().len()).filter(|at| image.boot_image_trees(*at).contains(&id));
        let in_partitions = (0..image.partitions().len()).filter(|at| image.partition_trees(*at).contains(&id));
        assert_eq!((in_boot_images.count(), in_partitions.count() > 0), (usize::from(is_boot_image), is_partition));
        // As mtools reads it in its place.
        let system = image.file_systems().iter().find(|system| system.trees[0].kind() == TreeKind::Fat).unwrap();
        let theirs = mtools(scratch.path(), &format!("disc.iso@@{}", system.part.offset));
        same(&ours(fats[0]), &theirs, what);
        // The disc is as long as before, and nothing of it is unclaimed but what deleted files left in the partition.
        assert_eq!(image.declared_size() <= image.source().len(), !image.trees().is_empty());
        let found = unseen::find(&image, &mut |_, _| {}).unwrap();
        assert!(found.gaps.iter().all(|gap| gap.extent.offset >= system.part.offset), "{what}: {found:?}");
        assert!(is_partition || found.gaps.is_empty(), "{what}: {found:?}");
        for file in system.trees[0].read_folder(system.trees[0].root()).unwrap().entries() {
            let inside = file.content.extents().iter().filter(|extent| extent.length > 0);
            assert!(inside.into_iter().all(|extent| extent.offset > system.part.offset), "{what}");
        }
    }
}

#[test]
fn a_boot_image_that_stands_for_a_hard_disk_shows_the_volume_in_its_partition() {
    let scratch = tempfile::tempdir().unwrap();
    let volume = fat::sample(fat::Width::Fat12).bytes;
    let mut disk = vec![0; 63 * 512];
    disk.extend(&volume);
    let sectors = (volume.len() / 512) as u32;
    disk[446..454].copy_from_slice(&[0x80, 1, 1, 0, 1, 3, 63, 10]);
    disk[454..458].copy_from_slice(&63_u32.to_le_bytes());
    disk[458..462].copy_from_slice(&sectors.to_le_bytes());
    disk[510..512].copy_from_slice(&[0x55, 0xaa]);
    let image = disc(scratch.path(), &disk, &["-b", "efi.img", "-hard-disk-boot"]);
    assert!(image.diagnostics().is_empty(), "{:?}", image.diagnostics().items());
    assert_eq!(image.boot_image_trees(0), [TreeKind::Fat.into()]);
    let boot = image.boot_image_of(TreeKind::Fat.into()).unwrap();
    assert!(boot.is_hard_disk());
    let bare = Image::open(memory(&volume)).unwrap();
    assert_eq!(rows(survey(image.tree(TreeKind::Fat).unwrap())), rows(survey(bare.default_tree())));
}

#[test]
fn a_stick_with_partitions_opens_by_the_volumes_in_them() {
    let scratch = tempfile::tempdir().unwrap();
    let first = volume(scratch.path(), VOLUMES[0]);
    let second = volume(scratch.path(), VOLUMES[1]);
    let mut stick = vec![0; 16 << 20];
    let (one, two) = (2048 * 512, 8192 * 512);
    stick[one..one + first.len()].copy_from_slice(&first);
    stick[two..two + second.len()].copy_from_slice(&second);
    std::fs::write(scratch.path().join("stick"), &stick).unwrap();
    for (at, kind, start, len) in [(446, 1, 2048_u32, first.len()), (462, 0x0c, 8192, second.len())] {
        stick[at + 4] = kind;
        stick[at + 8..at + 12].copy_from_slice(&start.to_le_bytes());
        stick[at + 12..at + 16].copy_from_slice(&((len / 512) as u32).to_le_bytes());
    }
    stick[510..512].copy_from_slice(&[0x55, 0xaa]);
    let image = Image::open(memory(&stick)).unwrap();
    let names: Vec<_> = image.trees().iter().map(|tree| image.id_of(tree.as_ref()).to_string()).collect();
    assert_eq!(names, ["fat", "fat-2"]);
    assert_eq!(rows(survey(&image.trees()[0])).len(), 46);
    assert_eq!(image.partition_of(TreeKind::Fat.into()).unwrap().id(), "mbr-1");
    // Without a file system that is read it stays what it was.
    stick[one..].fill(0);
    assert!(Image::open(memory(&stick)).is_err());
}

#[test]
fn the_command_line_lists_and_extracts_a_boot_image() {
    let scratch = tempfile::tempdir().unwrap();
    let bytes = volume(scratch.path(), VOLUMES[0]);
    disc(scratch.path(), &bytes, &["-e", "efi.img", "-no-emul-boot"]);
    let program = env!("CARGO_BIN_EXE_isoscope");
    let listed = peers::run(scratch.path(), program, &["ls", "-R", "--tree", "fat", "disc.iso"]);
    assert!(String::from_utf8(listed).unwrap().contains("ein Ordner/ein größerer Ordner/日本/ファイル.txt"));
    let bytes = peers::run(scratch.path(), program, &["cat", "--tree", "fat", "disc.iso", "UPPER.TXT"]);
    assert_eq!(bytes, b"upper");
    peers::run(scratch.path(), program, &["extract", "-q", "--tree", "fat", "disc.iso", "EFI", "-o", "out"]);
    let extracted = std::fs::read(scratch.path().join("out/EFI/BOOT/BOOTX64.EFI")).unwrap();
    assert_eq!(digest_of(&extracted), mtools(scratch.path(), "volume.img")["EFI/BOOT/BOOTX64.EFI"].2.clone().unwrap());
    let info = String::from_utf8(peers::run(scratch.path(), program, &["info", "disc.iso"])).unwrap();
    assert!(info.contains("FAT, in boot image 1. UEFI") && info.contains(", holds FAT"), "{info}");
}

#[test]
fn opening_reads_little_and_a_failing_read_is_told() {
    let scratch = tempfile::tempdir().unwrap();
    let bytes = volume(scratch.path(), VOLUMES[5]);
    let source = memory(&bytes);
    let counter = FailingSource::new(source.clone(), u64::MAX);
    isoscope::disc::fat::open(
        &(counter.clone() as Arc<dyn isoscope::disc::Source>),
        isoscope::disc::Extent::new(0, bytes.len() as u64),
        None,
        &mut isoscope::disc::Diagnostics::default(),
    )
    .unwrap()
    .unwrap();
    assert!(counter.reads() <= 4, "{} reads", counter.reads());
    let image = Image::open(counter.clone()).unwrap();
    let before = counter.reads();
    let tree = image.default_tree();
    let root = tree.read_folder(tree.root()).unwrap();
    let many = &root.entries()[root.position("many").unwrap()];
    tree.read_folder(tree.folder_of(many).unwrap()).unwrap();
    // Three blocks of the FAT at most, and the pieces of two folders.
    assert!(counter.reads() - before < 16, "{} reads", counter.reads() - before);
}
