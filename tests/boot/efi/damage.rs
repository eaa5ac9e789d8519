//! Changed bytes, and what revokes a program.

use std::sync::Arc;

use super::{GRUB, Key, SHIM, ask, authority, check, key, signed_along, small, table, verdict};
use crate::support::efi::{Program, windows_resources};
use crate::support::rng::Rng;
use crate::support::sources::{CancelAfter, FailingSource, memory};
use isoscope::boot::efi::revocation::{Dbx, DbxRevocation};
use isoscope::boot::efi::{EfiProgram, Verdict};
use isoscope::disc::{Diagnostics, Error, Source};

#[test]
fn every_change_of_the_program_is_seen() {
    let source = EfiProgram::read(&memory(small())).unwrap().header;
    let entry = source.certificate_entry_at.unwrap() as usize;
    let checksum = source.checksum_at as usize;
    let mut bytes = small().to_vec();
    for at in 0..table(small()).start {
        bytes[at] ^= 0x10;
        let result = check(&bytes).map(|signatures| signatures.verdict());
        if (checksum..checksum + 4).contains(&at) {
            // Signing changes it, so no signature covers it.
            assert!(authority(&result.unwrap()).is_some(), "byte {at}");
        } else if at >= source.size_of_headers as usize {
            assert!(matches!(result, Ok(Verdict::DigestMismatch { .. })), "byte {at}: {result:?}");
        } else {
            let refused = !matches!(result, Ok(Verdict::Valid { .. }));
            assert!(refused, "byte {at}: {result:?}");
            assert!((entry..entry + 8).contains(&at) || !matches!(result, Ok(Verdict::SignatureInvalid { .. })));
        }
        bytes[at] ^= 0x10;
    }
}

#[test]
fn a_changed_byte_of_a_real_program_is_seen() {
    for path in [SHIM, GRUB] {
        let mut bytes = std::fs::read(path).unwrap();
        let end = table(&bytes).start;
        let mut rng = Rng::new(7);
        for _ in 0..4 {
            let at = 4096 + rng.below(end - 4096);
            bytes[at] ^= 1;
            let signatures = check(&bytes).unwrap();
            let all =
                signatures.list.iter().all(|signature| matches!(signature.verdict, Verdict::DigestMismatch { .. }));
            assert!(all, "{path}, byte {at}: {:?}", signatures.verdict());
            bytes[at] ^= 1;
        }
    }
}

#[test]
fn every_change_of_the_signature_is_seen_or_does_no_harm() {
    let range = table(small());
    let expected = verdict(small());
    let mut bytes = small().to_vec();
    // The signature proper is the last thing in the table but for padding.
    let length = u32::from_le_bytes(small()[range.start..range.start + 4].try_into().unwrap()) as usize;
    let padding = small()[range.start..range.start + length].iter().rev().take_while(|byte| **byte == 0).count();
    let end = range.start + length - padding.min(7);
    let (mut harmless, mut invalid) = (0, 0);
    for at in range.clone() {
        bytes[at] ^= 0x01;
        match check(&bytes).map(|signatures| signatures.verdict()) {
            // Version numbers and parameters that nothing covers may be anything.
            Ok(changed @ Verdict::Valid { .. }) => {
                harmless += 1;
                assert_eq!(authority(&changed), authority(&expected), "byte {at}");
            }
            Ok(Verdict::SignatureInvalid { .. }) => invalid += 1,
            _ => {}
        }
        if (end - 256..end).contains(&at) {
            let verdict = verdict(&bytes);
            assert!(matches!(verdict, Verdict::SignatureInvalid { .. }), "byte {at}: {verdict}");
        }
        bytes[at] ^= 0x01;
    }
    assert!(harmless < 64 && invalid > 1000, "{harmless} harmless, {invalid} invalid of {}", range.len());
}

#[test]
fn a_signature_of_another_program_does_not_fit() {
    let other = Program::of(vec![(".text", b"other".repeat(40)), (".sbat", vec![b'x'; 71])]).build();
    let range = table(small());
    let mut bytes = small()[..range.start].to_vec();
    let header = EfiProgram::read(&memory(small())).unwrap().header;
    let headers = header.size_of_headers as usize;
    bytes[headers..].copy_from_slice(&other[headers..range.start]);
    bytes.extend(&small()[range]);
    assert!(matches!(verdict(&bytes), Verdict::DigestMismatch { .. }));
}

#[test]
fn a_table_that_is_cut_off_is_an_error_with_its_place() {
    let range = table(small());
    for end in [range.start + 1, range.start + 8, range.end - 1] {
        let error = check(&small()[..end]).unwrap_err();
        assert_eq!(error.structure(), Some("attribute certificate table"), "{error}");
        assert_eq!(error.offset(), Some(range.start as u64), "{error}");
    }
}

#[test]
fn what_is_in_no_section_makes_a_signature_a_claim() {
    // The second section is moved 512 bytes back, and the gap filled before it is signed: signers that take the file as it
    // is and firmware that goes by sections then digest other bytes.
    let mut bytes = Program::of(vec![(".text", vec![1; 512]), (".data", vec![2; 512])]).build();
    let table_at = 64 + 24 + 240;
    let place = u32::from_le_bytes(bytes[table_at + 60..table_at + 64].try_into().unwrap());
    bytes[table_at + 60..table_at + 64].copy_from_slice(&(place + 512).to_le_bytes());
    bytes.splice(place as usize..place as usize, [9; 512]);
    let signed = signed_along(&bytes, &key("Gap"), &[]);
    let signatures = check(&signed).unwrap();
    assert!(matches!(signatures.verdict(), Verdict::ClaimsOnly { .. }), "{}", signatures.verdict());
    assert!(!signatures.diagnostics.is_empty());
}

#[test]
fn a_list_of_revoked_programs_revokes_them() {
    let (leaf, digest) = {
        let signatures = check(small()).unwrap();
        (signatures.list[0].certificates[0].clone(), signatures.digests.sha256())
    };
    let list = |kind: &[u8; 16], data: &[u8]| {
        let mut bytes = kind.to_vec();
        for number in [28 + 16 + data.len(), 0, 16 + data.len()] {
            bytes.extend(u32::try_from(number).unwrap().to_le_bytes());
        }
        bytes.extend([0; 16]);
        bytes.extend(data);
        bytes
    };
    let sha256 = b"\x26\x16\xc4\xc1\x4c\x50\x92\x40\xac\xa9\x41\xf9\x36\x93\x43\x28";
    let x509 = b"\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a\x87\xb5\xab\x15\x5c\x2b\xf0\x72";
    let bytes = [list(sha256, &digest), list(x509, &leaf.der)].concat();
    let dbx = Dbx::read(&memory(&bytes), &mut Diagnostics::default()).unwrap();
    let signatures = check(small()).unwrap();
    let certificate = DbxRevocation::Certificate("Small test key".to_owned());
    assert_eq!(dbx.revocations(&signatures), [DbxRevocation::Program(digest), certificate]);
    // One that only came along proves nothing, and one that made the signer's need not come along.
    let (authority_key, other) = (key("Authority"), key("Other"));
    let signer = authority_key.issue("Signer", false);
    let signed = check(&signed_along(&Program::default().build(), &signer, &[&other])).unwrap();
    let revoked = |key: &Key| {
        let dbx = Dbx::parse(&list(x509, &key.certificate().der), &mut Diagnostics::default()).unwrap();
        dbx.revocations(&signed)
    };
    assert_eq!(revoked(&other), []);
    assert_eq!(revoked(&authority_key), [DbxRevocation::Certificate("Authority".to_owned())]);
    assert_eq!(revoked(&signer), [DbxRevocation::Certificate("Signer".to_owned())]);
    // It is signed all the same.
    assert!(authority(&signatures.verdict()).is_some());
    let mut rng = Rng::new(3);
    for _ in 0..20_000 {
        let mut mutant = bytes.clone();
        for _ in 0..=rng.below(4) {
            let at = rng.below(mutant.len());
            mutant[at] = rng.next() as u8;
        }
        mutant.truncate(1 + rng.below(mutant.len()));
        if let Err(error) = Dbx::parse(&mutant, &mut Diagnostics::default()) {
            assert!(error.offset().is_some());
        }
    }
}

/// Whatever is wrong with the bytes is told with its place.
fn survives(bytes: &[u8]) {
    if let Err(error) = ask(&memory(bytes)) {
        assert!(error.offset().is_some() && error.structure().is_some(), "{error}");
    }
}

#[test]
fn no_prefix_and_no_changed_byte_does_harm() {
    let mut program = Program::of(vec![(".text", vec![0; 256]), (".sbatlevel", vec![0; 40]), (".rsrc", Vec::new())]);
    program.sections.push((".vendor_cert", {
        let certificate = check(small()).unwrap().list[0].certificates[0].der.clone();
        let length = u32::try_from(certificate.len()).unwrap();
        [[length, 0, 16, 16].map(u32::to_le_bytes).concat(), certificate].concat()
    }));
    let address = program.address_of(2);
    program.sections[2].1 = windows_resources(address, "bootmgfw.efi", [10, 0, 26100, 1], Some((9, 0)));
    for bytes in [program.build(), small().to_vec()] {
        for end in 0..bytes.len() {
            survives(&bytes[..end]);
        }
        let mut mutant = bytes.clone();
        for at in 0..bytes.len() {
            for change in [0xff, 0x80, 0x01] {
                mutant[at] = bytes[at] ^ change;
                survives(&mutant);
            }
            mutant[at] = bytes[at];
        }
        let mut rng = Rng::new(11);
        for _ in 0..10_000 {
            let mut mutant = bytes.clone();
            for _ in 0..=rng.below(8) {
                let at = rng.below(mutant.len());
                mutant[at] = *rng.pick(&[0, 1, 0x7f, 0x80, 0xff, rng_byte(at)]);
            }
            survives(&mutant);
        }
    }
}

fn rng_byte(at: usize) -> u8 {
    Rng::new(at as u64).next() as u8
}

#[test]
fn a_read_that_fails_is_told_and_a_cancelled_job_ends() {
    let whole = FailingSource::new(memory(small()), u64::MAX);
    let counted: Arc<dyn Source> = whole.clone();
    ask(&counted).unwrap();
    for failing in 0..whole.reads() {
        let source: Arc<dyn Source> = FailingSource::new(memory(small()), failing);
        // What cannot be read of a small section is a complaint only.
        if let Err(error) = ask(&source) {
            assert!(matches!(error, Error::Io { .. }), "read {failing}: {error}");
        }
        let source: Arc<dyn Source> = Arc::new(CancelAfter::new(memory(small()), failing));
        assert!(ask(&source).unwrap_err().is_cancelled(), "read {failing}");
    }
}
