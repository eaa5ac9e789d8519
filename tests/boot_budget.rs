//! What the first look at how a disc starts may cost, on a disc as large as those that install an operating system.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod support;

use std::sync::Arc;

use isoscope::boot::effort::Effort;
use isoscope::boot::report::Request;
use isoscope::boot::study::Study;
use isoscope::disc::source::FileSource;
use isoscope::disc::{Image, Source};
use support::boot_disc::{BootDisc, GRUB, MENUS, SHIM};
use support::sources::CountedSource;

/// Files in the pool of packages, and bytes of the system that is installed, which nothing of this needs.
const PACKAGES: usize = 4000;
const SYSTEM: u64 = 6_000_000_000;

/// What the window may read and compute before it shows the tab.
const MOST_BYTES: u64 = 16 << 20;
const MOST_MICROSECONDS: u64 = 150_000;

/// Microseconds that this thread has had a processor for (Linux, `Documentation/scheduler/sched-stats.rst`).
fn processor_time() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse::<u64>().unwrap() / 1000
}

#[test]
fn the_first_look_at_a_disc_of_six_gigabytes_is_quick_and_tells_all_that_matters() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..PACKAGES).map(|at| format!("pool/{}/package-{at}.deb", at % 40)).collect();
    let packages = names.iter().map(|name| (name.as_str(), &b"package"[..]));
    let kernel = vec![0x4d_u8; 15 << 20];
    let files: Vec<(&str, &[u8])> = MENUS
        .into_iter()
        .filter(|(name, _)| *name != "live/vmlinuz")
        .chain(packages)
        .chain([("live/vmlinuz", &kernel[..])])
        .collect();
    let efi = [(SHIM, "EFI/BOOT/BOOTX64.EFI"), (GRUB, "EFI/BOOT/grubx64.efi")];
    let disc = BootDisc { efi: &efi, files: &files }.write(folder.path(), "installer");
    // The files of the system would lie behind all else, where nothing looks: zeros that take no room do for them.
    std::fs::File::options().write(true).open(&disc).unwrap().set_len(SYSTEM).unwrap();

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

    let times = (0..5).map(|_| {
        let since = processor_time();
        Study::read(&image, &request).unwrap();
        processor_time() - since
    });
    let best = times.min().unwrap();
    assert!(best <= MOST_MICROSECONDS, "it took {best} microseconds of a processor");
    println!("The first look read {bytes} bytes and took {best} microseconds of a processor.");
}
