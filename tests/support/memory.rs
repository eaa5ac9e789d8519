//! How much memory a program takes, and one that may not take more.

use std::process::{Child, Command};

/// `program`, of whose own memory the system refuses more than so many bytes. Its code and what it reads of files do not
/// count.
pub fn limited(program: &str, bytes: u64) -> Command {
    let mut command = Command::new("prlimit");
    command.arg(format!("--data={bytes}")).arg("--").arg(program);
    command
}

/// The most bytes that a process had at any time until now, with its code.
pub fn peak(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the process lives");
    line.trim_end_matches("kB").trim().parse::<u64>().unwrap() * 1024
}
