//! Text with line numbers and colours. Only the rows on screen are laid out, so a page of any length scrolls at once.

use std::ops::Range;
use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat};
use egui::{
    Color32, ComboBox, Event, FontId, Galley, Id, Key, Pos2, Rect, RichText, ScrollArea, Sense, TextStyle, Ui,
    WidgetInfo, accesskit::Role, pos2, vec2,
};

use super::super::format;
use super::super::theme::{self, Theme};
use super::super::{icons, widgets};
use super::wrap::{Wrapped, pieces};
use crate::app::Command;
use crate::app::preview::{PreviewState, Wish};
use crate::preview::{Colours, TextPage, Token, text};

/// Where the text is scrolled to, and what is marked in it.
#[derive(Default)]
pub(super) struct TextView {
    /// The page that [`marked`](Self::marked) and [`lines`](Self::lines) belong to.
    page: Option<Arc<TextPage>>,
    /// Bytes of the page from where marking began to where it is.
    marked: Option<(usize, usize)>,
    /// How the rows are broken to the width of the pane.
    lines: Option<Wrapped>,
}

/// The keyboard focus of the text.
pub(super) fn focus_id() -> Id {
    super::id("text")
}

pub(super) fn text_ui(
    ui: &mut Ui,
    view: &mut TextView,
    state: &PreviewState,
    page: &Arc<TextPage>,
    out: &mut Vec<Command>,
) {
    if view.page.as_ref().is_none_or(|known| !Arc::ptr_eq(known, page)) {
        *view = TextView { page: Some(page.clone()), ..TextView::default() };
    }
    bar(ui, state, page, out);
    pages(ui, state, page, out);
    let colours = state.colours.get().and_then(Option::as_deref);
    body(ui, view, state, page, colours, out);
}

fn bar(ui: &mut Ui, state: &PreviewState, page: &TextPage, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let frame = egui::Frame::new().inner_margin(egui::Margin::symmetric(8, 4));
    egui::Panel::top("preview-text").frame(frame).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            let name = if page.guessed {
                format!("{} (guessed)", page.encoding.name())
            } else {
                page.encoding.name().to_owned()
            };
            let combo = ComboBox::from_id_salt("encoding").selected_text(name).width(150.0).icon(widgets::combo_icon);
            let response = combo.show_ui(ui, |ui| {
                if ui.selectable_label(state.encoding.is_none(), "Guess").clicked() {
                    out.push(Command::Preview(Wish::Encoding(None)));
                }
                for encoding in text::ENCODINGS {
                    let chosen = state.encoding == Some(encoding);
                    if ui.selectable_label(chosen, text::encoding_label(encoding)).clicked() {
                        out.push(Command::Preview(Wish::Encoding(Some(encoding))));
                    }
                }
            });
            response.response.on_hover_text("Encoding of the text").widget_info(|| {
                WidgetInfo::labeled(Role::ComboBox, true, format!("Encoding: {}", page.encoding.name()))
            });
            let mut wrap = state.wrap;
            if ui.checkbox(&mut wrap, "Wrap").on_hover_text("Break long lines").changed() {
                out.push(Command::Preview(Wish::Wrap(wrap)));
            }
            let (short, long) = page.line_ends.labels();
            ui.label(RichText::new(short).small().color(theme.text_dim)).on_hover_text(long);
            if page.has_errors {
                let text = format!("{} Some bytes mean nothing in this encoding", icons::WARNING);
                let text = RichText::new(text).small().color(theme.warn);
                ui.label(text).on_hover_text("They are shown as \u{fffd}. Another encoding may suit the text");
            }
        });
    });
}

/// A long text is shown in pages.
fn pages(ui: &mut Ui, state: &PreviewState, page: &TextPage, out: &mut Vec<Command>) {
    if page.next.is_none() && state.before.is_empty() {
        return;
    }
    let frame = egui::Frame::new().inner_margin(egui::Margin::symmetric(8, 4));
    egui::Panel::bottom("preview-pages").frame(frame).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            if ui.add_enabled(!state.before.is_empty(), egui::Button::new("Show previous part")).clicked() {
                out.push(Command::Preview(Wish::PreviousPage));
            }
            if ui.add_enabled(page.next.is_some(), egui::Button::new("Show next part")).clicked() {
                out.push(Command::Preview(Wish::NextPage));
            }
            let (first, last) = (page.place.lines + 1, page.last_line());
            ui.label(format!("Lines {} to {}", format::number(first), format::number(last)));
        });
    });
}

/// What is needed to paint a line of the screen.
struct Style<'a> {
    theme: &'a Theme,
    font: FontId,
    colours: Option<&'a Colours>,
}

impl Style<'_> {
    fn colour(&self, token: Token) -> Color32 {
        let theme = self.theme;
        match token {
            Token::Plain => theme.text,
            Token::Comment => theme.text_dim,
            Token::String => theme.ok,
            Token::Number => theme.warn,
            Token::Keyword => theme.accent,
            Token::Name => theme.code_name,
            Token::Type => theme.code_type,
            Token::Heading => theme.accent,
        }
    }

    /// The bytes `range` of the page, which are one line of the screen.
    fn galley(&self, ui: &Ui, page: &TextPage, range: Range<usize>) -> Arc<Galley> {
        let mut job = LayoutJob { break_on_newline: false, ..LayoutJob::default() };
        job.wrap.max_width = f32::INFINITY;
        let mut append = |range: Range<usize>, token| {
            let format = TextFormat::simple(self.font.clone(), self.colour(token));
            job.append(&visible(page.text().get(range).unwrap_or_default()), 0.0, format);
        };
        match self.colours {
            Some(colours) => colours.spans(range).for_each(|(range, token)| append(range, token)),
            None => append(range, Token::Plain),
        }
        ui.painter().layout_job(job)
    }
}

/// Control characters would show as nothing at all. Each is replaced by one character, so that places stay the same.
fn visible(text: &str) -> String {
    let odd = |c: char| {
        c.is_control() && c != '\t'
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if odd(c) { '\u{fffd}' } else { c }).collect()
}

fn body(
    ui: &mut Ui,
    view: &mut TextView,
    state: &PreviewState,
    page: &Arc<TextPage>,
    colours: Option<&Colours>,
    out: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    let font = TextStyle::Monospace.resolve(ui.style());
    let cell = ui.painter().layout_no_wrap("0".to_owned(), font.clone(), theme.text).size();
    let row_height = cell.y.ceil().max(1.0);
    let digits = page.last_line().max(1).to_string().len().max(3);
    let gutter = (digits as f32 * cell.x).ceil() + theme::PADDING * 2.0;
    let style = Style { theme, font, colours };
    let columns = ((ui.available_width() - gutter - 16.0) / cell.x).floor().max(8.0) as usize;
    if !state.wrap {
        view.lines = None;
    } else if view.lines.as_ref().is_none_or(|lines| lines.columns != columns) {
        view.lines = Some(Wrapped::new(page, columns));
    }
    let count = view.lines.as_ref().map_or(page.len(), Wrapped::len);
    ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
    let salt = ("text", state.generation, page.place.offset);
    let area = ScrollArea::both().auto_shrink(false).id_salt(salt);
    area.show_viewport(ui, |ui, viewport| {
        let first = (viewport.top() / row_height).floor().max(0.0) as usize;
        let last = ((viewport.bottom() / row_height).ceil() as usize + 1).min(count);
        let lines: Vec<Line> = (first..last).map(|line| place(ui, view, page, &style, line)).collect();
        let widest = lines.iter().map(|line| line.galley.size().x).fold(0.0, f32::max);
        let size = vec2((gutter + widest + theme::PADDING).max(viewport.width()), count as f32 * row_height);
        let (rect, _) = ui.allocate_exact_size(size.max(viewport.size()), Sense::hover());
        let screen = ui.clip_rect().intersect(Rect::from_min_size(rect.min + viewport.min.to_vec2(), viewport.size()));
        let response = ui.interact(screen, focus_id(), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Document, true, "Text of the file"));
        let top = |line: usize| rect.top() + line as f32 * row_height;
        mark(ui, view, page, &response, &lines, |y| {
            let line = ((y - rect.top()) / row_height).floor().max(0.0) as usize;
            (line.saturating_sub(first), rect.left() + gutter)
        });
        keys(ui, view, page, &response, row_height, out);
        for (number, line) in lines.iter().enumerate() {
            let at = pos2(rect.left() + gutter, top(first + number));
            paint(ui, view, page, &style, line, at, row_height);
        }
        // The numbers stay in sight when the text is scrolled to the side.
        let numbers = Rect::from_min_size(screen.min, vec2(gutter - theme::GRID, screen.height()));
        ui.painter().rect_filled(numbers, 0.0, theme.surface);
        for (number, line) in lines.iter().enumerate() {
            let Some(shown) = line.number else { continue };
            let at = pos2(numbers.right() - theme::GRID, top(first + number));
            let (font, colour) = (style.font.clone(), theme.text_dim);
            ui.painter().text(at, egui::Align2::RIGHT_TOP, shown, font, colour);
        }
        if response.hovered() {
            ui.ctx().set_cursor_icon(egui::CursorIcon::Text);
        }
        widgets::focus_ring(ui, &response, screen);
    });
}

/// One line of the screen.
struct Line {
    /// Its bytes in the page.
    range: Range<usize>,
    /// Its number, where it begins a line of the file.
    number: Option<u64>,
    galley: Arc<Galley>,
}

fn place(ui: &Ui, view: &TextView, page: &TextPage, style: &Style<'_>, line: usize) -> Line {
    let (row, piece) = view.lines.as_ref().map_or((line, 0), |lines| lines.find(line));
    let whole = page.row_range(row);
    let range = match &view.lines {
        Some(lines) => pieces(page.row(row), lines.columns)
            .nth(piece)
            .map_or(whole.clone(), |part| whole.start + part.start..whole.start + part.end),
        None => whole,
    };
    let number = if piece == 0 { page.line_number(row) } else { None };
    Line { galley: style.galley(ui, page, range.clone()), range, number }
}

fn paint(ui: &Ui, view: &TextView, page: &TextPage, style: &Style<'_>, line: &Line, at: Pos2, height: f32) {
    if let Some((from, to)) = view.marked {
        let (from, to) = (from.min(to), from.max(to));
        let (start, end) = (from.max(line.range.start), to.min(line.range.end));
        // A marked line end is shown as a bit of space.
        let tail = from < to && from <= line.range.end && to > line.range.end;
        if start < end || tail && start <= line.range.end {
            let x = |byte: usize| at.x + x_of(page, line, byte);
            let right = x(end.max(start)) + if tail { height * 0.4 } else { 0.0 };
            let rect = Rect::from_x_y_ranges(x(start)..=right, at.y..=at.y + height);
            ui.painter().rect_filled(rect, 0.0, style.theme.selection);
        }
    }
    ui.painter().galley(at, line.galley.clone(), style.theme.text);
    let rect = Rect::from_min_size(at, vec2(line.galley.size().x.max(1.0), height));
    let response = ui.interact(rect, focus_id().with(line.range.start), Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Label, true, page.text().get(line.range.clone()).unwrap_or_default())
    });
}

/// Points from the beginning of the line to the byte.
fn x_of(page: &TextPage, line: &Line, byte: usize) -> f32 {
    let chars = page.text().get(line.range.start..byte).map_or(0, |text| text.chars().count());
    line.galley.pos_from_cursor(egui::text::CCursor::new(chars)).min.x
}

/// The byte at a place of the line.
fn byte_at(page: &TextPage, line: &Line, x: f32) -> usize {
    let chars = usize::from(line.galley.cursor_from_pos(vec2(x, 1.0)).index);
    let text = page.text().get(line.range.clone()).unwrap_or_default();
    line.range.start + text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at)
}

/// Dragging marks text, a double click a word, a triple click a line.
fn mark(
    ui: &Ui,
    view: &mut TextView,
    page: &TextPage,
    response: &egui::Response,
    lines: &[Line],
    find: impl Fn(f32) -> (usize, f32),
) {
    let Some(pointer) = response.interact_pointer_pos() else { return };
    let (number, left) = find(pointer.y);
    let Some(line) = lines.get(number.min(lines.len().saturating_sub(1))) else { return };
    let byte = byte_at(page, line, pointer.x - left);
    if response.triple_clicked() {
        view.marked = Some((line.range.start, line.range.end));
    } else if response.double_clicked() {
        view.marked = Some(word(page.text(), byte));
    } else if response.drag_started() || response.clicked() {
        let extends = ui.input(|input| input.modifiers.shift);
        view.marked = match view.marked {
            Some((from, _)) if extends => Some((from, byte)),
            _ => Some((byte, byte)),
        };
    } else if response.dragged() {
        view.marked = Some((view.marked.map_or(byte, |(from, _)| from), byte));
        let step = if pointer.y < response.rect.top() + 4.0 {
            12.0
        } else if pointer.y > response.rect.bottom() - 4.0 {
            -12.0
        } else {
            0.0
        };
        if step != 0.0 {
            ui.scroll_with_delta(vec2(0.0, step));
            ui.ctx().request_repaint();
        }
    }
    if response.is_pointer_button_down_on() || response.clicked() {
        response.request_focus();
    }
}

/// The word around a byte of `text`.
fn word(text: &str, byte: usize) -> (usize, usize) {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let before = text.get(..byte).unwrap_or_default();
    let after = text.get(byte..).unwrap_or_default();
    let start = before.char_indices().rev().take_while(|(_, c)| is_word(*c)).last().map_or(byte, |(at, _)| at);
    let end = byte + after.find(|c: char| !is_word(c)).unwrap_or(after.len());
    (start, end)
}

/// The keyboard scrolls, marks all, and copies.
fn keys(ui: &Ui, view: &mut TextView, page: &TextPage, response: &egui::Response, row: f32, out: &mut Vec<Command>) {
    let mut copy = false;
    if response.has_focus() {
        let filter = egui::EventFilter { vertical_arrows: true, horizontal_arrows: true, ..Default::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(focus_id(), filter));
        let screen = (response.rect.height() - row).max(row);
        // Farther than any text is long.
        let end = 1e9;
        let moves = [
            (Key::ArrowUp, vec2(0.0, row)),
            (Key::ArrowDown, vec2(0.0, -row)),
            (Key::ArrowLeft, vec2(row * 2.0, 0.0)),
            (Key::ArrowRight, vec2(-row * 2.0, 0.0)),
            (Key::PageUp, vec2(0.0, screen)),
            (Key::PageDown, vec2(0.0, -screen)),
            (Key::Home, vec2(end, end)),
            (Key::End, vec2(0.0, -end)),
        ];
        for (key, delta) in moves {
            if ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, key)) {
                ui.scroll_with_delta_animation(delta, egui::style::ScrollAnimation::none());
            }
        }
        let all = ui.input_mut(|input| input.consume_key(egui::Modifiers::COMMAND, Key::A));
        if all {
            view.marked = Some((0, page.text().len()));
        }
        copy = ui.input(|input| input.events.iter().any(|event| matches!(event, Event::Copy)));
    }
    response.context_menu(|ui| {
        if ui.add_enabled(marked(view, page).is_some(), egui::Button::new("Copy")).clicked() {
            copy = true;
        }
        if ui.button("Select all").clicked() {
            view.marked = Some((0, page.text().len()));
        }
    });
    if copy && let Some(text) = marked(view, page) {
        out.push(Command::CopyText(text.to_owned()));
    }
}

fn marked<'p>(view: &TextView, page: &'p TextPage) -> Option<&'p str> {
    let (from, to) = view.marked?;
    page.text().get(from.min(to)..from.max(to)).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::source::MemorySource;
    use crate::preview::PagePlace;

    fn page(text: &str) -> TextPage {
        TextPage::read(&MemorySource::new(text.as_bytes()), PagePlace::default(), None).unwrap()
    }

    #[test]
    fn a_double_click_finds_the_word() {
        let text = "set größe_2=5";
        assert_eq!(word(text, 6), (4, 13));
        assert_eq!(word(text, 3), (0, 3));
        assert_eq!(word("", 0), (0, 0));
    }

    #[test]
    fn what_would_be_invisible_or_turn_the_text_around_is_shown() {
        assert_eq!(visible("a\u{1b}[1m\u{202e}b\tc"), "a\u{fffd}[1m\u{fffd}b\tc");
    }

    #[test]
    fn marked_text_is_copied_in_whichever_direction() {
        let page = page("hello world\n");
        let view = |from, to| TextView { marked: Some((from, to)), ..TextView::default() };
        assert_eq!(marked(&view(6, 11), &page), Some("world"));
        assert_eq!(marked(&view(11, 6), &page), Some("world"));
        assert_eq!(marked(&view(3, 3), &page), None);
    }
}
