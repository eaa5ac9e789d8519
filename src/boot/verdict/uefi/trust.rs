//! Whether Secure Boot lets a program start (UEFI 2.10 §32.5).
//!
//! Firmware asks for one signature by somebody whose certificate it has, and refuses what its own list revokes. It looks at
//! no date: what expired is not revoked.

use crate::boot::efi::authenticode::{Signatures, Verdict};
use crate::boot::efi::authority::{Authority, KnownAuthority, Standing};
use crate::boot::efi::revocation::{DbxRevocation, WINDOWS_BOOT_MANAGER_MINIMUM, published_minimums};
use crate::boot::efi::{EfiProgram, ProductKind};
use crate::boot::programs::EfiFile;
use crate::boot::verdict::case::Case;

/// What Secure Boot says of a program.
pub(super) enum Trust {
    /// It may start, on conditions such as “if the firmware has the certificate …”.
    Yes { authority: String, conditions: Vec<String> },
    /// It may not. A clause says why.
    No(String),
    /// It cannot be told. A clause says why.
    Unclear(String),
}

/// What firmware with the certificates of Microsoft says of a program.
pub(super) fn of_firmware(file: &EfiFile, case: &mut Case) -> Trust {
    let signatures = match signed(file, case) {
        Ok(signatures) => signatures,
        Err(trust) => return by_others(file).unwrap_or(trust),
    };
    if let Some(trust) = listed(file) {
        return trust;
    }
    let known: Vec<_> = valid(signatures)
        .filter_map(|authority| match authority.standing {
            Standing::Firmware(known) if is_for_loaders(known) => Some(known),
            _ => None,
        })
        .collect();
    // Computers up to about 2023 have the certificates of 2011, unless they were given the others; most later ones have both,
    // and some of the latest have those of 2023 only.
    let (of_2023, of_2011): (Vec<_>, Vec<_>) = known.into_iter().partition(|known| is_of_2023(*known));
    let Some(authority) = of_2011.first().or(of_2023.first()) else {
        let by = valid(signatures).next().map(|authority| authority.name.clone()).unwrap_or_default();
        return Trust::No(format!(
            "the program {} is signed by {by}, whom firmware does not know by itself",
            file.label()
        ));
    };
    let mut conditions = Vec::new();
    if of_2011.is_empty() || of_2023.is_empty() {
        let whose = if of_2011.is_empty() { "older computers" } else { "some of the latest computers" };
        conditions.push(format!("if the firmware has the certificate “{}”, which {whose} lack", authority.name()));
    }
    conditions.extend(revoked(file));
    Trust::Yes { authority: authority.name().to_owned(), conditions }
}

/// What shim says of a program: its maker, or somebody whom the firmware knows, must have signed it.
pub(super) fn of_shim(shim: &EfiProgram, file: &EfiFile, case: &mut Case) -> Trust {
    let signatures = match signed(file, case) {
        Ok(signatures) => signatures,
        Err(trust) => return trust,
    };
    if let Some(trust) = listed(file) {
        return trust;
    }
    let vendor = shim.vendor.clone().unwrap_or_default();
    let digest = signatures.digests.sha256();
    if vendor.deauthorized.programs.contains(&digest) {
        return Trust::No(format!("the program {} is on the list of those that this shim refuses", file.label()));
    }
    let is_vendor = |authority: &Authority| {
        vendor.authorized.certificates.iter().any(|certificate| certificate.sha256 == authority.sha256)
    };
    let is_known = |authority: &&Authority| {
        is_vendor(authority) || matches!(authority.standing, Standing::Firmware(known) if is_for_loaders(known))
    };
    match valid(signatures).find(is_known) {
        Some(authority) => Trust::Yes { authority: authority.name.clone(), conditions: Vec::new() },
        None if vendor.authorized.programs.contains(&digest) => {
            Trust::Yes { authority: "the maker of shim".to_owned(), conditions: Vec::new() }
        }
        None => {
            let by = valid(signatures).next().map(|authority| authority.name.clone()).unwrap_or_default();
            Trust::No(format!("the program {} is signed by {by}, and that shim knows only its own maker", file.label()))
        }
    }
}

/// The signatures of a program, when one of them holds.
fn signed<'a>(file: &'a EfiFile, case: &mut Case) -> Result<&'a Signatures, Trust> {
    let name = file.label();
    let Some(signatures) = &file.signatures else {
        return Err(Trust::Unclear(format!("the signature of the program {name} was not checked")));
    };
    let verdict = signatures.verdict();
    if let Some(at) = file.offset {
        let table = file.program.as_ref().map_or(0, |program| program.header.certificate_table.offset);
        case.seen("attribute certificate table", at.saturating_add(table), signatures.sentence());
    }
    match verdict {
        Verdict::Valid { .. } => Ok(signatures),
        Verdict::Unsigned => Err(Trust::No(format!(
            "the program {name} is not signed, and with Secure Boot nothing starts without a signature"
        ))),
        Verdict::DigestMismatch { .. } => Err(Trust::No(format!("the program {name} was changed after it was signed"))),
        Verdict::SignatureInvalid { why } => {
            Err(Trust::No(format!("the signature of the program {name} does not hold: {why}")))
        }
        Verdict::ClaimsOnly { why, .. } => {
            Err(Trust::Unclear(format!("the signature of the program {name} is not proved: {why}")))
        }
    }
}

/// Of a program of which no signature so much as claims to be by somebody whom firmware knows: then it does not matter that
/// the certificates which would prove it are missing.
fn by_others(file: &EfiFile) -> Option<Trust> {
    let signatures = file.signatures.as_ref()?;
    let Verdict::ClaimsOnly { claimed, .. } = signatures.verdict() else { return None };
    let is_known = |name: &str| KnownAuthority::of_name(name).is_some();
    let of_others = signatures.list.iter().all(|signature| {
        !signature.signers.is_empty()
            && !signature.signers.iter().any(|signer| is_known(&signer.issuer))
            && !signature.certificates.iter().any(|certificate| is_known(&certificate.issuer.common_name()))
    });
    let name = file.label();
    of_others
        .then(|| Trust::No(format!("the program {name} is signed by {claimed}, whom firmware does not know by itself")))
}

/// Those who vouch for a program.
fn valid(signatures: &Signatures) -> impl Iterator<Item = &Authority> {
    signatures.list.iter().filter_map(|signature| match &signature.verdict {
        Verdict::Valid { authority } => Some(authority),
        _ => None,
    })
}

/// What firmware takes loaders from: not what is there for the drivers on cards.
fn is_for_loaders(known: KnownAuthority) -> bool {
    known != KnownAuthority::MicrosoftOptionRomUefiCa2023
}

fn is_of_2023(known: KnownAuthority) -> bool {
    !matches!(known, KnownAuthority::WindowsProductionPca2011 | KnownAuthority::MicrosoftUefiCa2011)
}

/// What the list says that the user gave. It is that of a computer, and so it decides.
fn listed(file: &EfiFile) -> Option<Trust> {
    let name = file.label();
    file.revoked.dbx.first().map(|revoked| match revoked {
        DbxRevocation::Program(_) => Trust::No(format!("the program {name} is on the given list of revoked programs")),
        DbxRevocation::Certificate(whose) => {
            Trust::No(format!("the given list revokes the certificate of {whose}, who vouches for the program {name}"))
        }
    })
}

/// On which condition a program that firmware starts is not revoked. Firmware itself knows no generations: it is shim that
/// looks at its own, and the boot manager of Windows at its security version, where the computer was given the list.
fn revoked(file: &EfiFile) -> Option<String> {
    if let Some((major, minor)) = file.revoked.security_version {
        let (_, date) = WINDOWS_BOOT_MANAGER_MINIMUM;
        let version = format!("security version {major}.{minor} ({date})");
        return Some(format!("unless the computer was told to refuse boot managers of Windows below {version}"));
    }
    if !file.is(ProductKind::Shim) {
        return None;
    }
    if file.program.as_ref().is_some_and(|program| program.sbat.is_none()) {
        return Some(
            "unless the computer has a list of revoked programs, as nearly all have for shim of that age".to_owned(),
        );
    }
    below_minimum(file)
}

/// On which condition a program is not below the minimums that Isoscope knows.
pub(super) fn below_minimum(file: &EfiFile) -> Option<String> {
    let first = file.revoked.sbat.first()?;
    let date = published_minimums().date().unwrap_or_default();
    Some(format!(
        "unless the computer has the list of revoked programs of {date}, by which {} of generation {} is too old",
        first.component, first.generation
    ))
}
