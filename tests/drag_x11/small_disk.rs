//! A drag of more than the disk has room for.

use std::collections::BTreeMap;

use super::support::drag_stage::{Stage, Way, image_of, pause};
use super::support::file_manager::{FileManager, contents, wait_for_contents};
use super::support::rights::can_mount_disks;
use super::support::screen::{Screen, wait_for};
use super::support::tiny::Tiny;

/// Bytes of the large file, for which the disk has no room.
const LARGE: u64 = 100 << 20;

/// The small one has its place on it.
const DISK: &str = "64m";

const SMALL: &str = "2 small.txt";

/// The middle of the button “Extract…” of the message, from the upper left corner of the window.
const EXTRACT: (i32, i32) = (914, 91);

/// What the folder for copies has no room for is not begun: nothing is written there, nothing arrives, and the window
/// offers to extract it, which works. What it has room for is dragged as ever.
#[test]
fn what_has_no_room_as_a_copy_is_not_begun_and_can_be_extracted() {
    if !can_mount_disks() {
        return;
    }
    let manager = FileManager::chosen()[1];
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("files");
    std::fs::create_dir(&files).unwrap();
    std::fs::File::create(files.join("1 large.bin")).unwrap().set_len(LARGE).unwrap();
    std::fs::write(files.join(SMALL), "small").unwrap();
    let image = image_of(folder.path());
    let screen = Screen::of_size("1800x900");
    let medium = tempfile::tempdir().unwrap();
    let disk = Tiny::mount(&medium.path().join("disk"), DISK);
    std::os::unix::fs::symlink(&disk.0, screen.home.path().join("cache")).unwrap();
    let stage = Stage::showing(screen, manager, Way::Copies, folder, &image);
    // What programs keep there by themselves comes and goes in kilobytes.
    let before = disk.used();
    let most = disk.most_used_during(|| {
        stage.drag(stage.row("1 large.bin"), stage.empty);
        stage.release();
        pause(1000);
    });
    assert!(most < before + (1 << 20), "{most} bytes after {before}");
    assert_eq!(stage.staged(), (Vec::new(), 0));
    assert_eq!(contents(&stage.target()), BTreeMap::new());

    stage.to(stage.upper_left(EXTRACT));
    pause(150);
    stage.screen.xdotool(&["click", "1"]);
    pause(500);
    stage.screen.keys(&["Return"]);
    let extracted = stage.screen.home.path().join("1 large.bin");
    wait_for("the file is extracted", || extracted.exists());
    assert_eq!(extracted.metadata().unwrap().len(), LARGE);
    // What became of it is said in front of all else.
    stage.screen.settled(&stage.program.window);
    stage.screen.keys(&["Escape"]);

    stage.drag_to_target(SMALL);
    wait_for_contents("the small file", &stage.target(), &stage.only(SMALL));
}
