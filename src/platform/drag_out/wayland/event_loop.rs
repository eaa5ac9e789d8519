//! The thread: waits for the compositor, the window, and whoever sends what was dropped or is pasted.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use wayland_client::backend::WaylandError;
use wayland_client::protocol::wl_surface::WlSurface;
use wayland_client::{Connection, EventQueue, Proxy};

use super::Command;
use super::mailbox::Mailbox;
use super::state::State;

/// Ends the thread's sleep.
pub(super) struct Wake(OwnedFd);

impl Wake {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?))
    }

    pub(super) fn up(&self) {
        // It fails when it has been called 2^64 times in vain: then the thread is awake anyway.
        rustix::io::write(&self.0, &1_u64.to_ne_bytes()).ok();
    }

    fn rest(&self) {
        rustix::io::read(&self.0, &mut [0; 8]).ok();
    }
}

/// Listens until the window closes or the connection is lost. Then everything that was made is given back, and a drag
/// that was under way has ended.
pub(super) fn run(
    connection: &Connection,
    window: WlSurface,
    commands: &Receiver<Command>,
    wake: &Wake,
    mailbox: &Arc<Mailbox>,
) {
    let mut queue = connection.new_event_queue();
    let handle = queue.handle();
    let registry = connection.display().get_registry(&handle, ());
    let mut state = State::new(handle, window, Arc::clone(mailbox));
    if listen(&mut queue, &mut state, commands, wake).is_none() {
        state.connection_lost();
    }
    drop(state);
    // It has no request that says so; this only tells the library that nobody listens.
    drop(connection.backend().destroy_object(&registry.id()));
    drop(connection.flush());
}

/// Nothing when the connection is lost, which winit finds out by itself.
fn listen(queue: &mut EventQueue<State>, state: &mut State, commands: &Receiver<Command>, wake: &Wake) -> Option<()> {
    loop {
        // What winit has heard already comes before what the window wants because of it.
        queue.dispatch_pending(state).ok()?;
        while let Ok(command) = commands.try_recv() {
            match command {
                Command::Begin(served, label) => state.begin(served, &label),
                Command::Cancel => state.cancel(),
                Command::Copy(served, answer) => drop(answer.try_send(state.copy(served))),
                Command::Paste => state.paste(),
                Command::Stop => return Some(()),
            }
        }
        let timeout = state.keep_time(Instant::now());
        let full = match queue.flush() {
            Ok(()) => false,
            Err(WaylandError::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => true,
            Err(_) => return None,
        };
        wait(queue, state, wake, timeout, full)?;
    }
}

/// Sleeps until there is something to do, and fetches what the compositor says. `full` when the compositor has yet to
/// make room for requests.
fn wait(
    queue: &EventQueue<State>,
    state: &mut State,
    wake: &Wake,
    timeout: Option<Duration>,
    full: bool,
) -> Option<()> {
    // Without it there are events left to dispatch.
    let Some(guard) = queue.prepare_read() else { return Some(()) };
    let timeout = timeout.map(|timeout| Timespec {
        tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: timeout.subsec_nanos().into(),
    });
    let display = PollFlags::IN | if full { PollFlags::OUT } else { PollFlags::empty() };
    let (heard, sent) = {
        let mut fds = vec![
            PollFd::from_borrowed_fd(guard.connection_fd(), display),
            PollFd::from_borrowed_fd(wake.0.as_fd(), PollFlags::IN),
        ];
        fds.extend(state.pipes().map(|pipe| PollFd::from_borrowed_fd(pipe, PollFlags::IN)));
        // Interrupted or not, what there is to do is looked at again.
        let ready = poll(&mut fds, timeout.as_ref()).is_ok();
        // Room for requests is nothing to read: that would wait until winit's thread reads as well.
        let readable = PollFlags::IN | PollFlags::HUP | PollFlags::ERR;
        let is_ready = |at: usize| ready && fds.get(at).is_some_and(|fd| fd.revents().intersects(readable));
        (is_ready(0), (2..fds.len()).any(is_ready))
    };
    wake.rest();
    if heard {
        match guard.read() {
            Ok(_) => {}
            Err(WaylandError::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return None,
        }
    } else {
        drop(guard);
    }
    if sent {
        state.read_dropped();
        state.read_pasted();
    }
    Some(())
}
