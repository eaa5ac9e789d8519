//! Opens the bytes as an image, walks every tree of every session, and reads and explains every entry.
#![no_main]

use std::sync::Arc;

use isoscope::boot::effort::Effort;
use isoscope::boot::layout::Layout;
use isoscope::boot::report::Request;
use isoscope::boot::study::Study;
use isoscope::boot::text;
use isoscope::disc::source::MemorySource;
use isoscope::disc::walk::Walk;
use isoscope::disc::{Image, Source};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let source: Arc<dyn Source> = Arc::new(MemorySource::new(data));
    let Ok(image) = Image::open(source.clone()) else { return };
    exhaust(&image);
    for session in image.sessions().iter().take(3) {
        if let Ok(image) = Image::open_session(source.clone(), session.number) {
            exhaust(&image);
        }
    }
});

fn exhaust(image: &Image) {
    let _ = image.details();
    if let Ok(study) = Study::read(image, &Request { effort: Effort::Whole, dbx: None }) {
        let _ = text::all(image, &study);
        arrange(&study.layout);
    }
    for boot in image.boot_images() {
        let _ = boot.details();
        read(&*boot.open(image.source()));
    }
    for tree in image.trees() {
        for step in Walk::new(tree.clone()) {
            let Ok(folder) = step.folder else { continue };
            for (index, entry) in folder.entries().iter().enumerate() {
                let _ = tree.details(&folder, index);
                if let Ok(content) = tree.open(entry) {
                    read(&*content);
                }
            }
        }
    }
}

/// Draws the strips: the first lane of each shows every byte once.
fn arrange(layout: &Layout) {
    for strip in [layout.whole(), layout.system_area(), layout.in_detail()] {
        let mut at = 0;
        for span in strip.lanes.first().into_iter().flat_map(|lane| &lane.spans) {
            assert_eq!(span.extent.offset, at);
            at = span.extent.end();
        }
        assert_eq!(at, strip.extent.length);
        let _ = strip.axis(0.01).offset(0.5);
    }
    layout.overlaps().iter().for_each(|overlap| assert!(!layout.sentence(overlap).is_empty()));
}

/// Reads the first and the last bytes: sizes are only claimed.
fn read(source: &dyn Source) {
    let mut buf = vec![0; 64 << 10];
    for at in [0, source.len() / 2, source.len().saturating_sub(100)] {
        let _ = source.read_at(at, &mut buf);
    }
}
