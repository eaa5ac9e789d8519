//! Wayland: drags and copies by `wl_data_device`, and what is dropped on the window, which winit says nothing of there.
//!
//! There must be no other `wl_data_device` in this program, so text is copied and pasted by this one as well. Compositors
//! tell only one of several what happens: Mutter the youngest of drops and of the clipboard, Weston the youngest and KWin
//! the oldest of drops.
//!
//! A thread of its own ("wl-dnd") listens on winit's connection by an event queue of its own. It has to see the pointer
//! itself, since the compositor starts a drag only for the serial of the press that began it.
//!
//! Targets copy as soon as the items are dropped: the files must be there before the drag begins.

mod clipboard;
mod device;
mod document;
mod drag;
mod drop_in;
mod event_loop;
mod foreign;
mod icon;
mod mailbox;
mod pipe;
mod seat;
mod served;
mod state;
mod text;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use raw_window_handle::{WaylandDisplayHandle, WaylandWindowHandle};

use super::{Backend, DragEvent, Ended, FilesNeeded, Label, Offer, Paths, TextClipboard, Waker, uri_list};
use event_loop::Wake;
use mailbox::Mailbox;
use served::Served;
use text::Text;

/// How long the window waits for the thread to put something on the clipboard. It takes a fraction of a millisecond,
/// unless the compositor hangs.
const PATIENCE: Duration = Duration::from_millis(500);

/// What the window wants of the thread.
enum Command {
    /// Drag this, with this picture under the pointer.
    Begin(Served, Label),
    /// Give the drag up.
    Cancel,
    /// Put this on the clipboard, and say why not if it cannot be.
    Copy(Served, Sender<Result<(), String>>),
    /// Fetch the text that is on the clipboard.
    Paste,
    /// The window closes.
    Stop,
}

/// The drags of a window on Wayland.
pub(super) struct Wayland {
    commands: Sender<Command>,
    wake: Arc<Wake>,
    mailbox: Arc<Mailbox>,
    thread: Option<JoinHandle<()>>,
    /// A drag was begun whose end was not told yet.
    under_way: bool,
}

impl Wayland {
    /// Listens beside winit until it is dropped. Fails where the system has no more files or threads to give.
    pub(super) fn new(window: WaylandWindowHandle, display: WaylandDisplayHandle, waker: Waker) -> Option<Self> {
        let (connection, surface) = foreign::join(window, display)?;
        // More than a window ever wants at a time; it must not wait for the thread.
        let (commands, orders) = bounded(16);
        let wake = Arc::new(Wake::new().ok()?);
        let mailbox = Arc::new(Mailbox::new(waker));
        let thread = {
            let (wake, mailbox) = (Arc::clone(&wake), Arc::clone(&mailbox));
            let run = move || event_loop::run(&connection, surface, &orders, &wake, &mailbox);
            std::thread::Builder::new().name("wl-dnd".to_owned()).spawn(run).ok()?
        };
        Some(Self { commands, wake, mailbox, thread: Some(thread), under_way: false })
    }

    /// False when the thread is gone, or does not listen.
    fn command(&self, command: Command) -> bool {
        let sent = self.commands.try_send(command).is_ok();
        self.wake.up();
        sent
    }

    fn fail(&self, why: &str) {
        self.mailbox.put(DragEvent::Ended(Ended::Failed(why.to_owned())));
    }
}

impl Backend for Wayland {
    fn files_needed(&self) -> FilesNeeded {
        FilesNeeded::BeforeDrag
    }

    fn begin(&mut self, offer: Offer) {
        self.under_way = true;
        match &offer.paths {
            Paths::Ready(paths) => {
                let label = offer.label.filter(Label::is_sound).unwrap_or_else(document::document);
                if !self.command(Command::Begin(Served::drag(paths), label)) {
                    self.fail("The connection to the desktop is lost");
                }
            }
            Paths::Later(_) | Paths::None => self.fail("The files are not there yet"),
        }
    }

    fn files_are_ready(&mut self, _: bool) {}

    fn cancel(&mut self) {
        // If it does not arrive there is no thread, and `poll` says that the drag is over.
        self.command(Command::Cancel);
    }

    fn copy(&mut self, offer: Offer, text: String) -> Result<(), String> {
        let Paths::Ready(paths) = &offer.paths else {
            return Err("The files are not there yet".to_owned());
        };
        let (sender, answer): (_, Receiver<Result<(), String>>) = bounded(1);
        self.command(Command::Copy(Served::copy(paths, text), sender));
        answer.recv_timeout(PATIENCE).unwrap_or_else(|_| Err("The desktop does not answer".to_owned()))
    }

    fn text(&self) -> Option<Arc<dyn TextClipboard>> {
        let (commands, wake, mailbox) = (self.commands.clone(), Arc::clone(&self.wake), Arc::clone(&self.mailbox));
        Some(Arc::new(Text { commands, wake, mailbox }))
    }

    fn poll(&mut self) -> Vec<DragEvent> {
        // In this order, so that the last words of the thread are not lost.
        let gone = self.thread.as_ref().is_none_or(JoinHandle::is_finished);
        let mut events = self.mailbox.take();
        if events.iter().any(|event| matches!(event, DragEvent::Ended(_))) {
            self.under_way = false;
        } else if self.under_way && gone {
            self.under_way = false;
            events.push(DragEvent::Ended(Ended::Failed("The connection to the desktop is lost".to_owned())));
        }
        events
    }

    fn swallows_release(&self) -> bool {
        true
    }
}

impl Drop for Wayland {
    fn drop(&mut self) {
        self.command(Command::Stop);
        if let Some(thread) = self.thread.take() {
            // Should it have crashed, then it does not use winit's connection any more, and that is all that matters.
            drop(thread.join());
        }
    }
}
