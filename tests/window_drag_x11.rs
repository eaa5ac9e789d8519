//! Files dragged out of the real window with the mouse, into real file managers on an X server, and pasted there.
//!
//! In `tests/run` two file managers; all of them with `ISOSCOPE_ALL_FILE_MANAGERS=1`.
#![cfg(all(feature = "window-tests", target_os = "linux"))]

#[path = "drag_x11/cancelled.rs"]
mod cancelled;
#[path = "drag_x11/small_disk.rs"]
mod small_disk;
mod support;

use support::drag_stage::{Stage, Way, everything_can_be_dragged};
use support::file_manager::FileManager;

#[test]
fn files_are_dragged_straight_out_of_the_image() {
    for manager in FileManager::chosen() {
        everything_can_be_dragged(Stage::x11(*manager, Way::Mount));
    }
}

#[test]
fn files_are_dragged_as_copies() {
    for manager in FileManager::chosen() {
        everything_can_be_dragged(Stage::x11(*manager, Way::Copies));
    }
}
