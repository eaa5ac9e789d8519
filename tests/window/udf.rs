//! What only UDF has: a side beside ISO 9660 with all the files, named streams, deleted entries, nameless sessions.

use egui::Modifiers;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use isoscope::app::Command;
use isoscope::app::model::Column;
use isoscope::app::preview::{Content, Wish};
use isoscope::disc::tree::TreeKind;
use isoscope::preview::Mode;

use crate::harness::TestWindow;
use crate::sides::{Written, choose, expect, says, selected};
use crate::support::builder;
use crate::support::udf_builder::node::{ROOT, characteristics};
use crate::support::udf_builder::{Disc, Kind};

/// A disc like those for Windows: all that its ISO 9660 side holds is a text that says so.
fn windows_like() -> Written {
    let mut iso = builder::Disc::new();
    let text = iso.data(b"This disc contains a UDF file system");
    iso.primary.file(builder::ROOT, b"README.TXT;1", text);
    let mut disc = Disc::plain();
    disc.iso = Some(iso);
    let sources = disc.folder(ROOT, "sources");
    for name in ["install.wim", "boot.wim", "setup.exe"] {
        disc.file(sources, name, name.as_bytes());
    }
    disc.file(ROOT, "autorun.inf", b"[autorun]");
    Written::new("windows.iso", &disc.build().bytes)
}

#[test]
fn a_side_with_nothing_but_a_readme_is_explained_and_can_be_shown() {
    let image = windows_like();
    let mut window = image.window();
    assert_eq!(window.disc().tree.kind(), TreeKind::Udf);
    let sentence = "The ISO 9660 side of this disc holds only “README.TXT”; all files are in the UDF tree";
    window.harness.get_by_label(sentence);
    assert!(!says(&window, "differ: "), "that the trees differ goes without saying");
    choose(&mut window, Role::Button, "Show that side");
    assert_eq!(window.disc().tree.kind(), TreeKind::Iso9660);
    window.harness.get_by_role_and_label(Role::Row, "README.TXT");
    choose(&mut window, Role::Button, "Show all files");
    assert_eq!(window.disc().tree.kind(), TreeKind::Udf);
    choose(&mut window, Role::Button, "Compare…");
    window.harness.get_by_role_and_label(Role::ListItem, "Only in ISO 9660, 1");
    window.key(egui::Key::Escape);
    choose(&mut window, Role::Button, "Dismiss");
    assert!(!says(&window, "README.TXT"));
    choose(&mut window, Role::ComboBox, "File tree: UDF");
    window.harness.get_by_label("UDF (long names, precise times)");
    choose(&mut window, Role::MenuItemRadio, "ISO 9660 (short names)");
    assert_eq!(window.disc().tree.kind(), TreeKind::Iso9660);
}

fn with_streams() -> Written {
    let mut disc = Disc::new(Kind::Physical, 2048, 0x250);
    let file = disc.file(ROOT, "with.txt", b"content");
    disc.stream(file, "Note", b"a stream of text");
    disc.stream(file, "Empty", b"");
    disc.file(ROOT, "without.txt", b"plain");
    Written::new("streams.udf", &disc.build().bytes)
}

fn shown_text(window: &TestWindow) -> Option<String> {
    let preview = &window.disc().preview;
    matches!(preview.content.get(), Some(Content::File(_))).then(|| preview.page.get().unwrap().text().to_owned())
}

#[test]
fn streams_are_listed_in_the_details_looked_at_and_saved() {
    let image = with_streams();
    let mut window = image.window();
    window.click_row("without.txt", Modifiers::NONE);
    window.command(Command::Preview(Wish::Show(Mode::Details)));
    assert!(!says(&window, "Streams"));
    window.click_row("with.txt", Modifiers::NONE);
    window.harness.get_by_label("Streams");
    for part in ["Note", "16 bytes", "Empty"] {
        expect(&window, part);
    }
    window.command(Command::Preview(Wish::Stream(0)));
    window.harness.get_by_label("with.txt › Note");
    assert_eq!(shown_text(&window).as_deref(), Some("a stream of text"));
    choose(&mut window, Role::Button, "Save…");
    window.harness.get_by_label("Extract Note of with.txt");
    let destination = tempfile::tempdir().unwrap();
    window.command(Command::ExtractTo(destination.path().to_string_lossy().into_owned()));
    choose(&mut window, Role::Button, "Extract");
    assert_eq!(std::fs::read(destination.path().join("with.txt.Note")).unwrap(), b"a stream of text");
    window.key(egui::Key::Escape);
    expect(&window, "Back to the file");
    window.command(Command::Preview(Wish::Whole));
    window.harness.get_by_label("Streams");
    assert_eq!(selected(&window), "with.txt", "the selection has not moved");
    window.command(Command::Preview(Wish::Show(Mode::Text)));
    assert_eq!(shown_text(&window).as_deref(), Some("content"));
}

fn with_deleted() -> Written {
    let mut disc = Disc::plain();
    disc.file(ROOT, "kept.txt", b"kept");
    disc.file(ROOT, "deleted.txt", b"still there");
    let folder = disc.folder(ROOT, "gone");
    disc.file(folder, "inside.txt", b"inside");
    for at in [1, 2] {
        disc.item(ROOT).names[at].characteristics |= characteristics::DELETED;
    }
    Written::new("deleted.udf", &disc.build().bytes)
}

#[test]
fn deleted_entries_are_listed_on_request_and_say_so() {
    let image = with_deleted();
    let mut window = image.window();
    let rows = |window: &TestWindow| window.disc().listing.len();
    assert_eq!(rows(&window), 1);
    window.harness.get_by_label("View").click();
    window.settle();
    choose(&mut window, Role::MenuItemCheckBox, "Show deleted entries");
    assert_eq!(rows(&window), 3);
    window.harness.get_by_label("Tree: gone");
    window.click_row("deleted.txt", Modifiers::NONE);
    expect(&window, "This is marked as deleted: its data may be overwritten");
    assert_eq!(shown_text(&window).as_deref(), Some("still there"));
    let item = window.disc().listing.single().unwrap();
    assert!(window.disc().listing.rows.row(item).deleted);
    let destination = tempfile::tempdir().unwrap();
    let extract = |window: &mut TestWindow, command| {
        window.command(command);
        window.command(Command::ExtractTo(destination.path().to_string_lossy().into_owned()));
        choose(window, Role::Button, "Extract");
        window.command(Command::CloseDialog);
    };
    extract(&mut window, Command::ExtractAll);
    assert!(destination.path().join("kept.txt").exists());
    assert!(!destination.path().join("deleted.txt").exists(), "everything does not mean what is deleted");
    extract(&mut window, Command::Extract);
    assert_eq!(std::fs::read(destination.path().join("deleted.txt")).unwrap(), b"still there");
    window.command(Command::ToggleDeleted);
    assert_eq!(rows(&window), 1);
    assert!(window.disc().listing.single().is_none());
}

#[test]
fn only_trees_that_keep_deleted_entries_offer_to_show_them() {
    let mut window = TestWindow::sample();
    let before = window.disc().listing.len();
    window.command(Command::ToggleDeleted);
    assert_eq!((window.disc().listing.len(), window.state().show_deleted), (before, false));
    assert!(!isoscope::ui::menu::is_enabled(window.state(), &Command::ToggleDeleted));
    let image = with_deleted();
    assert!(isoscope::ui::menu::is_enabled(image.window().state(), &Command::ToggleDeleted));
}

#[test]
fn the_time_of_the_last_change_of_an_attribute_has_a_column() {
    let image = with_deleted();
    let mut window = image.window();
    assert!(window.harness.query_by_role_and_label(Role::ColumnHeader, "Changed").is_none());
    window.command(Command::ToggleColumn(Column::Changed));
    window.harness.get_by_role_and_label(Role::ColumnHeader, "Changed");
    assert!(window.disc().listing.rows.extras(0).changed.is_some());
}

#[test]
fn sessions_are_numbered_and_change_the_files() {
    let mut disc = Disc::new(Kind::Virtual, 2048, 0x150);
    disc.file(ROOT, "first.txt", b"first");
    disc.session();
    disc.file(ROOT, "second.txt", b"second");
    let image = Written::new("sessions.udf", &disc.build().bytes);
    let mut window = image.window();
    assert_eq!(window.disc().image.sessions().len(), 2);
    expect(&window, "Tree: Session 2");
    window.harness.get_by_role_and_label(Role::Row, "second.txt");
    window.command(Command::OpenSession(1));
    assert!(window.harness.query_by_role_and_label(Role::Row, "second.txt").is_none());
    window.harness.get_by_role_and_label(Role::Row, "first.txt");
}
