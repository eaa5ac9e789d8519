//! A small disk.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A small file system in memory, which only root may mount.
pub struct Tiny(pub PathBuf);

impl Tiny {
    /// One of this size, such as `64m`, in the folder `path`.
    pub fn mount(path: &Path, size: &str) -> Self {
        std::fs::create_dir_all(path).unwrap();
        let status =
            Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(path).status();
        assert!(status.unwrap().success());
        Self(path.to_owned())
    }

    /// Bytes that are taken on it.
    pub fn used(&self) -> u64 {
        let there = rustix::fs::statvfs(&self.0).unwrap();
        (there.f_blocks - there.f_bfree) * there.f_frsize
    }

    /// The most that is taken on it at any time during `work`.
    pub fn most_used_during(&self, work: impl FnOnce() + Send) -> u64 {
        std::thread::scope(|scope| {
            let working = scope.spawn(work);
            let mut most = self.used();
            while !working.is_finished() {
                std::thread::sleep(Duration::from_millis(1));
                most = most.max(self.used());
            }
            working.join().unwrap();
            most
        })
    }
}

impl Drop for Tiny {
    fn drop(&mut self) {
        let status = Command::new("umount").arg("--lazy").arg(&self.0).status();
        assert!(std::thread::panicking() || status.unwrap().success());
    }
}
