//! Archives built byte by byte, with headers that lie.

use super::*;
use crate::disc::source::MemorySource;

/// An archive with a lookup table of 100 bytes at 208, this XML document behind it, and the integrity table of this front
/// and these digests at its end.
fn archive(xml: &[u8], table: Option<([u32; 3], &[[u8; 20]])>) -> Vec<u8> {
    let mut bytes = vec![0_u8; 208];
    let mut resource = |at: usize, offset: usize, size: usize| {
        bytes[at..at + 8].copy_from_slice(&(size as u64).to_le_bytes());
        bytes[at + 8..at + 16].copy_from_slice(&(offset as u64).to_le_bytes());
        bytes[at + 16..at + 24].copy_from_slice(&(size as u64).to_le_bytes());
    };
    resource(48, 208, 100);
    resource(72, 308, xml.len());
    let end = table.map_or(0, |(_, digests)| 12 + digests.len() * 20);
    resource(124, 308 + xml.len(), end);
    bytes[..8].copy_from_slice(b"MSWIM\0\0\0");
    bytes[8..12].copy_from_slice(&208_u32.to_le_bytes());
    bytes[12..16].copy_from_slice(&Header::PLAIN.to_le_bytes());
    bytes[40..44].copy_from_slice(&[1, 0, 1, 0]);
    bytes.extend([7; 100]);
    bytes.extend(xml);
    if let Some((front, digests)) = table {
        front.into_iter().for_each(|number| bytes.extend(number.to_le_bytes()));
        digests.iter().for_each(|digest| bytes.extend(digest));
    }
    bytes
}

fn utf16(text: &str) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

fn open(bytes: &[u8]) -> Result<Wim> {
    Wim::open(Arc::new(MemorySource::new(bytes)))
}

/// The same archive with other bytes at a place.
fn with(bytes: &[u8], at: usize, other: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + other.len()].copy_from_slice(other);
    bytes
}

#[test]
fn the_table_says_which_bytes_each_digest_covers() {
    let bytes = archive(&utf16("<WIM/>"), Some(([52, 2, 64], &[[1; 20], [2; 20]])));
    let table = open(&bytes).unwrap().integrity().unwrap().unwrap();
    let chunks: Vec<_> = table.chunks().collect();
    assert_eq!(chunks, [(Extent::new(208, 64), &[1; 20]), (Extent::new(272, 36), &[2; 20])]);
    assert_eq!(table.covered, Extent::new(208, 100));
    assert_eq!(open(&archive(&utf16("<WIM/>"), None)).unwrap().integrity().unwrap(), None);
}

#[test]
fn tables_that_lie_are_refused_without_reading_them() {
    let digests = [[1; 20], [2; 20]];
    let table = 308 + utf16("<WIM/>").len() as u64;
    for (front, field) in [
        // Four thousand million digests, no chunk size, too few digests for the size of a chunk, and another size.
        ([52, u32::MAX, 64], 0),
        ([52, 2, 0], 8),
        ([52, 2, 10], 4),
        ([51, 2, 64], 0),
    ] {
        let bytes = archive(&utf16("<WIM/>"), Some((front, &digests)));
        let error = open(&bytes).unwrap().integrity().unwrap_err();
        assert!(matches!(error, Error::Damaged { structure: "WIM integrity table", .. }), "{front:?}: {error}");
        assert_eq!(error.offset(), Some(table + field), "{front:?}: {error}");
    }
    let bytes = archive(&utf16("<WIM/>"), Some(([52, 2, 64], &digests)));
    // A size of 2^55 bytes, one behind the end, and a table in packed form.
    assert!(matches!(open(&with(&bytes, 130, &[128])).unwrap().integrity(), Err(Error::Limit { .. })));
    assert!(matches!(open(&with(&bytes, 132, &[255; 8])).unwrap().integrity(), Err(Error::Damaged { .. })));
    assert!(matches!(open(&with(&bytes, 131, &[4])).unwrap().integrity(), Err(Error::Unsupported { .. })));
    // No lookup table, and one that ends beyond all numbers.
    assert!(open(&with(&bytes, 48, &[0; 8])).unwrap().integrity().is_err());
    assert!(open(&with(&bytes, 56, &[255; 8])).unwrap().integrity().is_err());
}

#[test]
fn what_cannot_be_true_of_a_header_is_told() {
    let bytes = archive(&utf16("<WIM/>"), None);
    let told = |at: usize, other: &[u8]| {
        let wim = open(&with(&bytes, at, other)).unwrap();
        wim.diagnostics().items().iter().map(|item| (item.offset, item.message.clone())).collect::<Vec<_>>()
    };
    assert!(told(0, b"M").is_empty());
    assert_eq!(told(40, &[3, 0, 2, 0]), [(40, "The header says that this is part 3 of 2".to_owned())]);
    assert_eq!(told(16, &[0x40]), [(16, "Writing this archive was not finished".to_owned())]);
    let behind = told(80, &[255; 8]);
    assert_eq!((behind.len(), behind[0].0), (1, 72));
    assert!(
        behind[0].1.starts_with("The XML document should take 14 bytes from byte 18446744073709551615 on, but"),
        "{behind:?}"
    );
}

#[test]
fn other_files_and_versions_are_no_damage() {
    let bytes = archive(&utf16("<WIM/>"), None);
    for (at, other) in [(0, &b"MSCF"[..]), (8, &[209]), (12, &[1])] {
        assert!(matches!(open(&with(&bytes, at, other)), Err(Error::Unsupported { .. })), "{at}");
    }
    assert!(matches!(open(b""), Err(Error::Unsupported { .. })));
    assert!(matches!(open(&bytes[..100]), Err(Error::Damaged { structure: "WIM header", .. })));
}

#[test]
fn the_document_is_read_within_bounds() {
    let bytes = archive(&utf16("<WIM/>"), None);
    assert_eq!(open(&bytes).unwrap().xml().unwrap(), "<WIM/>");
    assert!(matches!(open(&with(&bytes, 78, &[1])).unwrap().xml(), Err(Error::Limit { .. })));
    assert!(matches!(open(&with(&bytes, 79, &[4])).unwrap().xml(), Err(Error::Unsupported { .. })));
    assert!(matches!(open(&with(&bytes, 72, &[15])).unwrap().xml(), Err(Error::Damaged { .. })));
    assert!(matches!(open(&with(&bytes, 72, &[0])).unwrap().xml(), Err(Error::Damaged { .. })));
    // Half a character at the end, and zeros.
    let mut odd = utf16("<WIM/>\0\0");
    odd.push(9);
    assert_eq!(open(&archive(&odd, None)).unwrap().xml().unwrap(), "<WIM/>");
    // Half a pair in a name hides nothing else.
    let mut lone = utf16("<WIM><IMAGE INDEX=\"1\"><NAME>?</NAME><FLAGS>x</FLAGS></IMAGE></WIM>");
    let at = lone.windows(2).position(|unit| unit == [b'?', 0]).unwrap();
    lone[at..at + 2].copy_from_slice(&[0x3d, 0xd8]);
    let images = open(&archive(&lone, None)).unwrap().images().unwrap().images;
    assert_eq!((images[0].name.as_deref(), images[0].flags.as_deref()), (Some("\u{fffd}"), Some("x")));
}

#[test]
fn bad_fields_hide_no_good_ones_and_images_are_counted() {
    let text = "<WIM><IMAGE INDEX=\"2\"><WINDOWS><ARCH>nine</ARCH><VERSION><MAJOR>10</MAJOR><BUILD>26100</BUILD>\
        </VERSION><LANGUAGES><LANGUAGE>en-US</LANGUAGE><LANGUAGE/><DEFAULT>en-US</DEFAULT></LANGUAGES></WINDOWS>\
        <TOTALBYTES>-1</TOTALBYTES><FILECOUNT>7</FILECOUNT><CREATIONTIME><HIGHPART>0x01DAE5D8</HIGHPART>\
        <LOWPART>0x00000000</LOWPART></CREATIONTIME></IMAGE><IMAGE><DIRCOUNT>1</DIRCOUNT></IMAGE></WIM>";
    let WimImages { images, more: 0 } = WimImages::parse(text, 0).unwrap() else { panic!("there are two") };
    assert_eq!((images[0].index, images[0].architecture, images[0].version), (2, None, Some([10, 0, 26_100, 0])));
    assert_eq!(
        (images[0].total_bytes, images[0].files, &*images[0].languages),
        (None, Some(7), &["en-US".to_owned()][..])
    );
    assert_eq!(images[0].created.unwrap().short(), "2024-08-03 19:04");
    assert_eq!((images[1].index, images[1].folders), (0, Some(1)));
    let many = format!("<WIM>{}</WIM>", "<IMAGE INDEX=\"1\"/>".repeat(100_000));
    let found = WimImages::parse(&many, 0).unwrap();
    assert_eq!((found.images.len(), found.more), (limits::WIM_IMAGES, 99_000));
    let long = format!("<WIM><IMAGE INDEX=\"1\"><NAME>{}</NAME></IMAGE></WIM>", "ä".repeat(1 << 20));
    let name = WimImages::parse(&long, 0).unwrap().images[0].name.clone().unwrap();
    assert_eq!(name.chars().count(), limits::WIM_TEXT + 1);
}
