//! The verdicts for Secure Boot against a real UEFI, which has certificates and lists of what is revoked as computers have
//! them. The programs are those that Debian has signed by Microsoft, parts of their signatures, and some signed by a key that
//! only the computer knows.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::path::Path;

use super::efi::{Key, key};
use super::trial::{Maker, mark, try_all};
use crate::support::agreement::{Agreement, Expected};
use crate::support::discs::{changed, disc, fat};
use crate::support::payload::{self, Processor};
use crate::support::peers;
use crate::support::sources;
use crate::support::uefi_computer::{End, Model};
use crate::support::uefi_variables::{self, FOR_LOADERS, SECURITY_DATABASE, SHIM_LOCK, SIGNED};
use isoscope::boot::efi::revocation::{published_minimums, revoked_by_sbat};
use isoscope::boot::efi::{EfiProgram, Signatures};

use Expected::{Differs, Known, No, Yes};

/// Programs that Debian has signed.
struct Signed {
    shim: Vec<u8>,
    grub: Vec<u8>,
}

impl Signed {
    fn read(processor: Processor) -> Self {
        match processor {
            Processor::Arm64 => Self {
                shim: peers::debian("shim-signed:arm64", "usr/lib/shim/shimaa64.efi.signed"),
                grub: peers::debian("grub-efi-arm64-signed:arm64", "usr/lib/grub/arm64-efi-signed/grubaa64.efi.signed"),
            },
            _ => Self {
                shim: peers::installed("/usr/lib/shim/shimx64.efi.signed"),
                grub: peers::installed("/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed"),
            },
        }
    }
}

/// Adds a disc with these files in a partition, which its boot catalogue names too. The menu of GRUB, which looks for it on
/// all discs, is on one only.
fn add(make: &mut Maker<'_>, what: &'static str, files: &[(&str, &[u8])], has_menu: bool, expected: Expected) {
    let partition = fat(make.folder, 8 << 10, files);
    let folder = tempfile::tempdir_in(make.folder).unwrap();
    let path = folder.path().join("partition");
    std::fs::write(&path, partition).unwrap();
    let options = ["-append_partition", "2", "0xef", path.to_str().unwrap()];
    let options = [&options[..], &["-e", "--interval:appended_partition_2:all::", "-no-emul-boot"]].concat();
    let mut files = vec![("boot/grub/grub.cfg", format!("echo {}\n", mark(what)).into_bytes())];
    if has_menu {
        files.push((".disk/info", b"disc".to_vec()));
    }
    let image = disc(folder.path(), "disc", &files, &options);
    make.add(what, image, expected, expected);
}

/// The same program with one of its signatures less.
fn without_signature(program: &[u8], number: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("all.efi"), program).unwrap();
    peers::run(folder.path(), "pesign", &["-r", "-u", number, "-i", "all.efi", "-o", "less.efi"]);
    std::fs::read(folder.path().join("less.efi")).unwrap()
}

/// The certificate of the authority behind a signature.
fn authority(program: &[u8], signature: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let run = |program: &str, arguments: &[&str]| peers::run(folder.path(), program, arguments);
    std::fs::write(folder.path().join("program"), program).unwrap();
    run("sbattach", &["--signum", signature, "--detach", "signature", "program"]);
    let all = run("openssl", &["pkcs7", "-inform", "der", "-in", "signature", "-print_certs"]);
    // That of the signer stands before it.
    let last = memchr::memmem::rfind(&all, b"-----BEGIN").unwrap();
    std::fs::write(folder.path().join("last"), &all[last..]).unwrap();
    run("openssl", &["x509", "-in", "last", "-outform", "der"])
}

/// `program` signed by `key`.
fn signed(program: &[u8], key: &Key) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let [from, to] = ["from.efi", "to.efi"].map(|name| folder.path().join(name));
    std::fs::write(&from, program).unwrap();
    key.sign(&from, &to);
    std::fs::read(to).unwrap()
}

/// The digest by which firmware knows a program.
fn digest(program: &[u8]) -> [u8; 32] {
    let source = sources::memory(program);
    let headers = EfiProgram::read(source.as_ref()).unwrap();
    Signatures::check(source.as_ref(), &headers.header, &[]).unwrap().digests.sha256()
}

/// A computer with the certificates of 2011 only, as most have them.
fn with_the_keys_of_2011(folder: &Path, agreement: &mut Agreement) {
    let mut make = Maker::new(folder, Processor::X64);
    let Signed { shim, grub } = Signed::read(make.processor);
    let flipped = |program: &[u8]| changed(program, program.len() / 2, &[program[program.len() / 2] ^ 1]);
    let (first, second) = ("EFI/BOOT/BOOTX64.EFI", "EFI/BOOT/grubx64.efi");
    let what = "Program without a signature";
    let unsigned = make.program(what);
    add(&mut make, what, &[(first, &unsigned)], false, No);
    add(&mut make, "GRUB without shim", &[(first, &grub)], false, No);
    add(&mut make, "shim with a changed byte", &[(first, &flipped(&shim)), (second, &grub)], false, No);
    add(&mut make, "shim without GRUB", &[(first, &shim)], false, No);
    let what = "shim with a program without a signature";
    let unsigned = make.program(what);
    add(&mut make, what, &[(first, &shim), (second, &unsigned)], false, No);
    add(&mut make, "shim with a changed GRUB", &[(first, &shim), (second, &flipped(&grub))], false, No);
    let newer = without_signature(&shim, "0");
    let others = Differs(false, "Some has the certificate of 2023");
    add(&mut make, "shim signed with the certificate of 2023 only", &[(first, &newer), (second, &grub)], false, others);
    add(&mut make, "shim and GRUB", &[(first, &shim), (second, &grub)], true, Yes);
    try_all(folder, &Model::new(make.processor, true), End::Stays, &make.cases, agreement);
}

/// A computer with the certificate of 2023 only, as some of the latest have it.
fn with_the_key_of_2023(folder: &Path, agreement: &mut Agreement) {
    let mut make = Maker::new(folder, Processor::X64);
    let Signed { shim, grub } = Signed::read(make.processor);
    let (first, second) = ("EFI/BOOT/BOOTX64.EFI", "EFI/BOOT/grubx64.efi");
    let older = without_signature(&shim, "1");
    let others = Differs(false, "Most has the certificate of 2011");
    add(&mut make, "shim signed with the certificate of 2011 only", &[(first, &older), (second, &grub)], false, others);
    let newer = without_signature(&shim, "0");
    let others = Differs(true, "Some has the certificate of 2011 only");
    add(&mut make, "shim signed with the certificate of 2023 only", &[(first, &newer), (second, &grub)], true, others);
    let certificates = uefi_variables::certificate_list(&authority(&shim, "2"));
    let model = Model {
        words: " and the certificate of 2023 only",
        variables: vec![("db", SECURITY_DATABASE, SIGNED, certificates)],
        ..Model::new(make.processor, true)
    };
    try_all(folder, &model, End::Stays, &make.cases, agreement);
}

/// A computer that has the certificates of both years, and was told to refuse that of 2011.
fn with_the_key_of_2011_revoked(folder: &Path, agreement: &mut Agreement) {
    let mut make = Maker::new(folder, Processor::X64);
    let Signed { shim, grub } = Signed::read(make.processor);
    let (first, second) = ("EFI/BOOT/BOOTX64.EFI", "EFI/BOOT/grubx64.efi");
    // One of its signatures is good.
    add(&mut make, "shim signed with both certificates", &[(first, &shim), (second, &grub)], false, No);
    let newer = without_signature(&shim, "0");
    let others = Differs(true, "Some has the certificate of 2011 only");
    add(&mut make, "shim signed with the certificate of 2023 only", &[(first, &newer), (second, &grub)], true, others);
    let [older, newer] = ["1", "2"].map(|number| uefi_variables::certificate_list(&authority(&shim, number)));
    let both = [&older[..], &newer].concat();
    let model = Model {
        words: " and the certificate of 2011 revoked",
        variables: vec![("db", SECURITY_DATABASE, SIGNED, both), ("dbx", SECURITY_DATABASE, SIGNED, older.clone())],
        dbx: Some(older),
        ..Model::new(make.processor, true)
    };
    try_all(folder, &model, End::Stays, &make.cases, agreement);
}

/// A computer that was told what is revoked: programs by its own list, and generations by the level that shim keeps. It also
/// knows a key of its own, so that programs for shim can be made.
fn with_lists_of_what_is_revoked(folder: &Path, agreement: &mut Agreement) {
    let mut make = Maker::new(folder, Processor::X64);
    let Signed { shim, grub } = Signed::read(make.processor);
    let own = key("Isoscope test");
    let (first, second) = ("EFI/BOOT/BOOTX64.EFI", "EFI/BOOT/grubx64.efi");
    let only_here = Known("Only this one knows the signer");

    let what = "Program of a signer whom only the computer knows";
    let program = signed(&make.program(what), &own);
    add(&mut make, what, &[(first, &program)], false, only_here);
    let what = "The same, revoked";
    let revoked = signed(&make.program(what), &own);
    add(&mut make, what, &[(first, &revoked)], false, No);
    // GRUB for discs differs from that for disks.
    let revoked_grub = peers::installed("/usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed");
    add(&mut make, "shim with a GRUB that is revoked", &[(first, &shim), (second, &revoked_grub)], false, No);

    let minimums = published_minimums();
    let lowest = minimums.minimums.iter().map(|(component, generation)| format!("{component},{generation}\n"));
    let level = format!("sbat,1,{}\n{}", minimums.datestamp, lowest.collect::<String>());
    for (what, generations, expected) in [
        ("shim with a program of sufficient generations", &["grub,5", "grub.proxmox,2"][..], only_here),
        ("shim with a program of an old generation", &["grub,4"], No),
        ("shim with a program whose second generation is old", &["grub,5", "grub.proxmox,1"], No),
        ("shim with a program without generations", &[], No),
    ] {
        let sbat: String = generations.iter().map(|generation| format!("{generation},of,the,test,-\n")).collect();
        let sbat = format!("sbat,1,SBAT Version,sbat,1,-\n{sbat}");
        let sections = if generations.is_empty() { vec![] } else { vec![(".sbat", sbat.into_bytes())] };
        let program = signed(&payload::with_sections(make.processor, &mark(what), sections), &own);
        add(&mut make, what, &[(first, &shim), (second, &program)], false, expected);
        let found = EfiProgram::read(sources::memory(&program).as_ref()).unwrap().sbat;
        let is_current = found.is_some_and(|sbat| revoked_by_sbat(&sbat, &minimums).is_empty());
        assert_eq!(is_current, matches!(expected, Known(_)), "{what}");
    }

    let [helper, list] = ["/usr/lib/shim/fbx64.efi.signed", "/usr/lib/shim/BOOTX64.CSV"].map(peers::installed);
    let files: [(&str, &[u8]); 5] = [
        (first, &shim),
        ("EFI/BOOT/fbx64.efi", &helper),
        ("EFI/debian/BOOTX64.CSV", &list),
        ("EFI/debian/shimx64.efi", &shim),
        ("EFI/debian/grubx64.efi", &grub),
    ];
    add(&mut make, "shim, its helper, shim again, and GRUB", &files, true, Yes);

    let certificates = [authority(&shim, "1"), own.certificate().der];
    let certificates = certificates.map(|certificate| uefi_variables::certificate_list(&certificate)).concat();
    let dbx = [&revoked, &revoked_grub].map(|program| uefi_variables::digest_list(&digest(program))).concat();
    let model = Model {
        words: " and lists of what is revoked",
        variables: vec![
            ("db", SECURITY_DATABASE, SIGNED, certificates),
            ("dbx", SECURITY_DATABASE, SIGNED, dbx.clone()),
            ("SbatLevel", SHIM_LOCK, FOR_LOADERS, level.into_bytes()),
        ],
        dbx: Some(dbx),
        ..Model::new(make.processor, true)
    };
    try_all(folder, &model, End::Stays, &make.cases, agreement);
}

/// A computer for Arm with the certificates of 2011.
fn on_arm(folder: &Path, agreement: &mut Agreement) {
    let mut make = Maker::new(folder, Processor::Arm64);
    let Signed { shim, grub } = Signed::read(make.processor);
    let (first, second) = ("EFI/BOOT/BOOTAA64.EFI", "EFI/BOOT/grubaa64.efi");
    let what = "Program without a signature";
    let unsigned = make.program(what);
    add(&mut make, what, &[(first, &unsigned)], false, No);
    let flipped = changed(&shim, shim.len() / 2, &[shim[shim.len() / 2] ^ 1]);
    add(&mut make, "shim with a changed byte", &[(first, &flipped), (second, &grub)], false, No);
    add(&mut make, "shim and GRUB", &[(first, &shim), (second, &grub)], true, Yes);
    try_all(folder, &Model::new(make.processor, true), End::Stays, &make.cases, agreement);
}

#[test]
fn secure_boot_lets_start_what_is_said_to_start_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut agreement = Agreement::default();
    with_the_keys_of_2011(folder.path(), &mut agreement);
    with_the_key_of_2023(folder.path(), &mut agreement);
    with_the_key_of_2011_revoked(folder.path(), &mut agreement);
    with_lists_of_what_is_revoked(folder.path(), &mut agreement);
    on_arm(folder.path(), &mut agreement);
    agreement.settle();
}
