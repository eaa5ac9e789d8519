//! Help, wrong usage, and what becomes of standard output.

use std::io::Read;
use std::process::{Output, Stdio};

use crate::support::builder::{Disc, ROOT};
use crate::{SAMPLE, file, hostile_disc, program, run, run_well, sample, scratch};

#[test]
fn help_and_version_are_results() {
    for arguments in [&["--help"][..], &["-h"], &["ls", "--help"], &["compare", "-h"]] {
        assert!(run_well(arguments).text().contains("Usage: isoscope"), "{arguments:?}");
    }
    for arguments in [["--version"], ["-V"]] {
        assert_eq!(run_well(&arguments).text(), concat!("isoscope ", env!("CARGO_PKG_VERSION"), "\n"));
    }
}

#[test]
fn wrong_usage_is_two() {
    let wrong = [
        &["ls"][..],
        &["ls", SAMPLE, "--no-such-option"],
        &["ls", SAMPLE, "--tree", "ext4"],
        &["ls", SAMPLE, "--session", "newest"],
        &["cat", SAMPLE],
        &["info", SAMPLE, "one", "too many"],
        &["--renderer", "crayon", SAMPLE],
    ];
    for arguments in wrong {
        let ran = run(arguments);
        assert_eq!((ran.status, ran.text()), (2, ""), "{arguments:?}");
        assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
    }
}

#[test]
fn what_cannot_be_done_is_three_and_one_sentence() {
    let folder = scratch();
    let zip = file(&folder, "archive.iso", b"PK\x03\x04 and so on, for long enough to be looked at");
    let empty = file(&folder, "empty.iso", b"");
    let nowhere = folder.path().join("nowhere.iso").into_os_string().into_string().unwrap();
    let here = folder.path().to_str().unwrap();
    let failing = [
        (&["info", &zip][..], "This is a ZIP archive"),
        (&["ls", &empty], "empty"),
        (&["info", &nowhere], "could not be read"),
        (&["ls", here], "This is a folder, not a disc image"),
        (&["ls", SAMPLE, "No/such/path"], "There is no “No/such/path” in the image"),
        (&["cat", SAMPLE, "Names"], "“Names” is a folder, not a file"),
        (&["cat", SAMPLE, "/"], "“/” is a folder, not a file"),
        (&["cat", SAMPLE, "Link to the readme"], "is a symbolic link to “README.txt”, not a file"),
        (
            &["ls", SAMPLE, "--tree", "iso9660-1999"],
            "The image has no ISO 9660:1999 tree; it has rock-ridge, joliet, iso9660",
        ),
        (&["info", SAMPLE, "--session", "2"], "There is no session 2"),
    ];
    for (arguments, words) in failing {
        let ran = run(arguments);
        assert_eq!((ran.status, ran.text()), (3, ""), "{arguments:?}");
        assert!(ran.stderr.starts_with("isoscope: ") && ran.stderr.contains(words), "{}", ran.stderr);
        assert_eq!(ran.stderr.matches('\n').count(), 1, "{}", ran.stderr);
    }
}

#[test]
fn quiet_keeps_notes_back_but_not_their_status() {
    let folder = scratch();
    let cut = file(&folder, "cut.iso", &sample()[..300 << 10]);
    let loud = run(&["ls", "-R", &cut]);
    let quiet = run(&["ls", "-R", "--quiet", &cut]);
    assert_eq!((loud.status, quiet.status), (1, 1));
    assert_eq!(loud.stdout, quiet.stdout);
    assert!(!loud.stderr.is_empty());
    assert_eq!(quiet.stderr, "");
    let failed = run(&["cat", "-q", &cut, "No such file"]);
    assert_eq!(failed.status, 3);
    assert!(!failed.stderr.is_empty(), "errors are said all the same");
}

#[test]
fn nothing_that_acts_on_a_terminal_reaches_it() {
    let folder = scratch();
    let image = file(&folder, "hostile.iso", &hostile_disc());
    let runs = [
        &["info", &image][..],
        &["ls", &image],
        &["ls", "-l", "-R", &image],
        &["compare", "--names", &image],
        &["cat", &image, "\x1b]0;title\x07/\u{202e}x"],
        &["ls", &image, "no \x1b[31msuch\x07 thing"],
        &["ls", "no \x1b[31msuch\x07 image.iso"],
        &[&image],
    ];
    for arguments in runs {
        let ran = run(arguments);
        let said = format!("{}{}", ran.text(), ran.stderr);
        assert!(!said.is_empty());
        let acts = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!said.contains(acts), "{arguments:?}: {said:?}");
    }
    let listing = run_well(&["ls", "-R", "-l", &image]);
    assert!(listing.text().contains("  tab\\x09and\\x0aline/bell\\x07 \\u{202e}gpj.exe\n"), "{}", listing.text());
    assert!(listing.text().contains("  link -> \\x1b[2Jtarget\n"), "{}", listing.text());
    assert_eq!(listing.text().lines().count(), 4, "a line break in a name makes no line");
}

#[test]
fn a_broken_pipe_ends_it_quietly() {
    let mut disc = Disc::rock_ridge();
    for number in 0..4000 {
        disc.rr_file(ROOT, &format!("a file with a name of some length, number {number}"), b"");
    }
    let folder = scratch();
    let image = file(&folder, "many.iso", &disc.build().bytes);
    for arguments in [&["ls", "--json", &image][..], &["ls", "-R", "-l", &image], &["compare", "--names", &image]] {
        let mut child = program(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut some = [0; 64];
        child.stdout.take().unwrap().read_exact(&mut some).unwrap();
        // The reading end is closed by now, with far more to come than a pipe holds.
        let Output { status, stderr, .. } = child.wait_with_output().unwrap();
        assert_eq!((status.code(), stderr.as_slice()), (Some(0), &b""[..]), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_said() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = program(&["ls", "-R", SAMPLE]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr.starts_with("isoscope: The output could not be written: "), "{stderr}");
}

#[test]
fn without_a_display_the_disc_is_shown_as_text() {
    let ran = run(&[SAMPLE]);
    assert_eq!(ran.status, 0);
    assert_eq!(ran.stderr.matches('\n').count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("so here is the disc as text"), "{}", ran.stderr);
    let info = run_well(&["info", SAMPLE]);
    let listing = run_well(&["ls", "-l", SAMPLE]);
    assert_eq!(ran.text(), format!("{}\n{}", info.text(), listing.text()));
    // The same with a renderer asked for, as from a menu entry.
    assert_eq!(run(&["--renderer", "glow", SAMPLE]).stdout, ran.stdout);

    let ran = run(&[]);
    assert_eq!((ran.status, ran.text()), (3, ""));
    assert!(ran.stderr.contains("isoscope --help"), "{}", ran.stderr);
    let ran = run(&["no such image.iso"]);
    assert_eq!((ran.status, ran.text()), (3, ""));
}

#[test]
fn an_image_may_be_called_like_a_command() {
    let folder = scratch();
    file(&folder, "info", &sample());
    let output = program(&["./info"]).current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.starts_with(b"./info\n"));
}

#[test]
fn commands_do_not_look_for_a_display() {
    let output = program(&["ls", SAMPLE]).env("DISPLAY", ":4711").env("WAYLAND_DISPLAY", "none").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stderr, b"");
}
