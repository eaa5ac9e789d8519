//! The digests that are made of images and files, and the one way to make each of them.

use md5::Digest as _;

use crate::disc::text;

/// A way to make a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// MD5 (RFC 1321). Finds accidents, and no intent.
    Md5,
    /// SHA-1 (FIPS 180-4). Finds accidents, and no intent.
    Sha1,
    /// SHA-224 (FIPS 180-4).
    Sha224,
    /// SHA-256 (FIPS 180-4).
    Sha256,
    /// SHA-384 (FIPS 180-4).
    Sha384,
    /// SHA-512 (FIPS 180-4).
    Sha512,
    /// BLAKE3 with its usual 32 bytes.
    Blake3,
}

impl Algorithm {
    /// All of them, the shortest first.
    pub const ALL: [Self; 7] =
        [Self::Md5, Self::Sha1, Self::Sha224, Self::Sha256, Self::Sha384, Self::Sha512, Self::Blake3];

    /// Those that are made of every image: what people publish.
    pub const USUAL: [Self; 5] = [Self::Md5, Self::Sha1, Self::Sha256, Self::Sha512, Self::Blake3];

    /// The name on the command line and in JSON.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
            Self::Blake3 => "blake3",
        }
    }

    /// The name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Blake3 => "BLAKE3",
        }
    }

    /// The name in checksum files in the form of BSD: `SHA256 (name) = …`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA1",
            Self::Sha224 => "SHA224",
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
            Self::Blake3 => "BLAKE3",
        }
    }

    /// Bytes of a digest: half as many as it has hexadecimal digits.
    pub fn digest_len(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 | Self::Blake3 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// True when nobody is known to be able to make other data with the same digest.
    pub fn resists_intent(self) -> bool {
        !matches!(self, Self::Md5 | Self::Sha1)
    }
}

impl std::fmt::Display for Algorithm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.label())
    }
}

impl serde::Serialize for Algorithm {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.slug())
    }
}

/// Takes `sha256`, `SHA-256`, `SHA2-256` and `SHA_256` alike. The error is the text that names no digest.
impl std::str::FromStr for Algorithm {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let plain: String = text.chars().filter(|c| !matches!(c, '-' | '_')).collect::<String>().to_ascii_lowercase();
        let plain = match plain.strip_prefix("sha2") {
            Some(bits @ ("224" | "256" | "384" | "512")) => format!("sha{bits}"),
            _ => plain,
        };
        Self::ALL.into_iter().find(|algorithm| algorithm.slug() == plain).ok_or_else(|| text.to_owned())
    }
}

/// A digest and what it was made with. Displayed as lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Digest {
    /// What it was made with.
    pub algorithm: Algorithm,
    /// Its bytes, [`Algorithm::digest_len`] of them.
    pub bytes: Vec<u8>,
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&text::hex(&self.bytes))
    }
}

impl Digest {
    /// The digest that `digits` write; `None` when they are not as many hexadecimal ones as it takes.
    pub fn parse(algorithm: Algorithm, digits: &str) -> Option<Self> {
        let bytes = text::from_hex(digits).filter(|bytes| bytes.len() == algorithm.digest_len())?;
        Some(Self { algorithm, bytes })
    }
}

/// A digest that is being made.
pub trait Hasher: Send {
    /// The next bytes.
    fn update(&mut self, bytes: &[u8]);

    /// The digest of all that was given.
    fn finish(self: Box<Self>) -> Digest;
}

/// Begins a digest.
pub fn hasher(algorithm: Algorithm) -> Box<dyn Hasher> {
    match algorithm {
        Algorithm::Md5 => Box::new(Plain { algorithm, state: md5::Md5::new() }),
        Algorithm::Sha1 => Box::new(Plain { algorithm, state: sha1::Sha1::new() }),
        Algorithm::Sha224 => Box::new(Plain { algorithm, state: sha2::Sha224::new() }),
        Algorithm::Sha256 => Box::new(Plain { algorithm, state: sha2::Sha256::new() }),
        Algorithm::Sha384 => Box::new(Plain { algorithm, state: sha2::Sha384::new() }),
        Algorithm::Sha512 => Box::new(Plain { algorithm, state: sha2::Sha512::new() }),
        Algorithm::Blake3 => Box::new(blake3::Hasher::new()),
    }
}

/// The digests of one family of crates.
struct Plain<D> {
    algorithm: Algorithm,
    state: D,
}

impl<D: md5::Digest + Send> Hasher for Plain<D> {
    fn update(&mut self, bytes: &[u8]) {
        self.state.update(bytes);
    }

    fn finish(self: Box<Self>) -> Digest {
        Digest { algorithm: self.algorithm, bytes: self.state.finalize().to_vec() }
    }
}

impl Hasher for blake3::Hasher {
    fn update(&mut self, bytes: &[u8]) {
        blake3::Hasher::update(self, bytes);
    }

    fn finish(self: Box<Self>) -> Digest {
        Digest { algorithm: Algorithm::Blake3, bytes: self.finalize().as_bytes().to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_digest_is_the_one_of_its_standard() {
        // Of “abc”, as the standards themselves print it.
        let known = [
            (Algorithm::Md5, "900150983cd24fb0d6963f7d28e17f72"),
            (Algorithm::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (Algorithm::Sha224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
            (Algorithm::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                Algorithm::Sha384,
                "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
            ),
            (
                Algorithm::Sha512,
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                 2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            ),
            (Algorithm::Blake3, "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"),
        ];
        assert_eq!(known.len(), Algorithm::ALL.len());
        for (algorithm, digest) in known {
            let mut hasher = hasher(algorithm);
            hasher.update(b"a");
            hasher.update(b"bc");
            let made = hasher.finish();
            assert_eq!((made.to_string().as_str(), made.bytes.len()), (digest, algorithm.digest_len()));
        }
    }

    #[test]
    fn every_digest_is_found_by_its_names() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.slug().parse(), Ok(algorithm));
            assert_eq!(algorithm.label().parse(), Ok(algorithm));
        }
        assert_eq!("SHA2-256".parse(), Ok(Algorithm::Sha256));
        assert_eq!("sha_512".parse(), Ok(Algorithm::Sha512));
        for wrong in ["", "sha", "sha2", "sha3-256", "sha2-1", "blake2b", "sha512/256"] {
            assert!(wrong.parse::<Algorithm>().is_err(), "{wrong}");
        }
    }
}
