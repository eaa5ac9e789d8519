//! Takes the bytes for an image whose boot catalogue stands at block 0.
#![no_main]

use std::sync::Arc;

use isoscope::disc::boot::el_torito::BootCatalog;
use isoscope::disc::source::MemorySource;
use isoscope::disc::{Diagnostics, Source, limits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let source: Arc<dyn Source> = Arc::new(MemorySource::new(data));
    let Ok(catalog) = BootCatalog::read(&source, 0, 0, &mut Diagnostics::default()) else { return };
    assert!(catalog.images.len() <= limits::BOOT_ENTRIES);
    for image in &catalog.images {
        let _ = (image.label(), image.details());
        let content = image.open(&source);
        assert!(content.len() <= data.len() as u64);
    }
});
