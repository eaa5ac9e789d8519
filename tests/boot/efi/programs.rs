//! Which program it is.

use std::path::Path;
use std::sync::Arc;

use super::{GRUB, IPXE, MEMTEST, MEMTEST_IA32, MOK_MANAGER, SHIM, SYSTEMD_BOOT, SYSTEMD_STUB, open, product};
use crate::support::efi::{Program, windows_resources};
use crate::support::peers;
use crate::support::sources::{CountedSource, SparseSource, memory};
use isoscope::boot::efi::revocation::{self};
use isoscope::boot::efi::{Architecture, EfiProgram, ProductKind, Subsystem};
use isoscope::disc::limits;

#[test]
fn programs_of_others_are_what_they_are() {
    use ProductKind::{Grub2, Ipxe, Memtest86Plus, Shim, ShimHelper, SystemdBoot, UnifiedKernelImage};
    let package = |name: &str| {
        let text = peers::run(Path::new("/"), "dpkg-query", &["-W", "-f", "${Version}", name]);
        String::from_utf8(text).unwrap()
    };
    let files = [
        (SHIM, Shim, "shim-signed"),
        (MOK_MANAGER, ShimHelper, "shim-helpers-amd64-signed"),
        (GRUB, Grub2, "grub-efi-amd64-signed"),
        (SYSTEMD_BOOT, SystemdBoot, "systemd-boot-efi"),
        (SYSTEMD_STUB, UnifiedKernelImage, "systemd-boot-efi"),
        (MEMTEST, Memtest86Plus, "memtest86+"),
        (MEMTEST_IA32, Memtest86Plus, "memtest86+"),
        (IPXE, Ipxe, "ipxe"),
    ];
    for (path, kind, from) in files {
        let source = open(path);
        let program = EfiProgram::read(&source).unwrap();
        let ia32 = path == MEMTEST_IA32;
        let expected = if ia32 { Architecture::Ia32 } else { Architecture::X64 };
        assert_eq!((program.header.architecture, program.header.plus), (expected, !ia32), "{path}");
        assert_eq!(program.header.subsystem, Subsystem::EfiApplication, "{path}");
        assert!(program.diagnostics.is_empty(), "{path}: {:?}", program.diagnostics);
        assert_eq!(program.header.flaw(), None, "{path}");
        let product = program.identify(&source).unwrap().unwrap_or_else(|| panic!("{path} is nothing"));
        assert_eq!(product.kind, kind, "{path}");
        // The version of the package has that of the program in it: 1+2.06+13+deb12u1 has 2.06.
        let version = product.version.unwrap_or_else(|| panic!("{path} has no version"));
        let number: String = version.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        assert!(!number.is_empty() && package(from).contains(&number), "{path}: {version}, {}", package(from));
    }
}

#[test]
fn a_program_that_ends_early_anywhere_cannot_be_loaded() {
    for path in [SHIM, GRUB, SYSTEMD_BOOT, MEMTEST] {
        let bytes = std::fs::read(path).unwrap();
        // What is behind the last section, and in no table, nobody misses.
        let header = EfiProgram::read(&memory(&bytes)).unwrap().header;
        let needed =
            header.sections.iter().map(|section| section.raw.end()).chain([header.certificate_table.end()]).max();
        let needed = usize::try_from(needed.unwrap()).unwrap();
        assert!(EfiProgram::read(&memory(&bytes[..needed])).unwrap().header.flaw().is_none(), "{path}");
        for end in (1..needed).step_by(997).chain([needed - 1]) {
            let read = EfiProgram::read(&memory(&bytes[..end]));
            let flaw = read.ok().map(|program| program.header.flaw().map(|flaw| flaw.offset));
            assert!(flaw.is_none_or(|flaw| flaw.is_some_and(|offset| offset < end as u64)), "{path}: {end}");
        }
    }
}

#[test]
fn shim_tells_its_generation_its_minimums_and_its_vendor() {
    let program = EfiProgram::read(&open(SHIM)).unwrap();
    let sbat = program.sbat.unwrap();
    assert_eq!(sbat.component("sbat").unwrap().generation, 1);
    assert_eq!(sbat.component("shim").unwrap().url, "https://github.com/rhboot/shim");
    let levels = program.sbat_levels.unwrap();
    assert!(levels.automatic.datestamp <= levels.latest.datestamp);
    // The list that Isoscope has is as new as that of the newest shim that these tests have seen.
    if levels.latest.datestamp == revocation::published_minimums().datestamp {
        assert_eq!(levels.latest, revocation::published_minimums());
    }
    assert_eq!(revocation::revoked_by_sbat(&sbat, &levels.latest), []);
    let vendor = program.vendor.unwrap();
    let [certificate] = &vendor.authorized.certificates[..] else { panic!("{vendor:?}") };
    assert_eq!(certificate.subject.to_string(), "CN=Debian Secure Boot CA");
    assert!(!vendor.deauthorized.programs.is_empty());
}

#[test]
fn headers_of_a_large_program_cost_little() {
    let program = Program::of(vec![(".text", vec![0; 512]), (".sbat", b"sbat,1,,,,\n".to_vec())]).build();
    let source = CountedSource::new(Arc::new(SparseSource { len: 200 << 20, pieces: vec![(0, program)] }));
    let program = EfiProgram::read(&source).unwrap();
    assert_eq!(program.sbat.as_ref().unwrap().entries.len(), 1);
    assert!(source.bytes() < 4096, "{} bytes", source.bytes());
    // A section that is as large as the file.
    let before = source.bytes();
    let mut large = program.clone();
    large.header.sections[0].raw.length = 190 << 20;
    large.header.sections[0].virtual_size = 190 << 20;
    assert_eq!(large.identify(&source).unwrap(), None);
    assert!(source.bytes() - before < limits::EFI_SEARCH + (64 << 10), "{} bytes", source.bytes());
    // Real ones, as large as they are.
    for path in [SHIM, GRUB, SYSTEMD_BOOT] {
        let source = CountedSource::new(open(path));
        EfiProgram::read(&source).unwrap();
        assert!(source.bytes() < 64 << 10, "{path}: {} bytes", source.bytes());
    }
}

#[test]
fn a_boot_manager_of_windows_tells_its_security_version() {
    let program_of = |file: &str, security_version| {
        let mut program = Program::of(vec![(".text", vec![0; 512]), (".rsrc", Vec::new())]);
        let address = program.address_of(1);
        program.sections[1].1 = windows_resources(address, file, [10, 0, 26100, 1085], security_version);
        product(&program.build()).unwrap()
    };
    let product = program_of("bootmgfw.efi", Some((3, 0)));
    assert_eq!((product.kind, product.security_version), (ProductKind::WindowsBootManager, Some((3, 0))));
    assert_eq!(product.version.as_deref(), Some("10.0.26100.1085"));
    assert_eq!(product.name.as_deref(), Some("bootmgfw.efi"));
    assert!(product.security_version.unwrap() < revocation::WINDOWS_BOOT_MANAGER_MINIMUM.0);
    for (file, kind) in [
        ("cdboot.efi", ProductKind::WindowsBootManager),
        ("bootmgr.efi", ProductKind::WindowsBootManager),
        ("memtest.efi", ProductKind::Other),
    ] {
        let product = program_of(file, None);
        assert_eq!((product.kind, product.security_version), (kind, None), "{file}");
    }
}

#[test]
fn kernels_and_rarer_loaders_are_known() {
    // A kernel whose DOS header and setup header share the first sector, as those for x86 do.
    let mut bytes = Program::of(vec![(".text", vec![0; 2048])]).build();
    bytes.resize(0x2000, 0);
    let text = b"6.1.0-18-amd64 (builder@host) #1 SMP";
    bytes[0x202..0x206].copy_from_slice(b"HdrS");
    bytes[0x20e..0x210].copy_from_slice(&0x800_u16.to_le_bytes());
    bytes[0xa00..0xa00 + text.len()].copy_from_slice(text);
    let kernel = product(&bytes).unwrap();
    assert_eq!((kernel.kind, kernel.version.as_deref()), (ProductKind::Linux, Some("6.1.0-18-amd64")));
    let arm = Program { machine: 0xaa64, ..Program::default() };
    let mut bytes = arm.build();
    bytes[56..60].copy_from_slice(b"ARMd");
    assert_eq!(product(&bytes).unwrap().kind, ProductKind::Linux);
    let unified = Program::of(vec![
        (".osrel", b"NAME=x\nPRETTY_NAME=\"Some Linux 9\"\n".to_vec()),
        (".uname", b"6.1.0".to_vec()),
        (".linux", vec![0; 100]),
    ]);
    let unified = product(&unified.build()).unwrap();
    assert_eq!((unified.kind, unified.name.as_deref()), (ProductKind::UnifiedKernelImage, Some("Some Linux 9")));
    let wide: Vec<u8> = "0.14\0rEFInd Version %s".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let refind = Program::of(vec![(".data", wide), (".sbat", b"sbat,1,,,,\nrefind,1,R,refind,0.14.2,\n".to_vec())]);
    let refind = product(&refind.build()).unwrap();
    assert_eq!((refind.kind, refind.version.as_deref()), (ProductKind::Refind, Some("0.14")));
    let wide: Vec<u8> = "none\0rEFInd Version %s".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let refind = Program::of(vec![(".data", wide), (".sbat", b"sbat,1,,,,\nrefind,1,R,refind,0.14.2,\n".to_vec())]);
    assert_eq!(product(&refind.build()).unwrap().version.as_deref(), Some("0.14.2"));
    let real = product(&peers::debian("refind", "usr/share/refind/refind/refind_x64.efi")).unwrap();
    assert_eq!(real.kind, ProductKind::Refind);
    let package = peers::run(Path::new("/"), "apt-cache", &["show", "refind"]);
    let line = format!("Version: {}-", real.version.unwrap());
    assert!(String::from_utf8(package).unwrap().contains(&line), "{line}");
    assert_eq!(product(&Program::default().build()), None);
}

#[test]
fn long_names_of_sections_are_looked_up() {
    let level = [&[0, 0, 0, 0, 8, 0, 0, 0, 8, 0, 0, 0][..], b"sbat,1,2025051000\n\0"].concat();
    let mut bytes = Program::of(vec![(".sbatlevel", level)]).build();
    let read = |bytes: &[u8]| EfiProgram::read(&memory(bytes)).unwrap();
    let levels = read(&bytes).sbat_levels.unwrap();
    assert_eq!(levels.latest.date().as_deref(), Some("2025-05-10"));
    // A table of names that lies outside leaves the short name.
    bytes[76..80].fill(0xff);
    let program = read(&bytes);
    assert!(program.sbat_levels.is_none() && program.header.sections[0].name == "/4");
}
