//! Takes the bytes for a system use area; continuation areas lie in the same bytes.
#![no_main]

use isoscope::disc::iso9660::rock_ridge::RockRidge;
use isoscope::disc::iso9660::susp::{AreaReader, for_each_entry};
use isoscope::disc::limits;
use isoscope::disc::sector::Blocks;
use isoscope::disc::source::MemorySource;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let source = MemorySource::new(data);
    let area = &data[..data.len().min(255)];
    let mut rock_ridge = RockRidge::default();
    for_each_entry(
        &source,
        Blocks { base: 0, size: 64 },
        &mut AreaReader::default(),
        (area, 0),
        &mut |_| {},
        &mut |entry, notes| {
            rock_ridge.take(entry, notes);
        },
    );
    assert!(rock_ridge.name.len() <= limits::ROCK_RIDGE_NAME);
    assert!(rock_ridge.target.len() <= limits::SYMLINK_TARGET);
});
