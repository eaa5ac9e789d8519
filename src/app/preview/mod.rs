//! The state of the preview: what is looked at, how, and what is there of it so far.
//!
//! Everything that has to be read is asked for as a [`PreviewJob`] in a [`Slot`]; a new wish in a slot replaces the one
//! before, so that a slow preview is given up when the selection moves on.

mod follow;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use encoding_rs::Encoding;

use super::model::Rows;
use super::state::{Ticket, Trouble};
use crate::disc::Error;
use crate::disc::tree::{DetailGroup, FileTree, Stream};
use crate::job::{FirstView, FolderCounts, PreviewFile, PreviewJob, PreviewSubject, Previewed};
use crate::preview::hex::{ROW, WINDOW};
use crate::preview::{Colours, HexWindow, Mode, PagePlace, Pattern, Picture, TextPage};

/// What is selected.
#[derive(Clone, Default)]
pub enum Selected {
    /// Nothing.
    #[default]
    Nothing,
    /// One thing.
    One(PreviewSubject),
    /// One thing that a search found, and whose folder is being read.
    Found,
    /// Several entries.
    Several {
        /// How many.
        count: u64,
        /// Bytes of the files among them.
        bytes: u64,
    },
}

/// What a job of the preview works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    /// The folder that holds what a search found.
    Holder,
    /// What it is, and the first view.
    Open,
    /// A page of text.
    Page,
    /// The colours of the page.
    Colours,
    /// The picture.
    Picture,
    /// Rows of bytes.
    Hex,
    /// A search for bytes.
    Find,
    /// The fields.
    Details,
}

/// What is asked of others.
enum Ask {
    /// Start this job, and give up the one that runs in the slot.
    Start(Slot, PreviewJob),
    /// Give up the job that runs in the slot.
    Abandon(Slot),
}

/// Something that may be on its way.
#[derive(Debug, Clone, Default)]
pub enum Load<T> {
    /// Nobody has asked for it.
    #[default]
    Not,
    /// Asked for at this moment.
    Since(Instant),
    /// Here.
    Here(T),
    /// Cannot be had.
    Trouble(Trouble),
}

impl<T> Load<T> {
    /// It, when it is here.
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Here(value) => Some(value),
            _ => None,
        }
    }

    /// True when nobody has asked for it.
    pub fn is_not(&self) -> bool {
        matches!(self, Self::Not)
    }
}

/// What the subject turned out to be.
#[derive(Debug, Clone)]
pub enum Content {
    /// A file.
    File(PreviewFile),
    /// A file with nothing in it.
    Empty(PreviewFile),
    /// A folder.
    Folder(FolderCounts),
    /// A link to this target.
    Link(String),
    /// A device, a pipe or a socket.
    NoContent,
}

/// The search for bytes in the hex view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Finding {
    /// Not looking.
    #[default]
    Not,
    /// Looking; the part that is done, in percent.
    Looking(u8),
    /// Found here, so many bytes long.
    At(u64, u64),
    /// There is no further place.
    Nowhere,
    /// The file cannot be read to its end.
    Trouble(Trouble),
}

/// Wishes of the user that concern the preview.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// Look at it this way.
    Show(Mode),
    /// Read the text in this encoding; `None` for the one that is guessed.
    Encoding(Option<&'static Encoding>),
    /// Break long lines, or do not.
    Wrap(bool),
    /// Show the next page of a long text.
    NextPage,
    /// Show the page before.
    PreviousPage,
    /// Show the rows of bytes from this offset on.
    HexAt(u64),
    /// Point to this byte.
    Point(u64),
    /// Look for bytes (`true`) or text behind the last place that was found.
    Find(String, bool),
    /// Give up looking.
    StopFinding,
    /// Look at this stream of the file.
    Stream(usize),
    /// Back from a stream to the file.
    Whole,
}

/// The state of the preview.
#[derive(Default)]
pub struct PreviewState {
    /// What is selected.
    pub selected: Selected,
    /// What it is.
    pub content: Load<Content>,
    /// How it is looked at, where the user has chosen; else the way that suits it.
    pub chosen: Option<Mode>,
    /// The page of text.
    pub page: Load<Arc<TextPage>>,
    /// Its colours; `None` inside when there is no grammar.
    pub colours: Load<Option<Arc<Colours>>>,
    /// The encoding that was chosen.
    pub encoding: Option<&'static Encoding>,
    /// Long lines are broken.
    pub wrap: bool,
    /// Places of the pages before this one.
    pub before: Vec<PagePlace>,
    /// The picture.
    pub picture: Load<Arc<Picture>>,
    /// Rows of bytes, by the number of their window.
    pub windows: BTreeMap<u64, HexWindow>,
    /// The window of bytes that is on its way.
    pub wanted_window: Option<u64>,
    /// Offset of the first row that is shown.
    pub hex_at: u64,
    /// Bytes that something else points to, from the first to the last.
    pub pointed: Option<(u64, u64)>,
    /// The search for bytes.
    pub finding: Finding,
    /// Bytes of what was looked for last.
    pattern_len: u64,
    /// The fields.
    pub details: Load<Vec<DetailGroup>>,
    /// What the file has besides its content; known with the fields.
    pub streams: Vec<Stream>,
    /// Counts up with every selection, so that the pane can start afresh.
    pub generation: u64,
    /// The list and the item in it that is looked at; the list is held, so that no other one can take its place.
    key: Option<(Rows, Option<u32>, [u64; 2])>,
    /// Place of what a search found in its folder, which is being read.
    holder: usize,
    tickets: Vec<(Ticket, Slot)>,
}

/// Windows of bytes that are kept: the one on screen and its neighbours.
const KEPT_WINDOWS: usize = 16;

const ALL: [Slot; 8] =
    [Slot::Holder, Slot::Open, Slot::Page, Slot::Colours, Slot::Picture, Slot::Hex, Slot::Find, Slot::Details];

impl PreviewState {
    /// The selection has moved on.
    fn select(&mut self, selected: Selected, out: &mut Vec<Ask>) {
        out.extend(ALL.map(Ask::Abandon));
        let details = self.chosen == Some(Mode::Details);
        // Details stay chosen while the selection moves; any other way belongs to the one file.
        let chosen = details.then_some(Mode::Details);
        let (generation, wrap, tickets) = (self.generation + 1, self.wrap, std::mem::take(&mut self.tickets));
        *self = Self { selected, chosen, wrap, generation, tickets, ..Self::default() };
        if let Selected::Found = &self.selected {
            self.content = Load::Since(Instant::now());
        }
        if let Selected::One(subject) = &self.selected {
            out.push(Ask::Start(Slot::Open, PreviewJob::Open(subject.clone())));
            self.content = Load::Since(Instant::now());
            if details {
                self.want_details(out);
            }
        }
    }

    /// The bytes of the image that are pointed to, while that is looked at: the first and the last.
    pub fn pointed_in_image(&self) -> Option<(u64, u64)> {
        self.pointed.filter(|_| matches!(self.selected, Selected::One(PreviewSubject::Image(_))))
    }

    /// The file that is looked at, if it is one.
    pub fn file(&self) -> Option<&PreviewFile> {
        match self.content.get()? {
            Content::File(file) | Content::Empty(file) => Some(file),
            _ => None,
        }
    }

    /// How it is looked at.
    pub fn mode(&self) -> Mode {
        let suits = match self.content.get() {
            Some(Content::File(file)) => file.kind.mode,
            Some(Content::Empty(_) | Content::Folder(_) | Content::Link(_) | Content::NoContent) | None => Mode::Text,
        };
        self.chosen.unwrap_or(suits)
    }

    /// Carries out a wish of the user.
    fn update(&mut self, wish: Wish, out: &mut Vec<Ask>) {
        match wish {
            Wish::Show(mode) => {
                self.chosen = Some(mode);
                self.want_view(out);
            }
            Wish::Encoding(encoding) => {
                self.encoding = encoding;
                self.before.clear();
                self.want_page(PagePlace::default(), out);
            }
            Wish::Wrap(wrap) => self.wrap = wrap,
            Wish::NextPage => {
                let place = self.page.get().and_then(|page| Some((page.place, page.next?)));
                if let Some((here, next)) = place {
                    self.before.push(here);
                    self.want_page(next, out);
                }
            }
            Wish::PreviousPage => {
                if let Some(place) = self.before.pop() {
                    self.want_page(place, out);
                }
            }
            Wish::HexAt(offset) => self.show_hex(offset, out),
            Wish::Point(offset) => self.pointed = Some((offset, offset)),
            Wish::Find(text, is_hex) => self.find(&text, is_hex, out),
            Wish::StopFinding => {
                self.finding = Finding::Not;
                out.push(Ask::Abandon(Slot::Find));
            }
            Wish::Stream(at) => {
                if let Some((tree, stream)) = self.stream(at)
                    && let Selected::One(of) = &self.selected
                {
                    let of = Box::new(of.clone());
                    self.turn_to(PreviewSubject::Stream { tree, stream: Box::new(stream), of }, None, out);
                }
            }
            Wish::Whole => {
                if let Selected::One(PreviewSubject::Stream { of, .. }) = &self.selected {
                    self.turn_to((**of).clone(), Some(Mode::Details), out);
                }
            }
        }
    }

    /// Looks at something else, while the selection of the list stays.
    fn turn_to(&mut self, subject: PreviewSubject, mode: Option<Mode>, out: &mut Vec<Ask>) {
        let key = self.key.take();
        self.chosen = mode;
        self.select(Selected::One(subject), out);
        self.key = key;
    }

    /// A stream of the file that is looked at, or the one that is looked at itself, and its tree.
    pub(in crate::app) fn stream(&self, at: usize) -> Option<(Arc<dyn FileTree>, Stream)> {
        match &self.selected {
            Selected::One(PreviewSubject::Entry { tree, .. }) => Some((tree.clone(), self.streams.get(at)?.clone())),
            Selected::One(PreviewSubject::Stream { tree, stream, .. }) => Some((tree.clone(), (**stream).clone())),
            _ => None,
        }
    }

    /// Takes in the end of the job in `slot`.
    fn receive(&mut self, slot: Slot, result: Result<Previewed, Trouble>, out: &mut Vec<Ask>) {
        match (slot, result) {
            (Slot::Open, Ok(previewed)) => self.opened(previewed, out),
            (Slot::Open, Err(trouble)) => self.content = Load::Trouble(trouble),
            (Slot::Page, Ok(Previewed::Page(page))) => self.show_page(page, out),
            (Slot::Page, Err(trouble)) => self.page = Load::Trouble(trouble),
            (Slot::Colours, Ok(Previewed::Colours(colours))) => self.colours = Load::Here(colours),
            // Text without colours is text too.
            (Slot::Colours, Err(_)) => self.colours = Load::Here(None),
            (Slot::Picture, Ok(Previewed::Picture(picture))) => self.picture = Load::Here(picture),
            (Slot::Picture, Err(trouble)) => self.picture = Load::Trouble(trouble),
            (Slot::Hex, Ok(Previewed::Hex(window))) => {
                self.wanted_window = None;
                self.keep(window);
                self.want_windows(out);
            }
            // The window tells of its troubles itself; only a crash comes here.
            (Slot::Hex, Err(_)) => self.wanted_window = None,
            (Slot::Find, Ok(Previewed::FoundAt(Some(at)))) => {
                self.finding = Finding::At(at, self.pattern_len);
                self.show_hex(at.saturating_sub(4 * ROW), out);
            }
            (Slot::Find, Ok(Previewed::FoundAt(None))) => self.finding = Finding::Nowhere,
            (Slot::Find, Err(trouble)) => self.finding = Finding::Trouble(trouble),
            (Slot::Details, Ok(Previewed::Details(groups, streams))) => {
                self.details = Load::Here(groups);
                self.streams = streams;
            }
            (Slot::Details, Err(trouble)) => self.details = Load::Trouble(trouble),
            _ => {}
        }
    }

    /// Takes in how far the search for bytes is.
    fn progress(&mut self, slot: Slot, fraction: f32) {
        if let (Slot::Find, Finding::Looking(percent)) = (slot, &mut self.finding) {
            *percent = (fraction * 100.0) as u8;
        }
    }

    fn opened(&mut self, previewed: Previewed, out: &mut Vec<Ask>) {
        let content = match previewed {
            Previewed::File(file, view) => match view {
                FirstView::Empty => Content::Empty(file),
                FirstView::Text(page) => {
                    self.content = Load::Here(Content::File(file));
                    self.show_page(page, out);
                    return self.want_view(out);
                }
                FirstView::Picture(picture) => {
                    self.picture = match picture {
                        Ok(picture) => Load::Here(picture),
                        Err(error) => Load::Trouble(trouble(&error)),
                    };
                    Content::File(file)
                }
                FirstView::Hex(window) => {
                    self.keep(window);
                    // Text that cannot be read is looked at byte by byte, up to where it breaks off.
                    if file.kind.mode == Mode::Text && self.chosen.is_none() {
                        self.chosen = Some(Mode::Hex);
                    }
                    Content::File(file)
                }
            },
            Previewed::Folder(counts) => Content::Folder(counts),
            Previewed::Link(target) => Content::Link(target),
            _ => Content::NoContent,
        };
        self.content = Load::Here(content);
        self.want_view(out);
    }

    /// Asks for what the present way of looking needs and does not have.
    fn want_view(&mut self, out: &mut Vec<Ask>) {
        match self.mode() {
            Mode::Details => self.want_details(out),
            Mode::Text if self.page.is_not() => self.want_page(PagePlace::default(), out),
            Mode::Picture if self.picture.is_not() => {
                if let Some(Content::File(file)) = self.content.get() {
                    out.push(Ask::Start(Slot::Picture, PreviewJob::Picture(file.clone())));
                    self.picture = Load::Since(Instant::now());
                }
            }
            Mode::Hex => self.want_windows(out),
            Mode::Text | Mode::Picture => {}
        }
    }

    fn want_details(&mut self, out: &mut Vec<Ask>) {
        if let (Selected::One(subject), true) = (&self.selected, self.details.is_not()) {
            out.push(Ask::Start(Slot::Details, PreviewJob::Details(subject.clone())));
            self.details = Load::Since(Instant::now());
        }
    }

    fn want_page(&mut self, place: PagePlace, out: &mut Vec<Ask>) {
        let Some(Content::File(file)) = self.content.get() else { return };
        out.push(Ask::Abandon(Slot::Colours));
        out.push(Ask::Start(Slot::Page, PreviewJob::Page(file.clone(), place, self.encoding)));
        self.page = Load::Since(Instant::now());
        self.colours = Load::Not;
    }

    fn show_page(&mut self, page: Arc<TextPage>, out: &mut Vec<Ask>) {
        if let Some(file) = self.file() {
            out.push(Ask::Start(Slot::Colours, PreviewJob::Colours(page.clone(), file.name.clone())));
            self.colours = Load::Since(Instant::now());
        }
        self.page = Load::Here(page);
    }

    fn show_hex(&mut self, offset: u64, out: &mut Vec<Ask>) {
        let Some(file) = self.file() else { return };
        let last = file.source.len().saturating_sub(1);
        let at = offset.min(last);
        self.hex_at = at;
        self.want_windows(out);
    }

    /// Asks for the window of bytes that is looked at, or for the one after it, where it is not there yet.
    fn want_windows(&mut self, out: &mut Vec<Ask>) {
        let Some(Content::File(file)) = self.content.get() else { return };
        let here = self.hex_at / WINDOW;
        let last = file.source.len().saturating_sub(1) / WINDOW;
        // The screen may reach into the next one.
        let wanted = [here, here + 1].into_iter().find(|window| *window <= last && !self.windows.contains_key(window));
        // What is on its way is let come, unless one is looking elsewhere by now.
        let Some(window) = wanted.filter(|window| self.wanted_window != Some(*window)) else { return };
        self.wanted_window = Some(window);
        out.push(Ask::Start(Slot::Hex, PreviewJob::Hex(file.clone(), window * WINDOW)));
    }

    fn keep(&mut self, window: HexWindow) {
        self.windows.insert(window.offset / WINDOW, window);
        let here = self.hex_at / WINDOW;
        while self.windows.len() > KEPT_WINDOWS {
            let farthest = self.windows.keys().copied().max_by_key(|number| number.abs_diff(here));
            farthest.map(|number| self.windows.remove(&number));
        }
    }

    fn find(&mut self, text: &str, is_hex: bool, out: &mut Vec<Ask>) {
        let Some(Content::File(file)) = self.content.get() else { return };
        let pattern = if is_hex { Pattern::hex(text) } else { Pattern::text(text) };
        let Some(pattern) = pattern else {
            self.finding = Finding::Not;
            return out.push(Ask::Abandon(Slot::Find));
        };
        let from = match self.finding {
            Finding::At(at, _) => at + 1,
            // From the top again.
            Finding::Nowhere => 0,
            _ => self.hex_at,
        };
        self.pattern_len = pattern.len();
        self.finding = Finding::Looking(0);
        out.push(Ask::Start(Slot::Find, PreviewJob::Find(file.clone(), from, pattern)));
    }
}

fn trouble(error: &Error) -> Trouble {
    Trouble { sentence: error.sentence(), details: error.to_string() }
}
