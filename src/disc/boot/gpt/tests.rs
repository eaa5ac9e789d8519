//! Tables made field by field, sound and damaged.

use super::*;
use crate::disc::source::MemorySource;

const LEN: usize = 1 << 20;
const END: u64 = LEN as u64;

/// An image of 1 MiB whose table has two partitions, in blocks of `size` bytes.
fn image(size: usize) -> Vec<u8> {
    let mut image = vec![0; LEN];
    let last = LEN / size - 1;
    let entries_blocks = 128 * 128 / size;
    let mut array = vec![0; 128 * 128];
    put_entry(&mut array, 0, (40, 99), "First");
    put_entry(&mut array, 2, (60, 70), "Nested 日本");
    for (here, other, entries) in [(1, last, 2), (last, 1, last - entries_blocks)] {
        image[entries * size..][..array.len()].copy_from_slice(&array);
        let mut header = vec![0; 92];
        header[..8].copy_from_slice(SIGNATURE);
        header[8..16].copy_from_slice(&[0, 0, 1, 0, 92, 0, 0, 0]);
        for (at, number) in [(24, here), (32, other), (40, 34), (48, last - 33), (72, entries)] {
            header[at..at + 8].copy_from_slice(&(number as u64).to_le_bytes());
        }
        header[80..84].copy_from_slice(&128_u32.to_le_bytes());
        header[84..88].copy_from_slice(&128_u32.to_le_bytes());
        header[88..92].copy_from_slice(&crc32(&[&array]).to_le_bytes());
        let crc = crc32(&[&header]);
        header[16..20].copy_from_slice(&crc.to_le_bytes());
        image[here * size..][..92].copy_from_slice(&header);
    }
    image
}

fn put_entry(array: &mut [u8], index: u8, (first, last): (u64, u64), name: &str) {
    let entry = &mut array[usize::from(index) * 128..][..128];
    entry[..16].fill(0xa5);
    entry[16..32].fill(index + 1);
    entry[32..40].copy_from_slice(&first.to_le_bytes());
    entry[40..48].copy_from_slice(&last.to_le_bytes());
    for (at, unit) in name.encode_utf16().enumerate() {
        entry[56 + at * 2..][..2].copy_from_slice(&unit.to_le_bytes());
    }
}

fn table(image: Vec<u8>) -> (Option<GuidPartitionTable>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let table = read(&MemorySource::new(image), &mut diagnostics).unwrap();
    (table, diagnostics)
}

fn says(diagnostics: &Diagnostics, offset: u64, words: &str) -> bool {
    diagnostics.items().iter().any(|item| item.offset == offset && item.message.contains(words))
}

#[test]
fn tables_are_read_in_blocks_of_every_size() {
    for size in [512, 2048, 4096] {
        let (table, diagnostics) = table(image(size));
        let table = table.unwrap();
        assert!(diagnostics.is_empty(), "{:?}", diagnostics.items());
        let entries: Vec<_> = table.entries.iter().map(|entry| (entry.number, &*entry.name, entry.extent)).collect();
        let at = |block: u64, count: u64| Extent::new(block * size as u64, count * size as u64);
        assert_eq!(entries, [(1, "First", at(40, 60)), (3, "Nested 日本", at(60, 11))]);
        assert_eq!(usize::try_from(table.header.block_size), Ok(size));
        let end = LEN as u64;
        let places: Vec<_> = table.copies.iter().map(|copy| (copy.header, copy.is_backup)).collect();
        let block = size as u64;
        assert_eq!(places, [(Extent::new(block, block), false), (Extent::new(end - block, block), true)]);
        assert!(!table.from_backup);
    }
}

#[test]
fn the_backup_is_used_when_the_primary_copy_is_bad_or_gone() {
    let damages: [(usize, &str); 3] =
        [(512 + 60, "checksum of the GPT header"), (1024 + 33, "checksum of the entries"), (512 + 3, "backup")];
    for (at, words) in damages {
        let mut image = image(512);
        image[at] ^= 1;
        let (table, diagnostics) = table(image);
        let table = table.unwrap();
        assert!(table.from_backup);
        assert_eq!(table.entries[0].blocks, (40, 99));
        assert!(says(&diagnostics, END - 512, "is used"), "{:?}", diagnostics.items());
        assert!(diagnostics.items().iter().any(|item| item.message.contains(words)));
    }
}

#[test]
fn a_table_with_wrong_checksums_in_both_copies_is_still_shown() {
    let mut image = image(512);
    image[512 + 17] ^= 1;
    image[LEN - 512 + 17] ^= 1;
    let (table, diagnostics) = table(image);
    assert_eq!(table.unwrap().entries.len(), 2);
    assert!(says(&diagnostics, 528, "checksum") && says(&diagnostics, END - 496, "checksum"));
}

#[test]
fn a_missing_backup_and_one_in_another_place_are_told() {
    let mut lost = image(512);
    lost[LEN - 512..].fill(0);
    assert!(says(&table(lost).1, 544, "missing"));
    let mut cut = image(512);
    cut.truncate(600 << 10);
    assert!(says(&table(cut).1, 544, "behind the end"));
    // As the program isohybrid does on discs of odd length.
    let mut moved = image(512);
    moved.extend([0; 512]);
    let end = LEN;
    moved.copy_within(end - 512..end, end);
    moved[end - 512..end].fill(0);
    let (table, diagnostics) = table(moved);
    assert!(!table.unwrap().from_backup);
    assert!(says(&diagnostics, END, "should stand") && says(&diagnostics, END + 24, "elsewhere"));
}

#[test]
fn copies_that_differ_are_told() {
    let mut image = image(512);
    // The array of the backup with another partition, and checksums to match.
    let (array, header) = (LEN - 512 - (16 << 10), LEN - 512);
    image[array + 32] = 41;
    let crc = crc32(&[&image[array..header]]).to_le_bytes();
    image[header + 88..header + 92].copy_from_slice(&crc);
    image[header + 16..header + 20].fill(0);
    let crc = crc32(&[&image[header..header + 92]]).to_le_bytes();
    image[header + 16..header + 20].copy_from_slice(&crc);
    let (table, diagnostics) = table(image);
    assert_eq!(table.unwrap().entries[0].blocks, (40, 99));
    assert!(says(&diagnostics, array as u64, "different partitions"));
}

#[test]
fn impossible_entries_and_sizes_hide_nothing_and_ask_for_little() {
    let mut backwards = image(512);
    backwards[1024 + 40..][..8].fill(0);
    backwards[LEN - 512..].fill(0);
    let (read, diagnostics) = table(backwards);
    assert_eq!(read.unwrap().entries.len(), 1);
    assert!(says(&diagnostics, 1024 + 32, "before it starts"));
    for (at, value) in [(80, u32::MAX), (84, u32::MAX), (84, 0), (84, 1), (72, u32::MAX)] {
        let mut image = image(512);
        image[512 + at..][..4].copy_from_slice(&value.to_le_bytes());
        assert_eq!(table(image).0.unwrap().entries.len(), 2, "{at} {value}");
    }
    assert!(table(vec![0; 4096]).0.is_none());
    assert!(table(SIGNATURE.repeat(512)).0.is_some());
}

#[test]
fn guids_are_written_as_people_know_them() {
    let esp = [0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11, 0xba, 0x4b, 0, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b];
    assert_eq!(Guid(esp).to_string(), "c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
}
