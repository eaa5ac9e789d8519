//! The window and a file manager side by side, and a hand that drags files from one to the other.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::file_manager::{FileManager, contents, wait_for_contents};
use super::screen::{Program, Running, Screen, wait_for};

/// Where the window is, and how large.
const WINDOW: [&str; 4] = ["0", "20", "1000", "700"];

/// The same for the file manager.
const MANAGER: [&str; 4] = ["1050", "50", "700", "600"];

/// Middle of the name in the first row of the table, from the upper left corner of the window, and the height of a row.
const FIRST_ROW: (i32, i32) = (300, 145);
const ROW: i32 = 24;

/// An empty place in the list of every file manager.
const TARGET: (i32, i32) = (1500, 300);

/// How files get to where they are dragged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Straight out of the image.
    Mount,
    /// As copies.
    Copies,
}

/// A disc with everything that has made trouble: odd names, a large file, empty ones, folders in folders.
pub fn disc(folder: &Path) -> PathBuf {
    let files = folder.join("files");
    let long = "l".repeat(196) + ".txt";
    let contents: [(&str, usize); 9] = [
        ("1 plain.txt", 12_345),
        ("2 big file.bin", 20_000_000),
        ("3 grüße & ünïcode %41.txt", 100),
        ("4 100 % off #1.txt", 1),
        ("5 empty", 0),
        (&long, 7),
        ("BOOT/loader.bin", 70_000),
        ("BOOT/inner folder/déjà vu.cfg", 321),
        ("日本語.txt", 5_000),
    ];
    std::fs::create_dir_all(files.join("BOOT/inner folder/nothing in it")).unwrap();
    let mut noise = 1_u32;
    for (name, size) in contents {
        let bytes: Vec<u8> = (0..size)
            .map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                noise.to_be_bytes()[0]
            })
            .collect();
        std::fs::write(files.join(name), bytes).unwrap();
    }
    image_of(folder)
}

/// An image of what is in the folder `files` of `folder`.
pub fn image_of(folder: &Path) -> PathBuf {
    let (files, image) = (folder.join("files"), folder.join("disc.iso"));
    let made = Command::new("xorriso")
        .args(["-as", "mkisofs", "-quiet", "-R", "-o"])
        .args([&image, &files])
        .stderr(std::process::Stdio::null())
        .status();
    assert!(made.expect("xorriso is installed").success());
    image
}

/// Both windows side by side, and what the disc holds.
pub struct Stage {
    pub screen: Screen,
    folder: tempfile::TempDir,
    pub program: Program,
    _manager: Running,
    manager: FileManager,
    way: Way,
    what: String,
    /// The upper left corner of the window.
    corner: (i32, i32),
    /// An empty place in the list of the file manager.
    pub empty: (i32, i32),
    /// A place on the screen where nothing takes files.
    pub nowhere: (i32, i32),
    pub all: BTreeMap<PathBuf, String>,
}

impl Stage {
    /// Both windows on an X server.
    pub fn x11(manager: FileManager, way: Way) -> Self {
        Self::new(Screen::of_size("1800x900"), manager, way)
    }

    /// Both windows side by side in a Wayland compositor.
    pub fn wayland(manager: FileManager, way: Way) -> Self {
        Self::new(Screen::with_wayland("1800x900"), manager, way)
    }

    fn new(screen: Screen, manager: FileManager, way: Way) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let image = disc(folder.path());
        Self::showing(screen, manager, way, folder, &image)
    }

    /// Both windows with this image, which is one of what is in the folder `files` of `folder`.
    pub fn showing(screen: Screen, manager: FileManager, way: Way, folder: tempfile::TempDir, image: &Path) -> Self {
        let target = folder.path().join("target");
        std::fs::create_dir(&target).unwrap();
        let settings = screen.home.path().join("config/isoscope");
        std::fs::create_dir_all(&settings).unwrap();
        let mounts = way == Way::Mount;
        std::fs::write(settings.join("settings.json"), format!(r#"{{"version":1,"mounts":{mounts}}}"#)).unwrap();
        let program = Program::start(&screen, image, &[]);
        let is_wayland = program.window.is_empty();
        if !is_wayland {
            place(&screen, &program.window, WINDOW);
        }
        let running = manager.start(&screen, &target);
        let mut found = String::new();
        wait_for("the file manager is seen", || {
            found = match is_wayland {
                // Its name is of the newer kind, which xdotool does not know.
                true => {
                    let tree = screen.tool("xwininfo", &["-root", "-tree"]);
                    let line = tree.lines().find(|line| line.contains("\"wlroots")).unwrap_or_default();
                    line.split_whitespace().next().unwrap_or_default().to_owned()
                }
                false => screen.xdotool(&["search", "--onlyvisible", "--name", "^target"]),
            };
            found = found.lines().next().unwrap_or_default().to_owned();
            !found.is_empty()
        });
        let (shown, empty, nowhere) = match is_wayland {
            // Each has half of the compositor's window. What it has no place for is our own window.
            true => (found, (1400, 500), (600, 700)),
            false => {
                place(&screen, &found, MANAGER);
                (program.window.clone(), TARGET, (1020, 800))
            }
        };
        screen.settled(&shown);
        // The file manager of a compositor cannot be asked whether it is there.
        pause(if is_wayland { 4000 } else { 0 });
        let corner = corner(&screen, &shown);
        let all = contents(&folder.path().join("files"));
        let what = format!("{} {way:?}", manager.name());
        Self { screen, folder, program, _manager: running, manager, way, what, corner, empty, nowhere, all }
    }

    pub fn target(&self) -> PathBuf {
        self.folder.path().join("target")
    }

    /// What the program keeps of what was dragged: every file with its length, and how many folders of drags there are.
    pub fn staged(&self) -> (Vec<(PathBuf, u64)>, usize) {
        let (mut files, mut drags) = (Vec::new(), 0);
        let mut folders = vec![self.screen.home.path().join("cache/isoscope/staging")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                // It may vanish while this looks.
                let (path, Ok(status)) = (entry.path(), entry.metadata()) else { continue };
                if status.is_dir() {
                    drags += usize::from(entry.file_name().to_string_lossy().starts_with("handed-"));
                    folders.push(path);
                } else if path.extension().is_none_or(|end| end != "lock") {
                    files.push((path, status.len()));
                }
            }
        }
        (files, drags)
    }

    /// The row of the entry with this name: folders come first, then the others by their names.
    pub fn row(&self, name: &str) -> (i32, i32) {
        let mut names: Vec<String> = std::fs::read_dir(self.folder.path().join("files"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort_by_key(|name| (!name.starts_with("BOOT"), name.clone()));
        let row = i32::try_from(names.iter().position(|found| found == name).unwrap()).unwrap();
        (self.corner.0 + FIRST_ROW.0, self.corner.1 + FIRST_ROW.1 + row * ROW)
    }

    /// A place so far from the upper left corner of the window.
    pub fn upper_left(&self, (x, y): (i32, i32)) -> (i32, i32) {
        (self.corner.0 + x, self.corner.1 + y)
    }

    /// A place so far from the lower right corner of the window on an X server.
    pub fn lower_right(&self, (x, y): (i32, i32)) -> (i32, i32) {
        let size = |at: usize| WINDOW[at].parse::<i32>().unwrap();
        (self.corner.0 + size(2) + x, self.corner.1 + size(3) + y)
    }

    pub fn to(&self, place: (i32, i32)) {
        self.screen.xdotool(&["mousemove", &place.0.to_string(), &place.1.to_string()]);
    }

    /// Presses the button at one place and moves to another, as a hand does.
    pub fn drag(&self, from: (i32, i32), to: (i32, i32)) {
        self.to(from);
        pause(150);
        self.screen.xdotool(&["mousedown", "1"]);
        pause(80);
        for step in 1..=10 {
            self.to((from.0 + (to.0 - from.0) * step / 10, from.1 + (to.1 - from.1) * step / 10));
            pause(25);
        }
        pause(500);
        self.to((to.0 + 3, to.1 + 2));
        pause(400);
    }

    /// Gives our window the keyboard, where a window can be asked to take it.
    fn focus(&self) {
        if !self.program.window.is_empty() {
            self.screen.xdotool(&["windowfocus", &self.program.window]);
        }
    }

    pub fn release(&self) {
        self.screen.xdotool(&["mouseup", "1"]);
    }

    pub fn drag_to_target(&self, name: &str) {
        self.drag(self.row(name), self.empty);
        self.release();
        if self.manager == FileManager::Dolphin {
            // It asks what to do: the second entry is to copy.
            pause(1500);
            self.to((self.empty.0 + 33, self.empty.1 + 40));
            self.screen.xdotool(&["click", "1"]);
        }
    }

    /// Copies of "1 plain.txt" that are complete and wait for other programs.
    fn copies(&self) -> usize {
        let staging = self.screen.home.path().join("cache/isoscope/staging");
        let list =
            |folder: PathBuf| std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let slots = list(staging).filter(|path| path.is_dir()).flat_map(list);
        slots.filter(|slot| slot.join("1 plain.txt").exists()).count()
    }

    pub fn clear(&self) {
        // The folder itself stays: the file manager shows it.
        for entry in std::fs::read_dir(self.target()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { std::fs::remove_dir_all(path).unwrap() } else { std::fs::remove_file(path).unwrap() }
        }
        pause(700);
    }

    /// What the disc has of this name, and below it.
    pub fn only(&self, name: &str) -> BTreeMap<PathBuf, String> {
        self.all.iter().filter(|(path, _)| path.starts_with(name)).map(|(a, b)| (a.clone(), b.clone())).collect()
    }
}

pub fn pause(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}

fn place(screen: &Screen, window: &str, [x, y, width, height]: [&str; 4]) {
    screen.xdotool(&["windowsize", window, width, height, "windowmove", window, x, y]);
}

/// The upper left corner of what is inside of a window.
fn corner(screen: &Screen, window: &str) -> (i32, i32) {
    let said = screen.tool("xwininfo", &["-id", window]);
    let number = |name: &str| {
        let line = said.lines().find_map(|line| line.trim().strip_prefix(name));
        line.and_then(|line| line.trim().parse().ok()).unwrap_or_else(|| panic!("{name} in {said}"))
    };
    (number("Absolute upper-left X:"), number("Absolute upper-left Y:"))
}

/// Takes text from the file manager to the window and back, and drops an image of it on the window. On Wayland, where
/// all of that is the work of one device.
pub fn text_goes_both_ways_and_images_come_in(stage: Stage) {
    // The first icon in the file manager, and the field of the window that searches.
    const ICON: (i32, i32) = (1113, 165);
    const SEARCH: (i32, i32) = (770, 68);
    let shown = |title: &str| stage.screen.windows().contains(title);

    let below = stage.target().join("below");
    std::fs::create_dir(&below).unwrap();
    std::fs::copy(stage.folder.path().join("disc.iso"), below.join("other.iso")).unwrap();
    pause(1500);
    let click = |place| {
        stage.to(place);
        stage.screen.xdotool(&["click", "1"]);
        pause(500);
    };
    // The path of the folder is copied over there, made longer here, and gone to over there.
    click(stage.empty);
    stage.screen.keys(&["ctrl+l", "ctrl+a", "ctrl+c"]);
    click(SEARCH);
    stage.screen.keys(&["ctrl+v"]);
    pause(500);
    stage.screen.xdotool(&["type", "/below"]);
    stage.screen.keys(&["ctrl+a", "ctrl+c"]);
    pause(500);
    click(stage.empty);
    stage.screen.keys(&["ctrl+l", "ctrl+a", "ctrl+v", "Return"]);
    wait_for("the file manager shows the folder below", || shown("\"below - Thunar"));
    assert!(!shown("other.iso"));

    pause(1000);
    stage.drag(ICON, (400, 500));
    stage.release();
    // Beside the image that is open, which makes room for it: so this is the last.
    wait_for("the image that was dropped is open", || shown("other.iso"));
}

/// Drags everything that there is, in all the ways that a hand can.
pub fn everything_can_be_dragged(stage: Stage) {
    let manager = stage.manager;
    let what = stage.what.clone();

    // One file, twice in a row.
    for name in ["1 plain.txt", "3 grüße & ünïcode %41.txt"] {
        stage.drag_to_target(name);
        wait_for_contents(&format!("{what}, {name}"), &stage.target(), &stage.only(name));
        stage.clear();
    }

    // A folder with what is in it.
    stage.drag_to_target("BOOT");
    wait_for_contents(&format!("{what}, a folder"), &stage.target(), &stage.only("BOOT"));
    stage.clear();

    // What is given up with the Esc key, released over nothing, or over our own window, arrives nowhere.
    // On Wayland the key belongs to the compositor, and this one has no use for it.
    if !stage.program.window.is_empty() {
        let before = stage.copies();
        stage.drag(stage.row("1 plain.txt"), stage.empty);
        // What has to be copied is, as soon as the file manager would take it.
        let more = usize::from(stage.way == Way::Copies);
        wait_for("the file is copied", || stage.copies() == before + more);
        stage.screen.keys(&["Escape"]);
        pause(200);
        stage.release();
        wait_for("the copy is gone", || stage.copies() == before);
    }
    stage.drag(stage.row("1 plain.txt"), stage.nowhere);
    stage.release();
    stage.drag(stage.row("1 plain.txt"), stage.row("BOOT"));
    stage.release();
    pause(1500);
    assert_eq!(contents(&stage.target()), BTreeMap::new(), "{what}: nothing was dropped");

    // All of it, after all that.
    stage.focus();
    stage.to(stage.row("2 big file.bin"));
    stage.screen.xdotool(&["click", "1"]);
    stage.screen.keys(&["ctrl+a"]);
    stage.drag_to_target("2 big file.bin");
    wait_for_contents(&format!("{what}, everything"), &stage.target(), &stage.all);
    stage.clear();

    // Copied, and pasted over there.
    if manager != FileManager::Dolphin {
        stage.to(stage.row("2 big file.bin"));
        stage.focus();
        stage.screen.xdotool(&["click", "1"]);
        stage.screen.keys(&["ctrl+a", "ctrl+c"]);
        pause(1000);
        stage.to(stage.empty);
        stage.screen.xdotool(&["click", "1"]);
        pause(300);
        stage.screen.keys(&["ctrl+v"]);
        wait_for_contents(&format!("{what}, pasted"), &stage.target(), &stage.all);
    }

    // Nothing is left of the window's own when it is closed, but copies that others may still be reading.
    stage.to(stage.row("2 big file.bin"));
    stage.screen.xdotool(&["click", "1"]);
    stage.focus();
    let Stage { screen, program, .. } = stage;
    screen.keys(&["ctrl+w"]);
    assert_eq!(program.end(), Some(0));
}
