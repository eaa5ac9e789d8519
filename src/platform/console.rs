//! The console that Windows gives to every program that can be used in one.
//!
//! Isoscope is such a program, so that shells wait for it and see its output and exit status, through pipes too; that
//! of a program of the desktop gets lost. The price is that Windows opens a console beside the window when the program
//! was opened from the desktop. From Windows 11 24H2 on the manifest in `dist/windows` tells it not to; before, the
//! console is given back at once, which is all that can be done.

/// Gives back the console if Windows opened it for this program alone. A terminal in which the program was started is
/// left as it is. On other systems there is nothing to do.
pub fn leave_own_console() {
    #[cfg(windows)]
    windows::leave_own_console();
}

/// Says why there is no window in a box of the system's own, if nobody can read standard error.
#[cfg(feature = "gui")]
pub fn complain_without_console(message: &str) {
    #[cfg(windows)]
    if std::os::windows::io::AsRawHandle::as_raw_handle(&std::io::stderr()).is_null() {
        let dialog = rfd::MessageDialog::new().set_level(rfd::MessageLevel::Error);
        // There is only one button.
        let _: rfd::MessageDialogResult = dialog.set_title("Isoscope").set_description(message).show();
    }
    #[cfg(not(windows))]
    let _: &str = message;
}

#[cfg(windows)]
#[expect(unsafe_code, reason = "the console is the system's, and no library gives it back")]
mod windows {
    use std::ptr;

    use windows_sys::Win32::System::Console::{
        FreeConsole, GetConsoleMode, GetConsoleProcessList, GetStdHandle, STD_ERROR_HANDLE, STD_INPUT_HANDLE,
        STD_OUTPUT_HANDLE, SetStdHandle,
    };

    /// How many processes use the console of this one: none when it has no console.
    pub(super) fn processes_of_console() -> u32 {
        let mut list = [0; 2];
        // SAFETY: the list has room for the two numbers that are asked for. It may stay empty; the answer is the count.
        unsafe { GetConsoleProcessList(list.as_mut_ptr(), 2) }
    }

    pub(super) fn leave_own_console() {
        if processes_of_console() != 1 {
            return;
        }
        let streams = [STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE];
        // What was sent elsewhere, into a file or a pipe, stays open.
        let lost = streams.map(|stream| {
            let mut mode = 0;
            // SAFETY: both calls take any handle and fail for one that is no console; `mode` outlives them.
            unsafe { GetConsoleMode(GetStdHandle(stream), &raw mut mode) != 0 }
        });
        // SAFETY: it closes nothing but the console and the handles to it, which are forgotten below.
        if unsafe { FreeConsole() } == 0 {
            return;
        }
        for (stream, _) in streams.into_iter().zip(lost).filter(|(_, lost)| *lost) {
            // SAFETY: no handle is a valid value. A closed one must not stay: its number may become that of a file,
            // and whatever is said on standard error would be written into it.
            unsafe { SetStdHandle(stream, ptr::null_mut()) };
        }
    }
}

#[cfg(all(test, windows))]
mod tests {
    use std::os::windows::process::CommandExt as _;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use super::*;

    const INSIDE: &str = "ISOSCOPE_TEST_CONSOLE";
    const CREATE_NEW_CONSOLE: u32 = 0x10;
    const DETACHED_PROCESS: u32 = 0x8;

    /// Runs this test again in a process of its own, which sees `inside`.
    fn run_inside(inside: &str, flags: u32) {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "platform::console::tests::only_a_console_of_its_own_is_left"]);
        command.env(INSIDE, inside).creation_flags(flags);
        assert!(command.status().unwrap().success(), "{inside}");
    }

    #[test]
    fn only_a_console_of_its_own_is_left() {
        let before = windows::processes_of_console();
        match std::env::var(INSIDE).as_deref() {
            Err(_) => {
                run_inside("own", CREATE_NEW_CONSOLE);
                run_inside("none", DETACHED_PROCESS);
            }
            Ok("own") => {
                assert_eq!(before, 1);
                // As long as another process uses it too it stays.
                let mut other = Command::new("cmd.exe").arg("/k").stdin(Stdio::piped()).spawn().unwrap();
                // It comes to the console some time after it was started.
                let start = Instant::now();
                while windows::processes_of_console() < 2 {
                    assert!(start.elapsed() < Duration::from_secs(20));
                    std::thread::sleep(Duration::from_millis(10));
                }
                leave_own_console();
                assert_eq!(windows::processes_of_console(), 2);
                drop(other.stdin.take());
                other.wait().unwrap();
                leave_own_console();
                assert_eq!(windows::processes_of_console(), 0);
                // A program that inherits what is left of the streams can still be started.
                assert!(Command::new("cmd.exe").args(["/c", "exit"]).status().unwrap().success());
            }
            Ok(_) => {
                assert_eq!(before, 0);
                leave_own_console();
            }
        }
    }
}
