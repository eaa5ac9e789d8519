//! Extended attributes (ECMA-167 4/14.10, UDF 3.3.4).

use super::encode::{Time, developer, regid, seal};

/// An attribute of any type.
pub fn attribute(kind: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = kind.to_le_bytes().to_vec();
    bytes.extend([1, 0, 0, 0]);
    let length = (12 + data.len()).next_multiple_of(4);
    bytes.extend((length as u32).to_le_bytes());
    bytes.extend(data);
    bytes.resize(length, 0);
    bytes
}

/// Type 12: the device that the file stands for (4/14.10.7).
pub fn device(major: u32, minor: u32) -> Vec<u8> {
    let mut data = 32_u32.to_le_bytes().to_vec();
    data.extend(major.to_le_bytes());
    data.extend(minor.to_le_bytes());
    data.extend(developer());
    attribute(12, &data)
}

/// Type 5: when the file was created; file entries have no field for it (4/14.10.5).
pub fn file_times(created: Time) -> Vec<u8> {
    let time = created.bytes();
    let mut data = (time.len() as u32).to_le_bytes().to_vec();
    data.extend(1_u32.to_le_bytes());
    data.extend(time);
    attribute(5, &data)
}

/// Type 2048: what an implementation wants to remember, led by the checksum of the attribute's header (UDF 3.3.4.5).
pub fn implementation_use(identifier: &str, data: &[u8]) -> Vec<u8> {
    let payload = (2 + data.len()).next_multiple_of(4);
    let mut body = (payload as u32).to_le_bytes().to_vec();
    body.extend(regid(identifier, &[]));
    body.resize(4 + 32 + payload, 0);
    body[38..38 + data.len()].copy_from_slice(data);
    let mut bytes = attribute(2048, &body);
    let sum = bytes[..48].iter().fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
    bytes[48..50].copy_from_slice(&sum.to_le_bytes());
    bytes
}

/// Type 65536: what an application wants to remember (4/14.10.9).
pub fn application_use(identifier: &str, data: &[u8]) -> Vec<u8> {
    let mut body = (data.len() as u32).to_le_bytes().to_vec();
    body.extend(regid(identifier, &[]));
    body.extend(data);
    attribute(65536, &body)
}

/// The extended attributes space: its header descriptor, then the attributes, those of ECMA-167 first. Empty without any.
pub fn space(attributes: &[Vec<u8>], version: u16, location: u32) -> Vec<u8> {
    if attributes.is_empty() {
        return Vec::new();
    }
    let kind = |attribute: &Vec<u8>| u32::from_le_bytes([attribute[0], attribute[1], attribute[2], attribute[3]]);
    let end_of = |limit: u32| {
        let before = attributes.iter().filter(|attribute| kind(attribute) < limit);
        24 + before.map(Vec::len).sum::<usize>() as u32
    };
    let mut header = vec![0; 16];
    header.extend(end_of(2048).to_le_bytes());
    header.extend(end_of(65536).to_le_bytes());
    seal(&mut header, 262, version, location);
    let mut sorted: Vec<_> = attributes.to_vec();
    sorted.sort_by_key(|attribute| (kind(attribute) >= 2048, kind(attribute) >= 65536));
    [header, sorted.concat()].concat()
}
