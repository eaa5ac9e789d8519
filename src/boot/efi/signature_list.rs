//! Lists of signatures as firmware keeps them (`EFI_SIGNATURE_LIST`, UEFI 2.10 §32.4.1): digests of programs, and
//! certificates.

use std::collections::HashSet;

use crate::disc::boot::gpt::Guid;
use crate::disc::bytes::Fields;
use crate::disc::{Diagnostics, Error, Result, limits};

use super::x509::Certificate;

const LIST: &str = "EFI signature list";

/// Bytes before the signatures of a list.
const HEADER_BYTES: usize = 28;

/// Bytes of the owner before each signature.
const OWNER_BYTES: usize = 16;

/// `EFI_CERT_SHA256_GUID`, c1c41626-504c-4092-aca9-41f936934328.
const SHA256: Guid = Guid(*b"\x26\x16\xc4\xc1\x4c\x50\x92\x40\xac\xa9\x41\xf9\x36\x93\x43\x28");
/// `EFI_CERT_X509_GUID`, a5c059a1-94e4-4aa7-87b5-ab155c2bf072.
const X509: Guid = Guid(*b"\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a\x87\xb5\xab\x15\x5c\x2b\xf0\x72");
/// `EFI_CERT_X509_SHA256_GUID`, 3bd2a492-96c0-4079-b420-fcf98ef103ed: the digest of the signed part of a certificate.
const X509_SHA256: Guid = Guid(*b"\x92\xa4\xd2\x3b\xc0\x96\x79\x40\xb4\x20\xfc\xf9\x8e\xf1\x03\xed");

/// The owner of entries that hold no digest but a security version, 9d132b6c-59d5-4388-ab1c-185cfcb2eb92
/// (`EFI_DBXSVN_GUID`; github.com/microsoft/secureboot_objects, `dbx_info_msft_latest.json`).
const SECURITY_VERSION_OWNER: Guid = Guid(*b"\x6c\x2b\x13\x9d\xd5\x59\x88\x43\xab\x1c\x18\x5c\xfc\xb2\xeb\x92");

/// The lowest security version that Windows accepts of one of its loaders, as a list of revoked programs gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinimumSecurityVersion {
    /// Which loader.
    pub loader: Guid,
    /// Major and minor number.
    pub version: (u16, u16),
}

/// What one or more lists hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignatureLists {
    /// SHA-256 of programs.
    pub programs: HashSet<[u8; 32]>,
    /// Certificates.
    pub certificates: Vec<Certificate>,
    /// SHA-256 of the signed parts of certificates.
    pub certificate_digests: HashSet<[u8; 32]>,
    /// Security versions.
    pub security_versions: Vec<MinimumSecurityVersion>,
    /// Entries of kinds that are not read.
    pub others: usize,
}

impl SignatureLists {
    /// Reads all lists in `bytes`, which stand at the absolute byte `offset`.
    ///
    /// # Errors
    /// `Damaged` when the first list cannot be; what is wrong behind it is a complaint.
    pub fn parse(bytes: &[u8], offset: u64, diagnostics: &mut Diagnostics) -> Result<Self> {
        let mut lists = Self::default();
        let mut at = 0_usize;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            match lists.read_list(rest, offset.saturating_add(at as u64), diagnostics) {
                Ok(length) => at = at.saturating_add(length),
                Err(error) if at == 0 => return Err(error),
                Err(error) => {
                    diagnostics.failure(&error);
                    break;
                }
            }
        }
        Ok(lists)
    }

    /// Takes the list at the start of `rest`, and says how long it is.
    fn read_list(&mut self, rest: &[u8], offset: u64, diagnostics: &mut Diagnostics) -> Result<usize> {
        let fields = Fields::new(rest, offset, LIST);
        let kind = Guid(fields.array(0)?);
        let number = |at| fields.le32(at).map(|number| usize::try_from(number).unwrap_or(usize::MAX));
        let (length, header, size) = (number(16)?, number(20)?, number(24)?);
        let start = HEADER_BYTES.saturating_add(header);
        let signatures = rest.get(start..length).filter(|_| size > OWNER_BYTES).ok_or_else(|| {
            let message = format!(
                "The list says that it has {length} bytes in signatures of {size} bytes, but {} bytes are left",
                rest.len()
            );
            Error::damaged(LIST, offset, message)
        })?;
        for (number, signature) in signatures.chunks_exact(size).enumerate() {
            let at = start.saturating_add(number.saturating_mul(size));
            self.take(kind, signature, offset.saturating_add(at as u64), diagnostics);
        }
        if !signatures.len().is_multiple_of(size) {
            diagnostics.warning(LIST, offset, "The list ends within one of its signatures");
        }
        Ok(length)
    }

    fn take(&mut self, kind: Guid, signature: &[u8], offset: u64, diagnostics: &mut Diagnostics) {
        let Some((owner, data)) = signature.split_at_checked(OWNER_BYTES) else { return };
        let digest = data.first_chunk::<32>().copied();
        match (kind, digest) {
            (SHA256, Some(digest)) if owner == SECURITY_VERSION_OWNER.0 => {
                self.security_versions.extend(security_version(&digest));
            }
            (SHA256, Some(digest)) => drop(self.programs.insert(digest)),
            (X509_SHA256, Some(digest)) => drop(self.certificate_digests.insert(digest)),
            (X509, _) if self.certificates.len() < limits::CERTIFICATES => {
                match Certificate::read(data, offset.saturating_add(OWNER_BYTES as u64)) {
                    Ok(certificate) => self.certificates.push(certificate),
                    Err(error) => diagnostics.failure(&error),
                }
            }
            _ => self.others = self.others.saturating_add(1),
        }
    }
}

/// 1, the loader, minor and major number, in place of a digest.
fn security_version(digest: &[u8; 32]) -> Option<MinimumSecurityVersion> {
    let fields = Fields::new(digest, 0, LIST);
    let (1, Ok(loader)) = (fields.u8(0).ok()?, fields.array(1)) else { return None };
    let version = (fields.le16(19).ok()?, fields.le16(17).ok()?);
    Some(MinimumSecurityVersion { loader: Guid(loader), version })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(kind: Guid, signatures: &[&[u8]]) -> Vec<u8> {
        let size = signatures[0].len();
        let mut bytes = kind.0.to_vec();
        for number in [HEADER_BYTES + size * signatures.len(), 0, size] {
            bytes.extend(u32::try_from(number).unwrap().to_le_bytes());
        }
        signatures.iter().for_each(|signature| bytes.extend(*signature));
        bytes
    }

    #[test]
    fn lists_follow_one_another() {
        let mut bytes = list(SHA256, &[&[1; 48], &[2; 48]]);
        bytes.extend(list(X509_SHA256, &[&[3; 64]]));
        bytes.extend(list(Guid([9; 16]), &[&[3; 40]]));
        let lists = SignatureLists::parse(&bytes, 0, &mut Diagnostics::default()).unwrap();
        assert!(lists.programs.contains(&[1; 32]) && lists.programs.contains(&[2; 32]));
        assert!(lists.certificate_digests.contains(&[3; 32]));
        assert_eq!((lists.programs.len(), lists.others), (2, 1));
    }

    #[test]
    fn security_versions_are_no_digests() {
        let mut signature = SECURITY_VERSION_OWNER.0.to_vec();
        signature.extend(b"\x01\x61\x2b\x13\x9d\xd5\x59\x88\x43\xab\x1c\x18\x5c\x3c\xb2\xeb\x92\x02\x00\x09\x00");
        signature.resize(48, 0);
        let lists = SignatureLists::parse(&list(SHA256, &[&signature]), 0, &mut Diagnostics::default()).unwrap();
        assert!(lists.programs.is_empty());
        assert_eq!(lists.security_versions[0].version, (9, 2));
        assert_eq!(lists.security_versions[0].loader.to_string(), "9d132b61-59d5-4388-ab1c-185c3cb2eb92");
    }

    #[test]
    fn what_cannot_be_is_told_with_its_offset_and_the_lists_before_it_stay() {
        let good = list(SHA256, &[&[1; 48]]);
        let mut bytes = good.clone();
        bytes.extend(&good[..40]);
        let mut diagnostics = Diagnostics::default();
        let lists = SignatureLists::parse(&bytes, 10, &mut diagnostics).unwrap();
        assert_eq!((lists.programs.len(), diagnostics.items()[0].offset), (1, 86));
        let error = SignatureLists::parse(&good[..40], 10, &mut Diagnostics::default()).unwrap_err();
        assert_eq!(error.offset(), Some(10));
        // Signatures of no length would never end.
        let mut endless = good;
        endless[24..28].fill(0);
        assert!(SignatureLists::parse(&endless, 0, &mut Diagnostics::default()).is_err());
    }
}
