//! A copy for a drag that is given up on the way.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::support::drag_stage::{Stage, Way, image_of, pause};
use super::support::file_manager::{FileManager, contents, wait_for_contents};
use super::support::rights::can_mount;
use super::support::screen::{Screen, wait_for};
use super::support::slow::slow;

/// Bytes a second that the image gives.
const SPEED: u64 = 8 << 20;

/// Bytes of each large file: its copy takes longer than any hand does to give it up.
const LARGE: u64 = 160 << 20;

/// The middle of the button that cancels, from the lower right corner of the window.
const CANCEL: (i32, i32) = (-23, -14);

/// No copy is complete so soon.
const AT_ONCE: Duration = Duration::from_secs(8);

const SMALL: &str = "9 small.txt";

#[derive(Debug, Clone, Copy)]
enum GivenUp {
    /// With the Esc key, while the button is held over the target.
    Esc,
    /// Released over nothing, behind the target.
    Elsewhere,
    /// With the button in the window, while the target waits.
    Button,
}

/// A copy that is under way when the drag is given up, in each way that there is, neither arrives nor stays in the cache,
/// and the next drag is served at once.
#[test]
fn a_copy_that_is_cancelled_leaves_nothing_and_the_next_drag_begins_at_once() {
    if !can_mount() {
        return;
    }
    for manager in FileManager::chosen() {
        let folder = tempfile::tempdir().unwrap();
        let files = folder.path().join("files");
        std::fs::create_dir(&files).unwrap();
        std::fs::File::create(files.join("1 large.bin")).unwrap().set_len(LARGE).unwrap();
        std::fs::write(files.join(SMALL), "small").unwrap();
        let medium = tempfile::tempdir().unwrap();
        let (image, _mount) = slow(&image_of(folder.path()), &medium.path().join("slow"), SPEED);
        let stage = Stage::showing(Screen::of_size("1800x900"), *manager, Way::Copies, folder, &image);
        for (handed, way) in [GivenUp::Esc, GivenUp::Elsewhere, GivenUp::Button].into_iter().enumerate() {
            let what = format!("{}, {way:?}", manager.name());
            stage.drag(stage.row("1 large.bin"), stage.empty);
            if matches!(way, GivenUp::Button) {
                stage.release();
            }
            let is_on_the_way = |len: u64| (1 << 20..LARGE).contains(&len);
            wait_for(&format!("{what}: it is being copied"), || {
                stage.staged().0.iter().any(|(_, len)| is_on_the_way(*len))
            });
            match way {
                GivenUp::Esc => {
                    stage.screen.keys(&["Escape"]);
                    // Before the release, which ends a drag too.
                    gone(&stage, &what, handed);
                    stage.release();
                }
                GivenUp::Elsewhere => {
                    stage.to(stage.nowhere);
                    pause(300);
                    stage.release();
                }
                GivenUp::Button => {
                    stage.to(stage.lower_right(CANCEL));
                    pause(150);
                    stage.screen.xdotool(&["click", "1"]);
                }
            }
            gone(&stage, &what, handed);
            // Nothing else is ever there.
            stage.drag_to_target(SMALL);
            wait_for_contents(&what, &stage.target(), &stage.only(SMALL));
            stage.clear();
        }
        assert_eq!(contents(&stage.target()), BTreeMap::new());
    }
}

/// Waits until nothing is there but the copies that were dropped, which must be long before it would be complete.
fn gone(stage: &Stage, what: &str, handed: usize) {
    let started = Instant::now();
    wait_for(&format!("{what}: nothing of the copy is left"), || {
        let (files, drags) = stage.staged();
        (files.len(), drags) == (handed, handed)
    });
    assert!(started.elapsed() < AT_ONCE, "{what}: it was copied to the end");
}
