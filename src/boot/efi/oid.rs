//! Object identifiers (X.660) as they are encoded: of algorithms, attributes, and the parts of names.

/// signedData (RFC 5652 §5.1), 1.2.840.113549.1.7.2.
pub const SIGNED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
/// SPC_INDIRECT_DATA_OBJID (Windows Authenticode PE Signature Format), 1.3.6.1.4.1.311.2.1.4.
pub const SPC_INDIRECT_DATA: &[u8] = b"\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x04";
/// messageDigest (RFC 5652 §11.2), 1.2.840.113549.1.9.4.
pub const MESSAGE_DIGEST: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04";
/// contentType (RFC 5652 §11.1), 1.2.840.113549.1.9.3.
pub const CONTENT_TYPE: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03";
/// signingTime (RFC 5652 §11.3), 1.2.840.113549.1.9.5.
pub const SIGNING_TIME: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05";
/// rsaEncryption (RFC 8017 appendix A.1), 1.2.840.113549.1.1.1.
pub const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
/// sha1WithRSAEncryption, 1.2.840.113549.1.1.5.
pub const SHA1_WITH_RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05";
/// sha256WithRSAEncryption, 1.2.840.113549.1.1.11.
pub const SHA256_WITH_RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b";
/// sha384WithRSAEncryption, 1.2.840.113549.1.1.12.
pub const SHA384_WITH_RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c";
/// sha512WithRSAEncryption, 1.2.840.113549.1.1.13.
pub const SHA512_WITH_RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d";
/// SHA-1, 1.3.14.3.2.26.
pub const SHA1: &[u8] = b"\x2b\x0e\x03\x02\x1a";
/// SHA-256, 2.16.840.1.101.3.4.2.1.
pub const SHA256: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x01";
/// SHA-384, 2.16.840.1.101.3.4.2.2.
pub const SHA384: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x02";
/// SHA-512, 2.16.840.1.101.3.4.2.3.
pub const SHA512: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x03";
/// basicConstraints (RFC 5280 §4.2.1.9), 2.5.29.19.
pub const BASIC_CONSTRAINTS: &[u8] = b"\x55\x1d\x13";
/// commonName (RFC 4519 §2.3), 2.5.4.3.
pub const COMMON_NAME: &[u8] = b"\x55\x04\x03";

/// How the parts of names are called (RFC 4514 §3, RFC 4519).
pub fn name_part(oid: &[u8]) -> Option<&'static str> {
    Some(match oid {
        COMMON_NAME => "CN",
        b"\x55\x04\x05" => "serialNumber",
        b"\x55\x04\x06" => "C",
        b"\x55\x04\x07" => "L",
        b"\x55\x04\x08" => "ST",
        b"\x55\x04\x09" => "street",
        b"\x55\x04\x0a" => "O",
        b"\x55\x04\x0b" => "OU",
        b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19" => "DC",
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01" => "emailAddress",
        _ => return None,
    })
}

/// The identifier with dots, such as `1.2.840.10045.4.3.2` (X.690 §8.19).
pub fn dotted(oid: &[u8]) -> String {
    let mut parts: Vec<u64> = Vec::new();
    let mut part = 0_u64;
    for byte in oid.iter().take(64) {
        part = part.checked_shl(7).unwrap_or(0) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if parts.is_empty() {
                let first = (part / 40).min(2);
                parts.push(first);
                part = part.saturating_sub(first.saturating_mul(40));
            }
            parts.push(part);
            part = 0;
        }
    }
    parts.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_dots() {
        assert_eq!(dotted(SHA256), "2.16.840.1.101.3.4.2.1");
        assert_eq!(dotted(SPC_INDIRECT_DATA), "1.3.6.1.4.1.311.2.1.4");
        assert_eq!(dotted(b"\x2a\x86\x48\xce\x3d\x04\x03\x02"), "1.2.840.10045.4.3.2");
        assert_eq!(dotted(&[0xff; 100]), "");
    }
}
