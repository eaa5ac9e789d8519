//! What the thread has to tell the window.

use std::sync::{Mutex, PoisonError};

use super::super::{DragEvent, Waker};

/// Events for the window, which takes them when it next looks.
pub(super) struct Mailbox {
    events: Mutex<Vec<DragEvent>>,
    texts: Mutex<Vec<String>>,
    waker: Waker,
}

impl Mailbox {
    pub(super) fn new(waker: Waker) -> Self {
        Self { events: Mutex::default(), texts: Mutex::default(), waker }
    }

    /// Adds an event, and wakes the window. Of several in a row of which only the last matters, only that is kept: a
    /// hidden window may not look for a long time.
    pub(super) fn put(&self, event: DragEvent) {
        {
            let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
            let outdated = events.last().is_some_and(|last| {
                matches!(
                    (last, &event),
                    (DragEvent::OverTarget(_), DragEvent::OverTarget(_))
                        | (DragEvent::Hovering(_), DragEvent::Hovering(_))
                        | (DragEvent::CopyReplaced, DragEvent::CopyReplaced)
                )
            });
            if outdated {
                events.pop();
            }
            events.push(event);
        }
        (self.waker)();
    }

    /// All events since the last call.
    pub(super) fn take(&self) -> Vec<DragEvent> {
        std::mem::take(&mut self.events.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds a text to paste, and wakes the window.
    pub(super) fn put_text(&self, text: String) {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        (self.waker)();
    }

    /// All texts since the last call.
    pub(super) fn take_texts(&self) -> Vec<String> {
        std::mem::take(&mut self.texts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
