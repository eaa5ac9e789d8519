//! A folder of a million files.

use std::io::Write as _;
use std::path::Path;

const SECTOR: usize = 2048;

/// How many there are.
pub const FILES: usize = 1_000_000;

/// The name of the file at this place of the folder. Every number below [`FILES`] stands in one name.
pub fn name(at: usize) -> String {
    let extension = ["TXT", "JPG", "EFI", "BIN"][at % 4];
    format!("FILE{:07}.{extension}", at * 7919 % FILES)
}

/// The bytes of that file.
pub fn size(at: usize) -> u32 {
    u32::try_from(at % 5000).unwrap()
}

fn both32(value: u32) -> [u8; 8] {
    let mut bytes = [0; 8];
    bytes[..4].copy_from_slice(&value.to_le_bytes());
    bytes[4..].copy_from_slice(&value.to_be_bytes());
    bytes
}

fn record(name: &[u8], block: u32, len: u32, flags: u8) -> Vec<u8> {
    let mut record = vec![0, 0];
    record.extend(both32(block));
    record.extend(both32(len));
    record.extend([124, 2, 10, 11, 3, 21, 4, flags, 0, 0, 1, 0, 0, 1]);
    record.push(u8::try_from(name.len()).unwrap());
    record.extend(name);
    record.resize(record.len().next_multiple_of(2), 0);
    record[0] = u8::try_from(record.len()).unwrap();
    record
}

/// An image of this folder, whose files are in a mixed order, written with the least that the standard asks for.
pub fn image(path: &Path) {
    const ROOT: u32 = 20;
    let mut folder: Vec<u8> = Vec::with_capacity(FILES * 52);
    let mut put = |record: &[u8]| {
        if folder.len() % SECTOR + record.len() > SECTOR {
            folder.resize(folder.len().next_multiple_of(SECTOR), 0);
        }
        folder.extend(record);
    };
    put(&record(&[0], ROOT, 0, 2));
    put(&record(&[1], ROOT, 0, 2));
    for at in 0..FILES {
        put(&record(format!("{};1", name(at)).as_bytes(), 18, size(at), 0));
    }
    folder.resize(folder.len().next_multiple_of(SECTOR), 0);
    let len = u32::try_from(folder.len()).unwrap();
    for at in [0, 34] {
        folder[at + 10..at + 18].copy_from_slice(&both32(len));
    }
    let mut volume = vec![0; SECTOR];
    volume[..7].copy_from_slice(b"\x01CD001\x01");
    volume[8..72].fill(b' ');
    volume[80..88].copy_from_slice(&both32(ROOT + len / 2048));
    volume[120..132].copy_from_slice(&[1, 0, 0, 1, 1, 0, 0, 1, 0, 8, 8, 0]);
    volume[132..140].copy_from_slice(&both32(10));
    volume[140..144].copy_from_slice(&19_u32.to_le_bytes());
    volume[148..152].copy_from_slice(&19_u32.to_be_bytes());
    volume[156..190].copy_from_slice(&record(&[0], ROOT, len, 2));
    volume[881] = 1;
    let mut end = vec![0; SECTOR];
    end[..7].copy_from_slice(b"\xffCD001\x01");
    let mut path_table = vec![0; SECTOR];
    path_table[..10].copy_from_slice(&[1, 0, 20, 0, 0, 0, 1, 0, 0, 0]);
    let mut file = std::fs::File::create(path).unwrap();
    for part in [&vec![0; 16 * SECTOR], &volume, &end, &vec![0; SECTOR], &path_table, &folder] {
        file.write_all(part).unwrap();
    }
}
