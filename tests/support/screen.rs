//! A screen without a monitor, with a window manager, a hand and an eye, and the program on it.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub const PATIENCE: Duration = Duration::from_secs(60);

/// A process that ends with the test.
pub struct Running(pub Child);

impl Running {
    /// Starts a process that ends together with all that it has started.
    pub fn group(command: &mut Command) -> std::io::Result<Self> {
        std::os::unix::process::CommandExt::process_group(command, 0).spawn().map(Self)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // All that belongs to it, if it has a group of its own. It may have ended by itself.
        let group = format!("-{}", self.0.id());
        drop(Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status());
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A screen with a window manager, and a home folder of its own.
pub struct Screen {
    pub display: String,
    pub home: tempfile::TempDir,
    /// The socket of the Wayland compositor that fills the screen, where there is one.
    wayland: Option<PathBuf>,
    _compositor: Option<(Running, tempfile::TempDir)>,
    _manager: Running,
    _server: Running,
}

impl Screen {
    /// The screen that most tests need.
    pub fn new() -> Self {
        Self::of_size("1280x800")
    }

    /// A screen of so many pixels.
    pub fn of_size(size: &str) -> Self {
        // Without a reset: it would close the connections that begin as the last one ends.
        let mut server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                &format!("{size}x24"),
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
        let home = tempfile::tempdir().unwrap();
        let screen = Self { display, home, wayland: None, _compositor: None, _manager: manager, _server: server };
        // A window that is mapped while the manager takes over the screen can stay unmapped for ever.
        wait_for("the window manager has taken over", || {
            screen.tool("xprop", &["-root", "_NET_SUPPORTING_WM_CHECK"]).contains("window id")
        });
        screen
    }

    /// A screen of so many pixels that a Wayland compositor fills, which puts windows side by side. The tools are still
    /// those of X.
    pub fn with_wayland(size: &str) -> Self {
        let mut screen = Self::of_size(size);
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config");
        let said =
            format!("xwayland disable\ndefault_border none\nfocus_follows_mouse no\noutput * resolution {size}\n");
        std::fs::write(&config, said).unwrap();
        let mut command = Command::new("sway");
        // It does not run as root.
        if rustix::process::geteuid().is_root() {
            let owner = Command::new("chown").arg("nobody").arg(folder.path()).status();
            assert!(owner.unwrap().success());
            command = Command::new("setpriv");
            command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "sway"]);
        }
        screen.place(&mut command);
        command.args(["-c".as_ref(), config.as_os_str()]).env("HOME", folder.path());
        command.env("XDG_RUNTIME_DIR", folder.path()).env("WLR_BACKENDS", "x11").env("WLR_RENDERER", "pixman");
        command.stderr(Stdio::null());
        let compositor = Running::group(&mut command).expect("sway and setpriv are installed");
        wait_for("the compositor has a socket", || {
            let entries = std::fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.path());
            let is_socket = |path: &PathBuf| {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                name.starts_with("wayland-") && !name.ends_with(".lock")
            };
            screen.wayland = entries.into_iter().find(is_socket);
            screen.wayland.is_some()
        });
        screen._compositor = Some((compositor, folder));
        screen
    }

    /// A program on this screen.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        self.place(&mut command);
        if let Some(socket) = &self.wayland {
            command.env("WAYLAND_DISPLAY", socket).env("GDK_BACKEND", "wayland").env("QT_QPA_PLATFORM", "wayland");
            command.env_remove("DISPLAY");
        }
        command
    }

    /// What a tool prints. None may wait for ever: a test that hangs says nothing.
    pub fn tool(&self, program: &str, arguments: &[&str]) -> String {
        String::from_utf8_lossy(&self.tool_bytes(program, arguments)).into_owned()
    }

    pub fn tool_bytes(&self, program: &str, arguments: &[&str]) -> Vec<u8> {
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
            .env("XDG_CACHE_HOME", self.home.path().join("cache"))
            .env("XDG_RUNTIME_DIR", self.home.path())
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("XDG_DOWNLOAD_DIR");
    }

    pub fn xdotool(&self, arguments: &[&str]) -> String {
        self.tool("xdotool", arguments)
    }

    pub fn keys(&self, keys: &[&str]) {
        for key in keys {
            self.xdotool(&["key", key]);
            std::thread::sleep(Duration::from_millis(120));
        }
    }

    /// What the Wayland compositor knows of its windows.
    pub fn windows(&self) -> String {
        let socket = |path: &PathBuf| path.to_string_lossy().contains("/sway-ipc.");
        let (_, folder) = self._compositor.as_ref().expect("there is a compositor");
        let mut entries = std::fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.path());
        let socket = entries.find(socket).expect("sway has a socket");
        self.tool("swaymsg", &["-s", socket.to_str().unwrap(), "-t", "get_tree"])
    }

    /// The colours of all pixels of the window.
    pub fn picture(&self, window: &str) -> Vec<u8> {
        self.tool_bytes("import", &["-window", window, "-depth", "8", "rgb:-"])
    }

    /// A picture of the window once it is painted and stays the same.
    pub fn settled(&self, window: &str) -> Vec<u8> {
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
pub struct Program {
    pub process: Running,
    pub window: String,
}

impl Program {
    pub fn start(screen: &Screen, image: &Path, arguments: &[&str]) -> Self {
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
        if screen.wayland.is_some() {
            // X knows the compositor only.
            return Self { process, window };
        }
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
    pub fn end(mut self) -> Option<i32> {
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

pub fn colours(picture: &[u8]) -> usize {
    picture.as_chunks::<3>().0.iter().collect::<HashSet<_>>().len()
}

pub fn wait_for(what: &str, mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !happened() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
