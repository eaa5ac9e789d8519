//! The window on the sample disc and on broken files, without a display: what is done with mouse and keyboard, and what
//! is seen after it.
#![cfg(feature = "window-tests")]

#[path = "window/boot.rs"]
mod boot;
#[path = "window/harness.rs"]
mod harness;
#[path = "window/integrity.rs"]
mod integrity;
#[path = "window/large.rs"]
mod large;
#[path = "window/sides.rs"]
mod sides;
#[path = "window/snapshots.rs"]
mod snapshots;
mod support;
#[path = "window/udf.rs"]
mod udf;

use std::path::Path;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use harness::TestWindow;
use isoscope::app::Command;
use isoscope::app::model::{Column, Selecting, Step};
use isoscope::app::state::{Dialog, Origin, View};
use isoscope::disc::tree::{Kind, TreeKind};

/// The row of the first item of this kind.
fn first_of(window: &TestWindow, kind: Kind) -> usize {
    let listing = &window.disc().listing;
    (0..listing.len()).find(|row| listing.rows.kind(listing.item(*row).unwrap()) == kind).unwrap()
}

fn name(window: &TestWindow, row: usize) -> String {
    let listing = &window.disc().listing;
    listing.rows.display_name(listing.item(row).unwrap())
}

#[test]
fn without_an_image_the_window_offers_to_open_one() {
    let window = TestWindow::empty();
    window.harness.get_by_label("Open a disc image");
    window.harness.get_by_label("Open…");
    window.harness.get_by_label("Open the sample disc");
    assert!(window.harness.query_by_label("Files").is_none());
}

#[test]
fn the_sample_disc_opens_from_the_first_page_and_lists_its_root() {
    let mut window = TestWindow::empty();
    window.harness.get_by_label("Open the sample disc").click();
    window.settle();
    assert!(window.disc().listing.len() > 3);
    for row in 0..window.disc().listing.len().min(10) {
        window.harness.get_by_role_and_label(egui::accesskit::Role::Row, &name(&window, row));
    }
    assert_eq!(window.state().title(), "Sample disc – Isoscope");
}

#[test]
fn a_double_click_goes_into_a_folder_and_up_selects_it_again() {
    let mut window = TestWindow::sample();
    let row = first_of(&window, Kind::Folder);
    let folder = name(&window, row);
    window.command(Command::Select(row, Selecting::Only));
    window.key(Key::Enter);
    assert_eq!(window.disc().place.path(), folder);
    window.harness.get_by_label(&format!("Path: {folder}"));
    window.keys(Modifiers::ALT, Key::ArrowUp);
    assert_eq!(window.disc().place.path(), "");
    let listing = &window.disc().listing;
    assert_eq!(listing.rows.display_name(listing.single().unwrap()), folder);
    window.keys(Modifiers::ALT, Key::ArrowLeft);
    assert_eq!(window.disc().place.path(), folder, "back");
    window.keys(Modifiers::ALT, Key::ArrowLeft);
    assert_eq!(window.disc().place.path(), "", "back to where it began");
    window.keys(Modifiers::ALT, Key::ArrowRight);
    assert_eq!(window.disc().place.path(), folder, "forward");
    window.key(Key::Backspace);
    assert_eq!(window.disc().place.path(), "", "up");
}

#[test]
fn a_light_tap_selects_although_it_is_released_at_once() {
    let mut window = TestWindow::sample();
    let at = |window: &TestWindow, row: usize| {
        let label = name(window, row);
        window.harness.get_by_role_and_label(egui::accesskit::Role::Row, &label).rect().center()
    };
    let tap = |window: &mut TestWindow, pos, modifiers| {
        window.harness.hover_at(pos);
        window.settle();
        for pressed in [true, false] {
            let button = egui::PointerButton::Primary;
            // Both reach the window before it is drawn again.
            window.harness.input_mut().events.push(egui::Event::PointerButton { pos, button, pressed, modifiers });
        }
        window.settle();
    };
    let (first, second) = (at(&window, 1), at(&window, 2));
    tap(&mut window, first, Modifiers::NONE);
    let listing = &window.disc().listing;
    assert_eq!(listing.single(), listing.item(1));
    tap(&mut window, second, Modifiers::NONE);
    let listing = &window.disc().listing;
    assert_eq!(listing.single(), listing.item(2));
}

#[test]
fn the_list_has_the_keyboard_after_a_click_a_dialog_and_a_menu() {
    let mut window = TestWindow::sample();
    let label = name(&window, 1);
    window.click_row(&label, Modifiers::NONE);
    window.key(Key::ArrowDown);
    assert_eq!(window.disc().listing.cursor, Some(2), "after a click");
    window.command(Command::Settings);
    window.key(Key::Escape);
    window.key(Key::ArrowDown);
    assert_eq!(window.disc().listing.cursor, Some(3), "after a dialog");
    window.harness.get_by_label("File").click();
    window.settle();
    window.key(Key::ArrowDown);
    assert_eq!(window.disc().listing.cursor, Some(3), "while a menu is open");
    window.key(Key::Escape);
    window.key(Key::ArrowDown);
    assert_eq!(window.disc().listing.cursor, Some(4), "after a menu");
    window.harness.ctx.memory_mut(|memory| memory.request_focus(isoscope::ui::folders::focus_id()));
    window.key(Key::End);
    window.command(Command::About);
    window.key(Key::Escape);
    window.key(Key::Home);
    assert_eq!(window.disc().folders.cursor, window.disc().folders.visible().first().copied(), "back to the tree");
}

#[test]
fn the_tree_follows_the_table_and_leads_it() {
    let mut window = TestWindow::sample();
    let folder = name(&window, first_of(&window, Kind::Folder));
    window.harness.get_by_label(&format!("Tree: {folder}")).click();
    window.settle();
    assert_eq!(window.disc().place.path(), folder);
    window.harness.get_by_label("Tree: Files").click();
    window.settle();
    assert_eq!(window.disc().place.path(), "");
    window.harness.get_by_label("Tree: Boot images").click();
    window.settle();
    assert_eq!(window.disc().listing.len(), window.disc().image.boot_images().len());
    window.harness.get_by_label("Path: Boot images");
}

#[test]
fn the_keyboard_moves_selects_and_types_ahead() {
    let mut window = TestWindow::sample();
    let last = window.disc().listing.len() - 1;
    window.key(Key::ArrowDown);
    assert_eq!(window.disc().listing.cursor, Some(0));
    window.key(Key::End);
    assert_eq!(window.disc().listing.cursor, Some(last));
    window.key(Key::Home);
    window.keys(Modifiers::SHIFT, Key::ArrowDown);
    window.keys(Modifiers::SHIFT, Key::ArrowDown);
    assert_eq!(window.disc().listing.selection.len(), 3);
    window.keys(Modifiers::COMMAND, Key::A);
    assert_eq!(window.disc().listing.selection.len(), last + 1);
    window.key(Key::Escape);
    assert!(window.disc().listing.selection.is_empty());
    let wanted = name(&window, last);
    let letters: String = wanted.chars().take(3).collect::<String>().to_uppercase();
    window.key(Key::Home);
    window.harness.event(egui::Event::Text(letters.clone()));
    window.settle();
    let found = name(&window, window.disc().listing.cursor.unwrap());
    assert!(found.to_lowercase().starts_with(&letters.to_lowercase()), "{found} for {letters}");
}

#[test]
fn ctrl_and_shift_clicks_add_and_span() {
    let mut window = TestWindow::sample();
    let names: Vec<String> = (0..4).map(|row| name(&window, row)).collect();
    window.click_row(&names[0], Modifiers::NONE);
    window.click_row(&names[2], Modifiers::COMMAND);
    assert_eq!(window.disc().listing.selection.len(), 2);
    window.click_row(&names[2], Modifiers::COMMAND);
    assert_eq!(window.disc().listing.selection.len(), 1);
    window.click_row(&names[0], Modifiers::NONE);
    window.click_row(&names[3], Modifiers::SHIFT);
    assert_eq!(window.disc().listing.selection.len(), 4);
    window.click_row(&names[1], Modifiers::NONE);
    assert_eq!(window.disc().listing.selection.len(), 1);
}

#[test]
fn headings_sort_and_turn() {
    let mut window = TestWindow::sample();
    let before: Vec<u32> = window.disc().listing.order.to_vec();
    window.harness.get_by_label("Name, sorted").click();
    window.settle();
    let turned = window.disc().listing.order.to_vec();
    assert_ne!(before, turned);
    let folders = window.disc().listing.folders();
    assert!(folders > 0);
    let kind = |item: &u32| window.disc().listing.rows.kind(*item);
    assert!(turned[..folders].iter().all(|item| kind(item) == Kind::Folder), "folders stay in front");
    window.harness.get_by_label("Size").click();
    window.settle();
    let listing = &window.disc().listing;
    let sizes: Vec<_> = listing.order.iter().filter_map(|item| listing.rows.size(*item)).collect();
    assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
}

#[test]
fn columns_come_and_go() {
    let mut window = TestWindow::sample();
    assert!(window.harness.query_by_label("First block").is_none());
    window.command(Command::ToggleColumn(Column::FirstBlock));
    window.harness.get_by_label("First block");
    window.command(Command::ToggleColumn(Column::Size));
    assert!(window.harness.query_by_label("Size").is_none());
}

#[test]
fn another_tree_names_the_files_in_its_own_way() {
    let mut window = TestWindow::sample();
    window.command(Command::UseTree(TreeKind::Iso9660.into()));
    assert_eq!(window.disc().tree.kind(), TreeKind::Iso9660);
    let listing = &window.disc().listing;
    let upper = |row: usize| name(&window, row).chars().all(|c| !c.is_lowercase());
    assert!(!listing.is_empty() && (0..listing.len()).all(upper));
}

#[test]
fn a_search_finds_files_anywhere_and_leads_to_their_folders() {
    let mut window = TestWindow::sample();
    let folder = first_of(&window, Kind::Folder);
    window.command(Command::OpenRow(folder));
    let inside = window.disc().listing.len();
    assert!(inside > 0);
    let wanted = name(&window, inside - 1);
    let path = window.disc().place.path();
    window.command(Command::Go(isoscope::app::Place::root()));
    window.keys(Modifiers::COMMAND, Key::F);
    window.harness.event(egui::Event::Text(wanted.clone()));
    window.settle();
    window.settle();
    assert!(window.disc().search.shown, "the table shows what was found");
    assert!((0..window.disc().listing.len()).any(|row| name(&window, row) == wanted));
    window.harness.get_by_label("Folder");
    window.key(Key::ArrowDown);
    let row = (0..window.disc().listing.len()).find(|row| name(&window, *row) == wanted).unwrap();
    window.command(Command::Select(row, Selecting::Only));
    window.command(Command::ShowInFolder);
    assert_eq!(window.disc().place.path(), path);
    let listing = &window.disc().listing;
    assert_eq!(listing.rows.display_name(listing.single().unwrap()), wanted);
    window.command(Command::Search("no such name on any disc".to_owned()));
    window.harness.get_by_label("Nothing found");
    window.key(Key::Escape);
    window.command(Command::Search(String::new()));
    assert!(!window.disc().search.shown);
    assert_eq!(window.disc().place.path(), path);
}

#[test]
fn extracting_shows_the_plan_writes_the_files_and_reports() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = TestWindow::sample();
    window.command(Command::SelectAll);
    window.keys(Modifiers::COMMAND, Key::E);
    window.harness.get_by_label("Extract everything");
    window.command(Command::ExtractTo(folder.path().to_string_lossy().into_owned()));
    let Some(Dialog::Extract(dialog)) = &window.state().dialog else { panic!("the dialog is open") };
    let files = dialog.plan.as_ref().expect("there is a plan").plan.totals().files;
    assert!(files > 3);
    window.harness.get_by_label("Extract").click();
    window.settle();
    let Some(Dialog::Extracted(done)) = &window.state().dialog else { panic!("the report is shown") };
    assert_eq!(
        done.report.counts().done + done.report.counts().renamed,
        done.report.counts().planned - done.report.counts().skipped
    );
    window.harness.get_by_label("Open folder");
    assert_eq!(count_files(folder.path()), files);
    window.key(Key::Escape);
    assert!(window.state().dialog.is_none());
}

fn count_files(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { count_files(&path) } else { 1 }).sum()
}

/// The sample disc without its end: the last of its files is not whole.
fn cut_in_a_file(folder: &Path) -> std::path::PathBuf {
    let whole = std::fs::read("assets/sample.iso").unwrap();
    let source = std::sync::Arc::new(isoscope::disc::source::MemorySource::new(whole.clone()));
    let image = isoscope::disc::Image::open(source).unwrap();
    let mut last = isoscope::disc::Extent::new(0, 0);
    for step in isoscope::disc::walk::Walk::new(image.default_tree().clone()) {
        let folder = step.folder.unwrap();
        let extents = folder.entries().iter().filter(|entry| entry.is_file()).flat_map(|entry| entry.content.extents());
        last = extents
            .copied()
            .filter(|extent| extent.length > 4096)
            .chain([last])
            .max_by_key(|extent| extent.offset)
            .unwrap();
    }
    let path = folder.join("cut.iso");
    std::fs::write(&path, &whole[..usize::try_from(last.offset + last.length / 2).unwrap()]).unwrap();
    path
}

#[test]
fn what_is_left_out_can_be_asked_for_before_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let destination = folder.path().join("destination");
    std::fs::create_dir(&destination).unwrap();
    let mut window = TestWindow::open(Origin::File(cut_in_a_file(folder.path())));
    window.command(Command::ExtractAll);
    window.command(Command::ExtractTo(destination.to_string_lossy().into_owned()));
    let totals = |window: &TestWindow| match &window.state().dialog {
        Some(Dialog::Extract(dialog)) => dialog.plan.as_ref().expect("there is a plan").plan.totals(),
        _ => panic!("the dialog is open"),
    };
    let before = totals(&window);
    assert!(before.damaged > 0 && before.rescued == 0);
    window.harness.get_by_label("Keep what can be read of damaged files").click();
    window.settle();
    assert!(totals(&window).rescued > 0);
    if cfg!(unix) {
        assert!(before.links > 0);
        window.harness.get_by_label("Make symbolic links that stay inside the folder").click();
        window.settle();
        assert_eq!(totals(&window).links, 0);
    }
    window.harness.get_by_label("Extract").click();
    window.settle();
    let Some(Dialog::Extracted(done)) = &window.state().dialog else { panic!("the report is shown") };
    let rescued = done.report.listed().find(|listed| listed.to.as_ref().is_some_and(|to| to.ends_with(".damaged")));
    assert!(destination.join(rescued.expect("one is kept").to.unwrap()).is_file());
    let link = std::fs::read_link(destination.join("Link to the readme"));
    assert_eq!(link.is_ok(), cfg!(unix));
}

#[test]
fn a_folder_that_cannot_be_written_to_is_said_in_the_dialog() {
    let mut window = TestWindow::sample();
    window.command(Command::ExtractAll);
    window.command(Command::ExtractTo("/no/such/folder/anywhere".to_owned()));
    let Some(Dialog::Extract(dialog)) = &window.state().dialog else { panic!("the dialog is open") };
    assert!(dialog.plan.is_none());
    let sentence = dialog.trouble.as_ref().expect("it is said").sentence.clone();
    window.harness.get_by_label(&sentence);
}

#[test]
fn what_is_no_disc_image_is_said_in_one_sentence_and_the_window_lives() {
    let folder = tempfile::tempdir().unwrap();
    for (file, bytes) in
        [("notes.txt", &b"only some text\n"[..]), ("empty.iso", b""), ("packed.zip", b"PK\x03\x04rest")]
    {
        let path = folder.path().join(file);
        std::fs::write(&path, bytes).unwrap();
        let mut window = TestWindow::open(Origin::File(path));
        let View::Failed(failure) = &window.state().view else { panic!("{file} is no disc image") };
        assert!(!failure.sentence.is_empty());
        let sentence = failure.sentence.clone();
        window.harness.get_by_label(&sentence);
        window.harness.get_by_label(&format!("{file} cannot be opened"));
        window.command(Command::OpenSample);
        assert!(matches!(window.state().view, View::Disc(_)), "another image still opens");
    }
    let missing = TestWindow::open(Origin::File(folder.path().join("gone.iso")));
    missing.harness.get_by_label("gone.iso cannot be opened");
}

#[test]
fn an_image_that_is_cut_off_says_so_and_marks_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.iso");
    let whole = std::fs::read("assets/sample.iso").unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let window = TestWindow::open(Origin::File(path));
    assert!(window.disc().missing() > 0);
    assert!(window.harness.get_all_by_label_contains("This image is cut off").next().is_some());
}

#[test]
fn a_dropped_file_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dropped.iso");
    std::fs::copy("assets/sample.iso", &path).unwrap();
    let mut window = TestWindow::empty();
    window.drop_file(path);
    assert_eq!(window.state().title(), "dropped.iso – Isoscope");
    assert!(!window.disc().listing.is_empty());
}

#[test]
fn the_palette_finds_commands_by_a_few_letters() {
    let mut window = TestWindow::sample();
    window.keys(Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    assert!(matches!(window.state().dialog, Some(Dialog::Palette)));
    window.harness.event(egui::Event::Text("properties".to_owned()));
    window.settle();
    window.key(Key::Enter);
    assert!(matches!(window.state().dialog, Some(Dialog::ImageProperties)));
    window.harness.get_by_label("Image properties");
    window.key(Key::Escape);
    assert!(window.state().dialog.is_none());
}

#[test]
fn every_menu_entry_that_can_be_used_does_something_sound() {
    for command in Command::ALL {
        // These leave the program; what they ask of the system is tested on its own.
        if matches!(command, Command::Open | Command::OpenSample | Command::CloseWindow) {
            continue;
        }
        let mut window = TestWindow::sample();
        window.command(Command::Step(Step::First, Selecting::Only));
        window.command(command.clone());
        assert!(matches!(window.state().view, View::Disc(_)), "{command:?}");
    }
}

#[test]
fn broken_settings_are_said_and_can_be_put_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.json");
    std::fs::write(&path, "{ this is no JSON").unwrap();
    let mut window = TestWindow::with_settings(None, &path);
    assert!(window.state().settings_notice.is_some());
    window.harness.get_by_label("Dismiss").click();
    window.settle();
    assert!(window.state().settings_notice.is_none());
}

#[test]
fn a_recent_image_that_is_gone_can_be_taken_off_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("settings.json");
    let image = folder.path().join("gone.iso");
    std::fs::copy("assets/sample.iso", &image).unwrap();
    drop(TestWindow::with_settings(Some(Origin::File(image.clone())), &settings));
    std::fs::remove_file(&image).unwrap();
    let mut window = TestWindow::with_settings(None, &settings);
    window.harness.get_by_label("Open gone.iso").click();
    window.settle();
    window.harness.get_by_label("gone.iso cannot be opened");
    window.harness.get_by_label("Remove from the recent images").click();
    window.settle();
    assert!(window.state().settings.recents.is_empty());
    assert!(window.harness.query_by_label("Remove from the recent images").is_none());
}

#[test]
fn an_opened_image_is_remembered_and_offered_again() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("settings.json");
    let image = folder.path().join("remembered.iso");
    std::fs::copy("assets/sample.iso", &image).unwrap();
    drop(TestWindow::with_settings(Some(Origin::File(image.clone())), &settings));
    let mut window = TestWindow::with_settings(None, &settings);
    window.harness.get_by_label("Open remembered.iso").click();
    window.settle();
    assert_eq!(window.disc().origin, Origin::File(image));
}
