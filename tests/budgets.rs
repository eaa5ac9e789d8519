//! What the first looks at a disc may cost that is as large as those that install an operating system.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use isoscope::boot::effort::Effort;
use isoscope::boot::report::Request;
use isoscope::boot::study::Study;
use isoscope::disc::source::FileSource;
use isoscope::disc::{Image, Source};
use isoscope::identify::{Evidence, Identity, Subject};
use support::boot_disc::{BootDisc, GRUB, MENUS, SHIM};
use support::sources::CountedSource;

/// Files in the pool of packages, and bytes of the system that is installed, which nothing of this needs.
const PACKAGES: usize = 4000;
const SYSTEM: u64 = 6_000_000_000;

/// Microseconds that this thread has had a processor for (Linux, `Documentation/scheduler/sched-stats.rst`).
fn processor_time() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse::<u64>().unwrap() / 1000
}

/// A disc with loaders, menus, packages and these files, and room for a system.
fn installer(folder: &Path, more: &[(&str, &[u8])]) -> PathBuf {
    let names: Vec<String> = (0..PACKAGES).map(|at| format!("pool/{}/package-{at}.deb", at % 40)).collect();
    let packages = names.iter().map(|name| (name.as_str(), &b"package"[..]));
    let kernel = vec![0x4d_u8; 15 << 20];
    let files: Vec<(&str, &[u8])> = MENUS
        .into_iter()
        .filter(|(name, _)| *name != "live/vmlinuz")
        .chain(packages)
        .chain([("live/vmlinuz", &kernel[..])])
        .chain(more.iter().copied())
        .collect();
    let efi = [(SHIM, "EFI/BOOT/BOOTX64.EFI"), (GRUB, "EFI/BOOT/grubx64.efi")];
    let disc = BootDisc { efi: &efi, files: &files }.write(folder, "installer");
    // The files of the system would lie behind all else, where nothing looks: zeros that take no room do for them.
    std::fs::File::options().write(true).open(&disc).unwrap().set_len(SYSTEM).unwrap();
    disc
}

/// The least time of a processor that `work` takes, in microseconds.
fn least_time(work: impl Fn()) -> u64 {
    let times = (0..5).map(|_| {
        let since = processor_time();
        work();
        processor_time() - since
    });
    times.min().unwrap()
}

#[test]
fn the_first_look_at_a_disc_of_six_gigabytes_is_quick_and_tells_all_that_matters() {
    /// What the window may read and compute before it shows the tab.
    const MOST_BYTES: u64 = 16 << 20;
    const MOST_MICROSECONDS: u64 = 150_000;
    let folder = tempfile::tempdir().unwrap();
    let disc = installer(folder.path(), &[]);
    let counted = CountedSource::new(Arc::new(FileSource::open(&disc).unwrap()));
    let image = Image::open(counted.clone() as Arc<dyn Source>).unwrap();
    let before = counted.bytes();
    let request = Request { effort: Effort::Quick, dbx: None };
    let study = Study::read(&image, &request).unwrap();
    let bytes = counted.bytes() - before;
    assert!(bytes <= MOST_BYTES, "{bytes} bytes were read");
    let shim = study.report.programs.iter().find(|file| file.path == "EFI/BOOT/BOOTX64.EFI").unwrap();
    assert!(shim.signatures.is_some(), "{shim:?}");
    assert_eq!(study.chain.starts().count(), 2);
    assert_eq!(study.report.menus.len(), 2);

    let best = least_time(|| drop(Study::read(&image, &request).unwrap()));
    assert!(best <= MOST_MICROSECONDS, "it took {best} microseconds of a processor");
    println!("The first look read {bytes} bytes and took {best} microseconds of a processor.");
}

/// The packed file system of a live disc with some thousand files.
fn live_root(folder: &Path) -> Vec<u8> {
    let root = folder.join("root");
    for at in 0..5000 {
        let folder = root.join(format!("usr/share/part-{}", at % 50));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("file-{at}")), "content").unwrap();
    }
    std::fs::create_dir_all(root.join("etc")).unwrap();
    let text = "NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n";
    std::fs::write(root.join("etc/os-release"), text).unwrap();
    let packed = folder.join("filesystem.squashfs");
    let made =
        Command::new("mksquashfs").arg(&root).arg(&packed).args(["-quiet", "-no-progress", "-comp", "xz"]).output();
    let made = made.expect("squashfs-tools is installed: tests/run does that");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::read(packed).unwrap()
}

#[test]
fn what_a_disc_of_six_gigabytes_is_is_told_at_once() {
    const MOST_BYTES: u64 = 32 << 20;
    const MOST_MICROSECONDS: u64 = 200_000;
    let folder = tempfile::tempdir().unwrap();
    let packed = live_root(folder.path());
    let info = b"Debian GNU/Linux 12.5.0 \"Bookworm\" - Official amd64 DVD Binary-1 20240210-11:28\n";
    let disc = installer(folder.path(), &[(".disk/info", info), ("live/filesystem.squashfs", &packed)]);
    let counted = CountedSource::new(Arc::new(FileSource::open(&disc).unwrap()));
    let image = Image::open(counted.clone() as Arc<dyn Source>).unwrap();
    let before = counted.bytes();
    let identity = Identity::read(&image).unwrap();
    let bytes = counted.bytes() - before;
    assert_eq!(identity.best(Subject::Version).unwrap().value, "12.5.0");
    let mut evidence = identity.claims.iter().map(|claim| &claim.evidence);
    let is_inside = |evidence: &Evidence| evidence.says.starts_with("etc/os-release: ");
    let inside = evidence.find(|evidence| evidence.source == "live/filesystem.squashfs" && is_inside(evidence));
    assert!(inside.is_some(), "{identity:#?}");
    assert!(bytes <= MOST_BYTES, "{bytes} bytes were read");
    let best = least_time(|| drop(Identity::read(&image).unwrap()));
    assert!(best <= MOST_MICROSECONDS, "it took {best} microseconds of a processor");
    println!("What it is took {bytes} bytes and {best} microseconds of a processor.");
}
