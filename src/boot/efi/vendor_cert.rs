//! The section `.vendor_cert` of shim: whose loaders and kernels it starts, and which of them it does not any more
//! (`cert.S` of shim).

use crate::disc::bytes::Fields;
use crate::disc::{Diagnostics, Result};

use super::der::tag;
use super::signature_list::SignatureLists;
use super::x509::Certificate;

const VENDOR_CERT: &str = ".vendor_cert section";

/// What a shim brings along.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VendorCertificates {
    /// What it starts: most often one certificate, sometimes a list.
    pub authorized: SignatureLists,
    /// What it does not start although a certificate speaks for it.
    pub deauthorized: SignatureLists,
}

impl VendorCertificates {
    /// Reads the bytes of the section, which stand at the absolute byte `offset`: two lengths and two offsets of 4 bytes
    /// each, the offsets counted from the start of the section.
    ///
    /// # Errors
    /// `Damaged` when what it points to lies outside of it, or cannot be read.
    pub fn parse(bytes: &[u8], offset: u64, diagnostics: &mut Diagnostics) -> Result<Self> {
        let fields = Fields::new(bytes, offset, VENDOR_CERT);
        let number = |at| fields.le32(at).map(|number| usize::try_from(number).unwrap_or(usize::MAX));
        let mut list = |length: usize, start: usize| -> Result<SignatureLists> {
            if length == 0 {
                return Ok(SignatureLists::default());
            }
            let (bytes, offset) = (fields.bytes(start, length)?, fields.offset_of(start));
            // A single certificate stands there as it is: a SEQUENCE, as which no identifier of a list begins.
            if bytes.starts_with(&[tag::SEQUENCE, 0x82]) {
                let certificates = vec![Certificate::read(bytes, offset)?];
                return Ok(SignatureLists { certificates, ..SignatureLists::default() });
            }
            SignatureLists::parse(bytes, offset, diagnostics)
        };
        Ok(Self { authorized: list(number(0)?, number(8)?)?, deauthorized: list(number(4)?, number(12)?)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shim_may_bring_nothing_and_may_not_point_outside() {
        let mut bytes = vec![0; 16];
        let parse = |bytes: &[u8]| VendorCertificates::parse(bytes, 50, &mut Diagnostics::default());
        assert_eq!(parse(&bytes).unwrap(), VendorCertificates::default());
        bytes[0] = 9;
        bytes[8] = 16;
        assert_eq!(parse(&bytes).unwrap_err().offset(), Some(50));
        assert!(parse(&bytes[..10]).is_err());
    }
}
