//! Those who vouch for signatures, and where they are known from.
//!
//! No certificate of an authority is part of Isoscope: signatures bring them along, and they are told by their digests.

use crate::disc::text;

use super::x509::Certificate;

/// An authority whose certificate comes with the firmware of nearly all computers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KnownAuthority {
    /// Of the boot managers of Windows 8 to 11; it is being revoked.
    WindowsProductionPca2011,
    /// Of newer boot managers of Windows.
    WindowsUefiCa2023,
    /// Of the loaders of others, such as shim.
    MicrosoftUefiCa2011,
    /// Of newer loaders of others.
    MicrosoftUefiCa2023,
    /// Of newer drivers on cards.
    MicrosoftOptionRomUefiCa2023,
}

/// Each with the SHA-256 of its certificate, as Microsoft publishes it (github.com/microsoft/secureboot_objects,
/// PreSignedObjects/DB/Certificates, 2026-07).
const KNOWN: [(KnownAuthority, &str, &str); 5] = [
    (
        KnownAuthority::WindowsProductionPca2011,
        "Microsoft Windows Production PCA 2011",
        "e8e95f0733a55e8bad7be0a1413ee23c51fcea64b3c8fa6a786935fddcc71961",
    ),
    (
        KnownAuthority::WindowsUefiCa2023,
        "Windows UEFI CA 2023",
        "076f1fea90ac29155ebf77c17682f75f1fdd1be196da302dc8461e350a9ae330",
    ),
    (
        KnownAuthority::MicrosoftUefiCa2011,
        "Microsoft Corporation UEFI CA 2011",
        "48e99b991f57fc52f76149599bff0a58c47154229b9f8d603ac40d3500248507",
    ),
    (
        KnownAuthority::MicrosoftUefiCa2023,
        "Microsoft UEFI CA 2023",
        "f6124e34125bee3fe6d79a574eaa7b91c0e7bd9d929c1a321178efd611dad901",
    ),
    (
        KnownAuthority::MicrosoftOptionRomUefiCa2023,
        "Microsoft Option ROM UEFI CA 2023",
        "e5be3e64c6e66a281457ecdece0d6d0787577aad2a3a0144262c10c14ba8d8f1",
    ),
];

impl KnownAuthority {
    /// The one that this certificate belongs to: told by its SHA-256, and not by its name, which anybody may use.
    pub fn of(certificate: &Certificate) -> Option<Self> {
        let thumbprint = text::hex(&certificate.sha256);
        KNOWN.iter().find(|(_, _, known)| *known == thumbprint).map(|(authority, ..)| *authority)
    }

    /// The one of this common name. Anybody may use it: it proves nothing.
    pub fn of_name(name: &str) -> Option<Self> {
        KNOWN.iter().find(|(_, known, _)| *known == name).map(|(authority, ..)| *authority)
    }

    /// Its common name.
    pub fn name(self) -> &'static str {
        KNOWN.iter().find(|(authority, ..)| *authority == self).map(|(_, name, _)| *name).unwrap_or_default()
    }
}

/// Where an authority is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Firmware has its certificate.
    Firmware(KnownAuthority),
    /// Its certificate was given by the caller, such as that in shim for the loaders behind it.
    Given,
    /// Its certificate came with the signature itself, and nothing else is known of it. Anybody can make one of any name.
    Itself,
}

/// The one who vouches for a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// Its common name.
    pub name: String,
    /// Where it is known from.
    pub standing: Standing,
    /// SHA-1 of its certificate.
    pub sha1: [u8; 20],
    /// SHA-256 of its certificate.
    pub sha256: [u8; 32],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_of_authorities_are_whole_and_differ() {
        for (at, (authority, name, digest)) in KNOWN.iter().enumerate() {
            assert!(
                digest.len() == 64 && digest.bytes().all(|digit| digit.is_ascii_digit() || digit.is_ascii_lowercase())
            );
            assert!(KNOWN.iter().skip(at + 1).all(|(.., other)| other != digest));
            assert_eq!(authority.name(), *name);
        }
    }
}
