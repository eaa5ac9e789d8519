//! Takes the bytes for an EFI program, and for a list of revoked ones.
#![no_main]

use std::sync::Arc;

use isoscope::boot::efi::EfiProgram;
use isoscope::boot::efi::revocation::{Dbx, published_minimums, revoked_by_sbat};
use isoscope::disc::source::MemorySource;
use isoscope::disc::{Diagnostics, Source, limits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let source: Arc<dyn Source> = Arc::new(MemorySource::new(data));
    let dbx = Dbx::read(&source, &mut Diagnostics::default()).unwrap_or_default();
    let Ok(program) = EfiProgram::read(&source) else { return };
    let _ = program.identify(&source);
    if let Some(sbat) = &program.sbat {
        assert!(sbat.entries.len() <= limits::SBAT_ENTRIES);
        let _ = revoked_by_sbat(sbat, &published_minimums());
    }
    let Ok(signatures) = program.check_signatures(&source, &[]) else { return };
    assert!(signatures.list.len() <= limits::SIGNATURES);
    assert!(signatures.list.iter().all(|signature| signature.certificates.len() <= limits::CERTIFICATES));
    let _ = (signatures.verdict().to_string(), dbx.revocations(&signatures));
});
