//! Boot catalogues (El Torito 1.0), entry by entry.

/// Validation entry with a correct checksum.
pub fn validation(platform: u8, id: &[u8]) -> [u8; 32] {
    let mut entry = [0; 32];
    entry[0] = 1;
    entry[1] = platform;
    entry[4..4 + id.len()].copy_from_slice(id);
    entry[30..32].copy_from_slice(&[0x55, 0xaa]);
    let sum = entry.chunks(2).fold(0_u16, |sum, word| sum.wrapping_add(u16::from_le_bytes([word[0], word[1]])));
    entry[28..30].copy_from_slice(&sum.wrapping_neg().to_le_bytes());
    entry
}

/// Initial entry or section entry.
pub fn boot(bootable: bool, media: u8, sectors: u16, block: u32) -> [u8; 32] {
    let mut entry = [0; 32];
    entry[0] = if bootable { 0x88 } else { 0 };
    entry[1] = media;
    entry[6..8].copy_from_slice(&sectors.to_le_bytes());
    entry[8..12].copy_from_slice(&block.to_le_bytes());
    entry
}

/// Section header: `0x91` when it is the last.
pub fn section(last: bool, platform: u8, entries: u16) -> [u8; 32] {
    let mut entry = [0; 32];
    entry[0] = if last { 0x91 } else { 0x90 };
    entry[1] = platform;
    entry[2..4].copy_from_slice(&entries.to_le_bytes());
    entry
}

/// Extension record of a section entry, which must have bit 5 of its media byte set.
pub fn extension(more: bool) -> [u8; 32] {
    let mut entry = [0; 32];
    entry[0] = 0x44;
    entry[1] = if more { 0x20 } else { 0 };
    entry
}
