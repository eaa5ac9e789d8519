//! What the disc is, and whether it is whole, in the window.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use isoscope::app::Command;
use isoscope::app::boot::Tab;
use isoscope::app::integrity::{Expectation, IntegrityWish};
use isoscope::app::state::{Dialog, Origin};
use isoscope::verify::{Algorithm, CheckKind, Outcome, Overall, digest};

use crate::harness::TestWindow;
use crate::sides::{Written, says};
use crate::support::builder::{Disc, ROOT};
use crate::support::fixtures;

fn digest_of(bytes: &[u8], algorithm: Algorithm) -> String {
    let mut hasher = digest::hasher(algorithm);
    hasher.update(bytes);
    hasher.finish().to_string()
}

/// A disc that says that it is one of Debian, and lists the checksum of its only other file.
fn debian() -> Vec<u8> {
    let mut disc = Disc::rock_ridge();
    let folder = disc.rr_folder(ROOT, ".disk");
    disc.rr_file(folder, "info", b"Debian GNU/Linux 12.5.0 \"Bookworm\" - Official amd64 NETINST 20240210-11:27\n");
    disc.rr_file(ROOT, "readme.txt", b"hello\n");
    disc.rr_file(ROOT, "md5sum.txt", b"b1946ac92492d2347c6235b4d2611184  ./readme.txt\n");
    disc.build().bytes
}

/// The tab of a disc of these bytes.
fn tab(bytes: &[u8]) -> (Written, TestWindow) {
    let image = Written::new("disc.iso", bytes);
    let mut window = image.window();
    window.harness.get_by_role_and_label(Role::Tab, "Integrity").click();
    window.settle();
    window.settle();
    (image, window)
}

fn press(window: &mut TestWindow, button: &str) {
    window.harness.get_by_role_and_label(Role::Button, button).click();
    window.settle();
    window.settle();
}

#[test]
fn the_card_says_what_the_disc_is_and_the_dialog_what_says_so() {
    let image = Written::new("disc.iso", &debian());
    let mut window = image.window();
    assert!(says(&window, "Debian 12.5.0"), "the product stands at the top");
    window.command(Command::ShowIdentity);
    assert!(matches!(window.state().dialog, Some(Dialog::Identity)));
    assert!(says(&window, ".disk/info") && says(&window, "Bookworm"));
    window.key(Key::Escape);
    // A disc that says nothing of a product has no card.
    let other = fixtures::bytes("x-level3.iso");
    let window = Written::new("other.iso", &other).window();
    assert!(!says(&window, "What says so"));
}

#[test]
fn every_check_is_listed_then_made_and_summed_up() {
    let (_image, mut window) = tab(&debian());
    assert_eq!(window.disc().tab, Tab::Integrity);
    let view = &window.disc().integrity;
    let manifest = |window: &TestWindow| {
        window.disc().integrity.checks.iter().find(|check| check.kind == CheckKind::Manifest).unwrap().clone()
    };
    assert!(view.is_surveyed && !view.is_done && view.digests.is_empty());
    assert_eq!(manifest(&window).outcome, Outcome::Pending);
    assert!(says(&window, "Not checked yet") && says(&window, "md5sum.txt"));
    press(&mut window, "Check everything");
    assert_eq!(manifest(&window).outcome, Outcome::Pass, "{:?}", manifest(&window));
    let view = &window.disc().integrity;
    assert!(view.is_done && view.running.is_none() && view.remarks.is_some());
    assert_eq!(view.overall(), Some(Overall::Pass));
    assert!(says(&window, "as it should be") && says(&window, &digest_of(&debian(), Algorithm::Sha256)));
    window.keys(Modifiers::COMMAND, Key::Num1);
    assert_eq!(window.disc().tab, Tab::Files);
    window.keys(Modifiers::COMMAND, Key::Num3);
    assert_eq!(window.disc().tab, Tab::Integrity);
}

#[test]
fn damage_is_told_with_the_file_and_leads_to_it() {
    let mut bytes = debian();
    let at = bytes.windows(6).position(|window| window == b"hello\n").unwrap();
    bytes[at] = b'j';
    let (_image, mut window) = tab(&bytes);
    press(&mut window, "Check everything");
    assert_eq!(window.disc().integrity.overall(), Some(Overall::Fail));
    // It may lie further down than the window shows.
    window.harness.get_by_role_and_label(Role::Link, "readme.txt").click_accesskit();
    window.settle();
    assert_eq!(window.disc().tab, Tab::Files);
    let cursor = window.disc().listing.cursor_item().unwrap();
    assert_eq!(window.disc().listing.rows.name(cursor), "readme.txt");
}

#[test]
fn a_digest_that_is_pasted_is_compared_at_once() {
    let bytes = debian();
    let (_image, mut window) = tab(&bytes);
    let right = digest_of(&bytes, Algorithm::Sha256);
    window.harness.event(Event::Paste(right.to_uppercase()));
    window.settle();
    window.settle();
    assert_eq!(window.disc().integrity.expectation(), Expectation::Met(Algorithm::Sha256));
    assert!(says(&window, "The same: this file has that SHA-256"));
    window.command(Command::Integrity(IntegrityWish::Expect("0".repeat(32))));
    let expectation = window.disc().integrity.expectation();
    assert!(matches!(expectation, Expectation::Missed(made) if made.to_string() == digest_of(&bytes, Algorithm::Md5)));
    assert!(says(&window, "Different"));
    window.command(Command::Integrity(IntegrityWish::Expect("hello".to_owned())));
    assert!(matches!(window.disc().integrity.expectation(), Expectation::NotUnderstood(_)));
    // One that is rarely made is made for the sake of this.
    window.command(Command::Integrity(IntegrityWish::Expect(digest_of(&bytes, Algorithm::Sha384))));
    assert_eq!(window.disc().integrity.expectation(), Expectation::Met(Algorithm::Sha384));
    window.command(Command::Integrity(IntegrityWish::Expect(String::new())));
    assert_eq!(window.disc().integrity.expectation(), Expectation::None);
}

#[test]
fn a_checksum_file_that_is_dropped_says_what_the_image_should_be() {
    let bytes = debian();
    let (image, mut window) = tab(&bytes);
    window.command(Command::ShowFiles);
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("SHA512SUMS");
    let text = format!("{}  other.iso\n{}  disc.iso\n", "1".repeat(128), digest_of(&bytes, Algorithm::Sha512));
    std::fs::write(&list, text).unwrap();
    window.drop_file(list);
    window.settle();
    assert_eq!(window.disc().tab, Tab::Integrity);
    assert_eq!(window.disc().integrity.expectation(), Expectation::Met(Algorithm::Sha512));
    assert_eq!(window.disc().origin, Origin::File(image.path.clone()));
}

#[test]
fn digests_of_the_same_file_are_remembered() {
    let bytes = debian();
    let image = Written::new("disc.iso", &bytes);
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("settings.json");
    let open = || {
        let mut window = TestWindow::with_settings(Some(Origin::File(image.path.clone())), &settings);
        window.command(Command::ShowIntegrity);
        window
    };
    let mut window = open();
    press(&mut window, "Check everything");
    drop(window);
    let mut window = open();
    let view = &window.disc().integrity;
    assert!(view.digests.len() == 5 && view.made.is_some() && !view.is_done);
    let right = digest_of(&bytes, Algorithm::Blake3);
    window.command(Command::Integrity(IntegrityWish::Expect(right)));
    assert_eq!(window.disc().integrity.expectation(), Expectation::Met(Algorithm::Blake3));
    assert!(window.disc().integrity.made.is_some(), "nothing had to be read for that");
    // Another file in its place has other digests.
    std::fs::write(&image.path, &bytes[..bytes.len() - 1]).unwrap();
    assert!(open().disc().integrity.digests.is_empty());
}

#[test]
fn of_a_disc_that_is_cut_off_the_missing_files_are_told_without_reading_it() {
    let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/sample.iso")).unwrap();
    let (_image, window) = tab(&bytes[..bytes.len() * 2 / 3]);
    assert!(says(&window, "Some of the image is missing"));
    let size = &window.disc().integrity.checks[0];
    assert!(size.kind == CheckKind::Size && size.outcome == Outcome::Fail && !size.bad.is_empty());
}
