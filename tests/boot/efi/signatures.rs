//! Who signed it, as pesign and sbverify see it, and with keys of our own.

use std::path::{Path, PathBuf};

use super::{
    GRUB, IPXE, Key, MEMTEST, MEMTEST_IA32, MOK_MANAGER, SHIM, SYSTEMD_BOOT, SYSTEMD_STUB, authority, check, key, open,
    seen, signed_along, small, verdict,
};
use crate::support::efi::Program;
use crate::support::peers;
use crate::support::sources::memory;
use isoscope::boot::efi::image_digest::Algorithm;
use isoscope::boot::efi::{EfiProgram, KnownAuthority, Standing, Verdict};
use isoscope::disc::text;

/// What `sbverify --list` says: issuers of the signers, and subjects of all certificates.
fn listed(path: &Path) -> (Vec<String>, Vec<String>) {
    let output = peers::output(Path::new("/"), "sbverify", &["--list", path.to_str().unwrap()]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let common_name = |line: &str| line.rsplit_once("/CN=").unwrap_or_else(|| panic!("{text}")).1.to_owned();
    let subjects = text.lines().filter(|line| line.contains("subject: ")).map(common_name).collect();
    let issuers = text.lines().filter(|line| line.starts_with(" - /")).map(common_name).collect();
    (issuers, subjects)
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
