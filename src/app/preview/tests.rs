//! What the preview asks for, and when.

use super::*;
use crate::disc::Source;
use crate::disc::source::MemorySource;
use crate::preview::FileKind;

fn file(bytes: &[u8], name: &str) -> PreviewFile {
    let source: Arc<dyn Source> = Arc::new(MemorySource::new(bytes));
    PreviewFile {
        name: name.to_owned(),
        kind: FileKind::of(bytes, name),
        readable: source.clone(),
        source,
        missing: None,
    }
}

fn starts(out: &[Ask]) -> Vec<Slot> {
    out.iter().filter_map(|ask| if let Ask::Start(slot, _) = ask { Some(*slot) } else { None }).collect()
}

fn abandons(out: &[Ask]) -> usize {
    out.iter().filter(|ask| matches!(ask, Ask::Abandon(_))).count()
}

fn with_hex(bytes: &[u8]) -> PreviewState {
    let mut state = PreviewState::default();
    let file = file(bytes, "x");
    let window = HexWindow::read(&*file.source, 0).unwrap();
    state.receive(Slot::Open, Ok(Previewed::File(file, FirstView::Hex(window))), &mut Vec::new());
    state
}

#[test]
fn a_new_selection_gives_up_everything_of_the_old_one() {
    let mut state = with_hex(&[0, 1, 2]);
    let mut out = Vec::new();
    state.select(Selected::Several { count: 3, bytes: 9 }, &mut out);
    assert_eq!((abandons(&out), starts(&out).len()), (ALL.len(), 0));
    assert!(state.content.is_not() && state.windows.is_empty());
}

#[test]
fn text_is_shown_first_and_coloured_after() {
    let mut state = PreviewState::default();
    let file = file(b"a = 1\n", "a.ini");
    let page = Arc::new(TextPage::read(&*file.source, PagePlace::default(), None).unwrap());
    let mut out = Vec::new();
    state.receive(Slot::Open, Ok(Previewed::File(file, FirstView::Text(page))), &mut out);
    assert_eq!(starts(&out), [Slot::Colours]);
    assert!(state.page.get().is_some());
    assert_eq!(state.mode(), Mode::Text);
}

#[test]
fn other_views_are_read_only_when_they_are_wanted() {
    let mut state = with_hex(&[0, 1, 2]);
    assert_eq!(state.mode(), Mode::Hex);
    for (mode, slot) in [(Mode::Text, Slot::Page), (Mode::Picture, Slot::Picture)] {
        let mut out = Vec::new();
        state.update(Wish::Show(mode), &mut out);
        assert_eq!(starts(&out), [slot]);
        let mut out = Vec::new();
        state.update(Wish::Show(mode), &mut out);
        assert_eq!(starts(&out), [], "asked for only once");
    }
}

#[test]
fn bytes_are_read_where_one_looks() {
    let mut state = with_hex(&vec![0; WINDOW as usize * 100]);
    let mut out = Vec::new();
    state.update(Wish::HexAt(WINDOW * 50 + 5), &mut out);
    assert_eq!(state.hex_at, WINDOW * 50 + 5);
    assert!(matches!(&out[..], [Ask::Start(Slot::Hex, PreviewJob::Hex(_, at))] if *at == WINDOW * 50));
    state.update(Wish::HexAt(u64::MAX), &mut out);
    assert_eq!(state.hex_at, WINDOW * 100 - 1);
    for number in 0..100 {
        let file = state.file().unwrap().clone();
        state.keep(HexWindow::read(&*file.source, number * WINDOW).unwrap());
    }
    assert_eq!(state.windows.len(), KEPT_WINDOWS);
    assert!(state.windows.contains_key(&99), "the ones near the place are kept");
}

#[test]
fn the_next_search_goes_on_behind_what_was_found() {
    let mut state = with_hex(b"abcabc");
    let mut from = Vec::new();
    for found in [Some(0), Some(3), None] {
        let mut out = Vec::new();
        state.update(Wish::Find("61 62".to_owned(), true), &mut out);
        match &out[..] {
            [Ask::Start(Slot::Find, PreviewJob::Find(_, at, _))] => from.push(*at),
            _ => panic!("a search was asked for"),
        }
        state.receive(Slot::Find, Ok(Previewed::FoundAt(found)), &mut Vec::new());
    }
    assert_eq!(from, [0, 1, 4]);
    assert_eq!(state.finding, Finding::Nowhere);
    state.update(Wish::Find("6".to_owned(), true), &mut Vec::new());
    assert_eq!(state.finding, Finding::Not, "half a byte is nothing to look for");
}

#[test]
fn details_stay_chosen_while_the_selection_moves() {
    let mut state = with_hex(&[0]);
    state.update(Wish::Show(Mode::Details), &mut Vec::new());
    state.select(Selected::Nothing, &mut Vec::new());
    assert_eq!(state.mode(), Mode::Details);
    let mut state = with_hex(&[0]);
    state.update(Wish::Show(Mode::Text), &mut Vec::new());
    state.select(Selected::Nothing, &mut Vec::new());
    assert_eq!(state.chosen, None);
}
