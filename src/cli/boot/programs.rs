//! The EFI programs of a disc, as JSON.

use serde::Serialize;

use crate::boot::efi::Signatures;
use crate::boot::efi::revocation::{DbxRevocation, SbatRevocation};
use crate::boot::programs::{EfiFile, Revoked};
use crate::boot::second_stage::SecondStage;
use crate::disc::tree::TreeId;
use crate::disc::{Diagnostic, text};

/// One program.
#[derive(Serialize)]
pub(super) struct Program<'a> {
    tree: TreeId,
    path: &'a str,
    size: u64,
    offset: Option<u64>,
    architecture: Option<String>,
    subsystem: Option<String>,
    product: Option<String>,
    version: Option<&'a str>,
    /// SHA-256 as signatures and lists of revoked programs have it; `null` when it was not worked out.
    authenticode_sha256: Option<String>,
    /// `null` when they were not checked.
    signatures: Option<Vec<Signature>>,
    sbat: Option<Vec<Component<'a>>>,
    /// Whose programs a shim starts.
    vendor: Vec<String>,
    /// The paths of what a shim goes on with, one after the other; `null` where that is not known, or it is no shim.
    goes_on_with: Option<Vec<&'a str>>,
    /// Why firmware refuses to load it; `null` when nothing speaks against that.
    flaw: Option<String>,
    revoked: Revocations<'a>,
    notes: &'a [Diagnostic],
}

#[derive(Serialize)]
struct Signature {
    offset: u64,
    signers: Vec<String>,
    /// `YYYY-MM-DD`, as the signer's certificate says. Firmware does not look at it.
    valid_until: Option<String>,
    verdict: String,
}

#[derive(Serialize)]
struct Component<'a> {
    component: &'a str,
    generation: u32,
    package: &'a str,
    version: &'a str,
}

#[derive(Serialize)]
struct Revocations<'a> {
    sbat: Vec<Generation<'a>>,
    dbx: Vec<String>,
    security_version_below: Option<String>,
}

#[derive(Serialize)]
struct Generation<'a> {
    component: &'a str,
    generation: u32,
    minimum: u32,
}

impl<'a> Program<'a> {
    pub(super) fn new(file: &'a EfiFile) -> Self {
        let program = file.program.as_ref();
        let sbat = program.and_then(|program| program.sbat.as_ref());
        Self {
            tree: file.tree,
            path: &file.path,
            size: file.size,
            offset: file.offset,
            architecture: program.map(|program| program.header.architecture.to_string()),
            subsystem: program.map(|program| program.header.subsystem.to_string()),
            product: file.product.as_ref().map(|product| product.kind.to_string()),
            version: file.product.as_ref().and_then(|product| product.version.as_deref()),
            authenticode_sha256: file.signatures.as_ref().map(|found| text::hex(&found.digests.sha256())),
            signatures: file.signatures.as_ref().map(signatures),
            sbat: sbat.map(|sbat| {
                let component = |entry: &'a crate::boot::efi::sbat::SbatEntry| Component {
                    component: &entry.component,
                    generation: entry.generation,
                    package: &entry.package,
                    version: &entry.version,
                };
                sbat.entries.iter().map(component).collect()
            }),
            vendor: file.vendor().map(|certificate| certificate.subject.common_name()).collect(),
            goes_on_with: file.second_stage.as_ref().and_then(goes_on_with),
            flaw: program.and_then(|program| program.header.flaw()).map(|flaw| flaw.why),
            revoked: Revocations::new(&file.revoked),
            notes: file.diagnostics.items(),
        }
    }
}

impl<'a> Revocations<'a> {
    fn new(revoked: &'a Revoked) -> Self {
        let generation = |revocation: &'a SbatRevocation| Generation {
            component: &revocation.component,
            generation: revocation.generation,
            minimum: revocation.minimum,
        };
        Self {
            sbat: revoked.sbat.iter().map(generation).collect(),
            dbx: revoked.dbx.iter().map(by_list).collect(),
            security_version_below: revoked.security_version.map(|(major, minor)| format!("{major}.{minor}")),
        }
    }
}

fn signatures(found: &Signatures) -> Vec<Signature> {
    let signature = |signature: &crate::boot::efi::Signature| {
        let certificates = || signature.signers.iter().filter_map(|signer| signer.certificate.as_ref());
        Signature {
            offset: signature.offset,
            signers: certificates().map(|certificate| certificate.subject.common_name()).collect(),
            valid_until: certificates()
                .find_map(|certificate| certificate.not_after)
                .map(|time| time.short().chars().take(10).collect()),
            verdict: signature.verdict.to_string(),
        }
    };
    found.list.iter().map(signature).collect()
}

fn goes_on_with(stage: &SecondStage) -> Option<Vec<&str>> {
    match stage {
        SecondStage::Program(path) => Some(vec![path]),
        SecondStage::Fallback { path, start } => {
            Some([path].into_iter().chain(start.as_ref().map(|listed| &listed.program)).map(String::as_str).collect())
        }
        SecondStage::Unknown => None,
    }
}

fn by_list(revocation: &DbxRevocation) -> String {
    match revocation {
        DbxRevocation::Program(digest) => text::hex(digest),
        DbxRevocation::Certificate(name) => name.clone(),
    }
}
