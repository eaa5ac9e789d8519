//! What a digest was made with, as lists and the names of their files say it.

use crate::verify::digest::Algorithm;

/// What a digest was made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// One of those that Isoscope makes.
    Known(Algorithm),
    /// Another one, in the words of the list.
    Other(String),
}

/// How the names of digests begin that are not made here, in upper case without hyphens.
const OTHERS: [&str; 16] = [
    "BLAKE2",
    "SHA3",
    "SHAKE",
    "SHA512/",
    "KECCAK",
    "RIPEMD",
    "RMD",
    "WHIRLPOOL",
    "SM3",
    "MD4",
    "MD2",
    "CRC",
    "TIGER",
    "STREEBOG",
    "GOST",
    "XXH",
];

/// Characters of the longest name of a digest.
const LONGEST: usize = 16;

impl Named {
    /// What `text` names, which has to be nothing but the name of a digest.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let starts = text.starts_with(|c: char| c.is_ascii_alphabetic());
        if text.len() > LONGEST || !starts || !text.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_/".contains(&c)) {
            return None;
        }
        // OpenSSL calls the truncated SHA-512 so, which is another digest than SHA-256.
        let truncated = ["SHA512-256", "SHA512-224", "SHA2-512/256", "SHA2-512/224"];
        if !truncated.iter().any(|name| name.eq_ignore_ascii_case(text))
            && let Ok(algorithm) = text.parse()
        {
            return Some(Self::Known(algorithm));
        }
        let plain = text.to_ascii_uppercase().replace(['-', '_'], "");
        let is_other = OTHERS.iter().any(|other| plain.starts_with(other)) || plain.starts_with("SHA2512/");
        let is_other = is_other || truncated.iter().any(|name| name.eq_ignore_ascii_case(text));
        is_other.then(|| Self::Other(text.to_owned()))
    }

    /// What the name of a list says of the digests in it: its extension first, then the rest of it.
    pub(super) fn of_file(name: &str) -> Option<Self> {
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        [extension, &name].into_iter().find_map(|text| {
            let known = |slug: &str| text.contains(slug);
            if known("blake3") || known("b3sum") || text == "b3" {
                return Some(Self::Known(Algorithm::Blake3));
            }
            if known("blake2") || known("b2sum") || text == "b2" {
                return Some(Self::Other("BLAKE2".to_owned()));
            }
            if known("sha3-") || known("sha3_") || known("sha3sum") {
                return Some(Self::Other("SHA-3".to_owned()));
            }
            // The longest first, as “sha1” is the beginning of nothing else that occurs.
            let plain = text.replace(['-', '_'], "");
            let mut all = Algorithm::ALL.into_iter().rev().filter(|algorithm| *algorithm != Algorithm::Blake3);
            all.find(|algorithm| plain.contains(algorithm.slug())).map(Self::Known)
        })
    }
}

/// The digest alone, to be given to whoever asks for all that come into question.
pub(super) fn only(algorithm: Algorithm) -> &'static [Algorithm] {
    match algorithm {
        Algorithm::Md5 => &[Algorithm::Md5],
        Algorithm::Sha1 => &[Algorithm::Sha1],
        Algorithm::Sha224 => &[Algorithm::Sha224],
        Algorithm::Sha256 => &[Algorithm::Sha256],
        Algorithm::Sha384 => &[Algorithm::Sha384],
        Algorithm::Sha512 => &[Algorithm::Sha512],
        Algorithm::Blake3 => &[Algorithm::Blake3],
    }
}

/// What a digest of so many bytes may have been made with, the most likely first.
pub(super) fn by_length(bytes: usize) -> &'static [Algorithm] {
    match bytes {
        16 => &[Algorithm::Md5],
        20 => &[Algorithm::Sha1],
        28 => &[Algorithm::Sha224],
        32 => &[Algorithm::Sha256, Algorithm::Blake3],
        48 => &[Algorithm::Sha384],
        64 => &[Algorithm::Sha512],
        _ => &[],
    }
}
