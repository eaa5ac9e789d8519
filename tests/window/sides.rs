//! Discs with more than one side: trees that differ, partitions, and what nothing shows.

use std::path::PathBuf;
use std::time::Duration;

use egui::accesskit::Role;
use egui::{Key, Modifiers, OutputCommand};
use egui_kittest::kittest::Queryable as _;
use isoscope::app::compare::CompareWish;
use isoscope::app::model::{Selecting, Step};
use isoscope::app::place::Place;
use isoscope::app::state::{Dialog, Origin};
use isoscope::app::unseen::UnseenWish;
use isoscope::app::{Command, model};
use isoscope::disc::part::PartGroup;
use isoscope::disc::tree::TreeKind;

use crate::harness::TestWindow;
use crate::large::{FRAME, frame};
use crate::support::builder::{Data, Disc, ROOT, Tree, both32, utf16};
use crate::support::fixtures;

/// An image in a file of its own.
pub(crate) struct Written {
    _folder: tempfile::TempDir,
    pub(crate) path: PathBuf,
}

impl Written {
    pub(crate) fn new(name: &str, bytes: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        Self { _folder: folder, path }
    }

    pub(crate) fn window(&self) -> TestWindow {
        TestWindow::open(Origin::File(self.path.clone()))
    }
}

/// A disc whose trees agree on one file and differ in others.
fn differing() -> Written {
    let mut disc = Disc::rock_ridge();
    let mut joliet = Tree::default();
    let both = disc.data(b"in both");
    let node = disc.rr_file(ROOT, "both.txt", b"");
    disc.primary.patch(node, 2, both32(both.block));
    disc.primary.patch(node, 10, both32(both.len));
    joliet.file(ROOT, &utf16("both.txt"), both);
    disc.rr_file(ROOT, "changed.txt", b"short");
    let longer = disc.data(b"longer than short");
    joliet.file(ROOT, &utf16("changed.txt"), longer);
    let folder = joliet.folder(ROOT, &utf16("folder"));
    disc.rr_folder(ROOT, "folder");
    let lone = disc.data(b"only here");
    joliet.file(folder, &utf16("a/b only in Joliet.txt"), lone);
    disc.joliet = Some((joliet, *b"%/E"));
    Written::new("differing.iso", &disc.build().bytes)
}

/// A disc whose trees are alike.
fn alike() -> Written {
    let mut disc = Disc::rock_ridge();
    let mut joliet = Tree::default();
    for name in ["one.txt", "two.txt"] {
        let data = disc.data(name.as_bytes());
        let node = disc.rr_file(ROOT, name, b"");
        disc.primary.patch(node, 2, both32(data.block));
        disc.primary.patch(node, 10, both32(data.len));
        joliet.file(ROOT, &utf16(name), data);
    }
    disc.joliet = Some((joliet, *b"%/E"));
    Written::new("alike.iso", &disc.build().bytes)
}

/// True when some text on the screen contains `part`.
pub(crate) fn says(window: &TestWindow, part: &str) -> bool {
    window.harness.query_all_by_label_contains(part).next().is_some()
        || window.harness.query_all_by(|node| node.value().is_some_and(|value| value.contains(part))).next().is_some()
}

#[track_caller]
pub(crate) fn expect(window: &TestWindow, part: &str) {
    assert!(says(window, part), "{part}");
}

pub(crate) fn choose(window: &mut TestWindow, role: Role, label: &str) {
    window.harness.get_by_role_and_label(role, label).click();
    window.settle();
    window.settle();
}

pub(crate) fn selected(window: &TestWindow) -> String {
    let listing = &window.disc().listing;
    listing.rows.display_name(listing.single().expect("one entry is selected"))
}

#[test]
fn trees_that_differ_are_said_and_the_list_leads_to_what_only_one_has() {
    let image = differing();
    let mut window = image.window();
    expect(&window, "Rock Ridge and Joliet differ: ");
    choose(&mut window, Role::Button, "Show differences…");
    assert!(matches!(window.state().dialog, Some(Dialog::Compare)));
    let found = window.disc().comparing.as_ref().unwrap().found.as_ref().expect("the trees are compared");
    assert!(found.compared().options.contents, "the dialog looks closer than the first look did");
    for line in ["Only in Joliet, 1", "In both, but not alike, 1"] {
        window.harness.get_by_role_and_label(Role::ListItem, line);
    }
    expect(&window, "changed.txt, 5 bytes in Rock Ridge, 17 bytes in Joliet");
    choose(&mut window, Role::ListItem, "folder/a\\x2fb only in Joliet.txt, 9 bytes");
    assert!(window.state().dialog.is_none());
    assert_eq!(window.disc().tree.kind(), TreeKind::Joliet);
    assert_eq!(window.disc().place.path(), "folder");
    assert_eq!(selected(&window), "a/b only in Joliet.txt");
    // What both have is shown in the tree that is shown.
    window.command(Command::CompareTrees);
    window.key(Key::End);
    window.key(Key::Enter);
    assert_eq!((window.disc().tree.kind(), selected(&window).as_str()), (TreeKind::Joliet, "changed.txt"));
}

#[test]
fn what_is_said_of_the_disc_can_be_put_away_until_it_is_opened_again() {
    let image = differing();
    let mut window = image.window();
    expect(&window, "Rock Ridge and Joliet differ: ");
    choose(&mut window, Role::Button, "Dismiss");
    assert!(!says(&window, "differ: "));
    window.command(Command::UseTree(TreeKind::Joliet.into()));
    assert!(!says(&window, "differ: "), "another tree is no other disc");
    window.command(Command::Reload);
    expect(&window, "Rock Ridge and Joliet differ: ");
}

#[test]
fn what_a_tree_cannot_tell_is_nothing_to_speak_of_but_it_is_listed() {
    let mut disc = Disc::rock_ridge();
    let mut joliet = Tree::default();
    disc.rr_symlink(ROOT, "link", "nowhere");
    joliet.folder(ROOT, &utf16("rr_moved"));
    disc.joliet = Some((joliet, *b"%/E"));
    let image = Written::new("links.iso", &disc.build().bytes);
    let mut window = image.window();
    assert!(!says(&window, "differ: "));
    window.command(Command::CompareTrees);
    for line in ["link, link", "rr_moved, folder"] {
        window.harness.get_by_role_and_label(Role::ListItem, line);
    }
}

#[test]
fn trees_that_are_alike_are_said_to_be() {
    let image = alike();
    let mut window = image.window();
    assert!(!says(&window, "differ: "));
    window.command(Command::CompareTrees);
    window.harness.get_by_label("The trees show the same files");
    window.command(Command::Compare(CompareWish::Contents(false)));
    expect(&window, "contents were not compared");
    // The same tree on both sides: the two change places.
    let [left, right] = window.disc().comparing.as_ref().unwrap().trees;
    window.command(Command::Compare(CompareWish::Tree(false, right)));
    assert_eq!(window.disc().comparing.as_ref().unwrap().trees, [right, left]);
    assert!(window.disc().comparing.as_ref().unwrap().found.is_some());
}

#[test]
fn names_are_listed_on_request_and_groups_are_folded() {
    let mut window = TestWindow::sample();
    window.command(Command::CompareTrees);
    window.command(Command::Compare(CompareWish::Tree(true, TreeKind::Iso9660.into())));
    assert!(!says(&window, "Under different names"));
    window.harness.get_by_label("Different names too").click();
    window.settle();
    window.settle();
    let found = |window: &TestWindow| window.disc().comparing.as_ref().unwrap().found.clone().unwrap();
    let names = found(&window).count(model::differences::Group::Names);
    assert!(names > 10);
    let heading = format!("Under different names, {names}");
    let lines = found(&window).len();
    // The keyboard goes back to the list with a click there.
    choose(&mut window, Role::ListItem, "Only in ISO 9660, 1");
    choose(&mut window, Role::ListItem, "Only in ISO 9660, 1");
    window.key(Key::Home);
    window.key(Key::Enter);
    assert!(found(&window).len() < lines, "the first group is folded");
    window.key(Key::Enter);
    assert_eq!(found(&window).len(), lines);
    choose(&mut window, Role::ListItem, &heading);
    assert_eq!(found(&window).len(), lines - names);
    assert!(matches!(window.state().dialog, Some(Dialog::Compare)), "a heading leads nowhere");
}

#[test]
fn the_differences_are_copied_as_text() {
    let image = differing();
    let mut window = image.window();
    window.command(Command::CompareTrees);
    window.harness.get_by_label("Copy as text").click();
    let mut text = String::new();
    for _ in 0..4 {
        window.harness.step();
        for command in &window.harness.output().platform_output.commands {
            if let OutputCommand::CopyText(copied) = command {
                text.clone_from(copied);
            }
        }
    }
    assert_eq!(
        text,
        "Only in Joliet (1)\n  folder/a\\x2fb only in Joliet.txt: 9 bytes\n\n\
         In both, but not alike (1)\n  changed.txt: 5 bytes in Rock Ridge, 17 bytes in Joliet\n"
    );
}

#[test]
fn a_comparison_that_is_stopped_can_begin_again() {
    let image = alike();
    let mut window = image.window();
    window.command(Command::CompareTrees);
    let context = window.harness.ctx.clone();
    let [_, right] = window.disc().comparing.as_ref().unwrap().trees;
    // Both reach the window before the job has ended.
    window.harness.state_mut().command(&context, Command::Compare(CompareWish::Tree(false, right)));
    window.harness.state_mut().command(&context, Command::Compare(CompareWish::Stop));
    window.settle();
    window.harness.get_by_label("The comparison was stopped");
    choose(&mut window, Role::Button, "Compare");
    window.harness.get_by_label("The trees show the same files");
}

/// Findings that are listed at most.
const MANY: usize = 100_000;

#[test]
fn a_hundred_thousand_findings_cost_no_more_than_what_is_seen() {
    let mut disc = Disc::rock_ridge();
    let mut joliet = Tree::default();
    for at in 0..=MANY {
        joliet.file(ROOT, &utf16(&format!("{at:06}")), Data { block: 0, len: 0 });
    }
    disc.joliet = Some((joliet, *b"%/E"));
    let image = Written::new("many.iso", &disc.build().bytes);
    let mut window = image.window();
    window.command(Command::CompareTrees);
    assert_eq!(window.disc().comparing.as_ref().unwrap().found.as_ref().unwrap().len(), MANY + 1);
    expect(&window, "and 1 more that are not listed");
    let paging = frame(&mut window, 100, |window| window.harness.key_press(Key::PageDown));
    assert!(paging <= FRAME + Duration::from_millis(4), "paging takes {paging:?} a frame");
    window.key(Key::End);
    window.harness.get_by_role_and_label(Role::ListItem, &format!("{:06}, 0 bytes", MANY - 1));
}

fn partitions(name: &str) -> (Written, TestWindow) {
    let image = Written::new("disc.iso", &fixtures::bytes(name));
    let mut window = image.window();
    choose(&mut window, Role::TreeItem, "Tree: Partitions");
    (image, window)
}

#[test]
fn partitions_are_listed_with_their_place_and_what_is_inside() {
    let (_image, window) = partitions("x-isohybrid.iso");
    assert_eq!(window.disc().place, Place::Parts(PartGroup::Partitions));
    window.harness.get_by_label("Path: Partitions");
    for heading in ["Name, sorted", "Size", "Starts at byte", "Contents"] {
        window.harness.get_by_role_and_label(Role::ColumnHeader, heading);
    }
    assert!(window.harness.query_by_role_and_label(Role::ColumnHeader, "Modified").is_none());
    let image = &window.disc().image;
    let rows = &window.disc().listing.rows;
    assert_eq!(rows.len(), image.partitions().len());
    for (at, partition) in image.partitions().iter().enumerate() {
        let item = u32::try_from(at).unwrap();
        window.harness.get_by_role_and_label(Role::Row, &partition.label());
        assert_eq!(rows.size(item), Some(partition.extent.length));
        assert_eq!(rows.extras(item).first_byte, Some(partition.extent.offset));
    }
    expect(&window, "5 partitions");
}

#[test]
fn a_partition_with_files_in_it_is_opened_and_others_are_looked_at() {
    let (_image, mut window) = partitions("x-boot-appended-gpt.iso");
    choose(&mut window, Role::DisclosureTriangle, "Open the branch Partitions");
    choose(&mut window, Role::TreeItem, "Tree: GPT 1: basic data");
    assert_eq!(window.disc().tree_id().to_string(), "rock-ridge-2");
    assert_eq!(window.disc().place, Place::root());
    assert!(!window.disc().listing.is_empty());
    window.harness.get_by_label("Tree: Files in GPT 1");
    choose(&mut window, Role::TreeItem, "Tree: GPT 2: EFI system partition");
    assert_eq!(window.disc().place, Place::Parts(PartGroup::Partitions), "it is not open, but known");
    assert_eq!(selected(&window), "GPT 2: EFI system partition");
    window.harness.get_by_label("gpt-2-efi-system-partition.img");
    window.command(Command::Step(Step::First, Selecting::Only));
    window.command(Command::UseTree(TreeKind::RockRidge.into()));
    assert_eq!(window.disc().tree_id().to_string(), "rock-ridge");
    window.command(Command::Go(Place::Parts(PartGroup::Partitions)));
    window.command(Command::OpenRow(0));
    assert_eq!(window.disc().tree_id().to_string(), "rock-ridge-2", "from the list, too");
}

#[test]
fn a_partition_is_extracted_byte_by_byte() {
    let (image, mut window) = partitions("x-boot-appended-gpt.iso");
    let destination = tempfile::tempdir().unwrap();
    window.click_row("GPT 2: EFI system partition", Modifiers::NONE);
    window.command(Command::Extract);
    window.command(Command::ExtractTo(destination.path().to_string_lossy().into_owned()));
    choose(&mut window, Role::Button, "Extract");
    let extent = window.disc().image.partitions()[1].extent;
    let (from, to) = (usize::try_from(extent.offset).unwrap(), usize::try_from(extent.end()).unwrap());
    let bytes = std::fs::read(destination.path().join("gpt-2-efi-system-partition.img")).unwrap();
    assert!(bytes == std::fs::read(&image.path).unwrap()[from..to]);
}

/// A disc with a hidden file, and bytes that belong to nothing.
fn secretive() -> (Written, u64) {
    let mut disc = Disc::rock_ridge();
    let folder = disc.rr_folder(ROOT, "folder");
    let hidden = disc.rr_file(folder, "secret.txt", b"nobody sees this");
    disc.primary.flags(hidden, 1);
    let gap = disc.data(b"these bytes belong to nothing");
    disc.rr_file(ROOT, "after.txt", b"a file");
    (Written::new("secretive.iso", &disc.build().bytes), u64::from(gap.block) * 2048)
}

#[test]
fn what_nothing_shows_is_listed_looked_at_and_saved() {
    let (image, gap) = secretive();
    let destination = tempfile::tempdir().unwrap();
    let mut window = image.window();
    window.command(Command::FindUnseen);
    for line in ["Hidden in every tree, 1", "Used by nothing, but not empty, 1"] {
        window.harness.get_by_role_and_label(Role::ListItem, line);
    }
    expect(&window, "Choose a place to see its first bytes");
    window.key(Key::End);
    expect(&window, "these bytes bel");
    choose(&mut window, Role::Button, "Save bytes…");
    let name = format!("bytes-at-{gap}.bin");
    window.harness.get_by_label(&format!("Extract {name}"));
    window.key(Key::Escape);
    assert!(matches!(window.state().dialog, Some(Dialog::Unseen)), "the list comes back");
    choose(&mut window, Role::Button, "Save bytes…");
    window.command(Command::ExtractTo(destination.path().to_string_lossy().into_owned()));
    choose(&mut window, Role::Button, "Extract");
    assert!(matches!(window.state().dialog, Some(Dialog::Unseen)), "the list comes back");
    let saved = std::fs::read(destination.path().join(name)).unwrap();
    let at = usize::try_from(gap).unwrap();
    assert_eq!(saved, std::fs::read(&image.path).unwrap()[at..at + 2048]);
    choose(&mut window, Role::ListItem, "folder/secret.txt, 16 bytes, in Rock Ridge");
    assert!(window.state().dialog.is_none());
    assert_eq!((window.disc().place.path().as_str(), selected(&window).as_str()), ("folder", "secret.txt"));
}

#[test]
fn a_disc_without_secrets_says_so_and_a_stopped_search_can_begin_again() {
    let image = alike();
    let mut window = image.window();
    window.command(Command::FindUnseen);
    window.harness.get_by_label("Nothing is hidden");
    let context = window.harness.ctx.clone();
    window.harness.state_mut().command(&context, Command::Unseen(UnseenWish::Again));
    window.harness.state_mut().command(&context, Command::Unseen(UnseenWish::Stop));
    window.settle();
    window.harness.get_by_label("The search was stopped");
    choose(&mut window, Role::Button, "Look again");
    window.harness.get_by_label("Nothing is hidden");
}
