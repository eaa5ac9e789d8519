//! Files dragged out of the real window on Windows, into a window of another process, which reads them out of the image.
#![cfg(all(feature = "gui", windows))]
#![expect(unsafe_code, reason = "windows, input and COM of the system are made of pointers")]

#[path = "drag_windows/hand.rs"]
mod hand;
#[path = "drag_windows/target.rs"]
mod target;

use std::path::{Path, PathBuf};
use std::process::Command;

use windows_sys::Win32::Foundation::RECT;
use windows_sys::Win32::UI::Input::KeyboardAndMouse::{VK_A, VK_CONTROL, VK_ESCAPE};

use hand::{Window, click, drag, pause, press, release, to};
use target::{Heard, Item, Target};

/// Where the target is, and a place in it, and one where nothing is.
const PLACE: RECT = RECT { left: 760, top: 60, right: 1160, bottom: 500 };
const INSIDE: (i32, i32) = (960, 300);
const NOWHERE: (i32, i32) = (960, 700);

/// What an extraction of `paths` writes: everything is dragged as it is extracted.
fn extracted(image: &Path, paths: &[&str]) -> Vec<Item> {
    let folder = tempfile::tempdir().unwrap();
    let written = Command::new(env!("CARGO_BIN_EXE_isoscope"))
        .arg("extract")
        .arg(image)
        .args(paths)
        .arg("-o")
        .arg(folder.path().join("out"))
        .output()
        .unwrap();
    // One says that there was something to note, such as names that Windows does not allow.
    assert!(matches!(written.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&written.stderr));
    let mut items = Vec::new();
    walk(&folder.path().join("out"), "", &mut items);
    items.sort();
    items
}

fn walk(folder: &Path, above: &str, items: &mut Vec<Item>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{above}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), &format!("{path}/"), items);
            items.push((path, None));
        } else {
            items.push((path, Some(std::fs::read(entry.path()).unwrap())));
        }
    }
}

fn dropped(target: &Target) -> Vec<Item> {
    loop {
        match target.hears() {
            Heard::Dropped(mut items) => {
                items.sort();
                return items;
            }
            Heard::Failed(why) => panic!("{why}"),
            Heard::Entered | Heard::Left => {}
        }
    }
}

#[test]
fn files_are_dragged_into_another_program() {
    let image = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/sample.iso");
    let target = Target::open(PLACE);
    let mut window = Window::open(&image, (740, 640));

    // A folder; a file, which the target reads when the drag is over; and the same again.
    for (row, path) in [(0, "boot"), (11, "README.txt"), (1, "Code"), (11, "README.txt")] {
        drag(window.row(row), INSIDE);
        assert!(matches!(target.hears(), Heard::Entered), "{path}");
        release();
        let (dropped, expected) = (dropped(&target), extracted(&image, &[path]));
        assert!(!expected.is_empty() && dropped == expected, "{path}");
        pause(500);
    }

    // Given up over the target, and dropped where nothing is.
    drag(window.row(1), INSIDE);
    assert!(matches!(target.hears(), Heard::Entered));
    press(&[VK_ESCAPE]);
    assert!(matches!(target.hears(), Heard::Left));
    release();
    pause(500);
    drag(window.row(1), NOWHERE);
    release();
    assert!(window.is_running());

    // Everything, twice: selected by the keyboard, and kept selected by the first drag.
    click(window.row(0));
    press(&[VK_CONTROL, VK_A]);
    pause(500);
    for _ in 0..2 {
        drag(window.row(2), INSIDE);
        release();
        let (dropped, expected) = (dropped(&target), extracted(&image, &[]));
        let paths = |items: &[Item]| items.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
        assert_eq!(paths(&dropped), paths(&expected));
        assert!(dropped == expected);
        pause(500);
    }
    to(NOWHERE);
    assert!(target.hears_nothing() && window.is_running());
}
