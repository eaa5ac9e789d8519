//! Files that other programs drop on the window.

use std::io::{self, PipeReader, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::fs::{OFlags, fcntl_setfl};
use wayland_client::protocol::wl_data_device_manager::DndAction;
use wayland_client::protocol::wl_data_offer::WlDataOffer;

use super::super::DragEvent;
use super::device::Offered;
use super::state::State;
use super::uri_list;

/// How long a program may take to say what it dropped.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest list that is read, in bytes: some thousand paths.
const LONGEST_LIST: usize = 1 << 20;

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
    pipe: PipeReader,
    list: Vec<u8>,
    until: Instant,
}

impl Reading {
    /// Asks for the list. It comes whenever the other program likes.
    fn start(from: Incoming) -> io::Result<Self> {
        let (pipe, sender) = io::pipe()?;
        fcntl_setfl(&pipe, OFlags::NONBLOCK)?;
        from.offer.receive(uri_list::MIME.to_owned(), sender.as_fd());
        Ok(Self { from, pipe, list: Vec::new(), until: Instant::now() + PATIENCE })
    }

    pub(super) fn pipe(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }

    /// Reads what is there. True when there will be no more, or more than anyone would drop.
    fn read(&mut self) -> bool {
        let mut part = [0; 16 << 10];
        loop {
            match self.pipe.read(&mut part) {
                Ok(0) => return true,
                Ok(length) => self.list.extend(part.iter().take(length)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return error.kind() != io::ErrorKind::WouldBlock,
            }
            if self.list.len() > LONGEST_LIST {
                // The last line may be cut anywhere.
                let whole = self.list.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
                self.list.truncate(whole);
                return true;
            }
        }
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
        if !reading.read() {
            self.reading = Some(reading);
            return;
        }
        let offer = &reading.from.offer;
        // Without an agreement this would be an error, for which the compositor closes the whole window.
        if Offered::is_agreed(offer) {
            offer.finish();
        }
        let paths = uri_list::read(&reading.list);
        if !paths.is_empty() {
            self.tell(DragEvent::Opened(paths));
        }
    }

    /// Gives up a program that does not say what it dropped, and says when to look again.
    pub(super) fn reading_due(&mut self, now: Instant) -> Option<Instant> {
        let until = self.reading.as_ref()?.until;
        if until <= now {
            self.reading = None;
            return None;
        }
        Some(until)
    }
}
