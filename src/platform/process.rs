//! Other programs, further windows of this one, and what ended processes leave behind.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Starts this program again, with these arguments: every image has a process of its own.
pub fn new_window(arguments: &[&OsStr]) -> io::Result<()> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(arguments).stdin(Stdio::null());
    #[cfg(windows)]
    {
        // Otherwise it gets a console when this one has none.
        const DETACHED_PROCESS: u32 = 0x8;
        std::os::windows::process::CommandExt::creation_flags(&mut command, DETACHED_PROCESS);
    }
    let mut child = command.spawn()?;
    // Waits for the end of the other window, so that no dead process stays behind on Unix.
    std::thread::Builder::new().name("other window".to_owned()).spawn(move || drop(child.wait()))?;
    Ok(())
}

/// Where the user keeps downloads, else the home folder.
pub fn downloads() -> Option<PathBuf> {
    let folders = directories::UserDirs::new()?;
    Some(folders.download_dir().filter(|folder| folder.is_dir()).unwrap_or(folders.home_dir()).to_owned())
}

/// What the folder is called in which this process keeps what must not outlive it: its number, and when it started, as
/// numbers are given again.
pub fn own_folder_name() -> String {
    static NAME: OnceLock<String> = OnceLock::new();
    let name = || {
        let id = std::process::id();
        format!("{id}-{}", system::started(id).unwrap_or_default())
    };
    NAME.get_or_init(name).clone()
}

/// Whether the process lives that has a folder called `name`; `None` for what is no such name. Where the system does not
/// tell, it is taken to live.
pub fn is_alive(name: &str) -> Option<bool> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (id, started) = name.split_once('-').filter(|(id, started)| digits(id) && digits(started))?;
    let (id, started) = (id.parse().ok()?, started.parse().ok()?);
    Some(system::is_alive(id, started))
}

/// Where folders of processes are made, the best place first: in the folder that ends with the user's session, else
/// among what can be made again.
pub fn private_bases() -> Vec<PathBuf> {
    let Some(dirs) = directories::ProjectDirs::from("", "", "isoscope") else { return Vec::new() };
    dirs.runtime_dir().into_iter().chain([dirs.cache_dir()]).map(Path::to_owned).collect()
}

/// The folders below `base` whose processes have ended.
pub fn folders_of_the_dead(base: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(base) else { return Vec::new() };
    let dead = |entry: &std::fs::DirEntry| entry.file_name().to_str().and_then(is_alive) == Some(false);
    entries.flatten().filter(dead).map(|entry| entry.path()).collect()
}

/// Makes a folder, and those above it where they are missing, that nobody else may look into.
pub fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(target_os = "linux")]
mod system {
    //! See proc(5).

    /// The state of a process and the clock ticks from the start of the system to its own; `None` where there is none.
    fn status(id: u32) -> std::io::Result<Option<(String, u64)>> {
        let text = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
        // The name of the program may hold anything, and stands in brackets.
        let Some((_, rest)) = text.rsplit_once(')') else { return Ok(None) };
        let mut fields = rest.split_ascii_whitespace();
        let state = fields.next().unwrap_or_default().to_owned();
        Ok(fields.nth(18).and_then(|started| Some((state, started.parse().ok()?))))
    }

    pub(super) fn started(id: u32) -> Option<u64> {
        status(id).ok()?.map(|(_, started)| started)
    }

    pub(super) fn is_alive(id: u32, started: u64) -> bool {
        match status(id) {
            // One whose parent has not heard yet that it ended has nothing any more.
            Ok(Some((state, since))) => since == started && !matches!(state.as_str(), "Z" | "X"),
            Ok(None) => true,
            // A system that shows no processes says nothing.
            Err(_) => !std::path::Path::new("/proc/self/stat").exists(),
        }
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
mod system {
    /// Seconds since 1970 when it was first asked for: enough to tell folders of the same number apart.
    pub(super) fn started(_: u32) -> Option<u64> {
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok().map(|since| since.as_secs())
    }

    /// A later process of the same number counts as the same: then its end is waited for.
    pub(super) fn is_alive(id: u32, _: u64) -> bool {
        let id = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw);
        id.is_some_and(|id| rustix::process::test_kill_process(id) != Err(rustix::io::Errno::SRCH))
    }
}

#[cfg(windows)]
#[expect(unsafe_code, reason = "only the system knows of other processes, and no library asks it")]
mod system {
    use windows_sys::Win32::Foundation::{CloseHandle, ERROR_INVALID_PARAMETER, FILETIME, GetLastError, WAIT_TIMEOUT};
    use windows_sys::Win32::System::Threading::{
        GetProcessTimes, OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE, WaitForSingleObject,
    };

    /// When a process started, in the system's count, and whether it still runs. The error says whether it may live.
    fn status(id: u32) -> Result<(u64, bool), bool> {
        // SAFETY: it takes any number, and fails for those of no process.
        let process = unsafe { OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_SYNCHRONIZE, 0, id) };
        if process.is_null() {
            // SAFETY: it only reads what the call before has left.
            return Err(unsafe { GetLastError() } != ERROR_INVALID_PARAMETER);
        }
        let none = FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 };
        let [mut created, mut ended, mut kernel, mut user] = [none; 4];
        // SAFETY: the handle is open until below, and all four times outlive the call.
        let told =
            unsafe { GetProcessTimes(process, &raw mut created, &raw mut ended, &raw mut kernel, &raw mut user) } != 0;
        // SAFETY: the handle is open, and waiting for no time returns at once.
        let runs = unsafe { WaitForSingleObject(process, 0) } == WAIT_TIMEOUT;
        // SAFETY: the handle was opened above and is used no more.
        let _: i32 = unsafe { CloseHandle(process) };
        let started = u64::from(created.dwHighDateTime) << 32 | u64::from(created.dwLowDateTime);
        if told { Ok((started, runs)) } else { Err(true) }
    }

    pub(super) fn started(id: u32) -> Option<u64> {
        status(id).ok().map(|(started, _)| started)
    }

    pub(super) fn is_alive(id: u32, started: u64) -> bool {
        match status(id) {
            Ok((since, runs)) => runs && since == started,
            Err(may_live) => may_live,
        }
    }
}

/// Gives this thread, and those that it starts, less of a busy processor than the window has, where the system knows of
/// that: copying as fast as the disk takes it must not make the window stutter.
pub fn let_others_go_first() {
    #[cfg(target_os = "linux")]
    {
        /// Of 0 to 19, about a tenth of what an ordinary thread gets.
        const NICENESS: i32 = 10;
        // On Linux the priority is one of a thread. Where it cannot be changed, it stays what it is.
        rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS).unwrap_or_default();
    }
}

/// Shows a file or folder in the program that the system has for it.
#[cfg(feature = "gui")]
pub fn open_in_system(path: &std::path::Path) -> io::Result<()> {
    open::that_detached(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_lives_and_others_of_its_number_do_not() {
        let own = own_folder_name();
        assert_eq!(is_alive(&own), Some(true));
        assert_eq!(own, own_folder_name());
        for no_name in ["", "-", "1-", "-1", "mnt", "1-2-3", "+1-2", "12", "99999999999999999999-1"] {
            assert_eq!(is_alive(no_name), None, "{no_name}");
        }
        let id = std::process::id();
        if cfg!(any(target_os = "linux", windows)) {
            assert_eq!(is_alive(&format!("{id}-1")), Some(false));
        }
        assert_eq!(is_alive("2147483646-1"), Some(false));
    }

    #[test]
    fn only_folders_of_ended_processes_are_found() {
        let base = tempfile::tempdir().unwrap();
        let dead = base.path().join("2147483646-1");
        make_private(&dead.join("inner")).unwrap();
        make_private(&base.path().join(own_folder_name())).unwrap();
        std::fs::create_dir(base.path().join("other")).unwrap();
        assert_eq!(folders_of_the_dead(base.path()), [dead]);
        assert!(folders_of_the_dead(&base.path().join("absent")).is_empty());
    }
}
