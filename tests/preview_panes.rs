//! The preview on the right, with files of every kind: what is shown of them, and what mouse and keyboard do there.
#![cfg(feature = "window-tests")]

#[expect(dead_code, reason = "the tests of the whole window use more of it")]
#[path = "window/harness.rs"]
mod harness;
mod support;

use std::io::{Cursor, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use egui::accesskit::Role;
use egui::{Key, Modifiers, OutputCommand};
use egui_kittest::kittest::Queryable as _;
use harness::TestWindow;
use isoscope::app::Command;
use isoscope::app::model::Selecting;
use isoscope::app::preview::Wish;
use isoscope::app::state::Origin;
use isoscope::preview::Mode;
use support::builder::{BLOCK, Data, Disc, ROOT};
use support::susp;

/// Bytes of the large file: the last one lies just below 4 GiB.
const LARGE: u32 = u32::MAX - 2047;

/// Some Japanese text in Shift_JIS: "This is a text. Please read it first."
const JAPANESE: &[u8] =
    b"\x82\xb1\x82\xea\x82\xcd\x93\xfa\x96\x7b\x8c\xea\x82\xcc\x83\x65\x83\x4c\x83\x58\x83\x67\x82\xc5\x82\xb7\
    \x81\x42\x8d\xc5\x8f\x89\x82\xc9\x82\xa8\x93\xc7\x82\xdd\x82\xad\x82\xbe\x82\xb3\x82\xa2\x81\x42";

fn png(width: u32, height: u32) -> Vec<u8> {
    let picture = image::RgbaImage::from_fn(width, height, |x, y| {
        image::Rgba([(x * 5 % 256) as u8, (y * 7 % 256) as u8, 120, if (x / 16 + y / 16) % 3 == 0 { 0 } else { 255 }])
    });
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A disc with one file of every kind, in a file of its own.
struct TestDisc {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl TestDisc {
    fn new() -> Self {
        let mut disc = Disc::rock_ridge();
        disc.rr_file(ROOT, "boot.cfg", b"# starts the installer\ntimeout 50\nlabel linux\n  kernel /vmlinuz\n");
        disc.rr_file(ROOT, "run.py", b"import os\n\ndef run(name):\n    return name + 'x' * 5  # note\n");
        disc.rr_file(ROOT, "japanese.txt", JAPANESE);
        disc.rr_file(ROOT, "long.txt", format!("{}\nend\n", "word ".repeat(200)).as_bytes());
        let many: String = (1..=5000).map(|line| format!("line {line}\n")).collect();
        disc.rr_file(ROOT, "many.log", many.as_bytes());
        disc.rr_file(ROOT, "picture.png", &png(120, 80));
        disc.rr_file(ROOT, "broken.png", &png(120, 80)[..200]);
        disc.rr_file(ROOT, "data.bin", &(0..=255).cycle().take(10_000).collect::<Vec<u8>>());
        disc.rr_file(ROOT, "empty.txt", b"");
        let folder = disc.rr_folder(ROOT, "folder");
        disc.rr_file(folder, "inside.txt", b"inside");
        disc.rr_folder(folder, "deeper");
        let link = disc.primary.file(ROOT, b"LINK.;1", Data { block: 0, len: 0 });
        disc.primary.uses(
            link,
            [
                susp::px(0o120_777, 1, 0, 0, 1),
                susp::sl(0, &[susp::component(0, b"folder"), susp::component(0, b"inside.txt")]),
            ],
        );
        disc.primary.uses(link, susp::long_name(b"link"));
        let last = disc.data(b"the beginning");
        let large = disc.primary.file(ROOT, b"LARGE.BIN;1", Data { block: last.block, len: LARGE });
        disc.primary.uses(large, susp::long_name(b"large.bin"));
        let end = u64::from(last.block) * BLOCK as u64 + u64::from(LARGE);
        // The last block but one and the last one are in the image, and no more.
        let block = (end / BLOCK as u64) as u32;
        for (name, data) in [
            ("cut.bin", Data { block: block - 2, len: 14_000 }),
            ("cut.txt", Data { block: block - 1, len: 10_000 }),
            ("gone.txt", Data { block: block + 5, len: 10_000 }),
        ] {
            let node = disc.primary.file(ROOT, format!("{};1", name.to_uppercase()).as_bytes(), data);
            disc.primary.uses(node, susp::long_name(name.as_bytes()));
        }

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.iso");
        std::fs::write(&path, disc.build().bytes).unwrap();
        // What lies behind the beginning is a hole that takes no room, up to the last block.
        let mut file = std::fs::File::options().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start(end - BLOCK as u64)).unwrap();
        file.write_all("the last words\n".repeat(137).get(..BLOCK).unwrap().as_bytes()).unwrap();
        Self { _folder: folder, path }
    }

    fn window(&self, dark: bool) -> TestWindow {
        TestWindow::themed(Some(Origin::File(self.path.clone())), dark)
    }
}

fn select(window: &mut TestWindow, name: &str) {
    let listing = &window.disc().listing;
    let row = (0..listing.len()).find(|row| listing.rows.display_name(listing.item(*row).unwrap()) == name).unwrap();
    window.command(Command::Select(row, Selecting::Only));
}

/// True when some text on screen contains `part`.
fn says(window: &TestWindow, part: &str) -> bool {
    window.harness.query_all_by_label_contains(part).next().is_some()
        || window.harness.query_all_by(|node| node.value().is_some_and(|value| value.contains(part))).next().is_some()
}

#[track_caller]
fn expect(window: &TestWindow, part: &str) {
    assert!(says(window, part), "{part}");
}

/// Presses a key and gives back what it put on the clipboard.
fn copied(window: &mut TestWindow) -> Option<String> {
    window.harness.event(egui::Event::Copy);
    let mut text = None;
    for _ in 0..4 {
        window.harness.step();
        for command in &window.harness.output().platform_output.commands {
            if let OutputCommand::CopyText(copied) = command {
                text = Some(copied.clone());
            }
        }
    }
    text
}

#[test]
fn text_is_shown_in_lines_with_its_encoding_and_kind() {
    let disc = TestDisc::new();
    let mut window = disc.window(false);
    select(&mut window, "boot.cfg");
    for part in ["# starts the installer", "timeout 50", "Settings, 64 bytes", "Encoding: UTF-8", "LF"] {
        expect(&window, part);
    }
    // Where no font has the characters boxes are drawn; here they matter only as text.
    window.harness.ctx.set_missing_glyph_policy(egui::MissingGlyphPolicy::Tofu);
    select(&mut window, "japanese.txt");
    expect(&window, "Encoding: Shift_JIS");
    expect(&window, "これは日本語のテキストです。");
    window.command(Command::Preview(Wish::Encoding(Some(encoding_rs::WINDOWS_1252))));
    expect(&window, "Encoding: windows-1252");
    assert!(!says(&window, "これは日本語"));
}

#[test]
fn only_the_rows_on_screen_are_there_and_the_rest_scrolls_in() {
    let disc = TestDisc::new();
    let mut window = disc.window(false);
    select(&mut window, "many.log");
    assert!(says(&window, "line 1") && !says(&window, "line 4999"));
    let text = window.harness.get_by_role_and_label(Role::Document, "Text of the file").rect().center();
    window.harness.event(egui::Event::PointerMoved(text));
    for _ in 0..3 {
        window.harness.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: egui::vec2(0.0, -1e6),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: Modifiers::NONE,
        });
        window.harness.run_steps(20);
    }
    assert!(says(&window, "line 5000") && !says(&window, "line 2500"));
}

#[test]
fn text_is_marked_and_copied_with_the_keyboard() {
    let disc = TestDisc::new();
    let mut window = disc.window(false);
    select(&mut window, "run.py");
    window.harness.get_by_role_and_label(Role::Document, "Text of the file").click();
    window.settle();
    window.keys(Modifiers::COMMAND, Key::A);
    assert_eq!(window.disc().listing.selection.len(), 1, "the list keeps its own selection");
    assert_eq!(copied(&mut window).unwrap(), "import os\n\ndef run(name):\n    return name + 'x' * 5  # note\n");
}

#[test]
fn long_lines_are_broken_when_that_is_wanted() {
    let disc = TestDisc::new();
    let mut window = disc.window(false);
    select(&mut window, "long.txt");
    let rows = |window: &TestWindow| window.harness.query_all_by_label_contains("word word").count();
    assert_eq!(rows(&window), 1);
    window.harness.get_by_label("Wrap").click();
    window.settle();
    assert!(rows(&window) > 10, "{}", rows(&window));
    expect(&window, "end");
}

#[test]
fn a_picture_is_shown_with_its_facts_and_a_broken_one_with_a_sentence() {
    let disc = TestDisc::new();
    let mut window = disc.window(false);
    select(&mut window, "picture.png");
    window.harness.get_by_label_contains("picture.png, PNG, 120 × 80 pixels, RGB with alpha, 8 bits");
    window.harness.get_by_label("Make the picture larger").click();
    window.settle();
    window.harness.get_by_label("Fit").click();
    window.settle();
    select(&mut window, "broken.png");
    expect(&window, "The picture");
    window.harness.get_by_role_and_label(Role::Button, "Hex").click();
    window.settle();
    expect(&window, "89 50 4e 47");
}

#[test]
fn bytes_are_shown_with_their_offsets_and_found() {
    let disc = TestDisc::new();
    let mut window = disc.window(false);
    select(&mut window, "data.bin");
    expect(&window, "00000000: 00 01 02 03");
    window.command(Command::Preview(Wish::Find("fe ff 00 01".to_owned(), true)));
    expect(&window, "Found at byte 254 (0xfe)");
    window.command(Command::Preview(Wish::Find("fe ff 00 01".to_owned(), true)));
    expect(&window, "Found at byte 510");
    window.command(Command::Preview(Wish::Find("no such text".to_owned(), false)));
    expect(&window, "Not found");
}

#[test]
fn the_last_row_of_a_file_of_four_gigabytes_is_reached() {
    let disc = TestDisc::new();
    let mut window = disc.window(false);
    select(&mut window, "large.bin");
    window.command(Command::Preview(Wish::Show(Mode::Hex)));
    expect(&window, "00000000: 74 68 65 20");
    window.harness.get_by_role_and_label(Role::Document, "Bytes of the file").click();
    window.settle();
    window.key(Key::End);
    window.settle();
    expect(&window, "fffff7f8: ");
    window.key(Key::ArrowUp);
    window.key(Key::Home);
    window.settle();
    expect(&window, "00000000: 74 68 65 20");
}

#[test]
fn details_are_listed_and_copied() {
    let disc = TestDisc::new();
    let mut window = disc.window(false);
    select(&mut window, "boot.cfg");
    window.harness.get_by_role_and_label(Role::Button, "Details").click();
    window.settle();
    expect(&window, "byte");
    let copy = window.harness.get_by_label("Copy all");
    copy.click();
    let mut text = String::new();
    for _ in 0..4 {
        window.harness.step();
        for command in &window.harness.output().platform_output.commands {
            if let OutputCommand::CopyText(copied) = command {
                text.clone_from(copied);
            }
        }
    }
    assert!(text.contains("(byte ") && text.lines().count() > 5, "{text}");
    select(&mut window, "run.py");
    assert!(window.harness.query_by_label("Copy all").is_some(), "details stay while the selection moves");
}

#[test]
fn what_has_no_bytes_is_described() {
    let disc = TestDisc::new();
    let mut window = disc.window(false);
    expect(&window, "Nothing is selected");
    select(&mut window, "empty.txt");
    expect(&window, "The file is empty");
    select(&mut window, "folder");
    expect(&window, "1 folder, 1 file");
    select(&mut window, "link");
    expect(&window, "folder/inside.txt");
    window.command(Command::SelectAll);
    expect(&window, "items selected");
}

#[test]
fn what_the_image_lacks_of_a_file_is_said() {
    let disc = TestDisc::new();
    let mut window = disc.window(false);
    select(&mut window, "cut.bin");
    expect(&window, "are missing, from byte 4\u{202f}096 on");
    window.command(Command::Preview(Wish::HexAt(4088)));
    expect(&window, "?? ?? ?? ??");
    select(&mut window, "cut.txt");
    expect(&window, "the last words");
    expect(&window, "are missing");
    select(&mut window, "gone.txt");
    expect(&window, "Nothing of this file is in the image");
    assert!(!says(&window, "The file is empty"));
}

#[test]
fn what_a_search_found_is_previewed_too() {
    let disc = TestDisc::new();
    let mut window = disc.window(false);
    window.command(Command::Search("inside".to_owned()));
    window.settle();
    window.command(Command::Select(0, Selecting::Only));
    expect(&window, "inside.txt");
    window.harness.get_by_role_and_label(Role::Label, "inside");
}

fn panes(dark: bool) {
    let disc = TestDisc::new();
    let mut window = disc.window(dark);
    for (file, mode, name) in [
        ("run.py", Mode::Text, "text"),
        ("picture.png", Mode::Picture, "picture"),
        ("data.bin", Mode::Hex, "hex"),
        ("boot.cfg", Mode::Details, "details"),
    ] {
        select(&mut window, file);
        window.command(Command::Preview(Wish::Show(mode)));
        window.settle();
        window.harness.snapshot(format!("preview-{name}-{}", if dark { "dark" } else { "light" }));
    }
}

#[test]
fn the_panes_look_as_they_should_in_light() {
    panes(false);
}

#[test]
fn the_panes_look_as_they_should_in_dark() {
    panes(true);
}
