//! The keyboard in the table.

use egui::{Event, EventFilter, Id, Key, Modifiers, Ui};

use super::TableView;
use crate::app::Command;
use crate::app::model::{Listing, Selecting, Step};

/// Seconds after which typing begins a new name.
const TYPING: f64 = 1.0;

pub(super) fn keys(ui: &Ui, view: &mut TableView, listing: &Listing, id: Id, focused: bool, out: &mut Vec<Command>) {
    if listing.is_seeking() {
        out.push(Command::TypeAhead(String::new()));
        ui.ctx().request_repaint();
    }
    if !focused {
        return;
    }
    let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, escape: true, tab: false };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    let page = isize::try_from(view.page).unwrap_or(1);
    let (events, now) = ui.input(|input| (input.events.clone(), input.time));
    for event in events {
        match event {
            Event::Key { key, pressed: true, modifiers, .. } => {
                let step = match key {
                    Key::ArrowDown if !modifiers.alt => Some(Step::By(1)),
                    Key::ArrowUp if !modifiers.alt => Some(Step::By(-1)),
                    Key::PageDown => Some(Step::By(page)),
                    Key::PageUp => Some(Step::By(-page)),
                    Key::Home => Some(Step::First),
                    Key::End => Some(Step::Last),
                    _ => None,
                };
                if let Some(step) = step {
                    view.typed.clear();
                    out.push(Command::Step(step, how(modifiers)));
                } else if key == Key::Space && (modifiers.command || view.typed.is_empty()) {
                    if let Some(row) = listing.cursor {
                        let how = if modifiers.command { Selecting::Toggle } else { Selecting::Only };
                        out.push(Command::Select(row, how));
                    }
                } else if key == Key::Escape {
                    out.push(Command::Escape);
                }
            }
            Event::Text(text) if !text.trim().is_empty() || !view.typed.is_empty() => {
                if now - view.typed_at > TYPING {
                    view.typed.clear();
                }
                view.typed_at = now;
                // The same letter again and again goes from one name to the next.
                let repeated = view.typed == text;
                if !repeated {
                    view.typed.push_str(&text);
                }
                out.push(Command::TypeAhead(view.typed.clone()));
            }
            _ => {}
        }
    }
}

fn how(modifiers: Modifiers) -> Selecting {
    match (modifiers.command, modifiers.shift) {
        (false, false) => Selecting::Only,
        (true, false) => Selecting::Cursor,
        (false, true) => Selecting::Range,
        (true, true) => Selecting::AddRange,
    }
}
