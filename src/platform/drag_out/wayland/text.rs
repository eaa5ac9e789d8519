//! Text on the clipboard: what is copied here, and what others have copied.

use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::{Sender, bounded};
use wayland_client::protocol::wl_data_offer::WlDataOffer;

use super::super::TextClipboard;
use super::Command;
use super::device::Offered;
use super::event_loop::Wake;
use super::mailbox::Mailbox;
use super::pipe::Pipe;
use super::served::Served;
use super::state::State;

/// The clipboard of the window, for text.
pub(super) struct Text {
    pub(super) commands: Sender<Command>,
    pub(super) wake: Arc<Wake>,
    pub(super) mailbox: Arc<Mailbox>,
}

impl Text {
    fn command(&self, command: Command) {
        // Without a thread there is no desktop either.
        drop(self.commands.try_send(command));
        self.wake.up();
    }
}

impl TextClipboard for Text {
    fn copy(&self, text: String) {
        // It cannot be when the window has had no input, and then nobody has asked for it.
        let (answer, _) = bounded(1);
        self.command(Command::Copy(Served::text(text), answer));
    }

    fn ask(&self) {
        self.command(Command::Paste);
    }

    fn take(&self) -> Vec<String> {
        self.mailbox.take_texts()
    }
}

/// What others, or this window, have copied.
pub(super) struct Selection(WlDataOffer);

impl Drop for Selection {
    fn drop(&mut self) {
        self.0.destroy();
    }
}

impl State {
    /// Something else is on the clipboard of a seat, or nothing.
    pub(super) fn was_copied(&mut self, seat: u32, offer: Option<WlDataOffer>) {
        let selection = offer.map(Selection);
        if let Some(seat) = self.seat(seat) {
            seat.selection = selection;
        }
    }

    /// Asks for the text on the clipboard of the seat that was used last. Where there is none, nothing is pasted.
    pub(super) fn paste(&mut self) {
        let used = self.seats.iter().filter_map(|seat| Some((seat, seat.input?)));
        let Some((seat, _)) = used.max_by_key(|(_, (when, _))| *when) else { return };
        let Some(Selection(offer)) = &seat.selection else { return };
        if let Some(mime) = Offered::text(offer) {
            // Where there are no more pipes, nothing is pasted.
            self.pasting = Pipe::ask(offer, mime).ok();
        }
    }

    /// There is something in the pipe, or it has ended.
    pub(super) fn read_pasted(&mut self) {
        if self.pasting.as_mut().is_some_and(Pipe::read)
            && let Some(pipe) = self.pasting.take()
            && !pipe.bytes.is_empty()
        {
            self.tell_text(String::from_utf8_lossy(&pipe.bytes).into_owned());
        }
    }

    /// Gives up a program that does not send its text, and says when to look again.
    pub(super) fn pasting_due(&mut self, now: Instant) -> Option<Instant> {
        self.pasting.take_if(|pipe| pipe.until <= now);
        self.pasting.as_ref().map(|pipe| pipe.until)
    }
}
