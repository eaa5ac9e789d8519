//! Takes the bytes for volume descriptors: the first byte chooses the kind of partition, the rest replaces the main volume
//! descriptor sequence of a sound disc, piece by piece with a right checksum. There is no reserve sequence.
#![no_main]

use libfuzzer_sys::fuzz_target;

mod udf;

fuzz_target!(|data: &[u8]| {
    let Some((kind, data)) = data.split_first() else { return };
    let mut built = udf::disc(*kind);
    let (main, reserve) = (built.descriptor(1, false), built.descriptor(1, true));
    built.bytes[reserve..reserve + 16 * built.block].fill(0);
    for (number, piece) in data.chunks(512).take(16).enumerate() {
        let at = main + number * built.block;
        built.patch(at, piece);
        udf::seal(&mut built.bytes[at..at + built.block], (at / built.block) as u32);
    }
    udf::exhaust(&built.bytes);
});
