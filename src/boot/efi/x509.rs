//! Certificates (RFC 5280 §4.1): whose key it is, who says so, and whether that one really said so.

use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::disc::time::{Civil, Precision, Timestamp};
use crate::disc::{Result, text};

use super::der::{Reader, Value, tag};
use super::oid;
use super::public_key::{Outcome, PublicKey, SignatureAlgorithm};

const CERTIFICATE: &str = "certificate";

/// Parts of a name that are shown. Real ones have fewer than ten.
const NAME_PARTS: usize = 32;

/// Extensions of a certificate that are looked at. Real ones have fewer than twenty.
const EXTENSIONS: usize = 64;

/// The name of somebody (RFC 5280 §4.1.2.4).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name {
    der: Vec<u8>,
    parts: Vec<(String, String)>,
}

impl Name {
    /// The name in a value. Parts that cannot be read are passed over: names are compared by their bytes.
    pub fn read(value: &Value<'_>) -> Result<Self> {
        let mut parts = Vec::new();
        let mut sets = value.inside();
        while let Some(set) = sets.next_value()?.filter(|_| parts.len() < NAME_PARTS) {
            let mut pairs = set.inside();
            while let Some(pair) = pairs.next_value()?.filter(|_| parts.len() < NAME_PARTS) {
                let mut fields = pair.inside();
                let kind = fields.expect(tag::OBJECT_IDENTIFIER, "kind of a part of a name")?.content;
                let value = fields.any("part of a name")?;
                let kind = oid::name_part(kind).map_or_else(|| oid::dotted(kind), str::to_owned);
                parts.push((kind, string(&value)));
            }
        }
        Ok(Self { der: value.whole.to_vec(), parts })
    }

    /// Its common name, else the whole name.
    pub fn common_name(&self) -> String {
        let common = self.parts.iter().rfind(|(kind, _)| kind == "CN");
        common.map_or_else(|| self.to_string(), |(_, name)| name.clone())
    }

    /// Its parts in their order: kind, such as `CN`, and value.
    pub fn parts(&self) -> &[(String, String)] {
        &self.parts
    }

    /// The encoded bytes.
    pub fn der(&self) -> &[u8] {
        &self.der
    }
}

/// As `CN=Debian Secure Boot CA, O=…`, with the parts in the order of the certificate.
impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, (kind, value)) in self.parts.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{kind}={value}")?;
        }
        Ok(())
    }
}

/// A string of any kind as text (RFC 5280 §4.1.2.4, DirectoryString).
fn string(value: &Value<'_>) -> String {
    let decoded = match value.tag {
        tag::BMP_STRING => text::utf16_be(value.content),
        _ => text::utf8(value.content),
    };
    text::display(&decoded.text).into_owned()
}

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Absolute byte offset at which it was read.
    pub offset: u64,
    /// All its bytes.
    pub der: Vec<u8>,
    /// Whose key it is.
    pub subject: Name,
    /// Who says so.
    pub issuer: Name,
    /// Number that the issuer gave it, big-endian.
    pub serial: Vec<u8>,
    /// From when it is valid; `None` when that is no date.
    pub not_before: Option<Timestamp>,
    /// Until when it is valid. A fact only: firmware does not look at it.
    pub not_after: Option<Timestamp>,
    /// True when it may vouch for others (RFC 5280 §4.2.1.9).
    pub is_authority: bool,
    /// Its key.
    pub key: PublicKey,
    /// SHA-1 of all its bytes, the thumbprint that Windows shows.
    pub sha1: [u8; 20],
    /// SHA-256 of all its bytes.
    pub sha256: [u8; 32],
    /// SHA-256 of what the issuer signed, by which lists of revoked certificates name it (UEFI 2.10 §32.4.1).
    pub signed_sha256: [u8; 32],
    /// What the issuer signed.
    signed: Vec<u8>,
    algorithm: SignatureAlgorithm,
    signature: Vec<u8>,
}

impl Certificate {
    /// The certificate at the start of `bytes`, which stand at the absolute byte `offset`; further bytes are left alone.
    pub fn read(bytes: &[u8], offset: u64) -> Result<Self> {
        Self::from_value(&Reader::new(bytes, offset, CERTIFICATE).expect(tag::SEQUENCE, CERTIFICATE)?)
    }

    /// The certificate that is this value.
    pub fn from_value(value: &Value<'_>) -> Result<Self> {
        let mut outer = value.inside();
        let signed = outer.expect(tag::SEQUENCE, "signed part of the certificate")?;
        let algorithm = outer.expect(tag::SEQUENCE, "signature algorithm")?;
        let signature = outer.expect(tag::BIT_STRING, "signature of the certificate")?;
        let mut fields = signed.inside();
        fields.optional(tag::constructed(0))?; // The version.
        let serial = fields.expect(tag::INTEGER, "serial number")?;
        fields.expect(tag::SEQUENCE, "signature algorithm")?;
        let issuer = fields.expect(tag::SEQUENCE, "issuer")?;
        let mut validity = fields.expect(tag::SEQUENCE, "validity")?.inside();
        let subject = fields.expect(tag::SEQUENCE, "subject")?;
        let key = fields.expect(tag::SEQUENCE, "public key")?;
        let mut is_authority = false;
        while let Some(field) = fields.next_value()? {
            if field.tag == tag::constructed(3) {
                is_authority = vouches_for_others(&field)?;
            }
        }
        let offset = value.end().saturating_sub(value.whole.len() as u64);
        Ok(Self {
            offset,
            der: value.whole.to_vec(),
            subject: Name::read(&subject)?,
            issuer: Name::read(&issuer)?,
            serial: serial.content.to_vec(),
            not_before: time(&validity.any("start of the validity")?),
            not_after: time(&validity.any("end of the validity")?),
            is_authority,
            key: PublicKey::read(&key)?,
            sha1: Sha1::digest(value.whole).into(),
            sha256: Sha256::digest(value.whole).into(),
            signed_sha256: Sha256::digest(signed.whole).into(),
            signed: signed.whole.to_vec(),
            algorithm: SignatureAlgorithm::read(&algorithm)?,
            signature: signature.bits()?.to_vec(),
        })
    }

    /// Whether `issuer`'s key signed this certificate. Names are not compared.
    pub fn check(&self, issuer: &Certificate) -> Outcome {
        issuer.key.check(&self.algorithm, &self.signed, &self.signature)
    }

    /// True when it names itself as its issuer.
    pub fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }
}

/// The extension basicConstraints among those of a certificate.
fn vouches_for_others(extensions: &Value<'_>) -> Result<bool> {
    let mut list = extensions.inside().expect(tag::SEQUENCE, "extensions")?.inside();
    for _ in 0..EXTENSIONS {
        let Some(extension) = list.next_value()? else { break };
        let mut fields = extension.inside();
        let kind = fields.expect(tag::OBJECT_IDENTIFIER, "kind of an extension")?;
        fields.optional(tag::BOOLEAN)?; // Whether it is critical.
        let value = fields.expect(tag::OCTET_STRING, "extension")?;
        if kind.content == oid::BASIC_CONSTRAINTS {
            let mut constraints = value.inside().expect(tag::SEQUENCE, "basic constraints")?.inside();
            return Ok(constraints
                .optional(tag::BOOLEAN)?
                .is_some_and(|flag| flag.content.iter().any(|byte| *byte != 0)));
        }
    }
    Ok(false)
}

/// A moment (RFC 5280 §4.1.2.5): `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`. `None` when it is none.
pub fn time(value: &Value<'_>) -> Option<Timestamp> {
    let digits = std::str::from_utf8(value.content).ok()?.strip_suffix('Z')?;
    let (year, rest) = match value.tag {
        tag::UTC_TIME => {
            let (year, rest) = digits.split_at_checked(2)?;
            let year: i64 = year.parse().ok()?;
            (if year < 50 { year.saturating_add(2000) } else { year.saturating_add(1900) }, rest)
        }
        tag::GENERALIZED_TIME => {
            let (year, rest) = digits.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let part = |at: usize| rest.get(at..at.checked_add(2)?)?.parse().ok();
    let civil = Civil { year, month: part(0)?, day: part(2)?, hour: part(4)?, minute: part(6)?, second: part(8)? };
    Timestamp::new(civil, 0, 0, Precision::Second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(bytes: &[u8]) -> Option<String> {
        let value = Reader::new(bytes, 0, "test").any("time").unwrap();
        time(&value).map(|time| time.to_string())
    }

    #[test]
    fn years_of_two_digits_are_of_this_century_below_fifty() {
        assert_eq!(moment(b"\x17\x0d110627212245Z").unwrap(), "2011-06-27T21:22:45+00:00");
        assert_eq!(moment(b"\x17\x0d990627212245Z").unwrap(), "1999-06-27T21:22:45+00:00");
        assert_eq!(moment(b"\x18\x0f20500627212245Z").unwrap(), "2050-06-27T21:22:45+00:00");
        assert_eq!(moment(b"\x17\x0d991327212245Z"), None);
        assert_eq!(moment(b"\x17\x03\xff\xffZ"), None);
    }

    #[test]
    fn names_are_read_in_the_order_of_the_certificate() {
        let bytes =
            b"\x30\x1b\x31\x0b\x30\x09\x06\x03\x55\x04\x06\x13\x02DE\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03A\x1bB";
        let name = Name::read(&Reader::new(bytes, 0, "test").any("name").unwrap()).unwrap();
        assert_eq!(name.to_string(), "C=DE, CN=A\\x1bB");
        assert_eq!(name.common_name(), "A\\x1bB");
    }
}
