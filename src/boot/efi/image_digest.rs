//! Digests, and the one of a program that its signature is made for (Microsoft, "Windows Authenticode Portable Executable
//! Signature Format", "Calculating the PE Image Hash"; UEFI 2.10 §32.2.2).

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::disc::read_buffer::ReadBuffer;
use crate::disc::{Error, Extent, Result, Source};

use super::header::Header;
use super::oid;

/// Bytes read at a time. Between two reads the source can say that the job was cancelled.
const CHUNK: u64 = 256 << 10;

/// A way to digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// SHA-1: of old signatures, which firmware still takes.
    Sha1,
    /// SHA-256: of nearly all signatures, and of lists of revoked programs.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Algorithm {
    /// The one with this encoded identifier.
    pub fn from_oid(oid: &[u8]) -> Option<Self> {
        match oid {
            oid::SHA1 => Some(Self::Sha1),
            oid::SHA256 => Some(Self::Sha256),
            oid::SHA384 => Some(Self::Sha384),
            oid::SHA512 => Some(Self::Sha512),
            _ => None,
        }
    }

    /// The digest of `bytes`.
    pub fn digest(self, bytes: &[u8]) -> Vec<u8> {
        let mut hasher = Hasher::new(self);
        hasher.update(bytes);
        hasher.finish()
    }
}

impl std::fmt::Display for Algorithm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        })
    }
}

enum Hasher {
    Sha1(Sha1),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Hasher {
    fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Sha1 => Self::Sha1(Sha1::new()),
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
            Algorithm::Sha384 => Self::Sha384(Sha384::new()),
            Algorithm::Sha512 => Self::Sha512(Sha512::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha384(hasher) => hasher.update(bytes),
            Self::Sha512(hasher) => hasher.update(bytes),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Self::Sha1(hasher) => hasher.finalize().to_vec(),
            Self::Sha256(hasher) => hasher.finalize().to_vec(),
            Self::Sha384(hasher) => hasher.finalize().to_vec(),
            Self::Sha512(hasher) => hasher.finalize().to_vec(),
        }
    }
}

/// The digests of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageDigests(Vec<(Algorithm, Vec<u8>)>);

impl ImageDigests {
    /// Reads the whole file once, in pieces, for all `algorithms` and always SHA-256, by which lists of revoked programs
    /// name them.
    ///
    /// Covered is every byte but the checksum, the directory entry of the attribute certificate table, and that table. This is
    /// what firmware digests, and pesign shows. Signing a program of odd length first fills it up to a multiple of 8 bytes,
    /// so that the digest of the signed one is another.
    ///
    /// # Errors
    /// `Damaged` when the headers contradict the length of the file.
    pub fn read(source: &dyn Source, header: &Header, algorithms: &[Algorithm]) -> Result<Self> {
        let mut algorithms: Vec<_> = algorithms.iter().copied().chain([Algorithm::Sha256]).collect();
        algorithms.sort_unstable();
        algorithms.dedup();
        let mut hashers: Vec<_> = algorithms.iter().map(|algorithm| Hasher::new(*algorithm)).collect();
        let mut buffer = ReadBuffer::default();
        for piece in covered(header)? {
            let mut at = piece.offset;
            while at < piece.end() {
                let length = CHUNK.min(piece.end().saturating_sub(at));
                buffer.fill(source, "EFI program", Extent::new(at, length))?;
                if (buffer.bytes().len() as u64) < length {
                    return Err(Error::damaged("EFI program", at, "The file ends before the end of the program"));
                }
                hashers.iter_mut().for_each(|hasher| hasher.update(buffer.bytes()));
                at = at.saturating_add(length);
            }
        }
        Ok(Self(algorithms.into_iter().zip(hashers.into_iter().map(Hasher::finish)).collect()))
    }

    /// The digest of this kind; `None` when it was not asked for.
    pub fn get(&self, algorithm: Algorithm) -> Option<&[u8]> {
        self.0.iter().find(|(kind, _)| *kind == algorithm).map(|(_, digest)| digest.as_slice())
    }

    /// The SHA-256.
    pub fn sha256(&self) -> [u8; 32] {
        self.get(Algorithm::Sha256).and_then(|digest| digest.first_chunk().copied()).unwrap_or_default()
    }

    /// All that were worked out.
    pub fn all(&self) -> impl Iterator<Item = (Algorithm, &[u8])> {
        self.0.iter().map(|(algorithm, digest)| (*algorithm, digest.as_slice()))
    }
}

/// The pieces of the file that are digested, in their order.
fn covered(header: &Header) -> Result<Vec<Extent>> {
    let end = header.file_len;
    // What is left out: bytes that signing itself changes.
    let mut holes = vec![Extent::new(header.checksum_at, 4)];
    holes.extend(header.certificate_entry_at.map(|at| Extent::new(at, 8)));
    if header.is_signed() {
        holes.push(header.certificate_table);
    }
    let mut pieces = Vec::with_capacity(4);
    let mut at = 0;
    for hole in holes {
        if hole.offset < at || hole.end() > end {
            let message =
                format!("The bytes from {} to {} overlap others or lie behind the end", hole.offset, hole.end());
            return Err(Error::damaged("PE optional header", header.offset, message));
        }
        pieces.push(Extent::new(at, hole.offset.saturating_sub(at)));
        at = hole.end();
    }
    pieces.push(Extent::new(at, end.saturating_sub(at)));
    Ok(pieces)
}

/// What about the layout of a program makes firmware digest other bytes than stand in the file: it takes the headers, one
/// section after the other, and what follows the last one; the table of certificates must be the end. `None` when that is
/// the whole file in its order.
///
/// Where there is a gap, no signature covers it; programs like that are refused by some firmware.
pub fn odd_layout(header: &Header) -> Option<String> {
    let mut sections: Vec<Extent> = header.sections.iter().map(|section| section.raw).collect();
    sections.retain(|raw| raw.length > 0);
    sections.sort_by_key(|raw| raw.offset);
    let mut at = u64::from(header.size_of_headers);
    for raw in sections {
        if raw.offset != at {
            let what = if raw.offset > at { "belong to no section" } else { "belong to two parts of the program" };
            return Some(format!("The bytes between {at} and {} {what}", raw.offset));
        }
        at = raw.end();
    }
    let end = if header.is_signed() { header.certificate_table.offset } else { header.file_len };
    if at > end {
        return Some(format!("The sections go on to byte {at}, but the program ends at byte {end}"));
    }
    let behind = header.file_len.saturating_sub(header.certificate_table.end());
    if header.is_signed() && behind > 0 {
        return Some(format!("{behind} bytes follow the table of certificates, which should be the end"));
    }
    None
}
