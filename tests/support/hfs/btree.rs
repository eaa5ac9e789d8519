//! B-trees of HFS and HFS+, with as many nodes as their records need.

use super::{Records, be16, be32};

/// One node of a B-tree.
fn node(size: usize, kind: u8, height: u8, links: (usize, usize), records: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = [&be32(links.0)[..], &be32(links.1), &[kind, height], &be16(records.len()), &[0, 0]].concat();
    let mut places = Vec::new();
    for record in records {
        places.push(bytes.len());
        bytes.extend(record);
    }
    places.push(bytes.len());
    assert!(bytes.len() + places.len() * 2 <= size, "the records do not fit into a node");
    bytes.resize(size, 0);
    for (index, place) in places.into_iter().enumerate() {
        let at = size - 2 * (index + 1);
        bytes[at..at + 2].copy_from_slice(&be16(place));
    }
    bytes
}

/// A B-tree with these records, and the number of its leaves. Keys of the index are padded to `padding` bytes, as HFS
/// wants them.
pub(super) fn btree(records: &Records, size: usize, padding: Option<usize>) -> (Vec<u8>, usize) {
    let join = |key: &[u8], data: &[u8]| {
        let mut record = key.to_vec();
        record.resize(record.len().next_multiple_of(2), 0);
        record.extend(data);
        record.resize(record.len().next_multiple_of(2), 0);
        record
    };
    // Fills nodes with (first key, record) pairs; some room stays free, as it does in real trees.
    let fill = |items: Vec<(Vec<u8>, Vec<u8>)>| {
        let mut nodes: Vec<Vec<(Vec<u8>, Vec<u8>)>> = Vec::new();
        let mut used = size;
        for item in items {
            let needs = item.1.len() + 2;
            if used + needs > size - 24 {
                nodes.push(Vec::new());
                used = 16;
            }
            used += needs;
            nodes.last_mut().unwrap().push(item);
        }
        nodes
    };
    let mut level = fill(records.values().map(|(key, data)| (key.clone(), join(key, data))).collect());
    let leaves = level.len();
    let mut nodes: Vec<Vec<u8>> = Vec::new();
    let (mut depth, mut root) = (0, 0);
    while !level.is_empty() {
        depth += 1;
        let first = nodes.len() + 1;
        let count = level.len();
        let mut above = Vec::new();
        for (index, items) in level.iter().enumerate() {
            let number = first + index;
            let next = if index + 1 < count { number + 1 } else { 0 };
            let previous = if index > 0 { number - 1 } else { 0 };
            let kind = if depth == 1 { 0xff } else { 0 };
            let records: Vec<_> = items.iter().map(|(_, record)| record.clone()).collect();
            nodes.push(node(size, kind, depth, (next, previous), &records));
            let mut key = items[0].0.clone();
            if let Some(len) = padding {
                key[0] = u8::try_from(len).unwrap();
                key.resize(len + 1, 0);
            }
            above.push((items[0].0.clone(), join(&key, &be32(number))));
        }
        root = first;
        level = if count > 1 { fill(above) } else { Vec::new() };
    }
    let total = nodes.len() + 1;
    let mut header = Vec::new();
    header.extend(be16(depth.into()));
    header.extend(be32(root));
    header.extend(be32(records.len()));
    header.extend(be32(usize::from(leaves > 0)));
    header.extend(be32(leaves));
    header.extend(be16(size));
    header.extend(be16(padding.unwrap_or(516)));
    header.extend(be32(total));
    header.resize(106, 0);
    // Kind 0, keys without regard to case, and keys of any length (TN1150: big keys, variable index keys).
    header[37] = 0xcf;
    header[41] = 6;
    let mut map = vec![0; size - 256];
    (0..total).for_each(|number| map[number / 8] |= 0x80 >> (number % 8));
    let mut bytes = node(size, 1, 0, (0, 0), &[header, vec![0; 128], map]);
    bytes.extend(nodes.concat());
    (bytes, leaves)
}
