//! What the window does when files are dragged, copied or opened, without a window: commands go in, and what comes out is
//! what the window would be told to do.
#![cfg(feature = "window-tests")]

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use isoscope::app::model::Selecting;
use isoscope::app::model::tree::Branch;
use isoscope::app::state::{Dialog, Origin};
use isoscope::app::transfer::{DragFrom, Handed, Stage};
use isoscope::app::{Command, Effect, Runner, State, receive, update};
use isoscope::extract::danger::Danger;
use isoscope::platform::files::{FilesNeeded, Node, Paths};
use isoscope::platform::staging::Staging;
use support::builder::{Data, Disc, ROOT};
use support::susp;

/// The state of a window, and the jobs that it asks for.
struct Hands {
    state: State,
    runner: Runner,
    /// What the window would be told to do, and has not been asked for yet.
    effects: Vec<Effect>,
    cache: tempfile::TempDir,
}

impl Hands {
    fn new(image: &Path, needed: FilesNeeded) -> Self {
        let cache = tempfile::tempdir().unwrap();
        let mut state = State::default();
        state.outlets.needed = needed;
        state.outlets.staging = Arc::new(Staging::below(cache.path()));
        let mut hands = Self { state, runner: Runner::new(Arc::new(|| {})), effects: Vec::new(), cache };
        hands.command(Command::OpenPath(image.to_owned()));
        hands.settle();
        hands.effects.clear();
        hands
    }

    fn command(&mut self, command: Command) {
        let effects = update(&mut self.state, command);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Start(ticket, work) => self.runner.start(ticket, work),
                Effect::Abandon(ticket) => self.runner.abandon(ticket),
                Effect::Cancel(ticket) => self.runner.cancel(ticket),
                other => self.effects.push(other),
            }
        }
    }

    fn settle(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(120);
        while !self.runner.is_idle() {
            assert!(Instant::now() < deadline, "the jobs come to an end");
            if let Some((ticket, event)) = self.runner.wait(Duration::from_secs(5)) {
                let effects = receive(&mut self.state, ticket, event);
                self.carry_out(effects);
            }
        }
    }

    /// Selects the row of this name.
    fn select(&mut self, name: &str) -> usize {
        let listing = &self.state.disc().unwrap().listing;
        let row = (0..listing.len()).find(|row| listing.rows.name(listing.item(*row).unwrap()) == name).unwrap();
        self.command(Command::Select(row, Selecting::Only));
        row
    }

    fn drag(&mut self, name: &str) {
        self.select(name);
        self.command(Command::Drag(DragFrom::Selection));
        self.settle();
    }

    fn begun(&mut self) -> Option<Box<Handed>> {
        let at = self.effects.iter().position(|effect| matches!(effect, Effect::BeginDrag(_)))?;
        match self.effects.remove(at) {
            Effect::BeginDrag(handed) => Some(handed),
            _ => None,
        }
    }

    fn opened(&mut self) -> Option<PathBuf> {
        self.settle();
        let opened = self.effects.iter().find_map(|effect| match effect {
            Effect::OpenFile(path) => Some(path.clone()),
            _ => None,
        });
        self.effects.clear();
        opened
    }

    fn answer(&mut self) -> Option<bool> {
        self.settle();
        self.effects.iter().find_map(|effect| match effect {
            Effect::DragFilesAreReady(ready) => Some(*ready),
            _ => None,
        })
    }

    /// Slots that exist.
    fn slots(&self) -> usize {
        let Ok(processes) = std::fs::read_dir(self.cache.path().join("staging")) else { return 0 };
        let folders = processes.flatten().filter(|entry| entry.path().is_dir());
        folders.map(|folder| std::fs::read_dir(folder.path()).unwrap().count()).sum()
    }

    fn messages(&self) -> Vec<&str> {
        self.state.messages.iter().map(|message| message.text.as_str()).collect()
    }
}

fn image(folder: &Path) -> PathBuf {
    let mut disc = Disc::rock_ridge();
    disc.rr_file(ROOT, "notes.txt", b"some words");
    disc.rr_file(ROOT, "holiday.pdf.exe", b"MZ and so on");
    disc.rr_file(ROOT, "picture.jpg", b"\x7fELF, no picture");
    let inner = disc.rr_folder(ROOT, "inner");
    disc.rr_file(inner, "deep.txt", b"deep words");
    write(folder, disc)
}

fn write(folder: &Path, disc: Disc) -> PathBuf {
    let path = folder.join("disc.iso");
    std::fs::write(&path, disc.build().bytes).unwrap();
    path
}

#[test]
fn dragged_files_are_copied_after_the_drop_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let mut hands = Hands::new(&image(folder.path()), FilesNeeded::AfterDrop);
    hands.drag("inner");
    let handed = hands.begun().expect("the drag begins");
    let Paths::Later(paths) = &handed.paths else { panic!("{:?}", handed.paths) };
    assert_eq!(paths.len(), 1);
    assert!(paths[0].ends_with("inner") && !paths[0].exists());
    assert!(hands.state.dragging);

    hands.command(Command::DragFilesWanted);
    assert_eq!(hands.answer(), Some(true));
    assert_eq!(std::fs::read(paths[0].join("deep.txt")).unwrap(), b"deep words");
    hands.command(Command::DragEnded(None));
    assert!(!hands.state.dragging && hands.state.transfers.is_empty() && hands.messages().is_empty());
    assert!(paths[0].exists(), "the target may still be copying");

    // The next one begins at once, and apart from the first.
    hands.effects.clear();
    hands.drag("inner");
    let again = hands.begun().expect("the drag begins");
    assert_ne!(again.paths, handed.paths);
}

#[test]
fn files_are_copied_while_they_are_over_something_that_would_take_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut hands = Hands::new(&image(folder.path()), FilesNeeded::AfterDrop);
    // Complete before the drop, and not.
    for complete in [true, false] {
        hands.drag("inner");
        let handed = hands.begun().expect("the drag begins");
        let Paths::Later(paths) = &handed.paths else { panic!("{:?}", handed.paths) };
        hands.command(Command::DragFilesWantedSoon);
        // The pointer goes to and fro.
        hands.command(Command::DragFilesWantedSoon);
        if complete {
            hands.settle();
            assert!(paths[0].exists());
        }
        hands.command(Command::DragFilesWanted);
        assert_eq!(hands.answer(), Some(true));
        hands.command(Command::DragEnded(None));
        hands.effects.clear();
        assert_eq!(std::fs::read(paths[0].join("deep.txt")).unwrap(), b"deep words");
        assert!(!hands.state.dragging && hands.state.transfers.is_empty() && hands.messages().is_empty());
    }
    assert_eq!(hands.slots(), 2, "each was copied once, and stays");
}

#[test]
fn what_fails_while_it_is_dragged_is_told_to_the_target_when_it_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let mut hands = Hands::new(&image(folder.path()), FilesNeeded::AfterDrop);
    hands.drag("inner");
    let staging = std::fs::read_dir(hands.cache.path().join("staging")).unwrap().flatten();
    let process = staging.map(|entry| entry.path()).find(|path| path.is_dir()).unwrap();
    std::fs::remove_dir_all(process).unwrap();
    hands.command(Command::DragFilesWantedSoon);
    hands.settle();
    assert!(hands.state.dragging, "the button is still down");
    assert_eq!(hands.messages().len(), 1);
    hands.command(Command::DragFilesWanted);
    assert_eq!(hands.answer(), Some(false));
}

#[test]
fn files_are_copied_before_a_drag_where_targets_do_not_wait() {
    let folder = tempfile::tempdir().unwrap();
    let mut hands = Hands::new(&image(folder.path()), FilesNeeded::BeforeDrag);
    hands.drag("notes.txt");
    let handed = hands.begun().expect("the drag begins");
    let Paths::Ready(paths) = &handed.paths else { panic!("{:?}", handed.paths) };
    assert_eq!(std::fs::read(&paths[0]).unwrap(), b"some words");
    assert_eq!(handed.size, Some(10));
}

#[test]
fn nothing_is_copied_where_the_target_reads_the_image() {
    let folder = tempfile::tempdir().unwrap();
    let mut hands = Hands::new(&image(folder.path()), FilesNeeded::Never);
    hands.drag("inner");
    let handed = hands.begun().expect("the drag begins");
    assert_eq!(handed.paths, Paths::None);
    assert_eq!(hands.slots(), 0);
    let (inner, _) = handed.files.find(Node::ROOT, "inner").unwrap().unwrap();
    let (deep, attributes) = handed.files.find(inner, "deep.txt").unwrap().unwrap();
    assert_eq!(attributes.size, 10);
    let mut bytes = [0; 16];
    let read = handed.files.open(deep).unwrap().read_at(0, &mut bytes).unwrap();
    assert_eq!(&bytes[..read], b"deep words");
}

#[test]
fn a_folder_is_dragged_out_of_the_tree_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut hands = Hands::new(&image(folder.path()), FilesNeeded::Never);
    let disc = hands.state.disc().unwrap();
    let folders = &disc.folders;
    let node = folders
        .visible()
        .iter()
        .copied()
        .find(|node| folders.node(*node).is_some_and(|node| matches!(node.branch, Branch::Folder(_))));
    hands.command(Command::Drag(DragFrom::Node(node.expect("the tree shows the folder"))));
    hands.settle();
    let handed = hands.begun().expect("the drag begins");
    assert_eq!(handed.what, "inner");
    assert!(handed.files.find(Node::ROOT, "inner").unwrap().is_some());
}

#[test]
fn a_drag_that_ends_takes_what_was_prepared_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut hands = Hands::new(&image(folder.path()), FilesNeeded::AfterDrop);
    hands.drag("inner");
    assert!(matches!(hands.state.transfers[0].stage, Stage::Waiting(_)));
    assert_eq!(hands.slots(), 1);
    hands.command(Command::DragEnded(None));
    hands.settle();
    assert_eq!((hands.slots(), hands.state.transfers.len()), (0, 0));

    // It was copied, and is not dropped after all.
    hands.drag("inner");
    hands.command(Command::DragFilesWantedSoon);
    hands.settle();
    assert!(matches!(hands.state.transfers[0].stage, Stage::Copied(_)));
    assert_eq!((hands.slots(), hands.answer()), (1, None));
    hands.command(Command::DragEnded(None));
    hands.settle();
    assert_eq!((hands.slots(), hands.state.transfers.len()), (0, 0));

    // Cancelled while it is copied: the target hears of it, and nothing stays.
    hands.drag("inner");
    hands.command(Command::DragFilesWanted);
    let ticket = hands.state.transfers[0].ticket;
    hands.command(Command::Cancel(ticket));
    let answer = hands.answer();
    if answer == Some(false) {
        assert_eq!(hands.slots(), 0);
    } else {
        assert_eq!(answer, Some(true), "it was complete before the wish to cancel came");
    }
}

#[test]
fn what_is_too_much_to_copy_is_offered_to_be_extracted() {
    let folder = tempfile::tempdir().unwrap();
    let mut disc = Disc::rock_ridge();
    let many = disc.rr_folder(ROOT, "many");
    for number in 0..20_001 {
        disc.rr_file(many, &format!("{number}"), b"");
    }
    let mut hands = Hands::new(&write(folder.path(), disc), FilesNeeded::AfterDrop);
    hands.drag("many");
    assert!(hands.begun().is_none());
    let message = &hands.state.messages[0];
    assert!(message.text.contains("too much to copy"), "{}", message.text);
    assert_eq!(message.action, Some(("Extract…", Command::Extract)));
    assert_eq!(hands.slots(), 0);
    assert!(!hands.state.dragging, "the next drag can begin");
}

/// What the disk has no room for is not begun, and the room is what the message speaks of.
#[test]
fn what_has_no_room_as_a_copy_is_offered_to_be_extracted() {
    let folder = tempfile::tempdir().unwrap();
    let mut disc = Disc::rock_ridge();
    disc.rr_file(ROOT, "small", b"small");
    let data = disc.data(b"one block");
    let many = disc.rr_folder(ROOT, "many");
    // More than any disk here holds, all of it the same bytes of a sparse image.
    for at in 0..3000 {
        disc.primary.file(many, format!("F{at:04}.;1").as_bytes(), Data { len: u32::MAX - 2047, ..data });
    }
    let image = write(folder.path(), disc);
    std::fs::File::options().write(true).open(&image).unwrap().set_len(5 << 30).unwrap();
    let mut hands = Hands::new(&image, FilesNeeded::AfterDrop);
    hands.drag("many");
    assert!(hands.begun().is_none());
    let [message] = hands.state.messages.as_slice() else { panic!("{:?}", hands.messages()) };
    assert!(message.text.starts_with("There is no room for a copy: it needs 13"), "{}", message.text);
    assert_eq!(message.action, Some(("Extract…", Command::Extract)));
    assert_eq!(hands.slots(), 0);
    hands.drag("small");
    assert!(hands.begun().is_some(), "the next drag begins");
}

#[test]
fn a_damaged_file_says_why_it_cannot_leave() {
    let folder = tempfile::tempdir().unwrap();
    let mut disc = Disc::rock_ridge();
    disc.rr_file(ROOT, "whole", b"whole");
    let data = disc.data(b"x");
    let cut = disc.primary.file(ROOT, b"CUT.;1", Data { block: data.block, len: 900_000_000 });
    disc.primary.uses(cut, susp::long_name(b"cut"));
    let path = write(folder.path(), disc);
    let mut hands = Hands::new(&path, FilesNeeded::AfterDrop);
    hands.drag("cut");
    assert!(hands.begun().is_none() && !hands.state.dragging);
    let messages = hands.messages();
    assert!(messages[0].contains("“cut” cannot leave the image: The image ends"), "{messages:?}");
    assert_eq!(hands.slots(), 0);
}

#[test]
fn a_file_is_opened_as_a_private_copy_that_can_only_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut hands = Hands::new(&image(folder.path()), FilesNeeded::AfterDrop);
    let row = hands.select("notes.txt");
    hands.command(Command::OpenRow(row));
    let path = hands.opened().expect("the file is opened");
    assert_eq!(std::fs::read(&path).unwrap(), b"some words");
    assert_eq!(path.file_name().unwrap(), "notes.txt");
    assert!(std::fs::metadata(&path).unwrap().permissions().readonly());
    // It goes when the window is closed.
    drop(std::mem::take(&mut hands.state));
    assert!(!path.exists());
}

#[test]
fn what_may_do_harm_is_opened_only_after_a_question() {
    let folder = tempfile::tempdir().unwrap();
    let mut hands = Hands::new(&image(folder.path()), FilesNeeded::AfterDrop);
    // By its name, and by its content.
    for (name, danger) in [("holiday.pdf.exe", Danger::Program), ("picture.jpg", Danger::Program)] {
        let row = hands.select(name);
        hands.command(Command::OpenRow(row));
        assert_eq!(hands.opened(), None);
        let Some(Dialog::Open(request)) = &hands.state.dialog else { panic!("{name}: no question") };
        assert_eq!((request.name.as_str(), request.danger), (name, danger));
        // No means that nothing of it stays.
        hands.command(Command::CloseDialog);
        assert_eq!(hands.opened(), None);
        assert_eq!(hands.slots(), 0);

        hands.command(Command::OpenRow(row));
        hands.settle();
        hands.command(Command::OpenAnyway);
        assert!(hands.state.dialog.is_none());
        let path = hands.opened().expect("the file is opened");
        assert_eq!(path.file_name().unwrap(), name);
        std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }
}

#[test]
fn copied_files_come_with_their_paths_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let mut hands = Hands::new(&image(folder.path()), FilesNeeded::AfterDrop);
    hands.command(Command::SelectAll);
    hands.command(Command::Copy);
    hands.settle();
    let copied = hands.effects.iter().find_map(|effect| match effect {
        Effect::CopyFiles(handed, text) => Some((handed.paths.clone(), text.clone())),
        _ => None,
    });
    let (Paths::Ready(paths), text) = copied.expect("the files are copied") else { panic!("no paths") };
    assert_eq!(paths.len(), 4);
    assert!(paths.iter().all(|path| path.exists()));
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["/holiday.pdf.exe", "/inner", "/notes.txt", "/picture.jpg"]);
}

#[test]
fn files_are_copied_to_be_pasted_where_only_drags_are_read_out_of_the_image() {
    let folder = tempfile::tempdir().unwrap();
    let mut hands = Hands::new(&image(folder.path()), FilesNeeded::Never);
    hands.state.outlets.paste_needs_files = true;
    hands.select("inner");
    hands.command(Command::Copy);
    hands.settle();
    let copied = hands.effects.iter().find_map(|effect| match effect {
        Effect::CopyFiles(handed, _) => Some(handed.paths.clone()),
        _ => None,
    });
    let Some(Paths::Ready(paths)) = copied else { panic!("there are no copies") };
    assert_eq!(std::fs::read(paths[0].join("deep.txt")).unwrap(), b"deep words");
    hands.drag("inner");
    assert_eq!(hands.begun().expect("a drag begins").paths, Paths::None);
}

#[test]
fn of_several_dropped_images_the_first_opens_here_and_each_other_one_in_its_own_window() {
    let mut state = State::default();
    let paths = ["a.iso", "b.iso", "c.iso"].map(PathBuf::from);
    let effects = update(&mut state, Command::OpenDropped(paths.to_vec()));
    let windows: Vec<_> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::NewWindow(Origin::File(path)) => Some(path.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(windows, paths[1..]);
    assert_eq!(state.title(), "a.iso – Isoscope");
}

#[cfg(target_os = "linux")]
#[test]
fn files_are_dragged_out_of_a_mount_without_a_copy() {
    if !support::rights::can_mount() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut hands = Hands::new(&image(folder.path()), FilesNeeded::BeforeDrag);
    let base = tempfile::tempdir().unwrap();
    hands.state.outlets.mount = Some(Arc::new(isoscope::platform::mount::DragMount::below(base.path())));
    hands.drag("inner");
    let Paths::Ready(paths) = hands.begun().expect("the drag begins").paths else { panic!("nothing is mounted") };
    assert_eq!(std::fs::read(paths[0].join("deep.txt")).unwrap(), b"deep words");
    assert_eq!(hands.slots(), 0, "nothing is copied");

    // Who does not want that gets copies.
    hands.state.settings.mounts = false;
    hands.command(Command::DragEnded(None));
    hands.drag("inner");
    let Paths::Ready(copies) = hands.begun().expect("the drag begins").paths else { panic!("nothing is copied") };
    assert!(!copies[0].starts_with(base.path()));
    assert_eq!(hands.slots(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn an_image_is_mounted_until_it_is_unmounted_or_closed() {
    if !support::rights::can_mount() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut hands = Hands::new(&image(folder.path()), FilesNeeded::AfterDrop);
    let base = tempfile::tempdir().unwrap();
    hands.state.outlets.mount = Some(Arc::new(isoscope::platform::mount::DragMount::below(base.path())));
    let shown = |hands: &mut Hands| {
        hands.command(Command::Mount);
        hands.settle();
        let shown = hands.effects.iter().find_map(|effect| match effect {
            Effect::ShowFolder(folder) => Some(folder.clone()),
            _ => None,
        });
        hands.effects.clear();
        shown.expect("the folder is shown")
    };
    let mounted = shown(&mut hands);
    assert_eq!(std::fs::read(mounted.join("inner/deep.txt")).unwrap(), b"deep words");
    assert!(hands.messages()[0].starts_with("Mounted at "));
    hands.command(Command::Unmount);
    assert!(!mounted.join("inner/deep.txt").exists());
    assert!(hands.messages().is_empty());

    let again = shown(&mut hands);
    assert!(again.join("notes.txt").exists());
    hands.command(Command::Reload);
    hands.settle();
    assert!(!again.join("notes.txt").exists(), "another image, or the same one anew, is not what was mounted");
}
