//! What was revoked: programs of too low a generation (`SBAT.md` of shim), of too low a security version (Windows), and
//! programs and certificates in a list of the firmware (`dbx`, UEFI 2.10 §32.4).
//!
//! A program that is not revoked may still be unsigned, and one that is revoked is still signed: both are told apart.

use crate::disc::bytes::Fields;
use crate::disc::source::read_up_to;
use crate::disc::{Diagnostics, Error, Extent, Result, Source, limits, text};

use super::authenticode::Signatures;
use super::sbat::{Sbat, SbatLevel};
use super::signature_list::SignatureLists;
use super::x509::Certificate;

const DBX: &str = "revocation list";

/// Bytes of `EFI_TIME`, which starts an update of a list.
const TIME_BYTES: usize = 16;

/// `WIN_CERT_TYPE_EFI_GUID`: an update of a list is signed with it.
const EFI_GUID_CERTIFICATE: u16 = 0x0ef1;

/// A component whose generation is too low.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SbatRevocation {
    /// Which component.
    pub component: String,
    /// The generation that the program has.
    pub generation: u32,
    /// The lowest one that is not revoked.
    pub minimum: u32,
}

/// The minimums that Isoscope knows by itself, which say of which day they are.
pub fn published_minimums() -> SbatLevel {
    SbatLevel::parse(include_bytes!("sbat-minimums.csv"))
}

/// The components of a program that `minimums` revoke; none when it is not revoked.
///
/// Components that the list does not name are never revoked by it, and a program without SBAT cannot be judged by it.
pub fn revoked_by_sbat(sbat: &Sbat, minimums: &SbatLevel) -> Vec<SbatRevocation> {
    let below = minimums.minimums.iter().flat_map(|(component, minimum)| {
        let entries = sbat.entries.iter().filter(move |entry| entry.component == *component);
        entries.filter(move |entry| entry.generation < *minimum).map(move |entry| SbatRevocation {
            component: component.clone(),
            generation: entry.generation,
            minimum: *minimum,
        })
    });
    below.collect()
}

/// The lowest security version of the Windows boot manager that is not revoked, and the day of the list that says so
/// (github.com/microsoft/secureboot_objects, `dbx_info_msft_latest.json`). Computers ask for it once they were told to.
pub const WINDOWS_BOOT_MANAGER_MINIMUM: ((u16, u16), &str) = ((9, 0), "2026-05-21");

/// What a list revokes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DbxRevocation {
    /// The program itself, by its SHA-256.
    Program([u8; 32]),
    /// A certificate by which one of its signatures is proved: its common name.
    Certificate(String),
}

/// A list of revoked programs, as firmware keeps it in its variable `dbx`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dbx {
    /// The day that an update bears, as `YYYY-MM-DD`; `None` for a bare list. It tells no age: Microsoft dates all of its
    /// updates 2010-03-06, so that firmware takes them in any order.
    pub stamp: Option<String>,
    /// What it holds.
    pub lists: SignatureLists,
}

impl Dbx {
    /// Reads a file such as `DBXUpdate.bin` (`EFI_VARIABLE_AUTHENTICATION_2`, UEFI 2.10 §8.2.2, with lists behind it) or
    /// the lists alone. The signature of an update is not checked: that is for the firmware.
    ///
    /// # Errors
    /// `Damaged` when the file is no such list, `Limit` with more than [`limits::REVOCATION_LIST`] bytes.
    pub fn read(source: &dyn Source, diagnostics: &mut Diagnostics) -> Result<Self> {
        if source.len() > limits::REVOCATION_LIST {
            return Err(Error::Limit {
                structure: DBX,
                offset: 0,
                what: format!("A list of revoked programs of {}", text::size(source.len())),
                limit: text::size(limits::REVOCATION_LIST),
            });
        }
        Self::parse(&read_up_to(source, Extent::new(0, source.len()))?, diagnostics)
    }

    /// The same from its bytes.
    pub fn parse(bytes: &[u8], diagnostics: &mut Diagnostics) -> Result<Self> {
        if bytes.is_empty() {
            return Err(Error::damaged(DBX, 0, "The file is empty"));
        }
        let (start, stamp) = match update_header(&Fields::new(bytes, 0, DBX)) {
            Some((length, stamp)) => (length, Some(stamp)),
            None => (0, None),
        };
        let lists = bytes.get(start..).ok_or_else(|| {
            let message = format!("The list should start at byte {start}, but the file ends at byte {}", bytes.len());
            Error::damaged(DBX, 0, message)
        })?;
        Ok(Self { stamp, lists: SignatureLists::parse(lists, start as u64, diagnostics)? })
    }

    /// True when the program with this Authenticode digest is revoked.
    pub fn revoked_by_dbx(&self, sha256: &[u8; 32]) -> bool {
        self.lists.programs.contains(sha256)
    }

    /// True when this certificate is revoked, by itself or by the digest of what its issuer signed.
    pub fn revokes_certificate(&self, certificate: &Certificate) -> bool {
        self.lists.certificate_digests.contains(&certificate.signed_sha256)
            || self.lists.certificates.iter().any(|revoked| revoked.sha256 == certificate.sha256)
    }

    /// What is revoked of a program: itself, and the certificates by which its signatures are proved. Firmware refuses it
    /// even where another of its signatures is good. Certificates of time stamps do no harm.
    pub fn revocations(&self, signatures: &Signatures) -> Vec<DbxRevocation> {
        let digest = signatures.digests.sha256();
        let program = self.revoked_by_dbx(&digest).then_some(DbxRevocation::Program(digest));
        let proving =
            signatures.list.iter().flat_map(|signature| signature.certification_path(&self.lists.certificates));
        let mut revoked: Vec<&Certificate> = Vec::new();
        for certificate in proving.filter(|certificate| self.revokes_certificate(certificate)) {
            if revoked.iter().all(|known| known.sha256 != certificate.sha256) {
                revoked.push(certificate);
            }
        }
        let names = revoked.into_iter().map(|certificate| certificate.subject.common_name());
        program.into_iter().chain(names.map(DbxRevocation::Certificate)).collect()
    }
}

/// Length and date of what stands before the lists of an update; `None` when the file starts with a list.
fn update_header(fields: &Fields<'_>) -> Option<(usize, String)> {
    let (revision, kind) = (fields.le16(TIME_BYTES + 4).ok()?, fields.le16(TIME_BYTES + 6).ok()?);
    if revision != 0x0200 || kind != EFI_GUID_CERTIFICATE {
        return None;
    }
    let length = usize::try_from(fields.le32(TIME_BYTES).ok()?).ok()?.checked_add(TIME_BYTES)?;
    let (year, month, day) = (fields.le16(0).ok()?, fields.u8(2).ok()?, fields.u8(3).ok()?);
    Some((length, format!("{year:04}-{month:02}-{day:02}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sbat(text: &str) -> Sbat {
        Sbat::parse(text.as_bytes(), 0, &mut Diagnostics::default())
    }

    #[test]
    fn a_generation_below_the_minimum_is_revoked() {
        let minimums = published_minimums();
        assert_eq!(minimums.date().unwrap(), "2025-05-10");
        let old = sbat("sbat,1,,,,\ngrub,3,FSF,grub,2.06,\ngrub.debian,1,Debian,grub2,2.06,\n");
        let revoked = revoked_by_sbat(&old, &minimums);
        assert_eq!(revoked, [SbatRevocation { component: "grub".to_owned(), generation: 3, minimum: 5 }]);
        assert_eq!(revoked_by_sbat(&sbat("sbat,1,,,,\nshim,4,,,16,\nother,0,,,,\n"), &minimums), []);
        assert_eq!(revoked_by_sbat(&sbat("grub,5,,,,\ngrub.proxmox,1,,,,\n"), &minimums).len(), 1);
        assert_eq!(revoked_by_sbat(&Sbat::default(), &minimums), []);
    }

    /// A list of one digest.
    fn list() -> Vec<u8> {
        let mut list = b"\x26\x16\xc4\xc1\x4c\x50\x92\x40\xac\xa9\x41\xf9\x36\x93\x43\x28".to_vec();
        [76_u32, 0, 48].iter().for_each(|number| list.extend(number.to_le_bytes()));
        list.extend([7; 48]);
        list
    }

    #[test]
    fn an_update_and_a_bare_list_hold_the_same() {
        let bare = Dbx::parse(&list(), &mut Diagnostics::default()).unwrap();
        assert!(bare.revoked_by_dbx(&[7; 32]) && !bare.revoked_by_dbx(&[8; 32]));
        // EFI_TIME, and a certificate of 30 bytes with its fields.
        let mut update = vec![0xea, 0x07, 5, 21, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        update.extend([30, 0, 0, 0, 0, 2, 0xf1, 0x0e]);
        update.extend([0; 22]);
        update.extend(list());
        let update = Dbx::parse(&update, &mut Diagnostics::default()).unwrap();
        assert_eq!((update.stamp.as_deref(), &update.lists), (Some("2026-05-21"), &bare.lists));
    }

    #[test]
    fn a_file_that_is_no_list_is_told() {
        for bytes in [&b""[..], b"hello", &[0; 100], &list()[..60]] {
            assert!(Dbx::parse(bytes, &mut Diagnostics::default()).unwrap_err().offset().is_some());
        }
        let mut cut = vec![0; 16];
        cut.extend([200, 0, 0, 0, 0, 2, 0xf1, 0x0e]);
        assert!(Dbx::parse(&cut, &mut Diagnostics::default()).is_err());
    }
}
