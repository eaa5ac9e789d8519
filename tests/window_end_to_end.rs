//! The real program on a real X server: started with an image, used with the keyboard, looked at, closed.
#![cfg(all(feature = "window-tests", target_os = "linux"))]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::screen::{Program, Screen, wait_for};

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sample.iso")
}

#[test]
fn an_image_is_opened_browsed_and_extracted_with_the_keyboard_alone() {
    let screen = Screen::new();
    let program = Program::start(&screen, &sample(), &[]);
    assert!(screen.xdotool(&["getwindowname", &program.window]).starts_with("sample.iso"));

    let root = screen.settled(&program.window);

    // Into the first folder, and back.
    screen.keys(&["Home", "Return"]);
    wait_for("another folder is shown", || screen.picture(&program.window) != root);
    screen.keys(&["alt+Up"]);

    // The last entry of the root is a file; it goes into the home folder, for there are no downloads.
    screen.keys(&["End", "ctrl+e"]);
    screen.settled(&program.window);
    screen.keys(&["Return"]);
    let extracted = screen.home.path().join("README.txt");
    wait_for("the file is extracted", || extracted.exists());
    let expected = screen
        .command(env!("CARGO_BIN_EXE_isoscope"))
        .args(["cat".as_ref(), sample().as_os_str(), "README.txt".as_ref()])
        .output()
        .unwrap();
    assert!(!expected.stdout.is_empty());
    assert_eq!(std::fs::read(&extracted).unwrap(), expected.stdout);

    screen.keys(&["Escape", "ctrl+w"]);
    assert_eq!(program.end(), Some(0));
    let settings = std::fs::read_to_string(screen.home.path().join("config/isoscope/settings.json")).unwrap();
    assert!(settings.contains("sample.iso"), "the image is remembered");
}

#[test]
fn both_renderers_draw_the_window() {
    for renderer in ["glow", "wgpu"] {
        let screen = Screen::new();
        let program = Program::start(&screen, &sample(), &["--renderer", renderer]);
        screen.settled(&program.window);
        screen.keys(&["ctrl+w"]);
        assert_eq!(program.end(), Some(0), "{renderer}");
    }
}

#[test]
fn a_screen_that_cannot_be_reached_is_said_with_status_2() {
    let output = Command::new(env!("CARGO_BIN_EXE_isoscope"))
        .arg(sample())
        .env("DISPLAY", ":4999")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("No window could be opened"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn every_signal_that_asks_the_window_to_end_closes_it_and_unmounts() {
    for signal in ["TERM", "INT", "HUP"] {
        let screen = Screen::new();
        let program = Program::start(&screen, &sample(), &[]);
        let home = screen.home.path().to_str().unwrap();
        let is_mounted = || std::fs::read_to_string("/proc/self/mountinfo").unwrap().contains(home);
        // What is copied is mounted, where that can be had.
        screen.keys(&["End", "ctrl+c"]);
        if isoscope::platform::mount::probe().is_ok() {
            // As long as the disc is on its way there is nothing that could be copied.
            wait_for("what was copied is mounted", || {
                screen.keys(&["End", "ctrl+c"]);
                is_mounted()
            });
        }
        let sent = Command::new("kill").args(["-s", signal, &program.process.0.id().to_string()]).status();
        assert!(sent.unwrap().success());
        assert_eq!(program.end(), Some(0), "{signal}");
        assert!(!is_mounted(), "{signal}");
    }
}
