//! What an Authenticode signature holds: SignedData of PKCS #7 (RFC 2315 §9; RFC 5652 §5), with the digest of the program
//! as its content (Microsoft, "Windows Authenticode Portable Executable Signature Format").

use crate::disc::time::Timestamp;
use crate::disc::{Diagnostics, Result, limits};

use super::der::{Reader, Value, tag};
use super::image_digest::Algorithm;
use super::oid;
use super::public_key::SignatureAlgorithm;
use super::x509::{Certificate, Name, time};

const SIGNED_DATA: &str = "PKCS #7 signature";

/// Signers of one signature, and attributes of one signer, that are looked at. Authenticode has one signer.
const SIGNERS: usize = 4;
const ATTRIBUTES: usize = 64;

/// A signature as it stands in the file; nothing of it was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedData {
    /// The digest that the program is said to have.
    pub claim: Claim,
    /// What the signers signed: the content without its tag and length, as PKCS #7 has it.
    pub content: Vec<u8>,
    /// The certificates that came along.
    pub certificates: Vec<Certificate>,
    /// Who signed it.
    pub signers: Vec<SignerInfo>,
}

/// The digest of a program, as its signature gives it (SpcIndirectDataContent).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// How it was made; `None` when Isoscope does not know that way.
    pub algorithm: Option<Algorithm>,
    /// The digest.
    pub digest: Vec<u8>,
    /// Absolute byte offset of the digest.
    pub offset: u64,
}

/// One signer (RFC 5652 §5.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerInfo {
    /// Absolute byte offset.
    pub offset: u64,
    /// Who issued the signer's certificate.
    pub issuer: Name,
    /// The number of that certificate.
    pub serial: Vec<u8>,
    /// The way in which the content was digested.
    pub digest_algorithm: Option<Algorithm>,
    /// The attributes that were signed instead of the content; `None` when it was the content itself.
    pub attributes: Option<SignedAttributes>,
    /// How the signature was made.
    pub signature_algorithm: SignatureAlgorithm,
    /// The signature.
    pub signature: Vec<u8>,
}

/// Attributes that a signer signed (RFC 5652 §11).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignedAttributes {
    /// The bytes that the signature covers: the attributes with the tag of a SET (RFC 5652 §5.4).
    pub signed: Vec<u8>,
    /// The kind of the content, encoded.
    pub content_type: Vec<u8>,
    /// The digest of the content.
    pub message_digest: Vec<u8>,
    /// When it was signed, as the signer says.
    pub signing_time: Option<Timestamp>,
}

impl SignedData {
    /// Reads the signature that stands at the absolute byte `offset`.
    ///
    /// # Errors
    /// `Damaged` where it cannot be a signature of a program. A certificate that cannot be read is a complaint only.
    pub fn read(bytes: &[u8], offset: u64, diagnostics: &mut Diagnostics) -> Result<Self> {
        let outer = Reader::new(bytes, offset, SIGNED_DATA).expect(tag::SEQUENCE, "signature")?;
        let mut fields = outer.inside();
        // Old tools leave out the ContentInfo around it, and firmware adds it then.
        if fields.peek() == Some(tag::OBJECT_IDENTIFIER) {
            let kind = fields.any("kind")?;
            if kind.content != oid::SIGNED_DATA {
                let message = format!("This is of kind {}, and not a signature", oid::dotted(kind.content));
                return Err(fields.damage(&message));
            }
            let explicit = fields.expect(tag::constructed(0), "signature")?;
            fields = explicit.inside().expect(tag::SEQUENCE, "signature")?.inside();
        }
        fields.expect(tag::INTEGER, "version")?;
        fields.expect(tag::SET, "list of digest algorithms")?;
        let (claim, content) = read_content(&fields.expect(tag::SEQUENCE, "signed content")?)?;
        let mut certificates = Vec::new();
        if let Some(list) = fields.optional(tag::constructed(0))? {
            read_certificates(&list, &mut certificates, diagnostics)?;
        }
        fields.optional(tag::constructed(1))?; // Lists of revoked certificates, which nobody looks at.
        let mut signers = Vec::new();
        let mut list = fields.expect(tag::SET, "list of signers")?.inside();
        while let Some(signer) = list.next_value()? {
            if signers.len() >= SIGNERS {
                return Err(list.damage("The signature has too many signers"));
            }
            signers.push(SignerInfo::read(&signer)?);
        }
        Ok(Self { claim, content, certificates, signers })
    }
}

/// The digest of the program, and the bytes that were signed.
fn read_content(info: &Value<'_>) -> Result<(Claim, Vec<u8>)> {
    let mut fields = info.inside();
    let kind = fields.expect(tag::OBJECT_IDENTIFIER, "kind of the signed content")?;
    if kind.content != oid::SPC_INDIRECT_DATA {
        let message =
            format!("The signed content is of kind {}, and no digest of a program", oid::dotted(kind.content));
        return Err(fields.damage(&message));
    }
    let mut content = fields.expect(tag::constructed(0), "signed content")?.inside().any("signed content")?;
    let signed = content.content.to_vec();
    if content.tag == tag::OCTET_STRING {
        // As CMS has it, which came after Authenticode.
        content = content.inside().expect(tag::SEQUENCE, "signed content")?;
    }
    let mut fields = content.inside();
    fields.expect(tag::SEQUENCE, "kind of the signed data")?;
    let mut info = fields.expect(tag::SEQUENCE, "digest of the program")?.inside();
    let algorithm = read_digest_algorithm(&mut info)?;
    let digest = info.expect(tag::OCTET_STRING, "digest of the program")?;
    Ok((Claim { algorithm, digest: digest.content.to_vec(), offset: digest.offset }, signed))
}

fn read_digest_algorithm(fields: &mut Reader<'_>) -> Result<Option<Algorithm>> {
    let identifier = fields.expect(tag::SEQUENCE, "digest algorithm")?;
    let kind = identifier.inside().expect(tag::OBJECT_IDENTIFIER, "digest algorithm")?;
    Ok(Algorithm::from_oid(kind.content))
}

fn read_certificates(list: &Value<'_>, into: &mut Vec<Certificate>, diagnostics: &mut Diagnostics) -> Result<()> {
    let mut list = list.inside();
    while let Some(value) = list.next_value()? {
        if into.len() >= limits::CERTIFICATES {
            let message = format!("The signature has more than {} certificates; the others are not used", into.len());
            diagnostics.warning(SIGNED_DATA, list.offset(), message);
            return Ok(());
        }
        // Other kinds than certificates have tags of their own (RFC 5652 §10.2.2).
        if value.tag == tag::SEQUENCE {
            into.extend(diagnostics.salvage(Certificate::from_value(&value))?);
        }
    }
    Ok(())
}

impl SignerInfo {
    fn read(value: &Value<'_>) -> Result<Self> {
        let mut fields = value.inside();
        fields.expect(tag::INTEGER, "version of the signer")?;
        let mut certificate = fields.expect(tag::SEQUENCE, "certificate of the signer")?.inside();
        let issuer = Name::read(&certificate.expect(tag::SEQUENCE, "issuer of the signer")?)?;
        let serial = certificate.expect(tag::INTEGER, "serial number of the signer")?.content.to_vec();
        let digest_algorithm = read_digest_algorithm(&mut fields)?;
        let attributes = match fields.optional(tag::constructed(0))? {
            Some(list) => Some(SignedAttributes::read(&list)?),
            None => None,
        };
        let algorithm = SignatureAlgorithm::read(&fields.expect(tag::SEQUENCE, "signature algorithm")?)?;
        let signature = fields.expect(tag::OCTET_STRING, "signature of the signer")?.content.to_vec();
        Ok(Self {
            offset: value.offset,
            issuer,
            serial,
            digest_algorithm,
            attributes,
            signature_algorithm: algorithm.with_digest(digest_algorithm),
            signature,
        })
    }
}

impl SignedAttributes {
    fn read(list: &Value<'_>) -> Result<Self> {
        let mut signed = list.whole.to_vec();
        if let Some(first) = signed.first_mut() {
            *first = tag::SET;
        }
        let mut read = Self { signed, ..Self::default() };
        let mut attributes = list.inside();
        for _ in 0..ATTRIBUTES {
            let Some(attribute) = attributes.next_value()? else { break };
            let mut fields = attribute.inside();
            let kind = fields.expect(tag::OBJECT_IDENTIFIER, "kind of a signed attribute")?;
            let mut values = fields.expect(tag::SET, "signed attribute")?.inside();
            let Some(value) = values.next_value()? else { continue };
            match kind.content {
                oid::MESSAGE_DIGEST => read.message_digest = value.content.to_vec(),
                oid::CONTENT_TYPE => read.content_type = value.content.to_vec(),
                oid::SIGNING_TIME => read.signing_time = time(&value),
                _ => {}
            }
        }
        Ok(read)
    }
}
