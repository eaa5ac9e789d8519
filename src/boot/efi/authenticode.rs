//! Whether the signatures of a program hold, and whose they are (Microsoft, "Windows Authenticode Portable Executable
//! Signature Format"; UEFI 2.10 §32.2 and §32.5).
//!
//! Three things are checked for each signature: the signer's key made it; the digest that was signed is that of the
//! program; and every certificate from the signer's up to an authority was made by the one above it. What cannot be
//! checked is said. Dates are not looked at, as firmware does not either.

use crate::disc::time::Timestamp;
use crate::disc::{Diagnostics, Error, Result, Source, limits};

use super::authority::{Authority, KnownAuthority, Standing};
use super::certificate_table::{self, AttributeCertificate, PKCS_SIGNED_DATA};
use super::header::Header;
use super::image_digest::{Algorithm, ImageDigests, odd_layout};
use super::oid;
use super::pkcs7::{SignedData, SignerInfo};
use super::public_key::Outcome;
use super::x509::Certificate;

/// Certificates of one name that are tried as the issuer of another. Real signatures have one of each name.
const NAMESAKES: usize = 4;

/// What is to be thought of a signature, or of all signatures of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// There is no signature.
    Unsigned,
    /// The signature was made for another program: this one was changed afterwards.
    DigestMismatch {
        /// How the digest was made.
        algorithm: Algorithm,
        /// The digest that was signed.
        signed: Vec<u8>,
        /// The digest of the program.
        actual: Vec<u8>,
    },
    /// The signature does not hold, or cannot be one.
    SignatureInvalid {
        /// One plain sentence without a full stop.
        why: String,
    },
    /// There is a signature against which nothing speaks, but not all of it could be checked.
    ClaimsOnly {
        /// Whose it would be.
        claimed: String,
        /// One plain sentence without a full stop: what was not checked.
        why: String,
    },
    /// The signature holds.
    Valid {
        /// The one who vouches for it.
        authority: Authority,
    },
}

impl Verdict {
    fn invalid(why: impl Into<String>) -> Self {
        Self::SignatureInvalid { why: why.into() }
    }

    /// From the worst to the best. Firmware starts a program when one of its signatures is good to it.
    fn rank(&self) -> u8 {
        match self {
            Self::Unsigned => 0,
            Self::SignatureInvalid { .. } => 1,
            Self::DigestMismatch { .. } => 2,
            Self::ClaimsOnly { .. } => 3,
            Self::Valid { authority } => match authority.standing {
                Standing::Itself => 4,
                Standing::Given => 5,
                Standing::Firmware(_) => 6,
            },
        }
    }
}

/// One sentence for people.
impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unsigned => f.write_str("Not signed"),
            Self::DigestMismatch { .. } => f.write_str("The program was changed after it was signed"),
            Self::SignatureInvalid { why } => write!(f, "The signature does not hold: {why}"),
            Self::ClaimsOnly { claimed, why } => {
                write!(f, "Claims a signature by {claimed}, which is not proved: {why}")
            }
            Self::Valid { authority } => {
                write!(f, "Signed by {}", authority.name)?;
                match authority.standing {
                    Standing::Firmware(_) => Ok(()),
                    Standing::Given => f.write_str(", whose certificate another program brings along"),
                    Standing::Itself => f.write_str(", whom firmware does not know by itself"),
                }
            }
        }
    }
}

/// A signer, with the certificate if it came along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// Common name of the certificate's issuer, as the signature says.
    pub issuer: String,
    /// Number of the certificate, big-endian.
    pub serial: Vec<u8>,
    /// The certificate; `None` when it did not come along.
    pub certificate: Option<Certificate>,
    /// When it was signed, as the signer says: nothing vouches for that.
    pub signing_time: Option<Timestamp>,
}

/// One signature of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Absolute byte offset of its entry in the attribute certificate table.
    pub offset: u64,
    /// Algorithm and value of the digest that was signed; `None` when that cannot be told.
    pub digest: Option<(Algorithm, Vec<u8>)>,
    /// Who signed.
    pub signers: Vec<Signer>,
    /// All certificates that came along, also those of a time stamp.
    pub certificates: Vec<Certificate>,
    /// What is to be thought of it.
    pub verdict: Verdict,
}

impl Signature {
    /// The certificates by which it is proved (RFC 5280 §6): those of the signers, and each that made one of them, among `more` and those
    /// that came along.
    pub fn certification_path<'a>(&'a self, more: &'a [Certificate]) -> Vec<&'a Certificate> {
        let mut proving: Vec<_> = self.signers.iter().filter_map(|signer| signer.certificate.as_ref()).collect();
        let mut at = 0;
        while let Some(current) = proving.get(at).copied().filter(|_| at < limits::CERTIFICATE_CHAIN) {
            let above = more.iter().chain(&self.certificates).filter(|other| other.subject == current.issuer);
            for issuer in above.take(NAMESAKES) {
                let is_new = proving.iter().all(|known| known.sha256 != issuer.sha256);
                if is_new && matches!(current.check(issuer), Outcome::Holds) {
                    proving.push(issuer);
                }
            }
            at = at.saturating_add(1);
        }
        proving
    }
}

/// All signatures of a program.
#[derive(Debug, Clone)]
pub struct Signatures {
    /// The digests of the program as it is.
    pub digests: ImageDigests,
    /// The signatures in the order of their table.
    pub list: Vec<Signature>,
    /// What is wrong although it could be read.
    pub diagnostics: Diagnostics,
}

impl Signatures {
    /// Reads the whole program once, and checks all its signatures. Certificates in `given` vouch for others as those of
    /// known authorities do.
    ///
    /// # Errors
    /// `Damaged` when the table of certificates is cut off or lies across the program, and errors of reading. A signature
    /// that cannot be read is none of them: it is [`Verdict::SignatureInvalid`].
    pub fn check(source: &dyn Source, header: &Header, given: &[Certificate]) -> Result<Self> {
        let mut diagnostics = Diagnostics::default();
        let entries = certificate_table::read(source, header, &mut diagnostics)?;
        let mut read = Vec::with_capacity(entries.len());
        for entry in &entries {
            let signed = match entry.kind {
                PKCS_SIGNED_DATA => Some(SignedData::read(&entry.data, entry.data_offset(), &mut diagnostics)),
                _ => None,
            };
            read.push((entry, signed));
        }
        let claims = read.iter().filter_map(|(_, signed)| signed.as_ref()?.as_ref().ok()?.claim.algorithm);
        let digests = ImageDigests::read(source, header, &claims.collect::<Vec<_>>())?;
        let layout = odd_layout(header).filter(|_| header.is_signed());
        if let Some(message) = &layout {
            diagnostics.warning("PE section table", header.offset, message.as_str());
        }
        let check = Check { digests: &digests, layout, given };
        let list = read.into_iter().map(|(entry, signed)| check.signature(entry, signed)).collect();
        Ok(Self { digests, list, diagnostics })
    }

    /// The best that can be said: firmware asks for one good signature.
    pub fn verdict(&self) -> Verdict {
        let verdicts = self.list.iter().map(|signature| &signature.verdict);
        verdicts.max_by_key(|verdict| verdict.rank()).cloned().unwrap_or(Verdict::Unsigned)
    }

    /// The same in one sentence, which names everybody whom firmware knows.
    pub fn sentence(&self) -> String {
        let mut known: Vec<&str> = Vec::new();
        for signature in &self.list {
            if let Verdict::Valid { authority: Authority { name, standing: Standing::Firmware(_), .. } } =
                &signature.verdict
                && !known.contains(&name.as_str())
            {
                known.push(name);
            }
        }
        if known.len() > 1 { format!("Signed by {}", known.join(" and by ")) } else { self.verdict().to_string() }
    }
}

/// What all signatures of a program are checked with.
struct Check<'a> {
    digests: &'a ImageDigests,
    layout: Option<String>,
    given: &'a [Certificate],
}

impl Check<'_> {
    fn signature(&self, entry: &AttributeCertificate, signed: Option<Result<SignedData>>) -> Signature {
        let none = |verdict| Signature {
            offset: entry.offset,
            digest: None,
            signers: Vec::new(),
            certificates: Vec::new(),
            verdict,
        };
        let signed = match signed {
            None => {
                let why = format!("It is of kind 0x{:04x}, which Isoscope does not check", entry.kind);
                return none(Verdict::ClaimsOnly { claimed: "somebody".to_owned(), why });
            }
            Some(Err(error)) => return none(unreadable(&error)),
            Some(Ok(signed)) => signed,
        };
        let verdict = self.verdict(&signed);
        let signers = signed.signers.iter().map(|signer| Signer {
            issuer: signer.issuer.common_name(),
            serial: signer.serial.clone(),
            certificate: certificate_of(signer, &signed.certificates).cloned(),
            signing_time: signer.attributes.as_ref().and_then(|attributes| attributes.signing_time),
        });
        Signature {
            offset: entry.offset,
            digest: signed.claim.algorithm.map(|algorithm| (algorithm, signed.claim.digest.clone())),
            signers: signers.collect(),
            verdict,
            certificates: signed.certificates,
        }
    }

    /// All signers must be right, as firmware asks for it.
    fn verdict(&self, signed: &SignedData) -> Verdict {
        let verdicts = signed.signers.iter().map(|signer| self.signer(signed, signer));
        let worst = verdicts.min_by_key(Verdict::rank);
        worst.unwrap_or_else(|| Verdict::invalid("Nobody signed it"))
    }

    fn signer(&self, signed: &SignedData, signer: &SignerInfo) -> Verdict {
        let leaf = certificate_of(signer, &signed.certificates);
        let outcome = match self.mathematics(signed, signer, leaf) {
            Ok(outcome) => outcome,
            Err(why) => return Verdict::invalid(why),
        };
        let claims = |why: String| Verdict::ClaimsOnly { claimed: signer.issuer.common_name(), why };
        if let Some(layout) = &self.layout {
            return claims(format!("{layout}, so firmware looks at other bytes than Isoscope does"));
        }
        let Some(algorithm) = signed.claim.algorithm else {
            return claims("The digest of the program was made in a way that Isoscope does not know".to_owned());
        };
        let actual = self.digests.get(algorithm).unwrap_or_default();
        if actual != signed.claim.digest {
            return Verdict::DigestMismatch { algorithm, signed: signed.claim.digest.clone(), actual: actual.to_vec() };
        }
        match (outcome, leaf) {
            (_, None) => claims("The certificate of the signer did not come along".to_owned()),
            (Outcome::Holds, Some(leaf)) => self.authority(leaf, &signed.certificates, claims),
            (_, Some(_)) => claims("The signature was made in a way that Isoscope does not know".to_owned()),
        }
    }

    /// Whether the signer's key signed this content (RFC 5652 §5.4 and §5.6); a sentence when it did not.
    fn mathematics(
        &self,
        signed: &SignedData,
        signer: &SignerInfo,
        leaf: Option<&Certificate>,
    ) -> std::result::Result<Outcome, String> {
        let covered = match &signer.attributes {
            None => &signed.content,
            Some(attributes) => {
                // §11.1 and §11.2: both must be there.
                if attributes.content_type != oid::SPC_INDIRECT_DATA {
                    return Err("What was signed is not said to be the digest of a program".to_owned());
                }
                let digest = signer.digest_algorithm.map(|algorithm| algorithm.digest(&signed.content));
                if digest.is_some_and(|digest| digest != attributes.message_digest) {
                    return Err("What was signed is the digest of another content".to_owned());
                }
                &attributes.signed
            }
        };
        // Without a digest that Isoscope knows, the content is bound to nothing that was checked.
        let Some(leaf) = leaf.filter(|_| signer.digest_algorithm.is_some()) else { return Ok(Outcome::Unknown) };
        match leaf.key.check(&signer.signature_algorithm, covered, &signer.signature) {
            Outcome::Fails => Err(format!("It was not made with the key of {}", leaf.subject.common_name())),
            outcome => Ok(outcome),
        }
    }

    /// Goes from the signer's certificate up, as far as certificates are there.
    fn authority(&self, leaf: &Certificate, along: &[Certificate], claims: impl Fn(String) -> Verdict) -> Verdict {
        let mut current = leaf;
        for _ in 0..limits::CERTIFICATE_CHAIN {
            let known = KnownAuthority::of(current).map(Standing::Firmware);
            let given = self.given.iter().any(|given| given.sha256 == current.sha256).then_some(Standing::Given);
            if let Some(standing) = known.or(given) {
                return valid(current, standing);
            }
            if current.is_self_issued() {
                return match current.check(current) {
                    Outcome::Holds => valid(current, Standing::Itself),
                    Outcome::Fails => {
                        Verdict::invalid(format!("The certificate of {} is not its own", current.subject.common_name()))
                    }
                    Outcome::Unknown => claims(unknown_kind(current)),
                };
            }
            let mut above = self.given.iter().chain(along).filter(|other| other.subject == current.issuer).peekable();
            if above.peek().is_none() {
                // The signer's own certificate is not proof of its issuer; one that vouches for another is an authority.
                return if std::ptr::eq(current, leaf) {
                    let issuer = current.issuer.common_name();
                    claims(format!("The certificate of {issuer}, which would vouch for it, did not come along"))
                } else {
                    valid(current, Standing::Itself)
                };
            }
            match issuer_of(current, above) {
                Ok(issuer) => current = issuer,
                Err(Outcome::Unknown) => return claims(unknown_kind(current)),
                Err(outcome) => {
                    let (subject, issuer) = (current.subject.common_name(), current.issuer.common_name());
                    let made = "may not make certificates, as it did for";
                    return Verdict::invalid(match outcome {
                        Outcome::Holds => format!("The certificate of {issuer} {made} {subject}"),
                        _ => format!("The certificate of {subject} was not made by {issuer}"),
                    });
                }
            }
        }
        claims("Too many certificates stand between the signer and an authority".to_owned())
    }
}

/// The one of several certificates of the right name that made this one. Else what speaks against them: `Holds` when it was
/// made by one that may not make any.
fn issuer_of<'a>(
    certificate: &Certificate,
    above: impl Iterator<Item = &'a Certificate>,
) -> std::result::Result<&'a Certificate, Outcome> {
    let mut against = Outcome::Fails;
    for issuer in above.take(NAMESAKES) {
        match certificate.check(issuer) {
            Outcome::Holds if issuer.is_authority => return Ok(issuer),
            Outcome::Fails => {}
            outcome => against = outcome,
        }
    }
    Err(against)
}

fn unknown_kind(certificate: &Certificate) -> String {
    format!("The certificate of {} was signed in a way that Isoscope does not know", certificate.subject.common_name())
}

fn valid(certificate: &Certificate, standing: Standing) -> Verdict {
    let name = match standing {
        Standing::Firmware(known) => known.name().to_owned(),
        _ => certificate.subject.common_name(),
    };
    Verdict::Valid { authority: Authority { name, standing, sha1: certificate.sha1, sha256: certificate.sha256 } }
}

/// The certificate that a signer names by issuer and number.
fn certificate_of<'a>(signer: &SignerInfo, certificates: &'a [Certificate]) -> Option<&'a Certificate> {
    certificates.iter().find(|certificate| certificate.issuer == signer.issuer && certificate.serial == signer.serial)
}

fn unreadable(error: &Error) -> Verdict {
    let place = error.offset().map(|offset| format!(" (at byte {offset})")).unwrap_or_default();
    Verdict::invalid(format!("It cannot be read: {}{place}", error.sentence()))
}
