//! EFI programs: those of others are read as sbverify and pesign read them, signatures hold exactly as long as nothing was
//! changed, and no damage does harm.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod damage;
mod programs;
mod signatures;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::support::efi::Program;
use crate::support::peers;
use crate::support::sources::memory;
use isoscope::boot::efi::x509::Certificate;
use isoscope::boot::efi::{EfiProgram, Product, Signatures, Standing, Verdict};
use isoscope::disc::source::FileSource;
use isoscope::disc::{Result, Source};

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

fn seen(signatures: &Signatures) -> (Vec<String>, Vec<String>) {
    let signers = signatures.list.iter().flat_map(|signature| &signature.signers);
    let certificates = signatures.list.iter().flat_map(|signature| &signature.certificates);
    let subjects = certificates.map(|certificate| certificate.subject.common_name()).collect();
    (signers.map(|signer| signer.issuer.clone()).collect(), subjects)
}

/// A key with a certificate, in a folder of its own.
pub(crate) struct Key(tempfile::TempDir);

/// A key that vouches for itself.
pub(crate) fn key(name: &str) -> Key {
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

    pub(crate) fn sign(&self, program: &Path, to: &Path) {
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

    pub(crate) fn certificate(&self) -> Certificate {
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

/// Everything that can be asked of a program.
fn ask(source: &Arc<dyn Source>) -> Result<()> {
    let program = EfiProgram::read(source)?;
    let product = program.identify(source);
    let signatures = program.check_signatures(source, &[])?;
    let _ = (product?, signatures.verdict().to_string(), program.header.architecture.to_string());
    Ok(())
}
