//! What the volume under a folder is like: its room, and whether someone may pull it out.

use std::io;
#[cfg(windows)]
use std::path::Path;

#[cfg(unix)]
use cap_std::fs::Dir;

/// The room on a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Bytes that the user may still write.
    pub free: u64,
    /// Bytes of the units in which files take up room; never 0.
    pub block: u64,
}

/// The room on the volume that holds `dir`.
#[cfg(unix)]
pub(super) fn space(dir: &Dir) -> io::Result<Space> {
    let volume = rustix::fs::fstatvfs(dir)?;
    Ok(Space { free: volume.f_bavail.saturating_mul(volume.f_frsize), block: volume.f_frsize.max(1) })
}

/// The room on the volume that holds the folder `path`; nothing is written by the path.
#[cfg(windows)]
pub(super) fn space(path: &Path) -> io::Result<Space> {
    let volume = fs4::statvfs(path)?;
    Ok(Space { free: volume.available_space(), block: volume.allocation_granularity().max(1) })
}

/// True when `dir` lies on a medium that is likely to be pulled out: a USB stick, a memory card, a floppy.
/// Where that cannot be told the answer is no.
#[cfg(target_os = "linux")]
pub(super) fn is_removable(dir: &Dir) -> bool {
    let Ok(status) = rustix::fs::fstat(dir) else { return false };
    let (major, minor) = (rustix::fs::major(status.st_dev), rustix::fs::minor(status.st_dev));
    // A partition's folder lies in that of its disk, which knows whether it is removable.
    let Ok(device) = std::fs::canonicalize(format!("/sys/dev/block/{major}:{minor}")) else { return false };
    let says_so = |folder: &std::path::Path| {
        std::fs::read_to_string(folder.join("removable")).is_ok_and(|value| value.trim() == "1")
    };
    // Disks on USB and memory cards do not call themselves removable, but are.
    device.to_str().is_some_and(|path| path.contains("/usb") || path.contains("/mmc_host/"))
        || says_so(&device)
        || device.parent().is_some_and(says_so)
}

/// Other systems are not asked yet; a file there counts as lying on a fixed disk.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_removable(_: &cap_std::fs::Dir) -> bool {
    false
}
