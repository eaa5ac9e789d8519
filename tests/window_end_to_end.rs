//! The real program on a real X server: started with an image, used with the keyboard, looked at, closed.
#![cfg(all(feature = "window-tests", target_os = "linux"))]

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A screen with a window manager, and a home folder of its own.
struct Screen {
    display: String,
    home: tempfile::TempDir,
    _manager: Running,
    _server: Running,
}

impl Screen {
    fn new() -> Self {
        // Without a reset: it would close the connections that begin as the last one ends.
        let mut server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1280x800x24",
                "+extension",
                "GLX",
                "-nolisten",
                "tcp",
                "-noreset",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed");
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        let server = Running(server);
        let display = format!(":{}", number.trim());
        let manager = Command::new("openbox").env("DISPLAY", &display).stderr(Stdio::null()).spawn();
        let manager = Running(manager.expect("openbox is installed"));
        let screen = Self { display, home: tempfile::tempdir().unwrap(), _manager: manager, _server: server };
        // A window that is mapped while the manager takes over the screen can stay unmapped for ever.
        wait_for("the window manager has taken over", || {
            screen.tool("xprop", &["-root", "_NET_SUPPORTING_WM_CHECK"]).contains("window id")
        });
        screen
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        self.place(&mut command);
        command
    }

    /// What a tool prints. None may wait for ever: a test that hangs says nothing.
    fn tool(&self, program: &str, arguments: &[&str]) -> String {
        String::from_utf8_lossy(&self.tool_bytes(program, arguments)).into_owned()
    }

    fn tool_bytes(&self, program: &str, arguments: &[&str]) -> Vec<u8> {
        let mut command = Command::new("timeout");
        command.arg("20").arg(program).args(arguments);
        self.place(&mut command);
        let output = command.output().expect("coreutils are installed");
        assert_ne!(output.status.code(), Some(127), "{program} is not installed");
        assert_ne!(output.status.code(), Some(124), "{program} {arguments:?} did not end");
        output.stdout
    }

    fn place(&self, command: &mut Command) {
        command
            .env("DISPLAY", &self.display)
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.home.path().join("config"))
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("XDG_DOWNLOAD_DIR");
    }

    fn xdotool(&self, arguments: &[&str]) -> String {
        self.tool("xdotool", arguments)
    }

    fn keys(&self, keys: &[&str]) {
        for key in keys {
            self.xdotool(&["key", key]);
            std::thread::sleep(Duration::from_millis(120));
        }
    }

    /// The colours of all pixels of the window.
    fn picture(&self, window: &str) -> Vec<u8> {
        self.tool_bytes("import", &["-window", window, "-depth", "8", "rgb:-"])
    }

    /// A picture of the window once it is painted and stays the same.
    fn settled(&self, window: &str) -> Vec<u8> {
        let mut last = Vec::new();
        wait_for("the window is painted and comes to rest", || {
            std::thread::sleep(Duration::from_millis(200));
            let picture = self.picture(window);
            let rests = colours(&picture) > 40 && picture == last;
            last = picture;
            rests
        });
        last
    }
}

/// The program, with its window.
struct Program {
    process: Running,
    window: String,
}

impl Program {
    fn start(screen: &Screen, image: &Path, arguments: &[&str]) -> Self {
        let mut process = screen
            .command(env!("CARGO_BIN_EXE_isoscope"))
            .args(arguments)
            .arg(image)
            .env("ISOSCOPE_TRACE_START", "1")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut errors = BufReader::new(process.stderr.take().unwrap());
        let process = Running(process);
        let (sender, painted) = crossbeam_channel::bounded(64);
        std::thread::Builder::new()
            .name("errors".to_owned())
            .spawn(move || {
                let mut line = String::new();
                while errors.read_line(&mut line).is_ok_and(|read| read > 0) {
                    if sender.send(std::mem::take(&mut line)).is_err() {
                        // Nobody listens any more, but the pipe has to stay open and empty.
                        drop(errors.read_to_string(&mut line));
                    }
                }
            })
            .unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let line = painted.recv_deadline(deadline).expect("the first folder is painted");
            if line.contains("first folder painted") {
                break;
            }
        }
        let mut window = String::new();
        wait_for("the window is seen", || {
            let found = screen.xdotool(&["search", "--onlyvisible", "--name", "Isoscope"]);
            window = found.lines().last().unwrap_or_default().to_owned();
            !window.is_empty()
        });
        wait_for("the window has the keyboard", || {
            screen.xdotool(&["windowfocus", &window]);
            screen.xdotool(&["getwindowfocus"]).trim() == window
        });
        Self { process, window }
    }

    /// Waits for the end; the exit status.
    fn end(mut self) -> Option<i32> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.process.0.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the window closes");
    }
}

fn colours(picture: &[u8]) -> usize {
    picture.as_chunks::<3>().0.iter().collect::<HashSet<_>>().len()
}

fn wait_for(what: &str, mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !happened() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

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
