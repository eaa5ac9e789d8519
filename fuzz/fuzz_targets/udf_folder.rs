//! Takes the bytes for a folder and what its names lead to: the first byte chooses the kind of partition, the second how
//! much of the rest replaces the names in the root, and what is left replaces the file entries. All get right checksums.
#![no_main]

use libfuzzer_sys::fuzz_target;

mod udf;

use udf::udf_builder::Disc;
use udf::udf_builder::node::{Node, ROOT};

fuzz_target!(|data: &[u8]| {
    let [kind, share, data @ ..] = data else { return };
    let mut built = udf::disc(*kind);
    let (names, entries) = data.split_at(data.len() * usize::from(*share) / 256);
    let start = built.parent(ROOT);
    let names = &names[..names.len().min(built.block)];
    built.patch(start, names);
    let location = built.u32(start + 12);
    let mut at = start;
    while at + 38 <= start + names.len() {
        let length = 38 + usize::from(built.u16(at + 36)) + usize::from(built.bytes[at + 19]);
        let end = (at + length.next_multiple_of(4)).min(start + built.block);
        // Anything but a descriptor of a name would end the list at once.
        built.patch(at, &257_u16.to_le_bytes());
        built.patch(at + 10, &((end - at - 16) as u16).to_le_bytes());
        udf::seal(&mut built.bytes[at..end], location);
        at = end;
    }
    for (node, piece) in nodes().zip(entries.chunks(built.block - 16)) {
        let at = built.entry(node);
        let location = built.u32(at + 12);
        built.patch(at + 16, piece);
        udf::seal(&mut built.bytes[at..at + built.block], location);
    }
    udf::exhaust(&built.bytes);
});

/// All files and folders of the disc: nodes are numbered in the order in which they are made.
fn nodes() -> impl Iterator<Item = Node> {
    let mut disc = Disc::plain();
    std::iter::once(ROOT).chain((1..6).map(move |_| disc.orphan(5)))
}
