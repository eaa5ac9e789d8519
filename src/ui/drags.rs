//! The drags of the window: between the state, which knows what is dragged, and the system, which knows where to.

use std::sync::Arc;

use egui::{Context, CursorIcon, Event, Key, Modifiers, PointerButton, RawInput, pos2};

use super::drag_label;
use super::format::{self, Units};
use super::theme;
use crate::app::transfer::Handed;
use crate::app::{Command, State};
use crate::disc::text;
use crate::extract::OriginMark;
use crate::platform::drag_out::{DragEvent, DragOut, Ended, FilesNeeded, Offer};
use crate::platform::mount::DragMount;
use crate::serve::Delivery;

/// The drags of one window.
pub(super) struct Drags {
    drag_out: DragOut,
    /// The pointer is over something that would take what is dragged.
    over_target: bool,
    /// Something that can be opened is dragged over the window, as far as the window's library does not say so.
    hovered: bool,
    /// The system has kept the release of the button for itself.
    unreleased: bool,
}

impl Default for Drags {
    /// Nothing can be dragged.
    fn default() -> Self {
        Self { drag_out: DragOut::unsupported(), over_target: false, hovered: false, unreleased: false }
    }
}

impl Drags {
    /// Lets files be dragged in this way.
    pub(super) fn connect(&mut self, drag_out: DragOut, state: &mut State) {
        state.outlets.needed = drag_out.files_needed();
        state.outlets.paste_needs_files = drag_out.paste_needs_files();
        if state.outlets.needed != FilesNeeded::Never {
            state.outlets.mount = Some(Arc::new(DragMount::new()));
        }
        self.drag_out = drag_out;
    }

    /// What has happened.
    pub(super) fn poll(&mut self) -> Vec<Command> {
        let mut commands = Vec::new();
        for event in self.drag_out.poll() {
            match event {
                DragEvent::OverTarget(over) => {
                    self.over_target = over;
                    commands.extend(over.then_some(Command::DragFilesWantedSoon));
                }
                DragEvent::FilesWanted => commands.push(Command::DragFilesWanted),
                DragEvent::Ended(ended) => {
                    self.over_target = false;
                    self.unreleased = self.drag_out.swallows_release();
                    commands.push(Command::DragEnded(match ended {
                        Ended::Failed(why) => Some(why),
                        Ended::Accepted | Ended::Cancelled => None,
                    }));
                }
                DragEvent::Hovering(hovering) => self.hovered = hovering,
                DragEvent::Opened(paths) => {
                    self.hovered = false;
                    commands.push(Command::OpenDropped(paths));
                }
                DragEvent::CopyReplaced => {}
            }
        }
        commands
    }

    /// True while something that can be opened is dragged over the window.
    pub(super) fn is_hovered(&self) -> bool {
        self.hovered
    }

    /// Starts a drag.
    pub(super) fn begin(&mut self, ctx: &Context, handed: Handed, units: Units) {
        self.over_target = false;
        self.drag_out.begin(offer(ctx, handed, units));
    }

    /// The files that were dropped are there, or will not come.
    pub(super) fn files_are_ready(&mut self, ready: bool) {
        self.drag_out.files_are_ready(ready);
    }

    /// Puts files on the clipboard, beside text.
    pub(super) fn copy(&mut self, ctx: &Context, handed: Handed, text: String, units: Units) -> Result<(), String> {
        self.drag_out.copy(offer(ctx, handed, units), text)
    }

    /// While something is dragged Esc ends that and nothing else.
    pub(super) fn intercept(&mut self, ctx: &Context) {
        if self.drag_out.is_dragging() && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
            self.drag_out.cancel();
        }
    }

    /// While something is dragged the pointer says what a release would do, whatever it is over in this window.
    pub(super) fn point(&self, ctx: &Context) {
        if self.drag_out.is_dragging() {
            ctx.set_cursor_icon(if self.over_target { CursorIcon::Copy } else { CursorIcon::NoDrop });
        }
    }

    /// Tells the window of the release that the system has kept for itself.
    pub(super) fn release(&mut self, raw: &mut RawInput) {
        if std::mem::take(&mut self.unreleased) {
            raw.events.push(Event::PointerButton {
                pos: pos2(-1.0, -1.0),
                button: PointerButton::Primary,
                pressed: false,
                modifiers: Modifiers::NONE,
            });
            raw.events.push(Event::PointerGone);
        }
    }
}

/// What is handed over, as the system wants it.
fn offer(ctx: &Context, handed: Handed, units: Units) -> Offer {
    let Handed { what, size, files, paths, origin } = handed;
    let what = text::display(&what).into_owned();
    let size = size.map(|bytes| format::size(bytes, units)).unwrap_or_default();
    let theme = if ctx.global_style().visuals.dark_mode { &theme::DARK } else { &theme::LIGHT };
    let label = Some(drag_label::paint(ctx, theme, &what, &size));
    let zone = origin.as_ref().map(OriginMark::zone);
    let deliver = Arc::new(Delivery::new(files.clone(), origin));
    Offer { what, size, label, files, deliver, paths, zone }
}
