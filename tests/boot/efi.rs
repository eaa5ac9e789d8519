//! EFI programs: those of others are read as sbverify and pesign read them, signatures hold exactly as long as nothing was
//! changed, and no damage does harm.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::support::efi::{Program, windows_resources};
use crate::support::peers;
use crate::support::rng::Rng;
use crate::support::sources::{CancelAfter, CountedSource, FailingSource, SparseSource, memory};
use isoscope::boot::efi::image_digest::Algorithm;
use isoscope::boot::efi::revocation::{self, Dbx, DbxRevocation};
use isoscope::boot::efi::x509::Certificate;
use isoscope::boot::efi::{
    Architecture, EfiProgram, KnownAuthority, Product, ProductKind, Signatures, Standing, Subsystem, Verdict,
};
use isoscope::disc::source::FileSource;
use isoscope::disc::{Diagnostics, Error, Result, Source, limits, text};

const SHIM: &str = "/usr/lib/shim/shimx64.efi.signed";
const MOK_MANAGER: &str = "/usr/lib/shim/mmx64.efi.signed";
const GRUB: &str = "/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed";
const SYSTEMD_BOOT: &str = "/usr/lib/systemd/boot/efi/systemd-bootx64.efi";
const SYSTEMD_STUB: &str = "/usr/lib/systemd/boot/efi/linuxx64.efi.stub";
const MEMTEST: &str = "/boot/memtest86+x64.efi";
const MEMTEST_IA32: &str = "/boot/memtest86+ia32.efi";
const IPXE: &str = "/usr/lib/ipxe/ipxe.efi";

fn open(path: impl AsRef<Path>) -> Arc<dyn Source> {
    let path = path.as_ref();
    let fail = |error| panic!("{} cannot be read ({error}). tests/run installs what the tests need.", path.display());
    Arc::new(FileSource::open(path).unwrap_or_else(fail))
}

fn check(bytes: &[u8]) -> Result<Signatures> {
    let source = memory(bytes);
    EfiProgram::read(&source)?.check_signatures(&source, &[])
}

fn verdict(bytes: &[u8]) -> Verdict {
    check(bytes).unwrap().verdict()
}

/// The authority of a good signature.
fn authority(verdict: &Verdict) -> Option<(&str, Standing)> {
    match verdict {
        Verdict::Valid { authority } => Some((&authority.name, authority.standing)),
        _ => None,
    }
}

fn product(bytes: &[u8]) -> Option<Product> {
    let source = memory(bytes);
    EfiProgram::read(&source).unwrap().identify(&source).unwrap()
}

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
        let product = program.identify(&source).unwrap().unwrap_or_else(|| panic!("{path} is nothing"));
        assert_eq!(product.kind, kind, "{path}");
        // The version of the package has that of the program in it: 1+2.06+13+deb12u1 has 2.06.
        let version = product.version.unwrap_or_else(|| panic!("{path} has no version"));
        let number: String = version.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        assert!(!number.is_empty() && package(from).contains(&number), "{path}: {version}, {}", package(from));
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

/// What `sbverify --list` says: issuers of the signers, and subjects of all certificates.
fn listed(path: &Path) -> (Vec<String>, Vec<String>) {
    let output = peers::output(Path::new("/"), "sbverify", &["--list", path.to_str().unwrap()]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let common_name = |line: &str| line.rsplit_once("/CN=").unwrap_or_else(|| panic!("{text}")).1.to_owned();
    let subjects = text.lines().filter(|line| line.contains("subject: ")).map(common_name).collect();
    let issuers = text.lines().filter(|line| line.starts_with(" - /")).map(common_name).collect();
    (issuers, subjects)
}

fn seen(signatures: &Signatures) -> (Vec<String>, Vec<String>) {
    let signers = signatures.list.iter().flat_map(|signature| &signature.signers);
    let certificates = signatures.list.iter().flat_map(|signature| &signature.certificates);
    let subjects = certificates.map(|certificate| certificate.subject.common_name()).collect();
    (signers.map(|signer| signer.issuer.clone()).collect(), subjects)
}

#[test]
fn digests_and_signers_are_those_that_pesign_and_sbverify_see() {
    let here = tempfile::tempdir().unwrap();
    let signed = here.path().join("signed.efi");
    key("peer").sign(Path::new(SYSTEMD_BOOT), &signed);
    let files = [SHIM, MOK_MANAGER, GRUB, SYSTEMD_BOOT, SYSTEMD_STUB, MEMTEST, MEMTEST_IA32, IPXE].map(PathBuf::from);
    for path in files.into_iter().chain([signed]) {
        let source = open(&path);
        let program = EfiProgram::read(&source).unwrap();
        let signatures = program.check_signatures(&source, &[]).unwrap();
        let text = peers::run(Path::new("/"), "pesign", &["-h", "-i", path.to_str().unwrap()]);
        let text = String::from_utf8(text).unwrap();
        let digest = text::hex(&signatures.digests.sha256());
        assert!(text.contains(&format!("hash: {digest}")), "{}: {digest}, {text}", path.display());
        assert_eq!(seen(&signatures), listed(&path), "{}", path.display());
    }
}

#[test]
fn both_signatures_of_shim_lead_to_microsoft() {
    let source = open(SHIM);
    let signatures = EfiProgram::read(&source).unwrap().check_signatures(&source, &[]).unwrap();
    let authorities: Vec<_> = signatures.list.iter().filter_map(|signature| authority(&signature.verdict)).collect();
    let known = |authority: KnownAuthority| (authority.name(), Standing::Firmware(authority));
    assert_eq!(authorities.len(), signatures.list.len());
    assert!(authorities.contains(&known(KnownAuthority::MicrosoftUefiCa2011)), "{authorities:?}");
    assert!(authorities.iter().all(|(_, standing)| matches!(standing, Standing::Firmware(_))), "{authorities:?}");
    // The thumbprint by which Windows shows it.
    let thumbprints = signatures.list.iter().flat_map(|signature| &signature.certificates);
    let thumbprints: Vec<_> = thumbprints.map(|certificate| text::hex(&certificate.sha1)).collect();
    assert!(thumbprints.contains(&"46def63b5ce61cf8ba0de2e6639c1019d0ed14f3".to_owned()));
    assert!(signatures.diagnostics.is_empty(), "{:?}", signatures.diagnostics);
}

#[test]
fn grub_is_proved_by_the_certificate_in_shim_alone() {
    let shim = EfiProgram::read(&open(SHIM)).unwrap();
    let given = shim.vendor.unwrap().authorized.certificates;
    let here = tempfile::tempdir().unwrap();
    std::fs::write(here.path().join("ca.der"), &given[0].der).unwrap();
    peers::run(here.path(), "openssl", &["x509", "-inform", "der", "-in", "ca.der", "-out", "ca.pem"]);
    for path in [GRUB, MOK_MANAGER] {
        let source = open(path);
        let program = EfiProgram::read(&source).unwrap();
        let alone = program.check_signatures(&source, &[]).unwrap().verdict();
        assert!(
            matches!(&alone, Verdict::ClaimsOnly { claimed, .. } if claimed == "Debian Secure Boot CA"),
            "{path}: {alone}"
        );
        let proved = program.check_signatures(&source, &given).unwrap().verdict();
        assert_eq!(authority(&proved), Some(("Debian Secure Boot CA", Standing::Given)), "{path}: {proved}");
        peers::run(here.path(), "sbverify", &["--cert", "ca.pem", path]);
    }
}

#[test]
fn programs_without_signature_are_unsigned() {
    for path in [SYSTEMD_BOOT, MEMTEST, IPXE] {
        let source = open(path);
        let signatures = EfiProgram::read(&source).unwrap().check_signatures(&source, &[]).unwrap();
        assert_eq!(signatures.verdict(), Verdict::Unsigned, "{path}");
    }
}

/// A key with a certificate, in a folder of its own.
struct Key(tempfile::TempDir);

/// A key that vouches for itself.
fn key(name: &str) -> Key {
    let here = tempfile::tempdir().unwrap();
    let subject = format!("/CN={name}/");
    let arguments = ["req", "-new", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem"];
    peers::run(here.path(), "openssl", &[&arguments[..], &["-days", "9", "-subj", &subject]].concat());
    Key(here)
}

impl Key {
    fn path(&self, file: &str) -> String {
        self.0.path().join(file).to_str().unwrap().to_owned()
    }

    /// A key whose certificate this one made; `authority` says whether that may vouch for others.
    fn issue(&self, name: &str, authority: bool) -> Key {
        let key = key(name);
        let subject = format!("/CN={name}/");
        peers::run(key.0.path(), "openssl", &["req", "-new", "-key", "key.pem", "-out", "ask.pem", "-subj", &subject]);
        let extension = format!("basicConstraints=critical,CA:{}\n", if authority { "TRUE" } else { "FALSE" });
        std::fs::write(key.path("extensions"), extension).unwrap();
        let (by, with) = (self.path("cert.pem"), self.path("key.pem"));
        let arguments =
            ["x509", "-req", "-in", "ask.pem", "-CA", &by, "-CAkey", &with, "-CAcreateserial", "-days", "9"];
        let out = ["-extfile", "extensions", "-out", "cert.pem"];
        peers::run(key.0.path(), "openssl", &[&arguments[..], &out].concat());
        key
    }

    fn sign(&self, program: &Path, to: &Path) {
        self.sign_along(program, to, &[]);
    }

    /// With further certificates in the signature.
    fn sign_along(&self, program: &Path, to: &Path, along: &[&Key]) {
        let mut arguments = vec!["--key".to_owned(), self.path("key.pem"), "--cert".to_owned(), self.path("cert.pem")];
        if !along.is_empty() {
            let all: Vec<u8> = along.iter().flat_map(|key| std::fs::read(key.path("cert.pem")).unwrap()).collect();
            std::fs::write(self.path("along.pem"), all).unwrap();
            arguments.extend(["--addcert".to_owned(), self.path("along.pem")]);
        }
        let (program, to) = (program.to_str().unwrap().to_owned(), to.to_str().unwrap().to_owned());
        arguments.extend(["--output".to_owned(), to, program]);
        peers::run(self.0.path(), "sbsign", &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    }

    fn certificate(&self) -> Certificate {
        peers::run(self.0.path(), "openssl", &["x509", "-in", "cert.pem", "-outform", "der", "-out", "cert.der"]);
        Certificate::read(&std::fs::read(self.path("cert.der")).unwrap(), 0).unwrap()
    }
}

/// `bytes` signed by `key`, with the certificates of others.
fn signed_along(bytes: &[u8], key: &Key, along: &[&Key]) -> Vec<u8> {
    let (from, to) = (key.0.path().join("from.efi"), key.0.path().join("to.efi"));
    std::fs::write(&from, bytes).unwrap();
    key.sign_along(&from, &to, along);
    std::fs::read(to).unwrap()
}

/// A small program, signed by a key that vouches for itself: made once, as making keys takes its time.
fn small() -> &'static [u8] {
    static SMALL: OnceLock<Vec<u8>> = OnceLock::new();
    SMALL.get_or_init(|| {
        let sbat = b"sbat,1,SBAT Version,sbat,1,https://x\nsmall,1,Nobody,small,1,https://x\n".to_vec();
        let program = Program::of(vec![(".text", b"code".repeat(40)), (".sbat", sbat)]);
        signed_along(&program.build(), &key("Small test key"), &[])
    })
}

/// The part of a signed program that is its table of certificates.
fn table(bytes: &[u8]) -> std::ops::Range<usize> {
    let table = EfiProgram::read(&memory(bytes)).unwrap().header.certificate_table;
    table.offset as usize..table.end() as usize
}

#[test]
fn a_key_of_ones_own_is_valid_under_its_own_name() {
    let verdict = verdict(small());
    assert_eq!(authority(&verdict), Some(("Small test key", Standing::Itself)));
    assert_eq!(verdict.to_string(), "Signed by Small test key, whom firmware does not know by itself");
}

#[test]
fn a_name_alone_makes_no_authority() {
    let impostor = key("Microsoft Windows Production PCA 2011");
    let signed = signed_along(&Program::default().build(), &impostor, &[]);
    let verdict = verdict(&signed);
    assert_eq!(authority(&verdict), Some(("Microsoft Windows Production PCA 2011", Standing::Itself)));
}

#[test]
fn certificates_are_followed_up_to_the_authority() {
    let plain = Program::default().build();
    let root = key("Root");
    let between = root.issue("Between", true);
    let leaf = between.issue("Leaf", false);
    let alone = signed_along(&plain, &leaf, &[]);
    assert!(matches!(verdict(&alone), Verdict::ClaimsOnly { claimed, .. } if claimed == "Between"));
    let source = memory(&alone);
    let program = EfiProgram::read(&source).unwrap();
    let given = program.check_signatures(&source, &[between.certificate()]).unwrap().verdict();
    assert_eq!(authority(&given), Some(("Between", Standing::Given)));
    let whole = verdict(&signed_along(&plain, &leaf, &[&root, &between]));
    assert_eq!(authority(&whole), Some(("Root", Standing::Itself)));
    // As far as certificates go, and no further.
    let half = verdict(&signed_along(&plain, &leaf, &[&between]));
    assert_eq!(authority(&half), Some(("Between", Standing::Itself)));
    // A certificate that may not vouch for others does not, and one of the same name did not.
    let greedy = leaf.issue("Greedy", false);
    let refused = verdict(&signed_along(&plain, &greedy, &[&leaf, &between, &root]));
    assert!(matches!(&refused, Verdict::SignatureInvalid { why } if why.contains("may not make")), "{refused}");
    let other = key("Between");
    let forged = verdict(&signed_along(&plain, &leaf, &[&other]));
    assert!(matches!(forged, Verdict::SignatureInvalid { .. }), "{forged}");
}

#[test]
fn other_digests_and_other_signers_are_understood() {
    let signer = key("Another signer");
    let plain = signer.0.path().join("plain.efi");
    std::fs::write(&plain, Program { plus: false, machine: 0x14c, ..Program::default() }.build()).unwrap();
    for (name, algorithm) in [
        ("sha1", Algorithm::Sha1),
        ("sha256", Algorithm::Sha256),
        ("sha384", Algorithm::Sha384),
        ("sha512", Algorithm::Sha512),
    ] {
        let to = format!("{name}.efi");
        let arguments = ["sign", "-certs", "cert.pem", "-key", "key.pem", "-h", name, "-in", "plain.efi", "-out", &to];
        peers::run(signer.0.path(), "osslsigncode", &arguments);
        let mut bytes = std::fs::read(signer.0.path().join(&to)).unwrap();
        let signatures = check(&bytes).unwrap();
        let found = signatures.list[0].digest.as_ref().unwrap();
        assert_eq!(found.0, algorithm);
        let computed = signatures.digests.get(algorithm).unwrap();
        assert_eq!(found.1, computed, "{name}");
        assert_eq!(authority(&signatures.verdict()), Some(("Another signer", Standing::Itself)), "{name}");
        bytes[600] ^= 1;
        assert!(matches!(verdict(&bytes), Verdict::DigestMismatch { .. }), "{name}");
    }
}

#[test]
fn keys_that_isoscope_does_not_know_are_told() {
    let here = Key(tempfile::tempdir().unwrap());
    let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
    let rest = ["-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "9", "-subj", "/CN=Curve/"];
    peers::run(here.0.path(), "openssl", &[&["req", "-new", "-x509"], &curve[..], &rest].concat());
    std::fs::write(here.path("plain.efi"), Program::default().build()).unwrap();
    let arguments =
        ["sign", "-certs", "cert.pem", "-key", "key.pem", "-h", "sha256", "-in", "plain.efi", "-out", "to.efi"];
    peers::run(here.0.path(), "osslsigncode", &arguments);
    let verdict = verdict(&std::fs::read(here.path("to.efi")).unwrap());
    assert!(matches!(&verdict, Verdict::ClaimsOnly { claimed, .. } if claimed == "Curve"), "{verdict}");
}

#[test]
fn every_change_of_the_program_is_seen() {
    let source = EfiProgram::read(&memory(small())).unwrap().header;
    let entry = source.certificate_entry_at.unwrap() as usize;
    let checksum = source.checksum_at as usize;
    let mut bytes = small().to_vec();
    for at in 0..table(small()).start {
        bytes[at] ^= 0x10;
        let result = check(&bytes).map(|signatures| signatures.verdict());
        if (checksum..checksum + 4).contains(&at) {
            // Signing changes it, so no signature covers it.
            assert!(authority(&result.unwrap()).is_some(), "byte {at}");
        } else if at >= source.size_of_headers as usize {
            assert!(matches!(result, Ok(Verdict::DigestMismatch { .. })), "byte {at}: {result:?}");
        } else {
            let refused = !matches!(result, Ok(Verdict::Valid { .. }));
            assert!(refused, "byte {at}: {result:?}");
            assert!((entry..entry + 8).contains(&at) || !matches!(result, Ok(Verdict::SignatureInvalid { .. })));
        }
        bytes[at] ^= 0x10;
    }
}

#[test]
fn a_changed_byte_of_a_real_program_is_seen() {
    for path in [SHIM, GRUB] {
        let mut bytes = std::fs::read(path).unwrap();
        let end = table(&bytes).start;
        let mut rng = Rng::new(7);
        for _ in 0..4 {
            let at = 4096 + rng.below(end - 4096);
            bytes[at] ^= 1;
            let signatures = check(&bytes).unwrap();
            let all =
                signatures.list.iter().all(|signature| matches!(signature.verdict, Verdict::DigestMismatch { .. }));
            assert!(all, "{path}, byte {at}: {:?}", signatures.verdict());
            bytes[at] ^= 1;
        }
    }
}

#[test]
fn every_change_of_the_signature_is_seen_or_does_no_harm() {
    let range = table(small());
    let expected = verdict(small());
    let mut bytes = small().to_vec();
    // The signature proper is the last thing in the table but for padding.
    let length = u32::from_le_bytes(small()[range.start..range.start + 4].try_into().unwrap()) as usize;
    let padding = small()[range.start..range.start + length].iter().rev().take_while(|byte| **byte == 0).count();
    let end = range.start + length - padding.min(7);
    let (mut harmless, mut invalid) = (0, 0);
    for at in range.clone() {
        bytes[at] ^= 0x01;
        match check(&bytes).map(|signatures| signatures.verdict()) {
            // Version numbers and parameters that nothing covers may be anything.
            Ok(changed @ Verdict::Valid { .. }) => {
                harmless += 1;
                assert_eq!(authority(&changed), authority(&expected), "byte {at}");
            }
            Ok(Verdict::SignatureInvalid { .. }) => invalid += 1,
            _ => {}
        }
        if (end - 256..end).contains(&at) {
            let verdict = verdict(&bytes);
            assert!(matches!(verdict, Verdict::SignatureInvalid { .. }), "byte {at}: {verdict}");
        }
        bytes[at] ^= 0x01;
    }
    assert!(harmless < 64 && invalid > 1000, "{harmless} harmless, {invalid} invalid of {}", range.len());
}

#[test]
fn a_signature_of_another_program_does_not_fit() {
    let other = Program::of(vec![(".text", b"other".repeat(40)), (".sbat", vec![b'x'; 71])]).build();
    let range = table(small());
    let mut bytes = small()[..range.start].to_vec();
    let header = EfiProgram::read(&memory(small())).unwrap().header;
    let headers = header.size_of_headers as usize;
    bytes[headers..].copy_from_slice(&other[headers..range.start]);
    bytes.extend(&small()[range]);
    assert!(matches!(verdict(&bytes), Verdict::DigestMismatch { .. }));
}

#[test]
fn a_table_that_is_cut_off_is_an_error_with_its_place() {
    let range = table(small());
    for end in [range.start + 1, range.start + 8, range.end - 1] {
        let error = check(&small()[..end]).unwrap_err();
        assert_eq!(error.structure(), Some("attribute certificate table"), "{error}");
        assert_eq!(error.offset(), Some(range.start as u64), "{error}");
    }
}

#[test]
fn what_is_in_no_section_makes_a_signature_a_claim() {
    // The second section is moved 512 bytes back, and the gap filled before it is signed: signers that take the file as it
    // is and firmware that goes by sections then digest other bytes.
    let mut bytes = Program::of(vec![(".text", vec![1; 512]), (".data", vec![2; 512])]).build();
    let table_at = 64 + 24 + 240;
    let place = u32::from_le_bytes(bytes[table_at + 60..table_at + 64].try_into().unwrap());
    bytes[table_at + 60..table_at + 64].copy_from_slice(&(place + 512).to_le_bytes());
    bytes.splice(place as usize..place as usize, [9; 512]);
    let signed = signed_along(&bytes, &key("Gap"), &[]);
    let signatures = check(&signed).unwrap();
    assert!(matches!(signatures.verdict(), Verdict::ClaimsOnly { .. }), "{}", signatures.verdict());
    assert!(!signatures.diagnostics.is_empty());
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

#[test]
fn a_list_of_revoked_programs_revokes_them() {
    let (leaf, digest) = {
        let signatures = check(small()).unwrap();
        (signatures.list[0].certificates[0].clone(), signatures.digests.sha256())
    };
    let list = |kind: &[u8; 16], data: &[u8]| {
        let mut bytes = kind.to_vec();
        for number in [28 + 16 + data.len(), 0, 16 + data.len()] {
            bytes.extend(u32::try_from(number).unwrap().to_le_bytes());
        }
        bytes.extend([0; 16]);
        bytes.extend(data);
        bytes
    };
    let sha256 = b"\x26\x16\xc4\xc1\x4c\x50\x92\x40\xac\xa9\x41\xf9\x36\x93\x43\x28";
    let x509 = b"\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a\x87\xb5\xab\x15\x5c\x2b\xf0\x72";
    let bytes = [list(sha256, &digest), list(x509, &leaf.der)].concat();
    let dbx = Dbx::read(&memory(&bytes), &mut Diagnostics::default()).unwrap();
    let signatures = check(small()).unwrap();
    let certificate = DbxRevocation::Certificate("Small test key".to_owned());
    assert_eq!(dbx.revocations(&signatures), [DbxRevocation::Program(digest), certificate]);
    // It is signed all the same.
    assert!(authority(&signatures.verdict()).is_some());
    let mut rng = Rng::new(3);
    for _ in 0..20_000 {
        let mut mutant = bytes.clone();
        for _ in 0..=rng.below(4) {
            let at = rng.below(mutant.len());
            mutant[at] = rng.next() as u8;
        }
        mutant.truncate(1 + rng.below(mutant.len()));
        if let Err(error) = Dbx::parse(&mutant, &mut Diagnostics::default()) {
            assert!(error.offset().is_some());
        }
    }
}

/// Everything that can be asked of a program.
fn ask(source: &Arc<dyn Source>) -> Result<()> {
    let program = EfiProgram::read(source)?;
    let product = program.identify(source);
    let signatures = program.check_signatures(source, &[])?;
    let _ = (product?, signatures.verdict().to_string(), program.header.architecture.to_string());
    Ok(())
}

/// Whatever is wrong with the bytes is told with its place.
fn survives(bytes: &[u8]) {
    if let Err(error) = ask(&memory(bytes)) {
        assert!(error.offset().is_some() && error.structure().is_some(), "{error}");
    }
}

#[test]
fn no_prefix_and_no_changed_byte_does_harm() {
    let mut program = Program::of(vec![(".text", vec![0; 256]), (".sbatlevel", vec![0; 40]), (".rsrc", Vec::new())]);
    program.sections.push((".vendor_cert", {
        let certificate = check(small()).unwrap().list[0].certificates[0].der.clone();
        let length = u32::try_from(certificate.len()).unwrap();
        [[length, 0, 16, 16].map(u32::to_le_bytes).concat(), certificate].concat()
    }));
    let address = program.address_of(2);
    program.sections[2].1 = windows_resources(address, "bootmgfw.efi", [10, 0, 26100, 1], Some((9, 0)));
    for bytes in [program.build(), small().to_vec()] {
        for end in 0..bytes.len() {
            survives(&bytes[..end]);
        }
        let mut mutant = bytes.clone();
        for at in 0..bytes.len() {
            for change in [0xff, 0x80, 0x01] {
                mutant[at] = bytes[at] ^ change;
                survives(&mutant);
            }
            mutant[at] = bytes[at];
        }
        let mut rng = Rng::new(11);
        for _ in 0..10_000 {
            let mut mutant = bytes.clone();
            for _ in 0..=rng.below(8) {
                let at = rng.below(mutant.len());
                mutant[at] = *rng.pick(&[0, 1, 0x7f, 0x80, 0xff, rng_byte(at)]);
            }
            survives(&mutant);
        }
    }
}

fn rng_byte(at: usize) -> u8 {
    Rng::new(at as u64).next() as u8
}

#[test]
fn a_read_that_fails_is_told_and_a_cancelled_job_ends() {
    let whole = FailingSource::new(memory(small()), u64::MAX);
    let counted: Arc<dyn Source> = whole.clone();
    ask(&counted).unwrap();
    for failing in 0..whole.reads() {
        let source: Arc<dyn Source> = FailingSource::new(memory(small()), failing);
        // What cannot be read of a small section is a complaint only.
        if let Err(error) = ask(&source) {
            assert!(matches!(error, Error::Io { .. }), "read {failing}: {error}");
        }
        let source: Arc<dyn Source> = Arc::new(CancelAfter::new(memory(small()), failing));
        assert!(ask(&source).unwrap_err().is_cancelled(), "read {failing}");
    }
}
