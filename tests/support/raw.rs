//! Raw sectors of compact discs, made from their data as ECMA-130 has it: with address, error detection code and both
//! kinds of parity.

/// What of a sector is recorded, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 2352 bytes, mode 1.
    Mode1,
    /// 2352 bytes, mode 2 form 1.
    Mode2Form1,
    /// 2336 bytes: mode 2 form 1 without sync and header.
    Mode2Short,
    /// 2448 bytes: mode 1 and 96 bytes of sub-channel.
    Mode1Sub,
}

/// An image of 2048-byte sectors in raw ones, the first of which lies at the address 00:02:00.
pub fn image(plain: &[u8], kind: Kind) -> Vec<u8> {
    let mut raw = Vec::new();
    for (number, data) in (0_u32..).zip(plain.chunks(2048)) {
        let mut full = data.to_vec();
        full.resize(2048, 0);
        raw.extend(match kind {
            Kind::Mode1 => mode_1(number + 150, &full),
            Kind::Mode2Form1 => mode_2_form_1(number + 150, &full),
            Kind::Mode2Short => mode_2_form_1(number + 150, &full)[16..].to_vec(),
            Kind::Mode1Sub => [mode_1(number + 150, &full), vec![0x40; 96]].concat(),
        });
    }
    raw
}

fn head(address: u32, mode: u8) -> Vec<u8> {
    let mut sector = vec![0xff; 12];
    (sector[0], sector[11]) = (0, 0);
    let decimal = |number: u32| u8::try_from(number / 10 * 16 + number % 10).unwrap();
    sector.extend([decimal(address / 75 / 60), decimal(address / 75 % 60), decimal(address % 75), mode]);
    sector
}

/// A sector of mode 1 (§14.2 to §14.6).
pub fn mode_1(address: u32, data: &[u8]) -> Vec<u8> {
    let mut sector = head(address, 1);
    sector.extend_from_slice(data);
    sector.extend(edc(&sector).to_le_bytes());
    sector.resize(2352, 0);
    parity(&mut sector);
    sector
}

/// A sector of mode 2 form 1: the parity is that of a header of zeros, so that it can be moved.
pub fn mode_2_form_1(address: u32, data: &[u8]) -> Vec<u8> {
    let mut sector = head(address, 2);
    sector.extend([0, 0, 8, 0, 0, 0, 8, 0]);
    sector.extend_from_slice(data);
    sector.extend(edc(&sector[16..]).to_le_bytes());
    sector.resize(2352, 0);
    let header: Vec<u8> = sector[12..16].to_vec();
    sector[12..16].fill(0);
    parity(&mut sector);
    sector[12..16].copy_from_slice(&header);
    sector
}

/// A sector of mode 2 form 2 with 2324 bytes of data, with or without its code.
pub fn mode_2_form_2(address: u32, data: &[u8], has_code: bool) -> Vec<u8> {
    let mut sector = head(address, 2);
    sector.extend([0, 0, 0x28, 0, 0, 0, 0x28, 0]);
    sector.extend_from_slice(data);
    sector.resize(2348, 0);
    let code = if has_code { edc(&sector[16..]) } else { 0 };
    sector.extend(code.to_le_bytes());
    sector
}

/// The remainder of the bytes, taken as a polynomial bit by bit (§14.3).
fn edc(bytes: &[u8]) -> u32 {
    // (x^16 + x^15 + x^2 + 1)(x^16 + x^2 + x + 1) without x^32.
    const POLYNOMIAL: u32 = 0x8001_801b;
    let mut rest = 0_u32;
    for byte in bytes {
        for bit in 0..8 {
            let feedback = (rest >> 31) ^ u32::from(byte >> bit & 1);
            rest = (rest << 1) ^ if feedback == 1 { POLYNOMIAL } else { 0 };
        }
    }
    rest.reverse_bits()
}

/// Multiplication in the field of 256 elements with x^8 + x^4 + x^3 + x^2 + 1 (§14.5, annex A).
fn times(mut one: u8, mut other: u8) -> u8 {
    let mut product = 0;
    while other > 0 {
        if other & 1 == 1 {
            product ^= one;
        }
        one = (one << 1) ^ if one & 0x80 > 0 { 0x1d } else { 0 };
        other >>= 1;
    }
    product
}

/// The two bytes that make a vector of `data` and them obey both equations: the sum of all is zero, and so is the sum of
/// all times falling powers of two.
fn parity_of(data: &[u8]) -> [u8; 2] {
    let sum = data.iter().fold(0, |sum, byte| sum ^ byte);
    let weighted = data.iter().fold(0, |sum, byte| times(sum ^ byte, 2));
    // `weighted` holds the powers from 2 on, less one step: x·2 + y = weighted·2, x + y = sum.
    let both = times(weighted, 2) ^ sum;
    let inverse_of_3 = (1..=255).find(|other| times(*other, 3) == 1).unwrap();
    let first = times(both, inverse_of_3);
    [first, first ^ sum]
}

/// Fills in P and Q parity (annex A). Bytes from 12 on are words of two; each half of them is coded by itself.
fn parity(sector: &mut [u8]) {
    for half in 0..2 {
        let at = |word: usize| 12 + 2 * word + half;
        for column in 0..43 {
            let data: Vec<u8> = (0..24).map(|row| sector[at(43 * row + column)]).collect();
            let [one, two] = parity_of(&data);
            (sector[at(43 * 24 + column)], sector[at(43 * 25 + column)]) = (one, two);
        }
        for diagonal in 0..26 {
            let data: Vec<u8> = (0..43).map(|step| sector[at((44 * step + 43 * diagonal) % 1118)]).collect();
            let [one, two] = parity_of(&data);
            (sector[at(1118 + diagonal)], sector[at(1144 + diagonal)]) = (one, two);
        }
    }
}
