//! Files that other programs drop on the window.

use std::io;
use std::time::Instant;

use wayland_client::protocol::wl_data_device_manager::DndAction;
use wayland_client::protocol::wl_data_offer::WlDataOffer;

use super::super::DragEvent;
use super::device::Offered;
use super::pipe::Pipe;
use super::state::State;
use super::uri_list;

/// Something over the window, until it is dropped or leaves. Even what is not wanted has to be kept so long: to destroy
/// its offer would end the drag, on Weston at least.
pub(super) struct Incoming {
    offer: WlDataOffer,
    wanted: bool,
}

impl Incoming {
    pub(super) fn new(offer: WlDataOffer, wanted: bool) -> Self {
        Self { offer, wanted }
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        self.offer.destroy();
    }
}

/// A list that is coming through a pipe.
pub(super) struct Reading {
    from: Incoming,
    pub(super) pipe: Pipe,
}

impl Reading {
    /// Asks for the list.
    fn start(from: Incoming) -> io::Result<Self> {
        let pipe = Pipe::ask(&from.offer, uri_list::MIME)?;
        Ok(Self { from, pipe })
    }
}

impl State {
    /// Another program drags something over the window.
    pub(super) fn comes_in(&mut self, seat: u32, incoming: Incoming, serial: u32) {
        let (offer, wanted) = (&incoming.offer, incoming.wanted);
        offer.accept(serial, wanted.then(|| uri_list::MIME.to_owned()));
        let action = if wanted { DndAction::Copy } else { DndAction::None };
        offer.set_actions(action, action);
        if let Some(seat) = self.seat(seat) {
            seat.incoming = Some(incoming);
        }
        if wanted {
            self.tell(DragEvent::Hovering(true));
        }
    }

    /// It has left the window, or was given up.
    pub(super) fn goes_away(&mut self, seat: u32) {
        self.take_incoming(seat);
    }

    /// It was dropped.
    pub(super) fn is_dropped(&mut self, seat: u32) {
        if let Some(incoming) = self.take_incoming(seat) {
            // Where there are no more pipes, nothing was dropped.
            self.reading = Reading::start(incoming).ok();
        }
    }

    /// What was wanted, and is over the window no longer.
    fn take_incoming(&mut self, seat: u32) -> Option<Incoming> {
        let incoming = self.seat(seat)?.incoming.take().filter(|incoming| incoming.wanted)?;
        self.tell(DragEvent::Hovering(false));
        Some(incoming)
    }

    /// There is something in the pipe, or it has ended.
    pub(super) fn read_dropped(&mut self) {
        let Some(mut reading) = self.reading.take() else { return };
        if !reading.pipe.read() {
            self.reading = Some(reading);
            return;
        }
        let offer = &reading.from.offer;
        // Without an agreement this would be an error, for which the compositor closes the whole window.
        if Offered::is_agreed(offer) {
            offer.finish();
        }
        let paths = uri_list::read(&reading.pipe.bytes);
        if !paths.is_empty() {
            self.tell(DragEvent::Opened(paths));
        }
    }

    /// Gives up a program that does not say what it dropped, and says when to look again.
    pub(super) fn reading_due(&mut self, now: Instant) -> Option<Instant> {
        let until = self.reading.as_ref()?.pipe.until;
        if until <= now {
            self.reading = None;
            return None;
        }
        Some(until)
    }
}
