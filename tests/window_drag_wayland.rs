//! Files dragged out of the real window with the mouse, into a real file manager in a Wayland compositor, and pasted there.
#![cfg(all(feature = "window-tests", target_os = "linux"))]

mod support;

use support::drag_stage::{Stage, Way, everything_can_be_dragged, text_goes_both_ways_and_images_come_in};
use support::file_manager::FileManager;

#[test]
fn files_are_dragged_straight_out_of_the_image() {
    everything_can_be_dragged(Stage::wayland(FileManager::Thunar, Way::Mount));
}

#[test]
fn files_are_dragged_as_copies() {
    everything_can_be_dragged(Stage::wayland(FileManager::Thunar, Way::Copies));
}

#[test]
fn text_is_copied_and_pasted_and_images_are_dropped_on_the_window() {
    text_goes_both_ways_and_images_come_in(Stage::wayland(FileManager::Thunar, Way::Mount));
}
