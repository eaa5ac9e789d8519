//! The attribute certificate table at the end of a signed program (PE/COFF, "The attribute certificate table";
//! UEFI 2.10 §32.2.4).

use crate::disc::bytes::Fields;
use crate::disc::source::read_exact;
use crate::disc::{Diagnostics, Error, Result, Source, limits, text};

use super::header::Header;

const TABLE: &str = "attribute certificate table";
const ENTRY: &str = "attribute certificate";

/// Bytes of the fields before a certificate.
const HEADER_BYTES: usize = 8;

/// `WIN_CERT_TYPE_PKCS_SIGNED_DATA`: an Authenticode signature, the only kind that firmware checks.
pub const PKCS_SIGNED_DATA: u16 = 2;

/// An entry of the table (`WIN_CERTIFICATE`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeCertificate {
    /// Absolute byte offset of the entry.
    pub offset: u64,
    /// 0x0100 or 0x0200.
    pub revision: u16,
    /// [`PKCS_SIGNED_DATA`], or another kind.
    pub kind: u16,
    /// What follows the fields; padding may be at its end.
    pub data: Vec<u8>,
}

impl AttributeCertificate {
    /// Absolute byte offset of [`data`](Self::data).
    pub fn data_offset(&self) -> u64 {
        self.offset.saturating_add(HEADER_BYTES as u64)
    }
}

/// Reads all entries; none of a program without signature.
///
/// # Errors
/// `Damaged` when the table lies outside of the file, or already its first entry cannot be; `Limit` with more than
/// [`limits::CERTIFICATE_TABLE`] bytes. What is wrong behind a good entry is a complaint.
pub fn read(source: &dyn Source, header: &Header, diagnostics: &mut Diagnostics) -> Result<Vec<AttributeCertificate>> {
    let table = header.certificate_table;
    if !header.is_signed() {
        return Ok(Vec::new());
    }
    if table.end() > header.file_len {
        let message = format!(
            "The certificates should have {} bytes from byte {} on, but the file ends at byte {}, so they cannot be read",
            table.length, table.offset, header.file_len
        );
        return Err(Error::damaged(TABLE, table.offset, message));
    }
    if table.length > limits::CERTIFICATE_TABLE {
        return Err(Error::Limit {
            structure: TABLE,
            offset: table.offset,
            what: format!("A table of certificates of {}", text::size(table.length)),
            limit: text::size(limits::CERTIFICATE_TABLE),
        });
    }
    let mut bytes = vec![0; usize::try_from(table.length).unwrap_or_default()];
    read_exact(source, TABLE, table.offset, &mut bytes)?;
    let mut entries = Vec::new();
    let mut at = 0_usize;
    while let Some(rest) = bytes.get(at..).filter(|rest| rest.len() >= HEADER_BYTES) {
        let offset = table.offset.saturating_add(at as u64);
        if rest.iter().all(|byte| *byte == 0) && !entries.is_empty() {
            break;
        }
        if entries.len() >= limits::SIGNATURES {
            let message = format!("The program has more than {} signatures; only those are looked at", entries.len());
            diagnostics.warning(TABLE, offset, message);
            break;
        }
        match read_entry(rest, offset) {
            // Entries start at multiples of 8 bytes.
            Ok((entry, length)) => {
                entries.push(entry);
                at = at.saturating_add(length).next_multiple_of(8);
            }
            Err(error) if entries.is_empty() => return Err(error),
            Err(error) => {
                diagnostics.failure(&error);
                break;
            }
        }
    }
    if entries.is_empty() {
        return Err(Error::damaged(TABLE, table.offset, "The table of certificates is too short to hold any"));
    }
    Ok(entries)
}

/// The entry at the start of `rest`, and its length.
fn read_entry(rest: &[u8], offset: u64) -> Result<(AttributeCertificate, usize)> {
    let fields = Fields::new(rest, offset, ENTRY);
    let length = usize::try_from(fields.le32(0)?).unwrap_or(usize::MAX);
    let data =
        length.checked_sub(HEADER_BYTES).and_then(|len| fields.bytes(HEADER_BYTES, len).ok()).ok_or_else(|| {
            let message = format!("The certificate says that it has {length} bytes, but {} are left", rest.len());
            Error::damaged(ENTRY, offset, message)
        })?;
    Ok((AttributeCertificate { offset, revision: fields.le16(4)?, kind: fields.le16(6)?, data: data.to_vec() }, length))
}
