//! Every encoding, line end, and length.

use super::*;
use crate::disc::source::MemorySource;

fn read(bytes: &[u8]) -> TextPage {
    TextPage::read(&MemorySource::new(bytes), PagePlace::default(), None).unwrap()
}

fn all_rows(page: &TextPage) -> Vec<&str> {
    (0..page.len()).map(|row| page.row(row)).collect()
}

#[test]
fn encodings_are_guessed() {
    let cases: [(&[u8], &str, &str); 9] = [
        (b"plain\n", "UTF-8", "plain"),
        ("Grüße aus Köln\n".as_bytes(), "UTF-8", "Grüße aus Köln"),
        (b"\xef\xbb\xbfmarked\n", "UTF-8", "marked"),
        (b"\xff\xfeh\0i\0\n\0", "UTF-16LE", "hi"),
        (b"\xfe\xff\0h\0i\0\n", "UTF-16BE", "hi"),
        (b"w\0i\0t\0h\0o\0u\0t\0", "UTF-16LE", "without"),
        (b"\0w\0i\0t\0h\0o\0u\0t", "UTF-16BE", "without"),
        (b"Gr\xfc\xdfe aus K\xf6ln, sch\xf6ne W\xfcnsche\n", "windows-1252", "Grüße aus Köln, schöne Wünsche"),
        (
            b"\x82\xb1\x82\xea\x82\xcd\x93\xfa\x96{\x8c\xea\x82\xcc\x83e\x83L\x83X\x83g\x83t\x83@\x83C\x83\x8b\x82\xc5\x82\xb7\x81B\x83f\x83B\x83X\x83N\x82\xcc\x8eg\x82\xa2\x95\xfb\x82\xf0\x90\xe0\x96\xbe\x82\xb5\x82\xdc\x82\xb7\x81B\x0d\x0a\x8d\xc5\x8f\x89\x82\xc9\x82\xa8\x93\xc7\x82\xdd\x82\xad\x82\xbe\x82\xb3\x82\xa2\x81B",
            "Shift_JIS",
            "これは日本語のテキストファイルです。ディスクの使い方を説明します。",
        ),
    ];
    for (bytes, encoding, text) in cases {
        let page = read(bytes);
        assert_eq!((page.encoding.name(), page.row(0), page.has_errors), (encoding, text, false));
        assert!(looks_like_text(bytes), "{text}");
    }
}

#[test]
fn short_japanese_text_is_not_taken_for_russian_and_the_other_way_round() {
    let cases = [
        (encoding_rs::SHIFT_JIS, "いろは\n\nいろはにほへと　ちりぬるを\n"),
        (encoding_rs::EUC_JP, "いろは\nうゐのおくやま\n"),
        (encoding_rs::WINDOWS_1251, "Привет, мир! Это короткий текст на русском языке.\n"),
        (encoding_rs::WINDOWS_1252, "Crème brûlée, façade, déjà vu: à bientôt\n"),
        (encoding_rs::GBK, "这是一个简短的中文文本文件，请先阅读。\n"),
        (encoding_rs::EUC_KR, "이것은 짧은 한국어 텍스트 파일입니다. 먼저 읽어 주십시오.\n"),
    ];
    for (encoding, text) in cases {
        let (bytes, ..) = encoding.encode(text);
        assert_eq!(guess_encoding(&bytes), encoding, "{text}");
    }
}

#[test]
fn every_encoding_can_be_chosen_and_has_a_name_for_people() {
    for encoding in ENCODINGS {
        let source = MemorySource::new(*b"ab\ncd\n");
        let page = TextPage::read(&source, PagePlace::default(), Some(encoding)).unwrap();
        assert_eq!((page.encoding, page.guessed), (encoding, false));
        assert!(encoding_label(encoding).contains('('), "{}", encoding.name());
    }
}

#[test]
fn a_wrong_encoding_is_said() {
    let source = MemorySource::new(*b"Gr\xfc\xdfe\n");
    let page = TextPage::read(&source, PagePlace::default(), Some(UTF_8)).unwrap();
    assert!(page.has_errors);
    assert_eq!(page.row(0), "Gr\u{fffd}\u{fffd}e");
}

#[test]
fn data_is_not_text() {
    assert!(!looks_like_text(b"\x7fELF\x02\x01\x01\0\0\0"));
    let noise: Vec<u8> = (0_u32..4096).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    assert!(!looks_like_text(&noise));
    assert!(!looks_like_text(&[0; 64]));
    assert!(looks_like_text(b"\x1b[1mbold\x1b[0m terminal text\n"));
    assert!(looks_like_text("cut in a ch\u{e4}".as_bytes().split_last().unwrap().1));
}

#[test]
fn lines_end_in_every_way() {
    let page = read(b"a\nb\r\nc\rd");
    assert_eq!(all_rows(&page), ["a", "b", "c", "d"]);
    assert_eq!((page.line_ends, page.last_line()), (LineEnds::Mixed, 4));
    assert_eq!(read(b"a\r\n\r\n").line_ends, LineEnds::CrLf);
    assert_eq!(all_rows(&read(b"a\r\n\r\n")), ["a", ""]);
    assert_eq!(read(b"\n\n").len(), 2);
    assert_eq!(read(b"a\rb").line_ends, LineEnds::Cr);
    assert!(read(b"").is_empty());
}

#[test]
fn a_long_line_goes_on_in_further_rows() {
    let text = format!("short\n{}\nend", "ä".repeat(limits::TEXT_ROW));
    let page = read(text.as_bytes());
    assert_eq!(page.len(), 4);
    let numbers: Vec<_> = (0..4).map(|row| page.line_number(row)).collect();
    assert_eq!(numbers, [Some(1), Some(2), None, Some(3)]);
    assert_eq!(format!("{}{}", page.row(1), page.row(2)), "ä".repeat(limits::TEXT_ROW));
}

/// All pages of `bytes` one after the other.
fn pages(bytes: Vec<u8>, encoding: Option<&'static Encoding>) -> Vec<TextPage> {
    let source = MemorySource::new(bytes);
    let mut pages: Vec<TextPage> = Vec::new();
    let mut place = Some(PagePlace::default());
    while let Some(at) = place {
        let page = TextPage::read(&source, at, encoding).unwrap();
        place = page.next;
        assert!(place.is_none_or(|next| next.offset > at.offset), "every page is a step forward");
        pages.push(page);
    }
    pages
}

#[test]
fn pages_join_to_the_whole_text_whatever_the_encoding() {
    let line = "Zeile mit ä und 日本, ziemlich lang, damit es voll wird\r\n";
    for encoding in [UTF_8, UTF_16LE, UTF_16BE] {
        let text = line.repeat(limits::TEXT_PAGE / line.len() + 1000);
        let bytes: Vec<u8> = match encoding.name() {
            "UTF-16LE" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "UTF-16BE" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            _ => text.clone().into_bytes(),
        };
        let pages = pages(bytes, Some(encoding));
        assert!(pages.len() >= 2);
        assert!(pages.iter().all(|page| !page.has_errors && page.line_ends == LineEnds::CrLf));
        let joined: String = pages.iter().map(TextPage::text).collect();
        assert!(joined == text, "{}", encoding.name());
        let lines = text.matches('\n').count() as u64;
        assert_eq!(pages.last().unwrap().last_line(), lines);
        assert_eq!(pages[1].line_number(0), Some(pages[0].last_line() + 1));
    }
}

#[test]
fn a_page_of_very_many_lines_ends_early_and_the_next_goes_on() {
    let text: String = (0..limits::TEXT_ROWS + 10).map(|line| if line % 3 == 0 { "ä\n" } else { "\n" }).collect();
    for bytes in [text.clone().into_bytes(), [b"\xef\xbb\xbf", text.as_bytes()].concat()] {
        let pages = pages(bytes, None);
        assert_eq!((pages.len(), pages[0].len(), pages[1].len()), (2, limits::TEXT_ROWS, 10));
        assert!(format!("{}{}", pages[0].text(), pages[1].text()) == text);
        assert_eq!(pages[1].line_number(0), Some(limits::TEXT_ROWS as u64 + 1));
    }
}

#[test]
fn a_single_line_of_several_pages_is_shown() {
    let text = "ä".repeat(limits::TEXT_PAGE);
    let pages = pages(text.clone().into_bytes(), None);
    assert!(pages.iter().all(|page| !page.has_errors));
    let joined: String = pages.iter().map(TextPage::text).collect();
    assert!(joined == text);
}
