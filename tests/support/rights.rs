//! What this user may do on this system. What he may not cannot be tested, and that is said.

use isoscope::platform::mount;

/// True where images can be mounted: the kernel has FUSE, which some containers have not.
pub fn can_mount() -> bool {
    let probed = mount::probe();
    if let Err(why) = &probed {
        not_tested(why);
    }
    probed.is_ok()
}

/// True for users who may mount small disks.
pub fn can_mount_disks() -> bool {
    let root = is_root();
    if !root {
        not_tested("only root can mount a small disk");
    }
    root
}

/// True for the one who may do everything.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[expect(clippy::print_stderr, reason = "a test has nowhere else to say what it leaves out")]
fn not_tested(why: &str) {
    eprintln!("NOT TESTED: {why}");
}
