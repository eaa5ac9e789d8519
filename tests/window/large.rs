//! A folder of a million files: it opens, scrolls, sorts and is searched without a pause.

use std::time::Duration;

use egui::Key;
use isoscope::app::Command;
use isoscope::app::model::{Column, Selecting, Step};
use isoscope::app::state::Origin;

use crate::harness::TestWindow;
use crate::support::million::{self, FILES};

/// What a frame may cost on the thread of the window. The measured figure is about a tenth of it when the program is
/// built for speed; this leaves room for a build for tests.
pub(crate) const FRAME: Duration = Duration::from_millis(8);

/// Time that this thread has spent on a processor.
#[cfg(target_os = "linux")]
fn cpu() -> Duration {
    let line = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(line.split(' ').next().unwrap().parse().unwrap())
}

/// Elsewhere the clock has to do.
#[cfg(not(target_os = "linux"))]
fn cpu() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

/// What a frame costs on average while `act` happens before each. The system counts in steps of some milliseconds, so
/// that only many frames together can be measured.
pub(crate) fn frame(window: &mut TestWindow, frames: u32, mut act: impl FnMut(&mut TestWindow)) -> Duration {
    let before = cpu();
    for _ in 0..frames {
        act(window);
        window.harness.step();
    }
    cpu().saturating_sub(before) / frames
}

#[test]
fn a_million_rows_cost_no_more_than_what_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("million.iso");
    million::image(&path);
    let mut window = TestWindow::open(Origin::File(path));
    assert_eq!(window.disc().listing.len(), FILES);

    let wheel = |window: &mut TestWindow| {
        window.harness.hover_at(egui::pos2(600.0, 400.0));
        let delta = egui::vec2(0.0, -480.0);
        let unit = egui::MouseWheelUnit::Point;
        let phase = egui::TouchPhase::Move;
        let source = egui::MouseWheelSource::Wheel;
        window.harness.event(egui::Event::MouseWheel { unit, delta, phase, source, modifiers: egui::Modifiers::NONE });
    };
    let scrolling = frame(&mut window, 200, wheel);
    assert!(scrolling <= FRAME, "scrolling takes {scrolling:?} a frame");

    let stepping = frame(&mut window, 100, |window| window.harness.key_press(Key::PageDown));
    assert!(stepping <= FRAME, "paging takes {stepping:?} a frame");

    window.command(Command::Step(Step::First, Selecting::Only));
    // The last name of all in the order of names: the search goes through every row, a piece for each frame.
    window.harness.event(egui::Event::Text("file0999999".to_owned()));
    let mut pieces = 0;
    let mut worst = Duration::ZERO;
    while pieces < 2 || window.disc().listing.is_seeking() {
        let before = cpu();
        window.harness.step();
        worst = worst.max(cpu().saturating_sub(before));
        pieces += 1;
    }
    assert_eq!(window.disc().listing.cursor, Some(FILES - 1), "type-ahead reaches the last row");
    assert!(worst <= FRAME * 3, "type-ahead takes {worst:?} at worst");

    // Sorting goes on beside the window, which is drawn as fast as ever.
    let context = window.harness.ctx.clone();
    window.harness.state_mut().command(&context, Command::SortBy(Column::Size));
    assert!(window.disc().sorting.is_some(), "a job sorts");
    let meanwhile = frame(&mut window, 20, |_| {});
    assert!(meanwhile <= FRAME, "while it is sorted, a frame takes {meanwhile:?}");
    window.settle();
    window.settle();
    assert!(window.disc().sorting.is_none());
    let listing = &window.disc().listing;
    let size = |row: usize| listing.rows.size(listing.item(row).unwrap());
    assert!(size(0) == Some(4999) && size(FILES - 1) == Some(0), "from large to small");

    window.command(Command::SelectAll);
    assert_eq!(window.disc().listing.selection.len(), FILES);
    println!(
        "scrolling {scrolling:?}, paging {stepping:?}, type-ahead {worst:?} at worst, while sorting {meanwhile:?}"
    );
}
