//! Public keys, and the mathematics of signatures.

use rsa::{BoxedUint, Pkcs1v15Sign, PublicKey as RsaKey};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use crate::disc::Result;

use super::der::{Value, tag};
use super::image_digest::Algorithm;
use super::oid;

/// A key of a certificate (RFC 5280 §4.1.2.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// An RSA key (RFC 8017 appendix A.1.1).
    Rsa {
        /// The modulus, big-endian, without zeros in front.
        modulus: Vec<u8>,
        /// The public exponent, big-endian, without zeros in front.
        exponent: Vec<u8>,
    },
    /// A key of another kind: its identifier with dots.
    Other(String),
}

/// How a signature was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// RSA with PKCS #1 v1.5 (RFC 8017 §8.2) over this digest.
    RsaPkcs1(Algorithm),
    /// RSA with PKCS #1 v1.5 over a digest that is named elsewhere.
    Rsa,
    /// Another way: its identifier with dots.
    Other(String),
}

/// What became of checking a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The key made this signature.
    Holds,
    /// The key did not make this signature.
    Fails,
    /// Isoscope does not know this kind of signature or key.
    Unknown,
}

impl SignatureAlgorithm {
    /// The algorithm of an AlgorithmIdentifier (RFC 5280 §4.1.1.2).
    pub fn read(identifier: &Value<'_>) -> Result<Self> {
        let oid = identifier.inside().expect(tag::OBJECT_IDENTIFIER, "signature algorithm")?.content;
        Ok(match oid {
            oid::RSA => Self::Rsa,
            oid::SHA1_WITH_RSA => Self::RsaPkcs1(Algorithm::Sha1),
            oid::SHA256_WITH_RSA => Self::RsaPkcs1(Algorithm::Sha256),
            oid::SHA384_WITH_RSA => Self::RsaPkcs1(Algorithm::Sha384),
            oid::SHA512_WITH_RSA => Self::RsaPkcs1(Algorithm::Sha512),
            other => Self::Other(oid::dotted(other)),
        })
    }

    /// The same, with the digest that the structure around it names.
    pub fn with_digest(self, digest: Option<Algorithm>) -> Self {
        match (self, digest) {
            (Self::Rsa, Some(digest)) => Self::RsaPkcs1(digest),
            (own, _) => own,
        }
    }
}

impl PublicKey {
    /// The key of a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
    pub fn read(info: &Value<'_>) -> Result<Self> {
        let mut fields = info.inside();
        let algorithm = fields.expect(tag::SEQUENCE, "algorithm of the public key")?;
        let oid = algorithm.inside().expect(tag::OBJECT_IDENTIFIER, "algorithm of the public key")?.content;
        if oid != oid::RSA {
            return Ok(Self::Other(oid::dotted(oid)));
        }
        let key = fields.expect(tag::BIT_STRING, "public key")?;
        let mut fields = super::der::Reader::new(key.bits()?, key.offset.saturating_add(1), "certificate");
        let mut numbers = fields.expect(tag::SEQUENCE, "RSA key")?.inside();
        let modulus = numbers.expect(tag::INTEGER, "modulus")?.unsigned().to_vec();
        let exponent = numbers.expect(tag::INTEGER, "public exponent")?.unsigned().to_vec();
        Ok(Self::Rsa { modulus, exponent })
    }

    /// Length of the modulus in bits; 0 for keys other than RSA.
    pub fn bits(&self) -> usize {
        match self {
            Self::Rsa { modulus, .. } => {
                let odd = modulus.first().map_or(0, |first| first.leading_zeros());
                modulus.len().saturating_mul(8).saturating_sub(usize::try_from(odd).unwrap_or_default())
            }
            Self::Other(_) => 0,
        }
    }

    /// Whether `signature` was made with this key over `bytes`.
    pub fn check(&self, algorithm: &SignatureAlgorithm, bytes: &[u8], signature: &[u8]) -> Outcome {
        let (Self::Rsa { modulus, exponent }, SignatureAlgorithm::RsaPkcs1(digest)) = (self, algorithm) else {
            return Outcome::Unknown;
        };
        // The library takes keys of 1024 to 8192 bits, and exponents of up to 33.
        if exponent.len() > 5 || !(128..=1024).contains(&modulus.len()) {
            return Outcome::Unknown;
        }
        let number = BoxedUint::from_be_slice_vartime;
        let Ok(key) = RsaKey::new(number(modulus), number(exponent)) else { return Outcome::Unknown };
        let padding = match digest {
            Algorithm::Sha1 => Pkcs1v15Sign::new::<Sha1>(),
            Algorithm::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
            Algorithm::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
            Algorithm::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
        };
        match key.verify(padding, &digest.digest(bytes), signature) {
            Ok(()) => Outcome::Holds,
            Err(_) => Outcome::Fails,
        }
    }
}
