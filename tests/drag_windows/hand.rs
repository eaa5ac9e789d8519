//! The program's window, and a hand on the mouse and the keyboard.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{HWND, LPARAM, POINT};
use windows_sys::Win32::Graphics::Gdi::ClientToScreen;
use windows_sys::Win32::UI::Input::KeyboardAndMouse as keys;
use windows_sys::Win32::UI::WindowsAndMessaging as user;

/// Middle of the name in the first row of the table, from the upper left corner of the window, and the height of a row.
const FIRST_ROW: (i32, i32) = (300, 145);
const ROW: i32 = 24;

pub(crate) fn pause(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}

/// The program with an image, until it is dropped.
pub(crate) struct Window {
    child: Child,
    window: HWND,
}

impl Window {
    /// Starts the program and waits until it shows the files of the image. It stands at the upper left of the screen.
    pub(crate) fn open(image: &Path, (width, height): (i32, i32)) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_isoscope"))
            .args(["--renderer", "glow"])
            .arg(image)
            .env("ISOSCOPE_TRACE_START", "1")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        let (shown, is_shown) = crossbeam_channel::bounded(1);
        // What it says later is read, too, or it would wait for somebody to.
        let listen = move || {
            for line in said.lines().map_while(Result::ok) {
                if line.contains("first folder painted") {
                    shown.send(()).unwrap_or_default();
                }
            }
        };
        std::thread::Builder::new().name("listen".to_owned()).spawn(listen).unwrap();
        is_shown.recv_timeout(Duration::from_secs(120)).expect("the window shows the files");
        let started = Instant::now();
        let window = loop {
            if let Some(window) = window_of(child.id()) {
                break window;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "no window");
            pause(100);
        };
        // SAFETY: the window is there; if it were not, nothing would happen.
        unsafe {
            user::SetWindowPos(window, std::ptr::null_mut(), 0, 0, width, height, user::SWP_NOZORDER);
            user::SetForegroundWindow(window);
        }
        pause(1500);
        Self { child, window }
    }

    /// The middle of the name in a row, from zero, on the screen.
    pub(crate) fn row(&self, row: i32) -> (i32, i32) {
        let mut corner = POINT { x: 0, y: 0 };
        // SAFETY: there is room for the answer.
        assert!(unsafe { ClientToScreen(self.window, &raw mut corner) } != 0);
        (corner.x + FIRST_ROW.0, corner.y + FIRST_ROW.1 + row * ROW)
    }

    /// True while the program runs.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        drop(self.child.wait());
    }
}

/// The visible window of a process.
fn window_of(process: u32) -> Option<HWND> {
    struct Search {
        process: u32,
        found: Option<HWND>,
    }
    unsafe extern "system" fn each(window: HWND, search: LPARAM) -> i32 {
        // SAFETY: it is what `EnumWindows` was given, which waits for the last call of this.
        let search = unsafe { &mut *(search as *mut Search) };
        let mut process = 0;
        // SAFETY: there is room for the answer.
        unsafe { user::GetWindowThreadProcessId(window, &raw mut process) };
        let mut title = [0_u16; 200];
        // SAFETY: there is room for as much of the title as is asked for.
        let len = unsafe { user::GetWindowTextW(window, title.as_mut_ptr(), 200) };
        let title = String::from_utf16_lossy(&title[..usize::try_from(len).unwrap_or(0)]);
        // The library of the window has others, which nobody sees.
        if process == search.process && title.contains("Isoscope") {
            search.found = Some(window);
        }
        1
    }
    let mut search = Search { process, found: None };
    // SAFETY: the search lives through the call.
    unsafe { user::EnumWindows(Some(each), &raw mut search as LPARAM) };
    search.found
}

fn send(input: keys::INPUT) {
    // SAFETY: it is one input, and as large as it says.
    let sent = unsafe { keys::SendInput(1, &raw const input, size_of::<keys::INPUT>() as i32) };
    assert_eq!(sent, 1);
}

fn mouse(flags: keys::MOUSE_EVENT_FLAGS) {
    let mi = keys::MOUSEINPUT { dx: 0, dy: 0, mouseData: 0, dwFlags: flags, time: 0, dwExtraInfo: 0 };
    send(keys::INPUT { r#type: keys::INPUT_MOUSE, Anonymous: keys::INPUT_0 { mi } });
}

/// Presses keys one after the other, and lets them go.
pub(crate) fn press(pressed: &[keys::VIRTUAL_KEY]) {
    let key = |key: keys::VIRTUAL_KEY, flags: keys::KEYBD_EVENT_FLAGS| {
        let ki = keys::KEYBDINPUT { wVk: key, wScan: 0, dwFlags: flags, time: 0, dwExtraInfo: 0 };
        send(keys::INPUT { r#type: keys::INPUT_KEYBOARD, Anonymous: keys::INPUT_0 { ki } });
        pause(30);
    };
    pressed.iter().for_each(|pressed| key(*pressed, 0));
    pressed.iter().rev().for_each(|pressed| key(*pressed, keys::KEYEVENTF_KEYUP));
}

pub(crate) fn to((x, y): (i32, i32)) {
    // SAFETY: any place will do.
    unsafe { user::SetCursorPos(x, y) };
}

pub(crate) fn click(place: (i32, i32)) {
    to(place);
    pause(150);
    mouse(keys::MOUSEEVENTF_LEFTDOWN);
    pause(80);
    release();
    pause(300);
}

pub(crate) fn release() {
    mouse(keys::MOUSEEVENTF_LEFTUP);
}

/// Presses the button at one place and moves to another, as a hand does.
pub(crate) fn drag(from: (i32, i32), end: (i32, i32)) {
    to(from);
    pause(200);
    mouse(keys::MOUSEEVENTF_LEFTDOWN);
    pause(100);
    for step in 1..=10 {
        to((from.0 + (end.0 - from.0) * step / 10, from.1 + (end.1 - from.1) * step / 10));
        pause(40);
    }
    pause(500);
    to((end.0 + 3, end.1 + 2));
    pause(500);
}
