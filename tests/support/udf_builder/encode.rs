//! The small structures of ECMA-167 as bytes: tags, addresses, times, names, identifiers.

/// A block of one of the logical volume's partitions (`lb_addr`, ECMA-167 4/7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// Logical block number, counted from the partition's start.
    pub block: u32,
    /// Partition reference number: the place of the partition's map in the logical volume descriptor.
    pub reference: u16,
}

/// Extent types of allocation descriptors (ECMA-167 4/14.14.1.1): recorded; allocated but not recorded; neither; the
/// next extent of allocation descriptors.
pub const RECORDED: u32 = 0;
/// See [`RECORDED`].
pub const NOT_RECORDED: u32 = 1;
/// See [`RECORDED`].
pub const HOLE: u32 = 2;
/// See [`RECORDED`].
pub const NEXT: u32 = 3;

/// The longest extent that one allocation descriptor can name, in bytes, when blocks have 2048 bytes.
pub const LONGEST_EXTENT: u32 = 0x3fff_f800;

/// CRC of descriptors: polynomial 0x1021, starting with zero (ECMA-167 1/7.2.6 and 3/7.2.6).
pub fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8)
            .fold(crc ^ (u16::from(*byte) << 8), |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 })
    })
}

/// Fills in the tag in front of a descriptor (ECMA-167 3/7.2); the CRC covers the rest of `descriptor`.
pub fn seal(descriptor: &mut [u8], identifier: u16, version: u16, location: u32) {
    descriptor[0..2].copy_from_slice(&identifier.to_le_bytes());
    descriptor[2..4].copy_from_slice(&version.to_le_bytes());
    descriptor[5..8].copy_from_slice(&[0, 1, 0]);
    let covered = u16::try_from(descriptor.len() - 16).expect("a descriptor is shorter than 64 KiB");
    descriptor[10..12].copy_from_slice(&covered.to_le_bytes());
    descriptor[12..16].copy_from_slice(&location.to_le_bytes());
    reseal(descriptor);
}

/// Makes CRC and checksum of the descriptor that `bytes` begin with right again.
pub fn reseal(bytes: &mut [u8]) {
    let covered = usize::from(u16::from_le_bytes([bytes[10], bytes[11]]));
    let crc = crc(&bytes[16..16 + covered]);
    bytes[8..10].copy_from_slice(&crc.to_le_bytes());
    bytes[4] = 0;
    bytes[4] = bytes[..16].iter().fold(0, |sum, byte| sum.wrapping_add(*byte));
}

/// `short_ad`: 8 bytes (ECMA-167 4/14.14.1).
pub fn short_ad(kind: u32, length: u32, block: u32) -> Vec<u8> {
    [(kind << 30 | length).to_le_bytes(), block.to_le_bytes()].concat()
}

/// `long_ad`: 16 bytes, the last six of which hold flags and a UDF unique identifier (ECMA-167 4/14.14.2).
pub fn long_ad(kind: u32, length: u32, at: Location, unique: u32) -> Vec<u8> {
    let mut bytes = short_ad(kind, length, at.block);
    bytes.extend(at.reference.to_le_bytes());
    bytes.extend([0; 2]);
    bytes.extend(unique.to_le_bytes());
    bytes
}

/// `ext_ad`: 20 bytes (ECMA-167 4/14.14.3).
pub fn ext_ad(kind: u32, length: u32, information: u32, at: Location) -> Vec<u8> {
    let mut bytes = (kind << 30 | length).to_le_bytes().to_vec();
    let recorded = if kind == RECORDED { length } else { 0 };
    bytes.extend(recorded.to_le_bytes());
    bytes.extend(information.to_le_bytes());
    bytes.extend(at.block.to_le_bytes());
    bytes.extend(at.reference.to_le_bytes());
    bytes.extend([0; 2]);
    bytes
}

/// `extent_ad`: length in bytes and the absolute sector (ECMA-167 3/7.1).
pub fn extent_ad(length: u32, sector: u32) -> Vec<u8> {
    [length.to_le_bytes(), sector.to_le_bytes()].concat()
}

/// A moment as UDF records it (ECMA-167 1/7.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time {
    /// 1: local time with the zone; 0: coordinated universal time.
    pub kind: u8,
    /// Minutes east of Greenwich; −2047 where no zone is recorded.
    pub zone: i16,
    /// Year.
    pub year: i16,
    /// Month, day, hour, minute, second.
    pub parts: [u8; 5],
    /// Centiseconds, hundreds of microseconds, microseconds.
    pub fraction: [u8; 3],
}

impl Time {
    /// 2024-02-10 at so many hours past 11:03:21, an hour east of Greenwich.
    pub fn hour(hours: u8) -> Self {
        Self { kind: 1, zone: 60, year: 2024, parts: [2, 10, 11 + hours, 3, 21], fraction: [0; 3] }
    }

    /// The twelve bytes.
    pub fn bytes(self) -> Vec<u8> {
        let mut bytes = (u16::from(self.kind) << 12 | self.zone.cast_unsigned() & 0xfff).to_le_bytes().to_vec();
        bytes.extend(self.year.to_le_bytes());
        bytes.extend(self.parts);
        bytes.extend(self.fraction);
        bytes
    }
}

/// OSTA compressed Unicode with the compression identifier 8 (UDF 2.1.1).
pub fn cs0_8(text: &str) -> Vec<u8> {
    let bytes = text.chars().map(|char| u8::try_from(u32::from(char)).expect("Latin-1 only"));
    std::iter::once(8).chain(bytes).collect()
}

/// OSTA compressed Unicode with the compression identifier 16; what lies beyond 16 bits as surrogates.
pub fn cs0_16(text: &str) -> Vec<u8> {
    std::iter::once(16).chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect()
}

/// OSTA compressed Unicode in the shorter form that holds `text`.
pub fn cs0(text: &str) -> Vec<u8> {
    if text.chars().all(|char| u32::from(char) < 256) { cs0_8(text) } else { cs0_16(text) }
}

/// A `dstring` field of `width` bytes: compressed Unicode, zeros, and the length in the last byte (ECMA-167 1/7.2.12).
pub fn dstring(text: &str, width: usize) -> Vec<u8> {
    let mut bytes = if text.is_empty() { Vec::new() } else { cs0(text) };
    let length = bytes.len();
    assert!(length < width, "{text} is too long for a field of {width} bytes");
    bytes.resize(width, 0);
    bytes[width - 1] = length as u8;
    bytes
}

/// `charspec`: OSTA compressed Unicode (UDF 2.1.2).
pub fn charspec() -> Vec<u8> {
    let mut bytes = b"\0OSTA Compressed Unicode".to_vec();
    bytes.resize(64, 0);
    bytes
}

/// `regid` with an identifier and up to eight bytes of suffix (ECMA-167 1/7.4).
pub fn regid(identifier: &str, suffix: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0];
    bytes.extend(identifier.as_bytes());
    bytes.resize(24, 0);
    bytes.extend(suffix);
    bytes.resize(32, 0);
    bytes
}

/// `regid` whose suffix is that of UDF: revision, operating system (UDF 2.1.5.3).
pub fn udf_regid(identifier: &str, revision: u16) -> Vec<u8> {
    regid(identifier, &[revision.to_le_bytes(), [4, 5]].concat())
}

/// `regid` of the one who wrote it.
pub fn developer() -> Vec<u8> {
    regid("*Builder", &[4, 5])
}

/// A path component of a symbolic link (ECMA-167 4/14.16.1); `identifier` is compressed Unicode, or empty.
pub fn component(kind: u8, identifier: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind, identifier.len() as u8, 0, 0];
    bytes.extend(identifier);
    bytes
}

/// The path components of `target`: a leading `/` is the root of the file system.
pub fn components(target: &str) -> Vec<u8> {
    let mut parts = target.split('/').peekable();
    let mut bytes = Vec::new();
    if target.starts_with('/') {
        parts.next();
        bytes.extend(component(2, &[]));
    }
    for part in parts.filter(|part| !part.is_empty()) {
        bytes.extend(match part {
            ".." => component(3, &[]),
            "." => component(4, &[]),
            name => component(5, &cs0(name)),
        });
    }
    bytes
}
