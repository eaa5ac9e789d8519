//! What another program sends through a pipe.

use std::io::{self, PipeReader, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::fs::{OFlags, fcntl_setfl};
use wayland_client::protocol::wl_data_offer::WlDataOffer;

/// How long a program may take to send it all.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most that is read, in bytes: some thousand paths, or a book.
const MOST: usize = 1 << 20;

/// Bytes on their way. They come whenever the other program likes.
pub(super) struct Pipe {
    reader: PipeReader,
    pub(super) bytes: Vec<u8>,
    pub(super) until: Instant,
}

impl Pipe {
    /// Asks for what is offered, in one of its types.
    pub(super) fn ask(offer: &WlDataOffer, mime: &str) -> io::Result<Self> {
        let (reader, sender) = io::pipe()?;
        fcntl_setfl(&reader, OFlags::NONBLOCK)?;
        offer.receive(mime.to_owned(), sender.as_fd());
        Ok(Self { reader, bytes: Vec::new(), until: Instant::now() + PATIENCE })
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }

    /// Reads what is there. True when there will be no more, or more than anyone would send.
    pub(super) fn read(&mut self) -> bool {
        let mut part = [0; 16 << 10];
        loop {
            match self.reader.read(&mut part) {
                Ok(0) => return true,
                Ok(length) => self.bytes.extend(part.iter().take(length)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return error.kind() != io::ErrorKind::WouldBlock,
            }
            if self.bytes.len() > MOST {
                // The last line may be cut anywhere.
                let whole = self.bytes.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
                self.bytes.truncate(whole);
                return true;
            }
        }
    }
}
