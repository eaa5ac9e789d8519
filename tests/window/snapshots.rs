//! A few pictures of the window, light and dark.

use isoscope::app::Command;
use isoscope::app::model::{Selecting, Step};
use isoscope::app::state::Origin;

use crate::harness::TestWindow;

fn first_page(dark: bool, name: &str) {
    TestWindow::themed(None, dark).harness.snapshot(name);
}

fn open_disc(dark: bool, name: &str) {
    let mut window = TestWindow::themed(Some(Origin::Sample), dark);
    window.command(Command::Step(Step::First, Selecting::Only));
    window.harness.snapshot(name);
}

#[test]
fn the_first_page_looks_as_it_should_in_light() {
    first_page(false, "welcome-light");
}

#[test]
fn the_first_page_looks_as_it_should_in_dark() {
    first_page(true, "welcome-dark");
}

#[test]
fn an_open_disc_looks_as_it_should_in_light() {
    open_disc(false, "disc-light");
}

#[test]
fn an_open_disc_looks_as_it_should_in_dark() {
    open_disc(true, "disc-dark");
}
