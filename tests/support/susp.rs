//! System use entries: SUSP 1.12, Rock Ridge (RRIP 1.12), zisofs and AAIP, as bytes.

use super::builder::{both16, both32};

/// An entry of any signature and version with a correct length byte.
pub fn entry(signature: &[u8; 2], version: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len() + 4).expect("an entry has at most 255 bytes");
    [signature.as_slice(), &[length, version], payload].concat()
}

/// `SP`: the rest of the disc has system use entries, `skip` bytes into each area (SUSP §5.3).
pub fn sp(skip: u8) -> Vec<u8> {
    entry(b"SP", 1, &[0xbe, 0xef, skip])
}

/// `CE`: the entries go on in another place (SUSP §5.1).
pub fn ce(block: u32, offset: u32, length: u32) -> Vec<u8> {
    entry(b"CE", 1, &[both32(block), both32(offset), both32(length)].concat())
}

/// `ST`: the end of the entries (SUSP §5.4).
pub fn st() -> Vec<u8> {
    entry(b"ST", 1, &[])
}

/// `PD`: padding (SUSP §5.2).
pub fn pd(len: usize) -> Vec<u8> {
    entry(b"PD", 1, &vec![0; len])
}

/// `ER`: names an extension (SUSP §5.5).
pub fn er(id: &str) -> Vec<u8> {
    let (description, source) = ("THE EXTENSION", "SEE ITS SPECIFICATION");
    let lengths = [id.len() as u8, description.len() as u8, source.len() as u8, 1];
    entry(b"ER", 1, &[&lengths, id.as_bytes(), description.as_bytes(), source.as_bytes()].concat())
}

/// `NM`: the POSIX name or a part of it (RRIP §4.1.4).
pub fn nm(flags: u8, name: &[u8]) -> Vec<u8> {
    entry(b"NM", 1, &[&[flags], name].concat())
}

/// A name of any length, in as many `NM` entries as it takes.
pub fn long_name(name: &[u8]) -> Vec<Vec<u8>> {
    let parts: Vec<_> = name.chunks(250).collect();
    let last = parts.len().saturating_sub(1);
    parts.iter().enumerate().map(|(at, part)| nm(u8::from(at < last), part)).collect()
}

/// `PX` with a serial number: 44 bytes (RRIP 1.12 §4.1.1).
pub fn px(mode: u32, links: u32, uid: u32, gid: u32, serial: u32) -> Vec<u8> {
    entry(b"PX", 1, &[both32(mode), both32(links), both32(uid), both32(gid), both32(serial)].concat())
}

/// `PX` as of 1991, without a serial number: 36 bytes.
pub fn px_1991(mode: u32, links: u32, uid: u32, gid: u32) -> Vec<u8> {
    entry(b"PX", 1, &[both32(mode), both32(links), both32(uid), both32(gid)].concat())
}

/// `PN`: a device number (RRIP §4.1.2).
pub fn pn(high: u32, low: u32) -> Vec<u8> {
    entry(b"PN", 1, &[both32(high), both32(low)].concat())
}

/// A component of a symbolic link.
pub fn component(flags: u8, text: &[u8]) -> Vec<u8> {
    [&[flags, text.len() as u8], text].concat()
}

/// `SL`: a symbolic link or a part of one (RRIP §4.1.3).
pub fn sl(flags: u8, components: &[Vec<u8>]) -> Vec<u8> {
    entry(b"SL", 1, &[vec![flags], components.concat()].concat())
}

/// `TF` with short (7 bytes) or long (17 bytes) time stamps in the order of the flag bits (RRIP §4.1.6).
pub fn tf(flags: u8, stamps: &[&[u8]]) -> Vec<u8> {
    entry(b"TF", 1, &[&[flags], stamps.concat().as_slice()].concat())
}

/// `CL`: the block of the folder that was moved away (RRIP §4.1.5.1).
pub fn cl(block: u32) -> Vec<u8> {
    entry(b"CL", 1, &both32(block))
}

/// `PL`: the block of the folder that a moved folder belongs to (RRIP §4.1.5.2).
pub fn pl(block: u32) -> Vec<u8> {
    entry(b"PL", 1, &both32(block))
}

/// `RE`: this record is the real place of a moved folder (RRIP §4.1.5.3).
pub fn re() -> Vec<u8> {
    entry(b"RE", 1, &[])
}

/// `SF`: a sparse file (RRIP §4.1.7).
pub fn sf(size: u64, depth: u8) -> Vec<u8> {
    entry(b"SF", 1, &[both32((size >> 32) as u32).as_slice(), &both32(size as u32), &[depth]].concat())
}

/// `ZF` of version 1: a zisofs file.
pub fn zf(algorithm: &[u8; 2], header_div_4: u8, block_log2: u8, size: u32) -> Vec<u8> {
    entry(b"ZF", 1, &[algorithm.as_slice(), &[header_div_4, block_log2], &both32(size)].concat())
}

/// `ZF` or `Z2` of version 2, with a size of 64 bits in little-endian order only.
pub fn zf2(signature: &[u8; 2], algorithm: &[u8; 2], header_div_4: u8, block_log2: u8, size: u64) -> Vec<u8> {
    entry(signature, 2, &[algorithm.as_slice(), &[header_div_4, block_log2], &size.to_le_bytes()].concat())
}

/// `AL`: attributes as AAIP records them, name and value in turn.
pub fn al(flags: u8, components: &[Vec<u8>]) -> Vec<u8> {
    entry(b"AL", 1, &[vec![flags], components.concat()].concat())
}

/// The 14 bytes of CD-ROM XA that may stand before the entries of a record.
pub fn xa(attributes: u16) -> Vec<u8> {
    let mut bytes = vec![0; 14];
    bytes[4..6].copy_from_slice(&attributes.to_be_bytes());
    bytes[6..8].copy_from_slice(b"XA");
    bytes
}

/// The fixed part of an extended attribute record (ECMA-119 §9.5), one block long.
pub fn extended_attribute_record() -> Vec<u8> {
    let mut record = vec![0; 2048];
    record[0..4].copy_from_slice(&both16(1));
    record[4..8].copy_from_slice(&both16(1));
    record[10..26].copy_from_slice(b"2001020304050600");
    record[180] = 1;
    record
}
